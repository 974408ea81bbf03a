//! Reading messages made of records: ASTM, HL7 and VIDAS. One result record gives one observation.

use std::borrow::Cow;

use serde::Deserialize;

use super::choose::{Candidate, ChooseToml};
use super::condition::ConditionToml;
use super::expr::{ExprToml, References, Scope};
use super::fields::{AppliedToml, Empty, Fields, FieldsToml, Output, Place};
use super::record_status::StatusToml;
use super::reference::Reference;
use crate::number::NumberRules;
use crate::observation::{Reading, Role, Seen, Sink};
use crate::table::charset::Charset;
use crate::wire::astm_capture::{CaptureRules, sessions};
use crate::wire::astm_records::{self, Message, Record};
use crate::wire::{hl7, vidas};

/// `[records]`: the fields of a message. Left out, the standard's own places are used.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordsToml {
    sample: Option<ExprToml>,
    analyte: Option<ExprToml>,
    value: Option<ExprToml>,
    unit: Option<ExprToml>,
    flag: Option<ExprToml>,
    role: Option<ExprToml>,
    completed_at: Option<ExprToml>,
    replicate: Option<ExprToml>,
    dilution: Option<ExprToml>,
    dilution_applied: Option<AppliedToml>,
    number: Option<ExprToml>,
    match_sample: Option<ExprToml>,
    match_analyte: Option<ExprToml>,
    value_pattern: Option<String>,
    #[serde(default)]
    reportable: Vec<ConditionToml>,
    choose: Option<ChooseToml>,
    /// Which words of the status field are final.
    status: Option<StatusToml>,
    empty: Option<Empty>,
    /// ASTM in files: frames without number and check sum.
    #[serde(default)]
    plain_frames: bool,
    /// ASTM in files: frame numbers may jump.
    #[serde(default)]
    frame_numbers: bool,
    /// ASTM in files: a text log with `[STX]`-style tokens.
    #[serde(default)]
    token_log: bool,
    /// ASTM in files: every frame must hold one whole record.
    #[serde(default)]
    strict: bool,
    /// A message may lack H and L (excerpts, order files).
    #[serde(default)]
    fragments: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordFormat {
    Astm,
    Hl7,
    Vidas,
}

/// Compiled.
#[derive(Debug, Clone)]
pub struct RecordRules {
    format: RecordFormat,
    fields: Fields,
    references: References,
    capture: CaptureRules,
    fragments: bool,
}

impl RecordsToml {
    pub fn compile(&self, format: RecordFormat) -> Result<RecordRules, String> {
        let mut references = References::for_records();
        let text = |text: &str| Some(ExprToml::Text(text.into()));
        let list =
            |texts: &[&str]| Some(ExprToml::List(texts.iter().map(|text| ExprToml::Text(text.to_string())).collect()));
        // The places of PROTOCOLS 2, 7 and 1.5.
        let [sample, analyte, value, unit, flag, completed] = match format {
            RecordFormat::Astm => {
                [list(&["{O.3}", "{O.4}"]), text("{R.3}"), text("{R.4}"), text("{R.5}"), text("{R.7}"), text("{R.13}")]
            }
            RecordFormat::Hl7 => [
                list(&["{SPM.2}", "{OBR.3}"]),
                text("{OBX.3}"),
                text("{OBX.5}"),
                text("{OBX.6}"),
                text("{OBX.8}"),
                text("{OBX.14}"),
            ],
            RecordFormat::Vidas => {
                [list(&["{ci}", "{si}"]), text("{rt}"), text("{qn}"), None, text("{ql}"), text("{td} {tt}")]
            }
        };
        let fields = FieldsToml {
            sample: self.sample.clone().or(sample),
            analyte: self.analyte.clone().or(analyte),
            value: self.value.clone().or(value),
            unit: self.unit.clone().or(unit),
            flag: self.flag.clone().or(flag),
            role: self.role.clone(),
            completed_at: self.completed_at.clone().or(completed),
            replicate: self.replicate.clone(),
            dilution: self.dilution.clone(),
            dilution_applied: self.dilution_applied.clone(),
            number: self.number.clone(),
            match_sample: self.match_sample.clone(),
            match_analyte: self.match_analyte.clone(),
            value_pattern: self.value_pattern.clone(),
            reportable: self.reportable.clone(),
            choose: self.choose.clone(),
            empty: self.empty.unwrap_or(Empty::Row),
        };
        let astm_only = self.plain_frames || self.frame_numbers || self.token_log || self.strict || self.fragments;
        if astm_only && format != RecordFormat::Astm {
            return Err(
                "records: plain_frames, frame_numbers, token_log, strict and fragments belong to format = \"astm\""
                    .into(),
            );
        }
        let mut fields = fields.compile("records", &mut references, None)?;
        let status = self.status.clone().or_else(|| StatusToml::of_standard(format));
        fields.status = status.map(|status| status.compile(format, &mut references)).transpose()?;
        Ok(RecordRules {
            format,
            fields,
            references,
            capture: CaptureRules {
                plain_frames: self.plain_frames,
                frame_numbers: self.frame_numbers,
                token_log: self.token_log,
                strict: self.strict,
            },
            fragments: self.fragments,
        })
    }
}

/// Where the bytes come from: what templates call `{@file}` and so on.
#[derive(Debug, Clone, Default)]
pub struct Variables(pub Vec<(String, String)>);

impl Variables {
    fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

impl RecordRules {
    /// The records of a message as text. Its frames were accepted by the link, so their numbers no longer matter: a second
    /// message of a session does not begin with 1.
    pub fn texts(&self, bytes: &[u8], encoding: Charset) -> Vec<String> {
        let capture = CaptureRules { frame_numbers: true, ..self.capture.clone() };
        let whole = sessions(bytes, &capture).into_iter().filter(|session| session.damage.is_none());
        whole.map(|session| encoding.decode_without_bom_handling(&session.text).0.into_owned()).collect()
    }

    pub fn read(
        &self,
        bytes: &[u8],
        encoding: Charset,
        numbers: &NumberRules,
        variables: &Variables,
        sink: &mut dyn Sink,
    ) {
        let read = |sink: &mut dyn Sink| {
            let (out, candidates) = (Output::new(sink), Vec::new());
            let mut reader = Reader { rules: self, numbers, variables, out, candidates };
            match self.format {
                RecordFormat::Astm => reader.astm(bytes, encoding),
                RecordFormat::Hl7 => reader.hl7(&encoding.decode(bytes)),
                RecordFormat::Vidas => reader.vidas(bytes, encoding),
            }
            reader.candidates
        };
        let Some(choose) = &self.fields.choose else {
            read(sink);
            return;
        };
        let mut reading = Reading::default();
        let candidates = read(&mut reading);
        choose.settle(&candidates, &mut reading.observations);
        reading.pour(sink);
    }
}

struct Reader<'a> {
    rules: &'a RecordRules,
    numbers: &'a NumberRules,
    variables: &'a Variables,
    out: Output<'a>,
    candidates: Vec<Candidate>,
}

impl Reader<'_> {
    fn astm(&mut self, bytes: &[u8], encoding: Charset) {
        let mut before = 0;
        for (index, session) in sessions(bytes, &self.rules.capture).into_iter().enumerate() {
            if let Some(damage) = session.damage {
                let reason = format!("damaged: {damage}; the message needs a re-send or a person");
                self.out.trouble(format!("message {}", index + 1), reason);
                continue;
            }
            let (text, _) = encoding.decode_without_bom_handling(&session.text);
            let messages = astm_records::messages(&text);
            let count: usize = messages.iter().map(|message| message.records.len()).sum();
            for message in messages {
                self.astm_message(&message, before);
            }
            before += count;
        }
    }

    fn astm_message(&mut self, message: &Message<'_>, before: usize) {
        let first = message.records.first().map_or(0, |(number, _)| number + before);
        let position = format!("record {first}");
        if message.aborted() {
            self.out.trouble(position, "the sender or receiver aborted this message (L record); it is not filed");
            return;
        }
        if !self.rules.fragments && (!message.has_header || message.terminator.is_none()) {
            self.out.trouble(position, "the message has no H or no L record: it is not complete");
            return;
        }
        // The nearest records above: what a result belongs to.
        let mut above: Vec<&Record<'_>> = Vec::new();
        for (at, (number, record)) in message.records.iter().enumerate() {
            let position = || format!("record {}", number + before);
            let kind = record.kind();
            above.retain(|other| level(other.kind()) < level(kind));
            above.push(record);
            match kind {
                'R' => self.record(&above, None, &position(), record.raw),
                'O' if !has_results(&message.records[at + 1..]) => self.orders(record, &position()),
                'Q' => self.query(record, &position()),
                _ => {}
            }
        }
    }

    fn orders(&mut self, record: &Record<'_>, position: &str) {
        let samples = if record.field(3).is_empty() { vec![record.field(4)] } else { record.repeats(3) };
        for sample in samples {
            for test in record.repeats(5) {
                self.ask(Role::Order, sample.trim(), test.trim(), position, record.raw);
            }
        }
    }

    fn query(&mut self, record: &Record<'_>, position: &str) {
        let specimen = match record.component(3, 2) {
            empty if empty.is_empty() => record.component(3, 1),
            specimen => specimen,
        };
        let test = record.field(5);
        let test = if test == "ALL" { "" } else { test.trim() };
        self.ask(Role::Query, specimen.trim(), test, position, record.raw);
    }

    fn ask(&mut self, role: Role, sample: &str, analyte: &str, position: &str, raw: &str) {
        self.out.observation(Seen {
            sample_id: sample.into(),
            analyte: analyte.into(),
            flag: role.name().into(),
            role,
            position: position.into(),
            match_sample: sample.into(),
            match_analyte: analyte.into(),
            raw: raw.into(),
            ..Seen::default()
        });
    }

    fn record(&mut self, above: &[&Record<'_>], hl7: Option<&Hl7Place<'_>>, position: &str, raw: &str) {
        let variables = self.variables;
        let texts: Vec<Cow<'_, str>> = self
            .rules
            .references
            .iter()
            .map(|reference| match (reference, hl7) {
                (Reference::Field { record, field, component }, None) => {
                    let found =
                        above.iter().rev().find(|candidate| record.starts_with(candidate.kind()) && record.len() == 1);
                    match (found, component) {
                        (Some(found), None) => found.field(*field),
                        (Some(found), Some(component)) => found.component(*field, *component),
                        (None, _) => Cow::default(),
                    }
                }
                (Reference::Field { record, field, component }, Some(place)) => place.text(record, *field, *component),
                (Reference::Variable(name), _) => variables.get(name).into(),
                _ => Cow::default(),
            })
            .collect();
        self.observe(&texts, position, raw);
    }

    fn observe(&mut self, texts: &[Cow<'_, str>], position: &str, raw: &str) {
        let scope = Texts { texts, numbers: self.numbers };
        let fields = &self.rules.fields;
        let place = Place {
            sample: fields.sample.text(&scope),
            analyte: fields.analyte.text(&scope),
            value: &fields.value.text(&scope),
            unit: fields.unit.text(&scope),
            position,
            raw,
        };
        fields.observe(&scope, &place, &mut self.out, &mut self.candidates);
    }

    fn hl7(&mut self, text: &str) {
        let messages = hl7::messages(text);
        if messages.is_empty() {
            self.out.trouble("", "no MSH segment: this is no HL7 message");
        }
        let mut number = 0;
        for (delimiters, segments) in &messages {
            let mut order = None;
            for (at, segment) in segments.iter().enumerate() {
                number += 1;
                let position = format!("record {number}");
                match segment.name() {
                    "OBR" => order = Some(segment),
                    // Embedded images and documents are no results.
                    "OBX" if segment.field(2) == "ED" => {}
                    "OBX" => {
                        let place = Hl7Place { delimiters, segments, order, at };
                        let raw = segment.fields.join(&delimiters.field.to_string());
                        self.record(&[], Some(&place), &position, &raw);
                    }
                    "QRD" => {
                        let raw = segment.fields.join(&delimiters.field.to_string());
                        let specimen = hl7::unescape(segment.field(8), delimiters);
                        self.ask(Role::Query, specimen.trim(), "", &position, &raw);
                    }
                    "QPD" => {
                        let raw = segment.fields.join(&delimiters.field.to_string());
                        // Some makers put the patient before it; the others leave the fourth field empty.
                        let named = if segment.field(4).trim().is_empty() { 3 } else { 4 };
                        let specimen = hl7::unescape(segment.field(named), delimiters);
                        self.ask(Role::Query, specimen.trim(), "", &position, &raw);
                    }
                    _ => {}
                }
            }
        }
    }

    fn vidas(&mut self, bytes: &[u8], encoding: Charset) {
        let messages = vidas::messages(bytes);
        if messages.is_empty() {
            self.out.trouble("", "no STX: this is no VIDAS message");
        }
        for (index, message) in messages.iter().enumerate() {
            let position = format!("record {}", index + 1);
            match vidas::fields(message, |field| encoding.decode(field).into_owned()) {
                Err(reason) => self.out.trouble(position, reason),
                Ok(tagged) => {
                    let texts: Vec<Cow<'_, str>> = self
                        .rules
                        .references
                        .iter()
                        .map(|reference| match reference {
                            Reference::Field { record, .. } => tagged
                                .iter()
                                .find(|(tag, text)| tag == record && !text.is_empty())
                                .map_or(Cow::default(), |(_, text)| text.into()),
                            Reference::Variable(name) => self.variables.get(name).into(),
                            _ => Cow::default(),
                        })
                        .collect();
                    let raw: Vec<String> = tagged.iter().map(|(tag, text)| format!("{tag}{text}")).collect();
                    self.observe(&texts, &position, &raw.join("|"));
                }
            }
        }
    }
}

/// Results follow before the next order: then the order is answered and no row of its own.
fn has_results(rest: &[(usize, Record<'_>)]) -> bool {
    rest.iter()
        .map(|(_, record)| record.kind())
        .take_while(|kind| !matches!(kind, 'O' | 'P' | 'L' | 'H'))
        .any(|kind| kind == 'R')
}

/// H 0, P 1, O 2, R 3; comments and maker's records belong to whatever stands above.
fn level(kind: char) -> u8 {
    match kind {
        'H' => 0,
        'P' | 'Q' | 'L' => 1,
        'O' => 2,
        'R' => 3,
        _ => 4,
    }
}

struct Hl7Place<'a> {
    delimiters: &'a hl7::Delimiters,
    segments: &'a [hl7::Segment],
    order: Option<&'a hl7::Segment>,
    /// Place of the result among the segments.
    at: usize,
}

impl<'a> Hl7Place<'a> {
    fn segment(&self, name: &str) -> Option<&'a hl7::Segment> {
        match name {
            "OBX" => self.segments.get(self.at),
            "OBR" => self.order,
            name => self.nearest(name),
        }
    }

    /// Of segments that come several times, as specimens do, the nearest above the result; where they follow their results, as
    /// the first of them shows, the nearest below.
    fn nearest(&self, name: &str) -> Option<&'a hl7::Segment> {
        let (above, below) = self.segments.split_at_checked(self.at)?;
        let named = |segment: &&hl7::Segment| segment.name() == name;
        let mut places = self.segments.iter();
        let leads = places.find(|segment| named(segment) || segment.name() == "OBX").is_some_and(|first| named(&first));
        let (above, below) = (above.iter().rfind(named), below.iter().find(named));
        if leads { above.or(below) } else { below.or(above) }
    }

    fn text(&self, name: &str, field: usize, component: Option<usize>) -> Cow<'a, str> {
        let segment = self.segment(name);
        let raw = segment.map_or("", |segment| segment.field(field));
        let raw = match component {
            None => raw,
            Some(component) => {
                let first = raw.split(self.delimiters.repetition).next().unwrap_or("");
                first.split(self.delimiters.component).nth(component.saturating_sub(1)).unwrap_or("")
            }
        };
        hl7::unescape(raw, self.delimiters)
    }
}

struct Texts<'a> {
    texts: &'a [Cow<'a, str>],
    numbers: &'a NumberRules,
}

impl Scope for Texts<'_> {
    fn get(&self, id: usize) -> &str {
        &self.texts[id]
    }

    fn numbers(&self) -> &NumberRules {
        self.numbers
    }

    fn lookup(&self, _table: &str, _key: &str) -> Option<&str> {
        None
    }
}
