//! The sampling form (抽样单, `records.md` 2): as it is written ([`FormInput`]) and as it is stored ([`SamplingForm`]). An
//! entrusted order becomes a form of the same shape with a contract.

mod check;
mod doubts;
pub mod fields;

pub use doubts::Doubt;
pub use fields::{FIELDS, FormInput, GROUPS};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::order::Contract;
use super::words::*;
use crate::domain::clock::Moment;
use crate::domain::decimal::Decimal;
use crate::domain::identifiers::{CreditCode, Ean13, RegionCode};
use crate::domain::ids::{DrawId, PersonId, PlanLineId};
use crate::enterprises::Stage;
use crate::judgement::claim::Claim;
use crate::judgement::concentration::StatedFactor;

/// A checked form; empty texts and `None` were left out. Stored as JSON in `sampling_form.document`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SamplingForm {
    /// Printed number; empty until the laboratory gives one (forms of its own, orders).
    pub form_no: String,
    pub source: FormSource,
    pub task_category: TaskCategory,
    /// 任务来源, the ordering authority; for an order the client.
    pub ordering_name: String,
    pub ordering_region: Option<RegionCode>,
    /// `None`: a market supervision department, or nobody's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ordering_department: Option<Department>,
    pub plan_line_id: Option<PlanLineId>,
    pub draw_id: Option<DrawId>,
    /// Why another unit was visited, or by others, than the draw says.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub draw_deviation: String,

    pub unit_name: String,
    pub unit_uscc: Option<CreditCode>,
    pub no_uscc_reason: String,
    pub unit_licence_no: String,
    pub unit_address: String,
    pub unit_region: Option<RegionCode>,
    pub area_type: Option<AreaType>,
    pub legal_person: String,
    pub contact: String,
    pub phone: String,
    /// In 10,000 yuan.
    pub annual_sales: Option<Decimal>,
    pub stage: Option<Stage>,
    pub place: Option<Place>,
    pub gps: String,

    pub sample_name: String,
    /// `category` of the yearly rules, or `tree:id` of a limit standard's classes.
    pub food_category: String,
    pub sample_source: Option<SampleSource>,
    pub sample_attr: Option<SampleAttr>,
    /// 样品类型: what kind of goods.
    pub goods_type: Option<GoodsType>,
    pub packing: Option<Packing>,
    pub brand: String,
    pub spec: String,
    pub date_kind: Option<DateKind>,
    pub production_date: Option<NaiveDate>,
    pub shelf_life: String,
    pub expiry_date: Option<NaiveDate>,
    pub batch_no: String,
    pub product_std: String,
    pub grade: String,
    pub barcode: Option<Ean13>,
    pub form_state: Option<FormState>,
    pub storage: Vec<Storage>,
    pub storage_range: String,
    /// In yuan.
    pub unit_price: Option<Decimal>,
    pub purchase_receipt_no: String,
    pub is_export: bool,
    pub is_import: bool,
    pub import_country: String,
    pub importer: String,

    pub lot_size: Option<Decimal>,
    pub lot_unit: String,
    /// Test and backup together.
    pub qty_total: Option<Decimal>,
    pub qty_test: Option<Decimal>,
    pub qty_backup: Option<Decimal>,
    pub qty_unit: String,
    /// Independent packages for microbiology; 0 when there are none.
    pub micro_units: u32,
    pub sampling_mode: Option<SamplingMode>,
    pub container: Option<Container>,
    pub seal_test_no: String,
    pub seal_backup_no: String,
    pub ship_deadline: Option<NaiveDate>,
    pub ship_to: String,

    pub producer_name: String,
    pub producer_address: String,
    pub producer_region: Option<RegionCode>,
    pub producer_licence: String,
    pub producer_contact: String,
    pub producer_phone: String,
    pub third_party_kind: Option<ThirdParty>,
    pub third_party_name: String,
    pub third_party_address: String,
    pub third_party_phone: String,

    pub online_platform: String,
    pub online_platform_region: Option<RegionCode>,
    pub online_shop: String,
    pub online_order_no: String,
    pub online_address: String,
    pub online_account: String,
    pub online_video: String,

    pub sampling_unit: String,
    pub sampling_unit_address: String,
    pub sampling_unit_phone: String,
    pub sampler1: String,
    pub sampler2: String,
    /// Who of the laboratory they are; `None`: somebody of another body, or several bear the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sampler1_id: Option<PersonId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sampler2_id: Option<PersonId>,
    pub unit_signed_by: String,
    /// 拒签: what two samplers noted, and who witnessed it.
    pub refusal_note: String,
    pub witness: String,
    pub producer_signed_by: String,
    pub sampled_at: Option<Moment>,
    pub photos: Vec<String>,
    pub remark: String,

    /// Of an entrusted order.
    pub contract: Option<Contract>,

    /// 明示值: what the label says of what may be tested; judged beside the limits of the items that the implementing rules ask
    /// for. An order has its claims with its items.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub label_claims: Vec<LabelClaim>,

    /// By which factor a concentrated, dried or diluted product is judged, as its label or maker says. An order has its factors
    /// with its items.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limit_factors: Vec<AnalyteFactor>,

    /// What was doubtful when it came in and was not refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<Doubt>,
}

/// What a label claims of one analyte.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelClaim {
    /// Key of the catalogue's analyte.
    pub analyte: String,
    pub claim: Claim,
}

/// A factor of the product, as it holds for one analyte.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnalyteFactor {
    /// Key of the catalogue's analyte.
    pub analyte: String,
    pub stated: StatedFactor,
}

impl SamplingForm {
    /// The fields as the form shows them, for pages: name and text, only what is filled in.
    pub fn shown(&self) -> Vec<(&'static str, String)> {
        let Ok(serde_json::Value::Object(values)) = serde_json::to_value(self) else {
            return Vec::new();
        };
        let text = |value: &serde_json::Value| match value {
            serde_json::Value::String(text) => text.clone(),
            serde_json::Value::Bool(true) => "yes".to_owned(),
            serde_json::Value::Number(number) if number.as_u64() != Some(0) => number.to_string(),
            _ => String::new(),
        };
        FIELDS
            .iter()
            .filter_map(|field| {
                let shown = match (field.name, self.sampled_at) {
                    ("sampled_at", Some(at)) => at.to_string(),
                    ("label_claims", _) => self.claimed(),
                    ("limit_factors", _) => self.concentrated(),
                    _ => values.get(field.name).map(text).unwrap_or_default(),
                };
                (!shown.is_empty()).then_some((field.name, shown))
            })
            .collect()
    }
}

impl SamplingForm {
    /// Whether nothing is there to be tested again: microbiology is not, and what only watches a risk has no re-inspection.
    pub fn needs_no_backup(&self) -> bool {
        let only_microbiology = self.micro_units > 0 && self.sampling_mode == Some(SamplingMode::Aseptic);
        only_microbiology || self.task_category == TaskCategory::RiskMonitoring
    }

    fn claimed(&self) -> String {
        let line = |one: &LabelClaim| format!("{} {}", one.analyte, one.claim);
        self.label_claims.iter().map(line).collect::<Vec<_>>().join("; ")
    }

    fn concentrated(&self) -> String {
        let line = |one: &AnalyteFactor| format!("{} {}", one.analyte, one.stated);
        self.limit_factors.iter().map(line).collect::<Vec<_>>().join("; ")
    }
}

pub use check::{Circumstances, transport_deadline};
pub(super) use check::{label_dates, not_negative, storage};

/// A checked form for the tests of this room: 3.0 kg with 1.0 kg backup, seals F0001 and F0002.
#[cfg(test)]
pub(super) fn example() -> SamplingForm {
    check::example()
}

impl SamplingForm {
    /// An empty form of a client: everything that the registry knows of him, nothing of the goods.
    pub(super) fn of_client(client: &crate::enterprises::EnterpriseFacts) -> Self {
        Self {
            form_no: String::new(),
            source: FormSource::Entrusted,
            task_category: TaskCategory::Entrusted,
            ordering_name: client.name.clone(),
            ordering_region: None,
            ordering_department: None,
            plan_line_id: None,
            draw_id: None,
            draw_deviation: String::new(),
            unit_name: client.name.clone(),
            unit_uscc: client.uscc.clone(),
            no_uscc_reason: String::new(),
            unit_licence_no: client.licence_no.clone(),
            unit_address: client.address.clone(),
            // Nobody sampled at the client's: the authority of his place has nothing to do with what he orders.
            unit_region: None,
            area_type: None,
            legal_person: String::new(),
            contact: String::new(),
            phone: String::new(),
            annual_sales: None,
            stage: Some(client.stage),
            place: None,
            gps: String::new(),
            sample_name: String::new(),
            food_category: String::new(),
            sample_source: None,
            sample_attr: None,
            goods_type: None,
            packing: None,
            brand: String::new(),
            spec: String::new(),
            date_kind: None,
            production_date: None,
            shelf_life: String::new(),
            expiry_date: None,
            batch_no: String::new(),
            product_std: String::new(),
            grade: String::new(),
            barcode: None,
            form_state: None,
            storage: Vec::new(),
            storage_range: String::new(),
            unit_price: None,
            purchase_receipt_no: String::new(),
            is_export: false,
            is_import: false,
            import_country: String::new(),
            importer: String::new(),
            lot_size: None,
            lot_unit: String::new(),
            qty_total: None,
            qty_test: None,
            qty_backup: None,
            qty_unit: String::new(),
            micro_units: 0,
            sampling_mode: None,
            container: None,
            seal_test_no: String::new(),
            seal_backup_no: String::new(),
            ship_deadline: None,
            ship_to: String::new(),
            producer_name: String::new(),
            producer_address: String::new(),
            producer_region: None,
            producer_licence: String::new(),
            producer_contact: String::new(),
            producer_phone: String::new(),
            third_party_kind: None,
            third_party_name: String::new(),
            third_party_address: String::new(),
            third_party_phone: String::new(),
            online_platform: String::new(),
            online_platform_region: None,
            online_shop: String::new(),
            online_order_no: String::new(),
            online_address: String::new(),
            online_account: String::new(),
            online_video: String::new(),
            sampling_unit: String::new(),
            sampling_unit_address: String::new(),
            sampling_unit_phone: String::new(),
            sampler1: String::new(),
            sampler2: String::new(),
            sampler1_id: None,
            sampler2_id: None,
            unit_signed_by: String::new(),
            refusal_note: String::new(),
            witness: String::new(),
            producer_signed_by: String::new(),
            sampled_at: None,
            photos: Vec::new(),
            remark: String::new(),
            contract: None,
            label_claims: Vec::new(),
            limit_factors: Vec::new(),
            doubts: Vec::new(),
        }
    }
}
