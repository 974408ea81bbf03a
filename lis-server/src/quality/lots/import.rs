//! Lots from a spreadsheet (CSV or XLSX), before the first day: columns bear the names of the fields. A lot may name parents
//! that stand in earlier rows. Every bad row is named; all rows are stored or none.

use std::collections::HashMap;

use super::actions::{LotFacts, LotInput, add_all};
use crate::accounts::Actor;
use crate::catalogue::refusing::{self, ROW_REPEATED};
use crate::catalogue::table::File;
use crate::db::Tx;
use crate::domain::refusal::{Outcome, Reasons, Refusal};

pub const REQUIRED: &[&str] = &["code", "kind", "name", "received_on", "expires_on"];
pub const OPTIONAL: &[&str] = &[
    "lot_no",
    "supplier",
    "certificate_no",
    "concentration",
    "unit",
    "opened_on",
    "prepared_by",
    "parents",
    "purity",
    "storage",
];

/// Checked rows of a file, each with the row it came from.
pub struct LotRows(Vec<(u64, LotFacts)>);

/// Reads a list of lots.
///
/// # Errors
/// Every bad row with its number, column and rule.
pub fn read_lots(file: File<'_>) -> Result<LotRows, Refusal> {
    let (mut reasons, mut rows) = (Reasons::new(), Vec::new());
    let mut seen: HashMap<String, u64> = HashMap::new();
    if let Some(table) = refusing::opened(file, REQUIRED, OPTIONAL, &mut reasons) {
        for row in table.rows() {
            let cell = |column: &str| table.cell(row, column).to_owned();
            let input = LotInput {
                code: cell("code"),
                kind: cell("kind"),
                name: cell("name"),
                lot_no: cell("lot_no"),
                supplier: cell("supplier"),
                certificate_no: cell("certificate_no"),
                concentration: cell("concentration"),
                unit: cell("unit"),
                received_on: cell("received_on"),
                opened_on: cell("opened_on"),
                expires_on: cell("expires_on"),
                prepared_by: cell("prepared_by"),
                parents: cell("parents"),
                purity: cell("purity"),
                storage: cell("storage"),
            };
            match input.checked() {
                Ok(facts) => {
                    let first = *seen.entry(facts.code.clone()).or_insert(row.number);
                    reasons.add_if(first != row.number, || {
                        ROW_REPEATED.with("earlier", first).at("code").in_row(row.number)
                    });
                    rows.push((row.number, facts));
                }
                Err(refusal) => reasons.of_row(row.number, refusal),
            }
        }
    }
    reasons.none().map(|()| LotRows(rows))
}

/// Stores all lots or none; how many they were.
pub fn keep_lots(tx: &mut Tx, by: &Actor, rows: &LotRows) -> Outcome<usize> {
    let mut reasons = Reasons::new();
    let lots: Vec<(Option<u64>, &LotFacts)> = rows.0.iter().map(|(number, facts)| (Some(*number), facts)).collect();
    add_all(tx, by, &lots, &mut reasons)?;
    reasons.none()?;
    Ok(rows.0.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bad_row_is_named() {
        let text = "code,kind,name,received_on,expires_on\nS-1,standard,铅,2026-01-05,2027-01-04\n\
                    S-2,paint,镉,2026-01-05,2025-01-04\nS-1,reagent,硝酸,2026-01-05,2027-01-04\n";
        let Err(refusal) = read_lots(File::new("lots.csv", text.as_bytes())) else { panic!("this is refused") };
        let named: Vec<_> =
            refusal.reasons.iter().map(|one| (one.field.as_deref().unwrap(), one.problem.code)).collect();
        assert_eq!(
            named,
            [("rows[3].kind", "field-invalid"), ("rows[3].expires_on", "lot-dates"), ("rows[4].code", "row-repeated")]
        );
    }
}
