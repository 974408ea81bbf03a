//! Rapid tests of farm produce: recorded with their pictures, asked to be tested again, tested again, and what became of the
//! goods.

use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::calls;
use super::rapid::{self, AskInput, RapidHandlingInput, RapidInput, RapidSaved, RapidTest, RetestInput};
use super::rapid_pictures::{self, RapidPicture, RapidPictureSaved};
use super::shown_clocks::choices;
use super::state::RapidVerdict;
use crate::accounts::May;
use crate::accounts::role::FillSamplingForms;
use crate::app::Lis;
use crate::db::{Conn, Tx};
use crate::domain::deadline::urgency;
use crate::domain::refusal::{Fault, Outcome, Refusal};
use crate::samples::NOT_A_PICTURE;
use crate::web::paging::{self, LIMIT, Listed};
use crate::web::routes::Routes;
use crate::web::ui::{Choice, FormErrors, worded};
use crate::web::{Answer, Asked, Form, Json, Ui, Upload, page, refused, refused_page, see_other, versioned};

const PLACE: &str = "/rapid-tests";
/// Rapid tests on one page of the list.
const PAGE_ROWS: i64 = 50;

pub fn routes() -> Routes {
    Routes::new()
        .get("/rapid-tests", list)
        .post("/rapid-tests", record)
        .post("/rapid-tests/{id}/application", ask)
        .post("/rapid-tests/{id}/retest", retest)
        .post("/rapid-tests/{id}/handling", handle)
        .post("/rapid-tests/{id}/pictures", add_picture)
        .get("/rapid-tests/{id}/pictures/{picture}/file", picture_file)
}

pub fn api_routes() -> Routes {
    Routes::new()
        .get("/api/v1/rapid-tests", listed)
        .about("Rapid tests of farm produce, the newest first, with the share of T21 that is gone.")
        .gives::<Listed<RapidTest>>()
        .post("/api/v1/rapid-tests", record_by_program)
        .about("Records a rapid test; T21 runs from the receipt of its result.")
        .keyed()
        .creates::<RapidSaved>()
        .post("/api/v1/rapid-tests/{id}/application", ask_by_program)
        .about("Notes that a re-test is asked for; refused when T21 is over.")
        .versioned()
        .gives::<RapidSaved>()
        .post("/api/v1/rapid-tests/{id}/retest", retest_by_program)
        .about("Names the sample that is tested again: of a form that confirms a rapid test.")
        .versioned()
        .gives::<RapidSaved>()
        .post("/api/v1/rapid-tests/{id}/handling", handle_by_program)
        .about("Says what became of the goods, or says it anew.")
        .versioned()
        .gives::<RapidSaved>()
        .post("/api/v1/rapid-tests/{id}/pictures", add_picture_by_program)
        .about("Adds a photograph (JPEG or PNG) of the card or the reader to a rapid test.")
        .keyed()
        .creates::<RapidPictureSaved>()
        .refuses(&[NOT_A_PICTURE])
        .get("/api/v1/rapid-tests/{id}/pictures/{picture}/file", picture_file)
        .about("A picture as it came.")
        .gives_file("image/jpeg")
}

/// What of the list the page shows.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Query {
    /// Only those whose re-test was asked for and has no sample yet.
    waiting: bool,
    /// Those before this one; 0: the newest.
    before: i64,
}

/// What of the list a program asks for.
#[derive(Deserialize, Default, utoipa::IntoParams)]
#[serde(default)]
struct RapidQuery {
    /// Only those whose re-test was asked for and has no sample yet.
    waiting: bool,
    /// The `next` of the answer before.
    after: Option<i64>,
    /// Rows of the answer, 1 to 500; 50 unless said otherwise.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
}

/// A rapid test with its clock in words.
struct Line {
    one: RapidTest,
    clock: String,
    urgency: String,
    due: String,
    /// A re-test may be asked for; something was found and no sample of it is named.
    can_ask: bool,
    can_retest: bool,
}

#[derive(Template)]
#[template(path = "cases/pages/rapid.html")]
struct RapidPage {
    ui: Ui,
    lines: Vec<Line>,
    verdicts: Vec<Choice>,
    /// Those that wait alone are shown.
    waiting: bool,
    /// The address of what follows.
    next: String,
    shown: String,
    once: String,
    errors: FormErrors,
}
worded!(RapidPage);

async fn shown(lis: &Lis, ui: Ui, query: Query) -> Outcome<RapidPage> {
    let (now, Query { waiting, before }) = (lis.clock.now(), query);
    let before = if before > 0 { before } else { i64::MAX };
    let read = move |conn: &mut Conn| rapid::listed(conn, now, waiting, before, PAGE_ROWS + 1);
    let mut found = lis.db.read(read).await?;
    let more = paging::cut(&mut found, PAGE_ROWS);
    let next = match found.last() {
        Some(last) if more => format!("{PLACE}?waiting={waiting}&before={}", last.id),
        _ => String::new(),
    };
    let line = |one: RapidTest| {
        let (asked, over) = (one.asked_at.is_some(), one.percent > 100);
        let key = if asked {
            "clock-done"
        } else if over {
            "clock-lapsed"
        } else {
            urgency(one.percent)
        };
        Line {
            clock: ui.t("clock-t21"),
            urgency: ui.t(key),
            due: format!("{} {}", ui.t("clock-until"), one.due_at),
            can_ask: !asked && one.verdict != RapidVerdict::Negative.code(),
            can_retest: one.verdict != RapidVerdict::Negative.code() && one.retest.is_none(),
            one,
        }
    };
    let shown = ui.t1("list-shown", "count", found.len());
    let lines = found.into_iter().map(line).collect();
    let verdicts = choices(&ui, RapidVerdict::ALL.iter().map(|one| (one.code(), one.word())));
    Ok(RapidPage { once: ui.once(), lines, verdicts, waiting, next, shown, errors: FormErrors::default(), ui })
}

async fn list(_: May<FillSamplingForms>, ui: Ui, lis: web::Data<Lis>, query: web::Query<Query>) -> Answer {
    page(&shown(&lis, ui, query.into_inner()).await?, false)
}

async fn answer<T>(lis: &Lis, ui: Ui, outcome: Result<T, Refusal>) -> Answer {
    match outcome {
        Ok(_) => Ok(see_other(PLACE, Some("done-rapid-saved"))),
        Err(refusal) => {
            let mut again = shown(lis, ui, Query::default()).await?;
            again.errors = FormErrors::of(&refusal, again.ui.language);
            refused_page(&again, &refusal)
        }
    }
}

async fn record(by: May<FillSamplingForms>, ui: Ui, lis: web::Data<Lis>, form: Form<RapidInput>) -> Answer {
    let Form { input, request, .. } = form;
    let actor = by.clone();
    let outcome = match input.checked() {
        Ok(facts) => refused(lis.command(&actor, &request, move |tx| rapid::record(tx, &by, &facts)).await)?,
        Err(refusal) => Err(refusal),
    };
    answer(&lis, ui, outcome).await
}

async fn ask(
    by: May<FillSamplingForms>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<i64>,
    form: Form<AskInput>,
) -> Answer {
    let Form { input, request, seen } = form;
    let (id, seen, actor) = (*id, seen.required()?, by.clone());
    let outcome = match input.checked() {
        Ok(facts) => {
            let work = move |tx: &mut Tx| rapid::ask(tx, &by, id, seen, &facts);
            refused(lis.command(&actor, &request, work).await)?
        }
        Err(refusal) => Err(refusal),
    };
    answer(&lis, ui, outcome).await
}

async fn retest(
    by: May<FillSamplingForms>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<i64>,
    form: Form<RetestInput>,
) -> Answer {
    let Form { input, request, seen } = form;
    let (id, seen, actor) = (*id, seen.required()?, by.clone());
    let work = move |tx: &mut Tx| rapid::retest(tx, &by, id, seen, &input);
    let outcome = refused(lis.command(&actor, &request, work).await)?;
    answer(&lis, ui, outcome).await
}

async fn handle(
    by: May<FillSamplingForms>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<i64>,
    form: Form<RapidHandlingInput>,
) -> Answer {
    let Form { input, request, seen } = form;
    let (id, seen, actor) = (*id, seen.required()?, by.clone());
    let work = move |tx: &mut Tx| rapid::handle(tx, &by, id, seen, &input);
    let outcome = refused(lis.command(&actor, &request, work).await)?;
    answer(&lis, ui, outcome).await
}

async fn add_picture(
    by: May<FillSamplingForms>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<i64>,
    file: Upload,
) -> Answer {
    let (id, request, actor) = (*id, file.request.clone(), by.clone());
    let outcome = match refused(stored(&lis, file).await)? {
        Ok(picture) => {
            let work = move |tx: &mut Tx| rapid_pictures::add(tx, &by, id, &picture);
            refused(lis.command(&actor, &request, work).await)?
        }
        Err(refusal) => Err(refusal),
    };
    answer(&lis, ui, outcome).await
}

/// Checks what came, and puts the file into the store before the write that names it.
async fn stored(lis: &Lis, file: Upload) -> Outcome<RapidPicture> {
    let picture = rapid_pictures::checked(&file.file_name, &file.sha256, &file.bytes)?;
    let files = lis.files.clone();
    web::block(move || files.put(&file.bytes)).await.map_err(Fault::broken)??;
    Ok(picture)
}

async fn picture_file(by: May<FillSamplingForms>, lis: web::Data<Lis>, path: web::Path<(i64, i64)>) -> Answer {
    let (of, id) = path.into_inner();
    let sha256 = lis.db.read(move |conn| rapid_pictures::file(conn, &by, of, id)).await?;
    let files = lis.files.clone();
    let bytes = web::block(move || files.get(&sha256)).await.map_err(Fault::broken)?.map_err(Fault::from)?;
    let content_type = calls::content_type_of(&bytes).unwrap_or("application/octet-stream");
    Ok(HttpResponse::Ok()
        .content_type(content_type)
        .insert_header(("Content-Disposition", format!("inline; filename=\"picture-{id}\"")))
        .body(bytes))
}

async fn listed(_: May<FillSamplingForms>, lis: web::Data<Lis>, query: Asked<RapidQuery>) -> Answer {
    let (now, waiting, limit) = (lis.clock.now(), query.waiting, paging::limit(query.limit, LIMIT)?);
    let before = query.after.unwrap_or(i64::MAX);
    let found = lis.db.read(move |conn| rapid::listed(conn, now, waiting, before, limit + 1)).await?;
    Ok(HttpResponse::Ok().json(Listed::of(found, limit, |one| one.id.to_string(), |one| one)))
}

async fn record_by_program(by: May<FillSamplingForms>, lis: web::Data<Lis>, json: Json<RapidInput>) -> Answer {
    let request = json.keyed()?.clone();
    let (facts, actor) = (json.input.checked()?, by.clone());
    let saved: RapidSaved = lis.command(&actor, &request, move |tx| rapid::record(tx, &by, &facts)).await?;
    versioned(HttpResponse::Created(), saved.version, &saved)
}

async fn ask_by_program(
    by: May<FillSamplingForms>,
    lis: web::Data<Lis>,
    id: web::Path<i64>,
    json: Json<AskInput>,
) -> Answer {
    let (id, seen, facts) = (*id, json.seen.required()?, json.input.checked()?);
    let actor = by.clone();
    let saved: RapidSaved = lis.command(&actor, &json.request, move |tx| rapid::ask(tx, &by, id, seen, &facts)).await?;
    versioned(HttpResponse::Ok(), saved.version, &saved)
}

async fn retest_by_program(
    by: May<FillSamplingForms>,
    lis: web::Data<Lis>,
    id: web::Path<i64>,
    json: Json<RetestInput>,
) -> Answer {
    let Json { input, request, seen, .. } = json;
    let (id, seen, actor) = (*id, seen.required()?, by.clone());
    let saved: RapidSaved = lis.command(&actor, &request, move |tx| rapid::retest(tx, &by, id, seen, &input)).await?;
    versioned(HttpResponse::Ok(), saved.version, &saved)
}

async fn handle_by_program(
    by: May<FillSamplingForms>,
    lis: web::Data<Lis>,
    id: web::Path<i64>,
    json: Json<RapidHandlingInput>,
) -> Answer {
    let Json { input, request, seen, .. } = json;
    let (id, seen, actor) = (*id, seen.required()?, by.clone());
    let saved: RapidSaved = lis.command(&actor, &request, move |tx| rapid::handle(tx, &by, id, seen, &input)).await?;
    versioned(HttpResponse::Ok(), saved.version, &saved)
}

async fn add_picture_by_program(
    by: May<FillSamplingForms>,
    lis: web::Data<Lis>,
    id: web::Path<i64>,
    file: Upload,
) -> Answer {
    let (id, request, actor) = (*id, file.keyed()?.clone(), by.clone());
    let picture = stored(&lis, file).await?;
    let saved: RapidPictureSaved =
        lis.command(&actor, &request, move |tx| rapid_pictures::add(tx, &by, id, &picture)).await?;
    Ok(HttpResponse::Created().json(saved))
}
