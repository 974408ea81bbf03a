//! A worksheet in memory: positions, items, what was entered; and what its items ask of the calculation.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::asking::{claim_asked, limit_asked, method_asked, uncertainty_asked};
use super::compute::{Asked, Portion, in_unit};
use super::concentrating::in_force;
use super::controls::Target;
use super::corrections::CorrectedValue;
use super::curves::CurveAsked;
use super::dependencies::{is_converted, unadded};
use super::places::STANDARD;
use super::state::{ItemState, WorksheetState};
use super::store::{self, EntryRow, ItemRow, PositionRow, SheetLine, WorksheetRow};
use super::taken::Taken;
use super::{CALCULATION_FAILED, INPUT_MISSING};
use crate::catalogue::Catalogue;
use crate::catalogue::import::{Evaluation, FormulaRow, Input, RecordField};
use crate::db::Conn;
use crate::domain::ids::{ItemId, PositionId, ResultEntryId, WorksheetId};
use crate::domain::refusal::{Fault, NOT_FOUND, Outcome, Reason, Reasons};
use crate::judgement::JudgementError;

/// A worksheet with everything on it.
pub struct Sheet {
    pub row: WorksheetRow,
    pub state: WorksheetState,
    pub lines: Vec<Line>,
    /// In order of cell and number.
    pub entries: Vec<EntryRow>,
    /// Fields of the procedure's raw-record form, in their order; empty where it has none.
    pub form: Vec<RecordField>,
    /// What its items take from others of their samples, once that is known.
    pub taken: Vec<(ItemId, Vec<Taken>)>,
}

/// What was entered for an item.
pub struct Entered {
    /// In their order.
    pub portions: Vec<Portion>,
    /// The curve that reads them, where the method reads by one.
    pub curve: Option<CurveAsked>,
    /// What the certificates of instruments corrected of it.
    pub corrections: Vec<CorrectedValue>,
    /// The entries that it all rests on.
    pub entries: Vec<ResultEntryId>,
}

/// One position.
pub struct Line {
    pub position: PositionRow,
    pub item: Option<ItemRow>,
    /// Number of the item's newest result; 0 without one.
    pub newest_version: i64,
    pub target: Target,
    /// How its readings are evaluated.
    pub rule: FormulaRow,
}

impl Sheet {
    /// Two statements.
    pub fn load(conn: &mut Conn, id: WorksheetId, catalogue: &Catalogue) -> Outcome<Self> {
        Self::load_all(conn, &[id], catalogue)?.pop().ok_or_else(|| NOT_FOUND.into())
    }

    /// Those of the sheets that exist, in order of id. Two statements, however many they are.
    pub fn load_all(conn: &mut Conn, ids: &[WorksheetId], catalogue: &Catalogue) -> Outcome<Vec<Self>> {
        let lines = store::sheets(conn, ids)?;
        let positions: Vec<PositionId> = lines.iter().map(|line| line.1.id).collect();
        let entries = store::entries(conn, &positions)?;
        lines.chunk_by(|one, next| one.0.id == next.0.id).map(|lines| Self::of(lines, &entries, catalogue)).collect()
    }

    /// The sheet of lines that were read before a write, with its entries as they are now. One statement. Whether the sheet or an
    /// item changed since then shows when they are moved: each at the version of its line.
    pub fn with_entries(conn: &mut Conn, lines: &[SheetLine], catalogue: &Catalogue) -> Outcome<Self> {
        let positions: Vec<PositionId> = lines.iter().map(|line| line.1.id).collect();
        let entries = store::entries(conn, &positions)?;
        Self::of(lines, &entries, catalogue)
    }

    fn of(lines: &[SheetLine], entries: &[EntryRow], catalogue: &Catalogue) -> Outcome<Self> {
        let row = lines.first().ok_or(NOT_FOUND)?.0.clone();
        let state = WorksheetState::parse(&row.state).ok_or_else(|| Fault::broken("unknown worksheet state"))?;
        let own = |entry: &&EntryRow| lines.iter().any(|line| line.1.id == entry.position_id);
        let entries = entries.iter().filter(own).cloned().collect();
        let lines = lines
            .iter()
            .cloned()
            .map(|(_, position, item, newest)| {
                let target: Target = serde_json::from_str(&position.target).unwrap_or_default();
                let rule = rule_of(catalogue, &row.method_key, item.as_ref(), &target);
                Line { position, item, newest_version: newest.unwrap_or(0), target, rule }
            })
            .collect();
        let form = catalogue.record_form(&row.method_key);
        Ok(Self { row, state, lines, entries, form, taken: Vec::new() })
    }

    /// Puts the rules in which results were made in place of those that are in force now: what was submitted is read,
    /// calculated and corrected as it was then. A control follows the results of its analyte.
    pub fn as_judged(&mut self, in_force: &[(ItemId, &Asked)]) {
        for line in &mut self.lines {
            let own = line.item.as_ref().and_then(|item| in_force.iter().find(|(of, _)| *of == item.id));
            let alike = in_force.iter().find(|(_, asked)| asked.analyte == line.target.analyte);
            if let Some((_, asked)) = own.or(alike) {
                line.rule = asked.rule_over(&line.rule);
            }
        }
    }

    pub fn line(&self, position: PositionId) -> Option<&Line> {
        self.lines.iter().find(|line| line.position.id == position)
    }

    /// The entry that a cell shows: the newest.
    pub fn newest(&self, position: PositionId, field: &str, replicate: i64) -> Option<&EntryRow> {
        self.entries
            .iter()
            .rfind(|entry| entry.position_id == position && entry.field == field && entry.replicate == replicate)
    }

    /// The items of the sheet, each once, in order of place. An item that went to another sheet or was cancelled meanwhile
    /// is left out.
    pub fn items(&self) -> Vec<&Line> {
        let own = |line: &&Line| {
            line.position.kind == "sample"
                && line.item.as_ref().is_some_and(|item| item.worksheet_id == Some(self.row.id))
                && !line.is_cancelled()
        };
        let mut seen: Vec<ItemId> = Vec::new();
        let mut items = Vec::new();
        for line in self.lines.iter().filter(own) {
            if let Some(item) = &line.item
                && !seen.contains(&item.id)
            {
                seen.push(item.id);
                items.push(line);
            }
        }
        items
    }

    /// Whether every item of the sheet was cancelled.
    pub fn is_abandoned(&self) -> bool {
        self.lines.iter().filter(|line| line.position.kind == "sample").all(Line::is_cancelled)
    }

    /// Whether a place is measured no more: its item was cancelled before everything taken from it was measured, or rests
    /// on other items, which give it nothing any more. What was whole by then still speaks as a control.
    pub fn is_dropped(&self, line: &Line) -> bool {
        let Some(cancelled) = line.item.as_ref().filter(|_| line.is_cancelled()) else { return false };
        let of_item = |other: &&Line| other.item.as_ref().is_some_and(|item| item.id == cancelled.id);
        !line.rule.from.is_empty()
            || self.lines.iter().filter(of_item).any(|other| !self.empty(other, other.needed()).is_empty())
    }

    /// Cells that are still empty and must not be. Of a place that is measured no more the form still asks for what the whole
    /// sheet has once.
    pub fn missing(&self, line: &Line) -> Vec<(String, i64)> {
        let mut needed = if self.is_dropped(line) { Vec::new() } else { line.needed() };
        needed.extend(self.needed_of_form(line));
        self.empty(line, needed)
    }

    /// Those of the cells in which nothing was entered.
    fn empty(&self, line: &Line, mut cells: Vec<(String, i64)>) -> Vec<(String, i64)> {
        cells.retain(|(field, replicate)| self.newest(line.position.id, field, *replicate).is_none());
        cells
    }

    /// Whether everything is there that an item's calculation needs from its own positions.
    pub fn is_measured(&self, item: ItemId) -> bool {
        let own = |line: &&Line| line.position.kind == "sample" && line.item.as_ref().is_some_and(|it| it.id == item);
        self.lines.iter().filter(own).all(|line| self.missing(line).is_empty())
    }

    /// A reason for every empty cell; a sheet whose items were all cancelled needs none filled.
    pub fn require_complete(&self, reasons: &mut Reasons) {
        if self.is_abandoned() {
            return;
        }
        for line in &self.lines {
            for (field, replicate) in self.missing(line) {
                let cell = format!("v-{}-{field}-{replicate}", line.position.id);
                let missing =
                    INPUT_MISSING.with("label", line.position.label_code.as_str()).with("replicate", replicate);
                reasons.add(self.named(missing, &field).at(cell));
            }
        }
    }

    /// What was entered at a position, in the units of the rule, and the entries it rests on.
    pub(super) fn portion(&self, line: &Line) -> Result<(Portion, Vec<ResultEntryId>), JudgementError> {
        let mut used = Vec::new();
        let mut determinations = Vec::new();
        for replicate in 1..=i64::from(line.rule.parallel.max(1)) {
            let mut given = BTreeMap::new();
            for input in line.inputs() {
                if let Some(entry) = self.newest(line.position.id, &input.name, replicate) {
                    let to = if line.has_units() { input.unit.as_str() } else { entry.unit.as_str() };
                    given.insert(input.name.clone(), in_unit(&entry.value, &entry.unit, to)?);
                    used.push(entry.id);
                }
            }
            if given.is_empty() {
                continue;
            }
            if line.rule.needs_blank() {
                match self.blank_entry(line) {
                    Some(_) if line.position.kind == "blank" => {
                        // Nothing is taken from the blank itself; with a curve a 0 would be a signal.
                        let nothing = if line.rule.curve.is_some() { "ND" } else { "0" };
                        given.insert("blank".to_owned(), nothing.to_owned());
                    }
                    Some(entry) => {
                        let unit = line.unit_of("reading");
                        given.insert("blank".to_owned(), in_unit(&entry.value, &entry.unit, unit)?);
                        if !used.contains(&entry.id) {
                            used.push(entry.id);
                        }
                    }
                    None => {}
                }
            }
            determinations.push(given);
        }
        Ok((Portion { label_code: line.position.label_code.clone(), determinations }, used))
    }

    /// The reading of the blank that belongs to a line's analyte.
    fn blank_entry(&self, line: &Line) -> Option<&EntryRow> {
        let blank =
            self.lines.iter().find(|other| other.position.kind == "blank" && other.target.analyte == line.analyte())?;
        self.newest(blank.position.id, "reading", 1)
    }

    /// What the calculation of the item of a line takes from the sheet.
    pub fn entered(&self, line: &Line, item: ItemId) -> Outcome<Entered> {
        let mut portions = Vec::new();
        let (curve, mut entries) = match self.curve_of(line)? {
            Some(curve) => (Some(curve.asked), curve.entries),
            None => (None, Vec::new()),
        };
        let own = |line: &&Line| line.position.kind == "sample" && line.item.as_ref().is_some_and(|it| it.id == item);
        for line in self.lines.iter().filter(own) {
            let (portion, used) = self.portion(line).map_err(|error| failed(line, &error))?;
            portions.push(portion);
            entries.extend(used);
        }
        entries.sort_unstable();
        entries.dedup();
        let corrections = self.corrections_of(&entries);
        Ok(Entered { portions, curve, corrections, entries })
    }

    /// What the item of a line takes from others of its sample.
    pub(super) fn taken_of(&self, line: &Line) -> &[Taken] {
        let own = self.taken.iter().find(|(of, _)| line.item.as_ref().is_some_and(|item| item.id == *of));
        own.map_or(&[][..], |(_, taken)| taken.as_slice())
    }

    /// What an item asks, on the day of the test.
    pub fn asked(
        &self,
        line: &Line,
        item: &ItemRow,
        (catalogue, tested_on): (&Catalogue, NaiveDate),
        from: Vec<Taken>,
    ) -> Outcome<(Asked, Vec<ResultEntryId>)> {
        let Entered { portions, curve, corrections, entries } = self.entered(line, item.id)?;
        let asked = Asked {
            analyte: item.analyte.clone(),
            method: method_asked(catalogue, &self.row.method_key, &item.analyte, &line.rule.unit, &item.food),
            evaluation: line.rule.evaluation.clone(),
            formula_version: line.rule.version,
            inputs: line.rule.inputs.clone(),
            unit: line.rule.unit.clone(),
            limit: limit_asked(catalogue, item, line.rule.basis),
            food: item.food.clone(),
            produced_on: item.produced_on,
            tested_on,
            portions,
            curve,
            from,
            corrections,
            uncertainty: uncertainty_asked(catalogue, item, &self.row.method_key),
            established: None,
            rules_edition: item.rules_edition.clone(),
            claim: claim_asked(item),
            unadded: unadded(catalogue, &item.analyte, line.rule.parts),
            converted: is_converted(catalogue, &item.analyte),
        };
        Ok((asked.concentrated(in_force(&item.limit_factor)), entries))
    }
}

pub(super) fn failed(line: &Line, error: &JudgementError) -> Reason {
    CALCULATION_FAILED.with("label", line.position.label_code.as_str()).with("why", error)
}

impl Line {
    /// Its item was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.item.as_ref().is_some_and(|item| item.state == ItemState::Cancelled.code())
    }

    pub fn analyte(&self) -> &str {
        self.item.as_ref().map_or(&self.target.analyte, |item| &item.analyte)
    }

    /// What the item's food is to the limits; empty for a control.
    pub(super) fn food(&self) -> &str {
        self.item.as_ref().map_or("", |item| &item.food)
    }

    /// The named inputs that are entered at this position.
    pub fn inputs(&self) -> &[Input] {
        let only_reading = matches!(self.position.kind.as_str(), "blank" | "check" | STANDARD);
        if only_reading && matches!(self.rule.evaluation, Evaluation::Formula { .. }) {
            let reading = self.rule.inputs.iter().position(|input| input.name == "reading").unwrap_or(0);
            return &self.rule.inputs[reading..=reading];
        }
        // A reference material belongs to no sample that anything could be taken from: all of it is entered.
        if self.item.is_some() { self.rule.entered() } else { &self.rule.inputs }
    }

    /// Whether the unit of an input is a unit (on plates it is the amount of sample).
    pub fn has_units(&self) -> bool {
        matches!(self.rule.evaluation, Evaluation::Formula { .. } | Evaluation::Direct)
    }

    pub fn unit_of(&self, field: &str) -> &str {
        self.rule.inputs.iter().find(|input| input.name == field).map_or("", |input| &input.unit)
    }

    /// How many determinations are entered here.
    pub fn replicates(&self) -> i64 {
        match (self.position.kind.as_str(), &self.rule.evaluation) {
            ("blank" | "check" | STANDARD, Evaluation::Formula { .. } | Evaluation::Direct) => 1,
            _ => i64::from(self.rule.parallel.max(1)),
        }
    }

    /// Cells that must be filled: all inputs, of plates those of the first dilution.
    fn needed(&self) -> Vec<(String, i64)> {
        let inputs = match self.rule.evaluation {
            Evaluation::Plates { .. } => &self.inputs()[..1],
            _ => self.inputs(),
        };
        let cells =
            inputs.iter().flat_map(|input| (1..=self.replicates()).map(|replicate| (input.name.clone(), replicate)));
        cells.collect()
    }
}

fn rule_of(catalogue: &Catalogue, method: &str, item: Option<&ItemRow>, target: &Target) -> FormulaRow {
    match item {
        Some(item) => catalogue.formula(method, &item.analyte, &item.unit),
        None => catalogue.formula(method, &target.analyte, ""),
    }
}
