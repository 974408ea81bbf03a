//! What only a person who knows the field would see: check characters, letters that are in no code, dates that
//! contradict each other. Through the page and through the API, with the field and the rule named.

use lis_tests::{TestLis, demonstrated};
use serde_json::{Value, json};

use super::commands::{fingerprint, signed_in, values};

/// Code and field of every reason of a refusal.
fn named(reply: &lis_tests::Reply) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let reasons = reply.json()["reasons"].as_array().cloned().unwrap_or_default();
    reasons.iter().map(|reason| (text(&reason["code"]), text(&reason["field"]))).collect()
}

fn pair(code: &str, field: &str) -> Vec<(String, String)> {
    vec![(code.to_owned(), field.to_owned())]
}

/// Field of an enterprise, what is typed, the code of the refusal, what its sentence names.
const CODES: &[(&str, &str, &str, &str)] = &[
    // The check character of 91131000MA0ABCDE1 is 7.
    ("uscc", "91131000MA0ABCDE18", "check-character", "7"),
    // I, O, S, V and Z are in no credit code.
    ("uscc", "91131000IA0ABCDE17", "foreign-letter", "I"),
    ("uscc", "91131000MA0ABCDE1", "field-invalid", "18"),
    // The first digit of a production licence is 1 (food) or 2 (additive).
    ("licence_no", "SC30613108100012", "field-invalid", "SC"),
    ("phone", "1380000000", "field-invalid", ""),
    ("region_code", "13108", "field-invalid", ""),
];

demonstrated!(a_wrong_check_character_is_named_with_its_field, |lis: TestLis| {
    let officer = signed_in(&lis, "officer");
    let before = fingerprint(&lis);
    for (number, (field, typed, code, said)) in CODES.iter().enumerate() {
        let mut body = values::enterprise("霸州示例冷饮店");
        body[*field] = json!(typed);
        let ask = officer.send_json("POST", "/api/v1/enterprises", &body).key(&format!("code-{number}"));
        let refused = ask.header("sec-fetch-site", "same-origin").send().expect(422);
        assert_eq!(named(&refused), pair(code, field), "{field} {typed}");
        let detail = refused.json()["detail"].as_str().unwrap_or_default().to_owned();
        assert!(detail.contains(said), "{field} {typed}: {detail}");

        let mut form = officer.form("/enterprises/new", "/enterprises");
        for (name, value) in body.as_object().expect("an object").iter().filter(|(name, _)| *name != "active") {
            form = form.set(name, value.as_str().unwrap_or_default());
        }
        let page = officer.send(&form).expect(422).page();
        assert!(page.error_at(field).contains(said) && !page.error_at(field).is_empty(), "{field}: {}", page.text());
        let again = page.form("/enterprises");
        assert_eq!(again.value("name"), Some("霸州示例冷饮店"), "what was typed is not lost");
        // A list shows what it offers; everything else comes back as typed.
        if *field != "region_code" {
            assert_eq!(again.value(field), Some(*typed));
        }
    }
    assert_eq!(fingerprint(&lis), before);

    // A doubtful check digit of a licence is a warning, never a refusal; small letters are made capital.
    let mut body = values::enterprise("霸州示例冷饮店");
    body["licence_no"] = json!("SC10613108100013");
    body["uscc"] = json!("91131000ma0abcde17");
    let ask = officer.send_json("POST", "/api/v1/enterprises", &body).key("doubtful");
    ask.header("sec-fetch-site", "same-origin").send().expect(201);
    assert_eq!(lis.texts("SELECT uscc AS value FROM enterprise ORDER BY id DESC LIMIT 1"), ["91131000MA0ABCDE17"]);
});

/// Field of the sampling form, what is written, code of the refusal and the field that it names.
const DATES: &[(&str, &str, &str, &str)] = &[
    ("production_date", "2026-11-27", "produced-after-sampling", "production_date"),
    ("expiry_date", "2026-11-01", "expires-before-production", "expiry_date"),
    ("sampled_at", "2026-12-24 08:40", "sampled-in-future", "sampled_at"),
    ("ship_deadline", "2026-11-25", "shipped-before-sampling", "ship_deadline"),
    ("ship_deadline", "2026-12-24", "shipped-too-late", "ship_deadline"),
    ("barcode", "6901234567893", "check-character", "barcode"),
    ("unit_uscc", "91131081MA0DEM080F", "check-character", "unit_uscc"),
    ("qty_total", "3.5", "quantity-sum", "qty_total"),
    ("seal_backup_no", "J000901", "seals-same", "seal_backup_no"),
    ("sampler2", "抽样员甲", "samplers-same", "sampler2"),
];

demonstrated!(what_contradicts_itself_on_a_sampling_form_is_named, |lis: TestLis| {
    let sampler = signed_in(&lis, "sampler1");
    let before = fingerprint(&lis);
    for (number, (field, written, code, at)) in DATES.iter().enumerate() {
        let mut form = values::form();
        form[*field] = json!(written);
        let body = json!({"client_uuid": format!("0192f3a0-0000-7000-8000-0000000003{number:02}"), "form": form});
        let ask = sampler.send_json("POST", "/api/v1/sampling-forms", &body).key(&format!("form-{number}"));
        let refused = ask.header("sec-fetch-site", "same-origin").send().expect(422);
        assert!(named(&refused).contains(&(code.to_string(), at.to_string())), "{field} {written}: {}", refused.text());

        let mut page = sampler.form("/sampling-forms/new", "/sampling-forms/new");
        for (name, value) in form.as_object().expect("an object") {
            let text = value.as_str().or_else(|| value[0].as_str()).unwrap_or_default();
            page = page.set(name, text);
        }
        let page = sampler.send(&page).expect(422).page();
        assert!(!page.error_at(at).is_empty(), "{field} {written}: {}", page.text());
        let again = page.form("/sampling-forms/new");
        assert_eq!(
            (again.value("sample_name"), again.value(field)),
            (Some("大米"), Some(*written)),
            "{field} as written"
        );
    }
    assert_eq!(fingerprint(&lis), before);
});

demonstrated!(a_sample_does_not_arrive_before_it_was_taken, |lis: TestLis| {
    let custodian = signed_in(&lis, "custodian");
    let id = lis.numbers("SELECT max(id) AS value FROM sample WHERE client_id IS NULL AND state = 'sealed'")[0];
    let version = lis.numbers(&format!("SELECT version AS value FROM sample WHERE id = {id}"))[0];
    for (arrived, code) in [("2026-11-15 08:00", "arrived-before-sampling"), ("2027-01-01 08:00", "arrived-in-future")]
    {
        let mut body = values::receipt();
        body["arrived_at"] = json!(arrived);
        let path = format!("/api/v1/samples/{id}/receipts");
        let ask = custodian.send_json("POST", &path, &body).key(code).seen(version);
        let refused = ask.header("sec-fetch-site", "same-origin").send().expect(422);
        assert!(named(&refused).contains(&(code.to_owned(), "arrived_at".to_owned())), "{}", refused.text());
    }
});
