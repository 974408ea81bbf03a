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

diesel::joinable!(audit_pending -> audit_entry (entry_id));
diesel::joinable!(log_link -> audit_entry (entry_id));
diesel::joinable!(person_role -> person (person_id));
diesel::joinable!(session -> person (person_id));
diesel::joinable!(api_token -> person (person_id));
diesel::joinable!(signing_grant -> person (person_id));

diesel::allow_tables_to_appear_in_same_query!(audit_entry, audit_pending, log_link, feed_index);
diesel::allow_tables_to_appear_in_same_query!(person, person_role, session, api_token, region);

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
];
