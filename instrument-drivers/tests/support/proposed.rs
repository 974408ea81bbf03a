//! What a proposal reads of the source that it was made from, without a correction.

use instrument_drivers::profile::{Context, suggest};

/// Expected: sample, analyte, value, unit.
pub fn reads(bytes: &[u8], expected: &[&str]) {
    let proposal = suggest::suggest(bytes).unwrap();
    let reading = proposal.profile.read(bytes, &Context::default());
    let rows = reading.observations.iter();
    let rows: Vec<String> =
        rows.map(|one| format!("{} | {} | {} | {}", one.sample_id, one.analyte, one.value, one.unit)).collect();
    assert_eq!(rows, expected, "{}", proposal.toml);
    assert_eq!(reading.troubles, [], "{}", proposal.toml);
}
