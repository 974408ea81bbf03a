//! How the inputs of a procedure are evaluated: what a rule may ask for, and how its row says it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::fields::Fields;
use super::super::table::Problem;
use super::wording::said;
use super::{CurveRule, Input};
use crate::domain::decimal::Decimal;
use crate::domain::refusal::Fact;
use crate::judgement::formula::{Formula, FormulaExample};
use crate::judgement::mpn::are_tenfold;
use crate::judgement::plates::CountRange;

/// How inputs are evaluated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Evaluation {
    /// An expression over the inputs and `blank`, the reading of the worksheet's blank; with a curve over what it gives in
    /// place of the reading, and the blank is a concentration too.
    Formula { expression: Formula },
    /// Colonies on plates; the unit of an input is grams or millilitres of sample on a plate (GB 4789.2).
    Plates {
        /// Colonies that may be counted; left out: 30 to 300.
        #[serde(default, skip_serializing_if = "CountRange::is_usual")]
        range: CountRange,
    },
    /// Positive tubes of those that were inoculated, at three dilutions; the unit of an input is grams or millilitres of sample in
    /// a tube (最可能数, GB 4789.3 and others).
    Tubes,
    /// Detected or not detected in the portion.
    Detection,
    /// The results of the sample's items that the analyte is a sum of, by its residue definition.
    Sum,
    /// The reading is the result.
    Direct,
    /// The additives of a group, each against its own maximum (GB 2760): no method's rule, but what results bring about.
    Proportion,
}

/// Reads how a row evaluates its inputs.
pub(super) fn read_evaluation(
    fields: &mut Fields<'_>,
    inputs: &[Input],
    curve: Option<&CurveRule>,
) -> Option<Evaluation> {
    match fields.text("evaluation").as_str() {
        "formula" => read_formula(fields, inputs, curve),
        "plates" => {
            if inputs.iter().any(|input| Decimal::parse(&input.unit).is_err()) {
                fields.complain("inputs", Problem::NotDecimal, "count_1=0.1;count_2=0.01");
            }
            Some(Evaluation::Plates { range: read_range(fields) })
        }
        "tubes" => {
            read_tubes(fields, inputs);
            Some(Evaluation::Tubes)
        }
        "detection" => Some(Evaluation::Detection),
        "direct" => Some(Evaluation::Direct),
        SUM => {
            fields.must_be_empty(&["inputs", "expression", "controls"]);
            Some(Evaluation::Sum)
        }
        _ => {
            fields.complain("evaluation", Problem::NotAllowed, "formula, plates, tubes, detection, direct, sum");
            None
        }
    }
}

/// `15~150`; an empty cell is the range of GB 4789.2.
fn read_range(fields: &mut Fields<'_>) -> CountRange {
    let written = fields.text("count_range");
    if written.is_empty() {
        return CountRange::USUAL;
    }
    written.parse().unwrap_or_else(|_| {
        fields.complain("count_range", Problem::NotAllowed, "15~150; 20~200 last-above");
        CountRange::USUAL
    })
}

/// The table of most probable numbers is for three tenfold dilutions, each with one reading.
fn read_tubes(fields: &mut Fields<'_>, inputs: &[Input]) {
    let amounts: Vec<_> =
        inputs.iter().filter_map(|input| Decimal::parse(&input.unit).ok()).map(|amount| amount.to_ratio()).collect();
    let fits = <&[_; 3]>::try_from(amounts.as_slice()).is_ok_and(are_tenfold) && inputs.len() == amounts.len();
    if !fits {
        fields.complain("inputs", Problem::NotAllowed, "tubes_1=0.1;tubes_2=0.01;tubes_3=0.001");
    }
    if fields.text("parallel") != "1" {
        fields.complain("parallel", Problem::NotAllowed, "1");
    }
}

fn read_formula(fields: &mut Fields<'_>, inputs: &[Input], curve: Option<&CurveRule>) -> Option<Evaluation> {
    let expression = match Formula::parse(&fields.text("expression")) {
        Ok(expression) => expression,
        Err(error) => {
            fields.complain("expression", Problem::NotAllowed, said(&error));
            return None;
        }
    };
    let given = || inputs.iter().chain(curve.map(|curve| &curve.gives));
    let known = |name: &str| name == BLANK || given().any(|input| input.name == name);
    if let Some(unknown) = expression.names().into_iter().find(|name| !known(name)) {
        fields.complain("inputs", Problem::Unknown, Fact::sentence("expected-input", [("name", unknown.into())]));
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
        fields.complain("example", Problem::NotAllowed, said(&error));
    }
    Some(Evaluation::Formula { expression })
}

/// What a rule says about the parts of a residue definition that contains the compound which is measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Parts {
    /// Nothing: the compound is measured alone, and a result that conforms leaves open whether the sum does.
    #[default]
    Unsaid,
    /// The other parts, which are items of their own, are added to what is measured.
    Added,
    /// What is measured is the whole residue, as the source of the rule says: the compound alone is limited, or the procedure
    /// finds all parts together.
    Whole,
}

impl Parts {
    const WORDS: &[(&str, Self)] = &[("no", Self::Unsaid), ("yes", Self::Added), ("whole", Self::Whole)];
}

/// Parts are added to a number that is measured; a finding may be one of the whole residue. Who states that says by what.
pub(super) fn read_parts(fields: &mut Fields<'_>, evaluation: Option<&Evaluation>) -> Parts {
    let parts = fields.choice("parts", Parts::WORDS).unwrap_or_default();
    let fits = match evaluation {
        Some(Evaluation::Formula { .. } | Evaluation::Direct) | None => true,
        Some(Evaluation::Detection) => parts != Parts::Added,
        Some(_) => parts == Parts::Unsaid,
    };
    if !fits {
        fields.complain("parts", Problem::NotAllowed, Fact::word("expected-parts-of-measured"));
    }
    if parts == Parts::Whole {
        fields.required("source");
    }
    parts
}

/// The word of a sum.
pub(super) const SUM: &str = "sum";
/// The input that a sample takes from the worksheet's blank.
pub const BLANK: &str = "blank";
/// The input that an instrument gives.
pub const READING: &str = "reading";
