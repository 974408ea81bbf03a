//! Checking a sampling form: every field by itself, then what must hold between them (`records.md` 2, "Cross checks").

use std::cmp::Ordering;

use chrono::NaiveDate;

use super::{AnalyteFactor, FormInput, LabelClaim, SamplingForm};
use crate::domain::calendar::{self, IfRestDay, PeriodUnit, WorkingCalendar};
use crate::domain::clock::Moment;
use crate::domain::decimal::Decimal;
use crate::domain::identifiers::{CreditCode, Ean13, RegionCode, Telephone};
use crate::domain::ids::{DrawId, PlanLineId};
use crate::domain::input::Checker;
use crate::domain::refusal::{FIELD_INVALID, FIELD_MISSING, Refusal};
use crate::domain::text;
use crate::enterprises::Stage;
use crate::enterprises::actions::check_licence;
use crate::judgement::claim::Claim;
use crate::samples::order::{self, CLAIMS_MOST};
use crate::samples::stated::Lines;
use crate::samples::words::*;
use crate::samples::*;

/// What the checks need to know of the world.
pub struct Circumstances<'a> {
    pub now: Moment,
    pub calendar: &'a WorkingCalendar,
    /// The code that is stored for a category as it was written; `None` when nothing bears that name.
    pub category: &'a dyn Fn(&str) -> Option<String>,
    /// The key of an analyte as it was written; `None` when nothing bears that name, or several do.
    pub analyte: &'a dyn Fn(&str) -> Option<String>,
}

/// Sample and papers reach the laboratory within so many working days (Order 15 art. 20(1)).
pub const TRANSPORT_WORKING_DAYS: u32 = 5;
/// Independent packages of a microbiological plan with n = 5 (`workflow.md` 5.2).
const MICRO_UNITS_LEAST: u32 = 5;
/// More packages than any plan asks for; the bound keeps a slip of the key from making hundreds of labels.
const MICRO_UNITS_MOST: i64 = 50;

impl FormInput {
    /// # Errors
    /// Every field and every contradiction, at once.
    pub fn checked(&self, source: FormSource, around: &Circumstances) -> Result<SamplingForm, Refusal> {
        let mut check = Checker::new();
        let mut form = read(&mut check, self, source, around);
        form.doubts = form.doubts_of_label();
        required(&mut check, self, &form);
        dates(&mut check, self, &form, around);
        quantities(&mut check, &form);
        people_and_seals(&mut check, &form);
        groups(&mut check, &form);
        check.done(Some(form))
    }
}

/// Reads every field by itself.
fn read(check: &mut Checker, input: &FormInput, source: FormSource, around: &Circumstances) -> SamplingForm {
    macro_rules! text {
        ($field:ident) => {{
            let most = match super::fields::field(stringify!($field)).map(|field| field.kind) {
                Some(super::fields::Kind::Text(most) | super::fields::Kind::Lines(most)) => most,
                _ => 120,
            };
            text::tidy(&check.optional_lines(stringify!($field), &input.$field, most))
        }};
    }
    macro_rules! choice {
        ($field:ident, $list:ident) => {
            check.optional(stringify!($field), &input.$field, "expected-listed", $list::parse)
        };
    }
    macro_rules! region {
        ($field:ident) => {
            check.optional(stringify!($field), &input.$field, "expected-region", |code| RegionCode::parse(code).ok())
        };
    }
    macro_rules! phone {
        ($field:ident) => {
            check
                .optional_identifier(stringify!($field), &input.$field, "expected-telephone", Telephone::parse)
                .map(String::from)
                .unwrap_or_default()
        };
    }
    macro_rules! decimal {
        ($field:ident) => {
            not_negative(check, stringify!($field), &input.$field)
        };
    }
    macro_rules! yes {
        ($field:ident) => {
            choice!($field, YesNo) == Some(YesNo::Yes)
        };
    }
    macro_rules! id {
        ($field:ident) => {
            check.optional(stringify!($field), &input.$field, "expected-number", |text| text.parse().ok())
        };
    }
    let micro_units = match input.micro_units.trim() {
        "" => 0,
        given => {
            check.whole("micro_units", given, 0, MICRO_UNITS_MOST).and_then(|n| u32::try_from(n).ok()).unwrap_or(0)
        }
    };
    SamplingForm {
        form_no: form_no(check, &input.form_no),
        source,
        task_category: choice!(task_category, TaskCategory).unwrap_or(TaskCategory::Supervision),
        ordering_name: text!(ordering_name),
        ordering_region: region!(ordering_region),
        ordering_department: choice!(ordering_department, Department),
        plan_line_id: id!(plan_line_id).map(PlanLineId),
        draw_id: id!(draw_id).map(DrawId),
        draw_deviation: text!(draw_deviation),
        unit_name: text!(unit_name),
        unit_uscc: check.optional_identifier("unit_uscc", &input.unit_uscc, "expected-uscc", CreditCode::parse),
        no_uscc_reason: text!(no_uscc_reason),
        unit_licence_no: check_licence(check, "unit_licence_no", &input.unit_licence_no),
        unit_address: text!(unit_address),
        unit_region: region!(unit_region),
        area_type: choice!(area_type, AreaType),
        legal_person: text!(legal_person),
        contact: text!(contact),
        phone: phone!(phone),
        annual_sales: decimal!(annual_sales),
        stage: choice!(stage, Stage),
        place: choice!(place, Place),
        gps: text!(gps),
        sample_name: text!(sample_name),
        food_category: check
            .optional("food_category", &input.food_category, "expected-food-category", |name| (around.category)(name))
            .unwrap_or_default(),
        sample_source: choice!(sample_source, SampleSource),
        sample_attr: choice!(sample_attr, SampleAttr),
        goods_type: choice!(goods_type, GoodsType),
        packing: choice!(packing, Packing),
        brand: text!(brand),
        spec: text!(spec),
        date_kind: choice!(date_kind, DateKind),
        production_date: check.optional_date("production_date", &input.production_date),
        shelf_life: text!(shelf_life),
        expiry_date: check.optional_date("expiry_date", &input.expiry_date),
        batch_no: text!(batch_no),
        product_std: text!(product_std),
        grade: text!(grade),
        barcode: check.optional_identifier("barcode", &input.barcode, "expected-ean13", Ean13::parse),
        form_state: choice!(form_state, FormState),
        storage: storage(check, &input.storage),
        storage_range: text!(storage_range),
        unit_price: decimal!(unit_price),
        purchase_receipt_no: text!(purchase_receipt_no),
        is_export: yes!(is_export),
        is_import: yes!(is_import),
        import_country: text!(import_country),
        importer: text!(importer),
        lot_size: decimal!(lot_size),
        lot_unit: text!(lot_unit),
        qty_total: decimal!(qty_total),
        qty_test: decimal!(qty_test),
        qty_backup: decimal!(qty_backup),
        qty_unit: text!(qty_unit),
        micro_units,
        sampling_mode: choice!(sampling_mode, SamplingMode),
        container: choice!(container, Container),
        seal_test_no: text!(seal_test_no),
        seal_backup_no: text!(seal_backup_no),
        ship_deadline: check.optional_date("ship_deadline", &input.ship_deadline),
        ship_to: text!(ship_to),
        producer_name: text!(producer_name),
        producer_address: text!(producer_address),
        producer_region: region!(producer_region),
        producer_licence: check_licence(check, "producer_licence", &input.producer_licence),
        producer_contact: text!(producer_contact),
        producer_phone: phone!(producer_phone),
        third_party_kind: choice!(third_party_kind, ThirdParty),
        third_party_name: text!(third_party_name),
        third_party_address: text!(third_party_address),
        third_party_phone: phone!(third_party_phone),
        online_platform: text!(online_platform),
        online_platform_region: region!(online_platform_region),
        online_shop: text!(online_shop),
        online_order_no: text!(online_order_no),
        online_address: text!(online_address),
        online_account: text!(online_account),
        online_video: text!(online_video),
        sampling_unit: text!(sampling_unit),
        sampling_unit_address: text!(sampling_unit_address),
        sampling_unit_phone: phone!(sampling_unit_phone),
        sampler1: text!(sampler1),
        sampler2: text!(sampler2),
        sampler1_id: None,
        sampler2_id: None,
        unit_signed_by: text!(unit_signed_by),
        refusal_note: text!(refusal_note),
        witness: text!(witness),
        producer_signed_by: text!(producer_signed_by),
        sampled_at: check.optional_moment("sampled_at", &input.sampled_at),
        photos: photos(check, &input.photos),
        remark: text!(remark),
        contract: None,
        label_claims: label_claims(check, &input.label_claims, around),
        limit_factors: limit_factors(check, &input.limit_factors, around),
        doubts: Vec::new(),
    }
}

/// Letters, digits and hyphens; two letters and twelve characters at least: prefix, year, region, serial
/// (`records.md` 1). Which prefixes are in use differs from place to place, so they are not checked.
fn form_no(check: &mut Checker, given: &str) -> String {
    let shape = |typed: &str| {
        let code = text::code(typed).to_ascii_uppercase();
        let letters = code.chars().take_while(char::is_ascii_uppercase).count();
        let good = (12..=32).contains(&code.len())
            && (2..=4).contains(&letters)
            && code.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-');
        good.then_some(code)
    };
    check.optional("form_no", given, "expected-form-no", shape).unwrap_or_default()
}

/// A quantity or price: an exact decimal that is not below zero.
pub(in crate::samples) fn not_negative(check: &mut Checker, field: &str, given: &str) -> Option<Decimal> {
    let number = check.optional_decimal(field, given)?;
    if number.is_negative() {
        check.add(FIELD_INVALID.at(field).with_word("expected", "expected-not-negative"));
        return None;
    }
    Some(number)
}

pub(in crate::samples) fn storage(check: &mut Checker, given: &[String]) -> Vec<Storage> {
    let mut conditions = Vec::new();
    for code in given.iter().filter(|code| !code.is_empty()) {
        match Storage::parse(code) {
            Some(one) if conditions.contains(&one) => {}
            Some(one) => conditions.push(one),
            None => check.invalid("storage", "expected-listed"),
        }
    }
    conditions
}

fn photos(check: &mut Checker, given: &[String]) -> Vec<String> {
    let is_hash = |text: &String| text.len() == 64 && text.chars().all(|c| c.is_ascii_hexdigit());
    check.add_if(!given.iter().all(is_hash), || FIELD_INVALID.at("photos").with_word("expected", "expected-sha256"));
    given.to_vec()
}

/// What the label claims, each analyte once. In a spreadsheet several stand in one cell.
fn label_claims(check: &mut Checker, given: &str, around: &Circumstances) -> Vec<LabelClaim> {
    let lines = Lines {
        field: "label_claims",
        text: stated(given),
        most: CLAIMS_MOST,
        ends: &['\n', ';', '；'],
        expected: "expected-label-claim",
    };
    let mut claims: Vec<LabelClaim> = Vec::new();
    for (name, claim) in lines.read(check, Claim::parse) {
        match (around.analyte)(&name) {
            None => check.add(ITEM_UNKNOWN.with("item", name).at("label_claims")),
            Some(analyte) if claims.iter().any(|one| one.analyte == analyte) => {
                check.add(ITEM_REPEATED.with("item", name).at("label_claims"));
            }
            Some(analyte) => claims.push(LabelClaim { analyte, claim }),
        }
    }
    claims
}

/// The factors of the product, each analyte once.
fn limit_factors(check: &mut Checker, given: &str, around: &Circumstances) -> Vec<AnalyteFactor> {
    let mut factors: Vec<AnalyteFactor> = Vec::new();
    for (name, stated) in order::limit_factors(check, stated(given)) {
        match (around.analyte)(&name) {
            None => check.add(ITEM_UNKNOWN.with("item", name).at("limit_factors")),
            Some(analyte) if factors.iter().any(|one| one.analyte == analyte) => {
                check.add(ITEM_REPEATED.with("item", name).at("limit_factors"));
            }
            Some(analyte) => factors.push(AnalyteFactor { analyte, stated }),
        }
    }
    factors
}

/// A cell without the blank of the national system.
fn stated(given: &str) -> &str {
    if matches!(given.trim(), "/" | "-" | "——") { "" } else { given }
}

/// Fields that must always be there, and those that a case asks for.
fn required(check: &mut Checker, input: &FormInput, form: &SamplingForm) {
    let mut missing = |field: &str, applies: bool| {
        check.add_if(applies && input.get(field).trim().is_empty(), || FIELD_MISSING.at(field));
    };
    for field in super::FIELDS.iter().filter(|field| field.required) {
        missing(field.name, true);
    }
    missing("form_no", form.source == FormSource::Import);
    missing("storage", true);
    missing("plan_line_id", form.task_category == TaskCategory::Campaign && form.source == FormSource::OnSite);
    let prepacked = form.packing == Some(Packing::Prepacked);
    for field in ["brand", "spec", "producer_name", "producer_address"] {
        missing(field, prepacked);
    }
    missing("import_country", form.is_import);
    missing("importer", form.is_import);
    for field in ["online_platform", "online_shop", "online_order_no", "online_account"] {
        missing(field, form.place == Some(Place::Online));
    }
    // The signatures are gathered on the spot; imported forms carry theirs in the national system.
    let on_site = form.source == FormSource::OnSite;
    missing("unit_signed_by", on_site && form.refusal_note.is_empty());
    missing("witness", on_site && !form.refusal_note.is_empty());
    missing("producer_signed_by", on_site && form.stage == Some(Stage::Production));
    let no_code = form.unit_uscc.is_none() && input.unit_uscc.trim().is_empty();
    check.add_if(no_code && form.no_uscc_reason.is_empty(), || CODE_OR_REASON.at("unit_uscc"));
}

/// A production date on or before the sampling, an expiry date after it, nothing in the future, the deadline of
/// transport.
fn dates(check: &mut Checker, input: &FormInput, form: &SamplingForm, around: &Circumstances) {
    let sampled = form.sampled_at.map(Moment::date_in_china);
    check.add_if(input.production_date.trim().is_empty() && input.expiry_date.trim().is_empty(), || {
        LABEL_DATE_MISSING.at("production_date")
    });
    label_dates(check, form.production_date, form.expiry_date, sampled.unwrap_or(around.now.date_in_china()));
    check.add_if(form.sampled_at.is_some_and(|at| at > around.now), || SAMPLED_IN_FUTURE.at("sampled_at"));
    // Samples are taken of goods that are in date (`workflow.md` 5.2); what another body has taken is decided at receipt.
    if let Some(last_day) = form.past_when_sampled().filter(|_| form.source == FormSource::OnSite) {
        let at = if form.expiry_date.is_some() { "expiry_date" } else { "shelf_life" };
        check.add(EXPIRED_WHEN_SAMPLED.with("last_day", last_day).at(at));
    }
    if let (Some(sampled), Some(deadline)) = (sampled, form.ship_deadline) {
        check.add_if(deadline < sampled, || SHIPPED_BEFORE_SAMPLING.at("ship_deadline"));
        let latest = transport_deadline(around.calendar, sampled);
        check.add_if(latest.is_some_and(|latest| deadline > latest), || {
            SHIPPED_TOO_LATE.with("latest", latest.unwrap_or(deadline)).at("ship_deadline")
        });
    }
}

/// The dates of the label: in order, and not after the day the goods were taken.
pub(in crate::samples) fn label_dates(
    check: &mut Checker,
    production: Option<NaiveDate>,
    expiry: Option<NaiveDate>,
    taken: NaiveDate,
) {
    check.add_if(production.is_some_and(|date| date > taken), || {
        PRODUCED_AFTER_SAMPLING.with("sampled", taken).at("production_date")
    });
    if let (Some(production), Some(expiry)) = (production, expiry) {
        check.add_if(expiry < production, || EXPIRES_BEFORE_PRODUCTION.with("produced", production).at("expiry_date"));
    }
}

/// The last day on which a sample may arrive.
pub fn transport_deadline(calendar: &WorkingCalendar, sampled: NaiveDate) -> Option<NaiveDate> {
    let start = calendar::Moment::Date(sampled);
    let due = calendar.due(start, TRANSPORT_WORKING_DAYS, PeriodUnit::WorkingDay, IfRestDay::Keep).ok()?;
    match due.due {
        calendar::Moment::Date(date) => Some(date),
        calendar::Moment::Instant(_) => None,
    }
}

/// Total = test + backup; the lot is not smaller; a backup unless nobody can re-inspect.
fn quantities(check: &mut Checker, form: &SamplingForm) {
    let zero = Decimal::from(0);
    let backup = form.qty_backup.as_ref().unwrap_or(&zero);
    if let Some(total) = &form.qty_total {
        check.add_if(total.is_zero(), || FIELD_INVALID.at("qty_total").with_word("expected", "expected-above-zero"));
        if let Some(test) = &form.qty_test {
            let sum = test.to_ratio() + backup.to_ratio();
            check.add_if(sum != total.to_ratio(), || {
                QUANTITY_SUM.with("total", total).with("test", test).with("backup", backup).at("qty_total")
            });
        } else {
            check.add_if(backup.cmp_value(total) == Ordering::Greater, || {
                QUANTITY_SUM.with("total", total).with("test", "0").with("backup", backup).at("qty_backup")
            });
        }
        let same_unit = form.lot_unit == form.qty_unit;
        if let Some(lot) = form.lot_size.as_ref().filter(|_| same_unit) {
            check.add_if(lot.cmp_value(total) == Ordering::Less, || {
                LOT_TOO_SMALL.with("lot", lot).with("total", total).at("lot_size")
            });
        }
    }
    check.add_if(backup.is_zero() && !form.needs_no_backup(), || BACKUP_MISSING.at("qty_backup"));
    check.add_if((1..MICRO_UNITS_LEAST).contains(&form.micro_units), || {
        MICRO_UNITS_TOO_FEW.with("least", MICRO_UNITS_LEAST).at("micro_units")
    });
    check.add_if(!backup.is_zero() && form.seal_backup_no.is_empty(), || FIELD_MISSING.at("seal_backup_no"));
}

fn people_and_seals(check: &mut Checker, form: &SamplingForm) {
    let same = |a: &str, b: &str| !a.is_empty() && a == b;
    check.add_if(same(&form.seal_test_no, &form.seal_backup_no), || SEALS_SAME.at("seal_backup_no"));
    check.add_if(same(&form.sampler1, &form.sampler2), || SAMPLERS_SAME.at("sampler2"));
}

/// A place that belongs to its stage.
fn groups(check: &mut Checker, form: &SamplingForm) {
    if let (Some(stage), Some(place)) = (form.stage, form.place) {
        check.add_if(!place.is_of(stage), || {
            PLACE_NOT_OF_STAGE.reason().with_word("stage", format!("stage-{}", stage.code())).at("place")
        });
    }
}

#[cfg(test)]
pub(super) use tests::example;

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
