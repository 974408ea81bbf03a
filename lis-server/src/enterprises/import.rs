//! The registry from a file (CSV or XLSX) whose columns bear the names of the fields of [`EnterpriseInput`]. Every bad row is
//! named; all rows are stored or none.

use std::collections::{HashMap, HashSet};

use super::actions::{Enterprise, EnterpriseInput, new_row};
use super::{ENTERPRISE_KNOWN, IMPORT_EMPTY, ROW_REPEATED, store};
use crate::accounts::May;
use crate::accounts::actions::unknown_regions;
use crate::accounts::role::ManageEnterprises;
use crate::catalogue::refusing;
use crate::catalogue::table::{File, Table};
use crate::db::Tx;
use crate::domain::identifiers::{CreditCode, RegionCode};
use crate::domain::refusal::{Outcome, Reason, Reasons, Refusal};

/// Checked rows of a file, each with the row it came from.
#[derive(Clone, Debug)]
pub struct Imported {
    sha256: String,
    rows: Vec<(u64, Enterprise)>,
}

const REQUIRED: &[&str] = &["name", "uscc", "licence_no", "stage", "address", "region_code"];
const OPTIONAL: &[&str] = &["venue", "contact", "phone", "email", "language", "risk_grade", "baobao_tier", "active"];

/// Reads a file.
///
/// # Errors
/// Every bad row with its number, column and rule.
pub fn read(file_name: &str, sha256: &str, bytes: &[u8]) -> Result<Imported, Refusal> {
    let mut reasons = Reasons::new();
    let mut rows: Vec<(u64, Enterprise)> = Vec::new();
    let mut misshapen = Vec::new();
    match Table::read(File::new(file_name, bytes), REQUIRED, OPTIONAL, &mut misshapen) {
        Err(errors) => reasons.extend(errors.iter().map(refusing::reason)),
        Ok(table) => {
            reasons.add_if(table.rows().is_empty() && misshapen.is_empty(), || IMPORT_EMPTY.at("file"));
            reasons.extend(misshapen.iter().map(refusing::reason));
            for row in table.rows() {
                match input(|column| table.cell(row, column).to_owned()).checked() {
                    Ok(enterprise) => rows.push((row.number, enterprise)),
                    Err(refusal) => reasons.of_row(row.number, refusal),
                }
            }
        }
    }
    reasons.extend(repeated(&rows));
    reasons.none()?;
    Ok(Imported { sha256: sha256.to_owned(), rows })
}

fn input(cell: impl Fn(&str) -> String) -> EnterpriseInput {
    EnterpriseInput {
        name: cell("name"),
        uscc: cell("uscc"),
        licence_no: cell("licence_no"),
        stage: cell("stage"),
        venue: cell("venue"),
        address: cell("address"),
        region_code: cell("region_code"),
        contact: cell("contact"),
        phone: cell("phone"),
        email: cell("email"),
        language: cell("language"),
        risk_grade: cell("risk_grade"),
        baobao_tier: cell("baobao_tier"),
        active: Some(cell("active")).filter(|text| !text.is_empty()),
    }
}

/// Rows that repeat the credit code of an earlier one.
fn repeated(rows: &[(u64, Enterprise)]) -> Vec<Reason> {
    let mut seen: HashMap<&CreditCode, u64> = HashMap::new();
    let mut reasons = Vec::new();
    for (row, enterprise) in rows {
        if let Some(uscc) = &enterprise.uscc {
            match seen.get(uscc) {
                Some(earlier) => reasons.push(ROW_REPEATED.with("earlier", earlier).at("uscc").in_row(*row)),
                None => drop(seen.insert(uscc, *row)),
            }
        }
    }
    reasons
}

/// Stores all rows, if none of them is registered already and every region is known.
pub fn keep(tx: &mut Tx, by: &May<ManageEnterprises>, import: &Imported) -> Outcome<usize> {
    let mut reasons = Reasons::new();
    let usccs: Vec<String> =
        import.rows.iter().filter_map(|(_, row)| row.uscc.as_ref().map(ToString::to_string)).collect();
    let registered: HashMap<String, _> =
        store::registered(tx.conn, &usccs)?.into_iter().filter_map(|(id, uscc)| uscc.map(|uscc| (uscc, id))).collect();
    let regions: HashSet<&RegionCode> = import.rows.iter().map(|(_, row)| &row.region).collect();
    let named: Vec<(&str, &RegionCode)> = regions.into_iter().map(|region| ("region_code", region)).collect();
    let unknown = unknown_regions(tx.conn, &named)?;
    for (number, row) in &import.rows {
        if let Some(uscc) = &row.uscc
            && let Some(holder) = registered.get(uscc.as_str())
        {
            reasons.add(ENTERPRISE_KNOWN.with("uscc", uscc).with("id", holder).at("uscc").in_row(*number));
        }
        let of_this_row = |reason: &&Reason| {
            reason.facts.iter().any(|(_, fact)| *fact == crate::domain::refusal::Fact::Text(row.region.to_string()))
        };
        reasons.extend(unknown.iter().filter(of_this_row).map(|reason| reason.clone().in_row(*number)));
    }
    reasons.none()?;
    let before = store::last_id(tx.conn)?;
    let rows: Vec<_> = import.rows.iter().map(|(_, row)| new_row(row, tx.now)).collect();
    store::insert_all(tx.conn, &rows)?;
    // The contact's personal words stay out of these entries: the file's hash says which list they came from, and a
    // key of its own for every row would be tens of thousands of statements' worth of values.
    for (id, name) in store::made_after(tx.conn, before)? {
        tx.log(
            by.entry("enterprise", id.0, 1, "enterprise-imported")
                .set("name", name)
                .set("file_sha256", import.sha256.as_str()),
        );
    }
    Ok(import.rows.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "name,uscc,licence_no,stage,address,region_code\n";

    fn refused(rows: &str) -> Vec<(Option<String>, &'static str)> {
        let refusal = read("list.csv", "0", format!("{HEAD}{rows}").as_bytes()).unwrap_err();
        refusal.reasons.into_iter().map(|reason| (reason.field, reason.problem.code)).collect()
    }

    #[test]
    fn every_bad_row_is_named() {
        let named = refused(
            "甲,91131000MA0ABCDE17,,trade,路,131081\n乙,91131000MA0ABCDE18,,shop,路,131081\n丙,91131000MA0ABCDE17,,trade,,131081\n丁,91131000MA0ABCDE17,,trade,路,131081\n",
        );
        let at = |field: &str, code| (Some(field.to_owned()), code);
        assert_eq!(
            named,
            [
                at("rows[3].uscc", "check-character"),
                at("rows[3].stage", "field-invalid"),
                at("rows[4].address", "field-missing"),
                at("rows[5].uscc", "enterprise-row-repeated"),
            ]
        );
    }

    #[test]
    fn a_row_with_a_cell_too_few_hides_no_other() {
        let named = refused("甲,91131000MA0ABCDE18,,trade,路,131081\n乙,,,trade,路\n丙,,,shop,路,131081\n");
        let at = |field: &str, code| (Some(field.to_owned()), code);
        assert_eq!(
            named,
            [at("rows[3].", "table-cell"), at("rows[2].uscc", "check-character"), at("rows[4].stage", "field-invalid")]
        );
        assert_eq!(refused("乙,,,trade,路\n"), [at("rows[2].", "table-cell")]);
    }

    #[test]
    fn a_file_without_rows_or_with_foreign_columns_is_refused() {
        assert_eq!(refused(""), [(Some("file".to_owned()), "enterprise-import-empty")]);
        let foreign = read("list.csv", "0", b"name,colour\nx,red\n").unwrap_err();
        assert!(foreign.reasons.iter().all(|reason| reason.problem.code == "table-cell"));
        let good = read("list.csv", "0", format!("{HEAD}甲,,,trade,路,131081\n").as_bytes()).unwrap();
        assert_eq!(good.rows.len(), 1);
    }
}
