//! What results bring about in their samples beside themselves: the sum of the proportions of additives of one group, each of
//! its own maximum (GB 2760, `judgement.md` 7). It is an item that nobody tests, made as soon as two of the group are found.

use super::CALCULATION_FAILED;
use super::compute::{Asked, LimitAsked, LimitRowAsked, MethodAsked, Record};
use super::dependencies::again;
use super::planning::state_of;
use super::results::{Made, store_results};
use super::state::{ItemEvent, ItemState};
use super::store::{self, ItemRow, ItemWithResult, NewItemRow, ResultRow};
use super::taken::{Counted, Need, Taken, Use};
use crate::accounts::Actor;
use crate::catalogue::Catalogue;
use crate::catalogue::import::Evaluation;
use crate::catalogue::reference::{Analyte, AnalyteKind};
use crate::db::Tx;
use crate::domain::decimal::Decimal;
use crate::domain::ids::{ItemId, SampleId};
use crate::domain::refusal::{Fault, Outcome};
use crate::judgement::limit::{Bound, LimitRule};

/// Makes the sums of proportions that these results ask for, and adds to those that are there what they do not contain yet.
/// What they contain is renewed with the other results that rest on others. Nothing where no result is of such a group,
/// else a statement to look, and those of the results.
pub(super) fn follow(tx: &mut Tx, by: &Actor, catalogue: &Catalogue, made: &[Made]) -> Outcome<()> {
    let groups = groups_of(catalogue);
    let concerned: Vec<&Made> =
        made.iter().filter(|one| groups.iter().any(|group| is_of(group, &one.item.analyte))).collect();
    if concerned.is_empty() {
        return Ok(());
    }
    let mut samples: Vec<SampleId> = concerned.iter().map(|one| one.item.sample_id).collect();
    samples.sort_unstable();
    samples.dedup();
    store::lock_samples(tx.conn, &samples)?;
    let ids: Vec<ItemId> = concerned.iter().map(|one| one.item.id).collect();
    let siblings = store::items_with_siblings(tx.conn, &ids)?;
    let (mut fresh, mut extended) = (Vec::new(), Vec::new());
    for sample in &samples {
        let own: Vec<&ItemWithResult> = siblings.iter().filter(|(item, ..)| item.sample_id == *sample).collect();
        let mut seq = own.iter().map(|(item, ..)| item.seq).max().unwrap_or(0);
        for group in &groups {
            let shares = shares_of(group, &own)?;
            match own.iter().find(|(item, ..)| item.derived && item.analyte == group.key) {
                Some((item, _, Some(result))) => extended.extend(extension(catalogue, item, result, shares)?),
                Some(_) => {}
                None if shares.iter().filter(|share| share.taken.is_found()).count() >= 2 => {
                    seq += 1;
                    fresh.push(Fresh::of(group, &shares, seq)?);
                }
                None => {}
            }
        }
    }
    let fresh = planned(tx, by, catalogue, fresh)?;
    store_results(tx, by, &fresh, "submitted", "", ItemEvent::Calculate)?;
    store_results(tx, by, &extended, "recomputed", "", ItemEvent::Recompute)?;
    Ok(())
}

/// The groups of additives that count together: preservatives, colours of one hue, antioxidants.
fn groups_of(catalogue: &Catalogue) -> Vec<&Analyte> {
    let is_group = |row: &&Analyte| row.kind == AnalyteKind::Ratio && !row.sum_of.is_empty();
    catalogue.analytes.rows().iter().filter(is_group).collect()
}

fn is_of(group: &Analyte, analyte: &str) -> bool {
    group.sum_of.iter().any(|part| part.analyte == analyte)
}

/// The result of an additive that is permitted in the food.
struct Share<'s> {
    item: &'s ItemRow,
    record: Record,
    taken: Taken,
}

impl Share<'_> {
    fn screens(&self) -> bool {
        self.record.asked.method.screening
    }

    /// Takes another result of the same additive beside this one: whichever counts stays, with the mark that they disagree.
    fn meets(&mut self, other: Self) -> Outcome<()> {
        let counted = Counted::of((&self.taken, self.screens()), (&other.taken, other.screens()));
        let counted = counted.map_err(|why| CALCULATION_FAILED.with("label", other.item.name()).with("why", why))?;
        // A confirmation settles what screenings left open.
        let settled = counted.second && !counted.disputed;
        let disputed = counted.disputed || (self.taken.is_disputed() && !settled);
        if counted.second {
            *self = other;
        }
        if let Use::Proportion { several, .. } = &mut self.taken.need.used_as {
            *several = disputed;
        }
        Ok(())
    }
}

/// The additives of a group that are permitted in the food, each once however often it is tested ([`Counted`]). What is
/// not permitted fails by itself, and what has no known maximum is for a person to look at by itself.
fn shares_of<'s>(group: &Analyte, own: &[&'s ItemWithResult]) -> Outcome<Vec<Share<'s>>> {
    let mut shares: Vec<Share<'s>> = Vec::new();
    for one in own.iter().copied() {
        let (item, _, result) = one;
        let stands = matches!(state_of(item), ItemState::Calculated | ItemState::Checked | ItemState::Final);
        let Some(row) = result.as_ref().filter(|_| stands && is_of(group, &item.analyte)) else { continue };
        let record: Record = serde_json::from_str(&row.record).map_err(Fault::broken)?;
        let need = Need {
            input: String::new(),
            analyte: item.analyte.clone(),
            unit: record.answered.unit.clone(),
            factor: None,
            used_as: Use::Proportion { zh: item.analyte_zh.clone(), en: item.analyte_en.clone(), several: false },
        };
        let taken = Taken::of(&need, item.id, row.version_no, &record)
            .map_err(|why| CALCULATION_FAILED.with("label", item.name()).with("why", why))?;
        let Some(taken) = taken.filter(|taken| taken.max.is_some()) else { continue };
        let share = Share { item, record, taken };
        match shares.iter_mut().find(|known| known.item.analyte == item.analyte) {
            Some(known) => known.meets(share)?,
            None => shares.push(share),
        }
    }
    Ok(shares)
}

/// The methods that gave the parts, each once.
fn methods_of(shares: &[Share]) -> String {
    let mut methods: Vec<&str> = Vec::new();
    for text in shares.iter().map(|share| share.record.asked.method.text.as_str()) {
        if !methods.contains(&text) {
            methods.push(text);
        }
    }
    methods.join("; ")
}

/// A sum that is there with the additives that it does not contain yet, and with the result that counts now where another of
/// the same additive came; `None`: it contains all.
fn extension(catalogue: &Catalogue, item: &ItemRow, result: &ResultRow, shares: Vec<Share>) -> Outcome<Option<Made>> {
    if state_of(item).after(ItemEvent::Recompute).is_err() {
        return Ok(None);
    }
    let mut asked = serde_json::from_str::<Record>(&result.record).map_err(Fault::broken)?.asked;
    let methods = methods_of(&shares);
    if !take_in(&mut asked.from, shares.into_iter().map(|share| share.taken)) {
        return Ok(None);
    }
    asked.method.text = methods;
    let (version_no, record) = (result.version_no + 1, again(catalogue, asked, item)?);
    Ok(Some(Made { item: item.clone(), version_no, record, entries: Vec::new() }))
}

/// Whether anything of the parts changed. Which version of a result is taken is renewed elsewhere.
fn take_in(parts: &mut Vec<Taken>, shares: impl Iterator<Item = Taken>) -> bool {
    let mut changed = false;
    for share in shares {
        match parts.iter_mut().find(|known| known.need.analyte == share.need.analyte) {
            Some(known) if known.item == share.item && known.is_disputed() == share.is_disputed() => {}
            Some(known) => {
                *known = share;
                changed = true;
            }
            None => {
                parts.push(share);
                changed = true;
            }
        }
    }
    changed
}

/// A sum on its way to become an item.
struct Fresh<'g> {
    group: &'g Analyte,
    /// The first of its additives: the sum has its container, its food and its method.
    like: ItemRow,
    seq: i64,
    asked: Asked,
}

impl<'g> Fresh<'g> {
    fn of(group: &'g Analyte, shares: &[Share], seq: i64) -> Outcome<Self> {
        let first = shares.first().ok_or_else(|| Fault::broken("a sum of nothing"))?;
        let like = first.item.clone();
        let asked = &first.record.asked;
        let LimitAsked::Row(own) = &asked.limit else { return Err(Fault::broken("a maximum without a limit")) };
        let one = Bound::Max { value: Decimal::from(1) };
        let limit = LimitRowAsked {
            set: own.set,
            key: String::new(),
            standard: own.standard.clone(),
            rule: Some(LimitRule::new(one, None)),
            plan: None,
            unit: String::new(),
            text: "≤ 1".to_owned(),
            doubts: Vec::new(),
            species: None,
            beside: Vec::new(),
        };
        let method = MethodAsked {
            key: asked.method.key.clone(),
            text: methods_of(shares),
            digits: Vec::new(),
            screening: false,
            lod: None,
            loq: None,
            lod_unit: String::new(),
            portion_g: None,
            volume_ml: None,
        };
        let tested_on = shares.iter().map(|share| share.record.asked.tested_on).max().unwrap_or(asked.tested_on);
        let asked = Asked {
            analyte: group.key.clone(),
            method,
            evaluation: Evaluation::Proportion,
            formula_version: 1,
            inputs: Vec::new(),
            unit: String::new(),
            limit: LimitAsked::Row(limit),
            food: like.food.clone(),
            produced_on: like.produced_on,
            tested_on,
            portions: Vec::new(),
            corrections: Vec::new(),
            curve: None,
            from: shares.iter().map(|share| share.taken.clone()).collect(),
            uncertainty: None,
            established: None,
            rules_edition: like.rules_edition.clone(),
            claim: None,
            unadded: Vec::new(),
            converted: false,
        };
        Ok(Self { group, like, seq, asked })
    }
}

/// Makes the items. Whoever gave the last result that they rest on stands for them as a tester does.
fn planned(tx: &mut Tx, by: &Actor, catalogue: &Catalogue, fresh: Vec<Fresh>) -> Outcome<Vec<Made>> {
    if fresh.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<NewItemRow> = fresh
        .iter()
        .map(|one| NewItemRow {
            version: 1,
            sample_id: one.like.sample_id,
            part_id: one.like.part_id,
            seq: one.seq,
            analyte: one.group.key.clone(),
            analyte_zh: one.group.name_zh.clone(),
            analyte_en: one.group.name_en.clone(),
            method_standard: one.like.method_standard.clone(),
            method_key: one.like.method_key.clone(),
            limit_standards: one.like.limit_standards.clone(),
            food: one.like.food.clone(),
            produced_on: one.like.produced_on,
            unit: String::new(),
            state: ItemState::Planned.code(),
            verdict: "",
            created_at: tx.now,
            tester_id: Some(by.person),
            derived: true,
            guard_band: one.like.guard_band,
            rules_edition: one.like.rules_edition.clone(),
            permitted_methods: String::new(),
            label_claim: String::new(),
            limit_factor: String::new(),
        })
        .collect();
    let ids = store::insert_items(tx.conn, &rows)?;
    let mut made = Vec::new();
    for ((one, row), id) in fresh.into_iter().zip(rows).zip(ids) {
        tx.log(
            by.entry("test_item", id.0, 1, "item-planned")
                .set("sample", row.sample_id.0)
                .set("analyte", row.analyte.as_str())
                .set("limit_standards", row.limit_standards.as_str()),
        );
        let item = row.inserted(id);
        let record = again(catalogue, one.asked, &item)?;
        made.push(Made { item, version_no: 1, record, entries: Vec::new() });
    }
    Ok(made)
}
