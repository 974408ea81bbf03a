//! Totals before species (`judgement.md` 7): total arsenic or mercury that is not above the limit of its species settles the
//! matter. Above it the species is asked for as an item of its own, and the total is judged on it once it is measured.

use std::collections::BTreeMap;

use super::CALCULATION_FAILED;
use super::checking::verdict_of;
use super::choosing::{procedures, unit_of};
use super::compute::{Asked, LimitAsked, LimitRowAsked, Record};
use super::dependencies::{again, asked_today};
use super::planning::state_of;
use super::results::{Made, store_results};
use super::state::{ItemEvent, ItemState};
use super::store::{self, ItemRow, NewItemRow, ResultRow};
use super::taken::{Need, Taken, Use};
use crate::accounts::Actor;
use crate::catalogue::Catalogue;
use crate::db::Tx;
use crate::domain::ids::{ItemId, SampleId};
use crate::domain::refusal::{Fault, Outcome};
use crate::judgement::Verdict;

/// Asks for the species of totals that are too high, and judges on it the totals that waited for it. Nothing where no result
/// is such a total or species, else a statement to look, one for new items, and those of the results.
pub(super) fn follow_totals(tx: &mut Tx, by: &Actor, catalogue: &Catalogue, made: &[Made]) -> Outcome<()> {
    let is_species = |key: &str| catalogue.limits.iter().any(|row| row.analyte == key && row.screened_by.is_some());
    let concerned = |one: &&Made| species_asked(&one.record).is_some() || is_species(&one.item.analyte);
    let concerned: Vec<&ItemRow> = made.iter().filter(concerned).map(|one| &one.item).collect();
    if concerned.is_empty() {
        return Ok(());
    }
    let mut samples: Vec<SampleId> = concerned.iter().map(|item| item.sample_id).collect();
    samples.sort_unstable();
    samples.dedup();
    store::lock_samples(tx.conn, &samples)?;
    let ids: Vec<ItemId> = concerned.iter().map(|item| item.id).collect();
    let siblings = store::items_with_siblings(tx.conn, &ids)?;
    let mut newest: BTreeMap<SampleId, i64> = BTreeMap::new();
    for (item, ..) in &siblings {
        let seq = newest.entry(item.sample_id).or_default();
        *seq = item.seq.max(*seq);
    }
    let (mut wanted, mut judged) = (Vec::new(), Vec::new());
    for (total, _, result) in &siblings {
        let waits = |row: &&ResultRow| stands(total) && verdict_of(&row.verdict) == Verdict::Incomplete;
        let Some(row) = result.as_ref().filter(waits) else { continue };
        let record: Record = serde_json::from_str(&row.record).map_err(Fault::broken)?;
        let Some(limit) = species_asked(&record) else { continue };
        let is_own = |item: &ItemRow| {
            item.sample_id == total.sample_id
                && limit.species.as_deref() == Some(item.analyte.as_str())
                && state_of(item) != ItemState::Cancelled
        };
        match siblings.iter().find(|(item, ..)| is_own(item)) {
            Some((species, _, Some(found))) if stands(species) => {
                judged.push(judged_on(catalogue, (total, row, &record), (species, found))?);
            }
            Some(_) => {}
            None => {
                let seq = newest.entry(total.sample_id).or_default();
                *seq += 1;
                wanted.push((total.id, species_row(tx, catalogue, total, limit, *seq)));
            }
        }
    }
    ask_for(tx, by, wanted)?;
    store_results(tx, by, &judged, "recomputed", "", ItemEvent::Recompute)?;
    Ok(())
}

/// The limit of the species that a total was compared with.
fn species_asked(record: &Record) -> Option<&LimitRowAsked> {
    match &record.asked.limit {
        LimitAsked::Row(row) if row.species.is_some() => Some(row),
        _ => None,
    }
}

fn stands(item: &ItemRow) -> bool {
    matches!(state_of(item), ItemState::Calculated | ItemState::Checked | ItemState::Final)
}

/// The next version of a total, judged on its species.
fn judged_on(
    catalogue: &Catalogue,
    (total, row, record): (&ItemRow, &ResultRow, &Record),
    (species, found): (&ItemRow, &ResultRow),
) -> Outcome<Made> {
    let result: Record = serde_json::from_str(&found.record).map_err(Fault::broken)?;
    let need = Need {
        input: String::new(),
        analyte: species.analyte.clone(),
        unit: record.answered.unit.clone(),
        factor: None,
        used_as: Use::Species,
    };
    let taken = Taken::of(&need, species.id, found.version_no, &result)
        .map_err(|why| CALCULATION_FAILED.with("label", total.name()).with("why", why))?;
    let from = record.asked.from.iter().cloned().chain(taken).collect();
    Ok(Made {
        item: total.clone(),
        version_no: row.version_no + 1,
        record: again(catalogue, Asked { from, ..asked_today(record, catalogue) }, total)?,
        entries: row.entries(),
    })
}

/// The species as an item to be tested, by the method that its limit names.
fn species_row(tx: &Tx, catalogue: &Catalogue, total: &ItemRow, limit: &LimitRowAsked, seq: i64) -> NewItemRow {
    let key = limit.species.clone().unwrap_or_default();
    let analyte = catalogue.analytes.get(&key);
    let method = catalogue.limits.iter().find(|row| row.key == limit.key).and_then(|row| row.methods.first());
    let method_standard = method.unwrap_or(&total.method_standard).clone();
    let fitting = procedures(catalogue, &method_standard, &key, &total.food, tx.now.date_in_china());
    let procedure = fitting.first().copied();
    NewItemRow {
        version: 1,
        sample_id: total.sample_id,
        part_id: total.part_id,
        seq,
        analyte_zh: analyte.map_or_else(|| key.clone(), |row| row.name_zh.clone()),
        analyte_en: analyte.map_or_else(|| key.clone(), |row| row.name_en.clone()),
        unit: unit_of(catalogue, procedure, &key, &total.limit_standards, &total.food, total.produced_on, ""),
        analyte: key,
        method_standard,
        method_key: String::new(),
        limit_standards: total.limit_standards.clone(),
        food: total.food.clone(),
        produced_on: total.produced_on,
        state: ItemState::Planned.code(),
        verdict: "",
        created_at: tx.now,
        tester_id: None,
        derived: false,
        guard_band: total.guard_band,
        rules_edition: total.rules_edition.clone(),
        permitted_methods: String::new(),
        label_claim: String::new(),
        // What was stated for the total holds for the product, and so for its species.
        limit_factor: total.limit_factor.clone(),
    }
}

/// Plans the species, each for its total: they wait for a tester as every item does.
fn ask_for(tx: &mut Tx, by: &Actor, wanted: Vec<(ItemId, NewItemRow)>) -> Outcome<()> {
    if wanted.is_empty() {
        return Ok(());
    }
    let (totals, rows): (Vec<ItemId>, Vec<NewItemRow>) = wanted.into_iter().unzip();
    let ids = store::insert_items(tx.conn, &rows)?;
    for ((total, row), id) in totals.iter().zip(&rows).zip(ids) {
        tx.log(
            by.entry("test_item", id.0, 1, "item-planned")
                .set("sample", row.sample_id.0)
                .set("analyte", row.analyte.as_str())
                .set("method_standard", row.method_standard.as_str())
                .set("limit_standards", row.limit_standards.as_str())
                .set("total", total.0),
        );
    }
    Ok(())
}
