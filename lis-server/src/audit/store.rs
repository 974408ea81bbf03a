//! Queries of the log.

use diesel::prelude::*;

use super::entry::{Entry, entry_hash};
use crate::db::schema::audit_entry;
use crate::db::{Conn, each};
use crate::domain::clock::Moment;

#[derive(Insertable)]
#[diesel(table_name = audit_entry)]
struct NewEntry {
    at: Moment,
    actor: String,
    role: String,
    device: String,
    cause: String,
    object_kind: &'static str,
    object_id: i64,
    object_version: i64,
    event: &'static str,
    regions: String,
    body: String,
    entry_hash: String,
}

/// Entries of one statement: 12 values each, below SQLite's 32,766 and PostgreSQL's 65,535 values of a statement.
const ROWS_OF_A_STATEMENT: usize = 2_000;

/// Inserts the entries of one write by one statement (an import by several); a trigger puts them on `audit_pending`.
pub fn insert(conn: &mut Conn, entries: Vec<Entry>, at: Moment) -> QueryResult<()> {
    if entries.is_empty() {
        return Ok(());
    }
    let rows: Vec<NewEntry> = entries
        .into_iter()
        .map(|entry| {
            let body = entry.body(at);
            NewEntry {
                at,
                regions: entry.region_list(),
                entry_hash: entry_hash(&body),
                body,
                actor: entry.actor,
                role: entry.role,
                device: entry.device,
                cause: entry.cause,
                object_kind: entry.object_kind,
                object_id: entry.object_id,
                object_version: entry.object_version,
                event: entry.event,
            }
        })
        .collect();
    for rows in rows.chunks(ROWS_OF_A_STATEMENT) {
        each!(conn, c => diesel::insert_into(audit_entry::table).values(rows).execute(c))?;
    }
    Ok(())
}
