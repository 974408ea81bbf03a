//! The laboratory's own limit: the report on a sample, and who is warned of it when.

use lis_server::domain::clock::Moment;
use lis_tests::{TestLis, demonstrated};

use crate::steps::{House, market_rice};

demonstrated!(a_report_that_comes_due_is_warned_of, |lis: TestLis| {
    let house = House::of(&lis);
    let sample = house.receive(house.write_form(&market_rice()));
    // T2: received on Friday 27 November 2026, twenty working days later is Friday 25 December: four weeks.
    let stages = |at: &str| -> Vec<&str> {
        lis.clock.set(Moment::parse_in_china(at).expect("a time"));
        let is_at = |stage: &&str| {
            let found = house.items("custodian", &format!("/api/v1/samples?due={stage}&limit=500"));
            found.iter().any(|one| one["id"] == sample.id)
        };
        ["half", "most", "over"].into_iter().filter(is_at).collect()
    };
    assert_eq!(stages("2026-12-11 23:59"), Vec::<&str>::new());
    assert_eq!(stages("2026-12-12 00:00"), ["half"]);
    assert_eq!(stages("2026-12-20 09:00"), ["half"]);
    assert_eq!(stages("2026-12-20 10:00"), ["most"], "80 % of 28 days is 22 days and 9.6 hours");
    assert_eq!(stages("2026-12-25 23:59"), ["most"]);
    assert_eq!(stages("2026-12-26 00:01"), ["over"]);
    let home = house.by("reviewer").get("/").expect(200).page().text();
    assert!(home.contains("Reports: overdue (T2)"), "{home}");
    let listed = house.by("reviewer").get("/samples?due=over").expect(200).page().text();
    assert!(listed.contains(&sample.number) && listed.contains("missed"), "{listed}");
    let wrong = house.by("custodian").get("/api/v1/samples?due=tomorrow").expect(422);
    assert_eq!(wrong.codes(), ["field-invalid"]);
    // Nobody at the bench learns of samples by their deadlines.
    assert!(!house.by("tester1").get("/").expect(200).page().text().contains("T2"));
});
