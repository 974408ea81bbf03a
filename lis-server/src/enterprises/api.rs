//! The registry for programs.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::EnterpriseFacts;
use super::actions::{self, EnterpriseInput, EnterpriseSaved, Filter};
use crate::accounts::May;
use crate::accounts::role::ManageEnterprises;
use crate::app::Lis;
use crate::domain::ids::EnterpriseId;
use crate::web::paging::{self, LIMIT, Listed};
use crate::web::routes::Routes;
use crate::web::{Answer, Asked, Json, Upload, versioned};

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/enterprises", list)
        .about("Food units in order of id.")
        .gives::<Listed<EnterpriseView>>()
        .post("/api/v1/enterprises", create)
        .about("Adds a unit.")
        .keyed()
        .creates::<EnterpriseSaved>()
        .get("/api/v1/enterprises/{id}", one)
        .about("One unit.")
        .gives::<EnterpriseView>()
        .put("/api/v1/enterprises/{id}", change)
        .about("Changes a unit.")
        .versioned()
        .gives::<EnterpriseSaved>()
        .post("/api/v1/enterprise-imports", import)
        .about("Takes units from a CSV or XLSX file in: all rows or none, every bad row named.")
        .creates::<Imported>()
}

/// A unit as programs see it.
#[derive(Serialize, utoipa::ToSchema)]
pub struct EnterpriseView {
    pub id: i64,
    pub version: i64,
    pub name: String,
    pub uscc: Option<String>,
    pub licence_no: String,
    /// The check digit of the licence number is doubtful.
    pub licence_doubtful: bool,
    pub stage: &'static str,
    pub venue: String,
    pub address: String,
    pub region_code: String,
    pub contact: String,
    pub phone: String,
    pub email: String,
    pub language: &'static str,
    pub risk_grade: String,
    pub baobao_tier: String,
    pub active: bool,
}

impl From<EnterpriseFacts> for EnterpriseView {
    fn from(facts: EnterpriseFacts) -> Self {
        Self {
            id: facts.id.0,
            version: facts.version,
            licence_doubtful: super::licence_doubt(&facts.licence_no).is_some(),
            name: facts.name,
            uscc: facts.uscc.map(String::from),
            licence_no: facts.licence_no,
            stage: facts.stage.code(),
            venue: facts.venue,
            address: facts.address,
            region_code: facts.region.to_string(),
            contact: facts.contact,
            phone: facts.phone,
            email: facts.email,
            language: facts.language.code(),
            risk_grade: facts.risk_grade,
            baobao_tier: facts.baobao_tier,
            active: facts.active,
        }
    }
}

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(default)]
struct Query {
    /// Part of the name, or a whole credit code or licence number.
    q: String,
    /// Units of this region and those below.
    region_code: String,
    /// `production`, `trade` or `catering`; empty: all.
    stage: String,
    /// The `next` of the answer before.
    after: i64,
    /// Rows of the answer, 1 to 500; 50 unless said otherwise.
    #[param(minimum = 1, maximum = 500)]
    limit: i64,
}

impl Default for Query {
    fn default() -> Self {
        Self { q: String::new(), region_code: String::new(), stage: String::new(), after: 0, limit: LIMIT }
    }
}

async fn list(_: May<ManageEnterprises>, lis: web::Data<Lis>, query: Asked<Query>) -> Answer {
    let Query { q, region_code, stage, after, limit } = query.into_inner();
    let limit = paging::limit(Some(limit), LIMIT)?;
    let filter = Filter { text: q, region: region_code, stage, after };
    let found = lis.db.read(move |conn| actions::list(conn, &filter, limit + 1)).await?;
    let mut page = Listed::of(found, limit, |facts| facts.id.to_string(), EnterpriseView::from);
    if page.items.is_empty() {
        page.next = after.to_string();
    }
    Ok(HttpResponse::Ok().json(page))
}

async fn one(_: May<ManageEnterprises>, lis: web::Data<Lis>, id: web::Path<EnterpriseId>) -> Answer {
    let id = *id;
    let facts = lis.db.read(move |conn| actions::facts(conn, id)).await?;
    let view = EnterpriseView::from(facts);
    versioned(HttpResponse::Ok(), view.version, &view)
}

async fn create(by: May<ManageEnterprises>, lis: web::Data<Lis>, json: Json<EnterpriseInput>) -> Answer {
    let request = json.keyed()?.clone();
    let facts = json.input.checked()?;
    let actor = by.clone();
    let saved = lis.command(&actor, &request, move |tx| actions::create(tx, &by, &facts)).await?;
    versioned(HttpResponse::Created(), saved.version, &saved)
}

async fn change(
    by: May<ManageEnterprises>,
    lis: web::Data<Lis>,
    id: web::Path<EnterpriseId>,
    json: Json<EnterpriseInput>,
) -> Answer {
    let Json { input, request, seen, .. } = json;
    let (id, seen, facts) = (*id, seen.required()?, input.checked()?);
    let actor = by.clone();
    let saved = lis.command(&actor, &request, move |tx| actions::change(tx, &by, id, seen, &facts)).await?;
    versioned(HttpResponse::Ok(), saved.version, &saved)
}

/// How many rows a file brought.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = EnterprisesImported)]
struct Imported {
    imported: usize,
}

async fn import(by: May<ManageEnterprises>, lis: web::Data<Lis>, file: Upload) -> Answer {
    let read = move || actions::read_import(&file.file_name, &file.sha256, &file.bytes);
    let import = tokio::task::spawn_blocking(read).await.map_err(crate::domain::refusal::Fault::broken)??;
    let imported = lis.db.write(move |tx| actions::import(tx, &by, &import)).await?;
    Ok(HttpResponse::Created().json(Imported { imported }))
}
