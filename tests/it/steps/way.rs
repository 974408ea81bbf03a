//! The way of a sample: taken or ordered, received, assigned, measured, checked, reported.

use serde_json::{Value, json};

use super::{House, market_rice, number, receipt, rice_order, text, uuid, with};

/// A received sample.
#[derive(Clone, Debug)]
pub struct Sample {
    pub id: i64,
    pub number: String,
    /// Codes of its containers; the first is what chemistry tests.
    pub labels: Vec<String>,
}

impl Sample {
    pub fn label(&self) -> &str {
        &self.labels[0]
    }
}

/// An open worksheet.
#[derive(Clone, Debug)]
pub struct Sheet {
    pub id: i64,
    pub number: String,
    pub tester: String,
}

impl House<'_> {
    /// A form written on the spot; the sample's id.
    pub fn write_form(&self, form: &Value) -> i64 {
        let body = json!({"client_uuid": uuid(), "form": form});
        number(&self.done("sampler1", "/api/v1/sampling-forms", &body), "sample_id")
    }

    /// The bakery orders; the sample's id.
    pub fn order(&self, order: &Value) -> i64 {
        number(&self.done("bakery", "/api/v1/orders", order), "sample_id")
    }

    pub fn receive(&self, id: i64) -> Sample {
        self.receive_with(id, &json!({}))
    }

    /// The same with some fields of the receipt changed.
    pub fn receive_with(&self, id: i64, changes: &Value) -> Sample {
        let body = with(receipt(), changes);
        let received = self.done_on("custodian", &format!("/api/v1/samples/{id}/receipts"), 1, &body);
        let labels = received["label_codes"].as_array().expect("labels").iter().map(text).collect();
        Sample { id, number: text(&received["sample_no"]), labels }
    }

    /// Gives every waiting item of a container to a tester; how many there were.
    pub fn assign(&self, label: &str, tester: &str) -> usize {
        let waiting = self.items("manager", "/api/v1/assignments?limit=500");
        let tester = self.person(tester);
        let chosen: Vec<Value> = waiting
            .iter()
            .filter(|item| item["label_code"] == label)
            .map(|item| json!({"item": item["id"], "version": item["version"], "tester": tester}))
            .collect();
        self.done("manager", "/api/v1/assignments", &json!({"assignments": chosen}));
        chosen.len()
    }

    /// A worksheet for one analyte of a container.
    pub fn open(&self, tester: &str, label: &str, analyte: &str) -> Sheet {
        let items = self.items(tester, "/api/v1/items?state=assigned&limit=500");
        let wanted = |item: &&Value| item["label_code"] == label && item["analyte"] == analyte;
        let ids: Vec<i64> = items.iter().filter(wanted).map(|item| number(item, "id")).collect();
        let opened = self.done(tester, "/api/v1/worksheets", &json!({"items": ids}));
        Sheet { id: number(&opened, "id"), number: text(&opened["worksheet_no"]), tester: tester.to_owned() }
    }

    pub fn sheet(&self, sheet: &Sheet) -> Value {
        self.get(&sheet.tester, &format!("/api/v1/worksheets/{}", sheet.id))
    }

    /// The bodies of typed values: container, analyte, input, value.
    pub fn entries(&self, sheet: &Sheet, cells: &[(&str, &str, &str, &str)]) -> Value {
        let view = self.sheet(sheet);
        let positions = view["positions"].as_array().expect("positions");
        let entry = |(label, analyte, field, value): &(&str, &str, &str, &str)| {
            let place = positions.iter().find(|one| one["label_code"] == *label && one["analyte"] == *analyte);
            let place = place.unwrap_or_else(|| panic!("{} has no place for {label} {analyte}", sheet.number));
            json!({
                "position": place["id"], "field": field, "replicate": 1, "value": value, "seen": 0,
                "reason": "仪器停机，读数手工录入", "uuid": uuid(),
            })
        };
        json!({"entries": cells.iter().map(entry).collect::<Vec<_>>()})
    }

    pub fn type_in(&self, sheet: &Sheet, cells: &[(&str, &str, &str, &str)]) {
        let body = self.entries(sheet, cells);
        self.done(&sheet.tester, &format!("/api/v1/worksheets/{}/entries", sheet.id), &body);
    }

    /// Calculates and judges; the state of the sheet afterwards.
    pub fn submit(&self, sheet: &Sheet) -> String {
        let version = number(&self.sheet(sheet), "version");
        let path = format!("/api/v1/worksheets/{}/submission", sheet.id);
        text(&self.done_on(&sheet.tester, &path, version, &json!({}))["state"])
    }

    /// The checker signs what is calculated of a container; how many items that were.
    pub fn check(&self, label: &str) -> usize {
        self.sign("checker", "checked");
        let items = self.items("checker", "/api/v1/items?state=calculated&limit=500");
        let seen: Vec<Value> = items
            .iter()
            .filter(|item| item["label_code"] == label)
            .map(|item| json!({"id": item["id"], "version": item["version"]}))
            .collect();
        self.done("checker", "/api/v1/checks", &json!({"items": seen}));
        seen.len()
    }

    /// The newest report of a sample.
    pub fn report(&self, sample: i64) -> Value {
        let reports = self.items("reviewer", "/api/v1/reports");
        let own = reports.into_iter().filter(|report| report["sample_id"] == sample);
        own.max_by_key(|report| number(report, "id")).unwrap_or_else(|| panic!("sample {sample} has no report"))
    }

    /// Review, authorization, and the file that a background thread makes; the issued report.
    pub fn issue(&self, sample: i64) -> Value {
        for (username, meaning, step) in [("reviewer", "reviewed", "review"), ("signatory", "authorized", "authorize")]
        {
            self.sign(username, meaning);
            let report = self.report(sample);
            let path = format!("/api/v1/reports/{}/{step}", report["id"]);
            self.done_on(username, &path, number(&report, "version"), &json!({}));
        }
        self.lis.work();
        let report = self.report(sample);
        assert_eq!(report["state"], "issued", "{report}");
        report
    }

    /// Cadmium of rice on a sheet of its own: (reading - 0.01) x 10 / 500 mg/kg; the limit is 0.2.
    pub fn measure_cadmium(&self, label: &str, tester: &str, reading: &str) -> Sheet {
        let sheet = self.open(tester, label, "cd");
        let (blank, duplicate) = (format!("{}-B1", sheet.number), format!("{}-D1", sheet.number));
        let mut cells = vec![(blank.as_str(), "cd", "reading", "0.01")];
        for place in [label, &duplicate] {
            cells.extend([(place, "cd", "reading", reading), (place, "cd", "volume", "10")]);
            cells.push((place, "cd", "mass", "0.5000"));
        }
        self.type_in(&sheet, &cells);
        assert_eq!(self.submit(&sheet), "submitted");
        sheet
    }

    /// A report on entrusted rice for the bakery, issued.
    pub fn entrusted_report(&self, reading: &str) -> (Sample, Value) {
        let sample = self.receive(self.order(&rice_order()));
        self.assign(sample.label(), "tester2");
        self.measure_cadmium(sample.label(), "tester2", reading);
        self.check(sample.label());
        let report = self.issue(sample.id);
        (sample, report)
    }

    /// Rice of the supermarket in Wen'an, made in Dachang, ordered by Bazhou: cadmium 0.4998 mg/kg fails.
    pub fn failing_case(&self) -> (Sample, Value) {
        let (sample, report) = self.market_report("25.00");
        assert_eq!(report["conclusion"], "fail");
        (sample, report)
    }

    /// The report on that rice by what the spectrometer reads of its cadmium, issued.
    pub fn market_report(&self, reading: &str) -> (Sample, Value) {
        self.report_on(&market_rice(), reading)
    }

    /// The same for a form that says otherwise who ordered it.
    pub fn report_on(&self, form: &Value, reading: &str) -> (Sample, Value) {
        let sample = self.receive(self.write_form(form));
        self.assign(sample.label(), "tester2");
        self.measure_cadmium(sample.label(), "tester2", reading);
        let toxin = self.open("tester2", sample.label(), "aflatoxin-b1");
        let (blank, duplicate) = (format!("{}-B1", toxin.number), format!("{}-D1", toxin.number));
        let mut cells = vec![(blank.as_str(), "aflatoxin-b1", "reading", "0.00")];
        for place in [sample.label(), &duplicate] {
            cells.push((place, "aflatoxin-b1", "reading", "1.13"));
            cells.extend([(place, "aflatoxin-b1", "volume", "4"), (place, "aflatoxin-b1", "mass", "5.00")]);
        }
        self.type_in(&toxin, &cells);
        assert_eq!(self.submit(&toxin), "submitted");
        assert_eq!(self.check(sample.label()), 2);
        let report = self.issue(sample.id);
        (sample, report)
    }
}
