//! Reads tables of reference data, the shipped ones and a laboratory's own, all or nothing: either every row is good, or
//! every bad row is named with its place, what is wrong and what is allowed.

use std::collections::HashMap;
use std::hash::Hash;

use super::categories::{Categories, Condition, Flaw, FoodCategory};
use super::fields::Fields;
use super::names::fold;
use super::reference::{
    Analyte, AnalyteKind, Analytes, CalendarDay, Completeness, ImplementingRule, Region, Standard, SumPart,
};
use super::table::{File, Problem, RowError, Table};
use crate::domain::calendar::DayKind;
use crate::domain::decimal::Decimal;
use crate::domain::identifiers::RegionCode;
use crate::domain::refusal::Fact;

mod controls;
mod curves;
mod evaluation;
mod formulas;
mod limits;
mod methods;
mod record_forms;
#[cfg(test)]
mod tests;
mod uncertainties;
mod wording;

pub use controls::ControlRule;
pub use curves::CurveRule;
pub use evaluation::{BLANK, Evaluation, Parts, READING};
pub use formulas::{FormulaRow, Input, TakenInput, read_formulas};
pub use limits::read_limits;
pub use methods::{read_detection_limits, read_methods};
pub use record_forms::{FieldKind, RecordField, Scope, read_record_forms};
pub use uncertainties::{Contribution, UncertaintyBudget, read_uncertainties};

/// Units of a sampling plan and parallel determinations beyond which a number is a slip of the pen; the plans of the
/// standards have at most 60 units.
const MOST_UNITS: u32 = 100;

/// What names mean: a limit row says "叶菜蔬菜" and "铅（以Pb计）", the catalogue knows their ids.
#[derive(Debug, Clone, Copy)]
pub struct Vocabulary<'a> {
    pub categories: &'a Categories,
    pub analytes: &'a Analytes,
    pub standards: &'a [Standard],
}

type Rows<T> = Result<Vec<T>, Vec<RowError>>;

/// Reads holidays and make-up working days.
pub fn read_calendar(file: File<'_>) -> Rows<CalendarDay> {
    let mut errors = Vec::new();
    let table =
        Table::read(file, &["date", "kind", "name_zh"], &["name_en", "source", "published_notice"], &mut errors)?;
    let rows = read_rows(&table, &mut errors, |fields| {
        if fields.text("date").is_empty() {
            fields.complain("date", Problem::Missing, "YYYY-MM-DD");
        }
        let date = fields.date("date");
        let kind = fields.required_choice("kind", &[("off", DayKind::Off), ("work", DayKind::Work)]);
        let name_zh = fields.required("name_zh");
        Some(CalendarDay {
            date: date?,
            kind,
            name_zh,
            name_en: fields.text("name_en"),
            source: fields.optional("source").unwrap_or_else(|| fields.text("published_notice")),
        })
    });
    unique(&table, &rows, &mut errors, "date", |row| row.date);
    all_or_nothing(rows, errors)
}

/// Reads the trees of food categories.
pub fn read_food_categories(file: File<'_>) -> Result<Categories, Vec<RowError>> {
    let optional = ["parent", "aliases", "covers", "exceptions", "condition_zh", "condition_en", "verified"];
    let mut errors = Vec::new();
    let table = Table::read(file, &["tree", "id", "name_zh", "name_en"], &optional, &mut errors)?;
    let rows = read_rows(&table, &mut errors, |fields| {
        let condition = match (fields.text("condition_zh"), fields.text("condition_en")) {
            (zh, en) if zh.is_empty() && en.is_empty() => None,
            (zh, en) => Some(Condition { zh, en }),
        };
        Some(FoodCategory {
            tree: fields.required("tree"),
            id: fields.required("id"),
            parent: fields.optional("parent"),
            name_zh: fields.required("name_zh"),
            name_en: fields.required("name_en"),
            aliases: fields.list("aliases"),
            covers: fields.list("covers"),
            exceptions: fields.list("exceptions"),
            condition,
            verified: fields.yes("verified"),
        })
    });
    let rows = all_or_nothing(rows, errors)?;
    Categories::new(rows).map_err(|flaws| {
        let place =
            |(index, column, allowed): Flaw| table.error(&table.rows()[index], column, Problem::NotAllowed, allowed);
        flaws.into_iter().map(place).collect()
    })
}

/// Reads analytes.
pub fn read_analytes(file: File<'_>) -> Result<Analytes, Vec<RowError>> {
    let mut errors = Vec::new();
    let table = Table::read(
        file,
        &["key", "name_zh", "name_en", "kind"],
        &["cas", "aliases", "sum_of", "verified"],
        &mut errors,
    )?;
    let rows = read_rows(&table, &mut errors, |fields| {
        let cas = fields.cas("cas");
        let parts = fields.list("sum_of");
        let sum_of: Option<Vec<SumPart>> = parts.iter().map(|part| read_sum_part(part)).collect();
        if sum_of.is_none() {
            fields.complain("sum_of", Problem::NotDecimal, Fact::word("expected-sum-parts"));
        }
        Some(Analyte {
            key: fields.required("key"),
            name_zh: fields.required("name_zh"),
            name_en: fields.required("name_en"),
            cas,
            kind: fields.required_choice("kind", AnalyteKind::WORDS),
            aliases: fields.list("aliases"),
            sum_of: sum_of?,
            verified: fields.yes("verified"),
        })
    });
    unique(&table, &rows, &mut errors, "key", |row| row.key.clone());
    unique(&table, &rows, &mut errors, "name_zh", |row| fold(&row.name_zh));
    let rows = all_or_nothing(rows, errors)?;
    let analytes = Analytes::new(rows);
    let strangers = analytes.rows().iter().zip(table.rows());
    let strangers = strangers.filter(|(row, _)| row.sum_of.iter().any(|part| analytes.get(&part.analyte).is_none()));
    let errors: Vec<RowError> = strangers
        .map(|(_, at)| table.error(at, "sum_of", Problem::Unknown, Fact::word("expected-known-analytes")))
        .collect();
    if errors.is_empty() { Ok(analytes) } else { Err(errors) }
}

fn read_sum_part(text: &str) -> Option<SumPart> {
    let Some((analyte, factor)) = text.split_once('*') else {
        return Some(SumPart { analyte: text.to_string(), factor: None });
    };
    let (numerator, denominator) = factor.split_once('/')?;
    let positive = |text| Decimal::parse(text).ok().filter(|value| !value.is_zero() && !value.is_negative());
    Some(SumPart { analyte: analyte.to_string(), factor: Some((positive(numerator)?, positive(denominator)?)) })
}

/// Reads editions of limit standards.
pub fn read_standards(file: File<'_>) -> Rows<Standard> {
    let required = ["key", "standard", "number", "edition", "tree", "title_zh", "title_en"];
    let mut errors = Vec::new();
    let table = Table::read(file, &required, &["valid_from", "valid_to", "verified"], &mut errors)?;
    let rows = read_rows(&table, &mut errors, |fields| {
        let (valid_from, valid_to) = fields.period("valid_from", "valid_to");
        Some(Standard {
            key: fields.required("key"),
            standard: fields.required("standard"),
            number: fields.required("number"),
            edition: read_edition(fields),
            tree: fields.required("tree"),
            title_zh: fields.required("title_zh"),
            title_en: fields.required("title_en"),
            valid_from,
            valid_to,
            verified: fields.yes("verified"),
        })
    });
    unique(&table, &rows, &mut errors, "key", |row| row.key.clone());
    unique(&table, &rows, &mut errors, "standard", |row| row.standard.clone());
    all_or_nothing(rows, errors)
}

/// Reads declarations of completeness.
pub fn read_completeness(file: File<'_>) -> Rows<Completeness> {
    let mut errors = Vec::new();
    let table = Table::read(file, &["standard", "edition", "complete"], &["valid_from", "valid_to"], &mut errors)?;
    let rows = read_rows(&table, &mut errors, |fields| {
        let (valid_from, valid_to) = fields.period("valid_from", "valid_to");
        fields.required("complete");
        Some(Completeness {
            standard: fields.required("standard"),
            edition: read_edition(fields),
            valid_from,
            valid_to,
            complete: fields.yes("complete"),
        })
    });
    all_or_nothing(rows, errors)
}

/// Reads the yearly implementing rules.
pub fn read_implementing_rules(file: File<'_>) -> Rows<ImplementingRule> {
    let required = [
        "edition",
        "category",
        "category_zh",
        "category_en",
        "position",
        "analyte",
        "methods",
        "basis",
        "basis_category",
    ];
    let mut errors = Vec::new();
    let table = Table::read(file, &required, &["valid_from", "valid_to", "verified"], &mut errors)?;
    let rows = read_rows(&table, &mut errors, |fields| {
        let (valid_from, valid_to) = fields.period("valid_from", "valid_to");
        fields.required("methods");
        Some(ImplementingRule {
            edition: fields.required("edition"),
            category: fields.required("category"),
            category_zh: fields.required("category_zh"),
            category_en: fields.required("category_en"),
            position: fields.whole("position", 1, 999),
            analyte: fields.required("analyte"),
            methods: fields.list("methods"),
            basis: fields.required("basis"),
            basis_category: fields.required("basis_category"),
            valid_from,
            valid_to,
            verified: fields.yes("verified"),
        })
    });
    unique(&table, &rows, &mut errors, "analyte", |row| {
        (row.edition.clone(), row.category.clone(), row.analyte.clone())
    });
    unique(&table, &rows, &mut errors, "position", |row| (row.edition.clone(), row.category.clone(), row.position));
    all_or_nothing(rows, errors)
}

/// Reads regions.
pub fn read_regions(file: File<'_>) -> Rows<Region> {
    let mut errors = Vec::new();
    let table = Table::read(file, &["code", "name_zh", "name_en"], &["aliases", "verified"], &mut errors)?;
    let rows = read_rows(&table, &mut errors, |fields| {
        let code = RegionCode::parse(&fields.required("code")).ok();
        if code.is_none() {
            fields.complain("code", Problem::NotWhole, Fact::word("expected-region-digits"));
        }
        let (name_zh, name_en) = (fields.required("name_zh"), fields.required("name_en"));
        Some(Region {
            code: code?,
            name_zh,
            name_en,
            aliases: fields.list("aliases"),
            verified: fields.yes("verified"),
        })
    });
    unique(&table, &rows, &mut errors, "code", |row| row.code.clone());
    all_or_nothing(rows, errors)
}

/// The year of an edition; an empty cell is none. The People's Republic has issued standards since 1949.
fn read_edition(fields: &mut Fields<'_>) -> Option<i32> {
    (!fields.text("edition").is_empty()).then(|| fields.whole("edition", 1949, 9999) as i32)
}

/// Reads every row, collecting all errors. A row that cannot be built is `None`, so that places still fit.
fn read_rows<T>(
    table: &Table,
    errors: &mut Vec<RowError>,
    mut read: impl FnMut(&mut Fields<'_>) -> Option<T>,
) -> Vec<Option<T>> {
    table.rows().iter().map(|row| read(&mut Fields::new(table, row, errors))).collect()
}

/// Complains about each row whose key an earlier row has.
fn unique<T, K: Hash + Eq>(
    table: &Table,
    rows: &[Option<T>],
    errors: &mut Vec<RowError>,
    column: &str,
    key: impl Fn(&T) -> K,
) {
    let mut seen: HashMap<K, u64> = HashMap::new();
    for (row, at) in rows.iter().zip(table.rows()) {
        let Some(row) = row else { continue };
        let first = *seen.entry(key(row)).or_insert(at.number);
        if first != at.number {
            let allowed = Fact::sentence("expected-other-than-row", [("row", first.into())]);
            errors.push(table.error(at, column, Problem::Repeated, allowed));
        }
    }
}

fn all_or_nothing<T>(rows: Vec<Option<T>>, mut errors: Vec<RowError>) -> Rows<T> {
    errors.sort_by_key(|error| error.row);
    if errors.is_empty() { Ok(rows.into_iter().flatten().collect()) } else { Err(errors) }
}
