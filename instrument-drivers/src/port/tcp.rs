//! TCP, called or calling.
//!
//! Serial-device servers and analysers vanish without a word: a connection is asked for a sign of life again and again, and
//! a new call from the same address takes the place of the running one. A call from elsewhere does not, unless nothing has
//! come for long: a port scan must not cut an analyser off.

use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use socket2::{SockRef, TcpKeepalive};

use super::line::Line;

/// A connection attempt is given up after this time.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// An answer that the other side does not take within this time is given up.
const WRITE_TIMEOUT: Duration = Duration::from_secs(5);
/// A silent connection is asked for a sign of life after this time, and then again and again.
const ALIVE_AFTER: Duration = Duration::from_secs(30);
const ALIVE_EVERY: Duration = Duration::from_secs(10);
/// A connection that has been silent for so long makes way for a call from another address.
const MAKES_WAY_AFTER: Duration = Duration::from_secs(600);

/// Calls an instrument or a serial-device server.
pub fn connect(address: &str) -> io::Result<Box<dyn Line>> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, format!("'{address}' names no address"));
    for address in address.to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, CONNECT_TIMEOUT) {
            Ok(stream) => return Ok(Box::new(Tcp::open(stream, address, None)?)),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Waits for instruments that call.
pub struct Listener {
    door: Arc<Door>,
}

struct Door {
    listener: TcpListener,
    /// Who may call; anybody when empty.
    allowed: Vec<IpAddr>,
    /// A connection that arrived while another was being served.
    next: Mutex<Option<(TcpStream, SocketAddr)>>,
}

impl Listener {
    pub fn bind(address: &str) -> io::Result<Listener> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        Ok(Listener { door: Arc::new(Door { listener, allowed: Vec::new(), next: Mutex::default() }) })
    }

    /// Only these may call; anybody when empty.
    pub fn allowing(self, allowed: Vec<IpAddr>) -> Listener {
        match Arc::try_unwrap(self.door) {
            Ok(door) => Listener { door: Arc::new(Door { allowed, ..door }) },
            // A line is open already; who may call is said before the first.
            Err(door) => Listener { door },
        }
    }

    /// The address in use, with the port that was chosen for port 0.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.door.listener.local_addr()
    }

    /// The next connection, waiting at most so long.
    pub fn accept(&self, timeout: Duration) -> io::Result<Option<Box<dyn Line>>> {
        let until = Instant::now() + timeout;
        loop {
            if let Some((stream, peer)) = self.door.caller()? {
                return Ok(Some(Box::new(Tcp::open(stream, peer, Some(self.door.clone()))?)));
            }
            if Instant::now() >= until {
                return Ok(None);
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Door {
    /// Who is at the door and may come in.
    fn caller(&self) -> io::Result<Option<(TcpStream, SocketAddr)>> {
        if let Some(waiting) = self.next.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).take() {
            return Ok(Some(waiting));
        }
        match self.listener.accept() {
            Ok((_, peer)) if !self.allows(peer.ip()) => {
                tracing::warn!("A call from {peer} is refused: tcp_allow does not name it");
                Ok(None)
            }
            Ok(caller) => Ok(Some(caller)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn allows(&self, caller: IpAddr) -> bool {
        let same = |allowed: &IpAddr| allowed.to_canonical() == caller.to_canonical();
        self.allowed.is_empty() || self.allowed.iter().any(same)
    }
}

struct Tcp {
    stream: TcpStream,
    peer: IpAddr,
    last_byte: Instant,
    /// How long a read waits now; zero before the first.
    patience: Duration,
    /// Where others call.
    door: Option<Arc<Door>>,
}

impl Tcp {
    fn open(stream: TcpStream, peer: SocketAddr, door: Option<Arc<Door>>) -> io::Result<Tcp> {
        stream.set_nonblocking(false)?;
        // An acknowledgement is one byte and the instrument waits for it.
        stream.set_nodelay(true)?;
        let keep_alive = TcpKeepalive::new().with_time(ALIVE_AFTER).with_interval(ALIVE_EVERY);
        SockRef::from(&stream).set_tcp_keepalive(&keep_alive)?;
        stream.set_write_timeout(Some(WRITE_TIMEOUT))?;
        let peer = peer.ip().to_canonical();
        Ok(Tcp { stream, peer, last_byte: Instant::now(), patience: Duration::ZERO, door })
    }

    /// Lets a caller in that takes the place of this connection; refuses any other.
    fn look_at_the_door(&self, now: Instant) -> io::Result<()> {
        let Some(door) = &self.door else { return Ok(()) };
        let Ok(Some((stream, peer))) = door.caller() else { return Ok(()) };
        if self.makes_way_for(peer.ip(), now) {
            *door.next.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = Some((stream, peer));
            return Err(io::Error::other(format!("replaced by a new connection from {peer}")));
        }
        tracing::warn!("A call from {peer} is refused: the line is in use by {}", self.peer);
        Ok(())
    }

    fn makes_way_for(&self, caller: IpAddr, now: Instant) -> bool {
        caller.to_canonical() == self.peer || now.saturating_duration_since(self.last_byte) >= MAKES_WAY_AFTER
    }
}

impl Line for Tcp {
    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> io::Result<usize> {
        let timeout = timeout.max(Duration::from_millis(1));
        // The system is told only what it does not know: a read comes with every frame.
        if self.patience != timeout {
            self.stream.set_read_timeout(Some(timeout))?;
            self.patience = timeout;
        }
        match self.stream.read(buffer) {
            Ok(0) => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the other side closed the connection")),
            Ok(count) => {
                self.last_byte = Instant::now();
                Ok(count)
            }
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
                ) =>
            {
                self.look_at_the_door(Instant::now()).map(|()| 0)
            }
            Err(error) => Err(error),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOMENT: Duration = Duration::from_millis(20);

    /// A listener and a line that a call from 127.0.0.1 has opened, with the caller's end.
    fn served() -> (Listener, Tcp, TcpStream) {
        let listener = Listener::bind("127.0.0.1:0").unwrap();
        let caller = TcpStream::connect(listener.address().unwrap()).unwrap();
        let line = accepted(&listener);
        (listener, line, caller)
    }

    fn accepted(listener: &Listener) -> Tcp {
        let start = Instant::now();
        loop {
            if let Some((stream, peer)) = listener.door.caller().unwrap() {
                return Tcp::open(stream, peer, Some(listener.door.clone())).unwrap();
            }
            assert!(start.elapsed() < Duration::from_secs(10), "nobody called");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Reads until the line ends or a second is over.
    fn outcome(line: &mut Tcp) -> Option<String> {
        (0..50).find_map(|_| line.read(&mut [0u8; 16], MOMENT).err()).map(|error| error.to_string())
    }

    #[test]
    fn both_sides_ask_for_a_sign_of_life() {
        let (_listener, line, _caller) = served();
        assert!(SockRef::from(&line.stream).keepalive().unwrap(), "called");
        let device = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = device.local_addr().unwrap();
        let line = Tcp::open(TcpStream::connect(address).unwrap(), address, None).unwrap();
        assert!(SockRef::from(&line.stream).keepalive().unwrap(), "calling");
    }

    #[test]
    fn a_new_call_from_the_same_address_takes_the_line() {
        let (listener, mut line, _caller) = served();
        let _again = TcpStream::connect(listener.address().unwrap()).unwrap();
        assert!(outcome(&mut line).unwrap().starts_with("replaced by a new connection from 127.0.0.1"));
        accepted(&listener);
    }

    #[test]
    fn a_call_from_elsewhere_waits_until_the_line_has_been_silent_for_long() {
        let (_listener, line, _caller) = served();
        let (now, elsewhere) = (line.last_byte, IpAddr::from([192, 0, 2, 7]));
        assert!(!line.makes_way_for(elsewhere, now + Duration::from_secs(599)));
        assert!(line.makes_way_for(elsewhere, now + Duration::from_secs(600)));
        assert!(line.makes_way_for("::ffff:127.0.0.1".parse().unwrap(), now));
    }

    /// Only Linux has all of 127.0.0.0/8 at hand.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_port_scan_does_not_cut_an_analyser_off() {
        let (listener, mut line, mut caller) = served();
        let scan = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
        scan.bind(&SocketAddr::from(([127, 0, 0, 2], 0)).into()).unwrap();
        scan.connect(&listener.address().unwrap().into()).unwrap();
        assert_eq!(outcome(&mut line), None);
        caller.write_all(b"    192.21 g\r\n").unwrap();
        let mut buffer = [0u8; 16];
        let count = (0..50).map(|_| line.read(&mut buffer, MOMENT).unwrap()).find(|count| *count > 0);
        assert_eq!(count, Some(14));
    }

    #[test]
    fn who_is_not_allowed_does_not_come_in() {
        let listener = Listener::bind("127.0.0.1:0").unwrap().allowing(vec![IpAddr::from([192, 0, 2, 7])]);
        let _caller = TcpStream::connect(listener.address().unwrap()).unwrap();
        assert!(listener.accept(Duration::from_millis(200)).unwrap().is_none());
        let listener = Listener::bind("127.0.0.1:0").unwrap().allowing(vec![IpAddr::from([127, 0, 0, 1])]);
        let _caller = TcpStream::connect(listener.address().unwrap()).unwrap();
        assert!(listener.accept(Duration::from_secs(10)).unwrap().is_some());
    }
}
