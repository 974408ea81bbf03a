//! The use cases of subcontracting.

pub use super::consent::{Consent, ConsentInput, ConsentSaved, consent_of, record_consent};
pub use super::receiving::{ForeignReport, ResultInput, ResultReceived, receive_result, report_file};
pub use super::register::{
    SubcontractorInput, SubcontractorSaved, SubcontractorView, add_subcontractor, change_subcontractor, subcontractor,
    subcontractors,
};
pub use super::sending::{SendingInput, subcontract, take_back};
pub use super::shown::{Handling, SentItem, handling, sent_items};
