//! The accredited scope for programs.

use actix_web::{HttpResponse, web};

use super::actions::{self, ScopeInput, ScopeSaved, ScopeView};
use crate::accounts::May;
use crate::accounts::role::{ManageCatalogue, SeeReports};
use crate::app::Lis;
use crate::domain::ids::ScopeId;
use crate::web::paging::{self, LIMIT, Listed, PageQuery};
use crate::web::routes::Routes;
use crate::web::{Answer, Asked, Json, Nothing, versioned};

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/accredited-scope", lines)
        .about(
            "The accredited scope, line by line, newest first; names that the catalogue does not know cover nothing.",
        )
        .gives::<Listed<ScopeView>>()
        .post("/api/v1/accredited-scope", add)
        .about("Adds a line of an annex.")
        .keyed()
        .creates::<ScopeSaved>()
        .post("/api/v1/accredited-scope/{id}/end", end)
        .about("Ends a line with the day before today.")
        .versioned()
        .gives::<ScopeSaved>()
}

async fn lines(_: May<SeeReports>, lis: web::Data<Lis>, query: Asked<PageQuery>) -> Answer {
    let limit = paging::limit(query.limit, LIMIT)?;
    let (before, today) = (query.after.unwrap_or(i64::MAX), lis.clock.now().date_in_china());
    let lines = lis.db.read(move |conn| actions::lines(conn, before, limit + 1, today)).await?;
    Ok(HttpResponse::Ok().json(Listed::of(lines, limit, |line| line.id.to_string(), |line| line)))
}

async fn add(by: May<ManageCatalogue>, lis: web::Data<Lis>, json: Json<ScopeInput>) -> Answer {
    let request = json.keyed()?.clone();
    let facts = json.input.checked()?;
    let actor = by.clone();
    let saved: ScopeSaved = lis.command(&actor, &request, move |tx| actions::add_line(tx, &by, &facts)).await?;
    versioned(HttpResponse::Created(), saved.version, &saved)
}

async fn end(by: May<ManageCatalogue>, lis: web::Data<Lis>, id: web::Path<ScopeId>, json: Json<Nothing>) -> Answer {
    let (id, seen, actor) = (*id, json.seen.required()?, by.clone());
    let saved: ScopeSaved = lis.command(&actor, &json.request, move |tx| actions::end_line(tx, &by, id, seen)).await?;
    versioned(HttpResponse::Ok(), saved.version, &saved)
}
