//! Texts that stand where a number would and are none: `ND`, `-----`, `未检出`, `#DIV/0!`.

use crate::number_rules::NumberRules;
use crate::observation::Qualifier;

/// The meaning of a text that stands where a number would; the profile's own markers first.
pub fn marker(text: &str, rules: &NumberRules) -> Option<Qualifier> {
    if text.len() > MAX_MARKER {
        return None;
    }
    let filling = || {
        let first = text.chars().next()?;
        let same = text.chars().all(|c| c == first);
        FILLINGS
            .iter()
            .find(|(filling, least, _)| *filling == first && same && text.len() >= *least)
            .map(|(_, _, qualifier)| *qualifier)
    };
    own_marker(text, rules).or_else(filling).or_else(|| {
        let lower = text.to_lowercase();
        let dense: String =
            lower.chars().filter(|c| !c.is_whitespace()).map(|c| if c == '＜' { '<' } else { c }).collect();
        MARKERS.iter().find(|(marker, _)| *marker == dense).map(|(_, qualifier)| *qualifier)
    })
}

/// One that the profile declares.
pub fn own_marker(text: &str, rules: &NumberRules) -> Option<Qualifier> {
    if text.len() > MAX_MARKER {
        return None;
    }
    let same = |marker: &str| match marker.is_ascii() && text.is_ascii() {
        true => marker.eq_ignore_ascii_case(text),
        false => marker.to_lowercase() == text.to_lowercase(),
    };
    rules.markers.iter().find(|(marker, _)| same(marker)).map(|(_, qualifier)| *qualifier)
}

/// Bytes; no marker is longer, and long texts need not be looked at.
pub const MAX_MARKER: usize = 64;

/// Texts that instruments print where a number would stand. They are never zero. Compared in lower case, without the
/// blanks inside.
pub const MARKERS: &[(&str, Qualifier)] = &[
    ("nd", Qualifier::NotDetected),
    ("n.d.", Qualifier::NotDetected),
    ("n.d", Qualifier::NotDetected),
    ("notdetected", Qualifier::NotDetected),
    ("notfound", Qualifier::NotDetected),
    ("n/f", Qualifier::NotDetected),
    ("n.f.", Qualifier::NotDetected),
    ("n.f", Qualifier::NotDetected),
    // Nicht nachweisbar, nicht nachgewiesen.
    ("n.n.", Qualifier::NotDetected),
    ("n.n", Qualifier::NotDetected),
    ("nichtnachweisbar", Qualifier::NotDetected),
    ("nichtgefunden", Qualifier::NotDetected),
    ("nondétecté", Qualifier::NotDetected),
    ("nopeakfound", Qualifier::NotDetected),
    ("peaknotfound", Qualifier::NotDetected),
    ("nopeak", Qualifier::NotDetected),
    ("noct", Qualifier::NotDetected),
    ("nocq", Qualifier::NotDetected),
    ("nocp", Qualifier::NotDetected),
    ("undetermined", Qualifier::NotDetected),
    ("未检出", Qualifier::NotDetected),
    ("未检测到", Qualifier::NotDetected),
    ("检不出", Qualifier::NotDetected),
    ("不得检出", Qualifier::Text),
    ("<lod", Qualifier::NotDetected),
    ("<mdl", Qualifier::NotDetected),
    ("<dl", Qualifier::NotDetected),
    // Nachweisgrenze, limite de détection.
    ("<ng", Qualifier::NotDetected),
    ("<ld", Qualifier::NotDetected),
    ("bdl", Qualifier::NotDetected),
    ("<检出限", Qualifier::NotDetected),
    ("低于检出限", Qualifier::NotDetected),
    ("blq", Qualifier::BelowQuantification),
    ("bql", Qualifier::BelowQuantification),
    ("bloq", Qualifier::BelowQuantification),
    ("blloq", Qualifier::BelowQuantification),
    ("<loq", Qualifier::BelowQuantification),
    ("<lloq", Qualifier::BelowQuantification),
    // Bestimmungsgrenze, limite de quantification.
    ("<bg", Qualifier::BelowQuantification),
    ("<lq", Qualifier::BelowQuantification),
    ("notquantified", Qualifier::BelowQuantification),
    ("<定量限", Qualifier::BelowQuantification),
    ("低于定量限", Qualifier::BelowQuantification),
    // Too numerous to count.
    ("tntc", Qualifier::OverRange),
    ("多不可计", Qualifier::OverRange),
    ("over", Qualifier::OverRange),
    ("overrange", Qualifier::OverRange),
    ("ovrflw", Qualifier::OverRange),
    ("overflow", Qualifier::OverRange),
    ("saturated", Qualifier::OverRange),
    ("ol", Qualifier::OverRange),
    (">uloq", Qualifier::OverRange),
    ("aloq", Qualifier::OverRange),
    ("超量程", Qualifier::OverRange),
    ("超出范围", Qualifier::OverRange),
    ("under", Qualifier::UnderRange),
    ("underrange", Qualifier::UnderRange),
    ("n/a", Qualifier::Missing),
    ("na", Qualifier::Missing),
    ("n.a.", Qualifier::Missing),
    ("n.a", Qualifier::Missing),
    ("null", Qualifier::Missing),
    ("none", Qualifier::Missing),
    ("/", Qualifier::Missing),
    // Nicht bestimmt, nicht bestimmbar.
    ("n.b.", Qualifier::Missing),
    ("notmeasured", Qualifier::Missing),
    ("未测", Qualifier::Missing),
    ("nan", Qualifier::Invalid),
    ("inf", Qualifier::Invalid),
    ("-inf", Qualifier::Invalid),
    ("infinity", Qualifier::Invalid),
    ("非数字", Qualifier::Invalid),
    ("正无穷大", Qualifier::Invalid),
    ("#div/0!", Qualifier::Invalid),
    ("#value!", Qualifier::Invalid),
    ("#n/a", Qualifier::Invalid),
    ("#ref!", Qualifier::Invalid),
    ("#num!", Qualifier::Invalid),
    ("#name?", Qualifier::Invalid),
    ("#null!", Qualifier::Invalid),
    ("error", Qualifier::Invalid),
    // Not calibrated.
    ("uncal", Qualifier::Invalid),
    ("invalid", Qualifier::Invalid),
];

/// Fillings of any length: a printer's way to say that nothing fits.
const FILLINGS: &[(char, usize, Qualifier)] = &[
    ('-', 1, Qualifier::Missing),
    ('–', 1, Qualifier::Missing),
    ('—', 1, Qualifier::Missing),
    ('.', 2, Qualifier::Missing),
    ('?', 2, Qualifier::Invalid),
    ('*', 2, Qualifier::Invalid),
    ('#', 2, Qualifier::Invalid),
    // Up to three are grades of a rapid test.
    ('+', 4, Qualifier::OverRange),
];
