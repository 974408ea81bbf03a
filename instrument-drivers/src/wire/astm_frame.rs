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

    pub fn checksum_good(&self) -> bool {
        match self.check {
            Some(check) => check.to_ascii_uppercase() == *checksum(&self.body).as_bytes(),
            None => true,
        }
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
        let sum = checksum(&body);
        Frame { check: Some([sum.as_bytes()[0], sum.as_bytes()[1]]), body }
    }
}

/// Sum of all bytes from the frame number to ETB or ETX, low eight bits, two upper-case hex digits.
pub fn checksum(body: &[u8]) -> String {
    format!("{:02X}", body.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte)))
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

/// What the cutter saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// ENQ, EOT, ACK, NAK or any other byte outside a frame (CR and LF excepted).
    Byte(u8),
    Frame(Frame),
    /// A frame was given up: it was too long, or a new one began inside it.
    Broken {
        bytes: Vec<u8>,
        why: &'static str,
    },
}

/// Finds frames in bytes.
#[derive(Debug, Default)]
pub struct Cutter {
    framing: Framing,
    state: State,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Outside,
    Body(Vec<u8>),
    Check(Vec<u8>, Option<u8>),
    /// The check sum is complete; CR and LF may still follow.
    Tail(Frame),
}

impl Cutter {
    pub fn new(framing: Framing) -> Self {
        Cutter { framing, state: State::Outside }
    }

    /// Inside a frame, its tail included.
    pub fn busy(&self) -> bool {
        !matches!(self.state, State::Outside)
    }

    /// A frame is complete but for its CR LF.
    pub fn in_tail(&self) -> bool {
        matches!(self.state, State::Tail(_))
    }

    /// Takes the frame whose CR LF never came.
    pub fn end_tail(&mut self) -> Option<Frame> {
        match std::mem::take(&mut self.state) {
            State::Tail(frame) => Some(frame),
            other => {
                self.state = other;
                None
            }
        }
    }

    /// Gives up whatever was begun and returns its bytes.
    pub fn reset(&mut self) -> Vec<u8> {
        match std::mem::take(&mut self.state) {
            State::Outside => Vec::new(),
            State::Body(body) | State::Check(body, _) => [&[STX][..], &body].concat(),
            State::Tail(frame) => frame.encode(),
        }
    }

    /// Takes one byte. `Err` gives the byte back: it ended a frame without being part of it, push it again.
    pub fn push(&mut self, byte: u8) -> Result<Option<Seen>, Seen> {
        match std::mem::take(&mut self.state) {
            State::Outside => match byte {
                STX => self.state = State::Body(Vec::new()),
                CR | LF => {}
                other => return Ok(Some(Seen::Byte(other))),
            },
            State::Body(mut body) => match byte {
                STX => {
                    self.state = State::Body(Vec::new());
                    let bytes = [&[STX][..], &body].concat();
                    return Ok(Some(Seen::Broken { bytes, why: "a new frame began inside a frame" }));
                }
                ETX | ETB => {
                    body.push(byte);
                    match self.framing {
                        Framing::Standard => self.state = State::Check(body, None),
                        Framing::Plain => {
                            return Ok(Some(Seen::Frame(Frame { body, check: None })));
                        }
                    }
                }
                _ if body.len() >= MAX_FRAME_BYTES => {
                    return Ok(Some(Seen::Broken { bytes: body, why: "the frame is longer than 1 MiB" }));
                }
                _ => {
                    body.push(byte);
                    self.state = State::Body(body);
                }
            },
            // Anything is taken as check sum: a wrong one is refused later, by name.
            State::Check(body, None) => self.state = State::Check(body, Some(byte)),
            State::Check(body, Some(first)) => self.state = State::Tail(Frame { body, check: Some([first, byte]) }),
            State::Tail(frame) => match byte {
                CR => self.state = State::Tail(frame),
                LF => return Ok(Some(Seen::Frame(frame))),
                _ => return Err(Seen::Frame(frame)),
            },
        }
        Ok(None)
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
        for stream in [&b"\x022P|1\r\x033F\r\n"[..], b"\n\x022P|1\r\x033F\r", b"\x022P|1\r\x033f\n"] {
            let mut cutter = Cutter::new(Framing::Standard);
            let mut frames = Vec::new();
            for byte in stream.iter().chain(&[EOT]) {
                match cutter.push(*byte) {
                    Ok(Some(Seen::Frame(frame))) | Err(Seen::Frame(frame)) => frames.push(frame),
                    _ => {}
                }
            }
            assert_eq!(frames.len(), 1);
            assert_eq!(frames[0].text(), b"P|1\r");
            assert!(frames[0].checksum_good());
        }
    }
}
