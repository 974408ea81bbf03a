//! Queries of campaigns and plans, nothing else.

mod witnesses;

pub use witnesses::{NewWitness, WitnessRow, insert_witness, withdraw_witness, witnesses_of};

use diesel::prelude::*;
use serde::Serialize;

use crate::db::schema::{campaign, campaign_rejection, campaign_response, plan_line, sampling_plan};
use crate::db::{Conn, cols, each};
use crate::domain::clock::Moment;
use crate::domain::ids::{CampaignId, PersonId, PlanId, PlanLineId, ResponseId};

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = campaign)]
pub struct CampaignRow {
    pub id: CampaignId,
    pub version: i64,
    pub title_zh: String,
    pub title_en: String,
    pub region_code: String,
    pub state: String,
    pub opens_at: Moment,
    pub closes_at: Moment,
    pub questionnaire: String,
    pub tally: Option<String>,
    pub tally_hash: Option<String>,
    pub created_by: PersonId,
    pub created_at: Moment,
}

#[derive(Insertable)]
#[diesel(table_name = campaign, treat_none_as_default_value = false)]
pub struct NewCampaign<'a> {
    pub version: i64,
    pub title_zh: &'a str,
    pub title_en: &'a str,
    pub region_code: &'a str,
    pub state: &'a str,
    pub opens_at: Moment,
    pub closes_at: Moment,
    pub questionnaire: &'a str,
    pub created_by: PersonId,
    pub created_at: Moment,
}

#[derive(AsChangeset)]
#[diesel(table_name = campaign)]
pub struct CampaignChange<'a> {
    pub title_zh: &'a str,
    pub title_en: &'a str,
    pub region_code: &'a str,
    pub opens_at: Moment,
    pub closes_at: Moment,
    pub questionnaire: &'a str,
}

pub fn insert(conn: &mut Conn, row: &NewCampaign) -> QueryResult<CampaignId> {
    diesel::insert_into(campaign::table).values(row).returning(campaign::id).get_result(conn)
}

pub fn campaign(conn: &mut Conn, id: CampaignId) -> QueryResult<Option<CampaignRow>> {
    campaign::table.find(id.0).select(cols::<CampaignRow>()).first(conn).optional()
}

/// The same, and nobody else writes about it before this write ends: votes of one voter that come at once are judged
/// one after the other, and none slips in while the tally is frozen. SQLite has one writer anyway.
pub fn lock_campaign(conn: &mut Conn, id: CampaignId) -> QueryResult<Option<CampaignRow>> {
    if let Conn::Postgres(c) = conn {
        campaign::table.find(id.0).select(campaign::id).for_update().first::<i64>(c).optional()?;
    }
    campaign(conn, id)
}

/// Campaigns, newest first, before an id.
pub fn campaigns(conn: &mut Conn, before: Option<i64>, limit: i64) -> QueryResult<Vec<CampaignRow>> {
    let mut query = campaign::table.into_boxed();
    if let Some(before) = before {
        query = query.filter(campaign::id.lt(before));
    }
    query.order(campaign::id.desc()).limit(limit).select(cols::<CampaignRow>()).load(conn)
}

/// Campaigns that are in any state but one, newest first, before an id.
pub fn campaigns_but(
    conn: &mut Conn,
    state: &'static str,
    before: Option<i64>,
    limit: i64,
) -> QueryResult<Vec<CampaignRow>> {
    let mut query = campaign::table.into_boxed();
    if let Some(before) = before {
        query = query.filter(campaign::id.lt(before));
    }
    let others = query.filter(campaign::state.ne(state));
    others.order(campaign::id.desc()).limit(limit).select(cols::<CampaignRow>()).load(conn)
}

pub fn change(conn: &mut Conn, id: CampaignId, seen: i64, change: &CampaignChange) -> QueryResult<bool> {
    let row = campaign::table.filter(campaign::id.eq(id)).filter(campaign::version.eq(seen));
    Ok(diesel::update(row).set((change, campaign::version.eq(seen + 1))).execute(conn)? == 1)
}

pub fn set_state(conn: &mut Conn, id: CampaignId, seen: i64, state: &str) -> QueryResult<bool> {
    let row = campaign::table.filter(campaign::id.eq(id)).filter(campaign::version.eq(seen));
    let changed = diesel::update(row).set((campaign::state.eq(state), campaign::version.eq(seen + 1))).execute(conn)?;
    Ok(changed == 1)
}

pub fn freeze(conn: &mut Conn, id: CampaignId, tally: &str, hash: &str) -> QueryResult<()> {
    diesel::update(campaign::table.find(id.0))
        .set((campaign::tally.eq(tally), campaign::tally_hash.eq(hash)))
        .execute(conn)?;
    Ok(())
}

#[derive(Insertable, Serialize, Clone, Debug)]
#[diesel(table_name = campaign_response, treat_none_as_default_value = false)]
pub struct NewResponse {
    pub campaign_id: CampaignId,
    pub client_uuid: String,
    pub voter_hash: String,
    pub answers: String,
    pub seconds_taken: i64,
    pub received_at: Moment,
    /// Codes separated by blanks; empty: valid.
    pub invalid_reason: String,
    /// SHA-256 of the ticket; from paper there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket_hash: Option<String>,
}

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = campaign_response)]
pub struct ResponseRow {
    pub id: ResponseId,
    pub campaign_id: CampaignId,
    pub client_uuid: String,
    pub voter_hash: String,
    pub answers: String,
    pub seconds_taken: i64,
    pub received_at: Moment,
    pub invalid_reason: String,
}

/// Rows of one insert: SQLite takes 32,766 values in a statement, a row has eight.
const INSERT_ROWS: usize = 1_000;

pub fn insert_responses(conn: &mut Conn, rows: &[NewResponse]) -> QueryResult<()> {
    for rows in rows.chunks(INSERT_ROWS) {
        each!(conn, c => diesel::insert_into(campaign_response::table).values(rows).execute(c))?;
    }
    Ok(())
}

/// Those of these answers that came before: client UUID, campaign, reasons.
pub fn known_responses(conn: &mut Conn, uuids: &[String]) -> QueryResult<Vec<(String, CampaignId, String)>> {
    let mut known = Vec::new();
    for uuids in uuids.chunks(INSERT_ROWS) {
        known.extend(
            campaign_response::table
                .filter(campaign_response::client_uuid.eq_any(uuids.to_vec()))
                .select((
                    campaign_response::client_uuid,
                    campaign_response::campaign_id,
                    campaign_response::invalid_reason,
                ))
                .load::<(String, CampaignId, String)>(conn)?,
        );
    }
    Ok(known)
}

/// Whether an answer brought this ticket before.
pub fn ticket_used(conn: &mut Conn, hash: &str) -> QueryResult<bool> {
    let used: i64 =
        campaign_response::table.filter(campaign_response::ticket_hash.eq(hash)).count().get_result(conn)?;
    Ok(used > 0)
}

/// When these voters' valid answers came; those that a person rejected since do not count.
pub fn earlier_votes(conn: &mut Conn, id: CampaignId, voters: &[String]) -> QueryResult<Vec<(String, Moment)>> {
    let mut votes = Vec::new();
    for voters in voters.chunks(INSERT_ROWS) {
        votes.extend(
            campaign_response::table
                .left_join(campaign_rejection::table)
                .filter(campaign_response::campaign_id.eq(id))
                .filter(campaign_response::voter_hash.eq_any(voters.to_vec()))
                .filter(campaign_response::invalid_reason.eq(""))
                .filter(campaign_rejection::response_id.nullable().is_null())
                .select((campaign_response::voter_hash, campaign_response::received_at))
                .load::<(String, Moment)>(conn)?,
        );
    }
    Ok(votes)
}

/// Every answer of a campaign with the reason of its rejection.
pub fn all_responses(conn: &mut Conn, id: CampaignId) -> QueryResult<Vec<(ResponseRow, Option<String>)>> {
    campaign_response::table
        .left_join(campaign_rejection::table)
        .filter(campaign_response::campaign_id.eq(id))
        .order(campaign_response::id)
        .select((cols::<ResponseRow>(), campaign_rejection::reason.nullable()))
        .load(conn)
}

/// A page of answers, newest first.
pub fn responses(
    conn: &mut Conn,
    id: CampaignId,
    before: Option<i64>,
    limit: i64,
) -> QueryResult<Vec<(ResponseRow, Option<String>)>> {
    let mut query = campaign_response::table
        .left_join(campaign_rejection::table)
        .filter(campaign_response::campaign_id.eq(id))
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(campaign_response::id.lt(before));
    }
    query
        .order(campaign_response::id.desc())
        .limit(limit)
        .select((cols::<ResponseRow>(), campaign_rejection::reason.nullable()))
        .load(conn)
}

pub fn response(conn: &mut Conn, id: ResponseId) -> QueryResult<Option<(ResponseRow, Option<String>)>> {
    campaign_response::table
        .left_join(campaign_rejection::table)
        .filter(campaign_response::id.eq(id))
        .select((cols::<ResponseRow>(), campaign_rejection::reason.nullable()))
        .first(conn)
        .optional()
}

pub fn insert_rejection(conn: &mut Conn, of: ResponseId, reason: &str, by: PersonId, at: Moment) -> QueryResult<()> {
    diesel::insert_into(campaign_rejection::table)
        .values((
            campaign_rejection::response_id.eq(of),
            campaign_rejection::reason.eq(reason),
            campaign_rejection::person_id.eq(by),
            campaign_rejection::at.eq(at),
        ))
        .execute(conn)?;
    Ok(())
}

/// Answers under their reasons (empty: valid when they came), and how many of them a person rejected.
pub fn counts(conn: &mut Conn, id: CampaignId) -> QueryResult<(Vec<(String, i64)>, Vec<(String, i64)>, i64)> {
    use diesel::dsl::{count, count_star};
    let of = campaign_response::table.filter(campaign_response::campaign_id.eq(id));
    let came = of
        .group_by(campaign_response::invalid_reason)
        .select((campaign_response::invalid_reason, count_star()))
        .load(conn)?;
    let rejected = campaign_rejection::table
        .inner_join(campaign_response::table)
        .filter(campaign_response::campaign_id.eq(id))
        .group_by(campaign_rejection::reason)
        .select((campaign_rejection::reason, count_star()))
        .load(conn)?;
    let voters = campaign_response::table
        .left_join(campaign_rejection::table)
        .filter(campaign_response::campaign_id.eq(id))
        .filter(campaign_response::invalid_reason.eq(""))
        .filter(campaign_rejection::response_id.nullable().is_null())
        .select(count(campaign_response::voter_hash).aggregate_distinct())
        .first(conn)?;
    Ok((came, rejected, voters))
}

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = sampling_plan)]
pub struct PlanRow {
    pub id: PlanId,
    pub version: i64,
    pub plan_no: String,
    pub campaign_id: Option<CampaignId>,
    pub title: String,
    pub state: String,
    pub batches: i64,
    pub floor_batches: i64,
    pub drafted_by: PersonId,
    pub drafted_at: Moment,
    pub approved_by: Option<PersonId>,
    pub approved_at: Option<Moment>,
}

#[derive(Insertable)]
#[diesel(table_name = sampling_plan, treat_none_as_default_value = false)]
pub struct NewPlan<'a> {
    pub version: i64,
    pub plan_no: &'a str,
    pub campaign_id: Option<CampaignId>,
    pub title: &'a str,
    pub state: &'a str,
    pub batches: i64,
    pub floor_batches: i64,
    pub drafted_by: PersonId,
    pub drafted_at: Moment,
}

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = plan_line)]
pub struct PlanLineRow {
    pub id: PlanLineId,
    pub plan_id: PlanId,
    pub category: String,
    pub votes: i64,
    pub batches: i64,
}

#[derive(Insertable)]
#[diesel(table_name = plan_line, treat_none_as_default_value = false)]
pub struct NewPlanLine<'a> {
    pub plan_id: PlanId,
    pub category: &'a str,
    pub votes: i64,
    pub batches: i64,
}

pub fn insert_plan(conn: &mut Conn, row: &NewPlan) -> QueryResult<PlanId> {
    diesel::insert_into(sampling_plan::table).values(row).returning(sampling_plan::id).get_result(conn)
}

pub fn insert_lines(conn: &mut Conn, rows: &[NewPlanLine]) -> QueryResult<()> {
    each!(conn, c => diesel::insert_into(plan_line::table).values(rows).execute(c))?;
    Ok(())
}

pub fn plan(conn: &mut Conn, id: PlanId) -> QueryResult<Option<PlanRow>> {
    sampling_plan::table.find(id.0).select(cols::<PlanRow>()).first(conn).optional()
}

/// Plans, newest first, before an id.
pub fn plans(conn: &mut Conn, before: Option<i64>, limit: i64) -> QueryResult<Vec<PlanRow>> {
    let mut query = sampling_plan::table.into_boxed();
    if let Some(before) = before {
        query = query.filter(sampling_plan::id.lt(before));
    }
    query.order(sampling_plan::id.desc()).limit(limit).select(cols::<PlanRow>()).load(conn)
}

pub fn plans_of(conn: &mut Conn, campaign: CampaignId) -> QueryResult<Vec<PlanRow>> {
    sampling_plan::table
        .filter(sampling_plan::campaign_id.eq(campaign))
        .order(sampling_plan::id.desc())
        .select(cols::<PlanRow>())
        .load(conn)
}

pub fn lines_of(conn: &mut Conn, plans: &[PlanId]) -> QueryResult<Vec<PlanLineRow>> {
    plan_line::table
        .filter(plan_line::plan_id.eq_any(plans.iter().map(|id| id.0)))
        .order(plan_line::id)
        .select(cols::<PlanLineRow>())
        .load(conn)
}

pub fn decide_plan(
    conn: &mut Conn,
    id: PlanId,
    seen: i64,
    state: &str,
    by: Option<(PersonId, Moment)>,
) -> QueryResult<bool> {
    let row = sampling_plan::table.filter(sampling_plan::id.eq(id)).filter(sampling_plan::version.eq(seen));
    let changed = diesel::update(row)
        .set((
            sampling_plan::state.eq(state),
            sampling_plan::approved_by.eq(by.map(|(person, _)| person)),
            sampling_plan::approved_at.eq(by.map(|(_, at)| at)),
            sampling_plan::version.eq(seen + 1),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}

/// Plans in a state.
pub fn count_plans(conn: &mut Conn, state: &'static str) -> QueryResult<i64> {
    sampling_plan::table.filter(sampling_plan::state.eq(state)).count().get_result(conn)
}

/// Campaigns in a state.
pub fn count_campaigns(conn: &mut Conn, state: &'static str) -> QueryResult<i64> {
    campaign::table.filter(campaign::state.eq(state)).count().get_result(conn)
}

/// Campaigns in a state for which there is no plan but in another one.
pub fn count_without_plan(conn: &mut Conn, state: &'static str, no_plan: &'static str) -> QueryResult<i64> {
    let planned = sampling_plan::table
        .filter(sampling_plan::campaign_id.eq(campaign::id.nullable()))
        .filter(sampling_plan::state.ne(no_plan));
    campaign::table
        .filter(campaign::state.eq(state))
        .filter(diesel::dsl::not(diesel::dsl::exists(planned)))
        .count()
        .get_result(conn)
}
