//! The note of a rejection as a file.

use actix_web::web;

use super::super::rejection;
use crate::accounts::extract::SignedIn;
use crate::accounts::{Actor, PASSWORD_MUST_CHANGE};
use crate::app::Lis;
use crate::domain::ids::SampleId;
use crate::domain::refusal::Fault;
use crate::web::Answer;
use crate::web::answer::pdf;
use crate::web::routes::Routes;

pub fn routes() -> Routes {
    Routes::new().get("/rejection-notes/{id}/pdf", note)
}

async fn note(by: SignedIn, lis: web::Data<Lis>, id: web::Path<SampleId>) -> Answer {
    if by.session.password_must_change {
        return Err(PASSWORD_MUST_CHANGE.into());
    }
    note_file(&lis, by.actor, *id).await
}

/// The note about a sample, for whom it concerns; for everybody else there is none.
pub(in crate::samples) async fn note_file(lis: &Lis, who: Actor, id: SampleId) -> Answer {
    let (sha256, receipt_no) = lis.db.read(move |conn| rejection::of_sample(conn, &who, id)).await?;
    let files = lis.files.clone();
    let bytes = web::block(move || files.get(&sha256)).await.map_err(Fault::broken)?;
    Ok(pdf(bytes.map_err(Fault::from)?, &format!("{receipt_no}.pdf")))
}
