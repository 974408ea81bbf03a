//! What is done in a case outside of this program and recorded by the authority that decides (`workflow.md` 10 and 11): the
//! way of a re-inspection from the draw of the body to telling everybody (T9 to T13), the papers of an objection and time that
//! does not count (T16, T19), recall (T24, T25) and seizure. Each act ends and starts its limits.

use chrono::{NaiveDate, TimeDelta};
use serde::{Deserialize, Serialize};

use super::actions::{CaseSaved, Step, failing_since, start, state_of, step};
use super::clocks::{
    self, Limit, RecallLimits, SEIZURE, SEIZURE_LONG, T9, T9_LONG, T10, T11, T11_LONG, T12, T13, T16, T17, T18, T19,
    T23, T24, T25,
};
use super::handling::clock_party;
use super::matter::{acts_in, next_of, recall_class};
use super::state::{Act, Application, Kind};
use super::store::{self, ActRow, ApplicationRow, CaseRow, ClockRow, NewAct};
use super::{ACT_IN_FUTURE, ACT_OUT_OF_PLACE, ACT_TOO_EARLY, LIMIT_OVER, authority, calls, law};
use crate::accounts::May;
use crate::accounts::role::HandleCases;
use crate::db::{Conn, Tx};
use crate::domain::calendar::PeriodUnit;
use crate::domain::clock::Moment;
use crate::domain::ids::{ApplicationId, CaseId};
use crate::domain::input::Checker;
use crate::domain::refusal::{FIELD_INVALID, FIELD_MISSING, Fault, NOT_FOUND, Outcome, Reasons, Refusal};

/// Longest note, in characters.
const NOTE_MOST: usize = 1000;
/// Acts are noted to the minute.
const MINUTE_MS: i64 = 60_000;

/// An act as a page or a program gives it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ActInput {
    /// `body_named`, `backup_received`, …: one of those that the case shows as next.
    pub act: String,
    pub done_at: String,
    /// The body's name, the reason, what is missing, what was seized; needed where the act says nothing by itself.
    pub note: String,
    /// The day that was agreed, with `conclusion_agreed`.
    pub until: String,
}

#[derive(Clone, Debug)]
pub struct ActFacts {
    pub act: Act,
    pub done_at: Moment,
    pub note: String,
    pub until: Option<NaiveDate>,
}

impl ActInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<ActFacts, Refusal> {
        let mut check = Checker::new();
        let act = check.parsed("act", &self.act, "expected-case-act", Act::parse);
        let done_at = check.moment("done_at", &self.done_at);
        let note = check.optional_lines("note", &self.note, NOTE_MOST);
        check.add_if(act.is_some_and(Act::needs_note) && self.note.trim().is_empty(), || FIELD_MISSING.at("note"));
        let until = check.optional_date("until", &self.until);
        let agreed = act == Some(Act::ConclusionAgreed);
        check.add_if(agreed && self.until.trim().is_empty(), || FIELD_MISSING.at("until"));
        if let Some((until, done_at)) = until.zip(done_at).filter(|_| agreed) {
            check.add_if(until < done_at.date_in_china(), || {
                FIELD_INVALID.at("until").with_word("expected", "expected-day-after-act")
            });
        }
        let until = until.filter(|_| agreed);
        check.done(act.zip(done_at).map(|(act, done_at)| ActFacts { act, done_at, note, until }))
    }
}

/// Whose clock it is: party, kind and application; of a body that was drawn anew with the number of the draw.
fn key(row: &ApplicationRow) -> String {
    application_key(&clock_party(row), row.id)
}

pub(super) fn application_key(party: &str, id: ApplicationId) -> String {
    format!("{party} {id}")
}

fn round_key(key: &str, done: &[Act]) -> String {
    match done.iter().filter(|act| **act == Act::BodyDeclined).count() {
        0 => key.to_owned(),
        declined => format!("{key} {}", declined + 1),
    }
}

/// Records an act of an application, or of the case itself; `seen` is the version of the case.
///
/// # Errors
/// `case-act-out-of-place`; a time that cannot be; an extension after the limit was over, which would hide that it was missed.
pub fn record(
    tx: &mut Tx,
    by: &May<HandleCases>,
    id: CaseId,
    of: Option<ApplicationId>,
    seen: i64,
    (facts, recall): (&ActFacts, RecallLimits),
) -> Outcome<CaseSaved> {
    let case = authority::directed(tx, by, id)?;
    let application = match of {
        None => None,
        Some(of) => {
            Some(store::applications_of(tx.conn, &[id])?.into_iter().find(|row| row.id == of).ok_or(NOT_FOUND)?)
        }
    };
    let rows = store::acts_of(tx.conn, id)?;
    let done = acts_in(&rows, of)?;
    if !next_of(&case, application.as_ref(), &done)?.contains(&facts.act) {
        return Err(ACT_OUT_OF_PLACE.reason().with_word("act", facts.act.word()).at("act").into());
    }
    let key = application.as_ref().map(key).unwrap_or_default();
    let changed = match changes(facts.act) {
        Some(clock) => running(tx.conn, id, clock, &[key.as_str(), round_key(&key, &done).as_str()])?,
        None => None,
    };
    let since = since(tx.conn, &case, application.as_ref(), &rows, facts.act)?;
    let mut reasons = Reasons::new();
    reasons.add_if(facts.done_at > tx.now, || ACT_IN_FUTURE.at("done_at"));
    if let Some(since) = since.filter(|since| facts.done_at.millis() < first_minute(*since)) {
        reasons.add(ACT_TOO_EARLY.with("since", since).at("done_at"));
    }
    if let Some(row) = changed.as_ref().filter(|row| {
        facts.act != Act::InquiryEnded && tx.now.date_in_china().max(facts.done_at.date_in_china()) > row.due_on
    }) {
        reasons.add(LIMIT_OVER.with("due", row.due_on).at("act"));
    }
    reasons.none()?;
    let row = NewAct {
        case_id: id,
        application_id: of,
        act: facts.act.code(),
        done_at: facts.done_at,
        note: &facts.note,
        until_on: facts.until,
        person_id: by.person,
        at: tx.now,
    };
    let act = store::insert_act(tx.conn, &row)?;
    take_effect(tx, &case, (facts, recall), (&key, &done), changed.as_ref(), application.as_ref())?;
    tx.log(
        by.entry("case_act", act, 1, "case-act-recorded")
            .set("case", id.0)
            .set("application", of.map_or(0, |of| of.0))
            .set("act", facts.act.code())
            .set("done_at", facts.done_at.rfc3339())
            .set("note", facts.note.as_str()),
    );
    let state = state_of(&case)?;
    let change = Step { next: state, report: case.report_id, publicity: None, event: "case-act-noted" };
    let version = step(tx, by, &case, seen, change)?;
    Ok(CaseSaved { id: id.0, version, state: state.code().to_owned() })
}

fn first_minute(at: Moment) -> i64 {
    at.millis().div_euclid(MINUTE_MS) * MINUTE_MS
}

/// What an act cannot lie before: the act before it, the acceptance or the receipt of the application, the sampling.
fn since(
    conn: &mut Conn,
    case: &CaseRow,
    application: Option<&ApplicationRow>,
    rows: &[ActRow],
    act: Act,
) -> Outcome<Option<Moment>> {
    let of = application.map(|row| row.id);
    // Recall and seizure are two ways beside each other.
    let same_way = |row: &&ActRow| Act::parse(&row.act).is_some_and(|one| one.is_seizure() == act.is_seizure());
    if let Some(last) = rows.iter().rev().filter(|row| row.application_id == of).find(same_way) {
        return Ok(Some(last.done_at));
    }
    match application {
        Some(row) if row.state == Application::Accepted.code() => Ok(Some(row.decided_at.unwrap_or(row.applied_at))),
        Some(row) => Ok(Some(row.applied_at)),
        // A risk may be known, and goods may be sealed, before the report; nothing of it before the sample was taken.
        None => match calls::samples(conn, &[case.sample_id])?.pop().and_then(|sample| sample.sampled_at) {
            Some(sampled) => Ok(Some(sampled)),
            None => failing_since(conn, case).map(Some),
        },
    }
}

/// The limit that an act makes longer or stops.
fn changes(act: Act) -> Option<&'static str> {
    match act {
        Act::BodySearchExtended => Some(T9.name),
        Act::HandoverExtended => Some(T11.name),
        Act::ConclusionAgreed => Some(T12.name),
        Act::InquiryBegun | Act::InquiryEnded => Some(T19.name),
        Act::SeizureExtended => Some(SEIZURE.name),
        _ => None,
    }
}

/// The clock of a name and one of these parties that runs.
fn running(conn: &mut Conn, id: CaseId, clock: &str, parties: &[&str]) -> Outcome<Option<ClockRow>> {
    let clocks = store::clocks_of(conn, &[id])?;
    Ok(clocks
        .into_iter()
        .rev()
        .find(|row| row.clock == clock && row.ended_at.is_none() && parties.contains(&row.party.as_str())))
}

fn take_effect(
    tx: &mut Tx,
    case: &CaseRow,
    (facts, recall): (&ActFacts, RecallLimits),
    (key, done): (&str, &[Act]),
    changed: Option<&ClockRow>,
    application: Option<&ApplicationRow>,
) -> Outcome<()> {
    let (id, at, round) = (case.id, facts.done_at, round_key(key, done));
    match facts.act {
        Act::BodyNamed => {
            end(tx, id, &[T9], &round, at)?;
            start(tx, id, &[(T10, &round), (T11, &round)], at)
        }
        Act::BodyDeclined => {
            end(tx, id, &[T10, T11], &round, at)?;
            let again = round_key(key, &[done, &[Act::BodyDeclined]].concat());
            start(tx, id, &[(T9, &again)], at)
        }
        Act::BackupHandedOver => end(tx, id, &[T10, T11], &round, at),
        Act::BackupReceived => start(tx, id, &[(law::conclusion(case), key)], at),
        Act::ConclusionReceived => {
            end(tx, id, &[law::conclusion(case)], key, at)?;
            start(tx, id, &[(T13, key)], at)
        }
        Act::PartiesTold => end(tx, id, &[T13], key, at),
        Act::PapersMissing => {
            end(tx, id, &[T16], key, at)?;
            match application {
                Some(row) => end(tx, id, &[T17], &clock_party(row), at),
                None => Ok(()),
            }
        }
        Act::PapersCompleted => start(tx, id, &[(T17, key)], at),
        Act::RecallOwed1 => start(tx, id, &[(recall.start(0), "")], at),
        Act::RecallOwed2 => start(tx, id, &[(recall.start(1), "")], at),
        Act::RecallOwed3 => start(tx, id, &[(recall.start(2), "")], at),
        Act::RecallAnnounced => {
            store::end_clock(tx.conn, id, T24, "", at)?;
            match recall_class(done) {
                Some(class) => start(tx, id, &[(recall.finish(class), "")], at),
                None => Ok(()),
            }
        }
        Act::RecallFinished => Ok(store::end_clock(tx.conn, id, T25, "", at)?),
        Act::Seized => start(tx, id, &[(SEIZURE, "")], at),
        Act::SeizureLifted => end(tx, id, &[SEIZURE], "", at),
        Act::BodySearchExtended => prolong(tx, changed, T9_LONG),
        Act::HandoverExtended => prolong(tx, changed, T11_LONG),
        Act::SeizureExtended => prolong(tx, changed, SEIZURE_LONG),
        Act::ConclusionAgreed => match changed.zip(facts.until) {
            Some((row, until)) => Ok(store::change_due(tx.conn, row.id, until, false)?),
            None => Ok(()),
        },
        Act::InquiryBegun => match changed {
            Some(row) => Ok(store::stop_clock(tx.conn, row.id, at)?),
            None => Ok(()),
        },
        Act::InquiryEnded => match changed {
            Some(row) => count_again(tx, row, at),
            None => Ok(()),
        },
    }
}

/// Ends clocks of a party at the time of an act.
fn end(tx: &mut Tx, id: CaseId, limits: &[Limit], party: &str, at: Moment) -> Outcome<()> {
    for limit in limits {
        store::end_clock(tx.conn, id, limit.name, party, at)?;
    }
    Ok(())
}

/// A limit with another length from its own beginning.
fn prolong(tx: &mut Tx, row: Option<&ClockRow>, limit: Limit) -> Outcome<()> {
    let Some(row) = row else { return Ok(()) };
    let ends = clocks::ends(&calls::catalogue(tx.conn)?.calendar, limit, row.started_on)?;
    Ok(store::change_due(tx.conn, row.id, ends.on, ends.provisional)?)
}

/// The time of a limit counts again: as many working days as it stood still are added at its end. The day on which others were
/// asked still counts, that of their answer does not.
fn count_again(tx: &mut Tx, row: &ClockRow, at: Moment) -> Outcome<()> {
    let Some(stopped) = row.stopped_at else { return Ok(()) };
    let catalogue = calls::catalogue(tx.conn)?;
    let (from, to) = (stopped.date_in_china(), at.date_in_china());
    let days = from.iter_days().skip(1).take_while(|day| *day <= to);
    let working = days.filter(|day| catalogue.calendar.is_working_day(*day)).count();
    let longer =
        Limit { name: T19.name, length: u32::try_from(working).map_err(Fault::broken)?, unit: PeriodUnit::WorkingDay };
    let ends = clocks::ends(&catalogue.calendar, longer, row.due_on)?;
    store::change_due(tx.conn, row.id, ends.on, ends.provisional || row.provisional)?;
    Ok(store::start_again(tx.conn, row.id, row.stopped_days + (to - from).num_days())?)
}

/// What the decision about an application means for its limits: accepted, the next ones start; decided in substance, they end,
/// and of a re-inspection the applicant and his authority are told.
pub(super) fn application_decided(tx: &mut Tx, id: CaseId, row: &ApplicationRow, to: Application) -> Outcome<()> {
    let kind = Kind::parse(&row.kind).ok_or_else(|| Fault::broken(format!("application of kind {}", row.kind)))?;
    let done = acts_in(&store::acts_of(tx.conn, id)?, Some(row.id))?;
    let (key, now) = (key(row), tx.now);
    let round = round_key(&key, &done);
    // Before the conclusion falls by it: what was decided does not run on where the sample fails again.
    let ended = now.plus(TimeDelta::milliseconds(-1));
    for limit in [T16, T17] {
        store::end_clock(tx.conn, id, limit.name, &key, now)?;
    }
    match to {
        Application::Applied | Application::Refused => Ok(()),
        Application::Accepted => {
            let limit = match kind {
                Kind::Reinspection => T9,
                Kind::ObjectionSampling => T18,
                Kind::ObjectionAuthenticity | Kind::ObjectionMethod | Kind::ObjectionStandard => T19,
            };
            start(tx, id, &[(limit, &key)], now)
        }
        Application::Upheld | Application::Reversed => {
            for limit in [T9, T10, T11] {
                store::end_clock(tx.conn, id, limit.name, &round, ended)?;
            }
            for limit in [T12, T18, T19, T23] {
                store::end_clock(tx.conn, id, limit.name, &key, ended)?;
            }
            if kind == Kind::Reinspection { start(tx, id, &[(T13, &key)], now) } else { Ok(()) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_act_says_what_it_must() {
        let input = |act: &str, note: &str, until: &str| {
            let done_at = "2026-11-20 09:00".into();
            ActInput { act: act.into(), done_at, note: note.into(), until: until.into() }.checked()
        };
        let codes = |checked: Result<ActFacts, Refusal>| -> Vec<(&'static str, String)> {
            let refusal = checked.expect_err("refused");
            refusal.reasons.iter().map(|one| (one.problem.code, one.field.clone().unwrap_or_default())).collect()
        };
        assert!(input("backup_received", "", "").is_ok());
        assert_eq!(codes(input("body_named", "", "")), [("field-missing", "note".to_owned())]);
        assert_eq!(codes(input("conclusion_agreed", "", "")), [("field-missing", "until".to_owned())]);
        assert_eq!(
            codes(input("conclusion_agreed", "", "2026-11-19")),
            [("field-invalid", "until".to_owned())],
            "before it was agreed"
        );
        assert_eq!(codes(input("perhaps", "", "")), [("field-invalid", "act".to_owned())]);
    }
}
