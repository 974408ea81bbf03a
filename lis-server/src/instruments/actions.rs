//! What is done with instruments, their messages and their held rows.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use instrument_drivers::agent::{SpooledMessage, WireMessage};
use instrument_drivers::observation::{Observation, Qualifier, Reading as Read, Role as RowRole};
use instrument_drivers::profile::Profile;
use serde::{Deserialize, Serialize};

use super::calls;
use super::filing::{file_rows, settle};
use super::findings;
use super::profiles::named;
use super::repeats;
use super::state::{MessageEvent, MessageState, ObservationEvent, ObservationState};
use super::store::{
    self, InstrumentFacts, InstrumentRow, MessageRow, NewContent, NewMessage, NewObservation, ObservationRow,
};
use super::{
    INSTRUMENT_CODE_TAKEN, MAPPING_TARGET_UNKNOWN, MESSAGE_WRONG_STATE, MESSAGES_HOLE, MESSAGES_INVALID,
    OBSERVATION_NOT_HELD, PROFILE_UNKNOWN,
};
use crate::accounts::role::{DeliverMessages, EnterResults, ManageInstruments, RepairReadings};
use crate::accounts::{Actor, May};
use crate::db::{Conn, Tx};
use crate::domain::clock::Moment;
use crate::domain::ids::{InstrumentId, MessageId, ObservationId, PositionId};
use crate::domain::input::Checker;
use crate::domain::refusal::{Fault, NOT_FOUND, Outcome, Reasons, Refusal, STALE_VERSION};

/// Longest texts, in characters.
const CODE_MOST: usize = 32;
const NAME_MOST: usize = 60;
const REFERENCE_MOST: usize = 200;
/// Longest path of a file below its folder, in characters: Linux takes 4,096 bytes.
const FILE_NAME_MOST: usize = 4_096;

/// An instrument as a form or a program describes it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct InstrumentInput {
    /// Code in the laboratory; the agent's configuration names it.
    pub code: String,
    pub name: String,
    pub maker: String,
    pub model: String,
    pub serial_no: String,
    /// Name of a shipped profile, or `NAME@NUMBER`: a version of the laboratory's own.
    pub profile: String,
    /// `qualified`, `limited` or `stopped`.
    pub status: String,
    /// Last day of the calibration.
    pub calibrated_until: String,
}

/// The statuses of `quality.md` Q64-2: 合格, 准用, 停用.
pub const STATUSES: &[&str] = &["qualified", "limited", "stopped"];

impl InstrumentInput {
    pub fn checked(&self) -> Result<InstrumentFacts, Refusal> {
        let mut check = Checker::new();
        let code = check.text("code", &self.code, CODE_MOST);
        let name = check.text("name", &self.name, NAME_MOST);
        let maker = check.optional_text("maker", &self.maker, NAME_MOST);
        let model = check.optional_text("model", &self.model, NAME_MOST);
        let serial_no = check.optional_text("serial_no", &self.serial_no, NAME_MOST);
        let profile = check.text("profile", &self.profile, NAME_MOST);
        // A version of the laboratory's own is looked up in the write.
        let shipped = named::parts(&profile).is_none();
        check.add_if(shipped && !profile.is_empty() && Profile::shipped().all(|name| name != profile), || {
            PROFILE_UNKNOWN.with("profile", &profile).at("profile")
        });
        let status = check.parsed("status", &self.status, "expected-instrument-status", |text| {
            STATUSES.contains(&text).then(|| text.to_owned())
        });
        let calibrated_until = check.optional_date("calibrated_until", &self.calibrated_until);
        check.done(status.map(|status| InstrumentFacts {
            code,
            name,
            maker,
            model,
            serial_no,
            profile,
            status,
            calibrated_until,
        }))
    }
}

/// What a change of an instrument answers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct InstrumentSaved {
    pub id: i64,
    pub version: i64,
}

pub fn create_instrument(
    tx: &mut Tx,
    by: &May<ManageInstruments>,
    facts: &InstrumentFacts,
) -> Outcome<InstrumentSaved> {
    let taken = store::instrument_by_code(tx.conn, &facts.code)?.is_some();
    require_possible(tx.conn, facts, taken, "")?;
    let id = store::insert_instrument(tx.conn, facts, tx.now)?;
    tx.log(
        by.entry("instrument", id.0, 1, "instrument-created")
            .set("code", facts.code.as_str())
            .set("profile", facts.profile.as_str())
            .set("status", facts.status.as_str()),
    );
    Ok(InstrumentSaved { id: id.0, version: 1 })
}

pub fn change_instrument(
    tx: &mut Tx,
    by: &May<ManageInstruments>,
    id: InstrumentId,
    seen: i64,
    facts: &InstrumentFacts,
) -> Outcome<InstrumentSaved> {
    let before = store::instrument(tx.conn, id)?.ok_or(NOT_FOUND)?;
    let taken = before.code != facts.code && store::instrument_by_code(tx.conn, &facts.code)?.is_some();
    require_possible(tx.conn, facts, taken, &before.profile)?;
    if !store::change_instrument(tx.conn, id, seen, facts)? {
        let refusal = Refusal::from(STALE_VERSION.with("version", before.version));
        return Err(refusal.with_current(serde_json::json!({"id": id, "version": before.version})).into());
    }
    let mut entry = by.entry("instrument", id.0, seen + 1, "instrument-changed");
    let day = |date: Option<chrono::NaiveDate>| date.map(|date| date.to_string()).unwrap_or_default();
    let fields = [
        ("code", before.code, facts.code.clone()),
        ("name", before.name, facts.name.clone()),
        ("profile", before.profile, facts.profile.clone()),
        ("status", before.status, facts.status.clone()),
        ("calibrated_until", day(before.calibrated_until), day(facts.calibrated_until)),
    ];
    for (field, old, new) in fields.into_iter().filter(|(_, old, new)| old != new) {
        entry = entry.change(field, old, new);
    }
    tx.log(entry);
    Ok(InstrumentSaved { id: id.0, version: seen + 1 })
}

/// The code is free, and the profile is one that instruments may be given; the one that it has may stay.
fn require_possible(conn: &mut Conn, facts: &InstrumentFacts, taken: bool, profile: &str) -> Outcome<()> {
    let mut reasons = Reasons::new();
    reasons.add_if(taken, || INSTRUMENT_CODE_TAKEN.with("code", &facts.code).at("code"));
    let known = facts.profile == profile || named::is_offered(conn, &facts.profile)?;
    reasons.add_if(!known, || PROFILE_UNKNOWN.with("profile", &facts.profile).at("profile"));
    Ok(reasons.none()?)
}

/// A batch as an agent brought it: consecutive messages of one stream, opened and checked against their hashes.
pub struct Batch {
    pub agent: String,
    pub messages: Vec<SpooledMessage>,
}

impl Batch {
    /// # Errors
    /// `messages-invalid` naming the message: mixed agents or streams, numbers out of order, a hash that does not match.
    pub fn open(wire: &[WireMessage]) -> Result<Self, Refusal> {
        let invalid = |place: usize, field: &str, why: String| {
            Refusal::from(MESSAGES_INVALID.with("detail", why).at(format!("[{place}].{field}")))
        };
        let agent = wire.first().map(|first| first.agent.clone()).unwrap_or_default();
        let mut messages: Vec<SpooledMessage> = Vec::with_capacity(wire.len());
        for (place, message) in wire.iter().enumerate() {
            if message.agent != agent {
                return Err(invalid(
                    place,
                    "agent",
                    format!("the batch is from {agent}, this message from {}", message.agent),
                ));
            }
            let opened = message.open().map_err(|why| {
                // The sentence begins with the field.
                let field = why.split(':').next().unwrap_or_default().to_owned();
                invalid(place, &field, why)
            })?;
            let length = message.instrument.chars().count();
            if length == 0 || length > CODE_MOST || message.instrument.chars().any(char::is_control) {
                let why = format!("an instrument's code has 1 to {CODE_MOST} printable characters");
                return Err(invalid(place, "instrument", why));
            }
            if message.file_name.as_ref().is_some_and(|name| name.chars().count() > FILE_NAME_MOST) {
                return Err(invalid(
                    place,
                    "file_name",
                    format!("a file's name has at most {FILE_NAME_MOST} characters"),
                ));
            }
            if let Some(before) = messages.last()
                && (before.stream != opened.stream || before.seq + 1 != opened.seq)
            {
                return Err(invalid(place, "seq", "a batch holds consecutive messages of one stream".to_owned()));
            }
            if opened.seq == 0 || i64::try_from(opened.seq).is_err() {
                return Err(invalid(place, "seq", format!("seq {} is not a number from 1", opened.seq)));
            }
            messages.push(opened);
        }
        if agent.is_empty() || agent.chars().count() > NAME_MOST || agent.chars().any(char::is_control) {
            return Err(invalid(0, "agent", format!("the agent's name has 1 to {NAME_MOST} printable characters")));
        }
        Ok(Self { agent, messages })
    }
}

/// Stores messages durably. Repeats change nothing; a hole is refused with what is there.
///
/// Returns the highest number of the stream that is stored.
pub fn deliver(tx: &mut Tx, by: &May<DeliverMessages>, batch: &Batch) -> Outcome<u64> {
    store_messages(tx, by, batch)
}

/// The same for the agent that the server hosts itself.
pub fn deliver_own(tx: &mut Tx, by: &Actor, batch: &Batch) -> Outcome<u64> {
    store_messages(tx, by, batch)
}

fn store_messages(tx: &mut Tx, by: &Actor, batch: &Batch) -> Outcome<u64> {
    let Some(first) = batch.messages.first() else {
        return Err(MESSAGES_INVALID.with("detail", "no message").at("body").into());
    };
    let stream = first.stream.to_string();
    let stored = store::highest_seq(tx.conn, &batch.agent, &stream)?.unwrap_or(0);
    let number = |seq: u64| i64::try_from(seq).map_err(Fault::broken);
    if number(first.seq)? > stored + 1 {
        return Err(MESSAGES_HOLE.with("stored", stored).with("first", first.seq).at("[0].seq").into());
    }
    let mut rows = Vec::new();
    let mut contents = Vec::new();
    for message in &batch.messages {
        let seq = number(message.seq)?;
        if seq <= stored {
            continue;
        }
        contents.push(BASE64.encode(&message.bytes));
        rows.push(NewMessage {
            version: 1,
            agent: batch.agent.clone(),
            stream: stream.clone(),
            seq,
            instrument_code: message.instrument.clone(),
            kind: message.kind.code().to_owned(),
            file_name: message.file_name.clone().unwrap_or_default(),
            received_at: Moment::new(message.received_at),
            stored_at: tx.now,
            sha256: message.sha256.clone(),
            byte_count: i64::try_from(message.bytes.len()).map_err(Fault::broken)?,
            state: MessageState::Received.code(),
            trouble: String::new(),
        });
    }
    let Some(last) = rows.last().map(|row| row.seq) else { return u64::try_from(stored).map_err(Fault::broken) };
    let ids = store::insert_messages(tx.conn, &rows)?;
    let contents: Vec<NewContent> =
        ids.iter().zip(contents).map(|(id, content)| NewContent { message_id: *id, content }).collect();
    store::insert_contents(tx.conn, &contents)?;
    store::set_highest_seq(tx.conn, &batch.agent, &stream, last, tx.now)?;
    for (id, row) in ids.iter().zip(&rows) {
        tx.log(
            by.entry("instrument_message", id.0, 1, "message-received")
                .set("instrument", row.instrument_code.as_str())
                .set("file_name", row.file_name.as_str())
                .set("seq", row.seq)
                .set("sha256", row.sha256.as_str()),
        );
    }
    u64::try_from(last).map_err(Fault::broken)
}

/// A message with what its profile read in it: made outside the write, because reading is work.
pub struct ReadMessage {
    pub message: MessageRow,
    pub instrument: InstrumentRow,
    pub read: Read,
    /// The earlier message whose bytes this one repeats or continues.
    pub repeated: Option<MessageId>,
}

/// Keeps what was read and files what can be filed.
pub fn take_in(tx: &mut Tx, by: &Actor, read: &ReadMessage) -> Outcome<()> {
    let before = store::readings(tx.conn, read.message.id)?;
    let reading_no = before.last().map_or(1, |reading| reading.reading_no + 1);
    let taken: i64 = before.iter().map(|reading| reading.row_count + reading.trouble_count).sum();
    let mut rows = new_observations(read, reading_no, taken + 1);
    repeats::mark(tx.conn, &read.message, read.repeated, &mut rows)?;
    let reading = store::ReadingRow {
        message_id: read.message.id,
        reading_no,
        profile: read.instrument.profile.clone(),
        row_count: i64::try_from(read.read.observations.len()).map_err(Fault::broken)?,
        trouble_count: i64::try_from(read.read.troubles.len()).map_err(Fault::broken)?,
        at: tx.now,
    };
    store::insert_reading(tx.conn, &reading)?;
    store::insert_observations(tx.conn, &rows)?;
    let fresh = store::observations_of_reading(tx.conn, read.message.id, reading_no)?;
    let held: Vec<ObservationRow> =
        fresh.into_iter().filter(|row| row.state == ObservationState::Held.code() && row.reason.is_empty()).collect();
    let filed = file_rows(tx, by, &read.instrument, &held)?;
    let waiting = rows.iter().filter(|row| row.state == ObservationState::Held.code()).count() - filed;
    let event = if waiting == 0 { MessageEvent::ReadWhole } else { MessageEvent::ReadWithHeld };
    move_on(tx, by, &read.message, event, "")
}

/// Says that a message cannot be read, and why.
pub fn set_unreadable(tx: &mut Tx, by: &Actor, message: &MessageRow, why: &str) -> Outcome<()> {
    move_on(tx, by, message, MessageEvent::CannotBeRead, why)
}

fn move_on(tx: &mut Tx, by: &Actor, message: &MessageRow, event: MessageEvent, trouble: &str) -> Outcome<()> {
    let wrong = || MESSAGE_WRONG_STATE.reason().with_word("state", format!("message-{}", message.state));
    let state = MessageState::parse(&message.state).ok_or_else(wrong)?;
    let next = state.after(event).ok_or_else(wrong)?;
    if !store::set_message_state(tx.conn, message.id, message.version, next.code(), trouble)? {
        return Err(STALE_VERSION.with("version", message.version + 1).into());
    }
    log_step(tx, by, (message.id, message.version + 1), (state, next), trouble);
    Ok(())
}

fn log_step(
    tx: &mut Tx,
    by: &Actor,
    (id, version): (MessageId, i64),
    (before, after): (MessageState, MessageState),
    trouble: &str,
) {
    tx.log(
        by.entry("instrument_message", id.0, version, "message-moved-on")
            .change("state", before.code(), after.code())
            .set("trouble", trouble),
    );
}

/// Rows and troubles in the order of the source. What is no result of a sample is set aside at once.
///
/// Ordinals go on where the earlier readings of the message ended.
fn new_observations(read: &ReadMessage, reading_no: i64, first_ordinal: i64) -> Vec<NewObservation> {
    let observed = read.read.observations.iter().map(|row| (Some(row), None));
    let troubles = read.read.troubles.iter().map(|trouble| (None, Some(trouble)));
    observed
        .chain(troubles)
        .zip(first_ordinal..)
        .map(|((row, trouble), ordinal)| match (row, trouble) {
            (Some(row), _) => of_row(read.message.id, ordinal, row),
            (None, trouble) => NewObservation {
                reason: format!("damaged:{}", trouble.map_or("", |trouble| trouble.reason.as_str())),
                source_place: trouble.map_or_else(String::new, |trouble| trouble.position.clone()),
                ..blank(read.message.id, ordinal)
            },
        })
        .map(|row| NewObservation { reading_no, ..row })
        .collect()
}

fn blank(message_id: MessageId, ordinal: i64) -> NewObservation {
    NewObservation {
        version: 1,
        message_id,
        ordinal,
        sample_ref: String::new(),
        analyte_ref: String::new(),
        value: String::new(),
        number: None,
        qualifier: String::new(),
        unit: String::new(),
        flag: String::new(),
        role: RowRole::Sample.name().to_owned(),
        source_place: String::new(),
        measured_at: String::new(),
        state: ObservationState::Held.code(),
        reason: String::new(),
        position_id: None,
        reading_no: 1,
    }
}

fn of_row(message_id: MessageId, ordinal: i64, row: &Observation) -> NewObservation {
    let (state, reason) = first_state(row);
    NewObservation {
        sample_ref: row.match_sample.clone(),
        analyte_ref: row.match_analyte.clone(),
        value: row.value.clone(),
        number: row.number.clone(),
        qualifier: qualifier_code(row.qualifier),
        unit: row.unit.clone(),
        flag: row.flag.clone(),
        role: row.role.name().to_owned(),
        source_place: row.position.clone(),
        measured_at: row.completed_at.clone().unwrap_or_default(),
        state: state.code(),
        reason: reason.to_owned(),
        ..blank(message_id, ordinal)
    }
}

fn qualifier_code(qualifier: Option<Qualifier>) -> String {
    qualifier
        .and_then(|qualifier| serde_json::to_value(qualifier).ok())
        .and_then(|code| code.as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// Orders, queries, standards and statistics are no results; a value that the instrument itself calls unusable waits
/// for a person. Everything else may be filed.
fn first_state(row: &Observation) -> (ObservationState, &'static str) {
    match (row.role, row.qualifier) {
        (RowRole::Order | RowRole::Query, _) => (ObservationState::Ignored, "no-result"),
        (RowRole::Standard, _) => (ObservationState::Ignored, "standard"),
        _ if !row.reportable => (ObservationState::Ignored, "not-reportable"),
        (
            _,
            Some(
                Qualifier::Missing
                | Qualifier::Invalid
                | Qualifier::Masked
                | Qualifier::OverRange
                | Qualifier::UnderRange,
            ),
        ) => (ObservationState::Held, "no-value"),
        _ if row.value.is_empty() => (ObservationState::Held, "no-value"),
        _ => (ObservationState::Held, ""),
    }
}

/// A code to be mapped, as a form or a program sends it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MappingInput {
    /// `analyte`, `unit`, `sample` or `finding`.
    pub kind: String,
    /// As the instrument prints it.
    pub source: String,
    /// Key of the catalogue's analyte, a unit, a label code, or what a qualitative word says: `detected` or `not_detected`.
    pub target: String,
}

/// The same, checked.
pub struct MappingFacts {
    pub kind: String,
    pub source: String,
    pub target: String,
}

const KINDS: &[&str] = &["analyte", "unit", "sample", findings::KIND];

impl MappingInput {
    pub fn checked(&self) -> Result<MappingFacts, Refusal> {
        let mut check = Checker::new();
        let kind = check
            .parsed("kind", &self.kind, "expected-mapping-kind", |text| KINDS.contains(&text).then(|| text.to_owned()));
        let source = check.text("source", &self.source, REFERENCE_MOST);
        let target = match kind.as_deref() {
            Some(findings::KIND) => check
                .parsed("target", &self.target, "expected-finding", |text| {
                    findings::TARGETS.contains(&text).then(|| text.to_owned())
                })
                .unwrap_or_default(),
            _ => check.text("target", &self.target, REFERENCE_MOST),
        };
        check.done(kind.map(|kind| MappingFacts { kind, source, target }))
    }
}

/// What mapping a code did.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Replayed {
    /// Held rows of the instrument that were tried again.
    pub tried: usize,
    /// Rows that found their cell.
    pub filed: usize,
}

/// At most so many held rows are tried again by one mapping: bounds the transaction. The rest waits for the next.
const REPLAY_MOST: i64 = 5_000;

/// Maps a code and replays the held rows of the instrument.
pub fn map_code(tx: &mut Tx, by: &May<RepairReadings>, id: InstrumentId, facts: &MappingFacts) -> Outcome<Replayed> {
    let instrument = store::instrument(tx.conn, id)?.ok_or(NOT_FOUND)?;
    let target = match facts.kind.as_str() {
        "analyte" => calls::analyte_key(tx.conn, &facts.target)?
            .ok_or_else(|| MAPPING_TARGET_UNKNOWN.with("target", &facts.target).at("target"))?,
        _ => facts.target.clone(),
    };
    store::set_mapping(tx.conn, id, &facts.kind, &facts.source, &target, by.person, tx.now)?;
    tx.log(
        by.entry("instrument", id.0, instrument.version, "code-mapped")
            .set("kind", facts.kind.as_str())
            .set("source", facts.source.as_str())
            .set("target", target.as_str()),
    );
    let held = replayable(tx.conn, &instrument.code)?;
    let filed = file_rows(tx, by, &instrument, &held)?;
    settle_messages(tx, by, &held)?;
    Ok(Replayed { tried: held.len(), filed })
}

/// Tries all held rows of an instrument again: a worksheet was opened, a sample received.
pub fn replay(tx: &mut Tx, by: &May<RepairReadings>, id: InstrumentId) -> Outcome<Replayed> {
    let instrument = store::instrument(tx.conn, id)?.ok_or(NOT_FOUND)?;
    let held = replayable(tx.conn, &instrument.code)?;
    let filed = file_rows(tx, by, &instrument, &held)?;
    settle_messages(tx, by, &held)?;
    tx.log(by.entry("instrument", id.0, instrument.version, "held-rows-replayed").set("filed", filed as i64));
    Ok(Replayed { tried: held.len(), filed })
}

/// Rows that a mapping can help: not those that are damaged or have no value.
fn replayable(conn: &mut Conn, code: &str) -> Outcome<Vec<ObservationRow>> {
    let held = store::held_of(conn, code, REPLAY_MOST)?;
    Ok(held.into_iter().filter(|row| row.reason != "no-value" && !row.reason.starts_with("damaged")).collect())
}

/// Messages of which no row waits any more are done.
fn settle_messages(tx: &mut Tx, by: &Actor, touched: &[ObservationRow]) -> Outcome<()> {
    let mut ids: Vec<MessageId> = touched.iter().map(|row| row.message_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let waiting = store::held_in_messages(tx.conn, &ids)?;
    let settled: Vec<MessageId> = ids.into_iter().filter(|id| !waiting.contains(id)).collect();
    let mut moved = 0;
    for state in MessageState::ALL {
        let Some(next) = state.after(MessageEvent::Settled) else { continue };
        for (id, version) in store::move_messages(tx.conn, &settled, state.code(), next.code())? {
            log_step(tx, by, (id, version), (*state, next), "");
            moved += 1;
        }
    }
    // Rows are settled in a message that waits for it, or somebody else was faster.
    if moved == settled.len() { Ok(()) } else { Err(STALE_VERSION.with("version", "?").into()) }
}

/// Why a held row belongs nowhere.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SetAsideInput {
    /// At most 200 characters.
    pub why: String,
}

/// Longest reason, in characters.
const WHY_MOST: usize = 200;

impl SetAsideInput {
    /// # Errors
    /// The reason is missing or too long.
    pub fn checked(&self) -> Result<String, Refusal> {
        let mut check = Checker::new();
        let why = check.text("why", &self.why, WHY_MOST);
        check.done(Some(why))
    }
}

/// A person says that a held row belongs nowhere, and why. The row and its bytes stay readable.
pub fn set_aside(tx: &mut Tx, by: &May<RepairReadings>, id: ObservationId, why: &str) -> Outcome<()> {
    let row = store::observation(tx.conn, id)?.ok_or(NOT_FOUND)?;
    if settle(tx, &[id], ObservationEvent::SetAside, &format!("set-aside:{why}"))? == 0 {
        return Err(OBSERVATION_NOT_HELD.reason().with_word("state", format!("observation-{}", row.state)).into());
    }
    tx.log(
        by.entry("observation", id.0, row.version + 1, "observation-set-aside")
            .change("state", row.state.as_str(), ObservationState::Ignored.code())
            .set("reason", why),
    );
    settle_messages(tx, by, &[row])
}

/// A message is read again: the instrument's profile was mended, or it has a newer one. The earlier reading stays; what it
/// left waiting is set aside, what it filed is not filed again.
pub fn read_again(tx: &mut Tx, by: &May<RepairReadings>, id: MessageId) -> Outcome<()> {
    let message = store::message(tx.conn, id)?.ok_or(NOT_FOUND)?;
    if message.state == MessageState::Received.code() {
        // Asked twice: it waits to be read already.
        return Ok(());
    }
    store::set_waiting_aside(tx.conn, id, READ_AGAIN)?;
    move_on(tx, by, &message, MessageEvent::ReadAgain, "")
}

/// Why a waiting row of an earlier reading is set aside.
const READ_AGAIN: &str = "read-again";

/// The cell that waits for the next weight of a balance.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AimInput {
    /// Id of a worksheet's position.
    pub position: i64,
    /// Named input of the method: mass, mass_before, …
    pub field: String,
    /// Determination, from 1.
    pub replicate: i64,
}

/// The same, checked.
#[derive(Clone, Debug)]
pub struct AimFacts {
    position: PositionId,
    field: String,
    replicate: i64,
}

impl AimInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<AimFacts, Refusal> {
        let mut check = Checker::new();
        let field = check.text("field", &self.field, CODE_MOST);
        let replicate = check.whole("replicate", &self.replicate.to_string(), 1, REPLICATES_MOST);
        check.done(replicate.map(|replicate| AimFacts { position: PositionId(self.position), field, replicate }))
    }
}

/// Parallel determinations of one sample: no method asks for more.
const REPLICATES_MOST: i64 = 20;

/// The bench says to which cell the next reading of a balance belongs. A new word replaces the one before.
///
/// # Errors
/// Every reason against the cell: another tester's sheet, a submitted one, no such input, a value that is there.
pub fn aim(tx: &mut Tx, by: &May<EnterResults>, id: InstrumentId, facts: &AimFacts) -> Outcome<()> {
    let instrument = store::instrument(tx.conn, id)?.ok_or(NOT_FOUND)?;
    let label = calls::cell_to_fill(tx.conn, by.person, facts.position, &facts.field, facts.replicate)?;
    let cell = (facts.position, facts.field.as_str(), facts.replicate);
    store::set_capture_target(tx.conn, id, cell, by.person, tx.now)?;
    tx.log(
        by.entry("instrument", id.0, instrument.version, "capture-aimed")
            .set("label_code", label)
            .set("field", facts.field.as_str())
            .set("replicate", facts.replicate),
    );
    Ok(())
}

/// Rows that wait for a person, for the page of waiting work.
pub fn count_held(conn: &mut Conn, _: &Actor) -> Outcome<i64> {
    count_held_rows(conn)
}

/// The same, for the figures.
pub fn count_held_rows(conn: &mut Conn) -> Outcome<i64> {
    Ok(store::count_held(conn)?)
}
