//! Keys of a table that would be passed over where they stand, or say what cannot be: told when the profile is loaded.

use super::{CutToml, MOST_HEADER_ROWS, TableToml};
use crate::profile::condition::OneOrMany;
use crate::profile::find::FindToml;

impl TableToml {
    /// `key`: name of this table for error texts, `table 1`.
    pub(super) fn check_keys(&self, key: &str) -> Result<(), String> {
        let no = |name: &str, reason: &str| Err(format!("{key}.{name}: {reason}"));
        let places = match &self.cut {
            CutToml::At(places) => Some(places),
            CutToml::By(_) => None,
        };
        let cut = places.is_none_or(|places| !places.is_empty());
        let cuttings = [("line", self.line.is_some()), ("ruler", self.ruler), ("cut", cut)];
        let given: Vec<&str> = cuttings.into_iter().filter(|(_, given)| *given).map(|(name, _)| name).collect();
        if let [first, second, ..] = given[..] {
            return no(second, &format!("{first} says already how lines are cut; give one of them"));
        }
        if places.is_some_and(|places| places.windows(2).any(|two| two[0] >= two[1])) {
            return no("cut", "the characters at which columns begin must ascend");
        }
        if self.wide && !cut && !self.ruler {
            return no("wide", "belongs to cut or ruler, whose characters it counts");
        }
        let sections = !self.section.start.is_empty() || self.section.blocks;
        if self.section.include_start && self.section.start.is_empty() {
            return no("section.include_start", "needs start, whose line it makes a row");
        }
        if self.section.keep_header && !sections {
            return no(
                "section.keep_header",
                "needs start or blocks, from one of which to the next the header is kept",
            );
        }
        if self.find.iter().any(FindToml::stands_before) && !sections {
            return no("find.before_section", "needs section.start or section.blocks, before which the value stands");
        }
        self.check_header(key)?;
        self.check_columns(key)?;
        match self.unread_by_store() {
            Some(name) if self.store.is_some() => {
                no(name, "a table with store keeps texts for lookup and gives no values; leave it out here")
            }
            _ => Ok(()),
        }
    }

    fn check_header(&self, key: &str) -> Result<(), String> {
        let Some(header) = &self.header else { return Ok(()) };
        let no = |name: &str, reason: &str| Err(format!("{key}.header.{name}: {reason}"));
        if !(1..=MOST_HEADER_ROWS).contains(&header.rows) {
            return no("rows", &format!("{} is not from 1 to {MOST_HEADER_ROWS}", header.rows));
        }
        if header.fill && header.rows == 1 {
            return no("fill", "needs rows = 2 or more: titles of upper rows span columns, the lowest row has none");
        }
        if header.down && header.rows == 1 {
            return no("down", "needs rows = 2 or more: empty cells of lower rows take the title above them");
        }
        if header.pages && !header.repeat {
            return no("pages", "needs repeat = true: the header stands again on every page");
        }
        if !header.given.is_empty() && !header.matches.is_empty() {
            return no("matches", "given says that the source has no header; leave one of them out");
        }
        Ok(())
    }

    fn check_columns(&self, key: &str) -> Result<(), String> {
        let Some(columns) = &self.columns else { return Ok(()) };
        let no = |name: &str, reason: &str| Err(format!("{key}.columns.{name}: {reason}"));
        if columns.from.is_some() && columns.after.is_some() {
            return no("after", "from says already where the columns begin; give one of them");
        }
        if columns.to.is_some() && columns.before.is_some() {
            return no("before", "to says already where the columns end; give one of them");
        }
        if columns.every == Some(0) {
            return no("every", "must be 1 or more");
        }
        Ok(())
    }

    /// Without a header no column has a name: what is called by one would never be found.
    pub(super) fn check_unnamed(&self, key: &str) -> Result<(), String> {
        let Some(columns) = &self.columns else { return Ok(()) };
        let edges =
            [("from", &columns.from), ("to", &columns.to), ("after", &columns.after), ("before", &columns.before)];
        let edges = edges.into_iter().flat_map(|(edge, names)| {
            let names = names.as_ref().map(OneOrMany::list).unwrap_or_default();
            names.into_iter().map(move |name| (edge, name))
        });
        let names = columns.names.iter().map(|name| ("names", name.clone()));
        match edges.chain(names).find(|(_, name)| !name.starts_with('#')) {
            Some((edge, name)) => Err(format!(
                "{key}.columns.{edge}: '{name}' is the name of a column, and nothing says that this table has a header: name \
                 a column in a field ({{Sample}}), or write header"
            )),
            None => Ok(()),
        }
    }

    /// A field of values that is given; with `store` nothing reads it.
    fn unread_by_store(&self) -> Option<&'static str> {
        let fields = [
            ("sample", self.sample.is_some()),
            ("analyte", self.analyte.is_some()),
            ("value", self.value.is_some()),
            ("unit", self.unit.is_some()),
            ("flag", self.flag.is_some()),
            ("role", self.role.is_some()),
            ("completed_at", self.completed_at.is_some()),
            ("replicate", self.replicate.is_some()),
            ("dilution", self.dilution.is_some()),
            ("dilution_applied", self.dilution_applied.is_some()),
            ("number", self.number.is_some()),
            ("match_sample", self.match_sample.is_some()),
            ("match_analyte", self.match_analyte.is_some()),
            ("value_pattern", self.value_pattern.is_some()),
            ("reportable", !self.reportable.is_empty()),
            ("choose", self.choose.is_some()),
            ("split_values", self.split_values.is_some()),
            ("part_value", self.part_value.is_some()),
        ];
        fields.into_iter().find(|(_, given)| *given).map(|(name, _)| name)
    }
}
