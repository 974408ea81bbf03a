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
    let differ = "{\"detail\": \"Other messages.\", \"reasons\": [{\"code\": \"messages-differ\"}]}";
    assert_eq!(says(409, differ), Err(UpstreamError::Copied("Other messages.".into())));
    assert!(matches!(says(409, "{\"detail\": \"x\", \"reasons\": []}"), Err(UpstreamError::Refused(_))));
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

#[test]
fn a_spool_that_was_copied_goes_on_as_a_stream_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let (original, copy) = (folder.path().join("a"), folder.path().join("b"));
    let first = spool(&original);
    let (address, server) = serve();
    let upstream = HttpUpstream::new("bench", &address, "secret");
    assert_eq!(forward_once(&first, &upstream), Ok(3));
    // An image of the computer is put onto another one; both go on.
    std::fs::create_dir(&copy).unwrap();
    for entry in std::fs::read_dir(&original).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, copy.join(path.file_name().unwrap())).unwrap();
    }
    let (second, _) = Spool::open(&copy, at(2)).unwrap();
    assert_eq!(second.stream(), first.stream());
    first.store("AAS-1", MessageKind::Message, b"of the first", None, at(3)).unwrap();
    assert_eq!(forward_once(&first, &upstream), Ok(1));
    second.store("AAS-1", MessageKind::Message, b"of the second", None, at(3)).unwrap();
    assert_eq!(forward_once(&second, &upstream), Ok(0), "number 4 is taken");
    assert_ne!(second.stream(), first.stream());
    assert_eq!(second.backlog(), 4, "everything on its disk");
    assert_eq!(forward_once(&second, &upstream), Ok(4));
    let server = server.lock().unwrap();
    assert_eq!(server.of_other_streams[3].bytes, b"of the first");
    assert_eq!((server.stored[3].bytes.as_slice(), server.stored[3].stream), (&b"of the second"[..], second.stream()));
    drop(second);
    // It is the same stream after a restart.
    let (again, notes) = Spool::open(&copy, at(4)).unwrap();
    assert_eq!((again.stream(), again.backlog(), notes), (server.stored[3].stream, 0, Vec::<String>::new()));
}

#[test]
fn a_spool_that_has_lost_its_name_begins_with_one() {
    let folder = tempfile::tempdir().unwrap();
    let (spool, _) = Spool::open(folder.path(), at(0)).unwrap();
    // Larger than a segment: the next message begins another, and the first one is pruned.
    let large = vec![b'n'; 9 << 20];
    spool.store("AAS-1", MessageKind::Message, &large, None, at(1)).unwrap();
    spool.store("AAS-1", MessageKind::Message, b"two", None, at(2)).unwrap();
    spool.acknowledge(1).unwrap();
    assert_eq!(spool.prune(std::time::Duration::ZERO, at(3)).unwrap(), 1);
    let stream = spool.stream();
    drop(spool);
    std::fs::remove_file(folder.path().join("stream")).unwrap();
    let (spool, notes) = Spool::open(folder.path(), at(4)).unwrap();
    assert_eq!(notes, ["the stream's identity was lost; the spool goes on as a new stream"]);
    let waiting = spool.pending(10, 1 << 20).unwrap();
    assert_eq!(waiting.iter().map(|one| (one.seq, one.bytes.as_slice())).collect::<Vec<_>>(), [(1, &b"two"[..])]);
    assert_ne!(spool.stream(), stream);
    // No server has anything of it, and none finds a hole.
    let (address, _server) = serve();
    assert_eq!(forward_once(&spool, &HttpUpstream::new("bench", &address, "secret")), Ok(1));
}
