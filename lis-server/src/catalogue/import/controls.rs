//! The controls that a rule of calculation asks for on every worksheet.

use super::super::fields::Fields;
use super::super::table::Problem;
use super::MOST_UNITS;
use crate::domain::decimal::Decimal;
use crate::domain::refusal::Fact;

/// A control that a method asks for on every worksheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlRule {
    /// One of [`CONTROLS`].
    pub kind: String,
    /// What is added to a spiked portion, in the result's unit, or what a check standard holds, in the reading's; without it
    /// whoever opens the worksheet states it.
    pub amount: Option<Decimal>,
    /// Of a check standard: it is read after so many samples of its analyte; without it once, at the end.
    pub every: Option<u32>,
    /// Of a check standard: largest drift in percent of what it holds; without it that of the laboratory.
    pub drift: Option<Decimal>,
}

/// Kinds of controls on a worksheet.
pub const CONTROLS: &[&str] = &["blank", "duplicate", "spike", "reference", CHECK];
/// A standard in the middle of the curve, read between samples.
pub(super) const CHECK: &str = "check";
/// Those of which an amount can be declared.
const WITH_AMOUNT: &[&str] = &["spike", CHECK];

/// `blank;duplicate;spike=0.2;check=20@10±5`.
pub(super) fn read_controls(fields: &mut Fields<'_>) -> Vec<ControlRule> {
    let mut controls = Vec::new();
    for entry in fields.list("controls") {
        let (stated, drift) =
            entry.split_once('±').map_or((entry.as_str(), None), |(stated, drift)| (stated, Some(drift)));
        let (stated, every) = stated.split_once('@').map_or((stated, None), |(stated, every)| (stated, Some(every)));
        let (kind, amount) = stated.split_once('=').map_or((stated, None), |(kind, amount)| (kind, Some(amount)));
        let kind = kind.trim();
        if !CONTROLS.contains(&kind) {
            let kinds = [("kinds", CONTROLS.join(", ").into()), ("found", kind.into())];
            fields.complain("controls", Problem::NotAllowed, Fact::sentence("expected-controls", kinds));
            continue;
        }
        let number = amount.and_then(|text| Decimal::parse(text.trim()).ok()).filter(is_positive);
        if amount.is_some() && (number.is_none() || !WITH_AMOUNT.contains(&kind)) {
            let allowed = WITH_AMOUNT.iter().map(|kind| format!("{kind}=0.2")).collect::<Vec<_>>().join(", ");
            fields.complain("controls", Problem::NotAllowed, allowed);
        }
        let often = every.and_then(|text| text.trim().parse().ok()).filter(|count| (1..=MOST_UNITS).contains(count));
        if every.is_some() && (often.is_none() || kind != CHECK) {
            fields.complain("controls", Problem::NotAllowed, format!("{CHECK}=20@10"));
        }
        let percent = drift.and_then(|text| Decimal::parse(text.trim()).ok()).filter(is_positive);
        if drift.is_some() && (percent.is_none() || kind != CHECK) {
            fields.complain("controls", Problem::NotAllowed, format!("{CHECK}=20±5"));
        }
        controls.push(ControlRule { kind: kind.to_owned(), amount: number, every: often, drift: percent });
    }
    controls
}

fn is_positive(number: &Decimal) -> bool {
    !number.is_zero() && !number.is_negative()
}
