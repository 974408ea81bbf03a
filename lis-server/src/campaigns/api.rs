//! Campaigns for programs: the officer's side under `/campaigns` and `/plans`, the public's under `/polls`.

mod plans;
mod witnesses;

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::actions::{self, CampaignInput, CampaignSaved, Received, Response, Started, Voter};
use super::pages::checked_rejection;
use super::poll;
use super::questionnaire::Answers;
use super::store::{self, CampaignRow};
use super::tally::Counts;
use crate::accounts::May;
use crate::accounts::TOO_MANY_FROM_ADDRESS;
use crate::accounts::extract::Anyone;
use crate::accounts::role::RunCampaigns;
use crate::app::Lis;
use crate::domain::clock::Moment;
use crate::domain::ids::{CampaignId, ResponseId};
use crate::domain::input::Checker;
use crate::domain::refusal::{Fault, NOT_FOUND, Refusal};
use crate::web::paging::{self, LIMIT, Listed};
use crate::web::routes::Routes;
use crate::web::{Answer, Asked, Json, Nothing, versioned};

pub fn routes() -> Routes {
    officer().and(plans::routes()).and(witnesses::routes()).and(public())
}

fn officer() -> Routes {
    Routes::new()
        .get("/api/v1/campaigns", campaigns)
        .about("Campaigns, newest first.")
        .gives::<Listed<CampaignView>>()
        .post("/api/v1/campaigns", create)
        .about("Sets up a campaign in draft with its questionnaire.")
        .keyed()
        .creates::<CampaignSaved>()
        .get("/api/v1/campaigns/{id}", campaign)
        .about("A campaign with its questions, live counts and frozen tally.")
        .gives::<CampaignDetail>()
        .put("/api/v1/campaigns/{id}", change)
        .about("Changes a campaign that is still in draft.")
        .versioned()
        .gives::<CampaignSaved>()
        .post("/api/v1/campaigns/{id}/open", open)
        .about("Opens a campaign: from now on its questionnaire is fixed.")
        .versioned()
        .gives::<CampaignSaved>()
        .post("/api/v1/campaigns/{id}/close", close)
        .about("Closes a campaign and freezes its tally.")
        .versioned()
        .gives::<CampaignSaved>()
        .get("/api/v1/campaigns/{id}/responses", responses)
        .about("Answers as they came, valid or not, newest first. Nothing tells who voted.")
        .gives::<Listed<ResponseView>>()
        .post("/api/v1/campaigns/{id}/responses", enter_responses)
        .about("Takes paper questionnaires in. An answer of a known client_uuid is kept once.")
        .repeatable()
        .gives::<ReceivedView>()
        .post("/api/v1/campaigns/{id}/responses/{response}/rejection", reject)
        .about("Finds a valid answer invalid; it stays as it came.")
        .gives::<CampaignSaved>()
}

fn public() -> Routes {
    Routes::new()
        .get("/api/v1/polls", polls)
        .about("Questionnaires of open and closed campaigns, newest first, in pages.")
        .gives::<Listed<poll::PollLine>>()
        .get("/api/v1/polls/{id}", questionnaire)
        .about("The questionnaire of an open or closed campaign, with the ticket that goes back with the answer.")
        .gives::<PollView>()
        .post("/api/v1/polls/{id}/responses", vote)
        .about(
            "One person's answer. An answer of a known client_uuid is kept once; each ticket is good for one answer.",
        )
        .repeatable()
        .gives::<Received>()
        .refuses(&[TOO_MANY_FROM_ADDRESS])
        .get("/api/v1/polls/{id}/results", results)
        .about("Public figures of a campaign: live counts, after closing the frozen tally.")
        .gives::<poll::Results>()
}

#[derive(Deserialize, utoipa::IntoParams)]
struct Page {
    /// The `next` of the answer before: lists go from the newest to the oldest.
    after: Option<i64>,
    /// Rows of the answer, 1 to 500; 50 unless said otherwise.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
}

impl Page {
    fn limit(&self) -> Result<i64, Refusal> {
        paging::limit(self.limit, LIMIT)
    }
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

async fn campaigns(_: May<RunCampaigns>, lis: web::Data<Lis>, query: Asked<Page>) -> Answer {
    let (after, limit) = (query.after, query.limit()?);
    let rows = lis.db.read(move |conn| Ok(store::campaigns(conn, after, limit + 1)?)).await?;
    Ok(HttpResponse::Ok().json(Listed::of(rows, limit, |row| row.id.to_string(), view)))
}

/// A campaign with its questions, live counts and frozen tally.
#[derive(Serialize, utoipa::ToSchema)]
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
    let version = row.version;
    let (questionnaire, tally) = (actions::questionnaire(&row)?, actions::frozen_tally(&row)?);
    let detail = CampaignDetail { campaign: view(row), counts, questionnaire, tally };
    versioned(HttpResponse::Ok(), version, &detail)
}

async fn create(by: May<RunCampaigns>, lis: web::Data<Lis>, json: Json<CampaignInput>) -> Answer {
    let request = json.keyed()?.clone();
    let facts = json.input.checked()?;
    let actor = by.clone();
    let saved: CampaignSaved = lis.command(&actor, &request, move |tx| actions::create(tx, &by, &facts)).await?;
    versioned(HttpResponse::Created(), saved.version, &saved)
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
    versioned(HttpResponse::Ok(), saved.version, &saved)
}

async fn open(by: May<RunCampaigns>, lis: web::Data<Lis>, id: web::Path<CampaignId>, json: Json<Nothing>) -> Answer {
    let (id, seen) = (*id, json.seen.required()?);
    let actor = by.clone();
    let saved = lis.command(&actor, &json.request, move |tx| actions::open(tx, &by, id, seen)).await?;
    versioned(HttpResponse::Ok(), saved.version, &saved)
}

async fn close(by: May<RunCampaigns>, lis: web::Data<Lis>, id: web::Path<CampaignId>, json: Json<Nothing>) -> Answer {
    let (id, seen) = (*id, json.seen.required()?);
    let actor = by.clone();
    let saved = lis.command(&actor, &json.request, move |tx| actions::close(tx, &by, id, seen)).await?;
    versioned(HttpResponse::Ok(), saved.version, &saved)
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
    pub answers: Answers,
}

async fn responses(_: May<RunCampaigns>, lis: web::Data<Lis>, id: web::Path<CampaignId>, query: Asked<Page>) -> Answer {
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
    Ok(HttpResponse::Ok().json(Listed::of(rows, limit, |(row, _)| row.id.to_string(), view)))
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
    /// Question key → keys of the choices, or the words as the only element.
    answers: Answers,
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct PaperResponses {
    items: Vec<PaperResponse>,
}

/// What became of each answer, in order.
#[derive(Serialize, utoipa::ToSchema)]
struct ReceivedView {
    items: Vec<Received>,
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
    Ok(HttpResponse::Ok().json(ReceivedView { items }))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct RejectionInput {
    /// `nonsense`, `automated`, `same_person` or `test`.
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
    versioned(HttpResponse::Ok(), saved.version, &saved)
}

async fn polls(_: Anyone, lis: web::Data<Lis>, query: Asked<Page>) -> Answer {
    let (limit, after, now) = (query.limit()?, query.after, lis.clock.now());
    let found = lis.db.read(move |conn| poll::listed(conn, after, limit + 1, now)).await?;
    Ok(HttpResponse::Ok().json(Listed::of(found, limit, |one| one.id.to_string(), |one| one)))
}

/// The questionnaire as shown to the public; `ticket` comes back with the answer.
#[derive(Serialize, utoipa::ToSchema)]
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
            Ok((row, super::tickets::ticket(conn, id, now)?))
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
    poll::require_pace(&lis, &by, id).await?;
    let response = Response { client_uuid, voter, answers, started: Started::Ticket(ticket) };
    let actor = poll::voter_actor(&by);
    let received = lis.db.write(move |tx| actions::receive(tx, &actor, id, std::slice::from_ref(&response))).await?;
    let received =
        received.into_iter().next().ok_or_else(|| Fault::broken("an answer was taken in without a receipt"))?;
    Ok(HttpResponse::Ok().json(received))
}

async fn results(_: Anyone, lis: web::Data<Lis>, id: web::Path<CampaignId>) -> Answer {
    let id = *id;
    let results = lis.db.read(move |conn| poll::public_results(conn, id)).await?;
    Ok(HttpResponse::Ok().json(results))
}
