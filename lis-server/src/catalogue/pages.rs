//! Pages of the catalogue: limits, methods, editions to come, what is declared complete and which sets are in force; importing a set.

mod import;

use actix_web::web;
use askama::Template;
use chrono::NaiveDate;

use super::api::{LimitSearchInput, LimitView, MethodFilter, MethodView, found_limits, found_methods, table_of};
use super::called::in_english;
use super::editions::{ComingEdition, coming};
use super::reference::Completeness;
use super::store::{self, SetRow};
use super::{Catalogue, actions};
use crate::accounts::May;
use crate::accounts::actions::names_of;
use crate::accounts::role::{ManageCatalogue, SeeBench};
use crate::app::Lis;
use crate::audit::words;
use crate::domain::ids::{CatalogueSetId, PersonId};
use crate::web::language::Language;
use crate::web::routes::Routes;
use crate::web::ui::FormErrors;
use crate::web::{Answer, Ui, page};

pub fn routes() -> Routes {
    Routes::new()
        .get("/catalogue", limits)
        .get("/catalogue/methods", methods)
        .get("/catalogue/editions", editions)
        .get("/catalogue/sets", sets)
        .get("/catalogue/sets/{id}/file", file)
        .and(import::routes())
}

#[derive(Template)]
#[template(path = "catalogue/pages/limits.html")]
struct LimitsPage {
    ui: Ui,
    input: LimitSearchInput,
    /// Something was asked.
    asked: bool,
    rows: Vec<LimitView>,
    complete: bool,
    /// Nobody in the laboratory has compared the limits with print.
    shipped: bool,
    errors: FormErrors,
}

impl LimitsPage {
    /// Where a value was read (`mark`), how sure that is (`confidence`): those of the shipped tables have words, others stay.
    fn word(&self, list: &str, code: &str) -> String {
        let word = format!("catalogue-{list}-{}", code.to_ascii_lowercase());
        if self.ui.language.knows(&word) { self.ui.t(&word) } else { code.to_owned() }
    }
}

async fn limits(_: May<SeeBench>, ui: Ui, lis: web::Data<Lis>, query: web::Query<LimitSearchInput>) -> Answer {
    let mut input = query.into_inner();
    let asked = !(input.food.is_empty() && input.analyte.is_empty());
    let catalogue = lis.db.read(actions::current).await?;
    if input.produced.is_empty() {
        input.produced = lis.clock.now().date_in_china().to_string();
    }
    let (shipped, errors) = (catalogue.is_shipped("limits"), FormErrors::default());
    let mut shown = LimitsPage { ui, input, asked, rows: Vec::new(), complete: false, shipped, errors };
    if asked {
        match shown.input.checked() {
            Ok(facts) => {
                let found = found_limits(&catalogue, &facts);
                (shown.rows, shown.complete) = (found.items, found.complete);
            }
            Err(refusal) => shown.errors = FormErrors::of(&refusal, shown.ui.language),
        }
    }
    page(&shown, false)
}

#[derive(Template)]
#[template(path = "catalogue/pages/methods.html")]
struct MethodsPage {
    ui: Ui,
    search: String,
    rows: Vec<MethodView>,
    next: String,
    /// Nobody in the laboratory has compared the methods with print.
    shipped: bool,
}

impl MethodsPage {
    fn technique(&self, technique: &str) -> String {
        technique_in_words(self.ui.language, technique)
    }
}

/// What a technique is called: those of the shipped methods have words, `technique-lc-ms-ms`; others stay as they were written.
fn technique_in_words(language: Language, technique: &str) -> String {
    let folded = technique.to_ascii_lowercase();
    let parts: Vec<&str> = folded.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty()).collect();
    let word = format!("technique-{}", parts.join("-"));
    if technique.is_ascii() && language.knows(&word) { language.text(&word) } else { technique.to_owned() }
}

async fn methods(_: May<SeeBench>, ui: Ui, lis: web::Data<Lis>, query: web::Query<MethodFilter>) -> Answer {
    let catalogue = lis.db.read(actions::current).await?;
    let found = found_methods(&catalogue, &query);
    let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let next = if found.more {
        format!("/catalogue/methods?search={}&after={}", encoded(&query.search), encoded(&found.next))
    } else {
        String::new()
    };
    let shipped = catalogue.is_shipped("methods");
    page(&MethodsPage { ui, search: query.search.clone(), rows: found.items, next, shipped }, false)
}

#[derive(Template)]
#[template(path = "catalogue/pages/editions.html")]
struct EditionsPage {
    ui: Ui,
    editions: Vec<(ComingEdition, Vec<String>)>,
}

async fn editions(_: May<SeeBench>, ui: Ui, lis: web::Data<Lis>) -> Answer {
    let today = lis.clock.now().date_in_china();
    let catalogue = lis.db.read(actions::current).await?;
    // Its procedures by what they are called: which of the standard and by which technique.
    let called = |edition: ComingEdition| {
        let rows = catalogue.methods.iter().filter(|row| edition.procedures.contains(&row.key));
        let called = rows.map(|row| technique_in_words(ui.language, &row.technique)).collect();
        (edition, called)
    };
    let editions = coming(&catalogue.methods, today).into_iter().map(called).collect();
    page(&EditionsPage { ui, editions }, false)
}

#[derive(Template)]
#[template(path = "catalogue/pages/sets.html")]
struct SetsPage {
    ui: Ui,
    completeness: Vec<Completeness>,
    current: Vec<SetRow>,
    earlier: Vec<SetRow>,
    /// One of those in force came with the program.
    shipped: bool,
    may_import: bool,
}

/// Sets listed at most: the history of many years of imports.
const SETS_SHOWN: i64 = 200;

async fn sets(by: May<SeeBench>, ui: Ui, lis: web::Data<Lis>) -> Answer {
    let (catalogue, all, names) = lis
        .db
        .read(|conn| {
            let (catalogue, all) = (actions::current(conn)?, store::sets(conn, None, SETS_SHOWN)?);
            let people: Vec<PersonId> = catalogue.sets.iter().chain(&all).filter_map(importer).collect();
            Ok((catalogue, all, names_of(conn, &people)?))
        })
        .await?;
    let Catalogue { completeness, sets: current, .. } = catalogue.as_ref();
    let shipped = current.iter().any(|set| catalogue.is_shipped(&set.kind));
    let language = ui.language;
    let named = |set: &SetRow| {
        let name = importer(set).and_then(|id| names.get(&id).cloned());
        let name = name.unwrap_or_else(|| words::actor(language, &set.imported_by));
        SetRow { imported_by: name, ..set.clone() }
    };
    let earlier = all.iter().filter(|set| !current.contains(set)).map(named).collect();
    let current = current.iter().map(named).collect();
    let may_import = May::<ManageCatalogue>::check(&by).is_some();
    page(&SetsPage { ui, completeness: completeness.clone(), current, earlier, shipped, may_import }, false)
}

async fn file(_: May<SeeBench>, lis: web::Data<Lis>, id: web::Path<CatalogueSetId>) -> Answer {
    table_of(&lis, *id).await
}

/// The person who loaded a set: `person:12`.
fn importer(set: &SetRow) -> Option<PersonId> {
    set.imported_by.strip_prefix("person:")?.parse().ok()
}

/// From when until when something holds; a slash where the catalogue says neither.
fn period(ui: &Ui, from: &Option<NaiveDate>, until: &Option<NaiveDate>) -> String {
    match (from, until) {
        (Some(from), Some(until)) => format!("{from} – {until}"),
        (Some(from), None) => ui.t1("catalogue-from", "day", from),
        (None, Some(until)) => ui.t1("catalogue-until", "day", until),
        (None, None) => "/".to_owned(),
    }
}

impl Ui {
    /// A method in the words of the page: `GB 5009.12-2023 第一法`, in English `GB 5009.12-2023 method 1`.
    pub fn method(&self, text: &str) -> String {
        match self.language {
            Language::Chinese => text.to_owned(),
            Language::English => in_english(text),
        }
    }
}

/// The name of a kind of sets.
fn kind_word(ui: &Ui, kind: &str) -> String {
    ui.t(&format!("catalogue-{}", kind.replace('_', "-")))
}

/// The beginning of a hash: enough to compare at a glance; the whole stands behind it.
fn short(sha256: &str) -> &str {
    sha256.get(..12).unwrap_or(sha256)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// GB 5009.12 by graphite furnace has a rule in the shipped table, GB 5009.11 by hydride generation has none.
    #[test]
    fn a_procedure_without_a_rule_of_calculation_says_so() {
        let catalogue = actions::shipped().unwrap();
        let has = |key: &str| {
            let filter = MethodFilter { search: key.to_owned(), ..MethodFilter::default() };
            let found = found_methods(&catalogue, &filter).items.into_iter().find(|row| row.key == key).unwrap();
            (found.rule, found.formula.is_empty())
        };
        assert_eq!(has("gb5009.12-2023/gfaas"), (true, false));
        assert_eq!(has("gb5009.11-2024/hg-afs"), (false, true));
        assert!(catalogue.has_rule("gb5009.12-2023/gfaas", "pb"));
        assert!(!catalogue.has_rule("gb5009.11-2024/hg-afs", "total-as"));
    }

    #[test]
    fn techniques_of_shipped_methods_have_words_and_others_stay() {
        let chinese = |technique: &str| technique_in_words(Language::Chinese, technique);
        assert_eq!(chinese("LC-MS/MS"), "液相色谱-串联质谱法");
        assert_eq!(chinese("plate count"), "平板计数法");
        assert_eq!(chinese("顶空 GC"), "顶空 GC");
        assert_eq!(chinese("Raman"), "Raman");
        let catalogue = actions::shipped().unwrap();
        let wordless: Vec<&str> = catalogue
            .methods
            .iter()
            .map(|row| row.technique.as_str())
            .filter(|technique| chinese(technique) == *technique)
            .collect();
        assert_eq!(wordless, [""; 0]);
    }
}
