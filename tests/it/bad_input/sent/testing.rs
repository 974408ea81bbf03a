//! Assignment, other laboratories, worksheets, checks.

use lis_tests::TestLis;

use super::{LONG, Sent, newest};
use crate::steps::a_subcontractor;

pub fn sent(lis: &TestLis) -> Vec<Sent> {
    let open = newest(lis, "worksheet WHERE state = 'open'");
    let submitted = newest(lis, "worksheet WHERE state = 'submitted'");
    let item = newest(lis, "test_item WHERE state = 'calculated'");
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
        Sent::new("tester2", format!("/worksheets/{open}/dispatches"))
            .with(&[("way", "orders")], &[("way", ""), ("way", "fax"), ("way", LONG)]),
        Sent::new("tester2", format!("/worksheets/{open}/lots")).of("worksheet", open).with(
            &[("lots", "S-2601"), ("used_on", "2026-11-27")],
            &[("lots", "nothing"), ("lots", LONG), ("used_on", "2026-02-30"), ("used_on", "2026-12-31")],
        ),
        Sent::new("checker", "/check").with(
            &[("items", "999999:1"), ("signing_password", "")],
            &[("items", ""), ("items", "abc"), ("items", "1"), ("items", "1:x"), ("items", "999999:1")],
        ),
        Sent::new("manager", format!("/check/{item}/decision")).of("test_item", item).with(
            &[
                ("verdict", "pass"),
                ("basis", "GB 2762-2025 表 2"),
                ("reason", "经查无限量要求"),
                ("finding", "confirmed"),
            ],
            &[
                ("verdict", ""),
                ("verdict", "review"),
                ("basis", ""),
                ("basis", LONG),
                ("reason", ""),
                ("reason", LONG),
                ("finding", "perhaps"),
            ],
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
        Sent::new("manager", format!("/check/{item}/limit-factor")).of("test_item", item).with(
            &[("times", "4"), ("basis", "GB 2762-2025 3.5"), ("reason", "复核投料记录")],
            &[
                ("times", ""),
                ("times", "0"),
                ("times", "-4"),
                ("times", "1/0"),
                ("times", LONG),
                ("basis", ""),
                ("basis", LONG),
                ("reason", ""),
                ("reason", LONG),
            ],
        ),
    ]
}

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
