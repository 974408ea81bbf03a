//! Rapid tests, their pictures and their re-tests.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::schema::{rapid_picture, rapid_test, sample, sampling_form};
use crate::db::{Conn, cols, each};
use crate::domain::clock::Moment;
use crate::domain::ids::{PersonId, SampleId};

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = rapid_test)]
pub struct RapidRow {
    pub id: i64,
    pub version: i64,
    pub place: String,
    pub unit_name: String,
    pub product: String,
    pub item: String,
    pub kit: String,
    pub kit_lot: String,
    pub kit_expires_on: NaiveDate,
    pub reader: String,
    pub reading: String,
    pub verdict: String,
    pub repeat_reading: String,
    pub repeat_verdict: String,
    pub tested_by: String,
    pub tested_at: Moment,
    pub told_at: Moment,
    pub due_at: Moment,
    pub asked_at: Option<Moment>,
    pub ground: String,
    pub retest_id: Option<SampleId>,
    pub handling: String,
    pub person_id: PersonId,
    pub erased_at: Option<Moment>,
}

#[derive(Insertable)]
#[diesel(table_name = rapid_test, treat_none_as_default_value = false)]
pub struct NewRapid<'a> {
    pub version: i64,
    pub place: &'a str,
    pub unit_name: &'a str,
    pub product: &'a str,
    pub item: &'a str,
    pub kit: &'a str,
    pub kit_lot: &'a str,
    pub kit_expires_on: NaiveDate,
    pub reader: &'a str,
    pub reading: &'a str,
    pub verdict: &'a str,
    pub repeat_reading: &'a str,
    pub repeat_verdict: &'a str,
    pub tested_by: &'a str,
    pub tested_at: Moment,
    pub told_at: Moment,
    pub due_at: Moment,
    pub ground: &'a str,
    pub handling: &'a str,
    pub person_id: PersonId,
    pub at: Moment,
}

pub fn insert_rapid(conn: &mut Conn, row: &NewRapid) -> QueryResult<i64> {
    diesel::insert_into(rapid_test::table).values(row).returning(rapid_test::id).get_result(conn)
}

pub fn rapid(conn: &mut Conn, id: i64) -> QueryResult<Option<RapidRow>> {
    rapid_test::table.find(id).select(cols::<RapidRow>()).first(conn).optional()
}

/// Newest first, before an id; those alone whose re-test was asked for and has no sample yet, if `waiting`.
pub fn rapids(conn: &mut Conn, waiting: bool, before: i64, limit: i64) -> QueryResult<Vec<RapidRow>> {
    let found = rapid_test::table
        .filter(rapid_test::id.lt(before))
        .order(rapid_test::id.desc())
        .limit(limit)
        .select(cols::<RapidRow>());
    if waiting {
        found.filter(rapid_test::asked_at.is_not_null()).filter(rapid_test::retest_id.is_null()).load(conn)
    } else {
        found.load(conn)
    }
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

/// Says what became of the goods, likewise.
pub fn set_handling(conn: &mut Conn, id: i64, seen: i64, handling: &str) -> QueryResult<bool> {
    let row = rapid_test::table.filter(rapid_test::id.eq(id)).filter(rapid_test::version.eq(seen));
    let changed =
        diesel::update(row).set((rapid_test::handling.eq(handling), rapid_test::version.eq(seen + 1))).execute(conn)?;
    Ok(changed == 1)
}

/// Takes the personal words out of a row: seller, whoever tested, and ground.
pub fn erase_rapid(
    conn: &mut Conn,
    id: i64,
    version: i64,
    (unit_name, tested_by): (&str, &str),
    at: Moment,
) -> QueryResult<()> {
    diesel::update(rapid_test::table.find(id))
        .set((
            rapid_test::unit_name.eq(unit_name),
            rapid_test::tested_by.eq(tested_by),
            rapid_test::ground.eq(""),
            rapid_test::erased_at.eq(at),
            rapid_test::version.eq(version),
        ))
        .execute(conn)?;
    Ok(())
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

#[derive(Insertable)]
#[diesel(table_name = rapid_picture, treat_none_as_default_value = false)]
pub struct NewRapidPicture<'a> {
    pub rapid_id: i64,
    pub sha256: &'a str,
    pub person_id: PersonId,
    pub at: Moment,
}

/// Stores a picture; `None` when the test has the same bytes already.
pub fn insert_rapid_picture(conn: &mut Conn, row: &NewRapidPicture) -> QueryResult<Option<i64>> {
    let made: Vec<i64> = each!(conn, c => diesel::insert_into(rapid_picture::table)
        .values(row)
        .on_conflict_do_nothing()
        .returning(rapid_picture::id)
        .get_results(c))?;
    Ok(made.into_iter().next())
}

/// Pictures of rapid tests, oldest first: the test and the picture.
pub fn rapid_pictures(conn: &mut Conn, of: &[i64]) -> QueryResult<Vec<(i64, i64)>> {
    rapid_picture::table
        .filter(rapid_picture::rapid_id.eq_any(of.to_vec()))
        .order(rapid_picture::id)
        .select((rapid_picture::rapid_id, rapid_picture::id))
        .load(conn)
}

/// The file of a picture of a rapid test: its SHA-256.
pub fn rapid_picture_file(conn: &mut Conn, of: i64, id: i64) -> QueryResult<Option<String>> {
    rapid_picture::table
        .filter(rapid_picture::rapid_id.eq(of))
        .filter(rapid_picture::id.eq(id))
        .select(rapid_picture::sha256)
        .first(conn)
        .optional()
}
