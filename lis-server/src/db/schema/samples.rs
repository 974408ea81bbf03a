//! Tables of samples: forms and their import, samples, parts, custody, receipt and notes of rejection, reviews of orders, pictures.

use super::accounts::person;
use super::campaigns::plan_line;
use super::enterprises::enterprise;
use super::spot_checks::random_draw;

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
        departure -> Text,
        departure_consent -> Text,
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
    part_stay (id) {
        id -> BigInt,
        part_id -> BigInt,
        room_id -> BigInt,
        place -> Text,
        began_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    part_use (id) {
        id -> BigInt,
        part_id -> BigInt,
        amount -> Text,
        holder_id -> Nullable<BigInt>,
        person_id -> BigInt,
        at -> Timestamp,
    }
}

diesel::table! {
    retention_event (id) {
        id -> BigInt,
        part_id -> BigInt,
        event -> Text,
        from_state -> Text,
        to_state -> Text,
        person_id -> BigInt,
        method -> Text,
        remark -> Text,
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
    rejection_note (id) {
        id -> BigInt,
        receipt_id -> BigInt,
        document -> Text,
        file_sha256 -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    form_picture (id) {
        id -> BigInt,
        form_id -> BigInt,
        kind -> Text,
        caption -> Text,
        sha256 -> Text,
        person_id -> BigInt,
        at -> Timestamp,
        check_line -> Text,
    }
}

diesel::table! {
    order_review (id) {
        id -> BigInt,
        sample_id -> BigInt,
        version_no -> BigInt,
        price -> Nullable<Text>,
        consent -> Text,
        reason -> Text,
        document -> Text,
        person_id -> BigInt,
        at -> Timestamp,
    }
}

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
diesel::joinable!(part_stay -> part (part_id));
diesel::joinable!(retention_event -> part (part_id));
diesel::joinable!(retention_event -> person (person_id));
diesel::joinable!(sample_receipt -> sample (sample_id));
diesel::joinable!(sample_receipt -> person (custodian_id));
