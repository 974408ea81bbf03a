//! What pages and programs see of items at other laboratories, and one item at hand for whoever plans its test.

use chrono::NaiveDate;
use serde::Serialize;

use super::super::planning::{WaitingItem, waiting_items};
use super::super::state::ItemState;
use super::super::store::{self as bench, ItemFilter, ItemRow};
use super::consent::{Consent, consent_of};
use super::register::{SubcontractorView, subcontractors};
use super::store::{self, SentRow};
use crate::db::Conn;
use crate::domain::ids::ItemId;
use crate::domain::refusal::{NOT_FOUND, Outcome};
use crate::samples::actions as samples;
use crate::samples::facts::{PartFacts, SampleFacts};

/// More than any laboratory sends its samples to.
const REGISTER_MOST: i64 = 500;

/// An item at another laboratory.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SubcontractedItem)]
pub struct SentItem {
    pub id: i64,
    pub version: i64,
    pub label_code: String,
    pub analyte: String,
    pub analyte_zh: String,
    pub analyte_en: String,
    pub method_standard: String,
    pub subcontractor: String,
    pub accreditation_no: String,
    #[schema(value_type = String, format = Date)]
    pub sent_on: NaiveDate,
}

/// Items at other laboratories, in order of id.
pub fn sent_items(conn: &mut Conn, after: i64, limit: i64) -> Outcome<Vec<SentItem>> {
    let filter = ItemFilter { states: vec![ItemState::Subcontracted.code()], after, ..ItemFilter::default() };
    let found = waiting_items(conn, &filter, limit)?;
    let ids: Vec<ItemId> = found.iter().map(|item| ItemId(item.id)).collect();
    let sent = store::sent(conn, &ids)?;
    let view = |item: WaitingItem| {
        let sent = sent.iter().find(|row| row.item_id.0 == item.id)?;
        Some(SentItem {
            id: item.id,
            version: item.version,
            label_code: item.label_code,
            analyte: item.analyte,
            analyte_zh: item.analyte_zh,
            analyte_en: item.analyte_en,
            method_standard: item.method_standard,
            subcontractor: sent.name.clone(),
            accreditation_no: sent.accreditation_no.clone(),
            sent_on: sent.sent_on,
        })
    };
    Ok(found.into_iter().filter_map(view).collect())
}

/// One item with everything that decides who tests it.
pub struct Handling {
    pub item: ItemRow,
    pub sample: SampleFacts,
    pub parts: Vec<PartFacts>,
    pub consent: Option<Consent>,
    /// Where it is, while it is at another laboratory.
    pub sent: Option<SentRow>,
    pub subcontractors: Vec<SubcontractorView>,
}

pub fn handling(conn: &mut Conn, id: ItemId, today: NaiveDate) -> Outcome<Handling> {
    let item = bench::items(conn, &[id])?.pop().ok_or(NOT_FOUND)?;
    let sample = samples::facts(conn, item.sample_id)?;
    let is_away = item.state == ItemState::Subcontracted.code();
    let sent = if is_away { store::sent(conn, &[id])?.into_iter().next() } else { None };
    Ok(Handling {
        parts: samples::parts_of(conn, &[item.sample_id])?,
        consent: consent_of(conn, &sample)?,
        subcontractors: subcontractors(conn, 0, REGISTER_MOST, today)?,
        item,
        sample,
        sent,
    })
}
