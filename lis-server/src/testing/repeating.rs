//! Items that go back to their testers: from the check, from the review of a report, or because their results did not hold.

use serde::{Deserialize, Serialize};

use super::planning::state_of;
use super::state::{ItemEvent, ItemState};
use super::store::{self, ItemChange, ItemRow};
use super::{ITEM_CHANGED, ITEM_DERIVED, REPEAT_OF_MICROBIOLOGY};
use crate::accounts::role::{CheckItems, ManageQuality, ReviewReports};
use crate::accounts::{Actor, May};
use crate::catalogue::actions as catalogue;
use crate::catalogue::reference::AnalyteKind;
use crate::db::Tx;
use crate::domain::ids::ItemId;
use crate::domain::input::Checker;
use crate::domain::refusal::{NOT_FOUND, Outcome, Refusal, STALE_VERSION};
use crate::judgement::Verdict;

/// Sending an item back.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RepeatInput {
    pub reason: String,
}

impl RepeatInput {
    /// # Errors
    /// When the reason is missing or too long.
    pub fn checked(&self) -> Result<String, Refusal> {
        let mut check = Checker::new();
        let reason = check.text("reason", &self.reason, 1000);
        check.done(Some(reason))
    }
}

/// Sends an item back to its tester for repetition; its results stay readable.
pub fn order_repeat(tx: &mut Tx, by: &May<CheckItems>, id: ItemId, seen: i64, reason: &str) -> Outcome<i64> {
    repeat(tx, by, id, seen, reason)
}

/// The same by the reviewer, who found something in the item's report.
pub fn order_repeat_in_review(
    tx: &mut Tx,
    by: &May<ReviewReports>,
    id: ItemId,
    seen: i64,
    reason: &str,
) -> Outcome<i64> {
    repeat(tx, by, id, seen, reason)
}

fn repeat(tx: &mut Tx, by: &Actor, id: ItemId, seen: i64, reason: &str) -> Outcome<i64> {
    let items = store::items(tx.conn, &[id])?;
    let item = items.first().ok_or(NOT_FOUND)?;
    if item.derived {
        return Err(ITEM_DERIVED.with("item", item.name()).into());
    }
    // What failed is not tested until it passes; a test that was not valid is non-conforming work.
    if item.verdict == Verdict::Fail.name() {
        let catalogue = catalogue::current(tx.conn)?;
        let kind = catalogue.analytes.get(&item.analyte).map(|analyte| analyte.kind);
        if kind == Some(AnalyteKind::Microbiology) {
            return Err(REPEAT_OF_MICROBIOLOGY.with("item", item.name()).into());
        }
    }
    let next = state_of(item).after(ItemEvent::OrderRepeat).map_err(|why| why.with("item", item.name()))?;
    let change = ItemChange { state: Some(next.code()), checker_id: Some(None), ..ItemChange::default() };
    if !store::change_items(tx.conn, &[(id, seen)], &change)? {
        return Err(STALE_VERSION.with("version", item.version).into());
    }
    tx.log(
        by.entry("test_item", id.0, seen + 1, "item-repeat-ordered")
            .change("state", item.state.as_str(), next.code())
            .set("reason", reason),
    );
    Ok(seen + 1)
}

/// Sends items whose results did not hold back to their testers; how many could be. What is being tested anew or was
/// cancelled stays as it is, and what is derived follows what it rests on. Two statements and the log.
pub fn repeat_affected(tx: &mut Tx, by: &May<ManageQuality>, ids: &[ItemId], work_no: &str) -> Outcome<usize> {
    let items = store::items(tx.conn, ids)?;
    let again: Vec<(&ItemRow, ItemState)> = items
        .iter()
        .filter(|item| !item.derived)
        .filter_map(|item| {
            let state = state_of(item);
            let event = if state == ItemState::Final { ItemEvent::Reopen } else { ItemEvent::OrderRepeat };
            Some((item, state.after(event).ok()?))
        })
        .collect();
    if again.is_empty() {
        return Ok(0);
    }
    let seen: Vec<(ItemId, i64)> = again.iter().map(|(item, _)| (item.id, item.version)).collect();
    let change =
        ItemChange { state: Some(ItemState::RepeatOrdered.code()), checker_id: Some(None), ..ItemChange::default() };
    if !store::change_items(tx.conn, &seen, &change)? {
        return Err(ITEM_CHANGED.with("item", "").with("version", "").into());
    }
    for (item, next) in &again {
        tx.log(
            by.entry("test_item", item.id.0, item.version + 1, "item-repeat-ordered")
                .change("state", item.state.as_str(), next.code())
                .set("reason", work_no),
        );
    }
    Ok(again.len())
}
