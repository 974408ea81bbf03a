//! Whose step it is (`workflow.md` 11-13). A case is the matter of the authority that ordered the sampling: that decides,
//! publishes, handles and closes. An operator is also served by the authority of his own place. An authority above may do
//! what those below it may; whoever else sees the case reads and acknowledges.

use super::actions::{region_of, visible};
use super::state::{Party, Relation};
use super::store::{self, CaseRow, RelationRow};
use super::{OTHER_AUTHORITY, SERVICE_OTHER_AUTHORITY};
use crate::accounts::May;
use crate::accounts::role::HandleCases;
use crate::db::Tx;
use crate::domain::ids::CaseId;
use crate::domain::refusal::{NOT_FOUND, Outcome};

/// Whether an authority decides about a case, by the relations that lie in its region.
pub fn directs(own: &[RelationRow]) -> bool {
    holds(own, &[Relation::Ordering])
}

/// Whether an authority may serve a party, by the same.
pub fn serves(own: &[RelationRow], party: Party) -> bool {
    match party {
        Party::SampledUnit => holds(own, &[Relation::Ordering, Relation::SampledAt]),
        Party::Maker => holds(own, &[Relation::Ordering, Relation::MakerAt]),
    }
}

fn holds(own: &[RelationRow], any: &[Relation]) -> bool {
    own.iter().any(|row| any.iter().any(|relation| relation.code() == row.relation))
}

/// The case, when the caller decides about it.
///
/// # Errors
/// `not-found` for whom it does not concern, `case-other-authority` for whom it concerns otherwise.
pub(super) fn directed(tx: &mut Tx, by: &May<HandleCases>, id: CaseId) -> Outcome<CaseRow> {
    let (case, own) = seen(tx, by, id)?;
    if directs(&own) { Ok(case) } else { Err(OTHER_AUTHORITY.into()) }
}

/// The case, when the caller may serve a party of it.
///
/// # Errors
/// As above.
pub(super) fn serving(tx: &mut Tx, by: &May<HandleCases>, id: CaseId, party: Party) -> Outcome<CaseRow> {
    let (case, own) = seen(tx, by, id)?;
    if serves(&own, party) {
        Ok(case)
    } else {
        Err(SERVICE_OTHER_AUTHORITY.reason().with_word("party", party.word()).at("party").into())
    }
}

fn seen(tx: &mut Tx, by: &May<HandleCases>, id: CaseId) -> Outcome<(CaseRow, Vec<RelationRow>)> {
    let case = store::case(tx.conn, id)?.ok_or(NOT_FOUND)?;
    let own = visible(tx.conn, id, &region_of(by)?)?;
    Ok((case, own))
}
