//! Pages of the draws: list, new draw, record, the draw repeated, the printed record.

use std::collections::BTreeMap;

use actix_web::web;
use askama::Template;
use serde::Deserialize;

use super::actions::{self, DrawInput};
use super::record::{Lot, Record, Repeated};
use super::store::{self, DrawHead, DrawRow};
use super::{calls, paper};
use crate::accounts::May;
use crate::accounts::actions::{names_of, regions};
use crate::accounts::pages::{region_choices, region_name};
use crate::accounts::role::DrawSpotChecks;
use crate::app::Lis;
use crate::domain::ids::DrawId;
use crate::domain::refusal::{Fault, Outcome, Refusal};
use crate::pdf::documents::DrawWeight;
use crate::web::routes::Routes;
use crate::web::ui::{Choice, FormErrors, worded};
use crate::web::{Answer, Form, Ui, page, refused, refused_page, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/draws", draws)
        .get("/draws/new", new_draw)
        .post("/draws", create)
        .get("/draws/{id}", draw)
        .get("/draws/{id}/repeat", repeat)
        .get("/draws/{id}/pdf", pdf)
}

/// Rows on one page of the list.
const PAGE_ROWS: i64 = 50;

#[derive(Deserialize)]
struct Before {
    before: Option<i64>,
}

worded!(DrawsPage);

#[derive(Template)]
#[template(path = "spot_checks/pages/draws.html")]
struct DrawsPage {
    ui: Ui,
    draws: Vec<DrawHead>,
    next: String,
}

async fn draws(_: May<DrawSpotChecks>, ui: Ui, lis: web::Data<Lis>, query: web::Query<Before>) -> Answer {
    let before = query.before;
    let (mut draws, regions) =
        lis.db.read(move |conn| Ok((store::draws(conn, before, PAGE_ROWS + 1)?, regions(conn)?))).await?;
    let more = i64::try_from(draws.len()).unwrap_or(0) > PAGE_ROWS;
    draws.truncate(usize::try_from(PAGE_ROWS).unwrap_or(usize::MAX));
    let next = draws.last().filter(|_| more).map(|last| format!("/draws?before={}", last.0)).unwrap_or_default();
    for draw in &mut draws {
        draw.3 = region_name(&ui, &regions, &draw.3);
    }
    page(&DrawsPage { ui, draws, next }, false)
}

#[derive(Template)]
#[template(path = "spot_checks/pages/new.html")]
struct NewPage {
    ui: Ui,
    once: String,
    input: DrawInput,
    regions: Vec<Choice>,
    samplers: Vec<Choice>,
    errors: FormErrors,
}

async fn new_page(lis: &Lis, ui: Ui, input: DrawInput) -> Outcome<NewPage> {
    let today = lis.clock.now().date_in_china();
    let (regions, (people, _)) = lis.db.read(move |conn| Ok((regions(conn)?, calls::samplers(conn, today)?))).await?;
    let regions = region_choices(&ui, &regions, &input.region_code);
    let samplers = people
        .into_iter()
        .map(|(person, name)| Choice {
            value: person.to_string(),
            label: name,
            chosen: input.declared.contains(&person.0),
        })
        .collect();
    Ok(NewPage { once: ui.once(), ui, input, regions, samplers, errors: FormErrors::default() })
}

async fn new_draw(_: May<DrawSpotChecks>, ui: Ui, lis: web::Data<Lis>) -> Answer {
    let [a, b, c, d, ungraded] = actions::GROUPS.map(|(_, weight)| weight.to_string());
    let input = DrawInput {
        samplers: "2".to_owned(),
        weight_a: a,
        weight_b: b,
        weight_c: c,
        weight_d: d,
        weight_ungraded: ungraded,
        cooldown_days: "180".to_owned(),
        last_visits: "1".to_owned(),
        ..DrawInput::default()
    };
    page(&new_page(&lis, ui, input).await?, false)
}

async fn create(by: May<DrawSpotChecks>, ui: Ui, lis: web::Data<Lis>, form: Form<DrawInput>) -> Answer {
    let Form { input, request, .. } = form;
    let actor = by.clone();
    let outcome = match input.checked() {
        Ok(facts) => refused(lis.command(&actor, &request, move |tx| actions::draw_spot_check(tx, &by, &facts)).await)?,
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(saved) => Ok(see_other(&format!("/draws/{}", saved.id), Some("done-drawn"))),
        Err(refusal) => again(&lis, ui, input, &refusal).await,
    }
}

async fn again(lis: &Lis, ui: Ui, input: DrawInput, refusal: &Refusal) -> Answer {
    let mut shown = new_page(lis, ui, input).await?;
    shown.errors = FormErrors::of(refusal, shown.ui.language);
    refused_page(&shown, refusal)
}

worded!(DrawPage);

#[derive(Template)]
#[template(path = "spot_checks/pages/draw.html")]
struct DrawPage {
    ui: Ui,
    row: DrawRow,
    region: String,
    record: Record,
    drawn_by: String,
    groups: Vec<DrawWeight>,
    repeated: Option<Repeated>,
}

async fn draw(_: May<DrawSpotChecks>, ui: Ui, lis: web::Data<Lis>, id: web::Path<DrawId>) -> Answer {
    draw_page(&lis, ui, *id, false).await
}

async fn repeat(_: May<DrawSpotChecks>, ui: Ui, lis: web::Data<Lis>, id: web::Path<DrawId>) -> Answer {
    draw_page(&lis, ui, *id, true).await
}

async fn draw_page(lis: &Lis, ui: Ui, id: DrawId, again: bool) -> Answer {
    let (row, record, repeated, drawn_by, regions) = lis
        .db
        .read(move |conn| {
            let (row, record, repeated) = actions::repeated(conn, id)?;
            let drawn_by = names_of(conn, &[row.drawn_by])?.remove(&row.drawn_by).unwrap_or_default();
            Ok((row, record, repeated, drawn_by, regions(conn)?))
        })
        .await?;
    let units: Vec<&Lot> = record.lots.iter().filter(|lot| lot.label != "samplers").collect();
    let groups = paper::groups(&record, &units);
    let region = region_name(&ui, &regions, &row.region_code);
    page(&DrawPage { ui, groups, row, region, record, drawn_by, repeated: again.then_some(repeated) }, false)
}

async fn pdf(_: May<DrawSpotChecks>, ui: Ui, lis: web::Data<Lis>, id: web::Path<DrawId>) -> Answer {
    printed(&lis, &ui, *id).await
}

/// The record of a draw as a PDF.
pub(super) async fn printed(lis: &web::Data<Lis>, ui: &Ui, id: DrawId) -> Answer {
    let language = ui.language;
    let (row, record, drawn_by, details, region) = lis
        .db
        .read(move |conn| {
            let (row, record) = actions::stored(conn, id)?;
            let drawn_by = names_of(conn, &[row.drawn_by])?.remove(&row.drawn_by).unwrap_or_default();
            let of_units = record.lots.iter().filter(|lot| lot.label != "samplers");
            let ids: Vec<i64> = of_units.flat_map(|lot| lot.picked.iter().map(|picked| picked.id)).collect();
            let details = calls::unit_details(conn, &ids)?;
            let region = calls::region_names(conn, &row.region_code)?;
            Ok((row, record, drawn_by, details, region))
        })
        .await?;
    let details: BTreeMap<i64, (String, String)> =
        details.into_iter().map(|(id, licence, region)| (id, (licence, region))).collect();
    let authority = region.map(|(zh, en)| ui.pick(&zh, &en).to_owned()).unwrap_or_default();
    let at = row.drawn_at.utc();
    let name = format!("{}.pdf", row.draw_no);
    let lis = lis.clone();
    let bytes = tokio::task::spawn_blocking(move || {
        let document = paper::draw_record(&row, &record, &drawn_by, &authority, &details, language);
        // The time of the draw, so that the same record prints to the same bytes.
        lis.typesetter.draw_record(&document, at).map_err(Fault::broken)
    })
    .await
    .map_err(Fault::broken)??;
    Ok(crate::web::answer::pdf(bytes, &name))
}
