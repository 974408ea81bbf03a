//! `simulate` and `replay`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use super::Place;
use crate::agent::SerialConfig;
use crate::port::simulate::{Load, Step, astm_analyser, balance, export_file, framed_sender};
use crate::port::{Line, record, serial, tcp};

/// A script. Exactly one kind of instrument.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Script {
    /// Steps of an ASTM analyser: `message`, `damaged_once`, `silence_ms`, `noise`.
    #[serde(default)]
    astm: Vec<Step>,
    /// Loads of a balance.
    #[serde(default)]
    balance: Vec<Load>,
    /// A file with the bytes of a VIDAS or plain STX/ETX device.
    capture: Option<PathBuf>,
    /// Files to drop into `--folder`.
    #[serde(default)]
    file: Vec<Drop>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Drop {
    name: String,
    /// The text of the file.
    text: Option<String>,
    /// Or a file to copy.
    from: Option<PathBuf>,
    /// Pause in the middle of writing.
    #[serde(default)]
    pause_ms: u64,
}

pub fn simulate(path: &Path, at: &Place, folder: Option<&Path>) -> Result<(), String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let script: Script = toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    let base = path.parent().unwrap_or(Path::new("."));
    let failed = |error: std::io::Error| format!("the simulation broke off: {error}");
    if !script.file.is_empty() {
        let folder = folder.ok_or("--folder is missing: the folder to drop the files into")?;
        for file in &script.file {
            let bytes = match (&file.text, &file.from) {
                (Some(text), None) => text.clone().into_bytes(),
                (None, Some(from)) => {
                    std::fs::read(base.join(from)).map_err(|error| format!("{}: {error}", from.display()))?
                }
                _ => {
                    return Err(format!("file {}: give exactly one of text and from", file.name));
                }
            };
            export_file(folder, &file.name, &bytes, Duration::from_millis(file.pause_ms)).map_err(failed)?;
            println!("dropped {}", file.name);
        }
        return Ok(());
    }
    let mut line = open(at)?;
    if !script.astm.is_empty() {
        let played = astm_analyser(line.as_mut(), &script.astm).map_err(failed)?;
        println!("delivered {}, frames sent again {}", played.delivered, played.resent);
        return if played.not_delivered.is_empty() {
            Ok(())
        } else {
            Err(format!("not delivered: {}", played.not_delivered.join("; ")))
        };
    }
    if !script.balance.is_empty() {
        let weighed = balance(line.as_mut(), &script.balance, Duration::from_secs(60)).map_err(failed)?;
        println!("weighed {weighed}");
        return Ok(());
    }
    let capture = script.capture.ok_or("the script is empty: give astm, balance, capture or file")?;
    let bytes = std::fs::read(base.join(&capture)).map_err(|error| format!("{}: {error}", capture.display()))?;
    match framed_sender(line.as_mut(), &bytes).map_err(failed)? {
        true => println!("acknowledged"),
        false => return Err("not acknowledged".into()),
    }
    Ok(())
}

pub fn replay(recording: &Path, at: &Place, speed: f32) -> Result<(), String> {
    let stretches = record::load(recording).map_err(|error| format!("{}: {error}", recording.display()))?;
    let mut line = open(at)?;
    record::replay(&stretches, line.as_mut(), speed).map_err(|error| format!("the replay broke off: {error}"))
}

fn open(at: &Place) -> Result<Box<dyn Line>, String> {
    match (&at.serial, &at.listen, &at.connect) {
        (Some(path), None, None) => serial::open(&SerialConfig { baud: at.baud, ..SerialConfig::new(path) })
            .map_err(|error| format!("{path}: {error}")),
        (None, None, Some(address)) => tcp::connect(address).map_err(|error| format!("{address}: {error}")),
        (None, Some(address), None) => {
            let listener = tcp::Listener::bind(address).map_err(|error| format!("{address}: {error}"))?;
            loop {
                if let Some(line) =
                    listener.accept(Duration::from_secs(1)).map_err(|error| format!("{address}: {error}"))?
                {
                    return Ok(line);
                }
            }
        }
        _ => Err("give exactly one of --serial, --listen, --connect".into()),
    }
}
