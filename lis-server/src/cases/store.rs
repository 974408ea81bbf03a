//! Queries of cases, nothing else.

mod acts;
mod clocks;
mod handlings;
mod rapid;
pub mod shown;
mod urgent;

pub use acts::{ActRow, NewAct, acts_of, insert_act};
pub use clocks::{
    NewClock, change_due, count_clocks_against, count_clocks_of, end_all_clocks, end_clock, resume_clocks, running,
    running_of, start_again, start_clocks, stop_clock,
};
pub use handlings::{handlings_of, insert_handling};
pub use rapid::{
    NewRapid, NewRapidPicture, RapidRow, ask_retest, count_rapids_asked, erase_rapid, insert_rapid,
    insert_rapid_picture, rapid, rapid_picture_file, rapid_pictures, rapids, retest_by_number, set_handling,
    set_retest,
};
pub use urgent::{NewUrgent, UrgentRow, insert_urgent, sample_by_number, tell_urgent, urgent, urgents, urgents_open};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::state::Relation;
use crate::db::schema::{
    audit_entry, case_acknowledgement, case_application, case_clock, case_event, case_notice, case_relation,
    case_service, failing_case, feed_index, log_head, log_link,
};
use crate::db::{Conn, cols, each};
use crate::domain::clock::Moment;
use crate::domain::ids::{ApplicationId, CaseEventId, CaseId, EnterpriseId, PersonId, ReportId, SampleId};

/// Declares a row with its query struct.
macro_rules! row {
    ($name:ident of $table:ident { $($field:ident: $kind:ty),* $(,)? }) => {
        #[derive(Queryable, Selectable, Clone, Debug)]
        #[diesel(table_name = $table)]
        pub struct $name { $(pub $field: $kind),* }
    };
}

row! { CaseRow of failing_case {
    id: CaseId, version: i64, case_no: String, sample_id: SampleId, report_id: ReportId, state: String,
    publicity: String, opened_at: Moment, department: String,
} }
row! { RelationRow of case_relation { case_id: CaseId, relation: String, region_code: String } }
row! { EventRow of case_event { id: CaseEventId, case_id: CaseId, event: String, report_id: ReportId, at: Moment } }
row! { AckRow of case_acknowledgement { event_id: CaseEventId, relation: String, person_id: PersonId, at: Moment } }
row! { ClockRow of case_clock {
    id: i64, version: i64, case_id: CaseId, clock: String, party: String, started_on: NaiveDate, due_on: NaiveDate,
    provisional: bool, ended_at: Option<Moment>, started_at: Option<Moment>, due_at: Option<Moment>,
    stopped_at: Option<Moment>, stopped_days: i64,
} }
row! { ServiceRow of case_service {
    id: i64, case_id: CaseId, party: String, enterprise_id: Option<EnterpriseId>, notice_no: String,
    served_at: Moment, how: String,
} }
row! { NoticeRow of case_notice { service_id: i64, file_sha256: String } }
row! { ApplicationRow of case_application {
    id: ApplicationId, version: i64, case_id: CaseId, kind: String, party: String, enterprise_id: EnterpriseId,
    ground: String, state: String, applied_at: Moment, decided_at: Option<Moment>, decision_reason: String,
} }

/// Those of the samples that have a case, with its state.
pub fn states_of_samples(conn: &mut Conn, ids: &[SampleId]) -> QueryResult<Vec<(SampleId, String)>> {
    failing_case::table
        .filter(failing_case::sample_id.eq_any(ids.iter().map(|id| id.0)))
        .select((failing_case::sample_id, failing_case::state))
        .load(conn)
}

#[derive(Insertable)]
#[diesel(table_name = failing_case, treat_none_as_default_value = false)]
pub struct NewCase<'a> {
    pub version: i64,
    pub case_no: &'a str,
    pub sample_id: SampleId,
    pub report_id: ReportId,
    pub state: &'a str,
    pub publicity: &'a str,
    pub opened_at: Moment,
    pub department: &'static str,
}

pub fn insert_case(conn: &mut Conn, row: &NewCase) -> QueryResult<CaseId> {
    diesel::insert_into(failing_case::table).values(row).returning(failing_case::id).get_result(conn)
}

#[derive(Insertable)]
#[diesel(table_name = case_relation, treat_none_as_default_value = false)]
pub struct NewRelation<'a> {
    pub case_id: CaseId,
    pub relation: &'a str,
    pub region_code: &'a str,
}

pub fn insert_relations(conn: &mut Conn, rows: &[NewRelation]) -> QueryResult<()> {
    each!(conn, c => diesel::insert_into(case_relation::table).values(rows).execute(c))?;
    Ok(())
}

pub fn insert_event(
    conn: &mut Conn,
    of: CaseId,
    event: &str,
    report: ReportId,
    at: Moment,
) -> QueryResult<CaseEventId> {
    diesel::insert_into(case_event::table)
        .values((
            case_event::case_id.eq(of),
            case_event::event.eq(event),
            case_event::report_id.eq(report),
            case_event::at.eq(at),
        ))
        .returning(case_event::id)
        .get_result(conn)
}

pub fn case(conn: &mut Conn, id: CaseId) -> QueryResult<Option<CaseRow>> {
    failing_case::table.find(id.0).select(cols::<CaseRow>()).first(conn).optional()
}

pub fn case_of_sample(conn: &mut Conn, sample: SampleId) -> QueryResult<Option<CaseRow>> {
    failing_case::table.filter(failing_case::sample_id.eq(sample)).select(cols::<CaseRow>()).first(conn).optional()
}

pub fn cases_of_samples(conn: &mut Conn, samples: &[SampleId]) -> QueryResult<Vec<CaseRow>> {
    failing_case::table
        .filter(failing_case::sample_id.eq_any(samples.iter().map(|id| id.0)))
        .select(cols::<CaseRow>())
        .load(conn)
}

pub fn cases_by_id(conn: &mut Conn, ids: &[CaseId]) -> QueryResult<Vec<CaseRow>> {
    failing_case::table.filter(failing_case::id.eq_any(ids.iter().map(|id| id.0))).select(cols::<CaseRow>()).load(conn)
}

/// Cases whose failing result was published, also when it fell since, newest first, before an id (exclusive).
pub fn published(conn: &mut Conn, before: Option<i64>, limit: i64) -> QueryResult<Vec<CaseRow>> {
    failing_case::table
        .filter(failing_case::publicity.eq_any(["published", "corrected"]))
        .filter(failing_case::id.lt(before.unwrap_or(i64::MAX)))
        .order(failing_case::id.desc())
        .limit(limit)
        .select(cols::<CaseRow>())
        .load(conn)
}

/// Changes state, report and publicity if the case is still at the version that was seen.
pub fn change_case(
    conn: &mut Conn,
    row: &CaseRow,
    seen: i64,
    state: &str,
    report: ReportId,
    publicity: &str,
) -> QueryResult<bool> {
    let at = failing_case::table.filter(failing_case::id.eq(row.id)).filter(failing_case::version.eq(seen));
    let changed = diesel::update(at)
        .set((
            failing_case::state.eq(state),
            failing_case::report_id.eq(report),
            failing_case::publicity.eq(publicity),
            failing_case::version.eq(seen + 1),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}

/// What a regulator's list is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub state: Option<String>,
    pub relation: Option<String>,
    /// Cases with a clock that ran out and was not ended.
    pub overdue_on: Option<NaiveDate>,
}

/// Cases that concern a region and those below it, newest first, before an id.
pub fn cases_of_region(
    conn: &mut Conn,
    region: &str,
    filter: &Filter,
    before: Option<i64>,
    limit: i64,
) -> QueryResult<Vec<CaseRow>> {
    let concerning = case_relation::table
        .filter(case_relation::region_code.like(format!("{region}%")))
        .filter(case_relation::relation.like(filter.relation.clone().unwrap_or_else(|| "%".to_owned())))
        .select(case_relation::case_id);
    let mut query = failing_case::table.filter(failing_case::id.eq_any(concerning)).into_boxed();
    if let Some(state) = &filter.state {
        query = query.filter(failing_case::state.eq(state.clone()));
    }
    if let Some(today) = filter.overdue_on {
        let late = case_clock::table
            .filter(case_clock::ended_at.is_null())
            .filter(case_clock::due_on.lt(today))
            .select(case_clock::case_id);
        query = query.filter(failing_case::id.eq_any(late));
    }
    if let Some(before) = before {
        query = query.filter(failing_case::id.lt(before));
    }
    query.order(failing_case::id.desc()).limit(limit).select(cols::<CaseRow>()).load(conn)
}

macro_rules! of_cases {
    ($($name:ident: $table:ident as $row:ident by $($order:ident),+;)*) => {$(
        /// Rows of several cases by one query.
        pub fn $name(conn: &mut Conn, cases: &[CaseId]) -> QueryResult<Vec<$row>> {
            $table::table
                .filter($table::case_id.eq_any(cases.iter().map(|id| id.0)))
                .order(($($table::$order),+))
                .select(cols::<$row>())
                .load(conn)
        }
    )*};
}

of_cases! {
    relations_of: case_relation as RelationRow by case_id, relation;
    events_of: case_event as EventRow by case_id, id;
    clocks_of: case_clock as ClockRow by case_id, id;
    services_of: case_service as ServiceRow by case_id, id;
    applications_of: case_application as ApplicationRow by case_id, id;
}

pub fn event(conn: &mut Conn, id: CaseEventId) -> QueryResult<Option<EventRow>> {
    case_event::table.find(id.0).select(cols::<EventRow>()).first(conn).optional()
}

pub fn acknowledgements_of(conn: &mut Conn, events: &[CaseEventId]) -> QueryResult<Vec<AckRow>> {
    case_acknowledgement::table
        .filter(case_acknowledgement::event_id.eq_any(events.iter().map(|id| id.0)))
        .order((case_acknowledgement::event_id, case_acknowledgement::relation))
        .select(cols::<AckRow>())
        .load(conn)
}

/// Acknowledges relations; says which were not before.
pub fn acknowledge(
    conn: &mut Conn,
    of: CaseEventId,
    relations: &[&str],
    by: PersonId,
    at: Moment,
) -> QueryResult<Vec<String>> {
    let rows: Vec<_> = relations
        .iter()
        .map(|relation| {
            (
                case_acknowledgement::event_id.eq(of),
                case_acknowledgement::relation.eq(*relation),
                case_acknowledgement::person_id.eq(by),
                case_acknowledgement::at.eq(at),
            )
        })
        .collect();
    each!(conn, c => diesel::insert_into(case_acknowledgement::table)
        .values(&rows)
        .on_conflict_do_nothing()
        .returning(case_acknowledgement::relation)
        .get_results(c))
}

#[derive(Insertable)]
#[diesel(table_name = case_service, treat_none_as_default_value = false)]
pub struct NewService<'a> {
    pub case_id: CaseId,
    pub party: &'a str,
    pub enterprise_id: Option<EnterpriseId>,
    pub notice_no: &'a str,
    pub served_at: Moment,
    pub how: &'a str,
    pub person_id: PersonId,
    pub at: Moment,
}

pub fn insert_service(conn: &mut Conn, row: &NewService) -> QueryResult<i64> {
    diesel::insert_into(case_service::table).values(row).returning(case_service::id).get_result(conn)
}

pub fn service(conn: &mut Conn, id: i64) -> QueryResult<Option<ServiceRow>> {
    case_service::table.find(id).select(cols::<ServiceRow>()).first(conn).optional()
}

#[derive(Insertable)]
#[diesel(table_name = case_notice, treat_none_as_default_value = false)]
pub struct NewNotice<'a> {
    pub service_id: i64,
    pub document: &'a str,
    pub file_sha256: &'a str,
    pub created_at: Moment,
}

pub fn insert_notice(conn: &mut Conn, row: &NewNotice) -> QueryResult<()> {
    diesel::insert_into(case_notice::table).values(row).execute(conn)?;
    Ok(())
}

/// The notices of services, as far as they are set.
pub fn notices_of(conn: &mut Conn, services: &[i64]) -> QueryResult<Vec<NoticeRow>> {
    case_notice::table
        .filter(case_notice::service_id.eq_any(services.iter().copied()))
        .select(cols::<NoticeRow>())
        .load(conn)
}

pub fn services_of_enterprise(conn: &mut Conn, enterprise: EnterpriseId) -> QueryResult<Vec<ServiceRow>> {
    case_service::table
        .filter(case_service::enterprise_id.eq(enterprise))
        .order(case_service::id.desc())
        .select(cols::<ServiceRow>())
        .load(conn)
}

#[derive(Insertable)]
#[diesel(table_name = case_application, treat_none_as_default_value = false)]
pub struct NewApplication<'a> {
    pub version: i64,
    pub case_id: CaseId,
    pub kind: &'a str,
    pub party: &'a str,
    pub enterprise_id: EnterpriseId,
    pub ground: &'a str,
    pub state: &'a str,
    pub applied_at: Moment,
    pub decision_reason: &'a str,
}

pub fn insert_application(conn: &mut Conn, row: &NewApplication) -> QueryResult<ApplicationId> {
    diesel::insert_into(case_application::table).values(row).returning(case_application::id).get_result(conn)
}

pub fn decide(
    conn: &mut Conn,
    id: ApplicationId,
    seen: i64,
    state: &str,
    reason: &str,
    at: Moment,
) -> QueryResult<bool> {
    let row = case_application::table.filter(case_application::id.eq(id)).filter(case_application::version.eq(seen));
    let changed = diesel::update(row)
        .set((
            case_application::state.eq(state),
            case_application::decision_reason.eq(reason),
            case_application::decided_at.eq(at),
            case_application::version.eq(seen + 1),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}

/// The log's id and how far it reaches.
pub fn head(conn: &mut Conn) -> QueryResult<(String, i64)> {
    log_head::table.select((log_head::log_id, log_head::position)).first(conn)
}

/// The case events that a region learns of after a position: position and event, in order.
pub fn feed(conn: &mut Conn, region: &str, after: i64, limit: i64) -> QueryResult<Vec<(i64, CaseEventId)>> {
    feed_index::table
        .inner_join(log_link::table.on(log_link::position.eq(feed_index::position)))
        .inner_join(audit_entry::table.on(audit_entry::id.eq(log_link::entry_id)))
        .filter(feed_index::region_code.eq(region))
        .filter(feed_index::position.gt(after))
        .filter(audit_entry::object_kind.eq("case_event"))
        .order(feed_index::position)
        .limit(limit)
        .select((feed_index::position, audit_entry::object_id))
        .load(conn)
}

pub fn events_by_id(conn: &mut Conn, ids: &[CaseEventId]) -> QueryResult<Vec<EventRow>> {
    case_event::table.filter(case_event::id.eq_any(ids.iter().map(|id| id.0))).select(cols::<EventRow>()).load(conn)
}

/// Events of a region and below with a relation of exactly this region that nobody acknowledged.
pub fn count_to_acknowledge(conn: &mut Conn, region: &str) -> QueryResult<i64> {
    case_event::table
        .inner_join(case_relation::table.on(case_relation::case_id.eq(case_event::case_id)))
        .left_join(
            case_acknowledgement::table.on(case_acknowledgement::event_id
                .eq(case_event::id)
                .and(case_acknowledgement::relation.eq(case_relation::relation))),
        )
        .filter(case_relation::region_code.like(format!("{region}%")))
        .filter(case_acknowledgement::event_id.is_null())
        .count()
        .get_result(conn)
}

/// Applications in these states on cases that a region, or one below it, ordered.
pub fn count_applications(conn: &mut Conn, region: &str, states: &[&'static str]) -> QueryResult<i64> {
    let own = case_relation::table
        .filter(case_relation::relation.eq(Relation::Ordering.code()))
        .filter(case_relation::region_code.like(format!("{region}%")))
        .select(case_relation::case_id);
    case_application::table
        .filter(case_application::case_id.eq_any(own))
        .filter(case_application::state.eq_any(states.to_vec()))
        .count()
        .get_result(conn)
}
