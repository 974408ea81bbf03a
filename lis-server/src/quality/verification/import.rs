//! Verifications of methods from a spreadsheet (CSV or XLSX), before the first day: columns bear the names of the fields,
//! `recorded_by` is a username; the record of each is the list itself. Every bad row is named; all rows are stored or none.

use super::actions::{Figures, RecordFile, VerificationFacts, VerificationInput, add};
use super::store;
use crate::accounts::Actor;
use crate::accounts::actions::{USERNAME_MOST, Usernames};
use crate::catalogue::table::{File, Row, Table};
use crate::catalogue::{actions as catalogue, refusing};
use crate::db::Tx;
use crate::domain::hash::sha256_of;
use crate::domain::input::Checker;
use crate::domain::refusal::{Outcome, Reasons, Refusal};

pub const REQUIRED: &[&str] = &["method", "performed_on", "performed_by", "conclusion", "recorded_by"];
pub const OPTIONAL: &[&str] = &["repeatability", "recovery", "lod", "loq", "linearity", "uncertainty", "remark"];

pub(super) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const CSV: &str = "text/csv";

/// How a workbook begins.
const ARCHIVE: &[u8] = b"PK";

/// Checked rows of a file, each with the row it came from.
pub struct VerificationRows(Vec<(u64, Listed)>);

/// A verification of a list.
struct Listed {
    facts: VerificationFacts,
    recorded_by: String,
}

/// Reads a list of verifications. Its bytes lie in the store when it is kept.
///
/// # Errors
/// Every bad row with its number, column and rule.
pub fn read_verifications(file: File<'_>) -> Result<VerificationRows, Refusal> {
    let sha256 = sha256_of(file.bytes);
    let content_type = if file.bytes.starts_with(ARCHIVE) { XLSX } else { CSV };
    let record = RecordFile { name: file.name, sha256: &sha256, byte_count: file.bytes.len(), content_type };
    let (mut reasons, mut rows) = (Reasons::new(), Vec::new());
    if let Some(table) = refusing::opened(file, REQUIRED, OPTIONAL, &mut reasons) {
        for row in table.rows() {
            match listed(&table, row, &record) {
                Ok(one) => rows.push((row.number, one)),
                Err(refusal) => reasons.of_row(row.number, refusal),
            }
        }
    }
    reasons.none().map(|()| VerificationRows(rows))
}

fn listed(table: &Table, row: &Row, record: &RecordFile) -> Result<Listed, Refusal> {
    let cell = |column: &str| table.cell(row, column).to_owned();
    let mut check = Checker::new();
    let recorded_by = check.text("recorded_by", &cell("recorded_by"), USERNAME_MOST);
    let input = VerificationInput {
        method: cell("method"),
        performed_on: cell("performed_on"),
        performed_by: cell("performed_by"),
        figures: Figures {
            repeatability: cell("repeatability"),
            recovery: cell("recovery"),
            lod: cell("lod"),
            loq: cell("loq"),
            linearity: cell("linearity"),
            uncertainty: cell("uncertainty"),
        },
        conclusion: cell("conclusion"),
        remark: cell("remark"),
    };
    let facts = input.facts(&mut check, record);
    check.done(facts.map(|facts| Listed { facts, recorded_by }))
}

/// Stores the verifications that are not there yet; how many are new. The same list again changes nothing.
pub fn keep_verifications(tx: &mut Tx, by: &Actor, rows: &VerificationRows) -> Outcome<usize> {
    let people = Usernames::of(tx.conn, rows.0.iter().map(|(_, one)| one.recorded_by.as_str()))?;
    let catalogue = catalogue::current(tx.conn)?;
    let there = store::verifications(tx.conn, i64::MAX, i64::MAX)?;
    let (mut reasons, mut new) = (Reasons::new(), 0);
    for (number, one) in &rows.0 {
        if there.iter().any(|row| one.facts.is_said_by(row)) {
            continue;
        }
        match people.require(&one.recorded_by, "recorded_by") {
            Ok(person) => {
                let added = add(tx, by, person, &catalogue, &one.facts);
                new += usize::from(reasons.row(*number, added)?.is_some());
            }
            Err(reason) => reasons.add(reason.in_row(*number)),
        }
    }
    reasons.none()?;
    Ok(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Requirement: Q72-2
    #[test]
    fn every_bad_row_is_named() {
        let text = "method,performed_on,performed_by,conclusion,recorded_by,recovery\n\
                    gb5009.12-2023/gfaas,2026-01-05,检验员乙,suitable,wang,92 %\n\
                    gb5009.12-2023/gfaas,2026-02-30,检验员乙,good,,92 %\n\
                    ,2026-01-05,检验员乙,suitable,wang,\n";
        let Err(refusal) = read_verifications(File::new("list.csv", text.as_bytes())) else {
            panic!("this is refused")
        };
        let named: Vec<_> =
            refusal.reasons.iter().map(|one| (one.field.as_deref().unwrap(), one.problem.code)).collect();
        assert_eq!(
            named,
            [
                ("rows[3].recorded_by", "field-missing"),
                ("rows[3].performed_on", "field-invalid"),
                ("rows[3].conclusion", "field-invalid"),
                ("rows[4].method", "field-missing"),
                ("rows[4].repeatability", "field-missing"),
            ]
        );
    }
}
