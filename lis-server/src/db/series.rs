//! Running numbers (sample numbers, report numbers). A number is taken in the transaction that uses it: a refused
//! write gives it back, so a series has no silent holes.

use diesel::prelude::*;

use super::schema::number_series;
use super::{Tx, each};
use crate::domain::refusal::{Outcome, Problem};

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

/// Lets a series from which nothing was taken yet go on from where a laboratory left off elsewhere; `false` where it stands
/// there already.
///
/// # Errors
/// `series-begun`: a number once given stays what it is, and none is left out in silence.
pub fn start(tx: &mut Tx, series: &str, next: i64) -> Outcome<bool> {
    let row = (number_series::name.eq(series), number_series::last.eq(next - 1), number_series::begins_at.eq(next));
    let made = each!(tx.conn, c => diesel::insert_into(number_series::table)
        .values(&row)
        .on_conflict_do_nothing()
        .execute(c))?;
    if made == 1 {
        return Ok(true);
    }
    let last: i64 = number_series::table.find(series.to_owned()).select(number_series::last).first(tx.conn)?;
    if last == next - 1 {
        Ok(false)
    } else {
        Err(SERIES_BEGUN.with("series", series).with("next", last + 1).at("next").into())
    }
}

pub const SERIES_BEGUN: Problem = Problem::new("series-begun", 409);

/// Codes declared here.
pub const PROBLEMS: &[Problem] = &[SERIES_BEGUN];
