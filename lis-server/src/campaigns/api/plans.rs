//! Sampling plans for programs: drafted by the officer, decided by the approver, their venues drawn.

use actix_web::{HttpResponse, web};
use serde::Serialize;

use super::super::plans::{self, DecisionInput, PlanInput, PlanSaved, PlanWithLines};
use super::super::store::{self, PlanRow};
use super::Page;
use crate::accounts::May;
use crate::accounts::role::{ApprovePlans, DrawSpotChecks, RunCampaigns};
use crate::app::Lis;
use crate::domain::clock::Moment;
use crate::domain::ids::{CampaignId, PlanId};
use crate::domain::refusal::NOT_FOUND;
use crate::spot_checks;
use crate::spot_checks::actions::{DrawSaved, VenueInput};
use crate::web::paging::Listed;
use crate::web::routes::Routes;
use crate::web::{Answer, Asked, Json, versioned};

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/campaigns/{id}/plans", plans_of_campaign)
        .about("The plans of a campaign with their lines, the newest first.")
        .gives::<Listed<PlanView>>()
        .post("/api/v1/campaigns/{id}/plans", draft_plan)
        .about("Drafts a plan from the frozen tally.")
        .keyed()
        .creates::<PlanSaved>()
        .get("/api/v1/plans", list)
        .about("Plans, newest first.")
        .gives::<Listed<PlanHead>>()
        .get("/api/v1/plans/{id}", plan)
        .about("A plan with its lines.")
        .gives::<PlanView>()
        .post("/api/v1/plans/{id}/decision", decide_plan)
        .about("Approves or refuses a plan that somebody else drafted.")
        .versioned()
        .gives::<PlanSaved>()
        .post("/api/v1/plans/{id}/venues", draw_venues)
        .about("Draws venues for an approved plan: in every stratum of county and kind each unit is equally likely.")
        .keyed()
        .creates::<DrawSaved>()
        .refuses(spot_checks::PROBLEMS)
}

async fn plans_of_campaign(_: May<RunCampaigns>, lis: web::Data<Lis>, id: web::Path<CampaignId>) -> Answer {
    let id = *id;
    let found = lis
        .db
        .read(move |conn| {
            store::campaign(conn, id)?.ok_or(NOT_FOUND)?;
            plans::of_campaign(conn, id)
        })
        .await?;
    Ok(HttpResponse::Ok().json(Listed::whole(found.into_iter().map(PlanView::from).collect())))
}

async fn list(_: May<ApprovePlans>, lis: web::Data<Lis>, query: Asked<Page>) -> Answer {
    let (after, limit) = (query.after, query.limit()?);
    let rows = lis.db.read(move |conn| Ok(store::plans(conn, after, limit + 1)?)).await?;
    Ok(HttpResponse::Ok().json(Listed::of(rows, limit, |row| row.id.to_string(), PlanHead::from)))
}

async fn draw_venues(
    by: May<DrawSpotChecks>,
    lis: web::Data<Lis>,
    id: web::Path<PlanId>,
    json: Json<VenueInput>,
) -> Answer {
    let request = json.keyed()?.clone();
    let (id, facts, actor) = (*id, json.input.checked()?, by.clone());
    let saved = lis.command(&actor, &request, move |tx| plans::draw_venues(tx, &by, id, &facts)).await?;
    Ok(HttpResponse::Created().json(saved))
}

async fn draft_plan(
    by: May<RunCampaigns>,
    lis: web::Data<Lis>,
    id: web::Path<CampaignId>,
    json: Json<PlanInput>,
) -> Answer {
    let request = json.keyed()?.clone();
    let (id, facts) = (*id, json.input.checked()?);
    let actor = by.clone();
    let saved: PlanSaved = lis.command(&actor, &request, move |tx| plans::draft(tx, &by, id, &facts)).await?;
    versioned(HttpResponse::Created(), saved.version, &saved)
}

/// A plan without its lines.
#[derive(Serialize, utoipa::ToSchema)]
pub struct PlanHead {
    pub id: i64,
    pub version: i64,
    pub plan_no: String,
    pub campaign_id: Option<i64>,
    pub title: String,
    /// `draft`, `approved` or `refused`.
    pub state: String,
    pub batches: i64,
    pub floor_batches: i64,
    pub drafted_at: Moment,
    pub approved_at: Option<Moment>,
}

impl From<PlanRow> for PlanHead {
    fn from(plan: PlanRow) -> Self {
        Self {
            id: plan.id.0,
            version: plan.version,
            plan_no: plan.plan_no,
            campaign_id: plan.campaign_id.map(|id| id.0),
            title: plan.title,
            state: plan.state,
            batches: plan.batches,
            floor_batches: plan.floor_batches,
            drafted_at: plan.drafted_at,
            approved_at: plan.approved_at,
        }
    }
}

/// A plan with its lines.
#[derive(Serialize, utoipa::ToSchema)]
pub struct PlanView {
    #[serde(flatten)]
    pub plan: PlanHead,
    pub lines: Vec<PlanLineView>,
}

#[derive(Serialize, utoipa::ToSchema)]
pub struct PlanLineView {
    pub id: i64,
    pub category: String,
    pub votes: i64,
    pub batches: i64,
}

async fn plan(_: May<ApprovePlans>, lis: web::Data<Lis>, id: web::Path<PlanId>) -> Answer {
    let id = *id;
    let with = lis.db.read(move |conn| plans::facts(conn, id)).await?;
    let view = PlanView::from(with);
    versioned(HttpResponse::Ok(), view.plan.version, &view)
}

impl From<PlanWithLines> for PlanView {
    fn from(with: PlanWithLines) -> Self {
        let lines = with.lines.into_iter().map(|line| PlanLineView {
            id: line.id.0,
            category: line.category,
            votes: line.votes,
            batches: line.batches,
        });
        Self { plan: PlanHead::from(with.plan), lines: lines.collect() }
    }
}

async fn decide_plan(
    by: May<ApprovePlans>,
    lis: web::Data<Lis>,
    id: web::Path<PlanId>,
    json: Json<DecisionInput>,
) -> Answer {
    let (id, seen, facts) = (*id, json.seen.required()?, json.input.checked()?);
    let actor = by.clone();
    let saved: PlanSaved =
        lis.command(&actor, &json.request, move |tx| plans::decide(tx, &by, id, seen, &facts)).await?;
    versioned(HttpResponse::Ok(), saved.version, &saved)
}
