//! The first page of everybody: what waits for him, and where he can begin when nothing does. It knows the capabilities only
//! by the stations and the menu that the front desk lists.

use actix_web::web;
use askama::Template;

use crate::accounts::extract::Anyone;
use crate::accounts::role::{FillSamplingForms, May};
use crate::app::Lis;
use crate::front;
use crate::web::routes::Routes;
use crate::web::{Answer, Ui, page, see_other};

pub fn routes() -> Routes {
    Routes::new().get("/", home)
}

/// A station with work.
struct Waiting {
    href: &'static str,
    name: String,
    count: i64,
}

#[derive(Template)]
#[template(path = "home/home.html")]
struct HomePage {
    ui: Ui,
    work: Vec<Waiting>,
    /// Name of the sampler's draft, which only his device knows; empty for everybody else.
    draft: String,
}

async fn home(by: Anyone, ui: Ui, lis: web::Data<Lis>) -> Answer {
    let Some(person) = by.person else {
        return Ok(see_other("/sign-in", None));
    };
    let draft = match May::<FillSamplingForms>::check(&person) {
        Some(sampler) => crate::samples::draft_of(sampler.person),
        None => String::new(),
    };
    let days_ahead = lis.config.competence_reminder_days;
    let at = front::Asked { now: lis.clock.now(), real: lis.clock.real(), days_ahead };
    let work = lis.db.read(move |conn| front::work_of(conn, &person, at)).await?;
    let work = work.into_iter().map(|(href, key, count)| Waiting { href, name: ui.t(key), count }).collect();
    page(&HomePage { ui, work, draft }, false)
}
