//! One sample with its parts and custody.

use std::cmp::Reverse;
use std::collections::HashMap;

use actix_web::web;
use askama::Template;
use serde::Deserialize;

use super::super::actions::{self, CustodyInput, SplitInput, Stay};
use super::super::facts::{PartFacts, SampleFacts};
use super::super::offered::Offered;
use super::super::parts::Amounts;
use super::super::receipt::{Checked, Receipt, question};
use super::super::rejection;
use super::super::state::{Custody, Retention, SampleState};
use super::super::words::CheckAnswer;
use super::amounts::Left;
use super::history::{HistoryLine, history, retention_line, said};
use super::labels::{grouped, labels};
use super::review::{ReviewLine, review_lines};
use super::{Step, way};
use crate::accounts::May;
use crate::accounts::actions::{RegionRow, regions};
use crate::accounts::pages::region_name;
use crate::accounts::role::{AssignItems, ReceiveSamples, Role, SeeQualityReport, SeeSamples};
use crate::app::Lis;
use crate::domain::clock::Moment;
use crate::domain::ids::{PartId, PersonId, PictureId, SampleId};
use crate::domain::refusal::{Outcome, Refusal};
use crate::quality::gates::state::Mode;
use crate::testing::actions::{ItemFacts, OrderItemInput, add_item, items_of};
use crate::web::language::Language;
use crate::web::routes::Routes;
use crate::web::ui::{Choice, FormErrors};
use crate::web::{Answer, Form, Ui, page, refused, refused_page, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/samples/{id}", one)
        .get("/samples/{id}/labels", labels)
        .post("/samples/{id}/hold", hold)
        .post("/samples/{id}/order-items", order_item)
        .post("/samples/{id}/withdraw", withdraw)
        .post("/parts/{id}/custody", custody)
        .post("/parts/{id}/split", split)
}

/// A part with its words.
struct PartLine {
    part: PartFacts,
    role: String,
    custody: String,
    retention: String,
    holder: String,
    /// Below which other part, as its label code.
    parent: String,
    amounts: Left,
    can_issue: bool,
    can_take_back: bool,
    /// Not disposed of.
    is_there: bool,
}

/// Where a part lay, with its words.
struct StayLine {
    label: String,
    stay: Stay,
}

/// A line of the checklist that was not in order.
struct RefusedLine {
    question: String,
    note: String,
    pictures: Vec<PictureId>,
    /// None shows it, and the laboratory asks for one.
    bare: bool,
}

struct ReceiptLine {
    no: String,
    decision: String,
    reason: String,
    /// Where the client's consent is found; empty: it was not asked for.
    consent: String,
    /// What the acceptance departed from.
    departures: Vec<String>,
    /// Lines that were not in order.
    refused: Vec<RefusedLine>,
    who: String,
    at: String,
    /// The note of a rejection is set.
    note: bool,
}

#[derive(Template)]
#[template(path = "samples/pages/sample.html")]
struct SamplePage {
    ui: Ui,
    sample: SampleFacts,
    state: &'static str,
    state_word: String,
    kind: String,
    category: String,
    way: Vec<Step>,
    facts: Vec<(String, String)>,
    /// What was doubtful about its form.
    doubts: Vec<String>,
    items: Vec<String>,
    /// What is tested, without results.
    tests: Vec<ItemFacts>,
    may_assign: bool,
    reviews: Vec<ReviewLine>,
    /// Photographs and diagrams of its form.
    pictures: i64,
    /// What may be added to its order; empty: nothing any more, or nobody ordered it of this laboratory.
    offered: Vec<Choice>,
    parts: Vec<PartLine>,
    receipts: Vec<ReceiptLine>,
    stays: Vec<StayLine>,
    sees_excursions: bool,
    custody: Vec<HistoryLine>,
    history: Vec<HistoryLine>,
    may_receive: bool,
    holders: Vec<Choice>,
    once: String,
    errors: FormErrors,
}

async fn one(by: May<SeeSamples>, ui: Ui, lis: web::Data<Lis>, id: web::Path<SampleId>) -> Answer {
    page(&shown(&lis, ui, &by, *id).await?, false)
}

async fn shown(lis: &Lis, ui: Ui, by: &crate::accounts::Actor, id: SampleId) -> Outcome<SamplePage> {
    let read = move |conn: &mut crate::db::Conn| {
        let sample = actions::facts(conn, id)?;
        let parts = actions::parts_of(conn, &[id])?;
        let receipts = actions::receipts(conn, id)?;
        let custody = actions::custody_of(conn, id)?;
        let retention = actions::retention_of(conn, &parts)?;
        let events = crate::audit::history::of(conn, "sample", id.0)?;
        let mut people: Vec<PersonId> = events.iter().filter_map(crate::audit::history::Event::person).collect();
        people.extend(retention.iter().map(|event| event.person_id));
        people.extend(custody.iter().flat_map(|event| [Some(event.person_id), event.holder_id]).flatten());
        people.extend(receipts.iter().map(|receipt| receipt.custodian_id));
        people.extend(parts.iter().filter_map(|part| part.holder_id));
        let names = crate::accounts::actions::names_of(conn, &people)?;
        let holders = crate::accounts::actions::people_with_role(conn, Role::Tester)?;
        let tests = items_of(conn, &[id])?;
        let pictures = actions::count_pictures(conn, sample.form_id)?;
        let noted = sample.state == SampleState::Rejected && rejection::is_set(conn, id)?;
        let more = (tests, actions::reviews(conn, id)?, (pictures, noted), regions(conn)?);
        let goods = (actions::amounts_of(conn, &parts)?, actions::stays_of(conn, &parts)?);
        let events = (events, retention);
        Ok((sample, (parts, goods), receipts, custody, events, names, holders, (actions::catalogue(conn)?, more)))
    };
    let (sample, (parts, (amounts, stays)), receipts, custody, events, names, holders, (catalogue, more)) =
        lis.db.read(read).await?;
    let (tests, reviews, (pictures, noted), regions) = more;
    let (events, retention) = events;
    let name_of = |id: PersonId| names.get(&id).cloned().unwrap_or_default();
    let labels: HashMap<PartId, String> =
        parts.iter().map(|part| (part.id, grouped(part.label_code.as_str()))).collect();
    let custody = custody
        .into_iter()
        .map(|event| HistoryLine {
            at: event.at.to_string(),
            what: format!(
                "{} {}",
                labels.get(&event.part_id).cloned().unwrap_or_default(),
                ui.t(&format!("custody-event-{}", event.event.replace('_', "-")))
            ),
            who: name_of(event.person_id),
            changes: said(
                &ui,
                [("part-location", event.location), ("part-holder", event.holder_id.map(name_of).unwrap_or_default())],
            ),
        })
        .collect();
    // The same words for what becomes of a part as on the page where it is decided.
    let times: Vec<Moment> = events.iter().map(|event| event.at).collect();
    let mut happened: Vec<(Moment, HistoryLine)> =
        times.into_iter().zip(history(&ui, &catalogue, events, &names)).collect();
    happened.extend(retention.into_iter().map(|event| {
        let label = labels.get(&event.part_id).map_or("", String::as_str);
        (event.at, retention_line(&ui, label, name_of(event.person_id), &event))
    }));
    happened.sort_by_key(|(at, _)| Reverse(*at));
    let asked = lis.config.receipt_pictures;
    let receipts = receipts
        .into_iter()
        .map(|receipt| {
            let record = serde_json::from_str::<Receipt>(&receipt.document).ok();
            (receipt, record)
        })
        .map(|(receipt, record)| ReceiptLine {
            note: noted && receipt.decision == "reject",
            decision: ui.t(&format!("decision-{}", receipt.decision.replace('_', "-"))),
            reason: match receipt.reason_code.as_str() {
                "" => receipt.reason_text,
                code => format!("{code} {} {}", ui.t(&format!("reject-reason-{code}")), receipt.reason_text),
            },
            departures: record
                .iter()
                .flat_map(|one| &one.departures)
                .map(|departure| ui.t(&departure.word()))
                .collect(),
            refused: record.iter().flat_map(|one| refused_lines(&ui, one, asked)).collect(),
            consent: record.map(|one| one.consent).unwrap_or_default(),
            who: name_of(receipt.custodian_id),
            at: receipt.received_at.to_string(),
            no: receipt.receipt_no,
        })
        .collect();
    let stays = stays
        .into_iter()
        .map(|stay| StayLine { label: labels.get(&stay.part_id).cloned().unwrap_or_default(), stay })
        .collect();
    let mut amounts: HashMap<PartId, Amounts> = amounts.into_iter().collect();
    let parts = parts
        .into_iter()
        .map(|part| PartLine {
            amounts: amounts.remove(&part.id).map(|one| Left::of(&ui, &one, &part.unit)).unwrap_or_default(),
            role: ui.t(&part.role.word()),
            custody: ui.t(&part.custody.word()),
            retention: ui.t(&part.retention.word()),
            holder: part.holder_id.map(name_of).unwrap_or_default(),
            parent: part.parent_id.and_then(|id| labels.get(&id).cloned()).unwrap_or_default(),
            can_issue: part.custody == Custody::InLaboratory && part.retention != Retention::Disposed,
            can_take_back: part.custody == Custody::Issued && part.retention != Retention::Disposed,
            is_there: part.retention != Retention::Disposed,
            part,
        })
        .collect();
    let contract = sample.form.contract.as_ref();
    let items = contract.map_or_else(Vec::new, |contract| {
        let item = |item: &super::super::order::OrderedItem| {
            let claim = item.label_claim.as_ref().map(|claim| format!(" · {} {claim}", ui.t("item-label-claim")));
            let factor = item.limit_factor.as_ref().map(|stated| format!(" · {} {stated}", ui.t("item-limit-factor")));
            let beside = [claim, factor].into_iter().flatten().collect::<String>();
            let name = catalogue.analyte_name(&item.analyte, ui.language);
            format!("{name} {}{beside}", item.method_standard)
        };
        contract.items.iter().map(item).collect()
    });
    let may_assign = May::<AssignItems>::check(by).is_some();
    let is_open = contract.is_some() && matches!(sample.state, SampleState::Accepted | SampleState::Testing);
    let choice = |(value, zh, en): (String, String, String)| Choice {
        label: ui.pick(&zh, &en).to_owned(),
        value,
        chosen: false,
    };
    let offered = if may_assign && is_open { catalogue.items() } else { Vec::new() };
    Ok(SamplePage {
        offered: offered.into_iter().map(choice).collect(),
        reviews: review_lines(&ui, reviews),
        pictures,
        doubts: super::doubts(&ui, &sample),
        state: sample.state.code(),
        state_word: ui.t(&sample.state.word()),
        kind: ui.t(&sample.sample_type.word()),
        category: catalogue.category_name(&sample.food_category, ui.language),
        way: way(&ui, sample.state),
        facts: form_facts(&ui, &sample, &catalogue, &regions),
        items,
        tests,
        may_assign,
        parts,
        receipts,
        stays,
        sees_excursions: May::<SeeQualityReport>::check(by).is_some(),
        custody,
        history: happened.into_iter().map(|(_, line)| line).collect(),
        may_receive: May::<ReceiveSamples>::check(by).is_some(),
        holders: holders
            .into_iter()
            .map(|(id, label)| Choice { value: id.to_string(), label, chosen: false })
            .collect(),
        once: ui.once(),
        errors: FormErrors::default(),
        sample,
        ui,
    })
}

/// What was not in order at receipt, with what was seen and what shows it.
fn refused_lines(ui: &Ui, receipt: &Receipt, asked: Mode) -> Vec<RefusedLine> {
    let bare = receipt.bare_lines(asked);
    let refused = receipt.checks.iter().filter(|line| line.answer == CheckAnswer::No);
    let line = |line: &Checked| RefusedLine {
        question: ui.t(&question(&line.check)),
        note: line.note.clone(),
        pictures: line.pictures.clone(),
        bare: bare.contains(&line.check),
    };
    refused.map(line).collect()
}

/// The fields of the form with their labels and words.
pub(super) fn form_facts(
    ui: &Ui,
    sample: &SampleFacts,
    catalogue: &Offered,
    regions: &[RegionRow],
) -> Vec<(String, String)> {
    use super::super::form::fields::{Kind, field};
    let mut facts: Vec<(String, String)> = sample
        .form
        .shown()
        .into_iter()
        .map(|(name, value)| {
            let shown = match field(name).map(|field| field.kind) {
                Some(Kind::Choice(list, _)) => ui.t(&format!("{list}-{}", value.replace('_', "-"))),
                Some(Kind::Category) => catalogue.category_name(&value, ui.language),
                Some(Kind::Region) => region_name(ui, regions, &value),
                _ => value,
            };
            (ui.t(&format!("form-{}", name.replace('_', "-"))), shown)
        })
        .collect();
    let storage: Vec<String> = sample.form.storage.iter().map(|one| ui.t(&one.word())).collect();
    if !storage.is_empty() {
        let separator = match ui.language {
            Language::Chinese => "、",
            Language::English => ", ",
        };
        facts.push((ui.t("form-storage"), storage.join(separator)));
    }
    facts
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct HoldInput {
    /// Empty: released.
    reason: String,
}

/// Longest reason of a hold, in characters.
const HOLD_MOST: usize = 200;

async fn hold(
    by: May<ReceiveSamples>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<SampleId>,
    form: Form<HoldInput>,
) -> Answer {
    let (id, seen, request) = (*id, form.seen.required()?, form.request);
    let mut check = crate::domain::input::Checker::new();
    let reason = check.optional_text("reason", &form.input.reason, HOLD_MOST);
    let actor = by.clone();
    let outcome = match check.done(Some(reason)) {
        Ok(reason) => {
            let who = by.clone();
            let work = move |tx: &mut crate::db::Tx| actions::set_hold(tx, &who, id, Some(seen), &reason);
            refused(lis.command(&actor, &request, work).await)?
        }
        Err(refusal) => Err(refusal),
    };
    answered(&lis, ui, &by, id, outcome).await
}

/// Another item for the order of a sample.
async fn order_item(
    by: May<AssignItems>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<SampleId>,
    form: Form<OrderItemInput>,
) -> Answer {
    let (id, seen, request) = (*id, form.seen.required()?, form.request);
    let actor = by.clone();
    let outcome = match form.input.checked() {
        Ok(facts) => {
            let who = by.clone();
            let work = move |tx: &mut crate::db::Tx| add_item(tx, &who, id, seen, &facts);
            refused(lis.command(&actor, &request, work).await)?.map(|_| ())
        }
        Err(refusal) => Err(refusal),
    };
    answered(&lis, ui, &by, id, outcome).await
}

async fn withdraw(
    by: May<ReceiveSamples>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<SampleId>,
    form: Form<Vec<(String, String)>>,
) -> Answer {
    let (id, seen) = (*id, form.seen.required()?);
    let (actor, who) = (by.clone(), by.clone());
    let work = move |tx: &mut crate::db::Tx| actions::withdraw(tx, &who, id, seen);
    let outcome = refused(lis.command(&actor, &form.request, work).await)?;
    answered(&lis, ui, &by, id, outcome).await
}

async fn answered(
    lis: &Lis,
    ui: Ui,
    by: &crate::accounts::Actor,
    id: SampleId,
    outcome: Result<(), Refusal>,
) -> Answer {
    match outcome {
        Ok(()) => Ok(see_other(&format!("/samples/{id}"), Some("done-sample-saved"))),
        Err(refusal) => {
            let mut sample = shown(lis, ui, by, id).await?;
            sample.errors = FormErrors::of(&refusal, sample.ui.language);
            refused_page(&sample, &refusal)
        }
    }
}

async fn part_sample(lis: &Lis, id: PartId) -> Outcome<SampleId> {
    lis.db.read(move |conn| Ok(actions::part(conn, id)?.sample_id)).await
}

async fn custody(
    by: May<ReceiveSamples>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<PartId>,
    form: Form<CustodyInput>,
) -> Answer {
    let Form { input, request, seen } = form;
    let (id, seen) = (*id, seen.required()?);
    let sample = part_sample(&lis, id).await?;
    let (actor, who) = (by.clone(), by.clone());
    let work = move |tx: &mut crate::db::Tx| actions::change_custody(tx, &who, id, seen, &input);
    let outcome = refused(lis.command(&actor, &request, work).await)?;
    answered(&lis, ui, &by, sample, outcome.map(|_| ())).await
}

/// The page's form of a split: quantities one after the other in one field.
#[derive(Deserialize, Default)]
#[serde(default)]
struct SplitForm {
    quantities: String,
    location: String,
    reason: String,
}

async fn split(
    by: May<ReceiveSamples>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<PartId>,
    form: Form<SplitForm>,
) -> Answer {
    let Form { input, request, seen } = form;
    let (id, seen) = (*id, seen.required()?);
    let quantities = input.quantities.split([' ', ';', '；', '、']).map(str::to_owned).collect();
    let input = SplitInput { quantities, location: input.location, reason: input.reason };
    let sample = part_sample(&lis, id).await?;
    let (actor, who) = (by.clone(), by.clone());
    let work = move |tx: &mut crate::db::Tx| actions::split(tx, &who, id, seen, &input);
    let outcome = refused(lis.command(&actor, &request, work).await)?;
    answered(&lis, ui, &by, sample, outcome.map(|_| ())).await
}
