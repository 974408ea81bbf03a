//! Erasing personal words: what goes from log and tables, what the law keeps.

use lis_server::accounts::Role;
use lis_server::accounts::actions::PersonInput;
use lis_tests::{Client, Person, TestLis, both_databases};
use serde_json::json;

fn person(lis: &TestLis, username: &str, name: &str, role: Role) -> Person {
    lis.person_as(&PersonInput {
        username: username.into(),
        name: name.into(),
        email: format!("{username}@lis.example"),
        phone: "0316-5550001".into(),
        language: "en".into(),
        roles: vec![role.code().into()],
        ..PersonInput::default()
    })
}

fn leaves(office: &Client, person: &Person) {
    let page = format!("/people/{}", person.id);
    office.send(&office.form(&page, &page).without("active")).expect(303);
}

both_databases!(personal_words_are_erased_and_what_the_law_keeps_stays, |lis: TestLis| {
    let office = lis.signed_in(&lis.person("admin", &[Role::Administrator]));
    let (wang, zhou) = (person(&lis, "wang", "王某某", Role::Tester), person(&lis, "zhou", "周某某", Role::Custodian));
    lis.region("131003", "示例区", "Example district");
    let custodian = lis.signed_in(&zhou);
    let firm = json!({
        "name": "示例面包店", "uscc": "91131000MA0ABCDE17", "stage": "catering", "address": "示例路 2 号",
        "region_code": "131003", "contact": "钱某某", "phone": "0316-5550002", "email": "qian@lis.example",
    });
    custodian.command("/api/v1/enterprises", &firm).send().expect(201);

    let erase = |kind: &str, subject: &str| {
        let body = json!({"subject_kind": kind, "subject": subject, "ground": "withdrawn", "reference": "2026-07"});
        office.command("/api/v1/erasures", &body).send()
    };
    custodian.command("/api/v1/erasures", &json!({})).send().expect(404);
    assert_eq!(erase("person", "wang").expect(409).codes(), ["person-active"]);
    assert_eq!(erase("person", "nobody").expect(422).codes(), ["erasure-subject-unknown"]);
    leaves(&office, &wang);
    leaves(&office, &zhou);

    // Who stands on no record loses his name too; who registered a firm keeps it for six years.
    assert_eq!(erase("person", "wang").expect(201).json()["name_kept"], false);
    assert_eq!(erase("person", "zhou").expect(201).json()["name_kept"], true);
    assert_eq!(erase("enterprise", "91131000MA0ABCDE17").expect(201).json()["name_kept"], false);
    assert_eq!(erase("person", &format!("#{}", wang.id)).expect(409).codes(), ["person-erased"]);
    assert_eq!(erase("person", "zhou").expect(409).codes(), ["person-erased"]);
    let people = lis.texts(
        "SELECT username || '|' || name || '|' || email || '|' || phone || '|' || password_hash AS value \
         FROM person WHERE username <> 'admin' ORDER BY id",
    );
    assert_eq!(people, [format!("erased-{}|—|||", wang.id), "zhou|周某某|||".to_owned()]);
    assert_eq!(lis.texts("SELECT contact || phone || email AS value FROM enterprise"), [""]);
    assert_eq!(lis.texts("SELECT subject AS value FROM personal_key"), [format!("person:{}", wang.id - 1)]);

    // The log says that and why, in nobody's words, and stands whole.
    let log = lis.texts("SELECT body AS value FROM audit_entry").concat();
    for word in ["王某某", "周某某", "钱某某", "0316-555000", "qian@"] {
        assert!(!log.contains(word), "{word}");
    }
    assert_eq!(lis.rows("audit_entry WHERE event = 'personal-erased'"), 3);
    let done = office.get("/api/v1/erasures").items();
    let shown: Vec<_> = done.iter().map(|one| (one["subject_kind"].clone(), one["ground"].clone())).collect();
    assert_eq!(shown[0], (json!("enterprise"), json!("withdrawn")));
    assert_eq!(shown.len(), 3);
    assert!(office.get("/erasure").expect(200).page().text().contains("2026-07"));
    assert!(lis.verified().is_ok());
});
