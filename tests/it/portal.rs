//! What an enterprise sees: its own, after its issue, and of others not even that they exist.

use lis_tests::{TestLis, demonstrated};

use crate::steps::{House, number, rice_order, text};

demonstrated!(an_enterprise_never_sees_another, |lis: TestLis| {
    let house = House::of(&lis);
    let (sample, report) = house.entrusted_report("2.05");
    let (id, report_no) = (number(&report, "id"), text(&report["report_no"]));
    let numbers = |username: &str| -> Vec<String> {
        house.items(username, "/api/v1/portal/reports").iter().map(|one| text(&one["report_no"])).collect()
    };
    assert!(numbers("bakery").contains(&report_no));
    assert!(!numbers("market").contains(&report_no), "{:?}", numbers("market"));
    house.by("market").get(&format!("/api/v1/portal/reports/{id}/pdf")).expect(404);
    // Page by page comes the same, and nothing ends in silence.
    let (all, mut paged, mut next) = (numbers("bakery"), Vec::new(), String::new());
    loop {
        let path = format!("/api/v1/portal/reports?limit=1{next}");
        let page = house.by("bakery").get(&path).expect(200).json();
        paged.extend(page["items"].as_array().expect("items").iter().map(|one| text(&one["report_no"])));
        next = format!("&after={}", text(&page["next"]));
        if page["more"] == false {
            break;
        }
    }
    assert!(all.len() > 1, "{all:?}");
    assert_eq!(paged, all);
    assert_eq!(house.by("bakery").get("/api/v1/portal/reports?limit=501").expect(422).codes(), ["field-invalid"]);
    for path in ["/portal", "/portal/orders", "/portal/cases", "/api/v1/portal/samples", "/api/v1/orders"] {
        let seen = house.by("market").get(path).expect(200).text();
        for word in [report_no.as_str(), &sample.number, "霸州示例糕点厂", "金穗"] {
            assert!(!seen.contains(word), "{path} shows {word} to the supermarket");
        }
    }
    let own = house.by("bakery").get("/portal").expect(200).text();
    assert!(own.contains(&report_no), "{own}");
    // What is the laboratory's own stays there: labels, shelves, the people at the benches.
    for path in ["/portal", "/api/v1/portal/reports", "/api/v1/portal/samples"] {
        let seen = house.by("bakery").get(path).expect(200).text();
        for word in [sample.label(), "A-2-1", "检验员乙"] {
            assert!(!seen.contains(word), "{path} shows {word} to the bakery");
        }
    }
    for path in ["/worksheets", "/samples", "/reports", "/cases", "/people", "/log"] {
        house.by("bakery").get(path).expect(404);
    }
});

demonstrated!(an_order_is_placed_and_followed_on_pages, |lis: TestLis| {
    let house = House::of(&lis);
    let bakery = house.by("bakery");
    let order = rice_order();
    let mut form = bakery.form("/portal/orders/new", "/portal/orders");
    for (field, value) in order.as_object().expect("an object") {
        form = match value {
            serde_json::Value::Array(values) => {
                values.iter().fold(form.without(field), |form, value| form.tick(field, value.as_str().expect("a text")))
            }
            value => form.set(field, value.as_str().expect("a text")),
        };
    }
    let refused = bakery.send(&form.clone().set("production_date", "2026-12-24")).expect(422).page();
    assert!(!refused.error_at("production_date").is_empty(), "{}", refused.text());
    assert_eq!(refused.form("/portal/orders").value("batch_no"), Some("20261110"), "what was typed stays");
    let placed = bakery.send(&form).expect(303);
    let page = placed.location().split('?').next().expect("a path").to_owned();
    assert!(page.starts_with("/portal/orders/"), "{page}");
    let shown = bakery.get(&page).expect(200).page();
    assert!(shown.text().contains("大米"), "{}", shown.text());
    house.by("market").get(&page).expect(404);
    let withdraw = shown.form(&format!("{page}/withdraw"));
    bakery.send(&withdraw).expect(303);
    bakery.send(&withdraw).expect(303);
    let left = bakery.get(&page).expect(200).page();
    let action = format!("form[action='{page}/withdraw']");
    assert!(left.all(&action).is_empty(), "a double click withdraws once, and then it is done");
});
