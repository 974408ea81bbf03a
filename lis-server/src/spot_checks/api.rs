//! Draws for programs.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::actions::{self, DrawInput, DrawSaved};
use super::record::{Record, Repeated};
use super::{pages, store};
use crate::accounts::May;
use crate::accounts::role::DrawSpotChecks;
use crate::app::Lis;
use crate::domain::clock::Moment;
use crate::domain::ids::DrawId;
use crate::web::paging::{self, LIMIT, Listed};
use crate::web::routes::Routes;
use crate::web::{Answer, Asked, Json, Ui};

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/draws", draws)
        .about("Draws, newest first.")
        .gives::<Listed<DrawLine>>()
        .post("/api/v1/draws", create)
        .about("Draws units by risk weight, and a pair of samplers for each.")
        .keyed()
        .creates::<DrawSaved>()
        .get("/api/v1/draws/{id}", draw)
        .about("A draw with the record that repeats it.")
        .gives::<DrawView>()
        .get("/api/v1/draws/{id}/repeat", repeat)
        .about("Draws again from the stored record and compares.")
        .gives::<Repeated>()
        .get("/api/v1/draws/{id}/pdf", pdf)
        .about("The record of a draw, ready to be printed.")
        .gives_file("application/pdf")
}

#[derive(Deserialize, utoipa::IntoParams)]
struct Page {
    /// The `next` of the answer before.
    after: Option<i64>,
    /// Rows of the answer, 1 to 500; 50 unless said otherwise.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
}

/// A draw without its lists.
#[derive(Serialize, utoipa::ToSchema)]
pub struct DrawLine {
    pub id: i64,
    pub draw_no: String,
    pub kind: String,
    pub region_code: String,
    pub plan_id: Option<i64>,
    #[schema(value_type = String, format = DateTime)]
    pub drawn_at: Moment,
}

async fn draws(_: May<DrawSpotChecks>, lis: web::Data<Lis>, query: Asked<Page>) -> Answer {
    let (after, limit) = (query.after, paging::limit(query.limit, LIMIT)?);
    let rows = lis.db.read(move |conn| Ok(store::draws(conn, after, limit + 1)?)).await?;
    let view = |(id, draw_no, kind, region_code, plan, drawn_at): store::DrawHead| DrawLine {
        id: id.0,
        draw_no,
        kind,
        region_code,
        plan_id: plan.map(|plan| plan.0),
        drawn_at,
    };
    Ok(HttpResponse::Ok().json(Listed::of(rows, limit, |row| row.0.to_string(), view)))
}

async fn create(by: May<DrawSpotChecks>, lis: web::Data<Lis>, json: Json<DrawInput>) -> Answer {
    let request = json.keyed()?.clone();
    let facts = json.input.checked()?;
    let actor = by.clone();
    let saved: DrawSaved = lis.command(&actor, &request, move |tx| actions::draw_spot_check(tx, &by, &facts)).await?;
    Ok(HttpResponse::Created().json(saved))
}

/// A draw with the record that repeats it.
#[derive(Serialize, utoipa::ToSchema)]
struct DrawView {
    id: i64,
    draw_no: String,
    kind: String,
    drawn_at: Moment,
    list_hash: String,
    record: Record,
}

async fn draw(_: May<DrawSpotChecks>, lis: web::Data<Lis>, id: web::Path<DrawId>) -> Answer {
    let id = *id;
    let (row, record) = lis.db.read(move |conn| actions::stored(conn, id)).await?;
    Ok(HttpResponse::Ok().json(DrawView {
        id: id.0,
        draw_no: row.draw_no,
        kind: row.kind,
        drawn_at: row.drawn_at,
        list_hash: row.list_hash,
        record,
    }))
}

async fn repeat(_: May<DrawSpotChecks>, lis: web::Data<Lis>, id: web::Path<DrawId>) -> Answer {
    let id = *id;
    let repeated: Repeated = lis.db.read(move |conn| Ok(actions::repeated(conn, id)?.2)).await?;
    Ok(HttpResponse::Ok().json(repeated))
}

async fn pdf(_: May<DrawSpotChecks>, ui: Ui, lis: web::Data<Lis>, id: web::Path<DrawId>) -> Answer {
    pages::printed(&lis, &ui, *id).await
}
