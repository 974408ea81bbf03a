//! `instrument-agent`: the agent as a program, and the command line of the drivers.

use std::process::ExitCode;

fn main() -> ExitCode {
    instrument_drivers::cli::main()
}
