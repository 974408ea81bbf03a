//! Calculations on a worksheet: calibration curves, results that rest on others of the same sample.

use std::process::Command;

use lis_tests::{TestLis, demonstrated};
use serde_json::{Value, json};

use crate::steps::{House, Sample, Sheet, number, rice_order, text, uuid, with};

/// The laboratory's own rules of calculation: the shipped ones, some rows replaced.
pub(crate) fn load_formulas(lis: &TestLis, replaced: &str, rows: &[&str]) {
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/../lis-server/assets/reference/formulas.csv");
    let shipped = std::fs::read_to_string(shipped).expect("the shipped rules");
    let (head, kept) = shipped.split_once('\n').expect("a header");
    let head = head.trim_end();
    let columns = head.matches(',').count();
    let kept = kept.lines().filter(|line| !line.starts_with(replaced));
    let whole = |row: &str| format!("{row}{}\n", ",".repeat(columns - row.matches(',').count()));
    let lines: String = [head].into_iter().chain(kept).chain(rows.iter().copied()).map(whole).collect();
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
    goods(house, "milled-rice", items)
}

/// Received goods of a class of food, whose items are assigned to a tester.
pub(crate) fn goods(house: &House, food: &str, items: &[&str]) -> Sample {
    let order = with(rice_order(), &json!({"food_category": food, "items": items}));
    let sample = house.receive(house.order(&order));
    assert_eq!(house.assign(sample.label(), "tester2"), items.len());
    sample
}

/// The id of an assigned item.
pub(crate) fn assigned(house: &House, sample: &Sample, analyte: &str) -> i64 {
    let items = house.items("tester2", "/api/v1/items?state=assigned&limit=500");
    let own = items.iter().find(|item| item["label_code"] == sample.label() && item["analyte"] == analyte);
    number(own.expect("the item"), "id")
}

pub(crate) fn evidence(house: &House, item: i64) -> Value {
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
    let dried = dry(&house, &sample);
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

/// The moisture of a sample on a sheet of its own: (30 - 29.4) x 100 / 5 = 12 g/100g, twice.
fn dry(house: &House, sample: &Sample) -> Sheet {
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
    dried
}

// Wood ear has 0.5 mg/kg on the dry sample, and the formula says that this is what it gives.
demonstrated!(a_limit_on_the_dry_sample_is_applied_to_a_result_on_it, |lis: TestLis| {
    let house = House::of(&lis);
    load_formulas(&lis, "gb5009.15-2023/gfaas,", &[&format!("{ON_DRY},dry")]);
    let sample = goods(&house, "GB 2762:wood-ear-white-fungus", &["cd|GB 5009.15", "moisture|GB 5009.3"]);
    let item = assigned(&house, &sample, "cd");
    dry(&house, &sample);
    let sheet = cadmium(&house, &sample);
    assert_eq!(house.submit(&sheet), "submitted");
    let found = evidence(&house, item);
    assert_eq!(
        (&found["results"][0]["value"], &found["results"][0]["verdict"]),
        (&json!("0.0463636363636"), &json!("PASS"))
    );
    assert_eq!(found["record"]["answered"]["notes"], json!([]));
    assert_eq!(found["record"]["asked"]["limit"]["key"], "gb2762-2025/cd/wood-ear-white-fungus");
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
    let sample = goods(&house, "aquatic-freshwater-fish", &ordered.each_ref().map(String::as_str));
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

const CARBOFURAN: &str =
    "gb23200.112-2018/hplc-fld-post-column,carbofuran,1,direct,,reading=mg/kg,mg/kg,1,,,,,no,,,own,,,,,yes";
pub(crate) const METABOLITE: &str =
    "gb23200.112-2018/hplc-fld-post-column,3-hydroxycarbofuran,1,direct,,reading=mg/kg,mg/kg,1,,,,,no,,,own";

// Carbofuran is the sum of itself and its metabolite, expressed as carbofuran (vector S01).
demonstrated!(a_residue_is_its_parent_compound_and_what_is_added_to_it, |lis: TestLis| {
    let house = House::of(&lis);
    load_formulas(&lis, "gb23200.112-2018/", &[CARBOFURAN, METABOLITE]);
    let alone = goods(&house, "GB 2763:chilli", &["carbofuran|GB 23200.112"]);
    let sheet = house.open("tester2", alone.label(), "carbofuran");
    house.type_in(&sheet, &[(alone.label(), "carbofuran", "reading", "0.012")]);
    assert_eq!(submission(&house, &sheet).expect(409).codes(), ["taken-unknown"], "the parent alone is no residue");

    let analytes = ["carbofuran", "3-hydroxycarbofuran"];
    let ordered = analytes.map(|analyte| format!("{analyte}|GB 23200.112"));
    let sample = goods(&house, "GB 2763:chilli", &ordered.each_ref().map(String::as_str));
    let ids = analytes.map(|analyte| assigned(&house, &sample, analyte));
    let opened = house.done("tester2", "/api/v1/worksheets", &json!({"items": ids}));
    let sheet =
        Sheet { id: number(&opened, "id"), number: text(&opened["worksheet_no"]), tester: "tester2".to_owned() };
    let values = [("carbofuran", "0.012"), ("3-hydroxycarbofuran", "0.009")];
    house.type_in(&sheet, &values.map(|(analyte, value)| (sample.label(), analyte, "reading", value)));
    assert_eq!(house.submit(&sheet), "submitted");
    // 0.012 + 0.009 x 221.26 / 237.25 = 0.0203934246…, above 0.02.
    let shown = |evidence: &Value| {
        let newest = &evidence["results"][0];
        (text(&newest["value"]), text(&newest["reported"]), text(&newest["verdict"]), text(&newest["cause"]))
    };
    let of = |value: &str, reported: &str, verdict: &str, cause: &str| {
        (value.to_owned(), reported.to_owned(), verdict.to_owned(), cause.to_owned())
    };
    let first = evidence(&house, ids[0]);
    assert_eq!(shown(&first), of("0.0203934246575", "0.0204", "FAIL", "submitted"));
    assert_eq!(first["reproduces"], true);

    // The metabolite was 0.0085: 0.012 + 0.0085 x 221.26 / 237.25 = 0.0199271232…
    let view = house.sheet(&sheet);
    let places = view["positions"].as_array().expect("positions");
    let place = places.iter().find(|place| place["analyte"] == "3-hydroxycarbofuran").expect("its place");
    let fix = json!({
        "position": place["id"], "field": "reading", "replicate": 1, "value": "0.0085", "seen": 1, "reason": "抄写错误",
        "uuid": uuid(),
    });
    house.done("tester2", &format!("/api/v1/worksheets/{}/corrections", sheet.id), &fix);
    assert_eq!(shown(&evidence(&house, ids[0])), of("0.0199271232877", "0.0199", "PASS", "recomputed"));
});

pub(crate) const CARBOFURAN_ALONE: &str =
    "gb23200.112-2018/hplc-fld-post-column,carbofuran,1,direct,,reading=mg/kg,mg/kg,1,,,,,no,,,own";
pub(crate) const CARBOFURAN_WHOLE: &str =
    "gb23200.112-2018/hplc-fld-post-column,carbofuran,1,direct,,reading=mg/kg,mg/kg,1,,,,,no,,,Q/LAB 12-2026,,,,,whole";

// The limit is 0.02: by itself 0.012 conforms, and its metabolite may be anything; 0.021 fails whatever is added.
demonstrated!(a_residue_that_was_measured_alone_waits_for_a_person_unless_it_fails, |lis: TestLis| {
    let house = House::of(&lis);
    let tested = |value: &str| {
        let sample = goods(&house, "GB 2763:chilli", &["carbofuran|GB 23200.112"]);
        let id = assigned(&house, &sample, "carbofuran");
        let sheet = house.open("tester2", sample.label(), "carbofuran");
        house.type_in(&sheet, &[(sample.label(), "carbofuran", "reading", value)]);
        assert_eq!(house.submit(&sheet), "submitted");
        let found = evidence(&house, id);
        assert_eq!(found["reproduces"], true, "{found}");
        (sample, id, text(&found["results"][0]["verdict"]))
    };
    load_formulas(&lis, "gb23200.112-2018/", &[CARBOFURAN_ALONE, METABOLITE]);
    assert_eq!(tested("0.021").2, "FAIL");
    let (sample, id, verdict) = tested("0.012");
    assert_eq!(verdict, "REVIEW");
    let page = house.by("checker").get(&format!("/check/{id}")).expect(200).page().text();
    assert!(page.contains("the residue includes 3-Hydroxycarbofuran too"), "{page}");
    assert!(page.contains("other parts of the residue definition are not added"), "{page}");
    let doubts = house.by("manager").get("/doubts").expect(200).page().text();
    assert!(doubts.contains(sample.label()) && doubts.contains("parts = whole"), "{doubts}");

    // The signatory reads why.
    house.check(sample.label());
    let report = house.report(sample.id);
    let path = format!("/api/v1/reports/{}/authorize", report["id"]);
    let refused = house.ask_on("signatory", &path, number(&report, "version"), &json!({}));
    assert!(refused.codes().contains(&"verdict-open".to_owned()), "{}", refused.shown());
    let said = refused.shown();
    assert!(said.contains("residue definition") || said.contains("残留物定义"), "{said}");

    // The laboratory states by what the compound alone is the residue.
    load_formulas(&lis, "gb23200.112-2018/", &[CARBOFURAN_WHOLE, METABOLITE]);
    assert_eq!(tested("0.012").2, "PASS");
});

/// Benzoic and sorbic acid are read in g/kg.
const PRESERVATIVES: &str = "gb5009.28-2016/hplc-uv,,1,direct,,reading=g/kg,g/kg,1,,,,,no,,,own";

/// Jam, in which benzoic and sorbic acid are permitted up to 1.0 g/kg each, measured on two sheets.
fn jam(house: &House, benzoic: &str, sorbic: &str) -> (Sample, Sheet) {
    let sample = goods(house, "GB 2760:04.01.02.05", &["benzoic-acid|GB 5009.28", "sorbic-acid|GB 5009.28"]);
    read(house, &sample, "benzoic-acid", benzoic);
    assert!(sum_of_proportions(house, &sample).is_none(), "one of the group says nothing about its sum");
    let sheet = read(house, &sample, "sorbic-acid", sorbic);
    (sample, sheet)
}

/// The item for the sum of proportions of a sample that waits for its check.
fn sum_of_proportions(house: &House, sample: &Sample) -> Option<Value> {
    let items = house.items("checker", "/api/v1/items?state=calculated&limit=500");
    let is_sum = |item: &Value| item["label_code"] == sample.label() && item["analyte"] == "ratio-preservatives";
    items.into_iter().find(is_sum)
}

demonstrated!(preservatives_of_one_sample_share_their_maximum, |lis: TestLis| {
    let house = House::of(&lis);
    load_formulas(&lis, "gb5009.28-2016/hplc-uv,", &[PRESERVATIVES]);
    // Each alone conforms; 0.6 / 1.0 + 0.5 / 1.0 = 11/10 (vector S07).
    let (sample, sheet) = jam(&house, "0.6", "0.5");
    let sum = sum_of_proportions(&house, &sample).expect("the item of the sum");
    assert_eq!((&sum["reported"], &sum["verdict"]), (&json!("1.1000"), &json!("FAIL")));
    let id = number(&sum, "id");
    let first = evidence(&house, id);
    assert_eq!((&first["reproduces"], &first["results"][0]["cause"]), (&json!(true), &json!("submitted")));
    assert_eq!(first["record"]["answered"]["judgement"]["answer"]["fraction"], "11/10");
    let from = first["record"]["asked"]["from"].as_array().expect("the additives").clone();
    let named: Vec<String> = from.iter().map(|taken| text(&taken["analyte"])).collect();
    assert_eq!(named, ["benzoic-acid", "sorbic-acid"]);
    assert_eq!((&from[0]["value"], &from[0]["max"]["value"]), (&json!("0.6"), &json!("1.0")));
    let page = house.by("checker").get(&format!("/check/{id}")).expect(200).page().text();
    assert!(page.contains("0.5 ÷ 1.0") && page.contains("11/10"), "{page}");
    // It is calculated; what can be tested again are its parts.
    let again = house.ask_on(
        "checker",
        &format!("/api/v1/items/{id}/repeat"),
        number(&sum, "version"),
        &json!({"reason": "x"}),
    );
    assert_eq!(again.expect(409).codes(), ["item-derived"]);

    // Sorbic acid was 0.4: 0.6 + 0.4 = 1 conforms (vector S08).
    let position = house.sheet(&sheet)["positions"][0]["id"].clone();
    let fix = json!({
        "position": position, "field": "reading", "replicate": 1, "value": "0.4", "seen": 1, "reason": "抄写错误",
        "uuid": uuid(),
    });
    let corrected = house.done("tester2", &format!("/api/v1/worksheets/{}/corrections", sheet.id), &fix);
    assert_eq!(corrected["results"].as_array().map(Vec::len), Some(2), "sorbic acid and the sum");
    let second = evidence(&house, id);
    let shown: Vec<_> =
        second["results"].as_array().expect("results").iter().map(|row| text(&row["reported"])).collect();
    assert_eq!(shown, ["1.0000", "1.1000"]);
    assert_eq!((&second["results"][0]["verdict"], &second["reproduces"]), (&json!("PASS"), &json!(true)));
    assert_eq!(house.check(sample.label()), 3);
    assert_eq!(house.issue(sample.id)["conclusion"], "pass");
});

demonstrated!(a_sum_of_proportions_above_one_fails_the_sample, |lis: TestLis| {
    let house = House::of(&lis);
    load_formulas(&lis, "gb5009.28-2016/hplc-uv,", &[PRESERVATIVES]);
    let (sample, _) = jam(&house, "0.6", "0.5");
    assert_eq!(house.check(sample.label()), 3, "the sum is checked as everything is");
    let report = house.issue(sample.id);
    assert_eq!(report["conclusion"], "fail");
    let document = lis.texts(&format!("SELECT document AS value FROM report WHERE id = {}", report["id"])).remove(0);
    let document: Value = serde_json::from_str(&document).expect("a document");
    let items = document["items"].as_array().expect("the items");
    let failed: Vec<bool> = items.iter().map(|item| item["failed"] == true).collect();
    assert_eq!(failed, [false, false, true]);
    assert_eq!((&items[2]["results"], &items[2]["requirement"]), (&json!(["1.1000"]), &json!("≤1")));
    let annex = items[2]["explain"].as_array().expect("the annex").iter().map(text).collect::<Vec<_>>().join(" ");
    assert!(annex.contains("0.6 ÷") && annex.contains("11/10"), "{annex}");
    assert!(text(&document["conclusion"]).contains(&text(&items[2]["name"])), "{}", document["conclusion"]);

    // Of which only one is found there is no sum.
    let (alone, _) = jam(&house, "0.6", "ND");
    assert!(sum_of_proportions(&house, &alone).is_none());
});

/// One value of an analyte of a sample on a sheet of its own.
fn read(house: &House, sample: &Sample, analyte: &str, value: &str) -> Sheet {
    let sheet = house.open("tester2", sample.label(), analyte);
    house.type_in(&sheet, &[(sample.label(), analyte, "reading", value)]);
    assert_eq!(house.submit(&sheet), "submitted");
    sheet
}

// Inorganic arsenic in rice is limited to 0.2 mg/kg; total arsenic may be tested first (vectors S05 and S06).
demonstrated!(a_total_above_the_limit_asks_for_its_species_and_is_judged_on_it, |lis: TestLis| {
    let house = House::of(&lis);
    let low = rice(&house, &["total-as|GB 5009.11"]);
    let item = assigned(&house, &low, "total-as");
    read(&house, &low, "total-as", "0.18");
    assert_eq!(evidence(&house, item)["results"][0]["verdict"], "PASS");
    assert_eq!(house.check(low.label()), 1, "the second test is not needed");

    let sample = rice(&house, &["total-as|GB 5009.11"]);
    let item = assigned(&house, &sample, "total-as");
    read(&house, &sample, "total-as", "0.26");
    let first = evidence(&house, item);
    assert_eq!(first["results"][0]["verdict"], "INCOMPLETE", "never FAIL");
    house.sign("checker", "checked");
    let listed = house.items("checker", "/api/v1/items?state=calculated&limit=500");
    let seen = listed.iter().find(|one| one["id"] == item).map(|one| json!({"id": item, "version": one["version"]}));
    let early = house.ask("checker", "/api/v1/checks", &json!({"items": [seen]})).expect(409);
    assert_eq!(early.codes(), ["result-incomplete"]);
    // The species waits for a tester.
    assert_eq!(house.assign(sample.label(), "tester2"), 1);
    let species = assigned(&house, &sample, "inorganic-as");
    let sheet = read(&house, &sample, "inorganic-as", "0.12");
    let second = evidence(&house, item);
    let judged = &second["record"]["answered"]["judgement"]["answer"];
    assert_eq!((&second["results"][0]["verdict"], &judged["judged_on"]), (&json!("PASS"), &json!("species")));
    let taken = &second["record"]["asked"]["from"][0];
    assert_eq!(
        (&taken["item"], &taken["value"], &second["reproduces"]),
        (&json!(species), &json!("0.12"), &json!(true))
    );

    // It was 0.21: both fail, and the total follows.
    let position = house.sheet(&sheet)["positions"][0]["id"].clone();
    let fix = json!({
        "position": position, "field": "reading", "replicate": 1, "value": "0.21", "seen": 1, "reason": "抄写错误",
        "uuid": uuid(),
    });
    house.done("tester2", &format!("/api/v1/worksheets/{}/corrections", sheet.id), &fix);
    let third = evidence(&house, item);
    assert_eq!(
        (&third["results"][0]["verdict"], &third["results"][0]["cause"]),
        (&json!("FAIL"), &json!("recomputed"))
    );
    assert_eq!(house.check(sample.label()), 2);
    assert_eq!(house.issue(sample.id)["conclusion"], "fail");
});

demonstrated!(a_cancelled_place_outside_its_curve_holds_up_nobody, |lis: TestLis| {
    let house = House::of(&lis);
    load_formulas(&lis, "gb5009.15-2023/gfaas,", &[BY_CURVE]);
    let lot = json!({
        "code": "K-1", "kind": "standard", "name": "镉标准使用液", "concentration": "0.004", "unit": "mg/L",
        "received_on": "2026-11-20", "expires_on": "2026-12-19",
    });
    house.done("tester2", "/api/v1/lots", &lot);
    let (first, second) = (rice(&house, &["cd|GB 5009.15"]), rice(&house, &["cd|GB 5009.15"]));
    let ids = [&first, &second].map(|sample| assigned(&house, sample, "cd"));
    let body = json!({"items": ids, "standards": "0;0.5;1;2", "standard_lots": "K-1"});
    let opened = house.done("tester2", "/api/v1/worksheets", &body);
    let sheet =
        Sheet { id: number(&opened, "id"), number: text(&opened["worksheet_no"]), tester: "tester2".to_owned() };
    let labels: Vec<String> = (1..=5).map(|place| format!("{}-K{place}", sheet.number)).collect();
    let (blank, duplicate) = (format!("{}-B1", sheet.number), format!("{}-D1", sheet.number));
    let mut cells: Vec<(&str, &str, &str, &str)> =
        labels.iter().zip(SIGNALS).map(|(label, signal)| (label.as_str(), "cd", "reading", signal)).collect();
    cells.push((&blank, "cd", "reading", "0.0025"));
    // The first sample lies above the top standard, 0.202; its duplicate does not.
    for (place, signal) in [(first.label(), "0.25"), (duplicate.as_str(), "0.2"), (second.label(), "0.1045")] {
        cells.extend([
            (place, "cd", "reading", signal),
            (place, "cd", "volume", "10"),
            (place, "cd", "mass", "0.5000"),
        ]);
    }
    house.type_in(&sheet, &cells);
    assert_eq!(submission(&house, &sheet).expect(422).codes(), ["curve-above"]);
    let version = house.items("manager", "/api/v1/items?state=measured&limit=500");
    let version = version.iter().find(|item| item["id"] == ids[0]).map(|item| number(item, "version"));
    let path = format!("/api/v1/items/{}/cancellation", ids[0]);
    house.done_on("custodian", &path, version.expect("the item"), &json!({"reason": "样品已用尽"}));

    // The other sample is calculated; that the duplicate has nothing to be compared with is for quality to judge.
    assert_eq!(submission(&house, &sheet).expect(200).json()["state"], "held");
    assert_eq!(evidence(&house, ids[1])["results"][0]["value"], json!("0.0408"));
    let controls = evidence(&house, ids[1])["qc"]["controls"].as_array().expect("controls").clone();
    let failed: Vec<(String, String)> = controls
        .iter()
        .filter(|one| one["verdict"] != "ACCEPT")
        .map(|one| (text(&one["kind"]), text(&one["note"])))
        .collect();
    assert_eq!(failed, [("duplicate".to_owned(), "sample-missing".to_owned())]);
});
