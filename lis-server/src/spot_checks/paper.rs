//! The printed record of a draw (双随机抽取记录).

use std::collections::BTreeMap;

use super::record::{Lot, Record};
use super::store::DrawRow;
use crate::pdf::documents::{
    DrawList, DrawRecord, DrawWeight, DrawnSampler, DrawnUnit, Exclusion, Language as Printed, Signature,
};
use crate::web::language::Language;

/// Fills the form. `details` are licence and region of the drawn units, by id.
pub fn draw_record(
    row: &DrawRow,
    record: &Record,
    drawn_by: &str,
    authority: &str,
    details: &BTreeMap<i64, (String, String)>,
    language: Language,
) -> DrawRecord {
    let units: Vec<&Lot> = record.lots.iter().filter(|lot| lot.label != "samplers").collect();
    let samplers = record.lot("samplers");
    let drawn_units = units.iter().flat_map(|lot| lot.picked_entries()).map(|(entry, picked)| {
        let detail = details.get(&entry.0);
        DrawnUnit {
            name: entry.1.clone(),
            licence: detail.map(|(licence, _)| licence.clone()),
            region: detail.map(|(_, region)| region.clone()),
            group: Some(entry.2.clone()),
            draw: picked.number.clone(),
        }
    });
    DrawRecord {
        language: match language {
            Language::Chinese => Printed::Zh,
            Language::English => Printed::En,
        },
        record_no: row.draw_no.clone(),
        authority: authority.to_owned(),
        task: record.task.clone(),
        drawn_at: row.drawn_at.to_string(),
        drawn_by: drawn_by.to_owned(),
        witnesses: Vec::new(),
        algorithm: record.algorithm.clone(),
        seed: record.seed.clone(),
        seed_source: Some(language.text(&format!("seed-{}", record.seed_source))),
        unit_list: DrawList {
            name: language.text("draw-unit-list"),
            entries: units.iter().map(|lot| lot.list.len()).sum(),
            sha256: match units.as_slice() {
                [only] => only.list_hash.clone(),
                _ => row.list_hash.clone(),
            },
        },
        sampler_list: DrawList {
            name: language.text("draw-sampler-list"),
            entries: samplers.map_or(0, |lot| lot.list.len()),
            sha256: samplers.map(|lot| lot.list_hash.clone()).unwrap_or_default(),
        },
        weights: groups(record, &units),
        units: drawn_units.collect(),
        samplers: samplers
            .into_iter()
            .flat_map(Lot::picked_entries)
            .map(|(entry, picked)| DrawnSampler {
                name: entry.1.clone(),
                certificate: None,
                draw: picked.number.clone(),
                assigned_to: None,
            })
            .collect(),
        excluded: record
            .excluded
            .iter()
            .map(|one| Exclusion {
                name: one.name.clone(),
                reason: language.text(&format!("excluded-{}", one.reason.replace('_', "-"))),
            })
            .collect(),
        signatures: vec![Signature { name: drawn_by.to_owned(), position: None, signed_at: row.drawn_at.to_string() }],
    }
}

/// Per group: weight, how many there were, how many were drawn. Strata of venues are groups of weight 1.
pub fn groups(record: &Record, units: &[&Lot]) -> Vec<DrawWeight> {
    let mut groups: BTreeMap<&str, (u32, usize, usize)> =
        record.weights.iter().map(|(group, weight)| (group.as_str(), (*weight, 0, 0))).collect();
    for entry in units.iter().flat_map(|lot| &lot.list) {
        let (weight, entries, _) = groups.entry(&entry.2).or_default();
        (*weight, *entries) = (entry.3, *entries + 1);
    }
    for (entry, _) in units.iter().flat_map(|lot| lot.picked_entries()) {
        groups.entry(&entry.2).or_default().2 += 1;
    }
    groups
        .into_iter()
        .map(|(group, (weight, entries, drawn))| DrawWeight {
            group: group.to_owned(),
            weight: weight.to_string(),
            entries,
            drawn,
        })
        .collect()
}
