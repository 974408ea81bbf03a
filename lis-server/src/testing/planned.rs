//! What is asked of a sample: what the implementing rules say with the parts of residues, or what its order says. Pure.

use chrono::NaiveDate;

use super::asking::{ANY_STANDARD, food_of};
use super::dependencies::added_parts;
use super::planning::SampleToTest;
use super::{ANALYTE_UNKNOWN, METHOD_UNKNOWN, PLAN_EMPTY};
use crate::catalogue::Catalogue;
use crate::catalogue::methods::items_to_test;
use crate::catalogue::names::split_edition;
use crate::catalogue::reference::ImplementingRule;
use crate::catalogue::search::LimitQuery;
use crate::domain::refusal::{Outcome, Reasons};

/// One item on its way into the table.
pub(super) struct Planned {
    pub analyte: String,
    pub method_standard: String,
    pub limit_standards: String,
    pub food: String,
    pub guard_band: bool,
    pub rules_edition: String,
    pub permitted_methods: String,
    pub label_claim: String,
}

/// What is to be tested of a sample that was sampled on a day, in order.
///
/// # Errors
/// `plan-empty`: no rule is for the food; an analyte or a method of the order that is not known.
pub(super) fn asked_of(
    catalogue: &Catalogue,
    sample: &SampleToTest,
    (sampled, today): (NaiveDate, NaiveDate),
) -> Outcome<Vec<Planned>> {
    if sample.ordered.is_empty() {
        Ok(with_parts(catalogue, by_rules(catalogue, sample, sampled)?, today))
    } else {
        Ok(with_unjudged_parts(catalogue, by_order(catalogue, sample, sampled)?, today))
    }
}

/// The class of the yearly rules: its key alone, or behind the name of a tree.
fn rules_of<'c>(catalogue: &'c Catalogue, category: &str, sampled: NaiveDate) -> Vec<&'c ImplementingRule> {
    let found = items_to_test(&catalogue.rules, category, sampled);
    match category.split_once(':') {
        Some((_, key)) if found.is_empty() => items_to_test(&catalogue.rules, key, sampled),
        _ => found,
    }
}

fn by_rules(catalogue: &Catalogue, sample: &SampleToTest, sampled: NaiveDate) -> Outcome<Vec<Planned>> {
    let category = sample.food_category.as_str();
    let claim_of = |analyte: &str| sample.claims.iter().find(|(of, _)| of == analyte).map(|(_, claim)| claim.clone());
    let rules = rules_of(catalogue, category, sampled);
    if rules.is_empty() {
        return Err(PLAN_EMPTY.with("category", category).with("date", sampled).at("food_category").into());
    }
    Ok(rules
        .into_iter()
        .map(|rule| Planned {
            analyte: rule.analyte.clone(),
            method_standard: rule.methods.first().cloned().unwrap_or_default(),
            limit_standards: rule.basis.clone(),
            food: format!("{}:{}", rule.basis, rule.basis_category),
            guard_band: false,
            rules_edition: rule.edition.clone(),
            permitted_methods: rule.methods.join(";"),
            label_claim: claim_of(&rule.analyte).unwrap_or_default(),
        })
        .collect())
}

/// The rules ask for a residue by its name, and the procedure adds what its definition names beside the compound: that is tested
/// too, each behind its residue, and judged with it alone.
fn with_parts(catalogue: &Catalogue, asked: Vec<Planned>, today: NaiveDate) -> Vec<Planned> {
    let mut known: Vec<String> = asked.iter().map(|item| item.analyte.clone()).collect();
    let mut planned = Vec::new();
    for item in asked {
        let mut parts = added_parts(catalogue, (&item.method_standard, &item.food), &item.analyte, today);
        parts.retain(|part| !known.contains(part));
        known.extend(parts.iter().cloned());
        let part = |analyte: String| Planned {
            analyte,
            method_standard: item.method_standard.clone(),
            limit_standards: String::new(),
            food: item.food.clone(),
            guard_band: false,
            rules_edition: item.rules_edition.clone(),
            permitted_methods: item.permitted_methods.clone(),
            label_claim: String::new(),
        };
        let parts: Vec<Planned> = parts.into_iter().map(part).collect();
        planned.push(item);
        planned.extend(parts);
    }
    planned
}

/// A part that an order names beside its residue, and that has no limit of its own, is judged with the residue alone.
fn with_unjudged_parts(catalogue: &Catalogue, mut planned: Vec<Planned>, today: NaiveDate) -> Vec<Planned> {
    let parts_of = |item: &Planned| added_parts(catalogue, (&item.method_standard, &item.food), &item.analyte, today);
    let parts: Vec<String> = planned.iter().flat_map(parts_of).collect();
    for item in &mut planned {
        if item.limit_standards == ANY_STANDARD && parts.contains(&item.analyte) {
            item.limit_standards.clear();
        }
    }
    planned
}

fn by_order(catalogue: &Catalogue, sample: &SampleToTest, sampled: NaiveDate) -> Outcome<Vec<Planned>> {
    let rules = rules_of(catalogue, &sample.food_category, sampled);
    let name = rules.first().and_then(|rule| rule.category_zh.rsplit('/').next()).map(str::to_owned);
    let mut reasons = Reasons::new();
    let mut planned = Vec::new();
    for (place, ordered) in sample.ordered.iter().enumerate() {
        let known =
            catalogue.analytes.get(&ordered.analyte).or_else(|| catalogue.analytes.find(&ordered.analyte).next());
        let Some(analyte) = known else {
            reasons.add(ANALYTE_UNKNOWN.with("analyte", &ordered.analyte).at(format!("ordered[{place}].analyte")));
            continue;
        };
        let number = number_of(catalogue, &ordered.method_standard);
        if !catalogue.methods.iter().any(|row| row.standard == number) {
            let field = format!("ordered[{place}].method_standard");
            reasons.add(METHOD_UNKNOWN.with("method", &ordered.method_standard).at(field));
        }
        // Where the rules place the food in the tree of a standard that is asked for, that place holds.
        let asked = |basis: &String| ordered.limit_standards.is_empty() || ordered.limit_standards.contains(basis);
        let rule = rules.iter().find(|rule| rule.analyte == analyte.key && asked(&rule.basis));
        let food = match rule {
            Some(rule) => format!("{}:{}", rule.basis, rule.basis_category),
            None => name.clone().unwrap_or_else(|| sample.food_category.clone()),
        };
        let standards = match (ordered.results_only, rule) {
            (true, _) => Vec::new(),
            (false, Some(rule)) if ordered.limit_standards.is_empty() => vec![rule.basis.clone()],
            (false, None) if ordered.limit_standards.is_empty() => {
                let produced = sample.production_date.unwrap_or(sampled);
                let found = standards_with_limit(catalogue, &food, &analyte.key, produced);
                // That no row is there says something only in a catalogue that is declared complete.
                if found.is_empty() { vec![ANY_STANDARD.to_owned()] } else { found }
            }
            (false, _) => ordered.limit_standards.clone(),
        };
        planned.push(Planned {
            analyte: analyte.key.clone(),
            method_standard: number.to_owned(),
            limit_standards: standards.join(";"),
            food,
            guard_band: ordered.guard_band,
            rules_edition: String::new(),
            permitted_methods: String::new(),
            label_claim: if ordered.results_only { String::new() } else { ordered.label_claim.clone() },
        });
    }
    reasons.none()?;
    Ok(planned)
}

/// The number of a method that was asked for, without its edition; some numbers end like an edition themselves.
pub(super) fn number_of<'s>(catalogue: &Catalogue, asked: &'s str) -> &'s str {
    let asked = asked.trim();
    let is_whole = catalogue.methods.iter().any(|row| row.standard == asked);
    if is_whole { asked } else { split_edition(asked).0 }
}

/// Standards without edition that limit an analyte in a food produced on a day.
fn standards_with_limit(catalogue: &Catalogue, food: &str, analyte: &str, produced: NaiveDate) -> Vec<String> {
    let query = LimitQuery { standards: &[], food: food_of(catalogue, food), analyte, produced };
    let search = catalogue.search();
    let found = search.search(&query);
    let mut standards: Vec<String> =
        found.governing().iter().map(|found| split_edition(&found.row.standard).0.to_owned()).collect();
    standards.sort_unstable();
    standards.dedup();
    standards
}
