//! METTLER TOLEDO MT-SICS: the lines of a balance, both ways.
//!
//! Weight answer: `id | blank | status | blank | value, 10 right-aligned | blank | unit`. Reading weights into
//! observations is the profile's work; this file is for commands, simulators and tests. Source: MT-SICS Reference Manual
//! 11780711, PROTOCOLS 3.

/// What a balance answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// `S S     100.00 g`; also for `T` and `TA`.
    Weight { id: String, stable: bool, value: String, unit: String },
    /// `S +`
    Overload,
    /// `S -`
    Underload,
    /// `S I`: not executable now, or not stable in time.
    NotExecutable,
    /// `Z A`, `I4 A "1114350697"`: done, with its text.
    Done { id: String, text: String },
    /// `ES`, `ET`, `EL`, `S L`
    Error(String),
}

/// Reads one line; `None` when it is no MT-SICS line.
pub fn parse(line: &str) -> Option<Answer> {
    let mut words = line.split_whitespace();
    let id = words.next()?;
    if matches!(id, "ES" | "ET" | "EL") {
        return Some(Answer::Error(id.into()));
    }
    if !id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()) {
        return None;
    }
    let rest: Vec<&str> = words.collect();
    Some(match rest.as_slice() {
        ["+"] => Answer::Overload,
        ["-"] => Answer::Underload,
        ["I"] => Answer::NotExecutable,
        ["L"] => Answer::Error(format!("{id} L")),
        [status @ ("S" | "D" | "A"), value, unit] if is_number(value) => {
            Answer::Weight { id: id.into(), stable: *status != "D", value: (*value).into(), unit: (*unit).into() }
        }
        ["A" | "B" | "S" | "D", text @ ..] => Answer::Done { id: id.into(), text: text.join(" ") },
        _ => return None,
    })
}

/// A weight line with its fixed layout and CR LF.
pub fn weight_line(id: &str, stable: bool, value: &str, unit: &str) -> String {
    format!("{id} {} {value:>10} {unit}\r\n", if stable { 'S' } else { 'D' })
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    digits.contains(|c: char| c.is_ascii_digit()) && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weight(id: &str, stable: bool, value: &str, unit: &str) -> Option<Answer> {
        Some(Answer::Weight { id: id.into(), stable, value: value.into(), unit: unit.into() })
    }

    #[test]
    fn lines_of_the_manual() {
        assert_eq!(parse("S S     100.00 g"), weight("S", true, "100.00", "g"));
        assert_eq!(parse("S D     129.07 g"), weight("S", false, "129.07", "g"));
        assert_eq!(parse("S S    -0.0012 g"), weight("S", true, "-0.0012", "g"));
        assert_eq!(parse("T S    12.3456 g"), weight("T", true, "12.3456", "g"));
        assert_eq!(parse("S +"), Some(Answer::Overload));
        assert_eq!(parse("S -"), Some(Answer::Underload));
        assert_eq!(parse("S I"), Some(Answer::NotExecutable));
        assert_eq!(parse("Z A"), Some(Answer::Done { id: "Z".into(), text: String::new() }));
        assert_eq!(parse("I4 A \"1114350697\""), Some(Answer::Done { id: "I4".into(), text: "\"1114350697\"".into() }));
        assert_eq!(parse("ES"), Some(Answer::Error("ES".into())));
        assert_eq!(parse("hello"), None);
    }

    #[test]
    fn a_weight_line_has_the_fixed_layout() {
        assert_eq!(weight_line("S", true, "100.00", "g"), "S S     100.00 g\r\n");
        assert_eq!(weight_line("S", false, "-0.0012", "g"), "S D    -0.0012 g\r\n");
    }
}
