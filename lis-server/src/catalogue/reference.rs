//! The reference data that the program ships, as typed rows, read once from the files in `assets/reference/`
//! (`SOURCES.md` there says where each file comes from and how far it is to be trusted).

use std::sync::LazyLock;

use super::import;
use super::table::{File, RowError};

mod rows;
#[cfg(test)]
mod tests;

pub use super::categories::{Categories, Condition, FoodCategory};
pub use rows::*;

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
        File::new($name, include_bytes!(concat!("../../assets/reference/", $name)))
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
        let vocabulary = import::Vocabulary { categories: &categories, analytes: &analytes, standards: &standards };
        let limits = import::read_limits(shipped!("limits.csv"), &vocabulary)?;
        Ok(Reference {
            limits,
            completeness: import::read_completeness(shipped!("completeness.csv"))?,
            methods: import::read_methods(shipped!("methods.csv"))?,
            detection_limits: import::read_detection_limits(shipped!("detection_limits.csv"))?,
            implementing_rules: import::read_implementing_rules(shipped!("implementing_rules.csv"))?,
            calendar: import::read_calendar(shipped!("calendar.csv"))?,
            regions: shipped_regions()?,
            categories,
            analytes,
            standards,
        })
    }

    /// What names mean while a laboratory's own table is read.
    pub fn vocabulary(&self) -> import::Vocabulary<'_> {
        import::Vocabulary { categories: &self.categories, analytes: &self.analytes, standards: &self.standards }
    }
}

/// The shipped regions alone: a start needs no more.
pub fn shipped_regions() -> Result<Vec<Region>, Vec<RowError>> {
    import::read_regions(shipped!("regions.csv"))
}
