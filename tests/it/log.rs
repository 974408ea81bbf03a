//! The one log: an entry for every change, a chain that shows every tampering, positions without holes, words that can
//! be erased.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use lis_server::accounts::actions::PersonInput;
use lis_server::accounts::{Actor, Role};
use lis_server::audit::personal::{self, Sealer};
use lis_server::audit::verify::{self, Damage};
use lis_server::audit::{entry_hash, export};
use lis_server::cases::actions::{IssuedReport, report_issued};
use lis_server::db::Conn;
use lis_server::domain::ids::{ReportId, SampleId};
use lis_server::domain::refusal::{Fault, NOT_FOUND};
use lis_server::server;
use lis_tests::system::texts;
use lis_tests::{Client, FreshDatabase, PASSWORD, TestLis, both_databases, demonstrated};

use crate::steps::House;

both_databases!(every_change_leaves_one_entry, |lis: TestLis| {
    let admin = lis.person("admin", &[Role::Administrator]);
    let li = lis.person("li", &[Role::Tester]);
    let path = format!("/people/{}", li.id);
    let events = || lis.texts("SELECT event AS value FROM audit_entry ORDER BY id");
    let mut expected = events();
    assert_eq!(expected, ["person-created", "person-created"]);

    let client = lis.signed_in(&admin);
    let new = client.form("/people/new", "/people").set("username", "wang").set("name", "王").tick("roles", "sampler");
    client.send(&new).expect(200);
    client.send(&client.form(&path, &path).set("phone", "12345")).expect(303);
    let token = client.form(&path, &format!("{path}/tokens")).set("purpose", "balance").tick("scopes", "enter_results");
    let page = client.send(&token).expect(200).page();
    let revoke = page.all("form").iter().find_map(|f| f.value().attr("action").filter(|a| a.ends_with("/revoke")));
    client.send(&page.form(revoke.expect("a button"))).expect(303);
    client.send(&client.form(&path, &format!("{path}/password"))).expect(200);
    let account = client.get("/account").page();
    // An administrator signs nothing, and his page offers no signing password: a program that knows its address sets one.
    assert!(account.all("form[action='/account/signing-password']").is_empty(), "{}", account.text());
    let csrf = account.attribute("form[action='/account/password'] input[name=csrf]", "value").expect("a token");
    let typed = [("csrf", csrf.as_str()), ("current_password", PASSWORD), ("signing_password", "only for signing")];
    let typed = typed.map(|(name, value)| (name.to_owned(), value.to_owned()));
    client.post_pairs("/account/signing-password", &typed).expect(303);
    let grant = serde_json::json!({"meaning": "tested", "signing_password": "only for signing"});
    client.send_json("POST", "/api/v1/signing-grants", &grant).send().expect(201);
    let form = account.form("/account/password").set("current_password", PASSWORD);
    client.send(&form.set("new_password", "a better password")).expect(303);
    let wrong = lis.client();
    wrong.send(&wrong.form("/sign-in", "/sign-in").set("username", "admin").set("password", "wrong")).expect(422);
    client.send(&client.get("/").page().form("/sign-out")).expect(303);

    expected.extend(
        [
            "signed-in",
            "person-created",
            "person-changed",
            "token-created",
            "token-revoked",
            "password-reset",
            "signing-password-set",
            "signing-opened",
            "password-changed",
            "sign-in-failed",
            "signed-out",
        ]
        .map(str::to_owned),
    );
    assert_eq!(events(), expected);
    // Reading and refusals leave none.
    client.get("/people").expect(303);
    assert_eq!(lis.verified().map(|log| log.entries), Ok(i64::try_from(expected.len()).expect("a small number")));
    let who = lis.texts("SELECT actor || ' ' || role AS value FROM audit_entry WHERE event = 'person-changed'");
    assert_eq!(who, [format!("person:{} administrator", admin.id)]);
});

/// A database with a log of some length, whose server has stopped.
fn stopped_with_a_log(lis: TestLis) -> std::sync::Arc<FreshDatabase> {
    for name in ["li", "wang", "zhang", "zhao"] {
        lis.person(name, &[Role::Tester]);
    }
    lis.verified().expect("the log is whole");
    lis.stop()
}

/// Takes the triggers away, as somebody with the database's password could.
fn without_triggers(conn: &mut Conn) {
    let statements: Vec<String> = match conn {
        Conn::Sqlite(_) => {
            texts(conn, "SELECT 'DROP TRIGGER ' || name AS value FROM sqlite_master WHERE type = 'trigger'")
        }
        Conn::Postgres(_) => texts(
            conn,
            "SELECT DISTINCT 'ALTER TABLE ' || relname || ' DISABLE TRIGGER USER' AS value FROM pg_trigger t \
             JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT tgisinternal",
        ),
    };
    for statement in statements {
        conn.batch_execute(&statement).expect("the trigger goes");
    }
}

/// What verification says after somebody ran statements on a copy.
fn after(database: &FreshDatabase, statements: &[String]) -> Result<i64, Damage> {
    let copy = database.copy();
    let mut conn = copy.connect();
    without_triggers(&mut conn);
    for statement in statements {
        let rows = diesel::sql_query(statement).execute(&mut conn).unwrap_or_else(|e| panic!("{statement}: {e}"));
        assert!(rows > 0, "{statement} changed nothing");
    }
    verify::verify(&mut conn).expect("the log can be read").map(|log| log.entries)
}

both_databases!(every_kind_of_tampering_is_found, |lis: TestLis| {
    let database = stopped_with_a_log(lis);
    let tampered =
        |statements: &[&str]| after(&database, &statements.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>());
    assert_eq!(tampered(&[]), Ok(4));

    let at_2 = "(SELECT entry_id FROM log_link WHERE position = 2)";
    let edited = format!("UPDATE audit_entry SET body = replace(body, 'tester', 'signatory') WHERE id = {at_2}");
    assert_eq!(tampered(&[&edited]), Err(Damage::EntryHash { position: 2 }));

    // Whoever also corrects the entry's own hash meets the chain.
    let body =
        texts(&mut database.connect(), &format!("SELECT body AS value FROM audit_entry WHERE id = {at_2}")).concat();
    let forged = body.replace("\"tester\"", "\"signatory\"");
    assert_ne!(body, forged);
    let hash = entry_hash(&forged);
    let rehashed = format!("UPDATE audit_entry SET entry_hash = '{hash}', body = '{forged}' WHERE id = {at_2}");
    assert_eq!(tampered(&[&rehashed]), Err(Damage::Chain { position: 2 }));

    for (column, value) in [
        ("at", "'2026-11-15 23:59:59'"),
        ("actor", "'person:7'"),
        ("role", "'signatory'"),
        ("device", "'elsewhere'"),
        ("cause", "'nothing'"),
        ("object_kind", "'sample'"),
        ("object_id", "77"),
        ("object_version", "77"),
        ("event", "'person-removed'"),
        ("regions", "'13'"),
    ] {
        match tampered(&[&format!("UPDATE audit_entry SET {column} = {value} WHERE id = {at_2}")]) {
            Err(Damage::Column { position: 2, column: named, .. }) => assert_eq!(named, column),
            other => panic!("{column}: {other:?}"),
        }
    }

    assert_eq!(tampered(&["DELETE FROM log_link WHERE position = 2"]), Err(Damage::Hole { expected: 2, found: 3 }));
    assert_eq!(tampered(&["DELETE FROM log_link WHERE position = 4"]), Err(Damage::Head { head: 4, last: 3 }));
    let cut = [
        "DELETE FROM log_link WHERE position = 4",
        "UPDATE log_head SET position = 3, chain_hash = (SELECT chain_hash FROM log_link WHERE position = 3)",
    ];
    assert_eq!(tampered(&cut), Err(Damage::Loose { count: 1 }));
    let closed_gap = [
        "DELETE FROM log_link WHERE position = 2",
        "UPDATE log_link SET position = 2 WHERE position = 3",
        "UPDATE log_link SET position = 3 WHERE position = 4",
    ];
    assert_eq!(tampered(&closed_gap), Err(Damage::Chain { position: 2 }));
    let slipped_in = [
        "INSERT INTO audit_entry (id, at, actor, role, device, cause, object_kind, object_id, object_version, event, \
         regions, body, entry_hash) SELECT 99, at, actor, role, device, cause, object_kind, object_id, object_version, \
         event, regions, body, entry_hash FROM audit_entry WHERE id = (SELECT max(id) FROM audit_entry)",
    ];
    assert_eq!(tampered(&slipped_in), Err(Damage::Loose { count: 1 }));
    let changed_link =
        "UPDATE log_link SET chain_hash = (SELECT chain_hash FROM log_link WHERE position = 1) WHERE position = 3";
    assert_eq!(tampered(&[changed_link]), Err(Damage::Chain { position: 3 }));
    let changed_head = "UPDATE log_head SET chain_hash = (SELECT chain_hash FROM log_link WHERE position = 1)";
    assert_eq!(tampered(&[changed_head]), Err(Damage::Head { head: 4, last: 4 }));

    // Two entries that changed places, each with the chain hash of the place.
    let links = texts(
        &mut database.connect(),
        "SELECT entry_id || ', ''' || chain_hash || '''' AS value FROM log_link ORDER BY position",
    );
    let (second, third) = (links[1].split_once(", ").expect("two"), links[2].split_once(", ").expect("two"));
    let swapped = [
        "DELETE FROM log_link WHERE position IN (2, 3)".to_owned(),
        format!("INSERT INTO log_link (position, entry_id, chain_hash) VALUES (2, {}, {})", third.0, second.1),
        format!("INSERT INTO log_link (position, entry_id, chain_hash) VALUES (3, {}, {})", second.0, third.1),
    ];
    assert_eq!(after(&database, &swapped), Err(Damage::Chain { position: 2 }));
});

both_databases!(an_export_is_verified_without_a_database, |lis: TestLis| {
    let database = stopped_with_a_log(lis);
    let program = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_lis-server-under-test"))
            .args(arguments)
            .env("LIS_DATABASE_URL", database.url())
            .env("LIS_DATA", database.directory())
            .output()
            .expect("the program runs")
    };
    let verified = program(&["audit", "verify"]);
    let said = String::from_utf8_lossy(&verified.stdout).into_owned();
    assert!(verified.status.success() && said.contains("whole, 4 entries, 0 waiting"), "{said}");
    assert!(said.contains("stand as the log says"), "{said}");
    let chain = said.lines().next().and_then(|line| line.rsplit(' ').next()).expect("the chain").to_owned();

    let exported = program(&["audit", "export"]);
    assert!(exported.status.success());
    let text = String::from_utf8(exported.stdout).expect("UTF-8");
    assert_eq!(text.lines().count(), 4);
    let walk = export::verify_file(text.as_bytes()).expect("the export is whole");
    assert_eq!((walk.position(), walk.chain_hash()), (4, chain.clone()));

    let file = database.directory().join("log.ndjson");
    std::fs::write(&file, &text).expect("a file");
    let path = file.to_str().expect("UTF-8");
    let outside = Command::new(env!("CARGO_BIN_EXE_lis-server-under-test"))
        .args(["audit", "verify", "--file", path])
        .current_dir(std::env::temp_dir())
        .output()
        .expect("the program runs");
    assert!(String::from_utf8_lossy(&outside.stdout).contains(&chain), "{outside:?}");

    // A root that somebody kept is passed by the database and by the export, and a forged one by neither.
    let kept = texts(&mut database.connect(), "SELECT chain_hash AS value FROM log_link WHERE position = 2").concat();
    for (root, wrong) in [
        (format!("2:{kept}"), None),
        (format!("3:{kept}"), Some("position 3: the chain is not the one of the given root")),
        (format!("5:{kept}"), Some("the given root is of position 5, the log ends at 4")),
    ] {
        let from_file = ["--file", path];
        for file in [&from_file[..0], &from_file[..]] {
            let mut arguments = vec!["audit", "verify", "--root", root.as_str()];
            arguments.extend_from_slice(file);
            let asked = program(&arguments);
            assert_eq!(asked.status.success(), wrong.is_none(), "{root}: {asked:?}");
            let said = String::from_utf8_lossy(&asked.stderr).into_owned();
            assert!(said.contains(wrong.unwrap_or_default()), "{root}: {said}");
        }
    }

    std::fs::write(&file, text.replacen("\\\"tester\\\"", "\\\"signatory\\\"", 1)).expect("a file");
    let damaged = program(&["audit", "verify", "--file", path]);
    assert_eq!(damaged.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&damaged.stderr).contains("position 1"), "{damaged:?}");
    let short: String =
        text.lines().filter(|line| !line.contains("\"position\":2")).map(|l| format!("{l}\n")).collect();
    assert!(export::verify_file(short.as_bytes()).is_err());
    assert!(export::verify_file(&b"not a log\n"[..]).is_err());
});

/// The writers of the issue, and how often each writes.
const WRITERS: i64 = 32;
const WRITES: i64 = 12;

/// Every fifth write is refused at its end.
fn is_refused(number: i64) -> bool {
    number % 5 == 4
}

/// Taken in a county of the city 1306, or of another city of the province.
fn region_of(number: i64) -> &'static str {
    if number % 2 == 0 { "130681" } else { "131002" }
}

fn form_no(writer: i64, number: i64) -> String {
    format!("F-{writer}-{number}")
}

/// The sample and the report of a write.
fn id_of(writer: i64, number: i64) -> i64 {
    writer * WRITES + number + 1
}

/// For every write a sample with a report that fails.
fn failing_reports(lis: &TestLis, entered_by: i64) {
    let rows = |row: &dyn Fn(i64, i64) -> String| {
        let places = (0..WRITERS).flat_map(|writer| (0..WRITES).map(move |number| (writer, number)));
        places.map(|(writer, number)| row(writer, number)).collect::<Vec<_>>().join(", ")
    };
    let at = "'2026-11-16 01:00:00'";
    let forms = rows(&|writer, number| {
        let (id, form_no, region) = (id_of(writer, number), form_no(writer, number), region_of(number));
        format!(
            "({id}, 1, '{form_no}', 'on_site', 'supervision', '', '超市', '{region}', '', '菠菜', '', '', '{{}}', {at}, {at}, \
             {entered_by})"
        )
    });
    let samples = rows(&|writer, number| {
        let id = id_of(writer, number);
        format!("({id}, 1, {id}, 'S{id}', 'supervision', 'tested', '', FALSE, {at})")
    });
    let reports = rows(&|writer, number| {
        let id = id_of(writer, number);
        format!("({id}, 1, 'R{id}', {id}, 'issued', '', 'zh-CN', 'fail', '{{}}', 'V{id}', {at}, {at})")
    });
    for statement in [
        format!(
            "INSERT INTO sampling_form (id, version, form_no, source, task_category, ordering_name, unit_name, unit_region, \
             producer_name, sample_name, food_category, batch_no, document, done_at, entered_at, entered_by) VALUES {forms}"
        ),
        format!(
            "INSERT INTO sample (id, version, form_id, sample_no, sample_type, state, hold_reason, due_provisional, \
             created_at) VALUES {samples}"
        ),
        format!(
            "INSERT INTO report (id, version, report_no, sample_id, state, amendment_reason, language, conclusion, \
             document, verification_code, issued_at, created_at) VALUES {reports}"
        ),
    ] {
        lis.sql(&statement).expect("rows of the test");
    }
}

/// The program of a region's authority.
fn authority(lis: &TestLis, region: &str) -> Client {
    let input = PersonInput {
        username: format!("region{region}"),
        name: region.to_owned(),
        region_code: region.to_owned(),
        roles: vec!["regulator".to_owned()],
        ..PersonInput::default()
    };
    lis.api(&lis.token(&lis.person_as(&input), &["read_failing_results"]))
}

/// One page of an authority's feed: the forms of the failing samples in their order, and where the next page begins.
fn pull(authority: &Client, after: &str, limit: i64) -> (Vec<String>, String) {
    let page = authority.get(&format!("/api/v1/failing-results?limit={limit}&after={after}")).expect(200).json();
    let items = page["items"].as_array().expect("items");
    let forms = items.iter().map(|item| item["sample"]["form_no"].as_str().expect("a form").to_owned());
    (forms.collect(), page["next"].as_str().expect("a cursor").to_owned())
}

both_databases!(thirty_two_writers_leave_no_hole_and_a_reader_misses_nothing, |lis: TestLis| {
    server::prepare(&lis.app).expect("the shipped data");
    for region in ["13", "1306", "130681", "1307", "1310", "131002"] {
        lis.region(region, region, region);
    }
    let city = authority(&lis, "1306");
    failing_reports(&lis, lis.numbers("SELECT min(id) AS value FROM person")[0]);
    let before = lis.verified().expect("the log is whole").entries;

    let writing = AtomicBool::new(true);
    let read = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let db = lis.app.db.clone();
                scope.spawn(move || {
                    for number in 0..WRITES {
                        let written = db.write_now(move |tx| {
                            let report = IssuedReport {
                                report_id: ReportId(id_of(writer, number)),
                                report_no: format!("R{}", id_of(writer, number)),
                                sample_id: SampleId(id_of(writer, number)),
                                conclusion: "fail".to_owned(),
                                amends: None,
                                issued_at: tx.now,
                            };
                            report_issued(tx, &Actor::system("tests", format!("writer {writer}")), &report)?;
                            // Refused at the end: its numbers must leave no hole.
                            if is_refused(number) { Err(NOT_FOUND.into()) } else { Ok(()) }
                        });
                        match written {
                            Ok(()) | Err(Fault::Refused(_)) => {}
                            Err(fault) => panic!("writer {writer}, number {number}: {fault}"),
                        }
                    }
                })
            })
            .collect();
        // The feed of the city, pulled page by page all the while, each page after the cursor of the one before.
        let reader = scope.spawn(|| {
            let (mut seen, mut after) = (Vec::new(), String::new());
            loop {
                let ending = !writing.load(Ordering::SeqCst);
                let (forms, next) = pull(&city, &after, 7);
                if forms.is_empty() && ending {
                    return seen;
                }
                seen.extend(forms);
                after = next;
            }
        });
        for writer in writers {
            writer.join().expect("a writer");
        }
        lis.app.db.wait_until_linked(Duration::from_secs(30)).expect("every entry gets its position");
        writing.store(false, Ordering::SeqCst);
        reader.join().expect("the reader")
    });

    let kept: Vec<i64> = (0..WRITES).filter(|number| !is_refused(*number)).collect();
    let in_city = kept.iter().filter(|number| region_of(**number) == "130681");
    let mut expected: Vec<String> =
        in_city.flat_map(|number| (0..WRITERS).map(move |writer| form_no(writer, *number))).collect();
    expected.sort_unstable();
    assert_eq!(read, pull(&city, "", 500).0, "what was pulled on the way is all there is, once, in order");
    let mut sorted = read;
    sorted.sort_unstable();
    assert_eq!(sorted, expected, "every case of the city's county, and no other");
    // Told: the county, the city above it and the province above both; the neighbour nothing.
    let told = |region: &str| i64::try_from(pull(&authority(&lis, region), "", 500).0.len());
    let (kept, even) = (WRITERS * kept.len() as i64, expected.len() as i64);
    assert_eq!((told("130681"), told("13"), told("131002")), (Ok(even), Ok(kept), Ok(kept - even)));
    assert_eq!((told("1310"), told("1307")), (Ok(kept - even), Ok(0)));

    // A case leaves two entries: it was opened, and the authorities were told.
    let log = lis.verified().expect("the log is whole");
    let people = 5;
    assert_eq!((log.entries, log.pending), (before + 2 * kept + people, 0));
    let positions = lis.numbers("SELECT position AS value FROM log_link ORDER BY position");
    assert_eq!(positions, (1..=log.entries).collect::<Vec<_>>());
});

both_databases!(erased_words_cannot_be_read_and_the_log_stays_whole, |lis: TestLis| {
    let admin = lis.person("admin", &[Role::Administrator]);
    let client = lis.signed_in(&admin);
    let form =
        client.form("/people/new", "/people").set("username", "wang").set("name", "王检").set("phone", "0312-555");
    client.send(&form.tick("roles", "tester")).expect(200);
    let subject = format!("person:{}", lis.numbers("SELECT id AS value FROM person WHERE username = 'wang'")[0]);
    let body =
        lis.texts("SELECT body AS value FROM audit_entry WHERE event = 'person-created' ORDER BY id DESC").remove(0);
    assert!(!body.contains("王检") && !body.contains("0312-555"), "{body}");
    let entry: serde_json::Value = serde_json::from_str(&body).expect("JSON");
    let sealed = entry["changes"]["name"][1].as_str().expect("the sealed name").to_owned();

    let open = |subject: String, sealed: String| {
        let sealer = lis.app.db.read_now(move |conn| Sealer::load(conn, &subject)).expect("a read");
        sealer.and_then(|sealer| sealer.open(&sealed))
    };
    assert_eq!(open(subject.clone(), sealed.clone()).as_deref(), Some("王检"));
    assert_eq!(open(format!("person:{}", admin.id), sealed.clone()), None, "another person's key");
    let whole = lis.verified().expect("the log is whole");

    let erased = subject.clone();
    lis.app.db.write_now(move |tx| personal::destroy(tx, &erased)).expect("a write");
    assert_eq!(open(subject, sealed), None);
    assert_eq!(lis.verified(), Ok(whole), "nothing in the log has changed");
});

demonstrated!(an_administrator_reads_who_did_what_and_no_result, |lis: TestLis| {
    let house = House::of(&lis);
    // The names of what was changed, page after page.
    let whole_log = |username: &str| {
        let (client, mut path, mut fields) = (house.by(username), "/log".to_owned(), BTreeSet::new());
        loop {
            let page = client.get(&path).expect(200).page();
            fields.extend(page.texts("td div .soft"));
            let next = page.all("a[rel=next]").first().and_then(|link| link.value().attr("href").map(str::to_owned));
            match next {
                Some(next) => path = next,
                None => return fields,
            }
        }
    };
    let results = ["Reported", "Verdict", "Conclusion"];
    let (full, narrow) = (whole_log("quality"), whole_log("admin"));
    assert!(results.iter().all(|field| full.contains(*field)), "the quality officer reads every field: {full:?}");
    assert!(narrow.contains("Username"), "the administrator reads every field of an account: {narrow:?}");
    assert!(results.iter().all(|field| !narrow.contains(*field)), "no result is in front of him: {narrow:?}");
    let calculated = house.by("admin").get("/log?kind=test_item").expect(200).page().text();
    assert!(
        calculated.contains("Result calculated") && calculated.contains("not for an administrator"),
        "{calculated}"
    );
    // States in words for who reads the page, as codes for programs.
    let before = house.by("quality").get("/log?kind=sample").expect(200).page().texts("td del");
    let states = [("sealed", "Sealed"), ("accepted", "Accepted"), ("testing", "Testing"), ("tested", "Tested")];
    assert!(states.iter().any(|(_, word)| before.iter().any(|one| one == word)), "{before:?}");
    assert!(states.iter().all(|(code, _)| before.iter().all(|one| one != code)), "{before:?}");
    let told = house.get("quality", "/api/v1/log?kind=sample").to_string();
    assert!(states.iter().any(|(code, _)| told.contains(&format!("\"old\":\"{code}\""))), "{told}");
});

both_databases!(programs_read_the_log_and_take_it_whole, |lis: TestLis| {
    let admin = lis.person("admin", &[Role::Administrator]);
    let li = lis.person("li", &[Role::Tester]);
    lis.person("wang", &[Role::Tester]);
    let chen = lis.person("chen", &[Role::QualityOfficer]);
    let api = lis.api(&lis.token(&chen, &["read_log", "export_log"]));
    assert_eq!(lis.verified().map(|log| log.entries), Ok(4));

    let places = |items: &[serde_json::Value]| -> Vec<i64> {
        items.iter().map(|entry| entry["position"].as_i64().expect("a position")).collect()
    };
    let newest = api.get("/api/v1/log?limit=2").expect(200).json();
    assert_eq!(places(newest["items"].as_array().expect("items")), [4, 3]);
    assert_eq!((&newest["next"], &newest["more"]), (&"3".into(), &true.into()));
    let rest = api.get("/api/v1/log?limit=2&after=3").expect(200).json();
    assert_eq!((places(rest["items"].as_array().expect("items")), &rest["more"]), (vec![2, 1], &false.into()));
    let own = api.get(&format!("/api/v1/log?kind=person&id={}", li.id)).expect(200).items();
    assert_eq!(own.len(), 1, "{own:?}");
    assert_eq!((&own[0]["event"], &own[0]["actor"]), (&"person-created".into(), &"system:tests".into()));
    let changes = own[0]["changes"].as_array().expect("changes");
    let name = changes.iter().find(|change| change["field"] == "name").expect("the name");
    assert_eq!(name["new"], "•••", "personal words are sealed");
    assert!(api.get("/api/v1/log?actor=person:1").expect(200).items().is_empty());
    assert_eq!(api.get("/api/v1/log?limit=0").expect(422).codes(), ["field-invalid"]);

    // Line by line what `lis-server audit export` writes, and it verifies.
    let mut written = Vec::new();
    lis.app.db.read_now(|conn| export::export(conn, &mut written)).expect("an export");
    let taken = api.get("/api/v1/log/export").expect(200);
    assert_eq!(taken.header("content-type"), Some("application/x-ndjson"));
    assert_eq!(String::from_utf8_lossy(&taken.body), String::from_utf8_lossy(&written));
    assert_eq!(export::verify_file(taken.body.as_slice()).expect("it is whole").position(), 4);
    assert_eq!(api.get("/api/v1/log/export?after=3").expect(200).text().lines().count(), 1);
    assert_eq!(api.get("/api/v1/log/export?after=4").expect(200).text(), "");
    assert_eq!(api.get("/api/v1/log/export?after=-1").expect(422).codes(), ["field-invalid"]);
    lis.api(&lis.token(&li, &["enter_results"])).get("/api/v1/log/export").expect(403);
    // An administrator reads who did what; the whole log has every result in it.
    lis.api(&lis.token(&admin, &["read_log", "export_log"])).get("/api/v1/log/export").expect(403);
    assert_eq!(lis.client().get("/api/v1/log").status, 401);
});
