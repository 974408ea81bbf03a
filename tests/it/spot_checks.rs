//! Double-random draws: repeated by an outsider from the record alone; who stays out of them.

use lis_tests::{TestLis, demonstrated};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::steps::{House, number};

/// `weighted-draw 1` as somebody writes it who has read its four rules and knows nothing of the program.
fn outsider(seed: &str, label: &str, list: &[(i64, u64)], count: usize) -> Vec<i64> {
    let mut left: Vec<(i64, u64)> = list.iter().copied().filter(|(_, weight)| *weight > 0).collect();
    left.sort_unstable();
    let mut block = 0_u64;
    let mut drawn = Vec::new();
    while drawn.len() < count && !left.is_empty() {
        let sum: u128 = left.iter().map(|(_, weight)| u128::from(*weight)).sum();
        let bytes =
            [b"weighted-draw 1\0", seed.as_bytes(), b"\0", label.as_bytes(), b"\0", &block.to_be_bytes()].concat();
        block += 1;
        let digest = Sha256::digest(bytes);
        let number = u128::from(u64::from_be_bytes(digest[..8].try_into().expect("eight bytes")));
        if number >= (1_u128 << 64) / sum * sum {
            continue;
        }
        let mut rest = number % sum;
        let place = left.iter().position(|(_, weight)| {
            let here = rest < u128::from(*weight);
            rest = rest.saturating_sub(u128::from(*weight));
            here
        });
        drawn.push(left.remove(place.expect("the remainder lies below the sum")).0);
    }
    drawn
}

/// What a record says of one of its lists: entries with weights, and who was picked.
fn lot(lot: &Value) -> (Vec<(i64, u64)>, Vec<i64>) {
    let list = lot["list"].as_array().expect("a list").iter();
    let entries = list.map(|entry| (entry[0].as_i64().expect("an id"), entry[3].as_u64().expect("a weight")));
    let picked = lot["picked"].as_array().expect("picks").iter().map(|one| number(one, "id"));
    (entries.collect(), picked.collect())
}

demonstrated!(anyone_repeats_a_draw_from_its_record, |lis: TestLis| {
    let house = House::of(&lis);
    let draw = house.get("officer", &format!("/api/v1/draws/{}", lis.demo()["draw"]));
    let record = &draw["record"];
    let seed = record["seed"].as_str().expect("a seed");
    for (label, count) in [("units", 4), ("samplers", 2)] {
        let found = record["lots"].as_array().expect("lists").iter().find(|lot| lot["label"] == label);
        let (entries, picked) = lot(found.expect("the list"));
        assert_eq!(outsider(seed, label, &entries, count), picked, "{label}");
    }
    house.by("tester1").get("/draws").expect(404);
    house.by("market").get(&format!("/api/v1/draws/{}", draw["id"])).expect(404);
});

demonstrated!(who_was_drawn_lately_or_knows_somebody_stays_out, |lis: TestLis| {
    let house = House::of(&lis);
    let draw = |changes: &Value| {
        let mut body = json!({"task": "抽查", "region_code": "1310", "units": "8", "seed": "0513"});
        let fields = body.as_object_mut().expect("an object");
        fields.extend(changes.as_object().expect("an object").clone());
        house.ask("officer", "/api/v1/draws", &body)
    };
    let first = house.get("officer", &format!("/api/v1/draws/{}", lis.demo()["draw"]));
    let (_, resting) = lot(&first["record"]["lots"][0]);
    // Twelve units, four of them drawn eleven days ago: a ninth is not there.
    assert_eq!(draw(&json!({"units": "9"})).expect(409).codes(), ["draw-too-few-units"]);
    let second = draw(&json!({})).expect(201).json();
    let drawn: Vec<i64> = second["units"].as_array().expect("units").iter().filter_map(Value::as_i64).collect();
    assert_eq!(drawn.len(), 8);
    assert!(drawn.iter().all(|unit| !resting.contains(unit)), "{drawn:?} {resting:?}");

    // Without a rest all twelve can be drawn, but whoever was at one of them on its last visit stays at home.
    let refused = draw(&json!({"units": "13", "cooldown_days": "0"})).expect(409);
    assert_eq!(refused.codes(), ["draw-too-few-units", "draw-too-few-samplers"], "both reasons at once");
    let free = draw(&json!({"units": "12", "cooldown_days": "0", "last_visits": "0"})).expect(201).json();
    let record = house.get("officer", &format!("/api/v1/draws/{}", free["id"]))["record"].clone();
    assert_eq!(record["excluded"], json!([]));
    let related = house.person("sampler2");
    let changes = json!({"units": "1", "cooldown_days": "0", "last_visits": "0", "declared": [related]});
    let declared = draw(&changes).expect(201).json();
    let record = house.get("officer", &format!("/api/v1/draws/{}", declared["id"]))["record"].clone();
    assert_eq!(record["excluded"][0]["reason"], "declared");
    assert!(!declared["samplers"].as_array().expect("samplers").contains(&json!(related)));
    // A weight of nothing keeps the three units of grade D out.
    let without = json!({"units": "10", "cooldown_days": "0", "last_visits": "0", "weight_d": "0"});
    assert_eq!(draw(&without).expect(409).codes(), ["draw-too-few-units"]);
});

demonstrated!(a_program_prints_the_record_of_a_draw_as_the_page_does, |lis: TestLis| {
    let house = House::of(&lis);
    let id = number(&house.items("officer", "/api/v1/draws")[0], "id");
    let paper = house.by("officer").get(&format!("/api/v1/draws/{id}/pdf")).expect(200);
    assert_eq!(paper.header("content-type"), Some("application/pdf"));
    assert!(paper.body.starts_with(b"%PDF"));
    assert_eq!(paper.body, house.by("officer").get(&format!("/draws/{id}/pdf")).expect(200).body, "byte for byte");
    house.by("officer").get("/api/v1/draws/999999/pdf").expect(404);
    house.by("custodian").get(&format!("/api/v1/draws/{id}/pdf")).expect(404);
});
