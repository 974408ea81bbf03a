//! T5 (`workflow.md` 10): of possible serious harm (an illegal additive, an acute hazard, gross excess) the ordering authority is
//! told within clock hours of the finding's confirmation, before there is a report. The hours are a setting: their source is not
//! verified.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::store::{self, NewUrgent, UrgentRow};
use super::{ACT_IN_FUTURE, ACT_TOO_EARLY, TOLD_ALREADY, calls};
use crate::accounts::role::ManageQuality;
use crate::accounts::{Actor, May};
use crate::db::{Conn, Tx};
use crate::domain::clock::Moment;
use crate::domain::deadline::{percent_of_hours, urgency};
use crate::domain::ids::SampleId;
use crate::domain::input::Checker;
use crate::domain::refusal::{NOT_FOUND, Outcome, Reasons, Refusal, STALE_VERSION};

/// Longest texts, in characters.
const GROUND_MOST: usize = 500;
const HOW_MOST: usize = 120;
const NUMBER_MOST: usize = 40;
/// Findings that a list shows.
const SHOWN_MOST: i64 = 100;
/// Times are noted to the minute.
const MINUTE_MS: i64 = 60_000;

/// A finding as a page or a program gives it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct UrgentInput {
    pub sample_no: String,
    /// What was found, and why it is serious.
    pub ground: String,
    /// When the finding was confirmed: the hours run from then.
    pub confirmed_at: String,
}

#[derive(Clone, Debug)]
pub struct UrgentFacts {
    pub sample_no: String,
    pub ground: String,
    pub confirmed_at: Moment,
}

impl UrgentInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<UrgentFacts, Refusal> {
        let mut check = Checker::new();
        let sample_no = check.text("sample_no", &self.sample_no, NUMBER_MOST);
        let ground = check.text("ground", &self.ground, GROUND_MOST);
        let confirmed_at = check.moment("confirmed_at", &self.confirmed_at);
        check.done(confirmed_at.map(|confirmed_at| UrgentFacts { sample_no, ground, confirmed_at }))
    }
}

/// That the authority was told.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ToldInput {
    pub told_at: String,
    /// Who was told, and how.
    pub told_how: String,
}

#[derive(Clone, Debug)]
pub struct ToldFacts {
    pub told_at: Moment,
    pub told_how: String,
}

impl ToldInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<ToldFacts, Refusal> {
        let mut check = Checker::new();
        let told_at = check.moment("told_at", &self.told_at);
        let told_how = check.text("told_how", &self.told_how, HOW_MOST);
        check.done(told_at.map(|told_at| ToldFacts { told_at, told_how }))
    }
}

#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct UrgentSaved {
    pub id: i64,
    pub version: i64,
}

/// A finding as it is shown.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Urgent {
    pub id: i64,
    pub version: i64,
    pub sample_no: String,
    pub sample_name: String,
    pub ordering_name: String,
    pub ground: String,
    #[schema(value_type = String, format = DateTime)]
    pub confirmed_at: Moment,
    #[schema(value_type = String, format = DateTime)]
    pub due_at: Moment,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub told_at: Option<Moment>,
    pub told_how: String,
    /// The share of T5 that is gone, or was when the authority was told; more than 100: it was missed.
    pub percent: u32,
}

/// Records a confirmed finding; `hours` is the length of T5.
///
/// # Errors
/// An unknown sample; a time in the future, or before the sample was taken.
pub fn record(tx: &mut Tx, by: &May<ManageQuality>, hours: u32, facts: &UrgentFacts) -> Outcome<UrgentSaved> {
    let (sample_id, sampled_at) =
        store::sample_by_number(tx.conn, &facts.sample_no)?.ok_or(NOT_FOUND.at("sample_no"))?;
    let mut reasons = Reasons::new();
    reasons.add_if(facts.confirmed_at > tx.now, || ACT_IN_FUTURE.at("confirmed_at"));
    if let Some(since) = sampled_at.filter(|since| is_before(facts.confirmed_at, *since)) {
        reasons.add(ACT_TOO_EARLY.with("since", since).at("confirmed_at"));
    }
    reasons.none()?;
    let row = NewUrgent {
        version: 1,
        sample_id,
        ground: &facts.ground,
        confirmed_at: facts.confirmed_at,
        due_at: facts.confirmed_at.plus(TimeDelta::hours(i64::from(hours))),
        told_how: "",
        person_id: by.person,
        at: tx.now,
    };
    let id = store::insert_urgent(tx.conn, &row)?;
    tx.log(
        by.entry("urgent_finding", id, 1, "urgent-finding-recorded")
            .set("sample", sample_id.0)
            .set("ground", facts.ground.as_str())
            .set("confirmed_at", facts.confirmed_at.rfc3339()),
    );
    Ok(UrgentSaved { id, version: 1 })
}

/// The ordering authority was told: T5 ends, late or not.
///
/// # Errors
/// `urgent-finding-told`; a time in the future, or before the confirmation.
pub fn told(tx: &mut Tx, by: &May<ManageQuality>, id: i64, seen: i64, facts: &ToldFacts) -> Outcome<UrgentSaved> {
    let row = store::urgent(tx.conn, id)?.ok_or(NOT_FOUND)?;
    if row.told_at.is_some() {
        return Err(TOLD_ALREADY.into());
    }
    let mut reasons = Reasons::new();
    reasons.add_if(facts.told_at > tx.now, || ACT_IN_FUTURE.at("told_at"));
    reasons.add_if(is_before(facts.told_at, row.confirmed_at), || {
        ACT_TOO_EARLY.with("since", row.confirmed_at).at("told_at")
    });
    reasons.none()?;
    if !store::tell_urgent(tx.conn, id, seen, &facts.told_how, facts.told_at)? {
        return Err(STALE_VERSION.with("version", row.version).into());
    }
    tx.log(
        by.entry("urgent_finding", id, seen + 1, "urgent-finding-told")
            .set("told_at", facts.told_at.rfc3339())
            .set("told_how", facts.told_how.as_str()),
    );
    Ok(UrgentSaved { id, version: seen + 1 })
}

fn is_before(at: Moment, since: Moment) -> bool {
    at.millis() < since.millis().div_euclid(MINUTE_MS) * MINUTE_MS
}

fn used(row: &UrgentRow, now: Moment) -> u32 {
    percent_of_hours(row.confirmed_at, row.due_at, row.told_at.unwrap_or(now))
}

/// The newest findings with what their samples are. Two statements.
pub fn listed(conn: &mut Conn, now: Moment) -> Outcome<Vec<Urgent>> {
    let rows = store::urgents(conn, SHOWN_MOST)?;
    let samples = calls::samples(conn, &rows.iter().map(|row| row.sample_id).collect::<Vec<SampleId>>())?;
    let shown = rows.into_iter().filter_map(|row| {
        let sample = samples.iter().find(|sample| sample.id == row.sample_id)?;
        Some(Urgent {
            percent: used(&row, now),
            id: row.id,
            version: row.version,
            sample_no: sample.sample_no.clone().unwrap_or_default(),
            sample_name: sample.sample_name.clone(),
            ordering_name: sample.ordering_name.clone(),
            ground: row.ground,
            confirmed_at: row.confirmed_at,
            due_at: row.due_at,
            told_at: row.told_at,
            told_how: row.told_how,
        })
    });
    Ok(shown.collect())
}

/// Findings that the authority has not been told of, in time.
pub fn count_open(conn: &mut Conn, _: &Actor, now: Moment) -> Outcome<i64> {
    count(conn, now, |urgency| urgency != "clock-over")
}

/// Those of which T5 is over.
pub fn count_over(conn: &mut Conn, _: &Actor, now: Moment) -> Outcome<i64> {
    count(conn, now, |urgency| urgency == "clock-over")
}

fn count(conn: &mut Conn, now: Moment, wanted: impl Fn(&str) -> bool) -> Outcome<i64> {
    let open = store::urgents_open(conn)?;
    Ok(i64::try_from(open.iter().filter(|row| wanted(urgency(used(row, now)))).count()).unwrap_or(i64::MAX))
}
