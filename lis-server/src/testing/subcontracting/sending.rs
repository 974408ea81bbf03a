//! An item goes to another laboratory, and back where that does not test it after all.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::super::cancelling::{ItemStepped, item_at};
use super::super::planning::state_of;
use super::super::state::ItemEvent;
use super::super::store::{ItemChange, change_items};
use super::super::{ITEM_CHANGED, PART_OF_ANOTHER, SUBCONTRACT_CONSENT_MISSING};
use super::consent::{consent_of, party_of};
use super::register::against;
use super::store::{self, NewSent};
use crate::accounts::May;
use crate::accounts::role::AssignItems;
use crate::db::Tx;
use crate::domain::identifiers::LabelCode;
use crate::domain::ids::{ItemId, SubcontractorId};
use crate::domain::input::Checker;
use crate::domain::refusal::{FIELD_INVALID, Outcome, Reasons, Refusal};
use crate::instruments::equipment::DAY_TO_COME;
use crate::samples::actions as samples;
use crate::samples::state::SampleEvent;

/// Sending an item to another laboratory.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = SubcontractInput)]
pub struct SendingInput {
    /// Id of a subcontractor of the register.
    pub subcontractor: String,
    /// Empty: today.
    pub sent_on: String,
    /// Label code of the container that is sent; empty: the one that the item would be tested from.
    pub label_code: String,
}

/// The same, checked.
#[derive(Clone, Debug)]
pub struct SendingFacts {
    subcontractor: SubcontractorId,
    sent_on: Option<NaiveDate>,
    label: Option<LabelCode>,
}

impl SendingInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<SendingFacts, Refusal> {
        let mut check = Checker::new();
        let subcontractor = check.whole("subcontractor", &self.subcontractor, 1, i64::MAX);
        let sent_on = check.optional_date("sent_on", &self.sent_on);
        let label =
            check.optional("label_code", &self.label_code, "expected-label-code", |text| LabelCode::parse(text).ok());
        let facts = subcontractor.map(|id| SendingFacts { subcontractor: SubcontractorId(id), sent_on, label });
        check.done(facts)
    }
}

/// Sends an item to a subcontractor whose accreditation covers its method on the day, with the consent of whoever ordered
/// the test. It leaves its tester and every worksheet.
///
/// # Errors
/// Every reason at once.
pub fn subcontract(
    tx: &mut Tx,
    by: &May<AssignItems>,
    id: ItemId,
    seen: i64,
    facts: &SendingFacts,
) -> Outcome<ItemStepped> {
    let item = item_at(tx.conn, id, seen)?;
    let sample = samples::facts(tx.conn, item.sample_id)?;
    let today = tx.now.date_in_china();
    let sent_on = facts.sent_on.unwrap_or(today);
    let mut reasons = Reasons::new();
    let next = state_of(&item).after(ItemEvent::Subcontract);
    if let Err(reason) = &next {
        reasons.add(reason.clone().with("item", item.name()));
    }
    let consent = consent_of(tx.conn, &sample)?.filter(|consent| consent.agreed);
    reasons.add_if(consent.is_none(), || {
        let party = format!("subcontract-party-{}", party_of(&sample));
        SUBCONTRACT_CONSENT_MISSING.with("sample", sample.no()).with_word("party", party)
    });
    let other = store::subcontractor(tx.conn, facts.subcontractor)?;
    match &other {
        Some(other) => {
            let against = against(other, &item.method_standard, sent_on);
            reasons.extend(against.into_iter().map(|reason| reason.at("subcontractor")));
        }
        None => reasons.add(FIELD_INVALID.at("subcontractor").with_word("expected", "expected-subcontractor")),
    }
    reasons.add_if(sent_on > today, || DAY_TO_COME.with("date", today).at("sent_on"));
    let part = match &facts.label {
        None => item.part_id,
        Some(label) => {
            let parts = samples::parts_of(tx.conn, &[item.sample_id])?;
            parts.iter().find(|part| part.label_code == *label).map(|part| part.id)
        }
    };
    reasons.add_if(part.is_none(), || PART_OF_ANOTHER.with("sample", sample.no()).at("label_code"));
    reasons.none()?;
    let (Ok(next), Some(other), Some(part), Some(consent)) = (next, other, part, consent) else {
        return Err(SUBCONTRACT_CONSENT_MISSING.into());
    };
    let row = NewSent {
        item_id: id,
        subcontractor_id: other.id,
        name: &other.name,
        accreditation_no: &other.accreditation_no,
        part_id: part,
        sent_on,
        person_id: by.person,
        at: tx.now,
    };
    store::insert_sent(tx.conn, &row)?;
    let change = ItemChange {
        state: Some(next.code()),
        tester_id: Some(None),
        worksheet_id: Some(None),
        checker_id: Some(None),
        deviation: None,
        limit_factor: None,
    };
    if !change_items(tx.conn, &[(id, seen)], &change)? {
        return Err(ITEM_CHANGED.with("item", item.name()).with("version", item.version).into());
    }
    tx.log(
        by.entry("test_item", id.0, seen + 1, "item-subcontracted")
            .change("state", item.state.as_str(), next.code())
            .set("subcontractor", other.name.as_str())
            .set("accreditation_no", other.accreditation_no.as_str())
            .set("part", part.0)
            .set("sent_on", sent_on.to_string())
            .set("consent_of", consent.given_by.as_str())
            .set("consent_on", consent.given_on.to_string()),
    );
    samples::progress_all(tx, by, &[item.sample_id], SampleEvent::StartTesting)?;
    Ok(ItemStepped { id: id.0, version: seen + 1, state: next.code().to_owned() })
}

/// Takes an item back from another laboratory; it waits for a tester again.
pub fn take_back(tx: &mut Tx, by: &May<AssignItems>, id: ItemId, seen: i64, reason: &str) -> Outcome<ItemStepped> {
    let item = item_at(tx.conn, id, seen)?;
    let next = state_of(&item).after(ItemEvent::TakeBack).map_err(|why| why.with("item", item.name()))?;
    let change = ItemChange { state: Some(next.code()), ..ItemChange::default() };
    if !change_items(tx.conn, &[(id, seen)], &change)? {
        return Err(ITEM_CHANGED.with("item", item.name()).with("version", item.version).into());
    }
    tx.log(
        by.entry("test_item", id.0, seen + 1, "item-taken-back")
            .change("state", item.state.as_str(), next.code())
            .set("reason", reason),
    );
    Ok(ItemStepped { id: id.0, version: seen + 1, state: next.code().to_owned() })
}
