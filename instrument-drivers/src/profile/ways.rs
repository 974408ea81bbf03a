//! Which of several ways to cut the lines of a source into cells is the right one.

use super::amiss::Amiss;
use super::fields::Output;
use super::reading::known::Known;
use super::source::{Survey, TableRules};
use crate::number::NumberRules;
use crate::observation::{Counted, Digest, Reading, Trouble};
use crate::table::pieces::Source;
use crate::table::rows::Delimited;
use crate::trouble::{self, Reason};

/// Bytes that show how a source is cut. Where it is not longer, it is read by every way soon enough.
const BEGINNING: usize = 64 << 10;

/// The first lines of a long source; `None` of a shorter one, or where these are not to be had.
fn beginning(source: &mut Source<'_>) -> Option<Vec<u8>> {
    let start = source.start(BEGINNING + 1).ok().filter(|start| start.len() > BEGINNING)?;
    let line_end = start.iter().rposition(|byte| *byte == b'\n')?;
    Some(start[..=line_end].to_vec())
}

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
        if let Some(only) = self.only_way(ways, source, numbers, known) {
            return (only, None);
        }
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

    /// The only way by which a long source yields values at all. The beginning tells which it may be, so that the whole is read by
    /// the others alone, and need not be read by this one twice: lines that hold no header are passed over quickly.
    fn only_way<'w>(
        &self,
        ways: &[Option<&'w Delimited>],
        source: &mut Source<'_>,
        numbers: &NumberRules,
        known: &Known,
    ) -> Option<Option<&'w Delimited>> {
        let beginning = beginning(source)?;
        let yields = |source: Source<'_>, way: Option<&Delimited>| {
            let mut found = Counted::default();
            self.read_one_way(source, numbers, &mut known.clone(), way, false, &mut Output::new(&mut found));
            found.observations > 0
        };
        let (fit, other): (Vec<_>, Vec<_>) = ways.iter().partition(|way| yields(Source::Bytes(&beginning), **way));
        let [only] = fit[..] else { return None };
        (!other.into_iter().any(|way| yields(source.again(), way))).then_some(only)
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
        let Ok(mut sheets) = self.sheets(source, way, &mut Amiss::default()) else { return false };
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
