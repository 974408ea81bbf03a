//! TCP, called or calling. A newly arrived connection replaces the old one: serial-device servers vanish without a word.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream, ToSocketAddrs};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::Line;

/// A connection attempt is given up after this time.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Calls an instrument or a serial-device server.
pub fn connect(address: &str) -> io::Result<Box<dyn Line>> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, format!("'{address}' names no address"));
    for address in address.to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, CONNECT_TIMEOUT) {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                return Ok(Box::new(Tcp { stream, newer: None }));
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Waits for instruments that call.
pub struct Listener {
    listener: Arc<TcpListener>,
    /// A connection that arrived while another was being served.
    next: Arc<Mutex<Option<TcpStream>>>,
}

impl Listener {
    pub fn bind(address: &str) -> io::Result<Listener> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        Ok(Listener { listener: Arc::new(listener), next: Arc::default() })
    }

    /// The address in use, with the port that was chosen for port 0.
    pub fn address(&self) -> io::Result<std::net::SocketAddr> {
        self.listener.local_addr()
    }

    /// The next connection, waiting at most so long.
    pub fn accept(&self, timeout: Duration) -> io::Result<Option<Box<dyn Line>>> {
        let waiting = self.next.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).take();
        let stream = match waiting {
            Some(stream) => Some(stream),
            None => accept_within(&self.listener, timeout)?,
        };
        let Some(stream) = stream else {
            return Ok(None);
        };
        stream.set_nonblocking(false)?;
        // An acknowledgement is one byte and the instrument waits for it.
        stream.set_nodelay(true)?;
        Ok(Some(Box::new(Tcp { stream, newer: Some((self.listener.clone(), self.next.clone())) })))
    }
}

fn accept_within(listener: &TcpListener, timeout: Duration) -> io::Result<Option<TcpStream>> {
    let until = Instant::now() + timeout;
    loop {
        match listener.accept() {
            Ok((stream, _)) => return Ok(Some(stream)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
        if Instant::now() >= until {
            return Ok(None);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

type Newer = (Arc<TcpListener>, Arc<Mutex<Option<TcpStream>>>);

struct Tcp {
    stream: TcpStream,
    newer: Option<Newer>,
}

impl Line for Tcp {
    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> io::Result<usize> {
        self.stream.set_read_timeout(Some(timeout.max(Duration::from_millis(1))))?;
        match self.stream.read(buffer) {
            Ok(0) => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the other side closed the connection")),
            Ok(count) => Ok(count),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
                ) =>
            {
                if let Some((listener, next)) = &self.newer
                    && let Ok((stream, peer)) = listener.accept()
                {
                    *next.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(stream);
                    return Err(io::Error::other(format!("replaced by a new connection from {peer}")));
                }
                Ok(0)
            }
            Err(error) => Err(error),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.set_write_timeout(Some(Duration::from_secs(5)))?;
        self.stream.write_all(bytes)
    }
}
