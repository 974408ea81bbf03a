//! The words of the log: every kind of object, event and field that the source writes into an entry has one, and every state,
//! role and verdict that stands in a field.

use std::collections::BTreeSet;

use lis_server::accounts::Role;
use lis_server::audit::words::{self, CODED, KINDS};
use lis_server::domain::states::{Named, StateTable};
use lis_server::front;
use lis_server::judgement::Verdict;
use lis_server::web::language::Language;

use super::{Source, none, server_sources};

/// Where an event comes to its entry by the argument of a function: the folder or file in which it is called, what the call
/// begins with, and the number of the argument.
const HANDED_ON: &[(&str, &str, usize)] = &[
    ("lis-server/src/accounts/actions.rs", "log_person(", 3),
    ("lis-server/src/cases/", "Step {", 3),
    ("lis-server/src/quality/complaints/actions.rs", ".done(", 3),
    ("lis-server/src/quality/handling.rs", ".entry(", 1),
    ("lis-server/src/samples/actions/create.rs", "born(", 5),
];

/// Whose words are erased is a person, an enterprise or a rapid test: kinds that others write too.
const KIND_HANDED_ON: &[&str] = &["lis-server/src/audit/erasure/mod.rs"];

/// What a field is called that holds a state, a role or a verdict.
const OF_CODES: &[&str] = &["state", "status", "custody", "retention", "maturity", "role", "roles", "verdict"];

/// The tables of states whose states stand in the log: entity, kind of object, field. Mails and jobs are moved on by the program,
/// which logs what happened to them and no state.
const LIVES: &[(&str, &str, &str)] = &[
    ("entity-application", "case_application", "state"),
    ("entity-campaign", "campaign", "state"),
    ("entity-case", "failing_case", "state"),
    ("entity-complaint", "complaint", "state"),
    ("entity-custody", "part", "custody"),
    ("entity-item", "test_item", "state"),
    ("entity-message", "instrument_message", "state"),
    ("entity-observation", "observation", "state"),
    ("entity-plan", "sampling_plan", "state"),
    ("entity-profile", "instrument_profile", "maturity"),
    ("entity-report", "report", "state"),
    ("entity-retention", "part", "retention"),
    ("entity-sample", "sample", "state"),
    ("entity-work", "nonconforming_work", "state"),
    ("entity-worksheet", "worksheet", "state"),
];
const NOT_LOGGED: &[&str] = &["entity-job", "entity-mail"];

/// What else a field may say: kind of object, field, its codes.
const OTHERS: &[(&str, &str, &[&str])] = &[
    ("comparison", "verdict", &["agrees", "differs"]),
    ("controlled_document", "kind", &["sop", "manual", "form", "contract"]),
    ("controlled_document", "state", &["brought", "approved", "refused"]),
    ("failing_case", "department", &["market_supervision", "agriculture"]),
    ("instrument", "status", &["qualified", "limited", "stopped"]),
    ("instrument_dispatch", "state", &["delivered", "refused"]),
    ("part", "method", &["harmless_treatment", "general_waste", "returned_to_client"]),
    ("part", "step", &["ship", "receive", "move", "issue", "take_back", "return", "release", "keep", "dispose"]),
    ("method_verification", "conclusion", &["suitable", "unsuitable"]),
    ("proficiency_round", "verdict", &["satisfactory", "questionable", "unsatisfactory"]),
    ("rapid_test", "repeat_verdict", &["negative", "positive", "suspect"]),
    ("rapid_test", "verdict", &["negative", "positive", "suspect"]),
    ("sample", "decision", &["accept", "reject", "hold", "accept_with_note"]),
    ("signing_grant", "meaning", &["checked", "reviewed", "authorized", "released", "set", "validated"]),
    ("supplier", "provides", &["calibration", "materials", "maintenance", "proficiency", "subcontracting"]),
    ("upkeep_run", "kind", &["files", "log", "backup", "clock"]),
];

/// What the source puts into entries of the log.
#[derive(Default)]
struct Written {
    kinds: BTreeSet<String>,
    events: BTreeSet<String>,
    fields: BTreeSet<String>,
    /// Fields of states, roles and verdicts, with the kind of object.
    coded: BTreeSet<(String, String)>,
    /// Entries of which this guard does not see what they say.
    unseen: Vec<String>,
}

fn written(files: &[Source]) -> Written {
    let mut written = Written::default();
    for file in files.iter().filter(|file| !file.path.ends_with("tests.rs") && !file.path.contains("/tests/")) {
        let text = product_text(&file.text);
        for call in calls(&text, ".entry(").iter().filter(|call| call.len() == 4) {
            read_entry(&mut written, &file.path, &text, call);
        }
        written.coded.extend(coded_fields(&text));
        for (_, start, number) in HANDED_ON.iter().filter(|(under, ..)| file.path.starts_with(under)) {
            for call in calls(&text, start).iter().filter(|call| call.len() > *number) {
                written.events.extend(events_in(&text, call[*number]));
            }
        }
        if text.contains(".entry(") {
            for start in [".set(", ".change("] {
                let names = calls(&text, start);
                let names = names.iter().filter_map(|call| call.first()?.strip_prefix('"')?.strip_suffix('"'));
                written.fields.extend(names.map(str::to_owned));
            }
        }
    }
    written
}

/// An entry by its kind of object, id, version and event.
fn read_entry(written: &mut Written, path: &str, text: &str, call: &[&str]) {
    let (kind, event) = (call[0], call[3]);
    match kind_named(text, kind) {
        Some(kind) => {
            written.kinds.insert(kind);
        }
        None if KIND_HANDED_ON.contains(&path) => {}
        None => written.unseen.push(format!("{path}: of what kind is the entry about {kind}?")),
    }
    let events = events_in(text, event);
    if events.is_empty() && !HANDED_ON.iter().any(|(under, ..)| path.starts_with(under)) {
        written.unseen.push(format!("{path}: which event is {event}? Say in HANDED_ON where it comes from"));
    }
    written.events.extend(events);
}

/// The kind of object that an argument is: written out, or a constant of the file.
fn kind_named(text: &str, argument: &str) -> Option<String> {
    let constant = || text.split(&format!("const {argument}: &str = ")).nth(1).map(literals);
    let kinds = if argument.starts_with('"') { Some(literals(argument)) } else { constant() };
    kinds?.into_iter().next()
}

/// What is said of states, roles and verdicts behind the beginning of an entry, up to that of the next.
fn coded_fields(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut kind = None;
    for part in text.split(".entry(") {
        let call = arguments(part);
        if call.len() == 4 {
            kind = kind_named(text, call[0]);
        }
        let Some(kind) = &kind else { continue };
        for start in [".set(", ".change("] {
            let names = calls(part, start);
            let names = names.iter().filter_map(|call| call.first()?.strip_prefix('"')?.strip_suffix('"'));
            found.extend(names.filter(|name| OF_CODES.contains(name)).map(|name| (kind.clone(), name.to_owned())));
        }
    }
    found
}

/// The events that an argument may be: written out, or bound before to one of several.
fn events_in(text: &str, argument: &str) -> Vec<String> {
    let argument = argument.strip_prefix("event: ").unwrap_or(argument);
    if argument.starts_with('(') {
        return literals(argument).into_iter().take(1).collect();
    }
    let written_out = literals(argument);
    if !written_out.is_empty() {
        return written_out;
    }
    let start = format!("let {argument} = ");
    let to_one_of =
        text.split(start.as_str()).skip(1).filter(|rest| rest.starts_with("if ") || rest.starts_with("match "));
    to_one_of.flat_map(literals).filter(|word| word.contains('-')).collect()
}

/// The arguments of every call that begins so; a definition is none.
fn calls<'a>(text: &'a str, start: &str) -> Vec<Vec<&'a str>> {
    let is_call = |at: &usize| !text[..*at].ends_with("fn ") && !text[..*at].ends_with("struct ");
    let starts = text.match_indices(start).map(|(at, _)| at).filter(is_call);
    starts.map(|at| arguments(&text[at + start.len()..])).collect()
}

/// What stands between commas up to the bracket that closes.
fn arguments(text: &str) -> Vec<&str> {
    let (mut found, mut depth, mut from, mut quoted, mut escaped) = (Vec::new(), 0, 0, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth > 0 => depth -= 1,
            ',' | ')' | '}' if depth == 0 => {
                found.push(text[from..at].trim());
                from = at + 1;
                if c != ',' {
                    break;
                }
            }
            _ => {}
        }
    }
    found.retain(|argument| !argument.is_empty());
    found
}

/// The texts in quotation marks, up to the end of the statement.
fn literals(text: &str) -> Vec<String> {
    let statement = text.split(';').next().unwrap_or_default();
    statement.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Without comments and without the tests at its end.
fn product_text(text: &str) -> String {
    let product = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    product.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Codes without a word.
fn wordless(written: &Written) -> Vec<String> {
    let mut complaints = written.unseen.clone();
    let unlisted = written.kinds.iter().filter(|kind| !KINDS.contains(&kind.as_str()));
    complaints.extend(unlisted.map(|kind| format!("{kind} is not in audit::words::KINDS")));
    let kinds: BTreeSet<String> = KINDS.iter().map(|kind| (*kind).to_owned()).collect();
    for (list, codes) in [("object", &kinds), ("event", &written.events), ("log-field", &written.fields)] {
        let keys = codes.iter().map(|code| format!("{list}-{}", code.replace('_', "-")));
        complaints.extend(
            keys.filter(|key| !Language::Chinese.knows(key)).map(|key| format!("{key} has no text; add it to log.ftl")),
        );
    }
    let unlisted = written.coded.iter().filter(|(kind, field)| !is_coded(kind, field));
    complaints.extend(unlisted.map(|(kind, field)| format!("{field} of {kind} is not in audit::words::CODED")));
    complaints
}

fn is_coded(kind: &str, field: &str) -> bool {
    CODED.iter().any(|(object, coded, _)| (*object, *coded) == (kind, field))
}

/// States, roles and verdicts that the log does not call as the pages do, or by no word at all.
fn unspoken(tables: &[StateTable]) -> Vec<String> {
    let mut complaints = Vec::new();
    // Kind of object, field, code, and the key of its word where a room says it.
    let mut said: Vec<(&str, &str, &str, Option<String>)> = Vec::new();
    for table in tables.iter().filter(|table| !NOT_LOGGED.contains(&table.entity)) {
        match LIVES.iter().find(|(entity, ..)| *entity == table.entity) {
            Some((_, kind, field)) => {
                said.extend(table.states.iter().map(|state| (*kind, *field, state.code, Some(state.word.clone()))));
            }
            None => complaints
                .push(format!("{}: in which field does the log say its states? Say it in LIVES", table.entity)),
        }
    }
    said.extend(Role::ALL.iter().map(|role| ("person", "roles", role.code(), Some(role.word()))));
    said.extend(Verdict::ALL.iter().map(|verdict| ("test_item", "verdict", verdict.name(), Some(verdict.word()))));
    for (kind, field, codes) in OTHERS {
        said.extend(codes.iter().map(|code| (*kind, *field, *code, None)));
    }
    for (kind, field, code, word) in &said {
        for language in Language::ALL {
            let spoken = words::value(*language, kind, field, code);
            let is_right = match word {
                Some(word) => spoken == language.text(word),
                // In English the word may be the code; that it has one is the other guard's (keys are equal).
                None => *language == Language::English || spoken != *code,
            };
            if !is_right {
                complaints.push(format!("{field} of {kind}: {code} has no word in {}", language.code()));
            }
        }
    }
    let is_said = |kind: &str, field: &str| said.iter().any(|(of, named, ..)| (*of, *named) == (kind, field));
    let silent = CODED.iter().filter(|(kind, field, _)| !is_said(kind, field));
    complaints.extend(silent.map(|(kind, field, _)| format!("{field} of {kind}: this guard knows none of its codes")));
    complaints
}

#[test]
fn what_the_log_is_told_has_words() {
    let written = written(&server_sources(&[".rs"]));
    // One of every way in which an event comes to its entry.
    let of_each_way = [
        "item-final",
        "item-recomputed",
        "case-failing",
        "person-created",
        "case-closed",
        "complaint-told",
        "work-effect-checked",
        "sample-ordered",
    ];
    let unfound: Vec<&str> = of_each_way.into_iter().filter(|event| !written.events.contains(*event)).collect();
    assert!(unfound.is_empty(), "not found in the source: {unfound:?}");
    assert!(
        written.kinds.len() > 45 && written.events.len() > 150 && written.fields.len() > 250,
        "the source was read"
    );
    none(wordless(&written));
}

#[test]
fn states_roles_and_verdicts_in_the_log_have_words() {
    let written = written(&server_sources(&[".rs"]));
    let of = |kind: &str, field: &str| (kind.to_owned(), field.to_owned());
    // At once, in an entry that is changed later, among many fields.
    for coded in [of("part", "custody"), of("failing_case", "state"), of("person", "roles"), of("test_item", "verdict")]
    {
        assert!(written.coded.contains(&coded), "not found in the source: {coded:?}");
    }
    let tables = front::state_tables();
    none(unspoken(&tables));

    let mut changed = tables.clone();
    let sample = changed.iter_mut().find(|table| table.entity == "entity-sample").expect("the sample");
    sample.states.push(Named::new("lost", "sample-lost-nowhere"));
    assert_eq!(
        unspoken(&changed),
        ["state of sample: lost has no word in zh-CN", "state of sample: lost has no word in en"]
    );
    changed = tables;
    changed[0].entity = "entity-new";
    assert_eq!(
        unspoken(&changed),
        [
            "entity-new: in which field does the log say its states? Say it in LIVES",
            "state of campaign: this guard knows none of its codes",
        ]
    );
}

#[test]
fn a_code_without_a_word_is_noticed() {
    let file = |text: &str| Source { path: "lis-server/src/room/actions.rs".to_owned(), text: text.to_owned() };
    let known =
        r#"tx.log(by.entry("sample", id.0, seen + 1, "sample-held").change("state", old, "x").set("reason", ""));"#;
    assert_eq!(wordless(&written(&[file(known)])), [""; 0]);
    let unknown = "let what = if new { \"thing-made\" } else { \"thing-mended\" };\n\
                   tx.log(by.entry(\"thing\", id.0, 1, what).set(\"colour\", \"red\"));";
    assert_eq!(
        wordless(&written(&[file(unknown)])),
        [
            "thing is not in audit::words::KINDS",
            "event-thing-made has no text; add it to log.ftl",
            "event-thing-mended has no text; add it to log.ftl",
            "log-field-colour has no text; add it to log.ftl",
        ]
    );
    let unlisted = r#"let entry = by.entry("lot", id.0, 1, "lot-opened"); tx.log(entry.change("state", old, new));"#;
    let wordless_state = wordless(&written(&[file(unlisted)]));
    assert!(wordless_state.contains(&"state of lot is not in audit::words::CODED".to_owned()), "{wordless_state:?}");
    let unseen = "tx.log(by.entry(THING, id.0, 1, event));";
    assert_eq!(
        wordless(&written(&[file(unseen)])),
        [
            "lis-server/src/room/actions.rs: of what kind is the entry about THING?",
            "lis-server/src/room/actions.rs: which event is event? Say in HANDED_ON where it comes from",
        ]
    );
}
