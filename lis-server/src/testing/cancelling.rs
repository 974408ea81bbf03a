//! An item that is tested no more: cancelled with a reason before it is calculated. The report lists what remains, and a
//! sample of which nothing remains is closed. Where a client ordered it, the review of his order is repeated and he is told.

use serde::{Deserialize, Serialize};

use super::checking::report_done;
use super::planning::state_of;
use super::state::{ItemEvent, ItemState};
use super::store::{self, ItemChange, ItemRow};
use super::{ITEM_CHANGED, LAST_OF_REPORT};
use crate::accounts::May;
use crate::accounts::role::AssignItems;
use crate::db::{Conn, Tx};
use crate::domain::ids::ItemId;
use crate::domain::input::Checker;
use crate::domain::refusal::{NOT_FOUND, Outcome, Reasons, Refusal, STALE_VERSION};
use crate::reports::actions as reports;
use crate::samples::actions::{self as samples, ChangeFacts, OrderChange};

/// Why an item is cancelled, or taken back from another laboratory.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = ItemReason)]
pub struct ItemReasonInput {
    pub reason: String,
}

/// Longest reason, in characters.
const REASON_MOST: usize = 500;

impl ItemReasonInput {
    /// # Errors
    /// When the reason is missing or too long.
    pub fn checked(&self) -> Result<String, Refusal> {
        let mut check = Checker::new();
        let reason = check.text("reason", &self.reason, REASON_MOST);
        check.done(Some(reason))
    }
}

/// What such a step of an item answers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ItemStepped {
    pub id: i64,
    pub version: i64,
    pub state: String,
}

/// An item at the version that was seen.
///
/// # Errors
/// `not-found`; `stale-version` with what stands there now.
pub(super) fn item_at(conn: &mut Conn, id: ItemId, seen: i64) -> Outcome<ItemRow> {
    let item = store::items(conn, &[id])?.pop().ok_or(NOT_FOUND)?;
    require_seen(&item, seen)?;
    Ok(item)
}

fn require_seen(item: &ItemRow, seen: i64) -> Result<(), Refusal> {
    if item.version == seen {
        return Ok(());
    }
    let current = serde_json::json!({"id": item.id, "version": item.version, "state": item.state});
    Err(Refusal::from(STALE_VERSION.with("version", item.version)).with_current(current))
}

/// Cancels an item. Where the others of its sample are done the sample goes on to its report; where it was the last, the
/// sample is closed.
///
/// # Errors
/// `item-wrong-state` once it is calculated; `item-last-of-report` where a report would have nothing left to say.
pub fn cancel(tx: &mut Tx, by: &May<AssignItems>, id: ItemId, seen: i64, reason: &str) -> Outcome<ItemStepped> {
    let all = store::items_with_siblings(tx.conn, &[id])?;
    let (item, ..) = all.iter().find(|(item, ..)| item.id == id).ok_or(NOT_FOUND)?;
    require_seen(item, seen)?;
    let mut reasons = Reasons::new();
    if let Err(why) = state_of(item).after(ItemEvent::Cancel) {
        reasons.add(why.with("item", item.name()));
    }
    let remains = |other: &ItemRow| other.id != id && state_of(other) != ItemState::Cancelled;
    let is_last = !all.iter().any(|(other, ..)| remains(other));
    if is_last && let Some(report) = reports::of_samples(tx.conn, &[item.sample_id])?.last() {
        reasons.add(LAST_OF_REPORT.with("item", item.name()).with("number", &report.report_no));
    }
    reasons.none()?;
    let change =
        ItemChange { state: Some(ItemState::Cancelled.code()), checker_id: Some(None), ..ItemChange::default() };
    if !store::change_items(tx.conn, &[(id, seen)], &change)? {
        return Err(ITEM_CHANGED.with("item", item.name()).with("version", item.version).into());
    }
    tx.log(
        by.entry("test_item", id.0, seen + 1, "item-cancelled")
            .change("state", item.state.as_str(), ItemState::Cancelled.code())
            .set("reason", reason),
    );
    let said = ChangeFacts { reason: reason.to_owned(), ..ChangeFacts::default() };
    samples::order_changed(tx, by, item.sample_id, &OrderChange::Cancel(&item.analyte), &said)?;
    if is_last {
        samples::abandon(tx, by, item.sample_id)?;
    } else {
        report_done(tx, by, &all, &[id])?;
    }
    Ok(ItemStepped { id: id.0, version: seen + 1, state: ItemState::Cancelled.code().to_owned() })
}
