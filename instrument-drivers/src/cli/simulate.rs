//! `simulate` and `replay`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use super::Place;
use crate::port::simulate::{
    BalanceKind, BalanceStep, Change, Disturbance, FileStep, Hl7Step, Step, astm_analyser, disturbed_sender,
    file_exporter, hl7_analyser, play_balance,
};
use crate::port::{Line, record, serial, tcp};

/// A script. Exactly one kind of instrument.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Script {
    /// Steps of an ASTM analyser: `message`, `damaged_once`, `damaged`, `unfinished`, `silence_ms`, `noise`, `listen_ms`,
    /// `refuse`.
    #[serde(default)]
    astm: Vec<Step>,
    /// Steps of an HL7 analyser: `message`, `cut`, `silence_ms`, `noise`.
    #[serde(default)]
    hl7: Vec<Hl7Step>,
    /// Loads of a balance, `torn`, `silence_ms`, `noise`; and whose balance it is.
    #[serde(default)]
    balance: Vec<BalanceStep>,
    #[serde(default)]
    balance_kind: BalanceKind,
    /// A file with the bytes of a VIDAS or plain STX/ETX device.
    capture: Option<PathBuf>,
    /// What goes wrong while it is sent.
    #[serde(default)]
    disturb: Disturbance,
    /// What software does in `--folder`.
    #[serde(default)]
    file: Vec<FileToml>,
}

/// Exactly one of `text`, `from`, `append`, `torn`, `rename_to`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileToml {
    name: String,
    /// The text of the file.
    text: Option<String>,
    /// Or a file to copy.
    from: Option<PathBuf>,
    /// Text to be added to the file.
    append: Option<String>,
    /// Text of which only the first half is ever written.
    torn: Option<String>,
    rename_to: Option<String>,
    /// Pause in the middle of writing, or behind a change.
    #[serde(default)]
    pause_ms: u64,
}

impl FileToml {
    fn step(&self, base: &Path) -> Result<FileStep, String> {
        let change = match (&self.text, &self.from, &self.append, &self.torn, &self.rename_to) {
            (Some(text), None, None, None, None) => Change::Write(text.clone().into_bytes()),
            (None, Some(from), None, None, None) => {
                Change::Write(std::fs::read(base.join(from)).map_err(|error| format!("{}: {error}", from.display()))?)
            }
            (None, None, Some(text), None, None) => Change::Append(text.clone().into_bytes()),
            (None, None, None, Some(text), None) => Change::Torn(text.clone().into_bytes()),
            (None, None, None, None, Some(name)) => Change::RenameTo(name.clone()),
            _ => return Err(format!("file {}: give exactly one of text, from, append, torn and rename_to", self.name)),
        };
        Ok(FileStep { name: self.name.clone(), change, pause: Duration::from_millis(self.pause_ms) })
    }
}

pub fn simulate(path: &Path, at: &Place) -> Result<(), String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let script: Script = toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    let base = path.parent().unwrap_or(Path::new("."));
    let failed = |error: std::io::Error| format!("the simulation broke off: {error}");
    let kinds = [
        !script.astm.is_empty(),
        !script.hl7.is_empty(),
        !script.balance.is_empty(),
        script.capture.is_some(),
        !script.file.is_empty(),
    ];
    if kinds.iter().filter(|given| **given).count() != 1 {
        return Err("the script plays exactly one instrument: give one of astm, hl7, balance, capture and file".into());
    }
    if !script.file.is_empty() {
        let folder = at.folder.as_deref().ok_or("--folder is missing: the folder to drop the files into")?;
        let steps = script.file.iter().map(|file| file.step(base)).collect::<Result<Vec<_>, _>>()?;
        file_exporter(folder, &steps).map_err(failed)?;
        println!("files written, added to or renamed: {}", steps.len());
        return Ok(());
    }
    let mut line = open(at)?;
    if !script.astm.is_empty() {
        let played = astm_analyser(line.as_mut(), &script.astm).map_err(failed)?;
        println!(
            "delivered {}, frames sent again {}, received {}",
            played.delivered,
            played.resent,
            played.received.len()
        );
        return if played.not_delivered.is_empty() {
            Ok(())
        } else {
            Err(format!("not delivered: {}", played.not_delivered.join("; ")))
        };
    }
    if !script.hl7.is_empty() {
        let codes = hl7_analyser(line.as_mut(), &script.hl7).map_err(failed)?;
        println!("acknowledged {}", codes.join(" "));
        return if codes.iter().all(|code| code == "AA") { Ok(()) } else { Err("not every message was stored".into()) };
    }
    if !script.balance.is_empty() {
        let weighed = play_balance(script.balance_kind, line.as_mut(), &script.balance, BALANCE_PATIENCE);
        println!("weighed {}", weighed.map_err(failed)?);
        // A pseudo-terminal that closes at once takes the last line with it.
        std::thread::sleep(LAST_BYTES);
        return Ok(());
    }
    let (capture, disturb) = (script.capture.unwrap_or_default(), script.disturb);
    let bytes = std::fs::read(base.join(&capture)).map_err(|error| format!("{}: {error}", capture.display()))?;
    match disturbed_sender(line.as_mut(), &bytes, &disturb).map_err(failed)? {
        true => println!("acknowledged"),
        false => return Err("not acknowledged".into()),
    }
    Ok(())
}

/// A load that nobody asks for stays on the pan so long.
const BALANCE_PATIENCE: Duration = Duration::from_secs(60);
/// The other side reads within this time.
const LAST_BYTES: Duration = Duration::from_millis(200);

pub fn replay(recording: &Path, at: &Place, speed: f32) -> Result<(), String> {
    let stretches = record::load(recording).map_err(|error| format!("{}: {error}", recording.display()))?;
    if let Some(folder) = &at.folder {
        if at.serial.is_some() || at.listen.is_some() || at.connect.is_some() {
            return Err(ONE_PLACE.into());
        }
        let count = record::replay_files(&stretches, folder, speed)
            .map_err(|error| format!("the replay broke off: {error}"))?;
        if count == 0 {
            return Err(format!("{} is the recording of a line: there are no files in it", recording.display()));
        }
        println!("files written: {count}");
        return Ok(());
    }
    if !stretches.is_empty() && stretches.iter().all(|stretch| stretch.file.is_some()) {
        return Err(format!("{} is the recording of a folder: say where by --folder", recording.display()));
    }
    let mut line = open(at)?;
    record::replay(&stretches, line.as_mut(), speed).map_err(|error| format!("the replay broke off: {error}"))
}

/// A folder is for files alone.
const ONE_PLACE: &str = "give exactly one of --serial, --listen, --connect, or for files --folder";

fn open(at: &Place) -> Result<Box<dyn Line>, String> {
    match (at.serial(), &at.listen, &at.connect) {
        _ if at.folder.is_some() => Err(ONE_PLACE.into()),
        (Some(config), None, None) => serial::open(&config).map_err(|error| format!("{}: {error}", config.path)),
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
        _ => Err(ONE_PLACE.into()),
    }
}
