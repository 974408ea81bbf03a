//! The two languages of the product. Every sentence stands in `assets/locales/{zh-CN,en}/*.ftl` under the same key; a
//! guard test compares the keys.

use crate::domain::clock::Moment;
use crate::domain::refusal::{Fact, Reason};
use crate::web::texts;

/// A language of the pages.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Language {
    #[default]
    Chinese,
    English,
}

impl Language {
    pub const ALL: &[Language] = &[Self::Chinese, Self::English];

    pub fn code(self) -> &'static str {
        match self {
            Self::Chinese => "zh-CN",
            Self::English => "en",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        match code {
            "zh-CN" | "zh" => Some(Self::Chinese),
            "en" => Some(Self::English),
            _ => None,
        }
    }

    /// The first language of an `Accept-Language` header that is offered.
    pub fn from_accept(header: &str) -> Option<Self> {
        header.split(',').find_map(|part| {
            let tag = part.split(';').next()?.trim();
            Self::parse(tag.split('-').next()?)
        })
    }

    /// The text of a key; the key itself when it is missing, so that nothing is hidden.
    pub fn text(self, key: &str) -> String {
        texts::of(self).text(key, None).unwrap_or_else(|| key.to_owned())
    }

    /// The one of two texts that is in this language: names that data carries in both.
    pub fn pick<'a>(self, chinese: &'a str, english: &'a str) -> &'a str {
        match self {
            Self::English if !english.is_empty() => english,
            Self::English | Self::Chinese => chinese,
        }
    }

    /// Whether a key has a text.
    pub fn knows(self, key: &str) -> bool {
        texts::of(self).knows(key)
    }

    /// A fact as it stands in a sentence.
    pub fn said(self, fact: &Fact) -> String {
        match fact {
            Fact::Text(text) => text.clone(),
            Fact::Word(key) => self.text(key),
            Fact::Sentence(key, facts) => self.text_with(key, facts),
            Fact::Named { zh, en } => match self {
                Self::English if !en.is_empty() => en.clone(),
                Self::English | Self::Chinese => zh.clone(),
            },
        }
    }

    /// The text of a key with facts.
    pub fn text_with(self, key: &str, facts: &[(&'static str, Fact)]) -> String {
        let facts = facts.iter().map(|(name, fact)| (*name, texts::inserted(self.said(fact)))).collect();
        texts::of(self).text(key, Some(&facts)).unwrap_or_else(|| key.to_owned())
    }

    /// What a stored code says, behind a colon what it is about: the text of `<list>-<code>`, which names that as `$about`; a
    /// time is said as on the pages. What has no such text stands as it is.
    pub fn coded(self, list: &str, stored: &str) -> String {
        let (code, about) = stored.split_once(':').unwrap_or((stored, ""));
        let key = format!("{list}-{code}");
        if !self.knows(&key) {
            return stored.to_owned();
        }
        let about = Moment::parse_rfc3339(about).map_or_else(|| about.to_owned(), |at| at.to_string());
        self.text_with(&key, &[("about", about.into())])
    }

    /// The sentence of a reason: `problem-<code>`.
    pub fn sentence(self, reason: &Reason) -> String {
        self.text_with(&format!("problem-{}", reason.problem.code), &reason.facts)
    }

    /// What to do about it: `problem-<code>-advice`, where there is advice.
    pub fn advice(self, reason: &Reason) -> Option<String> {
        let key = format!("problem-{}-advice", reason.problem.code);
        self.knows(&key).then(|| self.text_with(&key, &reason.facts))
    }
}

impl From<Language> for crate::pdf::documents::Language {
    fn from(language: Language) -> Self {
        match language {
            Language::Chinese => Self::Zh,
            Language::English => Self::En,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_said_in_the_language_of_the_sentence() {
        let (cadmium, nameless) = (Fact::named("镉", "Cadmium"), Fact::named("未译项目", ""));
        assert_eq!(
            (Language::English.said(&cadmium), Language::Chinese.said(&cadmium)),
            ("Cadmium".into(), "镉".into())
        );
        assert_eq!(Language::English.said(&nameless), "未译项目");
    }

    #[test]
    fn the_header_of_a_browser_is_understood() {
        assert_eq!(Language::from_accept("en-GB,en;q=0.9,zh-CN;q=0.8"), Some(Language::English));
        assert_eq!(Language::from_accept("fr, zh-TW;q=0.5"), Some(Language::Chinese));
        assert_eq!(Language::from_accept("fr"), None);
    }
}
