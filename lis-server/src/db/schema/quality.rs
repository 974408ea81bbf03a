//! Tables of quality: verdicts over controls, releases, non-conforming work, gates, lots, proficiency tests, comparisons,
//! complaints, the accredited scope, the log of the environment, competence.

use super::accounts::person;
use super::reports::report;
use super::samples::sample;
use super::testing::{test_item, worksheet};

diesel::table! {
    qc_verdict (id) {
        id -> BigInt,
        worksheet_id -> BigInt,
        version_no -> BigInt,
        verdict -> Text,
        record -> Text,
        at -> Timestamp,
    }
}

diesel::table! {
    qc_release (id) {
        id -> BigInt,
        qc_verdict_id -> BigInt,
        cause -> Text,
        action -> Text,
        person_id -> BigInt,
        at -> Timestamp,
    }
}

diesel::table! {
    qc_control_release (id) {
        id -> BigInt,
        qc_verdict_id -> BigInt,
        place -> BigInt,
        cause -> Text,
        action -> Text,
        person_id -> BigInt,
        at -> Timestamp,
    }
}

diesel::table! {
    nonconforming_work (id) {
        id -> BigInt,
        version -> BigInt,
        work_no -> Text,
        worksheet_id -> Nullable<BigInt>,
        description -> Text,
        state -> Text,
        opened_at -> Timestamp,
        closed_at -> Nullable<Timestamp>,
        subject -> Text,
        subject_name -> Text,
        instrument_id -> Nullable<BigInt>,
        person_id -> Nullable<BigInt>,
        since -> Nullable<Timestamp>,
        risk -> Text,
        root_cause -> Text,
        corrective_action -> Text,
        due_on -> Nullable<Date>,
        effect_remark -> Text,
        effect_checked_at -> Nullable<Timestamp>,
        closed_by -> Nullable<BigInt>,
        closing_remark -> Text,
        lot_id -> Nullable<BigInt>,
        opened_by -> Nullable<BigInt>,
    }
}

diesel::table! {
    nonconforming_item (work_id, item_id) {
        work_id -> BigInt,
        item_id -> BigInt,
        report_id -> Nullable<BigInt>,
        old_result_id -> Nullable<BigInt>,
        new_result_id -> Nullable<BigInt>,
        on_hold -> Bool,
        effect -> Text,
        remark -> Text,
        evaluated_by -> Nullable<BigInt>,
        evaluated_at -> Nullable<Timestamp>,
        recalled_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    chart_limits (id) {
        id -> BigInt,
        method_key -> Text,
        analyte -> Text,
        kind -> Text,
        material -> Text,
        version_no -> BigInt,
        mean -> Text,
        sd -> Text,
        point_count -> BigInt,
        basis -> Text,
        reason -> Text,
        person_id -> BigInt,
        at -> Timestamp,
    }
}

diesel::table! {
    westgard_setting (id) {
        id -> BigInt,
        method_key -> Text,
        rule -> Text,
        action -> Text,
        reason -> Text,
        person_id -> BigInt,
        at -> Timestamp,
    }
}

diesel::table! {
    gate_setting (id) {
        id -> BigInt,
        gate -> Text,
        mode -> Text,
        valid_from -> Date,
        reason -> Text,
        person_id -> BigInt,
        at -> Timestamp,
    }
}

diesel::table! {
    gate_confirmation (id) {
        id -> BigInt,
        worksheet_id -> BigInt,
        version_no -> BigInt,
        warnings -> Text,
        reason -> Text,
        person_id -> BigInt,
        at -> Timestamp,
    }
}

diesel::table! {
    lot (id) {
        id -> BigInt,
        version -> BigInt,
        code -> Text,
        kind -> Text,
        name -> Text,
        lot_no -> Text,
        supplier -> Text,
        certificate_no -> Text,
        concentration -> Nullable<Text>,
        unit -> Text,
        received_on -> Date,
        opened_on -> Nullable<Date>,
        expires_on -> Date,
        prepared_by -> Text,
        created_at -> Timestamp,
        purity -> Text,
        storage -> Text,
    }
}

diesel::table! {
    lot_receipt (id) {
        id -> BigInt,
        lot_id -> BigInt,
        accepted -> Bool,
        checked -> Text,
        reason -> Text,
        person_id -> BigInt,
        at -> Timestamp,
    }
}

diesel::table! {
    supplier (id) {
        id -> BigInt,
        version -> BigInt,
        name -> Text,
        provides -> Text,
        approved_from -> Date,
        approved_until -> Date,
        evaluated_on -> Date,
        evaluation -> Text,
        evaluated_by -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    lot_parent (lot_id, parent_id) {
        lot_id -> BigInt,
        parent_id -> BigInt,
    }
}

diesel::table! {
    worksheet_lot (worksheet_id, lot_id) {
        worksheet_id -> BigInt,
        lot_id -> BigInt,
        used_on -> Date,
    }
}

diesel::table! {
    proficiency_round (id) {
        id -> BigInt,
        version -> BigInt,
        provider -> Text,
        scheme -> Text,
        analyte -> Text,
        matrix -> Text,
        method_standard -> Text,
        unit -> Text,
        assigned_value -> Text,
        sigma_pt -> Text,
        own_result -> Text,
        z_score -> Text,
        verdict -> Text,
        reported_on -> Date,
        work_id -> Nullable<BigInt>,
        person_id -> BigInt,
        at -> Timestamp,
        tester_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    comparison (id) {
        id -> BigInt,
        version -> BigInt,
        kind -> Text,
        method_standard -> Text,
        analyte -> Text,
        unit -> Text,
        first_side -> Text,
        second_side -> Text,
        allowed_difference -> Text,
        due_on -> Date,
        planned_by -> BigInt,
        planned_at -> Timestamp,
        first_value -> Text,
        second_value -> Text,
        difference -> Text,
        verdict -> Text,
        performed_on -> Nullable<Date>,
        remark -> Text,
        recorded_by -> Nullable<BigInt>,
        recorded_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    complaint (id) {
        id -> BigInt,
        version -> BigInt,
        complaint_no -> Text,
        state -> Text,
        complainant -> Text,
        contact -> Text,
        sample_id -> Nullable<BigInt>,
        report_id -> Nullable<BigInt>,
        content -> Text,
        received_at -> Timestamp,
        received_by -> BigInt,
        acknowledge_by -> Date,
        answer_by -> Date,
        due_provisional -> Bool,
        acknowledged_at -> Nullable<Timestamp>,
        handler_id -> Nullable<BigInt>,
        decision -> Text,
        outcome -> Text,
        decided_at -> Nullable<Timestamp>,
        told_at -> Nullable<Timestamp>,
        told_how -> Text,
    }
}

diesel::table! {
    accredited_scope (id) {
        id -> BigInt,
        version -> BigInt,
        scheme -> Text,
        certificate_no -> Text,
        analytes -> Text,
        method_standard -> Text,
        procedure_name -> Text,
        food_categories -> Text,
        restrictions -> Text,
        valid_from -> Date,
        valid_until -> Date,
        created_at -> Timestamp,
    }
}

diesel::table! {
    room (id) {
        id -> BigInt,
        version -> BigInt,
        code -> Text,
        name -> Text,
        methods -> Text,
        instruments -> Text,
        created_at -> Timestamp,
        kind -> Text,
        places -> Text,
    }
}

diesel::table! {
    room_limits (id) {
        id -> BigInt,
        room_id -> BigInt,
        valid_from -> Date,
        temperature_least -> Nullable<Text>,
        temperature_most -> Nullable<Text>,
        humidity_least -> Nullable<Text>,
        humidity_most -> Nullable<Text>,
        person_id -> Nullable<BigInt>,
        at -> Timestamp,
    }
}

diesel::table! {
    room_reading (id) {
        id -> BigInt,
        room_id -> BigInt,
        read_at -> Timestamp,
        temperature -> Nullable<Text>,
        humidity -> Nullable<Text>,
        sensor -> Text,
        remark -> Text,
        person_id -> Nullable<BigInt>,
        at -> Timestamp,
        limits_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    room_excursion (id) {
        id -> BigInt,
        version -> BigInt,
        room_id -> BigInt,
        reading_id -> BigInt,
        began_at -> Timestamp,
        from_at -> Timestamp,
        until_at -> Nullable<Timestamp>,
        opened_at -> Timestamp,
        handling -> Text,
        handled_by -> Nullable<BigInt>,
        handled_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    room_recipient (room_id, person_id) {
        room_id -> BigInt,
        person_id -> BigInt,
    }
}

diesel::table! {
    room_separation (id) {
        id -> BigInt,
        from_kind -> Text,
        into_kind -> Text,
        mode -> Text,
        reason -> Text,
        person_id -> BigInt,
        at -> Timestamp,
    }
}

diesel::table! {
    competence_record (id) {
        id -> BigInt,
        person_id -> BigInt,
        kind -> Text,
        method_standard -> Text,
        performed_on -> Date,
        performed_by -> Text,
        result -> Text,
        next_due -> Nullable<Date>,
        remark -> Text,
        recorded_by -> BigInt,
        at -> Timestamp,
    }
}

diesel::table! {
    declaration (id) {
        id -> BigInt,
        person_id -> BigInt,
        wording -> Text,
        at -> Timestamp,
    }
}

diesel::table! {
    method_verification (id) {
        id -> BigInt,
        method_key -> Text,
        performed_on -> Date,
        performed_by -> Text,
        repeatability -> Text,
        recovery -> Text,
        lod -> Text,
        loq -> Text,
        linearity -> Text,
        uncertainty -> Text,
        conclusion -> Text,
        remark -> Text,
        file_sha256 -> Text,
        person_id -> BigInt,
        at -> Timestamp,
    }
}

diesel::table! {
    controlled_document (id) {
        id -> BigInt,
        version -> BigInt,
        number -> Text,
        edition -> Text,
        title_zh -> Text,
        title_en -> Text,
        kind -> Text,
        valid_from -> Date,
        valid_until -> Nullable<Date>,
        file_sha256 -> Text,
        state -> Text,
        brought_by -> BigInt,
        brought_at -> Timestamp,
        decided_by -> Nullable<BigInt>,
        decided_at -> Nullable<Timestamp>,
        reason -> Text,
    }
}

diesel::table! {
    validation_run (id) {
        id -> BigInt,
        file_name -> Text,
        sha256 -> Text,
        program -> Text,
        catalogue -> Text,
        questions -> BigInt,
        differing -> BigInt,
        differences -> Text,
        person_id -> Nullable<BigInt>,
        at -> Timestamp,
    }
}

diesel::table! {
    program_validation (id) {
        id -> BigInt,
        program -> Text,
        tables_at -> Text,
        catalogue -> Text,
        sets -> Text,
        profiles -> Text,
        seen -> Text,
        validation_run_id -> BigInt,
        remark -> Text,
        person_id -> BigInt,
        at -> Timestamp,
    }
}

diesel::table! {
    transfer_check (id) {
        id -> BigInt,
        entry_id -> BigInt,
        same -> Bool,
        remark -> Text,
        person_id -> BigInt,
        at -> Timestamp,
    }
}

diesel::joinable!(gate_setting -> person (person_id));
diesel::joinable!(gate_confirmation -> worksheet (worksheet_id));
diesel::joinable!(gate_confirmation -> person (person_id));
diesel::joinable!(worksheet_lot -> worksheet (worksheet_id));
diesel::joinable!(worksheet_lot -> lot (lot_id));
diesel::joinable!(chart_limits -> person (person_id));
diesel::joinable!(qc_verdict -> worksheet (worksheet_id));
diesel::joinable!(qc_release -> qc_verdict (qc_verdict_id));
diesel::joinable!(qc_release -> person (person_id));
diesel::joinable!(nonconforming_work -> worksheet (worksheet_id));
diesel::joinable!(nonconforming_work -> person (opened_by));
diesel::joinable!(nonconforming_item -> nonconforming_work (work_id));
diesel::joinable!(nonconforming_item -> test_item (item_id));
diesel::joinable!(nonconforming_item -> report (report_id));
diesel::joinable!(proficiency_round -> nonconforming_work (work_id));
diesel::joinable!(room_recipient -> person (person_id));
diesel::joinable!(complaint -> sample (sample_id));
diesel::joinable!(complaint -> report (report_id));
