//! The offices: quality, the technical manager, the administrator.

use lis_server::accounts::Role;
use lis_tests::{Database, TestLis};

use super::driver::{browser_is_there, in_browser};
use super::{PASSWORD, on_the_demonstration};

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
        browser.shows(".stations", "1 待分派的项目").await;
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
