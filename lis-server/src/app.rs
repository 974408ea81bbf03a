//! What a request may use: the database's two doors, the clock, the settings. And the one way in which a command is
//! run: once, whatever network and people do.

use std::sync::Arc;

use chrono::TimeDelta;
use diesel::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::accounts::Actor;
use crate::accounts::doors::Doors;
use crate::accounts::pace::Pace;
use crate::config::Config;
use crate::db::schema::idempotency;
use crate::db::{Db, Tx, each};
use crate::domain::clock::{Clock, Moment};
use crate::domain::refusal::{Fault, KEY_REUSED, Outcome};
use crate::files::Files;
use crate::jobs::{Bell, PutOff};
use crate::mail::Mailer;
use crate::pdf::Typesetter;
use crate::pdf::documents::Laboratory;
use crate::upkeep::watch::Watch;
use crate::web::RequestKey;
use crate::web::health::Metrics;

/// So long a command that comes again is answered as before (design 4, invariant 12).
const KEY_KEPT: TimeDelta = TimeDelta::days(90);

/// The laboratory's program, as every handler and job gets it.
#[derive(Clone)]
pub struct Lis {
    pub db: Db,
    pub clock: Arc<dyn Clock>,
    pub config: Arc<Config>,
    pub files: Files,
    pub typesetter: Typesetter,
    /// `None`: no mail server is set, mails stay queued.
    pub mailer: Option<Mailer>,
    /// Rung after every command: it may have queued work.
    pub bell: Bell,
    /// Messages of instruments that could not be taken in and are tried again.
    pub put_off: Arc<PutOff>,
    /// When the program last looked by itself.
    pub watch: Arc<Watch>,
    /// How often tokens may ask.
    pub pace: Arc<Pace>,
    /// How often an address may knock at the doors that stand open.
    pub doors: Arc<Doors>,
    /// One for all listeners of the process.
    pub metrics: Arc<Metrics>,
}

impl Lis {
    /// The laboratory as it names itself on its own papers.
    pub fn letterhead(&self) -> Laboratory {
        let contact = &self.config.laboratory_contact;
        Laboratory {
            name: self.config.laboratory_name.clone(),
            address: self.config.laboratory_address.clone(),
            contact: (!contact.is_empty()).then(|| contact.clone()),
        }
    }

    /// Runs a command so that repeating the request changes nothing: the key, the request's hash and the answer are
    /// stored in the same transaction. A request without a key is run as it comes.
    ///
    /// # Errors
    /// `idempotency-key-reused` when the key came before with another request; what the command refuses.
    pub async fn command<A>(
        &self,
        by: &Actor,
        request: &RequestKey,
        mut work: impl FnMut(&mut Tx) -> Outcome<A> + Send + 'static,
    ) -> Outcome<A>
    where
        A: Serialize + DeserializeOwned + Send + 'static,
    {
        let claim = request.key.as_ref().map(|key| Claim {
            actor: by.code(),
            key: key.clone(),
            hash: request.hash.clone(),
            at: self.clock.real(),
        });
        let answer = self
            .db
            .write(move |tx| {
                if let Some(earlier) = claim.as_ref().map(|claim| claim.make(tx)).transpose()?.flatten() {
                    return serde_json::from_str(&earlier).map_err(Fault::broken);
                }
                let answer = work(tx)?;
                if let Some(claim) = &claim {
                    claim.keep(tx, &serde_json::to_string(&answer).map_err(Fault::broken)?)?;
                }
                Ok(answer)
            })
            .await;
        self.bell.ring();
        answer
    }

    /// Forgets the oldest keys that are kept no longer, a day's at once so that no write is long; how many went. No change of
    /// anything in the laboratory, so the log says nothing of it.
    pub fn forget_keys(&self, real: Moment) -> Outcome<usize> {
        let before = real.plus(-KEY_KEPT);
        let oldest = self.db.read_now(|conn| {
            let first = idempotency::table.order(idempotency::created_at).select(idempotency::created_at);
            Ok(first.first::<Moment>(conn).optional()?)
        })?;
        let Some(oldest) = oldest.filter(|oldest| *oldest < before) else { return Ok(0) };
        let until = before.min(oldest.plus(TimeDelta::days(1)));
        self.db.write_now(move |tx| {
            Ok(diesel::delete(idempotency::table.filter(idempotency::created_at.lt(until))).execute(tx.conn)?)
        })
    }
}

/// The claim of a command to be the first with its key.
struct Claim {
    actor: String,
    key: String,
    hash: String,
    at: Moment,
}

impl Claim {
    /// Made before the command does anything: the same request at the same moment waits here for the one that was faster, and
    /// is then given its answer.
    fn make(&self, tx: &mut Tx) -> Outcome<Option<String>> {
        let claim = (
            idempotency::actor.eq(&self.actor),
            idempotency::request_key.eq(&self.key),
            idempotency::request_hash.eq(&self.hash),
            idempotency::answer.eq(""),
            idempotency::created_at.eq(self.at),
        );
        let claimed = each!(tx.conn, c => diesel::insert_into(idempotency::table)
            .values(claim)
            .on_conflict_do_nothing()
            .execute(c))?;
        if claimed > 0 {
            return Ok(None);
        }
        let row = idempotency::table.find((&self.actor, &self.key));
        let (hash, answer): (String, String) =
            row.select((idempotency::request_hash, idempotency::answer)).first(tx.conn)?;
        if hash == self.hash { Ok(Some(answer)) } else { Err(KEY_REUSED.into()) }
    }

    /// Keeps the answer for the request that comes again.
    fn keep(&self, tx: &mut Tx, answer: &str) -> Outcome<()> {
        let row = idempotency::table.find((&self.actor, &self.key));
        diesel::update(row).set(idempotency::answer.eq(answer)).execute(tx.conn)?;
        Ok(())
    }
}
