//! Tokens: how programs sign in, with the permissions that their scopes leave.

use serde::{Deserialize, Serialize};

use super::role::{ManageAccounts, May, PERMISSIONS};
use super::store::{self, NewToken};
use super::{PERSON_INACTIVE, SCOPE_UNKNOWN};
use crate::db::Tx;
use crate::domain::clock::Moment;
use crate::domain::ids::{PersonId, TokenId};
use crate::domain::input::Checker;
use crate::domain::refusal::{FIELD_MISSING, NOT_FOUND, Outcome, Refusal};

/// A token as asked for.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TokenInput {
    /// What it is for, at most 60 characters.
    pub purpose: String,
    /// Codes of permissions; the token can do these and nothing else its person may.
    pub scopes: Vec<String>,
    /// Last day in China; empty: until revoked.
    pub expires_on: String,
}

const TOKEN_NAME_MOST: usize = 60;

/// The same, checked.
#[derive(Clone, Debug)]
pub struct TokenFacts {
    pub name: String,
    pub scopes: Vec<String>,
    pub expires_at: Option<Moment>,
}

impl TokenInput {
    pub fn checked(&self) -> Result<TokenFacts, Refusal> {
        let mut check = Checker::new();
        let name = check.text("purpose", &self.purpose, TOKEN_NAME_MOST);
        let scopes: Vec<String> = self.scopes.iter().filter(|scope| !scope.is_empty()).cloned().collect();
        check.add_if(scopes.is_empty(), || FIELD_MISSING.at("scopes"));
        for scope in scopes.iter().filter(|scope| !PERMISSIONS.iter().any(|(code, _)| code == scope)) {
            check.add(SCOPE_UNKNOWN.with("scope", scope).at("scopes"));
        }
        let last_day = check.optional_date("expires_on", &self.expires_on);
        let expires_at = last_day.and_then(|day| Moment::parse_in_china(&format!("{day} 23:59:59")));
        check.done(Some(TokenFacts { name, scopes, expires_at }))
    }
}

/// Stores a token of a person; the token itself was made by the caller and is shown once.
pub fn create_token(
    tx: &mut Tx,
    by: &May<ManageAccounts>,
    of: PersonId,
    facts: &TokenFacts,
    token_hash: &str,
    real: Moment,
) -> Outcome<TokenId> {
    let person = store::person(tx.conn, of)?.ok_or(NOT_FOUND)?;
    if !person.active {
        return Err(PERSON_INACTIVE.into());
    }
    let scopes = facts.scopes.join(" ");
    let id = store::insert_token(
        tx.conn,
        &NewToken {
            token_hash,
            person_id: of,
            name: &facts.name,
            scopes: &scopes,
            created_at: real,
            expires_at: facts.expires_at,
        },
    )?;
    tx.log(
        by.entry("api_token", id.0, 1, "token-created")
            .set("person", of.0)
            .set("name", facts.name.as_str())
            .set("scopes", scopes),
    );
    Ok(id)
}

/// Ends a token at once.
pub fn revoke_token(tx: &mut Tx, by: &May<ManageAccounts>, of: PersonId, id: TokenId, real: Moment) -> Outcome<()> {
    if !store::revoke_token(tx.conn, id, of, real)? {
        return Err(NOT_FOUND.into());
    }
    tx.log(by.entry("api_token", id.0, 2, "token-revoked").set("person", of.0));
    Ok(())
}
