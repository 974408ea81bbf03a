//! The list of people, one person with roles, first password and tokens.

use actix_web::web;
use askama::Template;
use serde::Deserialize;

use super::super::actions::{self, PersonInput, PersonSaved, TokenInput};
use super::super::role::{ManageAccounts, May, PERMISSIONS, Role};
use super::super::secrets;
use super::super::store::{self, Listed, PersonRow, RegionRow, TokenRow};
use super::{own_row, region_choices, region_name};
use crate::app::Lis;
use crate::domain::ids::{PersonId, TokenId};
use crate::domain::refusal::{NOT_FOUND, Outcome};
use crate::web::language::Language;
use crate::web::routes::Routes;
use crate::web::ui::{Choice, Conflict, FormErrors};
use crate::web::{Answer, Form, Ui, page, refused, refused_page, see_other};

pub fn routes() -> Routes {
    Routes::new()
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

struct PersonLine {
    locked: bool,
    person: PersonRow,
    region: String,
    roles: Vec<String>,
}

#[derive(Template)]
#[template(path = "accounts/pages/people.html")]
struct PeoplePage {
    ui: Ui,
    people: Vec<PersonLine>,
    waitings: Vec<Choice>,
    waiting: String,
    next: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct PeopleQuery {
    after: Option<String>,
    /// `first-password`, `locked` or everybody.
    waiting: String,
}

/// What people may wait for, as the filter names it.
const WAITINGS: [&str; 2] = ["first-password", "locked"];

async fn people(_: May<ManageAccounts>, ui: Ui, lis: web::Data<Lis>, query: web::Query<PeopleQuery>) -> Answer {
    let PeopleQuery { after, waiting } = query.into_inner();
    let real = lis.clock.real();
    let listed = match waiting.as_str() {
        "first-password" => Listed::FirstPassword,
        "locked" => Listed::LockedAt(real),
        _ => Listed::All,
    };
    let (mut rows, roles, regions) = lis
        .db
        .read(move |conn| {
            let rows = store::people(conn, listed, after.as_deref(), PAGE_ROWS + 1)?;
            let ids: Vec<PersonId> = rows.iter().map(|row| row.id).collect();
            Ok((rows, store::roles_of_all(conn, &ids)?, store::regions(conn)?))
        })
        .await?;
    let more = rows.len() as i64 > PAGE_ROWS;
    rows.truncate(PAGE_ROWS as usize);
    let next = match rows.last() {
        Some(last) if more => format!("/people?waiting={waiting}&after={}", last.username),
        _ => String::new(),
    };
    let people = rows
        .into_iter()
        .map(|person| PersonLine {
            locked: person.locked_until.is_some_and(|until| until > real),
            roles: roles.iter().filter(|(id, _)| *id == person.id).map(|(_, role)| ui.t(&role.word())).collect(),
            region: person.region_code.as_deref().map_or("/".to_owned(), |code| region_name(&ui, &regions, code)),
            person,
        })
        .collect();
    let choice =
        |code: &str| Choice { value: code.to_owned(), label: ui.t(&format!("person-{code}")), chosen: code == waiting };
    let waitings = WAITINGS.map(choice).into();
    page(&PeoplePage { ui, people, waitings, waiting, next }, false)
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
    let regions = region_choices(&ui, regions, "");
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
    /// What a token is for, as it was ticked.
    fn scopes_in_words(&self, scopes: &str) -> String {
        let words: Vec<String> =
            scopes.split(' ').map(|code| self.ui.t(&format!("permission-{}", code.replace('_', "-")))).collect();
        words.join(self.ui.language.pick("、", ", "))
    }

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
        ("field-firm", now.enterprise.clone(), yours.enterprise.clone()),
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
    let hash = secrets::hashed(password.to_owned()).await?;
    let actor = by.clone();
    lis.command(&actor, request, move |tx| actions::create_person(tx, &by, &facts, &hash)).await
}

/// Whether a password made for this request is the one that was stored: a repeated request makes another, which would
/// be shown in vain.
async fn is_stored(lis: &Lis, id: PersonId, password: &str) -> Outcome<bool> {
    let row = own_row(lis, id).await?;
    let password = password.to_owned();
    secrets::turn().await?.run(move || secrets::password_matches(&password, &row.password_hash)).await
}

/// A person as a form shows him.
async fn shown_person(lis: &Lis, ui: Ui, id: PersonId) -> Outcome<PersonPage> {
    let (row, firm, roles, tokens, regions) = lis
        .db
        .read(move |conn| {
            let row = store::person(conn, id)?.ok_or(NOT_FOUND)?;
            let firm = row.enterprise_id.map(|firm| actions::firm_of(conn, firm)).transpose()?;
            Ok((row, firm, store::roles_of(conn, id)?, store::tokens_of(conn, id)?, store::regions(conn)?))
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
        enterprise_id: None,
        enterprise: firm.unwrap_or_default(),
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
    let hash = secrets::hashed(password.clone()).await?;
    let real = lis.clock.real();
    lis.db.write(move |tx| actions::reset_password(tx, &by, id, seen, &hash, real)).await?;
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
