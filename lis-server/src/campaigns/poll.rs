//! What the public sees: the questionnaire and the results. Works without script; nothing personal is shown back.

use actix_web::web;
use askama::Template;

use super::actions::{self, Received, Response, Started, Voter};
use super::plans;
use super::questionnaire::{Answers, Questionnaire};
use super::state::CampaignState;
use super::store::{self, CampaignRow};
use super::tally::{Counts, Tally};
use super::tickets;
use crate::accounts::Actor;
use crate::accounts::extract::Anyone;
use crate::app::Lis;
use crate::cases;
use crate::domain::clock::Moment;
use crate::domain::ids::CampaignId;
use crate::domain::input::Checker;
use crate::domain::refusal::{NOT_FOUND, Outcome, Refusal};
use crate::web::paging::{self, LIMIT};
use crate::web::routes::Routes;
use crate::web::ui::FormErrors;
use crate::web::{Answer, Form, Ui, page, refused, refused_page};

pub fn routes() -> Routes {
    Routes::new()
        .get("/polls", polls)
        .get("/poll/{id}", poll)
        .post("/poll/{id}", vote)
        .get("/poll/{id}/results", results)
}

/// A campaign that is known outside: open or closed.
pub(super) fn shown(conn: &mut crate::db::Conn, id: CampaignId) -> Outcome<(CampaignRow, CampaignState)> {
    let row = store::campaign(conn, id)?.ok_or(NOT_FOUND)?;
    match actions::state_of(&row)? {
        CampaignState::Draft => Err(NOT_FOUND.into()),
        state => Ok((row, state)),
    }
}

/// A questionnaire in the list for everybody.
#[derive(serde::Serialize, utoipa::ToSchema)]
pub struct PollLine {
    pub id: i64,
    pub title_zh: String,
    pub title_en: String,
    /// `open` or `closed`.
    pub state: String,
    pub opens_at: Moment,
    pub closes_at: Moment,
    /// Answers are taken now.
    pub running: bool,
}

/// Campaigns that are known outside, newest first, before an id (exclusive). One statement.
pub(super) fn listed(
    conn: &mut crate::db::Conn,
    before: Option<i64>,
    limit: i64,
    now: Moment,
) -> Outcome<Vec<PollLine>> {
    let rows = store::campaigns_but(conn, CampaignState::Draft.code(), before, limit)?;
    let line = |row: CampaignRow| -> Outcome<PollLine> {
        let running = actions::is_running(&row, actions::state_of(&row)?, now);
        let CampaignRow { id, title_zh, title_en, state, opens_at, closes_at, .. } = row;
        Ok(PollLine { id: id.0, title_zh, title_en, state, opens_at, closes_at, running })
    };
    rows.into_iter().map(line).collect()
}

#[derive(serde::Deserialize)]
struct Place {
    /// The last questionnaire of the page before.
    after: Option<i64>,
}

#[derive(Template)]
#[template(path = "campaigns/pages/polls.html")]
struct PollsPage {
    ui: Ui,
    polls: Vec<PollLine>,
    next: String,
}

impl PollsPage {
    fn state(&self, poll: &PollLine) -> String {
        self.ui.t(&format!("campaign-{}", poll.state))
    }
}

async fn polls(_: Anyone, ui: Ui, lis: web::Data<Lis>, query: web::Query<Place>) -> Answer {
    let (after, now) = (query.after, lis.clock.now());
    let mut polls = lis.db.read(move |conn| listed(conn, after, LIMIT + 1, now)).await?;
    let more = paging::cut(&mut polls, LIMIT);
    let next = match polls.last() {
        Some(last) if more => format!("/polls?after={}", last.id),
        _ => String::new(),
    };
    page(&PollsPage { ui, polls, next }, false)
}

/// Who acts when somebody votes: the person if he is signed in, otherwise the poll itself.
pub(super) fn voter_actor(by: &Anyone) -> Actor {
    by.person.clone().unwrap_or_else(|| Actor::system("poll", "poll").with_origin("poll", by.device.clone()))
}

/// Nobody fills the database by answering: an address has so many answers an hour, and few to a poll that takes none any
/// more (`workflow.md` 4.2: these are kept, as invalid).
pub(super) async fn require_pace(lis: &Lis, by: &Anyone, id: CampaignId) -> Outcome<()> {
    let now = lis.clock.now();
    let running = lis
        .db
        .read(move |conn| {
            let (row, state) = shown(conn, id)?;
            Ok(actions::is_running(&row, state, now))
        })
        .await?;
    Ok(lis.doors.answer(by.address, running)?)
}

/// The UUID that a client made, in its usual form.
pub(super) fn checked_uuid(typed: &str) -> Result<String, Refusal> {
    let mut check = Checker::new();
    let uuid = check.parsed("client_uuid", typed, "expected-uuid", |text| uuid::Uuid::try_parse(text).ok());
    check.done(uuid.map(|uuid| uuid.to_string()))
}

/// The answers among the fields of a form. `own` takes the fields that are none and gives the others back.
pub(super) fn sort_answers(
    pairs: Vec<(String, String)>,
    mut own: impl FnMut(&str, String) -> Option<String>,
) -> Answers {
    let mut answers = Answers::new();
    for (name, value) in pairs {
        if let Some(value) = own(&name, value).filter(|value| !value.trim().is_empty()) {
            answers.entry(name).or_default().push(value.trim().to_owned());
        }
    }
    answers
}

/// A field that is no answer goes to its place.
pub(super) fn keep(place: &mut String, value: String) -> Option<String> {
    *place = value;
    None
}

#[derive(Template)]
#[template(path = "campaigns/pages/poll.html")]
struct PollPage {
    ui: Ui,
    id: CampaignId,
    title_zh: String,
    title_en: String,
    closes_at: String,
    /// Answers are taken now.
    running: bool,
    form: Questionnaire,
    answers: Answers,
    telephone: String,
    /// The person is signed in: the account votes, no telephone is asked.
    has_account: bool,
    client_uuid: String,
    ticket: String,
    received: Option<Received>,
    reasons: Vec<String>,
    errors: FormErrors,
}

impl PollPage {
    fn chosen(&self, question: &str, choice: &str) -> bool {
        self.answers.get(question).is_some_and(|chosen| chosen.iter().any(|one| one == choice))
    }

    fn words(&self, question: &str) -> &str {
        self.answers.get(question).and_then(|words| words.first()).map_or("", String::as_str)
    }
}

async fn poll(by: Anyone, ui: Ui, lis: web::Data<Lis>, id: web::Path<CampaignId>) -> Answer {
    page(&poll_page(&lis, ui, *id, by.person.is_some()).await?, false)
}

async fn poll_page(lis: &Lis, ui: Ui, id: CampaignId, has_account: bool) -> Outcome<PollPage> {
    let now = lis.clock.now();
    let (row, state, ticket) = lis
        .db
        .read(move |conn| {
            let (row, state) = shown(conn, id)?;
            let ticket = tickets::ticket(conn, id, now)?;
            Ok((row, state, ticket))
        })
        .await?;
    Ok(PollPage {
        client_uuid: ui.once(),
        ui,
        id,
        form: actions::questionnaire(&row)?,
        running: actions::is_running(&row, state, now),
        closes_at: row.closes_at.to_string(),
        title_zh: row.title_zh,
        title_en: row.title_en,
        answers: Answers::new(),
        telephone: String::new(),
        has_account,
        ticket,
        received: None,
        reasons: Vec::new(),
        errors: FormErrors::default(),
    })
}

async fn vote(
    by: Anyone,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<CampaignId>,
    form: Form<Vec<(String, String)>>,
) -> Answer {
    let id = *id;
    let (mut uuid, mut ticket, mut telephone) = (String::new(), String::new(), String::new());
    let answers = sort_answers(form.input, |name, value| match name {
        "client_uuid" => keep(&mut uuid, value),
        "ticket" => keep(&mut ticket, value),
        "telephone" => keep(&mut telephone, value),
        _ => Some(value),
    });
    let voter = match &by.person {
        Some(person) => Voter::Account(person.person.0),
        None => Voter::telephone(&telephone),
    };
    let paced = match checked_uuid(&uuid) {
        Ok(client_uuid) => refused(require_pace(&lis, &by, id).await)?.map(|()| client_uuid),
        Err(refusal) => Err(refusal),
    };
    let outcome = match paced {
        Ok(client_uuid) => {
            let response =
                Response { client_uuid, voter, answers: answers.clone(), started: Started::Ticket(ticket.clone()) };
            let actor = voter_actor(&by);
            let received =
                lis.db.write(move |tx| actions::receive(tx, &actor, id, std::slice::from_ref(&response))).await;
            refused(received)?
        }
        Err(refusal) => Err(refusal),
    };
    let mut shown = poll_page(&lis, ui, id, by.person.is_some()).await?;
    // Who answers again goes on with the time he began at, not with a new one.
    match outcome {
        Ok(received) => {
            let received = received.into_iter().next();
            let invalid = received.as_ref().is_some_and(|received| !received.valid);
            if invalid {
                let renewed = lis.db.read(move |conn| tickets::renewed(conn, id, &ticket)).await;
                if let Ok(again) = refused(renewed)? {
                    shown.ticket = again;
                }
                shown.answers = answers;
                shown.telephone = telephone;
            }
            shown.reasons = received
                .iter()
                .flat_map(|received| &received.reasons)
                .map(|code| shown.ui.t(&actions::reason_word(code)))
                .collect();
            shown.received = received;
            page(&shown, invalid)
        }
        Err(refusal) => {
            shown.errors = FormErrors::of(&refusal, shown.ui.language);
            shown.answers = answers;
            shown.telephone = telephone;
            refused_page(&shown, &refusal)
        }
    }
}

/// What became of a campaign, in figures.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
#[schema(as = PollResults)]
pub struct Results {
    pub id: i64,
    pub title_zh: String,
    pub title_en: String,
    pub state: String,
    pub counts: Counts,
    /// Batches of the approved plan; 0 before approval.
    pub batches: i64,
    /// Failing samples that the authority has published.
    pub failing: i64,
    /// Of these the ones whose case is closed.
    pub closed: i64,
    pub tally: Option<Tally>,
    pub tally_hash: Option<String>,
}

/// The public figures of a campaign: before closing how many answers came, afterwards the frozen tally.
pub(super) fn public_results(conn: &mut crate::db::Conn, id: CampaignId) -> Outcome<Results> {
    let (row, state) = shown(conn, id)?;
    let tally = actions::frozen_tally(&row)?;
    let counts = match &tally {
        Some(tally) => tally.counts.clone(),
        None => actions::counts(conn, id)?,
    };
    let approved = plans::of_campaign(conn, id)?
        .into_iter()
        .filter(|plan| plan.plan.state == super::state::PlanState::Approved.code());
    let batches = approved.map(|plan| plan.plan.batches).sum();
    let published = cases::actions::published_of_campaign(conn, id)?;
    Ok(Results {
        id: id.0,
        title_zh: row.title_zh,
        title_en: row.title_en,
        state: state.code().to_owned(),
        counts,
        batches,
        failing: published.failing,
        closed: published.closed,
        tally,
        tally_hash: row.tally_hash,
    })
}

#[derive(Template)]
#[template(path = "campaigns/pages/results.html")]
struct ResultsPage {
    ui: Ui,
    results: Results,
    reasons: Vec<(String, i64)>,
}

async fn results(_: Anyone, ui: Ui, lis: web::Data<Lis>, id: web::Path<CampaignId>) -> Answer {
    let id = *id;
    let results = lis.db.read(move |conn| public_results(conn, id)).await?;
    let reasons =
        results.counts.reasons.iter().map(|(code, count)| (ui.t(&actions::reason_word(code)), *count)).collect();
    page(&ResultsPage { ui, results, reasons }, false)
}
