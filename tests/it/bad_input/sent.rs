//! Forms of pages that are sent without being opened: the demonstration leaves nothing for which their page would show them,
//! or they are a button and nothing else. Each is sent by somebody who may, on a thing that is there, with each of its fields
//! in turn holding what no field may hold, with a wrong version, and without the token of its session. Nothing is changed.

use std::collections::BTreeMap;

use lis_tests::{Client, Reply, TestLis, demonstrated};

use super::commands::{fingerprint, signed_in};
use super::forms::{WRONG, wrong_page};
use crate::steps::{
    a_calibration, a_comparison, a_complaint, a_failed_check, a_profile, a_room, a_round, a_scope_line,
    a_subcontractor, a_supplier, an_excursion,
};

/// One form.
pub struct Sent {
    /// Somebody of the demonstration; empty: nobody in particular.
    by: &'static str,
    pub action: String,
    /// A query for the version that the form carries, where it does.
    version: Option<String>,
    fields: &'static [(&'static str, &'static str)],
    /// A field and what it may not be: empty, too long ([`LONG`]), no such word, no such day.
    wrong: &'static [(&'static str, &'static str)],
}

/// The hash of no file.
const NOWHERE: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Stands for a text that is too long.
const LONG: &str = "LONG";

/// What is said of another laboratory, and what it may not be.
const REGISTER: &[(&str, &str)] = &[
    ("name", "邻县检验所"),
    ("accreditation_no", "180000000000"),
    ("methods", "GB 5009.12"),
    ("valid_until", "2027-12-31"),
    ("evaluated_on", "2026-11-20"),
];
const NO_REGISTER: &[(&str, &str)] = &[
    ("name", ""),
    ("name", LONG),
    ("accreditation_no", ""),
    ("accreditation_no", LONG),
    ("methods", ""),
    ("methods", LONG),
    ("valid_until", ""),
    ("valid_until", "2026-02-30"),
    ("valid_until", "2026-11-19"),
    ("evaluated_on", "2027-01-01"),
];

/// What is said of a supplier, and what it may not be.
const SUPPLIER: &[(&str, &str)] = &[
    ("name", "另一试剂公司"),
    ("provides", "materials"),
    ("approved_from", "2026-01-01"),
    ("approved_until", "2026-12-31"),
    ("evaluated_on", "2026-11-20"),
    ("evaluation", "资质齐全"),
];
const NO_SUPPLIER: &[(&str, &str)] = &[
    ("name", ""),
    ("name", LONG),
    ("provides", ""),
    ("provides", "paint"),
    ("approved_from", "2026-02-30"),
    ("approved_until", "2025-12-31"),
    ("evaluated_on", "2027-01-01"),
    ("evaluation", ""),
    ("evaluation", LONG),
];

impl Sent {
    fn new(by: &'static str, action: impl Into<String>) -> Self {
        Self { by, action: action.into(), version: None, fields: &[], wrong: &[] }
    }

    /// The form changes a row of a table.
    fn of(self, table: &str, id: i64) -> Self {
        Self { version: Some(format!("SELECT version AS value FROM {table} WHERE id = {id}")), ..self }
    }

    fn with(
        self,
        fields: &'static [(&'static str, &'static str)],
        wrong: &'static [(&'static str, &'static str)],
    ) -> Self {
        Self { fields, wrong, ..self }
    }
}

pub fn sent(lis: &TestLis) -> Vec<Sent> {
    let mut all = outside(lis);
    all.extend(goods(lis));
    all.extend(bench(lis));
    all.extend(offices(lis));
    all.extend(conditions(lis));
    all
}

/// The accredited scope, the environment, competence, one's own declaration.
fn conditions(lis: &TestLis) -> Vec<Sent> {
    let (line, room, excursion) = (a_scope_line(lis), a_room(lis), an_excursion(lis));
    vec![
        Sent::new("manager", "/scope").with(
            &[
                ("scheme", "CNAS"),
                ("certificate_no", "L0001"),
                ("analytes", "铅;镉"),
                ("method_standard", "GB 5009.268"),
                ("procedure", "第一法"),
                ("food_categories", "蔬菜"),
                ("restrictions", "只测总量"),
                ("valid_from", "2026-01-01"),
                ("valid_until", "2031-12-31"),
            ],
            &[
                ("scheme", ""),
                ("scheme", "CCC"),
                ("certificate_no", ""),
                ("analytes", ""),
                ("analytes", LONG),
                ("method_standard", ""),
                ("valid_from", "2026-02-30"),
                ("valid_until", "2025-12-31"),
            ],
        ),
        Sent::new("manager", format!("/scope/{line}/end")).of("accredited_scope", line),
        Sent::new("manager", "/environment").with(
            &[("code", "B-1"), ("name", "天平室"), ("temperature_least", "15"), ("temperature_most", "25")],
            &[
                ("code", ""),
                ("code", "A-100"),
                ("name", LONG),
                ("temperature_least", "26"),
                ("temperature_most", "1,5"),
                ("humidity_most", "dry"),
                ("limits_from", "2026-02-30"),
                ("recipients", "nobody"),
                ("kind", "cellar"),
                ("places", "A-100"),
            ],
        ),
        Sent::new("manager", format!("/environment/{room}")).of("room", room).with(
            &[("code", "A-100"), ("name", "天平室"), ("humidity_most", "65"), ("methods", "GB 5009.3")],
            &[
                ("code", ""),
                ("name", ""),
                ("humidity_most", "abc"),
                ("methods", LONG),
                ("limits_from", "2026-11-01"),
                ("recipients", "nobody"),
            ],
        ),
        Sent::new("tester2", format!("/environment/{room}/readings")).with(
            &[("read_at", "2026-11-26 08:00"), ("temperature", "20.1"), ("humidity", "45"), ("remark", "空调检修")],
            &[
                ("read_at", ""),
                ("read_at", "yesterday"),
                ("read_at", "2027-01-01 08:00"),
                ("temperature", "warm"),
                ("humidity", "4,5"),
                ("remark", LONG),
            ],
        ),
        Sent::new("manager", "/separations").with(
            &[
                ("from_kind", "high_contamination"),
                ("into_kind", "preparation"),
                ("mode", "warn"),
                ("reason", "共用通风"),
            ],
            &[
                ("from_kind", ""),
                ("from_kind", "cellar"),
                ("into_kind", "high_contamination"),
                ("mode", "perhaps"),
                ("reason", ""),
                ("reason", LONG),
            ],
        ),
        Sent::new("quality", format!("/excursions/{excursion}"))
            .of("room_excursion", excursion)
            .with(&[("handling", "空调检修，样品未受影响")], &[("handling", ""), ("handling", LONG)]),
        Sent::new("quality", "/competence").with(
            &[
                ("person_id", "1"),
                ("kind", "evaluation"),
                ("method_standard", "GB 5009.12"),
                ("performed_on", "2026-11-20"),
                ("performed_by", "技术负责人"),
                ("result", "competent"),
                ("next_due", "2027-11-19"),
                ("remark", "盲样考核"),
            ],
            &[
                ("person_id", ""),
                ("person_id", "0"),
                ("kind", "party"),
                ("performed_on", "2026-12-31"),
                ("performed_by", ""),
                ("result", ""),
                ("result", "good"),
                ("next_due", "2026-11-20"),
            ],
        ),
        Sent::new("tester2", "/declaration").with(&[("agreed", "yes")], &[("agreed", ""), ("agreed", "no")]),
    ]
}

fn newest(lis: &TestLis, table: &str) -> i64 {
    lis.numbers(&format!("SELECT max(id) AS value FROM {table}"))[0]
}

/// Campaigns, plans, cases, orders.
fn outside(lis: &TestLis) -> Vec<Sent> {
    let (campaign, plan) = (newest(lis, "campaign"), newest(lis, "sampling_plan"));
    let (case, application) = (newest(lis, "failing_case"), newest(lis, "case_application"));
    let (response, event) = (newest(lis, "campaign_response"), newest(lis, "case_event"));
    let order = newest(lis, "sample WHERE client_id IS NOT NULL");
    vec![
        Sent::new("officer", format!("/campaigns/{campaign}"))
            .of("campaign", campaign)
            .with(&[("title_zh", "第二轮"), ("region_code", "131081")], &[("title_zh", ""), ("title_zh", LONG)]),
        Sent::new("officer", format!("/campaigns/{campaign}/open")).of("campaign", campaign),
        Sent::new("officer", format!("/campaigns/{campaign}/close")).of("campaign", campaign),
        Sent::new("officer", format!("/campaigns/{campaign}/plans/{plan}/venues")).with(
            &[("per_stratum", "1"), ("seed", "0512")],
            &[
                ("per_stratum", ""),
                ("per_stratum", "0"),
                ("per_stratum", "-1"),
                ("per_stratum", "many"),
                ("seed", LONG),
            ],
        ),
        Sent::new("officer", format!("/campaigns/{campaign}/responses")).with(
            &[
                ("client_uuid", "0192f3a0-0000-7000-8000-000000000031"),
                ("telephone", "13900000031"),
                ("seconds_taken", "60"),
            ],
            &[("client_uuid", ""), ("client_uuid", "abc"), ("seconds_taken", ""), ("seconds_taken", "-1")],
        ),
        Sent::new("officer", format!("/campaigns/{campaign}/responses/{response}/reject"))
            .with(&[("reason", "same_person")], &[("reason", ""), ("reason", "because"), ("reason", LONG)]),
        Sent::new("approver", format!("/plans/{plan}/decision")).of("sampling_plan", plan).with(
            &[("decision", "refuse"), ("reason", "批次过多")],
            &[("decision", ""), ("decision", "perhaps"), ("reason", ""), ("reason", LONG)],
        ),
        Sent::new("", format!("/poll/{campaign}")).with(
            &[("client_uuid", "0192f3a0-0000-7000-8000-000000000032"), ("ticket", "x"), ("telephone", "13900000032")],
            &[("client_uuid", ""), ("client_uuid", "abc")],
        ),
        Sent::new("ordering", format!("/cases/{case}/applications/{application}"))
            .of("case_application", application)
            .with(
                &[("decision", "refused"), ("reason", "申请超出范围")],
                &[("decision", ""), ("decision", "perhaps"), ("reason", ""), ("reason", LONG)],
            ),
        Sent::new("ordering", format!("/cases/{case}/events/{event}/acknowledge")),
        Sent::new("ordering", format!("/cases/{case}/service")).of("failing_case", case).with(
            &[("party", "maker"), ("served_at", "2026-11-27T08:30"), ("how", "邮寄送达")],
            &[
                ("party", "nobody"),
                ("served_at", "2026-02-30T08:30"),
                ("served_at", "tomorrow"),
                ("how", ""),
                ("how", LONG),
            ],
        ),
        Sent::new("ordering", format!("/cases/{case}/step"))
            .of("failing_case", case)
            .with(&[("step", "fly")], &[("step", "fly"), ("step", "")]),
        Sent::new("bakery", format!("/portal/orders/{order}/withdraw")).of("sample", order),
    ]
}

/// Samples, parts, files of forms, mails.
fn goods(lis: &TestLis) -> Vec<Sent> {
    let (sample, part) = (newest(lis, "sample WHERE sample_no IS NOT NULL"), newest(lis, "part"));
    let nowhere = "0".repeat(64);
    vec![
        Sent::new("custodian", format!("/samples/{sample}/withdraw")).of("sample", sample),
        Sent::new("custodian", format!("/samples/{sample}/order-items")).of("sample", sample).with(
            &[("item", "ni|GB 5009.268"), ("price", ""), ("consent", ""), ("reason", "委托方追加项目")],
            &[
                ("item", ""),
                ("item", LONG),
                ("price", "abc"),
                ("price", "-1"),
                ("consent", LONG),
                ("reason", ""),
                ("reason", LONG),
            ],
        ),
        Sent::new("custodian", format!("/parts/{part}/custody")).of("part", part).with(
            &[("event", "move"), ("holder_id", ""), ("location", "B-9-9")],
            &[("event", ""), ("event", "fly"), ("location", ""), ("location", LONG)],
        ),
        Sent::new("custodian", format!("/parts/{part}/split")).of("part", part).with(
            &[("quantities", "0.1 0.1"), ("location", "A-9-9")],
            &[("quantities", ""), ("quantities", "-1"), ("quantities", "NaN"), ("location", ""), ("location", LONG)],
        ),
        Sent::new("custodian", "/disposal/release").with(&[("remark", "")], &[("remark", LONG)]),
        Sent::new("custodian", "/disposal/keep").with(&[("remark", "调查中")], &[("remark", ""), ("remark", LONG)]),
        Sent::new("quality", "/disposal/dispose").with(
            &[("method", "general_waste"), ("remark", "")],
            &[("method", ""), ("method", "fire"), ("remark", LONG)],
        ),
        Sent::new("custodian", format!("/sampling-forms/import/{nowhere}")).with(
            &[("file_name", "forms.csv"), ("mapping", ""), ("mode", "all")],
            &[("mode", ""), ("mode", "sometimes"), ("mapping", "no mapping")],
        ),
        Sent::new("custodian", "/deliveries/mails/1/retry"),
        Sent::new("custodian", "/deliveries/jobs/1/retry"),
    ]
}

/// Assignment, worksheets, checks, the inbox, reports.
fn bench(lis: &TestLis) -> Vec<Sent> {
    let (open, message) = (newest(lis, "worksheet WHERE state = 'open'"), newest(lis, "instrument_message"));
    let (row, report) = (newest(lis, "observation"), newest(lis, "report WHERE state = 'issued'"));
    let submitted = newest(lis, "worksheet WHERE state = 'submitted'");
    let item = newest(lis, "test_item WHERE state = 'calculated'");
    let (profile, instrument) = (a_profile(lis), newest(lis, "instrument"));
    let (planned, other) = (newest(lis, "test_item WHERE state = 'planned'"), a_subcontractor(lis));
    vec![
        Sent::new("custodian", format!("/assignment/{planned}/consent")).with(
            &[("agreed", "yes"), ("given_by", "科长"), ("given_on", "2026-11-26"), ("how", "来函")],
            &[
                ("agreed", ""),
                ("agreed", "perhaps"),
                ("given_by", ""),
                ("given_by", LONG),
                ("given_on", ""),
                ("given_on", "2026-02-30"),
                ("given_on", "2027-01-01"),
                ("how", ""),
                ("how", LONG),
            ],
        ),
        Sent::new("custodian", format!("/assignment/{planned}/subcontract")).of("test_item", planned).with(
            &[("subcontractor", "1"), ("sent_on", "2026-11-27"), ("label_code", "")],
            &[
                ("subcontractor", ""),
                ("subcontractor", "abc"),
                ("subcontractor", "0"),
                ("subcontractor", "999999"),
                ("sent_on", "2026-02-30"),
                ("sent_on", "2027-01-01"),
                ("label_code", "1234567890"),
                ("label_code", LONG),
            ],
        ),
        Sent::new("custodian", format!("/assignment/{planned}/take-back"))
            .of("test_item", planned)
            .with(&[("reason", "对方设备停机")], &[("reason", ""), ("reason", LONG)]),
        Sent::new("custodian", format!("/assignment/{planned}/method")).of("test_item", planned).with(
            &[("method", "GB 5009.268"), ("price", ""), ("consent", ""), ("reason", "委托方要求")],
            &[
                ("method", ""),
                ("method", LONG),
                ("price", "abc"),
                ("price", "-1"),
                ("consent", LONG),
                ("reason", ""),
                ("reason", LONG),
            ],
        ),
        Sent::new("custodian", format!("/assignment/{planned}/cancel"))
            .of("test_item", planned)
            .with(&[("reason", "委托方撤回该项目")], &[("reason", ""), ("reason", LONG)]),
        Sent::new("quality", "/subcontractors").with(REGISTER, NO_REGISTER),
        Sent::new("manager", format!("/subcontractors/{other}")).of("subcontractor", other).with(REGISTER, NO_REGISTER),
        Sent::new("manager", "/assignment")
            .with(&[("method", "")], &[("tester-1-1", "nobody"), ("tester-x-1", "3"), ("tester-1", "3")]),
        Sent::new("tester2", format!("/worksheets/{open}/aim")).with(
            &[("aim", "1-mass-1"), ("balance", "1")],
            &[("aim", ""), ("aim", "abc"), ("aim", "x-mass-1"), ("balance", ""), ("balance", "abc")],
        ),
        Sent::new("tester2", format!("/worksheets/{submitted}/corrections")).with(
            &[("cell", "999999-reading-1-1"), ("value", "2.06"), ("reason", "读数录入有误"), ("uuid", "a")],
            &[("cell", ""), ("cell", "abc"), ("reason", ""), ("reason", LONG), ("value", LONG)],
        ),
        Sent::new("tester2", format!("/worksheets/{open}/submission"))
            .of("worksheet", open)
            .with(&[("confirmation", "证书待录入")], &[("confirmation", LONG)]),
        Sent::new("tester2", format!("/worksheets/{open}/lots")).of("worksheet", open).with(
            &[("lots", "S-2601"), ("used_on", "2026-11-27")],
            &[("lots", "nothing"), ("lots", LONG), ("used_on", "2026-02-30"), ("used_on", "2026-12-31")],
        ),
        Sent::new("checker", "/check").with(
            &[("items", "999999:1"), ("signing_password", "")],
            &[("items", ""), ("items", "abc"), ("items", "1"), ("items", "1:x"), ("items", "999999:1")],
        ),
        Sent::new("manager", format!("/check/{item}/decision")).of("test_item", item).with(
            &[("verdict", "pass"), ("basis", "GB 2762-2025 表 2"), ("reason", "经查无限量要求")],
            &[("verdict", ""), ("verdict", "review"), ("basis", ""), ("basis", LONG), ("reason", ""), ("reason", LONG)],
        ),
        Sent::new("manager", format!("/check/{item}/deviation")).of("test_item", item).with(
            &[
                ("description", "称样量减半"),
                ("justification", "样品量不足"),
                ("accepted_on", "2026-11-20"),
                ("accepted_how", "邮件"),
            ],
            &[
                ("description", ""),
                ("description", LONG),
                ("justification", ""),
                ("accepted_on", "2026-02-30"),
                ("accepted_how", ""),
            ],
        ),
        Sent::new("tester2", format!("/inbox/{message}/map")).with(
            &[("kind", "analyte"), ("source", "砷元素"), ("target", "as"), ("preview", "")],
            &[("kind", ""), ("kind", "colour"), ("source", ""), ("source", LONG), ("target", ""), ("preview", LONG)],
        ),
        Sent::new("tester2", "/profiles").with(
            &[("name", "flame"), ("title", "火焰"), ("toml", "x"), ("example", NOWHERE)],
            &[("example", ""), ("example", "abc"), ("name", LONG), ("toml", LONG)],
        ),
        Sent::new("tester2", "/profiles/correct").with(
            &[("example", NOWHERE), ("toml", "x"), ("means", "sample"), ("cell", "1:1")],
            &[
                ("example", ""),
                ("example", "abc"),
                ("cell", "abc"),
                ("begins", "x"),
                ("means", "colour"),
                ("shown", "x"),
            ],
        ),
        Sent::new("manager", format!("/profiles/{profile}/promote")).of("instrument_profile", profile),
        Sent::new("tester2", format!("/inbox/{message}/document"))
            .with(&[("label_code", "4711000018")], &[("label_code", ""), ("label_code", LONG)]),
        Sent::new("tester2", format!("/inbox/{message}/document/withdrawal"))
            .with(&[("why", "样品不符")], &[("why", ""), ("why", LONG)]),
        Sent::new("tester2", format!("/inbox/{message}/read-again")),
        Sent::new("tester2", format!("/instruments/{instrument}/replay"))
            .with(&[("message", "1")], &[("message", "abc")]),
        Sent::new("tester2", format!("/inbox/{message}/set-aside/{row}"))
            .with(&[("why", "无法识别")], &[("why", ""), ("why", LONG)]),
        Sent::new("reviewer", format!("/reports/{report}/review")).of("report", report),
        Sent::new("reviewer", format!("/reports/{report}/return-item")).of("report", report).with(
            &[("item", "999999:1"), ("reason", "平行样与原始记录不符")],
            &[("item", ""), ("item", "abc"), ("reason", ""), ("reason", LONG)],
        ),
        Sent::new("reviewer", format!("/reports/{report}/opinion")).of("report", report).with(
            &[("opinion", "建议核查原料验收"), ("basis", "同产地历年监测结果")],
            &[("opinion", LONG), ("basis", ""), ("basis", LONG)],
        ),
        Sent::new("signatory", format!("/reports/{report}/authorize")).of("report", report),
        Sent::new("signatory", format!("/reports/{report}/withdraw"))
            .of("report", report)
            .with(&[("reason", "委托方撤销委托")], &[("reason", ""), ("reason", LONG)]),
        Sent::new("signatory", "/signing").with(
            &[("meaning", "authorized"), ("signing_password", "x"), ("back", "/")],
            &[("meaning", ""), ("meaning", "sealed")],
        ),
    ]
}

/// People, quality, the catalogue, one's own account.
fn offices(lis: &TestLis) -> Vec<Sent> {
    let (authorization, token) = (newest(lis, "person_authorization"), newest(lis, "api_token"));
    let owner = lis.numbers(&format!("SELECT person_id AS value FROM api_token WHERE id = {token}"))[0];
    let (sheet, instrument, lot) = (newest(lis, "worksheet"), newest(lis, "instrument"), newest(lis, "lot"));
    let (work, round, complaint) = (newest(lis, "nonconforming_work"), a_round(lis), a_complaint(lis));
    let ((calibrated, record), supplier) = (a_calibration(lis), a_supplier(lis));
    let comparison = a_comparison(lis);
    let (check, value) = (a_failed_check(lis), newest(lis, "result_entry WHERE observation_id IS NOT NULL"));
    let nowhere = "0".repeat(64);
    vec![
        Sent::new("checker", format!("/quality/transfers/{value}")).with(
            &[("outcome", "different"), ("remark", "单位不同")],
            &[("outcome", ""), ("outcome", "perhaps"), ("remark", ""), ("remark", LONG)],
        ),
        Sent::new("admin", format!("/upkeep/{check}/action")).with(
            &[("immediate", "已从前一日备份恢复"), ("corrective", "更换磁盘")],
            &[("immediate", ""), ("immediate", LONG), ("corrective", LONG)],
        ),
        Sent::new("manager", format!("/authorizations/{authorization}/end")).of("person_authorization", authorization),
        Sent::new("manager", format!("/imports/{nowhere}")).with(
            &[("kind", "suppliers"), ("encoding", "utf-8"), ("file_name", "suppliers.csv")],
            &[("kind", ""), ("kind", "colours")],
        ),
        Sent::new("manager", format!("/catalogue/import/{nowhere}")).with(
            &[("kind", "limits"), ("encoding", "utf-8"), ("file_name", "limits.csv")],
            &[("kind", ""), ("kind", "colours")],
        ),
        Sent::new("quality", "/quality/charts/limits").with(
            &[("method", "x"), ("analyte", "pb"), ("kind", "blank"), ("material", ""), ("reason", "一年")],
            &[("reason", ""), ("reason", LONG), ("method", LONG)],
        ),
        Sent::new("quality", "/quality/charts/rules").with(
            &[("method", ""), ("rule", "10x"), ("action", "warn"), ("reason", "新仪器")],
            &[
                ("method", "no-such-method"),
                ("rule", ""),
                ("rule", "11x"),
                ("action", ""),
                ("action", "block"),
                ("reason", ""),
                ("reason", LONG),
            ],
        ),
        Sent::new("manager", "/quality/gates").with(
            &[
                ("gate", "calibration"),
                ("mode", "warn"),
                ("valid_from", "2026-12-01"),
                ("reason", "证书已录入"),
                ("signing_password", ""),
            ],
            &[
                ("gate", ""),
                ("gate", "colour"),
                ("mode", "perhaps"),
                ("valid_from", "2026-02-30"),
                ("valid_from", "2026-11-01"),
                ("reason", ""),
                ("reason", LONG),
            ],
        ),
        Sent::new("manager", format!("/instruments/{instrument}/status")).of("instrument", instrument).with(
            &[("status", "stopped"), ("allowed_methods", ""), ("valid_from", "2026-11-26"), ("reason", "漏液")],
            &[
                ("status", ""),
                ("status", "broken"),
                ("status", "limited"),
                ("valid_from", "2026-12-31"),
                ("reason", ""),
                ("reason", LONG),
            ],
        ),
        Sent::new("manager", format!("/instruments/{instrument}/calibrations")).of("instrument", instrument).with(
            &[
                ("kind", "calibration"),
                ("certificate_no", "示例 1"),
                ("performed_by", "示例计量院"),
                ("performed_on", "2026-11-20"),
                ("next_due", "2027-11-19"),
                ("result", "qualified"),
            ],
            &[
                ("kind", ""),
                ("kind", "party"),
                ("certificate_no", ""),
                ("performed_by", LONG),
                ("performed_on", "2026-12-31"),
                ("next_due", "2026-11-19"),
                ("result", "good"),
                ("applies", "perhaps"),
            ],
        ),
        Sent::new("manager", format!("/instruments/{instrument}/upkeep")).of("instrument", instrument).with(
            &[("kind", "repair"), ("performed_on", "2026-11-26"), ("performed_by", "示例维修站"), ("what", "更换灯")],
            &[
                ("kind", ""),
                ("kind", "party"),
                ("performed_on", "2026-12-31"),
                ("performed_by", ""),
                ("performed_by", LONG),
                ("what", ""),
                ("what", LONG),
            ],
        ),
        Sent::new("manager", format!("/instruments/{calibrated}/calibrations/{record}/confirmation"))
            .of("instrument", calibrated)
            .with(
                &[("confirmed", "yes"), ("need", "称量 0.5 g")],
                &[("confirmed", ""), ("confirmed", "perhaps"), ("need", ""), ("need", LONG)],
            ),
        Sent::new("tester2", "/lots").with(
            &[
                ("code", "W-1"),
                ("kind", "reagent"),
                ("name", "硝酸"),
                ("received_on", "2026-11-20"),
                ("expires_on", "2027-11-19"),
            ],
            &[
                ("code", ""),
                ("code", "S-2601"),
                ("kind", "paint"),
                ("kind", "solution"),
                ("expires_on", "2026-11-19"),
                ("parents", "nothing"),
                ("concentration", "1,0"),
                ("purity", LONG),
                ("storage", LONG),
            ],
        ),
        Sent::new("tester2", format!("/lots/{lot}/receipt")).of("lot", lot).with(
            &[("decision", "accept"), ("checked", "证书与标签一致"), ("reason", "")],
            &[("decision", ""), ("decision", "perhaps"), ("checked", ""), ("checked", LONG), ("reason", LONG)],
        ),
        Sent::new("quality", "/suppliers").with(SUPPLIER, NO_SUPPLIER),
        Sent::new("quality", format!("/suppliers/{supplier}")).of("supplier", supplier).with(SUPPLIER, NO_SUPPLIER),
        Sent::new("tester2", format!("/lots/{lot}/opening")).of("lot", lot).with(
            &[("opened_on", "2026-11-27")],
            &[("opened_on", ""), ("opened_on", "2026-02-30"), ("opened_on", "2025-01-01")],
        ),
        Sent::new("quality", format!("/quality/worksheets/{sheet}/release")).of("worksheet", sheet).with(
            &[("cause", "标准溶液过期"), ("action", "重新配制")],
            &[("cause", ""), ("cause", LONG), ("action", ""), ("action", LONG)],
        ),
        Sent::new("tester1", "/quality/work").with(
            &[
                ("subject", "lot"),
                ("lot", "批号 20261101"),
                ("method", "GB 5009.15"),
                ("since", "2026-11-01T08:00"),
                ("risk", "high"),
                ("description", "标准溶液标签浓度有误"),
                ("hold", "on"),
            ],
            &[
                ("subject", ""),
                ("subject", "weather"),
                ("lot_id", "abc"),
                ("lot", ""),
                ("lot", LONG),
                ("method", ""),
                ("method", LONG),
                ("since", ""),
                ("since", "2026-02-30T08:00"),
                ("risk", ""),
                ("risk", "huge"),
                ("description", ""),
                ("description", LONG),
                ("hold", "perhaps"),
            ],
        ),
        Sent::new("quality", format!("/quality/work/{work}/classification"))
            .of("nonconforming_work", work)
            .with(&[("risk", "low")], &[("risk", ""), ("risk", "huge")]),
        Sent::new("quality", format!("/quality/work/{work}/hold")).of("nonconforming_work", work),
        Sent::new("quality", format!("/quality/work/{work}/evaluation")).of("nonconforming_work", work).with(
            &[("effect", "none"), ("remark", "复测结果一致")],
            &[("effect", ""), ("effect", "some"), ("remark", ""), ("remark", LONG)],
        ),
        Sent::new("quality", format!("/quality/work/{work}/recall"))
            .of("nonconforming_work", work)
            .with(&[("reason", "结果有误")], &[("reason", ""), ("reason", LONG)]),
        Sent::new("quality", format!("/quality/work/{work}/resumption")).of("nonconforming_work", work),
        Sent::new("quality", format!("/quality/work/{work}/effect-check")).of("nonconforming_work", work).with(
            &[("effective", "yes"), ("remark", "一个月内未再发生")],
            &[("effective", ""), ("effective", "perhaps"), ("remark", ""), ("remark", LONG)],
        ),
        Sent::new("quality", format!("/quality/proficiency/{round}/work")).of("proficiency_round", round),
        Sent::new("quality", format!("/quality/comparisons/{comparison}/result")).of("comparison", comparison).with(
            &[("first_value", "0.250"), ("second_value", "0.262"), ("performed_on", "2026-11-26"), ("remark", "")],
            &[
                ("first_value", ""),
                ("first_value", "about"),
                ("second_value", ""),
                ("performed_on", ""),
                ("performed_on", "2026-12-31"),
                ("remark", LONG),
            ],
        ),
        Sent::new("quality", format!("/complaints/{complaint}/acknowledgement")).of("complaint", complaint),
        Sent::new("quality", format!("/complaints/{complaint}/decision")).of("complaint", complaint).with(
            &[("decision", "justified"), ("outcome", "已改进送达流程")],
            &[("decision", ""), ("decision", "perhaps"), ("outcome", ""), ("outcome", LONG)],
        ),
        Sent::new("quality", format!("/complaints/{complaint}/outcome"))
            .of("complaint", complaint)
            .with(&[("how", "电话")], &[("how", ""), ("how", LONG)]),
        Sent::new("admin", format!("/people/{owner}")).of("person", owner).with(
            &[("username", "somebody"), ("name", "某人"), ("roles", "tester"), ("email", "")],
            &[("username", ""), ("username", LONG), ("name", ""), ("roles", "emperor"), ("email", "no address")],
        ),
        Sent::new("admin", format!("/people/{owner}/password")).of("person", owner),
        Sent::new("admin", format!("/people/{owner}/tokens")).with(
            &[("purpose", "称重程序"), ("scopes", "see_bench"), ("expires_on", "2027-06-30")],
            &[("purpose", ""), ("purpose", LONG), ("scopes", ""), ("scopes", "fly"), ("expires_on", "2026-02-30")],
        ),
        Sent::new("admin", format!("/people/{owner}/tokens/{token}/revoke")),
        Sent::new("custodian", "/account/password").with(
            &[("current_password", "demo-laboratory"), ("new_password", "short")],
            &[("new_password", ""), ("new_password", "short"), ("new_password", LONG)],
        ),
        // The signing password must be another one.
        Sent::new("custodian", "/account/signing-password").with(
            &[("current_password", "demo-laboratory"), ("signing_password", "short")],
            &[("signing_password", ""), ("signing_password", "short"), ("signing_password", "demo-laboratory")],
        ),
        Sent::new("", "/sign-in").with(&[("username", "nobody"), ("password", "x"), ("next", "/")], &[]),
        Sent::new("custodian", "/sign-out"),
    ]
}

/// Who sends, with the token of his session; empty where there is no session.
struct Sender {
    client: Client,
    csrf: String,
}

impl Sender {
    fn of(lis: &TestLis, by: &'static str) -> Self {
        if by.is_empty() {
            return Self { client: lis.client(), csrf: String::new() };
        }
        let client = signed_in(lis, by);
        let csrf = client.form("/account", "/account/password").value("csrf").expect("a token").to_owned();
        Self { client, csrf }
    }

    fn send(&self, action: &str, pairs: &[(&str, String)]) -> Result<Reply, String> {
        let body: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let ask = self.client.ask("POST", action).header("sec-fetch-site", "same-origin");
        ask.form_body(body.join("&")).try_send().map_err(|error| format!("no answer: {error}"))
    }
}

/// A value as it stands in the body of a form.
fn encoded(value: &str) -> String {
    match value {
        LONG => "%E9%95%BF".repeat(10_000),
        value => url::form_urlencoded::byte_serialize(value.as_bytes()).collect(),
    }
}

/// What no version is.
const NO_VERSIONS: &[&str] = &["abc", "1.5", "99999999999999999999", "1%00"];

/// The form with one field replaced, by a value that is encoded already.
fn with<'f>(pairs: &[(&'f str, String)], name: &'f str, value: &str) -> Vec<(&'f str, String)> {
    let mut pairs: Vec<(&str, String)> = pairs.iter().filter(|(field, _)| *field != name).cloned().collect();
    pairs.push((name, value.to_owned()));
    pairs
}

fn without<'f>(pairs: &[(&'f str, String)], name: &str) -> Vec<(&'f str, String)> {
    pairs.iter().filter(|(field, _)| *field != name).cloned().collect()
}

/// What must become of a hostile form.
enum Due {
    /// Refused, whatever is named.
    Refused,
    /// Refused with this field named.
    Named(&'static str),
    Status(u16),
}

fn complaint(answer: Result<Reply, String>, due: &Due) -> Option<String> {
    let reply = match answer {
        Ok(reply) => reply,
        Err(error) => return Some(error),
    };
    match due {
        Due::Named(field) => wrong_page(&reply, field),
        Due::Status(status) => (reply.status != *status).then(|| format!("{}, not {status}", reply.status)),
        Due::Refused => {
            (!(400..=428).contains(&reply.status)).then(|| format!("answered {}: {}", reply.status, reply.shown()))
        }
    }
}

fn attacks(form: &Sent, csrf: &str, version: Option<i64>) -> Vec<(String, Due, Vec<(&'static str, String)>)> {
    let mut whole: Vec<(&'static str, String)> =
        form.fields.iter().map(|(name, value)| (*name, encoded(value))).collect();
    whole.extend(version.map(|version| ("version", version.to_string())));
    if !csrf.is_empty() {
        whole.push(("csrf", csrf.to_owned()));
    }
    let mut all = Vec::new();
    for (name, _) in form.fields {
        for (what, value) in WRONG.iter().filter(|(what, _)| *what != "control character") {
            all.push((format!("{name}: {what}"), Due::Named(name), with(&whole, name, value)));
        }
    }
    for (name, value) in form.wrong {
        all.push((format!("{name}: {value:?}"), Due::Refused, with(&whole, name, &encoded(value))));
    }
    if version.is_some() {
        all.push(("without a version".to_owned(), Due::Status(428), without(&whole, "version")));
        all.push(("with a version before the first".to_owned(), Due::Refused, with(&whole, "version", "-1")));
        for wrong in NO_VERSIONS {
            all.push((format!("with the version {wrong}"), Due::Named("version"), with(&whole, "version", wrong)));
        }
    }
    if !csrf.is_empty() {
        let key = "k".repeat(101);
        all.push(("with a key that is too long".to_owned(), Due::Refused, with(&whole, "once", &key)));
        all.push(("without its token".to_owned(), Due::Status(403), without(&whole, "csrf")));
        all.push(("with another token".to_owned(), Due::Status(403), with(&whole, "csrf", "guessed")));
    }
    all
}

demonstrated!(a_form_that_no_page_shows_is_checked_as_well, |lis: TestLis| {
    let (mut senders, mut complaints, mut number) = (BTreeMap::new(), Vec::new(), 0);
    for form in sent(&lis) {
        let sender = senders.entry(form.by).or_insert_with(|| Sender::of(&lis, form.by));
        let version = form.version.as_ref().map(|query| lis.numbers(query)[0]);
        let before = fingerprint(&lis);
        for (what, due, pairs) in attacks(&form, &sender.csrf, version) {
            number += 1;
            let why = complaint(sender.send(&form.action, &pairs), &due);
            complaints.extend(why.map(|why| format!("{} by {}: {what}: {why}", form.action, form.by)));
        }
        for (table, now) in fingerprint(&lis) {
            if before.get(&table) != Some(&now) {
                let was = before.get(&table);
                complaints.push(format!("{} by {}: {table} was {was:?} and is {now}", form.action, form.by));
            }
        }
    }
    assert!(complaints.is_empty(), "{} of {number} answers:\n{}", complaints.len(), complaints.join("\n"));
    assert!(number > 400, "only {number} hostile forms were sent");
});
