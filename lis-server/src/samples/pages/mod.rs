//! Pages of samples: list and one sample, the scan box, receipt, the sampling form, the import, an enterprise's orders.

mod amounts;
mod disposal;
mod form;
mod history;
mod import;
mod labels;
mod list;
mod pictures;
mod portal;
mod receipt;
mod rejection;
mod review;
mod sample;

pub(super) use labels::{LabelQuery, label_sheet};
pub(super) use portal::own;
pub(super) use rejection::note_file;

use actix_web::web;
use serde::Deserialize;

use super::actions;
use super::facts::SampleFacts;
use super::state::SampleState;
use crate::accounts::May;
use crate::accounts::extract::SignedIn;
use crate::accounts::role::{ReceiveSamples, SeeBench, SeeSamples, UsePortal};
use crate::app::Lis;
use crate::domain::identifiers::LabelCode;
use crate::domain::refusal::NOT_FOUND;
use crate::domain::text;
use crate::testing::actions::bench_page;
use crate::web::routes::Routes;
use crate::web::ui::Choice;
use crate::web::{Answer, Ui, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/scan", scan)
        .and(list::routes())
        .and(sample::routes())
        .and(receipt::routes())
        .and(rejection::routes())
        .and(disposal::routes())
        .and(form::routes())
        .and(import::routes())
        .and(pictures::routes())
        .and(portal::routes())
}

/// Rows on one page of a list.
const PAGE_ROWS: i64 = 50;

/// What the scan box got.
#[derive(Deserialize)]
struct Scanned {
    #[serde(default)]
    code: String,
}

/// Opens what a code means for the role: a form that waits for receipt, a sample, a container on the bench. What a person
/// may not see is as absent as what is not there.
async fn scan(by: SignedIn, lis: web::Data<Lis>, scanned: web::Query<Scanned>) -> Answer {
    let code = text::code(&scanned.code).to_ascii_uppercase();
    let label = LabelCode::parse(&code).ok();
    let (sample, part) = lis
        .db
        .read(move |conn| {
            let part = match &label {
                Some(label) => actions::parts_by_label(conn, std::slice::from_ref(label))?.pop(),
                None => None,
            };
            let sample = match &part {
                Some(part) => Some(actions::facts(conn, part.sample_id)?),
                None => actions::by_number(conn, &code)?,
            };
            Ok((sample, part))
        })
        .await?;
    let sample = sample.ok_or(NOT_FOUND)?;
    let actor = &by.actor;
    let to = if May::<ReceiveSamples>::check(actor).is_some() && sample.state.awaits_receipt() {
        format!("/receipt/{}", sample.form_id)
    } else if May::<SeeSamples>::check(actor).is_some() {
        format!("/samples/{}", sample.id)
    } else if let Some(part) = part.filter(|_| May::<SeeBench>::check(actor).is_some()) {
        let label = part.label_code.as_str().to_owned();
        lis.db.read(move |conn| bench_page(conn, &label)).await?
    } else if May::<UsePortal>::check(actor).is_some()
        && sample.client_id.is_some_and(|id| Some(id) == actor.enterprise)
    {
        format!("/portal/orders/{}", sample.id)
    } else {
        return Err(NOT_FOUND.into());
    };
    Ok(see_other(&to, None))
}

/// Codes of a closed list as choices in the page's language.
fn choices(ui: &Ui, list: &str, codes: &[&str]) -> Vec<Choice> {
    let choice = |code: &&str| Choice {
        value: (*code).to_owned(),
        label: ui.t(&format!("{list}-{}", code.replace('_', "-"))),
        chosen: false,
    };
    codes.iter().map(choice).collect()
}

/// What was doubtful about the form of a sample, in sentences.
fn doubts(ui: &Ui, sample: &SampleFacts) -> Vec<String> {
    sample.form.doubts.iter().map(|doubt| ui.language.said(&doubt.said())).collect()
}

/// A line of a list of samples.
struct Line {
    facts: SampleFacts,
    state: &'static str,
    state_word: String,
    kind: String,
}

fn lines(ui: &Ui, found: Vec<SampleFacts>) -> Vec<Line> {
    let line = |facts: SampleFacts| Line {
        state: facts.state.code(),
        state_word: ui.t(&facts.state.word()),
        kind: ui.t(&facts.sample_type.word()),
        facts,
    };
    found.into_iter().map(line).collect()
}

/// One step of the way, for the template.
struct Step {
    step: &'static str,
    icon: &'static str,
    label: String,
}

/// The way of a sample as steps: what is done, where it is now, where it stopped.
fn way(ui: &Ui, state: SampleState) -> Vec<Step> {
    use SampleState as S;
    const WAY: &[(SampleState, &str)] = &[
        (S::Sealed, "lock"),
        (S::Arrived, "inbox"),
        (S::Accepted, "check"),
        (S::Testing, "flask"),
        (S::Tested, "checks"),
        (S::Closed, "report"),
    ];
    let stopped = matches!(state, S::Rejected | S::Withdrawn);
    let place = match state {
        S::Draft => 0,
        S::Rejected | S::Withdrawn => 2,
        state => WAY.iter().position(|(one, _)| *one == state).unwrap_or(0),
    };
    let mut steps: Vec<Step> = WAY
        .iter()
        .enumerate()
        .map(|(index, (one, icon))| Step {
            step: match index {
                index if index < place => "done",
                index if index == place && !stopped => "now",
                _ => "todo",
            },
            icon,
            label: ui.t(&one.word()),
        })
        .collect();
    if stopped {
        steps.truncate(place);
        steps.push(Step { step: "stopped", icon: "bad", label: ui.t(&state.word()) });
    }
    steps
}
