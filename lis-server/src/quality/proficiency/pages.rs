//! The page of proficiency tests: the list, the form that records a round, and the click that opens non-conforming work.

use actix_web::web;
use askama::Template;

use super::actions::{self, RoundInput, RoundView};
use crate::accounts::May;
use crate::accounts::role::ManageQuality;
use crate::app::Lis;
use crate::db::Tx;
use crate::domain::ids::{PersonId, RoundId};
use crate::domain::refusal::{Outcome, Refusal};
use crate::quality::competence::actions::people;
use crate::web::routes::Routes;
use crate::web::ui::{Choice, FormErrors};
use crate::web::{Answer, Form, Ui, page, refused, refused_page, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/quality/proficiency", list)
        .post("/quality/proficiency", record)
        .post("/quality/proficiency/{id}/work", open_work)
}

/// Rows on the page.
const PAGE_ROWS: i64 = 200;

#[derive(Template)]
#[template(path = "quality/proficiency/list.html")]
struct ListPage {
    ui: Ui,
    once: String,
    rounds: Vec<RoundView>,
    people: Vec<Choice>,
    input: RoundInput,
    errors: FormErrors,
}

async fn list_page(lis: &Lis, ui: Ui, input: RoundInput, refusal: Option<&Refusal>) -> Outcome<ListPage> {
    let (rounds, people) =
        lis.db.read(|conn| Ok((actions::rounds(conn, None, i64::MAX, PAGE_ROWS)?, people(conn)?))).await?;
    let choice = |(id, name): (PersonId, String)| Choice { value: id.to_string(), label: name, chosen: false };
    let people = people.into_iter().map(choice).collect();
    let errors = refusal.map(|refusal| FormErrors::of(refusal, ui.language)).unwrap_or_default();
    Ok(ListPage { once: ui.once(), rounds, people, input, errors, ui })
}

async fn list(_: May<ManageQuality>, ui: Ui, lis: web::Data<Lis>) -> Answer {
    page(&list_page(&lis, ui, RoundInput::default(), None).await?, false)
}

async fn record(by: May<ManageQuality>, ui: Ui, lis: web::Data<Lis>, form: Form<RoundInput>) -> Answer {
    let actor = by.clone();
    let outcome = match form.input.checked() {
        Ok(facts) => {
            let work = move |tx: &mut Tx| actions::record(tx, &by, &facts);
            refused(lis.command(&actor, &form.request, work).await)?
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(_) => Ok(see_other("/quality/proficiency", Some("done-proficiency-recorded"))),
        Err(refusal) => refused_page(&list_page(&lis, ui, form.input, Some(&refusal)).await?, &refusal),
    }
}

async fn open_work(
    by: May<ManageQuality>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<RoundId>,
    form: Form<Vec<(String, String)>>,
) -> Answer {
    let (id, seen, actor) = (*id, form.seen.required()?, by.clone());
    let work = move |tx: &mut Tx| actions::open_work_on(tx, &by, id, seen);
    match refused(lis.command(&actor, &form.request, work).await)? {
        Ok(opened) => Ok(see_other(&format!("/quality/work/{}", opened.id), Some("done-work-opened"))),
        Err(refusal) => refused_page(&list_page(&lis, ui, RoundInput::default(), Some(&refusal)).await?, &refusal),
    }
}
