//! How a port is set up, as it stands in the agent's configuration file.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::profile::link::PollToml;

/// One port of an instrument. Exactly one of `serial`, `tcp_listen`, `tcp_connect`, `folder`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PortConfig {
    /// Code of the instrument in the laboratory. An instrument may have several ports, one line and any folders: what
    /// arrives at them is the instrument's.
    pub instrument: String,
    /// Name of a shipped profile, or path of a profile file.
    pub profile: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<SerialConfig>,
    /// Address to listen on, for devices that call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tcp_listen: Option<String>,
    /// Only these may call; anybody when left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tcp_allow: Vec<IpAddr>,
    /// Address to call, for devices and serial-device servers that listen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tcp_connect: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<FolderConfig>,
    /// Asks a balance or a meter again and again: `{ command = "S", every_s = 5 }`. Comes before the profile's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poll: Option<PollToml>,
    /// Sends what waits on the work list without being asked, and takes back what was cancelled. For analysers with ASTM
    /// or HL7 that do not ask.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub send_orders: bool,
    /// Sequence files that a person sends to the instrument are put into this folder. A file that is there is never overwritten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequence_folder: Option<PathBuf>,
    /// Every byte of both directions, or every file that is taken, is also written here, to be replayed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<PathBuf>,
}

impl PortConfig {
    /// A port that is nowhere yet.
    pub fn new(instrument: impl Into<String>, profile: impl Into<String>) -> Self {
        PortConfig {
            instrument: instrument.into(),
            profile: profile.into(),
            serial: None,
            tcp_listen: None,
            tcp_allow: Vec::new(),
            tcp_connect: None,
            folder: None,
            poll: None,
            send_orders: false,
            sequence_folder: None,
            record: None,
        }
    }

    /// Where the instrument is connected, for people; together with the instrument's code it names the port.
    pub fn place(&self) -> String {
        match (&self.folder, &self.serial, &self.tcp_connect) {
            (Some(folder), ..) if folder.pattern == any_file() => format!("folder {}", folder.path.display()),
            (Some(folder), ..) => format!("folder {} ({})", folder.path.display(), folder.pattern),
            (_, Some(serial), _) => format!("serial {}", serial.path),
            (.., Some(address)) => format!("tcp to {address}"),
            _ => format!("tcp at {}", self.tcp_listen.as_deref().unwrap_or_default()),
        }
    }
}

/// A serial port. Default 9600 8N1 without hand shake: the most usual, and the standard's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SerialConfig {
    /// `/dev/ttyUSB0`, `COM3`.
    pub path: String,
    #[serde(default = "baud")]
    pub baud: u32,
    #[serde(default = "data_bits")]
    pub data_bits: u8,
    #[serde(default)]
    pub parity: Parity,
    #[serde(default = "stop_bits")]
    pub stop_bits: u8,
    #[serde(default)]
    pub flow: Flow,
}

fn baud() -> u32 {
    9600
}

fn data_bits() -> u8 {
    8
}

fn stop_bits() -> u8 {
    1
}

impl SerialConfig {
    pub fn new(path: impl Into<String>) -> Self {
        SerialConfig {
            path: path.into(),
            baud: baud(),
            data_bits: data_bits(),
            parity: Parity::default(),
            stop_bits: stop_bits(),
            flow: Flow::default(),
        }
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Parity {
    #[default]
    None,
    Even,
    Odd,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Flow {
    #[default]
    None,
    Software,
    Hardware,
}

/// A folder into which software exports files. The agent only ever reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FolderConfig {
    pub path: PathBuf,
    /// File names to take, with `*` and `?`; compared without case.
    #[serde(default = "any_file")]
    pub pattern: String,
    /// Milliseconds between two looks.
    #[serde(default = "look_every_ms")]
    pub look_every_ms: u64,
    /// A file is taken when its size and time have not changed for so many milliseconds.
    #[serde(default = "rest_ms")]
    pub rest_ms: u64,
    /// The last line of a text must have its line end: `0.5` may be the first half of `0.52`. A file that lacks it rests
    /// for `open_line_rest_ms` before it is taken, and is named in the status.
    #[serde(default = "last_line_ended")]
    pub last_line_ended: bool,
    #[serde(default = "open_line_rest_ms")]
    pub open_line_rest_ms: u64,
    /// Also take files in folders below.
    #[serde(default)]
    pub recursive: bool,
}

fn any_file() -> String {
    "*".into()
}

/// 2 s: somebody who stands before the instrument does not wait long.
fn look_every_ms() -> u64 {
    2000
}

/// 10 s: longer than an exporting program usually keeps the rest of its buffer back.
fn rest_ms() -> u64 {
    10_000
}

fn last_line_ended() -> bool {
    true
}

/// 1 min: a program that has not written the end of a line by then does not write it at all.
fn open_line_rest_ms() -> u64 {
    60_000
}

impl FolderConfig {
    pub fn new(path: impl Into<PathBuf>) -> Self {
        FolderConfig {
            path: path.into(),
            pattern: any_file(),
            look_every_ms: look_every_ms(),
            rest_ms: rest_ms(),
            last_line_ended: last_line_ended(),
            open_line_rest_ms: open_line_rest_ms(),
            recursive: false,
        }
    }

    /// Whether a file of this name is taken.
    pub fn takes_name(&self, path: &Path) -> bool {
        path.file_name().is_some_and(|name| name_matches(&self.pattern, &name.to_string_lossy()))
    }

    /// Whether a file at this place would be taken.
    pub fn takes(&self, path: &Path) -> bool {
        let is_within = path.parent() == Some(self.path.as_path()) || self.recursive && path.starts_with(&self.path);
        is_within && self.takes_name(path)
    }

    pub fn look_every(&self) -> Duration {
        // Between 20 ms (tests) and an hour; anything else is a slip of the pen.
        Duration::from_millis(self.look_every_ms.clamp(20, 3_600_000))
    }

    pub fn rest(&self) -> Duration {
        Duration::from_millis(self.rest_ms)
    }

    /// Of a text whose last line is open; never shorter than the rest of others.
    pub fn open_line_rest(&self) -> Duration {
        Duration::from_millis(self.open_line_rest_ms.max(self.rest_ms))
    }
}

/// `*` stands for any text, `?` for one character; letters are compared without case.
fn name_matches(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.to_lowercase().chars().collect();
    let name: Vec<char> = name.to_lowercase().chars().collect();
    // The place to return to when the rest does not fit: the last star and how much it has swallowed.
    let (mut p, mut n, mut back) = (0, 0, None);
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                back = Some((p, n));
                p += 1;
            }
            Some(c) if *c == '?' || *c == name[n] => {
                p += 1;
                n += 1;
            }
            _ => match back {
                Some((star, swallowed)) => {
                    back = Some((star, swallowed + 1));
                    p = star + 1;
                    n = swallowed + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_with_stars() {
        for (pattern, name, expected) in [
            ("*", "a.csv", true),
            ("*.csv", "Run 7.CSV", true),
            ("*.csv", "run.csv.tmp", false),
            ("run?-*.txt", "run7-a-b.txt", true),
            ("run?.txt", "run12.txt", false),
            ("*a*b", "xaxbxb", true),
        ] {
            assert_eq!(name_matches(pattern, name), expected, "{pattern} {name}");
        }
    }
}
