//! Queries of gates, nothing else.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::Kept;
use crate::db::schema::{gate_confirmation, gate_setting};
use crate::db::{Conn, cols};
use crate::domain::clock::Moment;
use crate::domain::ids::{PersonId, WorksheetId};

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = gate_setting)]
pub struct SettingRow {
    pub id: i64,
    pub gate: String,
    pub mode: String,
    pub valid_from: NaiveDate,
    pub reason: String,
    pub person_id: PersonId,
    pub at: Moment,
}

#[derive(Insertable)]
#[diesel(table_name = gate_setting, treat_none_as_default_value = false)]
pub struct NewSetting<'a> {
    pub gate: &'a str,
    pub mode: &'a str,
    pub valid_from: NaiveDate,
    pub reason: &'a str,
    pub person_id: PersonId,
    pub at: Moment,
}

/// Every change of every gate, in the order in which they were made.
pub fn settings(conn: &mut Conn) -> QueryResult<Vec<SettingRow>> {
    gate_setting::table.order(gate_setting::id).select(cols::<SettingRow>()).load(conn)
}

pub fn insert_setting(conn: &mut Conn, row: &NewSetting) -> QueryResult<i64> {
    diesel::insert_into(gate_setting::table).values(row).returning(gate_setting::id).get_result(conn)
}

#[derive(Insertable)]
#[diesel(table_name = gate_confirmation, treat_none_as_default_value = false)]
pub struct NewConfirmation<'a> {
    pub worksheet_id: WorksheetId,
    pub version_no: i64,
    pub warnings: &'a str,
    pub reason: &'a str,
    pub person_id: PersonId,
    pub at: Moment,
}

pub fn insert_confirmation(conn: &mut Conn, row: &NewConfirmation) -> QueryResult<()> {
    diesel::insert_into(gate_confirmation::table).values(row).execute(conn)?;
    Ok(())
}

/// What was confirmed when a sheet was submitted.
pub fn confirmations(conn: &mut Conn, of: WorksheetId) -> QueryResult<Vec<Kept>> {
    gate_confirmation::table
        .filter(gate_confirmation::worksheet_id.eq(of))
        .order(gate_confirmation::id)
        .select((
            gate_confirmation::warnings,
            gate_confirmation::reason,
            gate_confirmation::person_id,
            gate_confirmation::at,
        ))
        .load(conn)
}
