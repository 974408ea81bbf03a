//! The consent of whoever ordered the test (ISO/IEC 17025 7.1.1 c): the client, or of a supervision sample the ordering
//! authority. An order that allows subcontracting says so itself; anything said later is recorded and holds instead.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::store::{self, NewConsent};
use crate::accounts::May;
use crate::accounts::actions::names_of;
use crate::accounts::role::AssignItems;
use crate::db::{Conn, Tx};
use crate::domain::ids::SampleId;
use crate::domain::input::Checker;
use crate::domain::refusal::{Outcome, Refusal};
use crate::instruments::equipment::DAY_TO_COME;
use crate::samples::actions as samples;
use crate::samples::facts::SampleFacts;

/// Who orders: an enterprise its own sample, an authority every other.
pub const CLIENT: &str = "client";
pub const AUTHORITY: &str = "authority";

/// Longest texts, in characters.
const NAME_MOST: usize = 60;
const HOW_MOST: usize = 200;

/// What the client or the authority said.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = SubcontractConsentInput)]
pub struct ConsentInput {
    /// yes or no
    pub agreed: String,
    /// Who said it for the client or the authority.
    pub given_by: String,
    pub given_on: String,
    /// By letter, on the telephone, …
    pub how: String,
}

/// The same, checked.
#[derive(Clone, Debug)]
pub struct ConsentFacts {
    agreed: bool,
    given_by: String,
    given_on: NaiveDate,
    how: String,
}

impl ConsentInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<ConsentFacts, Refusal> {
        let mut check = Checker::new();
        let agreed = check.parsed("agreed", &self.agreed, "expected-listed", |text| match text {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        });
        let given_by = check.text("given_by", &self.given_by, NAME_MOST);
        let given_on = check.date("given_on", &self.given_on);
        let how = check.text("how", &self.how, HOW_MOST);
        check.done(agreed.zip(given_on).map(|(agreed, given_on)| ConsentFacts { agreed, given_by, given_on, how }))
    }
}

/// What recording a consent answers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = SubcontractConsentSaved)]
pub struct ConsentSaved {
    pub id: i64,
    pub agreed: bool,
}

/// Records what whoever ordered the test of a sample said; it holds in place of everything said before.
pub fn record_consent(tx: &mut Tx, by: &May<AssignItems>, id: SampleId, facts: &ConsentFacts) -> Outcome<ConsentSaved> {
    let sample = samples::facts(tx.conn, id)?;
    let today = tx.now.date_in_china();
    if facts.given_on > today {
        return Err(DAY_TO_COME.with("date", today).at("given_on").into());
    }
    let party = party_of(&sample);
    let row = NewConsent {
        sample_id: id,
        party,
        agreed: facts.agreed,
        given_by: &facts.given_by,
        given_on: facts.given_on,
        how: &facts.how,
        person_id: by.person,
        at: tx.now,
    };
    let consent = store::insert_consent(tx.conn, &row)?;
    tx.log(
        by.entry("sample", id.0, sample.version, "subcontract-consent-recorded")
            .set("agreed", facts.agreed)
            .set("party", party)
            .set("given_by", facts.given_by.as_str())
            .set("given_on", facts.given_on.to_string())
            .set("how", facts.how.as_str()),
    );
    Ok(ConsentSaved { id: consent.0, agreed: facts.agreed })
}

pub(super) fn party_of(sample: &SampleFacts) -> &'static str {
    if sample.client_id.is_some() { CLIENT } else { AUTHORITY }
}

/// What holds about subcontracting the items of a sample.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = SubcontractConsent)]
pub struct Consent {
    pub agreed: bool,
    /// client or authority
    pub party: String,
    pub given_by: String,
    #[schema(value_type = String, format = Date)]
    pub given_on: NaiveDate,
    pub how: String,
    /// The order said it; nothing was recorded since.
    pub in_order: bool,
    /// Who recorded it; empty where the order said it.
    pub recorded_by: String,
}

/// The newest record, else what the order says; `None`: nobody was asked.
pub fn consent_of(conn: &mut Conn, sample: &SampleFacts) -> Outcome<Option<Consent>> {
    if let Some(row) = store::newest_consent(conn, sample.id)? {
        let names = names_of(conn, &[row.person_id])?;
        return Ok(Some(Consent {
            agreed: row.agreed,
            party: row.party,
            given_by: row.given_by,
            given_on: row.given_on,
            how: row.how,
            in_order: false,
            recorded_by: names.get(&row.person_id).cloned().unwrap_or_default(),
        }));
    }
    let agreed = sample.form.contract.as_ref().filter(|contract| contract.subcontracting);
    Ok(agreed.map(|contract| Consent {
        agreed: true,
        party: party_of(sample).to_owned(),
        given_by: contract.signed_by.clone(),
        given_on: sample.created_at.date_in_china(),
        how: String::new(),
        in_order: true,
        recorded_by: String::new(),
    }))
}
