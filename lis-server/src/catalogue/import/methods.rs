//! Method procedures and their detection limits.

use super::super::fields::Fields;
use super::super::names::fold;
use super::super::reference::{ByLevel, Confidence, DetectionLimit, Digits, MethodRow};
use super::super::table::{File, Problem, Table};
use super::{MOST_UNITS, Rows, all_or_nothing, read_edition, read_rows, unique};
use crate::domain::decimal::Decimal;
use crate::domain::refusal::Fact;

/// Reads method procedures.
pub fn read_methods(file: File<'_>) -> Rows<MethodRow> {
    let required = ["standard", "edition", "title_zh", "technique"];
    let optional = [
        "key",
        "procedure",
        "title_en",
        "instrument_classes",
        "analytes",
        "analytes_note",
        "matrices",
        "significant",
        "parallel",
        "tolerance_percent",
        "screening",
        "valid_from",
        "valid_to",
        "procedure_verified",
        "edition_verified",
        "in_2026_rules",
        "confidence",
        "note",
    ];
    let mut errors = Vec::new();
    let table = Table::read(file, &required, &optional, &mut errors)?;
    let rows = read_rows(&table, &mut errors, |fields| {
        let standard = fields.required("standard");
        let edition = read_edition(fields);
        let technique = fields.required("technique");
        let (valid_from, valid_to) = fields.period("valid_from", "valid_to");
        let key = fields.optional("key").unwrap_or_else(|| {
            let year = edition.map(|year| format!("-{year}")).unwrap_or_default();
            format!("{}{year}/{}", fold(&standard).replace('/', ""), fold(&technique).replace('/', "-"))
        });
        Some(MethodRow {
            key,
            standard,
            edition,
            procedure: fields.optional("procedure"),
            title_zh: fields.required("title_zh"),
            title_en: fields.text("title_en"),
            technique,
            instrument_classes: fields.list("instrument_classes"),
            analytes: fields.list("analytes"),
            analytes_note: fields.text("analytes_note"),
            matrices: fields.list("matrices"),
            digits: read_digits(fields),
            parallel: (!fields.text("parallel").is_empty()).then(|| fields.whole("parallel", 1, MOST_UNITS)),
            tolerance_percent: read_by_level(fields, "tolerance_percent", |text| Decimal::parse(text).ok()),
            screening: fields.yes("screening"),
            valid_from,
            valid_to,
            procedure_verified: fields.yes("procedure_verified"),
            edition_verified: fields.yes("edition_verified"),
            in_2026_rules: fields.yes("in_2026_rules"),
            confidence: fields.choice("confidence", Confidence::WORDS),
            note: fields.text("note"),
        })
    });
    unique(&table, &rows, &mut errors, "key", |row| row.key.clone());
    all_or_nothing(rows, errors)
}

fn read_digits(fields: &mut Fields<'_>) -> Option<Digits> {
    if fields.text("significant") == "plate_count" {
        return Some(Digits::PlateCount);
    }
    // More figures than any method reports would be a slip of the pen.
    let figures = |text: &str| text.parse().ok().filter(|figures| (1..=9).contains(figures));
    read_by_level(fields, "significant", figures).map(Digits::Significant)
}

/// Reads `all:VALUE` or `<LEVEL UNIT:VALUE;>=LEVEL UNIT:VALUE`, of more levels `<LEVEL UNIT:VALUE` for each, rising.
fn read_by_level<T>(fields: &mut Fields<'_>, column: &str, read: impl Fn(&str) -> Option<T>) -> Option<ByLevel<T>> {
    let text = fields.optional(column)?;
    let parsed = (|| {
        if let Some(value) = text.strip_prefix("all:") {
            return read(value).map(ByLevel::Always);
        }
        let (steps, last) = text.rsplit_once(';')?;
        let (last_level, from) = last.trim().strip_prefix(">=")?.split_once(':')?;
        let mut below: Vec<(Decimal, T)> = Vec::new();
        let (mut level, mut unit) = ("", "");
        for step in steps.split(';') {
            let (own_level, value) = step.trim().strip_prefix('<')?.split_once(':')?;
            let (at, own_unit) = own_level.split_once(' ')?;
            let at = Decimal::parse(at).ok()?;
            let rises = below.last().is_none_or(|(before, _)| before.cmp_value(&at).is_lt());
            if !rises || !(unit.is_empty() || unit == own_unit) {
                return None;
            }
            (level, unit) = (own_level, own_unit);
            below.push((at, read(value)?));
        }
        let split = ByLevel::Split { unit: unit.to_owned(), below, from: read(from)? };
        (level == last_level).then_some(split)
    })();
    if parsed.is_none() {
        fields.complain(column, Problem::NotAllowed, Fact::word("expected-rounding-rule"));
    }
    parsed
}

/// Reads LOD and LOQ.
pub fn read_detection_limits(file: File<'_>) -> Rows<DetectionLimit> {
    let optional = ["analyte", "matrix", "lod", "loq", "portion_g", "volume_ml", "verified", "source_text"];
    let mut errors = Vec::new();
    let table = Table::read(file, &["method", "unit"], &optional, &mut errors)?;
    let rows = read_rows(&table, &mut errors, |fields| {
        let (lod, loq) = (fields.decimal("lod"), fields.decimal("loq"));
        if lod.is_none() && loq.is_none() {
            fields.complain("lod", Problem::Missing, Fact::word("expected-lod-or-loq"));
        }
        if let (Some(lod), Some(loq)) = (&lod, &loq)
            && loq.cmp_value(lod).is_lt()
        {
            fields.complain(
                "loq",
                Problem::OutOfOrder,
                Fact::sentence("expected-at-least", [("value", lod.as_str().into())]),
            );
        }
        Some(DetectionLimit {
            method: fields.required("method"),
            analyte: fields.optional("analyte"),
            matrix: fields.optional("matrix"),
            lod,
            loq,
            unit: fields.unit("unit"),
            portion_g: fields.decimal("portion_g"),
            volume_ml: fields.decimal("volume_ml"),
            verified: fields.yes("verified"),
            source_text: fields.text("source_text"),
        })
    });
    unique(&table, &rows, &mut errors, "method", |row| (row.method.clone(), row.analyte.clone(), row.matrix.clone()));
    all_or_nothing(rows, errors)
}
