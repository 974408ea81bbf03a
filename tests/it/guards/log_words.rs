//! The words of the log: every kind of object, event and field that the source writes into an entry has one.

use std::collections::BTreeSet;

use lis_server::audit::words::KINDS;
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

/// Whose words are erased is a person or an enterprise: kinds that others write too.
const KIND_HANDED_ON: &[&str] = &["lis-server/src/audit/erasure/mod.rs"];

/// What the source puts into entries of the log.
#[derive(Default)]
struct Written {
    kinds: BTreeSet<String>,
    events: BTreeSet<String>,
    fields: BTreeSet<String>,
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
    let stands_for = |name: &str| text.split(&format!("const {name}: &str = ")).nth(1).map(literals);
    let kinds = if kind.starts_with('"') { literals(kind) } else { stands_for(kind).unwrap_or_default() };
    match kinds.into_iter().next() {
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
    let unseen = "tx.log(by.entry(THING, id.0, 1, event));";
    assert_eq!(
        wordless(&written(&[file(unseen)])),
        [
            "lis-server/src/room/actions.rs: of what kind is the entry about THING?",
            "lis-server/src/room/actions.rs: which event is event? Say in HANDED_ON where it comes from",
        ]
    );
}
