//! By whose law an operator asks for another look. What a market supervision department had sampled goes by Order 15:
//! re-inspection and objections. Farm produce that an agriculture department had sampled goes by the law on its quality
//! (APL 51): a re-test, asked for within fewer days and reported within fewer, and nothing else (`workflow.md` 10).

use super::clocks::{Limit, T7, T12, T15, T22, T23};
use super::state::Act;
use super::store::CaseRow;
use crate::samples::words::Department;

/// Whether an agriculture department ordered the sampling.
pub(super) fn is_agriculture(case: &CaseRow) -> bool {
    case.department == Department::Agriculture.code()
}

/// The days that begin for an operator with his service.
pub(super) fn periods(case: &CaseRow) -> &'static [Limit] {
    if is_agriculture(case) { &[T22] } else { &[T7, T15] }
}

/// Those in which he may ask for another test.
pub(super) fn retest(case: &CaseRow) -> Limit {
    if is_agriculture(case) { T22 } else { T7 }
}

/// Those in which its body concludes.
pub(super) fn conclusion(case: &CaseRow) -> Limit {
    if is_agriculture(case) { T23 } else { T12 }
}

/// Whether the law knows an act: the days of a re-test are not a matter of agreement.
pub(super) fn knows(case: &CaseRow, act: Act) -> bool {
    !(is_agriculture(case) && act == Act::ConclusionAgreed)
}
