//! The page of an instrument as equipment: what it is today, its history, and for the technical manager the next entry.

use actix_web::web;
use askama::Template;

use super::actions::{self, CalibrationInput, EquipmentView, StatusInput};
use super::api::{file_of, stored};
use super::certificates::{self, ConfirmationInput};
use super::state::{KINDS, RESULTS};
use super::upkeep::{self, UpkeepInput};
use crate::accounts::role::{ManageInstruments, SeeBench, SeeEvidence};
use crate::accounts::{Actor, May};
use crate::app::Lis;
use crate::db::Tx;
use crate::domain::ids::{CalibrationId, InstrumentId};
use crate::domain::refusal::{Outcome, Refusal};
use crate::instruments::actions::{InstrumentSaved, STATUSES};
use crate::judgement::correction::How;
use crate::web::routes::Routes;
use crate::web::ui::{Choice, FormErrors, worded};
use crate::web::{Answer, Form, Ui, Upload, page, refused, refused_page, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/instruments/{id}/history", history)
        .post("/instruments/{id}/status", change_status)
        .post("/instruments/{id}/calibrations", add_calibration)
        .post("/instruments/{id}/upkeep", add_upkeep)
        .post("/instruments/{id}/calibrations/{calibration}/file", keep_file)
        .get("/instruments/{id}/calibrations/{calibration}/file", file)
        .post("/instruments/{id}/calibrations/{calibration}/confirmation", confirm)
}

#[derive(Template)]
#[template(path = "instruments/equipment/history.html")]
struct HistoryPage {
    ui: Ui,
    once: String,
    shown: EquipmentView,
    may_change: bool,
    statuses: Vec<Choice>,
    kinds: Vec<Choice>,
    results: Vec<Choice>,
    uses: Vec<Choice>,
    upkeeps: Vec<Choice>,
    status: StatusInput,
    calibration: CalibrationInput,
    upkeep: UpkeepInput,
    errors: FormErrors,
}

worded!(HistoryPage);

/// What was typed and came back.
#[derive(Default)]
struct Typed {
    status: StatusInput,
    calibration: CalibrationInput,
    upkeep: UpkeepInput,
}

async fn history_page(
    lis: &Lis,
    ui: Ui,
    by: &Actor,
    id: InstrumentId,
    (typed, refusal): (Typed, Option<&Refusal>),
) -> Outcome<HistoryPage> {
    let today = lis.clock.now().date_in_china();
    let shown = lis.db.read(move |conn| actions::history(conn, id, today)).await?;
    let choices = |prefix: &str, codes: &[&str]| -> Vec<Choice> {
        let choice =
            |code: &&str| Choice { value: (*code).to_owned(), label: ui.t(&format!("{prefix}-{code}")), chosen: false };
        codes.iter().map(choice).collect()
    };
    let (statuses, kinds) = (choices("instrument", STATUSES), choices("calibration-kind", KINDS));
    let results = choices("calibration-result", RESULTS);
    let uses = choices("calibration-applies", &How::ALL.iter().map(|how| how.code()).collect::<Vec<_>>());
    let errors = refusal.map(|refusal| FormErrors::of(refusal, ui.language)).unwrap_or_default();
    let may_change = May::<ManageInstruments>::check(by).is_some();
    let upkeeps = choices("instrument-upkeep", upkeep::KINDS);
    let Typed { status, calibration, upkeep } = typed;
    Ok(HistoryPage {
        once: ui.once(),
        shown,
        may_change,
        statuses,
        kinds,
        results,
        uses,
        upkeeps,
        status,
        calibration,
        upkeep,
        errors,
        ui,
    })
}

async fn history(by: May<SeeBench>, ui: Ui, lis: web::Data<Lis>, id: web::Path<InstrumentId>) -> Answer {
    let today = lis.clock.now().date_in_china().to_string();
    let typed = Typed {
        status: StatusInput { valid_from: today.clone(), ..StatusInput::default() },
        calibration: CalibrationInput { performed_on: today.clone(), ..CalibrationInput::default() },
        upkeep: UpkeepInput { performed_on: today, ..UpkeepInput::default() },
    };
    page(&history_page(&lis, ui, &by, *id, (typed, None)).await?, false)
}

async fn change_status(
    by: May<ManageInstruments>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<InstrumentId>,
    form: Form<StatusInput>,
) -> Answer {
    let Form { input, request, seen } = form;
    let (id, seen, actor, who) = (*id, seen.required()?, by.clone(), by.clone());
    let outcome = match input.checked() {
        Ok(facts) => {
            let work = move |tx: &mut Tx| actions::change_status(tx, &who, id, seen, &facts);
            refused(lis.command(&actor, &request, work).await)?
        }
        Err(refusal) => Err(refusal),
    };
    let typed = Typed { status: input, ..Typed::default() };
    answered(&lis, ui, &by, id, (typed, outcome)).await
}

async fn add_calibration(
    by: May<ManageInstruments>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<InstrumentId>,
    form: Form<CalibrationInput>,
) -> Answer {
    let Form { input, request, seen } = form;
    let (id, seen, actor, who) = (*id, seen.required()?, by.clone(), by.clone());
    let outcome = match input.checked() {
        Ok(facts) => {
            let work = move |tx: &mut Tx| actions::add_calibration(tx, &who, id, seen, &facts);
            refused(lis.command(&actor, &request, work).await)?
        }
        Err(refusal) => Err(refusal),
    };
    let typed = Typed { calibration: input, ..Typed::default() };
    answered(&lis, ui, &by, id, (typed, outcome)).await
}

async fn add_upkeep(
    by: May<ManageInstruments>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<InstrumentId>,
    form: Form<UpkeepInput>,
) -> Answer {
    let Form { input, request, seen } = form;
    let (id, seen, actor, who) = (*id, seen.required()?, by.clone(), by.clone());
    let outcome = match input.checked() {
        Ok(facts) => {
            let work = move |tx: &mut Tx| upkeep::add_upkeep(tx, &who, id, seen, &facts);
            refused(lis.command(&actor, &request, work).await)?
        }
        Err(refusal) => Err(refusal),
    };
    let typed = Typed { upkeep: input, ..Typed::default() };
    answered(&lis, ui, &by, id, (typed, outcome)).await
}

async fn keep_file(
    by: May<ManageInstruments>,
    ui: Ui,
    lis: web::Data<Lis>,
    path: web::Path<(InstrumentId, CalibrationId)>,
    file: Upload,
) -> Answer {
    let (of, seen, request) = (path.into_inner(), file.seen.required()?, file.request.clone());
    let (actor, who) = (by.clone(), by.clone());
    let outcome = match refused(stored(&lis, file).await)? {
        Ok(kept) => {
            let work = move |tx: &mut Tx| certificates::keep_file(tx, &who, of, seen, &kept);
            refused(lis.command(&actor, &request, work).await)?
        }
        Err(refusal) => Err(refusal),
    };
    answered(&lis, ui, &by, of.0, (Typed::default(), outcome)).await
}

async fn file(_: May<SeeEvidence>, lis: web::Data<Lis>, path: web::Path<(InstrumentId, CalibrationId)>) -> Answer {
    file_of(&lis, path.into_inner()).await
}

async fn confirm(
    by: May<ManageInstruments>,
    ui: Ui,
    lis: web::Data<Lis>,
    path: web::Path<(InstrumentId, CalibrationId)>,
    form: Form<ConfirmationInput>,
) -> Answer {
    let (of, seen, actor, who) = (path.into_inner(), form.seen.required()?, by.clone(), by.clone());
    let outcome = match form.input.checked() {
        Ok(said) => {
            let work = move |tx: &mut Tx| certificates::confirm(tx, &who, of, seen, &said);
            refused(lis.command(&actor, &form.request, work).await)?
        }
        Err(refusal) => Err(refusal),
    };
    answered(&lis, ui, &by, of.0, (Typed::default(), outcome)).await
}

/// Back to the page: with what was done, or with what was typed and why it was refused.
async fn answered(
    lis: &Lis,
    ui: Ui,
    by: &Actor,
    id: InstrumentId,
    (typed, outcome): (Typed, Result<InstrumentSaved, Refusal>),
) -> Answer {
    match outcome {
        Ok(saved) => {
            let done = if saved.work.is_some() { "done-instrument-doubted" } else { "done-instrument-saved" };
            Ok(see_other(&format!("/instruments/{id}/history"), Some(done)))
        }
        Err(refusal) => refused_page(&history_page(lis, ui, by, id, (typed, Some(&refusal))).await?, &refusal),
    }
}
