//! Competence for programs.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::actions::{self, CompetenceDue, CompetenceInput, CompetenceSaved, CompetenceView};
use crate::accounts::May;
use crate::accounts::role::KeepCompetence;
use crate::app::Lis;
use crate::domain::ids::PersonId;
use crate::web::paging::{self, LIMIT, Listed};
use crate::web::routes::Routes;
use crate::web::{Answer, Asked, Json};

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/competence-records", records)
        .about("Education, training, supervision and evaluation of people, newest first.")
        .gives::<Listed<CompetenceView>>()
        .post("/api/v1/competence-records", add)
        .about("Adds a record; it is never changed.")
        .keyed()
        .creates::<CompetenceSaved>()
        .get("/api/v1/competence-due", due)
        .about("Authorizations that end soon, records whose next one is overdue, people who have not declared.")
        .gives::<CompetenceDue>()
}

/// A page of the list.
#[derive(Deserialize, Default, utoipa::IntoParams)]
#[serde(default)]
struct CompetenceQuery {
    /// Of one person.
    person: Option<i64>,
    /// The `next` of the answer before.
    after: Option<i64>,
    /// Rows of the answer, 1 to 500; 50 unless said otherwise.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
}

async fn records(_: May<KeepCompetence>, lis: web::Data<Lis>, query: Asked<CompetenceQuery>) -> Answer {
    let limit = paging::limit(query.limit, LIMIT)?;
    let (person, before) = (query.person.map(PersonId), query.after.unwrap_or(i64::MAX));
    let records = lis.db.read(move |conn| actions::records(conn, person, before, limit + 1)).await?;
    Ok(HttpResponse::Ok().json(Listed::of(records, limit, |one| one.id.to_string(), |one| one)))
}

async fn add(by: May<KeepCompetence>, lis: web::Data<Lis>, json: Json<CompetenceInput>) -> Answer {
    let request = json.keyed()?.clone();
    let facts = json.input.checked()?;
    let actor = by.clone();
    let saved: CompetenceSaved = lis.command(&actor, &request, move |tx| actions::add_record(tx, &by, &facts)).await?;
    Ok(HttpResponse::Created().json(saved))
}

async fn due(_: May<KeepCompetence>, lis: web::Data<Lis>) -> Answer {
    let (today, days) = (lis.clock.now().date_in_china(), lis.config.competence_reminder_days);
    let due = lis.db.read(move |conn| actions::due(conn, today, days)).await?;
    Ok(HttpResponse::Ok().json(due))
}
