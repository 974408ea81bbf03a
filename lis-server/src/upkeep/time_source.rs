//! One question to the laboratory's time source (`quality.md` Q711-8): SNTP over UDP, RFC 4330. The program sets no clock by
//! the answer; it says by how much the server's is off.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs, UdpSocket};
use std::time::Duration;

use crate::domain::clock::Moment;

/// A datagram may be lost: a source is silent when as many questions in a row get no answer.
const TRIES: usize = 3;
/// A time source of a city answers in some hundredths of a second.
const WAIT: Duration = Duration::from_secs(1);

/// No leap second announced, version 4, a client asks (RFC 4330 4).
const ASKING: u8 = 0b00_100_011;
const MODE: u8 = 0b111;
const SERVER: u8 = 4;
/// Leap indicator of a source that has no time itself.
const UNSYNCHRONISED: u8 = 3;
/// Beyond it a source is not synchronised; 0 is a refusal.
const STRATUM_MOST: u8 = 15;
const PACKET: usize = 48;
/// Places of the moments in a packet: of the question as it came, of its arrival, of the answer.
const ORIGINATE: usize = 24;
const RECEIVE: usize = 32;
const TRANSMIT: usize = 40;
/// An answer may have more behind its packet; nobody reads it.
const PACKET_MOST: usize = 512;

/// Seconds from 1900, where the format counts from, to 1970.
const FROM_1900_S: i64 = 2_208_988_800;
/// The count of seconds has 32 bits and begins anew in February 2036; what looks earlier than 1968 is later (RFC 4330 3).
const ERA_S: i64 = 1 << 32;

/// Milliseconds by which the source at an address (`host:port`) is ahead of a clock.
///
/// # Errors
/// When the address leads nowhere or nothing usable answers.
pub fn ahead_ms(address: &str, real: impl Fn() -> Moment) -> io::Result<i64> {
    let mut failed = io::Error::from(ErrorKind::TimedOut);
    for _ in 0..TRIES {
        match ask(address, &real) {
            Ok(ms) => return Ok(ms),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

fn ask(address: &str, real: &impl Fn() -> Moment) -> io::Result<i64> {
    let source = address.to_socket_addrs()?.next().ok_or(ErrorKind::NotFound)?;
    let own: SocketAddr =
        if source.is_ipv4() { (Ipv4Addr::UNSPECIFIED, 0).into() } else { (Ipv6Addr::UNSPECIFIED, 0).into() };
    let socket = UdpSocket::bind(own)?;
    socket.connect(source)?;
    socket.set_read_timeout(Some(WAIT))?;
    let question: u64 = rand::random();
    let asked = real();
    socket.send(&packet(question))?;
    let mut bytes = [0; PACKET_MOST];
    let count = socket.recv(&mut bytes)?;
    let answered = real();
    let answer = Answer::read(bytes.get(..count).unwrap_or_default(), question).ok_or(ErrorKind::InvalidData)?;
    Ok(answer.ahead_ms(asked, answered))
}

/// The question: in place of a moment a random number, that comes back with the answer and with no other.
fn packet(question: u64) -> [u8; PACKET] {
    let mut packet = [0; PACKET];
    packet[0] = ASKING;
    packet[TRANSMIT..].copy_from_slice(&question.to_be_bytes());
    packet
}

/// When the question came to the source, and when the answer left it; milliseconds since 1970.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    received: i64,
    sent: i64,
}

impl Answer {
    /// `None`: no answer to this question, or the source has no time.
    fn read(packet: &[u8], question: u64) -> Option<Self> {
        let (first, stratum) = (*packet.first()?, *packet.get(1)?);
        let has_time = first >> 6 != UNSYNCHRONISED && (1..=STRATUM_MOST).contains(&stratum);
        if first & MODE != SERVER || !has_time || moment(packet, ORIGINATE)? != question {
            return None;
        }
        Some(Self { received: millis(moment(packet, RECEIVE)?)?, sent: millis(moment(packet, TRANSMIT)?)? })
    }

    /// The mean of what both ways say: what one of them takes longer than the other cannot be told.
    fn ahead_ms(&self, asked: Moment, answered: Moment) -> i64 {
        ((self.received - asked.millis()) + (self.sent - answered.millis())) / 2
    }
}

fn moment(packet: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_be_bytes(packet.get(at..at + 8)?.try_into().ok()?))
}

/// Milliseconds since 1970 of seconds with 32 bits behind the point; zero is no moment.
fn millis(moment: u64) -> Option<i64> {
    let seconds = i64::try_from(moment >> 32).ok()?;
    let fraction = i64::try_from(moment & u64::from(u32::MAX)).ok()?;
    let era = if seconds < ERA_S / 2 { ERA_S } else { 0 };
    (moment != 0).then(|| (seconds + era - FROM_1900_S) * 1_000 + ((fraction * 1_000) >> 32))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An answer of a synchronised source: 2026-11-29T00:00:00Z is 1_795_910_400 s after 1970.
    fn answer(question: u64) -> Vec<u8> {
        let mut packet = vec![0; PACKET];
        (packet[0], packet[1]) = (0b00_100_100, 2);
        packet[ORIGINATE..RECEIVE].copy_from_slice(&question.to_be_bytes());
        let seconds: u64 = 1_795_910_400 + 2_208_988_800;
        // A quarter and a half of a second.
        packet[RECEIVE..TRANSMIT].copy_from_slice(&((seconds << 32) | 0x4000_0000).to_be_bytes());
        packet[TRANSMIT..].copy_from_slice(&((seconds << 32) | 0x8000_0000).to_be_bytes());
        packet
    }

    // Requirement: Q711-8
    #[test]
    fn half_of_the_way_is_taken_for_each_direction() {
        let said = Answer::read(&answer(7), 7).unwrap();
        assert_eq!(said, Answer { received: 1_795_910_400_250, sent: 1_795_910_400_500 });
        // Asked at .000, answered at .150 by the server's clock: the middle is .075 there and .375 at the source.
        let at = |ms: i64| Moment::from_millis(1_795_910_400_000 + ms).unwrap();
        assert_eq!(said.ahead_ms(at(0), at(150)), 300);
        assert_eq!(said.ahead_ms(at(5_000), at(5_150)), -4_700);
    }

    #[test]
    fn what_is_no_answer_to_the_question_says_nothing() {
        let changed = |place: usize, byte: u8| {
            let mut packet = answer(7);
            packet[place] = byte;
            Answer::read(&packet, 7)
        };
        assert_eq!(Answer::read(&answer(7), 8), None, "of another question");
        assert_eq!(changed(0, ASKING), None, "a question itself");
        assert_eq!(changed(0, 0b11_100_100), None, "the source has no time");
        assert_eq!(changed(1, 0), None, "it refuses");
        assert_eq!(changed(1, 16), None, "it is not synchronised");
        assert_eq!(Answer::read(&answer(7)[..PACKET - 1], 7), None, "cut off");
        let mut unsaid = answer(7);
        unsaid[TRANSMIT..].fill(0);
        assert_eq!(Answer::read(&unsaid, 7), None, "without the moment of the answer");
    }

    #[test]
    fn the_count_goes_on_after_2036() {
        // 2036-02-07T06:28:16Z: the count begins anew.
        assert_eq!(millis(1), Some(2_085_978_496_000));
        assert_eq!(millis(u64::MAX), Some(2_085_978_495_999));
        assert_eq!(millis(0), None);
    }
}
