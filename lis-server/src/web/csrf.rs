//! Requests that change something must come from a page of this server. Two fences: the browser's own word about the
//! origin (`Sec-Fetch-Site`, else `Origin` compared with `Host`), and for signed-in people a token in every form.

use actix_web::HttpMessage;
use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::http::header;

use crate::domain::refusal::Problem;

pub const FOREIGN_ORIGIN: Problem = Problem::new("foreign-origin", 403);
pub const FORM_OUTDATED: Problem = Problem::new("form-outdated", 403);

/// Codes declared here.
pub const PROBLEMS: &[Problem] = &[FOREIGN_ORIGIN, FORM_OUTDATED];

/// The token that forms of this session must carry. Put into the request when the session is recognised.
#[derive(Clone)]
pub struct Expected(pub String);

/// Whether a request is safe to run as far as its origin goes.
pub fn comes_from_here(req: &ServiceRequest) -> bool {
    let safe = matches!(*req.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if safe || req.headers().contains_key(header::AUTHORIZATION) {
        // A token in a header is never sent by a browser on its own.
        return true;
    }
    let text = |name: &str| req.headers().get(name).and_then(|value| value.to_str().ok());
    match text("sec-fetch-site") {
        Some(site) => matches!(site, "same-origin" | "none"),
        None => match (text("origin"), text("host")) {
            (Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, from)| from == host),
            (Some(_), None) => false,
            // Neither word: not a browser of the last five years. The form's token still guards sessions.
            (None, _) => true,
        },
    }
}

/// The token of the session, if the request has one.
pub fn expected(req: &impl HttpMessage) -> Option<String> {
    req.extensions().get::<Expected>().map(|expected| expected.0.clone())
}
