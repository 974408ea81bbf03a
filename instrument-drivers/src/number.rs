//! From printed text to an exact decimal or a qualifier, never to both.
//!
//! The decimal mark and the thousands separator are declared by the profile. A text that looks like a number but does
//! not follow the declaration is a problem for a person, not a guess. Source: PROTOCOLS "Rules for all drivers", 3 and 4.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::marker::{marker, own_marker};
pub use crate::number_rules::NumberRules;
use crate::observation::Qualifier;
use crate::trouble::{self, Reason};

/// What a printed value means.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Meaning<'t> {
    pub number: Option<Cow<'t, str>>,
    pub qualifier: Option<Qualifier>,
    pub bound: Option<Cow<'t, str>>,
    /// The text looks like a number but breaks the declared rules.
    pub problem: Option<Reason>,
}

impl Meaning<'_> {
    pub fn into_owned(self) -> Meaning<'static> {
        let owned = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        Meaning {
            number: self.number.map(owned),
            qualifier: self.qualifier,
            bound: self.bound.map(owned),
            problem: self.problem,
        }
    }
}

/// Reads one printed value. An empty text means nothing: no number, no qualifier.
pub fn interpret<'t>(text: &'t str, rules: &NumberRules) -> Meaning<'t> {
    let text = text.trim();
    if text.is_empty() {
        return Meaning::default();
    }
    // No marker but one of the profile's own is made of digits.
    if own_marker(text, rules).is_none()
        && let Some(number) = plainly_printed(text, rules)
    {
        return Meaning { number: Some(number), ..Meaning::default() };
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
    match parse(text, rules) {
        Ok(number) => Meaning { number: Some(Cow::Owned(number)), ..Meaning::default() },
        Err(refused) if looks_numeric(text) => {
            Meaning { problem: Some(refused.reason(text, rules)), ..Meaning::default() }
        }
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
    ("≦", Qualifier::AtMost),
    ("≧", Qualifier::AtLeast),
    ("小于", Qualifier::Below),
    ("大于", Qualifier::Above),
    ("低于", Qualifier::Below),
    ("高于", Qualifier::Above),
];

fn bounded<'t>(rest: &'t str, qualifier: Qualifier, rules: &NumberRules) -> Meaning<'t> {
    match exact(rest.trim(), rules) {
        Ok(bound) => Meaning { qualifier: Some(qualifier), bound: Some(bound), ..Meaning::default() },
        Err(refused) if looks_numeric(rest) => {
            let problem = refused.reason(rest.trim(), rules);
            Meaning { qualifier: Some(qualifier), problem: Some(problem), ..Meaning::default() }
        }
        Err(_) => Meaning { qualifier: Some(Qualifier::Text), ..Meaning::default() },
    }
}

/// Digits, signs, separators and exponents only, with at least one digit: a person would call it a number.
fn looks_numeric(text: &str) -> bool {
    let spelled = power_of_ten(text.trim());
    let text = spelled.as_deref().unwrap_or(text).trim();
    let numeric = |c: char| {
        c.is_ascii_digit() || matches!(c, '.' | ',' | '+' | '-' | '−' | '\'' | '’' | ' ' | '\u{a0}' | '\u{202f}')
    };
    let starts = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '+' | '-'));
    starts
        && text.contains(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| numeric(c) || matches!(c, 'e' | 'E'))
        // A date or a code such as 2024-01-05 is text: a sign may stand first or behind an exponent only.
        && !text.char_indices().any(|(i, c)| matches!(c, '-' | '+') && i > 0 && !text[..i].ends_with(['e', 'E']))
}

/// The exact decimal in plain notation: `1.20E+02` is `120`, `-.5` is `-0.5`, `0.10` stays `0.10`.
pub fn decimal<'t>(text: &'t str, rules: &NumberRules) -> Result<Cow<'t, str>, String> {
    exact(text, rules).map_err(|refused| refused.reason(text, rules).to_string())
}

/// The same, for those who do not ask why it is none.
pub fn exact<'t>(text: &'t str, rules: &NumberRules) -> Result<Cow<'t, str>, Refused> {
    plainly_printed(text, rules).map_or_else(|| parse(text, rules).map(Cow::Owned), Ok)
}

/// Why a text is no number. Told only where somebody reads it: most cells of a table are none.
#[derive(Debug, PartialEq, Eq)]
pub enum Refused {
    Written,
    /// This number.
    Exponent(String),
}

impl Refused {
    fn reason(&self, text: &str, rules: &NumberRules) -> Reason {
        match (self, &rules.thousands) {
            (Refused::Exponent(text), _) => {
                trouble::EXPONENT_TOO_LARGE.with("number", text).with("most", MAX_EXPONENT.to_string())
            }
            (Refused::Written, Some(separator)) => trouble::NUMBER_NOT_GROUPED
                .with("number", text)
                .with("mark", rules.decimal_mark)
                .with("separator", separator),
            (Refused::Written, None) => {
                trouble::NUMBER_NOT_AS_DECLARED.with("number", text).with("mark", rules.decimal_mark)
            }
        }
    }
}

/// As nearly all numbers are printed: digits, a decimal mark between them, a minus sign in front. Such a text is its own
/// decimal. `None` for every other way of writing, numbers or not.
fn plainly_printed<'t>(text: &'t str, rules: &NumberRules) -> Option<Cow<'t, str>> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let whole = digits.bytes().take_while(u8::is_ascii_digit).count();
    let shortest = whole == 1 || (whole > 1 && !digits.starts_with('0'));
    // -0 is 0.
    let zero_with_sign = digits.len() < text.len() && digits.bytes().all(|byte| matches!(byte, b'0' | b'.' | b','));
    if !shortest || zero_with_sign {
        return None;
    }
    let Some(mark) = digits[whole..].chars().next() else {
        return Some(Cow::Borrowed(text));
    };
    let fraction = &digits[whole + mark.len_utf8()..];
    if (mark != rules.decimal_mark && Some(mark) != rules.other_mark) || fraction.is_empty() || !all_digits(fraction) {
        return None;
    }
    Some(if mark == '.' { Cow::Borrowed(text) } else { Cow::Owned(text.replacen(mark, ".", 1)) })
}

fn parse(text: &str, rules: &NumberRules) -> Result<String, Refused> {
    let spelled;
    let text = match power_of_ten(text) {
        Some(plain) => {
            spelled = plain;
            &spelled
        }
        None => text,
    };
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => {
            let digits = &text[at + 1..];
            let unsigned = digits.strip_prefix(['+', '-']).unwrap_or(digits);
            if unsigned.is_empty() || unsigned.len() > 4 || !all_digits(unsigned) {
                return Err(Refused::Written);
            }
            // Counters print `4.9 E+06`; without its sign that may be two things that stand beside one another.
            let mantissa = match digits == unsigned {
                true => &text[..at],
                false => text[..at].trim_end_matches(' '),
            };
            (mantissa, digits.parse::<i32>().map_err(|_| Refused::Written)?)
        }
        None => (text, 0),
    };
    if exponent.abs() > MAX_EXPONENT {
        return Err(Refused::Exponent(text.to_string()));
    }
    let (negative, unsigned) = match mantissa.strip_prefix(['-', '−']) {
        Some(rest) => (true, rest),
        None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
    };
    let marks = [rules.decimal_mark, rules.other_mark.unwrap_or(rules.decimal_mark)];
    let (whole, fraction) = match unsigned.split_once(marks) {
        Some((whole, fraction)) => (whole, fraction),
        None => (unsigned, ""),
    };
    let grouping = |c: char| match rules.thousands.as_deref() {
        // Blanks between groups are printed as ordinary, fixed or narrow ones.
        Some(" ") => matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}'),
        Some("'") => matches!(c, '\'' | '’'),
        Some(mark) => mark.starts_with(c),
        None => false,
    };
    let whole = match whole.contains(grouping) {
        true => {
            let groups: Vec<&str> = whole.split(grouping).collect();
            let first_fits = (1..=3).contains(&groups[0].len());
            // No first group begins with 0: where it does, the mark is a decimal mark that was declared wrongly.
            if !first_fits || groups[0].starts_with('0') || groups[1..].iter().any(|group| group.len() != 3) {
                return Err(Refused::Written);
            }
            groups.concat()
        }
        false => whole.to_string(),
    };
    if (whole.is_empty() && fraction.is_empty()) || !all_digits(&whole) || !all_digits(fraction) {
        return Err(Refused::Written);
    }
    Ok(plain(negative, &whole, fraction, exponent))
}

/// `1.2×10^3`, `1.2 x 10³`, `1.2*10^3`, `1,2·10³` as `1.2E3`: how colony counts are printed.
fn power_of_ten(text: &str) -> Option<String> {
    let at = text.find(TIMES)?;
    let (mantissa, rest) = text.split_at(at);
    let rest = rest.chars().skip(1).collect::<String>();
    let exponent = rest.trim().strip_prefix("10")?;
    if !exponent.starts_with(['^', '＾']) && !exponent.starts_with(SUPERSCRIPTS) {
        return None;
    }
    let exponent: String = exponent
        .trim_start_matches(['^', '＾'])
        .chars()
        .map(|c| match SUPERSCRIPTS.iter().position(|known| *known == c) {
            Some(digit @ 0..=9) => char::from(b'0' + digit as u8),
            Some(10) => '-',
            _ => c,
        })
        .collect();
    let mantissa = mantissa.trim();
    (!mantissa.is_empty() && !exponent.is_empty()).then(|| format!("{mantissa}E{exponent}"))
}

/// Signs of multiplication.
pub const TIMES: [char; 6] = ['×', 'x', 'X', '*', '·', '⋅'];

const SUPERSCRIPTS: [char; 11] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹', '⁻'];

/// Compares two exact decimals in plain notation, as [`decimal`] gives them.
pub fn compare(a: &str, b: &str) -> Ordering {
    let parts = |text: &str| {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest.to_string()),
            None => (false, text.to_string()),
        };
        let (whole, fraction) = text.split_once('.').map_or((text.as_str(), ""), |(whole, fraction)| (whole, fraction));
        (negative, whole.trim_start_matches('0').to_string(), fraction.trim_end_matches('0').to_string())
    };
    let (a, b) = (parts(a), parts(b));
    let zero = |(_, whole, fraction): &(bool, String, String)| whole.is_empty() && fraction.is_empty();
    match (a.0 && !zero(&a), b.0 && !zero(&b)) {
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (negative, _) => {
            let size = a.1.len().cmp(&b.1.len()).then_with(|| a.1.cmp(&b.1)).then_with(|| a.2.cmp(&b.2));
            if negative { size.reverse() } else { size }
        }
    }
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
        check("4.9 E+06", &point(), "4900000");
        assert_eq!(interpret("4.9 E6", &point()).number, None);
        check("-0.000", &point(), "0.000");
        let comma = NumberRules { decimal_mark: ',', ..point() };
        check("9,754", &comma, "9.754");
        let grouped = NumberRules { thousands: Some(",".into()), ..point() };
        check("1,334,510.690", &grouped, "1334510.690");
        let blanks = NumberRules { decimal_mark: ',', thousands: Some(" ".into()), ..point() };
        check("1\u{a0}334 510,5", &blanks, "1334510.5");
        let both = NumberRules { other_mark: Some(','), ..point() };
        check("0,5", &both, "0.5");
        check("0.5", &both, "0.5");
        check("−1.5", &point(), "-1.5");
        for text in ["1.2×10^3", "1.2 x 10³", "1.2*10^3", "1.2·10³", "1.2 ⋅ 10^3"] {
            check(text, &point(), "1200");
        }
        // A lost superscript is not guessed back.
        assert_eq!(interpret("1.2×103", &point()).number, None);
        check("3×10⁻²", &point(), "0.03");
    }

    #[test]
    fn decimals_are_compared_exactly() {
        for (a, b, expected) in [
            ("10", "9", Ordering::Greater),
            ("0.10", "0.1", Ordering::Equal),
            ("-2", "-1", Ordering::Less),
            ("-0", "0.00", Ordering::Equal),
            ("0.30000000000000001", "0.3", Ordering::Greater),
            ("-1", "0", Ordering::Less),
        ] {
            assert_eq!(compare(a, b), expected, "{a} {b}");
        }
    }

    #[test]
    fn a_number_that_breaks_the_declaration_is_a_problem() {
        for text in ["12,3", "1.2.3", "1,234.5", "1,2×10^3"] {
            let meaning = interpret(text, &point());
            assert!(meaning.problem.is_some() && meaning.number.is_none(), "{text}: {meaning:?}");
        }
        let grouped = NumberRules { thousands: Some(",".into()), ..point() };
        assert!(interpret("1,23", &grouped).problem.is_some());
        let points = NumberRules { decimal_mark: ',', thousands: Some(".".into()), ..point() };
        for text in ["0.045", "-0.123", "00.123", "0.045,5", "<0.045"] {
            let meaning = interpret(text, &points);
            assert!(meaning.problem.is_some() && meaning.number.is_none(), "{text}: {meaning:?}");
        }
        check("1.045", &points, "1045");
        check("0,045", &points, "0.045");
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
            ("*****", Invalid, None),
            ("---------", Missing, None),
            ("++++", OverRange, None),
            ("< LOD", NotDetected, None),
            ("＜0.02", Below, Some("0.02")),
            ("小于10", Below, Some("10")),
            ("未 检 出", NotDetected, None),
            ("N.F.", NotDetected, None),
            ("n.n.", NotDetected, None),
            ("<NG", NotDetected, None),
            ("< BG", BelowQuantification, None),
            ("<LQ", BelowQuantification, None),
            ("No Cq", NotDetected, None),
            ("n.b.", Missing, None),
            ("–", Missing, None),
            ("uncal", Invalid, None),
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
