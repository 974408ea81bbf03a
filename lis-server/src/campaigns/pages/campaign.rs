//! The list of campaigns, one campaign with its counts, its tally and the plans made from it.

use actix_web::web;
use askama::Template;

use super::super::actions;
use super::super::plans::{self, PlanInput, PlanWithLines};
use super::super::state::{CampaignState, PlanState};
use super::super::store::{self, CampaignRow, WitnessRow};
use super::super::tally::{Counts, Tally};
use super::super::witnesses;
use super::{Before, PAGE_ROWS, name, next_page, people_of};
use crate::accounts::May;
use crate::accounts::actions::{RegionRow, names_of, regions};
use crate::accounts::pages::region_name;
use crate::accounts::role::{DrawSpotChecks, RunCampaigns};
use crate::app::Lis;
use crate::db::Tx;
use crate::domain::ids::{CampaignId, PlanId};
use crate::domain::refusal::{NOT_FOUND, Outcome, Refusal};
use crate::spot_checks;
use crate::web::routes::Routes;
use crate::web::ui::{Choice, FormErrors, worded};
use crate::web::{Answer, Form, Ui, page, refused, refused_page, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/campaigns", campaigns)
        .get("/campaigns/{id}", campaign)
        .post("/campaigns/{id}/open", open)
        .post("/campaigns/{id}/close", close)
        .post("/campaigns/{id}/plans", draft_plan)
        .post("/campaigns/{id}/plans/{plan}/venues", draw_venues)
}

worded!(CampaignsPage);

#[derive(Template)]
#[template(path = "campaigns/pages/campaigns.html")]
struct CampaignsPage {
    ui: Ui,
    campaigns: Vec<CampaignRow>,
    regions: Vec<RegionRow>,
    next: String,
}

impl CampaignsPage {
    fn region(&self, code: &str) -> String {
        region_name(&self.ui, &self.regions, code)
    }
}

async fn campaigns(_: May<RunCampaigns>, ui: Ui, lis: web::Data<Lis>, query: web::Query<Before>) -> Answer {
    let before = query.before;
    let (mut campaigns, regions) =
        lis.db.read(move |conn| Ok((store::campaigns(conn, before, PAGE_ROWS + 1)?, regions(conn)?))).await?;
    let next = next_page(&mut campaigns, "/campaigns", |row| row.id.0);
    page(&CampaignsPage { ui, campaigns, regions, next }, false)
}

/// A plan as shown under its campaign.
struct PlanShown {
    with: PlanWithLines,
    drafted_by: String,
    approved_by: String,
    approved: bool,
    draws: Vec<(i64, String)>,
}

worded!(CampaignPage);

#[derive(Template)]
#[template(path = "campaigns/pages/campaign.html")]
struct CampaignPage {
    ui: Ui,
    row: CampaignRow,
    region: String,
    state: CampaignState,
    once: String,
    counts: Counts,
    reasons: Vec<(String, i64)>,
    tally: Option<Tally>,
    plans: Vec<PlanShown>,
    witnesses: Vec<WitnessRow>,
    kinds: Vec<Choice>,
    input: PlanInput,
    errors: FormErrors,
}

async fn campaign_page(lis: &Lis, ui: Ui, id: CampaignId) -> Outcome<CampaignPage> {
    let (row, counts, plans, names, draws, invited, regions) = lis
        .db
        .read(move |conn| {
            let row = store::campaign(conn, id)?.ok_or(NOT_FOUND)?;
            let counts = actions::counts(conn, id)?;
            let plans = plans::of_campaign(conn, id)?;
            let names = names_of(conn, &people_of(plans.iter().map(|with| &with.plan)))?;
            let ids: Vec<PlanId> = plans.iter().map(|with| with.plan.id).collect();
            let draws = spot_checks::actions::draws_of_plans(conn, &ids)?;
            let invited = witnesses::of_campaign(conn, id)?;
            Ok((row, counts, plans, names, draws, invited, regions(conn)?))
        })
        .await?;
    let plans = plans
        .into_iter()
        .map(|with| PlanShown {
            drafted_by: name(&names, Some(with.plan.drafted_by)),
            approved_by: name(&names, with.plan.approved_by),
            approved: with.plan.state == PlanState::Approved.code(),
            draws: draws
                .iter()
                .filter(|(plan, ..)| *plan == with.plan.id)
                .map(|(_, draw, no)| (draw.0, no.clone()))
                .collect(),
            with,
        })
        .collect();
    Ok(CampaignPage {
        state: actions::state_of(&row)?,
        once: ui.once(),
        reasons: counts.reasons.iter().map(|(code, count)| (ui.t(&actions::reason_word(code)), *count)).collect(),
        tally: actions::frozen_tally(&row)?,
        region: region_name(&ui, &regions, &row.region_code),
        kinds: witnesses::KINDS
            .into_iter()
            .map(|kind| Choice { value: kind.to_owned(), label: ui.t(&format!("witness-{kind}")), chosen: false })
            .collect(),
        ui,
        row,
        counts,
        plans,
        witnesses: invited,
        input: PlanInput { batches: "50".to_owned(), floor_batches: "2".to_owned(), ..PlanInput::default() },
        errors: FormErrors::default(),
    })
}

async fn campaign(_: May<RunCampaigns>, ui: Ui, lis: web::Data<Lis>, id: web::Path<CampaignId>) -> Answer {
    page(&campaign_page(&lis, ui, *id).await?, false)
}

/// The campaign's page again, with what was refused.
pub(super) async fn campaign_again(
    lis: &Lis,
    ui: Ui,
    id: CampaignId,
    input: Option<PlanInput>,
    refusal: &Refusal,
) -> Answer {
    let mut shown = campaign_page(lis, ui, id).await?;
    shown.errors = FormErrors::of(refusal, shown.ui.language);
    shown.input = input.unwrap_or(shown.input);
    refused_page(&shown, refusal)
}

type Empty = Form<Vec<(String, String)>>;

async fn open(by: May<RunCampaigns>, ui: Ui, lis: web::Data<Lis>, id: web::Path<CampaignId>, form: Empty) -> Answer {
    let (id, seen) = (*id, form.seen.required()?);
    let actor = by.clone();
    let opened = lis.command(&actor, &form.request, move |tx| actions::open(tx, &by, id, seen)).await;
    match refused(opened)? {
        Ok(_) => Ok(see_other(&format!("/campaigns/{id}"), Some("done-campaign-opened"))),
        Err(refusal) => campaign_again(&lis, ui, id, None, &refusal).await,
    }
}

async fn close(by: May<RunCampaigns>, ui: Ui, lis: web::Data<Lis>, id: web::Path<CampaignId>, form: Empty) -> Answer {
    let (id, seen) = (*id, form.seen.required()?);
    let actor = by.clone();
    let closed = lis.command(&actor, &form.request, move |tx| actions::close(tx, &by, id, seen)).await;
    match refused(closed)? {
        Ok(_) => Ok(see_other(&format!("/campaigns/{id}"), Some("done-campaign-closed"))),
        Err(refusal) => campaign_again(&lis, ui, id, None, &refusal).await,
    }
}

async fn draft_plan(
    by: May<RunCampaigns>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<CampaignId>,
    form: Form<PlanInput>,
) -> Answer {
    let Form { input, request, .. } = form;
    let id = *id;
    let actor = by.clone();
    let outcome = match input.checked() {
        Ok(facts) => refused(lis.command(&actor, &request, move |tx| plans::draft(tx, &by, id, &facts)).await)?,
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(_) => Ok(see_other(&format!("/campaigns/{id}"), Some("done-plan-drafted"))),
        Err(refusal) => campaign_again(&lis, ui, id, Some(input), &refusal).await,
    }
}

async fn draw_venues(
    by: May<DrawSpotChecks>,
    ui: Ui,
    lis: web::Data<Lis>,
    path: web::Path<(CampaignId, PlanId)>,
    form: Form<spot_checks::actions::VenueInput>,
) -> Answer {
    let (campaign, plan) = *path;
    let Form { input, request, .. } = form;
    let actor = by.clone();
    let outcome = match input.checked() {
        Ok(facts) => {
            let work = move |tx: &mut Tx| plans::draw_venues(tx, &by, plan, &facts);
            refused(lis.command(&actor, &request, work).await)?
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(saved) => Ok(see_other(&format!("/draws/{}", saved.id), Some("done-drawn"))),
        Err(refusal) => campaign_again(&lis, ui, campaign, None, &refusal).await,
    }
}
