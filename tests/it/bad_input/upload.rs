//! 200 MB into whatever takes a body: refused by the announced length or while it comes in, without reading all of it,
//! without holding it in memory, and without keeping others waiting. The server is a process of its own here, so that its
//! memory can be weighed.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use lis_server::accounts::Role;
use lis_server::accounts::actions::PersonInput;
use lis_server::accounts::role::PERMISSIONS;
use lis_tests::{Client, Database, Program, TestLis, demonstrated, on_both};

use super::commands::fingerprint;
use super::complete::posts;
use crate::guards::routes::{filled, things};

/// The upload, what the server may take of it before it refuses, and how much it may grow by it: the largest request
/// with a file (24 MiB) and what lies in buffers on the way.
const UPLOAD_BYTES: usize = 200 * 1024 * 1024;
const TAKEN_BYTES: usize = 40 * 1024 * 1024;
const GROWTH_BYTES: u64 = 40 * 1024 * 1024;
/// An agent's batch holds a whole export; without an announced length the server reads as much (96 MiB) before it refuses.
const BATCH_BYTES: usize = 112 * 1024 * 1024;

/// Longer than a loaded machine needs; an answer that does not come fails the test.
const PATIENCE: Duration = Duration::from_secs(30);
/// A page for others comes while an upload runs: the goal for pages is 0.3 s, the machine is shared.
const OTHERS_WAIT: Duration = Duration::from_secs(2);

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_lis-server-under-test"))
}

/// Who pours, where, as what.
struct Upload<'a> {
    path: &'a str,
    headers: &'a str,
    content_type: &'static str,
    /// What stands before the endless part.
    beginning: &'static str,
    chunked: bool,
}

/// Sends the head and then as much of the body as the server takes, until it answers. Returns the status line and how
/// much was sent.
fn pour(address: SocketAddr, upload: &Upload<'_>) -> (String, usize) {
    let mut stream = TcpStream::connect(address).expect("the server listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time limit");
    stream.set_write_timeout(Some(PATIENCE)).expect("a time limit");
    let length = if upload.chunked {
        "Transfer-Encoding: chunked".to_owned()
    } else {
        format!("Content-Length: {UPLOAD_BYTES}")
    };
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: {address}\r\nContent-Type: {}\r\n{}{length}\r\n\r\n",
        upload.path, upload.content_type, upload.headers
    );
    stream.write_all(head.as_bytes()).expect("the head goes out");
    let mut answers = stream.try_clone().expect("a second end");
    // The answer is read while the body still goes out: after a reset it would be lost.
    let reading = std::thread::spawn(move || {
        let mut answer = vec![0; 4096];
        let read = answers.read(&mut answer).unwrap_or(0);
        String::from_utf8_lossy(&answer[..read]).lines().next().unwrap_or_default().to_owned()
    });
    let piece = vec![b'a'; 64 * 1024];
    let mut sent = 0;
    let mut next = upload.beginning.as_bytes();
    while sent < UPLOAD_BYTES && !reading.is_finished() {
        let written = if upload.chunked {
            write!(stream, "{:x}\r\n", next.len())
                .and_then(|()| stream.write_all(next))
                .and_then(|()| stream.write_all(b"\r\n"))
        } else {
            stream.write_all(next)
        };
        // A closed connection: the answer says why.
        if written.is_err() {
            break;
        }
        sent += next.len();
        next = &piece;
    }
    (reading.join().expect("the reading end"), sent)
}

const FORM: &str = "application/x-www-form-urlencoded";
const FILES: &str = "multipart/form-data; boundary=b";
const FILE: &str = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"big.xlsx\"\r\n\r\n";
/// A field beside the file, as a mapping is.
const FIELD: &str = "--b\r\nContent-Disposition: form-data; name=\"mapping\"\r\n\r\n";
/// No part begins at all.
const NO_PART: &str = "no part\r\n";

on_both!(a_huge_upload_is_refused_early_and_not_held_in_memory, refused_early);

fn refused_early(kind: Database) {
    let lis = TestLis::start(kind);
    let (custodian, manager) =
        (lis.person("custodian", &[Role::Custodian]), lis.person("manager", &[Role::TechnicalManager]));
    let admin = lis.person("admin", &[Role::Administrator]);
    let bearer = |token: String| format!("Authorization: Bearer {token}\r\n");
    let imports = bearer(lis.token(&custodian, &["import_forms", "manage_enterprises"]));
    let messages = bearer(lis.token(&manager, &["deliver_messages"]));
    let people = bearer(lis.token(&admin, &["manage_accounts"]));
    let database = lis.stop();

    let settings = [("LIS_DATABASE_URL", database.url()), ("LIS_LOG", "warn".to_owned())];
    let settings = settings.each_ref().map(|(name, value)| (*name, value.as_str()));
    let server = Program::serve(program(), database.directory(), &settings);
    let pages = Client::new(server.base());
    let form = pages.form("/sign-in", "/sign-in").set("username", "custodian").set("password", lis_tests::PASSWORD);
    pages.send(&form).expect(303);
    let session = pages.cookie("lis_session").expect("a session");
    let session = format!("Cookie: lis_session={session}\r\nSec-Fetch-Site: same-origin\r\n");
    let before = server.resident_bytes();

    let nobody = String::new();
    let targets: [(&str, &String, &str, &str); 12] = [
        ("/sign-in", &nobody, FORM, "username="),
        ("/verify/ABCD-EFGH-JKLM", &nobody, FILES, FILE),
        ("/verify/ABCD-EFGH-JKLM", &nobody, FILES, FIELD),
        ("/enterprises/import", &session, FILES, FILE),
        ("/enterprises/import", &session, FILES, FIELD),
        ("/sampling-forms/import", &session, FILES, FILE),
        ("/api/v1/enterprise-imports", &imports, FILES, FILE),
        ("/api/v1/sampling-form-imports?mode=all", &imports, FILES, FILE),
        ("/api/v1/sampling-form-imports?mode=all", &imports, FILES, FIELD),
        ("/api/v1/agent/messages", &messages, "application/json", "[{\"agent\": \""),
        ("/api/v1/people", &people, "application/json", "{\"username\": \""),
        ("/api/v1/sampling-form-imports?mode=all", &imports, FILES, NO_PART),
    ];
    for (path, headers, content_type, beginning) in targets {
        for chunked in [false, true] {
            let upload = Upload { path, headers, content_type, beginning, chunked };
            let (status, sent) = std::thread::scope(|scope| {
                let pouring = scope.spawn(|| pour(server.address, &upload));
                let asked = Instant::now();
                pages.get("/health/live").expect(200);
                assert!(asked.elapsed() < OTHERS_WAIT, "{path}: others waited {:?}", asked.elapsed());
                pouring.join().expect("the upload")
            });
            let what = format!("{path}, {}", if chunked { "chunked" } else { "announced" });
            assert!(status.starts_with("HTTP/1.1 413"), "{what}: {status:?} after {sent} bytes");
            let most = if chunked && path.starts_with("/api/v1/agent/") { BATCH_BYTES } else { TAKEN_BYTES };
            assert!(sent <= most, "{what}: {sent} bytes were taken");
        }
    }

    let just_over = pages.ask("POST", "/sign-in").form_body(vec![b'a'; 1024 * 1024 + 1]).send().expect(413);
    assert!(just_over.page().problems().contains("1048576"), "{}", just_over.shown());
    pages.get("/health/ready").expect(200);
    let grown = server.resident_bytes().saturating_sub(before);
    assert!(grown < GROWTH_BYTES, "the server grew by {grown} bytes");
    let stored = lis_tests::system::texts(
        &mut database.connect(),
        "SELECT (SELECT count(*) FROM form_import) + (SELECT count(*) FROM instrument_message) || '' AS value",
    );
    assert_eq!(stored, ["0"], "nothing half-written");
}

/// Routes that answer otherwise than with 413, before the body is looked at, each with the status and the reason.
const EARLIER: &[(&str, u16, &str)] = &[];

/// The cookies and headers of somebody of each role, signed in, by the role's code.
fn sessions(lis: &TestLis) -> BTreeMap<&'static str, String> {
    let firm = lis.numbers("SELECT enterprise_id AS value FROM person WHERE username = 'market'")[0];
    let session = |role: &Role| {
        let person = lis.person_as(&PersonInput {
            username: format!("pours-{}", role.code().replace('_', "-")),
            name: role.code().to_owned(),
            language: "en".to_owned(),
            roles: vec![role.code().to_owned()],
            region_code: if *role == Role::Regulator { "131081".to_owned() } else { String::new() },
            enterprise_id: (*role == Role::Enterprise).then_some(firm),
            ..PersonInput::default()
        });
        let session = lis.signed_in(&person).cookie("lis_session").expect("a session");
        (role.code(), format!("Cookie: lis_session={session}\r\nSec-Fetch-Site: same-origin\r\n"))
    };
    Role::ALL.iter().map(session).collect()
}

/// A role that a gate lets in; whoever is signed in, where it lets in everybody.
fn let_in(gate: &str) -> &'static str {
    let allowed = PERMISSIONS.iter().find(|(code, _)| *code == gate).and_then(|(_, roles)| roles.first());
    allowed.unwrap_or(&Role::Tester).code()
}

/// What of the answers is not as it must be: everything that takes a body refuses 200 MB for its length.
fn complaints(answers: &[(&str, String, usize)], earlier: &[(&str, u16, &str)]) -> Vec<String> {
    let due = |route: &str| earlier.iter().find(|(early, ..)| *early == route).map_or(413, |(_, status, _)| *status);
    let wrong = answers.iter().filter(|(route, status, sent)| {
        !status.starts_with(&format!("HTTP/1.1 {}", due(route))) || *sent > TAKEN_BYTES
    });
    wrong
        .map(|(route, status, sent)| format!("POST {route}: {status:?} after {sent} bytes, not {}", due(route)))
        .collect()
}

// An address that is none (404) and somebody who may not come in (401, 403) are answered without the body being read: nothing
// is lost by that, for nothing would have been done.
demonstrated!(every_post_refuses_a_huge_body_by_its_announced_length, |lis: TestLis| {
    let things = things(&lis);
    let sessions = sessions(&lis);
    let before = fingerprint(&lis);
    let gates: BTreeMap<&str, &str> = lis_server::server::route_infos()
        .iter()
        .filter(|info| info.method == "POST")
        .map(|info| (info.path, info.gate))
        .collect();
    let mut answers = Vec::new();
    for (routes, content_type, beginning) in
        [(posts(false), FILES, FILE), (posts(true), "application/json", "{\"a\": \"")]
    {
        for route in routes {
            let mut path = route.replace("{language}", "en");
            if path.contains("/people/") || path.contains("/signing-releases/") {
                path = path.replace("{id}", "1").replace("{token}", "1");
            }
            let path = filled(&path, &things);
            let headers = &sessions[let_in(gates[route])];
            let upload = Upload { path: &path, headers, content_type, beginning, chunked: false };
            let (status, sent) = pour(lis.address(), &upload);
            answers.push((route, status, sent));
        }
    }
    assert!(answers.len() > 200, "the routes were found");
    assert_eq!(complaints(&answers, EARLIER), Vec::<String>::new());
    assert_eq!(fingerprint(&lis), before, "nothing half-written");
});

#[test]
fn an_address_that_takes_a_huge_body_is_noticed() {
    let answers = [
        ("/a", "HTTP/1.1 413 Payload Too Large".to_owned(), 65_536),
        ("/b", "HTTP/1.1 303 See Other".to_owned(), 65_536),
        ("/c", "HTTP/1.1 413 Payload Too Large".to_owned(), UPLOAD_BYTES),
        ("/d", "HTTP/1.1 404 Not Found".to_owned(), 0),
    ];
    let named = complaints(&answers, &[("/d", 404, "a reason")]);
    assert!(named.len() == 2 && named[0].starts_with("POST /b") && named[1].starts_with("POST /c"), "{named:?}");
}
