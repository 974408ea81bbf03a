//! The record of a draw: everything that repeats it, in one canonical JSON text. An outsider needs the text and
//! [`super::draw`]'s four rules, nothing of this program.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::draw::{ALGORITHM, Weighted, draw};
use crate::audit::canonical::canonical;
use crate::domain::refusal::{Fault, Outcome};

/// One of a list: id, name, group, weight. Written as an array to keep long lists short.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = DrawListed)]
pub struct Listed(pub i64, pub String, pub String, pub u32);

/// One that was drawn: id and, as 16 hexadecimal digits, the number that drew it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Picked {
    pub id: i64,
    pub number: String,
}

/// One list with what was drawn from it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Lot {
    /// Goes into the numbers: `units`, `samplers`, `venues 131081 supermarket`.
    pub label: String,
    pub count: usize,
    /// SHA-256 of the list's canonical JSON, 64 hexadecimal digits.
    pub list_hash: String,
    pub list: Vec<Listed>,
    pub picked: Vec<Picked>,
}

/// Who was kept out of a list, and why.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Excluded {
    pub label: String,
    pub id: i64,
    pub name: String,
    /// `declared`, `visited_before`, `not_authorized`.
    pub reason: String,
}

/// The whole record.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = DrawRecord)]
pub struct Record {
    pub algorithm: String,
    pub task: String,
    pub region_code: String,
    pub seed: String,
    /// `entered` by a person (a public lottery's number), or `generated`.
    pub seed_source: String,
    /// Weight of each group of units.
    pub weights: BTreeMap<String, u32>,
    /// Units drawn within so many days before are not in the list.
    pub cooldown_days: i64,
    pub lots: Vec<Lot>,
    pub excluded: Vec<Excluded>,
}

impl Lot {
    /// Draws from a list.
    pub fn drawn(seed: &str, label: String, mut list: Vec<Listed>, count: usize) -> Outcome<Self> {
        list.sort_by_key(|entry| entry.0);
        let picked = pick(seed, &label, &list, count);
        Ok(Self { list_hash: list_hash(&list)?, label, count, list, picked })
    }

    /// The entries that were drawn, in order.
    pub fn picked_entries(&self) -> impl Iterator<Item = (&Listed, &Picked)> {
        self.picked.iter().filter_map(|picked| {
            let place = self.list.binary_search_by_key(&picked.id, |entry| entry.0).ok()?;
            Some((&self.list[place], picked))
        })
    }
}

fn pick(seed: &str, label: &str, list: &[Listed], count: usize) -> Vec<Picked> {
    let weighted: Vec<Weighted> = list.iter().map(|entry| Weighted { id: entry.0, weight: entry.3 }).collect();
    draw(seed, label, &weighted, count)
        .into_iter()
        .map(|one| Picked { id: one.id, number: format!("{:016x}", one.number) })
        .collect()
}

/// SHA-256 over the canonical JSON of a list.
pub fn list_hash(list: &[Listed]) -> Outcome<String> {
    let text = canonical(&serde_json::to_value(list).map_err(Fault::broken)?);
    Ok(hex::encode(Sha256::digest(text.as_bytes())))
}

impl Record {
    /// The text that is stored.
    pub fn text(&self) -> Outcome<String> {
        Ok(canonical(&serde_json::to_value(self).map_err(Fault::broken)?))
    }

    /// A hash over the hashes of all lists, for the column beside the record: of a single list its own.
    pub fn list_hash(&self) -> String {
        match self.lots.as_slice() {
            [only] => only.list_hash.clone(),
            lots => {
                let all: Vec<&str> = lots.iter().map(|lot| lot.list_hash.as_str()).collect();
                hex::encode(Sha256::digest(all.join(" ").as_bytes()))
            }
        }
    }

    pub fn lot(&self, label: &str) -> Option<&Lot> {
        self.lots.iter().find(|lot| lot.label == label)
    }
}

/// What repeating a draw shows, list by list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = DrawRepeated)]
pub struct Repeated {
    /// Every list has its hash and every choice came again.
    pub same: bool,
    pub lots: Vec<RepeatedLot>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = LotRepeated)]
pub struct RepeatedLot {
    pub label: String,
    pub entries: usize,
    pub list_hash: String,
    pub list_hash_again: String,
    pub picked: Vec<Picked>,
    pub picked_again: Vec<Picked>,
    pub same: bool,
}

/// Draws again from a stored record: the same record gives the same result, or the record was changed.
pub fn repeat(record: &Record) -> Outcome<Repeated> {
    let known = record.algorithm == ALGORITHM;
    let lots = record
        .lots
        .iter()
        .map(|lot| {
            let list_hash_again = list_hash(&lot.list)?;
            let picked_again = pick(&record.seed, &lot.label, &lot.list, lot.count);
            Ok(RepeatedLot {
                same: known && list_hash_again == lot.list_hash && picked_again == lot.picked,
                label: lot.label.clone(),
                entries: lot.list.len(),
                list_hash: lot.list_hash.clone(),
                list_hash_again,
                picked: lot.picked.clone(),
                picked_again,
            })
        })
        .collect::<Outcome<Vec<RepeatedLot>>>()?;
    Ok(Repeated { same: lots.iter().all(|lot| lot.same), lots })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(id: i64, group: &str, weight: u32) -> Listed {
        Listed(id, format!("单位{id}"), group.to_owned(), weight)
    }

    fn record() -> Record {
        let units = vec![unit(14, "D", 8), unit(11, "A", 1), unit(13, "C", 4), unit(12, "B", 2)];
        let seed = "2026-11-16";
        Record {
            algorithm: ALGORITHM.to_owned(),
            task: "抽查".to_owned(),
            region_code: "131081".to_owned(),
            seed: seed.to_owned(),
            seed_source: "entered".to_owned(),
            weights: BTreeMap::from([("A".to_owned(), 1)]),
            cooldown_days: 180,
            lots: vec![Lot::drawn(seed, "units".to_owned(), units, 2).unwrap()],
            excluded: Vec::new(),
        }
    }

    #[test]
    fn a_stored_record_repeats_itself() {
        let text = record().text().unwrap();
        let again = repeat(&serde_json::from_str(&text).unwrap()).unwrap();
        assert!(again.same);
        assert_eq!(again.lots[0].entries, 4);
        assert_eq!(again.lots[0].picked.len(), 2);
    }

    #[test]
    fn any_change_of_the_record_shows() {
        let mut other_weight = record();
        other_weight.lots[0].list[0].3 = 100;
        let mut other_result = record();
        other_result.lots[0].picked[0].id = 11;
        other_result.lots[0].picked[1].id = 12;
        let mut other_seed = record();
        other_seed.seed = "2026-11-17".to_owned();
        let mut other_rule = record();
        other_rule.algorithm = "weighted-draw 2".to_owned();
        for changed in [other_weight, other_result, other_seed, other_rule] {
            assert!(!repeat(&changed).unwrap().same, "{changed:?}");
        }
    }

    /// `printf '[[11,"a","A",1]]' | sha256sum`.
    #[test]
    fn the_hash_of_a_list_is_that_of_its_canonical_json() {
        let list = [Listed(11, "a".to_owned(), "A".to_owned(), 1)];
        assert_eq!(list_hash(&list).unwrap(), "70e46ade632a5679ca227dac307018b5ef8e47c8de470346211915605f9d24ed");
    }
}
