//! The document of the API says everything about every route: what it does, what goes in, what comes out, what it
//! demands. And it is one: every reference leads somewhere, no two calls have one name.

use std::collections::BTreeMap;

use lis_server::server;
use lis_server::web::openapi::gaps;
use lis_server::web::shapes::Shapes;
use lis_tests::{TestLis, both_databases};
use serde_json::Value;

use super::none;

/// Lines of the table of routes whose answer to an empty document is 428, which the document must explain.
const TABLE: &str = include_str!("routes.csv");

#[test]
fn no_route_of_the_api_is_without_its_shapes() {
    none(gaps(&server::api_shapes()));
}

#[test]
fn a_route_without_its_shapes_is_noticed() {
    let mut routes = server::api_shapes();
    let order = routes
        .iter_mut()
        .find(|(info, _)| info.method == "POST" && info.path == "/api/v1/orders")
        .expect("the route of the orders");
    order.1.gives.clear();
    assert_eq!(
        gaps(&routes),
        ["POST /api/v1/orders does not say what it answers: add .gives::<T>(), .creates::<T>() or .gives_nothing()"]
    );
    routes.iter_mut().for_each(|(_, shapes)| *shapes = Shapes::default());
    assert!(gaps(&routes).len() >= 2 * routes.len(), "neither summary nor room");
}

/// References that lead nowhere, defaults that validators refuse, and calls of one name.
fn broken(document: &Value) -> Vec<String> {
    let mut complaints = Vec::new();
    follow(document, document, &mut complaints);
    let mut names: BTreeMap<&str, u32> = BTreeMap::new();
    for operation in operations(document).map(|(_, _, operation)| operation) {
        *names.entry(operation["operationId"].as_str().unwrap_or_default()).or_default() += 1;
    }
    complaints.extend(names.iter().filter(|(_, count)| **count > 1).map(|(name, _)| format!("two calls are {name}")));
    complaints
}

fn follow(document: &Value, at: &Value, complaints: &mut Vec<String>) {
    match at {
        Value::Object(members) => {
            if let Some(path) = members.get("$ref").and_then(Value::as_str)
                && document.pointer(path.trim_start_matches('#')).is_none()
            {
                complaints.push(format!("{path} leads nowhere"));
            }
            if members.get("default").is_some_and(Value::is_null) {
                complaints.push("a default is null, which its own type refuses".to_owned());
            }
            members.values().for_each(|member| follow(document, member, complaints));
        }
        Value::Array(members) => members.iter().for_each(|member| follow(document, member, complaints)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Path, method, operation.
fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    let paths = document["paths"].as_object().into_iter().flatten();
    paths.flat_map(|(path, methods)| {
        let methods = methods.as_object().into_iter().flatten();
        methods.map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
    })
}

/// Commands that answer 428 to a bare request, though the document does not say what they demand.
fn unsaid_demands(document: &Value, table: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    for line in table.lines().filter(|line| line.contains(",/api/")) {
        let columns: Vec<&str> = line.split(',').collect();
        let operation = &document["paths"][columns[1]][columns[0].to_lowercase()];
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let mut headers = parameters.filter(|one| one["in"] == "header" && one["required"] == true);
        if columns[3] == "428" && headers.next().is_none() {
            complaints.push(format!("{} {} demands a header that the document does not name", columns[0], columns[1]));
        }
    }
    complaints
}

both_databases!(the_document_is_whole, |lis: TestLis| {
    let document = lis.client().get("/api/v1/openapi.json").expect(200).json();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(operations(&document).count(), server::api_shapes().len());
    none([broken(&document), unsaid_demands(&document, TABLE)].concat());

    let mut wrong = document.clone();
    wrong["components"]["schemas"]["PersonView"].take();
    wrong["components"]["schemas"].as_object_mut().expect("schemas").remove("OrderInput");
    wrong["paths"]["/api/v1/people"]["get"]["operationId"] = "post_people".into();
    let complaints = broken(&wrong);
    assert_eq!(complaints, ["#/components/schemas/OrderInput leads nowhere", "two calls are post_people"]);
    let mut null = document.clone();
    null["info"]["default"] = Value::Null;
    assert_eq!(broken(&null), ["a default is null, which its own type refuses"]);
    let close = "/api/v1/campaigns/{id}/close";
    wrong["paths"][close]["post"]["parameters"].take();
    assert_eq!(
        unsaid_demands(&wrong, TABLE),
        [format!("POST {close} demands a header that the document does not name")]
    );
});

both_databases!(the_page_shows_the_document_in_both_languages, |lis: TestLis| {
    let client = lis.client();
    client.get("/language/en?back=/api").expect(303);
    let page = client.get("/api").expect(200).page();
    assert_eq!(page.texts("h1"), ["API for programs"]);
    assert_eq!(page.all("details.call > summary .method").len(), server::api_shapes().len());
    let order = page.texts("#post_orders").concat();
    for part in ["POST", "/api/v1/orders", "use_portal", "Idempotency-Key", "OrderInput", "428", "curl -X POST"] {
        assert!(order.contains(part), "{part} is missing in {order}");
    }
    // Looked for once, not for each of some thousand links.
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for id in page.all("[id]").iter().filter_map(|part| part.value().attr("id")) {
        *places.entry(id).or_default() += 1;
    }
    for link in page.all("a").iter().filter_map(|link| link.value().attr("href")) {
        if let Some(id) = link.strip_prefix('#') {
            assert_eq!(places.get(id), Some(&1), "{link} leads nowhere, or to several places");
        }
    }
    client.get("/language/zh-CN?back=/api").expect(303);
    assert_eq!(client.get("/api").expect(200).page().texts("h1"), ["程序接口"]);
});
