//! The check of a lot when it comes (验收, `quality.md` Q66-1): accepted or rejected with a reason; the newest word holds.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::actions::{LotSaved, SOLUTION};
use super::store::{self, NewReceipt, ReceiptRow};
use super::{LOT_MADE_HERE, LOT_REJECTED, LOT_UNCHECKED};
use crate::accounts::May;
use crate::accounts::actions::names_of;
use crate::accounts::role::KeepLots;
use crate::db::{Conn, Tx};
use crate::domain::clock::Moment;
use crate::domain::ids::{LotId, PersonId};
use crate::domain::input::Checker;
use crate::domain::refusal::{FIELD_MISSING, NOT_FOUND, Outcome, Reason, Refusal, STALE_VERSION};

/// Longest text, in characters.
const TEXT_MOST: usize = 500;

/// What the check found.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = LotReceiptInput)]
pub struct ReceiptInput {
    /// accept, reject
    pub decision: String,
    /// What was looked at: certificate, package, growth test, comparison with the lot before.
    pub checked: String,
    /// Why it is rejected.
    pub reason: String,
}

/// The same, checked.
#[derive(Clone, Debug)]
pub struct ReceiptFacts {
    accepted: bool,
    checked: String,
    reason: String,
}

impl ReceiptInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<ReceiptFacts, Refusal> {
        let mut check = Checker::new();
        let accepted = check.parsed("decision", &self.decision, "expected-lot-decision", |word| match word {
            "accept" => Some(true),
            "reject" => Some(false),
            _ => None,
        });
        let checked = check.text("checked", &self.checked, TEXT_MOST);
        let reason = check.optional_text("reason", &self.reason, TEXT_MOST);
        check.add_if(accepted == Some(false) && self.reason.trim().is_empty(), || FIELD_MISSING.at("reason"));
        check.done(accepted.map(|accepted| ReceiptFacts { accepted, checked, reason }))
    }
}

/// Writes down the check of a lot.
///
/// # Errors
/// `lot-made-here`: what was prepared in the laboratory was not delivered.
pub fn check_receipt(tx: &mut Tx, by: &May<KeepLots>, id: LotId, seen: i64, facts: &ReceiptFacts) -> Outcome<LotSaved> {
    let row = store::by_ids(tx.conn, &[id])?.pop().ok_or(NOT_FOUND)?;
    let stale = || Refusal::from(STALE_VERSION.with("version", row.version));
    if row.version != seen {
        return Err(stale().into());
    }
    if row.kind == SOLUTION {
        return Err(LOT_MADE_HERE.with("code", &row.code).into());
    }
    let new = NewReceipt {
        lot_id: id,
        accepted: facts.accepted,
        checked: &facts.checked,
        reason: &facts.reason,
        person_id: by.person,
        at: tx.now,
    };
    store::insert_receipt(tx.conn, &new)?;
    if !store::touch(tx.conn, id, seen)? {
        return Err(stale().into());
    }
    tx.log(
        by.entry("lot", id.0, seen + 1, "lot-receipt-checked")
            .set("accepted", facts.accepted)
            .set("checked", facts.checked.as_str())
            .set("reason", facts.reason.as_str()),
    );
    Ok(LotSaved { id: id.0, version: seen + 1 })
}

/// A check as pages and programs see it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = LotReceiptView)]
pub struct ReceiptView {
    pub accepted: bool,
    pub checked: String,
    pub reason: String,
    pub by: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: Moment,
}

/// The checks of a lot, newest first.
pub(super) fn of_lot(conn: &mut Conn, id: LotId) -> Outcome<Vec<ReceiptView>> {
    let rows = store::receipts(conn, &[id])?;
    let people: Vec<PersonId> = rows.iter().map(|row| row.person_id).collect();
    let names = names_of(conn, &people)?;
    let view = |row: ReceiptRow| ReceiptView {
        by: names.get(&row.person_id).cloned().unwrap_or_default(),
        accepted: row.accepted,
        checked: row.checked,
        reason: row.reason,
        at: row.at,
    };
    Ok(rows.into_iter().rev().map(view).collect())
}

/// A lot that was delivered, with the check that holds.
#[derive(Clone, Debug)]
pub struct BoughtLot {
    pub code: String,
    pub supplier: String,
    pub received_on: NaiveDate,
    /// `None`: nobody has checked it.
    pub accepted: Option<bool>,
}

impl BoughtLot {
    /// What speaks against its use.
    pub fn against(&self) -> Option<Reason> {
        match self.accepted {
            Some(true) => None,
            Some(false) => Some(LOT_REJECTED.with("code", &self.code)),
            None => Some(LOT_UNCHECKED.with("code", &self.code)),
        }
    }
}

/// Those of the lots that were delivered and not made here. Two statements.
pub fn bought(conn: &mut Conn, codes: &[String]) -> Outcome<Vec<BoughtLot>> {
    let rows = store::by_codes(conn, codes)?;
    let ids: Vec<LotId> = rows.iter().map(|row| row.id).collect();
    let checks = store::receipts(conn, &ids)?;
    let newest = |id: LotId| checks.iter().rfind(|check| check.lot_id == id).map(|check| check.accepted);
    let delivered = rows.into_iter().filter(|row| row.kind != SOLUTION);
    Ok(delivered
        .map(|row| BoughtLot {
            accepted: newest(row.id),
            code: row.code,
            supplier: row.supplier,
            received_on: row.received_on,
        })
        .collect())
}
