//! Queries of proficiency tests, nothing else.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::schema::{nonconforming_work, proficiency_round};
use crate::db::{Conn, cols};
use crate::domain::clock::Moment;
use crate::domain::ids::{PersonId, RoundId, WorkId};

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = proficiency_round)]
pub struct RoundRow {
    pub id: RoundId,
    pub version: i64,
    pub provider: String,
    pub scheme: String,
    pub analyte: String,
    pub matrix: String,
    pub method_standard: String,
    pub unit: String,
    pub assigned_value: String,
    pub sigma_pt: String,
    pub own_result: String,
    pub z_score: String,
    pub verdict: String,
    pub reported_on: NaiveDate,
    pub work_id: Option<WorkId>,
    pub person_id: PersonId,
    pub tester_id: Option<PersonId>,
}

#[derive(Insertable)]
#[diesel(table_name = proficiency_round, treat_none_as_default_value = false)]
pub struct NewRound<'a> {
    pub version: i64,
    pub provider: &'a str,
    pub scheme: &'a str,
    pub analyte: &'a str,
    pub matrix: &'a str,
    pub method_standard: &'a str,
    pub unit: &'a str,
    pub assigned_value: &'a str,
    pub sigma_pt: &'a str,
    pub own_result: &'a str,
    pub z_score: &'a str,
    pub verdict: &'a str,
    pub reported_on: NaiveDate,
    pub person_id: PersonId,
    pub at: Moment,
    pub tester_id: Option<PersonId>,
}

pub fn insert(conn: &mut Conn, row: &NewRound) -> QueryResult<RoundId> {
    diesel::insert_into(proficiency_round::table).values(row).returning(proficiency_round::id).get_result(conn)
}

/// A round with the number of the work that was opened on it.
pub type Line = (RoundRow, Option<String>);

/// Rounds, newest first, before an id (exclusive), of one person or of all.
pub fn rounds(conn: &mut Conn, of: Option<PersonId>, before: i64, limit: i64) -> QueryResult<Vec<Line>> {
    let mut query = proficiency_round::table
        .left_join(nonconforming_work::table.on(proficiency_round::work_id.eq(nonconforming_work::id.nullable())))
        .filter(proficiency_round::id.lt(before))
        .into_boxed();
    if let Some(person) = of {
        query = query.filter(proficiency_round::tester_id.eq(person));
    }
    query
        .order(proficiency_round::id.desc())
        .limit(limit)
        .select((cols::<RoundRow>(), nonconforming_work::work_no.nullable()))
        .load(conn)
}

/// Rounds with a verdict: scheme, method, score, and number and state of the work that was opened on each.
pub fn of_verdict(
    conn: &mut Conn,
    verdict: &str,
) -> QueryResult<Vec<(String, String, String, Option<(String, String)>)>> {
    proficiency_round::table
        .left_join(nonconforming_work::table.on(proficiency_round::work_id.eq(nonconforming_work::id.nullable())))
        .filter(proficiency_round::verdict.eq(verdict))
        .order(proficiency_round::id)
        .select((
            proficiency_round::scheme,
            proficiency_round::method_standard,
            proficiency_round::z_score,
            (nonconforming_work::work_no, nonconforming_work::state).nullable(),
        ))
        .load(conn)
}

pub fn round(conn: &mut Conn, id: RoundId) -> QueryResult<Option<RoundRow>> {
    proficiency_round::table.filter(proficiency_round::id.eq(id)).select(cols::<RoundRow>()).first(conn).optional()
}

pub fn set_work(conn: &mut Conn, id: RoundId, seen: i64, work: WorkId) -> QueryResult<bool> {
    let seen_row =
        proficiency_round::table.filter(proficiency_round::id.eq(id)).filter(proficiency_round::version.eq(seen));
    let changes = (proficiency_round::version.eq(seen + 1), proficiency_round::work_id.eq(work));
    Ok(diesel::update(seen_row).set(changes).execute(conn)? == 1)
}
