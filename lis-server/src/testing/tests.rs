//! The whole way of items through a database: plan, assign, sheet, values, results, check, correction.

use std::sync::Arc;

use chrono::TimeDelta;
use diesel::prelude::*;

use super::actions::*;
use crate::accounts::actor::Entrance;
use crate::accounts::role::{AssignItems, CheckItems, EnterResults, ManageQuality};
use crate::accounts::{Actor, May, Role};
use crate::catalogue::actions::{current, shipped};
use crate::catalogue::import::Evaluation;
use crate::catalogue::reference::ImplementingRule;
use crate::db::schema::{result_version, test_item};
use crate::db::{DatabaseAddress, Db, DbOptions, Tx};
use crate::domain::clock::{Clock, Moment, ScriptedClock};
use crate::domain::ids::{ItemId, PartId, PersonId, ResultId, SampleId, WorksheetId};
use crate::domain::refusal::{Fault, Outcome};
use crate::judgement::Verdict;
use crate::judgement::formula::Formula;
use crate::web::language::Language;

struct Bench {
    db: Db,
    clock: Arc<ScriptedClock>,
    _folder: tempfile::TempDir,
}

const LABEL: &str = "1234567897";

/// People: 1 assigns, 2 and 3 test and check, 4 checks without an authorization.
const FACTS: &str = "
INSERT INTO person (id, version, username, name, email, phone, language, active, password_hash, password_must_change, failed_logins, created_at)
  VALUES (1,1,'a','Manager','','','en',1,'',0,0,'2026-01-01 00:00:00'), (2,1,'b','Tester','','','en',1,'',0,0,'2026-01-01 00:00:00'),
         (3,1,'c','Checker','','','en',1,'',0,0,'2026-01-01 00:00:00'), (4,1,'d','Other','','','en',1,'',0,0,'2026-01-01 00:00:00');
INSERT INTO person_role (person_id, role) VALUES (2,'tester'), (2,'checker'), (3,'checker'), (3,'tester'), (4,'checker'), (4,'tester');
INSERT INTO person_authorization (version, person_id, method_standard, activity, valid_from, valid_until, granted_by, created_at)
  VALUES (1,2,'*','test','2026-01-01','2026-12-31',1,'2026-01-01 00:00:00'), (1,3,'GB 5009.12','test','2026-01-01','2026-11-01',1,'2026-01-01 00:00:00'),
         (1,2,'*','check','2026-01-01','2026-12-31',1,'2026-01-01 00:00:00'), (1,3,'*','check','2026-01-01','2026-12-31',1,'2026-01-01 00:00:00');
INSERT INTO signing_grant (id, person_id, meaning, opened_at, expires_at)
  VALUES (1,2,'checked','2026-11-16 00:00:00','2027-01-01 00:00:00'), (2,3,'checked','2026-11-16 00:00:00','2027-01-01 00:00:00'), (3,4,'checked','2026-11-16 00:00:00','2027-01-01 00:00:00');
INSERT INTO sampling_form (id, version, form_no, source, task_category, ordering_name, unit_name, producer_name, sample_name, food_category, batch_no, document, done_at, entered_at, entered_by)
  VALUES (1,1,'F1','import','','','','','','leafy-vegetables-pak-choi','','{}','2026-11-16 00:00:00','2026-11-16 00:00:00',1);
INSERT INTO sample (id, version, form_id, sample_type, state, hold_reason, due_provisional, created_at) VALUES (1,1,1,'supervision','accepted','',0,'2026-11-16 00:00:00');
INSERT INTO part (id, version, sample_id, role, label_code, quantity, unit, seal_no, location, custody, retention, created_at)
  VALUES (1,1,1,'test','1234567897','','','','','in_laboratory','kept','2026-11-16 00:00:00');
";

impl Bench {
    fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("lis.db");
        std::fs::write(&file, crate::server::tests::shipped()).unwrap();
        let address = DatabaseAddress::Sqlite(file);
        let clock = Arc::new(ScriptedClock::starting_at(Moment::parse_in_china("2026-11-16 08:00").unwrap()));
        let options = DbOptions { address, connections: 2, count_statements: true };
        let db = Db::open(options, clock.clone()).unwrap();
        let bench = Self { db, clock, _folder: folder };
        bench.write(|tx| {
            for statement in FACTS.split(";\n").filter(|text| !text.trim().is_empty()) {
                diesel::sql_query(statement).execute(tx.conn)?;
            }
            Ok(())
        });
        bench
    }

    fn attempt<T: Send + 'static>(&self, work: impl FnMut(&mut Tx) -> Outcome<T> + Send + 'static) -> Outcome<T> {
        self.db.write_now(work)
    }

    fn write<T: Send + 'static>(&self, work: impl FnMut(&mut Tx) -> Outcome<T> + Send + 'static) -> T {
        self.attempt(work).unwrap()
    }

    /// The answer and how many statements it took.
    fn counted<T: Send + 'static>(&self, work: impl FnMut(&mut Tx) -> Outcome<T> + Send + 'static) -> (T, u64) {
        let before = self.db.counts().statements();
        let answer = self.write(work);
        (answer, self.db.counts().statements() - before)
    }

    fn items(&self) -> Vec<(i64, i64, String, String)> {
        self.db
            .read_now(|conn| {
                Ok(test_item::table
                    .order(test_item::id)
                    .select((test_item::id, test_item::version, test_item::analyte, test_item::state))
                    .load(conn)?)
            })
            .unwrap()
    }
}

fn actor(id: i64, roles: &[Role]) -> Actor {
    Actor::person(PersonId(id), format!("person {id}"), roles.to_vec(), Language::English, Entrance::Session)
}

fn tester(id: i64) -> May<EnterResults> {
    May::check(&actor(id, &[Role::Tester])).unwrap()
}

fn checker(id: i64) -> May<CheckItems> {
    May::check(&actor(id, &[Role::Checker])).unwrap()
}

fn manager() -> May<AssignItems> {
    May::check(&actor(1, &[Role::TechnicalManager])).unwrap()
}

fn codes<T>(outcome: Outcome<T>) -> Vec<&'static str> {
    match outcome {
        Err(Fault::Refused(refusal)) => refusal.reasons.iter().map(|reason| reason.problem.code).collect(),
        Err(other) => panic!("{other}"),
        Ok(_) => Vec::new(),
    }
}

fn pak_choi() -> SampleToTest {
    SampleToTest {
        sample_id: SampleId(1),
        sample_type: "supervision".into(),
        food_category: "leafy-vegetables-pak-choi".into(),
        sampled_on: "2026-11-10".parse().ok(),
        production_date: "2026-11-09".parse().ok(),
        test_part: PartId(1),
        micro_parts: Vec::new(),
        ordered: Vec::new(),
        claims: Vec::new(),
        factors: Vec::new(),
    }
}

fn planned(bench: &Bench) -> Vec<ItemId> {
    let catalogue = bench.db.read_now(current).unwrap();
    bench.write(move |tx| plan_items(tx, &Actor::system("test", "test"), &catalogue, &pak_choi()))
}

/// The rules ask for carbofuran, which is itself and its metabolite (vector S01) where the procedure adds it.
#[test]
fn what_a_residue_is_added_up_from_is_planned_with_it() {
    let bench = Bench::open();
    let mut catalogue = shipped().unwrap();
    let like = catalogue.rules.iter().find(|rule| rule.category == "leafy-vegetables-pak-choi").unwrap().clone();
    let rule = |position: u32, analyte: &str| ImplementingRule {
        position,
        analyte: analyte.into(),
        methods: vec!["GB 23200.112".into()],
        basis: "GB 2763".into(),
        basis_category: "pak-choi".into(),
        ..like.clone()
    };
    catalogue.rules.extend([rule(90, "carbofuran"), rule(91, "aldicarb"), rule(92, "aldicarb-sulfone")]);
    bench.write(move |tx| plan_items(tx, &Actor::system("test", "test"), &catalogue, &pak_choi()));
    let items: Vec<(String, String)> = bench
        .db
        .read_now(|conn| {
            let shown = (test_item::analyte, test_item::limit_standards);
            Ok(test_item::table.order(test_item::seq).select(shown).load(conn)?)
        })
        .unwrap();
    let last: Vec<(&str, &str)> = items[items.len() - 5..].iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    let expected = [
        ("carbofuran", "GB 2763"),
        ("3-hydroxycarbofuran", ""),
        ("aldicarb", "GB 2763"),
        ("aldicarb-sulfoxide", ""),
        // Asked for by itself.
        ("aldicarb-sulfone", "GB 2763"),
    ];
    assert_eq!(last, expected);
}

/// Of what an order names, the sulfone has no limit and belongs to fipronil; nobody ordered what 3-hydroxycarbofuran belongs to.
#[test]
fn a_part_that_is_ordered_beside_its_residue_is_judged_with_it() {
    let bench = Bench::open();
    let catalogue = bench.db.read_now(current).unwrap();
    let ordered = |analyte: &str| OrderedItem {
        analyte: analyte.into(),
        method_standard: "GB 23200.121".into(),
        ..OrderedItem::default()
    };
    let analytes = ["fipronil", "fipronil-sulfone", "3-hydroxycarbofuran"];
    let sample = SampleToTest { ordered: analytes.map(ordered).to_vec(), ..pak_choi() };
    bench.write(move |tx| plan_items(tx, &Actor::system("test", "test"), &catalogue, &sample));
    let standards: Vec<String> = bench
        .db
        .read_now(|conn| Ok(test_item::table.order(test_item::seq).select(test_item::limit_standards).load(conn)?))
        .unwrap();
    assert_eq!(standards, ["GB 2763", "", "*"]);
}

/// Salmonella that was found is not tested until it is not found; lead that fails may be tested again.
#[test]
fn what_failed_in_microbiology_is_not_repeated() {
    let bench = Bench::open();
    let ids = planned(&bench);
    let (microbes, metal) = (ids[0], ids[1]);
    bench.write(move |tx| {
        let failed = "UPDATE test_item SET state = 'calculated', verdict = 'FAIL'";
        for (id, analyte) in [(microbes, "salmonella"), (metal, "pb")] {
            let one = format!("{failed}, analyte = '{analyte}' WHERE id = {}", id.0);
            diesel::sql_query(one).execute(tx.conn)?;
        }
        Ok(())
    });
    let again = |id: ItemId| bench.attempt(move |tx| order_repeat(tx, &checker(3), id, 1, "again"));
    assert_eq!(codes(again(microbes)), ["repeat-of-microbiology"]);
    assert_eq!(codes(again(metal)), Vec::<&str>::new());
}

fn entry(position: i64, field: &str, value: &str, uuid: &str) -> EntryInput {
    EntryInput {
        position,
        field: field.into(),
        replicate: 1,
        value: value.into(),
        seen: 0,
        reason: "test".into(),
        uuid: uuid.into(),
        made_at: String::new(),
    }
}

/// Positions of the lead sheet: 1 blank, 2 sample, 3 duplicate.
fn values() -> Vec<EntryInput> {
    let mut all = vec![entry(1, "reading", "0.12", "b1")];
    for position in [2, 3] {
        all.push(entry(position, "reading", "5.62", &format!("r{position}")));
        all.push(entry(position, "volume", "10", &format!("v{position}")));
        all.push(entry(position, "mass", "0.5023", &format!("m{position}")));
    }
    all
}

// Requirement: Q75-1, Q75-2
#[test]
fn items_go_all_the_way_and_a_corrected_blank_recalculates_them() {
    let bench = Bench::open();
    let ids = planned(&bench);
    // Six that the rules ask for, and the three metabolites of fipronil.
    assert_eq!(ids.len(), 9);
    let analytes: Vec<String> = bench.items().into_iter().map(|item| item.2).collect();
    assert_eq!(analytes[..2], ["pb", "cd"]);

    let wanted = |tester: i64| vec![Assignment { item: 1, version: 1, tester, method_key: String::new() }];
    let late = wanted(3);
    assert_eq!(codes(bench.attempt(move |tx| assign(tx, &manager(), &late))), ["authorization-expired"]);
    let (good, mut rest) = (wanted(2), wanted(2));
    rest.push(Assignment { item: 2, version: 9, tester: 3, method_key: String::new() });
    let all = codes(bench.attempt(move |tx| assign(tx, &manager(), &rest)));
    assert_eq!(all, ["item-changed", "authorization-missing"], "every reason at once");
    bench.write(move |tx| assign(tx, &manager(), &good));

    let facts = OpenInput { items: vec![1], ..OpenInput::default() }.checked().unwrap();
    let facts_again = facts.clone();
    assert_eq!(codes(bench.attempt(move |tx| open_worksheet(tx, &tester(3), &facts_again)))[0], "not-your-item");
    let opened = bench.write(move |tx| open_worksheet(tx, &tester(2), &facts));
    assert_eq!(opened.worksheet_no, "W2611-0001");
    let sheet = WorksheetId(opened.id);
    let view = bench.db.read_now(move |conn| sheet_view(conn, sheet)).unwrap();
    let kinds: Vec<(&str, &str)> =
        view.positions.iter().map(|one| (one.kind.as_str(), one.label_code.as_str())).collect();
    assert_eq!(kinds, [("blank", "W2611-0001-B1"), ("sample", LABEL), ("duplicate", "W2611-0001-D1")]);

    let catalogue = bench.db.read_now(current).unwrap();
    let silent = vec![EntryInput { reason: String::new(), ..entry(2, "reading", "5,62", "x") }];
    let for_silent = catalogue.clone();
    let why = codes(bench.attempt(move |tx| save_entries(tx, &tester(2), &for_silent, sheet, (&silent, 24))));
    assert_eq!(why, ["value-unreadable", "typed-reason-missing"]);
    let now = bench.clock.now();
    let early = bench.db.read_now(|conn| super::gating::Bench::of(conn, (PersonId(2), now), sheet, &[])).unwrap();
    let for_values = catalogue.clone();
    let (saved, statements) =
        bench.counted(move |tx| save_entries(tx, &tester(2), &for_values, sheet, (&values(), 24)));
    assert_eq!((saved.saved, saved.measured), (7, 1));
    assert!(statements <= 6, "{statements} statements to save");
    let for_again = catalogue.clone();
    let again = bench.write(move |tx| save_entries(tx, &tester(2), &for_again, sheet, (&values(), 24)));
    assert_eq!(again.saved, 0, "the same entries again change nothing");
    let for_other = catalogue.clone();
    let other = vec![entry(2, "reading", "7.77", "y")];
    assert_eq!(
        codes(bench.attempt(move |tx| save_entries(tx, &tester(2), &for_other, sheet, (&other, 24)))),
        ["entry-conflict"]
    );
    // The mark of the mass, on a reading.
    let (for_mark, for_twice) = (catalogue.clone(), catalogue.clone());
    let reading = |value: &str, mark: &str| EntryInput { seen: 1, ..entry(2, "reading", value, mark) };
    let marked = vec![reading("7.77", "m2")];
    let mark = codes(bench.attempt(move |tx| save_entries(tx, &tester(2), &for_mark, sheet, (&marked, 24))));
    assert_eq!(mark, ["entry-mark-taken"]);
    let twice =
        vec![reading("7.77", "z"), reading("7.78", "z"), reading("7.77", "z"), reading("7.77", "observation-9")];
    let twice = codes(bench.attempt(move |tx| save_entries(tx, &tester(2), &for_twice, sheet, (&twice, 24))));
    assert_eq!(twice, ["entry-mark-taken", "field-invalid"], "the same content again is no error");

    let blind =
        codes(bench.attempt(move |tx| submit(tx, &tester(2), &early, (sheet, opened.version), &Submission::default())));
    assert_eq!(blind, ["stale-version"], "the gates were asked before the values came");
    let known = bench.db.read_now(|conn| super::gating::Bench::of(conn, (PersonId(2), now), sheet, &[])).unwrap();
    let (done, statements) =
        bench.counted(move |tx| submit(tx, &tester(2), &known, (sheet, opened.version), &Submission::default()));
    assert_eq!((done.state.as_str(), done.results.len()), ("submitted", 1));
    assert!(statements <= 8, "{statements} statements to submit");
    let facts = bench.db.read_now(|conn| items_of(conn, &[SampleId(1)])).unwrap();
    assert_eq!((facts[0].reported.as_str(), facts[0].verdict, facts[0].qc_ok), ("0.11", Verdict::Pass, true));
    assert_eq!((facts[0].limit_text.as_str(), facts[0].limit_standard.as_str()), ("≤ 0.3 mg/kg", "GB 2762-2025"));
    assert_eq!(facts[0].method_text, "GB 5009.12-2023 第一法");
    assert!(bench.db.read_now(|conn| replay(conn, ResultId(1))).unwrap());

    let seen = || vec![ItemSeen { id: 1, version: 5 }];
    let real = bench.clock.now();
    let own = codes(bench.attempt(move |tx| check(tx, &checker(2), &Checking::default(), &seen(), real)));
    assert_eq!(own, ["checker-is-tester"]);
    assert_eq!(
        codes(bench.attempt(move |tx| check(tx, &checker(4), &Checking::default(), &seen(), real))),
        ["authorization-missing"]
    );
    let (checked, statements) = bench.counted(move |tx| check(tx, &checker(3), &Checking::default(), &seen(), real));
    assert_eq!((checked.items, checked.samples_done), (vec![1], 0), "eight items are still open");
    assert!(statements <= 6, "{statements} statements to check");

    bench.clock.advance(TimeDelta::hours(1));
    let mut fix = entry(1, "reading", "1.62", "fix");
    fix.seen = 1;
    // Another rule is in force by now; what was submitted is corrected by its own.
    let mut later = shipped().unwrap();
    for row in later.formulas.iter_mut().filter(|row| row.method == "gb5009.12-2023/gfaas") {
        let expression = Formula::parse("(reading-blank)*volume*2/(mass*1000)").unwrap();
        row.evaluation = Evaluation::Formula { expression };
    }
    let for_fix = Arc::new(later);
    let corrected = bench.write(move |tx| correct_entry(tx, &tester(2), &for_fix, sheet, &fix));
    // (5.62 - 1.62) x 10 / 502.3 = 0.0796…; the blank itself, 1.62 x 10 / 500 = 0.0324, is above the LOD and above a
    // tenth of the sample: the sheet is held.
    assert_eq!((corrected.state.as_str(), corrected.results.len()), ("held", 1));
    let facts = bench.db.read_now(|conn| items_of(conn, &[SampleId(1)])).unwrap();
    assert_eq!((facts[0].reported.as_str(), facts[0].state.code(), facts[0].qc_ok), ("0.080", "calculated", false));
    let versions: Vec<(i64, String, String)> = bench
        .db
        .read_now(|conn| {
            let columns = (result_version::version_no, result_version::reported, result_version::cause);
            Ok(result_version::table.order(result_version::id).select(columns).load(conn)?)
        })
        .unwrap();
    let first = (1, "0.11".to_owned(), "submitted".to_owned());
    assert_eq!(versions, [first, (2, "0.080".to_owned(), "recomputed".to_owned())], "the old version stays");
    let work = corrected.work.unwrap();
    let listed = bench.db.read_now(move |conn| crate::quality::actions::work(conn, crate::domain::ids::WorkId(work)));
    let listed = listed.unwrap();
    assert_eq!(listed.affected.len(), 1);
    assert_eq!((listed.affected[0].old_reported.as_str(), listed.affected[0].new_reported.as_str()), ("0.11", "0.080"));
    let found = bench.db.read_now(|conn| evidence(conn, ItemId(1))).unwrap();
    assert!(found.reproduces == Some(true) && found.qc.is_some_and(|qc| !qc.verdict.accepted));
    let held = codes(
        bench.attempt(move |tx| check(tx, &checker(3), &Checking::default(), &[ItemSeen { id: 1, version: 7 }], real)),
    );
    assert_eq!(held, ["qc-held"]);
}

#[test]
fn readings_of_instruments_are_filed_or_held() {
    let bench = Bench::open();
    planned(&bench);
    let reading = |label: &str, analyte: &str, field: &str, value: &str, unit: &str, uuid: &str| Reading {
        label_code: label.into(),
        analyte: analyte.into(),
        field: field.into(),
        replicate: 0,
        value: value.into(),
        unit: unit.into(),
        finding: None,
        correction: None,
        observation_id: None,
        instrument_id: None,
        client_uuid: uuid.into(),
    };
    let by = Actor::system("test", "test");
    let early = vec![reading(LABEL, "Pb", "reading", "5.62", "µg/L", "e")];
    let for_early = by.clone();
    let filed = bench.write(move |tx| file_readings(tx, &for_early, &early));
    assert_eq!(filed, [Filing::Held { reason: HeldReason::NotOnWorksheet }]);
    let wanted = vec![Assignment { item: 1, version: 1, tester: 2, method_key: String::new() }];
    bench.write(move |tx| assign(tx, &manager(), &wanted));
    let facts = OpenInput { items: vec![1], ..OpenInput::default() }.checked().unwrap();
    bench.write(move |tx| open_worksheet(tx, &tester(2), &facts));
    let all = vec![
        reading(LABEL, "铅", "reading", "5.62", "ng/mL", "1"),
        reading(LABEL, "Pb", "reading", "5.62", "µg/L", "1"),
        reading(LABEL, "Pb", "reading", "9.99", "µg/L", "2"),
        reading(LABEL, "", "mass", "0.5023", "g", "3"),
        reading(LABEL, "unobtainium", "reading", "1", "µg/L", "4"),
        reading("0000000000", "Pb", "reading", "1", "µg/L", "5"),
        reading(LABEL, "Pb", "volume", "10", "mg/kg", "6"),
        reading("W2611-0001-B1", "Pb", "reading", "1,2", "µg/L", "7"),
    ];
    let filings = bench.write(move |tx| file_readings(tx, &by, &all));
    let shown: Vec<&str> = filings
        .iter()
        .map(|filing| match filing {
            Filing::Filed { .. } => "filed",
            Filing::Held { reason } => reason.code(),
        })
        .collect();
    assert_eq!(
        shown,
        ["filed", "duplicate", "conflict", "filed", "unknown_analyte", "unknown_sample", "unknown_unit", "unreadable"]
    );
}

/// The blank of lead, 0.12 x 10 / 500 = 0.0024 mg/kg, is below the LOD of 0.02 and passes for itself. Its chart has had a mean
/// of 0.0010 and a standard deviation of 0.0002: z = 7.
#[test]
fn a_control_that_leaves_its_chart_holds_the_sheet_until_it_is_released() {
    let bench = Bench::open();
    planned(&bench);
    let wanted = vec![Assignment { item: 1, version: 1, tester: 2, method_key: String::new() }];
    bench.write(move |tx| assign(tx, &manager(), &wanted));
    let facts = OpenInput { items: vec![1], ..OpenInput::default() }.checked().unwrap();
    let opened = bench.write(move |tx| open_worksheet(tx, &tester(2), &facts));
    let sheet = WorksheetId(opened.id);
    let catalogue = bench.db.read_now(current).unwrap();
    bench.write(move |tx| save_entries(tx, &tester(2), &catalogue, sheet, (&values(), 24)));
    bench.write(|tx| {
        diesel::sql_query(
            "INSERT INTO chart_limits (method_key, analyte, kind, material, version_no, mean, sd, point_count, basis, reason, \
             person_id, at) VALUES ('gb5009.12-2023/gfaas', 'pb', 'blank', '', 3, '0.0010', '0.0002', 20, '', 'year', 1, \
             '2026-11-01 00:00:00')",
        )
        .execute(tx.conn)?;
        Ok(())
    });
    let now = bench.clock.now();
    let known = bench.db.read_now(|conn| super::gating::Bench::of(conn, (PersonId(2), now), sheet, &[])).unwrap();
    let done = bench.write(move |tx| submit(tx, &tester(2), &known, (sheet, opened.version), &Submission::default()));
    assert_eq!(done.state, "held");
    let found = bench.db.read_now(|conn| evidence(conn, ItemId(1))).unwrap();
    let qc = found.qc.unwrap();
    let verdict = &qc.verdict;
    assert!(!verdict.accepted && qc.release.is_none() && qc.controls().iter().all(|(_, release)| release.is_none()));
    let blank = verdict.controls.iter().find(|control| control.kind == "blank").unwrap();
    assert_eq!(
        (blank.rules.join(" "), blank.note.as_str(), blank.limits_version),
        ("1-2s 1-3s".into(), "westgard", Some(3))
    );
    assert_eq!(blank.items, [1]);

    let real = bench.clock.now();
    let seen = || vec![ItemSeen { id: 1, version: 5 }];
    assert_eq!(
        codes(bench.attempt(move |tx| check(tx, &checker(3), &Checking::default(), &seen(), real))),
        ["qc-held"]
    );
    let quality: May<ManageQuality> = May::check(&actor(1, &[Role::QualityOfficer])).unwrap();
    let why =
        ReleaseFacts { control: None, cause: "new lot of nitric acid".to_owned(), action: "blank repeated".to_owned() };
    bench.write(move |tx| release(tx, &quality, sheet, done.version, &why));
    let released = bench.db.read_now(|conn| evidence(conn, ItemId(1))).unwrap().qc.unwrap();
    let of_blank = released.controls().into_iter().find(|(control, _)| control.kind == "blank").unwrap().1.unwrap();
    assert_eq!((of_blank.cause.as_str(), of_blank.action.as_str()), ("new lot of nitric acid", "blank repeated"));
    assert_eq!(released.release.as_ref(), Some(of_blank), "with the last control the sheet is released");
    bench.write(move |tx| check(tx, &checker(3), &Checking::default(), &seen(), real));
}
