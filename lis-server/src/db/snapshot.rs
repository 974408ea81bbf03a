//! A copy of a database that is in use, as one SQLite file; and the look into such a file.

use std::fmt;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use diesel::connection::SimpleConnection;

use super::DatabaseAddress;
use super::conn::{Conn, Use};
use super::copy::{self, CopyError};
use crate::domain::refusal::{Fault, Outcome};

#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    #[error(transparent)]
    Copy(#[from] CopyError),
    #[error("the database could not be copied to {path}: {why}")]
    Failed { path: String, why: String },
}

/// A running server gives an entry its position within moments: so often, and so long each time, is waited for it.
const TRIES: u32 = 20;
const WAIT: Duration = Duration::from_millis(500);

/// Copies a database into a new SQLite file as it stands at one moment. Its server goes on writing meanwhile.
pub fn take(from: &DatabaseAddress, to: &Path) -> Result<(), SnapshotError> {
    match from {
        DatabaseAddress::Sqlite(_) => vacuum(from, to),
        DatabaseAddress::Postgres(_) => copied(from, &DatabaseAddress::Sqlite(to.to_owned())),
    }
}

fn vacuum(from: &DatabaseAddress, to: &Path) -> Result<(), SnapshotError> {
    let path = to.to_str().ok_or_else(|| failed(to, "the path is not valid UTF-8"))?;
    let mut conn = Conn::open(from, Use::Writing).map_err(|error| failed(to, error))?;
    conn.batch_execute(&format!("VACUUM INTO '{}'", path.replace('\'', "''"))).map_err(|error| failed(to, error))
}

fn copied(from: &DatabaseAddress, to: &DatabaseAddress) -> Result<(), SnapshotError> {
    for attempt in 1.. {
        match copy::copy(from, to) {
            Err(CopyError::Pending { .. }) if attempt < TRIES => sleep(WAIT),
            done => return done.map(|_| ()).map_err(SnapshotError::from),
        }
    }
    unreachable!("the last attempt returns")
}

fn failed(path: &Path, why: impl fmt::Display) -> SnapshotError {
    SnapshotError::Failed { path: path.display().to_string(), why: why.to_string() }
}

/// Lets somebody read a database that no server uses. A SQLite file has no companions afterwards and can be moved alone.
pub fn read<T>(address: &DatabaseAddress, work: impl FnOnce(&mut Conn) -> Outcome<T>) -> Outcome<T> {
    let mut conn = Conn::open(address, Use::Writing).map_err(Fault::broken)?;
    let found = work(&mut conn)?;
    if let Conn::Sqlite(c) = &mut conn {
        c.batch_execute("PRAGMA journal_mode = DELETE")?;
    }
    Ok(found)
}
