//! What the texts of settings say: addresses, hosts, hours, numbers by class.

/// An address of the web without a slash at its end; `None`: it is none.
pub fn web_address(text: &str) -> Option<String> {
    let address = text.trim().trim_end_matches('/');
    let is_web = url::Url::parse(address).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    is_web.then(|| address.to_owned())
}

/// Whether browsers reach the server over HTTPS at an address.
pub fn is_encrypted(address: &str) -> bool {
    address.starts_with("https://")
}

/// The port of time sources (RFC 4330).
const TIME_PORT: u16 = 123;

/// A host with its port; `None`: it is none.
pub fn with_port(text: &str) -> Option<String> {
    let is_host = |host: &str| {
        let bare = host.strip_prefix('[').and_then(|inner| inner.strip_suffix(']'));
        let name = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
        let plain = !host.is_empty() && host.chars().all(name);
        plain || bare.is_some_and(|inner| inner.parse::<std::net::Ipv6Addr>().is_ok())
    };
    if is_host(text) {
        return Some(format!("{text}:{TIME_PORT}"));
    }
    let (host, port) = text.rsplit_once(':')?;
    let port = port.parse::<u16>().ok().filter(|port| *port != 0)?;
    is_host(host).then(|| format!("{host}:{port}"))
}

/// Three numbers separated by commas, from 1 to the greatest; `None` where they are not.
pub fn by_class(text: &str, most: u32) -> Option<[u32; 3]> {
    let number = |part: &str| part.trim().parse::<u32>().ok().filter(|number| (1..=most).contains(number));
    text.split(',').map(number).collect::<Option<Vec<u32>>>()?.try_into().ok()
}

/// An hour of the day, or `off`; `None` where it is neither.
pub fn hour(text: &str) -> Option<Option<u32>> {
    match text.trim() {
        "off" => Some(None),
        text => text.parse::<u32>().ok().filter(|hour| *hour < 24).map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_by_class_are_three_numbers_within_bounds() {
        assert_eq!(by_class("24,48,72", 240), Some([24, 48, 72]));
        assert_eq!(by_class(" 12, 24 ,240", 240), Some([12, 24, 240]));
        for wrong in ["", "24", "24,48", "24,48,72,96", "0,48,72", "24,48,241", "24,48,-1", "24;48;72", "24,48,72.5"] {
            assert_eq!(by_class(wrong, 240), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_time_source_is_a_host_with_or_without_port() {
        let of = |text: &str| with_port(text).unwrap_or_default();
        assert_eq!(of("ntp.example.com"), "ntp.example.com:123");
        assert_eq!(of("10.0.0.1:1123"), "10.0.0.1:1123");
        assert_eq!(of("[fd00::1]"), "[fd00::1]:123");
        assert_eq!(of("[fd00::1]:1123"), "[fd00::1]:1123");
        for wrong in [
            "",
            "ntp example",
            "ntp.example.com:",
            "ntp.example.com:0",
            "ntp.example.com:ntp",
            ":123",
            "fd00::1",
            "[ntp]",
        ] {
            assert_eq!(of(wrong), "", "{wrong:?}");
        }
    }
}
