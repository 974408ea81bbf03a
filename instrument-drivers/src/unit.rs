//! A printed unit in one way of writing, so that `[ug/L]`, `μg/L` and `µg / L` meet. The printed text stays beside it.

/// Without brackets around it and blanks inside, with one sign for micro, plain signs for the wide ones of Chinese fonts.
/// Nothing is converted: mg stays mg. `None` for no unit.
pub fn parse(text: &str) -> Option<String> {
    let text = text.trim();
    let inner = BRACKETS
        .iter()
        .find_map(|(open, close)| text.strip_prefix(*open)?.strip_suffix(*close))
        // `(a)/(b)` begins and ends with brackets that are no pair.
        .filter(|inner| !inner.contains(['(', ')', '[', ']', '（', '）', '［', '］']))
        .unwrap_or(text);
    let mut unit = String::with_capacity(inner.len());
    let mut gap = false;
    for c in inner.chars() {
        if c.is_whitespace() {
            gap = true;
            continue;
        }
        let plain = match c {
            'μ' => "µ",
            '／' | '∕' => "/",
            '％' => "%",
            '·' | '⋅' | '∙' => "·",
            '㎎' => "mg",
            '㎍' => "µg",
            '㎏' => "kg",
            '㎖' => "mL",
            '㏄' => "cc",
            '℃' => "°C",
            'Ω' => "Ω",
            other => {
                push(&mut unit, other, &mut gap);
                continue;
            }
        };
        for c in plain.chars() {
            push(&mut unit, c, &mut gap);
        }
    }
    // `ug` is how micro is typed without a key for it; no other unit begins so.
    let micro = ["ug", "ul", "uL", "um", "umol", "uS", "uM"]
        .iter()
        .any(|start| unit.strip_prefix(start).is_some_and(|rest| !rest.starts_with(char::is_alphabetic)));
    if micro {
        unit.replace_range(..1, "µ");
    }
    (!unit.is_empty()).then_some(unit)
}

/// A blank stays between two words only (`mg N/L`), not beside a sign.
fn push(unit: &mut String, c: char, gap: &mut bool) {
    if std::mem::take(gap) && c.is_alphanumeric() && unit.ends_with(char::is_alphanumeric) {
        unit.push(' ');
    }
    unit.push(c);
}

const BRACKETS: [(char, char); 4] = [('(', ')'), ('[', ']'), ('（', '）'), ('［', '］')];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_way_of_writing() {
        for (text, expected) in [
            ("[mg/kg]", "mg/kg"),
            ("（μg／L）", "µg/L"),
            ("ug / L", "µg/L"),
            ("umol/l", "µmol/l"),
            ("mg N/L", "mg N/L"),
            ("㎎/㎏", "mg/kg"),
            ("(10)^3/(µL)", "(10)^3/(µL)"),
            ("U/L", "U/L"),
            ("％", "%"),
        ] {
            assert_eq!(parse(text).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(parse("  "), None);
        assert_eq!(parse("[]"), None);
    }
}
