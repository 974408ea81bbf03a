//! Deciding what the rules leave open: a verdict REVIEW becomes one by a person's decision, as a new version of the result
//! that names its basis. The old version stays, and the item is checked again by somebody else.

use serde::{Deserialize, Serialize};

use super::compute::{Decision, Record, SCREENING_POSITIVE};
use super::planning::state_of;
use super::results::tester_of;
use super::state::{ItemEvent, ItemState};
use super::store::{self, NewResultRow};
use super::{DECIDER_IS_TESTER, ITEM_CHANGED, ITEM_ON_HOLD, SCREENING_UNCONFIRMED, VERDICT_DECIDED};
use crate::accounts::May;
use crate::accounts::role::DecideVerdicts;
use crate::db::Tx;
use crate::domain::ids::ItemId;
use crate::domain::input::Checker;
use crate::domain::refusal::{Fault, NOT_FOUND, Outcome, Reasons, Refusal, STALE_VERSION};
use crate::judgement::Verdict;
use crate::quality::actions::works_holding;

/// What a person decides about an item whose verdict is open.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = VerdictDecision)]
pub struct DecisionInput {
    /// pass, fail or no_limit
    pub verdict: String,
    /// What it rests on: a standard with its clause, a notice, the result of another test.
    pub basis: String,
    pub reason: String,
}

#[derive(Clone, Debug)]
pub struct DecisionFacts {
    verdict: Verdict,
    basis: String,
    reason: String,
}

/// Words of the verdicts that a person can decide for.
pub const VERDICTS: &[(&str, Verdict)] =
    &[("pass", Verdict::Pass), ("fail", Verdict::Fail), ("no_limit", Verdict::NoLimit)];

/// Longest basis and reason, in characters.
const BASIS_MOST: usize = 200;
const REASON_MOST: usize = 1000;

impl DecisionInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<DecisionFacts, Refusal> {
        let mut check = Checker::new();
        let word = |text: &str| VERDICTS.iter().find(|(code, _)| *code == text).map(|(_, verdict)| *verdict);
        let verdict = check.parsed("verdict", &self.verdict, "expected-decided-verdict", word);
        let basis = check.text("basis", &self.basis, BASIS_MOST);
        let reason = check.text("reason", &self.reason, REASON_MOST);
        check.done(verdict.map(|verdict| DecisionFacts { verdict, basis, reason }))
    }
}

/// What a decision answers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = VerdictDecided)]
pub struct Decided {
    pub id: i64,
    pub version: i64,
    /// Id of the new version of the result.
    pub result: i64,
}

/// Stores a decision as the next version of the result: same values, same question, same answer of the rules, and beside it
/// what was decided. Nobody decides about what he tested, and nobody checks what he decided. What non-conforming work holds
/// is evaluated first: a decision would free it with a value that is in doubt. A screening is confirmed by another test
/// before it fails (`workflow.md` 8). Four statements, the lock and the log.
pub fn decide(tx: &mut Tx, by: &May<DecideVerdicts>, id: ItemId, seen: i64, facts: &DecisionFacts) -> Outcome<Decided> {
    store::lock_item(tx.conn, id)?;
    let all = store::items_with_siblings(tx.conn, &[id])?;
    let (item, sheet, result) = all.into_iter().find(|(item, ..)| item.id == id).ok_or(NOT_FOUND)?;
    let mut reasons = Reasons::new();
    if let Err(reason) = state_of(&item).after(ItemEvent::Decide) {
        reasons.add(reason.with("item", item.name()));
    }
    let open = result.filter(|row| row.verdict == Verdict::Review.name());
    let record: Option<Record> =
        open.as_ref().map(|row| serde_json::from_str(&row.record)).transpose().map_err(Fault::broken)?;
    reasons.add_if(open.is_none(), || VERDICT_DECIDED.with("item", item.name()));
    let own = tester_of(sheet.as_ref(), &item) == Some(by.person);
    reasons.add_if(own, || DECIDER_IS_TESTER.with("item", item.name()));
    let works = works_holding(tx.conn, id)?;
    reasons.add_if(!works.is_empty(), || ITEM_ON_HOLD.with("item", item.name()).with("works", works.join(" ")));
    let screened =
        record.as_ref().is_some_and(|record| record.answered.notes.iter().any(|note| note == SCREENING_POSITIVE));
    reasons.add_if(screened && facts.verdict == Verdict::Fail, || {
        SCREENING_UNCONFIRMED.with("item", item.name()).at("verdict")
    });
    reasons.none()?;
    if item.version != seen {
        let current = serde_json::json!({"id": item.id, "version": item.version, "verdict": item.verdict});
        return Err(Refusal::from(STALE_VERSION.with("version", item.version)).with_current(current).into());
    }
    let (Some(result), Some(record)) = (open, record) else { return Err(VERDICT_DECIDED.into()) };
    let decision = Decision {
        verdict: facts.verdict,
        basis: facts.basis.clone(),
        reason: facts.reason.clone(),
        by: by.name.clone(),
        at: tx.now,
        tested_at: result.at,
    };
    let record = Record { decision: Some(decision), ..record };
    let row = NewResultRow {
        item_id: id,
        version_no: result.version_no + 1,
        entries: result.entries,
        value: result.value,
        unit: result.unit,
        reported: result.reported,
        verdict: facts.verdict.name().to_owned(),
        record: record.bytes(),
        limit_set_id: result.limit_set_id,
        limit_key: result.limit_key,
        method_key: result.method_key,
        cause: "decided",
        reason: facts.reason.clone(),
        person_id: by.person,
        at: tx.now,
    };
    let made = *store::insert_results(tx.conn, &[row])?.first().ok_or_else(|| Fault::broken("no id of a result"))?;
    if !store::take_newest_results(tx.conn, &[(id, seen)], ItemState::Calculated.code())? {
        return Err(ITEM_CHANGED.with("item", item.name()).with("version", item.version).into());
    }
    tx.log(
        by.entry("test_item", id.0, seen + 1, "verdict-decided")
            .change("state", item.state.as_str(), ItemState::Calculated.code())
            .change("verdict", item.verdict.as_str(), facts.verdict.name())
            .set("result", made.0)
            .set("basis", facts.basis.as_str())
            .set("reason", facts.reason.as_str()),
    );
    Ok(Decided { id: id.0, version: seen + 1, result: made.0 })
}
