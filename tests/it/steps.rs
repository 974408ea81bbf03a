//! What the people of the demonstration do, step by step, through the API with their sessions: for tests that need a
//! sample at a certain station.

mod conditions;
mod forms;
mod instruments;
mod records;
mod way;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};

use lis_tests::{Client, Reply, TestLis};
use serde_json::{Value, json};

pub use conditions::{
    a_room, a_scope_line, a_subcontractor, a_supplier, an_excursion, room, scope_line, subcontractor, supplier,
};
pub use forms::{market_rice, receipt, rice_order};
pub use instruments::{a_calibration, a_profile};
pub use records::{
    DOCUMENT, RECORD, a_comparison, a_complaint, a_disputed_rapid_test, a_document, a_failed_check,
    a_program_validation, a_rapid_test, a_round, a_verification, an_urgent_finding, bring_document, comparison,
    complaint, program_to_validate, round, validate, verify_method,
};
pub use way::{Sample, Sheet};

const PASSWORD: &str = "demo-laboratory";
pub const SIGNING_PASSWORD: &str = "demo-signature";

/// A laboratory after the demonstration, and the people who have signed in so far.
pub struct House<'l> {
    pub lis: &'l TestLis,
    clients: RefCell<BTreeMap<String, Rc<Client>>>,
}

impl<'l> House<'l> {
    pub fn of(lis: &'l TestLis) -> Self {
        Self { lis, clients: RefCell::default() }
    }

    /// Somebody of the demonstration, signed in.
    pub fn by(&self, username: &str) -> Rc<Client> {
        let mut clients = self.clients.borrow_mut();
        let client = clients.entry(username.to_owned()).or_insert_with(|| {
            let client = self.lis.client();
            client.sign_in(username, PASSWORD);
            Rc::new(client)
        });
        client.clone()
    }

    /// A program with its token from `demo.json`.
    pub fn program(&self, name: &str) -> Client {
        self.lis.api(self.lis.demo()["tokens"][name].as_str().expect("a token of the demonstration"))
    }

    pub fn person(&self, username: &str) -> i64 {
        self.lis.numbers(&format!("SELECT id AS value FROM person WHERE username = '{username}'"))[0]
    }

    #[track_caller]
    pub fn get(&self, username: &str, path: &str) -> Value {
        self.by(username).get(path).expect(200).json()
    }

    #[track_caller]
    pub fn items(&self, username: &str, path: &str) -> Vec<Value> {
        self.by(username).get(path).expect(200).items()
    }

    /// A command, whatever its answer.
    pub fn ask(&self, username: &str, path: &str, body: &Value) -> Reply {
        self.by(username).command(path, body).send()
    }

    /// A command on what was seen at a version, whatever its answer.
    pub fn ask_on(&self, username: &str, path: &str, version: i64, body: &Value) -> Reply {
        self.by(username).command(path, body).seen(version).send()
    }

    #[track_caller]
    pub fn done(&self, username: &str, path: &str, body: &Value) -> Value {
        good(self.ask(username, path, body))
    }

    #[track_caller]
    pub fn done_on(&self, username: &str, path: &str, version: i64, body: &Value) -> Value {
        good(self.ask_on(username, path, version, body))
    }

    /// The administrator gives somebody other roles; that ends his sessions.
    pub fn give_roles(&self, username: &str, roles: &[&str]) {
        let path = format!("/api/v1/people/{}", self.person(username));
        let admin = self.by("admin");
        let person = admin.get(&path).expect(200);
        let body = json!({"username": username, "name": person.json()["name"], "roles": roles});
        let changed = admin.send_json("PUT", &path, &body).header("sec-fetch-site", "same-origin");
        changed.key(&uuid()).seen(person.version()).send().expect(200);
        self.clients.borrow_mut().remove(username);
    }

    /// Opens a signing grant.
    pub fn sign(&self, username: &str, meaning: &str) {
        let body = json!({"meaning": meaning, "signing_password": SIGNING_PASSWORD});
        self.done(username, "/api/v1/signing-grants", &body);
    }
}

#[track_caller]
fn good(reply: Reply) -> Value {
    assert!((200..300).contains(&reply.status), "{}", reply.shown());
    if reply.body.is_empty() { Value::Null } else { reply.json() }
}

#[track_caller]
pub fn number(value: &Value, field: &str) -> i64 {
    value[field].as_i64().unwrap_or_else(|| panic!("no number {field} in {value}"))
}

#[track_caller]
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

/// What a PDF says, its words one blank apart.
pub fn printed(pdf: &[u8]) -> String {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let path = folder.path().join("document.pdf");
    std::fs::write(&path, pdf).expect("a file");
    let output =
        std::process::Command::new("pdftotext").arg("-layout").arg(&path).arg("-").output().expect("pdftotext runs");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// An id that no client made before.
pub fn uuid() -> String {
    static NUMBER: AtomicU64 = AtomicU64::new(1);
    format!("00000000-0000-4000-8000-{:012x}", NUMBER.fetch_add(1, Ordering::SeqCst))
}

/// The same with some fields changed.
pub fn with(mut body: Value, changes: &Value) -> Value {
    body.as_object_mut().expect("an object").extend(changes.as_object().expect("an object").clone());
    body
}
