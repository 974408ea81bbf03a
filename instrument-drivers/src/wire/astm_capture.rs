//! ASTM out of stored bytes: from frames, bare records or a text log back to the text of the records.
//!
//! A message counts only when every one of its frames is good; a damaged frame that was sent again correctly does no
//! harm. A passing check sum is no proof (it is a plain sum): with `strict` every frame must also look like a record.
//!
//! Frame numbers count through a session, not through a message: behind ENQ the first frame is 1, and the second message of
//! the session goes on counting. The link stores each message by itself and without the ENQ, so a header record that no ENQ
//! precedes may have any number.

use regex::Regex;

use super::astm_frame::{Cutter, ENQ, EOT, Frame, Framing, GivenUp, STX, Seen, seen_in};
use crate::trouble::{self, Kind, Reason};

/// How the bytes were stored.
#[derive(Debug, Clone, Default)]
pub struct CaptureRules {
    /// `<STX> text <ETX>` without number and check sum.
    pub plain_frames: bool,
    /// Frame numbers may restart or jump.
    pub frame_numbers: bool,
    /// The file is a text log with tokens such as `[STX]`, `<STX>` or `{STX}`; its own line ends mean nothing.
    pub token_log: bool,
    /// What such a log writes in front of every line.
    pub log_prefix: Option<Regex>,
    /// Lines of such a log that are not the instrument's.
    pub log_skip: Option<Regex>,
    /// Every frame must hold one whole record: digit, record letter, field delimiter, CR before ETX.
    pub strict: bool,
}

/// One session's worth of record text, or why it cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Bytes of the records, each with CR; in a code page of the profile.
    pub text: Vec<u8>,
    pub damage: Option<Reason>,
}

/// Splits stored bytes into sessions. Bytes without any STX are taken as bare records.
pub fn sessions(bytes: &[u8], rules: &CaptureRules) -> Vec<Session> {
    let joined;
    let bytes = if rules.token_log {
        joined = join_token_log(bytes, rules);
        &joined[..]
    } else {
        bytes
    };
    if !bytes.contains(&STX) {
        return vec![Session { text: bytes.to_vec(), damage: None }];
    }
    let mut gather = Gather { rules, sessions: Vec::new(), open: None, begun: false };
    let mut cutter = Cutter::new(if rules.plain_frames { Framing::Plain } else { Framing::Standard });
    seen_in(&mut cutter, bytes, |seen| gather.seen(seen));
    match cutter.end_tail() {
        Some(frame) => gather.seen(Seen::Frame(frame)),
        None if cutter.busy() => gather.damage(Reason::from(&trouble::FRAME_NOT_COMPLETE)),
        None => {}
    }
    gather.close();
    gather.sessions
}

struct Gather<'a> {
    rules: &'a CaptureRules,
    sessions: Vec<Session>,
    open: Option<Open>,
    /// The bytes hold the ENQ with which the session began.
    begun: bool,
}

#[derive(Default)]
struct Open {
    text: Vec<u8>,
    last: Option<Frame>,
    /// A bad frame that has not been sent again yet.
    bad: Option<Reason>,
    damage: Option<Reason>,
}

impl Gather<'_> {
    fn seen(&mut self, seen: Seen) {
        match seen {
            Seen::Byte(byte @ (ENQ | EOT)) => {
                self.close();
                self.begun = byte == ENQ;
            }
            Seen::Byte(_) => {}
            Seen::Broken { why, .. } => {
                let kind = match why {
                    GivenUp::TooLong => &trouble::FRAME_TOO_LONG,
                    GivenUp::BegunAnew => &trouble::FRAME_IN_FRAME,
                };
                self.open.get_or_insert_default().bad = Some(Reason::from(kind));
            }
            Seen::Frame(frame) => self.frame(frame),
        }
    }

    fn frame(&mut self, frame: Frame) {
        let (rules, begun) = (self.rules, self.begun);
        let open = self.open.get_or_insert_default();
        let of_frame =
            |kind: &'static Kind| kind.with("frame", String::from_utf8_lossy(&frame.body[..1.min(frame.body.len())]));
        if !frame.checksum_good() {
            open.bad = Some(of_frame(&trouble::FRAME_CHECK_SUM));
            return;
        }
        if !rules.plain_frames {
            let goes_on = open.last.is_none() && !begun && frame.text().first() == Some(&b'H');
            let first = frame.number().filter(|_| goes_on).unwrap_or(1);
            let expected = open.last.as_ref().and_then(Frame::number).map_or(first, |last| (last + 1) % 8);
            let repeated = open.last.as_ref().is_some_and(|last| last.body == frame.body);
            if repeated && frame.number() != Some(expected) {
                return;
            }
            if frame.number() != Some(expected) && !rules.frame_numbers {
                let out_of_turn = || of_frame(&trouble::FRAME_OUT_OF_TURN).with("due", expected.to_string());
                let number = open.bad.take().unwrap_or_else(out_of_turn);
                open.damage.get_or_insert(number);
            }
        }
        if rules.strict && !is_whole_record(frame.text()) {
            open.damage.get_or_insert_with(|| of_frame(&trouble::FRAME_NO_RECORD));
        }
        open.bad = None;
        open.text.extend_from_slice(frame.text());
        // The record ends with ETX also where its CR is missing.
        if frame.ends_record() && open.text.last() != Some(&b'\r') {
            open.text.push(b'\r');
        }
        open.last = Some(frame);
    }

    fn damage(&mut self, why: Reason) {
        self.open.get_or_insert_default().damage.get_or_insert(why);
    }

    fn close(&mut self) {
        if let Some(open) = self.open.take() {
            self.sessions.push(Session { text: open.text, damage: open.damage.or(open.bad) });
        }
    }
}

fn is_whole_record(text: &[u8]) -> bool {
    let letter = text.first().is_some_and(|letter| b"HPORCQMSL".contains(letter));
    letter
        && text.get(1).is_some_and(|delimiter| delimiter.is_ascii_punctuation())
        && text.last() == Some(&b'\r')
        && text.iter().filter(|byte| **byte == b'\r').count() == 1
}

/// How a log writes its tokens.
const TOKEN_SIGNS: [(char, char); 3] = [('[', ']'), ('<', '>'), ('{', '}')];
const TOKENS: [(&str, u8); 9] = [
    ("STX", 0x02),
    ("ETX", 0x03),
    ("EOT", 0x04),
    ("ENQ", 0x05),
    ("ACK", 0x06),
    ("LF", 0x0a),
    ("CR", 0x0d),
    ("ETB", 0x17),
    ("NAK", 0x15),
];

/// The signs around the tokens of a text log; `None` where it holds no `STX`.
pub fn token_signs(text: &str) -> Option<(char, char)> {
    TOKEN_SIGNS.into_iter().find(|(open, close)| text.contains(&format!("{open}STX{close}")))
}

/// Tokens become control bytes, lines of the host's answers are dropped, everything else is joined.
fn join_token_log(bytes: &[u8], rules: &CaptureRules) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    let (open, close) = token_signs(&text).unwrap_or(TOKEN_SIGNS[0]);
    let token = |rest: &str| {
        let inner = rest.strip_prefix(open)?;
        let (name, behind) = inner.split_at(inner.find(close).filter(|end| *end <= 3)?);
        let (_, byte) = TOKENS.iter().find(|(known, _)| *known == name)?;
        Some((*byte, behind.len() - close.len_utf8()))
    };
    let acknowledged = format!("{open}ACK{close}");
    let mut out = Vec::with_capacity(bytes.len());
    for line in text.lines() {
        if rules.log_skip.as_ref().is_some_and(|skip| skip.is_match(line)) {
            continue;
        }
        let prefix = rules.log_prefix.as_ref().and_then(|prefix| prefix.find(line)).filter(|found| found.start() == 0);
        let line = &line[prefix.map_or(0, |found| found.end())..];
        if line.trim_matches([' ', '-']) == acknowledged {
            continue;
        }
        let mut rest = line;
        while !rest.is_empty() {
            match token(rest) {
                Some((byte, behind)) => {
                    out.push(byte);
                    rest = &rest[rest.len() - behind..];
                }
                None => {
                    let end = rest.char_indices().nth(1).map_or(rest.len(), |(at, _)| at);
                    out.extend_from_slice(&rest.as_bytes()[..end]);
                    rest = &rest[end..];
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::astm_frame::frames_of;

    fn stream(records: &[u8]) -> Vec<u8> {
        let mut bytes = vec![ENQ];
        frames_of(records, 240).iter().for_each(|frame| bytes.extend(frame.encode()));
        bytes.push(EOT);
        bytes
    }

    #[test]
    fn frames_become_records_again() {
        let records = b"H|\\^&\rO|1|A\rR|1|x|1\rL|1|N\r";
        let found = sessions(&stream(records), &CaptureRules::default());
        assert_eq!(found, [Session { text: records.to_vec(), damage: None }]);
    }

    #[test]
    fn a_bad_frame_sent_again_does_no_harm() {
        let good = stream(b"H|\\^&\rR|1|x|1\rL|1|N\r");
        let frames = frames_of(b"H|\\^&\rR|1|x|1\rL|1|N\r", 240);
        let mut bad = frames[1].clone();
        bad.body[3] ^= 4;
        let bytes = [
            &[ENQ][..],
            &frames[0].encode(),
            &bad.encode(),
            &frames[1].encode(),
            &frames[1].encode(),
            &frames[2].encode(),
            &[EOT],
        ]
        .concat();
        assert_eq!(sessions(&bytes, &CaptureRules::default()), sessions(&good, &CaptureRules::default()));
        let bytes = [&[ENQ][..], &frames[0].encode(), &bad.encode(), &frames[2].encode(), &[EOT]].concat();
        assert!(sessions(&bytes, &CaptureRules::default())[0].damage.is_some());
    }

    #[test]
    fn a_message_from_the_middle_of_a_session_goes_on_counting() {
        // Five frames, numbered 4 to 7 and 0: what a link stores of the second message of a session, without ENQ.
        let records: [&[u8]; 5] = [b"H|\\^&\r", b"P|1\r", b"O|1|A\r", b"R|1|x|1\r", b"L|1|N\r"];
        let frames: Vec<Vec<u8>> =
            (4..).zip(records).map(|(number, text)| Frame::new(number, text, true).encode()).collect();
        let whole = Session { text: records.concat(), damage: None };
        assert_eq!(sessions(&frames.concat(), &CaptureRules::default()), [whole]);

        let damage = |bytes: &[u8]| {
            let damage = sessions(bytes, &CaptureRules::default()).remove(0).damage.expect("it is damaged").to_string();
            damage.trim_start_matches("damaged: ").split(';').next().map(String::from)
        };
        let came = |frame: &str, due: &str| Some(format!("frame {frame} came where {due} was due"));
        // A frame is missing inside it.
        assert_eq!(damage(&[&frames[..2], &frames[3..]].concat().concat()), came("7", "6"));
        // Its beginning is missing: what is left does not begin with a header.
        assert_eq!(damage(&frames[1..].concat()), came("5", "1"));
        // The beginning of the session is there, and its first frame is not 1.
        assert_eq!(damage(&[&[ENQ][..], &frames.concat()].concat()), came("4", "1"));
    }

    #[test]
    fn a_token_log_is_joined() {
        let log = b"[ENQ]\n - [ACK]\n[STX]\nH|\\^\n&|||X[CR]\nL|1|N[CR][ETX][EOT]\n";
        let rules = CaptureRules { token_log: true, plain_frames: true, ..CaptureRules::default() };
        assert_eq!(sessions(log, &rules), [Session { text: b"H|\\^&|||X\rL|1|N\r".to_vec(), damage: None }]);
    }

    #[test]
    fn a_log_writes_times_in_front_and_the_host_between() {
        let log = b"2026-03-10 09:12:03.111 RX <ENQ>\n2026-03-10 09:12:03.113 TX <ACK>\n\
            2026-03-10 09:12:03.120 RX <STX>H|\\^&|||<X>\n2026-03-10 09:12:03.121 RX |P|1<CR>L|1|N<CR><ETX>\n\
            2026-03-10 09:12:03.125 TX <STX>Q|1|host<CR><ETX>\n2026-03-10 09:12:03.130 RX <EOT>\n";
        let rules = CaptureRules {
            token_log: true,
            plain_frames: true,
            log_prefix: Some(Regex::new(r"^\S+ \S+ [RT]X ").unwrap()),
            log_skip: Some(Regex::new(" TX ").unwrap()),
            ..CaptureRules::default()
        };
        assert_eq!(sessions(log, &rules), [Session { text: b"H|\\^&|||<X>|P|1\rL|1|N\r".to_vec(), damage: None }]);
        let braces = b"{STX}H|\\^&{CR}L|1|N{CR}{ETX}\n - {ACK}\n";
        let rules = CaptureRules { token_log: true, plain_frames: true, ..CaptureRules::default() };
        assert_eq!(sessions(braces, &rules), [Session { text: b"H|\\^&\rL|1|N\r".to_vec(), damage: None }]);
    }

    #[test]
    fn strict_refuses_a_frame_that_is_no_record() {
        let frame = Frame::new(1, b"1|^^288|pg/mL\r", true).encode();
        let rules = CaptureRules { strict: true, ..CaptureRules::default() };
        assert!(sessions(&frame, &rules)[0].damage.is_some());
        assert!(sessions(&frame, &CaptureRules::default())[0].damage.is_none());
    }
}
