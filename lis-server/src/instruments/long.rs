//! Takes a long message in: one thread reads it, this one stores its rows, piece by piece (`actions/pieces.rs`). In memory are
//! its bytes, its troubles and some pieces, never all its rows.
//!
//! Several processes may share one database: a lease says who takes a message in. When that process ends, another begins anew.

use std::io::Cursor;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use chrono::TimeDelta;
use instrument_drivers::observation::{Seen, Sink, Trouble};
use instrument_drivers::table::pieces::Source;
use tracing::warn;

use super::actions::pieces::{self, Begun, Lease, PIECE_ROWS};
use super::actions::{ReadMessage, Rows, Taken, blank, of_row};
use super::damaged;
use super::store::NewObservation;
use crate::accounts::Actor;
use crate::app::Lis;
use crate::domain::ids::MessageId;
use crate::domain::refusal::{Fault, Outcome};

/// A process that stores no piece for so long is taken for dead.
const LEASE_S: i64 = 60;
/// Pieces that are read and not stored yet, beside the one that is being read and the one that is being stored.
const PIECES_AHEAD: usize = 1;

/// Takes a message in, unless another process has it.
pub fn take_in(lis: &Lis, by: &Actor, read: &Arc<ReadMessage>) -> Outcome<()> {
    let (lease, seen, real) = (new_lease(lis, read.message.id), read.message.version, lis.clock.real());
    let claim = lease.clone();
    let Some(begun) = lis.db.write_now(move |tx| pieces::begin(tx, &claim, seen, real))? else { return Ok(()) };
    let done = begin_anew(lis, read.message.id).and_then(|()| store(lis, by, read, (&lease, begun)));
    if done.is_err() {
        // It is tried again, and not only when the lease has ended.
        let own = lease.clone();
        if let Err(fault) = lis.db.write_now(move |tx| pieces::give_up(tx, &own)) {
            warn!(%fault, "A message could not be let go; its lease ends by itself");
        }
    }
    done
}

/// Takes away what an earlier try has left.
pub fn begin_anew(lis: &Lis, id: MessageId) -> Outcome<()> {
    while lis.db.write_now(move |tx| pieces::drop_unfinished(tx, id))? {}
    Ok(())
}

fn new_lease(lis: &Lis, message: MessageId) -> Lease {
    let until = lis.clock.real().plus(TimeDelta::seconds(LEASE_S));
    Lease { message, token: uuid::Uuid::new_v4().to_string(), until }
}

fn store(lis: &Lis, by: &Actor, read: &Arc<ReadMessage>, (lease, begun): (&Lease, Begun)) -> Outcome<()> {
    let (pieces_out, pieces_in) = sync_channel(PIECES_AHEAD);
    let (stored, found) = std::thread::scope(|scope| {
        let cutter = Cutter::new(read, begun, pieces_out);
        let reader = scope.spawn(move || cutter.read(&read.rows));
        let stored = store_pieces(lis, read, lease, pieces_in);
        (stored, reader.join().map_err(|_| Fault::broken("reading the message panicked")))
    });
    let (taken, found) = (stored?, found?);
    let taken = Taken { rows: found.rows, troubles: found.troubles, ..taken };
    let (by, read, lease) = (by.clone(), read.clone(), lease.clone());
    lis.db.write_now(move |tx| pieces::finish(tx, &by, &read, &lease, (begun, taken)))
}

/// Stores pieces as they come; when one cannot be stored, the reader finds nobody who takes the next.
fn store_pieces(
    lis: &Lis,
    read: &Arc<ReadMessage>,
    lease: &Lease,
    pieces_in: Receiver<Vec<NewObservation>>,
) -> Outcome<Taken> {
    let mut taken = Taken::default();
    for mut rows in pieces_in {
        let until = lis.clock.real().plus(TimeDelta::seconds(LEASE_S));
        let (read, lease) = (read.clone(), Lease { until, ..lease.clone() });
        let piece = lis.db.write_now(move |tx| pieces::take_piece(tx, &read, &lease, &mut rows))?;
        taken.held += piece.held;
        taken.to_file += piece.to_file;
    }
    Ok(taken)
}

/// How many rows and troubles a message has.
#[derive(Clone, Copy)]
struct Found {
    rows: i64,
    troubles: i64,
}

/// Makes pieces of what is read; the troubles stand behind the rows.
struct Cutter {
    message: MessageId,
    reading_no: i64,
    next_ordinal: i64,
    piece: Vec<NewObservation>,
    troubles: Vec<Trouble>,
    found: Found,
    /// `None`: nobody takes any more. A reader cannot be stopped, so what comes is passed over.
    out: Option<SyncSender<Vec<NewObservation>>>,
}

impl Cutter {
    fn new(read: &ReadMessage, begun: Begun, out: SyncSender<Vec<NewObservation>>) -> Self {
        Self {
            message: read.message.id,
            reading_no: begun.reading_no,
            next_ordinal: begun.behind + 1,
            piece: Vec::new(),
            troubles: Vec::new(),
            found: Found { rows: 0, troubles: 0 },
            out: Some(out),
        }
    }

    fn read(mut self, rows: &Rows) -> Found {
        if let Rows::Long { profile, bytes, context } = rows {
            // As a file, of which a piece at a time is decoded.
            profile.read_to(Source::File(&mut Cursor::new(bytes.as_slice())), context, &mut self);
        }
        for trouble in std::mem::take(&mut self.troubles) {
            self.found.troubles += 1;
            let row = NewObservation {
                reason: damaged::kept(&trouble.reason),
                source_place: trouble.position,
                ..self.blank()
            };
            self.push(row);
        }
        self.hand_on();
        self.found
    }

    /// The row that stands next in the message, without its content.
    fn blank(&mut self) -> NewObservation {
        let ordinal = self.next_ordinal;
        self.next_ordinal += 1;
        NewObservation { reading_no: self.reading_no, ..blank(self.message, ordinal) }
    }

    fn push(&mut self, row: NewObservation) {
        self.piece.push(row);
        if self.piece.len() == PIECE_ROWS {
            self.hand_on();
        }
    }

    fn hand_on(&mut self) {
        let piece = std::mem::take(&mut self.piece);
        if !piece.is_empty() && self.out.as_ref().is_some_and(|out| out.send(piece).is_err()) {
            self.out = None;
        }
    }
}

impl Sink for Cutter {
    fn observation(&mut self, one: Seen<'_>) {
        if self.out.is_some() {
            self.found.rows += 1;
            let row = of_row(self.blank(), one);
            self.push(row);
        }
    }

    fn trouble(&mut self, trouble: Trouble) {
        self.troubles.push(trouble);
    }
}
