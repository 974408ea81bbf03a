//! Limit rows from a table of limits.

use super::super::fields::{Fields, UNITS};
use super::super::names::{fold, split_edition};
use super::super::reference::{Basis, Comparison, Confidence, LimitRow, LimitRule, Verification};
use super::super::table::{File, Problem, Table};
use super::{MOST_UNITS, Rows, Vocabulary, all_or_nothing, read_rows, unique};
use crate::domain::decimal::Decimal;
use crate::domain::refusal::Fact;

/// Reads limits. Required columns are those of the printed tables; keys, ids and settings that are missing are derived
/// from the names (`gb2762-2025/pb/leafy-vegetables`) or take their default (as is, full-value comparison).
pub fn read_limits(file: File<'_>, vocabulary: &Vocabulary<'_>) -> Rows<LimitRow> {
    let required = ["standard", "food_category_zh", "analyte_zh", "kind", "value", "unit"];
    let optional = [
        "key",
        "tree",
        "category",
        "food_category_en",
        "analyte",
        "analyte_en",
        "cas",
        "n",
        "c",
        "m",
        "M",
        "basis",
        "comparison",
        "exclusive",
        "screened_by",
        "method_standard",
        "valid_from",
        "valid_to",
        "verified_by",
        "confidence",
        "note",
    ];
    let mut errors = Vec::new();
    let table = Table::read(file, &required, &optional, &mut errors)?;
    let rows = read_rows(&table, &mut errors, |fields| read_limit(fields, vocabulary));
    unique(&table, &rows, &mut errors, "key", |row| row.key.clone());
    all_or_nothing(rows, errors)
}

fn read_limit(fields: &mut Fields<'_>, vocabulary: &Vocabulary<'_>) -> Option<LimitRow> {
    let standard = fields.required("standard");
    let known = vocabulary.standards.iter().find(|known| known.standard == standard);
    let number = split_edition(&standard).0;
    let tree = fields.optional("tree").unwrap_or_else(|| {
        let amended = vocabulary.standards.iter().find(|known| known.number == number);
        amended.map_or(number, |known| &known.tree).to_string()
    });
    let food_category_zh = fields.required("food_category_zh");
    let category = known_or_folded(
        fields,
        "category",
        &food_category_zh,
        |id| vocabulary.categories.get(&tree, id).is_some(),
        |name| vocabulary.categories.find(&tree, name).map(|found| found.id.clone()),
    );
    let analyte_zh = fields.required("analyte_zh");
    let analyte = known_or_folded(
        fields,
        "analyte",
        &analyte_zh,
        |key| vocabulary.analytes.get(key).is_some(),
        |name| {
            let same = fold(name);
            vocabulary.analytes.find(name).find(|found| fold(&found.name_zh) == same).map(|found| found.key.clone())
        },
    );
    let screened_by = fields.optional("screened_by");
    if screened_by.as_ref().is_some_and(|key| vocabulary.analytes.get(key).is_none()) {
        fields.complain("screened_by", Problem::Unknown, Fact::word("expected-known-analyte"));
    }
    let rule = read_rule(fields);
    let unit = fields.unit("unit");
    if unit.is_empty() && !matches!(rule, Some(LimitRule::Gmp | LimitRule::NotDetectable | LimitRule::NotPermitted)) {
        fields.complain("unit", Problem::Missing, UNITS.join(", "));
    }
    let standard_key = known.map_or_else(|| fold(&standard).replace('/', ""), |known| known.key.clone());
    let cas = fields.cas("cas");
    let basis = fields.choice("basis", Basis::WORDS).unwrap_or(Basis::AsIs);
    let comparison = fields.choice("comparison", Comparison::WORDS).unwrap_or(Comparison::Full);
    let exclusive = fields.yes("exclusive");
    if exclusive && !matches!(rule, None | Some(LimitRule::Max(_) | LimitRule::Min(_))) {
        fields.complain("exclusive", Problem::MustBeEmpty, "");
    }
    let (valid_from, valid_to) = fields.period("valid_from", "valid_to");
    let verified_by = fields.choice("verified_by", Verification::WORDS);
    let confidence = fields.choice("confidence", Confidence::WORDS);
    Some(LimitRow {
        key: fields.optional("key").unwrap_or_else(|| format!("{standard_key}/{analyte}/{category}")),
        standard,
        tree,
        category,
        food_category_zh,
        food_category_en: fields.text("food_category_en"),
        analyte,
        analyte_zh,
        analyte_en: fields.text("analyte_en"),
        cas,
        rule: rule?,
        unit,
        basis,
        comparison,
        exclusive,
        screened_by,
        methods: fields.list("method_standard"),
        valid_from,
        valid_to,
        verified_by,
        confidence,
        note: fields.text("note"),
    })
}

/// The id in `column` if the table has one (it must be known), otherwise the id that the name stands for, otherwise the
/// folded name: such a row is found again by exactly that name.
fn known_or_folded(
    fields: &mut Fields<'_>,
    column: &str,
    name: &str,
    is_known: impl Fn(&str) -> bool,
    by_name: impl Fn(&str) -> Option<String>,
) -> String {
    match fields.optional(column) {
        Some(id) => {
            if !is_known(&id) {
                fields.complain(column, Problem::Unknown, Fact::word("expected-catalogue-id"));
            }
            id
        }
        None => by_name(name).unwrap_or_else(|| fold(name)),
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Max,
    Min,
    Range,
    Absent,
    Gmp,
    Microbiology,
}

const KINDS: &[(&str, Kind)] = &[
    ("max", Kind::Max),
    ("min", Kind::Min),
    ("range", Kind::Range),
    ("absent", Kind::Absent),
    ("gmp", Kind::Gmp),
    ("microbiology", Kind::Microbiology),
];

fn read_rule(fields: &mut Fields<'_>) -> Option<LimitRule> {
    if fields.text("kind").is_empty() {
        fields.required_choice("kind", KINDS);
        return None;
    }
    let kind = fields.choice("kind", KINDS)?;
    if kind != Kind::Microbiology {
        fields.must_be_empty(&["n", "c", "m", "M"]);
    }
    match kind {
        Kind::Max => fields.required_decimal("value").map(LimitRule::Max),
        Kind::Min => fields.required_decimal("value").map(LimitRule::Min),
        Kind::Range => read_range(fields),
        Kind::Absent => Some(fields.required_choice("value", &[("ND", false), ("NP", true)]))
            .map(|not_permitted| if not_permitted { LimitRule::NotPermitted } else { LimitRule::NotDetectable }),
        Kind::Gmp => {
            fields.must_be_empty(&["value"]);
            Some(LimitRule::Gmp)
        }
        Kind::Microbiology => {
            fields.must_be_empty(&["value"]);
            let n = fields.whole("n", 1, MOST_UNITS);
            let c = fields.whole("c", 0, n.saturating_sub(1));
            let (m, big_m) = (fields.required_decimal("m"), fields.decimal("M"));
            let m = m?;
            if big_m.as_ref().is_some_and(|big_m| big_m.cmp_value(&m).is_le()) {
                fields.complain(
                    "M",
                    Problem::OutOfOrder,
                    Fact::sentence("expected-more-than", [("value", m.as_str().into())]),
                );
            }
            Some(LimitRule::Microbiology { n, c, m, big_m })
        }
    }
}

fn read_range(fields: &mut Fields<'_>) -> Option<LimitRule> {
    const A_RANGE: &str = "expected-range";
    let text = fields.required("value");
    if text.is_empty() {
        return None;
    }
    let ends = text.split_once(['~', '～']);
    let ends = ends.and_then(|(low, high)| Some((Decimal::parse(low.trim()).ok()?, Decimal::parse(high.trim()).ok()?)));
    match ends {
        Some((low, high)) if low.cmp_value(&high).is_le() => Some(LimitRule::Range { low, high }),
        Some(_) => {
            fields.complain("value", Problem::OutOfOrder, Fact::word(A_RANGE));
            None
        }
        None => {
            fields.complain("value", Problem::NotDecimal, Fact::word(A_RANGE));
            None
        }
    }
}
