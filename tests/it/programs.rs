//! Programs can do what pages can: lists, details and steps that began as pages, asked on the demonstration's
//! laboratory. What a step refuses is tested beside its page; here the faces are compared.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use lis_server::accounts::Role;
use lis_tests::{Client, Person, TestLis, demonstrated};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// A program of one of the demonstration's people.
fn program_of(lis: &TestLis, username: &str, scopes: &[&str]) -> Client {
    let id = lis.numbers(&format!("SELECT id AS value FROM person WHERE username = '{username}'"))[0];
    lis.api(&lis.token(&Person { id, username: username.to_owned(), roles: Vec::new() }, scopes))
}

/// The items of a list, read in pages of one, each once and in order.
fn one_by_one(api: &Client, path: &str) -> Vec<Value> {
    let mut items = Vec::new();
    let mut after = String::new();
    loop {
        let asked = if after.is_empty() { format!("{path}?limit=1") } else { format!("{path}?limit=1&after={after}") };
        let page = api.get(&asked).expect(200).json();
        items.extend(page["items"].as_array().expect("items").iter().cloned());
        if page["more"] == false {
            return items;
        }
        after = page["next"].as_str().expect("where to go on").to_owned();
    }
}

fn ids(items: &[Value]) -> Vec<i64> {
    items.iter().map(|item| item["id"].as_i64().expect("an id")).collect()
}

demonstrated!(plans_are_listed_and_their_venues_drawn, |lis: TestLis| {
    let approver = lis.person("programs-approver", &[Role::PlanApprover]);
    let plans = lis.api(&lis.token(&approver, &["approve_plans"]));
    let stored = lis.numbers("SELECT id AS value FROM sampling_plan ORDER BY id DESC");
    assert_eq!(ids(&one_by_one(&plans, "/api/v1/plans")), stored);
    let head = plans.get("/api/v1/plans").json()["items"][0].clone();
    let whole = plans.get(&format!("/api/v1/plans/{}", head["id"])).expect(200).json();
    assert_eq!(whole["plan_no"], head["plan_no"]);

    let officer = lis.person("programs-officer", &[Role::CampaignOfficer]);
    let api = lis.api(&lis.token(&officer, &["run_campaigns", "draw_spot_checks"]));
    let of_campaign = api.get(&format!("/api/v1/campaigns/{}/plans", head["campaign_id"])).expect(200).json();
    assert_eq!(of_campaign["items"][0], whole);

    let path = format!("/api/v1/plans/{}/venues", head["id"]);
    let draw = |key: &str| api.send_json("POST", &path, &json!({"per_stratum": "1", "seed": "2026-11-16"})).key(key);
    let first = draw("draw").send().expect(201).json();
    assert_eq!(draw("draw").send().expect(201).json(), first, "once");
    let record = api.get(&format!("/api/v1/draws/{}", first["id"])).expect(200).json();
    assert_eq!(
        (&record["kind"], &record["record"]["task"]),
        (&json!("venues"), &json!(format!("plan {}", head["id"])))
    );
    assert_eq!(api.get(&format!("/api/v1/draws/{}/repeat", first["id"])).json()["same"], true);
    let missing = api.send_json("POST", "/api/v1/plans/999999/venues", &json!({"per_stratum": "1"})).key("none");
    assert_eq!(missing.send().expect(404).codes(), ["not-found"]);
});

demonstrated!(a_sampler_s_program_lists_his_own_forms, |lis: TestLis| {
    let writer =
        lis.numbers("SELECT entered_by AS value FROM sampling_form WHERE source = 'on_site' ORDER BY id DESC")[0];
    let own = |person: i64| {
        let of = format!("source = 'on_site' AND entered_by = {person}");
        lis.numbers(&format!("SELECT id AS value FROM sampling_form WHERE {of} ORDER BY id DESC"))
    };
    let name = lis.texts(&format!("SELECT username AS value FROM person WHERE id = {writer}")).concat();
    let forms = one_by_one(&program_of(&lis, &name, &["fill_sampling_forms"]), "/api/v1/sampling-forms");
    let listed: Vec<i64> = forms.iter().map(|form| form["form_id"].as_i64().expect("an id")).collect();
    assert!(!listed.is_empty());
    assert_eq!(listed, own(writer));
    let other = lis.person("programs-sampler", &[Role::Sampler]);
    let none = lis.api(&lis.token(&other, &["fill_sampling_forms"])).get("/api/v1/sampling-forms").expect(200);
    assert_eq!(none.json(), json!({"items": [], "next": "", "more": false}));
});

demonstrated!(the_inbox_is_read_and_settled, |lis: TestLis| {
    let tester = lis.person("programs-tester", &[Role::Tester]);
    let api = lis.api(&lis.token(&tester, &["repair_readings"]));
    let messages = one_by_one(&api, "/api/v1/instrument-messages");
    assert_eq!(ids(&messages), lis.numbers("SELECT id AS value FROM instrument_message ORDER BY id DESC"));
    let done = api.get("/api/v1/instrument-messages?state=done").expect(200).json();
    assert!(done["items"].as_array().expect("items").iter().all(|message| message["state"] == "done"));
    assert_eq!(api.get("/api/v1/instrument-messages?state=lost").expect(422).codes(), ["field-invalid"]);
    assert_eq!(api.get("/api/v1/instrument-messages?limit=much").expect(400).codes(), ["query-invalid"]);

    let head = &messages[0];
    let whole = api.get(&format!("/api/v1/instrument-messages/{}", head["id"])).expect(200);
    assert_eq!(whole.header("etag"), Some(&*format!("\"{}\"", head["version"])));
    let whole = whole.json();
    let bytes = BASE64.decode(whole["bytes"].as_str().expect("bytes")).expect("base64");
    assert_eq!(json!(hex::encode(Sha256::digest(&bytes))), head["sha256"], "the instrument's own bytes");
    assert_eq!(json!(bytes.len()), head["byte_count"]);

    lis.sql(
        "UPDATE observation SET state = 'held', reason = 'unknown_sample' WHERE id = (SELECT max(id) FROM observation)",
    )
    .expect("a held row");
    lis.sql(
        "UPDATE instrument_message SET state = 'held' \
         WHERE id = (SELECT message_id FROM observation ORDER BY id DESC LIMIT 1)",
    )
    .expect("a message that waits");
    let row = lis.numbers("SELECT max(id) AS value FROM observation")[0];
    let path = format!("/api/v1/observations/{row}/set-aside");
    assert_eq!(api.send_json("POST", &path, &json!({})).send().expect(422).codes(), ["field-missing"]);
    api.send_json("POST", &path, &json!({"why": "A test of the supplier."})).send().expect(204);
    let again = api.send_json("POST", &path, &json!({"why": "Once more."})).send().expect(409);
    assert_eq!(again.codes(), ["observation-not-held"]);

    let newest = format!("/api/v1/instrument-messages/{}/read-again", head["id"]);
    // What is done is read again; asked twice, it is read once.
    api.send_json("POST", &newest, &json!({})).send().expect(204);
    api.send_json("POST", &newest, &json!({})).send().expect(204);
});

demonstrated!(a_case_is_shown_to_whom_it_concerns, |lis: TestLis| {
    let case = lis.numbers("SELECT max(id) AS value FROM failing_case")[0];
    let path = format!("/api/v1/cases/{case}");
    let city = lis.person("programs-city", &[Role::Regulator]);
    let api = lis.api(&lis.token(&city, &["read_failing_results"]));
    let shown = api.get(&path).expect(200);
    assert!(shown.header("etag").is_some());
    let shown = shown.json();
    assert_eq!(shown["id"], case);
    let count = |table: &str| lis.numbers(&format!("SELECT count(*) AS value FROM {table} WHERE case_id = {case}"))[0];
    for (part, table) in [
        ("events", "case_event"),
        ("clocks", "case_clock"),
        ("services", "case_service"),
        ("applications", "case_application"),
        ("acts", "case_act"),
        ("handling", "case_handling"),
    ] {
        assert_eq!(json!(shown[part].as_array().expect(part).len()), count(table), "{part}");
    }
    let state = shown["state"].as_str().expect("a state");
    let listed = api.get(&format!("/api/v1/cases?state={state}")).expect(200).json();
    assert!(ids(listed["items"].as_array().expect("items")).contains(&case));
    assert_eq!(api.get("/api/v1/cases?state=lost").expect(422).codes(), ["field-invalid"]);
    let neighbour = program_of(&lis, "neighbour", &["read_failing_results"]);
    assert_eq!(neighbour.get(&path).expect(404).codes(), ["not-found"]);

    let served =
        lis.numbers("SELECT case_id AS value FROM case_service WHERE enterprise_id IS NOT NULL ORDER BY id DESC")[0];
    let firm = lis.texts(&format!(
        "SELECT username AS value FROM person JOIN case_service ON case_service.enterprise_id = person.enterprise_id \
         WHERE case_id = {served} ORDER BY person.id"
    ));
    let portal = program_of(&lis, &firm[0], &["use_portal"]);
    let own = portal.get("/api/v1/portal/cases").expect(200).json();
    assert!(ids(own["items"].as_array().expect("items")).contains(&served));
    let one = portal.get(&format!("/api/v1/portal/cases/{served}")).expect(200).json();
    assert!(one["service"]["notice_no"].is_string() && one.get("publicity").is_none(), "{one}");
    let stranger = if firm[0] == "bakery" { "market" } else { "bakery" };
    let stranger = program_of(&lis, stranger, &["use_portal"]);
    assert_eq!(stranger.get(&format!("/api/v1/portal/cases/{served}")).expect(404).codes(), ["not-found"]);
});

/// A file as a program sends it.
fn upload(api: &Client, path: &str, bytes: &[u8]) -> lis_tests::Reply {
    const BOUNDARY: &str = "a-boundary-of-the-tests";
    let mut body = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"report.pdf\"\r\n\
         Content-Type: application/pdf\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(bytes);
    body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    api.ask("POST", path).body(&format!("multipart/form-data; boundary={BOUNDARY}"), body).send()
}

demonstrated!(a_report_s_file_is_compared_for_a_program, |lis: TestLis| {
    let issued = "state = 'issued' AND file_sha256 IS NOT NULL ORDER BY id DESC";
    let report = lis.numbers(&format!("SELECT id AS value FROM report WHERE {issued}"))[0];
    let code = lis.texts(&format!("SELECT verification_code AS value FROM report WHERE id = {report}")).concat();
    let reviewer = lis.person("programs-reviewer", &[Role::Reviewer]);
    let api = lis.api(&lis.token(&reviewer, &["see_reports"]));
    let mut file = api.get(&format!("/api/v1/reports/{report}/pdf")).expect(200).body;
    let path = format!("/api/v1/verify/{code}");
    let nobody = lis.client();
    let same = upload(&nobody, &path, &file).expect(200).json();
    assert_eq!((&same["same"], &same["standing"]), (&json!(true), &json!("valid")));
    assert_eq!(same["brought_sha256"], same["sha256"]);
    *file.last_mut().expect("a file of some bytes") ^= 1;
    let changed = upload(&nobody, &path, &file).expect(200).json();
    assert_eq!((&changed["same"], &changed["standing"]), (&json!(false), &json!("valid")));
    assert_eq!(changed["brought_sha256"], json!(hex::encode(Sha256::digest(&file))));
    assert_eq!(upload(&nobody, &path, b"").expect(422).codes(), ["verify-file-missing"]);
});
