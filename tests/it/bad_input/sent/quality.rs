//! Charts, gates, lots and suppliers, non-conforming work, comparisons, complaints.

use lis_tests::TestLis;

use super::{LONG, NOWHERE, Sent, newest};
use crate::steps::{a_comparison, a_complaint, a_document, a_round, a_supplier};

pub fn sent(lis: &TestLis) -> Vec<Sent> {
    let (sheet, lot) = (newest(lis, "worksheet"), newest(lis, "lot"));
    let (work, round, complaint) = (newest(lis, "nonconforming_work"), a_round(lis), a_complaint(lis));
    let (supplier, comparison, document) = (a_supplier(lis), a_comparison(lis), a_document(lis));
    let value = newest(lis, "result_entry WHERE observation_id IS NOT NULL");
    vec![
        Sent::new("checker", format!("/quality/transfers/{value}")).with(
            &[("outcome", "different"), ("remark", "单位不同")],
            &[("outcome", ""), ("outcome", "perhaps"), ("remark", ""), ("remark", LONG)],
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
        Sent::new("manager", "/quality/validation/program").with(
            &[("run", "1"), ("seen", NOWHERE), ("remark", "按附录核对全部公式"), ("signing_password", "")],
            &[("run", ""), ("run", "first"), ("run", "-1"), ("seen", ""), ("seen", "abc"), ("remark", LONG)],
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
        Sent::new("quality", format!("/controlled-documents/{document}/decision"))
            .of("controlled_document", document)
            .with(
                &[("decision", "refuse"), ("reason", "未注明引用标准")],
                &[("decision", ""), ("decision", "perhaps"), ("reason", ""), ("reason", LONG)],
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
    ]
}

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
