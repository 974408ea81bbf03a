//! Queries of signing grants and signatures.

use diesel::prelude::*;

use crate::db::schema::{signature, signing_grant};
use crate::db::{Conn, each};
use crate::domain::clock::Moment;
use crate::domain::ids::{GrantId, PersonId};

#[derive(Insertable)]
#[diesel(table_name = signing_grant, treat_none_as_default_value = false)]
pub struct NewGrant<'a> {
    pub person_id: PersonId,
    pub meaning: &'a str,
    pub opened_at: Moment,
    pub expires_at: Moment,
}

pub fn insert_grant(conn: &mut Conn, row: &NewGrant) -> QueryResult<GrantId> {
    diesel::insert_into(signing_grant::table).values(row).returning(signing_grant::id).get_result(conn)
}

#[derive(Insertable)]
#[diesel(table_name = signature, treat_none_as_default_value = false)]
pub struct NewSignature<'a> {
    pub person_id: PersonId,
    pub meaning: &'a str,
    pub object_kind: &'a str,
    pub object_id: i64,
    pub object_version: i64,
    pub object_hash: &'a str,
    pub grant_id: GrantId,
    pub signed_at: Moment,
}

/// Ends the grants of a person that are open at a moment; how many there were.
pub fn end_grants(conn: &mut Conn, of: PersonId, real: Moment) -> QueryResult<usize> {
    let open = signing_grant::table.filter(signing_grant::person_id.eq(of)).filter(signing_grant::expires_at.gt(real));
    diesel::update(open).set(signing_grant::expires_at.eq(real)).execute(conn)
}

/// A person's newest grant of a meaning that is open at a moment.
pub fn open_grant_of(conn: &mut Conn, of: PersonId, meaning: &str, real: Moment) -> QueryResult<Option<GrantId>> {
    signing_grant::table
        .filter(signing_grant::person_id.eq(of))
        .filter(signing_grant::meaning.eq(meaning))
        .filter(signing_grant::expires_at.gt(real))
        .order(signing_grant::id.desc())
        .select(signing_grant::id)
        .first(conn)
        .optional()
}

/// Those of the objects of a kind that bear a signature.
pub fn signed_among(conn: &mut Conn, kind: &str, ids: &[i64]) -> QueryResult<Vec<i64>> {
    signature::table
        .filter(signature::object_kind.eq(kind))
        .filter(signature::object_id.eq_any(ids.iter().copied()))
        .select(signature::object_id)
        .load(conn)
}

/// Signatures on an object, oldest first: who, what it means, when.
pub fn signatures_on(conn: &mut Conn, kind: &str, id: i64) -> QueryResult<Vec<(PersonId, String, Moment)>> {
    signature::table
        .filter(signature::object_kind.eq(kind))
        .filter(signature::object_id.eq(id))
        .order(signature::id)
        .select((signature::person_id, signature::meaning, signature::signed_at))
        .load(conn)
}

/// The same of several objects, with the hash of what was signed: object, who, what it means, hash, when.
pub fn signatures_on_all(
    conn: &mut Conn,
    kind: &str,
    ids: &[i64],
) -> QueryResult<Vec<(i64, PersonId, String, String, Moment)>> {
    signature::table
        .filter(signature::object_kind.eq(kind))
        .filter(signature::object_id.eq_any(ids.iter().copied()))
        .order(signature::id)
        .select((
            signature::object_id,
            signature::person_id,
            signature::meaning,
            signature::object_hash,
            signature::signed_at,
        ))
        .load(conn)
}

pub fn insert_signatures(conn: &mut Conn, rows: &[NewSignature]) -> QueryResult<()> {
    each!(conn, c => diesel::insert_into(signature::table).values(rows).execute(c))?;
    Ok(())
}
