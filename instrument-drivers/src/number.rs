//! From printed text to an exact decimal or a qualifier, never to both.
//!
//! The decimal mark and the thousands separator are declared by the profile. A text that looks like a number but does
//! not follow the declaration is a problem for a person, not a guess. Source: PROTOCOLS "Rules for all drivers", 3 and 4.

use crate::observation::Qualifier;

/// How numbers are printed by one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberRules {
    /// `.` or `,`.
    pub decimal_mark: char,
    /// Separator between groups of exactly three digits before the decimal mark.
    pub thousands: Option<String>,
    /// Texts with a meaning of their own, beyond the [built-in ones](MARKERS). Compared without case.
    pub markers: Vec<(String, Qualifier)>,
}

impl Default for NumberRules {
    fn default() -> Self {
        NumberRules { decimal_mark: '.', thousands: None, markers: Vec::new() }
    }
}

/// What a printed value means.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Meaning {
    pub number: Option<String>,
    pub qualifier: Option<Qualifier>,
    pub bound: Option<String>,
    /// The text looks like a number but breaks the declared rules.
    pub problem: Option<String>,
}

/// Texts that instruments print where a number would stand. They are never zero.
pub const MARKERS: &[(&str, Qualifier)] = &[
    ("nd", Qualifier::NotDetected),
    ("n.d.", Qualifier::NotDetected),
    ("not detected", Qualifier::NotDetected),
    ("undetermined", Qualifier::NotDetected),
    ("未检出", Qualifier::NotDetected),
    ("blq", Qualifier::BelowQuantification),
    ("<loq", Qualifier::BelowQuantification),
    ("<lod", Qualifier::NotDetected),
    ("over", Qualifier::OverRange),
    ("under", Qualifier::UnderRange),
    ("n/a", Qualifier::Missing),
    ("na", Qualifier::Missing),
    ("-", Qualifier::Missing),
    ("--", Qualifier::Missing),
    ("---", Qualifier::Missing),
    ("----", Qualifier::Missing),
    ("-----", Qualifier::Missing),
    ("nan", Qualifier::Invalid),
    ("inf", Qualifier::Invalid),
    ("-inf", Qualifier::Invalid),
    ("#div/0!", Qualifier::Invalid),
    ("#value!", Qualifier::Invalid),
    ("#n/a", Qualifier::Invalid),
    ("#ref!", Qualifier::Invalid),
    ("#num!", Qualifier::Invalid),
    ("?????", Qualifier::Invalid),
];

/// Reads one printed value. An empty text means nothing: no number, no qualifier.
pub fn interpret(text: &str, rules: &NumberRules) -> Meaning {
    let text = text.trim();
    if text.is_empty() {
        return Meaning::default();
    }
    if let Some(qualifier) = marker(text, rules) {
        return Meaning { qualifier: Some(qualifier), ..Meaning::default() };
    }
    for (sign, qualifier) in BOUNDS {
        if let Some(rest) = text.strip_prefix(sign) {
            return bounded(rest, *qualifier, rules);
        }
    }
    if text.len() > 2 && text.starts_with('*') && text.ends_with('*') {
        // A masked value is excluded by the operator; what it was stays readable in the text.
        return Meaning { qualifier: Some(Qualifier::Masked), ..Meaning::default() };
    }
    match decimal(text, rules) {
        Ok(number) => Meaning { number: Some(number), ..Meaning::default() },
        Err(problem) if looks_numeric(text) => Meaning { problem: Some(problem), ..Meaning::default() },
        Err(_) => Meaning { qualifier: Some(Qualifier::Text), ..Meaning::default() },
    }
}

const BOUNDS: &[(&str, Qualifier)] = &[
    ("<=", Qualifier::AtMost),
    (">=", Qualifier::AtLeast),
    ("≤", Qualifier::AtMost),
    ("≥", Qualifier::AtLeast),
    ("<", Qualifier::Below),
    (">", Qualifier::Above),
    ("＜", Qualifier::Below),
    ("＞", Qualifier::Above),
];

fn marker(text: &str, rules: &NumberRules) -> Option<Qualifier> {
    let lower = text.to_lowercase();
    let own = rules.markers.iter().find(|(marker, _)| marker.to_lowercase() == lower);
    own.map(|(_, qualifier)| *qualifier)
        .or_else(|| MARKERS.iter().find(|(marker, _)| *marker == lower).map(|(_, qualifier)| *qualifier))
}

fn bounded(rest: &str, qualifier: Qualifier, rules: &NumberRules) -> Meaning {
    match decimal(rest.trim(), rules) {
        Ok(bound) => Meaning { qualifier: Some(qualifier), bound: Some(bound), ..Meaning::default() },
        Err(problem) if looks_numeric(rest) => {
            Meaning { qualifier: Some(qualifier), problem: Some(problem), ..Meaning::default() }
        }
        Err(_) => Meaning { qualifier: Some(Qualifier::Text), ..Meaning::default() },
    }
}

/// Digits, signs, separators and exponents only, with at least one digit: a person would call it a number.
fn looks_numeric(text: &str) -> bool {
    let text = text.trim();
    let numeric = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '+' | '-' | '\'' | ' ' | '\u{a0}');
    let starts = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '+' | '-'));
    starts
        && text.contains(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| numeric(c) || matches!(c, 'e' | 'E'))
        // A date or a code such as 2024-01-05 is text: a sign may stand first or behind an exponent only.
        && !text.char_indices().any(|(i, c)| matches!(c, '-' | '+') && i > 0 && !text[..i].ends_with(['e', 'E']))
}

/// The exact decimal in plain notation: `1.20E+02` is `120`, `-.5` is `-0.5`, `0.10` stays `0.10`.
pub fn decimal(text: &str, rules: &NumberRules) -> Result<String, String> {
    let refuse = || {
        format!(
            "'{text}' is not a number with decimal mark '{}'{}; if this source prints numbers so, declare it in the profile",
            rules.decimal_mark,
            match &rules.thousands {
                Some(mark) => format!(" and thousands separator '{mark}'"),
                None => String::from(" and no thousands separator"),
            }
        )
    };
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => {
            let digits = &text[at + 1..];
            let unsigned = digits.strip_prefix(['+', '-']).unwrap_or(digits);
            if unsigned.is_empty() || unsigned.len() > 4 || !all_digits(unsigned) {
                return Err(refuse());
            }
            (&text[..at], digits.parse::<i32>().map_err(|_| refuse())?)
        }
        None => (text, 0),
    };
    if exponent.abs() > MAX_EXPONENT {
        return Err(format!("'{text}' has an exponent beyond {MAX_EXPONENT}"));
    }
    let (negative, unsigned) = match mantissa.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
    };
    let (whole, fraction) = match unsigned.split_once(rules.decimal_mark) {
        Some((whole, fraction)) => (whole, fraction),
        None => (unsigned, ""),
    };
    let whole = match &rules.thousands {
        Some(mark) if whole.contains(mark.as_str()) => {
            let groups: Vec<&str> = whole.split(mark.as_str()).collect();
            let first_fits = (1..=3).contains(&groups[0].len());
            if !first_fits || groups[1..].iter().any(|group| group.len() != 3) {
                return Err(refuse());
            }
            groups.concat()
        }
        _ => whole.to_string(),
    };
    if (whole.is_empty() && fraction.is_empty()) || !all_digits(&whole) || !all_digits(fraction) {
        return Err(refuse());
    }
    Ok(plain(negative, &whole, fraction, exponent))
}

/// Larger exponents do not occur in a laboratory; the bound keeps the plain notation short.
const MAX_EXPONENT: i32 = 308;

fn all_digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

fn plain(negative: bool, whole: &str, fraction: &str, exponent: i32) -> String {
    let digits = format!("{whole}{fraction}");
    let point = whole.len() as i32 + exponent;
    let (whole, fraction) = if point <= 0 {
        (String::new(), "0".repeat(point.unsigned_abs() as usize) + &digits)
    } else if point as usize >= digits.len() {
        (digits.clone() + &"0".repeat(point as usize - digits.len()), String::new())
    } else {
        (digits[..point as usize].to_string(), digits[point as usize..].to_string())
    };
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let sign = if negative && digits.bytes().any(|b| b != b'0') { "-" } else { "" };
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point() -> NumberRules {
        NumberRules::default()
    }

    fn check(text: &str, rules: &NumberRules, number: &str) {
        assert_eq!(interpret(text, rules).number.as_deref(), Some(number), "{text}");
    }

    #[test]
    fn numbers_become_exact_decimals() {
        check("0.10", &point(), "0.10");
        check(" -0.0012 ", &point(), "-0.0012");
        check("+5", &point(), "5");
        check("-.5", &point(), "-0.5");
        check("1.20E+02", &point(), "120");
        check("4.44061e+008", &point(), "444061000");
        check("6.48446e-1", &point(), "0.648446");
        check("-0.000", &point(), "0.000");
        let comma = NumberRules { decimal_mark: ',', ..point() };
        check("9,754", &comma, "9.754");
        let grouped = NumberRules { thousands: Some(",".into()), ..point() };
        check("1,334,510.690", &grouped, "1334510.690");
    }

    #[test]
    fn a_number_that_breaks_the_declaration_is_a_problem() {
        for text in ["12,3", "1.2.3", "1,234.5"] {
            let meaning = interpret(text, &point());
            assert!(meaning.problem.is_some() && meaning.number.is_none(), "{text}: {meaning:?}");
        }
        let grouped = NumberRules { thousands: Some(",".into()), ..point() };
        assert!(interpret("1,23", &grouped).problem.is_some());
    }

    #[test]
    fn qualifiers_are_never_numbers() {
        use Qualifier::*;
        for (text, qualifier, bound) in [
            ("<0.01", Below, Some("0.01")),
            ("< 20.00", Below, Some("20.00")),
            (">1050.000", Above, Some("1050.000")),
            ("≤5", AtMost, Some("5")),
            ("ND", NotDetected, None),
            ("Undetermined", NotDetected, None),
            ("BLQ", BelowQuantification, None),
            ("OVER", OverRange, None),
            ("N/A", Missing, None),
            ("-----", Missing, None),
            ("NaN", Invalid, None),
            ("#DIV/0!", Invalid, None),
            ("?????", Invalid, None),
            ("*11*", Masked, None),
            ("POS", Text, None),
            ("20250U/mL", Text, None),
            ("2024-01-05", Text, None),
        ] {
            let meaning = interpret(text, &point());
            assert_eq!(meaning.number, None, "{text}");
            assert_eq!(meaning.qualifier, Some(qualifier), "{text}");
            assert_eq!(meaning.bound.as_deref(), bound, "{text}");
            assert_eq!(meaning.problem, None, "{text}");
        }
    }

    #[test]
    fn own_markers_come_first() {
        let rules = NumberRules { markers: vec![("-----".into(), Qualifier::NotDetected)], ..point() };
        assert_eq!(interpret("-----", &rules).qualifier, Some(Qualifier::NotDetected));
    }
}
