//! What a person does with held rows beside mapping a code: try again, set aside, have a message read again.

use serde::{Deserialize, Serialize};

use super::super::OBSERVATION_NOT_HELD;
use super::super::damaged;
use super::super::documents::ROLE;
use super::super::filing::{file_rows, settle};
use super::super::state::{MessageEvent, MessageState, ObservationEvent, ObservationState};
use super::super::store::{self, ObservationRow};
use super::documents::try_documents;
use super::intake::{NEVER_FILED, log_step, move_on};
use crate::accounts::role::RepairReadings;
use crate::accounts::{Actor, May};
use crate::db::{Conn, Tx};
use crate::domain::ids::{InstrumentId, MessageId, ObservationId};
use crate::domain::input::Checker;
use crate::domain::refusal::{NOT_FOUND, Outcome, Refusal, STALE_VERSION};

/// What became of held rows that were tried again.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Replayed {
    /// How many they were.
    pub tried: usize,
    /// Rows that found their cell.
    pub filed: usize,
}

/// At most so many held rows are tried again at once: bounds the transaction. The rest waits for the next.
const REPLAY_MOST: i64 = 5_000;

/// Tries all held rows of an instrument again: a worksheet was opened, a sample received.
pub fn replay(tx: &mut Tx, by: &May<RepairReadings>, id: InstrumentId) -> Outcome<Replayed> {
    let instrument = store::instrument(tx.conn, id)?.ok_or(NOT_FOUND)?;
    let (rows, documents) = held_rows(tx.conn, &instrument.code)?;
    let filed = file_rows(tx, by, &instrument, &rows)? + try_documents(tx, by, &instrument, &documents)?;
    let tried = [rows, documents].concat();
    settle_messages(tx, by, &tried)?;
    tx.log(by.entry("instrument", id.0, instrument.version, "held-rows-replayed").set("filed", filed as i64));
    Ok(Replayed { tried: tried.len(), filed })
}

/// Rows that a mapping can help: not those that are damaged, have no value or are not final, and no documents.
pub(super) fn replayable(conn: &mut Conn, code: &str) -> Outcome<Vec<ObservationRow>> {
    Ok(held_rows(conn, code)?.0)
}

/// Held rows that can be tried again: those with values, and documents.
fn held_rows(conn: &mut Conn, code: &str) -> Outcome<(Vec<ObservationRow>, Vec<ObservationRow>)> {
    let held = store::held_of(conn, code, REPLAY_MOST)?.into_iter();
    let (documents, rows): (Vec<ObservationRow>, Vec<ObservationRow>) = held.partition(|row| row.role == ROLE);
    let can_be_filed =
        |row: &ObservationRow| !NEVER_FILED.contains(&row.reason.as_str()) && !damaged::is_damaged(&row.reason);
    Ok((rows.into_iter().filter(can_be_filed).collect(), documents))
}

/// Messages of which no row waits any more are done.
pub(super) fn settle_messages(tx: &mut Tx, by: &Actor, touched: &[ObservationRow]) -> Outcome<()> {
    let mut ids: Vec<MessageId> = touched.iter().map(|row| row.message_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let waiting = store::held_in_messages(tx.conn, &ids)?;
    let settled: Vec<MessageId> = ids.into_iter().filter(|id| !waiting.contains(id)).collect();
    let mut moved = 0;
    for state in MessageState::ALL {
        let Some(next) = state.after(MessageEvent::Settled) else { continue };
        for (id, version) in store::move_messages(tx.conn, &settled, state.code(), next.code())? {
            log_step(tx, by, (id, version), (*state, next), "");
            moved += 1;
        }
    }
    // Rows are settled in a message that waits for it, or somebody else was faster.
    if moved == settled.len() { Ok(()) } else { Err(STALE_VERSION.with("version", "?").into()) }
}

/// Why a held row belongs nowhere.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SetAsideInput {
    /// At most 200 characters.
    pub why: String,
}

/// Longest reason, in characters.
const WHY_MOST: usize = 200;

impl SetAsideInput {
    /// # Errors
    /// The reason is missing or too long.
    pub fn checked(&self) -> Result<String, Refusal> {
        let mut check = Checker::new();
        let why = check.text("why", &self.why, WHY_MOST);
        check.done(Some(why))
    }
}

/// A person says that a held row belongs nowhere, and why. The row and its bytes stay readable.
pub fn set_aside(tx: &mut Tx, by: &May<RepairReadings>, id: ObservationId, why: &str) -> Outcome<()> {
    let row = store::observation(tx.conn, id)?.ok_or(NOT_FOUND)?;
    let message = store::message(tx.conn, row.message_id)?.ok_or(NOT_FOUND)?;
    if message.state == MessageState::Received.code() {
        // What is being read is no row yet.
        return Err(NOT_FOUND.into());
    }
    if settle(tx, &[id], ObservationEvent::SetAside, &format!("set-aside:{why}"))? == 0 {
        return Err(OBSERVATION_NOT_HELD.reason().with_word("state", format!("observation-{}", row.state)).into());
    }
    tx.log(
        by.entry("observation", id.0, row.version + 1, "observation-set-aside")
            .change("state", row.state.as_str(), ObservationState::Ignored.code())
            .set("reason", why),
    );
    settle_messages(tx, by, &[row])
}

/// A message is read again: the instrument's profile was mended, or it has a newer one. The earlier reading stays; what it
/// left waiting is set aside, what it filed is not filed again.
pub fn read_again(tx: &mut Tx, by: &May<RepairReadings>, id: MessageId) -> Outcome<()> {
    let message = store::message(tx.conn, id)?.ok_or(NOT_FOUND)?;
    if message.state == MessageState::Received.code() {
        // Asked twice: it waits to be read already.
        return Ok(());
    }
    store::set_waiting_aside(tx.conn, id, READ_AGAIN)?;
    move_on(tx, by, &message, MessageEvent::ReadAgain, "")
}

/// Why a waiting row of an earlier reading is set aside.
const READ_AGAIN: &str = "read-again";
