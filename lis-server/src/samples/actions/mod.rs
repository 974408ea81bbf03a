//! What is done to samples. Each function is one change with its log entries, in the caller's transaction.

mod amounts;
mod create;
mod custody;
mod due;
mod import;
mod located;
mod pictures;
mod receive;
mod references;
mod repeated;
mod retention;
mod review;
mod samplers;
mod stays;

pub use amounts::{Overdrawn, amounts_of, overdrawn};
pub use create::{FormSaved, order, submit_order, write_form};
pub use custody::{CustodyInput, PartSaved, SplitInput, change_custody, conclude, split};
pub use due::{STAGES, count_half_due, count_most_due, count_over_due, due_at, warning};
pub use import::{DryRun, ImportMode, Imported, dry_run, offered_mapping, store_import};
pub use pictures::{
    CheckedPicture, PictureInput, PictureSaved, PictureView, add_line_pictures, add_picture, content_type_of,
    count_pictures, line_pictures, picture_file, pictures,
};
pub use receive::{Received, receive};
pub use retention::{PartSeen, RetentionInput, RetentionSaved, ToDispose, disposal_list, dispose, keep_again, release};
pub use review::{
    ChangeFacts, OrderChange, OrderReview, OrderReviewItem, Reception, change_facts, more_to_test, open_order,
    order_changed, reviews, touch_order,
};
pub use samplers::{receivers_of, takers_of};
pub use stays::{Stay, stays_of};

use std::collections::HashMap;

use super::facts::{PartFacts, SampleFacts};
use super::form::Circumstances;
pub use super::offered::Offered;
use super::order::Offer;
use super::state::{SampleEvent, SampleState};
pub use super::store::{CustodyRow, Filter, ReceiptRow, RetentionRow};
use super::{SAMPLE_ON_HOLD, SAMPLE_WRONG_STATE, store};
use crate::accounts::role::UsePortal;
use crate::accounts::{Actor, May};
use crate::db::{Conn, Tx};
use crate::domain::clock::Moment;
use crate::domain::identifiers::LabelCode;
use crate::domain::ids::{EnterpriseId, FormId, PartId, SampleId};
use crate::domain::refusal::{Fault, NOT_FOUND, Outcome, Reasons, Refusal, STALE_VERSION};

/// One sample with its form.
pub fn facts(conn: &mut Conn, id: SampleId) -> Outcome<SampleFacts> {
    store::sample(conn, id)?.ok_or_else(|| NOT_FOUND.into())
}

/// Several samples by one query, in order of id; unknown ids are left out.
pub fn facts_of(conn: &mut Conn, ids: &[SampleId]) -> Outcome<Vec<SampleFacts>> {
    store::samples(conn, ids)
}

/// The sample of a form.
pub fn of_form(conn: &mut Conn, id: FormId) -> Outcome<SampleFacts> {
    store::by_form(conn, id)?.ok_or_else(|| NOT_FOUND.into())
}

/// The sample with this form number or sample number.
pub fn by_number(conn: &mut Conn, number: &str) -> Outcome<Option<SampleFacts>> {
    store::by_number(conn, number)
}

/// A part of the list, newest first.
pub fn list(conn: &mut Conn, filter: &Filter, limit: i64) -> Outcome<Vec<SampleFacts>> {
    store::list(conn, filter, limit)
}

/// All parts of these samples, in order of id.
pub fn parts_of(conn: &mut Conn, ids: &[SampleId]) -> Outcome<Vec<PartFacts>> {
    store::parts_of(conn, ids)
}

/// One part.
pub fn part(conn: &mut Conn, id: PartId) -> Outcome<PartFacts> {
    store::part(conn, id)?.ok_or_else(|| NOT_FOUND.into())
}

/// The parts with these labels; unknown codes are left out.
pub fn parts_by_label(conn: &mut Conn, codes: &[LabelCode]) -> Outcome<Vec<PartFacts>> {
    store::parts_by_label(conn, codes)
}

/// Receipts of a sample, newest first.
pub fn receipts(conn: &mut Conn, id: SampleId) -> Outcome<Vec<ReceiptRow>> {
    Ok(store::receipts(conn, id)?)
}

/// The chain of custody of a sample's parts, newest first.
pub fn custody_of(conn: &mut Conn, id: SampleId) -> Outcome<Vec<CustodyRow>> {
    Ok(store::custody_of(conn, id)?)
}

/// What was decided about keeping these parts, newest first.
pub fn retention_of(conn: &mut Conn, parts: &[PartFacts]) -> Outcome<Vec<RetentionRow>> {
    let ids: Vec<PartId> = parts.iter().map(|part| part.id).collect();
    Ok(store::retention_of(conn, &ids)?)
}

/// One of an enterprise's own orders; another's is as absent as none.
pub fn own_order(conn: &mut Conn, client: EnterpriseId, id: SampleId) -> Outcome<SampleFacts> {
    let sample = facts(conn, id)?;
    if sample.client_id == Some(client) { Ok(sample) } else { Err(NOT_FOUND.into()) }
}

/// The catalogue, and the circumstances that checks need, built around it.
pub fn catalogue(conn: &mut Conn) -> Outcome<Offered> {
    Offered::current(conn)
}

/// Runs a check with the circumstances of now.
pub fn around<T>(catalogue: &Offered, now: Moment, check: impl FnOnce(&Circumstances) -> T) -> T {
    let category = |name: &str| catalogue.category(name);
    let analyte = |name: &str| Offer::analyte(catalogue, name);
    check(&Circumstances { now, calendar: catalogue.calendar(), category: &category, analyte: &analyte })
}

/// Label codes of parts; a part that does not exist is left out.
pub fn labels_of(conn: &mut Conn, ids: &[PartId]) -> Outcome<HashMap<PartId, String>> {
    Ok(store::labels_of(conn, ids)?.into_iter().collect())
}

/// Label codes of the microbiological units of samples, in their order.
pub fn micro_labels(conn: &mut Conn, ids: &[SampleId]) -> Outcome<Vec<(SampleId, String)>> {
    Ok(store::micro_labels(conn, ids)?)
}

/// Those of the texts that are the code of some container.
pub fn known_labels(conn: &mut Conn, codes: &[String]) -> Outcome<Vec<String>> {
    Ok(store::known_labels(conn, codes)?)
}

/// Moves those of the samples on whose state allows it; the others stay where they are. Says which were moved. One
/// statement for each state from which the event leads on: nothing is read before, so nothing can change in between, and
/// a refusal takes the whole write back.
///
/// # Errors
/// `sample-on-hold`, for every sample that is held.
pub fn progress_all(tx: &mut Tx, by: &Actor, ids: &[SampleId], event: SampleEvent) -> Outcome<Vec<SampleId>> {
    let stops_at_hold = matches!(event, SampleEvent::StartTesting | SampleEvent::Close);
    let mut reasons = Reasons::new();
    let mut moved = Vec::new();
    for state in SampleState::ALL {
        let Ok(next) = state.after(event) else { continue };
        for (id, version, hold) in store::move_all(tx.conn, ids, *state, next)? {
            reasons.add_if(stops_at_hold && !hold.is_empty(), || SAMPLE_ON_HOLD.with("reason", hold));
            let entry = by.entry("sample", id.0, version, "sample-progress");
            tx.log(entry.change("state", state.code(), next.code()));
            moved.push(id);
        }
    }
    reasons.none()?;
    Ok(moved)
}

/// Every test of a sample was cancelled: its way ends without a report, and its parts are kept for their time from today on.
pub fn abandon(tx: &mut Tx, by: &Actor, id: SampleId) -> Outcome<()> {
    progress_all(tx, by, &[id], SampleEvent::Abandon)?;
    conclude(tx, by, id, tx.now.date_in_china(), true)
}

/// An enterprise or the laboratory takes a sample back before testing has begun.
pub fn withdraw(tx: &mut Tx, by: &Actor, id: SampleId, seen: i64) -> Outcome<()> {
    let (version, state, hold) = store::progress(tx.conn, id)?.ok_or(NOT_FOUND)?;
    require_seen(id, seen, version)?;
    let state = parsed(id, &state)?;
    step(tx, by, id, (version, state), SampleEvent::Withdraw, &hold)
}

/// An enterprise takes its own order back, as long as the goods have not arrived.
pub fn withdraw_order(tx: &mut Tx, by: &May<UsePortal>, client: EnterpriseId, id: SampleId, seen: i64) -> Outcome<()> {
    let sample = own_order(tx.conn, client, id)?;
    if sample.state != SampleState::Sealed {
        let reason = SAMPLE_WRONG_STATE.reason().with_word("state", sample.state.word());
        return Err(reason.with_word("step", SampleEvent::Withdraw.word()).into());
    }
    withdraw(tx, by, id, seen)
}

fn parsed(id: SampleId, state: &str) -> Outcome<SampleState> {
    SampleState::parse(state).ok_or_else(|| Fault::broken(format!("sample {id} has an unreadable state")))
}

fn step(
    tx: &mut Tx,
    by: &Actor,
    id: SampleId,
    (version, state): (i64, SampleState),
    event: SampleEvent,
    hold: &str,
) -> Outcome<()> {
    let next = after(state, event)?;
    if !store::set_state(tx.conn, id, version, next, hold)? {
        return Err(stale(id, version + 1));
    }
    tx.log(by.entry("sample", id.0, version + 1, "sample-progress").change("state", state.code(), next.code()));
    Ok(())
}

/// The next state, or the refusal that names both.
fn after(state: SampleState, event: SampleEvent) -> Result<SampleState, Refusal> {
    state.after(event).map_err(|_| {
        let reason = SAMPLE_WRONG_STATE.reason().with_word("state", state.word());
        reason.with_word("step", event.word()).into()
    })
}

/// Puts a sample on hold with a reason, or releases it with an empty one.
pub fn set_hold(tx: &mut Tx, by: &Actor, id: SampleId, seen: Option<i64>, reason: &str) -> Outcome<()> {
    let (version, state, hold) = store::progress(tx.conn, id)?.ok_or(NOT_FOUND)?;
    require_seen(id, seen.unwrap_or(version), version)?;
    if hold == reason {
        return Ok(());
    }
    if !store::set_state(tx.conn, id, version, parsed(id, &state)?, reason)? {
        return Err(stale(id, version + 1));
    }
    let event = if reason.is_empty() { "sample-released" } else { "sample-held" };
    tx.log(by.entry("sample", id.0, version + 1, event).change("hold_reason", hold, reason));
    Ok(())
}

fn require_seen(id: SampleId, seen: i64, version: i64) -> Outcome<()> {
    if seen == version { Ok(()) } else { Err(stale(id, version)) }
}

fn stale(id: impl std::fmt::Display, version: i64) -> Fault {
    let refusal = Refusal::from(STALE_VERSION.with("version", version));
    refusal.with_current(serde_json::json!({"id": id.to_string(), "version": version})).into()
}

/// Samples that wait for their receipt, for the page of waiting work.
pub fn count_to_receive(conn: &mut Conn, _: &Actor) -> Outcome<i64> {
    Ok(store::count_to_receive(conn)?)
}

/// A sampler's own samples that have not reached the laboratory yet.
pub fn count_own_under_way(conn: &mut Conn, by: &Actor) -> Outcome<i64> {
    Ok(store::count_entered_by(conn, by.person, SampleState::Sealed)?)
}

/// An enterprise's orders whose goods have not arrived.
pub fn count_orders_to_send(conn: &mut Conn, by: &Actor) -> Outcome<i64> {
    match by.enterprise {
        Some(client) => Ok(store::count_ordered_by(conn, client, SampleState::Sealed)?),
        None => Ok(0),
    }
}
