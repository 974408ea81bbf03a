//! The review of an entrusted order (合同评审, ISO/IEC 17025 7.1) as a record, pure: what was agreed, and what is pointed out to
//! the client about a method or an item that he asked for. A change of the order repeats it as a new version.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::facts::SampleFacts;
use super::order::{Contract, OrderedItem};
use super::words::{DecisionRule, codes};
use crate::catalogue::Catalogue;
use crate::catalogue::methods::{MatrixFit, MethodEdition, matrix_fit, method_edition};
use crate::catalogue::names::split_edition;
use crate::catalogue::reference::MethodRow;
use crate::catalogue::search::Food;
use crate::quality::scope::state::{ScopeOn, Tested};

codes! {
    /// What is pointed out to the client about an item of his order: the edition that he asked for is not the one in force,
    /// by which it is tested; no procedure of the method is meant for the analyte in this food; it lies outside
    /// the accredited scope and bears no mark on the report.
    ReviewNotice = "review-notice" {
        OtherEdition = "other_edition",
        UnfitMethod = "unfit_method",
        OutsideScope = "outside_scope",
    }
}

impl ReviewNotice {
    /// Whether the client has to agree before anything is tested, whatever the gates say.
    pub fn is_about_method(self) -> bool {
        matches!(self, Self::OtherEdition | Self::UnfitMethod)
    }
}

/// One item as it was reviewed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReviewedItem {
    /// Key of the analyte.
    pub analyte: String,
    pub name_zh: String,
    pub name_en: String,
    /// The method that the client asked for.
    pub asked: String,
    /// With the edition that is in force on the day of the review.
    pub method: String,
    pub notices: Vec<ReviewNotice>,
}

/// What was agreed. Stored as JSON: at first in the receipt, later versions in `order_review.document`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Review {
    pub items: Vec<ReviewedItem>,
    pub limit_standards: Vec<String>,
    pub decision_rule: DecisionRule,
    pub report_copies: u32,
    pub wanted_on: Option<NaiveDate>,
    pub subcontracting: bool,
    pub return_remainder: bool,
    pub confidential: bool,
}

/// What is looked at when an order is reviewed.
pub struct Ground<'a> {
    pub catalogue: &'a Catalogue,
    pub scope: &'a ScopeOn,
    pub food_category: &'a str,
    pub on: NaiveDate,
}

impl<'a> Ground<'a> {
    pub fn of(catalogue: &'a Catalogue, scope: &'a ScopeOn, sample: &'a SampleFacts, on: NaiveDate) -> Self {
        Self { catalogue, scope, food_category: &sample.food_category, on }
    }

    pub fn item(&self, ordered: &OrderedItem) -> ReviewedItem {
        let (number, year) = self.split(&ordered.method_standard);
        let edition = method_edition(&self.catalogue.methods, number, self.on);
        let in_force = edition.as_ref().and_then(|edition| edition.year);
        let mut notices = Vec::new();
        if !number.is_empty() {
            if edition.is_none() || year.is_some_and(|year| in_force != Some(year)) {
                notices.push(ReviewNotice::OtherEdition);
            }
            if edition.as_ref().is_some_and(|edition| !self.fits(edition, &ordered.analyte)) {
                notices.push(ReviewNotice::UnfitMethod);
            }
        }
        if !self.is_covered(&ordered.analyte, number, edition.as_ref()) {
            notices.push(ReviewNotice::OutsideScope);
        }
        let analyte = self.catalogue.analytes.get(&ordered.analyte);
        ReviewedItem {
            name_zh: analyte.map_or_else(|| ordered.analyte.clone(), |row| row.name_zh.clone()),
            name_en: analyte.map_or_else(|| ordered.analyte.clone(), |row| row.name_en.clone()),
            analyte: ordered.analyte.clone(),
            asked: ordered.method_standard.clone(),
            method: in_force.map_or_else(|| number.to_owned(), |year| format!("{number}-{year}")),
            notices,
        }
    }

    /// Number and edition of a method that was asked for; some numbers end like an edition themselves.
    fn split<'s>(&self, asked: &'s str) -> (&'s str, Option<i32>) {
        let is_whole = self.catalogue.methods.iter().any(|row| row.standard == asked);
        if is_whole { (asked, None) } else { split_edition(asked) }
    }

    /// Whether some procedure names the analyte, or a sum that it is part of, or the laboratory has a rule of calculation
    /// for it, and it is not for other foods only. A procedure that names none says nothing.
    fn fits(&self, edition: &MethodEdition, analyte: &str) -> bool {
        let is_part = |sum: &String| {
            self.catalogue.analytes.get(sum).is_some_and(|row| row.sum_of.iter().any(|part| part.analyte == analyte))
        };
        let named =
            |row: &&MethodRow| row.analytes.is_empty() || row.analytes.iter().any(|key| key == analyte || is_part(key));
        let reckoned = |row: &&MethodRow| {
            let of_row = self.catalogue.formulas.iter().filter(|formula| formula.method == row.key);
            of_row.flat_map(|formula| &formula.analytes).any(|key| key == analyte)
        };
        let categories = &self.catalogue.categories;
        let outside = |row: &&MethodRow| {
            matrix_fit(row, categories, Food::of(categories, self.food_category)) == MatrixFit::Outside
        };
        edition.procedures.iter().any(|row| (named(row) || reckoned(row)) && !outside(row))
    }

    fn is_covered(&self, analyte: &str, number: &str, edition: Option<&MethodEdition>) -> bool {
        let tested = |procedure: Option<&MethodRow>| Tested {
            analyte: self.catalogue.analyte_names(analyte),
            standard: number.to_owned(),
            edition: procedure.and_then(|row| row.edition),
            procedure: procedure.and_then(|row| row.procedure.clone()).unwrap_or_default(),
            food: self.catalogue.food_names(self.food_category),
        };
        match edition {
            Some(edition) => edition.procedures.iter().any(|row| self.scope.covers(&tested(Some(*row)))),
            None => self.scope.covers(&tested(None)),
        }
    }
}

impl Review {
    pub fn of(ground: &Ground, contract: &Contract) -> Self {
        Self {
            items: contract.items.iter().map(|item| ground.item(item)).collect(),
            limit_standards: contract.limit_standards.clone(),
            decision_rule: contract.decision_rule,
            report_copies: contract.report_copies,
            wanted_on: contract.wanted_on,
            subcontracting: contract.subcontracting,
            return_remainder: contract.return_remainder,
            confidential: contract.confidential,
        }
    }

    /// The same with an item in place of what stood there for its analyte.
    pub fn with_item(mut self, item: ReviewedItem) -> Self {
        match self.items.iter_mut().find(|one| one.analyte == item.analyte) {
            Some(before) => *before = item,
            None => self.items.push(item),
        }
        self
    }

    pub fn without(mut self, analyte: &str) -> Self {
        self.items.retain(|item| item.analyte != analyte);
        self
    }
}

#[cfg(test)]
#[path = "review_tests.rs"]
mod tests;
