//! Queries of the reviews of orders.

use diesel::prelude::*;

use crate::db::schema::order_review;
use crate::db::{Conn, cols, each};
use crate::domain::clock::Moment;
use crate::domain::ids::{PersonId, SampleId};

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = order_review)]
pub struct ReviewRow {
    pub version_no: i64,
    pub price: Option<String>,
    pub consent: String,
    pub reason: String,
    pub document: String,
    pub person_id: PersonId,
    pub at: Moment,
}

#[derive(Insertable)]
#[diesel(table_name = order_review, treat_none_as_default_value = false)]
pub struct NewReview<'a> {
    pub sample_id: SampleId,
    pub version_no: i64,
    pub price: Option<&'a str>,
    pub consent: &'a str,
    pub reason: &'a str,
    pub document: &'a str,
    pub person_id: PersonId,
    pub at: Moment,
}

/// The later versions of a sample's review, newest first: the first one stands in its receipt.
pub fn later_reviews(conn: &mut Conn, of: SampleId) -> QueryResult<Vec<ReviewRow>> {
    order_review::table
        .filter(order_review::sample_id.eq(of))
        .order(order_review::version_no.desc())
        .select(cols::<ReviewRow>())
        .load(conn)
}

/// Stores a version; `false` when somebody else has stored it meanwhile.
pub fn insert_review(conn: &mut Conn, row: &NewReview) -> QueryResult<bool> {
    let stored =
        each!(conn, c => diesel::insert_into(order_review::table).values(row).on_conflict_do_nothing().execute(c))?;
    Ok(stored == 1)
}
