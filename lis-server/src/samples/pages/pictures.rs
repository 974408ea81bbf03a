//! The photographs and the diagram of a sampling form: shown, and added by the sampler or the custodian.

use actix_web::web;
use askama::Template;

use super::super::actions::{self, PictureView};
use super::super::api::pictures::{file_of, stored};
use super::super::facts::SampleFacts;
use super::super::receipt::question;
use super::super::words::PictureKind;
use super::choices;
use crate::accounts::May;
use crate::accounts::role::{AddPictures, SeePictures, SeeSamples};
use crate::app::Lis;
use crate::db::Tx;
use crate::domain::ids::{FormId, PictureId};
use crate::domain::refusal::{NOT_FOUND, Outcome, Refusal};
use crate::web::routes::Routes;
use crate::web::ui::{Choice, FormErrors};
use crate::web::{Answer, Ui, Upload, page, refused, refused_page, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/pictures/{form}", pictures)
        .post("/pictures/{form}", add)
        .get("/pictures/{form}/{picture}/file", file)
}

#[derive(Template)]
#[template(path = "samples/pages/pictures.html")]
struct PicturesPage {
    ui: Ui,
    once: String,
    sample: SampleFacts,
    pictures: Vec<PictureView>,
    kinds: Vec<Choice>,
    may_add: bool,
    /// To the sample; a sampler has no page of it.
    may_see_sample: bool,
    kind: String,
    caption: String,
    errors: FormErrors,
}

impl PicturesPage {
    /// The line of the receipt's checklist that a picture shows, in words.
    fn shown_line(&self, picture: &PictureView) -> String {
        self.ui.t1("picture-of-line", "line", self.ui.t(&question(&picture.check)))
    }
}

async fn shown(
    lis: &Lis,
    ui: Ui,
    by: May<SeePictures>,
    form: FormId,
    (kind, caption): (String, String),
    refusal: Option<&Refusal>,
) -> Outcome<PicturesPage> {
    let may_add = May::<AddPictures>::check(&by).is_some();
    let may_see_sample = May::<SeeSamples>::check(&by).is_some();
    let (sample, pictures) = lis.db.read(move |conn| actions::pictures(conn, &by, form)).await?;
    let errors = refusal.map(|refusal| FormErrors::of(refusal, ui.language)).unwrap_or_default();
    let kinds = choices(&ui, PictureKind::LIST, PictureKind::CODES);
    Ok(PicturesPage { once: ui.once(), sample, pictures, kinds, may_add, may_see_sample, kind, caption, errors, ui })
}

async fn pictures(by: May<SeePictures>, ui: Ui, lis: web::Data<Lis>, form: web::Path<FormId>) -> Answer {
    let typed = (PictureKind::Photo.code().to_owned(), String::new());
    page(&shown(&lis, ui, by, *form, typed, None).await?, false)
}

async fn add(by: May<AddPictures>, ui: Ui, lis: web::Data<Lis>, form: web::Path<FormId>, file: Upload) -> Answer {
    let (form, request, actor) = (*form, file.request.clone(), by.clone());
    let typed = (file.text("kind").to_owned(), file.text("caption").to_owned());
    let outcome = match refused(stored(&lis, file).await)? {
        Ok(picture) => {
            let who = by.clone();
            let work = move |tx: &mut Tx| actions::add_picture(tx, &who, form, &picture);
            refused(lis.command(&actor, &request, work).await)?.map(|_| ())
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(()) => Ok(see_other(&format!("/pictures/{form}"), Some("done-picture-added"))),
        Err(refusal) => {
            let sees = May::<SeePictures>::check(&by).ok_or(NOT_FOUND)?;
            refused_page(&shown(&lis, ui, sees, form, typed, Some(&refusal)).await?, &refusal)
        }
    }
}

async fn file(by: May<SeePictures>, lis: web::Data<Lis>, path: web::Path<(FormId, PictureId)>) -> Answer {
    file_of(&lis, by, path.into_inner()).await
}
