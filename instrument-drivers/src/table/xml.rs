//! XML as a tree.

use std::fmt::Display;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::node::{MAX_DEPTH, Node};
use crate::trouble::{self, Reason};

/// Elements with their attributes as children. Prefixes of names are dropped.
pub fn from_xml(text: &str) -> Result<Node, Reason> {
    let mut reader = Reader::from_str(text);
    let mut stack = vec![Node { name: "$".into(), ..Node::default() }];
    loop {
        let event = reader
            .read_event()
            .map_err(|error| trouble::NO_XML.with("why", format!("{error} at byte {}", reader.error_position())))?;
        match event {
            Event::Start(start) => {
                if stack.len() > MAX_DEPTH {
                    return Err(trouble::XML_TOO_DEEP.with("most", MAX_DEPTH.to_string()));
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
                let character = reference.resolve_char_ref().map_err(not_read)?;
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
                    return Err(Reason::from(&trouble::XML_CLOSED_TOO_OFTEN));
                }
                last(&mut stack).children.push(node);
            }
            Event::Eof => break,
            _ => {}
        }
    }
    match stack.len() {
        1 => Ok(stack.remove(0)),
        _ => Err(Reason::from(&trouble::XML_NOT_CLOSED)),
    }
}

fn not_read(error: impl Display) -> Reason {
    trouble::NOT_READ.with("why", error.to_string())
}

fn last(stack: &mut [Node]) -> &mut Node {
    let at = stack.len() - 1;
    &mut stack[at]
}

fn element(start: &BytesStart<'_>) -> Result<Node, Reason> {
    let mut node = Node { name: start.local_name().as_ref().to_string(), ..Node::default() };
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| trouble::NO_XML.with("why", error.to_string()))?;
        let text = quick_xml::escape::unescape(&attribute.value).map_err(not_read)?.into_owned();
        node.children.push(Node::plain(attribute.key.local_name().as_ref(), text));
    }
    Ok(node)
}
