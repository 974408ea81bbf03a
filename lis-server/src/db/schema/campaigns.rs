//! Tables of campaigns: the questionnaire, its answers, the plan made from the tally.

use super::accounts::{person, region};

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
        ticket_hash -> Nullable<Text>,
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
    campaign_witness (id) {
        id -> BigInt,
        version -> BigInt,
        campaign_id -> BigInt,
        kind -> Text,
        name -> Text,
        consented_on -> Date,
        consent -> Text,
        withdrawn_at -> Nullable<Timestamp>,
        person_id -> BigInt,
        at -> Timestamp,
    }
}

diesel::joinable!(campaign -> region (region_code));
diesel::joinable!(campaign -> person (created_by));
diesel::joinable!(campaign_response -> campaign (campaign_id));
diesel::joinable!(campaign_rejection -> campaign_response (response_id));
diesel::joinable!(campaign_rejection -> person (person_id));
diesel::joinable!(sampling_plan -> campaign (campaign_id));
diesel::joinable!(plan_line -> sampling_plan (plan_id));
diesel::joinable!(campaign_witness -> campaign (campaign_id));
diesel::joinable!(campaign_witness -> person (person_id));
