//! What is done with instruments, their messages and their held rows.

mod aim;
mod delivery;
mod documents;
mod intake;
mod mapping;
pub mod pieces;
mod registry;
mod repair;

pub use aim::*;
pub use delivery::*;
pub use documents::*;
pub use intake::{ReadMessage, Rows, Taken, read_up_to, set_unreadable, take_in};
pub(super) use intake::{blank, of_row};
pub use mapping::*;
pub use registry::*;
pub use repair::*;

pub use super::worklists::work_lists;

use super::store;
use crate::accounts::Actor;
use crate::db::Conn;
use crate::domain::refusal::Outcome;

/// Longest texts, in characters.
const CODE_MOST: usize = 32;
const NAME_MOST: usize = 60;
const REFERENCE_MOST: usize = 200;

/// Rows that wait for a person, for the page of waiting work.
pub fn count_held(conn: &mut Conn, _: &Actor) -> Outcome<i64> {
    count_held_rows(conn)
}

/// The same, for the figures.
pub fn count_held_rows(conn: &mut Conn) -> Outcome<i64> {
    Ok(store::count_held(conn)?)
}
