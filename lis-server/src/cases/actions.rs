//! What happens to a case by itself and by the regulators' pull: opened and reversed by reports, acknowledged.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::authority;
use super::calls;
use super::clocks::{self, Ends, Limit, PERIODS, T4, T6, T11, T13, T20};
use super::state::{Application, CaseEvent, CaseState, Party, Relation};
use super::store::{self, CaseRow, EventRow, NewCase, NewClock, NewRelation, RelationRow};
use super::{CASE_WRONG_STATE, CONCLUSION_FELL, NOT_FOR_THE_PUBLIC, PUBLISHED_ALREADY};
use crate::accounts::role::{HandleCases, ReadFailingResults};
use crate::accounts::{Actor, May};
use crate::db::{Conn, Tx, series};
use crate::domain::clock::Moment;
use crate::domain::deadline::urgency;
use crate::domain::identifiers::RegionCode;
use crate::domain::ids::{CampaignId, CaseEventId, CaseId, EnterpriseId, ReportId, SampleId};
use crate::domain::refusal::{Fault, NOT_FOUND, Outcome, Reasons, Refusal, STALE_VERSION};
use crate::samples::SampleType;

pub use super::portal::{apply, of_enterprise};

/// Those of the samples that have a case, and whether it is closed, by one statement.
pub fn closed_by_sample(conn: &mut Conn, ids: &[SampleId]) -> Outcome<HashMap<SampleId, bool>> {
    let states = store::states_of_samples(conn, ids)?;
    Ok(states.into_iter().map(|(id, state)| (id, state == CaseState::Closed.code())).collect())
}

/// A report that has just been issued.
#[derive(Clone, Debug)]
pub struct IssuedReport {
    pub report_id: ReportId,
    pub report_no: String,
    pub sample_id: SampleId,
    /// `pass`, `fail`, `data_only`.
    pub conclusion: String,
    pub amends: Option<ReportId>,
    pub issued_at: Moment,
}

/// Opens, updates or reverses the sample's case, in the transaction that issues the report. A failing conclusion stands
/// until a report says anything else, be it that nothing is judged.
pub fn report_issued(tx: &mut Tx, by: &Actor, report: &IssuedReport) -> Outcome<()> {
    let case = store::case_of_sample(tx.conn, report.sample_id)?;
    match (report.conclusion.as_str(), case) {
        ("fail", None) => open(tx, by, report),
        ("fail", Some(case)) => match fell_at(tx.conn, case.id)? {
            Some(fell) => {
                store::resume_clocks(tx.conn, case.id, fell)?;
                tell_change(tx, by, &case, report.report_id, CaseEvent::FailAgain, "failing")
            }
            None => tell_change(tx, by, &case, report.report_id, CaseEvent::Fail, "updated"),
        },
        (_, Some(case)) => reverse(tx, by, &case, report.report_id),
        (_, None) => Ok(()),
    }
}

/// A recalled report says nothing any more: its case is reversed, and the authorities are told once. Who was served learns
/// of it by the mail about the report.
pub fn report_recalled(tx: &mut Tx, by: &Actor, sample: SampleId, report: ReportId) -> Outcome<()> {
    match store::case_of_sample(tx.conn, sample)? {
        Some(case) if case.report_id == report && state_of(&case)?.after(CaseEvent::Reverse).is_some() => {
            reverse(tx, by, &case, report)
        }
        _ => Ok(()),
    }
}

fn open(tx: &mut Tx, by: &Actor, report: &IssuedReport) -> Outcome<()> {
    let sample = calls::samples(tx.conn, &[report.sample_id])?.pop().ok_or(NOT_FOUND)?;
    if !type_of(&sample)?.concerns_authorities() {
        return Ok(());
    }
    let year = report.issued_at.in_china().format("%Y").to_string();
    let serial = series::take(tx, &format!("case-{year}"), 1)?;
    let case_no = format!("AJ-{year}-{serial:05}");
    let department = calls::department(tx.conn, report.sample_id)?;
    let id = store::insert_case(
        tx.conn,
        &NewCase {
            version: 1,
            case_no: &case_no,
            sample_id: report.sample_id,
            report_id: report.report_id,
            state: CaseState::Opened.code(),
            publicity: "unpublished",
            opened_at: report.issued_at,
            department: department.code(),
        },
    )?;
    let named = [
        (Relation::Ordering, &sample.ordering_region),
        (Relation::SampledAt, &sample.unit_region),
        (Relation::MakerAt, &sample.producer_region),
        (Relation::Platform, &sample.platform_region),
    ];
    let relations: Vec<NewRelation> = named
        .iter()
        .filter_map(|(relation, region)| {
            let region_code = region.as_deref()?;
            Some(NewRelation { case_id: id, relation: relation.code(), region_code })
        })
        .collect();
    store::insert_relations(tx.conn, &relations)?;
    start(tx, id, &[(T4, "")], report.issued_at)?;
    tx.log(
        by.entry("failing_case", id.0, 1, "case-opened")
            .set("case_no", case_no.as_str())
            .set("report", report.report_no.as_str())
            .set("state", CaseState::Opened.code())
            .set("department", department.code()),
    );
    let regions = relations.iter().map(|row| RegionCode::parse(row.region_code));
    let regions = regions.collect::<Result<Vec<_>, _>>().map_err(Fault::broken)?;
    emit(tx, by, id, "failing", report.report_id, regions)
}

fn type_of(sample: &calls::SampleShown) -> Outcome<SampleType> {
    SampleType::parse(&sample.sample_type)
        .ok_or_else(|| Fault::broken(format!("sample {} of type {}", sample.id, sample.sample_type)))
}

/// Starts clocks at a day in China, those in clock hours at the moment itself.
pub(super) fn start(tx: &mut Tx, of: CaseId, limits: &[(Limit, &str)], at: Moment) -> Outcome<()> {
    let catalogue = calls::catalogue(tx.conn)?;
    let calendar = &catalogue.calendar;
    let started_on = at.date_in_china();
    let rows = limits
        .iter()
        .map(|(limit, party)| {
            let due_at = clocks::ends_at(*limit, at);
            let ends = match due_at {
                Some(due) => Ends { on: due.date_in_china(), provisional: false },
                None => clocks::ends(calendar, *limit, started_on)?,
            };
            Ok(NewClock {
                version: 1,
                case_id: of,
                clock: limit.name,
                party,
                started_on,
                due_on: ends.on,
                provisional: ends.provisional,
                started_at: due_at.map(|_| at),
                due_at,
            })
        })
        .collect::<Outcome<Vec<_>>>()?;
    Ok(store::start_clocks(tx.conn, of, &rows)?)
}

/// One event of the feed: the log entry names the regions, the linker brings it to them.
fn emit(
    tx: &mut Tx,
    by: &Actor,
    case: CaseId,
    event: &'static str,
    report: ReportId,
    regions: Vec<RegionCode>,
) -> Outcome<()> {
    let id = store::insert_event(tx.conn, case, event, report, tx.now)?;
    let entry = match event {
        "failing" => "case-failing",
        "updated" => "case-updated",
        _ => "case-reversed",
    };
    tx.log(by.entry("case_event", id.0, 1, entry).set("case", case.0).set("report", report.0).concerning(regions));
    Ok(())
}

fn regions_of(tx: &mut Tx, case: CaseId) -> Outcome<Vec<RegionCode>> {
    store::relations_of(tx.conn, &[case])?
        .iter()
        .map(|row| RegionCode::parse(&row.region_code).map_err(Fault::broken))
        .collect()
}

fn tell_change(
    tx: &mut Tx,
    by: &Actor,
    case: &CaseRow,
    report: ReportId,
    event: CaseEvent,
    told: &'static str,
) -> Outcome<()> {
    let next = next_state(case, event)?;
    step(tx, by, case, case.version, Step { next, report, publicity: None, event: "case-amended" })?;
    let regions = regions_of(tx, case.id)?;
    emit(tx, by, case.id, told, report, regions)
}

/// When the conclusion of a case fell; `None` while it stands.
pub(super) fn fell_at(conn: &mut Conn, case: CaseId) -> Outcome<Option<Moment>> {
    let last = store::events_of(conn, &[case])?.pop();
    Ok(last.filter(|event| event.event == "reversed").map(|event| event.at))
}

/// Since when the conclusion of a case stands: the issue of the report that failed, or failed again after it had fallen.
pub(super) fn failing_since(conn: &mut Conn, case: &CaseRow) -> Outcome<Moment> {
    let events = store::events_of(conn, &[case.id])?;
    Ok(events.iter().rev().find(|event| event.event == "failing").map_or(case.opened_at, |event| event.at))
}

/// The failing conclusion does not stand: told exactly once, whatever led there. Nobody owes anything on it any more, so its
/// clocks end with it; where it fails again they run on. Who is to be told of a re-inspection is told all the same (T13).
pub(super) fn reverse(tx: &mut Tx, by: &Actor, case: &CaseRow, report: ReportId) -> Outcome<()> {
    if fell_at(tx.conn, case.id)?.is_some() {
        return Ok(());
    }
    let publicity = (case.publicity == "published").then_some("corrected");
    let next = next_state(case, CaseEvent::Reverse)?;
    step(tx, by, case, case.version, Step { next, report, publicity, event: "case-concluded" })?;
    store::end_all_clocks(tx.conn, case.id, T13.name, tx.now)?;
    let regions = regions_of(tx, case.id)?;
    emit(tx, by, case.id, "reversed", report, regions)
}

/// Tells the operators who were served that the failing conclusion is withdrawn without a new report. With one, the mail
/// that brings the report tells them, and nobody is told twice.
pub(super) fn tell_reversed(tx: &mut Tx, case: &CaseRow) -> Outcome<()> {
    let services = store::services_of(tx.conn, &[case.id])?;
    let served: Vec<EnterpriseId> = services.into_iter().filter_map(|service| service.enterprise_id).collect();
    let key = format!("case-reversed:{}:{}", case.id, case.version);
    calls::tell(tx, &key, &served, "case-reversed", &case.case_no, case.id.0)
}

/// A change of a case's own row.
pub(super) struct Step {
    pub next: CaseState,
    pub report: ReportId,
    /// Left as it is when `None`.
    pub publicity: Option<&'static str>,
    pub event: &'static str,
}

pub(super) fn step(tx: &mut Tx, by: &Actor, case: &CaseRow, seen: i64, step: Step) -> Outcome<i64> {
    let publicity = step.publicity.unwrap_or(&case.publicity);
    if !store::change_case(tx.conn, case, seen, step.next.code(), step.report, publicity)? {
        let refusal = Refusal::from(STALE_VERSION.with("version", case.version));
        let current = json!({"id": case.id, "version": case.version, "state": case.state});
        return Err(refusal.with_current(current).into());
    }
    let mut entry = by.entry("failing_case", case.id.0, seen + 1, step.event);
    if case.state != step.next.code() {
        entry = entry.change("state", case.state.as_str(), step.next.code());
    }
    if case.publicity != publicity {
        entry = entry.change("publicity", case.publicity.as_str(), publicity);
    }
    if case.report_id != step.report {
        entry = entry.change("report", case.report_id.0, step.report.0);
    }
    tx.log(entry);
    Ok(seen + 1)
}

pub(super) fn state_of(case: &CaseRow) -> Outcome<CaseState> {
    CaseState::parse(&case.state).ok_or_else(|| Fault::broken(format!("case {} in state {}", case.case_no, case.state)))
}

pub(super) fn next_state(case: &CaseRow, event: CaseEvent) -> Outcome<CaseState> {
    let state = state_of(case)?;
    state.after(event).ok_or_else(|| CASE_WRONG_STATE.reason().with_word("state", state.word()).into())
}

/// The region of a regulator; without one he sees nothing.
pub(super) fn region_of(by: &Actor) -> Outcome<RegionCode> {
    by.region.clone().ok_or_else(|| NOT_FOUND.into())
}

/// The relations of a case that a region may see; none: the case does not exist for it.
pub(super) fn visible(conn: &mut Conn, case: CaseId, region: &RegionCode) -> Outcome<Vec<RelationRow>> {
    let seen: Vec<RelationRow> = store::relations_of(conn, &[case])?
        .into_iter()
        .filter(|row| row.region_code.starts_with(region.as_str()))
        .collect();
    if seen.is_empty() { Err(NOT_FOUND.into()) } else { Ok(seen) }
}

/// What acknowledging answers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Acknowledged {
    pub event_id: i64,
    pub case_no: String,
    /// Relations acknowledged by this request; empty when they were before.
    pub relations: Vec<String>,
}

/// Digits of a county and of a township: a township without an office of its own is answered for by its county.
const COUNTY_DIGITS: usize = 6;
const TOWNSHIP_DIGITS: usize = 9;

/// Whether a relation with a region is the caller's own to acknowledge. An authority above sees it and does not take it away.
pub(super) fn is_own(region: &RegionCode, its: &str) -> bool {
    let mine = region.as_str();
    mine == its || mine.len() == COUNTY_DIGITS && its.len() == TOWNSHIP_DIGITS && its.starts_with(mine)
}

/// Acknowledges an event for the caller's own relations, or for those below that he names. Again changes nothing. The
/// ordering authority's acknowledgement ends T4 and starts the service and the handling.
pub fn acknowledge(
    tx: &mut Tx,
    by: &May<ReadFailingResults>,
    id: CaseEventId,
    named: &[String],
) -> Outcome<Acknowledged> {
    let event: EventRow = store::event(tx.conn, id)?.ok_or(NOT_FOUND)?;
    let region = region_of(by)?;
    let seen = visible(tx.conn, event.case_id, &region)?;
    if named.iter().any(|name| !seen.iter().any(|row| row.relation == *name)) {
        return Err(NOT_FOUND.at("relations").into());
    }
    let chosen: Vec<&str> = seen
        .iter()
        .filter(|row| if named.is_empty() { is_own(&region, &row.region_code) } else { named.contains(&row.relation) })
        .map(|row| row.relation.as_str())
        .collect();
    let added = store::acknowledge(tx.conn, id, &chosen, by.person, tx.now)?;
    let relations: Vec<String> =
        chosen.into_iter().filter(|name| added.iter().any(|added| added == name)).map(str::to_owned).collect();
    let case = store::case(tx.conn, event.case_id)?.ok_or(NOT_FOUND)?;
    if !relations.is_empty() {
        tx.log(by.entry("case_event", id.0, 2, "case-acknowledged").set("relations", relations.join(" ")));
    }
    if relations.iter().any(|relation| relation == Relation::Ordering.code()) {
        ordering_told(tx, by, &case)?;
    }
    Ok(Acknowledged { event_id: id.0, case_no: case.case_no, relations })
}

/// The ordering authority has the conclusion: T4 is done, and what it owes begins, whatever the case has come to meanwhile.
/// Clocks that it started before go on as they are; who was served is owed no service.
fn ordering_told(tx: &mut Tx, by: &Actor, case: &CaseRow) -> Outcome<()> {
    store::end_clock(tx.conn, case.id, T4.name, "", tx.now)?;
    if fell_at(tx.conn, case.id)?.is_some() {
        return Ok(());
    }
    let services = store::services_of(tx.conn, &[case.id])?;
    let served = |party: Party| services.iter().any(|row| row.party == party.code());
    let state = state_of(case)?;
    let mut next = state.after(CaseEvent::Acknowledge).unwrap_or(state);
    if next == CaseState::Reported && !services.is_empty() {
        // It opened anew, and its operators know of it.
        next = next.after(CaseEvent::Serve).unwrap_or(next);
    }
    if next != state {
        let reported = Step { next, report: case.report_id, publicity: None, event: "case-reported" };
        step(tx, by, case, case.version, reported)?;
    }
    let sample = calls::samples(tx.conn, &[case.sample_id])?.pop().ok_or(NOT_FOUND)?;
    let mut limits = vec![(T20, "")];
    if !sample.unit_name.is_empty() && !served(Party::SampledUnit) {
        limits.push((T6, Party::SampledUnit.code()));
    }
    if !sample.producer_name.is_empty() && !served(Party::Maker) {
        limits.push((T6, Party::Maker.code()));
    }
    start(tx, case.id, &limits, tx.now)
}

/// What a step of a case answers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CaseSaved {
    pub id: i64,
    pub version: i64,
    pub state: String,
}

/// The ordering authority publishes the failing result of supervision sampling, while its conclusion stands. A case whose
/// published result fell and that fails again is published anew; until then the public reads the correction.
pub fn publish(tx: &mut Tx, by: &May<HandleCases>, id: CaseId, seen: i64) -> Outcome<CaseSaved> {
    let case = authority::directed(tx, by, id)?;
    let sample = calls::samples(tx.conn, &[case.sample_id])?.pop().ok_or(NOT_FOUND)?;
    let fell = fell_at(tx.conn, id)?;
    let mut reasons = Reasons::new();
    reasons.add_if(case.publicity == "published", || PUBLISHED_ALREADY.reason());
    reasons.add_if(fell.is_some(), || CONCLUSION_FELL.reason());
    reasons.add_if(!type_of(&sample)?.may_be_published(), || NOT_FOR_THE_PUBLIC.reason());
    reasons.none()?;
    let change =
        Step { next: state_of(&case)?, report: case.report_id, publicity: Some("published"), event: "case-published" };
    let version = step(tx, by, &case, seen, change)?;
    Ok(CaseSaved { id: id.0, version, state: case.state })
}

/// What the public learns of a campaign's failing samples.
#[derive(Clone, Copy, Debug, Default)]
pub struct Published {
    /// Cases that the authority has published.
    pub failing: i64,
    /// Of these the closed ones.
    pub closed: i64,
}

/// Counts a campaign's published cases; what is not published does not show, not even as a number, and what was corrected
/// fails no more. A sample has one case, whatever happened to it.
pub fn published_of_campaign(conn: &mut Conn, campaign: CampaignId) -> Outcome<Published> {
    let samples = calls::samples_of_campaign(conn, campaign)?;
    let mut published = Published::default();
    for case in store::cases_of_samples(conn, &samples)?.iter().filter(|case| case.publicity == "published") {
        published.failing += 1;
        published.closed += i64::from(case.state == CaseState::Closed.code());
    }
    Ok(published)
}

/// Events that nobody of the caller's region has acknowledged, for the page of waiting work.
pub fn count_to_acknowledge(conn: &mut Conn, by: &Actor) -> Outcome<i64> {
    match &by.region {
        Some(region) => Ok(store::count_to_acknowledge(conn, region.as_str())?),
        None => Ok(0),
    }
}

/// Applications that the caller's region has not ended.
pub fn count_applications(conn: &mut Conn, by: &Actor) -> Outcome<i64> {
    let open = [Application::Applied.code(), Application::Accepted.code()];
    match &by.region {
        Some(region) => Ok(store::count_applications(conn, region.as_str(), &open)?),
        None => Ok(0),
    }
}

/// Operators that the caller's region has not served, while the days for it run.
pub fn count_to_serve(conn: &mut Conn, by: &Actor) -> Outcome<i64> {
    match &by.region {
        Some(region) => Ok(store::count_clocks_of(conn, region.as_str(), T6.name)?),
        None => Ok(0),
    }
}

/// Limits of the authority's own on cases that the caller's region ordered, of which half is over, and not yet four fifths.
pub fn count_half(conn: &mut Conn, by: &Actor, now: Moment) -> Outcome<i64> {
    count_urgent(conn, by, now, "clock-half")
}

/// Those that are nearly over.
pub fn count_most(conn: &mut Conn, by: &Actor, now: Moment) -> Outcome<i64> {
    count_urgent(conn, by, now, "clock-most")
}

/// Those that were missed.
pub fn count_over(conn: &mut Conn, by: &Actor, now: Moment) -> Outcome<i64> {
    count_urgent(conn, by, now, "clock-over")
}

/// What the laboratory owes (T4, T11) and what an operator or a body may do (its days) is not among them.
fn count_urgent(conn: &mut Conn, by: &Actor, now: Moment, wanted: &str) -> Outcome<i64> {
    let Some(region) = &by.region else { return Ok(0) };
    let others: Vec<&'static str> = PERIODS.into_iter().chain([T4.name, T11.name]).collect();
    let running = store::running_of(conn, region.as_str(), &others)?;
    let urgent = running.iter().filter(|row| urgency(clocks::used(row, now)) == wanted).count();
    Ok(i64::try_from(urgent).unwrap_or(i64::MAX))
}
