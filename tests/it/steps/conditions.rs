//! What the laboratory works under: its scope, its rooms, its suppliers and the other laboratories.

use lis_tests::TestLis;
use serde_json::{Value, json};

use super::House;

/// A room with limits that no method demands, added if there is none.
pub fn a_room(lis: &TestLis) -> i64 {
    let newest = || lis.numbers("SELECT id AS value FROM room ORDER BY id DESC");
    if newest().is_empty() {
        House::of(lis).done("manager", "/api/v1/rooms", &room("A-100", ""));
    }
    newest()[0]
}

/// A room from 15 to 25 degrees and at most 65 per cent, as some methods demand.
pub fn room(code: &str, methods: &str) -> Value {
    json!({
        "code": code, "name": "天平室", "temperature_least": "15", "temperature_most": "25", "humidity_least": "",
        "humidity_most": "65", "methods": methods, "instruments": "",
    })
}

/// A time in which a room lay outside its limits, over and not handled, made if there is none.
pub fn an_excursion(lis: &TestLis) -> i64 {
    let newest = || lis.numbers("SELECT id AS value FROM room_excursion ORDER BY id DESC");
    if newest().is_empty() {
        let (house, path) = (House::of(lis), format!("/api/v1/rooms/{}/readings", a_room(lis)));
        for (at, temperature) in [("2026-11-25 08:00", "30.0"), ("2026-11-25 09:00", "20.0")] {
            let body = json!({"read_at": at, "temperature": temperature, "humidity": "45"});
            house.done("tester2", &path, &body);
        }
    }
    newest()[0]
}

/// A line of the accredited scope, added if there is none.
pub fn a_scope_line(lis: &TestLis) -> i64 {
    let newest = || lis.numbers("SELECT id AS value FROM accredited_scope ORDER BY id DESC");
    if newest().is_empty() {
        House::of(lis).done("manager", "/api/v1/accredited-scope", &scope_line("铅", "GB 5009.12"));
    }
    newest()[0]
}

/// A line of the certificate of CMA.
pub fn scope_line(analytes: &str, method: &str) -> Value {
    json!({
        "scheme": "CMA", "certificate_no": "230000000001", "analytes": analytes, "method_standard": method,
        "procedure": "", "food_categories": "milled-rice", "restrictions": "", "valid_from": "2026-01-01",
        "valid_until": "2031-12-31",
    })
}

/// A supplier of the register, added if there is none.
pub fn a_supplier(lis: &TestLis) -> i64 {
    let newest = || lis.numbers("SELECT id AS value FROM supplier ORDER BY id DESC");
    if newest().is_empty() {
        House::of(lis).done("quality", "/api/v1/suppliers", &supplier("示例试剂公司"));
    }
    newest()[0]
}

/// A supplier of materials who is approved this year.
pub fn supplier(name: &str) -> Value {
    json!({
        "name": name, "provides": "materials", "approved_from": "2026-01-01", "approved_until": "2026-12-31",
        "evaluated_on": "2026-01-05", "evaluation": "资质齐全，三批次验收合格",
    })
}

/// Another laboratory of the register, added if there is none.
pub fn a_subcontractor(lis: &TestLis) -> i64 {
    let newest = || lis.numbers("SELECT id AS value FROM subcontractor ORDER BY id DESC");
    if newest().is_empty() {
        House::of(lis).done("quality", "/api/v1/subcontractors", &subcontractor());
    }
    newest()[0]
}

/// A laboratory that may test by every method.
pub fn subcontractor() -> Value {
    json!({
        "name": "邻市检验中心", "accreditation_no": "170000000000", "methods": "*", "valid_until": "2027-12-31",
        "evaluated_on": "2026-11-20",
    })
}
