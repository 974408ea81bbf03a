//! Queries of validation runs, nothing else.

use diesel::prelude::*;

use crate::db::schema::{program_validation, validation_run};
use crate::db::{Conn, cols};
use crate::domain::clock::Moment;
use crate::domain::ids::{PersonId, ProgramValidationId, ValidationRunId};

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

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = program_validation)]
pub struct SignedRow {
    pub id: ProgramValidationId,
    pub program: String,
    pub tables_at: String,
    pub catalogue: String,
    pub sets: String,
    pub profiles: String,
    pub seen: String,
    pub validation_run_id: ValidationRunId,
    pub remark: String,
    pub person_id: PersonId,
    pub at: Moment,
}

#[derive(Insertable)]
#[diesel(table_name = program_validation, treat_none_as_default_value = false)]
pub struct NewSigned<'a> {
    pub program: &'a str,
    pub tables_at: &'a str,
    pub catalogue: &'a str,
    pub sets: &'a str,
    pub profiles: &'a str,
    pub seen: &'a str,
    pub validation_run_id: ValidationRunId,
    pub remark: &'a str,
    pub person_id: PersonId,
    pub at: Moment,
}

pub fn insert_signed(conn: &mut Conn, row: &NewSigned) -> QueryResult<ProgramValidationId> {
    diesel::insert_into(program_validation::table).values(row).returning(program_validation::id).get_result(conn)
}

/// Signed validations, newest first, before an id (exclusive).
pub fn all_signed(conn: &mut Conn, before: i64, limit: i64) -> QueryResult<Vec<SignedRow>> {
    program_validation::table
        .filter(program_validation::id.lt(before))
        .order(program_validation::id.desc())
        .limit(limit)
        .select(cols::<SignedRow>())
        .load(conn)
}

pub fn signed(conn: &mut Conn, id: ProgramValidationId) -> QueryResult<Option<SignedRow>> {
    program_validation::table.find(id.0).select(cols::<SignedRow>()).first(conn).optional()
}

/// How many signed validations there are of a version of the program.
pub fn count_signed(conn: &mut Conn, program: &str) -> QueryResult<i64> {
    program_validation::table.filter(program_validation::program.eq(program)).count().get_result(conn)
}

/// The newest run of a program and a catalogue in which every answer was as expected.
pub fn agreeing_run(conn: &mut Conn, program: &str, catalogue: &str) -> QueryResult<Option<RunRow>> {
    validation_run::table
        .filter(validation_run::program.eq(program))
        .filter(validation_run::catalogue.eq(catalogue))
        .filter(validation_run::differing.eq(0_i64))
        .order(validation_run::id.desc())
        .select(cols::<RunRow>())
        .first(conn)
        .optional()
}
