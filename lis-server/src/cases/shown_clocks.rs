//! Clocks of a case as pages show them.

use super::clocks::{PERIODS, used};
use super::store::ClockRow;
use crate::domain::clock::Moment;
use crate::domain::deadline::urgency;
use crate::web::Ui;
use crate::web::ui::Choice;

/// A clock as shown: name, share used, words for urgency, end.
pub(super) struct ClockShown {
    pub name: String,
    pub percent: u32,
    pub urgency: String,
    pub due: String,
    /// Ended in time: nothing runs any more.
    pub done: bool,
    /// Ended because the conclusion fell: it was not done.
    pub fell: bool,
}

/// Clocks with their share used: of those that ended, until then, so that a missed limit stays missed. What ended when the
/// conclusion fell was not done, and nobody owes it any more.
pub(super) fn shown_clocks(ui: &Ui, rows: &[ClockRow], fell: Option<Moment>, now: Moment) -> Vec<ClockShown> {
    rows.iter()
        .map(|row| {
            let percent = used(row, now);
            let party = row.party.split(' ').next().unwrap_or_default().replace('_', "-");
            let of = if party.is_empty() { String::new() } else { format!(" · {}", ui.t(&format!("party-{party}"))) };
            let done = row.ended_at.is_some() && percent <= 100;
            let fell = done && row.ended_at == fell;
            let provisional = if row.provisional { ui.t("clock-provisional") } else { String::new() };
            ClockShown {
                name: format!("{}{of}", ui.t(&format!("clock-{}", row.clock.to_lowercase()))),
                urgency: ui.t(if fell {
                    "clock-fallen"
                } else if done {
                    "clock-done"
                } else if row.ended_at.is_none() && row.stopped_at.is_some() {
                    "clock-stopped"
                } else if row.ended_at.is_none() && percent > 100 && PERIODS.contains(&row.clock.as_str()) {
                    "clock-lapsed"
                } else {
                    urgency(percent)
                }),
                due: match row.due_at {
                    Some(due) => format!("{} {due}", ui.t("clock-until")),
                    None => format!("{} {}{provisional}", ui.t("clock-until"), row.due_on),
                },
                percent,
                done,
                fell,
            }
        })
        .collect()
}

/// Codes to choose from, each with its word.
pub(super) fn choices(ui: &Ui, codes: impl Iterator<Item = (&'static str, String)>) -> Vec<Choice> {
    codes.map(|(value, word)| Choice { value: value.to_owned(), label: ui.t(&word), chosen: false }).collect()
}
