//! What the label claims (明示值): ordered with an item or written on the sampling form, judged beside the standard, printed.

use lis_tests::{TestLis, demonstrated};
use serde_json::json;

use crate::steps::{House, market_rice, number, rice_order, text, uuid, with};

demonstrated!(a_claim_that_is_not_kept_fails_the_item_that_the_standard_passes, |lis: TestLis| {
    let house = House::of(&lis);
    for wrong in ["cd|little", "cd", "pb|<=0.03 mg/kg"] {
        let refused = house.ask("bakery", "/api/v1/orders", &with(rice_order(), &json!({"label_claims": wrong})));
        assert_eq!(refused.expect(422).codes().len(), 1, "{wrong}");
    }
    let order = with(rice_order(), &json!({"label_claims": "cd|<=0.03 mg/kg"}));
    let sample = house.receive(house.order(&order));
    let portal = house.by("bakery").get(&format!("/portal/orders/{}", sample.id)).expect(200).page().text();
    assert!(portal.contains("≤0.03 mg/kg"), "{portal}");
    house.assign(sample.label(), "tester2");
    // (2.05 - 0.01) x 10 / 500 = 0.0408 mg/kg: below the 0.2 of the standard, above what the label says.
    house.measure_cadmium(sample.label(), "tester2", "2.05");
    let items = house.items("checker", "/api/v1/items?state=calculated&limit=500");
    let item = items.iter().find(|item| item["label_code"] == sample.label()).expect("the item");
    assert_eq!(text(&item["verdict"]), "FAIL");
    let found = house.get("checker", &format!("/api/v1/items/{}/evidence", number(item, "id")));
    assert_eq!(found["record"]["asked"]["claim"], "≤0.03 mg/kg");
    assert_eq!(found["record"]["answered"]["judgement"]["answer"]["verdict"], "PASS");
    assert_eq!(found["record"]["answered"]["claim"]["answer"]["verdict"], "FAIL");
    assert_eq!(found["reproduces"], true);
    let page = house.by("checker").get(&format!("/check/{}", item["id"])).expect(200).page().text();
    assert!(page.contains("≤0.03 mg/kg"), "{page}");
});

demonstrated!(a_claim_on_a_sampling_form_is_judged_as_one_of_an_order, |lis: TestLis| {
    let house = House::of(&lis);
    let form = |claims: &str| with(market_rice(), &json!({"label_claims": claims}));
    let wrong = json!({"client_uuid": uuid(), "form": form("cd|little")});
    assert_eq!(house.ask("sampler1", "/api/v1/sampling-forms", &wrong).expect(422).codes(), ["field-invalid"]);
    let sample = house.receive(house.write_form(&form("镉|<=0.03 mg/kg")));
    let page = house.by("custodian").get(&format!("/samples/{}", sample.id)).expect(200).page().text();
    assert!(page.contains("cd ≤0.03 mg/kg"), "{page}");
    house.assign(sample.label(), "tester2");
    // 0.0408 mg/kg, as above.
    house.measure_cadmium(sample.label(), "tester2", "2.05");
    let items = house.items("checker", "/api/v1/items?state=calculated&limit=500");
    let item = items.iter().find(|item| item["label_code"] == sample.label()).expect("the item");
    assert_eq!(text(&item["verdict"]), "FAIL");
    let found = house.get("checker", &format!("/api/v1/items/{}/evidence", number(item, "id")));
    assert_eq!(found["record"]["asked"]["claim"], "≤0.03 mg/kg");
    assert_eq!(found["record"]["answered"]["judgement"]["answer"]["verdict"], "PASS", "by the standard alone");
});
