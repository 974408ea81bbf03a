//! The end of a sample's parts (`workflow.md` 7): released by the custodian when nothing obliges to keep them, disposed of
//! with the approval of somebody else. Nothing goes while a case is open.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::super::facts::{PartFacts, SampleFacts};
use super::super::state::{Custody, Retention, RetentionEvent, SampleState};
use super::super::store::{self, NewRetentionEvent};
use super::super::words::DisposalMethod;
use super::super::{
    CASE_STILL_OPEN, PART_CHANGED, PART_NOT_IN_STORE, PART_STILL_KEPT, PART_WRONG_STATE, PARTS_MISSING,
    RELEASER_DISPOSES, SAMPLE_NOT_CONCLUDED, TREATMENT_NEEDED,
};
use crate::accounts::role::{ApproveDisposal, ReceiveSamples};
use crate::accounts::{Actor, May};
use crate::cases::actions as cases;
use crate::db::{Conn, Tx};
use crate::domain::ids::{PartId, PersonId, SampleId};
use crate::domain::input::Checker;
use crate::domain::refusal::{NOT_FOUND, Outcome, Reason, Reasons, Refusal};

/// A part at the version that was seen.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PartSeen {
    pub id: i64,
    pub version: i64,
}

/// Parts of one step of a disposal list.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RetentionInput {
    pub parts: Vec<PartSeen>,
    /// `harmless_treatment`, `general_waste` or `returned_to_client`, with a disposal.
    pub method: String,
    /// Why they are kept again; where they were taken.
    pub remark: String,
}

/// What became of the parts.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RetentionSaved {
    pub parts: Vec<i64>,
    pub retention: String,
}

/// A line of the disposal list.
pub struct ToDispose {
    pub part: PartFacts,
    pub sample: SampleFacts,
    /// Who released it; `None`: nobody yet.
    pub released_by: Option<PersonId>,
    /// Its sample has a failing case that is not closed.
    pub case_open: bool,
}

/// Parts that may go on a day, in order of id after one (exclusive; 0: from the first), by four statements.
pub fn disposal_list(conn: &mut Conn, on: NaiveDate, after: i64, limit: i64) -> Outcome<Vec<ToDispose>> {
    let parts = store::parts_to_dispose(conn, on, after, limit)?;
    let around = Around::of(conn, &parts)?;
    let line = |part: PartFacts| {
        Some(ToDispose {
            sample: around.samples.get(&part.sample_id)?.clone(),
            released_by: around.released_by.get(&part.id).copied(),
            case_open: around.cases.get(&part.sample_id) == Some(&false),
            part,
        })
    };
    Ok(parts.into_iter().filter_map(line).collect())
}

/// Releases parts, all or none; a refusal names every reason of every part.
pub fn release(tx: &mut Tx, by: &May<ReceiveSamples>, input: &RetentionInput) -> Outcome<RetentionSaved> {
    let today = tx.now.date_in_china();
    let remark = input.remark(false)?;
    step(tx, by, input, RetentionEvent::Release, None, &remark, |part, around, reasons| {
        let ends = [SampleState::Closed, SampleState::Rejected, SampleState::Withdrawn];
        let sample = around.samples.get(&part.sample_id);
        reasons.add_if(!sample.is_some_and(|sample| ends.contains(&sample.state)), || {
            named(SAMPLE_NOT_CONCLUDED.reason(), part)
        });
        if let Some(until) = part.keep_until.filter(|until| *until >= today) {
            reasons.add(named(PART_STILL_KEPT.with("date", until), part));
        }
        reasons.add_if(part.custody != Custody::InLaboratory, || {
            named(PART_NOT_IN_STORE.reason().with_word("state", part.custody.word()), part)
        });
        case_must_be_closed(part, around, reasons);
    })
}

/// Keeps released parts again, with the reason: a case opened, or the release was a mistake.
pub fn keep_again(tx: &mut Tx, by: &May<ReceiveSamples>, input: &RetentionInput) -> Outcome<RetentionSaved> {
    let remark = input.remark(true)?;
    step(tx, by, input, RetentionEvent::Keep, None, &remark, |_, _, _| {})
}

/// Disposes of released parts: approved by somebody else than who released them.
pub fn dispose(tx: &mut Tx, by: &May<ApproveDisposal>, input: &RetentionInput) -> Outcome<RetentionSaved> {
    let mut check = Checker::new();
    let method = check.parsed("method", &input.method, "expected-listed", DisposalMethod::parse);
    let method = check.done(method)?;
    let remark = input.remark(false)?;
    step(tx, by, input, RetentionEvent::Dispose, Some(method), &remark, |part, around, reasons| {
        reasons
            .add_if(around.released_by.get(&part.id) == Some(&by.person), || named(RELEASER_DISPOSES.reason(), part));
        case_must_be_closed(part, around, reasons);
        let failed = around.cases.contains_key(&part.sample_id);
        reasons.add_if(failed && method != DisposalMethod::HarmlessTreatment, || {
            let reason = TREATMENT_NEEDED.reason().with_word("method", DisposalMethod::HarmlessTreatment.word());
            named(reason, part)
        });
    })
}

impl RetentionInput {
    fn remark(&self, needed: bool) -> Result<String, Refusal> {
        let mut check = Checker::new();
        let remark = match needed {
            true => check.text("remark", &self.remark, REMARK_MOST),
            false => check.optional_text("remark", &self.remark, REMARK_MOST),
        };
        check.done(Some(remark))
    }
}

/// Longest remark, in characters.
const REMARK_MOST: usize = 200;

/// What decides about parts beside themselves.
struct Around {
    samples: HashMap<SampleId, SampleFacts>,
    /// Samples with a failing case, and whether it is closed.
    cases: HashMap<SampleId, bool>,
    released_by: HashMap<PartId, PersonId>,
}

impl Around {
    /// Three statements.
    fn of(conn: &mut Conn, parts: &[PartFacts]) -> Outcome<Self> {
        let mut ids: Vec<SampleId> = parts.iter().map(|part| part.sample_id).collect();
        ids.sort_unstable();
        ids.dedup();
        let samples = super::facts_of(conn, &ids)?;
        let own: Vec<PartId> = parts.iter().map(|part| part.id).collect();
        Ok(Self {
            samples: samples.into_iter().map(|sample| (sample.id, sample)).collect(),
            cases: cases::closed_by_sample(conn, &ids)?,
            released_by: store::releases_of(conn, &own)?.into_iter().collect(),
        })
    }
}

fn case_must_be_closed(part: &PartFacts, around: &Around, reasons: &mut Reasons) {
    reasons.add_if(around.cases.get(&part.sample_id) == Some(&false), || named(CASE_STILL_OPEN.reason(), part));
}

fn named(reason: Reason, part: &PartFacts) -> Reason {
    reason.with("label", part.label_code.as_str()).at(field(part.id))
}

fn field(part: PartId) -> String {
    format!("part-{part}")
}

/// One step of several parts: seven statements, eight for a disposal, and the log.
fn step(
    tx: &mut Tx,
    by: &Actor,
    input: &RetentionInput,
    event: RetentionEvent,
    method: Option<DisposalMethod>,
    remark: &str,
    rule: impl Fn(&PartFacts, &Around, &mut Reasons),
) -> Outcome<RetentionSaved> {
    if input.parts.is_empty() {
        return Err(PARTS_MISSING.at("parts").into());
    }
    let ids: Vec<PartId> = input.parts.iter().map(|part| PartId(part.id)).collect();
    let parts = store::parts_by_id(tx.conn, &ids)?;
    let around = Around::of(tx.conn, &parts)?;
    let mut reasons = Reasons::new();
    let mut rows = Vec::new();
    let mut seen = Vec::new();
    let mut reached = Retention::Kept;
    for wanted in &input.parts {
        let Some(part) = parts.iter().find(|part| part.id.0 == wanted.id) else {
            reasons.add(NOT_FOUND.at(field(PartId(wanted.id))));
            continue;
        };
        if seen.iter().any(|(id, _)| *id == part.id) {
            continue;
        }
        reasons.add_if(part.version != wanted.version, || named(PART_CHANGED.reason(), part));
        match part.retention.after(event) {
            Ok(next) => reached = next,
            Err(_) => {
                let reason = PART_WRONG_STATE.reason().with_word("state", part.retention.word());
                reasons.add(reason.with_word("step", event.word()).at(field(part.id)));
            }
        }
        rule(part, &around, &mut reasons);
        seen.push((part.id, part.version));
        rows.push(NewRetentionEvent {
            part_id: part.id,
            event: event.code(),
            from_state: part.retention.code(),
            to_state: reached.code(),
            person_id: by.person,
            method: method.map_or("", DisposalMethod::code),
            remark,
            at: tx.now,
        });
    }
    reasons.none()?;
    if !store::set_retention(tx.conn, &seen, reached)? {
        return Err(PART_CHANGED.with("label", "").at("parts").into());
    }
    store::insert_retention(tx.conn, &rows)?;
    if reached == Retention::Disposed {
        let gone: Vec<PartId> = seen.iter().map(|(id, _)| *id).collect();
        store::end_stays(tx.conn, &gone, tx.now)?;
    }
    for (row, (id, version)) in rows.iter().zip(&seen) {
        let mut entry = by.entry("part", id.0, version + 1, "part-retention").set("step", row.event).change(
            "retention",
            row.from_state,
            row.to_state,
        );
        if !row.method.is_empty() {
            entry = entry.set("method", row.method);
        }
        if !remark.is_empty() {
            entry = entry.set("remark", remark);
        }
        tx.log(entry);
    }
    Ok(RetentionSaved { parts: seen.iter().map(|(id, _)| id.0).collect(), retention: reached.code().to_owned() })
}
