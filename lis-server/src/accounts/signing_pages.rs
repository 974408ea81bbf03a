//! The page that asks for the signing password. A page that offers to sign shows the same form in its own place
//! (`accounts/pages/signing.html`) and gets the person back when the grant is open.

use actix_web::web;
use askama::Template;
use serde::Deserialize;

use super::extract::SignedIn;
use super::pages::own_path;
use super::signing::{self, Meaning};
use crate::app::Lis;
use crate::domain::refusal::{FIELD_INVALID, Outcome, Refusal};
use crate::web::routes::Routes;
use crate::web::ui::FormErrors;
use crate::web::{Answer, Form, Ui, page, refused, see_other};

pub fn routes() -> Routes {
    Routes::new().get("/signing", ask).post("/signing", open)
}

/// What is to be signed, and the page to go back to.
#[derive(Deserialize, Default)]
#[serde(default)]
struct SigningInput {
    meaning: String,
    back: String,
    signing_password: String,
}

impl SigningInput {
    fn meaning(&self) -> Result<Meaning, Refusal> {
        Meaning::parse(&self.meaning)
            .ok_or_else(|| FIELD_INVALID.at("meaning").with_word("expected", "expected-meaning").into())
    }
}

#[derive(Template)]
#[template(path = "accounts/pages/signing_page.html")]
struct SigningPage {
    ui: Ui,
    title: String,
    code: &'static str,
    sentence: String,
    back: String,
    errors: FormErrors,
}

fn signing_page(ui: Ui, meaning: Meaning, back: String, errors: FormErrors) -> SigningPage {
    let sentence = ui.t(&format!("signing-sentence-{}", meaning.code()));
    SigningPage { title: ui.t(&meaning.word()), code: meaning.code(), sentence, back, errors, ui }
}

async fn ask(_: SignedIn, ui: Ui, query: web::Query<SigningInput>) -> Answer {
    let back = own_path(&query.back).to_owned();
    page(&signing_page(ui, query.meaning()?, back, FormErrors::default()), false)
}

async fn open(by: SignedIn, ui: Ui, lis: web::Data<Lis>, form: Form<SigningInput>) -> Answer {
    let input = form.input;
    let meaning = input.meaning()?;
    let back = own_path(&input.back).to_owned();
    let opened: Outcome<_> = signing::open_grant(&lis, &by.actor, meaning, &input.signing_password).await;
    match refused(opened)? {
        Ok(_) => Ok(see_other(&back, Some("done-signing-opened"))),
        Err(refusal) => {
            let errors = FormErrors::of(&refusal, ui.language);
            page(&signing_page(ui, meaning, back, errors), true)
        }
    }
}
