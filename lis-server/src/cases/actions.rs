use diesel::prelude::*;

use crate::db::Conn;
use crate::domain::ids::CampaignId;
use crate::domain::refusal::Outcome;

#[derive(Clone, Copy, Debug, Default)]
pub struct Published {
    pub failing: i64,
    pub closed: i64,
}
pub fn published_of_campaign(conn: &mut Conn, campaign: CampaignId) -> Outcome<Published> {
    use crate::db::schema::{failing_case, plan_line, sample, sampling_form, sampling_plan};
    let states: Vec<String> = failing_case::table
        .inner_join(sample::table.on(sample::id.eq(failing_case::sample_id)))
        .inner_join(sampling_form::table.on(sampling_form::id.eq(sample::form_id)))
        .inner_join(plan_line::table.on(sampling_form::plan_line_id.eq(plan_line::id.nullable())))
        .inner_join(sampling_plan::table.on(sampling_plan::id.eq(plan_line::plan_id)))
        .filter(sampling_plan::campaign_id.eq(campaign))
        .filter(failing_case::publicity.ne("unpublished"))
        .select(failing_case::state)
        .load(conn)?;
    let closed = states.iter().filter(|state| *state == "closed").count();
    Ok(Published { failing: states.len() as i64, closed: closed as i64 })
}
