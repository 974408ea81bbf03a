//! Equipment and its calibrations from spreadsheets (CSV or XLSX), before the first day: columns bear the names of the
//! fields. Every bad row is named; all rows are stored or none.

use std::collections::HashMap;

use super::super::INSTRUMENT_CODE_TAKEN;
use super::super::actions::{InstrumentInput, insert};
use super::super::store::{Added, InstrumentFacts};
use super::actions::{CalibrationFacts, CalibrationInput, GivenRecord, TEXT_MOST, add_records, equipment, listed};
use super::state::LIMITED;
use crate::accounts::Actor;
use crate::catalogue::refusing::{self, ROW_REPEATED};
use crate::catalogue::table::{File, Table};
use crate::db::Tx;
use crate::domain::input::Checker;
use crate::domain::refusal::{Outcome, Reasons, Refusal};

pub const EQUIPMENT_REQUIRED: &[&str] = &["code", "name"];
pub const EQUIPMENT_OPTIONAL: &[&str] = &[
    "maker",
    "model",
    "serial_no",
    "profile",
    "status",
    "calibrated_until",
    "minimum_weight_g",
    "software",
    "location",
    "manual",
    "allowed_methods",
];

pub const CALIBRATION_REQUIRED: &[&str] = &["instrument", "kind", "performed_by", "performed_on", "result"];
pub const CALIBRATION_OPTIONAL: &[&str] =
    &["certificate_no", "next_due", "correction", "correction_unit", "applies", "remark"];

/// Checked rows of a file, each with the row it came from and the methods that a limited instrument may be used for.
pub struct EquipmentRows(Vec<(u64, InstrumentFacts, String)>);

/// The same of calibrations, each with the code of its instrument.
pub struct CalibrationRows(Vec<(u64, String, CalibrationFacts)>);

/// Reads a list of equipment. Without a status an instrument is qualified; without a profile it is not connected.
///
/// # Errors
/// Every bad row with its number, column and rule.
pub fn read_equipment(file: File<'_>) -> Result<EquipmentRows, Refusal> {
    let (mut reasons, mut rows) = (Reasons::new(), Vec::new());
    let mut seen: HashMap<String, u64> = HashMap::new();
    if let Some(table) = refusing::opened(file, EQUIPMENT_REQUIRED, EQUIPMENT_OPTIONAL, &mut reasons) {
        for row in table.rows() {
            let cell = |column: &str| table.cell(row, column).to_owned();
            let status = Some(cell("status")).filter(|status| !status.is_empty());
            let input = InstrumentInput {
                code: cell("code"),
                name: cell("name"),
                maker: cell("maker"),
                model: cell("model"),
                serial_no: cell("serial_no"),
                profile: cell("profile"),
                status: status.unwrap_or_else(|| "qualified".to_owned()),
                calibrated_until: cell("calibrated_until"),
                minimum_weight_g: cell("minimum_weight_g"),
                software: cell("software"),
                location: cell("location"),
                manual: cell("manual"),
            };
            let limited = limited_to(&input.status, &cell("allowed_methods"));
            match together(input.checked(), limited) {
                Ok((facts, allowed_methods)) => {
                    let first = *seen.entry(facts.code.clone()).or_insert(row.number);
                    reasons.add_if(first != row.number, || {
                        ROW_REPEATED.with("earlier", first).at("code").in_row(row.number)
                    });
                    rows.push((row.number, facts, allowed_methods));
                }
                Err(refusal) => reasons.of_row(row.number, refusal),
            }
        }
    }
    reasons.none().map(|()| EquipmentRows(rows))
}

/// The methods that a limited instrument may be used for: they are needed for it, and for no other.
fn limited_to(status: &str, listed_methods: &str) -> Result<String, Refusal> {
    let mut check = Checker::new();
    let methods = match status.trim() == LIMITED {
        true => check.text("allowed_methods", listed_methods, TEXT_MOST),
        false => {
            if !listed_methods.trim().is_empty() {
                check.invalid("allowed_methods", "expected-methods-of-limited");
            }
            String::new()
        }
    };
    check.done(Some(listed(&methods)))
}

/// Both, or everything that is wrong with either.
fn together<A, B>(one: Result<A, Refusal>, other: Result<B, Refusal>) -> Result<(A, B), Refusal> {
    match (one, other) {
        (Ok(one), Ok(other)) => Ok((one, other)),
        (Err(mut refusal), Err(other)) => {
            refusal.reasons.extend(other.reasons);
            Err(refusal)
        }
        (Err(refusal), Ok(_)) | (Ok(_), Err(refusal)) => Err(refusal),
    }
}

/// Stores all instruments, if none of them is there already; how many they were.
pub fn keep_equipment(tx: &mut Tx, by: &Actor, rows: &EquipmentRows) -> Outcome<usize> {
    let codes: Vec<String> = rows.0.iter().map(|(_, facts, _)| facts.code.clone()).collect();
    let taken = equipment(tx.conn, &[], &codes)?;
    let mut reasons = Reasons::new();
    for (number, facts, _) in &rows.0 {
        reasons.add_if(taken.iter().any(|one| one.code == facts.code), || {
            INSTRUMENT_CODE_TAKEN.with("code", &facts.code).at("code").in_row(*number)
        });
    }
    reasons.none()?;
    let added: Vec<Added> = rows.0.iter().map(|(_, facts, methods)| (facts, methods.as_str())).collect();
    Ok(insert(tx, by, &added)?.len())
}

/// Reads a list of calibrations and intermediate checks; `instrument` is the code.
///
/// # Errors
/// Every bad row with its number, column and rule.
pub fn read_calibrations(file: File<'_>) -> Result<CalibrationRows, Refusal> {
    let (mut reasons, mut rows) = (Reasons::new(), Vec::new());
    if let Some(table) = refusing::opened(file, CALIBRATION_REQUIRED, CALIBRATION_OPTIONAL, &mut reasons) {
        for row in table.rows() {
            match calibration_of(&table, row) {
                Ok(facts) => rows.push((row.number, table.cell(row, "instrument").to_owned(), facts)),
                Err(refusal) => reasons.of_row(row.number, refusal),
            }
        }
    }
    reasons.none().map(|()| CalibrationRows(rows))
}

fn calibration_of(table: &Table, row: &crate::catalogue::table::Row) -> Result<CalibrationFacts, Refusal> {
    let cell = |column: &str| table.cell(row, column).to_owned();
    let input = CalibrationInput {
        kind: cell("kind"),
        certificate_no: cell("certificate_no"),
        performed_by: cell("performed_by"),
        performed_on: cell("performed_on"),
        next_due: cell("next_due"),
        result: cell("result"),
        correction: cell("correction"),
        correction_unit: cell("correction_unit"),
        applies: cell("applies"),
        remark: cell("remark"),
    };
    input.checked()
}

/// Stores the records that are not there yet, if every instrument is; how many are new. The same list again changes nothing.
pub fn keep_calibrations(tx: &mut Tx, by: &Actor, rows: &CalibrationRows) -> Outcome<usize> {
    let given: Vec<GivenRecord> = rows.0.iter().map(|(number, code, facts)| (*number, code.as_str(), facts)).collect();
    let mut reasons = Reasons::new();
    let new = add_records(tx, by, &given, &mut reasons)?;
    reasons.none()?;
    Ok(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places<T>(read: Result<T, Refusal>) -> Vec<(Option<String>, &'static str)> {
        let Err(refusal) = read else { panic!("this is refused") };
        refusal.reasons.into_iter().map(|reason| (reason.field, reason.problem.code)).collect()
    }

    fn at(field: &str, code: &'static str) -> (Option<String>, &'static str) {
        (Some(field.to_owned()), code)
    }

    #[test]
    fn every_bad_row_of_equipment_is_named() {
        let text = "code,name,status,minimum_weight_g\nBAL-02,分析天平,qualified,0.020\n,移液器,,\nBAL-02,天平,red,x\n\
                    BAL-02,天平,,\n";
        assert_eq!(
            places(read_equipment(File::new("list.csv", text.as_bytes()))),
            [
                at("rows[3].code", "field-missing"),
                at("rows[4].status", "field-invalid"),
                at("rows[4].minimum_weight_g", "field-invalid"),
                at("rows[5].code", "row-repeated"),
            ]
        );
        let good = read_equipment(File::new("list.csv", "code,name\nPIP-01,移液器\n".as_bytes())).expect("good");
        assert_eq!((good.0[0].1.status.as_str(), good.0[0].1.profile.as_str()), ("qualified", ""));
    }

    #[test]
    fn a_limited_instrument_says_what_it_may_be_used_for() {
        let head = "code,name,status,allowed_methods\n";
        let read = |rows: &str| read_equipment(File::new("list.csv", format!("{head}{rows}").as_bytes()));
        let good = read("AAS-02,光谱仪,limited,GB 5009.12；GB 5009.15\nAAS-03,光谱仪,,\n").expect("good");
        let methods: Vec<&str> = good.0.iter().map(|(_, _, methods)| methods.as_str()).collect();
        assert_eq!(methods, ["GB 5009.12;GB 5009.15", ""]);
        let wrong = read("AAS-02,光谱仪,limited,\n,光谱仪,qualified,GB 5009.12\n");
        assert_eq!(
            places(wrong),
            [
                at("rows[2].allowed_methods", "field-missing"),
                at("rows[3].code", "field-missing"),
                at("rows[3].allowed_methods", "field-invalid"),
            ]
        );
    }

    #[test]
    fn every_bad_row_of_calibrations_is_named() {
        let head = "instrument,kind,certificate_no,performed_by,performed_on,next_due,result\n";
        let text = format!(
            "{head}BAL-01,calibration,C1,院,2026-05-01,2027-04-30,qualified\nBAL-01,calibration,,院,2026-02-30,,good\n\
             BAL-01,check,,甲,2026-05-01,2026-04-30,qualified\n"
        );
        assert_eq!(
            places(read_calibrations(File::new("list.csv", text.as_bytes()))),
            [
                at("rows[3].certificate_no", "field-missing"),
                at("rows[3].performed_on", "field-invalid"),
                at("rows[3].result", "field-invalid"),
                at("rows[4].next_due", "due-before-done"),
            ]
        );
    }
}
