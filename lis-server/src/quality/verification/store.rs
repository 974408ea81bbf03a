//! Queries of verifications, nothing else.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::schema::method_verification;
use crate::db::{Conn, cols};
use crate::domain::clock::Moment;
use crate::domain::ids::{MethodVerificationId, PersonId};

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = method_verification)]
pub struct VerificationRow {
    pub id: MethodVerificationId,
    pub method_key: String,
    pub performed_on: NaiveDate,
    pub performed_by: String,
    pub repeatability: String,
    pub recovery: String,
    pub lod: String,
    pub loq: String,
    pub linearity: String,
    pub uncertainty: String,
    pub conclusion: String,
    pub remark: String,
    pub file_sha256: String,
    pub person_id: PersonId,
    pub at: Moment,
}

#[derive(Insertable)]
#[diesel(table_name = method_verification, treat_none_as_default_value = false)]
pub struct NewVerification<'a> {
    pub method_key: &'a str,
    pub performed_on: NaiveDate,
    pub performed_by: &'a str,
    pub repeatability: &'a str,
    pub recovery: &'a str,
    pub lod: &'a str,
    pub loq: &'a str,
    pub linearity: &'a str,
    pub uncertainty: &'a str,
    pub conclusion: &'a str,
    pub remark: &'a str,
    pub file_sha256: &'a str,
    pub person_id: PersonId,
    pub at: Moment,
}

pub fn insert(conn: &mut Conn, row: &NewVerification) -> QueryResult<MethodVerificationId> {
    diesel::insert_into(method_verification::table).values(row).returning(method_verification::id).get_result(conn)
}

/// Verifications, newest first, before an id (exclusive).
pub fn verifications(conn: &mut Conn, before: i64, limit: i64) -> QueryResult<Vec<VerificationRow>> {
    method_verification::table
        .filter(method_verification::id.lt(before))
        .order(method_verification::id.desc())
        .limit(limit)
        .select(cols::<VerificationRow>())
        .load(conn)
}

pub fn file_of(conn: &mut Conn, id: MethodVerificationId) -> QueryResult<Option<String>> {
    method_verification::table.find(id.0).select(method_verification::file_sha256).first(conn).optional()
}

/// What the newest verification of a procedure by a day concluded.
pub fn conclusion_of(conn: &mut Conn, method: &str, by: NaiveDate) -> QueryResult<Option<String>> {
    method_verification::table
        .filter(method_verification::method_key.eq(method.to_owned()))
        .filter(method_verification::performed_on.le(by))
        .order((method_verification::performed_on.desc(), method_verification::id.desc()))
        .select(method_verification::conclusion)
        .first(conn)
        .optional()
}
