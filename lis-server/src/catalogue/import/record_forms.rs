//! Raw-record forms (原始记录) of procedures whose bench work is typed by nature, as data: one row for each field.

use std::collections::HashMap;

use super::super::fields::Fields;
use super::super::table::{File, Problem, RowError, Table};
use super::{Rows, all_or_nothing, read_rows, unique};
use crate::domain::decimal::Decimal;
use crate::domain::refusal::Fact;

/// One field of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordField {
    /// Key and names of the form.
    pub form: String,
    pub form_zh: String,
    pub form_en: String,
    /// Keys of the procedures that it is the form of.
    pub methods: Vec<String>,
    /// Place in the form.
    pub position: u32,
    pub field: String,
    pub name_zh: String,
    pub name_en: String,
    pub kind: FieldKind,
    pub unit: String,
    /// Words of a choice, Chinese and English.
    pub choices: Vec<(String, String)>,
    pub scope: Scope,
    /// A worksheet is not submitted without it.
    pub required: bool,
    /// The input of the calculation whose cells these are; none: the record alone keeps it.
    pub feeds: Option<String>,
    /// What is outside needs a reason.
    pub low: Option<Decimal>,
    pub high: Option<Decimal>,
    pub source: String,
}

/// What is typed into a field.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FieldKind {
    Decimal,
    Integer,
    Text,
    Choice,
    Time,
    /// Code of an instrument or another piece of equipment.
    Equipment,
    /// Code of a standard, a reagent or a solution.
    Lot,
}

impl FieldKind {
    pub const WORDS: &[(&str, FieldKind)] = &[
        ("decimal", Self::Decimal),
        ("integer", Self::Integer),
        ("text", Self::Text),
        ("choice", Self::Choice),
        ("time", Self::Time),
        ("equipment", Self::Equipment),
        ("lot", Self::Lot),
    ];

    pub fn code(self) -> &'static str {
        Self::WORDS.iter().find(|(_, kind)| *kind == self).map_or("", |(code, _)| code)
    }

    fn is_number(self) -> bool {
        matches!(self, Self::Decimal | Self::Integer)
    }
}

/// How often a field stands on a worksheet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    /// Once: the room's temperature, the oven. It is kept at the first place of the sheet.
    Sheet,
    /// At every place once.
    Position,
    /// At every place as often as its determinations.
    Determination,
}

impl Scope {
    pub const WORDS: &[(&str, Scope)] =
        &[("sheet", Self::Sheet), ("position", Self::Position), ("determination", Self::Determination)];

    pub fn code(self) -> &'static str {
        Self::WORDS.iter().find(|(_, scope)| *scope == self).map_or("", |(code, _)| code)
    }
}

impl RecordField {
    /// Name of the cells that the field is typed into.
    pub fn cell(&self) -> &str {
        self.feeds.as_deref().unwrap_or(&self.field)
    }

    /// Whether a number lies outside of what is plausible.
    pub fn is_implausible(&self, value: &Decimal) -> bool {
        let is_low = self.low.as_ref().is_some_and(|low| value.cmp_value(low).is_lt());
        is_low || self.high.as_ref().is_some_and(|high| value.cmp_value(high).is_gt())
    }
}

const COLUMNS: &[&str] = &[
    "form", "form_zh", "form_en", "methods", "position", "field", "name_zh", "name_en", "kind", "unit", "choices",
    "scope", "required", "feeds", "low", "high", "source",
];

/// Reads the forms, field by field.
pub fn read_record_forms(file: File<'_>) -> Rows<RecordField> {
    let mut errors = Vec::new();
    let table = Table::read(file, COLUMNS, &[], &mut errors)?;
    let rows = read_rows(&table, &mut errors, |fields| {
        let kind = fields.required_choice("kind", FieldKind::WORDS);
        let scope = fields.required_choice("scope", Scope::WORDS);
        let feeds = fields.optional("feeds");
        if feeds.is_some() && scope != Scope::Determination {
            fields.complain("scope", Problem::NotAllowed, Fact::word("expected-determination-of-feeds"));
        }
        fields.required("methods");
        let (low, high) = read_bounds(fields, kind);
        Some(RecordField {
            form: fields.required("form"),
            form_zh: fields.required("form_zh"),
            form_en: fields.required("form_en"),
            methods: fields.list("methods"),
            position: fields.whole("position", 1, 999),
            field: read_name(fields),
            name_zh: fields.required("name_zh"),
            name_en: fields.required("name_en"),
            kind,
            unit: fields.text("unit"),
            choices: read_choices(fields, kind),
            scope,
            required: fields.yes("required"),
            feeds,
            low,
            high,
            source: fields.text("source"),
        })
    });
    unique(&table, &rows, &mut errors, "field", |row| (row.form.clone(), row.cell().to_owned()));
    unique(&table, &rows, &mut errors, "position", |row| (row.form.clone(), row.position));
    one_form_each(&table, &rows, &mut errors);
    all_or_nothing(rows, errors)
}

/// Names stand in addresses of cells: small letters, digits, `_`.
fn read_name(fields: &mut Fields<'_>) -> String {
    let name = fields.required("field");
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if !name.chars().all(is_plain) || name.len() > NAME_MOST {
        fields.complain(
            "field",
            Problem::NotAllowed,
            Fact::sentence("expected-record-field-name", [("most", NAME_MOST.into())]),
        );
    }
    name
}

/// Longest name of a field, in characters.
const NAME_MOST: usize = 40;

fn read_bounds(fields: &mut Fields<'_>, kind: FieldKind) -> (Option<Decimal>, Option<Decimal>) {
    let (low, high) = (fields.decimal("low"), fields.decimal("high"));
    if !kind.is_number() {
        for column in ["low", "high"] {
            if !fields.text(column).is_empty() {
                fields.complain(column, Problem::MustBeEmpty, Fact::word("expected-limits-of-number"));
            }
        }
    }
    if let (Some(least), Some(most)) = (&low, &high)
        && most.cmp_value(least).is_lt()
    {
        let allowed = Fact::sentence("expected-at-least", [("value", least.into())]);
        fields.complain("high", Problem::OutOfOrder, allowed);
    }
    (low, high)
}

/// `正常|normal;异常|abnormal`.
fn read_choices(fields: &mut Fields<'_>, kind: FieldKind) -> Vec<(String, String)> {
    let listed = fields.list("choices");
    let words = |entry: &String| {
        let (zh, en) = entry.split_once('|')?;
        Some((zh.trim().to_owned(), en.trim().to_owned())).filter(|(zh, en)| !zh.is_empty() && !en.is_empty())
    };
    let choices: Vec<(String, String)> = listed.iter().filter_map(words).collect();
    if kind == FieldKind::Choice && (choices.len() < 2 || choices.len() != listed.len()) {
        fields.complain("choices", Problem::NotAllowed, Fact::word("expected-record-choices"));
    }
    if kind != FieldKind::Choice && !listed.is_empty() {
        fields.complain("choices", Problem::MustBeEmpty, Fact::word("expected-choices-of-choice"));
    }
    choices
}

/// All rows of a form say the same of it, and a procedure has one form.
fn one_form_each(table: &Table, rows: &[Option<RecordField>], errors: &mut Vec<RowError>) {
    let mut forms: HashMap<&str, &RecordField> = HashMap::new();
    let mut methods: HashMap<&str, &str> = HashMap::new();
    for (row, at) in rows.iter().zip(table.rows()) {
        let Some(row) = row else { continue };
        let first = *forms.entry(row.form.as_str()).or_insert(row);
        let differs = [
            ("form_zh", first.form_zh != row.form_zh),
            ("form_en", first.form_en != row.form_en),
            ("methods", first.methods != row.methods),
        ];
        for (column, _) in differs.into_iter().filter(|(_, differs)| *differs) {
            errors.push(table.error(at, column, Problem::NotAllowed, Fact::word("expected-as-first-row")));
        }
        for method in &row.methods {
            let form = *methods.entry(method.as_str()).or_insert(row.form.as_str());
            if form != row.form {
                let allowed = Fact::sentence("expected-other-form-method", [("form", form.into())]);
                errors.push(table.error(at, "methods", Problem::Repeated, allowed));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::language::Language;

    #[test]
    fn coliforms_on_plates_and_salmonella_have_forms_that_feed_their_results() {
        let shipped = include_bytes!("../../../assets/reference/record_forms.csv");
        let rows = read_record_forms(File::new("record_forms.csv", shipped)).unwrap();
        let fed = |method: &str| -> Vec<&str> {
            let own = rows.iter().filter(|row| row.methods.iter().any(|key| key == method));
            own.filter_map(|row| row.feeds.as_deref()).collect()
        };
        assert_eq!(fed("gb4789.3-2025/vrba-plate-count"), ["count_1", "count_2"]);
        assert_eq!(fed("gb4789.4-2024/enrichment-selective-plating-identification"), ["reading"]);
        let found = rows.iter().find(|row| row.form == "salmonella" && row.field == "found").unwrap();
        let words: Vec<&str> = found.choices.iter().map(|(_, en)| en.as_str()).collect();
        assert_eq!(words, ["not detected", "detected"]);
    }

    /// What is typed by nature has a form: its own, or that of its technique.
    #[test]
    fn every_shipped_procedure_whose_bench_work_is_typed_has_a_form() {
        const TYPED: [&str; 17] = [
            "titrat",
            "kjeldahl",
            "karl fischer",
            "microdiffusion",
            "drying",
            "gravimetry",
            "soxhlet",
            "hydrolysis",
            "plate count",
            "sensory",
            "mpn",
            "distillation",
            "gerber",
            "hydrometer",
            "densitometry",
            "hot ethanol",
            "potentiometric",
        ];
        let shipped = crate::catalogue::actions::shipped().unwrap();
        let is_typed = |technique: &str| TYPED.iter().any(|word| technique.to_lowercase().contains(word));
        let typed: Vec<&str> =
            shipped.methods.iter().filter(|row| is_typed(&row.technique)).map(|row| row.key.as_str()).collect();
        assert!(typed.len() > 30, "{typed:?}");
        let without: Vec<&&str> = typed.iter().filter(|key| shipped.record_form(key).is_empty()).collect();
        assert!(without.is_empty(), "{without:?}");
        // Without a rule of calculation the result itself is typed, beside all that it was made from.
        let form = shipped.record_form("gb12456-2021/titration");
        assert_eq!(form.iter().filter_map(|field| field.feeds.as_deref()).collect::<Vec<_>>(), ["reading"]);
        assert!(form.iter().any(|field| field.field == "titrant_used"));
        // Tubes are read from the table, whatever the organism; a pathogen is found or not.
        let fed = |key: &str| -> Vec<String> {
            shipped.record_form(key).into_iter().filter_map(|field| field.feeds).collect()
        };
        for key in ["gb4789.10-2016/mpn", "gb4789.30-2025/mpn", "gb4789.38-2025/mpn", "gb4789.3-2016/mpn"] {
            assert_eq!(fed(key), ["tubes_1", "tubes_2", "tubes_3"], "{key}");
        }
        for key in ["gb5009.3-2016/distillation", "gb5009.6-2025/gerber", "gb4789.30-2025/qualitative"] {
            assert_eq!(fed(key), ["reading"], "{key}");
        }
        // What no word of its technique tells: pathogens and spoilage that are found or not, a cryoscope, a gauge.
        for key in ["gb4789.7-2013/culture", "gb4789.10-2016/qualitative", "gb4789.40-2024/culture-pcr"] {
            assert_eq!(fed(key), ["reading"], "{key}");
        }
        let single = ["incubation-and-inspection", "thermistor-cryoscope", "pressure-gauge"];
        for (standard, name) in ["gb4789.26-2023", "gb5413.38-2016", "gbt10792-2008"].iter().zip(single) {
            assert_eq!(fed(&format!("{standard}/{name}")), ["reading"], "{standard}");
        }
        // Each dilution that is counted in a range of its own is typed by itself.
        let plates = ["gb4789.3-2016/vrba-plate-count", "gb4789.15-2016/plate-count-28-c-5-d"];
        for key in plates.into_iter().chain(["gb4789.10-2016/baird-parker-plate-count"]) {
            assert_eq!(fed(key), ["count_1", "count_2"], "{key}");
        }
    }

    fn read(rows: &[&str]) -> Rows<RecordField> {
        let table = format!("{}\n{}\n", COLUMNS.join(","), rows.join("\n"));
        read_record_forms(File::new("record_forms.csv", table.as_bytes()))
    }

    fn complaints(rows: &[&str]) -> Vec<(Option<u64>, String, Problem)> {
        let errors = read(rows).expect_err("a bad table");
        errors.into_iter().map(|error| (error.row, error.column.unwrap_or_default(), error.problem)).collect()
    }

    const MASS: &str = "f,表,Form,m1,1,portion,称样量,Portion,decimal,g,,determination,yes,mass,2,50,x";

    #[test]
    fn a_field_feeds_an_input_or_stands_for_itself() {
        let rows = read(&[MASS, "f,表,Form,m1,2,look,外观,Look,choice,,好|good;坏|bad,position,yes,,,,x"]).unwrap();
        assert_eq!((rows[0].cell(), rows[1].cell()), ("mass", "look"));
        assert_eq!(rows[1].choices[1], ("坏".to_owned(), "bad".to_owned()));
        let decimal = |text: &str| Decimal::parse(text).unwrap();
        let found: Vec<bool> =
            ["1.9999", "2", "50.0", "50.1"].map(|value| rows[0].is_implausible(&decimal(value))).into();
        assert_eq!(found, [true, false, false, true], "both ends are plausible");
    }

    #[test]
    fn what_may_stand_there_is_said_in_the_readers_language() {
        let allowed = |row: &str| read(&[row]).expect_err("a bad table").remove(0).allowed;
        let backwards = allowed(&MASS.replace("2,50", "50,2"));
        assert_eq!(Language::Chinese.said(&backwards), "不小于 50");
        let limited = allowed("f,表,Form,m1,2,look,外观,Look,text,,,position,,,1,,");
        assert_eq!(Language::Chinese.said(&limited), "留空：只有小数和整数字段有上下限");
        assert_eq!(Language::English.said(&limited), "nothing: only decimal and integer have limits");
    }

    #[test]
    fn what_a_form_cannot_say_is_named() {
        // A weighed portion for the whole sheet; a choice of one; limits of a text; two names for one form; a second form
        // of the same method; the same cell twice.
        let wrong = [
            (MASS.replace("determination", "sheet"), "scope", Problem::NotAllowed),
            ("f,表,Form,m1,2,look,外观,Look,choice,,好|good,position,,,,,".into(), "choices", Problem::NotAllowed),
            ("f,表,Form,m1,2,look,外观,Look,text,,,position,,,1,,".into(), "low", Problem::MustBeEmpty),
            ("f,表,Form,m1,2,Look,外观,Look,text,,,position,,,,,".into(), "field", Problem::NotAllowed),
            (MASS.replace("2,50", "50,2"), "high", Problem::OutOfOrder),
        ];
        for (row, column, problem) in wrong {
            assert_eq!(complaints(&[&row]), [(Some(2), column.to_owned(), problem)], "{row}");
        }
        let pairs = [
            ("f,表二,Form,m1,2,look,外观,Look,text,,,position,,,,,", "form_zh", Problem::NotAllowed),
            ("g,表,Form,m1,2,look,外观,Look,text,,,position,,,,,", "methods", Problem::Repeated),
            ("f,表,Form,m1,2,mass,外观,Look,text,,,position,,,,,", "field", Problem::Repeated),
        ];
        for (row, column, problem) in pairs {
            assert_eq!(complaints(&[MASS, row]), [(Some(3), column.to_owned(), problem)], "{row}");
        }
    }
}
