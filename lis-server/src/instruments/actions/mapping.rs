//! Mapping a code that an instrument prints: what would become of its held rows, and the deed. Both ask the same question
//! of the worksheets ([`foresee_rows`] and [`file_rows`]), so that what was shown is what happens.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::super::filing::{file_rows, foresee_rows};
use super::super::store::{self, InstrumentRow, Mapping, ObservationRow};
use super::super::{MAPPING_PREVIEW_STALE, MAPPING_TARGET_UNKNOWN, calls, findings, flags, worklists};
use super::REFERENCE_MOST;
use super::repair::{Replayed, replayable, settle_messages};
use crate::accounts::May;
use crate::accounts::role::RepairReadings;
use crate::db::{Conn, Tx};
use crate::domain::clock::Moment;
use crate::domain::ids::{InstrumentId, MessageId, ObservationId};
use crate::domain::input::Checker;
use crate::domain::refusal::{Fact, Fault, NOT_FOUND, Outcome, Refusal};

/// A code to be mapped, as a form or a program sends it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MappingInput {
    /// `analyte`, `unit`, `sample`, `finding` or `flag`; `test`: what the instrument calls an analyte in its work lists, where
    /// it prints another name or several.
    pub kind: String,
    /// As the instrument prints it, or takes it.
    pub source: String,
    /// Key of the catalogue's analyte, a unit, a label code, what a qualitative word says (`detected` or `not_detected`), or
    /// what a flag says (`ok`, `out_of_range` or `failed_control`).
    pub target: String,
    /// Fingerprint of the preview that was agreed to: anything else that would happen by now is refused. Empty: whatever
    /// happens.
    pub preview: String,
}

/// The same, checked.
#[derive(Clone, Debug)]
pub struct MappingFacts {
    pub kind: String,
    pub source: String,
    pub target: String,
    /// What was seen beforehand; `None`: nothing.
    pub preview: Option<String>,
}

/// What can be mapped.
pub const KINDS: &[&str] = &["analyte", "unit", "sample", findings::KIND, flags::KIND, worklists::KIND];

/// Characters of a fingerprint.
const FINGERPRINT_MOST: usize = 64;

impl MappingInput {
    pub fn checked(&self) -> Result<MappingFacts, Refusal> {
        let mut check = Checker::new();
        let kind = check
            .parsed("kind", &self.kind, "expected-mapping-kind", |text| KINDS.contains(&text).then(|| text.to_owned()));
        let source = check.text("source", &self.source, REFERENCE_MOST);
        let target = match kind.as_deref() {
            Some(findings::KIND) => check
                .parsed("target", &self.target, "expected-finding", |text| {
                    findings::TARGETS.contains(&text).then(|| text.to_owned())
                })
                .unwrap_or_default(),
            Some(flags::KIND) => check
                .parsed("target", &self.target, "expected-flag", |text| {
                    flags::TARGETS.contains(&text).then(|| text.to_owned())
                })
                .unwrap_or_default(),
            _ => check.text("target", &self.target, REFERENCE_MOST),
        };
        let preview = check.optional_text("preview", &self.preview, FINGERPRINT_MOST);
        let preview = (!preview.is_empty()).then_some(preview);
        check.done(kind.map(|kind| MappingFacts { kind, source, target, preview }))
    }
}

/// What mapping a code would do.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct MappingPreview {
    /// What the code would be mapped to: of an analyte its key.
    pub target: String,
    /// What it is mapped to now; empty: nothing.
    pub target_before: String,
    /// Held rows that would be tried again.
    pub tried: usize,
    /// Rows that would find their cell.
    pub filed: usize,
    /// Rows that would be filed or wait for another reason, oldest first.
    pub changes: Vec<RowChange>,
    /// Names what is listed: `preview` of the mapping.
    pub fingerprint: String,
}

/// A held row before and after.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct RowChange {
    pub id: ObservationId,
    pub message: MessageId,
    /// Line, row or record of the message.
    pub place: String,
    /// Sample, analyte, value and unit as the instrument prints them.
    pub sample: String,
    pub analyte: String,
    pub value: String,
    pub unit: String,
    /// Why it waits now.
    pub reason_before: String,
    /// Why it would wait then; empty: it would be filed.
    pub reason_after: String,
    /// The cells that it would be filed in.
    pub cells: Vec<calls::Foreseen>,
}

/// What mapping a code would do with the held rows as they are; nothing is changed.
///
/// # Errors
/// No such instrument or analyte.
pub fn preview_mapping(
    conn: &mut Conn,
    id: InstrumentId,
    facts: &MappingFacts,
    now: Moment,
) -> Outcome<MappingPreview> {
    let instrument = store::instrument(conn, id)?.ok_or(NOT_FOUND)?;
    let target = target_of(conn, facts)?;
    let held = replayable(conn, &instrument.code)?;
    preview(conn, &instrument, (facts, target), &held, now)
}

/// Maps a code and replays the held rows of the instrument.
///
/// # Errors
/// No such instrument or analyte; `mapping-preview-stale` with the preview of now, when something else would happen than
/// was agreed to.
pub fn map_code(tx: &mut Tx, by: &May<RepairReadings>, id: InstrumentId, facts: &MappingFacts) -> Outcome<Replayed> {
    let instrument = store::instrument(tx.conn, id)?.ok_or(NOT_FOUND)?;
    let target = target_of(tx.conn, facts)?;
    let held = replayable(tx.conn, &instrument.code)?;
    if let Some(agreed) = &facts.preview {
        let now = preview(tx.conn, &instrument, (facts, target.clone()), &held, tx.now)?;
        if now.fingerprint != *agreed {
            let current = serde_json::to_value(&now).map_err(Fault::broken)?;
            return Err(Refusal::from(MAPPING_PREVIEW_STALE).with_current(current).into());
        }
    }
    store::set_mapping(tx.conn, id, &facts.kind, &facts.source, &target, by.person, tx.now)?;
    tx.log(
        by.entry("instrument", id.0, instrument.version, "code-mapped")
            .set("kind", facts.kind.as_str())
            .set("source", facts.source.as_str())
            .set("target", target.as_str()),
    );
    let filed = file_rows(tx, by, &instrument, &held)?;
    settle_messages(tx, by, &held)?;
    Ok(Replayed { tried: held.len(), filed })
}

/// What a code is mapped to, in the laboratory's words.
fn target_of(conn: &mut Conn, facts: &MappingFacts) -> Outcome<String> {
    match facts.kind.as_str() {
        "analyte" | worklists::KIND => Ok(calls::analyte_key(conn, &facts.target)?
            .ok_or_else(|| MAPPING_TARGET_UNKNOWN.with("target", &facts.target).at("target"))?),
        _ => Ok(facts.target.clone()),
    }
}

/// What a code stands for, as a page says it.
pub fn target_said(conn: &mut Conn, kind: &str, target: &str) -> Outcome<Fact> {
    let word = |list: &str| Fact::word(format!("{list}-{}", target.replace('_', "-")));
    Ok(match kind {
        "analyte" | worklists::KIND => calls::analyte_name(conn, target)?,
        findings::KIND if !target.is_empty() => word("finding"),
        flags::KIND if !target.is_empty() => word("flag"),
        _ => target.into(),
    })
}

/// What the analytes of the cells of a preview are called, by their keys.
pub fn analytes_foreseen(conn: &mut Conn, shown: &MappingPreview) -> Outcome<HashMap<String, Fact>> {
    let cells = shown.changes.iter().flat_map(|row| &row.cells);
    calls::analyte_names(conn, cells.map(|cell| cell.analyte.as_str()))
}

fn preview(
    conn: &mut Conn,
    instrument: &InstrumentRow,
    (facts, target): (&MappingFacts, String),
    held: &[ObservationRow],
    now: Moment,
) -> Outcome<MappingPreview> {
    let mut mappings = store::mappings(conn, instrument.id)?;
    let target_before = put(&mut mappings, (facts.kind.clone(), facts.source.clone(), target.clone()));
    let foreseen = foresee_rows(conn, instrument, mappings, held, now)?;
    let filed = foreseen.iter().filter(|one| one.is_ok()).count();
    let changes: Vec<RowChange> = held.iter().zip(foreseen).filter_map(|(row, after)| change(row, after)).collect();
    let named = serde_json::to_string(&(&facts.kind, &facts.source, &target, &changes)).map_err(Fault::broken)?;
    let fingerprint = hex::encode(Sha256::digest(named));
    Ok(MappingPreview { target, target_before, tried: held.len(), filed, changes, fingerprint })
}

/// Puts a mapping in its place among the others; what stood there before, or nothing.
fn put(mappings: &mut Vec<Mapping>, new: Mapping) -> String {
    match mappings.iter_mut().find(|(kind, source, _)| *kind == new.0 && *source == new.1) {
        Some(known) => std::mem::replace(&mut known.2, new.2),
        None => {
            mappings.push(new);
            String::new()
        }
    }
}

/// A row that would not stay as it is.
fn change(row: &ObservationRow, after: Result<Vec<calls::Foreseen>, &'static str>) -> Option<RowChange> {
    let (reason_after, cells) = match after {
        Ok(cells) => ("", cells),
        Err(reason) if reason == row.reason => return None,
        Err(reason) => (reason, Vec::new()),
    };
    Some(RowChange {
        id: row.id,
        message: row.message_id,
        place: row.source_place.clone(),
        sample: row.sample_ref.clone(),
        analyte: row.analyte_ref.clone(),
        value: row.value.clone(),
        unit: row.unit.clone(),
        reason_before: row.reason.clone(),
        reason_after: reason_after.to_owned(),
        cells,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_takes_the_place_of_the_one_before() {
        let mapping = |kind: &str, source: &str, target: &str| (kind.to_owned(), source.to_owned(), target.to_owned());
        let mut mappings = vec![mapping("analyte", "Cd1", "pb"), mapping("unit", "Cd1", "mg/L")];
        assert_eq!(put(&mut mappings, mapping("analyte", "Cd1", "cd")), "pb");
        assert_eq!(put(&mut mappings, mapping("analyte", "Cd2", "cd")), "");
        let all = [mapping("analyte", "Cd1", "cd"), mapping("unit", "Cd1", "mg/L"), mapping("analyte", "Cd2", "cd")];
        assert_eq!(mappings, all);
    }
}
