//! Queries of what forms name of other rooms (decision 0012), nothing else.

use diesel::prelude::*;

use crate::db::schema::{plan_line, random_draw, sampling_plan};
use crate::db::{Conn, in_pieces};
use crate::domain::ids::{DrawId, PlanLineId};

/// Those of the lines whose plan is approved.
pub fn approved_lines(conn: &mut Conn, lines: &[PlanLineId]) -> QueryResult<Vec<PlanLineId>> {
    in_pieces(lines, |lines| {
        let query = plan_line::table.inner_join(sampling_plan::table);
        let query =
            query.filter(plan_line::id.eq_any(lines.iter().map(|id| id.0))).filter(sampling_plan::state.eq("approved"));
        query.select(plan_line::id).load(conn)
    })
}

/// Those of the draws that were made.
pub fn known_draws(conn: &mut Conn, draws: &[DrawId]) -> QueryResult<Vec<DrawId>> {
    in_pieces(draws, |draws| {
        let query = random_draw::table.filter(random_draw::id.eq_any(draws.iter().map(|id| id.0)));
        query.select(random_draw::id).load(conn)
    })
}
