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
mod writer;

pub(crate) use address::without_password;
pub use address::{DatabaseAddress, UnknownAddress};
pub(crate) use conn::each;
pub use conn::{Conn, MultiBackend, cols};
pub use door::{Db, DbOptions, OpenError, StatementCounts};
pub use writer::Tx;

use diesel::prelude::*;

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
