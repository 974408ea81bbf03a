//! JSON as a tree, its members in the order of the source and its numbers as they are written.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::node::{MAX_DEPTH, Node};
use crate::trouble::{self, Reason};

/// Members become children; every element of a list becomes a child with the list's name. The root is called `$`.
pub fn from_json(text: &str) -> Result<Node, Reason> {
    let mut root = Node { name: "$".into(), ..Node::default() };
    let text = &quoted_words(text);
    let documents = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    let documents: Vec<&RawValue> = documents.collect::<Result<_, _>>().map_err(no_json)?;
    match &documents[..] {
        [] => return Err(Reason::from(&trouble::JSON_EMPTY)),
        [one] => add_json(&mut root, "$", one.get(), 0)?,
        // One document per line, as loggers write: a list at the top.
        lines => {
            for line in lines {
                add_json(&mut root, "item", line.get(), 1)?;
            }
        }
    }
    Ok(root)
}

/// `NaN` and `Infinity`, which are no JSON and written all the same, as texts. What stands in quotation marks stays.
fn quoted_words(text: &str) -> Cow<'_, str> {
    let word = |rest: &str| ["NaN", "-Infinity", "Infinity", "-NaN"].into_iter().find(|word| rest.starts_with(word));
    if !text.contains("NaN") && !text.contains("Infinity") {
        return Cow::Borrowed(text);
    }
    let mut written = String::with_capacity(text.len() + 64);
    let (mut quoted, mut from, mut at) = (false, 0, 0);
    while let Some(byte) = text.as_bytes().get(at) {
        match (quoted, byte) {
            (true, b'\\') => at += 1,
            (_, b'"') => quoted = !quoted,
            (false, b'N' | b'I' | b'-') => {
                if let Some(word) = word(&text[at..]) {
                    written.extend([&text[from..at], "\"", word, "\""]);
                    from = at + word.len();
                    at = from - 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
    written.push_str(&text[from..]);
    Cow::Owned(written)
}

/// The members of an object in their order.
struct Members<'j>(Vec<(String, &'j RawValue)>);

impl<'j> Deserialize<'j> for Members<'j> {
    fn deserialize<D: Deserializer<'j>>(from: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'j> Visitor<'j> for InOrder {
            type Value = Members<'j>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object")
            }

            fn visit_map<A: MapAccess<'j>>(self, mut map: A) -> Result<Members<'j>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        from.deserialize_map(InOrder)
    }
}

fn no_json(error: serde_json::Error) -> Reason {
    trouble::NO_JSON.with("why", error.to_string())
}

fn add_json(into: &mut Node, name: &str, raw: &str, depth: usize) -> Result<(), Reason> {
    if depth > MAX_DEPTH {
        return Err(trouble::JSON_TOO_DEEP.with("most", MAX_DEPTH.to_string()));
    }
    match raw.as_bytes().first() {
        Some(b'{') => {
            // Rows stand in the order of the source.
            let Members(members) = serde_json::from_str(raw).map_err(no_json)?;
            let mut node = Node { name: name.into(), ..Node::default() };
            for (key, value) in members {
                add_json(&mut node, &key, value.get(), depth + 1)?;
            }
            if depth == 0 {
                into.children = node.children;
            } else {
                into.children.push(node);
            }
        }
        Some(b'[') => {
            let elements: Vec<&RawValue> = serde_json::from_str(raw).map_err(no_json)?;
            // The elements of a list at the top, and of a list within a list, are called `item`.
            let name = if depth == 0 { "item" } else { name };
            for element in elements {
                if element.get().starts_with('[') {
                    let mut list = Node { name: name.into(), ..Node::default() };
                    add_json(&mut list, "item", element.get(), depth + 1)?;
                    into.children.push(list);
                } else {
                    add_json(into, name, element.get(), depth + 1)?;
                }
            }
        }
        Some(b'"') => {
            let text: String = serde_json::from_str(raw).map_err(no_json)?;
            into.children.push(Node::plain(name, text));
        }
        Some(b'n') => into.children.push(Node::plain(name, String::new())),
        // Numbers stay as written: no binary floating point comes near them.
        _ => into.children.push(Node::plain(name, raw.to_string())),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(json: &str) -> Vec<(String, String)> {
        from_json(json).unwrap().children.into_iter().map(|node| (node.name, node.text)).collect()
    }

    #[test]
    fn words_that_are_no_json_are_texts() {
        let json = r#"{"a": NaN, "b": "NaN -Infinity \" NaN", "c": -Infinity, "d": [Infinity, -1]}"#;
        let expected =
            [("a", "NaN"), ("b", "NaN -Infinity \" NaN"), ("c", "-Infinity"), ("d", "Infinity"), ("d", "-1")];
        assert_eq!(leaves(json), expected.map(|(name, text)| (name.to_string(), text.to_string())));
        assert!(from_json("{\"a\": NaNa}").is_err());
    }

    #[test]
    fn members_keep_their_order() {
        let names: Vec<String> =
            leaves(r#"{"S2": 1, "S10": 2, "A": 3, "S2": 4}"#).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["S2", "S10", "A", "S2"]);
    }
}
