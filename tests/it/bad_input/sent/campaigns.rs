//! Campaigns and their plans.

use lis_tests::TestLis;

use super::{LONG, Sent, newest};

pub fn sent(lis: &TestLis) -> Vec<Sent> {
    let (campaign, plan) = (newest(lis, "campaign"), newest(lis, "sampling_plan"));
    let (response, witness) = (newest(lis, "campaign_response"), newest(lis, "campaign_witness"));
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
        Sent::new("officer", format!("/campaigns/{campaign}/witnesses")).with(
            &[("kind", "media"), ("name", "示例晚报"), ("consented_on", "2026-11-20"), ("consent", "签字")],
            &[("kind", "judge"), ("name", ""), ("name", LONG), ("consented_on", "2026-02-30"), ("consent", "")],
        ),
        Sent::new("officer", format!("/campaigns/{campaign}/witnesses/{witness}/withdrawal"))
            .of("campaign_witness", witness),
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
    ]
}
