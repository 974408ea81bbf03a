//! A source, a profile, and what is read, by hand.

use instrument_drivers::profile::{Context, Profile};

pub const HEAD: &str = "maturity = 'draft'\nsource = 'example'\n";

/// `sample | analyte | value | number`, and the troubles with their positions.
pub fn read(profile: &str, bytes: &[u8]) -> (Vec<String>, Vec<String>) {
    let profile = Profile::parse("trap", &format!("{HEAD}{profile}")).unwrap();
    let reading = profile.read(bytes, &Context::default());
    // What is shown to the person who makes a profile is what is read.
    let survey = profile.survey(bytes, &Context::default());
    assert_eq!(survey.reading, reading);
    let rows = reading.observations.iter().map(|one| {
        let number = one.number.as_deref().unwrap_or("-");
        format!("{} | {} | {} | {number}", one.sample_id, one.analyte, one.value)
    });
    let troubles = reading.troubles.iter().map(|trouble| format!("{}: {}", trouble.position, trouble.reason));
    (rows.collect(), troubles.collect())
}

/// `troubles`: what each of them says somewhere.
pub fn check(profile: &str, bytes: &[u8], rows: &[&str], troubles: &[&str]) {
    let (found, told) = read(profile, bytes);
    assert_eq!(found, rows, "{profile}{told:?}");
    assert_eq!(told.len(), troubles.len(), "{told:?}");
    for (told, part) in told.iter().zip(troubles) {
        assert!(told.contains(part), "'{part}' is not in: {told}");
    }
}

pub fn refused(profile: &str, parts: &[&str]) {
    let error = Profile::parse("trap", &format!("{HEAD}{profile}")).expect_err("the profile is wrong").to_string();
    for part in parts {
        assert!(error.contains(part), "'{part}' is not in: {error}");
    }
}
