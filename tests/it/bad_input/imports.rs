//! Files that no import can take: none at all, other bytes than their name says, other columns, one bad row among good
//! ones, a mapping that is none. Every refusal names the file, the row and column, or the field; all rows or none.

use lis_server::accounts::Role;
use lis_tests::{Client, Reply, TestLis, demonstrated};

use super::commands::{fingerprint, signed_in};

/// A part of a request with files: name, name of the file, content.
type Part<'a> = (&'a str, Option<&'a str>, &'a [u8]);

const BOUNDARY: &str = "a-boundary-of-the-tests";

fn parts(parts: &[Part]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, file, content) in parts {
        let file = file.map_or_else(String::new, |file| format!("; filename=\"{file}\""));
        body.extend(
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n").into_bytes(),
        );
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend(format!("--{BOUNDARY}--\r\n").into_bytes());
    body
}

fn send(api: &Client, path: &str, body: Vec<u8>) -> Reply {
    api.ask("POST", path).body(&format!("multipart/form-data; boundary={BOUNDARY}"), body).send()
}

/// The fields that a refusal names.
fn named(reply: &Reply) -> Vec<String> {
    let reasons = reply.json()["reasons"].as_array().cloned().unwrap_or_default();
    reasons.iter().map(|reason| reason["field"].as_str().unwrap_or("nothing").to_owned()).collect()
}

const UNITS: &str = "name,uscc,licence_no,stage,address,region_code\n";
const GOOD: &str = "霸州示例冷饮店,,,trade,示例路 99 号,131081\n";

/// What is sent as the file of units, and the first field that the refusal names.
fn unit_files() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let file = |name: &str, bytes: &[u8]| parts(&[("file", Some(name), bytes)]);
    let rows = |rows: &str| file("units.csv", format!("{UNITS}{rows}").as_bytes());
    let mut latin = format!("{UNITS}{GOOD}").into_bytes();
    latin.extend_from_slice(b"caf\xe9,,,trade,\xff\xfe,131081\n");
    let whole = rows(GOOD);
    vec![
        ("no parts", Vec::new(), "file"),
        ("no file", parts(&[("remark", None, b"x")]), "file"),
        ("an empty file", file("units.csv", b""), "file"),
        ("a field that is no UTF-8", parts(&[("remark", None, b"\xff\xfe")]), "remark"),
        ("a field with NUL", parts(&[("remark", None, b"a\0b")]), "remark"),
        ("a body that breaks off", whole[..whole.len() - 20].to_vec(), "file"),
        ("bytes that are no workbook", file("units.xlsx", &[0xff; 4096]), "file"),
        ("a workbook cut short", file("units.xlsx", b"PK\x03\x04 and nothing else"), "file"),
        ("text that is no UTF-8", file("units.csv", &latin), "file"),
        ("only the header", rows(""), "file"),
        ("other columns", file("units.csv", b"name,colour\nx,red\n"), "rows[1].colour"),
        (
            "a wrong check character in the second row",
            rows(&format!("{GOOD}乙,91131000MA0ABCDE18,,trade,路,131081\n")),
            "rows[3].uscc",
        ),
        ("a region that nobody knows", rows(&format!("{GOOD}乙,,,trade,路,999999\n")), "rows[3].region_code"),
        ("a name that is too long", rows(&format!("{},,,trade,路,131081\n", "长".repeat(10_000))), "rows[2].name"),
        ("a control character", rows("a\u{7}b,,,trade,路,131081\n"), "rows[2].name"),
        ("a unit that is registered", rows(&format!("{GOOD}乙,91131081MA0DEM013G,,trade,路,131081\n")), "rows[3].uscc"),
    ]
}

demonstrated!(a_file_of_units_is_taken_whole_or_refused_by_row_and_column, |lis: TestLis| {
    let custodian = lis.person("a-custodian", &[Role::Custodian]);
    let api = lis.api(&lis.token(&custodian, &["manage_enterprises"]));
    let before = fingerprint(&lis);
    for (what, body, field) in unit_files() {
        let reply = send(&api, "/api/v1/enterprise-imports", body);
        assert!((400..=428).contains(&reply.status), "{what}: {} {}", reply.status, reply.text());
        assert_eq!(named(&reply).first().map(String::as_str), Some(field), "{what}: {}", reply.text());
    }
    assert_eq!(fingerprint(&lis), before, "no row of a refused file is kept");
    let body = parts(&[("file", Some("units.csv"), format!("{UNITS}{GOOD}").as_bytes())]);
    assert_eq!(send(&api, "/api/v1/enterprise-imports", body).expect(201).json()["imported"], 1);
});

demonstrated!(a_file_of_forms_names_what_is_wrong_with_it, |lis: TestLis| {
    let custodian = lis.person("a-custodian", &[Role::Custodian]);
    let api = lis.api(&lis.token(&custodian, &["import_forms"]));
    let before = fingerprint(&lis);
    let file = |bytes: &[u8]| parts(&[("file", Some("forms.csv"), bytes)]);
    let with = |mapping: &[u8]| parts(&[("file", Some("forms.csv"), b"x,y\n1,2\n"), ("mapping", None, mapping)]);
    let cases = [
        ("mode=", file(b"x,y\n1,2\n"), "mode"),
        ("mode=sometimes", file(b"x,y\n1,2\n"), "mode"),
        ("mode=%FF", file(b"x,y\n1,2\n"), "mode"),
        ("mode=all", parts(&[("mapping", None, b"x")]), "file"),
        ("mode=all", with(b"\xff\xfe"), "mapping"),
        ("mode=all", with(b"a\0b"), "mapping"),
        ("mode=all", with(b"no mapping"), "mapping"),
        ("mode=dry_run", with(b"[columns]\nno_such_field = \"x\"\n"), "mapping"),
    ];
    for (query, body, field) in cases {
        let reply = send(&api, &format!("/api/v1/sampling-form-imports?{query}"), body);
        assert!((400..=428).contains(&reply.status), "{query} {field}: {} {}", reply.status, reply.text());
        assert_eq!(named(&reply).first().map(String::as_str), Some(field), "{query}: {}", reply.text());
    }
    // Columns of another system: every one that is missing is named.
    let reply = send(&api, "/api/v1/sampling-form-imports?mode=all", file(b"x,y\n1,2\n")).expect(422);
    assert!(named(&reply).len() > 20, "{}", reply.text());
    assert_eq!(fingerprint(&lis), before);
});

demonstrated!(an_address_names_the_field_that_it_gets_wrong, |lis: TestLis| {
    let custodian = signed_in(&lis, "custodian");
    for (path, field, rule) in [
        ("/api/v1/samples?limit=abc", "limit", "此处应为整数"),
        ("/api/v1/samples?limit=0", "limit", "1 至 500 的整数"),
        ("/api/v1/samples?limit=501", "limit", "1 至 500 的整数"),
        ("/api/v1/enterprises?limit=99999999999999999999", "limit", "此处应为整数"),
        ("/api/v1/samples?state=%FF", "state", "UTF-8"),
    ] {
        let reply = custodian.ask("GET", path).header("accept-language", "zh-CN").send();
        assert!((400..=428).contains(&reply.status), "{path}: {} {}", reply.status, reply.text());
        assert_eq!(named(&reply).first().map(String::as_str), Some(field), "{path}: {}", reply.text());
        assert!(reply.text().contains(rule), "{path}: {}", reply.text());
    }
});

/// Pages that take a file, somebody of the demonstration who may send one (empty: anybody), and what goes beside the file.
pub const PAGES: &[(&str, &str, &[(&str, &str)])] = &[
    ("manager", "/catalogue/import", &[("kind", "limits"), ("encoding", "utf-8")]),
    (
        "custodian",
        "/assignment/1/result",
        &[("version", "1"), ("values", "0.10"), ("report_no", "LS-1"), ("reported_on", "2026-11-27")],
    ),
    ("manager", "/instruments/1/calibrations/1/file", &[("version", "1")]),
    ("custodian", "/enterprises/import", &[]),
    ("manager", "/imports", &[("kind", "suppliers"), ("encoding", "utf-8")]),
    ("custodian", "/pictures/1", &[("kind", "photo")]),
    ("sampler1", "/rapid-tests/1/pictures", &[]),
    ("custodian", "/sampling-forms/import", &[]),
    ("quality", "/quality/validation", &[]),
    (
        "manager",
        "/catalogue/verifications",
        &[
            ("method", "gb5009.15-2023/gfaas"),
            ("performed_on", "2026-11-20"),
            ("performed_by", "检验员乙"),
            ("recovery", "92 %"),
            ("conclusion", "suitable"),
        ],
    ),
    (
        "quality",
        "/controlled-documents",
        &[
            ("number", "SOP-018"),
            ("edition", "A/0"),
            ("title_zh", "样品处置程序"),
            ("kind", "sop"),
            ("valid_from", "2026-11-20"),
        ],
    ),
    ("", "/verify/ABCD-EFGH-JKLM", &[]),
];

/// Addresses of the API that take a file.
pub const PROGRAMS: &[&str] = &[
    "/api/v1/enterprise-imports",
    "/api/v1/sampling-form-imports",
    "/api/v1/verify/ABCD-EFGH-JKLM",
    "/api/v1/catalogue-imports",
    // In tests/it/imports.rs: lists of what the laboratory has.
    "/api/v1/list-imports",
    // In tests/it/subcontracting.rs and below: the report of another laboratory.
    "/api/v1/items/1/subcontract-result",
    // In tests/it/samples.rs: a picture of a sampling form.
    "/api/v1/sampling-forms/1/pictures",
    // In tests/it/deadlines.rs: a picture of a rapid test.
    "/api/v1/rapid-tests/1/pictures",
    "/api/v1/validation-runs",
    // In tests/it/equipment.rs: the file of a certificate.
    "/api/v1/instruments/1/calibrations/1/file",
    // In tests/it/verification.rs: the record of a verification.
    "/api/v1/method-verifications",
    // In tests/it/documents.rs: an edition of a controlled document.
    "/api/v1/controlled-documents",
    // In tests/it/profiles.rs: any file may be an instrument's.
    "/api/v1/profiles/proposals",
];

fn post(client: &Client, address: &str, body: Vec<u8>) -> Reply {
    let ask = client.ask("POST", address).header("sec-fetch-site", "same-origin");
    ask.body(&format!("multipart/form-data; boundary={BOUNDARY}"), body).send()
}

demonstrated!(a_page_takes_no_file_that_is_none, |lis: TestLis| {
    for (by, address, beside) in PAGES {
        let (client, csrf) = match *by {
            "" => (lis.client(), String::new()),
            by => {
                let client = signed_in(&lis, by);
                let csrf = client.form("/account", "/account/password").value("csrf").expect("a token").to_owned();
                (client, csrf)
            }
        };
        let mut own: Vec<Part> = beside.iter().map(|(name, value)| (*name, None, value.as_bytes())).collect();
        own.push(("csrf", None, csrf.as_bytes()));
        let with = |part: Part| parts(&[own.as_slice(), &[part]].concat());
        let good = ("file", Some("file.csv"), b"x,y\n1,2\n".as_slice());
        let whole = with(good);
        let mut hostile = vec![
            ("no parts", Vec::new()),
            ("no file", parts(&own)),
            ("an empty file", with(("file", Some("file.csv"), b""))),
            ("a body that breaks off", whole[..whole.len() - 20].to_vec()),
        ];
        // A visitor's file is compared with a report whatever it holds, and what is beside it is not read.
        if !by.is_empty() {
            hostile.extend([
                ("other columns", whole.clone()),
                ("bytes that are no workbook", with(("file", Some("file.xlsx"), &[0xff; 4096]))),
                ("a field with NUL", parts(&[("remark", None, b"a\0b"), good])),
                ("a field that is no UTF-8", parts(&[("remark", None, b"\xff\xfe"), good])),
            ]);
        }
        let before = fingerprint(&lis);
        for (what, body) in hostile {
            let reply = post(&client, address, body);
            assert!((400..=428).contains(&reply.status), "{address}: {what}: {} {}", reply.status, reply.shown());
        }
        if !by.is_empty() {
            assert_eq!(
                post(&client, address, parts(&[good])).status,
                403,
                "{address}: without the token of its session"
            );
        }
        assert_eq!(fingerprint(&lis), before, "{address}");
    }
});

demonstrated!(a_program_s_file_is_compared_only_if_there_is_one, |lis: TestLis| {
    let nobody = lis.client();
    let whole = parts(&[("file", Some("report.pdf"), b"%PDF-1.7 and so on")]);
    let before = fingerprint(&lis);
    for (what, body) in [
        ("no parts", Vec::new()),
        ("no file", parts(&[("remark", None, b"x")])),
        ("an empty file", parts(&[("file", Some("report.pdf"), b"")])),
        ("a body that breaks off", whole[..whole.len() - 20].to_vec()),
    ] {
        let reply = post(&nobody, "/api/v1/verify/ABCD-EFGH-JKLM", body);
        assert!((400..=428).contains(&reply.status), "{what}: {} {}", reply.status, reply.text());
        assert_eq!(named(&reply).first().map(String::as_str), Some("file"), "{what}: {}", reply.text());
    }
    assert_eq!(fingerprint(&lis), before);
});

demonstrated!(a_report_of_another_laboratory_names_what_is_wrong_with_it, |lis: TestLis| {
    let person = lis.person("a-custodian", &[Role::Custodian]);
    let custodian = lis.api(&lis.token(&person, &["assign_items"]));
    // No item of the demonstration is at another laboratory: whatever is sent is refused, what is wrong with it first.
    let item = lis.numbers("SELECT max(id) AS value FROM test_item WHERE state = 'planned'")[0];
    let path = format!("/api/v1/items/{item}/subcontract-result");
    let fields: [Part; 3] =
        [("values", None, b"0.10"), ("report_no", None, b"LS-1"), ("reported_on", None, b"2026-11-27")];
    let file = ("file", Some("report.pdf"), b"%PDF-1.7 and so on".as_slice());
    let instead = |part: Part| {
        let kept = fields.iter().filter(|(name, ..)| *name != part.0);
        parts(&kept.copied().chain([part, file]).collect::<Vec<_>>())
    };
    let another = ("file", Some("a.pdf"), b"PK\x03\x04".as_slice());
    let long = "长".repeat(10_000);
    let cases = [
        ("no parts", Vec::new(), "file"),
        ("no file", parts(&fields), "file"),
        ("an empty file", parts(&[("file", Some("report.pdf"), b"")]), "file"),
        ("another file", parts(&[fields.as_slice(), &[another]].concat()), "file"),
        ("no value", instead(("values", None, b"")), "values"),
        ("no number", instead(("values", None, b"much")), "values"),
        ("a value that is no UTF-8", instead(("values", None, b"\xff\xfe")), "values"),
        ("a value with NUL", instead(("values", None, b"1\0")), "values"),
        ("a number of the report that is too long", instead(("report_no", None, long.as_bytes())), "report_no"),
        ("a control character", instead(("report_no", None, b"a\x07b")), "report_no"),
        ("a day that no month has", instead(("reported_on", None, b"2026-02-30")), "reported_on"),
        ("a limit below zero", instead(("lod", None, b"-1")), "lod"),
        ("a unit that is too long", instead(("unit", None, long.as_bytes())), "unit"),
    ];
    let before = fingerprint(&lis);
    let ask = |path: &str, body: Vec<u8>| {
        let ask = custodian.ask("POST", path).header("sec-fetch-site", "same-origin");
        ask.body(&format!("multipart/form-data; boundary={BOUNDARY}"), body)
    };
    for (number, (what, body, field)) in cases.into_iter().enumerate() {
        let reply = ask(&path, body).key(&format!("hostile-{number}")).seen(1).send();
        assert!((400..=428).contains(&reply.status), "{what}: {} {}", reply.status, reply.text());
        assert_eq!(named(&reply).first().map(String::as_str), Some(field), "{what}: {}", reply.text());
    }
    let whole = || parts(&[fields.as_slice(), &[file]].concat());
    assert_eq!(ask(&path, whole()).key("without-version").send().status, 428);
    assert_eq!(ask(&path, whole()).seen(1).send().status, 428, "without a key");
    assert_eq!(ask(&path, whole()).key("stale").seen(99).send().status, 412);
    assert_eq!(ask("/api/v1/items/999999/subcontract-result", whole()).key("nowhere").seen(1).send().status, 404);
    assert_eq!(ask(&path, whole()).key("wrong-state").seen(1).send().expect(409).codes(), ["item-wrong-state"]);
    assert_eq!(fingerprint(&lis), before);
});

demonstrated!(a_table_of_the_catalogue_is_no_other_file, |lis: TestLis| {
    let manager = lis.person("a-manager", &[Role::TechnicalManager]);
    let api = lis.api(&lis.token(&manager, &["manage_catalogue"]));
    let table = ("file", Some("limits.csv"), b"x,y\n1,2\n".as_slice());
    let of = |kind: &'static [u8], part: Part| parts(&[("kind", None, kind), part]);
    let whole = of(b"limits", table);
    let cases = [
        ("no parts", Vec::new()),
        ("no file", parts(&[("kind", None, b"limits")])),
        ("no kind", parts(&[table])),
        ("a kind that is none", of(b"colours", table)),
        ("a kind that is no UTF-8", of(b"\xff\xfe", table)),
        ("an empty file", of(b"limits", ("file", Some("limits.csv"), b""))),
        ("other columns", whole.clone()),
        ("bytes that are no workbook", of(b"limits", ("file", Some("limits.xlsx"), &[0xff; 4096]))),
        ("a body that breaks off", whole[..whole.len() - 20].to_vec()),
    ];
    let before = fingerprint(&lis);
    for mode in ["dry_run", "all"] {
        for (what, body) in &cases {
            let reply = send(&api, &format!("/api/v1/catalogue-imports?mode={mode}"), body.clone());
            assert!((400..=428).contains(&reply.status), "{what}: {} {}", reply.status, reply.text());
            assert!(!named(&reply).is_empty(), "{what}: {}", reply.text());
        }
    }
    assert_eq!(fingerprint(&lis), before, "no row of a refused table is kept");
});

demonstrated!(a_validation_file_is_no_other_file, |lis: TestLis| {
    let officer = lis.person("an-officer", &[Role::QualityOfficer]);
    let api = lis.api(&lis.token(&officer, &["validate_program"]));
    let file = |bytes: &'static [u8]| parts(&[("file", Some("own.jsonl"), bytes)]);
    let whole = file(br#"{"id":"r1","ask":{"op":"round","x":"1.25","interval":"0.1"},"expect":{"value":"1.2"}}"#);
    let cases = [
        ("no parts", Vec::new()),
        ("no file", parts(&[("remark", None, b"x")])),
        ("an empty file", file(b"")),
        ("blank lines", file(b"\n\n  \n")),
        ("a table", file(b"x,y\n1,2\n")),
        ("no UTF-8", file(b"\xff\xfe")),
        ("nothing asked", file(br#"{"id":"r1","expect":{"value":"1.2"}}"#)),
        ("nothing expected", file(br#"{"id":"r1","ask":{"op":"round"},"expect":{}}"#)),
        ("an unknown field", file(br#"{"id":"r1","ask":{},"expect":{"value":"1"},"colour":"red"}"#)),
        ("a body that breaks off", whole[..whole.len() - 20].to_vec()),
    ];
    let before = fingerprint(&lis);
    for (what, body) in cases {
        let reply = send(&api, "/api/v1/validation-runs", body);
        assert!((400..=428).contains(&reply.status), "{what}: {} {}", reply.status, reply.text());
        assert!(!named(&reply).is_empty(), "{what}: {}", reply.text());
    }
    assert_eq!(fingerprint(&lis), before, "nothing is kept of a file that is none");
    send(&api, "/api/v1/validation-runs", whole).expect(201);
});
