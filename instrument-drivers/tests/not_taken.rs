//! Messages that break a rule of the server: the stream goes on behind them, nothing is dropped, and it shows. And an agent
//! that has nothing to bring says that it lives.

mod support;

use std::sync::Arc;

use instrument_drivers::agent::forward::forward_once;
use instrument_drivers::agent::http::{CODE_MOST, FILE_NAME_MOST, is_name};
use instrument_drivers::agent::{Agent, AgentConfig, HttpUpstream, MessageKind, Spool, WireMessage, Withheld};
use support::server::serve;
use support::{at, until};

/// Messages 1, 2, … of these instruments.
fn spool(folder: &std::path::Path, instruments: &[&str]) -> Spool {
    let (spool, _) = Spool::open(folder, at(0)).unwrap();
    for instrument in instruments {
        spool.store(instrument, MessageKind::Message, instrument.as_bytes(), None, at(1)).unwrap();
    }
    spool
}

fn of_x9(message: &WireMessage) -> bool {
    message.instrument == "X-9" && message.kind != MessageKind::Withheld
}

#[test]
fn one_message_that_is_refused_holds_up_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let messages = spool(folder.path(), &["A", "B", "C", "D", "X-9", "F", "G", "H", "I"]);
    let (address, server) = serve();
    server.lock().unwrap().unfit = Some(of_x9);
    let upstream = HttpUpstream::new("bench", &address, "secret");
    for _ in 0..20 {
        forward_once(&messages, &upstream).unwrap();
    }
    assert_eq!(messages.backlog(), 0);
    let stored = server.lock().unwrap().stored.clone();
    assert_eq!(stored.iter().map(|message| message.seq).collect::<Vec<_>>(), (1..=9).collect::<Vec<_>>(), "no hole");
    let notes: Vec<_> = stored.iter().filter(|message| message.kind == MessageKind::Withheld).collect();
    assert_eq!(notes.iter().map(|note| note.seq).collect::<Vec<_>>(), [5], "only the one to blame");
    let note: Withheld = serde_json::from_slice(&notes[0].bytes).unwrap();
    assert_eq!((note.instrument.as_str(), note.why.as_str()), ("X-9", "status 422: The messages are not right."));
    assert_eq!(std::fs::read(folder.path().join("withheld").join(&note.kept_as)).unwrap(), b"X-9");
    assert_eq!(messages.withheld(), [note]);
    // The server was mended: the message follows as a new one.
    server.lock().unwrap().unfit = None;
    assert_eq!(messages.resend_withheld(at(2)).unwrap(), 1);
    assert_eq!(forward_once(&messages, &upstream), Ok(1));
    let last = server.lock().unwrap().stored.last().unwrap().clone();
    assert_eq!((last.seq, last.instrument.as_str(), last.kind), (10, "X-9", MessageKind::Message));
}

#[test]
fn a_server_that_refuses_everything_makes_the_agent_wait() {
    let folder = tempfile::tempdir().unwrap();
    let messages = spool(folder.path(), &["A", "B", "C"]);
    let (address, server) = serve();
    server.lock().unwrap().unfit = Some(|_| true);
    let upstream = HttpUpstream::new("bench", &address, "secret");
    // The first is laid aside; the note in its place is refused as well, so it is not the messages that are wrong.
    assert_eq!(forward_once(&messages, &upstream), Ok(0));
    for _ in 0..3 {
        let error = forward_once(&messages, &upstream).unwrap_err();
        assert!(error.contains("does not take the batch") && error.contains("not right"), "{error}");
    }
    assert_eq!(messages.withheld().len(), 1);
    assert_eq!(messages.backlog(), 3);
    server.lock().unwrap().unfit = None;
    assert_eq!(forward_once(&messages, &upstream), Ok(3));
    let kinds: Vec<_> = server.lock().unwrap().stored.iter().map(|message| message.kind).collect();
    assert_eq!(kinds, [MessageKind::Withheld, MessageKind::Message, MessageKind::Message]);
}

/// As the server of the laboratory: codes have at most 32 characters, names of files 4,096.
fn of_strange_names(message: &WireMessage) -> bool {
    let long = message.file_name.as_ref().is_some_and(|name| name.chars().count() > FILE_NAME_MOST);
    long || !is_name(&message.instrument, CODE_MOST)
}

#[test]
fn the_note_passes_where_the_names_of_its_message_do_not() {
    let folder = tempfile::tempdir().unwrap();
    let (messages, _) = Spool::open(folder.path(), at(0)).unwrap();
    let (long_code, long_name) = ("仪".repeat(40), "n".repeat(5_000));
    messages.store(&long_code, MessageKind::Message, b"1", None, at(1)).unwrap();
    messages.store("\u{7}", MessageKind::Message, b"2", None, at(1)).unwrap();
    messages.store("GC-1", MessageKind::File, b"3", Some(&long_name), at(1)).unwrap();
    let (address, server) = serve();
    server.lock().unwrap().unfit = Some(of_strange_names);
    let upstream = HttpUpstream::new("bench", &address, "secret");
    for _ in 0..20 {
        forward_once(&messages, &upstream).unwrap();
    }
    let stored = server.lock().unwrap().stored.clone();
    let told: Vec<_> = stored.iter().map(|one| (one.instrument.clone(), one.file_name.clone())).collect();
    assert_eq!(told, [("仪".repeat(32), None), ("?".into(), None), ("GC-1".into(), None)]);
    let notes: Vec<Withheld> = stored.iter().map(|one| serde_json::from_slice(&one.bytes).unwrap()).collect();
    assert_eq!((&notes[0].instrument, notes[2].file_name.as_ref()), (&long_code, Some(&long_name)));
}

#[test]
fn status_and_page_name_what_was_not_taken() {
    let folder = tempfile::tempdir().unwrap();
    let exports = tempfile::tempdir().unwrap();
    let page = support::free_address();
    let (address, server) = serve();
    server.lock().unwrap().unfit =
        Some(|message| message.file_name.as_deref() == Some("bad.csv") && message.kind == MessageKind::File);
    let config = AgentConfig {
        status_address: Some(page.clone()),
        ..support::config(folder.path(), vec![support::folder_port("GC-1", exports.path())])
    };
    let agent = Agent::start(config, Arc::new(HttpUpstream::new("bench", &address, "secret"))).unwrap();
    for name in ["bad.csv", "good.csv"] {
        std::fs::write(exports.path().join(name), name).unwrap();
    }
    until("both are with the server", || server.lock().unwrap().stored.len() == 2);
    until("nothing waits", || agent.status().backlog == 0);
    let status = agent.status();
    assert_eq!((status.withheld_count, status.withheld[0].file_name.as_deref()), (1, Some("bad.csv")));
    assert!(!status.version.is_empty());
    let mut stream = std::net::TcpStream::connect(&page).unwrap();
    let head = format!("GET / HTTP/1.1\r\nHost: {page}\r\nAccept-Language: en\r\n\r\n");
    std::io::Write::write_all(&mut stream, head.as_bytes()).unwrap();
    let mut answer = String::new();
    std::io::Read::read_to_string(&mut stream, &mut answer).unwrap();
    assert!(answer.contains("Not taken by the server, kept on this disk: bad.csv"), "{answer}");
    assert!(answer.contains("The messages are not right."), "{answer}");
    agent.stop();
}

#[test]
fn an_idle_agent_says_that_it_lives() {
    let folder = tempfile::tempdir().unwrap();
    let exports = tempfile::tempdir().unwrap();
    let (address, server) = serve();
    let config = support::config(folder.path(), vec![support::folder_port("GC-1", exports.path())]);
    let agent = Agent::start(config, Arc::new(HttpUpstream::new("bench", &address, "secret"))).unwrap();
    until("a report without a message", || server.lock().unwrap().status.is_some());
    let told = server.lock().unwrap().status.clone().unwrap();
    assert_eq!((told.agent.as_str(), told.backlog, told.ports.len()), ("bench", 0, 1));
    assert!(told.ports[0].connected && told.ports[0].port.starts_with("folder "), "{told:?}");
    assert_eq!(server.lock().unwrap().stored, []);
    agent.stop();
}
