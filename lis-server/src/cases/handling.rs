//! What the authority does with a case: service on each operator, decisions about applications, conclusion, handling.

use serde::{Deserialize, Serialize};

use super::actions::{
    CaseSaved, Step, failing_since, fell_at, next_state, reverse, start, state_of, step, tell_reversed,
};
use super::clocks::{T4, T6, T7, T8, T15, T17, T20, T22};
use super::notice;
use super::state::{Application, CaseEvent, CaseState, Kind, Party};
use super::store::{self, ApplicationRow, CaseRow, NewService};
use super::{
    APPLICATION_DECIDED, CONCLUSION_FELL, HANDLING_INCOMPLETE, PARTY_ABSENT, PERIOD_RUNS, SERVED_ALREADY,
    SERVED_IN_FUTURE, SERVED_TOO_EARLY, UNACKNOWLEDGED, UNSERVED,
};
use super::{acts, authority, calls, handling_record, law};
use crate::accounts::May;
use crate::accounts::role::HandleCases;
use crate::db::{Tx, series};
use crate::domain::clock::Moment;
use crate::domain::ids::{ApplicationId, CaseId};
use crate::domain::input::Checker;
use crate::domain::refusal::{Fault, NOT_FOUND, Outcome, Reasons, Refusal, STALE_VERSION};

/// Longest texts, in characters.
const HOW_MOST: usize = 120;
const REASON_MOST: usize = 500;
/// Service is noted to the minute.
const MINUTE_MS: i64 = 60_000;

/// Service on one operator, as recorded.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ServiceInput {
    /// `sampled_unit` or `maker`.
    pub party: String,
    pub served_at: String,
    /// 送达方式: in person, by post with its number, …
    pub how: String,
}

#[derive(Clone, Debug)]
pub struct ServiceFacts {
    pub party: Party,
    pub served_at: Moment,
    pub how: String,
}

impl ServiceInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<ServiceFacts, Refusal> {
        let mut check = Checker::new();
        let party = check.parsed("party", &self.party, "expected-party", Party::parse);
        let served_at = check.moment("served_at", &self.served_at);
        let how = check.text("how", &self.how, HOW_MOST);
        check.done(party.zip(served_at).map(|(party, served_at)| ServiceFacts { party, served_at, how }))
    }
}

/// Records that report and notice were served on one operator; his clocks (T7 and T15, or T22) run from his own service,
/// which cannot lie before the failing report.
pub fn serve(tx: &mut Tx, by: &May<HandleCases>, id: CaseId, seen: i64, facts: &ServiceFacts) -> Outcome<CaseSaved> {
    let case = authority::serving(tx, by, id, facts.party)?;
    let next = next_state(&case, CaseEvent::Serve)?;
    let since = failing_since(tx.conn, &case)?;
    let first_minute = since.millis().div_euclid(MINUTE_MS) * MINUTE_MS;
    let sample = calls::samples(tx.conn, &[case.sample_id])?.pop().ok_or(NOT_FOUND)?;
    let (enterprise, name) = match facts.party {
        Party::SampledUnit => (sample.unit_id, sample.unit_name),
        Party::Maker => (sample.producer_id, sample.producer_name),
    };
    let served = store::services_of(tx.conn, &[id])?;
    let mut reasons = Reasons::new();
    reasons.add_if(name.is_empty(), || PARTY_ABSENT.reason().with_word("party", facts.party.word()).at("party"));
    reasons.add_if(served.iter().any(|row| row.party == facts.party.code()), || {
        SERVED_ALREADY.reason().with_word("party", facts.party.word()).at("party")
    });
    reasons.add_if(facts.served_at > tx.now, || SERVED_IN_FUTURE.at("served_at"));
    reasons.add_if(facts.served_at.millis() < first_minute, || SERVED_TOO_EARLY.with("since", since).at("served_at"));
    reasons.none()?;
    let year = tx.now.in_china().format("%Y").to_string();
    let serial = series::take(tx, &format!("notice-{year}"), 1)?;
    let notice_no = format!("TZ-{year}-{serial:05}");
    let service = NewService {
        case_id: id,
        party: facts.party.code(),
        enterprise_id: enterprise,
        notice_no: &notice_no,
        served_at: facts.served_at,
        how: &facts.how,
        person_id: by.person,
        at: tx.now,
    };
    let service_id = store::insert_service(tx.conn, &service)?;
    store::end_clock(tx.conn, id, T6.name, facts.party.code(), facts.served_at)?;
    let begins: Vec<_> = law::periods(&case).iter().map(|limit| (*limit, facts.party.code())).collect();
    start(tx, id, &begins, facts.served_at)?;
    tx.log(
        by.entry("case_service", service_id, 1, "case-served")
            .set("case", id.0)
            .set("party", facts.party.code())
            .set("notice_no", notice_no.as_str())
            .set("served_at", facts.served_at.rfc3339()),
    );
    notice::queue(tx, service_id, case.report_id)?;
    let change = Step { next, report: case.report_id, publicity: None, event: "case-service-recorded" };
    let version = step(tx, by, &case, seen, change)?;
    Ok(CaseSaved { id: id.0, version, state: next.code().to_owned() })
}

/// Decision about an application: at the door (accept, refuse), later its outcome (uphold, reverse).
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DecideInput {
    /// `accepted`, `refused`, `upheld` or `reversed`.
    pub decision: String,
    pub reason: String,
}

#[derive(Clone, Debug)]
pub struct DecideFacts {
    pub to: Application,
    pub reason: String,
}

impl DecideInput {
    /// # Errors
    /// An unknown decision; anything but acceptance without a reason.
    pub fn checked(&self) -> Result<DecideFacts, Refusal> {
        let mut check = Checker::new();
        let to = check.parsed("decision", &self.decision, "expected-decision", |text| {
            Application::parse(text).filter(|state| *state != Application::Applied)
        });
        let reason = match to {
            Some(Application::Accepted) => check.optional_text("reason", &self.reason, REASON_MOST),
            _ => check.text("reason", &self.reason, REASON_MOST),
        };
        check.done(to.map(|to| DecideFacts { to, reason }))
    }
}

/// Decides about an application; `seen` is the application's version.
pub fn decide(
    tx: &mut Tx,
    by: &May<HandleCases>,
    id: CaseId,
    application: ApplicationId,
    seen: i64,
    facts: &DecideFacts,
) -> Outcome<CaseSaved> {
    let case = authority::directed(tx, by, id)?;
    let all = store::applications_of(tx.conn, &[id])?;
    let row = all.iter().find(|row| row.id == application).ok_or(NOT_FOUND)?;
    let from = application_state(row)?;
    if !from.may_become(facts.to) {
        return Err(APPLICATION_DECIDED.reason().with_word("state", from.word()).into());
    }
    let fell = fell_at(tx.conn, id)?.is_some();
    if fell && matches!(facts.to, Application::Accepted | Application::Upheld) {
        return Err(CONCLUSION_FELL.into());
    }
    if !store::decide(tx.conn, application, seen, facts.to.code(), &facts.reason, tx.now)? {
        return Err(STALE_VERSION.with("version", row.version).into());
    }
    tx.log(
        by.entry("case_application", application.0, seen + 1, "application-decided")
            .change("state", row.state.as_str(), facts.to.code())
            .set("reason", facts.reason.as_str()),
    );
    let kind = Kind::parse(&row.kind).ok_or_else(|| Fault::broken(format!("application of kind {}", row.kind)))?;
    let limit = if kind.is_objection() { T17 } else { T8 };
    store::end_clock(tx.conn, id, limit.name, &clock_party(row), tx.now)?;
    let others: Vec<&str> =
        all.iter().filter(|other| other.id != application).map(|other| other.state.as_str()).collect();
    acts::application_decided(tx, id, row, facts.to)?;
    // A conclusion that fell before, by a report of the laboratory's own, has its work already.
    if !fell {
        if facts.to == Application::Reversed {
            calls::open_overturned(tx, by, &case, &facts.reason)?;
        }
        conclude(tx, by, &case, facts.to, &others)?;
    }
    let case = store::case(tx.conn, id)?.ok_or(NOT_FOUND)?;
    Ok(CaseSaved { id: id.0, version: case.version, state: case.state })
}

/// Several objections of one party have a clock each.
pub(super) fn clock_party(row: &ApplicationRow) -> String {
    format!("{} {}", row.party, row.kind)
}

/// What the last open application leads to; `others` are the states of the other ones. Where one of them upheld the
/// conclusion it stays upheld. After the conclusion fell another way an application ends without effect on the case.
fn conclude(tx: &mut Tx, by: &May<HandleCases>, case: &CaseRow, to: Application, others: &[&str]) -> Outcome<()> {
    let any = |state: Application| others.contains(&state.code());
    let others_open = any(Application::Applied) || any(Application::Accepted);
    let event = match to {
        Application::Reversed => {
            tell_reversed(tx, case)?;
            return reverse(tx, by, case, case.report_id);
        }
        Application::Upheld if !others_open => CaseEvent::Uphold,
        Application::Refused if !others_open && any(Application::Upheld) => CaseEvent::Uphold,
        Application::Refused if !others_open => CaseEvent::Resume,
        _ => return Ok(()),
    };
    // The conclusion fell and failed again since the application came: the case has begun anew.
    if !matches!(state_of(case)?, CaseState::Reinspection | CaseState::Objection) {
        return Ok(());
    }
    let next = next_state(case, event)?;
    let change = Step { next, report: case.report_id, publicity: None, event: "case-application-ended" };
    step(tx, by, case, case.version, change).map(|_| ())
}

fn application_state(row: &ApplicationRow) -> Outcome<Application> {
    Application::parse(&row.state).ok_or_else(|| Fault::broken(format!("application in state {}", row.state)))
}

/// What somebody is still owed, or may still ask for, by the limits that run: the conclusion to the ordering authority (T4),
/// service on an operator (T6, also when it was missed), his days to apply and to object (T7, T15, T22, until they are over).
fn outstanding(tx: &mut Tx, id: CaseId) -> Outcome<Reasons> {
    let today = tx.now.date_in_china();
    let mut reasons = Reasons::new();
    for clock in store::clocks_of(tx.conn, &[id])?.iter().filter(|clock| clock.ended_at.is_none()) {
        let party = Party::parse(&clock.party).map(Party::word).unwrap_or_default();
        if clock.clock == T4.name {
            reasons.add(UNACKNOWLEDGED);
        } else if clock.clock == T6.name {
            reasons.add(UNSERVED.reason().with_word("party", party));
        } else if [T7.name, T15.name, T22.name].contains(&clock.clock.as_str()) && today <= clock.due_on {
            let what = format!("clock-{}", clock.clock.to_lowercase());
            reasons.add(PERIOD_RUNS.with("due", clock.due_on).with_word("party", party).with_word("what", what));
        }
    }
    Ok(reasons)
}

/// A step that the ordering authority takes without further facts: `handle` or `close`. Neither takes from an operator the
/// days in which he may apply.
///
/// # Errors
/// `case-wrong-state`; every limit that still runs; for closing what the record of handling does not say.
pub fn advance(tx: &mut Tx, by: &May<HandleCases>, id: CaseId, seen: i64, event: CaseEvent) -> Outcome<CaseSaved> {
    let case = authority::directed(tx, by, id)?;
    let next = next_state(&case, event)?;
    let mut reasons = outstanding(tx, id)?;
    // Of a conclusion that fell there is nothing to handle.
    if event == CaseEvent::Close && state_of(&case)? == CaseState::Handling {
        let newest = handling_record::entries(tx.conn, id)?.into_iter().next();
        reasons.add_if(!newest.is_some_and(|entry| entry.stated.is_complete()), || HANDLING_INCOMPLETE.reason());
    }
    reasons.none()?;
    if event == CaseEvent::Close {
        store::end_clock(tx.conn, id, T20.name, "", tx.now)?;
    }
    let name = if event == CaseEvent::Close { "case-closed" } else { "case-handled" };
    let change = Step { next, report: case.report_id, publicity: None, event: name };
    let version = step(tx, by, &case, seen, change)?;
    Ok(CaseSaved {
        id: id.0,
        version,
        state: state_of(&store::case(tx.conn, id)?.ok_or(NOT_FOUND)?)?.code().to_owned(),
    })
}
