//! Controlled documents: one brings an edition, another approves it, and everybody inside finds the one in force.

use lis_tests::{Reply, TestLis, demonstrated};
use serde_json::{Value, json};

use crate::steps::{DOCUMENT, House, bring_document, number, text};

fn decide(house: &House<'_>, username: &str, edition: &Value, body: &Value) -> Reply {
    let path = format!("/api/v1/controlled-documents/{}/decision", number(edition, "id"));
    house.ask_on(username, &path, number(edition, "version"), body)
}

/// Edition and standing of everything of a number, as a tester sees it.
fn standing(house: &House<'_>, of: &str) -> Vec<(String, String)> {
    let listed = house.items("tester1", "/api/v1/controlled-documents");
    let own = listed.iter().filter(|one| one["number"] == of);
    own.map(|one| (text(&one["edition"]), text(&one["standing"]))).collect()
}

fn said(lines: &[(&str, &str)]) -> Vec<(String, String)> {
    lines.iter().map(|(edition, standing)| ((*edition).to_owned(), (*standing).to_owned())).collect()
}

// Requirement: Q711-7
demonstrated!(the_edition_in_force_is_found_by_everybody_and_earlier_ones_are_kept, |lis: TestLis| {
    let house = House::of(&lis);
    let approve = json!({"decision": "approve"});
    let first = bring_document(&house, "quality", &[], DOCUMENT).expect(201).json();
    assert_eq!(standing(&house, "SOP-017"), said(&[("A/0", "brought")]));
    assert_eq!(decide(&house, "quality", &first, &approve).expect(409).codes(), ["document-own"]);
    let manager = house.by("manager");
    assert!(manager.get("/").expect(200).page().text().contains("Editions of documents to approve"));
    let page = manager.get("/controlled-documents").expect(200).page();
    let form = format!("form[action='/controlled-documents/{}/decision']", number(&first, "id"));
    assert_eq!(page.all(&form).len(), 1, "who did not bring it decides");
    assert!(house.by("quality").get("/controlled-documents").expect(200).page().all(&form).is_empty());
    decide(&house, "manager", &first, &approve).expect(200);
    assert_eq!(decide(&house, "manager", &first, &approve).expect(412).codes(), ["stale-version"]);
    assert_eq!(standing(&house, "SOP-017"), said(&[("A/0", "in_force")]));

    // The laboratory's day is 2026-11-27: a newer edition stands before the older from its first day on.
    let refused = bring_document(&house, "manager", &[], DOCUMENT).expect(409);
    assert_eq!(refused.codes(), ["document-edition-named"]);
    let newer = &[("edition", "A/1"), ("valid_from", "2026-12-01")];
    let second = bring_document(&house, "manager", newer, b"%PDF-1.7 newer").expect(201).json();
    assert_eq!(
        decide(&house, "quality", &second, &json!({"decision": "refuse"})).expect(422).codes(),
        ["field-missing"]
    );
    decide(&house, "quality", &second, &json!({"decision": "refuse", "reason": "未注明引用标准"})).expect(200);
    let third = bring_document(&house, "manager", newer, b"%PDF-1.7 newer still").expect(201).json();
    decide(&house, "quality", &third, &approve).expect(200);
    assert_eq!(standing(&house, "SOP-017"), said(&[("A/0", "in_force"), ("A/1", "refused"), ("A/1", "to_come")]));
    lis.clock.advance(chrono::TimeDelta::days(5));
    assert_eq!(standing(&house, "SOP-017"), said(&[("A/0", "replaced"), ("A/1", "refused"), ("A/1", "in_force")]));

    // Every role inside reads it, nobody else does; who tests brings none.
    let path = format!("/controlled-documents/{}/file", number(&first, "id"));
    for username in ["sampler1", "tester2", "admin", "officer"] {
        let client = house.by(username);
        for path in [path.clone(), format!("/api/v1{path}")] {
            assert_eq!(client.get(&path).expect(200).body, DOCUMENT, "{username}: {path}");
        }
        let page = client.get("/controlled-documents").expect(200).page().text();
        assert!(page.contains("样品接收程序") && page.contains("in force") && page.contains("replaced"), "{page}");
    }
    for username in ["bakery", "market"] {
        assert_eq!(house.by(username).get("/controlled-documents").status, 404, "{username}");
    }
    assert_eq!(bring_document(&house, "tester2", &[("number", "SOP-018")], DOCUMENT).status, 404);
    assert_eq!(lis.rows("audit_entry WHERE event = 'controlled-document-decided'"), 3);
});

// Requirement: Q711-5
demonstrated!(the_contract_of_a_supplied_system_stands_among_the_documents_until_its_last_day, |lis: TestLis| {
    let house = House::of(&lis);
    let contract = [
        ("number", "HT-2026-03"),
        ("title_zh", "云主机服务合同（数据完整性条款）"),
        ("kind", "contract"),
        ("valid_until", "2026-11-30"),
    ];
    let brought = bring_document(&house, "manager", &contract, DOCUMENT).expect(201).json();
    decide(&house, "quality", &brought, &json!({"decision": "approve"})).expect(200);
    assert_eq!(standing(&house, "HT-2026-03"), said(&[("A/0", "in_force")]));
    let page = house.by("quality").get("/controlled-documents").expect(200).page().text();
    assert!(page.contains("contract of a supplied system"), "{page}");
    lis.clock.advance(chrono::TimeDelta::days(5));
    assert_eq!(standing(&house, "HT-2026-03"), said(&[("A/0", "expired")]));
});

demonstrated!(an_edition_without_what_it_needs_is_refused, |lis: TestLis| {
    let house = House::of(&lis);
    let refused =
        |changes: &[(&str, &str)], file: &[u8]| bring_document(&house, "quality", changes, file).expect(422).codes();
    assert_eq!(refused(&[], b"PK a text"), ["document-no-pdf"]);
    assert_eq!(refused(&[("number", ""), ("kind", "poem")], DOCUMENT), ["field-missing", "field-invalid"]);
    assert_eq!(
        refused(&[("valid_from", "2026-02-30"), ("title_zh", "")], DOCUMENT),
        ["field-missing", "field-invalid"]
    );
    assert_eq!(refused(&[("valid_until", "2025-12-31")], DOCUMENT), ["document-dates"]);
    assert_eq!(lis.rows("controlled_document"), 0, "nothing of it");
});
