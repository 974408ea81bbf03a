//! What every driver yields: observations, and the list of what could not be read.
//!
//! An observation is one value as the instrument printed it. Nothing in it is converted: identifiers, units and
//! flags are the source's own text, trimmed of blanks at both ends. The exact decimal stands beside the text.

use serde::{Deserialize, Serialize};

/// The result of reading one message or file. Both lists keep the order of the source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    pub observations: Vec<Observation>,
    pub troubles: Vec<Trouble>,
}

/// One value of one analyte in one sample, as printed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// The sample's name as the source's own field holds it.
    pub sample_id: String,
    pub analyte: String,
    /// Verbatim text of the value, trimmed; empty for an order, a query or an empty cell.
    pub value: String,
    pub unit: String,
    pub flag: String,
    pub role: Role,
    /// Where the value stands: `12` (line), `Sheet1!C7` or `record 5`.
    pub position: String,
    /// The instrument's own time of the result, as printed. Its clock is not trusted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<String>,
    /// The value as an exact decimal in plain notation, when the text is a number and nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Why the value is not a plain number (`<0.01`, `ND`, `OVER`, text).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qualifier: Option<Qualifier>,
    /// The exact decimal behind `<`, `>`, `≤`, `≥`: a bound, never a result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bound: Option<String>,
    /// The text by which a sample of the laboratory is looked up; `sample_id` unless the profile says otherwise.
    pub match_sample: String,
    /// The text by which an analyte is looked up; `analyte` unless the profile says otherwise.
    pub match_analyte: String,
    /// Which of several readings this is, as printed (`1`, `Mean`, `R2`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replicate: Option<String>,
    /// Dilution factor as printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dilution: Option<String>,
    /// Whether the printed value already holds the dilution factor. Unknown where the profile says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dilution_applied: Option<bool>,
    /// False for a line that the profile calls not reportable (a statistic, an out-of-range dilution).
    pub reportable: bool,
    /// The line or record the value came from.
    pub raw: String,
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// As in [`Observation::position`]; empty when the whole message is meant.
    pub position: String,
    pub reason: String,
}

impl Trouble {
    pub fn new(position: impl Into<String>, reason: impl Into<String>) -> Self {
        Trouble { position: position.into(), reason: reason.into() }
    }
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.position.is_empty() {
            f.write_str(&self.reason)
        } else {
            write!(f, "{}: {}", self.position, self.reason)
        }
    }
}
