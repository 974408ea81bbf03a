//! Limits: which edition decides, and how the laboratory replaces the table.

use std::path::Path;
use std::process::{Command, Output};

use lis_tests::{Client, Person, Reply, TestLis, demonstrated};
use serde_json::Value;

use crate::steps::{House, number, rice_order, text};

// Requirement: Q711-7
demonstrated!(the_edition_of_the_production_date_decides, |lis: TestLis| {
    let house = House::of(&lis);
    let limit = |produced: &str| {
        let path = format!("/api/v1/limits?food=GB%202762:leafy-vegetables&analyte=pb&produced={produced}");
        let found = house.items("tester1", &path);
        let governing = found.iter().find(|limit| limit["governing"] == true).expect("a limit");
        (text(&governing["standard"]), text(&governing["value"]))
    };
    // GB 2762-2025 came into force on 2026-09-02.
    assert_eq!(limit("2026-09-01"), ("GB 2762-2022".to_owned(), "0.3".to_owned()));
    assert_eq!(limit("2026-09-02"), ("GB 2762-2025".to_owned(), "0.3".to_owned()));
    let refused = house.by("tester1").get("/api/v1/limits?food=&analyte=pb&produced=2026-02-30").expect(422);
    assert_eq!(refused.codes().len(), 2, "{}", refused.text());
    house.by("market").get("/api/v1/limits").expect(404);
});

/// The laboratory's own table: the shipped one with some words replaced.
fn table(folder: &Path, changes: &[(&str, &str)]) -> std::path::PathBuf {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../lis-server/assets/reference/limits.csv");
    let mut text = std::fs::read_to_string(shipped).expect("the shipped table");
    for (old, new) in changes {
        assert_eq!(text.matches(old).count(), 1, "{old}");
        text = text.replace(old, new);
    }
    let path = folder.join("limits.csv");
    std::fs::write(&path, text).expect("a writable directory");
    path
}

fn import(lis: &TestLis, kind: &str, file: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lis-server-under-test"))
        .args(["import", kind, "--data"])
        .arg(lis.database.directory())
        .arg(file)
        .env("LIS_DATABASE_URL", lis.database.url())
        .env("LIS_LOG", "error")
        .output()
        .expect("the program runs")
}

/// Cadmium in rice by the 2025 edition, up to its value.
const RICE: &str = "gb2762-2025/cd/paddy-brown-rice-rice,GB 2762-2025,GB 2762,paddy-brown-rice-rice,\
                    稻谷、糙米、大米（粉）,\"Paddy, brown rice, rice (flour)\",cd,镉（以Cd计）,Cadmium (as Cd),7440-43-9,max,";

demonstrated!(a_table_is_replaced_whole_or_not_at_all, |lis: TestLis| {
    let house = House::of(&lis);
    let folder = tempfile::tempdir().expect("a temporary directory");
    let sets = |lis: &TestLis| lis.rows("catalogue_set");
    let before = sets(&lis);
    let bad = table(folder.path(), &[(&format!("{RICE}0.2,mg/kg"), &format!("{RICE}0.O2,mg/kilo"))]);
    let refused = import(&lis, "limits", &bad);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(1), "{said}");
    let row = std::fs::read_to_string(&bad).expect("the table").lines().position(|line| line.starts_with(RICE));
    let row = row.expect("the row") + 1;
    for column in ["value", "unit"] {
        let named = |line: &str| line.contains(&format!("row {row}, column")) && line.contains(&format!("({column})"));
        assert!(said.lines().any(named), "{column} of row {row} is not named:\n{said}");
    }
    assert_eq!(sets(&lis), before, "nothing was imported");

    // The laboratory's technical manager loads another limit; the next result is judged by it.
    let good = table(folder.path(), &[(&format!("{RICE}0.2,"), &format!("{RICE}0.02,"))]);
    let done = import(&lis, "limits", &good);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let sample = house.receive(house.order(&rice_order()));
    house.assign(sample.label(), "tester2");
    house.measure_cadmium(sample.label(), "tester2", "2.05");
    let items = house.items("checker", "/api/v1/items?state=calculated&limit=500");
    let item = items.iter().find(|item| item["label_code"] == sample.label()).expect("the item");
    // (2.05 - 0.01) x 10 / 500 = 0.0408 mg/kg: within 0.2, above 0.02.
    assert_eq!((text(&item["reported"]), text(&item["verdict"])), ("0.041".to_owned(), "FAIL".to_owned()));
});

/// Every kind of set, in the order in which a laboratory brings its own.
const KINDS: &[&str] = &[
    "food_categories",
    "analytes",
    "standards",
    "completeness",
    "limits",
    "methods",
    "detection_limits",
    "uncertainties",
    "formulas",
    "record_forms",
    "implementing_rules",
    "calendar",
];

demonstrated!(every_set_is_the_laboratorys_to_replace, |lis: TestLis| {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../lis-server/assets/reference");
    let before = lis.rows("catalogue_set");
    for kind in KINDS {
        let done = import(&lis, kind, &shipped.join(format!("{kind}.csv")));
        assert!(done.status.success(), "{kind}: {}", String::from_utf8_lossy(&done.stderr));
    }
    assert_eq!(lis.rows("catalogue_set"), before + KINDS.len() as i64);

    // A formula that lost its thousand proves its own example, and its unit does not follow; an analyte that limits name
    // cannot go. Both are named, and nothing is stored.
    let folder = tempfile::tempdir().expect("a temporary directory");
    let changed = |kind: &str, change: &dyn Fn(String) -> String| {
        let text = std::fs::read_to_string(shipped.join(format!("{kind}.csv"))).expect("a shipped table");
        let path = folder.path().join(format!("{kind}.csv"));
        std::fs::write(&path, change(text)).expect("a writable directory");
        let refused = import(&lis, kind, &path);
        assert_eq!(refused.status.code(), Some(1), "{kind}");
        String::from_utf8_lossy(&refused.stderr).into_owned()
    };
    let said = changed("formulas", &|text| {
        text.replacen("volume/(mass*1000)", "volume/mass", 1).replacen("0.109496316942", "109.496316942", 1)
    });
    assert!(said.contains("row 2, column E (expression)") && said.contains("1000 times"), "{said}");
    let said = changed("analytes", &|text| {
        text.lines().filter(|line| !line.starts_with("pb,")).map(|line| format!("{line}\n")).collect()
    });
    assert!(said.contains("column key") && said.contains("\"pb\"") && said.contains("limits"), "{said}");
    // A form whose field feeds what no formula of its method reads.
    let said = changed("record_forms", &|text| text.replacen(",yes,mass_before,", ",yes,mass_wet,", 1));
    assert!(said.contains("(feeds)") && said.contains("mass_wet"), "{said}");
    assert_eq!(lis.rows("catalogue_set"), before + KINDS.len() as i64);
});

const IMPORTS: &str = "/api/v1/catalogue-imports";

/// A table as a program sends it, with what it says about it.
fn send(client: &Client, path: &str, kind: &str, file: &Path) -> Reply {
    const BOUNDARY: &str = "boundary-of-the-tests";
    let mut body = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"kind\"\r\n\r\n{kind}\r\n--{BOUNDARY}\r\n\
         Content-Disposition: form-data; name=\"file\"; filename=\"limits.csv\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    )
    .into_bytes();
    body.extend(std::fs::read(file).expect("the table"));
    body.extend(format!("\r\n--{BOUNDARY}--\r\n").into_bytes());
    client.ask("POST", path).body(&format!("multipart/form-data; boundary={BOUNDARY}"), body).send()
}

// Requirement: Q711-7
demonstrated!(a_program_replaces_a_table_whole_or_not_at_all, |lis: TestLis| {
    let house = House::of(&lis);
    let manager = Person { id: house.person("manager"), username: "manager".to_owned(), roles: Vec::new() };
    let api = lis.api(&lis.token(&manager, &["manage_catalogue"]));
    let folder = tempfile::tempdir().expect("a temporary directory");
    let before = lis.rows("catalogue_set");
    let bad = table(folder.path(), &[(&format!("{RICE}0.2,mg/kg"), &format!("{RICE}0.O2,mg/kilo"))]);
    let row = std::fs::read_to_string(&bad).expect("the table").lines().position(|line| line.starts_with(RICE));
    let row = row.expect("the row") + 1;
    for mode in ["dry_run", "all"] {
        let refused = send(&api, &format!("{IMPORTS}?mode={mode}"), "limits", &bad).expect(422).json();
        let reasons = refused["reasons"].as_array().expect("reasons");
        let named: Vec<&str> = reasons.iter().filter_map(|reason| reason["field"].as_str()).collect();
        for column in ["value", "unit"] {
            assert!(named.contains(&format!("rows[{row}].{column}").as_str()), "{column}: {refused}");
        }
    }
    let good = table(folder.path(), &[(&format!("{RICE}0.2,"), &format!("{RICE}0.02,"))]);
    assert_eq!(send(&api, IMPORTS, "prices", &good).expect(422).codes(), ["field-invalid"]);
    assert_eq!(send(&api, &format!("{IMPORTS}?mode=perhaps"), "limits", &good).expect(422).codes(), ["field-invalid"]);
    let tried = send(&api, &format!("{IMPORTS}?mode=dry_run"), "limits", &good).expect(200).json();
    assert_eq!((tried["kind"].as_str(), &tried["already"]), (Some("limits"), &false.into()), "{tried}");
    assert_eq!(lis.rows("catalogue_set"), before, "nothing was imported");

    let done = send(&api, IMPORTS, "limits", &good).expect(201).json();
    assert_eq!((number(&done, "rows"), &done["already"]), (number(&tried, "rows"), &false.into()), "{done}");
    let again = send(&api, IMPORTS, "limits", &good).expect(200).json();
    assert_eq!((&again["already"], &again["in_force"]), (&true.into(), &done["id"]), "{again}");
    assert_eq!(lis.rows("catalogue_set"), before + 1, "once");

    let path = "/api/v1/limits?food=GB%202762:paddy-brown-rice-rice&analyte=cd&produced=2026-11-10";
    let found = house.items("tester1", path);
    let governing = found.iter().find(|limit| limit["governing"] == true).expect("a limit");
    assert_eq!(governing["value"], "0.02", "the next sample is judged by it");

    let sets = house.items("tester1", "/api/v1/catalogue-sets?limit=500");
    let limits: Vec<&Value> = sets.iter().filter(|set| set["kind"] == "limits").collect();
    let in_force: Vec<bool> = limits.iter().map(|set| set["in_force"] == true).collect();
    assert_eq!(in_force.first(), Some(&true));
    assert!(in_force[1..].iter().all(|one| !one), "one set of a kind is in force: {limits:?}");
    assert_eq!((&limits[0]["id"], text(&limits[0]["name"])), (&done["id"], "limits.csv".to_owned()));
    let page = house.by("tester1").get("/catalogue/sets").expect(200).page().text();
    assert!(page.contains("技术负责人壬"), "who loaded it: {page}");
    let first = house.get("tester1", "/api/v1/catalogue-sets?limit=1");
    let second = house.items("tester1", &format!("/api/v1/catalogue-sets?limit=1&after={}", text(&first["next"])));
    assert_eq!(second[0]["id"], sets[1]["id"]);
    let declared = house.items("tester1", "/api/v1/catalogue-completeness");
    assert!(declared.iter().any(|one| one["standard"] == "GB 2762" && one["complete"] == false), "{declared:?}");

    let tester = Person { id: house.person("tester1"), username: "tester1".to_owned(), roles: Vec::new() };
    send(&lis.api(&lis.token(&tester, &["see_bench"])), IMPORTS, "limits", &good).expect(403);
    house.by("market").get("/api/v1/catalogue-sets").expect(404);
});

demonstrated!(what_came_with_the_program_is_said_to_be_unverified_and_can_be_taken, |lis: TestLis| {
    let house = House::of(&lis);
    let shown = |username: &str, path: &str| house.by(username).get(path).expect(200).page().text();
    let starter = "Starter set of the program";
    let limits = "/catalogue?food=GB%202762:leafy-vegetables&analyte=pb&produced=2026-10-01";
    for path in [limits, "/catalogue/methods", "/catalogue/sets"] {
        assert!(shown("tester1", path).contains(starter), "{path}");
    }
    let page = shown("tester1", limits);
    assert!(page.contains("confidence: ") && !page.contains("STD") && !page.contains("DIFF"), "{page}");
    let page = shown("tester1", "/catalogue/sets");
    assert!(page.contains("Came with the program") && !page.contains("system:shipped"), "{page}");
    let page = shown("manager", "/catalogue/import");
    for said in ["detection_limits", "food_category_zh", "valid_from"] {
        assert!(page.contains(said), "{said}: {page}");
    }

    let sets = house.items("tester1", "/api/v1/catalogue-sets?limit=500");
    let own = sets.iter().find(|set| set["kind"] == "limits" && set["in_force"] == true).expect("limits");
    let taken = house.by("tester1").get(&format!("/catalogue/sets/{}/file", own["id"])).expect(200);
    assert_eq!(taken.header("content-type"), Some("text/csv; charset=utf-8"));
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../lis-server/assets/reference/limits.csv");
    assert!(taken.body == std::fs::read(shipped).expect("the shipped table"), "the table itself");
    house.by("tester1").get("/catalogue/sets/999999/file").expect(404);
    house.by("market").get(&format!("/api/v1/catalogue-sets/{}/file", own["id"])).expect(404);

    // The laboratory's own is not called so.
    let manager = Person { id: house.person("manager"), username: "manager".to_owned(), roles: Vec::new() };
    let api = lis.api(&lis.token(&manager, &["manage_catalogue"]));
    let folder = tempfile::tempdir().expect("a temporary directory");
    let good = table(folder.path(), &[(&format!("{RICE}0.2,"), &format!("{RICE}0.02,"))]);
    send(&api, IMPORTS, "limits", &good).expect(201);
    assert!(!shown("tester1", limits).contains(starter));
    assert!(shown("tester1", "/catalogue/methods").contains(starter));
});

// Requirement: Q72-4
demonstrated!(an_edition_to_come_is_listed_and_waits_for_the_technical_manager_when_it_is_near, |lis: TestLis| {
    let house = House::of(&lis);
    let listed = house.items("tester1", "/api/v1/coming-editions");
    let of = |standard: &str| listed.iter().find(|one| one["standard"] == standard).expect("the edition").clone();
    let toxin = of("GB 5009.96");
    assert_eq!((number(&toxin, "edition"), number(&toxin, "replaces")), (2026, 2016));
    assert_eq!((text(&toxin["valid_from"]), number(&toxin, "days")), ("2027-02-18".to_owned(), 83));
    let page = house.by("tester1").get("/catalogue/editions").expect(200).page().text();
    assert!(page.contains("GB 5009.96-2026") && page.contains("2027-02-18"), "{page}");
    let waiting = "Editions of methods that come into force soon";
    let home = |username: &str| house.by(username).get("/").expect(200).page().text();
    assert!(!home("manager").contains(waiting), "83 days are far");
    lis.clock.advance(chrono::TimeDelta::days(60));
    assert!(home("manager").contains(waiting), "23 days are near");
    assert!(!home("quality").contains(waiting));
    lis.clock.advance(chrono::TimeDelta::days(23));
    assert!(!home("manager").contains(waiting), "in force");
    assert!(house.items("tester1", "/api/v1/coming-editions").is_empty());
});
