//! What goes out and what could not: mails and failed jobs, for those who watch deliveries. Page and API.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::{Deserialize, Serialize};

use super::state::MailState;
use super::store::{self, MailRow};
use crate::accounts::role::{May, Permission, Role, WatchDeliveries};
use crate::app::Lis;
use crate::domain::clock::Moment;
use crate::domain::ids::{JobId, MailId};
use crate::domain::refusal::{FIELD_INVALID, Outcome, Refusal};
use crate::jobs::state::JobState;
use crate::jobs::{self, JobRow};
use crate::web::paging::{self, Listed};
use crate::web::routes::Routes;
use crate::web::ui::Choice;
use crate::web::{Answer, Asked, Form, Json, Nothing, Ui, page, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/deliveries", deliveries)
        .post("/deliveries/mails/{id}/retry", retry_mail)
        .post("/deliveries/jobs/{id}/retry", retry_job)
        .get("/api/v1/deliveries", list)
        .about("Mails, newest first.")
        .gives::<Listed<DeliveryView>>()
        .post("/api/v1/deliveries/{id}/retry", retry_by_program)
        .about("Puts a mail that failed for good back into the queue.")
        .gives::<DeliveryQueued>()
        .get("/api/v1/jobs", failed_jobs)
        .about("Background jobs that failed for good and wait for a person, newest first, at most 200.")
        .gives::<Listed<JobView>>()
        .post("/api/v1/jobs/{id}/retry", retry_job_by_program)
        .about("Puts a background job that failed for good back into the queue.")
        .gives::<JobQueued>()
        .refuses(&[jobs::NOT_FAILED])
}

/// Mails on one page of the list.
const PAGE_ROWS: i64 = 50;

#[derive(Deserialize, Default, utoipa::IntoParams)]
#[serde(default)]
struct Filter {
    /// `queued`, `sent` or `failed`; empty: all.
    state: String,
    /// The `next` of the answer before.
    after: Option<i64>,
    /// Rows of the answer, 1 to 500; 50 unless said otherwise.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
}

impl Filter {
    fn state(&self) -> Result<Option<MailState>, Refusal> {
        match self.state.as_str() {
            "" => Ok(None),
            code => MailState::parse(code)
                .map(Some)
                .ok_or_else(|| FIELD_INVALID.at("state").with_word("expected", "expected-delivery-state").into()),
        }
    }

    fn limit(&self) -> Result<i64, Refusal> {
        paging::limit(self.limit, PAGE_ROWS)
    }
}

/// Mails of a page as somebody may see them, and whether there are more.
async fn mails(lis: &Lis, who: &May<WatchDeliveries>, filter: &Filter) -> Outcome<(Vec<MailRow>, bool)> {
    let (state, after, limit) = (filter.state()?, filter.after, filter.limit()?);
    let mut rows = lis.db.read(move |conn| Ok(store::mails(conn, state, after, limit + 1)?)).await?;
    let more = paging::cut(&mut rows, limit);
    if only_administers(who) {
        rows.iter_mut().filter(|row| row.about_kind != OWN_MAIL).for_each(without_words);
    }
    Ok((rows, more))
}

/// What mails about the program itself are about: its looks, and the root of the log.
const OWN_MAIL: &str = "upkeep_run";

/// Sees to it that mails go out, and is no reader of results: who gets which mail already says how a sample came out.
fn only_administers(who: &May<WatchDeliveries>) -> bool {
    let reads = |role: &Role| *role != Role::Administrator && WatchDeliveries::ROLES.contains(role);
    !who.roles.iter().any(reads)
}

fn without_words(row: &mut MailRow) {
    row.recipient.clear();
    row.subject.clear();
    row.about_kind.clear();
    row.about_id = 0;
}

#[derive(Template)]
#[template(path = "mail/pages/deliveries.html")]
struct DeliveriesPage {
    ui: Ui,
    no_server: bool,
    states: Vec<Choice>,
    mails: Vec<MailRow>,
    jobs: Vec<JobRow>,
    next: String,
    shown: String,
}

async fn deliveries(by: May<WatchDeliveries>, ui: Ui, lis: web::Data<Lis>, query: web::Query<Filter>) -> Answer {
    let (mails, more) = mails(&lis, &by, &query).await?;
    let jobs = lis.db.read(jobs::failed).await?;
    let states = MailState::ALL
        .iter()
        .map(|state| Choice {
            value: state.code().to_owned(),
            label: ui.t(&format!("delivery-{}", state.code())),
            chosen: state.code() == query.state,
        })
        .collect();
    let next = match mails.last() {
        Some(last) if more => format!("/deliveries?state={}&after={}", query.state, last.id),
        _ => String::new(),
    };
    let shown = ui.t1("deliveries-shown", "count", mails.len());
    page(&DeliveriesPage { no_server: lis.mailer.is_none(), states, mails, jobs, next, shown, ui }, false)
}

async fn retry_mail(
    by: May<WatchDeliveries>,
    lis: web::Data<Lis>,
    id: web::Path<MailId>,
    form: Form<Vec<(String, String)>>,
) -> Answer {
    let (id, actor) = (*id, by.clone());
    lis.command(&actor, &form.request, move |tx| super::retry_mail(tx, &by, id)).await?;
    Ok(see_other("/deliveries", Some("done-delivery-retried")))
}

async fn retry_job(
    by: May<WatchDeliveries>,
    lis: web::Data<Lis>,
    id: web::Path<JobId>,
    form: Form<Vec<(String, String)>>,
) -> Answer {
    let (id, actor) = (*id, by.clone());
    lis.command(&actor, &form.request, move |tx| super::retry_job(tx, &by, id)).await?;
    Ok(see_other("/deliveries", Some("done-delivery-retried")))
}

/// A mail as programs see it.
#[derive(Serialize, utoipa::ToSchema)]
pub struct DeliveryView {
    pub id: i64,
    /// Empty for an administrator, as are `subject` and `about_kind`: who gets which mail says how a sample came out.
    pub recipient: String,
    pub subject: String,
    pub state: String,
    pub attempts: i64,
    pub last_error: String,
    pub about_kind: String,
    pub about_id: i64,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Moment,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub sent_at: Option<Moment>,
}

impl From<MailRow> for DeliveryView {
    fn from(row: MailRow) -> Self {
        Self {
            id: row.id.0,
            recipient: row.recipient,
            subject: row.subject,
            state: row.state,
            attempts: row.attempts,
            last_error: row.last_error,
            about_kind: row.about_kind,
            about_id: row.about_id,
            created_at: row.created_at,
            sent_at: row.sent_at,
        }
    }
}

async fn list(by: May<WatchDeliveries>, lis: web::Data<Lis>, query: Asked<Filter>) -> Answer {
    let (mails, more) = mails(&lis, &by, &query).await?;
    let next = mails.last().map(|mail| mail.id.to_string()).unwrap_or_default();
    let items: Vec<DeliveryView> = mails.into_iter().map(DeliveryView::from).collect();
    Ok(HttpResponse::Ok().json(Listed { items, next, more }))
}

/// What trying again answers.
#[derive(Serialize, utoipa::ToSchema)]
struct DeliveryQueued {
    id: MailId,
    state: &'static str,
}

async fn retry_by_program(
    by: May<WatchDeliveries>,
    lis: web::Data<Lis>,
    id: web::Path<MailId>,
    json: Json<Nothing>,
) -> Answer {
    let (id, actor) = (*id, by.clone());
    lis.command(&actor, &json.request, move |tx| super::retry_mail(tx, &by, id)).await?;
    Ok(HttpResponse::Ok().json(DeliveryQueued { id, state: MailState::Queued.code() }))
}

/// A background job as programs see it.
#[derive(Serialize, utoipa::ToSchema)]
struct JobView {
    id: JobId,
    /// What is done: `report-issue` …
    kind: String,
    /// What it is done for: the same key is queued once.
    key: String,
    /// `failed`.
    state: String,
    attempts: i64,
    last_error: String,
    created_at: Moment,
}

impl From<JobRow> for JobView {
    fn from(row: JobRow) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            key: row.job_key,
            state: row.state,
            attempts: row.attempts,
            last_error: row.last_error,
            created_at: row.created_at,
        }
    }
}

async fn failed_jobs(_: May<WatchDeliveries>, lis: web::Data<Lis>) -> Answer {
    let rows = lis.db.read(jobs::failed).await?;
    Ok(HttpResponse::Ok().json(Listed::whole(rows.into_iter().map(JobView::from).collect())))
}

/// What trying a job again answers.
#[derive(Serialize, utoipa::ToSchema)]
struct JobQueued {
    id: JobId,
    state: &'static str,
}

async fn retry_job_by_program(
    by: May<WatchDeliveries>,
    lis: web::Data<Lis>,
    id: web::Path<JobId>,
    json: Json<Nothing>,
) -> Answer {
    let (id, actor) = (*id, by.clone());
    lis.command(&actor, &json.request, move |tx| super::retry_job(tx, &by, id)).await?;
    Ok(HttpResponse::Ok().json(JobQueued { id, state: JobState::Queued.code() }))
}
