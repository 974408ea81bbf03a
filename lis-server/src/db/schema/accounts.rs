//! Tables of accounts: regions, people and their roles, sessions, tokens, signing grants, signatures.

diesel::table! {
    region (code) {
        code -> Text,
        name_zh -> Text,
        name_en -> Text,
        south -> Nullable<Text>,
        west -> Nullable<Text>,
        north -> Nullable<Text>,
        east -> Nullable<Text>,
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
        failed_confirmations -> BigInt,
        confirmations_locked_until -> Nullable<Timestamp>,
        signing_held -> Bool,
        erased_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    person_role (person_id, role) {
        person_id -> BigInt,
        role -> Text,
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

diesel::joinable!(person_role -> person (person_id));
diesel::joinable!(session -> person (person_id));
diesel::joinable!(api_token -> person (person_id));
diesel::joinable!(signing_grant -> person (person_id));
diesel::joinable!(signature -> person (person_id));
diesel::joinable!(signature -> signing_grant (grant_id));
