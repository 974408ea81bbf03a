//! Regions: statistical codes of 2, 4, 6 and 9 digits with their names; below is what begins with the same digits.

use super::REGION_UNKNOWN;
use super::actor::Actor;
use super::store;
use crate::db::{Conn, Tx};
use crate::domain::identifiers::RegionCode;
use crate::domain::refusal::{Outcome, Reason};

pub use super::store::RegionRow;

/// All regions, in order of code.
pub fn regions(conn: &mut Conn) -> Outcome<Vec<store::RegionRow>> {
    Ok(store::regions(conn)?)
}

/// Reasons for every region, with its field, that is not in the table of regions. One query.
pub fn unknown_regions(conn: &mut Conn, named: &[(&str, &RegionCode)]) -> Outcome<Vec<Reason>> {
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let codes: Vec<String> = named.iter().map(|(_, region)| region.as_str().to_owned()).collect();
    let known = store::known_regions(conn, &codes)?;
    let unknown = named.iter().filter(|(_, region)| !known.iter().any(|code| code == region.as_str()));
    Ok(unknown.map(|(field, region)| REGION_UNKNOWN.with("region", region.as_str()).at(*field)).collect())
}

/// A region as the program ships it.
pub struct ShippedRegion<'a> {
    pub code: &'a RegionCode,
    pub name_zh: &'a str,
    pub name_en: &'a str,
}

/// Makes the shipped regions known. Run at every start: a newer program may bring more. Names that a laboratory changed
/// stay.
pub fn ensure_regions(tx: &mut Tx, by: &Actor, regions: &[ShippedRegion]) -> Outcome<()> {
    let known = store::regions(tx.conn)?;
    let rows: Vec<store::NewRegion> = regions
        .iter()
        .filter(|region| !known.iter().any(|row| row.code == region.code.as_str()))
        .map(|region| store::NewRegion { code: region.code.as_str(), name_zh: region.name_zh, name_en: region.name_en })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    let added = store::add_regions(tx.conn, &rows)?;
    tx.log(by.entry("region", 0, 1, "regions-added").set("count", i64::try_from(added).unwrap_or(i64::MAX)));
    Ok(())
}

/// Refuses a region that is not in the table.
pub(super) fn require_region(tx: &mut Tx, region: Option<&RegionCode>) -> Outcome<()> {
    match region {
        Some(region) if !store::region_exists(tx.conn, region.as_str())? => {
            Err(REGION_UNKNOWN.with("region", region.as_str()).at("region_code").into())
        }
        _ => Ok(()),
    }
}
