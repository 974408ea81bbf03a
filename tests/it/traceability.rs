//! From a result to the certificates of its instruments and reference materials, and from a lot to the results that rest on it.

use lis_tests::{TestLis, demonstrated};
use serde_json::{Value, json};

use crate::gates::{TODAY, calibrate, complete_sheet, instrument, submit};
use crate::steps::{House, Sample, Sheet, number, text};

/// Adds a lot; its id.
fn lot(house: &House<'_>, code: &str, kind: &str, certificate_no: &str, parents: &str) -> i64 {
    let body = json!({
        "code": code, "kind": kind, "name": "镉标准溶液", "supplier": "示例标准物质中心", "certificate_no": certificate_no,
        "purity": "99.99 %", "storage": "2~8 °C", "received_on": "2026-11-20", "expires_on": "2027-11-19",
        "prepared_by": "检验员乙", "parents": parents,
    });
    number(&house.done("tester2", "/api/v1/lots", &body), "id")
}

fn name_lots(house: &House<'_>, sheet: &Sheet, lots: &[&str]) {
    let version = number(&house.sheet(sheet), "version");
    let path = format!("/api/v1/worksheets/{}/lots", sheet.id);
    house.done_on("tester2", &path, version, &json!({"lots": lots, "used_on": TODAY}));
}

/// The item of a sample with one item, once it is calculated.
fn item_of(house: &House<'_>, sample: &Sample) -> i64 {
    let items = house.items("checker", "/api/v1/items?state=calculated&limit=500");
    let own = items.iter().find(|item| item["label_code"] == sample.label()).expect("a calculated item");
    number(own, "id")
}

fn traced(house: &House<'_>, username: &str, item: i64) -> Value {
    house.get(username, &format!("/api/v1/items/{item}/traceability"))
}

/// The links of a kind.
fn links<'v>(traced: &'v Value, kind: &str) -> Vec<&'v Value> {
    traced["links"].as_array().expect("links").iter().filter(|link| link["kind"] == kind).collect()
}

// Requirement: Q65-1, Q64-7
demonstrated!(a_result_leads_to_every_certificate_in_one_list, |lis: TestLis| {
    let house = House::of(&lis);
    let aas = instrument(&lis, "AAS-01");
    calibrate(&house, aas, "2026-06-01", "2027-05-31");
    lot(&house, "CRM-T1", "reference_material", "GBW 08612", "");
    lot(&house, "S-T1", "solution", "", "CRM-T1");
    let working = lot(&house, "W-T1", "solution", "", "S-T1");
    let (sample, sheet) = complete_sheet(&house, Some(aas));
    name_lots(&house, &sheet, &["W-T1"]);
    submit(&house, &sheet, "").expect(200);
    let item = item_of(&house, &sample);

    let whole = traced(&house, "reviewer", item);
    assert_eq!((&whole["unbroken"], &whole["gaps"]), (&json!(true), &json!([])), "{whole}");
    assert_eq!(whole["label_code"], sample.label());
    let lots: Vec<_> = links(&whole, "lot").iter().map(|link| (text(&link["code"]), number(link, "depth"))).collect();
    assert_eq!(lots, [("W-T1".to_owned(), 0), ("S-T1".to_owned(), 1), ("CRM-T1".to_owned(), 2)]);
    assert_eq!(links(&whole, "lot")[2]["certificate_no"], "GBW 08612");
    assert_eq!(links(&whole, "lot")[0]["page"], format!("/lots/{working}"));
    let certificate = links(&whole, "certificate")[0];
    let of = |name: &str| text(&certificate[name]);
    assert_eq!((of("code"), of("by"), of("certificate_no")), ("AAS-01".into(), "示例计量院".into(), "示例 1".into()));
    assert_eq!((of("from"), of("until")), ("2026-06-01".into(), "2027-05-31".into()));
    assert_eq!(links(&whole, "person")[0]["by"], "tester");
    assert!(text(&links(&whole, "method")[0]["name"]).starts_with("GB 5009.15-"), "{whole}");

    // The result, its report's reviewer and the sample's page lead there; the bench sees no firm.
    let address = format!("/check/{item}/traceability");
    for (username, path) in [("checker", format!("/check/{item}")), ("custodian", format!("/samples/{}", sample.id))] {
        assert!(house.by(username).get(&path).expect(200).text().contains(&address), "{path}");
    }
    let page = house.by("tester2").get(&address).expect(200).page().text();
    assert!(page.contains("GBW 08612") && page.contains("示例计量院"), "{page}");
    assert!(!page.contains(&sample.number) && !page.contains("霸州示例糕点厂"), "{page}");
    assert_eq!(house.by("bakery").get(&address).status, 404);
});

// Requirement: Q65-1
demonstrated!(a_broken_way_is_shown_where_it_ends, |lis: TestLis| {
    let house = House::of(&lis);
    lot(&house, "S-T2", "standard", "", "");
    let (sample, sheet) = complete_sheet(&house, None);
    name_lots(&house, &sheet, &["S-T2"]);
    submit(&house, &sheet, "").expect(200);
    let broken = traced(&house, "checker", item_of(&house, &sample));
    assert_eq!(broken["unbroken"], false);
    assert_eq!(broken["gaps"], json!(["trace-instrument-unnamed"]));
    assert_eq!(links(&broken, "lot")[0]["gaps"], json!(["lot-untraceable"]));

    // What an instrument sent leads to its bytes.
    let read = traced(&house, "checker", lis.numbers(SENT)[0]);
    let messages = links(&read, "message");
    assert!(!messages.is_empty(), "{read}");
    for message in messages {
        assert_eq!(text(&message["sha256"]).len(), 64);
        house.by("checker").get(message["page"].as_str().expect("its page")).expect(200);
    }
});

/// An item with a result that an instrument sent.
const SENT: &str = "SELECT min(test_item.id) AS value FROM test_item \
                    JOIN worksheet_position ON worksheet_position.item_id = test_item.id \
                    JOIN result_entry ON result_entry.position_id = worksheet_position.id \
                    WHERE result_entry.observation_id IS NOT NULL AND test_item.result_id IS NOT NULL";

// Requirement: Q64-8
demonstrated!(a_value_names_the_settings_and_the_profile_that_it_came_through, |lis: TestLis| {
    let house = House::of(&lis);
    let item = lis.numbers(SENT)[0];
    let own = traced(&house, "checker", item);
    let message = links(&own, "message")[0].clone();
    let (id, code) = (number(&message, "id"), text(&message["by"]));
    let agent = lis.texts(&format!("SELECT agent AS value FROM instrument_message WHERE id = {id}")).remove(0);
    assert!(text(&links(&own, "settings")[0]["by"]).starts_with(&agent), "it says so by itself: {own}");

    // As it was set up before the message came, and after it.
    for (baud, since) in [(2_400, "2026-11-01T00:00:00Z"), (9_600, "2026-12-01T00:00:00Z")] {
        let mut status = crate::agents::with_settings(baud, since);
        status["agent"] = json!(agent);
        status["ports"][0]["instrument"] = json!(code);
        house.program("manager").command("/api/v1/agent/messages", &json!({"status": status})).send().expect(200);
    }

    let found = traced(&house, "checker", item);
    let settings = links(&found, "settings")[0];
    assert!(text(&settings["name"]).starts_with("COM3 · 2400 7E2 · lines · generic_long_table"), "{settings}");
    assert_eq!((text(&settings["by"]), text(&settings["from"])), (format!("{agent} 0.1.0"), "2026-11-01".into()));
    let instrument = text(&links(&found, "instrument").iter().find(|link| link["code"] == code).expect("it")["page"]);
    assert_eq!(text(&settings["page"]), format!("{instrument}#link-{}", number(settings, "id")));
    let newest =
        format!("SELECT profile AS value FROM message_reading WHERE message_id = {id} ORDER BY reading_no DESC");
    assert_eq!(text(&links(&found, "profile")[0]["name"]), lis.texts(&newest)[0]);
    let page = house.by("checker").get(&format!("/check/{item}/traceability")).expect(200).page().text();
    assert!(page.contains("connection settings") && page.contains("2400 7E2"), "{page}");
});

// Requirement: Q64-7, Q710-1
demonstrated!(work_on_a_lot_lists_what_rests_on_anything_made_of_it, |lis: TestLis| {
    let house = House::of(&lis);
    let material = lot(&house, "CRM-T3", "reference_material", "GBW 08612", "");
    let other = lot(&house, "CRM-T4", "reference_material", "GBW 08613", "");
    lot(&house, "S-T3", "solution", "", "CRM-T3");
    lot(&house, "W-T3", "solution", "", "S-T3");
    let family = house.get("tester2", &format!("/api/v1/lots/{material}"));
    let made: Vec<String> =
        family["made_into"].as_array().expect("lots").iter().map(|one| text(&one["code"])).collect();
    assert_eq!(made, ["S-T3", "W-T3"]);
    assert_eq!((&family["lot"]["purity"], &family["lot"]["storage"]), (&json!("99.99 %"), &json!("2~8 °C")));
    let page = house.by("tester2").get(&format!("/lots/{material}")).expect(200).page().text();
    assert!(page.contains("W-T3") && page.contains("2~8 °C"), "{page}");

    let (sample, sheet) = complete_sheet(&house, None);
    name_lots(&house, &sheet, &["W-T3"]);
    submit(&house, &sheet, "").expect(200);
    let work = |id: i64| json!({"subject": "lot", "lot_id": id.to_string(), "risk": "high", "description": "证书撤回"});
    assert_eq!(house.done("tester2", "/api/v1/nonconforming-work", &work(other))["items"], 0);
    let opened = house.done("tester2", "/api/v1/nonconforming-work", &work(material));
    assert_eq!(opened["items"], 1);
    let view = house.get("quality", &format!("/api/v1/nonconforming-work/{}", opened["id"]));
    assert_eq!((&view["subject_name"], number(&view, "lot_id")), (&json!("CRM-T3"), material));
    assert_eq!(view["affected"][0]["sample_no"], sample.number.as_str());
    assert_eq!(house.ask("tester2", "/api/v1/nonconforming-work", &work(999_999)).expect(404).codes(), ["not-found"]);
});
