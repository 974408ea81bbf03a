//! The inbox without a mouse: from a held row to the preview of a mapping, and to its confirmation.

use serde_json::json;
use thirtyfour::Key;

use super::{PASSWORD, on_the_demonstration, one};
use crate::steps::{House, rice_order};

#[test]
fn a_code_is_mapped_by_keyboard() {
    on_the_demonstration(module_path!(), async |lis, browser| {
        let house = House::of(lis);
        let instrument =
            json!({"code": "ICP-08", "name": "ICP-08", "profile": "generic_long_table", "status": "qualified"});
        house.done("manager", "/api/v1/instruments", &instrument);
        let sample = house.receive(house.order(&rice_order()));
        house.assign(sample.label(), "tester2");
        let sheet = house.open("tester2", sample.label(), "cd");
        let head = "Sample ID,Sample Type,Analyte,Concentration,Unit";
        let file = format!("{head}\n{},Sample,Cd-228.8,2.05,ng/mL\n", sample.label());
        let message = crate::bad_input::message("ICP-08", 1, &file);
        house.program("manager").send_json("POST", "/api/v1/agent/messages", &json!([message])).send().expect(200);
        // Reading waits for the database, which no thread that drives the browser may.
        std::thread::scope(|scope| scope.spawn(|| lis.work()).join()).expect("the message is read");
        let id = one(lis, "SELECT CAST(max(id) AS TEXT) AS value FROM instrument_message");

        browser.sign_in("tester2", PASSWORD).await;
        browser.open(&format!("/inbox/{id}")).await;
        // The keys of a page are announced when they work.
        browser.sees("main input[name=target][aria-keyshortcuts=F8]").await;
        browser.keys(Key::F8.value()).await;
        assert_eq!(browser.told("return document.activeElement.name").await, "target", "F8 leads to the held row");
        browser.keys("cd").await;
        browser.keys(Key::Enter.value()).await;

        browser.shows("#preview", "Cd-228.8").await;
        browser.shows("#preview table", &sheet.number).await;
        browser.sees("#preview button[aria-keyshortcuts=F8]").await;
        let focused = browser.told("return document.activeElement.closest('#preview') !== null").await;
        assert_eq!(focused, true, "the confirmation has the focus");
        browser.picture("preview").await;
        let mapped = "SELECT CAST(count(*) AS TEXT) AS value FROM code_mapping WHERE source = 'Cd-228.8'";
        assert_eq!(one(lis, mapped), "0", "a preview changes nothing");
        browser.keys(Key::F8.value()).await;

        browser.shows("main table", "已归档").await;
        assert_eq!(one(lis, mapped), "1");
        assert_eq!(one(lis, "SELECT state AS value FROM observation WHERE analyte_ref = 'Cd-228.8'"), "filed");
    });
}
