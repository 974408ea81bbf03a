//! `[flags]`: what an instrument's flags say of the value beside them. Only the declared flags count: one that is not listed
//! is unknown, and a person decides. A profile without this section says nothing of flags, and they hold nothing.

use regex::Regex;
use serde::Deserialize;

use super::comparing::regex;

/// What a flag says of the value beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Meaning {
    /// It may be used.
    Ok,
    /// The value lies outside what the instrument can measure. Of a value that says so itself (`<5`) it says nothing more.
    OutOfRange,
    /// No declared flag.
    Unknown,
    /// A control or a check of the instrument's own failed.
    FailedControl,
}

/// As written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlagsToml {
    /// Stands between several flags of one value.
    separator: Option<String>,
    #[serde(default)]
    ok: Vec<FlagToml>,
    #[serde(default)]
    out_of_range: Vec<FlagToml>,
    #[serde(default)]
    failed_control: Vec<FlagToml>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "a flag as printed, or { matches = \"a regular expression\" }")]
enum FlagToml {
    Text(String),
    Pattern { matches: String },
}

/// Compiled.
#[derive(Debug, Clone)]
pub struct Flags {
    separator: Option<String>,
    /// The worst meaning first.
    declared: Vec<(Declared, Meaning)>,
}

#[derive(Debug, Clone)]
enum Declared {
    Text(String),
    Pattern(Regex),
}

impl FlagsToml {
    /// # Errors
    /// An empty flag, one with two meanings, or a pattern that is none.
    pub(super) fn compile(&self) -> Result<Flags, String> {
        if self.separator.as_deref() == Some("") {
            return Err("flags.separator: must not be empty".into());
        }
        let lists = [
            ("failed_control", &self.failed_control, Meaning::FailedControl),
            ("out_of_range", &self.out_of_range, Meaning::OutOfRange),
            ("ok", &self.ok, Meaning::Ok),
        ];
        let mut declared: Vec<(Declared, Meaning)> = Vec::new();
        for (name, list, meaning) in lists {
            for flag in list {
                let flag = flag.compile(&format!("flags.{name}"))?;
                if let Declared::Text(text) = &flag
                    && declared.iter().any(|(known, _)| matches!(known, Declared::Text(other) if other == text))
                {
                    return Err(format!("flags: '{text}' stands there twice"));
                }
                declared.push((flag, meaning));
            }
        }
        Ok(Flags { separator: self.separator.clone(), declared })
    }
}

impl FlagToml {
    fn compile(&self, key: &str) -> Result<Declared, String> {
        match self {
            FlagToml::Text(text) if text.is_empty() || text.trim() != text => {
                Err(format!("{key}: '{text}' must be a flag as printed, without blanks around it"))
            }
            FlagToml::Text(text) => Ok(Declared::Text(text.clone())),
            FlagToml::Pattern { matches } => Ok(Declared::Pattern(regex(matches, key)?)),
        }
    }
}

impl Flags {
    /// What the flags of one value say: of several the worst.
    pub fn of(&self, printed: &str) -> Meaning {
        let parts: Vec<&str> = match &self.separator {
            Some(separator) => printed.split(separator.as_str()).collect(),
            None => vec![printed],
        };
        let parts = parts.into_iter().map(str::trim).filter(|part| !part.is_empty());
        parts.map(|part| self.of_one(part)).max().unwrap_or(Meaning::Ok)
    }

    fn of_one(&self, flag: &str) -> Meaning {
        let is = |declared: &Declared| match declared {
            Declared::Text(text) => text == flag,
            Declared::Pattern(pattern) => pattern.is_match(flag),
        };
        self.declared.iter().find(|(declared, _)| is(declared)).map_or(Meaning::Unknown, |(_, meaning)| *meaning)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Profile;

    fn flags(text: &str) -> Result<Flags, String> {
        let head = "maturity = \"draft\"\nsource = \"example\"\nformat = \"astm\"\n";
        let profile = Profile::parse("p", &format!("{head}[flags]\n{text}\n")).map_err(|error| error.to_string())?;
        profile.words.flags.ok_or_else(|| "no flags".to_owned())
    }

    #[test]
    fn the_worst_of_several_flags_counts() {
        let flags = flags(
            "separator = \"\\\\\"\nok = [\"N\", { matches = '^area \\d+$' }]\nout_of_range = [\"HH\"]\n\
             failed_control = [{ matches = '^QC' }]",
        )
        .unwrap();
        for (printed, meaning) in [
            ("", Meaning::Ok),
            ("N", Meaning::Ok),
            ("area 12", Meaning::Ok),
            ("HH", Meaning::OutOfRange),
            (r"N\HH", Meaning::OutOfRange),
            (r"HH\", Meaning::OutOfRange),
            ("n", Meaning::Unknown),
            (r"HH\*", Meaning::Unknown),
            (r"*\QC-2\N", Meaning::FailedControl),
        ] {
            assert_eq!(flags.of(printed), meaning, "{printed}");
        }
    }

    #[test]
    fn an_empty_section_knows_no_flag() {
        assert_eq!(flags("").unwrap().of("N"), Meaning::Unknown);
        assert_eq!(flags("").unwrap().of(""), Meaning::Ok);
    }

    #[test]
    fn mistakes_are_named_when_the_profile_is_loaded() {
        let said = |text: &str| flags(text).map(|_| ()).unwrap_err();
        assert!(said("ok = [\"N\"]\nout_of_range = [\"N\"]").contains("'N' stands there twice"));
        assert!(said("ok = [\" N\"]").contains("flags.ok"));
        assert!(said("separator = \"\"").contains("flags.separator"));
        assert!(said("failed_control = [{ matches = '(' }]").contains("flags.failed_control"));
        let findings = "ok = [\"N\"]\n[findings]\nfrom = \"flag\"\ndetected = [\"P\"]\nnot_detected = [\"N\"]";
        assert!(said(findings).contains("[findings] reads the flag"));
    }
}
