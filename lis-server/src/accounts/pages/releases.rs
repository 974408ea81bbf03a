//! People who sign nothing because somebody else set their password, and the release of one of them.

use actix_web::web;
use askama::Template;
use serde::Deserialize;

use super::super::actions::PersonSaved;
use super::super::releasing::{self, HeldView, ReleaseInput};
use super::super::role::{May, ReleaseSigning};
use super::super::signing::{Meaning, open_grant};
use crate::app::Lis;
use crate::db::Tx;
use crate::domain::ids::PersonId;
use crate::domain::refusal::{NOT_FOUND, Outcome};
use crate::web::routes::Routes;
use crate::web::ui::FormErrors;
use crate::web::{Answer, Form, Ui, page, refused, refused_page, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/signing-releases", list)
        .get("/signing-releases/{id}", one)
        .post("/signing-releases/{id}", release)
}

#[derive(Template)]
#[template(path = "accounts/pages/releases.html")]
struct ListPage {
    ui: Ui,
    people: Vec<HeldView>,
}

async fn list(_: May<ReleaseSigning>, ui: Ui, lis: web::Data<Lis>) -> Answer {
    let people = lis.db.read(releasing::held).await?;
    page(&ListPage { ui, people }, false)
}

#[derive(Template)]
#[template(path = "accounts/pages/release.html")]
struct OnePage {
    ui: Ui,
    once: String,
    person: HeldView,
    /// The version that the form was opened with.
    version: i64,
    input: ReleaseInput,
    errors: FormErrors,
}

impl OnePage {
    fn is_forgotten(&self) -> bool {
        self.input.forgotten.as_deref() == Some("true")
    }
}

/// Only who is held: the others are nobody's business here.
async fn one_page(lis: &Lis, ui: Ui, id: PersonId) -> Outcome<OnePage> {
    let people = lis.db.read(releasing::held).await?;
    let person = people.into_iter().find(|person| person.id == id).ok_or(NOT_FOUND)?;
    let (version, input, errors) = (person.version, ReleaseInput::default(), FormErrors::default());
    Ok(OnePage { once: ui.once(), version, person, input, errors, ui })
}

async fn one(_: May<ReleaseSigning>, ui: Ui, lis: web::Data<Lis>, id: web::Path<PersonId>) -> Answer {
    page(&one_page(&lis, ui, *id).await?, false)
}

/// The page's form, with the signing password where no grant is open.
#[derive(Deserialize, Default)]
#[serde(default)]
struct ReleaseForm {
    reason: String,
    forgotten: Option<String>,
    signing_password: String,
}

async fn release(
    by: May<ReleaseSigning>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<PersonId>,
    form: Form<ReleaseForm>,
) -> Answer {
    let Form { input: ReleaseForm { reason, forgotten, signing_password }, request, seen } = form;
    let (id, seen, input) = (*id, seen.required()?, ReleaseInput { reason, forgotten });
    let (actor, who) = (by.clone(), by.clone());
    let checked = match input.checked() {
        Ok(facts) if !signing_password.is_empty() => {
            refused(open_grant(&lis, &actor, Meaning::Released, &signing_password).await)?.map(|_| facts)
        }
        checked => checked,
    };
    let outcome = match checked {
        Ok(facts) => {
            let real = lis.clock.real();
            let work =
                move |tx: &mut Tx| -> Outcome<PersonSaved> { releasing::release(tx, &who, id, seen, &facts, real) };
            refused(lis.command(&actor, &request, work).await)?
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(_) => Ok(see_other("/signing-releases", Some("done-signing-released"))),
        Err(refusal) => {
            let mut shown = one_page(&lis, ui, id).await?;
            shown.errors = FormErrors::of(&refusal, shown.ui.language);
            // Sent again, the form meets the same refusal until the page is opened anew.
            shown.version = seen;
            shown.input = input;
            refused_page(&shown, &refusal)
        }
    }
}
