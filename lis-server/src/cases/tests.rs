//! A case on a real database: opened, pulled by each region once, acknowledged, served, applied for, reversed once.

mod acts;
mod farm_produce;
mod steps;

use std::sync::Arc;

use diesel::connection::SimpleConnection;

use super::actions::{CaseSaved, IssuedReport, acknowledge, publish, report_issued, report_recalled};
use super::calls::AnalyteShown;
use super::feed::{self, FeedPage};
use super::handling::{self, DecideInput, ServiceInput};
use super::handling_record::{self, HandlingInput};
use super::portal::{self, ApplicationSaved, ApplyInput};
use super::state::CaseEvent;
use super::store;
use crate::accounts::role::{HandleCases, ReadFailingResults, UsePortal};
use crate::accounts::{Actor, Entrance, May, Role};
use crate::db::{DatabaseAddress, Db, DbOptions};
use crate::domain::clock::{Moment, ScriptedClock};
use crate::domain::identifiers::RegionCode;
use crate::domain::ids::{ApplicationId, CaseEventId, CaseId, EnterpriseId, PersonId, ReportId, SampleId};
use crate::domain::refusal::{Fault, Outcome};
use crate::web::language::Language;

/// City 1310 orders; sampled in county 131081, made in 131082; 131083 is the neighbour. Lead fails in report 1, passes
/// in report 2.
const GROUND: &str = "
INSERT INTO region (code,name_zh,name_en) VALUES ('13','省','P'),('1310','市','C'),('131081','甲县','A'),('131082','乙县','B'),('131083','丙县','N');
INSERT INTO person (id,version,username,name,email,phone,language,active,password_hash,password_must_change,failed_logins,created_at)
 VALUES (1,1,'a','甲','','','zh-CN',1,'x',0,0,'2026-11-01 00:00:00'),(2,1,'e','企','e@example.org','','zh-CN',1,'x',0,0,'2026-11-01 00:00:00');
UPDATE person SET enterprise_id = 5 WHERE id = 2;
INSERT INTO enterprise VALUES (5,1,'超市',NULL,'','','supermarket','','131081','','','','zh-CN','A','',1,'2026-11-01 00:00:00'),
 (6,1,'食品厂',NULL,'','','','','131082','','','','zh-CN','D','',1,'2026-11-01 00:00:00');
INSERT INTO sampling_form (id,version,form_no,source,task_category,ordering_name,ordering_region,unit_id,unit_name,unit_region,producer_id,producer_name,producer_region,sample_name,food_category,batch_no,sampled_at,document,done_at,entered_at,entered_by)
 VALUES (1,1,'XBJ1','on_site','','市局','1310',5,'超市','131081',6,'食品厂','131082','菠菜','','B1','2026-11-10 02:00:00','{}','2026-11-10 02:00:00','2026-11-10 02:00:00',1);
INSERT INTO sample (id,version,form_id,sample_no,sample_type,state,hold_reason,due_provisional,created_at) VALUES (1,1,1,'BZ1','supervision','tested','',0,'2026-11-10 02:00:00');
INSERT INTO part (id,version,sample_id,role,label_code,quantity,unit,seal_no,location,custody,retention,created_at) VALUES (1,1,1,'backup','1','500','g','','冷库 3','in_laboratory','kept','2026-11-10 02:00:00');
INSERT INTO test_item (id,version,sample_id,seq,analyte,analyte_zh,analyte_en,method_standard,method_key,limit_standards,food,produced_on,unit,state,verdict,created_at)
 VALUES (1,1,1,1,'pb','铅','Lead','GB 5009.12','','GB 2762','','2026-11-01','mg/kg','final','FAIL','2026-11-10 02:00:00');
INSERT INTO result_version (item_id,version_no,entries,value,unit,reported,verdict,record,limit_key,method_key,cause,reason,person_id,at)
 VALUES (1,1,'','0.42','mg/kg','0.42','FAIL','{}','own/pb','','submitted','',1,'2026-11-15 00:00:00'),(1,2,'','0.20','mg/kg','0.20','PASS','{}','own/pb','','recomputed','',1,'2026-11-17 00:00:00');
INSERT INTO report (id,version,report_no,sample_id,state,amendment_reason,language,conclusion,document,verification_code,issued_at,created_at)
 VALUES (1,1,'R1',1,'issued','','zh-CN','fail','{\"items\":[
  {\"analyte\":\"pb\",\"name\":\"铅\",\"unit\":\"mg/kg\",\"requirement\":\"≤0.3\",\"results\":[\"0.42\"],\"basis\":\"GB 2762-2025\",\"failed\":true},
  {\"analyte\":\"cd\",\"name\":\"镉\",\"unit\":\"mg/kg\",\"requirement\":\"≤0.2\",\"results\":[\"0.01\"],\"failed\":false}]}','V1','2026-11-16 01:00:00','2026-11-15 00:00:00'),(2,1,'R2',1,'issued','','zh-CN','pass','{}','V2','2026-11-19 01:00:00','2026-11-18 00:00:00');
";

struct House {
    db: Db,
    clock: Arc<ScriptedClock>,
    _directory: tempfile::TempDir,
}

fn at(text: &str) -> Moment {
    Moment::parse_in_china(text).unwrap()
}

impl House {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("lis.db");
        std::fs::write(&file, crate::server::tests::shipped()).unwrap();
        let address = DatabaseAddress::Sqlite(file);
        let clock = Arc::new(ScriptedClock::starting_at(at("2026-11-16 09:00")));
        let db = Db::open(DbOptions { address, connections: 2, count_statements: false }, clock.clone()).unwrap();
        db.write_now(|tx| {
            tx.conn.batch_execute(GROUND)?;
            Ok(())
        })
        .unwrap();
        Self { db, clock, _directory: directory }
    }

    fn issue(&self, report: i64, conclusion: &str, amends: Option<i64>) {
        let issued = IssuedReport {
            report_id: ReportId(report),
            report_no: format!("R{report}"),
            sample_id: SampleId(1),
            conclusion: conclusion.to_owned(),
            amends: amends.map(ReportId),
            issued_at: crate::domain::clock::Clock::now(self.clock.as_ref()),
        };
        let by = Actor::system("jobs", "job:1");
        self.db.write_now(move |tx| report_issued(tx, &by, &issued)).unwrap();
    }

    fn pull(&self, region: &str, after: Option<&str>) -> Outcome<FeedPage> {
        let region = RegionCode::parse(region).unwrap();
        let after = after.map(str::to_owned);
        self.db.read_now(move |conn| feed::read(conn, &region, after.as_deref(), 100, "http://lab"))
    }

    fn acknowledge(&self, region: &str, event: i64) -> Outcome<Vec<String>> {
        let by = May::<ReadFailingResults>::check(&regulator(region)).unwrap();
        self.db.write_now(move |tx| Ok(acknowledge(tx, &by, CaseEventId(event), &[])?.relations))
    }

    fn state(&self) -> (String, i64) {
        self.db.read_now(|conn| Ok(store::case(conn, CaseId(1))?.map(|row| (row.state, row.version)).unwrap())).unwrap()
    }

    fn serve(&self, region: &str, party: &str, served_at: &str) -> Outcome<CaseSaved> {
        let input = ServiceInput { party: party.into(), served_at: served_at.into(), how: "当面".into() };
        let (by, facts, seen) = (authority(region), input.checked().unwrap(), self.state().1);
        self.db.write_now(move |tx| handling::serve(tx, &by, CaseId(1), seen, &facts))
    }

    /// The supermarket, the sampled unit, applies.
    fn apply(&self, kind: &str) -> Outcome<ApplicationSaved> {
        let (by, facts) = (enterprise(), ApplyInput { kind: kind.into(), ground: "不服".into() }.checked().unwrap());
        self.db.write_now(move |tx| portal::apply(tx, &by, CaseId(1), &facts))
    }

    fn decide(&self, region: &str, (application, seen): (i64, i64), decision: &str) -> Outcome<CaseSaved> {
        let input = DecideInput { decision: decision.into(), reason: "已核实".into() };
        let (by, facts) = (authority(region), input.checked().unwrap());
        self.db.write_now(move |tx| handling::decide(tx, &by, CaseId(1), ApplicationId(application), seen, &facts))
    }

    fn publish(&self, region: &str) -> Outcome<CaseSaved> {
        let (by, seen) = (authority(region), self.state().1);
        self.db.write_now(move |tx| publish(tx, &by, CaseId(1), seen))
    }

    fn advance(&self, region: &str, event: CaseEvent) -> Outcome<CaseSaved> {
        let (by, seen) = (authority(region), self.state().1);
        self.db.write_now(move |tx| handling::advance(tx, &by, CaseId(1), seen, event))
    }

    /// The ordering authority's province records what it found.
    fn record(&self, cause: &str) -> Outcome<CaseSaved> {
        let input = HandlingInput {
            measures: "封存库存".into(),
            cause: cause.into(),
            correction: "完善进货查验".into(),
            ..HandlingInput::default()
        };
        let (by, stated, seen) = (authority("1310"), input.checked().unwrap(), self.state().1);
        self.db.write_now(move |tx| handling_record::record(tx, &by, CaseId(1), seen, &stated))
    }

    /// The clocks that run, in the order in which they were started, each with its party.
    fn running(&self) -> Vec<String> {
        let clocks = self.db.read_now(|conn| Ok(store::clocks_of(conn, &[CaseId(1)])?)).unwrap();
        let running = clocks.iter().filter(|clock| clock.ended_at.is_none());
        running.map(|clock| format!("{} {}", clock.clock, clock.party).trim_end().to_owned()).collect()
    }

    fn sql(&self, statement: &'static str) {
        self.db.write_now(move |tx| Ok(tx.conn.batch_execute(statement)?)).unwrap();
    }
}

fn authority(region: &str) -> May<HandleCases> {
    May::check(&regulator(region)).unwrap()
}

fn regulator(region: &str) -> Actor {
    let mut actor = Actor::person(PersonId(1), "甲".into(), vec![Role::Regulator], Language::Chinese, Entrance::Token);
    actor.region = Some(RegionCode::parse(region).unwrap());
    actor
}

fn enterprise() -> May<UsePortal> {
    let mut actor =
        Actor::person(PersonId(2), "企".into(), vec![Role::Enterprise], Language::Chinese, Entrance::Session);
    actor.enterprise = Some(EnterpriseId(5));
    May::check(&actor).unwrap()
}

fn codes<T: std::fmt::Debug>(outcome: Outcome<T>) -> Vec<&'static str> {
    match outcome {
        Err(Fault::Refused(refusal)) => refusal.reasons.iter().map(|reason| reason.problem.code).collect(),
        other => panic!("{other:?} was not refused"),
    }
}

#[test]
fn each_region_pulls_once_and_the_neighbour_nothing() {
    let house = House::new();
    house.issue(1, "fail", None);
    let county = house.pull("131081", None).unwrap();
    assert_eq!(county.items.len(), 1);
    let item = &county.items[0];
    assert_eq!((item.event.as_str(), item.report_no.as_str()), ("failing", "R1"));
    assert_eq!(item.verification_url, "http://lab/verify/V1");
    let relations: Vec<_> = item.relations.iter().map(|row| row.relation.as_str()).collect();
    assert_eq!(relations, ["sampled_at"], "the maker's county is not this county's business");
    assert_eq!((item.items[0].result.as_str(), item.items[0].limit.as_str()), ("0.42", "≤0.3"));
    assert_eq!((item.items.len(), item.items[0].limit_standards.as_str()), (1, "GB 2762-2025"));
    assert_eq!((item.items[0].analyte.as_str(), item.items[0].analyte_en.as_str()), ("pb", "Lead"));
    assert_eq!(item.backup[0].location, "冷库 3");
    assert!(house.pull("131081", Some(&county.next)).unwrap().items.is_empty());
    let city = house.pull("1310", None).unwrap();
    let relations: Vec<_> = city.items[0].relations.iter().map(|row| row.relation.as_str()).collect();
    assert_eq!(relations, ["maker_at", "ordering", "sampled_at"], "one item with all its relations");
    assert_eq!(city.items.len(), 1);
    let neighbour = house.pull("131083", None).unwrap();
    assert!(neighbour.items.is_empty() && !neighbour.more && !neighbour.next.is_empty());
    assert_eq!(codes(house.acknowledge("131083", 1)), ["not-found"]);
    let foreign = feed::Cursor { log_id: "other".into(), position: 1 }.encode();
    assert_eq!(codes(house.pull("1310", Some(&foreign)).map(|page| page.next)), ["feed-cursor-unknown"]);
}

#[test]
fn an_acknowledgement_is_each_relation_s_own() {
    let house = House::new();
    house.issue(1, "fail", None);
    assert_eq!(house.acknowledge("131082", 1).unwrap(), ["maker_at"]);
    assert_eq!(house.acknowledge("131082", 1).unwrap(), Vec::<String>::new(), "again changes nothing");
    assert_eq!(house.state().0, "opened", "another county's pull is not the ordering authority's");
    assert_eq!(house.acknowledge("1310", 1).unwrap(), ["ordering"], "the city leaves its counties' own");
    assert_eq!(house.state().0, "reported");
    let page = house.pull("1310", None).unwrap();
    let open: Vec<_> =
        page.items[0].relations.iter().filter(|row| row.acknowledged_at.is_none()).map(|row| &row.relation).collect();
    assert_eq!(open, ["sampled_at"]);
    let clocks = house.db.read_now(|conn| Ok(store::clocks_of(conn, &[CaseId(1)])?)).unwrap();
    let t4 = clocks.iter().find(|clock| clock.clock == "T4").unwrap();
    assert_eq!((t4.due_on.to_string().as_str(), t4.ended_at.is_some()), ("2026-11-18", true));
}

#[test]
fn applications_run_from_the_own_service() {
    let house = House::new();
    house.issue(1, "fail", None);
    let apply = |kind: &str| house.apply(kind);
    assert_eq!(codes(apply("reinspection")), ["not-found"], "before service there is nothing to see");
    house.serve("131081", "sampled_unit", "2026-11-16 09:00").unwrap();
    let clocks = house.db.read_now(|conn| Ok(store::clocks_of(conn, &[CaseId(1)])?)).unwrap();
    let t7 = clocks.iter().find(|clock| clock.clock == "T7").unwrap();
    assert_eq!((t7.party.as_str(), t7.due_on.to_string().as_str()), ("sampled_unit", "2026-11-25"));
    house.clock.set(at("2026-11-26 00:10"));
    assert_eq!(codes(apply("reinspection")), ["application-late"]);
    house.clock.set(at("2026-11-25 23:50"));
    apply("reinspection").unwrap();
    assert_eq!(house.state().0, "reinspection");
    assert_eq!(codes(apply("reinspection")), ["application-second"]);
    let clocks = house.db.read_now(|conn| Ok(store::clocks_of(conn, &[CaseId(1)])?)).unwrap();
    let t8 = clocks.iter().find(|clock| clock.clock == "T8").unwrap();
    assert_eq!(t8.due_on.to_string(), "2026-12-02");
}

/// T15 and T17 of `workflow.md` 10 are as long as T7 and T8 and run beside them.
#[test]
fn an_objection_has_its_own_clocks() {
    let house = House::new();
    house.issue(1, "fail", None);
    house.serve("131081", "sampled_unit", "2026-11-16 09:00").unwrap();
    let apply = |kind: &str| house.apply(kind);
    let running = || {
        let clocks = house.db.read_now(|conn| Ok(store::clocks_of(conn, &[CaseId(1)])?)).unwrap();
        let own = clocks.iter().filter(|clock| ["T7", "T8", "T15", "T17"].contains(&clock.clock.as_str()));
        let mut own: Vec<_> =
            own.map(|row| format!("{} {} {}", row.clock, row.due_on, row.ended_at.is_none())).collect();
        own.sort();
        own
    };
    assert_eq!(running(), ["T15 2026-11-25 true", "T7 2026-11-25 true"]);
    house.clock.set(at("2026-11-24 16:00"));
    apply("objection_standard").unwrap();
    // Five working days after Tuesday 24 November end on Tuesday 1 December.
    assert_eq!(running(), ["T15 2026-11-25 false", "T17 2026-12-01 true", "T7 2026-11-25 true"]);
    house.clock.set(at("2026-11-25 16:00"));
    apply("reinspection").unwrap();
    let all = ["T15 2026-11-25 false", "T17 2026-12-01 true", "T7 2026-11-25 false", "T8 2026-12-02 true"];
    assert_eq!(running(), all);
}

/// What was published fell and was corrected; the new failing result is another one, and published by another decision.
#[test]
fn a_case_that_fails_again_is_published_again() {
    let house = House::new();
    let publicity =
        || house.db.read_now(|conn| Ok(store::case(conn, CaseId(1))?.map(|row| row.publicity).unwrap())).unwrap();
    let published = || house.publish("1310");
    house.issue(1, "fail", None);
    published().unwrap();
    assert_eq!(codes(published()), ["case-published-already"]);
    house.issue(2, "pass", Some(1));
    assert_eq!((house.state().0.as_str(), publicity().as_str()), ("reversed", "corrected"));
    assert_eq!(codes(published()), ["case-conclusion-fell"], "what fell is not published");
    house.issue(1, "fail", Some(2));
    assert_eq!(
        (house.state().0.as_str(), publicity().as_str()),
        ("opened", "corrected"),
        "until the authority publishes it"
    );
    published().unwrap();
    assert_eq!(publicity(), "published");
    house.issue(2, "pass", Some(1));
    assert_eq!(publicity(), "corrected");
}

#[test]
fn a_passing_amendment_reverses_exactly_once() {
    let house = House::new();
    house.issue(1, "fail", None);
    let first = house.pull("131081", None).unwrap();
    house.clock.set(at("2026-11-19 09:00"));
    house.issue(2, "pass", Some(1));
    house.issue(2, "pass", Some(1));
    let next = house.pull("131081", Some(&first.next)).unwrap();
    let told: Vec<_> = next.items.iter().map(|item| (item.event.as_str(), item.report_no.as_str())).collect();
    assert_eq!(told, [("reversed", "R2")]);
    assert!(next.items[0].items.is_empty(), "nothing fails in the new report");
    assert_eq!(house.pull("131081", None).unwrap().items[0].items[0].result, "0.42", "the first event stays as it was");
    assert_eq!(house.state().0, "reversed");
}

/// A recall names the failing report itself; what fell fails no more all the same, and a result that came later changes
/// nothing of what was told.
#[test]
fn what_fell_names_no_failing_items() {
    let house = House::new();
    house.issue(1, "fail", None);
    let first = house.pull("131081", None).unwrap();
    let by = Actor::system("jobs", "job:1");
    house.db.write_now(move |tx| report_recalled(tx, &by, SampleId(1), ReportId(1))).unwrap();
    let recalled = house.pull("131081", Some(&first.next)).unwrap();
    let told: Vec<_> = recalled.items.iter().map(|item| (item.event.as_str(), item.report_no.as_str())).collect();
    assert_eq!(told, [("reversed", "R1")]);
    assert!(recalled.items[0].items.is_empty());
    let later = "INSERT INTO result_version (item_id,version_no,entries,value,unit,reported,verdict,record,limit_key,method_key,cause,reason,person_id,at)
        VALUES (1,3,'','9.9','mg/kg','9.9','FAIL','{}','own/pb','','recomputed','',1,'2026-11-16 00:59:59')";
    house.db.write_now(move |tx| Ok(tx.conn.batch_execute(later)?)).unwrap();
    assert_eq!(house.pull("131081", None).unwrap().items[0].items[0].result, "0.42");
}

/// Documents that were fixed before their items had keys are read by the names that they print.
#[test]
fn an_older_document_names_its_items_by_their_names() {
    let lead = AnalyteShown { sample_id: SampleId(1), analyte: "pb".into(), zh: "铅".into(), en: "Lead".into() };
    let document = r#"{"judgement_basis": ["GB 2762-2025"], "items": [{"name": "Lead", "results": ["0.4", "0.5"], "failed": true}]}"#;
    let told = feed::failing_of(document, &[&lead]).unwrap();
    let said = (told[0].analyte.as_str(), told[0].analyte_zh.as_str(), told[0].result.as_str());
    assert_eq!((told.len(), said), (1, ("pb", "铅", "0.4, 0.5")));
    assert_eq!((told[0].limit.as_str(), told[0].limit_standards.as_str()), ("", "GB 2762-2025"));
}

/// Nobody owes anything on a conclusion that fell; where the sample fails again, the limits run on as they were.
#[test]
fn the_clocks_of_a_conclusion_that_fell_end_with_it() {
    let house = House::new();
    let running = || house.running();
    house.issue(1, "fail", None);
    house.acknowledge("1310", 1).unwrap();
    assert_eq!(running(), ["T20", "T6 sampled_unit", "T6 maker"]);
    house.serve("131081", "sampled_unit", "2026-11-16 09:00").unwrap();
    house.apply("reinspection").unwrap();
    let owed = ["T20", "T6 maker", "T15 sampled_unit", "T8 sampled_unit reinspection"];
    assert_eq!(running(), owed);

    house.clock.set(at("2026-11-19 09:00"));
    house.issue(2, "pass", Some(1));
    assert_eq!(running(), Vec::<String>::new());
    let decide = |decision: &str| house.decide("1310", (1, 1), decision);
    assert_eq!(codes(decide("accepted")), ["case-conclusion-fell"], "there is nothing to test again");

    house.clock.set(at("2026-11-20 09:00"));
    house.issue(1, "fail", Some(2));
    assert_eq!(running(), owed);
    house.clock.set(at("2026-11-21 09:00"));
    house.issue(2, "pass", Some(1));
    assert_eq!(decide("refused").unwrap().state, "reversed", "it ends without a decision in substance");
}
