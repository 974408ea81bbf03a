//! Findings of possible serious harm: recorded, and told in time.

use actix_web::{HttpResponse, web};
use askama::Template;

use super::urgent::{self, ToldInput, Urgent, UrgentInput, UrgentSaved};
use crate::accounts::May;
use crate::accounts::role::ManageQuality;
use crate::app::Lis;
use crate::db::Tx;
use crate::domain::deadline::urgency;
use crate::domain::refusal::{Outcome, Refusal};
use crate::web::paging::Listed;
use crate::web::routes::Routes;
use crate::web::ui::FormErrors;
use crate::web::{Answer, Form, Json, Ui, page, refused, refused_page, see_other, versioned};

const PLACE: &str = "/quality/urgent-findings";

pub fn routes() -> Routes {
    Routes::new()
        .get("/quality/urgent-findings", list)
        .post("/quality/urgent-findings", record)
        .post("/quality/urgent-findings/{id}/telling", told)
}

pub fn api_routes() -> Routes {
    Routes::new()
        .get("/api/v1/urgent-findings", listed)
        .about("Findings of possible serious harm, the newest first, with the share of T5 that is gone.")
        .gives::<Listed<Urgent>>()
        .post("/api/v1/urgent-findings", record_by_program)
        .about("Records a confirmed finding of possible serious harm; T5 starts.")
        .keyed()
        .creates::<UrgentSaved>()
        .post("/api/v1/urgent-findings/{id}/telling", told_by_program)
        .about("Notes that the ordering authority was told; T5 ends.")
        .versioned()
        .gives::<UrgentSaved>()
}

/// A finding with its clock in words.
struct Line {
    one: Urgent,
    clock: String,
    urgency: String,
    due: String,
}

#[derive(Template)]
#[template(path = "cases/pages/urgent.html")]
struct UrgentPage {
    ui: Ui,
    lines: Vec<Line>,
    once: String,
    errors: FormErrors,
}

async fn shown(lis: &Lis, ui: Ui) -> Outcome<UrgentPage> {
    let now = lis.clock.now();
    let found = lis.db.read(move |conn| urgent::listed(conn, now)).await?;
    let line = |one: Urgent| Line {
        clock: ui.t("clock-t5"),
        urgency: ui.t(if one.told_at.is_some() && one.percent <= 100 { "clock-done" } else { urgency(one.percent) }),
        due: format!("{} {}", ui.t("clock-until"), one.due_at),
        one,
    };
    let lines = found.into_iter().map(line).collect();
    Ok(UrgentPage { once: ui.once(), ui, lines, errors: FormErrors::default() })
}

async fn list(_: May<ManageQuality>, ui: Ui, lis: web::Data<Lis>) -> Answer {
    page(&shown(&lis, ui).await?, false)
}

async fn answer(lis: &Lis, ui: Ui, outcome: Result<UrgentSaved, Refusal>) -> Answer {
    match outcome {
        Ok(_) => Ok(see_other(PLACE, Some("done-urgent-saved"))),
        Err(refusal) => {
            let mut again = shown(lis, ui).await?;
            again.errors = FormErrors::of(&refusal, again.ui.language);
            refused_page(&again, &refusal)
        }
    }
}

async fn record(by: May<ManageQuality>, ui: Ui, lis: web::Data<Lis>, form: Form<UrgentInput>) -> Answer {
    let Form { input, request, .. } = form;
    let (hours, actor) = (lis.config.serious_harm_hours, by.clone());
    let outcome = match input.checked() {
        Ok(facts) => refused(lis.command(&actor, &request, move |tx| urgent::record(tx, &by, hours, &facts)).await)?,
        Err(refusal) => Err(refusal),
    };
    answer(&lis, ui, outcome).await
}

async fn told(
    by: May<ManageQuality>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<i64>,
    form: Form<ToldInput>,
) -> Answer {
    let Form { input, request, seen } = form;
    let (id, seen, actor) = (*id, seen.required()?, by.clone());
    let outcome = match input.checked() {
        Ok(facts) => {
            let work = move |tx: &mut Tx| urgent::told(tx, &by, id, seen, &facts);
            refused(lis.command(&actor, &request, work).await)?
        }
        Err(refusal) => Err(refusal),
    };
    answer(&lis, ui, outcome).await
}

async fn listed(_: May<ManageQuality>, lis: web::Data<Lis>) -> Answer {
    let now = lis.clock.now();
    let found = lis.db.read(move |conn| urgent::listed(conn, now)).await?;
    Ok(HttpResponse::Ok().json(Listed::whole(found)))
}

async fn record_by_program(by: May<ManageQuality>, lis: web::Data<Lis>, json: Json<UrgentInput>) -> Answer {
    let request = json.keyed()?.clone();
    let (hours, facts) = (lis.config.serious_harm_hours, json.input.checked()?);
    let actor = by.clone();
    let saved: UrgentSaved = lis.command(&actor, &request, move |tx| urgent::record(tx, &by, hours, &facts)).await?;
    versioned(HttpResponse::Created(), saved.version, &saved)
}

async fn told_by_program(
    by: May<ManageQuality>,
    lis: web::Data<Lis>,
    id: web::Path<i64>,
    json: Json<ToldInput>,
) -> Answer {
    let (id, seen, facts) = (*id, json.seen.required()?, json.input.checked()?);
    let actor = by.clone();
    let saved: UrgentSaved =
        lis.command(&actor, &json.request, move |tx| urgent::told(tx, &by, id, seen, &facts)).await?;
    versioned(HttpResponse::Ok(), saved.version, &saved)
}
