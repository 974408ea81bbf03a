//! Paper questionnaires that the officer enters, one after the other.

use actix_web::web;
use askama::Template;

use super::super::actions::{self, Response, Started, Voter};
use super::super::poll::{keep, sort_answers};
use super::super::questionnaire::{Answers, Questionnaire};
use super::super::state::CampaignState;
use super::super::store;
use crate::accounts::May;
use crate::accounts::role::RunCampaigns;
use crate::app::Lis;
use crate::domain::ids::CampaignId;
use crate::domain::input::Checker;
use crate::domain::refusal::{NOT_FOUND, Outcome, Refusal};
use crate::web::routes::Routes;
use crate::web::ui::FormErrors;
use crate::web::{Answer, Form, Ui, page, refused, see_other};

pub fn routes() -> Routes {
    Routes::new().get("/campaigns/{id}/responses/new", blank).post("/campaigns/{id}/responses", enter)
}

/// Longest time for an answer on paper, in seconds: a day. More is a slip of the pen.
const SECONDS_MOST: i64 = 86_400;

#[derive(Template)]
#[template(path = "campaigns/pages/paper.html")]
struct PaperPage {
    ui: Ui,
    id: CampaignId,
    title: String,
    /// Answers are taken now.
    running: bool,
    form: Questionnaire,
    answers: Answers,
    telephone: String,
    seconds: String,
    client_uuid: String,
    /// Why the answer that was entered last does not count.
    reasons: Vec<String>,
    errors: FormErrors,
}

impl PaperPage {
    fn chosen(&self, question: &str, choice: &str) -> bool {
        self.answers.get(question).is_some_and(|chosen| chosen.iter().any(|one| one == choice))
    }

    fn words(&self, question: &str) -> &str {
        self.answers.get(question).and_then(|words| words.first()).map_or("", String::as_str)
    }
}

async fn paper_page(lis: &Lis, ui: Ui, id: CampaignId) -> Outcome<PaperPage> {
    let row = lis.db.read(move |conn| store::campaign(conn, id)?.ok_or_else(|| NOT_FOUND.into())).await?;
    Ok(PaperPage {
        id,
        title: ui.pick(&row.title_zh, &row.title_en).to_owned(),
        running: actions::state_of(&row)? == CampaignState::Open,
        form: actions::questionnaire(&row)?,
        answers: Answers::new(),
        telephone: String::new(),
        seconds: String::new(),
        client_uuid: ui.once(),
        reasons: Vec::new(),
        errors: FormErrors::default(),
        ui,
    })
}

async fn blank(_: May<RunCampaigns>, ui: Ui, lis: web::Data<Lis>, id: web::Path<CampaignId>) -> Answer {
    page(&paper_page(&lis, ui, *id).await?, false)
}

/// An answer as it stands on paper; what does not count is kept with its reasons, and the page comes back so that a slip
/// of the pen can be entered anew.
async fn enter(
    by: May<RunCampaigns>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<CampaignId>,
    form: Form<Vec<(String, String)>>,
) -> Answer {
    let id = *id;
    let (mut uuid, mut telephone, mut seconds) = (String::new(), String::new(), String::new());
    let answers = sort_answers(form.input, |name, value| match name {
        "client_uuid" => keep(&mut uuid, value),
        "telephone" => keep(&mut telephone, value),
        "seconds_taken" => keep(&mut seconds, value),
        _ => Some(value),
    });
    let outcome = match checked(&uuid, &telephone, &seconds, &answers) {
        Ok(response) => {
            let entered = lis.db.write(move |tx| actions::receive(tx, &by, id, std::slice::from_ref(&response))).await;
            refused(entered)?
        }
        Err(refusal) => Err(refusal),
    };
    let mut shown = paper_page(&lis, ui, id).await?;
    match outcome {
        Ok(received) => {
            let reasons: Vec<String> = received.into_iter().flat_map(|one| one.reasons).collect();
            if reasons.is_empty() {
                return Ok(see_other(&format!("/campaigns/{id}/responses/new"), Some("done-paper-entered")));
            }
            shown.reasons = reasons.iter().map(|code| shown.ui.t(&actions::reason_word(code))).collect();
        }
        Err(refusal) => shown.errors = FormErrors::of(&refusal, shown.ui.language),
    }
    (shown.answers, shown.telephone, shown.seconds) = (answers, telephone, seconds);
    page(&shown, true)
}

fn checked(uuid: &str, telephone: &str, seconds: &str, answers: &Answers) -> Result<Response, Refusal> {
    let mut check = Checker::new();
    let uuid = check.parsed("client_uuid", uuid, "expected-uuid", |text| uuid::Uuid::try_parse(text).ok());
    let seconds = check.whole("seconds_taken", seconds, 0, SECONDS_MOST);
    let (uuid, seconds) = check.done(uuid.zip(seconds))?;
    Ok(Response {
        client_uuid: uuid.to_string(),
        voter: Voter::telephone(telephone),
        answers: answers.clone(),
        started: Started::SecondsTaken(seconds),
    })
}
