//! The raw-record form (原始记录) of a worksheet's procedure: which of its fields stand at a place, what may be typed into
//! them, and what of it must be there. A field that feeds an input of the calculation is that input's cell; the others are
//! cells of their own, which no calculation reads.

use std::collections::BTreeSet;

use super::VALUE_UNREADABLE;
use super::sheet::{Line, Sheet};
use super::store::{EntryRow, NewEntryRow};
use crate::catalogue::import::{FieldKind, RecordField, Scope};
use crate::db::Conn;
use crate::domain::clock::Moment;
use crate::domain::decimal::Decimal;
use crate::domain::refusal::{FIELD_INVALID, Outcome, Reason, Reasons};
use crate::instruments::equipment::actions as equipment;
use crate::quality::lots::LOT_UNKNOWN;
use crate::quality::lots::actions as lots;

impl Sheet {
    /// The fields of the form that stand at a place beside the inputs of its calculation.
    pub fn extras(&self, line: &Line) -> impl Iterator<Item = &RecordField> {
        let is_first = self.lines.first().is_some_and(|first| first.position.id == line.position.id);
        let stands = move |field: &&RecordField| field.scope != Scope::Sheet || is_first;
        self.form.iter().filter(|field| field.feeds.is_none()).filter(stands)
    }

    /// The field of this name beside the inputs.
    pub fn extra(&self, line: &Line, name: &str) -> Option<&RecordField> {
        self.extras(line).find(|field| field.field == name)
    }

    /// What the form says of a cell, whether the calculation reads it or not.
    pub fn field_of(&self, name: &str) -> Option<&RecordField> {
        self.form.iter().find(|field| field.cell() == name)
    }

    /// The unit in which a cell is typed.
    pub fn typed_unit(&self, line: &Line, name: &str) -> String {
        match self.extra(line, name) {
            Some(field) => field.unit.clone(),
            None if line.has_units() => line.unit_of(name).to_owned(),
            None => String::new(),
        }
    }

    /// The cells of a place in the order of the form; inputs that it leaves out come last.
    pub fn cells_at(&self, line: &Line) -> Vec<(String, i64)> {
        let mut cells = Vec::new();
        let mut names = BTreeSet::new();
        for field in &self.form {
            let is_input = line.inputs().iter().any(|input| input.name == field.cell());
            let count = match field.feeds {
                Some(_) if is_input => line.replicates(),
                None if self.extra(line, &field.field).is_some() => times(field, line),
                _ => continue,
            };
            names.insert(field.cell());
            cells.extend((1..=count).map(|number| (field.cell().to_owned(), number)));
        }
        for input in line.inputs().iter().filter(|input| !names.contains(input.name.as_str())) {
            cells.extend((1..=line.replicates()).map(|number| (input.name.clone(), number)));
        }
        cells
    }

    /// Cells of the form that must be filled: at samples that were not cancelled, and what the whole sheet has once. What the
    /// calculation needs it asks for itself.
    pub(super) fn needed_of_form(&self, line: &Line) -> Vec<(String, i64)> {
        let is_sample = line.position.kind == "sample" && !line.is_cancelled();
        let needed = self.extras(line).filter(|field| field.required && (is_sample || field.scope == Scope::Sheet));
        needed.flat_map(|field| (1..=times(field, line)).map(move |number| (field.field.clone(), number))).collect()
    }

    /// A reason with the name of a cell: as the form calls it, else by the word of the input.
    pub(super) fn named(&self, reason: Reason, name: &str) -> Reason {
        match self.field_of(name) {
            Some(field) => reason.with("field_zh", &field.name_zh).with("field_en", &field.name_en),
            None => {
                let word = format!("input-{}", name.replace('_', "-"));
                reason.with_word("field_zh", word.clone()).with_word("field_en", word)
            }
        }
    }

    /// The newest codes of a kind that were typed into the form, each with when.
    pub fn recorded(&self, kind: FieldKind) -> Vec<(String, Moment)> {
        let fields: Vec<&str> = self.form.iter().filter(|field| field.kind == kind).map(RecordField::cell).collect();
        let is_shown = |entry: &&EntryRow| {
            let newest = self.newest(entry.position_id, &entry.field, entry.replicate);
            fields.contains(&entry.field.as_str()) && newest.is_some_and(|newest| newest.id == entry.id)
        };
        let mut codes: Vec<(String, Moment)> =
            self.entries.iter().filter(is_shown).map(|entry| (entry.value.clone(), entry.at)).collect();
        codes.sort_unstable();
        codes.dedup();
        codes
    }
}

/// How often a field stands at a place.
pub(super) fn times(field: &RecordField, line: &Line) -> i64 {
    match field.scope {
        Scope::Sheet | Scope::Position => 1,
        Scope::Determination => line.replicates(),
    }
}

/// Longest text of a field, in characters.
pub(super) const TEXT_MOST: usize = 200;

/// Why a value cannot stand in a field of its own.
pub(super) fn unreadable(field: &RecordField, value: &str) -> Option<Reason> {
    let wrong = || VALUE_UNREADABLE.with("value", value);
    match field.kind {
        FieldKind::Decimal => Decimal::parse(value).is_err().then(wrong),
        FieldKind::Integer => value.parse::<i64>().is_err().then(wrong),
        FieldKind::Choice => unlisted(field, value),
        FieldKind::Time => {
            let is_time = Moment::parse_rfc3339(value).or_else(|| Moment::parse_in_china(value)).is_some();
            (!is_time).then(|| FIELD_INVALID.reason().with_word("expected", "expected-time"))
        }
        FieldKind::Text | FieldKind::Equipment | FieldKind::Lot => {
            let is_printable = !value.chars().any(char::is_control);
            (!is_printable).then(|| FIELD_INVALID.reason().with_word("expected", "expected-printable"))
        }
    }
}

/// A choice holds one of its words, in either language.
pub(super) fn unlisted(field: &RecordField, value: &str) -> Option<Reason> {
    let is_listed = field.choices.iter().any(|(zh, en)| zh == value || en == value);
    let is_wrong = field.kind == FieldKind::Choice && !is_listed;
    is_wrong.then(|| FIELD_INVALID.reason().with_word("expected", "expected-listed"))
}

/// Whether a number lies outside of what the form calls plausible.
pub(super) fn is_implausible(field: &RecordField, value: &str) -> bool {
    Decimal::parse(value).is_ok_and(|number| field.is_implausible(&number))
}

/// What is plausible, as it is said: `10~35 °C`, `≥ 1`.
pub(super) fn range(field: &RecordField) -> String {
    let bounds = match (&field.low, &field.high) {
        (Some(low), Some(high)) => format!("{low}~{high}"),
        (Some(low), None) => format!("≥ {low}"),
        (None, Some(high)) => format!("≤ {high}"),
        (None, None) => String::new(),
    };
    format!("{bounds} {}", field.unit).trim().to_owned()
}

/// A reason for every code among new entries that no equipment and no lot bears; a statement for each kind that occurs.
pub(super) fn require_known(
    conn: &mut Conn,
    sheet: &Sheet,
    rows: &[NewEntryRow],
    reasons: &mut Reasons,
) -> Outcome<()> {
    let of = |kind: FieldKind| -> Vec<&NewEntryRow> {
        rows.iter().filter(|row| sheet.field_of(&row.field).is_some_and(|field| field.kind == kind)).collect()
    };
    let codes = |rows: &[&NewEntryRow]| -> Vec<String> { rows.iter().map(|row| row.value.clone()).collect() };
    let cell = |row: &NewEntryRow| format!("v-{}-{}-{}", row.position_id, row.field, row.replicate);
    let typed = of(FieldKind::Equipment);
    if !typed.is_empty() {
        let known = equipment::known_codes(conn, &codes(&typed))?;
        for row in typed.into_iter().filter(|row| !known.contains(&row.value)) {
            reasons.add(FIELD_INVALID.at(cell(row)).with_word("expected", "expected-instrument"));
        }
    }
    let typed = of(FieldKind::Lot);
    if !typed.is_empty() {
        let known = lots::last_days(conn, &codes(&typed))?;
        for row in typed.into_iter().filter(|row| !known.iter().any(|(code, _)| *code == row.value)) {
            reasons.add(LOT_UNKNOWN.with("code", &row.value).at(cell(row)));
        }
    }
    Ok(())
}
