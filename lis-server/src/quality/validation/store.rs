//! Queries of validation runs, nothing else.

use diesel::prelude::*;

use crate::db::schema::validation_run;
use crate::db::{Conn, cols};
use crate::domain::clock::Moment;
use crate::domain::ids::{PersonId, ValidationRunId};

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = validation_run)]
pub struct RunRow {
    pub id: ValidationRunId,
    pub file_name: String,
    pub sha256: String,
    pub program: String,
    pub catalogue: String,
    pub questions: i64,
    pub differing: i64,
    pub differences: String,
    pub person_id: Option<PersonId>,
    pub at: Moment,
}

#[derive(Insertable)]
#[diesel(table_name = validation_run, treat_none_as_default_value = false)]
pub struct NewRun<'a> {
    pub file_name: &'a str,
    pub sha256: &'a str,
    pub program: &'a str,
    pub catalogue: &'a str,
    pub questions: i64,
    pub differing: i64,
    pub differences: &'a str,
    pub person_id: Option<PersonId>,
    pub at: Moment,
}

pub fn insert(conn: &mut Conn, row: &NewRun) -> QueryResult<ValidationRunId> {
    diesel::insert_into(validation_run::table).values(row).returning(validation_run::id).get_result(conn)
}

/// Runs, newest first, before an id (exclusive).
pub fn runs(conn: &mut Conn, before: i64, limit: i64) -> QueryResult<Vec<RunRow>> {
    validation_run::table
        .filter(validation_run::id.lt(before))
        .order(validation_run::id.desc())
        .limit(limit)
        .select(cols::<RunRow>())
        .load(conn)
}

pub fn run(conn: &mut Conn, id: ValidationRunId) -> QueryResult<Option<RunRow>> {
    validation_run::table.find(id.0).select(cols::<RunRow>()).first(conn).optional()
}

/// The newest runs of a file.
pub fn runs_of(conn: &mut Conn, sha256: &str, limit: i64) -> QueryResult<Vec<RunRow>> {
    validation_run::table
        .filter(validation_run::sha256.eq(sha256))
        .order(validation_run::id.desc())
        .limit(limit)
        .select(cols::<RunRow>())
        .load(conn)
}
