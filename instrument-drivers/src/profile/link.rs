//! `[link]`: which protocol an instrument speaks on a serial or network line, and what is tolerated.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use regex::Regex;

use crate::wire::Link;
use crate::wire::astm_link::{AstmLink, Side, Tolerances};
use crate::wire::lines::{LineLink, LineSettings, Poll, Unit};
use crate::wire::mllp::MllpLink;
use crate::wire::strip::Strip;
use crate::wire::vidas::VidasLink;

/// As written. The keys from `message` on are of `lines` alone.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkToml {
    pub protocol: Protocol,
    /// Only for `astm`.
    #[serde(default)]
    tolerate: Vec<Tolerance>,
    /// Only for `astm`: nothing is tolerated but what `tolerate` names.
    #[serde(default)]
    strict: bool,
    /// What one message is.
    #[serde(default)]
    message: MessageUnit,
    /// An open line or block is over after so much silence.
    silence_ms: Option<u64>,
    /// The instrument sends no line end: a silence is one.
    #[serde(default)]
    silence_ends_line: bool,
    /// Patterns of the first and the last line of a block.
    start: Option<String>,
    end: Option<String>,
    /// A block has at most so many lines.
    max_lines: Option<usize>,
    #[serde(default)]
    strip: Vec<StripToml>,
    /// Asks the instrument again and again.
    poll: Option<PollToml>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    Astm,
    Vidas,
    Lines,
    Mllp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Tolerance {
    FrameNumbers,
    PlainFrames,
    NoEnq,
    NoTerminator,
    LowerCaseChecksum,
    LineFeedFirst,
    LineEnds,
    EtbEndsRecord,
    LongFrames,
    DoubledDelimiter,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum MessageUnit {
    #[default]
    Line,
    Block,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StripToml {
    Escapes,
    Bit7,
}

/// In a profile, or in the configuration of a port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PollToml {
    /// Without its line end.
    pub command: String,
    pub every_s: u64,
    #[serde(default)]
    pub line_end: LineEnd,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineEnd {
    #[default]
    Crlf,
    Cr,
    Lf,
    None,
}

/// How to talk on a line.
#[derive(Debug, Clone)]
pub enum LinkRules {
    Astm(Tolerances),
    Vidas,
    Lines(Box<LineSettings>),
    Mllp,
}

impl LinkToml {
    pub fn compile(&self) -> Result<LinkRules, String> {
        if self.has_keys_of_lines() && self.protocol != Protocol::Lines {
            return Err(
                "link: message, silence_ms, silence_ends_line, start, end, max_lines, strip and poll belong to \
                        protocol = \"lines\""
                    .into(),
            );
        }
        if (!self.tolerate.is_empty() || self.strict) && self.protocol != Protocol::Astm {
            return Err("link: tolerate and strict belong to protocol = \"astm\"".into());
        }
        Ok(match self.protocol {
            Protocol::Astm => LinkRules::Astm(self.tolerances()),
            Protocol::Vidas => LinkRules::Vidas,
            Protocol::Mllp => LinkRules::Mllp,
            Protocol::Lines => LinkRules::Lines(Box::new(self.lines()?)),
        })
    }

    fn has_keys_of_lines(&self) -> bool {
        self.message != MessageUnit::default()
            || self.silence_ms.is_some()
            || self.silence_ends_line
            || self.has_keys_of_blocks()
            || !self.strip.is_empty()
            || self.poll.is_some()
    }

    fn has_keys_of_blocks(&self) -> bool {
        self.start.is_some() || self.end.is_some() || self.max_lines.is_some()
    }

    fn tolerances(&self) -> Tolerances {
        let base = if self.strict { Tolerances::default() } else { Tolerances::harmless() };
        let named = |tolerance| self.tolerate.contains(&tolerance);
        Tolerances {
            frame_numbers: named(Tolerance::FrameNumbers),
            plain_frames: named(Tolerance::PlainFrames),
            no_enq: named(Tolerance::NoEnq),
            no_terminator: named(Tolerance::NoTerminator),
            lower_case_checksum: base.lower_case_checksum || named(Tolerance::LowerCaseChecksum),
            line_feed_first: base.line_feed_first || named(Tolerance::LineFeedFirst),
            line_ends: base.line_ends || named(Tolerance::LineEnds),
            etb_ends_record: base.etb_ends_record || named(Tolerance::EtbEndsRecord),
            long_frames: base.long_frames || named(Tolerance::LongFrames),
            doubled_delimiter: base.doubled_delimiter || named(Tolerance::DoubledDelimiter),
        }
    }

    fn lines(&self) -> Result<LineSettings, String> {
        if self.has_keys_of_blocks() && self.message != MessageUnit::Block {
            return Err("link: start, end and max_lines belong to message = \"block\"".into());
        }
        if self.silence_ends_line && self.message != MessageUnit::Line {
            return Err("link: silence_ends_line belongs to message = \"line\"".into());
        }
        if self.max_lines == Some(0) {
            return Err("link: max_lines is at least 1".into());
        }
        let pattern = |key: &str, text: &Option<String>| {
            text.as_deref().map(Regex::new).transpose().map_err(|error| format!("link.{key}: {error}"))
        };
        let defaults = LineSettings::default();
        Ok(LineSettings {
            message: match self.message {
                MessageUnit::Line => Unit::Line,
                MessageUnit::Block => Unit::Block,
            },
            silence: self.silence_ms.map_or(defaults.silence, Duration::from_millis),
            silence_ends_line: self.silence_ends_line,
            start: pattern("start", &self.start)?,
            end: pattern("end", &self.end)?,
            max_lines: self.max_lines,
            strip: Strip {
                escapes: self.strip.contains(&StripToml::Escapes),
                bit7: self.strip.contains(&StripToml::Bit7),
            },
            poll: self.poll.as_ref().map(PollToml::compile),
        })
    }
}

impl PollToml {
    fn compile(&self) -> Poll {
        Poll {
            command: format!("{}{}", self.command, self.line_end.text()).into_bytes(),
            every: Duration::from_secs(self.every_s.max(1)),
        }
    }
}

impl LineEnd {
    pub(super) fn text(self) -> &'static str {
        match self {
            LineEnd::Crlf => "\r\n",
            LineEnd::Cr => "\r",
            LineEnd::Lf => "\n",
            LineEnd::None => "",
        }
    }
}

impl LinkRules {
    /// `at`: what the clock shows now. `poll` comes before the profile's own.
    pub fn link(&self, now: Instant, at: DateTime<Utc>, poll: Option<&PollToml>) -> Box<dyn Link> {
        match self {
            LinkRules::Astm(tolerances) => Box::new(AstmLink::new(Side::Host, tolerances.clone())),
            LinkRules::Vidas => Box::new(VidasLink::new()),
            LinkRules::Lines(settings) => {
                let own = settings.poll.clone();
                let settings = LineSettings { poll: poll.map(PollToml::compile).or(own), ..(**settings).clone() };
                Box::new(LineLink::new(settings, now))
            }
            LinkRules::Mllp => Box::new(MllpLink::begun(now, at)),
        }
    }

    /// By the word with which a profile asks for it.
    pub fn protocol(&self) -> &'static str {
        match self {
            LinkRules::Astm(_) => "astm",
            LinkRules::Vidas => "vidas",
            LinkRules::Lines(_) => "lines",
            LinkRules::Mllp => "mllp",
        }
    }

    /// What is no text in stored bytes.
    pub fn strip(&self) -> Strip {
        match self {
            LinkRules::Lines(settings) => settings.strip,
            LinkRules::Astm(_) | LinkRules::Vidas | LinkRules::Mllp => Strip::default(),
        }
    }
}
