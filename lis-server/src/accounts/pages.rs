//! Pages of accounts: signing in and out, one's own account, people.

use actix_web::cookie::{Cookie, SameSite, time};
use actix_web::web;
use askama::Template;
use serde::Deserialize;

use super::actions::{self, PersonInput, PersonSaved, TokenInput};
use super::extract::{Anyone, SESSION_COOKIE, SignedIn};
use super::role::{ManageAccounts, May, PERMISSIONS, Role};
use super::secrets;
use super::store::{self, PersonRow, RegionRow, TokenRow};
use crate::app::Lis;
use crate::domain::ids::{PersonId, TokenId};
use crate::domain::refusal::{Fault, NOT_FOUND, Outcome, Refusal};
use crate::web::language::Language;
use crate::web::routes::Routes;
use crate::web::ui::{Choice, Conflict, FormErrors, LANGUAGE_COOKIE};
use crate::web::{Answer, Form, Ui, page, refused, refused_page, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/sign-in", sign_in_form)
        .post("/sign-in", sign_in)
        .post("/sign-out", sign_out)
        .get("/language/{language}", choose_language)
        .get("/account", account)
        .post("/account/password", change_password)
        .post("/account/signing-password", set_signing_password)
        .get("/people", people)
        .get("/people/new", new_person)
        .post("/people", create_person)
        .get("/people/{id}", person)
        .post("/people/{id}", change_person)
        .post("/people/{id}/password", reset_password)
        .post("/people/{id}/tokens", create_token)
        .post("/people/{id}/tokens/{token}/revoke", revoke_token)
}

/// People on one page of the list.
const PAGE_ROWS: i64 = 50;

/// Only a path of this server: a link cannot send people elsewhere after signing in.
fn own_path(path: &str) -> &str {
    let own = path.starts_with('/') && !path.starts_with("//") && !path.contains('\\');
    if own { path } else { "/" }
}

#[derive(Template)]
#[template(path = "accounts/pages/sign_in.html")]
struct SignInPage {
    ui: Ui,
    username: String,
    next: String,
    errors: FormErrors,
}

#[derive(Deserialize)]
struct Next {
    #[serde(default)]
    next: String,
}

async fn sign_in_form(_: Anyone, ui: Ui, query: web::Query<Next>) -> Answer {
    let next = own_path(&query.next).to_owned();
    page(&SignInPage { ui, username: String::new(), next, errors: FormErrors::default() }, false)
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct SignInInput {
    username: String,
    password: String,
    next: String,
}

async fn sign_in(by: Anyone, ui: Ui, lis: web::Data<Lis>, form: Form<SignInInput>) -> Answer {
    let SignInInput { username, password, next } = form.input;
    let signed_in = super::session::sign_in(&lis, &username, &password, &by.device).await;
    match refused(signed_in)? {
        Ok(signed_in) => {
            let mut answer = see_other(own_path(&next), None);
            answer.add_cookie(&session_cookie(&lis, signed_in.token)).map_err(Fault::broken)?;
            Ok(answer)
        }
        Err(refusal) => {
            let errors = FormErrors::of(&refusal, ui.language);
            page(&SignInPage { ui, username, next: own_path(&next).to_owned(), errors }, true)
        }
    }
}

fn session_cookie(lis: &Lis, token: String) -> Cookie<'static> {
    Cookie::build(SESSION_COOKIE, token)
        .path("/")
        .http_only(true)
        .secure(lis.config.secure_cookies)
        .same_site(SameSite::Lax)
        .finish()
}

async fn sign_out(by: SignedIn, lis: web::Data<Lis>, _: Form<Vec<(String, String)>>) -> Answer {
    let id = by.session.id;
    lis.db
        .write(move |tx| {
            store::end_session(tx.conn, id)?;
            tx.log(by.actor.entry("person", by.actor.person.0, 0, "signed-out").set("session", id.0));
            Ok(())
        })
        .await?;
    let mut answer = see_other("/sign-in", Some("done-signed-out"));
    let mut cookie = session_cookie(&lis, String::new());
    cookie.set_max_age(time::Duration::ZERO);
    answer.add_cookie(&cookie).map_err(Fault::broken)?;
    Ok(answer)
}

#[derive(Deserialize)]
struct Back {
    #[serde(default)]
    back: String,
}

async fn choose_language(_: Anyone, language: web::Path<String>, query: web::Query<Back>) -> Answer {
    let Some(language) = Language::parse(&language) else {
        return Err(NOT_FOUND.into());
    };
    let mut answer = see_other(own_path(&query.back), None);
    let cookie = Cookie::build(LANGUAGE_COOKIE, language.code())
        .path("/")
        .same_site(SameSite::Lax)
        .http_only(true)
        .permanent()
        .finish();
    answer.add_cookie(&cookie).map_err(Fault::broken)?;
    Ok(answer)
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

async fn own_row(lis: &Lis, id: PersonId) -> Outcome<PersonRow> {
    lis.db.read(move |conn| store::person(conn, id)?.ok_or_else(|| NOT_FOUND.into())).await
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

struct PersonLine {
    person: PersonRow,
    roles: Vec<String>,
}

#[derive(Template)]
#[template(path = "accounts/pages/people.html")]
struct PeoplePage {
    ui: Ui,
    people: Vec<PersonLine>,
    next: String,
}

#[derive(Deserialize)]
struct After {
    after: Option<String>,
}

async fn people(_: May<ManageAccounts>, ui: Ui, lis: web::Data<Lis>, query: web::Query<After>) -> Answer {
    let after = query.into_inner().after;
    let (mut rows, roles) = lis
        .db
        .read(move |conn| {
            let rows = store::people(conn, after.as_deref(), PAGE_ROWS + 1)?;
            let ids: Vec<PersonId> = rows.iter().map(|row| row.id).collect();
            Ok((rows, store::roles_of_all(conn, &ids)?))
        })
        .await?;
    let more = rows.len() as i64 > PAGE_ROWS;
    rows.truncate(PAGE_ROWS as usize);
    let next = match rows.last() {
        Some(last) if more => format!("/people?after={}", last.username),
        _ => String::new(),
    };
    let people = rows
        .into_iter()
        .map(|person| PersonLine {
            roles: roles.iter().filter(|(id, _)| *id == person.id).map(|(_, role)| ui.t(&role.word())).collect(),
            person,
        })
        .collect();
    page(&PeoplePage { ui, people, next }, false)
}

#[derive(Template)]
#[template(path = "accounts/pages/person.html")]
struct PersonPage {
    ui: Ui,
    /// 0 for a new person.
    id: i64,
    version: i64,
    once: String,
    input: PersonInput,
    roles: Vec<Choice>,
    regions: Vec<Choice>,
    languages: Vec<Choice>,
    scopes: Vec<Choice>,
    tokens: Vec<TokenRow>,
    /// A secret that is shown once: a first password or a token.
    secret: Option<String>,
    errors: FormErrors,
    /// What differs between the form and what stands there now, when someone else was faster.
    conflicts: Vec<Conflict>,
    token: TokenInput,
    token_errors: FormErrors,
}

fn person_page(ui: Ui, id: i64, version: i64, input: PersonInput, regions: &[RegionRow]) -> PersonPage {
    let roles = Role::ALL
        .iter()
        .map(|role| Choice { value: role.code().to_owned(), label: ui.t(&role.word()), chosen: false })
        .collect();
    let regions = regions
        .iter()
        .map(|region| Choice {
            label: format!("{} {}", region.code, ui.pick(&region.name_zh, &region.name_en)),
            value: region.code.clone(),
            chosen: false,
        })
        .collect();
    let languages = Language::ALL
        .iter()
        .map(|language| Choice {
            value: language.code().to_owned(),
            label: ui.t(&format!("language-{}", language.code())),
            chosen: false,
        })
        .collect();
    let scopes = PERMISSIONS
        .iter()
        .filter(|(_, allowed)| allowed.iter().any(|role| input.roles.iter().any(|code| code == role.code())))
        .map(|(code, _)| Choice {
            value: (*code).to_owned(),
            label: ui.t(&format!("permission-{}", code.replace('_', "-"))),
            chosen: false,
        })
        .collect();
    let mut shown = PersonPage {
        once: ui.once(),
        id,
        version,
        input: PersonInput::default(),
        roles,
        regions,
        languages,
        scopes,
        tokens: Vec::new(),
        secret: None,
        errors: FormErrors::default(),
        conflicts: Vec::new(),
        token: TokenInput::default(),
        token_errors: FormErrors::default(),
        ui,
    };
    shown.retyped(input);
    shown
}

impl PersonPage {
    /// Shows what was typed in the place of what is stored.
    fn retyped(&mut self, input: PersonInput) {
        for role in &mut self.roles {
            role.chosen = input.roles.contains(&role.value);
        }
        self.input = input;
    }
}

/// The fields in which two people disagree.
fn conflicts(ui: &Ui, now: &PersonInput, yours: &PersonInput) -> Vec<Conflict> {
    let roles = |input: &PersonInput| {
        let known = Role::ALL.iter().filter(|role| input.roles.iter().any(|code| code == role.code()));
        known.map(|role| ui.t(&role.word())).collect::<Vec<_>>().join(", ")
    };
    let state = |input: &PersonInput| {
        let active = input.active.as_deref() == Some("true");
        ui.t(if active { "person-active" } else { "person-inactive" })
    };
    let fields = [
        ("field-name", now.name.clone(), yours.name.clone()),
        ("field-email", now.email.clone(), yours.email.clone()),
        ("field-phone", now.phone.clone(), yours.phone.clone()),
        ("field-language", now.language.clone(), yours.language.clone()),
        ("field-roles", roles(now), roles(yours)),
        ("field-region", now.region_code.clone(), yours.region_code.clone()),
        ("field-state", state(now), state(yours)),
    ];
    let differing = fields.into_iter().filter(|(_, now, yours)| now != yours);
    differing.map(|(key, now, yours)| Conflict { field: ui.t(key), now, yours }).collect()
}

async fn regions_of(lis: &Lis) -> Outcome<Vec<RegionRow>> {
    lis.db.read(|conn| Ok(store::regions(conn)?)).await
}

async fn new_person(_: May<ManageAccounts>, ui: Ui, lis: web::Data<Lis>) -> Answer {
    let input = PersonInput { language: Language::Chinese.code().to_owned(), ..PersonInput::default() };
    page(&person_page(ui, 0, 0, input, &regions_of(&lis).await?), false)
}

async fn create_person(by: May<ManageAccounts>, ui: Ui, lis: web::Data<Lis>, form: Form<PersonInput>) -> Answer {
    let Form { input, request, .. } = form;
    let password = first_password();
    let created = create(&lis, by, &input, &password, &request).await;
    let regions = regions_of(&lis).await?;
    match refused(created)? {
        Ok(saved) => {
            let stored = is_stored(&lis, PersonId(saved.id), &password).await?;
            let mut shown = person_page(ui, saved.id, saved.version, input, &regions);
            shown.secret = stored.then_some(password);
            page(&shown, false)
        }
        Err(refusal) => {
            let mut shown = person_page(ui, 0, 0, input, &regions);
            shown.errors = FormErrors::of(&refusal, shown.ui.language);
            page(&shown, true)
        }
    }
}

/// A first password: random, typed once, changed at the first sign-in.
pub fn first_password() -> String {
    let token = secrets::new_token();
    token.chars().filter(char::is_ascii_alphanumeric).take(16).collect()
}

async fn create(
    lis: &Lis,
    by: May<ManageAccounts>,
    input: &PersonInput,
    password: &str,
    request: &crate::web::RequestKey,
) -> Outcome<PersonSaved> {
    let facts = input.checked()?;
    let hash = hash(password.to_owned()).await?;
    let actor = by.clone();
    lis.command(&actor, request, move |tx| actions::create_person(tx, &by, &facts, &hash)).await
}

/// Whether a password made for this request is the one that was stored: a repeated request makes another, which would
/// be shown in vain.
async fn is_stored(lis: &Lis, id: PersonId, password: &str) -> Outcome<bool> {
    let row = own_row(lis, id).await?;
    let password = password.to_owned();
    tokio::task::spawn_blocking(move || secrets::password_matches(&password, &row.password_hash))
        .await
        .map_err(Fault::broken)
}

async fn hash(password: String) -> Outcome<String> {
    tokio::task::spawn_blocking(move || secrets::hash_password(&password)).await.map_err(Fault::broken)?
}

/// A person as a form shows him.
async fn shown_person(lis: &Lis, ui: Ui, id: PersonId) -> Outcome<PersonPage> {
    let (row, roles, tokens, regions) = lis
        .db
        .read(move |conn| {
            let row = store::person(conn, id)?.ok_or(NOT_FOUND)?;
            Ok((row, store::roles_of(conn, id)?, store::tokens_of(conn, id)?, store::regions(conn)?))
        })
        .await?;
    let input = PersonInput {
        username: row.username,
        name: row.name,
        email: row.email,
        phone: row.phone,
        language: row.language,
        roles: roles.iter().map(|role| role.code().to_owned()).collect(),
        region_code: row.region_code.unwrap_or_default(),
        enterprise_id: row.enterprise_id.map(|id| id.0),
        active: Some(if row.active { "true" } else { "false" }.to_owned()),
    };
    let mut shown = person_page(ui, id.0, row.version, input, &regions);
    shown.tokens = tokens;
    Ok(shown)
}

async fn person(_: May<ManageAccounts>, ui: Ui, lis: web::Data<Lis>, id: web::Path<PersonId>) -> Answer {
    page(&shown_person(&lis, ui, *id).await?, false)
}

async fn change_person(
    by: May<ManageAccounts>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<PersonId>,
    form: Form<PersonInput>,
) -> Answer {
    let Form { mut input, request, seen } = form;
    let id = *id;
    // A form leaves an unticked box out.
    input.active = Some(input.active.take().unwrap_or_else(|| "false".to_owned()));
    let seen = seen.required()?;
    let actor = by.clone();
    let outcome = match input.checked() {
        Ok(facts) => {
            let work = move |tx: &mut crate::db::Tx| actions::change_person(tx, &by, id, seen, &facts);
            refused(lis.command(&actor, &request, work).await)?
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(_) => Ok(see_other(&format!("/people/{id}"), Some("done-person-saved"))),
        Err(refusal) => {
            let mut shown = shown_person(&lis, ui, id).await?;
            if refusal.current.is_some() {
                shown.conflicts = conflicts(&shown.ui, &shown.input, &input);
            }
            shown.errors = FormErrors::of(&refusal, shown.ui.language);
            // Sent again, the form meets the same refusal until the page is opened anew.
            shown.version = seen;
            shown.retyped(input);
            refused_page(&shown, &refusal)
        }
    }
}

async fn reset_password(
    by: May<ManageAccounts>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<PersonId>,
    form: Form<Vec<(String, String)>>,
) -> Answer {
    let id = *id;
    let seen = form.seen.required()?;
    let password = first_password();
    let hash = hash(password.clone()).await?;
    lis.db.write(move |tx| actions::reset_password(tx, &by, id, seen, &hash)).await?;
    let mut shown = shown_person(&lis, ui, id).await?;
    shown.secret = Some(password);
    page(&shown, false)
}

async fn create_token(
    by: May<ManageAccounts>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<PersonId>,
    form: Form<TokenInput>,
) -> Answer {
    let id = *id;
    let real = lis.clock.real();
    let token = secrets::new_token();
    let token_hash = secrets::token_hash(&token);
    let typed = form.input;
    let outcome = match typed.checked() {
        Ok(facts) => {
            let work = move |tx: &mut crate::db::Tx| actions::create_token(tx, &by, id, &facts, &token_hash, real);
            refused(lis.db.write(work).await)?
        }
        Err(refusal) => Err(refusal),
    };
    let mut shown = shown_person(&lis, ui, id).await?;
    let was_refused = outcome.is_err();
    match outcome {
        Ok(_) => shown.secret = Some(token),
        Err(refusal) => {
            shown.token_errors = FormErrors::of(&refusal, shown.ui.language);
            for scope in &mut shown.scopes {
                scope.chosen = typed.scopes.contains(&scope.value);
            }
            shown.token = typed;
        }
    }
    page(&shown, was_refused)
}

async fn revoke_token(
    by: May<ManageAccounts>,
    lis: web::Data<Lis>,
    path: web::Path<(PersonId, TokenId)>,
    _: Form<Vec<(String, String)>>,
) -> Answer {
    let (person, token) = *path;
    let real = lis.clock.real();
    lis.db.write(move |tx| actions::revoke_token(tx, &by, person, token, real)).await?;
    Ok(see_other(&format!("/people/{person}"), Some("done-token-revoked")))
}
