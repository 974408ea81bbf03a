//! A deviation from a method (方法偏离, `quality.md` Q72-1, Q72-3): what is done otherwise and why, accepted by the client,
//! approved by the technical manager. The report says it, and an earlier edition of the method may be chosen with it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::cancelling::item_at;
use super::planning::state_of;
use super::state::ItemState;
use super::store::{self, ItemChange};
use super::{DEVIATION_TOO_LATE, ITEM_CHANGED};
use crate::accounts::May;
use crate::accounts::role::ManageCatalogue;
use crate::db::Tx;
use crate::domain::clock::Moment;
use crate::domain::ids::ItemId;
use crate::domain::input::Checker;
use crate::domain::refusal::{Fault, Outcome, Refusal};
use crate::instruments::equipment::DAY_TO_COME;

/// An approved deviation, as it is kept with its item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deviation {
    /// What is done otherwise than the method says.
    pub description: String,
    pub justification: String,
    /// When and how the client accepted it.
    pub accepted_on: NaiveDate,
    pub accepted_how: String,
    /// Name of the person who approved it.
    pub by: String,
    pub at: Moment,
}

impl Deviation {
    /// That of an item, where it has one.
    pub fn of(document: &str) -> Option<Self> {
        serde_json::from_str(document).ok()
    }
}

/// A deviation as a form or a program describes it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DeviationInput {
    /// What is done otherwise than the method says.
    pub description: String,
    pub justification: String,
    /// When the client accepted it, and how: a letter, a message, the order itself.
    pub accepted_on: String,
    pub accepted_how: String,
}

/// The same, checked.
#[derive(Clone, Debug)]
pub struct DeviationFacts {
    description: String,
    justification: String,
    accepted_on: NaiveDate,
    accepted_how: String,
}

/// Longest texts, in characters.
const TEXT_MOST: usize = 300;

impl DeviationInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<DeviationFacts, Refusal> {
        let mut check = Checker::new();
        let description = check.text("description", &self.description, TEXT_MOST);
        let justification = check.text("justification", &self.justification, TEXT_MOST);
        let accepted_on = check.date("accepted_on", &self.accepted_on);
        let accepted_how = check.text("accepted_how", &self.accepted_how, TEXT_MOST);
        check.done(accepted_on.map(|accepted_on| DeviationFacts {
            description,
            justification,
            accepted_on,
            accepted_how,
        }))
    }
}

/// What a deviation answers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ItemDeviates)]
pub struct Deviates {
    pub id: i64,
    pub version: i64,
}

/// Keeps the deviation of an item that is not checked yet, in place of one of before, which the log keeps.
///
/// # Errors
/// `deviation-too-late` once the item is checked; `day-to-come`; `stale-version`.
pub fn deviate(
    tx: &mut Tx,
    by: &May<ManageCatalogue>,
    id: ItemId,
    seen: i64,
    facts: &DeviationFacts,
) -> Outcome<Deviates> {
    let item = item_at(tx.conn, id, seen)?;
    let state = state_of(&item);
    if !is_open(state) {
        return Err(DEVIATION_TOO_LATE.with("item", item.name()).with_word("state", state.word()).into());
    }
    let today = tx.now.date_in_china();
    if facts.accepted_on > today {
        return Err(DAY_TO_COME.with("date", today).at("accepted_on").into());
    }
    let deviation = Deviation {
        description: facts.description.clone(),
        justification: facts.justification.clone(),
        accepted_on: facts.accepted_on,
        accepted_how: facts.accepted_how.clone(),
        by: by.name.clone(),
        at: tx.now,
    };
    let document = serde_json::to_string(&deviation).map_err(Fault::broken)?;
    let change = ItemChange { deviation: Some(document), ..ItemChange::default() };
    if !store::change_items(tx.conn, &[(id, seen)], &change)? {
        return Err(ITEM_CHANGED.with("item", item.name()).with("version", item.version).into());
    }
    tx.log(
        by.entry("test_item", id.0, seen + 1, "item-deviates")
            .set("description", facts.description.as_str())
            .set("justification", facts.justification.as_str())
            .set("accepted_on", facts.accepted_on.to_string())
            .set("accepted_how", facts.accepted_how.as_str()),
    );
    Ok(Deviates { id: id.0, version: seen + 1 })
}

/// Whether a deviation can still be approved: what is checked was done as its record says.
pub fn is_open(state: ItemState) -> bool {
    !matches!(state, ItemState::Checked | ItemState::Final | ItemState::Cancelled)
}
