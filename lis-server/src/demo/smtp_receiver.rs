//! A mail server on the loopback address that keeps what it gets: the demonstration shows its mails, and the tests send
//! over a real socket. It knows the minimum of RFC 5321 and delivers nothing.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::files::private_directory;

/// A command line has at most 512 octets, a text line 1,000 (RFC 5321 4.5.3.1); a longer one is cut off here.
const LINE_MOST_BYTES: u64 = 4_096;
/// Larger than any report; what is longer is refused.
const MESSAGE_MOST_BYTES: usize = 64 * 1024 * 1024;
/// A client that says nothing for so long is gone.
const SILENCE: Duration = Duration::from_secs(30);

/// One mail as it came.
#[derive(Clone, Debug)]
pub struct Received {
    pub from: String,
    pub to: Vec<String>,
    /// Header and body, lines ended by CRLF, without the dots that SMTP adds.
    pub data: Vec<u8>,
}

#[derive(Default)]
struct Shared {
    /// Where each mail is written too, as a file that mail programs open.
    folder: Option<PathBuf>,
    messages: Mutex<Vec<Received>>,
    /// What the next `RCPT TO` is answered instead of "250".
    next_recipient_answer: Mutex<Option<String>>,
    stop: AtomicBool,
}

/// The running receiver; it stops when dropped.
pub struct SmtpReceiver {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl SmtpReceiver {
    /// Listens on a free port of 127.0.0.1.
    pub fn start() -> io::Result<Self> {
        Self::listening(Shared::default())
    }

    /// The same, and keeps each mail in a folder: `0001.eml`, `0002.eml`, …
    pub fn keeping_in(folder: PathBuf) -> io::Result<Self> {
        private_directory(&folder).map_err(io::Error::other)?;
        Self::listening(Shared { folder: Some(folder), ..Shared::default() })
    }

    fn listening(shared: Shared) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let shared = Arc::new(shared);
        let of_thread = shared.clone();
        let thread = std::thread::Builder::new().name("smtp-receiver".into()).spawn(move || {
            for stream in listener.incoming() {
                if of_thread.stop.load(Ordering::SeqCst) {
                    return;
                }
                // A client that breaks off has its mail refused by that; the next one is served.
                let _ = stream.and_then(|stream| serve(stream, &of_thread));
            }
        })?;
        Ok(Self { address, shared, thread: Some(thread) })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where the mails are kept, if they are.
    pub fn folder(&self) -> Option<&Path> {
        self.shared.folder.as_deref()
    }

    /// All mails so far, in the order in which they came.
    pub fn messages(&self) -> Vec<Received> {
        locked(&self.shared.messages).clone()
    }

    /// Answers the next recipient with this line instead of accepting it, for example `451 4.3.0 later`.
    pub fn answer_recipient(&self, line: &str) {
        *locked(&self.shared.next_recipient_answer) = Some(line.to_owned());
    }
}

impl Drop for SmtpReceiver {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        // A last connection wakes the thread out of its waiting.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(stream: TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_read_timeout(Some(SILENCE))?;
    let mut out = stream.try_clone()?;
    let mut lines = BufReader::new(stream);
    let mut say = |text: &str| out.write_all(format!("{text}\r\n").as_bytes());
    say("220 lis.example ESMTP")?;
    let (mut from, mut to) = (None, Vec::new());
    while let Some(line) = next_line(&mut lines)? {
        let line = String::from_utf8_lossy(&line).trim_end().to_owned();
        let upper = line.to_ascii_uppercase();
        match upper.split(' ').next().unwrap_or("") {
            "EHLO" => say("250-lis.example\r\n250-8BITMIME\r\n250 SMTPUTF8")?,
            "HELO" | "NOOP" => say("250 ok")?,
            "RSET" => {
                (from, to) = (None, Vec::new());
                say("250 ok")?;
            }
            "MAIL" => match address_of(&line) {
                Some(address) => {
                    (from, to) = (Some(address), Vec::new());
                    say("250 ok")?;
                }
                None => say("501 5.5.4 MAIL FROM:<address>")?,
            },
            "RCPT" => match (&from, address_of(&line), locked(&shared.next_recipient_answer).take()) {
                (None, ..) => say("503 5.5.1 first MAIL")?,
                (_, None, _) => say("501 5.5.4 RCPT TO:<address>")?,
                (_, _, Some(answer)) => say(&answer)?,
                (_, Some(address), None) => {
                    to.push(address);
                    say("250 ok")?;
                }
            },
            "DATA" if to.is_empty() => say("503 5.5.1 first RCPT")?,
            "DATA" => {
                say("354 go on, end with a dot")?;
                match read_message(&mut lines)? {
                    Some(data) => {
                        let received =
                            Received { from: from.take().unwrap_or_default(), to: std::mem::take(&mut to), data };
                        say(match keep(received, shared) {
                            Ok(()) => "250 2.0.0 taken",
                            Err(_) => "452 4.3.1 no room",
                        })?;
                    }
                    None => say("552 5.3.4 too large")?,
                }
            }
            "QUIT" => return say("221 2.0.0 bye"),
            _ => say("502 5.5.1 not here")?,
        }
    }
    Ok(())
}

/// One connection is served at a time: nobody else takes the next number meanwhile.
fn keep(mail: Received, shared: &Shared) -> io::Result<()> {
    if let Some(folder) = &shared.folder {
        let number = locked(&shared.messages).len() + 1;
        std::fs::write(folder.join(format!("{number:04}.eml")), &mail.data)?;
    }
    locked(&shared.messages).push(mail);
    Ok(())
}

/// The address between angle brackets.
fn address_of(line: &str) -> Option<String> {
    let (_, rest) = line.split_once('<')?;
    rest.split_once('>').map(|(address, _)| address.to_owned())
}

/// One line with its end; `None` at the end of the connection.
fn next_line(lines: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    lines.by_ref().take(LINE_MOST_BYTES).read_until(b'\n', &mut line)?;
    Ok((!line.is_empty()).then_some(line))
}

/// Lines up to the single dot; a dot that SMTP put before a dot is taken away. `None` when it is too large.
fn read_message(lines: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut data = Vec::new();
    let mut fits = true;
    while let Some(line) = next_line(lines)? {
        if line == b".\r\n" {
            return Ok(fits.then_some(data));
        }
        fits = fits && data.len() + line.len() <= MESSAGE_MOST_BYTES;
        if fits {
            data.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
    }
    Err(io::ErrorKind::UnexpectedEof.into())
}
