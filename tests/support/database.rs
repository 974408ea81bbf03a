//! A fresh database for every test. SQLite: a copy of a migrated file. PostgreSQL: `CREATE DATABASE … TEMPLATE` from a
//! migrated template on the server that `LIS_TEST_POSTGRES` names, dropped when the test ends.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use lis_server::db::{Conn, DatabaseAddress, migrate};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// The two kinds of database.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Database {
    Sqlite,
    Postgres,
}

/// The address of a PostgreSQL server whose user may create databases, for example
/// `postgres://lis@127.0.0.1:5433/postgres`. `tests/run` starts one and sets it.
pub const POSTGRES: &str = "LIS_TEST_POSTGRES";

/// Whether there is a PostgreSQL; if not, says aloud that the test did not run.
pub fn postgres_is_there(test: &str) -> bool {
    let there = std::env::var_os(POSTGRES).is_some();
    if !there {
        // Straight to the terminal: the test runner keeps what a passing test prints to itself.
        let _ = writeln!(std::io::stderr(), "SKIPPED on PostgreSQL: {test}: {POSTGRES} is not set (tests/run sets it)");
    }
    there
}

fn server() -> String {
    std::env::var(POSTGRES).unwrap_or_else(|_| panic!("{POSTGRES} is not set; run tests/run"))
}

/// A database to copy from: the bytes of a SQLite file, the name on the PostgreSQL server.
pub enum Kept {
    Sqlite(Vec<u8>),
    Postgres(String),
}

/// A database of its own, removed at the end.
pub struct FreshDatabase {
    pub address: DatabaseAddress,
    directory: TempDir,
    created: Option<String>,
}

impl FreshDatabase {
    /// With its tables in place.
    pub fn migrated(kind: Database) -> Self {
        let directory = TempDir::new().expect("a temporary directory");
        match kind {
            Database::Sqlite => {
                let path = directory.path().join("lis.db");
                fs::write(&path, sqlite_template()).expect("a writable temporary directory");
                Self { address: DatabaseAddress::Sqlite(path), directory, created: None }
            }
            Database::Postgres => Self::on_postgres(directory, Some(postgres_template())),
        }
    }

    /// Without any table.
    pub fn empty(kind: Database) -> Self {
        let directory = TempDir::new().expect("a temporary directory");
        match kind {
            Database::Sqlite => {
                let path = directory.path().join("lis.db");
                Self { address: DatabaseAddress::Sqlite(path), directory, created: None }
            }
            Database::Postgres => Self::on_postgres(directory, None),
        }
    }

    /// A copy of a database that was kept by [`FreshDatabase::keep`].
    pub fn of(kept: &Kept) -> Self {
        let directory = TempDir::new().expect("a temporary directory");
        match kept {
            Kept::Sqlite(bytes) => {
                let path = directory.path().join("lis.db");
                fs::write(&path, bytes).expect("a writable temporary directory");
                Self { address: DatabaseAddress::Sqlite(path), directory, created: None }
            }
            Kept::Postgres(name) => Self::on_postgres(directory, Some(name)),
        }
    }

    /// Keeps a database that nobody uses any more, to be copied until the test program ends.
    pub fn keep(mut self) -> Kept {
        match &self.address {
            DatabaseAddress::Sqlite(_) => {
                let whole = self.copy();
                let DatabaseAddress::Sqlite(path) = &whole.address else { unreachable!("a copy is of the same kind") };
                Kept::Sqlite(fs::read(path).expect("the copied file"))
            }
            DatabaseAddress::Postgres(_) => {
                let name = self.created.take().expect("a database of the test");
                wait_until_nobody_uses(&name);
                Kept::Postgres(name)
            }
        }
    }

    fn on_postgres(directory: TempDir, template: Option<&str>) -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let name = format!("lis_test_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::SeqCst));
        let template = template.unwrap_or("template0");
        on_server(&format!("CREATE DATABASE {name} TEMPLATE {template}"));
        Self { address: DatabaseAddress::Postgres(database_url(&name)), directory, created: Some(name) }
    }

    /// The data directory that goes with it.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// As `LIS_DATABASE_URL` is written.
    pub fn url(&self) -> String {
        match &self.address {
            DatabaseAddress::Sqlite(path) => format!("sqlite:{}", path.display()),
            DatabaseAddress::Postgres(url) => url.clone(),
        }
    }

    /// A connection past both doors, for looking and for tampering.
    pub fn connect(&self) -> Conn {
        match &self.address {
            DatabaseAddress::Sqlite(path) => {
                let path = path.to_str().expect("a path in UTF-8");
                let mut conn = SqliteConnection::establish(path).expect("the test's database opens");
                // As long as the server waits; a test's own statement never holds a lock so long.
                conn.batch_execute("PRAGMA busy_timeout = 10000; PRAGMA foreign_keys = ON").expect("settings");
                Conn::Sqlite(conn)
            }
            DatabaseAddress::Postgres(url) => {
                Conn::Postgres(PgConnection::establish(url).expect("the test's database opens"))
            }
        }
    }

    /// A copy as it stands now, past the server: for breaking things without breaking the original.
    pub fn copy(&self) -> Self {
        let directory = TempDir::new().expect("a temporary directory");
        match &self.address {
            DatabaseAddress::Sqlite(_) => {
                let path = directory.path().join("lis.db");
                self.connect()
                    .batch_execute(&format!("VACUUM INTO '{}'", path.display()))
                    .expect("the database can be copied");
                Self { address: DatabaseAddress::Sqlite(path), directory, created: None }
            }
            DatabaseAddress::Postgres(_) => {
                let from = self.created.as_deref().expect("a database of the test");
                wait_until_nobody_uses(from);
                Self::on_postgres(directory, Some(from))
            }
        }
    }
}

impl Drop for FreshDatabase {
    fn drop(&mut self) {
        if let Some(name) = &self.created {
            on_server(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

/// Databases of test programs that have ended stay behind when they were kept or the program was killed; the next program
/// takes them away.
pub fn sweep() {
    let query = "SELECT datname::text AS name FROM pg_database WHERE datname LIKE 'lis@_test@_%' ESCAPE '@'";
    let found: Vec<Named> = diesel::sql_query(query).load(&mut connection()).expect("the list of databases");
    for Named { name } in found {
        let process = name.split('_').nth(2).unwrap_or_default();
        if !Path::new("/proc").join(process).exists() {
            // Another program may sweep at the same time.
            let _ = try_on_server(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = diesel::sql_types::Text)]
    name: String,
}

/// PostgreSQL copies a database only while nobody is connected; a stopped server's connections end within moments.
fn wait_until_nobody_uses(database: &str) {
    let until = Instant::now() + Duration::from_secs(20);
    let query = format!("SELECT count(*) AS number FROM pg_stat_activity WHERE datname = '{database}'");
    while count(&query) > 0 {
        assert!(Instant::now() < until, "{database} is in use: stop its server before copying it");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The bytes of a SQLite file with all tables, made once per test program.
fn sqlite_template() -> &'static [u8] {
    static TEMPLATE: OnceLock<Vec<u8>> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let directory = TempDir::new().expect("a temporary directory");
        let path = directory.path().join("template.db");
        migrate::migrate(&DatabaseAddress::Sqlite(path.clone())).expect("the migrations run");
        fs::read(path).expect("the migrated file")
    })
}

/// The name of a PostgreSQL database with all tables. It is named after the migrations and stays on the server, so the
/// next run finds it.
fn postgres_template() -> &'static str {
    static TEMPLATE: OnceLock<String> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let name = format!("lis_template_{}", &hash_of_migrations()[..16]);
        if !exists(&name) {
            let making = format!("{name}_{}", std::process::id());
            on_server(&format!("CREATE DATABASE {making} TEMPLATE template0"));
            migrate::migrate(&DatabaseAddress::Postgres(database_url(&making))).expect("the migrations run");
            // Renaming is the moment it appears whole; who comes second drops his own.
            if try_on_server(&format!("ALTER DATABASE {making} RENAME TO {name}")).is_err() {
                on_server(&format!("DROP DATABASE {making} WITH (FORCE)"));
            }
        }
        name
    })
}

fn hash_of_migrations() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations/postgres");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the folder of the migrations")
        .map(|entry| entry.expect("a readable folder").path().join("up.sql"))
        .collect();
    files.sort();
    let mut hasher = Sha256::new();
    for file in files {
        hasher.update(fs::read(file).expect("a migration"));
    }
    hex::encode(hasher.finalize())
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    number: i64,
}

fn exists(database: &str) -> bool {
    let query = format!("SELECT count(*) AS number FROM pg_database WHERE datname = '{database}'");
    count(&query) == 1
}

fn count(query: &str) -> i64 {
    let found: Counted = diesel::sql_query(query).get_result(&mut connection()).expect("a number");
    found.number
}

fn on_server(sql: &str) {
    try_on_server(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
}

fn try_on_server(sql: &str) -> QueryResult<()> {
    connection().batch_execute(sql)
}

fn connection() -> PgConnection {
    let server = server();
    PgConnection::establish(&server).unwrap_or_else(|error| panic!("{POSTGRES}={server}: {error}"))
}

fn database_url(name: &str) -> String {
    let mut url = url::Url::parse(&server()).unwrap_or_else(|error| panic!("{POSTGRES}: {error}"));
    url.set_path(name);
    url.to_string()
}
