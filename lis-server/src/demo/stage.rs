//! The stage: the running laboratory, the people who act in it, its clock, and the lines that the reader sees.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use super::caller::{Answered, Caller, Deviation, Played};
use super::smtp_receiver::SmtpReceiver;
use crate::app::Lis;
use crate::domain::clock::{Moment, ScriptedClock};
use crate::domain::refusal::Fact;
use crate::web::language::Language;

/// Background threads answer within moments; a busy machine gets a minute.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks while waiting for a background thread.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// A person with an account, as the closing table prints it.
pub struct Person {
    pub id: i64,
    pub username: &'static str,
    pub name: &'static str,
    pub roles: Vec<&'static str>,
    pub caller: Caller,
}

/// Everything that the acts share.
pub struct Stage {
    pub lis: Lis,
    pub clock: Arc<ScriptedClock>,
    pub mails: Arc<SmtpReceiver>,
    pub language: Language,
    pub base: String,
    pub people: BTreeMap<&'static str, Person>,
    /// Programs with a token: name → token.
    pub tokens: BTreeMap<String, String>,
    /// How far each program has read the feed.
    pub cursors: BTreeMap<String, String>,
    /// What the acts leave for `demo.json`.
    pub notes: serde_json::Map<String, Value>,
    steps: usize,
    since: Instant,
}

impl Stage {
    pub fn new(
        lis: Lis,
        clock: Arc<ScriptedClock>,
        mails: Arc<SmtpReceiver>,
        language: Language,
        base: String,
    ) -> Self {
        Self {
            lis,
            clock,
            mails,
            language,
            base,
            people: BTreeMap::new(),
            tokens: BTreeMap::new(),
            cursors: BTreeMap::new(),
            notes: serde_json::Map::new(),
            steps: 0,
            since: Instant::now(),
        }
    }

    /// Says one step that has been done, with the time since the one before.
    pub fn tell(&mut self, key: &str, facts: &[(&'static str, &dyn Display)]) {
        self.steps += 1;
        let seconds = self.since.elapsed().as_secs_f64();
        let sentence = self.say(key, facts);
        println!("{:>3}  {seconds:>6.2} s  {sentence}", self.steps);
        self.since = Instant::now();
    }

    /// Says the beginning of an act.
    pub fn act(&self, key: &str) {
        println!("\n{}", self.language.text(key));
    }

    /// A sentence of the demonstration.
    pub fn say(&self, key: &str, facts: &[(&'static str, &dyn Display)]) -> String {
        let facts: Vec<(&'static str, Fact)> =
            facts.iter().map(|(name, fact)| (*name, Fact::Text(fact.to_string()))).collect();
        self.language.text_with(key, &facts)
    }

    /// How many steps were told.
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// Somebody of the script.
    pub fn person(&self, username: &str) -> Played<&Person> {
        self.people.get(username).ok_or_else(|| Deviation(format!("the script knows no {username}")))
    }

    /// The same, ready to ask the server.
    pub fn by(&self, username: &str) -> Played<&Caller> {
        Ok(&self.person(username)?.caller)
    }

    /// A program with a token.
    pub fn program(&self, name: &str) -> Played<Caller> {
        let token = self.tokens.get(name).ok_or_else(|| Deviation(format!("there is no token {name}")))?;
        Ok(Caller::nobody(&self.base).with_token(token))
    }

    /// The laboratory's clock shows this time in China.
    pub fn set_clock(&self, time: &str) -> Played {
        let moment = Moment::parse_in_china(time).ok_or_else(|| Deviation(format!("{time} is no time")))?;
        self.clock.set(moment);
        Ok(())
    }

    /// Enters the signing password for one meaning.
    pub fn sign_as(&self, username: &str, meaning: &str) -> Played<Answered> {
        let body = json!({"meaning": meaning, "signing_password": super::people::SIGNING_PASSWORD});
        self.by(username)?.post("/api/v1/signing-grants", &body)?.done()
    }

    /// Waits for the background threads.
    pub fn until<T>(&self, what: &str, mut look: impl FnMut(&Self) -> Played<Option<T>>) -> Played<T> {
        let began = Instant::now();
        loop {
            if let Some(found) = look(self)? {
                return Ok(found);
            }
            if began.elapsed() > PATIENCE {
                return Err(Deviation(format!("{what} did not happen within {} s", PATIENCE.as_secs())));
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }

    /// Waits for so many mails to a recipient; their texts.
    pub fn mails_to(&self, recipient: &str, count: usize) -> Played<Vec<String>> {
        self.until(&format!("mail {count} to {recipient}"), |stage| {
            let found: Vec<String> = stage.received_by(recipient);
            Ok((found.len() >= count).then_some(found))
        })
    }

    /// Waits until no mail is on its way: what came until then is all that was sent.
    pub fn mails_gone(&self) -> Played {
        self.until("the last mail", |stage| {
            let waiting = stage.by("custodian")?.get("/api/v1/deliveries?state=queued")?.done()?.items();
            Ok(waiting.is_empty().then_some(()))
        })
    }

    /// The mails that a recipient got so far.
    pub fn received_by(&self, recipient: &str) -> Vec<String> {
        let mails = self.mails.messages();
        let own = mails.into_iter().filter(|mail| mail.to.iter().any(|to| to == recipient));
        own.map(|mail| String::from_utf8_lossy(&mail.data).into_owned()).collect()
    }

    /// Keeps a fact for `demo.json`.
    pub fn note(&mut self, name: &str, fact: impl Into<Value>) {
        self.notes.insert(name.to_owned(), fact.into());
    }
}

/// What a mail says, decoded. Of a text with many ASCII letters only the lines are joined: codes and numbers read as written.
pub fn plain_text(mail: &str) -> Played<String> {
    let part = mail.split("\r\n--").find(|part| part.contains("Content-Type: text/plain"));
    let (head, coded) = part
        .and_then(|part| part.split_once("\r\n\r\n"))
        .ok_or_else(|| Deviation("a mail without words".to_owned()))?;
    if !head.contains("Content-Transfer-Encoding: base64") {
        return Ok(coded.replace("=\r\n", ""));
    }
    let coded: String = coded.split_whitespace().collect();
    let bytes = BASE64.decode(coded).map_err(|error| Deviation(format!("a mail: {error}")))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
