//! The table of the catalogue: sets of limits, methods and the like, as imported.

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
