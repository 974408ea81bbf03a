//! `[[table]]`: where a table begins and ends, how its rows and columns are found, what its cells mean.

mod edge;
mod leaves;
mod unread;

pub use edge::Edge;
use regex::Regex;
use serde::Deserialize;

use super::choose::ChooseToml;
use super::comparing::{regex, squeeze};
use super::condition::{Condition, ConditionToml, ConditionsToml, OneOrMany};
use super::expr::{Expr, ExprToml, References};
use super::fields::{AppliedToml, Fields, FieldsToml};
use super::find::{Find, FindToml};
use super::numbers::TableNumbersToml;
use super::reference::{Reference, Title};
use crate::number::NumberRules;
use crate::trouble::{self, Reason};

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableToml {
    /// A source without this table is no trouble.
    #[serde(default)]
    optional: bool,
    #[serde(default)]
    section: SectionToml,
    header: Option<HeaderToml>,
    /// Cuts a line by named groups, which become columns.
    line: Option<String>,
    /// Every match within the line is a row of its own; its groups stand behind those of `line`.
    each: Option<String>,
    /// Columns are cut where a line of dashes and bars says.
    #[serde(default)]
    ruler: bool,
    /// Columns are cut at these characters, counted from 0, or where the words of the header begin.
    #[serde(default)]
    cut: CutToml,
    /// For `cut`: Chinese, Japanese and Korean characters take two places, as printers set them.
    #[serde(default)]
    wide: bool,
    /// Columns of each section are its rows: turned round before headers are looked for.
    #[serde(default)]
    transpose: bool,
    numbers: Option<TableNumbersToml>,
    #[serde(default)]
    find: Vec<FindToml>,
    #[serde(default)]
    skip: Vec<ConditionToml>,
    #[serde(default)]
    only: Vec<ConditionToml>,
    #[serde(default)]
    stop: Vec<ConditionToml>,
    #[serde(default)]
    trouble: Vec<TroubleToml>,
    /// A row for which one of these holds goes on with the row before.
    #[serde(default)]
    join_lines: Vec<ConditionToml>,
    /// A blank line ends the table.
    #[serde(default)]
    blank_ends: bool,
    columns: Option<ColumnsToml>,
    #[serde(default, rename = "let")]
    lets: Vec<LetToml>,
    store: Option<StoreToml>,
    /// The value holds several results, separated by this.
    split_values: Option<String>,
    /// What of such a part is the value; the whole part is `{@part}`.
    part_value: Option<String>,
    // The fields of an observation; serde's flatten and deny_unknown_fields do not go together.
    sample: Option<ExprToml>,
    analyte: Option<ExprToml>,
    value: Option<ExprToml>,
    unit: Option<ExprToml>,
    flag: Option<ExprToml>,
    role: Option<ExprToml>,
    completed_at: Option<ExprToml>,
    replicate: Option<ExprToml>,
    dilution: Option<ExprToml>,
    dilution_applied: Option<AppliedToml>,
    number: Option<ExprToml>,
    match_sample: Option<ExprToml>,
    match_analyte: Option<ExprToml>,
    value_pattern: Option<String>,
    #[serde(default)]
    reportable: Vec<ConditionToml>,
    choose: Option<ChooseToml>,
    #[serde(default)]
    empty: super::fields::Empty,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "a list of characters, counted from 0, or \"header\"")]
enum CutToml {
    At(Vec<usize>),
    By(CutBy),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum CutBy {
    Header,
}

impl Default for CutToml {
    fn default() -> Self {
        CutToml::At(Vec::new())
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct SectionToml {
    /// All of these hold on the line that opens a section. Named groups become variables.
    #[serde(default)]
    start: Vec<ConditionToml>,
    #[serde(default)]
    end: Vec<ConditionToml>,
    /// The opening line is also a row.
    #[serde(default)]
    include_start: bool,
    /// The header of the section before stays in force.
    #[serde(default)]
    keep_header: bool,
    /// Sections are separated by blank lines; the first line of each is a row. With `start`, only those count whose first
    /// line fits.
    #[serde(default)]
    blocks: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct HeaderToml {
    /// Further names that the header must hold.
    #[serde(default)]
    names: Vec<String>,
    #[serde(default = "one")]
    rows: usize,
    /// Titles of upper rows span the columns to their right.
    #[serde(default)]
    fill: bool,
    /// Empty cells of lower rows take the title above them (cells merged downwards).
    #[serde(default)]
    down: bool,
    /// The source has no header: these are its columns.
    #[serde(default)]
    given: Vec<String>,
    /// A later row that is a header again replaces this one.
    #[serde(default)]
    repeat: bool,
    /// With `repeat`: it stands again on every page, and what is carried down goes on behind it.
    #[serde(default)]
    pages: bool,
    /// All of these hold on the first header row.
    #[serde(default)]
    matches: Vec<ConditionToml>,
}

fn one() -> usize {
    1
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnsToml {
    /// First and last column, by name or `#number`, or the first of several names that is there; both belong.
    from: Option<OneOrMany>,
    to: Option<OneOrMany>,
    /// As `from` and `to`, but the named columns do not belong.
    after: Option<OneOrMany>,
    before: Option<OneOrMany>,
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    except: Vec<String>,
    /// All of these hold for the column's header texts (`{@head}`, `{@head1}`, …).
    #[serde(default, rename = "where")]
    conditions: Vec<ConditionToml>,
    /// Of the columns that fit, every so many-th from the first one.
    every: Option<usize>,
    /// Cells for which one of these holds are not read.
    #[serde(default)]
    skip: Vec<ConditionToml>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct LetToml {
    name: String,
    is: ExprToml,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoreToml {
    name: String,
    key: ExprToml,
    value: ExprToml,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct TroubleToml {
    when: ConditionsToml,
    say: String,
    /// The same in Chinese.
    say_zh: Option<String>,
}

/// Compiled.
#[derive(Debug, Clone)]
pub struct Table {
    pub optional: bool,
    pub section_start: Vec<Condition>,
    pub section_end: Vec<Condition>,
    pub include_start: bool,
    pub keep_header: bool,
    pub blocks: bool,
    pub header: Option<HeaderRules>,
    pub line: Option<Regex>,
    pub each: Option<Regex>,
    pub ruler: bool,
    pub cut: Vec<usize>,
    pub cut_by_header: bool,
    pub wide: bool,
    pub transpose: bool,
    /// The first whose conditions hold; the source's own rules when none does.
    pub numbers: Vec<(Vec<Condition>, NumberRules)>,
    pub finds: Vec<Find>,
    pub skip: Vec<Condition>,
    pub only: Vec<Condition>,
    pub stop: Vec<Condition>,
    pub troubles: Vec<(Vec<Condition>, Reason)>,
    pub join_lines: Vec<Condition>,
    pub blank_ends: bool,
    pub columns: Option<Columns>,
    pub lets: Vec<(String, Expr)>,
    pub store: Option<(String, Expr, Expr)>,
    pub split_values: Option<String>,
    pub part_value: Option<Regex>,
    pub fields: Option<Fields>,
    pub references: References,
    groups: Vec<String>,
}

#[derive(Debug, Clone, Default)]
pub struct HeaderRules {
    pub names: Vec<String>,
    pub rows: usize,
    pub fill: bool,
    pub down: bool,
    pub given: Vec<String>,
    pub repeat: bool,
    pub pages: bool,
    pub matches: Vec<Condition>,
}

#[derive(Debug, Clone)]
pub struct Columns {
    pub from: Vec<Edge>,
    pub to: Vec<Edge>,
    pub after: Vec<Edge>,
    pub before: Vec<Edge>,
    pub names: Vec<String>,
    pub except: Vec<String>,
    pub conditions: Vec<Condition>,
    pub every: usize,
    pub skip: Vec<Condition>,
}

/// More rows of headings than this are no header.
const MOST_HEADER_ROWS: usize = 5;

/// Variables that are there without being declared; `Here::built_in` and the reader of the source give them.
const BUILT_IN: &[&str] =
    &["file", "stem", "folder", "sheet", "line", "cells", "cell", "row", "letter", "column", "part", "section"];

impl TableToml {
    /// `key`: name of this table for error texts, `table 1`.
    pub fn compile(&self, key: &str, numbers: &NumberRules) -> Result<Table, String> {
        self.check_keys(key)?;
        let mut references = References::default();
        let numbers = match &self.numbers {
            Some(own) => own.compile(&format!("{key}.numbers"), numbers, &mut references)?,
            None => Vec::new(),
        };
        let wide = self.columns.is_some();
        let fields = self.fields();
        let fields = match &self.store {
            None => Some(fields.compile(key, &mut references, wide.then_some("{@cell}"))?),
            Some(_) => None,
        };
        let mut conditions = |list: &[ConditionToml], name: &str| {
            ConditionToml::compile_all(list, &format!("{key}.{name}"), &mut references)
        };
        let section_start = conditions(&self.section.start, "section.start")?;
        let section_end = conditions(&self.section.end, "section.end")?;
        let skip = conditions(&self.skip, "skip")?;
        let only = conditions(&self.only, "only")?;
        let stop = conditions(&self.stop, "stop")?;
        let join_lines = conditions(&self.join_lines, "join_lines")?;
        let header_matches =
            self.header.as_ref().map_or(Ok(Vec::new()), |header| conditions(&header.matches, "header.matches"))?;
        let edges = |edge: &Option<OneOrMany>| Edge::compile_all(edge.as_ref(), &format!("{key}.columns"));
        let columns = match &self.columns {
            Some(columns) => Some(Columns {
                from: edges(&columns.from)?,
                to: edges(&columns.to)?,
                after: edges(&columns.after)?,
                before: edges(&columns.before)?,
                names: columns.names.iter().map(|name| squeeze(name)).collect(),
                except: columns.except.iter().map(|name| squeeze(name)).collect(),
                conditions: conditions(&columns.conditions, "columns.where")?,
                every: columns.every.unwrap_or(1),
                skip: conditions(&columns.skip, "columns.skip")?,
            }),
            None => None,
        };
        let mut lets = Vec::new();
        for one in &self.lets {
            lets.push((one.name.clone(), one.is.compile(&format!("{key}.let {}", one.name), &mut references)?));
        }
        let mut troubles = Vec::new();
        for one in &self.trouble {
            let said_zh = one.say_zh.as_ref().unwrap_or(&one.say);
            let reason = trouble::SAID_BY_PROFILE.with("said", &one.say).with("said_zh", said_zh);
            troubles.push((one.when.compile(&format!("{key}.trouble.when"), &mut references)?, reason));
        }
        let store = match &self.store {
            Some(store) => Some((
                store.name.clone(),
                store.key.compile(&format!("{key}.store.key"), &mut references)?,
                store.value.compile(&format!("{key}.store.value"), &mut references)?,
            )),
            None => None,
        };
        let line = self.line.as_deref().map(|text| regex(text, &format!("{key}.line"))).transpose()?;
        let each = self.each.as_deref().map(|text| regex(text, &format!("{key}.each"))).transpose()?;
        if each.is_some() && line.is_none() {
            return Err(format!("{key}.each: needs line, which reads the head of the line"));
        }
        if self.find.iter().any(FindToml::names_sheet) {
            return Err(format!("{key}.find.sheet: belongs to a [[find]] outside of the tables"));
        }
        let names = |pattern: &Option<Regex>| -> Vec<String> {
            pattern.iter().flat_map(|p| p.capture_names().flatten()).map(String::from).collect()
        };
        let groups: Vec<String> = names(&line).into_iter().chain(names(&each)).collect();
        // Naming a column or a heading is asking for a header, unless the line's own groups are the columns.
        let by_name = references.iter().any(|reference| match reference {
            Reference::Column { .. } | Reference::HeadOf(..) => true,
            Reference::Head(_) => wide,
            _ => false,
        }) || columns.as_ref().is_some_and(Columns::has_named_edge);
        let groups_are_columns = line.is_some() && !self.transpose;
        let header = match (&self.header, by_name && !groups_are_columns) {
            (Some(header), _) => Some(HeaderRules {
                names: header.names.iter().map(|name| squeeze(name)).collect(),
                rows: header.rows,
                fill: header.fill,
                down: header.down,
                given: header.given.clone(),
                repeat: header.repeat,
                pages: header.pages,
                matches: header_matches,
            }),
            (None, true) => Some(HeaderRules { rows: 1, ..HeaderRules::default() }),
            (None, false) => None,
        };
        if header.is_none() {
            self.check_unnamed(key)?;
        }
        let (cut, cut_by_header) = match &self.cut {
            CutToml::At(places) => (places.clone(), false),
            CutToml::By(CutBy::Header) => (Vec::new(), true),
        };
        if cut_by_header && !header.as_ref().is_some_and(|header| header.rows == 1 && header.given.is_empty()) {
            return Err(format!("{key}.cut: 'header' needs a header of one row; name columns by their headings"));
        }
        if groups_are_columns {
            for reference in references.iter() {
                if let Reference::Column { title: Title::Name(name), optional: false, .. } = reference
                    && !groups.contains(name)
                {
                    return Err(format!(
                        "{key}: '{{{name}}}' is no group of line or each; the groups are {}",
                        groups.join(", ")
                    ));
                }
            }
        }
        Ok(Table {
            optional: self.optional,
            section_start,
            section_end,
            include_start: self.section.include_start,
            keep_header: self.section.keep_header,
            blocks: self.section.blocks,
            header,
            line,
            each,
            ruler: self.ruler,
            cut,
            cut_by_header,
            wide: self.wide,
            transpose: self.transpose,
            numbers,
            finds: self
                .find
                .iter()
                .enumerate()
                .map(|(i, find)| find.compile(&format!("{key}.find {}", i + 1)))
                .collect::<Result<_, _>>()?,
            skip,
            only,
            stop,
            troubles,
            join_lines,
            blank_ends: self.blank_ends,
            columns,
            lets,
            store,
            split_values: self.split_values.clone().filter(|mark| !mark.is_empty()),
            part_value: self.part_value.as_deref().map(|text| regex(text, &format!("{key}.part_value"))).transpose()?,
            fields,
            references,
            groups,
        })
    }

    fn fields(&self) -> FieldsToml {
        FieldsToml {
            sample: self.sample.clone(),
            analyte: self.analyte.clone(),
            value: self.value.clone(),
            unit: self.unit.clone(),
            flag: self.flag.clone(),
            role: self.role.clone(),
            completed_at: self.completed_at.clone(),
            replicate: self.replicate.clone(),
            dilution: self.dilution.clone(),
            dilution_applied: self.dilution_applied.clone(),
            number: self.number.clone(),
            match_sample: self.match_sample.clone(),
            match_analyte: self.match_analyte.clone(),
            value_pattern: self.value_pattern.clone(),
            reportable: self.reportable.clone(),
            choose: self.choose.clone(),
            empty: self.empty,
        }
    }
}

impl Table {
    /// Where a named group of `line` and `each` stands in the cut row.
    pub fn group(&self, name: &str) -> Option<usize> {
        self.groups.iter().position(|group| group == name)
    }

    /// What its expressions name and nobody gives: variables that neither the language, the source (`finds`) nor the table
    /// itself has, tables that none of `stored` keeps.
    pub fn check_names(&self, key: &str, finds: &[Find], stored: &[&str]) -> Result<(), String> {
        let own = self.finds.iter().chain(finds).map(|find| find.name.as_str());
        let lets = self.lets.iter().map(|(name, _)| name.as_str());
        let groups = self.section_start.iter().flat_map(Condition::groups);
        let known: Vec<&str> = own.chain(lets).chain(groups).collect();
        for reference in self.references.iter() {
            if let Reference::Variable(name) = reference
                && !known.contains(&name.as_str())
                && !BUILT_IN.contains(&name.as_str())
            {
                return Err(format!(
                    "{key}: no find, let or group of section.start is called '{name}'; known are {}",
                    known.iter().chain(BUILT_IN).map(|name| format!("@{name}")).collect::<Vec<_>>().join(", ")
                ));
            }
        }
        match self.references.lookups().iter().find(|name| !stored.contains(&name.as_str())) {
            Some(name) if stored.is_empty() => {
                Err(format!("{key}: lookup '{name}': no table of this profile has store"))
            }
            Some(name) => {
                Err(format!("{key}: lookup '{name}': no table stores that; stored are {}", stored.join(", ")))
            }
            None => Ok(()),
        }
    }

    /// Expressions whose columns a header must hold.
    pub fn needed(&self) -> impl Iterator<Item = &Expr> {
        let fields = self.fields.iter().flat_map(|fields| {
            let optional = [&fields.role, &fields.completed_at, &fields.replicate, &fields.dilution, &fields.number];
            [&fields.sample, &fields.analyte, &fields.value, &fields.unit, &fields.flag]
                .into_iter()
                .filter(|expr| !expr.is_nothing())
                .chain(optional.into_iter().flatten())
        });
        let store = self.store.iter().flat_map(|(_, key, value)| [key, value]);
        fields.chain(store).chain(self.lets.iter().map(|(_, expr)| expr))
    }
}
