//! Gives back the pages of the program file that only the start has used.
//!
//! A start runs code from all over the program: migrations, settings, routes. The system maps it page by page, with
//! neighbours that nobody asked for, and leaves it mapped. Of an idle server that is three quarters of what it holds
//! (decision 0014). Given back, the pages stay in the system's cache and are mapped again when their code runs.

use std::time::Duration;

use tracing::debug;

/// What a start does beside answering (jobs that are due, the embedded agent) is over by then.
const START_IS_OVER: Duration = Duration::from_secs(1);

/// Waits until the start is over, then gives its pages back. Where the system is not Linux, nothing happens.
pub async fn give_back_when_started() {
    tokio::time::sleep(START_IS_OVER).await;
    #[cfg(target_os = "linux")]
    match linux::give_back() {
        Ok(bytes) => debug!(bytes, "The pages of the program file that the start has used are given back"),
        Err(error) => debug!(%error, "The pages of the program file that the start has used stay mapped"),
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::{fs, io};

    /// Gives back the pages of the program's code; how many bytes of addresses they have.
    pub(super) fn give_back() -> io::Result<usize> {
        let program = fs::read_link("/proc/self/exe")?;
        let maps = fs::read_to_string("/proc/self/maps")?;
        let code = maps.lines().filter_map(|line| code_of(line, &program.to_string_lossy()));
        code.map(|(from, to)| advise(from, to)).sum()
    }

    /// First address and the one behind the last, when a line of `/proc/self/maps` is of the program's code:
    /// `from-to r-xp offset device inode path`. Nothing has written there, so nothing is lost.
    fn code_of(line: &str, program: &str) -> Option<(usize, usize)> {
        let mut words = line.split_whitespace();
        let (addresses, rights) = (words.next()?, words.next()?);
        let path = line.find('/').and_then(|at| line.get(at..))?;
        if rights != "r-xp" || path != program {
            return None;
        }
        let (from, to) = addresses.split_once('-')?;
        Some((usize::from_str_radix(from, 16).ok()?, usize::from_str_radix(to, 16).ok()?))
    }

    #[expect(unsafe_code, reason = "the only way to say it to the system; decision 0014")]
    fn advise(from: usize, to: usize) -> io::Result<usize> {
        // SAFETY: the range is one whole mapping of the program file, private, readable and never writable, as the system
        // just listed it. Its pages hold what the file holds and are read from there again.
        let answer =
            unsafe { libc::madvise(std::ptr::with_exposed_provenance_mut(from), to - from, libc::MADV_DONTNEED) };
        if answer == 0 { Ok(to - from) } else { Err(io::Error::last_os_error()) }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn only_the_code_of_the_program_is_given_back() {
            let line = |rights: &str, path: &str| format!("55d0a000-55d0b800 {rights} 00022000 08:01 4711   {path}");
            let program = "/opt/lis server/lis-server";
            assert_eq!(code_of(&line("r-xp", program), program), Some((0x55d0_a000, 0x55d0_b800)));
            for other in [
                // What was written is no more what the file holds.
                line("rw-p", program),
                line("r--p", program),
                line("r-xp", "/usr/lib/libc.so.6"),
                line("r-xp", "/opt/lis server/lis-server (deleted)"),
                "7ffc1000-7ffc2000 r-xp 00000000 00:00 0   [vdso]".to_owned(),
                String::new(),
            ] {
                assert_eq!(code_of(&other, program), None, "{other}");
            }
        }

        #[test]
        fn the_program_goes_on_without_its_pages() {
            assert!(give_back().unwrap() > 1 << 20, "a test program has more than 1 MiB of code");
            assert!(give_back().is_ok(), "its code is there again");
        }
    }
}
