//! The command line: one program, one subcommand per task.

mod audit;
mod backup;
mod calc;
mod check_config;
mod copy;
#[cfg(unix)]
mod demo;
mod import;
mod init;
mod migrate;
mod replay;
mod serve;

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::{Command, CommandFactory, FromArgMatches, Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use crate::config::in_force::{Setting, in_force};
#[cfg(unix)]
use crate::config::in_force::{Source, put};
use crate::config::{Logging, Settings};

/// Laboratory information system of a shared food-testing laboratory.
#[derive(Parser, Debug)]
#[command(name = "lis-server", version, arg_required_else_help = true)]
struct CommandLine {
    #[command(flatten)]
    settings: Settings,
    #[command(flatten)]
    logging: Logging,
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand, Debug)]
enum Task {
    /// Serve the pages and the API.
    Serve(serve::Serve),
    /// Make the first account of a new laboratory: an administrator.
    Init(init::Init),
    /// Show the whole chain on an empty laboratory, then serve it.
    #[cfg(unix)]
    Demo(demo::Demo),
    /// Bring the tables of the database up to date.
    Migrate,
    /// Check or export the log of every change.
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Write a backup while the server runs: database, files, and a manifest with the hash of each.
    Backup(backup::Backup),
    /// Bring a backup back into an empty data directory, when all of it is as its manifest says; `agent.toml` comes back
    /// as `agent.toml.restored`, so that a rehearsal opens no ports.
    Restore(backup::Restore),
    /// Move a laboratory to another database and compare table by table.
    Copy(copy::Copy),
    /// Replace a set of the catalogue by the laboratory's own table; add equipment, calibrations, lots, scope or
    /// readings of rooms.
    Import(import::Import),
    /// Calculate and judge every stored version of every result again, and name each one that comes out differently.
    Replay,
    /// Answer questions of judgement, one JSON object per line.
    Calc(calc::Calc),
    /// Show every setting in force with its value and where that comes from, and what is wrong with them.
    CheckConfig(check_config::CheckConfig),
}

/// Why a command ended without success, said to the person at the terminal.
type Done = Result<(), Box<dyn std::error::Error>>;

/// Runs the command line of the process.
pub fn main() -> ExitCode {
    let line = read_line();
    let unusable_filter = start_logging(&line.logging).err();
    let done = match (unusable_filter, line.task) {
        // It names this fault beside the others.
        (fault, Task::CheckConfig(task)) => task.run(&line.settings, fault),
        (Some(fault), _) => Err(fault.into()),
        (None, task) => run(task, &line.settings),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("lis-server: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The command line of the process; what cannot be read ends it here, with advice.
fn read_line() -> CommandLine {
    let mut command = CommandLine::command();
    let matches = command.get_matches_mut();
    let mut line = CommandLine::from_arg_matches(&matches).unwrap_or_else(|error| error.format(&mut command).exit());
    line.settings.in_force = in_force(&CommandLine::command(), &matches);
    #[cfg(unix)]
    if matches!(line.task, Task::Demo(_)) {
        keep_quiet(&mut line);
    }
    line
}

/// The demonstration says what it does by itself, on the same terminal: its log has what went wrong, unless the
/// reader asked for more.
#[cfg(unix)]
fn keep_quiet(line: &mut CommandLine) {
    let asked = |setting: &Setting| setting.name == "LIS_LOG" && setting.source != Source::Default;
    if !line.settings.in_force.iter().any(asked) {
        WARNINGS.clone_into(&mut line.logging.filter);
        put(&mut line.settings.in_force, Some(Source::Demonstration), &[("LIS_LOG", WARNINGS.to_owned())]);
    }
}

/// A filter that lets through what somebody has to look at.
#[cfg(unix)]
const WARNINGS: &str = "warn";

fn run(task: Task, settings: &Settings) -> Done {
    match task {
        Task::Serve(task) => task.run(settings),
        Task::Init(task) => task.run(settings),
        #[cfg(unix)]
        Task::Demo(task) => task.run(settings),
        Task::Migrate => migrate::run(settings),
        Task::Audit(task) => task.run(settings),
        Task::Backup(task) => task.run(settings),
        Task::Restore(task) => task.run(settings),
        Task::Copy(task) => task.run(settings),
        Task::Import(task) => task.run(settings),
        Task::Replay => replay::run(settings),
        Task::Calc(task) => task.run(settings),
        Task::CheckConfig(task) => task.run(settings, None),
    }
}

/// The settings by a command line (the program's name first), its environment and its defaults.
///
/// # Errors
/// When the program would not take this command line.
pub fn settings_of(line: &[&str]) -> Result<Vec<Setting>, clap::Error> {
    let matches = command().try_get_matches_from(line)?;
    Ok(in_force(&command(), &matches))
}

/// Every option and subcommand, for the reference.
pub fn command() -> Command {
    CommandLine::command()
}

fn start_logging(logging: &Logging) -> Result<(), String> {
    let filter = EnvFilter::try_new(&logging.filter).map_err(|error| {
        format!(
            "LIS_LOG is {:?}, which is no filter ({error}); write for example info,lis_server=debug",
            logging.filter
        )
    })?;
    // Colours are for eyes; in a file or a journal they are letters between the words.
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    // A second start in one process (tests) finds the first one's subscriber in place.
    let _ = if logging.format == "json" { builder.json().try_init() } else { builder.with_target(false).try_init() };
    Ok(())
}
