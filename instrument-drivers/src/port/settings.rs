//! How a port is set up: the line, the protocol, the profile. The server keeps it with the moment from which it held, so that
//! a value can be followed to the settings that it came through.

use serde::{Deserialize, Serialize};

use super::config::{Flow, Parity, PortConfig};
use crate::disk::sha256;
use crate::profile::Profile;

/// The settings of one port. What a line of another kind has stays empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PortSettings {
    /// serial, tcp_listen, tcp_connect, folder
    pub kind: String,
    /// Device, address, or folder with the pattern of its files.
    pub place: String,
    pub baud: Option<u32>,
    pub data_bits: Option<u8>,
    /// none, even, odd
    pub parity: Option<String>,
    pub stop_bits: Option<u8>,
    /// none, software, hardware
    pub flow: Option<String>,
    /// astm, vidas, lines, mllp; of a folder file.
    pub protocol: String,
    /// Name of the shipped profile, or path of the file.
    pub profile: String,
    /// It is sent orders that it did not ask for.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub send_orders: bool,
    /// Where its software takes sequence files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequence_folder: Option<String>,
    /// Of the profile's text: a name alone does not tell two versions apart.
    pub profile_sha256: String,
}

impl PortSettings {
    /// As a configuration says, with the profile that was loaded for it.
    pub fn of(config: &PortConfig, profile: &Profile) -> PortSettings {
        let common = PortSettings {
            protocol: profile.protocol().to_string(),
            profile: config.profile.clone(),
            send_orders: config.send_orders,
            sequence_folder: config.sequence_folder.as_ref().map(|folder| folder.to_string_lossy().into_owned()),
            profile_sha256: text_of(&config.profile).map(|text| sha256(text.as_bytes())).unwrap_or_default(),
            ..PortSettings::default()
        };
        let at = |kind: &str, place: &str| (kind.to_string(), place.to_string());
        let ((kind, place), common) = match (&config.folder, &config.serial, &config.tcp_connect) {
            (Some(folder), ..) => {
                let files = folder.path.join(&folder.pattern);
                (at("folder", &files.to_string_lossy()), PortSettings { protocol: "file".to_string(), ..common })
            }
            (_, Some(serial), _) => {
                let line = PortSettings {
                    baud: Some(serial.baud),
                    data_bits: Some(serial.data_bits),
                    parity: Some(parity(serial.parity).to_string()),
                    stop_bits: Some(serial.stop_bits),
                    flow: Some(flow(serial.flow).to_string()),
                    ..common
                };
                (at("serial", &serial.path), line)
            }
            (.., Some(address)) => (at("tcp_connect", address), common),
            _ => (at("tcp_listen", config.tcp_listen.as_deref().unwrap_or_default()), common),
        };
        PortSettings { kind, place, ..common }
    }
}

/// The text of a shipped profile or of a profile file.
fn text_of(profile: &str) -> Option<String> {
    let shipped = Profile::shipped_text(profile).map(str::to_string);
    shipped.or_else(|| std::fs::read_to_string(profile).ok())
}

fn parity(parity: Parity) -> &'static str {
    match parity {
        Parity::None => "none",
        Parity::Even => "even",
        Parity::Odd => "odd",
    }
}

fn flow(flow: Flow) -> &'static str {
    match flow {
        Flow::None => "none",
        Flow::Software => "software",
        Flow::Hardware => "hardware",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(port: &str) -> PortSettings {
        let config: PortConfig = toml::from_str(port).unwrap();
        PortSettings::of(&config, &Profile::load(&config.profile).unwrap())
    }

    // Requirement: Q64-8
    #[test]
    fn every_kind_of_port_says_what_it_has() {
        let line = settings(
            "instrument = \"C-1\"\nprofile = \"generic_astm\"\nsend_orders = true\nsequence_folder = \"lists\"\n\
             serial = { path = \"COM3\", baud = 19200, data_bits = 7, parity = \"even\", stop_bits = 2, flow = \"hardware\" }",
        );
        let text = Profile::shipped_text("generic_astm").unwrap();
        let expected = PortSettings {
            kind: "serial".into(),
            place: "COM3".into(),
            baud: Some(19_200),
            data_bits: Some(7),
            parity: Some("even".into()),
            stop_bits: Some(2),
            flow: Some("hardware".into()),
            protocol: "astm".into(),
            profile: "generic_astm".into(),
            send_orders: true,
            sequence_folder: Some("lists".into()),
            profile_sha256: sha256(text.as_bytes()),
        };
        assert_eq!(line, expected);

        let said = |port: &str| {
            let found = settings(&format!("instrument = \"X\"\n{port}"));
            (found.kind, found.place, found.protocol, found.baud)
        };
        let of =
            |kind: &str, place: &str, protocol: &str| (kind.to_string(), place.to_string(), protocol.to_string(), None);
        assert_eq!(
            said("profile = \"generic_astm\"\ntcp_connect = \"10.0.0.7:4000\""),
            of("tcp_connect", "10.0.0.7:4000", "astm")
        );
        assert_eq!(
            said("profile = \"generic_astm\"\ntcp_listen = \"0.0.0.0:4000\""),
            of("tcp_listen", "0.0.0.0:4000", "astm")
        );
        let (kind, place, protocol, _) =
            said("profile = \"generic_long_table\"\nfolder = { path = \"exports\", pattern = \"*.csv\" }");
        assert_eq!((kind.as_str(), protocol.as_str()), ("folder", "file"));
        assert!(place.starts_with("exports") && place.ends_with("*.csv"), "{place}");
    }
}
