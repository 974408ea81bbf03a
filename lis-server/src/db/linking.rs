//! The linker: gives every committed entry the next position of the one log, chains it, and tells the regions that it
//! concerns. On SQLite it is the last step of each group of writes; on PostgreSQL every process polls and the lock on
//! the head elects one, so that writers never wait for each other's commit and positions appear in order, without holes.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use diesel::prelude::*;
use diesel::r2d2::Pool;
use tracing::{error, warn};

use super::conn::{Conn, Manager};
use super::schema::{audit_entry, audit_pending, feed_index, log_head, log_link};
use super::{Db, each};
use crate::audit::chain::{ChainHash, chained};
use crate::domain::clock::{Clock, Moment};
use crate::domain::identifiers::RegionCode;
use crate::domain::refusal::{Fault, Outcome};

/// Entries linked by one transaction: bounds the time that the head stays locked.
const BATCH: i64 = 1_000;

/// How long a PostgreSQL process sleeps between looks when nobody nudges it: other processes' entries wait so long.
const POLL: Duration = Duration::from_millis(100);

/// An entry that stays unlinked so long means that linking has stopped: raise the alarm.
const ALARM_AFTER_S: i64 = 10;

pub(super) struct Linker;

#[derive(Insertable)]
#[diesel(table_name = log_link, treat_none_as_default_value = false)]
struct Link {
    position: i64,
    entry_id: i64,
    chain_hash: String,
}

#[derive(Insertable)]
#[diesel(table_name = feed_index, treat_none_as_default_value = false)]
struct FeedLine {
    region_code: String,
    position: i64,
}

impl Linker {
    /// Links everything pending. The caller has begun the transaction.
    pub(super) fn link(&self, conn: &mut Conn, now: Moment) -> QueryResult<()> {
        while link_batch(conn, now)? == BATCH {}
        Ok(())
    }
}

/// Links up to [`BATCH`] entries and says how many.
fn link_batch(conn: &mut Conn, now: Moment) -> QueryResult<i64> {
    // On SQLite the caller is the only writer, and an empty look saves the rest.
    let pending = |conn: &mut Conn| {
        audit_pending::table
            .inner_join(audit_entry::table)
            .select((audit_entry::id, audit_entry::at, audit_entry::regions, audit_entry::entry_hash))
            .order(audit_pending::entry_id)
            .limit(BATCH)
            .load::<(i64, Moment, String, String)>(conn)
    };
    if matches!(conn, Conn::Sqlite(_)) && audit_pending::table.count().get_result::<i64>(conn)? == 0 {
        return Ok(0);
    }
    let (mut position, chain): (i64, String) = lock_head(conn)?;
    let entries = pending(conn)?;
    let (Some(first), Some(last)) = (entries.first(), entries.last()) else {
        return Ok(0);
    };
    let waited_s = now.since(first.1).num_seconds();
    if matches!(conn, Conn::Postgres(_)) && waited_s > ALARM_AFTER_S {
        warn!(waited_s, entry.id = first.0, "An entry waited long for its position in the log");
    }
    let (first_id, last_id) = (first.0, last.0);
    let mut chain = ChainHash::from_stored(chain);
    let mut links = Vec::with_capacity(entries.len());
    let mut lines = Vec::new();
    for (entry_id, _, regions, entry_hash) in &entries {
        position += 1;
        chain = chained(&chain, position, entry_hash);
        links.push(Link { position, entry_id: *entry_id, chain_hash: chain.to_string() });
        lines.extend(told_regions(regions).map(|region_code| FeedLine { region_code, position }));
    }
    each!(conn, c => diesel::insert_into(log_link::table).values(&links).execute(c))?;
    if !lines.is_empty() {
        each!(conn, c => diesel::insert_into(feed_index::table).values(&lines).execute(c))?;
    }
    let linked: Vec<i64> = entries.iter().map(|entry| entry.0).collect();
    // The range lets the database walk the key once; the exact list keeps entries that became visible meanwhile.
    diesel::delete(
        audit_pending::table
            .filter(audit_pending::entry_id.between(first_id, last_id))
            .filter(audit_pending::entry_id.eq_any(linked)),
    )
    .execute(conn)?;
    diesel::update(log_head::table)
        .set((log_head::position.eq(position), log_head::chain_hash.eq(chain.to_string())))
        .execute(conn)?;
    Ok(i64::try_from(entries.len()).unwrap_or(BATCH))
}

fn lock_head(conn: &mut Conn) -> QueryResult<(i64, String)> {
    let head = log_head::table.select((log_head::position, log_head::chain_hash));
    match conn {
        Conn::Sqlite(c) => head.first(c),
        Conn::Postgres(c) => head.for_update().first(c),
    }
}

/// The regions named by an entry and all above them, each once.
fn told_regions(named: &str) -> impl Iterator<Item = String> {
    let mut told: Vec<String> = named
        .split(' ')
        .filter_map(|code| RegionCode::parse(code).ok())
        .flat_map(|region| {
            let mut all = region.ancestors();
            all.push(region);
            all
        })
        .map(|region| region.as_str().to_owned())
        .collect();
    told.sort_unstable();
    told.dedup();
    told.into_iter()
}

/// The linking thread of one process on PostgreSQL.
pub(super) struct PostgresLinking {
    nudges: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl PostgresLinking {
    pub(super) fn start(pool: Pool<Manager>, clock: Arc<dyn Clock>) -> std::io::Result<Self> {
        let (nudges, nudged) = channel();
        let thread = std::thread::Builder::new()
            .name("log-linker".to_owned())
            .spawn(move || link_for_ever(&pool, clock.as_ref(), &nudged))?;
        Ok(Self { nudges: Some(nudges), thread: Some(thread) })
    }

    /// Says that this process has committed something.
    pub(super) fn nudge(&self) {
        if let Some(nudges) = &self.nudges {
            // The thread ends only with the pool; then nobody needs it.
            let _ = nudges.send(());
        }
    }
}

impl Drop for PostgresLinking {
    fn drop(&mut self) {
        drop(self.nudges.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            error!("The log linker ended with a panic");
        }
    }
}

fn link_for_ever(pool: &Pool<Manager>, clock: &dyn Clock, nudged: &Receiver<()>) {
    loop {
        match nudged.recv_timeout(POLL) {
            Ok(()) | Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        // One look serves all nudges that came until now.
        while nudged.try_recv().is_ok() {}
        if let Err(error) = link_once(pool, clock) {
            error!(%error, "The log could not be linked; trying again");
        }
    }
}

fn link_once(pool: &Pool<Manager>, clock: &dyn Clock) -> Outcome<()> {
    let mut conn = pool.get().map_err(Fault::broken)?;
    if audit_pending::table.select(audit_pending::entry_id).first::<i64>(&mut conn).optional()?.is_none() {
        return Ok(());
    }
    conn.transaction(|conn| Ok(Linker.link(conn, clock.now())?))
}

pub(super) fn wait_until_none_pending(db: &Db, limit: Duration) -> Outcome<()> {
    let until = Instant::now() + limit;
    loop {
        let pending = db.read_now(|conn| Ok(audit_pending::table.count().get_result::<i64>(conn)?))?;
        if pending == 0 {
            return Ok(());
        }
        if Instant::now() > until {
            return Err(Fault::broken(format!("{pending} entries of the log are still without a position")));
        }
        std::thread::sleep(POLL / 10);
    }
}
