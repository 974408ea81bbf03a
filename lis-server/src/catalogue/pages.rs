//! Pages of the catalogue: limits, methods, editions to come, what is declared complete and which sets are in force; importing a set.

mod import;

use actix_web::web;
use askama::Template;
use chrono::NaiveDate;

use super::actions::{self, Catalogue};
use super::api::{LimitSearchInput, LimitView, MethodFilter, MethodView, found_limits, found_methods};
use super::editions::{ComingEdition, coming};
use super::reference::Completeness;
use super::store::{self, SetRow};
use crate::accounts::May;
use crate::accounts::actions::names_of;
use crate::accounts::role::{ManageCatalogue, SeeBench};
use crate::app::Lis;
use crate::domain::ids::PersonId;
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
    errors: FormErrors,
}

async fn limits(_: May<SeeBench>, ui: Ui, lis: web::Data<Lis>, query: web::Query<LimitSearchInput>) -> Answer {
    let mut input = query.into_inner();
    let asked = !(input.food.is_empty() && input.analyte.is_empty());
    let catalogue = lis.db.read(actions::current).await?;
    if input.produced.is_empty() {
        input.produced = lis.clock.now().date_in_china().to_string();
    }
    let mut shown = LimitsPage { ui, input, asked, rows: Vec::new(), complete: false, errors: FormErrors::default() };
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
    page(&MethodsPage { ui, search: query.search.clone(), rows: found.items, next }, false)
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
    // Whoever loaded a set is a name; what the program loaded itself stays as the log has it.
    let named = |set: &SetRow| {
        let name = importer(set).and_then(|id| names.get(&id).cloned());
        SetRow { imported_by: name.unwrap_or_else(|| set.imported_by.clone()), ..set.clone() }
    };
    let earlier = all.iter().filter(|set| !current.contains(set)).map(named).collect();
    let current = current.iter().map(named).collect();
    let may_import = May::<ManageCatalogue>::check(&by).is_some();
    page(&SetsPage { ui, completeness: completeness.clone(), current, earlier, may_import }, false)
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

/// What a limit was read from: the marks of the catalogue have words, `catalogue-source-std`; others stay.
fn source_word(ui: &Ui, mark: &Option<String>) -> String {
    mark_in_words(ui.language, "source", mark)
}

/// How sure the reading is.
fn confidence_word(ui: &Ui, mark: &Option<String>) -> String {
    mark_in_words(ui.language, "confidence", mark)
}

fn mark_in_words(language: Language, list: &str, mark: &Option<String>) -> String {
    let mark = mark.as_deref().unwrap_or_default();
    let word = format!("catalogue-{list}-{}", mark.to_ascii_lowercase());
    if language.knows(&word) { language.text(&word) } else { mark.to_owned() }
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
