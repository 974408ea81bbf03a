//! The evaluator behind JSON lines: `lis-server calc` and `POST /api/v1/judgement/evaluate`.
//!
//! One question per line, one answer per line, in order; no database. Counts are JSON integers, every other number is a
//! string in plain notation. What cannot be read is answered `{"error": "what and where"}` and the next line goes on.
//! Nothing is computed here: every operation is a call of a typed function of this room.

use std::io::{self, BufRead, Write};

use chrono::NaiveDate;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::domain::calendar::{CalendarError, Due, IfRestDay, Moment, PeriodUnit, WorkingCalendar};
use crate::domain::decimal::Decimal;
use crate::domain::identifiers;

use super::error::JudgementError;
use super::explain::Lang;
use super::limit::{Bound, LimitRule, MethodFacts};
use super::measured::{Measured, MeasuredValue};
use super::number::{Factor, Ratio};
use super::{basis, curve, decision, item, micro, plates, proportion, qc, record, rounding, sums, units, westgard};

mod answers;
mod reading;
mod requests;
#[cfg(test)]
mod tests;
pub(super) mod wording;

use answers::*;
use reading::{Object, place};
use requests::*;

/// What the evaluator needs to know beside the question. The caller brings its catalogue and calendar.
pub trait Reference {
    fn calendar(&self) -> &WorkingCalendar;

    /// The limit rows for a food, an analyte and a production date, most specific first; or why they cannot be found.
    fn limits(&self, query: &LimitQuery) -> Result<LimitAnswer, String>;
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitQuery {
    pub food_category: String,
    pub analyte: String,
    /// The edition in force on this day decides.
    pub produced: NaiveDate,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LimitAnswer {
    pub rows: Vec<LimitRow>,
    /// Whether the catalogue is declared complete: only then does a missing row mean anything.
    pub complete: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LimitRow {
    pub id: i64,
    pub standard: String,
    pub food_category: String,
    pub analyte: String,
    pub kind: String,
    pub value: Option<String>,
    /// Written with `<` or `>`; said only where it is so.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub exclusive: bool,
    pub unit: Option<String>,
    pub n: Option<u32>,
    pub c: Option<u32>,
    pub m: Option<String>,
    #[serde(rename = "M")]
    pub maximum: Option<String>,
    pub valid_from: Option<NaiveDate>,
    pub valid_to: Option<NaiveDate>,
}

/// Answers every line of the input; blank lines are skipped. A line that is not UTF-8 is answered with an error.
///
/// Every answer is flushed: the asker may wait for it before it writes the next question.
pub fn answer_lines(mut input: impl BufRead, mut output: impl Write, reference: &dyn Reference) -> io::Result<()> {
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line)? > 0 {
        let text = str::from_utf8(&line).map(|text| text.trim().trim_start_matches('\u{FEFF}'));
        match text {
            Ok("") => {
                line.clear();
                continue;
            }
            Ok(text) => writeln!(output, "{}", answer(text, reference))?,
            Err(problem) => writeln!(output, "{}", error_text(&format!("the line is not UTF-8: {problem}")))?,
        }
        output.flush()?;
        line.clear();
    }
    Ok(())
}

/// Answers one line.
pub fn answer(line: &str, reference: &dyn Reference) -> String {
    evaluate(line, reference).unwrap_or_else(|problem| error_text(&problem))
}

fn evaluate(line: &str, reference: &dyn Reference) -> Result<String, String> {
    let Op { op } = read(line).map_err(|problem| format!("the line is no question: {problem}"))?;
    let named = |problem: String| format!("{op}: {problem}");
    match op.as_str() {
        "round" => run(line, round),
        "plate_count" => run(line, |q: PlateCount| Ok(Value::of(rounding::plate_count(&q.n.to_ratio())?))),
        "plates" => run(line, |q: Plates| plates::count(q.range()?, &q.counts)),
        "judge" => run(line, judge),
        "micro" => run(line, |q: Micro| MicroAnswer::from_judged(micro::judge_plan(&q.plan(), &q.units()?))),
        "ratio" => run(line, |q: RatioRule| {
            proportion::ratio(q.parts()?).map(|judged| proportion::RatioJudged { steps: vec![], ..judged })
        }),
        "sum" => run(line, |q: Sum| sums::sum(q.parts()?, q.limit.as_ref()).map(SumAnswer::from)),
        "species" => run(line, |q: Species| {
            no_less_than_zero("lod", q.lod.as_ref())?;
            sums::species(&q.total, q.species.as_ref(), &q.limit, q.lod.as_ref()).map(SpeciesAnswer::from)
        }),
        "basis" => run(line, |q: BasisOf| Ok(Value::exact(&basis::convert(&q.value.to_ratio(), &q.basis()?)?))),
        "convert" => run(line, convert),
        "decide" => run(line, |q: Decide| {
            let (x, uncertainty, limit) = (q.x.to_ratio(), q.uncertainty.to_ratio(), q.limit.to_ratio());
            decision::decide(&x, &uncertainty, &q.k, &limit, q.kind)
        }),
        "duplicate" => run(line, |q: Duplicate| qc::duplicate(&q.x1.to_ratio(), &q.x2.to_ratio(), &q.allowed_percent)),
        "recovery" => run(line, |q: Recovery| {
            qc::recovery(&q.native()?.to_ratio(), &q.spiked.to_ratio(), &q.added, &q.low, &q.high)
        }),
        "crm" => run(line, |q: Crm| qc::crm(&q.found.to_ratio(), &q.certified, &q.uncertainty)),
        "curve" => run(line, |q: CurveOf| curve::calibrate(&q.points()?, q.weight, q.degree, &q.min_r, &q.read)),
        "formula" => run(line, |q: FormulaOf| {
            record::calculate(&q.expr()?, &q.inputs, digits(q.significant, q.interval.clone())?.as_ref())
                .map(FormulaAnswer::from)
        }),
        "westgard" => run(line, |q: Westgard| Ok(westgard::westgard(&q.z()))),
        "due" => run(line, |q: DueOf| due(q, reference.calendar())),
        "identifier" => run(line, |q: Identifier| Ok(IdentifierAnswer::from(identifiers::check(q.kind, &q.value)))),
        "limit" => {
            run(line, |q: LimitOf| reference.limits(&q.into()).map_err(|why| JudgementError::refused("limit", why)))
        }
        _ => Err(format!("unknown; known are {OPERATIONS}")),
    }
    .map_err(named)
}

fn round(q: Round) -> Result<RoundAnswer, JudgementError> {
    let digits = digits(q.significant, q.interval)?
        .ok_or_else(|| JudgementError::refused("interval", "give an interval or a number of significant figures"))?;
    let rounded = rounding::to_digits(&q.x.to_ratio(), &digits)?;
    let mark = if q.marks { rounded.mark.as_str() } else { "" };
    Ok(RoundAnswer { value: rounded.value.into(), mark })
}

fn judge(q: Judge) -> Result<JudgeAnswer, JudgementError> {
    no_less_than_zero("lod", q.lod.as_ref())?;
    no_less_than_zero("loq", q.loq.as_ref())?;
    let digits = digits(q.significant, q.interval)?;
    let bound = match &q.limit {
        Some(limit) => Bound::parse(&limit.kind, limit.value.as_deref())?,
        None => Bound::NoLimit,
    };
    let limit = q.limit.unwrap_or_default();
    let rule = LimitRule {
        bound,
        unit: limit.unit,
        exclusive: limit.exclusive || q.exclusive,
        times: limit.times.or(q.times),
        comparison: limit.comparison.or(q.comparison).unwrap_or_default(),
    };
    let measured = Measured {
        value: q.value,
        unit: q.unit,
        confirmed: q.confirmed.unwrap_or(true),
        carry_over: q.carry_over.unwrap_or_default(),
    };
    let judged = item::judge(&measured, &rule, &MethodFacts { lod: q.lod, loq: q.loq, digits })?;
    let reason = judged.reason.text(Lang::En);
    Ok(JudgeAnswer {
        verdict: judged.verdict,
        reported: judged.reported,
        compared: judged.compared,
        limit: judged.limit,
        reason,
    })
}

fn convert(q: Convert) -> Result<Value, JudgementError> {
    let given = q.factor.as_ref().map(Factor::value);
    if given.is_some_and(|factor| factor <= &Ratio::default()) {
        return Err(JudgementError::refused("factor", "it is not above zero"));
    }
    Ok(Value::exact(&(q.value.to_ratio() * units::factor_or_given(&q.from, &q.to, given)?)))
}

fn due(q: DueOf, calendar: &WorkingCalendar) -> Result<Due, JudgementError> {
    let refused = |problem: CalendarError| {
        let field = if matches!(problem, CalendarError::TooLong { .. }) { "length" } else { "start" };
        JudgementError::refused(field, problem.to_string())
    };
    if q.unit == PeriodUnit::Hour && q.if_rest_day.is_some() {
        let why = "hours run on over rest days and end when they end; leave it out";
        return Err(JudgementError::refused("if_rest_day", why));
    }
    let start = Moment::parse(&q.start).map_err(refused)?;
    calendar.due(start, q.length, q.unit, q.if_rest_day.unwrap_or(IfRestDay::Next)).map_err(refused)
}

fn run<Q: DeserializeOwned, A: Serialize>(
    line: &str,
    answer: impl FnOnce(Q) -> Result<A, JudgementError>,
) -> Result<String, String> {
    let answer = answer(read(line)?).map_err(|problem| problem.to_string())?;
    serde_json::to_string(&answer).map_err(|problem| problem.to_string())
}

/// Reads a line into its question, or says what is wrong and where: in which field, or at which character of what is no JSON.
fn read<Q: DeserializeOwned>(line: &str) -> Result<Q, String> {
    let at = |said: &str, problem: &serde_json::Error| format!("{said}, at character {}", place(line, problem));
    let mut json = serde_json::Deserializer::from_str(line);
    let Object(question) = serde_path_to_error::deserialize::<_, Object<Q>>(&mut json).map_err(|problem| {
        let said = wording::of_reading(&problem.inner().to_string());
        if !problem.inner().is_data() {
            return at(&said, problem.inner());
        }
        match problem.path().to_string().as_str() {
            "." => said,
            path => format!("{path}: {said}"),
        }
    })?;
    json.end().map_err(|problem| {
        let said = at(&wording::of_reading(&problem.to_string()), &problem);
        format!("one question per line: {said}")
    })?;
    Ok(question)
}

fn error_text(problem: &str) -> String {
    serde_json::json!({ "error": wording::shortened(problem) }).to_string()
}

const OPERATIONS: &str = "round, plate_count, plates, judge, micro, ratio, sum, species, basis, convert, decide, duplicate, \
                          recovery, crm, curve, formula, westgard, due, identifier, limit";
