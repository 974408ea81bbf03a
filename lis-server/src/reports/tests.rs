//! A sample from its last check to the issued report, on a real database, with the rules' refusals on the way.

use chrono::TimeDelta;
use diesel::prelude::*;

use super::actions::{self, Amends, Before, ReportSaved, ToReport};
use super::document::Letterhead;
use super::state::ReportState;
use super::store::gathered::{self, Signer};
use super::store::{self, ReportRow};
use crate::accounts::role::{AuthorizeReports, ManageQuality, May, ReviewReports};
use crate::accounts::signing::Meaning;
use crate::accounts::{Actor, Entrance, Role};
use crate::app::Lis;
use crate::db::Conn;
use crate::db::schema::{audit_entry, mail, sample, signature, stored_file, test_item};
use crate::demo::smtp_receiver::SmtpReceiver;
use crate::domain::hash::sha256_of;
use crate::domain::ids::{PersonId, ReportId, SampleId};
use crate::domain::refusal::{Fault, Outcome};
use crate::front::QUEUES;
use crate::jobs::run_until_idle;
use crate::mail::Mailer;
use crate::server::tests::laboratory;
use crate::web::language::Language;

const TESTER: i64 = 1;
const CHECKER: i64 = 2;
const REVIEWER: i64 = 3;
const SIGNATORY: i64 = 4;
const CLIENT_PERSON: i64 = 5;
const SAMPLE: SampleId = SampleId(1);

/// An entrusted sample of wheat flour with two checked items, lead at 0.045 mg/kg and deoxynivalenol at 1240 µg/kg, and
/// the people of its way. The signatory is authorized for both methods.
fn seed(lis: &Lis) {
    let people: String = [
        (TESTER, "tester", "检验员甲"),
        (CHECKER, "checker", "校核员乙"),
        (REVIEWER, "reviewer", "审核员丙"),
        (SIGNATORY, "signatory", "签字人丁"),
        (CLIENT_PERSON, "client", "企业联系人"),
    ]
    .map(|(id, username, name)| {
        let (email, enterprise) =
            if id == CLIENT_PERSON { ("boss@golden-grain.example", "1") } else { ("", "NULL") };
        format!(
            "INSERT INTO person VALUES ({id}, 1, '{username}', '{name}', '{email}', '', 'zh-CN', NULL, {enterprise}, 1, \
             '', 0, NULL, 0, NULL, '2026-11-01 00:00:00', 0, NULL, 0, NULL);"
        )
    })
    .concat();
    let record = |limit: &str, value: &str, standard: &str| {
        use crate::judgement::limit::{Bound, LimitRule, MethodFacts};
        use crate::judgement::measured::{Measured, MeasuredValue};
        use crate::judgement::record::{Question, Sources, judge};
        let question = Question::Item {
            measured: Measured::new(MeasuredValue::parse(value).unwrap(), Some("mg/kg")),
            limit: LimitRule::new(Bound::parse("max", Some(limit)).unwrap(), Some("mg/kg")),
            method: MethodFacts::default(),
        };
        let sources = Sources { limit_standard: Some(standard.to_owned()), ..Sources::default() };
        let judgement = judge(question, sources).unwrap().bytes();
        format!("{{\"answered\":{{\"judgement\":{judgement}}}}}").replace('\'', "''")
    };
    let lead = record("0.2", "0.045", "GB 2762-2025");
    let don = record("1", "1.24", "GB 2761-2017");
    let all = format!(
        "INSERT INTO region (code, name_zh, name_en) VALUES ('131081', '霸州市', 'Bazhou');
         INSERT INTO enterprise VALUES (1, 1, '金穗面粉有限公司', NULL, '', 'production', '', '产业园 8 号', '131081', '', '',
           'boss@golden-grain.example', 'zh-CN', 'A', 'C', 1, '2026-11-01 00:00:00');
         {people}
         INSERT INTO sampling_form VALUES (1, 1, 'WT-1', 'entrusted', NULL, NULL, NULL, NULL, 'entrusted', '金穗面粉有限公司',
           NULL, NULL, '', NULL, NULL, '金穗面粉有限公司', NULL, NULL, '小麦粉', 'rules:1', '2026-10-08', NULL, '20261008A',
           NULL, '{{\"brand\":\"金穗\",\"spec\":\"5 kg/袋\"}}', '2026-11-02 00:00:00', '2026-11-02 00:00:00', {CLIENT_PERSON});
         INSERT INTO sample VALUES (1, 3, 1, 'BZ2611-W-00001', 'entrusted', 'tested', '', 1, '2026-11-03 00:00:00',
           '2026-11-03 00:00:00', NULL, 0, '2026-11-02 00:00:00', '', '');
         INSERT INTO worksheet VALUES (1, 1, 'WS-1', 'GB 5009.12', 'pb', {TESTER}, NULL, 'checked', '2026-11-04 00:00:00');
         INSERT INTO qc_verdict VALUES (1, 1, 1, 'accept', '{{}}', '2026-11-05 00:00:00');
         INSERT INTO test_item VALUES (1, 4, 1, NULL, 1, 'lead', '铅', 'Lead', 'GB 5009.12', 'pb', 'GB 2762', '',
           '2026-11-01', 'mg/kg', 'checked', {TESTER}, 1, {CHECKER}, 1, 'PASS', '2026-11-03 00:00:00', FALSE, FALSE, '', '', '', '', '');
         INSERT INTO test_item VALUES (2, 4, 1, NULL, 2, 'don', '脱氧雪腐镰刀菌烯醇', 'Deoxynivalenol', 'GB 5009.111', 'don',
           'GB 2761', '', '2026-11-01', 'mg/kg', 'checked', {TESTER}, 1, {CHECKER}, 2, 'FAIL', '2026-11-03 00:00:00', FALSE, FALSE, '', '', '', '', '');
         INSERT INTO result_version VALUES (1, 1, 1, '', '0.045', 'mg/kg', '0.045', 'PASS', '{lead}', NULL, '', 'pb',
           'submitted', '', {TESTER}, '2026-11-05 00:00:00');
         INSERT INTO result_version VALUES (2, 2, 1, '', '1.24', 'mg/kg', '1.24', 'FAIL', '{don}', NULL, '', 'don',
           'submitted', '', {TESTER}, '2026-11-06 00:00:00');
         INSERT INTO person_authorization VALUES (1, 1, {SIGNATORY}, 'GB 5009.12', 'authorize', '2026-01-01', '2026-12-31',
           1, '2026-01-01 00:00:00');
         INSERT INTO person_authorization VALUES (2, 1, {SIGNATORY}, 'GB 5009.111', 'authorize', '2026-01-01', '2026-12-31',
           1, '2026-01-01 00:00:00');"
    );
    sql(lis, &all);
}

/// Runs statements in one write.
fn sql(lis: &Lis, text: &str) {
    use diesel::connection::SimpleConnection;
    let text = text.to_owned();
    lis.db
        .write_now(move |tx| match tx.conn {
            Conn::Sqlite(conn) => Ok(conn.batch_execute(&text)?),
            Conn::Postgres(conn) => Ok(conn.batch_execute(&text)?),
        })
        .unwrap();
}

fn actor(id: i64, roles: &[Role]) -> Actor {
    let name = if id == SIGNATORY { "签字人丁" } else { "某人" };
    Actor::person(PersonId(id), name.to_owned(), roles.to_vec(), Language::Chinese, Entrance::Session)
}

fn open_grant(lis: &Lis, id: i64, meaning: &str) {
    let (from, to) = (lis.clock.real(), lis.clock.real().plus(TimeDelta::minutes(10)));
    let time = |at: crate::domain::clock::Moment| at.utc().format("%Y-%m-%d %H:%M:%S%.3f").to_string();
    sql(
        lis,
        &format!(
            "INSERT INTO signing_grant (person_id, meaning, opened_at, expires_at) VALUES ({id}, '{meaning}', '{}', '{}');",
            time(from),
            time(to)
        ),
    );
}

fn compile(lis: &Lis, amends: Option<Amends>) -> Outcome<ReportId> {
    let by = actor(CHECKER, &[Role::Checker]);
    let wanted = [ToReport { sample: SAMPLE, amends }];
    lis.db.write_now(move |tx| Ok(actions::compile(tx, &by, &wanted)?[0]))
}

fn review(lis: &Lis, id: ReportId, by: i64) -> Outcome<ReportSaved> {
    let (seen, real) = (report(lis, id).version, lis.clock.real());
    let by = May::<ReviewReports>::check(&actor(by, &[Role::Reviewer])).unwrap();
    let before = before(lis, by.person);
    lis.db.write_now(move |tx| actions::review(tx, &by, &before, (id, seen), real))
}

fn authorize(lis: &Lis, id: ReportId, by: i64) -> Outcome<ReportSaved> {
    let (seen, real) = (report(lis, id).version, lis.clock.real());
    let letterhead = Letterhead::of(&lis.config);
    let by = May::<AuthorizeReports>::check(&actor(by, &[Role::Signatory])).unwrap();
    let before = before(lis, by.person);
    lis.db.write_now(move |tx| actions::authorize(tx, &by, &letterhead, &before, (id, seen), real))
}

/// What a signature needs, without a reason to go past warnings.
fn before(lis: &Lis, signer: PersonId) -> Before {
    let today = lis.clock.now().date_in_china();
    lis.db.read_now(move |conn| Before::read(conn, (signer, today), String::new())).unwrap()
}

fn report(lis: &Lis, id: ReportId) -> ReportRow {
    lis.db.read_now(|conn| actions::facts(conn, id)).unwrap()
}

/// The codes of a refusal, in their order.
fn codes<T: std::fmt::Debug>(done: Outcome<T>) -> Vec<&'static str> {
    match done {
        Err(Fault::Refused(refusal)) => refusal.reasons.iter().map(|reason| reason.problem.code).collect(),
        other => panic!("expected a refusal, not {other:?}"),
    }
}

/// Reviewed and authorized; the job has not run.
fn authorized(lis: &Lis, id: ReportId) {
    open_grant(lis, REVIEWER, "reviewed");
    open_grant(lis, SIGNATORY, "authorized");
    review(lis, id, REVIEWER).unwrap();
    authorize(lis, id, SIGNATORY).unwrap();
}

// Requirement: Q78-2, Q78-4
#[test]
fn a_report_is_reviewed_authorized_printed_issued_and_mailed() {
    let (_directory, mut lis) = laboratory();
    let server = SmtpReceiver::start().unwrap();
    lis.mailer = Some(Mailer::new(&format!("smtp://{}", server.address()), Some("lab@lis.example")).unwrap());
    seed(&lis);
    let id = compile(&lis, None).unwrap();
    assert_eq!(compile(&lis, None).unwrap(), id, "asked again it is the same report");
    assert_eq!(report(&lis, id).report_no, "BZ-2026-W-000001");
    assert_eq!(run_until_idle(&lis, QUEUES).unwrap(), 0, "nothing leaves before it is authorized");

    open_grant(&lis, REVIEWER, "reviewed");
    let before = lis.db.counts().statements();
    review(&lis, id, REVIEWER).unwrap();
    let reviewing = lis.db.counts().statements() - before;
    assert!(reviewing <= 6, "{reviewing} statements");
    open_grant(&lis, SIGNATORY, "authorized");
    let before = lis.db.counts().statements();
    authorize(&lis, id, SIGNATORY).unwrap();
    let authorizing = lis.db.counts().statements() - before;
    assert!(authorizing <= 11, "{authorizing} statements");

    let document = lis.db.read_now(|conn| Ok(store::document(conn, id)?)).unwrap();
    let fixed: serde_json::Value = serde_json::from_str(&document).unwrap();
    assert_eq!(
        fixed["conclusion"],
        "经检验，来样 脱氧雪腐镰刀菌烯醇 项目不符合 GB 2762-2025、GB 2761-2017 要求，检验结论为不合格。"
    );
    assert_eq!(fixed["items"][0]["requirement"], "≤0.2");
    assert_eq!(fixed["items"][1]["verdict"], "不合格");
    assert_eq!(fixed["responsibility"], "as_received");
    assert_eq!((&fixed["tested_from"], &fixed["tested_to"]), (&"2026-11-04".into(), &"2026-11-06".into()));
    assert_eq!(fixed["issued_on"], "2026-11-16");
    let code = report(&lis, id).verification_code;
    assert_eq!(fixed["verification"]["qr"]["text"], format!("https://lis.example/verify/{code}"));
    let signed: Vec<(String, String)> = lis
        .db
        .read_now(|conn| {
            let columns = (signature::meaning, signature::object_hash);
            Ok(signature::table.order(signature::id).select(columns).load(conn)?)
        })
        .unwrap();
    assert_eq!(signed.iter().map(|(meaning, _)| meaning.as_str()).collect::<Vec<_>>(), ["reviewed", "authorized"]);
    assert_eq!(signed[1].1, sha256_of(document.as_bytes()), "the signatory signs the fixed document");

    run_until_idle(&lis, QUEUES).unwrap();
    let issued = report(&lis, id);
    assert_eq!((issued.state(), issued.conclusion.as_str()), (ReportState::Issued, "fail"));
    let sha256 = issued.file_sha256.unwrap();
    let bytes = lis.files.get(&sha256).unwrap();
    assert!(bytes.starts_with(b"%PDF-1.7"));
    let (items, sample_state, files): (Vec<String>, String, i64) = lis
        .db
        .read_now(|conn| {
            Ok((
                test_item::table.order(test_item::id).select(test_item::state).load(conn)?,
                sample::table.select(sample::state).first(conn)?,
                stored_file::table.count().get_result(conn)?,
            ))
        })
        .unwrap();
    assert_eq!((items, sample_state.as_str(), files), (vec!["final".to_owned(); 2], "closed", 1));
    let received = server.messages();
    assert_eq!(received.len(), 1, "one address, one mail, though it is the firm's and a person's");
    assert_eq!(received[0].to, ["boss@golden-grain.example"]);
    assert!(String::from_utf8_lossy(&received[0].data).contains("filename=\"BZ-2026-W-000001.pdf\""));

    // The job a second time: same file, nothing changes.
    let entries = || lis.db.read_now(|conn| Ok(audit_entry::table.count().get_result::<i64>(conn)?)).unwrap();
    let before = entries();
    super::issue::run(&lis, crate::domain::ids::JobId(1), &serde_json::json!({"report": id})).unwrap();
    assert_eq!(entries(), before);
    assert_eq!(report(&lis, id).file_sha256, Some(sha256));
}

// Requirement: Q62-4
#[test]
fn a_refusal_names_all_its_reasons() {
    let (_directory, lis) = laboratory();
    seed(&lis);
    let id = compile(&lis, None).unwrap();
    sql(
        &lis,
        "UPDATE test_item SET state = 'calculated' WHERE id = 2;
         INSERT INTO qc_verdict VALUES (2, 1, 2, 'reject', '{}', '2026-11-06 00:00:00');",
    );
    let refused = codes(review(&lis, id, TESTER));
    assert_eq!(refused, ["reviewer-tested", "items-not-checked", "items-held-by-qc", "signing-grant-missing"]);
    assert_eq!(report(&lis, id).state(), ReportState::Compiling, "nothing half-written");

    // Released by the quality officer, the failed control holds nothing any more.
    sql(
        &lis,
        "UPDATE test_item SET state = 'checked' WHERE id = 2;
         INSERT INTO qc_release VALUES (1, 2, 'cause', 'action', 2, '2026-11-06 01:00:00');",
    );
    open_grant(&lis, REVIEWER, "reviewed");
    review(&lis, id, REVIEWER).unwrap();
    assert_eq!(codes(review(&lis, id, REVIEWER)), ["report-wrong-state"]);

    // The reviewer, who also tested, tries to authorize with a field that ended yesterday.
    sql(
        &lis,
        &format!(
            "UPDATE test_item SET tester_id = {REVIEWER}, verdict = 'REVIEW' WHERE id = 1;
             INSERT INTO person_authorization VALUES (3, 1, {REVIEWER}, '*', 'authorize', '2026-01-01', '2026-11-15', 1,
               '2026-01-01 00:00:00');"
        ),
    );
    assert_eq!(
        codes(authorize(&lis, id, REVIEWER)),
        ["signatory-reviewed", "signatory-tested", "verdict-open", "outside-signatory-field", "signing-grant-missing"]
    );
    assert_eq!(report(&lis, id).state(), ReportState::Reviewed);
}

#[test]
fn who_decided_a_result_signs_no_report_with_it() {
    let (_directory, lis) = laboratory();
    seed(&lis);
    sql(
        &lis,
        &format!(
            "INSERT INTO result_version SELECT 3, item_id, 2, entries, value, unit, reported, verdict, record, limit_set_id,
               limit_key, method_key, 'decided', 'basis', {REVIEWER}, at FROM result_version WHERE id = 1;
             UPDATE test_item SET result_id = 3 WHERE id = 1;"
        ),
    );
    let id = compile(&lis, None).unwrap();
    open_grant(&lis, REVIEWER, "reviewed");
    assert_eq!(codes(review(&lis, id, REVIEWER)), ["reviewer-tested"]);
}

#[test]
fn what_changed_after_the_review_is_not_authorized() {
    let (_directory, lis) = laboratory();
    seed(&lis);
    let id = compile(&lis, None).unwrap();
    open_grant(&lis, REVIEWER, "reviewed");
    open_grant(&lis, SIGNATORY, "authorized");
    review(&lis, id, REVIEWER).unwrap();
    // A corrected result is a new version that the item points to.
    sql(
        &lis,
        "INSERT INTO result_version SELECT 3, item_id, 2, entries, '0.21', unit, '0.21', 'FAIL', record, limit_set_id,
           limit_key, method_key, 'corrected', 'blank', person_id, at FROM result_version WHERE id = 1;
         UPDATE test_item SET result_id = 3, verdict = 'FAIL' WHERE id = 1;",
    );
    assert_eq!(codes(authorize(&lis, id, SIGNATORY)), ["report-changed-since-review"]);
    assert_eq!(compile(&lis, None).unwrap(), id);
    assert_eq!(report(&lis, id).state(), ReportState::Compiling, "checked again, it goes back to its reviewer");
}

#[test]
fn an_amendment_takes_the_place_of_the_old_report_when_it_is_issued() {
    let (_directory, lis) = laboratory();
    seed(&lis);
    let old = compile(&lis, None).unwrap();
    authorized(&lis, old);
    assert_eq!(codes(compile(&lis, None)), ["report-wrong-state"], "its file is being made");
    run_until_idle(&lis, QUEUES).unwrap();
    assert_eq!(codes(compile(&lis, None)), ["report-exists"]);

    sql(
        &lis,
        "INSERT INTO result_version SELECT 3, item_id, 2, entries, '0.0447', unit, '0.0447', 'PASS', record, limit_set_id,
           limit_key, method_key, 'recomputed', 'blank', person_id, at FROM result_version WHERE id = 1;
         UPDATE test_item SET result_id = 3 WHERE id = 1;",
    );
    let amends = Amends { report: old, reason: "空白值录入错误".to_owned() };
    let new = compile(&lis, Some(amends)).unwrap();
    assert_eq!(report(&lis, new).report_no, "BZ-2026-W-000001-G1");
    assert_eq!(report(&lis, old).state(), ReportState::Amended);
    authorized(&lis, new);
    assert_eq!(report(&lis, old).state(), ReportState::Amended, "not before the new one is issued");
    run_until_idle(&lis, QUEUES).unwrap();
    assert_eq!(report(&lis, old).state(), ReportState::Replaced);
    assert_eq!(report(&lis, new).state(), ReportState::Issued);
    let fixed = lis.db.read_now(|conn| actions::fixed_document(conn, new)).unwrap();
    assert_eq!(fixed["kind"], "amended");
    assert_eq!(fixed["amendment"]["old_report_no"], "BZ-2026-W-000001");
    assert_eq!(fixed["amendment"]["changes"], serde_json::json!(["铅：由 0.045 (合格) 更改为 0.0447 (合格)"]));
    let keys: Vec<String> =
        lis.db.read_now(|conn| Ok(mail::table.order(mail::id).select(mail::mail_key).load(conn)?)).unwrap();
    let expected = [
        format!("report:{old}:issued:boss@golden-grain.example"),
        format!("report:{new}:replaced:boss@golden-grain.example"),
    ];
    assert_eq!(keys, expected, "told once about each");
}

/// The recall says why, and the report that comes instead says it with the recalled one's number.
#[test]
fn a_report_after_a_recall_amends_the_recalled_one() {
    let (_directory, lis) = laboratory();
    seed(&lis);
    let old = compile(&lis, None).unwrap();
    authorized(&lis, old);
    run_until_idle(&lis, QUEUES).unwrap();
    let by = May::<ManageQuality>::check(&actor(REVIEWER, &[Role::QualityOfficer])).unwrap();
    let recaller = actions::Recaller::of(&lis.config);
    lis.db.write_now(move |tx| actions::recall(tx, &by, &recaller, &[old], "标准溶液配制错误")).unwrap();

    let new = compile(&lis, None).unwrap();
    let row = report(&lis, new);
    assert_eq!((row.report_no.as_str(), row.amends_id), ("BZ-2026-W-000001-G1", Some(old)));
    assert_eq!(row.amendment_reason, "标准溶液配制错误");
    assert_eq!(compile(&lis, None).unwrap(), new, "asked again it is the same report");
    authorized(&lis, new);
    run_until_idle(&lis, QUEUES).unwrap();
    assert_eq!(report(&lis, new).state(), ReportState::Issued);
    assert_eq!(report(&lis, old).state(), ReportState::Withdrawn, "what was recalled stays so");
    let fixed = lis.db.read_now(|conn| actions::fixed_document(conn, new)).unwrap();
    assert_eq!(fixed["kind"], "amended");
    assert_eq!(fixed["amendment"]["old_report_no"], "BZ-2026-W-000001");
    assert_eq!(fixed["amendment"]["reason"], "标准溶液配制错误");
    let keys: Vec<String> =
        lis.db.read_now(|conn| Ok(mail::table.order(mail::id).select(mail::mail_key).load(conn)?)).unwrap();
    let about = |report: ReportId, what: &str| format!("report:{report}:{what}:boss@golden-grain.example");
    assert_eq!(keys, [about(old, "issued"), about(old, "recalled"), about(new, "replaced")]);
}

#[test]
fn only_a_person_whom_it_concerns_has_to_do_with_a_sample() {
    let (_directory, lis) = laboratory();
    seed(&lis);
    let concerns = |who: Actor| lis.db.read_now(|conn| super::store::concerned::concerns(conn, &who, SAMPLE)).unwrap();
    let mut firm = actor(CLIENT_PERSON, &[Role::Enterprise]);
    assert!(!concerns(firm.clone()), "a person of no enterprise");
    firm.enterprise = Some(crate::domain::ids::EnterpriseId(1));
    assert!(concerns(firm.clone()));
    firm.enterprise = Some(crate::domain::ids::EnterpriseId(2));
    assert!(!concerns(firm));
    let mut regulator = actor(9, &[Role::Regulator]);
    regulator.region = crate::domain::identifiers::RegionCode::parse("1310").ok();
    assert!(!concerns(regulator), "no failing case, no regulator");
}

/// More than the 32,766 values that SQLite takes in one statement.
#[test]
fn any_number_of_reports_is_read() {
    let (_directory, lis) = laboratory();
    let ids: Vec<ReportId> = (1..=40_000).map(ReportId).collect();
    assert!(lis.db.read_now(|conn| Ok(store::reports(conn, &ids)?)).unwrap().is_empty());
}

#[test]
fn a_grant_of_another_meaning_signs_nothing() {
    let (_directory, lis) = laboratory();
    seed(&lis);
    let id = compile(&lis, None).unwrap();
    open_grant(&lis, REVIEWER, "checked");
    assert_eq!(codes(review(&lis, id, REVIEWER)), ["signing-grant-missing"]);
    let (real, today) = (lis.clock.real(), lis.clock.now().date_in_china());
    let open = |person: i64, meaning, minutes| {
        let signer = Signer { person: PersonId(person), real: real.plus(TimeDelta::minutes(minutes)), today };
        let to_sign = lis.db.read_now(|conn| gathered::to_sign(conn, id, &signer)).unwrap().unwrap();
        to_sign.grant(meaning).is_some()
    };
    assert!(open(REVIEWER, Meaning::Checked, 0) && !open(REVIEWER, Meaning::Reviewed, 0));
    assert!(open(REVIEWER, Meaning::Checked, 9) && !open(REVIEWER, Meaning::Checked, 10), "for ten minutes");
    assert!(!open(SIGNATORY, Meaning::Checked, 0), "another's grant");
}
