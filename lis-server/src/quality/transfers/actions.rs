//! The transfers that are drawn in a month, and comparing one.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::TRANSFER_COMPARED;
use super::choosing::chosen;
use super::store::{self, CheckRow, NewCheck, TransferRow};
use crate::accounts::May;
use crate::accounts::actions::names_of;
use crate::accounts::role::CompareTransfers;
use crate::db::{Conn, Tx};
use crate::domain::clock::Moment;
use crate::domain::ids::{MessageId, ObservationId, PersonId, ResultEntryId, TransferCheckId};
use crate::domain::input::Checker;
use crate::domain::refusal::{FIELD_MISSING, Fault, NOT_FOUND, Outcome, Refusal};
use crate::quality::figures::period::Period;

/// The draw of a month.
#[derive(Clone, Debug)]
pub struct Draw {
    /// Whoever knows it can repeat the draw.
    pub seed: String,
    /// Transfers of the month.
    pub transfers: usize,
    /// Those of them that are compared by hand.
    pub chosen: Vec<i64>,
}

/// Draws from the transfers of a month, as often as it is asked for the same ones.
pub fn draw(conn: &mut Conn, month: Period, now: Moment) -> Outcome<Draw> {
    let span = month.moments().ok_or_else(|| Fault::broken(format!("no midnight in {}", month.text())))?;
    let seed = format!("{}:{}", store::log_id(conn)?, month.text());
    let transfers = store::transfers(conn, span)?;
    let chosen = chosen(&seed, &transfers, now >= span.1);
    Ok(Draw { seed, transfers: transfers.len(), chosen })
}

/// A value on a worksheet beside what the instrument wrote.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Transfer)]
pub struct TransferView {
    /// Of the entry on the worksheet.
    pub id: ResultEntryId,
    pub at: Moment,
    pub label_code: String,
    pub field: String,
    pub replicate: i64,
    /// As it stands on the worksheet.
    pub value: String,
    pub unit: String,
    /// As the instrument wrote it.
    pub printed: String,
    pub printed_unit: String,
    pub instrument: String,
    pub file_name: String,
    /// Line, record or cell of the raw record.
    pub place: String,
    pub message: MessageId,
    pub observation: ObservationId,
    pub comparison: Option<ComparisonView>,
}

/// What a person found.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = TransferComparison)]
pub struct ComparisonView {
    pub same: bool,
    pub remark: String,
    pub by: String,
    pub at: Moment,
}

/// Transfers with what was compared, in order. Three statements, however many they are.
pub fn transfers(conn: &mut Conn, ids: &[i64]) -> Outcome<Vec<TransferView>> {
    let rows = store::rows(conn, ids)?;
    let checks = store::checks(conn, ids)?;
    let people: Vec<PersonId> = checks.iter().map(|check| check.person_id).collect();
    let names = names_of(conn, &people)?;
    let mut checks: HashMap<ResultEntryId, CheckRow> =
        checks.into_iter().map(|check| (check.entry_id, check)).collect();
    let view = |row: TransferRow| TransferView {
        comparison: checks.remove(&row.id).map(|check| ComparisonView {
            same: check.same,
            by: names.get(&check.person_id).cloned().unwrap_or_default(),
            remark: check.remark,
            at: check.at,
        }),
        id: row.id,
        at: row.at,
        label_code: row.label_code,
        field: row.field,
        replicate: row.replicate,
        value: row.value,
        unit: row.unit,
        printed: row.printed,
        printed_unit: row.printed_unit,
        instrument: row.instrument_code,
        file_name: row.file_name,
        place: row.place,
        message: row.message,
        observation: row.observation,
    };
    Ok(rows.into_iter().map(view).collect())
}

pub fn transfer(conn: &mut Conn, id: ResultEntryId) -> Outcome<TransferView> {
    Ok(transfers(conn, &[id.0])?.pop().ok_or(NOT_FOUND)?)
}

/// What a person found who compared a transfer with the raw record.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = TransferComparisonInput)]
pub struct ComparisonInput {
    /// same or different
    pub outcome: String,
    /// What differs; may be empty when nothing does.
    pub remark: String,
}

#[derive(Clone, Debug)]
pub struct ComparisonFacts {
    same: bool,
    remark: String,
}

/// Words of the outcomes.
pub const OUTCOMES: &[&str] = &["same", "different"];

/// Longest remark, in characters.
const REMARK_MOST: usize = 500;

impl ComparisonInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<ComparisonFacts, Refusal> {
        let mut check = Checker::new();
        let word = |text: &str| OUTCOMES.contains(&text).then_some(text == "same");
        let same = check.parsed("outcome", &self.outcome, "expected-transfer-outcome", word);
        let remark = check.optional_text("remark", &self.remark, REMARK_MOST);
        check.add_if(same == Some(false) && self.remark.trim().is_empty(), || FIELD_MISSING.at("remark"));
        check.done(same.map(|same| ComparisonFacts { same, remark }))
    }
}

/// What comparing answers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = TransferCompared)]
pub struct Compared {
    pub id: TransferCheckId,
    /// Of the entry on the worksheet.
    pub transfer: ResultEntryId,
    pub same: bool,
}

/// Keeps what was found; once for each transfer.
///
/// # Errors
/// `not-found`; `transfer-compared`.
pub fn compare(
    tx: &mut Tx,
    by: &May<CompareTransfers>,
    id: ResultEntryId,
    facts: &ComparisonFacts,
) -> Outcome<Compared> {
    let transfer = transfer(tx.conn, id)?;
    if let Some(earlier) = transfer.comparison {
        return Err(TRANSFER_COMPARED.with("person", earlier.by).into());
    }
    let row = NewCheck { entry_id: id, same: facts.same, remark: &facts.remark, person_id: by.person, at: tx.now };
    let check = store::insert_check(tx.conn, &row)?;
    tx.log(
        by.entry("transfer_check", check.0, 1, "transfer-compared")
            .set("entry", id.0)
            .set("value", transfer.value)
            .set("printed", transfer.printed)
            .set("same", facts.same)
            .set("remark", facts.remark.as_str()),
    );
    Ok(Compared { id: check, transfer: id, same: facts.same })
}
