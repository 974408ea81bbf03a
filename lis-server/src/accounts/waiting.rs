//! Accounts that wait for the administrator, for the page of waiting work. One statement each.

use super::Actor;
use super::store::{self, Listed};
use crate::db::Conn;
use crate::domain::clock::Moment;
use crate::domain::refusal::Outcome;

/// People who have not changed their first password: they have not come yet, or did not get it.
pub fn first_passwords(conn: &mut Conn, _: &Actor) -> Outcome<i64> {
    Ok(store::count_people(conn, Listed::FirstPassword)?)
}

/// Accounts that too many wrong passwords have locked.
pub fn locked(conn: &mut Conn, _: &Actor, real: Moment) -> Outcome<i64> {
    Ok(store::count_people(conn, Listed::LockedAt(real))?)
}
