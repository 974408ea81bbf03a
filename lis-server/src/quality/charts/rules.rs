//! What each Westgard rule does in the charts of a method: nothing, a warning, a rejection. Pure.

use super::points::rule_name;
use crate::domain::clock::Moment;
use crate::judgement::westgard::{ChartVerdict, WestgardRule};

/// Every rule, in the order of `quality.md` Q77-3.
pub const RULES: &[WestgardRule] = &[
    WestgardRule::OneBeyond2s,
    WestgardRule::OneBeyond3s,
    WestgardRule::TwoBeyond2s,
    WestgardRule::RangeBeyond4s,
    WestgardRule::FourBeyond1s,
    WestgardRule::TenOnOneSide,
];

/// The rule of a name.
pub fn rule_of(name: &str) -> Option<WestgardRule> {
    RULES.iter().copied().find(|rule| rule_name(*rule) == name)
}

/// What a rule does where it holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RuleAction {
    /// It is not looked at.
    Off,
    /// The point is marked.
    Warn,
    /// The control has failed.
    Reject,
}

impl RuleAction {
    pub const ALL: &[Self] = &[Self::Off, Self::Warn, Self::Reject];

    pub fn code(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Warn => "warn",
            Self::Reject => "reject",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.code() == code)
    }

    /// Before anybody has set it: the table of `quality.md` Q77-3.
    pub fn at_first(rule: WestgardRule) -> Self {
        if rule == WestgardRule::OneBeyond2s { Self::Warn } else { Self::Reject }
    }
}

/// One setting, as it was made.
#[derive(Clone, Debug)]
pub struct RuleSetting {
    /// Key of the procedure; empty: every method of the laboratory.
    pub method: String,
    pub rule: WestgardRule,
    pub action: RuleAction,
    pub at: Moment,
}

/// All settings, in the order in which they were made.
#[derive(Clone, Debug, Default)]
pub struct RuleSettings(Vec<RuleSetting>);

impl RuleSettings {
    pub fn new(settings: Vec<RuleSetting>) -> Self {
        Self(settings)
    }

    /// What a rule did at a time: as it was set for the method, else for the laboratory, else as at first.
    pub fn action(&self, method: &str, rule: WestgardRule, at: Moment) -> RuleAction {
        let newest = |of: &str| self.0.iter().rev().find(|one| one.method == of && one.rule == rule && one.at <= at);
        newest(method).or_else(|| newest("")).map_or(RuleAction::at_first(rule), |one| one.action)
    }

    /// Of the rules that hold at a point those that are looked at, and what comes of them.
    pub fn judged(&self, method: &str, held: Vec<WestgardRule>, at: Moment) -> (Vec<WestgardRule>, ChartVerdict) {
        let acting = held.into_iter().map(|rule| (rule, self.action(method, rule, at)));
        let acting: Vec<(WestgardRule, RuleAction)> = acting.filter(|(_, action)| *action != RuleAction::Off).collect();
        let verdict = if acting.iter().any(|(_, action)| *action == RuleAction::Reject) {
            ChartVerdict::Reject
        } else if acting.is_empty() {
            ChartVerdict::Accept
        } else {
            ChartVerdict::Warn
        };
        (acting.into_iter().map(|(rule, _)| rule).collect(), verdict)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(second: i64) -> Moment {
        Moment::new(chrono::DateTime::from_timestamp(1_790_000_000 + second, 0).unwrap())
    }

    fn setting(method: &str, rule: WestgardRule, action: RuleAction, second: i64) -> RuleSetting {
        RuleSetting { method: method.into(), rule, action, at: moment(second) }
    }

    // Requirement: Q77-3
    #[test]
    fn a_rule_does_what_is_set_for_the_method_else_for_the_laboratory_else_what_the_table_says() {
        use WestgardRule::{FourBeyond1s, OneBeyond2s, OneBeyond3s};
        let settings = RuleSettings::new(vec![
            setting("", FourBeyond1s, RuleAction::Warn, 10),
            setting("gfaas", FourBeyond1s, RuleAction::Off, 20),
            setting("gfaas", OneBeyond2s, RuleAction::Reject, 20),
        ]);
        let action = |method: &str, rule, second| settings.action(method, rule, moment(second));
        assert_eq!(action("icp-ms", FourBeyond1s, 9), RuleAction::Reject, "the table");
        assert_eq!(action("icp-ms", FourBeyond1s, 10), RuleAction::Warn, "the laboratory");
        assert_eq!(action("gfaas", FourBeyond1s, 19), RuleAction::Warn, "the method is not set yet");
        assert_eq!(action("gfaas", FourBeyond1s, 20), RuleAction::Off);
        assert_eq!(action("gfaas", OneBeyond3s, 20), RuleAction::Reject, "singly: no other rule is touched");

        let held = || vec![OneBeyond2s, FourBeyond1s];
        assert_eq!(settings.judged("icp-ms", held(), moment(5)), (held(), ChartVerdict::Reject));
        assert_eq!(settings.judged("icp-ms", held(), moment(15)), (held(), ChartVerdict::Warn));
        assert_eq!(settings.judged("gfaas", held(), moment(25)), (vec![OneBeyond2s], ChartVerdict::Reject));
        assert_eq!(settings.judged("gfaas", vec![FourBeyond1s], moment(25)), (vec![], ChartVerdict::Accept));
    }

    #[test]
    fn names_and_codes_read_back() {
        assert!(RULES.iter().all(|rule| rule_of(rule_name(*rule)) == Some(*rule)));
        assert!(RuleAction::ALL.iter().all(|action| RuleAction::parse(action.code()) == Some(*action)));
        assert_eq!(rule_of("1-2S"), None);
    }
}
