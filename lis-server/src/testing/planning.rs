//! What is to be tested, and by whom.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::authorizations::{Coverage, TEST};
use super::choosing::{chosen, listed, procedures, unit_of};
use super::compute::notes_of;
use super::concentrating::{ItemFactor, documents, in_force};
use super::planned::{Planned, asked_of};
use super::state::{ItemEvent, ItemState};
use super::store::{self, Assigning, ItemFilter, ItemRow, NewItemRow};
use super::views::method_text;
use super::{
    AT_ONCE_MOST, ITEM_CHANGED, NOT_A_TESTER, NOTHING_CHOSEN, RAPID_AGAIN, TESTER_RECEIVED, TESTER_SAMPLED, TOO_MANY,
};
use crate::accounts::actions::{names_of, people_with_role};
use crate::accounts::role::AssignItems;
use crate::accounts::{Actor, May, Role};
use crate::catalogue::reference::AnalyteKind;
use crate::catalogue::{Catalogue, actions as catalogue};
use crate::db::{Conn, Tx};
use crate::domain::ids::{ItemId, PartId, PersonId, ResultId, SampleId};
use crate::domain::refusal::{NOT_FOUND, Outcome, Reason, Reasons};
use crate::quality::gates::actions as gates;
use crate::quality::gates::state::{Gate, Mode};
use crate::quality::proficiency::doubts::Doubts;
use crate::samples::SampleType;
use crate::samples::actions as samples;
use crate::samples::state::SampleEvent;

/// An accepted sample, as far as testing has to know it.
#[derive(Clone, Debug)]
pub struct SampleToTest {
    pub sample_id: SampleId,
    /// Code of the sample's type: supervision, campaign, entrusted, …
    pub sample_type: String,
    /// Class of the yearly rules, or `tree:category`, or a name.
    pub food_category: String,
    pub sampled_on: Option<NaiveDate>,
    pub production_date: Option<NaiveDate>,
    pub test_part: PartId,
    pub micro_parts: Vec<PartId>,
    /// What an order asks for; empty: the implementing rules say what is tested.
    pub ordered: Vec<OrderedItem>,
    /// What the label claims, by analyte: of items that the implementing rules ask for.
    pub claims: Vec<(String, String)>,
    /// Factors of a concentrated, dried or diluted product, in the order in which they were stated.
    pub factors: Vec<ItemFactor>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct OrderedItem {
    /// Key, name, alias or CAS number.
    pub analyte: String,
    /// Without edition: the test date decides.
    pub method_standard: String,
    /// Standards to judge by; empty: those that hold for the food.
    pub limit_standards: Vec<String>,
    /// Nothing is judged.
    pub results_only: bool,
    /// Judged with guard bands of the laboratory's uncertainty.
    pub guard_band: bool,
    /// What the label says of it, as `≥3.2 g/100g × 80 %`; empty: nothing that is to be judged.
    pub label_claim: String,
}

/// Makes the items of a sample that is just accepted: from the implementing rules, or from its order. A sample is planned
/// once: a second plan would bear numbers that are taken. One statement, and the log.
pub fn plan_items(tx: &mut Tx, by: &Actor, catalogue: &Catalogue, sample: &SampleToTest) -> Outcome<Vec<ItemId>> {
    plan_after(tx, by, catalogue, sample, 0)
}

/// The same with numbers that follow on those that the sample's items have.
pub(super) fn plan_after(
    tx: &mut Tx,
    by: &Actor,
    catalogue: &Catalogue,
    sample: &SampleToTest,
    last: i64,
) -> Outcome<Vec<ItemId>> {
    let today = tx.now.date_in_china();
    let sampled = sample.sampled_on.unwrap_or(today);
    let planned = asked_of(catalogue, sample, (sampled, today))?;
    let analytes: Vec<&str> = planned.iter().map(|item| item.analyte.as_str()).collect();
    let factors = documents(catalogue, &sample.factors, &analytes, (by, tx.now))?;
    let rows: Vec<NewItemRow> = planned
        .into_iter()
        .zip(factors)
        .zip(last + 1..)
        .map(|((item, limit_factor), seq)| {
            let row = new_row(catalogue, sample, item, seq, today, tx.now);
            NewItemRow { limit_factor, ..row }
        })
        .collect();
    let ids = store::insert_items(tx.conn, &rows)?;
    for (id, row) in ids.iter().zip(&rows) {
        tx.log(
            by.entry("test_item", id.0, 1, "item-planned")
                .set("sample", sample.sample_id.0)
                .set("analyte", row.analyte.as_str())
                .set("method_standard", row.method_standard.as_str())
                .set("limit_standards", row.limit_standards.as_str())
                .set("rules_edition", row.rules_edition.as_str())
                .set("label_claim", row.label_claim.as_str())
                .set("limit_factor", in_force(&row.limit_factor).map(|stated| stated.to_string()).unwrap_or_default()),
        );
    }
    Ok(ids)
}

fn new_row(
    catalogue: &Catalogue,
    sample: &SampleToTest,
    planned: Planned,
    seq: i64,
    today: NaiveDate,
    now: crate::domain::clock::Moment,
) -> NewItemRow {
    let analyte = catalogue.analytes.get(&planned.analyte);
    let micro = analyte.is_some_and(|analyte| analyte.kind == AnalyteKind::Microbiology);
    let fitting = procedures(catalogue, &planned.method_standard, &planned.analyte, &planned.food, today);
    let procedure = fitting.first().copied();
    let produced_on = sample.production_date.or(sample.sampled_on).unwrap_or(today);
    let mut row = NewItemRow {
        version: 1,
        sample_id: sample.sample_id,
        part_id: Some(if micro {
            sample.micro_parts.first().copied().unwrap_or(sample.test_part)
        } else {
            sample.test_part
        }),
        seq,
        analyte_zh: analyte.map_or_else(|| planned.analyte.clone(), |row| row.name_zh.clone()),
        analyte_en: analyte.map_or_else(|| planned.analyte.clone(), |row| row.name_en.clone()),
        analyte: planned.analyte,
        method_standard: planned.method_standard,
        method_key: String::new(),
        limit_standards: planned.limit_standards,
        food: planned.food,
        produced_on,
        unit: String::new(),
        state: ItemState::Planned.code(),
        verdict: "",
        created_at: now,
        tester_id: None,
        derived: false,
        guard_band: planned.guard_band,
        rules_edition: planned.rules_edition,
        permitted_methods: planned.permitted_methods,
        label_claim: planned.label_claim,
        limit_factor: String::new(),
    };
    let NewItemRow { analyte, limit_standards, food, label_claim, .. } = &row;
    row.unit = unit_of(catalogue, procedure, analyte, limit_standards, food, produced_on, label_claim);
    row
}

/// One item to one tester.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Assignment {
    pub item: i64,
    /// The version that was seen.
    pub version: i64,
    pub tester: i64,
    /// Key of the procedure, of the item's method or of another that the implementing rules permit; left out: the first that
    /// fits.
    #[serde(default)]
    pub method_key: String,
}

/// What was assigned.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ItemsAssigned)]
pub struct Assigned {
    pub items: Vec<i64>,
}

/// Assigns items to testers who are authorized today; every refusal of every item is named, and then none is assigned.
pub fn assign(tx: &mut Tx, by: &May<AssignItems>, wanted: &[Assignment]) -> Outcome<Assigned> {
    if wanted.is_empty() {
        return Err(NOTHING_CHOSEN.into());
    }
    if wanted.len() > AT_ONCE_MOST {
        return Err(TOO_MANY.with("limit", AT_ONCE_MOST).into());
    }
    let catalogue = catalogue::current(tx.conn)?;
    let today = tx.now.date_in_china();
    let ids: Vec<ItemId> = wanted.iter().map(|one| ItemId(one.item)).collect();
    let items = store::items(tx.conn, &ids)?;
    let mut samples: Vec<SampleId> = items.iter().map(|item| item.sample_id).collect();
    samples.sort_unstable();
    samples.dedup();
    let takers = samples::takers_of(tx.conn, &samples)?;
    let receivers = samples::receivers_of(tx.conn, &samples)?;
    let testers: HashMap<PersonId, String> = people_with_role(tx.conn, Role::Tester)?.into_iter().collect();
    let people: Vec<PersonId> = wanted.iter().map(|one| PersonId(one.tester)).collect();
    let coverage = Coverage::of(tx.conn, &people, TEST, today)?;
    // What is no block here is found again when the sheet is submitted.
    let settings = gates::settings(tx.conn)?;
    let (competence, edition) = (settings.mode(Gate::Competence, today), settings.mode(Gate::Edition, today));
    let doubts = Doubts::on(tx.conn, &settings, today)?;
    let mut reasons = Reasons::new();
    let mut screening: Vec<(&ItemRow, String)> = Vec::new();
    let mut alike: HashMap<(PersonId, [String; 3]), Vec<(ItemId, i64)>> = HashMap::new();
    for one in wanted {
        let field = format!("item-{}", one.item);
        let Some(item) = items.iter().find(|item| item.id.0 == one.item) else {
            reasons.add(NOT_FOUND.at(field));
            continue;
        };
        let tester = PersonId(one.tester);
        if item.version != one.version {
            reasons.add(ITEM_CHANGED.with("item", item.name()).with("version", item.version).at(&field));
        }
        if let Err(reason) = state_of(item).after(ItemEvent::Assign) {
            reasons.add(reason.with("item", item.name()).at(&field));
        }
        let choice = chosen(&catalogue, item, &one.method_key, (today, edition));
        // Whoever tests by another permitted method is authorized for that one.
        let standard = choice.as_ref().map_or(&item.method_standard, |method| &method.standard);
        match testers.get(&tester) {
            None => reasons.add(NOT_A_TESTER.with("person", one.tester).at(&field)),
            Some(name) => {
                if competence == Mode::Block
                    && let Err(reason) = coverage.require(tester, name, standard)
                {
                    reasons.add(reason.at(&field));
                }
                let took = takers.get(&item.sample_id).is_some_and(|takers| takers.contains(&tester));
                reasons.add_if(took, || TESTER_SAMPLED.with("person", name).at(&field));
                let received = receivers.get(&item.sample_id).is_some_and(|people| people.contains(&tester));
                reasons.add_if(received, || TESTER_RECEIVED.with("person", name).at(&field));
            }
        }
        reasons.extend(doubts.block(standard).map(|reason| reason.at(&field)));
        match choice {
            Err(reason) => reasons.add(reason.at(&field)),
            Ok(method) => {
                if method.screening {
                    screening.push((item, field));
                }
                let ItemRow { analyte, limit_standards, food, produced_on, label_claim, .. } = item;
                let unit = unit_of(&catalogue, Some(method), analyte, limit_standards, food, *produced_on, label_claim);
                let way = [method.standard.clone(), method.key.clone(), unit];
                alike.entry((tester, way)).or_default().push((item.id, item.version));
            }
        }
    }
    reasons.extend(rapid_again(tx.conn, &screening)?);
    reasons.none()?;
    let assigning = alike.into_iter().map(|((tester, [method_standard, method_key, unit]), seen)| Assigning {
        tester,
        method_standard,
        method_key,
        unit,
        seen,
    });
    let assigning: Vec<Assigning> = assigning.collect();
    if !store::assign_items(tx.conn, &assigning, ItemState::Assigned.code())? {
        return Err(ITEM_CHANGED.with("item", "").with("version", "").into());
    }
    for one in &assigning {
        for (id, version) in &one.seen {
            let before = items.iter().find(|item| item.id == *id).map_or("", |item| item.state.as_str());
            tx.log(
                by.entry("test_item", id.0, version + 1, "item-assigned")
                    .change("state", before, ItemState::Assigned.code())
                    .set("tester", one.tester.0)
                    .set("method_key", one.method_key.as_str()),
            );
        }
    }
    samples::progress_all(tx, by, &samples, SampleEvent::StartTesting)?;
    Ok(Assigned { items: ids.iter().map(|id| id.0).collect() })
}

/// Why items are not assigned by a screening: what a rapid test found is tested again by a laboratory method. One statement
/// where a screening was chosen, else none.
fn rapid_again(conn: &mut Conn, screening: &[(&ItemRow, String)]) -> Outcome<Vec<Reason>> {
    if screening.is_empty() {
        return Ok(Vec::new());
    }
    let of: Vec<SampleId> = screening.iter().map(|(item, _)| item.sample_id).collect();
    let samples = samples::facts_of(conn, &of)?;
    let is_retest = |item: &ItemRow| {
        samples.iter().any(|sample| sample.id == item.sample_id && sample.sample_type == SampleType::RapidTest)
    };
    let refused = screening.iter().filter(|(item, _)| is_retest(item));
    Ok(refused.map(|(item, field)| RAPID_AGAIN.with("item", item.name()).at(field)).collect())
}

/// The state of a row. A state that is not known can only come from another program's hands; it allows nothing.
pub(super) fn state_of(item: &ItemRow) -> ItemState {
    ItemState::parse(&item.state).unwrap_or(ItemState::Cancelled)
}

/// An item that waits, as benches see it: by label code.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct WaitingItem {
    pub id: i64,
    pub version: i64,
    pub label_code: String,
    pub analyte: String,
    pub analyte_zh: String,
    pub analyte_en: String,
    pub method_standard: String,
    pub method_key: String,
    /// The procedure as papers name it; the standard until one is chosen.
    pub method: String,
    pub state: String,
    pub tester_id: Option<i64>,
    pub tester: String,
    pub worksheet_id: Option<i64>,
    pub reported: String,
    pub verdict: String,
    /// Why a person has to look at it: codes such as `screening-positive`.
    pub notes: Vec<String>,
    pub unit: String,
    /// Edition of the implementing rules that asked for it; empty: an order did.
    pub rules_edition: String,
    /// Methods that these rules permit; empty: its own alone.
    pub permitted_methods: Vec<String>,
    /// A value of its places was typed long after it was made.
    pub typed_late: bool,
}

/// Items in some states, in order of id.
pub fn waiting_items(conn: &mut Conn, filter: &ItemFilter, limit: i64) -> Outcome<Vec<WaitingItem>> {
    let rows = store::items_where(conn, filter, limit)?;
    let parts: Vec<PartId> = rows.iter().filter_map(|row| row.part_id).collect();
    let labels = samples::labels_of(conn, &parts)?;
    let people: Vec<PersonId> = rows.iter().filter_map(|row| row.tester_id).collect();
    let names = names_of(conn, &people)?;
    let results: Vec<ResultId> = rows.iter().filter_map(|row| row.result_id).collect();
    let reported = store::reported(conn, &results)?;
    let mut reported: HashMap<ItemId, store::ReportedRow> =
        reported.into_iter().map(|row| (row.item_id, row)).collect();
    let measured: Vec<ItemId> = rows.iter().filter(|row| row.result_id.is_some()).map(|row| row.id).collect();
    let late = store::items_typed_late(conn, &measured)?;
    let catalogue = catalogue::current(conn)?;
    let method = |row: &ItemRow| match row.method_key.as_str() {
        "" => row.method_standard.clone(),
        key => method_text(&catalogue, key),
    };
    let mut shown = |row: &ItemRow| match reported.remove(&row.id) {
        Some(result) => (notes_of(&result.record), result.reported, result.unit),
        None => (Vec::new(), String::new(), row.unit.clone()),
    };
    Ok(rows
        .into_iter()
        .map(|row| (shown(&row), row))
        .map(|((notes, reported, unit), row)| WaitingItem {
            id: row.id.0,
            version: row.version,
            label_code: row.part_id.and_then(|part| labels.get(&part).cloned()).unwrap_or_default(),
            tester: row.tester_id.and_then(|id| names.get(&id).cloned()).unwrap_or_default(),
            tester_id: row.tester_id.map(|id| id.0),
            worksheet_id: row.worksheet_id.map(|id| id.0),
            method: method(&row),
            analyte: row.analyte,
            analyte_zh: row.analyte_zh,
            analyte_en: row.analyte_en,
            method_standard: row.method_standard,
            method_key: row.method_key,
            state: row.state,
            reported,
            verdict: row.verdict,
            notes,
            unit,
            typed_late: late.contains(&row.id),
            permitted_methods: listed(&row.permitted_methods).map(str::to_owned).collect(),
            rules_edition: row.rules_edition,
        })
        .collect())
}
