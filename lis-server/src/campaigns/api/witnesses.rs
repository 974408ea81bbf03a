//! Witnesses of a campaign for programs.

use actix_web::{HttpResponse, web};
use serde::Serialize;

use super::super::store::{self, WitnessRow};
use super::super::witnesses::{self, WitnessInput, WitnessSaved};
use crate::accounts::May;
use crate::accounts::role::RunCampaigns;
use crate::app::Lis;
use crate::db::Tx;
use crate::domain::clock::Moment;
use crate::domain::ids::CampaignId;
use crate::domain::refusal::NOT_FOUND;
use crate::web::paging::Listed;
use crate::web::routes::Routes;
use crate::web::{Answer, Json, Nothing, versioned};

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/campaigns/{id}/witnesses", list)
        .about("The witnesses of a campaign; who withdrew the consent is not named.")
        .gives::<Listed<WitnessView>>()
        .post("/api/v1/campaigns/{id}/witnesses", add)
        .about("Records a witness who consented.")
        .keyed()
        .creates::<WitnessSaved>()
        .post("/api/v1/campaigns/{id}/witnesses/{witness}/withdrawal", withdraw)
        .about("A witness withdraws the consent: the name is not kept any longer.")
        .versioned()
        .gives::<WitnessSaved>()
}

/// A witness as a program sees it.
#[derive(Serialize, utoipa::ToSchema)]
struct WitnessView {
    id: i64,
    version: i64,
    /// `consumer` or `media`.
    kind: String,
    /// Empty: withdrawn.
    name: String,
    #[schema(value_type = String, format = Date)]
    consented_on: chrono::NaiveDate,
    consent: String,
    withdrawn_at: Option<Moment>,
}

impl From<WitnessRow> for WitnessView {
    fn from(row: WitnessRow) -> Self {
        Self {
            id: row.id,
            version: row.version,
            kind: row.kind,
            name: row.name,
            consented_on: row.consented_on,
            consent: row.consent,
            withdrawn_at: row.withdrawn_at,
        }
    }
}

async fn list(_: May<RunCampaigns>, lis: web::Data<Lis>, id: web::Path<CampaignId>) -> Answer {
    let id = *id;
    let read = move |conn: &mut crate::db::Conn| {
        store::campaign(conn, id)?.ok_or(NOT_FOUND)?;
        witnesses::of_campaign(conn, id)
    };
    let rows = lis.db.read(read).await?;
    Ok(HttpResponse::Ok().json(Listed::whole(rows.into_iter().map(WitnessView::from).collect())))
}

async fn add(
    by: May<RunCampaigns>,
    lis: web::Data<Lis>,
    id: web::Path<CampaignId>,
    json: Json<WitnessInput>,
) -> Answer {
    let request = json.keyed()?.clone();
    let (id, facts) = (*id, json.input.checked()?);
    let actor = by.clone();
    let saved: WitnessSaved = lis.command(&actor, &request, move |tx| witnesses::add(tx, &by, id, &facts)).await?;
    versioned(HttpResponse::Created(), saved.version, &saved)
}

async fn withdraw(
    by: May<RunCampaigns>,
    lis: web::Data<Lis>,
    path: web::Path<(CampaignId, i64)>,
    json: Json<Nothing>,
) -> Answer {
    let ((id, witness), seen, actor) = (*path, json.seen.required()?, by.clone());
    let work = move |tx: &mut Tx| witnesses::withdraw(tx, &by, id, witness, seen);
    let saved = lis.command(&actor, &json.request, work).await?;
    versioned(HttpResponse::Ok(), saved.version, &saved)
}
