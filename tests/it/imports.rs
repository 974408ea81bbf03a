//! Lists of what a laboratory has already: by page and by program, tried out first, whole or not at all.

use lis_tests::{Reply, TestLis, demonstrated};
use serde_json::json;

use crate::steps::{House, market_rice, number, text, uuid, with};

const SUPPLIERS: &str = "name,provides,approved_from,approved_until,evaluated_on,evaluation,evaluated_by\n";
const GOOD: &str = "示例计量院,calibration,2026-01-01,2027-12-31,2026-01-05,资质齐全,quality\n";

pub(crate) fn send(house: &House, username: &str, mode: &str, kind: &str, table: &str) -> Reply {
    let client = house.by(username);
    let csrf = client.form("/account", "/account/password").value("csrf").expect("a token").to_owned();
    let path = format!("/api/v1/list-imports?mode={mode}");
    let beside = [("csrf", csrf.as_str()), ("kind", kind)];
    let ask = client.upload_beside(&path, &beside, "list.csv", table.as_bytes());
    ask.header("sec-fetch-site", "same-origin").key(&uuid()).send()
}

fn named(reply: &Reply) -> Vec<String> {
    let reasons = reply.json()["reasons"].as_array().expect("reasons").clone();
    reasons.iter().map(|one| text(&one["field"])).collect()
}

demonstrated!(a_list_is_tried_out_and_loaded_whole, |lis: TestLis| {
    let house = House::of(&lis);
    let before = lis.rows("supplier");
    // The second row is wrong for itself, the third names nobody.
    let bad = format!("{SUPPLIERS}{GOOD}示例计量院,paint,2026-01-01,2027-12-31,2026-01-05,资质齐全,quality\n");
    let unknown = format!("{SUPPLIERS}{GOOD}{}", GOOD.replace("计量院", "药剂厂").replace("quality", "nobody"));
    for mode in ["dry_run", "all"] {
        assert_eq!(named(&send(&house, "admin", mode, "suppliers", &bad).expect(422)), ["rows[3].provides"]);
        assert_eq!(named(&send(&house, "admin", mode, "suppliers", &unknown).expect(422)), ["rows[3].evaluated_by"]);
    }
    let good = format!("{SUPPLIERS}{GOOD}");
    let tried = send(&house, "manager", "dry_run", "suppliers", &good).expect(200).json();
    assert_eq!((text(&tried["kind"]), number(&tried, "rows")), ("suppliers".to_owned(), 1));
    assert_eq!(lis.rows("supplier"), before, "tried out, nothing is stored");
    assert_eq!(send(&house, "manager", "perhaps", "suppliers", &good).expect(422).codes(), ["field-invalid"]);
    assert_eq!(send(&house, "manager", "all", "colours", &good).expect(422).codes(), ["field-invalid"]);
    send(&house, "tester1", "all", "suppliers", &good).expect(404);

    assert_eq!(number(&send(&house, "admin", "all", "suppliers", &good).expect(201).json(), "rows"), 1);
    assert_eq!(lis.rows("supplier"), before + 1);
    assert_eq!(number(&send(&house, "admin", "all", "suppliers", &good).expect(201).json(), "rows"), 0, "it is there");
    let kept = house.items("quality", "/api/v1/suppliers?limit=500");
    assert!(kept.iter().any(|one| one["name"] == "示例计量院" && one["provides"] == "calibration"), "{kept:?}");
});

demonstrated!(the_page_names_the_columns_tries_out_and_loads, |lis: TestLis| {
    let house = House::of(&lis);
    let admin = house.by("admin");
    let page = admin.get("/imports").expect(200).page();
    for column in ["evaluated_by", "minimum_weight_g", "granted_by", "performed_by", "period"] {
        assert!(page.text().contains(column), "{column}");
    }
    let csrf = page.form("/imports").value("csrf").expect("a token").to_owned();
    let table = format!("{SUPPLIERS}{GOOD}");
    let beside = [("csrf", csrf.as_str()), ("kind", "suppliers"), ("encoding", "utf-8")];
    let ask = admin.upload_beside("/imports", &beside, "suppliers.csv", table.as_bytes());
    let tried = ask.header("sec-fetch-site", "same-origin").send().expect(200).page();
    let before = lis.rows("supplier");
    let action = tried.all("form[action^='/imports/']").len();
    assert_eq!(action, 1, "{}", tried.text());
    let sha256 = lis_server::domain::hash::sha256_of(table.as_bytes());
    admin.send(&tried.form(&format!("/imports/{sha256}"))).expect(303);
    assert_eq!(lis.rows("supplier"), before + 1);
});

// Requirement: Q72-2
demonstrated!(verifications_come_from_a_list_which_is_their_record, |lis: TestLis| {
    let house = House::of(&lis);
    let table = "method,performed_on,performed_by,conclusion,recorded_by,recovery\n\
                 gb5009.15-2023/gfaas,2026-10-08,检验员乙,suitable,manager,92 %\n";
    let done = send(&house, "manager", "all", "verifications", table).expect(201).json();
    assert_eq!(number(&done, "rows"), 1);
    let kept = house.items("tester1", "/api/v1/method-verifications");
    assert_eq!((text(&kept[0]["recovery"]), text(&kept[0]["method"])), ("92 %".into(), "gb5009.15-2023/gfaas".into()));
    let file = house.by("tester1").get(&format!("/api/v1/method-verifications/{}/file", kept[0]["id"])).expect(200);
    assert_eq!(file.body, table.as_bytes());
    let unknown = table.replace("gb5009.15-2023/gfaas", "gb0000/none");
    assert_eq!(named(&send(&house, "manager", "all", "verifications", &unknown).expect(422)), ["rows[2].method"]);
});

demonstrated!(a_form_filled_in_outside_of_its_region_is_doubtful, |lis: TestLis| {
    let house = House::of(&lis);
    let write = |gps: &str, seals: (&str, &str)| {
        let place = json!({"gps": gps, "seal_test_no": seals.0, "seal_backup_no": seals.1});
        let body = json!({"client_uuid": uuid(), "form": with(market_rice(), &place)});
        house.done("sampler1", "/api/v1/sampling-forms", &body)
    };
    // The shop stands in a township of 131026. Without a box nothing is said.
    assert_eq!(write("22.54,114.05", ("B1", "B2"))["doubts"], json!([]));
    let head = "region_code,south,west,north,east\n";
    let boxes = format!("{head}131026,38.70,116.20,39.10,116.75\n");
    let unknown = format!("{boxes}990000,38.70,116.20,39.10,116.75\n");
    let unknown = send(&house, "admin", "all", "regions", &unknown).expect(422);
    assert_eq!(
        (unknown.codes(), named(&unknown)),
        (vec!["region-unknown".to_owned()], vec!["rows[3].region_code".to_owned()])
    );
    assert_eq!(number(&send(&house, "admin", "all", "regions", &boxes).expect(201).json(), "rows"), 1);
    assert_eq!(number(&send(&house, "admin", "all", "regions", &boxes).expect(201).json(), "rows"), 0, "drawn already");
    assert_eq!(lis.rows("audit_entry WHERE event = 'region-bounded'"), 1);
    assert_eq!(write("38.866, 116.460", ("B3", "B4"))["doubts"], json!([]));
    let outside = write("22.54,114.05", ("B5", "B6"));
    assert_eq!(outside["doubts"], json!(["outside_region"]));
    assert_eq!(write("文安镇", ("B7", "B8"))["doubts"], json!(["position_unread"]));
    let page = house.by("custodian").get(&format!("/receipt/{}", outside["form_id"])).expect(200).page().text();
    assert!(page.contains("The position 22.54,114.05 lies outside of"), "{page}");
    // The boxes are shown, and an empty one is taken away.
    let shown = || house.items("admin", "/api/v1/region-boxes");
    assert_eq!((shown().len(), &shown()[0]["north"]), (1, &json!("39.10")));
    let columns = house.by("admin").get("/imports").expect(200).page().texts("td");
    assert!(columns.iter().any(|cell| cell.contains("131026")), "{columns:?}");
    let none = format!("{head}131026,,,,\n");
    assert_eq!(number(&send(&house, "admin", "all", "regions", &none).expect(201).json(), "rows"), 1);
    assert_eq!(number(&send(&house, "admin", "all", "regions", &none).expect(201).json(), "rows"), 0, "it has none");
    assert_eq!(shown(), Vec::<serde_json::Value>::new());
    assert_eq!(write("22.54,114.05", ("B9", "B10"))["doubts"], json!([]));
});

demonstrated!(a_series_goes_on_from_where_the_laboratory_left_off, |lis: TestLis| {
    let house = House::of(&lis);
    // The demonstration orders no rapid test in December; its worksheets of November have numbers.
    let table = "series,period,next,type\nreport,2027,31,entrusted\nsample,2026-12,124,rapid_test\n";
    let loaded = send(&house, "admin", "all", "series", table).expect(201).json();
    assert_eq!(number(&loaded, "rows"), 2);
    let last = |name: &str| lis.numbers(&format!("SELECT last AS value FROM number_series WHERE name = '{name}'"));
    assert_eq!((last("report:BZ-2027-W"), last("BZ2612-K")), (vec![30], vec![123]));
    assert_eq!(lis.rows("audit_entry WHERE event = 'series-started'"), 2);
    assert_eq!(number(&send(&house, "manager", "all", "series", table).expect(201).json(), "rows"), 0);

    let begun = send(&house, "manager", "all", "series", "series,period,next\nworksheet,2026-11,900\n").expect(409);
    assert_eq!((begun.codes(), named(&begun)), (vec!["series-begun".to_owned()], vec!["rows[2].next".to_owned()]));
    // What was given elsewhere is no hole.
    let numbers = house.get("quality", "/api/v1/report-numbers?year=2027");
    let series = numbers["series"].as_array().expect("series").clone();
    assert_eq!(series.iter().map(|one| one["missing"].clone()).collect::<Vec<_>>(), [json!([])]);
});
