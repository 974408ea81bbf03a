//! What held of an instrument on a day, read from its history. Pure.

use chrono::NaiveDate;

use super::super::INSTRUMENT_STOPPED;
use super::{
    CALIBRATION_FAILED, CALIBRATION_MISSING, CALIBRATION_OVERDUE, CERTIFICATE_UNRECORDED, CHECK_FAILED, CHECK_OVERDUE,
    INSTRUMENT_LIMITED, WEIGHT_TOO_SMALL,
};
use crate::domain::decimal::Decimal;
use crate::domain::ids::{CalibrationId, InstrumentId};
use crate::domain::refusal::{Problem, Reason};
use crate::judgement::correction::Correction;
use crate::judgement::units;
use crate::quality::gates::state::{Finding, Gate};

/// The statuses of Q64-2.
pub const QUALIFIED: &str = "qualified";
pub const LIMITED: &str = "limited";
pub const STOPPED: &str = "stopped";

/// The kinds of records (Q64-3, Q64-4).
pub const CALIBRATION: &str = "calibration";
pub const CHECK: &str = "check";
pub const KINDS: &[&str] = &[CALIBRATION, CHECK];

/// What a record says of the instrument, confirmed against the need (计量确认).
pub const UNQUALIFIED: &str = "unqualified";
pub const RESULTS: &[&str] = &[QUALIFIED, LIMITED, UNQUALIFIED];

/// An instrument with its history, each list in the order in which it was written.
#[derive(Clone, Debug)]
pub struct Equipment {
    pub id: InstrumentId,
    pub code: String,
    pub name: String,
    /// Today's status and last day of the calibration.
    pub status: String,
    /// Methods that it may be used for, separated by `;`, where it was limited before its first change of status.
    pub allowed_methods: String,
    pub calibrated_until: Option<NaiveDate>,
    /// The smallest weight that the balance may weigh, in gram.
    pub minimum_weight_g: Option<Decimal>,
    pub statuses: Vec<StatusChange>,
    pub records: Vec<Record>,
}

#[derive(Clone, Debug)]
pub struct StatusChange {
    pub before: String,
    pub status: String,
    /// Method standards, separated by `;`; of a limited instrument alone.
    pub allowed_methods: String,
    pub valid_from: NaiveDate,
}

/// A calibration or an intermediate check.
#[derive(Clone, Debug)]
pub struct Record {
    /// `None`: it is about to be stored.
    pub id: Option<CalibrationId>,
    pub kind: String,
    pub performed_on: NaiveDate,
    /// Of a calibration; a check may have none.
    pub certificate_no: String,
    pub performed_by: String,
    /// Last day on which it holds; `None`: until the next one.
    pub next_due: Option<NaiveDate>,
    /// Last day of the calibration that was known before.
    pub due_before: Option<NaiveDate>,
    pub result: String,
    /// What every reading is corrected by; `None`: the certificate says nothing, or it is only kept.
    pub correction: Option<Correction>,
}

/// When an instrument was last shown to be good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShownGood {
    pub day: NaiveDate,
    /// A later record says that it failed.
    pub failed_since: bool,
}

impl Equipment {
    /// Status on a day, and the methods that a limited instrument may be used for.
    pub fn status_on(&self, on: NaiveDate) -> (&str, &str) {
        let begun = self.statuses.iter().filter(|change| change.valid_from <= on);
        match (begun.max_by_key(|change| change.valid_from), self.statuses.first()) {
            (Some(change), _) => (change.status.as_str(), change.allowed_methods.as_str()),
            (None, Some(first)) => (first.before.as_str(), self.allowed_methods.as_str()),
            (None, None) => (self.status.as_str(), self.allowed_methods.as_str()),
        }
    }

    /// What the gates find of a use on a day. Without a method nothing is asked of a limited instrument.
    pub fn found(&self, on: NaiveDate, method: Option<&str>) -> Vec<Finding> {
        let status = self.against_status(on, method).map(|reason| Finding { gate: Gate::Equipment, on, reason });
        let records = [self.against_calibration(on), self.against_check(on)];
        let records = records.into_iter().flatten().map(|reason| Finding { gate: Gate::Calibration, on, reason });
        status.into_iter().chain(records).collect()
    }

    /// What breaks the way from a reading of a day to a certificate.
    pub fn gaps(&self, on: NaiveDate, method: &str) -> Vec<Reason> {
        let mut gaps: Vec<Reason> = self.found(on, Some(method)).into_iter().map(|finding| finding.reason).collect();
        let is_missing = gaps.iter().any(|reason| reason.problem == CALIBRATION_MISSING);
        // A calibration of which only the last day was written down has no certificate here.
        if !is_missing && self.newest(CALIBRATION, on).is_none() {
            gaps.push(self.named(CERTIFICATE_UNRECORDED).with("date", on));
        }
        gaps
    }

    fn against_status(&self, on: NaiveDate, method: Option<&str>) -> Option<Reason> {
        let (status, allowed) = self.status_on(on);
        match (status, method) {
            (STOPPED, _) => Some(INSTRUMENT_STOPPED.with("code", &self.code)),
            (LIMITED, Some(method)) if !allowed.is_empty() && !methods_of(allowed).any(|one| one == method) => {
                Some(INSTRUMENT_LIMITED.with("code", &self.code).with("allowed", allowed).with("method", method))
            }
            _ => None,
        }
    }

    fn against_calibration(&self, on: NaiveDate) -> Option<Reason> {
        if let Some(newest) = self.newest(CALIBRATION, on) {
            return self.against(newest, on, CALIBRATION_FAILED, CALIBRATION_OVERDUE);
        }
        // Before the first record holds what was known before it.
        let first = self.records.iter().find(|record| record.kind == CALIBRATION);
        match first.map_or(self.calibrated_until, |first| first.due_before) {
            Some(until) if on > until => Some(self.named(CALIBRATION_OVERDUE).with("date", until)),
            Some(_) => None,
            None => Some(self.named(CALIBRATION_MISSING)),
        }
    }

    /// Not every instrument is checked between its calibrations: without a record there is nothing to say.
    fn against_check(&self, on: NaiveDate) -> Option<Reason> {
        self.against(self.newest(CHECK, on)?, on, CHECK_FAILED, CHECK_OVERDUE)
    }

    /// The calibration and the intermediate check that hold on a day.
    pub fn records_on(&self, on: NaiveDate) -> [Option<&Record>; 2] {
        [CALIBRATION, CHECK].map(|kind| self.newest(kind, on))
    }

    /// What the certificate that holds on a day does to every reading, and its number.
    pub fn correction_on(&self, on: NaiveDate) -> Option<(&Correction, &str)> {
        let record = self.newest(CALIBRATION, on).filter(|record| record.result != UNQUALIFIED)?;
        Some((record.correction.as_ref()?, record.certificate_no.as_str()))
    }

    /// The newest day before a day on which a calibration or a check showed the instrument to be good.
    pub fn last_good_before(&self, on: NaiveDate) -> Option<NaiveDate> {
        let good = self.records.iter().filter(|record| record.result != UNQUALIFIED && record.performed_on < on);
        good.map(|record| record.performed_on).max()
    }

    /// The newest day on which the instrument was shown to be good, as it is known on a day: before its newest record, where
    /// that one says that it failed.
    pub fn last_shown_good(&self, on: NaiveDate) -> Option<ShownGood> {
        let done = self.records.iter().filter(|record| record.performed_on <= on);
        let newest = done.max_by_key(|record| record.performed_on)?;
        match newest.result == UNQUALIFIED {
            true => self.last_good_before(newest.performed_on).map(|day| ShownGood { day, failed_since: true }),
            false => Some(ShownGood { day: newest.performed_on, failed_since: false }),
        }
    }

    /// The record that holds on a day.
    fn newest(&self, kind: &str, on: NaiveDate) -> Option<&Record> {
        let done = self.records.iter().filter(|record| record.kind == kind && record.performed_on <= on);
        done.max_by_key(|record| record.performed_on)
    }

    fn against(&self, record: &Record, on: NaiveDate, failed: Problem, overdue: Problem) -> Option<Reason> {
        if record.result == UNQUALIFIED {
            return Some(self.named(failed).with("date", record.performed_on));
        }
        let due = record.next_due.filter(|due| on > *due)?;
        Some(self.named(overdue).with("date", due))
    }

    fn named(&self, problem: Problem) -> Reason {
        problem.with("code", &self.code)
    }

    /// The last day of the calibration as it is known now; a failed one gives none.
    pub fn calibrated_until_now(&self) -> Option<NaiveDate> {
        let done = self.records.iter().filter(|record| record.kind == CALIBRATION);
        match done.max_by_key(|record| record.performed_on) {
            Some(newest) if newest.result == UNQUALIFIED => None,
            Some(newest) => newest.next_due,
            None => self.calibrated_until,
        }
    }

    /// Whether a weight lies below what the balance may weigh. What is no weight has no such bound.
    pub fn is_too_small(&self, value: &str, unit: &str) -> bool {
        let Some(minimum) = &self.minimum_weight_g else { return false };
        match (Decimal::parse(value.trim()), units::factor(unit.trim(), "g")) {
            (Ok(weight), Ok(factor)) => weight.to_ratio() * factor < minimum.to_ratio(),
            _ => false,
        }
    }

    /// The finding of a weight that is too small for the balance.
    pub fn too_small(&self, on: NaiveDate, label: &str, (value, unit): (&str, &str)) -> Option<Finding> {
        let minimum = self.minimum_weight_g.as_ref().filter(|_| self.is_too_small(value, unit))?;
        let reason = self.named(WEIGHT_TOO_SMALL).with("label", label).with("value", format!("{value} {unit}"));
        Some(Finding { gate: Gate::Equipment, on, reason: reason.with("minimum", minimum) })
    }
}

/// The standards of a list separated by `;`.
pub fn methods_of(list: &str) -> impl Iterator<Item = &str> {
    list.split([';', '；']).map(str::trim).filter(|method| !method.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judgement::correction::How;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn balance() -> Equipment {
        Equipment {
            id: InstrumentId(1),
            code: "BAL-01".into(),
            name: "天平".into(),
            status: "qualified".into(),
            allowed_methods: String::new(),
            calibrated_until: None,
            minimum_weight_g: Decimal::parse("0.020").ok(),
            statuses: Vec::new(),
            records: Vec::new(),
        }
    }

    fn change(before: &str, status: &str, from: &str) -> StatusChange {
        let (before, status) = (before.to_owned(), status.to_owned());
        StatusChange { before, status, allowed_methods: String::new(), valid_from: day(from) }
    }

    fn record(kind: &str, on: &str, due: Option<&str>, result: &str) -> Record {
        Record {
            id: Some(CalibrationId(1)),
            kind: kind.into(),
            performed_on: day(on),
            certificate_no: String::new(),
            performed_by: "检验员甲".into(),
            next_due: due.map(day),
            due_before: Some(day("2026-06-30")),
            result: result.into(),
            correction: None,
        }
    }

    fn codes(equipment: &Equipment, on: &str) -> Vec<&'static str> {
        equipment.found(day(on), Some("GB 5009.12")).iter().map(|found| found.reason.problem.code).collect()
    }

    #[test]
    fn the_status_of_the_day_holds_also_when_a_stop_is_written_down_later() {
        let mut one = balance();
        assert_eq!(one.status_on(day("2026-11-20")).0, "qualified");
        one.statuses = vec![change("qualified", "stopped", "2026-11-20"), change("stopped", "limited", "2026-11-10")];
        let on = |date: &str| one.status_on(day(date)).0;
        assert_eq!((on("2026-11-09"), on("2026-11-10"), on("2026-11-20")), ("qualified", "limited", "stopped"));
    }

    // Requirement: Q64-2
    #[test]
    fn a_limited_instrument_serves_its_methods_alone() {
        let mut one = balance();
        one.calibrated_until = Some(day("2027-06-30"));
        one.statuses = vec![StatusChange {
            allowed_methods: "GB 5009.3；GB 5009.4".into(),
            ..change("qualified", "limited", "2026-11-01")
        }];
        assert_eq!(codes(&one, "2026-11-02"), ["instrument-limited"]);
        assert!(one.found(day("2026-11-02"), Some("GB 5009.4")).is_empty());
        assert!(one.found(day("2026-11-02"), None).is_empty(), "no method is asked about");
        // Limited by the list that it was imported from.
        let imported = Equipment {
            status: LIMITED.into(),
            allowed_methods: "GB 5009.4".into(),
            calibrated_until: Some(day("2027-06-30")),
            ..balance()
        };
        assert_eq!(codes(&imported, "2026-11-02"), ["instrument-limited"]);
        assert!(imported.found(day("2026-11-02"), Some("GB 5009.4")).is_empty());
    }

    #[test]
    fn a_lapse_between_two_calibrations_stays_a_lapse() {
        let mut one = balance();
        assert_eq!(codes(&one, "2026-11-20"), ["calibration-missing"]);
        one.records = vec![
            record(CALIBRATION, "2026-07-10", Some("2026-11-10"), "qualified"),
            record(CALIBRATION, "2026-11-18", Some("2027-11-17"), "qualified"),
        ];
        assert_eq!(codes(&one, "2026-06-30"), [""; 0], "what was known before the first record");
        assert_eq!(codes(&one, "2026-07-01"), ["calibration-overdue"]);
        assert_eq!(codes(&one, "2026-11-10"), [""; 0], "the last day counts");
        assert_eq!(codes(&one, "2026-11-11"), ["calibration-overdue"]);
        assert_eq!(codes(&one, "2026-11-18"), [""; 0]);
        assert_eq!(one.calibrated_until_now(), Some(day("2027-11-17")));
    }

    // Requirement: Q65-1
    #[test]
    fn the_way_to_a_certificate_is_broken_where_none_is_recorded() {
        let mut one = balance();
        let gaps = |one: &Equipment, on: &str| -> Vec<&'static str> {
            one.gaps(day(on), "GB 5009.12").iter().map(|reason| reason.problem.code).collect()
        };
        assert_eq!(gaps(&one, "2026-11-20"), ["calibration-missing"]);
        one.calibrated_until = Some(day("2027-06-30"));
        assert_eq!(gaps(&one, "2026-11-20"), ["certificate-unrecorded"], "a date without a certificate");
        one.records = vec![record(CALIBRATION, "2026-11-20", Some("2027-06-30"), "qualified")];
        assert_eq!(gaps(&one, "2026-11-20"), [""; 0]);
        assert_eq!(one.records_on(day("2026-11-20")).map(|record| record.is_some()), [true, false]);
    }

    // Requirement: Q64-3
    #[test]
    fn the_certificate_of_the_day_corrects() {
        let mut one = balance();
        let by = |amount: &str| {
            Some(Correction { how: How::Add, amount: Decimal::parse(amount).unwrap(), unit: "g".into() })
        };
        let calibrated = |on: &str, result: &str, amount: &str| Record {
            correction: by(amount),
            ..record(CALIBRATION, on, None, result)
        };
        one.records = vec![
            calibrated("2026-07-10", "qualified", "0.0001"),
            calibrated("2026-11-10", "qualified", "0.0002"),
            calibrated("2026-11-20", UNQUALIFIED, "0.0003"),
        ];
        let amount = |on: &str| one.correction_on(day(on)).map(|(correction, _)| correction.amount.to_string());
        assert_eq!(amount("2026-07-09"), None);
        assert_eq!(amount("2026-11-09").as_deref(), Some("0.0001"));
        assert_eq!(amount("2026-11-10").as_deref(), Some("0.0002"));
        assert_eq!(amount("2026-11-20"), None, "nobody trusts a certificate that was not confirmed");
    }

    // Requirement: Q64-4
    #[test]
    fn a_failed_check_is_found_until_the_next_one_is_good() {
        let mut one = balance();
        one.records = vec![
            record(CALIBRATION, "2026-07-10", None, "qualified"),
            record(CHECK, "2026-11-10", Some("2026-11-17"), UNQUALIFIED),
            record(CHECK, "2026-11-12", Some("2026-11-19"), "qualified"),
        ];
        assert_eq!(codes(&one, "2026-11-09"), [""; 0], "never checked before");
        assert_eq!(codes(&one, "2026-11-11"), ["intermediate-check-failed"]);
        assert_eq!(codes(&one, "2026-11-12"), [""; 0]);
        assert_eq!(codes(&one, "2026-11-20"), ["intermediate-check-overdue"]);
    }

    // Requirement: Q64-4
    #[test]
    fn the_last_good_check_lies_before_the_failed_one() {
        let mut one = balance();
        assert_eq!(one.last_good_before(day("2026-11-20")), None);
        one.records = vec![
            record(CHECK, "2026-11-12", None, "qualified"),
            record(CALIBRATION, "2026-07-10", None, "qualified"),
            record(CHECK, "2026-11-15", None, UNQUALIFIED),
        ];
        assert_eq!(one.last_good_before(day("2026-11-20")), Some(day("2026-11-12")));
        assert_eq!(one.last_good_before(day("2026-11-12")), Some(day("2026-07-10")));
        let shown = |on: &str| one.last_shown_good(day(on)).map(|shown| (shown.day.to_string(), shown.failed_since));
        assert_eq!(shown("2026-07-09"), None);
        assert_eq!(shown("2026-11-14"), Some(("2026-11-12".to_owned(), false)));
        assert_eq!(shown("2026-11-20"), Some(("2026-11-12".to_owned(), true)));
    }

    #[test]
    fn a_weight_below_the_smallest_is_found_in_any_unit_of_mass() {
        let one = balance();
        assert!(one.is_too_small("0.0199", "g") && one.is_too_small("19.9", "mg"));
        assert!(!one.is_too_small("0.0200", "g") && !one.is_too_small("20", "mg"));
        assert!(!one.is_too_small("0.001", "mL") && !one.is_too_small("0.001", ""), "no weight");
        assert!(!Equipment { minimum_weight_g: None, ..balance() }.is_too_small("0.001", "g"));
    }
}
