//! The answers to a questionnaire one by one, and their rejection by hand.

use actix_web::web;
use askama::Template;
use serde::Deserialize;

use super::super::questionnaire::{Answers, Questionnaire};
use super::super::state::CampaignState;
use super::super::validity::Rejection;
use super::super::{actions, store};
use super::{Before, PAGE_ROWS, next_page};
use crate::accounts::May;
use crate::accounts::role::RunCampaigns;
use crate::app::Lis;
use crate::domain::ids::{CampaignId, ResponseId};
use crate::domain::input::Checker;
use crate::domain::refusal::{NOT_FOUND, Refusal};
use crate::web::routes::Routes;
use crate::web::ui::Choice;
use crate::web::{Answer, Form, Ui, page, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/campaigns/{id}/responses", responses)
        .post("/campaigns/{id}/responses/{response}/reject", reject)
}

struct ResponseLine {
    id: i64,
    received_at: String,
    seconds_taken: i64,
    answers: String,
    reasons: Vec<String>,
}

#[derive(Template)]
#[template(path = "campaigns/pages/responses.html")]
struct ResponsesPage {
    ui: Ui,
    id: CampaignId,
    title: String,
    /// Answers may still be rejected.
    running: bool,
    lines: Vec<ResponseLine>,
    rejections: Vec<Choice>,
    next: String,
}

async fn responses(
    _: May<RunCampaigns>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<CampaignId>,
    query: web::Query<Before>,
) -> Answer {
    let (id, before) = (*id, query.before);
    let (row, mut rows) = lis
        .db
        .read(move |conn| {
            let row = store::campaign(conn, id)?.ok_or(NOT_FOUND)?;
            Ok((row, store::responses(conn, id, before, PAGE_ROWS + 1)?))
        })
        .await?;
    let next = next_page(&mut rows, &format!("/campaigns/{id}/responses"), |(row, _)| row.id.0);
    let form = actions::questionnaire(&row)?;
    let lines = rows
        .into_iter()
        .map(|(row, rejection)| ResponseLine {
            id: row.id.0,
            received_at: row.received_at.to_string(),
            seconds_taken: row.seconds_taken,
            answers: in_words(&ui, &form, &row.answers),
            reasons: row
                .invalid_reason
                .split(' ')
                .filter(|code| !code.is_empty())
                .chain(rejection.as_deref())
                .map(|code| ui.t(&actions::reason_word(code)))
                .collect(),
        })
        .collect();
    let rejections = Rejection::ALL
        .iter()
        .map(|reason| Choice { value: reason.code().to_owned(), label: ui.t(&reason.word()), chosen: false })
        .collect();
    let running = actions::state_of(&row)? == CampaignState::Open;
    let title = ui.pick(&row.title_zh, &row.title_en).to_owned();
    page(&ResponsesPage { ui, id, title, running, lines, rejections, next }, false)
}

/// What was chosen, by name; what the questionnaire does not know as it came.
fn in_words(ui: &Ui, form: &Questionnaire, answers: &str) -> String {
    let answers: Answers = serde_json::from_str(answers).unwrap_or_default();
    let said = answers.iter().flat_map(|(key, chosen)| {
        let question = form.question(key);
        chosen.iter().map(move |one| {
            let choice = question.and_then(|question| question.choices.iter().find(|choice| choice.key == *one));
            choice.map_or(one.as_str(), |choice| ui.pick(&choice.name_zh, &choice.name_en)).to_owned()
        })
    });
    said.collect::<Vec<_>>().join("; ")
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RejectInput {
    reason: String,
}

async fn reject(
    by: May<RunCampaigns>,
    lis: web::Data<Lis>,
    path: web::Path<(CampaignId, ResponseId)>,
    form: Form<RejectInput>,
) -> Answer {
    let (id, response) = *path;
    let reason = checked_rejection(&form.input.reason)?;
    lis.db.write(move |tx| actions::reject(tx, &by, id, response, reason)).await?;
    Ok(see_other(&format!("/campaigns/{id}/responses"), Some("done-response-rejected")))
}

pub fn checked_rejection(code: &str) -> Result<Rejection, Refusal> {
    let mut check = Checker::new();
    let reason = check.parsed("reason", code, "expected-reason", Rejection::parse);
    check.done(reason)
}
