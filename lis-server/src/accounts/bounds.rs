//! The box around a region, as a laboratory has loaded it: whoever samples outside of it is asked whether that is right.

use super::REGION_UNKNOWN;
use super::actor::Actor;
use super::store::{self, BoundsRow};
use crate::db::{Conn, Tx};
use crate::domain::decimal::Decimal;
use crate::domain::identifiers::RegionCode;
use crate::domain::position::Bounds;
use crate::domain::refusal::{Fault, Outcome};

/// A region that has a box.
#[derive(Clone, Debug)]
pub struct BoundedRegion {
    pub code: RegionCode,
    pub name_zh: String,
    pub name_en: String,
    pub bounds: Bounds,
}

/// Those of the regions, and of the regions above them, that have a box. One query; none without a region.
pub fn bounded_regions(conn: &mut Conn, regions: &[&RegionCode]) -> Outcome<Vec<BoundedRegion>> {
    if regions.is_empty() {
        return Ok(Vec::new());
    }
    let above = regions.iter().flat_map(|region| region.ancestors());
    let all = regions.iter().map(|region| (*region).clone()).chain(above);
    let mut codes: Vec<String> = all.map(|region| region.as_str().to_owned()).collect();
    codes.sort_unstable();
    codes.dedup();
    bounded(store::bounds(conn, &codes)?)
}

/// Every region that has a box, in order of code.
pub fn all_bounded(conn: &mut Conn) -> Outcome<Vec<BoundedRegion>> {
    bounded(store::all_bounds(conn)?)
}

fn bounded(rows: Vec<BoundsRow>) -> Outcome<Vec<BoundedRegion>> {
    let mut bounded = Vec::new();
    for row in rows {
        if let Some(bounds) = bounds_of(&row)? {
            let code = RegionCode::parse(&row.code).map_err(Fault::broken)?;
            bounded.push(BoundedRegion { code, name_zh: row.name_zh, name_en: row.name_en, bounds });
        }
    }
    Ok(bounded)
}

fn bounds_of(row: &BoundsRow) -> Outcome<Option<Bounds>> {
    let edge = |text: &str| Decimal::parse(text).map_err(Fault::broken);
    Ok(match (&row.south, &row.west, &row.north, &row.east) {
        (Some(south), Some(west), Some(north), Some(east)) => {
            Some(Bounds { south: edge(south)?, west: edge(west)?, north: edge(north)?, east: edge(east)? })
        }
        _ => None,
    })
}

/// Draws the box around a region, another one, or takes it away; `false`: it stood so already.
///
/// # Errors
/// `region-unknown`.
pub fn bound_region(tx: &mut Tx, by: &Actor, code: &RegionCode, bounds: Option<&Bounds>) -> Outcome<bool> {
    let found = store::bounds(tx.conn, &[code.as_str().to_owned()])?.pop();
    let row = found.ok_or_else(|| REGION_UNKNOWN.with("region", code.as_str()).at("region_code"))?;
    let before = bounds_of(&row)?;
    if before.as_ref() == bounds {
        return Ok(false);
    }
    let edges = bounds.map(|to| [&to.south, &to.west, &to.north, &to.east].map(Decimal::as_str));
    store::bound_region(tx.conn, code.as_str(), edges)?;
    let said = |bounds: Option<&Bounds>| bounds.map(Bounds::to_string).unwrap_or_default();
    tx.log(by.entry("region", 0, 1, "region-bounded").set("region_code", code.as_str()).change(
        "bounds",
        said(before.as_ref()),
        said(bounds),
    ));
    Ok(true)
}
