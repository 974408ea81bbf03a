//! The administrator's pages: making and changing people.

use lis_server::accounts::Role;
use lis_tests::{Client, Form, PASSWORD, Page, Person, TestLis, both_databases};

fn office(lis: &TestLis) -> (Person, Client) {
    let admin = lis.person("admin", &[Role::Administrator]);
    let client = lis.signed_in(&admin);
    (admin, client)
}

fn new_person(client: &Client) -> Form {
    client.form("/people/new", "/people").set("username", "wang").set("name", "王检").set("language", "zh-CN")
}

both_databases!(a_new_person_is_listed_and_signs_in, |lis: TestLis| {
    let (_, client) = office(&lis);
    let form = new_person(&client).set("phone", "0312-555").tick("roles", "tester").tick("roles", "checker");
    let shown = client.send(&form).expect(200).page();
    let first = shown.texts("code.secret").concat();

    let list = client.get("/people").expect(200).page();
    let row = list.texts("tbody tr").into_iter().find(|row| row.starts_with("wang")).expect("a row");
    assert_eq!(row, "wang 王检 Checker, Tester / Active first password unchanged");
    let wang = lis.client();
    let form = wang.form("/sign-in", "/sign-in").set("username", "wang").set("password", &first);
    wang.send(&form).expect(303);
    assert_eq!(wang.get("/account").expect(200).page().language(), "zh-CN", "his language");
});

both_databases!(a_refused_form_comes_back_filled_in_with_every_error, |lis: TestLis| {
    let (_, client) = office(&lis);
    let form = client
        .form("/people/new", "/people")
        .set("username", "Wang Wu")
        .set("name", " ")
        .set("email", "not an address")
        .set("phone", &"1".repeat(21))
        .set("region_code", "")
        .tick("roles", "administrator")
        .tick("roles", "tester");
    let page = client.send(&form).expect(422).page();
    let errors: Vec<(&str, String)> =
        ["username", "name", "email", "phone", "roles"].map(|field| (field, page.error_at(field))).into();
    assert_eq!(
        errors,
        [
            (
                "username",
                "This must be a lower-case letter, then lower-case letters, digits, dots, hyphens, underscores, 32 at most."
                    .to_owned()
            ),
            ("name", "This field is required.".to_owned()),
            ("email", "This must be an e-mail address.".to_owned()),
            ("phone", "At most 20 characters.".to_owned()),
            ("roles", "“Administrator” goes with no other role.".to_owned()),
        ]
    );
    let above = page.texts("[data-kind=problem] li");
    assert_eq!(above.len(), 5, "all of them above the form too");
    for named in ["Name: This field is required.", "Telephone: At most 20 characters."] {
        assert!(above.iter().any(|line| line == named), "by the label of the field: {above:?}");
    }
    assert!(above.iter().any(|line| line == "Roles: “Administrator” goes with no other role."), "{above:?}");
    let back = page.form("/people");
    assert_eq!(back.value("username"), Some("Wang Wu"));
    assert_eq!(back.value("email"), Some("not an address"));
    assert_eq!(back.values("roles"), ["tester", "administrator"]);
    assert_eq!(lis.rows("person"), 1);
    // Put right, the same form goes through.
    let good = back.set("username", "wang").set("name", "王").set("email", "").set("phone", "").without("roles");
    client.send(&good.tick("roles", "tester")).expect(200);
});

both_databases!(a_person_needs_a_role_and_a_regulator_a_region, |lis: TestLis| {
    let (_, client) = office(&lis);
    lis.region("1306", "保定市", "Baoding");
    assert_eq!(client.send(&new_person(&client)).expect(422).page().error_at("roles"), "Choose at least one role.");
    let unknown = client.send(&new_person(&client).tick("roles", "emperor")).expect(422).page();
    assert!(unknown.error_at("roles").starts_with("There is no role “emperor”."), "{}", unknown.error_at("roles"));
    let regulator = new_person(&client).tick("roles", "regulator");
    assert_eq!(
        client.send(&regulator.clone()).expect(422).page().error_at("region_code"),
        "A regulator needs a region."
    );
    let elsewhere = client.send(&regulator.clone().set("region_code", "4401")).expect(422).page();
    assert_eq!(elsewhere.error_at("region_code"), "The region code 4401 is not in the system.");
    client.send(&regulator.set("region_code", "1306")).expect(200);
    let row = client.get("/people").page().texts("tbody tr").into_iter().find(|row| row.starts_with("wang"));
    assert_eq!(row.as_deref(), Some("wang 王检 Regulator Baoding Active first password unchanged"));
});

both_databases!(a_username_is_taken_once, |lis: TestLis| {
    let (_, client) = office(&lis);
    let form = new_person(&client).set("username", "admin").tick("roles", "tester");
    assert_eq!(client.send(&form).expect(422).page().error_at("username"), "The username “admin” is taken.");
});

both_databases!(sending_the_same_form_twice_makes_one_person, |lis: TestLis| {
    let (_, client) = office(&lis);
    let form = new_person(&client).tick("roles", "tester");
    let first = client.send(&form).expect(200).page();
    let again = client.send(&form).expect(200).page();
    assert_eq!(lis.rows("person"), 2);
    assert_eq!(again.title(), first.title(), "the same answer");
    assert!(again.texts("code.secret").is_empty(), "a password that is not stored is not shown");
    let other = client.send(&form.set("name", "李")).expect(422);
    assert!(other.page().problems().contains("idempotency key"), "{}", other.page().text());
    assert_eq!(lis.rows("person"), 2);
});

both_databases!(a_change_is_shown_and_logged, |lis: TestLis| {
    let (_, client) = office(&lis);
    let li = lis.person("li", &[Role::Tester]);
    let path = format!("/people/{}", li.id);
    let form = client.form(&path, &path).set("name", "李检").tick("roles", "checker");
    let saved = client.send(&form).expect(303);
    let page = client.follow(&saved).expect(200).page();
    assert!(page.text().contains("Saved"), "{}", page.text());
    assert_eq!(page.form(&path).value("name"), Some("李检"));
    let bodies = lis.texts("SELECT body AS value FROM audit_entry WHERE event = 'person-changed'");
    assert_eq!(bodies.len(), 1);
    assert!(bodies[0].contains(r#""roles":["tester","tester checker"]"#), "{}", bodies[0]);
    assert!(!bodies[0].contains("李检"), "names stand in the log sealed");
});

both_databases!(who_comes_too_late_overwrites_nothing, |lis: TestLis| {
    let (_, client) = office(&lis);
    let li = lis.person("li", &[Role::Tester]);
    let path = format!("/people/{}", li.id);
    let (mine, theirs) = (client.form(&path, &path), client.form(&path, &path));
    client.send(&theirs.set("name", "theirs")).expect(303);
    let late = client.send(&mine.clone().set("name", "mine")).expect(412).page();
    assert!(late.problems().contains("Someone changed this after you opened it"), "{}", late.problems());
    assert_eq!(late.form(&path).value("name"), Some("mine"), "what was typed stays");
    assert_eq!(late.texts("[data-conflicts] tbody tr"), ["Name theirs mine"], "what stands there now is shown too");
    assert_eq!(name_of(&lis, li.id), "theirs");

    let without = client.send(&mine.set("name", "mine").without("version")).expect(428).page();
    assert_eq!(without.title(), "Version missing");
    assert_eq!(name_of(&lis, li.id), "theirs");
});

fn name_of(lis: &TestLis, id: i64) -> String {
    lis.texts(&format!("SELECT name AS value FROM person WHERE id = {id}")).concat()
}

both_databases!(the_last_administrator_stays, |lis: TestLis| {
    let (admin, client) = office(&lis);
    let path = format!("/people/{}", admin.id);
    let demoted = client.form(&path, &path).without("roles").tick("roles", "tester");
    let refused = client.send(&demoted).page();
    assert!(refused.problems().contains("the last active administrator"), "{}", refused.text());
    let retired = client.send(&client.form(&path, &path).without("active")).page();
    assert!(retired.problems().contains("Make another administrator first."), "{}", retired.text());
    assert_eq!(lis.rows("person_role WHERE role = 'administrator'"), 1);

    lis.person("second", &[Role::Administrator]);
    client.send(&client.form(&path, &path).without("roles").tick("roles", "tester")).expect(303);
    client.get("/people").expect(303);
});

both_databases!(a_reset_password_is_shown_once_and_ends_sessions, |lis: TestLis| {
    let (_, client) = office(&lis);
    let li = lis.person("li", &[Role::Tester]);
    let his = lis.signed_in(&li);
    let path = format!("/people/{}", li.id);
    let form = client.form(&path, &format!("{path}/password"));
    let page = client.send(&form).expect(200).page();
    let first = page.texts("code.secret").concat();
    assert!(first.len() >= 12);
    assert!(client.get(&path).page().all("code.secret").is_empty(), "only once");
    his.get("/account").expect(303);
    let old = lis.client();
    old.send(&old.form("/sign-in", "/sign-in").set("username", "li").set("password", PASSWORD)).expect(422);
    old.send(&old.form("/sign-in", "/sign-in").set("username", "li").set("password", &first)).expect(303);
    client.send(&form).expect(412);
});

both_databases!(the_list_goes_on_after_fifty, |lis: TestLis| {
    let (_, client) = office(&lis);
    for number in 0..52 {
        lis.person(&format!("p{number:02}"), &[Role::Tester]);
    }
    let first: Page = client.get("/people").expect(200).page();
    assert_eq!(first.all("tbody tr").len(), 50);
    let next = first.attribute("a[rel=next]", "href").expect("a next page");
    let second = client.get(&next).expect(200).page();
    assert_eq!(second.texts("tbody tr td:first-child"), ["p49", "p50", "p51"]);
    assert!(second.all("a[rel=next]").is_empty());
});

both_databases!(an_enterprise_belongs_to_a_registered_firm_and_stays_there, |lis: TestLis| {
    let (_, client) = office(&lis);
    lis.region("131003", "示例区", "Example district");
    let custodian = lis.signed_in(&lis.person("zhou", &[Role::Custodian]));
    let firm = custodian
        .form("/enterprises/new", "/enterprises")
        .set("name", "示例面包店")
        .set("uscc", "91131000MA0ABCDE17")
        .set("stage", "catering")
        .set("address", "示例路 2 号")
        .set("region_code", "131003");
    custodian.send(&firm).expect(303);

    let form = new_person(&client).tick("roles", "enterprise");
    let missing = client.send(&form).expect(422).page();
    assert_eq!(missing.error_at("enterprise"), "The account of an enterprise belongs to a registered unit.");
    let unknown = client.send(&form.clone().set("enterprise", "#99")).expect(422).page();
    assert_eq!(unknown.texts("[data-kind=problem] li"), ["Firm: The registry has no unit 99."]);
    let nonsense = client.send(&form.clone().set("enterprise", "the bakery")).expect(422).page();
    assert!(nonsense.error_at("enterprise").starts_with("This must be a unified social credit code"));

    let shown = client.send(&form.set("enterprise", "91131000MA0ABCDE17")).expect(200).page();
    let first = shown.texts("code.secret").concat();
    let id = lis.numbers("SELECT id AS value FROM person WHERE username = 'wang'")[0];
    let path = format!("/people/{id}");
    let edit = client.form(&path, &path);
    assert_eq!(edit.value("enterprise"), Some("91131000MA0ABCDE17"));
    client.send(&edit.set("phone", "0312-555")).expect(303);

    let wang = lis.client();
    wang.send(&wang.form("/sign-in", "/sign-in").set("username", "wang").set("password", &first)).expect(303);
    let change = wang.form("/account", "/account/password").set("current_password", &first);
    wang.send(&change.set("new_password", PASSWORD)).expect(303);
    wang.get("/portal").expect(200);
});
