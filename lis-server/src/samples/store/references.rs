//! Queries of what forms name of other rooms (decision 0012), nothing else.

use diesel::prelude::*;

use crate::db::schema::{plan_line, random_draw, sample, sample_receipt, sampling_form, sampling_plan};
use crate::db::{Conn, cols, in_pieces};
use crate::domain::ids::{DrawId, PersonId, PlanLineId, SampleId};

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

/// The form of each sample: where it came from, who entered it, what it says.
pub fn forms_of(conn: &mut Conn, samples: &[SampleId]) -> QueryResult<Vec<(SampleId, String, PersonId, String)>> {
    in_pieces(samples, |samples| {
        sample::table
            .inner_join(sampling_form::table)
            .filter(sample::id.eq_any(samples.iter().map(|id| id.0)))
            .select((sample::id, sampling_form::source, sampling_form::entered_by, sampling_form::document))
            .load(conn)
    })
}

/// Who received each sample, every time that it came.
pub fn receivers_of(conn: &mut Conn, samples: &[SampleId]) -> QueryResult<Vec<(SampleId, PersonId)>> {
    in_pieces(samples, |samples| {
        sample_receipt::table
            .filter(sample_receipt::sample_id.eq_any(samples.iter().map(|id| id.0)))
            .select((sample_receipt::sample_id, sample_receipt::custodian_id))
            .load(conn)
    })
}

/// A form by the batch that was sampled, and the task that it was sampled for.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = sampling_form)]
pub struct BatchRow {
    pub form_no: String,
    pub batch_no: String,
    pub sample_name: String,
    pub producer_name: String,
    pub ordering_name: String,
    pub task_category: String,
    pub plan_line_id: Option<PlanLineId>,
    pub draw_id: Option<DrawId>,
}

/// The forms of these batches, the first first.
pub fn forms_of_batches(conn: &mut Conn, numbers: &[String]) -> QueryResult<Vec<BatchRow>> {
    in_pieces(numbers, |numbers| {
        let query = sampling_form::table.filter(sampling_form::batch_no.eq_any(numbers.to_vec()));
        query.order(sampling_form::id).select(cols::<BatchRow>()).load(conn)
    })
}
