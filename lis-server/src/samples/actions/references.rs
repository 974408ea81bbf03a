//! What a form names of other rooms by its id: the line of a plan, the draw of its unit.

use std::collections::HashSet;

use super::super::form::SamplingForm;
use super::super::store;
use crate::db::Conn;
use crate::domain::ids::{DrawId, PlanLineId};
use crate::domain::refusal::{FIELD_INVALID, Outcome, Reason};

/// Of what forms name, what is there.
pub(super) struct References {
    /// Lines of approved plans.
    lines: HashSet<PlanLineId>,
    draws: HashSet<DrawId>,
}

impl References {
    /// One query for lines and one for draws, where forms name any.
    pub fn of<'f>(conn: &mut Conn, forms: impl Iterator<Item = &'f SamplingForm> + Clone) -> Outcome<Self> {
        let lines: HashSet<PlanLineId> = forms.clone().filter_map(|form| form.plan_line_id).collect();
        let draws: HashSet<DrawId> = forms.filter_map(|form| form.draw_id).collect();
        let (lines, draws): (Vec<PlanLineId>, Vec<DrawId>) = (lines.into_iter().collect(), draws.into_iter().collect());
        let lines = store::approved_lines(conn, &lines)?.into_iter().collect();
        Ok(Self { lines, draws: store::known_draws(conn, &draws)?.into_iter().collect() })
    }

    /// What of a form is not there.
    pub fn reasons(&self, form: &SamplingForm) -> Vec<Reason> {
        let line = form.plan_line_id.filter(|line| !self.lines.contains(line));
        let draw = form.draw_id.filter(|draw| !self.draws.contains(draw));
        let unknown = |field: &str, expected| FIELD_INVALID.at(field).with_word("expected", expected);
        let line = line.map(|_| unknown("plan_line_id", "expected-plan-line"));
        line.into_iter().chain(draw.map(|_| unknown("draw_id", "expected-draw"))).collect()
    }
}
