//! The agent as a whole: spool, forwarding, ports. Instruments are played by the simulators.

mod support;

use std::sync::Arc;
use std::time::Duration;

use instrument_drivers::agent::{AgentConfig, MessageKind, Spool, config::FolderConfig};
use instrument_drivers::port::simulate::{self, Step};
use instrument_drivers::profile::{Context, Profile};
use support::{Shelf, TestAgent, at, until};

#[test]
fn a_spool_survives_restart_and_a_torn_write() {
    let folder = tempfile::tempdir().unwrap();
    let (spool, notes) = Spool::open(folder.path(), at(0)).unwrap();
    assert!(notes.is_empty());
    let stream = spool.stream();
    assert_eq!(spool.store("AAS-1", MessageKind::Message, b"one", None, at(1)).unwrap(), 1);
    assert_eq!(spool.store("GC-1", MessageKind::File, b"two", Some("run.csv"), at(2)).unwrap(), 2);
    spool.acknowledge(1).unwrap();
    drop(spool);

    // Half a record at the end, as after a power cut.
    let segment = folder.path().join("00000001.spool");
    let whole = std::fs::read(&segment).unwrap();
    std::fs::write(&segment, [&whole[..], &whole[..40]].concat()).unwrap();

    let (spool, notes) = Spool::open(folder.path(), at(3)).unwrap();
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert_eq!(spool.stream(), stream);
    let pending = spool.pending(10, 1 << 20).unwrap();
    assert_eq!(pending.iter().map(|m| (m.seq, m.bytes.clone())).collect::<Vec<_>>(), [(2, b"two".to_vec())]);
    assert!(spool.has_file("GC-1", "run.csv", &pending[0].sha256));
    assert_eq!(spool.store("AAS-1", MessageKind::Message, b"three", None, at(4)).unwrap(), 3);
}

#[test]
fn a_spool_torn_at_every_byte_never_invents_or_loses_a_stored_message() {
    let folder = tempfile::tempdir().unwrap();
    let (spool, _) = Spool::open(folder.path(), at(0)).unwrap();
    for text in ["one", "two"] {
        spool.store("A", MessageKind::Message, text.as_bytes(), None, at(1)).unwrap();
    }
    drop(spool);
    let segment = folder.path().join("00000001.spool");
    let whole = std::fs::read(&segment).unwrap();
    let first = whole.len() / 2;
    for cut in first..whole.len() {
        std::fs::write(&segment, &whole[..cut]).unwrap();
        let (spool, _) = Spool::open(folder.path(), at(2)).unwrap();
        let messages = spool.pending(10, 1 << 20).unwrap();
        assert_eq!(messages.len(), 1, "cut at {cut}");
        assert_eq!(messages[0].bytes, b"one");
    }
}

/// More than a segment holds, so that the next record begins another: 9 MiB.
fn large() -> Vec<u8> {
    vec![b'7'; 9 << 20]
}

fn pending(spool: &Spool) -> Vec<u64> {
    spool.pending(10, 100 << 20).unwrap().iter().map(|message| message.seq).collect()
}

/// The program is killed after it has written down that a segment goes, and before it is gone.
#[test]
fn a_removal_that_was_cut_off_is_finished() {
    let folder = tempfile::tempdir().unwrap();
    let (spool, _) = Spool::open(folder.path(), at(0)).unwrap();
    let stream = spool.stream();
    spool.store("A", MessageKind::Message, &large(), None, at(1)).unwrap();
    spool.store("A", MessageKind::Message, b"two", None, at(2)).unwrap();
    spool.acknowledge(1).unwrap();
    let segment = folder.path().join("00000001.spool");
    let whole = std::fs::read(&segment).unwrap();
    assert_eq!(spool.prune(Duration::ZERO, at(9)).unwrap(), 1);
    drop(spool);
    std::fs::write(&segment, whole).unwrap();

    let (spool, notes) = Spool::open(folder.path(), at(10)).unwrap();
    assert_eq!((spool.stream(), pending(&spool), notes), (stream, vec![2], Vec::new()), "nothing is sent anew");
    assert!(!segment.exists());
}

#[test]
fn a_segment_of_frames_alone_takes_no_number_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let (spool, _) = Spool::open(folder.path(), at(0)).unwrap();
    let stream = spool.stream();
    spool.store("A", MessageKind::Message, &large(), None, at(1)).unwrap();
    spool.piece("A", &large(), at(2)).unwrap();
    spool.acknowledge(1).unwrap();
    // The second segment is the last one; then it is one of frames whose message may still come.
    assert_eq!(spool.prune(Duration::ZERO, at(9)).unwrap(), 1);
    spool.piece("A", b"the rest", at(3)).unwrap();
    assert_eq!(spool.prune(Duration::ZERO, at(9)).unwrap(), 0);
    spool.store("A", MessageKind::Message, b"two", None, at(4)).unwrap();
    assert_eq!(spool.prune(Duration::ZERO, at(9)).unwrap(), 1);
    drop(spool);
    let (spool, notes) = Spool::open(folder.path(), at(10)).unwrap();
    assert_eq!((spool.stream(), pending(&spool), notes), (stream, vec![2], Vec::new()));
}

#[test]
fn frames_without_their_end_come_back_as_partial() {
    let folder = tempfile::tempdir().unwrap();
    let (spool, _) = Spool::open(folder.path(), at(0)).unwrap();
    spool.piece("AAS-1", b"frame 1", at(1)).unwrap();
    drop(spool);
    let (spool, _) = Spool::open(folder.path(), at(2)).unwrap();
    let pending = spool.pending(10, 1 << 20).unwrap();
    assert_eq!((pending[0].kind, &pending[0].bytes[..]), (MessageKind::Partial, &b"frame 1"[..]));
    drop(spool);
    let (spool, _) = Spool::open(folder.path(), at(3)).unwrap();
    assert_eq!(spool.pending(10, 1 << 20).unwrap().len(), 1);
}

#[test]
fn a_lost_record_in_the_middle_starts_a_new_stream() {
    let folder = tempfile::tempdir().unwrap();
    let (spool, _) = Spool::open(folder.path(), at(0)).unwrap();
    let stream = spool.stream();
    for text in ["one", "two", "three"] {
        spool.store("A", MessageKind::Message, text.as_bytes(), None, at(1)).unwrap();
    }
    drop(spool);
    // The first record vanishes.
    let segment = folder.path().join("00000001.spool");
    let whole = std::fs::read(&segment).unwrap();
    std::fs::write(&segment, &whole[(whole.len() - 2) / 3..]).unwrap();
    let (spool, notes) = Spool::open(folder.path(), at(2)).unwrap();
    assert!(!notes.is_empty());
    assert_ne!(spool.stream(), stream);
}

#[test]
fn only_one_agent_may_use_a_spool() {
    let folder = tempfile::tempdir().unwrap();
    let (_spool, _) = Spool::open(folder.path(), at(0)).unwrap();
    let error = Spool::open(folder.path(), at(0)).unwrap_err().to_string();
    assert!(error.contains("in use"), "{error}");
}

#[test]
fn nothing_is_lost_while_the_server_is_away() {
    let folder = tempfile::tempdir().unwrap();
    let exports = tempfile::tempdir().unwrap();
    let shelf = Arc::new(Shelf::default());
    shelf.go_away();
    let config = support::config(folder.path(), vec![support::folder_port("GC-1", exports.path())]);
    let agent = TestAgent::start(config.clone(), shelf.clone());
    for number in 0..5 {
        simulate::export_file(
            exports.path(),
            &format!("run{number}.csv"),
            format!("Sample ID,{number}\n").as_bytes(),
            Duration::ZERO,
        )
        .unwrap();
    }
    until("five files spooled", || agent.status().backlog == 5);
    agent.stop();
    assert_eq!(shelf.count(), 0);
    // Restart: the files are known, the backlog is delivered in order, once.
    shelf.come_back();
    let agent = TestAgent::start(config, shelf.clone());
    until("delivered", || agent.status().backlog == 0 && shelf.count() == 5);
    std::thread::sleep(Duration::from_millis(200));
    agent.stop();
    let messages = shelf.messages();
    assert_eq!(messages.iter().map(|m| m.seq).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    assert_eq!(messages[0].file_name.as_deref(), Some("run0.csv"));
}

#[test]
fn files_that_grow_or_are_replaced_are_taken_again_and_never_touched() {
    let folder = tempfile::tempdir().unwrap();
    let exports = tempfile::tempdir().unwrap();
    let shelf = Arc::new(Shelf::default());
    let agent = TestAgent::start(
        support::config(folder.path(), vec![support::folder_port("GC-1", exports.path())]),
        shelf.clone(),
    );
    let path = exports.path().join("run.csv");
    // Written in two parts with a pause shorter than two looks: taken once, whole.
    simulate::export_file(exports.path(), "run.csv", b"Sample,Area\nA,1\n", Duration::from_millis(30)).unwrap();
    until("taken", || shelf.count() == 1);
    assert_eq!(shelf.messages()[0].bytes, b"Sample,Area\nA,1\n");
    std::fs::write(&path, b"Sample,Area\nA,1\nB,2\n").unwrap();
    until("taken again", || shelf.count() == 2);
    // The same content under the same name is nothing new.
    std::fs::write(&path, b"Sample,Area\nA,1\nB,2\n").unwrap();
    std::thread::sleep(Duration::from_millis(400));
    assert_eq!(shelf.count(), 2);
    agent.stop();
    assert_eq!(std::fs::read(&path).unwrap(), b"Sample,Area\nA,1\nB,2\n");
    assert_eq!(std::fs::read_dir(exports.path()).unwrap().count(), 1);
}

#[test]
fn a_folder_that_goes_away_is_told_and_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let share = tempfile::tempdir().unwrap();
    let path = share.path().join("exports");
    let shelf = Arc::new(Shelf::default());
    let agent =
        TestAgent::start(support::config(folder.path(), vec![support::folder_port("GC-1", &path)]), shelf.clone());
    until("error shown", || agent.status().ports.first().is_some_and(|p| p.error.is_some()));
    std::fs::create_dir(&path).unwrap();
    std::fs::write(path.join("a.csv"), b"x").unwrap();
    until("taken", || shelf.count() == 1);
    until("error gone", || agent.status().ports[0].error.is_none());
    agent.stop();
}

#[test]
fn asks_over_tcp_are_answered_and_stored() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = Arc::new(Shelf::default());
    let address = support::free_address();
    let config = AgentConfig {
        ports: vec![support::tcp_port("AAS-1", "generic_astm", &address)],
        ..support::config(folder.path(), vec![])
    };
    let agent = TestAgent::start(config, shelf.clone());
    let mut line = support::connect(&address);
    let played =
        simulate::astm_analyser(line.as_mut(), &[Step::Message(support::astm_records("F26-1", "Pb", "0.12"))]).unwrap();
    assert_eq!(played.delivered, 1);
    until("forwarded", || shelf.count() == 1);
    drop(line);
    until("the analyser has hung up", || !agent.status().ports[0].connected);
    assert_eq!(agent.status().ports[0].error, None, "which is no fault");
    agent.stop();
    let profile = Profile::load("generic_astm").unwrap();
    let reading = profile.read(&shelf.messages()[0].bytes, &Context::default());
    assert_eq!(reading.troubles, []);
    assert_eq!((reading.observations[0].sample_id.as_str(), reading.observations[0].value.as_str()), ("F26-1", "0.12"));
}

#[test]
fn two_ports_at_once_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = Arc::new(Shelf::default());
    let addresses = [support::free_address(), support::free_address()];
    let ports =
        addresses.iter().enumerate().map(|(i, a)| support::tcp_port(&format!("AAS-{i}"), "generic_astm", a)).collect();
    let agent = TestAgent::start(support::config(folder.path(), ports), shelf.clone());
    let threads: Vec<_> = addresses
        .iter()
        .map(|address| {
            let address = address.clone();
            std::thread::spawn(move || {
                let mut line = support::connect(&address);
                let script: Vec<Step> =
                    (0..20).map(|n| Step::Message(support::astm_records("F26-1", "Pb", &n.to_string()))).collect();
                simulate::astm_analyser(line.as_mut(), &script).unwrap().delivered
            })
        })
        .collect();
    for thread in threads {
        assert_eq!(thread.join().unwrap(), 20);
    }
    until("all forwarded", || shelf.count() == 40);
    agent.stop();
}

#[test]
fn an_unknown_profile_is_refused_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let mut port = support::folder_port("GC-1", folder.path());
    port.profile = "generic_astn".into();
    port.folder = Some(FolderConfig::new(folder.path()));
    let error =
        TestAgent::try_start(support::config(folder.path(), vec![port]), Arc::new(Shelf::default())).err().unwrap();
    assert!(error.contains("generic_astn") && error.contains("generic_astm"), "{error}");
}
