//! The weight lines of Sartorius (SBI), A&D, OHAUS and Radwag balances, as they send them.
//!
//! Reading weights into observations is the profiles' work; this file is for simulators and tests. Sources: the makers'
//! operating instructions named in PROTOCOLS 4.

/// SBI, 16 characters: sign, blank, value 8 right-aligned, blank, unit 3; no unit while the weight is not stable.
pub fn sbi(stable: bool, value: &str, unit: &str) -> String {
    let (sign, digits) = signed(value, '+');
    format!("{sign} {digits:>8} {:<3}\r\n", if stable { unit } else { "" })
}

/// A&D: `ST` or `US`, comma, sign and 8 characters with leading zeros, unit 3 right-aligned.
pub fn and(stable: bool, value: &str, unit: &str) -> String {
    let (sign, digits) = signed(value, '+');
    format!("{},{sign}{digits:0>8}{unit:>3}\r\n", if stable { "ST" } else { "US" })
}

/// OHAUS Explorer: value 10 right-aligned, blank, unit; `?` while not stable.
pub fn ohaus(stable: bool, value: &str, unit: &str) -> String {
    format!("{value:>10} {unit}{}\r\n", if stable { "" } else { " ?" })
}

/// Radwag: marker (blank or `?`), blank, sign, mass 9 right-aligned, blank, unit 3.
pub fn radwag(stable: bool, value: &str, unit: &str) -> String {
    let (sign, digits) = signed(value, ' ');
    format!("{} {sign}{digits:>9} {unit:<3}\r\n", if stable { ' ' } else { '?' })
}

fn signed(value: &str, plus: char) -> (char, &str) {
    match value.strip_prefix('-') {
        Some(digits) => ('-', digits),
        None => (plus, value.strip_prefix('+').unwrap_or(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_of_the_manuals() {
        assert_eq!(sbi(true, "123.56", "g"), "+   123.56 g  \r\n");
        assert_eq!(sbi(true, "-0.0021", "g"), "-   0.0021 g  \r\n");
        assert_eq!(sbi(false, "123.5", "g"), "+    123.5    \r\n");
        assert_eq!(and(true, "123.45", "g"), "ST,+00123.45  g\r\n");
        assert_eq!(and(false, "-0.12", "g"), "US,-00000.12  g\r\n");
        assert_eq!(ohaus(true, "192.21", "g"), "    192.21 g\r\n");
        assert_eq!(ohaus(false, "0.01", "g"), "      0.01 g ?\r\n");
        assert_eq!(radwag(true, "12.345", "g"), "      12.345 g  \r\n");
        assert_eq!(radwag(false, "-0.5", "kg"), "? -      0.5 kg \r\n");
    }
}
