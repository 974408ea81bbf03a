//! Accounts that a table names by username.

use std::collections::HashMap;

use super::store;
use crate::db::Conn;
use crate::domain::ids::PersonId;
use crate::domain::refusal::{FIELD_INVALID, Outcome, Reason};

/// Those of the usernames of a table that are accounts.
pub struct Usernames(HashMap<String, PersonId>);

impl Usernames {
    /// One statement, however many rows the table has.
    pub fn of<'a>(conn: &mut Conn, named: impl Iterator<Item = &'a str>) -> Outcome<Self> {
        let mut named: Vec<&str> = named.collect();
        named.sort_unstable();
        named.dedup();
        Ok(Self(store::ids_by_username(conn, &named)?.into_iter().collect()))
    }

    /// # Errors
    /// When nobody has this username, at the column.
    pub fn require(&self, username: &str, column: &'static str) -> Result<PersonId, Reason> {
        let unknown = || FIELD_INVALID.at(column).with_word("expected", "expected-known-username");
        self.0.get(username).copied().ok_or_else(unknown)
    }
}
