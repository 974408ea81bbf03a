use super::*;
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
    input.checked(sample, now).map_err(|refusal| {
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
    let sample = sample(SampleType::Supervision, |_| {});
    let parts = checked(&sample, &good()).unwrap().parts;
    let roles: Vec<_> = parts.iter().map(|part| (part.role, part.quantity.as_str(), part.seal_no.as_str())).collect();
    assert_eq!(roles, [(PartRole::Test, "2.0", "F0001"), (PartRole::Backup, "1.0", "F0002")]);
    let mut micro = good();
    micro.micro_units = "5".into();
    refused(&sample, &micro, &[("micro_location", "field-missing")]);
    micro.micro_location = "C-1".into();
    let parts = checked(&sample, &micro).unwrap().parts;
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
    refused(&chilled, &good(), &[("temp_last", "temperature-missing")]);
    let mut input = good();
    input.temp_last = "4.5".into();
    input.temp_min = "6".into();
    input.temp_max = "2".into();
    refused(&chilled, &input, &[("temp_max", "field-invalid")]);
    let plain = sample(SampleType::Supervision, |_| {});
    input = good();
    input.arrived_at = "2026-11-17 10:01".into();
    refused(&plain, &input, &[("arrived_at", "arrived-in-future")]);
    input.arrived_at = "2026-11-16 09:29".into();
    refused(&plain, &input, &[("arrived_at", "arrived-before-sampling")]);
    let empty = checked(&plain, &ReceiptInput::default()).unwrap_err();
    assert!(empty.len() >= 13, "every line of the checklist and every field is named: {empty:?}");
}
