//! How quickly one long export becomes rows of the database: through the server's intake, and by the plain driver into the
//! same table, on SQLite and, where `LIS_TEST_POSTGRES` names a server, on PostgreSQL.
//!
//! ```sh
//! cargo bench -p lis-tests --bench importing
//! ```
//! The aim is 0.6 of the plain driver's rows a second, with one entry in the log for the file. The plain driver has its rows
//! in memory and does nothing but insert them in one transaction, by the fastest statements that we know, which are the
//! server's. The intake also reads the file, looks for repeats and for the worksheets that wait, lets others write in between,
//! and chains the log. Rates depend on the machine and its disk; compare the ratios.

use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use instrument_drivers::agent::spool::sha256;
use instrument_drivers::agent::{MessageKind, SpooledMessage, WireMessage};
use instrument_drivers::observation::Observation;
use instrument_drivers::profile::{Context, Profile};
use lis_server::accounts::Role;
use lis_server::db::Conn;
use lis_server::db::schema::observation;
use lis_server::instruments::reader::read_some;
use lis_server::server;
use lis_tests::database::postgres_is_there;
use lis_tests::{Database, FreshDatabase, TestLis, figures};
use serde_json::json;

/// 4 MB: longer than what the server reads before it writes.
const ROWS: usize = 100_000;
const PROFILE: &str = "generic_long_table";
const AIM: f64 = 0.6;

fn main() {
    let file = export();
    println!("{ROWS} rows, {:.1} MB", file.len() as f64 / 1e6);
    measure(Database::Sqlite, &file);
    if postgres_is_there("the benchmark of importing") {
        measure(Database::Postgres, &file);
    }
}

fn measure(kind: Database, file: &str) {
    let (rows, reading) = read(file);
    // The plain way before and after: the machine may become slower meanwhile.
    let first = plain(kind, &rows);
    let (stored, taken_in) = imported(kind, file);
    let second = plain(kind, &rows);
    let rate = |took: Duration| ROWS as f64 / took.as_secs_f64();
    let plain_rate = (rate(first) + rate(second)) / 2.0;
    println!("{kind:?}");
    println!("{:<44}{plain_rate:>10.0} rows/s", "plain driver, rows in memory");
    let beside = (rate(first + reading) + rate(second + reading)) / 2.0;
    println!("{:<44}{beside:>10.0} rows/s", "reading the file, then the plain driver");
    for (name, took) in [("intake of the stored file", taken_in), ("with storing the file before", stored + taken_in)] {
        let rate = rate(took);
        println!(
            "{name:<44}{rate:>10.0} rows/s, ratio to the plain driver {}, with reading {:.2}",
            figures::at_least(AIM, rate / plain_rate),
            rate / beside
        );
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
fn imported(kind: Database, file: &str) -> (Duration, Duration) {
    let lis = TestLis::uncounted(kind);
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
    let taken_in = began.elapsed();
    assert_eq!(lis.rows("audit_entry"), entries + 1, "one entry of the log for the file");
    assert_eq!(lis.rows("observation"), i64::try_from(ROWS).expect("a number"));
    (stored, taken_in)
}

/// A row as the intake leaves it.
#[derive(Insertable)]
#[diesel(table_name = observation, treat_none_as_default_value = false)]
struct PlainRow {
    version: i64,
    message_id: i64,
    ordinal: i64,
    sample_ref: String,
    analyte_ref: String,
    value: String,
    number: Option<String>,
    qualifier: String,
    unit: String,
    flag: String,
    role: String,
    source_place: String,
    measured_at: String,
    state: &'static str,
    reason: String,
    position_id: Option<i64>,
    reading_no: i64,
}

impl PlainRow {
    fn of(one: Observation, ordinal: i64) -> Self {
        Self {
            version: 1,
            message_id: 1,
            ordinal,
            sample_ref: one.match_sample,
            analyte_ref: one.match_analyte,
            value: one.value,
            number: one.number,
            qualifier: String::new(),
            unit: one.unit,
            flag: one.flag,
            role: one.role.name().to_owned(),
            source_place: one.position,
            measured_at: one.completed_at.unwrap_or_default(),
            state: "held",
            reason: "unknown_sample".to_owned(),
            position_id: None,
            reading_no: 1,
        }
    }
}

/// The rows of the file, and how long reading them took.
fn read(file: &str) -> (Vec<PlainRow>, Duration) {
    let profile = Profile::load(PROFILE).expect("a shipped profile");
    let began = Instant::now();
    let reading = profile.read(file.as_bytes(), &Context::default());
    let took = began.elapsed();
    assert_eq!((reading.observations.len(), reading.troubles.len()), (ROWS, 0));
    let rows = reading.observations.into_iter().zip(1..).map(|(one, ordinal)| PlainRow::of(one, ordinal));
    (rows.collect(), took)
}

/// As many as the server inserts by one statement of SQLite.
const ROWS_OF_A_STATEMENT: usize = 50;

/// The same rows by hand, in one transaction that is as durable as the server's.
fn plain(kind: Database, rows: &[PlainRow]) -> Duration {
    let database = FreshDatabase::migrated(kind);
    let mut conn = database.connect();
    if kind == Database::Sqlite {
        conn.batch_execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL").expect("settings");
    }
    conn.batch_execute(
        "INSERT INTO instrument_message (version, agent, stream, seq, instrument_code, kind, file_name, received_at, \
         stored_at, sha256, byte_count, state, trouble) VALUES (1, 'bench', 's', 1, 'ICP-01', 'file', 'export.csv', \
         '2026-11-18 02:00:00', '2026-11-18 02:00:00', '', 0, 'held', '')",
    )
    .expect("a message");
    let began = Instant::now();
    let inserted: QueryResult<usize> = match &mut conn {
        Conn::Sqlite(conn) => conn.transaction(|conn| {
            let (groups, rest) = rows.as_chunks::<ROWS_OF_A_STATEMENT>();
            for group in groups {
                diesel::insert_into(observation::table).values(group).execute(conn)?;
            }
            diesel::insert_into(observation::table).values(rest).execute(conn)
        }),
        Conn::Postgres(conn) => {
            conn.transaction(|conn| diesel::copy_from(observation::table).from_insertable(rows).execute(conn))
        }
    };
    let took = began.elapsed();
    inserted.expect("the rows");
    took
}
