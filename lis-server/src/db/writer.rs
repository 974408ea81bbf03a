//! What happens inside the write door. [`Tx`] is one write: a connection inside a transaction, the moment, and the
//! log entries that the write leaves. On SQLite a single thread runs queued writes in savepoints of one immediate
//! transaction and answers all of them after its commit.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::prelude::*;
use tokio::sync::oneshot;
use tracing::{Span, error, warn};

use super::conn::Conn;
use super::linking::Linker;
use crate::audit::Entry;
use crate::domain::clock::{Clock, Moment};
use crate::domain::refusal::{Fault, Outcome};

/// One write, from its first statement to its log entries.
pub struct Tx<'a> {
    pub conn: &'a mut Conn,
    pub now: Moment,
    entries: Vec<Entry>,
}

impl<'a> Tx<'a> {
    fn new(conn: &'a mut Conn, now: Moment) -> Self {
        Self { conn, now, entries: Vec::new() }
    }

    /// Leaves an entry in the log, in this transaction. All entries of a write are inserted by one statement at its
    /// end, when every changed row is locked by its version check: entries of one object get their ids in the
    /// order of its versions.
    pub fn log(&mut self, entry: Entry) {
        self.entries.push(entry);
    }
}

/// A write of any caller, and what it answers, as one type: what runs writes exists once, not for each of several hundred
/// (decision 0013).
pub(super) type AnyWrite = Box<dyn FnMut(&mut Tx) -> Outcome<AnyAnswer> + Send>;
pub(super) type AnyAnswer = Box<dyn Any + Send>;

/// Runs one write and inserts its entries; the caller has begun the transaction.
fn run_inside(conn: &mut Conn, now: Moment, work: &mut AnyWrite) -> Outcome<AnyAnswer> {
    let mut tx = Tx::new(conn, now);
    let done = catch_unwind(AssertUnwindSafe(|| work(&mut tx)))
        .unwrap_or_else(|panic| Err(Fault::Broken(format!("the write panicked: {}", panic_text(panic.as_ref())))))?;
    let entries = std::mem::take(&mut tx.entries);
    crate::audit::store::insert(tx.conn, entries, now)?;
    Ok(done)
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}

/// How often a PostgreSQL write is repeated after a deadlock or serialization failure before its caller is told.
const POSTGRES_ATTEMPTS: u32 = 5;

/// One write in a transaction of its own (PostgreSQL).
pub(super) fn write_alone(conn: &mut Conn, clock: &dyn Clock, mut work: AnyWrite) -> Outcome<AnyAnswer> {
    for attempt in 1.. {
        let done = conn.transaction(|conn| run_inside(conn, clock.now(), &mut work));
        match done {
            Err(Fault::Database(error)) if attempt < POSTGRES_ATTEMPTS && may_repeat(&error, attempt) => {
                warn!(attempt, %error, "Repeating a write");
            }
            done => return done,
        }
    }
    unreachable!("the last attempt returns")
}

fn may_repeat(error: &diesel::result::Error, attempt: u32) -> bool {
    use diesel::result::{DatabaseErrorKind as Kind, Error};
    match error {
        Error::DatabaseError(Kind::SerializationFailure, _) => true,
        // The same key brought by two requests at once: the second run finds the first one's row and answers with it.
        Error::DatabaseError(Kind::UniqueViolation, _) => attempt == 1,
        // diesel has no kind of its own for SQLSTATE 40P01.
        Error::DatabaseError(Kind::Unknown, info) => info.message().contains("deadlock detected"),
        _ => false,
    }
}

/// A write waiting for the writer thread.
struct Waiting {
    work: AnyWrite,
    /// Of the request or job that asks, so that what is logged here carries its id.
    span: Span,
    outcome: Option<Outcome<AnyAnswer>>,
    reply: oneshot::Sender<Outcome<AnyAnswer>>,
}

impl Waiting {
    /// Runs in a savepoint; keeps its outcome until the group is committed.
    fn run(&mut self, conn: &mut Conn, now: Moment) {
        let work = &mut self.work;
        let _in = self.span.enter();
        self.outcome = Some(conn.transaction(|conn| run_inside(conn, now, work)));
    }

    /// Tells the caller: its own outcome if the group was committed, the group's fault otherwise.
    fn answer(self, committed: Result<(), &str>) {
        let answer = match (committed, self.outcome) {
            (Ok(()), Some(outcome)) => outcome,
            // What was refused changed nothing; the refusal stands whatever became of the group.
            (Err(_), Some(Err(fault @ Fault::Refused(_)))) => Err(fault),
            (Err(why), _) => Err(Fault::broken(format!("the write could not be stored: {why}"))),
            (Ok(()), None) => Err(Fault::broken("the write was not run")),
        };
        // The caller may have gone away (a closed browser); the write stands all the same.
        let _ = self.reply.send(answer);
    }
}

/// At most so many writes share a commit: bounds the time a single one can wait.
const GROUP_LIMIT: usize = 128;

/// The one writer of a SQLite database.
pub(super) struct Writer {
    queue: Option<Sender<Waiting>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(conn: Conn, clock: Arc<dyn Clock>, linker: Linker) -> std::io::Result<Self> {
        let (queue, jobs) = channel();
        let thread = std::thread::Builder::new()
            .name("database-writer".to_owned())
            .spawn(move || write_in_groups(conn, &jobs, clock.as_ref(), &linker))?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    pub(super) fn submit(&self, work: AnyWrite) -> oneshot::Receiver<Outcome<AnyAnswer>> {
        let (reply, answer) = oneshot::channel();
        let waiting = Waiting { work, span: Span::current(), outcome: None, reply };
        if let Some(queue) = &self.queue {
            // A send fails only when the thread has ended; the dropped reply then tells the caller.
            let _ = queue.send(waiting);
        }
        answer
    }
}

impl Drop for Writer {
    /// Waits until everything queued is stored.
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            error!("The database writer ended with a panic");
        }
    }
}

fn write_in_groups(mut conn: Conn, jobs: &Receiver<Waiting>, clock: &dyn Clock, linker: &Linker) {
    while let Ok(first) = jobs.recv() {
        let mut group = vec![first];
        group.extend(jobs.try_iter().take(GROUP_LIMIT - 1));
        let committed = store_group(&mut conn, &mut group, clock.now(), linker);
        if let Err(error) = &committed {
            error!(%error, writes = group.len(), "A group of writes could not be stored");
        }
        let committed = committed.map_err(|error| error.to_string());
        for job in group {
            job.answer(committed.as_ref().copied().map_err(String::as_str));
        }
    }
}

fn store_group(conn: &mut Conn, group: &mut [Waiting], now: Moment, linker: &Linker) -> QueryResult<()> {
    begin_immediate(conn)?;
    for job in group.iter_mut() {
        job.run(conn, now);
    }
    let stored = linker.link(conn, now).and_then(|()| commit(conn));
    if stored.is_err() {
        roll_back(conn);
    }
    stored
}

fn begin_immediate(conn: &mut Conn) -> QueryResult<()> {
    match conn {
        Conn::Sqlite(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE"),
        Conn::Postgres(c) => AnsiTransactionManager::begin_transaction(c),
    }
}

fn commit(conn: &mut Conn) -> QueryResult<()> {
    super::each!(conn, c => AnsiTransactionManager::commit_transaction(c))
}

fn roll_back(conn: &mut Conn) {
    let ended = super::each!(conn, c => AnsiTransactionManager::rollback_transaction(c));
    if let Err(error) = ended {
        // After a failed COMMIT SQLite may have rolled back by itself already.
        warn!(%error, "Rolling back a group of writes");
    }
}
