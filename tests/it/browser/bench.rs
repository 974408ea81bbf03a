//! The bench: a tester's worksheet on which a weight arrives from a balance, the checker beside the raw data.

use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use instrument_drivers::agent::AgentConfig;
use instrument_drivers::agent::config::{PortConfig, SerialConfig};
use instrument_drivers::port::simulate::{self, Load};
use lis_server::front::QUEUES;
use lis_server::instruments::embedded::HostedAgent;
use lis_server::jobs::Runner;

use lis_tests::TestLis;

use super::{PASSWORD, SIGNING_PASSWORD, on_the_demonstration, one};
use crate::steps::House;

/// The balance waits so long to be asked before it gives up.
const BALANCE_PATIENCE: Duration = Duration::from_secs(30);

/// The balance's port, read by the program's own agent.
fn balance_on(path: String) -> PortConfig {
    PortConfig { serial: Some(SerialConfig::new(path)), ..PortConfig::new("BAL-01", "mettler_mt_sics") }
}

/// The program's own agent and its background work, on a thread of their own: starting and stopping wait for the database,
/// which the thread that speaks with the browser must not.
struct Bench {
    running: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Bench {
    fn start(lis: &TestLis, config: AgentConfig) -> Self {
        let (app, (stop, stopped), (started, ready)) = (lis.app.clone(), channel::<()>(), channel::<()>());
        let thread = std::thread::spawn(move || {
            let agent = HostedAgent::start(&app, config).expect("the agent");
            assert!(agent.is_serving(), "the port is its own");
            let runner = Runner::start(&app, QUEUES).expect("the background threads");
            started.send(()).expect("somebody waits");
            // Ends when the other side is dropped.
            let _ = stopped.recv();
            runner.stop();
        });
        ready.recv().expect("the bench starts");
        Self { running: Some((stop, thread)) }
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.running.take() {
            drop(stop);
            let _ = thread.join();
        }
    }
}

#[test]
fn a_tester_sees_a_weight_arrive_and_submits() {
    on_the_demonstration(module_path!(), async |lis, browser| {
        let house = House::of(lis);
        let waiting = house.items("manager", "/api/v1/assignments?limit=500");
        house.assign(waiting[0]["label_code"].as_str().expect("a label"), "tester2");
        let (mut balance, path) = simulate::pseudo_terminal().expect("a pseudo-terminal");
        let config = AgentConfig {
            agent: "bench".into(),
            spool: lis.database.directory().join("spool"),
            server: None,
            token_file: None,
            ca_file: None,
            status_address: None,
            keep_days: 30,
            ports: vec![balance_on(path)],
        };
        let bench = Bench::start(lis, config);

        browser.sign_in("tester2", PASSWORD).await;
        browser.shows(".stations", "1 待检的项目（我的）").await;
        browser.press(".stations a[href='/worksheets']").await;
        browser.shows("main form h2", "GB 5009.15-2023").await;
        browser.picture("worksheets").await;
        let aas = one(lis, "SELECT CAST(id AS TEXT) AS value FROM instrument WHERE code = 'AAS-01'");
        browser.pick("instrument_id", &aas).await;
        browser.press("form[action='/worksheets'] button[type=submit]").await;
        browser.shows("main .page-head", "AAS-01 石墨炉原子吸收").await;

        // The balance is aimed at the sample's mass; what was typed before stays.
        let sheet = one(lis, "SELECT CAST(max(id) AS TEXT) AS value FROM worksheet");
        let place = |kind: &str| {
            one(
                lis,
                &format!(
                    "SELECT CAST(id AS TEXT) AS value FROM worksheet_position WHERE worksheet_id = {sheet} AND kind = '{kind}'"
                ),
            )
        };
        let (sample, duplicate, blank) = (place("sample"), place("duplicate"), place("blank"));
        browser.fill(&format!("v-{sample}-volume-1"), "10").await;
        browser.press(&format!("button[name=aim][value='{sample}-mass-1']")).await;
        let cell = format!("#c-{sample}-mass-1");
        browser.shows(&cell, "等待 BAL-01").await;
        let kept = browser.told(&format!("return document.getElementById('f-v-{sample}-volume-1').value")).await;
        assert_eq!(kept, "10", "what was typed comes back");
        let weighed = std::thread::spawn(move || {
            let load = Load { value: "0.5023".into(), unit: "g".into(), settles_ms: 100, print_key: true };
            let weighed = simulate::balance(&mut balance, &[load], BALANCE_PATIENCE);
            // The line stays up: what was written last is lost with it.
            (weighed, balance)
        });
        // Nobody reloads the page: the cell lights up by itself.
        browser.sees(&format!("{cell}.arrived")).await;
        browser.shows(&cell, "0.5023").await;
        browser.picture("arrived").await;
        let (weighed, _line) = weighed.join().expect("the balance");
        assert_eq!(weighed.expect("a serial line"), 1);

        for (position, field, value) in [
            (&sample, "reading", "2.05"),
            (&duplicate, "reading", "2.11"),
            (&duplicate, "volume", "10"),
            (&duplicate, "mass", "0.5004"),
            (&blank, "reading", "0.01"),
        ] {
            browser.fill(&format!("v-{position}-{field}-1"), value).await;
        }
        browser.fill("reason", "仪器停机，读数手工录入").await;
        // What is typed and not saved goes with the submission.
        browser.press("button[formaction$='/submission']").await;
        browser.shows("main", "已计算并提交校核").await;
        browser.shows("h1", "已提交").await;
        drop(bench);
    });
}

#[test]
fn a_checker_looks_at_the_evidence_and_signs() {
    on_the_demonstration(module_path!(), async |lis, browser| {
        browser.sign_in("checker", PASSWORD).await;
        browser.shows(".stations", "1 待校核的项目").await;
        browser.press(".stations a").await;
        browser.shows("main table", "GB 5009.15-2023").await;

        // An item that was measured by an instrument: from its value to the bytes, and no button to change them.
        let item = one(
            lis,
            "SELECT CAST(min(id) AS TEXT) AS value FROM test_item WHERE analyte = 'pb' AND result_id IS NOT NULL",
        );
        browser.open(&format!("/check/{item}")).await;
        let read = one(lis, "SELECT CAST(max(message_id) AS TEXT) AS value FROM observation WHERE value = '15.24'");
        browser.press(&format!("main section.evidence a[href^='/evidence/{read}?']")).await;
        browser.shows(".raw li.shown mark", "15.24").await;
        browser.shows(".evidence tr.shown", "15.24").await;
        assert!(!browser.has("main form").await, "nothing can be changed here");
        browser.picture("evidence").await;

        browser.open("/check").await;
        browser.press("main table input[name=items]").await;
        browser.sign_with(SIGNING_PASSWORD).await;
        browser.press("form[action='/check'] button[type=submit]").await;
        browser.shows("main", "已校核并签名").await;
        browser.shows("main", "没有待校核的项目").await;
    });
}
