//! What is done to an instrument (`quality.md` Q64-1, Q64-5): acceptance, maintenance, repair, return to service. Who brings an
//! instrument back into service has a check that shows it to be good.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::super::actions::InstrumentSaved;
use super::actions::{keep_today, seen_at};
use super::state::{Equipment, QUALIFIED, StatusChange, UNQUALIFIED};
use super::store::{self, NewStatus, NewUpkeep};
use super::{DAY_TO_COME, RETURN_UNCHECKED};
use crate::accounts::May;
use crate::accounts::role::ManageInstruments;
use crate::db::Tx;
use crate::domain::ids::{CalibrationId, InstrumentId};
use crate::domain::input::Checker;
use crate::domain::refusal::{Outcome, Refusal};

/// What can be done.
pub const KINDS: &[&str] = &["acceptance", "maintenance", REPAIR, RETURN];
const REPAIR: &str = "repair";
/// Return to service.
const RETURN: &str = "return";

/// Longest texts, in characters.
const NAME_MOST: usize = 100;
const WHAT_MOST: usize = 500;

/// What was done, as a form or a program describes it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct UpkeepInput {
    /// acceptance, maintenance, repair, return
    pub kind: String,
    pub performed_on: String,
    /// Person or firm that did it.
    pub performed_by: String,
    /// What was done and found.
    pub what: String,
}

/// The same, checked.
#[derive(Clone, Debug)]
pub struct UpkeepFacts {
    kind: &'static str,
    performed_on: NaiveDate,
    performed_by: String,
    what: String,
}

impl UpkeepInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<UpkeepFacts, Refusal> {
        let mut check = Checker::new();
        let kind = check.parsed("kind", &self.kind, "expected-upkeep-kind", |text| {
            KINDS.iter().copied().find(|kind| *kind == text)
        });
        let performed_on = check.date("performed_on", &self.performed_on);
        let performed_by = check.text("performed_by", &self.performed_by, NAME_MOST);
        let what = check.text("what", &self.what, WHAT_MOST);
        let facts = kind.zip(performed_on);
        check.done(facts.map(|(kind, performed_on)| UpkeepFacts { kind, performed_on, performed_by, what }))
    }
}

/// Writes down what was done. A return to service makes the instrument qualified from its day on.
///
/// # Errors
/// `day-to-come`; `return-unchecked`: nothing has shown the instrument to be good since its newest repair.
pub fn add_upkeep(
    tx: &mut Tx,
    by: &May<ManageInstruments>,
    id: InstrumentId,
    seen: i64,
    facts: &UpkeepFacts,
) -> Outcome<InstrumentSaved> {
    let (row, mut history) = seen_at(tx, id, seen)?;
    let today = tx.now.date_in_china();
    if facts.performed_on > today {
        return Err(DAY_TO_COME.with("date", today).at("performed_on").into());
    }
    let is_return = facts.kind == RETURN;
    let check = if is_return { Some(require_checked(tx, id, &history, facts.performed_on)?) } else { None };
    let new = NewUpkeep {
        instrument_id: id,
        kind: facts.kind,
        performed_on: facts.performed_on,
        performed_by: &facts.performed_by,
        what: &facts.what,
        calibration_id: check,
        person_id: by.person,
        at: tx.now,
    };
    store::insert_upkeep(tx.conn, &new)?;
    let mut entry = by
        .entry("instrument", id.0, seen + 1, "instrument-upkeep")
        .set("kind", facts.kind)
        .set("performed_on", facts.performed_on.to_string())
        .set("performed_by", facts.performed_by.as_str())
        .set("what", facts.what.as_str());
    if is_return {
        let status = NewStatus {
            instrument_id: id,
            status_before: &row.status,
            status: QUALIFIED,
            allowed_methods: "",
            valid_from: facts.performed_on,
            reason: &facts.what,
            person_id: by.person,
            at: tx.now,
        };
        store::insert_status(tx.conn, &status)?;
        history.statuses.push(StatusChange {
            before: row.status.clone(),
            status: QUALIFIED.to_owned(),
            allowed_methods: String::new(),
            valid_from: facts.performed_on,
        });
        entry = entry.change("status", row.status.as_str(), QUALIFIED);
    }
    tx.log(entry);
    keep_today(tx, &history, (seen, seen + 1))
}

/// The calibration or check that shows an instrument to be good after its newest repair.
fn require_checked(tx: &mut Tx, id: InstrumentId, history: &Equipment, on: NaiveDate) -> Outcome<CalibrationId> {
    let done = store::upkeep(tx.conn, id)?;
    let repaired = done.iter().filter(|one| one.kind == REPAIR && one.performed_on <= on).map(|one| one.performed_on);
    let found = good_since(history, repaired.max(), on);
    found.ok_or_else(|| RETURN_UNCHECKED.with("code", &history.code).at("kind").into())
}

/// The newest record of good condition between two days; without a first day any until the last one.
fn good_since(history: &Equipment, first: Option<NaiveDate>, last: NaiveDate) -> Option<CalibrationId> {
    let good = history.records.iter().filter(|record| record.result != UNQUALIFIED && record.performed_on <= last);
    let after = good.filter(|record| first.is_none_or(|first| record.performed_on >= first));
    after.max_by_key(|record| record.performed_on).and_then(|record| record.id)
}
