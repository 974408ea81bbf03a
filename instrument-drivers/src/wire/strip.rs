//! Takes out of a printer's bytes what is not text: escape sequences, fill bytes, the parity bit.
//!
//! A port that printed on paper sends ESC/P or ESC/POS commands between its lines; an instrument set to 7E1 and read as
//! 8N1 has its parity in bit 7. A parameter of a command may have the value of CR or FF, so lines are cut behind this.
//! Sources: ESC/P reference (Epson), ESC/POS command reference, ECMA-48; PROTOCOLS 6.

use std::borrow::Cow;

/// What is taken out. Nothing unless a profile says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Strip {
    /// ESC/P, ESC/POS and ECMA-48 sequences, and control bytes that move no line.
    pub escapes: bool,
    /// Bit 7 of every byte.
    pub bit7: bool,
}

impl Strip {
    pub fn is_nothing(&self) -> bool {
        *self == Strip::default()
    }

    /// The text in stored bytes.
    pub fn clean<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        if self.is_nothing() {
            return Cow::Borrowed(bytes);
        }
        let mut stripper = Stripper::new(*self);
        Cow::Owned(bytes.iter().filter_map(|byte| stripper.push(*byte)).collect())
    }
}

/// The same, byte by byte.
#[derive(Debug, Clone)]
pub struct Stripper {
    strip: Strip,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Text,
    Escape,
    Group,
    /// So many bytes of parameters follow.
    Parameters(u16),
    /// A parameter follows when it is 0 or 1; anything else is text already.
    Switch,
    /// Parameters up to NUL: a list of tab stops.
    UntilNul,
    /// ECMA-48: up to a byte from `@` to `~`.
    Sequence,
    /// Bytes of parameters in front of a length in two bytes, low first, and so many bytes of data.
    LengthAfter(u8),
    LengthHigh(u8),
}

/// A picture of a printer is smaller; more is a damaged length. 4 KiB.
const LONGEST_DATA: u16 = 4096;
const ESC: u8 = 0x1b;
const GS: u8 = 0x1d;

impl Stripper {
    pub fn new(strip: Strip) -> Self {
        Stripper { strip, state: State::Text }
    }

    /// The byte as text, or nothing when it is none.
    pub fn push(&mut self, byte: u8) -> Option<u8> {
        let byte = if self.strip.bit7 { byte & 0x7f } else { byte };
        if !self.strip.escapes {
            return Some(byte);
        }
        let (state, text) = match self.state {
            State::Text => text(byte),
            State::Escape => (after_escape(byte), None),
            State::Group => (after_group(byte), None),
            State::Parameters(1) => (State::Text, None),
            State::Parameters(left) => (State::Parameters(left - 1), None),
            State::Switch if byte <= 1 => (State::Text, None),
            State::Switch => text(byte),
            State::UntilNul => (if byte == 0 { State::Text } else { State::UntilNul }, None),
            State::Sequence => (if (0x40..=0x7e).contains(&byte) { State::Text } else { State::Sequence }, None),
            State::LengthAfter(0) => (State::LengthHigh(byte), None),
            State::LengthAfter(left) => (State::LengthAfter(left - 1), None),
            State::LengthHigh(low) => match (u16::from(byte) << 8 | u16::from(low)).min(LONGEST_DATA) {
                0 => (State::Text, None),
                length => (State::Parameters(length), None),
            },
        };
        self.state = state;
        text
    }

    /// Nothing is expected: the next byte is text.
    pub fn in_text(&self) -> bool {
        matches!(self.state, State::Text | State::Switch)
    }
}

fn text(byte: u8) -> (State, Option<u8>) {
    match byte {
        ESC => (State::Escape, None),
        GS => (State::Group, None),
        // Fill bytes, bell, shifts, device controls, cancel.
        0x00 | 0x07 | 0x0e | 0x0f | 0x11..=0x14 | 0x18 => (State::Text, None),
        byte => (State::Text, Some(byte)),
    }
}

fn after_escape(byte: u8) -> State {
    match byte {
        b'[' => State::Sequence,
        // Without parameter: initialise, line spacing, pitch, master select off.
        b'@' | b'0' | b'1' | b'2' | b'4' | b'5' | b'6' | b'7' | b'8' | b'9' | b'O' | b'P' | b'T' | b'F' | b'H'
        | b'i' | b'm' | b'<' | b'z' => State::Text,
        // With one in ESC/POS, without in ESC/P.
        b'E' | b'G' | b'M' => State::Switch,
        b'$' | b'\\' | b'c' | b'e' | b'f' => State::Parameters(2),
        b'p' => State::Parameters(3),
        b'D' | b'B' => State::UntilNul,
        b'*' => State::LengthAfter(1),
        b'(' => State::LengthAfter(1),
        b'K' | b'L' | b'Y' | b'Z' => State::LengthAfter(0),
        // Everything else has one: underline, width, font, page length, margins, feed, colour, code page.
        _ => State::Parameters(1),
    }
}

fn after_group(byte: u8) -> State {
    match byte {
        b'L' | b'W' | b'P' | b'$' | b'\\' => State::Parameters(2),
        b'(' => State::LengthAfter(1),
        _ => State::Parameters(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(escapes: bool, bit7: bool, bytes: &[u8]) -> Vec<u8> {
        Strip { escapes, bit7 }.clean(bytes).into_owned()
    }

    #[test]
    fn commands_of_a_printer_are_no_text() {
        // Initialise, emphasised on and off in both dialects, line spacing 10 (the value of LF), tab stops, cut.
        let printed =
            b"\x1b@\x1bEpH 4.61\x1bF\r\n\x1bE\x01T 25.0\x1bE\x00\r\n\x1b3\n\x1bD\x08\x10\x00mV 111.2\r\n\x1dV\x00\0\0";
        assert_eq!(cleaned(true, false, printed), b"pH 4.61\r\nT 25.0\r\nmV 111.2\r\n");
        assert_eq!(cleaned(true, false, b"\x1b[1;31mAlarm\x1b[0m"), b"Alarm");
        assert_eq!(cleaned(true, false, b"\x1b*\x00\x03\x00abcpH"), b"pH");
    }

    #[test]
    fn parity_in_bit_seven_is_no_text() {
        // "ST,+1.20 g" CR LF with even parity.
        let printed: Vec<u8> = b"ST,+1.20  g\r\n".iter().map(|b| b | (b.count_ones() as u8 & 1) << 7).collect();
        assert_ne!(printed, b"ST,+1.20  g\r\n");
        assert_eq!(cleaned(false, true, &printed), b"ST,+1.20  g\r\n");
    }

    #[test]
    fn nothing_is_taken_out_unasked() {
        assert_eq!(cleaned(false, false, b"\x1bE\xb5\0"), b"\x1bE\xb5\0");
    }
}
