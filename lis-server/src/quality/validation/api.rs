//! Validation runs for programs.

use actix_web::{HttpResponse, web};

use super::PROBLEMS;
use super::actions::{self, Ran, RunInFull, RunKept, RunView};
use crate::accounts::May;
use crate::accounts::role::ValidateProgram;
use crate::app::Lis;
use crate::catalogue::actions::current;
use crate::domain::ids::ValidationRunId;
use crate::domain::refusal::{Fault, Outcome, Refusal};
use crate::web::paging::{self, LIMIT, Listed, PageQuery};
use crate::web::routes::Routes;
use crate::web::{Answer, Asked, Upload};

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/validation-runs", runs)
        .about("Runs of the laboratory's validation files, newest first.")
        .gives::<Listed<RunView>>()
        .post("/api/v1/validation-runs", run)
        .about(
            "Asks every question of a validation file (JSON lines with `id`, `ask` and `expect`) of this program and the \
             catalogue in force, and keeps the run. The same file again on the same day answers the run that is there.",
        )
        .repeatable()
        .gives::<RunKept>()
        .creates::<RunKept>()
        .refuses(PROBLEMS)
        .get("/api/v1/validation-runs/{id}", one)
        .about("A run with what was answered in another way than expected.")
        .gives::<RunInFull>()
        .and(super::program_api::routes())
}

async fn runs(_: May<ValidateProgram>, lis: web::Data<Lis>, query: Asked<PageQuery>) -> Answer {
    let limit = paging::limit(query.limit, LIMIT)?;
    let before = query.after.unwrap_or(i64::MAX);
    let found = lis.db.read(move |conn| actions::runs(conn, before, limit + 1)).await?;
    Ok(HttpResponse::Ok().json(Listed::of(found, limit, |one| one.id.to_string(), |one| one)))
}

/// The answers to an uploaded file: long work, outside of the threads that answer requests.
pub(super) async fn ask(lis: &web::Data<Lis>, file: Upload) -> Outcome<Result<Ran, Refusal>> {
    let own = lis.clone();
    let asking = tokio::task::spawn_blocking(move || -> Outcome<Result<Ran, Refusal>> {
        let catalogue = own.db.read_now(current)?;
        Ok(actions::ask(&catalogue, &file.file_name, &file.bytes))
    });
    asking.await.map_err(Fault::broken)?
}

async fn run(by: May<ValidateProgram>, lis: web::Data<Lis>, file: Upload) -> Answer {
    let ran = ask(&lis, file).await??;
    let kept: RunKept = lis.db.write(move |tx| actions::keep(tx, &by, &ran)).await?;
    let mut answer = if kept.already { HttpResponse::Ok() } else { HttpResponse::Created() };
    Ok(answer.json(kept))
}

async fn one(_: May<ValidateProgram>, lis: web::Data<Lis>, id: web::Path<ValidationRunId>) -> Answer {
    let id = *id;
    let found: RunInFull = lis.db.read(move |conn| actions::run_in_full(conn, id)).await?;
    Ok(HttpResponse::Ok().json(found))
}
