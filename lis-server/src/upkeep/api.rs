//! Upkeep for programs.

use actix_web::{HttpResponse, web};

use super::actions::{self, ActionInput, ActionKept, RunView};
use crate::accounts::May;
use crate::accounts::role::WatchUpkeep;
use crate::app::Lis;
use crate::domain::ids::UpkeepRunId;
use crate::web::paging::{self, LIMIT, Listed, PageQuery};
use crate::web::routes::Routes;
use crate::web::{Answer, Asked, Json};

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/upkeep-runs", runs)
        .about(
            "What the program looked at by itself, newest first: files, the log and its root, backups, a wrong clock.",
        )
        .gives::<Listed<RunView>>()
        .get("/api/v1/upkeep-runs/{id}", one)
        .about("One of them, with what was found and what was done about it.")
        .gives::<RunView>()
        .post("/api/v1/upkeep-runs/{id}/actions", act)
        .about("Keeps what was done about a failure; it no longer waits then.")
        .keyed()
        .creates::<ActionKept>()
}

async fn runs(_: May<WatchUpkeep>, lis: web::Data<Lis>, query: Asked<PageQuery>) -> Answer {
    let limit = paging::limit(query.limit, LIMIT)?;
    let before = query.after.unwrap_or(i64::MAX);
    let found = lis.db.read(move |conn| actions::runs(conn, before, limit + 1)).await?;
    Ok(HttpResponse::Ok().json(Listed::of(found, limit, |one| one.id.to_string(), |one| one)))
}

async fn one(_: May<WatchUpkeep>, lis: web::Data<Lis>, id: web::Path<UpkeepRunId>) -> Answer {
    let id = *id;
    let found: RunView = lis.db.read(move |conn| actions::run(conn, id)).await?;
    Ok(HttpResponse::Ok().json(found))
}

async fn act(by: May<WatchUpkeep>, lis: web::Data<Lis>, id: web::Path<UpkeepRunId>, json: Json<ActionInput>) -> Answer {
    let request = json.keyed()?.clone();
    let (id, facts, actor) = (*id, json.input.checked()?, by.clone());
    let kept: ActionKept = lis.command(&actor, &request, move |tx| actions::act(tx, &by, id, &facts)).await?;
    Ok(HttpResponse::Created().json(kept))
}
