//! Pages of control charts: the list, one chart with its limits, and what the Westgard rules do.

use actix_web::web;
use askama::Template;

use super::actions::{self, Chart, ChartView, FreezeInput, PointView};
use super::drawing::draw;
use super::points::{ChartKey, POINTS_LEAST, rule_name};
use super::rules::{RULES, RuleAction};
use super::switching::{self, RuleInput, RuleView};
use crate::accounts::role::{ManageQuality, SeeBench};
use crate::accounts::{Actor, May};
use crate::app::Lis;
use crate::catalogue::{Catalogue, actions as catalogue};
use crate::domain::refusal::{Outcome, Refusal};
use crate::web::language::Language;
use crate::web::routes::Routes;
use crate::web::ui::{Choice, FormErrors};
use crate::web::{Answer, Form, Ui, page, refused, refused_page, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/quality/charts", list)
        .get("/quality/charts/chart", one)
        .post("/quality/charts/limits", freeze)
        .get("/quality/charts/rules", rules)
        .post("/quality/charts/rules", set_rule)
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
    let (chinese, english) = catalogue.analyte_name(key);
    language.pick(chinese, english).to_owned()
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

#[derive(Template)]
#[template(path = "quality/charts/rules.html")]
struct RulesPage {
    ui: Ui,
    once: String,
    rules: Vec<RuleView>,
    may_set: bool,
    /// Of the catalogue; a change of before may name another.
    methods: Vec<Choice>,
    rule_choices: Vec<Choice>,
    action_choices: Vec<Choice>,
    input: RuleInput,
    errors: FormErrors,
}

impl RulesPage {
    fn action_word(&self, code: &str) -> String {
        self.ui.t(&format!("chart-rule-{code}"))
    }

    fn method_word(&self, key: &str) -> String {
        if key.is_empty() {
            return self.ui.t("chart-rule-every-method");
        }
        self.methods.iter().find(|one| one.value == key).map_or_else(|| key.to_owned(), |one| one.label.clone())
    }
}

async fn rules_page(lis: &Lis, ui: Ui, by: &Actor, input: RuleInput, refusal: Option<&Refusal>) -> Outcome<RulesPage> {
    let now = lis.clock.now();
    let (rules, catalogue) =
        lis.db.read(move |conn| Ok((switching::rules(conn, now)?, catalogue::current(conn)?))).await?;
    let choice = |value: &str, label: String| Choice { value: value.to_owned(), label, chosen: false };
    let methods = catalogue.methods.iter().map(|row| choice(&row.key, row.text())).collect();
    let rule_choices = RULES.iter().map(|rule| choice(rule_name(*rule), rule_name(*rule).to_owned())).collect();
    let word = |action: &RuleAction| ui.t(&format!("chart-rule-{}", action.code()));
    let action_choices = RuleAction::ALL.iter().map(|action| choice(action.code(), word(action))).collect();
    let errors = refusal.map(|refusal| FormErrors::of(refusal, ui.language)).unwrap_or_default();
    let may_set = May::<ManageQuality>::check(by).is_some();
    Ok(RulesPage { once: ui.once(), rules, may_set, methods, rule_choices, action_choices, input, errors, ui })
}

async fn rules(by: May<SeeBench>, ui: Ui, lis: web::Data<Lis>) -> Answer {
    page(&rules_page(&lis, ui, &by, RuleInput::default(), None).await?, false)
}

async fn set_rule(by: May<ManageQuality>, ui: Ui, lis: web::Data<Lis>, form: Form<RuleInput>) -> Answer {
    let Form { input, request, .. } = form;
    let (actor, who) = (by.clone(), by.clone());
    let outcome = match input.checked() {
        Ok(facts) => {
            let work = move |tx: &mut crate::db::Tx| switching::set_rule(tx, &who, &facts);
            refused(lis.command(&actor, &request, work).await)?.map(|_| ())
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(()) => Ok(see_other("/quality/charts/rules", Some("done-chart-rule-set"))),
        Err(refusal) => refused_page(&rules_page(&lis, ui, &by, input, Some(&refusal)).await?, &refusal),
    }
}
