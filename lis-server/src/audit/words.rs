//! What the log calls things by codes, in words: the kinds of objects, what happened to them, the fields that changed, the states,
//! roles and verdicts that stand in them. The words stand in `assets/locales/*/log.ftl`, and those of a room's own pages with
//! that room; a guard test finds codes without one. What programs take from the log keeps its codes.

use crate::domain::clock::Moment;
use crate::upkeep::Finding;
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

/// Fields whose values are states, roles, verdicts or other codes: kind of object, field, and what the keys of their words begin
/// with; a field that is written by two lists stands twice.
pub const CODED: &[(&str, &str, &str)] = &[
    ("campaign", "state", "campaign"),
    ("case_application", "state", "application"),
    ("comparison", "verdict", "comparison-verdict"),
    ("complaint", "state", "complaint"),
    ("controlled_document", "kind", "document-kind"),
    ("controlled_document", "state", "document-standing"),
    ("failing_case", "department", "department"),
    ("failing_case", "state", "case"),
    ("instrument", "status", "instrument"),
    ("instrument_dispatch", "state", "dispatch"),
    ("instrument_message", "state", "message"),
    ("instrument_profile", "maturity", "maturity"),
    ("method_verification", "conclusion", "verification"),
    ("nonconforming_work", "state", "work-state"),
    ("observation", "state", "observation"),
    ("part", "custody", "custody"),
    ("part", "method", "disposal-method"),
    ("part", "retention", "retention"),
    ("part", "step", "custody-event"),
    ("part", "step", "retention-event"),
    ("person", "roles", "role"),
    ("proficiency_round", "verdict", "proficiency"),
    ("rapid_test", "repeat_verdict", "rapid-verdict"),
    ("rapid_test", "verdict", "rapid-verdict"),
    ("report", "state", "report"),
    ("sample", "decision", "decision"),
    ("sample", "state", "sample"),
    ("sampling_plan", "state", "plan"),
    ("signing_grant", "meaning", "meaning"),
    ("supplier", "provides", "supplies"),
    ("test_item", "state", "item"),
    ("test_item", "verdict", "verdict"),
    ("upkeep_run", "kind", "upkeep-kind"),
    ("worksheet", "state", "worksheet"),
];

/// Fields that say why by a code, behind a colon what it is about: kind of object, field, and what the keys of their sentences
/// begin with.
const REASONS: &[(&str, &str, &str)] = &[("instrument_message", "trouble", "trouble")];

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

/// The role that allowed an act; what the program does by itself has a word too.
pub fn role(language: Language, code: &str) -> String {
    word(language, "role", code)
}

/// Who acted, where it was a part of the program: `system:jobs`. A person stays `person:12`: who that is the people say.
pub fn actor(language: Language, code: &str) -> String {
    let part = code.strip_prefix("system:").map(|part| key("system", part)).filter(|key| language.knows(key));
    part.map_or_else(|| code.to_owned(), |key| language.text(&key))
}

/// What a field of an object says: a state, a verdict, roles separated by blanks; a reason; what a look of the program found; yes
/// or no, and a time as the pages say them. Of other fields it is what was written.
pub fn value(language: Language, kind: &str, field: &str, written: &str) -> String {
    if (kind, field) == ("upkeep_run", "findings") {
        return findings(language, written);
    }
    let of_field = |(object, coded, _): &&(&str, &str, &str)| (*object, *coded) == (kind, field);
    if let Some((.., list)) = REASONS.iter().find(of_field) {
        return language.coded(list, written);
    }
    let lists: Vec<&str> = CODED.iter().filter(of_field).map(|(.., list)| *list).collect();
    if lists.is_empty() {
        return plain(language, written);
    }
    let said = |code: &str| {
        let list = lists.iter().find(|list| language.knows(&key(list, code)));
        list.map_or_else(|| code.to_owned(), |list| word(language, list, code))
    };
    written.split(' ').map(said).collect::<Vec<_>>().join(language.pick("、", ", "))
}

/// The sentences of what was found; what was written where it is no list of findings.
fn findings(language: Language, written: &str) -> String {
    match serde_json::from_str::<Vec<Finding>>(written) {
        Ok(found) if found.is_empty() => word(language, "log-value", "none"),
        Ok(found) => {
            let said: Vec<String> = found.iter().map(|one| one.said(language)).collect();
            said.join(language.pick("；", "; "))
        }
        Err(_) => written.to_owned(),
    }
}

fn plain(language: Language, written: &str) -> String {
    match (written, Moment::parse_rfc3339(written)) {
        ("true" | "false", _) => word(language, "log-value", written),
        (_, Some(at)) => at.to_string(),
        _ => written.to_owned(),
    }
}

/// The code itself where there is no word: entries outlive the program that wrote them.
fn word(language: Language, list: &str, code: &str) -> String {
    let key = key(list, code);
    if language.knows(&key) { language.text(&key) } else { code.to_owned() }
}

fn key(list: &str, code: &str) -> String {
    format!("{list}-{}", code.to_lowercase().replace('_', "-"))
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
        assert_eq!(role(Language::English, "custodian"), "Sample custodian");
        assert_eq!(role(Language::Chinese, "system"), "系统");
        assert_eq!(actor(Language::English, "system:command-line"), "Command line of the server");
        assert_eq!(actor(Language::Chinese, "system:shipped"), "随程序附带");
        assert_eq!(actor(Language::English, "system:to-come"), "system:to-come");
        assert_eq!(actor(Language::English, "person:12"), "person:12");
    }

    #[test]
    fn states_roles_and_verdicts_are_said_in_words_where_they_are_such() {
        let said = |kind: &str, field: &str, written: &str| value(Language::Chinese, kind, field, written);
        assert_eq!(said("sample", "state", "accepted"), "已接收");
        assert_eq!(said("test_item", "verdict", "NO_LIMIT"), "不判定");
        assert_eq!(said("person", "roles", "tester quality_officer"), "检验人、质量负责人");
        assert_eq!(value(Language::English, "person", "roles", "tester checker"), "Tester, Checker");
        assert_eq!(said("sample", "state", ""), "", "there was none before");
        assert_eq!(said("sample", "state", "of_a_program_to_come"), "of_a_program_to_come");
        assert_eq!(said("sample", "hold_reason", "sealed"), "sealed", "what a person wrote");
        assert_eq!(said("sample", "decision", "accept_with_note"), "让步接收");
        let trouble = |written: &str| said("instrument_message", "trouble", written);
        assert_eq!(trouble("instrument-unknown:AAS-09"), "没有编号为 AAS-09 的仪器，请先登记该仪器。");
        assert_eq!(trouble("no instrument has the code AAS-09"), "no instrument has the code AAS-09", "before codes");
    }

    #[test]
    fn what_was_found_is_said_in_sentences() {
        let said = |language: Language, written: &str| value(language, "upkeep_run", "findings", written);
        let two = r#"[{"what":"file-missing","about":"ab12 report.pdf"},{"what":"message-damaged","about":"7"}]"#;
        assert_eq!(said(Language::Chinese, two), "文件缺失：ab12 report.pdf；仪器数据被改动，编号 7");
        assert_eq!(
            said(Language::English, two),
            "Missing: ab12 report.pdf; Message of an instrument changed: number 7"
        );
        assert_eq!([said(Language::Chinese, "[]"), said(Language::English, "[]")], ["无", "none"]);
        let to_come = r#"[{"what":"of-a-program-to-come","about":"7"}]"#;
        assert_eq!(said(Language::English, to_come), "of-a-program-to-come 7");
        assert_eq!(said(Language::English, ""), "", "there was none before");
        assert_eq!(value(Language::English, "lot", "findings", "[]"), "[]", "what a person wrote");
    }

    #[test]
    fn yes_and_no_and_times_are_said_as_on_the_pages() {
        let said = |written: &str| value(Language::Chinese, "room_reading", "within", written);
        assert_eq!([said("true"), said("false"), said("")], ["是", "否", ""]);
        assert_eq!(said("2026-11-25T01:00:00.000Z"), "2026-11-25 09:00:00 +08:00");
        assert_eq!(said("2026-11-25"), "2026-11-25", "a day is none");
    }
}
