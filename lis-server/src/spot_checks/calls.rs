//! What this room asks of others, in one place.

use std::sync::OnceLock;

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::accounts::Role;
use crate::accounts::actions::people_with_role;
use crate::db::Conn;
use crate::db::schema::{enterprise, person_authorization, region};
use crate::domain::identifiers::RegionCode;
use crate::domain::ids::PersonId;
use crate::domain::refusal::{Fault, Outcome};
use crate::pdf::{Options, Typesetter};

/// A unit that can be drawn: id, name, risk grade, region, venue.
pub type Unit = (i64, String, String, String, String);

/// The active units of a region and below, in order of id. (`enterprises::actions::active_in_region`.)
pub fn active_units(conn: &mut Conn, region: &RegionCode) -> QueryResult<Vec<Unit>> {
    enterprise::table
        .filter(enterprise::active.eq(true))
        .filter(enterprise::region_code.like(format!("{}%", region.as_str())))
        .order(enterprise::id)
        .select((enterprise::id, enterprise::name, enterprise::risk_grade, enterprise::region_code, enterprise::venue))
        .load(conn)
}

/// Licence and region of units, for the printed record.
pub fn unit_details(conn: &mut Conn, ids: &[i64]) -> QueryResult<Vec<(i64, String, String)>> {
    enterprise::table
        .filter(enterprise::id.eq_any(ids.to_vec()))
        .select((enterprise::id, enterprise::licence_no, enterprise::region_code))
        .load(conn)
}

/// The samplers with their names, and which of them may sample on a day. (`testing`'s authorizations.)
pub fn samplers(conn: &mut Conn, on: NaiveDate) -> Outcome<(Vec<(PersonId, String)>, Vec<PersonId>)> {
    let people = people_with_role(conn, Role::Sampler)?;
    let qualified = person_authorization::table
        .filter(person_authorization::activity.eq("sample"))
        .filter(person_authorization::valid_from.le(on))
        .filter(person_authorization::valid_until.ge(on))
        .select(person_authorization::person_id)
        .load(conn)?;
    Ok((people, qualified))
}

/// The region's names; `None`: unknown.
pub fn region_names(conn: &mut Conn, code: &str) -> QueryResult<Option<(String, String)>> {
    region::table.find(code).select((region::name_zh, region::name_en)).first(conn).optional()
}

/// Every region: code, name in Chinese, name in English.
pub fn regions(conn: &mut Conn) -> QueryResult<Vec<(String, String, String)>> {
    region::table.order(region::code).select((region::code, region::name_zh, region::name_en)).load(conn)
}

/// The typesetter with the built-in templates, made once.
pub fn typesetter() -> Outcome<&'static Typesetter> {
    static MADE: OnceLock<Typesetter> = OnceLock::new();
    if let Some(made) = MADE.get() {
        return Ok(made);
    }
    let made = Typesetter::new(&Options::default()).map_err(Fault::broken)?;
    Ok(MADE.get_or_init(|| made))
}
