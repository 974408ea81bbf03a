//! Forwarding over HTTP, against a small server that keeps the contract's rules. It listens on loopback.

mod support;

use instrument_drivers::agent::forward::forward_once;
use instrument_drivers::agent::{HttpUpstream, MessageKind, Spool, Upstream, UpstreamError, WireMessage};
use support::at;
use support::server::serve;

fn spool(folder: &std::path::Path) -> Spool {
    let (spool, _) = Spool::open(folder, at(0)).unwrap();
    for number in 0..3 {
        spool.store("AAS-1", MessageKind::Message, &[0, 0xff, number], None, at(1)).unwrap();
    }
    spool
}

#[test]
fn batches_arrive_whole_and_repeats_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let spool = spool(folder.path());
    let sent = spool.pending(10, 1 << 20).unwrap();
    let (address, server) = serve();
    let upstream = HttpUpstream::new("bench", &address, "secret");
    assert_eq!(forward_once(&spool, &upstream), Ok(3));
    assert_eq!(forward_once(&spool, &upstream), Ok(0));
    assert_eq!(upstream.deliver(&sent).unwrap().highest_seq, 3);
    let server = server.lock().unwrap();
    assert_eq!(server.stored, sent);
    assert_eq!(server.tokens[0], "Bearer secret");
}

#[test]
fn every_answer_has_its_meaning() {
    let folder = tempfile::tempdir().unwrap();
    let spool = spool(folder.path());
    let batch = spool.pending(10, 1 << 20).unwrap();
    let (address, server) = serve();
    let upstream = HttpUpstream::new("bench", &address, "secret");
    let says = |status: u16, body: &str| {
        server.lock().unwrap().says = Some((status, body.into()));
        upstream.deliver(&batch)
    };
    assert_eq!(says(409, "{\"stored\":0}"), Err(UpstreamError::Hole { stored: 0 }));
    assert!(matches!(says(503, ""), Err(UpstreamError::Unreachable(_))));
    assert!(matches!(says(401, "who are you"), Err(UpstreamError::Refused(text)) if text.contains("who are you")));
    assert!(matches!(says(200, "hello"), Err(UpstreamError::Refused(_))));
    let nobody = HttpUpstream::new("bench", &format!("http://{}", support::free_address()), "secret");
    assert!(matches!(nobody.deliver(&batch), Err(UpstreamError::Unreachable(_))));
}

#[test]
fn a_server_restored_from_a_backup_gets_the_rest_again() {
    let folder = tempfile::tempdir().unwrap();
    let spool = spool(folder.path());
    let (address, server) = serve();
    let upstream = HttpUpstream::new("bench", &address, "secret");
    assert_eq!(forward_once(&spool, &upstream), Ok(3));
    server.lock().unwrap().stored.truncate(1);
    spool.store("AAS-1", MessageKind::Message, b"four", None, at(2)).unwrap();
    assert_eq!(forward_once(&spool, &upstream), Ok(0));
    assert_eq!(forward_once(&spool, &upstream), Ok(3));
    assert_eq!(server.lock().unwrap().stored.len(), 4);
}

#[test]
fn changed_bytes_are_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let message = &spool(folder.path()).pending(1, 1 << 20).unwrap()[0];
    let mut wire = WireMessage::of("bench", message);
    assert_eq!(wire.open().as_ref(), Ok(message));
    wire.bytes = "AAAA".into();
    assert!(wire.open().unwrap_err().contains("sha256"));
}
