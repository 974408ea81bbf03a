//! Values that the certificate of their instrument corrected before they went into their cells: what was printed is kept
//! beside what it became, the record explains it, and a replay corrects again. Pure.

use serde::{Deserialize, Serialize};

use super::sheet::Sheet;
use super::store::EntryRow;
use crate::domain::decimal::Decimal;
use crate::domain::ids::ResultEntryId;
use crate::judgement::JudgementError;
use crate::judgement::correction::Correction;
use crate::judgement::edition::Rules;
use crate::judgement::record::{self, Answer, JudgementRecord, Question, Sources};

/// What was done to a reading; stored with its entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// As the instrument printed it.
    pub raw: Decimal,
    pub correction: Correction,
    /// Code of the instrument.
    pub instrument: String,
    pub certificate_no: String,
}

/// A corrected value that a result rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorrectedValue {
    pub label_code: String,
    pub input: String,
    pub replicate: i64,
    /// As it stands in its cell.
    pub value: Decimal,
    pub unit: String,
    #[serde(flatten)]
    pub applied: Applied,
}

impl CorrectedValue {
    /// The correction as the record explains it.
    ///
    /// # Errors
    /// When the value in the cell is not what the correction makes of what was printed.
    pub fn record(&self, rules: Rules, sources: Sources) -> Result<JudgementRecord, JudgementError> {
        let question = Question::Correction {
            reading: self.applied.raw.clone(),
            unit: self.unit.clone(),
            correction: self.applied.correction.clone(),
            source: format!("{} {}", self.applied.instrument, self.applied.certificate_no),
        };
        let record = record::judge_by(rules, question, sources)?;
        match &record.answer {
            Answer::Correction(corrected) if corrected.value.same_value(&self.value) => Ok(record),
            _ => Err(JudgementError::refused(self.input.clone(), "the value is not what its correction gives")),
        }
    }
}

impl Sheet {
    /// The corrections of those of the entries that were corrected.
    pub(super) fn corrections_of(&self, used: &[ResultEntryId]) -> Vec<CorrectedValue> {
        let used = self.entries.iter().filter(|entry| used.contains(&entry.id));
        used.filter_map(|entry| self.corrected(entry)).collect()
    }

    fn corrected(&self, entry: &EntryRow) -> Option<CorrectedValue> {
        let applied: Applied = serde_json::from_str(&entry.correction).ok()?;
        Some(CorrectedValue {
            label_code: self.line(entry.position_id)?.position.label_code.clone(),
            input: entry.field.clone(),
            replicate: entry.replicate,
            value: Decimal::parse(entry.value.trim()).ok()?,
            unit: entry.unit.clone(),
            applied,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judgement::correction::How;

    fn d(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    // Requirement: Q64-3
    #[test]
    fn a_replay_notices_a_value_that_its_correction_does_not_give() {
        let correction = Correction { how: How::Add, amount: d("-0.0002"), unit: "g".into() };
        let applied =
            Applied { raw: d("0.5000"), correction, instrument: "BAL-01".into(), certificate_no: "C-9".into() };
        let of = |value: &str| CorrectedValue {
            label_code: "1".into(),
            input: "mass".into(),
            replicate: 1,
            value: d(value),
            unit: "g".into(),
            applied: applied.clone(),
        };
        assert!(of("0.4998").record(Rules::CURRENT, Sources::default()).is_ok());
        assert!(of("0.5000").record(Rules::CURRENT, Sources::default()).is_err());
    }
}
