//! The first page of everybody: what waits for him. It knows the capabilities only by the lines they contribute.

use actix_web::web;
use askama::Template;

use crate::accounts::extract::Anyone;
use crate::app::Lis;
use crate::web::routes::Routes;
use crate::web::{Answer, Ui, page, see_other};

pub fn routes() -> Routes {
    Routes::new().get("/", home)
}

#[derive(Template)]
#[template(path = "home/home.html")]
struct HomePage {
    ui: Ui,
}

async fn home(by: Anyone, ui: Ui, _: web::Data<Lis>) -> Answer {
    match by.person {
        Some(_) => page(&HomePage { ui }, false),
        None => Ok(see_other("/sign-in", None)),
    }
}
