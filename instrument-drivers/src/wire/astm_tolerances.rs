//! What a profile lets an ASTM instrument do differently, each with its name.
//!
//! Source: the deviations seen on real devices, PROTOCOLS 1.4.

use super::astm_frame::{Frame, Quirks, Tail};

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
}

impl Tolerances {
    /// What makes no message less certain: the check sum and the numbers still decide. On unless a profile is strict.
    pub fn harmless() -> Tolerances {
        Tolerances {
            lower_case_checksum: true,
            line_feed_first: true,
            line_ends: true,
            etb_ends_record: true,
            ..Tolerances::default()
        }
    }

    /// What the standard does not allow in this frame: whether it is tolerated, and its words.
    pub(super) fn deviations(&self, frame: &Frame) -> impl Iterator<Item = (bool, &'static str)> {
        let Quirks { line_feed_first, tail } = frame.quirks;
        let lower = frame.check.is_some_and(|check| check.iter().any(u8::is_ascii_lowercase));
        [
            (frame.check.is_none(), self.plain_frames, "frame without number and check sum"),
            (lower, self.lower_case_checksum, "check sum in lower-case digits"),
            (line_feed_first, self.line_feed_first, "LF in front of STX"),
            (tail != Tail::CrLf, self.line_ends, "no CR LF behind the check sum"),
        ]
        .into_iter()
        .filter_map(|(found, tolerated, words)| found.then_some((tolerated, words)))
    }
}
