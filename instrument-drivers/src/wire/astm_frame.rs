//! ASTM E1381 / LIS01-A2 frames: `<STX> FN text <ETB|ETX> C1 C2 <CR> <LF>`.
//!
//! [`Cutter`] finds frames in a stream of bytes, however it is cut; [`Frame`] knows its number, text and check sum.

pub const STX: u8 = 0x02;
pub const ETX: u8 = 0x03;
pub const EOT: u8 = 0x04;
pub const ENQ: u8 = 0x05;
pub const ACK: u8 = 0x06;
pub const LF: u8 = 0x0a;
pub const CR: u8 = 0x0d;
pub const NAK: u8 = 0x15;
pub const ETB: u8 = 0x17;

/// Longest frame that is accepted: 1 MiB. The standard says 64,000 bytes; real devices send more in one frame.
pub const MAX_FRAME_BYTES: usize = 1 << 20;
/// Text bytes per frame when sending, E1381-95 and LIS1-A: every receiver accepts it.
pub const TEXT_BYTES: usize = 240;

/// How the frames of a device are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Framing {
    /// Frame number and check sum.
    #[default]
    Standard,
    /// `<STX> text <ETX>` without number and check sum.
    Plain,
}

/// One frame as received. `body` runs from the frame number up to and including ETB or ETX.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    pub body: Vec<u8>,
    /// The two characters behind ETB or ETX; `None` in plain framing.
    pub check: Option<[u8; 2]>,
    pub quirks: Quirks,
}

/// What was not as the standard wants it, in a frame that can be read all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Quirks {
    /// A line feed stood in front of STX.
    pub line_feed_first: bool,
    pub tail: Tail,
}

/// What followed the check sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tail {
    #[default]
    CrLf,
    Cr,
    Lf,
    Missing,
}

impl Frame {
    /// The digit in front of the text.
    pub fn number(&self) -> Option<u8> {
        match (self.check, self.body.first()) {
            (Some(_), Some(digit @ b'0'..=b'7')) => Some(digit - b'0'),
            _ => None,
        }
    }

    /// The text between number and end mark.
    pub fn text(&self) -> &[u8] {
        let from = usize::from(self.check.is_some()).min(self.body.len() - 1);
        &self.body[from..self.body.len() - 1]
    }

    /// ETX: this frame ends its record. ETB: the record goes on in the next frame.
    pub fn ends_record(&self) -> bool {
        self.body.last() == Some(&ETX)
    }

    /// Upper-case or lower-case digits.
    pub fn checksum_good(&self) -> bool {
        self.check.is_none_or(|check| check.to_ascii_uppercase() == digits(&self.body))
    }

    /// The frame as bytes, with CR LF, whatever followed it on the line.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.body.len() + 5);
        bytes.push(STX);
        bytes.extend_from_slice(&self.body);
        if let Some(check) = self.check {
            bytes.extend_from_slice(&check);
            bytes.extend_from_slice(&[CR, LF]);
        }
        bytes
    }

    /// A good frame with this number (only its last three bits count) and text.
    pub fn new(number: u8, text: &[u8], ends_record: bool) -> Frame {
        let mut body = Vec::with_capacity(text.len() + 2);
        body.push(b'0' + number % 8);
        body.extend_from_slice(text);
        body.push(if ends_record { ETX } else { ETB });
        Frame { check: Some(digits(&body)), body, quirks: Quirks::default() }
    }
}

/// Sum of all bytes from the frame number to ETB or ETX, low eight bits, two upper-case hex digits.
pub fn checksum(body: &[u8]) -> String {
    String::from_utf8_lossy(&digits(body)).into_owned()
}

fn digits(body: &[u8]) -> [u8; 2] {
    let sum = body.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte));
    [sum >> 4, sum & 15].map(|digit| if digit < 10 { b'0' + digit } else { b'A' + digit - 10 })
}

/// Cuts records (each with its CR) into frames, numbered from 1 as after an ENQ.
pub fn frames_of(records: &[u8], text_bytes: usize) -> Vec<Frame> {
    let mut frames = Vec::new();
    for record in records.split_inclusive(|byte| *byte == CR) {
        let chunks: Vec<&[u8]> = record.chunks(text_bytes.max(1)).collect();
        for (i, chunk) in chunks.iter().enumerate() {
            let number = (frames.len() as u8).wrapping_add(1);
            frames.push(Frame::new(number, chunk, i + 1 == chunks.len()));
        }
    }
    frames
}

/// Why a frame was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GivenUp {
    #[error("the frame is longer than 1 MiB")]
    TooLong,
    #[error("a new frame began inside a frame")]
    BegunAnew,
}

/// What the cutter saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// ENQ, EOT, ACK, NAK or any other byte outside a frame (CR and LF excepted).
    Byte(u8),
    Frame(Frame),
    /// A frame was given up.
    Broken {
        bytes: Vec<u8>,
        why: GivenUp,
    },
}

/// Finds frames in bytes.
#[derive(Debug, Default)]
pub struct Cutter {
    framing: Framing,
    state: State,
    /// Bytes of the open frame behind STX.
    body: Vec<u8>,
    line_feed_first: bool,
}

#[derive(Debug, Default, Clone, Copy)]
enum State {
    #[default]
    Outside,
    Body,
    Check(Option<u8>),
    /// The check sum is complete; CR and LF may still follow.
    Tail {
        check: [u8; 2],
        cr: bool,
    },
}

impl Cutter {
    pub fn new(framing: Framing) -> Self {
        Cutter { framing, ..Cutter::default() }
    }

    /// Inside a frame, its tail included.
    pub fn busy(&self) -> bool {
        !matches!(self.state, State::Outside)
    }

    /// A frame is complete but for its CR LF.
    pub fn in_tail(&self) -> bool {
        matches!(self.state, State::Tail { .. })
    }

    /// Takes the frame whose CR LF never came.
    pub fn end_tail(&mut self) -> Option<Frame> {
        let State::Tail { check, cr } = self.state else {
            return None;
        };
        Some(self.frame(Some(check), if cr { Tail::Cr } else { Tail::Missing }))
    }

    /// Gives up whatever was begun and returns its bytes.
    pub fn reset(&mut self) -> Vec<u8> {
        let mut bytes = if self.busy() { vec![STX] } else { Vec::new() };
        bytes.append(&mut self.body);
        match std::mem::take(&mut self.state) {
            State::Check(Some(first)) => bytes.push(first),
            State::Tail { check, cr } => {
                bytes.extend(check);
                bytes.extend(cr.then_some(CR));
            }
            State::Outside | State::Body | State::Check(None) => {}
        }
        self.line_feed_first = false;
        bytes
    }

    /// Takes bytes up to and including the first thing to see. Returns how many were taken; the rest is fed again.
    pub fn feed(&mut self, bytes: &[u8]) -> (usize, Option<Seen>) {
        let mut at = 0;
        while at < bytes.len() {
            let byte = bytes[at];
            match self.state {
                State::Outside => {
                    at += 1;
                    match byte {
                        STX => self.state = State::Body,
                        CR => {}
                        LF => self.line_feed_first = true,
                        other => {
                            self.line_feed_first = false;
                            return (at, Some(Seen::Byte(other)));
                        }
                    }
                }
                State::Body => {
                    let rest = &bytes[at..];
                    let room = MAX_FRAME_BYTES - self.body.len();
                    let marks = memchr::memchr3(STX, ETX, ETB, rest);
                    let text = marks.unwrap_or(rest.len());
                    if text > room {
                        self.body.extend_from_slice(&rest[..room]);
                        let bytes = self.reset();
                        return (at + room, Some(Seen::Broken { bytes, why: GivenUp::TooLong }));
                    }
                    // With room for the mark behind it.
                    self.body.reserve(text + 1);
                    self.body.extend_from_slice(&rest[..text]);
                    at += text;
                    let Some(mark) = bytes.get(at) else { break };
                    at += 1;
                    if *mark == STX {
                        let bytes = self.reset();
                        self.state = State::Body;
                        return (at, Some(Seen::Broken { bytes, why: GivenUp::BegunAnew }));
                    }
                    self.body.push(*mark);
                    match self.framing {
                        Framing::Standard => self.state = State::Check(None),
                        Framing::Plain => {
                            self.line_feed_first = false;
                            return (at, Some(Seen::Frame(self.frame(None, Tail::CrLf))));
                        }
                    }
                }
                // Anything is taken as check sum: a wrong one is refused later, by name.
                State::Check(None) => {
                    at += 1;
                    self.state = State::Check(Some(byte));
                }
                State::Check(Some(first)) => {
                    at += 1;
                    self.state = State::Tail { check: [first, byte], cr: false };
                }
                State::Tail { check, cr } => match (byte, cr) {
                    (CR, false) => {
                        at += 1;
                        self.state = State::Tail { check, cr: true };
                    }
                    (LF, _) => {
                        let tail = if cr { Tail::CrLf } else { Tail::Lf };
                        return (at + 1, Some(Seen::Frame(self.frame(Some(check), tail))));
                    }
                    _ => {
                        let tail = if cr { Tail::Cr } else { Tail::Missing };
                        return (at, Some(Seen::Frame(self.frame(Some(check), tail))));
                    }
                },
            }
        }
        (at, None)
    }

    fn frame(&mut self, check: Option<[u8; 2]>, tail: Tail) -> Frame {
        self.state = State::Outside;
        let line_feed_first = std::mem::take(&mut self.line_feed_first);
        Frame { body: std::mem::take(&mut self.body), check, quirks: Quirks { line_feed_first, tail } }
    }
}

/// Everything there is to see in bytes that are all there. An unfinished frame at the end is left in the cutter.
pub fn seen_in(cutter: &mut Cutter, bytes: &[u8], mut see: impl FnMut(Seen)) {
    let mut at = 0;
    while at < bytes.len() {
        let (taken, seen) = cutter.feed(&bytes[at..]);
        at += taken;
        if let Some(seen) = seen {
            see(seen);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_of_the_protocol_reference() {
        for (body, sum) in [
            ("1H|\\^&|||MULTI^LAB1^3.2|||||LIS||P|LIS2-A2|20260310091500\r\u{3}", "3E"),
            ("2P|1\r\u{3}", "3F"),
            ("7L|1|N\r\u{3}", "0A"),
            ("289012345678901234567890123456789|AU\r\u{3}", "EC"),
        ] {
            assert_eq!(checksum(body.as_bytes()), sum, "{body}");
        }
    }

    #[test]
    fn a_long_record_is_cut_at_240_bytes() {
        let record = ["R|1|^^^SPEC|".as_bytes(), &b"0123456789".repeat(26), b"|AU\r"].concat();
        assert_eq!(record.len(), 276);
        let frames = frames_of(&record, TEXT_BYTES);
        assert_eq!(frames.iter().map(|f| f.encode().len()).collect::<Vec<_>>(), [247, 43]);
        assert_eq!(frames[0].check, Some(*b"3E"));
        assert!(!frames[0].ends_record() && frames[1].ends_record());
        assert_eq!(frames[1].number(), Some(2));
    }

    #[test]
    fn line_ends_may_be_missing_or_first() {
        for (stream, line_feed_first, tail) in [
            (&b"\x022P|1\r\x033F\r\n"[..], false, Tail::CrLf),
            (b"\n\x022P|1\r\x033F\r", true, Tail::Cr),
            (b"\x022P|1\r\x033f\n", false, Tail::Lf),
            (b"\r\n\x022P|1\r\x033F", true, Tail::Missing),
        ] {
            let mut frames = Vec::new();
            seen_in(&mut Cutter::new(Framing::Standard), &[stream, &[EOT]].concat(), |seen| match seen {
                Seen::Frame(frame) => frames.push(frame),
                other => assert_eq!(other, Seen::Byte(EOT)),
            });
            assert_eq!(frames.len(), 1);
            assert_eq!(frames[0].text(), b"P|1\r");
            assert!(frames[0].checksum_good());
            assert_eq!(frames[0].quirks, Quirks { line_feed_first, tail }, "{stream:?}");
        }
    }

    #[test]
    fn a_frame_without_an_end_is_given_up_at_a_mebibyte() {
        let mut cutter = Cutter::new(Framing::Standard);
        let mut broken = 0;
        let endless = [&[STX][..], &vec![b'x'; MAX_FRAME_BYTES + 10]].concat();
        seen_in(&mut cutter, &endless, |seen| broken += usize::from(matches!(seen, Seen::Broken { .. })));
        assert_eq!(broken, 1);
        assert!(!cutter.busy());
    }
}
