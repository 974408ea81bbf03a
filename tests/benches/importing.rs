//! How quickly one long export becomes rows of the database: through the server's intake, and by the plain driver and plain
//! inserts into the same table.
//!
//! ```sh
//! cargo bench -p lis-tests --bench importing
//! ```
//! The goal is 0.6 of the plain rate, with one entry in the log for the file. The intake also looks for repeats, for the
//! worksheets that wait, and chains the log. Rates depend on the machine and its disk; compare the ratios.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use instrument_drivers::agent::spool::sha256;
use instrument_drivers::agent::{MessageKind, SpooledMessage, WireMessage};
use instrument_drivers::profile::{Context, Profile};
use lis_server::accounts::Role;
use lis_server::db::Conn;
use lis_server::db::schema::observation;
use lis_server::instruments::reader::read_some;
use lis_server::server;
use lis_tests::{Database, FreshDatabase, TestLis};
use serde_json::json;

/// 5 MB: longer than what the server reads before it writes.
const ROWS: usize = 100_000;
const PROFILE: &str = "generic_long_table";
const GOAL: f64 = 0.6;

fn main() {
    let file = export();
    // The plain way before and after: the machine may become slower meanwhile.
    let first = plain(&file);
    let (stored, read) = imported(&file);
    let second = plain(&file);
    let rate = |took: Duration| ROWS as f64 / took.as_secs_f64();
    let plain = (rate(first) + rate(second)) / 2.0;
    println!("{ROWS} rows, {:.1} MB", file.len() as f64 / 1e6);
    println!("{:<44}{plain:>10.0} rows/s", "plain driver and plain inserts");
    for (name, took) in [("intake of the stored file", read), ("with storing the file before", stored + read)] {
        let rate = rate(took);
        println!("{name:<44}{rate:>10.0} rows/s, ratio {:.2} (goal {GOAL})", rate / plain);
    }
}

/// One analyte in a row, 20 rows a sample; nobody has received any of them.
fn export() -> String {
    let row = |number: usize| {
        let (sample, analyte) = (number / 20, number % 20);
        format!("F26-{sample:06},Sample,Analyte {analyte:02},{}.{:03},mg/kg\n", number % 97, number % 1000)
    };
    "Sample ID,Type,Analyte,Concentration,Unit\n".to_owned() + &(0..ROWS).map(row).collect::<String>()
}

/// How long storing the file took, and reading it into the database.
fn imported(file: &str) -> (Duration, Duration) {
    let lis = TestLis::uncounted(Database::Sqlite);
    server::prepare(&lis.app).expect("the shipped data");
    let manager = lis.person("manager", &[Role::TechnicalManager]);
    let instrument = json!({"code": "ICP-01", "name": "ICP-MS", "profile": PROFILE, "status": "qualified"});
    lis.signed_in(&manager).command("/api/v1/instruments", &instrument).send().expect(201);
    let agent = lis.api(&lis.token(&manager, &["deliver_messages"]));
    let message = SpooledMessage {
        stream: "0192f3a0-0000-7000-8000-0000000000aa".parse().expect("a UUID"),
        seq: 1,
        instrument: "ICP-01".to_owned(),
        kind: MessageKind::File,
        received_at: "2026-11-18T02:00:00Z".parse().expect("a time"),
        sha256: sha256(file.as_bytes()),
        bytes: file.as_bytes().to_vec(),
        file_name: Some("export.csv".to_owned()),
    };
    let body = json!([serde_json::to_value(WireMessage::of("bench", &message)).expect("a message")]);
    let began = Instant::now();
    agent.send_json("POST", "/api/v1/agent/messages", &body).send().expect(200);
    let stored = began.elapsed();
    let entries = lis.rows("audit_entry");
    let began = Instant::now();
    while read_some(&lis.app).expect("the file is read") {}
    let read = began.elapsed();
    assert_eq!(lis.rows("audit_entry"), entries + 1, "one entry of the log for the file");
    assert_eq!(lis.rows("observation"), i64::try_from(ROWS).expect("a number"));
    (stored, read)
}

/// A row as the intake leaves it.
#[derive(Insertable)]
#[diesel(table_name = observation, treat_none_as_default_value = false)]
struct PlainRow<'r> {
    version: i64,
    message_id: i64,
    ordinal: i64,
    sample_ref: &'r str,
    analyte_ref: &'r str,
    value: &'r str,
    number: Option<&'r str>,
    qualifier: &'r str,
    unit: &'r str,
    flag: &'r str,
    role: &'r str,
    source_place: &'r str,
    measured_at: &'r str,
    state: &'r str,
    reason: &'r str,
    position_id: Option<i64>,
    reading_no: i64,
}

/// As many as the server inserts by one statement.
const ROWS_OF_A_STATEMENT: usize = 1_000;

/// The same rows by hand, in one transaction that is as durable as the server's.
fn plain(file: &str) -> Duration {
    let database = FreshDatabase::migrated(Database::Sqlite);
    let Conn::Sqlite(mut conn) = database.connect() else { unreachable!("a SQLite database") };
    conn.batch_execute(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
         INSERT INTO instrument_message (version, agent, stream, seq, instrument_code, kind, file_name, received_at, \
         stored_at, sha256, byte_count, state, trouble) VALUES (1, 'bench', 's', 1, 'ICP-01', 'file', 'export.csv', \
         '2026-11-18 02:00:00', '2026-11-18 02:00:00', '', 0, 'held', '')",
    )
    .expect("a message");
    let profile = Profile::load(PROFILE).expect("a shipped profile");
    let began = Instant::now();
    let reading = profile.read(file.as_bytes(), &Context::default());
    assert_eq!((reading.observations.len(), reading.troubles.len()), (ROWS, 0));
    conn.transaction::<_, diesel::result::Error, _>(|conn| {
        for (piece, observations) in reading.observations.chunks(ROWS_OF_A_STATEMENT).enumerate() {
            let first = i64::try_from(piece * ROWS_OF_A_STATEMENT).unwrap_or(i64::MAX) + 1;
            let rows: Vec<PlainRow> = observations
                .iter()
                .zip(first..)
                .map(|(one, ordinal)| PlainRow {
                    version: 1,
                    message_id: 1,
                    ordinal,
                    sample_ref: &one.match_sample,
                    analyte_ref: &one.match_analyte,
                    value: &one.value,
                    number: one.number.as_deref(),
                    qualifier: "",
                    unit: &one.unit,
                    flag: &one.flag,
                    role: one.role.name(),
                    source_place: &one.position,
                    measured_at: one.completed_at.as_deref().unwrap_or_default(),
                    state: "held",
                    reason: "unknown_sample",
                    position_id: None,
                    reading_no: 1,
                })
                .collect();
            diesel::insert_into(observation::table).values(&rows).execute(conn)?;
        }
        Ok(())
    })
    .expect("the rows");
    began.elapsed()
}
