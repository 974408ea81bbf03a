//! Queries of long messages while they are taken in, nothing else.

use diesel::prelude::*;

use crate::db::schema::{intake_lease, observation};
use crate::db::{Conn, each};
use crate::domain::clock::Moment;
use crate::domain::ids::MessageId;

/// Claims a message that nobody takes in, or whose lease has ended; `false` when somebody else has it.
pub fn claim_intake(
    conn: &mut Conn,
    message: MessageId,
    token: &str,
    (now, until): (Moment, Moment),
) -> QueryResult<bool> {
    let row = (intake_lease::message_id.eq(message), intake_lease::token.eq(token), intake_lease::until.eq(until));
    let over = intake_lease::until.le(now);
    let claimed = each!(conn, c => diesel::query_dsl::methods::FilterDsl::filter(
        diesel::insert_into(intake_lease::table)
            .values(&row)
            .on_conflict(intake_lease::message_id)
            .do_update()
            .set((intake_lease::token.eq(token), intake_lease::until.eq(until))),
        over,
    )
        .execute(c))?;
    Ok(claimed == 1)
}

/// Prolongs a lease; `false` when it is no longer that of the token.
pub fn renew_intake(conn: &mut Conn, message: MessageId, token: &str, until: Moment) -> QueryResult<bool> {
    let own = intake_lease::table.filter(intake_lease::message_id.eq(message)).filter(intake_lease::token.eq(token));
    Ok(diesel::update(own).set(intake_lease::until.eq(until)).execute(conn)? == 1)
}

/// Ends a lease; `false` when it is no longer that of the token.
pub fn end_intake(conn: &mut Conn, message: MessageId, token: &str) -> QueryResult<bool> {
    let own = intake_lease::table.filter(intake_lease::message_id.eq(message)).filter(intake_lease::token.eq(token));
    Ok(diesel::delete(own).execute(conn)? == 1)
}

/// Messages that are being taken in.
pub fn in_intake(conn: &mut Conn, now: Moment) -> QueryResult<Vec<MessageId>> {
    intake_lease::table.filter(intake_lease::until.gt(now)).select(intake_lease::message_id).load(conn)
}

/// The place of the last row of a message.
pub fn last_place(conn: &mut Conn, of: MessageId) -> QueryResult<Option<i64>> {
    observation::table.filter(observation::message_id.eq(of)).select(diesel::dsl::max(observation::ordinal)).first(conn)
}

/// Takes away the rows of a message behind a place: a reading that broke off before its end.
pub fn drop_rows_behind(conn: &mut Conn, of: MessageId, place: i64) -> QueryResult<usize> {
    let rows = observation::table.filter(observation::message_id.eq(of)).filter(observation::ordinal.gt(place));
    diesel::delete(rows).execute(conn)
}
