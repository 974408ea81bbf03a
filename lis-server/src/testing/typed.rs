//! What somebody types into a cell, as an entry: its row, and the mark by which its sender knows it again.

use super::entering::EntryInput;
use super::sheet::{Line, Sheet};
use super::store::NewEntryRow;
use super::{ENTRY_MARK_TAKEN, FILED_MARK};
use crate::domain::clock::Moment;
use crate::domain::ids::{PersonId, PositionId};
use crate::domain::refusal::Reason;

/// Whether an entry of the sheet, or one that waits to be stored, bears the mark of a typed one.
///
/// # Errors
/// It says something else, or stands in another cell.
pub(super) fn is_repeat(sheet: &Sheet, waiting: &[NewEntryRow], input: &EntryInput) -> Result<bool, Reason> {
    if input.uuid.is_empty() {
        return Ok(false);
    }
    let typed = (PositionId(input.position), input.field.as_str(), input.replicate, input.value.trim());
    let stored = sheet.entries.iter().filter(|entry| entry.client_uuid == input.uuid);
    let stored = stored.map(|entry| (entry.position_id, entry.field.as_str(), entry.replicate, entry.value.as_str()));
    let coming = waiting.iter().filter(|row| row.client_uuid == input.uuid);
    let coming = coming.map(|row| (row.position_id, row.field.as_str(), row.replicate, row.value.as_str()));
    match stored.chain(coming).next() {
        None => Ok(false),
        Some(same) if same == typed => Ok(true),
        Some(_) => Err(mark_taken(&input.uuid)),
    }
}

/// Another entry bears the mark.
pub(super) fn mark_taken(mark: &str) -> Reason {
    ENTRY_MARK_TAKEN.with("uuid", mark).at("uuid")
}

/// Marks of entries that instruments make: nobody else's entry takes the place of one to come.
pub(super) fn is_an_instrument_s(mark: &str) -> bool {
    mark.starts_with(FILED_MARK)
}

pub(super) fn entry_row(
    sheet: &Sheet,
    line: &Line,
    input: &EntryInput,
    entry_no: i64,
    source: &'static str,
    person: PersonId,
    at: Moment,
) -> NewEntryRow {
    NewEntryRow {
        position_id: line.position.id,
        field: input.field.clone(),
        replicate: input.replicate,
        entry_no,
        value: input.value.trim().to_owned(),
        unit: sheet.typed_unit(line, &input.field),
        source,
        reason: input.reason.trim().to_owned(),
        observation_id: None,
        person_id: Some(person),
        client_uuid: if input.uuid.is_empty() { uuid::Uuid::now_v7().to_string() } else { input.uuid.clone() },
        at,
        run_at: None,
        correction: String::new(),
    }
}
