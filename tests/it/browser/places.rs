//! A profile is made from a print with columns at fixed places, that nothing separates: the characters at which they begin are
//! pointed at, by mouse and by keyboard.

use thirtyfour::Key;

use super::{PASSWORD, on_the_demonstration};
use crate::steps::House;

/// A number, the label, the analyte, the value, the unit.
const PRINT: &str = "LAUF 8\r\n01M-1      Cd      2.05ug/L\r\n02K 17     Cd      2.11ug/L\r\n";

#[test]
fn columns_at_fixed_places_are_pointed_at() {
    on_the_demonstration(module_path!(), async |lis, browser| {
        let house = House::of(lis);
        let folder = tempfile::tempdir().expect("a directory");
        let file = folder.path().join("lauf-8.txt");
        std::fs::write(&file, PRINT).expect("a file");
        browser.sign_in("manager", PASSWORD).await;
        browser.open("/profiles/new").await;
        browser.attach("file", &file).await;
        browser.press("main form button[type=submit]").await;
        browser.sees("#places").await;
        browser.told("document.querySelector('#places').open = true; return true").await;
        browser.shows("#places pre", "02K 17").await;

        // By keyboard: the arrow keys lead to the second character, Enter says that a column begins there.
        browser.told("document.querySelector('#places button[name=begins]').focus(); return true").await;
        for key in [Key::Right, Key::Right, Key::Enter] {
            browser.keys(key.value()).await;
        }
        let begins = |place: usize| format!("#places button[value='{place}'][aria-pressed=true]");
        browser.sees(&begins(2)).await;
        // The focus stays where it was, and the next key leads on.
        browser.sees("#bench:not([aria-busy])").await;
        assert_eq!(browser.told("return document.activeElement.value").await, "2");
        // By mouse.
        for place in [11, 19, 23] {
            browser.sees("#bench:not([aria-busy])").await;
            browser.press(&format!("#places button[value='{place}']")).await;
            browser.sees(&begins(place)).await;
        }
        browser.picture("cut").await;
        // Cut, the columns are clicked as any others.
        for (column, means) in [(1, "sample"), (2, "analyte"), (3, "value"), (4, "unit")] {
            browser.sees("#bench:not([aria-busy])").await;
            browser.choose("means", means).await;
            browser.press(&format!("button[name=cell][value='2:{column}']")).await;
            browser.sees(&format!("#f-cell thead th:nth-child({})[data-read='{means}']", column + 2)).await;
        }
        browser.shows("#result tbody tr:first-child", "M-1 Cd 2.05 ug/L").await;
        browser.shows("#result", "K 17").await;
        // A click too many is taken back by another; what the columns are read as stays.
        browser.sees("#bench:not([aria-busy])").await;
        browser.press("#places button[value='5']").await;
        browser.sees(&begins(5)).await;
        browser.sees("#bench:not([aria-busy])").await;
        browser.press("#places button[value='5']").await;
        browser.sees("#places button[value='5'][aria-pressed=false]").await;
        browser.shows("#result tbody tr:first-child", "M-1 Cd 2.05 ug/L").await;
        browser.fill("name", "printer_fp7").await;
        browser.fill("title", "火焰光度计打印").await;
        browser.press("button[formaction='/profiles']").await;
        browser.shows("h1", "printer_fp7@1").await;
        browser.shows("#example-now", "与保存时一致").await;
        let saved = house.items("manager", "/api/v1/profiles");
        assert!(saved.iter().any(|one| one["reference"] == "printer_fp7@1"), "{saved:?}");
    });
}
