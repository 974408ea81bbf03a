//! What is written into the history of an instrument, and what is read from it.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::super::actions::{InstrumentSaved, STATUSES};
use super::state::{
    CALIBRATION, CHECK, Equipment, KINDS, LIMITED, RESULTS, Record, StatusChange, UNQUALIFIED, methods_of,
};
use super::store::{self, InstrumentRow, NewRecord, NewStatus, RecordLine, RecordRow, StatusRow};
pub use super::views::{EquipmentView, history};
use super::{CORRECTION_OF_CHECK, DAY_TO_COME, DUE_BEFORE_DONE, EQUIPMENT_UNKNOWN};
use crate::accounts::actor::Entrance;
use crate::accounts::role::ManageInstruments;
use crate::accounts::{Actor, May};
use crate::db::{Conn, Tx};
use crate::domain::clock::Moment;
use crate::domain::decimal::Decimal;
use crate::domain::ids::{InstrumentId, MessageId};
use crate::domain::input::Checker;
use crate::domain::refusal::{FIELD_MISSING, NOT_FOUND, Outcome, Reasons, Refusal, STALE_VERSION};
use crate::judgement::correction::{Correction, How};
use crate::quality::actions as quality;

/// Longest texts, in characters.
const NAME_MOST: usize = 100;
const UNIT_MOST: usize = 20;
pub(super) const TEXT_MOST: usize = 500;

/// Instruments with their history, by id or code; three statements, however many they are.
pub fn equipment(conn: &mut Conn, ids: &[InstrumentId], codes: &[String]) -> Outcome<Vec<Equipment>> {
    if ids.is_empty() && codes.is_empty() {
        return Ok(Vec::new());
    }
    let rows = store::instruments(conn, ids, codes)?;
    let ids: Vec<InstrumentId> = rows.iter().map(|row| row.id).collect();
    let (statuses, records) = (store::statuses(conn, &ids)?, store::records(conn, &ids)?);
    Ok(rows.into_iter().map(|row| of_rows(row, &statuses, &records)).collect())
}

pub(super) fn of_rows(row: InstrumentRow, statuses: &[StatusRow], records: &[RecordLine]) -> Equipment {
    let change = |one: &StatusRow| StatusChange {
        before: one.status_before.clone(),
        status: one.status.clone(),
        allowed_methods: one.allowed_methods.clone(),
        valid_from: one.valid_from,
    };
    let record = |(one, confirmation): &RecordLine| Record {
        id: Some(one.id),
        kind: one.kind.clone(),
        performed_on: one.performed_on,
        certificate_no: one.certificate_no.clone(),
        performed_by: one.performed_by.clone(),
        next_due: one.next_due,
        due_before: one.due_before,
        result: match confirmation {
            // Whatever the certificate says: it was held against the need and did not meet it.
            Some(said) if !said.confirmed => UNQUALIFIED.to_owned(),
            _ => one.result.clone(),
        },
        correction: correction_of(one),
    };
    Equipment {
        statuses: statuses.iter().filter(|one| one.instrument_id == row.id).map(change).collect(),
        records: records.iter().filter(|(one, _)| one.instrument_id == row.id).map(record).collect(),
        id: row.id,
        code: row.code,
        name: row.name,
        status: row.status,
        allowed_methods: row.allowed_methods,
        calibrated_until: row.calibrated_until,
        minimum_weight_g: row.minimum_weight_g.and_then(|text| Decimal::parse(&text).ok()),
    }
}

/// What a record says that is done to every reading.
fn correction_of(row: &RecordRow) -> Option<Correction> {
    let how = How::parse(&row.applies)?;
    let amount = Decimal::parse(row.correction.as_deref()?).ok()?;
    Some(Correction { how, amount, unit: row.correction_unit.clone() })
}

/// Those of the codes that equipment bears.
pub fn known_codes(conn: &mut Conn, codes: &[String]) -> Outcome<HashSet<String>> {
    Ok(store::instruments(conn, &[], codes)?.into_iter().map(|row| row.code).collect())
}

/// Versions of instruments by code.
fn versions(conn: &mut Conn, codes: &[String]) -> Outcome<HashMap<String, i64>> {
    Ok(store::instruments(conn, &[], codes)?.into_iter().map(|row| (row.code, row.version)).collect())
}

/// When messages came: the day of the act for what an instrument measured.
pub fn received(conn: &mut Conn, messages: &[MessageId]) -> Outcome<Vec<(MessageId, Moment)>> {
    Ok(store::received(conn, messages)?)
}

/// A change of status as a form or a program describes it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct StatusInput {
    /// `qualified`, `limited` or `stopped`.
    pub status: String,
    /// Method standards that a limited instrument may be used for, separated by `;`.
    pub allowed_methods: String,
    /// First day on which it holds: today or earlier.
    pub valid_from: String,
    pub reason: String,
}

/// The same, checked.
#[derive(Clone, Debug)]
pub struct StatusFacts {
    status: String,
    allowed_methods: String,
    valid_from: NaiveDate,
    reason: String,
}

impl StatusInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<StatusFacts, Refusal> {
        let mut check = Checker::new();
        let status = check.parsed("status", &self.status, "expected-instrument-status", |text| {
            STATUSES.contains(&text).then(|| text.to_owned())
        });
        let allowed = if status.as_deref() == Some(LIMITED) {
            check.text("allowed_methods", &self.allowed_methods, TEXT_MOST)
        } else {
            check.optional_text("allowed_methods", &self.allowed_methods, TEXT_MOST)
        };
        let allowed_methods = listed(&allowed);
        let valid_from = check.date("valid_from", &self.valid_from);
        let reason = check.text("reason", &self.reason, TEXT_MOST);
        let facts = (|| Some(StatusFacts { status: status?, allowed_methods, valid_from: valid_from?, reason }))();
        check.done(facts)
    }
}

/// Changes the status of an instrument from a day on.
///
/// # Errors
/// `day-to-come`: what an instrument will be is written down when it is so.
pub fn change_status(
    tx: &mut Tx,
    by: &May<ManageInstruments>,
    id: InstrumentId,
    seen: i64,
    facts: &StatusFacts,
) -> Outcome<InstrumentSaved> {
    let (before, mut history) = seen_at(tx, id, seen)?;
    let today = tx.now.date_in_china();
    if facts.valid_from > today {
        return Err(DAY_TO_COME.with("date", today).at("valid_from").into());
    }
    let row = NewStatus {
        instrument_id: id,
        status_before: &before.status,
        status: &facts.status,
        allowed_methods: &facts.allowed_methods,
        valid_from: facts.valid_from,
        reason: &facts.reason,
        person_id: by.person,
        at: tx.now,
    };
    store::insert_status(tx.conn, &row)?;
    history.statuses.push(StatusChange {
        before: before.status.clone(),
        status: facts.status.clone(),
        allowed_methods: facts.allowed_methods.clone(),
        valid_from: facts.valid_from,
    });
    tx.log(
        by.entry("instrument", id.0, seen + 1, "instrument-status-changed")
            .change("status", before.status.as_str(), facts.status.as_str())
            .set("allowed_methods", facts.allowed_methods.as_str())
            .set("valid_from", facts.valid_from.to_string())
            .set("reason", facts.reason.as_str()),
    );
    keep_today(tx, &history, (seen, seen + 1))
}

/// A calibration or an intermediate check as a form, a program or a spreadsheet describes it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CalibrationInput {
    /// `calibration` or `check`.
    pub kind: String,
    pub certificate_no: String,
    /// Body or person that did it.
    pub performed_by: String,
    pub performed_on: String,
    /// Last day on which it holds; empty: until the next one.
    pub next_due: String,
    /// `qualified`, `limited` or `unqualified`, confirmed against the need.
    pub result: String,
    /// Correction by the certificate, with its unit; empty: none.
    pub correction: String,
    pub correction_unit: String,
    /// What is done with the correction: `add` (in its unit) or `times` to every reading of the instrument from the day on;
    /// empty: it is kept, nothing is done.
    pub applies: String,
    pub remark: String,
}

/// The same, checked.
#[derive(Clone, Debug)]
pub struct CalibrationFacts {
    kind: &'static str,
    certificate_no: String,
    performed_by: String,
    performed_on: NaiveDate,
    next_due: Option<NaiveDate>,
    result: &'static str,
    correction: Option<Decimal>,
    correction_unit: String,
    applies: Option<How>,
    remark: String,
}

impl CalibrationInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<CalibrationFacts, Refusal> {
        let mut check = Checker::new();
        let kind = check.parsed("kind", &self.kind, "expected-calibration-kind", |text| known(KINDS, text));
        let certificate_no = if kind == Some(CALIBRATION) {
            check.text("certificate_no", &self.certificate_no, NAME_MOST)
        } else {
            check.optional_text("certificate_no", &self.certificate_no, NAME_MOST)
        };
        let performed_by = check.text("performed_by", &self.performed_by, NAME_MOST);
        let performed_on = check.date("performed_on", &self.performed_on);
        let next_due = check.optional_date("next_due", &self.next_due);
        if let (Some(done), Some(due)) = (performed_on, next_due) {
            check.add_if(due < done, || DUE_BEFORE_DONE.at("next_due"));
        }
        let result = check.parsed("result", &self.result, "expected-calibration-result", |text| known(RESULTS, text));
        let correction = check.optional_decimal("correction", &self.correction);
        let correction_unit = check.optional_text("correction_unit", &self.correction_unit, UNIT_MOST);
        let applies = check.optional("applies", &self.applies, "expected-correction-use", How::parse);
        check.add_if(applies.is_some() && self.correction.trim().is_empty(), || FIELD_MISSING.at("correction"));
        check.add_if(applies == Some(How::Add) && correction_unit.is_empty(), || FIELD_MISSING.at("correction_unit"));
        check.add_if(applies.is_some() && kind == Some(CHECK), || CORRECTION_OF_CHECK.at("applies"));
        let remark = check.optional_text("remark", &self.remark, TEXT_MOST);
        let facts = (|| {
            Some(CalibrationFacts {
                kind: kind?,
                certificate_no,
                performed_by,
                performed_on: performed_on?,
                next_due,
                result: result?,
                correction,
                correction_unit,
                applies,
                remark,
            })
        })();
        check.done(facts)
    }
}

impl CalibrationFacts {
    /// What is done to every reading.
    fn applied(&self) -> Option<Correction> {
        Some(Correction { how: self.applies?, amount: self.correction.clone()?, unit: self.correction_unit.clone() })
    }

    /// Whether a record is this one: the same certificate of the same day, and without a certificate the same finding of the
    /// same person.
    fn is(&self, record: &Record) -> bool {
        let same = (record.kind.as_str(), record.performed_on, record.certificate_no.as_str())
            == (self.kind, self.performed_on, self.certificate_no.as_str());
        let named = !self.certificate_no.is_empty();
        same && (named || (record.performed_by == self.performed_by && record.result == self.result))
    }
}

/// Methods as they are stored.
pub(super) fn listed(methods: &str) -> String {
    methods_of(methods).collect::<Vec<_>>().join(";")
}

/// The word of a closed list that a text is.
fn known(words: &'static [&'static str], text: &str) -> Option<&'static str> {
    words.iter().copied().find(|word| *word == text)
}

/// Adds a calibration or an intermediate check; one that failed opens non-conforming work on the instrument.
pub fn add_calibration(
    tx: &mut Tx,
    by: &May<ManageInstruments>,
    id: InstrumentId,
    seen: i64,
    facts: &CalibrationFacts,
) -> Outcome<InstrumentSaved> {
    let (_, mut history) = seen_at(tx, id, seen)?;
    let row = note(tx, by, &mut history, seen + 1, facts)?;
    store::insert_records(tx.conn, &[row])?;
    let saved = keep_today(tx, &history, (seen, seen + 1))?;
    Ok(InstrumentSaved { work: doubt_failed(tx, by, &history, facts)?, ..saved })
}

/// Opens non-conforming work on the instrument of a record, if the record says that it failed.
fn doubt_failed(tx: &mut Tx, by: &Actor, history: &Equipment, facts: &CalibrationFacts) -> Outcome<Option<i64>> {
    if facts.result != UNQUALIFIED {
        return Ok(None);
    }
    let found = format!("{} {} {} {}", facts.kind, facts.performed_on, facts.certificate_no, facts.remark);
    doubt(tx, by, history, facts.performed_on, &found).map(Some)
}

/// Opens non-conforming work on an instrument that failed on a day, with the results since it was last shown to be good.
pub(super) fn doubt(tx: &mut Tx, by: &Actor, history: &Equipment, on: NaiveDate, found: &str) -> Outcome<i64> {
    let description = format!("{}: {}", history.code, found.trim());
    let since = history.last_good_before(on);
    Ok(quality::open_on_instrument(tx, by, history.id, since, &description)?.id.0)
}

/// Takes a record into the history of an instrument that was read already, and into the log at a version; what is to be stored.
fn note<'f>(
    tx: &mut Tx,
    by: &Actor,
    history: &mut Equipment,
    version: i64,
    facts: &'f CalibrationFacts,
) -> Result<NewRecord<'f>, Refusal> {
    let today = tx.now.date_in_china();
    if facts.performed_on > today {
        return Err(DAY_TO_COME.with("date", today).at("performed_on").into());
    }
    let due_before = history.calibrated_until;
    let row = NewRecord {
        instrument_id: history.id,
        kind: facts.kind,
        certificate_no: &facts.certificate_no,
        performed_by: &facts.performed_by,
        performed_on: facts.performed_on,
        next_due: facts.next_due,
        due_before,
        result: facts.result,
        correction: facts.correction.as_ref().map(Decimal::as_str),
        correction_unit: &facts.correction_unit,
        remark: &facts.remark,
        applies: facts.applies.map(How::code).unwrap_or_default(),
        // The command line on the server is nobody's.
        person_id: (by.entrance != Entrance::System).then_some(by.person),
        at: tx.now,
    };
    history.records.push(Record {
        id: None,
        kind: facts.kind.to_owned(),
        performed_on: facts.performed_on,
        certificate_no: facts.certificate_no.clone(),
        performed_by: facts.performed_by.clone(),
        next_due: facts.next_due,
        due_before,
        result: facts.result.to_owned(),
        correction: facts.applied(),
    });
    let day = |date: Option<NaiveDate>| date.map(|date| date.to_string()).unwrap_or_default();
    tx.log(
        by.entry("instrument", history.id.0, version, "instrument-calibrated")
            .set("kind", facts.kind)
            .set("certificate_no", facts.certificate_no.as_str())
            .set("performed_by", facts.performed_by.as_str())
            .set("performed_on", facts.performed_on.to_string())
            .set("next_due", day(facts.next_due))
            .set("result", facts.result)
            .set("correction", facts.correction.as_ref().map(Decimal::as_str).unwrap_or_default())
            .set("correction_unit", facts.correction_unit.as_str())
            .set("applies", facts.applies.map(How::code).unwrap_or_default())
            .change("calibrated_until", day(due_before), day(history.calibrated_until_now())),
    );
    history.calibrated_until = history.calibrated_until_now();
    Ok(row)
}

/// A record of a file: its row, the code of its instrument, what it says.
pub(super) type GivenRecord<'f> = (u64, &'f str, &'f CalibrationFacts);

/// Adds the records of a file that are not there yet: one statement for each instrument, and some for all records. Each new one
/// that failed opens non-conforming work as a typed one does, in the light of all the others. How many are new; what is refused
/// goes to the reasons, and then nothing is added.
pub(super) fn add_records(tx: &mut Tx, by: &Actor, given: &[GivenRecord], reasons: &mut Reasons) -> Outcome<usize> {
    let mut codes: Vec<String> = given.iter().map(|(_, code, _)| (*code).to_owned()).collect();
    codes.sort_unstable();
    codes.dedup();
    let mut known = equipment(tx.conn, &[], &codes)?;
    let seen = versions(tx.conn, &codes)?;
    let mut reached = seen.clone();
    let (mut rows, mut new) = (Vec::new(), Vec::new());
    for (number, code, facts) in given {
        let found = known.iter_mut().find(|one| one.code == *code).zip(reached.get_mut(*code));
        let Some((history, version)) = found else {
            reasons.add(EQUIPMENT_UNKNOWN.with("code", code).at("instrument").in_row(*number));
            continue;
        };
        if history.records.iter().any(|record| facts.is(record)) {
            continue;
        }
        match note(tx, by, history, *version + 1, facts) {
            Ok(row) => {
                *version += 1;
                rows.push(row);
                new.push((*code, *facts));
            }
            Err(refusal) => reasons.of_row(*number, refusal),
        }
    }
    if !reasons.is_empty() {
        return Ok(0);
    }
    store::insert_records(tx.conn, &rows)?;
    for history in &known {
        let (before, after) = (seen.get(&history.code), reached.get(&history.code));
        if let Some((before, after)) = before.copied().zip(after.copied()).filter(|(before, after)| before != after) {
            keep_today(tx, history, (before, after))?;
        }
    }
    for (code, facts) in new {
        if let Some(history) = known.iter().find(|one| one.code == code) {
            doubt_failed(tx, by, history, facts)?;
        }
    }
    Ok(rows.len())
}

/// The instrument with its history, if nobody has changed it since it was seen.
pub(super) fn seen_at(tx: &mut Tx, id: InstrumentId, seen: i64) -> Outcome<(InstrumentRow, Equipment)> {
    let row = store::instruments(tx.conn, &[id], &[])?.pop().ok_or(NOT_FOUND)?;
    if row.version != seen {
        return Err(stale(id, row.version).into());
    }
    let (statuses, records) = (store::statuses(tx.conn, &[id])?, store::records(tx.conn, &[id])?);
    Ok((row.clone(), of_rows(row, &statuses, &records)))
}

fn stale(id: InstrumentId, version: i64) -> Refusal {
    let current = serde_json::json!({"id": id, "version": version});
    Refusal::from(STALE_VERSION.with("version", version)).with_current(current)
}

/// Repeats in the instrument's row, from the version that was seen to another, what its history says of today.
pub(super) fn keep_today(tx: &mut Tx, history: &Equipment, (seen, version): (i64, i64)) -> Outcome<InstrumentSaved> {
    let (status, _) = history.status_on(tx.now.date_in_china());
    if !store::keep_today(tx.conn, history.id, (seen, version), status, history.calibrated_until_now())? {
        return Err(stale(history.id, seen + 1).into());
    }
    Ok(InstrumentSaved { id: history.id.0, version, work: None })
}
