//! Every row of `vectors.jsonl`, asked through the evaluator: the questions that the standards answer by an example or
//! by a clause, with answers worked out by hand. Any laboratory can put the same questions to its own installation:
//! `lis-server calc` reads what stands under `ask`, line by line.
//!
//! An expected text is the answer, character by character; with `~` before it, the answer rounded to as many decimals.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::calc::{LimitAnswer, LimitQuery, Reference, answer};
use super::number::fixed;
use crate::domain::calendar::WorkingCalendar;
use crate::domain::decimal::Decimal;

const VECTORS: &str = include_str!("vectors.jsonl");
/// Lines of the file: one that gets lost is noticed.
const LINES: usize = 167;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    id: String,
    /// The standard or the matter that decides.
    rule: String,
    ask: Map<String, Value>,
    expect: Map<String, Value>,
}

struct Nothing(WorkingCalendar);

impl Reference for Nothing {
    fn calendar(&self) -> &WorkingCalendar {
        &self.0
    }

    fn limits(&self, _: &LimitQuery) -> Result<LimitAnswer, String> {
        Err("no catalogue".into())
    }
}

// Requirement: Q02, Q03, Q04, Q05, Q06, Q07, Q08, Q09, Q10
#[test]
fn judgement_vectors() {
    let reference = Nothing(WorkingCalendar::default());
    let mut wrong = Vec::new();
    for line in VECTORS.lines() {
        let vector: Vector = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(!vector.expect.is_empty(), "{} expects nothing", vector.id);
        let found: Value = serde_json::from_str(&answer(&Value::Object(vector.ask).to_string(), &reference)).unwrap();
        for (field, expected) in &vector.expect {
            if !agrees(&found[field], expected) {
                wrong.push(format!("{} ({}): {field} is {expected}; answered {found}", vector.id, vector.rule));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(VECTORS.lines().count(), LINES);
}

fn agrees(found: &Value, expected: &Value) -> bool {
    match (found, expected) {
        (Value::String(found), Value::String(expected)) => match expected.strip_prefix('~') {
            Some(rounded) => at_decimals_of(found, rounded) == rounded,
            None => found == expected,
        },
        (Value::Array(found), Value::Array(expected)) => {
            found.len() == expected.len() && found.iter().zip(expected).all(|(found, expected)| agrees(found, expected))
        }
        (Value::Object(found), Value::Object(expected)) => {
            expected.iter().all(|(field, expected)| found.get(field).is_some_and(|found| agrees(found, expected)))
        }
        _ => found == expected,
    }
}

/// A value at the decimals of the expected text.
fn at_decimals_of(value: &str, expected: &str) -> String {
    let expected = Decimal::parse(expected).unwrap();
    fixed(&Decimal::parse(value).unwrap().to_ratio(), expected.decimals())
}

/// A comparison that agrees with everything would show nothing.
#[test]
fn a_wrong_answer_is_seen() {
    let text = |text: &str| Value::from(text);
    assert!(agrees(&text("0.1094963"), &text("~0.109496")));
    assert!(!agrees(&text("0.1094970"), &text("~0.109496")));
    assert!(!agrees(&text("1.0"), &text("1")));
    assert!(!agrees(&Value::Null, &text("PASS")));
    let reading = |x: &str| serde_json::json!([{"x": x, "y": "0.15"}]);
    assert!(agrees(&reading("14.47218"), &serde_json::json!([{"x": "~14.4722"}])));
    assert!(!agrees(&reading("14.47209"), &serde_json::json!([{"x": "~14.4722"}])));
}
