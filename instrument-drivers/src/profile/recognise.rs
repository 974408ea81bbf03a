//! Which shipped profile fits a file: by marks in its content first, never by its extension alone.

use std::cmp::Reverse;

use regex::Regex;

use super::find::FindBy;
use super::{Context, Profile, SHIPPED};
use crate::observation::Counted;
use crate::table::pieces::Source;

/// The best-matching shipped profile, or the names of the nearest three.
///
/// A profile is considered when all its content marks are found. Among these the more particular one (more and longer
/// marks) comes before the general one, and one that reads values without a trouble before others. The nearest are those
/// with most of their marks, then those for the same kind of source. A profile that finds its values line by line must
/// understand at least half of the lines: every report may hold `Temperature: 25.1` or a weight somewhere.
pub fn best(bytes: &[u8], context: &Context) -> Result<Profile, Vec<String>> {
    best_for(&mut Source::Bytes(bytes), context)
}

/// The same for a source that need not be in memory.
pub fn best_for(source: &mut Source<'_>, context: &Context) -> Result<Profile, Vec<String>> {
    let mut fitting = Vec::new();
    let mut near = Vec::new();
    for (name, text) in SHIPPED {
        let Ok(profile) = Profile::parse(name, text) else {
            continue;
        };
        let (found, total, weight) = profile.marks(source, context);
        match (found * 100).checked_div(total) {
            // Its marks may stand by chance in the head of something else.
            Some(100) if !profile.understands(source) => near.push((99, false, *name)),
            Some(100) => fitting.push((weight, profile)),
            Some(share) => {
                let kin = profile.recognise.general && profile.reads_tables() && !profile.preview(source).is_empty();
                near.push((share, kin, *name));
            }
            // A profile without marks is chosen by hand only.
            None => {}
        }
    }
    fitting.sort_by_key(|(weight, _)| Reverse(*weight));
    // Particular profiles first, even where they tell of troubles: a general one may see less.
    for general in [false, true] {
        let mut second_choice = None;
        let (these, rest): (Vec<_>, Vec<_>) =
            fitting.into_iter().partition(|(_, profile)| profile.recognise.general == general);
        fitting = rest;
        for (_, profile) in these {
            let mut found = Counted::default();
            profile.read_to(source.again(), context, &mut found);
            if found.observations == 0 {
                // Its marks are there, its values are not.
                near.push((100, general, shipped_name(&profile)));
                continue;
            }
            if found.troubles == 0 {
                return Ok(profile);
            }
            second_choice.get_or_insert(profile);
        }
        if let Some(profile) = second_choice {
            return Ok(profile);
        }
    }
    near.sort_by_key(|(share, kin, name)| (Reverse(*share), Reverse(*kin), *name));
    Err(near.into_iter().take(3).map(|(_, _, name)| name.to_string()).collect())
}

fn shipped_name(profile: &Profile) -> &'static str {
    SHIPPED.iter().map(|(name, _)| *name).find(|name| *name == profile.name).unwrap_or_default()
}

impl Profile {
    fn reads_tables(&self) -> bool {
        matches!(self.source_rules, super::SourceRules::Table(_))
    }

    /// Marks found, marks in all, and how particular they are.
    pub fn marks(&self, source: &mut Source<'_>, context: &Context) -> (usize, usize, usize) {
        let recognise = &self.recognise;
        let text = self.preview(source);
        let found = recognise.content.iter().filter(|mark| mark.is_match(&text)).count();
        let excluded = recognise.except.iter().any(|mark| mark.is_match(&text));
        let found = if excluded { found.saturating_sub(1) } else { found };
        let name_fits = match (&recognise.file_name, &context.file_name) {
            (Some(pattern), Some(name)) => pattern.is_match(name),
            _ => false,
        };
        let weight: usize = recognise.content.iter().map(|mark| mark.as_str().len()).sum();
        (found, recognise.content.len(), weight + if name_fits { 1000 } else { 0 })
    }

    /// Whether at least half of the lines are said to be something, where the values stand in lines without columns. Blank
    /// and drawn lines do not count, nor those that hold a date or time alone.
    fn understands(&self, source: &mut Source<'_>) -> bool {
        let super::SourceRules::Table(rules) = &self.source_rules else { return true };
        let patterns: Option<Vec<&Regex>> = rules.tables.iter().map(|table| table.line.as_ref()).collect();
        let Some(mut patterns) = patterns else { return true };
        let finds = rules.finds.iter().chain(rules.tables.iter().flat_map(|table| &table.finds));
        patterns.extend(finds.filter_map(|find| match &find.by {
            FindBy::Line(pattern) => Some(pattern),
            _ => None,
        }));
        // A record may be broken over lines: then its mark stands in the first.
        patterns.extend(&self.recognise.content);
        let text = self.preview(source);
        let text = self.link.strip().clean(text.as_bytes());
        let text = String::from_utf8_lossy(&text);
        let says_nothing =
            |line: &&str| line.chars().all(|c| c.is_ascii_digit() || c.is_ascii_punctuation() || c.is_whitespace());
        let understood = |line: &str| patterns.iter().any(|pattern| pattern.is_match(line));
        let (mut known, mut unknown) = (0, 0);
        for line in text.lines() {
            match understood(line) {
                true => known += 1,
                false => unknown += usize::from(!says_nothing(&line)),
            }
        }
        known >= unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best_of(text: &str) -> Option<String> {
        best(text.as_bytes(), &Context::default()).ok().map(|profile| profile.name)
    }

    #[test]
    fn a_line_by_chance_is_no_meter_and_no_balance() {
        for other in [
            "Absorbance export\nOperator: Li\nTemperature: 25.1\nWavelength: 450\nWell,Content,Name450\nA1,Sample X1,0.512\n",
            "Sample report\nMethod M3\npH 4.51 at start\nVolume;Titrant;Drift\n0.5;0.1;20\n1.0;0.1;22\n",
            "Moisture analyser report\nMethod    M7\nStart weight\n   5.012 g\nEnd weight\n   4.512 g\nResult\n   9.98 %MC\n",
        ] {
            assert_eq!(best_of(other), None, "{other}");
        }
        assert_eq!(
            best_of("2026-03-10 09:30\nSample ID: F26-1\npH: 4.51\nTemperature: 25.1 C\n").as_deref(),
            Some("meter_printer_block")
        );
        assert_eq!(best_of("      5.012 g\n      5.013 g  N\n").as_deref(), Some("ohaus_balance"));
    }

    #[test]
    fn a_report_is_no_name_of_a_sample() {
        let profile = Profile::load("meter_printer_block").unwrap();
        let read = |text: &str| profile.read(text.as_bytes(), &Context::default()).observations[0].sample_id.clone();
        assert_eq!(read("Sample report\npH 4.51\n"), "meter");
        assert_eq!(read("Sample F26-1\npH 4.51\n"), "F26-1");
        assert_eq!(read("Sample ID: juice\npH 4.51\n"), "juice");
    }

    #[test]
    fn a_general_profile_does_not_choose_between_two_result_columns() {
        let long = "Sample Name,Analyte,Concentration,Calculated Concentration,Unit\nF26-1,AFB1,5,4.87,ug/kg\n";
        assert_eq!(best_of(long), None);
        let plain = long.replace("Calculated Concentration", "Dilution");
        assert_eq!(best_of(&plain).as_deref(), Some("generic_long_table"));
        assert_eq!(best_of("样品编号,元素,浓度,含量\nF26-1,Pb,5,4.87\n"), None);
    }

    #[test]
    fn general_profiles_leave_statistics_and_weights_aside() {
        let rows = |name: &str, text: &str| -> Vec<String> {
            let reading = Profile::load(name).unwrap().read(text.as_bytes(), &Context::default());
            let rows = reading.observations.iter();
            rows.map(|one| format!("{} {} {}", one.sample_id, one.analyte, one.value)).collect()
        };
        let long = "Sample,Analyte,Result\nF26-1,Pb,0.5\nMean,Pb,0.5\n% RSD,Pb,2\n";
        assert_eq!(rows("generic_long_table", long), ["F26-1 Pb 0.5"]);
        let wide = "Sample;Type;Weight;Vial;Date;Pb [mg/kg]\nF26-1;Sample;1,01;3;2026-03-10;0,5\nMean;;;;;0,5\n";
        assert_eq!(rows("generic_wide_table", wide), ["F26-1 Pb 0,5"]);
    }
}
