//! The API's own description (OpenAPI 3.1), made from the list of routes: what is listed is what is served. The page
//! in [`super::manual`] is rendered from it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use super::csrf::FOREIGN_ORIGIN;
use super::problem::{BROKEN, PROBLEM_JSON, ProblemDocument, ProblemReason};
use super::reading::{BODY_INVALID, BODY_TOO_LARGE, KEY_MISSING, QUERY_INVALID};
use super::routes::RouteInfo;
use super::security::SESSION_COOKIE;
use super::shapes::{Body, Key, Shape, Shapes};
use crate::domain::refusal::{
    FIELD_INVALID, FIELD_MISSING, FIELD_TOO_LONG, KEY_REUSED, NOT_ALLOWED, NOT_FOUND, Problem, STALE_VERSION,
    VERSION_MISSING,
};

/// The version of the API; it is part of every path.
const API_VERSION: &str = "1";

/// The gate of a route that everybody may use, and of one that needs a person at a screen.
const ANYONE: &str = "anyone";
const SIGNED_IN: &str = "signed_in";

/// The document as JSON. `gate` holds the problems with which those are refused who may not come in.
pub fn document(routes: &[(RouteInfo, Shapes)], gate: &[Problem], laboratory: &str) -> Value {
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    let mut schemas = Map::new();
    for (info, shapes) in routes {
        for (name, schema) in shapes.bodies().filter_map(Body::shape).flat_map(|shape| &shape.schemas) {
            schemas.insert(name.clone(), value(schema));
        }
        paths.entry(info.path).or_default().insert(info.method.to_lowercase(), operation(info, shapes, gate));
    }
    schemas.insert(ProblemDocument::name().into_owned(), value(&ProblemDocument::schema()));
    schemas.insert(ProblemReason::name().into_owned(), value(&ProblemReason::schema()));
    let mut rooms: Vec<&str> = routes.iter().map(|(_, shapes)| shapes.room).collect();
    rooms.sort_unstable();
    rooms.dedup();
    let tags: Vec<Value> = rooms.iter().map(|room| json!({"name": room})).collect();
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {"title": laboratory, "version": API_VERSION, "description": DESCRIPTION},
        "servers": [{"url": "/"}],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": TOKEN},
                "session": {"type": "apiKey", "in": "cookie", "name": SESSION_COOKIE, "description": SESSION},
            },
        },
    });
    drop_null_defaults(&mut document);
    document
}

/// A field that may be left out has no default worth naming; `null` would be one that its own type refuses.
fn drop_null_defaults(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, value| !(name == "default" && value.is_null()));
            fields.values_mut().for_each(drop_null_defaults);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_null_defaults),
        _ => {}
    }
}

/// The document's own shape: an OpenAPI 3.1 object.
pub struct ApiDocument;

impl ToSchema for ApiDocument {}

impl PartialSchema for ApiDocument {
    fn schema() -> RefOr<Schema> {
        let version = ObjectBuilder::new().schema_type(Type::String).examples(["3.1.0"]);
        ObjectBuilder::new().property("openapi", version).required("openapi").into()
    }
}

const DESCRIPTION: &str = "Decimals are strings, kept as they were printed. Times are RFC 3339 in UTC. Lists are \
{items, next, more}: give `next` as `after` to go on. A command that creates something carries `Idempotency-Key`: the \
same key with the same request is answered as before and changes nothing, for 90 days. A command that changes something \
carries `If-Match` with the version it saw: without it 428, too late 412 with the object as it stands now. Refusals are \
problem documents (RFC 9457) with a stable code for every reason.";

const TOKEN: &str = "A token of a person, made by an administrator and shown once. It may do what its scopes name, as \
long as its person's roles allow it.";
const SESSION: &str = "The session of a person who signed in on the pages. A request that changes something must come \
from a page of this server.";

fn operation(info: &RouteInfo, shapes: &Shapes, gate: &[Problem]) -> Value {
    let mut operation = json!({
        "operationId": operation_id(info),
        "tags": [shapes.room],
        "summary": shapes.summary,
        "description": description(info, shapes),
        "parameters": parameters(info, shapes),
        "responses": responses(info, shapes, gate),
        "security": security(info),
        "x-permission": info.gate,
    });
    if let Some(body) = &shapes.takes {
        operation["requestBody"] = json!({"required": true, "content": content(body)});
    }
    operation
}

fn description(info: &RouteInfo, shapes: &Shapes) -> String {
    let who = match info.gate {
        ANYONE => "Everybody may call it.".to_owned(),
        SIGNED_IN => "Needs a session; a token is not enough.".to_owned(),
        permission => format!("Needs the scope `{permission}`."),
    };
    let repeated = if shapes.key == Key::Needless { " Repeating the request changes nothing." } else { "" };
    format!("{who}{repeated}")
}

fn parameters(info: &RouteInfo, shapes: &Shapes) -> Vec<Value> {
    let mut parameters: Vec<Value> = path_variables(info.path)
        .map(|name| json!({"name": name, "in": "path", "required": true, "schema": variable(name)}))
        .collect();
    parameters.extend(shapes.query.iter().map(value));
    let header = |name: &str, required: bool, schema: Value, about: &str| json!({"name": name, "in": "header", "required": required, "schema": schema, "description": about});
    if matches!(shapes.key, Key::Kept | Key::Demanded) {
        let schema = json!({"type": "string", "pattern": "^[!-~]{1,100}$"});
        parameters.push(header(
            "Idempotency-Key",
            shapes.key == Key::Demanded,
            schema,
            "Chosen by the caller, a UUID.",
        ));
    }
    if shapes.versioned {
        let schema = json!({"type": "string", "pattern": "^\"?[0-9]{1,18}\"?$", "examples": ["\"3\""]});
        parameters.push(header("If-Match", true, schema, "The `ETag` of the object as it was seen: its version."));
    }
    parameters
}

/// Ids are numbers, codes and hashes are texts.
fn variable(name: &str) -> Value {
    match name {
        "code" => json!({"type": "string"}),
        _ => json!({"type": "integer", "format": "int64"}),
    }
}

fn responses(info: &RouteInfo, shapes: &Shapes, gate: &[Problem]) -> Value {
    let mut responses = Map::new();
    for (status, body) in &shapes.gives {
        responses.insert(status.to_string(), answer(*status, body));
    }
    let mut refused: BTreeMap<u16, Vec<&str>> = BTreeMap::new();
    for problem in problems_of(info, shapes, gate) {
        let codes = refused.entry(problem.status).or_default();
        if !codes.contains(&problem.code) {
            codes.push(problem.code);
        }
    }
    for (status, codes) in refused {
        let listed: Vec<String> = codes.iter().map(|code| format!("`{code}`")).collect();
        let response = responses
            .entry(status.to_string())
            .or_insert_with(|| json!({"content": {PROBLEM_JSON: {"schema": reference(&ProblemDocument::name())}}}));
        response["description"] = json!(format!("Refused: {}.", listed.join(", ")));
        response["x-problem-codes"] = json!(codes);
    }
    Value::Object(responses)
}

/// What a route can refuse with: the general problems that follow from its shape, then its own.
fn problems_of(info: &RouteInfo, shapes: &Shapes, gate: &[Problem]) -> Vec<Problem> {
    let mut problems = vec![BROKEN];
    let changes = info.method != "GET";
    if info.gate != ANYONE {
        problems.extend(gate);
        // What a person may not see does not exist for him; a token is told which scope it lacks.
        problems.extend([NOT_ALLOWED, NOT_FOUND]);
    }
    if path_variables(info.path).next().is_some() {
        problems.push(NOT_FOUND);
    }
    if !shapes.query.is_empty() {
        problems.extend([QUERY_INVALID, FIELD_INVALID, FIELD_MISSING, FIELD_TOO_LONG]);
    }
    if changes {
        problems.push(FOREIGN_ORIGIN);
    }
    if shapes.takes.is_some() {
        problems.extend([BODY_INVALID, BODY_TOO_LARGE, FIELD_MISSING, FIELD_INVALID, FIELD_TOO_LONG]);
    }
    if matches!(shapes.key, Key::Kept | Key::Demanded) {
        problems.push(KEY_REUSED);
    }
    if shapes.key == Key::Demanded {
        problems.push(KEY_MISSING);
    }
    if shapes.versioned {
        problems.extend([STALE_VERSION, VERSION_MISSING]);
    }
    problems.extend(&shapes.problems);
    problems
}

fn answer(status: u16, body: &Body) -> Value {
    let description = match status {
        201 => "Made.",
        204 => "Done; nothing to say.",
        _ => "Done.",
    };
    let mut answer = json!({"description": description});
    if !matches!(body, Body::Empty) {
        answer["content"] = content(body);
    }
    if let Body::Json(shape) = body
        && has_version(shape)
    {
        answer["headers"] = json!({"ETag": {
            "description": "The version of the object, for `If-Match`.", "schema": {"type": "string"},
        }});
    }
    answer
}

/// Whether a shape is an object with a version, by itself or by what is laid into it.
fn has_version(shape: &Shape) -> bool {
    let Some((_, schema)) = shape.schemas.last() else { return false };
    let schema = value(schema);
    let own = |schema: &Value| schema["properties"]["version"].is_object();
    let laid_in = |part: &Value| {
        let name = part["$ref"].as_str().and_then(|path| path.rsplit('/').next());
        own(part) || shape.schemas.iter().any(|(other, schema)| Some(other.as_str()) == name && own(&value(schema)))
    };
    own(&schema) || schema["allOf"].as_array().is_some_and(|parts| parts.iter().any(laid_in))
}

fn content(body: &Body) -> Value {
    match body {
        Body::Empty => json!({}),
        Body::Json(shape) => json!({"application/json": {"schema": reference(&shape.name)}}),
        Body::Problem(shape) => json!({PROBLEM_JSON: {"schema": reference(&shape.name)}}),
        Body::File(media_type) => json!({*media_type: {"schema": {"type": "string", "format": "binary"}}}),
        Body::Upload(texts) => {
            let mut properties = Map::new();
            properties.insert("file".to_owned(), json!({"type": "string", "format": "binary"}));
            for (name, about) in *texts {
                properties.insert((*name).to_owned(), json!({"type": "string", "description": about}));
            }
            json!({"multipart/form-data": {
                "schema": {"type": "object", "required": ["file"], "properties": properties},
            }})
        }
    }
}

/// A token needs the permission as a scope; a session has all rights of its person.
fn security(info: &RouteInfo) -> Value {
    match info.gate {
        ANYONE => json!([]),
        SIGNED_IN => json!([{"session": []}]),
        permission => json!([{"token": [permission]}, {"session": []}]),
    }
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

fn value(described: &impl serde::Serialize) -> Value {
    serde_json::to_value(described).unwrap_or(Value::Null)
}

fn path_variables(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

/// `POST /api/v1/people/{id}` becomes `post_people_id`.
pub fn operation_id(info: &RouteInfo) -> String {
    let words: Vec<&str> = info
        .path
        .trim_start_matches("/api/v1/")
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    format!("{}_{}", info.method.to_lowercase(), words.join("_"))
}

/// Routes of the API whose document would say too little: no summary, no room, no answer, a command without a body.
/// And shapes that share a name but not their fields.
pub fn gaps(routes: &[(RouteInfo, Shapes)]) -> Vec<String> {
    let mut gaps = Vec::new();
    let mut known: BTreeMap<&str, (Value, String)> = BTreeMap::new();
    for (info, shapes) in routes {
        let route = format!("{} {}", info.method, info.path);
        let mut missing = |what: &str| gaps.push(format!("{route} {what}"));
        if shapes.summary.is_empty() {
            missing("does not say what it does: add .about(\"…\") where it is listed");
        }
        if shapes.room.is_empty() {
            missing("belongs to no room: add .of_room(…) in front.rs");
        }
        if shapes.gives.is_empty() {
            missing("does not say what it answers: add .gives::<T>(), .creates::<T>() or .gives_nothing()");
        }
        if matches!(info.method.as_str(), "POST" | "PUT") && shapes.takes.is_none() {
            missing("takes no body: give its handler a Json<T>, or add .takes::<T>()");
        }
        for shape in shapes.bodies().filter_map(Body::shape) {
            if shape.name == "Value" {
                missing("has a body of any shape: describe it by a type of its own");
            }
            for (name, schema) in &shape.schemas {
                let schema = value(schema);
                let (first, of) = known.entry(name).or_insert_with(|| (schema.clone(), route.clone()));
                if *first != schema {
                    missing(&format!(
                        "and {of} have two shapes of one name, {name}: rename one with #[schema(as = …)]"
                    ));
                }
            }
        }
    }
    gaps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::routes::Routes;

    #[derive(utoipa::ToSchema)]
    #[allow(dead_code)]
    struct Thing {
        version: i64,
    }

    fn info(method: &str, path: &'static str) -> RouteInfo {
        RouteInfo { path, method: method.to_owned(), gate: "manage_accounts" }
    }

    fn described() -> Shapes {
        let thing = Body::Json(Shape::of::<Thing>());
        Shapes {
            room: "accounts",
            summary: "Changes a thing.",
            takes: Some(thing.clone()),
            gives: vec![(200, thing)],
            versioned: true,
            key: Key::Kept,
            ..Shapes::default()
        }
    }

    #[test]
    fn the_document_describes_what_is_listed() {
        let document = document(&[(info("PUT", "/api/v1/things/{id}"), described())], &[], "Lab");
        let operation = &document["paths"]["/api/v1/things/{id}"]["put"];
        assert_eq!(operation["operationId"], "put_things_id");
        assert_eq!(operation["tags"], json!(["accounts"]));
        let names: Vec<_> = operation["parameters"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
        assert_eq!(names, ["id", "Idempotency-Key", "If-Match"]);
        assert_eq!(operation["parameters"][2]["required"], true);
        assert_eq!(operation["description"], "Needs the scope `manage_accounts`.");
        assert_eq!(operation["security"], json!([{"token": ["manage_accounts"]}, {"session": []}]));
        assert!(operation["responses"]["200"]["headers"]["ETag"].is_object());
        let statuses: Vec<_> = operation["responses"].as_object().unwrap().keys().collect();
        assert_eq!(statuses, ["200", "400", "403", "404", "412", "413", "422", "428", "500"]);
        assert_eq!(document["components"]["schemas"]["Thing"]["properties"]["version"]["type"], "integer");
        assert!(Routes::new().shapes().is_empty());
    }

    #[test]
    fn every_gap_is_noticed() {
        let route = || info("POST", "/api/v1/things");
        assert_eq!(gaps(&[(route(), described())]), Vec::<String>::new());
        assert_eq!(gaps(&[(route(), Shapes::default())]).len(), 4);
        assert_eq!(gaps(&[(info("GET", "/api/v1/things"), Shapes { takes: None, ..described() })]).len(), 0);
        let any = Body::Json(Shape::of::<Value>());
        assert_eq!(gaps(&[(route(), Shapes { takes: Some(any), ..described() })]).len(), 1);
        let mut other = described();
        let mut shape = Shape::of::<Value>();
        shape.name = "Thing".to_owned();
        shape.schemas = vec![("Thing".to_owned(), Value::schema())];
        other.gives[0].1 = Body::Json(shape);
        assert_eq!(gaps(&[(route(), other)]).len(), 1);
    }
}
