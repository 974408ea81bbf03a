//! What is not in order at receipt: its words, its pictures, and how strictly a laboratory asks for them.

use lis_server::quality::gates::state::Mode;
use lis_tests::{Database, TestLis, demonstrated, on_both};
use serde_json::{Value, json};

use crate::steps::{House, market_rice, receipt, text, uuid, with};

/// What a camera makes, as far as the program looks into it.
const TORN_SEAL: &[u8] = b"\xff\xd8\xff\xe0seal";

// Requirement: Q74-2
demonstrated!(what_is_not_in_order_is_shown_by_a_picture, |lis: TestLis| {
    let house = House::of(&lis);
    let sample = house.write_form(&market_rice());
    let form = lis.numbers(&format!("SELECT form_id AS value FROM sample WHERE id = {sample}"))[0];
    let receipts = format!("/api/v1/samples/{sample}/receipts");
    let torn = json!({
        "check_seal": "no", "check_seal_note": "封条撕裂", "check_package": "no", "check_package_note": "外箱受潮",
        "decision": "hold", "reason_text": "待抽样人员说明",
    });
    // The laboratory asks for pictures and takes a receipt without: it says which lines have none.
    let held = house.done_on("custodian", &receipts, 1, &with(receipt(), &torn));
    assert_eq!(held["pictures_missing"], json!(["seal", "package"]));

    let add = |username: &str, check: &str| {
        let client = house.by(username);
        let csrf = client.form("/account", "/account/password").value("csrf").expect("a token").to_owned();
        let beside = [("csrf", csrf.as_str()), ("kind", "photo"), ("check", check)];
        let path = format!("/api/v1/sampling-forms/{form}/pictures");
        client.upload_beside(&path, &beside, "IMG_0002.jpg", TORN_SEAL).key(&uuid()).send()
    };
    let seal = add("custodian", "seal").expect(201).json();
    assert_eq!(add("custodian", "seal").expect(409).codes(), ["picture-known"]);
    assert_eq!(add("custodian", "colour").expect(422).codes(), ["field-invalid"]);
    assert_eq!(add("sampler1", "package").expect(422).codes(), ["field-invalid"], "the sampler receives nothing");
    // One picture may show two lines.
    let package = add("custodian", "package").expect(201).json();
    let coded = with(with(receipt(), &torn), &json!({"decision": "reject", "reason_code": "R01"}));
    let rejected = house.done_on("custodian", &receipts, 2, &coded);
    assert_eq!(rejected["pictures_missing"], json!([]));
    let listed = house.items("custodian", &format!("/api/v1/sampling-forms/{form}/pictures"));
    let lines: Vec<String> = listed.iter().map(|one| text(&one["check"])).collect();
    assert_eq!(lines, ["seal", "package"]);
    let page = house.by("custodian").get(&format!("/samples/{sample}")).expect(200).text();
    for id in [&seal["id"], &package["id"]] {
        assert!(page.contains(&format!("src=\"/pictures/{form}/{id}/file\"")), "{page}");
    }
    assert!(page.contains("封条撕裂") && page.contains("外箱受潮"));
    // The note to the sender lists the reason and both lines with their words.
    lis.work();
    let kept = lis.texts("SELECT document AS value FROM rejection_note ORDER BY id DESC LIMIT 1");
    let kept: Value = serde_json::from_str(&kept[0]).expect("the note");
    let details: Vec<&Value> = kept["reasons"].as_array().expect("reasons").iter().map(|one| &one["detail"]).collect();
    assert_eq!(details, [&json!("待抽样人员说明"), &json!("封条撕裂"), &json!("外箱受潮")]);
    assert!(lis.verified().is_ok());
});

/// Parts of a form as a browser sends them: fields, then files under the names of theirs.
fn browser_parts(fields: &[(String, String)], files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        let part = format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend(part.into_bytes());
    }
    for (name, bytes) in files {
        let head = format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"IMG.jpg\"\r\n\r\n");
        body.extend(head.into_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--b--\r\n");
    body
}

/// The custodian photographs once, whatever else of the form was wrong.
fn brings_pictures(kind: Database) {
    let lis = TestLis::demonstrated_with(kind, |config| config.receipt_pictures = Mode::Block);
    let house = House::of(&lis);
    let sample = house.write_form(&market_rice());
    let form = lis.numbers(&format!("SELECT form_id AS value FROM sample WHERE id = {sample}"))[0];
    let address = format!("/receipt/{form}");
    let custodian = house.by("custodian");
    let send = |changes: &Value, files: &[(&str, &[u8])]| {
        let mut filled = custodian.form(&address, &address);
        for (name, value) in with(receipt(), changes).as_object().expect("an object") {
            filled = filled.set(name, value.as_str().unwrap_or_default());
        }
        let body = browser_parts(filled.pairs(), files);
        let ask = custodian.ask("POST", &address).header("sec-fetch-site", "same-origin");
        ask.body("multipart/form-data; boundary=b", body).send()
    };
    let kept =
        || lis.texts(&format!("SELECT check_line AS value FROM form_picture WHERE form_id = {form} ORDER BY id"));
    let torn = json!({"check_seal": "no", "check_seal_note": "封条撕裂", "decision": "reject", "reason_code": ""});
    // Every line of the list above the form names its field: a text, buttons, a line of the checklist.
    let empty = json!({"deliverer": "", "decision": "", "check_form": ""});
    let page = send(&empty, &[]).expect(422).page();
    let above = page.texts("[data-kind=problem] li");
    for field in ["Deliverer", "Decision", "The form is complete and fits the product"] {
        let line = format!("{field}: This field is required.");
        assert!(above.contains(&line), "{line} {above:?}");
    }
    // An empty choice of a file is none.
    let bare = send(&torn, &[("check_seal_picture", b"")]).expect(422).text();
    assert!(bare.contains("“Seals intact, numbers match” is answered with no and has no picture."), "{bare}");
    send(&torn, &[("check_seal_picture", b"%PDF-1.7")]).expect(422);
    send(&torn, &[("check_colour_picture", TORN_SEAL)]).expect(422);
    assert_eq!(kept(), Vec::<String>::new());
    // The reason code is missing: the receipt is refused, its picture is kept and shown beside the line.
    let again = send(&torn, &[("check_seal_picture", TORN_SEAL)]).expect(422).text();
    assert!(!again.contains("has no picture") && again.contains(&format!("/pictures/{form}/")), "{again}");
    assert_eq!(kept(), ["seal"]);
    send(&with(torn, &json!({"reason_code": "R01"})), &[]).expect(303);
    assert_eq!(kept(), ["seal"]);
    let state = lis.texts(&format!("SELECT state AS value FROM sample WHERE id = {sample}"));
    assert_eq!(state, ["rejected"]);
    assert!(lis.verified().is_ok());
}

on_both!(pictures_brought_with_a_receipt_stay_when_it_is_refused, brings_pictures);
