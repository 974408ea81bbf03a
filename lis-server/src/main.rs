fn main() -> std::process::ExitCode {
    lis_server::cli::main()
}
