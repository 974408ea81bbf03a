//! The lists for programs.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::incoming::{About, read};
use super::lists::{Loaded, load};
use crate::accounts::May;
use crate::accounts::actions::{BoundedRegion, all_bounded};
use crate::accounts::role::ImportLists;
use crate::app::Lis;
use crate::catalogue::refusing;
use crate::domain::decimal::Decimal;
use crate::domain::input::Checker;
use crate::domain::refusal::{Fault, Outcome, Refusal};
use crate::web::paging::Listed;
use crate::web::routes::Routes;
use crate::web::{Answer, Asked, Upload};

pub fn routes() -> Routes {
    Routes::new()
        .post("/api/v1/list-imports", import)
        .about("Adds a CSV or XLSX list of what the laboratory has: all rows or none, every bad row named.")
        .beside(&[
            (
                "kind",
                "`suppliers`, `equipment`, `calibrations`, `lots`, `scope`, `verifications`, `rooms`, `environment`, \
                 `competence`, `authorizations`, `series` or `regions`; the page `/imports` names their columns.",
            ),
            ("encoding", "`utf-8` or `gb18030`; left out: UTF-8, or what the file itself says."),
        ])
        .keyed()
        .gives::<Tried>()
        .creates::<Loaded>()
        .refuses(refusing::PROBLEMS)
        .get("/api/v1/region-boxes", boxes)
        .about("Regions with the boxes that were loaded for them, in order of code.")
        .gives::<Listed<RegionBox>>()
}

#[derive(Deserialize, Default, utoipa::IntoParams)]
#[serde(default)]
struct ImportQuery {
    /// `dry_run` tries the list out and changes nothing; `all` or empty: loads it.
    mode: String,
}

/// A list in which nothing is wrong; nothing was changed.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = ListTried)]
struct Tried {
    kind: String,
    /// Rows that are not there yet.
    rows: usize,
}

/// A region with its box, in decimal degrees.
#[derive(Serialize, utoipa::ToSchema)]
struct RegionBox {
    region_code: String,
    name_zh: String,
    name_en: String,
    #[schema(value_type = String)]
    south: Decimal,
    #[schema(value_type = String)]
    west: Decimal,
    #[schema(value_type = String)]
    north: Decimal,
    #[schema(value_type = String)]
    east: Decimal,
}

impl From<BoundedRegion> for RegionBox {
    fn from(one: BoundedRegion) -> Self {
        let (region_code, bounds) = (one.code.as_str().to_owned(), one.bounds);
        let (name_zh, name_en) = (one.name_zh, one.name_en);
        let (south, west, north, east) = (bounds.south, bounds.west, bounds.north, bounds.east);
        Self { region_code, name_zh, name_en, south, west, north, east }
    }
}

async fn boxes(_: May<ImportLists>, lis: web::Data<Lis>) -> Answer {
    let found = lis.db.read(all_bounded).await?;
    Ok(HttpResponse::Ok().json(Listed::whole(found.into_iter().map(RegionBox::from).collect())))
}

/// A file (`file`) with its kind and encoding beside it, as `multipart/form-data`.
async fn import(by: May<ImportLists>, lis: web::Data<Lis>, query: Asked<ImportQuery>, file: Upload) -> Answer {
    let (request, actor) = (file.keyed()?.clone(), by.clone());
    let dry_run = is_dry_run(&query.mode)?;
    let about = About {
        kind: file.text("kind").trim().to_owned(),
        encoding: file.text("encoding").to_owned(),
        file_name: file.file_name.clone(),
    };
    let (own, kind) = (lis.clone(), about.kind.clone());
    let reading = tokio::task::spawn_blocking(move || -> Outcome<_> {
        own.files.put(&file.bytes)?;
        Ok(read(&about, &file.bytes, &own.config.laboratory_code)?)
    });
    let list = reading.await.map_err(Fault::broken)??;
    if dry_run {
        let (own, who) = (lis.clone(), (*by).clone());
        let trying = tokio::task::spawn_blocking(move || list.try_out(&own, who));
        let rows = trying.await.map_err(Fault::broken)??;
        return Ok(HttpResponse::Ok().json(Tried { kind, rows }));
    }
    let loaded: Loaded = lis.command(&actor, &request, move |tx| load(tx, &by, &kind, &list)).await?;
    Ok(HttpResponse::Created().json(loaded))
}

/// Whether only to try out.
///
/// # Errors
/// A mode that there is not.
fn is_dry_run(mode: &str) -> Result<bool, Refusal> {
    let mut check = Checker::new();
    let dry_run = check.optional("mode", mode, "expected-listed", |text| match text {
        "dry_run" => Some(true),
        "all" => Some(false),
        _ => None,
    });
    check.done(Some(dry_run.unwrap_or(false)))
}
