//! What is left of a part, in words.

use super::super::parts::Amounts;
use crate::web::Ui;

/// The amounts of a part as its line shows them, with their unit.
#[derive(Default)]
pub(super) struct Left {
    pub left: String,
    /// What balances weighed of it and nobody stated otherwise; empty: nothing.
    pub weighed: String,
    /// More was taken than there was: both amounts; empty: it was not.
    pub overdrawn: String,
}

impl Left {
    pub fn of(ui: &Ui, amounts: &Amounts, unit: &str) -> Self {
        let with_unit = |amount: &crate::domain::decimal::Decimal| format!("{amount} {unit}");
        let overdrawn = amounts.overdrawn().map(|taken| {
            let received = with_unit(&amounts.received);
            ui.t2("part-overdrawn", ("taken", with_unit(&taken)), ("received", received))
        });
        Self {
            left: with_unit(&amounts.left),
            weighed: if amounts.weighed.is_zero() { String::new() } else { with_unit(&amounts.weighed) },
            overdrawn: overdrawn.unwrap_or_default(),
        }
    }
}
