//! Why a row could not be read: kept in its reason as `damaged:CODE{FACTS}`, the facts as JSON and left out where there are none.
//! The sentences stand in the message files under `damaged-<code>`.
//!
//! What was kept before there were codes is an English sentence: it has no code, and is shown as it stands.

use std::collections::BTreeMap;

use instrument_drivers::observation::Trouble;
use instrument_drivers::trouble::{Kind, Reason};
use serde::Serialize;
use serde_json::json;

use crate::domain::refusal::Fact;
use crate::web::language::Language;

/// What the reasons of such rows begin with.
const DAMAGED: &str = "damaged:";

/// The reason of a row, as it is kept.
pub fn kept(why: &Reason) -> String {
    let facts = facts(why);
    let facts = if facts.is_empty() { String::new() } else { json!(facts).to_string() };
    format!("{DAMAGED}{}{facts}", why.code())
}

/// Whether a row could not be read, by its reason.
pub fn is_damaged(reason: &str) -> bool {
    reason.starts_with(DAMAGED)
}

/// Why the row of this reason could not be read; nothing of another reason, or one without a code.
pub fn why(reason: &str) -> Option<Reason> {
    let kept = reason.strip_prefix(DAMAGED)?;
    let (code, facts) = kept.split_at(kept.find('{').unwrap_or(kept.len()));
    let kind = Kind::of(code)?;
    let facts: BTreeMap<String, String> =
        if facts.is_empty() { BTreeMap::new() } else { serde_json::from_str(facts).ok()? };
    let fact = |name: &str| facts.get(name).map_or("", String::as_str);
    Some(kind.facts().fold(Reason::from(kind), |why, name| why.with(name, fact(name))))
}

/// The same for a person.
pub fn said(why: &Reason) -> Fact {
    let facts = why.facts().iter().map(|(name, fact)| {
        let joined = JOINED.iter().find(|(list, _)| list == name);
        (*name, joined.map_or_else(|| fact.into(), |(_, word)| fact.replace(word, " / ").into()))
    });
    Fact::Sentence(format!("damaged-{}", why.code()), facts.collect())
}

/// Facts that are lists, and the English word between two of them.
const JOINED: &[(&str, &str)] = &[("encodings", " or "), ("delimiters", " and ")];

/// A row's reason for programs: of a damaged one the sentence stands behind the colon.
pub fn worded(reason: &str, language: Language) -> String {
    why(reason).map_or_else(|| reason.to_owned(), |why| format!("{DAMAGED}{}", language.said(&said(&why))))
}

/// What a reason is about, by name.
pub fn facts(why: &Reason) -> BTreeMap<String, String> {
    why.facts().iter().map(|(name, fact)| ((*name).to_owned(), fact.clone())).collect()
}

/// What of a source cannot be read, as a code.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, utoipa::ToSchema)]
pub struct TroubleCode {
    /// `12` (line), `Sheet1!C7` or `record 5`; empty: the whole source.
    pub place: String,
    pub code: &'static str,
    /// What the code is about, by name.
    pub facts: BTreeMap<String, String>,
    #[serde(skip)]
    why: Reason,
}

impl From<&Trouble> for TroubleCode {
    fn from(trouble: &Trouble) -> Self {
        let why = trouble.reason.clone();
        Self { place: trouble.position.clone(), code: why.code(), facts: facts(&why), why }
    }
}

impl TroubleCode {
    /// The sentence behind its place.
    pub fn said(&self) -> Fact {
        match self.place.as_str() {
            "" => said(&self.why),
            place => Fact::sentence("damaged-at", [("place", place.into()), ("why", said(&self.why))]),
        }
    }
}

/// What cannot be read, in the language of the person.
pub fn sentences(codes: &[TroubleCode], language: Language) -> Vec<String> {
    codes.iter().map(|one| language.said(&one.said())).collect()
}

#[cfg(test)]
mod tests {
    use instrument_drivers::trouble::{ALL, NO_HL7, NO_SAMPLE, NOT_ENCODED};

    use super::*;

    #[test]
    fn what_is_kept_is_a_code_with_its_facts_and_comes_back() {
        let odd = NO_SAMPLE.with("value", "1:{\"2\"}").with("analyte", "铅");
        assert_eq!(kept(&odd), r#"damaged:no-sample{"analyte":"铅","value":"1:{\"2\"}"}"#);
        assert_eq!(why(&kept(&odd)), Some(odd));
        assert_eq!(kept(&Reason::from(&NO_HL7)), "damaged:no-hl7");
        assert_eq!(why("damaged:no-hl7"), Some(Reason::from(&NO_HL7)));
    }

    #[test]
    fn every_reason_is_said_in_both_languages() {
        // Of a fact in both languages each names its own.
        let word = |name: &'static str| name.trim_end_matches("_zh");
        for kind in ALL {
            let odd = kind.facts().fold(Reason::from(*kind), |why, name| why.with(name, format!("[{}]", word(name))));
            for language in Language::ALL {
                let text = language.said(&said(&odd));
                assert!(!text.starts_with("damaged-"), "{} has no words", kind.code);
                let lacking = kind.facts().find(|name| !text.contains(&format!("[{}]", word(name))));
                assert_eq!(lacking, None, "{text}");
            }
        }
        let bytes = NOT_ENCODED.with("encodings", "UTF-8 or gb18030");
        assert!(Language::Chinese.said(&said(&bytes)).starts_with("内容不是 UTF-8 / gb18030 编码"));
        let odd = NO_SAMPLE.with("value", "0.1").with("analyte", "Pb");
        assert_eq!(worded(&kept(&odd), Language::Chinese), "damaged:“Pb”的结果“0.1”没有样品编号");
    }

    #[test]
    fn a_reason_without_a_code_stands_as_it_is() {
        for reason in ["damaged:no sample for the value '0.1' of 'Pb'", "damaged:no-such{}", "unknown_sample", ""] {
            assert_eq!((why(reason), worded(reason, Language::Chinese).as_str()), (None, reason));
        }
        assert!(is_damaged("damaged:torn") && !is_damaged("duplicate"));
    }
}
