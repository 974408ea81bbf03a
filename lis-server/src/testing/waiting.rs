//! What waits at each station of the bench, for the page of waiting work. One statement each.

use super::state::{ItemEvent, ItemState, WorksheetState};
use super::store;
use crate::accounts::Actor;
use crate::db::Conn;
use crate::domain::refusal::Outcome;
use crate::judgement::Verdict;

/// Items without a tester.
pub fn to_assign(conn: &mut Conn, _: &Actor) -> Outcome<i64> {
    Ok(store::count_items(conn, &[ItemState::Planned.code(), ItemState::RepeatOrdered.code()], None)?)
}

/// A tester's own items that stand on no worksheet yet.
pub fn to_test(conn: &mut Conn, by: &Actor) -> Outcome<i64> {
    Ok(store::count_items(conn, &[ItemState::Assigned.code()], Some(by.person))?)
}

/// A tester's own open worksheets.
pub fn open_sheets(conn: &mut Conn, by: &Actor) -> Outcome<i64> {
    Ok(store::count_worksheets(conn, WorksheetState::Open.code(), Some(by.person))?)
}

/// Items with a result that nobody has checked.
pub fn to_check(conn: &mut Conn, _: &Actor) -> Outcome<i64> {
    Ok(store::count_items(conn, &[ItemState::Calculated.code()], None)?)
}

/// Items at other laboratories.
pub fn subcontracted(conn: &mut Conn, _: &Actor) -> Outcome<i64> {
    Ok(store::count_items(conn, &[ItemState::Subcontracted.code()], None)?)
}

/// Verdicts that the rules leave open.
pub fn to_decide(conn: &mut Conn, _: &Actor) -> Outcome<i64> {
    Ok(store::count_with_verdict(conn, &states_to_decide(), Verdict::Review.name())?)
}

/// States in which a verdict can be decided.
pub fn states_to_decide() -> Vec<&'static str> {
    let decidable = ItemState::ALL.iter().filter(|state| state.after(ItemEvent::Decide).is_ok());
    decidable.map(|state| state.code()).collect()
}

/// Worksheets that a failed control holds.
pub fn held_sheets(conn: &mut Conn, _: &Actor) -> Outcome<i64> {
    Ok(store::count_worksheets(conn, WorksheetState::Held.code(), None)?)
}
