//! Tables of spot checks: random draws with their units and samplers.

use super::accounts::{person, region};
use super::campaigns::sampling_plan;
use super::enterprises::enterprise;

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

diesel::joinable!(random_draw -> sampling_plan (plan_id));
diesel::joinable!(random_draw -> region (region_code));
diesel::joinable!(random_draw -> person (drawn_by));
diesel::joinable!(draw_unit -> random_draw (draw_id));
diesel::joinable!(draw_unit -> enterprise (enterprise_id));
diesel::joinable!(draw_sampler -> random_draw (draw_id));
diesel::joinable!(draw_sampler -> person (person_id));
