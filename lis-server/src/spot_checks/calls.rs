//! What this room asks of others, in the shape that a draw needs.

use chrono::NaiveDate;

use crate::accounts::Role;
use crate::accounts::actions::{people_with_role, regions};
use crate::db::Conn;
use crate::domain::identifiers::RegionCode;
use crate::domain::ids::{EnterpriseId, PersonId};
use crate::domain::refusal::Outcome;
use crate::enterprises::actions as enterprises;
use crate::testing::actions::Coverage;

/// A unit that can be drawn: id, name, risk grade, region, venue.
pub type Unit = (i64, String, String, String, String);

/// The active units of a region and below, in order of id.
pub fn active_units(conn: &mut Conn, region: &RegionCode) -> Outcome<Vec<Unit>> {
    let units = enterprises::active_in_region(conn, region)?;
    Ok(units
        .into_iter()
        .map(|unit| (unit.id.0, unit.name, unit.risk_grade, unit.region.to_string(), unit.venue))
        .collect())
}

/// Licence and region of units, for the printed record.
pub fn unit_details(conn: &mut Conn, ids: &[i64]) -> Outcome<Vec<(i64, String, String)>> {
    let ids: Vec<EnterpriseId> = ids.iter().map(|id| EnterpriseId(*id)).collect();
    let units = enterprises::facts_of(conn, &ids)?;
    Ok(units.into_iter().map(|unit| (unit.id.0, unit.licence_no, unit.region.to_string())).collect())
}

/// The activity of an authorization that a sampler needs.
const SAMPLE: &str = "sample";

/// The samplers with their names, and which of them may sample on a day.
pub fn samplers(conn: &mut Conn, on: NaiveDate) -> Outcome<(Vec<(PersonId, String)>, Vec<PersonId>)> {
    let people = people_with_role(conn, Role::Sampler)?;
    Ok((people, Coverage::of_all(conn, SAMPLE, on)?.people()))
}

/// The region's names; `None`: unknown.
pub fn region_names(conn: &mut Conn, code: &str) -> Outcome<Option<(String, String)>> {
    let found = regions(conn)?.into_iter().find(|region| region.code == code);
    Ok(found.map(|region| (region.name_zh, region.name_en)))
}
