//! Backup while the server runs, and bringing it back: everything that was there is there again, and what is damaged is
//! refused. The commands run as processes of their own.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use lis_server::accounts::Role;
use lis_server::db::schema::TABLES;
use lis_server::db::{Conn, DatabaseAddress};
use lis_tests::system::texts;
use lis_tests::{Database, FreshDatabase, TestLis, on_both};

use crate::command_line::{printed, refused, run};
use crate::database::copy::everything;

/// Every file below a folder with its content.
fn content(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).expect("a readable folder") {
            let path = entry.expect("a readable folder").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("a path below the folder").to_owned();
                found.insert(name, fs::read(&path).expect("a readable file"));
            }
        }
    }
    found
}

/// Backs a laboratory up into a folder; the folder of the backup.
fn backed_up(lis: &TestLis, to: &Path) -> PathBuf {
    let made = printed(&run(&lis.database, &["backup", "--to", to.to_str().expect("a path in UTF-8")]));
    assert!(made.contains(" whole up to position ") && made.contains("SHA-256 of its manifest: "), "{made}");
    PathBuf::from(made.split(": ").next().expect("the folder of the backup"))
}

fn restore(from: &Path) -> [&str; 3] {
    ["restore", "--from", from.to_str().expect("a path in UTF-8")]
}

/// How many rows each table has.
fn counts(conn: &mut Conn) -> Vec<String> {
    let count = |table: &&str| texts(conn, &format!("SELECT CAST(count(*) AS TEXT) AS value FROM {table}")).concat();
    TABLES.iter().map(count).collect()
}

// Requirement: Q711-3
fn comes_back(kind: Database) {
    let lis = TestLis::demonstrated(kind);
    let log = lis.verified().expect("a whole log");
    let folder = tempfile::tempdir().expect("a temporary directory");
    let place = backed_up(&lis, folder.path());
    let (before, rows) = (everything(&mut lis.database.connect()), counts(&mut lis.database.connect()));
    let files = content(&lis.database.directory().join("files"));
    assert!(files.len() > 3, "{:?}", files.keys());
    lis.person("late", &[Role::Tester]);

    for into in [Database::Sqlite, kind] {
        let target = FreshDatabase::empty(into);
        let restored = printed(&run(&target, &restore(&place)));
        let ends = format!("log {} whole up to position {}\n", log.log_id, log.entries);
        assert!(restored.ends_with(&ends), "{restored}");
        assert_eq!(counts(&mut target.connect()), rows);
        if into == kind {
            assert_eq!(everything(&mut target.connect()), before);
        }
        assert_eq!(content(&target.directory().join("files")), files);
        let verified = printed(&run(&target, &["audit", "verify"]));
        assert!(verified.contains(&log.chain_hash), "{verified}");

        let again = refused(&run(&target, &restore(&place)));
        assert!(again.contains("there is a laboratory in") && again.contains("nothing was changed"), "{again}");
        assert_eq!(counts(&mut target.connect()), rows);
    }
}

on_both!(a_backup_of_a_running_laboratory_comes_back_whole, comes_back);

/// The ports of the instruments belong to the laboratory: one that was brought back to be looked at opens none of them.
#[test]
fn the_servers_own_ports_come_back_under_another_name() {
    let lis = TestLis::start(Database::Sqlite);
    lis.verified().expect("a whole log");
    let ports = b"agent = \"house\"\n";
    fs::write(lis.database.directory().join("agent.toml"), ports).expect("a writable data directory");
    let folder = tempfile::tempdir().expect("a temporary directory");
    let place = backed_up(&lis, &folder.path().join("backups"));
    assert_eq!(fs::read(place.join("agent.toml")).expect("a part of the backup"), ports);

    let target = FreshDatabase::empty(Database::Sqlite);
    let restored = printed(&run(&target, &restore(&place)));
    let aside = target.directory().join("agent.toml.restored");
    for said in [aside.to_str().expect("a path in UTF-8"), "no port is opened", "rename it to agent.toml"] {
        assert!(restored.contains(said), "{said} is missing in {restored}");
    }
    assert_eq!(fs::read(&aside).expect("what was brought back"), ports);
    assert!(!target.directory().join("agent.toml").exists());
}

/// Every part is compared before anything is written; the log that was brought back must be the one of the manifest.
#[test]
fn a_damaged_backup_is_refused() {
    let lis = TestLis::demonstrated(Database::Sqlite);
    lis.verified().expect("a whole log");
    let folder = tempfile::tempdir().expect("a temporary directory");
    let place = backed_up(&lis, folder.path());
    let stored = content(&folder.path().join("files")).into_keys().next().expect("a stored file");
    let sha256 = stored.file_name().expect("a name").to_string_lossy().into_owned();
    let stored = folder.path().join("files").join(&stored);

    let changed_byte = |bytes: &[u8]| {
        let mut bytes = bytes.to_vec();
        *bytes.last_mut().expect("a file of some bytes") ^= 1;
        bytes
    };
    let other_head = |bytes: &[u8]| {
        let text = String::from_utf8(bytes.to_vec()).expect("UTF-8");
        text.replacen("\"position\": ", "\"position\": 1", 1).into_bytes()
    };
    let cut_off = |bytes: &[u8]| bytes[..bytes.len() / 2].to_vec();
    let (lis_db, manifest) = (place.join("lis.db"), place.join("manifest.json"));
    let damages: [(&Path, &dyn Fn(&[u8]) -> Vec<u8>, String); 4] = [
        (&stored, &changed_byte, format!("file {sha256}: its content has another SHA-256")),
        (&lis_db, &changed_byte, "lis.db has another content than the manifest says".to_owned()),
        (&manifest, &other_head, "the log: it ends at position".to_owned()),
        (&manifest, &cut_off, "is no manifest of a backup".to_owned()),
    ];
    for (path, damage, expected) in damages {
        let whole = fs::read(path).expect("a part of the backup");
        fs::write(path, damage(&whole)).expect("a writable backup");
        let target = FreshDatabase::empty(Database::Sqlite);
        let why = refused(&run(&target, &restore(&place)));
        assert!(why.contains(&expected), "{expected} is missing in {why}");
        let DatabaseAddress::Sqlite(database) = &target.address else { unreachable!("a SQLite database") };
        assert!(!database.exists(), "{expected}: no laboratory appears");
        fs::write(path, whole).expect("a writable backup");
    }
    printed(&run(&FreshDatabase::empty(Database::Sqlite), &restore(&place)));
}

#[test]
fn where_there_is_no_laboratory_there_is_no_backup() {
    let nowhere = FreshDatabase::empty(Database::Sqlite);
    let folder = tempfile::tempdir().expect("a temporary directory");
    let to = folder.path().join("backups");
    let why = refused(&run(&nowhere, &["backup", "--to", to.to_str().expect("a path in UTF-8")]));
    assert!(why.contains("there is no laboratory in"), "{why}");
    assert!(!to.exists());
}
