//! Comparisons for programs.

use actix_web::{HttpResponse, web};

use super::actions::{self, ComparisonInput, ComparisonResultInput, ComparisonSaved, ComparisonView};
use crate::accounts::May;
use crate::accounts::role::ManageQuality;
use crate::app::Lis;
use crate::domain::ids::ComparisonId;
use crate::web::paging::{self, LIMIT, Listed, PageQuery};
use crate::web::routes::Routes;
use crate::web::{Answer, Asked, Json, versioned};

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/comparisons", comparisons)
        .about("Comparisons between persons, methods and laboratories, planned and made, newest first.")
        .gives::<Listed<ComparisonView>>()
        .post("/api/v1/comparisons", plan)
        .about("Plans a comparison with its due day and its criterion.")
        .keyed()
        .creates::<ComparisonSaved>()
        .post("/api/v1/comparisons/{id}/result", record)
        .about("Records both values of a comparison; the criterion of the plan decides, by the exact difference.")
        .versioned()
        .gives::<ComparisonSaved>()
}

async fn comparisons(_: May<ManageQuality>, lis: web::Data<Lis>, query: Asked<PageQuery>) -> Answer {
    let limit = paging::limit(query.limit, LIMIT)?;
    let (before, today) = (query.after.unwrap_or(i64::MAX), lis.clock.now().date_in_china());
    let found = lis.db.read(move |conn| actions::comparisons(conn, before, limit + 1, today)).await?;
    Ok(HttpResponse::Ok().json(Listed::of(found, limit, |one| one.id.to_string(), |one| one)))
}

async fn plan(by: May<ManageQuality>, lis: web::Data<Lis>, json: Json<ComparisonInput>) -> Answer {
    let request = json.keyed()?.clone();
    let (facts, actor) = (json.input.checked()?, by.clone());
    let saved: ComparisonSaved = lis.command(&actor, &request, move |tx| actions::plan(tx, &by, &facts)).await?;
    versioned(HttpResponse::Created(), saved.version, &saved)
}

async fn record(
    by: May<ManageQuality>,
    lis: web::Data<Lis>,
    id: web::Path<ComparisonId>,
    json: Json<ComparisonResultInput>,
) -> Answer {
    let (id, seen, actor, facts) = (*id, json.seen.required()?, by.clone(), json.input.checked()?);
    let work = move |tx: &mut crate::db::Tx| actions::record(tx, &by, id, seen, &facts);
    let saved: ComparisonSaved = lis.command(&actor, &json.request, work).await?;
    versioned(HttpResponse::Ok(), saved.version, &saved)
}
