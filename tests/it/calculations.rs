//! Calculations on a worksheet: calibration curves.

use std::process::Command;

use lis_tests::{TestLis, demonstrated};
use serde_json::{Value, json};

use crate::steps::{House, Sample, Sheet, number, rice_order, text};

/// The laboratory's own rules of calculation: the shipped ones with a column more, and one row in place of another.
fn load_formulas(lis: &TestLis, columns: &str, replaced: &str, row: &str) {
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/../lis-server/assets/reference/formulas.csv");
    let shipped = std::fs::read_to_string(shipped).expect("the shipped rules");
    let added = ",".repeat(columns.matches(',').count());
    let lines = shipped.lines().enumerate().map(|(place, line)| match place {
        0 => format!("{line}{columns}\n"),
        _ if line.starts_with(replaced) => format!("{row}\n"),
        _ => format!("{line}{added}\n"),
    });
    let folder = tempfile::tempdir().expect("a temporary directory");
    let path = folder.path().join("formulas.csv");
    std::fs::write(&path, lines.collect::<String>()).expect("a writable directory");
    let done = Command::new(env!("CARGO_BIN_EXE_lis-server-under-test"))
        .args(["import", "formulas", "--data"])
        .arg(lis.database.directory())
        .arg(path)
        .env("LIS_DATABASE_URL", lis.database.url())
        .env("LIS_LOG", "error")
        .output()
        .expect("the program runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

/// Received rice whose cadmium is assigned to a tester; the sample and the id of the item.
fn rice(house: &House) -> (Sample, i64) {
    let sample = house.receive(house.order(&rice_order()));
    house.assign(sample.label(), "tester2");
    let items = house.items("tester2", "/api/v1/items?state=assigned&limit=500");
    let own = items.iter().find(|item| item["label_code"] == sample.label() && item["analyte"] == "cd");
    (sample.clone(), number(own.expect("the item"), "id"))
}

fn submission(house: &House, sheet: &Sheet) -> lis_tests::Reply {
    let version = number(&house.sheet(sheet), "version");
    house.ask_on(&sheet.tester, &format!("/api/v1/worksheets/{}/submission", sheet.id), version, &json!({}))
}

/// Cadmium by a curve: absorbances are read, a line of at least five standards makes µg/L of them.
const BY_CURVE: &str = "gb5009.15-2023/gfaas,cd,2,formula,(rho-blank)*volume/(mass*1000),reading=1;volume=mL;mass=g,mg/kg,1,\
                        20,blank;duplicate,80,120,yes,rho=0.52;blank=0.02;volume=10;mass=0.5,0.01,own,,\
                        rho=µg/L;min_r=0.995;levels=5";

/// The standards lie on y = 0.002 + 0.05 x.
const SIGNALS: [&str; 5] = ["0.002", "0.027", "0.052", "0.102", "0.202"];

demonstrated!(a_curve_makes_concentrations_of_signals_and_a_corrected_standard_recalculates_them, |lis: TestLis| {
    let house = House::of(&lis);
    load_formulas(&lis, ",curve", "gb5009.15-2023/gfaas,", BY_CURVE);
    let (sample, item) = rice(&house);
    let open = |standards: &str| {
        let body = json!({"items": [item], "standards": standards, "standard_lots": "K-1"});
        house.ask("tester2", "/api/v1/worksheets", &body)
    };
    assert_eq!(open("0;0.5;1;2").expect(422).codes(), ["lot-unknown"]);
    // 0.004 mg/L are 4 µg/L: the fifth standard.
    let lot = json!({
        "code": "K-1", "kind": "standard", "name": "镉标准使用液", "concentration": "0.004", "unit": "mg/L",
        "received_on": "2026-11-20", "expires_on": "2026-12-19",
    });
    house.done("tester2", "/api/v1/lots", &lot);
    assert_eq!(open("0;0.5;1").expect(422).codes(), ["curve-levels"], "four standards are one too few");
    let opened = open("0;0.5;1;2").expect(201).json();
    let sheet =
        Sheet { id: number(&opened, "id"), number: text(&opened["worksheet_no"]), tester: "tester2".to_owned() };
    let view = house.sheet(&sheet);
    let places: Vec<String> =
        view["positions"].as_array().expect("positions").iter().map(|one| text(&one["kind"])).collect();
    assert_eq!(places[..6], ["standard", "standard", "standard", "standard", "standard", "blank"]);
    assert_eq!((&view["positions"][4]["target"], &view["lots"][0]["code"]), (&json!("4 (K-1)"), &json!("K-1")));

    // 0.25 would be (0.25 - 0.002) / 0.05 = 4.96 µg/L, above the top standard.
    let labels: Vec<String> = (1..=5).map(|place| format!("{}-K{place}", sheet.number)).collect();
    let (blank, duplicate) = (format!("{}-B1", sheet.number), format!("{}-D1", sheet.number));
    let mut cells: Vec<(&str, &str, &str, &str)> =
        labels.iter().zip(SIGNALS).map(|(label, signal)| (label.as_str(), "cd", "reading", signal)).collect();
    cells.push((&blank, "cd", "reading", "0.0025"));
    for (place, signal) in [(sample.label(), "0.25"), (duplicate.as_str(), "0.1045")] {
        cells.extend([
            (place, "cd", "reading", signal),
            (place, "cd", "volume", "10"),
            (place, "cd", "mass", "0.5000"),
        ]);
    }
    house.type_in(&sheet, &cells);
    let refused = submission(&house, &sheet).expect(422);
    assert_eq!(refused.codes(), ["curve-above"], "{}", refused.text());
    // Measured again after dilution.
    let mut again = house.entries(&sheet, &[(sample.label(), "cd", "reading", "0.1045")]);
    again["entries"][0]["seen"] = json!(1);
    house.done("tester2", &format!("/api/v1/worksheets/{}/entries", sheet.id), &again);
    assert_eq!(submission(&house, &sheet).expect(200).json()["state"], "submitted");

    // Sample (0.1045 - 0.002) / 0.05 = 2.05, blank 0.01 µg/L: (2.05 - 0.01) x 10 / 500 = 0.0408 mg/kg, two figures.
    let evidence = || house.get("checker", &format!("/api/v1/items/{item}/evidence"));
    let first = evidence();
    assert_eq!((&first["results"][0]["value"], &first["results"][0]["reported"]), (&json!("0.0408"), &json!("0.041")));
    assert_eq!(
        (&first["reproduces"], &first["record"]["asked"]["curve"]["points"][4]["x"]),
        (&json!(true), &json!("4"))
    );
    let curve = house.sheet(&sheet)["curves"][0].clone();
    assert_eq!((&curve["equation"], &curve["r"]), (&json!("y = 0.002 + 0.05 x"), &json!("1")));
    assert_eq!((&curve["points"][1]["found"], &curve["points"][1]["error_percent"]), (&json!("0.5"), &json!("0.00")));
    let page = house.by("tester2").get(&format!("/worksheets/{}", sheet.id)).expect(200);
    assert!(page.text().contains("<svg class=\"control-chart\""), "the curve is drawn");

    // The top standard was read as 0.302. By least squares over x = 0, 0.5, 1, 2, 4: sum x = 7.5, sum y = 0.485,
    // sum xx = 21.25, sum xy = 1.4775; slope = (5 x 1.4775 - 7.5 x 0.485) / (5 x 21.25 - 56.25) = 3.75 / 50 = 0.075,
    // intercept = (0.485 - 0.5625) / 5 = -0.0155. The sample is (0.1045 + 0.0155) / 0.075 = 1.6, the blank
    // 0.018 / 0.075 = 0.24 µg/L: (1.6 - 0.24) x 10 / 500 = 0.0272 mg/kg.
    // r² = 0.75² / (10 x 0.058) = 0.9698…, r = 0.98479…: below 0.995, the sheet is held.
    let top = view["positions"][4]["id"].clone();
    let fix = json!({
        "position": top, "field": "reading", "replicate": 1, "value": "0.302", "seen": 1, "reason": "抄写错误",
        "uuid": crate::steps::uuid(),
    });
    let corrected = house.done("tester2", &format!("/api/v1/worksheets/{}/corrections", sheet.id), &fix);
    assert_eq!((&corrected["state"], corrected["results"].as_array().map(Vec::len)), (&json!("held"), Some(1)));
    let second = evidence();
    let causes: Vec<_> = second["results"].as_array().expect("results").iter().map(|row| text(&row["cause"])).collect();
    assert_eq!(causes, ["recomputed", "submitted"]);
    assert_eq!((&second["results"][0]["value"], &second["reproduces"]), (&json!("0.0272"), &json!(true)));
    let controls = second["qc"]["controls"].as_array().expect("controls").clone();
    let curve: &Value = controls.iter().find(|control| control["kind"] == "curve").expect("the curve");
    assert_eq!(curve["verdict"], "REJECT_BATCH");
    assert!(text(&curve["found"]).starts_with("0.98479"), "{curve}");
});
