//! Tables of instruments: messages as received, what was read in them, mapping, capture.

use super::accounts::person;
use super::shared::stored_file;
use super::testing::worksheet_position;

diesel::table! {
    instrument (id) {
        id -> BigInt,
        version -> BigInt,
        code -> Text,
        name -> Text,
        maker -> Text,
        model -> Text,
        serial_no -> Text,
        profile -> Text,
        status -> Text,
        calibrated_until -> Nullable<Date>,
        created_at -> Timestamp,
        minimum_weight_g -> Nullable<Text>,
        software -> Text,
        location -> Text,
        manual -> Text,
        allowed_methods -> Text,
    }
}

diesel::table! {
    instrument_status (id) {
        id -> BigInt,
        instrument_id -> BigInt,
        status_before -> Text,
        status -> Text,
        allowed_methods -> Text,
        valid_from -> Date,
        reason -> Text,
        person_id -> BigInt,
        at -> Timestamp,
    }
}

diesel::table! {
    calibration (id) {
        id -> BigInt,
        instrument_id -> BigInt,
        kind -> Text,
        certificate_no -> Text,
        performed_by -> Text,
        performed_on -> Date,
        next_due -> Nullable<Date>,
        due_before -> Nullable<Date>,
        result -> Text,
        correction -> Nullable<Text>,
        correction_unit -> Text,
        remark -> Text,
        person_id -> Nullable<BigInt>,
        at -> Timestamp,
        applies -> Text,
    }
}

diesel::table! {
    calibration_file (id) {
        id -> BigInt,
        calibration_id -> BigInt,
        sha256 -> Text,
        person_id -> BigInt,
        at -> Timestamp,
    }
}

diesel::table! {
    calibration_confirmation (id) {
        id -> BigInt,
        calibration_id -> BigInt,
        confirmed -> Bool,
        need -> Text,
        person_id -> BigInt,
        at -> Timestamp,
    }
}

diesel::table! {
    instrument_upkeep (id) {
        id -> BigInt,
        instrument_id -> BigInt,
        kind -> Text,
        performed_on -> Date,
        performed_by -> Text,
        what -> Text,
        calibration_id -> Nullable<BigInt>,
        person_id -> BigInt,
        at -> Timestamp,
    }
}

diesel::joinable!(calibration_confirmation -> calibration (calibration_id));
diesel::joinable!(calibration_file -> stored_file (sha256));

diesel::table! {
    agent_stream (agent, stream) {
        agent -> Text,
        stream -> Text,
        highest_seq -> BigInt,
        last_at -> Timestamp,
    }
}

diesel::table! {
    agent_port (agent, instrument_code) {
        agent -> Text,
        instrument_code -> Text,
        reported_at -> Timestamp,
        program_version -> Text,
        port -> Text,
        connected -> Bool,
        last_message_at -> Nullable<Timestamp>,
        port_error -> Text,
        forward_error -> Text,
        backlog -> BigInt,
        withheld -> BigInt,
        clock_difference_ms -> Nullable<BigInt>,
    }
}

diesel::table! {
    link_settings (id) {
        id -> BigInt,
        agent -> Text,
        instrument_code -> Text,
        program_version -> Text,
        ports -> Text,
        valid_from -> Timestamp,
        reported_at -> Timestamp,
    }
}

diesel::table! {
    instrument_message (id) {
        id -> BigInt,
        version -> BigInt,
        agent -> Text,
        stream -> Text,
        seq -> BigInt,
        instrument_code -> Text,
        kind -> Text,
        file_name -> Text,
        received_at -> Timestamp,
        stored_at -> Timestamp,
        sha256 -> Text,
        byte_count -> BigInt,
        state -> Text,
        trouble -> Text,
        came_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    message_content (message_id) {
        message_id -> BigInt,
        content -> Text,
    }
}

diesel::table! {
    code_mapping (id) {
        id -> BigInt,
        instrument_id -> BigInt,
        kind -> Text,
        source -> Text,
        target -> Text,
        mapped_by -> BigInt,
        mapped_at -> Timestamp,
    }
}

diesel::table! {
    port_lease (port) {
        port -> Text,
        holder -> Text,
        token -> Text,
        until -> Timestamp,
    }
}

diesel::table! {
    intake_lease (message_id) {
        message_id -> BigInt,
        token -> Text,
        until -> Timestamp,
    }
}

diesel::table! {
    message_reading (message_id, reading_no) {
        message_id -> BigInt,
        reading_no -> BigInt,
        profile -> Text,
        row_count -> BigInt,
        trouble_count -> BigInt,
        at -> Timestamp,
    }
}

diesel::table! {
    observation (id) {
        id -> BigInt,
        version -> BigInt,
        message_id -> BigInt,
        ordinal -> BigInt,
        sample_ref -> Text,
        analyte_ref -> Text,
        value -> Text,
        number -> Nullable<Text>,
        qualifier -> Text,
        unit -> Text,
        flag -> Text,
        role -> Text,
        source_place -> Text,
        measured_at -> Text,
        state -> Text,
        reason -> Text,
        position_id -> Nullable<BigInt>,
        reading_no -> BigInt,
        bound -> Nullable<Text>,
    }
}

diesel::table! {
    capture_target (instrument_id) {
        instrument_id -> BigInt,
        position_id -> BigInt,
        field -> Text,
        replicate -> BigInt,
        person_id -> BigInt,
        set_at -> Timestamp,
    }
}

diesel::table! {
    instrument_dispatch (id) {
        id -> BigInt,
        worksheet_id -> BigInt,
        instrument_id -> BigInt,
        way -> Text,
        file_name -> Text,
        content -> Text,
        requested_by -> BigInt,
        requested_at -> Timestamp,
    }
}

diesel::table! {
    dispatch_outcome (dispatch_id) {
        dispatch_id -> BigInt,
        state -> Text,
        agent -> Text,
        detail -> Text,
        at -> Timestamp,
    }
}

diesel::table! {
    evidence_link (id) {
        id -> BigInt,
        message_id -> BigInt,
        item_id -> BigInt,
        label_code -> Text,
        event -> Text,
        reason -> Text,
        person_id -> Nullable<BigInt>,
        at -> Timestamp,
    }
}

diesel::table! {
    instrument_profile (id) {
        id -> BigInt,
        version -> BigInt,
        name -> Text,
        version_no -> BigInt,
        title -> Text,
        maturity -> Text,
        toml -> Text,
        example_sha256 -> Text,
        example_name -> Text,
        expected -> Text,
        row_count -> BigInt,
        based_on -> Text,
        made_by -> BigInt,
        made_at -> Timestamp,
    }
}

diesel::joinable!(instrument_status -> instrument (instrument_id));
diesel::joinable!(instrument_status -> person (person_id));
diesel::joinable!(calibration -> instrument (instrument_id));
diesel::joinable!(calibration -> person (person_id));
diesel::joinable!(evidence_link -> instrument_message (message_id));
diesel::joinable!(instrument_profile -> person (made_by));
diesel::joinable!(instrument_profile -> stored_file (example_sha256));
diesel::joinable!(message_reading -> instrument_message (message_id));
diesel::joinable!(message_content -> instrument_message (message_id));
diesel::joinable!(code_mapping -> instrument (instrument_id));
diesel::joinable!(code_mapping -> person (mapped_by));
diesel::joinable!(observation -> instrument_message (message_id));
diesel::joinable!(observation -> worksheet_position (position_id));
diesel::joinable!(capture_target -> instrument (instrument_id));
diesel::joinable!(capture_target -> worksheet_position (position_id));
