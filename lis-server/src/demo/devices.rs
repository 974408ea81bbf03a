//! The instruments of the demonstration: two on a real serial line (a pseudo-terminal, whose other end a simulator plays),
//! three that export files into watched folders. The program reads all of them through its own agent.

use std::path::{Path, PathBuf};
use std::time::Duration;

use instrument_drivers::agent::config::{AgentConfig, FolderConfig, PortConfig, SerialConfig};
use instrument_drivers::port::serial::Serial;
use instrument_drivers::port::simulate::{self, Load, Played as Sent, Step};
use serde_json::{Value, json};

use super::caller::{Deviation, Played, states};
use super::stage::Stage;
use crate::instruments::embedded::HostedAgent;

/// The laboratory looks into its export folders so often; a demonstration has no time to wait for the usual 2 s.
const LOOK_EVERY_MS: u64 = 50;
/// The balance waits so long to be asked before it gives up.
const BALANCE_PATIENCE: Duration = Duration::from_secs(10);

/// In the data directory: a folder for each instrument that exports files.
pub const EXPORTS: &str = "exports";

/// Code, name, profile of an instrument.
type Line = (&'static str, &'static str, &'static str);

pub const AAS: Line = ("AAS-01", "石墨炉原子吸收", "generic_long_table");
pub const GCMS: Line = ("GCMS-01", "气相色谱-质谱", "generic_wide_table");
pub const AFS: Line = ("AFS-01", "原子荧光（国产软件）", "generic_gb18030_table");
pub const LCMS: Line = ("LCMS-01", "液相色谱-质谱", "generic_astm");
pub const BALANCE: Line = ("BAL-01", "分析天平", "mettler_mt_sics");

/// The connected instruments. Dropping them closes their ports.
pub struct Devices {
    analyser: Serial,
    balance: Serial,
    folders: PathBuf,
    pub aas: i64,
    pub gcms: i64,
    pub afs: i64,
    pub lcms: i64,
    pub scale: i64,
    _agent: HostedAgent,
}

/// Registers the instruments and starts the agent on their ports.
pub fn connect(stage: &Stage) -> Played<Devices> {
    let register = |(code, name, profile): Line| {
        let body = json!({
            "code": code, "name": name, "maker": "示例", "model": "示例", "serial_no": format!("{code}-0001"),
            "profile": profile, "status": "qualified", "calibrated_until": "2027-06-30",
        });
        stage.by("manager")?.post("/api/v1/instruments", &body)?.done()?.number("id")
    };
    // What the benches' standard solutions are made of.
    let stock = json!({
        "code": "S-2601", "kind": "standard", "name": "铅标准储备液", "lot_no": "示例 B260105", "supplier": "示例标准物质中心",
        "certificate_no": "GBW(E) 示例", "concentration": "1000", "unit": "mg/L", "received_on": "2026-01-05",
        "opened_on": "", "expires_on": "2027-12-31", "prepared_by": "", "parents": "",
    });
    stage.by("manager")?.post("/api/v1/lots", &stock)?.done()?;
    let pair = |what: &str| simulate::pseudo_terminal().map_err(|error| Deviation(format!("{what}: {error}")));
    let (analyser, analyser_path) = pair("the serial line of the analyser")?;
    let (balance, balance_path) = pair("the serial line of the balance")?;
    let data = &stage.lis.config.data;
    let folders = data.join(EXPORTS);
    for (code, ..) in [AAS, GCMS, AFS] {
        std::fs::create_dir_all(folders.join(code)).map_err(|error| Deviation(format!("{code}: {error}")))?;
    }
    let port = |(code, _, profile): Line| PortConfig::new(code, profile);
    let serial = |line: Line, path: String| PortConfig { serial: Some(SerialConfig::new(path)), ..port(line) };
    let folder = |line: Line| {
        let path = folders.join(line.0);
        let watched = FolderConfig { look_every_ms: LOOK_EVERY_MS, rest_ms: LOOK_EVERY_MS, ..FolderConfig::new(path) };
        PortConfig { folder: Some(watched), ..port(line) }
    };
    let config = AgentConfig {
        agent: "demo".into(),
        spool: data.join("spool"),
        server: None,
        token_file: None,
        ca_file: None,
        status_address: None,
        keep_days: 30,
        ports: vec![serial(LCMS, analyser_path), serial(BALANCE, balance_path), folder(AAS), folder(GCMS), folder(AFS)],
    };
    let agent = HostedAgent::start(&stage.lis, config)?;
    Ok(Devices {
        analyser,
        balance,
        folders,
        aas: register(AAS)?,
        gcms: register(GCMS)?,
        afs: register(AFS)?,
        lcms: register(LCMS)?,
        scale: register(BALANCE)?,
        _agent: agent,
    })
}

impl Devices {
    /// The analyser sends one message; its third frame is damaged on the line the first time.
    pub fn analyse(&mut self, records: Vec<String>) -> Played<Sent> {
        let script = [Step::DamagedOnce { frame: 3, records }];
        simulate::astm_analyser(&mut self.analyser, &script)
            .map_err(|error| Deviation(format!("the analyser: {error}")))
    }

    /// A load settles on the balance and its print key is pressed.
    pub fn weigh(&mut self, grams: &str) -> Played {
        let load = Load { value: grams.to_owned(), unit: "g".to_owned(), settles_ms: 100, print_key: true };
        let weighed = simulate::balance(&mut self.balance, &[load], BALANCE_PATIENCE);
        let weighed = weighed.map_err(|error| Deviation(format!("the balance: {error}")))?;
        states("loads that were weighed", &weighed, &1)
    }

    /// A program exports a file, in two parts as such programs do.
    pub fn export(&self, (code, ..): Line, name: &str, bytes: &[u8]) -> Played {
        let pause = Duration::from_millis(LOOK_EVERY_MS);
        let folder: &Path = &self.folders.join(code);
        simulate::export_file(folder, name, bytes, pause).map_err(|error| Deviation(format!("{name}: {error}")))
    }
}

/// Rows that wait for a person.
pub fn held(stage: &Stage, instrument: i64) -> Played<Vec<Value>> {
    Ok(stage.by("tester1")?.get(&format!("/api/v1/instruments/{instrument}/held"))?.done()?.items())
}
