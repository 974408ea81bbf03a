//! What is done about non-conforming work: hold, evaluate, recall, resume, correct, check the effect, close
//! (`quality.md` Q710-1 and Q710-2).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::state::{Effect, Risk, WorkEvent, WorkState};
use super::store::{self, AffectedRow, Closing, Correction, Evaluation, SIGNED, STANDING, WorkRow};
use super::{
    WORK_CLASSIFIED, WORK_NEEDS_ACTION, WORK_NOT_LISTED, WORK_NOTHING_TO_RECALL, WORK_OPENER_CLOSES,
    WORK_REPORTS_STAND, WORK_UNCLASSIFIED,
};
use crate::accounts::May;
use crate::accounts::role::ManageQuality;
use crate::audit::Entry;
use crate::db::Tx;
use crate::domain::ids::{ItemId, ReportId, SampleId, WorkId};
use crate::domain::input::Checker;
use crate::domain::refusal::{Fault, NOT_FOUND, Outcome, Reasons, Refusal, STALE_VERSION};
use crate::reports::actions::{Recaller, recall};
use crate::reports::state::ReportState;
use crate::testing::actions::repeat_affected;

/// What a step of non-conforming work answers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct WorkSaved {
    pub id: WorkId,
    pub version: i64,
    pub state: String,
}

/// A work at the version that was seen, before a step.
struct Step {
    row: WorkRow,
    seen: i64,
    from: WorkState,
}

impl Step {
    fn load(tx: &mut Tx, id: WorkId, seen: i64) -> Outcome<Self> {
        store::lock_items_of(tx.conn, id)?;
        let row = store::work(tx.conn, id)?.ok_or(NOT_FOUND)?;
        let from = WorkState::parse(&row.state).ok_or_else(|| Fault::broken(format!("work in state {}", row.state)))?;
        Ok(Self { row, seen, from })
    }

    fn next(&self, event: WorkEvent) -> Outcome<WorkState> {
        Ok(self.from.after(event).map_err(|why| why.with("work", &self.row.work_no))?)
    }

    fn entry(&self, by: &May<ManageQuality>, event: &'static str, next: WorkState) -> Entry {
        let entry = by.entry("nonconforming_work", self.row.id.0, self.seen + 1, event);
        if self.from == next { entry } else { entry.change("state", self.from.code(), next.code()) }
    }

    /// What the step answers, when its row was still as it was seen.
    fn saved(&self, changed: bool, next: WorkState) -> Outcome<WorkSaved> {
        if !changed {
            return Err(STALE_VERSION.with("version", self.row.version).into());
        }
        Ok(WorkSaved { id: self.row.id, version: self.seen + 1, state: next.code().to_owned() })
    }
}

/// Holds every item that is not evaluated: it stands in no report until it is.
pub fn hold(tx: &mut Tx, by: &May<ManageQuality>, id: WorkId, seen: i64) -> Outcome<WorkSaved> {
    let step = Step::load(tx, id, seen)?;
    let next = step.next(WorkEvent::Hold)?;
    let saved = step.saved(store::set_state(tx.conn, id, seen, next)?, next)?;
    let items = store::hold_items(tx.conn, id)?;
    tx.log(step.entry(by, "work-held", next).set("items", items));
    Ok(saved)
}

/// How bad it is, as a person judges it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ClassifyInput {
    /// low, medium, high
    pub risk: String,
}

impl ClassifyInput {
    /// # Errors
    /// When the risk is missing or none.
    pub fn checked(&self) -> Result<Risk, Refusal> {
        let mut check = Checker::new();
        let risk = check.parsed("risk", &self.risk, "expected-work-risk", Risk::parse);
        check.done(risk)
    }
}

/// Classifies work that opened by itself, once: what could recur needs a corrective action.
pub fn classify(tx: &mut Tx, by: &May<ManageQuality>, id: WorkId, seen: i64, risk: Risk) -> Outcome<WorkSaved> {
    let step = Step::load(tx, id, seen)?;
    if !step.row.risk.is_empty() {
        return Err(WORK_CLASSIFIED.with("work", &step.row.work_no).into());
    }
    let saved = step.saved(store::set_risk(tx.conn, id, seen, step.from, risk)?, step.from)?;
    tx.log(step.entry(by, "work-classified", step.from).set("risk", risk.code()));
    Ok(saved)
}

/// What was found of some of the items.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EvaluateInput {
    /// Ids of items; none: all that nobody has evaluated yet.
    pub items: Vec<i64>,
    /// none, affected
    pub effect: String,
    /// What the judgement rests on.
    pub remark: String,
}

/// Longest text of a step, in characters.
const TEXT_MOST: usize = 1000;

impl EvaluateInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<Evaluated, Refusal> {
        let mut check = Checker::new();
        let effect = check.parsed("effect", &self.effect, "expected-work-effect", Effect::parse);
        let remark = check.text("remark", &self.remark, TEXT_MOST);
        let items = self.items.iter().map(|id| ItemId(*id)).collect();
        check.done(effect.map(|effect| Evaluated { items, effect, remark }))
    }
}

/// The same, checked.
#[derive(Clone, Debug)]
pub struct Evaluated {
    items: Vec<ItemId>,
    effect: Effect,
    remark: String,
}

/// Says of items whether their results are affected; with the last one the work is evaluated. Work that lists nothing is
/// evaluated by saying so.
pub fn evaluate(tx: &mut Tx, by: &May<ManageQuality>, id: WorkId, seen: i64, found: &Evaluated) -> Outcome<WorkSaved> {
    let step = Step::load(tx, id, seen)?;
    let evaluated = step.next(WorkEvent::Evaluate)?;
    let listed = store::affected(tx.conn, id)?;
    let waiting: Vec<ItemId> = listed.iter().filter(|row| row.effect.is_empty()).map(|row| row.item).collect();
    let mut reasons = Reasons::new();
    for item in &found.items {
        let is_listed = listed.iter().any(|row| row.item == *item);
        reasons.add_if(!is_listed, || WORK_NOT_LISTED.with("item", item).with("work", &step.row.work_no).at("items"));
    }
    reasons.none()?;
    let chosen = if found.items.is_empty() { &waiting } else { &found.items };
    let is_last = found.items.is_empty() || waiting.iter().all(|item| chosen.contains(item));
    let next = if is_last { evaluated } else { step.from };
    let saved = step.saved(store::set_state(tx.conn, id, seen, next)?, next)?;
    let evaluation = Evaluation { effect: found.effect, remark: &found.remark, by: by.person, at: tx.now };
    store::evaluate_items(tx.conn, id, chosen, &evaluation)?;
    let ids: Vec<i64> = chosen.iter().map(|item| item.0).collect();
    tx.log(
        step.entry(by, "work-evaluated", next)
            .set("items", ids)
            .set("effect", found.effect.code())
            .set("remark", found.remark.as_str()),
    );
    Ok(saved)
}

/// Why reports are recalled.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RecallInput {
    /// Why, as the clients are told.
    pub reason: String,
}

impl RecallInput {
    /// # Errors
    /// When the reason is missing or too long.
    pub fn checked(&self) -> Result<String, Refusal> {
        let mut check = Checker::new();
        let reason = check.text("reason", &self.reason, TEXT_MOST);
        check.done(Some(reason))
    }
}

/// Reports that stand on affected results, with their numbers and the items. An item that has another result by now is in a
/// report of its own again.
#[derive(Default)]
struct Standing {
    reports: Vec<ReportId>,
    numbers: Vec<String>,
    items: Vec<ItemId>,
}

pub(super) fn rests_on_affected(row: &AffectedRow) -> bool {
    row.effect == Effect::Affected.code() && row.result == row.old_result
}

/// Asked anew, not as listed when the work was opened: a report may have been issued since.
fn standing(tx: &mut Tx, listed: &[AffectedRow], states: &[ReportState]) -> Outcome<Standing> {
    let affected: Vec<&AffectedRow> = listed.iter().filter(|row| rests_on_affected(row)).collect();
    let mut samples: Vec<SampleId> = affected.iter().map(|row| row.sample).collect();
    samples.sort_unstable();
    samples.dedup();
    let mut found = Standing::default();
    for (sample, report, number) in store::reports_of(tx.conn, &samples, states)? {
        found.reports.push(report);
        found.numbers.push(number);
        found.items.extend(affected.iter().filter(|row| row.sample == sample).map(|row| row.item));
    }
    Ok(found)
}

/// Recalls every report that stands on an affected result: the check page says so, its clients and the authorities are
/// told once.
pub fn recall_reports(
    tx: &mut Tx,
    by: &May<ManageQuality>,
    recaller: &Recaller,
    (id, seen): (WorkId, i64),
    reason: &str,
) -> Outcome<WorkSaved> {
    let step = Step::load(tx, id, seen)?;
    let next = step.next(WorkEvent::Recall)?;
    let listed = store::affected(tx.conn, id)?;
    let found = standing(tx, &listed, STANDING)?;
    if found.reports.is_empty() {
        return Err(WORK_NOTHING_TO_RECALL.with("work", &step.row.work_no).into());
    }
    let saved = step.saved(store::set_state(tx.conn, id, seen, next)?, next)?;
    recall(tx, by, recaller, &found.reports, reason)?;
    store::mark_recalled(tx.conn, id, &found.items, tx.now)?;
    let entry = step.entry(by, "work-reports-recalled", next);
    tx.log(entry.set("reports", found.numbers.join(" ")).set("reason", reason));
    Ok(saved)
}

/// Work goes on: what is not affected is free, what is affected goes back to its tester and is free with a new result.
pub fn resume(tx: &mut Tx, by: &May<ManageQuality>, id: WorkId, seen: i64) -> Outcome<WorkSaved> {
    let step = Step::load(tx, id, seen)?;
    let next = step.next(WorkEvent::Resume)?;
    let listed = store::affected(tx.conn, id)?;
    // A report that is signed is issued in a moment, and could not be recalled any more by work that was resumed.
    let found = standing(tx, &listed, SIGNED)?;
    if !found.reports.is_empty() {
        let numbers = found.numbers.join(" ");
        return Err(WORK_REPORTS_STAND.with("work", &step.row.work_no).with("reports", numbers).into());
    }
    let saved = step.saved(store::set_state(tx.conn, id, seen, next)?, next)?;
    store::free_unaffected(tx.conn, id)?;
    let again: Vec<ItemId> = listed.iter().filter(|row| rests_on_affected(row)).map(|row| row.item).collect();
    let repeated = repeat_affected(tx, by, &again, &step.row.work_no)?;
    tx.log(step.entry(by, "work-resumed", next).set("repeated", repeated));
    Ok(saved)
}

/// The corrective action.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CorrectiveActionInput {
    pub root_cause: String,
    pub corrective_action: String,
    /// By when it is done: a day.
    pub due_on: String,
}

impl CorrectiveActionInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<(String, String, NaiveDate), Refusal> {
        let mut check = Checker::new();
        let cause = check.text("root_cause", &self.root_cause, TEXT_MOST);
        let action = check.text("corrective_action", &self.corrective_action, TEXT_MOST);
        let due_on = check.date("due_on", &self.due_on);
        check.done(due_on.map(|due_on| (cause, action, due_on)))
    }
}

/// Sets cause, action and date; also anew, when the first action did not work.
pub fn correct(
    tx: &mut Tx,
    by: &May<ManageQuality>,
    id: WorkId,
    seen: i64,
    (cause, action, due_on): &(String, String, NaiveDate),
) -> Outcome<WorkSaved> {
    let step = Step::load(tx, id, seen)?;
    let next = step.next(WorkEvent::Correct)?;
    let correction = Correction { root_cause: cause, action, due_on: *due_on };
    let saved = step.saved(store::set_correction(tx.conn, id, seen, next, &correction)?, next)?;
    tx.log(
        step.entry(by, "work-corrected", next)
            .change("root_cause", step.row.root_cause.as_str(), cause.as_str())
            .change("corrective_action", step.row.corrective_action.as_str(), action.as_str())
            .set("due_on", due_on.to_string()),
    );
    Ok(saved)
}

/// Whether the corrective action worked.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EffectInput {
    /// yes, no
    pub effective: String,
    /// How it was checked, and what was found.
    pub remark: String,
}

impl EffectInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<(bool, String), Refusal> {
        let mut check = Checker::new();
        let effective = check.parsed("effective", &self.effective, "expected-yes-no", |word| match word {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        });
        let remark = check.text("remark", &self.remark, TEXT_MOST);
        check.done(effective.map(|effective| (effective, remark)))
    }
}

/// The check of the effect; without effect another action is needed.
pub fn check_effect(
    tx: &mut Tx,
    by: &May<ManageQuality>,
    id: WorkId,
    seen: i64,
    (effective, remark): &(bool, String),
) -> Outcome<WorkSaved> {
    let step = Step::load(tx, id, seen)?;
    let next = step.next(if *effective { WorkEvent::Confirm } else { WorkEvent::Doubt })?;
    let saved = step.saved(store::set_effect(tx.conn, id, seen, next, (remark, tx.now))?, next)?;
    tx.log(step.entry(by, "work-effect-checked", next).set("effective", *effective).set("remark", remark.as_str()));
    Ok(saved)
}

/// What was done about it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CloseInput {
    pub action: String,
}

impl CloseInput {
    /// # Errors
    /// When the action is missing or too long.
    pub fn checked(&self) -> Result<String, Refusal> {
        let mut check = Checker::new();
        let action = check.text("action", &self.action, TEXT_MOST);
        check.done(Some(action))
    }
}

/// Closes the work, by somebody else than who opened it, when a person has classified it. What could recur is closed only after a corrective action that
/// worked.
pub fn close_work(tx: &mut Tx, by: &May<ManageQuality>, id: WorkId, seen: i64, action: &str) -> Outcome<WorkSaved> {
    let step = Step::load(tx, id, seen)?;
    let next = step.next(WorkEvent::Close)?;
    let classified = !step.row.risk.is_empty();
    let could_recur = Risk::parse(&step.row.risk).is_none_or(Risk::needs_corrective_action);
    let mut reasons = Reasons::new();
    reasons.add_if(step.row.opened_by == Some(by.person), || WORK_OPENER_CLOSES.with("work", &step.row.work_no));
    reasons.add_if(!classified, || WORK_UNCLASSIFIED.with("work", &step.row.work_no));
    reasons.add_if(classified && could_recur && step.from != WorkState::Effective, || {
        WORK_NEEDS_ACTION.with("work", &step.row.work_no)
    });
    reasons.none()?;
    let closing = Closing { by: by.person, remark: action, at: tx.now };
    let saved = step.saved(store::close(tx.conn, id, seen, next, &closing)?, next)?;
    tx.log(step.entry(by, "work-closed", next).set("action", action));
    Ok(saved)
}
