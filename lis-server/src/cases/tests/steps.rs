//! Whose step it is, when it may be taken, and what begins with it (`workflow.md` 1 and 10-13).

use std::fmt::Debug;

use super::{House, at, codes};
use crate::cases::actions::CaseSaved;
use crate::cases::state::CaseEvent;
use crate::cases::store;
use crate::domain::ids::SampleId;
use crate::domain::refusal::Outcome;

const UNIT: &str = "sampled_unit";
const MAKER: &str = "maker";

fn said<T: Debug>(outcome: Outcome<T>) -> &'static str {
    if outcome.is_ok() { "done" } else { codes(outcome)[0] }
}

/// What an authority is told at every step of one case, taken by the ordering one where it is not its own: service on the
/// sampled unit and on the maker, decision, publication, handling, closing.
fn steps_of(region: &str) -> [&'static str; 6] {
    let house = House::new();
    house.sql("UPDATE sampling_form SET platform_region = '131083'");
    house.issue(1, "fail", None);
    house.acknowledge("1310", 1).unwrap();
    let tried = |step: &dyn Fn(&str) -> Outcome<CaseSaved>| {
        let answer = said(step(region));
        if answer != "done" {
            step("1310").unwrap();
        }
        answer
    };
    let unit = tried(&|by| house.serve(by, UNIT, "2026-11-16 09:00"));
    let maker = tried(&|by| house.serve(by, MAKER, "2026-11-16 09:00"));
    house.apply("reinspection").unwrap();
    let decided = tried(&|by| house.decide(by, (1, 1), "accepted"));
    house.decide("1310", (1, 2), "upheld").unwrap();
    let published = tried(&|by| house.publish(by));
    // Seven working days after Monday 16 November end on Wednesday 25.
    house.clock.set(at("2026-11-26 09:00"));
    let handled = tried(&|by| house.advance(by, CaseEvent::Handle));
    house.record("进货查验不严").unwrap();
    let closed = tried(&|by| house.advance(by, CaseEvent::Close));
    assert_eq!(house.state().0, "closed");
    [unit, maker, decided, published, handled, closed]
}

#[test]
fn the_ordering_authority_acts_and_each_serves_its_own_operator() {
    const OTHER: &str = "case-other-authority";
    const NOT_ITS_OPERATOR: &str = "case-service-other-authority";
    assert_eq!(steps_of("1310"), ["done"; 6], "the ordering authority");
    assert_eq!(steps_of("13"), ["done"; 6], "the one above it");
    assert_eq!(steps_of("131081"), ["done", NOT_ITS_OPERATOR, OTHER, OTHER, OTHER, OTHER], "where it was sampled");
    assert_eq!(steps_of("131082"), [NOT_ITS_OPERATOR, "done", OTHER, OTHER, OTHER, OTHER], "where it was made");
    assert_eq!(
        steps_of("131083"),
        [NOT_ITS_OPERATOR, NOT_ITS_OPERATOR, OTHER, OTHER, OTHER, OTHER],
        "the platform's home"
    );
    assert_eq!(steps_of("1306"), ["not-found"; 6], "another city");
}

#[test]
fn nobody_loses_his_days_by_handling() {
    let house = House::new();
    house.issue(1, "fail", None);
    house.serve("131081", UNIT, "2026-11-16 09:00").unwrap();
    let handle = || house.advance("1310", CaseEvent::Handle);
    let all = ["case-not-acknowledged", "case-period-runs", "case-period-runs"];
    assert_eq!(codes(handle()), all, "T4, and T7 and T15 of the unit");
    house.acknowledge("1310", 1).unwrap();
    assert_eq!(codes(handle()), ["case-period-runs", "case-period-runs", "case-not-served"]);
    house.apply("objection_method").unwrap();
    house.decide("1310", (1, 1), "accepted").unwrap();
    house.decide("1310", (1, 2), "upheld").unwrap();
    assert_eq!(codes(handle()), ["case-period-runs", "case-not-served"], "its T7 goes on beside the objection");

    // The maker is served after the first conclusion: seven working days from Tuesday 24 November end on Thursday 3 December.
    house.clock.set(at("2026-11-24 09:00"));
    house.serve("131082", MAKER, "2026-11-24 09:00").unwrap();
    assert_eq!(house.state().0, "upheld", "his service takes nothing away from it");
    // The unit may still ask for re-inspection; refused, the objection's outcome stands.
    house.apply("reinspection").unwrap();
    house.decide("1310", (2, 1), "refused").unwrap();
    assert_eq!(house.state().0, "upheld");
    house.clock.set(at("2026-12-03 23:59"));
    assert_eq!(codes(handle()), ["case-period-runs", "case-period-runs"]);
    house.clock.set(at("2026-12-04 00:00"));
    assert_eq!(codes(house.record("进货查验不严")), ["case-wrong-state"], "nothing is handled yet");
    handle().unwrap();
    assert_eq!(codes(house.advance("1310", CaseEvent::Close)), ["case-handling-incomplete"]);
    house.record("").unwrap();
    assert_eq!(codes(house.advance("1310", CaseEvent::Close)), ["case-handling-incomplete"], "without its cause");
    house.record("进货查验不严").unwrap();
    house.advance("1310", CaseEvent::Close).unwrap();
}

#[test]
fn what_the_ordering_authority_owes_begins_with_its_word_also_after_a_service() {
    let house = House::new();
    house.issue(1, "fail", None);
    house.serve("131081", UNIT, "2026-11-16 09:00").unwrap();
    assert_eq!(house.running(), ["T4", "T7 sampled_unit", "T15 sampled_unit"]);
    house.acknowledge("1310", 1).unwrap();
    let owed = ["T7 sampled_unit", "T15 sampled_unit", "T20", "T6 maker"];
    assert_eq!(house.running(), owed, "the unit was served, the maker was not");
    assert_eq!(house.state().0, "served");
    // A new report that fails as well is acknowledged too; the limits go on as they are.
    house.clock.set(at("2026-11-17 09:00"));
    house.serve("131082", MAKER, "2026-11-17 09:00").unwrap();
    house.issue(2, "fail", Some(1));
    house.acknowledge("1310", 2).unwrap();
    assert_eq!(house.running(), ["T7 sampled_unit", "T15 sampled_unit", "T20", "T7 maker", "T15 maker"]);
}

#[test]
fn a_closed_case_whose_conclusion_fell_is_not_published_and_opens_again() {
    let house = House::new();
    house.issue(1, "fail", None);
    house.acknowledge("1310", 1).unwrap();
    house.serve("131081", UNIT, "2026-11-16 09:00").unwrap();
    let before = house.running();
    house.clock.set(at("2026-11-19 09:00"));
    house.issue(2, "pass", Some(1));
    house.advance("1310", CaseEvent::Close).unwrap();
    assert_eq!(house.state().0, "closed");
    assert_eq!(codes(house.publish("1310")), ["case-conclusion-fell"]);
    let told = house.pull("1310", None).unwrap().next;

    house.clock.set(at("2026-11-20 09:00"));
    house.issue(1, "fail", Some(2));
    assert_eq!(house.state().0, "opened");
    let events: Vec<String> =
        house.pull("1310", Some(&told)).unwrap().items.into_iter().map(|item| item.event).collect();
    assert_eq!(events, ["failing"]);
    assert_eq!(house.running(), before);
    // Who was served has the rest of his days, before the authority acknowledges anew and after.
    house.apply("objection_method").unwrap();
    assert_eq!(house.state().0, "objection");
    house.publish("1310").unwrap();
}

#[test]
fn who_was_served_before_is_not_served_again_when_it_fails_again() {
    let house = House::new();
    house.issue(1, "fail", None);
    for (region, party) in [("131081", UNIT), ("131082", MAKER)] {
        house.serve(region, party, "2026-11-16 09:00").unwrap();
    }
    house.issue(2, "pass", Some(1));
    house.issue(1, "fail", Some(2));
    house.acknowledge("1310", 3).unwrap();
    assert_eq!(house.state().0, "served", "the case goes on from there");
    assert_eq!(house.running().last().map(String::as_str), Some("T20"));
}

#[test]
fn a_report_that_judges_nothing_reverses_once() {
    let house = House::new();
    house.issue(1, "fail", None);
    let first = house.pull("131081", None).unwrap().next;
    house.clock.set(at("2026-11-19 09:00"));
    house.issue(2, "data_only", Some(1));
    house.issue(2, "pass", Some(1));
    let events: Vec<String> =
        house.pull("131081", Some(&first)).unwrap().items.into_iter().map(|item| item.event).collect();
    assert_eq!((events, house.state().0.as_str()), (vec!["reversed".to_owned()], "reversed"));
    assert_eq!(house.running(), Vec::<String>::new());
}

#[test]
fn nothing_is_served_before_the_report() {
    let house = House::new();
    house.clock.set(at("2026-11-16 09:00:30"));
    house.issue(1, "fail", None);
    for early in ["2020-01-02 09:00", "2026-11-16 08:59"] {
        assert_eq!(codes(house.serve("131081", UNIT, early)), ["case-served-too-early"], "{early}");
    }
    house.serve("131081", UNIT, "2026-11-16 09:00").unwrap();
    // Of a conclusion that fell and came again only what was served since.
    house.clock.set(at("2026-11-19 09:00"));
    house.issue(2, "pass", Some(1));
    house.clock.set(at("2026-11-20 09:00"));
    house.issue(1, "fail", Some(2));
    assert_eq!(codes(house.serve("131082", MAKER, "2026-11-19 10:00")), ["case-served-too-early"]);
    house.serve("131082", MAKER, "2026-11-20 09:00").unwrap();
}

#[test]
fn a_client_s_own_sample_is_no_matter_of_the_authorities() {
    let house = House::new();
    house.sql("UPDATE sample SET sample_type = 'entrusted'");
    house.issue(1, "fail", None);
    for region in ["1310", "131081", "131082"] {
        assert!(house.pull(region, None).unwrap().items.is_empty(), "{region}");
    }
    let cases = house.db.read_now(|conn| Ok(store::case_of_sample(conn, SampleId(1))?)).unwrap();
    assert!(cases.is_none(), "{cases:?}");
}

#[test]
fn what_monitoring_and_screening_find_is_told_and_not_published() {
    for (kind, answer) in [
        ("risk_monitoring", "case-not-for-the-public"),
        ("rapid_test", "case-not-for-the-public"),
        ("campaign", "done"),
    ] {
        let house = House::new();
        let change = match kind {
            "risk_monitoring" => "UPDATE sample SET sample_type = 'risk_monitoring'",
            "rapid_test" => "UPDATE sample SET sample_type = 'rapid_test'",
            _ => "UPDATE sample SET sample_type = 'campaign'",
        };
        house.sql(change);
        house.issue(1, "fail", None);
        assert_eq!(house.pull("1310", None).unwrap().items.len(), 1, "{kind}");
        assert_eq!(said(house.publish("1310")), answer, "{kind}");
    }
}
