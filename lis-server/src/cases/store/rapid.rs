//! Rapid tests and their re-tests.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::schema::{rapid_test, sample, sampling_form};
use crate::db::{Conn, cols};
use crate::domain::clock::Moment;
use crate::domain::ids::{PersonId, SampleId};

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = rapid_test)]
pub struct RapidRow {
    pub id: i64,
    pub version: i64,
    pub unit_name: String,
    pub product: String,
    pub item: String,
    pub kit: String,
    pub kit_lot: String,
    pub kit_expires_on: NaiveDate,
    pub reading: String,
    pub verdict: String,
    pub tested_at: Moment,
    pub told_at: Moment,
    pub due_at: Moment,
    pub asked_at: Option<Moment>,
    pub ground: String,
    pub retest_id: Option<SampleId>,
}

#[derive(Insertable)]
#[diesel(table_name = rapid_test, treat_none_as_default_value = false)]
pub struct NewRapid<'a> {
    pub version: i64,
    pub unit_name: &'a str,
    pub product: &'a str,
    pub item: &'a str,
    pub kit: &'a str,
    pub kit_lot: &'a str,
    pub kit_expires_on: NaiveDate,
    pub reading: &'a str,
    pub verdict: &'a str,
    pub tested_at: Moment,
    pub told_at: Moment,
    pub due_at: Moment,
    pub ground: &'a str,
    pub person_id: PersonId,
    pub at: Moment,
}

pub fn insert_rapid(conn: &mut Conn, row: &NewRapid) -> QueryResult<i64> {
    diesel::insert_into(rapid_test::table).values(row).returning(rapid_test::id).get_result(conn)
}

pub fn rapid(conn: &mut Conn, id: i64) -> QueryResult<Option<RapidRow>> {
    rapid_test::table.find(id).select(cols::<RapidRow>()).first(conn).optional()
}

/// Newest first.
pub fn rapids(conn: &mut Conn, limit: i64) -> QueryResult<Vec<RapidRow>> {
    rapid_test::table.order(rapid_test::id.desc()).limit(limit).select(cols::<RapidRow>()).load(conn)
}

/// Keeps an application if the row is still at the version that was seen.
pub fn ask_retest(conn: &mut Conn, id: i64, seen: i64, ground: &str, at: Moment) -> QueryResult<bool> {
    let row = rapid_test::table.filter(rapid_test::id.eq(id)).filter(rapid_test::version.eq(seen));
    let changed = diesel::update(row)
        .set((rapid_test::asked_at.eq(at), rapid_test::ground.eq(ground), rapid_test::version.eq(seen + 1)))
        .execute(conn)?;
    Ok(changed == 1)
}

/// Names the sample that is tested again, likewise.
pub fn set_retest(conn: &mut Conn, id: i64, seen: i64, retest: SampleId) -> QueryResult<bool> {
    let row = rapid_test::table.filter(rapid_test::id.eq(id)).filter(rapid_test::version.eq(seen));
    let changed = diesel::update(row)
        .set((rapid_test::retest_id.eq(retest.0), rapid_test::version.eq(seen + 1)))
        .execute(conn)?;
    Ok(changed == 1)
}

/// Rapid tests whose re-test was asked for and has no sample yet.
pub fn count_rapids_asked(conn: &mut Conn) -> QueryResult<i64> {
    rapid_test::table
        .filter(rapid_test::asked_at.is_not_null())
        .filter(rapid_test::retest_id.is_null())
        .count()
        .get_result(conn)
}

/// A sample by the number of its form or its own, with its type.
pub fn retest_by_number(conn: &mut Conn, number: &str) -> QueryResult<Option<(SampleId, String)>> {
    sample::table
        .inner_join(sampling_form::table)
        .filter(sampling_form::form_no.eq(number).or(sample::sample_no.eq(number)))
        .select((sample::id, sample::sample_type))
        .first(conn)
        .optional()
}
