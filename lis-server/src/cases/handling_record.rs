//! 核查处置表 (`records.md` 7, `workflow.md` 12): what the ordering authority found and did about a failing result. An entry is
//! never changed: what is found later is a new entry, and the newest is what stands.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::actions::{CaseSaved, Step, state_of, step};
use super::authority;
use super::state::CaseState;
use super::store;
use super::{CASE_WRONG_STATE, HANDLING_AMOUNTS};
use crate::accounts::May;
use crate::accounts::role::HandleCases;
use crate::db::{Conn, Tx};
use crate::domain::clock::Moment;
use crate::domain::decimal::Decimal;
use crate::domain::ids::CaseId;
use crate::domain::input::Checker;
use crate::domain::refusal::{FIELD_INVALID, FIELD_MISSING, Fault, Outcome, Refusal};

/// Longest texts, in characters.
const PROSE_MOST: usize = 1000;
const LINE_MOST: usize = 200;
const UNIT_MOST: usize = 16;
const NUMBER_MOST: usize = 60;

/// An entry as a page or a program gives it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct HandlingInput {
    /// 控制措施: sale stopped, goods sealed, recalled.
    pub measures: String,
    /// How much of the batch was made, lies in stock, was sold and came back, in `quantity_unit`; empty: not known.
    pub made: String,
    pub in_stock: String,
    pub sold: String,
    pub recalled: String,
    pub quantity_unit: String,
    /// 原因 and 整改. A case is closed when both are known.
    pub cause: String,
    pub correction: String,
    /// 案件编号, where a case of penalty was opened.
    pub file_no: String,
    pub penalty: String,
    /// 跟踪抽检: what was sampled again.
    pub recheck: String,
}

/// The same, checked. Stored as JSON in `case_handling.document`.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Handling {
    pub measures: String,
    #[schema(value_type = Option<String>)]
    pub made: Option<Decimal>,
    #[schema(value_type = Option<String>)]
    pub in_stock: Option<Decimal>,
    #[schema(value_type = Option<String>)]
    pub sold: Option<Decimal>,
    #[schema(value_type = Option<String>)]
    pub recalled: Option<Decimal>,
    pub quantity_unit: String,
    pub cause: String,
    pub correction: String,
    pub file_no: String,
    pub penalty: String,
    pub recheck: String,
}

impl HandlingInput {
    /// The form of the next entry holds what the newest says: what is known stays known.
    pub fn after(newest: Option<&HandlingEntry>) -> Self {
        let Some(HandlingEntry { stated, .. }) = newest else { return Self::default() };
        let amount = |number: &Option<Decimal>| number.as_ref().map(Decimal::to_string).unwrap_or_default();
        Self {
            measures: stated.measures.clone(),
            made: amount(&stated.made),
            in_stock: amount(&stated.in_stock),
            sold: amount(&stated.sold),
            recalled: amount(&stated.recalled),
            quantity_unit: stated.quantity_unit.clone(),
            cause: stated.cause.clone(),
            correction: stated.correction.clone(),
            file_no: stated.file_no.clone(),
            penalty: stated.penalty.clone(),
            recheck: stated.recheck.clone(),
        }
    }

    /// # Errors
    /// Every field that is wrong, by name; amounts that cannot be together.
    pub fn checked(&self) -> Result<Handling, Refusal> {
        let mut check = Checker::new();
        let mut amount = |field: &str, given: &str| {
            let number = check.optional_decimal(field, given)?;
            check.add_if(number.is_negative(), || {
                FIELD_INVALID.at(field).with_word("expected", "expected-not-negative")
            });
            Some(number)
        };
        let (made, in_stock) = (amount("made", &self.made), amount("in_stock", &self.in_stock));
        let (sold, recalled) = (amount("sold", &self.sold), amount("recalled", &self.recalled));
        let measures = check.optional_lines("measures", &self.measures, PROSE_MOST);
        check.add_if(self.measures.trim().is_empty(), || FIELD_MISSING.at("measures"));
        let quantity_unit = check.optional_text("quantity_unit", &self.quantity_unit, UNIT_MOST);
        let counted = [&made, &in_stock, &sold, &recalled].into_iter().any(Option::is_some);
        check.add_if(counted && self.quantity_unit.trim().is_empty(), || FIELD_MISSING.at("quantity_unit"));
        let handling = Handling {
            cause: check.optional_lines("cause", &self.cause, PROSE_MOST),
            correction: check.optional_lines("correction", &self.correction, PROSE_MOST),
            file_no: check.optional_text("file_no", &self.file_no, NUMBER_MOST),
            penalty: check.optional_text("penalty", &self.penalty, LINE_MOST),
            recheck: check.optional_text("recheck", &self.recheck, LINE_MOST),
            measures,
            made,
            in_stock,
            sold,
            recalled,
            quantity_unit,
        };
        check.add_if(handling.is_more_than_made(), || HANDLING_AMOUNTS.at("made"));
        check.add_if(handling.is_more_than_sold(), || HANDLING_AMOUNTS.at("recalled"));
        check.done(Some(handling))
    }
}

impl Handling {
    /// What was sold and what is still there was made.
    fn is_more_than_made(&self) -> bool {
        match (&self.made, &self.in_stock, &self.sold) {
            (Some(made), Some(stock), Some(sold)) => stock.to_ratio() + sold.to_ratio() > made.to_ratio(),
            (Some(made), Some(part), None) | (Some(made), None, Some(part)) => is_more(part, made),
            (None, ..) | (Some(_), None, None) => false,
        }
    }

    /// Nothing comes back that was not sold.
    fn is_more_than_sold(&self) -> bool {
        self.recalled.as_ref().zip(self.sold.as_ref()).is_some_and(|(recalled, sold)| is_more(recalled, sold))
    }

    /// Cause and correction are known: the case may be closed.
    pub fn is_complete(&self) -> bool {
        !self.cause.is_empty() && !self.correction.is_empty()
    }

    /// Message key and text of what is stated, in the order of the form.
    pub fn stated(&self) -> Vec<(&'static str, String)> {
        let amount = |number: &Option<Decimal>| match number {
            Some(number) => format!("{number} {}", self.quantity_unit),
            None => String::new(),
        };
        let all = [
            ("handling-measures", self.measures.clone()),
            ("handling-made", amount(&self.made)),
            ("handling-in-stock", amount(&self.in_stock)),
            ("handling-sold", amount(&self.sold)),
            ("handling-recalled", amount(&self.recalled)),
            ("handling-cause", self.cause.clone()),
            ("handling-correction", self.correction.clone()),
            ("handling-file-no", self.file_no.clone()),
            ("handling-penalty", self.penalty.clone()),
            ("handling-recheck", self.recheck.clone()),
        ];
        all.into_iter().filter(|(_, text)| !text.is_empty()).collect()
    }
}

fn is_more(part: &Decimal, whole: &Decimal) -> bool {
    part.cmp_value(whole) == Ordering::Greater
}

/// An entry that stands in a case.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct HandlingEntry {
    pub id: i64,
    #[schema(value_type = String, format = DateTime)]
    pub at: Moment,
    #[serde(flatten)]
    pub stated: Handling,
}

/// The entries of a case, the newest first.
pub fn entries(conn: &mut Conn, case: CaseId) -> Outcome<Vec<HandlingEntry>> {
    store::handlings_of(conn, case)?
        .into_iter()
        .map(|row| {
            let stated = serde_json::from_str(&row.document).map_err(Fault::broken)?;
            Ok(HandlingEntry { id: row.id, at: row.at, stated })
        })
        .collect()
}

/// Records what was found and done, while the case is handled.
pub fn record(tx: &mut Tx, by: &May<HandleCases>, id: CaseId, seen: i64, stated: &Handling) -> Outcome<CaseSaved> {
    let case = authority::directed(tx, by, id)?;
    let state = state_of(&case)?;
    if state != CaseState::Handling {
        return Err(CASE_WRONG_STATE.reason().with_word("state", state.word()).into());
    }
    let document = serde_json::to_string(stated).map_err(Fault::broken)?;
    let entry = store::insert_handling(tx.conn, id, &document, by.person, tx.now)?;
    tx.log(by.entry("case_handling", entry, 1, "case-handling-recorded").set("case", id.0).set("document", document));
    let change = Step { next: state, report: case.report_id, publicity: None, event: "case-handling-noted" };
    let version = step(tx, by, &case, seen, change)?;
    Ok(CaseSaved { id: id.0, version, state: state.code().to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(input: HandlingInput) -> Vec<(&'static str, String)> {
        let refusal = input.checked().expect_err("refused");
        refusal.reasons.iter().map(|one| (one.problem.code, one.field.clone().unwrap_or_default())).collect()
    }

    fn sealed() -> HandlingInput {
        HandlingInput { measures: "封存库存，停止销售".into(), ..HandlingInput::default() }
    }

    #[test]
    fn amounts_that_cannot_be_together_are_refused() {
        let amounts = |made: &str, in_stock: &str, sold: &str, recalled: &str| HandlingInput {
            made: made.into(),
            in_stock: in_stock.into(),
            sold: sold.into(),
            recalled: recalled.into(),
            quantity_unit: "kg".into(),
            ..sealed()
        };
        assert!(amounts("100", "20.5", "79.5", "10").checked().is_ok());
        assert!(amounts("", "20", "80", "").checked().is_ok(), "a shop does not know what was made");
        assert_eq!(codes(amounts("100", "20.6", "79.5", "")), [("case-handling-amounts", "made".to_owned())]);
        assert_eq!(codes(amounts("100", "", "101", "")), [("case-handling-amounts", "made".to_owned())]);
        assert_eq!(codes(amounts("", "", "10", "10.1")), [("case-handling-amounts", "recalled".to_owned())]);
        assert_eq!(codes(amounts("-1", "", "", "")), [("field-invalid", "made".to_owned())]);
    }

    #[test]
    fn measures_and_the_unit_of_amounts_are_needed() {
        assert_eq!(codes(HandlingInput::default()), [("field-missing", "measures".to_owned())]);
        let bare = HandlingInput { sold: "3".into(), ..sealed() };
        assert_eq!(codes(bare), [("field-missing", "quantity_unit".to_owned())]);
        let first = sealed().checked().unwrap();
        assert!(!first.is_complete(), "the cause is not known yet");
        assert_eq!(first.stated(), [("handling-measures", "封存库存，停止销售".to_owned())]);
    }
}
