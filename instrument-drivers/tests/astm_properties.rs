//! What must hold for every input of the ASTM link: cutting changes nothing, no answer before storing. Noise:
//! `reader_noise.rs`.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use instrument_drivers::wire::astm_frame::{ACK, ENQ, EOT, Frame, NAK, frames_of};
use instrument_drivers::wire::astm_link::{
    AstmLink, BUSY_WAIT, HOST_CONTENTION_WAIT, MAX_TRIES, RECEIVE_TIMEOUT, Side, Tolerances,
};
use instrument_drivers::wire::{Action, Link};
use proptest::prelude::*;

/// Feeds chunks, storing everything; returns what was stored as messages and what was sent.
fn feed(link: &mut AstmLink, now: Instant, chunks: &[Vec<u8>]) -> (Vec<Vec<u8>>, Vec<u8>) {
    let (mut messages, mut sent) = (Vec::new(), Vec::new());
    let mut perform = |link: &mut AstmLink, now, actions: Vec<Action>| {
        let mut queue = VecDeque::from(actions);
        while let Some(action) = queue.pop_front() {
            match action {
                Action::Keep { message, .. } => {
                    assert!(queue.is_empty(), "Keep is the last action");
                    messages.extend(message);
                    queue.extend(link.kept(now, true));
                }
                Action::Send(bytes) => sent.extend(bytes),
                _ => {}
            }
        }
    };
    for chunk in chunks {
        let actions = link.received(now, chunk);
        perform(link, now, actions);
    }
    // A last frame without its CR LF is complete after a moment.
    let later = now + Duration::from_secs(1);
    let actions = link.tick(later);
    perform(link, later, actions);
    (messages, sent)
}

fn cut(bytes: &[u8], cuts: &[usize]) -> Vec<Vec<u8>> {
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).collect();
    places.extend([0, bytes.len()]);
    places.sort();
    places.windows(2).map(|pair| bytes[pair[0]..pair[1]].to_vec()).collect()
}

fn session(records: &str) -> Vec<u8> {
    let mut bytes = vec![ENQ];
    for frame in frames_of(records.as_bytes(), 240) {
        bytes.extend(frame.encode());
    }
    bytes.push(EOT);
    bytes
}

const RECORDS: &str = "H|\\^&|||SIM\rP|1\rO|1|F26-1||^^^Pb\rR|1|^^^Pb|0.12|mg/kg\rL|1|N\r";

proptest! {
    #[test]
    fn cutting_changes_nothing(cuts in prop::collection::vec(0usize..2000, 0..30), sessions in 1usize..4) {
        let stream = session(RECORDS).repeat(sessions);
        let now = Instant::now();
        let whole = feed(&mut AstmLink::new(Side::Host, Tolerances::default()), now, std::slice::from_ref(&stream));
        let parts = feed(&mut AstmLink::new(Side::Host, Tolerances::default()), now, &cut(&stream, &cuts));
        prop_assert_eq!(whole.0.len(), sessions);
        prop_assert_eq!(whole.1.len(), sessions * 6);
        prop_assert_eq!(whole, parts);
    }

    #[test]
    fn damaged_streams_are_read_the_same_however_they_are_cut(
        flips in prop::collection::vec((0usize..200, 1u8..255), 1..6),
        cuts in prop::collection::vec(0usize..2000, 0..30),
    ) {
        let mut stream = session(RECORDS);
        for (at, bits) in flips {
            let at = at % stream.len();
            stream[at] ^= bits;
        }
        let now = Instant::now();
        let whole = feed(&mut AstmLink::new(Side::Host, Tolerances::default()), now, std::slice::from_ref(&stream));
        let parts = feed(&mut AstmLink::new(Side::Host, Tolerances::default()), now, &cut(&stream, &cuts));
        prop_assert_eq!(whole, parts);
    }

    #[test]
    fn frames_are_decoded_as_they_were_encoded(text in prop::collection::vec(0x20u8..0x7f, 1..600)) {
        let records = [&text[..], b"\r"].concat();
        let joined: Vec<u8> = frames_of(&records, 240).iter().flat_map(|frame| {
            assert!(frame.checksum_good());
            frame.text().to_vec()
        }).collect();
        prop_assert_eq!(joined, records);
    }

    #[test]
    fn no_acknowledgement_before_storing(ok in prop::collection::vec(any::<bool>(), 12)) {
        let now = Instant::now();
        let mut link = AstmLink::new(Side::Host, Tolerances::default());
        prop_assert_eq!(link.received(now, &[ENQ]), vec![Action::Send(vec![ACK])]);
        let frames = frames_of(RECORDS.as_bytes(), 240);
        let mut next = 0;
        for ok in ok {
            if next == frames.len() { break; }
            let actions = link.received(now, &frames[next].encode());
            let is_keep = matches!(&actions[..], [Action::Keep { .. }]);
            prop_assert!(is_keep, "{:?}", actions);
            // Nothing that arrives meanwhile is answered either.
            prop_assert_eq!(link.received(now, b""), vec![]);
            let answer = link.kept(now, ok);
            let expected = if ok { ACK } else { NAK };
            prop_assert_eq!(answer.iter().filter_map(|a| match a { Action::Send(b) => Some(b.clone()), _ => None }).collect::<Vec<_>>(), vec![vec![expected]]);
            next += usize::from(ok);
        }
    }
}

/// Two links joined by a perfect line; returns the actions of each side, in order.
fn converse(a: &mut AstmLink, b: &mut AstmLink, first: Vec<Action>, now: Instant) -> (Vec<Action>, Vec<Action>) {
    let (mut from_a, mut from_b) = (Vec::new(), Vec::new());
    let mut queue: VecDeque<(bool, Action)> = first.into_iter().map(|action| (true, action)).collect();
    while let Some((is_a, action)) = queue.pop_front() {
        if is_a { &mut from_a } else { &mut from_b }.push(action.clone());
        let (me, other) = if is_a { (&mut *a, &mut *b) } else { (&mut *b, &mut *a) };
        match action {
            Action::Send(bytes) => queue.extend(other.received(now, &bytes).into_iter().map(|action| (!is_a, action))),
            Action::Keep { .. } => queue.extend(me.kept(now, true).into_iter().map(|action| (is_a, action))),
            _ => {}
        }
    }
    (from_a, from_b)
}

#[test]
fn a_message_is_delivered_from_side_to_side() {
    let now = Instant::now();
    let mut host = AstmLink::new(Side::Host, Tolerances::default());
    let mut instrument = AstmLink::new(Side::Instrument, Tolerances::default());
    let first = host.send(now, RECORDS.as_bytes()).unwrap();
    let (from_host, from_instrument) = converse(&mut host, &mut instrument, first, now);
    assert!(from_host.contains(&Action::Delivered));
    let kept: Vec<_> = from_instrument
        .iter()
        .filter_map(|a| match a {
            Action::Keep { message, .. } => message.clone(),
            _ => None,
        })
        .collect();
    assert_eq!(kept.len(), 1);
    assert!(host.is_idle() && instrument.is_idle());
}

#[test]
fn a_frame_is_tried_six_times() {
    let mut now = Instant::now();
    let mut link = AstmLink::new(Side::Host, Tolerances::default());
    link.send(now, RECORDS.as_bytes()).unwrap();
    let mut sent = 0;
    let mut actions = link.received(now, &[ACK]);
    let gave_up = loop {
        sent += actions.iter().filter(|a| matches!(a, Action::Send(b) if b.len() > 1)).count();
        if let Some(Action::NotDelivered { .. }) = actions.iter().find(|a| matches!(a, Action::NotDelivered { .. })) {
            break true;
        }
        now += Duration::from_secs(1);
        actions = link.received(now, &[NAK]);
    };
    assert!(gave_up);
    assert_eq!(sent, usize::from(MAX_TRIES));
}

#[test]
fn contention_is_decided_for_the_instrument() {
    let now = Instant::now();
    let mut host = AstmLink::new(Side::Host, Tolerances::default());
    assert_eq!(host.send(now, RECORDS.as_bytes()).unwrap(), [Action::Send(vec![ENQ])]);
    let actions = host.received(now, &[ENQ]);
    assert!(!actions.iter().any(|a| matches!(a, Action::Send(_))), "{actions:?}");
    // The instrument repeats its ENQ after a second and is served; the host waits 20 s before its own.
    let later = now + Duration::from_secs(1);
    assert_eq!(host.received(later, &[ENQ]), [Action::Send(vec![ACK])]);
    // The instrument's session shortens the wait by nothing.
    assert_eq!(host.received(later, &[EOT]), []);
    assert_eq!(host.deadline(), Some(now + HOST_CONTENTION_WAIT));
    assert_eq!(host.tick(later + Duration::from_secs(18)), []);
    assert_eq!(host.tick(now + HOST_CONTENTION_WAIT), [Action::Send(vec![ENQ])]);
}

#[test]
fn a_busy_instrument_that_sends_itself_is_asked_again_after_ten_seconds_only() {
    let now = Instant::now();
    let mut host = AstmLink::new(Side::Host, Tolerances::default());
    host.send(now, RECORDS.as_bytes()).unwrap();
    host.received(now, &[NAK]);
    let later = now + Duration::from_secs(2);
    assert_eq!(host.received(later, &[ENQ, EOT]), [Action::Send(vec![ACK])]);
    assert_eq!(host.deadline(), Some(now + BUSY_WAIT));
    assert_eq!(host.tick(now + BUSY_WAIT), [Action::Send(vec![ENQ])]);
}

#[test]
fn an_enq_that_nobody_answers_is_given_up() {
    let mut now = Instant::now();
    let mut host = AstmLink::new(Side::Host, Tolerances::default());
    host.send(now, RECORDS.as_bytes()).unwrap();
    host.send(now, RECORDS.as_bytes()).unwrap();
    let (mut enqs, mut given_up) = (1, Vec::new());
    // 15 s of waiting and 10 s of pause for every ENQ.
    for _ in 0..2 * usize::from(MAX_TRIES) {
        now = host.deadline().unwrap();
        for action in host.tick(now) {
            match action {
                Action::Send(bytes) if bytes == [ENQ] => enqs += 1,
                Action::NotDelivered { why } => given_up.push((enqs, why)),
                _ => {}
            }
        }
    }
    assert_eq!(given_up, [(MAX_TRIES, "6 ENQs got no answer within 15 s".to_owned())]);
    assert_eq!(enqs, MAX_TRIES + 1, "the second message has its own tries");
    // One that is busy is there: the count begins anew.
    host.received(now, &[NAK]);
    for _ in 0..2 * usize::from(MAX_TRIES) - 1 {
        now = host.deadline().unwrap();
        assert!(!host.tick(now).iter().any(|action| matches!(action, Action::NotDelivered { .. })));
    }
}

#[test]
fn half_a_message_is_discarded_after_thirty_seconds() {
    let now = Instant::now();
    let mut link = AstmLink::new(Side::Host, Tolerances::default());
    link.received(now, &[ENQ]);
    let frames = frames_of(RECORDS.as_bytes(), 240);
    link.received(now, &frames[0].encode());
    link.kept(now, true);
    assert_eq!(link.deadline(), Some(now + RECEIVE_TIMEOUT));
    let actions = link.tick(now + RECEIVE_TIMEOUT);
    assert!(
        actions.iter().any(|a| matches!(a, Action::Discard { bytes, .. } if *bytes == frames[0].encode())),
        "{actions:?}"
    );
    assert!(link.is_idle());
}

#[test]
fn wrong_frame_numbers_are_refused_or_tolerated_and_noted() {
    let now = Instant::now();
    let wrong = Frame::new(3, b"H|\\^&\r", true).encode();
    let mut strict = AstmLink::new(Side::Host, Tolerances::default());
    strict.received(now, &[ENQ]);
    assert!(strict.received(now, &wrong).contains(&Action::Send(vec![NAK])));
    let mut tolerant = AstmLink::new(Side::Host, Tolerances { frame_numbers: true, ..Tolerances::default() });
    tolerant.received(now, &[ENQ]);
    let actions = tolerant.received(now, &wrong);
    assert!(matches!(&actions[0], Action::Note(note) if note.contains("tolerated")), "{actions:?}");
    assert!(matches!(&actions[1], Action::Keep { .. }));
}
