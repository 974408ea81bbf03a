//! The laboratory's own verification of a method before it goes live, and the gate that looks for it.

use lis_tests::{TestLis, demonstrated};
use serde_json::Value;

use crate::gates::{complete_sheet, set_gate, submit};
use crate::steps::{House, RECORD, number, text, verify_method};

// Requirement: Q72-2
demonstrated!(a_method_goes_live_when_it_is_verified, |lis: TestLis| {
    let house = House::of(&lis);
    set_gate(&house, "verification", "block");
    let (_, sheet) = complete_sheet(&house, None);
    assert_eq!(submit(&house, &sheet, "急").expect(409).codes(), ["method-unverified"]);
    // Found unable, it is verified and not live.
    verify_method(&house, "manager", &[("conclusion", "unsuitable"), ("remark", "回收率偏低")], RECORD).expect(201);
    assert_eq!(submit(&house, &sheet, "急").expect(409).codes(), ["method-unverified"]);
    // Another procedure says nothing about this one.
    verify_method(&house, "manager", &[("method", "gb5009.15-2023/icp-ms")], RECORD).expect(201);
    assert_eq!(submit(&house, &sheet, "急").expect(409).codes(), ["method-unverified"]);
    let kept = verify_method(&house, "manager", &[("performed_on", "2026-11-25")], RECORD).expect(201).json();
    assert_eq!(text(&submit(&house, &sheet, "").expect(200).json()["state"]), "submitted");

    let listed = house.items("tester1", "/api/v1/method-verifications");
    assert_eq!(listed.len(), 3);
    let newest: &Value = &listed[0];
    assert_eq!((number(newest, "id"), text(&newest["recovery"])), (number(&kept, "id"), "92 % ~ 105 %".to_owned()));
    let file = house.by("tester1").get(&format!("/api/v1/method-verifications/{}/file", kept["id"])).expect(200);
    assert_eq!(file.body, RECORD);
    let page = house.by("checker").get("/catalogue/verifications").expect(200).page();
    assert!(page.text().contains("0.001 mg/kg") && page.text().contains("回收率偏低"), "{}", page.text());
    assert!(page.all("form[action='/catalogue/verifications']").is_empty(), "a checker keeps none");
    let logged = lis.rows("audit_entry WHERE event = 'method-verified'");
    assert_eq!(logged, 3);
});

demonstrated!(a_verification_without_figures_or_record_is_refused, |lis: TestLis| {
    let house = House::of(&lis);
    let refused =
        |changes: &[(&str, &str)], record: &[u8]| verify_method(&house, "manager", changes, record).expect(422).codes();
    assert_eq!(refused(&[], b"PK a spreadsheet"), ["verification-no-pdf"]);
    assert_eq!(refused(&[("recovery", ""), ("lod", "")], RECORD), ["field-missing"]);
    assert_eq!(refused(&[("performed_on", "2026-12-01")], RECORD), ["verification-to-come"]);
    assert_eq!(refused(&[("method", "gb0000"), ("conclusion", "suitable")], RECORD), ["field-invalid"]);
    assert_eq!(refused(&[("conclusion", "good"), ("performed_by", "")], RECORD), ["field-missing", "field-invalid"]);
    assert_eq!(lis.rows("method_verification"), 0, "nothing of it");
    assert_eq!(verify_method(&house, "tester2", &[], RECORD).status, 404, "the technical manager answers for methods");
});
