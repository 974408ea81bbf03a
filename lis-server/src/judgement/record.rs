//! A judgement with everything it used, so that it can be replayed years later.
//!
//! The result row stores the record's text. [`replay`] answers the same question again with the rules of the edition that
//! the record names; [`reproduces`] says whether the bytes are the same. Nothing here reads a catalogue: the limit, the
//! method's facts and the inputs are in the record, so a later change of the catalogue cannot reach it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::decimal::Decimal;

use super::Verdict;
use super::correction::{self, Corrected, Correction};
use super::curve::{self, CurvePoint, CurveResult, Reading, Weight};
use super::decision::{self, Decision, ExactNumbers, LimitSide};
use super::edition::Rules;
use super::error::JudgementError;
use super::explain::{Lang, Step, StepKey, explain};
use super::formula::Formula;
use super::item::{self, Judged};
use super::limit::{LimitRule, MethodFacts};
use super::measured::{Measured, MeasuredValue};
use super::micro::{self, MicroJudged, MicroPlan};
use super::mpn::{self, MostProbable, TubeDilution};
use super::number::{Fraction, plain};
use super::proportion::{self, RatioJudged, RatioPart};
use super::rounding::{self, Digits};
use super::sums::{self, SpeciesJudged, SumJudged, SumPart, verdict_step};

/// Question and answer. The field order is the byte order; fields are added at the end only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JudgementRecord {
    /// Edition of the rules that answered; of a new record that of [`Rules::CURRENT`]. `golden.jsonl` holds records of every edition.
    pub rules: u32,
    pub sources: Sources,
    pub question: Question,
    pub answer: Answer,
}

/// The rows a judgement rests on: names and numbers as they were then.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sources {
    /// The limit row: id of its set and its key, `8/gb2762-2025/pb/leafy-vegetables`.
    pub limit_row: Option<String>,
    /// Standard with its edition: `GB 2762-2025`.
    pub limit_standard: Option<String>,
    /// Key of the method row, with edition and procedure: `gb5009.12-2023/gfaas`.
    pub method_row: Option<String>,
    /// Method with edition and procedure: `GB 5009.12-2023 第一法`.
    pub method: Option<String>,
    /// Id and version of the formula.
    pub formula_version: Option<String>,
}

/// Everything that is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum Question {
    Item {
        measured: Measured,
        limit: LimitRule,
        method: MethodFacts,
    },
    Plan {
        plan: MicroPlan,
        units: Vec<Option<MeasuredValue>>,
    },
    Sum {
        parts: Vec<SumPart>,
        limit: Option<Decimal>,
    },
    Ratio {
        parts: Vec<RatioPart>,
    },
    Species {
        total: MeasuredValue,
        species: Option<MeasuredValue>,
        limit: Decimal,
        lod: Option<Decimal>,
    },
    Formula {
        formula: Formula,
        inputs: BTreeMap<String, Decimal>,
        digits: Option<Digits>,
    },
    Curve {
        points: Vec<CurvePoint>,
        weight: Weight,
        degree: u32,
        min_r: Decimal,
        signals: Vec<Decimal>,
    },
    Decision {
        x: Decimal,
        uncertainty: Decimal,
        k: Decimal,
        limit: Decimal,
        side: LimitSide,
        #[serde(default, skip_serializing_if = "ExactNumbers::is_empty")]
        exact: ExactNumbers,
    },
    Correction {
        reading: Decimal,
        unit: String,
        correction: Correction,
        source: String,
    },
    MostProbable {
        dilutions: Vec<TubeDilution>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum Answer {
    Item(Judged),
    Plan(MicroJudged),
    Sum(SumJudged),
    Ratio(RatioJudged),
    Species(SpeciesJudged),
    Formula(Calculated),
    Curve(CurveResult),
    Decision(Decision),
    Correction(Corrected),
    MostProbable(MostProbable),
}

/// The result of a formula.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calculated {
    /// Exact, or 12 significant digits.
    pub value: String,
    /// Rounded once, from the exact value.
    pub reported: String,
    pub steps: Vec<Step>,
}

/// Judges and keeps what was used.
pub fn judge(question: Question, sources: Sources) -> Result<JudgementRecord, JudgementError> {
    judge_by(Rules::CURRENT, question, sources)
}

/// The same by the rules of an edition: what a record of an older edition was made of is asked again.
pub fn judge_by(rules: Rules, question: Question, sources: Sources) -> Result<JudgementRecord, JudgementError> {
    let answer = question.answer(rules)?;
    Ok(JudgementRecord { rules: rules.number(), sources, question, answer })
}

/// The same question, answered again by the rules of the record's edition.
///
/// # Errors
/// An edition that this program does not know.
pub fn replay(record: &JudgementRecord) -> Result<JudgementRecord, JudgementError> {
    let rules = Rules::of(record.rules).ok_or(JudgementError::UnknownEdition(record.rules))?;
    let answer = record.question.answer(rules)?;
    Ok(JudgementRecord { answer, ..record.clone() })
}

/// Whether a replay gives the same bytes.
///
/// # Errors
/// An edition that this program does not know: then nobody can say.
pub fn reproduces(record: &JudgementRecord) -> Result<bool, JudgementError> {
    match replay(record) {
        Ok(again) => Ok(again.bytes() == record.bytes()),
        Err(unknown @ JudgementError::UnknownEdition(_)) => Err(unknown),
        Err(_) => Ok(false),
    }
}

impl JudgementRecord {
    /// The canonical text that is stored and compared.
    pub fn bytes(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Whether this program has the rules that answered.
    pub fn is_known(&self) -> bool {
        Rules::of(self.rules).is_some()
    }

    pub fn verdict(&self) -> Option<Verdict> {
        match &self.answer {
            Answer::Item(judged) => Some(judged.verdict),
            Answer::Plan(judged) => Some(judged.verdict),
            Answer::Sum(judged) => Some(judged.verdict),
            Answer::Ratio(judged) => Some(judged.overall),
            Answer::Species(judged) => Some(judged.verdict),
            Answer::Decision(decision) => Some(decision.simple),
            Answer::Formula(_) | Answer::Curve(_) | Answer::Correction(_) | Answer::MostProbable(_) => None,
        }
    }

    pub fn steps(&self) -> Vec<Step> {
        match (&self.answer, &self.question) {
            (Answer::Item(judged), _) => judged.steps.clone(),
            (Answer::Plan(judged), _) => judged.steps.clone(),
            (Answer::Sum(judged), _) => judged.steps.clone(),
            (Answer::Ratio(judged), _) => judged.steps.clone(),
            (Answer::Species(judged), _) => judged.steps.clone(),
            (Answer::Formula(calculated), _) => calculated.steps.clone(),
            (Answer::Correction(corrected), _) => corrected.steps.clone(),
            (Answer::MostProbable(found), _) => found.steps.clone(),
            (Answer::Curve(result), Question::Curve { signals, .. }) => curve_steps(result, signals),
            (Answer::Decision(decision), Question::Decision { x, uncertainty, k, limit, side, .. }) => {
                let value = format!("{x} ± {uncertainty} (k={k})");
                let p_over = decision.p_over.clone();
                vec![
                    Step::new(
                        StepKey::WithUncertainty,
                        [
                            ("value", value),
                            ("limit", limit.to_string()),
                            ("p_over", p_over),
                            ("p_false", decision.p_false(*side, uncertainty)),
                        ],
                    ),
                    Step::new(
                        StepKey::GuardedIs,
                        [("zh", decision.guarded.zh().into()), ("en", decision.guarded.name().into())],
                    ),
                    verdict_step(decision.simple),
                ]
            }
            // A record whose answer belongs to another kind of question was not made here; it explains nothing.
            (Answer::Curve(_) | Answer::Decision(_), _) => Vec::new(),
        }
    }

    /// The reasoning as a person would write it.
    pub fn explain(&self, lang: Lang) -> String {
        explain(&self.steps(), lang)
    }
}

impl Question {
    fn answer(&self, rules: Rules) -> Result<Answer, JudgementError> {
        Ok(match self {
            Self::Item { measured, limit, method } => Answer::Item(item::judge_by(rules, measured, limit, method)?),
            Self::Plan { plan, units } => Answer::Plan(micro::judge_plan(plan, units)?),
            Self::Sum { parts, limit } => Answer::Sum(sums::sum(parts, limit.as_ref())?),
            Self::Ratio { parts } => Answer::Ratio(proportion::ratio(parts)?),
            Self::Species { total, species, limit, lod } => {
                Answer::Species(sums::species_by(rules, (total, species.as_ref()), limit, lod.as_ref())?)
            }
            Self::Formula { formula, inputs, digits } => Answer::Formula(calculate(formula, inputs, digits.as_ref())?),
            Self::Curve { points, weight, degree, min_r, signals } => {
                Answer::Curve(curve::calibrate(points, *weight, *degree, min_r, signals)?)
            }
            Self::Decision { x, uncertainty, k, limit, side, exact } => {
                let number = |cut: &Decimal, exact: &Option<Fraction>| {
                    exact.as_ref().map_or_else(|| cut.to_ratio(), |exact| exact.value().clone())
                };
                let (x, limit) = (number(x, &exact.x), number(limit, &exact.limit));
                Answer::Decision(decision::decide(&x, &number(uncertainty, &exact.uncertainty), k, &limit, *side)?)
            }
            Self::Correction { reading, unit, correction, source } => {
                Answer::Correction(correction::correct(correction, (reading, unit), source)?)
            }
            Self::MostProbable { dilutions } => Answer::MostProbable(mpn::most_probable(dilutions)?),
        })
    }
}

/// Evaluates a formula exactly and rounds once for the report.
pub fn calculate(
    formula: &Formula,
    inputs: &BTreeMap<String, Decimal>,
    digits: Option<&Digits>,
) -> Result<Calculated, JudgementError> {
    let exact = formula.evaluate_decimals(inputs)?;
    let value = plain(&exact);
    let reported = match digits {
        Some(digits) => rounding::to_digits(&exact, digits)?.value.into(),
        None => value.clone(),
    };
    let mut steps = vec![Step::new(StepKey::FormulaIs, [("formula", formula.as_str().to_owned())])];
    let used = formula.names();
    let inputs = inputs.iter().filter(|(name, _)| used.contains(name.as_str()));
    steps.extend(
        inputs.map(|(name, value)| {
            Step::new(StepKey::FormulaInput, [("name", name.clone()), ("value", value.to_string())])
        }),
    );
    steps.push(Step::new(StepKey::FormulaResult, [("value", value.clone()), ("reported", reported.clone())]));
    Ok(Calculated { value, reported, steps })
}

fn curve_steps(result: &CurveResult, signals: &[Decimal]) -> Vec<Step> {
    let quadratic = result.quadratic.as_ref().map(|c2| format!(" + {c2} x²")).unwrap_or_default();
    let line = format!("y = {} + {} x{quadratic}", result.intercept, result.slope);
    let mut steps = vec![Step::new(StepKey::CurveFitted, [("curve", line), ("r", result.r.clone())])];
    steps.extend(signals.iter().zip(&result.read).map(|(signal, reading)| match reading {
        Reading::Found { x } => Step::new(StepKey::CurveRead, [("signal", signal.to_string()), ("x", x.clone())]),
        Reading::Refused { .. } => Step::new(StepKey::CurveRefused, [("signal", signal.to_string())]),
    }));
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judgement::decision::GuardedVerdict;
    use crate::judgement::limit::Bound;
    use crate::judgement::number::{Factor, Ratio};

    fn d(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    fn v(text: &str) -> MeasuredValue {
        MeasuredValue::parse(text).unwrap()
    }

    fn questions() -> Vec<Question> {
        let rule = LimitRule {
            exclusive: true,
            times: Some(Factor::parse("1/8").unwrap()),
            ..LimitRule::new(Bound::Max { value: d("0.80") }, Some("mg/kg"))
        };
        let method = MethodFacts { lod: Some(d("0.02")), loq: Some(d("0.040")), digits: Some(Digits::Significant(2)) };
        let plan = MicroPlan { n: 2, c: 1, m: d("10"), maximum: Some(d("100")) };
        let part = SumPart {
            value: v("ND"),
            lod: Some(d("0.5")),
            factor: Some(Factor::parse("221.26/237.25").unwrap()),
            exact: None,
        };
        let inputs = [("a".to_owned(), d("1")), ("b".to_owned(), d("3"))].into();
        vec![
            Question::Item { measured: Measured::new(v("99.6"), Some("µg/kg")), limit: rule, method },
            Question::Plan { plan, units: vec![Some(v("<10")), None] },
            Question::Sum { parts: vec![part], limit: Some(d("20")) },
            Question::Ratio {
                parts: vec![RatioPart {
                    value: v("0.6"),
                    max: Some(d("1.0")),
                    permitted: true,
                    name: None,
                    lod: None,
                    exact: None,
                }],
            },
            Question::Species { total: v("0.26"), species: Some(v("0.12")), limit: d("0.2"), lod: None },
            Question::Formula {
                formula: Formula::parse("a/b").unwrap(),
                inputs,
                digits: Some(Digits::Interval(d("0.01"))),
            },
            Question::Curve {
                points: [("0", "1"), ("1", "2"), ("3", "5")].map(|(x, y)| CurvePoint { x: d(x), y: d(y) }).into(),
                weight: Weight::None,
                degree: 1,
                min_r: d("0.99"),
                signals: vec![d("3"), d("30")],
            },
            Question::Decision {
                x: d("0.19"),
                uncertainty: d("0.02"),
                k: d("2"),
                limit: d("0.2"),
                side: LimitSide::Max,
                exact: ExactNumbers::default(),
            },
            // 1/3 ± 1/30 against 11/30: on the border of the guard band.
            Question::Decision {
                x: d("0.333"),
                uncertainty: d("0.0333"),
                k: d("2"),
                limit: d("0.367"),
                side: LimitSide::Max,
                exact: ExactNumbers {
                    x: Fraction::of(&Ratio::new(1.into(), 3.into())),
                    uncertainty: Fraction::of(&Ratio::new(1.into(), 30.into())),
                    limit: Fraction::of(&Ratio::new(11.into(), 30.into())),
                },
            },
            Question::Correction {
                reading: d("0.5000"),
                unit: "g".into(),
                correction: Correction { how: correction::How::Add, amount: d("-0.2"), unit: "mg".into() },
                source: "BAL-01 C-9".into(),
            },
            Question::MostProbable {
                dilutions: [("0.1", "3/3"), ("0.01", "1/3"), ("0.001", "0/3")]
                    .map(|(amount, tubes)| TubeDilution {
                        amount: d(amount),
                        tubes: mpn::Tubes::try_from(tubes.to_owned()).unwrap(),
                    })
                    .into(),
            },
        ]
    }

    #[test]
    fn a_stored_record_replays_to_the_same_bytes() {
        for question in questions() {
            let sources = Sources {
                limit_row: Some("7/gb2762-2025/pb/meat-not-offal".into()),
                limit_standard: Some("GB 2762-2025".into()),
                ..Sources::default()
            };
            let record = judge(question, sources).unwrap();
            let stored = record.bytes();
            let read: JudgementRecord = serde_json::from_str(&stored).unwrap();
            assert_eq!(read, record);
            assert_eq!(replay(&read).unwrap().bytes(), stored);
            assert!(reproduces(&read) == Ok(true) && !read.steps().is_empty());
            assert!(
                !read.explain(Lang::Zh).contains('{') && !read.explain(Lang::En).contains('{'),
                "{}",
                read.explain(Lang::En)
            );
        }
    }

    #[test]
    fn a_guard_band_is_that_of_the_fractions() {
        let exact = |question: &&Question| matches!(question, Question::Decision { exact, .. } if !exact.is_empty());
        let question = questions().iter().find(exact).cloned().unwrap();
        let record = judge(question, Sources::default()).unwrap();
        let Answer::Decision(decision) = &record.answer else { panic!("no decision") };
        // Inside by exactly U, two standard uncertainties; of the cut numbers by more than U.
        assert_eq!((decision.guarded, decision.p_over.as_str()), (GuardedVerdict::Pass, "0.0228"));
        let kept = r#""side":"max","exact":{"x":"1/3","uncertainty":"1/30","limit":"11/30"}}"#;
        assert!(record.bytes().contains(kept), "{}", record.bytes());
    }

    /// One standard uncertainty on either side of the limit, 0.1587: of the passed value against a maximum what lies above it, of
    /// the failed one what lies below it, and against a minimum the other way round.
    #[test]
    fn the_guard_band_says_how_likely_its_verdict_is_false() {
        let said = |x: &str, side: LimitSide| {
            let (uncertainty, k, limit) = (d("0.2"), d("2"), d("3.0"));
            let exact = ExactNumbers::default();
            let question = Question::Decision { x: d(x), uncertainty, k, limit, side, exact };
            judge(question, Sources::default()).unwrap().steps()[0].clone()
        };
        let of = |x: &str, side: LimitSide| said(x, side).args["p_over"].clone() + " " + &said(x, side).args["p_false"];
        assert_eq!(of("2.9", LimitSide::Max), "0.1587 0.1587");
        assert_eq!(of("3.1", LimitSide::Max), "0.8413 0.1587");
        assert_eq!(of("3.1", LimitSide::Min), "0.8413 0.1587");
        assert_eq!(of("2.9", LimitSide::Min), "0.1587 0.1587");
        // On the limit it conforms, and lies on either side of it as likely.
        assert_eq!(of("3.0", LimitSide::Min), "0.5000 0.5000");
        let step = said("3.1", LimitSide::Min);
        assert_eq!(
            step.text(Lang::Zh),
            "3.1 ± 0.2 (k=2)，限值 3.0，真值高于限值的概率 0.8413，简单接受判定错误的概率 0.1587"
        );
        let en = "3.1 ± 0.2 (k=2), limit 3.0; probability that the true value lies above the limit 0.8413, that the verdict by \
                  simple acceptance is false 0.1587";
        assert_eq!(step.text(Lang::En), en);
        // Without uncertainty there is nothing to be wrong about, a value on its minimum included.
        let question = Question::Decision {
            x: d("3.0"),
            uncertainty: d("0"),
            k: d("2"),
            limit: d("3.0"),
            side: LimitSide::Min,
            exact: ExactNumbers::default(),
        };
        let sure = judge(question, Sources::default()).unwrap();
        assert_eq!((sure.verdict(), sure.steps()[0].args["p_false"].as_str()), (Some(Verdict::Pass), "0.0000"));
    }

    #[test]
    fn a_changed_answer_is_noticed() {
        let mut record = judge(questions().remove(0), Sources::default()).unwrap();
        assert_eq!(record.verdict(), Some(Verdict::Pass));
        if let Answer::Item(judged) = &mut record.answer {
            judged.verdict = Verdict::Fail;
        }
        assert_eq!(reproduces(&record), Ok(false));
    }

    /// Written by hand. Whoever changes a rule makes an edition for it and adds lines; these stay as they are.
    #[test]
    fn stored_records_of_every_edition_replay_byte_for_byte() {
        let lines: Vec<&str> = include_str!("golden.jsonl").lines().collect();
        for stored in &lines {
            let read: JudgementRecord = serde_json::from_str(stored).unwrap();
            assert!(read.is_known());
            assert_eq!(replay(&read).unwrap().bytes(), *stored);
        }
        let has = |rules: Rules| lines.iter().any(|line| line.starts_with(&format!("{{\"rules\":{},", rules.number())));
        assert!(has(Rules::First) && has(Rules::Second) && has(Rules::CURRENT));
    }

    #[test]
    fn a_record_of_a_newer_edition_is_refused_and_not_called_different() {
        let record = judge(questions().remove(0), Sources::default()).unwrap();
        let next = Rules::CURRENT.number() + 1;
        let newer = JudgementRecord { rules: next, ..record };
        let unknown = JudgementError::UnknownEdition(next);
        assert!(!newer.is_known());
        assert_eq!(replay(&newer), Err(unknown.clone()));
        assert_eq!(reproduces(&newer), Err(unknown));
    }

    /// The stored form is a promise: a change here makes old records unreadable.
    #[test]
    fn the_stored_form_is_stable() {
        let record = judge(questions().remove(5), Sources::default()).unwrap();
        let expected = concat!(
            r#"{"rules":2,"sources":{"limit_row":null,"limit_standard":null,"method_row":null,"method":null,"formula_version":null},"#,
            r#""question":{"of":"formula","formula":"a/b","inputs":{"a":"1","b":"3"},"digits":{"interval":"0.01"}},"#,
            r#""answer":{"of":"formula","value":"0.333333333333","reported":"0.33","steps":["#,
            r#"{"key":"formula-is","args":{"formula":"a/b"}},{"key":"formula-input","args":{"name":"a","value":"1"}},"#,
            r#"{"key":"formula-input","args":{"name":"b","value":"3"}},"#,
            r#"{"key":"formula-result","args":{"reported":"0.33","value":"0.333333333333"}}]}}"#,
        );
        assert_eq!(record.bytes(), expected);
    }
}
