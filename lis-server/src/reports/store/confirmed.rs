//! Queries of the warnings that signers of reports went past.

use diesel::prelude::*;

use crate::db::Conn;
use crate::db::schema::report_confirmation;
use crate::domain::clock::Moment;
use crate::domain::ids::{PersonId, ReportId};
use crate::quality::gates::Kept;

#[derive(Insertable)]
#[diesel(table_name = report_confirmation, treat_none_as_default_value = false)]
pub struct NewConfirmation<'a> {
    pub report_id: ReportId,
    pub version_no: i64,
    pub warnings: &'a str,
    pub reason: &'a str,
    pub person_id: PersonId,
    pub at: Moment,
}

pub fn insert(conn: &mut Conn, row: &NewConfirmation) -> QueryResult<()> {
    diesel::insert_into(report_confirmation::table).values(row).execute(conn)?;
    Ok(())
}

/// What was confirmed when a report was signed, oldest first.
pub fn of_report(conn: &mut Conn, of: ReportId) -> QueryResult<Vec<Kept>> {
    report_confirmation::table
        .filter(report_confirmation::report_id.eq(of))
        .order(report_confirmation::id)
        .select((
            report_confirmation::warnings,
            report_confirmation::reason,
            report_confirmation::person_id,
            report_confirmation::at,
        ))
        .load(conn)
}
