//! Report numbers: `{LAB}-{YYYY}-{type}-{serial6}`, with `-G1`, `-G2` … for the reports that replace it (`records.md` 1).

/// The laboratory's code as the sample number carries it: `BZ` of `BZ2611-J-00123`.
pub fn laboratory_of(sample_no: &str) -> Option<&str> {
    let first = sample_no.split('-').next()?;
    let code = first.trim_end_matches(|c: char| c.is_ascii_digit());
    (!code.is_empty()).then_some(code)
}

/// The letter of a sample's type: 监督, 点检, 委托, 快检, 风险.
pub fn letter_of(sample_type: &str) -> Option<char> {
    Some(match sample_type {
        "supervision" => 'J',
        "campaign" => 'D',
        "entrusted" => 'W',
        "rapid_test" => 'K',
        "risk_monitoring" => 'F',
        _ => return None,
    })
}

/// How the names of the series of reports begin, where all series of the laboratory stand.
pub const SERIES: &str = "report:";

/// The name of a series among all of the laboratory.
pub fn series_name(series: &str) -> String {
    format!("{SERIES}{series}")
}

/// The series that a number is taken from, and the number's beginning: a year's reports of one type.
pub fn series(laboratory: &str, year: i32, letter: char) -> String {
    format!("{laboratory}-{year}-{letter}")
}

/// A number of a series.
pub fn number(series: &str, serial: i64) -> String {
    format!("{series}-{serial:06}")
}

/// The number of the report that replaces this one.
pub fn replacement(old: &str) -> String {
    match old.rsplit_once("-G").map(|(base, count)| (base, count.parse::<u32>())) {
        Some((base, Ok(count))) => format!("{base}-G{}", count + 1),
        _ => format!("{old}-G1"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Requirement: Q78-7
    #[test]
    fn numbers_are_built_from_laboratory_year_type_and_serial() {
        assert_eq!(laboratory_of("BZ2611-J-00123"), Some("BZ"));
        assert_eq!(laboratory_of("2611-J-00123"), None);
        assert_eq!(number(&series("BZ", 2026, 'J'), 123), "BZ-2026-J-000123");
        assert_eq!(number(&series("BZ", 2026, 'W'), 1_234_567), "BZ-2026-W-1234567");
        let letters: String = ["supervision", "campaign", "entrusted", "rapid_test", "risk_monitoring"]
            .into_iter()
            .filter_map(letter_of)
            .collect();
        assert_eq!(letters, "JDWKF");
        assert_eq!(letter_of("gift"), None);
    }

    #[test]
    fn a_replacement_counts_on() {
        assert_eq!(replacement("BZ-2026-J-000123"), "BZ-2026-J-000123-G1");
        assert_eq!(replacement("BZ-2026-J-000123-G1"), "BZ-2026-J-000123-G2");
        assert_eq!(replacement("BZ-2026-J-000123-G9"), "BZ-2026-J-000123-G10");
    }
}
