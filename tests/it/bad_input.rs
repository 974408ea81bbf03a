//! Hostile requests: to every route, what no form and no program would send. None of them is answered as a breakdown
//! (5xx), and none changes anything. New routes are met by the same requests without a word here.

mod commands;
mod complete;
mod forms;
mod identifiers;
mod imports;
mod kept;
mod questions;
mod said;
mod sent;
mod upload;

use instrument_drivers::agent::{MessageKind, SpooledMessage, WireMessage};
use lis_server::accounts::Role;
use lis_server::accounts::actions::PersonInput;
use lis_server::accounts::role::allows;
use lis_server::db::DatabaseAddress;
use lis_server::db::schema::TABLES;
use lis_server::server;
use lis_server::web::routes::RouteInfo;
use lis_tests::client::Ask;
use lis_tests::{Client, Person, TestLis, both_databases};
use sha2::{Digest, Sha256};

use commands::values::enterprise;

/// What a path variable may be replaced by.
const IDS: &[&str] = &[
    "0",
    "-1",
    "999999999",
    "9223372036854775807",
    "9223372036854775808",
    "1e3",
    "abc",
    "%00",
    "%FF%FE",
    "1%00",
    "..%2F..%2Fetc%2Fpasswd",
    "%F0%9F%92%A9",
    "1'%20OR%20'1'%3D'1",
    "%E9%93%85",
];

/// Query strings.
const QUERIES: &[&str] = &[
    "?after=%00",
    "?limit=abc",
    "?limit=-1",
    "?limit=99999999999999999999",
    "?after=%FF%FE",
    "?after",
    "?&&==&",
    "?after=a&after=b",
    "?after=%25",
    "?done=%00",
    "?next=%00",
    "?back=%0D%0ASet-Cookie:%20a=b",
    "?filter=%00",
    "?from=0000-00-00",
    "?kind=%00",
];

/// Bodies of forms, without and with the token that the session's forms carry (`CSRF` stands for it).
const FORMS: &[&[u8]] = &[
    b"",
    b"&&&==",
    b"\xff\xfe\xfd",
    b"csrf=CSRF&username=%FF%FE&name=%FF",
    b"csrf=CSRF&username=a%00b&name=a%00b&purpose=%00&roles=%00&scopes=%00&email=%00&phone=%00&region_code=%00&language=%00",
    b"csrf=CSRF&version=%00&once=%00",
    b"csrf=CSRF&version=abc",
    b"csrf=CSRF&version=1.5",
    b"csrf=CSRF&version=99999999999999999999",
    b"csrf=CSRF&version=-1&username=x&name=&roles=tester",
    b"csrf=CSRF&version=-1&once=a%00b&username=nul&name=x&roles=emperor",
    b"csrf=CSRF&username=a&username=b&name=a&name=b",
    b"csrf=CSRF&enterprise_id=abc",
    b"csrf=CSRF&enterprise_id=99999999999999999999",
    b"csrf=CSRF&unknown_field=1",
    b"csrf=CSRF&expires_on=2026-02-30&purpose=x&scopes=rule",
    b"csrf=CSRF&expires_on=999999-01-01&purpose=x&scopes=rule",
    b"csrf=CSRF&roles[0]=tester&roles[]=tester&username[a][b][c]=1",
    b"csrf=CSRF&username=%3Cscript%3Ealert(1)%3C/script%3E&name=%3Cscript%3E",
    b"csrf=CSRF&current_password=%00&new_password=%00&signing_password=%00",
    b"csrf=CSRF&username='; DROP TABLE person; --&name=x",
];

/// Bodies of documents.
const DOCUMENTS: &[&[u8]] = &[
    b"",
    b"null",
    b"[]",
    b"\"text\"",
    b"1e999",
    b"{",
    b"{\"username\":",
    b"{}{}",
    b"{\"username\": \"\xff\xfe\"}",
    b"{\"username\": \"\\ud800\"}",
    b"{\"username\": 1, \"name\": {}, \"roles\": \"tester\"}",
    b"{\"username\": \"a\\u0000b\", \"name\": \"a\\u0000b\", \"roles\": [\"\\u0000\"], \"first_password\": \"\\u0000\"}",
    b"{\"username\": \"nul\", \"name\": \"x\", \"roles\": [\"tester\"], \"first_password\": \"short\"}",
    b"{\"username\": \"a\", \"username\": \"b\"}",
    b"{\"enterprise_id\": 1.5}",
    b"{\"enterprise_id\": 99999999999999999999}",
    b"{\"meaning\": \"\\u0000\", \"signing_password\": \"\\u0000\"}",
    b"{\"roles\": null, \"name\": null}",
    b"\xef\xbb\xbf{}",
];

/// Header lines that programs get wrong.
const HEADERS: &[(&str, &str)] = &[
    ("if-match", "*"),
    ("if-match", "W/\"1\""),
    ("if-match", "\"99999999999999999999\""),
    ("idempotency-key", ""),
    ("authorization", "Bearer "),
    ("authorization", "Basic YWRtaW46YWRtaW4="),
    ("cookie", "lis_session=%00; lis_language=xx"),
    ("cookie", ";;;=;"),
    ("accept-language", "zz-ZZ;q=2,*;q=abc"),
    ("content-type", "text/plain; charset=klingon"),
    ("content-encoding", "gzip"),
    ("range", "bytes=99999-1"),
];

/// Methods that a path may not know.
const METHODS: &[&str] = &["PATCH", "DELETE", "PUT", "OPTIONS", "TRACE", "BREW"];

/// What is answered before a handler sees it is the same everywhere: every so many routes meet the same header, method or
/// body again, of who may come in.
const TURN_INSIDE: usize = 3;
/// The same for those who are stopped at the door, and with everything that they send.
const TURN_AT_THE_DOOR: usize = 5;

/// Everything that a request could have changed: rows of every table but sessions (their last use is noted), and the
/// people themselves.
fn state(lis: &TestLis) -> Vec<String> {
    let counted = TABLES
        .iter()
        .filter(|table| !["session", "audit_pending", "log_head", "log_link"].contains(table))
        .map(|table| {
            // A wrong password is noted in the log; it is not a change of anything asked for.
            let tried = "audit_entry WHERE event NOT IN ('sign-in-failed', 'password-failed', 'signing-failed')";
            let which = if *table == "audit_entry" { tried } else { table };
            format!("{table}: {}", lis.rows(which))
        });
    let people = lis.texts(
        "SELECT username || '|' || version || '|' || name || '|' || password_hash || '|' || active AS value \
         FROM person ORDER BY id",
    );
    counted.chain(people).collect()
}

/// A file of an instrument as the program beside it brings it.
pub fn message(instrument: &str, seq: u64, text: &str) -> serde_json::Value {
    let message = SpooledMessage {
        stream: "0192f3a0-0000-7000-8000-0000000000ff".parse().expect("a UUID"),
        seq,
        instrument: instrument.to_owned(),
        kind: MessageKind::File,
        received_at: "2026-11-18T02:00:00Z".parse().expect("a time"),
        sha256: hex::encode(Sha256::digest(text)),
        bytes: text.as_bytes().to_vec(),
        file_name: Some("export.csv".to_owned()),
    };
    serde_json::to_value(WireMessage::of("bench", &message)).expect("a message")
}

/// The one who asks, and what his requests need.
struct Attacker {
    name: &'static str,
    roles: Vec<Role>,
    client: Client,
    csrf: String,
}

impl Attacker {
    fn at_the_door(name: &'static str, client: Client) -> Self {
        Self { name, roles: Vec::new(), client, csrf: String::new() }
    }

    fn inside(lis: &TestLis, name: &'static str, person: &Person) -> Self {
        let client = lis.signed_in(person);
        let csrf = client.form("/account", "/account/password").value("csrf").expect("a token").to_owned();
        Self { name, roles: person.roles.clone(), client, csrf }
    }

    /// Whether he gets past the door of a route.
    fn may(&self, gate: &str) -> bool {
        allows(&self.roles, gate) || (["anyone", "signed_in"].contains(&gate) && self.roles == [Role::Administrator])
    }

    fn fill(&self, body: &[u8]) -> Vec<u8> {
        match String::from_utf8(body.to_vec()) {
            Ok(text) => text.replace("CSRF", &self.csrf).into_bytes(),
            Err(_) => body.to_vec(),
        }
    }
}

/// Who attacks: everybody who may come in somewhere, and those who are stopped at each door. They are stopped before the
/// database: once is enough.
fn attackers(lis: &TestLis) -> Vec<Attacker> {
    let outside = [Role::Administrator, Role::Enterprise, Role::Regulator];
    let staff: Vec<Role> = Role::ALL.iter().copied().filter(|role| !outside.contains(role)).collect();
    let admin = lis.person("admin", &[Role::Administrator]);
    let staff = Attacker::inside(lis, "staff", &lis.person("staff", &staff));
    lis.region("131081101", "示例镇", "Example Town");
    let enterprise =
        staff.client.command("/api/v1/enterprises", &enterprise("霸州示例冷饮店")).send().expect(201).json();
    let firm = lis.person_as(&PersonInput {
        username: "firm".to_owned(),
        name: "firm".to_owned(),
        language: "en".to_owned(),
        roles: vec![Role::Enterprise.code().to_owned()],
        enterprise_id: enterprise["id"].as_i64(),
        ..PersonInput::default()
    });
    let mut attackers = vec![
        Attacker::inside(lis, "administrator", &admin),
        staff,
        Attacker::inside(lis, "regulator", &lis.person("regulator", &[Role::Regulator])),
        Attacker::inside(lis, "enterprise", &firm),
    ];
    if is_sqlite(lis) {
        let token = lis.token(&admin, &["manage_accounts", "read_log"]);
        attackers.push(Attacker::at_the_door("nobody", lis.client()));
        attackers.push(Attacker::at_the_door("program", lis.api(&token)));
    }
    attackers
}

fn is_sqlite(lis: &TestLis) -> bool {
    matches!(lis.database.address, DatabaseAddress::Sqlite(_))
}

/// Whether the databases could take it differently: PostgreSQL has no NUL in a text and other bounds of numbers.
fn concerns_the_database(text: &[u8]) -> bool {
    let has = |part: &str| text.windows(part.len()).any(|window| window == part.as_bytes());
    has("%00") || has("\\u0000") || has("999999999") || has("922337203685477580") || has("-1")
}

/// Sends a request and says what is wrong with the answer, if anything is.
fn complaint(who: &str, what: &str, ask: Ask) -> Option<String> {
    match ask.try_send() {
        Ok(reply) if reply.status < 500 => None,
        Ok(reply) => Some(format!("{who}: {what}: {}", reply.shown())),
        Err(error) => Some(format!("{who}: {what}: no answer: {error}")),
    }
}

fn variables(path: &str, value: &str) -> String {
    path.split('/').map(|part| if part.starts_with('{') { value } else { part }).collect::<Vec<_>>().join("/")
}

/// The requests of one attacker to one route; `turn` counts the routes.
fn attack(lis: &TestLis, by: &Attacker, route: &RouteInfo, turn: usize, real: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    let mut send = |what: String, ask: Ask| complaints.extend(complaint(by.name, &what, ask));
    let (method, inside) = (&route.method, by.may(route.gate));
    let is_due =
        |number: usize, every: usize| (number + turn).is_multiple_of(if inside { every } else { TURN_AT_THE_DOOR });
    let concerns = |text: &[u8]| is_sqlite(lis) || concerns_the_database(text);
    for (number, id) in IDS.iter().enumerate().filter(|_| route.path.contains('{')) {
        if is_due(number, 1) && concerns(id.as_bytes()) {
            let path = variables(route.path, id);
            send(format!("{method} {path}"), by.client.ask(method, &path));
        }
    }
    for (number, query) in QUERIES.iter().enumerate().filter(|_| method == "GET") {
        if is_due(number, 1) && concerns(query.as_bytes()) {
            let path = format!("{real}{query}");
            send(format!("GET {path}"), by.client.ask("GET", &path));
        }
    }
    for (number, (name, value)) in HEADERS.iter().enumerate() {
        if is_due(number, TURN_INSIDE) && concerns(value.as_bytes()) {
            send(format!("{method} {real} with {name}: {value}"), by.client.ask(method, real).header(name, value));
        }
    }
    for (number, other) in METHODS.iter().enumerate() {
        if is_due(number, TURN_INSIDE) && other != method && is_sqlite(lis) {
            send(format!("{other} {real}"), by.client.ask(other, real));
        }
    }
    // With the session's own token, leaving is no attack.
    let is_leaving = ["/sign-out", "/language/{language}"].contains(&route.path);
    if method == "GET" || (is_leaving && !by.csrf.is_empty()) {
        return complaints;
    }
    for (number, body) in FORMS.iter().enumerate() {
        if is_due(number, TURN_INSIDE) && concerns(body) {
            let ask = by.client.ask(method, real).header("sec-fetch-site", "same-origin");
            send(format!("{method} {real} with form {number}"), ask.form_body(by.fill(body)));
        }
    }
    for (number, body) in DOCUMENTS.iter().enumerate() {
        if is_due(number, TURN_INSIDE) && concerns(body) {
            let ask = by.client.ask(method, real).key(&format!("bad-{number}")).seen(-1);
            send(format!("{method} {real} with document {number}"), ask.body("application/json", *body));
        }
    }
    if is_sqlite(lis) && is_due(0, TURN_INSIDE) {
        let deep = "[".repeat(100_000);
        let ask = by.client.ask(method, real).key("deep").body("application/json", deep);
        send(format!("{method} {real} with deep JSON"), ask);
        let is_api = route.path.starts_with("/api/");
        let field = if is_api { "{\"username\":\"".to_owned() } else { format!("csrf={}&username=", by.csrf) };
        let long = format!("{field}{}", "长".repeat(20_000));
        let ask = by.client.ask(method, real).header("sec-fetch-site", "same-origin").form_body(long);
        send(format!("{method} {real} with a long field"), ask);
    }
    complaints
}

both_databases!(hostile_requests_break_nothing_and_change_nothing, |lis: TestLis| {
    server::prepare(&lis.app).expect("the shipped data");
    let attackers = attackers(&lis);
    let li = lis.person("li", &[Role::Tester]).id.to_string();
    let before = state(&lis);
    let mut complaints = Vec::new();
    let (mut insiders, mut routes) = (0, 0);
    for (turn, route) in server::route_infos().into_iter().enumerate() {
        let real = variables(route.path, &li);
        // One who may, and on one of the databases whoever is stopped.
        let stopped = |by: &&Attacker| by.roles.is_empty();
        let inside = attackers.iter().find(|by| by.may(route.gate));
        insiders += usize::from(inside.is_some());
        routes += 1;
        for by in inside.into_iter().chain(attackers.iter().filter(stopped)) {
            complaints.extend(attack(&lis, by, &route, turn, &real));
        }
    }
    assert_eq!(insiders, routes, "somebody comes in everywhere");
    assert!(complaints.is_empty(), "{} answers:\n{}", complaints.len(), complaints.join("\n"));
    assert_eq!(state(&lis), before);
    assert!(lis.verified().is_ok());
});

both_databases!(a_search_for_a_text_of_any_length_is_answered, |lis: TestLis| {
    let custodian = lis.signed_in(&lis.person("shu", &[Role::Custodian]));
    let search = |length: usize| custodian.get(&format!("/samples?q={}", "a".repeat(length)));
    search(8_000).expect(200);
    for length in [8_200, 60_000] {
        let refused = search(length).expect(422).page();
        assert_eq!(refused.texts("[data-kind=problem] li code"), ["address"], "{length}");
    }
});

both_databases!(script_in_a_field_comes_back_as_text, |lis: TestLis| {
    let admin = lis.person("admin", &[Role::Administrator]);
    let client = lis.signed_in(&admin);
    let script = "<script>alert(1)</script>\"'>";
    let form = client.form("/people/new", "/people").set("username", "x").set("name", script).set("phone", script);
    let refused = client.send(&form.clone().tick("roles", "tester")).expect(422);
    assert!(!refused.text().contains("<script>alert"), "{}", refused.text());
    assert_eq!(refused.page().form("/people").value("phone"), Some(script), "as typed");
    client.send(&form.set("phone", "").tick("roles", "tester")).expect(200);
    let list = client.get("/people").expect(200);
    assert!(list.page().text().contains("<script>alert(1)</script>"), "shown as text");
    assert!(list.page().all("main script, main img").is_empty(), "not run");
    let policy = list.header("content-security-policy").expect("a policy").to_owned();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
});
