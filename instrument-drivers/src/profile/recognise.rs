//! Which shipped profile fits a file: by marks in its content first, never by its extension alone.

use std::cmp::Reverse;

use super::{Context, Profile, SHIPPED};
use crate::observation::Counted;
use crate::table::pieces::Source;

/// The best-matching shipped profile, or the names of the nearest three.
///
/// A profile is considered when all its content marks are found. Among these the more particular one (more and longer
/// marks) comes before the general one, and one that reads values without a trouble before others. The nearest are those
/// with most of their marks, then those for the same kind of source.
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
        let name_fits = match (&recognise.file_name, &context.file_name) {
            (Some(pattern), Some(name)) => pattern.is_match(name),
            _ => false,
        };
        let weight: usize = recognise.content.iter().map(|mark| mark.as_str().len()).sum();
        (found, recognise.content.len(), weight + if name_fits { 1000 } else { 0 })
    }
}
