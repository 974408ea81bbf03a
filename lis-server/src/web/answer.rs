//! Small answers that pages and programs are given.

use actix_web::http::StatusCode;
use actix_web::http::header::{ETAG, LOCATION};
use actix_web::{HttpResponse, HttpResponseBuilder};
use askama::Template;
use serde::Serialize;

use super::labels;
use super::problem::Answer;
use super::ui::NOTICE_FIELD;
use crate::domain::refusal::{Fault, Outcome, Refusal};

/// An answer that sends the browser on; `done` is the message key that the next page shows.
pub fn see_other(to: &str, done: Option<&str>) -> HttpResponse {
    let to = match done {
        Some(key) => format!("{to}{}{NOTICE_FIELD}={key}", if to.contains('?') { '&' } else { '?' }),
        None => to.to_owned(),
    };
    HttpResponse::SeeOther().insert_header((LOCATION, to)).finish()
}

/// JSON of an object with its version as the entity tag that a later change names.
pub fn versioned(mut answer: HttpResponseBuilder, version: i64, body: &impl Serialize) -> Answer {
    Ok(answer.insert_header((ETAG, format!("\"{version}\""))).json(body))
}

/// A rendered page; a form that came back says with its status that it was refused.
pub fn page(template: &impl Template, refused: bool) -> Answer {
    page_with(template, if refused { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK })
}

/// A form that came back, with the status of what refused it: 412 tells that someone else was faster.
pub fn refused_page(template: &impl Template, refusal: &Refusal) -> Answer {
    page_with(template, StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY))
}

fn page_with(template: &impl Template, status: StatusCode) -> Answer {
    let html = labels::put_in(template.render().map_err(Fault::broken)?);
    Ok(HttpResponse::build(status).content_type("text/html; charset=utf-8").body(html))
}

/// A printed document, to be shown or printed by the browser.
pub fn pdf(bytes: Vec<u8>, name: &str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/pdf")
        .insert_header(("Content-Disposition", format!("inline; filename=\"{name}\"")))
        .body(bytes)
}

/// The refusal of an outcome, so that a form can come back with it; anything else goes on as an error.
pub fn refused<T>(outcome: Outcome<T>) -> Result<Result<T, Refusal>, Fault> {
    match outcome {
        Ok(done) => Ok(Ok(done)),
        Err(Fault::Refused(refusal)) => Ok(Err(refusal)),
        Err(fault) => Err(fault),
    }
}
