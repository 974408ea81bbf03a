//! Which of several ways to cut the lines of a source into cells is the right one.

use super::fields::Output;
use super::reading::known::Known;
use super::source::{Survey, TableRules};
use crate::number::NumberRules;
use crate::observation::{Digest, Reading, Trouble};
use crate::table::pieces::Source;
use crate::table::rows::Delimited;
use crate::trouble::{self, Reason};

impl TableRules {
    /// The way by which the source is read without a trouble, else the one that yields most values; and what is doubtful
    /// about it. The source is read to see that; keeping what is found would take its length in memory.
    pub(super) fn best_way<'w>(
        &self,
        ways: &[Option<&'w Delimited>],
        source: &mut Source<'_>,
        numbers: &NumberRules,
        known: &Known,
    ) -> (Option<&'w Delimited>, Option<Reason>) {
        let mut best: Option<(usize, Option<&'w Delimited>)> = None;
        let mut clean: Vec<(Digest, Option<&'w Delimited>)> = Vec::new();
        for way in ways {
            let mut found = Digest::default();
            let mut out = Output::new(&mut found);
            self.read_one_way(source.again(), numbers, &mut known.clone(), *way, false, &mut out);
            if found.counted.troubles == 0 && found.counted.observations > 0 {
                clean.push((found, *way));
            } else if best.is_none_or(|(most, _)| found.counted.observations > most) {
                best = Some((found.counted.observations, *way));
            }
        }
        let agree = clean.windows(2).all(|two| two[0].0 == two[1].0);
        match &clean[..] {
            [] => (best.and_then(|(_, way)| way), None),
            [(_, way), ..] if agree => (*way, None),
            several => {
                let ways: Vec<Option<&Delimited>> = several.iter().map(|(_, way)| *way).collect();
                self.of_several(&ways, source)
            }
        }
    }

    /// Of ways that yield different values: the only one by which every line has the same number of cells, else the first,
    /// and that nobody can tell.
    fn of_several<'w>(
        &self,
        ways: &[Option<&'w Delimited>],
        source: &mut Source<'_>,
    ) -> (Option<&'w Delimited>, Option<Reason>) {
        let even: Vec<_> = ways.iter().filter(|way| self.is_even(source.again(), **way)).collect();
        match &even[..] {
            [one] => (**one, None),
            _ => {
                let names: Vec<String> = ways.iter().flatten().map(|way| way.delimiter.to_string()).collect();
                let doubt = trouble::DELIMITER_DOUBTFUL.with("delimiters", names.join(" and "));
                (ways.first().copied().flatten(), Some(doubt))
            }
        }
    }

    /// Whether all lines are cut into the same number of cells.
    fn is_even(&self, source: Source<'_>, way: Option<&Delimited>) -> bool {
        let mut widths = Vec::new();
        let Ok(mut sheets) = self.sheets(source, way, &mut Vec::new()) else { return false };
        for sheet in &mut sheets {
            let read = sheet.each_row(way, |row| {
                if !row.is_blank() && !widths.contains(&row.cells.len()) {
                    widths.push(row.cells.len());
                }
            });
            if read.is_err() {
                return false;
            }
        }
        matches!(widths[..], [width] if width > 1)
    }

    /// All tables, from all sheets, and what is left aside.
    pub fn survey(&self, source: &mut Source<'_>, numbers: &NumberRules, known: &Known) -> Survey {
        let mut best: Option<Survey> = None;
        let mut clean: Vec<(Option<&Delimited>, Survey)> = Vec::new();
        for way in self.ways() {
            let mut reading = Reading::default();
            let mut out = Output::new(&mut reading);
            let state = self.read_one_way(source.again(), numbers, &mut known.clone(), way, true, &mut out);
            for (table, candidates) in self.tables.iter().zip(&state.candidates) {
                if let Some(choose) = table.fields.as_ref().and_then(|fields| fields.choose.as_ref()) {
                    choose.settle(candidates, &mut reading.observations);
                }
            }
            let skipped = state.used.iter().flatten().filter(|used| !**used).count();
            let survey = Survey { reading, skipped, unmapped: state.unmapped, headers: state.headers };
            let found = |survey: &Survey| survey.reading.observations.len();
            if survey.reading.troubles.is_empty() && found(&survey) > 0 {
                clean.push((way, survey));
            } else if best.as_ref().is_none_or(|best| found(&survey) > found(best)) {
                best = Some(survey);
            }
        }
        let read = |survey: &Survey| Digest::of(&survey.reading);
        if clean.windows(2).any(|two| read(&two[0].1) != read(&two[1].1)) {
            let ways: Vec<Option<&Delimited>> = clean.iter().map(|(way, _)| *way).collect();
            let (way, doubt) = self.of_several(&ways, source);
            clean.retain(|(known, _)| *known == way);
            clean.iter_mut().for_each(|(_, survey)| {
                survey.reading.troubles.extend(doubt.iter().map(|doubt| Trouble::new("", doubt.clone())));
            });
        }
        if !clean.is_empty() {
            return clean.swap_remove(0).1;
        }
        best.unwrap_or_default()
    }
}
