//! What is done with documents: linked to the items that they are evidence of, by their name or by a person; taken back.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::documents::{self, Held, LINKED, Owner, ROLE, WITHDRAWN, standing, was_withdrawn};
use super::super::filing::{settle, settle_by_reason};
use super::super::profiles::named;
use super::super::repeats::DUPLICATE;
use super::super::state::{MessageEvent, ObservationEvent, ObservationState};
use super::super::store::{self, InstrumentRow, LinkRow, MessageRow, NewLink, NewObservation, ObservationRow};
use super::super::{DOCUMENT_LINKED, DOCUMENT_NOT_LINKED, DOCUMENT_NOT_ON_WORKSHEET, DOCUMENT_SAMPLE_UNKNOWN};
use super::REFERENCE_MOST;
use super::intake::{ReadMessage, blank, keep_reading, move_on, next_reading};
use super::repair::settle_messages;
use crate::accounts::role::RepairReadings;
use crate::accounts::{Actor, May};
use crate::db::Tx;
use crate::domain::ids::{ItemId, MessageId, PersonId};
use crate::domain::input::Checker;
use crate::domain::refusal::{NOT_FOUND, Outcome, Reasons, Refusal};

/// Takes in a document: one row stands for it, filed with its links or held with the reason.
pub(super) fn take_in_document(tx: &mut Tx, by: &Actor, read: &ReadMessage, names: &[String]) -> Outcome<()> {
    let (message, instrument) = (&read.message, &read.instrument);
    let (reading_no, behind) = next_reading(tx.conn, message.id)?;
    store::lock_document(tx.conn, message.id)?;
    let history = store::links_of_message(tx.conn, message.id)?;
    let mut row = NewObservation { role: ROLE.to_owned(), reading_no, ..blank(message.id, behind + 1) };
    let event = if !standing(&history).is_empty() || store::came_before(tx.conn, message, ROLE)? {
        row.state = ObservationState::Ignored.code();
        row.reason = DUPLICATE.to_owned();
        MessageEvent::ReadWhole
    } else {
        match documents::owner_by_name(tx.conn, instrument, &history, names)? {
            Ok(owner) => {
                row.sample_ref.clone_from(&owner.label);
                row.state = ObservationState::Filed.code();
                link(tx, by, message, owner, None)?;
                MessageEvent::ReadWhole
            }
            Err(held) => {
                row.reason = held.code().to_owned();
                MessageEvent::ReadWithHeld
            }
        }
    };
    keep_reading(tx, read, reading_no, (1, 0))?;
    store::insert_observations(tx.conn, &[row])?;
    move_on(tx, by, message, event, "")
}

/// Tries held documents of an instrument again, all of them by as many statements as one; how many found their items.
pub(super) fn try_documents(
    tx: &mut Tx,
    by: &Actor,
    instrument: &InstrumentRow,
    rows: &[ObservationRow],
) -> Outcome<usize> {
    if rows.is_empty() {
        return Ok(0);
    }
    // A profile that cannot be loaded says nothing of names; its documents wait on.
    let Ok(profile) = named::load(tx.conn, &instrument.profile)? else { return Ok(0) };
    let mut ids: Vec<MessageId> = rows.iter().map(|row| row.message_id).collect();
    ids.sort_unstable();
    ids.dedup();
    store::lock_documents(tx.conn, &ids)?;
    let messages: BTreeMap<MessageId, MessageRow> =
        store::messages_by_id(tx.conn, &ids)?.into_iter().map(|message| (message.id, message)).collect();
    let mut histories: BTreeMap<MessageId, Vec<LinkRow>> = BTreeMap::new();
    for event in store::links_of_messages(tx.conn, &ids)? {
        histories.entry(event.message_id).or_default().push(event);
    }
    let history = |id: MessageId| histories.get(&id).map(Vec::as_slice).unwrap_or_default();
    let (mut asked, mut names, mut held) = (Vec::new(), Vec::new(), Vec::new());
    for row in rows {
        let message = messages.get(&row.message_id).ok_or(NOT_FOUND)?;
        if !standing(history(message.id)).is_empty() {
            // A person picked its sample meanwhile.
            continue;
        }
        if was_withdrawn(history(message.id)) {
            held.push((row.id, Held::Withdrawn.code()));
            continue;
        }
        asked.push((row.id, message));
        names.push(profile.evidence.candidates(&message.file_name));
    }
    let (mut filed, mut links) = (Vec::new(), Vec::new());
    for ((row, message), owner) in asked.into_iter().zip(documents::owners(tx.conn, instrument, &names)?) {
        match owner {
            Ok(owner) => {
                links.extend(linked(tx, by, message, owner, None));
                filed.push(row);
            }
            Err(why) => held.push((row, why.code())),
        }
    }
    store::insert_links(tx.conn, &links)?;
    if !filed.is_empty() {
        settle(tx, &filed, ObservationEvent::File, "")?;
    }
    settle_by_reason(tx, &held)?;
    Ok(filed.len())
}

/// The sample of a document, as a person picks it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DocumentLinkInput {
    /// Label code of the container.
    pub label_code: String,
}

impl DocumentLinkInput {
    /// # Errors
    /// The code is missing or too long.
    pub fn checked(&self) -> Result<String, Refusal> {
        let mut check = Checker::new();
        let label = check.text("label_code", &self.label_code, REFERENCE_MOST);
        check.done(Some(label))
    }
}

/// A person says whose a document is: it becomes evidence of the sample's items that are on its instrument.
///
/// # Errors
/// It is linked already; no container has the code; nothing of the sample is on the instrument.
pub fn link_document(tx: &mut Tx, by: &May<RepairReadings>, id: MessageId, label: &str) -> Outcome<()> {
    store::lock_document(tx.conn, id)?;
    let message = store::message(tx.conn, id)?.ok_or(NOT_FOUND)?;
    let row = store::row_of_role(tx.conn, id, ROLE)?.ok_or(NOT_FOUND)?;
    let instrument = store::instrument_by_code(tx.conn, &message.instrument_code)?.ok_or(NOT_FOUND)?;
    let mut reasons = Reasons::new();
    if let Some(there) = standing(&store::links_of_message(tx.conn, id)?).first() {
        reasons.add(DOCUMENT_LINKED.with("label", &there.label_code));
    }
    let owner = documents::owner(tx.conn, &instrument, &[label.to_owned()])?;
    let owner = match owner {
        Ok(owner) => Some(owner),
        Err(Held::NotOnWorksheet) => {
            reasons.add(
                DOCUMENT_NOT_ON_WORKSHEET.with("label", label).with("instrument", &instrument.code).at("label_code"),
            );
            None
        }
        Err(Held::UnknownSample | Held::SeveralSamples | Held::Withdrawn) => {
            reasons.add(DOCUMENT_SAMPLE_UNKNOWN.with("label", label).at("label_code"));
            None
        }
    };
    reasons.none()?;
    if let Some(owner) = owner {
        link(tx, by, &message, owner, Some(by.person))?;
    }
    if row.state == ObservationState::Held.code() {
        settle(tx, &[row.id], ObservationEvent::File, "")?;
        settle_messages(tx, by, &[row])?;
    }
    Ok(())
}

/// A person takes a document back from its items, and says why; another sample can be picked then.
///
/// # Errors
/// It is evidence of nothing.
pub fn withdraw_document(tx: &mut Tx, by: &May<RepairReadings>, id: MessageId, why: &str) -> Outcome<()> {
    store::lock_document(tx.conn, id)?;
    let message = store::message(tx.conn, id)?.ok_or(NOT_FOUND)?;
    let links = standing(&store::links_of_message(tx.conn, id)?);
    let Some(first) = links.first() else { return Err(DOCUMENT_NOT_LINKED.into()) };
    tx.log(
        by.entry("instrument_message", id.0, message.version, "document-withdrawn")
            .set("label_code", first.label_code.as_str())
            .set("items", listed(links.iter().map(|link| link.item_id)))
            .set("reason", why),
    );
    let taken_back = |link: LinkRow| NewLink {
        message_id: id,
        item_id: link.item_id,
        label_code: link.label_code,
        event: WITHDRAWN,
        reason: why.to_owned(),
        person_id: Some(by.person),
        at: tx.now,
    };
    let rows: Vec<NewLink> = links.into_iter().map(taken_back).collect();
    Ok(store::insert_links(tx.conn, &rows)?)
}

fn link(tx: &mut Tx, by: &Actor, message: &MessageRow, owner: Owner, picked_by: Option<PersonId>) -> Outcome<()> {
    let rows = linked(tx, by, message, owner, picked_by);
    Ok(store::insert_links(tx.conn, &rows)?)
}

/// Logs that a document is evidence of its owner's items; the rows that say so are to be stored.
fn linked(tx: &mut Tx, by: &Actor, message: &MessageRow, owner: Owner, picked_by: Option<PersonId>) -> Vec<NewLink> {
    let Owner { label, items } = owner;
    tx.log(
        by.entry("instrument_message", message.id.0, message.version, "document-linked")
            .set("label_code", label.as_str())
            .set("items", listed(items.iter().copied())),
    );
    let new = |item_id: ItemId| NewLink {
        message_id: message.id,
        item_id,
        label_code: label.clone(),
        event: LINKED,
        reason: String::new(),
        person_id: picked_by,
        at: tx.now,
    };
    items.into_iter().map(new).collect()
}

fn listed(items: impl Iterator<Item = ItemId>) -> String {
    items.map(|item| item.to_string()).collect::<Vec<_>>().join(" ")
}
