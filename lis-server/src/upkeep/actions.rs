//! Keeping what the program looked at, and what people did about it.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::checks::{FINDINGS_MOST, Looked};
use super::manifest::Head;
use super::store::{self, NewAction, NewRun, RunRow};
use super::{Finding, Kind, RUN_GOOD};
use crate::accounts::actions::names_of;
use crate::accounts::role::WatchUpkeep;
use crate::accounts::{Actor, May};
use crate::db::{Conn, Tx};
use crate::domain::clock::Moment;
use crate::domain::ids::{PersonId, UpkeepActionId, UpkeepRunId};
use crate::domain::input::Checker;
use crate::domain::refusal::{Fact, Fault, NOT_FOUND, Outcome, Refusal};
use crate::mail::{self, NewMail};
use crate::web::language::Language;

/// A look that has ended.
pub struct RunToKeep {
    pub kind: Kind,
    pub day: NaiveDate,
    pub began_at: Moment,
    pub at: Moment,
    pub looked: Looked,
    pub anchor: Option<Anchor>,
}

/// Where the root of the log goes as evidence outside of the laboratory (`quality.md` Q711-10).
pub struct Anchor {
    pub recipient: String,
    pub laboratory: String,
    pub head: Head,
}

/// Keeps a look with what it found; `None` when that of the day is kept already.
pub fn keep(tx: &mut Tx, by: &Actor, run: &RunToKeep) -> Outcome<Option<UpkeepRunId>> {
    let mut findings: Vec<Finding> = run.looked.findings.iter().take(FINDINGS_MOST).cloned().collect();
    findings.extend(run.anchor.as_ref().map(|anchor| Finding::new("root-sent", &anchor.recipient)));
    let findings = serde_json::to_string(&findings).map_err(Fault::broken)?;
    let run_key = format!("{}:{}", run.kind.code(), run.day);
    let looked_at = i64::try_from(run.looked.count).map_err(Fault::broken)?;
    let row = NewRun {
        kind: run.kind.code(),
        run_key: &run_key,
        began_at: run.began_at,
        at: run.at,
        good: run.looked.good,
        looked_at,
        findings: &findings,
    };
    let Some(id) = store::insert_run(tx.conn, &row)? else { return Ok(None) };
    if let Some(anchor) = &run.anchor {
        mail::queue(tx, &anchor.mail(id, run.day))?;
    }
    tx.log(
        by.entry("upkeep_run", id.0, 1, "upkeep-run")
            .set("kind", run.kind.code())
            .set("good", run.looked.good)
            .set("looked_at", looked_at)
            .set("findings", findings.as_str()),
    );
    Ok(Some(id))
}

impl Anchor {
    fn mail(&self, id: UpkeepRunId, day: NaiveDate) -> NewMail {
        let facts = [
            ("laboratory", self.laboratory.clone()),
            ("log", self.head.log_id.clone()),
            ("position", self.head.position.to_string()),
            ("chain", self.head.chain_hash.clone()),
            ("day", day.to_string()),
        ];
        let facts = facts.map(|(name, text)| (name, Fact::Text(text)));
        NewMail {
            key: format!("log-root:{day}"),
            recipient: self.recipient.clone(),
            language: Language::Chinese,
            subject: Language::Chinese.text_with("mail-log-root-subject", &facts),
            body: Language::Chinese.text_with("mail-log-root-body", &facts),
            attachment: None,
            about: ("upkeep_run", id.0),
        }
    }
}

/// What was done about a failure.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = UpkeepActionInput)]
pub struct ActionInput {
    /// What was done at once: the file brought back from a backup, the clock set.
    pub immediate: String,
    /// What keeps it from happening again; may be empty.
    pub corrective: String,
}

#[derive(Clone, Debug)]
pub struct ActionFacts {
    immediate: String,
    corrective: String,
}

/// Longest text of an action, in characters.
const TEXT_MOST: usize = 1000;

impl ActionInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<ActionFacts, Refusal> {
        let mut check = Checker::new();
        let immediate = check.text("immediate", &self.immediate, TEXT_MOST);
        let corrective = check.optional_text("corrective", &self.corrective, TEXT_MOST);
        check.done(Some(ActionFacts { immediate, corrective }))
    }
}

/// What keeping an action answers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = UpkeepActionKept)]
pub struct ActionKept {
    pub id: UpkeepActionId,
    pub run: UpkeepRunId,
}

/// Keeps what was done about a failure (ISO/IEC 17025 7.11.3 e). Three statements and the log.
///
/// # Errors
/// `not-found`; `upkeep-run-good` where nothing was wrong.
pub fn act(tx: &mut Tx, by: &May<WatchUpkeep>, id: UpkeepRunId, facts: &ActionFacts) -> Outcome<ActionKept> {
    let run = store::run(tx.conn, id)?.ok_or(NOT_FOUND)?;
    if run.good {
        return Err(RUN_GOOD.into());
    }
    let row = NewAction {
        run_id: id,
        immediate: &facts.immediate,
        corrective: &facts.corrective,
        person_id: by.person,
        at: tx.now,
    };
    let action = store::insert_action(tx.conn, &row)?;
    tx.log(
        by.entry("upkeep_run", id.0, 1, "upkeep-action")
            .set("action", action.0)
            .set("immediate", facts.immediate.as_str())
            .set("corrective", facts.corrective.as_str()),
    );
    Ok(ActionKept { id: action, run: id })
}

/// Something that the program looked at by itself.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = UpkeepRun)]
pub struct RunView {
    pub id: UpkeepRunId,
    /// files, log, backup or clock
    pub kind: String,
    pub began_at: Moment,
    pub at: Moment,
    /// Nothing was wrong.
    pub good: bool,
    /// Files, entries of the log, or clocks that were looked at.
    pub looked_at: i64,
    /// The first 200.
    pub findings: Vec<Finding>,
    /// What people did about a failure, in order.
    pub actions: Vec<ActionView>,
}

impl RunView {
    /// Whether it waits for a person.
    pub fn is_open(&self) -> bool {
        !self.good && self.actions.is_empty()
    }
}

/// What somebody did about a failure.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = UpkeepAction)]
pub struct ActionView {
    pub immediate: String,
    pub corrective: String,
    pub by: String,
    pub at: Moment,
}

/// Runs, newest first, before an id.
pub fn runs(conn: &mut Conn, before: i64, limit: i64) -> Outcome<Vec<RunView>> {
    let rows = store::runs(conn, before, limit)?;
    views(conn, rows)
}

pub fn run(conn: &mut Conn, id: UpkeepRunId) -> Outcome<RunView> {
    let row = store::run(conn, id)?.ok_or(NOT_FOUND)?;
    Ok(views(conn, vec![row])?.pop().ok_or(NOT_FOUND)?)
}

fn views(conn: &mut Conn, rows: Vec<RunRow>) -> Outcome<Vec<RunView>> {
    let ids: Vec<UpkeepRunId> = rows.iter().map(|row| row.id).collect();
    let taken = store::actions_of(conn, &ids)?;
    let people: Vec<PersonId> = taken.iter().map(|action| action.person_id).collect();
    let names = names_of(conn, &people)?;
    let mut actions: HashMap<UpkeepRunId, Vec<ActionView>> = HashMap::new();
    for action in taken {
        let view = ActionView {
            immediate: action.immediate,
            corrective: action.corrective,
            by: names.get(&action.person_id).cloned().unwrap_or_default(),
            at: action.at,
        };
        actions.entry(action.run_id).or_default().push(view);
    }
    let view = |row: RunRow| -> Outcome<RunView> {
        Ok(RunView {
            id: row.id,
            kind: row.kind,
            began_at: row.began_at,
            at: row.at,
            good: row.good,
            looked_at: row.looked_at,
            findings: serde_json::from_str(&row.findings).map_err(Fault::broken)?,
            actions: actions.remove(&row.id).unwrap_or_default(),
        })
    };
    rows.into_iter().map(view).collect()
}

/// Failures that wait for a person, for the page of waiting work.
pub fn count_open(conn: &mut Conn, _: &Actor) -> Outcome<i64> {
    Ok(store::count_open(conn)?)
}

/// The same for the figures.
pub fn count_failures(conn: &mut Conn, _: Moment) -> Outcome<i64> {
    Ok(store::count_open(conn)?)
}

/// Seconds since the newest good backup that a server made by itself; -1: there is none. For the figures.
pub fn backup_age_s(conn: &mut Conn, real: Moment) -> Outcome<i64> {
    Ok(store::last_good(conn, Kind::Backup)?.map_or(-1, |at| real.since(at).num_seconds().max(0)))
}
