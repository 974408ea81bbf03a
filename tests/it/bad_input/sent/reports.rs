//! Reports and their signatures.

use lis_tests::TestLis;

use super::{LONG, Sent, newest};

pub fn sent(lis: &TestLis) -> Vec<Sent> {
    let report = newest(lis, "report WHERE state = 'issued'");
    vec![
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
