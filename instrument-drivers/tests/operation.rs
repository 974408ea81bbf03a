//! The agent in operation: its local page, what it tells the server about itself, and a certificate authority of the
//! laboratory's own.

mod support;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use instrument_drivers::agent::{
    Agent, AgentConfig, AgentStatus, HttpUpstream, MessageKind, Spool, Upstream, UpstreamError,
};
use instrument_drivers::port::Line;
use support::server::{DATE, serve};
use support::{Shelf, TestAgent, until};

fn get(address: &str, head: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(format!("{head}\r\n\r\n").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn the_page_shows_ports_backlog_and_errors() {
    let folder = tempfile::tempdir().unwrap();
    let exports = tempfile::tempdir().unwrap();
    let address = support::free_address();
    let shelf = Arc::new(Shelf::default());
    shelf.go_away();
    let config = AgentConfig {
        status_address: Some(address.clone()),
        ..support::config(folder.path(), vec![support::folder_port("GC-<1>", exports.path())])
    };
    let agent = TestAgent::start(config, shelf.clone());
    std::fs::write(exports.path().join("a.csv"), "Sample ID,Pb\n").unwrap();
    until("spooled, and the server known to be away", || {
        agent.status().backlog == 1 && agent.status().forward_error.is_some()
    });
    let page = get(&address, &format!("GET / HTTP/1.1\r\nHost: {address}\r\nAccept-Language: zh-CN"));
    assert!(page.starts_with("HTTP/1.1 200 OK\r\n"), "{page}");
    for text in [
        "待上传: 1",
        "GC-&lt;1&gt;",
        "the server cannot be reached now: away",
        "已连接",
        "服务器上待处理行",
        "<td>未知</td>",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert!(!page.contains("GC-<1>"), "{page}");
    let page = get(&address, &format!("GET / HTTP/1.1\r\nHost: {address}\r\nAccept-Language: en"));
    assert!(page.contains("Waiting for the server: 1"), "{page}");
    let json = get(&address, &format!("GET /status.json HTTP/1.1\r\nHost: {address}"));
    let status: AgentStatus = serde_json::from_str(json.split_once("\r\n\r\n").unwrap().1).unwrap();
    assert_eq!((status.backlog, status.ports[0].messages), (1, 1));
    // Nothing else is there, and nobody else is answered.
    for (head, expected) in [
        (format!("GET /token HTTP/1.1\r\nHost: {address}"), "404"),
        (format!("POST / HTTP/1.1\r\nHost: {address}"), "405"),
        ("GET /status.json HTTP/1.1\r\nHost: evil.example".to_string(), "403"),
    ] {
        let answer = get(&address, &head);
        assert!(answer.starts_with(&format!("HTTP/1.1 {expected} ")), "{head}: {answer}");
    }
    agent.stop();
}

#[test]
fn the_server_learns_how_the_agent_stands() {
    let folder = tempfile::tempdir().unwrap();
    let port = support::free_address();
    let (address, server) = serve();
    let config = support::config(folder.path(), vec![support::tcp_port("BAL-1", "ohaus_balance", &port)]);
    let upstream = Arc::new(HttpUpstream::new("bench", &address, "secret"));
    let agent = Agent::start(config, upstream).unwrap();
    let mut line = support::connect(&port);
    line.write(b"    192.21 g\r\n").unwrap();
    until("first message", || server.lock().unwrap().stored.len() == 1);
    until("the clocks were compared", || agent.status().clock_difference_ms.is_some());
    assert_eq!(agent.status().ports[0].held, None, "this server says nothing of held rows");
    server.lock().unwrap().held = Some([("BAL-1".to_string(), 3), ("GC-9".to_string(), 1)].into());
    line.write(b"     12.50 g\r\n").unwrap();
    until("second message", || server.lock().unwrap().stored.len() == 2);
    let told = server.lock().unwrap().status.clone().unwrap();
    assert_eq!((told.agent.as_str(), told.ports[0].instrument.as_str()), ("bench", "BAL-1"));
    assert!(told.ports[0].connected && told.ports[0].last_message_at.is_some());
    assert_eq!(told.backlog, 1);
    until("the held rows were told", || agent.status().ports[0].held == Some(3));
    // The clock of this server stands still since March 2026; ours does not.
    let there = chrono::DateTime::parse_from_rfc2822(DATE).unwrap();
    let expected = (told.at - there.with_timezone(&chrono::Utc)).num_milliseconds();
    let difference = told.clock_difference_ms.unwrap();
    assert!((difference - expected).abs() < 60_000, "{difference} against {expected}");
    agent.stop();
}

#[test]
fn after_a_restart_it_is_still_known_when_the_last_message_came() {
    let folder = tempfile::tempdir().unwrap();
    let exports = tempfile::tempdir().unwrap();
    let address = support::free_address();
    let line = support::tcp_port("GC-1", "ohaus_balance", &address);
    let config = support::config(folder.path(), vec![support::folder_port("GC-1", exports.path()), line]);
    let shelf = Arc::new(Shelf::default());
    let times =
        |agent: &TestAgent| -> Vec<_> { agent.status().ports.iter().map(|port| port.last_message_at).collect() };
    let agent = TestAgent::start(config.clone(), shelf.clone());
    assert_eq!(times(&agent), [None, None]);
    std::fs::write(exports.path().join("a.csv"), "Sample ID,Pb\n").unwrap();
    until("the file is there", || shelf.count() == 1);
    agent.stop();
    // The folder comes before the line, in the order of their names.
    let agent = TestAgent::start(config.clone(), shelf.clone());
    let file = shelf.messages()[0].received_at;
    assert_eq!(times(&agent), [Some(file), None]);
    assert_eq!(agent.status().ports.iter().map(|port| port.messages).sum::<u64>(), 0, "none since the start");
    support::connect(&address).write(b"    192.21 g\r\n").unwrap();
    until("the weight is there", || shelf.count() == 2);
    agent.stop();
    let agent = TestAgent::start(config, shelf.clone());
    assert_eq!(times(&agent), [Some(file), Some(shelf.messages()[1].received_at)]);
    agent.stop();
}

fn pem(name: &str) -> Vec<u8> {
    std::fs::read(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tls").join(name)).unwrap()
}

/// A server whose certificate comes from an authority that nobody knows. It takes every batch.
fn serve_tls() -> String {
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    let chain = vec![CertificateDer::from_pem_slice(&pem("server.pem")).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(&pem("server.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let config = Arc::new(config);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut tls = rustls::StreamOwned::new(rustls::ServerConnection::new(config.clone()).unwrap(), stream);
            let (mut request, mut buffer) = (Vec::new(), [0u8; 4096]);
            // A client that does not trust the certificate ends the handshake.
            while let Ok(count @ 1..) = tls.read(&mut buffer) {
                request.extend_from_slice(&buffer[..count]);
                if request.ends_with(b"}") {
                    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 12\r\nconnection: close\r\n\r\n{\"stored\":1}";
                    let _ = tls.write_all(answer.as_bytes());
                    tls.conn.send_close_notify();
                    let _ = tls.flush();
                    break;
                }
            }
        }
    });
    address
}

#[test]
fn a_certificate_authority_of_ones_own_is_trusted_only_when_it_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (spool, _) = Spool::open(folder.path(), support::at(0)).unwrap();
    spool.store("X-1", MessageKind::Message, b"x", None, support::at(1)).unwrap();
    let batch = spool.pending(1, 1).unwrap();
    let address = serve_tls();
    let stranger = HttpUpstream::new("bench", &address, "secret").deliver(&batch);
    assert!(matches!(&stranger, Err(UpstreamError::Unreachable(why)) if why.contains("ertificate")), "{stranger:?}");
    let known = HttpUpstream::with_ca("bench", &address, "secret", &pem("ca.pem")).unwrap().deliver(&batch);
    assert_eq!(known.map(|answer| answer.highest_seq), Ok(1));
}

#[test]
fn a_certificate_authority_of_ones_own_needs_certificates() {
    let refuses = |pem: &str| HttpUpstream::with_ca("bench", "https://lis.example", "secret", pem.as_bytes()).err();
    assert!(refuses("").is_some_and(|error| error.contains("no certificate")));
    let key = String::from_utf8(pem("server.key")).unwrap();
    assert!(refuses(&key).is_some_and(|error| error.contains("no private key")));
    assert!(refuses("hello").is_some_and(|error| error.contains("no certificate")));
}

#[test]
fn the_page_listens_on_loopback_only() {
    let folder = tempfile::tempdir().unwrap();
    let config = AgentConfig { status_address: Some("192.0.2.1:80".into()), ..support::config(folder.path(), vec![]) };
    let error = TestAgent::try_start(config, Arc::new(Shelf::default())).err().unwrap();
    assert!(error.contains("loopback"), "{error}");
}
