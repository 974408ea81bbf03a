//! Control charts for programs.

use actix_web::{HttpResponse, web};
use serde::Serialize;

use super::actions::{self, ChartLimitsView, ChartView, FreezeInput, Frozen, PointView};
use super::points::ChartKey;
use super::switching::{self, RuleInput, RuleSet, RuleView};
use crate::accounts::May;
use crate::accounts::role::{ManageQuality, SeeBench};
use crate::app::Lis;
use crate::web::paging::Listed;
use crate::web::routes::Routes;
use crate::web::{Answer, Asked, Json};

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/control-charts", charts)
        .about("Every control chart that has points, by method, analyte and kind of control.")
        .gives::<Listed<ChartView>>()
        .get("/api/v1/control-charts/points", points)
        .about("The newest points of one chart in order of time, and the versions of its limits.")
        .gives::<PointsView>()
        .post("/api/v1/control-charts/limits", freeze)
        .about("Freezes mean and standard deviation of a chart's points so far as its next version.")
        .keyed()
        .creates::<Frozen>()
        .get("/api/v1/control-charts/rules", rules)
        .about("What each Westgard rule does in the charts, with every change of it.")
        .gives::<Listed<RuleView>>()
        .post("/api/v1/control-charts/rules", set_rule)
        .about(
            "Sets what a Westgard rule does from now on, for every method or for one: nothing, a warning, a rejection.",
        )
        .keyed()
        .creates::<RuleSet>()
}

async fn charts(_: May<SeeBench>, lis: web::Data<Lis>) -> Answer {
    let items = lis.db.read(actions::charts).await?;
    Ok(HttpResponse::Ok().json(Listed::whole(items)))
}

#[derive(Serialize, utoipa::ToSchema)]
struct PointsView {
    items: Vec<PointView>,
    /// Newest first.
    limits: Vec<ChartLimitsView>,
    next: String,
    more: bool,
}

async fn points(_: May<SeeBench>, lis: web::Data<Lis>, key: Asked<ChartKey>) -> Answer {
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

async fn rules(_: May<SeeBench>, lis: web::Data<Lis>) -> Answer {
    let now = lis.clock.now();
    let items = lis.db.read(move |conn| switching::rules(conn, now)).await?;
    Ok(HttpResponse::Ok().json(Listed::whole(items)))
}

async fn set_rule(by: May<ManageQuality>, lis: web::Data<Lis>, json: Json<RuleInput>) -> Answer {
    let request = json.keyed()?.clone();
    let facts = json.input.checked()?;
    let actor = by.clone();
    let made: RuleSet = lis.command(&actor, &request, move |tx| switching::set_rule(tx, &by, &facts)).await?;
    Ok(HttpResponse::Created().json(made))
}
