//! Signing in and out, lock-out, the first password, one's own account, language, forms from elsewhere.

use std::io::{Read, Write};
use std::net::TcpStream;

use chrono::TimeDelta;
use lis_server::accounts::Role;
use lis_tests::{Client, Database, PASSWORD, Reply, TestLis, both_databases};

fn try_sign_in(client: &Client, username: &str, password: &str) -> Reply {
    let form = client.form("/sign-in", "/sign-in").set("username", username).set("password", password);
    client.send(&form)
}

both_databases!(a_person_signs_in_and_out, |lis: TestLis| {
    let li = lis.person("li", &[Role::Tester]);
    let client = lis.signed_in(&li);
    let home = client.get("/").expect(200);
    assert!(home.page().texts("header").join(" ").contains("li"), "the frame names the person");
    let cookie = client.cookie("lis_session").expect("a session");
    assert!(cookie.len() >= 40, "a token of 256 bits");

    let form = home.page().form("/sign-out");
    let out = client.send(&form).expect(303);
    assert_eq!(out.location(), "/sign-in?done=done-signed-out");
    assert!(client.follow(&out).page().text().contains("已退出登录"));
    client.get("/account").expect(303);

    let old = lis.client();
    old.ask("GET", "/account").header("cookie", &format!("lis_session={cookie}")).send().expect(303);
});

both_databases!(a_session_cookie_is_kept_from_scripts_and_other_sites, |lis: TestLis| {
    lis.person("li", &[Role::Tester]);
    let answer = try_sign_in(&lis.client(), "li", PASSWORD).expect(303);
    let cookie = answer.header("set-cookie").expect("a cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"), "{cookie}");
});

/// A browser keeps a cookie that is for https only where it came over https, and on the machine itself.
#[test]
fn who_signs_in_over_http_is_told_that_it_leads_nowhere() {
    let lis = TestLis::secured(Database::Sqlite);
    lis.person("li", &[Role::Tester]);
    let from = |origin: &str| {
        let client = lis.client();
        let typed = format!("username=li&password={}", PASSWORD.replace(' ', "+"));
        let ask = client.ask("POST", "/sign-in").header("sec-fetch-site", "same-origin").header("origin", origin);
        ask.form_body(typed).send()
    };
    for plain in ["http://lab.example:8080", "http://192.168.3.7:8080"] {
        let page = from(plain).expect(422).page();
        assert!(page.text().contains("不能通过 http 登录"), "{plain}: {}", page.text());
        assert!(page.text().contains("https://lis.example"), "the address that works: {}", page.text());
    }
    assert_eq!(lis.rows("audit_entry WHERE event = 'signed-in'"), 0);
    for kept in ["https://lis.example", "http://localhost:8080", "http://127.0.0.1:8080", "http://[::1]:8080", "null"] {
        let cookie = from(kept).expect(303).header("set-cookie").map(str::to_owned).expect("a cookie");
        assert!(cookie.contains("Secure"), "{kept}: {cookie}");
    }
}

both_databases!(a_wrong_password_and_an_unknown_name_are_answered_alike, |lis: TestLis| {
    lis.person("li", &[Role::Tester]);
    let wrong = try_sign_in(&lis.client(), "li", "not the password").expect(422).page();
    let unknown = try_sign_in(&lis.client(), "nobody", "not the password").expect(422).page();
    assert_eq!(wrong.problems(), "用户名或密码不正确。");
    assert_eq!(wrong.problems(), unknown.problems());
    let form = wrong.form("/sign-in");
    assert_eq!(form.value("username"), Some("li"), "the name stays");
    assert_eq!(form.value("password"), Some(""), "a password never comes back");
});

both_databases!(signing_in_leads_back_to_where_one_wanted_to_go, |lis: TestLis| {
    let admin = lis.person("admin", &[Role::Administrator]);
    let client = lis.client();
    let sent = client.get("/people?after=x").expect(303);
    assert_eq!(sent.location(), "/sign-in?next=%2Fpeople%3Fafter%3Dx");
    let form = client.form(&sent.location(), "/sign-in").set("username", &admin.username).set("password", PASSWORD);
    assert_eq!(client.send(&form).expect(303).location(), "/people?after=x");

    for elsewhere in ["https://evil.example/", "//evil.example/", "/\\evil.example"] {
        let client = lis.client();
        let form = client.form("/sign-in", "/sign-in").set("username", "admin").set("password", PASSWORD);
        assert_eq!(client.send(&form.set("next", elsewhere)).expect(303).location(), "/", "{elsewhere}");
    }
});

both_databases!(a_form_of_a_session_that_ended_leads_back_to_its_page, |lis: TestLis| {
    let client = lis.client();
    let sent_from = |page: &str| {
        let ask = client.ask("POST", "/account/password").header("sec-fetch-site", "same-origin");
        ask.header("referer", page).form_body("current_password=x").send().expect(303).location()
    };
    // Where the form goes to is no page: signing in would end at a refusal.
    assert_eq!(sent_from(&format!("{}/account?tab=1#top", client.base())), "/sign-in?next=%2Faccount%3Ftab%3D1");
    assert_eq!(sent_from("https://evil.example/account"), "/sign-in?next=%2F");
    assert_eq!(sent_from("not an address"), "/sign-in?next=%2F");
});

both_databases!(repeated_failures_lock_with_a_growing_wait, |lis: TestLis| {
    lis.person("li", &[Role::Tester]);
    let client = lis.client();
    for _ in 0..5 {
        assert_eq!(try_sign_in(&client, "li", "wrong").page().problems(), "用户名或密码不正确。");
    }
    // The sixth failure begins the first wait, 30 seconds.
    try_sign_in(&client, "li", "wrong");
    let locked = try_sign_in(&client, "li", PASSWORD).page().problems();
    assert!(locked.contains("秒"), "even the right password waits: {locked}");
    lis.clock.advance_real(TimeDelta::seconds(31));
    // The seventh doubles it.
    try_sign_in(&client, "li", "wrong");
    lis.clock.advance_real(TimeDelta::seconds(31));
    assert!(try_sign_in(&client, "li", PASSWORD).page().problems().contains("秒"), "the second wait is longer");
    lis.clock.advance_real(TimeDelta::seconds(30));
    try_sign_in(&client, "li", PASSWORD).expect(303);
    // Success forgets the failures.
    assert_eq!(try_sign_in(&lis.client(), "li", "wrong").page().problems(), "用户名或密码不正确。");
    try_sign_in(&lis.client(), "li", PASSWORD).expect(303);
    assert_eq!(lis.rows("audit_entry WHERE event = 'sign-in-failed'"), 8);
});

both_databases!(an_inactive_person_cannot_sign_in_and_his_session_ends, |lis: TestLis| {
    let (admin, li) = (lis.person("admin", &[Role::Administrator]), lis.person("li", &[Role::Tester]));
    let (client, office) = (lis.signed_in(&li), lis.signed_in(&admin));
    let page = format!("/people/{}", li.id);
    office.send(&office.form(&page, &page).without("active")).expect(303);
    client.get("/account").expect(303);
    assert_eq!(try_sign_in(&lis.client(), "li", PASSWORD).page().problems(), "用户名或密码不正确。");
});

both_databases!(a_session_ends_when_idle_and_at_the_end_of_the_day, |lis: TestLis| {
    let li = lis.person("li", &[Role::Tester]);
    let client = lis.signed_in(&li);
    let last_seen = || lis.texts("SELECT CAST(last_seen_at AS TEXT) AS value FROM session");
    // The page does not wait until the time of the request is written.
    let look = || {
        let before = last_seen();
        client.get("/account").expect(200);
        lis.until("the time of the request is written", || last_seen() != before);
    };
    lis.clock.advance_real(TimeDelta::hours(9));
    look();
    lis.clock.advance_real(TimeDelta::hours(6));
    look();
    lis.clock.advance_real(TimeDelta::minutes(61));
    client.get("/account").expect(303);

    let idle = lis.signed_in(&li);
    lis.clock.advance_real(TimeDelta::hours(10) + TimeDelta::minutes(1));
    idle.get("/account").expect(303);
});

both_databases!(the_first_password_must_be_changed_before_anything_else, |lis: TestLis| {
    let admin = lis.person("admin", &[Role::Administrator]);
    let office = lis.signed_in(&admin);
    let form =
        office.form("/people/new", "/people").set("username", "wang").set("name", "王").tick("roles", "administrator");
    let first = office.send(&form).expect(200).page().texts("code.secret").concat();
    assert!(first.len() >= 12, "a first password is shown once: {first:?}");

    let client = lis.client();
    let next = [("username", "wang"), ("password", first.as_str()), ("next", "/people")];
    let let_in =
        client.post_pairs("/sign-in", &next.map(|(name, value)| (name.to_owned(), value.to_owned()))).expect(303);
    assert_eq!(let_in.location(), "/account", "where it is changed, not where he was going");
    let refused = client.get("/people").expect(403).page();
    assert!(!refused.all("main a[href='/account']").is_empty(), "{}", refused.text());
    let account = client.get("/account").expect(200).page();
    assert!(account.all("form[action='/account/signing-password']").is_empty(), "not before the password is changed");
    let form = account.form("/account/password");

    let short =
        client.send(&form.clone().set("current_password", &first).set("new_password", "short")).expect(422).page();
    assert_eq!(short.error_at("new_password"), "至少 10 个字符。");
    let wrong = form.clone().set("current_password", "wrong").set("new_password", "a better password");
    assert!(!client.send(&wrong).expect(422).page().error_at("current_password").is_empty());

    client.send(&form.set("current_password", &first).set("new_password", "a better password")).expect(303);
    client.get("/people").expect(200);
    try_sign_in(&lis.client(), "wang", "a better password").expect(303);
    try_sign_in(&lis.client(), "wang", &first).expect(422);
});

both_databases!(a_signing_password_differs_and_opens_a_grant, |lis: TestLis| {
    let li = lis.person("li", &[Role::Checker]);
    let client = lis.signed_in(&li);
    let grant = |password: &str| {
        let body = serde_json::json!({"meaning": "checked", "signing_password": password});
        client.send_json("POST", "/api/v1/signing-grants", &body).header("sec-fetch-site", "same-origin").send()
    };
    assert_eq!(grant("anything").expect(409).codes(), ["signing-password-unset"]);
    let form = client.form("/account", "/account/signing-password").set("current_password", PASSWORD);
    let same = client.send(&form.clone().set("signing_password", PASSWORD)).expect(422).page();
    assert_eq!(same.error_at("signing_password"), "The signing password must differ from your password.");
    client.send(&form.set("signing_password", "only for signing")).expect(303);
    assert_eq!(grant(PASSWORD).expect(422).codes(), ["password-wrong"]);
    let granted = grant("only for signing").expect(201).json();
    assert!(granted["until"].as_str().is_some_and(|until| until.ends_with('Z')), "{granted}");
    let unknown = serde_json::json!({"meaning": "sealed", "signing_password": "only for signing"});
    let reply = client.send_json("POST", "/api/v1/signing-grants", &unknown).send().expect(422);
    assert_eq!(reply.codes(), ["field-invalid"]);
});

both_databases!(who_signs_out_signs_nothing_more, |lis: TestLis| {
    let li = lis.person("li", &[Role::Checker]);
    let client = lis.signed_in(&li);
    let form = client.form("/account", "/account/signing-password").set("current_password", PASSWORD);
    client.send(&form.set("signing_password", "only for signing")).expect(303);
    let body = serde_json::json!({"meaning": "checked", "signing_password": "only for signing"});
    client.send_json("POST", "/api/v1/signing-grants", &body).send().expect(201);
    lis.clock.advance_real(TimeDelta::minutes(1));
    client.send(&client.get("/account").page().form("/sign-out")).expect(303);

    let again = lis.signed_in(&li);
    again.send_json("POST", "/api/v1/signing-grants", &body).send().expect(201);
    let open = "SELECT id AS value FROM signing_grant WHERE expires_at > (SELECT max(opened_at) FROM signing_grant)";
    assert_eq!(lis.numbers(open), [2], "the first was opened a minute ago, and ended with the session");
    let logged = lis.texts("SELECT body AS value FROM audit_entry WHERE event = 'signed-out'").concat();
    assert!(logged.contains("\"grants_ended\":[null,1]"), "{logged}");
});

both_databases!(the_language_of_the_pages_can_be_chosen, |lis: TestLis| {
    let client = lis.client();
    assert_eq!(client.get("/sign-in").page().language(), "zh-CN", "Chinese first");
    let english = client.ask("GET", "/sign-in").header("accept-language", "en-GB,en;q=0.9").send();
    assert_eq!(english.page().language(), "en");
    let switched = client.get("/language/en?back=/sign-in").expect(303);
    assert_eq!(switched.location(), "/sign-in");
    let page = client.follow(&switched).expect(200).page();
    assert_eq!((page.language().as_str(), page.title().as_str()), ("en", "Sign in"));
    client.get("/language/zh-CN?back=/sign-in").expect(303);
    assert_eq!(client.get("/sign-in").page().title(), "登录");
    client.get("/language/fr").expect(404);
    assert_eq!(client.get("/language/en?back=https://evil.example").expect(303).location(), "/");
});

both_databases!(a_form_without_its_token_or_from_elsewhere_is_refused, |lis: TestLis| {
    let admin = lis.person("admin", &[Role::Administrator]);
    let client = lis.signed_in(&admin);
    let people = lis.rows("person");
    let form = client.form("/people/new", "/people").set("username", "new").set("name", "new").tick("roles", "tester");

    let without = client.send(&form.clone().without("csrf")).expect(403).page();
    assert_eq!(without.title(), "Form out of date");
    client.send(&form.clone().set("csrf", "guessed")).expect(403);
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form.pairs()).finish();
    for (header, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "http://evil.example"),
        ("origin", "null"),
    ] {
        let reply = client.ask("POST", "/people").header(header, value).form_body(body.as_bytes()).send().expect(403);
        assert_eq!(reply.page().title(), "Foreign origin", "{header}: {value}");
    }
    let api = client.send_json("POST", "/api/v1/people", &serde_json::json!({})).header("sec-fetch-site", "cross-site");
    assert_eq!(api.send().expect(403).codes(), ["foreign-origin"]);
    assert_eq!(lis.rows("person"), people, "nothing happened");

    let other = lis.signed_in(&admin);
    let foreign = other.form("/people/new", "/people").value("csrf").expect("a token").to_owned();
    client.send(&form.clone().set("csrf", &foreign)).expect(403);
    client.send(&form).expect(200);
});

// The other tests take answers as they are; browsers do not.
#[test]
fn an_answer_is_pressed_for_who_can_open_it() {
    let lis = TestLis::start(Database::Sqlite);
    let head = |wish: &str| {
        let mut line = TcpStream::connect(lis.address()).expect("the server listens");
        let ask = format!("GET /sign-in HTTP/1.1\r\nHost: {}\r\n{wish}Connection: close\r\n\r\n", lis.address());
        line.write_all(ask.as_bytes()).expect("the request goes out");
        let mut answer = Vec::new();
        line.read_to_end(&mut answer).expect("an answer");
        let answer = String::from_utf8_lossy(&answer).to_lowercase();
        answer.split("\r\n\r\n").next().unwrap_or_default().to_owned()
    };
    assert!(head("Accept-Encoding: gzip\r\n").contains("content-encoding: gzip"));
    assert!(!head("").contains("content-encoding"));
    let client = lis.client();
    let opened = client.ask("GET", "/sign-in").header("accept-encoding", "gzip").send().expect(200);
    assert_eq!(opened.page().title(), client.get("/sign-in").expect(200).page().title());
}
