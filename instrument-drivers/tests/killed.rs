//! The program killed without warning, again and again, while it receives and forwards: every message that was
//! acknowledged to the instrument is in the server exactly once.
//!
//! 20 rounds here; `LIS_SOAK_ROUNDS` asks for more.

mod support;

use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::time::Duration;

use instrument_drivers::agent::MessageKind;
use instrument_drivers::port::simulate::{self, Step};
use instrument_drivers::profile::{Context, Profile};
use support::running::Running;
use support::server::serve;
use support::until;

fn start(config: &std::path::Path) -> Running {
    let mut agent = Command::new(env!("CARGO_BIN_EXE_instrument-agent"));
    Running(agent.args(["run", "--config"]).arg(config).stderr(Stdio::null()).spawn().unwrap())
}

#[test]
fn nothing_acknowledged_is_lost_or_doubled() {
    let rounds: u64 = std::env::var("LIS_SOAK_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(20);
    let folder = tempfile::tempdir().unwrap();
    let (server_address, server) = serve();
    let port = support::free_address();
    std::fs::write(folder.path().join("token"), "secret\n").unwrap();
    let config = folder.path().join("agent.toml");
    let text = format!(
        "agent = 'bench'\nspool = 'spool'\nserver = '{server_address}'\ntoken_file = 'token'\n\
         [[port]]\ninstrument = 'AAS-1'\nprofile = 'generic_astm'\ntcp_listen = '{port}'\n"
    );
    std::fs::write(&config, text).unwrap();
    let mut acknowledged = Vec::new();
    let mut killed_with_backlog = 0;
    for round in 0..rounds {
        // Three kinds of rounds: the server takes everything; it loses every second answer after it stored the messages;
        // it is away, so that the backlog grows and the next round forwards it in the middle of everything.
        {
            let mut server = server.lock().unwrap();
            server.loses_answers = round % 3 == 1;
            server.away = round % 3 == 2;
        }
        let agent = start(&config);
        let mut line = support::connect(&port);
        // Killed after a time that differs from round to round, in the middle of the stream of messages.
        let after = Duration::from_millis(20 + (round * 97) % 400);
        let killer = std::thread::spawn(move || {
            std::thread::sleep(after);
            drop(agent);
        });
        for number in 0..9999 {
            let value = format!("{round}.{number:04}");
            let script = [Step::Message(support::astm_records("F26-1", "Pb", &value))];
            match simulate::astm_analyser(line.as_mut(), &script) {
                Ok(played) if played.delivered == 1 => acknowledged.push(value),
                _ => break,
            }
        }
        killer.join().unwrap();
        killed_with_backlog += usize::from(server.lock().unwrap().stored.len() < acknowledged.len());
    }
    {
        let mut server = server.lock().unwrap();
        (server.loses_answers, server.away) = (false, false);
    }
    assert!(killed_with_backlog as u64 >= rounds / 3, "forwarding was interrupted: {killed_with_backlog}");
    let agent = start(&config);
    assert!(acknowledged.len() as u64 > rounds, "the rounds must carry messages: {}", acknowledged.len());
    let profile = Profile::load("generic_astm").unwrap();
    let values = || {
        let mut values: BTreeMap<String, usize> = BTreeMap::new();
        let server = server.lock().unwrap();
        // Halves of messages are evidence and are not read.
        for message in server.stored.iter().filter(|message| message.kind == MessageKind::Message) {
            for one in profile.read(&message.bytes, &Context::default()).observations {
                *values.entry(one.value).or_default() += 1;
            }
        }
        values
    };
    until("everything forwarded", || {
        let values = values();
        acknowledged.iter().all(|value| values.contains_key(value))
    });
    drop(agent);
    let doubled: Vec<_> = values().into_iter().filter(|(_, count)| *count != 1).collect();
    assert_eq!(doubled, [], "of {} acknowledged", acknowledged.len());
}

/// Starts the program where no file may grow beyond some 16 to 32 KB: as on a full disk, writing fails half way.
#[cfg(unix)]
fn start_without_room(config: &std::path::Path) -> Running {
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; ulimit -f 32; exec \"$0\" run --config \"$1\""]);
    let agent = shell.arg(env!("CARGO_BIN_EXE_instrument-agent")).arg(config);
    Running(agent.stderr(Stdio::null()).spawn().unwrap())
}

/// A full disk, played by a limit on the size of files: the instrument is refused politely, the agent lives on, and what was
/// acknowledged before arrives.
#[cfg(unix)]
#[test]
fn a_full_disk_refuses_and_drops_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (server_address, server) = serve();
    let port = support::free_address();
    std::fs::write(folder.path().join("token"), "secret\n").unwrap();
    let config = folder.path().join("agent.toml");
    let write_config = |server: &str| {
        let text = format!(
            "agent = 'bench'\nspool = 'spool'\nserver = '{server}'\ntoken_file = 'token'\n\
             [[port]]\ninstrument = 'AAS-1'\nprofile = 'generic_astm'\ntcp_listen = '{port}'\n"
        );
        std::fs::write(&config, text).unwrap();
    };
    // The server cannot be reached, so everything stays in the spool.
    write_config(&format!("http://{}", support::free_address()));
    let mut agent = start_without_room(&config);
    let mut line = support::connect(&port);
    let mut acknowledged = Vec::new();
    let refused = (0..500).find(|number| {
        let value = format!("0.{number:04}");
        let script = [Step::Message(support::astm_records("F26-1", "Pb", &value))];
        let played = simulate::astm_analyser(line.as_mut(), &script).unwrap();
        if played.delivered == 1 {
            acknowledged.push(value);
        }
        played.delivered == 0
    });
    assert!(refused.is_some_and(|number| number > 3), "{refused:?}");
    assert!(agent.try_wait().unwrap().is_none(), "the agent must live on");
    drop(agent);
    // Room again, server back.
    write_config(&server_address);
    let agent = start(&config);
    let profile = Profile::load("generic_astm").unwrap();
    until("everything forwarded", || {
        server.lock().unwrap().stored.iter().filter(|m| m.kind == MessageKind::Message).count() == acknowledged.len()
    });
    drop(agent);
    let stored = server.lock().unwrap();
    let complete = stored.stored.iter().filter(|m| m.kind == MessageKind::Message);
    let values: Vec<String> =
        complete.flat_map(|m| profile.read(&m.bytes, &Context::default()).observations).map(|o| o.value).collect();
    assert_eq!(values, acknowledged);
}

/// The same for files: one that does not fit stays where it is, which is told; it holds up no other, and is taken once
/// when there is room.
#[cfg(unix)]
#[test]
fn a_file_that_does_not_fit_is_taken_later_and_once() {
    let folder = tempfile::tempdir().unwrap();
    let exports = folder.path().join("exports");
    std::fs::create_dir(&exports).unwrap();
    let (server_address, server) = serve();
    std::fs::write(folder.path().join("token"), "secret\n").unwrap();
    let config = folder.path().join("agent.toml");
    let text = format!(
        "agent = 'bench'\nspool = 'spool'\nserver = '{server_address}'\ntoken_file = 'token'\n\
         [[port]]\ninstrument = 'GC-1'\nprofile = 'generic_long_table'\n\
         folder = {{ path = 'exports', pattern = '*.csv', look_every_ms = 60, rest_ms = 60, last_line_ended = false }}\n"
    );
    std::fs::write(&config, text).unwrap();
    let large = "Sample ID,Analyte,Result\n".repeat(4000);
    for (name, text) in [("a.csv", "a"), ("b.csv", large.as_str()), ("c.csv", "c")] {
        std::fs::write(exports.join(name), text).unwrap();
    }
    let names = || -> Vec<String> {
        let server = server.lock().unwrap();
        server.stored.iter().map(|message| message.file_name.clone().unwrap_or_default()).collect()
    };
    let mut agent = start_without_room(&config);
    until("the files that fit are there", || names() == ["a.csv", "c.csv"]);
    let status = folder.path().join("spool/status.json");
    until("that one does not fit is told", || {
        std::fs::read_to_string(&status).is_ok_and(|text| text.contains("b.csv cannot be stored, it is tried again"))
    });
    assert!(agent.try_wait().unwrap().is_none(), "the agent must live on");
    drop(agent);
    let agent = start(&config);
    until("it is taken when there is room", || names().len() == 3);
    // When this one is taken, all others have been looked at again.
    std::fs::write(exports.join("d.csv"), "d").unwrap();
    until("the next file", || names().last().is_some_and(|name| name == "d.csv"));
    drop(agent);
    assert_eq!(names(), ["a.csv", "c.csv", "b.csv", "d.csv"]);
    assert_eq!(server.lock().unwrap().stored[2].bytes, large.as_bytes());
    assert_eq!(std::fs::read_to_string(exports.join("b.csv")).unwrap(), large);
}
