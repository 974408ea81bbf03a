//! The API's own description (OpenAPI 3.1), made from the list of routes: what is listed is what is served. And a page
//! rendered from it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::routes::{RouteInfo, Shapes};

/// The version of the API; it is part of every path.
const API_VERSION: &str = "1";

/// The document as JSON.
pub fn document(routes: &[(RouteInfo, Shapes)], laboratory: &str) -> Value {
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    let mut schemas = Map::new();
    for (info, shapes) in routes {
        for shape in shapes.takes.iter().chain(&shapes.gives) {
            for (name, schema) in &shape.schemas {
                schemas.insert(name.clone(), serde_json::to_value(schema).unwrap_or(Value::Null));
            }
        }
        paths.entry(info.path).or_default().insert(info.method.to_lowercase(), operation(info, shapes));
    }
    schemas.insert("Problem".to_owned(), problem_schema());
    json!({
        "openapi": "3.1.0",
        "info": {"title": laboratory, "version": API_VERSION, "description": DESCRIPTION},
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}],
    })
}

const DESCRIPTION: &str = "Decimals are strings. Times are RFC 3339 in UTC. Lists are {items, next, more}. A command that \
creates something carries Idempotency-Key; a command that changes something carries If-Match with the version it saw.";

fn operation(info: &RouteInfo, shapes: &Shapes) -> Value {
    let changes = info.method != "GET";
    let mut parameters: Vec<Value> = path_variables(info.path)
        .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}))
        .collect();
    if changes {
        parameters.push(json!({"name": "Idempotency-Key", "in": "header", "schema": {"type": "string"}}));
    }
    if info.method == "PUT" {
        parameters.push(json!({"name": "If-Match", "in": "header", "required": true, "schema": {"type": "string"}}));
    }
    let answer = match &shapes.gives {
        Some(shape) => {
            json!({"description": "Done", "content": {"application/json": {"schema": reference(&shape.name)}}})
        }
        None => json!({"description": "Done"}),
    };
    let problem = json!({
        "description": "Refused; every reason is listed",
        "content": {"application/problem+json": {"schema": reference("Problem")}},
    });
    let mut operation = json!({
        "operationId": operation_id(info),
        "description": format!("Needs: {}", info.gate),
        "parameters": parameters,
        "responses": {"2XX": answer, "4XX": problem},
    });
    if info.gate == "anyone" {
        operation["security"] = json!([]);
    }
    if let Some(shape) = &shapes.takes {
        operation["requestBody"] =
            json!({"required": true, "content": {"application/json": {"schema": reference(&shape.name)}}});
    }
    operation
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

fn path_variables(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

/// `POST /api/v1/people/{id}` becomes `post_people_id`.
fn operation_id(info: &RouteInfo) -> String {
    let words: Vec<&str> = info
        .path
        .trim_start_matches("/api/v1/")
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    format!("{}_{}", info.method.to_lowercase(), words.join("_"))
}

fn problem_schema() -> Value {
    json!({
        "type": "object",
        "description": "RFC 9457",
        "required": ["type", "title", "status", "detail", "reasons"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "current": {"description": "What stands there now, for 412"},
            "reasons": {"type": "array", "items": {
                "type": "object",
                "required": ["code", "detail"],
                "properties": {
                    "code": {"type": "string"},
                    "field": {"type": ["string", "null"]},
                    "detail": {"type": "string"},
                    "advice": {"type": ["string", "null"]},
                },
            }},
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::routes::Routes;

    #[test]
    fn the_document_describes_what_is_listed() {
        let info = RouteInfo { path: "/api/v1/people/{id}", method: "PUT".to_owned(), gate: "manage_accounts" };
        let document = document(&[(info, Shapes::default())], "Lab");
        let operation = &document["paths"]["/api/v1/people/{id}"]["put"];
        assert_eq!(operation["operationId"], "put_people_id");
        assert_eq!(operation["parameters"][0]["name"], "id");
        assert_eq!(operation["parameters"][2]["name"], "If-Match");
        assert_eq!(operation["description"], "Needs: manage_accounts");
        assert!(Routes::new().shapes().is_empty());
    }
}
