//! What a record of a rapid test gives up when it is erased: who sold or grew the goods, who tested, and why a re-test was asked
//! for. What was tested and found stays. Of what is tested again the sampling form keeps the unit, as long as the law has it
//! kept. The key of the words in the log is destroyed by the log's own room ([`crate::audit::erasure`]).

use super::state::RapidVerdict;
use super::store::{self, RapidRow};
use super::{RAPID_ERASED, RAPID_OPEN};
use crate::accounts::May;
use crate::accounts::role::ErasePersonal;
use crate::db::{Conn, Tx};
use crate::domain::clock::Moment;
use crate::domain::refusal::{NOT_FOUND, Outcome};

/// What stands in the place of a name.
const NAMELESS: &str = "—";

/// The rapid test of a number, with or without `#` before it.
pub fn named(conn: &mut Conn, text: &str) -> Outcome<Option<i64>> {
    let Ok(id) = text.strip_prefix('#').unwrap_or(text).parse() else { return Ok(None) };
    Ok(store::rapid(conn, id)?.map(|row| row.id))
}

/// Takes the personal words away. The version after it.
///
/// # Errors
/// `rapid-test-open`: a re-test may still be asked for, or was and has no sample; `rapid-test-erased`: nothing is left.
pub fn erase(tx: &mut Tx, _: &May<ErasePersonal>, id: i64) -> Outcome<i64> {
    let row = store::rapid(tx.conn, id)?.ok_or(NOT_FOUND)?;
    if row.erased_at.is_some() {
        return Err(RAPID_ERASED.at("subject").into());
    }
    if is_open(&row, tx.now) {
        return Err(RAPID_OPEN.at("subject").into());
    }
    // Whoever recorded it himself has an account, whose name goes its own way.
    let tested_by = if row.tested_by.is_empty() { "" } else { NAMELESS };
    store::erase_rapid(tx.conn, id, row.version + 1, (NAMELESS, tested_by), tx.now)?;
    Ok(row.version + 1)
}

/// Whether who is behind a test is needed still.
fn is_open(row: &RapidRow, now: Moment) -> bool {
    match row.asked_at {
        Some(_) => row.retest_id.is_none(),
        None => row.verdict != RapidVerdict::Negative.code() && now <= row.due_at,
    }
}
