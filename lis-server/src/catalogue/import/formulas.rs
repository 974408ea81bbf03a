//! How the readings of a procedure become a result, as data.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::fields::Fields;
use super::super::table::{File, Problem, Table};
use super::{MOST_UNITS, Rows, all_or_nothing, read_rows, unique};
use crate::domain::decimal::Decimal;
use crate::judgement::formula::{Formula, FormulaExample};

/// One rule of calculation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormulaRow {
    /// Key of the method procedure.
    pub method: String,
    /// Analyte keys it holds for; empty: all of the procedure.
    pub analytes: Vec<String>,
    pub version: u32,
    pub evaluation: Evaluation,
    /// What is entered for each determination.
    pub inputs: Vec<Input>,
    /// Of the result.
    pub unit: String,
    /// Determinations of every sample; the result is their mean.
    pub parallel: u32,
    /// Largest difference of parallels and duplicates in percent of their mean.
    pub tolerance_percent: Option<Decimal>,
    /// Controls that every worksheet must have: blank, duplicate, spike, reference.
    pub controls: Vec<String>,
    pub recovery_low: Option<Decimal>,
    pub recovery_high: Option<Decimal>,
    /// The laboratory's instrument for this is connected: a typed reading needs a reason.
    pub connected: bool,
    pub source: String,
}

/// How inputs are evaluated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Evaluation {
    /// An expression over the inputs and `blank`, the reading of the worksheet's blank.
    Formula { expression: Formula },
    /// Colonies on plates; the unit of an input is grams or millilitres of sample on a plate (GB 4789.2).
    Plates,
    /// Detected or not detected in the portion.
    Detection,
    /// The reading is the result.
    Direct,
}

/// One named input of a determination.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    pub name: String,
    pub unit: String,
}

const COLUMNS: &[&str] = &[
    "method",
    "analytes",
    "version",
    "evaluation",
    "expression",
    "inputs",
    "unit",
    "parallel",
    "tolerance_percent",
    "controls",
    "recovery_low",
    "recovery_high",
    "connected",
    "example",
    "expected",
    "source",
];

/// Reads rules of calculation; a row whose worked example does not come out is refused.
pub fn read_formulas(file: File<'_>) -> Rows<FormulaRow> {
    let table = Table::read(file, COLUMNS, &[])?;
    let mut errors = Vec::new();
    let rows = read_rows(&table, &mut errors, |fields| {
        let inputs = read_inputs(fields);
        let evaluation = read_evaluation(fields, &inputs);
        for control in fields.list("controls").iter().filter(|name| !CONTROLS.contains(&name.as_str())) {
            fields.complain("controls", Problem::NotAllowed, format!("{} (not {control})", CONTROLS.join(", ")));
        }
        Some(FormulaRow {
            method: fields.required("method"),
            analytes: fields.list("analytes"),
            version: fields.whole("version", 1, 9999),
            evaluation: evaluation?,
            inputs,
            unit: fields.required("unit"),
            parallel: fields.whole("parallel", 1, MOST_UNITS),
            tolerance_percent: fields.decimal("tolerance_percent"),
            controls: fields.list("controls"),
            recovery_low: fields.decimal("recovery_low"),
            recovery_high: fields.decimal("recovery_high"),
            connected: fields.yes("connected"),
            source: fields.text("source"),
        })
    });
    unique(&table, &rows, &mut errors, "method", |row| (row.method.clone(), row.analytes.clone()));
    all_or_nothing(rows, errors)
}

/// Kinds of controls on a worksheet.
pub const CONTROLS: &[&str] = &["blank", "duplicate", "spike", "reference"];

fn read_inputs(fields: &mut Fields<'_>) -> Vec<Input> {
    let listed = fields.list("inputs");
    let inputs: Vec<Input> = listed
        .iter()
        .filter_map(|entry| {
            let (name, unit) = entry.split_once('=')?;
            Some(Input { name: name.trim().to_owned(), unit: unit.trim().to_owned() })
        })
        .collect();
    if inputs.is_empty() || inputs.len() != listed.len() {
        fields.complain("inputs", Problem::NotAllowed, "NAME=UNIT;NAME=UNIT");
    }
    inputs
}

fn read_evaluation(fields: &mut Fields<'_>, inputs: &[Input]) -> Option<Evaluation> {
    match fields.text("evaluation").as_str() {
        "formula" => read_formula(fields, inputs),
        "plates" => {
            if inputs.iter().any(|input| Decimal::parse(&input.unit).is_err()) {
                fields.complain("inputs", Problem::NotDecimal, "count_1=0.1;count_2=0.01");
            }
            Some(Evaluation::Plates)
        }
        "detection" => Some(Evaluation::Detection),
        "direct" => Some(Evaluation::Direct),
        _ => {
            fields.complain("evaluation", Problem::NotAllowed, "formula, plates, detection, direct");
            None
        }
    }
}

fn read_formula(fields: &mut Fields<'_>, inputs: &[Input]) -> Option<Evaluation> {
    let expression = match Formula::parse(&fields.text("expression")) {
        Ok(expression) => expression,
        Err(error) => {
            fields.complain("expression", Problem::NotAllowed, error.to_string());
            return None;
        }
    };
    let known = |name: &str| name == BLANK || inputs.iter().any(|input| input.name == name);
    if let Some(unknown) = expression.names().into_iter().find(|name| !known(name)) {
        fields.complain("inputs", Problem::Unknown, format!("an input {unknown}"));
    }
    let listed = fields.list("example");
    let values: BTreeMap<String, Decimal> = listed
        .iter()
        .filter_map(|entry| {
            let (name, value) = entry.split_once('=')?;
            Some((name.to_owned(), Decimal::parse(value).ok()?))
        })
        .collect();
    let example = FormulaExample { inputs: values, expected: fields.required("expected") };
    if let Err(error) = expression.prove(&example) {
        fields.complain("example", Problem::NotAllowed, error.to_string());
    }
    Some(Evaluation::Formula { expression })
}

/// The input that a sample takes from the worksheet's blank.
pub const BLANK: &str = "blank";

impl FormulaRow {
    /// For a procedure without a rule of its own: the instrument gives the result.
    pub fn direct(method: &str, unit: &str) -> Self {
        Self {
            method: method.to_owned(),
            analytes: Vec::new(),
            version: 1,
            evaluation: Evaluation::Direct,
            inputs: vec![Input { name: "reading".to_owned(), unit: unit.to_owned() }],
            unit: unit.to_owned(),
            parallel: 1,
            tolerance_percent: None,
            controls: Vec::new(),
            recovery_low: None,
            recovery_high: None,
            connected: true,
            source: String::new(),
        }
    }

    pub fn needs_blank(&self) -> bool {
        matches!(&self.evaluation, Evaluation::Formula { expression } if expression.names().contains(BLANK))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "method,analytes,version,evaluation,expression,inputs,unit,parallel,tolerance_percent,controls,recovery_low,recovery_high,connected,example,expected,source\n";

    fn read(row: &str) -> Rows<FormulaRow> {
        read_formulas(File::new("formulas.csv", format!("{HEAD}{row}\n").as_bytes()))
    }

    // Requirement: Q711-6
    #[test]
    fn the_shipped_formulas_prove_their_examples() {
        let shipped = include_bytes!("../../../assets/reference/formulas.csv");
        let rows = read_formulas(File::new("formulas.csv", shipped)).unwrap();
        assert!(rows.iter().any(|row| row.method == "gb5009.12-2023/gfaas" && row.needs_blank()));
    }

    #[test]
    fn a_wrong_example_an_unknown_input_and_a_wrong_control_are_named() {
        let errors = read("m,,1,formula,reading*factor,reading=mg/L,mg/kg,1,,blank;magic,,,yes,reading=2;factor=3,7,")
            .unwrap_err();
        let columns: Vec<&str> = errors.iter().filter_map(|error| error.column.as_deref()).collect();
        assert_eq!(columns, ["inputs", "example", "controls"]);
    }
}
