//! What stands at the places that a profile names in a VIDAS message: fields are called by their tags.

use std::borrow::Cow;

use super::expr::References;
use super::records::Variables;
use super::reference::Reference;
use crate::wire::vidas::Field;

/// The fields of one message.
pub struct Tagged<'a>(pub &'a [Field]);

impl<'a> Tagged<'a> {
    /// What a tag is followed by, wherever it stands. A field may be sent empty: then it says nothing.
    fn under<'t>(&self, tag: &'t str) -> impl Iterator<Item = &'a str> + use<'a, 't> {
        self.0.iter().filter(move |(known, text)| known == tag && !text.is_empty()).map(|(_, text)| text.as_str())
    }

    /// What the profile's references stand for.
    pub fn texts<'t>(&self, references: &References, variables: &'t Variables, line: &'t str) -> Vec<Cow<'t, str>>
    where
        'a: 't,
    {
        let text = |reference: &Reference| match reference {
            Reference::Field { record, .. } => Cow::Borrowed(self.under(record).next().unwrap_or_default()),
            Reference::Variable(name) if name == "line" => Cow::Borrowed(line),
            Reference::Variable(name) => Cow::Borrowed(variables.get(name)),
            _ => Cow::default(),
        };
        references.iter().map(text).collect()
    }

    /// A tag that the profile reads and that stands more than once. No document says how several results share a message, so
    /// nothing tells which quantity belongs to which test.
    pub fn again<'r>(&self, references: &'r References) -> Option<&'r str> {
        references.iter().find_map(|reference| match reference {
            Reference::Field { record, .. } => self.under(record).nth(1).map(|_| record.as_str()),
            _ => None,
        })
    }

    /// As one line, for people.
    pub fn raw(&self) -> String {
        self.0.iter().map(|(tag, text)| format!("{tag}{text}")).collect::<Vec<_>>().join("|")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::expr::ExprToml;

    fn again(fields: &[(&str, &str)]) -> Option<String> {
        let fields: Vec<Field> = fields.iter().map(|(tag, text)| (tag.to_string(), text.to_string())).collect();
        let mut references = References::for_records();
        ExprToml::Text("{rt} {qn}".into()).compile("e", &mut references).unwrap();
        Tagged(&fields).again(&references).map(String::from)
    }

    #[test]
    fn a_tag_that_is_read_stands_once() {
        assert_eq!(again(&[("rt", "LMX"), ("qn", "0.02")]), None);
        assert_eq!(again(&[("rt", "LMX"), ("qn", ""), ("qn", "0.02")]), None);
        assert_eq!(again(&[("rt", "LMX"), ("xx", "1"), ("xx", "2"), ("qn", "0.02")]), None);
        assert_eq!(again(&[("rt", "LMX"), ("qn", "0.02"), ("rt", "SLM"), ("qn", "2.31")]).as_deref(), Some("rt"));
        assert_eq!(again(&[("rt", "LMX"), ("qn", "0.02"), ("qn", "0.02")]).as_deref(), Some("qn"));
    }
}
