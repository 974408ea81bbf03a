//! Gives memory back to the system that the program does not use (decision 0014), where the system is Linux.
//!
//! Large blocks: hashing a password takes 19 MiB. The allocator of the system takes such a block from the system, gives it back
//! when it is freed, and from then on keeps blocks of that size for itself: one for each thread that has ever hashed.
//!
//! Pages of the program file: a start runs code from all over the program: migrations, settings, routes. The system maps it page by page, with
//! neighbours that nobody asked for, and leaves it mapped. Of an idle server that is three quarters of what it holds. Given back, the pages stay in the system's cache and are mapped again when their code runs.

use std::time::Duration;

use tracing::debug;

/// Blocks of this size and larger go back to the system when they are freed, in bytes: pages and answers are smaller, the memory
/// of a hash and the file of an import are larger.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const LARGE_BLOCK: i32 = 1 << 20;

/// Has large blocks given back when they are freed. Before the first thread: the allocator reads it without a lock.
pub fn give_large_blocks_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    if !linux::give_back_from(LARGE_BLOCK) {
        debug!("Large blocks of memory stay with the program when they are freed");
    }
}

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

    /// Has blocks of this many bytes and more given back when they are freed; `false`: the allocator does not.
    #[cfg(target_env = "gnu")]
    #[expect(unsafe_code, reason = "the only way to say it to the allocator; decision 0014")]
    pub(super) fn give_back_from(bytes: i32) -> bool {
        // SAFETY: a number is set in the allocator of the C library; nothing that was allocated is touched.
        unsafe { libc::mallopt(libc::M_MMAP_THRESHOLD, bytes) == 1 }
    }

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
