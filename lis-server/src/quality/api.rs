//! Non-conforming work for programs.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::actions::{self, CloseInput, WorkView};
use super::state::WorkState;
use crate::accounts::May;
use crate::accounts::role::ManageQuality;
use crate::app::Lis;
use crate::domain::ids::WorkId;
use crate::web::paging::{self, LIMIT};
use crate::web::routes::Routes;
use crate::web::{Answer, Json};

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/nonconforming-work", works)
        .get("/api/v1/nonconforming-work/{id}", work)
        .post("/api/v1/nonconforming-work/{id}/close", close)
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct PageQuery {
    after: Option<i64>,
    limit: Option<i64>,
}

#[derive(Serialize, utoipa::ToSchema)]
struct WorksView {
    items: Vec<WorkView>,
    next: String,
    more: bool,
}

async fn works(_: May<ManageQuality>, lis: web::Data<Lis>, query: crate::web::Query<PageQuery>) -> Answer {
    let limit = paging::limit(query.limit, LIMIT)?;
    let before = query.after.unwrap_or(i64::MAX);
    let mut items = lis.db.read(move |conn| actions::works(conn, before, limit + 1)).await?;
    let more = paging::cut(&mut items, limit);
    let next = items.last().map(|work| work.id.to_string()).unwrap_or_default();
    Ok(HttpResponse::Ok().json(WorksView { items, next, more }))
}

async fn work(_: May<ManageQuality>, lis: web::Data<Lis>, id: web::Path<WorkId>) -> Answer {
    let id = *id;
    let view = lis.db.read(move |conn| actions::work(conn, id)).await?;
    Ok(HttpResponse::Ok().insert_header(("ETag", format!("\"{}\"", view.version))).json(view))
}

async fn close(by: May<ManageQuality>, lis: web::Data<Lis>, id: web::Path<WorkId>, json: Json<CloseInput>) -> Answer {
    let (id, seen, action, actor) = (*id, json.seen.required()?, json.input.checked()?, by.clone());
    let version: i64 =
        lis.command(&actor, &json.request, move |tx| actions::close_work(tx, &by, id, seen, &action)).await?;
    Ok(HttpResponse::Ok().json(serde_json::json!({"id": id, "version": version, "state": WorkState::Closed.code()})))
}
