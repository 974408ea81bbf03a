//! Moving a laboratory from one database to another, usually from SQLite to PostgreSQL when it grows. Every table is
//! copied row by row as text and then compared, row by row, in both databases.

use std::collections::BTreeSet;

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::sqlite::Sqlite;

use super::conn::{Conn, Use};
use super::describe::{self, Column, Kind};
use super::migrate::{self, MigrateError};
use super::schema::TABLES;
use super::{DatabaseAddress, each};

/// A copied and compared table.
#[derive(Debug, PartialEq, Eq)]
pub struct Copied {
    pub name: String,
    pub rows: i64,
}

#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    #[error(transparent)]
    Migrate(#[from] MigrateError),
    #[error("The database {address} could not be opened: {why}.")]
    Unreachable { address: String, why: String },
    #[error("database: {0}")]
    Database(#[from] diesel::result::Error),
    #[error("The target holds a laboratory already (table {table} has rows). Copy into an empty database.")]
    NotEmpty { table: String },
    #[error("Log entries of the source that wait for their position: {count}. Start its server once, then copy.")]
    Pending { count: i64 },
    #[error("Table {table} differs after copying, at row {row}: nothing was kept. Please report this.")]
    Differs { table: String, row: i64 },
    #[error("Table {table} has other columns in the two databases. Use the same version of the program for both.")]
    OtherColumns { table: String },
    #[error("Tables outside the list of this program: {0}.")]
    UnknownTables(String),
}

/// Copies everything in one transaction of the target; says what was copied.
pub fn copy(from: &DatabaseAddress, to: &DatabaseAddress) -> Result<Vec<Copied>, CopyError> {
    migrate::require_current(from)?;
    migrate::migrate(to)?;
    let mut source = open(from, Use::Reading)?;
    let mut target = open(to, Use::Writing)?;
    source.transaction(|source| {
        require_whole(source)?;
        target.transaction(|target| {
            require_empty(target)?;
            let copied =
                TABLES.iter().map(|table| copy_table(source, target, table)).collect::<Result<Vec<_>, CopyError>>()?;
            advance_sequences(target)?;
            Ok(copied)
        })
    })
}

fn open(address: &DatabaseAddress, purpose: Use) -> Result<Conn, CopyError> {
    Conn::open(address, purpose)
        .map_err(|error| CopyError::Unreachable { address: address.to_string(), why: migrate::on_one_line(&error) })
}

fn require_whole(source: &mut Conn) -> Result<(), CopyError> {
    let present: BTreeSet<String> = describe::tables(source)?.into_iter().collect();
    let known: BTreeSet<String> = TABLES.iter().map(|table| (*table).to_owned()).collect();
    let unknown: Vec<String> = present.difference(&known).cloned().collect();
    if !unknown.is_empty() {
        return Err(CopyError::UnknownTables(unknown.join(", ")));
    }
    match super::pending_entries(source)? {
        0 => Ok(()),
        count => Err(CopyError::Pending { count }),
    }
}

/// A fresh database holds the head of its own empty log and nothing else; that head makes room for the source's.
fn require_empty(target: &mut Conn) -> Result<(), CopyError> {
    for table in TABLES.iter().filter(|table| **table != "log_head") {
        if count(target, table)? > 0 {
            return Err(CopyError::NotEmpty { table: (*table).to_owned() });
        }
    }
    if super::schema::log_head::table.select(super::schema::log_head::position).first::<i64>(target)? != 0 {
        return Err(CopyError::NotEmpty { table: "log_head".to_owned() });
    }
    diesel::delete(super::schema::log_head::table).execute(target)?;
    Ok(())
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

fn count(conn: &mut Conn, table: &str) -> QueryResult<i64> {
    let rows: Vec<Counted> = sql_query(format!("SELECT count(*) AS number FROM {table}")).load(conn)?;
    Ok(rows.first().map_or(0, |row| row.number))
}

/// Values in one INSERT: SQLite takes 32,766 and PostgreSQL 65,535 binds in a statement.
const BINDS_MOST: usize = 30_000;
/// Rows read at a time.
const PAGE: i64 = 2_000;

fn copy_table(source: &mut Conn, target: &mut Conn, table: &str) -> Result<Copied, CopyError> {
    let columns = describe::columns(source, table)?;
    let same = describe::columns(target, table)?.iter().map(|c| &c.name).eq(columns.iter().map(|c| &c.name));
    if !same {
        return Err(CopyError::OtherColumns { table: table.to_owned() });
    }
    let mut from = 0;
    loop {
        let rows = read_page(source, table, &columns, from)?;
        if rows.is_empty() {
            break;
        }
        from += rows.len() as i64;
        for part in rows.chunks((BINDS_MOST / columns.len()).max(1)) {
            insert(target, table, &columns, part)?;
        }
    }
    if table == "audit_entry" {
        // The entries came with their positions: the trigger's waiting list is not the source's.
        diesel::delete(super::schema::audit_pending::table).execute(target)?;
    }
    compare(source, target, table, &columns)?;
    Ok(Copied { name: table.to_owned(), rows: from })
}

fn compare(source: &mut Conn, target: &mut Conn, table: &str, columns: &[Column]) -> Result<(), CopyError> {
    let mut from = 0;
    loop {
        let ours = read_page(source, table, columns, from)?;
        let theirs = read_page(target, table, columns, from)?;
        let equal = ours.iter().zip(&theirs).take_while(|(a, b)| a == b).count();
        if ours.len() != theirs.len() || equal != ours.len() {
            return Err(CopyError::Differs { table: table.to_owned(), row: from + equal as i64 + 1 });
        }
        if ours.is_empty() {
            return Ok(());
        }
        from += ours.len() as i64;
    }
}

type Row = Vec<Option<String>>;

#[derive(QueryableByName)]
struct Packed {
    #[diesel(sql_type = Text)]
    row_text: String,
}

/// Reads rows in order of the primary key, each as one text: `N` for null, else `V`, length, colon, value.
fn read_page(conn: &mut Conn, table: &str, columns: &[Column], from: i64) -> QueryResult<Vec<Row>> {
    let is_postgres = matches!(conn, Conn::Postgres(_));
    let packed: Vec<String> = columns
        .iter()
        .map(|column| {
            let text = as_text(column, is_postgres);
            let name = &column.name;
            format!("CASE WHEN \"{name}\" IS NULL THEN 'N' ELSE 'V' || length({text}) || ':' || {text} END")
        })
        .collect();
    let mut keys: Vec<&Column> = columns.iter().filter(|column| column.key_place > 0).collect();
    keys.sort_by_key(|column| column.key_place);
    let keys: Vec<String> = keys.iter().map(|column| format!("\"{}\"", column.name)).collect();
    let query = format!(
        "SELECT {} AS row_text FROM {table} ORDER BY {} LIMIT {PAGE} OFFSET {from}",
        packed.join(" || "),
        keys.join(", ")
    );
    let rows: Vec<Packed> = sql_query(query).load(conn)?;
    Ok(rows.iter().map(|row| unpack(&row.row_text)).collect())
}

/// A column as the text that both databases agree on.
fn as_text(column: &Column, is_postgres: bool) -> String {
    let name = format!("\"{}\"", column.name);
    match (column.kind, is_postgres) {
        (Kind::Boolean, true) => format!("(CASE WHEN {name} THEN '1' ELSE '0' END)"),
        (Kind::Timestamp, true) => format!(
            "(to_char({name}, 'YYYY-MM-DD HH24:MI:SS') || \
             CASE WHEN to_char({name}, 'MS') = '000' THEN '' ELSE '.' || to_char({name}, 'MS') END)"
        ),
        _ => format!("CAST({name} AS TEXT)"),
    }
}

fn unpack(text: &str) -> Row {
    let mut row = Vec::new();
    let mut rest = text;
    while let Some(mark) = rest.chars().next() {
        rest = &rest[1..];
        if mark == 'N' {
            row.push(None);
            continue;
        }
        let Some((length, after)) = rest.split_once(':') else {
            break;
        };
        let length: usize = length.parse().unwrap_or(0);
        let end = after.char_indices().nth(length).map_or(after.len(), |(index, _)| index);
        row.push(Some(after[..end].to_owned()));
        rest = &after[end..];
    }
    row
}

fn insert(conn: &mut Conn, table: &str, columns: &[Column], rows: &[Row]) -> QueryResult<()> {
    let is_postgres = matches!(conn, Conn::Postgres(_));
    let names: Vec<String> = columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
    let mut bind = 0;
    let mut tuples = Vec::with_capacity(rows.len());
    for _ in rows {
        let values: Vec<String> = columns
            .iter()
            .map(|column| {
                bind += 1;
                from_text(column.kind, bind, is_postgres)
            })
            .collect();
        tuples.push(format!("({})", values.join(", ")));
    }
    let query = format!("INSERT INTO {table} ({}) VALUES {}", names.join(", "), tuples.join(", "));
    let values = rows.iter().flatten();
    match conn {
        Conn::Postgres(c) => {
            let bound = values.fold(sql_query(query).into_boxed::<Pg>(), |q, value| q.bind::<Nullable<Text>, _>(value));
            bound.execute(c)?;
        }
        Conn::Sqlite(c) => {
            let bound =
                values.fold(sql_query(query).into_boxed::<Sqlite>(), |q, value| q.bind::<Nullable<Text>, _>(value));
            bound.execute(c)?;
        }
    }
    Ok(())
}

fn from_text(kind: Kind, bind: usize, is_postgres: bool) -> String {
    match (kind, is_postgres) {
        (Kind::Text, _) | (Kind::Timestamp | Kind::Date, false) => format!("${bind}"),
        (Kind::Integer, true) => format!("CAST(${bind} AS BIGINT)"),
        (Kind::Boolean, true) => format!("CAST(${bind} AS BOOLEAN)"),
        (Kind::Timestamp, true) => format!("CAST(${bind} AS TIMESTAMP)"),
        (Kind::Date, true) => format!("CAST(${bind} AS DATE)"),
        (Kind::Integer | Kind::Boolean, false) => format!("CAST(${bind} AS INTEGER)"),
    }
}

/// Rows that came with their ids do not move PostgreSQL's sequences.
fn advance_sequences(conn: &mut Conn) -> QueryResult<()> {
    if matches!(conn, Conn::Sqlite(_)) {
        return Ok(());
    }
    for table in TABLES {
        let query = format!(
            "SELECT coalesce(setval(s.seq, greatest((SELECT max(id) FROM {table}), 1), (SELECT max(id) FROM {table}) IS NOT NULL), 0) \
             AS number FROM (SELECT pg_get_serial_sequence('{table}', 'id') AS seq) s WHERE s.seq IS NOT NULL"
        );
        let has_id =
            describe::columns(conn, table)?.iter().any(|column| column.name == "id" && column.kind == Kind::Integer);
        if has_id {
            each!(conn, c => sql_query(query).load::<Counted>(c))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packed_row_comes_back_whatever_it_holds() {
        let row = unpack("V2:铅:NV0:V5:a:V3:");
        assert_eq!(row, [Some("铅:".to_owned()), None, Some(String::new()), Some("a:V3:".to_owned())]);
    }
}
