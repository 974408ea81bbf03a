//! Accounts for programs: who am I, people, signing grants.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::actions::{self, PersonInput, PersonSaved, PersonView};
use super::extract::SignedIn;
use super::role::{ManageAccounts, May};
use super::signing::{self, Granted, Meaning};
use super::{secrets, store};
use crate::app::Lis;
use crate::domain::ids::PersonId;
use crate::domain::refusal::{FIELD_INVALID, FIELD_MISSING, Fault, NOT_FOUND};
use crate::web::paging::{self, LIMIT};
use crate::web::routes::Routes;
use crate::web::{Answer, Json};

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/people", people)
        .gives::<PeopleView>()
        .post("/api/v1/people", create_person)
        .takes::<NewPerson>()
        .gives::<PersonSaved>()
        .get("/api/v1/people/{id}", person)
        .gives::<PersonView>()
        .put("/api/v1/people/{id}", change_person)
        .takes::<PersonInput>()
        .gives::<PersonSaved>()
        .post("/api/v1/signing-grants", open_grant)
        .takes::<GrantInput>()
        .gives::<Granted>()
}

/// A page of a list.
#[derive(Serialize, utoipa::ToSchema)]
pub struct PeopleView {
    pub items: Vec<PersonView>,
    /// Give this as `after` to go on.
    pub next: String,
    pub more: bool,
}

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    after: Option<String>,
    #[serde(default)]
    limit: Option<i64>,
}

fn view(row: store::PersonRow, roles: &[(PersonId, super::Role)]) -> PersonView {
    let roles = roles.iter().filter(|(id, _)| *id == row.id).map(|(_, role)| role.code().to_owned()).collect();
    PersonView::of(row, roles)
}

async fn people(_: May<ManageAccounts>, lis: web::Data<Lis>, query: crate::web::Query<Page>) -> Answer {
    let Page { after, limit } = query.into_inner();
    let limit = paging::limit(limit, LIMIT)?;
    let (mut rows, roles) = lis
        .db
        .read(move |conn| {
            let rows = store::people(conn, after.as_deref(), limit + 1)?;
            let ids: Vec<PersonId> = rows.iter().map(|row| row.id).collect();
            Ok((rows, store::roles_of_all(conn, &ids)?))
        })
        .await?;
    let more = paging::cut(&mut rows, limit);
    let next = rows.last().map(|row| row.username.clone()).unwrap_or_default();
    let items = rows.into_iter().map(|row| view(row, &roles)).collect();
    Ok(HttpResponse::Ok().json(PeopleView { items, next, more }))
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
    let tag = format!("\"{}\"", row.version);
    Ok(HttpResponse::Ok().insert_header(("ETag", tag)).json(view(row, &roles)))
}

/// A new person with the first password that he must change. Unknown fields are refused when the person is read.
#[derive(Deserialize, utoipa::ToSchema)]
struct NewPerson {
    #[serde(flatten)]
    #[schema(value_type = PersonInput)]
    person: serde_json::Value,
    #[serde(default)]
    #[schema(value_type = String)]
    first_password: serde_json::Value,
}

async fn create_person(by: May<ManageAccounts>, lis: web::Data<Lis>, json: Json<NewPerson>) -> Answer {
    let request = json.keyed()?.clone();
    let NewPerson { person, first_password } = json.input;
    let first_password = match first_password {
        serde_json::Value::String(text) => text,
        serde_json::Value::Null => return Err(FIELD_MISSING.at("first_password").into()),
        _ => {
            return Err(crate::web::reading::BODY_INVALID
                .with("detail", "a text is expected")
                .at("first_password")
                .into());
        }
    };
    let input: PersonInput = serde_path_to_error::deserialize(person).map_err(|error| {
        crate::web::reading::BODY_INVALID.with("detail", error.inner()).at(error.path().to_string())
    })?;
    let facts = input.checked()?;
    secrets::check_new_password(&first_password, &facts.username, "first_password")?;
    let hash =
        tokio::task::spawn_blocking(move || secrets::hash_password(&first_password)).await.map_err(Fault::broken)??;
    let actor = by.clone();
    let saved: PersonSaved =
        lis.command(&actor, &request, move |tx| actions::create_person(tx, &by, &facts, &hash)).await?;
    Ok(HttpResponse::Created().insert_header(("ETag", format!("\"{}\"", saved.version))).json(saved))
}

async fn change_person(
    by: May<ManageAccounts>,
    lis: web::Data<Lis>,
    id: web::Path<PersonId>,
    json: Json<PersonInput>,
) -> Answer {
    let Json { input, request, seen } = json;
    let (id, seen, facts) = (*id, seen.required()?, input.checked()?);
    let actor = by.clone();
    let saved: PersonSaved =
        lis.command(&actor, &request, move |tx| actions::change_person(tx, &by, id, seen, &facts)).await?;
    Ok(HttpResponse::Ok().insert_header(("ETag", format!("\"{}\"", saved.version))).json(saved))
}

/// Opening a grant: the meaning and the signing password.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct GrantInput {
    meaning: String,
    signing_password: String,
}

async fn open_grant(by: SignedIn, lis: web::Data<Lis>, json: Json<GrantInput>) -> Answer {
    let meaning = Meaning::parse(&json.input.meaning)
        .ok_or_else(|| FIELD_INVALID.at("meaning").with_word("expected", "expected-meaning"))?;
    let granted: Granted = signing::open_grant(&lis, &by.actor, meaning, &json.input.signing_password).await?;
    Ok(HttpResponse::Created().json(granted))
}
