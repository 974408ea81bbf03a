//! Tables of upkeep: what the program looked at by itself, and what was done about it.

diesel::table! {
    upkeep_run (id) {
        id -> BigInt,
        kind -> Text,
        run_key -> Text,
        began_at -> Timestamp,
        at -> Timestamp,
        good -> Bool,
        looked_at -> BigInt,
        findings -> Text,
    }
}

diesel::table! {
    upkeep_action (id) {
        id -> BigInt,
        run_id -> BigInt,
        immediate -> Text,
        corrective -> Text,
        person_id -> BigInt,
        at -> Timestamp,
    }
}

diesel::joinable!(upkeep_action -> upkeep_run (run_id));
may_be_joined!(upkeep_action, upkeep_run);
