//! Queries of non-conforming work, nothing else. What it lists is read across rooms (decision 0012).

mod using;

pub use using::*;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::state::{Effect, Risk, WorkState};
use crate::db::schema::{
    instrument, lot, nonconforming_item, nonconforming_work, report, result_entry, result_version, sample, test_item,
    worksheet, worksheet_lot, worksheet_position,
};
use crate::db::{Conn, change_in_pieces, cols, each, in_pieces};
use crate::domain::clock::Moment;
use crate::domain::ids::{InstrumentId, ItemId, LotId, PersonId, ReportId, ResultId, SampleId, WorkId, WorksheetId};
use crate::reports::state::ReportState;
use crate::testing::state::ItemState;

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = nonconforming_work)]
pub struct WorkRow {
    pub id: WorkId,
    pub version: i64,
    pub work_no: String,
    pub worksheet_id: Option<WorksheetId>,
    pub description: String,
    pub state: String,
    /// `None`: a list that was imported on the server itself.
    pub opened_by: Option<PersonId>,
    pub opened_at: Moment,
    pub closed_at: Option<Moment>,
    pub subject: String,
    pub subject_name: String,
    pub since: Option<Moment>,
    pub risk: String,
    pub root_cause: String,
    pub corrective_action: String,
    pub due_on: Option<NaiveDate>,
    pub effect_remark: String,
    pub effect_checked_at: Option<Moment>,
    pub closed_by: Option<PersonId>,
    pub closing_remark: String,
    pub lot_id: Option<LotId>,
}

#[derive(Insertable)]
#[diesel(table_name = nonconforming_work, treat_none_as_default_value = false)]
pub struct NewWorkRow<'a> {
    pub version: i64,
    pub work_no: &'a str,
    pub worksheet_id: Option<WorksheetId>,
    pub description: &'a str,
    pub state: &'a str,
    /// `None`: a list that was imported on the server itself.
    pub opened_by: Option<PersonId>,
    pub opened_at: Moment,
    pub subject: &'a str,
    pub subject_name: &'a str,
    pub instrument_id: Option<InstrumentId>,
    pub person_id: Option<PersonId>,
    pub lot_id: Option<LotId>,
    pub since: Option<Moment>,
    pub risk: &'a str,
}

#[derive(Insertable)]
#[diesel(table_name = nonconforming_item, treat_none_as_default_value = false)]
pub struct NewWorkItem<'a> {
    pub work_id: WorkId,
    pub item_id: ItemId,
    pub report_id: Option<ReportId>,
    pub old_result_id: Option<ResultId>,
    pub new_result_id: Option<ResultId>,
    pub on_hold: bool,
    pub effect: &'a str,
}

pub fn insert_work(conn: &mut Conn, row: &NewWorkRow) -> QueryResult<WorkId> {
    diesel::insert_into(nonconforming_work::table).values(row).returning(nonconforming_work::id).get_result(conn)
}

/// Rows of one statement: SQLite takes 32,766 values at once.
const ROWS_AT_ONCE: usize = 1_000;

pub fn insert_items(conn: &mut Conn, rows: &[NewWorkItem]) -> QueryResult<()> {
    for some in rows.chunks(ROWS_AT_ONCE) {
        each!(conn, c => diesel::insert_into(nonconforming_item::table).values(some).execute(c))?;
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

/// A step of a work at the version that was seen; `false` when someone was faster.
macro_rules! step {
    ($conn:expr, $id:expr, $seen:expr, $next:expr $(, $change:expr)* $(,)?) => {{
        let seen = nonconforming_work::table
            .filter(nonconforming_work::id.eq($id))
            .filter(nonconforming_work::version.eq($seen));
        let changes =
            (nonconforming_work::version.eq($seen + 1), nonconforming_work::state.eq($next.code()), $($change),*);
        Ok(diesel::update(seen).set(changes).execute($conn)? == 1)
    }};
}

/// To the next state, nothing else.
pub fn set_state(conn: &mut Conn, id: WorkId, seen: i64, next: WorkState) -> QueryResult<bool> {
    step!(conn, id, seen, next)
}

pub fn set_risk(conn: &mut Conn, id: WorkId, seen: i64, state: WorkState, risk: Risk) -> QueryResult<bool> {
    step!(conn, id, seen, state, nonconforming_work::risk.eq(risk.code()))
}

/// The corrective action that was decided; what was said of an earlier one's effect is gone from the row, not from the log.
pub struct Correction<'a> {
    pub root_cause: &'a str,
    pub action: &'a str,
    pub due_on: NaiveDate,
}

pub fn set_correction(conn: &mut Conn, id: WorkId, seen: i64, next: WorkState, to: &Correction) -> QueryResult<bool> {
    step!(
        conn,
        id,
        seen,
        next,
        nonconforming_work::root_cause.eq(to.root_cause),
        nonconforming_work::corrective_action.eq(to.action),
        nonconforming_work::due_on.eq(to.due_on),
        nonconforming_work::effect_remark.eq(""),
        nonconforming_work::effect_checked_at.eq(None::<Moment>),
    )
}

pub fn set_effect(
    conn: &mut Conn,
    id: WorkId,
    seen: i64,
    next: WorkState,
    (remark, at): (&str, Moment),
) -> QueryResult<bool> {
    step!(
        conn,
        id,
        seen,
        next,
        nonconforming_work::effect_remark.eq(remark),
        nonconforming_work::effect_checked_at.eq(at),
    )
}

/// Who closed it, with which words, when.
pub struct Closing<'a> {
    pub by: PersonId,
    pub remark: &'a str,
    pub at: Moment,
}

pub fn close(conn: &mut Conn, id: WorkId, seen: i64, next: WorkState, closing: &Closing) -> QueryResult<bool> {
    step!(
        conn,
        id,
        seen,
        next,
        nonconforming_work::closed_by.eq(closing.by),
        nonconforming_work::closing_remark.eq(closing.remark),
        nonconforming_work::closed_at.eq(closing.at),
    )
}

/// An affected item with sample, report, and the results before and after.
#[derive(Queryable, Clone, Debug)]
pub struct AffectedRow {
    pub item: ItemId,
    /// The result in force.
    pub result: Option<ResultId>,
    pub analyte_zh: String,
    pub analyte_en: String,
    pub sample: SampleId,
    pub sample_no: Option<String>,
    /// Id, number and state.
    pub report: Option<(ReportId, String, String)>,
    pub old_result: Option<ResultId>,
    pub old: Option<(String, String)>,
    pub new: Option<(String, String)>,
    /// Of the result in force.
    pub current: Option<(String, String)>,
    pub on_hold: bool,
    pub effect: String,
    pub remark: String,
    pub recalled_at: Option<Moment>,
}

pub fn affected(conn: &mut Conn, work: WorkId) -> QueryResult<Vec<AffectedRow>> {
    let (old, new, current) =
        diesel::alias!(result_version as old_result, result_version as new_result, result_version as current_result);
    nonconforming_item::table
        .inner_join(test_item::table.on(nonconforming_item::item_id.eq(test_item::id)))
        .inner_join(sample::table.on(test_item::sample_id.eq(sample::id)))
        .left_join(report::table.on(nonconforming_item::report_id.eq(report::id.nullable())))
        .left_join(old.on(nonconforming_item::old_result_id.eq(old.field(result_version::id).nullable())))
        .left_join(new.on(nonconforming_item::new_result_id.eq(new.field(result_version::id).nullable())))
        .left_join(current.on(test_item::result_id.eq(current.field(result_version::id).nullable())))
        .filter(nonconforming_item::work_id.eq(work))
        .order((sample::id, test_item::seq))
        .select((
            test_item::id,
            test_item::result_id,
            test_item::analyte_zh,
            test_item::analyte_en,
            sample::id,
            sample::sample_no,
            (report::id, report::report_no, report::state).nullable(),
            nonconforming_item::old_result_id,
            (old.field(result_version::reported), old.field(result_version::verdict)).nullable(),
            (new.field(result_version::reported), new.field(result_version::verdict)).nullable(),
            (current.field(result_version::reported), current.field(result_version::verdict)).nullable(),
            nonconforming_item::on_hold,
            nonconforming_item::effect,
            nonconforming_item::remark,
            nonconforming_item::recalled_at,
        ))
        .load(conn)
}

/// The numbers of the works that hold an item. An affected one is free again when it has another result than the one that
/// was doubted.
pub fn works_holding(conn: &mut Conn, item: ItemId) -> QueryResult<Vec<String>> {
    let still_doubted = nonconforming_item::effect
        .ne(Effect::Affected.code())
        .or(nonconforming_item::old_result_id.is_null())
        .or(nonconforming_item::old_result_id.eq(test_item::result_id));
    nonconforming_item::table
        .inner_join(nonconforming_work::table)
        .inner_join(test_item::table)
        .filter(nonconforming_item::item_id.eq(item))
        .filter(nonconforming_item::on_hold.eq(true))
        .filter(still_doubted)
        .order(nonconforming_work::id)
        .select(nonconforming_work::work_no)
        .load(conn)
}

/// Nobody decides about an item of this work and issues no report with it before this write ends: they lock the items too.
/// A work that is opened locks them by referring to them. SQLite has one writer anyway.
pub fn lock_items_of(conn: &mut Conn, work: WorkId) -> QueryResult<()> {
    if let Conn::Postgres(c) = conn {
        let listed =
            nonconforming_item::table.filter(nonconforming_item::work_id.eq(work)).select(nonconforming_item::item_id);
        test_item::table
            .filter(test_item::id.eq_any(listed))
            .order(test_item::id)
            .select(test_item::id)
            .for_update()
            .load::<i64>(c)?;
    }
    Ok(())
}

/// Holds every item of a work that is not evaluated yet.
pub fn hold_items(conn: &mut Conn, work: WorkId) -> QueryResult<usize> {
    let waiting = nonconforming_item::table
        .filter(nonconforming_item::work_id.eq(work))
        .filter(nonconforming_item::effect.eq(""));
    diesel::update(waiting).set(nonconforming_item::on_hold.eq(true)).execute(conn)
}

/// What was found of items.
pub struct Evaluation<'a> {
    pub effect: Effect,
    pub remark: &'a str,
    pub by: PersonId,
    pub at: Moment,
}

/// Evaluates the results in force: a correction or a decision may have come since the work was opened. What is affected is
/// held from this moment on.
pub fn evaluate_items(conn: &mut Conn, work: WorkId, items: &[ItemId], found: &Evaluation) -> QueryResult<usize> {
    change_in_pieces(items, |items| {
        let chosen = || {
            nonconforming_item::table
                .filter(nonconforming_item::work_id.eq(work))
                .filter(nonconforming_item::item_id.eq_any(items.iter().map(|id| id.0)))
        };
        let in_force = test_item::table
            .filter(test_item::id.eq(nonconforming_item::item_id))
            .select(test_item::result_id)
            .single_value();
        let evaluated = diesel::update(chosen())
            .set((
                nonconforming_item::old_result_id.eq(in_force),
                nonconforming_item::effect.eq(found.effect.code()),
                nonconforming_item::remark.eq(found.remark),
                nonconforming_item::evaluated_by.eq(found.by),
                nonconforming_item::evaluated_at.eq(found.at),
            ))
            .execute(conn)?;
        if found.effect == Effect::Affected {
            diesel::update(chosen()).set(nonconforming_item::on_hold.eq(true)).execute(conn)?;
        }
        Ok(evaluated)
    })
}

/// Frees the items that are not affected, and holds those that are: they need a new result.
pub fn free_unaffected(conn: &mut Conn, work: WorkId) -> QueryResult<()> {
    let of_work = || nonconforming_item::table.filter(nonconforming_item::work_id.eq(work));
    diesel::update(of_work().filter(nonconforming_item::effect.eq(Effect::None.code())))
        .set(nonconforming_item::on_hold.eq(false))
        .execute(conn)?;
    diesel::update(of_work().filter(nonconforming_item::effect.eq(Effect::Affected.code())))
        .set(nonconforming_item::on_hold.eq(true))
        .execute(conn)?;
    Ok(())
}

pub fn mark_recalled(conn: &mut Conn, work: WorkId, items: &[ItemId], at: Moment) -> QueryResult<()> {
    change_in_pieces(items, |items| {
        let stood_on = nonconforming_item::table
            .filter(nonconforming_item::work_id.eq(work))
            .filter(nonconforming_item::item_id.eq_any(items.iter().map(|id| id.0)));
        diesel::update(stood_on).set(nonconforming_item::recalled_at.eq(at)).execute(conn)
    })?;
    Ok(())
}

/// Non-conforming work that is not closed.
pub fn count_open(conn: &mut Conn) -> QueryResult<i64> {
    nonconforming_work::table.filter(nonconforming_work::state.ne(WorkState::Closed.code())).count().get_result(conn)
}

/// Instruments by code, for a choice.
pub fn instruments(conn: &mut Conn) -> QueryResult<Vec<(InstrumentId, String, String)>> {
    instrument::table.order(instrument::code).select((instrument::id, instrument::code, instrument::name)).load(conn)
}

/// Lots by code, newest first, for a choice.
pub fn lots(conn: &mut Conn, limit: i64) -> QueryResult<Vec<(LotId, String, String)>> {
    lot::table.order(lot::id.desc()).limit(limit).select((lot::id, lot::code, lot::name)).load(conn)
}

/// Worksheets whose testers named one of these lots.
pub fn sheets_naming(conn: &mut Conn, lots: &[LotId]) -> QueryResult<Vec<WorksheetId>> {
    worksheet_lot::table
        .filter(worksheet_lot::lot_id.eq_any(lots.iter().map(|id| id.0)))
        .select(worksheet_lot::worksheet_id)
        .load(conn)
}

/// Where one of these texts was ever entered: worksheet, procedure, field.
pub fn sheets_holding(conn: &mut Conn, texts: &[String]) -> QueryResult<Vec<(WorksheetId, String, String)>> {
    result_entry::table
        .inner_join(worksheet_position::table.on(result_entry::position_id.eq(worksheet_position::id)))
        .inner_join(worksheet::table.on(worksheet_position::worksheet_id.eq(worksheet::id)))
        .filter(result_entry::value.eq_any(texts.to_vec()))
        .select((worksheet::id, worksheet::method_key, result_entry::field))
        .load(conn)
}

/// Methods by which results were made, without their edition, for a choice.
pub fn methods_used(conn: &mut Conn) -> QueryResult<Vec<String>> {
    worksheet::table.select(worksheet::method_standard).distinct().order(worksheet::method_standard).load(conn)
}

/// Whose results are listed.
#[derive(Clone, Debug)]
pub enum Whose {
    /// Standard number without edition.
    Method(String),
    Sheets(Vec<WorksheetId>),
    /// Tested by him, or submitted by him.
    Person(PersonId),
}

/// A result in force.
#[derive(Queryable, Clone, Debug)]
pub struct ResultInForce {
    pub item: ItemId,
    pub sample: SampleId,
    pub result: ResultId,
    pub method_key: String,
    pub at: Moment,
}

/// The results in force of a method, some sheets or a person after a moment, in order of their items; by one statement for
/// every ten thousand sheets.
pub fn results_since(conn: &mut Conn, whose: &Whose, since: Option<Moment>) -> QueryResult<Vec<ResultInForce>> {
    let Whose::Sheets(sheets) = whose else { return results_of(conn, whose, since) };
    let mut found = in_pieces(sheets, |some| results_of(conn, &Whose::Sheets(some.to_vec()), since))?;
    found.sort_unstable_by_key(|one| one.item);
    Ok(found)
}

fn results_of(conn: &mut Conn, whose: &Whose, since: Option<Moment>) -> QueryResult<Vec<ResultInForce>> {
    let states = [ItemState::Calculated, ItemState::Checked, ItemState::Final].map(ItemState::code);
    let mut query = test_item::table
        .inner_join(worksheet::table.on(test_item::worksheet_id.eq(worksheet::id.nullable())))
        .inner_join(result_version::table.on(test_item::result_id.eq(result_version::id.nullable())))
        .filter(test_item::state.eq_any(states))
        .order(test_item::id)
        .select((test_item::id, test_item::sample_id, result_version::id, worksheet::method_key, result_version::at))
        .into_boxed();
    query = match whose {
        Whose::Sheets(sheets) => query.filter(worksheet::id.eq_any(sheets.iter().map(|id| id.0).collect::<Vec<_>>())),
        Whose::Method(standard) => query.filter(worksheet::method_standard.eq(standard.clone())),
        Whose::Person(id) => query.filter(worksheet::tester_id.eq(*id).or(result_version::person_id.eq(*id))),
    };
    if let Some(since) = since {
        query = query.filter(result_version::at.gt(since));
    }
    query.load(conn)
}

/// Issued, and neither recalled nor replaced.
pub const STANDING: &[ReportState] = &[ReportState::Issued, ReportState::Amended];
/// The same, and those that are signed and will be issued as soon as their file is made.
pub const SIGNED: &[ReportState] = &[ReportState::Authorized, ReportState::Issued, ReportState::Amended];

/// Reports of these samples in some states, with their numbers.
pub fn reports_of(
    conn: &mut Conn,
    samples: &[SampleId],
    states: &[ReportState],
) -> QueryResult<Vec<(SampleId, ReportId, String)>> {
    let mut found: Vec<(SampleId, ReportId, String)> = in_pieces(samples, |samples| {
        report::table
            .filter(report::sample_id.eq_any(samples.iter().map(|id| id.0)))
            .filter(report::state.eq_any(states.iter().map(|state| state.code())))
            .select((report::sample_id, report::id, report::report_no))
            .load(conn)
    })?;
    found.sort_unstable_by_key(|(_, report, _)| *report);
    Ok(found)
}

/// The code of an instrument.
pub fn instrument_code(conn: &mut Conn, id: InstrumentId) -> QueryResult<Option<String>> {
    instrument::table.filter(instrument::id.eq(id)).select(instrument::code).first(conn).optional()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::tests::laboratory;

    /// An analyser of hundreds of residues makes as many results in a few months: more than SQLite's 32,766 values.
    #[test]
    fn work_lists_as_many_results_as_there_are() {
        let (_directory, lis) = laboratory();
        let items: Vec<ItemId> = (1..=40_000).map(ItemId).collect();
        let samples: Vec<SampleId> = (1..=40_000).map(SampleId).collect();
        lis.db
            .write_now(move |tx| {
                let evaluation = Evaluation { effect: Effect::None, remark: "", by: PersonId(1), at: tx.now };
                assert_eq!(evaluate_items(tx.conn, WorkId(1), &items, &evaluation)?, 0);
                mark_recalled(tx.conn, WorkId(1), &items, tx.now)?;
                assert!(reports_of(tx.conn, &samples, STANDING)?.is_empty());
                Ok(())
            })
            .unwrap();
    }
}
