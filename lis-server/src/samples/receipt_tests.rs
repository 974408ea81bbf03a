use super::*;
use crate::domain::calendar::WorkingCalendar;
use crate::domain::ids::{FormId, PersonId, SampleId};
use crate::samples::form::SamplingForm;
use crate::samples::state::SampleState;

fn sample(kind: SampleType, change: impl FnOnce(&mut SamplingForm)) -> SampleFacts {
    let mut form = crate::samples::form::example();
    change(&mut form);
    SampleFacts {
        id: SampleId(1),
        version: 1,
        sample_no: None,
        sample_type: kind,
        state: SampleState::Sealed,
        hold_reason: String::new(),
        form_id: FormId(1),
        form_no: form.form_no.clone(),
        ordering_name: form.ordering_name.clone(),
        ordering_region: None,
        unit_id: None,
        unit_name: form.unit_name.clone(),
        unit_region: None,
        producer_id: None,
        producer_name: String::new(),
        producer_region: None,
        platform_region: None,
        client_id: None,
        sample_name: form.sample_name.clone(),
        food_category: form.food_category.clone(),
        production_date: None,
        expiry_date: None,
        batch_no: String::new(),
        sampled_at: form.sampled_at,
        arrived_at: None,
        accepted_at: None,
        due_on: None,
        due_provisional: false,
        entered_by: PersonId(1),
        created_at: Moment::parse_in_china("2026-11-16 10:00").unwrap(),
        form,
    }
}

fn good() -> ReceiptInput {
    let yes = || "yes".to_owned();
    ReceiptInput {
        arrived_at: "2026-11-17 09:00".into(),
        delivery: "sampler".into(),
        deliverer: "抽样员甲".into(),
        check_form: yes(),
        check_seal: yes(),
        check_package: yes(),
        check_state: yes(),
        check_quantity: yes(),
        check_units: "not_applicable".into(),
        check_temperature: "not_applicable".into(),
        check_shelf_life: yes(),
        check_label: yes(),
        state_text: "固体，色泽正常".into(),
        decision: "accept".into(),
        test_location: "A-1".into(),
        backup_location: "B-1".into(),
        ..ReceiptInput::default()
    }
}

fn checked(sample: &SampleFacts, input: &ReceiptInput) -> Result<Receipt, Vec<(String, &'static str)>> {
    let now = Moment::parse_in_china("2026-11-17 10:00").unwrap();
    checked_at(sample, input, now)
}

fn checked_at(sample: &SampleFacts, input: &ReceiptInput, now: Moment) -> Result<Receipt, Vec<(String, &'static str)>> {
    input.checked(sample, &WorkingCalendar::default(), now).map_err(|refusal| {
        refusal.reasons.into_iter().map(|reason| (reason.field.unwrap_or_default(), reason.problem.code)).collect()
    })
}

fn refused(sample: &SampleFacts, input: &ReceiptInput, expected: &[(&str, &str)]) {
    let found = checked(sample, input).expect_err("refused");
    let found: Vec<(&str, &str)> = found.iter().map(|(field, code)| (field.as_str(), *code)).collect();
    assert_eq!(found, expected);
}

#[test]
fn an_acceptance_makes_parts_from_the_form() {
    let plain = sample(SampleType::Supervision, |_| {});
    let parts = checked(&plain, &good()).unwrap().parts;
    let roles: Vec<_> = parts.iter().map(|part| (part.role, part.quantity.as_str(), part.seal_no.as_str())).collect();
    assert_eq!(roles, [(PartRole::Test, "2.0", "F0001"), (PartRole::Backup, "1.0", "F0002")]);
    let packages = sample(SampleType::Supervision, |form| form.micro_units = 5);
    let mut micro = good();
    micro.check_units = "yes".into();
    refused(&packages, &micro, &[("micro_location", "field-missing")]);
    micro.micro_location = "C-1".into();
    let parts = checked(&packages, &micro).unwrap().parts;
    assert_eq!(parts.iter().filter(|part| part.role == PartRole::Microbiology).count(), 5);
}

#[test]
fn a_no_needs_words_and_bars_acceptance() {
    let sample = sample(SampleType::Supervision, |_| {});
    let mut input = good();
    input.check_seal = "no".into();
    refused(&sample, &input, &[("check_seal_note", "check-text-missing"), ("decision", "checks-failed")]);
    input.check_seal_note = "封条破损".into();
    input.decision = "reject".into();
    refused(&sample, &input, &[("reason_code", "field-missing")]);
    input.reason_code = "R13".into();
    refused(&sample, &input, &[("reason_text", "field-missing")]);
    input.reason_code = "R01".into();
    let receipt = checked(&sample, &input).unwrap();
    assert_eq!((receipt.reason, receipt.parts.len()), (Some(RejectReason::R01), 0));
}

#[test]
fn a_no_needs_a_picture_as_strictly_as_the_laboratory_asks() {
    let sample = sample(SampleType::Supervision, |_| {});
    let mut input = good();
    input.check_seal = "no".into();
    input.check_seal_note = "封条破损".into();
    input.check_package = "no".into();
    input.decision = "reject".into();
    input.reason_code = "R01".into();
    assert_eq!(input.refused_lines(), ["seal", "package"]);
    let now = Moment::parse_in_china("2026-11-17 10:00").unwrap();
    let with = |input: &ReceiptInput, asked: Mode, shown: &[&str]| {
        let shown = shown.iter().zip(1..).map(|(line, id)| ((*line).to_owned(), PictureId(id))).collect();
        let checked = input.checked(&sample, &WorkingCalendar::default(), now);
        input.pictured(checked, &LinePictures { asked, shown }).map_err(|refusal| {
            let said = refusal.reasons.into_iter().map(|one| (one.field.unwrap_or_default(), one.problem.code));
            said.collect::<Vec<_>>()
        })
    };
    // Everything that is wrong at once: no words for the package, no picture of either.
    let wrong = [
        ("check_package_note", "check-text-missing"),
        ("check_seal_picture", "check-picture-missing"),
        ("check_package_picture", "check-picture-missing"),
    ]
    .map(|(field, code)| (field.to_owned(), code));
    assert_eq!(with(&input, Mode::Block, &[]).unwrap_err(), wrong);
    input.check_package_note = "外包装破损".into();
    assert_eq!(with(&input, Mode::Block, &["seal", "label"]).unwrap_err(), wrong[2..]);
    let receipt = with(&input, Mode::Block, &["package", "seal", "seal"]).unwrap();
    let pictures: Vec<(&str, &[PictureId])> = receipt
        .checks
        .iter()
        .filter(|line| !line.pictures.is_empty())
        .map(|line| (line.check.as_str(), line.pictures.as_slice()))
        .collect();
    assert_eq!(pictures, [("seal", &[PictureId(2), PictureId(3)][..]), ("package", &[PictureId(1)][..])]);
    let receipt = with(&input, Mode::Warn, &["seal"]).unwrap();
    assert_eq!(receipt.bare_lines(Mode::Warn), ["package"]);
    assert_eq!(receipt.bare_lines(Mode::Off), Vec::<String>::new());
}

#[test]
fn a_note_is_for_entrusted_samples_with_consent() {
    let mut input = good();
    input.decision = "accept_with_note".into();
    let supervision = sample(SampleType::Supervision, |_| {});
    refused(
        &supervision,
        &input,
        &[("decision", "note-only-entrusted"), ("consent", "consent-missing"), ("reason_text", "field-missing")],
    );
    input.consent = "邮件 2026-11-17".into();
    input.reason_text = "外包装轻微破损".into();
    input.check_package = "no".into();
    input.check_package_note = "轻微破损".into();
    let entrusted = sample(SampleType::Entrusted, |_| {});
    assert!(checked(&entrusted, &input).is_ok());
}

#[test]
fn times_and_cold_chains_are_checked() {
    let chilled = sample(SampleType::Supervision, |form| form.storage = vec![Storage::Chilled]);
    refused(&chilled, &good(), &[("temp_last", "temperature-missing"), ("check_temperature", "check-applies")]);
    let mut input = good();
    input.check_temperature = "yes".into();
    input.temp_last = "4.5".into();
    input.temp_min = "6".into();
    input.temp_max = "2".into();
    refused(&chilled, &input, &[("temp_max", "field-invalid")]);
    let frozen = sample(SampleType::Supervision, |form| form.storage = vec![Storage::Frozen]);
    input = good();
    input.check_temperature = "yes".into();
    input.temp_last = "-300".into();
    refused(&frozen, &input, &[("temp_last", "field-invalid")]);
    input.temp_last = "-18".into();
    input.temp_max = "-11.9".into();
    refused(&frozen, &input, &[("check_temperature", "came-warm")]);
    input.temp_max = "-12".into();
    assert!(checked(&frozen, &input).is_ok());
    (input.temp_last, input.temp_max) = ("10.1".into(), String::new());
    refused(&chilled, &input, &[("check_temperature", "came-warm")]);
    let of_label = sample(SampleType::Supervision, |form| {
        form.storage = vec![Storage::Chilled];
        form.storage_range = "8-12 ℃".into();
    });
    assert!(checked(&of_label, &input).is_ok(), "the custodian compares with the label");
    let plain = sample(SampleType::Supervision, |_| {});
    input = good();
    input.arrived_at = "2026-11-17 10:01".into();
    refused(&plain, &input, &[("arrived_at", "arrived-in-future")]);
    input.arrived_at = "2026-11-16 09:29".into();
    refused(&plain, &input, &[("arrived_at", "arrived-before-sampling")]);
    let empty = checked(&plain, &ReceiptInput::default()).unwrap_err();
    assert!(empty.len() >= 13, "every line of the checklist and every field is named: {empty:?}");
}

/// Departures of an acceptance, or the reasons why it is none.
fn departed(sample: &SampleFacts, input: &ReceiptInput) -> Result<Vec<&'static str>, Vec<(String, &'static str)>> {
    checked(sample, input).map(|receipt| receipt.departures.iter().map(|one| one.code()).collect())
}

#[test]
fn an_authoritys_sample_comes_whole_with_its_backup() {
    let supervision = sample(SampleType::Supervision, |_| {});
    let entrusted = sample(SampleType::Entrusted, |_| {});
    let mut input = good();
    input.backup_quantity = "0".into();
    refused(&supervision, &input, &[("backup_quantity", "backup-missing")]);
    input.reason_text = "备样途中破损".into();
    refused(&supervision, &input, &[("backup_quantity", "backup-missing")]);
    let monitoring = sample(SampleType::RiskMonitoring, |form| {
        form.task_category = TaskCategory::RiskMonitoring;
        form.qty_backup = None;
        form.qty_test = Some(Decimal::from(3));
    });
    input.reason_text = String::new();
    assert_eq!(departed(&monitoring, &input), Ok(vec![]));

    // 2.0 and 1.0 were sealed; 2.1 and 1.0 are another sample.
    let mut more = good();
    more.test_quantity = "2.1".into();
    refused(&supervision, &more, &[("test_quantity", "more-than-form")]);
    refused(&entrusted, &more, &[("reason_text", "more-than-form")]);
    more.reason_text = "委托方多送".into();
    assert_eq!(departed(&entrusted, &more), Ok(vec!["more_than_form"]));
    let mut units = good();
    units.micro_units = "5".into();
    units.micro_location = "C-1".into();
    refused(&supervision, &units, &[("micro_units", "more-than-form")]);

    let mut less = good();
    less.test_quantity = "1.9".into();
    refused(&supervision, &less, &[("reason_text", "less-than-form")]);
    less.reason_text = "途中少量撒漏，仍足够检验".into();
    assert_eq!(departed(&supervision, &less), Ok(vec!["less_than_form"]));
    let mut shifted = good();
    (shifted.test_quantity, shifted.backup_quantity) = ("2.5".into(), "0.5".into());
    refused(&supervision, &shifted, &[("reason_text", "less-than-form")]);
}

#[test]
fn what_came_late_or_will_not_keep_is_accepted_for_a_reason_only() {
    // Sampled on Monday 16 November; the form says the 18th, the law Monday 23.
    let arrive = |sample: &SampleFacts, day: &str, reason: &str| {
        let mut input = good();
        input.arrived_at = format!("2026-11-{day} 09:00");
        input.reason_text = reason.to_owned();
        let now = Moment::parse_in_china("2026-11-30 10:00").unwrap();
        checked_at(sample, &input, now)
            .map(|receipt| receipt.departures.iter().map(|one| one.code()).collect::<Vec<_>>())
    };
    let named = |field: &str, code: &'static str| -> Result<Vec<&'static str>, Vec<(String, &'static str)>> {
        Err(vec![(field.to_owned(), code)])
    };
    let stated = sample(SampleType::Supervision, |_| {});
    assert_eq!(arrive(&stated, "18", ""), Ok(vec![]));
    assert_eq!(arrive(&stated, "19", ""), named("reason_text", "arrived-late"));
    assert_eq!(arrive(&stated, "19", "大雪封路"), Ok(vec!["late_arrival"]));
    let by_law = sample(SampleType::Supervision, |form| form.ship_deadline = None);
    assert_eq!(arrive(&by_law, "23", ""), Ok(vec![]));
    assert_eq!(arrive(&by_law, "24", ""), named("reason_text", "arrived-late"));

    // Twenty working days after Tuesday 17 November end on Tuesday 15 December.
    let keeps = |kind: SampleType, until: &str| SampleFacts { expiry_date: until.parse().ok(), ..sample(kind, |_| {}) };
    assert_eq!(arrive(&keeps(SampleType::Supervision, "2026-12-15"), "17", ""), Ok(vec![]));
    let short = keeps(SampleType::Supervision, "2026-12-14");
    assert_eq!(arrive(&short, "17", ""), named("reason_text", "expires-before-report"));
    assert_eq!(arrive(&short, "17", "先做易变项目"), Ok(vec!["short_shelf_life"]));
    assert_eq!(arrive(&keeps(SampleType::Entrusted, "2026-12-14"), "17", ""), Ok(vec![]));
    for kind in [SampleType::Supervision, SampleType::Entrusted] {
        // No reason makes goods keep longer.
        let expired = keeps(kind, "2026-11-16");
        assert_eq!(arrive(&expired, "17", "仍可检验"), named("decision", "expired-when-received"));
        assert_eq!(arrive(&keeps(kind, "2026-11-17"), "17", "仍可检验").map(|_| ()), Ok(()));
    }
}

#[test]
fn nothing_that_applies_is_called_inapplicable() {
    let none = || "not_applicable".to_owned();
    let blind = ReceiptInput {
        check_form: none(),
        check_seal: none(),
        check_package: none(),
        check_state: none(),
        check_quantity: none(),
        check_shelf_life: none(),
        check_label: none(),
        ..good()
    };
    let of = |lines: &[&str]| -> Vec<(String, &'static str)> {
        lines.iter().map(|line| (format!("check_{line}"), "check-applies")).collect()
    };
    let always = ["form", "package", "state", "quantity"];
    let supervision = sample(SampleType::Supervision, |_| {});
    assert_eq!(departed(&supervision, &blind), Err(of(&["form", "seal", "package", "state", "quantity"])));
    assert_eq!(departed(&sample(SampleType::Entrusted, |_| {}), &blind), Err(of(&always)));
    let mut prepacked = sample(SampleType::Entrusted, |form| form.packing = Some(Packing::Prepacked));
    prepacked.expiry_date = "2027-11-01".parse().ok();
    assert_eq!(departed(&prepacked, &blind), Err(of(&[&always[..], &["shelf_life", "label"]].concat())));
    // Whoever turns it away has not looked at everything.
    let rejected = ReceiptInput { decision: "reject".into(), reason_code: "R01".into(), ..blind };
    assert_eq!(departed(&supervision, &rejected), Ok(vec![]));
}
