//! The evaluator's questions about limits and working days, answered from the catalogue.

use super::Catalogue;
use super::reference::{LimitRow, LimitRule};
use super::search::{Food, LimitQuery};
use crate::domain::calendar::WorkingCalendar;
use crate::judgement::calc;

impl calc::Reference for Catalogue {
    fn calendar(&self) -> &WorkingCalendar {
        &self.calendar
    }

    fn limits(&self, query: &calc::LimitQuery) -> Result<calc::LimitAnswer, String> {
        let search = self.search();
        let found = search.search(&LimitQuery {
            standards: &[],
            food: Food::Named(&query.food_category),
            analyte: &query.analyte,
            produced: query.produced,
        });
        let rows = found.rows.iter().map(|found| limit_row(self, found.row)).collect();
        Ok(calc::LimitAnswer { rows, complete: found.complete })
    }
}

fn limit_row(catalogue: &Catalogue, row: &LimitRow) -> calc::LimitRow {
    let place = catalogue.limits.iter().position(|other| other.key == row.key).unwrap_or_default();
    let plan = match &row.rule {
        LimitRule::Microbiology { n, c, m, big_m } => {
            Some((*n, *c, m.to_string(), big_m.as_ref().map(ToString::to_string)))
        }
        _ => None,
    };
    let text = |value: String| (!value.is_empty()).then_some(value);
    calc::LimitRow {
        id: i64::try_from(place + 1).unwrap_or(i64::MAX),
        standard: row.standard.clone(),
        food_category: row.food_category_zh.clone(),
        analyte: row.analyte_zh.clone(),
        kind: row.rule.kind().to_owned(),
        value: text(row.rule.value()),
        exclusive: row.exclusive,
        unit: text(row.unit.clone()),
        n: plan.as_ref().map(|plan| plan.0),
        c: plan.as_ref().map(|plan| plan.1),
        m: plan.as_ref().map(|plan| plan.2.clone()),
        maximum: plan.and_then(|plan| plan.3),
        valid_from: row.valid_from,
        valid_to: row.valid_to,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::actions::shipped;

    #[test]
    fn the_shipped_catalogue_answers_the_evaluator() {
        let catalogue = shipped().unwrap();
        let line = r#"{"op":"limit","food_category":"叶菜蔬菜","analyte":"pb","produced":"2026-10-01"}"#;
        let answer: serde_json::Value = serde_json::from_str(&calc::answer(line, &catalogue)).unwrap();
        assert_eq!(answer["rows"][0]["value"], "0.3");
        assert_eq!(answer["rows"][0]["standard"], "GB 2762-2025");
        assert_eq!(answer["complete"], false);
        let due = r#"{"op":"due","start":"2026-02-10","length":20,"unit":"working_day"}"#;
        assert!(calc::answer(due, &catalogue).contains("2026-03-16"));
    }
}
