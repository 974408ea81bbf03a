//! Canonical JSON as RFC 8785 asks, for the part of JSON that entries use: no fractions, so that the only number
//! form is a whole number. The hashed text is the same whoever writes it.

use serde_json::Value;

/// Writes a value canonically: keys sorted by UTF-16 units, no blanks, shortest escapes.
///
/// # Panics
/// On a number that is not an integer: measured values stand in entries as text.
pub fn canonical(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(yes) => out.push_str(if *yes { "true" } else { "false" }),
        Value::Number(number) => {
            assert!(number.is_i64() || number.is_u64(), "{number} in a log entry: decimals are written as text");
            out.push_str(&number.to_string());
        }
        // serde_json escapes strings as RFC 8785 does.
        Value::String(text) => out.push_str(&Value::from(text.as_str()).to_string()),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Value::Object(fields) => {
            let mut sorted: Vec<_> = fields.iter().collect();
            sorted.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            out.push('{');
            for (index, (key, item)) in sorted.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push(':');
                write(item, out);
            }
            out.push('}');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn keys_are_sorted_and_blanks_are_absent() {
        let value = json!({"b": [1, null, true], "a": {"z": "铅", "y": "a\"b\\\n\u{1}"}});
        assert_eq!(canonical(&value), "{\"a\":{\"y\":\"a\\\"b\\\\\\n\\u0001\",\"z\":\"铅\"},\"b\":[1,null,true]}");
    }

    /// From RFC 8785, 3.2.3: the order of keys is that of UTF-16 units, not of code points.
    #[test]
    fn keys_are_ordered_by_utf16_units() {
        let value = json!({"\u{fb33}": 1, "\u{1f600}": 2, "\u{20ac}": 3});
        assert_eq!(canonical(&value), "{\"\u{20ac}\":3,\"\u{1f600}\":2,\"\u{fb33}\":1}");
    }

    #[test]
    #[should_panic(expected = "decimals are written as text")]
    fn a_fraction_has_no_place_in_an_entry() {
        canonical(&json!({"value": 0.1}));
    }
}
