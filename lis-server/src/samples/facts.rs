//! What other rooms and pages know of a sample and its parts.

use chrono::NaiveDate;

use super::form::SamplingForm;
use super::state::{Custody, Retention, SampleState};
use super::words::{PartRole, SampleType};
use crate::domain::clock::Moment;
use crate::domain::decimal::Decimal;
use crate::domain::identifiers::{LabelCode, RegionCode};
use crate::domain::ids::{EnterpriseId, FormId, PartId, PersonId, SampleId};

/// A sample with its form.
#[derive(Clone, Debug)]
pub struct SampleFacts {
    pub id: SampleId,
    pub version: i64,
    pub sample_no: Option<String>,
    pub sample_type: SampleType,
    pub state: SampleState,
    /// Empty: not on hold.
    pub hold_reason: String,
    pub form_id: FormId,
    pub form_no: String,
    pub form: SamplingForm,
    pub ordering_name: String,
    pub ordering_region: Option<RegionCode>,
    pub unit_id: Option<EnterpriseId>,
    pub unit_name: String,
    pub unit_region: Option<RegionCode>,
    pub producer_id: Option<EnterpriseId>,
    pub producer_name: String,
    pub producer_region: Option<RegionCode>,
    pub platform_region: Option<RegionCode>,
    /// The enterprise that ordered an entrusted test.
    pub client_id: Option<EnterpriseId>,
    pub sample_name: String,
    pub food_category: String,
    pub production_date: Option<NaiveDate>,
    /// Last day of the goods: as printed, else as production date and shelf life give it.
    pub expiry_date: Option<NaiveDate>,
    pub batch_no: String,
    pub sampled_at: Option<Moment>,
    pub arrived_at: Option<Moment>,
    pub accepted_at: Option<Moment>,
    pub due_on: Option<NaiveDate>,
    pub due_provisional: bool,
    pub entered_by: PersonId,
    pub created_at: Moment,
}

impl SampleFacts {
    /// The number people know it by: its own, or the form's before it has one.
    pub fn no(&self) -> &str {
        self.sample_no.as_deref().unwrap_or(&self.form_no)
    }
}

/// A labelled part of a sample.
#[derive(Clone, Debug)]
pub struct PartFacts {
    pub id: PartId,
    pub version: i64,
    pub sample_id: SampleId,
    pub parent_id: Option<PartId>,
    pub role: PartRole,
    pub label_code: LabelCode,
    pub quantity: Decimal,
    pub unit: String,
    pub seal_no: String,
    pub location: String,
    pub custody: Custody,
    pub holder_id: Option<PersonId>,
    pub retention: Retention,
    pub keep_until: Option<NaiveDate>,
}
