//! Why a message cannot be read: kept as a code, after a colon what it is about (`instrument-unknown:AAS-09`), as the reasons of
//! rows are. The sentences stand in the message files under `trouble-<code>`.
//!
//! What was kept before there were codes is an English sentence: it is no code, and is shown as it stands.

use std::fmt;

use crate::domain::clock::Moment;

/// Why a message waits for a person and was not read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unreadable {
    /// It was never completed: evidence, and never filed.
    BrokenOff,
    /// A note in the place of a message that the server did not take: its bytes say why, and where the message lies.
    Withheld,
    /// No instrument has its code.
    InstrumentUnknown(String),
    /// What is stored are not the bytes that came.
    BytesDamaged,
    /// There is no such profile as its instrument names.
    ProfileMissing(String),
    /// What its instrument names is no profile any more.
    ProfileInvalid(String),
    /// The database, and not the message, failed so many times. What it said is for the server's log alone.
    NotTakenIn(i64),
    /// No message can have come at the time that the agent says. It is not refused: an agent whose message is refused for its
    /// time could bring none of those behind it.
    ClockWrong(Moment),
}

impl Unreadable {
    fn code(&self) -> &'static str {
        match self {
            Self::BrokenOff => "broken-off",
            Self::Withheld => "withheld",
            Self::InstrumentUnknown(_) => "instrument-unknown",
            Self::BytesDamaged => "bytes-damaged",
            Self::ProfileMissing(_) => "profile-missing",
            Self::ProfileInvalid(_) => "profile-invalid",
            Self::NotTakenIn(_) => "not-taken-in",
            Self::ClockWrong(_) => "clock-wrong",
        }
    }
}

/// As it is kept.
impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())?;
        match self {
            Self::BrokenOff | Self::Withheld | Self::BytesDamaged => Ok(()),
            Self::InstrumentUnknown(name) | Self::ProfileMissing(name) | Self::ProfileInvalid(name) => {
                write!(f, ":{name}")
            }
            Self::NotTakenIn(times) => write!(f, ":{times}"),
            Self::ClockWrong(said) => write!(f, ":{}", said.rfc3339()),
        }
    }
}

/// What the keys of the sentences begin with.
pub const WORDS: &str = "trouble";

/// The code of what is kept and what it is about; nothing of a sentence without a code.
pub fn parts(kept: &str) -> (&str, &str) {
    let (code, about) = kept.split_once(':').unwrap_or((kept, ""));
    if CODES.contains(&code) { (code, about) } else { ("", "") }
}

const CODES: &[&str] = &[
    "broken-off",
    "withheld",
    "instrument-unknown",
    "bytes-damaged",
    "profile-missing",
    "profile-invalid",
    "not-taken-in",
    "clock-wrong",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::language::Language;

    #[test]
    fn what_is_kept_is_a_code_with_what_it_is_about_and_is_said_in_both_languages() {
        let came = Moment::parse_rfc3339("1970-01-01T00:00:04Z").unwrap();
        let all = [
            (Unreadable::BrokenOff, "broken-off", ""),
            (Unreadable::Withheld, "withheld", ""),
            (Unreadable::InstrumentUnknown("A:1".to_owned()), "instrument-unknown", "A:1"),
            (Unreadable::BytesDamaged, "bytes-damaged", ""),
            (Unreadable::ProfileMissing("fp7@2".to_owned()), "profile-missing", "fp7@2"),
            (Unreadable::ProfileInvalid("fp7@2".to_owned()), "profile-invalid", "fp7@2"),
            (Unreadable::NotTakenIn(5), "not-taken-in", "5"),
            (Unreadable::ClockWrong(came), "clock-wrong", "1970-01-01T00:00:04.000Z"),
        ];
        assert_eq!(all.len(), CODES.len());
        for (why, code, about) in all {
            let kept = why.to_string();
            assert_eq!(parts(&kept), (code, about));
            for language in Language::ALL {
                let said = language.coded(WORDS, &kept);
                assert!(!said.contains(code) && !said.starts_with(WORDS), "{said}");
            }
        }
        let said = Language::English.coded(WORDS, &Unreadable::ClockWrong(came).to_string());
        assert!(said.contains(" came at 1970-01-01 08:00:04 +08:00, "), "{said}");
    }

    #[test]
    fn a_sentence_that_was_kept_before_stands_as_it_is() {
        let before = "the stored bytes are damaged: Invalid symbol 33, offset 0.";
        assert_eq!(parts(before), ("", ""));
        assert_eq!(Language::Chinese.coded(WORDS, before), before);
        assert_eq!(parts(""), ("", ""));
        assert_eq!(Language::Chinese.coded(WORDS, ""), "");
    }
}
