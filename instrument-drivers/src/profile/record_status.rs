//! `[records.status]`: which words of a record's status field call a result final, and which do not. Left out, those of the
//! standards count (LIS02-A2 R.9, HL7 table 0085).

use std::borrow::Cow;

use serde::Deserialize;

use super::expr::{Expr, ExprToml, References, Scope};
use super::record_format::RecordFormat;
use crate::observation::Status;

/// As written. An empty field is final; a word in none of the lists is unknown.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusToml {
    /// The standard's own place when left out.
    from: Option<ExprToml>,
    /// Repeated sendings are final too.
    #[serde(default, rename = "final")]
    finals: Vec<String>,
    /// In place of an earlier result; filed like a final one.
    #[serde(default)]
    corrected: Vec<String>,
    /// A final result is still to come.
    #[serde(default)]
    preliminary: Vec<String>,
    /// The instrument itself questions or withdraws the result.
    #[serde(default)]
    doubtful: Vec<String>,
    /// It could not be measured, or was deleted.
    #[serde(default)]
    none: Vec<String>,
}

/// Compiled.
#[derive(Debug, Clone)]
pub struct StatusRules {
    from: Expr,
    words: Vec<(String, Status)>,
}

impl StatusToml {
    /// What the standard says; VIDAS uploads have no status.
    pub(super) fn of_standard(format: RecordFormat) -> Option<StatusToml> {
        let list = |letters: &[&str]| letters.iter().map(|letter| (*letter).to_owned()).collect();
        match format {
            // Q: the result was asked for.
            RecordFormat::Astm => Some(StatusToml {
                from: None,
                finals: list(&["F", "R", "V", "Q"]),
                corrected: list(&["C"]),
                preliminary: list(&["P", "I"]),
                doubtful: list(&["W"]),
                none: list(&["X"]),
            }),
            // R: entered, not verified; S: partial; U: final without being sent again; W: of another patient or sample.
            RecordFormat::Hl7 => Some(StatusToml {
                from: None,
                finals: list(&["F", "U"]),
                corrected: list(&["C"]),
                preliminary: list(&["P", "I", "R", "S"]),
                doubtful: list(&["W"]),
                none: list(&["X", "D", "N", "O"]),
            }),
            RecordFormat::Vidas => None,
        }
    }

    /// # Errors
    /// No place where the format has none of its own; a word with two meanings.
    pub(super) fn compile(&self, format: RecordFormat, references: &mut References) -> Result<StatusRules, String> {
        let own = match format {
            RecordFormat::Astm => Some("{R.9.1}"),
            RecordFormat::Hl7 => Some("{OBX.11.1}"),
            RecordFormat::Vidas => None,
        };
        let from = self.from.clone().or_else(|| own.map(|text| ExprToml::Text(text.into())));
        let from = from.ok_or("records.status.from is missing: say where it stands")?;
        let mut words: Vec<(String, Status)> = Vec::new();
        for (list, status) in [
            (&self.finals, Status::Final),
            (&self.corrected, Status::Corrected),
            (&self.preliminary, Status::Preliminary),
            (&self.doubtful, Status::Doubtful),
            (&self.none, Status::NoResult),
        ] {
            for word in list {
                if words.iter().any(|(known, _)| known == word) {
                    return Err(format!("records.status: '{word}' stands there twice"));
                }
                words.push((word.clone(), status));
            }
        }
        Ok(StatusRules { from: from.compile("records.status.from", references)?, words })
    }
}

impl StatusRules {
    /// `None`: the source says nothing.
    pub fn at(&self, scope: &dyn Scope) -> Option<Status> {
        let word: Cow<'_, str> = self.from.text(scope);
        if word.is_empty() {
            return None;
        }
        let known = self.words.iter().find(|(known, _)| *known == word);
        Some(known.map_or(Status::Unknown, |(_, status)| *status))
    }
}

/// Whether a message is for training (T) or debugging (D), as H.12 and MSH-11 say: nothing in it was measured. Sources:
/// LIS02-A2 clause 6.12, HL7 table 0103.
pub fn is_practice(processing: &str) -> bool {
    matches!(processing.trim(), "T" | "D")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{Context, Profile};

    fn statuses(profile: &Profile, text: &str) -> Vec<(String, Status)> {
        let reading = profile.read(text.as_bytes(), &Context::default());
        assert_eq!(reading.troubles, []);
        reading.observations.into_iter().map(|one| (one.value, one.status)).collect()
    }

    fn astm(status: &str) -> String {
        format!("H|\\^&|||SIM\rP|1\rO|1|A||^^^Pb\rR|1|^^^Pb|0.52|mg/kg||N||{status}\rL|1|N\r")
    }

    #[test]
    fn a_result_is_final_by_the_letters_of_the_standard() {
        let profile = Profile::load("generic_astm").unwrap();
        for (letter, status) in [
            ("F", Status::Final),
            ("C", Status::Corrected),
            ("", Status::Final),
            ("^^", Status::Final),
            ("P", Status::Preliminary),
            ("W", Status::Doubtful),
            ("X", Status::NoResult),
            ("Z", Status::Unknown),
        ] {
            assert_eq!(statuses(&profile, &astm(letter)), [("0.52".to_owned(), status)], "{letter}");
        }
        let profile = Profile::load("generic_hl7").unwrap();
        for (letter, status) in [
            ("F", Status::Final),
            ("", Status::Final),
            ("P", Status::Preliminary),
            ("W", Status::Doubtful),
            ("D", Status::NoResult),
            ("V", Status::Unknown),
        ] {
            let head = "MSH|^~\\&|E|LAB|LIS|LAB|20260412090000||ORU^R01|M1|P|2.5\rOBR|1||A|B\r";
            let text = format!("{head}OBX|1|NM|Pb||0.52|mg/kg||N|||{letter}\r");
            assert_eq!(statuses(&profile, &text), [("0.52".to_owned(), status)], "{letter}");
        }
    }

    #[test]
    fn what_is_sent_for_practice_was_not_measured() {
        let astm_profile = Profile::load("generic_astm").unwrap();
        let hl7_profile = Profile::load("generic_hl7").unwrap();
        for (processing, status) in [
            ("P", Status::Final),
            ("", Status::Final),
            ("Q", Status::Final),
            ("T", Status::Practice),
            ("D", Status::Practice),
        ] {
            let text = astm("F").replace("|||SIM\r", &format!("|||SIM|||||||{processing}|LIS2-A2\r"));
            assert_eq!(statuses(&astm_profile, &text), [("0.52".to_owned(), status)], "H.12 {processing}");
            let head = format!("MSH|^~\\&|E|LAB|LIS|LAB|20260412090000||ORU^R01|M1|{processing}|2.5\r");
            let text = format!("{head}OBR|1||A|B\rOBX|1|NM|Pb||0.52|mg/kg||N|||F\r");
            assert_eq!(statuses(&hl7_profile, &text), [("0.52".to_owned(), status)], "MSH-11 {processing}");
        }
        // The next message of the same bytes is judged by its own header.
        let both = astm("F").replace("|||SIM\r", "|||SIM|||||||T\r") + &astm("F");
        let found = statuses(&astm_profile, &both);
        assert_eq!(found.iter().map(|(_, status)| *status).collect::<Vec<_>>(), [Status::Practice, Status::Final]);
    }

    #[test]
    fn a_message_of_quality_control_holds_controls() {
        let profile = Profile::load("generic_astm").unwrap();
        let role = |header: &str, order: &str| {
            let text = format!(
                "H|\\^&|||SIM|||||||{header}\rP|1\rO|1|A||^^^Pb|||||||{order}\rR|1|^^^Pb|0.52|mg/kg||N||F\rL|1|N\r"
            );
            profile.read(text.as_bytes(), &Context::default()).observations.remove(0).role.name()
        };
        assert_eq!(
            (role("P", "N"), role("P", "Q"), role("Q", "N"), role("Q", "")),
            ("sample", "control", "control", "control")
        );
    }

    #[test]
    fn a_profile_says_which_words_its_instrument_uses() {
        let head = "maturity = \"draft\"\nsource = \"example\"\nformat = \"astm\"\n[records.status]\n";
        let profile = |text: &str| Profile::parse("p", &format!("{head}{text}"));
        let own = profile("from = \"{R.9}\"\nfinal = [\"OK\"]\npreliminary = [\"F\"]").unwrap();
        assert_eq!(statuses(&own, &astm("OK")), [("0.52".to_owned(), Status::Final)]);
        assert_eq!(statuses(&own, &astm("F")), [("0.52".to_owned(), Status::Preliminary)]);
        assert_eq!(statuses(&own, &astm("X")), [("0.52".to_owned(), Status::Unknown)]);
        let twice = profile("final = [\"F\"]\nnone = [\"F\"]").unwrap_err().to_string();
        assert!(twice.contains("'F' stands there twice"), "{twice}");
    }
}
