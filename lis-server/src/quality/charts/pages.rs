//! Pages of control charts: the list, and one chart with its limits.

use actix_web::web;
use askama::Template;

use super::actions::{self, Chart, ChartView, FreezeInput, PointView};
use super::drawing::draw;
use super::points::{ChartKey, POINTS_LEAST};
use crate::accounts::role::{ManageQuality, SeeBench};
use crate::accounts::{Actor, May};
use crate::app::Lis;
use crate::catalogue::{Catalogue, actions as catalogue};
use crate::domain::refusal::{Outcome, Refusal};
use crate::web::language::Language;
use crate::web::routes::Routes;
use crate::web::ui::FormErrors;
use crate::web::{Answer, Form, Ui, page, refused, refused_page, see_other};

pub fn routes() -> Routes {
    Routes::new().get("/quality/charts", list).get("/quality/charts/chart", one).post("/quality/charts/limits", freeze)
}

/// A chart's names in the page's language.
struct Named {
    chart: ChartView,
    method: String,
    analyte: String,
    kind: String,
    href: String,
}

#[derive(Template)]
#[template(path = "quality/charts/list.html")]
struct ListPage {
    ui: Ui,
    lines: Vec<Named>,
}

fn method_text(catalogue: &Catalogue, key: &str) -> String {
    catalogue.method(key).map_or_else(|| key.to_owned(), |row| row.text())
}

fn analyte_text(catalogue: &Catalogue, key: &str, language: Language) -> String {
    match (catalogue.analytes.get(key), language) {
        (Some(row), Language::Chinese) => row.name_zh.clone(),
        (Some(row), Language::English) => row.name_en.clone(),
        (None, _) => key.to_owned(),
    }
}

fn href(key: &ChartKey) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    let pairs = [("method", &key.method), ("analyte", &key.analyte), ("kind", &key.kind), ("material", &key.material)];
    let query = query.extend_pairs(pairs).finish();
    format!("/quality/charts/chart?{query}")
}

async fn list(_: May<SeeBench>, ui: Ui, lis: web::Data<Lis>) -> Answer {
    let (charts, catalogue) = lis.db.read(|conn| Ok((actions::charts(conn)?, catalogue::current(conn)?))).await?;
    let named = |chart: ChartView| Named {
        method: method_text(&catalogue, &chart.key.method),
        analyte: analyte_text(&catalogue, &chart.key.analyte, ui.language),
        kind: ui.t(&format!("control-{}", chart.key.kind)),
        href: href(&chart.key),
        chart,
    };
    let lines = charts.into_iter().map(named).collect();
    page(&ListPage { lines, ui }, false)
}

#[derive(Template)]
#[template(path = "quality/charts/chart.html")]
struct ChartPage {
    ui: Ui,
    once: String,
    method: String,
    analyte: String,
    kind: String,
    svg: String,
    /// Newest first.
    points: Vec<PointView>,
    chart: Chart,
    may_freeze: bool,
    least: usize,
    reason: String,
    errors: FormErrors,
}

async fn shown(lis: &Lis, ui: Ui, by: &Actor, key: ChartKey, refusal: Option<&Refusal>) -> Outcome<ChartPage> {
    let (chart, catalogue) =
        lis.db.read(move |conn| Ok((actions::chart(conn, &key)?, catalogue::current(conn)?))).await?;
    let method = method_text(&catalogue, &chart.key.method);
    let analyte = analyte_text(&catalogue, &chart.key.analyte, ui.language);
    let kind = ui.t(&format!("control-{}", chart.key.kind));
    let title = format!("{analyte} · {kind} · {method}");
    Ok(ChartPage {
        once: ui.once(),
        points: chart.point_views().into_iter().rev().collect(),
        svg: draw(&chart.points, chart.limits.last(), &title),
        method,
        analyte,
        kind,
        may_freeze: May::<ManageQuality>::check(by).is_some(),
        least: POINTS_LEAST,
        reason: String::new(),
        errors: refusal.map(|refusal| FormErrors::of(refusal, ui.language)).unwrap_or_default(),
        chart,
        ui,
    })
}

async fn one(by: May<SeeBench>, ui: Ui, lis: web::Data<Lis>, key: web::Query<ChartKey>) -> Answer {
    page(&shown(&lis, ui, &by, key.into_inner(), None).await?, false)
}

async fn freeze(by: May<ManageQuality>, ui: Ui, lis: web::Data<Lis>, form: Form<FreezeInput>) -> Answer {
    let (input, actor, who) = (form.input, by.clone(), by.clone());
    let outcome = match input.checked() {
        Ok((key, reason)) => {
            let work = move |tx: &mut crate::db::Tx| actions::freeze(tx, &who, &key, &reason);
            refused(lis.command(&actor, &form.request, work).await)?.map(|_| ())
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(()) => Ok(see_other(&href(&input.key()), Some("done-limits-frozen"))),
        Err(refusal) => {
            let mut chart = shown(&lis, ui, &by, input.key(), Some(&refusal)).await?;
            chart.reason = input.reason;
            refused_page(&chart, &refusal)
        }
    }
}
