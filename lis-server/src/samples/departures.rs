//! What stands against an acceptance: rules of receipt that are broken for good (R05, R08), and those that a written reason
//! passes, which stays with the record and goes onto the report (R04, R08, R09; `workflow.md` 6). Pure.

use std::cmp::Ordering;

use chrono::NaiveDate;

use super::facts::SampleFacts;
use super::form::transport_deadline;
use super::receipt::Checked;
use super::shelf_life::is_blank;
use super::words::{CheckAnswer, Decision, Departure, Packing, PartRole, SampleType, Storage};
use super::*;
use crate::domain::calendar::{self, IfRestDay, PeriodUnit, WorkingCalendar};
use crate::domain::clock::Moment;
use crate::domain::decimal::Decimal;
use crate::domain::input::Checker;
use crate::domain::refusal::Reason;

/// A report is due so many working days after the receipt of the sample (Order 15 art. 24(2)).
const REPORT_WORKING_DAYS: u32 = 20;

/// When the report on a sample is due, and whether that is provisional. `None`: beyond the calendar.
pub(super) fn report_due(calendar: &WorkingCalendar, arrived: NaiveDate) -> Option<(NaiveDate, bool)> {
    let start = calendar::Moment::Date(arrived);
    let due = calendar.due(start, REPORT_WORKING_DAYS, PeriodUnit::WorkingDay, IfRestDay::Keep).ok()?;
    match due.due {
        calendar::Moment::Date(on) => Some((on, due.provisional)),
        calendar::Moment::Instant(_) => None,
    }
}

/// The last day on which a sample may arrive: the fifth working day after the sampling (Order 15 art. 20(1)), or the sooner one
/// that its form states. `None`: nobody of an authority took it.
pub fn arrival_limit(sample: &SampleFacts, calendar: &WorkingCalendar) -> Option<NaiveDate> {
    let latest = transport_deadline(calendar, sample.sampled_at?.date_in_china())?;
    Some(sample.form.ship_deadline.map_or(latest, |stated| latest.min(stated)))
}

/// What came, as far as an acceptance counts it.
pub(super) struct Came<'a> {
    pub arrived: Moment,
    pub test: &'a Decimal,
    pub backup: &'a Decimal,
    pub micro_units: i64,
}

/// Looks at an acceptance: adds what rules it out to the check, and gives what only a reason passes.
pub(super) fn departures(
    check: &mut Checker,
    sample: &SampleFacts,
    calendar: &WorkingCalendar,
    decision: Decision,
    came: &Came,
) -> Vec<(Departure, Reason)> {
    let entrusted = sample.sample_type == SampleType::Entrusted;
    let arrived = came.arrived.date_in_china();
    let mut found = Vec::new();

    // Nothing is left to be tested again: an authority's sample without a backup proves nothing against anybody (R05).
    let bare = came.backup.is_zero() && !entrusted && !sample.form.needs_no_backup();
    check.add_if(bare, || BACKUP_MISSING.at("backup_quantity"));

    // What came beyond what was sealed is not what was sampled (R07); a client may bring more than he announced.
    let (more, less) = compared(sample, came);
    if let Some(field) = more {
        if entrusted {
            found.push((Departure::MoreThanForm, MORE_THAN_FORM.at("reason_text")));
        } else {
            check.add(MORE_THAN_FORM.at(field));
        }
    }
    if less && !bare {
        found.push((Departure::LessThanForm, LESS_THAN_FORM.at("reason_text")));
    }

    if let Some(last_day) = sample.expiry_date {
        let due = report_due(calendar, arrived).map(|(due, _)| due);
        if last_day < arrived {
            // With the client's consent an entrusted sample may be tested all the same.
            check.add_if(decision == Decision::Accept, || {
                EXPIRED_WHEN_RECEIVED.with("last_day", last_day).with("arrived", arrived).at("decision")
            });
        } else if let Some(due) = due.filter(|due| last_day < *due && !entrusted) {
            let reason = EXPIRES_BEFORE_REPORT.with("last_day", last_day).with("due", due);
            found.push((Departure::ShortShelfLife, reason.at("reason_text")));
        }
    }

    if let Some(limit) = arrival_limit(sample, calendar).filter(|limit| arrived > *limit && !entrusted) {
        let reason = ARRIVED_LATE.with("arrived", arrived).with("limit", limit);
        found.push((Departure::LateArrival, reason.at("reason_text")));
    }
    found
}

/// The field in which more came than the form says, and whether of anything less came.
fn compared(sample: &SampleFacts, came: &Came) -> (Option<&'static str>, bool) {
    let form = &sample.form;
    let sum = came.test.to_ratio() + came.backup.to_ratio();
    let total = form.qty_total.as_ref().map(|total| sum.cmp(&total.to_ratio()));
    let backup = form.qty_backup.as_ref().map(|backup| came.backup.cmp_value(backup));
    let units = came.micro_units.cmp(&i64::from(form.micro_units));
    let more = if total == Some(Ordering::Greater) {
        Some("test_quantity")
    } else {
        (units == Ordering::Greater).then_some("micro_units")
    };
    let less = total == Some(Ordering::Less) || backup == Some(Ordering::Less) || units == Ordering::Less;
    (more, less)
}

/// What came of the parts of a plan.
pub(super) fn amounts(parts: &[super::receipt::PartPlan]) -> (Decimal, Decimal, i64) {
    let of = |role: PartRole| parts.iter().filter(move |part| part.role == role);
    let quantity = |role| of(role).next().map_or(Decimal::from(0), |part| part.quantity.clone());
    let units = i64::try_from(of(PartRole::Microbiology).count()).unwrap_or(i64::MAX);
    (quantity(PartRole::Test), quantity(PartRole::Backup), units)
}

/// A line of the checklist that this sample calls for is answered, not called inapplicable.
pub(super) fn answered(check: &mut Checker, sample: &SampleFacts, lines: &[Checked]) {
    for line in lines.iter().filter(|line| line.answer == CheckAnswer::NotApplicable && applies(&line.check, sample)) {
        check.add(CHECK_APPLIES.at(format!("check_{}", line.check)));
    }
}

/// Above so many °C goods did not come as they are kept (`workflow.md` 5.3): frozen ones; chilled ones, two degrees above what is
/// usual. Where the label gives a range of its own the custodian compares.
const FROZEN_MOST: i64 = -12;
const CHILLED_MOST: i64 = 10;

/// Goods that came too warm are not called in order (R03).
pub(super) fn warm(check: &mut Checker, sample: &SampleFacts, measured: [&Option<Decimal>; 2], lines: &[Checked]) {
    let kept = |wanted: Storage| sample.form.storage.contains(&wanted);
    let most = if kept(Storage::Frozen) {
        FROZEN_MOST
    } else if kept(Storage::Chilled) && is_blank(&sample.form.storage_range) {
        CHILLED_MOST
    } else {
        return;
    };
    let limit = Decimal::from(most);
    let is_warm = measured.into_iter().flatten().any(|degrees| degrees.cmp_value(&limit) == Ordering::Greater);
    let in_order = lines.iter().any(|line| line.check == "temperature" && line.answer == CheckAnswer::Yes);
    check.add_if(is_warm && in_order, || CAME_WARM.with("limit", most).at("check_temperature"));
}

fn applies(line: &str, sample: &SampleFacts) -> bool {
    let form = &sample.form;
    match line {
        // A client brings his goods unsealed.
        "seal" => sample.sample_type != SampleType::Entrusted,
        "units" => form.micro_units > 0,
        "temperature" => form.storage.iter().any(|one| matches!(one, Storage::Chilled | Storage::Frozen)),
        "shelf_life" => sample.expiry_date.is_some(),
        "label" => form.packing == Some(Packing::Prepacked),
        _ => true,
    }
}
