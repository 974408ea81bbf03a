//! Reading messages made of records: ASTM, HL7 and VIDAS. One result record gives one observation.

use std::borrow::Cow;

use serde::Deserialize;

use super::choose::{Candidate, ChooseToml};
use super::comparing::regex;
use super::condition::{Condition, ConditionToml, OneOrMany, all, any};
use super::expr::{Expr, ExprToml, References};
use super::fields::{AppliedToml, Empty, Fields, FieldsToml, Output, Place};
use super::record_format::RecordFormat;
use super::record_hl7::Hl7Place;
use super::record_kinds::{Kinds, RESULT};
use super::record_status::{StatusToml, is_practice};
use super::record_texts::Texts;
use super::record_vidas::Tagged;
use super::reference::Reference;
use crate::number::NumberRules;
use crate::observation::{Reading, Role, Seen, Sink};
use crate::table::charset::Charset;
use crate::trouble;
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
    /// What such a log writes in front of every line: a time, a direction.
    log_prefix: Option<String>,
    /// Lines of such a log that are not the instrument's.
    log_skip: Option<String>,
    /// Records for which one of these holds give no value.
    #[serde(default)]
    skip: Vec<ConditionToml>,
    /// Only records for which all of these hold give one.
    #[serde(default)]
    only: Vec<ConditionToml>,
    /// The records that are results; the standard's own when left out.
    result: Option<OneOrMany>,
    /// HL7: the sample that a question asks for.
    query: Option<ExprToml>,
    /// ASTM in files: every frame must hold one whole record.
    #[serde(default)]
    strict: bool,
    /// A message may lack H and L (excerpts, order files).
    #[serde(default)]
    fragments: bool,
}

/// Compiled.
#[derive(Debug, Clone)]
pub struct RecordRules {
    format: RecordFormat,
    fields: Fields,
    references: References,
    capture: CaptureRules,
    fragments: bool,
    skip: Vec<Condition>,
    only: Vec<Condition>,
    result: Kinds,
    query: Expr,
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
        let structured = text("{@structured}").filter(|_| format == RecordFormat::Hl7 && self.value.is_none());
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
            // A structured value is no number as it stands: `<^250`.
            number: self.number.clone().or(structured),
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
        if !self.token_log && (self.log_prefix.is_some() || self.log_skip.is_some()) {
            return Err("records: log_prefix and log_skip belong to token_log = true".into());
        }
        if self.query.is_some() && format != RecordFormat::Hl7 {
            return Err("records.query belongs to format = \"hl7\"".into());
        }
        let log = |pattern: &Option<String>, key: &str| {
            pattern.as_deref().map(|text| regex(text, &format!("records.{key}"))).transpose()
        };
        let result = Kinds::compile(self.result.as_ref(), format)?;
        let mut fields = fields.compile("records", &mut references, None)?;
        let query = self.query.clone().or_else(|| list(&["{QRD.8}", "{QPD.4}", "{QPD.3}"]));
        let query = match query.filter(|_| format == RecordFormat::Hl7) {
            Some(query) => query.compile("records.query", &mut references)?,
            None => Expr::default(),
        };
        let skip = ConditionToml::compile_all(&self.skip, "records.skip", &mut references)?;
        let only = ConditionToml::compile_all(&self.only, "records.only", &mut references)?;
        let status = self.status.clone().or_else(|| StatusToml::of_standard(format));
        fields.status = status.map(|status| status.compile(format, &mut references)).transpose()?;
        check_references(&references)?;
        Ok(RecordRules {
            format,
            fields,
            references,
            capture: CaptureRules {
                plain_frames: self.plain_frames,
                frame_numbers: self.frame_numbers,
                token_log: self.token_log,
                strict: self.strict,
                log_prefix: log(&self.log_prefix, "log_prefix")?,
                log_skip: log(&self.log_skip, "log_skip")?,
            },
            fragments: self.fragments,
            skip,
            only,
            result,
            query,
        })
    }
}

/// Records have fields, and little else that an expression could name.
fn check_references(references: &References) -> Result<(), String> {
    for reference in references.iter() {
        match reference {
            Reference::Variable(name) if !BUILT_IN.contains(&name.as_str()) => {
                let known: Vec<String> = BUILT_IN.iter().map(|name| format!("@{name}")).collect();
                return Err(format!("records: nothing here is called '@{name}'; known are {}", known.join(", ")));
            }
            Reference::Cell(_) | Reference::HeadOf(..) | Reference::Head(_) | Reference::Neighbour(_) => {
                return Err("records: {#1}, {@head}, {@next} and {@prev} belong to tables; name fields: {O.3}".into());
            }
            _ => {}
        }
    }
    match references.lookups().first() {
        Some(name) => Err(format!("records: lookup '{name}': only a table keeps texts, and records have none")),
        None if references.carries() => Err("records: carry belongs to tables; a record above is named: {O.3}".into()),
        None => Ok(()),
    }
}

/// Variables of records.
const BUILT_IN: &[&str] = &["file", "stem", "folder", "line", "structured"];

/// Where the bytes come from: what templates call `{@file}` and so on.
#[derive(Debug, Clone, Default)]
pub struct Variables(pub Vec<(String, String)>);

impl Variables {
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

impl RecordRules {
    /// What of a tolerant line it reads: frame numbers that jump, frames without any, messages without an L record.
    pub fn tolerates(&self) -> [bool; 3] {
        [self.capture.frame_numbers, self.capture.plain_frames, self.fragments]
    }

    /// Neither `skip` nor `only` leaves a record aside.
    fn wants(&self, scope: &Texts<'_>) -> bool {
        !any(&self.skip, scope) && all(&self.only, scope)
    }

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
            let mut reader = Reader { rules: self, numbers, variables, out: Output::new(sink), candidates: Vec::new() };
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
                self.out.trouble(format!("message {}", index + 1), damage);
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
            self.out.trouble(position, &trouble::MESSAGE_ABORTED);
            return;
        }
        if !self.rules.fragments && (!message.has_header || message.terminator.is_none()) {
            self.out.trouble(position, &trouble::MESSAGE_NOT_COMPLETE);
            return;
        }
        let header = message.records.iter().find(|(_, record)| record.kind() == 'H');
        self.out.is_practice = header.is_some_and(|(_, header)| is_practice(&header.component(12, 1)));
        // The nearest records above: what a result belongs to.
        let mut above: Vec<&Record<'_>> = Vec::new();
        for (at, (number, record)) in message.records.iter().enumerate() {
            let position = || format!("record {}", number + before);
            let kind = record.kind();
            let rules = self.rules;
            above.retain(|other| rules.result.level(other.kind()) < rules.result.level(kind));
            above.push(record);
            match kind {
                kind if rules.result.level(kind) == RESULT => {
                    // Comments and maker's records behind a result belong to it; the first of a kind counts.
                    let behind = message.records[at + 1..].iter().map(|(_, record)| record);
                    let behind: Vec<&Record<'_>> =
                        behind.take_while(|other| rules.result.level(other.kind()) > RESULT).collect();
                    let scope: Vec<&Record<'_>> = behind.into_iter().rev().chain(above.iter().copied()).collect();
                    self.record(&scope, None, &position(), record.raw);
                }
                'O' if !rules.result.follow(&message.records[at + 1..]) => self.orders(record, &position()),
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
        let texts = self.texts(above, hl7, raw);
        self.observe(&texts, position, raw);
    }

    /// What stands at the places that the profile names.
    fn texts<'t>(&self, above: &[&'t Record<'_>], hl7: Option<&Hl7Place<'t>>, raw: &'t str) -> Vec<Cow<'t, str>>
    where
        Self: 't,
    {
        let variables = self.variables;
        self.rules
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
                (Reference::Variable(name), _) if name == "line" => raw.into(),
                (Reference::Variable(name), Some(place)) if name == "structured" => place.structured().into(),
                (Reference::Variable(name), _) => variables.get(name).into(),
                _ => Cow::default(),
            })
            .collect()
    }

    fn observe(&mut self, texts: &[Cow<'_, str>], position: &str, raw: &str) {
        let scope = Texts { texts, numbers: self.numbers };
        let rules = self.rules;
        if !rules.wants(&scope) {
            return;
        }
        let fields = &rules.fields;
        let place = Place {
            sample: fields.sample.text(&scope),
            analyte: fields.analyte.text(&scope),
            value: &fields.value.text(&scope),
            unit: fields.unit.text(&scope),
            position,
            raw,
        };
        if place.value.is_empty()
            && let Some(text) = fields.value.misfit(&scope)
        {
            self.out.trouble(position, trouble::VALUE_MISFIT.with("key", "value").with("text", text));
        }
        fields.observe(&scope, &place, &mut self.out, &mut self.candidates);
    }

    fn hl7(&mut self, text: &str) {
        let messages = hl7::messages(text);
        if messages.is_empty() {
            self.out.trouble("", &trouble::NO_HL7);
        }
        let rules = self.rules;
        let mut number = 0;
        for (delimiters, segments) in &messages {
            let mut order = None;
            let said = segments.first().map_or("", |head| head.field(11));
            self.out.is_practice = is_practice(said.split(delimiters.component).next().unwrap_or_default());
            for (at, segment) in segments.iter().enumerate() {
                number += 1;
                let position = format!("record {number}");
                match segment.name() {
                    "OBR" => order = Some(segment),
                    // Embedded images and documents are no results.
                    "OBX" if segment.field(2) == "ED" => {}
                    name if rules.result.named(name) => {
                        let place = Hl7Place { delimiters, segments, order, at, results: &rules.result };
                        let raw = segment.fields.join(&delimiters.field.to_string());
                        self.record(&[], Some(&place), &position, &raw);
                    }
                    "QRD" | "QPD" => {
                        let place = Hl7Place { delimiters, segments, order, at, results: &rules.result };
                        let raw = segment.fields.join(&delimiters.field.to_string());
                        let texts = self.texts(&[], Some(&place), &raw);
                        let specimen = rules.query.text(&Texts { texts: &texts, numbers: self.numbers }).into_owned();
                        match specimen.trim() {
                            "" => self.out.trouble(position, &trouble::QUESTION_UNCLEAR),
                            specimen => self.ask(Role::Query, specimen, "", &position, &raw),
                        }
                    }
                    _ => {}
                }
            }
        }
    }

    fn vidas(&mut self, bytes: &[u8], encoding: Charset) {
        let messages = vidas::messages(bytes);
        if messages.is_empty() {
            self.out.trouble("", &trouble::NO_VIDAS);
        }
        for (index, message) in messages.iter().enumerate() {
            let position = format!("record {}", index + 1);
            match vidas::fields(message, |field| encoding.decode(field).into_owned()) {
                Err(reason) => self.out.trouble(position, reason),
                Ok(tagged) => self.vidas_message(&Tagged(&tagged), &position),
            }
        }
    }

    fn vidas_message(&mut self, tagged: &Tagged<'_>, position: &str) {
        let (rules, variables) = (self.rules, self.variables);
        let raw = tagged.raw();
        let texts = tagged.texts(&rules.references, variables, &raw);
        match tagged.again(&rules.references) {
            None => self.observe(&texts, position, &raw),
            Some(tag) if rules.wants(&Texts { texts: &texts, numbers: self.numbers }) => {
                self.out.trouble(position, trouble::VIDAS_TAG_AGAIN.with("tag", tag));
            }
            Some(_) => {}
        }
    }
}
