//! Every command of the API on the demonstrated laboratory, as somebody who may: a valid body, written by hand, and each
//! of its fields in turn with what no field may hold. The refusal names the field, and nothing has changed. Then the
//! same with a version that is old and without one, on things that are not there, as a stranger; and at last the valid
//! body itself, which shows that it was valid, and once more, which shows what the state that it led to refuses.

mod bodies;
mod conditions;
mod hostile;
mod later;
mod records;
mod subcontracts;
pub mod values;

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::time::Duration;

use lis_server::db::Conn;
use lis_server::db::schema::TABLES;
use lis_server::web::language::Language;
use lis_tests::client::Ask;
use lis_tests::{Client, Reply, TestLis, demonstrated};
use serde_json::Value;

use super::complete::{beside_commands, posts, unattacked};
use super::forms::takes_all;
use super::said::{Names, language_of};
use hostile::{Hostile, attacks};

/// The password of everybody of the demonstration.
const PASSWORD: &str = "demo-laboratory";

/// A browser of somebody of the demonstration.
pub fn signed_in(lis: &TestLis, username: &str) -> Client {
    let client = lis.client();
    client.sign_in(username, PASSWORD);
    client
}

/// One command.
struct Command {
    /// Somebody of the demonstration; empty: nobody in particular.
    by: &'static str,
    method: &'static str,
    path: String,
    body: Value,
    /// Fields that must be there, by the last part of their name.
    required: &'static [&'static str],
    /// Fields that are not attacked beyond their type: free to hold anything, or secret.
    opaque: &'static [&'static str],
    /// What a refusal calls a field, where that is another name.
    called: &'static [(&'static str, &'static str)],
    /// A query for the version of what the command changes.
    version: Option<String>,
    /// Somebody with the same role to whom this thing does not exist.
    stranger: Option<&'static str>,
    /// Status of the valid body, and of the same once more, where that is to be refused.
    done: u16,
    again: Option<u16>,
}

impl Command {
    fn new(by: &'static str, method: &'static str, path: impl Into<String>, body: Value, done: u16) -> Self {
        Self {
            by,
            method,
            path: path.into(),
            body,
            required: &[],
            opaque: &[],
            called: &[],
            version: None,
            stranger: None,
            done,
            again: None,
        }
    }

    fn post(by: &'static str, path: impl Into<String>, body: Value, done: u16) -> Self {
        Self::new(by, "POST", path, body, done)
    }

    fn required(self, required: &'static [&'static str]) -> Self {
        Self { required, ..self }
    }

    fn opaque(self, opaque: &'static [&'static str]) -> Self {
        Self { opaque, ..self }
    }

    fn called(self, called: &'static [(&'static str, &'static str)]) -> Self {
        Self { called, ..self }
    }

    /// The command changes a row of a table.
    fn of(self, table: &str, id: i64) -> Self {
        Self { version: Some(format!("SELECT version AS value FROM {table} WHERE id = {id}")), ..self }
    }

    fn again(self, status: u16) -> Self {
        Self { again: Some(status), ..self }
    }

    fn stranger(self, stranger: &'static str) -> Self {
        Self { stranger: Some(stranger), ..self }
    }

    fn is_list(&self) -> bool {
        self.body.is_array()
    }
}

/// The laboratory, and everybody who has signed in so far.
struct Bench {
    lis: TestLis,
    clients: BTreeMap<&'static str, Client>,
    names: Names,
    sent: usize,
    complaints: Vec<String>,
}

impl Bench {
    fn new(lis: TestLis) -> Self {
        let names = Names::of(&lis);
        Self { lis, clients: BTreeMap::new(), names, sent: 0, complaints: Vec::new() }
    }

    fn one(&self, query: &str) -> i64 {
        let found = self.lis.numbers(&format!("SELECT coalesce(({query}), 0) AS value"));
        assert!(found[0] > 0, "nothing is there: {query}");
        found[0]
    }

    fn client(&mut self, by: &'static str) -> &Client {
        let lis = &self.lis;
        self.clients.entry(by).or_insert_with(|| if by.is_empty() { lis.client() } else { signed_in(lis, by) })
    }

    /// The language of the request that was sent last.
    fn asked(&self) -> Language {
        language_of(self.sent)
    }

    /// Sends a body with a key of its own.
    fn send(
        &mut self,
        by: &'static str,
        method: &str,
        path: &str,
        seen: Option<i64>,
        body: &[u8],
    ) -> Result<Reply, String> {
        self.sent += 1;
        let key = format!("attack-{}", self.sent);
        let language = self.asked().code();
        let ask: Ask = self.client(by).ask(method, path).key(&key).header("sec-fetch-site", "same-origin");
        let ask = ask.header("accept-language", language);
        let ask = match seen {
            Some(version) => ask.seen(version),
            None => ask,
        };
        ask.body("application/json", body)
            .try_send()
            .map_err(|error| format!("{by}: {method} {path}: no answer: {error}"))
    }

    fn complain(&mut self, command: &Command, what: &str, why: &str) {
        self.complaints.push(format!("{} {} by {}: {what}: {why}", command.method, command.path, command.by));
    }

    /// What every answer to a hostile request must be.
    fn refused(
        &mut self,
        command: &Command,
        what: &str,
        answer: Result<Reply, String>,
        (fields, body): (&[String], &[u8]),
    ) {
        let complaint = match answer {
            Err(error) => Some(error),
            Ok(reply) => {
                let in_another = || self.names.wrong_document(&reply, self.asked(), body);
                wrong_refusal(&reply, fields).or_else(in_another)
            }
        };
        if let Some(why) = complaint {
            self.complain(command, what, &why);
        }
    }

    fn seen(&self, command: &Command) -> Option<i64> {
        command.version.as_ref().map(|query| self.lis.numbers(query)[0])
    }

    fn try_out(&mut self, command: &Command) {
        let before = fingerprint(&self.lis);
        let seen = self.seen(command);
        let all_of_them = takes_all(&self.lis);
        for Hostile { what, fields, body, .. } in
            attacks(command).into_iter().filter(|hostile| all_of_them || !hostile.is_early)
        {
            let answer = self.send(command.by, command.method, &command.path, seen, &body);
            self.refused(command, &what, answer, (&fields, &body));
        }
        let valid = command.body.to_string().into_bytes();
        if let Some(version) = seen {
            self.status(command, "without a version", None, &valid, &[428]);
            // What the state refuses anyhow may say so first; what is missing is said of the version that is there.
            let stale: &[u16] = if command.done == 409 { &[409, 412] } else { &[412] };
            self.status(command, "with an old version", Some(version - 1), &valid, stale);
            self.status(command, "with a version to come", Some(version + 1), &valid, stale);
        }
        for path in elsewhere(&command.path) {
            let answer = self.send(command.by, command.method, &path, seen.or(Some(1)), &valid);
            self.refused(command, &format!("at {path}"), answer, (&[], &valid));
        }
        if let Some(stranger) = command.stranger {
            let answer = self.send(stranger, command.method, &command.path, seen, &valid);
            match answer {
                Ok(reply) if reply.status == 404 => {}
                Ok(reply) => self.complain(command, &format!("as {stranger}"), &reply.shown()),
                Err(error) => self.complain(command, "as a stranger", &error),
            }
        }
        let after = fingerprint(&self.lis);
        for (table, now) in &after {
            if before.get(table) != Some(now) {
                self.complain(
                    command,
                    "something was changed",
                    &format!("{table}: {:?} is now {now}", before.get(table)),
                );
            }
        }
        self.status(command, "the valid body", seen, &valid, &[command.done]);
        if let Some(status) = command.again {
            let seen = self.seen(command);
            self.status(command, "the valid body once more", seen, &valid, &[status]);
        }
    }

    fn status(&mut self, command: &Command, what: &str, seen: Option<i64>, body: &[u8], due: &[u16]) {
        match self.send(command.by, command.method, &command.path, seen, body) {
            Ok(reply) if due.contains(&reply.status) => {
                // What the state refuses is said in one language too.
                let problem =
                    (reply.status >= 400).then(|| self.names.wrong_document(&reply, self.asked(), body)).flatten();
                if let Some(why) = problem {
                    self.complain(command, what, &why);
                }
            }
            Ok(reply) => {
                let why = format!("{}, not {due:?}: {}", reply.status, reply.shown());
                self.complain(command, what, &why);
            }
            Err(error) => self.complain(command, what, &error),
        }
    }
}

/// What is wrong with the refusal of a hostile body.
fn wrong_refusal(reply: &Reply, fields: &[String]) -> Option<String> {
    if !(400..=428).contains(&reply.status) {
        return Some(format!("answered {}: {}", reply.status, reply.shown()));
    }
    if reply.header("content-type") != Some("application/problem+json") {
        return Some(format!("{} is no problem document", reply.shown()));
    }
    let problem = reply.json();
    let reasons = problem["reasons"].as_array().cloned().unwrap_or_default();
    let named: Vec<&str> = reasons.iter().filter_map(|reason| reason["field"].as_str()).collect();
    let silent = reasons.iter().any(|reason| reason["detail"].as_str().is_none_or(str::is_empty));
    if reasons.is_empty() || silent {
        return Some(format!("a refusal without a sentence: {problem}"));
    }
    let is_named = named.iter().any(|name| fields.iter().any(|field| is_the_field(name, field)));
    (!fields.is_empty() && !is_named).then(|| format!("{fields:?} is not named: {} {problem}", reply.status))
}

/// A refusal names the whole place (`entries[0].value`); its last part is the field. A cell of a worksheet is named with
/// its place (`v-7-mass-1`), an item with its id (`item-5`).
fn is_the_field(named: &str, field: &str) -> bool {
    let last = named.rsplit('.').next().unwrap_or_default();
    last.split(['[', '-']).next() == Some(field) || named == field
}

/// The path with each of its ids replaced by one that is nobody's.
fn elsewhere(path: &str) -> Vec<String> {
    let parts: Vec<&str> = path.split('/').collect();
    let ids = parts.iter().enumerate().filter(|(_, part)| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
    ids.flat_map(|(place, _)| {
        ["999999", "0", "-1", "9223372036854775808", "abc"].map(|id| {
            let mut other = parts.clone();
            other[place] = id;
            other.join("/")
        })
    })
    .collect()
}

/// Rows of every table and the sum of their versions. Sessions note their last use, and who signs in or fails to is noted in
/// the log: neither is a change of anything asked for.
pub fn fingerprint(lis: &TestLis) -> BTreeMap<String, String> {
    // Both kinds of database have the same tables; asking for their columns takes far longer than counting their rows.
    static QUERY: OnceLock<String> = OnceLock::new();
    // What was written before has its place in the log, which is told on from there.
    lis.app.db.wait_until_linked(Duration::from_secs(20)).expect("every entry gets its position");
    let lines = lis.texts(QUERY.get_or_init(|| fingerprint_query(&mut lis.database.connect())));
    lines.iter().filter_map(|line| line.split_once('|')).map(|(a, b)| (a.to_owned(), b.to_owned())).collect()
}

fn fingerprint_query(conn: &mut Conn) -> String {
    let tables = TABLES.iter().filter(|table| !["session", "audit_pending", "log_head", "log_link"].contains(table));
    let one = |table: &&str| {
        let columns = lis_server::db::describe::columns(conn, table).expect("the columns");
        let versions = if columns.iter().any(|column| column.name == "version") { "sum(version)" } else { "0" };
        let rows = match *table {
            "audit_entry" => {
                "audit_entry WHERE event NOT IN ('signed-in', 'sign-in-failed', 'password-failed', 'signing-failed')"
            }
            table => table,
        };
        format!(
            "SELECT '{table}' AS place, count(*) || ' rows, versions ' || coalesce({versions}, 0) AS said FROM {rows}"
        )
    };
    let all: Vec<String> = tables.map(one).collect();
    format!("SELECT place || '|' || said AS value FROM ({}) AS counted", all.join(" UNION ALL "))
}

demonstrated!(every_field_of_every_command_is_checked, |lis: TestLis| {
    let mut bench = Bench::new(lis);
    let mut attacked = beside_commands();
    let first = bodies::COMMANDS.iter().chain(later::COMMANDS).chain(records::COMMANDS);
    for command in first.chain(conditions::COMMANDS).chain(subcontracts::COMMANDS) {
        let command = command(&mut bench);
        bench.try_out(&command);
        if command.method == "POST" {
            attacked.push(command.path);
        }
    }
    let Bench { lis, complaints, sent, .. } = bench;
    assert!(complaints.is_empty(), "{} of {sent} answers:\n{}", complaints.len(), complaints.join("\n"));
    // On PostgreSQL only what a database has to do with.
    let least = if takes_all(&lis) { 2_000 } else { 1_000 };
    assert!(sent > least, "only {sent} hostile requests were sent");
    assert!(lis.verified().is_ok());
    assert_eq!(unattacked(&posts(true), &attacked, &[]), Vec::<String>::new());
});
