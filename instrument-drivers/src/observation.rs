//! What every driver yields: observations, and the list of what could not be read.
//!
//! An observation is one value as the instrument printed it. Nothing in it is converted: identifiers, units and
//! flags are the source's own text, trimmed of blanks at both ends. The exact decimal stands beside the text.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde::{Deserialize, Serialize};

use crate::trouble::Reason;

/// The result of reading one message or file. Both lists keep the order of the source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    pub observations: Vec<Observation>,
    pub troubles: Vec<Trouble>,
}

/// Takes what a reader finds, in the order of the source, while it reads: a file of any length needs no memory.
pub trait Sink {
    fn observation(&mut self, one: Seen<'_>);
    fn trouble(&mut self, trouble: Trouble);
}

impl Sink for Reading {
    fn observation(&mut self, one: Seen<'_>) {
        self.observations.push(one.into_owned());
    }

    fn trouble(&mut self, trouble: Trouble) {
        self.troubles.push(trouble);
    }
}

/// Only how much there is to read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counted {
    pub observations: usize,
    pub troubles: usize,
}

impl Sink for Counted {
    fn observation(&mut self, _: Seen<'_>) {
        self.observations += 1;
    }

    fn trouble(&mut self, _: Trouble) {
        self.troubles += 1;
    }
}

/// What there is to read, so that two readings can be compared without keeping either.
#[derive(Debug, Default)]
pub struct Digest {
    pub counted: Counted,
    hasher: DefaultHasher,
}

impl Digest {
    pub fn of(reading: &Reading) -> Digest {
        let mut digest = Digest::default();
        reading.pour(&mut digest);
        digest
    }
}

impl PartialEq for Digest {
    fn eq(&self, other: &Self) -> bool {
        self.counted == other.counted && self.hasher.finish() == other.hasher.finish()
    }
}

impl Sink for Digest {
    fn observation(&mut self, one: Seen<'_>) {
        for text in [&one.sample_id, &one.analyte, &one.value, &one.unit, &one.flag, &one.position] {
            text.hash(&mut self.hasher);
        }
        one.number.hash(&mut self.hasher);
        one.role.name().hash(&mut self.hasher);
        self.counted.observation(one);
    }

    fn trouble(&mut self, trouble: Trouble) {
        self.counted.trouble(trouble);
    }
}

impl Reading {
    /// Hands everything to another sink.
    pub fn pour(&self, sink: &mut dyn Sink) {
        self.troubles.iter().for_each(|trouble| sink.trouble(trouble.clone()));
        self.observations.iter().for_each(|one| sink.observation(one.seen()));
    }
}

/// One value of one analyte in one sample, as printed. `T` is how its texts are held: a reader hands on [`Seen`], whose
/// texts still stand in the source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation<T = String> {
    /// The sample's name as the source's own field holds it.
    pub sample_id: T,
    pub analyte: T,
    /// Verbatim text of the value, trimmed; empty for an order, a query or an empty cell.
    pub value: T,
    pub unit: T,
    pub flag: T,
    pub role: Role,
    /// Where the value stands: `12` (line), `Sheet1!C7` or `record 5`.
    pub position: T,
    /// The instrument's own time of the result, as printed. Its clock is not trusted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<T>,
    /// The value as an exact decimal in plain notation, when the text is a number and nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<T>,
    /// Why the value is not a plain number (`<0.01`, `ND`, `OVER`, text).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qualifier: Option<Qualifier>,
    /// The exact decimal behind `<`, `>`, `≤`, `≥`: a bound, never a result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bound: Option<T>,
    /// The text by which a sample of the laboratory is looked up; `sample_id` unless the profile says otherwise.
    pub match_sample: T,
    /// The text by which an analyte is looked up; `analyte` unless the profile says otherwise.
    pub match_analyte: T,
    /// Which of several readings this is, as printed (`1`, `Mean`, `R2`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replicate: Option<T>,
    /// Dilution factor as printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dilution: Option<T>,
    /// Whether the printed value already holds the dilution factor. Unknown where the profile says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dilution_applied: Option<bool>,
    /// Whether the result is the last word of the instrument.
    #[serde(default, skip_serializing_if = "Status::is_final")]
    pub status: Status,
    /// The source itself says so; where it says nothing a result is final.
    #[serde(skip)]
    pub status_said: bool,
    /// False for a line that the profile calls not reportable (a statistic, an out-of-range dilution).
    pub reportable: bool,
    /// The line or record the value came from.
    pub raw: T,
}

/// An observation whose texts still stand in the source.
pub type Seen<'a> = Observation<Cow<'a, str>>;

impl<T> Observation<T> {
    fn map<'a, U>(&'a self, text: impl Fn(&'a T) -> U) -> Observation<U> {
        let maybe = |some: &'a Option<T>| some.as_ref().map(&text);
        Observation {
            sample_id: text(&self.sample_id),
            analyte: text(&self.analyte),
            value: text(&self.value),
            unit: text(&self.unit),
            flag: text(&self.flag),
            role: self.role,
            position: text(&self.position),
            completed_at: maybe(&self.completed_at),
            number: maybe(&self.number),
            qualifier: self.qualifier,
            bound: maybe(&self.bound),
            match_sample: text(&self.match_sample),
            match_analyte: text(&self.match_analyte),
            replicate: maybe(&self.replicate),
            dilution: maybe(&self.dilution),
            dilution_applied: self.dilution_applied,
            status: self.status,
            status_said: self.status_said,
            reportable: self.reportable,
            raw: text(&self.raw),
        }
    }
}

impl Observation {
    pub fn seen(&self) -> Seen<'_> {
        self.map(|text| Cow::Borrowed(text.as_str()))
    }
}

impl Seen<'_> {
    pub fn into_owned(self) -> Observation {
        self.map(|text| text.to_string())
    }
}

/// What a row stands for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    #[default]
    Sample,
    Control,
    Blank,
    Standard,
    /// A test asked for; it has no value.
    Order,
    /// The instrument asks what to do with a sample; it has no value.
    Query,
}

impl Role {
    pub const ALL: [Role; 6] = [Role::Sample, Role::Control, Role::Blank, Role::Standard, Role::Order, Role::Query];

    pub fn name(self) -> &'static str {
        match self {
            Role::Sample => "sample",
            Role::Control => "control",
            Role::Blank => "blank",
            Role::Standard => "standard",
            Role::Order => "order",
            Role::Query => "query",
        }
    }

    pub fn parse(name: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// What an instrument says of how far a result has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    #[default]
    Final,
    /// It takes the place of an earlier one, and is final like it.
    Corrected,
    /// A final result is still to come.
    Preliminary,
    /// The instrument itself questions or withdraws it.
    Doubtful,
    /// It could not be measured, or was deleted; what is printed is no value.
    NoResult,
    /// In a word that the profile does not declare.
    Unknown,
    /// The message is for training or debugging: nothing was measured.
    Practice,
}

impl Status {
    pub fn is_final(&self) -> bool {
        matches!(self, Status::Final | Status::Corrected)
    }

    pub fn name(self) -> &'static str {
        match self {
            Status::Final => "final",
            Status::Corrected => "corrected",
            Status::Preliminary => "preliminary",
            Status::Doubtful => "doubtful",
            Status::NoResult => "no_result",
            Status::Unknown => "unknown",
            Status::Practice => "practice",
        }
    }
}

/// Why a printed value is not a plain number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Qualifier {
    /// `<5`
    Below,
    /// `<=5`, `≤5`
    AtMost,
    /// `>822`
    Above,
    /// `>=5`, `≥5`
    AtLeast,
    /// `ND`, `未检出`, `-----` where the profile says so, `Undetermined`
    NotDetected,
    /// `BLQ`, `<LOQ`
    BelowQuantification,
    /// `OVER`, `++++`
    OverRange,
    /// `UNDER`
    UnderRange,
    /// `N/A`, `-----`: there is no value
    Missing,
    /// `NaN`, `#DIV/0!`, `?????`: the software could not compute one
    Invalid,
    /// `*11*`: printed, but excluded by the operator
    Masked,
    /// A qualitative result: `POS`, `Target Not Detected`
    Text,
}

/// Something that could not be read. It is shown to a person; the bytes stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// As in [`Observation::position`]; empty when the whole message is meant.
    pub position: String,
    pub reason: Reason,
}

impl Trouble {
    pub fn new(position: impl Into<String>, reason: impl Into<Reason>) -> Self {
        Trouble { position: position.into(), reason: reason.into() }
    }
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.position.is_empty() {
            write!(f, "{}", self.reason)
        } else {
            write!(f, "{}: {}", self.position, self.reason)
        }
    }
}
