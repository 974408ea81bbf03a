//! What a flag beside a value says of it. A flag that a person mapped stands before those that the instrument's profile
//! declares; where the profile declares none, only mapped flags count.

use instrument_drivers::profile::flags::{Flags, Meaning};

use super::store::Mapping;

/// The kind of a mapping from a printed flag to one of [`TARGETS`].
pub const KIND: &str = "flag";
/// What a flag may be mapped to.
pub const TARGETS: &[&str] = &["ok", "out_of_range", "failed_control"];

/// Why a flagged value waits for a person; `None`: its flag is not against it. `is_number`: the value is a number and nothing
/// else; one that says itself that it is beyond the range (`<5`) is a bound already.
pub fn against(flag: &str, is_number: bool, flags: Option<&Flags>, mappings: &[Mapping]) -> Option<&'static str> {
    if flag.is_empty() {
        return None;
    }
    let mapped = mappings.iter().find(|(kind, source, _)| kind == KIND && source == flag);
    let meaning = match mapped {
        Some((.., target)) => meaning_of(target),
        None => flags.map_or(Meaning::Ok, |flags| flags.of(flag)),
    };
    match meaning {
        Meaning::OutOfRange if is_number => Some("out_of_range"),
        Meaning::Unknown => Some("unknown_flag"),
        Meaning::FailedControl => Some("qc_failed"),
        Meaning::Ok | Meaning::OutOfRange => None,
    }
}

fn meaning_of(target: &str) -> Meaning {
    match target {
        "ok" => Meaning::Ok,
        "out_of_range" => Meaning::OutOfRange,
        "failed_control" => Meaning::FailedControl,
        _ => Meaning::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use instrument_drivers::profile::words::shipped;

    use super::*;

    fn mapping(source: &str, target: &str) -> Mapping {
        (KIND.to_owned(), source.to_owned(), target.to_owned())
    }

    #[test]
    fn an_undeclared_flag_waits_and_a_declared_one_says_why() {
        let flags = shipped("generic_astm").and_then(|words| words.flags.as_ref());
        let against = |flag: &str, is_number: bool| super::against(flag, is_number, flags, &[]);
        assert_eq!(against("", true), None);
        assert_eq!(against("N", true), None);
        assert_eq!(against("HH", true), Some("out_of_range"));
        assert_eq!(against(">", true), Some("out_of_range"));
        assert_eq!(against("<", false), None, "`<5` says so itself");
        assert_eq!(against("*", true), Some("unknown_flag"));
        assert_eq!(against("*", false), Some("unknown_flag"), "whatever the value is");
        let export = shipped("roche_cobas_c111_export").and_then(|words| words.flags.as_ref());
        assert_eq!(super::against("? QC", true, export, &[]), Some("qc_failed"));
    }

    #[test]
    fn a_person_s_word_stands_before_the_profile_s() {
        let flags = shipped("generic_astm").and_then(|words| words.flags.as_ref());
        let mappings = [mapping("*", "ok"), mapping("N", "failed_control")];
        assert_eq!(against("*", true, flags, &mappings), None);
        assert_eq!(against("N", true, flags, &mappings), Some("qc_failed"));
        assert_eq!(against("**", true, flags, &mappings), Some("unknown_flag"), "another flag");
    }

    #[test]
    fn a_profile_without_flags_holds_what_a_person_mapped_alone() {
        assert_eq!(against("A1", true, None, &[]), None);
        assert_eq!(against("over", true, None, &[mapping("over", "out_of_range")]), Some("out_of_range"));
    }
}
