//! The first page of everybody: what waits for him. It knows the capabilities only by the stations that the front desk
//! lists.

use actix_web::web;
use askama::Template;

use crate::accounts::extract::Anyone;
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
}

async fn home(by: Anyone, ui: Ui, lis: web::Data<Lis>) -> Answer {
    let Some(person) = by.person else {
        return Ok(see_other("/sign-in", None));
    };
    let work = lis.db.read(move |conn| front::work_of(conn, &person)).await?;
    let work = work.into_iter().map(|(href, key, count)| Waiting { href, name: ui.t(key), count }).collect();
    page(&HomePage { ui, work }, false)
}
