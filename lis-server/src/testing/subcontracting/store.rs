//! Queries of subcontracting, nothing else.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::schema::{subcontract, subcontract_consent, subcontractor};
use crate::db::{Conn, cols};
use crate::domain::clock::Moment;
use crate::domain::ids::{ItemId, PartId, PersonId, SampleId, SubcontractConsentId, SubcontractId, SubcontractorId};

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = subcontractor)]
pub struct SubcontractorRow {
    pub id: SubcontractorId,
    pub version: i64,
    pub name: String,
    pub accreditation_no: String,
    pub methods: String,
    pub valid_until: NaiveDate,
    pub evaluated_on: NaiveDate,
    pub evaluated_by: PersonId,
}

#[derive(Insertable)]
#[diesel(table_name = subcontractor)]
pub struct NewSubcontractor<'a> {
    pub version: i64,
    pub name: &'a str,
    pub accreditation_no: &'a str,
    pub methods: &'a str,
    pub valid_until: NaiveDate,
    pub evaluated_on: NaiveDate,
    pub evaluated_by: PersonId,
    pub created_at: Moment,
}

/// What is said of a subcontractor at its next evaluation.
#[derive(AsChangeset)]
#[diesel(table_name = subcontractor)]
pub struct Evaluated<'a> {
    pub name: &'a str,
    pub accreditation_no: &'a str,
    pub methods: &'a str,
    pub valid_until: NaiveDate,
    pub evaluated_on: NaiveDate,
    pub evaluated_by: PersonId,
}

/// Subcontractors in order of id, after an id.
pub fn subcontractors(conn: &mut Conn, after: i64, limit: i64) -> QueryResult<Vec<SubcontractorRow>> {
    subcontractor::table
        .filter(subcontractor::id.gt(after))
        .order(subcontractor::id)
        .limit(limit)
        .select(cols::<SubcontractorRow>())
        .load(conn)
}

pub fn subcontractor(conn: &mut Conn, id: SubcontractorId) -> QueryResult<Option<SubcontractorRow>> {
    subcontractor::table.filter(subcontractor::id.eq(id)).select(cols::<SubcontractorRow>()).first(conn).optional()
}

/// The subcontractor of a name.
pub fn named(conn: &mut Conn, name: &str) -> QueryResult<Option<SubcontractorId>> {
    subcontractor::table.filter(subcontractor::name.eq(name)).select(subcontractor::id).first(conn).optional()
}

pub fn insert_subcontractor(conn: &mut Conn, row: &NewSubcontractor) -> QueryResult<SubcontractorId> {
    diesel::insert_into(subcontractor::table).values(row).returning(subcontractor::id).get_result(conn)
}

/// Changes a subcontractor that is still at the version seen.
pub fn evaluate(conn: &mut Conn, id: SubcontractorId, seen: i64, said: &Evaluated) -> QueryResult<bool> {
    let at = subcontractor::table.filter(subcontractor::id.eq(id)).filter(subcontractor::version.eq(seen));
    let changed = diesel::update(at).set((said, subcontractor::version.eq(seen + 1))).execute(conn)?;
    Ok(changed == 1)
}

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = subcontract_consent)]
pub struct ConsentRow {
    pub party: String,
    pub agreed: bool,
    pub given_by: String,
    pub given_on: NaiveDate,
    pub how: String,
    pub person_id: PersonId,
}

#[derive(Insertable)]
#[diesel(table_name = subcontract_consent)]
pub struct NewConsent<'a> {
    pub sample_id: SampleId,
    pub party: &'a str,
    pub agreed: bool,
    pub given_by: &'a str,
    pub given_on: NaiveDate,
    pub how: &'a str,
    pub person_id: PersonId,
    pub at: Moment,
}

/// What was recorded last for a sample.
pub fn newest_consent(conn: &mut Conn, sample: SampleId) -> QueryResult<Option<ConsentRow>> {
    subcontract_consent::table
        .filter(subcontract_consent::sample_id.eq(sample))
        .order(subcontract_consent::id.desc())
        .select(cols::<ConsentRow>())
        .first(conn)
        .optional()
}

pub fn insert_consent(conn: &mut Conn, row: &NewConsent) -> QueryResult<SubcontractConsentId> {
    diesel::insert_into(subcontract_consent::table).values(row).returning(subcontract_consent::id).get_result(conn)
}

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = subcontract)]
pub struct SentRow {
    pub item_id: ItemId,
    pub name: String,
    pub accreditation_no: String,
    pub part_id: PartId,
    pub sent_on: NaiveDate,
}

#[derive(Insertable)]
#[diesel(table_name = subcontract)]
pub struct NewSent<'a> {
    pub item_id: ItemId,
    pub subcontractor_id: SubcontractorId,
    pub name: &'a str,
    pub accreditation_no: &'a str,
    pub part_id: PartId,
    pub sent_on: NaiveDate,
    pub person_id: PersonId,
    pub at: Moment,
}

/// How items were sent, the newest first.
pub fn sent(conn: &mut Conn, items: &[ItemId]) -> QueryResult<Vec<SentRow>> {
    subcontract::table
        .filter(subcontract::item_id.eq_any(items.iter().map(|id| id.0)))
        .order(subcontract::id.desc())
        .select(cols::<SentRow>())
        .load(conn)
}

pub fn insert_sent(conn: &mut Conn, row: &NewSent) -> QueryResult<SubcontractId> {
    diesel::insert_into(subcontract::table).values(row).returning(subcontract::id).get_result(conn)
}
