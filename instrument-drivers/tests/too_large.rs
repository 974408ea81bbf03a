//! Messages that are too large for the server: the stream goes on behind them, nothing is dropped, and it shows.

mod support;

use instrument_drivers::agent::forward::forward_once;
use instrument_drivers::agent::{
    Acknowledged, HttpUpstream, MessageKind, Spool, SpooledMessage, Upstream, UpstreamError, Withheld,
};
use support::at;
use support::server::serve;

fn spool(folder: &std::path::Path, sizes: &[usize]) -> Spool {
    let (spool, _) = Spool::open(folder, at(0)).unwrap();
    for (number, size) in sizes.iter().enumerate() {
        let bytes = vec![b'0' + number as u8; *size];
        spool.store("GC-1", MessageKind::File, &bytes, Some(&format!("{number}.csv")), at(1)).unwrap();
    }
    spool
}

fn forward_all(spool: &Spool, upstream: &dyn Upstream) {
    for _ in 0..20 {
        forward_once(spool, upstream).unwrap();
    }
    assert_eq!(spool.backlog(), 0);
}

#[test]
fn the_stream_goes_on_behind_a_message_that_is_too_large() {
    let folder = tempfile::tempdir().unwrap();
    let messages = spool(folder.path(), &[1000, 2000, 90_000, 3000]);
    let (address, server) = serve();
    server.lock().unwrap().largest_body = Some(50_000);
    let upstream = HttpUpstream::new("bench", &address, "secret");
    forward_all(&messages, &upstream);
    let stored = server.lock().unwrap().stored.clone();
    assert_eq!(stored.iter().map(|message| message.seq).collect::<Vec<_>>(), [1, 2, 3, 4], "no hole");
    assert_eq!(stored[3].bytes, vec![b'3'; 3000]);
    // In its place stands a note that says what it was and where it is.
    assert_eq!(stored[2].kind, MessageKind::Withheld);
    let note: Withheld = serde_json::from_slice(&stored[2].bytes).unwrap();
    assert_eq!(
        (note.seq, note.bytes, note.kind, note.file_name.as_deref()),
        (3, 90_000, MessageKind::File, Some("2.csv"))
    );
    assert_eq!(messages.withheld(), std::slice::from_ref(&note));
    let kept = std::fs::read(folder.path().join("withheld").join(&note.kept_as)).unwrap();
    assert_eq!(kept, vec![b'2'; 90_000]);
    // It survives a restart, and a server that is set back gets the same note again.
    drop(messages);
    let (messages, _) = Spool::open(folder.path(), at(2)).unwrap();
    assert_eq!(messages.withheld(), std::slice::from_ref(&note));
    server.lock().unwrap().stored.truncate(1);
    messages.store("GC-1", MessageKind::Message, b"x", None, at(3)).unwrap();
    forward_all(&messages, &upstream);
    assert_eq!(server.lock().unwrap().stored[2], stored[2]);
    // The server takes more now: the message follows as a new one.
    server.lock().unwrap().largest_body = None;
    assert_eq!(messages.resend_withheld(at(4)).unwrap(), 1);
    forward_all(&messages, &upstream);
    let last = server.lock().unwrap().stored.last().unwrap().clone();
    assert_eq!((last.kind, last.bytes.len(), last.file_name.as_deref()), (MessageKind::File, 90_000, Some("2.csv")));
    assert_eq!(messages.withheld(), []);
    assert_eq!(std::fs::read_dir(folder.path().join("withheld")).unwrap().count(), 0);
}

#[test]
fn a_batch_that_is_too_large_is_halved_and_no_message_withheld() {
    let folder = tempfile::tempdir().unwrap();
    let messages = spool(folder.path(), &[20_000; 8]);
    let (address, server) = serve();
    server.lock().unwrap().largest_body = Some(70_000);
    forward_all(&messages, &HttpUpstream::new("bench", &address, "secret"));
    let server = server.lock().unwrap();
    assert_eq!(server.stored.len(), 8);
    assert!(server.stored.iter().all(|message| message.kind == MessageKind::File));
}

/// Takes the first message of each batch and remembers how large the batch was.
#[derive(Default)]
struct Scales(std::sync::Mutex<Vec<(usize, usize)>>);

impl Upstream for Scales {
    fn deliver(&self, batch: &[SpooledMessage]) -> Result<Acknowledged, UpstreamError> {
        let bytes = batch.iter().map(|message| message.bytes.len()).sum();
        self.0.lock().unwrap().push((batch.len(), bytes));
        Ok(Acknowledged { highest_seq: batch[batch.len() - 1].seq })
    }
}

#[test]
fn batches_are_bounded_and_a_large_message_travels_alone() {
    let folder = tempfile::tempdir().unwrap();
    let messages = spool(folder.path(), &[4 << 20, 1 << 20, 3 << 20, 9 << 20, 10]);
    let scales = Scales::default();
    forward_all(&messages, &scales);
    assert_eq!(*scales.0.lock().unwrap(), [(2, 5 << 20), (1, 3 << 20), (1, 9 << 20), (1, 10)]);
}

#[test]
fn a_server_that_hangs_up_on_a_large_body_counts_as_too_small_in_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let messages = spool(folder.path(), &[7 << 20]);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    // It reads the head and closes with the body unread: the kernel answers with a reset.
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut head = [0u8; 512];
            let _ = std::io::Read::read(&mut stream, &mut head);
        }
    });
    let upstream = HttpUpstream::new("bench", &address, "secret");
    let batch = messages.pending(1, 1).unwrap();
    for _ in 0..4 {
        assert!(matches!(upstream.deliver(&batch), Err(UpstreamError::Unreachable(_))));
    }
    assert!(matches!(upstream.deliver(&batch), Err(UpstreamError::TooLarge(_))));
}
