//! `records.result`: which records of a message are results, and what belongs to them.

use super::condition::OneOrMany;
use super::record_format::RecordFormat;
use crate::wire::astm_records::Record;

/// Names of the records that are results.
#[derive(Debug, Clone)]
pub struct Kinds(Vec<String>);

/// Where results stand: header 0, patient 1, order 2.
pub const RESULT: u8 = 3;

impl Kinds {
    /// The standard's own where the profile names none.
    pub fn compile(written: Option<&OneOrMany>, format: RecordFormat) -> Result<Kinds, String> {
        let own = match format {
            RecordFormat::Astm => "R",
            RecordFormat::Hl7 => "OBX",
            RecordFormat::Vidas if written.is_some() => {
                return Err("records.result belongs to the formats astm and hl7".into());
            }
            RecordFormat::Vidas => "",
        };
        let named = written.map_or_else(|| vec![own.to_string()], OneOrMany::list);
        let fits = |name: &String| {
            let letters = name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
            // What carries a message cannot be a result in it.
            let carries = ["H", "P", "O", "Q", "L", "MSH", "PID", "OBR"].contains(&name.as_str());
            letters && name.len() == own.len() && !carries
        };
        match named.iter().find(|name| !fits(name)) {
            Some(wrong) => Err(format!("records.result: '{wrong}' is no record that can hold a result, such as {own}")),
            None => Ok(Kinds(named)),
        }
    }

    pub fn named(&self, name: &str) -> bool {
        self.0.iter().any(|known| known == name)
    }

    /// Of a record of ASTM: comments and maker's records belong to whatever stands above.
    pub fn level(&self, kind: char) -> u8 {
        match kind {
            'H' => 0,
            'P' | 'Q' | 'L' => 1,
            'O' => 2,
            kind if self.0.iter().any(|name| name.starts_with(kind)) => RESULT,
            'R' => RESULT,
            _ => 4,
        }
    }

    /// Results follow before the next order: then the order is answered and no row of its own.
    pub fn follow(&self, rest: &[(usize, Record<'_>)]) -> bool {
        rest.iter()
            .map(|(_, record)| record.kind())
            .take_while(|kind| !matches!(kind, 'O' | 'P' | 'L' | 'H'))
            .any(|kind| self.level(kind) == RESULT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_carries_a_message_is_no_result() {
        let one = |text: &str| Some(OneOrMany::One(text.into()));
        assert_eq!(Kinds::compile(None, RecordFormat::Astm).unwrap().level('M'), 4);
        assert_eq!(Kinds::compile(one("M").as_ref(), RecordFormat::Astm).unwrap().level('M'), RESULT);
        assert!(Kinds::compile(one("ZRS").as_ref(), RecordFormat::Hl7).unwrap().named("ZRS"));
        for (wrong, format) in [
            ("O", RecordFormat::Astm),
            ("OBX", RecordFormat::Astm),
            ("MSH", RecordFormat::Hl7),
            ("zrs", RecordFormat::Hl7),
        ] {
            assert!(Kinds::compile(one(wrong).as_ref(), format).unwrap_err().contains("records.result"), "{wrong}");
        }
        assert!(Kinds::compile(one("R").as_ref(), RecordFormat::Vidas).is_err());
    }
}
