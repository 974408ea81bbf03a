//! Queries of rejections and of the notes about them.

use diesel::prelude::*;

use crate::db::schema::{rejection_note, sample_receipt};
use crate::db::{Conn, cols};
use crate::domain::clock::Moment;
use crate::domain::ids::{PersonId, SampleId};

/// A receipt that rejected a sample.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = sample_receipt)]
pub struct RejectionRow {
    pub id: i64,
    pub receipt_no: String,
    pub sample_id: SampleId,
    pub document: String,
    pub custodian_id: PersonId,
    pub received_at: Moment,
}

pub fn rejection(conn: &mut Conn, receipt_no: &str) -> QueryResult<Option<RejectionRow>> {
    sample_receipt::table
        .filter(sample_receipt::receipt_no.eq(receipt_no))
        .filter(sample_receipt::decision.eq("reject"))
        .select(cols::<RejectionRow>())
        .first(conn)
        .optional()
}

/// A sample is rejected once.
pub fn rejection_of(conn: &mut Conn, sample: SampleId) -> QueryResult<Option<RejectionRow>> {
    sample_receipt::table
        .filter(sample_receipt::sample_id.eq(sample))
        .filter(sample_receipt::decision.eq("reject"))
        .order(sample_receipt::id.desc())
        .select(cols::<RejectionRow>())
        .first(conn)
        .optional()
}

#[derive(Insertable)]
#[diesel(table_name = rejection_note, treat_none_as_default_value = false)]
pub struct NewNote<'a> {
    pub receipt_id: i64,
    pub document: &'a str,
    pub file_sha256: &'a str,
    pub created_at: Moment,
}

pub fn insert_note(conn: &mut Conn, row: &NewNote) -> QueryResult<()> {
    diesel::insert_into(rejection_note::table).values(row).execute(conn)?;
    Ok(())
}

/// SHA-256 of the note about a receipt.
pub fn note_of(conn: &mut Conn, receipt: i64) -> QueryResult<Option<String>> {
    rejection_note::table
        .filter(rejection_note::receipt_id.eq(receipt))
        .select(rejection_note::file_sha256)
        .first(conn)
        .optional()
}
