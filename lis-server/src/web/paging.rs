//! Lists are read in pages: how many rows one answer holds, and whether there are more.

use crate::domain::refusal::{FIELD_INVALID, Refusal};

/// Rows of one answer unless a program asks otherwise: a screen.
pub const LIMIT: i64 = 50;
/// Rows of one answer at most: bounds what one request can make the server hold.
pub const LIMIT_MOST: i64 = 500;

/// The rows that a request asks for; `usual` when it says nothing.
///
/// # Errors
/// `field-invalid` at `limit`, with the range that is allowed.
pub fn limit(asked: Option<i64>, usual: i64) -> Result<i64, Refusal> {
    let limit = asked.unwrap_or(usual);
    if (1..=LIMIT_MOST).contains(&limit) {
        return Ok(limit);
    }
    let reason = FIELD_INVALID.at("limit").with_word("expected", "expected-whole-number");
    Err(reason.with("least", 1).with("most", LIMIT_MOST).into())
}

/// Cuts the row that was read to learn whether there are more; says whether there are.
pub fn cut<T>(rows: &mut Vec<T>, limit: i64) -> bool {
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > most;
    rows.truncate(most);
    more
}
