//! `[link]`: which protocol an instrument speaks on a serial or network line, and what is tolerated.

use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::wire::Link;
use crate::wire::astm_link::{AstmLink, Side, Tolerances};
use crate::wire::lines::{LineLink, LineSettings, Poll, Unit};
use crate::wire::mllp::MllpLink;
use crate::wire::vidas::VidasLink;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkToml {
    pub protocol: Protocol,
    /// Only for `astm`.
    #[serde(default)]
    tolerate: Vec<Tolerance>,
    /// Only for `lines`: what one message is.
    #[serde(default)]
    message: MessageUnit,
    /// Only for `lines`: a message is over after so much silence.
    silence_ms: Option<u64>,
    /// Only for `lines`: asks the instrument again and again.
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
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum MessageUnit {
    #[default]
    Line,
    Block,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct PollToml {
    /// Without its CR LF.
    command: String,
    every_s: u64,
}

/// How to talk on a line.
#[derive(Debug, Clone)]
pub enum LinkRules {
    Astm(Tolerances),
    Vidas,
    Lines(LineSettings),
    Mllp,
}

impl LinkToml {
    pub fn compile(&self) -> Result<LinkRules, String> {
        let lines_only = self.message != MessageUnit::default() || self.silence_ms.is_some() || self.poll.is_some();
        if lines_only && self.protocol != Protocol::Lines {
            return Err("link: message, silence_ms and poll belong to protocol = \"lines\"".into());
        }
        if !self.tolerate.is_empty() && self.protocol != Protocol::Astm {
            return Err("link: tolerate belongs to protocol = \"astm\"".into());
        }
        Ok(match self.protocol {
            Protocol::Astm => LinkRules::Astm(Tolerances {
                frame_numbers: self.tolerate.contains(&Tolerance::FrameNumbers),
                plain_frames: self.tolerate.contains(&Tolerance::PlainFrames),
                no_enq: self.tolerate.contains(&Tolerance::NoEnq),
                no_terminator: self.tolerate.contains(&Tolerance::NoTerminator),
            }),
            Protocol::Vidas => LinkRules::Vidas,
            Protocol::Mllp => LinkRules::Mllp,
            Protocol::Lines => LinkRules::Lines(LineSettings {
                message: match self.message {
                    MessageUnit::Line => Unit::Line,
                    MessageUnit::Block => Unit::Block,
                },
                silence: self.silence_ms.map_or(LineSettings::default().silence, Duration::from_millis),
                poll: self.poll.as_ref().map(|poll| Poll {
                    command: format!("{}\r\n", poll.command).into_bytes(),
                    every: Duration::from_secs(poll.every_s.max(1)),
                }),
            }),
        })
    }
}

impl LinkRules {
    pub fn link(&self, now: Instant) -> Box<dyn Link> {
        match self {
            LinkRules::Astm(tolerances) => Box::new(AstmLink::new(Side::Host, tolerances.clone())),
            LinkRules::Vidas => Box::new(VidasLink::new()),
            LinkRules::Lines(settings) => Box::new(LineLink::new(settings.clone(), now)),
            LinkRules::Mllp => Box::new(MllpLink::new()),
        }
    }
}
