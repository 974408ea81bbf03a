//! One batch is not sampled twice in the same task unless that was allowed (`records.md` 2, "Cross checks"). The goods are taken
//! already: where it happened, the form says so to whoever writes it and to whoever receives the sample.

use super::super::form::{Doubt, SamplingForm};
use super::super::shelf_life::is_blank;
use super::super::store::{self, BatchRow};
use crate::db::Conn;
use crate::domain::refusal::Outcome;

/// Batches that were sampled, as far as forms name them.
pub(super) struct Batches(Vec<BatchRow>);

impl Batches {
    /// Those of which the forms bear the number. One query; none where no form bears any.
    pub fn of<'f>(conn: &mut Conn, forms: impl Iterator<Item = &'f SamplingForm>) -> Outcome<Self> {
        let mut numbers: Vec<String> =
            forms.map(|form| form.batch_no.clone()).filter(|number| !is_blank(number)).collect();
        numbers.sort_unstable();
        numbers.dedup();
        Ok(Self(store::forms_of_batches(conn, &numbers)?))
    }

    /// Doubts a form whose batch was sampled before in its task, and knows it from now on: rows of one file are compared
    /// with each other too.
    pub fn doubt(&mut self, form: &mut SamplingForm) {
        if is_blank(&form.batch_no) {
            return;
        }
        let own = row_of(form);
        if let Some(before) = self.0.iter().find(|before| is_same(before, &own) && before.form_no != own.form_no) {
            form.doubts.push(Doubt::BatchSampledBefore { form_no: before.form_no.clone() });
        }
        self.0.push(own);
    }
}

fn row_of(form: &SamplingForm) -> BatchRow {
    BatchRow {
        form_no: form.form_no.clone(),
        batch_no: form.batch_no.clone(),
        sample_name: form.sample_name.clone(),
        producer_name: form.producer_name.clone(),
        ordering_name: form.ordering_name.clone(),
        task_category: form.task_category.code().to_owned(),
        plan_line_id: form.plan_line_id,
        draw_id: form.draw_id,
    }
}

/// The same goods of the same maker and batch, taken for the same line of a plan or draw, else for the same authority's same
/// kind of task.
fn is_same(one: &BatchRow, other: &BatchRow) -> bool {
    let goods = |row: &BatchRow| (row.batch_no.clone(), row.sample_name.clone(), row.producer_name.clone());
    let task = |row: &BatchRow| (row.plan_line_id, row.draw_id, row.ordering_name.clone(), row.task_category.clone());
    goods(one) == goods(other) && task(one) == task(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::DrawId;
    use crate::samples::form::example;

    fn form(form_no: &str, change: impl FnOnce(&mut SamplingForm)) -> SamplingForm {
        let mut form = example();
        form.form_no = form_no.to_owned();
        form.batch_no = "20261101".to_owned();
        form.doubts.clear();
        change(&mut form);
        form
    }

    #[test]
    fn the_same_batch_in_the_same_task_is_doubted() {
        let mut batches = Batches(Vec::new());
        let mut doubts_of = |mut form: SamplingForm| {
            batches.doubt(&mut form);
            form.doubts
        };
        let none = Vec::<Doubt>::new();
        let before = |form_no: &str| vec![Doubt::BatchSampledBefore { form_no: form_no.to_owned() }];
        assert_eq!(doubts_of(form("F1", |_| {})), none);
        assert_eq!(doubts_of(form("F2", |_| {})), before("F1"));
        assert_eq!(doubts_of(form("F1", |_| {})), before("F2"), "not itself");
        assert_eq!(doubts_of(form("F3", |form| form.batch_no = "20261102".into())), none);
        assert_eq!(doubts_of(form("F4", |form| form.producer_name = "另一家".into())), none);
        assert_eq!(doubts_of(form("F5", |form| form.draw_id = Some(DrawId(7)))), none, "another task");
        for blank in ["", "/", "——"] {
            assert_eq!(doubts_of(form("F6", |form| form.batch_no = blank.into())), none, "no number, no batch");
        }
    }
}
