//! Pages of the environment: the rooms, and one room with its course, its readings and what lay outside.

use actix_web::web;
use askama::Template;

use super::actions::{self, RoomInput};
use super::drawing::draw;
use super::excursions::{self, ExcursionHandlingInput, RoomExcursionDetail, RoomExcursionView};
use super::places::{self, KINDS, SeparationInput, SeparationView};
use super::readings::{self, RoomReadingInput};
use super::views::{self, RoomDetail, RoomReadingView, RoomView};
use crate::accounts::role::{LogEnvironment, ManageCatalogue, ManageQuality, SeeBench, SeeQualityReport};
use crate::accounts::{Actor, May};
use crate::app::Lis;
use crate::db::Tx;
use crate::domain::decimal::Decimal;
use crate::domain::ids::{ExcursionId, RoomId};
use crate::domain::refusal::{Outcome, Refusal};
use crate::quality::gates::state::Mode;
use crate::quality::pages::choices;
use crate::web::routes::Routes;
use crate::web::ui::{Choice, FormErrors};
use crate::web::{Answer, Form, Ui, page, refused, refused_page, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/environment", rooms)
        .post("/environment", add)
        .get("/environment/{id}", room)
        .post("/environment/{id}", change)
        .post("/environment/{id}/readings", read)
        .get("/excursions", excursion_list)
        .get("/excursions/{id}", excursion)
        .post("/excursions/{id}", handle)
        .get("/separations", separations)
        .post("/separations", set_separation)
}

#[derive(Template)]
#[template(path = "quality/environment/rooms.html")]
struct RoomsPage {
    ui: Ui,
    once: String,
    rooms: Vec<RoomView>,
    may_change: bool,
    sees_excursions: bool,
    kinds: Vec<Choice>,
    input: RoomInput,
    errors: FormErrors,
}

async fn rooms_page(lis: &Lis, ui: Ui, by: &Actor, input: RoomInput, refusal: Option<&Refusal>) -> Outcome<RoomsPage> {
    let today = lis.clock.now().date_in_china();
    let rooms = lis.db.read(move |conn| views::rooms(conn, today)).await?;
    let errors = refusal.map(|refusal| FormErrors::of(refusal, ui.language)).unwrap_or_default();
    let may_change = May::<ManageCatalogue>::check(by).is_some();
    let sees_excursions = May::<SeeQualityReport>::check(by).is_some();
    let kinds = kinds(&ui);
    Ok(RoomsPage { once: ui.once(), rooms, may_change, sees_excursions, kinds, input, errors, ui })
}

async fn rooms(by: May<SeeBench>, ui: Ui, lis: web::Data<Lis>) -> Answer {
    page(&rooms_page(&lis, ui, &by, RoomInput::default(), None).await?, false)
}

async fn add(by: May<ManageCatalogue>, ui: Ui, lis: web::Data<Lis>, form: Form<RoomInput>) -> Answer {
    let Form { input, request, .. } = form;
    let (actor, who) = (by.clone(), by.clone());
    let outcome = match input.checked() {
        Ok(facts) => {
            let work = move |tx: &mut Tx| actions::add_room(tx, &who, &facts);
            refused(lis.command(&actor, &request, work).await)?
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(saved) => Ok(see_other(&format!("/environment/{}", saved.id), Some("done-room-saved"))),
        Err(refusal) => refused_page(&rooms_page(&lis, ui, &by, input, Some(&refusal)).await?, &refusal),
    }
}

#[derive(Template)]
#[template(path = "quality/environment/room.html")]
struct RoomPage {
    ui: Ui,
    once: String,
    detail: RoomDetail,
    /// The course of each quantity that was read, with its name.
    charts: Vec<(String, String)>,
    may_change: bool,
    may_read: bool,
    kinds: Vec<Choice>,
    input: RoomInput,
    reading: RoomReadingInput,
    errors: FormErrors,
}

/// What a person had typed into a form that came back.
#[derive(Default)]
struct Typed {
    room: Option<RoomInput>,
    reading: Option<RoomReadingInput>,
}

async fn room_page(
    lis: &Lis,
    ui: Ui,
    by: &Actor,
    id: RoomId,
    typed: Typed,
    refusal: Option<&Refusal>,
) -> Outcome<RoomPage> {
    let now = lis.clock.now();
    let detail = lis.db.read(move |conn| views::room(conn, id, now)).await?;
    let room = &detail.room;
    let charts = [
        chart(
            &detail.readings,
            |one| &one.temperature,
            [&room.temperature_least, &room.temperature_most],
            || format!("{} ℃ · {}", ui.t("room-temperature"), room.code),
        ),
        chart(
            &detail.readings,
            |one| &one.humidity,
            [&room.humidity_least, &room.humidity_most],
            || format!("{} % · {}", ui.t("room-humidity"), room.code),
        ),
    ];
    let as_now = || RoomInput {
        code: room.code.clone(),
        name: room.name.clone(),
        kind: room.kind.clone(),
        places: room.places.join(";"),
        temperature_least: room.temperature_least.clone(),
        temperature_most: room.temperature_most.clone(),
        humidity_least: room.humidity_least.clone(),
        humidity_most: room.humidity_most.clone(),
        limits_from: String::new(),
        methods: room.methods.join(";"),
        instruments: room.instruments.join(";"),
        recipients: room.recipients.join(";"),
    };
    let this_minute = || RoomReadingInput {
        read_at: now.in_china().format("%Y-%m-%d %H:%M").to_string(),
        ..RoomReadingInput::default()
    };
    let errors = refusal.map(|refusal| FormErrors::of(refusal, ui.language)).unwrap_or_default();
    Ok(RoomPage {
        once: ui.once(),
        charts: charts.into_iter().flatten().collect(),
        may_change: May::<ManageCatalogue>::check(by).is_some(),
        may_read: May::<LogEnvironment>::check(by).is_some(),
        kinds: kinds(&ui),
        input: typed.room.unwrap_or_else(as_now),
        reading: typed.reading.unwrap_or_else(this_minute),
        errors,
        detail,
        ui,
    })
}

/// The course of a quantity, if it was read; its name is said and drawn.
fn chart(
    readings: &[RoomReadingView],
    quantity: impl Fn(&RoomReadingView) -> &String,
    limits: [&String; 2],
    name: impl FnOnce() -> String,
) -> Option<(String, String)> {
    let number = |text: &String| Decimal::parse(text).ok();
    let values: Vec<Decimal> = readings.iter().rev().filter_map(|one| number(quantity(one))).collect();
    let limits: Vec<Decimal> = limits.into_iter().filter_map(number).collect();
    let name = name();
    (!values.is_empty()).then(|| (draw(&values, &limits, &name), name))
}

async fn room(by: May<SeeBench>, ui: Ui, lis: web::Data<Lis>, id: web::Path<RoomId>) -> Answer {
    page(&room_page(&lis, ui, &by, *id, Typed::default(), None).await?, false)
}

async fn change(
    by: May<ManageCatalogue>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<RoomId>,
    form: Form<RoomInput>,
) -> Answer {
    let (id, seen, actor, who) = (*id, form.seen.required()?, by.clone(), by.clone());
    let outcome = match form.input.checked() {
        Ok(facts) => {
            let work = move |tx: &mut Tx| actions::change_room(tx, &who, id, seen, &facts);
            refused(lis.command(&actor, &form.request, work).await)?.map(|_| ())
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(()) => Ok(see_other(&format!("/environment/{id}"), Some("done-room-saved"))),
        Err(refusal) => {
            let typed = Typed { room: Some(form.input), ..Typed::default() };
            refused_page(&room_page(&lis, ui, &by, id, typed, Some(&refusal)).await?, &refusal)
        }
    }
}

async fn read(
    by: May<LogEnvironment>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<RoomId>,
    form: Form<RoomReadingInput>,
) -> Answer {
    let (id, actor, who) = (*id, by.clone(), by.clone());
    let outcome = match form.input.checked() {
        Ok(facts) => {
            let work = move |tx: &mut Tx| readings::add_reading(tx, &who, id, &facts);
            refused(lis.command(&actor, &form.request, work).await)?
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(saved) => {
            let notice = if saved.within { "done-room-read" } else { "done-room-read-outside" };
            Ok(see_other(&format!("/environment/{id}"), Some(notice)))
        }
        Err(refusal) => {
            let typed = Typed { reading: Some(form.input), ..Typed::default() };
            refused_page(&room_page(&lis, ui, &by, id, typed, Some(&refusal)).await?, &refusal)
        }
    }
}

/// The kinds of rooms, with their words.
fn kinds(ui: &Ui) -> Vec<Choice> {
    choices(ui, "room-kind", KINDS)
}

/// Excursions on the page.
const PAGE_ROWS: i64 = 200;

#[derive(Template)]
#[template(path = "quality/environment/excursions.html")]
struct ExcursionsPage {
    ui: Ui,
    excursions: Vec<RoomExcursionView>,
}

async fn excursion_list(_: May<SeeQualityReport>, ui: Ui, lis: web::Data<Lis>) -> Answer {
    let excursions = lis.db.read(|conn| excursions::excursions(conn, i64::MAX, PAGE_ROWS)).await?;
    page(&ExcursionsPage { ui, excursions }, false)
}

#[derive(Template)]
#[template(path = "quality/environment/excursion.html")]
struct ExcursionPage {
    ui: Ui,
    once: String,
    detail: RoomExcursionDetail,
    /// It is over and not handled, by somebody who may.
    can_handle: bool,
    input: ExcursionHandlingInput,
    errors: FormErrors,
}

async fn excursion_page(
    lis: &Lis,
    ui: Ui,
    by: &Actor,
    id: ExcursionId,
    input: ExcursionHandlingInput,
    refusal: Option<&Refusal>,
) -> Outcome<ExcursionPage> {
    let now = lis.clock.now();
    let detail = lis.db.read(move |conn| excursions::excursion(conn, id, now)).await?;
    let waits = detail.excursion.until.is_some() && detail.excursion.handled_at.is_none();
    let can_handle = waits && May::<ManageQuality>::check(by).is_some();
    let errors = refusal.map(|refusal| FormErrors::of(refusal, ui.language)).unwrap_or_default();
    Ok(ExcursionPage { once: ui.once(), detail, can_handle, input, errors, ui })
}

async fn excursion(by: May<SeeQualityReport>, ui: Ui, lis: web::Data<Lis>, id: web::Path<ExcursionId>) -> Answer {
    page(&excursion_page(&lis, ui, &by, *id, ExcursionHandlingInput::default(), None).await?, false)
}

async fn handle(
    by: May<ManageQuality>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<ExcursionId>,
    form: Form<ExcursionHandlingInput>,
) -> Answer {
    let (id, seen, actor, who) = (*id, form.seen.required()?, by.clone(), by.clone());
    let outcome = match form.input.checked() {
        Ok(handling) => {
            let work = move |tx: &mut Tx| excursions::handle(tx, &who, id, seen, &handling);
            refused(lis.command(&actor, &form.request, work).await)?.map(|_| ())
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(()) => Ok(see_other(&format!("/excursions/{id}"), Some("done-excursion-handled"))),
        Err(refusal) => refused_page(&excursion_page(&lis, ui, &by, id, form.input, Some(&refusal)).await?, &refusal),
    }
}

#[derive(Template)]
#[template(path = "quality/environment/separations.html")]
struct SeparationsPage {
    ui: Ui,
    once: String,
    pairs: Vec<SeparationView>,
    may_set: bool,
    kinds: Vec<Choice>,
    modes: Vec<Choice>,
    input: SeparationInput,
    errors: FormErrors,
}

impl SeparationsPage {
    fn kind_word(&self, kind: &str) -> String {
        self.ui.t(&places::kind_word(kind))
    }

    fn mode_word(&self, mode: &str) -> String {
        self.ui.t(&format!("mode-{mode}"))
    }
}

async fn separations_page(
    lis: &Lis,
    ui: Ui,
    by: &Actor,
    input: SeparationInput,
    refusal: Option<&Refusal>,
) -> Outcome<SeparationsPage> {
    let pairs = lis.db.read(places::separations).await?;
    let modes: Vec<&str> = Mode::ALL.iter().map(|mode| mode.code()).collect();
    Ok(SeparationsPage {
        once: ui.once(),
        pairs,
        may_set: May::<ManageCatalogue>::check(by).is_some(),
        kinds: kinds(&ui),
        modes: choices(&ui, "mode", &modes),
        input,
        errors: refusal.map(|refusal| FormErrors::of(refusal, ui.language)).unwrap_or_default(),
        ui,
    })
}

async fn separations(by: May<SeeBench>, ui: Ui, lis: web::Data<Lis>) -> Answer {
    page(&separations_page(&lis, ui, &by, SeparationInput::default(), None).await?, false)
}

async fn set_separation(by: May<ManageCatalogue>, ui: Ui, lis: web::Data<Lis>, form: Form<SeparationInput>) -> Answer {
    let Form { input, request, .. } = form;
    let (actor, who) = (by.clone(), by.clone());
    let outcome = match input.checked() {
        Ok(facts) => {
            let work = move |tx: &mut Tx| places::set_separation(tx, &who, &facts);
            refused(lis.command(&actor, &request, work).await)?.map(|_| ())
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(()) => Ok(see_other("/separations", Some("done-separation-set"))),
        Err(refusal) => refused_page(&separations_page(&lis, ui, &by, input, Some(&refusal)).await?, &refusal),
    }
}

/// The limits of a quantity; one of them may be missing, and both.
fn between(least: &str, most: &str) -> String {
    match (least, most) {
        ("", "") => "/".to_owned(),
        ("", most) => format!("≤ {most}"),
        (least, "") => format!("≥ {least}"),
        (least, most) => format!("{least} – {most}"),
    }
}
