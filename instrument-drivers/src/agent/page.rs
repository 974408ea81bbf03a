//! The local page: what the agent is doing, for the person who stands beside it. `/` is for people, `/status.json` for
//! programs. It listens on loopback, changes nothing and answers only what is asked for by a loopback name.

use std::fmt::Write as _;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::reporter::Reporter;
use super::status::AgentStatus;
use crate::clock::sleep;
use crate::port::board::PortStatus;

pub struct Page {
    listener: TcpListener,
}

/// How often the page looks whether somebody asks, and whether it should stop.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// A browser on the same machine sends its request at once.
const REQUEST_WITHIN: Duration = Duration::from_secs(2);
/// A request line and the headers of a browser; more is nobody's.
const REQUEST_BYTES: usize = 16 << 10;

impl Page {
    pub fn bind(address: &str) -> io::Result<Page> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        Ok(Page { listener })
    }

    /// Answers one request after the other until `stop`.
    pub fn serve(&self, reporter: &Reporter, stop: &AtomicBool) {
        while !stop.load(Ordering::Relaxed) {
            match self.listener.accept() {
                // Who asks and goes away again is no trouble of ours.
                Ok((stream, _)) => drop(answer(stream, reporter)),
                Err(_) => sleep(LOOK_EVERY, stop),
            }
        }
    }
}

fn answer(mut stream: TcpStream, reporter: &Reporter) -> io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(REQUEST_WITHIN))?;
    stream.set_write_timeout(Some(REQUEST_WITHIN))?;
    let mut request = Vec::new();
    let mut buffer = [0u8; 2048];
    while !request.windows(4).any(|end| end == b"\r\n\r\n") && request.len() < REQUEST_BYTES {
        match stream.read(&mut buffer)? {
            0 => break,
            count => request.extend_from_slice(&buffer[..count]),
        }
    }
    let request = String::from_utf8_lossy(&request);
    let (status, kind, body) = respond(&request, || reporter.status());
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: {kind}; charset=utf-8\r\ncontent-length: {}\r\ncache-control: no-store\r\n\
         content-security-policy: default-src 'none'; style-src 'unsafe-inline'\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body.as_bytes())
}

/// Status line, type and body of the answer.
fn respond(request: &str, status: impl FnOnce() -> AgentStatus) -> (&'static str, &'static str, String) {
    let plain = |line: &'static str| (line, "text/plain", format!("{line}\n"));
    let mut words = request.lines().next().unwrap_or_default().split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    // A page of the internet that points its own name at 127.0.0.1 learns nothing.
    if !is_loopback_name(header(request, "host")) {
        return plain("403 Forbidden");
    }
    match (method, path) {
        ("GET", "/") => ("200 OK", "text/html", html(&status(), words_for(header(request, "accept-language")))),
        ("GET", "/status.json") => match serde_json::to_string_pretty(&status()) {
            Ok(text) => ("200 OK", "application/json", text + "\n"),
            Err(_) => plain("500 Internal Server Error"),
        },
        ("GET", _) => plain("404 Not Found"),
        _ => plain("405 Method Not Allowed"),
    }
}

fn header<'a>(request: &'a str, name: &str) -> &'a str {
    let lines = request.lines().skip(1).filter_map(|line| line.split_once(':'));
    lines.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).next().unwrap_or_default()
}

fn is_loopback_name(host: &str) -> bool {
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit())).map_or(host, |p| p.0);
    let address = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost") || address.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// The words of the page in one language.
struct Words {
    language: &'static str,
    title: &'static str,
    stored: &'static str,
    backlog: &'static str,
    forwarding: &'static str,
    good: &'static str,
    clock: &'static str,
    unknown: &'static str,
    withheld: &'static str,
    columns: [&'static str; 8],
    open: &'static str,
    closed: &'static str,
}

const ZH: Words = Words {
    language: "zh-CN",
    title: "仪器代理",
    stored: "已保存消息",
    backlog: "待上传",
    forwarding: "上传",
    good: "正常",
    clock: "本机时钟比服务器快（毫秒）",
    unknown: "未知",
    withheld: "服务器未接收，保留在本机",
    columns: ["仪器", "端口", "状态", "消息数", "最近消息", "服务器上待处理行", "错误", "提示"],
    open: "已连接",
    closed: "未连接",
};

const EN: Words = Words {
    language: "en",
    title: "Instrument agent",
    stored: "Messages stored",
    backlog: "Waiting for the server",
    forwarding: "Forwarding",
    good: "good",
    clock: "This clock is ahead of the server's by (ms)",
    unknown: "not known",
    withheld: "Not taken by the server, kept on this disk",
    columns: ["Instrument", "Port", "State", "Messages", "Last message", "Rows held at the server", "Error", "Note"],
    open: "open",
    closed: "closed",
};

/// Chinese unless the browser asks for another language first.
fn words_for(accept_language: &str) -> &'static Words {
    let first = accept_language.split([',', ';']).next().unwrap_or_default().trim();
    if first.is_empty() || first.to_ascii_lowercase().starts_with("zh") { &ZH } else { &EN }
}

fn html(status: &AgentStatus, words: &Words) -> String {
    let mut page = format!(
        "<!doctype html><html lang=\"{}\"><meta charset=\"utf-8\"><meta http-equiv=\"refresh\" content=\"5\">\
         <title>{} {agent}</title><style>body{{font-family:sans-serif;margin:1.5rem}}td,th{{border:1px solid #888;\
         padding:.3rem .6rem;text-align:left}}table{{border-collapse:collapse}}.bad{{color:#b00020}}</style>\
         <h1>{} {agent}</h1><p>{}</p><ul>",
        words.language,
        words.title,
        words.title,
        escape(&status.at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)),
        agent = escape(&status.agent),
    );
    let mut fact = |name: &str, value: &str, bad: bool| {
        let class = if bad { " class=\"bad\"" } else { "" };
        // Writing to a text works.
        let _ = write!(page, "<li{class}>{name}: {}</li>", escape(value));
    };
    fact(words.stored, &status.last_seq.to_string(), false);
    fact(words.backlog, &status.backlog.to_string(), false);
    let error = status.forward_error.as_deref();
    fact(words.forwarding, error.unwrap_or(words.good), error.is_some());
    let clock = status.clock_difference_ms.map(|ms| ms.to_string());
    fact(words.clock, clock.as_deref().unwrap_or(words.unknown), false);
    if status.withheld_count > 0 {
        fact(words.withheld, &status.withheld_count.to_string(), true);
    }
    for one in &status.withheld {
        let name = one.file_name.as_deref().unwrap_or(&one.instrument);
        fact(words.withheld, &format!("{name}, {} B, {}: {}", one.bytes, one.kept_as, one.why), true);
    }
    page.push_str("</ul><table><tr>");
    words.columns.iter().for_each(|name| page.push_str(&format!("<th>{name}</th>")));
    page.push_str("</tr>");
    status.ports.iter().for_each(|port| page.push_str(&row(port, words)));
    page.push_str("</table></html>\n");
    page
}

fn row(port: &PortStatus, words: &Words) -> String {
    let last = port.last_message_at.map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true));
    let cells = [
        port.instrument.clone(),
        port.port.clone(),
        if port.connected { words.open } else { words.closed }.to_string(),
        port.messages.to_string(),
        last.unwrap_or_default(),
        port.held.map_or_else(|| words.unknown.to_string(), |count| count.to_string()),
        port.error.clone().unwrap_or_default(),
        port.note.clone().unwrap_or_default(),
    ];
    let cells: String = cells.iter().map(|cell| format!("<td>{}</td>", escape(cell))).collect();
    let class = if port.connected && port.error.is_none() { "" } else { " class=\"bad\"" };
    format!("<tr{class}>{cells}</tr>")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_names_are_answered() {
        for (host, good) in [
            ("127.0.0.1:8470", true),
            ("localhost", true),
            ("[::1]:8470", true),
            ("lis.example:8470", false),
            ("", false),
        ] {
            assert_eq!(is_loopback_name(host), good, "{host}");
        }
    }

    #[test]
    fn the_browser_chooses_the_language() {
        assert_eq!(words_for("").language, "zh-CN");
        assert_eq!(words_for("zh-TW,en;q=0.5").language, "zh-CN");
        assert_eq!(words_for("en-GB,zh;q=0.5").language, "en");
    }
}
