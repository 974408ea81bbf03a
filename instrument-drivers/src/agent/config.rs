//! The agent's one configuration file. Unknown keys are refused; every mistake names its place.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::disk::names::{AGENT_MOST, CODE_MOST, is_name};
pub use crate::port::config::{FolderConfig, PortConfig, SerialConfig};

/// Everything the agent needs to know.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentConfig {
    /// Name of this agent, shown by the server.
    pub agent: String,
    /// Folder of the spool; relative paths count from the configuration file.
    pub spool: PathBuf,
    /// Address of the server, `https://lis.example:8443`. Not used when the server hosts the agent.
    #[serde(default)]
    pub server: Option<String>,
    /// File that holds the token, one line. A token does not belong into a configuration that is copied around.
    #[serde(default)]
    pub token_file: Option<PathBuf>,
    /// PEM file with the certificates that the server's certificate is checked against, instead of the public ones: for
    /// a laboratory with its own certificate authority.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// Loopback address on which a page shows what the agent is doing, `127.0.0.1:8470`. No page when left out.
    #[serde(default)]
    pub status_address: Option<String>,
    /// Forwarded messages stay on this disk for so many days.
    #[serde(default = "keep_days")]
    pub keep_days: u32,
    #[serde(default, rename = "port")]
    pub ports: Vec<PortConfig>,
}

/// 30 days: a month's results can be read again after a disaster at the server.
fn keep_days() -> u32 {
    30
}

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{0} cannot be read: {1}")]
    Unreadable(PathBuf, std::io::Error),
    #[error("{0}: {1}")]
    Invalid(PathBuf, String),
}

impl AgentConfig {
    pub fn load(path: &Path) -> Result<AgentConfig, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|error| ConfigError::Unreadable(path.to_path_buf(), error))?;
        let invalid = |reason: String| ConfigError::Invalid(path.to_path_buf(), reason);
        let mut config: AgentConfig = toml::from_str(&text).map_err(|error| invalid(error.to_string()))?;
        let base = path.parent().unwrap_or(Path::new("."));
        config.resolve(base);
        config.check().map_err(invalid)?;
        Ok(config)
    }

    fn resolve(&mut self, base: &Path) {
        let join = |path: &mut PathBuf| {
            if path.is_relative() {
                *path = base.join(&*path);
            }
        };
        join(&mut self.spool);
        self.token_file.iter_mut().for_each(join);
        self.ca_file.iter_mut().for_each(join);
        for port in &mut self.ports {
            if let Some(folder) = &mut port.folder {
                join(&mut folder.path);
            }
            port.record.iter_mut().for_each(join);
            port.sequence_folder.iter_mut().for_each(join);
            let local = base.join(&port.profile);
            if port.profile.ends_with(".toml") && local.exists() {
                port.profile = local.to_string_lossy().into_owned();
            }
        }
    }

    /// Rules that the types cannot say.
    pub fn check(&self) -> Result<(), String> {
        // The page has no password, so nobody else on the network may see it.
        if let Some(address) = &self.status_address
            && !address.parse::<std::net::SocketAddr>().is_ok_and(|address| address.ip().is_loopback())
        {
            return Err(format!("status_address '{address}': give a loopback address and a port, 127.0.0.1:8470"));
        }
        // The server would not take a single message.
        if !is_name(&self.agent, AGENT_MOST) {
            return Err(format!("agent '{}': a name has 1 to {AGENT_MOST} printable characters", self.agent));
        }
        let (mut named, mut lines) = (HashSet::new(), HashSet::new());
        for port in &self.ports {
            if !is_name(&port.instrument, CODE_MOST) {
                return Err(format!(
                    "port '{}': an instrument's code has 1 to {CODE_MOST} printable characters",
                    port.instrument
                ));
            }
            let kinds =
                [port.serial.is_some(), port.tcp_listen.is_some(), port.tcp_connect.is_some(), port.folder.is_some()];
            if kinds.iter().filter(|given| **given).count() != 1 {
                return Err(format!(
                    "port '{}': exactly one of serial, tcp_listen, tcp_connect, folder must be given",
                    port.instrument
                ));
            }
            if let Some(serial) = &port.serial
                && (!(5..=8).contains(&serial.data_bits) || !(1..=2).contains(&serial.stop_bits))
            {
                return Err(format!("port '{}': data_bits is 5 to 8, stop_bits is 1 or 2", port.instrument));
            }
            if !port.tcp_allow.is_empty() && port.tcp_listen.is_none() {
                return Err(format!(
                    "port '{}': tcp_allow says who may call, so it belongs to tcp_listen",
                    port.instrument
                ));
            }
            if (port.poll.is_some() || port.send_orders) && port.folder.is_some() {
                return Err(format!(
                    "port '{}': nothing is sent to a folder; poll and send_orders belong to a line",
                    port.instrument
                ));
            }
            let is_watched = |path: &PathBuf| {
                self.ports
                    .iter()
                    .filter_map(|port| port.folder.as_ref())
                    .any(|folder| folder.path == *path || folder.recursive && path.starts_with(&folder.path))
            };
            if port.sequence_folder.as_ref().is_some_and(is_watched) {
                return Err(format!(
                    "port '{}': sequence_folder is a folder whose files are taken; what is put there would come back",
                    port.instrument
                ));
            }
            let is_taken = |path: &PathBuf| {
                self.ports.iter().filter_map(|port| port.folder.as_ref()).any(|folder| folder.takes(path))
            };
            if port.record.as_ref().is_some_and(is_taken) {
                return Err(format!(
                    "port '{}': the recording lies in a folder whose files are taken; it would be taken itself, again and again",
                    port.instrument
                ));
            }
            if !named.insert((&port.instrument, port.place())) {
                return Err(format!("port '{}': {} is configured twice", port.instrument, port.place()));
            }
            // What is sent to an instrument has one way, and the frames of its unfinished message are known by its code.
            if port.folder.is_none() && !lines.insert(&port.instrument) {
                return Err(format!(
                    "port '{}': an instrument has one line (serial or tcp); its other ports are folders",
                    port.instrument
                ));
            }
        }
        Ok(())
    }

    /// The certificates of `ca_file`, as PEM text.
    pub fn ca(&self) -> Result<Option<Vec<u8>>, String> {
        let read = |path: &PathBuf| std::fs::read(path).map_err(|error| format!("ca_file {}: {error}", path.display()));
        self.ca_file.as_ref().map(read).transpose()
    }

    /// The token from `token_file`.
    pub fn token(&self) -> Result<String, String> {
        let path = self.token_file.as_ref().ok_or("token_file is missing: it names the file with the agent's token")?;
        let text = std::fs::read_to_string(path).map_err(|error| format!("token_file {}: {error}", path.display()))?;
        let token = text.trim();
        if token.is_empty() { Err(format!("token_file {} is empty", path.display())) } else { Ok(token.into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agent.toml");
        let fails = |text: &str, expected: &str| {
            std::fs::write(&path, text).unwrap();
            let error = AgentConfig::load(&path).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        };
        fails("agent = 'a'\nspool = 's'\ncolour = 1", "unknown field `colour`");
        fails("agent = 'a'\nspool = 's'\nstatus_address = '0.0.0.0:80'", "give a loopback address");
        fails("agent = 'a'\nspool = 's'\n[[port]]\ninstrument = 'B'\nprofile = 'p'", "exactly one of serial");
        fails("agent = ''\nspool = 's'", "1 to 60 printable characters");
        let long = "I".repeat(33);
        fails(
            &format!("agent = 'a'\nspool = 's'\n[[port]]\ninstrument = '{long}'\nprofile = 'p'"),
            "1 to 32 printable characters",
        );
        fails(
            "agent = 'a'\nspool = 's'\n[[port]]\ninstrument = 'B'\nprofile = 'p'\nserial = { path = 'x', parity = 'odd?' }",
            "expected one of `none`, `even`, `odd`",
        );
    }

    #[test]
    fn an_instrument_has_one_line_and_any_folders() {
        let check = |ports: &[&str]| {
            let port = |place: &&str| format!("[[port]]\ninstrument = 'GC-1'\nprofile = 'p'\n{place}\n");
            let text = ["agent = 'a'\nspool = 's'\n".to_owned(), ports.iter().map(port).collect()].concat();
            toml::from_str::<AgentConfig>(&text).unwrap().check()
        };
        let (csv, pdf) = ("folder = { path = 'd', pattern = '*.csv' }", "folder = { path = 'd', pattern = '*.pdf' }");
        let (serial, tcp) = ("serial = { path = 'COM3' }", "tcp_listen = '127.0.0.1:4001'");
        assert_eq!(check(&[csv, pdf, "folder = { path = 'e' }", serial]), Ok(()));
        assert_eq!(check(&["tcp_listen = '127.0.0.1:4001'\ntcp_allow = ['192.0.2.7', '::1']"]), Ok(()));
        assert!(check(&["serial = { path = 'COM3' }\ntcp_allow = ['192.0.2.7']"]).unwrap_err().contains("tcp_listen"));
        assert_eq!(check(&["poll = { command = 'S', every_s = 5 }\nserial = { path = 'COM3' }"]), Ok(()));
        let asked = "poll = { command = 'S', every_s = 5 }\nfolder = { path = 'd' }";
        assert!(check(&[asked]).unwrap_err().contains("nothing is sent to a folder"));
        assert_eq!(check(&[csv, csv]).unwrap_err(), "port 'GC-1': folder d (*.csv) is configured twice");
        assert!(check(&[serial, tcp]).unwrap_err().contains("one line"));
    }

    #[test]
    fn what_is_put_into_a_folder_is_not_taken_out_of_it() {
        let check = |folder: &str, sequences: &str| {
            let text = format!(
                "agent = 'a'\nspool = 's'\n[[port]]\ninstrument = 'GC-1'\nprofile = 'p'\nsequence_folder = '{sequences}'\n\
                 folder = {folder}\n"
            );
            toml::from_str::<AgentConfig>(&text).unwrap().check()
        };
        assert_eq!(check("{ path = 'out' }", "in"), Ok(()));
        assert_eq!(check("{ path = 'out' }", "out/in"), Ok(()), "it is not looked into");
        assert!(check("{ path = 'out' }", "out").unwrap_err().contains("would come back"));
        assert!(check("{ path = 'out', recursive = true }", "out/in").unwrap_err().contains("would come back"));
    }

    #[test]
    fn a_recording_is_no_export() {
        let check = |folder: &str, record: &str| {
            let text = format!(
                "agent = 'a'\nspool = 's'\n[[port]]\ninstrument = 'GC-1'\nprofile = 'p'\nrecord = '{record}'\n\
                 folder = {folder}\n"
            );
            toml::from_str::<AgentConfig>(&text).unwrap().check()
        };
        assert_eq!(check("{ path = 'out' }", "folder.rec"), Ok(()));
        assert_eq!(check("{ path = 'out', pattern = '*.csv' }", "out/folder.rec"), Ok(()), "its name is not taken");
        assert!(check("{ path = 'out' }", "out/folder.rec").unwrap_err().contains("taken itself"));
        assert_eq!(check("{ path = 'out' }", "out/in/folder.rec"), Ok(()), "it is not looked into");
        assert!(check("{ path = 'out', recursive = true }", "out/in/folder.rec").unwrap_err().contains("taken itself"));
    }

    #[test]
    fn a_whole_configuration() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agent.toml");
        let text = "agent = 'bench'\nspool = 'spool'\n[[port]]\ninstrument = 'BAL-1'\nprofile = 'mettler_mt_sics'\n\
                    serial = { path = 'COM3', baud = 2400, data_bits = 7, parity = 'even' }\n\
                    [[port]]\ninstrument = 'GC-1'\nprofile = 'x'\nfolder = { path = 'exports', pattern = '*.csv' }\n";
        std::fs::write(&path, text).unwrap();
        let config = AgentConfig::load(&path).unwrap();
        assert_eq!(config.ports[0].serial.as_ref().unwrap().baud, 2400);
        let exports = config.ports[1].folder.as_ref().unwrap();
        let expected = FolderConfig { pattern: "*.csv".into(), ..FolderConfig::new(folder.path().join("exports")) };
        assert_eq!(*exports, expected);
        assert_eq!((exports.rest_ms, exports.last_line_ended, exports.open_line_rest_ms), (10_000, true, 60_000));
        assert_eq!(config.keep_days, 30);
    }
}
