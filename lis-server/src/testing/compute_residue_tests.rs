//! Residues whose definition is a sum, and of which the compound alone was measured. Expectations written by hand: the sum is the
//! compound and what belongs to it, and never less than the compound.

use super::*;
use crate::catalogue::actions::shipped;
use crate::catalogue::import::Parts;
use crate::judgement::proportion::Named;
use crate::testing::dependencies::{asked_today, other_parts, unadded};
use crate::testing::established::Established;

/// What was read of carbofuran with an LOD of 0.5 and an LOQ of 1.0 mg/kg; its metabolite was not added.
fn alone(value: &str, limit: LimitAsked) -> Asked {
    let metabolite = Named { zh: "3-羟基克百威".into(), en: "3-Hydroxycarbofuran".into() };
    Asked { unadded: vec![metabolite], ..read(value, limit) }
}

fn judged(asked: Asked) -> (Verdict, String) {
    let record = compute(asked).unwrap();
    let stored: Record = serde_json::from_str(&record.bytes()).unwrap();
    assert!(stored == record && stored.reproduces());
    (record.verdict(), record.answered.notes.join(" "))
}

#[test]
fn what_conforms_alone_is_open_and_what_fails_alone_fails() {
    let open = (Verdict::Review, "residue-alone".to_owned());
    for value in ["1.5", "2", "0.7", "ND", "<1.2"] {
        assert_eq!(judged(alone(value, max("2", "mg/kg"))), open, "{value}");
    }
    assert_eq!(judged(alone("2.5", max("2", "mg/kg"))), (Verdict::Fail, String::new()));
    assert_eq!(judged(alone(">2", max("2", "mg/kg"))), (Verdict::Fail, String::new()));
    // The method cannot see the limit, whatever is added.
    assert_eq!(judged(alone("ND", max("0.3", "mg/kg"))), (Verdict::Block, String::new()));
    let absent = || row(Some(LimitRule::new(Bound::NotDetectable, Some("mg/kg"))), None, "mg/kg");
    assert_eq!(judged(alone("ND", absent())), open);
    let confirmed = Established { confirmed: true, ..Established::default() };
    let found = Asked { established: Some(confirmed), ..alone("1.5", absent()) };
    assert_eq!(judged(found), (Verdict::Fail, String::new()));
    // More of it only helps a minimum.
    let least = |value: &str| row(Some(LimitRule::new(Bound::Min { value: d(value) }, Some("mg/kg"))), None, "mg/kg");
    assert_eq!(judged(alone("1.5", least("1"))), (Verdict::Pass, String::new()));
    assert_eq!(judged(alone("1.5", least("2"))), open);
    // Where nothing is judged nothing is open.
    assert_eq!(judged(alone("1.5", LimitAsked::NotJudged)), (Verdict::NoLimit, String::new()));
    assert_eq!(judged(alone("1.5", LimitAsked::Absent { set: 7 })), (Verdict::NoLimit, String::new()));
}

#[test]
fn the_reasoning_names_what_is_missing_in_both_languages() {
    let said = |value: &str, lang: Lang| {
        let record = compute(alone(value, max("2", "mg/kg"))).unwrap();
        record.reasoning().last().map(|step| step.text(lang)).unwrap_or_default()
    };
    let english = said("1.5", Lang::En);
    assert!(english.contains("the residue includes 3-Hydroxycarbofuran too"), "{english}");
    assert!(english.ends_with("this result alone decides nothing"), "{english}");
    let chinese = said("1.5", Lang::Zh);
    assert!(chinese.contains("还包括3-羟基克百威") && chinese.contains("不能判定"), "{chinese}");
    assert!(said("2.5", Lang::En).ends_with("what fails alone fails"));
    assert!(said("2.5", Lang::Zh).contains("不符合的判定成立"));
}

/// 1.5 + 0.4 = 1.9 and 1.5 + 0.6 = 2.1 against 2; what was measured whole is judged as it is.
#[test]
fn parts_that_were_added_and_a_residue_that_was_measured_whole_leave_nothing_open() {
    let with_metabolite = |value: &str| {
        let metabolite = Taken { lod: Some(d("0.1")), ..taken("", "metabolite", "mg/kg", value, Use::Value) };
        judged(Asked { from: vec![metabolite], ..read("1.5", max("2", "mg/kg")) })
    };
    assert_eq!(with_metabolite("0.4"), (Verdict::Pass, String::new()));
    assert_eq!(with_metabolite("0.6"), (Verdict::Fail, String::new()));
    assert_eq!(judged(read("1.5", max("2", "mg/kg"))), (Verdict::Pass, String::new()));

    let catalogue = shipped().unwrap();
    let names = |analyte: &str, parts: Parts| {
        let unadded = unadded(&catalogue, analyte, parts);
        unadded.into_iter().map(|one| format!("{} {}", one.zh, one.en)).collect::<Vec<_>>()
    };
    assert_eq!(names("carbofuran", Parts::Unsaid), ["3-羟基克百威 3-Hydroxycarbofuran"]);
    assert_eq!(names("enrofloxacin", Parts::Unsaid), ["环丙沙星 Ciprofloxacin"]);
    assert_eq!(names("fipronil", Parts::Unsaid).len(), 3);
    assert_eq!(names("carbofuran", Parts::Added), [""; 0]);
    assert_eq!(names("carbofuran", Parts::Whole), [""; 0]);
    // No sum, and a sum without a compound of its name: what is read there is called the sum.
    assert_eq!(names("chlorpyrifos", Parts::Unsaid), [""; 0]);
    assert_eq!(names("tetracyclines-3", Parts::Unsaid), [""; 0]);
    assert_eq!(other_parts(&catalogue, "nobody-knows-it"), []);
}

#[test]
fn the_edition_before_judged_the_compound_as_the_sum() {
    let asked = alone("1.5", max("2", "mg/kg"));
    let before = compute_by(Edition::Fifth, asked.clone()).unwrap();
    assert_eq!((before.verdict(), before.answered.notes.len(), before.reproduces()), (Verdict::Pass, 0, true));
    // Its question did not know what was missing; whoever has it answered again asks by the rules of today.
    let catalogue = shipped().unwrap();
    let of_carbofuran = Asked { unadded: Vec::new(), analyte: "carbofuran".into(), ..asked.clone() };
    let silent = Record { asked: of_carbofuran, ..before };
    assert_eq!(asked_today(&silent, &catalogue), Asked { unadded: asked.unadded.clone(), ..silent.asked.clone() });
    let rejudged = judged(asked_today(&silent, &catalogue));
    assert_eq!(rejudged, (Verdict::Review, "residue-alone".to_owned()));
    // Also where the procedure of today adds what it did not add then: no part was measured.
    let shipped_method =
        MethodAsked { key: "gb23200.112-2018/hplc-fld-post-column".into(), ..silent.asked.method.clone() };
    let adds_today = Record { asked: Asked { method: shipped_method, ..silent.asked.clone() }, ..silent.clone() };
    assert_eq!(asked_today(&adds_today, &catalogue).unadded, asked.unadded);
    // What has parts, what is no residue and what was asked today stays as it was asked.
    let added = taken("", "metabolite", "mg/kg", "0.4", Use::Value);
    let with_parts = Record { asked: Asked { from: vec![added], ..silent.asked.clone() }, ..silent.clone() };
    let of_lead = Record { asked: Asked { analyte: "pb".into(), ..silent.asked.clone() }, ..silent };
    for record in [with_parts, of_lead, compute(asked).unwrap()] {
        assert_eq!(asked_today(&record, &catalogue), record.asked);
    }
}

/// A residue that is expressed as another compound, of which one mg of its own is less: 2.2 of it may be 1.9 of the sum.
#[test]
fn a_compound_that_counts_by_a_factor_neither_passes_nor_fails_alone() {
    let of = |value: &str, limit: LimitAsked| judged(Asked { converted: true, ..alone(value, limit) });
    let open = (Verdict::Review, "residue-alone".to_owned());
    assert_eq!(of("1.5", max("2", "mg/kg")), open);
    assert_eq!(of("2.2", max("2", "mg/kg")), open);
    let least = row(Some(LimitRule::new(Bound::Min { value: d("2") }, Some("mg/kg"))), None, "mg/kg");
    assert_eq!(of("2.2", least), open);
    // By whatever it is multiplied: it is there.
    let absent = row(Some(LimitRule::new(Bound::NotDetectable, Some("mg/kg"))), None, "mg/kg");
    let confirmed = Established { confirmed: true, ..Established::default() };
    let found = Asked { converted: true, established: Some(confirmed), ..alone("1.5", absent) };
    assert_eq!(judged(found), (Verdict::Fail, String::new()));
    assert!(
        !compute(alone("1.5", max("2", "mg/kg"))).unwrap().bytes().contains("converted"),
        "it is said where it is so"
    );
}

/// No standard limits it, or one that leaves more; the label promises at most 2 mg/kg.
#[test]
fn what_a_label_says_of_a_residue_it_says_of_all_of_it() {
    let labelled = |value: &str, claim: &str, limit: LimitAsked| {
        let claim = crate::judgement::claim::Claim::parse(claim);
        assert!(claim.is_some());
        judged(Asked { claim, ..alone(value, limit) })
    };
    let open = (Verdict::Review, "residue-alone".to_owned());
    assert_eq!(labelled("1.5", "<=2 mg/kg", LimitAsked::NotJudged), open);
    assert_eq!(labelled("1.5", "<=2 mg/kg", max("5", "mg/kg")), open);
    // The word is broken already, and by the standard it is open how much more it is.
    assert_eq!(labelled("2.5", "<=2 mg/kg", LimitAsked::NotJudged), (Verdict::Fail, String::new()));
    assert_eq!(labelled("2.5", "<=2 mg/kg", max("5", "mg/kg")), (Verdict::Fail, "residue-alone".to_owned()));
    // More of it only helps one who promised at least so much.
    assert_eq!(labelled("1.5", ">=1 mg/kg", LimitAsked::NotJudged), (Verdict::Pass, String::new()));
    assert_eq!(labelled("1.5", ">=2 mg/kg", LimitAsked::NotJudged), open);
}

/// The compound was not detected, of one metabolite nothing either, of another one 0.2 mg/kg was found.
#[test]
fn parts_that_were_not_detected_without_a_limit_are_named() {
    let part = |analyte: &str, value: &str, lod: Option<&str>| Taken {
        lod: lod.map(d),
        ..taken("", analyte, "mg/kg", value, Use::Value)
    };
    let open = |reading: &str, method: Option<&str>, from: Vec<Taken>| {
        let mut asked = Asked { from, ..read(reading, max("2", "mg/kg")) };
        asked.method = MethodAsked { lod: None, loq: method.map(d), ..asked.method };
        let open = asked.parts_without_lod().join(" ");
        assert_eq!(compute(asked).is_err(), !open.is_empty(), "{reading} {open}");
        open
    };
    let found = || part("sulfone", "0.2", None);
    assert_eq!(open("ND", None, vec![part("sulfoxide", "ND", None), found()]), "pb sulfoxide");
    assert_eq!(open("ND", Some("0.1"), vec![part("sulfoxide", "ND", None), found()]), "sulfoxide");
    assert_eq!(open("0.3", None, vec![part("sulfoxide", "ND", Some("0.1")), found()]), "");
    assert_eq!(open("ND", None, vec![found()]), "pb");
    // Without parts there is no sum.
    assert_eq!(open("ND", None, Vec::new()), "");
}
