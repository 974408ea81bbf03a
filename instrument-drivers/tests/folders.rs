//! Export folders: what counts as a new message when files are renamed, copied, replaced and added to.

mod support;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use instrument_drivers::agent::AgentConfig;
use instrument_drivers::port::simulate::{Change, FileStep, file_exporter};
use support::{Shelf, TestAgent, until};

struct Bench {
    _folder: tempfile::TempDir,
    exports: tempfile::TempDir,
    config: AgentConfig,
    shelf: Arc<Shelf>,
}

fn bench() -> Bench {
    let folder = tempfile::tempdir().unwrap();
    let exports = tempfile::tempdir().unwrap();
    let config = support::config(folder.path(), vec![support::folder_port("GC-1", exports.path())]);
    Bench { _folder: folder, exports, config, shelf: Arc::new(Shelf::default()) }
}

impl Bench {
    fn names(&self) -> Vec<String> {
        self.shelf.messages().into_iter().map(|message| message.file_name.unwrap_or_default()).collect()
    }

    /// A new file is written and taken: everything before it has been looked at too.
    fn marker(&self, name: &str) {
        std::fs::write(self.exports.path().join(name), name).unwrap();
        until("the marker is taken", || self.names().contains(&name.to_string()));
    }
}

fn write(path: &Path, text: &str, modified: SystemTime) {
    std::fs::write(path, text).unwrap();
    std::fs::File::options().append(true).open(path).unwrap().set_modified(modified).unwrap();
}

#[test]
fn a_renamed_file_is_not_taken_again_not_even_after_a_restart() {
    let bench = bench();
    let folder = bench.exports.path();
    let agent = TestAgent::start(bench.config.clone(), bench.shelf.clone());
    write(&folder.join("a.csv"), "Sample,Area\nA,1\n", SystemTime::now());
    until("taken", || bench.shelf.count() == 1);
    std::fs::rename(folder.join("a.csv"), folder.join("b.csv")).unwrap();
    bench.marker("m1.csv");
    bench.marker("m2.csv");
    assert_eq!(bench.names(), ["a.csv", "m1.csv", "m2.csv"]);
    agent.stop();
    std::fs::rename(folder.join("b.csv"), folder.join("c.csv")).unwrap();
    let agent = TestAgent::start(bench.config.clone(), bench.shelf.clone());
    bench.marker("m3.csv");
    bench.marker("m4.csv");
    assert_eq!(bench.names(), ["a.csv", "m1.csv", "m2.csv", "m3.csv", "m4.csv"]);
    agent.stop();
}

#[test]
fn a_second_file_with_the_same_content_is_a_message_of_its_own() {
    // Both samples gave nothing; the number of the sample is the name of the file.
    let bench = bench();
    let folder = bench.exports.path();
    let agent = TestAgent::start(bench.config.clone(), bench.shelf.clone());
    let at = SystemTime::now();
    write(&folder.join("F26-1.csv"), "Peaks\nND\n", at);
    until("taken", || bench.shelf.count() == 1);
    write(&folder.join("F26-2.csv"), "Peaks\nND\n", at);
    until("taken too", || bench.shelf.count() == 2);
    // The first is carried away, and a third sample gives nothing a minute later.
    std::fs::remove_file(folder.join("F26-1.csv")).unwrap();
    std::fs::remove_file(folder.join("F26-2.csv")).unwrap();
    write(&folder.join("F26-3.csv"), "Peaks\nND\n", at + Duration::from_secs(60));
    until("taken as well", || bench.shelf.count() == 3);
    agent.stop();
    assert_eq!(bench.names(), ["F26-1.csv", "F26-2.csv", "F26-3.csv"]);
}

#[test]
fn a_share_that_was_copied_back_is_nothing_new() {
    let bench = bench();
    let folder = bench.exports.path();
    let agent = TestAgent::start(bench.config.clone(), bench.shelf.clone());
    write(&folder.join("a.csv"), "one", SystemTime::now());
    until("taken", || bench.shelf.count() == 1);
    write(&folder.join("a.csv"), "one", SystemTime::now() + Duration::from_secs(3600));
    bench.marker("m1.csv");
    bench.marker("m2.csv");
    assert_eq!(bench.names(), ["a.csv", "m1.csv", "m2.csv"]);
    agent.stop();
}

#[test]
fn a_share_that_goes_away_and_comes_back_loses_and_doubles_nothing() {
    let (folder, network) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (share, away) = (network.path().join("exports"), network.path().join("away"));
    std::fs::create_dir(&share).unwrap();
    let shelf = Arc::new(Shelf::default());
    let config = support::config(folder.path(), vec![support::folder_port("GC-1", &share)]);
    let agent = TestAgent::start(config, shelf.clone());
    std::fs::write(share.join("a.csv"), "one").unwrap();
    until("taken", || shelf.count() == 1);
    // Some systems rename no folder while it is being read.
    until("the share is away", || std::fs::rename(&share, &away).is_ok());
    until("that is told", || agent.status().ports.iter().any(|port| !port.connected && port.error.is_some()));
    std::fs::write(away.join("b.csv"), "two").unwrap();
    std::fs::rename(&away, &share).unwrap();
    until("what came meanwhile is taken", || shelf.count() == 2);
    until("nothing is wrong", || agent.status().ports.iter().all(|port| port.connected && port.error.is_none()));
    agent.stop();
    let names: Vec<_> = shelf.messages().into_iter().map(|message| message.file_name.unwrap_or_default()).collect();
    assert_eq!(names, ["a.csv", "b.csv"]);
}

#[test]
fn what_software_does_to_its_files() {
    let bench = bench();
    let agent = TestAgent::start(bench.config.clone(), bench.shelf.clone());
    let step = |name: &str, change: Change| FileStep { name: name.into(), change, pause: Duration::from_millis(30) };
    let folder = bench.exports.path();
    file_exporter(folder, &[step("run.csv", Change::Write(b"A,1\n".to_vec()))]).unwrap();
    until("written", || bench.shelf.count() == 1);
    file_exporter(folder, &[step("run.csv", Change::Append(b"B,2\n".to_vec()))]).unwrap();
    until("added to", || bench.shelf.count() == 2);
    file_exporter(folder, &[step("run.csv", Change::Write(b"A,3\n".to_vec()))]).unwrap();
    until("replaced", || bench.shelf.count() == 3);
    // A temporary name that the pattern does not match, then the final one.
    file_exporter(
        folder,
        &[step("run2.tmp", Change::Write(b"C,4\n".to_vec())), step("run2.tmp", Change::RenameTo("run2.csv".into()))],
    )
    .unwrap();
    until("renamed into place", || bench.shelf.count() == 4);
    agent.stop();
    let texts: Vec<Vec<u8>> = bench.shelf.messages().into_iter().map(|message| message.bytes).collect();
    assert_eq!(texts, [&b"A,1\n"[..], b"A,1\nB,2\n", b"A,3\n", b"C,4\n"]);
}

/// The software puts its numbers into one folder and its printed reports into another.
#[test]
fn two_folders_of_one_instrument_are_one_stream() {
    let Bench { _folder, exports, mut config, shelf } = bench();
    let reports = tempfile::tempdir().unwrap();
    let mut second = support::folder_port("GC-1", reports.path());
    second.folder.iter_mut().for_each(|folder| folder.pattern = "*.pdf".into());
    config.ports.push(second);
    let agent = TestAgent::start(config.clone(), shelf.clone());
    // The same name in both: two files.
    std::fs::write(exports.path().join("run.csv"), "Sample,Area\nA,1\n").unwrap();
    until("the numbers", || shelf.count() == 1);
    std::fs::write(reports.path().join("run.pdf"), "%PDF-1.7 A").unwrap();
    until("the report", || shelf.count() == 2);
    let ports = agent.status().ports;
    assert_eq!(
        ports.iter().map(|port| port.messages).collect::<Vec<_>>(),
        [1, 1],
        "each port counts its own: {ports:?}"
    );
    std::fs::remove_dir_all(reports.path()).unwrap();
    until("one is away, the other is not", || {
        let mut connected: Vec<bool> = agent.status().ports.iter().map(|port| port.connected).collect();
        connected.sort_unstable();
        connected == [false, true]
    });
    agent.stop();
    // Nothing is taken again after a restart, and the numbers go on.
    let agent = TestAgent::start(config, shelf.clone());
    std::fs::write(exports.path().join("next.csv"), "Sample,Area\nB,1\n").unwrap();
    until("the next numbers", || shelf.count() == 3);
    let taken = shelf.messages();
    let taken: Vec<(u64, &str, &str)> = taken
        .iter()
        .map(|one| (one.seq, one.instrument.as_str(), one.file_name.as_deref().unwrap_or_default()))
        .collect();
    assert_eq!(taken, [(1, "GC-1", "run.csv"), (2, "GC-1", "run.pdf"), (3, "GC-1", "next.csv")]);
    agent.stop();
}
