//! What was counted on plates, as a person reads it. It is told from what was asked, and no part of what is stored.

use super::super::portions::plates_of;
use super::Record;
use crate::catalogue::import::Evaluation;
use crate::judgement::explain::{Step, StepKey};

impl Record {
    /// The plates of every portion, and which of them count; nothing for other methods.
    pub(super) fn plates_counted(&self) -> Vec<Step> {
        let Evaluation::Plates { range } = &self.asked.evaluation else { return Vec::new() };
        let mut steps: Vec<Step> = Vec::new();
        for portion in &self.asked.portions {
            // What cannot be read was refused before it became a record.
            let series = plates_of(&self.asked.inputs, portion).unwrap_or_default();
            let seen = series.iter().map(|one| {
                let plates: Vec<String> = one.plates.iter().map(ToString::to_string).collect();
                format!("{}: {}", one.dilution, plates.join(", "))
            });
            let plates = seen.collect::<Vec<_>>().join("; ");
            steps.push(Step::new(StepKey::PlatesSeen, [("plates", plates)]));
        }
        steps.push(Step::new(StepKey::PlatesCounted, [("range", range.shown())]));
        steps
    }
}
