//! The commands of the program as an operator types them: what they print, how they end, what they leave. Each runs as a
//! process of its own on a database of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use lis_server::db::describe;
use lis_server::db::schema::TABLES;
use lis_tests::database::postgres_is_there;
use lis_tests::filling::fill_every_table;
use lis_tests::system::texts;
use lis_tests::{Client, Database, FreshDatabase, Program, on_both};

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_lis-server-under-test"))
}

/// Runs a command on the laboratory of a database.
pub fn run(database: &FreshDatabase, arguments: &[&str]) -> Output {
    Command::new(program())
        .args(arguments)
        .arg("--data")
        .arg(database.directory())
        .env("LIS_DATABASE_URL", database.url())
        .env("LIS_LOG", "error")
        .output()
        .expect("the program runs")
}

/// What a command that went well printed.
pub fn printed(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", said(output));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Why a command that was refused was refused.
pub fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{}", said(output));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn usernames(database: &FreshDatabase) -> Vec<String> {
    texts(&mut database.connect(), "SELECT username AS value FROM person ORDER BY id")
}

/// `init` makes the first administrator and nobody else, once.
fn makes_the_first_account(kind: Database) {
    let database = FreshDatabase::empty(kind);
    let first = printed(&run(&database, &["init", "--admin", "chief"]));
    assert!(first.contains("Administrator: chief\n"), "{first}");
    let password = first.lines().find_map(|line| line.strip_prefix("First password: ")).expect("a first password");
    assert_eq!(usernames(&database), ["chief"]);

    let second = refused(&run(&database, &["init", "--admin", "second"]));
    for said in ["has accounts already, and nothing was changed", "--data DIR"] {
        assert!(second.contains(said), "{second}");
    }
    assert_eq!(usernames(&database), ["chief"]);

    let url = database.url();
    let server = Program::serve(program(), database.directory(), &[("LIS_DATABASE_URL", &url), ("LIS_LOG", "error")]);
    let browser = Client::new(server.base());
    let form = browser.form("/sign-in", "/sign-in").set("username", "chief");
    browser.send(&form.clone().set("password", "First password")).expect(422);
    browser.send(&form.set("password", password)).expect(303);
    browser.get("/account").expect(200);
}

/// What a laboratory keeps is nobody else's to read: results, passwords' hashes, backups.
#[cfg(unix)]
#[test]
fn what_is_made_is_the_owners_alone() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().expect("a temporary directory");
    let (data, backups) = (folder.path().join("house").join("lis"), folder.path().join("backups"));
    let to = backups.to_str().expect("a path in UTF-8");
    for arguments in [&["init", "--admin", "chief"][..], &["backup", "--to", to]] {
        let mut command = Command::new(program());
        command.args(arguments).arg("--data").arg(&data).env_remove("LIS_DATABASE_URL").env("LIS_LOG", "error");
        printed(&command.output().expect("the program runs"));
    }
    let made = std::fs::read_dir(&backups).expect("the backups").map(|entry| entry.expect("a backup").path());
    let mut folders: Vec<PathBuf> = made.collect();
    assert_eq!(folders.len(), 2, "the backup and the stored files of all: {folders:?}");
    folders.extend([data.join("files"), data, backups]);
    for path in folders {
        let mode = std::fs::metadata(&path).expect("a folder").permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "{}: {mode:o}", path.display());
    }
}

/// A mistyped directory is an empty laboratory, and the log says what it lacks.
#[test]
fn a_laboratory_without_accounts_says_so() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let data = folder.path().join("lsi");
    let server = Program::serve(program(), &data, &[("LIS_LOG", "warn")]);
    let said = server.logged(|line| line.contains("No accounts yet in"));
    let advice = format!("lis-server init --admin NAME --data {}", data.display());
    assert!(said.contains(&advice), "{advice} is missing in {said}");
}

/// `migrate` says how many migrations ran, and that none is left.
fn brings_the_tables_up_to_date(kind: Database) {
    let database = FreshDatabase::empty(kind);
    let folder = match kind {
        Database::Sqlite => "../migrations/sqlite",
        Database::Postgres => "../migrations/postgres",
    };
    let migrations = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).expect("the migrations");
    let first = printed(&run(&database, &["migrate"]));
    assert!(first.contains(&format!(": {} migrations applied\n", migrations.count())), "{first}");
    let tables = describe::tables(&mut database.connect()).expect("the tables");
    assert_eq!(tables.len(), TABLES.len(), "{tables:?}");
    let heads = || texts(&mut database.connect(), "SELECT log_id AS value FROM log_head");
    let log = heads();
    assert_eq!(log.len(), 1, "a log of its own");

    let second = printed(&run(&database, &["migrate"]));
    assert!(second.contains(": up to date\n"), "{second}");
    assert_eq!(heads(), log, "the same log");
}

/// `copy` moves a laboratory from SQLite into an empty database of either kind, and into no other.
fn moves_a_laboratory(kind: Database) {
    let (source, target) = (FreshDatabase::migrated(Database::Sqlite), FreshDatabase::empty(kind));
    fill_every_table(&mut source.connect());
    let (from, to) = (source.url(), target.url());
    let arguments = ["copy", "--from", &from, "--to", &to];
    let copied = printed(&run(&source, &arguments));
    assert_eq!(copied.lines().filter(|line| line.ends_with(" rows, equal")).count(), TABLES.len(), "{copied}");
    let people = copied.lines().find(|line| line.starts_with("person ")).expect("the table of the people");
    // The tests fill two rows into every table.
    assert_eq!(people.split_whitespace().collect::<Vec<_>>(), ["person", "2", "rows,", "equal"]);
    assert!(copied.lines().last().is_some_and(|line| line.contains("holds the laboratory of")), "{copied}");
    assert_eq!(usernames(&target), usernames(&source));
    assert_eq!(usernames(&target).len(), 2);

    let again = refused(&run(&source, &arguments));
    assert!(again.contains("The target holds a laboratory already"), "{again}");
    assert!(again.contains("Copy into an empty database."), "{again}");
    assert_eq!(usernames(&target).len(), 2, "nothing is added to what is there");
}

on_both!(init_makes_the_first_account_once, makes_the_first_account);
on_both!(migrate_says_what_it_did, brings_the_tables_up_to_date);
on_both!(copy_fills_an_empty_database_only, moves_a_laboratory);

/// A SQLite file is always brought up to date; a PostgreSQL server may have other programs on it, so somebody decides.
/// What is wrong with an address is said, not what might be.
#[test]
fn an_address_that_is_none_is_refused_with_an_example() {
    let database = FreshDatabase::empty(Database::Sqlite);
    let why = refused(&run(&database, &["serve", "--listen", "127.0.0.1:99999"]));
    assert!(why.contains("cannot listen on 127.0.0.1:99999: "), "{why}");
    assert!(why.contains("a port up to 65535 are expected, as in `--listen 127.0.0.1:8080`."), "{why}");
    assert!(!why.contains("another server"), "{why}");
}

mod serving_an_older_database {
    use super::*;

    #[test]
    fn sqlite() {
        let database = FreshDatabase::empty(Database::Sqlite);
        let url = database.url();
        let server =
            Program::serve(program(), database.directory(), &[("LIS_DATABASE_URL", &url), ("LIS_LOG", "error")]);
        Client::new(server.base()).get("/health/ready").expect(200);
    }

    #[test]
    fn postgres() {
        if !postgres_is_there(module_path!()) {
            return;
        }
        let database = FreshDatabase::empty(Database::Postgres);
        let url = database.url();
        let settings = [("LIS_DATABASE_URL", url.as_str()), ("LIS_LOG", "error")];
        let without = refused(&run(&database, &["serve", "--listen", "127.0.0.1:0"]));
        assert!(without.contains("is empty. `lis-server init --admin NAME` begins a laboratory in it"), "{without}");
        assert!(without.contains("`lis-server migrate` makes the tables alone."), "{without}");
        assert_eq!(describe::tables(&mut database.connect()).expect("the tables"), Vec::<String>::new());

        let server = Program::serve_with(program(), database.directory(), &["--migrate"], &settings);
        Client::new(server.base()).get("/health/ready").expect(200);
        server.kill();
        let server = Program::serve(program(), database.directory(), &settings);
        Client::new(server.base()).get("/health/ready").expect(200);
    }
}
