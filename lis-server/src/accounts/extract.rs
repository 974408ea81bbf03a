//! Who is asking. The middleware [`identify`] reads the session cookie or the bearer token once per request; the gates
//! ([`May`], [`SignedIn`], [`Anyone`]) then stand in the handlers' signatures.

use std::future::{Ready, ready};
use std::net::IpAddr;

use actix_web::body::MessageBody;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::Next;
use actix_web::{Error, FromRequest, HttpMessage, HttpRequest, web};
use tracing::warn;

use super::actor::{Actor, Entrance};
use super::role::{May, Permission};
use super::session::{self, OpenSession};
use super::{SIGN_IN_NEEDED, store};
use crate::app::Lis;
use crate::domain::refusal::{NOT_ALLOWED, NOT_FOUND, Outcome};
use crate::quality::competence::{DECLARATION_MISSING, declaring};
use crate::web::problem::Failure;
use crate::web::routes::Gate;
use crate::web::ui::Viewer;
use crate::web::{RequestId, csrf};

pub use crate::web::security::SESSION_COOKIE;

/// Who was recognised, for the gates.
#[derive(Clone)]
struct Recognised {
    actor: Actor,
    session: Option<OpenSession>,
    /// A token's scopes; `None` for a session, which has all rights of its person.
    scopes: Option<Vec<String>>,
    /// The laboratory lets nobody in who has not declared, and this person has not.
    undeclared: bool,
}

/// Recognises the person and prepares the frame of the page. Static files need neither.
pub async fn identify(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    if !req.path().starts_with("/static/") {
        let lis = req.app_data::<web::Data<Lis>>().cloned();
        if let Some(lis) = lis {
            match recognise(&req, &lis).await {
                Ok(recognised) => prepare(&req, &lis, recognised),
                Err(fault) => return Ok(req.error_response(Failure(fault)).map_into_boxed_body()),
            }
        }
    }
    Ok(next.call(req).await?.map_into_boxed_body())
}

async fn recognise(req: &ServiceRequest, lis: &Lis) -> Outcome<Option<Recognised>> {
    let real = lis.clock.real();
    let device = device_of(req.request());
    let cause = format!("request:{}", request_id(req.request()));
    if let Some(token) = bearer(req) {
        let found = lis.db.read(move |conn| session::by_token(conn, &token, real)).await?;
        let Some(open) = found else {
            return Ok(None);
        };
        lis.pace.check(open.id)?;
        let actor = open.actor.with_origin(device, cause);
        return Ok(Some(Recognised { actor, session: None, scopes: Some(open.scopes), undeclared: false }));
    }
    let Some(cookie) = req.cookie(SESSION_COOKIE) else {
        return Ok(None);
    };
    let (token, today) = (cookie.value().to_owned(), lis.clock.now().date_in_china());
    let resumed = lis
        .db
        .read(move |conn| {
            let Some(open) = session::resume(conn, &token, real)? else { return Ok(None) };
            let undeclared = declaring::is_blocked(conn, &open.actor, today)?;
            Ok(Some((open, undeclared)))
        })
        .await?;
    let Some((open, undeclared)) = resumed else {
        return Ok(None);
    };
    if open.touch {
        // Nobody waits for it: reading must not stand behind whatever is being written.
        let (db, id) = (lis.db.clone(), open.id);
        actix_web::rt::spawn(async move {
            let touched = db.write(move |tx| Ok(store::touch_session(tx.conn, id, real)?)).await;
            if let Err(fault) = touched {
                warn!(%fault, session.id = id.0, "The time of a session's last request was not stored");
            }
        });
    }
    let actor = open.actor.clone().with_origin(device, cause);
    Ok(Some(Recognised { actor, session: Some(open), scopes: None, undeclared }))
}

fn bearer(req: &ServiceRequest) -> Option<String> {
    let value = req.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    value.strip_prefix("Bearer ").map(|token| token.trim().to_owned())
}

/// Address and program of the sender, for the log.
pub fn device_of(req: &HttpRequest) -> String {
    let address = address_of(req).map_or_else(String::new, |address| address.to_string());
    let program = req.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or("");
    // Enough to tell workstations apart; a browser's full text says nothing more.
    let program: String = program.chars().filter(|c| !c.is_control()).take(80).collect();
    format!("{address} {program}").trim().to_owned()
}

/// The address that a request comes from. What the laboratory's own reverse proxy says is believed, nobody else: it puts
/// the address that it sees last.
pub fn address_of(req: &HttpRequest) -> Option<IpAddr> {
    let peer = req.peer_addr()?.ip().to_canonical();
    let proxy = req.app_data::<web::Data<Lis>>().and_then(|lis| lis.config.proxy);
    if proxy != Some(peer) {
        return Some(peer);
    }
    let said = req.headers().get_all("x-forwarded-for").last().and_then(|line| line.to_str().ok());
    let nearest = said.and_then(|line| line.rsplit(',').next()).and_then(|text| text.trim().parse::<IpAddr>().ok());
    Some(nearest.map_or(peer, |address| address.to_canonical()))
}

/// The id under which a request stands in the server's log and in the audit log.
pub fn request_id(req: &HttpRequest) -> String {
    req.extensions().get::<RequestId>().map_or_else(String::new, |id| id.0.clone())
}

fn prepare(req: &ServiceRequest, lis: &Lis, recognised: Option<Recognised>) {
    let menu = crate::front::open_menu();
    let mut viewer = Viewer { laboratory: lis.config.laboratory_name.clone(), menu, ..Viewer::default() };
    if let Some(recognised) = recognised {
        let actor = &recognised.actor;
        viewer.language = Some(actor.language);
        if let Some(open) = &recognised.session {
            viewer.person = Some(actor.name.clone());
            viewer.is_laboratory = actor.is_laboratory();
            viewer.menu = crate::front::menu_of(&actor.roles);
            req.extensions_mut().insert(csrf::Expected(open.csrf.clone()));
        }
        req.extensions_mut().insert(recognised);
    }
    req.extensions_mut().insert(viewer);
}

/// A page or call that everybody may see; `person` is there when the caller is known.
pub struct Anyone {
    pub person: Option<Actor>,
    pub device: String,
    pub address: Option<IpAddr>,
}

impl Gate for Anyone {
    const GATE: &'static str = "anyone";
}

impl FromRequest for Anyone {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let person = req.extensions().get::<Recognised>().map(|recognised| recognised.actor.clone());
        ready(Ok(Self { person, device: device_of(req), address: address_of(req) }))
    }
}

/// A page for every signed-in person: his own account.
pub struct SignedIn {
    pub actor: Actor,
    pub session: OpenSession,
}

impl Gate for SignedIn {
    const GATE: &'static str = "signed_in";
}

impl FromRequest for SignedIn {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let extensions = req.extensions();
        let found = extensions.get::<Recognised>();
        ready(match found {
            Some(Recognised { actor, session: Some(session), .. }) => {
                Ok(Self { actor: actor.clone(), session: session.clone() })
            }
            _ => Err(SIGN_IN_NEEDED.into()),
        })
    }
}

impl<P: Permission> Gate for May<P> {
    const GATE: &'static str = P::CODE;
}

impl<P: Permission> FromRequest for May<P> {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(allowed::<P>(req))
    }
}

/// Pages are hidden from those who may not see them (404): what exists is nobody else's business. A token is told that
/// its scope or its person's role is missing, because its owner has to mend it.
fn allowed<P: Permission>(req: &HttpRequest) -> Result<May<P>, Failure> {
    let extensions = req.extensions();
    let Some(recognised) = extensions.get::<Recognised>() else {
        return Err(SIGN_IN_NEEDED.into());
    };
    if recognised.session.as_ref().is_some_and(|open| open.password_must_change) {
        return Err(super::PASSWORD_MUST_CHANGE.into());
    }
    if recognised.undeclared {
        return Err(DECLARATION_MISSING.into());
    }
    let in_scope = recognised.scopes.as_ref().is_none_or(|scopes| scopes.iter().any(|scope| scope == P::CODE));
    match May::check(&recognised.actor) {
        Some(may) if in_scope => Ok(may),
        _ if recognised.actor.entrance == Entrance::Token => Err(NOT_ALLOWED.with("permission", P::CODE).into()),
        _ => Err(NOT_FOUND.into()),
    }
}
