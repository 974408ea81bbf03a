//! The end of parts: kept until their day, released by one person, disposed of with the approval of another, and never while
//! a case is open.

use chrono::TimeDelta;
use lis_tests::{Client, Person, Reply, TestLis, demonstrated};
use serde_json::{Value, json};

use crate::steps::House;

/// A program of somebody of the demonstration.
pub(crate) fn program(lis: &TestLis, username: &str, scopes: &[&str]) -> Client {
    let id = lis.numbers(&format!("SELECT id AS value FROM person WHERE username = '{username}'"))[0];
    let person = Person { id, username: username.to_owned(), roles: Vec::new() };
    lis.api(&lis.token(&person, scopes))
}

/// The parts of a sample in the store, as a step of the list names them.
fn parts(custodian: &Client, sample: i64) -> Vec<Value> {
    let shown = custodian.get(&format!("/api/v1/samples/{sample}")).expect(200).json();
    let parts = shown["parts"].as_array().expect("parts").clone();
    let seen = |part: &Value| json!({"id": part["id"], "version": part["version"]});
    parts.iter().filter(|part| part["custody"] == "in_laboratory").map(seen).collect()
}

pub(crate) fn step(client: &Client, step: &str, body: &Value) -> Reply {
    client.send_json("POST", &format!("/api/v1/disposal/{step}"), body).send()
}

/// Codes of all reasons of a refusal.
fn codes(reply: &Reply) -> Vec<String> {
    let body = reply.json();
    let errors = body["reasons"].as_array().expect("reasons").iter();
    errors.map(|error| error["code"].as_str().unwrap_or_default().to_owned()).collect()
}

pub(crate) fn sample_with(lis: &TestLis, conclusion: &str) -> i64 {
    lis.numbers(&format!(
        "SELECT max(sample_id) AS value FROM report JOIN sample ON sample.id = sample_id \
         WHERE report.state = 'issued' AND conclusion = '{conclusion}' AND sample.sample_type <> 'entrusted' \
         AND NOT EXISTS (SELECT 1 FROM failing_case WHERE failing_case.sample_id = sample.id)"
    ))[0]
}

// Requirement: Q74-4
demonstrated!(parts_go_when_nothing_obliges_to_keep_them_and_two_people_agree, |lis: TestLis| {
    let custodian = program(&lis, "custodian", &["receive_samples", "see_samples"]);
    let officer = program(&lis, "quality", &["approve_disposal", "see_samples"]);
    let passed = sample_with(&lis, "pass");
    let own = parts(&custodian, passed);
    assert!(own.len() >= 2, "a test part and a backup: {own:?}");

    // The backup of a conforming sample is kept for three months; a part without such a day may go at once.
    let refused = step(&custodian, "releases", &json!({"parts": own}));
    assert_eq!((refused.status, codes(&refused)), (409, vec!["part-still-kept".to_owned()]), "{}", refused.shown());

    lis.wait(TimeDelta::days(200));
    let listed = custodian.get("/api/v1/disposal?limit=500").expect(200).json();
    let ids: Vec<&Value> = listed["items"].as_array().expect("items").iter().map(|line| &line["id"]).collect();
    assert!(own.iter().all(|part| ids.contains(&&part["id"])), "{listed}");

    // Nobody disposes of what nobody released; the custodian approves nothing.
    let early = step(&officer, "disposals", &json!({"parts": own, "method": "general_waste"}));
    assert_eq!(early.status, 409, "{}", early.shown());
    step(&custodian, "releases", &json!({"parts": own})).expect(200);
    let released = parts(&custodian, passed);
    assert_eq!(step(&custodian, "disposals", &json!({"parts": released, "method": "general_waste"})).status, 403);

    // A part that changed since it was seen.
    let stale = step(&officer, "disposals", &json!({"parts": own, "method": "general_waste"}));
    assert!(codes(&stale).contains(&"part-changed".to_owned()), "{}", stale.shown());
    let nameless = step(&officer, "disposals", &json!({"parts": released}));
    assert_eq!(nameless.status, 422, "{}", nameless.shown());

    // Kept again needs a reason; then it must be released once more.
    assert_eq!(step(&custodian, "keeps", &json!({"parts": released})).status, 422);
    step(&custodian, "keeps", &json!({"parts": released, "remark": "an inquiry by the authority"})).expect(200);
    step(&custodian, "releases", &json!({"parts": parts(&custodian, passed)})).expect(200);

    let before = lis.rows("retention_event");
    let released = parts(&custodian, passed);
    let done = step(&officer, "disposals", &json!({"parts": released, "method": "general_waste"})).expect(200).json();
    assert_eq!(done["retention"], "disposed");
    assert_eq!(lis.rows("retention_event"), before + released.len() as i64);
    let listed = custodian.get("/api/v1/disposal?limit=500").expect(200).json();
    let left = listed["items"].as_array().expect("items").iter().filter(|line| line["sample_id"] == passed);
    assert_eq!(left.count(), 0, "what is disposed of has left the list");

    // It goes nowhere any more, and nothing is made of it.
    let tester = lis.numbers("SELECT id AS value FROM person WHERE username = 'tester1'")[0].to_string();
    let steps = [
        json!({"event": "issue", "holder_id": tester}),
        json!({"event": "move", "location": "B-9-9"}),
        json!({"event": "return"}),
    ];
    for part in parts(&custodian, passed) {
        let (id, version) = (part["id"].as_i64().expect("an id"), part["version"].as_i64().expect("a version"));
        let split = json!({"quantities": ["0.001"], "location": "B-9-9"});
        let asked = steps.iter().map(|body| ("custody", body)).chain([("split", &split)]);
        for (what, body) in asked {
            let path = format!("/api/v1/parts/{id}/{what}");
            let refused = custodian.command(&path, body).seen(version).send();
            assert_eq!((refused.status, codes(&refused)), (409, vec!["part-wrong-state".to_owned()]), "{what} {body}");
        }
    }
    // The page of the sample says what became of it, and offers no step.
    let shown = House::of(&lis).by("custodian").get(&format!("/samples/{passed}")).expect(200).page();
    let said = shown.text();
    for words in ["propose disposal", "keep after all", "an inquiry by the authority", "General waste"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(!said.contains("In the laboratory"), "{said}");
    for part in parts(&custodian, passed) {
        assert!(shown.all(&format!("form[action^='/parts/{}/']", part["id"])).is_empty(), "{said}");
    }
    lis.verified().expect("the log is whole");
});

demonstrated!(nothing_is_disposed_of_while_a_case_is_open, |lis: TestLis| {
    let custodian = program(&lis, "custodian", &["receive_samples", "see_samples"]);
    let open = "SELECT max(sample_id) AS value FROM failing_case WHERE state <> 'closed'";
    let sample = lis.numbers(open)[0];
    let own = parts(&custodian, sample);
    lis.wait(TimeDelta::days(400));
    let refused = step(&custodian, "releases", &json!({"parts": own}));
    assert_eq!(refused.status, 409);
    assert!(codes(&refused).iter().all(|code| code == "case-still-open"), "{}", refused.shown());
    assert_eq!(codes(&refused).len(), own.len(), "every part is named");

    // The page offers nobody a box that is refused: not these to the custodian, and to who approves only what was proposed.
    let house = House::of(&lis);
    let (keeper, approver) = (house.by("custodian"), house.by("quality"));
    for part in &own {
        let (id, version) = (part["id"].as_i64().expect("an id"), &part["version"]);
        let page = keeper.get(&format!("/disposal?after={}", id - 1)).expect(200).page();
        let one = format!("input[name=part][value='{id}-{version}']");
        assert!(page.attribute(&one, "disabled").is_some(), "{id}: a case is open");
    }
    let free = |client: &Client| {
        let page = client.get("/disposal").expect(200).page();
        (page.all("input[name=part]:not([disabled])").len(), page.text())
    };
    let hint = "Needed when parts are kept after all";
    let (choices, said) = free(&keeper);
    assert!(choices > 0 && said.contains(hint), "{said}");
    let (choices, said) = free(&approver);
    assert!(choices == 0 && !said.contains(hint), "{said}");
});
