//! The receipt record (样品接收记录, `records.md` 3): what the custodian saw and what he decided, and which parts follow from
//! an acceptance.

use serde::{Deserialize, Serialize};

use super::departures::{self, Came};
use super::facts::SampleFacts;
use super::form::not_negative;
use super::order::limit_factors;
use super::review::Review;
use super::words::*;
use super::*;
use crate::domain::calendar::WorkingCalendar;
use crate::domain::clock::Moment;
use crate::domain::decimal::Decimal;
use crate::domain::ids::PictureId;
use crate::domain::input::Checker;
use crate::domain::refusal::{FIELD_INVALID, FIELD_MISSING, Reasons, Refusal};
use crate::judgement::concentration::StatedFactor;
use crate::quality::gates::state::Mode;

/// The lines of the checklist, in order.
pub const CHECKS: &[&str] =
    &["form", "seal", "package", "state", "quantity", "units", "temperature", "shelf_life", "label"];

macro_rules! receipt_input {
    ($($check:ident $note:ident),*) => {
        /// A receipt as a page or a program gives it.
        #[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
        #[serde(default, deny_unknown_fields)]
        pub struct ReceiptInput {
            /// Date and time in China, or RFC 3339.
            pub arrived_at: String,
            /// `sampler`, `courier` or `client`.
            pub delivery: String,
            pub courier_no: String,
            pub deliverer: String,
            /// Lowest, highest and last temperature on the way, in °C.
            pub temp_min: String,
            pub temp_max: String,
            pub temp_last: String,
            $(
                /// `yes`, `no` or `not_applicable`.
                pub $check: String,
                /// What was seen; needed with `no`.
                pub $note: String,
            )*
            pub state_text: String,
            /// `accept`, `reject`, `hold` or `accept_with_note`.
            pub decision: String,
            /// R01 to R13, with `reject`.
            pub reason_code: String,
            /// Needed with R13, `hold` and `accept_with_note`, and with `accept` where the sample came late, will not keep until its
            /// report is due, or is less than its form says (of an order also: more).
            pub reason_text: String,
            /// Where the client's written consent is found, with `accept_with_note`, or to what the review of his order points
            /// out.
            pub consent: String,
            /// What the client pays for an order, in yuan; may be empty.
            pub price: String,
            /// By which factor a concentrated, dried or diluted product is judged, with where it comes from, a line each:
            /// `analyte|factor|source`. It stands over what the order states.
            pub limit_factors: String,
            /// What came, if it differs from the form.
            pub test_quantity: String,
            pub backup_quantity: String,
            pub micro_units: String,
            pub test_location: String,
            pub backup_location: String,
            pub micro_location: String,
        }

        impl ReceiptInput {
            /// Answer and note of each line of [`CHECKS`].
            pub fn lines(&self) -> Vec<(&str, &str)> {
                vec![$((self.$check.as_str(), self.$note.as_str())),*]
            }
        }
    };
}

receipt_input! {
    check_form check_form_note, check_seal check_seal_note, check_package check_package_note,
    check_state check_state_note, check_quantity check_quantity_note, check_units check_units_note,
    check_temperature check_temperature_note, check_shelf_life check_shelf_life_note, check_label check_label_note
}

/// One line of the checklist, answered.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Checked {
    pub check: String,
    pub answer: CheckAnswer,
    pub note: String,
    /// What shows it, where it is not in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pictures: Vec<PictureId>,
}

/// The pictures of a form that show lines of the checklist, and how strictly a laboratory asks for them.
#[derive(Clone, Debug)]
pub struct LinePictures {
    pub asked: Mode,
    pub shown: Vec<(String, PictureId)>,
}

impl LinePictures {
    fn of(&self, line: &str) -> Vec<PictureId> {
        self.shown.iter().filter(|(shown, _)| shown == line).map(|(_, id)| *id).collect()
    }
}

/// The key of a line's question.
pub fn question(line: &str) -> String {
    format!("receipt-check-{}", line.replace('_', "-"))
}

/// The field of a line's pictures.
pub fn picture_field(line: &str) -> String {
    format!("check_{line}_picture")
}

/// The record, checked. Stored as JSON in `sample_receipt.document`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Receipt {
    pub arrived_at: Moment,
    pub delivery: Delivery,
    pub courier_no: String,
    pub deliverer: String,
    pub temp_min: Option<Decimal>,
    pub temp_max: Option<Decimal>,
    pub temp_last: Option<Decimal>,
    pub checks: Vec<Checked>,
    pub state_text: String,
    pub decision: Decision,
    pub reason: Option<RejectReason>,
    pub reason_text: String,
    pub consent: String,
    /// Of an order, in yuan.
    #[serde(default)]
    pub price: Option<Decimal>,
    /// The first review of an order, which its acceptance is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<Review>,
    /// What an acceptance departs from, for the reason in `reason_text`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub departures: Vec<Departure>,
    /// Of an acceptance.
    pub parts: Vec<PartPlan>,
    /// Factors of the product, by the names of their items.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limit_factors: Vec<(String, StatedFactor)>,
}

impl Receipt {
    /// Lines that are not in order and that no picture shows, of a laboratory that asks for one.
    pub fn bare_lines(&self, asked: Mode) -> Vec<String> {
        let bare = |line: &&Checked| line.answer == CheckAnswer::No && line.pictures.is_empty();
        let lines = self.checks.iter().filter(bare).map(|line| line.check.clone());
        if asked == Mode::Off { Vec::new() } else { lines.collect() }
    }
}

/// A part that an acceptance makes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PartPlan {
    pub role: PartRole,
    pub quantity: Decimal,
    pub unit: String,
    pub seal_no: String,
    pub location: String,
}

/// Longest name of a place in the store, in characters.
const LOCATION_MOST: usize = 60;
/// Longest note of where a client's consent is found, in characters.
pub const CONSENT_MOST: usize = 120;

/// The unit of a package counted as one.
const PACKAGE_UNIT: &str = "份";

impl ReceiptInput {
    /// # Errors
    /// Every field that is wrong, and every rule that the decision breaks.
    pub fn checked(&self, sample: &SampleFacts, calendar: &WorkingCalendar, now: Moment) -> Result<Receipt, Refusal> {
        let mut check = Checker::new();
        let arrived_at = check.moment("arrived_at", &self.arrived_at);
        if let Some(arrived) = arrived_at {
            check.add_if(arrived > now, || ARRIVED_IN_FUTURE.at("arrived_at"));
            let early = sample.sampled_at.is_some_and(|sampled| arrived < sampled);
            check.add_if(early, || ARRIVED_BEFORE_SAMPLING.at("arrived_at"));
        }
        let delivery = check.parsed("delivery", &self.delivery, "expected-listed", Delivery::parse);
        let courier_no = check.optional_text("courier_no", &self.courier_no, 40);
        check.add_if(delivery == Some(Delivery::Courier) && courier_no.is_empty(), || FIELD_MISSING.at("courier_no"));
        let deliverer = check.text("deliverer", &self.deliverer, 40);
        let temp_min = celsius(&mut check, "temp_min", &self.temp_min);
        let temp_max = celsius(&mut check, "temp_max", &self.temp_max);
        let temp_last = celsius(&mut check, "temp_last", &self.temp_last);
        if let (Some(least), Some(most)) = (&temp_min, &temp_max) {
            check.add_if(least.to_ratio() > most.to_ratio(), || {
                FIELD_INVALID.at("temp_max").with_word("expected", "expected-above-lowest")
            });
        }
        let cold = sample.form.storage.iter().any(|one| matches!(one, Storage::Chilled | Storage::Frozen));
        check.add_if(cold && self.temp_last.trim().is_empty(), || TEMPERATURE_MISSING.at("temp_last"));
        let checks = self.checklist(&mut check);
        let state_text = check.text("state_text", &self.state_text, 200);
        let decision = check.parsed("decision", &self.decision, "expected-listed", Decision::parse);
        let reason = check.optional("reason_code", &self.reason_code, "expected-listed", RejectReason::parse);
        let reason_text = check.optional_lines("reason_text", &self.reason_text, 500);
        let consent = check.optional_text("consent", &self.consent, CONSENT_MOST);
        let price = not_negative(&mut check, "price", &self.price);
        let factors = limit_factors(&mut check, &self.limit_factors);
        let failed = checks.iter().any(|line| line.answer == CheckAnswer::No);
        match decision {
            Some(Decision::Reject) => {
                check.add_if(self.reason_code.trim().is_empty(), || FIELD_MISSING.at("reason_code"));
                let bare = reason == Some(RejectReason::R13) && reason_text.is_empty();
                check.add_if(bare, || FIELD_MISSING.at("reason_text"));
            }
            Some(Decision::Accept) => check.add_if(failed, || CHECKS_FAILED.at("decision")),
            Some(Decision::Hold) => check.add_if(reason_text.is_empty(), || FIELD_MISSING.at("reason_text")),
            Some(Decision::AcceptWithNote) => {
                let entrusted = sample.sample_type == SampleType::Entrusted;
                check.add_if(!entrusted, || NOTE_ONLY_ENTRUSTED.at("decision"));
                check.add_if(consent.is_empty(), || CONSENT_MISSING.at("consent"));
                check.add_if(reason_text.is_empty(), || FIELD_MISSING.at("reason_text"));
            }
            None => {}
        }
        let accepted = matches!(decision, Some(Decision::Accept | Decision::AcceptWithNote));
        let parts = if accepted { self.parts(&mut check, sample) } else { Vec::new() };
        let mut departed = Vec::new();
        if let (Some(arrived), Some(decision), true) = (arrived_at, decision, accepted) {
            departures::answered(&mut check, sample, &checks);
            departures::warm(&mut check, sample, [&temp_max, &temp_last], &checks);
            let (test, backup, micro_units) = departures::amounts(&parts);
            let came = Came { arrived, test: &test, backup: &backup, micro_units };
            for (departure, unexplained) in departures::departures(&mut check, sample, calendar, decision, &came) {
                // A note says why already.
                check.add_if(reason_text.is_empty() && decision == Decision::Accept, || unexplained);
                departed.push(departure);
            }
        }
        let done = arrived_at.zip(delivery).zip(decision).map(|((arrived_at, delivery), decision)| Receipt {
            arrived_at,
            delivery,
            courier_no,
            deliverer,
            temp_min,
            temp_max,
            temp_last,
            checks,
            state_text,
            decision,
            reason: reason.filter(|_| decision == Decision::Reject),
            reason_text,
            consent,
            price,
            review: None,
            departures: departed,
            parts,
            limit_factors: factors,
        });
        check.done(done)
    }

    /// Lines that are answered with no.
    pub fn refused_lines(&self) -> Vec<&'static str> {
        let refused = |answer: &str| CheckAnswer::parse(answer.trim()) == Some(CheckAnswer::No);
        CHECKS.iter().zip(self.lines()).filter(|(_, (answer, _))| refused(answer)).map(|(line, _)| *line).collect()
    }

    /// A checked receipt with the pictures of what is not in order.
    ///
    /// # Errors
    /// What was wrong before, and every refused line without a picture where the laboratory insists on one.
    pub fn pictured(&self, checked: Result<Receipt, Refusal>, pictures: &LinePictures) -> Result<Receipt, Refusal> {
        let mut reasons = Reasons::new();
        for line in self.refused_lines() {
            let bare = pictures.asked == Mode::Block && pictures.of(line).is_empty();
            reasons.add_if(bare, || {
                CHECK_PICTURE_MISSING.reason().with_word("line", question(line)).at(picture_field(line))
            });
        }
        let bare = reasons.none();
        let mut receipt = match (checked, bare) {
            (Ok(receipt), Ok(())) => receipt,
            (Ok(_), Err(refusal)) | (Err(refusal), Ok(())) => return Err(refusal),
            (Err(mut refusal), Err(bare)) => {
                refusal.reasons.extend(bare.reasons);
                return Err(refusal);
            }
        };
        for line in receipt.checks.iter_mut().filter(|line| line.answer == CheckAnswer::No) {
            line.pictures = pictures.of(&line.check);
        }
        Ok(receipt)
    }

    fn checklist(&self, check: &mut Checker) -> Vec<Checked> {
        let mut lines = Vec::new();
        for (name, (answer, note)) in CHECKS.iter().zip(self.lines()) {
            let field = format!("check_{name}");
            let note_field = format!("check_{name}_note");
            let note = check.optional_lines(&note_field, note, 200);
            let Some(answer) = check.parsed(&field, answer, "expected-listed", CheckAnswer::parse) else {
                continue;
            };
            let bare = answer == CheckAnswer::No && note.is_empty();
            check.add_if(bare, || CHECK_TEXT_MISSING.reason().with_word("line", question(name)).at(&note_field));
            lines.push(Checked { check: (*name).to_owned(), answer, note, pictures: Vec::new() });
        }
        lines
    }

    /// Test, backup and microbiology parts: quantities of the form unless others came.
    fn parts(&self, check: &mut Checker, sample: &SampleFacts) -> Vec<PartPlan> {
        let form = &sample.form;
        let zero = Decimal::from(0);
        let backup = match self.backup_quantity.trim() {
            "" => form.qty_backup.clone().unwrap_or(zero.clone()),
            given => not_negative(check, "backup_quantity", given).unwrap_or(zero.clone()),
        };
        let test = match self.test_quantity.trim() {
            "" => form.qty_test.clone().or_else(|| rest(form.qty_total.as_ref(), &backup)).unwrap_or(zero),
            given => not_negative(check, "test_quantity", given).unwrap_or(zero),
        };
        let micro_units = match self.micro_units.trim() {
            "" => i64::from(form.micro_units),
            given => check.whole("micro_units", given, 0, 50).unwrap_or(0),
        };
        let mut part = |role, quantity: Decimal, unit: &str, seal: &str, field: &str, location: &str| PartPlan {
            role,
            quantity,
            unit: unit.to_owned(),
            seal_no: seal.to_owned(),
            location: check.text(field, location, LOCATION_MOST),
        };
        let mut parts = Vec::new();
        if !test.is_zero() {
            let (unit, seal) = (&form.qty_unit, &form.seal_test_no);
            parts.push(part(PartRole::Test, test, unit, seal, "test_location", &self.test_location));
        }
        if !backup.is_zero() {
            let (unit, seal) = (&form.qty_unit, &form.seal_backup_no);
            parts.push(part(PartRole::Backup, backup, unit, seal, "backup_location", &self.backup_location));
        }
        if micro_units > 0 {
            let one = part(
                PartRole::Microbiology,
                Decimal::from(1),
                PACKAGE_UNIT,
                &form.seal_test_no,
                "micro_location",
                &self.micro_location,
            );
            parts.extend(std::iter::repeat_n(one, usize::try_from(micro_units).unwrap_or(0)));
        }
        // A place without a part is not kept, but is not passed over either when it is no text.
        let unused = [
            (PartRole::Test, "test_location", &self.test_location),
            (PartRole::Backup, "backup_location", &self.backup_location),
            (PartRole::Microbiology, "micro_location", &self.micro_location),
        ];
        for (_, field, place) in unused.iter().filter(|(role, ..)| parts.iter().all(|part| part.role != *role)) {
            check.optional_text(field, place, LOCATION_MOST);
        }
        check.add_if(parts.iter().all(|part| part.role == PartRole::Backup), || FIELD_MISSING.at("test_quantity"));
        parts
    }
}

/// A temperature on the way, in °C: between what a shipment in liquid nitrogen and one of hot food can have.
fn celsius(check: &mut Checker, field: &str, given: &str) -> Option<Decimal> {
    check.optional_within(field, given, (-200, 100), "expected-celsius")
}

fn rest(total: Option<&Decimal>, backup: &Decimal) -> Option<Decimal> {
    Decimal::from_ratio_finite(&(total?.to_ratio() - backup.to_ratio())).filter(|rest| !rest.is_negative())
}

#[cfg(test)]
#[path = "receipt_tests.rs"]
mod tests;
