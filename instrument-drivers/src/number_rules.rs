//! How numbers are printed by one source: its marks and separators, and its texts that stand for no number.

use crate::observation::Qualifier;

/// How numbers are printed by one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberRules {
    /// `.` or `,`.
    pub decimal_mark: char,
    /// For sources that print both: a second mark, never together with a thousands separator.
    pub other_mark: Option<char>,
    /// Separator between groups of exactly three digits before the decimal mark.
    pub thousands: Option<String>,
    /// Texts with a meaning of their own, beyond the [built-in ones](crate::marker::MARKERS). Compared without case.
    pub markers: Vec<(String, Qualifier)>,
}

impl Default for NumberRules {
    fn default() -> Self {
        NumberRules { decimal_mark: '.', other_mark: None, thousands: None, markers: Vec::new() }
    }
}
