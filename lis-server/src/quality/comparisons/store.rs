//! Queries of comparisons, nothing else.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::schema::comparison;
use crate::db::{Conn, cols};
use crate::domain::clock::Moment;
use crate::domain::ids::{ComparisonId, PersonId};

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = comparison)]
pub struct ComparisonRow {
    pub id: ComparisonId,
    pub version: i64,
    pub kind: String,
    pub method_standard: String,
    pub analyte: String,
    pub unit: String,
    pub first_side: String,
    pub second_side: String,
    pub allowed_difference: String,
    pub due_on: NaiveDate,
    pub planned_by: PersonId,
    pub first_value: String,
    pub second_value: String,
    pub difference: String,
    pub verdict: String,
    pub performed_on: Option<NaiveDate>,
    pub remark: String,
    pub recorded_by: Option<PersonId>,
}

#[derive(Insertable)]
#[diesel(table_name = comparison, treat_none_as_default_value = false)]
pub struct NewComparison<'a> {
    pub version: i64,
    pub kind: &'a str,
    pub method_standard: &'a str,
    pub analyte: &'a str,
    pub unit: &'a str,
    pub first_side: &'a str,
    pub second_side: &'a str,
    pub allowed_difference: &'a str,
    pub due_on: NaiveDate,
    pub planned_by: PersonId,
    pub planned_at: Moment,
    pub first_value: &'a str,
    pub second_value: &'a str,
    pub difference: &'a str,
    pub verdict: &'a str,
    pub remark: &'a str,
}

pub fn insert(conn: &mut Conn, row: &NewComparison) -> QueryResult<ComparisonId> {
    diesel::insert_into(comparison::table).values(row).returning(comparison::id).get_result(conn)
}

/// Comparisons, newest first, before an id (exclusive).
pub fn comparisons(conn: &mut Conn, before: i64, limit: i64) -> QueryResult<Vec<ComparisonRow>> {
    comparison::table
        .filter(comparison::id.lt(before))
        .order(comparison::id.desc())
        .limit(limit)
        .select(cols::<ComparisonRow>())
        .load(conn)
}

pub fn comparison(conn: &mut Conn, id: ComparisonId) -> QueryResult<Option<ComparisonRow>> {
    comparison::table.filter(comparison::id.eq(id)).select(cols::<ComparisonRow>()).first(conn).optional()
}

/// Plans without a result that were due before a day.
pub fn count_overdue(conn: &mut Conn, day: NaiveDate) -> QueryResult<i64> {
    comparison::table.filter(comparison::verdict.eq("")).filter(comparison::due_on.lt(day)).count().get_result(conn)
}

/// What came of a comparison.
pub struct NewResult<'a> {
    pub first_value: &'a str,
    pub second_value: &'a str,
    pub difference: &'a str,
    pub verdict: &'a str,
    pub performed_on: NaiveDate,
    pub remark: &'a str,
    pub by: PersonId,
    pub at: Moment,
}

pub fn set_result(conn: &mut Conn, id: ComparisonId, seen: i64, result: &NewResult) -> QueryResult<bool> {
    let seen_row = comparison::table.filter(comparison::id.eq(id)).filter(comparison::version.eq(seen));
    let changes = (
        comparison::version.eq(seen + 1),
        comparison::first_value.eq(result.first_value),
        comparison::second_value.eq(result.second_value),
        comparison::difference.eq(result.difference),
        comparison::verdict.eq(result.verdict),
        comparison::performed_on.eq(result.performed_on),
        comparison::remark.eq(result.remark),
        comparison::recorded_by.eq(result.by),
        comparison::recorded_at.eq(result.at),
    );
    Ok(diesel::update(seen_row).set(changes).execute(conn)? == 1)
}
