//! Queries of accounts, nothing else.

mod bounds;
mod entrances;
mod signing;

use diesel::prelude::*;
use serde::Serialize;

use super::role::Role;
use crate::db::schema::{enterprise, person, person_role, region};
use crate::db::{Conn, cols, each};
use crate::domain::clock::Moment;
use crate::domain::ids::{EnterpriseId, PersonId};

pub use bounds::{BoundsRow, all_bounds, bound_region, bounds};
pub use entrances::{
    NewSession, NewToken, SessionRow, TokenRow, delete_ended_sessions, end_session, end_sessions_of, insert_session,
    insert_token, revoke_token, revoke_tokens_of, session_by_token, token_by_hash, tokens_of, touch_session,
};
pub use signing::{
    NewGrant, NewSignature, end_grants, insert_grant, insert_signatures, open_grant_of, signatures_on,
    signatures_on_all, signed_among,
};

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = person)]
pub struct PersonRow {
    pub id: PersonId,
    pub version: i64,
    pub username: String,
    pub name: String,
    pub email: String,
    pub phone: String,
    pub language: String,
    pub region_code: Option<String>,
    pub enterprise_id: Option<EnterpriseId>,
    pub active: bool,
    pub password_hash: String,
    pub password_must_change: bool,
    pub signing_hash: Option<String>,
    pub failed_logins: i64,
    pub locked_until: Option<Moment>,
    pub created_at: Moment,
    /// Wrong passwords typed inside of sessions, in a row.
    pub failed_confirmations: i64,
    pub confirmations_locked_until: Option<Moment>,
    /// Somebody else set the password: nothing is signed until a second person releases it.
    pub signing_held: bool,
    pub erased_at: Option<Moment>,
}

#[derive(Insertable)]
#[diesel(table_name = person, treat_none_as_default_value = false)]
pub struct NewPersonRow<'a> {
    pub version: i64,
    pub username: &'a str,
    pub name: &'a str,
    pub email: &'a str,
    pub phone: &'a str,
    pub language: &'a str,
    pub region_code: Option<&'a str>,
    pub enterprise_id: Option<EnterpriseId>,
    pub active: bool,
    pub password_hash: &'a str,
    pub password_must_change: bool,
    pub failed_logins: i64,
    pub created_at: Moment,
}

#[derive(Insertable)]
#[diesel(table_name = person_role, treat_none_as_default_value = false)]
struct RoleRow {
    person_id: PersonId,
    role: &'static str,
}

#[derive(Queryable, Selectable, Serialize, Clone, Debug)]
#[diesel(table_name = region)]
pub struct RegionRow {
    pub code: String,
    pub name_zh: String,
    pub name_en: String,
}

pub fn person_by_username(conn: &mut Conn, username: &str) -> QueryResult<Option<PersonRow>> {
    person::table.filter(person::username.eq(username)).select(cols::<PersonRow>()).first(conn).optional()
}

pub fn person(conn: &mut Conn, id: PersonId) -> QueryResult<Option<PersonRow>> {
    person::table.find(id.0).select(cols::<PersonRow>()).first(conn).optional()
}

/// Which people a list shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Listed {
    All,
    /// Active people whose first password is unchanged.
    FirstPassword,
    /// Active people who are locked out at a moment.
    LockedAt(Moment),
}

/// How many people a list shows in all.
pub fn count_people(conn: &mut Conn, listed: Listed) -> QueryResult<i64> {
    let active = person::table.filter(person::active.eq(true));
    match listed {
        Listed::All => person::table.count().get_result(conn),
        Listed::FirstPassword => active.filter(person::password_must_change.eq(true)).count().get_result(conn),
        Listed::LockedAt(real) => active.filter(person::locked_until.gt(real)).count().get_result(conn),
    }
}

/// People in order of username, from a username on (exclusive).
pub fn people(conn: &mut Conn, listed: Listed, after: Option<&str>, limit: i64) -> QueryResult<Vec<PersonRow>> {
    let mut query = person::table.into_boxed();
    query = match listed {
        Listed::All => query,
        Listed::FirstPassword => query.filter(person::active.eq(true)).filter(person::password_must_change.eq(true)),
        Listed::LockedAt(real) => query.filter(person::active.eq(true)).filter(person::locked_until.gt(real)),
    };
    if let Some(after) = after {
        query = query.filter(person::username.gt(after.to_owned()));
    }
    query.order(person::username).limit(limit).select(cols::<PersonRow>()).load(conn)
}

pub fn roles_of(conn: &mut Conn, id: PersonId) -> QueryResult<Vec<Role>> {
    let codes: Vec<String> =
        person_role::table.filter(person_role::person_id.eq(id)).select(person_role::role).load(conn)?;
    Ok(parse_roles(codes.iter().map(String::as_str)))
}

/// The roles of several people by one query.
pub fn roles_of_all(conn: &mut Conn, ids: &[PersonId]) -> QueryResult<Vec<(PersonId, Role)>> {
    let rows: Vec<(PersonId, String)> = person_role::table
        .filter(person_role::person_id.eq_any(ids.iter().map(|id| id.0)))
        .order((person_role::person_id, person_role::role))
        .select((person_role::person_id, person_role::role))
        .load(conn)?;
    Ok(rows.into_iter().filter_map(|(id, code)| Some((id, Role::parse(&code)?))).collect())
}

fn parse_roles<'a>(codes: impl Iterator<Item = &'a str>) -> Vec<Role> {
    let mut roles: Vec<Role> = codes.filter_map(Role::parse).collect();
    roles.sort_unstable();
    roles
}

pub fn insert_person(conn: &mut Conn, row: &NewPersonRow) -> QueryResult<PersonId> {
    diesel::insert_into(person::table).values(row).returning(person::id).get_result(conn)
}

pub fn add_roles(conn: &mut Conn, id: PersonId, roles: &[Role]) -> QueryResult<()> {
    let rows: Vec<RoleRow> = roles.iter().map(|role| RoleRow { person_id: id, role: role.code() }).collect();
    each!(conn, c => diesel::insert_into(person_role::table).values(&rows).execute(c))?;
    Ok(())
}

pub fn replace_roles(conn: &mut Conn, id: PersonId, roles: &[Role]) -> QueryResult<()> {
    diesel::delete(person_role::table.filter(person_role::person_id.eq(id))).execute(conn)?;
    add_roles(conn, id, roles)
}

/// What an administrator may change about a person.
#[derive(AsChangeset)]
#[diesel(table_name = person, treat_none_as_null = true)]
pub struct PersonChange<'a> {
    pub name: &'a str,
    pub email: &'a str,
    pub phone: &'a str,
    pub language: &'a str,
    pub region_code: Option<&'a str>,
    pub enterprise_id: Option<EnterpriseId>,
    pub active: bool,
}

/// Changes a person if he is still at the version that was seen; `false` when someone was faster.
pub fn change_person(conn: &mut Conn, id: PersonId, seen: i64, change: &PersonChange) -> QueryResult<bool> {
    let changed = diesel::update(person::table.filter(person::id.eq(id)).filter(person::version.eq(seen)))
        .set((change, person::version.eq(seen + 1)))
        .execute(conn)?;
    Ok(changed == 1)
}

/// Sets a new password; other facts of the person stay. Ends a lock-out.
pub fn set_password(conn: &mut Conn, id: PersonId, seen: i64, hash: &str, must_change: bool) -> QueryResult<bool> {
    let changed = diesel::update(person::table.filter(person::id.eq(id)).filter(person::version.eq(seen)))
        .set((
            person::password_hash.eq(hash),
            person::password_must_change.eq(must_change),
            person::failed_logins.eq(0_i64),
            person::locked_until.eq(None::<Moment>),
            person::version.eq(seen + 1),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}

pub fn set_signing_hash(conn: &mut Conn, id: PersonId, seen: i64, hash: &str) -> QueryResult<bool> {
    let changed = diesel::update(person::table.filter(person::id.eq(id)).filter(person::version.eq(seen)))
        .set((person::signing_hash.eq(hash), person::version.eq(seen + 1)))
        .execute(conn)?;
    Ok(changed == 1)
}

/// The counter of failed sign-ins: no fact about the person, so it leaves the version alone.
pub fn set_failed_logins(conn: &mut Conn, id: PersonId, failed: i64, locked_until: Option<Moment>) -> QueryResult<()> {
    diesel::update(person::table.find(id.0))
        .set((person::failed_logins.eq(failed), person::locked_until.eq(locked_until)))
        .execute(conn)?;
    Ok(())
}

/// The same for passwords typed inside of a session.
pub fn set_failed_confirmations(
    conn: &mut Conn,
    id: PersonId,
    failed: i64,
    locked_until: Option<Moment>,
) -> QueryResult<()> {
    diesel::update(person::table.find(id.0))
        .set((person::failed_confirmations.eq(failed), person::confirmations_locked_until.eq(locked_until)))
        .execute(conn)?;
    Ok(())
}

/// Beside a new password that somebody else set: nothing is signed until it is released. Of the same version.
pub fn hold_signing(conn: &mut Conn, id: PersonId) -> QueryResult<()> {
    diesel::update(person::table.find(id.0)).set(person::signing_held.eq(true)).execute(conn)?;
    Ok(())
}

/// Lets a person sign again; a signing password that is forgotten goes.
pub fn release_signing(conn: &mut Conn, id: PersonId, seen: i64, forgotten: bool) -> QueryResult<bool> {
    let held = person::table.filter(person::id.eq(id)).filter(person::version.eq(seen));
    let changed =
        diesel::update(held).set((person::signing_held.eq(false), person::version.eq(seen + 1))).execute(conn)?;
    if changed == 1 && forgotten {
        diesel::update(person::table.find(id.0)).set(person::signing_hash.eq(None::<String>)).execute(conn)?;
    }
    Ok(changed == 1)
}

/// Takes the words about a person away, and his passwords with them.
pub fn erase_person(
    conn: &mut Conn,
    id: PersonId,
    next_version: i64,
    (name, username): (&str, &str),
    now: Moment,
) -> QueryResult<()> {
    diesel::update(person::table.find(id.0))
        .set((
            person::name.eq(name),
            person::username.eq(username),
            person::email.eq(""),
            person::phone.eq(""),
            // No text matches it.
            person::password_hash.eq(""),
            person::signing_hash.eq(None::<String>),
            person::erased_at.eq(now),
            person::version.eq(next_version),
        ))
        .execute(conn)?;
    Ok(())
}

/// Active people who sign nothing until they are released.
pub fn held(conn: &mut Conn) -> QueryResult<Vec<PersonRow>> {
    person::table
        .filter(person::signing_held.eq(true))
        .filter(person::active.eq(true))
        .order(person::username)
        .select(cols::<PersonRow>())
        .load(conn)
}

pub fn count_held(conn: &mut Conn) -> QueryResult<i64> {
    person::table.filter(person::signing_held.eq(true)).filter(person::active.eq(true)).count().get_result(conn)
}

/// Active administrators other than this person.
pub fn other_administrators(conn: &mut Conn, id: PersonId) -> QueryResult<i64> {
    person_role::table
        .inner_join(person::table)
        .filter(person_role::role.eq(Role::Administrator.code()))
        .filter(person::active.eq(true))
        .filter(person::id.ne(id))
        .count()
        .get_result(conn)
}

pub fn names_of(conn: &mut Conn, ids: &[PersonId]) -> QueryResult<Vec<(PersonId, String)>> {
    person::table.filter(person::id.eq_any(ids.iter().map(|id| id.0))).select((person::id, person::name)).load(conn)
}

/// Those of the usernames that are accounts.
pub fn ids_by_username(conn: &mut Conn, usernames: &[&str]) -> QueryResult<Vec<(String, PersonId)>> {
    person::table
        .filter(person::username.eq_any(usernames.iter().copied()))
        .select((person::username, person::id))
        .load(conn)
}

/// The active people who have one of the roles, each once.
pub fn people_with_roles(conn: &mut Conn, roles: &[Role]) -> QueryResult<Vec<(PersonId, String)>> {
    person::table
        .inner_join(person_role::table)
        .filter(person_role::role.eq_any(roles.iter().map(|role| role.code())))
        .filter(person::active.eq(true))
        .order((person::name, person::id))
        .select((person::id, person::name))
        .distinct()
        .load(conn)
}

/// Active people of enterprises.
pub fn people_of_enterprises(conn: &mut Conn, enterprises: &[EnterpriseId]) -> QueryResult<Vec<PersonRow>> {
    person::table
        .filter(person::enterprise_id.eq_any(enterprises.iter().map(|id| Some(id.0))))
        .filter(person::active.eq(true))
        .order(person::id)
        .select(cols::<PersonRow>())
        .load(conn)
}

/// Active people by id.
pub fn active_people(conn: &mut Conn, ids: &[PersonId]) -> QueryResult<Vec<PersonRow>> {
    person::table
        .filter(person::id.eq_any(ids.iter().map(|id| id.0)))
        .filter(person::active.eq(true))
        .order(person::id)
        .select(cols::<PersonRow>())
        .load(conn)
}

/// The active people with these usernames.
pub fn active_by_username(conn: &mut Conn, usernames: &[String]) -> QueryResult<Vec<PersonRow>> {
    person::table
        .filter(person::username.eq_any(usernames.to_vec()))
        .filter(person::active.eq(true))
        .order(person::id)
        .select(cols::<PersonRow>())
        .load(conn)
}

/// Active regulators of exactly this region.
pub fn regulators_of_region(conn: &mut Conn, region: &str) -> QueryResult<Vec<PersonRow>> {
    person::table
        .inner_join(person_role::table)
        .filter(person_role::role.eq(Role::Regulator.code()))
        .filter(person::region_code.eq(region))
        .filter(person::active.eq(true))
        .order(person::id)
        .select(cols::<PersonRow>())
        .load(conn)
}

/// Those of the codes that are in the table of regions.
pub fn known_regions(conn: &mut Conn, codes: &[String]) -> QueryResult<Vec<String>> {
    region::table.filter(region::code.eq_any(codes)).select(region::code).load(conn)
}

pub fn regions(conn: &mut Conn) -> QueryResult<Vec<RegionRow>> {
    region::table.order(region::code).select(cols::<RegionRow>()).load(conn)
}

#[derive(Insertable)]
#[diesel(table_name = region, treat_none_as_default_value = false)]
pub struct NewRegion<'a> {
    pub code: &'a str,
    pub name_zh: &'a str,
    pub name_en: &'a str,
}

pub fn add_regions(conn: &mut Conn, rows: &[NewRegion]) -> QueryResult<usize> {
    each!(conn, c => diesel::insert_into(region::table).values(rows).execute(c))
}

pub fn enterprise_exists(conn: &mut Conn, id: EnterpriseId) -> QueryResult<bool> {
    let found: Option<i64> = enterprise::table.find(id.0).select(enterprise::id).first(conn).optional()?;
    Ok(found.is_some())
}

/// The unit of the registry with a unified social credit code.
pub fn enterprise_by_code(conn: &mut Conn, code: &str) -> QueryResult<Option<EnterpriseId>> {
    enterprise::table.filter(enterprise::uscc.eq(code)).select(enterprise::id).first(conn).optional()
}

/// The unified social credit code of a unit; `None` where it has none.
pub fn code_of_enterprise(conn: &mut Conn, id: EnterpriseId) -> QueryResult<Option<String>> {
    enterprise::table.find(id.0).select(enterprise::uscc).first(conn)
}

pub fn region_exists(conn: &mut Conn, code: &str) -> QueryResult<bool> {
    Ok(region::table.find(code).count().get_result::<i64>(conn)? == 1)
}
