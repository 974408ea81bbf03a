//! From a lot to everything that it was made of, and to everything that was made of it (`quality.md` Q64-7, Q65-1).

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use serde::Serialize;

use super::actions::{LotView, MATERIALS, views};
use super::receipts::{self, ReceiptView};
use super::store::{self, LotRow};
use super::{LOT_UNKNOWN, LOT_UNTRACEABLE};
use crate::db::Conn;
use crate::domain::ids::LotId;
use crate::domain::refusal::{NOT_FOUND, Outcome, Reason};

/// A lot of a chain.
#[derive(Clone, Debug)]
pub struct ChainLot {
    pub id: LotId,
    pub code: String,
    pub kind: String,
    pub name: String,
    pub lot_no: String,
    pub supplier: String,
    pub certificate_no: String,
    pub expires_on: NaiveDate,
    /// 0: one that was asked about; what that was made of 1, and so on.
    pub depth: u32,
    /// Why the way to a certified value ends here.
    pub gap: Option<Reason>,
}

/// The lots that bear the codes with everything that they were made of, each once and before what it was made of; and a reason
/// for every code that no lot bears. A statement for each generation, and two more.
pub fn chains(conn: &mut Conn, codes: &[String]) -> Outcome<(Vec<ChainLot>, Vec<Reason>)> {
    if codes.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let roots = store::by_codes(conn, codes)?;
    let unknown = codes.iter().filter(|code| !roots.iter().any(|row| row.code == **code));
    let unknown = unknown.map(|code| LOT_UNKNOWN.with("code", code)).collect();
    let ids: Vec<LotId> = roots.iter().map(|row| row.id).collect();
    let pairs = related(conn, &ids, Way::Up)?;
    Ok((chained(conn, &ids, &pairs)?, unknown))
}

/// A lot and everything that was made of it, by id.
pub fn with_descendants(conn: &mut Conn, id: LotId) -> Outcome<Vec<LotId>> {
    let pairs = related(conn, &[id], Way::Down)?;
    let mut ids: Vec<LotId> = pairs.into_iter().map(|(_, child)| child).chain([id]).collect();
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

/// The codes of lots.
pub fn codes(conn: &mut Conn, ids: &[LotId]) -> Outcome<Vec<String>> {
    Ok(store::by_ids(conn, ids)?.into_iter().map(|row| row.code).collect())
}

/// Which way a chain is followed.
#[derive(Clone, Copy)]
enum Way {
    /// To what a lot was made of.
    Up,
    /// To what was made of it.
    Down,
}

/// Pairs of a lot and the next one, from some lots on until there is no next. A lot is made of lots that were there before it,
/// so that no way leads back.
fn related(conn: &mut Conn, of: &[LotId], way: Way) -> Outcome<Vec<(LotId, LotId)>> {
    let mut pairs = Vec::new();
    let mut seen: BTreeSet<LotId> = of.iter().copied().collect();
    let mut front = of.to_vec();
    while !front.is_empty() {
        let found = match way {
            Way::Up => store::parents(conn, &front)?,
            Way::Down => store::children(conn, &front)?,
        };
        front = found.iter().map(|(_, next)| *next).filter(|next| seen.insert(*next)).collect();
        pairs.extend(found);
    }
    Ok(pairs)
}

/// The lots of pairs, from the roots on.
fn chained(conn: &mut Conn, roots: &[LotId], pairs: &[(LotId, LotId)]) -> Outcome<Vec<ChainLot>> {
    let mut ids: Vec<LotId> = roots.iter().copied().chain(pairs.iter().map(|(_, next)| *next)).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut rows: HashMap<LotId, LotRow> = store::by_ids(conn, &ids)?.into_iter().map(|row| (row.id, row)).collect();
    Ok(in_order(roots, pairs)
        .into_iter()
        .filter_map(|(id, depth)| Some(link(rows.remove(&id)?, depth, pairs)))
        .collect())
}

/// Lots with their depth, each once, right behind the first that it went into.
fn in_order(roots: &[LotId], pairs: &[(LotId, LotId)]) -> Vec<(LotId, u32)> {
    let mut waiting: Vec<(LotId, u32)> = roots.iter().rev().map(|id| (*id, 0)).collect();
    let mut order: Vec<(LotId, u32)> = Vec::new();
    while let Some((id, depth)) = waiting.pop() {
        if order.iter().any(|(known, _)| *known == id) {
            continue;
        }
        order.push((id, depth));
        let next = pairs.iter().rev().filter(|(lot, _)| *lot == id);
        waiting.extend(next.map(|(_, next)| (*next, depth + 1)));
    }
    order
}

fn link(row: LotRow, depth: u32, pairs: &[(LotId, LotId)]) -> ChainLot {
    let is_last = !pairs.iter().any(|(lot, _)| *lot == row.id);
    let needs = MATERIALS.contains(&row.kind.as_str()) && row.certificate_no.is_empty();
    ChainLot {
        gap: (is_last && needs).then(|| LOT_UNTRACEABLE.with("code", &row.code)),
        id: row.id,
        code: row.code,
        kind: row.kind,
        name: row.name,
        lot_no: row.lot_no,
        supplier: row.supplier,
        certificate_no: row.certificate_no,
        expires_on: row.expires_on,
        depth,
    }
}

/// One lot with its family, as pages and programs see it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = LotWithFamily)]
pub struct Family {
    pub lot: LotView,
    /// What it was made of, down to what was bought.
    pub made_of: Vec<Relative>,
    /// What was made of it, and of that.
    pub made_into: Vec<Relative>,
    /// What the checks of its delivery found, newest first.
    pub receipts: Vec<ReceiptView>,
}

#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = LotRelative)]
pub struct Relative {
    pub id: i64,
    pub code: String,
    pub kind: String,
    pub name: String,
    pub certificate_no: String,
    #[schema(value_type = String, format = Date)]
    pub expires_on: NaiveDate,
    /// Steps from the lot.
    pub depth: u32,
    /// The way to a certified value ends here: neither a certificate nor lots that it was made of.
    pub untraceable: bool,
}

impl Relative {
    /// A dot for each lot between.
    pub fn dots(&self) -> String {
        (1..self.depth).map(|_| "· ").collect()
    }
}

impl From<ChainLot> for Relative {
    fn from(lot: ChainLot) -> Self {
        Self {
            id: lot.id.0,
            code: lot.code,
            kind: lot.kind,
            name: lot.name,
            certificate_no: lot.certificate_no,
            expires_on: lot.expires_on,
            depth: lot.depth,
            untraceable: lot.gap.is_some(),
        }
    }
}

/// A lot with everything that it was made of and everything that was made of it, on a day.
pub fn family(conn: &mut Conn, id: LotId, on: NaiveDate) -> Outcome<Family> {
    let rows = store::by_ids(conn, &[id])?;
    let lot = views(conn, rows, on)?.pop().ok_or(NOT_FOUND)?;
    let up = related(conn, &[id], Way::Up)?;
    let down = related(conn, &[id], Way::Down)?;
    let others = |chain: Vec<ChainLot>| chain.into_iter().filter(|one| one.id != id).collect::<Vec<_>>();
    let made_of = others(chained(conn, &[id], &up)?).into_iter().map(Relative::from).collect();
    // Of what was made of it nothing is missing there: it has the lot itself.
    let below = |one: ChainLot| Relative { untraceable: false, ..Relative::from(one) };
    let made_into = others(chained(conn, &[id], &down)?).into_iter().map(below).collect();
    Ok(Family { lot, made_of, made_into, receipts: receipts::of_lot(conn, id)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn pair(lot: i64, next: i64) -> (LotId, LotId) {
        (LotId(lot), LotId(next))
    }

    fn row(id: i64, kind: &str, certificate_no: &str) -> LotRow {
        LotRow {
            id: LotId(id),
            version: 1,
            code: format!("L-{id}"),
            kind: kind.into(),
            name: "铅标准溶液".into(),
            lot_no: String::new(),
            supplier: String::new(),
            certificate_no: certificate_no.into(),
            concentration: None,
            unit: String::new(),
            received_on: "2026-01-05".parse().unwrap(),
            opened_on: None,
            expires_on: "2027-01-04".parse().unwrap(),
            prepared_by: String::new(),
            purity: String::new(),
            storage: String::new(),
        }
    }

    /// 1 was made of 2 and 3, 2 of 4, 3 of 4 and 5.
    #[test]
    fn every_lot_stands_once_behind_what_it_went_into() {
        let pairs = [pair(1, 2), pair(1, 3), pair(2, 4), pair(3, 4), pair(3, 5)];
        let order: Vec<(i64, u32)> =
            in_order(&[LotId(1), LotId(5)], &pairs).into_iter().map(|(id, depth)| (id.0, depth)).collect();
        assert_eq!(order, [(1, 0), (2, 1), (4, 2), (3, 1), (5, 2)]);
    }

    // Requirement: Q65-1
    #[test]
    fn the_way_ends_in_a_certificate_or_in_a_gap() {
        let gap = |row: LotRow, pairs: &[(LotId, LotId)]| link(row, 0, pairs).gap.map(|reason| reason.problem.code);
        assert_eq!(gap(row(1, "solution", ""), &[pair(1, 2)]), None, "it was made of something");
        assert_eq!(gap(row(1, "solution", ""), &[]), Some("lot-untraceable"));
        assert_eq!(gap(row(2, "standard", ""), &[pair(1, 2)]), Some("lot-untraceable"));
        assert_eq!(gap(row(2, "reference_material", "GBW 08619"), &[]), None);
        assert_eq!(gap(row(3, "reagent", ""), &[]), None, "nothing is measured against a reagent");
    }
}
