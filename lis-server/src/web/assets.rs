//! Static files, embedded in the program: style sheet, scripts, icons.

use actix_web::http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use actix_web::{HttpRequest, HttpResponse, web};
use rust_embed::Embed;

#[derive(Embed)]
#[folder = "assets/static/"]
struct Static;

/// How long a browser keeps a file without asking. Short, because names do not change with the content; asking again
/// costs an answer without a body.
const CACHE: &str = "public, max-age=300, must-revalidate";

/// `GET /static/{file}`
pub async fn serve(req: HttpRequest, file: web::Path<String>) -> HttpResponse {
    let Some(found) = Static::get(&file) else {
        return HttpResponse::NotFound().finish();
    };
    let tag = format!("\"{}\"", hex::encode(&found.metadata.sha256_hash()[..12]));
    let known = req.headers().get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()) == Some(tag.as_str());
    if known {
        return HttpResponse::NotModified().insert_header((ETAG, tag)).finish();
    }
    HttpResponse::Ok()
        .content_type(content_type(&file))
        .insert_header((ETAG, tag))
        .insert_header((CACHE_CONTROL, CACHE))
        .body(found.data.into_owned())
}

fn content_type(file: &str) -> &'static str {
    match file.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}
