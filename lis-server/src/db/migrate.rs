//! Migrations: the same names in the same order for both databases, embedded in the program.

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use tracing::info;

use super::conn::{Conn, Use};
use super::schema::log_head;
use super::{DatabaseAddress, describe};
use crate::audit::chain::GENESIS;
use crate::domain::text::counted;

const SQLITE: EmbeddedMigrations = embed_migrations!("../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../migrations/postgres");

/// Several processes may start at once on PostgreSQL: whoever holds this advisory lock migrates. Any fixed number
/// will do; this one is "LIS" in ASCII.
pub const ADVISORY_LOCK: i64 = 0x4C_49_53;

#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    #[error("The database {address} could not be opened: {why}.")]
    Unreachable { address: String, why: String },
    #[error("The tables could not be brought up to date: {0}.")]
    Failed(String),
    #[error(
        "The database {address} is empty. `lis-server init --admin NAME` begins a laboratory in it; `lis-server migrate` \
         makes the tables alone."
    )]
    Empty { address: String },
    #[error(
        "The database {address} is {} behind this program. Stop the other servers, make a backup, then run \
         `lis-server migrate` or start with `--migrate`.",
        counted(*.pending, "migration")
    )]
    Behind { address: String, pending: usize },
}

/// Brings the tables up to date and makes the head of the log; says how many migrations ran.
pub fn migrate(address: &DatabaseAddress) -> Result<usize, MigrateError> {
    let mut conn = open(address)?;
    locked(&mut conn, |conn| {
        let applied = match conn {
            Conn::Sqlite(c) => c.run_pending_migrations(SQLITE).map(|done| done.len()),
            Conn::Postgres(c) => c.run_pending_migrations(POSTGRES).map(|done| done.len()),
        }
        .map_err(failed)?;
        ensure_head(conn).map_err(failed)?;
        if applied > 0 {
            info!(applied, %address, "Brought the tables up to date");
        }
        Ok(applied)
    })
}

diesel::table! {
    /// What diesel notes of the migrations that ran.
    #[sql_name = "__diesel_schema_migrations"]
    migration_run (version) {
        version -> Text,
        run_on -> Timestamp,
    }
}

/// The number of the newest migration that ran: `0240`.
pub fn newest(conn: &mut Conn) -> QueryResult<String> {
    migration_run::table.order(migration_run::version.desc()).select(migration_run::version).first(conn)
}

/// Whether nothing is there yet: no SQLite file, or no table of a laboratory in a PostgreSQL database. Only looks; a file
/// that is missing stays missing, and one that is there is not opened.
pub fn is_untouched(address: &DatabaseAddress) -> Result<bool, MigrateError> {
    let unreachable = |why: String| MigrateError::Unreachable { address: address.to_string(), why: on_one_line(&why) };
    match address {
        DatabaseAddress::Sqlite(path) => match std::fs::metadata(path) {
            Ok(found) => Ok(found.len() == 0),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(true),
            Err(error) => Err(unreachable(error.to_string())),
        },
        DatabaseAddress::Postgres(_) => {
            let mut conn = Conn::open(address, Use::Reading).map_err(|error| unreachable(error.to_string()))?;
            Ok(describe::tables(&mut conn).map_err(|error| unreachable(error.to_string()))?.is_empty())
        }
    }
}

/// Takes everything down again: only the tests of the migrations do this.
pub fn revert_all(address: &DatabaseAddress) -> Result<usize, MigrateError> {
    let mut conn = open(address)?;
    match &mut conn {
        Conn::Sqlite(c) => c.revert_all_migrations(SQLITE).map(|done| done.len()),
        Conn::Postgres(c) => c.revert_all_migrations(POSTGRES).map(|done| done.len()),
    }
    .map_err(failed)
}

/// Refuses a database that is behind the program.
pub fn require_current(address: &DatabaseAddress) -> Result<(), MigrateError> {
    let mut conn = open(address)?;
    let pending = match &mut conn {
        Conn::Sqlite(c) => c.pending_migrations(SQLITE).map(|pending| pending.len()),
        Conn::Postgres(c) => c.pending_migrations(POSTGRES).map(|pending| pending.len()),
    }
    .map_err(failed)?;
    if pending == 0 {
        return Ok(());
    }
    let is_empty = describe::tables(&mut conn).map_err(failed)?.is_empty();
    let address = address.to_string();
    Err(if is_empty { MigrateError::Empty { address } } else { MigrateError::Behind { address, pending } })
}

fn open(address: &DatabaseAddress) -> Result<Conn, MigrateError> {
    Conn::open(address, Use::Writing)
        .map_err(|error| MigrateError::Unreachable { address: address.to_string(), why: on_one_line(&error) })
}

fn failed(error: impl std::fmt::Display) -> MigrateError {
    MigrateError::Failed(on_one_line(&error))
}

/// What a database says, to be ended with a full stop: PostgreSQL says it in lines, of which the last is ended too.
pub(super) fn on_one_line(error: &impl std::fmt::Display) -> String {
    let said = error.to_string();
    let lines: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.join(" ").trim_end_matches(['.', '?']).to_owned()
}

fn locked<T>(conn: &mut Conn, work: impl FnOnce(&mut Conn) -> Result<T, MigrateError>) -> Result<T, MigrateError> {
    if let Conn::Postgres(c) = conn {
        diesel::sql_query("SELECT pg_advisory_lock($1)").bind::<BigInt, _>(ADVISORY_LOCK).execute(c).map_err(failed)?;
    }
    let done = work(conn);
    if let Conn::Postgres(c) = conn {
        // Closing the connection releases the lock as well.
        let _ = diesel::sql_query("SELECT pg_advisory_unlock($1)").bind::<BigInt, _>(ADVISORY_LOCK).execute(c);
    }
    done
}

/// A new database gets a log of its own identity: cursors of another log are recognised by it.
fn ensure_head(conn: &mut Conn) -> QueryResult<()> {
    if log_head::table.count().get_result::<i64>(conn)? == 0 {
        diesel::insert_into(log_head::table)
            .values((
                log_head::id.eq(1),
                log_head::log_id.eq(uuid::Uuid::new_v4().to_string()),
                log_head::position.eq(0_i64),
                log_head::chain_hash.eq(GENESIS),
            ))
            .execute(conn)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_postgresql_says_in_lines_is_said_on_one() {
        let refused =
            "connection to server at \"localhost\" failed: Connection refused\n\tIs the server running there?\n";
        let why = on_one_line(&refused);
        assert_eq!(
            MigrateError::Unreachable { address: "postgres://lis@localhost/lis".to_owned(), why }.to_string(),
            "The database postgres://lis@localhost/lis could not be opened: connection to server at \"localhost\" failed: \
             Connection refused Is the server running there."
        );
        assert_eq!(
            on_one_line(&"FATAL:  database \"lis\" does not exist\n"),
            "FATAL:  database \"lis\" does not exist"
        );
    }
}
