//! Samples: from the sampling form to storage and retention.
//!
//! A sample is born with its form: imported from the national system, written on the spot, or ordered by an enterprise. It
//! is received once (`actions::receive`), split into labelled parts, tested, and kept. [`state`] has the whole map;
//! whoever changes a sample goes through [`actions`], so that the log cannot be forgotten. Bench pages know only the label code
//! of a part, never the sample's number or firm.

pub mod actions;
pub mod api;
mod departures;
pub mod facts;
pub mod form;
pub mod import;
pub mod numbers;
mod offered;
pub mod order;
pub mod pages;
pub mod parts;
pub mod receipt;
pub mod rejection;
pub mod review;
pub mod shelf_life;
pub mod state;
mod stated;
mod store;
pub mod weighed;
pub mod words;

pub use form::{FormInput, SamplingForm};
pub use words::SampleType;

use crate::domain::ids::PersonId;
use crate::domain::refusal::Problem;

/// The name under which a sampler's device keeps the form that he has not sent yet.
pub fn draft_of(person: PersonId) -> String {
    format!("sampling-form/{person}")
}

/// Declares the codes of this room once, with the list of them.
macro_rules! problems {
    ($($name:ident = $code:literal, $status:literal;)*) => {
        $(pub const $name: Problem = Problem::new($code, $status);)*
        /// Codes declared in this room.
        pub const PROBLEMS: &[Problem] = &[$($name),*];
    };
}

problems! {
    FORM_NO_TAKEN = "form-no-taken", 409;
    CODE_OR_REASON = "code-or-reason", 422;
    LABEL_DATE_MISSING = "label-date-missing", 422;
    PRODUCED_AFTER_SAMPLING = "produced-after-sampling", 422;
    EXPIRES_BEFORE_PRODUCTION = "expires-before-production", 422;
    SAMPLED_IN_FUTURE = "sampled-in-future", 422;
    EXPIRED_WHEN_SAMPLED = "expired-when-sampled", 422;
    SHIPPED_BEFORE_SAMPLING = "shipped-before-sampling", 422;
    SHIPPED_TOO_LATE = "shipped-too-late", 422;
    QUANTITY_SUM = "quantity-sum", 422;
    LOT_TOO_SMALL = "lot-too-small", 422;
    BACKUP_MISSING = "backup-missing", 422;
    MICRO_UNITS_TOO_FEW = "micro-units-too-few", 422;
    SEALS_SAME = "seals-same", 422;
    SAMPLERS_SAME = "samplers-same", 422;
    SAMPLER_UNKNOWN = "sampler-unknown", 422;
    SAMPLER_NOT_AUTHORIZED = "sampler-not-authorized", 422;
    WRITER_NOT_SAMPLER = "writer-not-sampler", 422;
    DRAW_UNIT_DIFFERS = "draw-unit-differs", 422;
    DRAW_SAMPLERS_DIFFER = "draw-samplers-differ", 422;
    PLACE_NOT_OF_STAGE = "place-not-of-stage", 422;
    ITEMS_MISSING = "items-missing", 422;
    ITEM_UNKNOWN = "item-unknown", 422;
    ITEM_REPEATED = "item-repeated", 422;
    MAPPING_INVALID = "mapping-invalid", 422;
    MAPPING_VALUE = "mapping-value", 422;
    IMPORT_EMPTY = "import-empty", 422;
    IMPORT_TOO_LONG = "import-too-long", 422;
    IMPORT_ROWS_BAD = "import-rows-bad", 422;
    FORM_NO_REPEATED = "form-no-repeated", 422;
    SAMPLE_WRONG_STATE = "sample-wrong-state", 409;
    SAMPLE_ON_HOLD = "sample-on-hold", 409;
    PART_WRONG_STATE = "part-wrong-state", 409;
    ARRIVED_IN_FUTURE = "arrived-in-future", 422;
    ARRIVED_BEFORE_SAMPLING = "arrived-before-sampling", 422;
    CHECK_TEXT_MISSING = "check-text-missing", 422;
    CHECK_PICTURE_MISSING = "check-picture-missing", 422;
    CHECKS_FAILED = "checks-failed", 422;
    CHECK_APPLIES = "check-applies", 422;
    ARRIVED_LATE = "arrived-late", 422;
    EXPIRED_WHEN_RECEIVED = "expired-when-received", 422;
    EXPIRES_BEFORE_REPORT = "expires-before-report", 422;
    MORE_THAN_FORM = "more-than-form", 422;
    LESS_THAN_FORM = "less-than-form", 422;
    NOTE_ONLY_ENTRUSTED = "note-only-entrusted", 422;
    CONSENT_MISSING = "consent-missing", 422;
    METHOD_POINTED_OUT = "order-method-pointed-out", 422;
    ORDER_OUTSIDE_SCOPE = "order-outside-scope", 422;
    ORDER_NONE = "order-none", 409;
    ORDER_CLOSED = "order-closed", 409;
    TEMPERATURE_MISSING = "temperature-missing", 422;
    CAME_WARM = "came-warm", 422;
    HOLDER_UNKNOWN = "holder-unknown", 422;
    SPLIT_TOO_MUCH = "split-too-much", 422;
    USED_TOO_MUCH = "used-too-much", 422;
    PARTS_MISSING = "parts-missing", 422;
    PART_CHANGED = "part-changed", 412;
    PART_STILL_KEPT = "part-still-kept", 409;
    SAMPLE_NOT_CONCLUDED = "sample-not-concluded", 409;
    CASE_STILL_OPEN = "case-still-open", 409;
    PART_NOT_IN_STORE = "part-not-in-store", 409;
    RELEASER_DISPOSES = "releaser-disposes", 409;
    NOT_A_PICTURE = "not-a-picture", 422;
    PICTURE_KNOWN = "picture-known", 409;
    TREATMENT_NEEDED = "treatment-needed", 422;
}

/// Every route of the room.
pub fn routes() -> crate::web::routes::Routes {
    pages::routes().and(api::routes())
}
