//! The limits of re-inspection, objections, recall and seizure on a real database. There is no holiday between 16 November
//! and 31 December 2026; the calendar of 2027 is not announced.

use super::*;
use crate::cases::acts::{self, ActInput};
use crate::cases::clocks::{RecallLimits, used};
use crate::cases::store::ClockRow;

const RECALL: RecallLimits = RecallLimits { start_hours: [24, 48, 72], finish_days: [10, 20, 30] };

/// What is done and recorded at the same moment.
fn act(house: &House, of: Option<i64>, act: &str, done_at: &str, note: &str) -> Outcome<CaseSaved> {
    agreed(house, of, act, done_at, (note, ""))
}

fn agreed(house: &House, of: Option<i64>, act: &str, done_at: &str, (note, until): (&str, &str)) -> Outcome<CaseSaved> {
    let input = ActInput { act: act.into(), done_at: done_at.into(), note: note.into(), until: until.into() };
    recorded(house, of, &input, RECALL)
}

fn recorded(house: &House, of: Option<i64>, input: &ActInput, recall: RecallLimits) -> Outcome<CaseSaved> {
    house.clock.set(at(&input.done_at));
    let (by, facts, seen) = (authority("1310"), input.checked().unwrap(), house.state().1);
    house.db.write_now(move |tx| acts::record(tx, &by, CaseId(1), of.map(ApplicationId), seen, (&facts, recall)))
}

fn clocks(house: &House) -> Vec<ClockRow> {
    house.db.read_now(|conn| Ok(store::clocks_of(conn, &[CaseId(1)])?)).unwrap()
}

/// Those of these names that run, in the order in which they were started, with their last days.
fn due(house: &House, names: &[&str]) -> Vec<String> {
    let rows = clocks(house);
    let own = rows.iter().filter(|row| row.ended_at.is_none() && names.contains(&row.clock.as_str()));
    own.map(|row| format!("{} {}", row.clock, row.due_on)).collect()
}

/// The supermarket was served and applied on Monday 16 November; accepted on Tuesday 17.
fn accepted(kind: &str) -> House {
    let house = House::new();
    house.issue(1, "fail", None);
    house.serve("131081", "sampled_unit", "2026-11-16 09:00").unwrap();
    house.apply(kind).unwrap();
    house.clock.set(at("2026-11-17 09:00"));
    house.decide("1310", (1, 1), "accepted").unwrap();
    house
}

#[test]
fn the_way_of_a_reinspection_has_a_limit_at_every_step() {
    let house = accepted("reinspection");
    let due = || due(&house, &["T8", "T9", "T10", "T11", "T12", "T13"]);
    let act = |name: &str, done_at: &str, note: &str| act(&house, Some(1), name, done_at, note);
    assert_eq!(due(), ["T9 2026-11-24"]);
    assert_eq!(codes(act("backup_received", "2026-11-17 10:00", "")), ["case-act-out-of-place"]);
    act("body_search_extended", "2026-11-18 09:00", "名录内机构均有利害关系").unwrap();
    assert_eq!(due(), ["T9 2026-12-01"]);
    assert_eq!(codes(act("body_named", "2026-11-17 09:00", "甲机构")), ["case-act-too-early"]);
    act("body_named", "2026-11-19 09:00", "甲机构").unwrap();
    assert_eq!(due(), ["T10 2026-11-23", "T11 2026-11-24"]);
    act("body_declined", "2026-11-20 09:00", "资质不覆盖").unwrap();
    assert_eq!(due(), ["T9 2026-11-27"], "another body is drawn");
    act("body_named", "2026-11-23 09:00", "乙机构").unwrap();
    assert_eq!(due(), ["T10 2026-11-25", "T11 2026-11-26"]);
    act("handover_extended", "2026-11-24 09:00", "经复检机构同意").unwrap();
    assert_eq!(due(), ["T10 2026-11-25", "T11 2026-12-01"]);
    act("backup_handed_over", "2026-11-25 09:00", "").unwrap();
    assert_eq!(due(), Vec::<String>::new());
    act("backup_received", "2026-11-26 09:00", "").unwrap();
    assert_eq!(due(), ["T12 2026-12-10"]);
    agreed(&house, Some(1), "conclusion_agreed", "2026-11-27 09:00", ("", "2026-12-18")).unwrap();
    assert_eq!(due(), ["T12 2026-12-18"]);
    act("conclusion_received", "2026-12-08 09:00", "").unwrap();
    assert_eq!(due(), ["T13 2026-12-15"]);
    house.decide("1310", (1, 2), "reversed").unwrap();
    assert_eq!(due(), ["T13 2026-12-15"], "who applied is told of it, though the conclusion fell");
    act("parties_told", "2026-12-09 09:00", "").unwrap();
    assert_eq!(due(), Vec::<String>::new());
    assert_eq!(codes(act("parties_told", "2026-12-09 10:00", "")), ["case-act-out-of-place"]);
}

#[test]
fn the_laboratory_sees_what_it_hands_over_and_the_authority_what_it_owes() {
    let house = accepted("reinspection");
    act(&house, Some(1), "body_named", "2026-11-19 09:00", "甲机构").unwrap();
    let (custodian, city, county) = (Actor::system("jobs", "job:1"), regulator("1310"), regulator("131081"));
    let backups = |text: &str| {
        let (now, by) = (at(text), custodian.clone());
        house
            .db
            .read_now(move |conn| {
                use crate::cases::alarm::{count_backups, count_backups_over, count_backups_urgent};
                let counts = (count_backups(conn, &by, now)?, count_backups_urgent(conn, &by, now)?);
                Ok((counts.0, counts.1, count_backups_over(conn, &by, now)?))
            })
            .unwrap()
    };
    // T11: from the end of Thursday 19 to the end of Tuesday 24 November, five days.
    assert_eq!(backups("2026-11-22 11:59"), (1, 0, 0));
    assert_eq!(backups("2026-11-22 12:00"), (0, 1, 0));
    assert_eq!(backups("2026-11-25 00:01"), (0, 0, 1));
    let owed = |by: &Actor, text: &str| {
        let (now, by) = (at(text), by.clone());
        house.db.read_now(move |conn| crate::cases::actions::count_over(conn, &by, now)).unwrap()
    };
    // Nothing of what the authority owes runs: T4 is the laboratory's, and who may act is late in nothing.
    assert_eq!(owed(&city, "2027-06-01 09:00"), 0);
    act(&house, Some(1), "backup_handed_over", "2026-11-20 09:00", "").unwrap();
    act(&house, Some(1), "backup_received", "2026-11-20 10:00", "").unwrap();
    assert_eq!((owed(&city, "2026-12-04 09:00"), owed(&city, "2026-12-05 00:01")), (0, 1), "T12");
    assert_eq!(owed(&county, "2026-12-05 00:01"), 0, "it is not the county's case");
}

#[test]
fn papers_are_listed_once_and_their_time_begins_anew() {
    let house = House::new();
    house.issue(1, "fail", None);
    house.serve("131081", "sampled_unit", "2026-11-16 09:00").unwrap();
    house.apply("objection_method").unwrap();
    let due = || due(&house, &["T16", "T17", "T18", "T19"]);
    assert_eq!(due(), ["T17 2026-11-23", "T16 2026-11-23"]);
    act(&house, Some(1), "papers_missing", "2026-11-18 09:00", "缺营业执照复印件").unwrap();
    assert_eq!(due(), Vec::<String>::new());
    assert_eq!(codes(act(&house, Some(1), "papers_missing", "2026-11-18 10:00", "又缺")), ["case-act-out-of-place"]);
    act(&house, Some(1), "papers_completed", "2026-11-20 09:00", "").unwrap();
    assert_eq!(due(), ["T17 2026-11-27"]);
    house.decide("1310", (1, 1), "refused").unwrap();
    assert_eq!(due(), Vec::<String>::new());
}

#[test]
fn time_spent_asking_others_does_not_count() {
    let house = accepted("objection_method");
    let t19 = || clocks(&house).into_iter().find(|row| row.clock == "T19").unwrap();
    let share = |text: &str| used(&t19(), at(text));
    assert_eq!(due(&house, &["T18", "T19"]), ["T19 2026-12-29"]);
    assert_eq!(share("2026-11-20 09:00"), 5, "2 days and 9 hours of 42 days");
    act(&house, Some(1), "inquiry_begun", "2026-11-20 09:00", "标准起草单位").unwrap();
    assert_eq!((share("2026-11-30 09:00"), share("2027-03-01 09:00")), (5, 5), "it stands still");
    // Ten working days after Friday 20 November until Friday 4 December.
    act(&house, Some(1), "inquiry_ended", "2026-12-04 09:00", "").unwrap();
    let row = t19();
    assert_eq!((row.due_on.to_string().as_str(), row.provisional), ("2027-01-12", true));
    assert_eq!(share("2026-12-04 09:00"), 5, "it goes on where it stood");
    // When it is over, stopping it would hide that it was missed.
    house.clock.set(at("2027-01-13 09:00"));
    assert_eq!(share("2027-01-13 09:00"), 101);
    let late = act(&house, Some(1), "inquiry_begun", "2027-01-13 09:00", "标准起草单位");
    assert_eq!(codes(late), ["case-limit-over"]);
    house.decide("1310", (1, 2), "upheld").unwrap();
    assert!(share("2027-06-01 09:00") > 100, "a missed limit stays missed");
}

#[test]
fn an_objection_to_the_sampling_is_decided_in_twenty_working_days() {
    let house = accepted("objection_sampling");
    assert_eq!(due(&house, &["T16", "T17", "T18", "T19"]), ["T18 2026-12-15"]);
    assert_eq!(codes(act(&house, Some(1), "inquiry_begun", "2026-11-18 09:00", "他人")), ["case-act-out-of-place"]);
}

#[test]
fn recall_counts_in_hours_and_then_in_days_and_seizure_ends() {
    let house = House::new();
    house.issue(1, "fail", None);
    let of_case = |name: &str, done_at: &str, note: &str| act(&house, None, name, done_at, note);
    assert_eq!(codes(of_case("recall_announced", "2026-11-16 09:00", "")), ["case-act-out-of-place"]);
    assert_eq!(codes(of_case("seized", "2026-11-09 09:00", "大米")), ["case-act-too-early"], "it was not sampled yet");
    of_case("seized", "2026-11-16 10:00", "大米 20 kg").unwrap();
    of_case("recall_owed_2", "2026-11-16 16:00", "流通批次").unwrap();
    let t24 = || clocks(&house).into_iter().find(|row| row.clock == "T24").unwrap();
    assert_eq!(t24().due_at, Some(at("2026-11-18 16:00")), "48 clock hours");
    assert_eq!(used(&t24(), at("2026-11-17 16:00")), 50);
    assert_eq!(used(&t24(), at("2026-11-18 16:01")), 101);
    of_case("recall_announced", "2026-11-17 10:00", "").unwrap();
    let running = || due(&house, &["T24", "T25", "R61"]);
    assert_eq!(running(), ["R61 2026-12-16", "T25 2026-12-15"], "class 2: 20 working days");
    assert_eq!(codes(of_case("seizure_extended", "2026-12-17 09:00", "案情复杂")), ["case-limit-over"]);
    of_case("seizure_extended", "2026-12-16 09:00", "案情复杂").unwrap();
    assert_eq!(running(), ["R61 2027-01-30", "T25 2026-12-15"]);
    of_case("recall_finished", "2026-12-16 10:00", "").unwrap();
    of_case("seizure_lifted", "2026-12-17 09:00", "").unwrap();
    assert_eq!(running(), Vec::<String>::new());
    let t25 = clocks(&house).into_iter().find(|row| row.clock == "T25").unwrap();
    assert!(used(&t25, at("2026-12-31 09:00")) > 100, "finished a day late, and it stays so");
}

#[test]
fn a_recall_has_the_time_that_is_set_for_its_class() {
    let house = House::new();
    house.issue(1, "fail", None);
    let set = RecallLimits { start_hours: [12, 36, 96], finish_days: [5, 15, 40] };
    let of_case = |act: &str, done_at: &str| {
        let input =
            ActInput { act: act.into(), done_at: done_at.into(), note: "流通批次".into(), ..ActInput::default() };
        recorded(&house, None, &input, set).unwrap()
    };
    of_case("recall_owed_1", "2026-11-16 16:00");
    let t24 = clocks(&house).into_iter().find(|row| row.clock == "T24").unwrap();
    assert_eq!(t24.due_at, Some(at("2026-11-17 04:00")), "12 clock hours");
    of_case("recall_announced", "2026-11-17 03:00");
    assert_eq!(due(&house, &["T24", "T25"]), ["T25 2026-11-24"], "5 working days from Tuesday");
}
