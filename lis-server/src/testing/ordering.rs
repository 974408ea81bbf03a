//! Changes of an order after the receipt of its sample: another item, another method for an item. Each repeats the review of
//! the order, which the client is told of (ISO/IEC 17025 7.1.6); what is cancelled is in `cancelling`.

use serde::{Deserialize, Serialize};

use super::cancelling::{ItemStepped, item_at};
use super::planned::number_of;
use super::planning::{plan_after, state_of};
use super::state::ItemState;
use super::store;
use super::{ITEM_CHANGED, METHOD_UNKNOWN, ORDER_ITEM_STARTED};
use crate::accounts::May;
use crate::accounts::role::AssignItems;
use crate::db::Tx;
use crate::domain::ids::{ItemId, SampleId};
use crate::domain::input::Checker;
use crate::domain::refusal::{Fault, Outcome, Refusal};
use crate::domain::text;
use crate::samples::actions::{self as samples, ChangeFacts, OrderChange};
use crate::samples::order::{Offer, OrderedItem, read_item};
use crate::samples::{ITEM_REPEATED, ITEM_UNKNOWN};

/// Another item of an order.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OrderItemInput {
    /// `analyte|method standard`, for example `pb|GB 5009.12`.
    pub item: String,
    /// What the whole order costs now, in yuan; empty: as before.
    pub price: String,
    /// Where the client's written answer is found; needed where something is pointed out to him.
    pub consent: String,
    pub reason: String,
}

/// Another method for an item of an order.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ItemMethodInput {
    /// With or without edition, as the client asks for it.
    pub method: String,
    /// What the whole order costs now, in yuan; empty: as before.
    pub price: String,
    /// Where the client's written answer is found; needed where something is pointed out to him.
    pub consent: String,
    pub reason: String,
}

/// Longest names of an item and of a method, in characters.
const ITEM_MOST: usize = 120;
const METHOD_MOST: usize = 60;

impl OrderItemInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<(String, ChangeFacts), Refusal> {
        let mut check = Checker::new();
        let item = check.text("item", &self.item, ITEM_MOST);
        let said = samples::change_facts(&mut check, &self.price, &self.consent, &self.reason);
        check.done(Some((item, said)))
    }
}

impl ItemMethodInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<(String, ChangeFacts), Refusal> {
        let mut check = Checker::new();
        let method = text::code(&check.text("method", &self.method, METHOD_MOST));
        let said = samples::change_facts(&mut check, &self.price, &self.consent, &self.reason);
        check.done(Some((method, said)))
    }
}

/// What adding an item answers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OrderItemAdded {
    pub item: i64,
    /// Of the sample.
    pub version: i64,
}

/// Adds an item to the order of a sample that was seen at a version.
///
/// # Errors
/// `order-none`, `order-closed`; an item that is unknown or ordered already; what is pointed out and not answered.
pub fn add_item(
    tx: &mut Tx,
    by: &May<AssignItems>,
    id: SampleId,
    seen: i64,
    (item, said): &(String, ChangeFacts),
) -> Outcome<OrderItemAdded> {
    let sample = samples::open_order(tx.conn, id)?;
    let version = samples::touch_order(tx, &sample, seen)?;
    let offered = samples::catalogue(tx.conn)?;
    let unknown = |name: String| ITEM_UNKNOWN.with("item", name).at("item");
    let item = read_item(item, &offered).map_err(unknown)?;
    if item.method_standard.is_empty() {
        return Err(METHOD_UNKNOWN.with("method", "").at("item").into());
    }
    let items = store::items_of_samples(tx.conn, &[id])?;
    if items.iter().any(|(row, ..)| row.analyte == item.analyte && state_of(row) != ItemState::Cancelled) {
        return Err(ITEM_REPEATED.with("item", &item.analyte).at("item").into());
    }
    let last = items.iter().map(|(row, ..)| row.seq).max().unwrap_or(0);
    let to_test = samples::more_to_test(tx.conn, &sample, &item)?;
    let made = plan_after(tx, by, offered.whole(), &to_test, last)?;
    samples::order_changed(tx, by, id, &OrderChange::Add(&item), said)?;
    let item = made.first().ok_or_else(|| Fault::broken("nothing was planned"))?;
    Ok(OrderItemAdded { item: item.0, version })
}

/// Whether an item's method may still be changed: nobody has begun.
pub(super) fn may_change_method(state: ItemState) -> bool {
    matches!(state, ItemState::Planned | ItemState::Assigned)
}

/// Gives an item of an order another method before it is on a worksheet; it waits for a tester again.
///
/// # Errors
/// `order-none`, `order-closed`; `order-item-started` later; an unknown method; what is pointed out and not answered.
pub fn change_method(
    tx: &mut Tx,
    by: &May<AssignItems>,
    id: ItemId,
    seen: i64,
    (method, said): &(String, ChangeFacts),
) -> Outcome<ItemStepped> {
    let item = item_at(tx.conn, id, seen)?;
    samples::open_order(tx.conn, item.sample_id)?;
    if !may_change_method(state_of(&item)) {
        return Err(ORDER_ITEM_STARTED.with("item", item.name()).into());
    }
    let offered = samples::catalogue(tx.conn)?;
    if !offered.has_method(method) {
        return Err(METHOD_UNKNOWN.with("method", method).at("method").into());
    }
    let number = number_of(offered.whole(), method);
    let next = ItemState::Planned.code();
    if !store::set_method(tx.conn, id, seen, number, next)? {
        return Err(ITEM_CHANGED.with("item", item.name()).with("version", item.version).into());
    }
    tx.log(
        by.entry("test_item", id.0, seen + 1, "item-method-changed")
            .change("state", item.state.as_str(), next)
            .change("method_standard", item.method_standard.as_str(), number)
            .set("reason", said.reason.as_str()),
    );
    let ordered =
        OrderedItem { analyte: item.analyte, method_standard: method.clone(), label_claim: None, limit_factor: None };
    samples::order_changed(tx, by, item.sample_id, &OrderChange::Method(&ordered), said)?;
    Ok(ItemStepped { id: id.0, version: seen + 1, state: next.to_owned() })
}
