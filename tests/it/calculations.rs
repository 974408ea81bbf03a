//! Calculations on a worksheet: calibration curves, results that rest on others of the same sample.

use std::process::Command;

use lis_tests::{TestLis, demonstrated};
use serde_json::{Value, json};

use crate::steps::{House, Sample, Sheet, number, rice_order, text, uuid, with};

/// The laboratory's own rules of calculation: the shipped ones with the columns `curve` and `from`, some rows replaced.
pub(crate) fn load_formulas(lis: &TestLis, replaced: &str, rows: &[&str]) {
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/../lis-server/assets/reference/formulas.csv");
    let shipped = std::fs::read_to_string(shipped).expect("the shipped rules");
    let (head, kept) = shipped.split_once('\n').expect("a header");
    let kept = kept.lines().filter(|line| !line.starts_with(replaced)).map(|line| format!("{line},,\n"));
    let own = rows.iter().map(|row| format!("{row}\n"));
    let lines: String = [format!("{},curve,from\n", head.trim_end())].into_iter().chain(kept).chain(own).collect();
    let folder = tempfile::tempdir().expect("a temporary directory");
    let path = folder.path().join("formulas.csv");
    std::fs::write(&path, lines).expect("a writable directory");
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

/// Received rice, whose items are assigned to a tester.
fn rice(house: &House, items: &[&str]) -> Sample {
    let sample = house.receive(house.order(&with(rice_order(), &json!({"items": items}))));
    assert_eq!(house.assign(sample.label(), "tester2"), items.len());
    sample
}

/// The id of an assigned item.
fn assigned(house: &House, sample: &Sample, analyte: &str) -> i64 {
    let items = house.items("tester2", "/api/v1/items?state=assigned&limit=500");
    let own = items.iter().find(|item| item["label_code"] == sample.label() && item["analyte"] == analyte);
    number(own.expect("the item"), "id")
}

fn evidence(house: &House, item: i64) -> Value {
    house.get("checker", &format!("/api/v1/items/{item}/evidence"))
}

fn submission(house: &House, sheet: &Sheet) -> lis_tests::Reply {
    let version = number(&house.sheet(sheet), "version");
    house.ask_on(&sheet.tester, &format!("/api/v1/worksheets/{}/submission", sheet.id), version, &json!({}))
}

/// Cadmium by a curve: absorbances are read, a line of at least five standards makes µg/L of them.
const BY_CURVE: &str = "gb5009.15-2023/gfaas,cd,2,formula,(rho-blank)*volume/(mass*1000),reading=1;volume=mL;mass=g,mg/kg,1,\
                        20,blank;duplicate,80,120,yes,rho=0.52;blank=0.02;volume=10;mass=0.5,0.01,own,,\
                        rho=µg/L;min_r=0.995;levels=5,";

/// The standards lie on y = 0.002 + 0.05 x.
const SIGNALS: [&str; 5] = ["0.002", "0.027", "0.052", "0.102", "0.202"];

demonstrated!(a_curve_makes_concentrations_of_signals_and_a_corrected_standard_recalculates_them, |lis: TestLis| {
    let house = House::of(&lis);
    load_formulas(&lis, "gb5009.15-2023/gfaas,", &[BY_CURVE]);
    let sample = rice(&house, &["cd|GB 5009.15"]);
    let item = assigned(&house, &sample, "cd");
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
    let first = evidence(&house, item);
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
        "uuid": uuid(),
    });
    let corrected = house.done("tester2", &format!("/api/v1/worksheets/{}/corrections", sheet.id), &fix);
    assert_eq!((&corrected["state"], corrected["results"].as_array().map(Vec::len)), (&json!("held"), Some(1)));
    let second = evidence(&house, item);
    let causes: Vec<_> = second["results"].as_array().expect("results").iter().map(|row| text(&row["cause"])).collect();
    assert_eq!(causes, ["recomputed", "submitted"]);
    assert_eq!((&second["results"][0]["value"], &second["reproduces"]), (&json!("0.0272"), &json!(true)));
    let controls = second["qc"]["controls"].as_array().expect("controls").clone();
    let curve: &Value = controls.iter().find(|control| control["kind"] == "curve").expect("the curve");
    assert_eq!(curve["verdict"], "REJECT_BATCH");
    assert!(text(&curve["found"]).starts_with("0.98479"), "{curve}");
});

/// Cadmium in the dry sample: the moisture is another item of the sample.
const ON_DRY: &str = "gb5009.15-2023/gfaas,cd,2,formula,(reading-blank)*volume/(mass*1000)*100/(100-moisture),\
                      reading=µg/L;volume=mL;mass=g;moisture=g/100g,mg/kg,1,20,blank;duplicate,80,120,yes,\
                      reading=2.05;blank=0.01;volume=10;mass=0.5;moisture=50,0.0816,own,,,moisture=moisture";

demonstrated!(a_result_on_the_dry_sample_takes_its_moisture_and_follows_it, |lis: TestLis| {
    let house = House::of(&lis);
    load_formulas(&lis, "gb5009.15-2023/gfaas,", &[ON_DRY]);
    // Without a moisture there is nothing to take.
    let without = rice(&house, &["cd|GB 5009.15"]);
    let sheet = cadmium(&house, &without);
    assert_eq!(submission(&house, &sheet).expect(409).codes(), ["taken-unknown"]);

    let sample = rice(&house, &["cd|GB 5009.15", "moisture|GB 5009.3"]);
    let (item, moisture) = (assigned(&house, &sample, "cd"), assigned(&house, &sample, "moisture"));
    let sheet = cadmium(&house, &sample);
    let place = house.sheet(&sheet)["positions"][1]["cells"].clone();
    let fields: Vec<String> = place.as_array().expect("cells").iter().map(|cell| text(&cell["field"])).collect();
    assert_eq!(fields, ["reading", "volume", "mass"], "the moisture is not entered");
    assert_eq!(submission(&house, &sheet).expect(409).codes(), ["taken-waiting"]);

    // (30 - 29.4) x 100 / 5 = 12 g/100g, twice.
    let dried = house.open("tester2", sample.label(), "moisture");
    let cells = [("mass", "5"), ("mass_before", "30"), ("mass_after", "29.4")]
        .map(|(field, value)| (sample.label(), "moisture", field, value));
    // The raw record of this method names the oven and its temperature, once a sheet.
    let oven = json!({"code": "OVEN-01", "name": "电热鼓风干燥箱", "status": "qualified"});
    house.done("manager", "/api/v1/instruments", &oven);
    let conditions = [("oven", "OVEN-01"), ("drying_temperature", "103")]
        .map(|(field, value)| (sample.label(), "moisture", field, value));
    let mut body = house.entries(&dried, &[cells.as_slice(), &conditions].concat());
    let mut second = house.entries(&dried, &cells);
    for entry in second["entries"].as_array_mut().expect("entries") {
        entry["replicate"] = json!(2);
    }
    let more = second["entries"].as_array().expect("entries").clone();
    body["entries"].as_array_mut().expect("entries").extend(more);
    house.done("tester2", &format!("/api/v1/worksheets/{}/entries", dried.id), &body);
    assert_eq!(house.submit(&dried), "submitted");

    // (2.05 - 0.01) x 10 / 500 = 0.0408 mg/kg of the sample as it was; x 100 / 88 = 0.04636… of the dry one.
    assert_eq!(submission(&house, &sheet).expect(200).json()["state"], "submitted");
    let first = evidence(&house, item);
    assert_eq!((&first["results"][0]["value"], &first["reproduces"]), (&json!("0.0463636363636"), &json!(true)));
    let taken = &first["record"]["asked"]["from"][0];
    assert_eq!((&taken["item"], &taken["version_no"], &taken["value"]), (&json!(moisture), &json!(1), &json!("12")));

    // One of the two was 29.39: 12.2, the mean 12.1 g/100g; 0.0408 x 100 / 87.9 = 0.046416382252…
    let position = house.sheet(&dried)["positions"][0]["id"].clone();
    let fix = json!({
        "position": position, "field": "mass_after", "replicate": 1, "value": "29.39", "seen": 1, "reason": "抄写错误",
        "uuid": uuid(),
    });
    let corrected = house.done("tester2", &format!("/api/v1/worksheets/{}/corrections", dried.id), &fix);
    assert_eq!((&corrected["state"], corrected["results"].as_array().map(Vec::len)), (&json!("submitted"), Some(2)));
    let second = evidence(&house, item);
    assert_eq!(
        (&second["results"][0]["value"], &second["results"][0]["cause"]),
        (&json!("0.0464163822526"), &json!("recomputed"))
    );
    assert_eq!((&second["record"]["asked"]["from"][0]["version_no"], &second["reproduces"]), (&json!(2), &json!(true)));
    assert_eq!((&second["results"][1]["value"], &second["state"]), (&json!("0.0463636363636"), &json!("calculated")));
});

/// A sheet for cadmium that is complete: 2.05 µg/L, the blank 0.01.
fn cadmium(house: &House, sample: &Sample) -> Sheet {
    let sheet = house.open("tester2", sample.label(), "cd");
    let (blank, duplicate) = (format!("{}-B1", sheet.number), format!("{}-D1", sheet.number));
    let mut cells = vec![(blank.as_str(), "cd", "reading", "0.01")];
    for place in [sample.label(), &duplicate] {
        cells.extend([
            (place, "cd", "reading", "2.05"),
            (place, "cd", "volume", "10"),
            (place, "cd", "mass", "0.5000"),
        ]);
    }
    house.type_in(&sheet, &cells);
    sheet
}

const PARTS: &str = "gb31656.11-2021/hplc,oxytetracycline;chlortetracycline;tetracycline,1,direct,,reading=µg/kg,µg/kg,1,,,,,no,\
                     ,,own,,,";
const TOTAL: &str = "gb31656.11-2021/hplc,tetracyclines-3,1,sum,,,µg/kg,1,,,,,no,,,own,,,";

demonstrated!(a_sum_is_made_of_the_results_of_its_sample_and_follows_them, |lis: TestLis| {
    let house = House::of(&lis);
    load_formulas(&lis, "gb31656.11-2021/", &[PARTS, TOTAL]);
    let analytes = ["tetracyclines-3", "oxytetracycline", "chlortetracycline", "tetracycline"];
    let ordered = analytes.map(|analyte| format!("{analyte}|GB 31656.11"));
    let sample = rice(&house, &ordered.each_ref().map(String::as_str));
    let ids = analytes.map(|analyte| assigned(&house, &sample, analyte));
    let opened = house.done("tester2", "/api/v1/worksheets", &json!({"items": ids}));
    let sheet =
        Sheet { id: number(&opened, "id"), number: text(&opened["worksheet_no"]), tester: "tester2".to_owned() };
    let values = [("oxytetracycline", "40.0"), ("chlortetracycline", "20.5"), ("tetracycline", "0.5")];
    house.type_in(&sheet, &values.map(|(analyte, value)| (sample.label(), analyte, "reading", value)));
    // All on one sheet: the sum, which stands first, is calculated after its parts.
    assert_eq!(house.submit(&sheet), "submitted");
    let first = evidence(&house, ids[0]);
    // 40.0 + 20.5 + 0.5
    assert_eq!((&first["results"][0]["value"], &first["reproduces"]), (&json!("61"), &json!(true)));
    let parts = first["record"]["asked"]["from"].as_array().expect("the parts").clone();
    let named: Vec<i64> = parts.iter().map(|part| number(part, "item")).collect();
    assert_eq!(named, ids[1..]);

    // 4.0 was copied as 40.0: 4.0 + 20.5 + 0.5
    let view = house.sheet(&sheet);
    let places = view["positions"].as_array().expect("positions");
    let place = places.iter().find(|place| place["analyte"] == "oxytetracycline").expect("its place");
    let fix = json!({
        "position": place["id"], "field": "reading", "replicate": 1, "value": "4.0", "seen": 1, "reason": "抄写错误",
        "uuid": uuid(),
    });
    let corrected = house.done("tester2", &format!("/api/v1/worksheets/{}/corrections", sheet.id), &fix);
    assert_eq!(corrected["results"].as_array().map(Vec::len), Some(2));
    let second = evidence(&house, ids[0]);
    assert_eq!((&second["results"][0]["value"], &second["results"][0]["cause"]), (&json!("25"), &json!("recomputed")));
});
