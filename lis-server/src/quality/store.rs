//! Queries of quality, nothing else.

use diesel::prelude::*;

use super::state::WorkState;
use crate::db::schema::{nonconforming_item, nonconforming_work, report, result_version, sample, test_item};
use crate::db::{Conn, cols, each};
use crate::domain::clock::Moment;
use crate::domain::ids::{ItemId, PersonId, ReportId, ResultId, SampleId, WorkId, WorksheetId};

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = nonconforming_work)]
pub struct WorkRow {
    pub id: WorkId,
    pub version: i64,
    pub work_no: String,
    pub worksheet_id: Option<WorksheetId>,
    pub description: String,
    pub state: String,
    pub opened_by: PersonId,
    pub opened_at: Moment,
    pub closed_at: Option<Moment>,
}

#[derive(Insertable)]
#[diesel(table_name = nonconforming_work, treat_none_as_default_value = false)]
pub struct NewWorkRow<'a> {
    pub version: i64,
    pub work_no: &'a str,
    pub worksheet_id: Option<WorksheetId>,
    pub description: &'a str,
    pub state: &'a str,
    pub opened_by: PersonId,
    pub opened_at: Moment,
}

#[derive(Insertable)]
#[diesel(table_name = nonconforming_item, treat_none_as_default_value = false)]
pub struct NewWorkItem {
    pub work_id: WorkId,
    pub item_id: ItemId,
    pub report_id: Option<ReportId>,
    pub old_result_id: Option<ResultId>,
    pub new_result_id: Option<ResultId>,
}

pub fn insert_work(conn: &mut Conn, row: &NewWorkRow) -> QueryResult<WorkId> {
    diesel::insert_into(nonconforming_work::table).values(row).returning(nonconforming_work::id).get_result(conn)
}

pub fn insert_items(conn: &mut Conn, rows: &[NewWorkItem]) -> QueryResult<()> {
    if !rows.is_empty() {
        each!(conn, c => diesel::insert_into(nonconforming_item::table).values(rows).execute(c))?;
    }
    Ok(())
}

pub fn works(conn: &mut Conn, before: i64, limit: i64) -> QueryResult<Vec<WorkRow>> {
    nonconforming_work::table
        .filter(nonconforming_work::id.lt(before))
        .order(nonconforming_work::id.desc())
        .limit(limit)
        .select(cols::<WorkRow>())
        .load(conn)
}

pub fn work(conn: &mut Conn, id: WorkId) -> QueryResult<Option<WorkRow>> {
    nonconforming_work::table.find(id.0).select(cols::<WorkRow>()).first(conn).optional()
}

pub fn close(conn: &mut Conn, id: WorkId, seen: i64, next: WorkState, at: Moment) -> QueryResult<bool> {
    let row =
        nonconforming_work::table.filter(nonconforming_work::id.eq(id)).filter(nonconforming_work::version.eq(seen));
    let changed = diesel::update(row)
        .set((
            nonconforming_work::state.eq(next.code()),
            nonconforming_work::closed_at.eq(at),
            nonconforming_work::version.eq(seen + 1),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}

/// An affected item with sample, report, and the results before and after.
#[derive(Queryable, Clone, Debug)]
pub struct AffectedRow {
    pub item: ItemId,
    pub analyte_zh: String,
    pub analyte_en: String,
    pub sample: SampleId,
    pub sample_no: Option<String>,
    pub report: Option<ReportId>,
    pub report_no: Option<String>,
    pub old: Option<(String, String)>,
    pub new: Option<(String, String)>,
}

pub fn affected(conn: &mut Conn, work: WorkId) -> QueryResult<Vec<AffectedRow>> {
    let (old, new) = diesel::alias!(result_version as old_result, result_version as new_result);
    nonconforming_item::table
        .inner_join(test_item::table.on(nonconforming_item::item_id.eq(test_item::id)))
        .inner_join(sample::table.on(test_item::sample_id.eq(sample::id)))
        .left_join(report::table.on(nonconforming_item::report_id.eq(report::id.nullable())))
        .left_join(old.on(nonconforming_item::old_result_id.eq(old.field(result_version::id).nullable())))
        .left_join(new.on(nonconforming_item::new_result_id.eq(new.field(result_version::id).nullable())))
        .filter(nonconforming_item::work_id.eq(work))
        .order((sample::id, test_item::seq))
        .select((
            test_item::id,
            test_item::analyte_zh,
            test_item::analyte_en,
            sample::id,
            sample::sample_no,
            report::id.nullable(),
            report::report_no.nullable(),
            (old.field(result_version::reported), old.field(result_version::verdict)).nullable(),
            (new.field(result_version::reported), new.field(result_version::verdict)).nullable(),
        ))
        .load(conn)
}

/// Non-conforming work that is open.
pub fn count_open(conn: &mut Conn) -> QueryResult<i64> {
    nonconforming_work::table.filter(nonconforming_work::state.eq(WorkState::Open.code())).count().get_result(conn)
}
