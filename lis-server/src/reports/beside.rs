//! What holds beside the limit that an item was judged by: other standards, and what the label claims.

use super::store::gathered::ItemFacts;
use crate::judgement::explain::{Step, StepKey};
use crate::judgement::record::JudgementRecord;
use crate::testing::compute::LIMITS_SEVERAL;

/// Which of several standards governs, or that nothing said so and a person decided.
pub(super) fn governing(item: &ItemFacts) -> Option<Step> {
    let limit = &item.record["asked"]["limit"];
    let beside: Vec<String> = serde_json::from_value(limit["beside"].clone()).unwrap_or_default();
    let standard = limit["standard"].as_str()?.to_owned();
    let args = [("standard", standard), ("others", beside.join("; "))];
    let doubts: Vec<String> = serde_json::from_value(limit["doubts"].clone()).unwrap_or_default();
    let disputed = doubts.iter().any(|doubt| doubt == LIMITS_SEVERAL);
    let key = if disputed { StepKey::StandardsDisagree } else { StepKey::Governs };
    (!beside.is_empty()).then(|| Step::new(key, args))
}

/// Where the factor of a concentrated or diluted product comes from, that its limit was multiplied by.
pub(super) fn factor_stated(item: &ItemFacts) -> Option<Step> {
    let known = &item.record["asked"]["established"];
    let (times, basis) = (known["times"].as_str()?.to_owned(), known["basis"].as_str()?.to_owned());
    Some(Step::new(StepKey::FactorStated, [("times", times), ("basis", basis)]))
}

/// What the label claims of an item, and the judgement of it.
pub(super) fn label_claim(item: &ItemFacts) -> Option<(String, JudgementRecord)> {
    let claim = item.record["asked"]["claim"].as_str()?.to_owned();
    let judged = serde_json::from_value(item.record["answered"]["claim"].clone()).ok()?;
    Some((claim, judged))
}
