//! The rows of a message, a page at a time: one export may have a hundred thousand.

use serde::Deserialize;

use super::super::actions;
use super::super::state::ObservationState;
use super::super::store::{self, MessageRow, ObservationRow};
use crate::db::Conn;
use crate::domain::ids::ObservationId;
use crate::domain::refusal::Outcome;
use crate::web::paging;

/// Rows of one page: a browser still draws them at once, with a form in each.
const PAGE_ROWS: i64 = 200;

/// What of a message is asked for.
#[derive(Clone, Debug, Deserialize, Default)]
#[serde(default)]
pub(super) struct RowQuery {
    /// The row whose place is marked; without `after` the page that it stands on is shown.
    pub row: Option<ObservationId>,
    /// The place among the rows behind which the page begins.
    pub after: Option<i64>,
    /// `held`, `filed` or `ignored`; anything else: all rows.
    pub state: String,
}

/// A page of the rows of a message.
pub(super) struct Rows {
    pub rows: Vec<ObservationRow>,
    /// Rows of one state only.
    pub state: Option<ObservationState>,
    /// Place behind which this page begins.
    behind: i64,
    /// Place behind which the page before begins.
    before: Option<i64>,
    more: bool,
}

impl Rows {
    /// The page that is asked for; `marked` is the row of the question.
    pub fn of(
        conn: &mut Conn,
        message: &MessageRow,
        query: &RowQuery,
        marked: Option<&ObservationRow>,
    ) -> Outcome<Self> {
        let state = ObservationState::ALL.iter().copied().find(|state| state.code() == query.state);
        let code = state.map(ObservationState::code);
        let behind = query.after.or_else(|| marked.map(page_of)).unwrap_or(0).max(0);
        let most = actions::read_up_to(conn, message)?;
        let mut rows = store::observations_behind(conn, message.id, (behind, most), code, PAGE_ROWS + 1)?;
        let more = paging::cut(&mut rows, PAGE_ROWS);
        let before = match behind {
            0 => None,
            _ => store::places_up_to(conn, message.id, behind, code, PAGE_ROWS)?.last().map(|first| first - 1),
        };
        Ok(Self { rows, state, behind, before, more })
    }

    /// Address of the page before this one; empty where this is the first. `place`: the message's page.
    pub fn previous(&self, place: &str) -> String {
        self.before.map(|behind| self.address(place, behind)).unwrap_or_default()
    }

    /// Address of the next page; empty where this is the last.
    pub fn next(&self, place: &str) -> String {
        let last = self.rows.last().filter(|_| self.more);
        last.map(|last| self.address(place, last.ordinal)).unwrap_or_default()
    }

    /// Address of this page.
    pub fn here(&self, place: &str) -> String {
        self.address(place, self.behind)
    }

    fn address(&self, place: &str, behind: i64) -> String {
        let state = self.state.map(|state| format!("&state={}", state.code())).unwrap_or_default();
        format!("{place}?after={behind}{state}")
    }
}

/// Place behind which the page with a row begins, when all rows are shown.
fn page_of(row: &ObservationRow) -> i64 {
    (row.ordinal - 1) / PAGE_ROWS * PAGE_ROWS
}
