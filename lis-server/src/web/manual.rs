//! The page of the API, rendered from its own document: calls by room with their permission, parameters, shapes and an
//! example, then all shapes. Nothing on it is written twice.

use std::fmt;

use askama::Template;
use askama::filters::{Escaper, Html, HtmlSafe};
use serde_json::{Map, Value};

use super::problem::Answer;
use super::{Ui, page};

#[derive(Template)]
#[template(path = "web/pages/manual.html")]
struct ManualPage {
    ui: Ui,
    about: Prose,
    rooms: Vec<Room>,
    shapes: Vec<ShapeShown>,
}

/// The calls of one capability.
struct Room {
    name: String,
    title: String,
    calls: Vec<Call>,
}

struct Call {
    id: String,
    method: String,
    path: String,
    summary: Prose,
    about: Prose,
    /// Code of the permission; empty: none is needed.
    scope: String,
    /// Who may call, in the page's language.
    who: String,
    parameters: Vec<FieldShown>,
    takes: Option<BodyShown>,
    answers: Vec<AnswerShown>,
    example: String,
}

struct AnswerShown {
    status: String,
    about: Prose,
    body: Option<BodyShown>,
}

struct BodyShown {
    media_type: String,
    /// The name of its shape, which stands below; empty: a file.
    shape: String,
    example: String,
}

/// A parameter, or a field of a shape.
struct FieldShown {
    name: String,
    /// `path`, `query`, `header`; empty for a field.
    place: String,
    kind: String,
    /// The shape that its kind names; empty: none.
    shape: String,
    required: bool,
    about: Prose,
}

struct ShapeShown {
    name: String,
    about: Prose,
    kind: String,
    fields: Vec<FieldShown>,
}

/// The page of a document.
pub fn manual(ui: Ui, document: &Value) -> Answer {
    let about = prose(&document["info"]["description"]);
    let rooms = list(&document["tags"])
        .map(|tag| {
            let name = text(&tag["name"]);
            Room { title: ui.t(&format!("room-{}", name.replace('_', "-"))), calls: calls(&ui, document, &name), name }
        })
        .collect();
    let shapes = entries(&document["components"]["schemas"])
        .map(|(name, schema)| ShapeShown {
            name: name.clone(),
            about: prose(&schema["description"]),
            kind: kind(schema).0,
            fields: fields(document, schema),
        })
        .collect();
    page(&ManualPage { ui, about, rooms, shapes }, false)
}

fn calls(ui: &Ui, document: &Value, room: &str) -> Vec<Call> {
    let mut calls = Vec::new();
    for (path, methods) in entries(&document["paths"]) {
        for (method, operation) in entries(methods).filter(|(_, operation)| operation["tags"][0] == room) {
            calls.push(call(ui, document, method, path, operation));
        }
    }
    calls
}

fn call(ui: &Ui, document: &Value, method: &str, path: &str, operation: &Value) -> Call {
    let gate = text(&operation["x-permission"]);
    let (scope, who) = match gate.as_str() {
        "anyone" => (String::new(), ui.t("api-anyone")),
        "signed_in" => (String::new(), ui.t("api-signed-in")),
        permission => (gate.clone(), ui.t(&format!("permission-{}", permission.replace('_', "-")))),
    };
    let parameters: Vec<FieldShown> = list(&operation["parameters"]).map(parameter).collect();
    let takes = body(document, &operation["requestBody"]);
    let answers = entries(&operation["responses"])
        .map(|(status, answer)| AnswerShown {
            status: status.clone(),
            about: prose(&answer["description"]),
            body: body(document, answer),
        })
        .collect();
    Call {
        example: example_call(method, path, gate != "anyone", &parameters, takes.as_ref()),
        id: text(&operation["operationId"]),
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: prose(&operation["summary"]),
        about: prose(&operation["description"]),
        scope,
        who,
        parameters,
        takes,
        answers,
    }
}

fn parameter(parameter: &Value) -> FieldShown {
    let (kind, shape) = kind(&parameter["schema"]);
    FieldShown {
        name: text(&parameter["name"]),
        place: text(&parameter["in"]),
        kind,
        shape,
        required: parameter["required"] == true,
        about: prose(&parameter["description"]),
    }
}

fn body(document: &Value, described: &Value) -> Option<BodyShown> {
    let (media_type, content) = entries(&described["content"]).next()?;
    let shape = reference(&content["schema"]);
    let example = match shape.is_empty() || media_type == "application/problem+json" {
        true => String::new(),
        false => {
            serde_json::to_string_pretty(&example(document, &content["schema"], EXAMPLE_DEPTH)).unwrap_or_default()
        }
    };
    Some(BodyShown { media_type: media_type.clone(), shape, example })
}

/// A call as it is typed: `$LIS` is the server's address, `$TOKEN` the token.
fn example_call(
    method: &str,
    path: &str,
    with_token: bool,
    parameters: &[FieldShown],
    takes: Option<&BodyShown>,
) -> String {
    let mut line = "curl".to_owned();
    if method != "get" {
        line += &format!(" -X {}", method.to_uppercase());
    }
    if with_token {
        line += " -H \"Authorization: Bearer $TOKEN\"";
    }
    for header in parameters.iter().filter(|one| one.place == "header" && one.required) {
        line += match header.name.as_str() {
            "If-Match" => " -H 'If-Match: \"1\"'",
            _ => " -H \"Idempotency-Key: $(uuidgen)\"",
        };
    }
    match takes {
        Some(body) if body.media_type == "multipart/form-data" => line += " -F file=@FILE",
        Some(body) => line += &format!(" -H 'Content-Type: application/json' \\\n  -d @{}.json", body.shape),
        None => {}
    }
    let query: Vec<String> = parameters
        .iter()
        .filter(|one| one.place == "query" && one.required)
        .map(|one| format!("{}={}", one.name, one.name.to_uppercase()))
        .collect();
    let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
    format!("{line} \"$LIS{path}{query}\"")
}

/// Shapes inside shapes that an example shows; deeper ones are left out.
const EXAMPLE_DEPTH: usize = 4;

/// A value of a shape, with the types' plainest members.
fn example(document: &Value, schema: &Value, depth: usize) -> Value {
    let schema = resolved(document, schema);
    if let Some(given) = schema["examples"].get(0) {
        return given.clone();
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let objects = parts.iter().map(|part| example(document, part, depth));
        return Value::Object(objects.filter_map(|one| one.as_object().cloned()).flatten().collect());
    }
    if let Some(first) = schema["oneOf"].as_array().and_then(|choices| choices.iter().find(|one| one["type"] != "null"))
    {
        return example(document, first, depth);
    }
    match (type_of(schema), depth) {
        ("object", 1..) => {
            let fields = entries(&schema["properties"]);
            Value::Object(fields.map(|(name, field)| (name.clone(), example(document, field, depth - 1))).collect())
        }
        ("object", _) => Value::Object(Map::new()),
        ("array", 1..) if !schema["items"].is_null() => {
            Value::Array(vec![example(document, &schema["items"], depth - 1)])
        }
        ("array", _) => Value::Array(Vec::new()),
        ("integer", _) => schema.get("minimum").cloned().unwrap_or_else(|| 1.into()),
        ("boolean", _) => true.into(),
        ("string", _) => match schema["format"].as_str() {
            Some("date-time") => "2026-11-16T00:00:00.000Z".into(),
            Some("date") => "2026-11-16".into(),
            Some("uuid") => "5d0c8e9a-6d1c-4b6b-9f38-3f3c5a1d2e4b".into(),
            _ => "…".into(),
        },
        _ => Value::Null,
    }
}

fn fields(document: &Value, schema: &Value) -> Vec<FieldShown> {
    if let Some(parts) = schema["allOf"].as_array() {
        return parts.iter().flat_map(|part| fields(document, resolved(document, part))).collect();
    }
    let required = |name: &str| list(&schema["required"]).any(|one| one == name);
    entries(&schema["properties"])
        .map(|(name, field)| {
            let (kind, shape) = kind(field);
            FieldShown {
                required: required(name),
                name: name.clone(),
                place: String::new(),
                kind,
                shape,
                about: prose(&field["description"]),
            }
        })
        .collect()
}

/// What a value is, in a few words, and the shape that is named.
fn kind(schema: &Value) -> (String, String) {
    let named = reference(schema);
    if !named.is_empty() {
        return (named.clone(), named);
    }
    let choices = schema["oneOf"].as_array().into_iter().flatten();
    let choices: Vec<(String, String)> = choices.filter(|one| one["type"] != "null").map(kind).collect();
    if let Some((_, first)) = choices.first() {
        let kinds: Vec<&str> = choices.iter().map(|(kind, _)| kind.as_str()).collect();
        return (kinds.join(" | "), first.clone());
    }
    match type_of(schema) {
        "array" => {
            let (of, shape) = kind(&schema["items"]);
            (format!("[{of}]"), shape)
        }
        kind => match schema["format"].as_str() {
            Some(format) if format != "int64" && format != "int32" => (format!("{kind} ({format})"), String::new()),
            _ => (kind.to_owned(), String::new()),
        },
    }
}

/// The type of a schema; of one that may be null the other one.
fn type_of(schema: &Value) -> &str {
    match &schema["type"] {
        Value::String(name) => name,
        Value::Array(names) => names.iter().filter_map(Value::as_str).find(|name| *name != "null").unwrap_or("any"),
        _ => "any",
    }
}

fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match reference(schema).as_str() {
        "" => schema,
        name => &document["components"]["schemas"][name],
    }
}

/// The name of the shape that a schema refers to; empty: none.
fn reference(schema: &Value) -> String {
    let path = schema["$ref"].as_str().unwrap_or_default();
    path.rsplit('/').next().unwrap_or_default().to_owned()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn prose(value: &Value) -> Prose {
    Prose(text(value))
}

/// A sentence of the document, whose code stands between backticks.
#[derive(Default)]
struct Prose(String);

impl fmt::Display for Prose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<&str> = self.0.split('`').collect();
        if parts.len().is_multiple_of(2) {
            // A mark that nothing closes.
            return Html.write_escaped_str(f, &self.0);
        }
        for (number, part) in parts.iter().enumerate() {
            let is_code = number % 2 == 1;
            if is_code {
                f.write_str("<code>")?;
            }
            Html.write_escaped_str(&mut *f, part)?;
            if is_code {
                f.write_str("</code>")?;
            }
        }
        Ok(())
    }
}

// It is escaped inside.
impl HtmlSafe for Prose {}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn document() -> Value {
        json!({"components": {"schemas": {
            "Thing": {"type": "object", "required": ["id"], "properties": {
                "id": {"type": "integer"}, "name": {"type": ["string", "null"]}, "at": {"$ref": "#/components/schemas/Moment"},
            }},
            "Moment": {"type": "string", "format": "date-time"},
        }}})
    }

    #[test]
    fn an_example_has_every_field() {
        let shown = example(&document(), &json!({"$ref": "#/components/schemas/Thing"}), EXAMPLE_DEPTH);
        assert_eq!(shown, json!({"id": 1, "name": "…", "at": "2026-11-16T00:00:00.000Z"}));
    }

    #[test]
    fn code_of_a_sentence_is_set_as_code() {
        let shown = |sentence: &str| Prose(sentence.to_owned()).to_string();
        assert_eq!(
            shown("The `next` of `{\"a\"}` & more"),
            "The <code>next</code> of <code>{&#34;a&#34;}</code> &#38; more"
        );
        assert_eq!(shown("no code"), "no code");
        assert_eq!(shown("one ` alone"), "one ` alone");
    }

    #[test]
    fn kinds_are_said_in_few_words() {
        let of = |schema: Value| kind(&schema).0;
        assert_eq!(of(json!({"type": "array", "items": {"$ref": "#/components/schemas/Thing"}})), "[Thing]");
        assert_eq!(of(json!({"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Moment"}]})), "Moment");
        assert_eq!(of(json!({"type": ["string", "null"], "format": "date"})), "string (date)");
    }

    #[test]
    fn a_call_names_what_it_must_carry() {
        let key = FieldShown {
            name: "Idempotency-Key".to_owned(),
            place: "header".to_owned(),
            kind: "string".to_owned(),
            shape: String::new(),
            required: true,
            about: Prose::default(),
        };
        let takes = BodyShown {
            media_type: "application/json".to_owned(),
            shape: "OrderInput".to_owned(),
            example: String::new(),
        };
        assert_eq!(
            example_call("post", "/api/v1/orders", true, &[key], Some(&takes)),
            "curl -X POST -H \"Authorization: Bearer $TOKEN\" -H \"Idempotency-Key: $(uuidgen)\" \
             -H 'Content-Type: application/json' \\\n  -d @OrderInput.json \"$LIS/api/v1/orders\""
        );
    }
}
