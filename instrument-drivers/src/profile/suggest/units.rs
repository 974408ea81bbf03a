//! Where the units of an unknown table stand: in cells, in a column of their own, behind names, in brackets.

use super::cells::is_value;
use super::words::{UNIT, plain};
use super::writing::quote;

pub fn is_unit(cell: &str) -> bool {
    let short = cell.chars().count() <= 12 && !is_value(cell);
    short
        && (cell.contains('/')
            || ["%", "ppm", "ppb", "OD", "um", "µm", "μm", "mM", "M", "U", "g", "mg", "Ct"].contains(&cell))
}

/// `ug/kg`, `cp/uL`: one short word with a stroke in it, and nothing else behind.
pub fn is_ratio(text: &str) -> bool {
    is_unit(text)
        && !text.contains(char::is_whitespace)
        && text.split_once('/').is_some_and(|(part, whole)| !part.is_empty() && !whole.is_empty())
}

/// `ug/kg`, `mg/L`, `g/100g`: so much of something in something.
pub fn is_unit_of_content(text: &str) -> bool {
    let Some((part, whole)) = text.split_once('/') else { return false };
    let mass = ["pg", "ng", "ug", "µg", "μg", "mg", "g"].contains(&part.trim());
    mass && ["l", "ml", "kg", "g", "100g", "100 g", "100ml", "100 ml"].contains(&whole.trim().to_lowercase().as_str())
}

/// The unit column: the next one behind the value, else the only one.
pub fn unit_for(names: &[String], value: usize) -> Option<usize> {
    let is_unit = |at: &usize| UNIT.contains(&plain(&names[*at]).as_str());
    (value + 1..names.len()).find(is_unit).or_else(|| (0..value).rev().find(is_unit))
}

/// The units, as patterns, with which more than half of the headings end: `Acetone ppm`.
pub fn units_behind<'t>(texts: impl Iterator<Item = &'t str>) -> Option<Vec<String>> {
    let (mut all, mut with, mut units) = (0, 0, Vec::new());
    for text in texts {
        all += 1;
        let unit = text
            .rsplit_once(' ')
            .map(|(_, unit)| unit)
            .filter(|unit| UNITS_BEHIND.contains(&unit.to_lowercase().as_str()));
        with += usize::from(unit.is_some());
        if let Some(unit) = unit.map(regex::escape).filter(|unit| !units.contains(unit)) {
            units.push(unit);
        }
    }
    (with * 2 > all).then_some(units)
}

const UNITS_BEHIND: [&str; 14] =
    ["ppm", "ppb", "ppt", "%", "mg/l", "ug/l", "µg/l", "ng/l", "mg/kg", "ug/kg", "µg/kg", "ng/ml", "g/100g", "mg/ml"];

/// Most of these texts end with a unit in brackets, and none with anything else in brackets.
pub fn with_units<'t>(texts: impl Iterator<Item = &'t str>) -> bool {
    let (mut all, mut units) = (0, 0);
    for text in texts {
        all += 1;
        if !text.ends_with([')', ']', '）']) {
            continue;
        }
        let opening = text.rfind(['(', '[', '（']);
        let inner = opening.map_or("", |at| text[at..].trim_matches(['(', '[', '（', ')', ']', '）']).trim());
        if !is_unit(inner) {
            return false;
        }
        units += 1;
    }
    units * 2 > all
}

/// Analyte and unit of a text that ends with its unit in brackets.
pub fn split_unit(from: &str) -> String {
    let from = quote(from);
    format!(
        "analyte = {{ from = {from}, pattern = '{BEFORE_BRACKETS}' }}\nunit = {{ from = {from}, pattern = '{BRACKETS}' }}\n"
    )
}

/// Where a unit stands in a heading: in brackets at its end.
pub const BRACKETS: &str = r"[\[(（]\s*([^\])）]*?)\s*[\])）]$";
/// The heading without them.
pub const BEFORE_BRACKETS: &str = r"^(.*?)\s*(?:[\[(（][^\])）]*[\])）])?$";
