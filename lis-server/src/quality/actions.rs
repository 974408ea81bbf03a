//! Non-conforming work as the quality officer sees it. It is opened in `opening` and dealt with in `handling`.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use serde::Serialize;

use super::handling::rests_on_affected;
pub use super::opening::{AffectedItem, open_on_instrument, open_work};
use super::state::Effect;
use super::store::{self, AffectedRow, WorkRow};
use crate::accounts::Actor;
use crate::accounts::actions::names_of;
use crate::accounts::role::Role;
use crate::db::Conn;
use crate::domain::clock::Moment;
use crate::domain::ids::{ItemId, PersonId, ReportId, SampleId, WorkId};
use crate::domain::refusal::{NOT_FOUND, Outcome};
use crate::reports::state::ReportState;

/// Non-conforming work.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct WorkView {
    pub id: i64,
    pub version: i64,
    pub work_no: String,
    pub worksheet_id: Option<i64>,
    pub description: String,
    /// open, held, evaluated, resumed, correcting, effective, closed
    pub state: String,
    /// entry, instrument, lot, person, proficiency, overturned
    pub subject: String,
    /// Code of the instrument, lot, name, scheme; empty of an entry.
    pub subject_name: String,
    /// The lot of the register that it is about.
    pub lot_id: Option<i64>,
    /// Results after this moment are listed; of an instrument nothing: after each method's last accepted control.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub since: Option<Moment>,
    /// low, medium, high; empty: nobody has classified it yet.
    pub risk: String,
    /// Empty: a list that was imported on the server itself.
    pub opened_by: String,
    #[schema(value_type = String, format = DateTime)]
    pub opened_at: Moment,
    pub root_cause: String,
    pub corrective_action: String,
    #[schema(value_type = Option<String>, format = Date)]
    pub due_on: Option<NaiveDate>,
    /// What the check of the corrective action found.
    pub effect_remark: String,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub effect_checked_at: Option<Moment>,
    pub closed_by: String,
    pub closing_remark: String,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub closed_at: Option<Moment>,
    /// Issued reports that stand on affected results; none in lists.
    pub reports_to_recall: usize,
    /// Empty in lists.
    pub affected: Vec<AffectedView>,
}

impl WorkView {
    /// Items of which nobody has said yet whether their result is affected.
    pub fn waiting(&self) -> usize {
        self.affected.iter().filter(|item| item.effect.is_empty()).count()
    }
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
    /// The report is issued and was neither recalled nor replaced.
    pub report_stands: bool,
    pub old_reported: String,
    pub old_verdict: String,
    pub new_reported: String,
    pub new_verdict: String,
    /// No report with the item is reviewed or authorized.
    pub on_hold: bool,
    /// none, affected; empty before the evaluation.
    pub effect: String,
    pub remark: String,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub recalled_at: Option<Moment>,
}

impl AffectedView {
    /// With the reports of all listed samples that stand now: one may have been issued since the work was opened.
    fn of(row: AffectedRow, standing: &[Standing]) -> Self {
        let on_hold = holds(&row);
        let is_same = row.result == row.old_result;
        let now = standing.iter().rev().find(|(sample, ..)| is_same && *sample == row.sample);
        let report_stands = now.is_some() || stands(&row);
        let report = now.map(|(_, id, number)| (*id, number.clone()));
        let report = report.or(row.report.map(|(id, number, _)| (id, number)));
        let (report_id, report_no) = report.map(|(id, number)| (id.0, number)).unzip();
        let (old_reported, old_verdict) = row.old.unwrap_or_default();
        let (new_reported, new_verdict) = row.new.or(row.current.filter(|_| !is_same)).unwrap_or_default();
        Self {
            item_id: row.item.0,
            analyte_zh: row.analyte_zh,
            analyte_en: row.analyte_en,
            sample_id: row.sample.0,
            sample_no: row.sample_no.unwrap_or_default(),
            report_id,
            report_no: report_no.unwrap_or_default(),
            report_stands,
            old_reported,
            old_verdict,
            new_reported,
            new_verdict,
            on_hold,
            effect: row.effect,
            remark: row.remark,
            recalled_at: row.recalled_at,
        }
    }
}

/// A report that stands: its sample, its id and its number.
type Standing = (SampleId, ReportId, String);

/// Whether the report of an item is with people and nothing has taken its place.
fn stands(row: &AffectedRow) -> bool {
    let state = row.report.as_ref().and_then(|(_, _, state)| ReportState::parse(state));
    matches!(state, Some(ReportState::Issued | ReportState::Amended))
}

/// Whether an item is held: an affected one is free again when it has another result. The statement of
/// `reports/store/gathered.rs` says the same.
fn holds(row: &AffectedRow) -> bool {
    row.on_hold && (row.effect != Effect::Affected.code() || row.result == row.old_result)
}

pub fn works(conn: &mut Conn, before: i64, limit: i64) -> Outcome<Vec<WorkView>> {
    let rows = store::works(conn, before, limit)?;
    let names = names(conn, &rows)?;
    Ok(rows.into_iter().map(|row| view(&names, row)).collect())
}

fn names(conn: &mut Conn, rows: &[WorkRow]) -> Outcome<HashMap<PersonId, String>> {
    let people: Vec<PersonId> = rows.iter().flat_map(|row| [row.opened_by, row.closed_by]).flatten().collect();
    names_of(conn, &people)
}

fn view(names: &HashMap<PersonId, String>, row: WorkRow) -> WorkView {
    let name = |id: Option<PersonId>| id.and_then(|id| names.get(&id).cloned()).unwrap_or_default();
    WorkView {
        id: row.id.0,
        version: row.version,
        worksheet_id: row.worksheet_id.map(|id| id.0),
        lot_id: row.lot_id.map(|id| id.0),
        opened_by: name(row.opened_by),
        closed_by: name(row.closed_by),
        work_no: row.work_no,
        description: row.description,
        state: row.state,
        subject: row.subject,
        subject_name: row.subject_name,
        since: row.since,
        risk: row.risk,
        opened_at: row.opened_at,
        root_cause: row.root_cause,
        corrective_action: row.corrective_action,
        due_on: row.due_on,
        effect_remark: row.effect_remark,
        effect_checked_at: row.effect_checked_at,
        closing_remark: row.closing_remark,
        closed_at: row.closed_at,
        reports_to_recall: 0,
        affected: Vec::new(),
    }
}

/// One work with everything it lists.
pub fn work(conn: &mut Conn, id: WorkId) -> Outcome<WorkView> {
    let row = store::work(conn, id)?.ok_or(NOT_FOUND)?;
    let names = names(conn, std::slice::from_ref(&row))?;
    let mut view = view(&names, row);
    let rows = store::affected(conn, id)?;
    let mut samples: Vec<SampleId> = rows.iter().map(|row| row.sample).collect();
    samples.dedup();
    let standing = store::reports_of(conn, &samples, store::STANDING)?;
    let doubted: HashSet<SampleId> = rows.iter().filter(|row| rests_on_affected(row)).map(|row| row.sample).collect();
    view.reports_to_recall = standing.iter().filter(|(sample, ..)| doubted.contains(sample)).count();
    view.affected = rows.into_iter().map(|row| AffectedView::of(row, &standing)).collect();
    Ok(view)
}

/// The numbers of the works that hold an item.
pub fn works_holding(conn: &mut Conn, item: ItemId) -> Outcome<Vec<String>> {
    Ok(store::works_holding(conn, item)?)
}

/// Non-conforming work that is not closed, for the page of waiting work.
pub fn count_open(conn: &mut Conn, _: &Actor) -> Outcome<i64> {
    Ok(store::count_open(conn)?)
}

/// What the page that opens work offers to choose from.
#[derive(Clone, Debug, Default)]
pub struct Offered {
    /// Id, code and name.
    pub instruments: Vec<(i64, String)>,
    /// The same, newest first.
    pub lots: Vec<(i64, String)>,
    pub methods: Vec<String>,
    pub people: Vec<(i64, String)>,
}

/// Lots to choose from: those that are in use, and more.
const LOTS_OFFERED: i64 = 500;

/// Four statements.
pub fn offered(conn: &mut Conn) -> Outcome<Offered> {
    let instruments = store::instruments(conn)?.into_iter().map(|(id, code, name)| (id.0, format!("{code} {name}")));
    let lots = store::lots(conn, LOTS_OFFERED)?.into_iter().map(|(id, code, name)| (id.0, format!("{code} {name}")));
    Ok(Offered {
        lots: lots.collect(),
        instruments: instruments.collect(),
        methods: store::methods_used(conn)?,
        people: crate::accounts::actions::people_with_role(conn, Role::Tester)?
            .into_iter()
            .map(|(id, name)| (id.0, name))
            .collect(),
    })
}
