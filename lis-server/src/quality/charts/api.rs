//! Control charts for programs.

use actix_web::{HttpResponse, web};
use serde::Serialize;

use super::actions::{self, ChartView, FreezeInput, LimitsView, PointView};
use super::points::ChartKey;
use crate::accounts::May;
use crate::accounts::role::{ManageQuality, SeeBench};
use crate::app::Lis;
use crate::web::routes::Routes;
use crate::web::{Answer, Json};

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/control-charts", charts)
        .get("/api/v1/control-charts/points", points)
        .post("/api/v1/control-charts/limits", freeze)
}

#[derive(Serialize, utoipa::ToSchema)]
struct ChartsView {
    items: Vec<ChartView>,
    next: String,
    more: bool,
}

async fn charts(_: May<SeeBench>, lis: web::Data<Lis>) -> Answer {
    let items = lis.db.read(actions::charts).await?;
    Ok(HttpResponse::Ok().json(ChartsView { items, next: String::new(), more: false }))
}

#[derive(Serialize, utoipa::ToSchema)]
struct PointsView {
    items: Vec<PointView>,
    /// Newest first.
    limits: Vec<LimitsView>,
    next: String,
    more: bool,
}

async fn points(_: May<SeeBench>, lis: web::Data<Lis>, key: web::Query<ChartKey>) -> Answer {
    let key = key.into_inner();
    let chart = lis.db.read(move |conn| actions::chart(conn, &key)).await?;
    let items = chart.point_views();
    Ok(HttpResponse::Ok().json(PointsView { items, limits: chart.history, next: String::new(), more: false }))
}

async fn freeze(by: May<ManageQuality>, lis: web::Data<Lis>, json: Json<FreezeInput>) -> Answer {
    let request = json.keyed()?.clone();
    let (key, reason) = json.input.checked()?;
    let actor = by.clone();
    let frozen = lis.command(&actor, &request, move |tx| actions::freeze(tx, &by, &key, &reason)).await?;
    Ok(HttpResponse::Created().json(frozen))
}
