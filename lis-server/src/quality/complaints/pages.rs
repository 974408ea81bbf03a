//! Pages of complaints: the list with the form that takes one, and one complaint with its next step.

use actix_web::web;
use askama::Template;
use chrono::NaiveDate;

use super::actions::{self, ComplaintDecisionInput, ComplaintInput, ComplaintSaved, ComplaintView, Limits, TellInput};
use super::state::Decision;
use crate::accounts::May;
use crate::accounts::role::HandleComplaints;
use crate::app::Lis;
use crate::db::Tx;
use crate::domain::ids::ComplaintId;
use crate::domain::refusal::{Outcome, Refusal};
use crate::quality::pages::choices;
use crate::web::routes::Routes;
use crate::web::ui::{Choice, FormErrors};
use crate::web::{Answer, Form, Ui, page, refused, refused_page, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/complaints", list)
        .post("/complaints", receive)
        .get("/complaints/{id}", one)
        .post("/complaints/{id}/acknowledgement", acknowledge)
        .post("/complaints/{id}/decision", decide)
        .post("/complaints/{id}/outcome", tell)
}

/// Rows on the page.
const PAGE_ROWS: i64 = 100;

#[derive(Template)]
#[template(path = "quality/complaints/list.html")]
struct ListPage {
    ui: Ui,
    once: String,
    complaints: Vec<ComplaintView>,
    today: NaiveDate,
    input: ComplaintInput,
    errors: FormErrors,
}

async fn list_page(lis: &Lis, ui: Ui, input: ComplaintInput, refusal: Option<&Refusal>) -> Outcome<ListPage> {
    let complaints = lis.db.read(|conn| actions::complaints(conn, i64::MAX, PAGE_ROWS)).await?;
    let errors = refusal.map(|refusal| FormErrors::of(refusal, ui.language)).unwrap_or_default();
    Ok(ListPage { once: ui.once(), complaints, today: lis.clock.now().date_in_china(), input, errors, ui })
}

async fn list(_: May<HandleComplaints>, ui: Ui, lis: web::Data<Lis>) -> Answer {
    page(&list_page(&lis, ui, ComplaintInput::default(), None).await?, false)
}

async fn receive(by: May<HandleComplaints>, ui: Ui, lis: web::Data<Lis>, form: Form<ComplaintInput>) -> Answer {
    let (actor, limits) = (by.clone(), Limits::of(&lis.config));
    let outcome = match form.input.checked() {
        Ok(facts) => {
            let work = move |tx: &mut Tx| actions::receive(tx, &by, limits, &facts);
            refused(lis.command(&actor, &form.request, work).await)?
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(saved) => Ok(see_other(&format!("/complaints/{}", saved.id), Some("done-complaint-received"))),
        Err(refusal) => refused_page(&list_page(&lis, ui, form.input, Some(&refusal)).await?, &refusal),
    }
}

#[derive(Template)]
#[template(path = "quality/complaints/one.html")]
struct OnePage {
    ui: Ui,
    once: String,
    complaint: ComplaintView,
    today: NaiveDate,
    decisions: Vec<Choice>,
    decided: ComplaintDecisionInput,
    told: TellInput,
    errors: FormErrors,
}

/// What had been typed into the form of a step that came back.
#[derive(Default)]
struct Typed {
    decided: ComplaintDecisionInput,
    told: TellInput,
}

async fn one_page(lis: &Lis, ui: Ui, id: ComplaintId, typed: Typed, refusal: Option<&Refusal>) -> Outcome<OnePage> {
    let complaint = lis.db.read(move |conn| actions::complaint(conn, id)).await?;
    let codes = [Decision::Justified, Decision::Unjustified].map(Decision::code);
    Ok(OnePage {
        once: ui.once(),
        complaint,
        today: lis.clock.now().date_in_china(),
        decisions: choices(&ui, "complaint-decision", &codes),
        decided: typed.decided,
        told: typed.told,
        errors: refusal.map(|refusal| FormErrors::of(refusal, ui.language)).unwrap_or_default(),
        ui,
    })
}

async fn one(_: May<HandleComplaints>, ui: Ui, lis: web::Data<Lis>, id: web::Path<ComplaintId>) -> Answer {
    page(&one_page(&lis, ui, *id, Typed::default(), None).await?, false)
}

/// The page after a step: the complaint with a word about it, or the form with what was wrong.
async fn after(lis: &Lis, ui: Ui, id: ComplaintId, outcome: Result<ComplaintSaved, Refusal>, typed: Typed) -> Answer {
    match outcome {
        Ok(_) => Ok(see_other(&format!("/complaints/{id}"), Some("done-complaint-saved"))),
        Err(refusal) => refused_page(&one_page(lis, ui, id, typed, Some(&refusal)).await?, &refusal),
    }
}

async fn acknowledge(
    by: May<HandleComplaints>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<ComplaintId>,
    form: Form<Vec<(String, String)>>,
) -> Answer {
    let (id, seen, actor) = (*id, form.seen.required()?, by.clone());
    let step = move |tx: &mut Tx| actions::acknowledge(tx, &by, id, seen);
    let outcome = refused(lis.command(&actor, &form.request, step).await)?;
    after(&lis, ui, id, outcome, Typed::default()).await
}

async fn decide(
    by: May<HandleComplaints>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<ComplaintId>,
    form: Form<ComplaintDecisionInput>,
) -> Answer {
    let (id, seen, actor) = (*id, form.seen.required()?, by.clone());
    let outcome = match form.input.checked() {
        Ok(decision) => {
            let step = move |tx: &mut Tx| actions::decide(tx, &by, id, seen, &decision);
            refused(lis.command(&actor, &form.request, step).await)?
        }
        Err(refusal) => Err(refusal),
    };
    after(&lis, ui, id, outcome, Typed { decided: form.input, ..Typed::default() }).await
}

async fn tell(
    by: May<HandleComplaints>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<ComplaintId>,
    form: Form<TellInput>,
) -> Answer {
    let (id, seen, actor) = (*id, form.seen.required()?, by.clone());
    let outcome = match form.input.checked() {
        Ok(how) => {
            let step = move |tx: &mut Tx| actions::tell(tx, &by, id, seen, &how);
            refused(lis.command(&actor, &form.request, step).await)?
        }
        Err(refusal) => Err(refusal),
    };
    after(&lis, ui, id, outcome, Typed { told: form.input, ..Typed::default() }).await
}
