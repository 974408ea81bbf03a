//! Characters that markup writes by their names or numbers.

/// `&lt;` is `<`. What is no character reference stays.
pub fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        // Entities are short; a lone & stays.
        let end = rest.bytes().take(12).position(|byte| byte == b';');
        match end.and_then(|end| Some((entity(&rest[1..end])?, end))) {
            Some((character, end)) => {
                plain.push(character);
                rest = &rest[end + 1..];
            }
            None => {
                plain.push('&');
                rest = &rest[1..];
            }
        }
    }
    plain.push_str(rest);
    plain
}

fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code);
    }
    NAMED.iter().find(|(known, _)| *known == name).map(|(_, character)| *character)
}

/// Those that exports of instruments use, of the HTML standard's list of named character references.
const NAMED: &[(&str, char)] = &[
    ("lt", '<'),
    ("gt", '>'),
    ("amp", '&'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", ' '),
    ("ensp", ' '),
    ("emsp", ' '),
    ("thinsp", ' '),
    ("micro", 'µ'),
    ("mu", 'μ'),
    ("deg", '°'),
    ("times", '×'),
    ("middot", '·'),
    ("sdot", '⋅'),
    ("divide", '÷'),
    ("plusmn", '±'),
    ("minus", '−'),
    ("ndash", '–'),
    ("mdash", '—'),
    ("le", '≤'),
    ("ge", '≥'),
    ("leq", '≤'),
    ("geq", '≥'),
    ("ne", '≠'),
    ("asymp", '≈'),
    ("sup1", '¹'),
    ("sup2", '²'),
    ("sup3", '³'),
    ("frac12", '½'),
    ("frac14", '¼'),
    ("frac34", '¾'),
    ("permil", '‰'),
    ("ohm", 'Ω'),
    ("Omega", 'Ω'),
    ("alpha", 'α'),
    ("beta", 'β'),
    ("gamma", 'γ'),
    ("delta", 'δ'),
    ("Delta", 'Δ'),
    ("epsilon", 'ε'),
    ("lambda", 'λ'),
    ("rho", 'ρ'),
    ("sigma", 'σ'),
    ("omega", 'ω'),
    ("infin", '∞'),
    ("hellip", '…'),
    ("bull", '•'),
    ("lsquo", '‘'),
    ("rsquo", '’'),
    ("ldquo", '“'),
    ("rdquo", '”'),
    ("laquo", '«'),
    ("raquo", '»'),
    ("reg", '®'),
    ("copy", '©'),
    ("trade", '™'),
    ("sect", '§'),
    ("auml", 'ä'),
    ("ouml", 'ö'),
    ("uuml", 'ü'),
    ("Auml", 'Ä'),
    ("Ouml", 'Ö'),
    ("Uuml", 'Ü'),
    ("szlig", 'ß'),
    ("eacute", 'é'),
    ("Eacute", 'É'),
    ("egrave", 'è'),
    ("ecirc", 'ê'),
    ("agrave", 'à'),
    ("acirc", 'â'),
    ("aacute", 'á'),
    ("iacute", 'í'),
    ("oacute", 'ó'),
    ("uacute", 'ú'),
    ("ocirc", 'ô'),
    ("icirc", 'î'),
    ("ucirc", 'û'),
    ("ugrave", 'ù'),
    ("ccedil", 'ç'),
    ("ntilde", 'ñ'),
    ("aring", 'å'),
    ("Aring", 'Å'),
    ("oslash", 'ø'),
    ("Oslash", 'Ø'),
    ("aelig", 'æ'),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_by_their_names() {
        for (text, plain) in [
            ("&mu;g &times; 10&sup2; &plusmn;1", "μg × 10² ±1"),
            ("&le;5 &ge;5 &#181;S &#xB0;C", "≤5 ≥5 µS °C"),
            ("a & b &unknown; &", "a & b &unknown; &"),
        ] {
            assert_eq!(unescape(text), plain);
        }
    }
}
