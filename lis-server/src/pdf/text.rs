//! Any text becomes printable, and none is lost in silence.
//!
//! 1. Line ends (CR LF, CR, LF, U+2028, U+2029) become LF; a tab becomes a space.
//! 2. Characters that never print (zero-width, direction marks, variation selectors) are dropped: in a signed document nothing hidden may
//!    turn or split what is read.
//! 3. What no font can print, control and private characters become `〓U+XXXX`: the reader sees that something stands there, and what.

use serde_json::Value;

/// Changes all texts inside `value`, except keys, and returns the characters that cannot be printed, each once.
pub(super) fn make_printable(value: &mut Value, have: impl Fn(char) -> bool) -> Vec<char> {
    let mut unknown = Vec::new();
    walk(value, &have, &mut unknown);
    unknown
}

fn walk(value: &mut Value, have: &impl Fn(char) -> bool, unknown: &mut Vec<char>) {
    match value {
        Value::String(text) => {
            if !text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
                *text = printable(text, have, unknown);
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| walk(value, have, unknown)),
        Value::Object(fields) => fields.values_mut().for_each(|value| walk(value, have, unknown)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn printable(text: &str, have: &impl Fn(char) -> bool, unknown: &mut Vec<char>) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.replace("\r\n", "\n").chars() {
        match c {
            '\n' | '\r' | '\u{2028}' | '\u{2029}' => out.push('\n'),
            '\t' => out.push(' '),
            _ if never_prints(c) => {}
            _ if !c.is_control() && !is_private(c) && have(c) => out.push(c),
            _ => {
                out.push_str(&format!("〓U+{:04X}", u32::from(c)));
                if !unknown.contains(&c) {
                    unknown.push(c);
                }
            }
        }
    }
    out
}

/// Default_Ignorable_Code_Point of the Unicode Character Database, as far as it occurs in text.
fn never_prints(c: char) -> bool {
    matches!(
        c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFF8}' | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}'
    )
}

/// Private use means something else on every machine, and PDF/A-2a forbids it.
fn is_private(c: char) -> bool {
    matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{FFFFD}' | '\u{100000}'..='\u{10FFFD}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(text: &str, expected: &str, expected_unknown: &[char]) {
        let mut value = json!({ "a": [text] });
        // A font that has everything up to the Chinese characters of the basic plane, but no emoji.
        let unknown = make_printable(&mut value, |c| u32::from(c) < 0x1_0000);
        assert_eq!(value["a"][0], json!(expected), "{text:?}");
        assert_eq!(unknown, expected_unknown, "{text:?}");
    }

    #[test]
    fn text_becomes_printable() {
        check("plain", "plain", &[]);
        check("稻谷 0.10 µg", "稻谷 0.10 µg", &[]);
        check("a\r\nb\rc\nd\u{2028}e", "a\nb\nc\nd\ne", &[]);
        check("a\tb", "a b", &[]);
        check("\u{FEFF}a\u{200B}b\u{202E}c\u{FE0F}", "abc", &[]);
        check("𠮷野", "〓U+20BB7野", &['𠮷']);
        check("𠮷𠮷", "〓U+20BB7〓U+20BB7", &['𠮷']);
        check("a\u{0}b\u{7}", "a〓U+0000b〓U+0007", &['\u{0}', '\u{7}']);
        check("\u{E000}", "〓U+E000", &['\u{E000}']);
    }
}
