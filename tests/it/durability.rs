//! "Saved" means saved: the server is killed in the middle of writing, as by a power cut, and everything that it had
//! answered as created is there afterwards. A short form of the campaign in `tests/soak`.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use lis_server::accounts::{Role, secrets};
use lis_tests::{Client, Database, FreshDatabase, Person, Program, TestLis, on_both};
use serde_json::json;

/// Kills of the short form; `LIS_SOAK_ROUNDS` asks for more.
const ROUNDS: u64 = 20;
/// Programs that write at the same time, each to a person of its own.
const WRITERS: usize = 4;

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_lis-server-under-test"))
}

/// A laboratory whose server has stopped, people to change, a token.
fn prepared(kind: Database) -> (Arc<FreshDatabase>, Vec<Person>, String) {
    let lis = TestLis::start(kind);
    let admin = lis.person("admin", &[Role::Administrator]);
    let people = (0..WRITERS).map(|number| lis.person(&format!("p{number}"), &[Role::Tester])).collect();
    let token = lis.token(&admin, &["manage_accounts"]);
    (lis.stop(), people, token)
}

/// Changes a person until the server is gone; returns the versions that were answered as saved.
fn change_until_killed(base: &str, token: &str, person: &Person) -> Vec<i64> {
    let api = Client::with_token(base.to_owned(), token);
    let path = format!("/api/v1/people/{}", person.id);
    let mut saved = Vec::new();
    let Ok(now) = api.ask("GET", &path).try_send() else { return saved };
    let mut version = now.expect(200).json()["version"].as_i64().expect("a version");
    loop {
        let body =
            json!({"username": person.username, "name": format!("version {}", version + 1), "roles": ["tester"]});
        match api.send_json("PUT", &path, &body).seen(version).try_send() {
            Ok(reply) => version = reply.expect(200).json()["version"].as_i64().expect("a version"),
            Err(_) => return saved,
        }
        saved.push(version);
    }
}

// Requirement: Q711-3
on_both!(what_was_answered_as_saved_survives_a_kill, survives_kills);

fn survives_kills(kind: Database) {
    let rounds =
        std::env::var("LIS_SOAK_ROUNDS").map_or(ROUNDS, |text| text.parse().expect("LIS_SOAK_ROUNDS is a number"));
    let (database, people, token) = prepared(kind);
    let url = database.url();
    let mut answered = 0;
    for round in 0..rounds {
        let server =
            Program::serve(program(), database.directory(), &[("LIS_DATABASE_URL", &url), ("LIS_LOG", "error")]);
        let base = server.base();
        let saved: Vec<Vec<i64>> = std::thread::scope(|scope| {
            let writers: Vec<_> =
                people.iter().map(|person| scope.spawn(|| change_until_killed(&base, &token, person))).collect();
            // Between a few writes and many, at a moment that differs from round to round.
            std::thread::sleep(Duration::from_millis(100 + jitter_ms()));
            server.kill();
            writers.into_iter().map(|writer| writer.join().expect("a writer")).collect()
        });
        answered += saved.iter().map(Vec::len).sum::<usize>();
        for (person, saved) in people.iter().zip(&saved) {
            let Some(last) = saved.last() else { continue };
            let logged = |version: i64| {
                let query = format!(
                    "SELECT object_version || '' AS value FROM audit_entry WHERE object_kind = 'person' \
                     AND object_id = {} AND object_version = {version} AND event = 'person-changed'",
                    person.id
                );
                lis_tests::system::texts(&mut database.connect(), &query).len()
            };
            let stored = format!("SELECT version || '' AS value FROM person WHERE id = {}", person.id);
            let stored: i64 = lis_tests::system::texts(&mut database.connect(), &stored)[0].parse().expect("a version");
            assert!(stored >= *last, "round {round}: version {last} was answered as saved, {stored} is there");
            let lost: Vec<&i64> = saved.iter().filter(|version| logged(**version) != 1).collect();
            assert!(lost.is_empty(), "round {round}: saved, but not once in the log: {lost:?}");
        }
    }
    assert!(answered as u64 > 5 * rounds, "{answered} changes in {rounds} rounds: too few to mean anything");
    let mut verify = Command::new(program());
    verify.args(["audit", "verify", "--data"]).arg(database.directory()).env("LIS_DATABASE_URL", &url);
    let verified = verify.output().expect("the program runs");
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
}

/// Milliseconds from 0 to 255, random.
fn jitter_ms() -> u64 {
    secrets::new_token().bytes().map(u64::from).sum::<u64>() % 256
}
