//! What a laboratory is accredited for, and whether what was tested lies in it. Pure.

use chrono::NaiveDate;

use crate::catalogue::names::split_edition;
use crate::domain::refusal::Reason;
use crate::quality::gates::state::{Finding, Gate, Mode, Passage, Settings};

/// 资质认定 and 实验室认可.
pub const SCHEMES: &[&str] = &["CMA", "CNAS"];

/// Every analyte of a method.
pub const EVERY: &str = "*";

/// A line of an annex.
#[derive(Clone, Debug)]
pub struct Line {
    pub scheme: String,
    pub certificate_no: String,
    pub analytes: Vec<String>,
    /// With or without edition.
    pub method_standard: String,
    /// Empty: every procedure.
    pub procedure: String,
    /// Empty: every food.
    pub food_categories: Vec<String>,
    pub valid_from: NaiveDate,
    pub valid_until: NaiveDate,
}

/// What was tested, by every name that it goes by.
#[derive(Clone, Debug, Default)]
pub struct Tested {
    pub analyte: Vec<String>,
    /// Number without edition.
    pub standard: String,
    pub edition: Option<i32>,
    pub procedure: String,
    pub food: Vec<String>,
}

impl Line {
    fn covers(&self, tested: &Tested) -> bool {
        let (standard, edition) = split_edition(&self.method_standard);
        let named = |entry: &String, names: &[String]| names.iter().any(|name| name == entry);
        standard == tested.standard
            && (edition.is_none() || edition == tested.edition)
            && (self.procedure.is_empty() || self.procedure == tested.procedure)
            && self.analytes.iter().any(|entry| entry == EVERY || named(entry, &tested.analyte))
            && (self.food_categories.is_empty() || self.food_categories.iter().any(|entry| named(entry, &tested.food)))
    }
}

/// A mark that a report may carry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mark {
    pub scheme: String,
    pub certificate_no: String,
}

/// The scope on a day, and how strict the laboratory is about it.
#[derive(Clone, Debug)]
pub struct ScopeOn {
    settings: Settings,
    on: NaiveDate,
    /// Those that hold on the day.
    lines: Vec<Line>,
}

impl ScopeOn {
    pub fn new(settings: Settings, on: NaiveDate, lines: Vec<Line>) -> Self {
        let holds = |line: &Line| line.valid_from <= on && on <= line.valid_until;
        Self { settings, on, lines: lines.into_iter().filter(holds).collect() }
    }

    /// A laboratory that has not loaded its annexes looks at no scope: its reports carry no mark, and mark no item.
    pub fn is_looked_at(&self) -> bool {
        self.settings.mode(Gate::Scope, self.on) != Mode::Off
    }

    /// Whether some scheme covers it.
    pub fn covers(&self, tested: &Tested) -> bool {
        !self.is_looked_at() || self.lines.iter().any(|line| line.covers(tested))
    }

    /// The mark of each scheme in whose scope **every** item lies, under one certificate; of several certificates the one
    /// that holds longest.
    pub fn marks(&self, items: &[Tested]) -> Vec<Mark> {
        if !self.is_looked_at() || items.is_empty() {
            return Vec::new();
        }
        SCHEMES.iter().filter_map(|scheme| self.mark(scheme, items)).collect()
    }

    fn mark(&self, scheme: &str, items: &[Tested]) -> Option<Mark> {
        let own = || self.lines.iter().filter(|line| line.scheme == scheme);
        let covers = |certificate: &str, tested: &Tested| {
            own().any(|line| line.certificate_no == certificate && line.covers(tested))
        };
        let whole = own().filter(|line| items.iter().all(|tested| covers(&line.certificate_no, tested)));
        let longest = whole.max_by_key(|line| line.valid_until)?;
        Some(Mark { scheme: longest.scheme.clone(), certificate_no: longest.certificate_no.clone() })
    }

    /// How strict the laboratory is.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What comes of items that lie outside, together with what other gates of a report found.
    pub fn passage(&self, outside: Option<Reason>, others: Vec<Finding>) -> Passage {
        let finding = |reason| Finding { gate: Gate::Scope, on: self.on, reason };
        self.settings.pass(outside.map(finding).into_iter().chain(others).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quality::gates::state::Setting;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn line(scheme: &str, certificate: &str, analytes: &[&str], method: &str, until: &str) -> Line {
        Line {
            scheme: scheme.into(),
            certificate_no: certificate.into(),
            analytes: analytes.iter().map(|one| (*one).to_owned()).collect(),
            method_standard: method.into(),
            procedure: String::new(),
            food_categories: Vec::new(),
            valid_from: day("2024-01-01"),
            valid_until: day(until),
        }
    }

    fn tested(analyte: &str) -> Tested {
        Tested {
            analyte: vec![analyte.into(), "contaminant".into()],
            standard: "GB 5009.12".into(),
            edition: Some(2023),
            procedure: "第一法".into(),
            food: vec!["milled-rice".into(), "粮食加工品".into()],
        }
    }

    fn scope(mode: Mode, lines: Vec<Line>) -> ScopeOn {
        let setting = Setting { gate: Gate::Scope, mode, valid_from: day("2026-01-01") };
        ScopeOn::new(Settings::new(vec![setting]), day("2026-11-27"), lines)
    }

    #[test]
    fn a_line_covers_what_it_names_and_no_more() {
        let whole = line("CMA", "1", &["pb"], "GB 5009.12", "2030-01-01");
        let covers = |line: &Line| scope(Mode::Warn, vec![line.clone()]).covers(&tested("pb"));
        assert!(covers(&whole));
        assert!(covers(&Line { analytes: vec!["*".into()], ..whole.clone() }), "every analyte of the method");
        assert!(covers(&Line { analytes: vec!["contaminant".into()], ..whole.clone() }), "a group");
        assert!(!covers(&Line { analytes: vec!["cd".into()], ..whole.clone() }));
        assert!(covers(&Line { method_standard: "GB 5009.12-2023".into(), ..whole.clone() }));
        assert!(!covers(&Line { method_standard: "GB 5009.12-2017".into(), ..whole.clone() }), "another edition");
        assert!(!covers(&Line { method_standard: "GB 5009.15".into(), ..whole.clone() }));
        assert!(covers(&Line { procedure: "第一法".into(), ..whole.clone() }));
        assert!(!covers(&Line { procedure: "第二法".into(), ..whole.clone() }));
        assert!(covers(&Line { food_categories: vec!["粮食加工品".into()], ..whole.clone() }));
        assert!(!covers(&Line { food_categories: vec!["蔬菜".into()], ..whole.clone() }));
        // The last day is a day on which it holds.
        assert!(covers(&Line { valid_until: day("2026-11-27"), ..whole.clone() }));
        assert!(!covers(&Line { valid_until: day("2026-11-26"), ..whole.clone() }));
        assert!(!covers(&Line { valid_from: day("2026-11-28"), ..whole }));
    }

    #[test]
    fn a_mark_needs_every_item_under_one_certificate() {
        let lines = vec![
            line("CMA", "C-1", &["pb"], "GB 5009.12", "2027-01-01"),
            line("CMA", "C-1", &["cd"], "GB 5009.12", "2027-01-01"),
            line("CMA", "C-2", &["pb"], "GB 5009.12", "2032-01-01"),
            line("CNAS", "L-1", &["pb"], "GB 5009.12", "2030-01-01"),
        ];
        let mark = |scheme: &str, number: &str| Mark { scheme: scheme.into(), certificate_no: number.into() };
        let warned = scope(Mode::Warn, lines.clone());
        // Cadmium is not in the scope of CNAS; the renewed certificate C-2 does not have it either.
        assert_eq!(warned.marks(&[tested("pb"), tested("cd")]), [mark("CMA", "C-1")]);
        assert_eq!(warned.marks(&[tested("pb")]), [mark("CMA", "C-2"), mark("CNAS", "L-1")]);
        assert!(warned.marks(&[tested("pb"), tested("as")]).is_empty());
        assert!(warned.marks(&[]).is_empty(), "no item, no mark");
        let off = scope(Mode::Off, lines);
        assert!(off.covers(&tested("as")) && off.marks(&[tested("pb")]).is_empty(), "nobody looks");
    }
}
