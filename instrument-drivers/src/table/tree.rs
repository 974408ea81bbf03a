//! JSON and XML exports as rows: one row per element of a path, its own leaves and those of its ancestors as columns.
//!
//! With `rows = "Run.Sample.Result"` the leaves of Result are columns under their plain names (`Value`, `Unit.Code`),
//! those of the elements above under `Sample.Id`, `Run.Date`. XML attributes are leaves like others. Numbers of JSON are
//! kept as they are written.

use std::collections::BTreeMap;

use csv::StringRecord;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde_json::value::RawValue;

use super::rows::{Grid, Place, Row};

/// An element or member.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Node {
    pub name: String,
    pub text: String,
    pub children: Vec<Node>,
}

/// Deeper nesting than this is damage (or an attack), not an export.
const MAX_DEPTH: usize = 64;

/// Members become children; every element of a list becomes a child with the list's name. The root is called `$`.
pub fn from_json(text: &str) -> Result<Node, String> {
    let mut root = Node { name: "$".into(), ..Node::default() };
    let raw: &RawValue = serde_json::from_str(text).map_err(|error| format!("this is no JSON: {error}"))?;
    add_json(&mut root, "$", raw.get(), 0)?;
    Ok(root)
}

fn add_json(into: &mut Node, name: &str, raw: &str, depth: usize) -> Result<(), String> {
    if depth > MAX_DEPTH {
        return Err(format!("the JSON is nested deeper than {MAX_DEPTH}"));
    }
    let failed = |error: serde_json::Error| format!("this is no JSON: {error}");
    match raw.as_bytes().first() {
        Some(b'{') => {
            // Order does not matter: columns are found by name.
            let members: BTreeMap<String, &RawValue> = serde_json::from_str(raw).map_err(failed)?;
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
            let elements: Vec<&RawValue> = serde_json::from_str(raw).map_err(failed)?;
            // The elements of a list at the top are called `item`.
            let name = if depth == 0 { "item" } else { name };
            for element in elements {
                add_json(into, name, element.get(), depth + 1)?;
            }
        }
        Some(b'"') => {
            let text: String = serde_json::from_str(raw).map_err(failed)?;
            into.children.push(Node { name: name.into(), text, children: Vec::new() });
        }
        Some(b'n') => into.children.push(Node { name: name.into(), ..Node::default() }),
        // Numbers stay as written: no binary floating point comes near them.
        _ => into.children.push(Node { name: name.into(), text: raw.to_string(), children: Vec::new() }),
    }
    Ok(())
}

/// Elements with their attributes as children. Prefixes of names are dropped.
pub fn from_xml(text: &str) -> Result<Node, String> {
    let mut reader = Reader::from_str(text);
    let mut stack = vec![Node { name: "$".into(), ..Node::default() }];
    loop {
        let event = reader
            .read_event()
            .map_err(|error| format!("this is no XML: {error} at byte {}", reader.error_position()))?;
        match event {
            Event::Start(start) => {
                if stack.len() > MAX_DEPTH {
                    return Err(format!("the XML is nested deeper than {MAX_DEPTH}"));
                }
                stack.push(element(&start)?);
            }
            Event::Empty(start) => {
                let node = element(&start)?;
                last(&mut stack).children.push(node);
            }
            Event::Text(text) => {
                last(&mut stack).text.push_str(&text);
            }
            Event::GeneralRef(reference) => {
                let character = reference.resolve_char_ref().map_err(|error| error.to_string())?;
                let resolved = match (character, &*reference) {
                    (Some(character), _) => character.to_string(),
                    (None, name) => quick_xml::escape::resolve_predefined_entity(name).unwrap_or_default().to_string(),
                };
                last(&mut stack).text.push_str(&resolved);
            }
            Event::CData(data) => {
                last(&mut stack).text.push_str(&data);
            }
            Event::End(_) => {
                let mut node = stack.pop().unwrap_or_default();
                node.text = node.text.trim().to_string();
                if stack.is_empty() {
                    return Err("this is no XML: an end tag too many".into());
                }
                last(&mut stack).children.push(node);
            }
            Event::Eof => break,
            _ => {}
        }
    }
    match stack.len() {
        1 => Ok(stack.remove(0)),
        _ => Err("this is no XML: it ends inside an element".into()),
    }
}

fn last(stack: &mut [Node]) -> &mut Node {
    let at = stack.len() - 1;
    &mut stack[at]
}

fn element(start: &BytesStart<'_>) -> Result<Node, String> {
    let mut node = Node { name: start.local_name().as_ref().to_string(), ..Node::default() };
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| format!("this is no XML: {error}"))?;
        let text = quick_xml::escape::unescape(&attribute.value).map_err(|error| error.to_string())?.into_owned();
        node.children.push(Node { name: attribute.key.local_name().as_ref().to_string(), text, children: Vec::new() });
    }
    Ok(node)
}

/// The rows of a path, with the column names as first row. Row 1 is the first element.
pub fn rows(root: &Node, path: &str) -> Grid {
    let steps: Vec<&str> = path.split('.').filter(|step| !step.is_empty() && *step != "$").collect();
    let mut found = Vec::new();
    walk(root, &steps, &mut Vec::new(), &mut found);
    let mut names: Vec<String> = Vec::new();
    for columns in &found {
        for (name, _) in columns {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
    }
    let mut rows = vec![Row { number: 0, cells: StringRecord::from(names.clone()) }];
    for (index, columns) in found.iter().enumerate() {
        let cells: Vec<&str> = names
            .iter()
            .map(|name| columns.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value))
            .collect();
        rows.push(Row { number: index + 1, cells: StringRecord::from(cells) });
    }
    Grid { name: String::new(), place: Place::Record, rows }
}

type Columns = Vec<(String, String)>;

fn walk(node: &Node, steps: &[&str], above: &mut Columns, found: &mut Vec<Columns>) {
    let Some((step, rest)) = steps.split_first() else {
        let mut columns = Columns::new();
        if !node.text.is_empty() {
            columns.push(("text".into(), node.text.clone()));
        }
        leaves(node, "", None, &mut columns);
        columns.extend(above.iter().cloned());
        found.push(columns);
        return;
    };
    let before = above.len();
    let prefix = format!("{}.", node.name);
    leaves(node, &prefix, Some(step), above);
    for child in node.children.iter().filter(|child| child.name == *step) {
        walk(child, rest, above, found);
    }
    above.truncate(before);
}

/// Texts below a node, except in the child that the path goes on into.
fn leaves(node: &Node, prefix: &str, except: Option<&str>, columns: &mut Columns) {
    for child in node.children.iter().filter(|child| Some(child.name.as_str()) != except) {
        let name = format!("{prefix}{}", child.name);
        if !child.text.is_empty() || child.children.is_empty() {
            columns.push((name.clone(), child.text.clone()));
        }
        leaves(child, &format!("{name}."), None, columns);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(root: &Node, path: &str) -> Vec<Vec<String>> {
        rows(root, path).rows.iter().map(|row| row.cells.iter().map(String::from).collect()).collect()
    }

    #[test]
    fn json_keeps_numbers_as_written() {
        let json = r#"{"run": "7", "samples": [{"id": "A", "results": [{"test": "Pb", "value": 0.10}, {"test": "Cd", "value": 1E2}]}]}"#;
        let root = from_json(json).unwrap();
        assert_eq!(
            table(&root, "samples.results"),
            [vec!["test", "value", "$.run", "samples.id"], vec!["Pb", "0.10", "7", "A"], vec!["Cd", "1E2", "7", "A"]]
        );
    }

    #[test]
    fn a_json_list_at_the_top() {
        let root = from_json(r#"[{"a": "1"}, {"a": "2", "b": true}]"#).unwrap();
        assert_eq!(table(&root, "item"), [vec!["a", "b"], vec!["1", ""], vec!["2", "true"]]);
    }

    #[test]
    fn xml_attributes_are_leaves() {
        let xml = r#"<?xml version="1.0"?><r:Run date="2026-03-10"><Sample id="A"><Result name="Pb"><Value unit="mg/kg">0.10</Value></Result><Result name="Cd"><Value unit="mg/kg">&lt;0.01</Value></Result></Sample></r:Run>"#;
        let root = from_xml(xml).unwrap();
        assert_eq!(
            table(&root, "Run.Sample.Result"),
            [
                vec!["name", "Value", "Value.unit", "Run.date", "Sample.id"],
                vec!["Pb", "0.10", "mg/kg", "2026-03-10", "A"],
                vec!["Cd", "<0.01", "mg/kg", "2026-03-10", "A"]
            ]
        );
    }

    #[test]
    fn damage_is_told() {
        assert!(from_json("{\"a\": ").is_err());
        assert!(from_xml("<a><b></a>").is_err());
        assert!(from_xml("<a>").is_err());
        assert!(from_json(&("[".repeat(100) + &"]".repeat(100))).is_err());
    }
}
