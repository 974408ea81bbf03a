//! What stands between the braces of a template: columns, cells, variables, headings, fields of records.

use regex::Regex;

use super::comparing::{regex_of_headings, squeeze};

/// A place that a template names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// `{Name}`, `{Name#2}` (second column of that name), `{Name?}` (may be absent), `{~^Conc}` (by a pattern).
    /// `whole`: `Name#2` as it is written, which may be a heading itself.
    Column { title: Title, nth: usize, optional: bool, part: Part, whole: Option<String> },
    /// `{#3}` from the left, `{#-1}` from the right.
    Cell(i32),
    /// `{#3@head}`, `{#3@head1}`: the heading of that column, counted from 0; the level as of `Head`.
    HeadOf(usize, usize),
    /// `{@name}`: found by a key, a section title, or built in.
    Variable(String),
    /// `{@head}`, `{@head1}`: text above the value's column; 0 is the last header row.
    Head(usize),
    /// `{@next}`, `{@next2}`, `{@prev}`: cells to the right and left of the value.
    Neighbour(i32),
    /// `{O.3}`, `{OBX.5.2}`: field and component of a record.
    Field { record: String, field: usize, component: Option<usize> },
}

/// How a column is called.
#[derive(Debug, Clone)]
pub enum Title {
    Name(String),
    Pattern(Regex),
}

/// What of a column is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Cell,
    /// `{Name@head}`: the heading itself, as `{@head}`.
    Head(usize),
    /// `{Name@next}`: the cell beside it.
    Neighbour(i32),
}

impl Title {
    /// Whether a heading, squeezed, is this one.
    pub fn fits(&self, heading: &str) -> bool {
        match self {
            Title::Name(name) => name == heading,
            Title::Pattern(pattern) => pattern.is_match(heading),
        }
    }

    /// For people.
    pub fn text(&self) -> &str {
        match self {
            Title::Name(name) => name,
            Title::Pattern(pattern) => pattern.as_str(),
        }
    }
}

impl PartialEq for Title {
    fn eq(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other) && self.text() == other.text()
    }
}

impl Eq for Title {}

impl Reference {
    /// It is a cell, or what was found in one; not a heading, nor what tells the place, nor the whole line.
    pub fn is_cell(&self) -> bool {
        const PLACES: &[&str] =
            &["file", "stem", "folder", "sheet", "section", "line", "cells", "row", "letter", "column"];
        match self {
            Reference::Column { part, .. } => !matches!(part, Part::Head(_)),
            Reference::Cell(_) | Reference::Neighbour(_) | Reference::Field { .. } => true,
            Reference::HeadOf(..) | Reference::Head(_) => false,
            Reference::Variable(name) => !PLACES.contains(&name.as_str()),
        }
    }

    /// `{#3}` or `{#3@head}`, without its sign; `None` where `ID#` or `#1 pump` is the name of a column.
    pub fn place(text: &str) -> Option<Result<Reference, String>> {
        let (number, word) = text.split_once('@').map_or((text, None), |(number, word)| (number, Some(word)));
        let number = number.parse::<i32>().ok()?;
        if number == 0 {
            return Some(Err("{#0}: cells are counted from 1, or from -1 at the right end".into()));
        }
        match (word, word.and_then(special)) {
            (None, _) => Some(Ok(Reference::Cell(number))),
            (Some(_), Some(Reference::Head(level))) if number > 0 => {
                Some(Ok(Reference::HeadOf(number as usize - 1, level)))
            }
            (Some(_), Some(Reference::Head(_))) => {
                Some(Err(format!("{{#{text}}}: headings are counted from the left, from 1")))
            }
            (Some(_), Some(Reference::Neighbour(steps))) => Some(Err(format!(
                "{{#{text}}}: the cell beside it has a number of its own: {{#{}}}",
                number.saturating_add(steps)
            ))),
            _ => None,
        }
    }

    /// A column as written: `Unit#2`, `Flag?`, `~^Conc`, `?~^Conc`, each with `@head`, `@head2`, `@next`, `@prev` behind it.
    pub fn column(text: &str) -> Result<Reference, String> {
        let beside = text.rsplit_once('@').and_then(|(name, word)| Some((name, special(word)?)));
        let (text, part) = match beside {
            Some((name, Reference::Head(level))) if !name.is_empty() => (name, Part::Head(level)),
            Some((name, Reference::Neighbour(steps))) if !name.is_empty() => (name, Part::Neighbour(steps)),
            _ => (text, Part::Cell),
        };
        if let Some(pattern) = text.strip_prefix("?~").or(text.strip_prefix('~')) {
            let title = Title::Pattern(regex_of_headings(pattern, "column")?);
            return Ok(Reference::Column { title, nth: 1, optional: text.starts_with('?'), part, whole: None });
        }
        let (text, optional) = match text.strip_suffix('?') {
            Some(rest) => (rest, true),
            None => (text, false),
        };
        let (name, nth, whole) = match text.rsplit_once('#').map(|(name, digits)| (name, digits.parse::<usize>())) {
            Some((name, Ok(nth))) if nth > 0 && !name.is_empty() => (name, nth, Some(squeeze(text))),
            _ => (text, 1, None),
        };
        Ok(Reference::Column { title: Title::Name(squeeze(name)), nth, optional, part, whole })
    }
}

/// `head` is 0, `head2` is 2; `next` is 1, `prev` is -1.
pub fn special(name: &str) -> Option<Reference> {
    let number = |rest: &str, alone: usize| match rest {
        "" => Some(alone),
        digits => digits.parse::<usize>().ok().filter(|number| (1..=MOST).contains(number)),
    };
    if let Some(rest) = name.strip_prefix("head") {
        return number(rest, 0).map(Reference::Head);
    }
    let (rest, sign) = match (name.strip_prefix("next"), name.strip_prefix("prev")) {
        (Some(rest), _) => (rest, 1),
        (_, Some(rest)) => (rest, -1),
        _ => return None,
    };
    number(rest, 1).map(|steps| Reference::Neighbour(sign * steps as i32))
}

/// No table has more columns or header rows.
const MOST: usize = 100_000;

pub fn field(text: &str) -> Option<Reference> {
    let mut parts = text.split('.');
    let record = parts.next().filter(|name| !name.is_empty())?.to_string();
    let field = match parts.next() {
        // VIDAS fields have a tag and no number.
        None => {
            return Some(Reference::Field { record, field: 0, component: None });
        }
        Some(number) => number.parse().ok()?,
    };
    let component = match parts.next() {
        None => None,
        // Components are counted from 1.
        Some(number) => Some(number.parse().ok().filter(|number| *number > 0)?),
    };
    parts.next().is_none().then_some(Reference::Field { record, field, component })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str, nth: usize, optional: bool, part: Part) -> Reference {
        let whole = (nth > 1).then(|| format!("{name}#{nth}"));
        Reference::Column { title: Title::Name(name.into()), nth, optional, part, whole }
    }

    #[test]
    fn columns_are_written_in_many_ways() {
        for (text, expected) in [
            ("Unit#2", named("Unit", 2, false, Part::Cell)),
            ("ID#", named("ID#", 1, false, Part::Cell)),
            ("Flag?", named("Flag", 1, true, Part::Cell)),
            ("Conc@head", named("Conc", 1, false, Part::Head(0))),
            ("Conc#2@next", named("Conc", 2, false, Part::Neighbour(1))),
            ("c@x", named("c@x", 1, false, Part::Cell)),
        ] {
            assert_eq!(Reference::column(text).unwrap(), expected, "{text}");
        }
        let Reference::Column { title, optional, part, .. } = Reference::column("?~^Conc.*@head2").unwrap() else {
            panic!("a column")
        };
        assert!(title.fits("Conc (mg/l)") && !title.fits("Mean Conc") && optional);
        assert_eq!(part, Part::Head(2));
        assert!(Reference::column("~(").unwrap_err().contains("regular expression"));
    }

    #[test]
    fn cells_and_headings_by_their_place() {
        for (text, expected) in [
            ("3", Reference::Cell(3)),
            ("-1", Reference::Cell(-1)),
            ("3@head", Reference::HeadOf(2, 0)),
            ("1@head2", Reference::HeadOf(0, 2)),
        ] {
            assert_eq!(Reference::place(text), Some(Ok(expected)), "{text}");
        }
        for name in ["1 pump", "", "3@x", "pump@head"] {
            assert_eq!(Reference::place(name), None, "{name}");
        }
        let refused = |text| Reference::place(text).unwrap().unwrap_err();
        assert!(refused("0").contains("from 1"));
        assert!(refused("-1@head").contains("from the left"));
        assert!(refused("3@next").contains("{#4}"), "{}", refused("3@next"));
    }

    #[test]
    fn built_in_places() {
        assert_eq!(special("head2"), Some(Reference::Head(2)));
        assert_eq!(special("prev2"), Some(Reference::Neighbour(-2)));
        assert_eq!(special("header"), None);
        assert_eq!(field("O.4.2"), Some(Reference::Field { record: "O".into(), field: 4, component: Some(2) }));
    }
}
