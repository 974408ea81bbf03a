//! Long exports: their rows are inserted while they are read and shown a page at a time, and nothing else about them is
//! different.

use chrono::TimeDelta;
use lis_server::accounts::Role;
use lis_tests::{TestLis, both_databases, demonstrated};
use serde_json::{Value, json};

use crate::steps::{House, rice_order, text};

/// More than twice what a reading keeps in memory.
const ROWS: usize = 2_500;

/// An export with samples that come again, standards (every hundredth row) and rows without a value (the second of every
/// 250). The remark, which the profile does not read, makes it as long as it shall be.
fn export(remark: &str) -> String {
    export_of(ROWS, remark)
}

fn export_of(rows: usize, remark: &str) -> String {
    let row = |number: usize| {
        let kind = if number.is_multiple_of(100) { "Std" } else { "Sample" };
        let value = if number % 250 == 1 { String::new() } else { format!("{number}.5") };
        format!("S-{:04},{kind},Pb,{value},ng/mL,{remark}\n", number % 400)
    };
    let head = "Sample ID,Type,Analyte,Concentration,Unit,Remark\n".to_owned();
    std::iter::once(head).chain((0..rows).map(row)).collect()
}

/// How many rows of a message have a state and a reason.
fn counted(lis: &TestLis, message: i64, state: &str, reason: &str) -> i64 {
    lis.numbers(&format!(
        "SELECT count(*) AS value FROM observation WHERE message_id = {message} AND state = '{state}' AND reason = '{reason}'"
    ))[0]
}

/// Everything that was read, in order.
fn rows(lis: &TestLis, message: i64) -> Vec<String> {
    lis.texts(&format!(
        "SELECT ordinal || '|' || sample_ref || '|' || analyte_ref || '|' || value || '|' || coalesce(number, '-') || '|' || \
         unit || '|' || role || '|' || source_place || '|' || state || '|' || reason AS value \
         FROM observation WHERE message_id = {message} ORDER BY ordinal"
    ))
}

both_databases!(a_long_export_is_read_as_a_short_one, |lis: TestLis| {
    lis_server::server::prepare(&lis.app).expect("the shipped data");
    let manager = lis.person("manager", &[Role::TechnicalManager]);
    let pages = lis.signed_in(&manager);
    for code in ["AAS-01", "AAS-02"] {
        let instrument = json!({"code": code, "name": code, "profile": "generic_long_table", "status": "qualified"});
        pages.command("/api/v1/instruments", &instrument).send().expect(201);
    }
    let agent = lis.api(&lis.token(&manager, &["deliver_messages"]));
    let deliver = |code: &str, seq: u64, text: &str| {
        let before = lis.rows("audit_entry");
        let body = json!([crate::bad_input::message(code, seq, text)]);
        agent.send_json("POST", "/api/v1/agent/messages", &body).send().expect(200);
        lis.work();
        assert_eq!(lis.rows("audit_entry"), before + 2, "one entry for storing the file, one for reading it");
        lis.numbers("SELECT max(id) AS value FROM instrument_message")[0]
    };
    // 2,000 characters a row: 5 MB, which is beyond what is read before the write.
    let (short, long) = (export("-"), export(&"n".repeat(2_000)));
    let (short_id, long_id) = (deliver("AAS-01", 1, &short), deliver("AAS-02", 2, &long));
    for id in [short_id, long_id] {
        // Rows 0, 100, … 2400; rows 1, 251, … 2251; the others name samples that nobody has received.
        assert_eq!(counted(&lis, id, "ignored", "standard"), 25);
        assert_eq!(counted(&lis, id, "held", "no-value"), 10);
        assert_eq!(counted(&lis, id, "held", "unknown_sample"), 2_465);
    }
    let read = rows(&lis, short_id);
    assert_eq!(read.len(), ROWS);
    // The head is line 1, so the last of 2,500 rows stands in line 2501; its sample is 2499 modulo 400.
    assert_eq!(read[ROWS - 1], "2500|S-0099|Pb|2499.5|2499.5|ng/mL|sample|2501|held|unknown_sample");
    assert_eq!(read, rows(&lis, long_id));
    let noted = lis.texts("SELECT row_count || '/' || trouble_count AS value FROM message_reading ORDER BY message_id");
    assert_eq!(noted, ["2500/0", "2500/0"]);

    // The same bytes again: what has a value is a repeat, proven by its place, also in the last piece.
    let again = deliver("AAS-02", 3, &long);
    assert_eq!(counted(&lis, again, "ignored", "duplicate"), 2_465);
    assert_eq!(counted(&lis, again, "held", "no-value"), 10);
    assert_eq!(counted(&lis, again, "ignored", "standard"), 25);
});

both_databases!(the_rows_of_a_long_export_are_shown_a_page_at_a_time, |lis: TestLis| {
    lis_server::server::prepare(&lis.app).expect("the shipped data");
    let manager = lis.person("manager", &[Role::TechnicalManager]);
    let pages = lis.signed_in(&manager);
    let instrument =
        json!({"code": "AAS-01", "name": "AAS-01", "profile": "generic_long_table", "status": "qualified"});
    pages.command("/api/v1/instruments", &instrument).send().expect(201);
    let agent = lis.api(&lis.token(&manager, &["deliver_messages"]));
    let body = json!([crate::bad_input::message("AAS-01", 1, &export("-"))]);
    agent.send_json("POST", "/api/v1/agent/messages", &body).send().expect(200);
    lis.work();
    let id = lis.numbers("SELECT max(id) AS value FROM instrument_message")[0];
    let row =
        lis.numbers(&format!("SELECT id AS value FROM observation WHERE message_id = {id} AND ordinal = 2345"))[0];
    for place in [format!("/inbox/{id}"), format!("/evidence/{id}")] {
        let page = |query: &str| pages.get(&format!("{place}{query}")).expect(200).page();
        let shown = |query: &str| page(query).all(".evidence tbody tr").len();
        let leads = |query: &str, rel: &str| page(query).attribute(&format!("a[rel={rel}]"), "href");
        assert_eq!((shown(""), leads("", "prev")), (200, None));
        assert_eq!(leads("", "next"), Some(format!("{place}?after=200")));
        assert_eq!((shown("?after=2400"), leads("?after=2400", "next")), (100, None));
        // A value far down brings its page with it. Row 2345 is number 2344 of the export and stands in line 2346.
        let far = format!("?row={row}");
        let marked = page(&far);
        assert_eq!(marked.texts(".evidence tr.shown td:first-child"), ["2346"]);
        assert_eq!(marked.texts("#shown mark"), ["2344.5"]);
        let around = (Some(format!("{place}?after=2000")), Some(format!("{place}?after=2400")));
        assert_eq!((leads(&far, "prev"), leads(&far, "next")), around);
        // A value of another page is marked among the bytes, and the page of rows stays.
        let elsewhere = page(&format!("?after=200&row={row}"));
        assert_eq!((elsewhere.texts("tr.shown").len(), elsewhere.texts("#shown mark")), (0, vec!["2344.5".to_owned()]));
    }
    // A program asks for the rows behind those that it has.
    let api = |query: &str| pages.get(&format!("/api/v1/evidence/{id}{query}")).expect(200).json();
    let first = api("");
    assert_eq!((first["observations"].as_array().expect("rows").len(), &first["more"]), (500, &json!(true)));
    let last = api("?after=2498&limit=2");
    assert_eq!((&last["observations"][1]["ordinal"], &last["more"]), (&json!(2_500), &json!(false)));
    assert_eq!(last["observations"][1]["value"], "2499.5");
    pages.get(&format!("/api/v1/instrument-messages/{id}?limit=501")).expect(422);
    // What waits for a person, without the standards in rows 1, 101 and 201.
    let held = pages.get(&format!("/inbox/{id}?state=held")).expect(200).page();
    assert_eq!(held.all(".evidence tbody tr").len(), 200);
    assert_eq!(held.attribute("a[rel=next]", "href"), Some(format!("/inbox/{id}?after=203&state=held")));
    let first = held.attribute(".evidence tbody tr:first-child a", "href").expect("a link to the place");
    assert!(first.starts_with(&format!("/inbox/{id}?after=0&state=held&row=")), "{first}");
});

both_databases!(a_page_reads_the_beginning_of_a_long_message, |lis: TestLis| {
    lis_server::server::prepare(&lis.app).expect("the shipped data");
    let manager = lis.person("manager", &[Role::TechnicalManager]);
    let pages = lis.signed_in(&manager);
    for (code, profile) in [("AAS-01", "generic_long_table"), ("AAS-02", "generic_long_workbook")] {
        let instrument = json!({"code": code, "name": code, "profile": profile, "status": "qualified"});
        pages.command("/api/v1/instruments", &instrument).send().expect(201);
    }
    let agent = lis.api(&lis.token(&manager, &["deliver_messages"]));
    // 5 MB each: a table, and what begins as a workbook does.
    let workbook = format!("PK\u{3}\u{4}{}", "n".repeat(5 << 20));
    for (code, seq, text) in [("AAS-01", 1, &export(&"n".repeat(2_000))), ("AAS-02", 2, &workbook)] {
        let body = json!([crate::bad_input::message(code, seq, text)]);
        agent.send_json("POST", "/api/v1/agent/messages", &body).send().expect(200);
        lis.work();
    }
    let ids = lis.numbers("SELECT id AS value FROM instrument_message ORDER BY id");
    let row = lis.numbers("SELECT id AS value FROM observation WHERE ordinal = 2345")[0];
    for face in ["inbox", "evidence"] {
        let page = |message: i64, query: &str| pages.get(&format!("/{face}/{message}{query}")).expect(200).page();
        // The head has 48 characters, a row from 2,024 to 2,028: 64 KiB hold the head and 32 of them, each whole.
        let table = page(ids[0], "");
        let lines = table.texts(".raw li");
        assert_eq!(lines.len(), 33);
        assert!(
            lines[0].starts_with("Sample ID,Type,") && lines[32].starts_with("S-0031,Sample,Pb,31.5,"),
            "{}",
            lines[32]
        );
        assert!(lines[32].ends_with('n') && lines[32].len() == 2_028, "{}", lines[32]);
        let whole = format!("/evidence/{}/file", ids[0]);
        assert_eq!(table.attribute(".hint a", "href"), Some(whole.clone()));
        // A value far down is found in all of it.
        assert_eq!(page(ids[0], &format!("?row={row}")).texts("#shown mark"), ["2344.5"]);
        let book = page(ids[1], "");
        assert_eq!(book.all(".raw li").len(), 0);
        assert!(book.text().contains("A workbook of more than 4 MiB is not shown here"), "{}", book.text());
        assert_eq!(pages.get(&whole).expect(200).body.len(), export(&"n".repeat(2_000)).len());
    }
});

both_databases!(a_reading_that_broke_off_is_nowhere_and_is_begun_anew, |lis: TestLis| {
    lis_server::server::prepare(&lis.app).expect("the shipped data");
    let manager = lis.person("manager", &[Role::TechnicalManager]);
    let pages = lis.signed_in(&manager);
    let instrument =
        json!({"code": "AAS-01", "name": "AAS-01", "profile": "generic_long_table", "status": "qualified"});
    pages.command("/api/v1/instruments", &instrument).send().expect(201);
    let agent = lis.api(&lis.token(&manager, &["deliver_messages"]));
    // 450 characters a row: 5 MB, which go in by two pieces.
    let body = json!([crate::bad_input::message("AAS-01", 1, &export_of(11_000, &"n".repeat(450)))]);
    agent.send_json("POST", "/api/v1/agent/messages", &body).send().expect(200);
    let id = lis.numbers("SELECT max(id) AS value FROM instrument_message")[0];

    // Another process has stored two rows and is at work.
    for ordinal in [1, 2] {
        lis.sql(&format!(
            "INSERT INTO observation (version, message_id, ordinal, sample_ref, analyte_ref, value, qualifier, unit, flag, \
             role, source_place, measured_at, state, reason, reading_no) VALUES (1, {id}, {ordinal}, 'S-0001', 'Pb', \
             '9.9', '', 'ng/mL', '', 'sample', '3', '', 'held', 'unknown_sample', 1)"
        ))
        .expect("a row");
    }
    lis.sql(&format!(
        "INSERT INTO intake_lease (message_id, token, until) VALUES ({id}, 'another', '2999-01-01 00:00:00')"
    ))
    .expect("a lease");
    let state = || lis.texts(&format!("SELECT state AS value FROM instrument_message WHERE id = {id}"));
    lis.work();
    assert_eq!((state(), lis.rows("observation")), (vec!["received".to_owned()], 2), "it is that one's");
    // Half a message is no message.
    let listed = pages.get("/api/v1/instruments").expect(200).json();
    assert_eq!(listed["items"][0]["held"], 0);
    for place in ["inbox", "evidence"] {
        assert!(
            pages.get(&format!("/{place}/{id}")).expect(200).page().all(".evidence tbody tr").is_empty(),
            "{place}"
        );
    }
    let row = lis.numbers("SELECT min(id) AS value FROM observation")[0];
    pages.command(&format!("/api/v1/observations/{row}/set-aside"), &json!({"why": "-"})).send().expect(404);

    // It has died.
    lis.sql("UPDATE intake_lease SET until = '2000-01-01 00:00:00'").expect("a lease");
    let (entries, commits) = (lis.rows("audit_entry"), lis.app.db.counts().commits());
    lis.work();
    assert_eq!(state(), ["held"]);
    assert_eq!(lis.rows("audit_entry"), entries + 1, "one entry for reading it");
    let commits = lis.app.db.counts().commits() - commits;
    assert!(
        commits >= 6,
        "begun, cleared, nothing left, two pieces, ended: each a write of its own, and not {commits}"
    );
    assert_eq!(lis.rows("intake_lease"), 0);
    let read = rows(&lis, id);
    assert_eq!(read.len(), 11_000);
    assert_eq!(read[0], "1|S-0000|Pb|0.5|0.5|ng/mL|standard|2|ignored|standard");
    // The last of the first piece, the first of the second, the last.
    assert_eq!(read[9_999], "10000|S-0399|Pb|9999.5|9999.5|ng/mL|sample|10001|held|unknown_sample");
    assert_eq!(read[10_000], "10001|S-0000|Pb|10000.5|10000.5|ng/mL|standard|10002|ignored|standard");
    assert_eq!(read[10_999], "11000|S-0199|Pb|10999.5|10999.5|ng/mL|sample|11001|held|unknown_sample");
    // Rows 0, 100, … 10900; rows 1, 251, … 10751.
    assert_eq!(counted(&lis, id, "ignored", "standard"), 110);
    assert_eq!(counted(&lis, id, "held", "no-value"), 44);
    assert_eq!(counted(&lis, id, "held", "unknown_sample"), 10_846);
});

demonstrated!(a_value_far_down_a_long_export_reaches_its_cell, |lis: TestLis| {
    let house = House::of(&lis);
    let sample = house.receive(house.order(&rice_order()));
    house.assign(sample.label(), "tester2");
    house.open("tester2", sample.label(), "cd");
    let body = json!({"code": "AAS-09", "name": "AAS-09", "profile": "generic_long_table", "status": "qualified"});
    house.done("manager", "/api/v1/instruments", &body);
    let remark = "n".repeat(2_000);
    let mut text = export(&remark);
    text.push_str(&format!("{},Sample,cd,2.0505,ng/mL,{remark}\n", sample.label()));
    let message = json!([crate::bad_input::message("AAS-09", 1, &text)]);
    house.program("manager").send_json("POST", "/api/v1/agent/messages", &message).send().expect(200);
    lis.work();
    let id = lis.numbers("SELECT max(id) AS value FROM instrument_message")[0];
    assert_eq!(counted(&lis, id, "filed", ""), 1);
    assert_eq!(counted(&lis, id, "held", "unknown_sample"), 2_465);
    let entries = lis.texts("SELECT source AS value FROM result_entry WHERE value = '2.0505'");
    assert_eq!(entries, ["instrument"]);
    assert_eq!(lis.texts(&format!("SELECT state AS value FROM instrument_message WHERE id = {id}")), ["held"]);
});

both_databases!(a_message_that_cannot_be_taken_in_holds_up_no_other, |lis: TestLis| {
    lis_server::server::prepare(&lis.app).expect("the shipped data");
    let manager = lis.person("manager", &[Role::TechnicalManager]);
    let pages = lis.signed_in(&manager);
    let instrument =
        json!({"code": "AAS-01", "name": "AAS-01", "profile": "generic_long_table", "status": "qualified"});
    pages.command("/api/v1/instruments", &instrument).send().expect(201);
    // Its bytes are not there: reading it is a fault of the database, whatever the profile.
    lis.sql(
        "INSERT INTO instrument_message (version, agent, stream, seq, instrument_code, kind, file_name, received_at, \
         stored_at, sha256, byte_count, state, trouble) VALUES (1, 'bench', 's', 1, 'AAS-01', 'file', 'lost.csv', \
         '2026-11-16 00:00:00', '2026-11-16 00:00:00', '', 0, 'received', '')",
    )
    .expect("a message without bytes");
    let agent = lis.api(&lis.token(&manager, &["deliver_messages"]));
    let text = "Sample ID,Type,Analyte,Concentration,Unit\nS-1,Sample,Pb,0.1,mg/kg\n";
    let body = json!([crate::bad_input::message("AAS-01", 1, text)]);
    agent.send_json("POST", "/api/v1/agent/messages", &body).send().expect(200);
    let states = || lis.texts("SELECT state AS value FROM instrument_message ORDER BY id");
    lis.work();
    assert_eq!(states(), ["received", "held"], "the second is read although the first is not");

    // Four more failures, each after the wait that the one before it has brought; then people are told.
    for seconds in [5, 10, 20, 40] {
        assert_eq!(states()[0], "received");
        lis.clock.advance_real(TimeDelta::seconds(seconds));
        lis.work();
    }
    assert_eq!(states(), ["unreadable", "held"]);
    let trouble = lis.texts("SELECT trouble AS value FROM instrument_message ORDER BY id")[0].clone();
    assert_eq!(trouble, "not-taken-in:5");
});

both_databases!(why_a_message_cannot_be_read_is_said_in_the_language_of_the_person, |lis: TestLis| {
    lis_server::server::prepare(&lis.app).expect("the shipped data");
    let manager = lis.person("manager", &[Role::TechnicalManager]);
    let quality = lis.signed_in(&lis.person("quality", &[Role::QualityOfficer]));
    let pages = lis.signed_in(&manager);
    let agent = lis.api(&lis.token(&manager, &["deliver_messages"]));
    let messages: Vec<Value> = [(1, "file", "2026-11-16T01:00:00.000Z"), (2, "partial", "2026-11-16T01:00:00.000Z")]
        .into_iter()
        .chain([(3, "withheld", "2026-11-16T01:00:00.000Z"), (4, "file", "1970-01-01T00:00:04.000Z")])
        .map(|(seq, kind, came)| {
            let mut message = crate::bad_input::message("AAS-77", seq, &format!("S-{seq};Pb;0.1\n"));
            (message["kind"], message["received_at"]) = (json!(kind), json!(came));
            message
        })
        .collect();
    agent.send_json("POST", "/api/v1/agent/messages", &json!(messages)).send().expect(200);
    lis.work();
    // One that was kept when there were sentences and no codes.
    let before = "the stored bytes are damaged: Invalid padding";
    lis.sql(&format!(
        "INSERT INTO instrument_message (version, agent, stream, seq, instrument_code, kind, file_name, received_at, \
         stored_at, sha256, byte_count, state, trouble) VALUES (1, 'old', 's', 1, 'AAS-77', 'file', 'old.csv', \
         '2026-11-16 00:00:00', '2026-11-16 00:00:00', '', 0, 'unreadable', '{before}')"
    ))
    .expect("an old message");
    let listed = |language: &str| {
        let path = "/api/v1/instrument-messages?state=unreadable";
        let mut all = pages.ask("GET", path).header("accept-language", language).send().expect(200).items();
        all.reverse();
        all
    };
    let (chinese, english) = (listed("zh-CN"), listed("en"));
    let field = |all: &[Value], name: &str| all.iter().map(|one| text(&one[name])).collect::<Vec<_>>();
    assert_eq!(field(&chinese, "trouble_code"), ["instrument-unknown", "broken-off", "withheld", "clock-wrong", ""]);
    assert_eq!(field(&chinese, "trouble_about"), ["AAS-77", "", "", "1970-01-01T00:00:04.000Z", ""]);
    assert_eq!(text(&chinese[0]["trouble"]), "没有编号为 AAS-77 的仪器，请先登记该仪器。");
    assert_eq!(text(&english[0]["trouble"]), "No instrument has the code AAS-77. Register it first.");
    assert_eq!(text(&chinese[4]["trouble"]), before);

    pages.get("/language/zh-CN?back=/inbox").expect(303);
    for one in &chinese[..4] {
        let shown = pages.get(&format!("/inbox/{}", one["id"])).expect(200).page();
        assert_eq!(shown.texts(".notice p"), [text(&one["trouble"])]);
        assert_eq!(english_in(&shown.text()), "");
    }
    assert_eq!(english_in("原因：the server did not take it。"), "the server did not take it");

    // The log keeps the code, and says it in words.
    assert!(lis.verified().is_ok(), "every entry has its position");
    quality.get("/language/zh-CN?back=/log").expect(303);
    let log = quality.get("/log?kind=instrument_message").expect(200).page().text();
    assert!(log.contains("没有编号为 AAS-77 的仪器") && log.contains("1970-01-01 08:00:04 +08:00"), "{log}");
});

both_databases!(why_a_row_cannot_be_read_is_said_in_the_language_of_the_person, |lis: TestLis| {
    lis_server::server::prepare(&lis.app).expect("the shipped data");
    let manager = lis.person("manager", &[Role::TechnicalManager]);
    let pages = lis.signed_in(&manager);
    let instrument = json!({"code": "AAS-01", "name": "AAS", "profile": "generic_long_table", "status": "qualified"});
    let instrument = pages.command("/api/v1/instruments", &instrument).send().expect(201).json();
    let agent = lis.api(&lis.token(&manager, &["deliver_messages"]));
    let export = "Sample ID,Type,Analyte,Concentration,Unit\nS-1,Sample,Pb,1.2.3,mg/kg\n,Sample,Cd,0.5,mg/kg\n";
    let body = json!([crate::bad_input::message("AAS-01", 1, export)]);
    agent.send_json("POST", "/api/v1/agent/messages", &body).send().expect(200);
    lis.work();
    let kept = lis.texts("SELECT reason AS value FROM observation WHERE reason LIKE 'damaged:%' ORDER BY ordinal");
    let expected = [
        r#"damaged:number-not-as-declared{"mark":".","number":"1.2.3"}"#,
        r#"damaged:no-sample{"analyte":"Cd","value":"0.5"}"#,
    ];
    assert_eq!(kept, expected);

    let id = lis.numbers("SELECT id AS value FROM instrument_message")[0];
    let shown = |language: &str| {
        pages.get(&format!("/language/{language}?back=/inbox")).expect(303);
        pages.get(&format!("/inbox/{id}")).expect(200).page().text()
    };
    let chinese =
        "“1.2.3”不符合读取配置声明的写法：小数点为“.”，没有千位分隔符；如果该仪器这样书写数值，请在读取配置中声明";
    let english = "“1.2.3” is not written as the profile declares: decimal mark “.”, no thousands separator; if the instrument \
                   prints numbers so, declare it in the profile";
    let page = shown("en");
    assert!(page.contains(&format!("Could not be read: {english}")), "{page}");
    let page = shown("zh-CN");
    assert!(page.contains(&format!("未能读取：{chinese}")), "{page}");
    assert!(page.contains("未能读取：“Cd”的结果“0.5”没有样品编号"), "{page}");

    // Programs get the code and its facts beside the sentence, of the message and of the rows that wait.
    for (language, sentence) in [("zh-CN", chinese), ("en", english)] {
        let asked = |path: &str| pages.ask("GET", path).header("accept-language", language).send().expect(200);
        let rows = asked(&format!("/api/v1/instrument-messages/{id}")).json()["observations"].clone();
        let held = json!(asked(&format!("/api/v1/instruments/{}/held", instrument["id"])).items());
        for rows in [rows, held] {
            let rows = rows.as_array().expect("rows");
            let row = rows.iter().find(|row| row["trouble_code"] == "number-not-as-declared").expect("the number");
            assert_eq!(row["reason"], json!(format!("damaged:{sentence}")));
            assert_eq!(row["trouble_facts"], json!({"mark": ".", "number": "1.2.3"}));
        }
    }

    // Kept when there were sentences and no codes.
    let before = "no sample for the value ''0.5'' of ''Cd''";
    lis.sql(&format!("UPDATE observation SET reason = 'damaged:{before}' WHERE reason LIKE 'damaged:no-sample%'"))
        .expect("an old row");
    let page = shown("zh-CN");
    assert!(page.contains("未能读取：no sample for the value '0.5' of 'Cd'"), "{page}");
});

/// Three English words and more in a row.
fn english_in(shown: &str) -> String {
    let is_word = |word: &&str| word.len() > 1 && word.chars().all(|c| c.is_ascii_lowercase());
    let sentences = shown.split(|c: char| !(c.is_ascii_alphabetic() || c == ' '));
    let sentence = sentences.map(str::trim).find(|sentence| sentence.split(' ').filter(is_word).count() > 2);
    sentence.unwrap_or_default().to_owned()
}
