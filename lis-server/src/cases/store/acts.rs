//! Acts in a case, in the order in which they were recorded.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::schema::case_act;
use crate::db::{Conn, cols};
use crate::domain::clock::Moment;
use crate::domain::ids::{ApplicationId, CaseId, PersonId};

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = case_act)]
pub struct ActRow {
    pub id: i64,
    pub application_id: Option<ApplicationId>,
    pub act: String,
    pub done_at: Moment,
    pub note: String,
    pub until_on: Option<NaiveDate>,
}

#[derive(Insertable)]
#[diesel(table_name = case_act, treat_none_as_default_value = false)]
pub struct NewAct<'a> {
    pub case_id: CaseId,
    pub application_id: Option<ApplicationId>,
    pub act: &'a str,
    pub done_at: Moment,
    pub note: &'a str,
    pub until_on: Option<NaiveDate>,
    pub person_id: PersonId,
    pub at: Moment,
}

pub fn insert_act(conn: &mut Conn, row: &NewAct) -> QueryResult<i64> {
    diesel::insert_into(case_act::table).values(row).returning(case_act::id).get_result(conn)
}

pub fn acts_of(conn: &mut Conn, case: CaseId) -> QueryResult<Vec<ActRow>> {
    case_act::table.filter(case_act::case_id.eq(case)).order(case_act::id).select(cols::<ActRow>()).load(conn)
}
