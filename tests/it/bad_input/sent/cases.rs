//! Failing cases.

use lis_tests::TestLis;

use super::{LONG, Sent, newest};
use crate::steps::{a_disputed_rapid_test, a_rapid_test, an_urgent_finding};

pub fn sent(lis: &TestLis) -> Vec<Sent> {
    let (case, application) = (newest(lis, "failing_case"), newest(lis, "case_application"));
    let (event, urgent) = (newest(lis, "case_event"), an_urgent_finding(lis));
    let (rapid, disputed) = (a_rapid_test(lis), a_disputed_rapid_test(lis));
    vec![
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
        Sent::new("ordering", format!("/cases/{case}/handling")).of("failing_case", case).with(
            &[("measures", "封存库存"), ("sold", "80"), ("quantity_unit", "kg"), ("cause", "进货查验不严")],
            &[
                ("measures", ""),
                ("measures", LONG),
                ("sold", "-1"),
                ("sold", "1,5,0"),
                ("quantity_unit", ""),
                ("cause", LONG),
            ],
        ),
        Sent::new("ordering", format!("/cases/{case}/applications/{application}/acts")).of("failing_case", case).with(
            &[("act", "body_named"), ("done_at", "2026-11-27T08:30"), ("note", "复检机构")],
            &[
                ("act", ""),
                ("act", "perhaps"),
                ("done_at", ""),
                ("done_at", "2026-02-30T08:30"),
                ("note", ""),
                ("note", LONG),
            ],
        ),
        Sent::new("ordering", format!("/cases/{case}/acts")).of("failing_case", case).with(
            &[("act", "seized"), ("done_at", "2026-11-27T08:30"), ("note", "大米 20 kg")],
            &[("act", ""), ("done_at", "tomorrow"), ("note", ""), ("note", LONG)],
        ),
        Sent::new("quality", "/quality/urgent-findings").with(
            &[("sample_no", "BZ2611-J-99999"), ("ground", "检出非法添加物"), ("confirmed_at", "2026-11-26T08:00")],
            &[("sample_no", ""), ("ground", ""), ("ground", LONG), ("confirmed_at", "soon")],
        ),
        Sent::new("quality", format!("/quality/urgent-findings/{urgent}/telling")).of("urgent_finding", urgent).with(
            &[("told_at", "2026-11-26T09:00"), ("told_how", "电话")],
            &[("told_at", ""), ("told_at", "soon"), ("told_how", ""), ("told_how", LONG)],
        ),
        Sent::new("sampler1", "/rapid-tests").with(
            &[
                ("place", "霸州示例市场"),
                ("unit_name", "12 号摊"),
                ("product", "菠菜"),
                ("item", "有机磷"),
                ("kit", "速测卡"),
                ("kit_lot", "K1"),
                ("kit_expires_on", "2027-06-30"),
                ("verdict", "positive"),
                ("tested_at", "2026-11-27T08:00"),
                ("told_at", "2026-11-27T08:10"),
            ],
            &[
                ("place", ""),
                ("unit_name", ""),
                ("product", LONG),
                ("item", ""),
                ("kit", ""),
                ("kit_lot", LONG),
                ("kit_expires_on", "2026-02-30"),
                ("reader", LONG),
                ("reading", LONG),
                ("verdict", "perhaps"),
                ("repeat_reading", LONG),
                ("repeat_verdict", "perhaps"),
                ("tested_by", LONG),
                ("handling", LONG),
                ("tested_at", "soon"),
                ("told_at", ""),
            ],
        ),
        Sent::new("sampler1", format!("/rapid-tests/{rapid}/application")).of("rapid_test", rapid).with(
            &[("asked_at", "2026-11-27T08:30"), ("ground", "有异议")],
            &[("asked_at", ""), ("asked_at", "soon"), ("ground", ""), ("ground", LONG)],
        ),
        Sent::new("sampler1", format!("/rapid-tests/{disputed}/retest"))
            .of("rapid_test", disputed)
            .with(&[("number", "BZ2611-K-99999")], &[("number", ""), ("number", LONG)]),
        Sent::new("sampler1", format!("/rapid-tests/{rapid}/handling"))
            .of("rapid_test", rapid)
            .with(&[("handling", "下架封存")], &[("handling", ""), ("handling", LONG)]),
        Sent::new("market", format!("/portal/cases/{case}")).with(
            &[("kind", "reinspection"), ("ground", "有异议")],
            &[("kind", ""), ("kind", "mercy"), ("ground", ""), ("ground", LONG)],
        ),
        Sent::new("ordering", format!("/cases/{case}/step"))
            .of("failing_case", case)
            .with(&[("step", "fly")], &[("step", "fly"), ("step", "")]),
    ]
}
