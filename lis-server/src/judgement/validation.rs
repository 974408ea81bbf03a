//! A validation file (ISO/IEC 17025 7.11.2): questions of the evaluator with the answers that are expected, one JSON object
//! per line, `{"id": …, "rule": …, "ask": {…}, "expect": {…}}`. The program's own is `vectors.jsonl`; a laboratory keeps one
//! for its own methods and limits, and asks it again before anything that it judges by changes.
//!
//! An expected text is the answer, character by character; with `~` before it, the answer rounded to as many decimals.
//! Fields of the answer that nothing is expected of are not looked at.

use std::fmt;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::calc::{Reference, answer, wording};
use super::number::fixed;
use crate::domain::decimal::Decimal;

/// One line of the file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    #[serde(skip)]
    line: u64,
    pub id: String,
    /// The standard or the matter that decides.
    #[serde(default)]
    pub rule: String,
    ask: Map<String, Value>,
    expect: Map<String, Value>,
}

/// A line that is no question.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unreadable {
    /// From 1.
    pub line: u64,
    pub why: String,
}

/// One field that was answered in another way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// From 1.
    pub line: u64,
    pub id: String,
    pub rule: String,
    pub field: String,
    pub expected: String,
    /// What stands in the field; where there is no such field, the whole answer.
    pub answered: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, id, rule, field, expected, answered } = self;
        write!(f, "line {line}, {id} ({rule}): {field} is expected to be {expected}; answered {answered}")
    }
}

/// Reads a file; blank lines are skipped.
///
/// # Errors
/// Every line that is no question, or expects nothing.
pub fn read(text: &str) -> Result<Vec<Question>, Vec<Unreadable>> {
    let (mut questions, mut wrong) = (Vec::new(), Vec::new());
    let lines = text.trim_start_matches('\u{FEFF}').lines().map(str::trim);
    for (line, text) in (1..).zip(lines).filter(|(_, text)| !text.is_empty()) {
        match serde_json::from_str::<Question>(text) {
            Ok(question) if question.expect.is_empty() => {
                wrong.push(Unreadable { line, why: "nothing is expected".to_owned() });
            }
            Ok(question) => questions.push(Question { line, ..question }),
            Err(error) => wrong.push(Unreadable { line, why: wording::of_reading(&error.to_string()) }),
        }
    }
    if wrong.is_empty() { Ok(questions) } else { Err(wrong) }
}

/// Asks every question; what was answered in another way than expected, in order of the file.
pub fn check(questions: &[Question], reference: &dyn Reference) -> Vec<Difference> {
    questions.iter().flat_map(|question| question.differences(reference)).collect()
}

impl Question {
    fn differences(&self, reference: &dyn Reference) -> Vec<Difference> {
        let answered = answer(&Value::Object(self.ask.clone()).to_string(), reference);
        let found: Value = serde_json::from_str(&answered).unwrap_or_default();
        let wrong = self.expect.iter().filter(|(field, expected)| !agrees(&found[field.as_str()], expected));
        wrong
            .map(|(field, expected)| Difference {
                line: self.line,
                id: self.id.clone(),
                rule: self.rule.clone(),
                field: field.clone(),
                expected: expected.to_string(),
                answered: found.get(field).map_or_else(|| answered.clone(), Value::to_string),
            })
            .collect()
    }
}

fn agrees(found: &Value, expected: &Value) -> bool {
    match (found, expected) {
        (Value::String(found), Value::String(expected)) => match expected.strip_prefix('~') {
            Some(rounded) => at_decimals_of(found, rounded).is_some_and(|found| found == rounded),
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

/// A value at the decimals of the expected text; nothing where either is no number.
fn at_decimals_of(value: &str, expected: &str) -> Option<String> {
    let expected = Decimal::parse(expected).ok()?;
    Some(fixed(&Decimal::parse(value).ok()?.to_ratio(), expected.decimals()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::calendar::WorkingCalendar;
    use crate::judgement::calc::{LimitAnswer, LimitQuery};

    struct Nothing(WorkingCalendar);

    impl Reference for Nothing {
        fn calendar(&self) -> &WorkingCalendar {
            &self.0
        }

        fn limits(&self, _: &LimitQuery) -> Result<LimitAnswer, String> {
            Err("no catalogue".into())
        }
    }

    /// A comparison that agrees with everything would show nothing.
    #[test]
    fn a_wrong_answer_is_seen() {
        let text = |text: &str| Value::from(text);
        assert!(agrees(&text("0.1094963"), &text("~0.109496")));
        assert!(!agrees(&text("0.1094970"), &text("~0.109496")));
        assert!(!agrees(&text("ND"), &text("~0.109496")), "no number is near to none");
        assert!(!agrees(&text("1.0"), &text("1")));
        assert!(!agrees(&Value::Null, &text("PASS")));
        let reading = |x: &str| serde_json::json!([{"x": x, "y": "0.15"}]);
        assert!(agrees(&reading("14.47218"), &serde_json::json!([{"x": "~14.4722"}])));
        assert!(!agrees(&reading("14.47209"), &serde_json::json!([{"x": "~14.4722"}])));
    }

    #[test]
    fn differences_are_named_by_line_and_field_and_bad_lines_by_their_place() {
        // GB/T 8170: 12.1498 at 0.1 is 12.1; the second line expects what successive rounding would give; the third asks for
        // an operation that there is not.
        let good = r#"{"id":"r1","rule":"GB/T 8170","ask":{"op":"round","x":"12.1498","interval":"0.1"},"expect":{"value":"12.1","mark":""}}"#;
        let wrong = r#"{"id":"r2","ask":{"op":"round","x":"12.1498","interval":"0.1"},"expect":{"value":"12.2"}}"#;
        let unknown = r#"{"id":"r3","ask":{"op":"divide"},"expect":{"value":"1"}}"#;
        let questions = read(&format!("{good}\n\n{wrong}\n{unknown}\n")).unwrap();
        let found = check(&questions, &Nothing(WorkingCalendar::default()));
        let shown: Vec<(u64, &str, &str)> =
            found.iter().map(|one| (one.line, one.id.as_str(), one.expected.as_str())).collect();
        assert_eq!(shown, [(3, "r2", r#""12.2""#), (4, "r3", r#""1""#)]);
        assert_eq!(found[0].answered, r#""12.1""#);
        assert!(found[1].answered.contains("divide"), "the whole answer: {}", found[1].answered);

        let bad = read(&format!("{good}\nx,y\n{{\"id\":\"r4\",\"ask\":{{}},\"expect\":{{}}}}\n")).unwrap_err();
        assert_eq!(bad.iter().map(|one| one.line).collect::<Vec<_>>(), [2, 3]);
    }
}
