//! Deciding what the rules leave open: a verdict REVIEW becomes one by a person's decision, as a new version of the result
//! that names its basis. What the rules ask about a finding (is it confirmed, was it carried over) is answered in words of theirs,
//! and they judge again by it. By which factor the product is concentrated is stated of the item and not decided (`concentrating.rs`).
//! The old version stays, and the item is checked again by somebody else.

use serde::{Deserialize, Serialize};

use super::compute::{self, Asked, Decision, Record, SCREENING_POSITIVE};
use super::established::{Established, FINDINGS, Open};
use super::planning::state_of;
use super::results::tester_of;
use super::state::{ItemEvent, ItemState};
use super::store::{self, ItemRow, NewResultRow};
use super::{
    CALCULATION_FAILED, CARRY_OVER_UNDECIDED, DECIDER_IS_TESTER, FINDING_NOT_ASKED, FINDING_NOT_CONFIRMED,
    ITEM_CHANGED, ITEM_ON_HOLD, SCREENING_UNCONFIRMED, VERDICT_CONTRADICTS, VERDICT_DECIDED,
};
use crate::accounts::May;
use crate::accounts::role::DecideVerdicts;
use crate::db::Tx;
use crate::domain::ids::ItemId;
use crate::domain::input::Checker;
use crate::domain::refusal::{Fault, NOT_FOUND, Outcome, Reasons, Refusal, STALE_VERSION};
use crate::judgement::Verdict;
use crate::judgement::measured::CarryOver;
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
    /// What was established about a finding: confirmed, carry_over_shown or carry_over_excluded; empty: nothing.
    pub finding: String,
}

#[derive(Clone, Debug)]
pub struct DecisionFacts {
    verdict: Verdict,
    basis: String,
    reason: String,
    established: Established,
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
        let found = |text: &str| FINDINGS.iter().copied().find(|(code, ..)| *code == text);
        let finding = check.optional("finding", &self.finding, "expected-established", found);
        let (_, confirmed, carry_over) = finding.unwrap_or_default();
        let established = Established { confirmed, carry_over, ..Established::default() };
        check.done(verdict.map(|verdict| DecisionFacts { verdict, basis, reason, established }))
    }
}

impl DecisionFacts {
    /// What is established answers what the rules ask, and what they ask is answered before it decides. A screening is
    /// confirmed by another test before it fails (`workflow.md` 8).
    fn require_answers(&self, record: &Record, item: &ItemRow, reasons: &mut Reasons) {
        let Established { confirmed, carry_over, .. } = &self.established;
        let open = Open::of(&record.answered.judgement);
        let beside = (*confirmed && open != Some(Open::Confirmation))
            || (*carry_over != CarryOver::Unknown && open != Some(Open::CarryOver));
        reasons.add_if(beside, || FINDING_NOT_ASKED.with("item", item.name()).at("finding"));
        let fails = self.verdict == Verdict::Fail;
        let screened = record.answered.notes.iter().any(|note| note == SCREENING_POSITIVE);
        reasons.add_if(screened && fails, || SCREENING_UNCONFIRMED.with("item", item.name()).at("verdict"));
        let unconfirmed = open == Some(Open::Confirmation) && fails && !screened && !confirmed;
        reasons.add_if(unconfirmed, || FINDING_NOT_CONFIRMED.with("item", item.name()).at("finding"));
        let undecided = open == Some(Open::CarryOver) && *carry_over == CarryOver::Unknown;
        reasons.add_if(undecided, || CARRY_OVER_UNDECIDED.with("item", item.name()).at("finding"));
    }

    /// The record as the rules answer it with what was established; they may still leave it open, but nobody decides
    /// against what they answer.
    fn judged(&self, record: Record, item: &ItemRow) -> Outcome<Record> {
        if self.established == Established::default() {
            return Ok(record);
        }
        let Record { asked, subcontract, .. } = record;
        // The factor that was stated stays.
        let Established { times, basis, .. } = asked.established.clone().unwrap_or_default();
        let established = Established { times, basis, ..self.established.clone() };
        let asked = Asked { established: Some(established), ..asked };
        let record =
            compute::compute(asked).map_err(|why| CALCULATION_FAILED.with("label", item.name()).with("why", why))?;
        let answer = record.verdict();
        if matches!(answer, Verdict::Pass | Verdict::Fail) && answer != self.verdict {
            let reason = VERDICT_CONTRADICTS.with("item", item.name()).with_word("answer", answer.word());
            return Err(reason.at("verdict").into());
        }
        Ok(Record { subcontract, ..record })
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

/// Stores a decision as the next version of the result: same values, and beside what the rules answer what was decided. What
/// was established is part of the question from now on; where nothing was, question and answer stay the same. Nobody decides
/// about what he tested, and nobody checks what he decided. What non-conforming work holds is evaluated first: a decision
/// would free it with a value that is in doubt. Four statements, the lock and the log.
pub fn decide(tx: &mut Tx, by: &May<DecideVerdicts>, id: ItemId, seen: i64, facts: &DecisionFacts) -> Outcome<Decided> {
    store::lock_item(tx.conn, id)?;
    let all = store::items_with_siblings(tx.conn, &[id])?;
    let (item, sheet, result) = all.into_iter().find(|(item, ..)| item.id == id).ok_or(NOT_FOUND)?;
    let mut reasons = Reasons::new();
    if let Err(reason) = state_of(&item).after(ItemEvent::Decide) {
        reasons.add(reason.with("item", item.name()));
    }
    let stands = result.map(|row| serde_json::from_str::<Record>(&row.record).map(|record| (row, record)));
    let open = stands.transpose().map_err(Fault::broken)?.filter(|(_, record)| record.verdict() == Verdict::Review);
    reasons.add_if(open.is_none(), || VERDICT_DECIDED.with("item", item.name()));
    let own = tester_of(sheet.as_ref(), &item) == Some(by.person);
    reasons.add_if(own, || DECIDER_IS_TESTER.with("item", item.name()));
    let works = works_holding(tx.conn, id)?;
    reasons.add_if(!works.is_empty(), || ITEM_ON_HOLD.with("item", item.name()).with("works", works.join(" ")));
    if let Some((_, record)) = &open {
        facts.require_answers(record, &item, &mut reasons);
    }
    reasons.none()?;
    if item.version != seen {
        let current = serde_json::json!({"id": item.id, "version": item.version, "verdict": item.verdict});
        return Err(Refusal::from(STALE_VERSION.with("version", item.version)).with_current(current).into());
    }
    let Some((result, record)) = open else { return Err(VERDICT_DECIDED.into()) };
    let record = facts.judged(record, &item)?;
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
        value: record.answered.value.clone(),
        unit: record.answered.unit.clone(),
        reported: record.answered.reported.clone(),
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
            .set("finding", facts.established.word())
            .set("reason", facts.reason.as_str()),
    );
    Ok(Decided { id: id.0, version: seen + 1, result: made.0 })
}
