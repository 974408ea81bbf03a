//! The questions, field by field.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;

use crate::domain::decimal::DecimalError;
use crate::domain::identifiers::IdentifierKind;
use crate::domain::text;
use crate::judgement::basis::Basis;
use crate::judgement::curve::{CurvePoint, Weight};
use crate::judgement::decision::LimitSide;
use crate::judgement::formula::Formula;
use crate::judgement::limit::Comparison;
use crate::judgement::measured::CarryOver;
use crate::judgement::micro::MicroPlan;
use crate::judgement::number::check_length;
use crate::judgement::plates::{CountRange, Dilution};
use crate::judgement::proportion::RatioPart;
use crate::judgement::rounding::Digits;
use crate::judgement::sums::SumPart;

use super::reading::{named_once, object_or_null, objects};
use super::*;

/// Only the name of the operation; everything else is read a second time.
#[derive(Deserialize)]
pub(super) struct Op {
    pub op: String,
}

/// Questions refuse fields they do not know: a misspelt `comparison` must not fall back to the default in silence.
macro_rules! questions {
    ($($name:ident { $($(#[$meta:meta])* $field:ident: $type:ty,)* })*) => {
        $(
            #[derive(Deserialize)]
            #[serde(deny_unknown_fields)]
            pub(super) struct $name {
                #[serde(rename = "op")]
                _op: IgnoredAny,
                $($(#[$meta])* pub $field: $type,)*
            }
        )*
    };
}

questions! {
    Round {
        x: Decimal,
        #[serde(default)] interval: Option<Decimal>,
        #[serde(default)] significant: Option<u32>,
        #[serde(default)] marks: bool,
    }
    PlateCount { n: Decimal, }
    Plates {
        #[serde(deserialize_with = "objects")] counts: Vec<Dilution>,
        /// Colonies that may be counted, both ends included; left out: 30 and 300.
        #[serde(default)] low: Option<u32>,
        #[serde(default)] high: Option<u32>,
    }
    Judge {
        value: MeasuredValue,
        #[serde(default)] unit: Option<String>,
        /// Must be there; `null` says that no limit applies.
        #[serde(deserialize_with = "object_or_null")] limit: Option<LimitOfItem>,
        #[serde(default)] comparison: Option<Comparison>,
        #[serde(default)] exclusive: bool,
        #[serde(default)] times: Option<Factor>,
        #[serde(default)] lod: Option<Decimal>,
        #[serde(default)] loq: Option<Decimal>,
        #[serde(default)] significant: Option<u32>,
        #[serde(default)] interval: Option<Decimal>,
        #[serde(default)] confirmed: Option<bool>,
        #[serde(default)] carry_over: Option<CarryOver>,
    }
    Micro {
        n: u32,
        c: u32,
        m: Decimal,
        #[serde(rename = "M", default)] maximum: Option<Decimal>,
        units: Vec<Option<MicroUnit>>,
    }
    RatioRule { #[serde(deserialize_with = "objects")] parts: Vec<RatioPart>, }
    Sum {
        #[serde(deserialize_with = "objects")] parts: Vec<SumPart>,
        #[serde(default)] limit: Option<Decimal>,
    }
    Species {
        total: MeasuredValue,
        #[serde(default)] species: Option<MeasuredValue>,
        limit: Decimal,
        #[serde(default)] lod: Option<Decimal>,
    }
    BasisOf {
        value: Decimal,
        to: BasisName,
        #[serde(default)] moisture: Option<Decimal>,
        #[serde(default)] fat: Option<Decimal>,
        #[serde(default)] abv: Option<Decimal>,
    }
    Convert {
        value: Decimal,
        from: String,
        to: String,
        #[serde(default)] factor: Option<Factor>,
    }
    Decide {
        x: Decimal,
        #[serde(rename = "U")] uncertainty: Decimal,
        #[serde(default = "two")] k: Decimal,
        limit: Decimal,
        #[serde(default)] kind: LimitSide,
    }
    Duplicate { x1: Decimal, x2: Decimal, allowed_percent: Decimal, }
    Recovery { native: MeasuredValue, spiked: Decimal, added: Decimal, low: Decimal, high: Decimal, }
    Crm {
        found: Decimal,
        certified: Decimal,
        #[serde(rename = "U")] uncertainty: Decimal,
    }
    CurveOf {
        x: Vec<Decimal>,
        y: Vec<Decimal>,
        #[serde(default)] weight: Weight,
        #[serde(default = "line")] degree: u32,
        #[serde(default = "usual_min_r")] min_r: Decimal,
        #[serde(default)] read: Vec<Decimal>,
    }
    FormulaOf {
        expr: String,
        #[serde(default, deserialize_with = "named_once")] inputs: BTreeMap<String, Decimal>,
        #[serde(default)] significant: Option<u32>,
        #[serde(default)] interval: Option<Decimal>,
    }
    Westgard { z: Vec<Decimal>, }
    DueOf {
        start: String,
        length: u32,
        unit: PeriodUnit,
        #[serde(default)] if_rest_day: Option<IfRestDay>,
    }
    Identifier { kind: IdentifierKind, value: String, }
    LimitOf { food_category: String, analyte: String, produced: NaiveDate, }
}

/// What one unit of a sampling plan gave: a count, or that there was more than may be.
#[derive(Clone, Deserialize)]
#[serde(try_from = "String")]
pub(super) enum MicroUnit {
    Value(MeasuredValue),
    /// Detected, or too numerous to count: above m, and nothing more is known.
    OverM,
}

impl TryFrom<String> for MicroUnit {
    type Error = DecimalError;
    fn try_from(typed: String) -> Result<Self, DecimalError> {
        match text::code(&typed).to_lowercase().as_str() {
            "检出" | "detected" | "tntc" | "多不可计" => Ok(Self::OverM),
            _ => MeasuredValue::parse(&typed).map(Self::Value),
        }
    }
}

/// The limit inside a `judge` question. A row of `limit` may stand here as it was answered: what does not decide is not looked
/// at.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LimitOfItem {
    pub kind: String,
    #[serde(default)]
    pub value: Option<String>,
    #[serde(default)]
    pub unit: Option<String>,
    #[serde(default)]
    pub exclusive: bool,
    #[serde(default)]
    pub times: Option<Factor>,
    #[serde(default)]
    pub comparison: Option<Comparison>,
    #[serde(default, rename = "id")]
    _id: IgnoredAny,
    #[serde(default, rename = "standard")]
    _standard: IgnoredAny,
    #[serde(default, rename = "food_category")]
    _food_category: IgnoredAny,
    #[serde(default, rename = "analyte")]
    _analyte: IgnoredAny,
    #[serde(default, rename = "cas")]
    _cas: IgnoredAny,
    #[serde(default, rename = "n")]
    _n: IgnoredAny,
    #[serde(default, rename = "c")]
    _c: IgnoredAny,
    #[serde(default, rename = "m")]
    _m: IgnoredAny,
    #[serde(default, rename = "M")]
    _maximum: IgnoredAny,
    #[serde(default, rename = "method_standard")]
    _method_standard: IgnoredAny,
    #[serde(default, rename = "note")]
    _note: IgnoredAny,
    #[serde(default, rename = "confidence")]
    _confidence: IgnoredAny,
    #[serde(default, rename = "valid_from")]
    _valid_from: IgnoredAny,
    #[serde(default, rename = "valid_to")]
    _valid_to: IgnoredAny,
    #[serde(default, rename = "verified_by")]
    _verified_by: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum BasisName {
    Dry,
    Fat,
    Alcohol100,
}

impl Micro {
    pub fn plan(&self) -> MicroPlan {
        MicroPlan { n: self.n, c: self.c, m: self.m.clone(), maximum: self.maximum.clone() }
    }

    pub fn units(&self) -> Result<Vec<Option<MeasuredValue>>, JudgementError> {
        let value = |(index, unit): (usize, &Option<MicroUnit>)| -> Result<Option<MeasuredValue>, JudgementError> {
            Ok(match unit {
                None => None,
                Some(MicroUnit::OverM) => Some(MeasuredValue::Above(self.m.clone())),
                Some(MicroUnit::Value(value)) => {
                    not_below_zero(|| format!("units[{index}]"), value)?;
                    Some(value.clone())
                }
            })
        };
        self.units.iter().enumerate().map(value).collect()
    }
}

impl Sum {
    /// An LOD or a content below zero would take from the sum what is there.
    pub fn parts(&self) -> Result<&[SumPart], JudgementError> {
        for (index, part) in self.parts.iter().enumerate() {
            not_below_zero(|| format!("parts[{index}].value"), &part.value)?;
            no_less_than_zero(&format!("parts[{index}].lod"), part.lod.as_ref())?;
        }
        Ok(&self.parts)
    }
}

impl Plates {
    /// That of GB 4789.2 where nothing is said.
    pub fn range(&self) -> Result<CountRange, JudgementError> {
        let usual = CountRange::USUAL;
        let (low, high) = (self.low.unwrap_or(usual.low()), self.high.unwrap_or(usual.high()));
        let why = || format!("{low} to {high} is no range of colonies: the least is above zero and below the most");
        CountRange::new(low, high).ok_or_else(|| JudgementError::refused("high", why()))
    }
}

impl RatioRule {
    /// What is exact beside what was cut belongs to records; whoever asks writes the value.
    pub fn parts(&self) -> Result<&[RatioPart], JudgementError> {
        for (index, part) in self.parts.iter().enumerate() {
            not_below_zero(|| format!("parts[{index}].value"), &part.value)?;
            no_less_than_zero(&format!("parts[{index}].lod"), part.lod.as_ref())?;
        }
        match self.parts.iter().position(|part| part.exact.is_some()) {
            Some(index) => {
                Err(JudgementError::refused(format!("parts[{index}].exact"), "unknown field; write the value"))
            }
            None => Ok(&self.parts),
        }
    }
}

impl BasisOf {
    pub fn basis(&self) -> Result<Basis, JudgementError> {
        let needed = |field: &str, value: &Option<Decimal>| {
            value.clone().ok_or_else(|| JudgementError::refused(field, "it is needed for this basis"))
        };
        Ok(match self.to {
            BasisName::Dry => Basis::Dry { moisture: needed("moisture", &self.moisture)? },
            BasisName::Fat => Basis::Fat { fat: needed("fat", &self.fat)? },
            BasisName::Alcohol100 => Basis::Alcohol100 { abv: needed("abv", &self.abv)? },
        })
    }
}

impl Recovery {
    /// A native content that was not detected counts as zero.
    pub fn native(&self) -> Result<Decimal, JudgementError> {
        match &self.native {
            MeasuredValue::Number(value) => Ok(value.clone()),
            MeasuredValue::NotDetected => Ok(Decimal::from(0)),
            other => Err(JudgementError::refused("native", format!("{other} is neither a number nor ND"))),
        }
    }
}

impl CurveOf {
    pub fn points(&self) -> Result<Vec<CurvePoint>, JudgementError> {
        if self.x.len() != self.y.len() {
            let (signals, concentrations) = (self.y.len(), self.x.len());
            let why =
                format!("{} for {}", text::counted(signals, "signal"), text::counted(concentrations, "concentration"));
            return Err(JudgementError::refused("y", why));
        }
        if self.read.len() > MOST_READ {
            let why = format!("{} signals; at most {MOST_READ} are read in one question", self.read.len());
            return Err(JudgementError::refused("read", why));
        }
        for signal in &self.read {
            check_length("read", signal)?;
        }
        Ok(self.x.iter().zip(&self.y).map(|(x, y)| CurvePoint { x: x.clone(), y: y.clone() }).collect())
    }
}

impl Westgard {
    pub fn z(&self) -> Vec<Ratio> {
        self.z.iter().map(Decimal::to_ratio).collect()
    }
}

impl FormulaOf {
    pub fn expr(&self) -> Result<Formula, JudgementError> {
        Ok(Formula::parse(&self.expr)?)
    }
}

impl From<LimitOf> for LimitQuery {
    fn from(q: LimitOf) -> Self {
        Self { food_category: q.food_category, analyte: q.analyte, produced: q.produced }
    }
}

/// Counts and the parts of a sum: `<0` says that there is less than nothing.
fn not_below_zero(field: impl FnOnce() -> String, value: &MeasuredValue) -> Result<(), JudgementError> {
    let below = match value {
        MeasuredValue::NotDetected => false,
        MeasuredValue::Below(bound) => bound.is_negative() || bound.is_zero(),
        MeasuredValue::Number(number) | MeasuredValue::Above(number) => number.is_negative(),
    };
    if below { Err(JudgementError::refused(field(), format!("{value} is below zero"))) } else { Ok(()) }
}

/// What a method can see is an amount.
pub(super) fn no_less_than_zero(field: &str, value: Option<&Decimal>) -> Result<(), JudgementError> {
    match value {
        Some(value) if value.is_negative() => Err(JudgementError::refused(field, format!("{value} is below zero"))),
        _ => Ok(()),
    }
}

/// Significant figures or an interval, not both.
pub(super) fn digits(significant: Option<u32>, interval: Option<Decimal>) -> Result<Option<Digits>, JudgementError> {
    match (significant, interval) {
        (Some(_), Some(_)) => {
            Err(JudgementError::refused("interval", "give either an interval or significant figures"))
        }
        (Some(figures), None) => Ok(Some(Digits::Significant(figures))),
        (None, interval) => Ok(interval.map(Digits::Interval)),
    }
}

fn line() -> u32 {
    1
}

/// Signals that one question reads from a curve: more than a run of an instrument has.
const MOST_READ: usize = 1000;

/// The usual coverage factor, about 95 %.
fn two() -> Decimal {
    Decimal::from(2)
}

/// `quality.md` Q77-4: the criterion when the method gives none.
fn usual_min_r() -> Decimal {
    Decimal::from_scaled(&995.into(), 3)
}
