//! Queries of competence and declarations, nothing else.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::schema::{competence_record, declaration};
use crate::db::{Conn, cols};
use crate::domain::clock::Moment;
use crate::domain::ids::{CompetenceRecordId, PersonId};

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = competence_record)]
pub struct CompetenceRow {
    pub id: CompetenceRecordId,
    pub person_id: PersonId,
    pub kind: String,
    pub method_standard: String,
    pub performed_on: NaiveDate,
    pub performed_by: String,
    pub result: String,
    pub next_due: Option<NaiveDate>,
    pub remark: String,
    pub recorded_by: PersonId,
}

#[derive(Insertable)]
#[diesel(table_name = competence_record, treat_none_as_default_value = false)]
pub struct NewCompetence<'a> {
    pub person_id: PersonId,
    pub kind: &'a str,
    pub method_standard: &'a str,
    pub performed_on: NaiveDate,
    pub performed_by: &'a str,
    pub result: &'a str,
    pub next_due: Option<NaiveDate>,
    pub remark: &'a str,
    pub recorded_by: PersonId,
    pub at: Moment,
}

/// Records, newest first, of one person or of all.
pub fn records(conn: &mut Conn, of: Option<PersonId>, before: i64, limit: i64) -> QueryResult<Vec<CompetenceRow>> {
    let mut query = competence_record::table.filter(competence_record::id.lt(before)).into_boxed();
    if let Some(person) = of {
        query = query.filter(competence_record::person_id.eq(person));
    }
    query.order(competence_record::id.desc()).limit(limit).select(cols::<CompetenceRow>()).load(conn)
}

/// Every record, for what is due.
pub fn every_record(conn: &mut Conn) -> QueryResult<Vec<CompetenceRow>> {
    competence_record::table.order(competence_record::id).select(cols::<CompetenceRow>()).load(conn)
}

pub fn insert(conn: &mut Conn, row: &NewCompetence) -> QueryResult<CompetenceRecordId> {
    diesel::insert_into(competence_record::table).values(row).returning(competence_record::id).get_result(conn)
}

/// When people declared.
pub fn declared(conn: &mut Conn, people: &[PersonId]) -> QueryResult<Vec<(PersonId, Moment)>> {
    declaration::table
        .filter(declaration::person_id.eq_any(people.iter().map(|id| id.0)))
        .select((declaration::person_id, declaration::at))
        .load(conn)
}

pub fn insert_declaration(conn: &mut Conn, of: PersonId, wording: &str, at: Moment) -> QueryResult<i64> {
    diesel::insert_into(declaration::table)
        .values((declaration::person_id.eq(of), declaration::wording.eq(wording), declaration::at.eq(at)))
        .returning(declaration::id)
        .get_result(conn)
}
