//! Rows in every table, made from nothing but what the database says of itself: in row `k` every whole number is `k`
//! and every text is `tk`, so that whatever refers to another table finds its row there.

use diesel::prelude::*;
use lis_server::db::Conn;
use lis_server::db::describe::{self, Column, Kind};
use lis_server::db::schema::TABLES;

/// Rows put into every table.
pub const ROWS: i64 = 2;

/// Fills an empty database: [`ROWS`] rows in every table but the head of the log, which has one row by its nature, and
/// the entries that wait for a position, of which there are none.
pub fn fill_every_table(conn: &mut Conn) {
    for table in TABLES.iter().filter(|table| !["log_head", "audit_pending"].contains(table)) {
        let columns = describe::columns(conn, table).expect("the columns of a table");
        for row in 1..=ROWS {
            run(conn, &insert(table, &columns, row));
        }
    }
    // The trigger put the entries on the waiting list; their positions were filled in above.
    run(conn, "DELETE FROM audit_pending");
    run(conn, &format!("UPDATE log_head SET position = {ROWS}"));
}

fn insert(table: &str, columns: &[Column], row: i64) -> String {
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let values: Vec<String> = columns.iter().map(|column| value(column, row)).collect();
    format!("INSERT INTO {table} ({}) VALUES ({})", names.join(", "), values.join(", "))
}

fn value(column: &Column, row: i64) -> String {
    match column.kind {
        // What may be missing is missing in the second row, unless another table needs it there.
        _ if column.nullable && row == ROWS && column.key_place == 0 => "NULL".to_owned(),
        Kind::Integer => row.to_string(),
        // A blank, a quote and a character beyond the basic plane: what copying by text could spoil; keys stay plain.
        Kind::Text if column.key_place == 0 && !is_reference(&column.name) => format!("'t{row} '' 铅𠮷'"),
        Kind::Text => format!("'t{row}'"),
        Kind::Boolean => if row % 2 == 0 { "TRUE" } else { "FALSE" }.to_owned(),
        Kind::Timestamp => format!("'2026-11-16 00:00:0{row}.00{row}'"),
        Kind::Date => format!("'2026-11-1{row}'"),
    }
}

/// Columns of text that name a row of another table.
fn is_reference(name: &str) -> bool {
    name.contains("region") || name.ends_with("sha256")
}

fn run(conn: &mut Conn, statement: &str) {
    diesel::sql_query(statement).execute(conn).unwrap_or_else(|error| panic!("{statement}: {error}"));
}
