//! What is to be tested, and by whom.

use std::collections::HashMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::asking::{ANY_STANDARD, food_of};
use super::authorizations::{Coverage, TEST};
use super::choosing::{chosen, listed, procedures, unit_of};
use super::compute::notes_of;
use super::concentrating::{ItemFactor, documents, in_force};
use super::dependencies::added_parts;
use super::state::{ItemEvent, ItemState};
use super::store::{self, Assigning, ItemFilter, ItemRow, NewItemRow};
use super::views::method_text;
use super::{
    ANALYTE_UNKNOWN, AT_ONCE_MOST, ITEM_CHANGED, METHOD_UNKNOWN, NOT_A_TESTER, NOTHING_CHOSEN, PLAN_EMPTY,
    TESTER_RECEIVED, TESTER_SAMPLED, TOO_MANY,
};
use crate::accounts::actions::{names_of, people_with_role};
use crate::accounts::role::AssignItems;
use crate::accounts::{Actor, May, Role};
use crate::catalogue::methods::items_to_test;
use crate::catalogue::names::split_edition;
use crate::catalogue::reference::AnalyteKind;
use crate::catalogue::search::LimitQuery;
use crate::catalogue::{Catalogue, actions as catalogue};
use crate::db::{Conn, Tx};
use crate::domain::ids::{ItemId, PartId, PersonId, ResultId, SampleId};
use crate::domain::refusal::{NOT_FOUND, Outcome, Reasons};
use crate::quality::gates::actions as gates;
use crate::quality::gates::state::{Gate, Mode};
use crate::quality::proficiency::doubts::Doubts;
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

/// One item on its way into the table.
struct Planned {
    analyte: String,
    method_standard: String,
    limit_standards: String,
    food: String,
    guard_band: bool,
    rules_edition: String,
    permitted_methods: String,
    label_claim: String,
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
    let planned = if sample.ordered.is_empty() {
        with_parts(catalogue, by_rules(catalogue, sample, sampled)?, today)
    } else {
        by_order(catalogue, sample, sampled)?
    };
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

/// The class of the yearly rules: its key alone, or behind the name of a tree.
fn rules_of<'c>(
    catalogue: &'c Catalogue,
    category: &str,
    sampled: NaiveDate,
) -> Vec<&'c crate::catalogue::reference::ImplementingRule> {
    let found = items_to_test(&catalogue.rules, category, sampled);
    match category.split_once(':') {
        Some((_, key)) if found.is_empty() => items_to_test(&catalogue.rules, key, sampled),
        _ => found,
    }
}

fn by_rules(catalogue: &Catalogue, sample: &SampleToTest, sampled: NaiveDate) -> Outcome<Vec<Planned>> {
    let category = sample.food_category.as_str();
    let claim_of = |analyte: &str| sample.claims.iter().find(|(of, _)| of == analyte).map(|(_, claim)| claim.clone());
    let rules = rules_of(catalogue, category, sampled);
    if rules.is_empty() {
        return Err(PLAN_EMPTY.with("category", category).with("date", sampled).at("food_category").into());
    }
    Ok(rules
        .into_iter()
        .map(|rule| Planned {
            analyte: rule.analyte.clone(),
            method_standard: rule.methods.first().cloned().unwrap_or_default(),
            limit_standards: rule.basis.clone(),
            food: format!("{}:{}", rule.basis, rule.basis_category),
            guard_band: false,
            rules_edition: rule.edition.clone(),
            permitted_methods: rule.methods.join(";"),
            label_claim: claim_of(&rule.analyte).unwrap_or_default(),
        })
        .collect())
}

/// The rules ask for a residue by its name, and the procedure adds what its definition names beside the compound: that is tested
/// too, each behind its residue, and judged with it alone.
fn with_parts(catalogue: &Catalogue, asked: Vec<Planned>, today: NaiveDate) -> Vec<Planned> {
    let mut known: Vec<String> = asked.iter().map(|item| item.analyte.clone()).collect();
    let mut planned = Vec::new();
    for item in asked {
        let mut parts = added_parts(catalogue, (&item.method_standard, &item.food), &item.analyte, today);
        parts.retain(|part| !known.contains(part));
        known.extend(parts.iter().cloned());
        let part = |analyte: String| Planned {
            analyte,
            method_standard: item.method_standard.clone(),
            limit_standards: String::new(),
            food: item.food.clone(),
            guard_band: false,
            rules_edition: item.rules_edition.clone(),
            permitted_methods: item.permitted_methods.clone(),
            label_claim: String::new(),
        };
        let parts: Vec<Planned> = parts.into_iter().map(part).collect();
        planned.push(item);
        planned.extend(parts);
    }
    planned
}

fn by_order(catalogue: &Catalogue, sample: &SampleToTest, sampled: NaiveDate) -> Outcome<Vec<Planned>> {
    let rules = rules_of(catalogue, &sample.food_category, sampled);
    let name = rules.first().and_then(|rule| rule.category_zh.rsplit('/').next()).map(str::to_owned);
    let mut reasons = Reasons::new();
    let mut planned = Vec::new();
    for (place, ordered) in sample.ordered.iter().enumerate() {
        let known =
            catalogue.analytes.get(&ordered.analyte).or_else(|| catalogue.analytes.find(&ordered.analyte).next());
        let Some(analyte) = known else {
            reasons.add(ANALYTE_UNKNOWN.with("analyte", &ordered.analyte).at(format!("ordered[{place}].analyte")));
            continue;
        };
        let number = number_of(catalogue, &ordered.method_standard);
        if !catalogue.methods.iter().any(|row| row.standard == number) {
            let field = format!("ordered[{place}].method_standard");
            reasons.add(METHOD_UNKNOWN.with("method", &ordered.method_standard).at(field));
        }
        // Where the rules place the food in the tree of a standard that is asked for, that place holds.
        let asked = |basis: &String| ordered.limit_standards.is_empty() || ordered.limit_standards.contains(basis);
        let rule = rules.iter().find(|rule| rule.analyte == analyte.key && asked(&rule.basis));
        let food = match rule {
            Some(rule) => format!("{}:{}", rule.basis, rule.basis_category),
            None => name.clone().unwrap_or_else(|| sample.food_category.clone()),
        };
        let standards = match (ordered.results_only, rule) {
            (true, _) => Vec::new(),
            (false, Some(rule)) if ordered.limit_standards.is_empty() => vec![rule.basis.clone()],
            (false, None) if ordered.limit_standards.is_empty() => {
                let produced = sample.production_date.unwrap_or(sampled);
                let found = standards_with_limit(catalogue, &food, &analyte.key, produced);
                // That no row is there says something only in a catalogue that is declared complete.
                if found.is_empty() { vec![ANY_STANDARD.to_owned()] } else { found }
            }
            (false, _) => ordered.limit_standards.clone(),
        };
        planned.push(Planned {
            analyte: analyte.key.clone(),
            method_standard: number.to_owned(),
            limit_standards: standards.join(";"),
            food,
            guard_band: ordered.guard_band,
            rules_edition: String::new(),
            permitted_methods: String::new(),
            label_claim: if ordered.results_only { String::new() } else { ordered.label_claim.clone() },
        });
    }
    reasons.none()?;
    Ok(planned)
}

/// The number of a method that was asked for, without its edition; some numbers end like an edition themselves.
pub(super) fn number_of<'s>(catalogue: &Catalogue, asked: &'s str) -> &'s str {
    let asked = asked.trim();
    let is_whole = catalogue.methods.iter().any(|row| row.standard == asked);
    if is_whole { asked } else { split_edition(asked).0 }
}

/// Standards without edition that limit an analyte in a food produced on a day.
fn standards_with_limit(catalogue: &Catalogue, food: &str, analyte: &str, produced: NaiveDate) -> Vec<String> {
    let query = LimitQuery { standards: &[], food: food_of(catalogue, food), analyte, produced };
    let search = catalogue.search();
    let found = search.search(&query);
    let mut standards: Vec<String> =
        found.governing().iter().map(|found| split_edition(&found.row.standard).0.to_owned()).collect();
    standards.sort_unstable();
    standards.dedup();
    standards
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
                let ItemRow { analyte, limit_standards, food, produced_on, label_claim, .. } = item;
                let unit = unit_of(&catalogue, Some(method), analyte, limit_standards, food, *produced_on, label_claim);
                let way = [method.standard.clone(), method.key.clone(), unit];
                alike.entry((tester, way)).or_default().push((item.id, item.version));
            }
        }
    }
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
