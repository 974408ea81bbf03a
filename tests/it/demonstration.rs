//! The demonstration as a stranger runs it: the program on an empty directory, and the server on what it left.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Command, Output, Stdio};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use diesel::connection::SimpleConnection;
use lis_server::db::describe;
use lis_tests::program::{Running, free_address};
use lis_tests::system::texts;
use lis_tests::{Client, Database, FreshDatabase, Program, demo_played_ahead, on_both};
use serde_json::Value;
use sha2::{Digest, Sha256};

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_lis-server-under-test"))
}

fn demo(database: &FreshDatabase) -> Output {
    demo_with(database, &[])
}

fn demo_with(database: &FreshDatabase, settings: &[(&str, &str)]) -> Output {
    Command::new(program())
        .args(["demo", "--exit", "--language", "en", "--data"])
        .arg(database.directory())
        .env("LIS_DATABASE_URL", database.url())
        .env_remove("LIS_LOG")
        .envs(settings.iter().copied())
        .output()
        .expect("the program runs")
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Path and SHA-256 of every file below a directory.
fn everything(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).expect("a readable directory") {
        let path = entry.expect("a readable directory").path();
        if path.is_dir() {
            found.insert(path.clone(), "directory".to_owned());
            found.append(&mut everything(&path));
        } else {
            let content = std::fs::read(&path).expect("a readable file");
            found.insert(path, hex::encode(Sha256::digest(content)));
        }
    }
    found
}

/// Every row that the log has, in one number: nothing is changed without an entry.
fn head(database: &FreshDatabase) -> Vec<String> {
    texts(&mut database.connect(), "SELECT position || ' ' || chain_hash AS value FROM log_head")
}

/// A refusal that names the way on.
fn refuses(database: &FreshDatabase) {
    let refused = demo(database);
    assert_eq!(refused.status.code(), Some(1), "{}", said(&refused));
    let way_on = format!("lis-server serve --data {}", database.directory().display());
    assert!(said(&refused).contains(&way_on), "{}", said(&refused));
}

fn runs_once_and_lasts(kind: Database) {
    let database = FreshDatabase::empty(kind);
    let data = database.directory();
    let began = Instant::now();
    let played = demo(&database);
    // The goal is a program built for release on a quiet machine, so this is told and not demanded. Straight to the
    // terminal: the test runner keeps what a passing test prints to itself.
    let seconds = began.elapsed().as_secs_f64();
    let _ = writeln!(std::io::stderr(), "the demonstration on {kind:?}: {seconds:.1} s (goal: 40 s)");
    assert!(played.status.success(), "{}", said(&played));
    assert!(said(&played).contains("demo-laboratory"), "the accounts are printed:\n{}", said(&played));
    table_of_addresses(&said(&played));
    assert!(!said(&played).contains(" INFO "), "the log is quiet between the steps:\n{}", said(&played));

    // The log first: a look into a SQLite file tidies up behind itself.
    let log = head(&database);
    let files = everything(data);
    refuses(&database);
    assert_eq!(everything(data), files, "a refused demonstration changes no file");
    assert_eq!(head(&database), log);

    let url = database.url();
    let mut verify = Command::new(program());
    verify.args(["audit", "verify", "--data"]).arg(data).env("LIS_DATABASE_URL", &url);
    let verified = verify.output().expect("the program runs");
    assert!(verified.status.success(), "{}", said(&verified));

    let text = std::fs::read_to_string(data.join("demo.json")).expect("demo.json");
    let kept: Value = serde_json::from_str(&text).expect("demo.json is JSON");
    counts_are_right(&database, &kept["counts"]);
    let server = Program::serve(program(), data, &[("LIS_DATABASE_URL", &url), ("LIS_LOG", "error")]);
    let by = |name: &str| Client::with_token(server.base(), kept["tokens"][name].as_str().expect("a token"));

    // The city never pulled: it begins at the beginning. Whoever pulled goes on where he stopped.
    let events = |page: &[Value]| -> Vec<String> { page.iter().map(|item| item["event"].to_string()).collect() };
    let city = by("city").get("/api/v1/failing-results").expect(200).items();
    assert_eq!(events(&city), ["\"failing\"", "\"reversed\""]);
    for name in ["ordering", "sampled", "maker", "neighbour"] {
        let cursor = kept["cursors"][name].as_str().expect("a cursor");
        let more = by(name).get(&format!("/api/v1/failing-results?after={cursor}")).expect(200).items();
        assert_eq!(events(&more), Vec::<String>::new(), "{name}");
    }
    let report = &kept["report"];
    let own = by("bakery").get("/api/v1/portal/reports").expect(200).items();
    let own = own.iter().find(|one| one["report_no"] == report["number"]).expect("the bakery's report");
    let pdf = by("bakery").get(&format!("/api/v1/portal/reports/{}/pdf", own["id"])).expect(200).body;
    assert_eq!(hex::encode(Sha256::digest(&pdf)), report["sha256"].as_str().expect("a hash"));
    let path = report["pdf"].as_str().expect("the path of the report");
    assert_eq!(std::fs::read(path).expect("the report is where demo.json says"), pdf);
    whole_list(&kept, data);
    code_is_scanned(&kept["report"], &said(&played));
    // A token that is known and may do something else: 403, not 401.
    for name in ["manager", "custodian"] {
        assert_eq!(by(name).get("/api/v1/people").expect(403).codes(), ["not-allowed"], "{name}");
    }
    let code = report["verification_code"].as_str().expect("a code");
    let visitor = Client::new(server.base());
    let page = visitor.get(&format!("/verify/{code}")).expect(200).page();
    assert!(page.text().contains(report["number"].as_str().expect("a number")), "{}", page.text());
    for account in kept["accounts"].as_array().expect("accounts").iter().take(2) {
        let (username, password) = (account["username"].as_str(), account["password"].as_str());
        let browser = Client::new(server.base());
        let form = browser.form("/sign-in", "/sign-in").set("username", username.expect("a name"));
        browser.send(&form.set("password", password.expect("a password"))).expect(303);
    }
}

/// Who signs in, what he opens first, what he is.
const FIRST_PAGES: &[[&str; 3]] = &[
    ["officer", "/campaigns", "(Campaign officer)"],
    ["custodian", "/receipt", "(Sample custodian)"],
    ["checker", "/check", "(Checker)"],
    ["manager", "/assignment", "(Technical manager)"],
    ["city", "/cases", "(Regulator)"],
    ["bakery", "/portal", "(Enterprise)"],
];

/// Everybody has an address in the table, and so has what is open to all.
fn table_of_addresses(said: &str) {
    for [name, page, role] in FIRST_PAGES {
        let row = said.lines().find(|line| line.split_whitespace().next() == Some(*name)).unwrap_or_default();
        assert_eq!(row.split_whitespace().nth(1), Some(*page), "{name} in\n{said}");
        assert!(row.ends_with(*role), "{name} in\n{said}");
    }
    let addresses =
        ["/polls  ", "/poll/1/results  ", "/published-results  ", "/verify/", "/api  ", "/api/v1/failing-results  "];
    for address in addresses {
        let named = |line: &&str| line.trim_start().starts_with("http://127.0.0.1:") && line.contains(address);
        assert!(said.lines().any(|line| named(&line)), "{address} in\n{said}");
    }
}

/// A demonstration that goes on serving.
struct Served {
    _program: Running,
    base: String,
    /// What it said until the script had ended.
    said: Vec<String>,
    /// Open as long as the program may say something.
    _output: BufReader<ChildStdout>,
}

impl Served {
    fn with(database: &FreshDatabase) -> Self {
        let address = free_address().to_string();
        let program = Command::new(program())
            .args(["demo", "--language", "en", "--listen", &address, "--data"])
            .arg(database.directory())
            .env("LIS_DATABASE_URL", database.url())
            .env("LIS_LOG", "error")
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program runs");
        let mut program = Running(program);
        let mut output = BufReader::new(program.stdout.take().expect("a pipe"));
        let mut said = Vec::new();
        for line in output.by_ref().lines().map_while(Result::ok) {
            let ended = line.contains("every outcome as the script states");
            said.push(line);
            if ended {
                break;
            }
        }
        let served = Self { _program: program, base: format!("http://{address}"), said, _output: output };
        assert!(served.line("every outcome as the script states").is_some(), "it ended well: {:?}", served.said);
        served
    }

    fn line(&self, words: &str) -> Option<&str> {
        self.said.iter().map(String::as_str).find(|line| line.contains(words))
    }
}

/// Looks again and again: what a thread of the program does takes a moment.
fn until(what: &str, mut looks: impl FnMut() -> bool) {
    let last = Instant::now() + Duration::from_secs(30);
    while !looks() {
        assert!(Instant::now() < last, "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The reader goes on by hand for an hour; the demonstration's mail server must be there as long.
#[test]
fn a_mail_after_the_script_still_arrives() {
    const SUBJECT: &str = "Subject: After the script";
    let database = FreshDatabase::empty(Database::Sqlite);
    let served = Served::with(&database);
    let folder = served.line("Mails that were sent").and_then(|line| line.rsplit_once(": "));
    let folder = folder.map(|(_, folder)| PathBuf::from(folder));
    assert_eq!(folder, Some(database.directory().join("mail")), "the closing table says where");
    let arrived = |subject: &str| {
        let mut mails = std::fs::read_dir(database.directory().join("mail")).expect("the mails");
        mails.any(|mail| {
            let content = std::fs::read(mail.expect("a mail").path()).expect("a readable mail");
            String::from_utf8_lossy(&content).contains(subject)
        })
    };
    assert!(arrived("Subject: ") && !arrived(SUBJECT), "the script sends other mails");
    // As another process would queue it; the server looks for such work every few seconds.
    let row = "INSERT INTO mail (mail_key, recipient, language, subject, body, attachment_name, about_kind, about_id, \
               state, attempts, next_attempt_at, last_error, lease_token, created_at) \
               SELECT 'after-the-script', recipient, language, 'After the script', body, '', about_kind, about_id, \
               'queued', 0, next_attempt_at, '', '', created_at FROM mail ORDER BY id LIMIT 1";
    database.connect().batch_execute(row).expect("a queued mail");
    until("the mail arrives", || arrived(SUBJECT));
}

/// So must the instruments: a file that is put into a folder after the script is taken and read like those of the script.
#[test]
fn a_file_after_the_script_is_still_read() {
    let database = FreshDatabase::empty(Database::Sqlite);
    let served = Served::with(&database);
    let folder = served.line("Files that instruments export").and_then(|line| line.rsplit_once(": "));
    let folder = folder.map(|(_, folder)| PathBuf::from(folder)).expect("the closing table says where");
    let tester = Client::new(served.base.clone());
    tester.sign_in("tester1", "demo-laboratory");
    // No container has this code, so the row waits for a person.
    let export = "Sample ID,Sample Type,Analyte,Concentration,Unit\nAFTER-1,Sample,Pb,1.00,µg/L\n";
    std::fs::write(folder.join("AAS-01").join("after.csv"), export).expect("a file in the folder");
    until("the file is read and its row is held", || {
        let messages = tester.get("/api/v1/instrument-messages?instrument=AAS-01").expect(200).items();
        messages.iter().any(|message| message["file_name"] == "after.csv" && message["state"] == "held")
    });
}

/// Number, sample and state of every report that the demonstration leaves, oldest first. Two of them have no paper yet.
const REPORTS: [[&str; 3]; 8] = [
    ["BZ-2026-J-000001", "BZ2611-J-00001", "replaced"],
    ["BZ-2026-J-000002", "BZ2611-J-00002", "replaced"],
    ["BZ-2026-D-000001", "BZ2611-D-00001", "issued"],
    ["BZ-2026-W-000001", "BZ2611-W-00001", "issued"],
    ["BZ-2026-J-000001-G1", "BZ2611-J-00001", "issued"],
    ["BZ-2026-J-000002-G1", "BZ2611-J-00002", "issued"],
    ["BZ-2026-W-000002", "BZ2611-W-00002", "reviewed"],
    ["BZ-2026-W-000003", "BZ2611-W-00003", "compiling"],
];

fn reports_of(kept: &Value) -> Vec<[String; 3]> {
    let reports = kept["reports"].as_array().expect("reports");
    let text = |report: &Value, field: &str| report[field].as_str().unwrap_or_default().to_owned();
    reports.iter().map(|report| ["number", "sample_no", "state"].map(|field| text(report, field))).collect()
}

/// The script has a clock of its own: on a machine whose clock is more than a year ahead it ends as it does today.
#[test]
fn another_year_plays_the_same() {
    let kept = demo_played_ahead(Database::Sqlite, TimeDelta::days(400)).expect("every outcome as the script states");
    assert_eq!(reports_of(&kept), REPORTS);
    for (name, number, _) in LEFT {
        assert_eq!(kept["counts"][*name], *number, "{name}");
    }
}

/// demo.json knows all reports, where their papers are from anywhere, what was rejected, and what waits for the receipt.
fn whole_list(kept: &Value, data: &Path) {
    let text = |report: &Value, field: &str| report[field].as_str().unwrap_or_default().to_owned();
    assert_eq!(reports_of(kept), REPORTS);
    for report in kept["reports"].as_array().expect("reports") {
        let (number, pdf) = (text(report, "number"), text(report, "pdf"));
        let has_paper = ["issued", "replaced"].contains(&text(report, "state").as_str());
        assert_eq!(!pdf.is_empty(), has_paper, "{report}");
        if has_paper {
            assert_eq!(Path::new(&pdf), data.join(format!("{number}.pdf")), "{report}");
            let bytes = std::fs::read(&pdf).expect("the paper is there");
            assert_eq!(hex::encode(Sha256::digest(bytes)), text(report, "sha256"), "{number}");
        }
    }
    // The bakery's second order was rejected; its eighth is what waits.
    assert_eq!([&kept["rejected"]["form_no"], &kept["rejected"]["reason_code"]], ["WT261100000002", "R02"]);
    assert_eq!(kept["waiting"]["receipt"], "WT261100000008");
}

/// The code on an issued paper is read as a telephone reads it, drawn by poppler and decoded by zbar; it leads to the
/// address that the last lines name.
fn code_is_scanned(report: &Value, said: &str) {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let picture = folder.path().join("cover");
    let drawn = Command::new("pdftoppm")
        .args(["-r", "300", "-gray", "-singlefile", report["pdf"].as_str().expect("a path")])
        .arg(&picture)
        .output()
        .expect("pdftoppm runs");
    assert!(drawn.status.success(), "{}", self::said(&drawn));
    let scanned = Command::new("zbarimg").args(["-q", "--raw"]).arg(picture.with_extension("pgm")).output();
    let scanned = String::from_utf8(scanned.expect("zbarimg runs").stdout).expect("UTF-8");
    let code = report["verification_code"].as_str().expect("a code");
    assert!(scanned.trim_end().ends_with(&format!("/verify/{code}")), "{scanned}");
    let named = said.split_whitespace().find(|word| word.contains("/verify/"));
    assert_eq!(Some(scanned.trim_end()), named, "{said}");
}

/// Three forms of the national system, one from the spot, the bakery's pastry, the one that is rejected, and six that are
/// left at the stations: 12 samples. Four reports, two that replace two of them, two of what is left. One case; its
/// authority gets it once and its reversal once.
const LEFT: &[(&str, i64, &str)] = &[
    ("samples", 12, "sample"),
    ("reports", 8, "report"),
    ("cases", 1, "failing_case"),
    ("feed_items", 2, "case_event WHERE event IN ('failing', 'reversed')"),
];

fn counts_are_right(database: &FreshDatabase, counts: &Value) {
    for (name, number, table) in LEFT {
        assert_eq!(counts[*name], *number, "{name} of demo.json: {counts}");
        let stored = texts(&mut database.connect(), &format!("SELECT count(*) || '' AS value FROM {table}"));
        assert_eq!(stored, [number.to_string()], "{name} of the database");
    }
    assert!(counts["steps"].as_u64().is_some_and(|steps| steps > 0), "{counts}");
}

/// A token that may ask once a minute: the second file of the custodian's program is refused where the script states that
/// it is taken. People come first, four steps choose what is sampled, the sixth imports.
#[test]
fn an_outcome_that_differs_ends_the_demonstration_and_is_named() {
    let database = FreshDatabase::empty(Database::Sqlite);
    let stopped = demo_with(&database, &[("LIS_TOKEN_REQUESTS_PER_MINUTE", "1")]);
    assert_eq!(stopped.status.code(), Some(1), "{}", said(&stopped));
    let why = String::from_utf8_lossy(&stopped.stderr).into_owned();
    let named = "step 6: POST /api/v1/sampling-form-imports?mode=all was answered 429";
    assert!(why.contains(named), "{why}");
    let told = String::from_utf8_lossy(&stopped.stdout).into_owned();
    assert!(told.contains("Draw ") && !told.contains("Accounts (password"), "{told}");
    assert!(!database.directory().join("demo.json").exists());
}

/// A database of an older program is not brought up to date on the way to the refusal.
fn refused_untouched(kind: Database) {
    let database = FreshDatabase::empty(kind);
    database.connect().batch_execute("CREATE TABLE person (id BIGINT PRIMARY KEY)").expect("a table");
    let files = everything(database.directory());
    refuses(&database);
    assert_eq!(everything(database.directory()), files);
    assert_eq!(describe::tables(&mut database.connect()).expect("the tables"), ["person"]);
}

on_both!(the_demonstration_runs_once_and_lasts, runs_once_and_lasts);
on_both!(an_older_database_is_refused_untouched, refused_untouched);
