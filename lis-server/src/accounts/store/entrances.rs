//! Queries of sessions and tokens, by which people and programs come in.

use diesel::prelude::*;

use super::PersonRow;
use crate::db::schema::{api_token, person, session};
use crate::db::{Conn, cols};
use crate::domain::clock::Moment;
use crate::domain::ids::{PersonId, SessionId, TokenId};

#[derive(Insertable)]
#[diesel(table_name = session, treat_none_as_default_value = false)]
pub struct NewSession<'a> {
    pub token_hash: &'a str,
    pub person_id: PersonId,
    pub csrf: &'a str,
    pub device: &'a str,
    pub created_at: Moment,
    pub last_seen_at: Moment,
    pub expires_at: Moment,
}

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = session)]
pub struct SessionRow {
    pub id: SessionId,
    pub csrf: String,
    pub last_seen_at: Moment,
    pub expires_at: Moment,
}

pub fn insert_session(conn: &mut Conn, row: &NewSession) -> QueryResult<SessionId> {
    diesel::insert_into(session::table).values(row).returning(session::id).get_result(conn)
}

pub fn session_by_token(conn: &mut Conn, token_hash: &str) -> QueryResult<Option<(SessionRow, PersonRow)>> {
    session::table
        .inner_join(person::table)
        .filter(session::token_hash.eq(token_hash))
        .select((cols::<SessionRow>(), cols::<PersonRow>()))
        .first(conn)
        .optional()
}

pub fn touch_session(conn: &mut Conn, id: SessionId, now: Moment) -> QueryResult<()> {
    diesel::update(session::table.find(id.0)).set(session::last_seen_at.eq(now)).execute(conn)?;
    Ok(())
}

pub fn end_session(conn: &mut Conn, id: SessionId) -> QueryResult<()> {
    diesel::delete(session::table.find(id.0)).execute(conn)?;
    Ok(())
}

pub fn end_sessions_of(conn: &mut Conn, id: PersonId) -> QueryResult<usize> {
    diesel::delete(session::table.filter(session::person_id.eq(id))).execute(conn)
}

pub fn delete_ended_sessions(conn: &mut Conn, now: Moment) -> QueryResult<usize> {
    diesel::delete(session::table.filter(session::expires_at.lt(now))).execute(conn)
}

#[derive(Insertable)]
#[diesel(table_name = api_token, treat_none_as_default_value = false)]
pub struct NewToken<'a> {
    pub token_hash: &'a str,
    pub person_id: PersonId,
    pub name: &'a str,
    pub scopes: &'a str,
    pub created_at: Moment,
    pub expires_at: Option<Moment>,
}

#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = api_token)]
pub struct TokenRow {
    pub id: TokenId,
    pub person_id: PersonId,
    pub name: String,
    pub scopes: String,
    pub created_at: Moment,
    pub expires_at: Option<Moment>,
    pub revoked_at: Option<Moment>,
}

pub fn insert_token(conn: &mut Conn, row: &NewToken) -> QueryResult<TokenId> {
    diesel::insert_into(api_token::table).values(row).returning(api_token::id).get_result(conn)
}

pub fn token_by_hash(conn: &mut Conn, token_hash: &str) -> QueryResult<Option<(TokenRow, PersonRow)>> {
    api_token::table
        .inner_join(person::table)
        .filter(api_token::token_hash.eq(token_hash))
        .select((cols::<TokenRow>(), cols::<PersonRow>()))
        .first(conn)
        .optional()
}

pub fn tokens_of(conn: &mut Conn, id: PersonId) -> QueryResult<Vec<TokenRow>> {
    api_token::table.filter(api_token::person_id.eq(id)).order(api_token::id).select(cols::<TokenRow>()).load(conn)
}

/// Marks a token as revoked; `false` when there is no such token in use.
pub fn revoke_token(conn: &mut Conn, id: TokenId, of: PersonId, now: Moment) -> QueryResult<bool> {
    let open = api_token::table
        .filter(api_token::id.eq(id))
        .filter(api_token::person_id.eq(of))
        .filter(api_token::revoked_at.is_null());
    Ok(diesel::update(open).set(api_token::revoked_at.eq(now)).execute(conn)? == 1)
}

/// Ends every token of a person.
pub fn revoke_tokens_of(conn: &mut Conn, of: PersonId, now: Moment) -> QueryResult<usize> {
    let open = api_token::table.filter(api_token::person_id.eq(of)).filter(api_token::revoked_at.is_null());
    diesel::update(open).set(api_token::revoked_at.eq(now)).execute(conn)
}
