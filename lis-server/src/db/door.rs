//! The doors themselves: opening a database, reading, writing.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use diesel::connection::InstrumentationEvent;
use diesel::prelude::*;
use diesel::r2d2::Pool;
use tracing::{Level, Span, debug, enabled};

use super::conn::{Conn, Manager, Use};
use super::linking::{self, Linker, PostgresLinking};
use super::migrate::on_one_line;
use super::writer::{AnyAnswer, AnyWrite, Tx, Writer, write_alone};
use super::{DatabaseAddress, each};
use crate::domain::clock::Clock;
use crate::domain::refusal::{Fault, Outcome};

/// How a database is opened.
pub struct DbOptions {
    pub address: DatabaseAddress,
    /// Connections that read at the same time; on PostgreSQL as many again write.
    pub connections: u32,
    /// Counts the statements inside `read` and `write`, for tests and benchmarks.
    pub count_statements: bool,
}

/// Both doors of one database. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

struct Inner {
    address: DatabaseAddress,
    clock: Arc<dyn Clock>,
    readers: Pool<Manager>,
    writing: Writing,
    counts: StatementCounts,
}

enum Writing {
    Grouped(Writer),
    Pooled { pool: Pool<Manager>, linking: PostgresLinking },
}

/// Statements and commits since the database was opened.
#[derive(Clone, Default)]
pub struct StatementCounts {
    statements: Arc<AtomicU64>,
    reads: Arc<AtomicU64>,
    commits: Arc<AtomicU64>,
    paused: Arc<AtomicBool>,
}

impl StatementCounts {
    /// Lets statements pass uncounted until [`Self::resume`]: writing one down takes longer than many of them take.
    pub fn pause(&self) {
        self.paused.store(true, Ordering::SeqCst);
    }

    pub fn resume(&self) {
        self.paused.store(false, Ordering::SeqCst);
    }

    fn is_paused(&self) -> bool {
        self.paused.load(Ordering::SeqCst)
    }

    /// SQL statements inside `write`, without BEGIN, SAVEPOINT, COMMIT, the linker's and the idempotency row's.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::SeqCst)
    }

    /// SQL statements inside `read`, without BEGIN and COMMIT.
    pub fn reads(&self) -> u64 {
        self.reads.load(Ordering::SeqCst)
    }

    /// Answered writes that were stored.
    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::SeqCst)
    }

    fn count(&self, purpose: Use, query: &str) {
        let bookkeeping = ["BEGIN", "SAVEPOINT", "COMMIT", "RELEASE", "ROLLBACK", "PRAGMA"];
        let text = query.trim_start();
        // The pool asks a connection whether it is alive before it lends it.
        let is_ping = text.split(" -- binds").next() == Some("SELECT 1");
        if is_ping || bookkeeping.iter().any(|word| text.starts_with(word)) {
            return;
        }
        let linker = ["log_head", "log_link", "audit_pending", "feed_index", "idempotency"];
        let counter = match purpose {
            Use::Reading => &self.reads,
            Use::Writing if linker.iter().any(|table| text.contains(table)) => return,
            Use::Writing => &self.statements,
        };
        counter.fetch_add(1, Ordering::SeqCst);
    }
}

/// How long a request waits for a free connection before it fails with a clear error.
const POOL_WAIT: Duration = Duration::from_secs(10);

#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("The database {address} could not be opened: {why}. Check that it exists and may be reached.")]
    Unreachable { address: String, why: String },
}

impl Db {
    /// Opens a database whose tables are in place (see [`super::migrate`]).
    pub fn open(options: DbOptions, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let DbOptions { address, connections, count_statements } = options;
        let unreachable = |why: String| OpenError::Unreachable { address: address.to_string(), why: on_one_line(&why) };
        let counts = StatementCounts::default();
        let pool = |purpose| {
            let builder = Pool::builder()
                .max_size(connections)
                .min_idle(Some(1))
                .connection_timeout(POOL_WAIT)
                .test_on_check_out(matches!(address, DatabaseAddress::Postgres(_)));
            let builder = match Watching::of(purpose, count_statements.then(|| counts.clone())) {
                Some(watching) => builder.connection_customizer(Box::new(watching)),
                None => builder,
            };
            builder.build(Manager { address: address.clone(), purpose }).map_err(|error| unreachable(error.to_string()))
        };
        let writing = match &address {
            DatabaseAddress::Sqlite(_) => {
                let mut conn = Conn::open(&address, Use::Writing).map_err(|error| unreachable(error.to_string()))?;
                if let Some(watching) = Watching::of(Use::Writing, count_statements.then(|| counts.clone())) {
                    watching.watch(&mut conn);
                }
                let writer =
                    Writer::start(conn, clock.clone(), Linker).map_err(|error| unreachable(error.to_string()))?;
                Writing::Grouped(writer)
            }
            DatabaseAddress::Postgres(_) => {
                let pool = pool(Use::Writing)?;
                let linking = PostgresLinking::start(pool.clone(), clock.clone())
                    .map_err(|error| unreachable(error.to_string()))?;
                Writing::Pooled { pool, linking }
            }
        };
        let readers = pool(Use::Reading)?;
        Ok(Self { inner: Arc::new(Inner { address, clock, readers, writing, counts }) })
    }

    pub fn address(&self) -> &DatabaseAddress {
        &self.inner.address
    }

    pub fn counts(&self) -> &StatementCounts {
        &self.inner.counts
    }

    /// Reads; on a thread that may block. The connection cannot write.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Conn) -> Outcome<T> + Send + 'static,
    ) -> Outcome<T> {
        let db = self.clone();
        of_its_kind(on_blocking_thread(Box::new(move || Ok(Box::new(db.read_now(work)?)))).await)
    }

    /// The same, for callers that are on such a thread already.
    pub fn read_now<T>(&self, work: impl FnOnce(&mut Conn) -> Outcome<T>) -> Outcome<T> {
        let (mut work, mut found) = (Some(work), None);
        self.in_snapshot(&mut |conn| {
            if let Some(work) = work.take() {
                found = Some(work(conn)?);
            }
            Ok(())
        })?;
        found.ok_or_else(|| Fault::broken("a read was not run"))
    }

    /// One snapshot for all queries of a page.
    fn in_snapshot(&self, work: &mut dyn FnMut(&mut Conn) -> Outcome<()>) -> Outcome<()> {
        let mut conn =
            self.inner.readers.get().map_err(|error| Fault::broken(format!("no database connection: {error}")))?;
        (*conn).transaction(work)
    }

    /// Writes. The function may run again, so it does nothing but SQL and pure rules; it is answered after the commit.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Tx) -> Outcome<T> + Send + 'static,
    ) -> Outcome<T> {
        of_its_kind(self.write_any(any_write(work)).await)
    }

    /// The same, for callers on a thread that may block.
    pub fn write_now<T: Send + 'static>(&self, work: impl FnMut(&mut Tx) -> Outcome<T> + Send + 'static) -> Outcome<T> {
        of_its_kind(self.write_any_now(any_write(work)))
    }

    async fn write_any(&self, work: AnyWrite) -> Outcome<AnyAnswer> {
        match &self.inner.writing {
            Writing::Grouped(writer) => {
                let answer = writer.submit(work).await.unwrap_or_else(|_| Err(writer_gone()));
                self.counted(answer)
            }
            Writing::Pooled { .. } => {
                let db = self.clone();
                on_blocking_thread(Box::new(move || db.write_any_now(work))).await
            }
        }
    }

    fn write_any_now(&self, work: AnyWrite) -> Outcome<AnyAnswer> {
        let answer = match &self.inner.writing {
            Writing::Grouped(writer) => writer.submit(work).blocking_recv().unwrap_or_else(|_| Err(writer_gone())),
            Writing::Pooled { pool, linking } => {
                let mut conn = pool.get().map_err(|error| Fault::broken(format!("no database connection: {error}")))?;
                let answer = write_alone(&mut conn, self.inner.clock.as_ref(), work);
                linking.nudge();
                answer
            }
        };
        self.counted(answer)
    }

    fn counted(&self, answer: Outcome<AnyAnswer>) -> Outcome<AnyAnswer> {
        if answer.is_ok() {
            self.inner.counts.commits.fetch_add(1, Ordering::SeqCst);
        }
        answer
    }

    /// Waits until every entry committed before this call has its position in the log.
    pub fn wait_until_linked(&self, limit: Duration) -> Outcome<()> {
        linking::wait_until_none_pending(self, limit)
    }
}

impl fmt::Debug for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Db({})", self.inner.address)
    }
}

fn writer_gone() -> Fault {
    Fault::broken("the database writer has ended; the server is shutting down")
}

fn any_write<T: Send + 'static>(mut work: impl FnMut(&mut Tx) -> Outcome<T> + Send + 'static) -> AnyWrite {
    Box::new(move |tx| Ok(Box::new(work(tx)?)))
}

/// Gives an answer the type that its caller knows it has.
fn of_its_kind<T: 'static>(answer: Outcome<AnyAnswer>) -> Outcome<T> {
    let answer = answer?.downcast::<T>().map_err(|_| Fault::broken("an answer of the database is of another kind"))?;
    Ok(*answer)
}

/// Runs on a thread that may block, inside the span of the request that asks.
async fn on_blocking_thread(work: Box<dyn FnOnce() -> Outcome<AnyAnswer> + Send>) -> Outcome<AnyAnswer> {
    let span = Span::current();
    tokio::task::spawn_blocking(move || span.in_scope(work)).await.map_err(Fault::broken)?
}

/// What looks at every statement of a connection: the count of the tests, and the log of statements
/// (`LIS_LOG=info,lis_server::statements=debug`).
#[derive(Clone, Debug)]
struct Watching {
    purpose: Use,
    counts: Option<StatementCounts>,
    logged: bool,
}

/// The target of the log of statements.
const STATEMENTS: &str = "lis_server::statements";

impl Watching {
    /// `None`: nobody looks, and connections stay as they are.
    fn of(purpose: Use, counts: Option<StatementCounts>) -> Option<Self> {
        let logged = enabled!(target: STATEMENTS, Level::DEBUG);
        (logged || counts.is_some()).then_some(Self { purpose, counts, logged })
    }

    fn watch(&self, conn: &mut Conn) {
        let Self { purpose, counts, logged } = self.clone();
        let on_event = move |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::StartQuery { query, .. } = event {
                let counts = counts.as_ref().filter(|counts| !counts.is_paused());
                if counts.is_none() && !logged {
                    return;
                }
                let text = query.to_string();
                if let Some(counts) = counts {
                    counts.count(purpose, &text);
                }
                if logged {
                    debug!(target: STATEMENTS, sql = without_values(&text), "A statement");
                }
            }
        };
        each!(conn, c => c.set_instrumentation(on_event));
    }
}

/// Values are people's words and measured values: they have no place in a log.
fn without_values(statement: &str) -> &str {
    statement.split(" -- binds").next().unwrap_or_default()
}

impl fmt::Debug for StatementCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} statements written, {} read", self.statements(), self.reads())
    }
}

impl diesel::r2d2::CustomizeConnection<Conn, diesel::r2d2::Error> for Watching {
    fn on_acquire(&self, conn: &mut Conn) -> Result<(), diesel::r2d2::Error> {
        self.watch(conn);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logged_statement_names_no_value() {
        let text = "INSERT INTO person (name) VALUES (?) -- binds: [\"王\"]";
        assert_eq!(without_values(text), "INSERT INTO person (name) VALUES (?)");
    }
}
