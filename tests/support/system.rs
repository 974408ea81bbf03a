//! The whole program in this process: its server on a free port of 127.0.0.1, a fresh database, clocks that the test
//! moves, statements counted. What a test does goes through public faces; the builders here write to tables, and ids and
//! outcomes are looked up by SQL.

use std::net::{SocketAddr, TcpListener};
use std::num::NonZeroU32;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use actix_web::dev::ServerHandle;
use actix_web::rt::System;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version};
use chrono::TimeDelta;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use lis_server::accounts::actions::{self, PersonInput};
use lis_server::accounts::{Actor, Role, secrets, store};
use lis_server::app::Lis;
use lis_server::audit::verify::{self, Damage, Verified};
use lis_server::cli::settings_of;
use lis_server::config::Config;
use lis_server::config::in_force::Setting;
use lis_server::db::Conn;
use lis_server::domain::clock::Clock;
use lis_server::domain::ids::PersonId;
use lis_server::front::QUEUES;
use lis_server::jobs::run_until_idle;
use lis_server::quality::gates::state::Mode;
use lis_server::server::{self, Face};

use crate::client::Client;
use crate::clock::TestClock;
use crate::database::{Database, FreshDatabase};

/// The password of everybody whom [`TestLis::person`] makes.
pub const PASSWORD: &str = "a password of the tests";

/// Nothing that happens by itself takes longer on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// Enough for the concurrency of the tests, few enough for many servers beside each other.
const CONNECTIONS: u32 = 4;

/// A running laboratory. It stops and takes its database away when it goes out of scope.
pub struct TestLis {
    pub app: Lis,
    pub clock: Arc<TestClock>,
    address: SocketAddr,
    running: Option<(ServerHandle, JoinHandle<()>)>,
    /// The connection past both doors, once somebody has looked: opening one takes longer than most queries.
    looking: Mutex<Option<Conn>>,
    pub database: Arc<FreshDatabase>,
}

/// Somebody with an account.
#[derive(Clone, Debug)]
pub struct Person {
    pub id: i64,
    pub username: String,
    pub roles: Vec<Role>,
}

impl TestLis {
    pub fn start(kind: Database) -> Self {
        Self::on(FreshDatabase::migrated(kind))
    }

    /// A laboratory with other settings.
    fn start_with(kind: Database, change: impl FnOnce(&mut Config)) -> Self {
        let database = FreshDatabase::migrated(kind);
        let mut config = Self::config(&database);
        change(&mut config);
        Self::with(database, config)
    }

    /// A laboratory that is reached over https alone.
    pub fn secured(kind: Database) -> Self {
        Self::start_with(kind, |config| config.secure_cookies = true)
    }

    /// A laboratory whose tokens may ask so often a minute.
    pub fn paced(kind: Database, per_minute: u32) -> Self {
        let per_minute = NonZeroU32::new(per_minute).expect("at least one");
        Self::start_with(kind, |config| config.token_requests_per_minute = per_minute)
    }

    /// A laboratory at whose open doors one address may fail and ask so often.
    pub fn guarded(kind: Database, failed_sign_ins: u32, public_requests: u32) -> Self {
        let number = |count: u32| NonZeroU32::new(count).expect("at least one");
        Self::start_with(kind, |config| {
            config.failed_sign_ins_per_address = number(failed_sign_ins);
            config.public_requests_per_address = number(public_requests);
        })
    }

    /// A laboratory that says of itself that it was started by this command line.
    pub fn started_as(kind: Database, line: &[&str]) -> Self {
        let in_force = settings_of(line).expect("a command line of the program");
        Self::start_with(kind, |config| config.in_force = in_force)
    }

    /// On a database that is there.
    pub fn on(database: FreshDatabase) -> Self {
        let config = Self::config(&database);
        Self::with(database, config)
    }

    pub(crate) fn config(database: &FreshDatabase) -> Config {
        Config {
            data: database.directory().to_owned(),
            database: database.address.clone(),
            database_connections: CONNECTIONS,
            laboratory_name: "共享食品检测实验室".to_owned(),
            laboratory_code: "BZ".to_owned(),
            laboratory_address: "示例路 1 号".to_owned(),
            laboratory_contact: "0316-0000000".to_owned(),
            public_url: "https://lis.example".to_owned(),
            smtp_url: None,
            mail_from: None,
            // As unset.
            token_requests_per_minute: NonZeroU32::new(6000).expect("a number"),
            failed_sign_ins_per_address: NonZeroU32::new(100).expect("a number"),
            public_requests_per_address: NonZeroU32::new(600).expect("a number"),
            proxy: None,
            agent_clock_tolerance_s: 30,
            complaint_acknowledge_days: 3,
            complaint_answer_days: 20,
            competence_reminder_days: 30,
            // A test looks when it wants to.
            upkeep_hour: None,
            backup_to: None,
            backup_keep: 14,
            time_source: None,
            clock_tolerance_s: 1,
            log_root_to: None,
            late_entry_hours: 24,
            serious_harm_hours: 24,
            recall_start_hours: [24, 48, 72],
            recall_finish_days: [10, 20, 30],
            subcontract_simple: false,
            receipt_pictures: Mode::Warn,
            templates: None,
            fonts: None,
            secure_cookies: false,
            in_force: in_force().clone(),
        }
    }

    /// Without counting statements, which takes longer than many of them: for benchmarks.
    pub fn uncounted(kind: Database) -> Self {
        let database = FreshDatabase::migrated(kind);
        let config = Self::config(&database);
        Self::opened(database, config, false)
    }

    pub(crate) fn with(database: FreshDatabase, config: Config) -> Self {
        Self::opened(database, config, true)
    }

    fn opened(database: FreshDatabase, config: Config, count_statements: bool) -> Self {
        let clock = Arc::new(TestClock::default());
        let app = server::open(config, clock.clone(), count_statements).expect("the database opens");
        // Until a test asks.
        app.db.counts().pause();
        let (address, running) = serve(app.clone());
        let looking = Mutex::new(None);
        Self { app, clock, address, running: Some(running), looking, database: Arc::new(database) }
    }

    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A browser that nobody has signed in to.
    pub fn client(&self) -> Client {
        Client::new(self.base())
    }

    /// A program with a token.
    pub fn api(&self, token: &str) -> Client {
        Client::with_token(self.base(), token)
    }

    /// A browser in which a person has signed in.
    pub fn signed_in(&self, person: &Person) -> Client {
        let client = self.client();
        client.sign_in(&person.username, PASSWORD);
        client
    }

    /// Makes a person whose first password is changed already.
    pub fn person(&self, username: &str, roles: &[Role]) -> Person {
        let input = PersonInput {
            username: username.to_owned(),
            name: username.to_owned(),
            language: "en".to_owned(),
            region_code: if roles.contains(&Role::Regulator) { "13".to_owned() } else { String::new() },
            roles: roles.iter().map(|role| role.code().to_owned()).collect(),
            ..PersonInput::default()
        };
        if roles.contains(&Role::Regulator) {
            self.region("13", "河北省", "Hebei");
        }
        self.person_as(&input)
    }

    /// The same with everything said.
    pub fn person_as(&self, input: &PersonInput) -> Person {
        let facts = input.checked().unwrap_or_else(|refusal| panic!("a person of the tests: {refusal:?}"));
        let roles = facts.roles.clone();
        let saved = self
            .app
            .db
            .write_now(move |tx| {
                let by = Actor::system("tests", "a person of the tests");
                let saved = actions::create_first_administrator(tx, &by, &facts, password_hash())?;
                let id = PersonId(saved.id);
                store::set_password(tx.conn, id, saved.version, password_hash(), false)?;
                Ok(saved)
            })
            .expect("a person");
        Person { id: saved.id, username: input.username.clone(), roles }
    }

    /// Makes a token of a person.
    pub fn token(&self, person: &Person, scopes: &[&str]) -> String {
        let token = secrets::new_token();
        let (hash, scopes, real, id) =
            (secrets::token_hash(&token), scopes.join(" "), self.clock.real(), PersonId(person.id));
        self.app
            .db
            .write_now(move |tx| {
                let row = store::NewToken {
                    token_hash: &hash,
                    person_id: id,
                    name: "a token of the tests",
                    scopes: &scopes,
                    created_at: real,
                    expires_at: None,
                };
                Ok(store::insert_token(tx.conn, &row)?)
            })
            .expect("a token");
        token
    }

    /// Makes sure that a region is there.
    pub fn region(&self, code: &str, name_zh: &str, name_en: &str) {
        let values = format!("VALUES ('{code}', '{name_zh}', '{name_en}') ON CONFLICT (code) DO NOTHING");
        self.sql(&format!("INSERT INTO region (code, name_zh, name_en) {values}")).expect("a region");
    }

    /// Runs one statement past both doors.
    pub fn sql(&self, statement: &str) -> QueryResult<usize> {
        self.past_the_doors(|conn| diesel::sql_query(statement).execute(conn))
    }

    /// The whole numbers of a query's column `value`.
    pub fn numbers(&self, query: &str) -> Vec<i64> {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = BigInt)]
            value: i64,
        }
        let rows: Vec<Row> =
            self.past_the_doors(|conn| diesel::sql_query(query).load(conn)).expect("a query of the tests");
        rows.into_iter().map(|row| row.value).collect()
    }

    /// The texts of a query's column `value`; nothing as the empty text.
    pub fn texts(&self, query: &str) -> Vec<String> {
        self.past_the_doors(|conn| texts(conn, query))
    }

    fn past_the_doors<T>(&self, act: impl FnOnce(&mut Conn) -> T) -> T {
        // After a query that failed the connection is as good as before.
        let mut kept = self.looking.lock().unwrap_or_else(PoisonError::into_inner);
        act(kept.get_or_insert_with(|| self.database.connect()))
    }

    /// How many rows a table has.
    pub fn rows(&self, table: &str) -> i64 {
        self.numbers(&format!("SELECT count(*) AS value FROM {table}"))[0]
    }

    /// Statements inside writes, and writes that were stored, while something is done.
    pub fn counted(&self, act: impl FnOnce()) -> (u64, u64) {
        let counts = self.app.db.counts();
        let before = (counts.statements(), counts.commits());
        self.counting(act);
        (counts.statements() - before.0, counts.commits() - before.1)
    }

    /// Statements inside reads while something is done: of every request, who asks and what he asked for.
    pub fn reads(&self, act: impl FnOnce()) -> u64 {
        let before = self.app.db.counts().reads();
        self.counting(act);
        self.app.db.counts().reads() - before
    }

    fn counting(&self, act: impl FnOnce()) {
        self.app.db.counts().resume();
        act();
        self.app.db.counts().pause();
    }

    /// Verifies the log after every entry has its position.
    pub fn verified(&self) -> Result<Verified, Damage> {
        self.app.db.wait_until_linked(Duration::from_secs(20)).expect("every entry gets its position");
        self.app.db.read_now(verify::verify).expect("the log can be read")
    }

    /// Does everything that the background threads would do now; what is due later stays.
    pub fn work(&self) {
        run_until_idle(&self.app, QUEUES).expect("the queues can be emptied");
    }

    /// Waits for what the program does by itself soon after it has answered.
    ///
    /// # Panics
    /// When it has not happened after [`PATIENCE`].
    pub fn until(&self, what: &str, has_happened: impl Fn() -> bool) {
        let start = Instant::now();
        while !has_happened() {
            assert!(start.elapsed() < PATIENCE, "not after {PATIENCE:?}: {what}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Stops the server and keeps its database.
    pub fn stop(self) -> Arc<FreshDatabase> {
        self.database.clone()
    }

    /// Moves both clocks.
    pub fn wait(&self, span: TimeDelta) {
        self.clock.advance(span);
        self.clock.advance_real(span);
    }
}

impl Drop for TestLis {
    fn drop(&mut self) {
        if let Some((handle, thread)) = self.running.take() {
            // The order is sent at once; the answer is the thread's end.
            drop(handle.stop(false));
            if thread.join().is_err() && !std::thread::panicking() {
                panic!("the server ended with a panic");
            }
        }
    }
}

/// The texts of a query's column `value` on a connection.
pub fn texts(conn: &mut Conn, query: &str) -> Vec<String> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Nullable<Text>)]
        value: Option<String>,
    }
    let rows: Vec<Row> = diesel::sql_query(query).load(conn).expect("a query of the tests");
    rows.into_iter().map(|row| row.value.unwrap_or_default()).collect()
}

fn serve(app: Lis) -> (SocketAddr, (ServerHandle, JoinHandle<()>)) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    let (tell, told) = channel();
    let thread = std::thread::spawn(move || {
        System::new().block_on(async move {
            let (server, handle) = server::serve(app, listener, Face::All, 1).expect("the server starts");
            tell.send(handle).expect("the test waits for it");
            server.await.expect("the server runs");
        });
    });
    (address, (told.recv().expect("the server's handle"), thread))
}

/// As the program is started without any option.
fn in_force() -> &'static Vec<Setting> {
    static SETTINGS: OnceLock<Vec<Setting>> = OnceLock::new();
    SETTINGS.get_or_init(|| settings_of(&["lis-server", "serve"]).expect("the settings of the tests"))
}

/// Made once for a test program.
fn password_hash() -> &'static str {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| quick_hash(PASSWORD))
}

/// A hash of the server's kind at the lowest cost that there is. Hashing is slow by intent, checking takes as long, and a
/// hash says itself what it costs: thousands sign in in the tests, and nobody guesses.
pub(crate) fn quick_hash(password: &str) -> String {
    let params = Params::new(Params::MIN_M_COST, Params::MIN_T_COST, Params::MIN_P_COST, None);
    let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.expect("the lowest cost"));
    hasher.hash_password(password.as_bytes()).expect("a hash").to_string()
}
