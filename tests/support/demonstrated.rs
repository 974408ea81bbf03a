//! A laboratory in which the demonstration has run. It is played once in a test program for each kind of database and
//! copied for every test: a test has it for itself and may change it as it likes.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use chrono::TimeDelta;
use lis_server::config::Config;
use lis_server::demo::smtp_receiver::SmtpReceiver;
use lis_server::demo::{Script, play};
use lis_server::domain::clock::{Clock, Moment};
use lis_server::front::QUEUES;
use lis_server::jobs::Runner;
use lis_server::server;
use lis_server::web::language::Language;
use serde_json::Value;

use crate::database::{Database, FreshDatabase, Kept, sweep};
use crate::system::{TestLis, quick_hash};

/// Passwords of everybody of the demonstration.
const DEMO_PASSWORD: &str = "demo-laboratory";
const DEMO_SIGNING_PASSWORD: &str = "demo-signature";

/// What the demonstration left.
struct Played {
    database: Kept,
    /// The laboratory's time at its end.
    at: Moment,
    /// Stored files and `demo.json`: path in the data directory, content.
    files: Vec<(PathBuf, Vec<u8>)>,
}

impl TestLis {
    /// After the demonstration: one of everything, in a believable state. Mails stay queued.
    pub fn demonstrated(kind: Database) -> Self {
        Self::demonstrated_with(kind, |_| ())
    }

    /// The same with other settings.
    pub fn demonstrated_with(kind: Database, change: impl FnOnce(&mut Config)) -> Self {
        // A demonstration that went wrong is not played again for every test that wants it.
        static SQLITE: OnceLock<Result<Played, String>> = OnceLock::new();
        static POSTGRES: OnceLock<Result<Played, String>> = OnceLock::new();
        let played = match kind {
            Database::Sqlite => SQLITE.get_or_init(|| played(kind, TimeDelta::zero())),
            Database::Postgres => POSTGRES.get_or_init(|| played(kind, TimeDelta::zero())),
        };
        let played = played.as_ref().unwrap_or_else(|deviation| panic!("the demonstration: {deviation}"));
        let database = FreshDatabase::of(&played.database);
        for (path, content) in &played.files {
            let path = database.directory().join(path);
            fs::create_dir_all(path.parent().expect("a path in the data directory")).expect("a directory");
            fs::write(path, content).expect("a writable data directory");
        }
        let mut config = Self::config(&database);
        change(&mut config);
        let lis = Self::with(database, config);
        lis.clock.set(played.at);
        lis
    }

    /// What the demonstration wrote into `demo.json`.
    pub fn demo(&self) -> Value {
        let text = fs::read_to_string(self.database.directory().join("demo.json")).expect("demo.json");
        serde_json::from_str(&text).expect("demo.json is JSON")
    }
}

/// What the demonstration writes into `demo.json` on a machine whose clock is so far ahead.
///
/// # Errors
/// What went otherwise than the script states.
pub fn demo_played_ahead(kind: Database, ahead: TimeDelta) -> Result<Value, String> {
    let played = played(kind, ahead)?;
    let (_, text) = played.files.iter().find(|(path, _)| path == Path::new("demo.json")).expect("demo.json");
    Ok(serde_json::from_slice(text).expect("demo.json is JSON"))
}

fn played(kind: Database, ahead: TimeDelta) -> Result<Played, String> {
    if kind == Database::Postgres {
        sweep();
    }
    let database = FreshDatabase::migrated(kind);
    let mails = Arc::new(SmtpReceiver::start().expect("a mail server on the loopback address"));
    let config = Config {
        smtp_url: Some(format!("smtp://{}", mails.address())),
        mail_from: Some("lab@lis.example".to_owned()),
        ..TestLis::config(&database)
    };
    let lis = TestLis::with(database, config);
    lis.clock.advance_real(ahead);
    server::prepare(&lis.app).expect("the shipped data");
    let runner = Runner::start(&lis.app, QUEUES).expect("the background threads");
    let script = Script {
        lis: lis.app.clone(),
        clock: lis.clock.script(),
        mails,
        language: Language::English,
        listener_address: lis.address().to_string(),
    };
    play(script).map_err(|deviation| deviation.to_string())?;
    runner.stop();
    // Its own passwords, as quick to check as those of the tests' people.
    let (password, signing) = (quick_hash(DEMO_PASSWORD), quick_hash(DEMO_SIGNING_PASSWORD));
    let quick = format!("UPDATE person SET password_hash = '{password}', signing_hash = '{signing}'");
    lis.sql(&format!("{quick} WHERE signing_hash IS NOT NULL")).expect("quick hashes");
    let at = lis.clock.now();
    let database = Arc::into_inner(lis.stop()).expect("nobody else uses the laboratory");
    let mut files = vec![(PathBuf::from("demo.json"), fs::read(database.directory().join("demo.json")).expect("it"))];
    gather(database.directory(), Path::new("files"), &mut files);
    Ok(Played { files, database: database.keep(), at })
}

fn gather(data: &Path, folder: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in fs::read_dir(data.join(folder)).expect("a readable directory") {
        let entry = entry.expect("a readable directory");
        let path = folder.join(entry.file_name());
        if entry.path().is_dir() {
            gather(data, &path, files);
        } else {
            files.push((path, fs::read(entry.path()).expect("a readable file")));
        }
    }
}
