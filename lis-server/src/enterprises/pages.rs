//! Pages of the registry.

use actix_web::web;
use askama::Template;
use serde::Deserialize;

use super::actions::{self, EnterpriseInput, EnterpriseSaved, Filter};
use super::{EnterpriseFacts, GRADES, Stage};
use crate::accounts::May;
use crate::accounts::pages::{region_choices, region_name};
use crate::accounts::role::ManageEnterprises;
use crate::app::Lis;
use crate::domain::ids::EnterpriseId;
use crate::domain::refusal::{Fault, Outcome};
use crate::web::language::Language;
use crate::web::routes::Routes;
use crate::web::ui::{Choice, FormErrors, RowProblem};
use crate::web::{Answer, Form, Ui, Upload, page, refused, refused_page, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/enterprises", list)
        .post("/enterprises", create)
        .get("/enterprises/new", new)
        .get("/enterprises/import", import_form)
        .post("/enterprises/import", import)
        .get("/enterprises/{id}", one)
        .post("/enterprises/{id}", change)
}

/// Units on one page of the list.
const PAGE_ROWS: i64 = 50;

#[derive(Deserialize, Default)]
#[serde(default)]
struct Query {
    q: String,
    region_code: String,
    stage: String,
    after: i64,
}

struct Line {
    facts: EnterpriseFacts,
    stage: String,
    region: String,
}

#[derive(Template)]
#[template(path = "enterprises/pages/list.html")]
struct ListPage {
    ui: Ui,
    lines: Vec<Line>,
    query: Query,
    stages: Vec<Choice>,
    regions: Vec<Choice>,
    next: String,
    shown: String,
}

async fn list(_: May<ManageEnterprises>, ui: Ui, lis: web::Data<Lis>, query: web::Query<Query>) -> Answer {
    let query = query.into_inner();
    let filter = Filter {
        text: query.q.trim().to_owned(),
        region: query.region_code.clone(),
        stage: query.stage.clone(),
        after: query.after,
    };
    let (mut found, regions) = lis
        .db
        .read(move |conn| Ok((actions::list(conn, &filter, PAGE_ROWS + 1)?, crate::accounts::actions::regions(conn)?)))
        .await?;
    let more = found.len() as i64 > PAGE_ROWS;
    found.truncate(PAGE_ROWS as usize);
    let next = match found.last() {
        Some(last) if more => {
            let mut pairs = url::form_urlencoded::Serializer::new(String::new());
            pairs
                .append_pair("q", &query.q)
                .append_pair("region_code", &query.region_code)
                .append_pair("stage", &query.stage)
                .append_pair("after", &last.id.to_string());
            format!("/enterprises?{}", pairs.finish())
        }
        _ => String::new(),
    };
    let name_of = |code: &str| region_name(&ui, &regions, code);
    let lines: Vec<Line> = found
        .into_iter()
        .map(|facts| Line {
            stage: ui.t(&format!("stage-{}", facts.stage.code())),
            region: name_of(facts.region.as_str()),
            facts,
        })
        .collect();
    let shown = ui.t1("list-shown", "count", lines.len());
    let regions = region_choices(&ui, &regions, &query.region_code);
    page(&ListPage { stages: stage_choices(&ui, &query.stage), lines, regions, next, shown, query, ui }, false)
}

fn stage_choices(ui: &Ui, chosen: &str) -> Vec<Choice> {
    let choice = |stage: &Stage| Choice {
        value: stage.code().to_owned(),
        label: ui.t(&format!("stage-{}", stage.code())),
        chosen: stage.code() == chosen,
    };
    Stage::ALL.iter().map(choice).collect()
}

fn plain_choices<'a>(values: impl IntoIterator<Item = (&'a str, String)>) -> Vec<Choice> {
    values.into_iter().map(|(value, label)| Choice { value: value.to_owned(), label, chosen: false }).collect()
}

#[derive(Template)]
#[template(path = "enterprises/pages/enterprise.html")]
struct EnterprisePage {
    ui: Ui,
    /// 0 for a new unit.
    id: i64,
    version: i64,
    once: String,
    input: EnterpriseInput,
    licence_doubtful: bool,
    stages: Vec<Choice>,
    regions: Vec<Choice>,
    grades: Vec<Choice>,
    languages: Vec<Choice>,
    errors: FormErrors,
}

async fn shown(lis: &Lis, ui: Ui, id: i64, version: i64, input: EnterpriseInput) -> Outcome<EnterprisePage> {
    let regions = lis.db.read(crate::accounts::actions::regions).await?;
    let languages = Language::ALL.iter().map(|one| (one.code(), ui.t(&format!("language-{}", one.code()))));
    Ok(EnterprisePage {
        once: ui.once(),
        id,
        version,
        licence_doubtful: super::licence_doubt(&input.licence_no).is_some(),
        stages: stage_choices(&ui, &input.stage),
        regions: region_choices(&ui, &regions, &input.region_code),
        grades: plain_choices(GRADES.iter().map(|grade| (*grade, (*grade).to_owned()))),
        languages: plain_choices(languages),
        errors: FormErrors::default(),
        input,
        ui,
    })
}

async fn new(_: May<ManageEnterprises>, ui: Ui, lis: web::Data<Lis>) -> Answer {
    let input = EnterpriseInput { language: Language::Chinese.code().to_owned(), ..EnterpriseInput::default() };
    page(&shown(&lis, ui, 0, 0, input).await?, false)
}

async fn one(_: May<ManageEnterprises>, ui: Ui, lis: web::Data<Lis>, id: web::Path<EnterpriseId>) -> Answer {
    let id = *id;
    let facts = lis.db.read(move |conn| actions::facts(conn, id)).await?;
    let version = facts.version;
    page(&shown(&lis, ui, id.0, version, input_of(facts)).await?, false)
}

fn input_of(facts: EnterpriseFacts) -> EnterpriseInput {
    EnterpriseInput {
        name: facts.name,
        uscc: facts.uscc.map(String::from).unwrap_or_default(),
        licence_no: facts.licence_no,
        stage: facts.stage.code().to_owned(),
        venue: facts.venue,
        address: facts.address,
        region_code: facts.region.to_string(),
        contact: facts.contact,
        phone: facts.phone,
        email: facts.email,
        language: facts.language.code().to_owned(),
        risk_grade: facts.risk_grade,
        baobao_tier: facts.baobao_tier,
        active: facts.active.then(|| "true".to_owned()),
    }
}

async fn create(by: May<ManageEnterprises>, ui: Ui, lis: web::Data<Lis>, form: Form<EnterpriseInput>) -> Answer {
    let Form { mut input, request, .. } = form;
    // A new unit is active; the form has no box for it.
    input.active = None;
    let actor = by.clone();
    let outcome = match input.checked() {
        Ok(facts) => refused(lis.command(&actor, &request, move |tx| actions::create(tx, &by, &facts)).await)?,
        Err(refusal) => Err(refusal),
    };
    answered(&lis, ui, 0, 0, input, outcome).await
}

async fn change(
    by: May<ManageEnterprises>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<EnterpriseId>,
    form: Form<EnterpriseInput>,
) -> Answer {
    let Form { mut input, request, seen } = form;
    // A form leaves an unticked box out.
    input.active = Some(input.active.take().unwrap_or_else(|| "false".to_owned()));
    let (id, seen) = (*id, seen.required()?);
    let actor = by.clone();
    let outcome = match input.checked() {
        Ok(facts) => {
            refused(lis.command(&actor, &request, move |tx| actions::change(tx, &by, id, seen, &facts)).await)?
        }
        Err(refusal) => Err(refusal),
    };
    answered(&lis, ui, id.0, seen, input, outcome).await
}

async fn answered(
    lis: &Lis,
    ui: Ui,
    id: i64,
    version: i64,
    input: EnterpriseInput,
    outcome: Result<EnterpriseSaved, crate::domain::refusal::Refusal>,
) -> Answer {
    match outcome {
        Ok(saved) => Ok(see_other(&format!("/enterprises/{}", saved.id), Some("done-enterprise-saved"))),
        Err(refusal) => {
            let mut form = shown(lis, ui, id, version, input).await?;
            form.errors = FormErrors::of(&refusal, form.ui.language);
            refused_page(&form, &refusal)
        }
    }
}

#[derive(Template)]
#[template(path = "enterprises/pages/import.html")]
struct ImportPage {
    ui: Ui,
    problems: Vec<RowProblem>,
}

async fn import_form(_: May<ManageEnterprises>, ui: Ui) -> Answer {
    page(&ImportPage { ui, problems: Vec::new() }, false)
}

async fn import(by: May<ManageEnterprises>, ui: Ui, lis: web::Data<Lis>, file: Upload) -> Answer {
    let read = move || actions::read_import(&file.file_name, &file.sha256, &file.bytes);
    let outcome = match tokio::task::spawn_blocking(read).await.map_err(Fault::broken)? {
        Ok(import) => refused(lis.db.write(move |tx| actions::import(tx, &by, &import)).await)?,
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(_) => Ok(see_other("/enterprises", Some("done-enterprises-imported"))),
        Err(refusal) => {
            let problems = RowProblem::all(&refusal.reasons, ui.language);
            refused_page(&ImportPage { ui, problems }, &refusal)
        }
    }
}
