//! What happened to a sample, in words: the entries of the log, and what became of its parts.

use std::collections::HashMap;

use super::super::actions::RetentionRow;
use super::super::offered::Offered;
use crate::audit::history::Event;
use crate::audit::words;
use crate::domain::ids::PersonId;
use crate::web::Ui;

/// One entry of a history, in words.
pub(super) struct HistoryLine {
    pub at: String,
    pub what: String,
    pub who: String,
    pub changes: Vec<(String, String, String)>,
}

/// What the log says of a sample, with the names of the people who did it.
pub(super) fn history(
    ui: &Ui,
    catalogue: &Offered,
    events: Vec<Event>,
    names: &HashMap<PersonId, String>,
) -> Vec<HistoryLine> {
    let line = |event: Event| {
        let name = event.person().and_then(|id| names.get(&id).cloned()).unwrap_or_else(|| ui.t("history-system"));
        HistoryLine {
            at: event.at.to_string(),
            what: ui.t(&format!("event-{}", event.event)),
            who: if event.role == "system" {
                name
            } else {
                format!("{name} · {}", ui.t(&format!("role-{}", event.role.replace('_', "-"))))
            },
            changes: event.changes.into_iter().map(|change| change_in_words(ui, catalogue, change)).collect(),
        }
    };
    events.into_iter().map(line).collect()
}

/// Fields of the log that the page has a word for, with its message key.
const FIELDS: &[(&str, &str)] = &[
    ("consent", "review-consent"),
    ("due_on", "field-due"),
    ("file_name", "field-file-name"),
    ("form_no", "form-form-no"),
    ("hold_reason", "hold-reason"),
    ("keep_until", "disposal-kept-until"),
    ("location", "part-location"),
    ("price", "review-price"),
    ("reason", "field-reason"),
    ("sample_name", "form-sample-name"),
    ("sample_no", "field-sample-no"),
    ("state", "field-state"),
];

/// A change of the log in the page's words; what it has none for is called as on the page of the log.
fn change_in_words(
    ui: &Ui,
    catalogue: &Offered,
    (field, old, new): (String, String, String),
) -> (String, String, String) {
    let own = FIELDS.iter().find(|(known, _)| *known == field);
    let called = own.map_or_else(|| words::field(ui.language, &field), |(_, key)| ui.t(key));
    let value = |written: &str| match field.as_str() {
        "items" => items_in_words(ui, catalogue, written),
        _ => words::value(ui.language, "sample", &field, written),
    };
    (called, value(&old), value(&new))
}

/// The items of a review with the names of their analytes: the log keeps `key method; key method`.
fn items_in_words(ui: &Ui, catalogue: &Offered, written: &str) -> String {
    let item = |item: &str| match item.split_once(' ') {
        Some((key, method)) => format!("{} {method}", catalogue.analyte_name(key, ui.language)),
        None => item.to_owned(),
    };
    written.split("; ").map(item).collect::<Vec<_>>().join(ui.pick("；", "; "))
}

/// What was decided about keeping a part, in words.
pub(super) fn retention_line(ui: &Ui, label: &str, who: String, event: &RetentionRow) -> HistoryLine {
    let code = |text: &str| text.replace('_', "-");
    let method = match event.method.as_str() {
        "" => String::new(),
        method => ui.t(&format!("disposal-method-{}", code(method))),
    };
    HistoryLine {
        at: event.at.to_string(),
        what: format!("{label} {}", ui.t(&format!("retention-event-{}", code(&event.event)))),
        who,
        changes: said(ui, [("disposal-method", method), ("disposal-remark", event.remark.clone())]),
    }
}

/// What an entry of a history says beside its name: the label of each word that there is.
pub(super) fn said(ui: &Ui, words: [(&str, String); 2]) -> Vec<(String, String, String)> {
    let words = words.into_iter().filter(|(_, text)| !text.is_empty());
    words.map(|(label, text)| (ui.t(label), String::new(), text)).collect()
}
