//! The registry for programs.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};

use super::EnterpriseFacts;
use super::actions::{self, EnterpriseInput, EnterpriseSaved, Filter};
use crate::accounts::May;
use crate::accounts::role::ManageEnterprises;
use crate::app::Lis;
use crate::domain::ids::EnterpriseId;
use crate::web::paging::{self, LIMIT};
use crate::web::routes::Routes;
use crate::web::{Answer, Json, Upload};

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/enterprises", list)
        .post("/api/v1/enterprises", create)
        .get("/api/v1/enterprises/{id}", one)
        .put("/api/v1/enterprises/{id}", change)
        .post("/api/v1/enterprise-imports", import)
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

#[derive(Serialize, utoipa::ToSchema)]
pub struct EnterprisesView {
    pub items: Vec<EnterpriseView>,
    /// Give this as `after` to go on.
    pub next: String,
    pub more: bool,
}

#[derive(Deserialize)]
#[serde(default)]
struct Query {
    q: String,
    region_code: String,
    stage: String,
    after: i64,
    limit: i64,
}

impl Default for Query {
    fn default() -> Self {
        Self { q: String::new(), region_code: String::new(), stage: String::new(), after: 0, limit: LIMIT }
    }
}

async fn list(_: May<ManageEnterprises>, lis: web::Data<Lis>, query: crate::web::Query<Query>) -> Answer {
    let Query { q, region_code, stage, after, limit } = query.into_inner();
    let limit = paging::limit(Some(limit), LIMIT)?;
    let filter = Filter { text: q, region: region_code, stage, after };
    let mut found = lis.db.read(move |conn| actions::list(conn, &filter, limit + 1)).await?;
    let more = paging::cut(&mut found, limit);
    let next = found.last().map_or_else(|| after.to_string(), |last| last.id.to_string());
    let items = found.into_iter().map(EnterpriseView::from).collect();
    Ok(HttpResponse::Ok().json(EnterprisesView { items, next, more }))
}

async fn one(_: May<ManageEnterprises>, lis: web::Data<Lis>, id: web::Path<EnterpriseId>) -> Answer {
    let id = *id;
    let facts = lis.db.read(move |conn| actions::facts(conn, id)).await?;
    let tag = format!("\"{}\"", facts.version);
    Ok(HttpResponse::Ok().insert_header(("ETag", tag)).json(EnterpriseView::from(facts)))
}

fn answer(mut response: actix_web::HttpResponseBuilder, saved: &EnterpriseSaved) -> HttpResponse {
    response.insert_header(("ETag", format!("\"{}\"", saved.version))).json(saved)
}

async fn create(by: May<ManageEnterprises>, lis: web::Data<Lis>, json: Json<EnterpriseInput>) -> Answer {
    let request = json.keyed()?.clone();
    let facts = json.input.checked()?;
    let actor = by.clone();
    let saved = lis.command(&actor, &request, move |tx| actions::create(tx, &by, &facts)).await?;
    Ok(answer(HttpResponse::Created(), &saved))
}

async fn change(
    by: May<ManageEnterprises>,
    lis: web::Data<Lis>,
    id: web::Path<EnterpriseId>,
    json: Json<EnterpriseInput>,
) -> Answer {
    let Json { input, request, seen } = json;
    let (id, seen, facts) = (*id, seen.required()?, input.checked()?);
    let actor = by.clone();
    let saved = lis.command(&actor, &request, move |tx| actions::change(tx, &by, id, seen, &facts)).await?;
    Ok(answer(HttpResponse::Ok(), &saved))
}

/// `{"imported": 12}`: all rows of the file or none.
async fn import(by: May<ManageEnterprises>, lis: web::Data<Lis>, file: Upload) -> Answer {
    let read = move || actions::read_import(&file.file_name, &file.sha256, &file.bytes);
    let import = tokio::task::spawn_blocking(read).await.map_err(crate::domain::refusal::Fault::broken)??;
    let imported = lis.db.write(move |tx| actions::import(tx, &by, &import)).await?;
    Ok(HttpResponse::Created().json(serde_json::json!({"imported": imported})))
}
