//! Receipt: the custodian's decision, the sample's number, its labelled parts, the items to test; or the rejection, about
//! which a note is set and sent.

use serde::{Deserialize, Serialize};

use super::super::departures::report_due;
use super::super::facts::SampleFacts;
use super::super::numbers;
use super::super::order;
use super::super::receipt::{LinePictures, Receipt, ReceiptInput};
use super::super::rejection;
use super::super::state::{Custody, CustodyEvent, Retention, SampleEvent};
use super::super::store::{self, NewCustodyEvent, NewPart, NewReceipt};
use super::super::words::{Decision, DecisionRule, PartRole};
use super::super::{ARRIVED_IN_FUTURE, SAMPLE_WRONG_STATE};
use super::review::{Reception, first_reviewed, reviewed};
use super::stays::begin;
use super::{after, require_seen, stale};
use crate::accounts::May;
use crate::accounts::role::ReceiveSamples;
use crate::db::{Tx, series};
use crate::domain::ids::{PartId, SampleId};
use crate::domain::refusal::{Fault, NOT_FOUND, Outcome};
use crate::quality::environment::places::Places;
use crate::testing::actions::{ItemFactor, ON_FORM, ORDERED, OrderedItem, RECEIVED, SampleToTest, plan_items};

/// What a receipt answers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ReceiptSaved)]
pub struct Received {
    pub sample_id: i64,
    pub version: i64,
    pub receipt_no: String,
    /// Of an accepted sample.
    pub sample_no: Option<String>,
    pub state: String,
    /// Codes of the new containers.
    pub label_codes: Vec<String>,
    #[schema(value_type = Option<String>, format = Date)]
    pub due_on: Option<chrono::NaiveDate>,
    pub due_provisional: bool,
    /// Lines that are not in order and that no picture shows, where the laboratory asks for one.
    #[serde(default)]
    pub pictures_missing: Vec<String>,
}

/// Receives a sample that was seen at a version. Catalogue, scope and places were read before the write. 8 statements for
/// an acceptance, with parts, items and log; one more when a place lies in a room, and one when a line is not in order.
pub fn receive(
    tx: &mut Tx,
    by: &May<ReceiveSamples>,
    reception: &Reception,
    id: SampleId,
    seen: i64,
    input: &ReceiptInput,
    laboratory: &str,
) -> Outcome<Received> {
    let sample = store::sample(tx.conn, id)?.ok_or(NOT_FOUND)?;
    require_seen(id, seen, sample.version)?;
    if !sample.state.awaits_receipt() {
        let reason = SAMPLE_WRONG_STATE.reason().with_word("state", sample.state.word());
        return Err(reason.with_word("step", SampleEvent::Arrive.word()).into());
    }
    let shown = match input.refused_lines().as_slice() {
        [] => Vec::new(),
        _ => store::line_pictures(tx.conn, sample.form_id)?,
    };
    let pictures = LinePictures { asked: reception.pictures, shown };
    let receipt = input.pictured(input.checked(&sample, reception.offered.calendar(), tx.now), &pictures)?;
    match receipt.decision {
        Decision::Accept | Decision::AcceptWithNote => accept(tx, by, reception, &sample, &receipt, laboratory),
        Decision::Reject => decide(tx, by, reception, &sample, &receipt, laboratory),
        Decision::Hold => decide(tx, by, reception, &sample, &receipt, laboratory),
    }
}

fn accept(
    tx: &mut Tx,
    by: &May<ReceiveSamples>,
    reception: &Reception,
    sample: &SampleFacts,
    receipt: &Receipt,
    laboratory: &str,
) -> Outcome<Received> {
    let review = reviewed(reception, sample, receipt, tx.now.date_in_china())?;
    let receipt = &Receipt { review, ..receipt.clone() };
    let arrived = if sample.state.after(SampleEvent::Arrive).is_ok() {
        after(sample.state, SampleEvent::Arrive)?
    } else {
        sample.state
    };
    let state = after(arrived, SampleEvent::Accept)?;
    let series = numbers::sample_series(laboratory, tx.now.date_in_china(), sample.sample_type);
    let sample_no = numbers::number(&series, series::take(tx, &series, 1)?);
    let receipt_no = numbers::receipt_of(&sample_no);
    let due = report_due(reception.offered.calendar(), receipt.arrived_at.date_in_china());
    let (due_on, due_provisional) = due.ok_or_else(|| ARRIVED_IN_FUTURE.at("arrived_at"))?;
    // Why it was accepted all the same stands on the report; the consent is that of a client.
    let departed = !receipt.departures.is_empty();
    let (departure, consent) = match receipt.decision {
        Decision::AcceptWithNote => (receipt.reason_text.as_str(), receipt.consent.as_str()),
        Decision::Accept if departed => (receipt.reason_text.as_str(), ""),
        Decision::Accept | Decision::Reject | Decision::Hold => ("", ""),
    };
    let change = store::Received {
        sample_no: Some(&sample_no),
        state: state.code(),
        hold_reason: "",
        arrived_at: Some(receipt.arrived_at),
        accepted_at: Some(tx.now),
        due_on: Some(due_on),
        due_provisional,
        departure,
        departure_consent: consent,
    };
    if !store::set_received(tx.conn, sample.id, sample.version, &change)? {
        return Err(stale(sample.id, sample.version + 1));
    }
    let parts = make_parts(tx, by, &reception.places, sample.id, receipt)?;
    record(tx, by, sample, receipt, &receipt_no)?;
    plan(tx, by, reception, (sample, receipt), &parts)?;
    first_reviewed(tx, by, sample, receipt)?;
    let mut entry = by
        .entry("sample", sample.id.0, sample.version + 1, "sample-accepted")
        .change("state", sample.state.code(), state.code())
        .set("sample_no", sample_no.as_str())
        .set("receipt_no", receipt_no.as_str())
        .set("decision", receipt.decision.code())
        .set("due_on", due_on.to_string())
        .set("parts", parts.len());
    if !departure.is_empty() {
        entry = entry.set("departure", departure).set("consent", consent);
    }
    if departed {
        let codes: Vec<&str> = receipt.departures.iter().map(|one| one.code()).collect();
        entry = entry.set("departures", codes.join(" "));
    }
    tx.log(entry);
    Ok(Received {
        sample_id: sample.id.0,
        version: sample.version + 1,
        receipt_no,
        sample_no: Some(sample_no),
        state: state.code().to_owned(),
        label_codes: parts.into_iter().map(|part| part.label_code).collect(),
        due_on: Some(due_on),
        due_provisional,
        pictures_missing: receipt.bare_lines(reception.pictures),
    })
}

/// A container that was just stored.
struct MadePart {
    id: PartId,
    role: PartRole,
    label_code: String,
}

/// Parts with fresh labels, in the laboratory's custody. 2 statements, and one when a place lies in a room.
fn make_parts(
    tx: &mut Tx,
    by: &May<ReceiveSamples>,
    places: &Places,
    id: SampleId,
    receipt: &Receipt,
) -> Outcome<Vec<MadePart>> {
    let rows: Vec<NewPart> = receipt
        .parts
        .iter()
        .map(|part| NewPart {
            version: 1,
            sample_id: id,
            parent_id: None,
            role: part.role.code(),
            label_code: String::new(),
            quantity: part.quantity.to_string(),
            unit: part.unit.clone(),
            seal_no: part.seal_no.clone(),
            location: part.location.clone(),
            custody: Custody::InLaboratory.code(),
            retention: Retention::Kept.code(),
            created_at: tx.now,
        })
        .collect();
    let mut parts: Vec<MadePart> = Vec::new();
    let mut events = Vec::new();
    for (plan, (part_id, label_code)) in receipt.parts.iter().zip(store_labelled(tx, rows)?) {
        parts.push(MadePart { id: part_id, role: plan.role, label_code });
        events.push(NewCustodyEvent {
            part_id,
            event: CustodyEvent::Receive.code(),
            from_state: Custody::InTransit.code(),
            to_state: Custody::InLaboratory.code(),
            person_id: by.person,
            holder_id: None,
            location: plan.location.clone(),
            at: tx.now,
        });
    }
    store::insert_custody(tx.conn, &events)?;
    let coming: Vec<(PartId, &str)> = events.iter().map(|event| (event.part_id, event.location.as_str())).collect();
    begin(tx, places, &coming)?;
    Ok(parts)
}

/// Draws of label codes before the write gives up. A code is taken by chance once in 1,000,000,000 for every container that
/// the laboratory ever had: a second draw is rare, a fifth never comes.
const DRAWS_MOST: usize = 5;

/// Stores parts, each under a label code that no container ever had; their ids and codes in the order of the parts. One
/// statement, and another one for each draw that met a code that is taken.
pub(super) fn store_labelled(tx: &mut Tx, mut rows: Vec<NewPart>) -> Outcome<Vec<(PartId, String)>> {
    let mut labelled: Vec<Option<(PartId, String)>> = vec![None; rows.len()];
    for _ in 0..DRAWS_MOST {
        let open: Vec<usize> = (0..rows.len()).filter(|place| labelled[*place].is_none()).collect();
        if open.is_empty() {
            break;
        }
        for (place, code) in open.iter().zip(numbers::label_codes(&mut rand::rng(), open.len())) {
            rows[*place].label_code = code.to_string();
        }
        let stored = store::insert_parts(tx.conn, open.iter().map(|place| &rows[*place]).collect())?;
        for place in open {
            labelled[place] = stored.iter().find(|(_, code)| *code == rows[place].label_code).cloned();
        }
    }
    let labelled: Option<Vec<(PartId, String)>> = labelled.into_iter().collect();
    labelled.ok_or_else(|| Fault::broken("no fresh label codes were drawn; try again"))
}

fn plan(
    tx: &mut Tx,
    by: &May<ReceiveSamples>,
    reception: &Reception,
    (sample, receipt): (&SampleFacts, &Receipt),
    parts: &[MadePart],
) -> Outcome<()> {
    let of = |role| parts.iter().filter(move |part| part.role == role).map(|part| part.id);
    let micro_parts: Vec<PartId> = of(PartRole::Microbiology).collect();
    let test_part = of(PartRole::Test).next().or(micro_parts.first().copied());
    let test_part = test_part.ok_or_else(|| Fault::broken("an accepted sample has no part to test"))?;
    let items = sample.form.contract.as_ref().map(|contract| contract.items.as_slice()).unwrap_or_default();
    let mut to_test = to_test(sample, test_part, micro_parts, items);
    to_test.factors.extend(receipt.limit_factors.iter().map(|(analyte, stated)| ItemFactor {
        analyte: analyte.clone(),
        stated: stated.clone(),
        origin: RECEIVED,
    }));
    plan_items(tx, by, reception.offered.whole(), &to_test)?;
    Ok(())
}

/// Items of a sample's order on their way to testing; none: the implementing rules say what is tested.
pub(super) fn to_test(
    sample: &SampleFacts,
    test_part: PartId,
    micro_parts: Vec<PartId>,
    items: &[order::OrderedItem],
) -> SampleToTest {
    let contract = sample.form.contract.as_ref();
    let on_form = sample.form.limit_factors.iter().map(|one| ItemFactor {
        analyte: one.analyte.clone(),
        stated: one.stated.clone(),
        origin: ON_FORM,
    });
    let of_order = items.iter().filter_map(|item| {
        let (analyte, stated) = (item.analyte.clone(), item.limit_factor.clone()?);
        Some(ItemFactor { analyte, stated, origin: ORDERED })
    });
    let ordered = items.iter().map(|item| OrderedItem {
        analyte: item.analyte.clone(),
        method_standard: item.method_standard.clone(),
        label_claim: item.label_claim.as_ref().map(ToString::to_string).unwrap_or_default(),
        limit_standards: contract.map(|contract| contract.limit_standards.clone()).unwrap_or_default(),
        results_only: contract.is_some_and(|contract| contract.decision_rule == DecisionRule::ResultsOnly),
        guard_band: contract.is_some_and(|contract| contract.decision_rule == DecisionRule::GuardBand),
    });
    SampleToTest {
        sample_id: sample.id,
        sample_type: sample.sample_type.code().to_owned(),
        food_category: sample.food_category.clone(),
        sampled_on: Some(sample.sampled_at.unwrap_or(sample.created_at).date_in_china()),
        production_date: sample.production_date,
        test_part,
        micro_parts,
        ordered: ordered.collect(),
        claims: sample.form.label_claims.iter().map(|one| (one.analyte.clone(), one.claim.to_string())).collect(),
        factors: on_form.chain(of_order).collect(),
    }
}

fn record(
    tx: &mut Tx,
    by: &May<ReceiveSamples>,
    sample: &SampleFacts,
    receipt: &Receipt,
    receipt_no: &str,
) -> Outcome<()> {
    store::insert_receipt(
        tx.conn,
        &NewReceipt {
            receipt_no,
            sample_id: sample.id,
            decision: receipt.decision.code(),
            reason_code: receipt.reason.map_or("", |reason| reason.code()),
            reason_text: &receipt.reason_text,
            document: serde_json::to_string(receipt).map_err(Fault::broken)?,
            custodian_id: by.person,
            arrived_at: receipt.arrived_at,
            received_at: tx.now,
        },
    )?;
    Ok(())
}

/// A rejection, of which the sender is told in writing; or a hold: arrived, to be decided later.
fn decide(
    tx: &mut Tx,
    by: &May<ReceiveSamples>,
    reception: &Reception,
    sample: &SampleFacts,
    receipt: &Receipt,
    laboratory: &str,
) -> Outcome<Received> {
    let event = (receipt.decision == Decision::Reject).then_some(SampleEvent::Reject);
    let arrived = sample.state.after(SampleEvent::Arrive).unwrap_or(sample.state);
    let state = match event {
        Some(event) => after(arrived, event)?,
        None => arrived,
    };
    let series = numbers::receipt_series(laboratory, tx.now.date_in_china());
    let receipt_no = numbers::number(&series, series::take(tx, &series, 1)?);
    let hold = if event.is_none() { receipt.reason_text.as_str() } else { "" };
    let change = store::Received {
        sample_no: None,
        state: state.code(),
        hold_reason: hold,
        arrived_at: Some(receipt.arrived_at),
        accepted_at: None,
        due_on: None,
        due_provisional: false,
        departure: "",
        departure_consent: "",
    };
    if !store::set_received(tx.conn, sample.id, sample.version, &change)? {
        return Err(stale(sample.id, sample.version + 1));
    }
    record(tx, by, sample, receipt, &receipt_no)?;
    let name = if event.is_some() { "sample-rejected" } else { "sample-arrived" };
    let mut entry = by
        .entry("sample", sample.id.0, sample.version + 1, name)
        .change("state", sample.state.code(), state.code())
        .set("receipt_no", receipt_no.as_str())
        .set("reason_text", receipt.reason_text.as_str());
    if let Some(reason) = receipt.reason {
        entry = entry.set("reason_code", reason.code());
    }
    if event.is_some() {
        rejection::queue(tx, &receipt_no)?;
    }
    tx.log(entry);
    Ok(Received {
        sample_id: sample.id.0,
        version: sample.version + 1,
        receipt_no,
        sample_no: None,
        state: state.code().to_owned(),
        label_codes: Vec::new(),
        due_on: None,
        due_provisional: false,
        pictures_missing: receipt.bare_lines(reception.pictures),
    })
}
