//! What agents say of themselves, beside their messages and without any: kept, shown and counted, and no part of the log.

use chrono::TimeDelta;
use lis_server::accounts::Role;
use lis_tests::{Client, TestLis, both_databases};
use serde_json::{Value, json};

const PATH: &str = "/api/v1/agent/messages";

/// The stream of [`crate::bad_input::message`].
const STREAM: &str = "0192f3a0-0000-7000-8000-0000000000ff";

/// How the agent `bench` with one instrument stands.
fn status() -> Value {
    json!({
        "agent": "bench", "version": "0.1.0", "stream": STREAM, "last_seq": 12, "backlog": 7, "forward_error": null,
        "clock_difference_ms": 45_000, "withheld_count": 2, "withheld": [], "at": "2026-11-16T00:00:00Z",
        "ports": [{
            "instrument": "AAS-01", "port": "serial COM3", "connected": true, "messages": 12,
            "last_message_at": "2026-11-15T23:59:00Z", "last_byte_at": null, "error": null, "note": null,
        }],
    })
}

/// The same of an agent that says how its port is set up, and since when.
pub fn with_settings(baud: u32, started_at: &str) -> Value {
    let mut status = status();
    status["started_at"] = json!(started_at);
    status["ports"][0]["settings"] = json!({
        "kind": "serial", "place": "COM3", "baud": baud, "data_bits": 7, "parity": "even", "stop_bits": 2, "flow": "none",
        "protocol": "lines", "profile": "generic_long_table", "profile_sha256": "ab".repeat(32),
    });
    status
}

/// The technical manager in the browser, and the program beside the instrument.
fn laboratory(lis: &TestLis) -> (Client, Client) {
    let manager = lis.person("manager", &[Role::TechnicalManager]);
    let pages = lis.signed_in(&manager);
    let instrument = json!({
        "code": "AAS-01", "name": "石墨炉原子吸收", "profile": "generic_long_table", "status": "qualified",
    });
    pages.command("/api/v1/instruments", &instrument).send().expect(201);
    let agent = lis.api(&lis.token(&manager, &["deliver_messages"]));
    (pages, agent)
}

fn say(agent: &Client, body: &Value) -> Value {
    agent.send_json("POST", PATH, body).send().expect(200).json()
}

/// What the list of instruments says of the agent.
fn heard(pages: &Client) -> Value {
    pages.get("/api/v1/instruments").expect(200).items()[0]["agent"].clone()
}

fn is_counted(lis: &TestLis, figure: &str) -> bool {
    lis.client().get("/metrics").expect(200).text().lines().any(|line| line == figure)
}

both_databases!(an_idle_agent_is_heard_and_falls_silent, |lis: TestLis| {
    let (pages, agent) = laboratory(&lis);
    assert_eq!(heard(&pages), Value::Null, "nobody has named the instrument");
    let page = pages.get("/instruments/1").expect(200).page().text();
    assert!(page.contains("No agent has named this instrument"), "{page}");

    let entries = lis.rows("audit_entry");
    assert_eq!(say(&agent, &json!({"status": status()}))["stored"], 0);
    assert_eq!(lis.rows("audit_entry"), entries, "a sign of life is no act");
    let one = heard(&pages);
    for (field, expected) in [
        ("name", json!("bench")),
        ("standing", json!("connected")),
        ("port", json!("serial COM3")),
        ("last_message_at", json!("2026-11-15T23:59:00.000Z")),
        ("backlog", json!(7)),
        ("withheld", json!(2)),
        ("clock_difference_ms", json!(45_000)),
        // The tolerance of the tests is 30 s.
        ("clock_wrong", json!(true)),
    ] {
        assert_eq!(one[field], expected, "{field}");
    }
    for path in ["/instruments", "/instruments/1"] {
        let page = pages.get(path).expect(200).page().text();
        for shown in ["Connected", "7 waiting for the server", "2 not taken", "Clock +45 s off"] {
            assert!(page.contains(shown), "{shown} on {path}: {page}");
        }
    }
    assert!(is_counted(&lis, "lis_agents_silent 0") && is_counted(&lis, "lis_agent_messages_waiting 7"));

    // A report is due every 60 s; three of them are missing.
    lis.clock.advance_real(TimeDelta::seconds(185));
    assert_eq!(heard(&pages)["standing"], "silent");
    let page = pages.get("/instruments").expect(200).page().text();
    assert!(page.contains("Silent") && page.contains("last heard"), "{page}");
    assert!(is_counted(&lis, "lis_agents_silent 1"));

    let mut closed = status();
    closed["ports"][0]["connected"] = json!(false);
    closed["ports"][0]["error"] = json!("the port cannot be opened: no such file");
    closed["clock_difference_ms"] = json!(-30_000);
    // Started anew without its spool: the agent does not know of the last message, the laboratory does.
    closed["ports"][0]["last_message_at"] = Value::Null;
    say(&agent, &json!({"status": closed}));
    let one = heard(&pages);
    assert_eq!(one["last_message_at"], "2026-11-15T23:59:00.000Z");
    assert_eq!((&one["standing"], &one["clock_wrong"]), (&json!("port_closed"), &json!(false)));
    let page = pages.get("/instruments/1").expect(200).page().text();
    assert!(page.contains("no such file") && page.contains("-30 s"), "{page}");
    assert_eq!(lis.rows("agent_port"), 1, "written over");

    // Taken away: nobody is alarmed for ever.
    lis.clock.advance_real(TimeDelta::days(31));
    assert!(is_counted(&lis, "lis_agents_silent 0") && is_counted(&lis, "lis_agent_messages_waiting 0"));
});

both_databases!(a_change_of_the_settings_of_a_port_is_a_new_version, |lis: TestLis| {
    let (pages, agent) = laboratory(&lis);
    let kept = || pages.get("/api/v1/instruments/1/history").expect(200).json()["link_settings"].clone();
    let told = |baud: u32, started_at: &str| say(&agent, &json!({"status": with_settings(baud, started_at)}));
    say(&agent, &json!({"status": status()}));
    assert_eq!(kept(), json!([]), "an agent from before they were told");
    let page = pages.get("/instruments/1/history").expect(200).page().text();
    assert!(page.contains("has not said how its ports are set up"), "{page}");

    let entries = lis.rows("audit_entry");
    told(9_600, "2026-11-15T22:00:00Z");
    told(9_600, "2026-11-15T22:00:00Z");
    told(9_600, "2026-11-15T23:00:00Z");
    assert_eq!((lis.rows("link_settings"), lis.rows("audit_entry")), (1, entries + 1), "started again with the same");
    // The battery of its clock is empty: they hold from the report on.
    told(19_200, "1970-01-01T00:00:04Z");
    say(&agent, &json!({"status": status()}));
    let versions = kept();
    assert_eq!(versions.as_array().map(Vec::len), Some(2), "{versions}");
    assert_eq!(versions[1]["valid_from"], "2026-11-15T22:00:00.000Z");
    assert!(versions[0]["valid_from"].as_str().is_some_and(|at| at.starts_with("2026-11-16T")), "{versions}");
    assert_eq!((&versions[1]["ports"][0]["baud"], &versions[0]["ports"][0]["baud"]), (&json!(9_600), &json!(19_200)));
    assert_eq!((&versions[0]["agent"], &versions[0]["program_version"]), (&json!("bench"), &json!("0.1.0")));
    let page = pages.get("/instruments/1/history").expect(200).page().text();
    for shown in ["9600 7E2", "19200 7E2", "serial line", "COM3", "generic_long_table"] {
        assert!(page.contains(shown), "{shown}: {page}");
    }

    // What is too long is cut, and holds up nothing.
    let mut long = with_settings(19_200, "2026-11-15T23:30:00Z");
    long["ports"][0]["settings"]["place"] = json!("p".repeat(5_000));
    say(&agent, &json!({"status": long}));
    assert_eq!(kept()[0]["ports"][0]["place"].as_str().map(str::len), Some(300));
});

both_databases!(messages_carry_the_status_along, |lis: TestLis| {
    let (pages, agent) = laboratory(&lis);
    let batch = |seq: u64| json!({"messages": [crate::bad_input::message("AAS-01", seq, "x\n")], "status": status()});
    assert_eq!(say(&agent, &batch(1))["stored"], 1);
    assert_eq!(heard(&pages)["backlog"], 6, "the one that came with it waits no more");
    // A hole is refused; the agent then says by itself how it stands, and learns up to where its stream is stored.
    let refused = agent.send_json("POST", PATH, &batch(5)).send().expect(409);
    assert_eq!((refused.json()["stored"].clone(), refused.codes()), (json!(1), vec!["messages-hole".to_owned()]));
    assert_eq!(say(&agent, &json!({"status": status()}))["stored"], 1);
});

both_databases!(an_agent_is_told_what_waits_for_a_person, |lis: TestLis| {
    lis_server::server::prepare(&lis.app).expect("the shipped data");
    let (pages, agent) = laboratory(&lis);
    assert_eq!(say(&agent, &json!({"status": status()}))["held"], json!({"AAS-01": 0}));
    let text = "Sample ID,Type,Analyte,Concentration,Unit\nS-1,Sample,Pb,0.1,mg/kg\nS-2,Sample,Pb,0.2,mg/kg\n";
    // Brought, and not read yet; without a status the instruments of the messages are told.
    let brought = say(&agent, &json!([crate::bad_input::message("AAS-01", 1, text)]));
    assert_eq!((&brought["stored"], &brought["held"]), (&json!(1), &json!({"AAS-01": 0})));
    lis.work();
    let mut two = status();
    two["ports"].as_array_mut().expect("ports").push(status()["ports"][0].clone());
    two["ports"][1]["instrument"] = json!("GC-1");
    assert_eq!(say(&agent, &json!({"status": two}))["held"], json!({"AAS-01": 2, "GC-1": 0}));
    assert_eq!(pages.get("/api/v1/instruments").expect(200).items()[0]["held"], 2);
});

both_databases!(a_number_is_given_to_one_message_only, |lis: TestLis| {
    let (_, agent) = laboratory(&lis);
    let message = |seq: u64, text: &str| crate::bad_input::message("AAS-01", seq, text);
    let batch = |messages: &[Value]| agent.send_json("POST", PATH, &json!(messages)).send();
    batch(&[message(1, "one\n"), message(2, "two\n")]).expect(200);
    batch(&[message(1, "one\n"), message(2, "two\n"), message(3, "three\n")]).expect(200);
    // The same spool on another computer, or from last night's backup: its third message is another one.
    let refused = batch(&[message(2, "two\n"), message(3, "drei\n"), message(4, "vier\n")]).expect(409);
    assert_eq!(refused.codes(), ["messages-differ"]);
    assert!(refused.json()["stored"].is_null(), "an agent must not take it for a hole");
    let mut later = message(3, "three\n");
    later["received_at"] = json!("2026-11-18T02:00:01.000Z");
    assert_eq!(batch(&[later]).expect(409).codes(), ["messages-differ"], "the same print, a second later");
    let mut elsewhere = message(3, "three\n");
    elsewhere["instrument"] = json!("AAS-02");
    assert_eq!(batch(&[elsewhere]).expect(409).codes(), ["messages-differ"]);
    assert_eq!(lis.rows("instrument_message"), 3, "nothing of it is stored, and nothing is passed over");
    // A note in the place of a message whose arrival the agent was not told of.
    let mut note = message(3, "{}\n");
    note["kind"] = json!("withheld");
    batch(&[note]).expect(200);
    batch(&[message(3, "three\n"), message(4, "four\n")]).expect(200);
    assert_eq!(lis.rows("instrument_message"), 4);
});

both_databases!(a_report_that_does_not_fit_holds_up_nothing, |lis: TestLis| {
    let (pages, agent) = laboratory(&lis);
    let refuses = |body: &Value, status: u16, code: &str| {
        assert_eq!(agent.send_json("POST", PATH, body).send().expect(status).codes(), [code], "{body}");
    };
    refuses(&json!({}), 422, "messages-invalid");
    refuses(&json!({"messages": []}), 422, "messages-invalid");
    refuses(&json!({"status": 5}), 400, "body-invalid");
    let mut nameless = status();
    nameless["agent"] = json!("");
    refuses(&json!({"status": nameless}), 422, "messages-invalid");
    assert_eq!(lis.rows("agent_port"), 0);

    // Too long, too many, impossible: what fits is kept, and the message is stored.
    let mut strange = status();
    let port = strange["ports"][0].clone();
    let ports = (0..150).map(|number| {
        let mut port = port.clone();
        port["instrument"] = json!(format!("P-{number}"));
        port
    });
    let mut ports: Vec<Value> = ports.collect();
    ports[0] = port;
    ports[0]["error"] = json!("e".repeat(5_000));
    ports[1]["instrument"] = json!("I".repeat(33));
    strange["ports"] = json!(ports);
    strange["backlog"] = json!(u64::MAX);
    let batch = json!({"messages": [crate::bad_input::message("AAS-01", 1, "x\n")], "status": strange});
    assert_eq!(say(&agent, &batch)["stored"], 1);
    // 100 of the 149 whose code is one.
    assert_eq!(lis.rows("agent_port"), 100);
    let one = heard(&pages);
    assert_eq!(one["port_error"].as_str().map(str::len), Some(300));
    assert_eq!(one["backlog"], json!(i64::MAX));
    pages.get("/instruments").expect(200);
});

both_databases!(a_message_with_an_impossible_time_waits_for_a_person_and_holds_up_none, |lis: TestLis| {
    lis_server::server::prepare(&lis.app).expect("the shipped data");
    let (pages, agent) = laboratory(&lis);
    // The battery of its clock is empty, then somebody sets it a century ahead, then right.
    let times = ["1970-01-01T00:00:04.000Z", "2126-11-18T02:00:00.000Z", "2026-11-16T01:00:00.000Z"];
    let messages: Vec<Value> = (1u64..)
        .zip(times)
        .map(|(seq, time)| {
            let text = format!("Sample ID,Type,Analyte,Concentration,Unit\nS-{seq},Sample,Pb,0.1,mg/kg\n");
            let mut message = crate::bad_input::message("AAS-01", seq, &text);
            message["received_at"] = json!(time);
            message
        })
        .collect();
    assert_eq!(say(&agent, &json!(messages))["stored"], 3, "the stream goes on");
    lis.work();
    let states = || lis.texts("SELECT state AS value FROM instrument_message ORDER BY seq");
    assert_eq!(states(), ["unreadable", "unreadable", "held"]);
    let troubles = lis.texts("SELECT trouble AS value FROM instrument_message ORDER BY seq");
    assert!(troubles[0].contains(times[0]) && troubles[1].contains(times[1]), "{troubles:?}");
    let listed = pages.get("/api/v1/instrument-messages?state=unreadable").expect(200).items();
    assert_eq!(listed.len(), 2);
    // The laboratory's clock stands at 2026-11-16: the time of storage.
    assert!(listed.iter().all(|one| one["received_at"].as_str().is_some_and(|at| at.starts_with("2026-11-16T"))));

    // A person has seen it: it is read as any other.
    for message in lis.numbers("SELECT id AS value FROM instrument_message WHERE state = 'unreadable'") {
        let reply = pages.command(&format!("/api/v1/instrument-messages/{message}/read-again"), &json!({})).send();
        assert!((200..300).contains(&reply.status), "{}", reply.shown());
    }
    lis.work();
    assert_eq!(states(), ["held"; 3]);
});
