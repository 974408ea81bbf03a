//! The use cases of testing, each in its own file; other rooms call them here.

pub use super::authorizations::{
    ACTIVITIES, AUTHORIZATION_COLUMNS, AuthorizationInput, AuthorizationRows, AuthorizationView, Coverage, OPINION,
    REVIEW, TEST, authorizations, authorizations_ending, end_authorization, grant_authorization, keep_authorizations,
    read_authorizations,
};
pub use super::before_check::{PlaceRead, ToCheck, to_check};
pub use super::cancelling::{ItemReasonInput, ItemStepped, cancel};
pub use super::checking::{
    Checked, Evidence, ItemFacts, ItemSeen, check, evidence, failed_controls, failed_of, finalize, items_of,
};
pub use super::choosing::{Offered, offered};
pub use super::concentrating::{
    FactorStated, FactorVersion, ItemFactor, LimitFactorInput, ON_FORM, ORDERED, RECEIVED, state_factor,
    versions as factor_versions,
};
pub use super::confirming::Checking;
pub use super::correcting::{Corrected, CorrectionInput, correct_entry};
pub use super::corrections::Applied;
pub use super::deciding::{Decided, DecisionInput, VERDICTS, decide};
pub use super::deviating::{Deviates, Deviation, DeviationInput, deviate};
pub use super::entering::{EntryInput, Saved, save_entries};
pub use super::gating::{Bench, LotsInput, LotsSet, Submission, SubmissionInput, confirmed, set_lots};
pub use super::judged::RecordResult;
pub use super::ordering::{ItemMethodInput, OrderItemAdded, OrderItemInput, add_item, change_method};
pub use super::places::is_standard_label;
pub use super::planning::{
    Assigned, Assignment, OrderedItem, SampleToTest, WaitingItem, assign, plan_items, waiting_items,
};
pub use super::raw_record::{RawRecord, RecordCell, RecordEntry, RecordPlace, raw_record};
pub use super::readings::{
    Filing, Finding, Foreseen, HeldReason, Reading, cell_to_fill, file_reading, file_readings, foresee_readings,
    label_of, unplaced,
};
pub use super::releasing::{ReleaseFacts, ReleaseInput, Released, release};
pub use super::repeating::{RepeatInput, order_repeat, order_repeat_in_review, repeat_affected};
pub use super::replaying::{Differing, Replayed, replay_after};
pub use super::results::{Submitted, replay, submit};
pub use super::traceability::{Link, Traceability, traceability};
pub use super::views::{
    CellView, CurveView, FieldView, FormView, ListedSheet, OverdrawnView, PositionView, SheetView, UsedLotView,
    bench_page, sheet_view, worksheets,
};
pub use super::worklists::{
    Dispatched, SendInput, WaitingTest, dispatches_of, open_sheets, send_to_instrument, sequence_file, waiting_tests,
};
pub use super::worksheets::{OpenInput, Opened, open_worksheet};
