//! Whether a table fits the sets in force beside it: what its rows name must be there, and what the others name must stay.

use std::collections::{BTreeMap, BTreeSet};

use super::Catalogue;
use super::categories::Categories;
use super::import::{Evaluation, FormulaRow, Parts, RecordField, UncertaintyBudget};
use super::reference::{
    Analyte, Analytes, Completeness, DetectionLimit, ImplementingRule, LimitRow, MethodRow, Standard, SumPart,
};
use super::table::{Problem, Row, RowError, Table};
use crate::domain::refusal::Fact;

/// A table that is looked at, and what is wrong with it.
pub struct Fitting {
    table: Table,
    errors: Vec<RowError>,
}

impl Fitting {
    pub fn of(table: Table) -> Self {
        Self { table, errors: Vec::new() }
    }

    /// # Errors
    /// Everything that was found, in order of rows.
    pub fn done(mut self) -> Result<(), Vec<RowError>> {
        self.errors.sort_by_key(|error| error.row);
        if self.errors.is_empty() { Ok(()) } else { Err(self.errors) }
    }

    /// Limits name editions of standards, classes of their trees, analytes.
    pub fn limits(&mut self, rows: &[LimitRow], known: &Catalogue) {
        self.each(rows, "standard", STANDARDS, |row| known.standards.iter().any(|one| one.standard == row.standard));
        let category = self.given("category", "food_category_zh");
        self.each(rows, category, CATEGORIES, |row| known.categories.get(&row.tree, &row.category).is_some());
        let analyte = self.given("analyte", "analyte_zh");
        self.each(rows, analyte, ANALYTES, |row| known.analytes.get(&row.analyte).is_some());
    }

    /// Procedures name analytes and classes of food; detection limits, formulas and implementing rules name procedures and
    /// methods.
    pub fn methods(&mut self, rows: &[MethodRow], known: &Catalogue) {
        self.each(rows, "analytes", ANALYTES, |row| all_known(&row.analytes, &known.analytes));
        let in_a_tree = |name: &String| known.categories.in_trees(name).next().is_some();
        self.each(rows, "matrices", CATEGORIES, |row| row.matrices.iter().all(in_a_tree));
        let had = |key: &str| known.methods.iter().any(|row| row.key == key);
        let keys: BTreeSet<&str> = rows.iter().map(|row| row.key.as_str()).collect();
        let named = named([
            ("detection_limits", known.detection_limits.iter().map(|row| row.method.as_str()).collect()),
            ("formulas", known.formulas.iter().map(|row| row.method.as_str()).collect()),
            ("record_forms", known.record_forms.iter().flat_map(|row| &row.methods).map(String::as_str).collect()),
            ("uncertainties", known.uncertainties.iter().map(|row| row.method.as_str()).collect()),
        ]);
        self.kept("key", named, |key| !had(key) || keys.contains(key));
        let standards: BTreeSet<&str> = rows.iter().map(|row| row.standard.as_str()).collect();
        let rules = known.rules.iter().flat_map(|row| &row.methods).map(String::as_str).collect();
        self.kept("standard", named_by("implementing_rules", rules), |number| standards.contains(number));
    }

    pub fn analytes(&mut self, rows: &[Analyte], known: &Catalogue) {
        let keys: BTreeSet<&str> = rows.iter().map(|row| row.key.as_str()).collect();
        let of_limits = |row: &LimitRow| [Some(row.analyte.clone()), row.screened_by.clone()];
        let limits: Vec<String> = known.limits.iter().flat_map(of_limits).flatten().collect();
        let named = named([
            ("limits", limits.iter().map(String::as_str).collect()),
            ("methods", known.methods.iter().flat_map(|row| &row.analytes).map(String::as_str).collect()),
            ("detection_limits", known.detection_limits.iter().filter_map(|row| row.analyte.as_deref()).collect()),
            ("implementing_rules", known.rules.iter().map(|row| row.analyte.as_str()).collect()),
            ("formulas", known.formulas.iter().flat_map(analytes_of).collect()),
            ("uncertainties", known.uncertainties.iter().map(|row| row.analyte.as_str()).collect()),
        ]);
        // What no set ever knew is found by its own name only, and stays so.
        self.kept("key", named, |key| known.analytes.get(key).is_none() || keys.contains(key));
    }

    pub fn categories(&mut self, new: &Categories, known: &Catalogue) {
        let place = |tree: &str, id: &str| format!("{tree}:{id}");
        let limits: Vec<String> = known.limits.iter().map(|row| place(&row.tree, &row.category)).collect();
        let rules: Vec<String> = known.rules.iter().map(|row| place(&row.basis, &row.basis_category)).collect();
        let named = named([
            ("limits", limits.iter().map(String::as_str).collect()),
            ("implementing_rules", rules.iter().map(String::as_str).collect()),
        ]);
        let has = |categories: &Categories, place: &str| {
            place.split_once(':').is_some_and(|(tree, id)| categories.get(tree, id).is_some())
        };
        self.kept("id", named, |place| !has(&known.categories, place) || has(new, place));
        let trees = known.standards.iter().map(|row| row.tree.as_str()).collect();
        self.kept("tree", named_by("standards", trees), |tree| new.rows().iter().any(|row| row.tree == tree));
    }

    pub fn standards(&mut self, rows: &[Standard], known: &Catalogue) {
        self.each(rows, "tree", TREES, |row| known.categories.rows().iter().any(|category| category.tree == row.tree));
        let printed: BTreeSet<&str> = rows.iter().map(|row| row.standard.as_str()).collect();
        let had = |standard: &str| known.standards.iter().any(|row| row.standard == standard);
        let limits = known.limits.iter().map(|row| row.standard.as_str()).collect();
        self.kept("standard", named_by("limits", limits), |standard| !had(standard) || printed.contains(standard));
        let declared = known.completeness.iter().map(|row| row.standard.as_str()).collect();
        self.kept("number", named_by("completeness", declared), |number| rows.iter().any(|row| row.number == number));
    }

    pub fn completeness(&mut self, rows: &[Completeness], known: &Catalogue) {
        let fits = |row: &Completeness, one: &Standard| one.number == row.standard && one.edition == row.edition;
        self.each(rows, "standard", STANDARDS, |row| known.standards.iter().any(|one| fits(row, one)));
    }

    pub fn detection_limits(&mut self, rows: &[DetectionLimit], known: &Catalogue) {
        self.each(rows, "method", METHODS, |row| known.method(&row.method).is_some());
        let analyte = |key: &String| known.analytes.get(key).is_some();
        self.each(rows, "analyte", ANALYTES, |row| row.analyte.as_ref().is_none_or(analyte));
    }

    pub fn uncertainties(&mut self, rows: &[UncertaintyBudget], known: &Catalogue) {
        self.each(rows, "method", METHODS, |row| known.method(&row.method).is_some());
        self.each(rows, "analyte", ANALYTES, |row| known.analytes.get(&row.analyte).is_some());
    }

    pub fn implementing_rules(&mut self, rows: &[ImplementingRule], known: &Catalogue) {
        self.each(rows, "analyte", ANALYTES, |row| known.analytes.get(&row.analyte).is_some());
        let method = |number: &String| known.methods.iter().any(|row| row.standard == *number);
        self.each(rows, "methods", METHODS, |row| row.methods.iter().all(method));
        self.each(rows, "basis_category", CATEGORIES, |row| {
            known.categories.get(&row.basis, &row.basis_category).is_some()
        });
    }

    /// Raw-record forms name procedures, and the inputs of their calculations.
    pub fn record_forms(&mut self, rows: &[RecordField], known: &Catalogue) {
        self.each(rows, "methods", METHODS, |row| row.methods.iter().all(|key| known.method(key).is_some()));
        self.each(rows, "feeds", INPUTS, |row| {
            let is_input = |feeds: &String| row.methods.iter().all(|key| known.inputs_of(key).contains(feeds.as_str()));
            row.feeds.as_ref().is_none_or(is_input)
        });
        // Two cells of one name would be one cell.
        self.each(rows, "field", FED_OR_OTHER, |row| {
            row.feeds.is_some() || !row.methods.iter().any(|key| known.inputs_of(key).contains(row.field.as_str()))
        });
    }

    /// Formulas name procedures and analytes, and their units are followed to the unit of the result; raw-record forms name
    /// their inputs.
    pub fn formulas(&mut self, rows: &[FormulaRow], known: &Catalogue) {
        self.each(rows, "method", METHODS, |row| known.method(&row.method).is_some());
        self.each(rows, "analytes", ANALYTES, |row| all_known(&row.analytes, &known.analytes));
        self.each(rows, "from", ANALYTES, |row| {
            row.from.iter().all(|taken| known.analytes.get(&taken.analyte).is_some())
        });
        let is_sum = |key: &String| known.analytes.get(key).is_some_and(|analyte| !analyte.sum_of.is_empty());
        self.each(rows, "analytes", SUMS, |row| {
            let adds = row.evaluation == Evaluation::Sum || row.parts != Parts::Unsaid;
            !adds || (!row.analytes.is_empty() && row.analytes.iter().all(is_sum))
        });
        // The parent compound of a residue definition is measured by the item itself: nothing else has its name.
        let as_it_is = |key: &String| parent(known, key).is_some_and(|part| part.factor.is_none());
        self.each(rows, "parts", PARENTS, |row| row.parts == Parts::Unsaid || row.analytes.iter().all(as_it_is));
        self.each(rows, "evaluation", NOT_PARENTS, |row| {
            row.evaluation != Evaluation::Sum || row.analytes.iter().all(|key| parent(known, key).is_none())
        });
        let fed = |row: &RecordField| -> Vec<String> {
            let feeds = row.feeds.iter().flat_map(|input| row.methods.iter().map(move |key| format!("{key}:{input}")));
            feeds.collect()
        };
        let fed: Vec<String> = known.record_forms.iter().flat_map(fed).collect();
        let named = named_by("record_forms", fed.iter().map(String::as_str).collect());
        self.kept("inputs", named, |name| {
            let Some((key, input)) = name.split_once(':') else { return true };
            let mut own = rows.iter().filter(|row| row.method == key).peekable();
            // A procedure without a rule is read directly.
            if own.peek().is_none() {
                input == "reading"
            } else {
                own.any(|row| row.inputs.iter().any(|one| one.name == input))
            }
        });
        for (row, at) in rows.iter().zip(self.table.rows()) {
            if let Err((column, why)) = row.check_units() {
                self.errors.push(self.table.error(at, column, Problem::UnitsWrong, why));
            }
        }
    }

    /// Complains about each row that names nothing of another set.
    fn each<T>(&mut self, rows: &[T], column: &str, allowed: &str, fits: impl Fn(&T) -> bool) {
        let strangers = rows.iter().zip(self.table.rows()).filter(|(row, _)| !fits(row));
        let error = |(_, at): (&T, &Row)| self.table.error(at, column, Problem::Unknown, Fact::word(allowed));
        let errors: Vec<RowError> = strangers.map(error).collect();
        self.errors.extend(errors);
    }

    /// Complains about what another set names and the new table has no more.
    fn kept(&mut self, column: &str, named: BTreeMap<&str, &'static str>, is_there: impl Fn(&str) -> bool) {
        for (name, by) in named.into_iter().filter(|(name, _)| !is_there(name)) {
            self.errors.push(RowError {
                file: self.table.file.clone(),
                row: None,
                column: Some(column.to_owned()),
                letter: None,
                problem: Problem::StillNamed,
                found: name.to_owned(),
                allowed: by.into(),
            });
        }
    }

    /// The column in which a table names something: by its id, or by name where it has no ids.
    fn given(&self, id: &'static str, name: &'static str) -> &'static str {
        let has = self.table.rows().iter().any(|row| !self.table.cell(row, id).is_empty());
        if has { id } else { name }
    }
}

/// The analytes that a rule of calculation names.
fn analytes_of(row: &FormulaRow) -> impl Iterator<Item = &str> {
    row.analytes.iter().chain(row.from.iter().map(|taken| &taken.analyte)).map(String::as_str)
}

/// What a residue definition says of the compound that it is named after.
fn parent<'c>(known: &'c Catalogue, key: &str) -> Option<&'c SumPart> {
    known.analytes.get(key)?.sum_of.iter().find(|part| part.analyte == key)
}

fn all_known(keys: &[String], analytes: &Analytes) -> bool {
    keys.iter().all(|key| analytes.get(key).is_some())
}

/// What sets name, each name once with the set that names it.
fn named<'n, const SETS: usize>(sets: [(&'static str, Vec<&'n str>); SETS]) -> BTreeMap<&'n str, &'static str> {
    sets.into_iter().rev().flat_map(|(set, names)| names.into_iter().map(move |name| (name, set))).collect()
}

fn named_by<'n>(set: &'static str, names: Vec<&'n str>) -> BTreeMap<&'n str, &'static str> {
    named([(set, names)])
}

/// Message keys of what may stand in a cell.
const STANDARDS: &str = "expected-known-standard";
const CATEGORIES: &str = "expected-known-category";
const ANALYTES: &str = "expected-known-analyte";
const SUMS: &str = "expected-sum-analytes";
const PARENTS: &str = "expected-parent-analytes";
const NOT_PARENTS: &str = "expected-parts-of-parent";
const METHODS: &str = "expected-known-method";
const FED_OR_OTHER: &str = "expected-other-field-name";
const INPUTS: &str = "expected-calculation-input";
const TREES: &str = "expected-known-tree";

#[cfg(test)]
mod tests {
    use super::parent;
    use crate::catalogue::Catalogue;
    use crate::catalogue::actions::{Kind, read, shipped};
    use crate::catalogue::import::{Evaluation, Parts};
    use crate::catalogue::table::File;

    /// What is said about a table of a kind: place, problem, what stood there.
    fn said(kind: Kind, table: &str, catalogue: &Catalogue) -> Vec<String> {
        let read = read(kind, File::new("own.csv", table.as_bytes()), catalogue);
        let line = |error: &crate::catalogue::table::RowError| {
            let row = error.row.map_or_else(|| "-".to_owned(), |row| row.to_string());
            let column = error.column.as_deref().unwrap_or("-");
            format!("{row} {column} {} {}", error.problem.code(), error.found)
        };
        read.map_or_else(|errors| errors.iter().map(line).collect(), |_| Vec::new())
    }

    fn text(kind: Kind) -> String {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/reference");
        std::fs::read_to_string(folder.join(format!("{}.csv", kind.code()))).unwrap()
    }

    #[test]
    fn every_shipped_table_fits_the_others() {
        let catalogue = shipped().unwrap();
        for kind in Kind::ALL {
            assert_eq!(said(*kind, &text(*kind), &catalogue), [""; 0], "{}", kind.code());
        }
    }

    /// What is allowed is said in the language of the page; the command line speaks English.
    #[test]
    fn what_is_allowed_is_said_in_the_language_of_the_reader() {
        use crate::web::language::Language;
        let catalogue = shipped().unwrap();
        let told = |kind: Kind, table: &str, language: Language| -> Vec<String> {
            let errors = read(kind, File::new("own.csv", table.as_bytes()), &catalogue).err().unwrap_or_default();
            errors.iter().map(|error| language.sentence(&crate::catalogue::refusing::reason(error))).collect()
        };
        let limits = "standard,food_category_zh,analyte_zh,kind,value,unit\nGB 2762-2031,月球奶酪,氪石,max,0.3,mg/kg\n";
        let formulas = text(Kind::Formulas).replacen("volume/(mass*1000)", "volume/mass)", 1);
        for (kind, table) in [(Kind::Limits, limits), (Kind::Formulas, formulas.as_str())] {
            for sentence in told(kind, table, Language::Chinese) {
                let said = sentence.split_once("允许：").expect("what is allowed").1.to_owned();
                assert!(said.chars().any(|sign| ('\u{4e00}'..='\u{9fff}').contains(&sign)), "{sentence}");
            }
        }
        let english = told(Kind::Limits, limits, Language::English);
        assert!(english[0].contains("Allowed: an edition of the set of standards"), "{english:?}");
    }

    #[test]
    fn a_limit_names_what_other_sets_know() {
        let catalogue = shipped().unwrap();
        let head = "standard,food_category_zh,analyte_zh,kind,value,unit\n";
        let good = "GB 2762-2025,叶菜蔬菜,铅（以Pb计）,max,0.3,mg/kg\n";
        let table = format!("{head}{good}GB 2762-2031,月球奶酪,氪石,max,0.3,mg/kg\n");
        let found = said(Kind::Limits, &table, &catalogue);
        let expected =
            ["3 standard unknown GB 2762-2031", "3 food_category_zh unknown 月球奶酪", "3 analyte_zh unknown 氪石"];
        assert_eq!(found, expected);
    }

    #[test]
    fn what_other_sets_name_cannot_go() {
        let catalogue = shipped().unwrap();
        let analytes = text(Kind::Analytes);
        let without: String =
            analytes.lines().filter(|line| !line.starts_with("pb,")).map(|line| format!("{line}\n")).collect();
        assert_eq!(said(Kind::Analytes, &without, &catalogue), ["- key still_named pb"]);
        let categories = text(Kind::FoodCategories);
        let gone = "GB 2762,wheat-flour,";
        let without: String =
            categories.lines().filter(|line| !line.starts_with(gone)).map(|line| format!("{line}\n")).collect();
        assert!(without.len() < categories.len(), "the starter set has {gone}");
        assert!(!said(Kind::FoodCategories, &without, &catalogue).is_empty());
    }

    /// Carbofuran is itself and its metabolite; enrofloxacin could be, chlorpyrifos is no sum; three tetracyclines have no
    /// parent.
    #[test]
    fn a_residue_that_contains_its_parent_is_measured_as_such() {
        let catalogue = shipped().unwrap();
        let found = |analyte: &str, evaluation: &str, parts: &str| {
            let formulas = text(Kind::Formulas);
            let (head, rows) = formulas.split_once('\n').unwrap();
            let inputs = if evaluation == "sum" { "" } else { "reading=mg/kg" };
            let own = format!(
                "gb23200.112-2018/hplc-fld-post-column,{analyte},1,{evaluation},,{inputs},mg/kg,1,,,,,no,,,x,,,,,{parts},\n"
            );
            let others = rows.lines().filter(|row| !row.starts_with("gb23200.112-2018/"));
            let kept: String = others.map(|row| format!("{row}\n")).collect();
            said(Kind::Formulas, &format!("{head}\n{own}{kept}"), &catalogue)
        };
        assert_eq!(found("carbofuran", "direct", "yes"), [""; 0]);
        assert_eq!(found("tetracyclines-3", "sum", ""), [""; 0]);
        assert_eq!(found("carbofuran", "sum", ""), ["2 evaluation unknown sum"]);
        assert_eq!(found("tetracyclines-3", "direct", "yes"), ["2 parts unknown yes"]);
        assert_eq!(found("chlorpyrifos", "direct", "yes"), ["2 analytes unknown chlorpyrifos", "2 parts unknown yes"]);
        // Where the laboratory says that the compound alone is the residue: only of what would be a sum.
        assert_eq!(found("carbofuran", "direct", "whole"), [""; 0]);
        assert_eq!(found("tetracyclines-3", "direct", "whole"), ["2 parts unknown whole"]);
    }

    /// A procedure that names a residue adds its parts; a rapid test, which has no number to add to, finds them together.
    #[test]
    fn no_shipped_procedure_judges_a_residue_by_its_parent_alone() {
        let catalogue = shipped().unwrap();
        let mut seen = 0;
        for method in &catalogue.methods {
            for key in method.analytes.iter().filter(|key| parent(&catalogue, key).is_some()) {
                let rule = catalogue.formula(&method.key, key, "");
                let finds_all = rule.parts == Parts::Whole && rule.evaluation == Evaluation::Detection;
                assert!(rule.parts == Parts::Added || finds_all, "{}: {key}", method.key);
                seen += 1;
            }
        }
        // Phorate 3, carbofuran 5, fipronil 3, aldicarb 4, enrofloxacin 3, florfenicol 5, malachite green 3.
        assert_eq!(seen, 26);
    }

    /// The starter formula of lead without its thousand, in the second row of the file.
    #[test]
    fn a_formula_whose_units_do_not_follow_is_refused_with_its_place() {
        let catalogue = shipped().unwrap();
        let formulas = text(Kind::Formulas);
        let table =
            formulas.replacen("volume/(mass*1000)", "volume/mass", 1).replacen("0.109496316942", "109.496316942", 1);
        let found = said(Kind::Formulas, &table, &catalogue);
        assert_eq!(found, ["2 expression units_wrong (reading-blank)*volume/mass"]);
        let stranger = formulas.replacen("gb5009.12-2023/gfaas", "gb5009.12-2099/gfaas", 1);
        assert_eq!(said(Kind::Formulas, &stranger, &catalogue), ["2 method unknown gb5009.12-2099/gfaas"]);
    }
}
