//! Every row of `vectors.jsonl`, asked through the evaluator: the questions that the standards answer by an example or
//! by a clause, with answers worked out by hand. Any laboratory can put the same questions to its own installation:
//! `lis-server calc --check` reads this file.

use super::calc::{LimitAnswer, LimitQuery, Reference};
use super::validation;
use crate::domain::calendar::WorkingCalendar;

const VECTORS: &str = include_str!("vectors.jsonl");
/// Lines of the file: one that gets lost is noticed.
const LINES: usize = 167;

struct Nothing(WorkingCalendar);

impl Reference for Nothing {
    fn calendar(&self) -> &WorkingCalendar {
        &self.0
    }

    fn limits(&self, _: &LimitQuery) -> Result<LimitAnswer, String> {
        Err("no catalogue".into())
    }
}

// Requirement: Q02, Q03, Q04, Q05, Q06, Q07, Q08, Q09, Q10
#[test]
fn judgement_vectors() {
    let reference = Nothing(WorkingCalendar::default());
    let questions = validation::read(VECTORS).unwrap_or_else(|wrong| panic!("{wrong:?}"));
    assert_eq!(questions.len(), LINES);
    assert!(questions.iter().all(|question| !question.rule.is_empty()), "every row names what decides");
    let wrong: Vec<String> = validation::check(&questions, &reference).iter().map(ToString::to_string).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
