//! Authorizations from a spreadsheet (CSV or XLSX), before the first day: columns bear the names of the fields, `person` and
//! `granted_by` are usernames. Every bad row is named; all rows are stored or none.

use std::collections::HashSet;

use chrono::NaiveDate;

use super::{AuthorizationInput, GrantFacts, keep};
use crate::accounts::Actor;
use crate::accounts::actions::{USERNAME_MOST, Usernames};
use crate::catalogue::refusing;
use crate::catalogue::table::{File, Row, Table};
use crate::db::Tx;
use crate::domain::ids::PersonId;
use crate::domain::input::Checker;
use crate::domain::refusal::{Outcome, Reasons, Refusal};
use crate::testing::store::{self, AuthorizationRow};

pub const REQUIRED: &[&str] = &["person", "method_standard", "activity", "valid_from", "valid_until", "granted_by"];

/// Checked rows of a file, each with the row it came from.
pub struct AuthorizationRows(Vec<(u64, Listed)>);

/// An authorization of a list.
struct Listed {
    person: String,
    granted_by: String,
    grant: GrantFacts,
}

/// Reads a list of authorizations.
///
/// # Errors
/// Every bad row with its number, column and rule.
pub fn read_authorizations(file: File<'_>) -> Result<AuthorizationRows, Refusal> {
    let (mut reasons, mut rows) = (Reasons::new(), Vec::new());
    if let Some(table) = refusing::opened(file, REQUIRED, &[], &mut reasons) {
        for row in table.rows() {
            match listed(&table, row) {
                Ok(one) => rows.push((row.number, one)),
                Err(refusal) => reasons.of_row(row.number, refusal),
            }
        }
    }
    reasons.none().map(|()| AuthorizationRows(rows))
}

fn listed(table: &Table, row: &Row) -> Result<Listed, Refusal> {
    let cell = |column: &str| table.cell(row, column).to_owned();
    let mut check = Checker::new();
    let person = check.text("person", &cell("person"), USERNAME_MOST);
    let granted_by = check.text("granted_by", &cell("granted_by"), USERNAME_MOST);
    let input = AuthorizationInput {
        person_id: String::new(),
        method_standard: cell("method_standard"),
        activity: cell("activity"),
        valid_from: cell("valid_from"),
        valid_until: cell("valid_until"),
    };
    let grant = input.grant(&mut check);
    check.done(grant.map(|grant| Listed { person, granted_by, grant }))
}

/// Stores the authorizations that are not there yet; how many are new. The same list again changes nothing, and gives no
/// authorization back that was ended meanwhile.
pub fn keep_authorizations(tx: &mut Tx, by: &Actor, rows: &AuthorizationRows) -> Outcome<usize> {
    let named = rows.0.iter().flat_map(|(_, one)| [one.person.as_str(), one.granted_by.as_str()]);
    let people = Usernames::of(tx.conn, named)?;
    let before = store::authorizations(tx.conn, 0, i64::MAX)?;
    let mut listed_before: HashSet<(PersonId, &str, &str, NaiveDate, NaiveDate)> = HashSet::new();
    let (mut reasons, mut new) = (Reasons::new(), 0);
    for (number, one) in &rows.0 {
        let grant = &one.grant;
        match (people.require(&one.person, "person"), people.require(&one.granted_by, "granted_by")) {
            (Ok(person), Ok(granted_by)) => {
                let what =
                    (person, grant.method_standard.as_str(), grant.activity, grant.valid_from, grant.valid_until);
                if listed_before.insert(what) && !before.iter().any(|row| is_there(row, person, grant)) {
                    keep(tx, by, (person, granted_by), grant)?;
                    new += 1;
                }
            }
            (person, granted_by) => {
                let unknown = [person.err(), granted_by.err()].into_iter().flatten();
                reasons.extend(unknown.map(|reason| reason.in_row(*number)));
            }
        }
    }
    reasons.none()?;
    Ok(new)
}

/// Whether a row is this authorization, as it was given or ended earlier.
fn is_there(row: &AuthorizationRow, person: PersonId, grant: &GrantFacts) -> bool {
    let was_ended = row.version > 1 && row.valid_until < grant.valid_until;
    row.person_id == person
        && row.method_standard == grant.method_standard
        && row.activity == grant.activity
        && row.valid_from == grant.valid_from
        && (row.valid_until == grant.valid_until || was_ended)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Requirement: Q62-2
    #[test]
    fn every_bad_row_is_named() {
        let text = "person,method_standard,activity,valid_from,valid_until,granted_by\n\
                    zhang,GB 5009.12,test,2026-01-01,2027-12-31,wang\n\
                    ,GB 5009.12,dance,2026-01-01,2027-12-31,wang\n\
                    zhang,,test,2026-01-01,2025-12-31,\n";
        let Err(refusal) = read_authorizations(File::new("list.csv", text.as_bytes())) else {
            panic!("this is refused")
        };
        let named: Vec<_> =
            refusal.reasons.iter().map(|one| (one.field.as_deref().unwrap(), one.problem.code)).collect();
        assert_eq!(
            named,
            [
                ("rows[3].person", "field-missing"),
                ("rows[3].activity", "field-invalid"),
                ("rows[4].granted_by", "field-missing"),
                ("rows[4].method_standard", "field-missing"),
                ("rows[4].valid_until", "authorization-dates"),
            ]
        );
    }
}
