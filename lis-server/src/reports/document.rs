//! From a sample and its items to the printed report (`records.md` 5). What is built here is fixed at authorization: the
//! signatory signs its hash, and the file is made from it and from nothing else.

use serde_json::{Value, json};

use super::beside::label_claim;
use super::line::printed_item;
use super::opinions::OpinionView;
use super::scoped::Scoped;
use super::store::ReportRow;
use super::store::gathered::{ItemFacts, SampleFacts};
use crate::config::Config;
use crate::domain::clock::Moment;
use crate::domain::hash::sha256_of;
use crate::domain::refusal::{Fact, Fault, Outcome};
use crate::judgement::limit::Comparison;
use crate::judgement::record::{JudgementRecord, Question};
use crate::judgement::{Conclusion, Verdict, conclude};
use crate::pdf::QrCode;
use crate::pdf::documents::{
    self as paper, Accreditation, Amendment, DateKind, Laboratory, Opinion, Party, ReportItem, ReportKind,
    Responsibility, Sampling, Signature, TestReport, Verification,
};
use crate::web::language::Language;

/// The laboratory as it stands on its reports, and where its check page is.
#[derive(Clone, Debug)]
pub struct Letterhead {
    name: String,
    address: String,
    contact: String,
    public_url: String,
}

impl Letterhead {
    pub fn of(config: &Config) -> Self {
        Self {
            name: config.laboratory_name.clone(),
            address: config.laboratory_address.clone(),
            contact: config.laboratory_contact.clone(),
            public_url: config.public_url.clone(),
        }
    }

    /// The public check page of a report.
    pub fn verification_url(&self, code: &str) -> String {
        format!("{}/verify/{code}", self.public_url)
    }
}

/// Who signs when.
pub struct Signers<'a> {
    pub reviewer: &'a str,
    pub reviewed_at: Moment,
    pub signatory: &'a str,
    pub authorized_at: Moment,
}

/// The issued report that this one replaces: its row and its fixed document.
pub struct Old<'a> {
    pub report: &'a ReportRow,
    pub document: &'a Value,
}

/// SHA-256 of what a reviewer looks at: the report, the version of the form, the result in force of every item, and an
/// opinion where there is one. The results themselves never change, so their ids stand for them.
pub fn basis_hash(report: &ReportRow, sample: &SampleFacts, items: &[ItemFacts]) -> String {
    let results: Vec<Value> = items.iter().map(|item| json!([item.id, item.result_id])).collect();
    let mut basis =
        json!({"report_no": report.report_no, "form": [sample.form_no, sample.form_version], "results": results});
    if !report.opinion.is_empty() {
        basis["opinion"] = json!([report.opinion, report.opinion_basis, report.opinion_by]);
    }
    sha256_of(crate::audit::canonical::canonical(&basis).as_bytes())
}

/// The conclusion as its column stores it.
pub fn conclusion_code(conclusion: Conclusion) -> Option<&'static str> {
    match conclusion {
        Conclusion::Pass => Some("pass"),
        Conclusion::Fail => Some("fail"),
        Conclusion::NoLimit => Some("data_only"),
        Conclusion::Open => None,
    }
}

/// The text that is fixed and its SHA-256.
pub fn fixed(mut report: TestReport) -> Outcome<(String, String)> {
    if !report.every_item_in_scope() {
        report.accreditations.clear();
    }
    let text = crate::audit::canonical::canonical(&serde_json::to_value(&report).map_err(Fault::broken)?);
    let hash = sha256_of(text.as_bytes());
    Ok((text, hash))
}

/// Puts a report together. `category` is the name of the food's class. Every text is in the report's language; values are
/// those that were authorized.
pub fn build(
    letterhead: &Letterhead,
    report: &ReportRow,
    (sample, category): (&SampleFacts, &str),
    (items, scoped): (&[ItemFacts], &Scoped),
    signers: &Signers,
    old: Option<&Old>,
    opinion: Option<OpinionView>,
) -> Outcome<TestReport> {
    let language = Language::parse(&report.language).unwrap_or_default();
    let verdicts: Vec<Verdict> = items.iter().map(|item| item.verdict).collect();
    let conclusion = conclude(&verdicts);
    let line = |item: &ItemFacts| ReportItem { in_scope: scoped.covers(item), ..printed_item(item, language) };
    let printed: Vec<ReportItem> = items.iter().filter(|item| item.is_reported()).map(line).collect();
    let basis = judgement_basis(items, language);
    let day = |moment: Option<Moment>| moment.map(|at| at.date_in_china().to_string()).unwrap_or_default();
    let issued_on = signers.authorized_at.date_in_china().to_string();
    let qr = QrCode::of(letterhead.verification_url(&report.verification_code)).map_err(Fault::broken)?;
    Ok(TestReport {
        language: match language {
            Language::Chinese => paper::Language::Zh,
            Language::English => paper::Language::En,
        },
        kind: if old.is_some() { ReportKind::Amended } else { ReportKind::Original },
        report_no: report.report_no.clone(),
        test_type: language.text(&format!("report-type-{}", sample.sample_type.replace('_', "-"))),
        laboratory: Laboratory {
            name: letterhead.name.clone(),
            address: letterhead.address.clone(),
            contact: given(&letterhead.contact),
        },
        test_location: None,
        accreditations: scoped
            .marks
            .iter()
            .map(|mark| Accreditation { mark: mark.scheme.clone(), number: mark.certificate_no.clone() })
            .collect(),
        client: client(sample),
        sample: printed_sample(sample, category, language),
        sampled_unit: (!sample.is_entrusted()).then(|| Party {
            name: sample.unit_name.clone(),
            address: sample.field("unit_address"),
            licence: sample.field("unit_uscc").or_else(|| sample.field("unit_licence_no")),
            contact: sample.field("contact"),
        }),
        producer: given(&sample.producer_name).map(|name| Party {
            name,
            address: sample.field("producer_address"),
            licence: sample.field("producer_licence"),
            contact: sample.field("producer_contact"),
        }),
        third_party: sample.field("third_party_name").map(|name| Party {
            name,
            address: sample.field("third_party_address"),
            contact: sample.field("third_party_phone"),
            ..Party::default()
        }),
        sampling: sampling(sample, language),
        // A sample that was held at first was there all the same.
        received_on: day(sample.arrived_at.or(sample.accepted_at)),
        tested_from: day(items.iter().filter_map(|item| item.tested_from).min()),
        tested_to: day(items.iter().filter_map(|item| item.tested_to).max()),
        issued_on,
        responsibility: if sample.is_entrusted() {
            Responsibility::AsReceived
        } else {
            Responsibility::SampledByLaboratory
        },
        conclusion: wording(conclusion, sample, items, &basis, language),
        failed: conclusion == Conclusion::Fail,
        decision_rule: decision_rule(items, language),
        judgement_basis: basis,
        deviations: deviations(sample, items, language),
        uncertainty: None,
        opinion: opinion.map(|given| Opinion { text: given.text, by: given.by }),
        amendment: old.map(|old| amendment(old, report, &printed, language)),
        testers: testers(items, language),
        reviewer: signature(signers.reviewer, "role-reviewer", signers.reviewed_at, language),
        signatory: signature(signers.signatory, "role-signatory", signers.authorized_at, language),
        verification: Verification { qr, code: report.verification_code.clone() },
        statements: Vec::new(),
        remark: sample.field("remark"),
        stamp: None,
        items: printed,
    })
}

pub(super) fn given(text: &str) -> Option<String> {
    (!text.trim().is_empty()).then(|| text.trim().to_owned())
}

/// Who ordered: the enterprise that entrusted the sample, else the authority on the form.
fn client(sample: &SampleFacts) -> Party {
    match &sample.client {
        Some(client) => Party {
            name: client.name.clone(),
            address: given(&client.address),
            licence: client.uscc.clone(),
            contact: given(&format!("{} {}", client.contact, client.phone)),
        },
        None => Party { name: sample.ordering_name.clone(), ..Party::default() },
    }
}

/// Words for the codes that a field of the form holds, `list-code` in the message files.
fn words(sample: &SampleFacts, field: &str, list: &str, language: Language) -> Option<String> {
    let codes = sample.field(field)?;
    let word = |code: &str| language.text(&format!("{list}-{}", code.replace('_', "-")));
    let separator = if language == Language::Chinese { "、" } else { ", " };
    Some(codes.split('、').map(word).collect::<Vec<_>>().join(separator))
}

fn printed_sample(sample: &SampleFacts, category: &str, language: Language) -> paper::Sample {
    let (date, date_kind) = match (sample.production_date, sample.expiry_date) {
        (Some(produced), _) => (Some(produced), DateKind::Produced),
        (None, expiry) => (expiry, DateKind::Expiry),
    };
    paper::Sample {
        sample_no: sample.sample_no.clone(),
        name: sample.sample_name.clone(),
        category: given(category),
        brand: sample.field("brand"),
        spec: sample.field("spec"),
        batch_no: given(&sample.batch_no),
        production_date: date.map(|date| date.to_string()),
        date_kind,
        shelf_life: sample.field("shelf_life"),
        grade: sample.field("grade"),
        product_std: sample.field("product_std"),
        quantity: sample
            .field("qty_total")
            .map(|quantity| format!("{quantity} {}", sample.field("qty_unit").unwrap_or_default()).trim().to_owned()),
        state: words(sample, "form_state", "form-state", language),
        storage: words(sample, "storage", "storage", language),
    }
}

/// ISO/IEC 17025 7.8.5 asks for it when the laboratory took the sample; an entrusted one was brought.
fn sampling(sample: &SampleFacts, language: Language) -> Option<Sampling> {
    (!sample.is_entrusted()).then(|| {
        let samplers = [sample.field("sampler1"), sample.field("sampler2")];
        Sampling {
            form_no: sample.form_no.clone(),
            plan: given(&sample.plan),
            mode: words(sample, "sampling_mode", "sampling-mode", language),
            place: words(sample, "place", "place", language),
            lot_size: sample.field("lot_size"),
            samplers: samplers.into_iter().flatten().collect::<Vec<_>>().join("、"),
            sampled_on: sample.sampled_at.map(|at| at.date_in_china().to_string()).unwrap_or_default(),
        }
    })
}

/// The judgement inside the record of an item's result: beside the question and the calculations that led to it.
pub fn judgement_of(item: &ItemFacts) -> Option<JudgementRecord> {
    serde_json::from_value(item.record["answered"]["judgement"].clone()).ok()
}

/// An item's name in a language.
pub fn item_name(item: &ItemFacts, language: Language) -> String {
    match language {
        Language::English if !item.analyte_en.is_empty() => item.analyte_en.clone(),
        Language::English | Language::Chinese => item.analyte_zh.clone(),
    }
}

/// What was otherwise at the receipt and by the methods of items, each with its reason and the client's acceptance.
fn deviations(sample: &SampleFacts, items: &[ItemFacts], language: Language) -> Option<String> {
    let of_method = |item: &ItemFacts| {
        let own = item.deviation.as_ref()?;
        let facts = [
            ("item", item_name(item, language)),
            ("description", own.description.clone()),
            ("justification", own.justification.clone()),
            ("date", own.accepted_on.to_string()),
        ];
        let facts = facts.map(|(name, text)| (name, Fact::Text(text)));
        Some(language.text_with("report-method-deviation", &facts))
    };
    let at_receipt = departure_at_receipt(sample, language);
    let of_methods = items.iter().filter_map(of_method);
    let said: Vec<String> = at_receipt.into_iter().chain(of_methods).collect();
    let separator = if language == Language::Chinese { "；" } else { "; " };
    (!said.is_empty()).then(|| said.join(separator))
}

/// How the sample departed from what was agreed when it came, the client's answer, and what the laboratory does not answer for.
/// Of an authority's sample nobody was asked: why it was accepted all the same.
fn departure_at_receipt(sample: &SampleFacts, language: Language) -> Option<String> {
    let departure = given(&sample.departure)?;
    if sample.departure_consent.is_empty() {
        return Some(language.text_with("report-departure-accepted", &[("departure", Fact::Text(departure))]));
    }
    let facts = [("departure", departure), ("consent", sample.departure_consent.clone())];
    Some(language.text_with("report-departure", &facts.map(|(name, text)| (name, Fact::Text(text)))))
}

/// What an item was judged by: what a person's decision rests on, else the standard of its limit.
pub(super) fn basis_of(item: &ItemFacts) -> Option<String> {
    if item.verdict == Verdict::NoLimit {
        return None;
    }
    let decided = item.record["decision"]["basis"].as_str().map(str::to_owned);
    decided.or_else(|| judgement_of(item).and_then(|judgement| judgement.sources.limit_standard))
}

/// What items were judged by, each once, in the order of the items; and the label, where it was judged by what it claims.
fn judgement_basis(items: &[ItemFacts], language: Language) -> Vec<String> {
    let mut basis: Vec<String> = Vec::new();
    for standard in items.iter().filter_map(basis_of) {
        if !basis.contains(&standard) {
            basis.push(standard);
        }
    }
    if items.iter().any(|item| label_claim(item).is_some()) {
        basis.push(language.text("report-basis-label"));
    }
    basis
}

/// The rule of comparison that decided (GB/T 8170 4.3): one for the whole report, or each with the items that it decided.
/// `None`: no value was compared with a limit.
fn decision_rule(items: &[ItemFacts], language: Language) -> Option<String> {
    let rule = comparison_rule(items, language)?;
    let simple = |item: &&ItemFacts| item.record["subcontract"]["simple"] == true && comparison_of(item).is_some();
    let names: Vec<String> = items.iter().filter(simple).map(|item| item_name(item, language)).collect();
    if names.is_empty() {
        return Some(rule);
    }
    let names = Fact::Text(names.join(separator(language)));
    Some(format!("{rule} {}", language.text_with("report-decision-rule-simple", &[("items", names)])))
}

/// Between names of items.
fn separator(language: Language) -> &'static str {
    if language == Language::Chinese { "、" } else { ", " }
}

/// The same without what was judged otherwise.
fn comparison_rule(items: &[ItemFacts], language: Language) -> Option<String> {
    let of = |comparison: Comparison| -> Vec<String> {
        let decided = |item: &&ItemFacts| comparison_of(item) == Some(comparison);
        items.iter().filter(decided).map(|item| item_name(item, language)).collect()
    };
    if items.iter().any(|item| item.record["asked"]["uncertainty"].is_object() && comparison_of(item).is_some()) {
        return Some(language.text("report-decision-rule-guarded"));
    }
    let (full, rounded) = (of(Comparison::Full), of(Comparison::Rounded));
    let separator = separator(language);
    match (full.is_empty(), rounded.is_empty()) {
        (true, true) => None,
        (false, true) => Some(language.text("report-decision-rule")),
        (true, false) => Some(language.text("report-decision-rule-rounded")),
        (false, false) => {
            let facts = [("full", full.join(separator)), ("rounded", rounded.join(separator))];
            let facts = facts.map(|(name, items)| (name, Fact::Text(items)));
            Some(language.text_with("report-decision-rule-both", &facts))
        }
    }
}

/// How an item's value was compared with its limit; `None` where nothing was compared. Sums, plans and species compare full
/// values.
fn comparison_of(item: &ItemFacts) -> Option<Comparison> {
    let judged = judgement_of(item).filter(|_| item.verdict != Verdict::NoLimit)?;
    match &judged.question {
        Question::Item { limit, .. } => limit.region().map(|_| limit.comparison),
        Question::Plan { .. } | Question::Sum { .. } | Question::Ratio { .. } | Question::Species { .. } => {
            Some(Comparison::Full)
        }
        Question::Formula { .. }
        | Question::Curve { .. }
        | Question::Decision { .. }
        | Question::Correction { .. }
        | Question::MostProbable { .. } => None,
    }
}

/// The wording of the conclusion (`records.md` 5); `None`: results only.
fn wording(
    conclusion: Conclusion,
    sample: &SampleFacts,
    items: &[ItemFacts],
    basis: &[String],
    language: Language,
) -> Option<String> {
    let how = match sample.sample_type.as_str() {
        "entrusted" | "rapid_test" => "submitted",
        "risk_monitoring" => "monitored",
        _ => "sampled",
    };
    let key = match conclusion {
        Conclusion::Pass => format!("report-conclusion-pass-{how}"),
        Conclusion::Fail => format!("report-conclusion-fail-{how}"),
        Conclusion::NoLimit | Conclusion::Open => return None,
    };
    let separator = if language == Language::Chinese { "、" } else { ", " };
    let name = |item: &ItemFacts| match label_claim(item) {
        Some((_, judged)) if judged.verdict() == Some(Verdict::Fail) => {
            language.text_with("report-failed-claim", &[("item", Fact::Text(item_name(item, language)))])
        }
        _ => item_name(item, language),
    };
    let failing: Vec<String> = items.iter().filter(|item| item.verdict == Verdict::Fail).map(name).collect();
    let facts = [("basis", Fact::Text(basis.join(separator))), ("items", Fact::Text(failing.join(separator)))];
    Some(language.text_with(&key, &facts))
}

/// 主检: one signature for each person who tested, at the time of his last result. What another laboratory tested bears its
/// name beside the results; what is derived was tested by nobody.
fn testers(items: &[ItemFacts], language: Language) -> Vec<Signature> {
    let mut signatures: Vec<(&str, Option<Moment>)> = Vec::new();
    for item in items.iter().filter(|item| !item.is_subcontracted() && !item.is_derived()) {
        match signatures.iter_mut().find(|(name, _)| *name == item.tester_name) {
            Some((_, at)) => *at = (*at).max(item.tested_to),
            None => signatures.push((&item.tester_name, item.tested_to)),
        }
    }
    signatures
        .into_iter()
        .map(|(name, at)| Signature {
            name: name.to_owned(),
            position: Some(language.text("role-tester")),
            signed_at: at.map(|at| at.to_string()).unwrap_or_default(),
        })
        .collect()
}

fn signature(name: &str, position: &str, at: Moment, language: Language) -> Signature {
    Signature { name: name.to_owned(), position: Some(language.text(position)), signed_at: at.to_string() }
}

/// What the new report says about the old one, with each item whose printed result or verdict changed.
fn amendment(old: &Old, report: &ReportRow, items: &[ReportItem], language: Language) -> Amendment {
    let before = old.document["items"].as_array().cloned().unwrap_or_default();
    let printed = |results: &[String], verdict: Option<&str>| {
        let results = results.join(", ");
        verdict.map_or(results.clone(), |verdict| format!("{results} ({verdict})"))
    };
    let changes = items
        .iter()
        .filter_map(|item| {
            let found = before.iter().find(|line| line["name"] == item.name.as_str())?;
            let results: Vec<String> = serde_json::from_value(found["results"].clone()).unwrap_or_default();
            let was = printed(&results, found["verdict"].as_str());
            let is = printed(&item.results, item.verdict.as_deref());
            let facts = [("item", item.name.as_str()), ("old", &was), ("new", &is)];
            let facts = facts.map(|(name, text)| (name, Fact::Text(text.to_owned())));
            (was != is).then(|| language.text_with("report-change", &facts))
        })
        .collect();
    Amendment {
        old_report_no: old.report.report_no.clone(),
        old_issued_on: old.document["issued_on"].as_str().unwrap_or_default().to_owned(),
        changes,
        reason: report.amendment_reason.clone(),
    }
}

#[cfg(test)]
#[path = "document_tests.rs"]
mod tests;
