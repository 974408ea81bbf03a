//! A worksheet is sent to the software of its instrument from its page: the tester sees it wait, arrive or be refused.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use super::{PASSWORD, on_the_demonstration};
use crate::instruments::register;
use crate::steps::{House, number, text};
use crate::work_lists::sheet;

/// How the agent beside the chromatograph stands, and how it went with what was sent.
fn status(settled: &[Value]) -> Value {
    json!({"status": {
        "agent": "bench", "version": "0.1.0", "stream": "0192f3a0-0000-7000-8000-0000000000fe", "last_seq": 0, "backlog": 0,
        "forward_error": null, "at": "2026-11-27T02:00:00Z", "started_at": "2026-11-27T01:00:00Z", "dispatches": settled,
        "ports": [{
            "instrument": "LC-07", "port": "folder D:\\exports", "connected": true, "messages": 0,
            "settings": {
                "kind": "folder", "place": "D:\\exports\\*", "protocol": "file", "profile": "thermo_xcalibur_quan",
                "sequence_folder": "D:\\lists", "profile_sha256": "ab".repeat(32),
            },
        }],
    }})
}

fn settled(id: i64, state: &str, detail: &str) -> Value {
    json!({"id": id, "instrument": "LC-07", "state": state, "at": "2026-11-27T02:00:30Z", "detail": detail})
}

#[test]
fn a_worksheet_is_sent_to_its_instrument() {
    on_the_demonstration(module_path!(), async |lis, browser| {
        let house = House::of(lis);
        let chromatograph = register(&house, "LC-07", "thermo_xcalibur_quan");
        let (_, run) = sheet(&house, Some(chromatograph));
        let agent = house.program("manager");
        let say = |body: &Value| agent.send_json("POST", "/api/v1/agent/messages", body).send().expect(200);
        // What the agent is told to put into the folder.
        let waiting = || {
            let lists = agent.get("/api/v1/agent/worklists?instrument=LC-07").expect(200).items();
            lists[0]["dispatches"].as_array().cloned().unwrap_or_default()
        };
        let page = format!("/worksheets/{}", run.id);
        let form = format!("form[action='{page}/dispatches']");
        let button = format!("{form} button[name=way][value=file]");

        // No agent has said that it knows a way: nothing is offered that could only be refused.
        browser.sign_in("tester2", PASSWORD).await;
        browser.open(&page).await;
        browser.shows("h1", &run.number).await;
        assert!(!browser.has(&form).await, "no way yet");
        say(&status(&[]));
        browser.open(&page).await;
        browser.shows(&form, "将序列文件放入仪器文件夹").await;
        assert!(!browser.has(&format!("{form} button[value=orders]")).await, "its line sends no orders");

        browser.submit(&button).await;
        browser.shows("main", "等待采集端").await;
        browser.shows("main", &format!("{}.csv", run.number)).await;
        browser.picture("waiting").await;
        // Pressed again while it waits, it is the same one.
        browser.submit(&button).await;
        assert_eq!(lis.rows("instrument_dispatch"), 1);
        let told = waiting();
        assert_eq!(told.len(), 1);
        let file = text(&told[0]["file"]["bytes"]);
        let expected = house.by("tester2").get(&format!("{page}/sequence")).expect(200).text();
        assert_eq!(BASE64.decode(file).expect("base64"), expected.as_bytes());

        let place = format!("D:\\lists\\{}.csv", run.number);
        say(&status(&[settled(number(&told[0], "id"), "delivered", &place)]));
        browser.open(&page).await;
        browser.shows("main section ul", "已送达").await;
        browser.shows("main section ul", &place).await;
        assert!(!browser.text("main section ul").await.contains("等待采集端"));
        assert_eq!(waiting(), Vec::<Value>::new(), "the agent is not told of it again");

        // Sent once more, and not taken: the tester reads why.
        browser.submit(&button).await;
        let told = waiting();
        let why = format!("{place} is there with another content and is not overwritten");
        say(&status(&[settled(number(&told[0], "id"), "refused", &why)]));
        browser.open(&page).await;
        browser.shows("main section ul li:first-child", "被拒绝").await;
        browser.shows("main section ul li:first-child", "is not overwritten").await;
        browser.shows("main section ul li:last-child", "已送达").await;
        browser.picture("refused").await;

        // Somebody else sees what was sent, and sends nothing.
        browser.sign_in("checker", PASSWORD).await;
        browser.open(&page).await;
        browser.shows("main section ul", "被拒绝").await;
        assert!(!browser.has(&form).await, "it is the tester's own sheet");
    });
}
