//! One worksheet with its grid of entries, its submission and corrections.

use std::collections::BTreeMap;

use actix_web::web;
use askama::Template;

use super::super::actions::{
    self, CellView, CorrectionInput, EntryInput, LotsInput, OverdrawnView, PositionView, SendInput, SheetView,
    SubmissionInput,
};
use super::super::api::{bench_of, sequence_of};
use super::super::controls::Control;
use super::super::paper;
use super::super::state::WorksheetState;
use super::opening::choice;
use super::record::{Column, columns, conditions};
use super::{Pairs, field, number, unreadable};
use crate::accounts::May;
use crate::accounts::role::{EnterResults, SeeBench};
use crate::app::Lis;
use crate::catalogue::actions::current;
use crate::db::Tx;
use crate::domain::ids::{InstrumentId, PersonId, WorksheetId};
use crate::domain::refusal::{FIELD_MISSING, Outcome, Reasons, Refusal};
use crate::instruments::actions::{AimInput, aim as aim_balance};
use crate::instruments::bench::{self, DispatchView};
use crate::quality::lots::actions::codes_of;
use crate::web::routes::Routes;
use crate::web::ui::{Choice, FormErrors};
use crate::web::{Answer, Form, Ui, page, refused, refused_page, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/worksheets/{id}", worksheet)
        .get("/worksheets/{id}/live", worksheet_live)
        .get("/worksheets/{id}/sequence", sequence)
        .post("/worksheets/{id}/dispatches", send_to_instrument)
        .post("/worksheets/{id}/aim", aim)
        .post("/worksheets/{id}/entries", save_entries)
        .post("/worksheets/{id}/lots", set_lots)
        .post("/worksheets/{id}/submission", submit)
        .post("/worksheets/{id}/corrections", correct)
}

#[derive(Template)]
#[template(path = "testing/pages/worksheet.html")]
struct WorksheetPage {
    ui: Ui,
    once: String,
    sheet: SheetView,
    /// The controls that hold the sheet.
    failed: Vec<Control>,
    /// May type here.
    own: bool,
    /// Balances that can be aimed at a cell; none where nothing is weighed or nobody may type.
    balances: Vec<Choice>,
    /// What was sent of the sheet to its instrument.
    sent: Vec<DispatchView>,
    /// Of the grid.
    columns: Vec<Column>,
    /// What the raw record has once for the whole sheet, with the place that keeps it.
    conditions: Vec<(i64, Column)>,
    /// What was typed and not saved, by cell.
    typed: BTreeMap<String, String>,
    reason: String,
    errors: FormErrors,
}

impl WorksheetPage {
    fn of(
        ui: Ui,
        (sheet, failed, sent): (SheetView, Vec<Control>, Vec<DispatchView>),
        balances: Vec<Choice>,
        me: PersonId,
        typed: BTreeMap<String, String>,
        refusal: Option<&Refusal>,
    ) -> Self {
        let errors = refusal.map(|refusal| FormErrors::of(refusal, ui.language)).unwrap_or_default();
        Self {
            once: ui.once(),
            own: sheet.tester_id == me.0,
            balances,
            reason: typed.get("reason").cloned().unwrap_or_default(),
            columns: columns(&ui, &sheet),
            conditions: conditions(&ui, &sheet),
            typed,
            errors,
            sheet,
            failed,
            sent,
            ui,
        }
    }

    fn is_open(&self) -> bool {
        self.sheet.state == WorksheetState::Open.code()
    }

    fn cell<'p>(&self, position: &'p PositionView, field: &str, replicate: &i64) -> Option<&'p CellView> {
        position.cells.iter().find(|cell| cell.field == field && cell.replicate == *replicate)
    }

    /// Whether a button aims a balance at a cell: an empty one that is weighed.
    fn can_aim(&self, cell: &CellView) -> bool {
        cell.weighed && cell.entry_no == 0 && !self.balances.is_empty()
    }

    fn typed(&self, name: &str) -> &str {
        self.typed.get(name).map_or("", String::as_str)
    }

    /// Codes of the lots that were named, or what was typed and came back.
    fn lots_typed(&self) -> String {
        match self.typed.get("lots") {
            Some(typed) => typed.clone(),
            None => self.sheet.lots.iter().map(|lot| lot.code.as_str()).collect::<Vec<_>>().join("; "),
        }
    }

    fn word(&self, field: &str) -> String {
        paper::word(self.ui.language, self.sheet.form.as_ref(), field)
    }

    /// The cell of a condition of the whole sheet.
    fn condition(&self, position: &i64, field: &str) -> Option<&CellView> {
        let place = self.sheet.positions.iter().find(|one| one.id == *position)?;
        self.cell(place, field, &1)
    }

    /// The name of a control's analyte.
    fn analyte(&self, key: &str) -> &str {
        let known = self.sheet.positions.iter().find(|place| place.analyte == key);
        known.map_or("", |place| self.ui.pick(&place.analyte_zh, &place.analyte_en))
    }

    /// What the figure of a control is, and what it may be.
    fn compared(&self, control: &Control) -> String {
        let key = if control.kind == "spike" { "control-recovery" } else { "control-difference" };
        if control.allowed.is_empty() {
            return control.figure.clone();
        }
        self.ui.t2(key, ("percent", &control.figure), ("allowed", &control.allowed))
    }

    /// What was taken of a container and what was received, where that is less.
    fn overdrawn(&self, one: &OverdrawnView) -> String {
        let with_unit = |amount: &str| format!("{amount} {}", one.unit);
        self.ui.t2("part-overdrawn", ("taken", with_unit(&one.taken)), ("received", with_unit(&one.received)))
    }

    fn uuid(&self) -> String {
        uuid::Uuid::now_v7().to_string()
    }
}

async fn sheet_page(
    lis: &Lis,
    ui: Ui,
    me: PersonId,
    id: WorksheetId,
    typed: BTreeMap<String, String>,
    refusal: Option<&Refusal>,
) -> Outcome<WorksheetPage> {
    let today = lis.clock.now().date_in_china();
    let (sheet, failed, balances, sent) = lis
        .db
        .read(move |conn| {
            let sheet = actions::sheet_view(conn, id)?;
            let weighed = sheet.positions.iter().flat_map(|position| &position.cells).any(|cell| cell.weighed);
            let may_type = sheet.tester_id == me.0 && sheet.state == WorksheetState::Open.code();
            let usable = if weighed && may_type { bench::usable(conn, today)? } else { Vec::new() };
            let is_held = sheet.state == WorksheetState::Held.code();
            let failed = if is_held { actions::failed_of(conn, id)? } else { Vec::new() };
            let is_open = sheet.state == WorksheetState::Open.code();
            let sent = if sheet.instrument.is_empty() { Vec::new() } else { bench::sent_of(conn, id, is_open)? };
            Ok((sheet, failed, usable, sent))
        })
        .await?;
    let balances = balances.iter().filter(|one| one.weighs).map(choice).collect();
    Ok(WorksheetPage::of(ui, (sheet, failed, sent), balances, me, typed, refusal))
}

async fn worksheet(by: May<SeeBench>, ui: Ui, lis: web::Data<Lis>, id: web::Path<WorksheetId>) -> Answer {
    page(&sheet_page(&lis, ui, by.person, *id, BTreeMap::new(), None).await?, false)
}

#[derive(Template)]
#[template(path = "testing/pages/grid.html")]
struct GridPart {
    p: WorksheetPage,
    ui: Ui,
}

/// The grid alone, for values that arrive while the page is open.
async fn worksheet_live(by: May<SeeBench>, ui: Ui, lis: web::Data<Lis>, id: web::Path<WorksheetId>) -> Answer {
    let p = sheet_page(&lis, ui, by.person, *id, BTreeMap::new(), None).await?;
    page(&GridPart { ui: p.ui.clone(), p }, false)
}

/// The sheet with what was typed into it and why it was refused.
async fn refused_sheet(lis: &Lis, ui: Ui, me: PersonId, id: WorksheetId, typed: Pairs, refusal: &Refusal) -> Answer {
    let typed = typed.into_iter().collect();
    refused_page(&sheet_page(lis, ui, me, id, typed, Some(refusal)).await?, refusal)
}

/// The sheet as the instrument's software takes a work list.
async fn sequence(_: May<SeeBench>, lis: web::Data<Lis>, id: web::Path<WorksheetId>) -> Answer {
    sequence_of(&lis, *id).await
}

/// Sends the sheet to its instrument by the way of the button that was pressed.
async fn send_to_instrument(
    by: May<EnterResults>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<WorksheetId>,
    form: Form<Pairs>,
) -> Answer {
    let (id, actor, me) = (*id, by.clone(), by.person);
    let input = SendInput { way: field(&form.input, "way").to_owned() };
    let outcome = match input.checked() {
        Ok(way) => {
            let work = move |tx: &mut Tx| actions::send_to_instrument(tx, &by, id, way);
            refused(lis.command(&actor, &form.request, work).await)?.map(|_| ())
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(()) => Ok(see_other(&format!("/worksheets/{id}"), Some("done-worksheet-sent"))),
        Err(refusal) => refused_sheet(&lis, ui, me, id, Pairs::new(), &refusal).await,
    }
}

/// Aims a balance (`balance`: its id) at the cell `aim`, POSITION-FIELD-REPLICATE. What was typed and not saved comes back
/// with the page.
async fn aim(
    by: May<EnterResults>,
    mut ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<WorksheetId>,
    form: Form<Pairs>,
) -> Answer {
    let (id, me) = (*id, by.person);
    let (position, rest) = field(&form.input, "aim").split_once('-').unwrap_or_default();
    let (name, replicate) = rest.rsplit_once('-').unwrap_or_default();
    let input = AimInput {
        position: position.parse().unwrap_or(0),
        field: name.to_owned(),
        replicate: replicate.parse().unwrap_or(0),
    };
    let outcome = match (field(&form.input, "balance").parse().map(InstrumentId), input.checked()) {
        (_, Err(refusal)) => Err(refusal),
        (Err(_), Ok(_)) => Err(FIELD_MISSING.at("balance").into()),
        (Ok(balance), Ok(cell)) => refused(lis.db.write(move |tx| aim_balance(tx, &by, balance, &cell)).await)?,
    };
    let nothing_typed =
        typed_entries(&form.input).is_ok_and(|entries| entries.is_empty()) && field(&form.input, "reason").is_empty();
    match outcome {
        Ok(()) if nothing_typed => Ok(see_other(&format!("/worksheets/{id}"), Some("done-aimed"))),
        outcome => {
            // Nobody opens the address of this step again, by a change of language or otherwise.
            ui.path = format!("/worksheets/{id}");
            let refusal = outcome.err();
            let typed = form.input.into_iter().collect();
            page(&sheet_page(&lis, ui, me, id, typed, refusal.as_ref()).await?, refusal.is_some())
        }
    }
}

/// Cells `v-POSITION-FIELD-REPLICATE` with what was typed, `s-…` with the entry number that was seen, `u-…` with the
/// sender's id of the entry; one `reason` and one `made_at` for all.
fn typed_entries(pairs: &Pairs) -> Result<Vec<EntryInput>, Refusal> {
    let reason = field(pairs, "reason");
    let (mut entries, mut reasons) = (Vec::new(), Reasons::new());
    for (name, value) in pairs {
        let Some(cell) = name.strip_prefix("v-").filter(|_| !value.trim().is_empty()) else { continue };
        let seen_field = format!("s-{cell}");
        let seen = number(&mut reasons, &seen_field, field(pairs, &seen_field)).unwrap_or(0);
        let Some((position, input, replicate)) = place_of(cell) else {
            reasons.add(unreadable(name));
            continue;
        };
        entries.push(EntryInput {
            position,
            field: input.to_owned(),
            replicate,
            value: value.clone(),
            seen,
            reason: reason.to_owned(),
            uuid: field(pairs, &format!("u-{cell}")).to_owned(),
            made_at: field(pairs, "made_at").to_owned(),
        });
    }
    reasons.none().map(|()| entries)
}

/// POSITION-FIELD-REPLICATE.
fn place_of(cell: &str) -> Option<(i64, &str, i64)> {
    let (position, rest) = cell.split_once('-')?;
    let (input, replicate) = rest.rsplit_once('-')?;
    Some((position.parse().ok()?, input, replicate.parse().ok()?))
}

async fn save_entries(
    by: May<EnterResults>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<WorksheetId>,
    form: Form<Pairs>,
) -> Answer {
    let (id, actor, me) = (*id, by.clone(), by.person);
    let (catalogue, hours) = (lis.db.read(current).await?, lis.config.late_entry_hours);
    let outcome = match typed_entries(&form.input) {
        Ok(entries) => {
            let work = move |tx: &mut Tx| actions::save_entries(tx, &by, &catalogue, id, (&entries, hours));
            refused(lis.command(&actor, &form.request, work).await)?
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(_) => Ok(see_other(&format!("/worksheets/{id}"), Some("done-values-saved"))),
        Err(refusal) => refused_sheet(&lis, ui, me, id, form.input, &refusal).await,
    }
}

async fn submit(
    by: May<EnterResults>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<WorksheetId>,
    form: Form<Pairs>,
) -> Answer {
    let (id, seen, actor, me) = (*id, form.seen.required()?, by.clone(), by.person);
    let confirmation = field(&form.input, "confirmation").to_owned();
    // What was typed and not saved goes with it.
    let input = typed_entries(&form.input).map(|entries| SubmissionInput { confirmation, entries });
    let outcome = match input.and_then(|input| input.checked(lis.config.late_entry_hours)) {
        Ok(submission) => {
            let bench = bench_of(&lis, me, id, &submission).await?;
            let work = move |tx: &mut Tx| actions::submit(tx, &by, &bench, (id, seen), &submission);
            refused(lis.command(&actor, &form.request, work).await)?
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(done) if done.state == WorksheetState::Held.code() => {
            Ok(see_other(&format!("/worksheets/{id}"), Some("done-worksheet-held")))
        }
        Ok(_) => Ok(see_other(&format!("/worksheets/{id}"), Some("done-worksheet-submitted"))),
        Err(refusal) => refused_sheet(&lis, ui, me, id, form.input, &refusal).await,
    }
}

/// Codes of lots separated by `;` and the day of use.
async fn set_lots(
    by: May<EnterResults>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<WorksheetId>,
    form: Form<Pairs>,
) -> Answer {
    let (id, seen, actor, me) = (*id, form.seen.required()?, by.clone(), by.person);
    let lots = codes_of(field(&form.input, "lots"));
    let input = LotsInput { lots, used_on: field(&form.input, "used_on").to_owned() };
    let outcome = match input.checked() {
        Ok(facts) => {
            let work = move |tx: &mut Tx| actions::set_lots(tx, &by, id, seen, &facts);
            refused(lis.command(&actor, &form.request, work).await)?.map(|_| ())
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(()) => Ok(see_other(&format!("/worksheets/{id}"), Some("done-lots-set"))),
        Err(refusal) => refused_sheet(&lis, ui, me, id, form.input, &refusal).await,
    }
}

async fn correct(
    by: May<EnterResults>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<WorksheetId>,
    form: Form<Pairs>,
) -> Answer {
    let (id, actor, me) = (*id, by.clone(), by.person);
    // The cell is chosen from a list as POSITION-FIELD-REPLICATE-ENTRY.
    let cell = field(&form.input, "cell").to_owned();
    let chosen = cell.rsplit_once('-').and_then(|(place, seen)| Some((place_of(place)?, seen.parse().ok()?)));
    let mut reasons = Reasons::new();
    match cell.trim() {
        "" => reasons.add(FIELD_MISSING.at("cell")),
        _ => reasons.add_if(chosen.is_none(), || unreadable("cell")),
    }
    let ((position, name, replicate), seen) = chosen.unwrap_or_default();
    let input = CorrectionInput {
        position,
        field: name.to_owned(),
        replicate,
        value: field(&form.input, "value").to_owned(),
        seen,
        reason: field(&form.input, "reason").to_owned(),
        uuid: field(&form.input, "uuid").to_owned(),
    };
    let checked = match (reasons.none(), input.checked()) {
        (Ok(()), checked) => checked,
        (Err(mut refusal), checked) => {
            refusal.reasons.extend(checked.err().into_iter().flat_map(|more| more.reasons));
            Err(refusal)
        }
    };
    let outcome = match checked {
        Ok(entry) => {
            let catalogue = lis.db.read(current).await?;
            let work = move |tx: &mut Tx| actions::correct_entry(tx, &by, &catalogue, id, &entry);
            refused(lis.command(&actor, &form.request, work).await)?.map(|_| ())
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(()) => Ok(see_other(&format!("/worksheets/{id}"), Some("done-corrected"))),
        Err(refusal) => refused_sheet(&lis, ui, me, id, form.input, &refusal).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_is_read_cell_by_cell() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let pairs = vec![
            pair("v-7-reading-1", "5.62"),
            pair("s-7-reading-1", "2"),
            pair("u-7-reading-1", "abc"),
            pair("v-7-mass-1", "  "),
            pair("v-8-count_1-2", "13"),
            pair("reason", "instrument is being serviced"),
        ];
        let entries = typed_entries(&pairs).unwrap();
        let shown: Vec<_> = entries
            .iter()
            .map(|one| {
                (one.position, one.field.as_str(), one.replicate, one.value.as_str(), one.seen, one.uuid.as_str())
            })
            .collect();
        assert_eq!(shown, [(7, "reading", 1, "5.62", 2, "abc"), (8, "count_1", 2, "13", 0, "")]);
        assert!(entries.iter().all(|one| one.reason == "instrument is being serviced"));
    }

    #[test]
    fn a_cell_that_does_not_read_is_named_and_not_left_out() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let pairs = vec![pair("v-7-reading", "5.62"), pair("v-7-mass-1", "0.5"), pair("s-7-mass-1", "x")];
        let refusal = typed_entries(&pairs).unwrap_err();
        let named: Vec<_> = refusal.reasons.iter().filter_map(|reason| reason.field.as_deref()).collect();
        assert_eq!(named, ["v-7-reading", "s-7-mass-1"]);
    }
}
