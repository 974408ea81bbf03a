//! Queries of the log.

use diesel::prelude::*;

use super::entry::{Entry, entry_hash};
use super::verify::StoredEntry;
use crate::db::schema::{audit_entry, erasure, log_link};
use crate::db::{Conn, cols, each};
use crate::domain::clock::Moment;
use crate::domain::ids::PersonId;

#[derive(Insertable)]
#[diesel(table_name = audit_entry, treat_none_as_default_value = false)]
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

/// Which part of the log is asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub object_kind: Option<String>,
    pub object_id: Option<i64>,
    pub actor: Option<String>,
    /// Positions below this one: the next page.
    pub before: Option<i64>,
}

/// Linked entries, newest first, with their positions.
pub fn entries(conn: &mut Conn, filter: &Filter, limit: i64) -> QueryResult<Vec<(i64, StoredEntry)>> {
    let mut query = log_link::table.inner_join(audit_entry::table).into_boxed();
    if let Some(kind) = &filter.object_kind {
        query = query.filter(audit_entry::object_kind.eq(kind.clone()));
    }
    if let Some(id) = filter.object_id {
        query = query.filter(audit_entry::object_id.eq(id));
    }
    if let Some(actor) = &filter.actor {
        query = query.filter(audit_entry::actor.eq(actor.clone()));
    }
    if let Some(before) = filter.before {
        query = query.filter(log_link::position.lt(before));
    }
    query.order(log_link::position.desc()).limit(limit).select((log_link::position, cols::<StoredEntry>())).load(conn)
}

/// When an actor last did something that is more than coming in, going out and minding his own account. Walks the log.
pub fn last_act(conn: &mut Conn, actor: &str) -> QueryResult<Option<Moment>> {
    audit_entry::table
        .filter(audit_entry::actor.eq(actor))
        .filter(audit_entry::object_kind.ne("person"))
        .filter(audit_entry::object_kind.ne("signing_grant"))
        .order(audit_entry::id.desc())
        .select(audit_entry::at)
        .first(conn)
        .optional()
}

#[derive(Insertable)]
#[diesel(table_name = erasure, treat_none_as_default_value = false)]
pub struct NewErasure<'a> {
    pub subject_kind: &'a str,
    pub subject_id: i64,
    pub ground: &'a str,
    pub reference: &'a str,
    pub name_kept: bool,
    pub person_id: PersonId,
    pub at: Moment,
}

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = erasure)]
pub struct ErasureRow {
    pub id: i64,
    pub subject_kind: String,
    pub subject_id: i64,
    pub ground: String,
    pub reference: String,
    pub name_kept: bool,
    pub person_id: PersonId,
    pub at: Moment,
}

pub fn insert_erasure(conn: &mut Conn, row: &NewErasure) -> QueryResult<i64> {
    diesel::insert_into(erasure::table).values(row).returning(erasure::id).get_result(conn)
}

/// Erasures, newest first, before an id.
pub fn erasures(conn: &mut Conn, before: i64, limit: i64) -> QueryResult<Vec<ErasureRow>> {
    erasure::table
        .filter(erasure::id.lt(before))
        .order(erasure::id.desc())
        .limit(limit)
        .select(cols::<ErasureRow>())
        .load(conn)
}
