//! The catalogue in force: the newest set of each kind, read once and shared; and how the laboratory brings its own.

use std::sync::{Arc, LazyLock, Mutex};

use serde::Serialize;

use super::fitting::Fitting;
use super::store::{self, NewSetRow, SetRow};
use super::table::{File, RowError, Table};
use super::{Catalogue, SET_EMPTY, import};
use crate::accounts::Actor;
use crate::db::{Conn, Db, Tx};
use crate::domain::hash::sha256_of;
use crate::domain::ids::CatalogueSetId;
use crate::domain::refusal::{Fault, NOT_FOUND, Outcome};

/// Kinds of sets, each with the file that the program ships.
const SHIPPED: &[(&str, &str, &[u8])] = &[
    ("analytes", "analytes.csv", include_bytes!("../../assets/reference/analytes.csv")),
    ("calendar", "calendar.csv", include_bytes!("../../assets/reference/calendar.csv")),
    ("completeness", "completeness.csv", include_bytes!("../../assets/reference/completeness.csv")),
    ("detection_limits", "detection_limits.csv", include_bytes!("../../assets/reference/detection_limits.csv")),
    ("food_categories", "food_categories.csv", include_bytes!("../../assets/reference/food_categories.csv")),
    ("formulas", "formulas.csv", include_bytes!("../../assets/reference/formulas.csv")),
    ("implementing_rules", "implementing_rules.csv", include_bytes!("../../assets/reference/implementing_rules.csv")),
    ("limits", "limits.csv", include_bytes!("../../assets/reference/limits.csv")),
    ("methods", "methods.csv", include_bytes!("../../assets/reference/methods.csv")),
    ("record_forms", "record_forms.csv", include_bytes!("../../assets/reference/record_forms.csv")),
    ("standards", "standards.csv", include_bytes!("../../assets/reference/standards.csv")),
    ("uncertainties", "uncertainties.csv", include_bytes!("../../assets/reference/uncertainties.csv")),
];

/// Who loaded a set that the program ships: `Actor::system` of [`store_shipped`].
pub const SHIPPED_BY: &str = "system:shipped";

/// The kind of a set, and its table in CSV.
///
/// # Errors
/// `not-found`.
pub fn table_of(conn: &mut Conn, id: CatalogueSetId) -> Outcome<(String, String)> {
    store::table(conn, id)?.ok_or_else(|| NOT_FOUND.into())
}

/// The columns of a shipped table, in its order; what may be left out beside them the reader of the kind knows.
pub fn columns(kind: Kind) -> Vec<&'static str> {
    let shipped = SHIPPED.iter().find(|(code, ..)| *code == kind.code());
    let header = shipped.and_then(|(.., bytes)| std::str::from_utf8(bytes).ok()).and_then(|text| text.lines().next());
    header.unwrap_or_default().trim_start_matches('\u{feff}').split(',').collect()
}

/// Catalogues already read. Two are enough for a change of sets; tests open several databases with the same sets.
static READ: LazyLock<Mutex<Vec<Arc<Catalogue>>>> = LazyLock::new(|| Mutex::new(Vec::new()));
const KEPT: usize = 4;

/// The catalogue in force. One cheap statement; the sets are read again only when one of them is new.
pub fn current(conn: &mut Conn) -> Outcome<Arc<Catalogue>> {
    let sets = store::newest(conn)?;
    if let Some(known) = known(&sets) {
        return Ok(known);
    }
    let ids: Vec<CatalogueSetId> = sets.iter().map(|set| set.id).collect();
    let contents = store::contents(conn, &ids)?;
    let read = Arc::new(Catalogue::read(sets, &contents)?);
    let mut kept = kept();
    kept.insert(0, read.clone());
    kept.truncate(KEPT);
    Ok(read)
}

/// One that is kept already; what is asked for stays longest.
fn known(sets: &[SetRow]) -> Option<Arc<Catalogue>> {
    let mut kept = kept();
    let at = kept.iter().position(|catalogue| catalogue.sets == sets)?;
    let known = kept.remove(at);
    kept.insert(0, known.clone());
    Some(known)
}

fn kept() -> std::sync::MutexGuard<'static, Vec<Arc<Catalogue>>> {
    READ.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// The catalogue that the program ships, without a database.
pub fn shipped() -> Outcome<Catalogue> {
    let numbered = || SHIPPED.iter().zip(1..);
    let sets = numbered().map(|((kind, name, bytes), id)| SetRow {
        id: CatalogueSetId(id),
        kind: (*kind).to_owned(),
        name: (*name).to_owned(),
        sha256: sha256_of(bytes),
        row_count: 0,
        imported_by: String::new(),
        imported_at: crate::domain::clock::Moment::new(chrono::DateTime::UNIX_EPOCH),
    });
    let contents: Vec<(CatalogueSetId, String)> = numbered()
        .map(|((_, _, bytes), id)| (CatalogueSetId(id), String::from_utf8_lossy(bytes).into_owned()))
        .collect();
    Catalogue::read(sets.collect(), &contents)
}

/// Stores the sets that the program ships where the laboratory has none of that kind. Called at every start.
pub fn store_shipped(db: &Db) -> Outcome<()> {
    let present = db.read_now(|conn| Ok(store::newest(conn)?))?;
    if SHIPPED.iter().all(|(kind, ..)| present.iter().any(|set| set.kind == *kind)) {
        return Ok(());
    }
    db.write_now(|tx| {
        let present = store::newest(tx.conn)?;
        for (kind, name, bytes) in SHIPPED.iter().filter(|(kind, ..)| !present.iter().any(|set| set.kind == *kind)) {
            let content = String::from_utf8_lossy(bytes).into_owned();
            let rows = Table::read_any(File::new(name, bytes)).map_or(0, |table| table.rows().len());
            let by = Actor::system("shipped", "start");
            insert_set(tx, &by, &Imported { kind, name: (*name).to_owned(), content, rows })?;
        }
        Ok(())
    })
}

macro_rules! kinds {
    ($($variant:ident = $code:literal),+ $(,)?) => {
        /// What a laboratory may replace by itself. The order is the one in which new sets are brought: each names only what
        /// stands in those before it.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Kind { $($variant),+ }

        impl Kind {
            pub const ALL: &[Kind] = &[$(Self::$variant),+];

            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }
        }
    };
}

kinds! {
    FoodCategories = "food_categories",
    Analytes = "analytes",
    Standards = "standards",
    Completeness = "completeness",
    Limits = "limits",
    Methods = "methods",
    DetectionLimits = "detection_limits",
    Uncertainties = "uncertainties",
    Formulas = "formulas",
    RecordForms = "record_forms",
    ImplementingRules = "implementing_rules",
    Calendar = "calendar",
}

impl Kind {
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.code() == code)
    }

    /// The key of its name in the message files.
    pub fn word(self) -> String {
        format!("catalogue-{}", self.code().replace('_', "-"))
    }
}

/// A table that was read without an error, ready to be stored.
#[derive(Clone, Debug)]
pub struct Imported {
    kind: &'static str,
    name: String,
    content: String,
    pub rows: usize,
}

impl Imported {
    /// The code of its kind.
    pub fn kind(&self) -> &'static str {
        self.kind
    }

    /// Whether a stored set of this hash is this very table.
    pub fn is_content(&self, sha256: &str) -> bool {
        sha256_of(self.content.as_bytes()) == sha256
    }
}

/// Reads a laboratory's own table against the catalogue in force: every bad row is named, or all rows are good and fit the
/// other sets.
pub fn read(kind: Kind, file: File<'_>, catalogue: &Catalogue) -> Result<Imported, Vec<RowError>> {
    let count = match kind {
        Kind::FoodCategories => {
            let categories = import::read_food_categories(file)?;
            fitting(file, |fitting| fitting.categories(&categories, catalogue))?;
            categories.rows().len()
        }
        Kind::Analytes => {
            let analytes = import::read_analytes(file)?;
            fitting(file, |fitting| fitting.analytes(analytes.rows(), catalogue))?;
            analytes.rows().len()
        }
        Kind::Standards => fitted(file, import::read_standards(file)?, catalogue, Fitting::standards)?,
        Kind::Completeness => fitted(file, import::read_completeness(file)?, catalogue, Fitting::completeness)?,
        Kind::Limits => {
            let vocabulary = import::Vocabulary {
                categories: &catalogue.categories,
                analytes: &catalogue.analytes,
                standards: &catalogue.standards,
            };
            fitted(file, import::read_limits(file, &vocabulary)?, catalogue, Fitting::limits)?
        }
        Kind::Methods => fitted(file, import::read_methods(file)?, catalogue, Fitting::methods)?,
        Kind::DetectionLimits => {
            fitted(file, import::read_detection_limits(file)?, catalogue, Fitting::detection_limits)?
        }
        Kind::Uncertainties => fitted(file, import::read_uncertainties(file)?, catalogue, Fitting::uncertainties)?,
        Kind::Formulas => fitted(file, import::read_formulas(file)?, catalogue, Fitting::formulas)?,
        Kind::RecordForms => fitted(file, import::read_record_forms(file)?, catalogue, Fitting::record_forms)?,
        Kind::ImplementingRules => {
            fitted(file, import::read_implementing_rules(file)?, catalogue, Fitting::implementing_rules)?
        }
        Kind::Calendar => import::read_calendar(file)?.len(),
    };
    let content = Table::read_any(file)?.to_csv().map_err(|_| Vec::new())?;
    Ok(Imported { kind: kind.code(), name: file.name.to_owned(), content, rows: count })
}

/// Rows that were read, against the other sets; how many there are.
fn fitted<T>(
    file: File<'_>,
    rows: Vec<T>,
    catalogue: &Catalogue,
    check: impl FnOnce(&mut Fitting, &[T], &Catalogue),
) -> Result<usize, Vec<RowError>> {
    fitting(file, |fitting| check(fitting, &rows, catalogue))?;
    Ok(rows.len())
}

fn fitting(file: File<'_>, check: impl FnOnce(&mut Fitting)) -> Result<(), Vec<RowError>> {
    let mut fitting = Fitting::of(Table::read_any(file)?);
    check(&mut fitting);
    fitting.done()
}

/// Stores a set that was read; from now on it is the one in force.
pub fn import(tx: &mut Tx, by: &Actor, imported: &Imported) -> Outcome<CatalogueSetId> {
    if imported.rows == 0 {
        return Err(SET_EMPTY.into());
    }
    insert_set(tx, by, imported)
}

/// What an import answers a program.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = CatalogueImported)]
pub struct SetImported {
    /// Id of the set that is in force now.
    pub id: CatalogueSetId,
    pub kind: String,
    pub rows: usize,
    /// The same table was in force already: nothing was changed.
    pub already: bool,
}

/// The same for programs, which repeat requests: a table that is in force already is not stored again.
pub fn import_once(tx: &mut Tx, by: &Actor, imported: &Imported) -> Outcome<SetImported> {
    let sha256 = sha256_of(imported.content.as_bytes());
    let in_force = store::newest(tx.conn)?.into_iter().find(|set| set.kind == imported.kind);
    let (id, already) = match in_force.filter(|set| set.sha256 == sha256) {
        Some(set) => (set.id, true),
        None => (import(tx, by, imported)?, false),
    };
    Ok(SetImported { id, kind: imported.kind.to_owned(), rows: imported.rows, already })
}

fn insert_set(tx: &mut Tx, by: &Actor, imported: &Imported) -> Outcome<CatalogueSetId> {
    let sha256 = sha256_of(imported.content.as_bytes());
    let code = by.code();
    let row = NewSetRow {
        kind: imported.kind,
        name: &imported.name,
        sha256: &sha256,
        content: &imported.content,
        row_count: i64::try_from(imported.rows).unwrap_or(i64::MAX),
        imported_by: &code,
        imported_at: tx.now,
    };
    let id = *store::insert(tx.conn, &[row])?.first().ok_or_else(|| Fault::broken("no id for a set"))?;
    tx.log(
        by.entry("catalogue_set", id.0, 1, "catalogue-imported")
            .set("kind", imported.kind)
            .set("name", imported.name.as_str())
            .set("sha256", sha256)
            .set("rows", imported.rows),
    );
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_table_names_its_rows_and_a_good_one_is_kept_as_csv() {
        let catalogue = shipped().unwrap();
        let bad = b"date,kind,name_zh\n2027-01-01,off,A\n2027-02-30,off,B\n2027-03-01,maybe,C\n";
        let errors = read(Kind::Calendar, File::new("own.csv", bad), &catalogue).unwrap_err();
        assert_eq!(errors.iter().map(|error| error.row).collect::<Vec<_>>(), [Some(3), Some(4)]);
        let good = "date,kind,name_zh\n2027-01-01,off,\"元旦, one\"\n";
        let imported = read(Kind::Calendar, File::new("own.csv", good.as_bytes()), &catalogue).unwrap();
        assert_eq!((imported.rows, imported.content.as_str()), (1, good));
    }
}
