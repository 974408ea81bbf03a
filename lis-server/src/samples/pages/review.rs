//! The review of an order in words, for the sample's page and the portal.

use super::super::actions::OrderReview;
use crate::web::Ui;

/// A version of a review.
pub(super) struct ReviewLine {
    /// Its number, who reviewed, when.
    pub title: String,
    pub facts: Vec<(String, String)>,
    pub items: Vec<ReviewItemLine>,
}

pub(super) struct ReviewItemLine {
    pub name: String,
    /// With the one that was asked for, where that is another.
    pub method: String,
    pub notices: Vec<String>,
}

pub(super) fn review_lines(ui: &Ui, reviews: Vec<OrderReview>) -> Vec<ReviewLine> {
    reviews.into_iter().map(|review| line(ui, review)).collect()
}

fn line(ui: &Ui, review: OrderReview) -> ReviewLine {
    let yes_no = |yes: bool| ui.t(if yes { "yes-no-yes" } else { "yes-no-no" });
    let facts = [
        ("review-reason", review.reason),
        ("review-price", review.price.unwrap_or_else(|| "/".to_owned())),
        ("review-consent", review.consent),
        ("order-decision-rule", ui.t(&format!("decision-rule-{}", review.decision_rule.replace('_', "-")))),
        ("order-limit-standards", review.limit_standards.join("; ")),
        ("order-wanted-on", review.wanted_on.map(|day| day.to_string()).unwrap_or_default()),
        ("order-subcontracting", yes_no(review.subcontracting)),
        ("order-return-remainder", yes_no(review.return_remainder)),
        ("order-report-copies", review.report_copies.to_string()),
    ];
    let items = review.items.into_iter().map(|item| ReviewItemLine {
        name: ui.pick(&item.name_zh, &item.name_en).to_owned(),
        method: if item.asked.is_empty() || item.method.starts_with(&item.asked) {
            item.method
        } else {
            format!("{} ({} {})", item.method, ui.t("review-asked"), item.asked)
        },
        notices: item.notices.iter().map(|code| ui.t(&format!("review-notice-{}", code.replace('_', "-")))).collect(),
    });
    ReviewLine {
        title: format!("{} {} · {} · {}", ui.t("review-version"), review.version_no, review.reviewed_by, review.at),
        facts: facts
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(key, value)| (ui.t(key), value))
            .collect(),
        items: items.collect(),
    }
}
