//! T2: the report is due twenty working days after the sample came (`workflow.md` 9 and 10). Whoever sees samples is warned
//! at half of the time, at four fifths, and when it is over.

use super::super::facts::SampleFacts;
use super::super::state::SampleState;
use super::super::store;
use crate::accounts::Actor;
use crate::db::Conn;
use crate::domain::clock::Moment;
use crate::domain::deadline::{percent, urgency};
use crate::domain::ids::SampleId;
use crate::domain::refusal::Outcome;

/// How much of T2 is gone, as lists are narrowed by it.
pub const STAGES: &[&str] = &["half", "most", "over"];

/// The message key of a stage.
fn word(stage: &str) -> String {
    format!("clock-{stage}")
}

/// Samples that still owe their report and have come to a stage of T2. One statement.
pub fn due_at(conn: &mut Conn, now: Moment, stage: &str) -> Outcome<Vec<SampleId>> {
    let wanted = word(stage);
    let at_stage = |(id, arrived, due): (SampleId, Option<Moment>, Option<chrono::NaiveDate>)| {
        (urgency(percent(arrived?.date_in_china(), due?, now)) == wanted).then_some(id)
    };
    Ok(store::unreported(conn)?.into_iter().filter_map(at_stage).collect())
}

/// The message key that says how far T2 of a sample has run; `None`: it does not run, or less than half is gone.
pub fn warning(sample: &SampleFacts, now: Moment) -> Option<&'static str> {
    let owed = matches!(sample.state, SampleState::Accepted | SampleState::Testing | SampleState::Tested);
    let (arrived, due) = sample.arrived_at.zip(sample.due_on).filter(|_| owed)?;
    let key = urgency(percent(arrived.date_in_china(), due, now));
    STAGES.iter().any(|stage| word(stage) == key).then_some(key)
}

pub fn count_half_due(conn: &mut Conn, _: &Actor, now: Moment) -> Outcome<i64> {
    count(conn, now, "half")
}

pub fn count_most_due(conn: &mut Conn, _: &Actor, now: Moment) -> Outcome<i64> {
    count(conn, now, "most")
}

pub fn count_over_due(conn: &mut Conn, _: &Actor, now: Moment) -> Outcome<i64> {
    count(conn, now, "over")
}

fn count(conn: &mut Conn, now: Moment, stage: &str) -> Outcome<i64> {
    Ok(i64::try_from(due_at(conn, now, stage)?.len()).unwrap_or(i64::MAX))
}
