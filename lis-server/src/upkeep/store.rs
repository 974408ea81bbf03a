//! Queries of upkeep, nothing else.

use diesel::prelude::*;

use crate::db::Conn;
use crate::db::schema::stored_file;

/// The files that the database names, in order.
pub fn named_files(conn: &mut Conn) -> QueryResult<Vec<String>> {
    stored_file::table.order(stored_file::sha256).select(stored_file::sha256).load(conn)
}
