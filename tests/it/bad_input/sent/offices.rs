//! People, the catalogue, the server's own checks, one's own account.

use lis_tests::TestLis;

use super::{LONG, NOWHERE, Sent, newest};
use crate::steps::a_failed_check;

pub fn sent(lis: &TestLis) -> Vec<Sent> {
    let (authorization, token) = (newest(lis, "person_authorization"), newest(lis, "api_token"));
    let owner = lis.numbers(&format!("SELECT person_id AS value FROM api_token WHERE id = {token}"))[0];
    let check = a_failed_check(lis);
    let held = lis.numbers("SELECT id AS value FROM person WHERE username = 'tester3'")[0];
    lis.sql(&format!("UPDATE person SET signing_held = TRUE WHERE id = {held}"))
        .expect("somebody whose signing is held");
    vec![
        Sent::new("admin", format!("/upkeep/{check}/action")).with(
            &[("immediate", "已从前一日备份恢复"), ("corrective", "更换磁盘")],
            &[("immediate", ""), ("immediate", LONG), ("corrective", LONG)],
        ),
        Sent::new("manager", format!("/authorizations/{authorization}/end")).of("person_authorization", authorization),
        Sent::new("manager", format!("/imports/{NOWHERE}")).with(
            &[("kind", "suppliers"), ("encoding", "utf-8"), ("file_name", "suppliers.csv")],
            &[("kind", ""), ("kind", "colours")],
        ),
        Sent::new("manager", format!("/catalogue/import/{NOWHERE}")).with(
            &[("kind", "limits"), ("encoding", "utf-8"), ("file_name", "limits.csv")],
            &[("kind", ""), ("kind", "colours")],
        ),
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
            &[
                ("current_password", "demo-laboratory"),
                ("current_signing_password", "demo-signature"),
                ("signing_password", "short"),
            ],
            &[("signing_password", ""), ("signing_password", "short"), ("signing_password", "demo-laboratory")],
        ),
        // Without a signing password and an open grant nobody is released.
        Sent::new("manager", format!("/signing-releases/{held}")).of("person", held).with(
            &[("reason", "本人到场核对"), ("forgotten", "false"), ("signing_password", "")],
            &[("reason", ""), ("reason", LONG), ("forgotten", "perhaps")],
        ),
        // Nobody is called so.
        Sent::new("admin", "/erasure").with(
            &[
                ("subject_kind", "person"),
                ("subject", "nobody-at-all"),
                ("ground", "withdrawn"),
                ("reference", "2026-07"),
            ],
            &[
                ("subject_kind", ""),
                ("subject_kind", "animal"),
                ("subject", ""),
                ("ground", "because"),
                ("reference", ""),
                ("reference", LONG),
            ],
        ),
        Sent::new("", "/sign-in").with(&[("username", "nobody"), ("password", "x"), ("next", "/")], &[]),
        Sent::new("custodian", "/sign-out"),
    ]
}
