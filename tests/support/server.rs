//! The server's program, word for word: tests that kill it or weigh it start this one.

fn main() -> std::process::ExitCode {
    lis_server::cli::main()
}
