//! Tables of reports: their versions, from draft to issue, and the warnings that their signers went past.

use super::samples::sample;
use super::shared::stored_file;

diesel::table! {
    report (id) {
        id -> BigInt,
        version -> BigInt,
        report_no -> Text,
        sample_id -> BigInt,
        state -> Text,
        amends_id -> Nullable<BigInt>,
        amendment_reason -> Text,
        language -> Text,
        conclusion -> Text,
        document -> Text,
        verification_code -> Text,
        reviewer_id -> Nullable<BigInt>,
        reviewed_at -> Nullable<Timestamp>,
        signatory_id -> Nullable<BigInt>,
        authorized_at -> Nullable<Timestamp>,
        issued_at -> Nullable<Timestamp>,
        file_sha256 -> Nullable<Text>,
        created_at -> Timestamp,
        opinion -> Text,
        opinion_basis -> Text,
        opinion_by -> Nullable<BigInt>,
        opinion_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    report_confirmation (id) {
        id -> BigInt,
        report_id -> BigInt,
        version_no -> BigInt,
        warnings -> Text,
        reason -> Text,
        person_id -> BigInt,
        at -> Timestamp,
    }
}

diesel::joinable!(report -> sample (sample_id));
diesel::joinable!(report -> stored_file (file_sha256));
