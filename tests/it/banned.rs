//! Findings of what must not be there, through the whole laboratory (`judgement.md` 6): what must not be detected fails once it
//! is confirmed, what must not be used waits until carry-over is shown or excluded, and a concentrated product is judged by
//! the limit times its factor. What a person established is part of the result, which replays byte for byte.

use lis_tests::{TestLis, demonstrated};
use serde_json::{Value, json};

use crate::steps::{House, Sample, market_rice, number, receipt, rice_order, text, uuid, with};

/// The item of a container.
fn item(house: &House<'_>, label: &str) -> Value {
    let items = house.items("checker", "/api/v1/items?state=calculated&limit=500");
    let is_own = |item: &Value| item["label_code"] == label && item["analyte"] != "leucomalachite-green";
    items.into_iter().find(is_own).unwrap_or_else(|| panic!("no item of {label}"))
}

fn evidence(house: &House<'_>, id: i64) -> Value {
    let found = house.get("checker", &format!("/api/v1/items/{id}/evidence"));
    assert_eq!(found["reproduces"], true, "{found}");
    found
}

/// Fish that was tested for malachite green and its leuco form by a laboratory method: LOD 0.5 µg/kg, and nothing is to be detected.
fn fish(house: &House<'_>, reading: &str) -> Sample {
    let order = json!({
        "sample_name": "鲤鱼（活体）", "food_category": "aquatic-freshwater-fish", "brand": "/", "spec": "散装",
        "production_date": "2026-11-26", "expiry_date": "", "producer_name": "示例养殖场", "packing": "loose",
        "items": ["malachite-green|GB/T 19857", "leucomalachite-green|GB/T 19857"],
    });
    let sample = house.receive(house.order(&with(rice_order(), &order)));
    house.assign(sample.label(), "tester2");
    // The leuco form is judged with malachite green alone.
    for (analyte, value) in [("leucomalachite-green", "ND"), ("malachite-green", reading)] {
        let sheet = house.open("tester2", sample.label(), analyte);
        house.type_in(&sheet, &[(sample.label(), analyte, "reading", value)]);
        assert_eq!(house.submit(&sheet), "submitted");
    }
    sample
}

/// A pastry with benzoic acid, which must not be used in it: reading x 50 / 2000 g/kg.
fn pastry(house: &House<'_>, reading: &str) -> Sample {
    let order = json!({
        "sample_name": "蛋糕", "food_category": "pastry", "batch_no": "20261112", "items": ["benzoic-acid|GB 5009.28"],
    });
    let sample = house.receive(house.order(&with(rice_order(), &order)));
    house.assign(sample.label(), "tester2");
    let sheet = house.open("tester2", sample.label(), "benzoic-acid");
    let (blank, duplicate) = (format!("{}-B1", sheet.number), format!("{}-D1", sheet.number));
    let mut cells = vec![(blank.as_str(), "benzoic-acid", "reading", "0")];
    for place in [sample.label(), &duplicate] {
        cells.extend([(place, "benzoic-acid", "reading", reading), (place, "benzoic-acid", "volume", "50")]);
        cells.push((place, "benzoic-acid", "mass", "2"));
    }
    house.type_in(&sheet, &cells);
    assert_eq!(house.submit(&sheet), "submitted");
    sample
}

demonstrated!(a_banned_substance_fails_once_somebody_has_confirmed_it, |lis: TestLis| {
    let house = House::of(&lis);
    let sample = fish(&house, "1.2");
    let found = item(&house, sample.label());
    assert_eq!((&found["verdict"], &found["notes"]), (&json!("REVIEW"), &json!(["finding-unconfirmed"])));
    let (id, seen) = (number(&found, "id"), number(&found, "version"));
    let listed = house.by("manager").get("/doubts").expect(200).page().text();
    assert!(listed.contains(sample.label()) && listed.contains("a confirmatory method is needed"), "{listed}");

    let path = format!("/api/v1/items/{id}/decision");
    let decision = |verdict: &str, finding: &str| {
        json!({
            "verdict": verdict, "finding": finding, "basis": "GB/T 19857-2005 第二份试样",
            "reason": "保留时间与离子比相符",
        })
    };
    let refused = |verdict: &str, finding: &str| {
        house.ask_on("manager", &path, seen, &decision(verdict, finding)).expect(409).codes()
    };
    assert_eq!(refused("fail", ""), ["finding-not-confirmed"]);
    assert_eq!(refused("fail", "carry_over_excluded"), ["finding-not-asked", "finding-not-confirmed"]);
    assert_eq!(refused("pass", "confirmed"), ["verdict-contradicts"]);
    let four = json!({"times": "4", "basis": "GB 2762-2025 3.5", "reason": "鲜品 4 kg 制成 1 kg"});
    let scaled = house.ask_on("manager", &format!("/api/v1/items/{id}/limit-factor"), seen, &four);
    assert_eq!(scaled.expect(409).codes(), ["limit-factor-not-asked"], "there is no number to multiply");

    // By the form, as the technical manager does it.
    let manager = house.by("manager");
    let page = format!("/check/{id}");
    let form = manager.form(&page, &format!("{page}/decision")).set("verdict", "fail").set("finding", "confirmed");
    manager.send(&form.set("basis", "GB/T 19857-2005 第二份试样").set("reason", "离子比相符")).expect(303);
    let late = house.ask_on("manager", &format!("/api/v1/items/{id}/limit-factor"), seen + 1, &four);
    assert_eq!(late.expect(409).codes(), ["limit-factor-too-late"], "a person has decided it");

    let evidence = evidence(&house, id);
    let results = evidence["results"].as_array().expect("results");
    let shown: Vec<String> = results.iter().map(|row| text(&row["verdict"])).collect();
    assert_eq!(shown, ["FAIL", "REVIEW"]);
    let record = &evidence["record"];
    assert_eq!(record["asked"]["established"], json!({"confirmed": true, "carry_over": "unknown"}));
    assert_eq!(record["answered"]["judgement"]["answer"]["verdict"], "FAIL", "the rules say so themselves");
    let source = text(&record["answered"]["judgement"]["sources"]["limit_row"]);
    assert!(source.ends_with("/mara-notice-250/malachite-green/all-food-animals"), "{source}");

    assert_eq!(house.check(sample.label()), 2);
    assert_eq!(house.issue(sample.id)["conclusion"], "fail");
});

demonstrated!(an_additive_that_must_not_be_used_fails_when_carry_over_is_excluded, |lis: TestLis| {
    let house = House::of(&lis);
    // 0.8 x 50 / 2000 = 0.02 g/kg, above the LOQ of 0.01.
    for (finding, verdict) in [("carry_over_excluded", "fail"), ("carry_over_shown", "pass")] {
        let sample = pastry(&house, "0.8");
        let found = item(&house, sample.label());
        assert_eq!(found["verdict"], "REVIEW");
        assert!(found["notes"].as_array().expect("notes").contains(&json!("carry-over-open")), "{found}");
        let (id, seen) = (number(&found, "id"), number(&found, "version"));
        let path = format!("/api/v1/items/{id}/decision");
        let decision = |finding: &str| {
            json!({
                "verdict": verdict, "finding": finding, "basis": "GB 2760-2024 3.4", "reason": "已核查配料与投料记录",
            })
        };
        let silent = house.ask_on("manager", &path, seen, &decision("")).expect(409).codes();
        assert_eq!(silent, ["carry-over-undecided"], "a reason in words alone decides nothing");
        house.done_on("manager", &path, seen, &decision(finding));
        let evidence = evidence(&house, id);
        assert_eq!(evidence["results"][0]["verdict"], verdict.to_uppercase());
        let answer = &evidence["record"]["answered"]["judgement"]["answer"]["verdict"];
        assert_eq!(answer, &verdict.to_uppercase());
    }
});

demonstrated!(a_concentrated_product_is_judged_by_the_limit_times_its_factor, |lis: TestLis| {
    let house = House::of(&lis);
    let sample = house.receive(house.order(&rice_order()));
    house.assign(sample.label(), "tester2");
    // (25 - 0.01) x 10 / 500 = 0.4998 mg/kg; the limit is 0.2, and four times it 0.8.
    house.measure_cadmium(sample.label(), "tester2", "25.00");
    let found = item(&house, sample.label());
    assert_eq!(found["verdict"], "FAIL");
    let (id, seen) = (number(&found, "id"), number(&found, "version"));
    // The verdict stands: nothing is left to be decided, and one way leads to the factor.
    let decision = json!({"verdict": "pass", "basis": "GB 2762-2025 3.5", "reason": "鲜品 4 kg 制成 1 kg"});
    let decide = house.ask_on("manager", &format!("/api/v1/items/{id}/decision"), seen, &decision);
    assert_eq!(decide.expect(409).codes(), ["verdict-decided"]);
    let page = house.by("manager").get(&format!("/check/{id}")).expect(200).page().text();
    assert_eq!(page.matches("Concentration factor or dilution").count(), 1, "{page}");
    let path = format!("/api/v1/items/{id}/limit-factor");
    let stated = |times: &str| json!({"times": times, "basis": "GB 2762-2025 3.5", "reason": "鲜品 4 kg 制成 1 kg"});
    let wrong = house.ask_on("manager", &path, seen, &stated("0"));
    assert_eq!(wrong.expect(422).codes(), ["field-invalid"]);
    house.done_on("manager", &path, seen, &stated("4"));

    let evidence = evidence(&house, id);
    assert_eq!(evidence["results"][0]["verdict"], "PASS");
    assert_eq!(evidence["record"]["answered"]["judgement"]["question"]["limit"]["times"], "4");
    let page = house.by("manager").get(&format!("/check/{id}")).expect(200).page().text();
    assert!(page.contains("≤ 0.2 mg/kg × 4") && page.contains("Limit scaled: 0.2 × 4 = 0.8"), "{page}");

    // What is printed is the limit that was compared with.
    assert_eq!(house.check(sample.label()), 1);
    let issued = house.issue(sample.id);
    assert_eq!(issued["conclusion"], "pass");
    let document = lis.texts(&format!("SELECT document AS value FROM report WHERE id = {}", issued["id"])).remove(0);
    assert!(document.contains("≤0.8"), "{document}");
});

demonstrated!(a_factor_that_was_stated_is_judged_by_and_changed_with_a_reason, |lis: TestLis| {
    let house = House::of(&lis);
    for wrong in ["cd|4", "cd|0|maker", "pb|4|maker"] {
        let refused = house.ask("bakery", "/api/v1/orders", &with(rice_order(), &json!({"limit_factors": wrong})));
        assert_eq!(refused.expect(422).codes().len(), 1, "{wrong}");
    }
    let order = house.order(&with(rice_order(), &json!({"limit_factors": "cd|2|生产者声明"})));
    let unknown = with(receipt(), &json!({"limit_factors": "pb|3|包装标示"}));
    let refused = house.ask_on("custodian", &format!("/api/v1/samples/{order}/receipts"), 1, &unknown);
    assert_eq!(refused.expect(422).codes(), ["item-unknown"], "lead is not tested");
    let sample = house.receive_with(order, &json!({"limit_factors": "镉|3|包装标示"}));
    house.assign(sample.label(), "tester2");
    let assigned = house.items("tester2", "/api/v1/items?state=assigned&limit=500");
    let own = assigned.iter().find(|item| item["label_code"] == sample.label()).expect("the item");
    let (id, seen) = (number(own, "id"), number(own, "version"));
    let path = format!("/api/v1/items/{id}/limit-factor");
    let four = json!({"times": "4", "basis": "GB 2762-2025 3.5", "reason": "复核投料记录"});
    let silent = house.ask_on("manager", &path, seen, &with(four.clone(), &json!({"reason": ""})));
    assert_eq!(silent.expect(422).codes(), ["field-missing"]);
    house.done_on("manager", &path, seen, &four);
    assert_eq!(house.ask_on("manager", &path, seen, &four).status, 412);

    // 0.4998 mg/kg as above, at once against four times 0.2.
    house.measure_cadmium(sample.label(), "tester2", "25.00");
    let found = item(&house, sample.label());
    assert_eq!((&found["verdict"], &found["notes"]), (&json!("PASS"), &json!([])));
    let first = evidence(&house, id);
    let known = json!({"confirmed": false, "carry_over": "unknown", "times": "4", "basis": "GB 2762-2025 3.5"});
    assert_eq!(first["record"]["asked"]["established"], known);
    let page = house.by("manager").get(&format!("/check/{id}")).expect(200).page().text();
    for said in ["× 2 (生产者声明)", "× 3 (包装标示)", "复核投料记录", "Concentration factor 4, by GB 2762-2025 3.5"]
    {
        assert!(page.contains(said), "{said}: {page}");
    }

    // Twice 0.2 is below it: what stands is judged again, to be checked, and keeps its value.
    let two = json!({"times": "2", "basis": "干燥记录 D-7", "reason": "倍数抄录有误"});
    let seen = number(&found, "version");
    assert_eq!(house.ask_on("manager", &path, seen - 1, &two).status, 412);
    assert_eq!(number(&house.done_on("manager", &path, seen, &two), "version"), seen + 2);
    let second = evidence(&house, id);
    let newest = &second["results"][0];
    assert_eq!((&newest["verdict"], &newest["cause"]), (&json!("FAIL"), &json!("recomputed")));
    assert_eq!((&newest["value"], &second["reproduces"]), (&first["results"][0]["value"], &json!(true)));
    assert_eq!(second["record"]["asked"]["established"]["basis"], "干燥记录 D-7");
    // And back again, as often as something else turns out.
    assert_eq!(number(&house.done_on("manager", &path, seen + 2, &four), "version"), seen + 4);
    assert_eq!(evidence(&house, id)["results"][0]["verdict"], "PASS");
});

demonstrated!(a_factor_on_a_sampling_form_is_judged_by, |lis: TestLis| {
    let house = House::of(&lis);
    let form = |factors: &str| with(market_rice(), &json!({"limit_factors": factors}));
    let wrong = json!({"client_uuid": uuid(), "form": form("cd|4")});
    assert_eq!(house.ask("sampler1", "/api/v1/sampling-forms", &wrong).expect(422).codes(), ["field-invalid"]);
    // Benzoic acid is not tested: what the form says of it stands in nobody's way.
    let sample = house.receive(house.write_form(&form("镉|4|标签：鲜品 4 kg 制成 1 kg\n苯甲酸|4|标签")));
    let page = house.by("custodian").get(&format!("/samples/{}", sample.id)).expect(200).page().text();
    assert!(page.contains("cd × 4 (标签：鲜品 4 kg 制成 1 kg)"), "{page}");
    house.assign(sample.label(), "tester2");
    // 0.4998 mg/kg as above, against four times 0.2.
    house.measure_cadmium(sample.label(), "tester2", "25.00");
    let found = item(&house, sample.label());
    assert_eq!((&found["verdict"], &found["notes"]), (&json!("PASS"), &json!([])));
    let page = house.by("manager").get(&format!("/check/{}", found["id"])).expect(200).page().text();
    assert!(page.contains("on the sampling form") && page.contains("Concentration factor 4"), "{page}");
});
