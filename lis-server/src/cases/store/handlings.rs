//! Entries of the record of handling.

use diesel::prelude::*;

use crate::db::schema::case_handling;
use crate::db::{Conn, cols};
use crate::domain::clock::Moment;
use crate::domain::ids::{CaseId, PersonId};

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = case_handling)]
pub struct HandlingRow {
    pub id: i64,
    pub document: String,
    pub at: Moment,
}

pub fn insert_handling(conn: &mut Conn, of: CaseId, document: &str, by: PersonId, at: Moment) -> QueryResult<i64> {
    diesel::insert_into(case_handling::table)
        .values((
            case_handling::case_id.eq(of),
            case_handling::document.eq(document),
            case_handling::person_id.eq(by),
            case_handling::at.eq(at),
        ))
        .returning(case_handling::id)
        .get_result(conn)
}

/// The entries of a case, the newest first.
pub fn handlings_of(conn: &mut Conn, case: CaseId) -> QueryResult<Vec<HandlingRow>> {
    case_handling::table
        .filter(case_handling::case_id.eq(case))
        .order(case_handling::id.desc())
        .select(cols::<HandlingRow>())
        .load(conn)
}
