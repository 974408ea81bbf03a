//! The catalogue for programs: limits, methods, the evaluator of judgement; the sets that it is read from and the import
//! of the laboratory's own.

mod editions;
mod sets;

use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::reference::{LimitRow, LimitRule};
use super::search::{Food, LimitQuery};
use super::{Catalogue, actions};
use crate::accounts::May;
use crate::accounts::role::SeeBench;
use crate::app::Lis;
use crate::domain::input::Checker;
use crate::domain::refusal::{Fault, Refusal};
use crate::judgement::calc;
use crate::web::paging::Listed;
use crate::web::routes::Routes;
use crate::web::{Answer, Asked, Json};

pub(super) use sets::table_of;

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/limits", limits)
        .about("The limits that hold for a food, an analyte and a production date, the most specific first.")
        .gives::<LimitsView>()
        .get("/api/v1/methods", methods)
        .about("Procedures of the methods in force, in order of key.")
        .gives::<Listed<MethodView>>()
        .post("/api/v1/judgement/evaluate", evaluate)
        .about("One question of judgement, as `lis-server calc` takes it; a question it cannot answer gets an `error`.")
        .repeatable()
        .gives::<EvaluationAnswer>()
        .and(editions::routes())
        .and(sets::routes())
}

/// A search for limits, by page and by program.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
pub struct LimitSearchInput {
    /// Name of the food or category, or `tree:id` of a category.
    #[param(required)]
    pub food: String,
    /// Name, alias, CAS number or key.
    #[param(required)]
    pub analyte: String,
    /// Production date, `2026-11-16`.
    #[param(required)]
    pub produced: String,
    /// Number of one standard, without edition; empty: all.
    pub standard: String,
}

/// The same, checked.
#[derive(Clone, Debug)]
pub struct LimitSearchFacts {
    food: String,
    analyte: String,
    produced: chrono::NaiveDate,
    standard: String,
}

impl LimitSearchInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<LimitSearchFacts, Refusal> {
        let mut check = Checker::new();
        let food = check.text("food", &self.food, 120);
        let analyte = check.text("analyte", &self.analyte, 120);
        let standard = check.optional_text("standard", &self.standard, 60);
        let produced = check.date("produced", &self.produced);
        check.done(produced.map(|produced| LimitSearchFacts { food, analyte, produced, standard }))
    }
}

/// One limit as programs and pages see it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct LimitView {
    pub key: String,
    pub standard: String,
    pub food_category_zh: String,
    pub food_category_en: String,
    pub analyte: String,
    pub analyte_zh: String,
    pub analyte_en: String,
    /// max, min, range, absent, gmp, microbiology
    pub kind: String,
    /// `0.2`, `18~33`, `ND`, `NP`; empty for a plan.
    pub value: String,
    pub unit: String,
    pub n: Option<u32>,
    pub c: Option<u32>,
    pub m: Option<String>,
    #[serde(rename = "M")]
    pub maximum: Option<String>,
    pub basis: String,
    pub comparison: String,
    /// Whether the limit is written with < or >: a value equal to it fails.
    pub exclusive: bool,
    pub methods: Vec<String>,
    #[schema(value_type = Option<String>, format = Date)]
    pub valid_from: Option<chrono::NaiveDate>,
    #[schema(value_type = Option<String>, format = Date)]
    pub valid_to: Option<chrono::NaiveDate>,
    pub verified_by: Option<String>,
    pub confidence: Option<String>,
    pub note: String,
    /// Whether the row holds without a further question to a person.
    pub certain: bool,
    /// The most specific row of its standard.
    pub governing: bool,
}

#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct LimitsView {
    pub items: Vec<LimitView>,
    pub next: String,
    pub more: bool,
    /// Whether the catalogue is declared complete for what was asked; only then does a missing row say something.
    pub complete: bool,
}

/// The limits that hold, most specific first.
pub fn found_limits(catalogue: &Catalogue, facts: &LimitSearchFacts) -> LimitsView {
    let standards: Vec<&str> = if facts.standard.is_empty() { Vec::new() } else { vec![&facts.standard] };
    let placed = facts.food.split_once(':').filter(|(tree, id)| catalogue.categories.get(tree, id).is_some());
    let food = match placed {
        Some((tree, category)) => Food::Placed { tree, category },
        None => Food::Named(&facts.food),
    };
    let search = catalogue.search();
    let found =
        search.search(&LimitQuery { standards: &standards, food, analyte: &facts.analyte, produced: facts.produced });
    let governing: Vec<&str> = found.governing().iter().map(|found| found.row.key.as_str()).collect();
    let items = found
        .rows
        .iter()
        .map(|found| LimitView::of(found.row, found.is_certain(), governing.contains(&found.row.key.as_str())))
        .collect();
    LimitsView { items, next: String::new(), more: false, complete: found.complete }
}

impl LimitView {
    pub fn of(row: &LimitRow, certain: bool, governing: bool) -> Self {
        let plan = match &row.rule {
            LimitRule::Microbiology { n, c, m, big_m } => Some((*n, *c, m.clone(), big_m.clone())),
            _ => None,
        };
        Self {
            key: row.key.clone(),
            standard: row.standard.clone(),
            food_category_zh: row.food_category_zh.clone(),
            food_category_en: row.food_category_en.clone(),
            analyte: row.analyte.clone(),
            analyte_zh: row.analyte_zh.clone(),
            analyte_en: row.analyte_en.clone(),
            kind: row.rule.kind().to_owned(),
            value: row.rule.value(),
            unit: row.unit.clone(),
            n: plan.as_ref().map(|plan| plan.0),
            c: plan.as_ref().map(|plan| plan.1),
            m: plan.as_ref().map(|plan| plan.2.to_string()),
            maximum: plan.and_then(|plan| plan.3).map(|maximum| maximum.to_string()),
            basis: row.basis.as_str().to_owned(),
            comparison: row.comparison.as_str().to_owned(),
            exclusive: row.exclusive,
            methods: row.methods.clone(),
            valid_from: row.valid_from,
            valid_to: row.valid_to,
            verified_by: row.verified_by.map(|mark| mark.as_str().to_owned()),
            confidence: row.confidence.map(|mark| mark.as_str().to_owned()),
            note: row.note.clone(),
            certain,
            governing,
        }
    }

    /// As papers write it: `≤ 0.2 mg/kg`, `n=5 c=2 m=10 M=100 CFU/g`.
    pub fn text(&self) -> String {
        let sign = match (self.kind.as_str(), self.exclusive) {
            ("max", false) => "≤ ",
            ("max", true) => "< ",
            ("min", false) => "≥ ",
            ("min", true) => "> ",
            _ => "",
        };
        match (&self.n, &self.c, &self.m) {
            (Some(n), Some(c), Some(m)) => {
                let maximum = self.maximum.as_ref().map(|maximum| format!(" M={maximum}")).unwrap_or_default();
                format!("n={n} c={c} m={m}{maximum} {}", self.unit)
            }
            _ => format!("{sign}{} {}", self.value, self.unit),
        }
        .trim()
        .to_owned()
    }
}

async fn limits(_: May<SeeBench>, lis: web::Data<Lis>, query: Asked<LimitSearchInput>) -> Answer {
    let facts = query.checked()?;
    let catalogue = lis.db.read(actions::current).await?;
    Ok(HttpResponse::Ok().json(found_limits(&catalogue, &facts)))
}

/// One procedure of a method.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct MethodView {
    pub key: String,
    pub text: String,
    pub title_zh: String,
    pub title_en: String,
    pub technique: String,
    pub analytes: Vec<String>,
    pub screening: bool,
    #[schema(value_type = Option<String>, format = Date)]
    pub valid_from: Option<chrono::NaiveDate>,
    #[schema(value_type = Option<String>, format = Date)]
    pub valid_to: Option<chrono::NaiveDate>,
    /// The expression by which readings become a result; empty: the reading is the result.
    pub formula: String,
    /// Whether there is a rule of calculation; without one the reading is taken as the result, and no controls are placed.
    pub rule: bool,
}

#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
pub struct MethodFilter {
    /// Part of a standard's number, a title or an analyte's key.
    pub search: String,
    /// Key of the last procedure of the page before.
    pub after: String,
}

/// Procedures on one page.
const PAGE_ROWS: usize = 100;

/// The procedures that fit a filter.
pub fn found_methods(catalogue: &Catalogue, filter: &MethodFilter) -> Listed<MethodView> {
    let sought = super::names::fold(&filter.search);
    let fits = |row: &&super::reference::MethodRow| {
        let words = [row.text(), row.title_zh.clone(), row.title_en.clone(), row.analytes.join(" "), row.key.clone()];
        sought.is_empty() || words.iter().any(|word| super::names::fold(word).contains(&sought))
    };
    let mut rows: Vec<_> = catalogue.methods.iter().filter(fits).collect();
    rows.sort_by(|a, b| a.key.cmp(&b.key));
    rows.retain(|row| filter.after.is_empty() || row.key > filter.after);
    let more = rows.len() > PAGE_ROWS;
    rows.truncate(PAGE_ROWS);
    let items: Vec<MethodView> = rows
        .into_iter()
        .map(|row| MethodView {
            key: row.key.clone(),
            text: row.text(),
            title_zh: row.title_zh.clone(),
            title_en: row.title_en.clone(),
            technique: row.technique.clone(),
            analytes: row.analytes.clone(),
            screening: row.screening,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
            formula: formula_text(catalogue, &row.key),
            rule: catalogue.formulas.iter().any(|rule| rule.method == row.key),
        })
        .collect();
    let next = items.last().map(|item| item.key.clone()).unwrap_or_default();
    Listed { items, next, more }
}

fn formula_text(catalogue: &Catalogue, method: &str) -> String {
    use super::import::Evaluation;
    let row = catalogue.formulas.iter().find(|row| row.method == method);
    match row.map(|row| &row.evaluation) {
        Some(Evaluation::Formula { expression }) => expression.as_str().to_owned(),
        Some(Evaluation::Plates { range }) => format!("GB 4789.2: {} CFU", range.shown()),
        Some(Evaluation::Tubes) => "MPN".to_owned(),
        Some(Evaluation::Sum) => "Σ".to_owned(),
        Some(Evaluation::Detection | Evaluation::Direct | Evaluation::Proportion) | None => String::new(),
    }
}

async fn methods(_: May<SeeBench>, lis: web::Data<Lis>, query: Asked<MethodFilter>) -> Answer {
    let catalogue = lis.db.read(actions::current).await?;
    Ok(HttpResponse::Ok().json(found_methods(&catalogue, &query)))
}

/// One question of `lis-server calc`; the reference lists the operations with their fields.
#[derive(Deserialize, Serialize, utoipa::ToSchema)]
struct EvaluationQuestion {
    /// `round`, `judge`, `convert`, `formula`, `micro`, `plates` …
    #[serde(skip_serializing_if = "Option::is_none")]
    op: Option<String>,
    /// The fields of the operation.
    #[serde(flatten)]
    fields: BTreeMap<String, serde_json::Value>,
}

/// The evaluator's answer: the fields of the operation, or why there is none.
#[derive(Deserialize, Serialize, utoipa::ToSchema)]
struct EvaluationAnswer {
    /// What cannot be answered, and where.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(flatten)]
    fields: BTreeMap<String, serde_json::Value>,
}

async fn evaluate(_: May<SeeBench>, lis: web::Data<Lis>, json: Json<EvaluationQuestion>) -> Answer {
    let catalogue = lis.db.read(actions::current).await?;
    // As it was written: a field that is given twice is refused as on the command line.
    let line = String::from_utf8(json.body.to_vec()).map_err(Fault::broken)?;
    let answer = web::block(move || calc::answer(&line, catalogue.as_ref())).await.map_err(Fault::broken)?;
    let answer: EvaluationAnswer = serde_json::from_str(&answer).map_err(Fault::broken)?;
    Ok(HttpResponse::Ok().json(answer))
}
