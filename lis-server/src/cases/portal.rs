//! The operator's side of a case: what he was served, until when he may apply, his application.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::actions::{Step, next_state, start, step};
use super::clocks::{self, Ends, T7, T8, T14, T15, T16, T17, T22};
use super::feed::{FeedResult, failing_of};
use super::state::{Application, CaseState, Kind};
use super::store::{self, ApplicationRow, CaseRow, ClockRow, NewApplication, ServiceRow};
use super::{
    APPLICATION_BACKUP_EXPIRED, APPLICATION_LATE, APPLICATION_MICROBIOLOGY, APPLICATION_NO_BACKUP,
    APPLICATION_ONLY_RETEST, APPLICATION_SECOND, CASE_WRONG_STATE, acts, calls, law,
};
use crate::accounts::role::UsePortal;
use crate::accounts::{Actor, May};
use crate::db::{Conn, Tx};
use crate::domain::clock::Moment;
use crate::domain::ids::{CaseId, EnterpriseId};
use crate::domain::input::Checker;
use crate::domain::refusal::{NOT_FOUND, Outcome, Reasons, Refusal};

/// Longest ground of an application, in characters.
const GROUND_MOST: usize = 2000;

#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ApplyInput {
    /// `reinspection`, `objection_sampling`, `objection_authenticity`, `objection_method` or `objection_standard`.
    pub kind: String,
    pub ground: String,
}

#[derive(Clone, Debug)]
pub struct ApplyFacts {
    pub kind: Kind,
    pub ground: String,
}

impl ApplyInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<ApplyFacts, Refusal> {
        let mut check = Checker::new();
        let kind = check.parsed("kind", &self.kind, "expected-application-kind", Kind::parse);
        let ground = check.optional_lines("ground", &self.ground, GROUND_MOST);
        check.add_if(self.ground.trim().is_empty(), || crate::domain::refusal::FIELD_MISSING.at("ground"));
        check.done(kind.map(|kind| ApplyFacts { kind, ground }))
    }
}

#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ApplicationSaved {
    pub id: i64,
    pub version: i64,
    pub state: String,
}

/// A case as a served operator may see it.
#[derive(Clone, Debug)]
pub struct PortalCase {
    pub case: CaseRow,
    pub service: ServiceRow,
    pub clocks: Vec<ClockRow>,
    pub applications: Vec<ApplicationRow>,
    /// SHA-256 of the notice; `None`: it is not set yet.
    pub notice: Option<String>,
}

/// The cases in which an enterprise was served, newest service first. Before service there is nothing to see.
pub fn of_enterprise(conn: &mut Conn, enterprise: EnterpriseId) -> Outcome<Vec<PortalCase>> {
    let services = store::services_of_enterprise(conn, enterprise)?;
    let ids: Vec<CaseId> = services.iter().map(|service| service.case_id).collect();
    let cases = store::cases_by_id(conn, &ids)?;
    let clocks = store::clocks_of(conn, &ids)?;
    let applications = store::applications_of(conn, &ids)?;
    let service_ids: Vec<i64> = services.iter().map(|service| service.id).collect();
    let notices = store::notices_of(conn, &service_ids)?;
    let of = |service: ServiceRow| {
        let case = cases.iter().find(|case| case.id == service.case_id)?.clone();
        let own_clock = |clock: &&ClockRow| {
            clock.case_id == case.id
                && clock.party.split(' ').next() == Some(service.party.as_str())
                && clock.clock != "T6"
        };
        Some(PortalCase {
            clocks: clocks.iter().filter(own_clock).cloned().collect(),
            applications: applications
                .iter()
                .filter(|row| row.case_id == case.id && row.enterprise_id == enterprise)
                .cloned()
                .collect(),
            notice: notices.iter().find(|row| row.service_id == service.id).map(|row| row.file_sha256.clone()),
            case,
            service,
        })
    };
    Ok(services.into_iter().filter_map(of).collect())
}

/// Deadlines that run for an enterprise: until when it may apply or object.
pub fn count_deadlines(conn: &mut Conn, by: &Actor, now: Moment) -> Outcome<i64> {
    match by.enterprise {
        Some(own) => {
            let names = [T7.name, T15.name, T22.name];
            Ok(store::count_clocks_against(conn, own, &names, now.date_in_china())?)
        }
        None => Ok(0),
    }
}

/// One case of an enterprise; of two services (unit and maker are one firm) the earlier.
pub fn case_of(conn: &mut Conn, enterprise: EnterpriseId, id: CaseId) -> Outcome<PortalCase> {
    of_enterprise(conn, enterprise)?.into_iter().rev().find(|shown| shown.case.id == id).ok_or_else(|| NOT_FOUND.into())
}

/// An operator applies for re-inspection or objects.
///
/// # Errors
/// Every reason at once: late, wrong state, a second application for re-inspection, microbiology, no backup or one past
/// its shelf life, an objection where the law knows re-tests alone.
pub fn apply(tx: &mut Tx, by: &May<UsePortal>, id: CaseId, facts: &ApplyFacts) -> Outcome<ApplicationSaved> {
    let enterprise = by.enterprise.ok_or(NOT_FOUND)?;
    let shown = case_of(tx.conn, enterprise, id)?;
    let case = &shown.case;
    against(tx.conn, &shown, facts.kind, tx.now.date_in_china())?.none()?;
    let next = next_state(case, facts.kind.event())?;
    let row = NewApplication {
        version: 1,
        case_id: id,
        kind: facts.kind.code(),
        party: &shown.service.party,
        enterprise_id: enterprise,
        ground: &facts.ground,
        state: Application::Applied.code(),
        applied_at: tx.now,
        decision_reason: "",
    };
    let application = store::insert_application(tx.conn, &row)?;
    let (own, answer) = if facts.kind.is_objection() { (T15, T17) } else { (law::retest(case), T8) };
    store::end_clock(tx.conn, id, own.name, &shown.service.party, tx.now)?;
    let party = format!("{} {}", shown.service.party, facts.kind.code());
    start(tx, id, &[(answer, &party)], tx.now)?;
    if facts.kind.is_objection() {
        start(tx, id, &[(T16, &acts::application_key(&party, application))], tx.now)?;
    }
    tx.log(
        by.entry("case_application", application.0, 1, "application-received")
            .set("case", id.0)
            .set("kind", facts.kind.code())
            .set("party", shown.service.party.as_str())
            .set("ground", facts.ground.as_str()),
    );
    let change = Step { next, report: case.report_id, publicity: None, event: "case-application-received" };
    step(tx, by, case, case.version, change)?;
    Ok(ApplicationSaved { id: application.0, version: 1, state: Application::Applied.code().to_owned() })
}

/// What stands against an application of a kind on a day.
fn against(conn: &mut Conn, shown: &PortalCase, kind: Kind, today: NaiveDate) -> Outcome<Reasons> {
    let case = &shown.case;
    let mut reasons = Reasons::new();
    if let Err(fault) = next_state(case, kind.event()) {
        let state = CaseState::parse(&case.state).map(CaseState::word).unwrap_or_default();
        match fault.refusal() {
            // A running re-inspection is said more clearly below.
            Some(_) if case.state == CaseState::Reinspection.code() && !kind.is_objection() => {}
            Some(_) => reasons.add(CASE_WRONG_STATE.reason().with_word("state", state)),
            None => return Err(fault),
        }
    }
    reasons.add_if(law::is_agriculture(case) && kind.is_objection(), || APPLICATION_ONLY_RETEST.reason());
    let due = last_day(conn, shown, kind)?.map(|ends| ends.on);
    reasons.add_if(due.is_some_and(|due| today > due), || {
        APPLICATION_LATE.with("due", due.map(|due| due.to_string()).unwrap_or_default())
    });
    if kind == Kind::Reinspection {
        check_reinspection(conn, shown, today, &mut reasons)?;
    }
    Ok(reasons)
}

/// Every kind of application with what stands against it on a day; `None`: it may be made.
pub fn kinds(conn: &mut Conn, shown: &PortalCase, today: NaiveDate) -> Outcome<Vec<(Kind, Option<Refusal>)>> {
    let mut kinds = Vec::new();
    for kind in Kind::ALL {
        kinds.push((*kind, against(conn, shown, *kind, today)?.none().err()));
    }
    Ok(kinds)
}

/// The last day for a kind of application: from the operator's own service, of an objection to the sampling from the
/// end of sampling. `None`: nobody noted when the sample was taken, so nobody can be late, or the law knows no such
/// application.
pub(super) fn last_day(conn: &mut Conn, shown: &PortalCase, kind: Kind) -> Outcome<Option<Ends>> {
    let clock = |name: &str| {
        let found = shown.clocks.iter().find(|clock| clock.clock == name);
        found.map(|clock| Ends { on: clock.due_on, provisional: clock.provisional })
    };
    match kind {
        Kind::Reinspection => Ok(clock(law::retest(&shown.case).name)),
        _ if law::is_agriculture(&shown.case) => Ok(None),
        Kind::ObjectionSampling => {
            let sample = calls::samples(conn, &[shown.case.sample_id])?.pop().ok_or(NOT_FOUND)?;
            let catalogue = calls::catalogue(conn)?;
            let ends = |day| clocks::ends(&catalogue.calendar, T14, day);
            sample.sampled_at.map(|at| ends(at.date_in_china())).transpose()
        }
        Kind::ObjectionAuthenticity | Kind::ObjectionMethod | Kind::ObjectionStandard => Ok(clock(T15.name)),
    }
}

/// What fails by the report that a case stands on.
pub(super) fn failing_items(conn: &mut Conn, case: &CaseRow) -> Outcome<Vec<FeedResult>> {
    let (_, document) = calls::documents(conn, &[case.report_id])?.pop().ok_or(NOT_FOUND)?;
    let analytes = calls::analytes(conn, &[case.sample_id])?;
    failing_of(&document, &analytes.iter().collect::<Vec<_>>())
}

/// Whether nothing fails but what is counted or detected by growth.
pub(super) fn only_microbes(conn: &mut Conn, failing: &[FeedResult]) -> Outcome<bool> {
    let catalogue = calls::catalogue(conn)?;
    Ok(!failing.is_empty() && failing.iter().all(|item| calls::is_microbiology(&catalogue, &item.analyte)))
}

/// What rules a re-inspection out (`workflow.md` 11).
fn check_reinspection(conn: &mut Conn, shown: &PortalCase, today: NaiveDate, reasons: &mut Reasons) -> Outcome<()> {
    let sample_id = shown.case.sample_id;
    let all = store::applications_of(conn, &[shown.case.id])?;
    let earlier =
        |row: &ApplicationRow| row.kind == Kind::Reinspection.code() && row.state != Application::Refused.code();
    reasons.add_if(all.iter().any(earlier), || APPLICATION_SECOND.reason());
    let failing = failing_items(conn, &shown.case)?;
    let only_microbes = only_microbes(conn, &failing)?;
    reasons.add_if(only_microbes, || APPLICATION_MICROBIOLOGY.reason());
    let kept = calls::backups(conn, &[sample_id])?.into_iter().any(|backup| backup.4 == "kept");
    reasons.add_if(!kept && !only_microbes, || APPLICATION_NO_BACKUP.reason());
    let sample = calls::samples(conn, &[sample_id])?.pop().ok_or(NOT_FOUND)?;
    if let Some(expired) = sample.expiry_date.filter(|day| *day < today) {
        reasons.add(APPLICATION_BACKUP_EXPIRED.with("date", expired));
    }
    Ok(())
}
