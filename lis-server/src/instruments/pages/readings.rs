//! Two readings of one message beside each other, what differs marked; and the order to read it again.

use actix_web::web;
use askama::Template;
use serde::Deserialize;

use super::super::actions;
use super::super::comparison::{Change, Pair, pairs, texts};
use super::super::store::{self, MessageRow, ObservationRow, ReadingRow};
use super::reason_text;
use crate::accounts::May;
use crate::accounts::role::RepairReadings;
use crate::app::Lis;
use crate::domain::ids::MessageId;
use crate::domain::refusal::{NOT_FOUND, Outcome};
use crate::web::routes::Routes;
use crate::web::ui::Choice;
use crate::web::{Answer, Form, Ui, page, see_other};

pub fn routes() -> Routes {
    Routes::new().get("/inbox/{id}/readings", readings).post("/inbox/{id}/read-again", read_again)
}

/// Numbers of the readings; left out: the two newest.
#[derive(Deserialize, Default)]
#[serde(default)]
struct ReadingsQuery {
    old: Option<i64>,
    new: Option<i64>,
    /// Lines that lie before the page.
    after: usize,
}

/// Lines of one page, each of two rows.
const PAGE_LINES: usize = 200;

/// A text of a row, and whether the other reading has another one there.
struct Part {
    text: String,
    differs: bool,
}

/// A row of one reading; empty where the reading has none.
struct Side {
    /// Sample, analyte, value, unit, flag, role.
    parts: Vec<Part>,
    /// What became of the row.
    became: String,
}

struct Line {
    place: String,
    change: &'static str,
    old: Side,
    new: Side,
}

#[derive(Template)]
#[template(path = "instruments/pages/readings.html")]
struct ReadingsPage {
    ui: Ui,
    message: MessageRow,
    /// To choose the two from.
    olds: Vec<Choice>,
    news: Vec<Choice>,
    /// `None`: the message was read once, or not yet.
    compared: Option<(ReadingRow, ReadingRow)>,
    lines: Vec<Line>,
    /// Lines that are not the same in both.
    differing: usize,
    /// Addresses of the page before and of the next; empty where there is none.
    previous: String,
    next: String,
    /// How many lines are shown.
    count: String,
}

async fn readings(
    _: May<RepairReadings>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<MessageId>,
    query: web::Query<ReadingsQuery>,
) -> Answer {
    let (id, query) = (*id, query.into_inner());
    let after = query.after;
    let (message, all, compared, old, new) = lis
        .db
        .read(move |conn| {
            let message = store::message(conn, id)?.ok_or(NOT_FOUND)?;
            let all = store::readings(conn, id)?;
            let compared = chosen(&all, &query)?;
            let (old, new) = match &compared {
                Some((old, new)) => (
                    store::observations_of_reading(conn, id, old.reading_no)?,
                    store::observations_of_reading(conn, id, new.reading_no)?,
                ),
                None => (Vec::new(), Vec::new()),
            };
            Ok((message, all, compared, old, new))
        })
        .await?;
    let paired = pairs(&old, &new);
    let lines: Vec<Line> = paired.iter().skip(after).take(PAGE_LINES).map(|pair| line(&ui, pair)).collect();
    let differing = paired.iter().filter(|pair| pair.change() != Change::Same).count();
    let numbers = compared.as_ref().map(|(old, new)| (old.reading_no, new.reading_no)).unwrap_or_default();
    let address = |after: usize| format!("/inbox/{id}/readings?old={}&new={}&after={after}", numbers.0, numbers.1);
    let previous = if after > 0 { address(after.saturating_sub(PAGE_LINES)) } else { String::new() };
    let more = after.saturating_add(PAGE_LINES) < paired.len();
    let next = if more { address(after + PAGE_LINES) } else { String::new() };
    let count = ui.t1("list-shown", "count", lines.len());
    let choices = |chosen: Option<i64>| -> Vec<Choice> {
        let choice = |reading: &ReadingRow| Choice {
            value: reading.reading_no.to_string(),
            label: format!("{} · {} · {}", reading.reading_no, reading.profile, reading.at),
            chosen: Some(reading.reading_no) == chosen,
        };
        all.iter().map(choice).collect()
    };
    let olds = choices(compared.as_ref().map(|(old, _)| old.reading_no));
    let news = choices(compared.as_ref().map(|(_, new)| new.reading_no));
    page(&ReadingsPage { ui, message, olds, news, compared, lines, differing, previous, next, count }, false)
}

/// The two readings that are asked for; without a word the newest and the one before it.
fn chosen(all: &[ReadingRow], query: &ReadingsQuery) -> Outcome<Option<(ReadingRow, ReadingRow)>> {
    let Some(newest) = all.last().filter(|_| all.len() > 1) else { return Ok(None) };
    let find = |number: i64| all.iter().find(|reading| reading.reading_no == number).cloned().ok_or(NOT_FOUND);
    let new = find(query.new.unwrap_or(newest.reading_no))?;
    let old = find(query.old.unwrap_or(new.reading_no - 1))?;
    Ok(Some((old, new)))
}

fn line(ui: &Ui, pair: &Pair<'_>) -> Line {
    let side = |own: Option<&ObservationRow>, other: Option<&ObservationRow>| {
        let (Some(own), other) = (own, other.map(texts)) else {
            return Side { parts: Vec::new(), became: String::new() };
        };
        let differs =
            |at: usize, text: &str| other.as_ref().and_then(|other| other.get(at)).is_some_and(|other| *other != *text);
        let parts = texts(own).into_iter().enumerate();
        let parts = parts.map(|(at, text)| Part { differs: differs(at, &text), text: text.into_owned() }).collect();
        let state = ui.t(&format!("observation-{}", own.state));
        let reason = reason_text(ui, &own.reason);
        let became = if reason.is_empty() { state } else { format!("{state}: {reason}") };
        Side { parts, became }
    };
    Line {
        place: pair.place().to_owned(),
        change: pair.change().code(),
        old: side(pair.old, pair.new),
        new: side(pair.new, pair.old),
    }
}

async fn read_again(
    by: May<RepairReadings>,
    lis: web::Data<Lis>,
    id: web::Path<MessageId>,
    _: Form<Vec<(String, String)>>,
) -> Answer {
    let id = *id;
    lis.db.write(move |tx| actions::read_again(tx, &by, id)).await?;
    lis.bell.ring();
    Ok(see_other(&format!("/inbox/{id}"), Some("done-read-again")))
}
