//! What is wrong with a question, in words: what the reader of JSON says about types is for programmers, and what it echoes may
//! be as long as the line.

/// Characters of a name or a value that an error repeats.
const ECHO_MOST: usize = 200;

/// What the reader of JSON says, without its types and its counting of columns.
pub fn of_reading(problem: &str) -> String {
    let is_place = |rest: &str| rest.chars().all(|c| c.is_ascii_digit() || " column".contains(c));
    let problem = match problem.rsplit_once(" at line ") {
        Some((said, rest)) if is_place(rest) => said,
        _ => problem,
    };
    if problem.starts_with("invalid length ") {
        return "a list of another length is given than the one expected".to_owned();
    }
    for start in ["invalid type: ", "invalid value: "] {
        let Some((found, expected)) = problem.strip_prefix(start).and_then(|rest| rest.rsplit_once(", expected "))
        else {
            continue;
        };
        return format!("{} is given; {} is expected", given(found), wanted(expected));
    }
    if let Some((variant, known)) =
        problem.strip_prefix("unknown variant ").and_then(|rest| rest.split_once(", expected "))
    {
        let known = known.trim_start_matches("one of ").replace('`', "\"");
        return format!("{} is not known; known are {known}", variant.replace('`', "\""));
    }
    match problem {
        "EOF while parsing a value" | "EOF while parsing an object" | "EOF while parsing a list" => {
            "the JSON ends too early".to_owned()
        }
        "EOF while parsing a string" => "the JSON ends within a text".to_owned(),
        "trailing characters" => "something follows the question".to_owned(),
        "expected value" | "expected ident" | "key must be a string" => "this is no JSON".to_owned(),
        "recursion limit exceeded" => "the JSON is nested too deep".to_owned(),
        other => other.to_owned(),
    }
}

/// `floating point `12.5`` is the number 12.5.
fn given(found: &str) -> String {
    let value = |rest: &str| rest.trim().trim_matches('`').to_owned();
    for number in ["floating point ", "integer ", "number "] {
        if let Some(rest) = found.strip_prefix(number) {
            return format!("the JSON number {}", value(rest));
        }
    }
    match found {
        "null" | "Option value" | "unit value" => "null".to_owned(),
        "map" => "an object".to_owned(),
        "sequence" => "a list".to_owned(),
        other => match (other.strip_prefix("string "), other.strip_prefix("boolean ")) {
            (Some(text), _) => format!("the text {text}"),
            (_, Some(boolean)) => value(boolean),
            _ => other.to_owned(),
        },
    }
}

fn wanted(expected: &str) -> String {
    match expected {
        "a string" => "a text in quotation marks".to_owned(),
        "u8" | "u16" | "u32" | "u64" | "usize" | "i32" | "i64" => "a whole JSON number, not negative".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "a sequence" => "a list".to_owned(),
        "a map" | "option" => "an object".to_owned(),
        other if other.starts_with("struct ") => "an object".to_owned(),
        other if other.contains("enum ") => "one of the known words".to_owned(),
        other => other.to_owned(),
    }
}

/// A sentence whose names and values are cut where they are too long: what stands in quotation marks, and single words.
pub fn shortened(problem: &str) -> String {
    if problem.chars().count() <= ECHO_MOST {
        return problem.to_owned();
    }
    let mut said = String::new();
    let mut within = String::new();
    let mut closing = None;
    for letter in problem.chars() {
        match closing {
            Some(quote) if letter == quote => {
                said.push_str(&cut(&within));
                said.push(letter);
                within.clear();
                closing = None;
            }
            None if matches!(letter, '"' | '`') => {
                said.push_str(&cut(&within));
                said.push(letter);
                within.clear();
                closing = Some(letter);
            }
            None if letter.is_whitespace() => {
                said.push_str(&cut(&within));
                said.push(letter);
                within.clear();
            }
            _ => within.push(letter),
        }
    }
    said + &cut(&within)
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(ECHO_MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_reader_says_is_said_in_words() {
        for (jargon, words) in [
            (
                "invalid type: floating point `12.5`, expected a string at line 1 column 30",
                "the JSON number 12.5 is given; a text in quotation marks is expected",
            ),
            (
                "invalid value: integer `-1`, expected u32 at line 1 column 22",
                "the JSON number -1 is given; a whole JSON number, not negative is expected",
            ),
            ("invalid type: null, expected struct LimitOfItem", "null is given; an object is expected"),
            ("invalid type: string \"x\", expected a sequence", "the text \"x\" is given; a list is expected"),
            (
                "unknown variant `week`, expected one of `working_day`, `day` at line 1 column 9",
                "\"week\" is not known; known are \"working_day\", \"day\"",
            ),
            ("missing field `limit` at line 1 column 26", "missing field `limit`"),
            ("EOF while parsing a value at line 1 column 0", "the JSON ends too early"),
        ] {
            assert_eq!(of_reading(jargon), words);
        }
    }

    #[test]
    fn a_long_name_is_repeated_in_part() {
        let long = "x".repeat(5_000);
        let said = shortened(&format!("convert: the unit \"{long} {long}\" is not known; `{long}` and {long}"));
        assert!(said.chars().count() < 4 * ECHO_MOST, "{}", said.len());
        assert!(said.starts_with("convert: the unit \"xxx") && said.contains("…\" is not known; `x"), "{said}");
        assert_eq!(shortened("the unit \"furlong\" is not known"), "the unit \"furlong\" is not known");
    }
}
