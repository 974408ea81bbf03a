//! Pages of the campaign's officer and of the plan's approver.

mod campaign;
mod form;
mod paper;
mod plans;
mod responses;
mod witnesses;

pub(super) use responses::checked_rejection;

use std::collections::HashMap;

use serde::Deserialize;

use super::poll;
use super::store::PlanRow;
use crate::domain::ids::PersonId;
use crate::web::routes::Routes;

pub fn routes() -> Routes {
    campaign::routes()
        .and(form::routes())
        .and(paper::routes())
        .and(responses::routes())
        .and(plans::routes())
        .and(witnesses::routes())
        .and(poll::routes())
}

/// Rows on one page of a list.
const PAGE_ROWS: i64 = 50;

#[derive(Deserialize)]
struct Before {
    before: Option<i64>,
}

/// Cuts a list that was read one row too long; the address of the next page.
fn next_page<T>(rows: &mut Vec<T>, path: &str, id: impl Fn(&T) -> i64) -> String {
    let more = i64::try_from(rows.len()).unwrap_or(0) > PAGE_ROWS;
    rows.truncate(usize::try_from(PAGE_ROWS).unwrap_or(usize::MAX));
    rows.last().filter(|_| more).map(|last| format!("{path}?before={}", id(last))).unwrap_or_default()
}

fn people_of<'a>(plans: impl Iterator<Item = &'a PlanRow>) -> Vec<PersonId> {
    plans.flat_map(|plan| [Some(plan.drafted_by), plan.approved_by]).flatten().collect()
}

fn name(names: &HashMap<PersonId, String>, person: Option<PersonId>) -> String {
    person.and_then(|person| names.get(&person)).cloned().unwrap_or_default()
}
