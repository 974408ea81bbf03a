//! One's own account: the roles one has, the password, the signing password.

use actix_web::web;
use askama::Template;
use serde::Deserialize;

use super::super::confirming::{self, Given};
use super::super::extract::SignedIn;
use super::super::role::Role;
use super::super::store::PersonRow;
use super::super::{actions, secrets};
use super::own_row;
use crate::app::Lis;
use crate::domain::refusal::Outcome;
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
    /// Whether one of the roles signs anything.
    signs: bool,
    /// Of the form of the account's own password.
    errors: FormErrors,
    /// Of the form of the signing password; both ask for the current one.
    signing_errors: FormErrors,
}

impl AccountPage {
    /// Tells the current password of the two forms apart. The summary of errors leads to a plain id: the form that came back
    /// has it.
    fn part(&self, form: &'static str) -> &'static str {
        let came_back = if self.signing_errors.list().is_empty() { "password" } else { "signing" };
        if form == came_back { "" } else { form }
    }

    /// What the signing password to be set is called: a new one, where there is one.
    fn signing_label(&self) -> String {
        self.ui.t(if self.me.signing_hash.is_some() { "field-new-signing-password" } else { "field-signing-password" })
    }
}

async fn account(by: SignedIn, ui: Ui, lis: web::Data<Lis>) -> Answer {
    let me = own_row(&lis, by.actor.person).await?;
    page(&account_page(ui, &by, me), false)
}

fn account_page(ui: Ui, by: &SignedIn, me: PersonRow) -> AccountPage {
    let roles = by.actor.roles.iter().map(|role| ui.t(&role.word())).collect();
    let (errors, signing_errors) = (FormErrors::default(), FormErrors::default());
    let signs = by.actor.roles.iter().any(|role| role.is_laboratory() && *role != Role::Administrator);
    AccountPage { roles, must_change: me.password_must_change, signs, me, errors, signing_errors, ui }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct OwnPasswordInput {
    current_password: String,
    new_password: String,
    current_signing_password: String,
    signing_password: String,
}

async fn change_password(by: SignedIn, ui: Ui, lis: web::Data<Lis>, form: Form<OwnPasswordInput>) -> Answer {
    let me = own_row(&lis, by.actor.person).await?;
    let input = form.input;
    let seen = me.password_hash.clone();
    let given = vec![current(&me, &input.current_password)];
    let checked = check_and_hash(&lis, &by, &me, given, input.new_password, "new_password").await;
    let outcome = match refused(checked)? {
        Ok(hash) => {
            let actor = by.actor.clone();
            refused(lis.db.write(move |tx| actions::change_own_password(tx, &actor, &seen, &hash)).await)?
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(()) => Ok(see_other("/account", Some("done-password-changed"))),
        Err(refusal) => {
            let errors = FormErrors::of(&refusal, ui.language);
            page(&AccountPage { errors, ..account_page(ui, &by, me) }, true)
        }
    }
}

async fn set_signing_password(by: SignedIn, ui: Ui, lis: web::Data<Lis>, form: Form<OwnPasswordInput>) -> Answer {
    let me = own_row(&lis, by.actor.person).await?;
    let input = form.input;
    let seen = me.clone();
    let mut given = vec![current(&me, &input.current_password)];
    // Who sits at somebody's open session, or knows his password, does not get his signature with it.
    given.extend(me.signing_hash.clone().map(|hash| Given {
        field: "current_signing_password",
        typed: input.current_signing_password,
        hash,
    }));
    let checked = check_and_hash(&lis, &by, &me, given, input.signing_password, "signing_password").await;
    let outcome = match refused(checked)? {
        Ok(hash) => {
            let actor = by.actor.clone();
            refused(lis.db.write(move |tx| actions::set_signing_password(tx, &actor, &seen, &hash)).await)?
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(()) => Ok(see_other("/account", Some("done-signing-password-set"))),
        Err(refusal) => {
            let signing_errors = FormErrors::of(&refusal, ui.language);
            page(&AccountPage { signing_errors, ..account_page(ui, &by, me) }, true)
        }
    }
}

fn current(me: &PersonRow, typed: &str) -> Given {
    Given { field: confirming::CURRENT, typed: typed.to_owned(), hash: me.password_hash.clone() }
}

/// The hash of the new password, when the old ones are right and it may be used; the first of `given` is the account's.
async fn check_and_hash(
    lis: &Lis,
    by: &SignedIn,
    me: &PersonRow,
    given: Vec<Given>,
    new: String,
    field: &'static str,
) -> Outcome<String> {
    let current = given.first().map(|one| one.typed.clone()).unwrap_or_default();
    let mut reasons = actions::check_own_password(me, &current, &new, field);
    reasons.take(confirming::confirm(lis, &by.actor, given).await?);
    reasons.none()?;
    secrets::hashed(new).await
}
