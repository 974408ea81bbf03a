//! Numbers that a spreadsheet stores as doubles: they become text once.

/// The shortest text that reads back to it, never with an exponent. -0 is 0. Where the number lies in the middle between two such
/// texts, as what was a single-precision number often does, it is the one with an even last digit, as in IEEE 754 and in
/// what most programs print.
pub fn shortest(number: f64) -> String {
    if number == 0.0 {
        return "0".into();
    }
    let text = number.to_string();
    even(&text, number).unwrap_or(text)
}

/// Digits that every number of a workbook keeps: any so many are a number of their own, and from there on there can be two
/// shortest texts.
const EXACT_DIGITS: usize = 15;

/// The text with the last digit one less, where that is as near to the number: the number then goes on with a 5 behind it and ends.
fn even(text: &str, number: f64) -> Option<String> {
    let digits = text.trim_start_matches(['-', '0', '.']).bytes().filter(u8::is_ascii_digit).count();
    let last = text.bytes().last()?;
    if digits < EXACT_DIGITS || last % 2 == 0 || !text.contains('.') {
        return None;
    }
    let even = format!("{}{}", &text[..text.len() - 1], char::from(last - 1));
    // `{:.n}` prints the exact number; of one that goes on behind the 5 more digits than these are not zero.
    let places = text.len() - text.find('.')? - 1;
    let exact = format!("{number:.width$}", width = places + EXACT_PLACES);
    let ends = exact.strip_prefix(&even)?.strip_prefix('5')?.bytes().all(|digit| digit == b'0');
    (ends && even.parse::<f64>() == Ok(number)).then_some(even)
}

/// Places behind the last digit at which an exact number is looked at.
const EXACT_PLACES: usize = 60;

/// The same of a number that is written out; none: it is no number that a workbook stores.
fn stored(text: &str) -> Option<String> {
    text.parse().ok().filter(|number: &f64| number.is_finite()).map(shortest)
}

/// A stored number as in other workbooks, where it was written with an exponent or with more digits than such a number holds.
pub fn as_stored(text: String) -> String {
    let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
    let digits = mantissa.trim_start_matches(['-', '+', '0', '.']).bytes().filter(u8::is_ascii_digit).count();
    let is_rewritten = digits > EXACT_DIGITS || mantissa.len() < text.len();
    is_rewritten.then(|| stored(&text)).flatten().unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of 86.994537353515625 both neighbours with 16 digits read back to it and are as near.
    #[test]
    fn of_two_shortest_texts_the_even_one() {
        for (number, text) in [
            ("86.994537353515625", "86.99453735351562"),
            ("-86.994537353515625", "-86.99453735351562"),
            ("0.699999988079071044921875", "0.699999988079071"),
            ("0.1", "0.1"),
            ("0.30000000000000004", "0.30000000000000004"),
            ("-0", "0"),
            ("1e21", "1000000000000000000000"),
            ("2E-9", "0.000000002"),
        ] {
            assert_eq!(stored(number).as_deref(), Some(text), "{number}");
        }
    }
}
