//! The command line of `instrument-agent`. Exit codes: 0 done, 1 unreadable or failed, 2 no profile fits, 3 read with
//! troubles or a profile proposed for what was not understood, 64 the command line itself is wrong.

mod read;
mod run;
mod simulate;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

use crate::port::config::{Flow, Parity, SerialConfig};
use crate::profile::Profile;

#[derive(Debug, Parser)]
#[command(
    name = "instrument-agent",
    version,
    about = "Reads laboratory instruments, keeps every byte, forwards to the server"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the agent with its configuration file until it is ended.
    Run {
        #[arg(long)]
        config: PathBuf,
        /// Offers messages that the server did not take once more, for a server that now takes them.
        #[arg(long)]
        resend_withheld: bool,
    },
    /// Shows what the running agent is doing (from its status file).
    Status {
        #[arg(long)]
        config: PathBuf,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Reads one file and prints its values.
    Read {
        file: PathBuf,
        /// Name of a shipped profile or path of a profile file; the best-matching one when left out.
        #[arg(long)]
        profile: Option<String>,
        #[arg(long, value_enum, default_value_t = Format::Csv)]
        format: Format,
    },
    /// Lists the shipped profiles.
    Profiles,
    /// Checks a profile file.
    CheckProfile { path: PathBuf },
    /// Proposes a profile for a file that no profile reads, and says how sure it is of each choice.
    SuggestProfile {
        file: PathBuf,
        /// Corrects the proposal: `--set table.value={CT}`. May be repeated.
        #[arg(long = "set", value_name = "KEY=VALUE")]
        corrections: Vec<String>,
    },
    /// Opens one port and prints what arrives; nothing is forwarded.
    Listen {
        #[command(flatten)]
        at: Place,
        #[arg(long)]
        profile: String,
        /// Folder of the spool; a temporary one when left out.
        #[arg(long)]
        spool: Option<PathBuf>,
    },
    /// As `listen`, and writes every byte of both directions, or every file of a folder, to a recording.
    Record {
        #[command(flatten)]
        at: Place,
        #[arg(long)]
        profile: String,
        #[arg(long)]
        to: PathBuf,
    },
    /// Plays the instrument's part of a recording; with `--folder` writes its files there.
    Replay {
        recording: PathBuf,
        #[command(flatten)]
        at: Place,
        /// 2 is twice as fast.
        #[arg(long, default_value_t = 1.0)]
        speed: f32,
    },
    /// Plays an instrument from a script.
    Simulate {
        /// TOML script: one of `[[astm]]`, `[[hl7]]`, `[[balance]]`, `capture`, `[[file]]`.
        script: PathBuf,
        #[command(flatten)]
        at: Place,
    },
}

/// Where an instrument is.
#[derive(Debug, Clone, clap::Args)]
struct Place {
    /// Serial port, `/dev/ttyUSB0` or `COM3`, with 9600 8N1 and no hand shake unless told otherwise.
    #[arg(long)]
    serial: Option<String>,
    #[arg(long, default_value_t = 9600)]
    baud: u32,
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u8).range(5..=8))]
    data_bits: u8,
    #[arg(long, value_enum, default_value_t)]
    parity: Parity,
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=2))]
    stop_bits: u8,
    /// Hand shake.
    #[arg(long, value_enum, default_value_t)]
    flow: Flow,
    /// Address to listen on.
    #[arg(long)]
    listen: Option<String>,
    /// Address to connect to.
    #[arg(long)]
    connect: Option<String>,
    /// Folder into which software exports files: `listen` and `record` take them, `replay` and `simulate` put them there.
    #[arg(long)]
    folder: Option<PathBuf>,
}

impl Place {
    fn serial(&self) -> Option<SerialConfig> {
        let path = self.serial.clone()?;
        let Place { baud, data_bits, parity, stop_bits, flow, .. } = *self;
        Some(SerialConfig { path, baud, data_bits, parity, stop_bits, flow })
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Csv,
    Jsonl,
}

/// EX_USAGE of sysexits.h. clap's own 2 means here that no profile fits.
const USAGE: u8 = 64;

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(told) => {
            // Help and version are told in the same way. Nobody is there to hear that nothing could be printed.
            let _ = told.print();
            return if told.use_stderr() { ExitCode::from(USAGE) } else { ExitCode::SUCCESS };
        }
    };
    let terminal = std::io::IsTerminal::is_terminal(&std::io::stderr());
    tracing_subscriber::fmt().with_ansi(terminal).with_writer(std::io::stderr).with_target(false).init();
    let done = match cli.command {
        Command::Run { config, resend_withheld } => run::run(&config, resend_withheld),
        Command::Status { config, json } => run::status(&config, json),
        Command::Read { file, profile, format } => return read::read(&file, profile.as_deref(), format),
        Command::Profiles => profiles(),
        Command::CheckProfile { path } => check(&path),
        Command::SuggestProfile { file, corrections } => return suggest(&file, &corrections),
        Command::Listen { at, profile, spool } => run::listen(&at, &profile, spool.as_deref(), None),
        Command::Record { at, profile, to } => run::listen(&at, &profile, None, Some(&to)),
        Command::Replay { recording, at, speed } => simulate::replay(&recording, &at, speed),
        Command::Simulate { script, at } => simulate::simulate(&script, &at),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(1)
        }
    }
}

/// To standard output. Who reads it may have heard enough (`profiles | head -3`), and a disk may be full.
fn print(text: &str) -> Result<(), String> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|error| cannot_print(&error))
}

fn cannot_print(error: &std::io::Error) -> String {
    format!("what was asked for cannot be printed: {error}")
}

fn profiles() -> Result<(), String> {
    let mut text = String::new();
    for name in Profile::shipped() {
        let profile = Profile::load(name).map_err(|error| error.to_string())?;
        let maturity = serde_json::to_string(&profile.maturity).unwrap_or_default();
        text.push_str(&format!("{name}\t{}\t{}\n", maturity.trim_matches('"'), profile.title));
    }
    print(&text)
}

fn check(path: &std::path::Path) -> Result<(), String> {
    let profile = Profile::load(&path.to_string_lossy()).map_err(|error| error.to_string())?;
    print(&found_good(path, &profile.title))
}

/// A profile that has no title yet is named by its file alone.
fn found_good(path: &std::path::Path, title: &str) -> String {
    let title = title.trim();
    let named = if title.is_empty() { String::new() } else { format!(" ({title})") };
    format!("{}: good{named}\n", path.display())
}

/// The profile goes to standard output, the findings and counts to standard error.
fn suggest(file: &std::path::Path, corrections: &[String]) -> ExitCode {
    match propose(file, corrections) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(NOT_UNDERSTOOD),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(1)
        }
    }
}

/// A profile was printed, but one of the first three columns, whatever they hold.
const NOT_UNDERSTOOD: u8 = 3;

/// Prints the proposal; false where the file was not understood.
fn propose(file: &std::path::Path, corrections: &[String]) -> Result<bool, String> {
    let bytes = std::fs::read(file).map_err(|error| format!("{} cannot be read: {error}", file.display()))?;
    let (mut text, understood) = match crate::profile::suggest::suggest(&bytes) {
        Ok(suggestion) => {
            for finding in &suggestion.findings {
                eprintln!("{}: {} ({} % sure: {})", finding.what, finding.choice, finding.sure, finding.why);
            }
            (suggestion.toml, true)
        }
        Err(why) => {
            eprintln!(
                "{} was not understood: {why}. The profile printed here reads its first three columns as sample, analyte and \
                 value, whatever they hold; correct it, for example by --set 'table.value={{#4}}'",
                file.display()
            );
            (crate::profile::suggest::blank(&bytes), false)
        }
    };
    for correction in corrections {
        let (key, value) = correction.split_once('=').ok_or_else(|| format!("--set {correction}: write KEY=VALUE"))?;
        let corrected = crate::profile::suggest::correct(&text, key.trim(), value.trim());
        text = corrected.map_err(|why| why.to_string())?;
    }
    let profile = Profile::parse("proposal", &text).map_err(|error| error.to_string())?;
    let path = std::path::absolute(file).unwrap_or_else(|_| file.to_path_buf());
    let context = crate::profile::Context::of_path(&path);
    let survey = profile.survey(&bytes, &context);
    let (found, troubles) = (survey.reading.observations.len(), &survey.reading.troubles);
    eprintln!("found {found} values, skipped {} lines, {} troubles", survey.skipped, troubles.len());
    for trouble in troubles.iter().take(5) {
        eprintln!("  {trouble}");
    }
    if !survey.unmapped.is_empty() {
        eprintln!("columns not read: {}", survey.unmapped.join(", "));
    }
    print(&format!("{text}\n"))?;
    Ok(understood)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(arguments: &[&str]) -> Result<Place, clap::error::ErrorKind> {
        let words = ["instrument-agent", "listen", "--profile", "and_balance"].iter().chain(arguments);
        match Cli::try_parse_from(words).map_err(|error| error.kind())?.command {
            Command::Listen { at, .. } => Ok(at),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_good_profile_is_said_with_its_title_where_it_has_one() {
        let said = |title: &str| found_good(std::path::Path::new("own.toml"), title);
        assert_eq!(said("Balance of the sample room"), "own.toml: good (Balance of the sample room)\n");
        assert_eq!([said(""), said("  ")], ["own.toml: good\n", "own.toml: good\n"]);
    }

    #[test]
    fn a_serial_line_of_any_kind_can_be_given() {
        let usual = place(&["--serial", "COM3"]).unwrap().serial();
        assert_eq!(usual, Some(SerialConfig::new("COM3")));
        let old = ["--serial", "COM3", "--baud", "2400", "--data-bits", "7", "--parity", "even", "--stop-bits", "2"];
        let old = place(&[&old[..], &["--flow", "software"]].concat()).unwrap().serial().unwrap();
        assert_eq!((old.baud, old.data_bits, old.parity, old.stop_bits), (2400, 7, Parity::Even, 2));
        assert_eq!(old.flow, Flow::Software);
        assert_eq!(place(&["--listen", "127.0.0.1:0"]).unwrap().serial(), None);
        for wrong in [["--data-bits", "9"], ["--stop-bits", "3"], ["--parity", "maybe"], ["--flow", "some"]] {
            assert!(place(&wrong).is_err(), "{wrong:?}");
        }
    }
}
