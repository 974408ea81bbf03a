//! Pages of testing: authorizations, assignment, worksheets, the check.

mod assignment;
mod authorizations;
mod check;
mod worksheets;

use crate::web::routes::Routes;

pub fn routes() -> Routes {
    authorizations::routes().and(assignment::routes()).and(worksheets::routes()).and(check::routes())
}

type Pairs = Vec<(String, String)>;

/// Rows on one page of a list.
const PAGE_ROWS: i64 = 100;

fn field<'p>(pairs: &'p Pairs, name: &str) -> &'p str {
    pairs.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
}
