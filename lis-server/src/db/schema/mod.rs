//! The tables as diesel sees them, the same for both databases: one file per room, named here as `schema::<table>`. A
//! guard test compares these files with what the migrations make.

/// Lets tables stand in one query, each with each. As diesel's `allow_tables_to_appear_in_same_query!`, without the forms that
/// no query here uses (`ONLY`, `TABLESAMPLE`): those are four more impls a pair, of which the compiler compares every one
/// with every other; that took a quarter of its time (decision 0013).
macro_rules! may_be_joined {
    ($first:ident, $($other:ident),+ $(,)?) => {
        $(
            impl diesel::query_source::TableNotEqual<$first::table> for $other::table {}
            impl diesel::query_source::TableNotEqual<$other::table> for $first::table {}
        )+
        may_be_joined!($($other),+);
    };
    ($last:ident) => {};
}

mod accounts;
mod audit;
mod campaigns;
mod cases;
mod catalogue;
mod enterprises;
mod instruments;
mod quality;
mod reports;
mod samples;
mod shared;
mod spot_checks;
mod testing;
mod upkeep;

pub use accounts::*;
pub use audit::*;
pub use campaigns::*;
pub use cases::*;
pub use catalogue::*;
pub use enterprises::*;
pub use instruments::*;
pub use quality::*;
pub use reports::*;
pub use samples::*;
pub use shared::*;
pub use spot_checks::*;
pub use testing::*;
pub use upkeep::*;

// Tables that some query joins. The compiler pays for every pair, so a table that is always read alone is not here.
may_be_joined!(
    audit_entry,
    audit_pending,
    log_link,
    feed_index,
    person,
    person_role,
    session,
    api_token,
    signing_grant,
    enterprise,
    campaign,
    campaign_response,
    campaign_rejection,
    sampling_plan,
    plan_line,
    random_draw,
    draw_unit,
    draw_sampler,
    sampling_form,
    sample,
    part,
    custody_event,
    part_stay,
    instrument,
    instrument_message,
    message_content,
    person_authorization,
    worksheet,
    lot,
    worksheet_lot,
    test_item,
    worksheet_position,
    observation,
    result_entry,
    qc_verdict,
    qc_release,
    qc_control_release,
    result_version,
    signature,
    capture_target,
    evidence_link,
    instrument_profile,
    report,
    nonconforming_work,
    nonconforming_item,
    chart_limits,
    proficiency_round,
    complaint,
    room_recipient,
    failing_case,
    case_relation,
    case_event,
    case_acknowledgement,
    case_clock,
    case_service,
);

// Pairs that nothing else is joined with.
may_be_joined!(calibration, calibration_confirmation);
may_be_joined!(calibration_file, stored_file);
may_be_joined!(case_application, case_relation);

/// Every table, each after those that it refers to. Moving a laboratory walks this list; a guard test compares it
/// with the database.
pub const TABLES: &[&str] = &[
    "audit_entry",
    "audit_pending",
    "log_head",
    "log_link",
    "feed_index",
    "region",
    "person",
    "person_role",
    "personal_key",
    "erasure",
    "session",
    "api_token",
    "signing_grant",
    "idempotency",
    "number_series",
    "catalogue_set",
    "enterprise",
    "campaign",
    "campaign_response",
    "campaign_rejection",
    "campaign_witness",
    "sampling_plan",
    "plan_line",
    "random_draw",
    "draw_unit",
    "draw_sampler",
    "form_import",
    "sampling_form",
    "sample",
    "part",
    "custody_event",
    "part_use",
    "retention_event",
    "sample_receipt",
    "order_review",
    "instrument",
    "agent_stream",
    "agent_port",
    "link_settings",
    "instrument_message",
    "message_content",
    "message_reading",
    "intake_lease",
    "code_mapping",
    "port_lease",
    "person_authorization",
    "worksheet",
    "test_item",
    "worksheet_position",
    "observation",
    "result_entry",
    "qc_verdict",
    "qc_release",
    "qc_control_release",
    "result_version",
    "check_confirmation",
    "subcontractor",
    "subcontract_consent",
    "subcontract",
    "signature",
    "capture_target",
    "instrument_dispatch",
    "dispatch_outcome",
    "evidence_link",
    "stored_file",
    "form_picture",
    "rejection_note",
    "instrument_profile",
    "report",
    "report_confirmation",
    "lot",
    "lot_parent",
    "lot_receipt",
    "supplier",
    "nonconforming_work",
    "nonconforming_item",
    "chart_limits",
    "westgard_setting",
    "gate_setting",
    "gate_confirmation",
    "instrument_status",
    "calibration",
    "calibration_file",
    "calibration_confirmation",
    "instrument_upkeep",
    "worksheet_lot",
    "proficiency_round",
    "comparison",
    "complaint",
    "accredited_scope",
    "room",
    "room_limits",
    "room_reading",
    "room_excursion",
    "room_recipient",
    "room_separation",
    "part_stay",
    "competence_record",
    "declaration",
    "method_verification",
    "controlled_document",
    "validation_run",
    "program_validation",
    "transfer_check",
    "upkeep_run",
    "upkeep_action",
    "mail",
    "job",
    "failing_case",
    "case_relation",
    "case_event",
    "case_acknowledgement",
    "case_clock",
    "case_service",
    "case_notice",
    "case_application",
    "case_handling",
    "case_act",
    "urgent_finding",
    "rapid_test",
    "rapid_picture",
];
