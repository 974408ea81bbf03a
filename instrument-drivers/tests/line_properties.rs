//! What must hold for every input of MLLP, VIDAS and line links: cutting changes nothing, nothing is acknowledged before
//! it is stored, and nothing grows without end. Noise: `reader_noise.rs`.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use instrument_drivers::wire::lines::{LineLink, LineSettings, Unit};
use instrument_drivers::wire::mllp::{FS, MllpLink, VT};
use instrument_drivers::wire::strip::Strip;
use instrument_drivers::wire::vidas::{self, VidasLink};
use instrument_drivers::wire::{Action, Link};
use proptest::prelude::*;

/// What a link did with its input.
#[derive(Debug, Default, PartialEq, Eq)]
struct Heard {
    messages: Vec<Vec<u8>>,
    given_up: Vec<Vec<u8>>,
    sent: Vec<u8>,
}

/// Feeds chunks at one moment, then lets an hour pass. Everything is stored.
fn feed(link: &mut dyn Link, now: Instant, chunks: &[Vec<u8>]) -> Heard {
    let mut heard = Heard::default();
    let mut perform = |link: &mut dyn Link, actions: Vec<Action>| {
        let mut queue = VecDeque::from(actions);
        while let Some(action) = queue.pop_front() {
            match action {
                Action::Keep { message, .. } => {
                    assert!(queue.is_empty(), "Keep is the last action");
                    heard.messages.extend(message);
                    queue.extend(link.kept(now, true));
                }
                Action::Discard { bytes, .. } => heard.given_up.push(bytes),
                Action::Send(bytes) => heard.sent.extend(bytes),
                _ => {}
            }
        }
    };
    for chunk in chunks {
        let actions = link.received(now, chunk);
        perform(link, actions);
    }
    let actions = link.tick(now + Duration::from_secs(1));
    perform(link, actions);
    let actions = link.closed(now + Duration::from_secs(2));
    perform(link, actions);
    heard
}

fn cut(bytes: &[u8], cuts: &[usize]) -> Vec<Vec<u8>> {
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).collect();
    places.extend([0, bytes.len()]);
    places.sort();
    places.windows(2).map(|pair| bytes[pair[0]..pair[1]].to_vec()).collect()
}

fn block_settings(start: bool, end: bool, escapes: bool, bit7: bool) -> LineSettings {
    let pattern = |wanted: bool, text: &str| wanted.then(|| regex::Regex::new(text).unwrap());
    LineSettings {
        message: Unit::Block,
        start: pattern(start, "^A"),
        end: pattern(end, "^Z"),
        max_lines: Some(5),
        strip: Strip { escapes, bit7 },
        ..LineSettings::default()
    }
}

fn hl7(id: usize) -> Vec<u8> {
    let text = format!("MSH|^~\\&|E|LAB|LIS|LAB|20260412090000||ORU^R01|M{id}|P|2.5\rOBX|1|NM|A||1.{id}|g\r");
    [&[VT][..], text.as_bytes(), &[FS, b'\r']].concat()
}

/// Bytes that mean something to a line: mostly text, line ends, escapes, control bytes.
fn printed() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        6 => prop::sample::select(b"AZ 0123456789.g".to_vec()),
        2 => prop::sample::select(b"\r\n\x0c\x03".to_vec()),
        1 => prop::sample::select(b"\x1b\x1d@EG*([\0".to_vec()),
        1 => any::<u8>(),
    ];
    prop::collection::vec(byte, 0..200)
}

proptest! {
    #[test]
    fn mllp_is_the_same_however_it_is_cut(cuts in prop::collection::vec(0usize..2000, 0..30), count in 1usize..5) {
        let stream: Vec<u8> = (0..count).flat_map(hl7).collect();
        let now = Instant::now();
        let whole = feed(&mut MllpLink::new(), now, std::slice::from_ref(&stream));
        prop_assert_eq!(whole.messages.len(), count);
        prop_assert_eq!(&whole, &feed(&mut MllpLink::new(), now, &cut(&stream, &cuts)));
    }

    #[test]
    fn damaged_mllp_is_the_same_however_it_is_cut(
        flips in prop::collection::vec((0usize..400, 1u8..255), 1..6),
        cuts in prop::collection::vec(0usize..2000, 0..30),
    ) {
        let mut stream: Vec<u8> = (0..3).flat_map(hl7).collect();
        for (at, bits) in flips {
            let at = at % stream.len();
            stream[at] ^= bits;
        }
        let now = Instant::now();
        let whole = feed(&mut MllpLink::new(), now, std::slice::from_ref(&stream));
        prop_assert_eq!(whole, feed(&mut MllpLink::new(), now, &cut(&stream, &cuts)));
    }

    #[test]
    fn vidas_is_the_same_however_it_is_cut(
        flips in prop::collection::vec((0usize..400, 1u8..255), 0..4),
        cuts in prop::collection::vec(0usize..2000, 0..30),
    ) {
        let one = vidas::encode(&[("mt", "rsl"), ("ci", "A"), ("qn", "1")]);
        let two = vidas::encode(&[("mt", "rsl"), ("ci", "B"), ("qn", "2")]);
        let mut stream = [&[5][..], &one, &two, &[4]].concat();
        let whole_before = feed(&mut VidasLink::new(), Instant::now(), std::slice::from_ref(&stream));
        prop_assert_eq!(whole_before.messages, vec![one, two]);
        for (at, bits) in flips {
            let at = at % stream.len();
            stream[at] ^= bits;
        }
        let now = Instant::now();
        let whole = feed(&mut VidasLink::new(), now, std::slice::from_ref(&stream));
        prop_assert_eq!(whole, feed(&mut VidasLink::new(), now, &cut(&stream, &cuts)));
    }

    #[test]
    fn lines_are_the_same_however_they_are_cut(
        stream in printed(),
        cuts in prop::collection::vec(0usize..2000, 0..30),
        switches in any::<[bool; 5]>(),
    ) {
        let [block, start, end, escapes, bit7] = switches;
        let strip = Strip { escapes, bit7 };
        let settings = if block {
            block_settings(start, end, escapes, bit7)
        } else {
            LineSettings { strip, ..LineSettings::default() }
        };
        let now = Instant::now();
        let mut whole = feed(&mut LineLink::new(settings.clone(), now), now, std::slice::from_ref(&stream));
        prop_assert_eq!(&whole.sent, &Vec::<u8>::new(), "nothing is ever answered on such a line");
        // Every byte that is text is in a message or kept as evidence, once and in order per kind.
        let kept: usize = whole.messages.iter().chain(&whole.given_up).map(Vec::len).sum();
        prop_assert!(kept <= stream.len());
        let mut parts = feed(&mut LineLink::new(settings, now), now, &cut(&stream, &cuts));
        if !block {
            // How many lines are stored together depends on how fast they come.
            (whole.messages, parts.messages) = (vec![whole.messages.concat()], vec![parts.messages.concat()]);
        }
        prop_assert_eq!(&whole, &parts);
    }

    #[test]
    fn no_printed_character_is_lost(stream in printed()) {
        let now = Instant::now();
        let heard = feed(&mut LineLink::new(LineSettings::default(), now), now, std::slice::from_ref(&stream));
        let mut kept = heard.messages.concat();
        kept.extend(heard.given_up.concat());
        let visible = |bytes: &[u8]| bytes.iter().filter(|b| !matches!(**b, b'\r' | b'\n' | b' ' | b'\t' | 0 | 12 | 3)).count();
        prop_assert_eq!(visible(&kept), visible(&stream));
    }

    #[test]
    fn an_hl7_message_is_answered_behind_its_storing(ok in any::<bool>()) {
        let now = Instant::now();
        let mut link = MllpLink::new();
        let actions = link.received(now, &hl7(1));
        let is_keep = matches!(&actions[..], [Action::Keep { .. }]);
        prop_assert!(is_keep, "{:?}", actions);
        let answer = link.kept(now, ok);
        let code = if ok { "MSA|AA|M1" } else { "MSA|AR|M1" };
        let said = matches!(&answer[..], [Action::Send(text)] if String::from_utf8_lossy(text).contains(code));
        prop_assert!(said, "{:?}", answer);
    }
}

/// An hour of a stuck key or a broken cable: what is kept in memory stays small.
#[test]
fn endless_input_does_not_grow_the_memory() {
    let now = Instant::now();
    let endless = vec![b'7'; 1 << 16];
    let links: [Box<dyn Link>; 3] =
        [Box::new(LineLink::new(LineSettings::default(), now)), Box::new(VidasLink::new()), Box::new(MllpLink::new())];
    for (mut link, open) in links.into_iter().zip([&b""[..], b"\x02", b"\x0b"]) {
        link.received(now, open);
        let mut given_up = 0;
        for _ in 0..400 {
            for action in link.received(now, &endless) {
                match action {
                    Action::Discard { .. } => given_up += 1,
                    // VIDAS answers what is too long for it with NAK.
                    Action::Send(_) | Action::Note(_) => given_up += 1,
                    other => panic!("{other:?}"),
                }
            }
        }
        assert!(given_up > 0);
    }
}
