//! Orders, samples and their parts, files of sampling forms, deliveries.

use lis_tests::TestLis;

use super::{LONG, NOWHERE, Sent, newest};

pub fn sent(lis: &TestLis) -> Vec<Sent> {
    let order = newest(lis, "sample WHERE client_id IS NOT NULL");
    let (sample, part) = (newest(lis, "sample WHERE sample_no IS NOT NULL"), newest(lis, "part"));
    vec![
        Sent::new("bakery", format!("/portal/orders/{order}/withdraw")).of("sample", order),
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
        Sent::new("custodian", format!("/sampling-forms/import/{NOWHERE}")).with(
            &[("file_name", "forms.csv"), ("mapping", ""), ("mode", "all")],
            &[("mode", ""), ("mode", "sometimes"), ("mapping", "no mapping")],
        ),
        Sent::new("custodian", "/deliveries/mails/1/retry"),
        Sent::new("custodian", "/deliveries/jobs/1/retry"),
    ]
}
