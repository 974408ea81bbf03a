//! The questionnaire as it is set up, and an answer to it. Stored as JSON; fixed once the campaign is open.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{CHOICES_TWICE, QUESTIONS_MISSING};
use crate::domain::input::Checker;
use crate::domain::refusal::{FIELD_INVALID, FIELD_MISSING};

/// Longest texts, in characters: a telephone shows a question of 200 on one screen.
const QUESTION_MOST: usize = 200;
const CHOICE_MOST: usize = 60;
const PRIVACY_MOST: usize = 2000;
/// Questions and choices of one questionnaire: more are not answered with care.
const QUESTIONS_MOST: usize = 20;
const CHOICES_MOST: usize = 40;
/// Longest shortest time, in seconds: an hour.
const MIN_SECONDS_MOST: i64 = 3600;
/// Longest answer in free words, in characters.
pub const WORDS_MOST: usize = 500;

/// How often one voter counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Repeat {
    #[default]
    Once,
    /// Once a day of the calendar in China.
    Daily,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Questionnaire {
    /// Answers that took less are not by a person.
    pub min_seconds: i64,
    pub repeat: Repeat,
    pub privacy_zh: String,
    pub privacy_en: String,
    pub questions: Vec<Question>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Question {
    /// `q1`, `q2`, … in order.
    pub key: String,
    pub text_zh: String,
    pub text_en: String,
    pub required: bool,
    pub max_choices: i64,
    /// Empty: answered in free words.
    pub choices: Vec<Choice>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Choice {
    /// `c1`, `c2`, … in order.
    pub key: String,
    pub name_zh: String,
    pub name_en: String,
}

/// What somebody answered: per question the keys of the choices, or the free words as the only element.
pub type Answers = BTreeMap<String, Vec<String>>;

impl Questionnaire {
    pub fn question(&self, key: &str) -> Option<&Question> {
        self.questions.iter().find(|question| question.key == key)
    }

    /// The question that plans are made from: the first one with choices.
    pub fn planned(&self) -> Option<&Question> {
        self.questions.iter().find(|question| !question.choices.is_empty())
    }
}

/// A questionnaire as a program describes it; a form is turned into the same.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct QuestionInput {
    pub text_zh: String,
    pub text_en: String,
    pub required: bool,
    /// At least 1; more than there are choices means all of them.
    pub max_choices: i64,
    pub choices: Vec<ChoiceInput>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ChoiceInput {
    pub name_zh: String,
    pub name_en: String,
}

/// What goes with the questions.
pub struct Frame<'a> {
    pub min_seconds: i64,
    pub repeat: &'a str,
    pub privacy_zh: &'a str,
    pub privacy_en: &'a str,
}

/// Checks a whole questionnaire; fields are named `questions.0.choices.1.name_zh`.
pub fn checked(check: &mut Checker, frame: &Frame, questions: &[QuestionInput]) -> Questionnaire {
    check.add_if(!questions.iter().any(|question| !question.choices.is_empty()), || QUESTIONS_MISSING.at("questions"));
    if questions.len() > QUESTIONS_MOST || questions.iter().any(|question| question.choices.len() > CHOICES_MOST) {
        check.add(
            FIELD_INVALID
                .at("questions")
                .with_word("expected", "expected-questions")
                .with("questions", QUESTIONS_MOST)
                .with("choices", CHOICES_MOST),
        );
    }
    let privacy_zh = check.optional_lines("privacy_zh", frame.privacy_zh, PRIVACY_MOST);
    check.add_if(frame.privacy_zh.trim().is_empty(), || FIELD_MISSING.at("privacy_zh"));
    Questionnaire {
        min_seconds: check.whole("min_seconds", &frame.min_seconds.to_string(), 0, MIN_SECONDS_MOST).unwrap_or(0),
        repeat: match frame.repeat.trim() {
            "" | "once" => Repeat::Once,
            "daily" => Repeat::Daily,
            _ => {
                check.invalid("repeat", "expected-repeat");
                Repeat::Once
            }
        },
        privacy_zh,
        privacy_en: check.optional_lines("privacy_en", frame.privacy_en, PRIVACY_MOST),
        questions: questions.iter().enumerate().map(|(index, given)| question(check, index, given)).collect(),
    }
}

fn question(check: &mut Checker, index: usize, given: &QuestionInput) -> Question {
    let at = |name: &str| format!("questions.{index}.{name}");
    let mut seen = BTreeSet::new();
    let choices: Vec<Choice> = given
        .choices
        .iter()
        .enumerate()
        .map(|(place, choice)| Choice {
            key: format!("c{}", place + 1),
            name_zh: check.text(&at(&format!("choices.{place}.name_zh")), &choice.name_zh, CHOICE_MOST),
            name_en: check.optional_text(&at(&format!("choices.{place}.name_en")), &choice.name_en, CHOICE_MOST),
        })
        .collect();
    // Plans name their lines by the choice: two of one name could not be told apart.
    for choice in choices.iter().filter(|choice| !choice.name_zh.is_empty()) {
        check.add_if(!seen.insert(choice.name_zh.clone()), || {
            CHOICES_TWICE.with("name", &choice.name_zh).at(at("choices"))
        });
    }
    let most = i64::try_from(choices.len().max(1)).unwrap_or(1);
    check.add_if(given.max_choices < 0, || {
        FIELD_INVALID.at(at("max_choices")).with_word("expected", "expected-not-negative")
    });
    Question {
        key: format!("q{}", index + 1),
        text_zh: check.text(&at("text_zh"), &given.text_zh, QUESTION_MOST),
        text_en: check.optional_text(&at("text_en"), &given.text_en, QUESTION_MOST),
        required: given.required,
        max_choices: given.max_choices.clamp(1, most),
        choices,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(name: &str) -> ChoiceInput {
        ChoiceInput { name_zh: name.to_owned(), name_en: String::new() }
    }

    const FRAME: Frame<'static> =
        Frame { min_seconds: 5, repeat: "once", privacy_zh: "只用于计票", privacy_en: "" };

    #[test]
    fn keys_are_given_in_order_and_the_most_is_bounded() {
        let mut check = Checker::new();
        let questions = [QuestionInput {
            text_zh: "您最想检什么？".into(),
            required: true,
            max_choices: 9,
            choices: vec![choice("蔬菜"), choice("水产")],
            ..QuestionInput::default()
        }];
        let built = checked(&mut check, &FRAME, &questions);
        check.done(Some(())).unwrap();
        assert_eq!(built.questions[0].key, "q1");
        assert_eq!(built.questions[0].choices[1].key, "c2");
        assert_eq!(built.questions[0].max_choices, 2);
        assert_eq!(built.planned().map(|question| question.key.as_str()), Some("q1"));
    }

    #[test]
    fn every_mistake_is_named() {
        let mut check = Checker::new();
        let questions =
            [QuestionInput { choices: vec![choice("蔬菜"), choice("蔬菜")], ..QuestionInput::default() }];
        checked(&mut check, &Frame { privacy_zh: " ", repeat: "weekly", ..FRAME }, &questions);
        let refusal = check.done(Some(())).unwrap_err();
        let named: Vec<_> =
            refusal.reasons.iter().map(|r| (r.field.clone().unwrap_or_default(), r.problem.code)).collect();
        let expected = [
            ("privacy_zh", "field-missing"),
            ("repeat", "field-invalid"),
            ("questions.0.choices", "campaign-choices-twice"),
            ("questions.0.text_zh", "field-missing"),
        ];
        assert_eq!(named, expected.map(|(field, code)| (field.to_owned(), code)));
    }
}
