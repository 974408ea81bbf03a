//! Tables of failing cases: relations, events, clocks, service and its notices, applications, acts, handling.

use super::accounts::{person, region};
use super::enterprises::enterprise;
use super::reports::report;
use super::samples::sample;

diesel::table! {
    failing_case (id) {
        id -> BigInt,
        version -> BigInt,
        case_no -> Text,
        sample_id -> BigInt,
        report_id -> BigInt,
        state -> Text,
        publicity -> Text,
        opened_at -> Timestamp,
        department -> Text,
    }
}

diesel::table! {
    case_relation (case_id, relation) {
        case_id -> BigInt,
        relation -> Text,
        region_code -> Text,
    }
}

diesel::table! {
    case_event (id) {
        id -> BigInt,
        case_id -> BigInt,
        event -> Text,
        report_id -> BigInt,
        at -> Timestamp,
    }
}

diesel::table! {
    case_acknowledgement (event_id, relation) {
        event_id -> BigInt,
        relation -> Text,
        person_id -> BigInt,
        at -> Timestamp,
    }
}

diesel::table! {
    case_clock (id) {
        id -> BigInt,
        version -> BigInt,
        case_id -> BigInt,
        clock -> Text,
        party -> Text,
        started_on -> Date,
        due_on -> Date,
        provisional -> Bool,
        ended_at -> Nullable<Timestamp>,
        started_at -> Nullable<Timestamp>,
        due_at -> Nullable<Timestamp>,
        stopped_at -> Nullable<Timestamp>,
        stopped_days -> BigInt,
    }
}

diesel::table! {
    case_service (id) {
        id -> BigInt,
        case_id -> BigInt,
        party -> Text,
        enterprise_id -> Nullable<BigInt>,
        notice_no -> Text,
        served_at -> Timestamp,
        how -> Text,
        person_id -> BigInt,
        at -> Timestamp,
    }
}

diesel::table! {
    case_notice (id) {
        id -> BigInt,
        service_id -> BigInt,
        document -> Text,
        file_sha256 -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    case_application (id) {
        id -> BigInt,
        version -> BigInt,
        case_id -> BigInt,
        kind -> Text,
        party -> Text,
        enterprise_id -> BigInt,
        ground -> Text,
        state -> Text,
        applied_at -> Timestamp,
        decided_at -> Nullable<Timestamp>,
        decision_reason -> Text,
    }
}

diesel::table! {
    case_handling (id) {
        id -> BigInt,
        case_id -> BigInt,
        document -> Text,
        person_id -> BigInt,
        at -> Timestamp,
    }
}

diesel::table! {
    case_act (id) {
        id -> BigInt,
        case_id -> BigInt,
        application_id -> Nullable<BigInt>,
        act -> Text,
        done_at -> Timestamp,
        note -> Text,
        until_on -> Nullable<Date>,
        person_id -> BigInt,
        at -> Timestamp,
    }
}

diesel::table! {
    urgent_finding (id) {
        id -> BigInt,
        version -> BigInt,
        sample_id -> BigInt,
        ground -> Text,
        confirmed_at -> Timestamp,
        due_at -> Timestamp,
        told_at -> Nullable<Timestamp>,
        told_how -> Text,
        person_id -> BigInt,
        at -> Timestamp,
    }
}

diesel::table! {
    rapid_test (id) {
        id -> BigInt,
        version -> BigInt,
        unit_name -> Text,
        product -> Text,
        item -> Text,
        kit -> Text,
        kit_lot -> Text,
        kit_expires_on -> Date,
        reading -> Text,
        verdict -> Text,
        tested_at -> Timestamp,
        told_at -> Timestamp,
        due_at -> Timestamp,
        asked_at -> Nullable<Timestamp>,
        ground -> Text,
        retest_id -> Nullable<BigInt>,
        person_id -> BigInt,
        at -> Timestamp,
        place -> Text,
        reader -> Text,
        tested_by -> Text,
        repeat_reading -> Text,
        repeat_verdict -> Text,
        handling -> Text,
        erased_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    rapid_picture (id) {
        id -> BigInt,
        rapid_id -> BigInt,
        sha256 -> Text,
        person_id -> BigInt,
        at -> Timestamp,
    }
}

diesel::joinable!(failing_case -> sample (sample_id));
diesel::joinable!(failing_case -> report (report_id));
diesel::joinable!(case_relation -> failing_case (case_id));
diesel::joinable!(case_relation -> region (region_code));
diesel::joinable!(case_event -> failing_case (case_id));
diesel::joinable!(case_event -> report (report_id));
diesel::joinable!(case_acknowledgement -> case_event (event_id));
diesel::joinable!(case_acknowledgement -> person (person_id));
diesel::joinable!(case_clock -> failing_case (case_id));
diesel::joinable!(case_service -> failing_case (case_id));
diesel::joinable!(case_service -> enterprise (enterprise_id));
diesel::joinable!(case_service -> person (person_id));
diesel::joinable!(case_application -> failing_case (case_id));
diesel::joinable!(case_application -> enterprise (enterprise_id));
diesel::joinable!(case_handling -> failing_case (case_id));
diesel::joinable!(case_handling -> person (person_id));
diesel::joinable!(case_act -> failing_case (case_id));
diesel::joinable!(case_act -> case_application (application_id));
diesel::joinable!(case_act -> person (person_id));
diesel::joinable!(urgent_finding -> sample (sample_id));
diesel::joinable!(urgent_finding -> person (person_id));
diesel::joinable!(rapid_test -> sample (retest_id));
diesel::joinable!(rapid_test -> person (person_id));
diesel::joinable!(rapid_picture -> rapid_test (rapid_id));
diesel::joinable!(rapid_picture -> person (person_id));
