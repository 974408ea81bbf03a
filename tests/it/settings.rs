//! The settings in force, as the command line and the administrator's page tell them: all of them, each with its source,
//! and no password among them.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

use lis_server::accounts::Role;
use lis_tests::database::postgres_is_there;
use lis_tests::{Database, TestLis, both_databases};
use serde_json::json;

/// `check-config` in an environment without settings of its own.
fn check_config(environment: &[(&str, &str)], options: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lis-server-under-test"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("LIS_")) {
        command.env_remove(name);
    }
    command.arg("check-config").args(options).envs(environment.iter().copied()).output().expect("the program runs")
}

/// Name, source, value.
fn shown(output: &Output) -> Vec<(String, String, String)> {
    let text = String::from_utf8(output.stdout.clone()).expect("UTF-8");
    let line = |line: &str| {
        let (name, rest) = line.split_once("  ").unwrap_or_else(|| panic!("{line:?} names no setting"));
        let (source, value) = rest.trim_start().split_once("  ").unwrap_or_else(|| panic!("{line:?} has no source"));
        (name.to_owned(), source.to_owned(), value.trim_start().to_owned())
    };
    text.lines().map(line).collect()
}

#[track_caller]
fn setting<'a>(settings: &'a [(String, String, String)], name: &str) -> (&'a str, &'a str) {
    let found = settings.iter().find(|(other, ..)| other == name).unwrap_or_else(|| panic!("{name} is not shown"));
    (&found.1, &found.2)
}

#[test]
fn default_environment_and_command_line_are_told_apart() {
    let environment = [
        ("LIS_LABORATORY_CODE", "SL"),
        ("LIS_DATA", "from-the-environment"),
        ("LIS_LISTEN_PUBLIC", "127.0.0.1:8081"),
        ("LIS_LOG_FORMAT", "json"),
    ];
    let options = ["--data", "from-the-line", "--public-url", "https://lab.example", "--listen", "127.0.0.1:8090"];
    let output = check_config(&environment, &options);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let settings = shown(&output);
    for (name, source, value) in [
        ("LIS_DATA", "command line", "from-the-line"),
        ("LIS_PUBLIC_URL", "command line", "https://lab.example"),
        ("LIS_LISTEN", "command line", "127.0.0.1:8090"),
        ("LIS_LABORATORY_CODE", "environment", "SL"),
        ("LIS_LISTEN_PUBLIC", "environment", "127.0.0.1:8081"),
        ("LIS_LOG_FORMAT", "environment", "json"),
        ("LIS_LOG", "default", "info,actix_server=warn"),
        ("LIS_TOKEN_REQUESTS_PER_MINUTE", "default", "6000"),
        ("LIS_TEMPLATES", "default", "(not set)"),
        // What follows from others is shown as it is in force.
        ("LIS_DATABASE_URL", "default", "sqlite:from-the-line/lis.db"),
        ("LIS_SECURE_COOKIES", "default", "true"),
    ] {
        assert_eq!(setting(&settings, name), (source, value), "{name}");
    }
}

#[test]
fn what_follows_from_others_is_shown_while_something_else_is_wrong() {
    let wrong = |name, value| {
        let output = check_config(&[(name, value)], &["--data", "here"]);
        assert_eq!(output.status.code(), Some(1), "{name}");
        shown(&output)
    };
    let settings = wrong("LIS_LABORATORY_CODE", "x");
    assert_eq!(setting(&settings, "LIS_DATABASE_URL"), ("default", "sqlite:here/lis.db"));
    assert_eq!(setting(&settings, "LIS_SECURE_COOKIES"), ("default", "false"));
    assert_eq!(setting(&settings, "LIS_TEMPLATES"), ("default", "(not set)"), "it follows from nothing");
    // The wrong one itself is what the other would follow from.
    let settings = wrong("LIS_PUBLIC_URL", "lab.example");
    assert_eq!(setting(&settings, "LIS_DATABASE_URL"), ("default", "sqlite:here/lis.db"));
    assert_eq!(setting(&settings, "LIS_SECURE_COOKIES"), ("default", "unknown until LIS_PUBLIC_URL is right"));
    let output = check_config(&[("LIS_PUBLIC_URL", "lab.example"), ("LIS_SECURE_COOKIES", "true")], &[]);
    assert_eq!(setting(&shown(&output), "LIS_SECURE_COOKIES"), ("environment", "true"), "as it was given");
    let settings = wrong("LIS_DATABASE_URL", "mysql://db/lis");
    assert_eq!(setting(&settings, "LIS_DATABASE_URL"), ("environment", "mysql://db/lis"), "as it was given");
}

/// Names in `env = "LIS_…"` below a folder of the source.
fn declared(folder: &Path, names: &mut BTreeSet<String>) {
    const START: &str = "env = \"LIS_";
    for entry in std::fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable folder").path();
        if path.is_dir() {
            declared(&path, names);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = std::fs::read_to_string(&path).expect("a readable file");
            for (at, start) in text.match_indices(START) {
                let rest: String = text[at + start.len()..].chars().take_while(|c| *c != '"').collect();
                names.insert(format!("LIS_{rest}"));
            }
        }
    }
}

#[test]
fn no_setting_is_forgotten() {
    let mut names = BTreeSet::new();
    declared(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../lis-server/src"), &mut names);
    assert!(names.contains("LIS_LISTEN") && names.contains("LIS_LOG"), "{names:?}");
    let listed: Vec<String> = shown(&check_config(&[], &[])).into_iter().map(|(name, ..)| name).collect();
    assert_eq!(listed.iter().cloned().collect::<BTreeSet<String>>(), names);
    assert_eq!(listed.len(), names.len(), "each once");
    let reference = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reference/settings.md");
    let reference = std::fs::read_to_string(reference).expect("the reference");
    for name in names {
        assert!(reference.contains(&format!("| `{name}` |")), "{name} is not in docs/reference/settings.md");
    }
}

#[test]
fn every_fault_is_named_with_advice_and_no_password_is_shown() {
    let environment = [
        ("LIS_DATABASE_URL", "postgres://lis:open-sesame@db/lis?sslpassword=shibboleth"),
        ("LIS_SMTP_URL", "smtps://lab:mellon@mail.example"),
        ("LIS_LABORATORY_CODE", "x"),
        ("LIS_RECALL_START_HOURS", "24,48"),
        ("LIS_RECALL_FINISH_DAYS", "10,20,300"),
        ("LIS_LISTEN", "8080"),
        ("LIS_FONTS", "no-such-folder-of-fonts"),
        ("LIS_LOG", "lis_server=loud"),
    ];
    let output = check_config(&environment, &["--database-connections", "0"]);
    assert_eq!(output.status.code(), Some(1));
    let settings = shown(&output);
    assert_eq!(setting(&settings, "LIS_DATABASE_URL"), ("environment", "postgres://lis:***@db/lis?sslpassword=***"));
    assert_eq!(setting(&settings, "LIS_SMTP_URL"), ("environment", "smtps://lab:***@mail.example"));
    let faults = String::from_utf8_lossy(&output.stderr).into_owned();
    for fault in [
        "LIS_DATABASE_CONNECTIONS is 0; it must be from 1 to 200",
        "LIS_SMTP_URL is set, but LIS_MAIL_FROM is not",
        "LIS_LABORATORY_CODE is \"x\"; numbers need 2 to 6",
        "LIS_RECALL_START_HOURS is \"24,48\"; it must be three numbers from 1 to 240",
        "LIS_RECALL_FINISH_DAYS is \"10,20,300\"; it must be three numbers from 1 to 250",
        "LIS_LISTEN is \"8080\"",
        "LIS_FONTS is no-such-folder-of-fonts, which is no directory",
        "LIS_LOG is \"lis_server=loud\"",
    ] {
        assert!(faults.contains(fault), "{fault} is missing in\n{faults}");
    }
    let said = format!("{}{faults}", String::from_utf8_lossy(&output.stdout));
    for secret in ["open-sesame", "shibboleth", "mellon"] {
        assert!(!said.contains(secret), "{secret} is shown:\n{said}");
    }
}

/// How the laboratory of the tests says that it was started.
const LINE: &[&str] = &[
    "lis-server",
    "serve",
    "--database-url",
    "postgres://lis:open-sesame@db.example/lis",
    "--smtp-url",
    "smtps://lab:mellon@mail.example",
    "--mail-from",
    "lab@lis.example",
];

fn the_administrator_sees_them(kind: Database) {
    let lis = TestLis::started_as(kind, LINE);
    let admin = lis.person("admin", &[Role::Administrator]);
    let office = lis.signed_in(&admin);
    lis.verified().expect("a whole log");
    let home = office.get("/").expect(200).page();
    assert!(home.texts("nav a[href='/settings']").contains(&"Settings".to_owned()));
    let answer = office.get("/settings").expect(200);
    let page = answer.page();
    let rows = page.texts("tbody tr");
    let row = |name: &str| rows.iter().find(|row| row.starts_with(&format!("{name} "))).expect("a row").clone();
    assert_eq!(
        row("LIS_DATABASE_URL"),
        "LIS_DATABASE_URL --database-url postgres://lis:***@db.example/lis Command line \
         Database address: sqlite:PATH or postgres://…; unset: lis.db in the data directory"
    );
    assert!(row("LIS_SMTP_URL").contains("smtps://lab:***@mail.example Command line"), "{rows:?}");
    assert_eq!(
        row("LIS_FONTS"),
        "LIS_FONTS --fonts not set Default Directory with fonts for characters that the built-in ones lack"
    );
    let database = match kind {
        Database::Sqlite => ("sqlite", "SQLite"),
        Database::Postgres => ("postgres", "PostgreSQL"),
    };
    let facts = page.texts("dl.facts dd");
    assert_eq!(facts[1], database.1);
    let position = lis.numbers("SELECT position AS value FROM log_head")[0];
    assert!(position > 0 && facts[2] == position.to_string(), "{facts:?}");
    office.get("/language/zh-CN?back=/settings").expect(303);
    assert_eq!(office.get("/settings").expect(200).page().texts("h1"), ["系统设置"]);

    let program = lis.api(&lis.token(&admin, &["manage_accounts"]));
    let listed = program.get("/api/v1/settings").expect(200);
    for secret in ["open-sesame", "mellon"] {
        assert!(!answer.text().contains(secret) && !listed.text().contains(secret), "{secret} is shown");
    }
    let listed = listed.json();
    assert_eq!((&listed["database"], &listed["version"]), (&json!(database.0), &json!(facts[0])));
    assert_eq!(listed["log_position"], position);
    let settings = listed["settings"].as_array().expect("settings");
    assert_eq!(settings.len(), rows.len());
    let mail = settings.iter().find(|one| one["name"] == "LIS_SMTP_URL").expect("the mail server");
    assert_eq!(
        (&mail["value"], &mail["source"], &mail["option"]),
        (&json!("smtps://lab:***@mail.example"), &json!("command_line"), &json!("--smtp-url"))
    );
}

mod the_administrator_sees_every_setting_and_no_password {
    use super::*;

    #[test]
    fn sqlite() {
        the_administrator_sees_them(Database::Sqlite);
    }

    #[test]
    fn postgres() {
        if postgres_is_there(module_path!()) {
            the_administrator_sees_them(Database::Postgres);
        }
    }
}

both_databases!(nobody_else_sees_the_settings, |lis: TestLis| {
    lis_server::server::prepare(&lis.app).expect("the shipped data");
    let manager = lis.person("manager", &[Role::TechnicalManager]);
    let client = lis.signed_in(&manager);
    client.get("/settings").expect(404);
    assert!(client.get("/").expect(200).page().all("nav a[href='/settings']").is_empty());
    assert_eq!(client.get("/api/v1/settings").expect(404).codes(), ["not-found"]);
    let program = lis.api(&lis.token(&manager, &["see_reports"]));
    assert_eq!(program.get("/api/v1/settings").expect(403).codes(), ["not-allowed"]);
});
