//! What became of parts (`quality.md` Q74-4): at any time how much of each is left.

use super::super::facts::PartFacts;
use super::super::parts::Amounts;
use super::super::state::Retention;
use super::super::store::{self, WeighingRow};
use super::super::weighed::{Taken, Use, Weighing, of_part};
use crate::db::Conn;
use crate::domain::identifiers::LabelCode;
use crate::domain::ids::{PartId, SampleId};
use crate::domain::refusal::{Fault, Outcome};

/// What became of the parts: of each part of the list, whose subsamples stand in it as well; three statements.
pub fn amounts_of(conn: &mut Conn, parts: &[PartFacts]) -> Outcome<Vec<(PartId, Amounts)>> {
    let taken = taken_of(conn, parts)?;
    parts.iter().zip(taken).map(|(part, taken)| Ok((part.id, amounts(part, &taken)?))).collect()
}

pub(super) fn amounts(part: &PartFacts, taken: &Taken) -> Outcome<Amounts> {
    let amounts = taken.amounts(&part.quantity, part.retention == Retention::Disposed);
    amounts.ok_or_else(|| Fault::broken(format!("what is left of part {} cannot be reckoned", part.id)))
}

/// What was taken of a part.
pub(super) fn taken_of_one(conn: &mut Conn, part: &PartFacts) -> Outcome<Taken> {
    let mut parts = vec![part.clone()];
    parts.extend(store::children_of(conn, part.id)?);
    Ok(taken_of(conn, &parts)?.swap_remove(0))
}

/// The same of several, in their order.
fn taken_of(conn: &mut Conn, parts: &[PartFacts]) -> Outcome<Vec<Taken>> {
    let ids: Vec<PartId> = parts.iter().map(|part| part.id).collect();
    let mut samples: Vec<SampleId> = parts.iter().map(|part| part.sample_id).collect();
    samples.sort_unstable();
    samples.dedup();
    let stated = store::uses_of(conn, &ids)?;
    let issued = store::issues_of(conn, &ids)?;
    let weighings: Vec<Weighing> =
        store::weighings_of(conn, &samples)?.into_iter().filter_map(|row| weighing(row, parts)).collect();
    let taken = |part: &PartFacts| Taken {
        split_off: parts.iter().filter(|one| one.parent_id == Some(part.id)).map(|one| one.quantity.clone()).collect(),
        stated: stated.iter().filter(|(id, _)| *id == part.id).map(|(_, used)| used.clone()).collect::<Vec<Use>>(),
        weighed: of_part(part.id, &part.unit, &weighings),
        issued: issued.iter().filter(|(id, _)| *id == part.id).map(|(_, at)| *at).collect(),
    };
    Ok(parts.iter().map(taken).collect())
}

/// The weighing of a cell, of the part whose label stands at its place; a control's label is its worksheet's own, and its item
/// says the part. `None`: it is of none of the parts.
fn weighing(row: WeighingRow, parts: &[PartFacts]) -> Option<Weighing> {
    let is_sample = row.kind == "sample";
    let of_label = parts.iter().find(|part| is_sample && part.label_code.as_str() == row.label_code);
    let of_item = parts.iter().find(|part| !is_sample && Some(part.id) == row.item_part);
    Some(Weighing {
        part: of_label.or(of_item)?.id,
        sheet: row.sheet,
        kind: row.kind,
        replicate: row.replicate,
        value: row.value,
        unit: row.unit,
        at: row.at,
    })
}

/// A part of which more was taken than there was.
#[derive(Clone, Debug)]
pub struct Overdrawn {
    pub label_code: String,
    pub taken: String,
    pub received: String,
    pub unit: String,
}

/// Those of the labelled parts of which more was taken than there was; five statements, none where no code is a label's.
pub fn overdrawn(conn: &mut Conn, codes: &[LabelCode]) -> Outcome<Vec<Overdrawn>> {
    if codes.is_empty() {
        return Ok(Vec::new());
    }
    let mut samples: Vec<SampleId> = store::parts_by_label(conn, codes)?.iter().map(|part| part.sample_id).collect();
    samples.sort_unstable();
    samples.dedup();
    let parts = store::parts_of(conn, &samples)?;
    let amounts = amounts_of(conn, &parts)?;
    let labelled = parts.iter().zip(amounts).filter(|(part, _)| codes.contains(&part.label_code));
    let over = |(part, (_, amounts)): (&PartFacts, (PartId, Amounts))| {
        Some(Overdrawn {
            label_code: part.label_code.to_string(),
            taken: amounts.overdrawn()?.to_string(),
            received: amounts.received.to_string(),
            unit: part.unit.clone(),
        })
    };
    Ok(labelled.filter_map(over).collect())
}
