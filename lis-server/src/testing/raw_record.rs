//! The filled raw record (原始记录) of a worksheet: every cell with everything that was ever entered into it, who, when, from
//! where and why; the rooms in which it was worked on, and what was made of it. It is what a tester signed for on paper;
//! corrections stand beside what they corrected.

use serde::Serialize;

use super::judged::{ControlsView, Judged, RecordResult, judged, results_on};
use super::store::{self, EntryRow, SourceRow, WorksheetRow};
use super::views::{SheetView, sheet_view};
use crate::accounts::actions::names_of;
use crate::catalogue::import::FieldKind;
use crate::db::Conn;
use crate::domain::clock::Moment;
use crate::domain::ids::{ObservationId, PersonId, PositionId, WorksheetId};
use crate::domain::refusal::{NOT_FOUND, Outcome};
use crate::quality::environment::on_sheet::{SheetRoom, read_on};

/// A sheet with the history of its cells.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct RawRecord {
    pub sheet: SheetView,
    /// What the whole sheet has once: the room, the oven, the titrant.
    pub conditions: Vec<RecordCell>,
    pub places: Vec<RecordPlace>,
    /// The rooms that the method makes demands on, with what was read in them on the days of the entries.
    pub rooms: Vec<SheetRoom>,
    /// What was calculated from the entries, each version of each result.
    pub results: Vec<RecordResult>,
    /// The newest verdict over the controls; none before the sheet was submitted.
    pub controls: Option<ControlsView>,
}

/// One place of the sheet.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct RecordPlace {
    /// Id of its position.
    pub position: i64,
    pub cells: Vec<RecordCell>,
}

#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct RecordCell {
    pub field: String,
    pub replicate: i64,
    pub unit: String,
    /// In the order in which they were made; the last one holds.
    pub entries: Vec<RecordEntry>,
}

#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = RawRecordEntry)]
pub struct RecordEntry {
    /// As typed or printed.
    pub value: String,
    pub unit: String,
    /// typed, instrument, correction
    pub source: String,
    /// Who typed it, or the code of the instrument with its file.
    pub by: String,
    pub reason: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: Moment,
    /// When it was made, where it was typed late.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub run_at: Option<Moment>,
}

/// The raw record of a sheet.
pub fn raw_record(conn: &mut Conn, id: WorksheetId) -> Outcome<RawRecord> {
    let sheet = sheet_view(conn, id)?;
    let positions: Vec<PositionId> = sheet.positions.iter().map(|one| PositionId(one.id)).collect();
    let entries = store::entries(conn, &positions)?;
    let people: Vec<PersonId> = entries.iter().filter_map(|entry| entry.person_id).collect();
    let names = names_of(conn, &people)?;
    let observations: Vec<ObservationId> = entries.iter().filter_map(|entry| entry.observation_id).collect();
    let sources = if observations.is_empty() { Vec::new() } else { store::sources(conn, &observations)? };
    let by = |entry: &EntryRow| {
        let source = sources.iter().find(|source| Some(source.observation) == entry.observation_id);
        let person = entry.person_id.and_then(|id| names.get(&id).cloned());
        source.map(origin).or(person).unwrap_or_default()
    };
    let mut conditions = Vec::new();
    let mut places = Vec::new();
    for position in &sheet.positions {
        let own: Vec<&EntryRow> = entries.iter().filter(|entry| entry.position_id.0 == position.id).collect();
        let mut shown: Vec<(String, i64, String)> =
            position.cells.iter().map(|cell| (cell.field.clone(), cell.replicate, cell.unit.clone())).collect();
        // What was entered for a field that the form of today has no longer stays part of the record.
        for entry in &own {
            if !shown.iter().any(|(field, number, _)| *field == entry.field && *number == entry.replicate) {
                shown.push((entry.field.clone(), entry.replicate, entry.unit.clone()));
            }
        }
        let mut cells = Vec::new();
        for (field, replicate, unit) in shown {
            let made = own.iter().copied().filter(|entry| entry.field == field && entry.replicate == replicate);
            let entries = made.map(|entry| entry_of(entry, by(entry))).collect();
            let is_condition =
                sheet.form.as_ref().and_then(|form| form.field(&field)).is_some_and(|it| it.is_of_sheet());
            let list = if is_condition { &mut conditions } else { &mut cells };
            list.push(RecordCell { field, replicate, unit, entries });
        }
        places.push(RecordPlace { position: position.id, cells });
    }
    let lines = store::sheet(conn, id)?;
    let row = &lines.first().ok_or(NOT_FOUND)?.0;
    Ok(RawRecord {
        rooms: rooms(conn, row, &sheet, &entries, &sources)?,
        results: results_on(conn, &lines, &entries)?,
        controls: judged(conn, id)?.as_ref().map(Judged::view),
        sheet,
        conditions,
        places,
    })
}

/// The rooms of the sheet's instruments: the one that it was opened for, those that sent values, and those that it names.
fn rooms(
    conn: &mut Conn,
    row: &WorksheetRow,
    sheet: &SheetView,
    entries: &[EntryRow],
    sources: &[SourceRow],
) -> Outcome<Vec<SheetRoom>> {
    let mut instruments: Vec<String> = sources.iter().map(|source| source.instrument_code.clone()).collect();
    let is_equipment = |entry: &&EntryRow| {
        let field = sheet.form.as_ref().and_then(|form| form.field(&entry.field));
        field.is_some_and(|field| field.kind == FieldKind::Equipment.code())
    };
    instruments.extend(entries.iter().filter(is_equipment).map(|entry| entry.value.clone()));
    instruments.extend((!sheet.instrument_code.is_empty()).then(|| sheet.instrument_code.clone()));
    let mut days: Vec<_> = entries.iter().map(|entry| entry.at.date_in_china()).collect();
    days.sort_unstable();
    days.dedup();
    read_on(conn, &row.method_standard, &instruments, &days)
}

fn entry_of(entry: &EntryRow, by: String) -> RecordEntry {
    RecordEntry {
        value: entry.value.clone(),
        unit: entry.unit.clone(),
        source: entry.source.clone(),
        by,
        reason: entry.reason.clone(),
        at: entry.at,
        run_at: entry.run_at,
    }
}

/// The instrument of a reading, with the file and the place in it.
fn origin(source: &SourceRow) -> String {
    [source.instrument_code.as_str(), source.file_name.as_str(), source.source_place.as_str()]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" · ")
}
