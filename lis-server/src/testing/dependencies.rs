//! Results that rest on others of the same sample: taken when they are calculated, calculated again when what they took
//! changes.

use chrono::NaiveDate;

use super::choosing::procedures;
use super::compute::{Asked, Record, compute};
use super::planning::state_of;
use super::results::Made;
use super::sheet::Sheet;
use super::state::{ItemEvent, ItemState};
use super::store::{self, ItemRow, ItemWithResult};
use super::taken::{Need, Taken, Use};
use super::{CALCULATION_FAILED, TAKEN_SEVERAL, TAKEN_UNKNOWN, TAKEN_WAITING, TAKEN_WITHOUT_LOD, TAKEN_WITHOUT_NUMBER};
use crate::catalogue::Catalogue;
use crate::catalogue::import::{Evaluation, FormulaRow, Parts, TakenInput};
use crate::catalogue::reference::SumPart;
use crate::db::Conn;
use crate::domain::ids::{ItemId, ResultEntryId, ResultId, WorksheetId};
use crate::domain::refusal::{Fact, Fault, Outcome, Reason};
use crate::judgement::JudgementError;
use crate::judgement::measured::MeasuredValue;
use crate::judgement::number::Factor;
use crate::judgement::proportion::Named;

/// What the items of a sheet can take from: all items of their samples.
pub(super) struct Offered {
    sheet: WorksheetId,
    items: Vec<ItemWithResult>,
}

impl Offered {
    /// One statement where an item of the sheet rests on another, otherwise none.
    pub(super) fn to(conn: &mut Conn, sheet: &Sheet) -> Outcome<Self> {
        let resting = sheet.items().into_iter().filter(|line| rests(&line.rule));
        let ids: Vec<ItemId> = resting.filter_map(|line| line.item.as_ref()).map(|item| item.id).collect();
        let items = if ids.is_empty() { Vec::new() } else { store::items_with_siblings(conn, &ids)? };
        Ok(Self { sheet: sheet.row.id, items })
    }

    /// What an item takes; `None`: from an item of the same sheet that is not calculated yet.
    ///
    /// # Errors
    /// The first thing that is missing, and why.
    pub(super) fn take(&self, item: &ItemRow, needs: &[Need], made: &[Made]) -> Outcome<Option<Vec<Taken>>> {
        let mut all = Vec::new();
        for need in needs {
            let (other, result) = self.offered(item, need)?;
            let taken = match (made.iter().find(|one| one.item.id == other.id), result) {
                (Some(one), _) => Taken::of(need, other.id, one.version_no, &one.record),
                (None, _) if self.is_coming(other) => return Ok(None),
                (None, Some((version_no, record))) => Taken::of(need, other.id, version_no, &record),
                (None, None) => {
                    let state = state_of(other).word();
                    return Err(about(TAKEN_WAITING.reason(), item, other.name()).with_word("state", state).into());
                }
            };
            all.push(numbered(item, need, taken)?);
        }
        Ok(Some(all))
    }

    /// The one item of the sample that a need is about, with the result that is in force.
    fn offered(&self, item: &ItemRow, need: &Need) -> Outcome<(&ItemRow, Option<(i64, Record)>)> {
        let mut fitting = self.items.iter().filter(|(other, ..)| {
            other.sample_id == item.sample_id
                && other.id != item.id
                && other.analyte == need.analyte
                && state_of(other) != ItemState::Cancelled
        });
        let (other, _, result) = fitting.next().ok_or_else(|| about(TAKEN_UNKNOWN.reason(), item, &need.analyte))?;
        if fitting.next().is_some() {
            return Err(about(TAKEN_SEVERAL.reason(), item, other.name()).into());
        }
        let stands = matches!(state_of(other), ItemState::Calculated | ItemState::Checked | ItemState::Final);
        let Some(row) = result.as_ref().filter(|_| stands) else { return Ok((other, None)) };
        Ok((other, Some((row.version_no, serde_json::from_str(&row.record).map_err(Fault::broken)?))))
    }

    fn is_coming(&self, other: &ItemRow) -> bool {
        other.worksheet_id == Some(self.sheet) && matches!(state_of(other), ItemState::InBatch | ItemState::Measured)
    }
}

fn about(reason: Reason, item: &ItemRow, analyte: impl Into<Fact>) -> Reason {
    reason.with("item", item.name()).with("analyte", analyte)
}

/// An input of an expression must be a number; a part of a sum need not.
fn numbered(item: &ItemRow, need: &Need, taken: Result<Option<Taken>, JudgementError>) -> Result<Taken, Reason> {
    let without = |value: &str| about(TAKEN_WITHOUT_NUMBER.with("value", value), item, &need.analyte);
    match taken {
        Ok(Some(taken)) if need.input.is_empty() || matches!(taken.value, MeasuredValue::Number(_)) => Ok(taken),
        Ok(Some(taken)) => Err(without(&taken.value.to_string())),
        Ok(None) => Err(without("")),
        Err(why) => Err(CALCULATION_FAILED.with("label", item.name()).with("why", why)),
    }
}

/// Whether results by a rule rest on other items.
fn rests(rule: &FormulaRow) -> bool {
    rule.evaluation == Evaluation::Sum || rule.parts == Parts::Added || !rule.from.is_empty()
}

/// What a result by a rule needs of other items: inputs of its expression, and the parts of its residue definition, of which
/// it measures the parent compound itself.
pub(super) fn needs_of(rule: &FormulaRow, analyte: &str, catalogue: &Catalogue) -> Vec<Need> {
    let unit = |name: &str| rule.inputs.iter().find(|input| input.name == name).map(|input| input.unit.clone());
    let need = |taken: &TakenInput| Need {
        input: taken.input.clone(),
        analyte: taken.analyte.clone(),
        unit: unit(&taken.input).unwrap_or_default(),
        factor: None,
        used_as: Use::Value,
    };
    let mut needs: Vec<Need> = rule.from.iter().map(need).collect();
    let adds = rule.parts == Parts::Added;
    if rule.evaluation == Evaluation::Sum || adds {
        let parts = catalogue.analytes.get(analyte).map(|row| row.sum_of.as_slice()).unwrap_or_default();
        let others = parts.iter().filter(|part| !adds || part.analyte != analyte);
        needs.extend(others.map(|part| part_of(rule, part)));
    }
    needs
}

/// The other parts of a residue definition, where the procedure that an item is tested by first adds them: without their results
/// it has none.
pub(super) fn added_parts(
    catalogue: &Catalogue,
    (standard, food): (&str, &str),
    analyte: &str,
    on: NaiveDate,
) -> Vec<String> {
    let fitting = procedures(catalogue, standard, analyte, food, on);
    let Some(procedure) = fitting.first() else { return Vec::new() };
    let rule = catalogue.formula(&procedure.key, analyte, "");
    let needs = needs_of(&rule, analyte, catalogue);
    needs.into_iter().filter(|need| need.input.is_empty()).map(|need| need.analyte).collect()
}

/// Parts of a sum that were not detected by a procedure of which neither LOD nor LOQ is stated: how much of them may be there is not
/// known, and the sum has no upper bound. `None`: there are none.
pub(super) fn without_lod(item: &ItemRow, asked: &Asked, catalogue: &Catalogue) -> Option<Reason> {
    let open = asked.parts_without_lod();
    let named: Vec<(&str, &str)> = open.into_iter().map(|key| catalogue.analyte_name(key)).collect();
    let zh: Vec<&str> = named.iter().map(|(zh, _)| *zh).collect();
    let en: Vec<&str> = named.iter().map(|(_, en)| *en).collect();
    (!named.is_empty()).then(|| {
        let analytes = Fact::named(zh.join("、"), en.join(", "));
        TAKEN_WITHOUT_LOD.with("item", item.name()).with("analytes", analytes)
    })
}

/// What belongs to a residue and is not added to what is measured by a rule that says so of its parts.
pub(super) fn unadded(catalogue: &Catalogue, analyte: &str, parts: Parts) -> Vec<Named> {
    match parts {
        Parts::Unsaid => other_parts(catalogue, analyte),
        Parts::Added | Parts::Whole => Vec::new(),
    }
}

/// What a residue is beside the compound that it is named after. Nothing of an analyte that is no sum, or one without a compound of
/// its name: what is measured there is called the sum.
pub(super) fn other_parts(catalogue: &Catalogue, analyte: &str) -> Vec<Named> {
    let parts = catalogue.analytes.get(analyte).map(|row| row.sum_of.as_slice()).unwrap_or_default();
    if !parts.iter().any(|part| part.analyte == analyte) {
        return Vec::new();
    }
    let named = |part: &SumPart| {
        let (zh, en) = catalogue.analyte_name(&part.analyte);
        Named { zh: zh.to_owned(), en: en.to_owned() }
    };
    parts.iter().filter(|part| part.analyte != analyte).map(named).collect()
}

/// Whether a residue counts its own compound by a factor, because it is expressed as another one: the sum may be less than what was
/// read.
pub(super) fn is_converted(catalogue: &Catalogue, analyte: &str) -> bool {
    let parts = catalogue.analytes.get(analyte).map(|row| row.sum_of.as_slice()).unwrap_or_default();
    parts.iter().any(|part| part.analyte == analyte && part.factor.is_some())
}

/// What a value is asked that came without any other part: what belongs to the residue is missing, unless the rule says that the
/// value is the whole of it.
pub(super) fn alone(catalogue: &Catalogue, analyte: &str, parts: Parts) -> Vec<Named> {
    match parts {
        Parts::Whole => Vec::new(),
        Parts::Unsaid | Parts::Added => other_parts(catalogue, analyte),
    }
}

/// What a stored result was asked, for another answer by the rules of today. A record from before anybody asked what was not added does
/// not say that; where it added nothing, what its procedure says now holds for the compound that was measured then.
pub(super) fn asked_today(record: &Record, catalogue: &Catalogue) -> Asked {
    let asked = record.asked.clone();
    if record.says_what_is_added() {
        return asked;
    }
    let rule = catalogue.formula(&asked.method.key, &asked.analyte, &asked.unit);
    let missing = alone(catalogue, &asked.analyte, rule.parts);
    Asked { unadded: missing, converted: is_converted(catalogue, &asked.analyte), ..asked }
}

fn part_of(rule: &FormulaRow, part: &SumPart) -> Need {
    Need {
        input: String::new(),
        analyte: part.analyte.clone(),
        unit: rule.unit.clone(),
        factor: part.factor.as_ref().and_then(|(over, under)| Factor::parse(&format!("{over}/{under}")).ok()),
        used_as: Use::Value,
    }
}

/// A result in force that others may change.
struct Standing<'s> {
    item: &'s ItemRow,
    result: ResultId,
    version_no: i64,
    entries: Vec<ResultEntryId>,
    record: Record,
}

/// Adds to the results just made those that rest on them, on whatever sheet they stand, calculated again with the new values
/// until nothing rests on anything that changed. What was in force of those that were added: item and result. One statement.
pub(super) fn add_dependents(
    conn: &mut Conn,
    catalogue: &Catalogue,
    made: &mut Vec<Made>,
) -> Outcome<Vec<(ItemId, ResultId)>> {
    if made.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<ItemId> = made.iter().map(|one| one.item.id).collect();
    let siblings = store::items_with_siblings(conn, &ids)?;
    let mut standing = Vec::new();
    for (item, _, result) in &siblings {
        let Some(row) = result else { continue };
        if ids.contains(&item.id) || state_of(item).after(ItemEvent::Recompute).is_err() {
            continue;
        }
        standing.push(Standing {
            item,
            result: row.id,
            version_no: row.version_no,
            entries: row.entries(),
            record: serde_json::from_str(&row.record).map_err(Fault::broken)?,
        });
    }
    let mut old = Vec::new();
    // No chain of results is longer than there are items.
    for _ in 0..=siblings.len() {
        let mut changed = false;
        for place in 0..made.len() {
            if let Some(asked) = renewed(&made[place].item, &made[place].record, catalogue, made.as_slice())? {
                made[place].record = again(catalogue, asked, &made[place].item)?;
                changed = true;
            }
        }
        for one in &standing {
            if made.iter().any(|made| made.item.id == one.item.id) {
                continue;
            }
            if let Some(asked) = renewed(one.item, &one.record, catalogue, made.as_slice())? {
                old.push((one.item.id, one.result));
                made.push(Made {
                    record: again(catalogue, asked, one.item)?,
                    item: one.item.clone(),
                    version_no: one.version_no + 1,
                    entries: one.entries.clone(),
                });
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    Ok(old)
}

pub(super) fn again(catalogue: &Catalogue, asked: Asked, item: &ItemRow) -> Result<Record, Reason> {
    if let Some(reason) = without_lod(item, &asked, catalogue) {
        return Err(reason);
    }
    compute(asked.anew()).map_err(|why| CALCULATION_FAILED.with("label", item.name()).with("why", why))
}

/// The same question with what it takes as it is now; `None`: nothing of it has changed.
fn renewed(item: &ItemRow, record: &Record, catalogue: &Catalogue, made: &[Made]) -> Outcome<Option<Asked>> {
    let mut from = record.asked.from.clone();
    for taken in &mut from {
        if let Some(one) = made.iter().find(|one| one.item.id.0 == taken.item) {
            let new = Taken::of(&taken.need, one.item.id, one.version_no, &one.record);
            *taken = numbered(item, &taken.need, new)?;
        }
    }
    Ok((from != record.asked.from).then(|| Asked { from, ..asked_today(record, catalogue) }))
}
