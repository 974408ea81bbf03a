//! Farm produce that an agriculture department had sampled (APL 51): T22 and T23 instead of T7, T12, T14 and T15. There is no
//! holiday between 16 November and 31 December 2026.

use super::*;
use crate::cases::acts::{self, ActInput};
use crate::cases::clocks::RecallLimits;
use crate::cases::notice;

const RECALL: RecallLimits = RecallLimits { start_hours: [24, 48, 72], finish_days: [10, 20, 30] };

/// The supermarket was served on Monday 16 November by the county, for the city's agriculture department.
fn served() -> House {
    let house = House::new();
    house.sql("UPDATE sampling_form SET document = '{\"ordering_department\":\"agriculture\"}'");
    house.issue(1, "fail", None);
    house.serve("131081", "sampled_unit", "2026-11-16 09:00").unwrap();
    house
}

/// Clocks of the operator and his application: name, last day, whether they run.
fn clocks(house: &House) -> Vec<String> {
    let rows = house.db.read_now(|conn| Ok(store::clocks_of(conn, &[CaseId(1)])?)).unwrap();
    let own = rows.iter().filter(|row| row.party.starts_with("sampled_unit") && row.clock != "T6");
    own.map(|row| format!("{} {} {}", row.clock, row.due_on, row.ended_at.is_none())).collect()
}

#[test]
fn a_re_test_is_asked_for_within_five_working_days_and_nothing_else() {
    let house = served();
    assert_eq!(clocks(&house), ["T22 2026-11-23 true"]);
    for objection in ["objection_sampling", "objection_authenticity", "objection_method", "objection_standard"] {
        assert_eq!(codes(house.apply(objection)), ["application-only-retest"], "{objection}");
    }
    let rights = house
        .db
        .read_now(|conn| {
            let shown = portal::case_of(conn, EnterpriseId(5), CaseId(1))?;
            Ok(notice::rights(&notice::told(conn, &shown)?, Language::Chinese))
        })
        .unwrap();
    assert_eq!(rights.len(), 1, "{rights:?}");
    assert!(rights[0].contains("5 个工作日") && rights[0].contains("2026-11-23"), "{rights:?}");
    house.clock.set(at("2026-11-24 00:10"));
    assert_eq!(codes(house.apply("reinspection")), ["application-late"]);
    house.clock.set(at("2026-11-23 23:50"));
    house.apply("reinspection").unwrap();
    assert_eq!(clocks(&house), ["T22 2026-11-23 false", "T8 2026-11-30 true"]);
}

#[test]
fn its_report_comes_within_seven_working_days_whatever_is_agreed() {
    let house = served();
    house.apply("reinspection").unwrap();
    house.clock.set(at("2026-11-17 09:00"));
    house.decide("1310", (1, 1), "accepted").unwrap();
    let act = |name: &str, done_at: &str, note: &str| {
        house.clock.set(at(done_at));
        let input = ActInput {
            act: name.into(),
            done_at: done_at.into(),
            note: note.into(),
            until: if name == "conclusion_agreed" { "2026-12-18".into() } else { String::new() },
        };
        let (by, facts, seen) = (authority("1310"), input.checked().unwrap(), house.state().1);
        let work = move |tx: &mut crate::db::Tx| {
            acts::record(tx, &by, CaseId(1), Some(ApplicationId(1)), seen, (&facts, RECALL))
        };
        house.db.write_now(work)
    };
    act("body_named", "2026-11-19 09:00", "甲机构").unwrap();
    act("backup_handed_over", "2026-11-20 09:00", "").unwrap();
    act("backup_received", "2026-11-26 09:00", "").unwrap();
    let running = || -> Vec<String> { clocks(&house).into_iter().filter(|clock| clock.ends_with("true")).collect() };
    // Seven working days after Thursday 26 November end on Monday 7 December.
    assert_eq!(running(), ["T23 2026-12-07 true"]);
    assert_eq!(codes(act("conclusion_agreed", "2026-11-27 09:00", "")), ["case-act-out-of-place"]);
    act("conclusion_received", "2026-12-04 09:00", "").unwrap();
    assert_eq!(running(), ["T13 2026-12-11 true"]);
}
