//! The reference data that the program ships, as typed rows, read once from the files in `assets/reference/`
//! (`SOURCES.md` there says where each file comes from and how far it is to be trusted).

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::NaiveDate;

use super::categories::Categories;
use super::import;
use super::names::fold;
use super::table::{File, RowError};
use crate::domain::calendar::DayKind;
use crate::domain::decimal::Decimal;
use crate::domain::identifiers::{CasNumber, RegionCode};

pub use super::categories::{Condition, FoodCategory};

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
    Microbiology {
        n: u32,
        c: u32,
        m: Decimal,
        big_m: Option<Decimal>,
    },
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
            pub(super) const WORDS: &[(&str, $name)] = &[$(($word, $name::$variant)),+];

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

/// A setting that is the same everywhere or changes at one level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ByLevel<T> {
    Always(T),
    /// `below` the level `at` (in `unit`), `from` it on.
    Split {
        at: Decimal,
        unit: String,
        below: T,
        from: T,
    },
}

/// LOD and LOQ of one procedure, for an analyte and a matrix where they are named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetectionLimit {
    /// Key of the `MethodRow`.
    pub method: String,
    pub analyte: Option<String>,
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
        let by_key = rows
            .iter()
            .enumerate()
            .map(|(index, row)| (row.key.clone(), index))
            .collect();
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, row) in rows.iter().enumerate() {
            let cas = row.cas.as_ref().map(CasNumber::as_str);
            let names = [row.key.as_str(), &row.name_zh, &row.name_en]
                .into_iter()
                .chain(cas);
            for name in names.chain(row.aliases.iter().map(String::as_str)) {
                let indices = by_name.entry(fold(name)).or_default();
                if !indices.contains(&index) {
                    indices.push(index);
                }
            }
        }
        Analytes {
            rows,
            by_key,
            by_name,
        }
    }

    pub fn rows(&self) -> &[Analyte] {
        &self.rows
    }

    pub fn get(&self, key: &str) -> Option<&Analyte> {
        self.by_key.get(key).map(|index| &self.rows[*index])
    }

    /// All analytes that a name, alias, CAS number or key may mean ("亚硝酸盐" means three).
    pub fn find(&self, name: &str) -> impl Iterator<Item = &Analyte> {
        self.by_name
            .get(&fold(name))
            .into_iter()
            .flatten()
            .map(|index| &self.rows[*index])
    }
}

/// All that is shipped.
#[derive(Debug)]
pub struct Reference {
    pub categories: Categories,
    pub analytes: Analytes,
    pub standards: Vec<Standard>,
    pub completeness: Vec<Completeness>,
    pub limits: Vec<LimitRow>,
    pub methods: Vec<MethodRow>,
    pub detection_limits: Vec<DetectionLimit>,
    pub implementing_rules: Vec<ImplementingRule>,
    pub calendar: Vec<CalendarDay>,
    pub regions: Vec<Region>,
}

macro_rules! shipped {
    ($name:literal) => {
        File::new(
            $name,
            include_bytes!(concat!("../../assets/reference/", $name)),
        )
    };
}

impl Reference {
    /// The shipped data, read and checked at the first call. The files are part of the program and a test reads them, so
    /// errors cannot happen in a built program; they come back as such for the sake of that test.
    pub fn shipped() -> Result<&'static Reference, &'static [RowError]> {
        static SHIPPED: LazyLock<Result<Reference, Vec<RowError>>> = LazyLock::new(Reference::load);
        SHIPPED.as_ref().map_err(Vec::as_slice)
    }

    fn load() -> Result<Reference, Vec<RowError>> {
        let categories = import::read_food_categories(shipped!("food_categories.csv"))?;
        let analytes = import::read_analytes(shipped!("analytes.csv"))?;
        let standards = import::read_standards(shipped!("standards.csv"))?;
        let vocabulary = import::Vocabulary {
            categories: &categories,
            analytes: &analytes,
            standards: &standards,
        };
        let limits = import::read_limits(shipped!("limits.csv"), &vocabulary)?;
        Ok(Reference {
            limits,
            completeness: import::read_completeness(shipped!("completeness.csv"))?,
            methods: import::read_methods(shipped!("methods.csv"))?,
            detection_limits: import::read_detection_limits(shipped!("detection_limits.csv"))?,
            implementing_rules: import::read_implementing_rules(shipped!(
                "implementing_rules.csv"
            ))?,
            calendar: import::read_calendar(shipped!("calendar.csv"))?,
            regions: import::read_regions(shipped!("regions.csv"))?,
            categories,
            analytes,
            standards,
        })
    }

    /// What names mean while a laboratory's own table is read.
    pub fn vocabulary(&self) -> import::Vocabulary<'_> {
        import::Vocabulary {
            categories: &self.categories,
            analytes: &self.analytes,
            standards: &self.standards,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::names::split_edition;

    fn shipped() -> &'static Reference {
        Reference::shipped().unwrap_or_else(|errors| {
            panic!(
                "{}",
                errors.iter().map(|e| format!("{e}\n")).collect::<String>()
            )
        })
    }

    #[test]
    fn all_shipped_rows_are_valid() {
        let reference = shipped();
        // Counted by hand in the source tables; a change of the data changes them knowingly.
        assert_eq!(reference.limits.len(), 511);
        assert_eq!(reference.standards.len(), 35);
        assert_eq!(reference.calendar.len(), 72);
        assert!(
            reference.completeness.iter().all(|row| !row.complete),
            "the starter set is complete for nothing"
        );
        let mut names: Vec<&str> = reference
            .limits
            .iter()
            .map(|row| row.food_category_zh.as_str())
            .collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 246);
    }

    #[test]
    fn every_limit_stands_in_its_tree_and_names_a_known_analyte_and_method() {
        let reference = shipped();
        for row in &reference.limits {
            let category = reference.categories.get(&row.tree, &row.category);
            assert_eq!(
                category.map(|found| &found.name_zh),
                Some(&row.food_category_zh),
                "{}",
                row.key
            );
            let analyte = reference.analytes.get(&row.analyte);
            assert_eq!(
                analyte.map(|found| &found.name_zh),
                Some(&row.analyte_zh),
                "{}",
                row.key
            );
            assert_eq!(
                analyte.and_then(|found| found.cas.as_ref()),
                row.cas.as_ref(),
                "{}",
                row.key
            );
            for method in &row.methods {
                assert!(
                    reference
                        .methods
                        .iter()
                        .any(|found| &found.standard == method),
                    "{}: {method}",
                    row.key
                );
            }
            let standard = reference
                .standards
                .iter()
                .find(|found| found.standard == row.standard);
            assert_eq!(
                standard.map(|found| found.tree.as_str()),
                Some(row.tree.as_str()),
                "{}",
                row.key
            );
            assert!(row.key.starts_with(&standard.unwrap().key), "{}", row.key);
        }
        for row in &reference.standards {
            assert_eq!(
                split_edition(&row.standard),
                (row.number.as_str(), row.edition),
                "{}",
                row.key
            );
        }
    }

    #[test]
    fn tables_that_point_at_each_other_meet() {
        let reference = shipped();
        for limit in &reference.detection_limits {
            assert!(
                reference.methods.iter().any(|row| row.key == limit.method),
                "{}",
                limit.method
            );
            assert!(
                limit
                    .analyte
                    .as_ref()
                    .is_none_or(|key| reference.analytes.get(key).is_some()),
                "{}",
                limit.method
            );
        }
        for method in &reference.methods {
            for analyte in &method.analytes {
                assert!(
                    reference.analytes.get(analyte).is_some(),
                    "{}: {analyte}",
                    method.key
                );
            }
        }
        for rule in &reference.implementing_rules {
            let place = (&rule.category, &rule.analyte);
            assert!(reference.analytes.get(&rule.analyte).is_some(), "{place:?}");
            assert!(
                reference
                    .categories
                    .get(&rule.basis, &rule.basis_category)
                    .is_some(),
                "{place:?}"
            );
            for method in &rule.methods {
                assert!(
                    reference.methods.iter().any(|row| &row.standard == method),
                    "{place:?}: {method}"
                );
            }
        }
        for region in &reference.regions {
            for above in region.code.ancestors() {
                assert!(
                    reference.regions.iter().any(|row| row.code == above),
                    "{} is missing",
                    above.as_str()
                );
            }
        }
    }

    #[test]
    fn lead_in_foods_keeps_its_digits_and_detection_limit() {
        let reference = shipped();
        let method = reference
            .methods
            .iter()
            .find(|row| row.key == "gb5009.12-2023/gfaas")
            .unwrap();
        assert_eq!(method.procedure.as_deref(), Some("第一法"));
        let Some(Digits::Significant(ByLevel::Split {
            at,
            unit,
            below,
            from,
        })) = &method.digits
        else {
            panic!()
        };
        assert_eq!(
            (at.as_str(), unit.as_str(), *below, *from),
            ("1", "mg/kg", 2, 3)
        );
        let limit = reference
            .detection_limits
            .iter()
            .find(|row| row.method == method.key)
            .unwrap();
        let text = |value: &Option<Decimal>| value.as_ref().map(|value| value.as_str().to_string());
        assert_eq!(
            (text(&limit.lod), text(&limit.loq)),
            (Some("0.02".into()), Some("0.04".into()))
        );
        assert_eq!(
            (text(&limit.portion_g), text(&limit.volume_ml)),
            (Some("0.5".into()), Some("10".into()))
        );
        assert!(!limit.verified);
    }

    #[test]
    fn a_name_may_mean_several_analytes() {
        let keys = |name: &str| -> Vec<&str> {
            shipped()
                .analytes
                .find(name)
                .map(|found| found.key.as_str())
                .collect()
        };
        assert_eq!(keys("铅"), ["pb"]);
        assert_eq!(keys("黄曲霉毒素 B1"), ["aflatoxin-b1"]);
        assert_eq!(keys("7440-38-2"), ["total-as", "inorganic-as"]);
        assert_eq!(
            keys("亚硝酸盐"),
            ["nitrite-nano2", "nitrite-no2", "nitrite-residue"]
        );
        assert!(keys("金").is_empty());
    }
}
