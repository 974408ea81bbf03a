//! Pages of testing: authorizations, assignment, worksheets, the check; those of subcontracting stand beside its room.

mod assignment;
mod authorizations;
mod check;
mod opening;
mod record;
mod traceability;
mod worksheets;

pub(super) use record::on_paper;

use std::str::FromStr;

use crate::domain::refusal::{FIELD_INVALID, Reason, Reasons};
use crate::web::routes::Routes;

pub fn routes() -> Routes {
    let subcontracting = super::subcontracting::pages::routes();
    authorizations::routes()
        .and(assignment::routes())
        .and(opening::routes())
        .and(worksheets::routes())
        .and(record::routes())
        .and(check::routes())
        .and(traceability::routes())
        .and(subcontracting)
}

type Pairs = Vec<(String, String)>;

/// Rows on one page of a list.
const PAGE_ROWS: i64 = 100;

fn field<'p>(pairs: &'p Pairs, name: &str) -> &'p str {
    pairs.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
}

/// A whole number that a page put into a field; what does not read is a reason against the field, never left out in
/// silence. Empty: there is none.
fn number<T: FromStr>(reasons: &mut Reasons, name: &str, text: &str) -> Option<T> {
    let text = text.trim();
    let number = text.parse().ok();
    reasons.add_if(number.is_none() && !text.is_empty(), || unreadable(name));
    number
}

/// A field whose name or value no page of the program made so.
fn unreadable(name: &str) -> Reason {
    FIELD_INVALID.at(name).with_word("expected", "expected-number")
}
