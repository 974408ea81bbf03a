//! Running numbers (sample numbers, report numbers). A number is taken in the transaction that uses it: a refused
//! write gives it back, so a series has no silent holes.

use diesel::prelude::*;

use super::schema::number_series;
use super::{Tx, each};
use crate::domain::refusal::Outcome;

/// Takes `count` numbers; returns the first. A new series starts at 1.
pub fn take(tx: &mut Tx, series: &str, count: i64) -> Outcome<i64> {
    let row = (number_series::name.eq(series), number_series::last.eq(count));
    let last: i64 = each!(tx.conn, c => diesel::insert_into(number_series::table)
        .values(&row)
        .on_conflict(number_series::name)
        .do_update()
        .set(number_series::last.eq(number_series::last + count))
        .returning(number_series::last)
        .get_result(c))?;
    Ok(last - count + 1)
}
