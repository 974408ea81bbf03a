//! Queries of the leases of ports, nothing else.

use diesel::prelude::*;

use crate::db::schema::port_lease;
use crate::db::{Conn, each};
use crate::domain::clock::Moment;

/// Claims ports that are free, whose lease has ended, or that are claimed by the same token; all or none. Renews what is
/// claimed already.
pub fn claim_ports(
    conn: &mut Conn,
    ports: &[String],
    (holder, token): (&str, &str),
    now: Moment,
    until: Moment,
) -> QueryResult<bool> {
    let taken: i64 = port_lease::table
        .filter(port_lease::port.eq_any(ports))
        .filter(port_lease::token.ne(token))
        .filter(port_lease::until.gt(now))
        .count()
        .get_result(conn)?;
    if taken > 0 {
        return Ok(false);
    }
    let mut claimed = 0;
    for port in ports {
        let row = (
            port_lease::port.eq(port),
            port_lease::holder.eq(holder),
            port_lease::token.eq(token),
            port_lease::until.eq(until),
        );
        // Guarded once more: on PostgreSQL another process may have been between the two statements.
        let own_or_over = port_lease::token.eq(token).or(port_lease::until.le(now));
        claimed += each!(conn, c => diesel::query_dsl::methods::FilterDsl::filter(
            diesel::insert_into(port_lease::table)
                .values(&row)
                .on_conflict(port_lease::port)
                .do_update()
                .set((port_lease::holder.eq(holder), port_lease::token.eq(token), port_lease::until.eq(until))),
            own_or_over,
        )
            .execute(c))?;
    }
    if claimed < ports.len() {
        release_ports(conn, token)?;
        return Ok(false);
    }
    Ok(true)
}

/// Lets go what a token has claimed.
pub fn release_ports(conn: &mut Conn, token: &str) -> QueryResult<usize> {
    diesel::delete(port_lease::table.filter(port_lease::token.eq(token))).execute(conn)
}

/// Ends the leases of a token at a time; how many it had.
#[cfg(test)]
pub fn set_lease_end(conn: &mut Conn, token: &str, until: Moment) -> QueryResult<usize> {
    let own = port_lease::table.filter(port_lease::token.eq(token));
    diesel::update(own).set(port_lease::until.eq(until)).execute(conn)
}
