//! Signing in and out, and the choice of the language.

use actix_web::cookie::{Cookie, SameSite, time};
use actix_web::http::header;
use actix_web::{HttpRequest, web};
use askama::Template;
use serde::Deserialize;

use super::super::extract::{Anyone, SESSION_COOKIE, SignedIn};
use super::super::{session, store};
use super::own_path;
use crate::app::Lis;
use crate::domain::refusal::{Fault, NOT_FOUND};
use crate::web::language::Language;
use crate::web::routes::Routes;
use crate::web::ui::{FormErrors, LANGUAGE_COOKIE};
use crate::web::{Answer, Form, Ui, page, refused, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/sign-in", sign_in_form)
        .post("/sign-in", sign_in)
        .post("/sign-out", sign_out)
        .get("/language/{language}", choose_language)
}

#[derive(Template)]
#[template(path = "accounts/pages/sign_in.html")]
struct SignInPage {
    ui: Ui,
    username: String,
    next: String,
    errors: FormErrors,
    /// Where to sign in, when the form came from where nobody can; else empty.
    instead: String,
}

#[derive(Deserialize)]
struct Next {
    #[serde(default)]
    next: String,
}

async fn sign_in_form(_: Anyone, ui: Ui, query: web::Query<Next>) -> Answer {
    let next = own_path(&query.next).to_owned();
    let (username, instead) = (String::new(), String::new());
    page(&SignInPage { ui, username, next, errors: FormErrors::default(), instead }, false)
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct SignInInput {
    username: String,
    password: String,
    next: String,
}

async fn sign_in(by: Anyone, ui: Ui, lis: web::Data<Lis>, req: HttpRequest, form: Form<SignInInput>) -> Answer {
    let SignInInput { username, password, next } = form.input;
    if lis.config.secure_cookies && keeps_no_secure_cookie(&req) {
        let (next, instead) = (own_path(&next).to_owned(), lis.config.public_url.clone());
        return page(&SignInPage { ui, username, next, errors: FormErrors::default(), instead }, true);
    }
    let signed_in = session::sign_in(&lis, &username, &password, &by.device, by.address).await;
    match refused(signed_in)? {
        Ok(signed_in) => {
            let to = if signed_in.password_must_change { "/account" } else { own_path(&next) };
            let mut answer = see_other(to, None);
            answer.add_cookie(&session_cookie(&lis, signed_in.token)).map_err(Fault::broken)?;
            Ok(answer)
        }
        Err(refusal) => {
            let errors = FormErrors::of(&refusal, ui.language);
            let (next, instead) = (own_path(&next).to_owned(), String::new());
            page(&SignInPage { ui, username, next, errors, instead }, true)
        }
    }
}

/// Whether a browser says that its form came over plain http from another machine: it throws away a cookie that is for https only,
/// and the next page would ask to sign in again. On the machine itself it keeps it.
fn keeps_no_secure_cookie(req: &HttpRequest) -> bool {
    let origin = req.headers().get(header::ORIGIN).and_then(|value| value.to_str().ok());
    let origin = origin.and_then(|origin| url::Url::parse(origin).ok());
    origin.is_some_and(|origin| origin.scheme() == "http" && !is_this_machine(&origin))
}

fn is_this_machine(origin: &url::Url) -> bool {
    match origin.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn session_cookie(lis: &Lis, token: String) -> Cookie<'static> {
    Cookie::build(SESSION_COOKIE, token)
        .path("/")
        .http_only(true)
        .secure(lis.config.secure_cookies)
        .same_site(SameSite::Lax)
        .finish()
}

async fn sign_out(by: SignedIn, lis: web::Data<Lis>, _: Form<Vec<(String, String)>>) -> Answer {
    let (id, real) = (by.session.id, lis.clock.real());
    lis.db
        .write(move |tx| {
            store::end_session(tx.conn, id)?;
            // Whoever signs in at this place next signs nothing in this person's name.
            let grants = store::end_grants(tx.conn, by.actor.person, real)?;
            let entry = by.actor.entry("person", by.actor.person.0, 0, "signed-out").set("session", id.0);
            tx.log(if grants == 0 { entry } else { entry.set("grants_ended", grants) });
            Ok(())
        })
        .await?;
    let mut answer = see_other("/sign-in", Some("done-signed-out"));
    let mut cookie = session_cookie(&lis, String::new());
    cookie.set_max_age(time::Duration::ZERO);
    answer.add_cookie(&cookie).map_err(Fault::broken)?;
    Ok(answer)
}

#[derive(Deserialize)]
struct Back {
    #[serde(default)]
    back: String,
}

async fn choose_language(_: Anyone, language: web::Path<String>, query: web::Query<Back>) -> Answer {
    let Some(language) = Language::parse(&language) else {
        return Err(NOT_FOUND.into());
    };
    let mut answer = see_other(own_path(&query.back), None);
    let cookie = Cookie::build(LANGUAGE_COOKIE, language.code())
        .path("/")
        .same_site(SameSite::Lax)
        .http_only(true)
        .permanent()
        .finish();
    answer.add_cookie(&cookie).map_err(Fault::broken)?;
    Ok(answer)
}
