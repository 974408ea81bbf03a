//! Pictures of sampling forms for programs.

use actix_web::{HttpResponse, web};

use super::super::actions::{self, CheckedPicture, PictureInput, PictureSaved, PictureView, content_type_of};
use crate::accounts::May;
use crate::accounts::role::{AddPictures, SeePictures};
use crate::app::Lis;
use crate::domain::ids::{FormId, PictureId};
use crate::domain::refusal::{Fault, Outcome};
use crate::web::paging::Listed;
use crate::web::routes::Routes;
use crate::web::{Answer, Upload};

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/sampling-forms/{id}/pictures", pictures)
        .about("The photographs and diagrams of a form, oldest first; a sampler sees his own forms'.")
        .gives::<Listed<PictureView>>()
        .post("/api/v1/sampling-forms/{id}/pictures", add)
        .about("Adds a photograph or a diagram (JPEG or PNG) to a form.")
        .beside(&[
            ("kind", "`photo` or `diagram`."),
            ("caption", "What it shows; may be empty."),
            (
                "check",
                "The line of the receipt's checklist that it shows (`seal`, `package`, …), from who receives samples; may \
                 be empty.",
            ),
        ])
        .keyed()
        .creates::<PictureSaved>()
        .get("/api/v1/sampling-forms/{id}/pictures/{picture}/file", file)
        .about("A picture as it came.")
        .gives_file("image/jpeg")
}

async fn pictures(by: May<SeePictures>, lis: web::Data<Lis>, id: web::Path<FormId>) -> Answer {
    let id = *id;
    let (_, found) = lis.db.read(move |conn| actions::pictures(conn, &by, id)).await?;
    Ok(HttpResponse::Ok().json(Listed::whole(found)))
}

async fn add(by: May<AddPictures>, lis: web::Data<Lis>, id: web::Path<FormId>, file: Upload) -> Answer {
    let (id, request, actor) = (*id, file.keyed()?.clone(), by.clone());
    let picture = stored(&lis, file).await?;
    let saved: PictureSaved =
        lis.command(&actor, &request, move |tx| actions::add_picture(tx, &by, id, &picture)).await?;
    Ok(HttpResponse::Created().json(saved))
}

/// Checks what came, and puts the file into the store before the write that names it.
pub(in crate::samples) async fn stored(lis: &Lis, file: Upload) -> Outcome<CheckedPicture> {
    let input = PictureInput {
        kind: file.text("kind").to_owned(),
        caption: file.text("caption").to_owned(),
        check: file.text("check").to_owned(),
    };
    let picture = input.checked(&file.file_name, &file.sha256, &file.bytes)?;
    let files = lis.files.clone();
    web::block(move || files.put(&file.bytes)).await.map_err(Fault::broken)??;
    Ok(picture)
}

async fn file(by: May<SeePictures>, lis: web::Data<Lis>, path: web::Path<(FormId, PictureId)>) -> Answer {
    file_of(&lis, by, path.into_inner()).await
}

/// The same file for pages and programs.
pub(in crate::samples) async fn file_of(lis: &Lis, by: May<SeePictures>, (form, id): (FormId, PictureId)) -> Answer {
    let sha256 = lis.db.read(move |conn| actions::picture_file(conn, &by, form, id)).await?;
    let files = lis.files.clone();
    let bytes = web::block(move || files.get(&sha256)).await.map_err(Fault::broken)?.map_err(Fault::from)?;
    let content_type = content_type_of(&bytes).unwrap_or("application/octet-stream");
    Ok(HttpResponse::Ok()
        .content_type(content_type)
        .insert_header(("Content-Disposition", format!("inline; filename=\"picture-{id}\"")))
        .body(bytes))
}
