//! A worksheet in memory: positions, items, what was entered; and what its items ask of the calculation.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::compute::{
    Asked, LIMIT_BASIS, LIMIT_CONDITION, LIMITS_SEVERAL, LimitAsked, LimitRowAsked, MethodAsked, Portion, PortionValue,
    in_unit, portion_value,
};
use super::controls::{self, Control, SheetVerdict, Target};
use super::state::WorksheetState;
use super::store::{self, EntryRow, ItemRow, PositionRow, SheetLine, WorksheetRow};
use super::{CALCULATION_FAILED, INPUT_MISSING};
use crate::catalogue::Catalogue;
use crate::catalogue::api::LimitView;
use crate::catalogue::import::{Evaluation, FormulaRow, Input};
use crate::catalogue::methods::detection_limit;
use crate::catalogue::reference as rows;
use crate::catalogue::search::{Food, FoundLimit, LimitQuery};
use crate::db::Conn;
use crate::domain::decimal::Decimal;
use crate::domain::ids::{ItemId, PositionId, ResultEntryId, WorksheetId};
use crate::domain::refusal::{Fault, NOT_FOUND, Outcome, Reason, Reasons};
use crate::judgement::JudgementError;
use crate::judgement::limit::{Bound, Comparison, LimitRule};
use crate::judgement::measured::MeasuredValue;
use crate::judgement::micro::MicroPlan;
use crate::judgement::rounding::{DigitLevel, Digits};
use crate::judgement::units;

/// A worksheet with everything on it.
pub struct Sheet {
    pub row: WorksheetRow,
    pub state: WorksheetState,
    pub lines: Vec<Line>,
    /// In order of cell and number.
    pub entries: Vec<EntryRow>,
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
        Ok(Self { row, state, lines, entries })
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

    /// The items of the sheet, each once, in order of place. An item that went to another sheet meanwhile is left out.
    pub fn items(&self) -> Vec<&Line> {
        let own = |line: &&Line| {
            line.position.kind == "sample"
                && line.item.as_ref().is_some_and(|item| item.worksheet_id == Some(self.row.id))
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

    /// Cells that are still empty and must not be.
    pub fn missing(&self, line: &Line) -> Vec<(String, i64)> {
        let needed = line.needed();
        needed
            .into_iter()
            .filter(|(field, replicate)| self.newest(line.position.id, field, *replicate).is_none())
            .collect()
    }

    /// Whether everything is there that an item's calculation needs from its own positions.
    pub fn is_measured(&self, item: ItemId) -> bool {
        let own = |line: &&Line| line.position.kind == "sample" && line.item.as_ref().is_some_and(|it| it.id == item);
        self.lines.iter().filter(own).all(|line| self.missing(line).is_empty())
    }

    /// A reason for every empty cell.
    pub fn require_complete(&self, reasons: &mut Reasons) {
        for line in &self.lines {
            for (field, replicate) in self.missing(line) {
                reasons.add(
                    INPUT_MISSING
                        .with("label", line.position.label_code.as_str())
                        .with_word("field", format!("input-{}", field.replace('_', "-")))
                        .with("replicate", replicate)
                        .at(format!("v-{}-{field}-{replicate}", line.position.id)),
                );
            }
        }
    }

    /// What was entered at a position, in the units of the rule, and the entries it rests on.
    fn portion(&self, line: &Line) -> Result<(Portion, Vec<ResultEntryId>), JudgementError> {
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
                    Some(_) if line.position.kind == "blank" => drop(given.insert("blank".into(), "0".into())),
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

    /// The portions of an item in their order, with the entries they rest on.
    pub fn portions(&self, item: ItemId) -> Outcome<(Vec<Portion>, Vec<ResultEntryId>)> {
        let mut portions = Vec::new();
        let mut entries: Vec<ResultEntryId> = Vec::new();
        let own = |line: &&Line| line.position.kind == "sample" && line.item.as_ref().is_some_and(|it| it.id == item);
        for line in self.lines.iter().filter(own) {
            let (portion, used) = self.portion(line).map_err(|error| failed(line, &error))?;
            portions.push(portion);
            entries.extend(used);
        }
        entries.sort_unstable();
        entries.dedup();
        Ok((portions, entries))
    }

    /// What an item asks, on the day of the test.
    pub fn asked(
        &self,
        line: &Line,
        item: &ItemRow,
        catalogue: &Catalogue,
        tested_on: NaiveDate,
    ) -> Outcome<(Asked, Vec<ResultEntryId>)> {
        let (portions, entries) = self.portions(item.id)?;
        let asked = Asked {
            analyte: item.analyte.clone(),
            method: method_asked(catalogue, &self.row.method_key, &item.analyte, &line.rule.unit, &item.food),
            evaluation: line.rule.evaluation.clone(),
            formula_version: line.rule.version,
            inputs: line.rule.inputs.clone(),
            unit: line.rule.unit.clone(),
            limit: limit_asked(catalogue, item),
            food: item.food.clone(),
            produced_on: item.produced_on,
            tested_on,
            portions,
        };
        Ok((asked, entries))
    }

    /// The verdicts over all controls.
    pub fn verdict(&self, catalogue: &Catalogue) -> Outcome<SheetVerdict> {
        let mut found = Vec::new();
        for line in &self.lines {
            let value = self.control_value(line, catalogue).map_err(|error| failed(line, &error))?;
            found.push(value);
        }
        let mut controls = Vec::new();
        for (line, value) in self.lines.iter().zip(&found) {
            let control = self.control(line, value, &found, catalogue).map_err(|error| failed(line, &error))?;
            controls.extend(control);
        }
        Ok(SheetVerdict::of(controls))
    }

    fn control_value(&self, line: &Line, catalogue: &Catalogue) -> Result<PortionValue, JudgementError> {
        let (mut portion, _) = self.portion(line)?;
        if line.position.kind == "blank" && matches!(line.rule.evaluation, Evaluation::Formula { .. }) {
            // A blank has no portion of its own: it is reckoned on the portion that the LOD belongs to.
            let method = method_asked(catalogue, &self.row.method_key, line.analyte(), &line.rule.unit, line.food());
            for given in &mut portion.determinations {
                for input in &line.rule.inputs {
                    let nominal = match input.name.as_str() {
                        "mass" => method.portion_g.clone(),
                        "volume" => method.volume_ml.clone(),
                        _ => None,
                    };
                    let value =
                        nominal.map(|value| value.to_string()).or_else(|| self.first_entered(line, &input.name));
                    given.entry(input.name.clone()).or_insert_with(|| value.unwrap_or_else(|| "1".to_owned()));
                }
            }
        }
        portion_value(&line.rule.evaluation, line.inputs(), &portion)
    }

    /// What the first sample of the same analyte has in a field.
    fn first_entered(&self, line: &Line, field: &str) -> Option<String> {
        let samples =
            self.lines.iter().filter(|other| other.position.kind == "sample" && other.analyte() == line.analyte());
        samples.filter_map(|other| self.newest(other.position.id, field, 1)).map(|entry| entry.value.clone()).next()
    }

    fn control(
        &self,
        line: &Line,
        value: &PortionValue,
        all: &[PortionValue],
        catalogue: &Catalogue,
    ) -> Result<Option<Control>, JudgementError> {
        let native = || {
            let places = self.lines.iter().zip(all);
            let same = |other: &Line| {
                other.position.kind == "sample"
                    && other.item.as_ref().map(|item| item.id) == line.item.as_ref().map(|item| item.id)
            };
            places.filter(|(other, _)| same(other)).map(|(_, value)| value.clone()).next()
        };
        let control = |kind: &str, expected: String, figure: String, verdict| {
            Ok(Some(Control {
                kind: kind.to_owned(),
                label_code: line.position.label_code.clone(),
                analyte: line.analyte().to_owned(),
                found: value.text.clone(),
                expected,
                figure,
                verdict,
            }))
        };
        match line.position.kind.as_str() {
            "blank" => {
                let method =
                    method_asked(catalogue, &self.row.method_key, line.analyte(), &line.rule.unit, line.food());
                let factor = units::factor(&method.lod_unit, &line.rule.unit).ok();
                let lod = method
                    .lod
                    .zip(factor)
                    .and_then(|(lod, factor)| Decimal::from_ratio_finite(&(lod.to_ratio() * factor)));
                let lowest = self.lowest(line, all);
                let (expected, verdict) = controls::blank(&line.rule, value, lod.as_ref(), lowest.as_ref());
                control("blank", expected, String::new(), verdict)
            }
            "duplicate" => match native() {
                Some(first) => {
                    let (figure, verdict) = controls::duplicate(&line.rule, &first.value, &value.value)?;
                    control("duplicate", first.text, figure, verdict)
                }
                None => Ok(None),
            },
            "spike" => match (native(), &line.target.added) {
                (Some(first), Some(added)) => {
                    let (figure, verdict) = controls::spike(&line.rule, &first.value, &value.value, added)?;
                    control("spike", format!("{} + {added}", first.text), figure, verdict)
                }
                _ => Ok(None),
            },
            "reference" => match (&line.target.certified, &line.target.uncertainty) {
                (Some(certified), Some(uncertainty)) => {
                    let (figure, verdict) = controls::reference(&value.value, certified, uncertainty)?;
                    control("reference", format!("{certified} ± {uncertainty}"), figure, verdict)
                }
                _ => Ok(None),
            },
            _ => self.parallels(line).map(|found| {
                found.map(|(figure, verdict)| Control {
                    kind: "parallel".to_owned(),
                    label_code: line.position.label_code.clone(),
                    analyte: line.analyte().to_owned(),
                    found: value.text.clone(),
                    expected: String::new(),
                    figure,
                    verdict,
                })
            }),
        }
    }

    /// Parallel determinations of a sample by a formula must agree; plates are not parallels in this sense.
    fn parallels(&self, line: &Line) -> Result<Option<(String, crate::judgement::qc::QcVerdict)>, JudgementError> {
        if line.rule.parallel < 2 || !matches!(line.rule.evaluation, Evaluation::Formula { .. } | Evaluation::Direct) {
            return Ok(None);
        }
        let (portion, _) = self.portion(line)?;
        let mut values = Vec::new();
        for given in portion.determinations {
            let one = Portion { label_code: String::new(), determinations: vec![given] };
            values.push(portion_value(&line.rule.evaluation, line.inputs(), &one)?.value);
        }
        match values.as_slice() {
            [first, second, ..] => controls::duplicate(&line.rule, first, second).map(Some),
            _ => Ok(None),
        }
    }

    /// The lowest number among the samples of a blank's analyte.
    fn lowest(&self, line: &Line, all: &[PortionValue]) -> Option<Decimal> {
        let numbers = self.lines.iter().zip(all).filter_map(|(other, value)| match &value.value {
            MeasuredValue::Number(number) if other.position.kind == "sample" && other.analyte() == line.analyte() => {
                Some(number.clone())
            }
            _ => None,
        });
        numbers.min_by(Decimal::cmp_value)
    }
}

fn failed(line: &Line, error: &JudgementError) -> Reason {
    CALCULATION_FAILED.with("label", line.position.label_code.as_str()).with("why", error)
}

impl Line {
    pub fn analyte(&self) -> &str {
        self.item.as_ref().map_or(&self.target.analyte, |item| &item.analyte)
    }

    /// What the item's food is to the limits; empty for a control.
    fn food(&self) -> &str {
        self.item.as_ref().map_or("", |item| &item.food)
    }

    /// The named inputs that are entered at this position.
    pub fn inputs(&self) -> &[Input] {
        let only_reading = self.position.kind == "blank" && matches!(self.rule.evaluation, Evaluation::Formula { .. });
        if only_reading {
            let reading = self.rule.inputs.iter().position(|input| input.name == "reading").unwrap_or(0);
            return &self.rule.inputs[reading..=reading];
        }
        &self.rule.inputs
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
            ("blank", Evaluation::Formula { .. } | Evaluation::Direct) => 1,
            _ => i64::from(self.rule.parallel.max(1)),
        }
    }

    /// Cells that must be filled: all inputs, of plates those of the first dilution.
    fn needed(&self) -> Vec<(String, i64)> {
        let inputs = match self.rule.evaluation {
            Evaluation::Plates => &self.inputs()[..1],
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

/// What the method says about a result in a food, as it goes into the record.
fn method_asked(catalogue: &Catalogue, key: &str, analyte: &str, unit: &str, food: &str) -> MethodAsked {
    let row = catalogue.method(key);
    let matrix = match food_of(catalogue, food) {
        Food::Placed { tree, category } => catalogue.categories.upwards(tree, category),
        Food::Named(_) => Vec::new(),
    };
    let limits = detection_limit(&catalogue.detection_limits, key, analyte, &matrix);
    MethodAsked {
        key: key.to_owned(),
        text: row.map_or_else(|| key.to_owned(), rows::MethodRow::text),
        digits: row.and_then(|row| row.digits.as_ref()).map(|digits| levels(digits, unit)).unwrap_or_default(),
        screening: row.is_some_and(|row| row.screening),
        lod: limits.and_then(|limits| limits.lod.clone()),
        loq: limits.and_then(|limits| limits.loq.clone()),
        lod_unit: limits.map_or_else(|| unit.to_owned(), |limits| limits.unit.clone()),
        portion_g: limits.and_then(|limits| limits.portion_g.clone()),
        volume_ml: limits.and_then(|limits| limits.volume_ml.clone()),
    }
}

fn levels(digits: &rows::Digits, unit: &str) -> Vec<DigitLevel> {
    let level = |below: Option<Decimal>, figures: u32| DigitLevel { below, digits: Digits::Significant(figures) };
    match digits {
        rows::Digits::PlateCount => Vec::new(),
        rows::Digits::Significant(rows::ByLevel::Always(figures)) => vec![level(None, *figures)],
        rows::Digits::Significant(rows::ByLevel::Split { at, unit: of, below, from }) => {
            let border =
                units::factor(of, unit).ok().and_then(|factor| Decimal::from_ratio_finite(&(at.to_ratio() * factor)));
            match border {
                Some(border) => vec![level(Some(border), *below), level(None, *from)],
                None => vec![level(None, *from)],
            }
        }
    }
}

/// The limits in force on the production date for an item's food.
pub fn limit_asked(catalogue: &Catalogue, item: &ItemRow) -> LimitAsked {
    let standards: Vec<&str> = item.limit_standards.split(';').map(str::trim).filter(|text| !text.is_empty()).collect();
    if standards.is_empty() {
        return LimitAsked::NotJudged;
    }
    let set = catalogue.set("limits").map_or(0, |set| set.id.0);
    let search = catalogue.search();
    let found = search.search(&LimitQuery {
        standards: &standards,
        food: food_of(catalogue, &item.food),
        analyte: &item.analyte,
        produced: item.produced_on,
    });
    let governing = found.governing();
    let Some(first) = governing.first() else {
        return if found.proves_absence() { LimitAsked::Absent { set } } else { LimitAsked::Unknown { set } };
    };
    let mut doubts = Vec::new();
    if !first.is_certain() {
        doubts.push(LIMIT_CONDITION.to_owned());
    }
    if governing.iter().any(|other| other.row.rule != first.row.rule || other.row.unit != first.row.unit) {
        doubts.push(LIMITS_SEVERAL.to_owned());
    }
    if matches!(first.row.basis, rows::Basis::Dry | rows::Basis::Fat | rows::Basis::Alcohol100) {
        doubts.push(LIMIT_BASIS.to_owned());
    }
    LimitAsked::Row(row_asked(set, first, doubts))
}

/// `tree:category` where the tree knows it, otherwise a name.
pub fn food_of<'a>(catalogue: &Catalogue, food: &'a str) -> Food<'a> {
    match food.split_once(':').filter(|(tree, id)| catalogue.categories.get(tree, id).is_some()) {
        Some((tree, category)) => Food::Placed { tree, category },
        None => Food::Named(food),
    }
}

fn row_asked(set: i64, found: &FoundLimit<'_>, doubts: Vec<String>) -> LimitRowAsked {
    let row = found.row;
    let unit = (!row.unit.is_empty()).then_some(row.unit.as_str());
    let bound = match &row.rule {
        rows::LimitRule::Max(value) => Some(Bound::Max { value: value.clone() }),
        rows::LimitRule::Min(value) => Some(Bound::Min { value: value.clone() }),
        rows::LimitRule::Range { low, high } => Some(Bound::Range { low: low.clone(), high: high.clone() }),
        rows::LimitRule::NotDetectable => Some(Bound::NotDetectable),
        rows::LimitRule::NotPermitted => Some(Bound::NotPermitted),
        rows::LimitRule::Gmp => Some(Bound::Gmp),
        rows::LimitRule::Microbiology { .. } => None,
    };
    let plan = match &row.rule {
        rows::LimitRule::Microbiology { n, c, m, big_m } => {
            Some(MicroPlan { n: *n, c: *c, m: m.clone(), maximum: big_m.clone() })
        }
        _ => None,
    };
    let comparison = match row.comparison {
        rows::Comparison::Full => Comparison::Full,
        rows::Comparison::Rounded => Comparison::Rounded,
    };
    LimitRowAsked {
        set,
        key: row.key.clone(),
        standard: row.standard.clone(),
        rule: bound.map(|bound| LimitRule { comparison, ..LimitRule::new(bound, unit) }),
        plan,
        unit: row.unit.clone(),
        text: LimitView::of(row, true, true).text(),
        doubts,
    }
}
