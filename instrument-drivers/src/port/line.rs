//! A line to an instrument, whatever it is made of.

use std::io;
use std::time::Duration;

/// A line to an instrument.
pub trait Line: Send {
    /// Reads what is there, waiting at most so long. 0 bytes: nothing came.
    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> io::Result<usize>;
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;
}

impl<L: Line + ?Sized> Line for Box<L> {
    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> io::Result<usize> {
        (**self).read(buffer, timeout)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        (**self).write(bytes)
    }
}
