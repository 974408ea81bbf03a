//! A profile is made from a file that the program has never seen, by clicking its cells; the instrument that is registered with
//! it files its results.

use serde_json::json;

use super::{PASSWORD, on_the_demonstration, one};
use crate::steps::{House, rice_order};

/// The samples stand in the second column; the program can only guess the first.
fn export(label: &str) -> String {
    format!(
        "Lauf 8;Montag\r\n\r\nPlatz;Zettel;Element;Messwert;Einheit\r\n1;{label};Cd;2,05;μg/L\r\n2;K-17;Cd;2,11;μg/L\r\n"
    )
}

#[test]
fn a_profile_is_made_by_clicking_and_files_results() {
    on_the_demonstration(module_path!(), async |lis, browser| {
        let house = House::of(lis);
        let sample = house.receive(house.order(&rice_order()));
        house.assign(sample.label(), "tester2");
        let sheet = house.open("tester2", sample.label(), "cd");
        let folder = tempfile::tempdir().expect("a directory");
        let file = folder.path().join("lauf-8.csv");
        std::fs::write(&file, export("M-1")).expect("a file");

        // Dropped: the program proposes, and says how sure it is.
        browser.sign_in("manager", PASSWORD).await;
        browser.open("/instruments").await;
        browser.press("main a[href='/profiles']").await;
        browser.press("main a[href='/profiles/new']").await;
        browser.attach("file", &file).await;
        browser.press("main form button[type=submit]").await;
        browser.shows("#counts", "读出 2 个值").await;
        let first_row = "#result tbody tr:first-child";
        browser.shows(first_row, "1 Cd 2,05").await;
        browser.shows("main", "第一列").await;
        browser.picture("proposed").await;

        // Clicked: the second column holds the samples. The table follows at once, and the address with it.
        browser.choose("means", "sample").await;
        browser.press("button[name=cell][value='4:1']").await;
        browser.shows(first_row, "M-1 Cd 2,05 μg/L").await;
        browser.shows("#result", "K-17").await;
        browser.shows("#bench", "已更正").await;
        assert!(browser.path().await.contains("draft="), "the step is an address");
        // The unit is taken out, and put back by going back.
        browser.choose("means", "not_read").await;
        browser.press("button[name=cell][value='0:4']").await;
        browser.shows("#counts", "列未读取").await;
        browser.sees("#result tbody tr:first-child td:nth-child(5):empty").await;
        browser.told("history.back(); return true").await;
        browser.shows(first_row, "M-1 Cd 2,05 μg/L").await;
        // A choice of the whole file, by a list.
        browser.pick("empty", "skip").await;
        browser.sees("#bench:not([aria-busy])").await;
        browser.shows(first_row, "M-1").await;
        // What was typed beside the part stays through all of it, and through a reload.
        browser.fill("name", "flame_meter").await;
        browser.fill("title", "火焰光度计 FP-7").await;
        browser.choose("means", "sample").await;
        browser.press("button[name=cell][value='3:1']").await;
        browser.shows(first_row, "M-1 Cd 2,05 μg/L").await;
        browser.sees("#bench:not([aria-busy])").await;
        browser.open(&browser.path().await).await;
        browser.shows(first_row, "M-1 Cd 2,05 μg/L").await;
        browser.picture("corrected").await;
        browser.press("button[formaction='/profiles']").await;
        browser.shows("h1", "flame_meter@1").await;
        browser.shows("#example-now", "与保存时一致").await;
        browser.picture("saved").await;

        // Registered, delivered, filed.
        browser.press("main a[href^='/instruments/new']").await;
        browser.fill("code", "FP-7").await;
        browser.fill("name", "火焰光度计").await;
        browser.press("main form button[type=submit]").await;
        browser.shows("main table", "flame_meter@1").await;
        let message = crate::bad_input::message("FP-7", 1, &export(sample.label()));
        house.program("manager").send_json("POST", "/api/v1/agent/messages", &json!([message])).send().expect(200);
        // Reading waits for the database, which no thread that drives the browser may.
        std::thread::scope(|scope| scope.spawn(|| lis.work()).join()).expect("the message is read");
        let id = one(lis, "SELECT CAST(max(id) AS TEXT) AS value FROM instrument_message");
        browser.open(&format!("/inbox/{id}")).await;
        browser.shows("main table", "已归档").await;
        browser.shows("main table", "2,05").await;
        browser.picture("filed").await;
        browser.sign_in("tester2", PASSWORD).await;
        browser.open(&format!("/worksheets/{}", sheet.id)).await;
        browser.shows("main", "2.05").await;
    });
}
