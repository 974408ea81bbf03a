//! Tables of the log: entries, the chain over them, its index for the feeds, the keys of sealed personal words.

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
    personal_key (subject) {
        subject -> Text,
        key_text -> Text,
    }
}

diesel::table! {
    erasure (id) {
        id -> BigInt,
        subject_kind -> Text,
        subject_id -> BigInt,
        ground -> Text,
        reference -> Text,
        name_kept -> Bool,
        person_id -> BigInt,
        at -> Timestamp,
    }
}

diesel::joinable!(audit_pending -> audit_entry (entry_id));
diesel::joinable!(log_link -> audit_entry (entry_id));
