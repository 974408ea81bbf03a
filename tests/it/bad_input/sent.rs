//! Forms of pages that are sent without being opened: the demonstration leaves nothing for which their page would show them,
//! or they are a button and nothing else. Each is sent by somebody who may, on a thing that is there, with each of its fields
//! in turn holding what no field may hold, with a wrong version, and without the token of its session. Nothing is changed.

mod campaigns;
mod cases;
mod conditions;
mod instruments;
mod offices;
mod quality;
mod reports;
mod samples;
mod testing;

use std::collections::BTreeMap;

use lis_server::web::language::Language;
use lis_tests::{Client, Page, Reply, TestLis, demonstrated};

use super::commands::{fingerprint, signed_in};
use super::forms::{takes_all, wrong_on, wrong_page};
use super::said::{Names, language_of};

/// One form.
pub struct Sent {
    /// Somebody of the demonstration; empty: nobody in particular.
    by: &'static str,
    pub action: String,
    /// A query for the version that the form carries, where it does.
    version: Option<String>,
    fields: &'static [(&'static str, &'static str)],
    /// A field and what it may not be: empty, too long ([`LONG`]), no such word, no such day.
    wrong: &'static [(&'static str, &'static str)],
}

/// The hash of no file.
const NOWHERE: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Stands for a text that is too long.
const LONG: &str = "LONG";

impl Sent {
    fn new(by: &'static str, action: impl Into<String>) -> Self {
        Self { by, action: action.into(), version: None, fields: &[], wrong: &[] }
    }

    /// The form changes a row of a table.
    fn of(self, table: &str, id: i64) -> Self {
        Self { version: Some(format!("SELECT version AS value FROM {table} WHERE id = {id}")), ..self }
    }

    fn with(
        self,
        fields: &'static [(&'static str, &'static str)],
        wrong: &'static [(&'static str, &'static str)],
    ) -> Self {
        Self { fields, wrong, ..self }
    }
}

/// The forms of every room.
pub fn sent(lis: &TestLis) -> Vec<Sent> {
    const ROOMS: &[fn(&TestLis) -> Vec<Sent>] = &[
        campaigns::sent,
        cases::sent,
        samples::sent,
        testing::sent,
        instruments::sent,
        reports::sent,
        quality::sent,
        offices::sent,
        conditions::sent,
    ];
    ROOMS.iter().flat_map(|room| room(lis)).collect()
}

fn newest(lis: &TestLis, table: &str) -> i64 {
    lis.numbers(&format!("SELECT max(id) AS value FROM {table}"))[0]
}

/// Who sends, with the token of his session; empty where there is no session.
struct Sender {
    client: Client,
    csrf: String,
}

impl Sender {
    fn of(lis: &TestLis, by: &'static str) -> Self {
        if by.is_empty() {
            return Self { client: lis.client(), csrf: String::new() };
        }
        let client = signed_in(lis, by);
        let csrf = client.form("/account", "/account/password").value("csrf").expect("a token").to_owned();
        Self { client, csrf }
    }

    fn send(&self, action: &str, language: Language, body: &str) -> Result<Reply, String> {
        let ask = self.client.ask("POST", action).header("sec-fetch-site", "same-origin").in_language(language.code());
        ask.form_body(body).try_send().map_err(|error| format!("no answer: {error}"))
    }
}

/// A value as it stands in the body of a form.
fn encoded(value: &str) -> String {
    match value {
        LONG => "%E9%95%BF".repeat(10_000),
        value => url::form_urlencoded::byte_serialize(value.as_bytes()).collect(),
    }
}

/// What no version is.
const NO_VERSIONS: &[&str] = &["abc", "1.5", "99999999999999999999", "1%00"];

/// The form with one field replaced, by a value that is encoded already.
fn with<'f>(pairs: &[(&'f str, String)], name: &'f str, value: &str) -> Vec<(&'f str, String)> {
    let mut pairs: Vec<(&str, String)> = pairs.iter().filter(|(field, _)| *field != name).cloned().collect();
    pairs.push((name, value.to_owned()));
    pairs
}

fn without<'f>(pairs: &[(&'f str, String)], name: &str) -> Vec<(&'f str, String)> {
    pairs.iter().filter(|(field, _)| *field != name).cloned().collect()
}

/// What must become of a hostile form.
enum Due {
    /// Refused, whatever is named.
    Refused,
    /// Refused with this field named.
    Named(&'static str),
    Status(u16),
}

fn complaint(reply: &Reply, page: &Page, due: &Due) -> Option<String> {
    match due {
        Due::Named(field) => wrong_page(reply, page, field),
        Due::Status(status) => (reply.status != *status).then(|| format!("{}, not {status}", reply.status)),
        Due::Refused => {
            (!(400..=428).contains(&reply.status)).then(|| format!("answered {}: {}", reply.status, reply.shown()))
        }
    }
}

fn attacks(
    lis: &TestLis,
    form: &Sent,
    csrf: &str,
    version: Option<i64>,
) -> Vec<(String, Due, Vec<(&'static str, String)>)> {
    let mut whole: Vec<(&'static str, String)> =
        form.fields.iter().map(|(name, value)| (*name, encoded(value))).collect();
    whole.extend(version.map(|version| ("version", version.to_string())));
    if !csrf.is_empty() {
        whole.push(("csrf", csrf.to_owned()));
    }
    let mut all = Vec::new();
    for (name, _) in form.fields {
        for (what, value) in wrong_on(lis).iter().filter(|(what, _)| *what != "control character") {
            all.push((format!("{name}: {what}"), Due::Named(name), with(&whole, name, value)));
        }
    }
    // Lengths, versions that are no number, keys and tokens are looked at before the database is asked.
    let all_of_them = takes_all(lis);
    for (name, value) in form.wrong.iter().filter(|(_, value)| all_of_them || *value != LONG) {
        all.push((format!("{name}: {value:?}"), Due::Refused, with(&whole, name, &encoded(value))));
    }
    if version.is_some() {
        all.push(("with a version before the first".to_owned(), Due::Refused, with(&whole, "version", "-1")));
    }
    if version.is_some() && all_of_them {
        all.push(("without a version".to_owned(), Due::Status(428), without(&whole, "version")));
        for wrong in NO_VERSIONS {
            all.push((format!("with the version {wrong}"), Due::Named("version"), with(&whole, "version", wrong)));
        }
    }
    if !csrf.is_empty() && all_of_them {
        let key = "k".repeat(101);
        all.push(("with a key that is too long".to_owned(), Due::Refused, with(&whole, "once", &key)));
        all.push(("without its token".to_owned(), Due::Status(403), without(&whole, "csrf")));
        all.push(("with another token".to_owned(), Due::Status(403), with(&whole, "csrf", "guessed")));
    }
    all
}

demonstrated!(a_form_that_no_page_shows_is_checked_as_well, |lis: TestLis| {
    let names = Names::of(&lis);
    let (mut senders, mut complaints, mut number) = (BTreeMap::new(), Vec::new(), 0);
    let forms = sent(&lis);
    let mut before = fingerprint(&lis);
    for form in forms {
        let sender = senders.entry(form.by).or_insert_with(|| Sender::of(&lis, form.by));
        let version = form.version.as_ref().map(|query| lis.numbers(query)[0]);
        for (what, due, pairs) in attacks(&lis, &form, &sender.csrf, version) {
            let asked = language_of(number);
            number += 1;
            let body: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let body = body.join("&");
            let why = match sender.send(&form.action, asked, &body) {
                Ok(reply) => {
                    let page = reply.page();
                    complaint(&reply, &page, &due).or_else(|| names.wrong_page(&page, asked, body.as_bytes()))
                }
                Err(error) => Some(error),
            };
            complaints.extend(why.map(|why| format!("{} by {}: {what}: {why}", form.action, form.by)));
        }
        let after = fingerprint(&lis);
        for (table, now) in &after {
            let was = before.get(table);
            if was != Some(now) {
                complaints.push(format!("{} by {}: {table} was {was:?} and is {now}", form.action, form.by));
            }
        }
        before = after;
    }
    assert!(complaints.is_empty(), "{} of {number} answers:\n{}", complaints.len(), complaints.join("\n"));
    assert!(number > 400, "only {number} hostile forms were sent");
});
