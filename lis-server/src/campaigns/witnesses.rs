//! Witnesses of a campaign (`workflow.md` 4.7): consumers and media who are invited to see the sampling; their names and that
//! they consented are recorded. Consent can be withdrawn: the name is gone then, that there was a witness stays.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::store::{self, NewWitness, WitnessRow};
use super::{CONSENT_IN_FUTURE, CONSENT_WITHDRAWN};
use crate::accounts::May;
use crate::accounts::role::RunCampaigns;
use crate::db::{Conn, Tx};
use crate::domain::ids::CampaignId;
use crate::domain::input::Checker;
use crate::domain::refusal::{NOT_FOUND, Outcome, Refusal, STALE_VERSION};

/// Longest texts, in characters.
const NAME_MOST: usize = 40;
const CONSENT_MOST: usize = 120;

/// Who is invited.
pub const KINDS: [&str; 2] = ["consumer", "media"];

/// A witness as a page or a program gives it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct WitnessInput {
    /// `consumer` or `media`.
    pub kind: String,
    pub name: String,
    pub consented_on: String,
    /// How the consent was given: signed form, message, …
    pub consent: String,
}

#[derive(Clone, Debug)]
pub struct WitnessFacts {
    pub kind: &'static str,
    pub name: String,
    pub consented_on: NaiveDate,
    pub consent: String,
}

impl WitnessInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<WitnessFacts, Refusal> {
        let mut check = Checker::new();
        let known = |text: &str| KINDS.into_iter().find(|kind| *kind == text);
        let kind = check.parsed("kind", &self.kind, "expected-witness-kind", known);
        let name = check.text("name", &self.name, NAME_MOST);
        let consented_on = check.date("consented_on", &self.consented_on);
        let consent = check.text("consent", &self.consent, CONSENT_MOST);
        let both = kind.zip(consented_on);
        check.done(both.map(|(kind, consented_on)| WitnessFacts { kind, name, consented_on, consent }))
    }
}

#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct WitnessSaved {
    pub id: i64,
    pub version: i64,
}

/// Records a witness who consented. The log names nobody: who withdraws is gone from there too.
pub fn add(tx: &mut Tx, by: &May<RunCampaigns>, id: CampaignId, facts: &WitnessFacts) -> Outcome<WitnessSaved> {
    store::campaign(tx.conn, id)?.ok_or(NOT_FOUND)?;
    if facts.consented_on > tx.now.date_in_china() {
        return Err(CONSENT_IN_FUTURE.at("consented_on").into());
    }
    let row = NewWitness {
        version: 1,
        campaign_id: id,
        kind: facts.kind,
        name: &facts.name,
        consented_on: facts.consented_on,
        consent: &facts.consent,
        person_id: by.person,
        at: tx.now,
    };
    let witness = store::insert_witness(tx.conn, &row)?;
    tx.log(by.entry("campaign_witness", witness, 1, "witness-recorded").set("campaign", id.0).set("kind", facts.kind));
    Ok(WitnessSaved { id: witness, version: 1 })
}

/// A witness withdraws the consent: the name is not kept any longer.
pub fn withdraw(tx: &mut Tx, by: &May<RunCampaigns>, id: CampaignId, witness: i64, seen: i64) -> Outcome<WitnessSaved> {
    let row = of_campaign(tx.conn, id)?.into_iter().find(|row| row.id == witness).ok_or(NOT_FOUND)?;
    if row.withdrawn_at.is_some() {
        return Err(CONSENT_WITHDRAWN.into());
    }
    if !store::withdraw_witness(tx.conn, witness, seen, tx.now)? {
        return Err(STALE_VERSION.with("version", row.version).into());
    }
    tx.log(by.entry("campaign_witness", witness, seen + 1, "witness-withdrawn").set("campaign", id.0));
    Ok(WitnessSaved { id: witness, version: seen + 1 })
}

/// The witnesses of a campaign in the order in which they were recorded.
pub fn of_campaign(conn: &mut Conn, id: CampaignId) -> Outcome<Vec<WitnessRow>> {
    Ok(store::witnesses_of(conn, id)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_witness_has_a_name_and_consented() {
        let input = |kind: &str, name: &str, consented_on: &str, consent: &str| WitnessInput {
            kind: kind.into(),
            name: name.into(),
            consented_on: consented_on.into(),
            consent: consent.into(),
        };
        let facts = input("media", "示例晚报记者", "2026-11-20", "签字").checked().unwrap();
        assert_eq!((facts.kind, facts.consented_on.to_string().as_str()), ("media", "2026-11-20"));
        let refusal = input("judge", "", "", "").checked().expect_err("refused");
        let fields: Vec<&str> = refusal.reasons.iter().filter_map(|one| one.field.as_deref()).collect();
        assert_eq!(fields, ["kind", "name", "consented_on", "consent"]);
    }
}
