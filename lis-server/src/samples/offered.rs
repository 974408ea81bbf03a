//! What the catalogue in force offers to forms and orders: classes of food, items and their methods, the working calendar.

use std::sync::Arc;

use super::order::Offer;
use crate::catalogue::Catalogue;
use crate::catalogue::actions::current;
use crate::catalogue::names::split_edition;
use crate::db::Conn;
use crate::domain::calendar::WorkingCalendar;
use crate::domain::refusal::Outcome;
use crate::web::language::Language;

/// A class that a form may name: code as stored, names.
#[derive(Clone, Debug)]
pub struct Category {
    pub code: String,
    pub zh: String,
    pub en: String,
}

/// The catalogue in force as forms and orders see it.
pub struct Offered(Arc<Catalogue>);

impl Offered {
    pub fn current(conn: &mut Conn) -> Outcome<Self> {
        Ok(Self(current(conn)?))
    }

    /// The catalogue behind it, for whoever plans what is tested.
    pub fn whole(&self) -> &Catalogue {
        &self.0
    }

    pub fn calendar(&self) -> &WorkingCalendar {
        &self.0.calendar
    }

    /// The code that is stored for a category: of the yearly rules by code or path of names, or `tree:id`.
    pub fn category(&self, name: &str) -> Option<String> {
        let name = name.trim();
        let rules = &self.0.rules;
        let of_rules = rules.iter().find(|rule| rule.category == name || rule.category_zh == name);
        if let Some(rule) = of_rules {
            return Some(rule.category.clone());
        }
        let (tree, id) = name.split_once(':')?;
        let found = self.0.categories.find(tree.trim(), id.trim())?;
        Some(format!("{}:{}", found.tree, found.id))
    }

    /// Classes of the yearly rules, then those of the trees, for pages.
    pub fn categories(&self) -> Vec<Category> {
        let mut all: Vec<Category> = Vec::new();
        for rule in &self.0.rules {
            if all.iter().all(|one| one.code != rule.category) {
                let (zh, en) = (rule.category_zh.clone(), rule.category_en.clone());
                all.push(Category { code: rule.category.clone(), zh, en });
            }
        }
        let classes = self.0.categories.rows().iter().filter(|row| row.covers.is_empty());
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
        for analyte in self.0.analytes.rows() {
            let mut standards: Vec<&str> = Vec::new();
            for method in &self.0.methods {
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
        let (chinese, english) = self.0.analyte_name(key);
        language.pick(chinese, english).to_owned()
    }
}

impl Offer for Offered {
    fn analyte(&self, name: &str) -> Option<String> {
        if let Some(analyte) = self.0.analytes.get(name) {
            return Some(analyte.key.clone());
        }
        let mut found = self.0.analytes.find(name);
        match (found.next(), found.next()) {
            (Some(one), None) => Some(one.key.clone()),
            _ => None,
        }
    }

    fn has_method(&self, standard: &str) -> bool {
        let (number, _) = split_edition(standard);
        self.0.methods.iter().any(|method| method.standard == number)
    }
}
