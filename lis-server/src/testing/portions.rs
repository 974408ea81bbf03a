//! What one portion gives before it is judged: by formula, from plates, as a finding, or as it was read. Pure.

use std::collections::BTreeMap;

use super::compute::{Edition, PARALLELS_MIXED, Portion};
use super::curves::Fitted;
use super::taken::Taken;
use crate::catalogue::import::{BLANK, Evaluation, Input, READING};
use crate::domain::decimal::{Decimal, DecimalError};
use crate::judgement::JudgementError;
use crate::judgement::formula::{Formula, Span, Trend};
use crate::judgement::measured::MeasuredValue;
use crate::judgement::mpn::{TubeDilution, Tubes};
use crate::judgement::number::{Ratio, plain, sum, whole};
use crate::judgement::plates::{self, CountRange, Dilution, Plate};
use crate::judgement::record::{self, Answer, JudgementRecord, Question, Sources};
use crate::judgement::rounding;

/// The value of one portion before it is judged.
#[derive(Clone, Debug, PartialEq)]
pub struct PortionValue {
    pub value: MeasuredValue,
    /// The exact number, where `value` had to be cut.
    pub exact: Option<Ratio>,
    /// As a page shows it.
    pub text: String,
    pub notes: Vec<&'static str>,
    pub calculations: Vec<JudgementRecord>,
    /// What the report prints instead of the value, where the method rounds in its own way.
    pub printed: Option<String>,
}

impl PortionValue {
    pub(super) fn plain(value: MeasuredValue) -> Self {
        let text = shown(&value);
        Self { text, value, exact: None, notes: Vec::new(), calculations: Vec::new(), printed: None }
    }

    /// A number as it was calculated.
    pub(super) fn calculated(number: Ratio) -> Self {
        match Decimal::from_ratio_finite(&number) {
            Some(finite) => Self::plain(MeasuredValue::Number(finite)),
            None => Self { exact: Some(number.clone()), ..Self::plain(MeasuredValue::Number(decimal_of(&number))) },
        }
    }

    /// As the rules of an edition carry it on.
    pub(super) fn carried(self, edition: Edition) -> Self {
        Self { exact: self.exact.filter(|_| edition >= Edition::Third), ..self }
    }

    /// The number, if it is one, as exactly as it is known.
    pub fn number(&self) -> Option<Ratio> {
        match &self.value {
            MeasuredValue::Number(number) => Some(self.exact.clone().unwrap_or_else(|| number.to_ratio())),
            MeasuredValue::NotDetected | MeasuredValue::Below(_) | MeasuredValue::Above(_) => None,
        }
    }
}

fn shown(value: &MeasuredValue) -> String {
    match value {
        MeasuredValue::Number(number) => figures(number),
        MeasuredValue::Below(number) => format!("<{}", figures(number)),
        MeasuredValue::Above(number) => format!(">{}", figures(number)),
        MeasuredValue::NotDetected => "ND".to_owned(),
    }
}

/// Exact, or 12 significant figures of what was cut to [`FIGURES_KEPT`].
fn figures(number: &Decimal) -> String {
    let text = plain(&number.to_ratio());
    let significant = text.trim_start_matches(['-', '0', '.']).chars().filter(char::is_ascii_digit).count();
    if significant <= FIGURES_EXACT {
        return text;
    }
    rounding::to_significant(&number.to_ratio(), FIGURES_SHOWN).value.into()
}

/// Figures of a ratio that has no finite decimal: beyond any difference that limits and readings can have.
const FIGURES_KEPT: u32 = 40;
/// No readings, masses and volumes give an exact result of more figures: what has more was cut.
const FIGURES_EXACT: usize = 30;
/// Of a result without a finite decimal (`domain/judgement.md` 9).
const FIGURES_SHOWN: u32 = 12;

/// A value as it goes on: exact, or cut far behind the last figure that matters.
pub(super) fn decimal_of(value: &Ratio) -> Decimal {
    Decimal::from_ratio_finite(value).unwrap_or_else(|| rounding::to_significant(value, FIGURES_KEPT).value)
}

/// Evaluates one portion; with a curve its readings are signals. `taken`: what stands in it of other items.
pub(super) fn portion_value(
    (evaluation, inputs): (&Evaluation, &[Input]),
    portion: &Portion,
    curve: Option<&Fitted<'_>>,
    (edition, taken): (Edition, &[Taken]),
) -> Result<PortionValue, JudgementError> {
    match evaluation {
        Evaluation::Formula { expression } => {
            let values =
                portion.determinations.iter().map(|given| by_formula(expression, given, curve, (edition, taken)));
            Ok(mean(values.collect::<Result<_, _>>()?).carried(edition))
        }
        Evaluation::Direct => {
            let values = portion.determinations.iter().map(|given| Ok(measured(given, curve)?.carried(edition)));
            let mut value = mean(values.collect::<Result<_, JudgementError>>()?).carried(edition);
            if let ([only], None) = (portion.determinations.as_slice(), curve) {
                value.text = only.get(READING).cloned().unwrap_or_default();
            }
            Ok(value)
        }
        Evaluation::Detection => detection(portion),
        Evaluation::Plates { range } => by_plates(*range, inputs, portion, edition),
        Evaluation::Tubes => by_tubes(inputs, portion, edition),
        // Its parts were measured elsewhere; nothing is of this portion.
        Evaluation::Sum | Evaluation::Proportion => Ok(PortionValue::plain(MeasuredValue::NotDetected)),
    }
}

fn reading(given: &BTreeMap<String, String>) -> Result<MeasuredValue, JudgementError> {
    let typed = given.get(READING).map_or("", String::as_str);
    MeasuredValue::parse(typed).map_err(|problem| number_problem(READING, problem))
}

pub(super) fn number_problem(field: &str, problem: DecimalError) -> JudgementError {
    JudgementError::Number { field: field.to_owned(), problem }
}

/// The reading, or what the curve makes of it.
fn measured(given: &BTreeMap<String, String>, curve: Option<&Fitted<'_>>) -> Result<PortionValue, JudgementError> {
    let read = reading(given)?;
    match curve {
        Some(curve) => curve.measured(&read),
        None => Ok(PortionValue::plain(read)),
    }
}

/// One determination. A reading `ND` stays one; a reading `<a` bounds the result on the side that the formula says. A curve gives its
/// concentration in place of the reading, and that of the blank.
fn by_formula(
    expression: &Formula,
    given: &BTreeMap<String, String>,
    curve: Option<&Fitted<'_>>,
    (edition, taken): (Edition, &[Taken]),
) -> Result<PortionValue, JudgementError> {
    let measured = match given.get(READING) {
        Some(_) => measured(given, curve)?.carried(edition),
        None => PortionValue::plain(MeasuredValue::Number(Decimal::from(0))),
    };
    let read = curve.map_or(READING, Fitted::gives);
    let number = match &measured.value {
        MeasuredValue::NotDetected => return nothing_read(expression, read, given, edition),
        MeasuredValue::Number(number) | MeasuredValue::Below(number) | MeasuredValue::Above(number) => number.clone(),
    };
    // What the record shows, and what is calculated with.
    let (mut shown, mut exact) = (BTreeMap::new(), BTreeMap::new());
    let mut insert = |name: &str, value: Decimal, carried: Option<Ratio>| {
        exact.insert(name.to_owned(), carried.unwrap_or_else(|| value.to_ratio()));
        shown.insert(name.to_owned(), value);
    };
    for (name, typed) in given.iter().filter(|(name, _)| name.as_str() != READING) {
        match curve {
            Some(curve) if name == BLANK => {
                let (value, carried) = curve.blank(typed)?;
                insert(name, value, carried.filter(|_| edition >= Edition::Third));
            }
            _ => {
                let value = Decimal::parse(typed.trim()).map_err(|problem| number_problem(name, problem))?;
                insert(name, value, taken.iter().find_map(|one| one.exact_input(name)));
            }
        }
    }
    if given.contains_key(READING) {
        insert(read, number, measured.exact.clone());
    }
    let result = PortionValue::calculated(expression.evaluate(&exact)?).carried(edition);
    let question = Question::Formula { formula: expression.clone(), inputs: shown, digits: None };
    let calculation = record::judge_by(edition.rules(), question, Sources::default())?;
    let result = match (&measured.value, &result.value) {
        (MeasuredValue::Below(_) | MeasuredValue::Above(_), MeasuredValue::Number(value)) => {
            let trend = match edition >= Edition::Fifth {
                true => expression.trend(read, &span_of(&measured.value), &exact),
                false => Some(Trend::Rises),
            };
            let bound = bound(&measured.value, trend, value.clone())?;
            bound.map_or(result, PortionValue::plain)
        }
        _ => result,
    };
    Ok(PortionValue { calculations: vec![calculation], ..result })
}

/// Where nothing is read the result is not detected, unless it falls with its reading: then it is at its greatest.
fn nothing_read(
    expression: &Formula,
    name: &str,
    given: &BTreeMap<String, String>,
    edition: Edition,
) -> Result<PortionValue, JudgementError> {
    let number = |typed: &String| Decimal::parse(typed.trim()).ok().map(|number| number.to_ratio());
    let inputs = given.iter().filter_map(|(name, typed)| Some((name.clone(), number(typed)?))).collect();
    let from_zero = Span { low: Some(Ratio::default()), high: None };
    if edition >= Edition::Fifth && expression.trend(name, &from_zero, &inputs) == Some(Trend::Falls) {
        let why =
            "the result falls with the reading and is greatest where nothing is read: enter the number that was read";
        return Err(JudgementError::refused(READING, why));
    }
    Ok(PortionValue::plain(MeasuredValue::NotDetected))
}

/// Where a reading lies of which only a border is known; below one that is above zero from zero on.
fn span_of(read: &MeasuredValue) -> Span {
    match read {
        MeasuredValue::Below(border) => {
            let high = border.to_ratio();
            let zero = Ratio::default();
            Span { low: (high > zero).then_some(zero), high: Some(high) }
        }
        MeasuredValue::Above(border) => Span { low: Some(border.to_ratio()), high: None },
        MeasuredValue::Number(_) | MeasuredValue::NotDetected => Span { low: None, high: None },
    }
}

/// What is known of a result whose value at the border of its reading is given. `None`: the reading does not matter.
///
/// # Errors
/// A formula that moves both ways, or whose direction cannot be told: the border says nothing about the result.
fn bound(read: &MeasuredValue, trend: Option<Trend>, value: Decimal) -> Result<Option<MeasuredValue>, JudgementError> {
    let is_below = matches!(read, MeasuredValue::Below(_));
    match trend {
        Some(Trend::Constant) => Ok(None),
        Some(trend) if is_below == (trend == Trend::Rises) => Ok(Some(MeasuredValue::Below(value))),
        Some(_) => Ok(Some(MeasuredValue::Above(value))),
        None => {
            let why = format!(
                "{read} does not say on which side of {} the result lies, because the formula does not only rise or only fall with \
                 the reading: enter the number that was read, or ND",
                figures(&value)
            );
            Err(JudgementError::refused(READING, why))
        }
    }
}

/// The mean of parallel determinations. All not detected: not detected. Some numbers and some not: the largest, and a
/// person looks at it.
fn mean(mut values: Vec<PortionValue>) -> PortionValue {
    if values.len() == 1 {
        return values.remove(0);
    }
    let calculations: Vec<JudgementRecord> = values.iter().flat_map(|value| value.calculations.clone()).collect();
    let numbers: Vec<Ratio> = values.iter().filter_map(PortionValue::number).collect();
    let mut joined = if numbers.len() == values.len() && !numbers.is_empty() {
        let count = whole(i64::try_from(numbers.len()).unwrap_or(i64::MAX));
        PortionValue::calculated(sum(&numbers) / count)
    } else if values.iter().all(|value| value.value == MeasuredValue::NotDetected) {
        PortionValue::plain(MeasuredValue::NotDetected)
    } else {
        let largest = values.into_iter().max_by_key(|value| match &value.value {
            MeasuredValue::Number(number) | MeasuredValue::Below(number) | MeasuredValue::Above(number) => {
                number.to_ratio()
            }
            MeasuredValue::NotDetected => Ratio::default(),
        });
        let mut largest = largest.unwrap_or_else(|| PortionValue::plain(MeasuredValue::NotDetected));
        largest.notes.push(PARALLELS_MIXED);
        largest
    };
    joined.calculations = calculations;
    joined
}

/// Words for a finding in a portion, beside a number above zero.
const DETECTED: &[&str] = &["detected", "positive", "pos", "+", "检出", "阳性"];
const NOT_DETECTED: &[&str] = &["not detected", "negative", "neg", "-", "阴性", "nd", "未检出"];

/// Reads a finding: `Some(true)` detected, `Some(false)` not, `None` neither.
pub fn finding(typed: &str) -> Option<bool> {
    finding_word(typed).or_else(|| match MeasuredValue::parse(typed) {
        Ok(MeasuredValue::Number(number)) => Some(!number.is_zero()),
        _ => None,
    })
}

/// The same of words alone.
pub fn finding_word(typed: &str) -> Option<bool> {
    let word = typed.trim().to_lowercase();
    if DETECTED.contains(&word.as_str()) {
        return Some(true);
    }
    NOT_DETECTED.contains(&word.as_str()).then_some(false)
}

fn detection(portion: &Portion) -> Result<PortionValue, JudgementError> {
    let typed = portion.determinations.first().and_then(|given| given.get(READING)).map_or("", String::as_str);
    match finding(typed) {
        Some(false) => {
            Ok(PortionValue { printed: Some("ND".to_owned()), ..PortionValue::plain(MeasuredValue::NotDetected) })
        }
        Some(true) => {
            let found = MeasuredValue::Number(Decimal::from(1));
            Ok(PortionValue { text: "+".to_owned(), printed: Some("+".to_owned()), ..PortionValue::plain(found) })
        }
        None => Err(JudgementError::refused(READING, format!("\"{typed}\" says neither detected nor not detected"))),
    }
}

/// Plates of several dilutions: the unit of an input is the amount of sample on a plate, its determinations the plates.
fn by_plates(
    range: CountRange,
    inputs: &[Input],
    portion: &Portion,
    edition: Edition,
) -> Result<PortionValue, JudgementError> {
    let counted = plates::count_by(edition.rules(), range, &plates_of(inputs, portion)?)?;
    let parsed = |text: &str| MeasuredValue::parse(text).map_err(|problem| number_problem("count", problem));
    Ok(PortionValue { printed: Some(counted.value.clone()), ..PortionValue::plain(parsed(&counted.n)?) })
}

/// The plates of a portion, dilution by dilution.
pub(super) fn plates_of(inputs: &[Input], portion: &Portion) -> Result<Vec<Dilution>, JudgementError> {
    let mut series = Vec::new();
    for input in inputs {
        let mut seen = Vec::new();
        for typed in portion.determinations.iter().filter_map(|given| given.get(&input.name)) {
            seen.push(
                Plate::try_from(typed.trim().to_owned()).map_err(|why| JudgementError::refused(&input.name, why))?,
            );
        }
        if !seen.is_empty() {
            let dilution = Decimal::parse(&input.unit).map_err(|problem| number_problem(&input.name, problem))?;
            series.push(Dilution { dilution, plates: seen });
        }
    }
    Ok(series)
}

/// Tubes of three dilutions: the unit of an input is the amount of sample in a tube. The value is printed as the table has it.
fn by_tubes(inputs: &[Input], portion: &Portion, edition: Edition) -> Result<PortionValue, JudgementError> {
    let mut dilutions = Vec::new();
    for input in inputs {
        let typed = portion.determinations.first().and_then(|given| given.get(&input.name)).map_or("", String::as_str);
        let tubes =
            Tubes::try_from(typed.trim().to_owned()).map_err(|why| JudgementError::refused(&input.name, why))?;
        let amount = Decimal::parse(&input.unit).map_err(|problem| number_problem(&input.name, problem))?;
        dilutions.push(TubeDilution { amount, tubes });
    }
    let calculation = record::judge_by(edition.rules(), Question::MostProbable { dilutions }, Sources::default())?;
    let Answer::MostProbable(found) = &calculation.answer else {
        return Err(JudgementError::refused("tubes", "the table was not asked"));
    };
    let text = found.value.clone();
    let value = MeasuredValue::parse(&text).map_err(|problem| number_problem("tubes", problem))?;
    Ok(PortionValue {
        printed: Some(text.clone()),
        text,
        calculations: vec![calculation],
        ..PortionValue::plain(value)
    })
}
