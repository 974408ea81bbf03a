//! What an instrument had a part in: the worksheets that it measured, weighed or was named on, and the last good check of each of
//! their methods; and what fails of a sample.

use diesel::prelude::*;

use crate::db::schema::{
    instrument_message, observation, qc_verdict, result_entry, test_item, worksheet, worksheet_position,
};
use crate::db::{Conn, in_pieces};
use crate::domain::clock::Moment;
use crate::domain::ids::{InstrumentId, ItemId, ResultId, SampleId, WorksheetId};
use crate::judgement::Verdict;
use crate::testing::state::WorksheetState;

/// Worksheets that were opened for an instrument, and those whose cells its messages filled: a balance weighs into the sheets
/// of others. Two statements.
pub fn sheets_of_instrument(conn: &mut Conn, id: InstrumentId, code: &str) -> QueryResult<Vec<WorksheetId>> {
    let mut sheets: Vec<WorksheetId> =
        worksheet::table.filter(worksheet::instrument_id.eq(id)).select(worksheet::id).load(conn)?;
    let filled: Vec<WorksheetId> = worksheet_position::table
        .inner_join(result_entry::table.on(result_entry::position_id.eq(worksheet_position::id)))
        .inner_join(observation::table.on(result_entry::observation_id.eq(observation::id.nullable())))
        .inner_join(instrument_message::table.on(observation::message_id.eq(instrument_message::id)))
        .filter(instrument_message::instrument_code.eq(code))
        .select(worksheet_position::worksheet_id)
        .distinct()
        .load(conn)?;
    sheets.extend(filled);
    Ok(sheets)
}

/// Of a verdict over a sheet that has no control: it shows nothing.
pub const WITHOUT_CONTROLS: &str = "%\"controls\":[]%";

/// The methods of worksheets, each with its last accepted control on them before a moment; a method may come several times. A
/// sheet whose controls were rejected after a correction, or that was released in spite of them, is no good check, and
/// neither is one that has parallel determinations alone.
pub fn last_good_checks(
    conn: &mut Conn,
    sheets: &[WorksheetId],
    before: Moment,
) -> QueryResult<Vec<(String, Option<Moment>)>> {
    in_pieces(sheets, |sheets| {
        // That two determinations of a sample agree shows nothing: an oven that is too cold dries both the same.
        let has = |kind: &str| qc_verdict::record.like(format!("%\"kind\":\"{kind}\"%"));
        let shows = has("blank").or(has("duplicate")).or(has("spike")).or(has("reference")).or(has("check"));
        let accepted = qc_verdict::worksheet_id
            .eq(worksheet::id)
            .and(qc_verdict::verdict.eq("accept"))
            .and(shows)
            .and(qc_verdict::at.le(before))
            .and(worksheet::state.eq(WorksheetState::Submitted.code()));
        worksheet::table
            .left_join(qc_verdict::table.on(accepted))
            .filter(worksheet::id.eq_any(sheets.iter().map(|id| id.0)))
            .group_by(worksheet::method_key)
            .select((worksheet::method_key, diesel::dsl::max(qc_verdict::at.nullable())))
            .load(conn)
    })
}

/// The failing items of a sample with their results in force.
pub fn failing_results(conn: &mut Conn, sample: SampleId) -> QueryResult<Vec<(ItemId, Option<ResultId>)>> {
    test_item::table
        .filter(test_item::sample_id.eq(sample))
        .filter(test_item::verdict.eq(Verdict::Fail.name()))
        .order(test_item::seq)
        .select((test_item::id, test_item::result_id))
        .load(conn)
}
