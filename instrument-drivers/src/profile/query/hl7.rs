//! Questions in HL7: QRY with QRD and QRF, QBP with QPD.

use std::borrow::Cow;

use super::{AnswerToml, Asked, QueryRules, Texts, Wants};
use crate::number::NumberRules;
use crate::profile::reference::Reference;
use crate::wire::hl7::{self, Delimiters, Segment};
use crate::wire::hl7_orders::{Form, Question};

/// Asks for everything (IHE LAW, LAB-27).
const ALL_WORK: &str = "WOS_ALL";
/// Asks for the work of one container (IHE LAW, LAB-27).
const WORK: &str = "WOS";

impl QueryRules {
    /// What messages ask. Every question is answered, also one that names no sample.
    pub(super) fn asked_in_hl7(&self, text: &str) -> Vec<Asked> {
        let of = |(delimiters, segments): (Delimiters, Vec<Segment>)| {
            let kind = segments.first()?.field(9).split('^').next().unwrap_or_default().trim().to_owned();
            hl7::is_question(&kind).then(|| self.question(&kind, &delimiters, segments))
        };
        hl7::messages(text).into_iter().filter_map(of).collect()
    }

    fn question(&self, kind: &str, delimiters: &Delimiters, segments: Vec<Segment>) -> Asked {
        let (sample, position) = {
            let texts = self.fields.iter().map(|field| text_of(field, &segments, delimiters)).collect();
            let scope = Texts { texts, numbers: NumberRules::default() };
            (self.sample.text(&scope).trim().to_owned(), self.position.text(&scope).trim().to_owned())
        };
        let name = segments.iter().find(|segment| segment.name() == "QPD").map(|segment| segment.field(1));
        let name = name.and_then(|name| name.split('^').next()).unwrap_or_default().to_owned();
        let form = self.form_of(kind, &name);
        let mut segments = segments.into_iter();
        let head = segments.next().unwrap_or(Segment { fields: Vec::new() });
        let parameters = segments.filter(|segment| matches!(segment.name(), "QRD" | "QRF" | "QPD")).collect();
        Asked {
            wants: Wants::Orders,
            all: name == ALL_WORK,
            samples: if sample.is_empty() { Vec::new() } else { vec![(sample, position)] },
            tests: Vec::new(),
            sender: String::new(),
            question: Some(Question { head, parameters, form }),
        }
    }

    /// As declared; else as the instrument asks.
    fn form_of(&self, kind: &str, name: &str) -> Form {
        let usual = match (kind, name) {
            ("QRY", _) => AnswerToml::Dsr,
            (_, WORK | ALL_WORK) => AnswerToml::Oml,
            _ => AnswerToml::Rsp,
        };
        match self.answer.unwrap_or(usual) {
            AnswerToml::Dsr => Form::Dsr,
            AnswerToml::Oml => Form::Oml,
            AnswerToml::Rsp => Form::Rsp(self.response.clone().unwrap_or_else(|| "RSP^K11^RSP_K11".to_owned())),
        }
    }
}

/// A field of the first segment of its name.
fn text_of<'t>(reference: &Reference, segments: &'t [Segment], delimiters: &Delimiters) -> Cow<'t, str> {
    let Reference::Field { record, field, component } = reference else { return Cow::default() };
    let raw = segments.iter().find(|segment| segment.name() == record).map_or("", |segment| segment.field(*field));
    let part = match component {
        None => raw,
        Some(component) => {
            let first = raw.split(delimiters.repetition).next().unwrap_or_default();
            first.split(delimiters.component).nth(component.saturating_sub(1)).unwrap_or_default()
        }
    };
    hl7::unescape(part, delimiters)
}

#[cfg(test)]
mod tests {
    use super::super::{QueryToml, Speaks};
    use super::*;
    use crate::work::{Work, WorkList};

    fn rules(text: &str) -> Result<QueryRules, String> {
        let head = "maturity = \"draft\"\nsource = \"example\"\n";
        let written = toml::from_str::<QueryToml>(&format!("{head}{text}")).map_err(|error| error.to_string())?;
        written.compile(Speaks::Hl7)
    }

    fn list() -> WorkList {
        let work = Work { label_code: "100".into(), tests: vec!["7".into(), "9".into()], ..Work::default() };
        WorkList { instrument: "X-1".into(), samples: vec![work], ..WorkList::default() }
    }

    /// What the messages of the answer are, and the fields in which tests stand.
    fn answered(rules: &QueryRules, question: &str) -> (Vec<String>, Vec<String>) {
        let asked = rules.asked(question);
        assert_eq!(asked.len(), 1, "{asked:?}");
        let answer = rules.answer(&asked[0], &list(), "20260310092002");
        let kinds = answer.messages.iter().map(|message| hl7::kind(message)).collect();
        let text = String::from_utf8(answer.messages.concat()).unwrap();
        let tests: Vec<String> = text
            .split('\r')
            .filter_map(|line| {
                let fields: Vec<&str> = line.split('|').collect();
                match fields[..] {
                    ["OBR", _, _, _, test, ..] => Some(test.to_owned()),
                    ["DSP", number, _, test, ..] if number.len() == 2 && number >= "29" => Some(test.to_owned()),
                    _ => None,
                }
            })
            .collect();
        assert_eq!(answer.orders, usize::from(!tests.is_empty()));
        (kinds, tests)
    }

    fn question(kind: &str, parameters: &str) -> String {
        format!("MSH|^~\\&|A|L|LIS||20260310092000||{kind}|7|P|2.5\r{parameters}\r")
    }

    #[test]
    fn an_instrument_is_answered_as_it_asks() {
        let rules = rules("").unwrap();
        let qry = |label: &str| question("QRY^Q02", &format!("QRD|20260310|R|D|1|||RD|{label}|OTH|||T|\rQRF|A|||||"));
        let wos = |label: &str| question("QBP^Q11^QBP_Q11", &format!("QPD|WOS^Work Order Step^IHELAW|T|{label}"));
        let own = question("QBP^Q11", "QPD|Q11^Orders|T|100");
        let all = question("QBP^Q11^QBP_Q11", "QPD|WOS_ALL^Work Order Step All^IHELAW|T");
        let none: [&str; 0] = [];
        for (asked, kinds, tests) in [
            (qry("100"), &["QCK", "DSR"][..], &["7^^^", "9^^^"][..]),
            (qry("300"), &["QCK"], &none),
            (qry(""), &["QCK"], &none),
            (wos("100"), &["RSP", "OML"], &["7", "9"]),
            (wos("300"), &["RSP", "OML"], &none),
            (own, &["RSP"], &["7", "9"]),
            (all, &["RSP", "OML"], &["7", "9"]),
        ] {
            let (found_kinds, found_tests) = answered(&rules, &asked);
            assert_eq!((found_kinds, found_tests), (strings(kinds), strings(tests)), "{asked}");
        }
        assert_eq!(rules.asked(&question("ORU^R01", "OBX|1")), []);
    }

    fn strings(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn a_maker_s_own_form_is_declared() {
        let rules =
            rules("answer = \"rsp\"\nresponse = \"RSP^Z02^RSP_Z02\"\nsample = \"{QPD.4}\"\ntest = \"{code}^LIS\"")
                .unwrap();
        let asked = question("QBP^Z03^QBP_Z03", "QPD|Z03^HOST QUERY|66|P-1|100");
        assert_eq!(answered(&rules, &asked), (strings(&["RSP"]), strings(&["7^LIS", "9^LIS"])));
        assert!(!rules.takes_orders());
    }

    #[test]
    fn mistakes_are_named() {
        for (text, named) in [
            ("sample = \"{Q.3}\"", "fields of the records QRD, QRF, QPD, MSH"),
            ("response = \"RSP^Z02\"", "query.response"),
            ("answer = \"ack\"", "unknown variant `ack`"),
        ] {
            let error = rules(text).unwrap_err();
            assert!(error.contains(named), "{text}: {error}");
        }
    }
}
