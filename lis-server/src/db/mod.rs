//! The two doors to the database. `read` gives a connection that cannot write; `write` runs a function that may run
//! again (after a deadlock, or because its group could not be committed) and therefore holds only SQL and pure rules.
//!
//! SQLite: one writer thread commits queued writes together ([`writer`]). PostgreSQL: a pool, READ COMMITTED, a few
//! repeats. What differs between the two databases is gathered in this room and nowhere else.

mod address;
mod conn;
pub mod copy;
pub mod describe;
mod door;
mod linking;
pub mod migrate;
pub mod schema;
pub mod series;
pub mod snapshot;
mod writer;

pub(crate) use address::without_password;
pub use address::{DatabaseAddress, UnknownAddress};
pub(crate) use conn::each;
pub use conn::{Conn, MultiBackend, cols};
pub use door::{Db, DbOptions, OpenError, StatementCounts};
pub use writer::Tx;

use diesel::prelude::*;

/// Values that one statement names at most, with room for its other ones: SQLite takes 32,766, PostgreSQL 65,535.
pub const VALUES_OF_A_STATEMENT: usize = 10_000;

/// Loads what a list of any length names, in as many statements as it takes.
pub fn in_pieces<K, T>(keys: &[K], mut load: impl FnMut(&[K]) -> QueryResult<Vec<T>>) -> QueryResult<Vec<T>> {
    let mut found = Vec::new();
    for piece in keys.chunks(VALUES_OF_A_STATEMENT) {
        found.extend(load(piece)?);
    }
    Ok(found)
}

/// Changes what a list of any length names; how many rows that were.
pub fn change_in_pieces<K>(keys: &[K], mut change: impl FnMut(&[K]) -> QueryResult<usize>) -> QueryResult<usize> {
    let mut changed = 0;
    for piece in keys.chunks(VALUES_OF_A_STATEMENT) {
        changed += change(piece)?;
    }
    Ok(changed)
}

/// The database answers.
pub fn ping(conn: &mut Conn) -> QueryResult<()> {
    log_position(conn).map(|_| ())
}

/// The position of the log's newest entry; 0: there is none.
pub fn log_position(conn: &mut Conn) -> QueryResult<i64> {
    schema::log_head::table.select(schema::log_head::position).first(conn)
}

/// Entries of the log that wait for their position.
pub fn pending_entries(conn: &mut Conn) -> QueryResult<i64> {
    schema::audit_pending::table.count().get_result(conn)
}
