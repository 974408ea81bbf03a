//! The list of samples.

use actix_web::web;
use askama::Template;
use serde::Deserialize;

use super::super::actions::{self, Filter};
use super::super::facts::SampleFacts;
use super::super::state::SampleState;
use super::super::words::SampleType;
use super::{Line, PAGE_ROWS, choices, lines};
use crate::accounts::May;
use crate::accounts::role::SeeSamples;
use crate::app::Lis;
use crate::domain::clock::Moment;
use crate::web::routes::Routes;
use crate::web::ui::Choice;
use crate::web::{Answer, Ui, page};

pub fn routes() -> Routes {
    Routes::new().get("/samples", list)
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Query {
    q: String,
    state: String,
    sample_type: String,
    /// `half`, `most` or `over`: how much of T2 is gone.
    due: String,
    before: i64,
}

#[derive(Template)]
#[template(path = "samples/pages/list.html")]
struct ListPage {
    ui: Ui,
    lines: Vec<Line>,
    query: Query,
    states: Vec<Choice>,
    kinds: Vec<Choice>,
    stages: Vec<Choice>,
    now: Moment,
    next: String,
    shown: String,
}

impl ListPage {
    /// Tone and words of how far T2 of a sample has run, where that is worth a word.
    fn warned(&self, facts: &SampleFacts) -> Option<(&'static str, String)> {
        let key = actions::warning(facts, self.now)?;
        Some((if key == "clock-half" { "warn" } else { "bad" }, self.ui.t(key)))
    }
}

async fn list(_: May<SeeSamples>, ui: Ui, lis: web::Data<Lis>, query: web::Query<Query>) -> Answer {
    let query = query.into_inner();
    let now = lis.clock.now();
    let filter = Filter {
        text: query.q.trim().to_owned(),
        state: query.state.clone(),
        sample_type: query.sample_type.clone(),
        before: query.before,
        ..Filter::default()
    };
    let stage = Some(query.due.clone()).filter(|due| actions::STAGES.contains(&due.as_str()));
    let read = move |conn: &mut crate::db::Conn| {
        let among = stage.as_deref().map(|stage| actions::due_at(conn, now, stage)).transpose()?;
        actions::list(conn, &Filter { among, ..filter }, PAGE_ROWS + 1)
    };
    let mut found = lis.db.read(read).await?;
    let more = found.len() as i64 > PAGE_ROWS;
    found.truncate(PAGE_ROWS as usize);
    let next = match found.last() {
        Some(last) if more => {
            let mut pairs = url::form_urlencoded::Serializer::new(String::new());
            pairs
                .append_pair("q", &query.q)
                .append_pair("state", &query.state)
                .append_pair("sample_type", &query.sample_type)
                .append_pair("due", &query.due)
                .append_pair("before", &last.id.to_string());
            format!("/samples?{}", pairs.finish())
        }
        _ => String::new(),
    };
    let shown = ui.t1("list-shown", "count", found.len());
    let states = choices(&ui, SampleState::LIST, SampleState::CODES);
    let stages = choices(&ui, "clock", actions::STAGES);
    page(&ListPage { lines: lines(&ui, found), states, kinds: kinds(&ui), stages, now, next, shown, query, ui }, false)
}

fn kinds(ui: &Ui) -> Vec<Choice> {
    choices(ui, SampleType::LIST, SampleType::CODES)
}
