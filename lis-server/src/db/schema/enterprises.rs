//! The table of enterprises: the registry of food units.

use super::accounts::region;

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

diesel::joinable!(enterprise -> region (region_code));
