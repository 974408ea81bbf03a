//! Readings that a gate keeps from every cell: on the day on which their message came the instrument was stopped or out of
//! calibration, or the weight lies below what the balance may weigh. What a gate only warns of is filed; the warning meets
//! the tester when he submits the sheet.

use chrono::NaiveDate;

use super::equipment::actions as equipment;
use super::equipment::state::Equipment;
use crate::db::Conn;
use crate::domain::ids::InstrumentId;
use crate::domain::refusal::Outcome;
use crate::judgement::correction::Correction;
use crate::quality::gates::actions as gates;
use crate::quality::gates::state::{Gate, Mode, Settings};

/// The gates and the history of one instrument, read once for all its rows.
pub(super) struct Gating {
    settings: Settings,
    equipment: Option<Equipment>,
}

impl Gating {
    /// Four statements.
    pub(super) fn of(conn: &mut Conn, instrument: InstrumentId) -> Outcome<Self> {
        let settings = gates::settings(conn)?;
        let equipment = equipment::equipment(conn, &[instrument], &[])?.pop();
        Ok(Self { settings, equipment })
    }

    /// What the certificate that holds on a day does to every reading, and its number.
    pub(super) fn correction_on(&self, day: NaiveDate) -> Option<(&Correction, &str)> {
        self.equipment.as_ref()?.correction_on(day)
    }

    /// Whether any certificate of the instrument corrects.
    pub(super) fn corrects(&self) -> bool {
        self.equipment.iter().flat_map(|one| &one.records).any(|record| record.correction.is_some())
    }

    /// What the gates say of the readings of a day.
    pub(super) fn on(&self, day: NaiveDate) -> GatesOfDay<'_> {
        let Some(equipment) = &self.equipment else { return GatesOfDay { every: None, balance: None } };
        let blocks = |gate: Gate| self.settings.mode(gate, day) == Mode::Block;
        let findings = equipment.found(day, None);
        let found = |gate: Gate| blocks(gate) && findings.iter().any(|one| one.gate == gate);
        let every = if found(Gate::Equipment) {
            Some("instrument_stopped")
        } else {
            found(Gate::Calibration).then_some("not_calibrated")
        };
        GatesOfDay { every, balance: blocks(Gate::Equipment).then_some(equipment) }
    }
}

/// Why readings of one day are held.
pub(super) struct GatesOfDay<'g> {
    /// Every one of them.
    every: Option<&'static str>,
    /// The balance whose smallest weight counts.
    balance: Option<&'g Equipment>,
}

impl GatesOfDay<'_> {
    /// Why a reading of this value and unit is held; `None`: no gate is against it.
    pub(super) fn against(&self, value_and_unit: impl FnOnce() -> (String, String)) -> Option<&'static str> {
        if self.every.is_some() {
            return self.every;
        }
        let balance = self.balance.filter(|balance| balance.minimum_weight_g.is_some())?;
        let (value, unit) = value_and_unit();
        balance.is_too_small(&value, &unit).then_some("below_minimum_weight")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::decimal::Decimal;
    use crate::instruments::equipment::state::StatusChange;
    use crate::quality::gates::state::Setting;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// A balance that weighs from 0.020 g on, was stopped on 20 November and was never calibrated.
    fn balance(changes: &[(Gate, Mode, &str)]) -> Gating {
        let setting =
            |(gate, mode, from): &(Gate, Mode, &str)| Setting { gate: *gate, mode: *mode, valid_from: day(from) };
        let stopped = StatusChange {
            before: "qualified".into(),
            status: "stopped".into(),
            allowed_methods: String::new(),
            valid_from: day("2026-11-20"),
        };
        let equipment = Equipment {
            id: InstrumentId(1),
            code: "BAL-01".into(),
            name: "天平".into(),
            status: "stopped".into(),
            allowed_methods: String::new(),
            calibrated_until: None,
            minimum_weight_g: Decimal::parse("0.020").ok(),
            statuses: vec![stopped],
            records: Vec::new(),
        };
        Gating { settings: Settings::new(changes.iter().map(setting).collect()), equipment: Some(equipment) }
    }

    fn against(gating: &Gating, on: &str, value: &str) -> Option<&'static str> {
        gating.on(day(on)).against(|| (value.to_owned(), "g".to_owned()))
    }

    #[test]
    fn what_blocks_on_the_day_of_the_reading_holds_it() {
        // As at first: calibrations are not looked at.
        let gating = balance(&[]);
        assert_eq!(against(&gating, "2026-11-19", "0.0200"), None);
        assert_eq!(against(&gating, "2026-11-19", "0.0199"), Some("below_minimum_weight"));
        assert_eq!(against(&gating, "2026-11-20", "0.0200"), Some("instrument_stopped"));

        let gating = balance(&[(Gate::Calibration, Mode::Block, "2026-11-18")]);
        assert_eq!(against(&gating, "2026-11-17", "0.0200"), None);
        assert_eq!(against(&gating, "2026-11-18", "0.0200"), Some("not_calibrated"));
        assert_eq!(against(&gating, "2026-11-20", "0.0200"), Some("instrument_stopped"), "the first reason");
    }

    #[test]
    fn what_only_warns_is_filed() {
        let gating = balance(&[(Gate::Equipment, Mode::Warn, "2026-11-01")]);
        assert_eq!(against(&gating, "2026-11-19", "0.0199"), None);
        assert_eq!(against(&gating, "2026-11-20", "0.0200"), None);
    }
}
