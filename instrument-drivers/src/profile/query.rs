//! `[query]`: an instrument asks what is to be done with a sample and is answered with orders, or with the word that nothing
//! is known. Sources: ASTM E1394-97, request information record; HL7 v2.5 chapter 5; PROTOCOLS 2 and 7, host query.

mod hl7;

use std::borrow::Cow;

use serde::Deserialize;

use super::Maturity;
use super::expr::{Expr, ExprToml, References, Scope};
use super::reference::{Part, Reference, Title};
use crate::number::NumberRules;
use crate::wire::astm_orders::{Envelope, Order, OrderAction, nothing_known, orders};
use crate::wire::astm_records::{Delimiters, Record, messages, unescape};
use crate::wire::hl7_orders::{self, Form, Question};
use crate::work::{Work, WorkList};

/// As written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueryToml {
    /// How far this section is to be trusted; the profile's own maturity is about reading.
    maturity: Maturity,
    source: String,
    /// The sample asked for, from fields of Q and H; in HL7 of QRD, QRF, QPD and MSH.
    sample: Option<ExprToml>,
    /// The instrument's own id of it (rack, position), which field 4 of the order repeats.
    position: Option<ExprToml>,
    /// How a test is written in the order; `{code}` is what the instrument calls it.
    test: Option<ExprToml>,
    #[serde(default)]
    specimen_type: String,
    /// Only in HL7: in which messages the answer goes; as the instrument asks when left out.
    answer: Option<AnswerToml>,
    /// Only for `rsp`: what the response is called in MSH-9.
    response: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum AnswerToml {
    Dsr,
    Rsp,
    Oml,
}

/// In which language the instrument asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaks {
    Astm,
    Hl7,
}

/// Compiled.
#[derive(Debug, Clone)]
pub struct QueryRules {
    pub maturity: Maturity,
    pub source: String,
    sample: Expr,
    position: Expr,
    fields: References,
    /// As the protocol has it when left out.
    test: Option<Expr>,
    specimen_type: String,
    speaks: Speaks,
    answer: Option<AnswerToml>,
    response: Option<String>,
}

/// What one Q record asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub wants: Wants,
    /// Every sample on the list.
    pub all: bool,
    /// The samples, each with the instrument's own id of it.
    pub samples: Vec<(String, String)>,
    /// Only these test ids; all when empty.
    tests: Vec<String>,
    sender: String,
    /// The question itself, where it came in HL7.
    question: Option<Question>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wants {
    Orders,
    /// The instrument takes its question back.
    Nothing,
    /// Results, demographics alone: there is nothing of the kind here.
    Other,
}

/// What goes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Records or segments, each ended by CR; the messages go in this order.
    pub messages: Vec<Vec<u8>>,
    /// 0: nothing is known.
    pub orders: usize,
}

/// Tests of one container that an instrument is told of without asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change<'l> {
    pub label_code: &'l str,
    /// As the instrument calls them.
    pub tests: Vec<&'l String>,
    pub action: OrderAction,
}

/// How the laboratory calls itself in H.
const HOST: &str = "LIS";
/// The word for every sample, and for every test.
const ALL: &str = "ALL";
/// Where the standard puts the specimen: patient and specimen are the components of field 3.
const SAMPLE: [&str; 2] = ["{Q.3.2}", "{Q.3.1}"];
const HL7_SAMPLE: [&str; 2] = ["{QRD.8.1}", "{QPD.3.1}"];

impl QueryToml {
    pub fn compile(&self, speaks: Speaks) -> Result<QueryRules, String> {
        if speaks == Speaks::Astm && self.answer.is_some() {
            return Err("query.answer belongs to format = \"hl7\"".into());
        }
        if self.response.is_some() && self.answer != Some(AnswerToml::Rsp) {
            return Err("query.response belongs to answer = \"rsp\"".into());
        }
        let mut fields = References::for_records();
        let (usual, records): ([&str; 2], &[&str]) = match speaks {
            Speaks::Astm => (SAMPLE, &["Q", "H"]),
            Speaks::Hl7 => (HL7_SAMPLE, &["QRD", "QRF", "QPD", "MSH"]),
        };
        let standard = || ExprToml::List(usual.map(|text| ExprToml::Text(text.into())).into());
        let sample = self.sample.clone().unwrap_or_else(standard).compile("query.sample", &mut fields)?;
        let position = match &self.position {
            Some(position) => position.compile("query.position", &mut fields)?,
            None => Expr::default(),
        };
        let known = |reference: &Reference| match reference {
            Reference::Field { record, .. } => records.contains(&record.as_str()),
            _ => false,
        };
        if !fields.iter().all(known) {
            let records = records.join(", ");
            return Err(format!("query: sample and position take fields of the records {records}: {}", usual[0]));
        }
        let mut words = References::default();
        let test = self.test.as_ref().map(|test| test.compile("query.test", &mut words)).transpose()?;
        let is_code = |reference: &Reference| match reference {
            Reference::Column { title: Title::Name(name), nth: 1, optional: false, part: Part::Cell, .. } => {
                name == "code"
            }
            _ => false,
        };
        if test.as_ref().is_some_and(|test| test.references().is_empty()) || !words.iter().all(is_code) {
            return Err(
                "query.test: write {code} where the instrument's name of the test belongs, and nothing else in \
                        braces"
                    .into(),
            );
        }
        Ok(QueryRules {
            maturity: self.maturity,
            source: self.source.clone(),
            sample,
            position,
            fields,
            test,
            specimen_type: self.specimen_type.clone(),
            speaks,
            answer: self.answer,
            response: self.response.clone(),
        })
    }
}

impl QueryRules {
    /// Orders can go to the instrument unasked. A DSR or an RSP is an answer and nothing else.
    pub fn takes_orders(&self) -> bool {
        self.answer.is_none_or(|answer| answer == AnswerToml::Oml)
    }

    pub fn speaks(&self) -> Speaks {
        self.speaks
    }

    /// Everything that a text of records asks.
    pub fn asked(&self, text: &str) -> Vec<Asked> {
        if self.speaks == Speaks::Hl7 {
            return self.asked_in_hl7(text);
        }
        let mut asked = Vec::new();
        for message in messages(text).into_iter().filter(|message| !message.aborted()) {
            let records = || message.records.iter().map(|(_, record)| record);
            let header = records().find(|record| record.kind() == 'H');
            asked.extend(records().filter(|record| record.kind() == 'Q').map(|query| self.read(query, header)));
        }
        asked
    }

    fn read(&self, query: &Record<'_>, header: Option<&Record<'_>>) -> Asked {
        let delimiters = header.and_then(|header| Delimiters::of_header(header.raw)).unwrap_or_default();
        let wants = match query.field(13).trim() {
            "" | "O" => Wants::Orders,
            "A" => Wants::Nothing,
            _ => Wants::Other,
        };
        let starts = query.raw_field(3).split(delimiters.repeat);
        let samples: Vec<(String, String)> = starts
            .map(|start| {
                let texts = self.fields.iter().map(|field| text_of(field, query, header, start, &delimiters)).collect();
                let scope = Texts { texts, numbers: NumberRules::default() };
                (self.sample.text(&scope).into_owned(), self.position.text(&scope).into_owned())
            })
            .filter(|(sample, _)| !sample.is_empty())
            .collect();
        let tests = query.repeats(5).into_iter().map(|test| test.trim().to_owned());
        Asked {
            wants,
            all: samples.iter().any(|(sample, _)| sample == ALL),
            samples,
            tests: tests.filter(|test| !["", ALL].contains(&test.trim_start_matches('^'))).collect(),
            sender: header.map(|header| header.component(5, 1).into_owned()).unwrap_or_default(),
            question: None,
        }
    }

    /// The answer to a question, made from what is to be done. `at`: `YYYYMMDDHHMMSS`.
    pub fn answer(&self, asked: &Asked, list: &WorkList, at: &str) -> Answer {
        let form = asked.question.as_ref().map(|question| &question.form);
        let found: Vec<Order> = match (asked.wants, asked.all) {
            (Wants::Orders, true) => {
                list.samples.iter().filter_map(|work| self.order(work, ("", form), asked)).collect()
            }
            (Wants::Orders, false) => asked
                .samples
                .iter()
                .filter_map(|(sample, position)| self.order(list.of(sample)?, (position, form), asked))
                .collect(),
            (Wants::Nothing | Wants::Other, _) => Vec::new(),
        };
        let envelope = Envelope { sender: HOST, receiver: &asked.sender, at };
        let messages = match &asked.question {
            Some(question) => {
                let samples: Vec<&str> = asked.samples.iter().map(|(sample, _)| sample.as_str()).collect();
                question.answer(if asked.all { &[] } else { &samples }, &found, at)
            }
            None if found.is_empty() => vec![nothing_known(&envelope)],
            None => vec![orders(&envelope, &found)],
        };
        Answer { messages, orders: found.len() }
    }

    /// Orders that nobody asked for. The instrument's own id of a container is not known before it has seen it.
    pub fn download(&self, changes: &[Change<'_>], at: &str) -> Vec<u8> {
        let form = (self.speaks == Speaks::Hl7).then_some(Form::Oml);
        let order = |change: &Change<'_>| Order {
            specimen: change.label_code.to_owned(),
            position: String::new(),
            tests: change.tests.iter().map(|code| self.written(code, form.as_ref())).collect(),
            specimen_type: self.specimen_type.clone(),
            action: change.action,
        };
        let all: Vec<Order> = changes.iter().map(order).collect();
        match self.speaks {
            Speaks::Astm => orders(&Envelope { sender: HOST, receiver: "", at }, &all),
            Speaks::Hl7 => hl7_orders::orders(&all, at),
        }
    }

    /// A test as the instrument wants it in an order; `form` of HL7.
    fn written(&self, code: &str, form: Option<&Form>) -> String {
        match (&self.test, form) {
            (Some(test), _) => {
                // The code is all that the expression refers to.
                let scope = Texts { texts: vec![Cow::Borrowed(code)], numbers: NumberRules::default() };
                test.text(&scope).into_owned()
            }
            (None, None) => format!("^^^{code}"),
            (None, Some(Form::Dsr)) => format!("{code}^^^"),
            (None, Some(Form::Rsp(_) | Form::Oml)) => code.to_owned(),
        }
    }

    fn order(&self, work: &Work, (position, form): (&str, Option<&Form>), asked: &Asked) -> Option<Order> {
        let written = work.tests.iter().map(|code| self.written(code, form));
        let tests: Vec<String> = written.filter(|test| asked.tests.is_empty() || asked.tests.contains(test)).collect();
        (!tests.is_empty()).then(|| Order {
            specimen: work.label_code.clone(),
            position: position.to_owned(),
            tests,
            specimen_type: self.specimen_type.clone(),
            action: OrderAction::New,
        })
    }
}

impl Asked {
    /// Whether a list says what is to be done with every sample that is asked for.
    pub fn is_known(&self, list: &WorkList) -> bool {
        let has_tests = |sample: &str| list.of(sample).is_some_and(|work| !work.tests.is_empty());
        self.all || self.samples.iter().all(|(sample, _)| has_tests(sample))
    }

    /// What is asked for, for the log.
    pub fn names(&self) -> String {
        let names: Vec<&str> = self.samples.iter().map(|(sample, _)| sample.as_str()).collect();
        names.join(", ")
    }
}

/// A field of Q or H; of field 3 of Q, which may be repeated, the repeat that is read.
fn text_of<'t>(
    reference: &Reference,
    query: &Record<'t>,
    header: Option<&Record<'t>>,
    start: &'t str,
    delimiters: &Delimiters,
) -> Cow<'t, str> {
    let Reference::Field { record, field, component } = reference else { return Cow::default() };
    let of = if record == "Q" { Some(query) } else { header };
    match (of, record.as_str(), field, component) {
        (_, "Q", 3, None) => unescape(start, delimiters),
        (_, "Q", 3, Some(component)) => {
            let part = start.split(delimiters.component).nth(component.saturating_sub(1));
            unescape(part.unwrap_or_default(), delimiters)
        }
        (Some(record), _, field, Some(component)) => record.component(*field, *component),
        (Some(record), _, field, None) => record.field(*field),
        (None, ..) => Cow::default(),
    }
}

struct Texts<'a> {
    texts: Vec<Cow<'a, str>>,
    numbers: NumberRules,
}

impl Scope for Texts<'_> {
    fn get(&self, id: usize) -> &str {
        &self.texts[id]
    }

    fn lookup(&self, _table: &str, _key: &str) -> Option<&str> {
        None
    }

    fn numbers(&self) -> &NumberRules {
        &self.numbers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(text: &str) -> Result<QueryRules, String> {
        let head = "maturity = \"draft\"\nsource = \"example\"\n";
        toml::from_str::<QueryToml>(&format!("{head}{text}")).map_err(|error| error.to_string())?.compile(Speaks::Astm)
    }

    fn list() -> WorkList {
        let work = |label: &str, tests: &[&str]| Work {
            label_code: label.into(),
            tests: tests.iter().map(|test| test.to_string()).collect(),
            ..Work::default()
        };
        WorkList {
            instrument: "X-1".into(),
            samples: vec![work("100", &["SO2F", "SO2T"]), work("200", &["SO2F"])],
            ..WorkList::default()
        }
    }

    /// The orders of the answer: specimen, instrument's id, tests.
    fn answered(rules: &QueryRules, query: &str) -> Vec<String> {
        let text = format!("H|\\^&|||MULTI^LAB1\r{query}\rL|1|N\r");
        let asked = rules.asked(&text);
        assert_eq!(asked.len(), 1, "{asked:?}");
        let answer = rules.answer(&asked[0], &list(), "20260310092002");
        let message = String::from_utf8(answer.messages.concat()).unwrap();
        assert!(message.starts_with("H|\\^&|||LIS|||||MULTI||P|"), "{message}");
        let orders: Vec<String> = message
            .split('\r')
            .filter(|record| record.starts_with('O'))
            .map(|record| record.split('|').skip(2).take(3).collect::<Vec<_>>().join(" "))
            .collect();
        assert_eq!(answer.orders, orders.len());
        assert!(message.ends_with(if orders.is_empty() { "L|1|I\r" } else { "L|1|F\r" }), "{message}");
        orders
    }

    #[test]
    fn questions_of_every_form_are_answered() {
        let rules = rules("").unwrap();
        for (query, expected) in [
            ("Q|1|^100||ALL||||||||O", &["100  ^^^SO2F\\^^^SO2T"][..]),
            ("Q|1|100||^^^ALL", &["100  ^^^SO2F\\^^^SO2T"]),
            ("Q|1|^100||^^^SO2T||||||||O", &["100  ^^^SO2T"]),
            ("Q|1|^100\\^300\\^200||ALL||||||||O", &["100  ^^^SO2F\\^^^SO2T", "200  ^^^SO2F"]),
            ("Q|1|ALL||ALL||||||||O", &["100  ^^^SO2F\\^^^SO2T", "200  ^^^SO2F"]),
            // Not on the list; a test that nobody ordered; results, which are not here; no sample at all.
            ("Q|1|^300||ALL||||||||O", &[]),
            ("Q|1|^100||^^^PH||||||||O", &[]),
            ("Q|1|^100||ALL||||||||F", &[]),
            ("Q|1|||ALL||||||||O", &[]),
        ] {
            assert_eq!(answered(&rules, query), expected, "{query}");
        }
    }

    #[test]
    fn orders_that_nobody_asked_for_are_new_or_taken_back() {
        let (lead, cadmium) = ("Pb".to_owned(), "Cd".to_owned());
        let changes = [
            Change { label_code: "100", tests: vec![&lead, &cadmium], action: OrderAction::New },
            Change { label_code: "200", tests: vec![&lead], action: OrderAction::Cancel },
        ];
        let message = String::from_utf8(rules("").unwrap().download(&changes, "20260310092002")).unwrap();
        assert_eq!(
            message.split('\r').collect::<Vec<_>>(),
            [
                "H|\\^&|||LIS|||||||P|LIS2-A2|20260310092002",
                "P|1",
                "O|1|100||^^^Pb\\^^^Cd|R|20260310092002|||||N||||||||||||||O",
                "P|2",
                "O|1|200||^^^Pb|R|20260310092002|||||C||||||||||||||O",
                "L|1|F",
                "",
            ]
        );
    }

    #[test]
    fn a_question_that_is_taken_back_says_so() {
        let asked = rules("").unwrap().asked("H|\\^&\rQ|1|^100||ALL||||||||A\rL|1|N\r");
        assert_eq!(asked[0].wants, Wants::Nothing);
        assert_eq!(rules("").unwrap().asked("H|\\^&\rQ|1|^100\rL|1|T\r"), [], "the sender broke off");
    }

    #[test]
    fn a_maker_s_own_places_are_declared() {
        let rules = rules(
            "sample = \"{Q.3.3}\"\nposition = \"{Q.3.4}^{Q.3.5}^{Q.3.6}\"\ntest = { from = \"{code}\", pattern = '^(\\d+)', to = \
             '^^^$1^' }\nspecimen_type = \"SC\"",
        )
        .unwrap();
        let asked = rules.asked("H|\\^&\rQ|1|^^ 100^7^50001^3||ALL||||||||O\rL|1|N\r");
        let work = Work { label_code: "100".into(), tests: vec!["158/plasma".into()], ..Work::default() };
        let list = WorkList { samples: vec![work], ..WorkList::default() };
        let message = String::from_utf8(rules.answer(&asked[0], &list, "20260310092002").messages.concat()).unwrap();
        assert!(message.contains("\rO|1|100|7^50001^3|^^^158^|R|20260310092002|||||N||||SC||"), "{message}");
    }

    #[test]
    fn mistakes_are_named() {
        for (text, named) in [
            ("sample = \"{O.3}\"", "fields of the records Q, H"),
            ("answer = \"oml\"", "query.answer"),
            ("test = \"^^^Pb\"", "query.test"),
            ("test = \"^^^{name}\"", "query.test"),
            ("colour = 1", "unknown field `colour`"),
        ] {
            let error = rules(text).unwrap_err();
            assert!(error.contains(named), "{text}: {error}");
        }
    }
}
