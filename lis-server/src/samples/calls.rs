//! What this room asks of others, in one place: the catalogue, the planning of test items, mail, files, the typesetter.
//!
//! Two calls still have a short way of their own: the catalogue is the shipped one (to become `catalogue::actions::current`), and
//! uploads are kept without a row in `stored_file` (to become `lis.files`).

use std::sync::{Arc, LazyLock};

use chrono::NaiveDate;

use super::order::{Offer, OrderedItem};
use super::words::SampleType;
use crate::accounts::Actor;
use crate::app::Lis;
use crate::catalogue::names::split_edition;
use crate::catalogue::reference::Reference;
use crate::db::{Conn, Tx};
use crate::domain::calendar::{CalendarException, WorkingCalendar};
use crate::domain::ids::{PartId, SampleId};
use crate::domain::refusal::{Fault, NOT_FOUND, Outcome};
use crate::mail;
use crate::pdf::documents::LabelSheet;
use crate::testing::actions as testing;
use crate::web::language::Language;

/// A class that a form may name: code as stored, names.
#[derive(Clone, Debug)]
pub struct Category {
    pub code: String,
    pub zh: String,
    pub en: String,
}

/// What this room needs of the catalogue in force.
pub struct Catalogue {
    pub calendar: WorkingCalendar,
    reference: &'static Reference,
}

impl Catalogue {
    /// The code that is stored for a category: of the yearly rules by code or path of names, or `tree:id`.
    pub fn category(&self, name: &str) -> Option<String> {
        let name = name.trim();
        let rules = &self.reference.implementing_rules;
        let of_rules = rules.iter().find(|rule| rule.category == name || rule.category_zh == name);
        if let Some(rule) = of_rules {
            return Some(rule.category.clone());
        }
        let (tree, id) = name.split_once(':')?;
        let found = self.reference.categories.find(tree.trim(), id.trim())?;
        Some(format!("{}:{}", found.tree, found.id))
    }

    /// Classes of the yearly rules, then those of the trees, for pages.
    pub fn categories(&self) -> Vec<Category> {
        let mut all: Vec<Category> = Vec::new();
        for rule in &self.reference.implementing_rules {
            if all.iter().all(|one| one.code != rule.category) {
                let (zh, en) = (rule.category_zh.clone(), rule.category_en.clone());
                all.push(Category { code: rule.category.clone(), zh, en });
            }
        }
        let classes = self.reference.categories.rows().iter().filter(|row| row.covers.is_empty());
        all.extend(classes.map(|row| Category {
            code: format!("{}:{}", row.tree, row.id),
            zh: format!("{} {}", row.tree, row.name_zh),
            en: format!("{} {}", row.tree, row.name_en),
        }));
        all
    }

    /// The name of a stored category.
    pub fn category_name(&self, code: &str, language: Language) -> String {
        let found = self.categories().into_iter().find(|one| one.code == code);
        match (found, language) {
            (Some(one), Language::Chinese) => one.zh,
            (Some(one), Language::English) => one.en,
            (None, _) => code.to_owned(),
        }
    }

    /// Items that can be ordered: `analyte|method standard` and the names in both languages.
    pub fn items(&self) -> Vec<(String, String, String)> {
        let mut items = Vec::new();
        for analyte in self.reference.analytes.rows() {
            let mut standards: Vec<&str> = Vec::new();
            for method in &self.reference.methods {
                let standard = method.standard.as_str();
                if method.analytes.contains(&analyte.key) && !standards.contains(&standard) {
                    standards.push(standard);
                }
            }
            for standard in standards {
                let name = |name: &str| format!("{name} · {standard}");
                let value = format!("{}|{standard}", analyte.key);
                items.push((value, name(&analyte.name_zh), name(&analyte.name_en)));
            }
        }
        items
    }

    /// Name of an analyte by its key.
    pub fn analyte_name(&self, key: &str, language: Language) -> String {
        match (self.reference.analytes.get(key), language) {
            (Some(analyte), Language::Chinese) => analyte.name_zh.clone(),
            (Some(analyte), Language::English) => analyte.name_en.clone(),
            (None, _) => key.to_owned(),
        }
    }
}

impl Offer for Catalogue {
    fn analyte(&self, name: &str) -> Option<String> {
        if let Some(analyte) = self.reference.analytes.get(name) {
            return Some(analyte.key.clone());
        }
        let mut found = self.reference.analytes.find(name);
        match (found.next(), found.next()) {
            (Some(one), None) => Some(one.key.clone()),
            _ => None,
        }
    }

    fn has_method(&self, standard: &str) -> bool {
        let (number, _) = split_edition(standard);
        self.reference.methods.iter().any(|method| method.standard == number)
    }
}

/// The catalogue in force; to become `catalogue::actions::current`.
pub fn catalogue(_: &mut Conn) -> Outcome<Arc<Catalogue>> {
    static SHIPPED: LazyLock<Result<Arc<Catalogue>, String>> = LazyLock::new(|| {
        let reference = Reference::shipped().map_err(|errors| format!("{errors:?}"))?;
        let days = reference.calendar.iter().map(|day| CalendarException { date: day.date, kind: day.kind });
        let calendar = WorkingCalendar::new(days).map_err(|error| error.to_string())?;
        Ok(Arc::new(Catalogue { calendar, reference }))
    });
    SHIPPED.clone().map_err(Fault::Broken)
}

/// An accepted sample, as the planning of its items needs it.
pub struct SampleToTest {
    pub sample_id: SampleId,
    pub sample_type: SampleType,
    pub food_category: String,
    pub sampled_on: NaiveDate,
    pub production_date: Option<NaiveDate>,
    pub test_part: PartId,
    pub micro_parts: Vec<PartId>,
    pub ordered: Vec<OrderedItem>,
    pub limit_standards: Vec<String>,
    /// The order asks for results without a verdict.
    pub results_only: bool,
}

/// Plans the items of an accepted sample: those of the order, else those of the yearly rules for its category. Says how
/// many there are.
pub fn plan_items(tx: &mut Tx, by: &Actor, sample: &SampleToTest) -> Outcome<usize> {
    let ordered = sample
        .ordered
        .iter()
        .map(|item| testing::OrderedItem {
            analyte: item.analyte.clone(),
            method_standard: item.method_standard.clone(),
            limit_standards: sample.limit_standards.clone(),
            results_only: sample.results_only,
        })
        .collect();
    let planned = testing::plan_items(
        tx,
        by,
        &testing::SampleToTest {
            sample_id: sample.sample_id,
            sample_type: sample.sample_type.code().to_owned(),
            food_category: sample.food_category.clone(),
            sampled_on: Some(sample.sampled_on),
            production_date: sample.production_date,
            test_part: sample.test_part,
            micro_parts: sample.micro_parts.clone(),
            ordered,
        },
    )?;
    Ok(planned.len())
}

/// A mail about a sample.
pub struct NewMail {
    pub key: String,
    pub recipient: String,
    pub language: Language,
    pub subject: String,
    pub body: String,
    pub about: (&'static str, i64),
}

/// Puts mails into the outbox by one statement.
pub fn queue_mails(tx: &mut Tx, mails: &[NewMail]) -> Outcome<()> {
    let mails: Vec<mail::NewMail> = mails
        .iter()
        .map(|one| mail::NewMail {
            key: one.key.clone(),
            recipient: one.recipient.clone(),
            language: one.language,
            subject: one.subject.clone(),
            body: one.body.clone(),
            attachment: None,
            about: one.about,
        })
        .collect();
    mail::queue_all(tx, &mails)?;
    Ok(())
}

/// Keeps an uploaded file under its SHA-256; to become `lis.files.put`.
pub fn keep_file(lis: &Lis, sha256: &str, bytes: &[u8]) -> Outcome<()> {
    let place = lis.config.data.join("files").join(&sha256[..2]);
    std::fs::create_dir_all(&place).map_err(Fault::broken)?;
    let unfinished = place.join(uuid::Uuid::new_v4().to_string());
    let mut file = std::fs::File::create_new(&unfinished).map_err(Fault::broken)?;
    std::io::Write::write_all(&mut file, bytes).and_then(|()| file.sync_all()).map_err(Fault::broken)?;
    std::fs::rename(&unfinished, place.join(sha256)).map_err(Fault::broken)
}

/// The bytes of a kept file; to become `lis.files.get`.
pub fn kept_file(lis: &Lis, sha256: &str) -> Outcome<Vec<u8>> {
    let is_hash = sha256.len() == 64 && sha256.chars().all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c));
    if !is_hash {
        return Err(NOT_FOUND.into());
    }
    let place = lis.config.data.join("files").join(&sha256[..2]).join(sha256);
    std::fs::read(place).map_err(|_| NOT_FOUND.into())
}

/// Sets a sheet of labels.
pub fn label_sheet(lis: &Lis, sheet: &LabelSheet) -> Outcome<Vec<u8>> {
    lis.typesetter.label_sheet(sheet, lis.clock.now().utc()).map_err(Fault::broken)
}

/// The page of the bench that shows a container.
pub fn bench_page(label: &str) -> String {
    format!("/bench/{label}")
}
