//! Samples and their parts as programs see them.

use serde::Serialize;

use super::super::actions::Stay;
use super::super::facts::{PartFacts, SampleFacts};
use super::super::parts::Amounts;
use crate::domain::clock::Moment;
use crate::domain::ids::PartId;

/// A sample as the laboratory's programs see it.
#[derive(Serialize, utoipa::ToSchema)]
pub struct SampleView {
    pub id: i64,
    pub version: i64,
    pub sample_no: Option<String>,
    pub form_id: i64,
    pub form_no: String,
    pub sample_type: &'static str,
    pub state: &'static str,
    /// Empty: not on hold.
    pub hold_reason: String,
    pub sample_name: String,
    pub food_category: String,
    pub unit_name: String,
    pub producer_name: String,
    pub batch_no: String,
    #[schema(value_type = Option<String>, format = Date)]
    pub production_date: Option<chrono::NaiveDate>,
    /// Last day of the goods: as printed, else as production date and shelf life give it.
    #[schema(value_type = Option<String>, format = Date)]
    pub expiry_date: Option<chrono::NaiveDate>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub sampled_at: Option<Moment>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub arrived_at: Option<Moment>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub accepted_at: Option<Moment>,
    #[schema(value_type = Option<String>, format = Date)]
    pub due_on: Option<chrono::NaiveDate>,
    /// The calendar of the due date's year is not announced yet.
    pub due_provisional: bool,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Moment,
}

impl From<SampleFacts> for SampleView {
    fn from(facts: SampleFacts) -> Self {
        Self {
            id: facts.id.0,
            version: facts.version,
            sample_no: facts.sample_no,
            form_id: facts.form_id.0,
            form_no: facts.form_no,
            sample_type: facts.sample_type.code(),
            state: facts.state.code(),
            hold_reason: facts.hold_reason,
            sample_name: facts.sample_name,
            food_category: facts.food_category,
            unit_name: facts.unit_name,
            producer_name: facts.producer_name,
            batch_no: facts.batch_no,
            production_date: facts.production_date,
            expiry_date: facts.expiry_date,
            sampled_at: facts.sampled_at,
            arrived_at: facts.arrived_at,
            accepted_at: facts.accepted_at,
            due_on: facts.due_on,
            due_provisional: facts.due_provisional,
            created_at: facts.created_at,
        }
    }
}

/// A part of a sample.
#[derive(Serialize, utoipa::ToSchema)]
pub struct PartView {
    pub id: i64,
    pub version: i64,
    pub parent_id: Option<i64>,
    pub role: &'static str,
    pub label_code: String,
    pub quantity: String,
    pub unit: String,
    pub seal_no: String,
    pub location: String,
    pub custody: &'static str,
    pub holder_id: Option<i64>,
    pub retention: &'static str,
    #[schema(value_type = Option<String>, format = Date)]
    pub keep_until: Option<chrono::NaiveDate>,
}

impl From<PartFacts> for PartView {
    fn from(part: PartFacts) -> Self {
        Self {
            id: part.id.0,
            version: part.version,
            parent_id: part.parent_id.map(|id| id.0),
            role: part.role.code(),
            label_code: part.label_code.to_string(),
            quantity: part.quantity.to_string(),
            unit: part.unit,
            seal_no: part.seal_no,
            location: part.location,
            custody: part.custody.code(),
            holder_id: part.holder_id.map(|id| id.0),
            retention: part.retention.code(),
            keep_until: part.keep_until,
        }
    }
}

/// One sample with its form and parts.
#[derive(Serialize, utoipa::ToSchema)]
pub struct SampleDetail {
    #[serde(flatten)]
    pub sample: SampleView,
    /// The form as it was written, checked.
    #[schema(value_type = Object)]
    pub form: serde_json::Value,
    pub parts: Vec<PartView>,
    /// What became of each part.
    pub amounts: Vec<PartAmountsView>,
    /// Where its parts lay or lie, in the order in which they came there.
    pub stays: Vec<PartStayView>,
}

/// What became of a part, in its unit: `split_off`, `used`, `disposed` and `left` are together what was received.
#[derive(Serialize, utoipa::ToSchema)]
pub struct PartAmountsView {
    pub part_id: i64,
    pub received: String,
    /// In subsamples.
    pub split_off: String,
    /// By tests.
    pub used: String,
    /// What of it was weighed at the bench, and stated by nobody.
    pub weighed: String,
    pub disposed: String,
    /// Below zero: what was weighed is more than there was.
    pub left: String,
}

impl From<(PartId, Amounts)> for PartAmountsView {
    fn from((part, amounts): (PartId, Amounts)) -> Self {
        Self {
            part_id: part.0,
            received: amounts.received.to_string(),
            split_off: amounts.split_off.to_string(),
            used: amounts.used.to_string(),
            weighed: amounts.weighed.to_string(),
            disposed: amounts.disposed.to_string(),
            left: amounts.left.to_string(),
        }
    }
}

/// The stay of a part in a room.
#[derive(Serialize, utoipa::ToSchema)]
pub struct PartStayView {
    pub part_id: i64,
    pub room_id: i64,
    /// Code of the room.
    pub room: String,
    pub place: String,
    #[schema(value_type = String, format = DateTime)]
    pub began: Moment,
    /// None: it is still there.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended: Option<Moment>,
    /// Times in which the room lay outside its limits meanwhile.
    pub excursions: Vec<i64>,
}

impl From<Stay> for PartStayView {
    fn from(stay: Stay) -> Self {
        Self {
            part_id: stay.part_id.0,
            room_id: stay.room_id.0,
            room: stay.room_code,
            place: stay.place,
            began: stay.began,
            ended: stay.ended,
            excursions: stay.excursions.into_iter().map(|id| id.0).collect(),
        }
    }
}
