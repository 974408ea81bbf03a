//! What was typed is not lost with a refusal: not on a page with many small forms, and not where the refusal is a page of
//! its own.

use lis_tests::{TestLis, demonstrated};

use super::commands::signed_in;

demonstrated!(a_small_form_among_many_comes_back_filled_in, |lis: TestLis| {
    let custodian = signed_in(&lis, "custodian");
    let part = lis.numbers("SELECT max(id) AS value FROM part WHERE custody = 'in_laboratory'")[0];
    let sample = lis.numbers(&format!("SELECT sample_id AS value FROM part WHERE id = {part}"))[0];
    let (page, action) = (format!("/samples/{sample}"), format!("/parts/{part}/split"));
    let form = custodian.form(&page, &action);
    let form = form.set("quantities", "99999").set("location", "冷库 2").set("reason", "另作确证");

    let reply = custodian.send(&form);
    assert!((400..500).contains(&reply.status), "{}", reply.shown());
    let refused = reply.page();
    let back = refused.form(&action);
    let kept = ["quantities", "location", "reason"].map(|field| back.value(field).unwrap_or_default().to_owned());
    assert_eq!(kept, ["99999", "冷库 2", "另作确证"]);
    assert_eq!(refused.all(&format!("details[open] form[action='{action}']")).len(), 1, "it is in sight");
    assert_eq!(refused.all("input[name='location'][value='冷库 2']").len(), 1, "in its own form only");

    // The token is of a session that is over: what was typed can be copied, and nothing secret is shown.
    let outdated = custodian.send(&form.clone().set("csrf", "of-another-session")).expect(403).page().text();
    for typed in ["99999", "冷库 2", "另作确证"] {
        assert!(outdated.contains(typed), "{typed}: {outdated}");
    }
    assert!(!outdated.contains("of-another-session"), "{outdated}");
    let password = custodian.form("/account", "/account/password").set("csrf", "old");
    let password = password.set("current_password", "demo-laboratory").set("new_password", "a-new-long-password");
    let outdated = custodian.send(&password).expect(403).page().text();
    assert!(!outdated.contains("demo-laboratory") && !outdated.contains("a-new-long-password"), "{outdated}");
});

demonstrated!(what_is_wrong_is_said_in_the_form_that_was_sent, |lis: TestLis| {
    let custodian = signed_in(&lis, "custodian");
    let part = lis.numbers("SELECT max(id) AS value FROM part WHERE custody = 'in_laboratory'")[0];
    let sample = lis.numbers(&format!("SELECT sample_id AS value FROM part WHERE id = {part}"))[0];
    let (page, hold) = (format!("/samples/{sample}"), format!("/samples/{sample}/hold"));
    let long = "冷".repeat(10_000);
    let refused = custodian.send(&custodian.form(&page, &hold).set("reason", &long)).expect(422).page();
    assert_eq!(refused.all(&format!("form[action='{hold}'] #f-reason[aria-invalid=true]")).len(), 1);
    assert_eq!(refused.all("[data-kind=problem] a[href='#f-reason']").len(), 1, "the summary leads to it");

    let split = format!("/parts/{part}/split");
    let form = custodian.form(&page, &split).set("quantities", "1").set("location", "冷库 2").set("reason", &long);
    let refused = custodian.send(&form).expect(422).page();
    assert_eq!(refused.all(&format!("form[action='{split}'] #f-reason")).len(), 1);
    assert_eq!(refused.all(&format!("form[action='{hold}'] .error")).len(), 0, "nothing is wrong with the other");
    assert_eq!(refused.all("#f-reason").len(), 1, "an id stands once");
});

demonstrated!(a_file_that_is_missing_does_not_cost_the_words_beside_it, |lis: TestLis| {
    let quality = signed_in(&lis, "quality");
    let csrf = quality.form("/account", "/account/password").value("csrf").expect("a token").to_owned();
    let words = [("csrf", csrf.as_str()), ("number", "QP-77"), ("title_zh", "样品流转程序")];
    let sent = quality.upload_beside("/controlled-documents", &words, "procedure.pdf", b"").send();
    let page = sent.expect(422).page().text();
    assert!(page.contains("QP-77") && page.contains("样品流转程序"), "{page}");
});
