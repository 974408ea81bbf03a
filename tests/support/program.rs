//! The server as a process of its own, for tests that kill it or weigh it.

use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

pub use super::running::{Running, free_address};

/// A running `lis-server serve`; it is killed when it goes out of scope.
pub struct Program {
    running: Running,
    pub address: SocketAddr,
    log: Receiver<String>,
}

/// How long a loaded machine may take to start the program, or to say something.
const START: Duration = Duration::from_secs(30);

impl Program {
    /// Starts the program on a data directory, with settings as environment variables.
    pub fn serve(executable: &Path, data: &Path, settings: &[(&str, &str)]) -> Self {
        Self::serve_with(executable, data, &[], settings)
    }

    /// The same with further options of `serve`.
    pub fn serve_with(executable: &Path, data: &Path, options: &[&str], settings: &[(&str, &str)]) -> Self {
        let address = free_address();
        let child = Command::new(executable)
            .args(["serve", "--listen", &address.to_string(), "--data"])
            .arg(data)
            .args(options)
            .envs(settings.iter().copied())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", executable.display()));
        let mut running = Running(child);
        let said = BufReader::new(running.stderr.take().expect("a pipe"));
        let (tell, log) = channel();
        // Keeps the pipe empty, and what it said at hand for a failing test.
        std::thread::spawn(move || {
            said.lines().map_while(Result::ok).for_each(|line| {
                eprintln!("server: {line}");
                // Nobody listens once the test is over.
                let _ = tell.send(line);
            });
        });
        let program = Self { running, address, log };
        let until = Instant::now() + START;
        while TcpStream::connect(address).is_err() {
            assert!(Instant::now() < until, "the program does not listen on {address}");
            std::thread::sleep(Duration::from_millis(10));
        }
        program
    }

    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The next line of its log that is looked for; waits until it comes.
    pub fn logged(&self, wanted: impl Fn(&str) -> bool) -> String {
        let until = Instant::now() + START;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let line =
                self.log.recv_timeout(left).unwrap_or_else(|_| panic!("the log does not say what is looked for"));
            if wanted(&line) {
                return line;
            }
        }
    }

    /// As a power cut does: no signal that it could catch, no farewell.
    pub fn kill(self) {
        drop(self);
    }

    /// Memory that the process holds now, in bytes (Linux: `VmRSS`).
    pub fn resident_bytes(&self) -> u64 {
        let status = PathBuf::from(format!("/proc/{}/status", self.running.id()));
        let text = std::fs::read_to_string(&status).unwrap_or_else(|error| panic!("{}: {error}", status.display()));
        let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a line VmRSS");
        let kib: u64 = line.trim().trim_end_matches("kB").trim().parse().expect("a number of KiB");
        kib * 1024
    }
}
