//! Which shipped profile fits a file: by marks in its content first, never by its extension alone.

use super::{Context, Profile, SHIPPED};

/// The best-matching shipped profile, or the names of the nearest three.
///
/// A profile is considered when all its content marks are found. Among these the one that reads the most values with the
/// fewest troubles wins, the more particular one (more and longer marks) before the general one.
pub fn best(bytes: &[u8], context: &Context) -> Result<Profile, Vec<String>> {
    let mut fitting = Vec::new();
    let mut near = Vec::new();
    for (name, text) in SHIPPED {
        let Ok(profile) = Profile::parse(name, text) else {
            continue;
        };
        let (found, total, weight) = profile.marks(bytes, context);
        match (found * 100).checked_div(total) {
            Some(100) => fitting.push((weight, profile)),
            Some(share) => near.push((share, *name)),
            // A profile without marks is chosen by hand only.
            None => {}
        }
    }
    fitting.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    // Particular profiles first, even where they tell of troubles: a general one may see less.
    for general in [false, true] {
        let mut second_choice = None;
        let (these, rest): (Vec<_>, Vec<_>) =
            fitting.into_iter().partition(|(_, profile)| profile.recognise.general == general);
        fitting = rest;
        for (_, profile) in these {
            let reading = profile.read(bytes, context);
            if reading.observations.is_empty() {
                continue;
            }
            if reading.troubles.is_empty() {
                return Ok(profile);
            }
            second_choice.get_or_insert(profile);
        }
        if let Some(profile) = second_choice {
            return Ok(profile);
        }
    }
    near.sort_by_key(|(share, name)| (std::cmp::Reverse(*share), *name));
    Err(near.into_iter().take(3).map(|(_, name)| name.to_string()).collect())
}

impl Profile {
    /// Marks found, marks in all, and how particular they are.
    pub fn marks(&self, bytes: &[u8], context: &Context) -> (usize, usize, usize) {
        let recognise = &self.recognise;
        let text = self.preview(bytes);
        let found = recognise.content.iter().filter(|mark| mark.is_match(&text)).count();
        let name_fits = match (&recognise.file_name, &context.file_name) {
            (Some(pattern), Some(name)) => pattern.is_match(name),
            _ => false,
        };
        let weight: usize = recognise.content.iter().map(|mark| mark.as_str().len()).sum();
        (found, recognise.content.len(), weight + if name_fits { 1000 } else { 0 })
    }
}
