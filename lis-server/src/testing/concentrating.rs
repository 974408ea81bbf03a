//! The factor of a concentrated, dried or diluted product (GB 2762 3.5) as it is stated for an item: on the sampling form, with
//! the order, at the receipt, and changed with a reason by who decides verdicts. Every version stays. A result that stands is judged again by it,
//! as its next version.

use serde::{Deserialize, Serialize};

use super::cancelling::item_at;
use super::compute::{Asked, Record, compute};
use super::correcting::{changes, follow_up};
use super::dependencies::{add_dependents, asked_today};
use super::established::Established;
use super::following::follow;
use super::planning::state_of;
use super::results::{Made, store_results, tester_of};
use super::species::follow_totals;
use super::state::{ItemEvent, ItemState};
use super::store::{self, ItemChange, ItemRow, ResultRow};
use super::{
    CALCULATION_FAILED, DECIDER_IS_TESTER, ITEM_CHANGED, ITEM_DERIVED, ITEM_ON_HOLD, LIMIT_FACTOR_NOT_ASKED,
    LIMIT_FACTOR_TOO_LATE,
};
use crate::accounts::role::DecideVerdicts;
use crate::accounts::{Actor, May};
use crate::catalogue::{Catalogue, actions as catalogue};
use crate::db::Tx;
use crate::domain::clock::Moment;
use crate::domain::ids::{ItemId, ResultId};
use crate::domain::input::Checker;
use crate::domain::refusal::{Fault, NOT_FOUND, Outcome, Reasons, Refusal};
use crate::judgement::concentration::{BASIS_MOST, StatedFactor, factor};
use crate::judgement::number::Factor;
use crate::quality::actions::works_holding;
use crate::reports::actions as reports;
use crate::samples::ITEM_UNKNOWN;

/// A factor that is stated for an item which is not planned yet.
#[derive(Clone, Debug)]
pub struct ItemFactor {
    /// Key, name, alias or CAS number of the item's analyte.
    pub analyte: String,
    pub stated: StatedFactor,
    /// [`ON_FORM`], [`ORDERED`] or [`RECEIVED`].
    pub origin: &'static str,
}

/// Where a factor was stated: by the samplers, with the order of the client, by the custodian, later.
pub const ON_FORM: &str = "form";
pub const ORDERED: &str = "order";
pub const RECEIVED: &str = "receipt";
const CHANGED: &str = "changed";

/// A factor as it is kept with its item; a later one is another version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactorVersion {
    #[serde(flatten)]
    pub stated: StatedFactor,
    /// form, order, receipt or changed
    pub origin: String,
    /// Why it was changed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// Name of the person.
    pub by: String,
    pub at: Moment,
}

/// What was stated for an item, oldest first.
pub fn versions(document: &str) -> Vec<FactorVersion> {
    serde_json::from_str(document).unwrap_or_default()
}

/// The factor in force of an item.
pub fn in_force(document: &str) -> Option<StatedFactor> {
    versions(document).pop().map(|version| version.stated)
}

/// What is kept with items that are planned, by their analytes in order: what the receipt states stands over the order.
///
/// # Errors
/// `item-unknown`: a factor of something that is not tested. The samplers do not know what the implementing rules ask for: what
/// a form states of anything else is no reason.
pub(super) fn documents(
    catalogue: &Catalogue,
    factors: &[ItemFactor],
    analytes: &[&str],
    (by, now): (&Actor, Moment),
) -> Outcome<Vec<String>> {
    let mut kept: Vec<Vec<FactorVersion>> = vec![Vec::new(); analytes.len()];
    let mut reasons = Reasons::new();
    for factor in factors {
        let known = catalogue.analytes.get(&factor.analyte).or_else(|| catalogue.analytes.find(&factor.analyte).next());
        let key = known.map(|row| row.key.as_str());
        let places: Vec<usize> = (0..analytes.len()).filter(|place| Some(analytes[*place]) == key).collect();
        let is_asked = factor.origin != ON_FORM;
        reasons
            .add_if(is_asked && places.is_empty(), || ITEM_UNKNOWN.with("item", &factor.analyte).at("limit_factors"));
        for place in places {
            kept[place].push(FactorVersion {
                stated: factor.stated.clone(),
                origin: factor.origin.to_owned(),
                reason: String::new(),
                by: by.name.clone(),
                at: now,
            });
        }
    }
    reasons.none()?;
    kept.iter().map(|versions| document(versions)).collect()
}

fn document(versions: &[FactorVersion]) -> Outcome<String> {
    if versions.is_empty() {
        return Ok(String::new());
    }
    serde_json::to_string(versions).map_err(Fault::broken)
}

/// The factor of an item as a form or a program states it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LimitFactorInput {
    /// The limit is multiplied by it: 4, 1/8; 1 where the product is neither concentrated nor diluted after all.
    pub times: String,
    /// What it rests on: a standard with its clause, what the maker declares.
    pub basis: String,
    pub reason: String,
}

/// The same, checked.
#[derive(Clone, Debug)]
pub struct LimitFactorFacts {
    stated: StatedFactor,
    reason: String,
}

/// Longest reason, in characters.
const REASON_MOST: usize = 500;

impl LimitFactorInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<LimitFactorFacts, Refusal> {
        let mut check = Checker::new();
        let times: Option<Factor> = check.parsed("times", &self.times, "expected-limit-factor", factor);
        let basis = check.text("basis", &self.basis, BASIS_MOST);
        let reason = check.text("reason", &self.reason, REASON_MOST);
        check.done(times.map(|times| LimitFactorFacts { stated: StatedFactor { times, basis }, reason }))
    }
}

/// What stating a factor answers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = LimitFactorStated)]
pub struct FactorStated {
    pub id: i64,
    pub version: i64,
}

/// States the factor of an item, as its next version. Where a result stands it is judged again, and with it what rests on it;
/// a report that was issued on it gets a successor.
///
/// # Errors
/// `limit-factor-too-late`: a person has decided the verdict, or the item is cancelled; `limit-factor-not-asked`: there is no
/// number to multiply; `decider-is-tester`; `item-on-hold`; `item-derived`; `stale-version`.
pub fn state_factor(
    tx: &mut Tx,
    by: &May<DecideVerdicts>,
    id: ItemId,
    seen: i64,
    facts: &LimitFactorFacts,
) -> Outcome<FactorStated> {
    let item = item_at(tx.conn, id, seen)?;
    if item.derived {
        return Err(ITEM_DERIVED.with("item", item.name()).into());
    }
    if !is_open(state_of(&item)) {
        return judged_anew(tx, by, (id, seen), facts);
    }
    keep(tx, by, &item, facts)?;
    Ok(FactorStated { id: id.0, version: seen + 1 })
}

/// Keeps the next version of an item's factor, at the version of the item that was read.
fn keep(tx: &mut Tx, by: &Actor, item: &ItemRow, facts: &LimitFactorFacts) -> Outcome<()> {
    let mut all = versions(&item.limit_factor);
    let before = all.last().map(|version| version.stated.to_string()).unwrap_or_default();
    all.push(FactorVersion {
        stated: facts.stated.clone(),
        origin: CHANGED.to_owned(),
        reason: facts.reason.clone(),
        by: by.name.clone(),
        at: tx.now,
    });
    let change = ItemChange { limit_factor: Some(document(&all)?), ..ItemChange::default() };
    if !store::change_items(tx.conn, &[(item.id, item.version)], &change)? {
        return Err(ITEM_CHANGED.with("item", item.name()).with("version", item.version).into());
    }
    tx.log(
        by.entry("test_item", item.id.0, item.version + 1, "item-factor-stated")
            .change("limit_factor", before, facts.stated.to_string())
            .set("reason", facts.reason.as_str()),
    );
    Ok(())
}

/// Judges a result that stands by its factor: the next version, to be checked again. Nobody does so with what he tested, and
/// what non-conforming work holds is evaluated first.
fn judged_anew(
    tx: &mut Tx,
    by: &May<DecideVerdicts>,
    (id, seen): (ItemId, i64),
    facts: &LimitFactorFacts,
) -> Outcome<FactorStated> {
    store::lock_item(tx.conn, id)?;
    let all = store::items_with_siblings(tx.conn, &[id])?;
    let (item, sheet, result) = all.into_iter().find(|(item, ..)| item.id == id).ok_or(NOT_FOUND)?;
    let stands = result.filter(|_| state_of(&item).after(ItemEvent::Recompute).is_ok());
    let read = stands.map(|row| serde_json::from_str::<Record>(&row.record).map(|record| (row, record)));
    let undecided = read.transpose().map_err(Fault::broken)?.filter(|(_, record)| record.decision.is_none());
    let mut reasons = Reasons::new();
    let own = tester_of(sheet.as_ref(), &item) == Some(by.person);
    reasons.add_if(own, || DECIDER_IS_TESTER.with("item", item.name()));
    let works = works_holding(tx.conn, id)?;
    reasons.add_if(!works.is_empty(), || ITEM_ON_HOLD.with("item", item.name()).with("works", works.join(" ")));
    reasons.add_if(undecided.is_none(), || {
        LIMIT_FACTOR_TOO_LATE.with("item", item.name()).with_word("state", state_of(&item).word())
    });
    let scalable = undecided.as_ref().is_none_or(|(_, record)| record.asked.can_be_scaled());
    reasons.add_if(!scalable, || LIMIT_FACTOR_NOT_ASKED.with("item", item.name()).at("times"));
    reasons.none()?;
    let Some((row, record)) = undecided else { return Err(LIMIT_FACTOR_TOO_LATE.into()) };
    keep(tx, by, &ItemRow { version: seen, ..item.clone() }, facts)?;
    let said = format!("{} {}: {}", item.analyte_zh, facts.stated, facts.reason);
    let catalogue = catalogue::current(tx.conn)?;
    let own = scaled(&catalogue, (ItemRow { version: seen + 1, ..item }, &row), record, facts)?;
    let stored = store_results(tx, by, std::slice::from_ref(&own), "recomputed", &facts.reason, ItemEvent::Recompute)?;
    let new = *stored.first().ok_or_else(|| Fault::broken("no id of a result"))?;
    carry_on(tx, by, &catalogue, own, (row.id, new), (said.as_str(), facts.reason.as_str()))?;
    Ok(FactorStated { id: id.0, version: seen + 2 })
}

/// What rests on a result whose limit was multiplied is calculated again with it, and a report that was issued on any of them gets
/// a successor.
fn carry_on(
    tx: &mut Tx,
    by: &Actor,
    catalogue: &Catalogue,
    own: Made,
    (old, new): (ResultId, ResultId),
    (said, reason): (&str, &str),
) -> Outcome<()> {
    let (id, sample) = (own.item.id, own.item.sample_id);
    let mut made = vec![own];
    let mut before = vec![(id, old)];
    before.extend(add_dependents(tx.conn, catalogue, &mut made)?);
    let mut after = vec![new];
    after.extend(store_results(tx, by, &made[1..], "recomputed", reason, ItemEvent::Recompute)?);
    follow(tx, by, catalogue, &made)?;
    follow_totals(tx, by, catalogue, &made)?;
    if !reports::issued_of(tx.conn, &[sample])?.is_empty() {
        follow_up(tx, by, None, (said, reason), &changes(&made, &before, &after))?;
    }
    Ok(())
}

/// The next version of a result: the same value, and what was established about it, against the limit times the factor.
fn scaled(
    catalogue: &Catalogue,
    (item, row): (ItemRow, &ResultRow),
    record: Record,
    facts: &LimitFactorFacts,
) -> Outcome<Made> {
    let asked = asked_today(&record, catalogue);
    let subcontract = record.subcontract;
    let known = asked.established.clone().unwrap_or_default();
    let StatedFactor { times, basis } = facts.stated.clone();
    let asked = Asked { established: Some(Established { times: Some(times), basis, ..known }), ..asked };
    let record = compute(asked).map_err(|why| CALCULATION_FAILED.with("label", item.name()).with("why", why))?;
    let (version_no, entries) = (row.version_no + 1, row.entries());
    Ok(Made { item, version_no, record: Record { subcontract, ..record }, entries })
}

/// Whether nothing is judged yet: the next result will be, by the factor.
pub fn is_open(state: ItemState) -> bool {
    !matches!(state, ItemState::Calculated | ItemState::Checked | ItemState::Final | ItemState::Cancelled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::actions::shipped;

    fn stated(analyte: &str, text: &str, origin: &'static str) -> ItemFactor {
        ItemFactor { analyte: analyte.into(), stated: StatedFactor::parse(text).unwrap(), origin }
    }

    #[test]
    fn what_the_receipt_states_stands_over_the_order_and_both_are_kept() {
        let catalogue = shipped().unwrap();
        let now = Moment::parse_in_china("2026-11-27 09:00").unwrap();
        let by = Actor::system("test", "test");
        let kept = |factors: &[ItemFactor]| documents(&catalogue, factors, &["pb", "cd"], (&by, now));
        let factors = [stated("cd", "4|maker", ORDERED), stated("镉", "3.5|own drying", RECEIVED)];
        let found = kept(&factors).unwrap();
        assert_eq!(found[0], "", "nothing is stated for lead");
        assert_eq!(in_force(&found[1]).unwrap().to_string(), "× 3.5 (own drying)");
        let origins: Vec<String> = versions(&found[1]).into_iter().map(|one| one.origin).collect();
        assert_eq!(origins, ["order", "receipt"]);
        assert!(kept(&[stated("benzoic-acid", "4|maker", ORDERED)]).is_err(), "it is not tested");
        let on_form = kept(&[stated("benzoic-acid", "4|maker", ON_FORM), stated("pb", "2|label", ON_FORM)]).unwrap();
        assert_eq!((versions(&on_form[0])[0].origin.as_str(), on_form[1].as_str()), ("form", ""));
        assert_eq!(in_force(""), None);
    }
}
