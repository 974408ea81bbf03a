//! What waits: for its receipt, for its report.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::Conn;
use crate::db::schema::{sample, sampling_form};
use crate::domain::clock::Moment;
use crate::domain::ids::{EnterpriseId, PersonId, SampleId};
use crate::samples::state::SampleState;

/// Accepted samples without an issued report: when each came, and the last day for its report.
pub fn unreported(conn: &mut Conn) -> QueryResult<Vec<(SampleId, Option<Moment>, Option<NaiveDate>)>> {
    let open = [SampleState::Accepted, SampleState::Testing, SampleState::Tested].map(SampleState::code);
    sample::table
        .filter(sample::state.eq_any(open))
        .filter(sample::due_on.is_not_null())
        .select((sample::id, sample::arrived_at, sample::due_on))
        .load(conn)
}

/// Samples that wait for their receipt.
pub fn count_to_receive(conn: &mut Conn) -> QueryResult<i64> {
    let states = [SampleState::Sealed, SampleState::Arrived].map(SampleState::code);
    sample::table.filter(sample::state.eq_any(states)).count().get_result(conn)
}

/// Samples of a person's forms in a state.
pub fn count_entered_by(conn: &mut Conn, person: PersonId, state: SampleState) -> QueryResult<i64> {
    sample::table
        .inner_join(sampling_form::table)
        .filter(sampling_form::entered_by.eq(person))
        .filter(sample::state.eq(state.code()))
        .count()
        .get_result(conn)
}

/// An enterprise's orders in a state.
pub fn count_ordered_by(conn: &mut Conn, client: EnterpriseId, state: SampleState) -> QueryResult<i64> {
    sample::table.filter(sample::client_id.eq(client)).filter(sample::state.eq(state.code())).count().get_result(conn)
}
