//! Queries of authorizations.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::schema::{person, person_authorization, signing_grant};
use crate::db::{Conn, cols};
use crate::domain::clock::Moment;
use crate::domain::ids::{AuthorizationId, GrantId, PersonId};

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = person_authorization)]
pub struct AuthorizationRow {
    pub id: AuthorizationId,
    pub version: i64,
    pub person_id: PersonId,
    pub method_standard: String,
    pub activity: String,
    pub valid_from: NaiveDate,
    pub valid_until: NaiveDate,
    pub granted_by: PersonId,
    pub created_at: Moment,
}

#[derive(Insertable)]
#[diesel(table_name = person_authorization, treat_none_as_default_value = false)]
pub struct NewAuthorizationRow<'a> {
    pub version: i64,
    pub person_id: PersonId,
    pub method_standard: &'a str,
    pub activity: &'a str,
    pub valid_from: NaiveDate,
    pub valid_until: NaiveDate,
    pub granted_by: PersonId,
    pub created_at: Moment,
}

pub fn authorizations_of(conn: &mut Conn, people: &[PersonId], activity: &str) -> QueryResult<Vec<AuthorizationRow>> {
    person_authorization::table
        .filter(person_authorization::person_id.eq_any(people.iter().map(|id| id.0)))
        .filter(person_authorization::activity.eq(activity))
        .order(person_authorization::id)
        .select(cols::<AuthorizationRow>())
        .load(conn)
}

/// A person's authorizations for one activity and his newest grant of a meaning that is open at a moment, by one
/// statement.
pub fn authorizations_with_grant(
    conn: &mut Conn,
    person: PersonId,
    activity: &'static str,
    meaning: &'static str,
    real: Moment,
) -> QueryResult<(Vec<AuthorizationRow>, Option<GrantId>)> {
    let own = person_authorization::person_id.eq(person::id).and(person_authorization::activity.eq(activity));
    let open = signing_grant::person_id
        .eq(person::id)
        .and(signing_grant::meaning.eq(meaning))
        .and(signing_grant::expires_at.gt(real));
    let found: Vec<(Option<AuthorizationRow>, Option<GrantId>)> = person::table
        .left_join(person_authorization::table.on(own))
        .left_join(signing_grant::table.on(open))
        .filter(person::id.eq(person))
        .order(person_authorization::id)
        .select((cols::<Option<AuthorizationRow>>(), signing_grant::id.nullable()))
        .load(conn)?;
    let grant = found.iter().filter_map(|(_, grant)| *grant).max();
    let mut rows: Vec<AuthorizationRow> = found.into_iter().filter_map(|(row, _)| row).collect();
    // Several open grants repeat every authorization.
    rows.dedup_by_key(|row| row.id);
    Ok((rows, grant))
}

pub fn authorizations_for(conn: &mut Conn, activity: &str) -> QueryResult<Vec<AuthorizationRow>> {
    person_authorization::table
        .filter(person_authorization::activity.eq(activity))
        .order(person_authorization::id)
        .select(cols::<AuthorizationRow>())
        .load(conn)
}

pub fn authorizations(conn: &mut Conn, after: i64, limit: i64) -> QueryResult<Vec<AuthorizationRow>> {
    person_authorization::table
        .filter(person_authorization::id.gt(after))
        .order(person_authorization::id)
        .limit(limit)
        .select(cols::<AuthorizationRow>())
        .load(conn)
}

/// Authorizations that hold on a day or later.
pub fn authorizations_since(conn: &mut Conn, on: NaiveDate) -> QueryResult<Vec<AuthorizationRow>> {
    person_authorization::table
        .filter(person_authorization::valid_until.ge(on))
        .order((person_authorization::valid_until, person_authorization::id))
        .select(cols::<AuthorizationRow>())
        .load(conn)
}

pub fn authorization(conn: &mut Conn, id: AuthorizationId) -> QueryResult<Option<AuthorizationRow>> {
    person_authorization::table.find(id.0).select(cols::<AuthorizationRow>()).first(conn).optional()
}

pub fn insert_authorization(conn: &mut Conn, row: &NewAuthorizationRow) -> QueryResult<AuthorizationId> {
    diesel::insert_into(person_authorization::table).values(row).returning(person_authorization::id).get_result(conn)
}

pub fn end_authorization(conn: &mut Conn, id: AuthorizationId, seen: i64, last_day: NaiveDate) -> QueryResult<bool> {
    let row = person_authorization::table
        .filter(person_authorization::id.eq(id))
        .filter(person_authorization::version.eq(seen));
    let changed = diesel::update(row)
        .set((person_authorization::valid_until.eq(last_day), person_authorization::version.eq(seen + 1)))
        .execute(conn)?;
    Ok(changed == 1)
}
