//! What watches over the server sees: alive, ready, figures, the log of a request; and what the public address shows.

use std::path::Path;

use lis_server::accounts::Role;
use lis_server::mail::{self, NewMail};
use lis_server::web::language::Language;
use lis_server::{front, jobs, server};
use lis_tests::program::free_address;
use lis_tests::{Client, Database, Program, Reply, TestLis, both_databases};
use serde_json::{Value, json};

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_lis-server-under-test"))
}

/// The number behind the name (with its labels) of a figure.
#[track_caller]
fn figure(reply: &Reply, name: &str) -> i64 {
    let text = reply.text();
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {name} in\n{text}")).parse().expect("a whole number")
}

both_databases!(alive_ready_and_the_figures_of_requests, |lis: TestLis| {
    let client = lis.client();
    assert_eq!(client.get("/health/live").expect(200).text(), "alive\n");
    assert_eq!(client.get("/health/ready").expect(200).text(), "ready\n");
    client.get("/no-such-page").expect(404);
    let figures = client.get("/metrics").expect(200);
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert_eq!(figures.header("content-type"), Some(kind));
    assert_eq!(figure(&figures, "lis_http_requests_total{method=\"GET\",status=\"2xx\"}"), 2);
    assert_eq!(figure(&figures, "lis_http_requests_total{method=\"GET\",status=\"4xx\"}"), 1);
    assert_eq!(figure(&figures, "lis_http_request_duration_seconds_count"), 3);
    assert_eq!(figure(&figures, "lis_http_requests_in_flight"), 1, "this one");
    let text = figures.text();
    assert!(text.ends_with("# EOF\n"), "{text}");
    assert_eq!(text.matches("# EOF").count(), 1);
});

both_databases!(a_server_without_its_database_is_alive_but_not_ready, |lis: TestLis| {
    lis.sql("ALTER TABLE log_head RENAME TO gone").expect("the table of the log's head");
    lis.client().get("/health/live").expect(200);
    let refused = lis.client().get("/health/ready").expect(500);
    assert!(!refused.shown().contains("log_head"), "nothing internal goes out: {}", refused.shown());
    lis.sql("ALTER TABLE gone RENAME TO log_head").expect("the table again");
    lis.client().get("/health/ready").expect(200);
});

both_databases!(what_waits_is_counted, |lis: TestLis| {
    server::prepare(&lis.app).expect("the shipped data");
    let waiting = |lis: &TestLis| {
        let figures = lis.client().get("/metrics").expect(200);
        let names = ["jobs_waiting", "mails_waiting", "instrument_rows_held", "log_pending_entries"];
        names.map(|name| figure(&figures, &format!("lis_{name}")))
    };
    lis.verified().expect("a whole log");
    assert_eq!(waiting(&lis), [0, 0, 0, 0]);

    let mail = NewMail {
        key: "one".to_owned(),
        recipient: "firm@lis.example".to_owned(),
        language: Language::English,
        subject: "one".to_owned(),
        body: "one".to_owned(),
        attachment: None,
        about: ("report", 1),
    };
    let queued =
        lis.app.db.write_now(move |tx| Ok((jobs::queue(tx, "a-kind", "one", &Value::Null)?, mail::queue(tx, &mail)?)));
    assert_eq!(queued.expect("queued"), (true, true));

    let manager = lis.person("manager", &[Role::TechnicalManager]);
    let instrument = json!({
        "code": "AAS-01", "name": "石墨炉原子吸收", "profile": "generic_long_table", "status": "qualified",
    });
    let pages = lis.signed_in(&manager);
    let ask = pages.send_json("POST", "/api/v1/instruments", &instrument).key("instrument");
    ask.header("sec-fetch-site", "same-origin").send().expect(201);
    let agent = lis.api(&lis.token(&manager, &["deliver_messages"]));
    let file =
        "Sample ID,Sample Type,Analyte,Concentration,Unit\nNOBODY-1,Sample,Pb,1.5,µg/L\nNOBODY-2,Sample,Pb,1.6,µg/L\n";
    agent
        .send_json("POST", "/api/v1/agent/messages", &json!([crate::bad_input::message("AAS-01", 1, file)]))
        .send()
        .expect(200);
    while lis_server::instruments::reader::read_some(&lis.app).expect("the message is read") {}
    lis.verified().expect("a whole log");
    assert_eq!(waiting(&lis), [1, 1, 2, 0]);
});

/// Pages of the laboratory, none of which an enterprise, a regulator or the public uses.
const LABORATORY: &[(&str, &str)] = &[
    ("GET", "/people"),
    ("GET", "/worksheets"),
    ("GET", "/samples"),
    ("GET", "/receipt"),
    ("GET", "/quality"),
    ("GET", "/log"),
    ("GET", "/inbox"),
    ("GET", "/reports"),
    ("GET", "/metrics"),
    ("GET", "/api/v1/people"),
    ("GET", "/api/v1/samples"),
    ("POST", "/api/v1/agent/messages"),
    ("POST", "/api/v1/worksheets"),
];

/// Pages that stay.
const PUBLIC: &[(&str, u16)] = &[
    ("/health/live", 200),
    ("/health/ready", 200),
    ("/sign-in", 200),
    ("/verify", 200),
    ("/polls", 200),
    ("/portal", 303),
    ("/portal/orders", 303),
    ("/cases", 303),
    ("/api/v1/failing-results", 401),
    ("/api/v1/portal/reports", 401),
    ("/api/v1/openapi.json", 200),
];

#[test]
fn the_public_address_knows_no_laboratory() {
    let data = tempfile::TempDir::new().expect("a directory");
    let address = free_address();
    let listen = address.to_string();
    let server = Program::serve(program(), data.path(), &[("LIS_LOG", "info"), ("LIS_LISTEN_PUBLIC", &listen)]);
    // Both sockets are bound before the first one answers.
    let (laboratory, public) = (Client::new(server.base()), Client::new(format!("http://{address}")));
    for (method, path) in LABORATORY {
        assert_eq!(public.ask(method, path).send().status, 404, "{method} {path} on the public address");
        assert_ne!(laboratory.ask(method, path).send().status, 404, "{method} {path} on the laboratory's address");
    }
    for (path, status) in PUBLIC {
        public.get(path).expect(*status);
        laboratory.get(path).expect(*status);
    }
    for route in server::route_infos().iter().filter(|route| !front::is_public(route)) {
        let path = route.path.replace(['{', '}'], "");
        assert_eq!(public.ask(&route.method, &path).send().status, 404, "{} {path}", route.method);
    }
    // The figures of both addresses are one: what the public address answered is counted too.
    let figures = laboratory.get("/metrics").expect(200);
    let asked = LABORATORY.iter().filter(|(method, _)| *method == "POST").count();
    assert!(figure(&figures, "lis_http_requests_total{method=\"POST\",status=\"4xx\"}") >= 2 * asked as i64);
}

/// The fields of a line's spans, and of the line itself.
fn spans(line: &str) -> (Vec<Value>, Value) {
    let line: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"));
    (line["spans"].as_array().cloned().unwrap_or_default(), line["fields"].clone())
}

#[test]
fn one_id_follows_a_request_to_its_statements_and_its_status() {
    let lis = TestLis::start(Database::Sqlite);
    lis.person("li", &[Role::Tester]);
    let database = lis.stop();
    let settings = [("LIS_LOG", "info,lis_server=debug"), ("LIS_LOG_FORMAT", "json")];
    let server = Program::serve(program(), database.directory(), &settings);
    let client = Client::new(server.base());
    let form = client.form("/sign-in", "/sign-in").set("username", "li").set("password", "a wrong password");
    client.send(&form).expect(422);
    let of_sign_in = |line: &str, word: &str| line.contains("\"http.method\":\"POST\"") && line.contains(word);
    // Reading runs on a thread that may block, writing on the one writer of the database.
    let read = server.logged(|line| of_sign_in(line, "FROM `person`"));
    let written = server.logged(|line| of_sign_in(line, "INSERT INTO `audit_entry`"));
    let answered = server.logged(|line| of_sign_in(line, "Answered"));
    let ids: Vec<Value> = [&read, &written, &answered]
        .iter()
        .map(|line| {
            let (spans, _) = spans(line);
            let request = spans.iter().find(|span| span["name"] == "request").expect("a span of the request");
            assert_eq!(request["http.path"], "/sign-in");
            request["request.id"].clone()
        })
        .collect();
    assert!(ids[0].as_str().is_some_and(|id| id.len() == 32), "{ids:?}");
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(spans(&answered).0[0]["http.status"], 422);
    let sql = spans(&written).1["sql"].as_str().unwrap_or_default().to_owned();
    assert!(sql.contains("VALUES (?") && !sql.contains("binds"), "values stay out of the log: {sql}");
}

#[test]
fn a_filter_that_is_none_is_refused_with_advice() {
    let output =
        std::process::Command::new(program()).args(["check-config"]).env("LIS_LOG", "lis_server=loud").output();
    let output = output.expect("the program runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("LIS_LOG is \"lis_server=loud\""), "{said}");
}
