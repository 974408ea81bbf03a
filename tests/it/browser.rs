//! The pages in a real browser: Chromium through its driver. `tests/run` sets `LIS_TEST_BROWSER`; without it these
//! tests say that they did not run. With `LIS_SCREENSHOTS=DIR` every page that a test visits is saved there, in both
//! languages, for a person to look at.

mod driver;

use lis_server::accounts::Role;
use lis_tests::{Database, PASSWORD, TestLis};

use driver::{Browser, browser_is_there, in_browser};

/// Signs in by the form, as a person does.
async fn sign_in(browser: &Browser, username: &str, password: &str) {
    browser.open("/sign-in").await;
    browser.fill("username", username).await;
    browser.fill("password", password).await;
    browser.press("main form button[type=submit]").await;
}

#[test]
fn an_administrator_changes_his_first_password_and_makes_a_person() {
    if !browser_is_there(module_path!()) {
        return;
    }
    let lis = TestLis::start(Database::Sqlite);
    lis.person("first", &[Role::Administrator]);
    let office = lis.client();
    let form = office.form("/sign-in", "/sign-in").set("username", "first").set("password", PASSWORD);
    office.send(&form).expect(303);
    let form = office.form("/people/new", "/people").set("username", "admin").set("name", "管理员");
    let made = office.send(&form.set("language", "zh-CN").tick("roles", "administrator")).expect(200).page();
    let first_password = made.texts("code.secret").concat();

    in_browser(&lis, "administrator", async |browser| {
        browser.shot("/sign-in").await;
        sign_in(browser, "admin", &first_password).await;
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
        browser.shows("table.data", "wang 王检 检验人").await;
        browser.press("table.data a[href^='/people/']").await;
        let here = browser.path().await;
        browser.shot(&here).await;
        browser.shot("/people/new").await;
        browser.shot("/no-such-page").await;
    });
}
