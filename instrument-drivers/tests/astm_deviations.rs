//! What real instruments do differently on an ASTM line: refused by the standard, tolerated and noted by a profile.

use std::time::{Duration, Instant};

use instrument_drivers::profile::{Context, Profile};
use instrument_drivers::wire::astm_frame::{ACK, ENQ, ETB, ETX, Frame, NAK, STX, frames_of};
use instrument_drivers::wire::astm_link::{AstmLink, MAX_MESSAGE_BYTES, RECEIVE_TIMEOUT, Side, Tolerances};
use instrument_drivers::wire::{Action, Link};

/// Sends bytes to a link that stores everything. Returns its answers, the stored messages, and the notes.
fn hear(link: &mut dyn Link, bytes: &[u8]) -> (Vec<u8>, Vec<Vec<u8>>, Vec<String>) {
    let now = Instant::now();
    let (mut answers, mut messages, mut notes) = (Vec::new(), Vec::new(), Vec::new());
    let mut queue = std::collections::VecDeque::from(link.received(now, bytes));
    loop {
        while let Some(action) = queue.pop_front() {
            match action {
                Action::Send(bytes) => answers.extend(bytes),
                Action::Keep { message, .. } => {
                    messages.extend(message);
                    queue.extend(link.kept(now, true));
                }
                Action::Note(note) => notes.push(note),
                _ => {}
            }
        }
        // A frame without its CR LF counts after a moment.
        let Some(deadline) = link.deadline().filter(|at| *at <= now + std::time::Duration::from_secs(1)) else { break };
        queue.extend(link.tick(deadline));
    }
    (answers, messages, notes)
}

#[test]
fn a_stray_stx_makes_nobody_deaf() {
    let start = Instant::now();
    let at = |seconds: u64| start + Duration::from_secs(seconds);
    let mut link = host(Tolerances::harmless());
    // Noise on an idle line: the ENQ behind it stands where the text of a frame would.
    assert_eq!(link.received(start, &[STX, ENQ]), []);
    assert_eq!(link.received(at(25), &[ENQ]), []);
    assert_eq!(link.deadline(), Some(at(30)));
    let given_up = link.tick(at(30));
    assert!(
        matches!(&given_up[..], [Action::Note(note)] if note.starts_with("frame given up after 3 bytes")),
        "{given_up:?}"
    );
    assert_eq!(link.received(at(50), &[ENQ]), [Action::Send(vec![ACK])]);

    // Orders that wait meanwhile go out then.
    let mut link = host(Tolerances::harmless());
    link.received(start, &[STX]);
    assert_eq!(link.send(start, b"H|\\^&\rL|1|F\r"), Ok(Vec::new()));
    assert_eq!(link.tick(at(30)).last(), Some(&Action::Send(vec![ENQ])));

    // In a session its own timer runs, and the half frame is evidence with the message.
    let mut link = host(Tolerances::harmless());
    link.received(start, &[ENQ, STX]);
    assert_eq!(link.deadline(), Some(start + RECEIVE_TIMEOUT));
    // An instrument that sends no ENQ sends a long frame slowly.
    let mut link = host(Tolerances { no_enq: true, ..Tolerances::harmless() });
    link.received(start, b"\x021H|");
    link.received(at(29), b"\\^&|||");
    assert_eq!(link.deadline(), Some(at(59)));
}

const RECORDS: &[u8] = b"H|\\^&|||SIM\rO|1|F26-1||^^^Pb\rR|1|^^^Pb|0.12|mg/kg\rL|1|N\r";

fn host(tolerate: Tolerances) -> AstmLink {
    AstmLink::new(Side::Host, tolerate)
}

#[test]
fn a_wrong_check_sum_in_any_chunk_of_a_message_is_refused() {
    // 8 bytes of text per frame: records are cut inside, nearly every frame ends with ETB.
    let frames = frames_of(RECORDS, 8);
    assert!(frames.iter().filter(|frame| !frame.ends_record()).count() >= 3);
    for damaged in 0..frames.len() {
        let mut link = host(Tolerances::harmless());
        assert_eq!(hear(&mut link, &[ENQ]).0, [ACK]);
        for (index, frame) in frames.iter().enumerate() {
            if index == damaged {
                let mut bad = frame.encode();
                bad[2] ^= 0x01;
                let (answers, messages, _) = hear(&mut link, &bad);
                assert_eq!((answers, messages.len()), (vec![NAK], 0), "frame {index}");
            }
            assert_eq!(hear(&mut link, &frame.encode()).0, [ACK], "frame {index}");
        }
    }
}

#[test]
fn two_errors_that_cancel_each_other_over_the_whole_message_are_refused() {
    // One is added in the first chunk and taken away in the second: the sum over the joined text is right.
    let frames = frames_of(b"H|\\^&|||SIM^ANALYSER^1.00\r", 12);
    assert!(frames.len() >= 2 && !frames[0].ends_record());
    let mut link = host(Tolerances { frame_numbers: true, ..Tolerances::harmless() });
    hear(&mut link, &[ENQ]);
    let mut first = frames[0].encode();
    first[9] += 1;
    let mut second = frames[1].encode();
    second[4] -= 1;
    assert_eq!(hear(&mut link, &first).0, [NAK]);
    assert_eq!(hear(&mut link, &second).0, [NAK]);
}

/// The session of [`RECORDS`] with each frame changed.
fn session(change: impl Fn(Vec<u8>) -> Vec<u8>) -> Vec<u8> {
    let mut bytes = vec![ENQ];
    for frame in frames_of(RECORDS, 240) {
        bytes.extend(change(frame.encode()));
    }
    bytes
}

#[test]
fn each_deviation_has_its_switch_and_is_noted_once() {
    let end = |from: usize, tail: &'static [u8]| move |frame: Vec<u8>| [&frame[..frame.len() - from], tail].concat();
    let lower = |frame: Vec<u8>| {
        let at = frame.len() - 4;
        [&frame[..at], &frame[at..].to_ascii_lowercase()].concat()
    };
    let etb = |frame: Vec<u8>| {
        let mut body = frame[1..frame.len() - 4].to_vec();
        *body.last_mut().unwrap() = ETB;
        let sum = instrument_drivers::wire::astm_frame::checksum(&body);
        [b"\x02", &body[..], sum.as_bytes(), b"\r\n"].concat()
    };
    let strict = Tolerances::default;
    let cases: [(Vec<u8>, Tolerances, &str); 5] = [
        (session(lower), Tolerances { lower_case_checksum: true, ..strict() }, "lower-case"),
        (session(|f| [b"\n", &f[..]].concat()), Tolerances { line_feed_first: true, ..strict() }, "LF in front"),
        (session(end(1, b"")), Tolerances { line_ends: true, ..strict() }, "no CR LF"),
        (session(end(2, b"\n")), Tolerances { line_ends: true, ..strict() }, "no CR LF"),
        (session(etb), Tolerances { etb_ends_record: true, ..strict() }, "ETB"),
    ];
    for (bytes, tolerant, words) in cases {
        let (answers, messages, _) = hear(&mut host(strict()), &bytes);
        assert!(messages.is_empty(), "{words}: {answers:?}");
        let (answers, messages, notes) = hear(&mut host(tolerant), &bytes);
        assert_eq!((answers, messages.len()), (vec![ACK; 5], 1), "{words}: {notes:?}");
        let noted: Vec<_> = notes.iter().filter(|note| note.contains(words)).collect();
        assert_eq!(noted.len(), 1, "{words}: {notes:?}");
        assert!(noted[0].starts_with("tolerated: "), "{notes:?}");
    }
}

#[test]
fn the_capture_with_every_deviation_at_once() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures/analyser_quirks.astm");
    let bytes = std::fs::read(path).unwrap();
    let (answers, messages, notes) = hear(&mut host(Tolerances::harmless()), &bytes);
    assert_eq!((answers, messages.len(), notes.len()), (vec![ACK; 10], 1, 4), "{notes:?}");
}

#[test]
fn a_profile_switches_them() {
    let text = |link: &str| format!("maturity='draft'\nsource='x'\nformat='astm'\n[link]\nprotocol='astm'\n{link}");
    let quirky = session(|frame| [b"\n", &frame[..]].concat());
    for (link, stored) in [
        ("", 1),
        ("strict = true", 0),
        ("strict = true\ntolerate = ['line_feed_first']", 1),
        ("strict = true\ntolerate = ['line_ends']", 0),
    ] {
        let profile = Profile::parse("p", &text(link)).unwrap();
        let mut talk = profile.link(Instant::now(), chrono::DateTime::UNIX_EPOCH, None);
        assert_eq!(hear(talk.as_mut(), &quirky).1.len(), stored, "{link}");
    }
    let error = Profile::parse("p", &text("tolerate = ['anything']")).unwrap_err().to_string();
    assert!(error.contains("line_feed_first"), "the allowed names are told: {error}");
}

#[test]
fn a_message_without_an_end_does_not_fill_the_memory() {
    let mut link = host(Tolerances::default());
    hear(&mut link, &[ENQ]);
    let text = [&vec![b'x'; 1_000_000][..], b"\r"].concat();
    let (mut taken, mut number) = (0, 1u8);
    loop {
        let (answers, _, _) = hear(&mut link, &Frame::new(number, &text, true).encode());
        if answers == [NAK] {
            break;
        }
        assert_eq!(answers, [ACK]);
        taken += text.len();
        number = number.wrapping_add(1);
        assert!(taken <= MAX_MESSAGE_BYTES);
    }
    assert!(taken > MAX_MESSAGE_BYTES - 3_000_000);
}

#[test]
fn plain_frames_need_no_number() {
    let mut link = host(Tolerances { plain_frames: true, no_enq: true, ..Tolerances::harmless() });
    let bytes = [b"\x02", RECORDS, &[ETX]].concat();
    let (answers, messages, notes) = hear(&mut link, &bytes);
    assert_eq!((answers, messages), (vec![ACK], vec![bytes]));
    assert!(
        notes.iter().any(|note| note.contains("without ENQ")) && notes.iter().any(|n| n.contains("without number"))
    );
}

#[test]
fn bare_records_are_cut_at_their_header_and_terminator() {
    let profile = Profile::parse(
        "bare",
        "maturity = \"draft\"\nsource = \"example\"\nformat = \"astm\"\n[link]\nprotocol = \"lines\"\nmessage = \"block\"\n\
         start = '^H\\|'\nend = '^L\\|'\n",
    )
    .unwrap();
    let mut link = profile.link(Instant::now(), chrono::Utc::now(), None);
    let stream = [RECORDS, b"H|\\^&|||SIM\rO|1|F26-2||^^^Pb\r", RECORDS].concat();
    let (answers, messages, _) = hear(link.as_mut(), &stream);
    assert_eq!((answers, messages.len()), (Vec::new(), 2), "the one in the middle has no end");
    for message in messages {
        let found = profile.read(&message, &Context::default());
        assert_eq!(found.troubles, []);
        assert_eq!((found.observations[0].sample_id.as_str(), found.observations[0].value.as_str()), ("F26-1", "0.12"));
    }
}
