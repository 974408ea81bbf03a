//! Which instruments there are.

use std::collections::HashMap;

use instrument_drivers::profile::Profile;
use serde::{Deserialize, Serialize};

use super::super::equipment::INSTRUMENT_OWN_STEP;
use super::super::profiles::named;
use super::super::store::{self, Added, InstrumentFacts, InstrumentRow};
use super::super::{INSTRUMENT_CODE_TAKEN, PROFILE_UNKNOWN};
use super::{CODE_MOST, NAME_MOST};
use crate::accounts::role::ManageInstruments;
use crate::accounts::{Actor, May};
use crate::db::{Conn, Tx};
use crate::domain::decimal::Decimal;
use crate::domain::ids::InstrumentId;
use crate::domain::input::Checker;
use crate::domain::refusal::{Fault, NOT_FOUND, Outcome, Reasons, Refusal, STALE_VERSION};

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
    /// Name of a shipped profile, or `NAME@NUMBER`: a version of the laboratory's own; empty: not connected.
    pub profile: String,
    /// `qualified`, `limited` or `stopped`: of a new instrument; afterwards it changes by a step of its own.
    pub status: String,
    /// Last day of the calibration: of a new instrument; afterwards the newest calibration says it.
    pub calibrated_until: String,
    /// The smallest weight that a balance may weigh, in gram; empty: no bound.
    pub minimum_weight_g: String,
    /// Name and version of its software or firmware.
    pub software: String,
    /// Where it stands.
    pub location: String,
    /// Number and place of its manual.
    pub manual: String,
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
        let profile = check.optional_text("profile", &self.profile, NAME_MOST);
        // A version of the laboratory's own is looked up in the write.
        let shipped = named::parts(&profile).is_none();
        check.add_if(shipped && !profile.is_empty() && Profile::shipped().all(|name| name != profile), || {
            PROFILE_UNKNOWN.with("profile", &profile).at("profile")
        });
        let status = check.parsed("status", &self.status, "expected-instrument-status", |text| {
            STATUSES.contains(&text).then(|| text.to_owned())
        });
        let calibrated_until = check.optional_date("calibrated_until", &self.calibrated_until);
        let minimum_weight = check.optional_decimal("minimum_weight_g", &self.minimum_weight_g);
        if minimum_weight.as_ref().is_some_and(Decimal::is_negative) {
            check.invalid("minimum_weight_g", "expected-decimal");
        }
        let software = check.optional_text("software", &self.software, NAME_MOST);
        let location = check.optional_text("location", &self.location, NAME_MOST);
        let manual = check.optional_text("manual", &self.manual, NAME_MOST);
        check.done(status.map(|status| InstrumentFacts {
            code,
            name,
            maker,
            model,
            serial_no,
            profile,
            status,
            calibrated_until,
            minimum_weight_g: minimum_weight.map(String::from),
            software,
            location,
            manual,
        }))
    }
}

/// What a change of an instrument answers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct InstrumentSaved {
    pub id: i64,
    pub version: i64,
    /// The non-conforming work that a failed calibration or check has opened.
    #[serde(default)]
    pub work: Option<i64>,
}

pub fn create_instrument(
    tx: &mut Tx,
    by: &May<ManageInstruments>,
    facts: &InstrumentFacts,
) -> Outcome<InstrumentSaved> {
    let taken = store::instrument_by_code(tx.conn, &facts.code)?.is_some();
    require_possible(tx.conn, facts, taken, "")?;
    let saved = insert(tx, by, &[(facts, "")])?.pop();
    saved.ok_or_else(|| Fault::broken("an instrument was not added"))
}

/// Adds instruments whose codes are free: as many statements for a thousand as for one.
pub(in super::super) fn insert(tx: &mut Tx, by: &Actor, added: &[Added<'_>]) -> Outcome<Vec<InstrumentSaved>> {
    let ids: HashMap<String, InstrumentId> = store::insert_instruments(tx.conn, added, tx.now)?.into_iter().collect();
    let mut saved = Vec::new();
    for (one, allowed_methods) in added {
        let id = ids.get(&one.code).ok_or_else(|| Fault::broken("a new instrument has no id"))?;
        tx.log(
            by.entry("instrument", id.0, 1, "instrument-created")
                .set("code", one.code.as_str())
                .set("profile", one.profile.as_str())
                .set("status", one.status.as_str())
                .set("allowed_methods", *allowed_methods),
        );
        saved.push(InstrumentSaved { id: id.0, version: 1, work: None });
    }
    Ok(saved)
}

pub fn change_instrument(
    tx: &mut Tx,
    by: &May<ManageInstruments>,
    id: InstrumentId,
    seen: i64,
    facts: &InstrumentFacts,
) -> Outcome<InstrumentSaved> {
    let before = store::instrument(tx.conn, id)?.ok_or(NOT_FOUND)?;
    let stale = || {
        let refusal = Refusal::from(STALE_VERSION.with("version", before.version));
        refusal.with_current(serde_json::json!({"id": id, "version": before.version}))
    };
    // Before all that is said of the fields: status and calibration may have moved on.
    if before.version != seen {
        return Err(stale().into());
    }
    let taken = before.code != facts.code && store::instrument_by_code(tx.conn, &facts.code)?.is_some();
    require_possible(tx.conn, facts, taken, &before.profile)?;
    require_own_steps(&before, facts)?;
    if !store::change_instrument(tx.conn, id, seen, facts)? {
        return Err(stale().into());
    }
    let mut entry = by.entry("instrument", id.0, seen + 1, "instrument-changed");
    let fields = [
        ("code", before.code, facts.code.clone()),
        ("name", before.name, facts.name.clone()),
        ("profile", before.profile, facts.profile.clone()),
        ("software", before.software, facts.software.clone()),
        ("location", before.location, facts.location.clone()),
        ("manual", before.manual, facts.manual.clone()),
        (
            "minimum_weight_g",
            before.minimum_weight_g.unwrap_or_default(),
            facts.minimum_weight_g.clone().unwrap_or_default(),
        ),
    ];
    for (field, old, new) in fields.into_iter().filter(|(_, old, new)| old != new) {
        entry = entry.change(field, old, new);
    }
    tx.log(entry);
    Ok(InstrumentSaved { id: id.0, version: seen + 1, work: None })
}

/// Status and calibration have a history: they change by their own steps, with a day and a reason.
fn require_own_steps(before: &InstrumentRow, facts: &InstrumentFacts) -> Result<(), Refusal> {
    let mut reasons = Reasons::new();
    reasons.add_if(before.status != facts.status, || INSTRUMENT_OWN_STEP.at("status"));
    reasons.add_if(before.calibrated_until != facts.calibrated_until, || INSTRUMENT_OWN_STEP.at("calibrated_until"));
    reasons.none()
}

/// The code is free, and the profile is one that instruments may be given; the one that it has may stay.
fn require_possible(conn: &mut Conn, facts: &InstrumentFacts, taken: bool, profile: &str) -> Outcome<()> {
    let mut reasons = Reasons::new();
    reasons.add_if(taken, || INSTRUMENT_CODE_TAKEN.with("code", &facts.code).at("code"));
    let stays = facts.profile.is_empty() || facts.profile == profile;
    let known = stays || named::is_offered(conn, &facts.profile)?;
    reasons.add_if(!known, || PROFILE_UNKNOWN.with("profile", &facts.profile).at("profile"));
    Ok(reasons.none()?)
}
