//! One's own account: the roles one has, the password, the signing password.

use actix_web::web;
use askama::Template;
use serde::Deserialize;

use super::super::extract::SignedIn;
use super::super::store::PersonRow;
use super::super::{actions, secrets};
use super::own_row;
use crate::app::Lis;
use crate::domain::refusal::{Fault, Outcome, Refusal};
use crate::web::routes::Routes;
use crate::web::ui::FormErrors;
use crate::web::{Answer, Form, Ui, page, refused, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/account", account)
        .post("/account/password", change_password)
        .post("/account/signing-password", set_signing_password)
}

#[derive(Template)]
#[template(path = "accounts/pages/account.html")]
struct AccountPage {
    ui: Ui,
    me: PersonRow,
    roles: Vec<String>,
    must_change: bool,
    errors: FormErrors,
}

async fn account(by: SignedIn, ui: Ui, lis: web::Data<Lis>) -> Answer {
    let me = own_row(&lis, by.actor.person).await?;
    page(&account_page(ui, &by, me, FormErrors::default()), false)
}

fn account_page(ui: Ui, by: &SignedIn, me: PersonRow, errors: FormErrors) -> AccountPage {
    let roles = by.actor.roles.iter().map(|role| ui.t(&role.word())).collect();
    AccountPage { roles, must_change: me.password_must_change, me, errors, ui }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct OwnPasswordInput {
    current_password: String,
    new_password: String,
    signing_password: String,
}

async fn change_password(by: SignedIn, ui: Ui, lis: web::Data<Lis>, form: Form<OwnPasswordInput>) -> Answer {
    let me = own_row(&lis, by.actor.person).await?;
    let input = form.input;
    let seen = me.password_hash.clone();
    let checked = check_and_hash(&me, input.current_password, input.new_password, "new_password").await;
    let outcome = match refused(checked)? {
        Ok(hash) => {
            let actor = by.actor.clone();
            refused(lis.db.write(move |tx| actions::change_own_password(tx, &actor, &seen, &hash)).await)?
        }
        Err(refusal) => Err(refusal),
    };
    own_password_answer(ui, &by, me, outcome, "done-password-changed")
}

async fn set_signing_password(by: SignedIn, ui: Ui, lis: web::Data<Lis>, form: Form<OwnPasswordInput>) -> Answer {
    let me = own_row(&lis, by.actor.person).await?;
    let input = form.input;
    let seen = me.password_hash.clone();
    let checked = check_and_hash(&me, input.current_password, input.signing_password, "signing_password").await;
    let outcome = match refused(checked)? {
        Ok(hash) => {
            let actor = by.actor.clone();
            refused(lis.db.write(move |tx| actions::set_signing_password(tx, &actor, &seen, &hash)).await)?
        }
        Err(refusal) => Err(refusal),
    };
    own_password_answer(ui, &by, me, outcome, "done-signing-password-set")
}

async fn check_and_hash(me: &PersonRow, current: String, new: String, field: &'static str) -> Outcome<String> {
    let me = me.clone();
    tokio::task::spawn_blocking(move || {
        actions::check_own_passwords(&me, &current, &new, field)?;
        secrets::hash_password(&new)
    })
    .await
    .map_err(Fault::broken)?
}

fn own_password_answer(ui: Ui, by: &SignedIn, me: PersonRow, outcome: Result<(), Refusal>, done: &str) -> Answer {
    match outcome {
        Ok(()) => Ok(see_other("/account", Some(done))),
        Err(refusal) => {
            let errors = FormErrors::of(&refusal, ui.language);
            page(&account_page(ui, by, me, errors), true)
        }
    }
}
