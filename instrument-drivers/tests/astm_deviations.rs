//! What real instruments do differently on an ASTM line: refused by the standard, tolerated and noted by a profile.

use std::time::{Duration, Instant};

use instrument_drivers::profile::{Context, Profile};
use instrument_drivers::wire::astm_frame::{ACK, ENQ, EOT, ETB, ETX, Frame, NAK, STX, frames_of};
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
fn long_frames_and_a_doubled_delimiter_are_noted_and_refused_by_the_strict() {
    let text = |header: &str, comment: usize| {
        format!("{header}|||SIM\rO|1|F26-1||^^^Pb\rC|1|I|{}\rR|1|^^^Pb|0.12|mg/kg\rL|1|N\r", "x".repeat(comment))
    };
    let usual = "H|\\^&";
    // 240 bytes of text are 247 of a frame.
    let rest = 240 - text(usual, 0).len();
    let whole = |text: &str| [&[ENQ][..], &Frame::new(1, text.as_bytes(), true).encode()].concat();
    assert_eq!(whole(&text(usual, rest)).len(), 1 + 247);
    let cases = [
        (text(usual, rest), "", ""),
        (text(usual, rest + 1), "'long_frames'", "frame of more than 247 bytes"),
        (text("H|\\\\^&", 0), "'doubled_delimiter'", "delimiter named twice in H"),
        (text("H|@@^\\", 0), "'doubled_delimiter'", "delimiter named twice in H"),
    ];
    for (text, name, words) in cases {
        let bytes = whole(&text);
        let noted: Vec<String> =
            [words].iter().filter(|words| !words.is_empty()).map(|words| format!("tolerated: {words}")).collect();
        let hear_with = |link: &str| {
            let toml = format!("maturity='draft'\nsource='x'\nformat='astm'\n[link]\nprotocol='astm'\n{link}");
            let profile = Profile::parse("p", &toml).unwrap();
            let (answers, messages, notes) =
                hear(profile.link(Instant::now(), chrono::DateTime::UNIX_EPOCH, None).as_mut(), &bytes);
            if let [message] = &messages[..] {
                let read = profile.read(message, &Context::default());
                let values: Vec<&str> = read.observations.iter().map(|one| one.value.as_str()).collect();
                assert_eq!((values, read.troubles.len()), (vec!["0.12"], 0), "{link}: {text}");
            }
            (answers, messages.len(), notes)
        };
        let stored = (vec![ACK, ACK], 1, noted);
        assert_eq!(hear_with(""), stored, "{text}");
        assert_eq!(hear_with(&format!("strict = true\ntolerate = [{name}]")), stored, "{text}");
        let (answers, messages, notes) = hear_with("strict = true");
        match words {
            "" => assert_eq!((answers, messages), (vec![ACK, ACK], 1), "{text}"),
            _ => assert_eq!((answers, messages), (vec![ACK, NAK], 0), "{text}"),
        }
        assert!(notes.iter().all(|note| note.contains(words)), "{notes:?}");
    }
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

/// Every frame ends with ETB, a LF stands in front of each, and the numbers restart and jump.
fn unruly() -> Vec<u8> {
    let records = [
        "H|\\^&|||SIM",
        "P|1",
        "O|1|F26-1||^^^Pb\\^^^Cd",
        "R|1|^^^Pb|0.12|mg/kg",
        "R|2|^^^Cd|<0.005|mg/kg",
        "C|1|I|checked",
        "L|1|N",
    ];
    let frame = |(number, record): (u8, &str)| {
        [&b"\n"[..], &Frame::new(number, format!("{record}\r").as_bytes(), false).encode()].concat()
    };
    [vec![ENQ]].into_iter().chain([1, 2, 1, 1, 4, 5, 6].into_iter().zip(records).map(frame)).flatten().collect()
}

#[test]
fn etb_wrong_numbers_and_lf_first_together() {
    let generic = Profile::load("generic_astm").unwrap();
    let mut link = generic.link(Instant::now(), chrono::DateTime::UNIX_EPOCH, None);
    let (answers, messages, notes) = hear(link.as_mut(), &unruly());
    assert_eq!((answers, messages.len()), (vec![ACK, ACK, ACK, NAK, NAK, NAK, NAK, NAK], 0));
    assert!(notes.iter().any(|note| note == "frame refused: frame number 1, expected 3"), "{notes:?}");

    let names = ["'frame_numbers'", "'etb_ends_record'", "'line_feed_first'"];
    let named = |link: String| {
        let toml =
            "maturity='draft'\nsource='x'\nformat='astm'\n[records]\nframe_numbers=true\n[link]\nprotocol='astm'\n";
        Profile::parse("p", &format!("{toml}{link}")).unwrap()
    };
    for link in ["tolerate = ['frame_numbers']".into(), format!("strict = true\ntolerate = [{}]", names.join(", "))] {
        let profile = named(link);
        let mut link = profile.link(Instant::now(), chrono::DateTime::UNIX_EPOCH, None);
        let (answers, messages, mut notes) = hear(link.as_mut(), &unruly());
        assert_eq!((answers, messages.len()), (vec![ACK; 8], 1), "{notes:?}");
        notes.sort();
        let expected =
            ["tolerated: ETB at the end of the message", "tolerated: LF in front of STX", "tolerated: frame number"];
        assert_eq!(notes, expected);
        let read = profile.read(&messages[0], &Context::default());
        let values: Vec<String> =
            read.observations.iter().map(|one| format!("{} {} {}", one.sample_id, one.analyte, one.value)).collect();
        assert_eq!((values.join(", ").as_str(), read.troubles.len()), ("F26-1 ^^^Pb 0.12, F26-1 ^^^Cd <0.005", 0));
    }
    // Each of the three is needed.
    for left_out in names {
        let others: Vec<&str> = names.into_iter().filter(|name| *name != left_out).collect();
        let profile = named(format!("strict = true\ntolerate = [{}]", others.join(", ")));
        let mut link = profile.link(Instant::now(), chrono::DateTime::UNIX_EPOCH, None);
        assert_eq!(hear(link.as_mut(), &unruly()).1.len(), 0, "{left_out}");
    }
}

#[test]
fn what_the_line_takes_is_read() {
    let text = |records: &str, name: &str| {
        format!(
            "maturity='draft'\nsource='x'\nformat='astm'\n[records]\n{records}\n[link]\nprotocol='astm'\ntolerate=['{name}']"
        )
    };
    for (name, key) in
        [("frame_numbers", "frame_numbers"), ("plain_frames", "plain_frames"), ("no_terminator", "fragments")]
    {
        let error = Profile::parse("p", &text("", name)).unwrap_err().to_string();
        assert!(error.contains(&format!("'{name}' needs {key} = true")), "{error}");
        assert!(Profile::parse("p", &text(&format!("{key} = true"), name)).is_ok());
    }

    // A message that ends with EOT and has no L record.
    let profile = Profile::parse("p", &text("fragments = true", "no_terminator")).unwrap();
    let records = ["H|\\^&|||SIM\r", "O|1|F26-1\r", "R|1|^^^Pb|0.12|mg/kg\r"];
    let frames = (1..).zip(records).flat_map(|(number, text)| Frame::new(number, text.as_bytes(), true).encode());
    let bytes: Vec<u8> = std::iter::once(ENQ).chain(frames).chain([EOT]).collect();
    let mut link = profile.link(Instant::now(), chrono::DateTime::UNIX_EPOCH, None);
    let (answers, messages, _) = hear(link.as_mut(), &bytes);
    assert_eq!((answers, messages.len()), (vec![ACK; 4], 1));
    let read = profile.read(&messages[0], &Context::default());
    let values: Vec<&str> = read.observations.iter().map(|one| one.value.as_str()).collect();
    assert_eq!((values, read.troubles.len()), (vec!["0.12"], 0));
}

#[test]
fn a_message_without_an_end_does_not_fill_the_memory() {
    let mut link = host(Tolerances::harmless());
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
