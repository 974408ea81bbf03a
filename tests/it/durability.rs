//! "Saved" means saved: the server is killed in the middle of writing, as by a power cut, and everything that it had
//! answered as created is there afterwards. A short form of the campaign in `tests/soak`.

use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use lis_server::accounts::{Role, secrets};
use lis_tests::{Client, Database, FreshDatabase, Program, TestLis};
use serde_json::json;

/// Kills of the short form; `LIS_SOAK_ROUNDS` asks for more.
const ROUNDS: u64 = 20;
/// Programs that write at the same time.
const WRITERS: usize = 4;

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_lis-server-under-test"))
}

/// A laboratory with an administrator, its server stopped, and a token.
fn prepared() -> (std::sync::Arc<FreshDatabase>, String) {
    let lis = TestLis::start(Database::Sqlite);
    let admin = lis.person("admin", &[Role::Administrator]);
    let token = lis.token(&admin, &["manage_accounts"]);
    (lis.stop(), token)
}

/// Creates people until the server is gone; returns the usernames that were answered 201.
fn write_until_killed(base: &str, token: &str, number: &AtomicU64) -> Vec<String> {
    let api = Client::with_token(base.to_owned(), token);
    let mut saved = Vec::new();
    loop {
        let username = format!("p{}", number.fetch_add(1, Ordering::SeqCst));
        let body = json!({
            "username": username, "name": "x", "roles": ["tester"], "first_password": "a first password",
        });
        match api.send_json("POST", "/api/v1/people", &body).key(&username).try_send() {
            Ok(reply) if reply.status == 201 => saved.push(username),
            Ok(reply) => panic!("{}: {}", reply.status, reply.text()),
            Err(_) => return saved,
        }
    }
}

#[test]
fn what_was_answered_as_saved_survives_a_kill() {
    let rounds =
        std::env::var("LIS_SOAK_ROUNDS").map_or(ROUNDS, |text| text.parse().expect("LIS_SOAK_ROUNDS is a number"));
    let (database, token) = prepared();
    let number = AtomicU64::new(0);
    let saved = Mutex::new(Vec::<String>::new());
    for round in 0..rounds {
        let server = Program::serve(program(), database.directory(), &[("LIS_LOG", "error")]);
        let base = server.base();
        std::thread::scope(|scope| {
            for _ in 0..WRITERS {
                scope.spawn(|| {
                    let mine = write_until_killed(&base, &token, &number);
                    saved.lock().expect("no writer panicked").extend(mine);
                });
            }
            // Between a few writes and many, at a moment that differs from round to round.
            std::thread::sleep(Duration::from_millis(150 + jitter_ms(round)));
            server.kill();
        });
        let mut conn = database.connect();
        let stored: std::collections::BTreeSet<String> =
            lis_tests::system::texts(&mut conn, "SELECT username AS value FROM person").into_iter().collect();
        let saved = saved.lock().expect("no writer panicked");
        let lost: Vec<&String> = saved.iter().filter(|name| !stored.contains(*name)).collect();
        assert!(lost.is_empty(), "round {round}: answered as created and lost: {lost:?}");
    }
    let saved = saved.into_inner().expect("no writer panicked").len();
    assert!(saved as u64 >= rounds, "{saved} people in {rounds} rounds: too few for the test to mean anything");
    let verified = Command::new(program()).args(["audit", "verify", "--data"]).arg(database.directory()).output();
    let verified = verified.expect("the program runs");
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
}

/// Milliseconds from 0 to 255: random, and not the same in two rounds of a fast machine.
fn jitter_ms(round: u64) -> u64 {
    let random = u64::from(secrets::new_token().as_bytes()[0]);
    (random + 37 * round) % 256
}
