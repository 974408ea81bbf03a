//! How many messages a second go from an agent's spool to the server over HTTP on the loopback address, each acknowledged
//! only after the commit that holds it is on the disk.
//!
//! ```sh
//! cargo bench -p lis-tests --bench delivering
//! ```
//! The aim is 2,000 messages a second. The agent is the real one, with its own batches, on a spool that is full; the server
//! is a process of its own on SQLite and reads the messages meanwhile, as it always does. Beside it stands the rate of plain
//! inserts of the same messages in batches of the same size, in the same run: rates depend on the disk, the ratio does not.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use instrument_drivers::agent::forward::BATCH_MESSAGES;
use instrument_drivers::agent::spool::sha256;
use instrument_drivers::agent::{Agent, AgentConfig, HttpUpstream, MessageKind, Spool};
use lis_server::accounts::Role;
use lis_server::db::Conn;
use lis_server::db::schema::{instrument_message, message_content};
use lis_server::domain::clock::Moment;
use lis_server::server;
use lis_tests::system::texts;
use lis_tests::{Database, FreshDatabase, Program, TestLis, figures};
use serde_json::json;

/// Enough for seconds at the aim.
const MESSAGES: usize = 10_000;
const AIM: f64 = 2_000.0;
/// Nothing that works takes longer.
const PATIENCE: Duration = Duration::from_secs(300);

/// 400 bytes: a message of a small analyser.
fn message(number: usize) -> Vec<u8> {
    format!(
        "H|\\^&|||c111^Bench^1|||||host|RSUPL|P|1|20260412081500\rP|1||F26-{number:06}|||||M||||||40\r\
         O|1|F26-{number:06}|1^1^1|^^^684|R||20260412080000|||||||||||||||||||F\r\
         R|1|^^^684|5.43|mmol/L||N||F||OP1||20260412081200|c111\rC|1|I|0|I\rL|1|N\r"
    )
    .into_bytes()
}

fn at() -> DateTime<Utc> {
    "2026-11-18T02:00:00Z".parse().expect("a time")
}

fn main() {
    let first = plain();
    let (took, read) = delivered();
    let second = plain();
    let rate = |took: Duration| MESSAGES as f64 / took.as_secs_f64();
    let plain = (rate(first) + rate(second)) / 2.0;
    let delivered = rate(took);
    println!("{:<44}{plain:>8.0} a second", format!("plain inserts, {BATCH_MESSAGES} to a commit"));
    println!(
        "{:<44}{delivered:>8.0} a second, {}; ratio {:.2}",
        "agent to server, acknowledged",
        figures::at_least(AIM, delivered),
        delivered / plain
    );
    println!("{:<44}{read:>8} of {MESSAGES}", "read by the server meanwhile");
}

/// How long the agent took until everything was acknowledged, and how many messages the server had read by then.
fn delivered() -> (Duration, i64) {
    let lis = TestLis::start(Database::Sqlite);
    server::prepare(&lis.app).expect("the shipped data");
    let manager = lis.person("manager", &[Role::TechnicalManager]);
    let instrument = json!({"code": "C111-01", "name": "c111", "profile": "generic_astm", "status": "qualified"});
    lis.signed_in(&manager).command("/api/v1/instruments", &instrument).send().expect(201);
    let token = lis.token(&manager, &["deliver_messages"]);
    let database = lis.stop();

    let folder = tempfile::TempDir::new().expect("a temporary directory");
    let spool_folder = folder.path().join("spool");
    let (spool, _) = Spool::open(&spool_folder, at()).expect("a spool");
    for number in 1..=MESSAGES {
        spool.store("C111-01", MessageKind::Message, &message(number), None, at()).expect("a message in the spool");
    }
    drop(spool);

    let program = Path::new(env!("CARGO_BIN_EXE_lis-server-under-test"));
    let (data, url) = (database.directory(), database.url());
    let server = Program::serve(program, data, &[("LIS_DATABASE_URL", &url), ("LIS_LOG", "error")]);
    let config = AgentConfig {
        agent: "bench".to_owned(),
        spool: spool_folder,
        server: None,
        token_file: None,
        ca_file: None,
        status_address: None,
        keep_days: 30,
        ports: Vec::new(),
    };
    let upstream = Arc::new(HttpUpstream::new("bench", &server.base(), &token));
    let began = Instant::now();
    let agent = Agent::start(config, upstream).expect("the agent");
    while agent.status().backlog > 0 {
        assert!(began.elapsed() < PATIENCE, "still waiting: {:?}", agent.status());
        std::thread::sleep(Duration::from_millis(1));
    }
    let took = began.elapsed();
    agent.stop();
    let number = |query: &str| -> i64 { texts(&mut database.connect(), query)[0].parse().expect("a number") };
    let read = number("SELECT count(*) || '' AS value FROM instrument_message WHERE state <> 'received'");
    // The plug is pulled: what was acknowledged is there.
    server.kill();
    let stored = number("SELECT count(*) || '' AS value FROM instrument_message");
    assert_eq!(stored, i64::try_from(MESSAGES).expect("a number"));
    (took, read)
}

#[derive(Insertable)]
#[diesel(table_name = instrument_message, treat_none_as_default_value = false)]
struct PlainMessage {
    version: i64,
    agent: &'static str,
    stream: &'static str,
    seq: i64,
    instrument_code: &'static str,
    kind: &'static str,
    file_name: &'static str,
    received_at: Moment,
    stored_at: Moment,
    sha256: String,
    byte_count: i64,
    state: &'static str,
    trouble: &'static str,
}

#[derive(Insertable)]
#[diesel(table_name = message_content, treat_none_as_default_value = false)]
struct PlainContent {
    message_id: i64,
    content: String,
}

/// The same messages by hand, as many to a commit, which is as durable as the server's.
fn plain() -> Duration {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    let database = FreshDatabase::migrated(Database::Sqlite);
    let Conn::Sqlite(mut conn) = database.connect() else { unreachable!("a SQLite database") };
    conn.batch_execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL").expect("settings");
    let numbers: Vec<usize> = (1..=MESSAGES).collect();
    let now = Moment::new(at());
    let began = Instant::now();
    for batch in numbers.chunks(BATCH_MESSAGES) {
        let (mut rows, mut contents) = (Vec::new(), Vec::new());
        for number in batch {
            let bytes = message(*number);
            // In a fresh table the ids count as the messages do.
            let seq = i64::try_from(*number).expect("a number");
            contents.push(PlainContent { message_id: seq, content: STANDARD.encode(&bytes) });
            rows.push(PlainMessage {
                version: 1,
                agent: "bench",
                stream: "s",
                seq,
                instrument_code: "C111-01",
                kind: "message",
                file_name: "",
                received_at: now,
                stored_at: now,
                sha256: sha256(&bytes),
                byte_count: i64::try_from(bytes.len()).expect("a number"),
                state: "received",
                trouble: "",
            });
        }
        conn.transaction::<_, diesel::result::Error, _>(|conn| {
            diesel::insert_into(instrument_message::table).values(&rows).execute(conn)?;
            diesel::insert_into(message_content::table).values(&contents).execute(conn)
        })
        .expect("a batch");
    }
    began.elapsed()
}
