//! What a person does about what instruments sent: a code mapped as the preview showed, a flag told what it means, a message read again with another
//! profile, the documents of an instrument as evidence.

use std::path::PathBuf;

use chrono::TimeDelta;
use instrument_drivers::agent::config::{AgentConfig, FolderConfig, PortConfig};
use lis_server::front::QUEUES;
use lis_server::instruments::embedded::HostedAgent;
use lis_server::jobs::Runner;
use lis_tests::{TestLis, demonstrated};
use serde_json::{Value, json};

use crate::steps::{House, Sheet, number, rice_order, text, uuid};

fn register(house: &House, code: &str, profile: &str) -> i64 {
    let body = json!({"code": code, "name": code, "profile": profile, "status": "qualified"});
    number(&house.done("manager", "/api/v1/instruments", &body), "id")
}

/// Brings a file as an agent does and has it read; the message's id.
fn deliver(lis: &TestLis, house: &House, instrument: &str, seq: u64, file: &str) -> i64 {
    let message = crate::bad_input::message(instrument, seq, file);
    house.program("manager").send_json("POST", "/api/v1/agent/messages", &json!([message])).send().expect(200);
    lis.work();
    lis.numbers("SELECT max(id) AS value FROM instrument_message")[0]
}

/// Assigned rice, and a sheet for its cadmium on an instrument.
fn rice_on(house: &House, instrument: i64) -> (String, Sheet) {
    let sample = house.receive(house.order(&rice_order()));
    house.assign(sample.label(), "tester2");
    let items = house.items("tester2", "/api/v1/items?state=assigned&limit=500");
    let wanted = |item: &&Value| item["label_code"] == sample.label() && item["analyte"] == "cd";
    let ids: Vec<i64> = items.iter().filter(wanted).map(|item| number(item, "id")).collect();
    let opened = house.done("tester2", "/api/v1/worksheets", &json!({"items": ids, "instrument_id": instrument}));
    let sheet =
        Sheet { id: number(&opened, "id"), number: text(&opened["worksheet_no"]), tester: "tester2".to_owned() };
    (sample.label().to_owned(), sheet)
}

demonstrated!(a_code_is_mapped_as_the_preview_showed_or_not_at_all, |lis: TestLis| {
    let house = House::of(&lis);
    let instrument = register(&house, "ICP-08", "generic_long_table");
    let (label, sheet) = rice_on(&house, instrument);
    let head = "Sample ID,Sample Type,Analyte,Concentration,Unit\n";
    let file = format!("{head}{label},Sample,Cd-228.8,2.05,ng/mL\nnobody,Sample,Cd-228.8,3.1,ng/mL\n");
    let message = deliver(&lis, &house, "ICP-08", 1, &file);

    let path = format!("/api/v1/instruments/{instrument}/mappings");
    let ask = json!({"kind": "analyte", "source": "Cd-228.8", "target": "cd"});
    let before = lis.texts("SELECT state || reason AS value FROM observation ORDER BY id");
    let shown = house.done("tester2", &format!("{path}/preview"), &ask);
    // The row of the rice waits for its analyte and would find its cell; the other waits for its sample either way.
    assert_eq!((&shown["target"], &shown["tried"], &shown["filed"]), (&json!("cd"), &json!(2), &json!(1)));
    assert_eq!(shown["changes"].as_array().expect("changes").len(), 1);
    let change = &shown["changes"][0];
    assert_eq!(change["reason_before"], "unknown_analyte");
    assert_eq!((&change["value"], &change["reason_after"]), (&json!("2.05"), &json!("")));
    let cell = &change["cells"][0];
    assert_eq!(
        (&cell["worksheet_no"], &cell["label_code"], &cell["field"], &cell["replicate"], &cell["value"]),
        (&json!(sheet.number), &json!(label), &json!("reading"), &json!(1), &json!("2.05"))
    );
    assert_eq!(lis.texts("SELECT state || reason AS value FROM observation ORDER BY id"), before, "nothing is changed");
    let wrong = json!({"kind": "analyte", "source": "Cd-228.8", "target": "kryptonite"});
    let refused = house.ask("tester2", &format!("{path}/preview"), &wrong).expect(422);
    assert_eq!(refused.codes(), ["mapping-target-unknown"]);

    // Another row comes before the person has agreed: what was shown is no longer what would happen.
    let more = format!("{head}{}-D1,Sample,Cd-228.8,2.11,ng/mL\n", sheet.number);
    deliver(&lis, &house, "ICP-08", 2, &more);
    let agreed = |fingerprint: &Value| {
        let mut body = ask.clone();
        body["preview"] = fingerprint.clone();
        house.ask("tester2", &path, &body)
    };
    let late = agreed(&shown["fingerprint"]).expect(412);
    assert_eq!(late.codes(), ["mapping-preview-stale"]);
    let now = late.json()["current"].clone();
    assert_eq!(now["filed"], 2);
    let mapped =
        || lis.numbers(&format!("SELECT count(*) AS value FROM code_mapping WHERE instrument_id = {instrument}"));
    assert_eq!(mapped(), [0]);

    // The page: from the held row to the preview, which is confirmed, or shown again.
    let tester = house.by("tester2");
    let place = format!("/inbox/{message}/map");
    let page = tester.get(&format!("/inbox/{message}")).expect(200).page();
    assert_eq!(page.form(&place).value("source"), Some("Cd-228.8"), "the code is filled in");
    let preview = format!("{place}?kind=analyte&source=Cd-228.8&target=cd");
    let page = tester.get(&preview).expect(200).page();
    let shown_on = page.text();
    assert!(shown_on.contains(&sheet.number) && shown_on.contains("2.11"), "{shown_on}");
    assert!(shown_on.contains("Cadmium (as Cd) · ") && !shown_on.contains("· cd ·"), "the analyte's name: {shown_on}");
    let form = page.form(&place);
    let again = tester.send(&form.clone().set("preview", text(&shown["fingerprint"]).as_str())).expect(412).page();
    assert_eq!(again.form(&place).value("preview"), form.value("preview"), "what would happen now");
    tester.send(&form).expect(303);
    assert_eq!(mapped(), [1]);
    let filed = "SELECT value FROM observation WHERE state = 'filed' AND analyte_ref = 'Cd-228.8' ORDER BY id";
    assert_eq!(lis.texts(filed), ["2.05", "2.11"]);
});

/// What became of the rows of a message, in order.
fn became(lis: &TestLis, message: i64) -> Vec<String> {
    let of = format!("FROM observation WHERE message_id = {message} ORDER BY ordinal");
    lis.texts(&format!("SELECT trim(state || ' ' || reason) AS value {of}"))
}

demonstrated!(a_flag_that_is_not_harmless_holds_its_value, |lis: TestLis| {
    let house = House::of(&lis);
    let instrument = register(&house, "ICP-09", "generic_astm");
    let (label, sheet) = rice_on(&house, instrument);
    let (blank, duplicate) = (format!("{}-B1", sheet.number), format!("{}-D1", sheet.number));
    let result = |sample: &str, value: &str, flag: &str| {
        format!("O|1|{sample}||^^^Cd|R\rR|1|^^^Cd|{value}|ng/mL||{flag}||F||||20261127101500\r")
    };
    let results = [result(&label, "2.05", "HH"), result(&duplicate, "2.11", "*"), result(&blank, "0.01", "N")].concat();
    let message = deliver(&lis, &house, "ICP-09", 1, &format!("H|\\^&|||ICP^09\rP|1\r{results}L|1|N\r"));
    assert_eq!(became(&lis, message), ["held out_of_range", "held unknown_flag", "filed"]);

    // The page of the message says why, and offers what the unknown flag may mean.
    let tester = house.by("tester2");
    let page = tester.get(&format!("/inbox/{message}")).expect(200).page();
    let text = page.text();
    assert!(text.contains("Out of the measuring range by its flag") && text.contains("Unknown flag"), "{text}");
    let place = format!("/inbox/{message}/map");
    assert_eq!(page.form(&place).value("source"), Some("*"));
    let preview = tester.get(&format!("{place}?kind=flag&source=*&target=ok")).expect(200).page();
    assert!(preview.text().contains("2.11"), "{}", preview.text());

    // Trying again changes nothing; a person's word does.
    let path = format!("/api/v1/instruments/{instrument}/mappings");
    house.done("tester2", &format!("/api/v1/instruments/{instrument}/replay"), &json!({}));
    assert_eq!(became(&lis, message), ["held out_of_range", "held unknown_flag", "filed"]);
    let flag = |source: &str, target: &str| json!({"kind": "flag", "source": source, "target": target});
    house.ask("tester2", &path, &flag("*", "perhaps")).expect(422);
    assert_eq!(house.done("tester2", &path, &flag("*", "failed_control"))["filed"], 0);
    assert_eq!(became(&lis, message), ["held out_of_range", "held qc_failed", "filed"]);
    assert_eq!(house.done("tester2", &path, &flag("*", "ok"))["filed"], 1);
    assert_eq!(house.done("tester2", &path, &flag("HH", "ok"))["filed"], 1);
    assert_eq!(became(&lis, message), ["filed", "filed", "filed"]);
});

demonstrated!(a_preliminary_result_waits_and_the_final_one_is_filed, |lis: TestLis| {
    let house = House::of(&lis);
    let instrument = register(&house, "ICP-10", "generic_astm");
    let (label, sheet) = rice_on(&house, instrument);
    let duplicate = format!("{}-D1", sheet.number);
    let message = |results: &[(&str, &str)]| {
        let result = |(sample, status): &(&str, &str)| {
            format!("O|1|{sample}||^^^Cd|R\rR|1|^^^Cd|2.05|ng/mL||N||{status}||||20261127101500\r")
        };
        format!("H|\\^&|||ICP^10\rP|1\r{}L|1|N\r", results.iter().map(result).collect::<String>())
    };
    let (rice, again) = (label.as_str(), duplicate.as_str());
    let first = deliver(&lis, &house, "ICP-10", 1, &message(&[(rice, "P"), (again, "X"), (again, "W")]));
    let waiting = ["held preliminary", "held no-value", "held doubtful"];
    assert_eq!(became(&lis, first), waiting);
    let text = house.by("tester2").get(&format!("/inbox/{first}")).expect(200).page().text();
    assert!(text.contains("Preliminary: the final result is still to come"), "{text}");
    // However often it is tried: the instrument has not said its last word.
    house.done("tester2", &format!("/api/v1/instruments/{instrument}/replay"), &json!({}));
    assert_eq!(became(&lis, first), waiting);
    // What is sent for training was not measured, whatever it says.
    let training = message(&[(rice, "F")]).replacen("|||ICP^10\r", "|||ICP^10|||||||T\r", 1);
    let practice = deliver(&lis, &house, "ICP-10", 2, &training);
    assert_eq!(became(&lis, practice), ["held practice"]);
    let text = house.by("tester2").get(&format!("/inbox/{practice}")).expect(200).page().text();
    assert!(text.contains("Sent for training or debugging"), "{text}");
    // The final result of the same value and time is no repeat of either.
    let last = deliver(&lis, &house, "ICP-10", 3, &message(&[(rice, "F")]));
    assert_eq!(became(&lis, last), ["filed"]);
});

demonstrated!(a_waiting_cell_takes_the_net_weight_and_not_the_tare_before_it, |lis: TestLis| {
    let house = House::of(&lis);
    let balance = register(&house, "BAL-08", "sartorius_sbi");
    let (label, sheet) = rice_on(&house, balance);
    let positions = house.sheet(&sheet)["positions"].as_array().expect("positions").clone();
    let place = positions.iter().find(|one| one["label_code"] == label.as_str()).expect("the sample's place");
    let aim = json!({"position": place["id"], "field": "mass", "replicate": 1});
    house.done("tester2", &format!("/api/v1/instruments/{balance}/capture-target"), &aim);

    // A print of the tare alone files nothing, and the cell still waits.
    let tare = deliver(&lis, &house, "BAL-08", 1, "T     +    12.3400 g  \r\n");
    assert_eq!(became(&lis, tare), ["held unknown_sample"]);
    let print = "T     +    12.3400 g  \r\nG     +    12.8412 g  \r\nN     +     0.5012 g  \r\n";
    let message = deliver(&lis, &house, "BAL-08", 2, print);
    assert_eq!(became(&lis, message), ["held unknown_sample", "held unknown_sample", "filed"]);
    let entries = "SELECT field || ' ' || value AS value FROM result_entry WHERE source = 'instrument' \
                   ORDER BY id DESC LIMIT 1";
    assert_eq!(lis.texts(entries), ["mass 0.5012"]);
    // Once: the next weight has no cell.
    let next = deliver(&lis, &house, "BAL-08", 3, "N     +     0.6012 g  \r\n");
    assert_eq!(became(&lis, next), ["held unknown_sample"]);

    // Nor does it get one that waits only now: what lay on the balance then is not what lies there since.
    lis.clock.advance(TimeDelta::seconds(60));
    let duplicate = format!("{}-D1", sheet.number);
    let place = positions.iter().find(|one| one["label_code"] == duplicate.as_str()).expect("the duplicate's place");
    let aim = json!({"position": place["id"], "field": "mass", "replicate": 1});
    house.done("tester2", &format!("/api/v1/instruments/{balance}/capture-target"), &aim);
    let replayed = house.done("tester2", &format!("/api/v1/instruments/{balance}/replay"), &json!({}));
    assert_eq!(replayed["filed"], 0, "{replayed}");
    let again = house.by("tester2");
    again.send(&again.form(&format!("/inbox/{next}"), &format!("/inbox/{next}/read-again"))).expect(303);
    lis.work();
    assert_eq!(became(&lis, next), ["ignored read-again", "held unknown_sample"]);
    // A weight that waited five minutes on the agent's disk, while the server was away, is from before that too.
    let waited = crate::bad_input::message("BAL-08", 4, "N     +     0.6513 g  \r\n");
    let status = json!({
        "agent": waited["agent"], "stream": waited["stream"], "last_seq": 4, "backlog": 1, "forward_error": null,
        "at": "2026-11-18T02:05:00Z", "ports": [],
    });
    let batch = json!({"messages": [waited], "status": status});
    house.program("manager").send_json("POST", "/api/v1/agent/messages", &batch).send().expect(200);
    lis.work();
    let late = lis.numbers("SELECT max(id) AS value FROM instrument_message")[0];
    assert_eq!(became(&lis, late), ["held unknown_sample"]);
    let now = deliver(&lis, &house, "BAL-08", 5, "N     +     0.7012 g  \r\n");
    assert_eq!(became(&lis, now), ["filed"]);
    assert_eq!(lis.texts(entries), ["mass 0.7012"]);
});

demonstrated!(two_readings_of_a_message_stand_beside_each_other, |lis: TestLis| {
    let house = House::of(&lis);
    let file = |label: &str| {
        format!("Platz;Label;Element;Messwert;Einheit\r\n1;{label};Cd;2,05;μg/L\r\n2;999;Cd;2,11;μg/L\r\n")
    };
    // The first profile takes the sample from its column, the second, by mistake, from the one before it.
    house.profile("flame_right", "run.csv", file("F1").as_bytes(), 1);
    house.profile("flame_wrong", "run.csv", file("F1").as_bytes(), 0);
    let instrument = register(&house, "FP-9", "flame_right@1");
    let (label, _) = rice_on(&house, instrument);
    let message = deliver(&lis, &house, "FP-9", 1, &file(&label));
    let page = format!("/inbox/{message}");
    let (tester, manager) = (house.by("tester2"), house.by("manager"));
    let alone = tester.get(&format!("{page}/readings")).expect(200).page();
    assert!(alone.all("tr[data-change]").is_empty(), "there is nothing to compare yet");

    let body = json!({"code": "FP-9", "name": "FP-9", "profile": "flame_wrong@1", "status": "qualified"});
    let change = manager.send_json("PUT", &format!("/api/v1/instruments/{instrument}"), &body);
    change.header("sec-fetch-site", "same-origin").key(&uuid()).seen(1).send().expect(200);
    let read_again = format!("{page}/read-again");
    // One row is held: a message in this state can be read again from its page.
    tester.send(&tester.form(&page, &read_again)).expect(303);
    lis.work();

    let view = house.get("tester2", &format!("/api/v1/instrument-messages/{message}"));
    let profiles: Vec<String> =
        view["readings"].as_array().expect("readings").iter().map(|one| text(&one["profile"])).collect();
    assert_eq!(profiles, ["flame_right@1", "flame_wrong@1"]);
    let compared = tester.get(&format!("{page}/readings")).expect(200).page();
    assert_eq!(compared.all("tr[data-change=differs]").len(), 2);
    // Of each row the sample alone differs.
    assert_eq!(compared.texts("tr[data-change] mark"), [label.as_str(), "1", "999", "2"]);
    // What the first reading filed stays filed; what waited was set aside for the second.
    let states = lis.texts(&format!(
        "SELECT reading_no || ' ' || state AS value FROM observation WHERE message_id = {message} ORDER BY ordinal"
    ));
    assert_eq!(states, ["1 filed", "1 ignored", "2 held", "2 held"]);

    // Set aside, the message is done; done, it can be read again too.
    for row in lis.numbers("SELECT id AS value FROM observation WHERE state = 'held' ORDER BY id") {
        let form = tester.form(&page, &format!("{page}/set-aside/{row}")).set("why", "读取配置有误");
        let done = tester.send(&form).expect(303);
        let to = done.header("location").unwrap_or_default().to_owned();
        assert!(to.contains(&format!("?row={row}&")), "back to the page of the row: {to}");
    }
    assert_eq!(lis.texts(&format!("SELECT state AS value FROM instrument_message WHERE id = {message}")), ["done"]);
    tester.send(&tester.form(&page, &read_again)).expect(303);
    lis.work();
    assert_eq!(
        lis.numbers(&format!("SELECT count(*) AS value FROM message_reading WHERE message_id = {message}")),
        [3]
    );
});

/// The agent that the server hosts, on a folder.
fn watching(lis: &TestLis, instrument: &str, folder: PathBuf) -> HostedAgent {
    let port = PortConfig {
        folder: Some(FolderConfig {
            look_every_ms: 30,
            rest_ms: 30,
            last_line_ended: false,
            recursive: true,
            ..FolderConfig::new(folder)
        }),
        ..PortConfig::new(instrument, "generic_long_table")
    };
    let config = AgentConfig {
        agent: "chromatography".into(),
        spool: lis.app.config.data.join("spool-chromatography"),
        server: None,
        token_file: None,
        ca_file: None,
        status_address: None,
        keep_days: 30,
        ports: vec![port],
    };
    HostedAgent::start(&lis.app, config).expect("the agent")
}

demonstrated!(a_document_is_evidence_of_the_sample_that_its_name_tells, |lis: TestLis| {
    let house = House::of(&lis);
    let instrument = register(&house, "HPLC-07", "generic_long_table");
    let (label, _) = rice_on(&house, instrument);
    let elsewhere = house.receive(house.order(&rice_order()));
    let folder = tempfile::tempdir().expect("a temporary directory");
    let _runner = Runner::start(&lis.app, QUEUES).expect("the background threads");
    let _agent = watching(&lis, "HPLC-07", folder.path().to_owned());
    let chromatogram = |number: u8| format!("%PDF-1.4\nchromatogram {number}\n%%EOF\n");
    let file = |name: &str, bytes: &str| std::fs::write(folder.path().join(name), bytes).expect("a file");
    let row = |name: &str| {
        let found = lis.texts(&format!(
            "SELECT observation.state || ' ' || reason AS value FROM observation \
             JOIN instrument_message ON instrument_message.id = message_id WHERE file_name = '{name}'"
        ));
        found.into_iter().next_back()
    };
    let becomes = |name: &str, expected: &str| {
        lis.until(name, || row(name).is_some());
        assert_eq!(row(name).as_deref(), Some(expected), "{name}");
    };

    // One known label code between other words: linked to the sample's item on this instrument.
    let named = format!("20261127_{label}_cd.pdf");
    file(&named, &chromatogram(1));
    becomes(&named, "filed ");
    let item = lis.numbers("SELECT item_id AS value FROM evidence_link")[0];
    let documents = |item: i64| {
        let shown = house.get("checker", &format!("/api/v1/items/{item}/evidence"));
        shown["documents"].as_array().expect("documents").clone()
    };
    assert_eq!(documents(item).len(), 1);
    assert_eq!(
        (&documents(item)[0]["label_code"], &documents(item)[0]["instrument_code"]),
        (&json!(label), &json!("HPLC-07"))
    );

    // Beside the values of the item, and to be opened by whoever judges; by nobody else.
    let message = number(&documents(item)[0], "message");
    let place = format!("/evidence/{message}/file");
    let checker = house.by("checker");
    let links = checker.get(&format!("/check/{item}")).expect(200).page();
    assert_eq!(links.attribute(&format!("a[href='{place}']"), "href").as_deref(), Some(place.as_str()));
    let opened = checker.get(&place).expect(200);
    assert_eq!((opened.header("content-type"), opened.text()), (Some("application/pdf"), chromatogram(1)));
    assert!(opened.header("content-disposition").is_some_and(|one| one.starts_with("attachment")));
    house.by("market").get(&place).expect(404);

    // The same bytes again say nothing new. Several samples, no sample, a sample that is not here: a person decides.
    let copy = format!("copy of {label}.pdf");
    file(&copy, &chromatogram(1));
    becomes(&copy, "ignored duplicate");
    let two = format!("{label}+{}.pdf", elsewhere.label());
    file(&two, &chromatogram(2));
    becomes(&two, "held document_several_samples");
    let other = format!("{}.pdf", elsewhere.label());
    file(&other, &chromatogram(3));
    becomes(&other, "held document_not_on_worksheet");
    // Told by the bytes, whatever the file is called.
    file("run 17.csv", &chromatogram(4));
    becomes("run 17.csv", "held document_unknown_sample");
    assert_eq!(documents(item).len(), 1);

    let held = lis.numbers("SELECT id AS value FROM instrument_message WHERE file_name = 'run 17.csv'")[0];
    let api = format!("/api/v1/instrument-messages/{held}/document");
    let pick = |label: &str| house.ask("tester2", &api, &json!({"label_code": label}));
    assert_eq!(pick("0000000000").expect(422).codes(), ["document-sample-unknown"]);
    assert_eq!(pick(elsewhere.label()).expect(422).codes(), ["document-not-on-worksheet"]);
    house.by("checker").command(&api, &json!({"label_code": label})).send().expect(404);
    let tester = house.by("tester2");
    let form = tester.form(&format!("/inbox/{held}"), &format!("/inbox/{held}/document"));
    assert!(!tester.send(&form).expect(422).page().error_at("label_code").is_empty());
    tester.send(&form.set("label_code", &label)).expect(303);
    assert_eq!(documents(item).len(), 2);
    assert_eq!(lis.texts(&format!("SELECT state AS value FROM instrument_message WHERE id = {held}")), ["done"]);
    assert_eq!(pick(&label).expect(409).codes(), ["document-linked"]);

    // Taken back with the reason; its name is not asked again, a person may pick once more.
    let back = json!({"why": "色谱图属于另一份样品"});
    house.done("tester2", &format!("{api}/withdrawal"), &back);
    assert_eq!(documents(item).len(), 1);
    assert_eq!(house.ask("tester2", &format!("{api}/withdrawal"), &back).expect(409).codes(), ["document-not-linked"]);
    let told =
        lis.texts("SELECT event || ' ' || reason AS value FROM evidence_link WHERE person_id IS NOT NULL ORDER BY id");
    assert_eq!(told, ["linked ", "withdrawn 色谱图属于另一份样品"]);

    // A sheet for the other sample, opened later: replaying finds it.
    house.assign(elsewhere.label(), "tester2");
    let items = house.items("tester2", "/api/v1/items?state=assigned&limit=500");
    let wanted = |item: &&Value| item["label_code"] == elsewhere.label() && item["analyte"] == "cd";
    let ids: Vec<i64> = items.iter().filter(wanted).map(|item| number(item, "id")).collect();
    house.done("tester2", "/api/v1/worksheets", &json!({"items": ids, "instrument_id": instrument}));
    let replayed = house.done("tester2", &format!("/api/v1/instruments/{instrument}/replay"), &json!({}));
    assert_eq!((&replayed["tried"], &replayed["filed"]), (&json!(2), &json!(1)));
    assert_eq!(row(&other).as_deref(), Some("filed "));
    assert_eq!(documents(ids[0]).len(), 1);
    let events = lis.texts("SELECT event AS value FROM audit_entry WHERE event LIKE 'document-%' ORDER BY id");
    assert_eq!(events, ["document-linked", "document-linked", "document-withdrawn", "document-linked"]);

    // Two samples picked at the same moment: one is linked, the other is told so, however often.
    let client = &*tester;
    for round in 0..8 {
        let mut statuses = std::thread::scope(|scope| {
            let pick = |label: &str| {
                let (api, body) = (&api, json!({"label_code": label}));
                scope.spawn(move || client.command(api, &body).send().status)
            };
            let picks = [pick(&label), pick(elsewhere.label())];
            picks.map(|pick| pick.join().expect("an answer"))
        });
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 409], "round {round}");
        house.done("tester2", &format!("{api}/withdrawal"), &back);
    }
});
