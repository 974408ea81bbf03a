//! Non-conforming work for programs.

use actix_web::{HttpResponse, web};

use super::actions::{self, WorkView};
use super::handling::{
    self, ClassifyInput, CloseInput, CorrectiveActionInput, EffectInput, EvaluateInput, RecallInput, WorkSaved,
};
use super::opening::{self, WorkInput, WorkOpened};
use crate::accounts::role::{ManageQuality, OpenWork};
use crate::accounts::{Actor, May};
use crate::app::Lis;
use crate::db::Tx;
use crate::domain::ids::WorkId;
use crate::domain::refusal::Outcome;
use crate::reports::actions::Recaller;
use crate::web::paging::{self, LIMIT, Listed, PageQuery};
use crate::web::routes::Routes;
use crate::web::{Answer, Asked, Json, Nothing, RequestKey, versioned};

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/nonconforming-work", works)
        .about("Non-conforming work, newest first.")
        .gives::<Listed<WorkView>>()
        .post("/api/v1/nonconforming-work", open)
        .about("Opens work on an instrument, a lot or a person; it lists every result since the last good check.")
        .keyed()
        .creates::<WorkOpened>()
        .get("/api/v1/nonconforming-work/{id}", work)
        .about("One case of non-conforming work with everything it affects.")
        .gives::<WorkView>()
        .post("/api/v1/nonconforming-work/{id}/classification", classify)
        .about("Classifies work that opened by itself, once; it is not closed before.")
        .versioned()
        .gives::<WorkSaved>()
        .post("/api/v1/nonconforming-work/{id}/hold", hold)
        .about("Holds its items: they stand in no report until they are evaluated.")
        .versioned()
        .gives::<WorkSaved>()
        .post("/api/v1/nonconforming-work/{id}/evaluation", evaluate)
        .about("Says of items whether their results are affected.")
        .versioned()
        .gives::<WorkSaved>()
        .post("/api/v1/nonconforming-work/{id}/recall", recall)
        .about("Recalls the reports that stand on affected results; clients and authorities are told once.")
        .versioned()
        .gives::<WorkSaved>()
        .post("/api/v1/nonconforming-work/{id}/resumption", resume)
        .about("Work goes on: unaffected items are free, affected ones go back to their testers.")
        .versioned()
        .gives::<WorkSaved>()
        .post("/api/v1/nonconforming-work/{id}/corrective-action", correct)
        .about("Sets root cause, corrective action and its date; also anew.")
        .versioned()
        .gives::<WorkSaved>()
        .post("/api/v1/nonconforming-work/{id}/effect-check", check_effect)
        .about("Says whether the corrective action worked.")
        .versioned()
        .gives::<WorkSaved>()
        .post("/api/v1/nonconforming-work/{id}/close", close)
        .about("Closes it with what was done; not by who opened it.")
        .versioned()
        .gives::<WorkSaved>()
}

async fn works(_: May<ManageQuality>, lis: web::Data<Lis>, query: Asked<PageQuery>) -> Answer {
    let limit = paging::limit(query.limit, LIMIT)?;
    let before = query.after.unwrap_or(i64::MAX);
    let works = lis.db.read(move |conn| actions::works(conn, before, limit + 1)).await?;
    Ok(HttpResponse::Ok().json(Listed::of(works, limit, |work| work.id.to_string(), |work| work)))
}

async fn work(_: May<ManageQuality>, lis: web::Data<Lis>, id: web::Path<WorkId>) -> Answer {
    let id = *id;
    let view = lis.db.read(move |conn| actions::work(conn, id)).await?;
    versioned(HttpResponse::Ok(), view.version, &view)
}

async fn open(by: May<OpenWork>, lis: web::Data<Lis>, json: Json<WorkInput>) -> Answer {
    let request = json.keyed()?.clone();
    let (found, actor) = (json.input.checked()?, by.clone());
    let opened: WorkOpened = lis.command(&actor, &request, move |tx| opening::open(tx, &by, &found)).await?;
    versioned(HttpResponse::Created(), opened.version, &opened)
}

/// Runs one step and answers with what it led to.
async fn stepped(
    lis: &Lis,
    actor: &Actor,
    request: &RequestKey,
    step: impl FnMut(&mut Tx) -> Outcome<WorkSaved> + Send + 'static,
) -> Answer {
    let saved = lis.command(actor, request, step).await?;
    versioned(HttpResponse::Ok(), saved.version, &saved)
}

async fn hold(by: May<ManageQuality>, lis: web::Data<Lis>, id: web::Path<WorkId>, json: Json<Nothing>) -> Answer {
    let (id, seen, actor) = (*id, json.seen.required()?, by.clone());
    stepped(&lis, &actor, &json.request, move |tx| handling::hold(tx, &by, id, seen)).await
}

async fn classify(
    by: May<ManageQuality>,
    lis: web::Data<Lis>,
    id: web::Path<WorkId>,
    json: Json<ClassifyInput>,
) -> Answer {
    let (id, seen, risk, actor) = (*id, json.seen.required()?, json.input.checked()?, by.clone());
    stepped(&lis, &actor, &json.request, move |tx| handling::classify(tx, &by, id, seen, risk)).await
}

async fn evaluate(
    by: May<ManageQuality>,
    lis: web::Data<Lis>,
    id: web::Path<WorkId>,
    json: Json<EvaluateInput>,
) -> Answer {
    let (id, seen, found, actor) = (*id, json.seen.required()?, json.input.checked()?, by.clone());
    stepped(&lis, &actor, &json.request, move |tx| handling::evaluate(tx, &by, id, seen, &found)).await
}

async fn recall(by: May<ManageQuality>, lis: web::Data<Lis>, id: web::Path<WorkId>, json: Json<RecallInput>) -> Answer {
    let (id, seen, reason, actor) = (*id, json.seen.required()?, json.input.checked()?, by.clone());
    let recaller = Recaller::of(&lis.config);
    let step = move |tx: &mut Tx| handling::recall_reports(tx, &by, &recaller, (id, seen), &reason);
    stepped(&lis, &actor, &json.request, step).await
}

async fn resume(by: May<ManageQuality>, lis: web::Data<Lis>, id: web::Path<WorkId>, json: Json<Nothing>) -> Answer {
    let (id, seen, actor) = (*id, json.seen.required()?, by.clone());
    stepped(&lis, &actor, &json.request, move |tx| handling::resume(tx, &by, id, seen)).await
}

async fn correct(
    by: May<ManageQuality>,
    lis: web::Data<Lis>,
    id: web::Path<WorkId>,
    json: Json<CorrectiveActionInput>,
) -> Answer {
    let (id, seen, correction, actor) = (*id, json.seen.required()?, json.input.checked()?, by.clone());
    stepped(&lis, &actor, &json.request, move |tx| handling::correct(tx, &by, id, seen, &correction)).await
}

async fn check_effect(
    by: May<ManageQuality>,
    lis: web::Data<Lis>,
    id: web::Path<WorkId>,
    json: Json<EffectInput>,
) -> Answer {
    let (id, seen, effect, actor) = (*id, json.seen.required()?, json.input.checked()?, by.clone());
    stepped(&lis, &actor, &json.request, move |tx| handling::check_effect(tx, &by, id, seen, &effect)).await
}

async fn close(by: May<ManageQuality>, lis: web::Data<Lis>, id: web::Path<WorkId>, json: Json<CloseInput>) -> Answer {
    let (id, seen, action, actor) = (*id, json.seen.required()?, json.input.checked()?, by.clone());
    stepped(&lis, &actor, &json.request, move |tx| handling::close_work(tx, &by, id, seen, &action)).await
}
