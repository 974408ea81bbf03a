//! The quality officer's list of failing results that wait for their ordering authority.

use actix_web::web;
use askama::Template;

use super::alarm::{self, Unacknowledged};
use crate::accounts::May;
use crate::accounts::role::ManageQuality;
use crate::app::Lis;
use crate::domain::deadline::urgency;
use crate::web::routes::Routes;
use crate::web::{Answer, Ui, page};

pub fn routes() -> Routes {
    Routes::new().get("/quality/unacknowledged", unacknowledged)
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
    let line = |one: Unacknowledged| Line {
        clock: format!("T4 {}", ui.t("clock-t4")),
        urgency: ui.t(urgency(one.percent)),
        due: if one.provisional {
            format!("{} {} ({})", ui.t("clock-until"), one.due_on, ui.t("clock-provisional"))
        } else {
            format!("{} {}", ui.t("clock-until"), one.due_on)
        },
        one,
    };
    let lines = waiting.into_iter().map(line).collect();
    page(&UnacknowledgedPage { ui, lines }, false)
}
