//! `[findings]`: the words in which an instrument says that it found something, or nothing. Only the declared words count: a
//! word that is not listed, or a number, says neither, and a person decides.

use serde::Deserialize;

/// What a qualitative result says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    Detected,
    NotDetected,
}

/// The section of a profile, which is its compiled form too.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Findings {
    /// The field of an observation that holds the word.
    #[serde(default)]
    from: Field,
    /// As printed, every spelling that the instrument has.
    detected: Vec<String>,
    not_detected: Vec<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Field {
    #[default]
    Value,
    Flag,
}

impl Findings {
    /// # Errors
    /// A list without a word, or a word that would say both.
    pub(super) fn check(&self) -> Result<(), String> {
        for (name, words) in [("detected", &self.detected), ("not_detected", &self.not_detected)] {
            if words.is_empty() || words.iter().any(|word| word.trim() != word || word.is_empty()) {
                return Err(format!("findings.{name}: at least one word, without blanks around it"));
            }
        }
        match self.detected.iter().find(|word| self.not_detected.contains(word)) {
            Some(word) => Err(format!("findings: '{word}' stands in both lists")),
            None => Ok(()),
        }
    }

    pub(super) fn reads_flags(&self) -> bool {
        self.from == Field::Flag
    }

    /// The word of an observation with this value and flag.
    pub fn word<'a>(&self, value: &'a str, flag: &'a str) -> &'a str {
        match self.from {
            Field::Value => value,
            Field::Flag => flag,
        }
    }

    /// What a word says; `None` when it is not declared.
    pub fn of(&self, word: &str) -> Option<Finding> {
        let says = |words: &[String]| words.iter().any(|known| known == word);
        if says(&self.detected) {
            return Some(Finding::Detected);
        }
        says(&self.not_detected).then_some(Finding::NotDetected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Profile;

    #[test]
    fn only_declared_words_say_something() {
        let of = |name: &str| Profile::load(name).unwrap().words.findings;
        let vidas = of("biomerieux_vidas").unwrap();
        assert_eq!(vidas.word("0.05", "Positif"), "Positif");
        assert_eq!(vidas.of("Positif"), Some(Finding::Detected));
        assert_eq!(vidas.of("Négatif"), Some(Finding::NotDetected));
        for unknown in ["Equivoque", "positif", "0.05", ""] {
            assert_eq!(vidas.of(unknown), None, "{unknown}");
        }
        assert_eq!(of("mettler_mt_sics"), None);
    }

    #[test]
    fn a_word_with_two_meanings_is_refused_when_the_profile_is_loaded() {
        let profile = |words: &str| {
            let head = "maturity = \"draft\"\nsource = \"example\"\nformat = \"vidas\"\n";
            Profile::parse("p", &format!("{head}[findings]\n{words}\n")).map(|_| ()).map_err(|error| error.to_string())
        };
        assert_eq!(profile("detected = [\"P\"]\nnot_detected = [\"N\"]"), Ok(()));
        let both = profile("detected = [\"P\"]\nnot_detected = [\"N\", \"P\"]").unwrap_err();
        assert!(both.contains("'P' stands in both lists"), "{both}");
        let none = profile("detected = [\"P\"]\nnot_detected = []").unwrap_err();
        assert!(none.contains("findings.not_detected"), "{none}");
        assert!(profile("from = \"colour\"\ndetected = [\"P\"]\nnot_detected = [\"N\"]").is_err());
    }
}
