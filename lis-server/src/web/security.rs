//! Headers that every answer carries, and the fence against requests from foreign pages.

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;

use super::csrf;
use super::problem::Failure;
use super::reading::address_has_nul;
use crate::domain::refusal::{FIELD_INVALID, FIELD_TOO_LONG};

/// The cookie that carries a session's token.
pub const SESSION_COOKIE: &str = "lis_session";

/// No inline script, no inline style, nothing from elsewhere, in no frame (ASVS 5.0, 3.4).
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
                      connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const HEADERS: &[(&str, &str)] = &[
    ("content-security-policy", POLICY),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
];

/// Pages show data of one person: nobody on the way keeps them.
const NO_STORE: (&str, &str) = ("cache-control", "no-store");

/// Longest address with its question, in bytes: a filter with every field filled in has a few hundred, and a database breaks
/// down over the search for a text of 50,000.
const ADDRESS_MOST: usize = 8192;

pub async fn guard(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    if !csrf::comes_from_here(&req) {
        return Ok(req.error_response(Failure::from(csrf::FOREIGN_ORIGIN)).map_into_boxed_body());
    }
    let address = req.uri().path_and_query().map_or("", |address| address.as_str());
    if address_has_nul(address) {
        let reason = FIELD_INVALID.at("address").with_word("expected", "expected-printable");
        return Ok(req.error_response(Failure::from(reason)).map_into_boxed_body());
    }
    if address.len() > ADDRESS_MOST {
        let reason = FIELD_TOO_LONG.with("limit", ADDRESS_MOST).at("address");
        return Ok(req.error_response(Failure::from(reason)).map_into_boxed_body());
    }
    Ok(next.call(req).await?.map_into_boxed_body())
}

pub async fn headers(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let mut res = next.call(req).await?;
    let map = res.headers_mut();
    for (name, value) in HEADERS {
        map.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    let name = HeaderName::from_static(NO_STORE.0);
    if !map.contains_key(&name) {
        map.insert(name, HeaderValue::from_static(NO_STORE.1));
    }
    Ok(res)
}
