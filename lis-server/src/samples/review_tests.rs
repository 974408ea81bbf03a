//! What the review of an order points out.

use super::*;
use crate::catalogue::actions::shipped;
use crate::quality::gates::state::{Gate, Mode, Setting, Settings};
use crate::quality::scope::state::Line;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A scope that has lead by GB 5009.12 alone.
fn scope(mode: Mode) -> ScopeOn {
    let setting = Setting { gate: Gate::Scope, mode, valid_from: day("2026-01-01") };
    let line = Line {
        scheme: "CMA".into(),
        certificate_no: "1".into(),
        analytes: vec!["pb".into()],
        method_standard: "GB 5009.12".into(),
        procedure: String::new(),
        food_categories: Vec::new(),
        valid_from: day("2024-01-01"),
        valid_until: day("2030-01-01"),
    };
    ScopeOn::new(Settings::new(vec![setting]), day("2026-11-27"), vec![line])
}

fn reviewed(mode: Mode, analyte: &str, method: &str) -> ReviewedItem {
    let (catalogue, scope) = (shipped().unwrap(), scope(mode));
    let on = day("2026-11-27");
    let ground = Ground { catalogue: &catalogue, scope: &scope, food_category: "milled-rice", on };
    ground.item(&OrderedItem {
        analyte: analyte.into(),
        method_standard: method.into(),
        label_claim: None,
        limit_factor: None,
    })
}

// Requirement: Q71-3
#[test]
fn an_outdated_or_unfit_method_is_pointed_out() {
    let notices = |analyte: &str, method: &str| {
        let item = reviewed(Mode::Off, analyte, method);
        (item.method, item.notices)
    };
    assert_eq!(notices("pb", "GB 5009.12"), ("GB 5009.12-2023".to_owned(), Vec::new()));
    assert_eq!(notices("pb", "GB 5009.12-2023"), ("GB 5009.12-2023".to_owned(), Vec::new()));
    // The edition of 2016 was replaced in March 2026.
    let (method, found) = notices("nitrite-residue", "GB 5009.33-2016");
    assert_eq!((method.as_str(), found.as_slice()), ("GB 5009.33-2025", &[ReviewNotice::OtherEdition][..]));
    // That of 2026 begins in February 2027.
    assert!(notices("ochratoxin-a", "GB 5009.96-2026").1.contains(&ReviewNotice::OtherEdition));
    assert_eq!(notices("pb", "GB 5009.15").1, [ReviewNotice::UnfitMethod], "a method for cadmium");
    // Part of the sum that the method is for.
    assert_eq!(notices("oxytetracycline", "GB 31656.11").1, []);
    // The number of this method ends like an edition.
    assert_eq!(notices("malachite-green", "KJ 201701").1, []);
}

// Requirement: Q71-2
#[test]
fn an_item_outside_the_scope_is_pointed_out_where_the_laboratory_looks() {
    let notices = |mode: Mode, analyte: &str, method: &str| reviewed(mode, analyte, method).notices;
    assert_eq!(notices(Mode::Off, "cd", "GB 5009.15"), []);
    assert_eq!(notices(Mode::Warn, "cd", "GB 5009.15"), [ReviewNotice::OutsideScope]);
    assert_eq!(notices(Mode::Block, "pb", "GB 5009.12"), []);
}

#[test]
fn a_change_takes_the_place_of_what_stood_there() {
    let item = |analyte: &str, method: &str| reviewed(Mode::Off, analyte, method);
    let review = Review {
        items: vec![item("pb", "GB 5009.12"), item("cd", "GB 5009.15")],
        limit_standards: Vec::new(),
        decision_rule: DecisionRule::FullValue,
        report_copies: 1,
        wanted_on: None,
        subcontracting: false,
        return_remainder: false,
        confidential: false,
    };
    let methods = |review: &Review| review.items.iter().map(|item| item.method.clone()).collect::<Vec<_>>();
    let changed = review.with_item(item("cd", "GB 5009.268")).without("pb");
    assert_eq!(methods(&changed), ["GB 5009.268-2016"]);
    assert_eq!(methods(&changed.with_item(item("pb", "GB 5009.12"))), ["GB 5009.268-2016", "GB 5009.12-2023"]);
}
