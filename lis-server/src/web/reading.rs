//! Reading what comes in. [`Form`] is a page's form, [`Json`] an API body: two faces of one input type, which the
//! action's `checked()` then turns into valid values. Both carry what makes a command repeatable: the idempotency key
//! and the version that was seen.

use std::future::{Ready, ready};
use std::ops::Deref;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::{Bytes, QueryConfig};
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::IntoParams;
use utoipa::openapi::path::ParameterIn;

use super::problem::Failure;
use super::typed::Typed;
use super::{csrf, misread};
use crate::domain::refusal::{FIELD_INVALID, FIELD_TOO_LONG, Fact, Problem, Reason, Refusal, VERSION_MISSING};

pub const BODY_INVALID: Problem = Problem::new("body-invalid", 400);
pub const BODY_TOO_LARGE: Problem = Problem::new("body-too-large", 413);
pub const QUERY_INVALID: Problem = Problem::new("query-invalid", 400);
pub const KEY_MISSING: Problem = Problem::new("idempotency-key-missing", 428);

/// Codes declared here.
pub const PROBLEMS: &[Problem] = &[BODY_INVALID, BODY_TOO_LARGE, QUERY_INVALID, KEY_MISSING];

/// A form or JSON body is text that people wrote; files come another way. 1 MiB holds a worksheet many times over.
const BODY_LIMIT_BYTES: usize = 1024 * 1024;

/// Largest body of any request that is held in memory at once; larger ones are refused while they come in.
pub const HELD_LIMIT_BYTES: usize = 16 * 1024 * 1024;

/// Longest idempotency key, in characters: a UUID has 36.
const KEY_LIMIT: usize = 100;

/// What makes a command safe to repeat.
#[derive(Clone, Debug)]
pub struct RequestKey {
    /// Chosen by the caller; `None` when a page was sent without one.
    pub key: Option<String>,
    /// SHA-256 over path and content: the same key with another hash is refused.
    pub hash: String,
}

/// The version of the object that the sender had seen.
#[derive(Clone, Copy, Debug)]
pub struct Seen(pub Option<i64>);

impl Seen {
    /// # Errors
    /// `version-missing` (428) when the request does not say.
    pub fn required(self) -> Result<i64, Refusal> {
        self.0.ok_or_else(|| VERSION_MISSING.into())
    }
}

/// A form sent by a page.
pub struct Form<T> {
    pub input: T,
    pub request: RequestKey,
    pub seen: Seen,
}

/// A JSON body sent by a program.
pub struct Json<T> {
    pub input: T,
    /// As it came, for who reads it by rules of his own.
    pub body: Bytes,
    pub request: RequestKey,
    pub seen: Seen,
}

/// The empty object: a command that needs nothing but its address and the version that was seen.
#[derive(Clone, Copy, Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// What a program asks for after the `?` of an address; a field that cannot be read is named.
pub struct Asked<T>(pub T);

impl<T> Asked<T> {
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Asked<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned> FromRequest for Asked<T> {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read_query(req.query_string()).map(Self))
    }
}

/// The same where a field that is not known must not be passed over in silence: whoever misspells the place from which he
/// reads on would begin anew.
pub struct AskedExactly<T>(pub T);

impl<T> AskedExactly<T> {
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for AskedExactly<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned + IntoParams> FromRequest for AskedExactly<T> {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let query = req.query_string();
        ready(require_known::<T>(query).and_then(|()| read_query(query)).map(Self))
    }
}

fn require_known<T: IntoParams>(query: &str) -> Result<(), Failure> {
    let known: Vec<String> =
        T::into_params(|| Some(ParameterIn::Query)).into_iter().map(|parameter| parameter.name).collect();
    let pairs = pairs_of(query.as_bytes())?;
    let Some((name, _)) = pairs.iter().find(|(name, _)| !known.contains(name)) else {
        return Ok(());
    };
    let name = name.replace(NUL, "");
    let field = if name.is_empty() { "query".to_owned() } else { name };
    let expected = Fact::sentence("expected-parameter", [("known", known.join(", ").into())]);
    Err(FIELD_INVALID.at(field).with("expected", expected).into())
}

fn read_query<T: DeserializeOwned>(query: &str) -> Result<T, Failure> {
    let encoded = encoded(&pairs_of(query.as_bytes())?)?;
    let read = serde_path_to_error::deserialize(serde_html_form::Deserializer::from_bytes(encoded.as_bytes()));
    read.map_err(|error| {
        let path = error.path().to_string();
        let field = if path.is_empty() || path == "." { "query".to_owned() } else { path };
        QUERY_INVALID.with("detail", misread::of_value(&error.inner().to_string())).at(field).into()
    })
}

/// The same for the pages' addresses, which the framework reads.
pub fn query_config() -> QueryConfig {
    QueryConfig::default().error_handler(|error, _| {
        Failure::from(QUERY_INVALID.with("detail", misread::of_query(&error)).at("query")).into()
    })
}

/// Fields encoded anew.
pub(super) fn encoded(pairs: &[(impl Serialize, impl Serialize)]) -> Result<String, Reason> {
    serde_html_form::to_string(pairs).map_err(|_| unreadable("", Fact::word(misread::OTHER), ""))
}

/// Encoded fields of a form as a value, with the name of the one that does not fit.
fn fields<T: DeserializeOwned>(encoded: &str) -> Result<T, Reason> {
    serde_path_to_error::deserialize(serde_html_form::Deserializer::from_bytes(encoded.as_bytes())).map_err(|error| {
        let said = error.inner().to_string();
        unreadable(&error.path().to_string(), misread::of_value(&said), &said)
    })
}

/// Fields that every form carries beside its own.
pub(super) const CSRF_FIELD: &str = "csrf";
pub(super) const ONCE_FIELD: &str = "once";
pub(super) const VERSION_FIELD: &str = "version";

impl<T: DeserializeOwned + 'static> FromRequest for Form<T> {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Failure>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let req = req.clone();
        let body = Bytes::from_request(&req, payload);
        Box::pin(async move {
            let body = body.await.map_err(|_| Failure::from(BODY_TOO_LARGE.with("limit", BODY_LIMIT_BYTES)))?;
            read_form(&req, &body)
        })
    }
}

pub(super) fn read_form<T: DeserializeOwned>(req: &HttpRequest, body: &[u8]) -> Result<Form<T>, Failure> {
    require_size(body)?;
    Typed::of(req).keep(typed_pairs(body));
    let pairs = pairs_of(body)?;
    let field = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    if let Some(expected) = csrf::expected(req)
        && field(CSRF_FIELD).as_deref() != Some(expected.as_str())
    {
        return Err(csrf::FORM_OUTDATED.into());
    }
    if let Some((name, _)) = pairs.iter().find(|(name, value)| has_nul(name) || has_nul(value)) {
        return Err(FIELD_INVALID.at(name.replace(NUL, "")).with_word("expected", "expected-printable").into());
    }
    let own: Vec<(&str, &str)> = pairs
        .iter()
        .filter(|(key, _)| ![CSRF_FIELD, ONCE_FIELD, VERSION_FIELD].contains(&key.as_str()))
        .map(|(key, value)| (key.as_str(), value.as_str()))
        .collect();
    let encoded = encoded(&own)?;
    let input = fields(&encoded)?;
    let seen = version_field(&field(VERSION_FIELD).unwrap_or_default())?;
    Ok(Form {
        input,
        request: request_key(req, field(ONCE_FIELD).filter(|key| !key.is_empty()), encoded.as_bytes())?,
        seen: Seen(seen),
    })
}

/// The version that a form was opened at; an empty field: it says none.
pub(super) fn version_field(text: &str) -> Result<Option<i64>, Failure> {
    if text.is_empty() {
        return Ok(None);
    }
    let unreadable = |_| Failure::from(FIELD_INVALID.at(VERSION_FIELD).with_word("expected", "expected-whole-number"));
    text.parse().map(Some).map_err(unreadable)
}

/// The fields of a form in their order. A value that is not UTF-8 is refused by its name, not mended.
fn pairs_of(body: &[u8]) -> Result<Vec<(String, String)>, Reason> {
    let not_text = |field: &str| FIELD_INVALID.at(field).with_word("expected", "expected-utf8");
    encoded_pairs(body)
        .map(|(name, value)| {
            let name = decoded(name).ok_or_else(|| not_text("body"))?;
            let value = decoded(value).ok_or_else(|| not_text(&name))?;
            Ok((name, value))
        })
        .collect()
}

/// The same to be shown to the one who sent it, with a mark where it is no text.
fn typed_pairs(body: &[u8]) -> Vec<(String, String)> {
    let shown = |encoded: &[u8]| String::from_utf8_lossy(&unescaped(encoded)).replace(NUL, "\u{fffd}");
    encoded_pairs(body).map(|(name, value)| (shown(name), shown(value))).collect()
}

/// Names and values, still encoded.
fn encoded_pairs(body: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()).map(|pair| {
        let at = pair.iter().position(|byte| *byte == b'=');
        at.map_or((pair, &b""[..]), |at| (&pair[..at], &pair[at + 1..]))
    })
}

fn decoded(encoded: &[u8]) -> Option<String> {
    String::from_utf8(unescaped(encoded)).ok()
}

/// Undoes the encoding of a form: `+` is a blank, `%E9` a byte, any other percent sign itself.
fn unescaped(encoded: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut at = 0;
    while let Some(byte) = encoded.get(at) {
        let escaped = encoded.get(at + 1..at + 3).filter(|_| *byte == b'%').and_then(|digits| hex::decode(digits).ok());
        match (escaped, byte) {
            (Some(escaped), _) => {
                bytes.extend(escaped);
                at += 2;
            }
            (None, b'+') => bytes.push(b' '),
            (None, byte) => bytes.push(*byte),
        }
        at += 1;
    }
    bytes
}

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Failure>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let req = req.clone();
        let body = Bytes::from_request(&req, payload);
        Box::pin(async move {
            let body = body.await.map_err(|_| Failure::from(BODY_TOO_LARGE.with("limit", BODY_LIMIT_BYTES)))?;
            read_json(&req, &body)
        })
    }
}

fn read_json<T: DeserializeOwned>(req: &HttpRequest, body: &Bytes) -> Result<Json<T>, Failure> {
    require_size(body)?;
    // A list would be taken for the fields of an object in their order.
    if body.trim_ascii_start().first().is_some_and(|first| *first != b'{') {
        return Err(unreadable("", Fact::word(misread::OBJECT), "").into());
    }
    let input = document(body)?;
    let (key, seen) = (header_key(req)?, header_seen(req)?);
    Ok(Json { input, body: body.clone(), request: request_key(req, key, body)?, seen: Seen(seen) })
}

/// The idempotency key that a program sends.
pub(super) fn header_key(req: &HttpRequest) -> Result<Option<String>, Failure> {
    match req.headers().get("idempotency-key").map(header_text) {
        None => Ok(None),
        Some(Some(key)) if !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_graphic()) => {
            Ok(Some(key.to_owned()))
        }
        Some(_) => Err(FIELD_INVALID.at("Idempotency-Key").with_word("expected", "expected-key").into()),
    }
}

/// The version that a program saw.
pub(super) fn header_seen(req: &HttpRequest) -> Result<Option<i64>, Failure> {
    match req.headers().get(header::IF_MATCH).map(header_text) {
        None => Ok(None),
        Some(tag) => match tag.and_then(version_of) {
            Some(version) => Ok(Some(version)),
            None => Err(FIELD_INVALID.at("If-Match").with_word("expected", "expected-etag").into()),
        },
    }
}

fn header_text(value: &header::HeaderValue) -> Option<&str> {
    value.to_str().ok()
}

/// The version that an entity tag names, with or without its quotation marks.
fn version_of(tag: &str) -> Option<i64> {
    let digits = tag.trim_matches('"');
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

/// A JSON text as a value.
///
/// # Errors
/// What is wrong, with the field where it was noticed.
pub fn document<T: DeserializeOwned>(body: &[u8]) -> Result<T, Reason> {
    if escapes_nul(body) {
        let field = serde_json::from_slice(body).ok().and_then(|value| field_with_nul(&value));
        let field = field.unwrap_or_else(|| "body".to_owned());
        return Err(FIELD_INVALID.at(field).with_word("expected", "expected-printable"));
    }
    let mut reader = serde_json::Deserializer::from_slice(body);
    let input = serde_path_to_error::deserialize(&mut reader)
        .map_err(|error| unreadable_json(&error.path().to_string(), error.inner()))?;
    reader.end().map_err(|error| unreadable_json("", &error))?;
    Ok(input)
}

impl<T> Json<T> {
    /// The key, for commands that create something: without it a repeated request would create it twice.
    ///
    /// # Errors
    /// `idempotency-key-missing` (428).
    pub fn keyed(&self) -> Result<&RequestKey, Failure> {
        if self.request.key.is_some() { Ok(&self.request) } else { Err(KEY_MISSING.into()) }
    }
}

pub(super) fn request_key(req: &HttpRequest, key: Option<String>, content: &[u8]) -> Result<RequestKey, Failure> {
    if key.as_ref().is_some_and(|key| key.chars().count() > KEY_LIMIT) {
        return Err(FIELD_TOO_LONG.with("limit", KEY_LIMIT).at("Idempotency-Key").into());
    }
    let mut hasher = Sha256::new();
    hasher.update(req.method().as_str());
    hasher.update(req.path());
    hasher.update([0]);
    hasher.update(content);
    Ok(RequestKey { key, hash: hex::encode(hasher.finalize()) })
}

/// No text holds this character: PostgreSQL cannot store it, and no keyboard types it.
const NUL: char = '\0';

fn has_nul(text: &str) -> bool {
    text.contains(NUL)
}

/// Whether a JSON text escapes the character NUL in a string. A backslash before the escape makes it ordinary text.
fn escapes_nul(body: &[u8]) -> bool {
    const ESCAPE: &[u8] = b"\\u0000";
    memchr::memmem::find_iter(body, ESCAPE)
        .map(|at| body[..at].iter().rev().take_while(|byte| **byte == b'\\').count())
        .any(|before| before % 2 == 0)
}

/// The place of the first text with that character: `entries[0].value`.
fn field_with_nul(value: &serde_json::Value) -> Option<String> {
    use serde_json::Value;
    let inside = |place: String, value: &Value| {
        field_with_nul(value).map(|rest| match rest.chars().next() {
            None | Some('[') => format!("{place}{rest}"),
            Some(_) => format!("{place}.{rest}"),
        })
    };
    match value {
        Value::String(text) => has_nul(text).then(String::new),
        Value::Array(items) => items.iter().enumerate().find_map(|(number, item)| inside(format!("[{number}]"), item)),
        Value::Object(fields) => fields.iter().find_map(|(name, value)| {
            if has_nul(name) { Some(name.replace(NUL, "")) } else { inside(name.clone(), value) }
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// Whether an address (path and query) carries the character NUL.
pub fn address_has_nul(address: &str) -> bool {
    address.contains("%00")
}

fn require_size(body: &[u8]) -> Result<(), Failure> {
    if body.len() > BODY_LIMIT_BYTES { Err(BODY_TOO_LARGE.with("limit", BODY_LIMIT_BYTES).into()) } else { Ok(()) }
}

/// A body that does not have the shape of its input, with the field where it was noticed.
fn unreadable(path: &str, detail: Fact, said: &str) -> Reason {
    // The reader says where it stands, not which field it misses there; a document that breaks off has no place.
    let missing = said.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
    let place = if [".", "?"].contains(&path) { "" } else { path };
    let field = match (place, missing) {
        ("", Some(field)) => field.to_owned(),
        ("", None) => "body".to_owned(),
        (place, Some(field)) => format!("{place}.{field}"),
        (place, None) => place.to_owned(),
    };
    BODY_INVALID.with("detail", detail).at(field)
}

/// The same of a JSON text.
pub fn unreadable_json(path: &str, error: &serde_json::Error) -> Reason {
    unreadable(path, misread::of_json(error), &error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_field_is_named_with_its_place() {
        #[derive(Debug, Deserialize)]
        struct Inside {
            #[allow(dead_code, reason = "only whether it is there matters")]
            name: String,
        }
        let named = |text: &str| document::<Vec<Inside>>(text.as_bytes()).unwrap_err().field;
        assert_eq!(named(r#"[{"name": "a"}, {}]"#).as_deref(), Some("[1].name"));
        let broken_off = document::<Inside>(br#"{"na"#).unwrap_err();
        assert_eq!(broken_off.field.as_deref(), Some("body"));
    }

    #[test]
    fn an_escaped_nul_is_seen_and_a_backslash_before_it_makes_it_text() {
        assert!(escapes_nul(br#"{"name": "a\u0000b"}"#));
        assert!(escapes_nul(br#"{"name": "\\\u0000"}"#));
        assert!(!escapes_nul(br#"{"name": "\\u0000"}"#));
        assert!(!escapes_nul(br#"{"name": "\u0001"}"#));
    }

    #[test]
    fn the_field_with_a_nul_is_named() {
        let named = |text: &str| document::<serde_json::Value>(text.as_bytes()).unwrap_err().field.unwrap();
        assert_eq!(named(r#"{"name": "a\u0000b"}"#), "name");
        assert_eq!(named(r#"{"entries": [{"value": "1"}, {"value": "\u0000"}]}"#), "entries[1].value");
        assert_eq!(named(r#"[["\u0000"]]"#), "[0][0]");
    }

    #[test]
    fn a_form_is_read_byte_by_byte() {
        let pairs = |body: &[u8]| pairs_of(body).map_err(|reason| reason.field.unwrap_or_default());
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            pairs(b"a=1+2&b=%E9%93%85&&c&d=5%&e=%zz%4"),
            Ok(vec![pair("a", "1 2"), pair("b", "\u{94c5}"), pair("c", ""), pair("d", "5%"), pair("e", "%zz%4"),])
        );
        assert_eq!(pairs(b"a=1&b=%FF%FE"), Err("b".to_owned()));
        assert_eq!(pairs(b"a=\xff"), Err("a".to_owned()));
        assert_eq!(pairs(b"%FF=1"), Err("body".to_owned()));
    }

    #[test]
    fn what_cannot_be_read_is_shown_as_far_as_it_can() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            typed_pairs(b"a=1+2&b=x%FFy&c=%00"),
            [pair("a", "1 2"), pair("b", "x\u{fffd}y"), pair("c", "\u{fffd}")]
        );
    }
}
