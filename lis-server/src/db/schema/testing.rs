//! Tables of testing: authorizations, worksheets, items, entries, versions of results, what other laboratories test.

use super::accounts::person;
use super::catalogue::catalogue_set;
use super::instruments::{instrument, observation};
use super::samples::{part, sample};

diesel::table! {
    person_authorization (id) {
        id -> BigInt,
        version -> BigInt,
        person_id -> BigInt,
        method_standard -> Text,
        activity -> Text,
        valid_from -> Date,
        valid_until -> Date,
        granted_by -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    worksheet (id) {
        id -> BigInt,
        version -> BigInt,
        worksheet_no -> Text,
        method_standard -> Text,
        method_key -> Text,
        tester_id -> BigInt,
        instrument_id -> Nullable<BigInt>,
        state -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    test_item (id) {
        id -> BigInt,
        version -> BigInt,
        sample_id -> BigInt,
        part_id -> Nullable<BigInt>,
        seq -> BigInt,
        analyte -> Text,
        analyte_zh -> Text,
        analyte_en -> Text,
        method_standard -> Text,
        method_key -> Text,
        limit_standards -> Text,
        food -> Text,
        produced_on -> Date,
        unit -> Text,
        state -> Text,
        tester_id -> Nullable<BigInt>,
        worksheet_id -> Nullable<BigInt>,
        checker_id -> Nullable<BigInt>,
        result_id -> Nullable<BigInt>,
        verdict -> Text,
        created_at -> Timestamp,
        derived -> Bool,
        guard_band -> Bool,
        deviation -> Text,
        rules_edition -> Text,
        permitted_methods -> Text,
        label_claim -> Text,
        limit_factor -> Text,
    }
}

diesel::table! {
    worksheet_position (id) {
        id -> BigInt,
        worksheet_id -> BigInt,
        place -> BigInt,
        kind -> Text,
        item_id -> Nullable<BigInt>,
        label_code -> Text,
        target -> Text,
    }
}

diesel::table! {
    result_entry (id) {
        id -> BigInt,
        position_id -> BigInt,
        field -> Text,
        replicate -> BigInt,
        entry_no -> BigInt,
        value -> Text,
        unit -> Text,
        source -> Text,
        reason -> Text,
        observation_id -> Nullable<BigInt>,
        person_id -> Nullable<BigInt>,
        client_uuid -> Text,
        at -> Timestamp,
        run_at -> Nullable<Timestamp>,
        correction -> Text,
    }
}

diesel::table! {
    result_version (id) {
        id -> BigInt,
        item_id -> BigInt,
        version_no -> BigInt,
        entries -> Text,
        value -> Text,
        unit -> Text,
        reported -> Text,
        verdict -> Text,
        record -> Text,
        limit_set_id -> Nullable<BigInt>,
        limit_key -> Text,
        method_key -> Text,
        cause -> Text,
        reason -> Text,
        person_id -> BigInt,
        at -> Timestamp,
    }
}

diesel::table! {
    subcontractor (id) {
        id -> BigInt,
        version -> BigInt,
        name -> Text,
        accreditation_no -> Text,
        methods -> Text,
        valid_until -> Date,
        evaluated_on -> Date,
        evaluated_by -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    subcontract_consent (id) {
        id -> BigInt,
        sample_id -> BigInt,
        party -> Text,
        agreed -> Bool,
        given_by -> Text,
        given_on -> Date,
        how -> Text,
        person_id -> BigInt,
        at -> Timestamp,
    }
}

diesel::table! {
    subcontract (id) {
        id -> BigInt,
        item_id -> BigInt,
        subcontractor_id -> BigInt,
        name -> Text,
        accreditation_no -> Text,
        part_id -> BigInt,
        sent_on -> Date,
        person_id -> BigInt,
        at -> Timestamp,
    }
}

diesel::table! {
    check_confirmation (id) {
        id -> BigInt,
        item_id -> BigInt,
        version_no -> BigInt,
        warnings -> Text,
        reason -> Text,
        person_id -> BigInt,
        at -> Timestamp,
    }
}

diesel::joinable!(worksheet -> person (tester_id));
diesel::joinable!(worksheet -> instrument (instrument_id));
diesel::joinable!(test_item -> sample (sample_id));
diesel::joinable!(test_item -> part (part_id));
diesel::joinable!(test_item -> worksheet (worksheet_id));
diesel::joinable!(worksheet_position -> worksheet (worksheet_id));
diesel::joinable!(worksheet_position -> test_item (item_id));
diesel::joinable!(result_entry -> worksheet_position (position_id));
diesel::joinable!(result_entry -> observation (observation_id));
diesel::joinable!(result_entry -> person (person_id));
diesel::joinable!(result_version -> test_item (item_id));
diesel::joinable!(result_version -> catalogue_set (limit_set_id));
diesel::joinable!(result_version -> person (person_id));
