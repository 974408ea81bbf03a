//! Proficiency tests for programs.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::actions::{self, RoundInput, RoundSaved, RoundView};
use crate::accounts::May;
use crate::accounts::role::ManageQuality;
use crate::app::Lis;
use crate::domain::ids::{PersonId, RoundId};
use crate::quality::opening::WorkOpened;
use crate::web::paging::{self, LIMIT, Listed};
use crate::web::routes::Routes;
use crate::web::{Answer, Asked, Json, Nothing, versioned};

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/proficiency-rounds", rounds)
        .about("Rounds of proficiency tests, newest first, of one person or of all.")
        .gives::<Listed<RoundView>>()
        .post("/api/v1/proficiency-rounds", record)
        .about("Records a round; its z-score is computed exactly.")
        .keyed()
        .creates::<RoundSaved>()
        .post("/api/v1/proficiency-rounds/{id}/nonconforming-work", open_work)
        .about("Opens non-conforming work on an unsatisfactory round.")
        .versioned()
        .creates::<WorkOpened>()
}

#[derive(Deserialize, Default, utoipa::IntoParams)]
#[serde(default)]
struct PageQuery {
    /// Those in which this person tested.
    person: Option<i64>,
    /// The `next` of the answer before.
    after: Option<i64>,
    /// Rows of the answer, 1 to 500; 50 unless said otherwise.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
}

async fn rounds(_: May<ManageQuality>, lis: web::Data<Lis>, query: Asked<PageQuery>) -> Answer {
    let limit = paging::limit(query.limit, LIMIT)?;
    let (person, before) = (query.person.map(PersonId), query.after.unwrap_or(i64::MAX));
    let found = lis.db.read(move |conn| actions::rounds(conn, person, before, limit + 1)).await?;
    Ok(HttpResponse::Ok().json(Listed::of(found, limit, |one| one.id.to_string(), |one| one)))
}

async fn record(by: May<ManageQuality>, lis: web::Data<Lis>, json: Json<RoundInput>) -> Answer {
    let request = json.keyed()?.clone();
    let (facts, actor) = (json.input.checked()?, by.clone());
    let saved: RoundSaved = lis.command(&actor, &request, move |tx| actions::record(tx, &by, &facts)).await?;
    versioned(HttpResponse::Created(), saved.version, &saved)
}

async fn open_work(by: May<ManageQuality>, lis: web::Data<Lis>, id: web::Path<RoundId>, json: Json<Nothing>) -> Answer {
    let (id, seen, actor) = (*id, json.seen.required()?, by.clone());
    let opened: WorkOpened =
        lis.command(&actor, &json.request, move |tx| actions::open_work_on(tx, &by, id, seen)).await?;
    versioned(HttpResponse::Created(), opened.version, &opened)
}
