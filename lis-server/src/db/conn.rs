//! One connection type over both databases, and how each is opened.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::r2d2::{ManageConnection, R2D2Connection};
use diesel::{ConnectionError, PgConnection, SqliteConnection};

use super::DatabaseAddress;

/// A connection to either database. `each!` is the way to what the enum itself does not offer.
#[derive(diesel::MultiConnection)]
pub enum Conn {
    Postgres(PgConnection),
    Sqlite(SqliteConnection),
}

/// The same expression on both kinds of connection: batch inserts, `ON CONFLICT`, locking.
macro_rules! each {
    ($conn:expr, $c:ident => $body:expr) => {
        match $conn {
            $crate::db::Conn::Postgres($c) => $body,
            $crate::db::Conn::Sqlite($c) => $body,
        }
    };
}
pub(crate) use each;

/// The columns of a row type, for `.select(cols::<Row>())` and `.returning(cols::<Row>())`.
pub fn cols<T: Selectable<MultiBackend>>() -> T::SelectExpression {
    T::construct_selection()
}

/// What a connection is for: a reader cannot write, even by mistake.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Use {
    Reading,
    Writing,
}

/// How long a SQLite connection waits for another's lock. Only checkpoints and a second process can make it wait:
/// within the server there is one writer.
const SQLITE_BUSY_TIMEOUT_MS: u32 = 10_000;

impl Conn {
    pub(super) fn open(address: &DatabaseAddress, purpose: Use) -> Result<Self, ConnectionError> {
        match address {
            DatabaseAddress::Sqlite(path) => {
                let path = path.to_str().ok_or_else(|| {
                    ConnectionError::BadConnection(format!("the path {} is not valid UTF-8", path.display()))
                })?;
                let mut conn = SqliteConnection::establish(path)?;
                // FULL: after "saved" a power cut loses nothing (one fsync per group of writes).
                // case_sensitive_like: text matches as it does on PostgreSQL.
                conn.batch_execute(&format!(
                    "PRAGMA busy_timeout = {SQLITE_BUSY_TIMEOUT_MS}; PRAGMA journal_mode = WAL; \
                     PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA case_sensitive_like = ON; {}",
                    if purpose == Use::Reading { "PRAGMA query_only = ON;" } else { "" }
                ))
                .map_err(ConnectionError::CouldntSetupConfiguration)?;
                Ok(Self::Sqlite(conn))
            }
            DatabaseAddress::Postgres(url) => {
                let mut conn = PgConnection::establish(url)?;
                conn.batch_execute(&format!(
                    "SET TIME ZONE 'UTC'; SET client_min_messages = warning; {}",
                    if purpose == Use::Reading {
                        // A reader sees one snapshot for all queries of a page, as on SQLite.
                        "SET default_transaction_read_only = on; \
                         SET default_transaction_isolation = 'repeatable read';"
                    } else {
                        ""
                    }
                ))
                .map_err(ConnectionError::CouldntSetupConfiguration)?;
                Ok(Self::Postgres(conn))
            }
        }
    }
}

/// Opens pooled connections; decides by the address instead of trying one backend after the other.
#[derive(Debug)]
pub(super) struct Manager {
    pub address: DatabaseAddress,
    pub purpose: Use,
}

impl ManageConnection for Manager {
    type Connection = Conn;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> Result<Conn, Self::Error> {
        Conn::open(&self.address, self.purpose).map_err(diesel::r2d2::Error::ConnectionError)
    }

    fn is_valid(&self, conn: &mut Conn) -> Result<(), Self::Error> {
        each!(conn, c => c.ping()).map_err(diesel::r2d2::Error::QueryError)
    }

    fn has_broken(&self, conn: &mut Conn) -> bool {
        std::thread::panicking() || each!(conn, c => c.is_broken())
    }
}
