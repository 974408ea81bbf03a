//! What a profile says of the words of its instrument, for whoever files what was read: qualitative words, flags, and which
//! reading is the main one.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::SHIPPED;
use super::findings::Findings;
use super::flags::{Flags, FlagsToml};

#[derive(Debug, Clone, Default)]
pub struct Words {
    /// The words of its qualitative results.
    pub findings: Option<Findings>,
    /// What its flags say; `None`: nothing, they hold no value.
    pub flags: Option<Flags>,
    /// Analytes of the reading that people stand there for, the net weight or the pH, the likeliest first.
    main_reading: Vec<String>,
}

impl Words {
    /// # Errors
    /// What is wrong in one of the sections, or between them.
    pub(super) fn compile(
        findings: Option<&Findings>,
        flags: Option<&FlagsToml>,
        main_reading: &[String],
    ) -> Result<Words, String> {
        if let Some(findings) = findings {
            findings.check()?;
            if flags.is_some() && findings.reads_flags() {
                return Err("flags: [findings] reads the flag, so it holds those words and no others".into());
            }
        }
        if main_reading.iter().any(|analyte| analyte.trim() != analyte || analyte.is_empty()) {
            return Err("main_reading: the analytes as this profile names them, without blanks around them".into());
        }
        let flags = flags.map(FlagsToml::compile).transpose()?;
        Ok(Words { findings: findings.cloned(), flags, main_reading: main_reading.to_vec() })
    }

    /// The place of an analyte among the main readings, from 0; `None`: it is a side reading (tare, temperature). Where the
    /// profile names none, every reading may be the main one.
    pub fn main_place(&self, analyte: &str) -> Option<usize> {
        if self.main_reading.is_empty() {
            return Some(0);
        }
        self.main_reading.iter().position(|known| known == analyte)
    }
}

/// The words of a shipped profile, without reading the rest of it; `None`: there is no such profile.
pub fn shipped(profile: &str) -> Option<&'static Words> {
    static WORDS: LazyLock<BTreeMap<&'static str, Words>> = LazyLock::new(|| {
        let of = |text: &str| toml::from_str::<Sections>(text).ok()?.compile().ok();
        SHIPPED.iter().filter_map(|(name, text)| Some((*name, of(text)?))).collect()
    });
    WORDS.get(profile)
}

/// These sections alone; the others are not looked at.
#[derive(Deserialize)]
struct Sections {
    findings: Option<Findings>,
    flags: Option<FlagsToml>,
    #[serde(default)]
    main_reading: Vec<String>,
}

impl Sections {
    fn compile(&self) -> Result<Words, String> {
        Words::compile(self.findings.as_ref(), self.flags.as_ref(), &self.main_reading)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Profile;
    use crate::profile::flags::Meaning;

    #[test]
    fn shipped_words_are_those_of_the_profile() {
        for name in Profile::shipped() {
            let (whole, words) = (Profile::load(name).unwrap().words, shipped(name).unwrap());
            assert_eq!(format!("{whole:?}"), format!("{words:?}"), "{name}");
        }
        assert!(shipped("no_such_profile").is_none());
    }

    /// By PROTOCOLS 2 and 7 and what the files of the instruments hold.
    #[test]
    fn flags_of_shipped_profiles() {
        for (profile, flag, meaning) in [
            ("generic_astm", "N", Meaning::Ok),
            ("generic_astm", r"A\HH", Meaning::OutOfRange),
            ("generic_astm", ">", Meaning::OutOfRange),
            ("generic_hl7", "H~L", Meaning::Ok),
            ("generic_hl7", "<", Meaning::OutOfRange),
            ("generic_hl7", "QCF", Meaning::Unknown),
            ("roche_cedex_bioht", "< TEST RNG", Meaning::OutOfRange),
            ("roche_cobas_c111_export", ">RR", Meaning::Ok),
            ("roche_cobas_c111_export", "? QC", Meaning::FailedControl),
            ("shimadzu_labsolutions_blocks", "Quant.Range(High)", Meaning::OutOfRange),
            ("thermo_gallery", "19,30,", Meaning::Unknown),
            ("waters_targetlynx_sample", "bb", Meaning::Ok),
            ("hanna_ph_meter", "outside calibration", Meaning::OutOfRange),
            ("sartorius_sbi", "last digit not verified", Meaning::Ok),
        ] {
            let flags = shipped(profile).unwrap().flags.as_ref();
            assert_eq!(flags.unwrap_or_else(|| panic!("{profile}")).of(flag), meaning, "{profile} {flag}");
        }
        // Their flag field names the dye, the well or the channel.
        for profile in ["biorad_cfx", "plate_two_grids", "thermo_orion_star", "biomerieux_vidas"] {
            assert!(shipped(profile).unwrap().flags.is_none(), "{profile}");
        }
    }

    #[test]
    fn a_balance_s_main_reading_is_the_net_weight() {
        for balance in ["and_balance", "mettler_mt_sics", "ohaus_balance", "radwag_balance", "sartorius_sbi"] {
            let words = shipped(balance).unwrap();
            assert_eq!(words.main_place("weight"), Some(0), "{balance}");
            for side in ["tare", "gross weight", "pieces"] {
                assert_eq!(words.main_place(side), None, "{balance} {side}");
            }
        }
        let meter = shipped("meter_printer_block").unwrap();
        assert!(meter.main_place("pH") < meter.main_place("mV"));
        assert_eq!(meter.main_place("Temperature"), None);
        // Where nothing is said, every reading may be it.
        assert_eq!(shipped("generic_long_table").unwrap().main_place("Pb"), Some(0));
    }
}
