//! What the program looks at by itself: files against their hashes, the log and its root, the daily backup, the clock. A
//! failure is seen by those who answer for the data, and waits until somebody says what was done.

use std::net::UdpSocket;
use std::time::{Duration, SystemTime};
use std::{fs, thread};

use chrono::{NaiveDate, TimeDelta, Timelike};
use lis_server::domain::clock::{Clock, SystemClock};
use lis_server::files::Files;
use lis_server::upkeep::{Kind, watch};
use lis_tests::{Database, TestLis, demonstrated, on_both};
use serde_json::{Value, json};

use crate::steps::{House, number, text};

fn day(of_december: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 12, of_december).expect("a day")
}

/// Looks at one thing now; what was kept of it.
fn looked(lis: &TestLis, kind: Kind, day: NaiveDate) -> Value {
    let id = watch::run(&lis.app, kind, day).expect("a look").expect("the first of its day");
    House::of(lis).get("admin", &format!("/api/v1/upkeep-runs/{id}"))
}

/// Codes of what was found.
fn found(run: &Value) -> Vec<String> {
    run["findings"].as_array().expect("findings").iter().map(|one| text(&one["what"])).collect()
}

fn about(run: &Value, what: &str) -> String {
    let one = run["findings"].as_array().expect("findings").iter().find(|one| one["what"] == what);
    text(&one.unwrap_or_else(|| panic!("no {what} in {run}"))["about"])
}

fn figure(lis: &TestLis, name: &str) -> i64 {
    let figures = lis.client().get("/metrics").expect(200).text();
    let line = figures.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {name} in\n{figures}")).parse().expect("a whole number")
}

// Requirement: Q711-4
demonstrated!(a_file_that_was_changed_or_lost_waits_for_an_action, |lis: TestLis| {
    let house = House::of(&lis);
    let whole = looked(&lis, Kind::Files, day(1));
    assert_eq!((&whole["good"], found(&whole)), (&json!(true), Vec::<String>::new()));
    let things = lis.rows("stored_file") + lis.rows("instrument_message");
    assert!(number(&whole, "looked_at") >= things && things > 3, "{whole}");
    assert!(watch::run(&lis.app, Kind::Files, day(1)).expect("a look").is_none(), "once a day");
    assert_eq!(figure(&lis, "lis_upkeep_failures"), 0);

    let reports = lis.texts("SELECT file_sha256 AS value FROM report WHERE file_sha256 IS NOT NULL ORDER BY id");
    let place = |sha256: &str| lis.database.directory().join("files").join(&sha256[..2]).join(sha256);
    fs::write(place(&reports[0]), "another report").expect("a file of the store");
    fs::remove_file(place(&reports[1])).expect("a file of the store");
    let damaged = looked(&lis, Kind::Files, day(2));
    assert_eq!(damaged["good"], false);
    assert!(about(&damaged, "file-damaged").starts_with(&format!("{} ", reports[0])), "with its name: {damaged}");
    assert!(about(&damaged, "file-missing").ends_with(".pdf"), "{damaged}");
    assert_eq!(found(&damaged).len(), 2);

    for username in ["admin", "manager", "quality"] {
        let home = house.by(username).get("/").expect(200).page().text();
        assert!(home.contains("Checks, backups or clock that failed"), "{username}: {home}");
    }
    house.by("tester1").get("/upkeep").expect(404);
    assert_eq!(figure(&lis, "lis_upkeep_failures"), 1);

    let id = &damaged["id"];
    let page = format!("/upkeep/{id}");
    let action = format!("{page}/action");
    let admin = house.by("admin");
    let list = admin.get("/upkeep").expect(200).page().text();
    assert!(list.contains("waits for an action"), "{list}");
    let one = admin.get(&page).expect(200).page().text();
    assert!(one.contains("Missing") && one.contains("Changed on the disk"), "{one}");
    let refused = admin.send(&admin.form(&page, &action)).expect(422).page();
    assert!(!refused.error_at("immediate").is_empty(), "{}", refused.text());
    let form = admin.form(&page, &action).set("immediate", "Brought back from the backup of yesterday");
    admin.send(&form.set("corrective", "The disk is replaced")).expect(303);
    let settled = house.get("manager", &format!("/api/v1/upkeep-runs/{id}"));
    assert_eq!(text(&settled["actions"][0]["corrective"]), "The disk is replaced");
    assert_eq!(figure(&lis, "lis_upkeep_failures"), 0);
    let shown = admin.get(&page).expect(200).page().text();
    assert!(shown.contains("settled") && shown.contains("Brought back from the backup of yesterday"), "{shown}");
    let logged = lis.texts("SELECT body AS value FROM audit_entry WHERE event = 'upkeep-action'");
    assert!(logged.len() == 1 && logged[0].contains("The disk is replaced"), "{logged:?}");

    // About what was all right there is nothing to do.
    let path = format!("/api/v1/upkeep-runs/{}/actions", whole["id"]);
    let nothing = house.ask("manager", &path, &json!({"immediate": "Nothing"}));
    assert_eq!(nothing.expect(409).codes(), ["upkeep-run-good"]);
});

demonstrated!(a_changed_message_of_an_instrument_is_found, |lis: TestLis| {
    let message = lis.numbers("SELECT min(id) AS value FROM instrument_message")[0];
    // Contents are never changed; the hash beside one stands for a disk that lost a bit.
    let zeros = "0".repeat(64);
    lis.sql(&format!("UPDATE instrument_message SET sha256 = '{zeros}' WHERE id = {message}")).expect("another hash");
    let run = looked(&lis, Kind::Files, day(1));
    assert_eq!(
        (found(&run), about(&run, "message-damaged")),
        (vec!["message-damaged".to_owned()], message.to_string())
    );
});

demonstrated!(a_table_that_was_changed_behind_the_program_is_found, |lis: TestLis| {
    let report = lis.numbers("SELECT id AS value FROM report WHERE report_no = 'BZ-2026-J-000001'")[0];
    lis.sql(&format!("UPDATE report SET conclusion = 'pass' WHERE id = {report}")).expect("a report");
    let run = looked(&lis, Kind::Log, day(1));
    let found = found(&run);
    assert_eq!((&run["good"], found.contains(&"log-root".to_owned())), (&json!(false), true), "{run}");
    // The place, not the results: whoever looks after the data need not know them.
    assert_eq!(about(&run, "table-differs"), format!("report {report}: conclusion"));
});

// Requirement: Q711-10
fn the_root_goes_out(kind: Database) {
    let lis = TestLis::demonstrated_with(kind, |config| config.log_root_to = Some("notary@lis.example".to_owned()));
    let log = lis.verified().expect("a whole log");
    let run = looked(&lis, Kind::Log, day(1));
    let root = format!("{}:{}", log.entries, log.chain_hash);
    assert_eq!((&run["good"], about(&run, "log-root")), (&json!(true), root.clone()));
    assert_eq!(about(&run, "root-sent"), "notary@lis.example");
    let sent = lis.texts("SELECT body AS value FROM mail WHERE recipient = 'notary@lis.example'");
    assert!(sent.len() == 1 && sent[0].contains(&root) && sent[0].contains(&log.log_id), "{sent:?}");
    let mails = House::of(&lis).items("custodian", "/api/v1/deliveries");
    let mail = mails.iter().find(|mail| mail["recipient"] == "notary@lis.example").expect("the mail");
    assert_eq!((&mail["about_kind"], &mail["about_id"]), (&json!("upkeep_run"), &run["id"]));
    // The laboratory has gone on, and its log still passes the root.
    assert!(lis.verified().expect("a whole log").entries > log.entries);
}

on_both!(the_root_of_the_log_is_sent_as_evidence, the_root_goes_out);

fn backs_up(kind: Database) {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let to = folder.path().join("backups");
    let own = to.clone();
    let lis = TestLis::demonstrated_with(kind, move |config| config.backup_to = Some(own));
    lis.verified().expect("a whole log");
    assert_eq!(figure(&lis, "lis_backup_age_seconds"), -1);
    let run = looked(&lis, Kind::Backup, day(1));
    assert_eq!(
        (&run["good"], found(&run)),
        (&json!(true), vec!["backup-made".to_owned(), "backup-manifest".to_owned()])
    );
    assert!(about(&run, "backup-made").starts_with(&to.display().to_string()), "{run}");
    assert_eq!(number(&run, "looked_at"), Files::reading(to.join("files")).names().expect("the files").len() as i64);
    assert!(figure(&lis, "lis_backup_age_seconds") >= 0);

    fs::remove_dir_all(&to).expect("the backups");
    fs::write(&to, "a file where the folder was").expect("a file");
    let run = looked(&lis, Kind::Backup, day(2));
    assert_eq!((&run["good"], found(&run)), (&json!(false), vec!["broken".to_owned()]));
    assert_eq!(figure(&lis, "lis_upkeep_failures"), 1);
}

on_both!(the_daily_backup_is_kept_as_a_record, backs_up);

/// An agent says by how much its clock is ahead.
fn says(lis: &TestLis, agent: &str, ms: i64) {
    let now = lis.clock.real().utc().format("%Y-%m-%d %H:%M:%S%.3f").to_string();
    lis.sql(&format!(
        "INSERT INTO agent_port (agent, instrument_code, reported_at, program_version, port, connected, port_error, \
         forward_error, backlog, withheld, clock_difference_ms) \
         VALUES ('{agent}', 'X-{agent}', '{now}', '1', 'serial', TRUE, '', '', 0, 0, {ms})"
    ))
    .expect("what an agent said");
}

// Requirement: Q711-8
demonstrated!(a_wrong_clock_is_found_by_the_others, |lis: TestLis| {
    let is_postgres = matches!(lis.database.address, lis_server::db::DatabaseAddress::Postgres(_));
    let right = looked(&lis, Kind::Clock, day(1));
    assert_eq!((&right["good"], found(&right)), (&json!(true), Vec::<String>::new()));

    lis.sql("DELETE FROM agent_port").expect("nothing is heard of the demonstration's agents");
    // A single computer is no alarm; where the database has no clock of its own, it is shown.
    let warned =
        || House::of(&lis).by("admin").get("/upkeep").expect(200).page().text().contains("ahead of the server by");
    assert!(!warned());
    let alone = House::of(&lis)
        .by("admin")
        .get("/upkeep")
        .expect(200)
        .page()
        .text()
        .contains("not compared with a time source");
    assert_eq!(alone, !is_postgres, "a database server has a clock");
    says(&lis, "a", 60_000);
    assert_eq!(warned(), !is_postgres);
    says(&lis, "b", 59_000);
    says(&lis, "c", 61_000);
    assert!(!warned(), "three of them decide");
    let wrong = looked(&lis, Kind::Clock, day(2));
    assert_eq!((&wrong["good"], about(&wrong, "clock-agents")), (&json!(false), "+60.000".to_owned()));
    assert_eq!(figure(&lis, "lis_clock_difference_milliseconds"), 60_000);
    assert_eq!(figure(&lis, "lis_upkeep_failures"), 1);

    // The machine's clock runs ahead: the database's is behind it. Of the agents nothing is heard by that clock.
    lis.clock.advance_real(TimeDelta::hours(1));
    let ahead = looked(&lis, Kind::Clock, day(3));
    if is_postgres {
        let behind = about(&ahead, "clock-database");
        assert!(behind.starts_with("-3600.") || behind.starts_with("-3599."), "{ahead}");
    } else {
        assert_eq!(found(&ahead), Vec::<String>::new(), "nothing to compare with");
    }
});

/// A time source (RFC 4330) that answers as many questions as there are seconds by which it is ahead, and then no more.
fn time_source(ahead: &'static [u64]) -> String {
    /// From 1900 to 1970.
    const EPOCH: u64 = 2_208_988_800;
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let address = socket.local_addr().expect("its address").to_string();
    thread::spawn(move || {
        for seconds in ahead {
            let mut question = [0; 48];
            let (_, from) = socket.recv_from(&mut question).expect("a question");
            let now = SystemTime::now() + Duration::from_secs(*seconds);
            let now = now.duration_since(SystemTime::UNIX_EPOCH).expect("after 1970");
            let moment = ((now.as_secs() + EPOCH) << 32) | ((u64::from(now.subsec_millis()) << 32) / 1_000);
            let mut answer = [0; 48];
            (answer[0], answer[1]) = (0b00_100_100, 1);
            answer[24..32].copy_from_slice(&question[40..]);
            answer[32..40].copy_from_slice(&moment.to_be_bytes());
            answer[40..].copy_from_slice(&moment.to_be_bytes());
            socket.send_to(&answer, from).expect("it is sent");
        }
    });
    address
}

// Requirement: Q711-8
fn asks_its_time_source(kind: Database) {
    let address = time_source(&[0, 5]);
    let set = address.clone();
    let lis = TestLis::demonstrated_with(kind, move |config| config.time_source = Some(set));
    lis.sql("DELETE FROM agent_port").expect("nothing is heard of agents");
    let page = || House::of(&lis).by("admin").get("/upkeep").expect(200).page().text();
    assert!(!page().contains("not compared with a time source"), "it is compared with its source");
    let right = looked(&lis, Kind::Clock, day(1));
    assert_eq!((&right["good"], found(&right)), (&json!(true), Vec::<String>::new()));
    assert!(number(&right, "looked_at") >= 1, "{right}");
    // Five seconds, give or take what the question took.
    let wrong = looked(&lis, Kind::Clock, day(2));
    let ahead = about(&wrong, "clock-source");
    assert!(wrong["good"] == false && (ahead.starts_with("+4.9") || ahead.starts_with("+5.")), "{wrong}");
    assert!(page().contains("The time source is ahead of the server by +"), "{}", page());
    // It answers no more: that is a failure when it lasts.
    let silent = looked(&lis, Kind::Clock, day(3));
    assert_eq!((&silent["good"], found(&silent)), (&json!(true), Vec::<String>::new()));
    lis.clock.advance_real(TimeDelta::hours(1));
    let silent = looked(&lis, Kind::Clock, day(4));
    assert!(about(&silent, "clock-source-silent").starts_with(&address), "{silent}");
}

on_both!(a_wrong_clock_is_found_by_the_time_source, asks_its_time_source);

fn looks_every_day(kind: Database) {
    // Half a day away: it comes once in the day that passes here.
    let hour = (SystemClock.real().in_china().hour() + 12) % 24;
    let lis = TestLis::demonstrated_with(kind, |config| config.upkeep_hour = Some(hour));
    lis.verified().expect("a whole log");
    // Where the database has a clock of its own, moving the machine's is found as well.
    let kinds = || lis.texts("SELECT kind AS value FROM upkeep_run WHERE kind <> 'clock' ORDER BY id");
    lis.work();
    assert_eq!(kinds(), Vec::<String>::new(), "it has just begun");
    lis.clock.advance_real(TimeDelta::hours(1));
    lis.work();
    assert_eq!(kinds(), ["files", "log"], "no backup without a folder for it");
    lis.clock.advance_real(TimeDelta::minutes(1));
    lis.work();
    assert_eq!(kinds().len(), 2, "once a day");
    lis.clock.advance_real(TimeDelta::hours(24));
    lis.work();
    assert_eq!(kinds(), ["files", "log", "files", "log"]);
}

on_both!(it_looks_once_a_day_after_its_hour, looks_every_day);
