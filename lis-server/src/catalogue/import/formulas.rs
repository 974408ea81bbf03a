//! How the readings of a procedure become a result, as data.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::fields::Fields;
use super::super::reference::Basis;
use super::super::table::{File, Problem, Table};
use super::controls::{CHECK, ControlRule, read_controls};
use super::curves::{CurveRule, check_curve, read_curve};
use super::evaluation::{BLANK, Evaluation, Parts, READING, SUM, read_evaluation, read_parts};
use super::wording::said_of_units;
use super::{MOST_UNITS, Rows, all_or_nothing, read_rows, unique};
use crate::domain::decimal::Decimal;
use crate::domain::refusal::Fact;
use crate::judgement::number::one;
use crate::judgement::units;

/// One rule of calculation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormulaRow {
    /// Key of the method procedure.
    pub method: String,
    /// Analyte keys it holds for; empty: all of the procedure.
    pub analytes: Vec<String>,
    pub version: u32,
    pub evaluation: Evaluation,
    /// What is entered for each determination, and behind it what is taken from other items.
    pub inputs: Vec<Input>,
    /// Inputs that are results of other items of the sample.
    pub from: Vec<TakenInput>,
    /// What turns the reading into a concentration; `None`: the reading is one, or the result.
    pub curve: Option<CurveRule>,
    /// Of the result.
    pub unit: String,
    /// On what the result is reckoned: as the sample came, or on what the expression converts it to.
    pub basis: Basis,
    /// What becomes of the other parts of the analyte's residue definition.
    pub parts: Parts,
    /// Numbers of the expression that are no conversion, each with its unit: `56.1` g/mol.
    pub constants: Vec<(Decimal, String)>,
    /// Determinations of every sample; the result is their mean.
    pub parallel: u32,
    /// Largest difference of parallels and duplicates in percent of their mean.
    pub tolerance_percent: Option<Decimal>,
    /// Controls that every worksheet must have.
    pub controls: Vec<ControlRule>,
    pub recovery_low: Option<Decimal>,
    pub recovery_high: Option<Decimal>,
    /// The laboratory's instrument for this is connected: a typed reading needs a reason.
    pub connected: bool,
    pub source: String,
}

/// One named input of a determination.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Input {
    pub name: String,
    pub unit: String,
}

/// An input that is the result of another item of the same sample: the moisture of a result on the dry sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenInput {
    pub input: String,
    /// Key of the other item's analyte.
    pub analyte: String,
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
    let mut errors = Vec::new();
    let table =
        Table::read(file, COLUMNS, &["constants", "curve", "from", "basis", "parts", "count_range"], &mut errors)?;
    let rows = read_rows(&table, &mut errors, |fields| {
        let mut inputs = read_inputs(fields);
        let from = read_from(fields, &inputs);
        inputs.sort_by_key(|input| from.iter().any(|taken| taken.input == input.name));
        let curve = read_curve(fields);
        let evaluation = read_evaluation(fields, &inputs, curve.as_ref());
        if let Some(curve) = &curve {
            check_curve(fields, curve, &inputs, evaluation.as_ref());
        }
        let parts = read_parts(fields, evaluation.as_ref());
        if evaluation.is_some() && !matches!(evaluation, Some(Evaluation::Plates { .. })) {
            fields.must_be_empty(&["count_range"]);
        }
        let controls = read_controls(fields);
        let constants = read_constants(fields);
        let has_reading = inputs.iter().any(|input| input.name == READING);
        let is_read = matches!(evaluation, Some(Evaluation::Formula { .. } | Evaluation::Direct)) && has_reading;
        if controls.iter().any(|control| control.kind == CHECK) && !is_read && evaluation.is_some() {
            fields.complain("controls", Problem::NotAllowed, Fact::word("expected-check-of-reading"));
        }
        Some(FormulaRow {
            method: fields.required("method"),
            analytes: fields.list("analytes"),
            version: fields.whole("version", 1, 9999),
            evaluation: evaluation?,
            inputs,
            from,
            curve,
            unit: fields.required("unit"),
            basis: fields.choice("basis", Basis::WORDS).unwrap_or(Basis::AsIs),
            parts,
            constants,
            parallel: fields.whole("parallel", 1, MOST_UNITS),
            tolerance_percent: fields.decimal("tolerance_percent"),
            controls,
            recovery_low: fields.decimal("recovery_low"),
            recovery_high: fields.decimal("recovery_high"),
            connected: fields.yes("connected"),
            source: fields.text("source"),
        })
    });
    unique(&table, &rows, &mut errors, "method", |row| (row.method.clone(), row.analytes.clone()));
    all_or_nothing(rows, errors)
}

/// `56.1=g/mol;0.1269=g/mmol`.
fn read_constants(fields: &mut Fields<'_>) -> Vec<(Decimal, String)> {
    let listed = fields.list("constants");
    let read = |entry: &String| {
        let (number, unit) = entry.split_once('=')?;
        Some((Decimal::parse(number.trim()).ok()?, unit.trim().to_owned()))
    };
    let constants: Vec<(Decimal, String)> = listed.iter().filter_map(read).collect();
    if constants.len() != listed.len() {
        fields.complain("constants", Problem::NotAllowed, "NUMBER=UNIT;NUMBER=UNIT");
    }
    constants
}

fn read_inputs(fields: &mut Fields<'_>) -> Vec<Input> {
    let listed = fields.list("inputs");
    let inputs: Vec<Input> = listed
        .iter()
        .filter_map(|entry| {
            let (name, unit) = entry.split_once('=')?;
            Some(Input { name: name.trim().to_owned(), unit: unit.trim().to_owned() })
        })
        .collect();
    if inputs.len() != listed.len() || (inputs.is_empty() && fields.text("evaluation") != SUM) {
        fields.complain("inputs", Problem::NotAllowed, "NAME=UNIT;NAME=UNIT");
    }
    inputs
}

/// `moisture=moisture;fat=fat`: input and analyte.
fn read_from(fields: &mut Fields<'_>, inputs: &[Input]) -> Vec<TakenInput> {
    let listed = fields.list("from");
    let read = |entry: &String| {
        let (input, analyte) = entry.split_once('=')?;
        let (input, analyte) = (input.trim().to_owned(), analyte.trim().to_owned());
        let known = input != READING && !analyte.is_empty() && inputs.iter().any(|known| known.name == input);
        known.then_some(TakenInput { input, analyte })
    };
    let from: Vec<TakenInput> = listed.iter().filter_map(read).collect();
    if from.len() != listed.len() || (!from.is_empty() && fields.text("evaluation") != "formula") {
        fields.complain("from", Problem::NotAllowed, Fact::word("expected-taken-inputs"));
    }
    from
}

impl FormulaRow {
    /// For a procedure without a rule of its own: the instrument gives the result.
    pub fn direct(method: &str, unit: &str) -> Self {
        Self {
            method: method.to_owned(),
            analytes: Vec::new(),
            version: 1,
            evaluation: Evaluation::Direct,
            inputs: vec![Input { name: "reading".to_owned(), unit: unit.to_owned() }],
            from: Vec::new(),
            curve: None,
            unit: unit.to_owned(),
            basis: Basis::AsIs,
            parts: Parts::Unsaid,
            constants: Vec::new(),
            parallel: 1,
            tolerance_percent: None,
            controls: Vec::new(),
            recovery_low: None,
            recovery_high: None,
            connected: true,
            source: String::new(),
        }
    }

    /// Whether an instrument's reading is a number here, which a check standard can be compared with.
    pub fn has_reading(&self) -> bool {
        matches!(self.evaluation, Evaluation::Formula { .. } | Evaluation::Direct)
            && self.inputs.iter().any(|input| input.name == READING)
    }

    /// The rule of a kind of control, where the method asks for it.
    pub fn control(&self, kind: &str) -> Option<&ControlRule> {
        self.controls.iter().find(|rule| rule.kind == kind)
    }

    /// Follows the units of the inputs to that of the result: the column that is wrong, and why.
    ///
    /// # Errors
    /// An input without a unit, or units from which the result does not follow.
    pub fn check_units(&self) -> Result<(), (&'static str, Fact)> {
        if let Some(input) = self.inputs.iter().find(|input| input.unit.is_empty()) {
            let name = input.name.as_str().into();
            return Err(("inputs", Fact::sentence("expected-unit-of-input", [("name", name)])));
        }
        match &self.evaluation {
            Evaluation::Formula { expression } => {
                let mut units: BTreeMap<String, String> =
                    self.inputs.iter().map(|input| (input.name.clone(), input.unit.clone())).collect();
                // The blank is read as the sample is.
                let read = self.curve.as_ref().map(|curve| curve.gives.unit.clone());
                if let Some(read) = read.or_else(|| units.get(READING).cloned()) {
                    units.insert(BLANK.to_owned(), read);
                }
                units.extend(self.curve.iter().map(|curve| (curve.gives.name.clone(), curve.gives.unit.clone())));
                let checked = expression.check_units(&units, &self.constants, &self.unit);
                checked.map_err(|error| ("expression", said_of_units(&error)))
            }
            Evaluation::Direct => match self.inputs.first().map(|input| units::factor(&input.unit, &self.unit)) {
                Some(Ok(factor)) if factor == one() => Ok(()),
                _ => Err(("unit", Fact::word("expected-unit-of-reading"))),
            },
            // The table says numbers per gram or millilitre.
            Evaluation::Tubes => {
                let is_of = |unit: &str| units::factor(&self.unit, unit).is_ok_and(|factor| factor == one());
                let fits = is_of("MPN/g") || is_of("MPN/mL");
                if fits { Ok(()) } else { Err(("unit", Fact::word("expected-unit-of-tubes"))) }
            }
            // Colonies are counted and findings are words; parts are converted to the unit of their sum.
            Evaluation::Plates { .. } | Evaluation::Detection | Evaluation::Sum | Evaluation::Proportion => Ok(()),
        }
    }

    /// The inputs that are entered where a sample stands.
    pub fn entered(&self) -> &[Input] {
        &self.inputs[..self.inputs.len().saturating_sub(self.from.len())]
    }

    pub fn needs_blank(&self) -> bool {
        matches!(&self.evaluation, Evaluation::Formula { expression } if expression.names().contains(BLANK))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::web::language::Language;

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
        for row in &rows {
            assert_eq!(row.check_units(), Ok(()), "{} {:?}", row.method, row.analytes);
        }
        // Methods that measure the metabolites of a residue beside its parent compound.
        let parents: Vec<&str> = rows
            .iter()
            .filter(|row| row.parts == Parts::Added)
            .flat_map(|row| &row.analytes)
            .map(String::as_str)
            .collect();
        let of_112_and_31658 = ["carbofuran", "aldicarb", "florfenicol", "florfenicol"];
        let of_121_113_and_116 = ["phorate", "carbofuran", "fipronil", "phorate", "phorate"];
        let of_1982_and_761 =
            ["fipronil", "fipronil", "carbofuran", "aldicarb", "carbofuran", "aldicarb", "carbofuran", "aldicarb"];
        let of_other_drugs =
            ["enrofloxacin", "enrofloxacin", "enrofloxacin", "florfenicol", "florfenicol", "florfenicol"];
        let of_19857 = ["malachite-green", "malachite-green"];
        let stated =
            [&of_112_and_31658[..], &of_121_113_and_116, &of_1982_and_761, &of_other_drugs, &of_19857].concat();
        assert_eq!(parents, stated);
    }

    /// GB 4789.2, 4789.3, 4789.10 and 4789.15 count plates in ranges of their own.
    #[test]
    fn plates_are_counted_in_the_range_of_their_method() {
        let shipped = include_bytes!("../../../assets/reference/formulas.csv");
        let rows = read_formulas(File::new("formulas.csv", shipped)).unwrap();
        let range = |key: &str| match rows.iter().find(|row| row.method == key).map(|row| &row.evaluation) {
            Some(Evaluation::Plates { range }) => range.to_string(),
            other => panic!("{key}: {other:?}"),
        };
        assert_eq!(range("gb4789.2-2022/plate-count-36-c-48-h"), "30~300");
        assert_eq!(range("gb4789.3-2025/vrba-plate-count"), "15~150");
        assert_eq!(range("gb4789.3-2016/vrba-plate-count"), "15~150");
        assert_eq!(range("gb4789.10-2016/baird-parker-plate-count"), "20~200 last-above");
        assert_eq!(range("gb4789.15-2016/plate-count-28-c-5-d"), "10~150");

        let read = |evaluation: &str, inputs: &str, range: &str| {
            let head = HEAD.replace("source", "source,count_range");
            let row = format!("m,,1,{evaluation},,{inputs},CFU/g,2,,,,,no,,,x,{range}");
            read_formulas(File::new("formulas.csv", format!("{head}{row}\n").as_bytes()))
        };
        let rule = read("plates", "count_1=0.1", "15~150").unwrap().remove(0);
        let stored = serde_json::to_string(&rule.evaluation).unwrap();
        assert_eq!(stored, r#"{"by":"plates","range":"15~150"}"#);
        // As records of before say it.
        let usual = read("plates", "count_1=0.1", "").unwrap().remove(0);
        assert_eq!(serde_json::to_string(&usual.evaluation).unwrap(), r#"{"by":"plates"}"#);
        assert_eq!(serde_json::from_str::<Evaluation>(r#"{"by":"plates"}"#).unwrap(), usual.evaluation);
        assert!(read("plates", "count_1=0.1", "150~15").is_err());
        assert!(read("direct", "reading=CFU/g", "15~150").is_err(), "nothing is counted");
    }

    /// µg/L x mL / g is µg/kg: without its thousand the formula would give results a thousand times too high in mg/kg.
    #[test]
    fn a_result_that_does_not_follow_from_its_inputs_is_named() {
        let rule = |expression: &str, inputs: &str, unit: &str| {
            let row = format!("m,,1,formula,{expression},{inputs},{unit},1,,,,,yes,reading=1;volume=1;mass=1,1,x");
            read(&row).unwrap().remove(0).check_units()
        };
        assert_eq!(rule("reading*volume/mass", "reading=µg/L;volume=mL;mass=g", "µg/kg"), Ok(()));
        let (column, why) = rule("reading*volume/mass", "reading=µg/L;volume=mL;mass=g", "mg/kg").unwrap_err();
        let why = Language::English.said(&why);
        assert!(column == "expression" && why.contains("1000 times"), "{column}: {why}");
        let (column, why) = rule("reading*volume/mass", "reading=µg/L;volume=;mass=g", "µg/kg").unwrap_err();
        let why = Language::English.said(&why);
        assert!(column == "inputs" && why.contains("volume"), "{column}: {why}");
        assert!(rule("reading*volume/mass", "reading=µg/L;volume=spoons;mass=g", "µg/kg").is_err());
        let row = "m,,1,direct,,reading=µg/kg,mg/kg,1,,,,,yes,,,x";
        assert_eq!(read(row).unwrap()[0].check_units().unwrap_err().0, "unit");
    }

    #[test]
    fn controls_may_declare_what_they_hold() {
        let row = "m,,1,direct,,reading=mg/kg,mg/kg,1,,blank;spike=0.2;check=20,,,yes,,,x";
        let rule = read(row).unwrap().remove(0);
        let amount = |kind: &str| rule.control(kind).and_then(|control| control.amount.as_ref()).map(Decimal::as_str);
        assert_eq!((amount("spike"), amount("check"), amount("blank")), (Some("0.2"), Some("20"), None));
        assert!(rule.control("blank").is_some() && rule.control("duplicate").is_none());
        let strict = read("m,,1,direct,,reading=mg/kg,mg/kg,1,,check=20@10±5;blank,,,yes,,,x").unwrap().remove(0);
        let check = strict.control("check").unwrap();
        assert_eq!((check.every, check.drift.as_ref().map(Decimal::as_str)), (Some(10), Some("5")));
        for wrong in ["spike=0", "spike=x", "blank=1", "reference=0.5", "check=20±0", "spike=0.2±5"] {
            let row = format!("m,,1,direct,,reading=mg/kg,mg/kg,1,,{wrong},,,yes,,,x");
            assert!(read(&row).is_err(), "{wrong}");
        }
    }

    #[test]
    fn tubes_stand_at_three_tenfold_dilutions() {
        let read = |inputs: &str, unit: &str, parallel: &str| {
            read(&format!("m,,1,tubes,,{inputs},{unit},{parallel},,,,,no,,,x"))
        };
        const INPUTS: &str = "tubes_1=1;tubes_2=0.1;tubes_3=0.01";
        let rule = read(INPUTS, "MPN/g", "1").unwrap().remove(0);
        assert_eq!((&rule.evaluation, rule.check_units()), (&Evaluation::Tubes, Ok(())));
        assert_eq!(read(INPUTS, "MPN/100g", "1").unwrap()[0].check_units().unwrap_err().0, "unit");
        assert!(read(INPUTS, "MPN/g", "2").is_err());
        for inputs in ["tubes_1=1;tubes_2=0.1", "a=1;b=0.1;c=0.02", "a=0.01;b=0.1;c=1", "a=1;b=0.1;c=0.01;d=g"] {
            assert!(read(inputs, "MPN/g", "1").is_err(), "{inputs}");
        }
    }

    #[test]
    fn a_curve_stands_between_the_reading_and_the_expression() {
        let read = |expression: &str, inputs: &str, curve: &str| {
            let head = HEAD.replace("source", "source,curve");
            let row =
                format!("m,,1,formula,{expression},{inputs},mg/kg,1,,,,,yes,rho=2;volume=10;mass=2,0.01,x,{curve}");
            read_formulas(File::new("formulas.csv", format!("{head}{row}\n").as_bytes()))
        };
        const CURVE: &str = "rho=µg/L;min_r=0.995;levels=5";
        const INPUTS: &str = "reading=1;volume=mL;mass=g";
        let rule = read("rho*volume/(mass*1000)", INPUTS, CURVE).unwrap().remove(0);
        assert_eq!((rule.check_units(), rule.curve.map(|curve| curve.levels)), (Ok(()), Some(5)));
        let wrong = |expression: &str, inputs: &str, curve: &str| {
            let errors = read(expression, inputs, curve).unwrap_err();
            errors.into_iter().filter_map(|error| error.column).collect::<Vec<_>>()
        };
        assert_eq!(wrong("rho*volume/(mass*1000)", INPUTS, "rho=µg/L;levels=5")[0], "curve");
        assert_eq!(wrong("rho*volume/(mass*1000)", "volume=mL;mass=g", CURVE), ["curve"], "nothing is read");
        // The signal itself is no concentration.
        let direct = "(rho+0*reading)*volume/(mass*1000)";
        assert!(wrong(direct, INPUTS, CURVE).contains(&"expression".to_owned()));
    }

    #[test]
    fn results_of_other_items_are_inputs_that_nobody_enters() {
        let read = |inputs: &str, from: &str| {
            let head = HEAD.replace("source", "source,from");
            let example = "reading=1;moisture=50;mass=2";
            let row =
                format!("m,,1,formula,reading/mass*100/(100-moisture),{inputs},mg/kg,1,,,,,yes,{example},1,x,{from}");
            read_formulas(File::new("formulas.csv", format!("{head}{row}\n").as_bytes()))
        };
        let rule = read("moisture=g/100g;reading=mg;mass=kg", "moisture=moisture").unwrap().remove(0);
        let entered: Vec<&str> = rule.entered().iter().map(|input| input.name.as_str()).collect();
        assert_eq!((entered, rule.check_units()), (vec!["reading", "mass"], Ok(())));
        for wrong in ["reading=moisture", "water=moisture", "moisture=", "moisture"] {
            assert!(read("moisture=g/100g;reading=mg;mass=kg", wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_sum_has_no_readings_of_its_own() {
        let rule = read_formulas(File::new("f", format!("{HEAD}m,a,1,sum,,,mg/kg,1,,,,,no,,,x\n").as_bytes())).unwrap();
        assert_eq!((&rule[0].evaluation, rule[0].entered().len()), (&Evaluation::Sum, 0));
        assert!(read("m,a,1,sum,,reading=mg/kg,mg/kg,1,,,,,no,,,x").is_err());
        assert!(read("m,a,1,direct,,,mg/kg,1,,,,,no,,,x").is_err(), "everything else reads something");
    }

    #[test]
    fn a_rule_says_on_what_its_result_is_reckoned_and_whether_parts_are_added() {
        let read = |evaluation: &str, basis: &str, parts: &str| {
            let head = HEAD.replace("source", "source,basis,parts");
            let row = format!("m,a,1,{evaluation},,reading=mg/kg,mg/kg,1,,,,,no,,,x,{basis},{parts}");
            read_formulas(File::new("formulas.csv", format!("{head}{row}\n").as_bytes()))
        };
        let rule = read("direct", "dry", "yes").unwrap().remove(0);
        assert_eq!((rule.basis, rule.parts), (Basis::Dry, Parts::Added));
        let plain = read("direct", "", "").unwrap().remove(0);
        assert_eq!((plain.basis, plain.parts), (Basis::AsIs, Parts::Unsaid));
        let whole = ["direct", "detection"].map(|evaluation| read(evaluation, "", "whole").unwrap().remove(0).parts);
        assert_eq!(whole, [Parts::Whole, Parts::Whole]);
        let wrong = [("direct", "wet", ""), ("direct", "", "maybe"), ("detection", "", "yes"), ("plates", "", "whole")];
        for (evaluation, basis, parts) in wrong {
            assert!(read(evaluation, basis, parts).is_err(), "{evaluation} {basis} {parts}");
        }
    }

    #[test]
    fn a_wrong_example_an_unknown_input_and_a_wrong_control_are_named() {
        let errors = read("m,,1,formula,reading*factor,reading=mg/L,mg/kg,1,,blank;magic,,,yes,reading=2;factor=3,7,")
            .unwrap_err();
        let columns: Vec<&str> = errors.iter().filter_map(|error| error.column.as_deref()).collect();
        assert_eq!(columns, ["inputs", "example", "controls"]);
    }
}
