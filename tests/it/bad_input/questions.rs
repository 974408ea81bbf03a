//! Questions to the evaluator, the one address that takes a body, stores nothing and answers 200 to what it cannot answer:
//! it says why, whatever is asked.

use lis_tests::{TestLis, demonstrated};
use serde_json::{Value, json};

use super::commands::{fingerprint, signed_in};

pub const ADDRESS: &str = "/api/v1/judgement/evaluate";

/// Bodies that are no questions at all.
const NO_QUESTIONS: &[&[u8]] =
    &[b"", b"7", b"[]", b"{", b"{}{}", b"{\"op\":{}}", b"{\"op\":\"\xff\"}", b"{\"op\":\"\\u0000\"}"];

/// Questions without an answer.
fn unanswerable() -> Vec<Value> {
    let limit = json!({"kind": "max", "value": "0.2", "unit": "mg/kg"});
    vec![
        json!({}),
        json!({"op": ""}),
        json!({"op": "divide", "x": "1"}),
        json!({"op": "judge"}),
        json!({"op": "judge", "value": "0.1"}),
        json!({"op": "judge", "value": "a lot", "unit": "mg/kg", "limit": limit}),
        json!({"op": "judge", "value": ["0.1"], "unit": "mg/kg", "limit": limit}),
        json!({"op": "judge", "value": "0.1", "unit": "mg/kg", "limit": "0.2"}),
        json!({"op": "round", "x": "1e999999999", "interval": "0.1"}),
        json!({"op": "round", "x": "NaN", "interval": "0.1"}),
        json!({"op": "round", "x": "1", "interval": "0"}),
        json!({"op": "due", "start": "2026-02-30", "length": 20, "unit": "working_day"}),
        json!({"op": "plate_count", "n": "many"}),
    ]
}

demonstrated!(a_question_without_an_answer_is_told_why, |lis: TestLis| {
    let tester = signed_in(&lis, "tester2");
    let before = fingerprint(&lis);
    for body in NO_QUESTIONS {
        let ask = tester.ask("POST", ADDRESS).header("sec-fetch-site", "same-origin");
        let reply = ask.body("application/json", *body).send();
        let what = String::from_utf8_lossy(body).into_owned();
        assert!((400..=428).contains(&reply.status), "{what}: {} {}", reply.status, reply.shown());
    }
    let answer = |question: &Value| {
        let ask = tester.send_json("POST", ADDRESS, question).header("sec-fetch-site", "same-origin");
        ask.send().expect(200).json()
    };
    for question in unanswerable() {
        let said = answer(&question);
        assert!(said["error"].as_str().is_some_and(|why| !why.is_empty()), "{question}: {said}");
    }
    // A field that is given twice is refused as on the command line, and not read once.
    let twice = br#"{"op": "round", "x": "12.1498", "x": "99", "interval": "0.1"}"#;
    let ask = tester.ask("POST", ADDRESS).header("sec-fetch-site", "same-origin");
    let said = ask.body("application/json", &twice[..]).send().expect(200).json();
    assert!(said["error"].as_str().is_some_and(|why| why.contains("duplicate field `x`")), "{said}");
    assert_eq!(
        answer(&json!({"op": "round", "x": "12.1498", "interval": "0.1"})),
        json!({"value": "12.1", "mark": ""})
    );
    assert_eq!(fingerprint(&lis), before);
});
