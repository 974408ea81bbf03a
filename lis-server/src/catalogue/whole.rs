//! The catalogue as one: everything that the laboratory judges by, read from its sets, and what it answers about procedures.

use std::collections::BTreeSet;

use super::actions::SHIPPED_BY;
use super::categories::Categories;
use super::import::{self, Evaluation, FormulaRow, RecordField, UncertaintyBudget};
use super::reference::{
    Analytes, CalendarDay, Completeness, DetectionLimit, ImplementingRule, LimitRow, MethodRow, Standard,
};
use super::search::LimitCatalogue;
use super::store::SetRow;
use super::table::{File, RowError};
use crate::domain::calendar::{CalendarException, WorkingCalendar};
use crate::domain::hash::sha256_of;
use crate::domain::ids::CatalogueSetId;
use crate::domain::refusal::{Fault, Outcome};

/// Everything the laboratory judges by, as it was imported last.
#[derive(Debug)]
pub struct Catalogue {
    pub categories: Categories,
    pub analytes: Analytes,
    pub standards: Vec<Standard>,
    pub completeness: Vec<Completeness>,
    pub limits: Vec<LimitRow>,
    pub methods: Vec<MethodRow>,
    pub detection_limits: Vec<DetectionLimit>,
    pub rules: Vec<ImplementingRule>,
    pub formulas: Vec<FormulaRow>,
    /// Fields of the raw-record forms.
    pub record_forms: Vec<RecordField>,
    pub uncertainties: Vec<UncertaintyBudget>,
    pub calendar: WorkingCalendar,
    pub calendar_days: Vec<CalendarDay>,
    /// The sets it was read from, by kind.
    pub sets: Vec<SetRow>,
}

impl Catalogue {
    pub(super) fn read(sets: Vec<SetRow>, contents: &[(CatalogueSetId, String)]) -> Outcome<Self> {
        let file = |kind: &str| -> Outcome<File<'_>> {
            let set = sets.iter().find(|set| set.kind == kind);
            let found = set.and_then(|set| contents.iter().find(|(id, _)| *id == set.id));
            let (_, text) = found.ok_or_else(|| Fault::broken(format!("the catalogue has no set of {kind}")))?;
            Ok(File::new("set", text.as_bytes()))
        };
        let categories = import::read_food_categories(file("food_categories")?).map_err(unreadable)?;
        let analytes = import::read_analytes(file("analytes")?).map_err(unreadable)?;
        let standards = import::read_standards(file("standards")?).map_err(unreadable)?;
        let vocabulary = import::Vocabulary { categories: &categories, analytes: &analytes, standards: &standards };
        let limits = import::read_limits(file("limits")?, &vocabulary).map_err(unreadable)?;
        let calendar_days = import::read_calendar(file("calendar")?).map_err(unreadable)?;
        Ok(Self {
            completeness: import::read_completeness(file("completeness")?).map_err(unreadable)?,
            methods: import::read_methods(file("methods")?).map_err(unreadable)?,
            detection_limits: import::read_detection_limits(file("detection_limits")?).map_err(unreadable)?,
            rules: import::read_implementing_rules(file("implementing_rules")?).map_err(unreadable)?,
            formulas: import::read_formulas(file("formulas")?).map_err(unreadable)?,
            record_forms: import::read_record_forms(file("record_forms")?).map_err(unreadable)?,
            uncertainties: import::read_uncertainties(file("uncertainties")?).map_err(unreadable)?,
            calendar: calendar_of(&calendar_days)?,
            calendar_days,
            categories,
            analytes,
            standards,
            limits,
            sets,
        })
    }

    /// The limits, ready to be searched.
    pub fn search(&self) -> LimitCatalogue<'_> {
        LimitCatalogue::new(&self.categories, &self.analytes, &self.standards, &self.completeness, &self.limits)
    }

    /// The set of a kind, for records that name it.
    pub fn set(&self, kind: &str) -> Option<&SetRow> {
        self.sets.iter().find(|set| set.kind == kind)
    }

    /// Whether a set is still the one that the program brought: nobody in the laboratory has compared it with print.
    pub fn is_shipped(&self, kind: &str) -> bool {
        self.set(kind).is_some_and(|set| set.imported_by == SHIPPED_BY)
    }

    pub fn method(&self, key: &str) -> Option<&MethodRow> {
        self.methods.iter().find(|row| row.key == key)
    }

    /// The rule of calculation of a procedure for an analyte; without one the reading is the result. A procedure that asks for
    /// more parallel determinations than its rule gets them.
    pub fn formula(&self, method: &str, analyte: &str, unit: &str) -> FormulaRow {
        let mut found: Vec<&FormulaRow> = self.calculations_of(method, analyte).collect();
        found.sort_by_key(|row| row.analytes.is_empty());
        let mut rule = found.first().map_or_else(|| FormulaRow::direct(method, unit), |row| (*row).clone());
        // Plates are no parallels in this sense: their number belongs to the dilutions.
        if matches!(rule.evaluation, Evaluation::Formula { .. } | Evaluation::Direct) {
            let parallel = self.method(method).and_then(|row| row.parallel).unwrap_or(1);
            rule.parallel = rule.parallel.max(parallel);
        }
        rule
    }

    /// Whether a procedure has a rule of calculation for an analyte. Without one its reading is taken as the result, and no controls
    /// stand beside it: who chooses the procedure is told.
    pub fn has_rule(&self, method: &str, analyte: &str) -> bool {
        self.calculations_of(method, analyte).next().is_some()
    }

    fn calculations_of<'c>(&'c self, method: &str, analyte: &str) -> impl Iterator<Item = &'c FormulaRow> {
        self.formulas.iter().filter(move |row| {
            row.method == method && (row.analytes.is_empty() || row.analytes.iter().any(|key| key == analyte))
        })
    }

    /// The raw-record form of a procedure, field by field in its order; empty: it has none.
    pub fn record_form(&self, method: &str) -> Vec<RecordField> {
        let is_own = |field: &&RecordField| field.methods.iter().any(|key| key == method);
        let mut fields: Vec<RecordField> = self.record_forms.iter().filter(is_own).cloned().collect();
        fields.sort_by_key(|field| field.position);
        fields
    }

    /// Names of what is entered for the calculations of a procedure.
    pub fn inputs_of(&self, method: &str) -> BTreeSet<&str> {
        let rules = self.formulas.iter().filter(|row| row.method == method);
        let inputs: BTreeSet<&str> = rules.flat_map(|row| &row.inputs).map(|input| input.name.as_str()).collect();
        // Without a rule of its own the reading is the result.
        if inputs.is_empty() { BTreeSet::from([DIRECT_INPUT]) } else { inputs }
    }

    /// The hash of everything that is in force together: two laboratories with the same sets have the same.
    pub fn fingerprint(&self) -> String {
        let mut lines: Vec<String> = self.sets.iter().map(|set| format!("{} {}\n", set.kind, set.sha256)).collect();
        lines.sort_unstable();
        sha256_of(lines.concat().as_bytes())
    }
}

/// What is entered where no rule of calculation is: see [`FormulaRow::direct`].
const DIRECT_INPUT: &str = "reading";

impl MethodRow {
    /// As papers name it: `GB 5009.12-2023 第一法`.
    pub fn text(&self) -> String {
        let edition = self.edition.map(|year| format!("-{year}")).unwrap_or_default();
        let procedure = self.procedure.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
        format!("{}{edition}{procedure}", self.standard)
    }
}

fn calendar_of(days: &[CalendarDay]) -> Outcome<WorkingCalendar> {
    let rows = days.iter().map(|day| CalendarException { date: day.date, kind: day.kind });
    WorkingCalendar::new(rows).map_err(Fault::broken)
}

fn unreadable(errors: Vec<RowError>) -> Fault {
    let first = errors.first().map(ToString::to_string).unwrap_or_default();
    Fault::broken(format!("a stored catalogue set cannot be read: {first}"))
}
