//! What the log calls things by codes, in words: the kinds of objects, what happened to them, the fields that changed. The words
//! stand in `assets/locales/*/log.ftl`, and those of a room's own pages with that room; a guard test finds codes without one.

use crate::web::language::Language;

/// Every kind of object that an entry is about.
pub const KINDS: &[&str] = &[
    "accredited_scope",
    "api_token",
    "campaign",
    "campaign_response",
    "campaign_witness",
    "case_act",
    "case_application",
    "case_event",
    "case_handling",
    "case_service",
    "catalogue_set",
    "chart_limits",
    "comparison",
    "competence_record",
    "complaint",
    "controlled_document",
    "declaration",
    "enterprise",
    "failing_case",
    "form_import",
    "gate_setting",
    "instrument",
    "instrument_dispatch",
    "instrument_message",
    "instrument_profile",
    "job",
    "link_settings",
    "lot",
    "mail",
    "method_verification",
    "nonconforming_work",
    "number_series",
    "observation",
    "part",
    "person",
    "person_authorization",
    "proficiency_round",
    "program_validation",
    "random_draw",
    "rapid_test",
    "region",
    "report",
    "result_entry",
    "room",
    "room_excursion",
    "room_reading",
    "room_separation",
    "sample",
    "sampling_plan",
    "signing_grant",
    "subcontractor",
    "supplier",
    "test_item",
    "transfer_check",
    "upkeep_run",
    "urgent_finding",
    "validation_run",
    "westgard_setting",
    "worksheet",
];

/// What a kind of object is called.
pub fn kind(language: Language, code: &str) -> String {
    word(language, "object", code)
}

/// What happened.
pub fn event(language: Language, code: &str) -> String {
    word(language, "event", code)
}

/// What a field is called.
pub fn field(language: Language, code: &str) -> String {
    word(language, "log-field", code)
}

/// The code itself where there is no word: entries outlive the program that wrote them.
fn word(language: Language, list: &str, code: &str) -> String {
    let key = format!("{list}-{}", code.replace('_', "-"));
    if language.knows(&key) { language.text(&key) } else { code.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_words_in_both_languages_and_unknown_ones_stay() {
        assert_eq!(kind(Language::Chinese, "test_item"), "检验项目");
        assert_eq!(event(Language::English, "item-repeat-ordered"), "Repeat ordered");
        assert_eq!(field(Language::Chinese, "limit_key"), "限值");
        assert_eq!(event(Language::English, "of-a-program-to-come"), "of-a-program-to-come");
    }
}
