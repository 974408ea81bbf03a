//! What a record holds: what was asked, the answer, and what a person or another laboratory added. Its bytes are compared when
//! it is asked again, so that names and order of the fields stay.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::super::corrections::CorrectedValue;
use super::super::curves::CurveAsked;
use super::super::established::Established;
use super::super::taken::Taken;
use super::super::uncertainty::{Uncertain, UncertaintyAsked};
use crate::catalogue::import::{Evaluation, Input};
use crate::domain::clock::Moment;
use crate::domain::decimal::Decimal;
use crate::judgement::Verdict;
use crate::judgement::claim::Claim;
use crate::judgement::limit::LimitRule;
use crate::judgement::micro::MicroPlan;
use crate::judgement::number::Fraction;
use crate::judgement::proportion::Named;
use crate::judgement::record::JudgementRecord;
use crate::judgement::rounding::DigitLevel;

/// A result with everything that a replay needs. Fields are added at the end only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Its edition.
    pub record: u32,
    pub asked: Asked,
    pub answered: Answered,
    /// Where a person decided what the rules leave open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
    /// Where another laboratory tested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subcontract: Option<Subcontract>,
}

/// The other laboratory, as it was when the item was sent, and its report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subcontract {
    pub name: String,
    pub accreditation_no: String,
    pub sent_on: NaiveDate,
    pub report_no: String,
    pub reported_on: NaiveDate,
    /// SHA-256 of the report's file.
    pub file: String,
    /// The client asked for guard bands; the report states no uncertainty, and its value was judged by simple acceptance.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub simple: bool,
}

/// What a person decided about a verdict that was REVIEW.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// PASS, FAIL or NO_LIMIT.
    pub verdict: Verdict,
    /// What it rests on: a standard with its clause, a notice, a second test.
    pub basis: String,
    pub reason: String,
    /// Name of the person.
    pub by: String,
    pub at: Moment,
    /// When the result that was decided on was submitted.
    pub tested_at: Moment,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    pub analyte: String,
    pub method: MethodAsked,
    pub evaluation: Evaluation,
    /// Version of the rule of calculation.
    pub formula_version: u32,
    pub inputs: Vec<Input>,
    /// Of the result before it is converted to the limit's unit.
    pub unit: String,
    pub limit: LimitAsked,
    pub food: String,
    pub produced_on: NaiveDate,
    pub tested_on: NaiveDate,
    /// One portion for chemistry, n units for a sampling plan, in their order.
    pub portions: Vec<Portion>,
    /// Where readings are signals: what turns them into concentrations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub curve: Option<CurveAsked>,
    /// Results of other items of the sample that this one rests on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub from: Vec<Taken>,
    /// Values among those of the portions and of the curve that the certificate of their instrument corrected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub corrections: Vec<CorrectedValue>,
    /// Where the client's decision rule asks for guard bands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uncertainty: Option<UncertaintyAsked>,
    /// Where a person answered what the rules ask about the finding or its limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub established: Option<Established>,
    /// Edition of the implementing rules that asked for the item; empty: an order did.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub rules_edition: String,
    /// What the label claims, judged beside the limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<Claim>,
    /// What the residue is by its definition beside the compound that was measured, and was not added to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unadded: Vec<Named>,
    /// The compound itself counts in its residue by a factor: the sum may be less than what was read of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub converted: bool,
}

/// One container and its parallel determinations: what was entered, by name, as it was typed or printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Portion {
    pub label_code: String,
    pub determinations: Vec<BTreeMap<String, String>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MethodAsked {
    pub key: String,
    /// Standard with edition and procedure, as printed.
    pub text: String,
    pub digits: Vec<DigitLevel>,
    /// A positive finding needs another method before it becomes a result.
    pub screening: bool,
    pub lod: Option<Decimal>,
    pub loq: Option<Decimal>,
    pub lod_unit: String,
    /// The portion that LOD and LOQ belong to.
    pub portion_g: Option<Decimal>,
    pub volume_ml: Option<Decimal>,
}

/// What the result is judged by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "one lives for one calculation; there are never many")]
pub enum LimitAsked {
    /// Results only were ordered.
    NotJudged,
    /// No row, in a catalogue that is declared complete.
    Absent {
        set: i64,
    },
    /// No row, in a catalogue that is not complete: it has to be looked up.
    Unknown {
        set: i64,
    },
    Row(LimitRowAsked),
}

impl LimitAsked {
    /// The set of limits that was asked, and the key of the row that was found in it.
    pub fn source(&self) -> (Option<i64>, String) {
        match self {
            Self::Row(row) => (Some(row.set), row.key.clone()),
            Self::Absent { set } | Self::Unknown { set } => (Some(*set), String::new()),
            Self::NotJudged => (None, String::new()),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LimitRowAsked {
    pub set: i64,
    pub key: String,
    pub standard: String,
    pub rule: Option<LimitRule>,
    pub plan: Option<MicroPlan>,
    pub unit: String,
    /// As reports print it: `≤ 0.2 mg/kg`.
    pub text: String,
    /// Why a person has to look at it: codes of [`super::NOTES`].
    pub doubts: Vec<String>,
    /// The analyte that the row limits, where a total is compared with it first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub species: Option<String>,
    /// Limits of other standards that hold too, as printed: they ask for less, or with `LIMITS_SEVERAL` for something else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answered {
    /// The value before rounding: exact, or 12 significant figures.
    pub value: String,
    /// As the report prints it, in `unit`.
    pub reported: String,
    pub unit: String,
    pub verdict: Verdict,
    /// For the portion used.
    pub lod: Option<String>,
    pub loq: Option<String>,
    pub notes: Vec<String>,
    pub calculations: Vec<JudgementRecord>,
    pub judgement: JudgementRecord,
    /// Of the value, where it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uncertainty: Option<Uncertain>,
    /// Against what the label claims.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<JudgementRecord>,
    /// The exact value, where it has no finite decimal: what rests on it is calculated with this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exact: Option<Fraction>,
}
