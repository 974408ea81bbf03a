//! What the laboratory owes in cases: the quality officer's list of failing results that wait for their ordering authority, the
//! custodian's of backup samples that wait for a re-inspection body.

use actix_web::web;
use askama::Template;

use super::alarm::{self, Unacknowledged};
use crate::accounts::May;
use crate::accounts::role::{ManageQuality, ReceiveSamples};
use crate::app::Lis;
use crate::domain::deadline::urgency;
use crate::web::routes::Routes;
use crate::web::{Answer, Ui, page};

pub fn routes() -> Routes {
    Routes::new().get("/quality/unacknowledged", unacknowledged).get("/backup-handovers", backups)
}

/// A line with its clock in words.
struct Line {
    one: Unacknowledged,
    clock: String,
    urgency: String,
    due: String,
}

#[derive(Template)]
#[template(path = "cases/pages/unacknowledged.html")]
struct UnacknowledgedPage {
    ui: Ui,
    lines: Vec<Line>,
}

async fn unacknowledged(_: May<ManageQuality>, ui: Ui, lis: web::Data<Lis>) -> Answer {
    let now = lis.clock.now();
    let waiting = lis.db.read(move |conn| alarm::waiting(conn, now)).await?;
    let lines = lines(&ui, waiting, "T4");
    page(&UnacknowledgedPage { ui, lines }, false)
}

#[derive(Template)]
#[template(path = "cases/pages/backups.html")]
struct BackupsPage {
    ui: Ui,
    lines: Vec<Line>,
}

async fn backups(_: May<ReceiveSamples>, ui: Ui, lis: web::Data<Lis>) -> Answer {
    let now = lis.clock.now();
    let waiting = lis.db.read(move |conn| alarm::backups(conn, now)).await?;
    let lines = lines(&ui, waiting, "T11");
    page(&BackupsPage { ui, lines }, false)
}

/// Cases with a limit in words.
fn lines(ui: &Ui, waiting: Vec<Unacknowledged>, limit: &str) -> Vec<Line> {
    let line = |one: Unacknowledged| Line {
        clock: ui.t(&format!("clock-{}", limit.to_lowercase())),
        urgency: ui.t(urgency(one.percent)),
        due: if one.provisional {
            format!("{} {}{}", ui.t("clock-until"), one.due_on, ui.t("clock-provisional"))
        } else {
            format!("{} {}", ui.t("clock-until"), one.due_on)
        },
        one,
    };
    waiting.into_iter().map(line).collect()
}
