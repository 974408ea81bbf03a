//! A file sent by a page or a program (`multipart/form-data`): one file and a few text fields, limited in size while it
//! comes in. What the file is gets told by its content, by whoever reads it.

use std::collections::{BTreeMap, HashMap};
use std::pin::Pin;

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;

use super::problem::Failure;
use super::reading::{
    BODY_INVALID, BODY_TOO_LARGE, CSRF_FIELD, Form, KEY_MISSING, ONCE_FIELD, RequestKey, Seen, VERSION_FIELD, encoded,
    header_key, header_seen, read_form, request_key, version_field,
};
use super::typed::Typed;
use super::{csrf, misread};
use crate::domain::hash::sha256_of;
use crate::domain::refusal::{FIELD_INVALID, FIELD_MISSING, Reason};

/// Largest file: a year of sampling forms of a laboratory is about 5 MB.
pub const FILE_LIMIT_BYTES: usize = 10 * 1024 * 1024;
/// Largest text field beside it (a mapping), and the most fields.
const TEXT_LIMIT_BYTES: usize = 64 * 1024;
const FIELDS_MOST: usize = 20;
/// Largest request with files: the longest file that any page takes (20 MiB), and what goes beside it.
const REQUEST_LIMIT_BYTES: usize = 24 * 1024 * 1024;

/// The parts of a request with files. What is longer than the limit is refused by its announced length, or while it
/// comes in.
pub struct Parts(pub Multipart);

impl FromRequest for Parts {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Failure>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if announced_bytes(req).is_some_and(|length| length > REQUEST_LIMIT_BYTES as u64) {
            return Box::pin(async { Err(too_large().into()) });
        }
        let multipart = Multipart::from_request(req, &mut limited(payload.take()));
        Box::pin(async move {
            multipart
                .await
                .map(Self)
                .map_err(|_| BODY_INVALID.reason().with_word("detail", misread::OTHER).at("file").into())
        })
    }
}

/// The length that a request gives itself, in bytes.
pub fn announced_bytes(req: &HttpRequest) -> Option<u64> {
    req.headers().get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The same bytes, ending in an error after the limit.
fn limited(payload: Payload) -> Payload {
    let mut left = REQUEST_LIMIT_BYTES;
    let counted = payload.map(move |chunk: Result<Bytes, PayloadError>| -> Result<Bytes, PayloadError> {
        let chunk = chunk?;
        left = left.checked_sub(chunk.len()).ok_or(PayloadError::Overflow)?;
        Ok(chunk)
    });
    Payload::Stream { payload: Box::pin(counted) }
}

fn too_large() -> Reason {
    BODY_TOO_LARGE.with("limit", REQUEST_LIMIT_BYTES).at("file")
}

/// Why the parts of a request cannot be read.
pub fn unreadable(error: &MultipartError) -> Reason {
    match error {
        MultipartError::Payload(PayloadError::Overflow) => too_large(),
        error => BODY_INVALID.with("detail", misread::of_parts(error)).at("file"),
    }
}

/// A file with the text fields that came with it.
pub struct Upload {
    pub file_name: String,
    pub bytes: Vec<u8>,
    /// SHA-256 of the file, 64 hexadecimal digits.
    pub sha256: String,
    /// A program says key and version in the head of its request, a page in fields as in every form.
    pub request: RequestKey,
    pub seen: Seen,
    texts: HashMap<String, String>,
}

impl Upload {
    /// A text field; empty when it was not sent.
    pub fn text(&self, name: &str) -> &str {
        self.texts.get(name).map_or("", String::as_str)
    }
}

impl FromRequest for Upload {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Failure>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let req = req.clone();
        let parts = Parts::from_request(&req, payload);
        Box::pin(async move { read(&req, parts.await?.0).await })
    }
}

async fn read(req: &HttpRequest, multipart: Multipart) -> Result<Upload, Failure> {
    let mut texts = HashMap::new();
    let file = read_parts(multipart, &mut texts).await;
    let mut typed: Vec<(String, String)> = texts.iter().map(|(name, text)| (name.clone(), text.clone())).collect();
    typed.sort();
    Typed::of(req).keep(typed);
    let file = file?;
    if let Some(expected) = csrf::expected(req)
        && texts.get("csrf") != Some(&expected)
    {
        return Err(csrf::FORM_OUTDATED.into());
    }
    let (file_name, bytes) = file.ok_or_else(|| Failure::from(FIELD_MISSING.at("file")))?;
    let sha256 = sha256_of(&bytes);
    let once = texts.get(ONCE_FIELD).filter(|key| !key.is_empty()).cloned();
    let key = header_key(req)?.or(once);
    let seen = match (header_seen(req)?, texts.get(VERSION_FIELD)) {
        (Some(version), _) => Some(version),
        (None, Some(text)) => version_field(text)?,
        (None, None) => None,
    };
    let request = request_key(req, key, content(&sha256, &texts).as_bytes())?;
    Ok(Upload { sha256, file_name, bytes, request, seen: Seen(seen), texts })
}

/// The first file with its name, `None` without one. The text fields go where they are known also when what comes after
/// them cannot be read.
async fn read_parts(
    mut multipart: Multipart,
    texts: &mut HashMap<String, String>,
) -> Result<Option<(String, Vec<u8>)>, Failure> {
    let mut file = None;
    while let Some(part) = multipart.next().await {
        let mut part = part.map_err(|error| unreadable(&error))?;
        let name = part.name().unwrap_or_default().to_owned();
        let file_name = part.content_disposition().and_then(|header| header.get_filename()).map(str::to_owned);
        let limit = if file_name.is_some() { FILE_LIMIT_BYTES } else { TEXT_LIMIT_BYTES };
        let bytes = bytes_of(&mut part, &name, limit).await?;
        match file_name {
            Some(file_name) if file.is_none() && !bytes.is_empty() => file = Some((clean(&file_name), bytes)),
            Some(_) => {}
            None if texts.len() < FIELDS_MOST => {
                let text = String::from_utf8(bytes)
                    .map_err(|_| FIELD_INVALID.at(&*name).with_word("expected", "expected-utf8"))?;
                if text.contains('\0') {
                    return Err(FIELD_INVALID.at(name).with_word("expected", "expected-printable").into());
                }
                texts.insert(name, text);
            }
            None => {
                return Err(BODY_INVALID.with("detail", misread::too_many_fields(FIELDS_MOST)).at(name).into());
            }
        }
    }
    Ok(file)
}

/// What a part holds.
async fn bytes_of(part: &mut Field, name: &str, limit: usize) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    while let Some(chunk) = part.next().await {
        let chunk = chunk.map_err(|error| unreadable(&error))?;
        if bytes.len() + chunk.len() > limit {
            return Err(BODY_TOO_LARGE.with("limit", limit).at(name).into());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// What was sent, as one text: the file by its hash, and the fields in order of their names but for those that every form
/// carries.
fn content(sha256: &str, texts: &HashMap<String, String>) -> String {
    let frame = [CSRF_FIELD, ONCE_FIELD, VERSION_FIELD];
    let own: BTreeMap<&String, &String> = texts.iter().filter(|(name, _)| !frame.contains(&name.as_str())).collect();
    let fields: Vec<String> = own.iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!("{sha256}\0{}", fields.join("\0"))
}

/// Longest name of a file that is kept, in characters.
const NAME_MOST: usize = 120;

/// The last part of a path, without control characters.
fn clean(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    last.chars().filter(|c| !c.is_control()).take(NAME_MOST).collect()
}

impl Upload {
    /// A file that was sent before and kept.
    pub fn kept(file_name: String, sha256: String, bytes: Vec<u8>) -> Self {
        let request = RequestKey { key: None, hash: sha256.clone() };
        Self { file_name: clean(&file_name), bytes, sha256, request, seen: Seen(None), texts: HashMap::new() }
    }

    /// The key of a command that makes something.
    ///
    /// # Errors
    /// `idempotency-key-missing` (428).
    pub fn keyed(&self) -> Result<&RequestKey, Failure> {
        if self.request.key.is_some() { Ok(&self.request) } else { Err(KEY_MISSING.into()) }
    }
}

/// A file of a form, under the name of its field.
#[derive(Clone, Debug)]
pub struct FormFile {
    pub field: String,
    pub file_name: String,
    pub bytes: Vec<u8>,
    /// SHA-256 of the file, 64 hexadecimal digits.
    pub sha256: String,
}

/// A form of a page with files beside its fields, each under a name of its own. Without files it may come as every form does.
pub struct FormWithFiles<T> {
    pub form: Form<T>,
    pub files: Vec<FormFile>,
}

/// More parts than any form has: a checklist of nine lines has some forty fields, and a few pictures beside each line.
const PARTS_MOST: usize = 200;

impl<T: DeserializeOwned + 'static> FromRequest for FormWithFiles<T> {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Failure>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if !req.content_type().eq_ignore_ascii_case("multipart/form-data") {
            let form = Form::<T>::from_request(req, payload);
            return Box::pin(async move { Ok(Self { form: form.await?, files: Vec::new() }) });
        }
        let req = req.clone();
        let parts = Parts::from_request(&req, payload);
        Box::pin(async move { read_with_files(&req, parts.await?.0).await })
    }
}

async fn read_with_files<T: DeserializeOwned>(
    req: &HttpRequest,
    multipart: Multipart,
) -> Result<FormWithFiles<T>, Failure> {
    let (mut fields, mut files) = (Vec::new(), Vec::new());
    if let Err(failure) = read_fields(multipart, &mut fields, &mut files).await {
        Typed::of(req).keep(fields);
        return Err(failure);
    }
    let mut form: Form<T> = read_form(req, encoded(&fields)?.as_bytes())?;
    if !files.is_empty() {
        let hashes: Vec<&str> = files.iter().map(|file| file.sha256.as_str()).collect();
        form.request.hash = sha256_of(format!("{} {}", form.request.hash, hashes.join(" ")).as_bytes());
    }
    Ok(FormWithFiles { form, files })
}

/// Fields and files in the order in which they come; a file that was not chosen is none.
async fn read_fields(
    mut multipart: Multipart,
    fields: &mut Vec<(String, String)>,
    files: &mut Vec<FormFile>,
) -> Result<(), Failure> {
    let mut count = 0;
    while let Some(part) = multipart.next().await {
        let mut part = part.map_err(|error| unreadable(&error))?;
        let name = part.name().unwrap_or_default().to_owned();
        count += 1;
        if count > PARTS_MOST {
            return Err(BODY_INVALID.with("detail", misread::too_many_fields(PARTS_MOST)).at(name).into());
        }
        let file_name = part.content_disposition().and_then(|header| header.get_filename()).map(str::to_owned);
        let limit = if file_name.is_some() { FILE_LIMIT_BYTES } else { TEXT_LIMIT_BYTES };
        let bytes = bytes_of(&mut part, &name, limit).await?;
        match file_name {
            Some(file_name) if !bytes.is_empty() => {
                files.push(FormFile { field: name, file_name: clean(&file_name), sha256: sha256_of(&bytes), bytes });
            }
            Some(_) => {}
            None => {
                let text = String::from_utf8(bytes)
                    .map_err(|_| FIELD_INVALID.at(&*name).with_word("expected", "expected-utf8"))?;
                if text.contains('\0') {
                    return Err(FIELD_INVALID.at(name).with_word("expected", "expected-printable").into());
                }
                fields.push((name, text));
            }
        }
    }
    Ok(())
}
