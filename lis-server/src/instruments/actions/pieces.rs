//! A long message goes in piece by piece, each piece in a write of its own, so that nobody waits for all of it. Until the last
//! write the message is not read: its rows are counted nowhere, shown nowhere and filed nowhere. A reading that broke off is
//! taken away and begun anew. The log gets one entry, with the last write.

use super::super::filing::Filer;
use super::super::state::MessageState;
use super::super::store::{self, NewObservation, ROWS_OF_A_STATEMENT};
use super::intake::{ReadMessage, Taken, conclude, next_reading, store_rows};
use crate::accounts::Actor;
use crate::db::Tx;
use crate::domain::clock::Moment;
use crate::domain::ids::MessageId;
use crate::domain::refusal::{Fault, Outcome, STALE_VERSION};

/// Rows of one write: some hundredths of a second on a small machine. Every write has its own wait for the disk, and looks
/// its samples up by two statements.
pub const PIECE_ROWS: usize = 10 * ROWS_OF_A_STATEMENT;

/// A message that this process alone takes in, for as long as it goes on.
#[derive(Clone, Debug)]
pub struct Lease {
    pub message: MessageId,
    pub token: String,
    /// On the machine's time.
    pub until: Moment,
}

/// The reading that a long message gets.
#[derive(Clone, Copy, Debug)]
pub struct Begun {
    pub reading_no: i64,
    /// Place behind which its rows stand.
    pub behind: i64,
}

/// Claims a message that is to be taken in; `None` when somebody else has it, or it is taken in by now.
pub fn begin(tx: &mut Tx, lease: &Lease, seen: i64, real: Moment) -> Outcome<Option<Begun>> {
    if !store::claim_intake(tx.conn, lease.message, &lease.token, (real, lease.until))? {
        return Ok(None);
    }
    let message = store::message(tx.conn, lease.message)?;
    let waits = |row: &store::MessageRow| row.version == seen && row.state == MessageState::Received.code();
    if !message.as_ref().is_some_and(waits) {
        store::end_intake(tx.conn, lease.message, &lease.token)?;
        return Ok(None);
    }
    let (reading_no, behind) = next_reading(tx.conn, lease.message)?;
    Ok(Some(Begun { reading_no, behind }))
}

/// Takes away some rows of a reading that broke off; `true` when there may be more.
pub fn drop_unfinished(tx: &mut Tx, id: MessageId) -> Outcome<bool> {
    let (_, behind) = next_reading(tx.conn, id)?;
    let last = store::last_place(tx.conn, id)?.unwrap_or(behind);
    if last <= behind {
        return Ok(false);
    }
    let piece = i64::try_from(PIECE_ROWS).map_err(Fault::broken)?;
    store::drop_rows_behind(tx.conn, id, behind.max(last - piece))?;
    Ok(true)
}

/// Stores one piece. What a run decides about its rows holds when the write is run again.
pub fn take_piece(tx: &mut Tx, read: &ReadMessage, lease: &Lease, rows: &mut [NewObservation]) -> Outcome<Taken> {
    if !store::renew_intake(tx.conn, lease.message, &lease.token, lease.until)? {
        return Err(somebody_else(read));
    }
    let filer = Filer::new(tx.conn, &read.instrument)?;
    let (held, to_file) = store_rows(tx.conn, read, &filer, rows)?;
    Ok(Taken { held, to_file, ..Taken::default() })
}

/// The last write: what can be filed is filed, and the message is read.
pub fn finish(
    tx: &mut Tx,
    by: &Actor,
    read: &ReadMessage,
    lease: &Lease,
    (begun, taken): (Begun, Taken),
) -> Outcome<()> {
    if !store::end_intake(tx.conn, lease.message, &lease.token)? {
        return Err(somebody_else(read));
    }
    let mut filer = Filer::new(tx.conn, &read.instrument)?;
    conclude(tx, by, read, &mut filer, (begun.reading_no, begun.behind, taken))
}

/// Lets a message go that could not be taken in.
pub fn give_up(tx: &mut Tx, lease: &Lease) -> Outcome<()> {
    store::end_intake(tx.conn, lease.message, &lease.token)?;
    Ok(())
}

fn somebody_else(read: &ReadMessage) -> Fault {
    STALE_VERSION.with("version", read.message.version).into()
}
