//! What a request may use: the database's two doors, the clock, the settings. And the one way in which a command is
//! run: once, whatever network and people do.

use std::sync::Arc;

use diesel::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::accounts::Actor;
use crate::config::Config;
use crate::db::schema::idempotency;
use crate::db::{Db, Tx};
use crate::domain::clock::Clock;
use crate::domain::refusal::{Fault, KEY_REUSED, Outcome};
use crate::web::RequestKey;

/// The laboratory's program, as every handler and job gets it.
#[derive(Clone)]
pub struct Lis {
    pub db: Db,
    pub clock: Arc<dyn Clock>,
    pub config: Arc<Config>,
}

impl Lis {
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
        let Some(key) = request.key.clone() else {
            return self.db.write(work).await;
        };
        let (actor, hash, real) = (by.code(), request.hash.clone(), self.clock.real());
        self.db
            .write(move |tx| {
                let row = idempotency::table.find((&actor, &key));
                let earlier: Option<(String, String)> =
                    row.select((idempotency::request_hash, idempotency::answer)).first(tx.conn).optional()?;
                if let Some((seen_hash, answer)) = earlier {
                    if seen_hash != hash {
                        return Err(KEY_REUSED.into());
                    }
                    return serde_json::from_str(&answer).map_err(Fault::broken);
                }
                let answer = work(tx)?;
                diesel::insert_into(idempotency::table)
                    .values((
                        idempotency::actor.eq(&actor),
                        idempotency::request_key.eq(&key),
                        idempotency::request_hash.eq(&hash),
                        idempotency::answer.eq(serde_json::to_string(&answer).map_err(Fault::broken)?),
                        idempotency::created_at.eq(real),
                    ))
                    .execute(tx.conn)?;
                Ok(answer)
            })
            .await
    }
}
