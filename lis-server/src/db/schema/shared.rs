//! Tables of the shared ground: repeatable requests, number series, stored files, mail, jobs.

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
        begins_at -> BigInt,
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
    mail (id) {
        id -> BigInt,
        mail_key -> Text,
        recipient -> Text,
        language -> Text,
        subject -> Text,
        body -> Text,
        attachment_sha256 -> Nullable<Text>,
        attachment_name -> Text,
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

diesel::joinable!(mail -> stored_file (attachment_sha256));
