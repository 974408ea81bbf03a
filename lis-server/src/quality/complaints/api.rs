//! Complaints for programs.

use actix_web::{HttpResponse, web};

use super::actions::{self, ComplaintDecisionInput, ComplaintInput, ComplaintSaved, ComplaintView, Limits, TellInput};
use crate::accounts::May;
use crate::accounts::role::HandleComplaints;
use crate::app::Lis;
use crate::domain::ids::ComplaintId;
use crate::web::paging::{self, LIMIT, Listed, PageQuery};
use crate::web::routes::Routes;
use crate::web::{Answer, Asked, Json, Nothing, versioned};

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/complaints", complaints)
        .about("Complaints, newest first.")
        .gives::<Listed<ComplaintView>>()
        .post("/api/v1/complaints", receive)
        .about("Takes a complaint; its deadlines run from the day on which it came.")
        .keyed()
        .creates::<ComplaintSaved>()
        .get("/api/v1/complaints/{id}", complaint)
        .about("One complaint.")
        .gives::<ComplaintView>()
        .post("/api/v1/complaints/{id}/acknowledgement", acknowledge)
        .about("Who complained was told that it came.")
        .versioned()
        .gives::<ComplaintSaved>()
        .post("/api/v1/complaints/{id}/decision", decide)
        .about("Decides it, by nobody who did the work that it is about.")
        .versioned()
        .gives::<ComplaintSaved>()
        .post("/api/v1/complaints/{id}/outcome", tell)
        .about("Who complained was told the outcome.")
        .versioned()
        .gives::<ComplaintSaved>()
}

async fn complaints(_: May<HandleComplaints>, lis: web::Data<Lis>, query: Asked<PageQuery>) -> Answer {
    let limit = paging::limit(query.limit, LIMIT)?;
    let before = query.after.unwrap_or(i64::MAX);
    let found = lis.db.read(move |conn| actions::complaints(conn, before, limit + 1)).await?;
    Ok(HttpResponse::Ok().json(Listed::of(found, limit, |one| one.id.to_string(), |one| one)))
}

async fn complaint(_: May<HandleComplaints>, lis: web::Data<Lis>, id: web::Path<ComplaintId>) -> Answer {
    let id = *id;
    let view = lis.db.read(move |conn| actions::complaint(conn, id)).await?;
    versioned(HttpResponse::Ok(), view.version, &view)
}

async fn receive(by: May<HandleComplaints>, lis: web::Data<Lis>, json: Json<ComplaintInput>) -> Answer {
    let request = json.keyed()?.clone();
    let (facts, actor, limits) = (json.input.checked()?, by.clone(), Limits::of(&lis.config));
    let saved: ComplaintSaved =
        lis.command(&actor, &request, move |tx| actions::receive(tx, &by, limits, &facts)).await?;
    versioned(HttpResponse::Created(), saved.version, &saved)
}

async fn acknowledge(
    by: May<HandleComplaints>,
    lis: web::Data<Lis>,
    id: web::Path<ComplaintId>,
    json: Json<Nothing>,
) -> Answer {
    let (id, seen, actor) = (*id, json.seen.required()?, by.clone());
    let saved: ComplaintSaved =
        lis.command(&actor, &json.request, move |tx| actions::acknowledge(tx, &by, id, seen)).await?;
    versioned(HttpResponse::Ok(), saved.version, &saved)
}

async fn decide(
    by: May<HandleComplaints>,
    lis: web::Data<Lis>,
    id: web::Path<ComplaintId>,
    json: Json<ComplaintDecisionInput>,
) -> Answer {
    let (id, seen, decision, actor) = (*id, json.seen.required()?, json.input.checked()?, by.clone());
    let saved: ComplaintSaved =
        lis.command(&actor, &json.request, move |tx| actions::decide(tx, &by, id, seen, &decision)).await?;
    versioned(HttpResponse::Ok(), saved.version, &saved)
}

async fn tell(
    by: May<HandleComplaints>,
    lis: web::Data<Lis>,
    id: web::Path<ComplaintId>,
    json: Json<TellInput>,
) -> Answer {
    let (id, seen, how, actor) = (*id, json.seen.required()?, json.input.checked()?, by.clone());
    let saved: ComplaintSaved =
        lis.command(&actor, &json.request, move |tx| actions::tell(tx, &by, id, seen, &how)).await?;
    versioned(HttpResponse::Ok(), saved.version, &saved)
}
