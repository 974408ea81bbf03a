//! What no field may hold, made from a valid body: each place of the document in turn.

use serde_json::{Value, json};

use super::Command;

/// One hostile body.
pub struct Hostile {
    pub what: String,
    /// The field that the refusal must name, and what else it may be called.
    pub fields: Vec<String>,
    pub body: Vec<u8>,
    /// No database has to do with it: it is no such document, or a rule stops the field before anything is asked.
    pub is_early: bool,
}

/// What is stopped early, of all that a field may not hold.
const EARLY: &[&str] = &[ANOTHER_TYPE, "missing", "too long", "a control character", "no UTF-8"];
const ANOTHER_TYPE: &str = "of another type";

/// Longer than any text that a person writes into a field.
const LONG: usize = 10_000;

/// What no date may be: a day that no month has, a year that no calendar of a database has, words.
const NO_DATES: &[&str] = &["2026-02-30", "2026-13-01", "0000-01-01", "99999-01-01", "yesterday", "16.11.2026"];

/// What no id may be.
const NO_IDS: &[&str] = &["-1", "0", "999999999", "9223372036854775808", "1.5", "abc"];

/// What no quantity may be.
const NO_QUANTITIES: &[&str] = &["-1", "NaN", "1e999999999", "1,5,0", "0x10", "abc"];

/// Quantities and counts that forms and documents carry as text.
const QUANTITIES: &[&str] = &[
    "batches",
    "units",
    "samplers",
    "quantity",
    "backup_quantity",
    "micro_units",
    "report_copies",
    "lot_size",
    "qty_total",
    "qty_test",
    "qty_backup",
    "unit_price",
    "test_quantity",
    "spike_added",
    "quantities",
];

/// What no whole number of a document may be.
fn no_numbers() -> [Value; 4] {
    [json!(-1), json!(1.5), json!(9_223_372_036_854_775_807_u64), json!(9_223_372_036_854_775_808_u64)]
}

/// A step into a document.
#[derive(Clone, PartialEq)]
enum Step {
    Field(String),
    Item(usize),
}

/// Every place of a document below its root, with what stands there.
fn places(value: &Value, path: &[Step], found: &mut Vec<(Vec<Step>, Value)>) {
    let mut go = |step: Step, inside: &Value| {
        let path = [path, &[step]].concat();
        found.push((path.clone(), inside.clone()));
        places(inside, &path, found);
    };
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, inside)| go(Step::Field(name.clone()), inside)),
        Value::Array(items) => items.iter().enumerate().for_each(|(number, inside)| go(Step::Item(number), inside)),
        _ => {}
    }
}

/// The last named part of a path: a refusal of an item of a list names the list.
fn name_of(path: &[Step]) -> &str {
    let named = path.iter().rev().find_map(|step| match step {
        Step::Field(name) => Some(name.as_str()),
        Step::Item(_) => None,
    });
    named.unwrap_or("body")
}

/// The document with another value, or none, at a place.
fn with(document: &Value, path: &[Step], value: Option<Value>) -> Value {
    let mut document = document.clone();
    let mut here = &mut document;
    let (last, way) = path.split_last().expect("below the root");
    for step in way {
        here = match step {
            Step::Field(name) => &mut here[name.as_str()],
            Step::Item(number) => &mut here[*number],
        };
    }
    match (last, value) {
        (Step::Field(name), Some(value)) => here[name.as_str()] = value,
        (Step::Item(number), Some(value)) => here[*number] = value,
        (Step::Field(name), None) => {
            here.as_object_mut().expect("an object").remove(name);
        }
        (Step::Item(number), None) => {
            here.as_array_mut().expect("a list").remove(*number);
        }
    }
    document
}

/// Stands for bytes that are no UTF-8 until the document is text.
const NO_TEXT: &str = "NO-TEXT";

pub fn attacks(command: &Command) -> Vec<Hostile> {
    let mut attacks = Vec::new();
    let mut whole = |what: &str, body: &[u8]| {
        let fields = vec!["body".to_owned()];
        attacks.push(Hostile { what: what.to_owned(), fields, body: body.to_vec(), is_early: true });
    };
    whole("nothing", b"");
    whole("a number", b"7");
    whole("a document that breaks off", b"{\"");
    let twice = format!("{0}{0}", command.body);
    whole("two documents", twice.as_bytes());
    if !command.is_list() {
        whole("a list for an object", b"[]");
    }
    let mut found = Vec::new();
    places(&command.body, &[], &mut found);
    for (path, value) in &found {
        let name = name_of(path);
        let called = command.called.iter().filter(|(field, _)| *field == name).map(|(_, called)| *called);
        let fields: Vec<String> = [name].into_iter().chain(called).map(str::to_owned).collect();
        let mut put = |what: &str, value: Option<Value>| {
            let document = with(&command.body, path, value).to_string();
            // The marker stands in a JSON string: its bytes can be exchanged.
            let body = exchanged(document.as_bytes(), NO_TEXT.as_bytes(), b"\xff\xfe");
            let is_early = EARLY.contains(&what);
            attacks.push(Hostile { what: format!("{name}: {what}"), fields: fields.clone(), body, is_early });
        };
        put(ANOTHER_TYPE, Some(if value.is_object() || value.is_array() { json!("x") } else { json!({"x": [1]}) }));
        let is_field = matches!(path.last(), Some(Step::Field(_)));
        if is_field && command.required.contains(&name) {
            put("missing", None);
        }
        if command.opaque.contains(&name) {
            continue;
        }
        match value {
            Value::String(text) => {
                put("too long", Some(json!("长".repeat(LONG))));
                put("a control character", Some(json!("a\u{7}b")));
                put("NUL", Some(json!("a\0b")));
                put("no UTF-8", Some(json!(format!("a{NO_TEXT}b"))));
                let wrong = if is_date(text) {
                    NO_DATES
                } else if name.ends_with("_id") {
                    NO_IDS
                } else if QUANTITIES.contains(&name) {
                    NO_QUANTITIES
                } else {
                    &[]
                };
                wrong.iter().for_each(|wrong| put(wrong, Some(json!(wrong))));
            }
            Value::Number(_) => {
                for wrong in no_numbers() {
                    put(&wrong.to_string(), Some(wrong));
                }
            }
            _ => {}
        }
    }
    attacks
}

fn is_date(text: &str) -> bool {
    let digits =
        |range: std::ops::Range<usize>| text.get(range).is_some_and(|part| part.bytes().all(|b| b.is_ascii_digit()));
    text.len() >= 10 && digits(0..4) && text.get(4..5) == Some("-") && digits(5..7) && text.get(7..8) == Some("-")
}

fn exchanged(text: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    match text.windows(old.len()).position(|window| window == old) {
        Some(at) => [&text[..at], new, &text[at + old.len()..]].concat(),
        None => text.to_vec(),
    }
}
