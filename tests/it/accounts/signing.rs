//! The signing password: wrong ones, a new one, and who signs after somebody else set a person's password.

use chrono::TimeDelta;
use lis_server::accounts::Role;
use lis_server::domain::clock::Clock;
use lis_tests::{Client, PASSWORD, Person, Reply, TestLis, both_databases};
use serde_json::json;

const SIGNING: &str = "only for signing";

fn grant(client: &Client, meaning: &str, password: &str) -> Reply {
    let body = json!({"meaning": meaning, "signing_password": password});
    client.send_json("POST", "/api/v1/signing-grants", &body).header("sec-fetch-site", "same-origin").send()
}

/// Somebody who has signed in and has a signing password.
fn signer(lis: &TestLis, username: &str, role: Role) -> (Person, Client) {
    let person = lis.person(username, &[role]);
    let client = lis.signed_in(&person);
    let form = client.form("/account", "/account/signing-password").set("current_password", PASSWORD);
    client.send(&form.set("signing_password", SIGNING)).expect(303);
    (person, client)
}

both_databases!(wrong_signing_passwords_are_counted_kept_in_the_log_and_braked, |lis: TestLis| {
    let (li, client) = signer(&lis, "li", Role::Checker);
    for _ in 0..6 {
        assert_eq!(grant(&client, "checked", "a guess").expect(422).codes(), ["password-wrong"]);
    }
    // The sixth began the first wait, 30 seconds, for the right one too.
    assert_eq!(grant(&client, "checked", SIGNING).expect(429).codes(), ["sign-in-locked"]);
    assert_eq!(lis.rows("audit_entry WHERE event = 'signing-failed'"), 6);
    // Who mistypes here can sign in elsewhere.
    lis.signed_in(&li);
    lis.clock.advance_real(TimeDelta::seconds(31));
    grant(&client, "checked", SIGNING).expect(201);
    // What was right forgets what was wrong: five more are free, also of the account's own password.
    let form = client.form("/account", "/account/password").set("new_password", "a better password");
    for _ in 0..5 {
        let page = client.send(&form.clone().set("current_password", "a guess")).expect(422).page();
        assert_eq!(page.error_at("current_password"), "The password is not right.");
    }
    assert_eq!(lis.rows("audit_entry WHERE event = 'password-failed'"), 5);
    client.send(&form.set("current_password", PASSWORD)).expect(303);
});

both_databases!(a_new_signing_password_needs_the_old_one, |lis: TestLis| {
    let (_, client) = signer(&lis, "li", Role::Checker);
    let form = client.form("/account", "/account/signing-password");
    let form = form.set("current_password", PASSWORD).set("signing_password", "another for signing");
    let refused = client.send(&form.clone()).expect(422).page();
    assert_eq!(refused.error_at("current_signing_password"), "The password is not right.");
    client.send(&form.clone().set("current_signing_password", PASSWORD)).expect(422);
    client.send(&form.set("current_signing_password", SIGNING)).expect(303);
    grant(&client, "checked", SIGNING).expect(422);
    grant(&client, "checked", "another for signing").expect(201);
});

both_databases!(who_resets_a_password_signs_nothing_with_it, |lis: TestLis| {
    let (signatory, his) = signer(&lis, "zhao", Role::Signatory);
    grant(&his, "authorized", SIGNING).expect(201);
    let admin = lis.signed_in(&lis.person("admin", &[Role::Administrator]));
    let page = format!("/people/{}", signatory.id);
    let first = admin.send(&admin.form(&page, &format!("{page}/password"))).expect(200).page();
    let first = first.texts("code.secret").concat();
    let now = lis.clock.real().utc().format("%Y-%m-%d %H:%M:%S%.3f").to_string();
    let open = format!("SELECT count(*) AS value FROM signing_grant WHERE expires_at > '{now}'");
    assert_eq!(lis.numbers(&open), [0], "what was open when the password was reset is closed");

    // The administrator signs in with it, makes it his own, and tries to make the signature his own.
    let thief = lis.client();
    thief.send(&thief.form("/sign-in", "/sign-in").set("username", "zhao").set("password", &first)).expect(303);
    let manager = lis.person("manager", &[Role::TechnicalManager]);
    let (path, body) = (format!("/api/v1/people/{}/signing-release", signatory.id), json!({"reason": "在场核对"}));
    let office = lis.signed_in(&manager);
    let form = office.form("/account", "/account/signing-password").set("current_password", PASSWORD);
    office.send(&form.set("signing_password", "the manager signs")).expect(303);
    let ask = |seen: i64| office.command(&path, &body).seen(seen).send();
    let version = || lis.numbers("SELECT version AS value FROM person WHERE username = 'zhao'")[0];
    let early = ask(version()).expect(409);
    assert_eq!(early.codes(), ["signing-first-password", "signing-grant-missing"]);
    let form = thief.form("/account", "/account/password").set("current_password", &first);
    thief.send(&form.set("new_password", "the thief's password")).expect(303);
    let form = thief.form("/account", "/account/signing-password").set("current_password", "the thief's password");
    let refused = thief.send(&form.set("signing_password", "the thief signs")).expect(422).page();
    assert!(!refused.error_at("current_signing_password").is_empty());
    assert_eq!(grant(&thief, "authorized", SIGNING).expect(409).codes(), ["signing-held"]);
    assert_eq!(lis.rows("signing_grant"), 1, "only the signatory's own, before");

    // Another person lets the signatory go on, under his own signature. Nobody else may, and it is done once.
    thief.get("/signing-releases").expect(404);
    admin.get("/signing-releases").expect(404);
    assert_eq!(office.get("/api/v1/signing-releases").items()[0]["username"], "zhao");
    assert_eq!(ask(version()).expect(403).codes(), ["signing-grant-missing"]);
    grant(&office, "released", "the manager signs").expect(201);
    ask(version() - 1).expect(412);
    ask(version()).expect(200);
    assert_eq!(ask(version()).expect(409).codes(), ["signing-not-held"]);
    assert_eq!(lis.rows("signature WHERE object_kind = 'person' AND meaning = 'released'"), 1);
    // The signing password is the one that only its person knows.
    grant(&thief, "authorized", "the thief signs").expect(422);
    grant(&thief, "authorized", SIGNING).expect(201);
    assert!(lis.verified().is_ok());
});
