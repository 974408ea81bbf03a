//! Answering refusals: problem+json (RFC 9457) for programs, a page for people. A handler returns `Answer`; what goes
//! wrong becomes a [`Failure`], and the middleware [`dress`] gives it the face and language of the request.

use std::fmt;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode, header};
use actix_web::middleware::Next;
use actix_web::{Error, HttpRequest, HttpResponse, ResponseError};
use askama::Template;
use serde::Serialize;
use tracing::error;

use super::language::Language;
use super::reading::{BODY_TOO_LARGE, HELD_LIMIT_BYTES};
use super::ui::Ui;
use crate::accounts::PASSWORD_MUST_CHANGE;
use crate::domain::refusal::{Fact, Fault, Problem, Reason, Refusal};

/// What a handler returns.
pub type Answer = Result<HttpResponse, Failure>;

pub const METHOD_NOT_ALLOWED: Problem = Problem::new("method-not-allowed", 405);
pub const BROKEN: Problem = Problem::new("internal-error", 500);

/// Codes declared here.
pub const PROBLEMS: &[Problem] = &[METHOD_NOT_ALLOWED, BROKEN];

/// A fault on its way to the one who asked.
#[derive(Debug)]
pub struct Failure(pub Fault);

impl<T: Into<Fault>> From<T> for Failure {
    fn from(fault: T) -> Self {
        Self(fault.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        let status = self.0.refusal().map_or(500, Refusal::status);
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Bare: the middleware dresses it.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

/// One reason as shown.
pub struct Said {
    pub field: Option<String>,
    pub sentence: String,
    pub advice: Option<String>,
}

impl Said {
    pub fn all(reasons: &[Reason], language: Language) -> Vec<Self> {
        reasons
            .iter()
            .map(|reason| Self {
                field: reason.field.clone(),
                sentence: language.sentence(reason),
                advice: language.advice(reason),
            })
            .collect()
    }
}

#[derive(Template)]
#[template(path = "web/pages/problem.html")]
struct ProblemPage {
    ui: Ui,
    title: String,
    reasons: Vec<Said>,
    reference: Option<String>,
    /// What was sent, so that nobody types it anew.
    typed: Vec<(String, String)>,
    /// What is missing can be done on the page of the own account.
    to_account: bool,
}

/// Gives every failure its face: what a handler refused, and what the framework itself answers (unknown path, wrong
/// method, unreadable path).
///
/// The request is not kept across the call: the framework needs it unshared to fill in the path's variables.
pub async fn dress(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let res = next.call(req).await?;
    let failure = match res.response().error() {
        Some(error) => Some(refusal_of(error)),
        None if res.status().is_client_error() && no_body(&res) => Some(refusal_of_status(res.status())),
        None => None,
    };
    Ok(match failure {
        Some(failure) => {
            let shown = show(res.request(), &failure);
            res.into_response(shown)
        }
        None => res.map_into_boxed_body(),
    })
}

fn no_body<B: MessageBody>(res: &ServiceResponse<B>) -> bool {
    matches!(res.response().body().size(), actix_web::body::BodySize::None | actix_web::body::BodySize::Sized(0))
}

/// A failure that can be shown: the refusal, or the reference number of what broke.
struct Shown {
    refusal: Refusal,
    reference: Option<String>,
}

fn refusal_of(error: &Error) -> Shown {
    if let Some(Failure(fault)) = error.as_error::<Failure>() {
        return shown(fault);
    }
    let status = error.as_response_error().status_code();
    if status.is_server_error() {
        return shown(&Fault::broken(error));
    }
    refusal_of_status(status)
}

fn refusal_of_status(status: StatusCode) -> Shown {
    let problem = match status {
        StatusCode::METHOD_NOT_ALLOWED => METHOD_NOT_ALLOWED,
        StatusCode::NOT_FOUND => crate::domain::refusal::NOT_FOUND,
        // What a handler reads as bytes is cut off by the server itself.
        StatusCode::PAYLOAD_TOO_LARGE => {
            let reason = BODY_TOO_LARGE.with("limit", HELD_LIMIT_BYTES).at("body");
            return Shown { refusal: reason.into(), reference: None };
        }
        _ => {
            let reason = super::reading::BODY_INVALID.reason().with_word("detail", super::misread::OTHER);
            return Shown { refusal: reason.into(), reference: None };
        }
    };
    Shown { refusal: problem.into(), reference: None }
}

/// Logged once, here, where it is answered; nothing internal goes out.
fn shown(fault: &Fault) -> Shown {
    match fault {
        Fault::Refused(refusal) => Shown { refusal: refusal.clone(), reference: None },
        Fault::Database(_) | Fault::Broken(_) => {
            let reference = uuid::Uuid::new_v4().simple().to_string()[..12].to_owned();
            error!(reference, fault = %fault, "A request failed");
            Shown { refusal: BROKEN.with("reference", &reference).into(), reference: Some(reference) }
        }
    }
}

fn show(req: &HttpRequest, shown: &Shown) -> HttpResponse {
    let status = StatusCode::from_u16(shown.refusal.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let ui = Ui::of(req);
    let mut answer =
        if is_for_programs(req) { as_json(status, shown, ui.language) } else { as_page(req, status, shown, ui) };
    if let Some(seconds) = wait_s(&shown.refusal) {
        answer.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    answer
}

/// The page of this server whose form was sent: its address is not where the form goes to. The first page, where the browser
/// does not say.
fn page_of_form(req: &HttpRequest) -> String {
    let text = |name: header::HeaderName| req.headers().get(name).and_then(|value| value.to_str().ok());
    let from = text(header::REFERER).and_then(|from| url::Url::parse(from).ok());
    let host = text(header::HOST).and_then(|host| url::Url::parse(&format!("http://{host}")).ok());
    let own = from.filter(|from| host.is_some_and(|host| host.host() == from.host()));
    own.map_or_else(|| "/".to_owned(), |from| from[url::Position::BeforePath..url::Position::AfterQuery].to_owned())
}

/// The wait that a "too often" names, in seconds, for the header that programs obey.
fn wait_s(refusal: &Refusal) -> Option<u64> {
    let reason = refusal.reasons.first().filter(|reason| reason.problem.status == 429)?;
    reason.facts.iter().find_map(|(name, fact)| match fact {
        Fact::Text(seconds) if *name == "seconds" => seconds.parse().ok(),
        _ => None,
    })
}

/// Programs ask under `/api/`, agents under it too; all else is a page.
pub(super) fn is_for_programs(req: &HttpRequest) -> bool {
    req.path().starts_with("/api/")
}

/// A refusal as programs read it (RFC 9457).
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Problem)]
pub struct ProblemDocument {
    /// `/problems/` and the code of the first reason.
    #[serde(rename = "type")]
    kind: String,
    title: String,
    status: u16,
    /// The sentences of all reasons.
    detail: String,
    reasons: Vec<ProblemReason>,
    /// What stands there now, with 412.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    current: Option<serde_json::Value>,
}

/// One reason of a refusal.
#[derive(Serialize, utoipa::ToSchema)]
pub struct ProblemReason {
    /// Stable; `docs/reference/problems.md` lists all.
    code: &'static str,
    /// The field it belongs to, with dots and indices: `items.0.version`.
    field: Option<String>,
    /// In the language of `Accept-Language`, else of the person.
    detail: String,
    /// What to do now.
    advice: Option<String>,
}

impl ProblemDocument {
    pub fn of(refusal: &Refusal, language: Language) -> Self {
        let said = Said::all(&refusal.reasons, language);
        let first = refusal.reasons.first().map_or(BROKEN.code, |reason| reason.problem.code);
        let sentences: Vec<&str> = said.iter().map(|said| said.sentence.as_str()).collect();
        let detail = sentences.join(language.pick("", " "));
        let reasons = refusal.reasons.iter().zip(said).map(|(reason, said)| ProblemReason {
            code: reason.problem.code,
            field: reason.field.clone(),
            detail: said.sentence,
            advice: said.advice,
        });
        Self {
            kind: format!("/problems/{first}"),
            title: language.text(&format!("problem-{first}-title")),
            status: refusal.status(),
            detail,
            reasons: reasons.collect(),
            current: refusal.current.clone(),
        }
    }
}

/// The media type of a problem document.
pub const PROBLEM_JSON: &str = "application/problem+json";

fn as_json(status: StatusCode, shown: &Shown, language: Language) -> HttpResponse {
    match serde_json::to_string(&ProblemDocument::of(&shown.refusal, language)) {
        Ok(body) => HttpResponse::build(status).content_type(PROBLEM_JSON).body(body),
        Err(error) => HttpResponse::InternalServerError().body(error.to_string()),
    }
}

fn as_page(req: &HttpRequest, status: StatusCode, shown: &Shown, ui: Ui) -> HttpResponse {
    if status == StatusCode::UNAUTHORIZED && ui.person.is_none() {
        // Not signed in, or the session is over: sign in, then come back here.
        let here = if req.method() == Method::GET { ui.path } else { page_of_form(req) };
        let back: String = url::form_urlencoded::byte_serialize(here.as_bytes()).collect();
        return HttpResponse::SeeOther().insert_header(("Location", format!("/sign-in?next={back}"))).finish();
    }
    let first = shown.refusal.reasons.first().map_or(BROKEN.code, |reason| reason.problem.code);
    let page = ProblemPage {
        title: ui.t(&format!("problem-{first}-title")),
        reasons: Said::all(&shown.refusal.reasons, ui.language),
        reference: shown.reference.clone(),
        typed: ui.all_typed(),
        to_account: first == PASSWORD_MUST_CHANGE.code,
        ui,
    };
    match page.render() {
        Ok(html) => HttpResponse::build(status).content_type("text/html; charset=utf-8").body(html),
        Err(error) => HttpResponse::InternalServerError().body(error.to_string()),
    }
}
