//! The validation of the program as it stands, for programs.

use actix_web::{HttpResponse, web};

use super::program::{self, SignedInFull, SignedView, SigningFacts, SigningInput, Standing, Validated};
use super::program_pages;
use crate::accounts::role::{ManageCatalogue, ValidateProgram};
use crate::accounts::{GRANT_MISSING, May};
use crate::app::Lis;
use crate::domain::ids::ProgramValidationId;
use crate::domain::refusal::{Fault, Outcome};
use crate::web::paging::{self, LIMIT, Listed, PageQuery};
use crate::web::routes::Routes;
use crate::web::{Answer, Asked, Json, RequestKey, Ui};

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/program-standing", standing)
        .about(
            "What there is to validate: version of the program, its tables, the sets of the catalogue in force, the profiles of \
             the instruments with their examples read again; and whether that was signed.",
        )
        .gives::<Standing>()
        .get("/api/v1/program-validations", all)
        .about("Signed validations of the program, newest first.")
        .gives::<Listed<SignedView>>()
        .post("/api/v1/program-validations", sign)
        .about(
            "Signs that the program as it stands was validated by a run of the laboratory's own file, under an open signing grant \
             of the meaning `validated`.",
        )
        .keyed()
        .creates::<Validated>()
        .refuses(&[GRANT_MISSING])
        .get("/api/v1/program-validations/{id}", one)
        .about("A signed validation with everything that it names.")
        .gives::<SignedInFull>()
        .get("/api/v1/program-validations/{id}/pdf", printed)
        .about("The same on paper.")
        .gives_file("application/pdf")
}

/// How the program stands: examples are read again, outside of the threads that answer requests.
pub(super) async fn read_standing(lis: &web::Data<Lis>) -> Outcome<Standing> {
    let own = lis.clone();
    tokio::task::spawn_blocking(move || program::standing(&own)).await.map_err(Fault::broken)?
}

/// Signs what is checked.
pub(super) async fn signed(
    lis: &web::Data<Lis>,
    by: May<ManageCatalogue>,
    request: &RequestKey,
    facts: SigningFacts,
) -> Outcome<Validated> {
    let standing = read_standing(lis).await?;
    let (actor, real) = (by.clone(), lis.clock.real());
    lis.command(&actor, request, move |tx| program::sign(tx, &by, &standing, &facts, real)).await
}

async fn standing(_: May<ValidateProgram>, lis: web::Data<Lis>) -> Answer {
    Ok(HttpResponse::Ok().json(read_standing(&lis).await?))
}

async fn all(_: May<ValidateProgram>, lis: web::Data<Lis>, query: Asked<PageQuery>) -> Answer {
    let limit = paging::limit(query.limit, LIMIT)?;
    let before = query.after.unwrap_or(i64::MAX);
    let found = lis.db.read(move |conn| program::all_signed(conn, before, limit + 1)).await?;
    Ok(HttpResponse::Ok().json(Listed::of(found, limit, |one| one.id.to_string(), |one| one)))
}

async fn sign(by: May<ManageCatalogue>, lis: web::Data<Lis>, json: Json<SigningInput>) -> Answer {
    let request = json.keyed()?.clone();
    let facts = json.input.checked()?;
    let made = signed(&lis, by, &request, facts).await?;
    Ok(HttpResponse::Created().json(made))
}

async fn one(_: May<ValidateProgram>, lis: web::Data<Lis>, id: web::Path<ProgramValidationId>) -> Answer {
    let id = *id;
    let found: SignedInFull = lis.db.read(move |conn| program::signed_in_full(conn, id)).await?;
    Ok(HttpResponse::Ok().json(found))
}

async fn printed(_: May<ValidateProgram>, ui: Ui, lis: web::Data<Lis>, id: web::Path<ProgramValidationId>) -> Answer {
    program_pages::on_paper(&lis, &ui, *id).await
}
