//! Queries of what was used of parts: what was stated at their return, and what was weighed at the bench (read across rooms,
//! decision 0012).

use diesel::prelude::*;

use crate::db::Conn;
use crate::db::schema::{custody_event, part_use, result_entry, test_item, worksheet_position};
use crate::domain::clock::Moment;
use crate::domain::decimal::Decimal;
use crate::domain::ids::{PartId, PersonId, PositionId, SampleId, WorksheetId};
use crate::domain::refusal::{Fault, Outcome};
use crate::samples::state::CustodyEvent;
use crate::samples::weighed::{PORTION, Use};

#[derive(Insertable)]
#[diesel(table_name = part_use, treat_none_as_default_value = false)]
pub struct NewUse<'a> {
    pub part_id: PartId,
    pub amount: &'a str,
    pub holder_id: Option<PersonId>,
    pub person_id: PersonId,
    pub at: Moment,
}

pub fn insert_use(conn: &mut Conn, row: &NewUse) -> QueryResult<()> {
    diesel::insert_into(part_use::table).values(row).execute(conn)?;
    Ok(())
}

/// What was stated of parts, in the order in which it was written down.
pub fn uses_of(conn: &mut Conn, ids: &[PartId]) -> Outcome<Vec<(PartId, Use)>> {
    let rows: Vec<(PartId, String, Moment)> = part_use::table
        .filter(part_use::part_id.eq_any(ids.iter().map(|id| id.0)))
        .order(part_use::id)
        .select((part_use::part_id, part_use::amount, part_use::at))
        .load(conn)?;
    let stated = |(id, text, at): (PartId, String, Moment)| {
        let amount = Decimal::parse(&text).map_err(Fault::broken)?;
        Ok((id, Use { amount, at }))
    };
    rows.into_iter().map(stated).collect()
}

/// When parts were issued.
pub fn issues_of(conn: &mut Conn, ids: &[PartId]) -> QueryResult<Vec<(PartId, Moment)>> {
    custody_event::table
        .filter(custody_event::part_id.eq_any(ids.iter().map(|id| id.0)))
        .filter(custody_event::event.eq(CustodyEvent::Issue.code()))
        .order(custody_event::id)
        .select((custody_event::part_id, custody_event::at))
        .load(conn)
}

/// The newest value of a cell that holds a portion.
#[derive(Queryable, Clone, Debug)]
pub struct WeighingRow {
    position: PositionId,
    pub sheet: WorksheetId,
    pub kind: String,
    pub label_code: String,
    /// The part of the item at the place.
    pub item_part: Option<PartId>,
    pub replicate: i64,
    pub value: String,
    pub unit: String,
    pub at: Moment,
}

/// What was weighed of samples, in the order of the places; of each cell the newest value.
pub fn weighings_of(conn: &mut Conn, ids: &[SampleId]) -> QueryResult<Vec<WeighingRow>> {
    let mut rows: Vec<WeighingRow> = result_entry::table
        .inner_join(worksheet_position::table.inner_join(test_item::table))
        .filter(result_entry::field.eq(PORTION))
        .filter(test_item::sample_id.eq_any(ids.iter().map(|id| id.0)))
        .order((result_entry::position_id, result_entry::replicate, result_entry::entry_no.desc()))
        .select((
            worksheet_position::id,
            worksheet_position::worksheet_id,
            worksheet_position::kind,
            worksheet_position::label_code,
            test_item::part_id,
            result_entry::replicate,
            result_entry::value,
            result_entry::unit,
            result_entry::at,
        ))
        .load(conn)?;
    rows.dedup_by_key(|row| (row.position, row.replicate));
    Ok(rows)
}
