//! Boxes around regions: a laboratory that has no map of its counties knows between which degrees they lie. A row without any
//! edge takes the box of its region away.

use crate::accounts::Actor;
use crate::accounts::actions::bound_region;
use crate::catalogue::refusing;
use crate::catalogue::table::{File, Row, Table};
use crate::db::Tx;
use crate::domain::decimal::Decimal;
use crate::domain::identifiers::RegionCode;
use crate::domain::input::Checker;
use crate::domain::position::{Bounds, LATITUDES, LONGITUDES};
use crate::domain::refusal::{FIELD_INVALID, FIELD_MISSING, Outcome, Reasons, Refusal};

pub const REQUIRED: &[&str] = &["region_code", "south", "west", "north", "east"];

const EDGES: &[&str] = &["south", "west", "north", "east"];

/// Checked rows of a file, each with the row it came from.
pub struct BoundsRows(Vec<(u64, RegionCode, Option<Bounds>)>);

/// Reads boxes.
///
/// # Errors
/// Every bad row with its number, column and rule.
pub fn read_bounds(file: File<'_>) -> Result<BoundsRows, Refusal> {
    let (mut reasons, mut rows) = (Reasons::new(), Vec::new());
    if let Some(table) = refusing::opened(file, REQUIRED, &[], &mut reasons) {
        for row in table.rows() {
            match one(&table, row) {
                Ok((code, bounds)) => rows.push((row.number, code, bounds)),
                Err(refusal) => reasons.of_row(row.number, refusal),
            }
        }
    }
    reasons.none().map(|()| BoundsRows(rows))
}

fn one(table: &Table, row: &Row) -> Result<(RegionCode, Option<Bounds>), Refusal> {
    let cell = |column: &str| table.cell(row, column).to_owned();
    let mut check = Checker::new();
    let code =
        check.parsed("region_code", &cell("region_code"), "expected-region", |code| RegionCode::parse(code).ok());
    if EDGES.iter().all(|edge| cell(edge).trim().is_empty()) {
        return check.done(code.map(|code| (code, None)));
    }
    let mut edge = |column: &str, degrees, expected| -> Option<Decimal> {
        let given = cell(column);
        check.add_if(given.trim().is_empty(), || FIELD_MISSING.at(column));
        check.optional_within(column, &given, degrees, expected)
    };
    let (south, west) = (edge("south", LATITUDES, "expected-latitude"), edge("west", LONGITUDES, "expected-longitude"));
    let (north, east) = (edge("north", LATITUDES, "expected-latitude"), edge("east", LONGITUDES, "expected-longitude"));
    for (field, least, most) in [("north", &south, &north), ("east", &west, &east)] {
        let turned = least.as_ref().zip(most.as_ref()).is_some_and(|(least, most)| least.to_ratio() >= most.to_ratio());
        check.add_if(turned, || FIELD_INVALID.at(field).with_word("expected", "expected-beyond-other-edge"));
    }
    let bounds = (|| Some(Bounds { south: south?, west: west?, north: north?, east: east? }))();
    check.done(code.zip(bounds).map(|(code, bounds)| (code, Some(bounds))))
}

/// Draws the boxes and takes away those that are empty; how many of them did not stand so already.
pub fn keep_bounds(tx: &mut Tx, by: &Actor, rows: &BoundsRows) -> Outcome<usize> {
    let (mut reasons, mut new) = (Reasons::new(), 0);
    for (number, code, bounds) in &rows.0 {
        let drawn = bound_region(tx, by, code, bounds.as_ref());
        new += usize::from(reasons.row(*number, drawn)? == Some(true));
    }
    reasons.none()?;
    Ok(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bad_edge_is_named() {
        let named = |rows: &str| {
            let text = format!("region_code,south,west,north,east\n{rows}");
            let refused = read_bounds(File::new("boxes.csv", text.as_bytes())).err();
            let reasons = refused.map(|refusal| refusal.reasons).unwrap_or_default();
            let name = |one: crate::domain::refusal::Reason| (one.field.unwrap_or_default(), one.problem.code);
            reasons.into_iter().map(name).collect::<Vec<_>>()
        };
        assert!(named("131081,38.98,116.20,39.30,116.80\n").is_empty());
        assert!(named("131081,,,,\n").is_empty(), "the box is taken away");
        let stated = [
            ("rows[2].west", "field-missing"),
            ("rows[2].north", "field-invalid"),
            ("rows[3].region_code", "field-invalid"),
            ("rows[3].south", "field-invalid"),
            ("rows[3].north", "field-invalid"),
            ("rows[3].east", "field-invalid"),
            ("rows[4].north", "field-invalid"),
            ("rows[4].east", "field-invalid"),
        ];
        let bad = "131081,38.98,,north,116.80\n1,91,116.20,92.0,181\n131081,39.30,116.80,38.98,116.20\n";
        assert_eq!(named(bad), stated.map(|(field, code)| (field.to_owned(), code)));
    }
}
