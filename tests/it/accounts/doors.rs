//! The doors that stand open to everybody, for one address. The counts lie in the process, so the database makes no difference.

use chrono::TimeDelta;
use lis_server::accounts::Role;
use lis_tests::{Database, PASSWORD, Reply, TestLis};

fn sign_in(lis: &TestLis, username: &str, password: &str) -> Reply {
    let client = lis.client();
    client.send(&client.form("/sign-in", "/sign-in").set("username", username).set("password", password))
}

#[test]
fn an_address_that_guesses_waits_and_the_house_behind_it_goes_on() {
    let lis = TestLis::guarded(Database::Sqlite, 3, 600);
    lis.person("li", &[Role::Tester]);
    // Hundreds who type the right one are nobody's trouble; names that do not exist count as well.
    for number in 0..3 {
        sign_in(&lis, "li", PASSWORD).expect(303);
        sign_in(&lis, &format!("guess{number}"), "a guess").expect(422);
    }
    // Each further one doubles the wait: after seven 64 seconds, more than this test takes on the slowest machine.
    for waited in [0, 1, 2, 4, 8, 16, 32] {
        lis.clock.advance_real(TimeDelta::seconds(waited));
        sign_in(&lis, "nobody", "a guess").expect(422);
    }
    let braked = sign_in(&lis, "li", PASSWORD).expect(422).page().problems();
    assert!(braked.contains("来自该地址的请求过多"), "{braked}");
    assert_eq!(lis.rows("audit_entry WHERE event = 'signed-in'"), 3);
    lis.clock.advance_real(TimeDelta::seconds(64));
    sign_in(&lis, "li", PASSWORD).expect(303);
}

#[test]
fn an_address_compares_so_many_files_in_an_hour() {
    let lis = TestLis::guarded(Database::Sqlite, 100, 2);
    let public = lis.client();
    let compare = || public.upload("/api/v1/verify/ABCD-EFGH-JKLM", "report.pdf", b"%PDF-1.7").send();
    for _ in 0..2 {
        assert_eq!(compare().expect(200).json()["standing"], "unknown");
    }
    let refused = compare().expect(429);
    assert_eq!(refused.codes(), ["too-many-from-address"]);
    assert!(refused.header("retry-after").is_some());
    let page = public.upload("/verify/ABCD-EFGH-JKLM", "report.pdf", b"%PDF-1.7").send().expect(429).page();
    assert!(page.text().contains("来自该地址的请求过多"), "{}", page.text());
    public.get("/verify/ABCD-EFGH-JKLM").expect(200);
}
