//! What a person wants to read of a result beside the steps that are stored: the parallels and their mean, the portion that LOD
//! and LOQ were converted to, the standard of the limit. It is told from what was asked, and no part of what is stored.

use std::collections::BTreeMap;

use super::super::curves::CurveAsked;
use super::super::portions::{PortionValue, portion_value};
use super::super::taken::with_taken;
use super::{Edition, LimitAsked, PARALLELS_MIXED, Portion, Record, limit_shown};
use crate::catalogue::import::Evaluation;
use crate::domain::decimal::Decimal;
use crate::judgement::basis::Portions;
use crate::judgement::explain::{Step, StepKey};

impl Record {
    /// The sentences between the calculations and the judgement.
    pub fn told(&self) -> Vec<Step> {
        let counted = self.plates_counted().into_iter().chain(self.parallels());
        counted.chain(self.portion_used()).chain(self.limit_of_standard()).collect()
    }

    /// What each of several parallel determinations gave, and what became of them.
    fn parallels(&self) -> Vec<Step> {
        let asked = &self.asked;
        if !matches!(asked.evaluation, Evaluation::Formula { .. } | Evaluation::Direct) {
            return Vec::new();
        }
        let fitted = asked.curve.as_ref().map(CurveAsked::fitted).transpose();
        let (Ok(edition), Ok(curve)) = (Edition::of(self.record), fitted) else { return Vec::new() };
        let value = |portion: &Portion| -> Option<PortionValue> {
            let rule = (&asked.evaluation, asked.inputs.as_slice());
            portion_value(rule, portion, curve.as_ref(), (edition, &asked.from)).ok()
        };
        let told = |portion: &Portion| -> Option<Step> {
            let portion = with_taken(portion, &asked.from).into_owned();
            let alone = |given: &BTreeMap<String, String>| Portion {
                label_code: portion.label_code.clone(),
                determinations: vec![given.clone()],
            };
            let each = portion.determinations.iter().map(|given| value(&alone(given)).map(|one| one.text));
            let values = each.collect::<Option<Vec<String>>>()?.join(", ");
            let all = value(&portion)?;
            let mixed = all.notes.contains(&PARALLELS_MIXED);
            let key = if mixed { StepKey::ParallelsMixed } else { StepKey::ParallelsMean };
            Some(Step::new(key, [("values", values), ("mean", all.text)]))
        };
        asked.portions.iter().filter(|portion| portion.determinations.len() > 1).filter_map(told).collect()
    }

    /// LOD and LOQ of the method beside those of the portion that was used, where it is another one.
    fn portion_used(&self) -> Option<Step> {
        let (asked, method) = (&self.asked, &self.asked.method);
        let edition = Edition::of(self.record).ok()?;
        let looked_at = if edition >= Edition::Third { usize::MAX } else { 1 };
        let determinations = asked.portions.iter().flat_map(|portion| &portion.determinations).take(looked_at);
        let used: Vec<Portions> = determinations.filter_map(|given| asked.used(given)).collect();
        let is_another = |one: &Portions| {
            !one.mass_used.same_value(&one.mass_method) || !one.volume_used.same_value(&one.volume_method)
        };
        if !used.iter().any(is_another) || (method.lod.is_none() && method.loq.is_none()) {
            return None;
        }
        let (lod, loq) = asked.detection_limits(edition).ok()?;
        let scaled =
            |limit: &Option<Decimal>| amount(limit.as_ref().map(|limit| limit_shown(&limit.to_ratio())), &asked.unit);
        let stated = |limit: &Option<Decimal>| amount(limit.clone(), &method.lod_unit);
        let of_method = used.first().map(|one| portion(&one.mass_method, &one.volume_method))?;
        let of_used: Vec<String> = used.iter().map(|one| portion(&one.mass_used, &one.volume_used)).collect();
        Some(Step::new(
            StepKey::PortionUsed,
            [
                ("lod", stated(&method.lod)),
                ("loq", stated(&method.loq)),
                ("method", of_method),
                ("used", of_used.join(", ")),
                ("lod_used", scaled(&lod)),
                ("loq_used", scaled(&loq)),
            ],
        ))
    }

    /// The standard that the limit stands in. Where several hold, the sentence about them names the one that governs.
    fn limit_of_standard(&self) -> Option<Step> {
        let LimitAsked::Row(row) = &self.asked.limit else { return None };
        let is_alone = row.beside.is_empty() && !row.standard.is_empty() && !row.text.is_empty();
        let args = || [("standard", row.standard.clone()), ("limit", self.limit_text())];
        is_alone.then(|| Step::new(StepKey::LimitOf, args()))
    }
}

fn amount(number: Option<Decimal>, unit: &str) -> String {
    number.map_or_else(|| "—".to_owned(), |number| format!("{number} {unit}").trim_end().to_owned())
}

fn portion(mass: &Decimal, volume: &Decimal) -> String {
    format!("{mass} g / {volume} mL")
}
