//! Custody of parts: storage, issue, taking back with what was used, splitting; and until when they are kept.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::super::facts::PartFacts;
use super::super::form::not_negative;
use super::super::parts::{keep_until, left_over};
use super::super::state::{Custody, CustodyEvent, Retention};
use super::super::store::{self, NewCustodyEvent, NewPart, NewUse};
use super::super::weighed::Use;
use super::super::words::SampleType;
use super::super::{HOLDER_UNKNOWN, PART_WRONG_STATE, SPLIT_TOO_MUCH, USED_TOO_MUCH};
use super::amounts::{amounts, taken_of_one};
use super::receive::store_labelled;
use super::stale;
use super::stays::{begin, relocate, require_compatible};
use crate::accounts::role::ReceiveSamples;
use crate::accounts::{Actor, May};
use crate::db::Tx;
use crate::domain::decimal::Decimal;
use crate::domain::ids::{PartId, PersonId, SampleId};
use crate::domain::input::Checker;
use crate::domain::refusal::{FIELD_INVALID, FIELD_MISSING, Fact, Fault, NOT_FOUND, Outcome, Refusal};
use crate::quality::environment::places::Places;

/// A step of custody as a page or a program gives it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CustodyInput {
    /// `move`, `issue`, `take_back` or `return`.
    pub event: String,
    /// Person who gets the part, with `issue`.
    pub holder_id: String,
    /// Where it lies then; needed with `move` and `take_back`.
    pub location: String,
    /// Why it is brought there after where it has lain, when that needs a reason.
    pub reason: String,
    /// How much of it was used up since, in its unit, in place of what was weighed since; with `take_back`. Empty: what was
    /// weighed.
    pub used: String,
}

/// What a change of a part answers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PartSaved {
    pub id: i64,
    pub sample_id: i64,
    pub version: i64,
    /// Codes of new subsamples.
    pub label_codes: Vec<String>,
}

/// The same, checked.
struct Step {
    event: CustodyEvent,
    holder: Option<PersonId>,
    location: String,
    reason: String,
    /// Above zero.
    used: Option<Decimal>,
}

/// Longest reason of a movement, in characters.
const REASON_MOST: usize = 200;

impl CustodyInput {
    fn checked(&self) -> Result<Step, Refusal> {
        let mut check = Checker::new();
        let manual = |code: &str| CustodyEvent::parse(code).filter(|event| *event != CustodyEvent::Receive);
        let event = check.parsed("event", &self.event, "expected-listed", manual);
        let holder = check.optional("holder_id", &self.holder_id, "expected-number", |text| text.parse().ok());
        let location = check.optional_text("location", &self.location, 60);
        let issue = event == Some(CustodyEvent::Issue);
        check.add_if(issue && self.holder_id.trim().is_empty(), || FIELD_MISSING.at("holder_id"));
        let placed = matches!(event, Some(CustodyEvent::Move | CustodyEvent::TakeBack));
        check.add_if(placed && location.is_empty(), || FIELD_MISSING.at("location"));
        let reason = check.optional_text("reason", &self.reason, REASON_MOST);
        let used = Some(self.used.trim()).filter(|text| !text.is_empty());
        check.add_if(used.is_some() && event != Some(CustodyEvent::TakeBack), || {
            FIELD_INVALID.at("used").with_word("expected", "expected-with-take-back")
        });
        let used = used.and_then(|text| not_negative(&mut check, "used", text)).filter(|used| !used.is_zero());
        let holder = holder.map(PersonId).filter(|_| issue);
        check.done(event.map(|event| Step { event, holder, location, reason, used }))
    }
}

/// Moves, issues, takes back or returns a part.
pub fn change_custody(
    tx: &mut Tx,
    by: &May<ReceiveSamples>,
    id: PartId,
    seen: i64,
    input: &CustodyInput,
) -> Outcome<PartSaved> {
    let Step { event, holder, location, reason, used } = input.checked()?;
    let part = seen_part(tx, id, seen)?;
    must_be_there(&part, &event.word())?;
    let next = part.custody.after(event).map_err(|_| {
        let reason = PART_WRONG_STATE.reason().with_word("state", part.custody.word());
        Refusal::from(reason.with_word("step", event.word()))
    })?;
    if let Some(holder) = holder {
        let names = crate::accounts::actions::names_of(tx.conn, &[holder])?;
        if !names.contains_key(&holder) {
            return Err(HOLDER_UNKNOWN.at("holder_id").into());
        }
    }
    let is_placed = matches!(event, CustodyEvent::Move | CustodyEvent::TakeBack);
    let places = Places::load(tx.conn)?;
    if is_placed {
        require_compatible(tx.conn, &places, &part, &location, &reason)?;
    }
    if let Some(used) = &used {
        use_of(tx, by, &part, used)?;
    }
    let location = if location.is_empty() { part.location.clone() } else { location };
    if !store::set_custody(tx.conn, id, seen, next, holder, &location)? {
        return Err(stale(id, part.version + 1));
    }
    store::insert_custody(
        tx.conn,
        &[NewCustodyEvent {
            part_id: id,
            event: event.code(),
            from_state: part.custody.code(),
            to_state: next.code(),
            person_id: by.person,
            holder_id: holder,
            location: location.clone(),
            at: tx.now,
        }],
    )?;
    relocate(tx, &places, id, is_placed.then_some(location.as_str()))?;
    let mut entry = by
        .entry("part", id.0, seen + 1, "part-custody")
        .set("step", event.code())
        .change("custody", part.custody.code(), next.code())
        .change("location", part.location, location);
    if let Some(holder) = holder {
        entry = entry.set("holder", holder.0);
    }
    if !reason.is_empty() {
        entry = entry.set("reason", reason);
    }
    if let Some(used) = used {
        entry = entry.set("used", used.to_string());
    }
    tx.log(entry);
    Ok(PartSaved { id: id.0, sample_id: part.sample_id.0, version: seen + 1, label_codes: Vec::new() })
}

/// Writes down what was used of a part.
///
/// # Errors
/// `used-too-much`: more than is left of it.
fn use_of(tx: &mut Tx, by: &Actor, part: &PartFacts, used: &Decimal) -> Outcome<()> {
    let mut taken = taken_of_one(tx.conn, part)?;
    // It speaks for what was weighed since the part was issued.
    taken.stated.push(Use { amount: Decimal::from(0), at: tx.now });
    let left = amounts(part, &taken)?.left;
    if left_over(&left, std::slice::from_ref(used)).is_none() {
        return Err(USED_TOO_MUCH.with("left", at_least_nothing(&left)).with("unit", &part.unit).at("used").into());
    }
    let row =
        NewUse { part_id: part.id, amount: used.as_str(), holder_id: part.holder_id, person_id: by.person, at: tx.now };
    Ok(store::insert_use(tx.conn, &row)?)
}

/// An amount as a refusal names it.
fn at_least_nothing(left: &Decimal) -> String {
    if left.is_negative() { "0".to_owned() } else { left.to_string() }
}

fn seen_part(tx: &mut Tx, id: PartId, seen: i64) -> Outcome<PartFacts> {
    let part = store::part(tx.conn, id)?.ok_or(NOT_FOUND)?;
    if part.version == seen { Ok(part) } else { Err(stale(id, part.version)) }
}

/// What was disposed of is not there any more: it goes nowhere, and nothing is made of it.
fn must_be_there(part: &PartFacts, step: &str) -> Result<(), Refusal> {
    if part.retention != Retention::Disposed {
        return Ok(());
    }
    let reason = PART_WRONG_STATE.reason().with_word("state", part.retention.word());
    Err(Refusal::from(reason.with_word("step", step)))
}

/// Subsamples to be made of a part.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SplitInput {
    /// Quantity of each subsample, in the unit of the part; empty ones are left out.
    pub quantities: Vec<String>,
    pub location: String,
    /// Why they are brought there after where the part has lain, when that needs a reason.
    pub reason: String,
}

/// What splitting is called where it is refused.
const SPLIT: &str = "custody-event-split";

/// Subsamples made at once: one for each section and some to spare.
const SUBSAMPLES_MOST: usize = 20;

impl SplitInput {
    fn checked(&self) -> Result<(Vec<Decimal>, String, String), Refusal> {
        let mut check = Checker::new();
        let given: Vec<&String> = self.quantities.iter().filter(|text| !text.trim().is_empty()).collect();
        check.add_if(given.is_empty(), || FIELD_MISSING.at("quantities"));
        check.add_if(given.len() > SUBSAMPLES_MOST, || {
            let expected =
                Fact::sentence("expected-count-between", [("low", 1.into()), ("high", SUBSAMPLES_MOST.into())]);
            FIELD_INVALID.at("quantities").with("expected", expected).with("least", 1).with("most", SUBSAMPLES_MOST)
        });
        let quantities: Vec<Decimal> =
            given.iter().filter_map(|text| not_negative(&mut check, "quantities", text)).collect();
        check.add_if(quantities.iter().any(Decimal::is_zero), || {
            FIELD_INVALID.at("quantities").with_word("expected", "expected-above-zero")
        });
        let location = check.text("location", &self.location, 60);
        let reason = check.optional_text("reason", &self.reason, REASON_MOST);
        check.done(Some((quantities, location, reason)))
    }
}

/// Splits a part that is in the laboratory into subsamples with labels of their own.
pub fn split(tx: &mut Tx, by: &May<ReceiveSamples>, id: PartId, seen: i64, input: &SplitInput) -> Outcome<PartSaved> {
    let (quantities, location, reason) = input.checked()?;
    let part = seen_part(tx, id, seen)?;
    must_be_there(&part, SPLIT)?;
    if part.custody != Custody::InLaboratory {
        let reason = PART_WRONG_STATE.reason().with_word("state", part.custody.word());
        return Err(reason.with_word("step", SPLIT).into());
    }
    let left = amounts(&part, &taken_of_one(tx.conn, &part)?)?.left;
    if left_over(&left, &quantities).is_none() {
        let refused = SPLIT_TOO_MUCH.with("left", at_least_nothing(&left)).with("unit", &part.unit);
        return Err(refused.at("quantities").into());
    }
    let places = Places::load(tx.conn)?;
    require_compatible(tx.conn, &places, &part, &location, &reason)?;
    let rows: Vec<NewPart> = quantities
        .iter()
        .map(|quantity| NewPart {
            version: 1,
            sample_id: part.sample_id,
            parent_id: Some(id),
            role: part.role.code(),
            label_code: String::new(),
            quantity: quantity.to_string(),
            unit: part.unit.clone(),
            seal_no: String::new(),
            location: location.clone(),
            custody: Custody::InLaboratory.code(),
            retention: Retention::Kept.code(),
            created_at: tx.now,
        })
        .collect();
    if !store::touch_part(tx.conn, id, seen)? {
        return Err(stale(id, part.version + 1));
    }
    let made = store_labelled(tx, rows)?;
    let events: Vec<NewCustodyEvent> = made
        .iter()
        .map(|(child, _)| NewCustodyEvent {
            part_id: *child,
            event: CustodyEvent::Receive.code(),
            from_state: Custody::InTransit.code(),
            to_state: Custody::InLaboratory.code(),
            person_id: by.person,
            holder_id: None,
            location: location.clone(),
            at: tx.now,
        })
        .collect();
    store::insert_custody(tx.conn, &events)?;
    let coming: Vec<(PartId, &str)> = made.iter().map(|(child, _)| (*child, location.as_str())).collect();
    begin(tx, &places, &coming)?;
    let label_codes: Vec<String> = made.into_iter().map(|(_, code)| code).collect();
    let mut entry = by.entry("part", id.0, seen + 1, "part-split").set("label_codes", label_codes.join(" "));
    if !reason.is_empty() {
        entry = entry.set("reason", reason);
    }
    tx.log(entry);
    Ok(PartSaved { id: id.0, sample_id: part.sample_id.0, version: seen + 1, label_codes })
}

/// Sets until when the parts of a concluded sample are kept. A part stays *kept* until a person releases it after that day.
pub fn conclude(tx: &mut Tx, by: &Actor, id: SampleId, concluded: NaiveDate, passed: bool) -> Outcome<()> {
    let (sample_type, expiry_date) = store::kind_and_expiry(tx.conn, id)?.ok_or(NOT_FOUND)?;
    let sample_type =
        SampleType::parse(&sample_type).ok_or_else(|| Fault::broken(format!("sample {id}: {sample_type}")))?;
    let parts = store::parts_of(tx.conn, &[id])?;
    let mut dates: BTreeMap<NaiveDate, Vec<PartId>> = BTreeMap::new();
    for part in &parts {
        let until = keep_until(part.role, sample_type, concluded, passed, expiry_date);
        if let Some(until) = until {
            dates.entry(until).or_default().push(part.id);
            let mut entry = by.entry("part", part.id.0, part.version + 1, "part-kept");
            entry = entry.change("keep_until", part.keep_until.map(|date| date.to_string()), until.to_string());
            tx.log(entry);
        }
    }
    for (until, ids) in dates {
        store::set_keep_until(tx.conn, &ids, until)?;
    }
    Ok(())
}
