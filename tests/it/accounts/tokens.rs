//! Tokens of programs: made by the administrator, shown once, narrowed by scopes, revoked.

use chrono::TimeDelta;
use lis_server::accounts::Role;
use lis_tests::{Database, TestLis, both_databases};
use serde_json::json;

both_databases!(a_token_is_shown_once_works_and_is_revoked, |lis: TestLis| {
    let admin = lis.person("admin", &[Role::Administrator]);
    let client = lis.signed_in(&admin);
    let path = format!("/people/{}", admin.id);
    let form = client
        .form(&path, &format!("{path}/tokens"))
        .set("purpose", "personnel file")
        .tick("scopes", "manage_accounts");
    let made = client.send(&form).expect(200).page();
    let token = made.texts("code.secret").concat();
    assert!(token.len() >= 40, "{token:?}");
    assert!(client.get(&path).page().all("code.secret").is_empty(), "shown once");
    assert!(lis.texts("SELECT token_hash AS value FROM api_token").iter().all(|hash| hash != &token), "kept hashed");
    assert!(lis.texts("SELECT body AS value FROM audit_entry").iter().all(|body| !body.contains(&token)), "not logged");

    let api = lis.api(&token);
    api.get("/api/v1/people").expect(200);
    let page = client.get(&path).page();
    let action =
        page.all("form").iter().find_map(|form| form.value().attr("action").filter(|a| a.ends_with("/revoke")));
    let revoke = page.form(action.expect("a button to revoke"));
    client.send(&revoke).expect(303);
    assert_eq!(api.get("/api/v1/people").expect(401).codes(), ["sign-in-needed"]);
    client.send(&revoke).expect(404);
    assert!(client.get(&path).page().text().contains("Revoked"));
});

both_databases!(a_token_can_do_what_its_scopes_and_its_person_may, |lis: TestLis| {
    let admin = lis.person("admin", &[Role::Administrator]);
    let li = lis.person("li", &[Role::Tester]);
    let narrow = lis.api(&lis.token(&admin, &["read_log"]));
    let reply = narrow.get("/api/v1/people").expect(403);
    assert_eq!(reply.codes(), ["not-allowed"]);
    assert!(reply.text().contains("manage_accounts"), "says which: {}", reply.text());
    let too_wide = lis.api(&lis.token(&li, &["manage_accounts"]));
    assert_eq!(too_wide.get("/api/v1/people").expect(403).codes(), ["not-allowed"]);
    assert_eq!(lis.api("no such token").get("/api/v1/people").expect(401).codes(), ["sign-in-needed"]);
});

both_databases!(a_token_form_comes_back_with_its_errors, |lis: TestLis| {
    let admin = lis.person("admin", &[Role::Administrator]);
    let client = lis.signed_in(&admin);
    let path = format!("/people/{}", admin.id);
    let form =
        client.form(&path, &format!("{path}/tokens")).set("purpose", "personnel file").set("expires_on", "2026-02-30");
    let page = client.send(&form.clone()).expect(422).page();
    assert_eq!(page.error_at("scopes"), "This field is required.");
    assert_eq!(page.error_at("expires_on"), "This must be a date as in 2026-11-16.");
    let back = page.form(&format!("{path}/tokens"));
    assert_eq!(back.value("purpose"), Some("personnel file"));
    let unknown = client.send(&form.set("expires_on", "").tick("scopes", "rule_the_world")).expect(422).page();
    assert_eq!(unknown.error_at("scopes"), "There is no permission “rule_the_world”.");
    let unnamed = client.form(&path, &format!("{path}/tokens")).tick("scopes", "manage_accounts");
    assert_eq!(client.send(&unnamed).expect(422).page().error_at("purpose"), "This field is required.");
    assert_eq!(lis.rows("api_token"), 0);
});

both_databases!(a_program_makes_and_revokes_tokens_too, |lis: TestLis| {
    let admin = lis.person("admin", &[Role::Administrator]);
    let li = lis.person("li", &[Role::QualityOfficer]);
    let api = lis.api(&lis.token(&admin, &["manage_accounts"]));
    let path = format!("/api/v1/people/{}/tokens", li.id);
    let wrong = api.send_json("POST", &path, &json!({"scopes": ["rule_the_world"]})).send().expect(422);
    assert_eq!(wrong.codes(), ["field-missing", "scope-unknown"]);
    let asked = json!({"purpose": "evidence", "scopes": ["read_log"], "expires_on": "2027-12-31"});
    let made = api.send_json("POST", &path, &asked).send().expect(201).json();
    let token = made["token"].as_str().expect("the token").to_owned();
    assert!(lis.texts("SELECT body AS value FROM audit_entry").iter().all(|body| !body.contains(&token)), "not logged");
    assert!(lis.texts("SELECT answer AS value FROM idempotency").iter().all(|kept| !kept.contains(&token)), "not kept");
    lis.api(&token).get("/log").expect(200);

    let listed = api.get(&path).expect(200).json();
    let shown = &listed["items"][0];
    assert_eq!((&shown["id"], &shown["purpose"]), (&made["id"], &json!("evidence")));
    assert_eq!(shown["scopes"], json!(["read_log"]));
    assert_eq!(shown["expires_at"], "2027-12-31T15:59:59.000Z", "the end of the day in China");
    assert!(shown["revoked_at"].is_null() && !listed.to_string().contains(&token));

    let one = format!("{path}/{}", made["id"]);
    let other = format!("/api/v1/people/{}/tokens/{}", admin.id, made["id"]);
    assert_eq!(api.ask("DELETE", &other).send().expect(404).codes(), ["not-found"], "the token of somebody else");
    api.ask("DELETE", &one).send().expect(204);
    assert_eq!(api.ask("DELETE", &one).send().expect(404).codes(), ["not-found"]);
    assert_eq!(lis.api(&token).get("/api/v1/people").expect(401).codes(), ["sign-in-needed"]);
    assert!(api.get(&path).json()["items"][0]["revoked_at"].is_string());
});

both_databases!(a_token_ends_with_its_last_day_and_with_its_person, |lis: TestLis| {
    let admin = lis.person("admin", &[Role::Administrator]);
    lis.person("second", &[Role::Administrator]);
    let client = lis.signed_in(&admin);
    let path = format!("/people/{}", admin.id);
    let form = client.form(&path, &format!("{path}/tokens")).set("purpose", "short").tick("scopes", "manage_accounts");
    let today = chrono::DateTime::from_timestamp_millis(
        lis_server::domain::clock::Clock::real(lis.clock.as_ref()).plus(TimeDelta::hours(8)).millis(),
    );
    let today = today.expect("a date").format("%Y-%m-%d").to_string();
    let token = client.send(&form.set("expires_on", &today)).expect(200).page().texts("code.secret").concat();
    let api = lis.api(&token);
    api.get("/api/v1/people").expect(200);
    lis.clock.advance_real(TimeDelta::hours(24));
    api.get("/api/v1/people").expect(401);

    let lasting = lis.api(&lis.token(&admin, &["manage_accounts"]));
    lasting.get("/api/v1/people").expect(200);
    let retired = lis.signed_in(&admin);
    retired.send(&retired.form(&path, &path).without("active")).expect(303);
    lasting.get("/api/v1/people").expect(401);
});

/// The count lies in the process, so the database makes no difference.
#[test]
fn a_token_that_asks_too_often_is_told_when_to_come_back() {
    let lis = TestLis::paced(Database::Sqlite, 3);
    let admin = lis.person("admin", &[Role::Administrator]);
    let (busy, quiet) = (lis.api(&lis.token(&admin, &["manage_accounts"])), lis.api(&lis.token(&admin, &["read_log"])));
    for _ in 0..3 {
        busy.get("/api/v1/people").expect(200);
    }
    let refused = busy.get("/api/v1/people").expect(429);
    assert_eq!(refused.codes(), ["too-many-requests"]);
    let seconds: u64 = refused.header("retry-after").and_then(|text| text.parse().ok()).expect("a number of seconds");
    assert!((1..=20).contains(&seconds), "a third of a minute at most: {seconds}");
    quiet.get("/api/v1/people").expect(403);
    lis.signed_in(&admin).get("/people").expect(200);
}
