//! Several standards that limit the same thing in a food at once: which of them governs.

use crate::catalogue::names::split_edition;
use crate::catalogue::reference::{LimitRow, LimitRule};
use crate::catalogue::search::FoundLimit;
use crate::judgement::number::Ratio;
use crate::judgement::units;

/// What governs among the rows that hold.
pub(super) struct Governing<'f, 'a> {
    pub row: &'f FoundLimit<'a>,
    /// The other rows that hold: they ask for less, or, where it is disputed, for something else.
    pub beside: Vec<&'f FoundLimit<'a>>,
    /// They disagree, and nothing says which goes before: a person decides.
    pub disputed: bool,
}

impl<'f, 'a> Governing<'f, 'a> {
    /// `None`: there is no row. Rows that say the same need no rule; of several mandatory standards the strictest governs,
    /// because each of them has to be met.
    pub fn of(rows: &[&'f FoundLimit<'a>]) -> Option<Self> {
        let first = *rows.first()?;
        let said = |row: &LimitRow| (row.rule.clone(), row.unit.clone(), row.exclusive);
        let agrees = |other: &&FoundLimit<'a>| said(other.row) == said(first.row);
        if rows.iter().all(agrees) {
            return Some(Self { row: first, beside: Vec::new(), disputed: false });
        }
        let strictest = strictest(rows);
        let row = strictest.unwrap_or(first);
        let beside = rows.iter().copied().filter(|other| other.row.key != row.row.key).collect();
        Some(Self { row, beside, disputed: strictest.is_none() })
    }
}

/// The strictest of rows that can be compared: each of another mandatory standard, certain, all maxima or all minima of the
/// same thing on the same basis, compared alike.
fn strictest<'f, 'a>(rows: &[&'f FoundLimit<'a>]) -> Option<&'f FoundLimit<'a>> {
    let first = rows.first()?.row;
    let number = |row: &LimitRow| split_edition(&row.standard).0.to_owned();
    let terms = |row: &LimitRow| (row.analyte.clone(), row.basis, row.comparison, row.exclusive);
    let alike = |row: &LimitRow| terms(row) == terms(first);
    let comparable =
        |found: &&FoundLimit<'a>| found.is_certain() && is_mandatory(&found.row.standard) && alike(found.row);
    let mut numbers: Vec<String> = rows.iter().map(|found| number(found.row)).collect();
    numbers.sort_unstable();
    numbers.dedup();
    if numbers.len() < rows.len() || !rows.iter().all(comparable) {
        return None;
    }
    let values: Vec<(Bound, Ratio)> = rows.iter().map(|found| bound(found.row, &first.unit)).collect::<Option<_>>()?;
    let (kind, _) = values.first()?;
    if values.iter().any(|(other, _)| other != kind) {
        return None;
    }
    let placed = values.iter().map(|(_, value)| value).zip(rows.iter().copied());
    let governing = match kind {
        Bound::Most => placed.min_by(|one, other| one.0.cmp(other.0)),
        Bound::Least => placed.max_by(|one, other| one.0.cmp(other.0)),
    };
    governing.map(|(_, found)| found)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Bound {
    Most,
    Least,
}

/// A row's number in a unit; `None`: it has none, or its unit cannot be converted.
fn bound(row: &LimitRow, unit: &str) -> Option<(Bound, Ratio)> {
    let (kind, value) = match &row.rule {
        LimitRule::Max(value) => (Bound::Most, value),
        LimitRule::Min(value) => (Bound::Least, value),
        _ => return None,
    };
    Some((kind, value.to_ratio() * units::factor(&row.unit, unit).ok()?))
}

/// National food safety standards (GB) and local ones (DBS) bind everybody; GB/T, trade, group and enterprise standards bind
/// those who name them, which no table says.
fn is_mandatory(standard: &str) -> bool {
    let letters = standard.split([' ', '-']).next().unwrap_or_default();
    letters == "GB" || letters.starts_with("DBS")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::actions::shipped;
    use crate::domain::decimal::Decimal;

    fn row(standard: &str, rule: LimitRule, unit: &str) -> LimitRow {
        let catalogue = shipped().unwrap();
        let like = catalogue.limits.iter().find(|row| row.key == "gb2762-2025/cd/paddy-brown-rice-rice").unwrap();
        LimitRow { key: format!("{standard}/cd"), standard: standard.into(), rule, unit: unit.into(), ..like.clone() }
    }

    fn most(text: &str) -> LimitRule {
        LimitRule::Max(Decimal::parse(text).unwrap())
    }

    /// Key of the row that governs, how many stand beside it, whether it is disputed.
    fn governing(rows: &[LimitRow]) -> (String, usize, bool) {
        let found: Vec<FoundLimit> =
            rows.iter().map(|row| FoundLimit { row, depth: 1, condition: None, finer: Vec::new() }).collect();
        let found: Vec<&FoundLimit> = found.iter().collect();
        let governing = Governing::of(&found).unwrap();
        (governing.row.row.key.clone(), governing.beside.len(), governing.disputed)
    }

    #[test]
    fn the_strictest_of_mandatory_standards_governs() {
        let national = row("GB 2762-2025", most("0.2"), "mg/kg");
        let local = row("DBS13/001-2026", most("150"), "µg/kg");
        assert_eq!(governing(&[national.clone(), local.clone()]), ("DBS13/001-2026/cd".into(), 1, false));
        assert_eq!(governing(&[local, national.clone()]).0, "DBS13/001-2026/cd", "whatever comes first");
        let least = |text: &str| LimitRule::Min(Decimal::parse(text).unwrap());
        let minima = [row("GB 1-2020", least("2.5"), "mg/kg"), row("GB 2-2020", least("2.9"), "mg/kg")];
        assert_eq!(governing(&minima).0, "GB 2-2020/cd");
        // One that says the same is no other opinion.
        let same = row("GB/T 1354-2018", most("0.2"), "mg/kg");
        assert_eq!(governing(&[national, same]), ("GB 2762-2025/cd".into(), 0, false));
    }

    #[test]
    fn where_no_rule_of_precedence_is_known_a_person_decides() {
        let national = row("GB 2762-2025", most("0.2"), "mg/kg");
        let others = [
            row("GB/T 1354-2018", most("0.1"), "mg/kg"),
            row("Q/ABC 0001S-2025", most("0.1"), "mg/kg"),
            row("GB 3-2020", most("0.1"), "mg/L"),
            row("GB 3-2020", LimitRule::NotDetectable, "mg/kg"),
            LimitRow { key: "other".into(), ..row("GB 2762-2025", most("0.1"), "mg/kg") },
        ];
        for other in others {
            let (key, beside, disputed) = governing(&[national.clone(), other.clone()]);
            assert_eq!((key.as_str(), beside, disputed), ("GB 2762-2025/cd", 1, true), "{}", other.standard);
        }
    }
}
