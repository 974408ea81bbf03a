//! Queries of controlled documents, nothing else.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::actions::{BROUGHT, REFUSED};
use crate::db::schema::controlled_document;
use crate::db::{Conn, cols};
use crate::domain::clock::Moment;
use crate::domain::ids::{ControlledDocumentId, PersonId};

/// One edition of a document.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = controlled_document)]
pub struct DocumentRow {
    pub id: ControlledDocumentId,
    pub version: i64,
    pub number: String,
    pub edition: String,
    pub title_zh: String,
    pub title_en: String,
    pub kind: String,
    pub valid_from: NaiveDate,
    pub valid_until: Option<NaiveDate>,
    pub file_sha256: String,
    pub state: String,
    pub brought_by: PersonId,
    pub brought_at: Moment,
    pub decided_by: Option<PersonId>,
    pub decided_at: Option<Moment>,
    pub reason: String,
}

#[derive(Insertable)]
#[diesel(table_name = controlled_document, treat_none_as_default_value = false)]
pub struct NewDocument<'a> {
    pub version: i64,
    pub number: &'a str,
    pub edition: &'a str,
    pub title_zh: &'a str,
    pub title_en: &'a str,
    pub kind: &'a str,
    pub valid_from: NaiveDate,
    pub valid_until: Option<NaiveDate>,
    pub file_sha256: &'a str,
    pub state: &'a str,
    pub brought_by: PersonId,
    pub brought_at: Moment,
    pub reason: &'a str,
}

/// What somebody said of an edition.
#[derive(AsChangeset)]
#[diesel(table_name = controlled_document)]
pub struct Decided<'a> {
    pub version: i64,
    pub state: &'a str,
    pub decided_by: PersonId,
    pub decided_at: Moment,
    pub reason: &'a str,
}

/// Editions in order of id.
pub fn documents(conn: &mut Conn, after: i64, limit: i64) -> QueryResult<Vec<DocumentRow>> {
    controlled_document::table
        .filter(controlled_document::id.gt(after))
        .order(controlled_document::id)
        .limit(limit)
        .select(cols::<DocumentRow>())
        .load(conn)
}

/// The register by number, the newest edition of each first.
pub fn register(conn: &mut Conn, limit: i64) -> QueryResult<Vec<DocumentRow>> {
    controlled_document::table
        .order((controlled_document::number, controlled_document::valid_from.desc(), controlled_document::id.desc()))
        .limit(limit)
        .select(cols::<DocumentRow>())
        .load(conn)
}

/// Every edition of some numbers.
pub fn of_numbers(conn: &mut Conn, numbers: &[String]) -> QueryResult<Vec<DocumentRow>> {
    controlled_document::table
        .filter(controlled_document::number.eq_any(numbers.to_vec()))
        .order(controlled_document::id)
        .select(cols::<DocumentRow>())
        .load(conn)
}

pub fn document(conn: &mut Conn, id: ControlledDocumentId) -> QueryResult<Option<DocumentRow>> {
    controlled_document::table.find(id.0).select(cols::<DocumentRow>()).first(conn).optional()
}

/// Whether a number has an edition that was not refused.
pub fn has_edition(conn: &mut Conn, number: &str, edition: &str) -> QueryResult<bool> {
    let found: i64 = controlled_document::table
        .filter(controlled_document::number.eq(number.to_owned()))
        .filter(controlled_document::edition.eq(edition.to_owned()))
        .filter(controlled_document::state.ne(REFUSED))
        .count()
        .get_result(conn)?;
    Ok(found > 0)
}

pub fn insert(conn: &mut Conn, row: &NewDocument) -> QueryResult<ControlledDocumentId> {
    diesel::insert_into(controlled_document::table).values(row).returning(controlled_document::id).get_result(conn)
}

/// Decides on an edition that is still at the version seen.
pub fn decide(conn: &mut Conn, id: ControlledDocumentId, seen: i64, said: &Decided) -> QueryResult<bool> {
    let at =
        controlled_document::table.filter(controlled_document::id.eq(id)).filter(controlled_document::version.eq(seen));
    Ok(diesel::update(at).set(said).execute(conn)? == 1)
}

/// Editions that somebody else than this person brought and nobody has decided on.
pub fn count_to_decide(conn: &mut Conn, person: PersonId) -> QueryResult<i64> {
    controlled_document::table
        .filter(controlled_document::state.eq(BROUGHT))
        .filter(controlled_document::brought_by.ne(person))
        .count()
        .get_result(conn)
}
