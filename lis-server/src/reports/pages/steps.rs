//! What the page of a report does: review, opinion, return of an item, authorization, withdrawal.

use actix_web::web;
use serde::Deserialize;

use super::super::actions::{self, OpinionInput, ReasonInput, Recaller, ReportSaved, ReportSigningInput, ReturnInput};
use super::super::api::before;
use super::super::document::Letterhead;
use super::{Typed, show};
use crate::accounts::Actor;
use crate::accounts::role::{AuthorizeReports, GiveOpinions, May, ReviewReports};
use crate::app::Lis;
use crate::db::Tx;
use crate::domain::ids::ReportId;
use crate::domain::refusal::{NOT_FOUND, Outcome};
use crate::web::routes::Routes;
use crate::web::{Answer, Form, Ui, refused, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .post("/reports/{id}/review", review)
        .post("/reports/{id}/opinion", give_opinion)
        .post("/reports/{id}/return-item", return_item)
        .post("/reports/{id}/authorize", authorize)
        .post("/reports/{id}/send-back", send_back)
        .post("/reports/{id}/withdraw", withdraw)
}

/// A step that a page asked for: on to the report, or the report again with every reason.
async fn answer(
    who: &Actor,
    ui: Ui,
    lis: &Lis,
    id: ReportId,
    done: Outcome<ReportSaved>,
    (notice, typed): (&str, Typed),
) -> Answer {
    match refused(done)? {
        Ok(_) => Ok(see_other(&format!("/reports/{id}"), Some(notice))),
        Err(refusal) if refusal.reasons.iter().any(|reason| reason.problem == NOT_FOUND) => Err(refusal.into()),
        Err(refusal) => show(who, ui, lis, id, Some(refusal), typed).await,
    }
}

async fn review(
    by: May<ReviewReports>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<ReportId>,
    form: Form<ReportSigningInput>,
) -> Answer {
    let (id, seen, real, actor) = (*id, form.seen.required()?, lis.clock.real(), by.clone());
    let done = match form.input.checked() {
        Ok(confirmation) => {
            let before = before(&lis, by.person, confirmation).await?;
            let work = move |tx: &mut Tx| actions::review(tx, &by, &before, (id, seen), real);
            lis.command(&actor, &form.request, work).await
        }
        Err(refusal) => Err(refusal.into()),
    };
    let typed = Typed { confirmation: form.input.confirmation, ..Typed::default() };
    answer(&actor, ui, &lis, id, done, ("done-report-reviewed", typed)).await
}

async fn give_opinion(
    by: May<GiveOpinions>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<ReportId>,
    form: Form<OpinionInput>,
) -> Answer {
    let (id, seen, actor) = (*id, form.seen.required()?, by.clone());
    let done = match form.input.checked() {
        Ok(facts) => {
            let work = move |tx: &mut Tx| actions::give_opinion(tx, &by, id, seen, &facts);
            lis.command(&actor, &form.request, work).await
        }
        Err(refusal) => Err(refusal.into()),
    };
    let typed = Typed { opinion: Some(form.input), ..Typed::default() };
    answer(&actor, ui, &lis, id, done, ("done-opinion-given", typed)).await
}

/// The page's form of a return: the item with the version that was shown, `ID:VERSION`.
#[derive(Deserialize, Default)]
#[serde(default)]
struct ReturnForm {
    item: String,
    reason: String,
}

impl ReturnForm {
    fn input(&self) -> ReturnInput {
        let seen = self.item.split_once(':').and_then(|(id, version)| Some((id.parse().ok()?, version.parse().ok()?)));
        // One choice on the page is two fields of the input: without it, the item alone is missing.
        let (item, item_version) = seen.map_or((None, Some(0)), |(id, version)| (Some(id), Some(version)));
        ReturnInput { item, item_version, reason: self.reason.clone() }
    }
}

async fn return_item(
    by: May<ReviewReports>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<ReportId>,
    form: Form<ReturnForm>,
) -> Answer {
    let (id, seen, actor, input) = (*id, form.seen.required()?, by.clone(), form.input);
    let done = match input.input().checked() {
        Ok(wanted) => {
            lis.command(&actor, &form.request, move |tx| actions::return_item(tx, &by, id, seen, &wanted)).await
        }
        Err(refusal) => Err(refusal.into()),
    };
    let typed = Typed { item: input.item, ..Typed::default() };
    answer(&actor, ui, &lis, id, done, ("done-item-returned", typed)).await
}

async fn authorize(
    by: May<AuthorizeReports>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<ReportId>,
    form: Form<ReportSigningInput>,
) -> Answer {
    let (id, seen, real, actor) = (*id, form.seen.required()?, lis.clock.real(), by.clone());
    let done = match form.input.checked() {
        Ok(confirmation) => {
            let (letterhead, before) = (Letterhead::of(&lis.config), before(&lis, by.person, confirmation).await?);
            let work = move |tx: &mut Tx| actions::authorize(tx, &by, &letterhead, &before, (id, seen), real);
            lis.command(&actor, &form.request, work).await
        }
        Err(refusal) => Err(refusal.into()),
    };
    let typed = Typed { confirmation: form.input.confirmation, ..Typed::default() };
    answer(&actor, ui, &lis, id, done, ("done-report-authorized", typed)).await
}

async fn send_back(
    by: May<AuthorizeReports>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<ReportId>,
    form: Form<ReasonInput>,
) -> Answer {
    let (id, seen, actor, input) = (*id, form.seen.required()?, by.clone(), form.input);
    let done = match input.checked() {
        Ok(reason) => {
            lis.command(&actor, &form.request, move |tx| actions::send_back(tx, &by, id, seen, &reason)).await
        }
        Err(refusal) => Err(refusal.into()),
    };
    answer(&actor, ui, &lis, id, done, ("done-report-sent-back", Typed::default())).await
}

async fn withdraw(
    by: May<AuthorizeReports>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<ReportId>,
    form: Form<ReasonInput>,
) -> Answer {
    let (id, seen, actor, input) = (*id, form.seen.required()?, by.clone(), form.input);
    let done = match input.checked() {
        Ok(reason) => {
            let recaller = Recaller::of(&lis.config);
            let work = move |tx: &mut Tx| actions::withdraw(tx, &by, &recaller, (id, seen), &reason);
            lis.command(&actor, &form.request, work).await
        }
        Err(refusal) => Err(refusal.into()),
    };
    answer(&actor, ui, &lis, id, done, ("done-report-withdrawn", Typed::default())).await
}
