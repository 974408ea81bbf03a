//! Reading, writing in groups, and what happens when one write goes wrong.

use std::process::Command;
use std::sync::mpsc::channel;
use std::time::Duration;

use chrono::TimeDelta;
use diesel::prelude::*;
use lis_server::accounts::Role;
use lis_server::db::schema::{number_series, person};
use lis_server::db::{Tx, series};
use lis_server::domain::refusal::{Fault, Outcome};
use lis_tests::{TestLis, both_databases};

#[test]
fn an_unknown_database_address_is_refused_with_advice() {
    for (address, secret) in [("mysql://root:geheim@db/lis", "geheim"), ("lis.db", "-"), ("sqlite::memory:", "-")] {
        let answer = Command::new(env!("CARGO_BIN_EXE_lis-server-under-test"))
            .args(["check-config", "--database-url", address])
            .output()
            .expect("the program runs");
        let said = String::from_utf8_lossy(&answer.stderr);
        assert_eq!(answer.status.code(), Some(1), "{address}: {said}");
        assert!(said.contains("sqlite:PATH") && said.contains("postgres://"), "{address}: {said}");
        assert!(!said.contains(secret) || secret == "-", "a password is never shown: {said}");
    }
}

both_databases!(reading_cannot_write, |lis: TestLis| {
    let tried = lis.app.db.read_now(|conn| Ok(diesel::delete(number_series::table).execute(conn)?));
    assert!(matches!(tried, Err(Fault::Database(_))), "{tried:?}");
});

fn add(tx: &mut Tx, name: &str) -> Outcome<()> {
    let row = (number_series::name.eq(name), number_series::last.eq(0_i64));
    diesel::insert_into(number_series::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Begins writes that wait for each other's company, so that they stand in one group where there are groups.
fn together(lis: &TestLis, work: Vec<fn(&mut Tx) -> Outcome<()>>) -> Vec<Outcome<()>> {
    let (open, opened) = channel::<()>();
    std::thread::scope(|scope| {
        let mut opened = Some(opened);
        let first = {
            let (db, opened) = (lis.app.db.clone(), opened.take().expect("the first takes it"));
            scope.spawn(move || {
                db.write_now(move |tx| {
                    // Holds the writer until the others are in the queue.
                    let _ = opened.recv_timeout(Duration::from_secs(10));
                    add(tx, "first")
                })
            })
        };
        let others: Vec<_> = work
            .into_iter()
            .map(|work| {
                let db = lis.app.db.clone();
                scope.spawn(move || db.write_now(work))
            })
            .collect();
        std::thread::sleep(Duration::from_millis(100));
        drop(open);
        first.join().expect("the first").expect("the first is stored");
        others.into_iter().map(|other| other.join().expect("a write answers")).collect()
    })
}

both_databases!(one_bad_write_does_not_spoil_its_neighbours, |lis: TestLis| {
    lis.app.db.write_now(|tx| add(tx, "taken")).expect("a write");
    let outcomes = together(
        &lis,
        vec![
            |tx| add(tx, "a"),
            |tx| {
                add(tx, "half done")?;
                add(tx, "taken")
            },
            |tx| add(tx, "b"),
            |tx| {
                add(tx, "half done too")?;
                Err(Fault::broken("changed its mind"))
            },
            |tx| add(tx, "c"),
        ],
    );
    let stored: Vec<bool> = outcomes.iter().map(Result::is_ok).collect();
    assert_eq!(stored, [true, false, true, false, true], "{outcomes:?}");
    let names = lis.texts("SELECT name AS value FROM number_series ORDER BY name");
    assert_eq!(names, ["a", "b", "c", "first", "taken"]);
});

both_databases!(a_panicking_write_is_answered_and_the_next_one_is_stored, |lis: TestLis| {
    let outcomes = together(
        &lis,
        vec![
            |tx| add(tx, "a"),
            |tx| {
                add(tx, "half done")?;
                panic!("a mistake in the program")
            },
            |tx| add(tx, "b"),
        ],
    );
    assert!(outcomes[0].is_ok() && outcomes[2].is_ok(), "{outcomes:?}");
    match &outcomes[1] {
        Err(Fault::Broken(why)) => assert!(why.contains("a mistake in the program"), "{why}"),
        other => panic!("{other:?}"),
    }
    lis.app.db.write_now(|tx| add(tx, "later")).expect("the writer lives on");
    let names = lis.texts("SELECT name AS value FROM number_series ORDER BY name");
    assert_eq!(names, ["a", "b", "first", "later"]);
});

both_databases!(a_series_gives_each_number_once_and_none_is_lost, |lis: TestLis| {
    let mut numbers: Vec<i64> = std::thread::scope(|scope| {
        let taking: Vec<_> = (0..8)
            .map(|taker| {
                let db = lis.app.db.clone();
                scope.spawn(move || {
                    let mut taken = Vec::new();
                    for round in 0..10 {
                        let number = db.write_now(move |tx| {
                            let number = series::take(tx, "samples", 1)?;
                            if (taker + round) % 4 == 0 { Err(Fault::broken("refused at the end")) } else { Ok(number) }
                        });
                        taken.extend(number.ok());
                    }
                    taken
                })
            })
            .collect();
        taking.into_iter().flat_map(|thread| thread.join().expect("a taker")).collect()
    });
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=60).collect::<Vec<_>>(), "a refused write gives its number back");
});

/// A write that is never let go ends by itself after so long, and the test fails instead of hanging.
const HELD_MOST: Duration = Duration::from_secs(20);

both_databases!(a_read_never_waits_for_a_write, |lis: TestLis| {
    let (admin, authority) = (lis.person("admin", &[Role::Administrator]), lis.person("city", &[Role::Regulator]));
    let (browser, program) = (lis.signed_in(&admin), lis.api(&lis.token(&authority, &["read_failing_results"])));
    // The time of the session's last request is due to be written: that is a write that the page must not wait for.
    lis.clock.advance_real(TimeDelta::minutes(6));
    let last_seen = || lis.texts("SELECT CAST(last_seen_at AS TEXT) AS value FROM session");
    let before = last_seen();
    let ((hold, is_held), (let_go, may_end)) = (channel::<()>(), channel::<()>());
    std::thread::scope(|scope| {
        let db = lis.app.db.clone();
        let writer = scope.spawn(move || {
            db.write_now(move |tx| {
                diesel::update(person::table).set(person::name.eq("renamed meanwhile")).execute(tx.conn)?;
                hold.send(()).map_err(Fault::broken)?;
                may_end.recv_timeout(HELD_MOST).map_err(Fault::broken)
            })
        });
        is_held.recv_timeout(HELD_MOST).expect("the write has begun");
        let page = browser.get("/people").expect(200).page().text();
        assert!(page.contains("admin") && !page.contains("renamed meanwhile"), "{page}");
        program.get("/api/v1/failing-results").expect(200);
        assert!(!writer.is_finished(), "the answers came while the write was held");
        let_go.send(()).expect("the write is still held");
        writer.join().expect("the writer").expect("the write is stored");
    });
    assert!(browser.get("/people").expect(200).page().text().contains("renamed meanwhile"));
    lis.until("the time of the request is written", || last_seen() != before);
});

both_databases!(statements_and_commits_are_counted, |lis: TestLis| {
    let (statements, commits) = lis.counted(|| {
        lis.app
            .db
            .write_now(|tx| {
                add(tx, "a")?;
                add(tx, "b")
            })
            .expect("a write");
        lis.app.db.write_now(|tx| add(tx, "c")).expect("a write");
        lis.app.db.read_now(|conn| Ok(number_series::table.count().get_result::<i64>(conn)?)).expect("a read");
    });
    assert_eq!((statements, commits), (3, 2), "reading is counted apart");
    let reads = lis.reads(|| {
        lis.app
            .db
            .read_now(|conn| {
                let all = number_series::table.count().get_result::<i64>(conn)?;
                Ok((all, number_series::table.select(number_series::name).load::<String>(conn)?))
            })
            .expect("a read");
        lis.app.db.write_now(|tx| add(tx, "d")).expect("a write");
    });
    assert_eq!(reads, 2, "writing is counted apart");
});
