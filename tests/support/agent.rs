//! The program beside an instrument, word for word: tests that kill it start this one.

fn main() -> std::process::ExitCode {
    instrument_drivers::cli::main()
}
