//! Small answers that all pages give.

use actix_web::HttpResponse;
use actix_web::http::header::LOCATION;
use askama::Template;

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

/// A rendered page.
pub fn page(template: &impl Template, refused: bool) -> Answer {
    let html = template.render().map_err(Fault::broken)?;
    let mut answer = if refused { HttpResponse::UnprocessableEntity() } else { HttpResponse::Ok() };
    Ok(answer.content_type("text/html; charset=utf-8").body(html))
}

/// The refusal of an outcome, so that a form can come back with it; anything else goes on as an error.
pub fn refused<T>(outcome: Outcome<T>) -> Result<Result<T, Refusal>, Fault> {
    match outcome {
        Ok(done) => Ok(Ok(done)),
        Err(Fault::Refused(refusal)) => Ok(Err(refusal)),
        Err(fault) => Err(fault),
    }
}
