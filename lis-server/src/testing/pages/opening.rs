//! The list of worksheets, and opening one.

use std::collections::BTreeMap;

use actix_web::web;
use askama::Template;

use super::super::actions::{self, ListedSheet, OpenInput, WaitingItem};
use super::super::state::{ItemState, WorksheetState};
use super::super::store::ItemFilter;
use super::{PAGE_ROWS, Pairs, field, number};
use crate::accounts::May;
use crate::accounts::role::{EnterResults, SeeBench};
use crate::app::Lis;
use crate::db::Tx;
use crate::domain::ids::PersonId;
use crate::domain::refusal::{Outcome, Reasons, Refusal};
use crate::instruments::bench::{self, BenchInstrument};
use crate::web::routes::Routes;
use crate::web::ui::{Choice, FormErrors};
use crate::web::{Answer, Form, Ui, page, refused, refused_page, see_other};

pub fn routes() -> Routes {
    Routes::new().get("/worksheets", worksheets).post("/worksheets", open_worksheet)
}

#[derive(Template)]
#[template(path = "testing/pages/worksheets.html")]
struct WorksheetsPage {
    ui: Ui,
    once: String,
    /// Assigned items of this tester by procedure.
    mine: Vec<(String, Vec<WaitingItem>)>,
    instruments: Vec<Choice>,
    /// Id of the instrument that was chosen, after a refusal.
    instrument: String,
    sheets: Vec<ListedSheet>,
    input: OpenInput,
    errors: FormErrors,
}

async fn worksheets_page(
    lis: &Lis,
    ui: Ui,
    me: PersonId,
    input: OpenInput,
    refusal: Option<&Refusal>,
) -> Outcome<WorksheetsPage> {
    let filter = ItemFilter {
        states: vec![ItemState::Assigned.code(), ItemState::RepeatOrdered.code()],
        tester: Some(me),
        ..ItemFilter::default()
    };
    let today = lis.clock.now().date_in_china();
    let states: Vec<&'static str> = WorksheetState::ALL.iter().map(|state| state.code()).collect();
    let (items, sheets, usable) = lis
        .db
        .read(move |conn| {
            let items = actions::waiting_items(conn, &filter, PAGE_ROWS * 2)?;
            let sheets = actions::worksheets(conn, &states, i64::MAX, PAGE_ROWS)?;
            Ok((items, sheets, bench::usable(conn, today)?))
        })
        .await?;
    let mut mine: BTreeMap<String, Vec<WaitingItem>> = BTreeMap::new();
    for item in items {
        mine.entry(item.method.clone()).or_default().push(item);
    }
    // A balance weighs for every sheet; a sheet is opened for the instrument that reads its samples.
    let instruments = usable.iter().filter(|one| !one.weighs).map(choice).collect();
    let errors = refusal.map(|refusal| FormErrors::of(refusal, ui.language)).unwrap_or_default();
    Ok(WorksheetsPage {
        once: ui.once(),
        mine: mine.into_iter().collect(),
        instruments,
        instrument: input.instrument_id.map(|id| id.to_string()).unwrap_or_default(),
        sheets,
        input,
        errors,
        ui,
    })
}

pub(super) fn choice(one: &BenchInstrument) -> Choice {
    Choice { value: one.id.to_string(), label: format!("{} {}", one.code, one.name), chosen: false }
}

async fn worksheets(by: May<SeeBench>, ui: Ui, lis: web::Data<Lis>) -> Answer {
    page(&worksheets_page(&lis, ui, by.person, OpenInput::default(), None).await?, false)
}

async fn open_worksheet(by: May<EnterResults>, ui: Ui, lis: web::Data<Lis>, form: Form<Pairs>) -> Answer {
    let mut reasons = Reasons::new();
    let chosen = form.input.iter().filter(|(name, _)| name == "items");
    let text = |name: &str| field(&form.input, name).to_owned();
    let input = OpenInput {
        items: chosen.filter_map(|(name, value)| number(&mut reasons, name, value)).collect(),
        instrument_id: number(&mut reasons, "instrument_id", &text("instrument_id")),
        spike_added: text("spike_added"),
        certified: text("certified"),
        uncertainty: text("uncertainty"),
        sigma: text("sigma"),
        nominal: text("nominal"),
        standards: text("standards"),
        standard_lots: text("standard_lots"),
    };
    let (actor, me) = (by.clone(), by.person);
    let outcome = match reasons.none().and_then(|()| input.checked()) {
        Ok(facts) => {
            let work = move |tx: &mut Tx| actions::open_worksheet(tx, &by, &facts);
            refused(lis.command(&actor, &form.request, work).await)?
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(opened) => Ok(see_other(&format!("/worksheets/{}", opened.id), Some("done-worksheet-opened"))),
        Err(refusal) => refused_page(&worksheets_page(&lis, ui, me, input, Some(&refusal)).await?, &refusal),
    }
}
