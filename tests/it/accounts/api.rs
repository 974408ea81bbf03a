//! Accounts for programs.

use chrono::TimeDelta;
use lis_server::accounts::Role;
use lis_tests::{Client, TestLis, both_databases};
use serde_json::{Value, json};

fn program(lis: &TestLis) -> Client {
    let admin = lis.person("admin", &[Role::Administrator]);
    lis.api(&lis.token(&admin, &["manage_accounts"]))
}

both_databases!(the_key_of_a_command_is_kept_for_ninety_days, |lis: TestLis| {
    let api = program(&lis);
    let create = || api.send_json("POST", "/api/v1/people", &wang()).key("k1").send();
    let first = create().expect(201).json();
    lis.clock.advance_real(TimeDelta::days(89));
    lis.work();
    assert_eq!(create().expect(201).json(), first, "answered as before within the ninety days");
    lis.clock.advance_real(TimeDelta::days(2));
    lis.work();
    assert_eq!(lis.rows("idempotency"), 0);
    assert_eq!(create().expect(409).codes(), ["username-taken"], "taken for another command");
});

fn wang() -> Value {
    json!({"username": "wang", "name": "王", "language": "zh-CN", "roles": ["tester"], "first_password": "a first password"})
}

both_databases!(a_person_is_created_read_and_changed, |lis: TestLis| {
    let api = program(&lis);
    let created = api.send_json("POST", "/api/v1/people", &wang()).key("k1").send().expect(201);
    assert_eq!(created.header("etag"), Some("\"1\""));
    let id = created.json()["id"].as_i64().expect("an id");
    let path = format!("/api/v1/people/{id}");
    let read = api.get(&path).expect(200);
    assert_eq!(read.header("etag"), Some("\"1\""));
    let mut person = read.json();
    assert_eq!(person["created_at"], "2026-11-16T00:00:00.000Z");
    person.as_object_mut().expect("an object").remove("created_at");
    let expected = json!({
        "id": id, "version": 1, "username": "wang", "name": "王", "email": "", "phone": "", "language": "zh-CN",
        "roles": ["tester"], "region_code": null, "enterprise_id": null, "active": true
    });
    assert_eq!(person, expected);

    let change = json!({"username": "wang", "name": "王五", "language": "en", "roles": ["tester", "checker"]});
    let changed = api.send_json("PUT", &path, &change).seen(1).send().expect(200);
    assert_eq!(changed.header("etag"), Some("\"2\""));
    let now = api.get(&path).json();
    assert_eq!(
        (&now["name"], &now["roles"], &now["version"]),
        (&json!("王五"), &json!(["checker", "tester"]), &json!(2))
    );
});

both_databases!(a_version_is_required_and_a_stale_one_gets_the_current_object, |lis: TestLis| {
    let api = program(&lis);
    let li = lis.person("li", &[Role::Tester]);
    let path = format!("/api/v1/people/{}", li.id);
    let now = api.get(&path).json()["version"].as_i64().expect("a version");
    let change = json!({"username": "li", "name": "late", "roles": ["tester"]});
    assert_eq!(api.send_json("PUT", &path, &change).send().expect(428).codes(), ["version-missing"]);
    let stale = api.send_json("PUT", &path, &change).seen(now - 1).send().expect(412);
    assert_eq!(stale.header("content-type"), Some("application/problem+json"));
    assert_eq!(stale.codes(), ["stale-version"]);
    let current = &stale.json()["current"];
    assert_eq!(
        (&current["id"], &current["version"], &current["name"], &current["roles"]),
        (&json!(li.id), &json!(now), &json!("li"), &json!(["tester"])),
        "{current}"
    );
    let bad = api.send_json("PUT", &path, &change).header("if-match", "\"abc\"").send().expect(422);
    assert_eq!(bad.codes(), ["field-invalid"]);
    assert_eq!(api.get(&path).json()["name"], "li");
});

both_databases!(a_password_is_reset_by_a_program, |lis: TestLis| {
    let api = program(&lis);
    let li = lis.person("li", &[Role::Tester]);
    let browser = lis.signed_in(&li);
    let path = format!("/api/v1/people/{}/password", li.id);
    let version = api.get(&format!("/api/v1/people/{}", li.id)).json()["version"].as_i64().expect("a version");
    let reset = |password: &str| api.send_json("POST", &path, &json!({"first_password": password}));
    assert_eq!(reset("a second first password").send().expect(428).codes(), ["version-missing"]);
    assert_eq!(reset("short").seen(version).send().expect(422).codes(), ["password-too-short"]);
    assert_eq!(reset("a second first password").seen(version + 1).send().expect(412).codes(), ["stale-version"]);
    let saved = reset("a second first password").seen(version).key("reset").send().expect(200);
    assert_eq!(saved.json(), json!({"id": li.id, "version": version + 1}));
    assert_eq!(reset("a second first password").seen(version).key("reset").send().expect(200).json(), saved.json());

    assert_eq!(browser.get("/account").status, 303, "his sessions are over");
    let again = lis.client();
    let form = again.form("/sign-in", "/sign-in").set("username", "li").set("password", "a second first password");
    again.send(&form).expect(303);
    assert!(again.get("/account").expect(200).page().text().contains("Change your first password"));
    let kept = lis.texts("SELECT answer AS value FROM idempotency");
    assert!(kept.iter().all(|answer| !answer.contains("first password")), "{kept:?}");
});

both_databases!(the_same_key_gets_the_same_answer_and_changes_nothing, |lis: TestLis| {
    let api = program(&lis);
    assert_eq!(
        api.send_json("POST", "/api/v1/people", &wang()).send().expect(428).codes(),
        ["idempotency-key-missing"]
    );
    let first = api.send_json("POST", "/api/v1/people", &wang()).key("k1").send().expect(201);
    let again = api.send_json("POST", "/api/v1/people", &wang()).key("k1").send().expect(201);
    assert_eq!(first.body, again.body);
    assert_eq!(lis.rows("person"), 2);
    let mut other = wang();
    other["name"] = json!("李");
    let reused = api.send_json("POST", "/api/v1/people", &other).key("k1").send().expect(422);
    assert_eq!(reused.codes(), ["idempotency-key-reused"]);
    let taken = api.send_json("POST", "/api/v1/people", &wang()).key("k2").send().expect(409);
    assert_eq!(taken.codes(), ["username-taken"]);
    assert_eq!(lis.rows("person"), 2);
    // Another actor's key of the same name is another key.
    let second = lis.person("second", &[Role::Administrator]);
    let theirs = lis.api(&lis.token(&second, &["manage_accounts"]));
    let mut zhao = wang();
    zhao["username"] = json!("zhao");
    theirs.send_json("POST", "/api/v1/people", &zhao).key("k1").send().expect(201);
    let long = api.send_json("POST", "/api/v1/people", &wang()).key(&"k".repeat(101)).send().expect(422);
    assert_eq!(long.codes(), ["field-too-long"]);
});

both_databases!(the_same_key_at_the_same_moment_makes_one_person, |lis: TestLis| {
    let admin = lis.person("admin", &[Role::Administrator]);
    let token = lis.token(&admin, &["manage_accounts"]);
    let answers: Vec<(u16, Vec<u8>)> = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..8)
            .map(|_| {
                let api = lis.api(&token);
                scope.spawn(move || {
                    let reply = api.send_json("POST", "/api/v1/people", &wang()).key("k1").send();
                    (reply.status, reply.body)
                })
            })
            .collect();
        asking.into_iter().map(|thread| thread.join().expect("an answer")).collect()
    });
    assert!(answers.iter().all(|answer| answer.0 == 201 && answer == &answers[0]), "{answers:?}");
    assert_eq!(lis.rows("person"), 2);
});

both_databases!(every_wrong_field_is_named, |lis: TestLis| {
    let api = program(&lis);
    let wrong = json!({
        "username": "X", "name": "", "email": "x", "language": "fr", "roles": ["emperor", "administrator", "tester"],
        "region_code": "abc", "first_password": "a first password"
    });
    let reply = api.send_json("POST", "/api/v1/people", &wrong).key("k").send().expect(422).json();
    let named: Vec<(&str, &str)> = reply["reasons"]
        .as_array()
        .expect("reasons")
        .iter()
        .map(|reason| (reason["field"].as_str().unwrap_or(""), reason["code"].as_str().unwrap_or("")))
        .collect();
    assert_eq!(
        named,
        [
            ("username", "field-invalid"),
            ("name", "field-missing"),
            ("email", "field-invalid"),
            ("language", "field-invalid"),
            ("roles", "role-unknown"),
            ("roles", "roles-conflict"),
            ("region_code", "field-invalid"),
        ]
    );
    let weak = json!({"username": "wang", "name": "王", "roles": ["tester"], "first_password": "wang"});
    let reply = api.send_json("POST", "/api/v1/people", &weak).key("k").send().expect(422);
    assert_eq!(reply.codes(), ["password-too-short", "password-too-common"]);
    let unknown = json!({"username": "wang", "name": "王", "roles": ["tester"], "first_password": "a first password", "salary": 1});
    assert_eq!(api.send_json("POST", "/api/v1/people", &unknown).key("k").send().expect(400).codes(), ["body-invalid"]);
    assert_eq!(lis.rows("person"), 1);
});

both_databases!(the_last_administrator_stays_for_programs_too, |lis: TestLis| {
    let admin = lis.person("admin", &[Role::Administrator]);
    let api = lis.api(&lis.token(&admin, &["manage_accounts"]));
    let path = format!("/api/v1/people/{}", admin.id);
    let now = api.get(&path).json()["version"].as_i64().expect("a version");
    let demoted = json!({"username": "admin", "name": "admin", "roles": ["tester"]});
    let reply = api.send_json("PUT", &path, &demoted).seen(now).send().expect(409);
    assert_eq!(reply.codes(), ["last-administrator"]);
});

both_databases!(the_list_is_read_page_by_page, |lis: TestLis| {
    let api = program(&lis);
    for name in ["b", "c", "d", "e"] {
        lis.person(name, &[Role::Tester]);
    }
    let mut seen = Vec::new();
    let mut after = String::new();
    loop {
        let page = api.get(&format!("/api/v1/people?limit=2&after={after}")).expect(200).json();
        let items = page["items"].as_array().expect("items");
        seen.extend(items.iter().map(|item| item["username"].as_str().expect("a name").to_owned()));
        after = page["next"].as_str().expect("next is always there").to_owned();
        if page["more"] == json!(false) {
            break;
        }
    }
    assert_eq!(seen, ["admin", "b", "c", "d", "e"]);
    for limit in ["0", "501", "-1"] {
        let reply = api.get(&format!("/api/v1/people?limit={limit}")).expect(422);
        assert_eq!(reply.codes(), ["field-invalid"], "{limit}");
    }
});
