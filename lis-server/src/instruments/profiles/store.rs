//! Queries of profiles, nothing else.

use diesel::prelude::*;

use super::state::Maturity;
use crate::db::schema::{instrument, instrument_profile, person};
use crate::db::{Conn, cols};
use crate::domain::clock::Moment;
use crate::domain::ids::{PersonId, ProfileId};

/// A version of a profile without its example's rows.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = instrument_profile)]
pub struct ProfileRow {
    pub id: ProfileId,
    pub version: i64,
    pub name: String,
    pub version_no: i64,
    pub title: String,
    pub maturity: String,
    pub toml: String,
    pub example_sha256: String,
    pub example_name: String,
    pub row_count: i64,
    pub based_on: String,
    pub made_at: Moment,
}

#[derive(Insertable, Debug)]
#[diesel(table_name = instrument_profile)]
pub struct NewProfile {
    pub version: i64,
    pub name: String,
    pub version_no: i64,
    pub title: String,
    pub maturity: &'static str,
    pub toml: String,
    pub example_sha256: String,
    pub example_name: String,
    pub expected: String,
    pub row_count: i64,
    pub based_on: String,
    pub made_by: PersonId,
    pub made_at: Moment,
}

/// Every version with the name of its maker, newest versions first within a name.
pub fn all(conn: &mut Conn) -> QueryResult<Vec<(ProfileRow, String)>> {
    instrument_profile::table
        .inner_join(person::table)
        .order((instrument_profile::name, instrument_profile::version_no.desc()))
        .select((cols::<ProfileRow>(), person::name))
        .load(conn)
}

pub fn one(conn: &mut Conn, id: ProfileId) -> QueryResult<Option<(ProfileRow, String)>> {
    instrument_profile::table
        .inner_join(person::table)
        .filter(instrument_profile::id.eq(id))
        .select((cols::<ProfileRow>(), person::name))
        .first(conn)
        .optional()
}

/// What the example of a version read as when it was stored.
pub fn expected(conn: &mut Conn, id: ProfileId) -> QueryResult<String> {
    instrument_profile::table.find(id.0).select(instrument_profile::expected).first(conn)
}

/// Text and title of a version.
pub fn version(conn: &mut Conn, name: &str, version_no: i64) -> QueryResult<Option<ProfileRow>> {
    instrument_profile::table
        .filter(instrument_profile::name.eq(name))
        .filter(instrument_profile::version_no.eq(version_no))
        .select(cols::<ProfileRow>())
        .first(conn)
        .optional()
}

pub fn newest(conn: &mut Conn, name: &str) -> QueryResult<Option<ProfileRow>> {
    instrument_profile::table
        .filter(instrument_profile::name.eq(name))
        .order(instrument_profile::version_no.desc())
        .select(cols::<ProfileRow>())
        .first(conn)
        .optional()
}

pub fn insert(conn: &mut Conn, row: &NewProfile) -> QueryResult<ProfileId> {
    diesel::insert_into(instrument_profile::table).values(row).returning(instrument_profile::id).get_result(conn)
}

/// Moves a version on, if nobody else has; `false` otherwise.
pub fn set_maturity(conn: &mut Conn, id: ProfileId, seen: i64, maturity: Maturity) -> QueryResult<bool> {
    let changed = diesel::update(
        instrument_profile::table.filter(instrument_profile::id.eq(id)).filter(instrument_profile::version.eq(seen)),
    )
    .set((instrument_profile::maturity.eq(maturity.code()), instrument_profile::version.eq(seen + 1)))
    .execute(conn)?;
    Ok(changed == 1)
}

/// Profile and code of every instrument that has a profile.
pub fn profiles_of_instruments(conn: &mut Conn) -> QueryResult<Vec<(String, String)>> {
    instrument::table
        .filter(instrument::profile.ne(""))
        .order(instrument::code)
        .select((instrument::profile, instrument::code))
        .load(conn)
}

/// Profile and code of every instrument whose profile is of the laboratory's own making.
pub fn users(conn: &mut Conn) -> QueryResult<Vec<(String, String)>> {
    instrument::table
        .filter(instrument::profile.like("%@%"))
        .order(instrument::code)
        .select((instrument::profile, instrument::code))
        .load(conn)
}
