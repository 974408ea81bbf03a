//! Non-conforming work: opened by whoever finds it, listing everything affected, closed by the quality officer.

use serde::{Deserialize, Serialize};

use super::state::{WorkEvent, WorkState};
use super::store::{self, NewWorkItem, NewWorkRow};
use crate::accounts::actions::names_of;
use crate::accounts::role::ManageQuality;
use crate::accounts::{Actor, May};
use crate::db::{Conn, Tx, series};
use crate::domain::clock::Moment;
use crate::domain::ids::{ItemId, ReportId, ResultId, WorkId, WorksheetId};
use crate::domain::input::Checker;
use crate::domain::refusal::{Fault, NOT_FOUND, Outcome, Refusal, STALE_VERSION};

/// One item that non-conforming work concerns.
#[derive(Clone, Debug)]
pub struct AffectedItem {
    pub item: ItemId,
    /// The report that was issued with the old result.
    pub report: Option<ReportId>,
    pub old_result: Option<ResultId>,
    pub new_result: Option<ResultId>,
}

/// Opens non-conforming work that lists every affected item.
pub fn open_work(
    tx: &mut Tx,
    by: &Actor,
    worksheet: Option<WorksheetId>,
    description: &str,
    affected: &[AffectedItem],
) -> Outcome<WorkId> {
    let month = tx.now.date_in_china().format("%y%m").to_string();
    let number = series::take(tx, &format!("nonconforming-{month}"), 1)?;
    let work_no = format!("N{month}-{number:04}");
    let row = NewWorkRow {
        version: 1,
        work_no: &work_no,
        worksheet_id: worksheet,
        description,
        state: WorkState::Open.code(),
        opened_by: by.person,
        opened_at: tx.now,
    };
    let id = store::insert_work(tx.conn, &row)?;
    let rows: Vec<NewWorkItem> = affected
        .iter()
        .map(|one| NewWorkItem {
            work_id: id,
            item_id: one.item,
            report_id: one.report,
            old_result_id: one.old_result,
            new_result_id: one.new_result,
        })
        .collect();
    store::insert_items(tx.conn, &rows)?;
    let items: Vec<i64> = affected.iter().map(|one| one.item.0).collect();
    tx.log(
        by.entry("nonconforming_work", id.0, 1, "work-opened")
            .set("work_no", work_no)
            .set("description", description)
            .set("items", items),
    );
    Ok(id)
}

/// What was done about it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CloseInput {
    pub action: String,
}

impl CloseInput {
    /// # Errors
    /// When the action is missing or too long.
    pub fn checked(&self) -> Result<String, Refusal> {
        let mut check = Checker::new();
        let action = check.text("action", &self.action, 1000);
        check.done(Some(action))
    }
}

/// Closes non-conforming work; the corrective action stands in the log.
pub fn close_work(tx: &mut Tx, by: &May<ManageQuality>, id: WorkId, seen: i64, action: &str) -> Outcome<i64> {
    let row = store::work(tx.conn, id)?.ok_or(NOT_FOUND)?;
    let state = WorkState::parse(&row.state).ok_or_else(|| Fault::broken(format!("work in state {}", row.state)))?;
    let next = state.after(WorkEvent::Close).map_err(|why| why.with("work", &row.work_no))?;
    if !store::close(tx.conn, id, seen, next, tx.now)? {
        return Err(STALE_VERSION.with("version", row.version).into());
    }
    tx.log(
        by.entry("nonconforming_work", id.0, seen + 1, "work-closed")
            .change("state", state.code(), next.code())
            .set("action", action),
    );
    Ok(seen + 1)
}

/// Non-conforming work as the quality officer sees it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct WorkView {
    pub id: i64,
    pub version: i64,
    pub work_no: String,
    pub worksheet_id: Option<i64>,
    pub description: String,
    /// open, closed
    pub state: String,
    pub opened_by: String,
    #[schema(value_type = String, format = DateTime)]
    pub opened_at: Moment,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub closed_at: Option<Moment>,
    /// Empty in lists.
    pub affected: Vec<AffectedView>,
}

#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct AffectedView {
    pub item_id: i64,
    pub analyte_zh: String,
    pub analyte_en: String,
    pub sample_id: i64,
    pub sample_no: String,
    pub report_id: Option<i64>,
    pub report_no: String,
    pub old_reported: String,
    pub old_verdict: String,
    pub new_reported: String,
    pub new_verdict: String,
}

pub fn works(conn: &mut Conn, before: i64, limit: i64) -> Outcome<Vec<WorkView>> {
    let rows = store::works(conn, before, limit)?;
    let people: Vec<_> = rows.iter().map(|row| row.opened_by).collect();
    let names = names_of(conn, &people)?;
    Ok(rows.into_iter().map(|row| view(names.get(&row.opened_by).cloned().unwrap_or_default(), row)).collect())
}

fn view(opened_by: String, row: store::WorkRow) -> WorkView {
    WorkView {
        id: row.id.0,
        version: row.version,
        work_no: row.work_no,
        worksheet_id: row.worksheet_id.map(|id| id.0),
        description: row.description,
        state: row.state,
        opened_by,
        opened_at: row.opened_at,
        closed_at: row.closed_at,
        affected: Vec::new(),
    }
}

/// One work with everything it lists.
pub fn work(conn: &mut Conn, id: WorkId) -> Outcome<WorkView> {
    let row = store::work(conn, id)?.ok_or(NOT_FOUND)?;
    let names = names_of(conn, &[row.opened_by])?;
    let mut view = view(names.into_values().next().unwrap_or_default(), row);
    view.affected = store::affected(conn, id)?
        .into_iter()
        .map(|row| {
            let (old_reported, old_verdict) = row.old.unwrap_or_default();
            let (new_reported, new_verdict) = row.new.unwrap_or_default();
            AffectedView {
                item_id: row.item.0,
                analyte_zh: row.analyte_zh,
                analyte_en: row.analyte_en,
                sample_id: row.sample.0,
                sample_no: row.sample_no.unwrap_or_default(),
                report_id: row.report.map(|id| id.0),
                report_no: row.report_no.unwrap_or_default(),
                old_reported,
                old_verdict,
                new_reported,
                new_verdict,
            }
        })
        .collect();
    Ok(view)
}

/// Non-conforming work that is open, for the page of waiting work.
pub fn count_open(conn: &mut Conn, _: &Actor) -> Outcome<i64> {
    Ok(store::count_open(conn)?)
}
