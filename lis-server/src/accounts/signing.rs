//! Signing. A person who signs enters the signing password again (ISO/IEC 17025 7.11; `quality.md` Q711-9): that opens
//! a grant for ten minutes and one meaning. Each act under it is a signature of its own.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::actor::Actor;
use super::store::{self, NewGrant};
use super::{GRANT_MISSING, PASSWORD_WRONG, SIGNING_PASSWORD_UNSET, secrets};
use crate::app::Lis;
use crate::db::{Conn, Tx};
use crate::domain::clock::Moment;
use crate::domain::ids::GrantId;
use crate::domain::refusal::{Fault, NOT_FOUND, Outcome};

/// Long enough for a batch of items, short enough that a left workstation signs nothing (design 4b).
const GRANT_MIN: i64 = 10;

/// What a signature means.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    Tested,
    Checked,
    Reviewed,
    Authorized,
    Released,
}

impl Meaning {
    pub const ALL: &[Meaning] = &[Self::Tested, Self::Checked, Self::Reviewed, Self::Authorized, Self::Released];

    pub fn code(self) -> &'static str {
        match self {
            Self::Tested => "tested",
            Self::Checked => "checked",
            Self::Reviewed => "reviewed",
            Self::Authorized => "authorized",
            Self::Released => "released",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|meaning| meaning.code() == code)
    }

    /// The key of its name in the message files.
    pub fn word(self) -> String {
        format!("meaning-{}", self.code())
    }
}

/// An open grant, as shown to its person.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Granted {
    #[schema(value_type = i64)]
    pub grant: GrantId,
    #[schema(value_type = String, format = DateTime)]
    pub until: Moment,
}

/// Checks the signing password and opens a grant.
pub async fn open_grant(lis: &Lis, by: &Actor, meaning: Meaning, password: &str) -> Outcome<Granted> {
    let id = by.person;
    let person = lis.db.read(move |conn| Ok(store::person(conn, id)?)).await?.ok_or(NOT_FOUND)?;
    let Some(hash) = person.signing_hash else {
        return Err(SIGNING_PASSWORD_UNSET.into());
    };
    let given = password.to_owned();
    let matches =
        tokio::task::spawn_blocking(move || secrets::password_matches(&given, &hash)).await.map_err(Fault::broken)?;
    if !matches {
        return Err(PASSWORD_WRONG.at("signing_password").into());
    }
    let real = lis.clock.real();
    let by = by.clone();
    lis.db.write(move |tx| grant(tx, &by, meaning, real)).await
}

fn grant(tx: &mut Tx, by: &Actor, meaning: Meaning, real: Moment) -> Outcome<Granted> {
    let until = real.plus(TimeDelta::minutes(GRANT_MIN));
    let grant = store::insert_grant(
        tx.conn,
        &NewGrant { person_id: by.person, meaning: meaning.code(), opened_at: real, expires_at: until },
    )?;
    tx.log(by.entry("signing_grant", grant.0, 1, "signing-opened").set("meaning", meaning.code()));
    Ok(Granted { grant, until })
}

/// The open grant of a meaning; refused when there is none: the page then asks for the signing password.
pub fn require(conn: &mut Conn, by: &Actor, meaning: Meaning, real: Moment) -> Outcome<GrantId> {
    match store::open_grant(conn, by.person, meaning.code(), real)? {
        Some((grant, _)) => Ok(grant),
        None => Err(GRANT_MISSING.reason().with_word("meaning", meaning.word()).into()),
    }
}
