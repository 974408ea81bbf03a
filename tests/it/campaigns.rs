//! "You order, we test": from questionnaires to an approved plan, and what the public sees of it.

use chrono::TimeDelta;
use lis_server::accounts::Role;
use lis_server::domain::clock::Moment;
use lis_tests::{Client, Database, TestLis, demonstrated};
use serde_json::{Value, json};

use crate::steps::{House, number, uuid};

/// Answers in one request of paper questionnaires.
const PAPER_BATCH: usize = 2_000;

/// A questionnaire of one question, in draft.
fn campaign(house: &House, choices: &[&str]) -> i64 {
    let choices: Vec<Value> = choices.iter().map(|name| json!({"name_zh": name, "name_en": ""})).collect();
    let body = json!({
        "title_zh": "你点我检", "title_en": "You order", "region_code": "1310", "opens_at": "2026-11-27 08:00",
        "closes_at": "2026-11-30 18:00", "min_seconds": 10, "repeat": "once", "privacy_zh": "只用于计票",
        "privacy_en": "", "questions": [{
            "text_zh": "检什么？", "text_en": "", "required": true, "max_choices": 1, "choices": choices,
        }],
    });
    number(&house.done("officer", "/api/v1/campaigns", &body), "id")
}

fn open(house: &House, choices: &[&str]) -> i64 {
    let id = campaign(house, choices);
    house.done_on("officer", &format!("/api/v1/campaigns/{id}/open"), 1, &json!({}));
    id
}

demonstrated!(witnesses_are_named_while_they_consent, |lis: TestLis| {
    let house = House::of(&lis);
    let id = campaign(&house, &["蔬菜"]);
    let path = format!("/api/v1/campaigns/{id}/witnesses");
    let body = json!({"kind": "consumer", "name": "消费者王某", "consented_on": "2026-11-26", "consent": "签字"});
    let witness = number(&house.done("officer", &path, &body), "id");
    let mut tomorrow = body.clone();
    tomorrow["consented_on"] = json!("2027-11-28");
    assert_eq!(house.ask("officer", &path, &tomorrow).expect(422).codes(), ["witness-consent-in-future"]);
    let page = format!("/campaigns/{id}");
    let officer = house.by("officer");
    assert!(officer.get(&page).expect(200).page().text().contains("消费者王某"));

    let withdrawal = format!("{page}/witnesses/{witness}/withdrawal");
    officer.send(&officer.form(&page, &withdrawal)).expect(303);
    let shown = officer.get(&page).expect(200).page().text();
    assert!(!shown.contains("消费者王某") && shown.contains("consent withdrawn"), "{shown}");
    let kept = house.items("officer", &path);
    assert_eq!((&kept[0]["name"], &kept[0]["kind"]), (&json!(""), &json!("consumer")));
    let again = house.ask_on("officer", &format!("{path}/{witness}/withdrawal"), 2, &json!({})).expect(409);
    assert_eq!(again.codes(), ["witness-consent-withdrawn"]);
    assert_eq!(lis.numbers("SELECT count(*) AS value FROM audit_entry WHERE body LIKE '%消费者王某%'"), [0]);
});

/// The worked example of the workflow: 16,019 votes for six categories, 50 batches, at least 2 each.
const VOTES: [(&str, usize, i64); 6] = [
    ("蔬菜", 5210, 14),
    ("水产", 3984, 12),
    ("肉制品", 3120, 9),
    ("糕点", 1876, 6),
    ("食用油", 1203, 5),
    ("餐饮", 626, 4),
];

demonstrated!(votes_become_the_plan_of_the_worked_example, |lis: TestLis| {
    let house = House::of(&lis);
    let id = open(&house, &VOTES.map(|(name, ..)| name));
    let mut papers = Vec::new();
    for (place, (_, votes, _)) in (1..).zip(VOTES) {
        for _ in 0..votes {
            let telephone = format!("138{:08}", papers.len());
            let answers = json!({"q1": [format!("c{place}")]});
            papers
                .push(json!({"client_uuid": uuid(), "telephone": telephone, "seconds_taken": 30, "answers": answers}));
        }
    }
    for batch in papers.chunks(PAPER_BATCH) {
        let done = house.done("officer", &format!("/api/v1/campaigns/{id}/responses"), &json!({"items": batch}));
        assert!(done["items"].as_array().expect("answers").iter().all(|one| one["valid"] == true));
    }
    let closed = house.done_on("officer", &format!("/api/v1/campaigns/{id}/close"), 2, &json!({}));
    let counts = ["received", "valid", "invalid", "voters"].map(|field| number(&closed["counts"], field));
    assert_eq!(counts, [16_019, 16_019, 0, 16_019]);

    let draft = |username: &str, batches: &str, floor: &str| {
        let body = json!({"title": "抽样计划", "batches": batches, "floor_batches": floor});
        house.ask(username, &format!("/api/v1/campaigns/{id}/plans"), &body)
    };
    let refused = draft("officer", "11", "2").expect(422);
    assert_eq!(refused.codes(), ["plan-too-few-batches"]);
    assert!(refused.text().contains("12"), "six floors of two: {}", refused.text());
    let plan = number(&draft("officer", "50", "2").expect(201).json(), "id");
    let path = format!("/api/v1/plans/{plan}");
    let shown = house.get("approver", &path);
    let line = |line: &Value| {
        (line["category"].as_str().unwrap_or_default().to_owned(), number(line, "votes"), number(line, "batches"))
    };
    let lines: Vec<_> = shown["lines"].as_array().expect("lines").iter().map(line).collect();
    assert_eq!(lines, VOTES.map(|(name, votes, batches)| (name.to_owned(), votes as i64, batches)));

    // Somebody who may do both still does not approve what he drafted himself.
    house.give_roles("officer", &["campaign_officer", "plan_approver"]);
    let approve = json!({"decision": "approve", "reason": ""});
    let own = house.ask_on("officer", &format!("{path}/decision"), 1, &approve).expect(409);
    assert_eq!(own.codes(), ["plan-own-draft"]);
    let silent = json!({"decision": "refuse", "reason": ""});
    assert_eq!(
        house.ask_on("approver", &format!("{path}/decision"), 1, &silent).expect(422).codes(),
        ["field-missing"]
    );
    house.done_on("approver", &format!("{path}/decision"), 1, &approve);
    let again = house.ask_on("approver", &format!("{path}/decision"), 2, &approve).expect(409);
    assert_eq!(again.codes(), ["plan-wrong-state"]);
    // A second plan of the campaign would add up with the first.
    let second = number(&draft("officer", "60", "2").expect(201).json(), "id");
    let second = format!("/api/v1/plans/{second}/decision");
    assert_eq!(house.ask_on("approver", &second, 1, &approve).expect(409).codes(), ["plan-not-the-only"]);
    house.done_on("approver", &second, 1, &json!({"decision": "refuse", "reason": "已有批准的计划"}));

    let public = lis.client().get(&format!("/poll/{id}/results")).expect(200).page().text();
    assert!(public.contains("16019") || public.contains("16,019"), "{public}");
    let results = lis.client().get(&format!("/api/v1/polls/{id}/results")).expect(200).json();
    assert_eq!((number(&results, "batches"), number(&results, "failing")), (50, 0));
});

/// Votes as a program of the public; the answer.
fn vote(public: &Client, id: i64, telephone: &str, choice: &[&str], ticket: &str, client_uuid: &str) -> Value {
    let answers = if choice.is_empty() { json!({}) } else { json!({"q1": choice}) };
    let body = json!({"client_uuid": client_uuid, "telephone": telephone, "ticket": ticket, "answers": answers});
    public.command(&format!("/api/v1/polls/{id}/responses"), &body).send().expect(200).json()
}

fn ticket(public: &Client, id: i64) -> String {
    let shown = public.get(&format!("/api/v1/polls/{id}")).expect(200).json();
    shown["ticket"].as_str().expect("a ticket").to_owned()
}

demonstrated!(an_answer_that_does_not_count_is_kept_with_every_reason, |lis: TestLis| {
    let house = House::of(&lis);
    let public = lis.client();
    let id = campaign(&house, &["蔬菜", "水产"]);
    public.get(&format!("/poll/{id}")).expect(404);
    public.get(&format!("/api/v1/polls/{id}")).expect(404);
    let listed = || public.get("/api/v1/polls").expect(200).items().into_iter().find(|poll| poll["id"] == id);
    assert!(listed().is_none(), "a draft is listed for nobody");
    house.by("tester1").get(&format!("/campaigns/{id}")).expect(404);
    house.done_on("officer", &format!("/api/v1/campaigns/{id}/open"), 1, &json!({}));

    // On the page, as a visitor without script.
    let line = listed().expect("an open campaign is listed");
    assert_eq!((&line["state"], &line["running"]), (&json!("open"), &json!(true)));
    let page = format!("/poll/{id}");
    assert!(!public.get("/polls").expect(200).page().all(&format!("main a[href='{page}']")).is_empty());
    let form = public.form(&page, &page).set("q1", "c1").set("telephone", "139 0000 0001");
    lis.clock.advance(TimeDelta::seconds(30));
    let thanks = public.send(&form).expect(200).page();
    assert_eq!(thanks.problems(), "");
    assert!(thanks.all("main form").is_empty(), "one answer is enough");
    // The same voter, the question left open, after no time at all: three reasons, and the form to try again.
    let second = public.form(&page, &page).set("telephone", "13900000001");
    let refused = public.send(&second).expect(422).page();
    assert_eq!(refused.texts("[data-kind=problem] li").len(), 3, "{}", refused.problems());

    let mut tickets: Vec<String> = (0..5).map(|_| ticket(&public, id)).collect();
    let mut next = || tickets.pop().expect("a ticket");
    lis.clock.advance(TimeDelta::seconds(30));
    let (once, fresh) = (uuid(), next());
    let counted = vote(&public, id, "13900000002", &["c2"], &fresh, &once);
    assert_eq!((&counted["valid"], &counted["repeated"]), (&json!(true), &json!(false)));
    let again = vote(&public, id, "13900000002", &["c2"], &fresh, &once);
    assert_eq!((&again["valid"], &again["repeated"]), (&json!(true), &json!(true)), "the network was lost");
    let reasons = |answer: &Value| answer["reasons"].clone();
    // Another answer needs another showing of the questionnaire.
    let body = json!({"client_uuid": uuid(), "telephone": "13900000009", "ticket": fresh, "answers": {"q1": ["c2"]}});
    let used = public.command(&format!("/api/v1/polls/{id}/responses"), &body).send().expect(409);
    assert_eq!(used.codes(), ["poll-ticket-used"]);
    let nobody = vote(&public, id, "", &["c2"], &next(), &uuid());
    assert_eq!(reasons(&nobody), json!(["voter_missing"]));
    let both = vote(&public, id, "13900000003", &["c1", "c2"], &next(), &uuid());
    assert_eq!(reasons(&both), json!(["too_many_choices"]));
    let stranger = vote(&public, id, "13900000004", &["c9"], &next(), &uuid());
    assert_eq!(reasons(&stranger), json!(["unknown_choice"]));
    let body = json!({"client_uuid": uuid(), "telephone": "13900000005", "ticket": "forged", "answers": {}});
    let forged = public.command(&format!("/api/v1/polls/{id}/responses"), &body).send().expect(422);
    assert_eq!(forged.codes(), ["poll-ticket-invalid"]);
    let bad = vote(&public, id, "13900000006", &["c2"], &next(), &uuid());
    assert_eq!(bad["valid"], true);

    let before = public.get(&format!("/api/v1/polls/{id}/results")).expect(200).json();
    assert_eq!((&before["tally"], number(&before["counts"], "received")), (&Value::Null, 7), "no votes before closing");
    // A person finds one of the valid answers to be nonsense: kept, not counted.
    let answers = house.items("officer", &format!("/api/v1/campaigns/{id}/responses"));
    let last = number(&answers[0], "id");
    let path = format!("/api/v1/campaigns/{id}/responses/{last}/rejection");
    house.done("officer", &path, &json!({"reason": "nonsense"}));
    assert_eq!(
        house.ask("officer", &path, &json!({"reason": "test"})).expect(409).codes(),
        ["response-invalid-already"]
    );
    let office = house.by("officer").get(&format!("/campaigns/{id}/responses")).expect(200).text();
    assert!(!office.contains("1390000000"), "a telephone is shown to nobody");

    // After its window an answer is still kept.
    lis.clock.set(Moment::parse_in_china("2026-11-30 18:01").expect("a time"));
    assert!(public.get(&page).expect(200).page().all("main form").is_empty());
    let opened_late = ticket(&public, id);
    lis.clock.advance(TimeDelta::seconds(30));
    let late = vote(&public, id, "13900000007", &["c1"], &opened_late, &uuid());
    assert_eq!(reasons(&late), json!(["outside_window"]));
    let closed = house.done_on("officer", &format!("/api/v1/campaigns/{id}/close"), 2, &json!({}));
    let counts = ["received", "valid", "invalid", "voters"].map(|field| number(&closed["counts"], field));
    assert_eq!(counts, [8, 2, 6, 2]);
    let line = listed().expect("a closed campaign stays in the list");
    assert_eq!((&line["state"], &line["running"]), (&json!("closed"), &json!(false)));
    let tally = public.get(&format!("/api/v1/polls/{id}/results")).expect(200).json();
    let votes = tally["tally"]["questions"][0]["choices"].as_array().expect("choices").clone();
    assert_eq!(votes.iter().map(|choice| number(choice, "votes")).collect::<Vec<_>>(), [1, 1]);
});

demonstrated!(everybody_finds_what_is_open_to_him, |lis: TestLis| {
    let public = lis.client();
    let campaign = lis.numbers("SELECT min(id) AS value FROM campaign")[0];
    let results = format!("/poll/{campaign}/results");
    for page in ["/sign-in", "/polls", "/published-results", "/verify", results.as_str()] {
        let page = public.get(page).expect(200).page();
        for place in ["/polls", "/published-results", "/verify"] {
            assert_eq!(page.all(&format!("nav a[href='{place}']")).len(), 1, "{place}");
        }
    }
    // On a telephone the menu is folded away: the first page shows them as well.
    let page = public.get("/sign-in").expect(200).page();
    assert_eq!(page.all("main a.button").len(), 3);
    assert_eq!(public.get("/polls").expect(200).page().all(&format!("main a[href='{results}']")).len(), 1);
});

demonstrated!(a_failing_sample_counts_once_and_a_corrected_one_no_more, |lis: TestLis| {
    let house = House::of(&lis);
    house.failing_case();
    let case = lis.numbers("SELECT max(id) AS value FROM failing_case")[0];
    let line = lis.numbers("SELECT max(id) AS value FROM plan_line")[0];
    let campaign = format!(
        "SELECT campaign_id AS value FROM sampling_plan WHERE id = (SELECT plan_id FROM plan_line WHERE id = {line})"
    );
    let campaign = lis.numbers(&campaign)[0];
    let failing = || {
        let results = lis.client().get(&format!("/api/v1/polls/{campaign}/results")).expect(200).json();
        number(&results, "failing")
    };
    let before = failing();
    // As if the campaign's plan had sent the samplers to it.
    lis.sql(&format!(
        "UPDATE sampling_form SET plan_line_id = {line} WHERE id = \
         (SELECT form_id FROM sample WHERE id = (SELECT sample_id FROM failing_case WHERE id = {case}))"
    ))
    .expect("a form");
    assert_eq!(failing(), before, "what is not published does not show");
    // Published, corrected when the result fell, published anew when it failed again.
    for (publicity, counted) in [("published", 1), ("corrected", 0), ("published", 1)] {
        lis.sql(&format!("UPDATE failing_case SET publicity = '{publicity}' WHERE id = {case}")).expect("a case");
        assert_eq!(failing(), before + counted, "{publicity}");
    }
});

/// The count lies in the process, so the database makes no difference.
#[test]
fn a_poll_that_is_over_keeps_few_late_answers_of_an_address() {
    let lis = TestLis::guarded(Database::Sqlite, 100, 20);
    lis.region("1310", "示例市", "Example city");
    let officer = lis.signed_in(&lis.person("officer", &[Role::CampaignOfficer]));
    let body = json!({
        "title_zh": "你点我检", "title_en": "You order", "region_code": "1310", "opens_at": "2026-11-01 08:00",
        "closes_at": "2026-11-15 18:00", "min_seconds": 10, "repeat": "once", "privacy_zh": "只用于计票",
        "privacy_en": "", "questions": [{
            "text_zh": "检什么？", "text_en": "", "required": true, "max_choices": 1,
            "choices": [{"name_zh": "蔬菜", "name_en": ""}, {"name_zh": "水产", "name_en": ""}],
        }],
    });
    let id = number(&officer.command("/api/v1/campaigns", &body).send().expect(201).json(), "id");
    officer.command(&format!("/api/v1/campaigns/{id}/open"), &json!({})).seen(1).send().expect(200);
    let public = lis.client();
    let late = |number: usize| {
        let body = json!({
            "client_uuid": uuid(), "telephone": format!("1390000000{number}"), "ticket": ticket(&public, id),
            "answers": {"q1": ["c1"]},
        });
        public.command(&format!("/api/v1/polls/{id}/responses"), &body).send()
    };
    for number in 0..2 {
        let kept = late(number).expect(200).json();
        assert_eq!((&kept["valid"], &kept["reasons"]), (&json!(false), &json!(["outside_window", "too_fast"])));
    }
    assert_eq!(late(2).expect(429).codes(), ["too-many-from-address"]);
    assert_eq!(lis.rows("campaign_response"), 2);
}
