//! What cannot be read, in the words of the reader's language. The parsers speak English, of types and columns; whoever sent
//! something wants to know what is expected.

use actix_multipart::MultipartError;
use actix_web::error::{PayloadError, QueryPayloadError};
use serde_json::error::Category;

use crate::domain::refusal::Fact;

/// An object is expected: `{…}`.
pub const OBJECT: &str = "misread-object";
/// A text is expected, in quotation marks.
pub const TEXT: &str = "misread-text";
/// The request broke off.
pub const BROKEN_OFF: &str = "misread-broken-off";
/// Not as the interface is described.
pub const OTHER: &str = "misread-other";

/// More fields than any form has.
pub fn too_many_fields(most: usize) -> Fact {
    Fact::sentence("misread-fields", [("most", most.into())])
}

/// A JSON text that is none, or that has another shape.
pub fn of_json(error: &serde_json::Error) -> Fact {
    match error.classify() {
        Category::Data => {
            let said = error.to_string();
            of_value(said.rsplit_once(" at line ").map_or(said.as_str(), |(said, _)| said))
        }
        Category::Eof => Fact::word("misread-json-ends"),
        Category::Syntax | Category::Io => {
            let place = [("line", error.line().into()), ("column", error.column().into())];
            Fact::sentence("misread-json", place)
        }
    }
}

/// The `?` part of a page's address.
pub fn of_query(error: &QueryPayloadError) -> Fact {
    match error {
        QueryPayloadError::Deserialize(error) => of_value(&error.to_string()),
        _ => Fact::word(OTHER),
    }
}

/// The parts of a request with files.
pub fn of_parts(error: &MultipartError) -> Fact {
    Fact::word(match error {
        MultipartError::ContentTypeMissing
        | MultipartError::ContentTypeParse
        | MultipartError::ContentTypeIncompatible
        | MultipartError::BoundaryMissing => "misread-multipart",
        MultipartError::Incomplete | MultipartError::Payload(PayloadError::Incomplete(_)) => BROKEN_OFF,
        _ => "misread-parts",
    })
}

/// What serde says of a value of another shape.
pub fn of_value(said: &str) -> Fact {
    let (problem, expected) = said.rsplit_once(", expected ").unwrap_or((said, ""));
    let named = |start: &str| problem.strip_prefix(start).and_then(|rest| rest.split('`').next());
    let known = || Fact::from(expected.trim_start_matches("one of ").replace('`', "").replace(" or ", ", "));
    if named("missing field `").is_some() {
        return Fact::word("misread-missing");
    }
    if let Some(field) = named("unknown field `") {
        return if expected.is_empty() {
            Fact::sentence("misread-no-field", [("field", field.into())])
        } else {
            Fact::sentence("misread-unknown-field", [("field", field.into()), ("allowed", known())])
        };
    }
    if let Some(field) = named("duplicate field `") {
        return Fact::sentence("misread-repeated", [("field", field.into())]);
    }
    if problem.starts_with("unknown variant `") {
        return Fact::sentence("misread-variant", [("allowed", known())]);
    }
    Fact::word(match said {
        "invalid digit found in string"
        | "cannot parse integer from empty string"
        | "number too large to fit in target type"
        | "number too small to fit in target type"
        | "number would be zero for non-zero type" => "misread-whole",
        "invalid float literal" | "cannot parse float from empty string" => "misread-number",
        "provided string was not `true` or `false`" => "misread-switch",
        _ => wanted(expected),
    })
}

/// The word of what a type stands for.
fn wanted(expected: &str) -> &'static str {
    match expected {
        "a string" | "string" | "a borrowed string" | "a character" => TEXT,
        "u8" | "u16" | "u32" | "u64" | "u128" | "usize" | "i8" | "i16" | "i32" | "i64" | "i128" | "isize" => {
            "misread-whole"
        }
        "f32" | "f64" => "misread-number",
        "a boolean" | "\"true\", \"on\" or \"false\"" => "misread-switch",
        other if ["a sequence", "a tuple", "an array"].iter().any(|kind| other.starts_with(kind)) => "misread-list",
        other if ["a map", "map", "struct "].iter().any(|kind| other.starts_with(kind)) => OBJECT,
        _ => OTHER,
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::web::language::Language;

    #[allow(dead_code, reason = "only whether they can be read matters")]
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Input {
        name: String,
        count: u32,
        on: bool,
        rows: Vec<Inside>,
    }

    #[allow(dead_code, reason = "only whether they can be read matters")]
    #[derive(Debug, Deserialize)]
    struct Inside {
        kind: Kind,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        One,
        Other,
    }

    fn said(body: &str, language: Language) -> String {
        language.said(&of_json(&serde_json::from_str::<Input>(body).unwrap_err()))
    }

    #[test]
    fn a_wrong_body_is_told_what_is_expected_in_both_languages() {
        for (body, chinese, english) in [
            (r#"{"name": 5}"#, "此处应为文字", "a text is expected"),
            (r#"{"count": "many"}"#, "此处应为整数，且在允许范围内", "a whole number in range is expected"),
            (r#"{"count": -1}"#, "此处应为整数，且在允许范围内", "a whole number in range is expected"),
            (r#"{"on": "perhaps"}"#, "此处应为 true（是）或 false（否）", "true or false is expected"),
            (r#"{"rows": 7}"#, "此处应为列表", "a list is expected"),
            (r#"{"rows": [7]}"#, "此处应为对象", "an object is expected"),
            (r#"{"rows": [{"kind": "none"}]}"#, "应为以下之一：one, other", "one of these is expected: one, other"),
            (
                r#"{"colour": "red"}"#,
                "没有字段“colour”；可用：name, count, on, rows",
                "there is no field “colour”; there are: name, count, on, rows",
            ),
            (r#"{"name": "a", "name": "b"}"#, "字段“name”出现了两次", "the field “name” stands there twice"),
            (r#"{"name": "a"}"#, "缺少此字段", "this field is missing"),
            (r#"{"name": "a""#, "JSON 不完整", "the JSON breaks off"),
            (r#"{"name" "a"}"#, "JSON 有误：第 1 行第 9 个字符", "this is no JSON: line 1, character 9"),
        ] {
            assert_eq!(said(body, Language::Chinese), chinese, "{body}");
            assert_eq!(said(body, Language::English), english, "{body}");
        }
    }

    /// What a form or a query says: its values are texts, and read as numbers by the type of their field.
    #[test]
    fn a_field_of_a_query_is_told_what_is_expected() {
        #[allow(dead_code, reason = "only whether they can be read matters")]
        #[derive(Debug, Deserialize)]
        struct Asked {
            limit: Option<i64>,
            all: Option<bool>,
        }
        for (query, word) in [
            ("limit=many", "misread-whole"),
            ("limit=99999999999999999999", "misread-whole"),
            ("all=perhaps", "misread-switch"),
        ] {
            let error = serde_html_form::from_str::<Asked>(query).unwrap_err().to_string();
            assert_eq!(of_value(&error), Fact::word(word), "{error}");
        }
    }
}
