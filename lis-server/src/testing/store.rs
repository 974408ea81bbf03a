//! Queries of testing, nothing else.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use crate::db::schema::{
    instrument_message, observation, person_authorization, qc_release, qc_verdict, result_entry, result_version,
    test_item, worksheet, worksheet_position,
};
use crate::db::{Conn, MultiBackend, cols, each};
use crate::domain::clock::Moment;
use crate::domain::ids::{
    AuthorizationId, CatalogueSetId, InstrumentId, ItemId, ObservationId, PartId, PersonId, PositionId, QcVerdictId,
    ResultEntryId, ResultId, SampleId, WorksheetId,
};

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = test_item)]
pub struct ItemRow {
    pub id: ItemId,
    pub version: i64,
    pub sample_id: SampleId,
    pub part_id: Option<PartId>,
    pub seq: i64,
    pub analyte: String,
    pub analyte_zh: String,
    pub analyte_en: String,
    pub method_standard: String,
    pub method_key: String,
    pub limit_standards: String,
    pub food: String,
    pub produced_on: NaiveDate,
    pub unit: String,
    pub state: String,
    pub tester_id: Option<PersonId>,
    pub worksheet_id: Option<WorksheetId>,
    pub checker_id: Option<PersonId>,
    pub result_id: Option<ResultId>,
    pub verdict: String,
}

#[derive(Insertable)]
#[diesel(table_name = test_item, treat_none_as_default_value = false)]
pub struct NewItemRow {
    pub version: i64,
    pub sample_id: SampleId,
    pub part_id: Option<PartId>,
    pub seq: i64,
    pub analyte: String,
    pub analyte_zh: String,
    pub analyte_en: String,
    pub method_standard: String,
    pub method_key: String,
    pub limit_standards: String,
    pub food: String,
    pub produced_on: NaiveDate,
    pub unit: String,
    pub state: &'static str,
    pub verdict: &'static str,
    pub created_at: Moment,
}

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = worksheet)]
pub struct WorksheetRow {
    pub id: WorksheetId,
    pub version: i64,
    pub worksheet_no: String,
    pub method_standard: String,
    pub method_key: String,
    pub tester_id: PersonId,
    pub instrument_id: Option<InstrumentId>,
    pub state: String,
    pub created_at: Moment,
}

#[derive(Insertable)]
#[diesel(table_name = worksheet)]
pub struct NewWorksheetRow<'a> {
    pub version: i64,
    pub worksheet_no: &'a str,
    pub method_standard: &'a str,
    pub method_key: &'a str,
    pub tester_id: PersonId,
    pub instrument_id: Option<InstrumentId>,
    pub state: &'a str,
    pub created_at: Moment,
}

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = worksheet_position)]
pub struct PositionRow {
    pub id: PositionId,
    pub worksheet_id: WorksheetId,
    pub place: i64,
    pub kind: String,
    pub item_id: Option<ItemId>,
    pub label_code: String,
    pub target: String,
}

#[derive(Insertable)]
#[diesel(table_name = worksheet_position, treat_none_as_default_value = false)]
pub struct NewPositionRow {
    pub worksheet_id: WorksheetId,
    pub place: i64,
    pub kind: &'static str,
    pub item_id: Option<ItemId>,
    pub label_code: String,
    pub target: String,
}

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = result_entry)]
pub struct EntryRow {
    pub id: ResultEntryId,
    pub position_id: PositionId,
    pub field: String,
    pub replicate: i64,
    pub entry_no: i64,
    pub value: String,
    pub unit: String,
    pub source: String,
    pub reason: String,
    pub observation_id: Option<ObservationId>,
    pub person_id: Option<PersonId>,
    pub client_uuid: String,
    pub at: Moment,
}

#[derive(Insertable, Clone, Debug)]
#[diesel(table_name = result_entry, treat_none_as_default_value = false)]
pub struct NewEntryRow {
    pub position_id: PositionId,
    pub field: String,
    pub replicate: i64,
    pub entry_no: i64,
    pub value: String,
    pub unit: String,
    pub source: &'static str,
    pub reason: String,
    pub observation_id: Option<ObservationId>,
    pub person_id: Option<PersonId>,
    pub client_uuid: String,
    pub at: Moment,
}

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
#[diesel(table_name = person_authorization)]
pub struct AuthorizationRow {
    pub id: AuthorizationId,
    pub version: i64,
    pub person_id: PersonId,
    pub method_standard: String,
    pub activity: String,
    pub valid_from: NaiveDate,
    pub valid_until: NaiveDate,
    pub granted_by: PersonId,
    pub created_at: Moment,
}

#[derive(Insertable)]
#[diesel(table_name = person_authorization)]
pub struct NewAuthorizationRow<'a> {
    pub version: i64,
    pub person_id: PersonId,
    pub method_standard: &'a str,
    pub activity: &'a str,
    pub valid_from: NaiveDate,
    pub valid_until: NaiveDate,
    pub granted_by: PersonId,
    pub created_at: Moment,
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

// ── Items ──

pub fn insert_items(conn: &mut Conn, rows: &[NewItemRow]) -> QueryResult<Vec<ItemId>> {
    each!(conn, c => diesel::insert_into(test_item::table).values(rows).returning(test_item::id).get_results(c))
}

pub fn items(conn: &mut Conn, ids: &[ItemId]) -> QueryResult<Vec<ItemRow>> {
    test_item::table
        .filter(test_item::id.eq_any(ids.iter().map(|id| id.0)))
        .order(test_item::id)
        .select(cols::<ItemRow>())
        .load(conn)
}

pub fn highest_seq(conn: &mut Conn, sample: SampleId) -> QueryResult<i64> {
    let highest: Option<i64> = test_item::table
        .filter(test_item::sample_id.eq(sample))
        .select(diesel::dsl::max(test_item::seq))
        .first(conn)?;
    Ok(highest.unwrap_or(0))
}

/// What lists of items are filtered by.
#[derive(Clone, Debug, Default)]
pub struct ItemFilter {
    pub states: Vec<&'static str>,
    pub method_standard: Option<String>,
    pub tester: Option<PersonId>,
    pub after: i64,
}

pub fn items_where(conn: &mut Conn, filter: &ItemFilter, limit: i64) -> QueryResult<Vec<ItemRow>> {
    let mut query = test_item::table
        .filter(test_item::state.eq_any(filter.states.clone()))
        .filter(test_item::id.gt(filter.after))
        .into_boxed();
    if let Some(method) = &filter.method_standard {
        query = query.filter(test_item::method_standard.eq(method.clone()));
    }
    if let Some(tester) = filter.tester {
        query = query.filter(test_item::tester_id.eq(tester));
    }
    query.order(test_item::id).limit(limit).select(cols::<ItemRow>()).load(conn)
}

/// Items of samples with the result in force and the sheet it came from.
pub type ItemWithResult = (ItemRow, Option<WorksheetRow>, Option<ResultRow>);

pub fn items_of_samples(conn: &mut Conn, samples: &[SampleId]) -> QueryResult<Vec<ItemWithResult>> {
    test_item::table
        .left_join(worksheet::table.on(test_item::worksheet_id.eq(worksheet::id.nullable())))
        .left_join(result_version::table.on(test_item::result_id.eq(result_version::id.nullable())))
        .filter(test_item::sample_id.eq_any(samples.iter().map(|id| id.0)))
        .order((test_item::sample_id, test_item::seq))
        .select((cols::<ItemRow>(), cols::<Option<WorksheetRow>>(), cols::<Option<ResultRow>>()))
        .load(conn)
}

/// The items asked for and all others of their samples: whoever checks needs to know whether a sample is done.
pub fn items_with_siblings(conn: &mut Conn, ids: &[ItemId]) -> QueryResult<Vec<ItemWithResult>> {
    let asked = diesel::alias!(test_item as asked);
    let samples = asked
        .filter(asked.field(test_item::id).eq_any(ids.iter().map(|id| id.0)))
        .select(asked.field(test_item::sample_id));
    test_item::table
        .left_join(worksheet::table.on(test_item::worksheet_id.eq(worksheet::id.nullable())))
        .left_join(result_version::table.on(test_item::result_id.eq(result_version::id.nullable())))
        .filter(test_item::sample_id.eq_any(samples))
        .order(test_item::id)
        .select((cols::<ItemRow>(), cols::<Option<WorksheetRow>>(), cols::<Option<ResultRow>>()))
        .load(conn)
}

type Holds = Box<dyn BoxableExpression<test_item::table, MultiBackend, SqlType = Bool>>;

/// True for the items that are still at the versions that were seen.
fn at_versions(seen: &[(ItemId, i64)]) -> Holds {
    let mut by_version: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for (id, version) in seen {
        by_version.entry(*version).or_default().push(id.0);
    }
    let mut holds: Holds = Box::new(test_item::id.eq(0));
    for (version, ids) in by_version {
        holds = Box::new(holds.or(test_item::version.eq(version).and(test_item::id.eq_any(ids))));
    }
    holds
}

/// What a step changes about items; `None` leaves a column as it is.
#[derive(AsChangeset, Clone, Debug, Default)]
#[diesel(table_name = test_item)]
pub struct ItemChange {
    pub state: Option<&'static str>,
    pub tester_id: Option<PersonId>,
    pub method_key: Option<String>,
    pub unit: Option<String>,
    pub worksheet_id: Option<WorksheetId>,
    pub checker_id: Option<Option<PersonId>>,
}

/// Changes items that are still at the versions seen; fewer changed rows than items: someone was faster.
pub fn change_items(conn: &mut Conn, seen: &[(ItemId, i64)], change: &ItemChange) -> QueryResult<bool> {
    let changed = diesel::update(test_item::table.filter(at_versions(seen)))
        .set((change, test_item::version.eq(test_item::version + 1)))
        .execute(conn)?;
    Ok(changed == seen.len())
}

/// Points items to the result versions just inserted: each to its newest, by one statement.
pub fn take_newest_results(conn: &mut Conn, seen: &[(ItemId, i64)], state: &str) -> QueryResult<bool> {
    let newer = diesel::alias!(result_version as newer);
    let newest = result_version::table.filter(result_version::item_id.eq(test_item::id)).filter(diesel::dsl::not(
        diesel::dsl::exists(
            newer
                .filter(newer.field(result_version::item_id).eq(result_version::item_id))
                .filter(newer.field(result_version::version_no).gt(result_version::version_no))
                .select(newer.field(result_version::id)),
        ),
    ));
    let id = newest.select(result_version::id.nullable()).single_value();
    let verdict = newest.select(result_version::verdict.nullable()).single_value();
    let changed = diesel::update(test_item::table.filter(at_versions(seen)))
        .set((
            test_item::state.eq(state),
            test_item::version.eq(test_item::version + 1),
            test_item::result_id.eq(id),
            test_item::verdict.eq(verdict.assume_not_null()),
            test_item::checker_id.eq(None::<PersonId>),
        ))
        .execute(conn)?;
    Ok(changed == seen.len())
}

// ── Worksheets ──

pub fn insert_worksheet(conn: &mut Conn, row: &NewWorksheetRow) -> QueryResult<WorksheetId> {
    diesel::insert_into(worksheet::table).values(row).returning(worksheet::id).get_result(conn)
}

pub fn insert_positions(conn: &mut Conn, rows: &[NewPositionRow]) -> QueryResult<()> {
    each!(conn, c => diesel::insert_into(worksheet_position::table).values(rows).execute(c))?;
    Ok(())
}

pub fn worksheets(conn: &mut Conn, states: &[&'static str], before: i64, limit: i64) -> QueryResult<Vec<WorksheetRow>> {
    worksheet::table
        .filter(worksheet::state.eq_any(states.to_vec()))
        .filter(worksheet::id.lt(before))
        .order(worksheet::id.desc())
        .limit(limit)
        .select(cols::<WorksheetRow>())
        .load(conn)
}

/// A sheet's positions with their items and the number of each item's newest result, in order of place.
pub type SheetLine = (WorksheetRow, PositionRow, Option<ItemRow>, Option<i64>);

pub fn sheet(conn: &mut Conn, id: WorksheetId) -> QueryResult<Vec<SheetLine>> {
    worksheet_position::table
        .inner_join(worksheet::table.on(worksheet_position::worksheet_id.eq(worksheet::id)))
        .left_join(test_item::table.on(worksheet_position::item_id.eq(test_item::id.nullable())))
        .left_join(result_version::table.on(test_item::result_id.eq(result_version::id.nullable())))
        .filter(worksheet_position::worksheet_id.eq(id))
        .order(worksheet_position::place)
        .select((
            cols::<WorksheetRow>(),
            cols::<PositionRow>(),
            cols::<Option<ItemRow>>(),
            result_version::version_no.nullable(),
        ))
        .load(conn)
}

/// Positions that carry one of the codes, with sheet and item, newest sheet first.
pub fn positions_by_label(conn: &mut Conn, codes: &[String]) -> QueryResult<Vec<SheetLine>> {
    worksheet_position::table
        .inner_join(worksheet::table.on(worksheet_position::worksheet_id.eq(worksheet::id)))
        .left_join(test_item::table.on(worksheet_position::item_id.eq(test_item::id.nullable())))
        .left_join(result_version::table.on(test_item::result_id.eq(result_version::id.nullable())))
        .filter(worksheet_position::label_code.eq_any(codes.to_vec()))
        .order((worksheet_position::worksheet_id.desc(), worksheet_position::place))
        .select((
            cols::<WorksheetRow>(),
            cols::<PositionRow>(),
            cols::<Option<ItemRow>>(),
            result_version::version_no.nullable(),
        ))
        .load(conn)
}

pub fn label_of_position(conn: &mut Conn, id: PositionId) -> QueryResult<Option<String>> {
    worksheet_position::table.find(id.0).select(worksheet_position::label_code).first(conn).optional()
}

pub fn worksheet_of_position(conn: &mut Conn, id: PositionId) -> QueryResult<Option<WorksheetId>> {
    worksheet_position::table.find(id.0).select(worksheet_position::worksheet_id).first(conn).optional()
}

pub fn set_worksheet_state(conn: &mut Conn, id: WorksheetId, seen: i64, state: &str) -> QueryResult<bool> {
    let changed = diesel::update(worksheet::table.filter(worksheet::id.eq(id)).filter(worksheet::version.eq(seen)))
        .set((worksheet::state.eq(state), worksheet::version.eq(seen + 1)))
        .execute(conn)?;
    Ok(changed == 1)
}

// ── Entries ──

/// All entries of positions, in order of cell and number.
pub fn entries(conn: &mut Conn, positions: &[PositionId]) -> QueryResult<Vec<EntryRow>> {
    result_entry::table
        .filter(result_entry::position_id.eq_any(positions.iter().map(|id| id.0)))
        .order((result_entry::position_id, result_entry::field, result_entry::replicate, result_entry::entry_no))
        .select(cols::<EntryRow>())
        .load(conn)
}

pub fn entries_by_id(conn: &mut Conn, ids: &[i64]) -> QueryResult<Vec<EntryRow>> {
    result_entry::table
        .filter(result_entry::id.eq_any(ids.to_vec()))
        .order(result_entry::id)
        .select(cols::<EntryRow>())
        .load(conn)
}

pub fn insert_entries(conn: &mut Conn, rows: &[NewEntryRow]) -> QueryResult<Vec<ResultEntryId>> {
    each!(conn, c => diesel::insert_into(result_entry::table).values(rows).returning(result_entry::id).get_results(c))
}

/// Where observations came from: instrument, file, place in it.
#[derive(Queryable, Clone, Debug)]
pub struct SourceRow {
    pub observation: ObservationId,
    pub message: i64,
    pub instrument_code: String,
    pub file_name: String,
    pub source_place: String,
    pub value: String,
    pub flag: String,
    pub sha256: String,
}

pub fn sources(conn: &mut Conn, observations: &[ObservationId]) -> QueryResult<Vec<SourceRow>> {
    observation::table
        .inner_join(instrument_message::table)
        .filter(observation::id.eq_any(observations.iter().map(|id| id.0)))
        .order(observation::id)
        .select((
            observation::id,
            instrument_message::id,
            instrument_message::instrument_code,
            instrument_message::file_name,
            observation::source_place,
            observation::value,
            observation::flag,
            instrument_message::sha256,
        ))
        .load(conn)
}

// ── Results and QC ──

pub fn insert_results(conn: &mut Conn, rows: &[NewResultRow]) -> QueryResult<Vec<ResultId>> {
    each!(conn, c => diesel::insert_into(result_version::table)
        .values(rows)
        .returning(result_version::id)
        .get_results(c))
}

pub fn results_of(conn: &mut Conn, items: &[ItemId]) -> QueryResult<Vec<ResultRow>> {
    result_version::table
        .filter(result_version::item_id.eq_any(items.iter().map(|id| id.0)))
        .order((result_version::item_id, result_version::version_no.desc()))
        .select(cols::<ResultRow>())
        .load(conn)
}

/// Item, reported value and unit of results.
pub fn reported(conn: &mut Conn, ids: &[ResultId]) -> QueryResult<Vec<(ItemId, String, String)>> {
    result_version::table
        .filter(result_version::id.eq_any(ids.iter().map(|id| id.0)))
        .select((result_version::item_id, result_version::reported, result_version::unit))
        .load(conn)
}

pub fn result(conn: &mut Conn, id: ResultId) -> QueryResult<Option<ResultRow>> {
    result_version::table.find(id.0).select(cols::<ResultRow>()).first(conn).optional()
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

// ── Authorizations ──

pub fn authorizations_of(conn: &mut Conn, people: &[PersonId], activity: &str) -> QueryResult<Vec<AuthorizationRow>> {
    person_authorization::table
        .filter(person_authorization::person_id.eq_any(people.iter().map(|id| id.0)))
        .filter(person_authorization::activity.eq(activity))
        .order(person_authorization::id)
        .select(cols::<AuthorizationRow>())
        .load(conn)
}

pub fn authorizations_for(conn: &mut Conn, activity: &str) -> QueryResult<Vec<AuthorizationRow>> {
    person_authorization::table
        .filter(person_authorization::activity.eq(activity))
        .order(person_authorization::id)
        .select(cols::<AuthorizationRow>())
        .load(conn)
}

pub fn authorizations(conn: &mut Conn, after: i64, limit: i64) -> QueryResult<Vec<AuthorizationRow>> {
    person_authorization::table
        .filter(person_authorization::id.gt(after))
        .order(person_authorization::id)
        .limit(limit)
        .select(cols::<AuthorizationRow>())
        .load(conn)
}

pub fn authorization(conn: &mut Conn, id: AuthorizationId) -> QueryResult<Option<AuthorizationRow>> {
    person_authorization::table.find(id.0).select(cols::<AuthorizationRow>()).first(conn).optional()
}

pub fn insert_authorization(conn: &mut Conn, row: &NewAuthorizationRow) -> QueryResult<AuthorizationId> {
    diesel::insert_into(person_authorization::table).values(row).returning(person_authorization::id).get_result(conn)
}

pub fn end_authorization(conn: &mut Conn, id: AuthorizationId, seen: i64, last_day: NaiveDate) -> QueryResult<bool> {
    let row = person_authorization::table
        .filter(person_authorization::id.eq(id))
        .filter(person_authorization::version.eq(seen));
    let changed = diesel::update(row)
        .set((person_authorization::valid_until.eq(last_day), person_authorization::version.eq(seen + 1)))
        .execute(conn)?;
    Ok(changed == 1)
}
