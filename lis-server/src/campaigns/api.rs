//! Campaigns for programs: the officer's side under `/campaigns` and `/plans`, the public's under `/polls`.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::actions::{self, CampaignInput, CampaignSaved, Response, Started, Voter};
use super::pages::checked_rejection;
use super::plans::{self, DecisionInput, PlanInput, PlanSaved};
use super::poll;
use super::questionnaire::Answers;
use super::store::{self, CampaignRow};
use super::tally::Counts;
use crate::accounts::May;
use crate::accounts::extract::Anyone;
use crate::accounts::role::{ApprovePlans, RunCampaigns};
use crate::app::Lis;
use crate::domain::clock::Moment;
use crate::domain::ids::{CampaignId, PlanId, ResponseId};
use crate::domain::input::Checker;
use crate::domain::refusal::{NOT_FOUND, Refusal};
use crate::web::paging::{self, LIMIT};
use crate::web::routes::Routes;
use crate::web::{Answer, Json};

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/campaigns", campaigns)
        .post("/api/v1/campaigns", create)
        .get("/api/v1/campaigns/{id}", campaign)
        .put("/api/v1/campaigns/{id}", change)
        .post("/api/v1/campaigns/{id}/open", open)
        .post("/api/v1/campaigns/{id}/close", close)
        .get("/api/v1/campaigns/{id}/responses", responses)
        .post("/api/v1/campaigns/{id}/responses", enter_responses)
        .post("/api/v1/campaigns/{id}/responses/{response}/rejection", reject)
        .post("/api/v1/campaigns/{id}/plans", draft_plan)
        .get("/api/v1/plans/{id}", plan)
        .post("/api/v1/plans/{id}/decision", decide_plan)
        .get("/api/v1/polls/{id}", questionnaire)
        .post("/api/v1/polls/{id}/responses", vote)
        .get("/api/v1/polls/{id}/results", results)
}

#[derive(Deserialize)]
struct Page {
    /// The `next` of the answer before: lists go from the newest to the oldest.
    after: Option<i64>,
    limit: Option<i64>,
}

impl Page {
    fn limit(&self) -> Result<i64, Refusal> {
        paging::limit(self.limit, LIMIT)
    }
}

/// A page of a list.
#[derive(Serialize)]
struct Listed<T> {
    items: Vec<T>,
    /// Give this as `after` to go on.
    next: String,
    more: bool,
}

fn listed<R, T>(mut rows: Vec<R>, limit: i64, id: impl Fn(&R) -> i64, view: impl Fn(R) -> T) -> Listed<T> {
    let more = paging::cut(&mut rows, limit);
    let next = rows.last().map(|row| id(row).to_string()).unwrap_or_default();
    Listed { items: rows.into_iter().map(view).collect(), next, more }
}

/// A campaign as its officer's programs see it.
#[derive(Serialize, utoipa::ToSchema)]
pub struct CampaignView {
    pub id: i64,
    pub version: i64,
    pub title_zh: String,
    pub title_en: String,
    pub region_code: String,
    pub state: String,
    #[schema(value_type = String, format = DateTime)]
    pub opens_at: Moment,
    #[schema(value_type = String, format = DateTime)]
    pub closes_at: Moment,
    pub tally_hash: Option<String>,
}

fn view(row: CampaignRow) -> CampaignView {
    CampaignView {
        id: row.id.0,
        version: row.version,
        title_zh: row.title_zh,
        title_en: row.title_en,
        region_code: row.region_code,
        state: row.state,
        opens_at: row.opens_at,
        closes_at: row.closes_at,
        tally_hash: row.tally_hash,
    }
}

async fn campaigns(_: May<RunCampaigns>, lis: web::Data<Lis>, query: crate::web::Query<Page>) -> Answer {
    let (after, limit) = (query.after, query.limit()?);
    let rows = lis.db.read(move |conn| Ok(store::campaigns(conn, after, limit + 1)?)).await?;
    Ok(HttpResponse::Ok().json(listed(rows, limit, |row| row.id.0, view)))
}

/// A campaign with its questions, live counts and frozen tally.
#[derive(Serialize)]
struct CampaignDetail {
    #[serde(flatten)]
    campaign: CampaignView,
    counts: Counts,
    questionnaire: super::questionnaire::Questionnaire,
    tally: Option<super::tally::Tally>,
}

async fn campaign(_: May<RunCampaigns>, lis: web::Data<Lis>, id: web::Path<CampaignId>) -> Answer {
    let id = *id;
    let (row, counts) =
        lis.db.read(move |conn| Ok((store::campaign(conn, id)?.ok_or(NOT_FOUND)?, actions::counts(conn, id)?))).await?;
    let tag = format!("\"{}\"", row.version);
    let (questionnaire, tally) = (actions::questionnaire(&row)?, actions::frozen_tally(&row)?);
    let detail = CampaignDetail { campaign: view(row), counts, questionnaire, tally };
    Ok(HttpResponse::Ok().insert_header(("ETag", tag)).json(detail))
}

async fn create(by: May<RunCampaigns>, lis: web::Data<Lis>, json: Json<CampaignInput>) -> Answer {
    let request = json.keyed()?.clone();
    let facts = json.input.checked()?;
    let actor = by.clone();
    let saved: CampaignSaved = lis.command(&actor, &request, move |tx| actions::create(tx, &by, &facts)).await?;
    Ok(HttpResponse::Created().insert_header(("ETag", format!("\"{}\"", saved.version))).json(saved))
}

async fn change(
    by: May<RunCampaigns>,
    lis: web::Data<Lis>,
    id: web::Path<CampaignId>,
    json: Json<CampaignInput>,
) -> Answer {
    let (id, seen, facts) = (*id, json.seen.required()?, json.input.checked()?);
    let actor = by.clone();
    let saved: CampaignSaved =
        lis.command(&actor, &json.request, move |tx| actions::change(tx, &by, id, seen, &facts)).await?;
    Ok(HttpResponse::Ok().insert_header(("ETag", format!("\"{}\"", saved.version))).json(saved))
}

/// A command that needs nothing but its address and the version seen.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

async fn open(by: May<RunCampaigns>, lis: web::Data<Lis>, id: web::Path<CampaignId>, json: Json<Nothing>) -> Answer {
    let (id, seen) = (*id, json.seen.required()?);
    let actor = by.clone();
    let saved = lis.command(&actor, &json.request, move |tx| actions::open(tx, &by, id, seen)).await?;
    Ok(HttpResponse::Ok().insert_header(("ETag", format!("\"{}\"", saved.version))).json(saved))
}

async fn close(by: May<RunCampaigns>, lis: web::Data<Lis>, id: web::Path<CampaignId>, json: Json<Nothing>) -> Answer {
    let (id, seen) = (*id, json.seen.required()?);
    let actor = by.clone();
    let saved = lis.command(&actor, &json.request, move |tx| actions::close(tx, &by, id, seen)).await?;
    Ok(HttpResponse::Ok().insert_header(("ETag", format!("\"{}\"", saved.version))).json(saved))
}

/// An answer as the officer sees it: no voter.
#[derive(Serialize, utoipa::ToSchema)]
pub struct ResponseView {
    pub id: i64,
    pub client_uuid: String,
    #[schema(value_type = String, format = DateTime)]
    pub received_at: Moment,
    pub seconds_taken: i64,
    pub valid: bool,
    /// All reasons, the rejection by a person included.
    pub reasons: Vec<String>,
    #[schema(value_type = Object)]
    pub answers: serde_json::Value,
}

async fn responses(
    _: May<RunCampaigns>,
    lis: web::Data<Lis>,
    id: web::Path<CampaignId>,
    query: crate::web::Query<Page>,
) -> Answer {
    let (id, after, limit) = (*id, query.after, query.limit()?);
    let rows = lis
        .db
        .read(move |conn| {
            store::campaign(conn, id)?.ok_or(NOT_FOUND)?;
            Ok(store::responses(conn, id, after, limit + 1)?)
        })
        .await?;
    let view = |(row, rejection): (store::ResponseRow, Option<String>)| {
        let came = row.invalid_reason.split(' ').filter(|code| !code.is_empty()).map(str::to_owned);
        let reasons: Vec<String> = came.chain(rejection).collect();
        ResponseView {
            id: row.id.0,
            client_uuid: row.client_uuid,
            received_at: row.received_at,
            seconds_taken: row.seconds_taken,
            valid: reasons.is_empty(),
            reasons,
            answers: serde_json::from_str(&row.answers).unwrap_or_default(),
        }
    };
    Ok(HttpResponse::Ok().json(listed(rows, limit, |(row, _)| row.id.0, view)))
}

/// Nobody answers for longer than a day.
const SECONDS_MOST: i64 = 86_400;

/// Paper questionnaires entered by the officer.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct PaperResponse {
    client_uuid: String,
    #[serde(default)]
    telephone: String,
    seconds_taken: i64,
    #[schema(value_type = Object)]
    answers: Answers,
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct PaperResponses {
    items: Vec<PaperResponse>,
}

async fn enter_responses(
    by: May<RunCampaigns>,
    lis: web::Data<Lis>,
    id: web::Path<CampaignId>,
    json: Json<PaperResponses>,
) -> Answer {
    let id = *id;
    let responses = json
        .input
        .items
        .iter()
        .map(|paper| {
            let mut check = Checker::new();
            check.whole("seconds_taken", &paper.seconds_taken.to_string(), 0, SECONDS_MOST);
            check.done(Some(()))?;
            Ok(Response {
                client_uuid: poll::checked_uuid(&paper.client_uuid)?,
                voter: Voter::telephone(&paper.telephone),
                answers: paper.answers.clone(),
                started: Started::SecondsTaken(paper.seconds_taken),
            })
        })
        .collect::<Result<Vec<_>, Refusal>>()?;
    let items = lis.db.write(move |tx| actions::receive(tx, &by, id, &responses)).await?;
    Ok(HttpResponse::Ok().json(serde_json::json!({"items": items})))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct RejectionInput {
    reason: String,
}

async fn reject(
    by: May<RunCampaigns>,
    lis: web::Data<Lis>,
    path: web::Path<(CampaignId, ResponseId)>,
    json: Json<RejectionInput>,
) -> Answer {
    let (id, response) = *path;
    let reason = checked_rejection(&json.input.reason)?;
    let actor = by.clone();
    let saved = lis.command(&actor, &json.request, move |tx| actions::reject(tx, &by, id, response, reason)).await?;
    Ok(HttpResponse::Ok().json(saved))
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
    Ok(HttpResponse::Created().insert_header(("ETag", format!("\"{}\"", saved.version))).json(saved))
}

/// A plan with its lines.
#[derive(Serialize, utoipa::ToSchema)]
pub struct PlanView {
    pub id: i64,
    pub version: i64,
    pub plan_no: String,
    pub campaign_id: Option<i64>,
    pub title: String,
    pub state: String,
    pub batches: i64,
    pub floor_batches: i64,
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
    let plan = with.plan;
    let lines = with.lines.into_iter().map(|line| PlanLineView {
        id: line.id.0,
        category: line.category,
        votes: line.votes,
        batches: line.batches,
    });
    let view = PlanView {
        id: plan.id.0,
        version: plan.version,
        plan_no: plan.plan_no,
        campaign_id: plan.campaign_id.map(|id| id.0),
        title: plan.title,
        state: plan.state,
        batches: plan.batches,
        floor_batches: plan.floor_batches,
        lines: lines.collect(),
    };
    Ok(HttpResponse::Ok().insert_header(("ETag", format!("\"{}\"", view.version))).json(view))
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
    Ok(HttpResponse::Ok().insert_header(("ETag", format!("\"{}\"", saved.version))).json(saved))
}

/// The questionnaire as shown to the public; `ticket` comes back with the answer.
#[derive(Serialize)]
struct PollView {
    id: i64,
    title_zh: String,
    title_en: String,
    state: String,
    opens_at: Moment,
    closes_at: Moment,
    questionnaire: super::questionnaire::Questionnaire,
    ticket: String,
}

async fn questionnaire(_: Anyone, lis: web::Data<Lis>, id: web::Path<CampaignId>) -> Answer {
    let (id, now) = (*id, lis.clock.now());
    let (row, ticket) = lis
        .db
        .read(move |conn| {
            let (row, _) = poll::shown(conn, id)?;
            Ok((row, actions::ticket(conn, id, now)?))
        })
        .await?;
    let questionnaire = actions::questionnaire(&row)?;
    Ok(HttpResponse::Ok().json(PollView {
        id: id.0,
        title_zh: row.title_zh,
        title_en: row.title_en,
        state: row.state,
        opens_at: row.opens_at,
        closes_at: row.closes_at,
        questionnaire,
        ticket,
    }))
}

/// One person's answer.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct VoteInput {
    client_uuid: String,
    #[serde(default)]
    telephone: String,
    /// As it came with the questionnaire.
    ticket: String,
    /// Question key → keys of the choices, or the words as the only element.
    #[schema(value_type = Object)]
    answers: Answers,
}

async fn vote(by: Anyone, lis: web::Data<Lis>, id: web::Path<CampaignId>, json: Json<VoteInput>) -> Answer {
    let id = *id;
    let VoteInput { client_uuid, telephone, ticket, answers } = json.input;
    let voter = match &by.person {
        Some(person) => Voter::Account(person.person.0),
        None => Voter::telephone(&telephone),
    };
    let client_uuid = poll::checked_uuid(&client_uuid)?;
    let response = Response { client_uuid, voter, answers, started: Started::Ticket(ticket) };
    let actor = poll::voter_actor(&by);
    let received = lis.db.write(move |tx| actions::receive(tx, &actor, id, std::slice::from_ref(&response))).await?;
    Ok(HttpResponse::Ok().json(received.into_iter().next()))
}

async fn results(_: Anyone, lis: web::Data<Lis>, id: web::Path<CampaignId>) -> Answer {
    let id = *id;
    let results = lis.db.read(move |conn| poll::public_results(conn, id)).await?;
    Ok(HttpResponse::Ok().json(results))
}
