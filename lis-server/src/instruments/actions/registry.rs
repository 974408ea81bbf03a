//! Which instruments there are.

use instrument_drivers::profile::Profile;
use serde::{Deserialize, Serialize};

use super::super::profiles::named;
use super::super::store::{self, InstrumentFacts};
use super::super::{INSTRUMENT_CODE_TAKEN, PROFILE_UNKNOWN};
use super::{CODE_MOST, NAME_MOST};
use crate::accounts::May;
use crate::accounts::role::ManageInstruments;
use crate::db::{Conn, Tx};
use crate::domain::ids::InstrumentId;
use crate::domain::input::Checker;
use crate::domain::refusal::{NOT_FOUND, Outcome, Reasons, Refusal, STALE_VERSION};

/// An instrument as a form or a program describes it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct InstrumentInput {
    /// Code in the laboratory; the agent's configuration names it.
    pub code: String,
    pub name: String,
    pub maker: String,
    pub model: String,
    pub serial_no: String,
    /// Name of a shipped profile, or `NAME@NUMBER`: a version of the laboratory's own.
    pub profile: String,
    /// `qualified`, `limited` or `stopped`.
    pub status: String,
    /// Last day of the calibration.
    pub calibrated_until: String,
}

/// The statuses of `quality.md` Q64-2: 合格, 准用, 停用.
pub const STATUSES: &[&str] = &["qualified", "limited", "stopped"];

impl InstrumentInput {
    pub fn checked(&self) -> Result<InstrumentFacts, Refusal> {
        let mut check = Checker::new();
        let code = check.text("code", &self.code, CODE_MOST);
        let name = check.text("name", &self.name, NAME_MOST);
        let maker = check.optional_text("maker", &self.maker, NAME_MOST);
        let model = check.optional_text("model", &self.model, NAME_MOST);
        let serial_no = check.optional_text("serial_no", &self.serial_no, NAME_MOST);
        let profile = check.text("profile", &self.profile, NAME_MOST);
        // A version of the laboratory's own is looked up in the write.
        let shipped = named::parts(&profile).is_none();
        check.add_if(shipped && !profile.is_empty() && Profile::shipped().all(|name| name != profile), || {
            PROFILE_UNKNOWN.with("profile", &profile).at("profile")
        });
        let status = check.parsed("status", &self.status, "expected-instrument-status", |text| {
            STATUSES.contains(&text).then(|| text.to_owned())
        });
        let calibrated_until = check.optional_date("calibrated_until", &self.calibrated_until);
        check.done(status.map(|status| InstrumentFacts {
            code,
            name,
            maker,
            model,
            serial_no,
            profile,
            status,
            calibrated_until,
        }))
    }
}

/// What a change of an instrument answers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct InstrumentSaved {
    pub id: i64,
    pub version: i64,
}

pub fn create_instrument(
    tx: &mut Tx,
    by: &May<ManageInstruments>,
    facts: &InstrumentFacts,
) -> Outcome<InstrumentSaved> {
    let taken = store::instrument_by_code(tx.conn, &facts.code)?.is_some();
    require_possible(tx.conn, facts, taken, "")?;
    let id = store::insert_instrument(tx.conn, facts, tx.now)?;
    tx.log(
        by.entry("instrument", id.0, 1, "instrument-created")
            .set("code", facts.code.as_str())
            .set("profile", facts.profile.as_str())
            .set("status", facts.status.as_str()),
    );
    Ok(InstrumentSaved { id: id.0, version: 1 })
}

pub fn change_instrument(
    tx: &mut Tx,
    by: &May<ManageInstruments>,
    id: InstrumentId,
    seen: i64,
    facts: &InstrumentFacts,
) -> Outcome<InstrumentSaved> {
    let before = store::instrument(tx.conn, id)?.ok_or(NOT_FOUND)?;
    let taken = before.code != facts.code && store::instrument_by_code(tx.conn, &facts.code)?.is_some();
    require_possible(tx.conn, facts, taken, &before.profile)?;
    if !store::change_instrument(tx.conn, id, seen, facts)? {
        let refusal = Refusal::from(STALE_VERSION.with("version", before.version));
        return Err(refusal.with_current(serde_json::json!({"id": id, "version": before.version})).into());
    }
    let mut entry = by.entry("instrument", id.0, seen + 1, "instrument-changed");
    let day = |date: Option<chrono::NaiveDate>| date.map(|date| date.to_string()).unwrap_or_default();
    let fields = [
        ("code", before.code, facts.code.clone()),
        ("name", before.name, facts.name.clone()),
        ("profile", before.profile, facts.profile.clone()),
        ("status", before.status, facts.status.clone()),
        ("calibrated_until", day(before.calibrated_until), day(facts.calibrated_until)),
    ];
    for (field, old, new) in fields.into_iter().filter(|(_, old, new)| old != new) {
        entry = entry.change(field, old, new);
    }
    tx.log(entry);
    Ok(InstrumentSaved { id: id.0, version: seen + 1 })
}

/// The code is free, and the profile is one that instruments may be given; the one that it has may stay.
fn require_possible(conn: &mut Conn, facts: &InstrumentFacts, taken: bool, profile: &str) -> Outcome<()> {
    let mut reasons = Reasons::new();
    reasons.add_if(taken, || INSTRUMENT_CODE_TAKEN.with("code", &facts.code).at("code"));
    let known = facts.profile == profile || named::is_offered(conn, &facts.profile)?;
    reasons.add_if(!known, || PROFILE_UNKNOWN.with("profile", &facts.profile).at("profile"));
    Ok(reasons.none()?)
}
