//! How long the server takes from its start to its first answer on a laboratory that is there, in milliseconds, and how
//! much memory it holds when nobody asks anything.
//!
//! ```sh
//! cargo bench -p lis-tests --bench starting                                   # release
//! LIS_BENCH_PROGRAM=/usr/bin/lis-server cargo bench -p lis-tests --bench starting   # another build
//! ```
//! The laboratory is what the demonstration leaves, in SQLite. The aim is 40 MB idle; a build for tests is larger and
//! slower. Every start but the first follows a kill, so it includes what SQLite does after one.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use lis_tests::{Client, Program, figures};

/// Enough to step over a hiccup of the machine.
const STARTS: usize = 10;

/// What a start leaves to do is done by then.
const IDLE: Duration = Duration::from_secs(2);

/// Resident memory that the idle server should stay under, in MB (10^6 bytes).
const AIM_MB: f64 = 40.0;

fn main() {
    let program = std::env::var_os("LIS_BENCH_PROGRAM")
        .map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_lis-server-under-test")), PathBuf::from);
    let data = tempfile::TempDir::new().expect("a temporary directory");
    fill(&program, data.path());

    let mut times: Vec<Duration> = (0..STARTS)
        .map(|_| {
            let began = Instant::now();
            let server = ready(&program, data.path());
            let took = began.elapsed();
            server.kill();
            took
        })
        .collect();
    times.sort_unstable();
    let server = ready(&program, data.path());
    std::thread::sleep(IDLE);
    let resident_mb = server.resident_bytes() as f64 / 1e6;

    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    println!("{}", program.display());
    // The port is tried every 10 ms: a smaller difference says nothing.
    println!("{:<44}{:>8.0} ms", format!("start to first answer, least of {STARTS}"), ms(times[0]));
    println!("{:<44}{:>8.0} ms", "start to first answer, median", ms(times[STARTS / 2]));
    println!("{:<44}{resident_mb:>8.1} MB, {}", "resident, idle", figures::at_most(AIM_MB, resident_mb));
}

/// Plays the demonstration.
fn fill(program: &Path, data: &Path) {
    let played = Command::new(program)
        .args(["demo", "--exit", "--data"])
        .arg(data)
        .env("LIS_DATABASE_URL", database(data))
        .env("LIS_LOG", "error")
        .stdout(Stdio::null())
        .status()
        .unwrap_or_else(|error| panic!("{}: {error}", program.display()));
    assert!(played.success(), "the demonstration: {played}");
}

/// The server, once it has said that it is ready.
fn ready(program: &Path, data: &Path) -> Program {
    let url = database(data);
    let server = Program::serve(program, data, &[("LIS_DATABASE_URL", &url), ("LIS_LOG", "error")]);
    Client::new(server.base()).get("/health/ready").expect(200);
    server
}

fn database(data: &Path) -> String {
    format!("sqlite:{}", data.join("lis.db").display())
}
