//! What is amiss in a source of which the rest is read.

use super::fields::Output;
use crate::trouble::{self, Reason};

/// What is amiss in a source of which the rest is read.
#[derive(Default)]
pub(super) struct Amiss {
    /// Lines with bytes of no character, where these may be.
    pub(super) damaged: Vec<usize>,
    /// Lines in which a quote opens that is not closed.
    pub(super) open_quotes: Vec<usize>,
    /// Formulas without results: where, and what to tell.
    pub(super) formulas: Vec<(String, Reason)>,
}

impl Amiss {
    pub(super) fn tell(self, out: &mut Output<'_>) {
        for line in self.damaged.iter().take(MOST_DAMAGED) {
            out.trouble(line.to_string(), &trouble::LINE_DAMAGED);
        }
        if self.damaged.len() > MOST_DAMAGED {
            out.trouble("", trouble::LINES_DAMAGED.with("count", self.damaged.len().to_string()));
        }
        self.formulas.into_iter().for_each(|(position, reason)| out.trouble(position, reason));
    }
}

/// Lines that are told one by one.
const MOST_DAMAGED: usize = 50;
