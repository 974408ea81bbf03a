//! Profiles and calibrations.

use lis_tests::{Client, Person, TestLis};
use serde_json::{Value, json};

use super::{House, number};

impl House<'_> {
    /// Somebody's program that may make profiles.
    pub fn profile_maker(&self, username: &str) -> Client {
        let (id, username) = (self.person(username), username.to_owned());
        let person = Person { id, username, roles: Vec::new() };
        // A token waits for the database, which no thread that drives a browser may.
        let lis = self.lis;
        let make = || lis.token(&person, &["repair_readings"]);
        let token = std::thread::scope(|scope| scope.spawn(make).join()).expect("a token");
        lis.api(&token)
    }

    /// A profile made from an export by pointing at the column of samples; what saving answered.
    pub fn profile(&self, name: &str, file_name: &str, file: &[u8], sample_column: usize) -> Value {
        self.profile_with(name, (file_name, file), sample_column, &[])
    }

    /// The same with keys of the profile set by hand.
    pub fn profile_with(
        &self,
        name: &str,
        (file_name, file): (&str, &[u8]),
        sample_column: usize,
        keys: &[(&str, &str)],
    ) -> Value {
        let api = self.profile_maker("tester2");
        let proposal = api.upload("/api/v1/profiles/proposals", file_name, file).send().expect(200).json();
        let point = json!({"sheet": 0, "row": 0, "column": sample_column, "means": "sample"});
        let body = json!({
            "example": proposal["example"], "file_name": file_name, "toml": proposal["toml"], "point": point,
        });
        let mut corrected = api.command("/api/v1/profiles/preview", &body).send().expect(200).json();
        if !keys.is_empty() {
            let set: Vec<Value> = keys.iter().map(|(key, value)| json!({"key": key, "value": value})).collect();
            let body = json!({
                "example": proposal["example"], "file_name": file_name, "toml": corrected["toml"], "set": set,
            });
            corrected = api.command("/api/v1/profiles/preview", &body).send().expect(200).json();
        }
        let body = json!({
            "name": name, "title": "火焰光度计", "toml": corrected["toml"], "example": proposal["example"],
            "file_name": file_name, "based_on": "",
        });
        api.command("/api/v1/profiles", &body).send().expect(201).json()
    }
}

/// A version of a profile, made if there is none: the demonstration leaves none.
pub fn a_profile(lis: &TestLis) -> i64 {
    let newest = || lis.numbers("SELECT id AS value FROM instrument_profile ORDER BY id DESC");
    if newest().is_empty() {
        let file = "Bottle,Label,Analyte,Result,Unit\n1,F1,Pb,0.10,mg/kg\n2,F2,Pb,0.20,mg/kg\n";
        House::of(lis).profile("flame_meter", "run-1.csv", file.as_bytes(), 1);
    }
    newest()[0]
}

/// A calibration and its instrument, written down if there is none.
pub fn a_calibration(lis: &TestLis) -> (i64, i64) {
    let newest = || lis.numbers("SELECT id AS value FROM calibration ORDER BY id DESC");
    if newest().is_empty() {
        let house = House::of(lis);
        let id = lis.numbers("SELECT max(id) AS value FROM instrument")[0];
        let version = number(&house.get("manager", &format!("/api/v1/instruments/{id}/history")), "version");
        let body = json!({
            "kind": "calibration", "certificate_no": "示例 0", "performed_by": "示例计量院", "performed_on": "2026-11-02",
            "next_due": "2027-11-01", "result": "qualified",
        });
        house.done_on("manager", &format!("/api/v1/instruments/{id}/calibrations"), version, &body);
    }
    let record = newest()[0];
    let of = format!("SELECT instrument_id AS value FROM calibration WHERE id = {record}");
    (lis.numbers(&of)[0], record)
}
