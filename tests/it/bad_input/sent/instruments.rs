//! The inbox, profiles, the instruments themselves.

use lis_tests::TestLis;

use super::{LONG, NOWHERE, Sent, newest};
use crate::steps::{a_calibration, a_profile};

pub fn sent(lis: &TestLis) -> Vec<Sent> {
    let (message, row) = (newest(lis, "instrument_message"), newest(lis, "observation"));
    let (profile, instrument) = (a_profile(lis), newest(lis, "instrument"));
    let (calibrated, record) = a_calibration(lis);
    vec![
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
    ]
}
