//! The fields of the sampling form (`records.md` 2), each once: name, group on the page, and how it is filled in. The input
//! of people, of programs and of an import's mapping is made of them.

use serde::{Deserialize, Serialize};

use crate::samples::order::{CLAIMS_MOST, FACTORS_MOST};
use crate::samples::words::*;

/// How a field is filled in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// One line, at most so many characters.
    Text(usize),
    /// Several lines.
    Lines(usize),
    Date,
    /// Date and time in China.
    Moment,
    Decimal,
    Whole,
    /// The beginning of the message keys, and the codes.
    Choice(&'static str, &'static [&'static str]),
    /// A region of the table of regions.
    Region,
    /// A class of the yearly rules or of a limit standard.
    Category,
}

/// One field of the form.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    pub name: &'static str,
    pub group: &'static str,
    pub kind: Kind,
    /// Marked as required on the page; the checks decide.
    pub required: bool,
}

macro_rules! choice {
    ($list:ident) => {
        Kind::Choice($list::LIST, $list::CODES)
    };
}

const STAGES: Kind = Kind::Choice("stage", &["production", "trade", "catering"]);
const YES_NO: Kind = choice!(YesNo);

/// Declares the input with one text per field, and the list of the fields.
macro_rules! form_fields {
    ($($group:literal { $($name:ident: $kind:expr $(, $required:ident)?;)* })*) => {
        /// A sampling form as it is written: every field is text, checked by `checked`. Texts are as in `records.md` 2; lists are
        /// given by their codes, dates as `2026-11-16`, times in China as `2026-11-16 08:00` or RFC 3339.
        #[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
        #[serde(default, deny_unknown_fields)]
        pub struct FormInput {
            $($(pub $name: String,)*)*
            /// Codes of `storage`; several may hold.
            pub storage: Vec<String>,
            /// SHA-256 of stored pictures.
            pub photos: Vec<String>,
        }

        /// Every field but `storage` and `photos`, in the order of the form.
        pub const FIELDS: &[Field] = &[
            $($(Field { name: stringify!($name), group: $group, kind: $kind, required: form_fields!(@ $($required)?) },)*)*
        ];

        impl FormInput {
            /// The text of a field; several values are joined. Empty for a name that is no field.
            pub fn get(&self, name: &str) -> String {
                match name {
                    $($(stringify!($name) => self.$name.clone(),)*)*
                    "storage" => self.storage.join(";"),
                    "photos" => self.photos.join(";"),
                    _ => String::new(),
                }
            }

            /// Sets a field by name; `false` when there is none.
            pub fn set(&mut self, name: &str, value: String) -> bool {
                match name {
                    $($(stringify!($name) => self.$name = value,)*)*
                    "storage" => self.storage = list(&value),
                    "photos" => self.photos = list(&value),
                    _ => return false,
                }
                true
            }
        }
    };
    (@) => { false };
    (@ required) => { true };
}

/// Several values in one cell, separated by a comma or semicolon of either width.
fn list(text: &str) -> Vec<String> {
    text.split([';', ',', '；', '，', '、']).map(str::trim).filter(|one| !one.is_empty()).map(str::to_owned).collect()
}

form_fields! {
    "task" {
        form_no: Kind::Text(32);
        task_category: choice!(TaskCategory), required;
        ordering_name: Kind::Text(120), required;
        ordering_region: Kind::Region, required;
        ordering_department: choice!(Department);
        plan_line_id: Kind::Whole;
        draw_id: Kind::Whole;
        draw_deviation: Kind::Text(200);
    }
    "unit" {
        unit_name: Kind::Text(120), required;
        unit_uscc: Kind::Text(18);
        no_uscc_reason: Kind::Text(120);
        unit_licence_no: Kind::Text(32);
        unit_address: Kind::Text(200), required;
        unit_region: Kind::Region, required;
        area_type: choice!(AreaType), required;
        legal_person: Kind::Text(40);
        contact: Kind::Text(40), required;
        phone: Kind::Text(20), required;
        annual_sales: Kind::Decimal;
        stage: STAGES, required;
        place: choice!(Place), required;
        gps: Kind::Text(60);
    }
    "goods" {
        sample_name: Kind::Text(120), required;
        food_category: Kind::Category, required;
        sample_source: choice!(SampleSource), required;
        sample_attr: choice!(SampleAttr), required;
        goods_type: choice!(GoodsType), required;
        packing: choice!(Packing), required;
        brand: Kind::Text(60);
        spec: Kind::Text(60);
        date_kind: choice!(DateKind);
        production_date: Kind::Date;
        shelf_life: Kind::Text(30);
        expiry_date: Kind::Date;
        batch_no: Kind::Text(60);
        product_std: Kind::Text(80);
        grade: Kind::Text(30);
        label_claims: Kind::Lines(CLAIMS_MOST);
        limit_factors: Kind::Lines(FACTORS_MOST);
        barcode: Kind::Text(14);
        form_state: choice!(FormState), required;
        storage_range: Kind::Text(60);
        unit_price: Kind::Decimal, required;
        purchase_receipt_no: Kind::Text(40);
        is_export: YES_NO;
        is_import: YES_NO;
        import_country: Kind::Text(60);
        importer: Kind::Text(120);
    }
    "quantity" {
        lot_size: Kind::Decimal, required;
        lot_unit: Kind::Text(16), required;
        qty_total: Kind::Decimal, required;
        qty_test: Kind::Decimal;
        qty_backup: Kind::Decimal;
        qty_unit: Kind::Text(16), required;
        micro_units: Kind::Whole;
        sampling_mode: choice!(SamplingMode), required;
        container: choice!(Container);
        seal_test_no: Kind::Text(40), required;
        seal_backup_no: Kind::Text(40);
        ship_deadline: Kind::Date, required;
        ship_to: Kind::Text(200), required;
    }
    "producer" {
        producer_name: Kind::Text(120);
        producer_address: Kind::Text(200);
        producer_region: Kind::Region;
        producer_licence: Kind::Text(18);
        producer_contact: Kind::Text(40);
        producer_phone: Kind::Text(20);
        third_party_kind: choice!(ThirdParty);
        third_party_name: Kind::Text(120);
        third_party_address: Kind::Text(200);
        third_party_phone: Kind::Text(20);
    }
    "online" {
        online_platform: Kind::Text(120);
        online_platform_region: Kind::Region;
        online_shop: Kind::Text(120);
        online_order_no: Kind::Text(60);
        online_address: Kind::Text(200);
        online_account: Kind::Text(60);
        online_video: Kind::Text(200);
    }
    "people" {
        sampling_unit: Kind::Text(120), required;
        sampling_unit_address: Kind::Text(200);
        sampling_unit_phone: Kind::Text(20);
        sampler1: Kind::Text(40), required;
        sampler2: Kind::Text(40), required;
        unit_signed_by: Kind::Text(40);
        refusal_note: Kind::Text(200);
        witness: Kind::Text(40);
        producer_signed_by: Kind::Text(40);
        sampled_at: Kind::Moment, required;
        remark: Kind::Lines(500);
    }
}

/// The groups in the order of the form.
pub const GROUPS: &[&str] = &["task", "unit", "goods", "quantity", "producer", "online", "people"];

/// A field by its name.
pub fn field(name: &str) -> Option<&'static Field> {
    FIELDS.iter().find(|field| field.name == name)
}

/// Whether a mapping may name it.
pub fn is_field(name: &str) -> bool {
    matches!(name, "storage" | "photos") || field(name).is_some()
}
