//! Queries of the history of instruments, nothing else.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::schema::{
    calibration, calibration_confirmation, calibration_file, instrument, instrument_message, instrument_status,
    instrument_upkeep, stored_file,
};
use crate::db::{Conn, cols, each};
use crate::domain::clock::Moment;
use crate::domain::ids::{CalibrationId, InstrumentId, MessageId, PersonId};

/// An instrument as its history needs it.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = instrument)]
pub struct InstrumentRow {
    pub id: InstrumentId,
    pub version: i64,
    pub code: String,
    pub name: String,
    pub status: String,
    pub calibrated_until: Option<NaiveDate>,
    pub minimum_weight_g: Option<String>,
    pub maker: String,
    pub model: String,
    pub serial_no: String,
    pub software: String,
    pub location: String,
    pub manual: String,
    pub allowed_methods: String,
}

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = instrument_status)]
pub struct StatusRow {
    pub instrument_id: InstrumentId,
    pub status_before: String,
    pub status: String,
    pub allowed_methods: String,
    pub valid_from: NaiveDate,
    pub reason: String,
    pub person_id: PersonId,
    pub at: Moment,
}

#[derive(Insertable)]
#[diesel(table_name = instrument_status, treat_none_as_default_value = false)]
pub struct NewStatus<'a> {
    pub instrument_id: InstrumentId,
    pub status_before: &'a str,
    pub status: &'a str,
    pub allowed_methods: &'a str,
    pub valid_from: NaiveDate,
    pub reason: &'a str,
    pub person_id: PersonId,
    pub at: Moment,
}

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = calibration)]
pub struct RecordRow {
    pub id: CalibrationId,
    pub instrument_id: InstrumentId,
    pub kind: String,
    pub certificate_no: String,
    pub performed_by: String,
    pub performed_on: NaiveDate,
    pub next_due: Option<NaiveDate>,
    pub due_before: Option<NaiveDate>,
    pub result: String,
    pub correction: Option<String>,
    pub correction_unit: String,
    pub remark: String,
    pub person_id: Option<PersonId>,
    pub at: Moment,
    pub applies: String,
}

/// Whether a certificate meets the need.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = calibration_confirmation)]
pub struct ConfirmationRow {
    pub confirmed: bool,
    pub need: String,
    pub person_id: PersonId,
    pub at: Moment,
}

#[derive(Insertable)]
#[diesel(table_name = calibration_confirmation)]
pub struct NewConfirmation<'a> {
    pub calibration_id: CalibrationId,
    pub confirmed: bool,
    pub need: &'a str,
    pub person_id: PersonId,
    pub at: Moment,
}

/// The file of a certificate.
#[derive(Queryable, Clone, Debug)]
pub struct FileRow {
    pub calibration_id: CalibrationId,
    pub sha256: String,
    pub content_type: String,
    pub file_name: String,
}

/// A record with the confirmation that holds.
pub type RecordLine = (RecordRow, Option<ConfirmationRow>);

#[derive(Insertable)]
#[diesel(table_name = calibration, treat_none_as_default_value = false)]
pub struct NewRecord<'a> {
    pub instrument_id: InstrumentId,
    pub kind: &'a str,
    pub certificate_no: &'a str,
    pub performed_by: &'a str,
    pub performed_on: NaiveDate,
    pub next_due: Option<NaiveDate>,
    pub due_before: Option<NaiveDate>,
    pub result: &'a str,
    pub correction: Option<&'a str>,
    pub correction_unit: &'a str,
    pub remark: &'a str,
    pub person_id: Option<PersonId>,
    pub at: Moment,
    pub applies: &'a str,
}

/// Instruments by id or code, in order of code.
pub fn instruments(conn: &mut Conn, ids: &[InstrumentId], codes: &[String]) -> QueryResult<Vec<InstrumentRow>> {
    instrument::table
        .filter(instrument::id.eq_any(ids.iter().map(|id| id.0)).or(instrument::code.eq_any(codes.to_vec())))
        .order(instrument::code)
        .select(cols::<InstrumentRow>())
        .load(conn)
}

/// Changes of status, in the order in which they were written.
pub fn statuses(conn: &mut Conn, of: &[InstrumentId]) -> QueryResult<Vec<StatusRow>> {
    instrument_status::table
        .filter(instrument_status::instrument_id.eq_any(of.iter().map(|id| id.0)))
        .order(instrument_status::id)
        .select(cols::<StatusRow>())
        .load(conn)
}

/// Calibrations and checks, in the order in which they were written.
pub fn records(conn: &mut Conn, of: &[InstrumentId]) -> QueryResult<Vec<RecordLine>> {
    let lines: Vec<RecordLine> = calibration::table
        .left_join(calibration_confirmation::table)
        .filter(calibration::instrument_id.eq_any(of.iter().map(|id| id.0)))
        .order((calibration::id, calibration_confirmation::id))
        .select((cols::<RecordRow>(), cols::<Option<ConfirmationRow>>()))
        .load(conn)?;
    let mut newest: Vec<RecordLine> = Vec::new();
    for line in lines {
        match newest.last_mut() {
            Some(last) if last.0.id == line.0.id => *last = line,
            _ => newest.push(line),
        }
    }
    Ok(newest)
}

pub fn insert_confirmation(conn: &mut Conn, row: &NewConfirmation) -> QueryResult<()> {
    diesel::insert_into(calibration_confirmation::table).values(row).execute(conn)?;
    Ok(())
}

/// The files of records, oldest first.
pub fn files(conn: &mut Conn, of: &[CalibrationId]) -> QueryResult<Vec<FileRow>> {
    calibration_file::table
        .inner_join(stored_file::table)
        .filter(calibration_file::calibration_id.eq_any(of.iter().map(|id| id.0)))
        .order(calibration_file::id)
        .select((
            calibration_file::calibration_id,
            calibration_file::sha256,
            stored_file::content_type,
            stored_file::file_name,
        ))
        .load(conn)
}

pub fn insert_file(conn: &mut Conn, of: CalibrationId, sha256: &str, by: PersonId, at: Moment) -> QueryResult<()> {
    diesel::insert_into(calibration_file::table)
        .values((
            calibration_file::calibration_id.eq(of),
            calibration_file::sha256.eq(sha256),
            calibration_file::person_id.eq(by),
            calibration_file::at.eq(at),
        ))
        .execute(conn)?;
    Ok(())
}

pub fn insert_status(conn: &mut Conn, row: &NewStatus) -> QueryResult<()> {
    diesel::insert_into(instrument_status::table).values(row).execute(conn)?;
    Ok(())
}

/// Rows of one statement: fourteen values each, of the 32,766 that SQLite takes.
const ROWS_OF_A_STATEMENT: usize = 1_000;

pub fn insert_records(conn: &mut Conn, rows: &[NewRecord]) -> QueryResult<()> {
    for rows in rows.chunks(ROWS_OF_A_STATEMENT) {
        each!(conn, c => diesel::insert_into(calibration::table).values(rows).execute(c))?;
    }
    Ok(())
}

/// Repeats in the instrument's row what its history says of today.
pub fn keep_today(
    conn: &mut Conn,
    id: InstrumentId,
    (seen, version): (i64, i64),
    status: &str,
    calibrated_until: Option<NaiveDate>,
) -> QueryResult<bool> {
    let row = instrument::table.filter(instrument::id.eq(id)).filter(instrument::version.eq(seen));
    let changed = diesel::update(row)
        .set((
            instrument::status.eq(status),
            instrument::calibrated_until.eq(calibrated_until),
            instrument::version.eq(version),
        ))
        .execute(conn)?;
    Ok(changed == 1)
}

/// What was done to an instrument.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = instrument_upkeep)]
pub struct UpkeepRow {
    pub kind: String,
    pub performed_on: NaiveDate,
    pub performed_by: String,
    pub what: String,
    pub calibration_id: Option<CalibrationId>,
    pub person_id: PersonId,
    pub at: Moment,
}

#[derive(Insertable)]
#[diesel(table_name = instrument_upkeep, treat_none_as_default_value = false)]
pub struct NewUpkeep<'a> {
    pub instrument_id: InstrumentId,
    pub kind: &'a str,
    pub performed_on: NaiveDate,
    pub performed_by: &'a str,
    pub what: &'a str,
    pub calibration_id: Option<CalibrationId>,
    pub person_id: PersonId,
    pub at: Moment,
}

/// What was done to an instrument, in the order in which it was written down.
pub fn upkeep(conn: &mut Conn, of: InstrumentId) -> QueryResult<Vec<UpkeepRow>> {
    instrument_upkeep::table
        .filter(instrument_upkeep::instrument_id.eq(of))
        .order(instrument_upkeep::id)
        .select(cols::<UpkeepRow>())
        .load(conn)
}

pub fn insert_upkeep(conn: &mut Conn, row: &NewUpkeep) -> QueryResult<()> {
    diesel::insert_into(instrument_upkeep::table).values(row).execute(conn)?;
    Ok(())
}

/// When messages came.
pub fn received(conn: &mut Conn, messages: &[MessageId]) -> QueryResult<Vec<(MessageId, Moment)>> {
    instrument_message::table
        .filter(instrument_message::id.eq_any(messages.iter().map(|id| id.0)))
        .select((instrument_message::id, instrument_message::received_at))
        .load(conn)
}
