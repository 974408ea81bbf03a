//! What testing needs of other rooms: parts of samples, the sample's progress, reports, signatures. The only file of
//! this room that knows their tables.

use std::collections::HashMap;

use diesel::prelude::*;

use super::checking::SignedObject;
use crate::accounts::Actor;
use crate::accounts::signing::Meaning;
use crate::db::schema::{part, report, sample, signature};
use crate::db::{Conn, Tx, each};
use crate::domain::clock::Moment;
use crate::domain::ids::{GrantId, ItemId, PartId, PersonId, ReportId, SampleId};
use crate::domain::refusal::Outcome;
use crate::reports::actions::{self as reports, Amends};

/// Label codes of parts.
pub fn labels_of(conn: &mut Conn, parts: &[PartId]) -> Outcome<HashMap<PartId, String>> {
    let rows: Vec<(PartId, String)> = part::table
        .filter(part::id.eq_any(parts.iter().map(|id| id.0)))
        .select((part::id, part::label_code))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}

/// The microbiological units of samples in their order, with label codes.
pub fn micro_units(conn: &mut Conn, samples: &[SampleId]) -> Outcome<Vec<(SampleId, String)>> {
    Ok(part::table
        .filter(part::sample_id.eq_any(samples.iter().map(|id| id.0)))
        .filter(part::role.eq("microbiology"))
        .order((part::sample_id, part::id))
        .select((part::sample_id, part::label_code))
        .load(conn)?)
}

/// Which of the codes are on a container at all.
pub fn known_labels(conn: &mut Conn, codes: &[String]) -> Outcome<Vec<String>> {
    Ok(part::table.filter(part::label_code.eq_any(codes.to_vec())).select(part::label_code).load(conn)?)
}

/// Accepted samples go into testing with the first assignment of one of their items.
pub fn start_testing(tx: &mut Tx, by: &Actor, samples: &[SampleId]) -> Outcome<()> {
    move_samples(tx, by, samples, "accepted", "testing").map(|_| ())
}

/// The last item of a sample is checked.
pub fn finish_testing(tx: &mut Tx, by: &Actor, samples: &[SampleId]) -> Outcome<Vec<SampleId>> {
    move_samples(tx, by, samples, "testing", "tested")
}

fn in_state(conn: &mut Conn, samples: &[SampleId], state: &str) -> QueryResult<Vec<(SampleId, i64)>> {
    sample::table
        .filter(sample::id.eq_any(samples.iter().map(|id| id.0)))
        .filter(sample::state.eq(state))
        .select((sample::id, sample::version))
        .load(conn)
}

/// Moves those of the samples that are in the first state; the others stay where they are.
fn move_samples(
    tx: &mut Tx,
    by: &Actor,
    samples: &[SampleId],
    from: &'static str,
    to: &'static str,
) -> Outcome<Vec<SampleId>> {
    let moved: Vec<(SampleId, i64)> = in_state(tx.conn, samples, from)?;
    if moved.is_empty() {
        return Ok(Vec::new());
    }
    let rows = sample::table.filter(sample::id.eq_any(moved.iter().map(|(id, _)| id.0))).filter(sample::state.eq(from));
    diesel::update(rows).set((sample::state.eq(to), sample::version.eq(sample::version + 1))).execute(tx.conn)?;
    for (id, version) in &moved {
        tx.log(by.entry("sample", id.0, version + 1, "sample-progressed").change("state", from, to));
    }
    Ok(moved.into_iter().map(|(id, _)| id).collect())
}

/// The report of a sample whose items are all checked; `amends` names the issued report that it will replace, with the
/// reason.
pub fn compile(tx: &mut Tx, by: &Actor, of: SampleId, amends: Option<(ReportId, &str)>) -> Outcome<ReportId> {
    let amends = amends.map(|(report, reason)| Amends { report, reason: reason.to_owned() });
    reports::compile(tx, by, of, amends)
}

/// Issued reports of samples that nothing has replaced yet.
pub fn issued_reports(conn: &mut Conn, samples: &[SampleId]) -> Outcome<Vec<(SampleId, ReportId)>> {
    Ok(report::table
        .filter(report::sample_id.eq_any(samples.iter().map(|id| id.0)))
        .filter(report::state.eq("issued"))
        .order(report::id)
        .select((report::sample_id, report::id))
        .load(conn)?)
}

/// Signatures of one meaning under one grant, by one statement.
pub fn sign(
    tx: &mut Tx,
    by: &Actor,
    meaning: Meaning,
    grant: GrantId,
    objects: &[SignedObject],
    signed_at: Moment,
) -> Outcome<()> {
    let rows: Vec<NewSignature<'_>> = objects
        .iter()
        .map(|object| NewSignature {
            person_id: by.person,
            meaning: meaning.code(),
            object_kind: "test_item",
            object_id: object.item.0,
            object_version: object.version,
            object_hash: &object.hash,
            grant_id: grant,
            signed_at,
        })
        .collect();
    each!(tx.conn, c => diesel::insert_into(signature::table).values(&rows).execute(c))?;
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = signature)]
struct NewSignature<'a> {
    person_id: PersonId,
    meaning: &'static str,
    object_kind: &'static str,
    object_id: i64,
    object_version: i64,
    object_hash: &'a str,
    grant_id: GrantId,
    signed_at: Moment,
}

/// Signatures on an item, oldest first: who, what it means, when.
pub fn signatures_on(conn: &mut Conn, item: ItemId) -> Outcome<Vec<(PersonId, String, Moment)>> {
    Ok(signature::table
        .filter(signature::object_kind.eq("test_item"))
        .filter(signature::object_id.eq(item.0))
        .order(signature::id)
        .select((signature::person_id, signature::meaning, signature::signed_at))
        .load(conn)?)
}
