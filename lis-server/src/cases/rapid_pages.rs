//! Rapid tests of farm produce: recorded, asked to be tested again, tested again.

use actix_web::{HttpResponse, web};
use askama::Template;

use super::rapid::{self, AskInput, RapidInput, RapidSaved, RapidTest, RetestInput};
use super::shown_clocks::choices;
use super::state::RapidVerdict;
use crate::accounts::May;
use crate::accounts::role::FillSamplingForms;
use crate::app::Lis;
use crate::db::Tx;
use crate::domain::deadline::urgency;
use crate::domain::refusal::{Outcome, Refusal};
use crate::web::paging::Listed;
use crate::web::routes::Routes;
use crate::web::ui::{Choice, FormErrors, worded};
use crate::web::{Answer, Form, Json, Ui, page, refused, refused_page, see_other, versioned};

const PLACE: &str = "/rapid-tests";

pub fn routes() -> Routes {
    Routes::new()
        .get("/rapid-tests", list)
        .post("/rapid-tests", record)
        .post("/rapid-tests/{id}/application", ask)
        .post("/rapid-tests/{id}/retest", retest)
}

pub fn api_routes() -> Routes {
    Routes::new()
        .get("/api/v1/rapid-tests", listed)
        .about("Rapid tests of farm produce, the newest first, with the share of T21 that is gone.")
        .gives::<Listed<RapidTest>>()
        .post("/api/v1/rapid-tests", record_by_program)
        .about("Records a rapid test; T21 runs from the receipt of its result.")
        .keyed()
        .creates::<RapidSaved>()
        .post("/api/v1/rapid-tests/{id}/application", ask_by_program)
        .about("Notes that a re-test is asked for; refused when T21 is over.")
        .versioned()
        .gives::<RapidSaved>()
        .post("/api/v1/rapid-tests/{id}/retest", retest_by_program)
        .about("Names the sample that is tested again: of a form that confirms a rapid test.")
        .versioned()
        .gives::<RapidSaved>()
}

/// A rapid test with its clock in words.
struct Line {
    one: RapidTest,
    clock: String,
    urgency: String,
    due: String,
    /// A re-test may be asked for, or was and has no sample.
    can_ask: bool,
    can_retest: bool,
}

#[derive(Template)]
#[template(path = "cases/pages/rapid.html")]
struct RapidPage {
    ui: Ui,
    lines: Vec<Line>,
    verdicts: Vec<Choice>,
    once: String,
    errors: FormErrors,
}
worded!(RapidPage);

async fn shown(lis: &Lis, ui: Ui) -> Outcome<RapidPage> {
    let now = lis.clock.now();
    let found = lis.db.read(move |conn| rapid::listed(conn, now)).await?;
    let line = |one: RapidTest| {
        let (asked, over) = (one.asked_at.is_some(), one.percent > 100);
        let key = if asked {
            "clock-done"
        } else if over {
            "clock-lapsed"
        } else {
            urgency(one.percent)
        };
        Line {
            clock: ui.t("clock-t21"),
            urgency: ui.t(key),
            due: format!("{} {}", ui.t("clock-until"), one.due_at),
            can_ask: !asked && one.verdict != RapidVerdict::Negative.code(),
            can_retest: asked && one.retest.is_none(),
            one,
        }
    };
    let lines = found.into_iter().map(line).collect();
    let verdicts = choices(&ui, RapidVerdict::ALL.iter().map(|one| (one.code(), one.word())));
    Ok(RapidPage { once: ui.once(), lines, verdicts, errors: FormErrors::default(), ui })
}

async fn list(_: May<FillSamplingForms>, ui: Ui, lis: web::Data<Lis>) -> Answer {
    page(&shown(&lis, ui).await?, false)
}

async fn answer(lis: &Lis, ui: Ui, outcome: Result<RapidSaved, Refusal>) -> Answer {
    match outcome {
        Ok(_) => Ok(see_other(PLACE, Some("done-rapid-saved"))),
        Err(refusal) => {
            let mut again = shown(lis, ui).await?;
            again.errors = FormErrors::of(&refusal, again.ui.language);
            refused_page(&again, &refusal)
        }
    }
}

async fn record(by: May<FillSamplingForms>, ui: Ui, lis: web::Data<Lis>, form: Form<RapidInput>) -> Answer {
    let Form { input, request, .. } = form;
    let actor = by.clone();
    let outcome = match input.checked() {
        Ok(facts) => refused(lis.command(&actor, &request, move |tx| rapid::record(tx, &by, &facts)).await)?,
        Err(refusal) => Err(refusal),
    };
    answer(&lis, ui, outcome).await
}

async fn ask(
    by: May<FillSamplingForms>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<i64>,
    form: Form<AskInput>,
) -> Answer {
    let Form { input, request, seen } = form;
    let (id, seen, actor) = (*id, seen.required()?, by.clone());
    let outcome = match input.checked() {
        Ok(facts) => {
            let work = move |tx: &mut Tx| rapid::ask(tx, &by, id, seen, &facts);
            refused(lis.command(&actor, &request, work).await)?
        }
        Err(refusal) => Err(refusal),
    };
    answer(&lis, ui, outcome).await
}

async fn retest(
    by: May<FillSamplingForms>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<i64>,
    form: Form<RetestInput>,
) -> Answer {
    let Form { input, request, seen } = form;
    let (id, seen, actor) = (*id, seen.required()?, by.clone());
    let work = move |tx: &mut Tx| rapid::retest(tx, &by, id, seen, &input);
    let outcome = refused(lis.command(&actor, &request, work).await)?;
    answer(&lis, ui, outcome).await
}

async fn listed(_: May<FillSamplingForms>, lis: web::Data<Lis>) -> Answer {
    let now = lis.clock.now();
    let found = lis.db.read(move |conn| rapid::listed(conn, now)).await?;
    Ok(HttpResponse::Ok().json(Listed::whole(found)))
}

async fn record_by_program(by: May<FillSamplingForms>, lis: web::Data<Lis>, json: Json<RapidInput>) -> Answer {
    let request = json.keyed()?.clone();
    let (facts, actor) = (json.input.checked()?, by.clone());
    let saved: RapidSaved = lis.command(&actor, &request, move |tx| rapid::record(tx, &by, &facts)).await?;
    versioned(HttpResponse::Created(), saved.version, &saved)
}

async fn ask_by_program(
    by: May<FillSamplingForms>,
    lis: web::Data<Lis>,
    id: web::Path<i64>,
    json: Json<AskInput>,
) -> Answer {
    let (id, seen, facts) = (*id, json.seen.required()?, json.input.checked()?);
    let actor = by.clone();
    let saved: RapidSaved = lis.command(&actor, &json.request, move |tx| rapid::ask(tx, &by, id, seen, &facts)).await?;
    versioned(HttpResponse::Ok(), saved.version, &saved)
}

async fn retest_by_program(
    by: May<FillSamplingForms>,
    lis: web::Data<Lis>,
    id: web::Path<i64>,
    json: Json<RetestInput>,
) -> Answer {
    let Json { input, request, seen, .. } = json;
    let (id, seen, actor) = (*id, seen.required()?, by.clone());
    let saved: RapidSaved = lis.command(&actor, &request, move |tx| rapid::retest(tx, &by, id, seen, &input)).await?;
    versioned(HttpResponse::Ok(), saved.version, &saved)
}
