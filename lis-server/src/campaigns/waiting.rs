//! What waits for the campaign's officer, for the page of waiting work. One statement each.

use super::state::{CampaignState, PlanState};
use super::store;
use crate::accounts::Actor;
use crate::db::Conn;
use crate::domain::refusal::Outcome;

/// Campaigns that take answers: to be watched and closed.
pub fn open(conn: &mut Conn, _: &Actor) -> Outcome<i64> {
    Ok(store::count_campaigns(conn, CampaignState::Open.code())?)
}

/// Closed campaigns that still have no plan, or only a refused one.
pub fn unplanned(conn: &mut Conn, _: &Actor) -> Outcome<i64> {
    Ok(store::count_without_plan(conn, CampaignState::Closed.code(), PlanState::Refused.code())?)
}
