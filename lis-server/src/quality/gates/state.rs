//! What a gate is, how strict it is on a day, and what comes of everything that was found. Pure.

use chrono::NaiveDate;

use crate::domain::refusal::Reason;

/// What is looked at before an act.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Gate {
    /// Who tests or checks is authorized for the method (Q62-2).
    Competence,
    /// Who reviews a report is authorized for its methods (Q62-2).
    Review,
    /// Every item of a report lies in the signatory's field (Q62-4).
    Signatory,
    /// The edition of the method is in force, or a deviation is approved (Q72-1).
    Edition,
    /// Every control passed, or what failed was released (Q77-2).
    Controls,
    /// The instrument's status allows this use, and a weight is not below what its balance can weigh (Q64-2).
    Equipment,
    /// Calibrations and intermediate checks are in time and passed (Q64-3, Q64-4).
    Calibration,
    /// Standards, reagents and solutions are named and not expired (Q64-7).
    Standards,
    /// Lots were accepted when they came, from a supplier who was approved (Q66-1).
    Supplies,
    /// The room was read on the day, and within the limits that the method demands (Q63-1).
    Environment,
    /// Every item of a report lies in the accredited scope (Q71-2).
    Scope,
    /// No proficiency test of the method was unsatisfactory whose corrective action is not done (Q77-5).
    Proficiency,
    /// Who works in the laboratory has declared confidentiality and impartiality (Q62-6).
    Declaration,
    /// The laboratory has verified the procedure (Q72-2).
    Verification,
}

impl Gate {
    pub const ALL: &[Gate] = &[
        Self::Competence,
        Self::Review,
        Self::Signatory,
        Self::Edition,
        Self::Controls,
        Self::Equipment,
        Self::Calibration,
        Self::Standards,
        Self::Supplies,
        Self::Environment,
        Self::Scope,
        Self::Proficiency,
        Self::Declaration,
        Self::Verification,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Self::Competence => "competence",
            Self::Review => "review",
            Self::Signatory => "signatory",
            Self::Edition => "edition",
            Self::Controls => "controls",
            Self::Equipment => "equipment",
            Self::Calibration => "calibration",
            Self::Standards => "standards",
            Self::Supplies => "supplies",
            Self::Environment => "environment",
            Self::Scope => "scope",
            Self::Proficiency => "proficiency",
            Self::Declaration => "declaration",
            Self::Verification => "verification",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|gate| gate.code() == code)
    }

    /// How strict it is before anybody has set it: a laboratory that begins has people, methods and instruments on file, but
    /// neither certificates, lots, suppliers, readings, annexes, rounds of proficiency tests, declarations, verifications nor
    /// authorizations to review.
    pub fn at_first(self) -> Mode {
        match self {
            Self::Competence | Self::Signatory | Self::Edition | Self::Controls | Self::Equipment => Mode::Block,
            Self::Review
            | Self::Calibration
            | Self::Standards
            | Self::Supplies
            | Self::Environment
            | Self::Scope
            | Self::Proficiency
            | Self::Declaration
            | Self::Verification => Mode::Off,
        }
    }
}

/// How strict a gate is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    Off,
    /// Who goes on says why.
    Warn,
    Block,
}

impl Mode {
    pub const ALL: &[Mode] = &[Self::Off, Self::Warn, Self::Block];

    pub fn code(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Warn => "warn",
            Self::Block => "block",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|mode| mode.code() == code)
    }
}

/// One change of a gate.
#[derive(Clone, Debug)]
pub struct Setting {
    pub gate: Gate,
    pub mode: Mode,
    /// First day on which it holds.
    pub valid_from: NaiveDate,
}

/// All changes of all gates, in the order in which they were made.
#[derive(Clone, Default, Debug)]
pub struct Settings(Vec<Setting>);

/// What was found at a gate, on the day of the act that it is about.
#[derive(Clone, Debug)]
pub struct Finding {
    pub gate: Gate,
    pub on: NaiveDate,
    pub reason: Reason,
}

/// What comes of the findings: every reason once.
#[derive(Default, Debug)]
pub struct Passage {
    pub blocks: Vec<Reason>,
    pub warnings: Vec<Reason>,
}

impl Settings {
    pub fn new(changes: Vec<Setting>) -> Self {
        Self(changes)
    }

    /// The setting that applied on a day: of those that began by then the one that began last; of several that begin on
    /// one day the one that was made last.
    pub fn mode(&self, gate: Gate, on: NaiveDate) -> Mode {
        let begun = self.0.iter().filter(|setting| setting.gate == gate && setting.valid_from <= on);
        begun.max_by_key(|setting| setting.valid_from).map_or(gate.at_first(), |setting| setting.mode)
    }

    /// Sorts what was found. A reason that blocks on one day is no warning of another.
    pub fn pass(&self, findings: Vec<Finding>) -> Passage {
        let mut passage = Passage::default();
        let (blocking, others): (Vec<Finding>, Vec<Finding>) =
            findings.into_iter().partition(|found| self.mode(found.gate, found.on) == Mode::Block);
        for found in blocking {
            if !passage.blocks.contains(&found.reason) {
                passage.blocks.push(found.reason);
            }
        }
        for found in others.into_iter().filter(|found| self.mode(found.gate, found.on) == Mode::Warn) {
            if !passage.blocks.contains(&found.reason) && !passage.warnings.contains(&found.reason) {
                passage.warnings.push(found.reason);
            }
        }
        passage
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::refusal::Problem;

    const OVERDUE: Problem = Problem { code: "overdue", status: 409 };
    const EXPIRED: Problem = Problem { code: "expired", status: 409 };

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn setting(gate: Gate, mode: Mode, from: &str) -> Setting {
        Setting { gate, mode, valid_from: day(from) }
    }

    fn found(gate: Gate, on: &str, problem: Problem) -> Finding {
        Finding { gate, on: day(on), reason: problem.reason() }
    }

    #[test]
    fn the_day_of_the_act_decides() {
        // Tightened from 1 December on, and meanwhile, entered later, a warning from 20 November on.
        let settings = Settings::new(vec![
            setting(Gate::Calibration, Mode::Block, "2026-12-01"),
            setting(Gate::Calibration, Mode::Warn, "2026-11-20"),
        ]);
        let mode = |on: &str| settings.mode(Gate::Calibration, day(on));
        assert_eq!(mode("2026-11-19"), Mode::Off, "as at first");
        assert_eq!((mode("2026-11-20"), mode("2026-11-30")), (Mode::Warn, Mode::Warn));
        assert_eq!(mode("2026-12-01"), Mode::Block);
        assert_eq!(settings.mode(Gate::Equipment, day("2026-12-01")), Mode::Block, "another gate is as at first");
    }

    #[test]
    fn of_two_settings_from_one_day_the_later_word_holds() {
        let settings = Settings::new(vec![
            setting(Gate::Standards, Mode::Block, "2026-12-01"),
            setting(Gate::Standards, Mode::Off, "2026-12-01"),
        ]);
        assert_eq!(settings.mode(Gate::Standards, day("2026-12-01")), Mode::Off);
    }

    #[test]
    fn every_reason_is_answered_once_and_warnings_stand_apart() {
        let settings = Settings::new(vec![
            setting(Gate::Calibration, Mode::Warn, "2026-11-01"),
            setting(Gate::Calibration, Mode::Block, "2026-11-20"),
            setting(Gate::Standards, Mode::Warn, "2026-11-01"),
        ]);
        let passage = settings.pass(vec![
            found(Gate::Calibration, "2026-11-19", OVERDUE),
            found(Gate::Calibration, "2026-11-20", OVERDUE),
            found(Gate::Calibration, "2026-11-21", OVERDUE),
            found(Gate::Standards, "2026-11-21", EXPIRED),
            found(Gate::Standards, "2026-11-22", EXPIRED),
        ]);
        let codes = |reasons: &[Reason]| reasons.iter().map(|reason| reason.problem.code).collect::<Vec<_>>();
        assert_eq!(codes(&passage.blocks), ["overdue"]);
        assert_eq!(codes(&passage.warnings), ["expired"]);
        let off = Settings::default().pass(vec![found(Gate::Standards, "2026-11-21", EXPIRED)]);
        assert!(off.blocks.is_empty() && off.warnings.is_empty());
    }

    #[test]
    fn codes_read_back() {
        for gate in Gate::ALL {
            assert_eq!(Gate::parse(gate.code()), Some(*gate));
        }
        for mode in Mode::ALL {
            assert_eq!(Mode::parse(mode.code()), Some(*mode));
        }
    }
}
