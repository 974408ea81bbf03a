//! The reviewer's no: an item of a report under review goes back to its tester, with a reason (`workflow.md` 3,
//! `repeat_ordered`). The report stays in compilation; tested and checked again, the item stands in it.

use serde::{Deserialize, Serialize};

use super::REVIEWER_TESTED;
use super::actions::{REASON_MOST, ReportSaved, naming, require, require_seen, wrong_state};
use super::state::ReportEvent;
use super::store::gathered::{self, ItemFacts};
use super::store::{self, ReportRow};
use crate::accounts::role::{May, ReviewReports};
use crate::db::Tx;
use crate::domain::ids::{ItemId, PersonId, ReportId};
use crate::domain::input::Checker;
use crate::domain::refusal::{FIELD_MISSING, Fact, NOT_FOUND, Outcome, Reasons, Refusal};
use crate::testing::ITEM_CHANGED;
use crate::testing::actions::order_repeat_in_review;
use crate::testing::state::{ItemEvent, ItemState};

/// An item that its reviewer sends back.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ReturnInput {
    /// Id of an item of the report.
    #[schema(value_type = i64)]
    pub item: Option<i64>,
    /// The version of the item that was seen.
    #[schema(value_type = i64)]
    pub item_version: Option<i64>,
    /// Why it has to be tested again, at most 500 characters.
    pub reason: String,
}

/// The same, checked.
#[derive(Clone, Debug)]
pub struct Returned {
    item: ItemId,
    item_version: i64,
    reason: String,
}

impl ReturnInput {
    /// # Errors
    /// Every field that is missing or too long, by name.
    pub fn checked(&self) -> Result<Returned, Refusal> {
        let mut check = Checker::new();
        check.add_if(self.item.is_none(), || FIELD_MISSING.at("item"));
        check.add_if(self.item_version.is_none(), || FIELD_MISSING.at("item_version"));
        let reason = check.text("reason", &self.reason, REASON_MOST);
        let seen = self.item.zip(self.item_version);
        check.done(seen.map(|(item, item_version)| Returned { item: ItemId(item), item_version, reason }))
    }
}

/// Sends an item back. Its results stay readable; the report gets a new version, so that a review which had not seen this
/// is refused.
///
/// # Errors
/// Every reason at once: the report is not under review, the reviewer tested items of it, the item is not one of the
/// report, was changed since it was seen, or is in a state in which nothing is repeated.
pub fn return_item(
    tx: &mut Tx,
    by: &May<ReviewReports>,
    id: ReportId,
    seen: i64,
    wanted: &Returned,
) -> Outcome<ReportSaved> {
    let report = store::report(tx.conn, id)?.ok_or(NOT_FOUND)?;
    require_seen(&report, seen)?;
    let items = gathered::items_of(tx.conn, &[report.sample_id])?;
    return_reasons(&report, &items, by.person, wanted).none()?;
    let state = report.state();
    let next = state.after(ReportEvent::ReturnItem).ok_or_else(|| wrong_state(&report.report_no, state))?;
    require(store::set_state(tx.conn, id, seen, next)?)?;
    order_repeat_in_review(tx, by, wanted.item, wanted.item_version, &wanted.reason)?;
    let entry = by.entry("report", id.0, seen + 1, "report-item-returned");
    tx.log(entry.set("item", wanted.item.0).set("reason", wanted.reason.as_str()));
    Ok(ReportSaved { id: id.0, version: seen + 1, state: next.code().to_owned() })
}

/// Every reason why a reviewer cannot send an item back.
fn return_reasons(report: &ReportRow, items: &[ItemFacts], person: PersonId, wanted: &Returned) -> Reasons {
    let mut reasons = Reasons::new();
    let state = report.state();
    reasons.add_if(state.after(ReportEvent::ReturnItem).is_none(), || wrong_state(&report.report_no, state));
    reasons.extend(naming(REVIEWER_TESTED, items.iter().filter(|item| item.is_work_of(person))));
    let Some(item) = items.iter().find(|item| item.id == wanted.item) else {
        reasons.add(NOT_FOUND.at("item"));
        return reasons;
    };
    let name = || Fact::named(item.analyte_zh.as_str(), item.analyte_en.as_str());
    if let Some(Err(reason)) = ItemState::parse(&item.state).map(|state| state.after(ItemEvent::OrderRepeat)) {
        reasons.add(reason.with("item", name()).at("item"));
    }
    let changed = item.version != wanted.item_version;
    reasons.add_if(changed, || ITEM_CHANGED.with("item", name()).with("version", item.version).at("item"));
    reasons
}

/// Whether an item may be sent back as it stands, for the page's list.
pub(super) fn may_return(item: &ItemFacts) -> bool {
    let state = ItemState::parse(&item.state);
    !item.is_derived() && state.is_some_and(|state| state.after(ItemEvent::OrderRepeat).is_ok())
}
