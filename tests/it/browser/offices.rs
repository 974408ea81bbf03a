//! The offices: quality, the technical manager, the administrator.

use lis_server::accounts::Role;
use lis_tests::{Database, TestLis};
use serde_json::json;

use super::driver::{browser_is_there, in_browser};
use super::{PASSWORD, SIGNING_PASSWORD, on_the_demonstration};
use crate::steps::{House, rice_order, with};

#[test]
fn a_quality_officer_closes_non_conforming_work() {
    on_the_demonstration(module_path!(), async |_, browser| {
        browser.sign_in("quality", PASSWORD).await;
        browser.shows(".stations", "1 未关闭的不符合工作").await;
        browser.press(".stations a").await;
        browser.press("main table a[href^='/quality/work/']").await;
        // Both samples of the wrong blank, each with what its report said and says.
        browser.shows("main table", "0.301").await;
        browser.shows("main table", "BZ-2026-J-000001").await;
        browser.picture("work").await;
        // The program opened it: nobody has classified it yet.
        browser.choose("risk", "low").await;
        browser.press("form[action$='/classification'] button[type=submit]").await;
        browser.shows("main", "已保存").await;
        browser.fill("action", "空白读数由两人核对后录入；已对检验员培训。").await;
        browser.press("form[action$='/close'] button[type=submit]").await;
        browser.shows("main", "不符合工作已关闭").await;
        browser.open("/").await;
        browser.shows("main", "目前没有待办事项").await;
    });
}

#[test]
fn a_technical_manager_assigns_and_loads_a_calendar() {
    on_the_demonstration(module_path!(), async |lis, browser| {
        browser.sign_in("manager", PASSWORD).await;
        browser.shows(".stations", "1 待分配的项目").await;
        browser.press(".stations a[href='/assignment']").await;
        let select = browser.told("return document.querySelector(\"main select[name^='tester-']\").name").await;
        let tester = super::one(lis, "SELECT CAST(id AS TEXT) AS value FROM person WHERE username = 'tester1'");
        browser.pick(select.as_str().expect("a name"), &tester).await;
        browser.press("form[action='/assignment'][method=post] button[type=submit]").await;
        browser.shows("main", "已分配").await;
        browser.shows("main table", "检验员甲").await;

        // A table with a bad row is named and not loaded; mended it is in force.
        let folder = lis.database.directory();
        let bad = folder.join("calendar-2027.csv");
        std::fs::write(&bad, "date,kind,name_zh\n2027-01-01,off,元旦\n2027-02-30,off,春节\n").expect("a file");
        browser.open("/catalogue/sets").await;
        browser.press("main a[href='/catalogue/import']").await;
        browser.choose("kind", "calendar").await;
        browser.attach("file", &bad).await;
        browser.press("form[action='/catalogue/import'] button[type=submit]").await;
        browser.shows("main table", "3 date").await;
        browser.shows("main table", "2027-02-30").await;
        browser.picture("bad-row").await;
        let good = folder.join("calendar-2027-mended.csv");
        std::fs::write(&good, "date,kind,name_zh\n2027-01-01,off,元旦\n2027-02-06,off,春节\n").expect("a file");
        browser.choose("kind", "calendar").await;
        browser.attach("file", &good).await;
        browser.press("form[action='/catalogue/import'] button[type=submit]").await;
        browser.shows("main", "共 2 行，全部正确").await;
        browser.picture("good").await;
        browser.press("form[action^='/catalogue/import/'] button[type=submit]").await;
        browser.shows("main", "数据集已装入并生效").await;
        browser.shows("main", "calendar-2027-mended.csv").await;
    });
}

#[test]
fn an_administrator_changes_his_first_password_and_makes_a_person() {
    if !browser_is_there(module_path!()) {
        return;
    }
    let lis = TestLis::start(Database::Sqlite);
    lis.person("first", &[Role::Administrator]);
    let office = lis.client();
    let form = office.form("/sign-in", "/sign-in").set("username", "first").set("password", lis_tests::PASSWORD);
    office.send(&form).expect(303);
    let form = office.form("/people/new", "/people").set("username", "admin").set("name", "管理员");
    let made = office.send(&form.set("language", "zh-CN").tick("roles", "administrator")).expect(200).page();
    let first_password = made.texts("code.secret").concat();

    in_browser(&lis, "administrator", async |browser| {
        browser.shot("/sign-in").await;
        browser.sign_in("admin", &first_password).await;
        browser.shot("/account").await;
        browser.fill("current_password", &first_password).await;
        browser.fill("new_password", "a better password").await;
        browser.press("form[action='/account/password'] button[type=submit]").await;
        browser.shows("main", "密码已更换").await;

        browser.shot("/").await;
        browser.shot("/people").await;
        browser.press("a[href='/people/new']").await;
        browser.fill("username", "wang").await;
        browser.fill("name", "王检").await;
        browser.press("input[name=roles][value=tester]").await;
        browser.press("form[action='/people'] button[type=submit]").await;
        let secret = browser.text("code.secret").await;
        assert!(secret.len() >= 12, "{secret:?}");

        browser.shot("/people").await;
        browser.shows("main table", "wang 王检 检验人").await;
        browser.press("main table a[href^='/people/']").await;
        let here = browser.path().await;
        browser.shot(&here).await;
        browser.shot("/people/new").await;
        browser.shot("/no-such-page").await;
    });
}

#[test]
fn a_technical_manager_decides_an_open_verdict_and_sets_a_gate() {
    on_the_demonstration(module_path!(), async |lis, browser| {
        // Cadmium is to be judged by the standard of mycotoxins, which has no row for it.
        let house = House::of(lis);
        let sample = house.receive(house.order(&with(rice_order(), &json!({"limit_standards": "GB 2761"}))));
        house.assign(sample.label(), "tester2");
        house.measure_cadmium(sample.label(), "tester2", "2.05");
        let item = "SELECT CAST(max(id) AS TEXT) AS value FROM test_item WHERE verdict = 'REVIEW'";
        let item = super::one(lis, item);

        browser.sign_in("manager", PASSWORD).await;
        browser.open("/doubts").await;
        browser.shows("main table", sample.label()).await;
        browser.press(&format!("main table a[href='/check/{item}']")).await;
        // Without a basis nothing is decided, and what was chosen stays.
        browser.pick("verdict", "pass").await;
        browser.submit("form[action$='/decision'] button[type=submit]").await;
        browser.sees("main [name='basis'][aria-invalid]").await;
        browser.fill("basis", "GB 2762-2025 表 2").await;
        browser.fill("reason", "委托方标准未列镉，按污染物限量判定").await;
        browser.picture("decision").await;
        browser.submit("form[action$='/decision'] button[type=submit]").await;
        browser.shows("main", "已判定，项目等待校核").await;
        browser.open(&format!("/check/{item}")).await;
        browser.shows("main dl", "GB 2762-2025 表 2").await;

        browser.open("/quality/gates").await;
        browser.pick("gate", "competence").await;
        browser.pick("mode", "block").await;
        browser.fill("reason", "试运行结束").await;
        browser.sign_with(SIGNING_PASSWORD).await;
        browser.picture("gate").await;
        browser.submit("form[action='/quality/gates'] button[type=submit]").await;
        browser.shows("main table", "试运行结束").await;
        let mode = "SELECT mode AS value FROM gate_setting WHERE gate = 'competence' ORDER BY id DESC";
        assert_eq!(super::one(lis, mode), "block");
    });
}
