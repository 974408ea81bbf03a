//! Queries of versions of results, of verdicts over controls and of releases.

use std::collections::HashMap;

use diesel::prelude::*;

use super::super::compute::replays;
use crate::db::schema::{qc_control_release, qc_release, qc_verdict, result_version, sample, test_item};
use crate::db::{Conn, cols, each};
use crate::domain::clock::Moment;
use crate::domain::ids::{CatalogueSetId, ItemId, PersonId, QcVerdictId, ResultEntryId, ResultId, WorksheetId};

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = result_version)]
pub struct ResultRow {
    pub id: ResultId,
    pub item_id: ItemId,
    pub version_no: i64,
    pub entries: String,
    pub value: String,
    pub unit: String,
    pub reported: String,
    pub verdict: String,
    pub record: String,
    pub limit_set_id: Option<CatalogueSetId>,
    pub limit_key: String,
    pub method_key: String,
    pub cause: String,
    pub reason: String,
    pub person_id: PersonId,
    pub at: Moment,
}

impl ResultRow {
    /// The entries that it used.
    pub fn entries(&self) -> Vec<ResultEntryId> {
        self.entries.split(' ').filter_map(|id| id.parse().ok().map(ResultEntryId)).collect()
    }

    /// Whether the rules of its edition give its record again, byte for byte; `None`: only a newer program has those rules.
    pub fn reproduces(&self) -> Option<bool> {
        replays(&self.record).ok()
    }
}

#[derive(Insertable, Clone, Debug)]
#[diesel(table_name = result_version, treat_none_as_default_value = false)]
pub struct NewResultRow {
    pub item_id: ItemId,
    pub version_no: i64,
    pub entries: String,
    pub value: String,
    pub unit: String,
    pub reported: String,
    pub verdict: String,
    pub record: String,
    pub limit_set_id: Option<CatalogueSetId>,
    pub limit_key: String,
    pub method_key: String,
    pub cause: &'static str,
    pub reason: String,
    pub person_id: PersonId,
    pub at: Moment,
}

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = qc_verdict)]
pub struct QcRow {
    pub id: QcVerdictId,
    pub worksheet_id: WorksheetId,
    pub version_no: i64,
    pub verdict: String,
    pub record: String,
    pub at: Moment,
}

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = qc_release)]
pub struct ReleaseRow {
    pub qc_verdict_id: QcVerdictId,
    pub cause: String,
    pub action: String,
    pub person_id: PersonId,
    pub at: Moment,
}

/// Inserts versions of results, one of an item; their ids in the order of the rows.
pub fn insert_results(conn: &mut Conn, rows: &[NewResultRow]) -> QueryResult<Vec<ResultId>> {
    let made: Vec<(ItemId, ResultId)> = each!(conn, c => diesel::insert_into(result_version::table)
        .values(rows)
        .returning((result_version::item_id, result_version::id))
        .get_results(c))?;
    let made: HashMap<ItemId, ResultId> = made.into_iter().collect();
    rows.iter().map(|row| made.get(&row.item_id).copied().ok_or(diesel::NotFound)).collect()
}

pub fn results_of(conn: &mut Conn, items: &[ItemId]) -> QueryResult<Vec<ResultRow>> {
    result_version::table
        .filter(result_version::item_id.eq_any(items.iter().map(|id| id.0)))
        .order((result_version::item_id, result_version::version_no.desc()))
        .select(cols::<ResultRow>())
        .load(conn)
}

/// Of items with a result the entries that it rests on, and its record.
pub fn made_of(conn: &mut Conn, items: &[ItemId]) -> QueryResult<Vec<(ItemId, String, String)>> {
    if items.is_empty() {
        return Ok(Vec::new());
    }
    test_item::table
        .inner_join(result_version::table.on(test_item::result_id.eq(result_version::id.nullable())))
        .filter(test_item::id.eq_any(items.iter().map(|id| id.0)))
        .select((test_item::id, result_version::entries, result_version::record))
        .load(conn)
}

/// What lists show of a result.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = result_version)]
pub struct ReportedRow {
    pub item_id: ItemId,
    pub reported: String,
    pub unit: String,
    pub verdict: String,
    pub record: String,
}

pub fn reported(conn: &mut Conn, ids: &[ResultId]) -> QueryResult<Vec<ReportedRow>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    result_version::table
        .filter(result_version::id.eq_any(ids.iter().map(|id| id.0)))
        .select(cols::<ReportedRow>())
        .load(conn)
}

pub fn result(conn: &mut Conn, id: ResultId) -> QueryResult<Option<ResultRow>> {
    result_version::table.find(id.0).select(cols::<ResultRow>()).first(conn).optional()
}

/// A version of a result with the names of what it is of.
#[derive(Queryable, Clone, Debug)]
pub struct VersionRow {
    pub id: ResultId,
    pub version_no: i64,
    pub record: String,
    pub item: ItemId,
    pub analyte_zh: String,
    pub analyte_en: String,
    pub sample_no: Option<String>,
}

/// The versions of all results after one of them, in the order in which they were made.
pub fn versions_after(conn: &mut Conn, after: ResultId, limit: i64) -> QueryResult<Vec<VersionRow>> {
    result_version::table
        .inner_join(test_item::table.on(test_item::id.eq(result_version::item_id)))
        .inner_join(sample::table.on(sample::id.eq(test_item::sample_id)))
        .filter(result_version::id.gt(after.0))
        .order(result_version::id)
        .limit(limit)
        .select((
            result_version::id,
            result_version::version_no,
            result_version::record,
            test_item::id,
            test_item::analyte_zh,
            test_item::analyte_en,
            sample::sample_no,
        ))
        .load(conn)
}

pub fn insert_qc(
    conn: &mut Conn,
    sheet: WorksheetId,
    version_no: i64,
    verdict: &str,
    record: &str,
    at: Moment,
) -> QueryResult<QcVerdictId> {
    diesel::insert_into(qc_verdict::table)
        .values((
            qc_verdict::worksheet_id.eq(sheet),
            qc_verdict::version_no.eq(version_no),
            qc_verdict::verdict.eq(verdict),
            qc_verdict::record.eq(record),
            qc_verdict::at.eq(at),
        ))
        .returning(qc_verdict::id)
        .get_result(conn)
}

/// The QC verdicts of sheets with their releases, newest first.
pub fn qc_of(conn: &mut Conn, sheets: &[WorksheetId]) -> QueryResult<Vec<(QcRow, Option<ReleaseRow>)>> {
    qc_verdict::table
        .left_join(qc_release::table)
        .filter(qc_verdict::worksheet_id.eq_any(sheets.iter().map(|id| id.0)))
        .order((qc_verdict::worksheet_id, qc_verdict::version_no.desc()))
        .select((cols::<QcRow>(), cols::<Option<ReleaseRow>>()))
        .load(conn)
}

pub fn insert_release(conn: &mut Conn, row: &ReleaseRow) -> QueryResult<()> {
    diesel::insert_into(qc_release::table)
        .values((
            qc_release::qc_verdict_id.eq(row.qc_verdict_id),
            qc_release::cause.eq(&row.cause),
            qc_release::action.eq(&row.action),
            qc_release::person_id.eq(row.person_id),
            qc_release::at.eq(row.at),
        ))
        .execute(conn)?;
    Ok(())
}

/// A control that was released by itself.
#[derive(Queryable, Selectable, Insertable, Clone, Debug)]
#[diesel(table_name = qc_control_release, treat_none_as_default_value = false)]
pub struct ControlReleaseRow {
    pub qc_verdict_id: QcVerdictId,
    /// Of the control in the verdict's record, from 0.
    pub place: i64,
    pub cause: String,
    pub action: String,
    pub person_id: PersonId,
    pub at: Moment,
}

/// The controls of verdicts that were released, in their order.
pub fn control_releases(conn: &mut Conn, verdicts: &[QcVerdictId]) -> QueryResult<Vec<ControlReleaseRow>> {
    qc_control_release::table
        .filter(qc_control_release::qc_verdict_id.eq_any(verdicts.iter().map(|id| id.0)))
        .order((qc_control_release::qc_verdict_id, qc_control_release::place))
        .select(cols::<ControlReleaseRow>())
        .load(conn)
}

pub fn insert_control_releases(conn: &mut Conn, rows: &[ControlReleaseRow]) -> QueryResult<()> {
    each!(conn, c => diesel::insert_into(qc_control_release::table).values(rows).execute(c))?;
    Ok(())
}
