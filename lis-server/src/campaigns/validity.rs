//! Whether an answer counts (`workflow.md` 4.2). An answer that does not is kept with all its reasons; only what
//! nobody can have written into a questionnaire is refused.

use super::questionnaire::{Answers, Questionnaire, Repeat, WORDS_MOST};
use crate::domain::clock::Moment;
use crate::domain::refusal::{FIELD_INVALID, FIELD_TOO_LONG, Reasons, Refusal};

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident, $prefix:literal: $($(#[$case:meta])* $variant:ident = $code:literal),* $(,)?) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub enum $name { $($(#[$case])* $variant),* }

        impl $name {
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }

            pub fn parse(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)* _ => None }
            }

            /// The key of the reason in the message files.
            pub fn word(self) -> String {
                format!(concat!($prefix, "-{}"), self.code().replace('_', "-"))
            }
        }
    };
}

codes! {
    /// Why an answer was invalid when it came in.
    Invalid, "invalid":
    /// Before or after the window, or after closing.
    OutsideWindow = "outside_window",
    RequiredMissing = "required_missing",
    TooManyChoices = "too_many_choices",
    /// A question or choice that the questionnaire does not have, or too many words.
    UnknownChoice = "unknown_choice",
    /// Neither a telephone nor an account.
    VoterMissing = "voter_missing",
    DuplicateVoter = "duplicate_voter",
    /// Faster than a person reads.
    TooFast = "too_fast",
}

codes! {
    /// Why a person found an answer invalid later.
    Rejection, "rejection":
    Nonsense = "nonsense",
    Automated = "automated",
    SamePerson = "same_person",
    Test = "test",
}

/// What the validity of one answer depends on.
pub struct Given<'a> {
    pub answers: &'a Answers,
    /// Empty: nobody knows who it was.
    pub voter: &'a str,
    pub seconds_taken: i64,
    pub received_at: Moment,
}

/// When answers count.
#[derive(Clone, Copy)]
pub struct Window {
    pub opens_at: Moment,
    pub closes_at: Moment,
    /// The campaign is in state open.
    pub is_open: bool,
}

/// Every reason against an answer, in the order of [`Invalid`]; none: it is valid. `earlier` are the times of this
/// voter's valid answers.
pub fn reasons(form: &Questionnaire, window: Window, given: &Given, earlier: &[Moment]) -> Vec<Invalid> {
    let mut found = Vec::new();
    let in_window = window.is_open && window.opens_at <= given.received_at && given.received_at <= window.closes_at;
    let mut add = |applies: bool, reason: Invalid| {
        if applies {
            found.push(reason);
        }
    };
    let answered = |key: &str| given.answers.get(key).is_some_and(|chosen| chosen.iter().any(|one| !one.is_empty()));
    add(!in_window, Invalid::OutsideWindow);
    add(form.questions.iter().any(|question| question.required && !answered(&question.key)), Invalid::RequiredMissing);
    add(given.answers.iter().any(|(key, chosen)| too_many(form, key, chosen)), Invalid::TooManyChoices);
    add(given.answers.iter().any(|(key, chosen)| unknown(form, key, chosen)), Invalid::UnknownChoice);
    add(given.voter.is_empty(), Invalid::VoterMissing);
    add(!given.voter.is_empty() && is_duplicate(form.repeat, given.received_at, earlier), Invalid::DuplicateVoter);
    add(given.seconds_taken < form.min_seconds, Invalid::TooFast);
    found
}

fn too_many(form: &Questionnaire, key: &str, chosen: &[String]) -> bool {
    form.question(key).is_some_and(|question| i64::try_from(chosen.len()).unwrap_or(i64::MAX) > question.max_choices)
}

fn unknown(form: &Questionnaire, key: &str, chosen: &[String]) -> bool {
    let Some(question) = form.question(key) else { return true };
    if question.choices.is_empty() {
        return chosen.iter().any(|words| words.chars().count() > WORDS_MOST);
    }
    let twice = (1..chosen.len()).any(|place| chosen[..place].contains(&chosen[place]));
    twice || chosen.iter().any(|one| !question.choices.iter().any(|choice| choice.key == *one))
}

fn is_duplicate(repeat: Repeat, now: Moment, earlier: &[Moment]) -> bool {
    match repeat {
        Repeat::Once => !earlier.is_empty(),
        Repeat::Daily => earlier.iter().any(|at| at.date_in_china() == now.date_in_china()),
    }
}

/// Longest text of an answer that is kept, in characters: several times what a question takes.
const ANSWER_MOST: usize = 4_000;
/// Answers of one person, more than any questionnaire asks for.
const ANSWERS_MOST: usize = 200;

/// Refuses what no questionnaire of paper or screen can have brought: it would fill the database, not the tally.
///
/// # Errors
/// `answers`, with what is wrong.
pub fn require_bounded<'a>(all: impl Iterator<Item = &'a Answers>) -> Result<(), Refusal> {
    let mut reasons = Reasons::new();
    for answers in all {
        let texts = || answers.iter().flat_map(|(key, given)| given.iter().chain([key]));
        reasons.add_if(texts().any(|text| text.chars().count() > ANSWER_MOST), || {
            FIELD_TOO_LONG.with("limit", ANSWER_MOST).at("answers")
        });
        let printable = |text: &String| !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'));
        reasons.add_if(!texts().all(printable), || {
            FIELD_INVALID.at("answers").with_word("expected", "expected-printable")
        });
        reasons.add_if(texts().count() > ANSWERS_MOST, || {
            FIELD_INVALID.at("answers").with_word("expected", "expected-answers")
        });
    }
    reasons.none()
}

#[cfg(test)]
mod tests {
    use super::super::questionnaire::{Choice, Question};
    use super::*;

    fn form() -> Questionnaire {
        let choice = |key: &str| Choice { key: key.into(), name_zh: key.into(), name_en: String::new() };
        let question = |key: &str, required, max_choices, choices| Question {
            key: key.into(),
            text_zh: "?".into(),
            text_en: String::new(),
            required,
            max_choices,
            choices,
        };
        Questionnaire {
            min_seconds: 5,
            repeat: Repeat::Once,
            privacy_zh: "x".into(),
            privacy_en: String::new(),
            questions: vec![
                question("q1", true, 2, vec![choice("c1"), choice("c2"), choice("c3")]),
                question("q2", false, 1, Vec::new()),
            ],
        }
    }

    fn at(text: &str) -> Moment {
        Moment::parse_in_china(text).unwrap()
    }

    fn window() -> Window {
        Window { opens_at: at("2026-11-01 00:00"), closes_at: at("2026-11-15 23:59"), is_open: true }
    }

    fn answers(given: &[(&str, &[&str])]) -> Answers {
        given.iter().map(|(key, chosen)| ((*key).into(), chosen.iter().map(|c| (*c).into()).collect())).collect()
    }

    fn judge(
        given: &[(&str, &[&str])],
        voter: &str,
        seconds_taken: i64,
        when: &str,
        earlier: &[Moment],
    ) -> Vec<Invalid> {
        let answers = answers(given);
        let given = Given { answers: &answers, voter, seconds_taken, received_at: at(when) };
        reasons(&form(), window(), &given, earlier)
    }

    const NOON: &str = "2026-11-10 12:00";

    #[test]
    fn a_good_answer_has_no_reason() {
        assert_eq!(judge(&[("q1", &["c1", "c3"]), ("q2", &["想检奶茶"])], "v", 5, NOON, &[]), []);
        assert_eq!(judge(&[("q1", &["c1"])], "v", 5, "2026-11-15 23:59", &[]), [], "the last minute counts");
    }

    #[test]
    fn each_rule_gives_its_reason() {
        assert_eq!(judge(&[("q1", &["c1"])], "v", 5, "2026-11-16 00:00", &[]), [Invalid::OutsideWindow]);
        assert_eq!(judge(&[("q2", &["x"])], "v", 5, NOON, &[]), [Invalid::RequiredMissing]);
        assert_eq!(judge(&[("q1", &["c1", "c2", "c3"])], "v", 5, NOON, &[]), [Invalid::TooManyChoices]);
        assert_eq!(judge(&[("q1", &["c9"])], "v", 5, NOON, &[]), [Invalid::UnknownChoice]);
        assert_eq!(judge(&[("q1", &["c1", "c1"])], "v", 5, NOON, &[]), [Invalid::UnknownChoice]);
        assert_eq!(judge(&[("q1", &["c1"]), ("q7", &["c1"])], "v", 5, NOON, &[]), [Invalid::UnknownChoice]);
        assert_eq!(judge(&[("q1", &["c1"])], "", 5, NOON, &[]), [Invalid::VoterMissing]);
        assert_eq!(judge(&[("q1", &["c1"])], "v", 5, NOON, &[at("2026-11-02 08:00")]), [Invalid::DuplicateVoter]);
        assert_eq!(judge(&[("q1", &["c1"])], "v", 4, NOON, &[]), [Invalid::TooFast]);
    }

    #[test]
    fn all_reasons_are_named_at_once() {
        let found = judge(&[], "", 0, "2026-10-31 23:59", &[]);
        use Invalid as I;
        assert_eq!(found, [I::OutsideWindow, I::RequiredMissing, I::VoterMissing, I::TooFast]);
    }

    #[test]
    fn a_closed_campaign_takes_nothing_whatever_the_window() {
        let answers = answers(&[("q1", &["c1"])]);
        let given = Given { answers: &answers, voter: "v", seconds_taken: 9, received_at: at(NOON) };
        let closed = Window { is_open: false, ..window() };
        assert_eq!(reasons(&form(), closed, &given, &[]), [Invalid::OutsideWindow]);
    }

    #[test]
    fn a_daily_vote_counts_once_a_day_in_china() {
        let daily = Questionnaire { repeat: Repeat::Daily, ..form() };
        let answers = answers(&[("q1", &["c1"])]);
        let given = Given { answers: &answers, voter: "v", seconds_taken: 9, received_at: at("2026-11-10 00:30") };
        assert_eq!(reasons(&daily, window(), &given, &[at("2026-11-09 23:30")]), []);
        assert_eq!(reasons(&daily, window(), &given, &[at("2026-11-10 00:10")]), [Invalid::DuplicateVoter]);
    }
}
