//! Programs that a test runs beside itself, and addresses for them. The whole-system tests use this file, too.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::ops::{Deref, DerefMut, Range};
use std::process::Child;
use std::sync::atomic::{AtomicU32, Ordering};

/// A program that is killed when this goes out of scope, also where the test fails: what is left running keeps the output of
/// the tests open, and whoever reads that waits for ever.
pub struct Running(pub Child);

impl Deref for Running {
    type Target = Child;

    fn deref(&self) -> &Child {
        &self.0
    }
}

impl DerefMut for Running {
    fn deref_mut(&mut self) -> &mut Child {
        &mut self.0
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Ports that no system hands out by itself (Linux begins at 32,768, others at 49,152): who calls somewhere never gets one of
/// them as his own, neither before the program has it nor while the program is down and to be started again.
const PORTS: Range<u16> = 12_000..32_000;

/// An address for a program that takes an address and not a socket. It is given once in this process, and to nobody who was
/// there a moment ago.
pub fn free_address() -> SocketAddr {
    /// How many were looked at.
    static LOOKED_AT: AtomicU32 = AtomicU32::new(0);
    // Tests in several processes begin at different places.
    let begin = std::process::id().wrapping_mul(61);
    let next = || {
        let number = begin.wrapping_add(LOOKED_AT.fetch_add(1, Ordering::Relaxed));
        let port = PORTS.start + (number % PORTS.len() as u32) as u16;
        SocketAddr::from((Ipv4Addr::LOCALHOST, port))
    };
    let mut addresses = std::iter::repeat_with(next).take(PORTS.len());
    addresses.find(|address| TcpListener::bind(address).is_ok()).expect("a free port")
}
