//! What a database really holds, in words that are the same for both kinds: for moving a laboratory and for the test
//! that keeps the migrations in step.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Text};

use super::Conn;

/// The kind of a column.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    Text,
    Integer,
    Boolean,
    Timestamp,
    Date,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Column {
    pub name: String,
    pub kind: Kind,
    pub nullable: bool,
    /// Place in the primary key, from 1; 0 outside it.
    pub key_place: i64,
}

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Described {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = BigInt)]
    nullable: i64,
    #[diesel(sql_type = BigInt)]
    key_place: i64,
}

/// The tables of the laboratory, without the bookkeeping of migrations and of the database itself.
pub fn tables(conn: &mut Conn) -> QueryResult<Vec<String>> {
    let query = match conn {
        Conn::Sqlite(_) => {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' \
             AND name NOT LIKE '@_@_%' ESCAPE '@' ORDER BY name"
        }
        Conn::Postgres(_) => {
            "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = current_schema() \
             AND tablename NOT LIKE '@_@_%' ESCAPE '@' ORDER BY tablename COLLATE \"C\""
        }
    };
    Ok(sql_query(query).load::<Named>(conn)?.into_iter().map(|row| row.name).collect())
}

/// The columns of a table, in the order of the table.
pub fn columns(conn: &mut Conn, table: &str) -> QueryResult<Vec<Column>> {
    let query = match conn {
        Conn::Sqlite(_) => {
            "SELECT name, lower(type) AS kind, (CASE WHEN \"notnull\" = 0 THEN 1 ELSE 0 END) AS nullable, \
             pk AS key_place FROM pragma_table_info($1) ORDER BY cid"
        }
        Conn::Postgres(_) => {
            "SELECT c.column_name::text AS name, c.data_type::text AS kind, \
             (CASE c.is_nullable WHEN 'YES' THEN 1 ELSE 0 END)::bigint AS nullable, \
             coalesce((SELECT array_position(i.indkey::int2[], a.attnum) + 1 FROM pg_index i \
                JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attname = c.column_name \
                WHERE i.indisprimary AND i.indrelid = format('%I.%I', c.table_schema, c.table_name)::regclass), 0)::bigint \
                AS key_place \
             FROM information_schema.columns c \
             WHERE c.table_schema = current_schema() AND c.table_name = $1 ORDER BY c.ordinal_position"
        }
    };
    let rows: Vec<Described> = sql_query(query).bind::<Text, _>(table).load(conn)?;
    rows.into_iter()
        .map(|row| {
            let kind = kind_of(&row.kind).ok_or_else(|| {
                diesel::result::Error::QueryBuilderError(
                    format!("{table}.{} has the type {}, which is not used here", row.name, row.kind).into(),
                )
            })?;
            Ok(Column { name: row.name, kind, nullable: row.nullable == 1, key_place: row.key_place })
        })
        .collect()
}

fn kind_of(declared: &str) -> Option<Kind> {
    Some(match declared {
        "text" => Kind::Text,
        "bigint" | "integer" => Kind::Integer,
        "boolean" => Kind::Boolean,
        "timestamp" | "timestamp without time zone" => Kind::Timestamp,
        "date" => Kind::Date,
        _ => return None,
    })
}
