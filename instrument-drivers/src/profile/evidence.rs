//! `[evidence]`: which part of a document's name names its sample. Documents (the PDF of a chromatogram) are never read; only
//! their name and folder say whose they are.

use regex::Regex;
use serde::Deserialize;

use super::comparing;

/// The section of a profile as it is written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EvidenceToml {
    /// Regular expression with a group `sample`.
    file_name: Option<String>,
}

/// Compiled. Without a rule of the profile every run of letters and digits may be a sample's name.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    file_name: Option<Regex>,
}

/// The group that holds the name of the sample.
const SAMPLE: &str = "sample";

impl EvidenceToml {
    pub(super) fn compile(&self) -> Result<Evidence, String> {
        let key = "evidence.file_name";
        let rule = self.file_name.as_deref().map(|text| comparing::regex(text, key)).transpose()?;
        match &rule {
            Some(rule) if rule.capture_names().flatten().all(|name| name != SAMPLE) => {
                Err(format!("{key}: a group (?<{SAMPLE}>…) must say which part names the sample"))
            }
            _ => Ok(Evidence { file_name: rule }),
        }
    }
}

impl Evidence {
    /// What may name the sample in the name of a file, folders included, each once, in order. Which of them is a sample is
    /// known to the laboratory alone.
    pub fn candidates(&self, file_name: &str) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        let mut add = |text: &str| {
            if !text.is_empty() && found.iter().all(|known| known != text) {
                found.push(text.to_owned());
            }
        };
        match &self.file_name {
            Some(rule) => {
                let samples = rule.captures_iter(file_name).filter_map(|groups| groups.name(SAMPLE));
                samples.for_each(|sample| add(sample.as_str().trim()));
            }
            None => file_name.split(|c: char| !c.is_alphanumeric()).for_each(add),
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::super::Profile;

    fn profile(section: &str) -> Result<Profile, String> {
        let head = "maturity = \"draft\"\nsource = \"example\"\nformat = \"vidas\"\n";
        Profile::parse("p", &format!("{head}{section}\n")).map_err(|error| error.to_string())
    }

    #[test]
    fn without_a_rule_every_run_of_letters_and_digits_may_name_the_sample() {
        let found = profile("").unwrap().evidence.candidates("2026-11/4711000018_cd (2).pdf");
        assert_eq!(found, ["2026", "11", "4711000018", "cd", "2", "pdf"]);
        // A longer number is not two shorter ones.
        assert_eq!(profile("").unwrap().evidence.candidates("47110000184711000018"), ["47110000184711000018"]);
    }

    #[test]
    fn a_rule_cuts_the_name_out() {
        let rule = "[evidence]\nfile_name = 'S(?<sample>\\d{4})'";
        let evidence = profile(rule).unwrap().evidence;
        assert_eq!(evidence.candidates("run7_S4711.pdf"), ["4711"]);
        assert_eq!(evidence.candidates("S4711_S4712_S4711.pdf"), ["4711", "4712"]);
        assert_eq!(evidence.candidates("4711.pdf"), Vec::<String>::new());
    }

    #[test]
    fn a_rule_that_names_no_sample_is_refused() {
        for wrong in ["'S(\\d+)'", "'(?<probe>\\d+)'", "'('"] {
            let why = profile(&format!("[evidence]\nfile_name = {wrong}")).unwrap_err();
            assert!(why.contains("evidence.file_name"), "{why}");
        }
        assert!(profile("[evidence]\nfolder = 'x'").is_err());
    }
}
