//! Non-conforming work for programs.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::actions::{self, CloseInput, WorkView};
use super::state::WorkState;
use crate::accounts::May;
use crate::accounts::role::ManageQuality;
use crate::app::Lis;
use crate::domain::ids::WorkId;
use crate::web::paging::{self, LIMIT, Listed};
use crate::web::routes::Routes;
use crate::web::{Answer, Asked, Json, versioned};

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/nonconforming-work", works)
        .about("Non-conforming work, newest first.")
        .gives::<Listed<WorkView>>()
        .get("/api/v1/nonconforming-work/{id}", work)
        .about("One case of non-conforming work with everything it affects.")
        .gives::<WorkView>()
        .post("/api/v1/nonconforming-work/{id}/close", close)
        .about("Closes it with what was done.")
        .versioned()
        .gives::<WorkClosed>()
}

#[derive(Deserialize, Default, utoipa::IntoParams)]
#[serde(default)]
struct PageQuery {
    /// The `next` of the answer before.
    after: Option<i64>,
    /// Rows of the answer, 1 to 500; 50 unless said otherwise.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
}

async fn works(_: May<ManageQuality>, lis: web::Data<Lis>, query: Asked<PageQuery>) -> Answer {
    let limit = paging::limit(query.limit, LIMIT)?;
    let before = query.after.unwrap_or(i64::MAX);
    let works = lis.db.read(move |conn| actions::works(conn, before, limit + 1)).await?;
    Ok(HttpResponse::Ok().json(Listed::of(works, limit, |work| work.id.to_string(), |work| work)))
}

async fn work(_: May<ManageQuality>, lis: web::Data<Lis>, id: web::Path<WorkId>) -> Answer {
    let id = *id;
    let view = lis.db.read(move |conn| actions::work(conn, id)).await?;
    versioned(HttpResponse::Ok(), view.version, &view)
}

/// What closing answers.
#[derive(Serialize, utoipa::ToSchema)]
struct WorkClosed {
    id: WorkId,
    version: i64,
    state: &'static str,
}

async fn close(by: May<ManageQuality>, lis: web::Data<Lis>, id: web::Path<WorkId>, json: Json<CloseInput>) -> Answer {
    let (id, seen, action, actor) = (*id, json.seen.required()?, json.input.checked()?, by.clone());
    let version: i64 =
        lis.command(&actor, &json.request, move |tx| actions::close_work(tx, &by, id, seen, &action)).await?;
    versioned(HttpResponse::Ok(), version, &WorkClosed { id, version, state: WorkState::Closed.code() })
}
