//! Witnesses of campaigns.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::schema::campaign_witness;
use crate::db::{Conn, cols};
use crate::domain::clock::Moment;
use crate::domain::ids::{CampaignId, PersonId};

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = campaign_witness)]
pub struct WitnessRow {
    pub id: i64,
    pub version: i64,
    pub kind: String,
    pub name: String,
    pub consented_on: NaiveDate,
    pub consent: String,
    pub withdrawn_at: Option<Moment>,
}

#[derive(Insertable)]
#[diesel(table_name = campaign_witness, treat_none_as_default_value = false)]
pub struct NewWitness<'a> {
    pub version: i64,
    pub campaign_id: CampaignId,
    pub kind: &'a str,
    pub name: &'a str,
    pub consented_on: NaiveDate,
    pub consent: &'a str,
    pub person_id: PersonId,
    pub at: Moment,
}

pub fn insert_witness(conn: &mut Conn, row: &NewWitness) -> QueryResult<i64> {
    diesel::insert_into(campaign_witness::table).values(row).returning(campaign_witness::id).get_result(conn)
}

pub fn witnesses_of(conn: &mut Conn, campaign: CampaignId) -> QueryResult<Vec<WitnessRow>> {
    campaign_witness::table
        .filter(campaign_witness::campaign_id.eq(campaign))
        .order(campaign_witness::id)
        .select(cols::<WitnessRow>())
        .load(conn)
}

/// Takes the name away if the row is still at the version that was seen.
pub fn withdraw_witness(conn: &mut Conn, id: i64, seen: i64, at: Moment) -> QueryResult<bool> {
    let row = campaign_witness::table.filter(campaign_witness::id.eq(id)).filter(campaign_witness::version.eq(seen));
    let changed = diesel::update(row)
        .set((
            campaign_witness::name.eq(""),
            campaign_witness::consent.eq(""),
            campaign_witness::withdrawn_at.eq(at),
            campaign_witness::version.eq(seen + 1),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}
