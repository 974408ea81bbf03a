//! The sets that the laboratory judges by, what is declared complete, and the import of a table of its own.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::super::actions::{self, SetImported};
use super::super::incoming::{About, ENCODINGS, read};
use super::super::reference::Completeness;
use super::super::refusing;
use super::super::store::{self, SetRow};
use crate::accounts::May;
use crate::accounts::role::{ManageCatalogue, SeeBench};
use crate::app::Lis;
use crate::domain::clock::Moment;
use crate::domain::ids::CatalogueSetId;
use crate::domain::refusal::{FIELD_INVALID, Fault, Outcome, Refusal};
use crate::web::paging::{self, LIMIT, Listed, PageQuery};
use crate::web::routes::Routes;
use crate::web::{Answer, Asked, Upload};

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/catalogue-sets", sets)
        .about("The imported sets of every kind, newest first; of each kind the newest is in force.")
        .gives::<Listed<SetView>>()
        .get("/api/v1/catalogue-sets/{id}/file", file)
        .about("The table of a set as CSV in UTF-8, to be changed and loaded again.")
        .gives_file(CSV)
        .get("/api/v1/catalogue-completeness", completeness)
        .about("The standards whose limits are declared complete: only there does a missing limit say something.")
        .gives::<Listed<CompletenessView>>()
        .post("/api/v1/catalogue-imports", import)
        .about(
            "Replaces a set by a CSV or XLSX table: all rows or none, every bad row named. The table that is in force is \
             not stored again.",
        )
        .beside(&[
            (
                "kind",
                "`food_categories`, `analytes`, `standards`, `completeness`, `limits`, `methods`, `detection_limits`, \
                 `uncertainties`, `formulas`, `record_forms`, `implementing_rules` or `calendar`; each names only what \
                 stands in those before it.",
            ),
            ("encoding", "`utf-8` or `gb18030`; left out: UTF-8, or what the file itself says."),
        ])
        .repeatable()
        .gives::<TableRead>()
        .creates::<SetImported>()
        .refuses(refusing::PROBLEMS)
}

/// An imported set.
#[derive(Serialize, utoipa::ToSchema)]
struct SetView {
    id: CatalogueSetId,
    /// `limits`, `methods`, `calendar`, `analytes`, `food_categories` …
    kind: String,
    /// Name of the file that it came from.
    name: String,
    /// SHA-256 of the table as it is kept, 64 hexadecimal digits.
    sha256: String,
    rows: i64,
    /// `person:12`, `system:shipped`.
    imported_by: String,
    imported_at: Moment,
    in_force: bool,
}

impl SetView {
    fn of(row: SetRow, in_force: bool) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            name: row.name,
            sha256: row.sha256,
            rows: row.row_count,
            imported_by: row.imported_by,
            imported_at: row.imported_at,
            in_force,
        }
    }
}

async fn sets(_: May<SeeBench>, lis: web::Data<Lis>, query: Asked<PageQuery>) -> Answer {
    let (after, limit) = (query.after, paging::limit(query.limit, LIMIT)?);
    let (rows, newest) =
        lis.db.read(move |conn| Ok((store::sets(conn, after, limit + 1)?, store::newest(conn)?))).await?;
    let view = |row: SetRow| {
        let in_force = newest.iter().any(|set| set.id == row.id);
        SetView::of(row, in_force)
    };
    Ok(HttpResponse::Ok().json(Listed::of(rows, limit, |row| row.id.to_string(), view)))
}

async fn file(_: May<SeeBench>, lis: web::Data<Lis>, id: web::Path<CatalogueSetId>) -> Answer {
    table_of(&lis, *id).await
}

/// The same file for pages and programs.
pub(in crate::catalogue) async fn table_of(lis: &Lis, id: CatalogueSetId) -> Answer {
    let (kind, content) = lis.db.read(move |conn| actions::table_of(conn, id)).await?;
    let disposition = format!("attachment; filename=\"{kind}-{id}.csv\"");
    Ok(HttpResponse::Ok()
        .content_type(format!("{CSV}; charset=utf-8"))
        .insert_header(("Content-Disposition", disposition))
        .body(content))
}

/// As tables are kept.
const CSV: &str = "text/csv";

/// What is declared about the limits of a standard.
#[derive(Serialize, utoipa::ToSchema)]
struct CompletenessView {
    /// Number without edition: `GB 2762`.
    standard: String,
    edition: Option<i32>,
    #[schema(value_type = Option<String>, format = Date)]
    valid_from: Option<chrono::NaiveDate>,
    #[schema(value_type = Option<String>, format = Date)]
    valid_to: Option<chrono::NaiveDate>,
    complete: bool,
}

impl From<&Completeness> for CompletenessView {
    fn from(row: &Completeness) -> Self {
        Self {
            standard: row.standard.clone(),
            edition: row.edition,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
            complete: row.complete,
        }
    }
}

async fn completeness(_: May<SeeBench>, lis: web::Data<Lis>) -> Answer {
    let catalogue = lis.db.read(actions::current).await?;
    let rows = catalogue.completeness.iter().map(CompletenessView::from).collect();
    Ok(HttpResponse::Ok().json(Listed::whole(rows)))
}

#[derive(Deserialize, Default, utoipa::IntoParams)]
#[serde(default)]
struct ImportQuery {
    /// `dry_run` reads the table and changes nothing; `all` or empty: imports it.
    mode: String,
}

/// A table in which nothing is wrong, or that is in force already; nothing was changed.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = CatalogueTableRead)]
struct TableRead {
    kind: String,
    rows: usize,
    /// The set of this kind that is in force.
    in_force: Option<CatalogueSetId>,
    /// The table is that set.
    already: bool,
}

/// A file (`file`) with its kind and encoding beside it, as `multipart/form-data`.
async fn import(by: May<ManageCatalogue>, lis: web::Data<Lis>, query: Asked<ImportQuery>, file: Upload) -> Answer {
    let about = About {
        kind: file.text("kind").to_owned(),
        encoding: file.text("encoding").to_owned(),
        file_name: file.file_name.clone(),
    };
    let dry_run = mode_of(&query.mode, &about)?;
    let (own, kind) = (lis.clone(), about.kind.trim().to_owned());
    let reading = tokio::task::spawn_blocking(move || -> Outcome<_> {
        let catalogue = own.db.read_now(actions::current)?;
        let table = read(&about, &file.bytes, &catalogue)?;
        Ok((table, catalogue.set(&kind).map(|set| (set.id, set.sha256.clone()))))
    });
    let (table, set) = reading.await.map_err(Fault::broken)??;
    if dry_run {
        let already = set.as_ref().is_some_and(|(_, sha256)| table.is_content(sha256));
        let kind = table.kind().to_owned();
        let shown = TableRead { kind, rows: table.rows, in_force: set.map(|(id, _)| id), already };
        return Ok(HttpResponse::Ok().json(shown));
    }
    let done: SetImported = lis.db.write(move |tx| actions::import_once(tx, &by, &table)).await?;
    if done.already {
        let shown = TableRead { kind: done.kind, rows: done.rows, in_force: Some(done.id), already: true };
        return Ok(HttpResponse::Ok().json(shown));
    }
    Ok(HttpResponse::Created().json(done))
}

/// Whether only to try out.
///
/// # Errors
/// A mode or an encoding that there is not, both at once.
fn mode_of(mode: &str, about: &About) -> Result<bool, Refusal> {
    let mut check = crate::domain::input::Checker::new();
    if !about.encoding.is_empty() && !ENCODINGS.contains(&about.encoding.as_str()) {
        check.invalid("encoding", "expected-listed");
    }
    let dry_run = match mode {
        "dry_run" => Some(true),
        "" | "all" => Some(false),
        _ => {
            check.add(FIELD_INVALID.at("mode").with_word("expected", "expected-listed"));
            None
        }
    };
    check.done(dry_run)
}
