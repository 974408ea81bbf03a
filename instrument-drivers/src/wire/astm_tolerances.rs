//! What a profile lets an ASTM instrument do differently, each with its name.
//!
//! Source: the deviations seen on real devices, PROTOCOLS 1.4.

use super::astm_frame::{CR, Frame, LF, Quirks, TEXT_BYTES, Tail};

/// What a profile allows beyond the standard. The first use in a message is noted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tolerances {
    /// Frame numbers restart or jump: the check sum alone decides.
    pub frame_numbers: bool,
    /// `<STX> text <ETX>` without frame number and check sum.
    pub plain_frames: bool,
    /// Frames arrive without an ENQ before them.
    pub no_enq: bool,
    /// The message ends with EOT, there is no L record.
    pub no_terminator: bool,
    /// Check sums in lower-case digits.
    pub lower_case_checksum: bool,
    /// LF stands in front of STX.
    pub line_feed_first: bool,
    /// CR, LF or both are missing behind the check sum.
    pub line_ends: bool,
    /// The last frame of a message ends with ETB where ETX is due.
    pub etb_ends_record: bool,
    /// Frames of more than 247 bytes: E1381-95 and LIS1-A allow no more, LIS01-A2 allows 64,000.
    pub long_frames: bool,
    /// The list of delimiters in H holds the first of them twice: `H|\\^&`.
    pub doubled_delimiter: bool,
}

impl Tolerances {
    /// What makes no message less certain: the check sum and the numbers still decide. On unless a profile is strict.
    pub fn harmless() -> Tolerances {
        Tolerances {
            lower_case_checksum: true,
            line_feed_first: true,
            line_ends: true,
            etb_ends_record: true,
            long_frames: true,
            doubled_delimiter: true,
            ..Tolerances::default()
        }
    }

    /// What the standard does not allow in this frame: whether it is tolerated, and its words.
    pub(super) fn deviations(&self, frame: &Frame) -> impl Iterator<Item = (bool, &'static str)> {
        let Quirks { line_feed_first, tail } = frame.quirks;
        // In plain frames nothing counts the bytes.
        let long = frame.check.is_some() && frame.text().len() > TEXT_BYTES;
        let lower = frame.check.is_some_and(|check| check.iter().any(u8::is_ascii_lowercase));
        [
            (frame.check.is_none(), self.plain_frames, "frame without number and check sum"),
            (lower, self.lower_case_checksum, "check sum in lower-case digits"),
            (line_feed_first, self.line_feed_first, "LF in front of STX"),
            (tail != Tail::CrLf, self.line_ends, "no CR LF behind the check sum"),
            (long, self.long_frames, "frame of more than 247 bytes"),
            (doubles_delimiter(frame.text()), self.doubled_delimiter, "delimiter named twice in H"),
        ]
        .into_iter()
        .filter_map(|(found, tolerated, words)| found.then_some((tolerated, words)))
    }
}

/// A header record begins in this text with `H|\\^&` or the like.
fn doubles_delimiter(text: &[u8]) -> bool {
    text.split(|byte| matches!(*byte, CR | LF)).any(|record| match record {
        [b'H', field, first, second, _, _, rest @ ..] => {
            first == second && first != field && rest.first().is_none_or(|next| next == field)
        }
        _ => false,
    })
}
