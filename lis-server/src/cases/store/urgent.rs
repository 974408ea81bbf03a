//! Findings of possible serious harm.

use diesel::prelude::*;

use crate::db::schema::{sample, sampling_form, urgent_finding};
use crate::db::{Conn, cols};
use crate::domain::clock::Moment;
use crate::domain::ids::{PersonId, SampleId};

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = urgent_finding)]
pub struct UrgentRow {
    pub id: i64,
    pub version: i64,
    pub sample_id: SampleId,
    pub ground: String,
    pub confirmed_at: Moment,
    pub due_at: Moment,
    pub told_at: Option<Moment>,
    pub told_how: String,
}

#[derive(Insertable)]
#[diesel(table_name = urgent_finding, treat_none_as_default_value = false)]
pub struct NewUrgent<'a> {
    pub version: i64,
    pub sample_id: SampleId,
    pub ground: &'a str,
    pub confirmed_at: Moment,
    pub due_at: Moment,
    pub told_how: &'a str,
    pub person_id: PersonId,
    pub at: Moment,
}

pub fn insert_urgent(conn: &mut Conn, row: &NewUrgent) -> QueryResult<i64> {
    diesel::insert_into(urgent_finding::table).values(row).returning(urgent_finding::id).get_result(conn)
}

pub fn urgent(conn: &mut Conn, id: i64) -> QueryResult<Option<UrgentRow>> {
    urgent_finding::table.find(id).select(cols::<UrgentRow>()).first(conn).optional()
}

/// The newest findings, those that nobody was told of yet among them.
pub fn urgents(conn: &mut Conn, limit: i64) -> QueryResult<Vec<UrgentRow>> {
    urgent_finding::table.order(urgent_finding::id.desc()).limit(limit).select(cols::<UrgentRow>()).load(conn)
}

/// Findings that nobody was told of yet.
pub fn urgents_open(conn: &mut Conn) -> QueryResult<Vec<UrgentRow>> {
    urgent_finding::table.filter(urgent_finding::told_at.is_null()).select(cols::<UrgentRow>()).load(conn)
}

/// Ends the limit if the row is still at the version that was seen.
pub fn tell_urgent(conn: &mut Conn, id: i64, seen: i64, how: &str, at: Moment) -> QueryResult<bool> {
    let row = urgent_finding::table.filter(urgent_finding::id.eq(id)).filter(urgent_finding::version.eq(seen));
    let changed = diesel::update(row)
        .set((urgent_finding::told_at.eq(at), urgent_finding::told_how.eq(how), urgent_finding::version.eq(seen + 1)))
        .execute(conn)?;
    Ok(changed == 1)
}

/// A sample by its number, and when it was taken.
pub fn sample_by_number(conn: &mut Conn, number: &str) -> QueryResult<Option<(SampleId, Option<Moment>)>> {
    sample::table
        .inner_join(sampling_form::table)
        .filter(sample::sample_no.eq(number))
        .select((sample::id, sampling_form::sampled_at))
        .first(conn)
        .optional()
}
