//! The rows of the reference tables as types: what a limit, a method, an analyte and the rest consist of.

use std::collections::HashMap;

use chrono::NaiveDate;

use crate::catalogue::names::fold;
use crate::domain::calendar::DayKind;
use crate::domain::decimal::Decimal;
use crate::domain::identifiers::{CasNumber, RegionCode};

/// One limit of one analyte in one food category, as one edition of a standard states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitRow {
    /// Stable across releases: `gb2762-2025/pb/leafy-vegetables`.
    pub key: String,
    /// As printed, with the edition: `GB 2762-2025`.
    pub standard: String,
    /// Whose category tree applies: `GB 2762`.
    pub tree: String,
    /// Id in that tree; a category that the tree does not know has its folded name and is found by that name only.
    pub category: String,
    pub food_category_zh: String,
    pub food_category_en: String,
    /// Key of the analyte; one that the catalogue does not know has its folded name.
    pub analyte: String,
    pub analyte_zh: String,
    pub analyte_en: String,
    pub cas: Option<CasNumber>,
    pub rule: LimitRule,
    /// Of every number in `rule`; empty only where there is none.
    pub unit: String,
    pub basis: Basis,
    pub comparison: Comparison,
    /// Written with `<` or `>`: a value equal to the limit fails.
    pub exclusive: bool,
    /// Analyte whose total, at or below this limit, settles the matter (`judgement.md` 7).
    pub screened_by: Option<String>,
    /// Method standards named with the limit, without edition.
    pub methods: Vec<String>,
    /// First and last production date; an unknown first day is `None`.
    pub valid_from: Option<NaiveDate>,
    pub valid_to: Option<NaiveDate>,
    pub verified_by: Option<Verification>,
    pub confidence: Option<Confidence>,
    pub note: String,
}

/// What a limit demands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LimitRule {
    /// At most this.
    Max(Decimal),
    /// At least this.
    Min(Decimal),
    /// Both ends included.
    Range { low: Decimal, high: Decimal },
    /// 不得检出: must not be detected.
    NotDetectable,
    /// 不得使用: must not be used.
    NotPermitted,
    /// 按生产需要适量使用: no number.
    Gmp,
    /// Sampling plan of GB 29921: `n` units, `c` of them may exceed `m`, none `big_m`; without `big_m` two-class.
    Microbiology { n: u32, c: u32, m: Decimal, big_m: Option<Decimal> },
}

impl LimitRule {
    /// The word of the interface: max, min, range, absent, gmp, microbiology.
    pub fn kind(&self) -> &'static str {
        match self {
            LimitRule::Max(_) => "max",
            LimitRule::Min(_) => "min",
            LimitRule::Range { .. } => "range",
            LimitRule::NotDetectable | LimitRule::NotPermitted => "absent",
            LimitRule::Gmp => "gmp",
            LimitRule::Microbiology { .. } => "microbiology",
        }
    }

    /// The value column of the interface: `0.2`, `18~33`, `ND`, `NP`, or empty.
    pub fn value(&self) -> String {
        match self {
            LimitRule::Max(value) | LimitRule::Min(value) => value.to_string(),
            LimitRule::Range { low, high } => format!("{low}~{high}"),
            LimitRule::NotDetectable => "ND".to_string(),
            LimitRule::NotPermitted => "NP".to_string(),
            LimitRule::Gmp | LimitRule::Microbiology { .. } => String::new(),
        }
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($variant),+ }

        impl $name {
            pub(in crate::catalogue) const WORDS: &[(&str, $name)] = &[$(($word, $name::$variant)),+];

            /// The word in files and interfaces.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }
        }
    };
}

words!(
    /// On what a limit is reckoned.
    Basis { AsIs = "as_is", Dry = "dry", Fat = "fat", Alcohol100 = "alcohol_100", ReadyToEat = "ready_to_eat", AsConsumed = "as_consumed" }
);
words!(
    /// 全数值比较法 or 修约值比较法 (GB/T 8170 4.3).
    Comparison { Full = "full", Rounded = "rounded" }
);
words!(
    /// How a limit was checked; the marks are explained in `SOURCES.md`. `Laboratory`: by the technical manager.
    Verification { Standard = "STD", Unchanged = "DIFF", Notices = "PUB", Reference = "REF", Knowledge = "KNOW", Laboratory = "LAB" }
);
words!(Confidence { High = "high", Medium = "medium", Low = "low" });
words!(AnalyteKind {
    Contaminant = "contaminant",
    Mycotoxin = "mycotoxin",
    Additive = "additive",
    Ratio = "ratio",
    Pesticide = "pesticide",
    VeterinaryDrug = "veterinary_drug",
    IllegalAdditive = "illegal_additive",
    Microbiology = "microbiology",
    Quality = "quality",
});

/// One edition of a limit standard, or a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standard {
    /// First part of its limits' keys: `gb2762-2025`.
    pub key: String,
    /// As printed: `GB 2762-2025`.
    pub standard: String,
    pub number: String,
    pub edition: Option<i32>,
    pub tree: String,
    pub title_zh: String,
    pub title_en: String,
    pub valid_from: Option<NaiveDate>,
    pub valid_to: Option<NaiveDate>,
    pub verified: bool,
}

/// What is declared about the rows of one edition for production dates in a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completeness {
    /// Number without edition: `GB 2762`.
    pub standard: String,
    pub edition: Option<i32>,
    pub valid_from: Option<NaiveDate>,
    pub valid_to: Option<NaiveDate>,
    pub complete: bool,
}

/// Something that is measured or judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Analyte {
    pub key: String,
    pub name_zh: String,
    pub name_en: String,
    pub cas: Option<CasNumber>,
    pub kind: AnalyteKind,
    pub aliases: Vec<String>,
    /// Empty, or the measured parts that are added up.
    pub sum_of: Vec<SumPart>,
    pub verified: bool,
}

/// A measured part of a sum, with the exact factor to the compound in which the sum is expressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SumPart {
    pub analyte: String,
    /// Numerator and denominator (molar masses); `None` is 1.
    pub factor: Option<(Decimal, Decimal)>,
}

/// One procedure (第几法) of one edition of a method standard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MethodRow {
    pub key: String,
    /// Number without edition: `GB 5009.12`.
    pub standard: String,
    pub edition: Option<i32>,
    pub procedure: Option<String>,
    pub title_zh: String,
    pub title_en: String,
    pub technique: String,
    pub instrument_classes: Vec<String>,
    /// Analyte keys; empty when not known.
    pub analytes: Vec<String>,
    /// The analytes in the source's words.
    pub analytes_note: String,
    /// Matrices it covers; empty when not stated.
    pub matrices: Vec<String>,
    pub digits: Option<Digits>,
    /// Parallel determinations.
    pub parallel: Option<u32>,
    /// Largest difference of parallels in percent of their mean.
    pub tolerance_percent: Option<ByLevel<Decimal>>,
    /// A positive finding needs another method.
    pub screening: bool,
    /// First and last test date; an unknown first day is `None`.
    pub valid_from: Option<NaiveDate>,
    pub valid_to: Option<NaiveDate>,
    pub procedure_verified: bool,
    pub edition_verified: bool,
    pub in_2026_rules: bool,
    pub confidence: Option<Confidence>,
    pub note: String,
}

/// How many digits a method reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Digits {
    /// Significant figures.
    Significant(ByLevel<u32>),
    /// GB 4789.2: whole numbers below 100, two significant figures from 100, ties up.
    PlateCount,
}

/// A setting that is the same everywhere or changes with the level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ByLevel<T> {
    Always(T),
    /// What holds below each level, the levels rising and in one unit; `from` the last one on, `from`.
    Split {
        unit: String,
        below: Vec<(Decimal, T)>,
        from: T,
    },
}

/// LOD and LOQ of one procedure, for an analyte and a matrix where they are named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetectionLimit {
    /// Key of the `MethodRow`.
    pub method: String,
    pub analyte: Option<String>,
    /// A class of food in the tree of the limits; a food below it belongs to it.
    pub matrix: Option<String>,
    pub lod: Option<Decimal>,
    pub loq: Option<Decimal>,
    pub unit: String,
    /// Portion in g and final volume in mL to which they belong, for scaling (`judgement.md` 6).
    pub portion_g: Option<Decimal>,
    pub volume_ml: Option<Decimal>,
    pub verified: bool,
    pub source_text: String,
}

/// One item to test in one food category by one edition of the yearly implementing rules (抽检实施细则).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImplementingRule {
    pub edition: String,
    /// Key of the category of the rules.
    pub category: String,
    /// Its four levels, separated by `/`.
    pub category_zh: String,
    pub category_en: String,
    /// Order of the item in its category, from 1.
    pub position: u32,
    pub analyte: String,
    /// Permitted method standards, without edition: the test date decides.
    pub methods: Vec<String>,
    /// Tree of the limit standard by which the item is judged: `GB 2762`.
    pub basis: String,
    /// Category of the food in that tree.
    pub basis_category: String,
    pub valid_from: Option<NaiveDate>,
    pub valid_to: Option<NaiveDate>,
    pub verified: bool,
}

/// A public holiday or a make-up working day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarDay {
    pub date: NaiveDate,
    pub kind: DayKind,
    pub name_zh: String,
    pub name_en: String,
    /// Address of the notice.
    pub source: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    pub code: RegionCode,
    pub name_zh: String,
    pub name_en: String,
    pub aliases: Vec<String>,
    pub verified: bool,
}

/// The analytes, found by any of their names.
#[derive(Debug)]
pub struct Analytes {
    rows: Vec<Analyte>,
    by_key: HashMap<String, usize>,
    by_name: HashMap<String, Vec<usize>>,
}

impl Analytes {
    pub fn new(rows: Vec<Analyte>) -> Self {
        let by_key = rows.iter().enumerate().map(|(index, row)| (row.key.clone(), index)).collect();
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, row) in rows.iter().enumerate() {
            let cas = row.cas.as_ref().map(CasNumber::as_str);
            let names = [row.key.as_str(), &row.name_zh, &row.name_en].into_iter().chain(cas);
            for name in names.chain(row.aliases.iter().map(String::as_str)) {
                let indices = by_name.entry(fold(name)).or_default();
                if !indices.contains(&index) {
                    indices.push(index);
                }
            }
        }
        Analytes { rows, by_key, by_name }
    }

    pub fn rows(&self) -> &[Analyte] {
        &self.rows
    }

    pub fn get(&self, key: &str) -> Option<&Analyte> {
        self.by_key.get(key).map(|index| &self.rows[*index])
    }

    /// All analytes that a name, alias, CAS number or key may mean ("亚硝酸盐" means three).
    pub fn find(&self, name: &str) -> impl Iterator<Item = &Analyte> {
        self.by_name.get(&fold(name)).into_iter().flatten().map(|index| &self.rows[*index])
    }
}
