//! From the tally to a plan: drafted by the campaign's officer, approved by somebody else.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::actions::{frozen_tally, next_state};
use super::apportion::{Unapportionable, Votes, apportion};
use super::state::{CampaignEvent, PlanEvent, PlanState};
use super::store::{self, NewPlan, NewPlanLine, PlanLineRow, PlanRow};
use super::{PLAN_NO_VOTES, PLAN_NOT_THE_ONLY, PLAN_OWN_DRAFT, PLAN_TOO_FEW_BATCHES, PLAN_WRONG_STATE};
use crate::accounts::role::{ApprovePlans, DrawSpotChecks, RunCampaigns};
use crate::accounts::{Actor, May};
use crate::db::{Conn, Tx, series};
use crate::domain::ids::{CampaignId, PlanId};
use crate::domain::input::Checker;
use crate::domain::refusal::{Fault, NOT_FOUND, Outcome, Reasons, Refusal, STALE_VERSION};
use crate::spot_checks;
use crate::spot_checks::actions::{DrawSaved, VenueFacts};

/// Longest title and reason, in characters.
const TITLE_MOST: usize = 80;
const REASON_MOST: usize = 500;
/// A province tests 370,000 batches a year; no plan is larger.
const BATCHES_MOST: i64 = 500_000;

#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PlanInput {
    pub title: String,
    /// Samples in all.
    pub batches: String,
    /// At least so many for every category.
    pub floor_batches: String,
}

#[derive(Clone, Debug)]
pub struct PlanFacts {
    pub title: String,
    pub batches: i64,
    pub floor_batches: i64,
}

impl PlanInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<PlanFacts, Refusal> {
        let mut check = Checker::new();
        let title = check.text("title", &self.title, TITLE_MOST);
        let batches = check.whole("batches", &self.batches, 1, BATCHES_MOST);
        let floor = check.whole("floor_batches", &self.floor_batches, 0, BATCHES_MOST);
        check.done(batches.zip(floor).map(|(batches, floor_batches)| PlanFacts { title, batches, floor_batches }))
    }
}

/// What a change of a plan answers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PlanSaved {
    pub id: i64,
    pub version: i64,
    pub plan_no: String,
    pub state: String,
}

/// Drafts a plan from the frozen tally: batches by floor and largest remainder.
pub fn draft(tx: &mut Tx, by: &May<RunCampaigns>, id: CampaignId, facts: &PlanFacts) -> Outcome<PlanSaved> {
    let row = store::campaign(tx.conn, id)?.ok_or(NOT_FOUND)?;
    next_state(&row, CampaignEvent::DraftPlan)?;
    let tally = frozen_tally(&row)?.ok_or_else(|| Fault::broken(format!("campaign {id} is closed without a tally")))?;
    let question = tally.questions.first().ok_or_else(|| Fault::broken("a tally without a question with choices"))?;
    let votes: Vec<Votes> =
        question.choices.iter().map(|choice| Votes { name: choice.name_zh.clone(), votes: choice.votes }).collect();
    let batches = apportion(&votes, facts.batches, facts.floor_batches).map_err(|why| match why {
        Unapportionable::TooFewBatches { least } => PLAN_TOO_FEW_BATCHES.with("least", least).at("batches"),
        Unapportionable::NoVotes => PLAN_NO_VOTES.reason(),
    })?;
    let year = tx.now.in_china().format("%Y").to_string();
    let serial = series::take(tx, &format!("plan-{year}"), 1)?;
    let plan_no = format!("JH-{year}-{serial:04}");
    let state = PlanState::Draft.code();
    let plan = store::insert_plan(
        tx.conn,
        &NewPlan {
            version: 1,
            plan_no: &plan_no,
            campaign_id: Some(id),
            title: &facts.title,
            state,
            batches: facts.batches,
            floor_batches: facts.floor_batches,
            drafted_by: by.person,
            drafted_at: tx.now,
        },
    )?;
    let lines: Vec<NewPlanLine> = votes
        .iter()
        .zip(&batches)
        .map(|(line, batches)| NewPlanLine {
            plan_id: plan,
            category: &line.name,
            votes: line.votes,
            batches: *batches,
        })
        .collect();
    store::insert_lines(tx.conn, &lines)?;
    let shared: Vec<_> = lines.iter().map(|line| json!([line.category, line.votes, line.batches])).collect();
    tx.log(
        by.entry("sampling_plan", plan.0, 1, "plan-drafted")
            .set("plan_no", plan_no.as_str())
            .set("campaign", id.0)
            .set("batches", facts.batches)
            .set("floor_batches", facts.floor_batches)
            .set("tally_sha256", row.tally_hash.unwrap_or_default())
            .set("lines", shared),
    );
    Ok(PlanSaved { id: plan.0, version: 1, plan_no, state: state.to_owned() })
}

/// Approval or refusal of a plan, with a reason when refused.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DecisionInput {
    /// `approve` or `refuse`.
    pub decision: String,
    pub reason: String,
}

#[derive(Clone, Debug)]
pub struct DecisionFacts {
    pub event: PlanEvent,
    pub reason: String,
}

impl DecisionInput {
    /// # Errors
    /// An unknown decision; a refusal without a reason.
    pub fn checked(&self) -> Result<DecisionFacts, Refusal> {
        let mut check = Checker::new();
        let event = check.parsed("decision", &self.decision, "expected-decision", |text| match text {
            "approve" => Some(PlanEvent::Approve),
            "refuse" => Some(PlanEvent::Refuse),
            _ => None,
        });
        let reason = if event == Some(PlanEvent::Refuse) {
            check.text("reason", &self.reason, REASON_MOST)
        } else {
            check.optional_text("reason", &self.reason, REASON_MOST)
        };
        check.done(event.map(|event| DecisionFacts { event, reason }))
    }
}

/// The approved plan of the same campaign: a campaign has one, whose batches the public is told. Two that are decided at once
/// are looked at one after the other.
fn approved_beside(conn: &mut Conn, row: &PlanRow) -> Outcome<Option<PlanRow>> {
    let Some(campaign) = row.campaign_id else { return Ok(None) };
    store::lock_campaign(conn, campaign)?;
    let others = store::plans_of(conn, campaign)?.into_iter();
    Ok(others.filter(|plan| plan.id != row.id).find(|plan| plan.state == PlanState::Approved.code()))
}

/// Decides about a plan that somebody else drafted.
pub fn decide(
    tx: &mut Tx,
    by: &May<ApprovePlans>,
    id: PlanId,
    seen: i64,
    decision: &DecisionFacts,
) -> Outcome<PlanSaved> {
    let row = store::plan(tx.conn, id)?.ok_or(NOT_FOUND)?;
    let state = state_of(&row)?;
    let next = state.after(decision.event);
    let mut reasons = Reasons::new();
    reasons.add_if(next.is_none(), || PLAN_WRONG_STATE.reason().with_word("state", state.word()));
    reasons.add_if(row.drafted_by == by.person, || PLAN_OWN_DRAFT.reason());
    if next == Some(PlanState::Approved)
        && let Some(other) = approved_beside(tx.conn, &row)?
    {
        reasons.add(PLAN_NOT_THE_ONLY.with("plan_no", other.plan_no));
    }
    reasons.none()?;
    let Some(next) = next else { return Err(NOT_FOUND.into()) };
    let approved = (next == PlanState::Approved).then_some((by.person, tx.now));
    if !store::decide_plan(tx.conn, id, seen, next.code(), approved)? {
        let refusal = Refusal::from(STALE_VERSION.with("version", row.version));
        return Err(refusal.with_current(json!({"id": id, "version": row.version, "state": row.state})).into());
    }
    let event = if next == PlanState::Approved { "plan-approved" } else { "plan-refused" };
    tx.log(
        by.entry("sampling_plan", id.0, seen + 1, event)
            .change("state", row.state, next.code())
            .set("reason", decision.reason.as_str()),
    );
    Ok(PlanSaved { id: id.0, version: seen + 1, plan_no: row.plan_no, state: next.code().to_owned() })
}

pub fn state_of(row: &PlanRow) -> Outcome<PlanState> {
    PlanState::parse(&row.state).ok_or_else(|| Fault::broken(format!("plan {} in state {}", row.plan_no, row.state)))
}

/// Refuses unless venues may be drawn for this plan.
fn require_approved(conn: &mut Conn, id: PlanId) -> Outcome<PlanRow> {
    let row = store::plan(conn, id)?.ok_or(NOT_FOUND)?;
    let state = state_of(&row)?;
    match state.after(PlanEvent::DrawVenues) {
        Some(_) => Ok(row),
        None => Err(PLAN_WRONG_STATE.reason().with_word("state", state.word()).into()),
    }
}

/// Draws venues for an approved plan in the region of its campaign.
pub fn draw_venues(tx: &mut Tx, by: &May<DrawSpotChecks>, id: PlanId, facts: &VenueFacts) -> Outcome<DrawSaved> {
    let row = require_approved(tx.conn, id)?;
    let campaign = row.campaign_id.and_then(|id| store::campaign(tx.conn, id).transpose()).transpose()?;
    let region = campaign.ok_or(NOT_FOUND)?.region_code;
    spot_checks::actions::draw_venues(tx, by, id, &region, facts)
}

/// A plan with its lines, for other rooms and the pages.
#[derive(Clone, Debug)]
pub struct PlanWithLines {
    pub plan: PlanRow,
    pub lines: Vec<PlanLineRow>,
}

/// The plans of a campaign, newest first, by two queries.
pub fn of_campaign(conn: &mut Conn, id: CampaignId) -> Outcome<Vec<PlanWithLines>> {
    let plans = store::plans_of(conn, id)?;
    with_lines(conn, plans)
}

/// One plan with its lines.
pub fn facts(conn: &mut Conn, id: PlanId) -> Outcome<PlanWithLines> {
    let plan = store::plan(conn, id)?.ok_or(NOT_FOUND)?;
    with_lines(conn, vec![plan])?.pop().ok_or_else(|| NOT_FOUND.into())
}

fn with_lines(conn: &mut Conn, plans: Vec<PlanRow>) -> Outcome<Vec<PlanWithLines>> {
    let ids: Vec<PlanId> = plans.iter().map(|plan| plan.id).collect();
    let lines = store::lines_of(conn, &ids)?;
    Ok(plans
        .into_iter()
        .map(|plan| PlanWithLines {
            lines: lines.iter().filter(|line| line.plan_id == plan.id).cloned().collect(),
            plan,
        })
        .collect())
}

/// Plans that wait for their approval, for the page of waiting work.
pub fn count_to_decide(conn: &mut Conn, _: &Actor) -> Outcome<i64> {
    Ok(store::count_plans(conn, PlanState::Draft.code())?)
}
