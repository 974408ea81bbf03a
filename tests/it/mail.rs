//! Mail to a real SMTP server: aiosmtpd (Debian: python3-aiosmtpd), a process of its own on the loopback address, which
//! writes what it takes into a folder.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use lis_server::jobs;
use lis_tests::program::{Running, free_address};
use lis_tests::{Database, TestLis, demonstrated};
use serde_json::{Value, json};

use crate::steps::{House, number, text};

/// How long a loaded machine may take to start Python.
const START: Duration = Duration::from_secs(30);

/// The running mail server; it is killed when it goes out of scope.
struct SmtpServer {
    _program: Running,
    folder: PathBuf,
}

impl SmtpServer {
    /// Whether there is one to start; if not, says aloud that the test did not run.
    fn is_there(test: &str) -> bool {
        let there = Command::new("aiosmtpd").arg("--version").stdout(Stdio::null()).status().is_ok();
        if !there {
            // Straight to the terminal: the test runner keeps what a passing test prints to itself.
            let _ = writeln!(std::io::stderr(), "SKIPPED {test}: there is no aiosmtpd (tests/run installs it)");
        }
        there
    }

    fn start(address: SocketAddr, folder: &Path) -> Self {
        // The server makes its folder itself; one that is there it takes for a folder of mails.
        let mails = folder.join("mails");
        let program = Command::new("aiosmtpd")
            .args(["--nosetuid", "--listen", &address.to_string(), "--class", "aiosmtpd.handlers.Mailbox"])
            .arg(&mails)
            .stderr(Stdio::null())
            .spawn()
            .expect("aiosmtpd starts");
        let server = Self { _program: Running(program), folder: mails };
        let until = Instant::now() + START;
        while TcpStream::connect(address).is_err() {
            assert!(Instant::now() < until, "the mail server does not listen on {address}");
            std::thread::sleep(Duration::from_millis(20));
        }
        server
    }

    /// Recipient and text of every mail that it took.
    fn taken(&self) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.folder.join("new")) else { return Vec::new() };
        let read = |path: PathBuf| String::from_utf8_lossy(&std::fs::read(path).expect("a mail")).into_owned();
        entries.map(|entry| read(entry.expect("a readable folder").path())).collect()
    }
}

fn laboratory(kind: Database, address: SocketAddr) -> TestLis {
    TestLis::demonstrated_with(kind, |config| {
        config.smtp_url = Some(format!("smtp://{address}"));
        config.mail_from = Some("共享实验室 <lab@lis.example>".to_owned());
    })
}

/// Mails about a report as staff sees them: recipient, state, attempts.
#[track_caller]
fn deliveries(house: &House, report: i64) -> Vec<(String, String, i64)> {
    let listed = house.items("custodian", "/api/v1/deliveries");
    let own = listed.iter().filter(|mail| mail["about_kind"] == "report" && mail["about_id"] == report);
    let mut own: Vec<_> =
        own.map(|mail| (text(&mail["recipient"]), text(&mail["state"]), number(mail, "attempts"))).collect();
    own.sort();
    own
}

fn a_server_that_is_down_is_tried_again(kind: Database) {
    let (address, folder) = (free_address(), tempfile::tempdir().expect("a temporary directory"));
    let lis = laboratory(kind, address);
    let house = House::of(&lis);
    // Nobody listens: the report is issued all the same, its mails wait.
    let (_, report) = house.entrusted_report("2.05");
    let id = number(&report, "id");
    let waiting = deliveries(&house, id);
    assert!(
        !waiting.is_empty() && waiting.iter().all(|(_, state, attempts)| (state.as_str(), *attempts) == ("queued", 1))
    );
    lis.clock.advance_real(TimeDelta::seconds(30));
    lis.work();
    assert_eq!(deliveries(&house, id), waiting, "not before its minute is over");
    lis.clock.advance_real(TimeDelta::seconds(35));
    lis.work();
    assert!(deliveries(&house, id).iter().all(|(_, _, attempts)| *attempts == 2));

    let server = SmtpServer::start(address, folder.path());
    // The second wait is two minutes.
    lis.clock.advance_real(TimeDelta::seconds(60));
    lis.work();
    assert!(server.taken().is_empty());
    lis.clock.advance_real(TimeDelta::seconds(65));
    lis.work();
    let sent = deliveries(&house, id);
    assert!(sent.iter().all(|(_, state, attempts)| (state.as_str(), *attempts) == ("sent", 3)), "{sent:?}");
    let about = |mail: &&String| mail.contains(report["report_no"].as_str().expect("a number"));
    let taken = server.taken();
    let mails: Vec<&String> = taken.iter().filter(about).collect();
    assert_eq!(mails.len(), sent.len(), "each recipient once");
    for (recipient, ..) in &sent {
        assert_eq!(mails.iter().filter(|mail| mail.contains(&format!("X-RcptTo: {recipient}"))).count(), 1);
    }
    assert!(mails.iter().all(|mail| mail.contains("application/pdf") && mail.contains("lab@lis.example")));
    lis.work();
    assert_eq!(server.taken().len(), taken.len(), "sent is sent");
}

fn a_mail_that_fails_for_good_is_seen_by_staff(kind: Database) {
    let (address, folder) = (free_address(), tempfile::tempdir().expect("a temporary directory"));
    let lis = laboratory(kind, address);
    let house = House::of(&lis);
    let (_, report) = house.entrusted_report("2.05");
    let id = number(&report, "id");
    // Ten attempts with waits up to four hours, and then a person has to look.
    for _ in 0..9 {
        lis.clock.advance_real(TimeDelta::hours(4));
        lis.work();
    }
    // Sessions ended in those days.
    let house = House::of(&lis);
    let failed = deliveries(&house, id);
    assert!(failed.iter().all(|(_, state, attempts)| (state.as_str(), *attempts) == ("failed", 10)), "{failed:?}");
    let page = house.by("custodian").get("/deliveries?state=failed").expect(200).page();
    let shown = page.text();
    assert!(shown.contains(&failed[0].0) && shown.contains("onnect"), "recipient and reason: {shown}");
    for username in ["tester1", "market", "city"] {
        house.by(username).get("/deliveries").expect(404);
    }
    // Who sees to it that mails go out need not know who learns what.
    let blind = house.by("admin").get("/deliveries?state=failed").expect(200).page().text();
    assert!(blind.contains("not shown to administrators") && blind.contains("onnect"), "{blind}");
    assert!(!blind.contains(&failed[0].0), "{blind}");
    let listed = house.items("admin", "/api/v1/deliveries?state=failed");
    let said = listed.iter().map(|mail| format!("{}{}", text(&mail["recipient"]), text(&mail["subject"])));
    assert!(listed.len() >= failed.len() && said.collect::<String>().is_empty(), "{listed:?}");
    let server = SmtpServer::start(address, folder.path());
    let actions = page.all("form").into_iter().filter_map(|form| form.value().attr("action"));
    let retries: Vec<String> = actions.filter(|action| action.ends_with("/retry")).map(str::to_owned).collect();
    assert!(retries.len() >= failed.len(), "{retries:?}");
    for retry in &retries {
        house.by("custodian").send(&page.form(retry)).expect(303);
    }
    lis.work();
    assert!(deliveries(&house, id).iter().all(|(_, state, _)| state == "sent"));
    assert!(server.taken().iter().any(|mail| mail.contains(report["report_no"].as_str().expect("a number"))));
    let sent = house.items("custodian", "/api/v1/deliveries?state=sent");
    let again = house.ask("custodian", &format!("/api/v1/deliveries/{}/retry", sent[0]["id"]), &json!({}));
    assert_eq!(again.expect(409).codes(), ["delivery-not-failed"]);
}

/// A test with a mail server, on both databases.
macro_rules! with_mail_server {
    ($name:ident, $check:expr) => {
        mod $name {
            use super::*;

            #[test]
            fn sqlite() {
                if SmtpServer::is_there(module_path!()) {
                    $check(Database::Sqlite);
                }
            }

            #[test]
            fn postgres() {
                if lis_tests::database::postgres_is_there(module_path!()) && SmtpServer::is_there(module_path!()) {
                    $check(Database::Postgres);
                }
            }
        }
    };
}

with_mail_server!(a_report_arrives_when_the_server_is_back, a_server_that_is_down_is_tried_again);
with_mail_server!(a_final_failure_waits_for_a_person, a_mail_that_fails_for_good_is_seen_by_staff);

demonstrated!(a_program_sees_the_jobs_that_failed_and_tries_them_again, |lis: TestLis| {
    lis.app.db.write_now(|tx| jobs::queue(tx, "no-such-kind", "no-such-kind:1", &Value::Null)).expect("a job");
    // Twelve attempts with waits up to an hour, and then a person has to look.
    for _ in 0..12 {
        lis.work();
        lis.clock.advance_real(TimeDelta::hours(1));
    }
    let house = House::of(&lis);
    let own = |house: &House| -> Vec<Value> {
        let listed = house.items("custodian", "/api/v1/jobs");
        listed.into_iter().filter(|job| job["kind"] == "no-such-kind").collect()
    };
    let failed = own(&house);
    let [job] = failed.as_slice() else { panic!("one job: {failed:?}") };
    assert_eq!((text(&job["state"]), number(job, "attempts")), ("failed".to_owned(), 12));
    assert!(text(&job["last_error"]).contains("no-such-kind"), "{job}");
    for username in ["tester1", "market", "city"] {
        house.by(username).get("/api/v1/jobs").expect(404);
    }
    let path = format!("/api/v1/jobs/{}/retry", job["id"]);
    assert_eq!(house.done("custodian", &path, &json!({}))["state"], "queued");
    assert!(own(&house).is_empty());
    assert_eq!(house.ask("custodian", &path, &json!({})).expect(409).codes(), ["job-not-failed"]);
    assert_eq!(house.ask("custodian", "/api/v1/jobs/999999/retry", &json!({})).expect(404).codes(), ["not-found"]);
    let page = house.by("custodian").get("/deliveries").expect(200).text();
    assert!(!page.contains("no-such-kind:1"), "it does not wait for a person any more");
});
