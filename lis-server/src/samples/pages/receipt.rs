//! Receipt: what waits for it, and the custodian's checklist for one form.

use actix_web::web;
use askama::Template;
use serde::Deserialize;

use super::super::actions::{self, CheckedPicture, Filter, PictureInput, Received, Reception};
use super::super::departures::arrival_limit;
use super::super::facts::SampleFacts;
use super::super::receipt::{CHECKS, ReceiptInput, picture_field, question};
use super::super::words::{Decision, Delivery, PictureKind, RejectReason, SampleType};
use super::{Line, PAGE_ROWS, choices, lines};
use crate::accounts::May;
use crate::accounts::actions::regions;
use crate::accounts::role::ReceiveSamples;
use crate::app::Lis;
use crate::domain::ids::{FormId, PictureId};
use crate::domain::refusal::{FIELD_INVALID, Fault, Outcome, Reasons, Refusal};
use crate::quality::gates::state::Mode;
use crate::web::routes::Routes;
use crate::web::ui::{Choice, FormErrors};
use crate::web::{Answer, Form, FormFile, FormWithFiles, RequestKey, Ui, page, refused, refused_page, see_other};

pub fn routes() -> Routes {
    Routes::new().get("/receipt", waiting).get("/receipt/{form}", one).post("/receipt/{form}", receive)
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Query {
    before: i64,
}

#[derive(Template)]
#[template(path = "samples/pages/waiting.html")]
struct WaitingPage {
    ui: Ui,
    lines: Vec<Line>,
    next: String,
    shown: String,
}

async fn waiting(_: May<ReceiveSamples>, ui: Ui, lis: web::Data<Lis>, query: web::Query<Query>) -> Answer {
    let filter = Filter { to_receive: true, before: query.before, ..Filter::default() };
    let mut found = lis.db.read(move |conn| actions::list(conn, &filter, PAGE_ROWS + 1)).await?;
    let more = found.len() as i64 > PAGE_ROWS;
    found.truncate(PAGE_ROWS as usize);
    let next = match found.last() {
        Some(last) if more => format!("/receipt?before={}", last.id),
        _ => String::new(),
    };
    let shown = ui.t1("list-shown", "count", found.len());
    page(&WaitingPage { lines: lines(&ui, found), next, shown, ui }, false)
}

/// A line of the checklist as the page shows it.
struct CheckLine {
    field: String,
    note_field: String,
    picture_field: String,
    question: String,
    answer: String,
    note: String,
    /// Kept already.
    pictures: Vec<PictureId>,
    error: String,
}

#[derive(Template)]
#[template(path = "samples/pages/receipt.html")]
struct ReceiptPage {
    ui: Ui,
    sample: SampleFacts,
    state_word: String,
    open: bool,
    /// Sampled longer ago than the limit of transport.
    late: String,
    /// What was doubtful about the form.
    doubts: Vec<String>,
    /// What the client of an order has to be told about its items.
    pointed_out: Vec<String>,
    facts: Vec<(String, String)>,
    input: ReceiptInput,
    checks: Vec<CheckLine>,
    /// A line that is not in order is saved with a picture alone.
    pictures_needed: bool,
    deliveries: Vec<Choice>,
    decisions: Vec<Choice>,
    reasons: Vec<Choice>,
    has_backup: bool,
    once: String,
    errors: FormErrors,
}

async fn shown(lis: &Lis, ui: Ui, form: FormId, input: ReceiptInput, errors: FormErrors) -> Outcome<ReceiptPage> {
    let today = lis.clock.now().date_in_china();
    let read = move |conn: &mut crate::db::Conn| {
        let sample = actions::of_form(conn, form)?;
        Ok((sample, Reception::read(conn, today)?, regions(conn)?, actions::line_pictures(conn, form)?))
    };
    let (sample, reception, regions, kept) = lis.db.read(read).await?;
    let catalogue = &reception.offered;
    let late = match arrival_limit(&sample, catalogue.calendar()) {
        Some(limit) if today > limit => ui.t1("receipt-late", "limit", limit),
        _ => String::new(),
    };
    let checks = CHECKS
        .iter()
        .zip(input.lines())
        .map(|(name, (answer, note))| {
            let (field, note_field) = (format!("check_{name}"), format!("check_{name}_note"));
            let picture_field = picture_field(name);
            let of_line = kept.iter().filter(|(line, _)| line == name);
            CheckLine {
                question: ui.t(&question(name)),
                answer: answer.to_owned(),
                note: note.to_owned(),
                pictures: of_line.map(|(_, id)| *id).collect(),
                error: error_of(&errors, &[&field, &note_field, &picture_field]),
                field,
                note_field,
                picture_field,
            }
        })
        .collect();
    let entrusted = sample.sample_type == SampleType::Entrusted;
    let possible: Vec<&str> =
        Decision::CODES.iter().copied().filter(|code| entrusted || *code != Decision::AcceptWithNote.code()).collect();
    let mut reasons = choices(&ui, RejectReason::LIST, RejectReason::CODES);
    for reason in &mut reasons {
        reason.label = format!("{} {}", reason.value, reason.label);
    }
    Ok(ReceiptPage {
        state_word: ui.t(&sample.state.word()),
        open: sample.state.awaits_receipt(),
        late,
        doubts: super::doubts(&ui, &sample),
        pointed_out: reception.pointed_out(&sample, today, ui.language),
        facts: super::sample::form_facts(&ui, &sample, catalogue, &regions),
        checks,
        pictures_needed: lis.config.receipt_pictures == Mode::Block,
        deliveries: choices(&ui, Delivery::LIST, Delivery::CODES),
        decisions: choices(&ui, Decision::LIST, &possible),
        reasons,
        has_backup: sample.form.qty_backup.as_ref().is_some_and(|backup| !backup.is_zero()),
        once: ui.once(),
        input,
        errors,
        sample,
        ui,
    })
}

/// What is wrong with several fields, in one line.
fn error_of(errors: &FormErrors, fields: &[&str]) -> String {
    let texts: Vec<String> = fields.iter().map(|field| errors.at(field)).filter(|text| !text.is_empty()).collect();
    texts.join(" ")
}

async fn one(_: May<ReceiveSamples>, ui: Ui, lis: web::Data<Lis>, form: web::Path<FormId>) -> Answer {
    let now = lis.clock.now().in_china().format("%Y-%m-%dT%H:%M").to_string();
    let input = ReceiptInput { arrived_at: now, ..ReceiptInput::default() };
    page(&shown(&lis, ui, *form, input, FormErrors::default()).await?, false)
}

async fn receive(
    by: May<ReceiveSamples>,
    ui: Ui,
    lis: web::Data<Lis>,
    form: web::Path<FormId>,
    sent: FormWithFiles<ReceiptInput>,
) -> Answer {
    let Form { input, request, seen } = sent.form;
    let (form, seen) = (*form, seen.required()?);
    if let Err(refusal) = keep_pictures(&lis, &by, form, &request, sent.files).await? {
        let errors = FormErrors::of(&refusal, ui.language);
        return refused_page(&shown(&lis, ui, form, input, errors).await?, &refusal);
    }
    let today = lis.clock.now().date_in_china();
    let read = move |conn: &mut crate::db::Conn| Ok((actions::of_form(conn, form)?.id, Reception::read(conn, today)?));
    let (sample, reception) = lis.db.read(read).await?;
    let reception = reception.asking(lis.config.receipt_pictures);
    let (actor, laboratory, typed) = (by.clone(), lis.config.laboratory_code.clone(), input.clone());
    let work = move |tx: &mut crate::db::Tx| actions::receive(tx, &by, &reception, sample, seen, &typed, &laboratory);
    let outcome: Result<Received, Refusal> = refused(lis.command(&actor, &request, work).await)?;
    match outcome {
        Ok(received) => {
            let done = match received.sample_no {
                Some(_) => "done-sample-accepted",
                None if received.state == "rejected" => "done-sample-rejected",
                None => "done-sample-held",
            };
            Ok(see_other(&format!("/samples/{}", received.sample_id), Some(done)))
        }
        Err(refusal) => {
            let errors = FormErrors::of(&refusal, ui.language);
            refused_page(&shown(&lis, ui, form, input, errors).await?, &refusal)
        }
    }
}

/// Puts the pictures that came with the form into the store of files and onto the sampling form, before the receipt: whatever
/// it is refused for, they are there when it is sent again.
async fn keep_pictures(
    lis: &Lis,
    by: &May<ReceiveSamples>,
    form: FormId,
    request: &RequestKey,
    sent: Vec<FormFile>,
) -> Outcome<Result<(), Refusal>> {
    if sent.is_empty() {
        return Ok(Ok(()));
    }
    let mut reasons = Reasons::new();
    let mut pictures: Vec<CheckedPicture> = Vec::new();
    for file in &sent {
        match checked_picture(file) {
            Ok(picture) => pictures.push(picture),
            Err(refusal) => reasons.extend(refusal.reasons.into_iter().map(|reason| reason.at(file.field.as_str()))),
        }
    }
    if let Err(refusal) = reasons.none() {
        return Ok(Err(refusal));
    }
    let files = lis.files.clone();
    let put = move || sent.iter().try_for_each(|file| files.put(&file.bytes).map(|_| ()));
    web::block(put).await.map_err(Fault::broken)?.map_err(Fault::from)?;
    let key = request.key.as_ref().map(|key| format!("{key}-pictures"));
    let request = RequestKey { key, hash: request.hash.clone() };
    let (who, actor) = (by.clone(), by.clone());
    let work = move |tx: &mut crate::db::Tx| actions::add_line_pictures(tx, &who, form, &pictures);
    Ok(refused(lis.command(&actor, &request, work).await)?.map(|_| ()))
}

/// A file under the field of a line, as a photograph of it.
fn checked_picture(file: &FormFile) -> Result<CheckedPicture, Refusal> {
    let line = CHECKS.iter().find(|line| picture_field(line) == file.field);
    let Some(line) = line else {
        return Err(FIELD_INVALID.at(file.field.as_str()).with_word("expected", "expected-listed").into());
    };
    let input =
        PictureInput { kind: PictureKind::Photo.code().to_owned(), caption: String::new(), check: (*line).to_owned() };
    input.checked(&file.file_name, &file.sha256, &file.bytes)
}
