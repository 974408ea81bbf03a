//! The tables as diesel sees them, the same for both databases. A guard test compares this file with what the
//! migrations make.

diesel::table! {
    audit_entry (id) {
        id -> BigInt,
        at -> Timestamp,
        actor -> Text,
        role -> Text,
        device -> Text,
        cause -> Text,
        object_kind -> Text,
        object_id -> BigInt,
        object_version -> BigInt,
        event -> Text,
        regions -> Text,
        body -> Text,
        entry_hash -> Text,
    }
}

diesel::table! {
    audit_pending (entry_id) {
        entry_id -> BigInt,
    }
}

diesel::table! {
    log_head (id) {
        id -> Integer,
        log_id -> Text,
        position -> BigInt,
        chain_hash -> Text,
    }
}

diesel::table! {
    log_link (position) {
        position -> BigInt,
        entry_id -> BigInt,
        chain_hash -> Text,
    }
}

diesel::table! {
    feed_index (region_code, position) {
        region_code -> Text,
        position -> BigInt,
    }
}

diesel::table! {
    region (code) {
        code -> Text,
        name_zh -> Text,
        name_en -> Text,
    }
}

diesel::table! {
    person (id) {
        id -> BigInt,
        version -> BigInt,
        username -> Text,
        name -> Text,
        email -> Text,
        phone -> Text,
        language -> Text,
        region_code -> Nullable<Text>,
        enterprise_id -> Nullable<BigInt>,
        active -> Bool,
        password_hash -> Text,
        password_must_change -> Bool,
        signing_hash -> Nullable<Text>,
        failed_logins -> BigInt,
        locked_until -> Nullable<Timestamp>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    person_role (person_id, role) {
        person_id -> BigInt,
        role -> Text,
    }
}

diesel::table! {
    personal_key (subject) {
        subject -> Text,
        key_text -> Text,
    }
}

diesel::table! {
    session (id) {
        id -> BigInt,
        token_hash -> Text,
        person_id -> BigInt,
        csrf -> Text,
        device -> Text,
        created_at -> Timestamp,
        last_seen_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    api_token (id) {
        id -> BigInt,
        token_hash -> Text,
        person_id -> BigInt,
        name -> Text,
        scopes -> Text,
        created_at -> Timestamp,
        expires_at -> Nullable<Timestamp>,
        revoked_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    signing_grant (id) {
        id -> BigInt,
        person_id -> BigInt,
        meaning -> Text,
        opened_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    idempotency (actor, request_key) {
        actor -> Text,
        request_key -> Text,
        request_hash -> Text,
        answer -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    number_series (name) {
        name -> Text,
        last -> BigInt,
    }
}

diesel::table! {
    catalogue_set (id) {
        id -> BigInt,
        kind -> Text,
        name -> Text,
        sha256 -> Text,
        content -> Text,
        row_count -> BigInt,
        imported_by -> Text,
        imported_at -> Timestamp,
    }
}

diesel::table! {
    enterprise (id) {
        id -> BigInt,
        version -> BigInt,
        name -> Text,
        uscc -> Nullable<Text>,
        licence_no -> Text,
        stage -> Text,
        venue -> Text,
        address -> Text,
        region_code -> Text,
        contact -> Text,
        phone -> Text,
        email -> Text,
        language -> Text,
        risk_grade -> Text,
        baobao_tier -> Text,
        active -> Bool,
        created_at -> Timestamp,
    }
}

diesel::table! {
    campaign (id) {
        id -> BigInt,
        version -> BigInt,
        title_zh -> Text,
        title_en -> Text,
        region_code -> Text,
        state -> Text,
        opens_at -> Timestamp,
        closes_at -> Timestamp,
        questionnaire -> Text,
        tally -> Nullable<Text>,
        tally_hash -> Nullable<Text>,
        created_by -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    campaign_response (id) {
        id -> BigInt,
        campaign_id -> BigInt,
        client_uuid -> Text,
        voter_hash -> Text,
        answers -> Text,
        seconds_taken -> BigInt,
        received_at -> Timestamp,
        invalid_reason -> Text,
    }
}

diesel::table! {
    campaign_rejection (response_id) {
        response_id -> BigInt,
        reason -> Text,
        person_id -> BigInt,
        at -> Timestamp,
    }
}

diesel::table! {
    sampling_plan (id) {
        id -> BigInt,
        version -> BigInt,
        plan_no -> Text,
        campaign_id -> Nullable<BigInt>,
        title -> Text,
        state -> Text,
        batches -> BigInt,
        floor_batches -> BigInt,
        drafted_by -> BigInt,
        drafted_at -> Timestamp,
        approved_by -> Nullable<BigInt>,
        approved_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    plan_line (id) {
        id -> BigInt,
        plan_id -> BigInt,
        category -> Text,
        votes -> BigInt,
        batches -> BigInt,
    }
}

diesel::table! {
    random_draw (id) {
        id -> BigInt,
        draw_no -> Text,
        kind -> Text,
        plan_id -> Nullable<BigInt>,
        region_code -> Text,
        seed -> Text,
        list_hash -> Text,
        record -> Text,
        drawn_by -> BigInt,
        drawn_at -> Timestamp,
    }
}

diesel::table! {
    draw_unit (draw_id, place) {
        draw_id -> BigInt,
        place -> BigInt,
        enterprise_id -> BigInt,
    }
}

diesel::table! {
    draw_sampler (draw_id, place) {
        draw_id -> BigInt,
        place -> BigInt,
        person_id -> BigInt,
    }
}

diesel::table! {
    form_import (id) {
        id -> BigInt,
        file_name -> Text,
        sha256 -> Text,
        mapping -> Text,
        row_count -> BigInt,
        imported_by -> BigInt,
        imported_at -> Timestamp,
    }
}

diesel::table! {
    sampling_form (id) {
        id -> BigInt,
        version -> BigInt,
        form_no -> Text,
        source -> Text,
        client_uuid -> Nullable<Text>,
        import_id -> Nullable<BigInt>,
        plan_line_id -> Nullable<BigInt>,
        draw_id -> Nullable<BigInt>,
        task_category -> Text,
        ordering_name -> Text,
        ordering_region -> Nullable<Text>,
        unit_id -> Nullable<BigInt>,
        unit_name -> Text,
        unit_region -> Nullable<Text>,
        producer_id -> Nullable<BigInt>,
        producer_name -> Text,
        producer_region -> Nullable<Text>,
        platform_region -> Nullable<Text>,
        sample_name -> Text,
        food_category -> Text,
        production_date -> Nullable<Date>,
        expiry_date -> Nullable<Date>,
        batch_no -> Text,
        sampled_at -> Nullable<Timestamp>,
        document -> Text,
        done_at -> Timestamp,
        entered_at -> Timestamp,
        entered_by -> BigInt,
    }
}

diesel::table! {
    sample (id) {
        id -> BigInt,
        version -> BigInt,
        form_id -> BigInt,
        sample_no -> Nullable<Text>,
        sample_type -> Text,
        state -> Text,
        hold_reason -> Text,
        client_id -> Nullable<BigInt>,
        arrived_at -> Nullable<Timestamp>,
        accepted_at -> Nullable<Timestamp>,
        due_on -> Nullable<Date>,
        due_provisional -> Bool,
        created_at -> Timestamp,
    }
}

diesel::table! {
    part (id) {
        id -> BigInt,
        version -> BigInt,
        sample_id -> BigInt,
        parent_id -> Nullable<BigInt>,
        role -> Text,
        label_code -> Text,
        quantity -> Text,
        unit -> Text,
        seal_no -> Text,
        location -> Text,
        custody -> Text,
        holder_id -> Nullable<BigInt>,
        retention -> Text,
        keep_until -> Nullable<Date>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    custody_event (id) {
        id -> BigInt,
        part_id -> BigInt,
        event -> Text,
        from_state -> Text,
        to_state -> Text,
        person_id -> BigInt,
        holder_id -> Nullable<BigInt>,
        location -> Text,
        at -> Timestamp,
    }
}

diesel::table! {
    sample_receipt (id) {
        id -> BigInt,
        receipt_no -> Text,
        sample_id -> BigInt,
        decision -> Text,
        reason_code -> Text,
        reason_text -> Text,
        document -> Text,
        custodian_id -> BigInt,
        arrived_at -> Timestamp,
        received_at -> Timestamp,
    }
}

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
    }
}

diesel::table! {
    agent_stream (agent, stream) {
        agent -> Text,
        stream -> Text,
        highest_seq -> BigInt,
        last_at -> Timestamp,
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
        unit -> Text,
        state -> Text,
        tester_id -> Nullable<BigInt>,
        worksheet_id -> Nullable<BigInt>,
        checker_id -> Nullable<BigInt>,
        result_id -> Nullable<BigInt>,
        verdict -> Text,
        created_at -> Timestamp,
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
    }
}

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
    signature (id) {
        id -> BigInt,
        person_id -> BigInt,
        meaning -> Text,
        object_kind -> Text,
        object_id -> BigInt,
        object_version -> BigInt,
        object_hash -> Text,
        grant_id -> BigInt,
        signed_at -> Timestamp,
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
    stored_file (sha256) {
        sha256 -> Text,
        byte_count -> BigInt,
        content_type -> Text,
        file_name -> Text,
        created_at -> Timestamp,
    }
}

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
        opened_by -> BigInt,
        opened_at -> Timestamp,
        closed_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    nonconforming_item (work_id, item_id) {
        work_id -> BigInt,
        item_id -> BigInt,
        report_id -> Nullable<BigInt>,
        old_result_id -> Nullable<BigInt>,
        new_result_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    mail (id) {
        id -> BigInt,
        mail_key -> Text,
        recipient -> Text,
        language -> Text,
        subject -> Text,
        body -> Text,
        attachment_sha256 -> Nullable<Text>,
        about_kind -> Text,
        about_id -> BigInt,
        state -> Text,
        attempts -> BigInt,
        next_attempt_at -> Timestamp,
        last_error -> Text,
        lease_token -> Text,
        leased_until -> Nullable<Timestamp>,
        created_at -> Timestamp,
        sent_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    job (id) {
        id -> BigInt,
        kind -> Text,
        job_key -> Text,
        payload -> Text,
        state -> Text,
        attempts -> BigInt,
        run_at -> Timestamp,
        last_error -> Text,
        lease_token -> Text,
        leased_until -> Nullable<Timestamp>,
        created_at -> Timestamp,
        finished_at -> Nullable<Timestamp>,
    }
}

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

diesel::joinable!(audit_pending -> audit_entry (entry_id));
diesel::joinable!(log_link -> audit_entry (entry_id));
diesel::joinable!(person_role -> person (person_id));
diesel::joinable!(session -> person (person_id));
diesel::joinable!(api_token -> person (person_id));
diesel::joinable!(signing_grant -> person (person_id));

diesel::joinable!(enterprise -> region (region_code));
diesel::joinable!(campaign -> region (region_code));
diesel::joinable!(campaign -> person (created_by));
diesel::joinable!(campaign_response -> campaign (campaign_id));
diesel::joinable!(campaign_rejection -> campaign_response (response_id));
diesel::joinable!(campaign_rejection -> person (person_id));
diesel::joinable!(sampling_plan -> campaign (campaign_id));
diesel::joinable!(plan_line -> sampling_plan (plan_id));
diesel::joinable!(random_draw -> sampling_plan (plan_id));
diesel::joinable!(random_draw -> region (region_code));
diesel::joinable!(random_draw -> person (drawn_by));
diesel::joinable!(draw_unit -> random_draw (draw_id));
diesel::joinable!(draw_unit -> enterprise (enterprise_id));
diesel::joinable!(draw_sampler -> random_draw (draw_id));
diesel::joinable!(draw_sampler -> person (person_id));
diesel::joinable!(form_import -> person (imported_by));
diesel::joinable!(sampling_form -> form_import (import_id));
diesel::joinable!(sampling_form -> plan_line (plan_line_id));
diesel::joinable!(sampling_form -> random_draw (draw_id));
diesel::joinable!(sampling_form -> person (entered_by));
diesel::joinable!(sample -> sampling_form (form_id));
diesel::joinable!(sample -> enterprise (client_id));
diesel::joinable!(part -> sample (sample_id));
diesel::joinable!(part -> person (holder_id));
diesel::joinable!(custody_event -> part (part_id));
diesel::joinable!(sample_receipt -> sample (sample_id));
diesel::joinable!(sample_receipt -> person (custodian_id));
diesel::joinable!(message_content -> instrument_message (message_id));
diesel::joinable!(code_mapping -> instrument (instrument_id));
diesel::joinable!(code_mapping -> person (mapped_by));
diesel::joinable!(worksheet -> person (tester_id));
diesel::joinable!(worksheet -> instrument (instrument_id));
diesel::joinable!(test_item -> sample (sample_id));
diesel::joinable!(test_item -> part (part_id));
diesel::joinable!(test_item -> worksheet (worksheet_id));
diesel::joinable!(worksheet_position -> worksheet (worksheet_id));
diesel::joinable!(worksheet_position -> test_item (item_id));
diesel::joinable!(observation -> instrument_message (message_id));
diesel::joinable!(observation -> worksheet_position (position_id));
diesel::joinable!(result_entry -> worksheet_position (position_id));
diesel::joinable!(result_entry -> observation (observation_id));
diesel::joinable!(result_entry -> person (person_id));
diesel::joinable!(qc_verdict -> worksheet (worksheet_id));
diesel::joinable!(qc_release -> qc_verdict (qc_verdict_id));
diesel::joinable!(qc_release -> person (person_id));
diesel::joinable!(result_version -> test_item (item_id));
diesel::joinable!(result_version -> catalogue_set (limit_set_id));
diesel::joinable!(result_version -> person (person_id));
diesel::joinable!(signature -> person (person_id));
diesel::joinable!(signature -> signing_grant (grant_id));
diesel::joinable!(capture_target -> instrument (instrument_id));
diesel::joinable!(capture_target -> worksheet_position (position_id));
diesel::joinable!(report -> sample (sample_id));
diesel::joinable!(report -> stored_file (file_sha256));
diesel::joinable!(nonconforming_work -> worksheet (worksheet_id));
diesel::joinable!(nonconforming_work -> person (opened_by));
diesel::joinable!(nonconforming_item -> nonconforming_work (work_id));
diesel::joinable!(nonconforming_item -> test_item (item_id));
diesel::joinable!(nonconforming_item -> report (report_id));
diesel::joinable!(mail -> stored_file (attachment_sha256));
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

diesel::allow_tables_to_appear_in_same_query!(
    audit_entry,
    audit_pending,
    log_head,
    log_link,
    feed_index,
    region,
    person,
    person_role,
    personal_key,
    session,
    api_token,
    signing_grant,
    idempotency,
    number_series,
    catalogue_set,
    enterprise,
    campaign,
    campaign_response,
    campaign_rejection,
    sampling_plan,
    plan_line,
    random_draw,
    draw_unit,
    draw_sampler,
    form_import,
    sampling_form,
    sample,
    part,
    custody_event,
    sample_receipt,
    instrument,
    agent_stream,
    instrument_message,
    message_content,
    code_mapping,
    port_lease,
    person_authorization,
    worksheet,
    test_item,
    worksheet_position,
    observation,
    result_entry,
    qc_verdict,
    qc_release,
    result_version,
    signature,
    capture_target,
    stored_file,
    report,
    nonconforming_work,
    nonconforming_item,
    mail,
    job,
    failing_case,
    case_relation,
    case_event,
    case_acknowledgement,
    case_clock,
    case_service,
    case_application,
);

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
    "sample_receipt",
    "instrument",
    "agent_stream",
    "instrument_message",
    "message_content",
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
    "result_version",
    "signature",
    "capture_target",
    "stored_file",
    "report",
    "nonconforming_work",
    "nonconforming_item",
    "mail",
    "job",
    "failing_case",
    "case_relation",
    "case_event",
    "case_acknowledgement",
    "case_clock",
    "case_service",
    "case_application",
];
