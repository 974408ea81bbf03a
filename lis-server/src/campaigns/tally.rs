//! Counting, and freezing the count: the tally is a canonical JSON text with its SHA-256, made once at closing.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::questionnaire::{Answers, Questionnaire};
use crate::audit::canonical::canonical;
use crate::domain::clock::Moment;
use crate::domain::hash::sha256_of;
use crate::domain::refusal::{Fault, Outcome};

/// How many answers came and counted. `valid + invalid = received`, always.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Counts {
    pub received: i64,
    pub valid: i64,
    pub invalid: i64,
    /// People behind the valid answers: one who may vote daily is one voter with several votes.
    pub voters: i64,
    /// Invalid answers under the first of their reasons, and those rejected by a person.
    pub reasons: BTreeMap<String, i64>,
}

/// One answer as the tally sees it.
pub struct Counted {
    pub answers: Answers,
    pub voter: String,
    /// Code of the reason, of [`Invalid`](super::validity::Invalid) or
    /// [`Rejection`](super::validity::Rejection); `None`: valid.
    pub invalid: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Tally {
    pub campaign: i64,
    #[schema(value_type = String, format = DateTime)]
    pub closed_at: Moment,
    pub counts: Counts,
    pub questions: Vec<QuestionTally>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct QuestionTally {
    pub key: String,
    pub text_zh: String,
    pub text_en: String,
    /// In the order of the questionnaire.
    pub choices: Vec<ChoiceTally>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ChoiceTally {
    pub key: String,
    pub name_zh: String,
    pub name_en: String,
    pub votes: i64,
    /// 1 for the most votes; equal votes have the same rank.
    pub rank: i64,
    /// Another choice has as many votes.
    pub tied: bool,
}

/// Counts every answer.
pub fn tally(campaign: i64, closed_at: Moment, form: &Questionnaire, counted: &[Counted]) -> Tally {
    let mut votes: BTreeMap<(&str, &str), i64> = BTreeMap::new();
    for (key, chosen) in counted.iter().filter(|one| one.invalid.is_none()).flat_map(|one| &one.answers) {
        for one in chosen {
            *votes.entry((key, one)).or_default() += 1;
        }
    }
    let questions = form
        .questions
        .iter()
        .filter(|question| !question.choices.is_empty())
        .map(|question| {
            let of = |choice: &str| votes.get(&(question.key.as_str(), choice)).copied().unwrap_or(0);
            let all: Vec<i64> = question.choices.iter().map(|choice| of(&choice.key)).collect();
            let ranked = |mine: i64| i64::try_from(all.iter().filter(|other| **other > mine).count()).unwrap_or(0) + 1;
            QuestionTally {
                key: question.key.clone(),
                text_zh: question.text_zh.clone(),
                text_en: question.text_en.clone(),
                choices: question
                    .choices
                    .iter()
                    .zip(&all)
                    .map(|(choice, votes)| ChoiceTally {
                        key: choice.key.clone(),
                        name_zh: choice.name_zh.clone(),
                        name_en: choice.name_en.clone(),
                        votes: *votes,
                        rank: ranked(*votes),
                        tied: all.iter().filter(|other| *other == votes).count() > 1,
                    })
                    .collect(),
            }
        })
        .collect();
    Tally { campaign, closed_at, counts: counts(counted), questions }
}

fn counts(counted: &[Counted]) -> Counts {
    let mut counts = Counts::default();
    let mut voters = BTreeSet::new();
    for one in counted {
        counts.received += 1;
        match &one.invalid {
            None => {
                counts.valid += 1;
                voters.insert(&one.voter);
            }
            Some(reason) => {
                counts.invalid += 1;
                *counts.reasons.entry(reason.clone()).or_default() += 1;
            }
        }
    }
    counts.voters = i64::try_from(voters.len()).unwrap_or(i64::MAX);
    counts
}

/// The tally as frozen: its canonical text and the SHA-256 of that, as 64 hexadecimal digits.
pub fn frozen(tally: &Tally) -> Outcome<(String, String)> {
    let text = canonical(&serde_json::to_value(tally).map_err(Fault::broken)?);
    let hash = sha256_of(text.as_bytes());
    Ok((text, hash))
}

#[cfg(test)]
mod tests {
    use super::super::questionnaire::{Choice, Question, Repeat};
    use super::*;

    fn form() -> Questionnaire {
        let choice = |key: &str, name: &str| Choice { key: key.into(), name_zh: name.into(), name_en: String::new() };
        Questionnaire {
            min_seconds: 0,
            repeat: Repeat::Daily,
            privacy_zh: "x".into(),
            privacy_en: String::new(),
            questions: vec![Question {
                key: "q1".into(),
                text_zh: "检什么".into(),
                text_en: String::new(),
                required: true,
                max_choices: 2,
                choices: vec![choice("c1", "蔬菜"), choice("c2", "水产"), choice("c3", "肉"), choice("c4", "油")],
            }],
        }
    }

    fn one(voter: &str, chosen: &[&str], invalid: Option<&str>) -> Counted {
        Counted {
            answers: Answers::from([("q1".into(), chosen.iter().map(|c| (*c).into()).collect())]),
            voter: voter.into(),
            invalid: invalid.map(str::to_owned),
        }
    }

    #[test]
    fn votes_voters_and_reasons_are_counted_apart() {
        let counted = [
            one("a", &["c1", "c2"], None),
            one("a", &["c1"], None),
            one("b", &["c3"], None),
            one("b", &["c4"], Some("duplicate_voter")),
            one("c", &["c4"], Some("nonsense")),
        ];
        let tally = tally(7, Moment::parse_in_china("2026-11-16 08:00").unwrap(), &form(), &counted);
        let counts = &tally.counts;
        assert_eq!((counts.received, counts.valid, counts.invalid, counts.voters), (5, 3, 2, 2));
        assert_eq!(counts.reasons, BTreeMap::from([("duplicate_voter".into(), 1), ("nonsense".into(), 1)]));
        let shown: Vec<_> = tally.questions[0].choices.iter().map(|c| (c.votes, c.rank, c.tied)).collect();
        assert_eq!(shown, [(2, 1, false), (1, 2, true), (1, 2, true), (0, 4, false)]);
    }

    /// The hash was worked out with `printf '%s' TEXT | sha256sum` on the text below.
    #[test]
    fn the_frozen_text_is_canonical() {
        let mut small = form();
        small.questions.clear();
        let tally = tally(7, Moment::parse_in_china("2026-11-16 08:00").unwrap(), &small, &[]);
        let (text, hash) = frozen(&tally).unwrap();
        assert_eq!(
            text,
            r#"{"campaign":7,"closed_at":"2026-11-16T00:00:00.000Z","counts":{"invalid":0,"reasons":{},"received":0,"valid":0,"voters":0},"questions":[]}"#
        );
        assert_eq!(hash, "4dc86976de33521bf7fe06d60ab40581ed7b96c9373f56ca1b9734a938bb5bce");
    }
}
