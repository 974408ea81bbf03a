//! Accounts for programs: people, their passwords and tokens, signing grants.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

use super::actions::{self, PersonInput, PersonSaved, PersonView, TokenInput};
use super::extract::SignedIn;
use super::releasing::{self, HeldView, ReleaseInput};
use super::role::{ManageAccounts, May, ReleaseSigning};
use super::secrets;
use super::signing::{self, Granted, Meaning};
use super::store::{self, TokenRow};
use crate::app::Lis;
use crate::domain::clock::Moment;
use crate::domain::ids::{PersonId, TokenId};
use crate::domain::refusal::{FIELD_INVALID, FIELD_MISSING, NOT_FOUND};
use crate::web::misread;
use crate::web::paging::{self, LIMIT, Listed};
use crate::web::reading::{BODY_INVALID, unreadable_json};
use crate::web::routes::Routes;
use crate::web::{Answer, Asked, Json, versioned};

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/people", people)
        .about("People in order of username.")
        .gives::<Listed<PersonView>>()
        .post("/api/v1/people", create_person)
        .about("Creates a person with a first password that he must change.")
        .keyed()
        .creates::<PersonSaved>()
        .get("/api/v1/people/{id}", person)
        .about("One person with roles and region.")
        .gives::<PersonView>()
        .put("/api/v1/people/{id}", change_person)
        .about("Changes a person; the username stays. Taking roles away ends his sessions.")
        .versioned()
        .gives::<PersonSaved>()
        .post("/api/v1/people/{id}/password", reset_password)
        .about("Gives a person a new first password and ends his sessions. He signs nothing until somebody else releases him.")
        .versioned()
        .gives::<PersonSaved>()
        .get("/api/v1/signing-releases", held)
        .about("People who sign nothing because somebody else set their password.")
        .gives::<Listed<HeldView>>()
        .post("/api/v1/people/{id}/signing-release", release)
        .about("Lets a person sign again, signed under an open grant of the meaning `released`.")
        .versioned()
        .gives::<PersonSaved>()
        .get("/api/v1/people/{id}/tokens", tokens)
        .about("The tokens of a person, the oldest first, without the tokens themselves.")
        .gives::<Listed<TokenView>>()
        .post("/api/v1/people/{id}/tokens", create_token)
        .about("Makes a token. It is shown in this answer and never again; a repeated request makes another.")
        .shown_once()
        .creates::<TokenMade>()
        .delete("/api/v1/people/{id}/tokens/{token}", revoke_token)
        .about("Ends a token at once.")
        .gives_nothing()
        .post("/api/v1/signing-grants", open_grant)
        .about("Opens a signing grant of one meaning with the signing password.")
        .repeatable()
        .creates::<Granted>()
}

#[derive(Deserialize, Default, utoipa::IntoParams)]
#[serde(default)]
struct PeoplePage {
    /// The `next` of the page before: a username.
    after: Option<String>,
    /// Rows of the answer, 1 to 500; 50 unless said otherwise.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
}

fn view(row: store::PersonRow, roles: &[(PersonId, super::Role)]) -> PersonView {
    let roles = roles.iter().filter(|(id, _)| *id == row.id).map(|(_, role)| role.code().to_owned()).collect();
    PersonView::of(row, roles)
}

async fn people(_: May<ManageAccounts>, lis: web::Data<Lis>, query: Asked<PeoplePage>) -> Answer {
    let PeoplePage { after, limit } = query.into_inner();
    let limit = paging::limit(limit, LIMIT)?;
    let (rows, roles) = lis
        .db
        .read(move |conn| {
            let rows = store::people(conn, store::Listed::All, after.as_deref(), limit + 1)?;
            let ids: Vec<PersonId> = rows.iter().map(|row| row.id).collect();
            Ok((rows, store::roles_of_all(conn, &ids)?))
        })
        .await?;
    let page = Listed::of(rows, limit, |row| row.username.clone(), |row| view(row, &roles));
    Ok(HttpResponse::Ok().json(page))
}

async fn person(_: May<ManageAccounts>, lis: web::Data<Lis>, id: web::Path<PersonId>) -> Answer {
    let id = *id;
    let (row, roles) = lis
        .db
        .read(move |conn| {
            let row = store::person(conn, id)?.ok_or(NOT_FOUND)?;
            Ok((row, store::roles_of_all(conn, &[id])?))
        })
        .await?;
    let person = view(row, &roles);
    versioned(HttpResponse::Ok(), person.version, &person)
}

/// A new person with the first password that he must change. Unknown fields are refused when the person is read.
#[derive(Deserialize)]
struct NewPerson {
    #[serde(flatten)]
    person: serde_json::Value,
    #[serde(default)]
    first_password: serde_json::Value,
}

impl utoipa::PartialSchema for NewPerson {
    /// The fields of a person, which allow no others, with one more.
    fn schema() -> RefOr<Schema> {
        let mut schema = PersonInput::schema();
        if let RefOr::T(Schema::Object(object)) = &mut schema {
            let about = "10 to 128 characters; changed at the first sign-in.";
            let password = ObjectBuilder::new().schema_type(Type::String).description(Some(about)).build();
            object.properties.insert("first_password".to_owned(), password.into());
            object.required.push("first_password".to_owned());
        }
        schema
    }
}

impl utoipa::ToSchema for NewPerson {}

async fn create_person(by: May<ManageAccounts>, lis: web::Data<Lis>, json: Json<NewPerson>) -> Answer {
    let request = json.keyed()?.clone();
    let NewPerson { person, first_password } = json.input;
    // A flattened document loses the names of its fields: this one is looked at here.
    let first_password = match first_password {
        serde_json::Value::String(text) => text,
        serde_json::Value::Null => return Err(FIELD_MISSING.at("first_password").into()),
        _ => return Err(BODY_INVALID.reason().with_word("detail", misread::TEXT).at("first_password").into()),
    };
    let input: PersonInput = serde_path_to_error::deserialize(person)
        .map_err(|error| unreadable_json(&error.path().to_string(), error.inner()))?;
    let facts = input.checked()?;
    secrets::check_new_password(&first_password, &facts.username, "first_password")?;
    let hash = secrets::hashed(first_password).await?;
    let actor = by.clone();
    let saved: PersonSaved =
        lis.command(&actor, &request, move |tx| actions::create_person(tx, &by, &facts, &hash)).await?;
    versioned(HttpResponse::Created(), saved.version, &saved)
}

async fn change_person(
    by: May<ManageAccounts>,
    lis: web::Data<Lis>,
    id: web::Path<PersonId>,
    json: Json<PersonInput>,
) -> Answer {
    let Json { input, request, seen, .. } = json;
    let (id, seen, facts) = (*id, seen.required()?, input.checked()?);
    let actor = by.clone();
    let saved: PersonSaved =
        lis.command(&actor, &request, move |tx| actions::change_person(tx, &by, id, seen, &facts)).await?;
    versioned(HttpResponse::Ok(), saved.version, &saved)
}

/// A new first password.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct FirstPassword {
    /// 10 to 128 characters; changed at the first sign-in.
    first_password: String,
}

async fn reset_password(
    by: May<ManageAccounts>,
    lis: web::Data<Lis>,
    id: web::Path<PersonId>,
    json: Json<FirstPassword>,
) -> Answer {
    let Json { input: FirstPassword { first_password }, request, seen, .. } = json;
    let (id, seen, actor) = (*id, seen.required()?, by.clone());
    let person = lis.db.read(move |conn| store::person(conn, id)?.ok_or_else(|| NOT_FOUND.into())).await?;
    secrets::check_new_password(&first_password, &person.username, "first_password")?;
    let hash = secrets::hashed(first_password).await?;
    let real = lis.clock.real();
    let saved: PersonSaved =
        lis.command(&actor, &request, move |tx| actions::reset_password(tx, &by, id, seen, &hash, real)).await?;
    versioned(HttpResponse::Ok(), saved.version, &saved)
}

async fn held(_: May<ReleaseSigning>, lis: web::Data<Lis>) -> Answer {
    let people = lis.db.read(releasing::held).await?;
    Ok(HttpResponse::Ok().json(Listed::whole(people)))
}

async fn release(
    by: May<ReleaseSigning>,
    lis: web::Data<Lis>,
    id: web::Path<PersonId>,
    json: Json<ReleaseInput>,
) -> Answer {
    let Json { input, request, seen, .. } = json;
    let (id, seen, facts, real) = (*id, seen.required()?, input.checked()?, lis.clock.real());
    let actor = by.clone();
    let saved: PersonSaved =
        lis.command(&actor, &request, move |tx| releasing::release(tx, &by, id, seen, &facts, real)).await?;
    versioned(HttpResponse::Ok(), saved.version, &saved)
}

/// A token as its administrator sees it.
#[derive(Serialize, utoipa::ToSchema)]
struct TokenView {
    id: TokenId,
    /// What it is for.
    purpose: String,
    scopes: Vec<String>,
    created_at: Moment,
    expires_at: Option<Moment>,
    revoked_at: Option<Moment>,
}

impl From<TokenRow> for TokenView {
    fn from(row: TokenRow) -> Self {
        Self {
            id: row.id,
            purpose: row.name,
            scopes: row.scopes.split_whitespace().map(str::to_owned).collect(),
            created_at: row.created_at,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
        }
    }
}

async fn tokens(_: May<ManageAccounts>, lis: web::Data<Lis>, id: web::Path<PersonId>) -> Answer {
    let id = *id;
    let rows = lis
        .db
        .read(move |conn| {
            store::person(conn, id)?.ok_or(NOT_FOUND)?;
            Ok(store::tokens_of(conn, id)?)
        })
        .await?;
    Ok(HttpResponse::Ok().json(Listed::whole(rows.into_iter().map(TokenView::from).collect())))
}

/// A new token.
#[derive(Serialize, utoipa::ToSchema)]
struct TokenMade {
    id: TokenId,
    /// Kept by nobody else.
    token: String,
}

async fn create_token(
    by: May<ManageAccounts>,
    lis: web::Data<Lis>,
    id: web::Path<PersonId>,
    json: Json<TokenInput>,
) -> Answer {
    let (id, facts, real) = (*id, json.input.checked()?, lis.clock.real());
    let token = secrets::new_token();
    let hash = secrets::token_hash(&token);
    let made = lis.db.write(move |tx| actions::create_token(tx, &by, id, &facts, &hash, real)).await?;
    Ok(HttpResponse::Created().json(TokenMade { id: made, token }))
}

async fn revoke_token(by: May<ManageAccounts>, lis: web::Data<Lis>, path: web::Path<(PersonId, TokenId)>) -> Answer {
    let (person, token) = *path;
    let real = lis.clock.real();
    lis.db.write(move |tx| actions::revoke_token(tx, &by, person, token, real)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// What opens a grant.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct GrantInput {
    /// `tested`, `checked`, `reviewed`, `authorized`, `released` or `set`.
    meaning: String,
    signing_password: String,
}

async fn open_grant(by: SignedIn, lis: web::Data<Lis>, json: Json<GrantInput>) -> Answer {
    let meaning = Meaning::parse(&json.input.meaning)
        .ok_or_else(|| FIELD_INVALID.at("meaning").with_word("expected", "expected-meaning"))?;
    let granted: Granted = signing::open_grant(&lis, &by.actor, meaning, &json.input.signing_password).await?;
    Ok(HttpResponse::Created().json(granted))
}
