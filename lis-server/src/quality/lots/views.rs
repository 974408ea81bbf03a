//! Lots as pages and programs see them.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde::Serialize;

use super::store::{self, LotRow};
use crate::db::Conn;
use crate::domain::ids::LotId;
use crate::domain::refusal::Outcome;

/// A lot as pages and programs see it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct LotView {
    pub id: i64,
    pub version: i64,
    pub code: String,
    pub kind: String,
    pub name: String,
    pub lot_no: String,
    pub supplier: String,
    pub certificate_no: String,
    pub concentration: String,
    pub unit: String,
    #[schema(value_type = String, format = Date)]
    pub received_on: NaiveDate,
    #[schema(value_type = Option<String>, format = Date)]
    pub opened_on: Option<NaiveDate>,
    #[schema(value_type = String, format = Date)]
    pub expires_on: NaiveDate,
    pub prepared_by: String,
    pub purity: String,
    pub storage: String,
    /// Codes of the lots that it was made of.
    pub parents: Vec<String>,
    /// Its last day of use is over on the day of the question.
    pub expired: bool,
}

/// Lots, newest first, on a day; three statements.
pub fn lots(conn: &mut Conn, before: i64, limit: i64, on: NaiveDate) -> Outcome<Vec<LotView>> {
    let rows = store::lots(conn, before, limit)?;
    views(conn, rows, on)
}

/// Two statements.
pub(super) fn views(conn: &mut Conn, rows: Vec<LotRow>, on: NaiveDate) -> Outcome<Vec<LotView>> {
    let ids: Vec<LotId> = rows.iter().map(|row| row.id).collect();
    let made_of = store::parents(conn, &ids)?;
    let parents: Vec<LotId> = made_of.iter().map(|(_, parent)| *parent).collect();
    let codes: HashMap<LotId, String> =
        store::by_ids(conn, &parents)?.into_iter().map(|row| (row.id, row.code)).collect();
    let view = |row: LotRow| LotView {
        id: row.id.0,
        version: row.version,
        parents: made_of
            .iter()
            .filter(|(lot, _)| *lot == row.id)
            .filter_map(|(_, parent)| codes.get(parent).cloned())
            .collect(),
        expired: row.expires_on < on,
        code: row.code,
        kind: row.kind,
        name: row.name,
        lot_no: row.lot_no,
        supplier: row.supplier,
        certificate_no: row.certificate_no,
        concentration: row.concentration.unwrap_or_default(),
        unit: row.unit,
        received_on: row.received_on,
        opened_on: row.opened_on,
        expires_on: row.expires_on,
        prepared_by: row.prepared_by,
        purity: row.purity,
        storage: row.storage,
    };
    Ok(rows.into_iter().map(view).collect())
}
