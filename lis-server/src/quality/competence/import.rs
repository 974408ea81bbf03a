//! Records of competence from a spreadsheet (CSV or XLSX), before the first day: columns bear the names of the fields,
//! `person` and `recorded_by` are usernames. Every bad row is named; all rows are stored or none.

use std::collections::HashSet;

use chrono::NaiveDate;

use super::actions::{CompetenceInput, RecordFacts, keep};
use super::store::{self, CompetenceRow};
use crate::accounts::Actor;
use crate::accounts::actions::{USERNAME_MOST, Usernames};
use crate::catalogue::refusing;
use crate::catalogue::table::{File, Row, Table};
use crate::db::{Conn, Tx};
use crate::domain::ids::PersonId;
use crate::domain::input::Checker;
use crate::domain::refusal::{Outcome, Reasons, Refusal};

pub const REQUIRED: &[&str] = &["person", "kind", "performed_on", "performed_by", "recorded_by"];
pub const OPTIONAL: &[&str] = &["method_standard", "result", "next_due", "remark"];

/// Checked rows of a file, each with the row it came from.
pub struct CompetenceRows(Vec<(u64, Listed)>);

/// A record of a list.
struct Listed {
    person: String,
    recorded_by: String,
    record: RecordFacts,
}

/// Reads a list of records.
///
/// # Errors
/// Every bad row with its number, column and rule.
pub fn read_competence(file: File<'_>) -> Result<CompetenceRows, Refusal> {
    let (mut reasons, mut rows) = (Reasons::new(), Vec::new());
    if let Some(table) = refusing::opened(file, REQUIRED, OPTIONAL, &mut reasons) {
        for row in table.rows() {
            match listed(&table, row) {
                Ok(one) => rows.push((row.number, one)),
                Err(refusal) => reasons.of_row(row.number, refusal),
            }
        }
    }
    reasons.none().map(|()| CompetenceRows(rows))
}

fn listed(table: &Table, row: &Row) -> Result<Listed, Refusal> {
    let cell = |column: &str| table.cell(row, column).to_owned();
    let mut check = Checker::new();
    let person = check.text("person", &cell("person"), USERNAME_MOST);
    let recorded_by = check.text("recorded_by", &cell("recorded_by"), USERNAME_MOST);
    let input = CompetenceInput {
        person_id: String::new(),
        kind: cell("kind"),
        method_standard: cell("method_standard"),
        performed_on: cell("performed_on"),
        performed_by: cell("performed_by"),
        result: cell("result"),
        next_due: cell("next_due"),
        remark: cell("remark"),
    };
    let record = input.record(&mut check);
    check.done(record.map(|record| Listed { person, recorded_by, record }))
}

/// Stores the records that are not there yet; how many are new. The same list again changes nothing.
pub fn keep_competence(tx: &mut Tx, by: &Actor, rows: &CompetenceRows) -> Outcome<usize> {
    let named = rows.0.iter().flat_map(|(_, one)| [one.person.as_str(), one.recorded_by.as_str()]);
    let people = Usernames::of(tx.conn, named)?;
    let mut there = there(tx.conn)?;
    let (mut reasons, mut new) = (Reasons::new(), 0);
    for (number, one) in &rows.0 {
        match (people.require(&one.person, "person"), people.require(&one.recorded_by, "recorded_by")) {
            (Ok(person), Ok(recorded_by)) => {
                if !there.insert(key(person, &one.record)) {
                    continue;
                }
                let kept = keep(tx, by, (person, recorded_by), &one.record);
                new += usize::from(reasons.row(*number, kept)?.is_some());
            }
            (person, recorded_by) => {
                let unknown = [person.err(), recorded_by.err()].into_iter().flatten();
                reasons.extend(unknown.map(|reason| reason.in_row(*number)));
            }
        }
    }
    reasons.none()?;
    Ok(new)
}

/// What tells two records apart.
type Key = (PersonId, String, String, NaiveDate, String, String, Option<NaiveDate>, String);

fn there(conn: &mut Conn) -> Outcome<HashSet<Key>> {
    let key_of = |row: CompetenceRow| -> Key {
        (
            row.person_id,
            row.kind,
            row.method_standard,
            row.performed_on,
            row.performed_by,
            row.result,
            row.next_due,
            row.remark,
        )
    };
    Ok(store::every_record(conn)?.into_iter().map(key_of).collect())
}

fn key(person: PersonId, record: &RecordFacts) -> Key {
    (
        person,
        record.kind.to_owned(),
        record.method_standard.clone(),
        record.performed_on,
        record.performed_by.clone(),
        record.result.to_owned(),
        record.next_due,
        record.remark.clone(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    // Requirement: Q62-1
    #[test]
    fn every_bad_row_is_named() {
        let text = "person,kind,method_standard,performed_on,performed_by,result,next_due,recorded_by\n\
                    zhang,evaluation,GB 5009.12,2026-01-05,技术负责人,competent,2027-01-04,wang\n\
                    ,evaluation,GB 5009.12,2026-01-05,技术负责人,,,wang\n\
                    zhang,party,,2026-02-30,技术负责人,,,\n\
                    zhang,training,,2026-01-05,技术负责人,,2026-01-05,wang\n";
        let Err(refusal) = read_competence(File::new("list.csv", text.as_bytes())) else { panic!("this is refused") };
        let named: Vec<_> =
            refusal.reasons.iter().map(|one| (one.field.as_deref().unwrap(), one.problem.code)).collect();
        assert_eq!(
            named,
            [
                ("rows[3].person", "field-missing"),
                ("rows[3].result", "field-missing"),
                ("rows[4].recorded_by", "field-missing"),
                ("rows[4].kind", "field-invalid"),
                ("rows[4].performed_on", "field-invalid"),
                ("rows[5].next_due", "competence-due-before-done"),
            ]
        );
    }
}
