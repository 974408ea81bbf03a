//! The program as a person runs it: `profiles`, `check-profile`, `listen`, `record`, `replay`, `simulate`, `run`, `status`.

mod support;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};

use instrument_drivers::profile::Profile;
use support::running::Running;
use support::server::serve;
use support::until;

fn agent(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_instrument-agent"));
    command.args(arguments);
    command
}

fn output(arguments: &[&str]) -> Output {
    agent(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A program that runs until it is ended, and what it has printed so far.
struct Printing {
    _program: Running,
    printed: Arc<Mutex<String>>,
}

impl Printing {
    fn start(arguments: &[&str]) -> Printing {
        let mut program = Running(agent(arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap());
        let printed = Arc::new(Mutex::new(String::new()));
        let (out, shared) = (BufReader::new(program.stdout.take().unwrap()), printed.clone());
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                shared.lock().unwrap().push_str(&(line + "\n"));
            }
        });
        Printing { _program: program, printed }
    }

    fn until_printed(&self, expected: &str) {
        until(expected, || self.printed.lock().unwrap().contains(expected));
    }
}

/// `listen` at a free address, ready to be called.
fn listen(profile: &str, more: &[&str]) -> (Printing, String) {
    let address = support::free_address();
    let running = Printing::start(&[&["listen", "--listen", &address, "--profile", profile], more].concat());
    ready(&address);
    (running, address)
}

/// A connection that comes and goes shows that the port is open.
fn ready(address: &str) {
    drop(support::connect(address));
}

fn simulate(folder: &Path, script: &str, address: &str) -> Output {
    let path = folder.join("script.toml");
    std::fs::write(&path, script).unwrap();
    output(&["simulate", &path.display().to_string(), "--connect", address])
}

const ANALYSER: &str = r#"
[[astm]]
noise = [0, 255, 126]
[[astm]]
message = ["H|\\^&|||SIM", "P|1", "O|1|F26-1||^^^Pb", "R|1|^^^Pb|0.52|mg/kg||N||F", "L|1|N"]
[[astm]]
silence_ms = 20
[[astm]]
damaged_once = { frame = 2, records = ["H|\\^&|||SIM", "P|1", "O|1|F26-2||^^^Pb", "R|1|^^^Pb|<0.01|mg/kg||N||F", "L|1|N"] }
"#;

#[test]
fn profiles_lists_every_shipped_profile_with_its_maturity() {
    let listed = output(&["profiles"]);
    assert!(listed.status.success());
    let text = text(&listed.stdout);
    let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(lines.len(), Profile::shipped().count());
    assert!(lines.iter().all(|line| line.len() == 3 && ["draft", "candidate", "proven"].contains(&line[1])), "{text}");
    assert!(lines.iter().any(|line| line[0] == "generic_astm" && line[1] == "candidate"));
}

#[test]
fn check_profile_names_the_mistake() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("my.toml");
    let good = "maturity='draft'\nsource='x'\nformat='lines'\n[[table]]\nline='^(?P<v>[0-9.]+) g'\nsample='b'\nanalyte='weight'\nvalue='{v}'\n[link]\nprotocol='lines'\nmessage='block'\nend='^-+$'\nmax_lines=20\nstrip=['escapes','bit7']\n";
    std::fs::write(&path, good).unwrap();
    let name = path.display().to_string();
    let checked = output(&["check-profile", &name]);
    assert_eq!((checked.status.code(), text(&checked.stderr)), (Some(0), String::new()));
    assert!(text(&checked.stdout).contains("good"));
    for (from, to, named) in [
        ("format='lines'", "format='line'", "`lines`"),
        ("end='^-+$'", "end='('", "link.end"),
        ("message='block'\n", "", "belong to message = \"block\""),
        ("protocol='lines'", "protocol='astm'", "belong to protocol = \"lines\""),
        ("max_lines=20", "max_lines=0", "at least 1"),
    ] {
        assert!(good.contains(from));
        std::fs::write(&path, good.replace(from, to)).unwrap();
        let checked = output(&["check-profile", &name]);
        assert_eq!(checked.status.code(), Some(1), "{to}");
        assert!(text(&checked.stderr).contains(named), "{to}: {}", text(&checked.stderr));
    }
}

#[test]
fn an_analyser_is_simulated_and_listened_to() {
    let folder = tempfile::tempdir().unwrap();
    let (running, address) = listen("generic_astm", &[]);
    let played = simulate(folder.path(), ANALYSER, &address);
    assert!(played.status.success(), "{}", text(&played.stderr));
    assert_eq!(text(&played.stdout), "delivered 2, frames sent again 1, received 0\n");
    running.until_printed("F26-1 | ^^^Pb | 0.52 | mg/kg |");
    running.until_printed("F26-2 | ^^^Pb | <0.01 | mg/kg |");
}

#[test]
fn a_message_that_is_damaged_every_time_is_not_delivered_and_half_a_message_is_partial() {
    let folder = tempfile::tempdir().unwrap();
    let (running, address) = listen("generic_astm", &[]);
    let played = simulate(folder.path(), &ANALYSER.replace("damaged_once", "damaged"), &address);
    assert_eq!(played.status.code(), Some(1));
    assert!(text(&played.stderr).contains("refused 6 times"), "{}", text(&played.stderr));
    let half = ANALYSER.replace("damaged_once = { frame = 2,", "unfinished = { frames = 3,");
    assert!(simulate(folder.path(), &half, &address).status.success());
    running.until_printed(" partial ");
    assert!(!running.printed.lock().unwrap().contains("F26-2 |"), "{}", running.printed.lock().unwrap());
}

#[test]
fn an_hl7_analyser_is_acknowledged_and_its_half_message_is_partial() {
    let folder = tempfile::tempdir().unwrap();
    let (running, address) = listen("generic_hl7", &[]);
    let script = r#"
[[hl7]]
message = ["MSH|^~\\&|E|LAB|LIS|LAB|20260412090000||ORU^R01|M1|P|2.5", "OBR|1||F26-7|A", "OBX|1|NM|A||3.1|ug/kg|||||F"]
[[hl7]]
noise = [1, 2, 3]
[[hl7]]
cut = ["MSH|^~\\&|E|LAB|LIS|LAB|20260412090000||ORU^R01|M2|P|2.5", "OBR|1||F26-8|A", "OBX|1|NM|A||4.2|ug/kg|||||F"]
"#;
    let played = simulate(folder.path(), script, &address);
    assert_eq!(text(&played.stdout), "acknowledged AA\n");
    assert!(played.status.success());
    running.until_printed("F26-7 | A | 3.1 | ug/kg |");
    running.until_printed(" partial ");
    assert!(!running.printed.lock().unwrap().contains("F26-8"));
    let refused = simulate(folder.path(), "[[hl7]]\nmessage = ['PID|1']\n", &address);
    assert_eq!((refused.status.code(), text(&refused.stdout).as_str()), (Some(1), "acknowledged AE\n"));
}

#[test]
fn balances_of_every_maker_are_simulated() {
    let folder = tempfile::tempdir().unwrap();
    for (kind, profile, expected) in [
        ("mt_sics", "mettler_mt_sics", "balance | weight | 12.3456 | g |"),
        ("sbi", "sartorius_sbi", "balance | weight | 12.3456 | g |"),
        ("and_balance", "and_balance", "balance | weight | 012.3456 | g |"),
        ("ohaus", "ohaus_balance", "balance | weight | 12.3456 | g |"),
        ("radwag", "radwag_balance", "balance | weight | 12.3456 | g |"),
    ] {
        let (running, address) = listen(profile, &[]);
        let script = format!(
            "balance_kind = '{kind}'\n[[balance]]\nvalue = '12.3456'\nunit = 'g'\nprint_key = true\nsettles_ms = 10\n"
        );
        let played = simulate(folder.path(), &script, &address);
        assert_eq!(text(&played.stdout), "weighed 1\n", "{}", text(&played.stderr));
        running.until_printed(expected);
    }
}

#[test]
fn a_bad_line_of_a_balance_brings_no_wrong_weight() {
    let folder = tempfile::tempdir().unwrap();
    let (running, address) = listen("mettler_mt_sics", &[]);
    let weight = "value = '12.3456'\nunit = 'g'\nprint_key = true\n";
    let script = format!(
        "[[balance]]\nnoise = [7, 254]\n[[balance]]\nsilence_ms = 1500\n[[balance]]\ntorn = {{ value = '199.9999', unit = 'g' }}\n\
         [[balance]]\nsilence_ms = 1500\n[[balance]]\n{weight}[[balance]]\n{weight}"
    );
    let played = simulate(folder.path(), &script, &address);
    assert_eq!(text(&played.stdout), "weighed 2\n", "{}", text(&played.stderr));
    // What follows half a line within 30 s may be its other half.
    running.until_printed("balance | weight | 12.3456 | g |");
    running.until_printed(" partial ");
    assert!(!running.printed.lock().unwrap().contains("| 199"));
    let unknown = simulate(folder.path(), "[[balance]]\ncolour = 'red'\n", &address);
    assert!(text(&unknown.stderr).contains("torn = { value, unit }"), "{}", text(&unknown.stderr));
}

#[test]
fn a_vidas_with_a_wrong_check_sum_sends_its_message_again() {
    let folder = tempfile::tempdir().unwrap();
    let (running, address) = listen("biomerieux_vidas", &[]);
    let capture = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures/immunoassay.vidas");
    let script = format!(
        "capture = '{}'\ndisturb = {{ noise = [7, 254], silence_ms = 200, damaged_once = 2 }}\n",
        capture.display()
    );
    let played = simulate(folder.path(), &script, &address);
    assert_eq!(text(&played.stdout), "acknowledged\n", "{}", text(&played.stderr));
    running.until_printed("F26-000320 | LMX | 0.02 |");
    running.until_printed("F26-000321 | SLM | 2.31 |");
}

#[test]
fn software_that_dies_leaves_half_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("torn.toml");
    std::fs::write(&script, "[[file]]\nname = 'run.csv'\ntorn = \"A,0.52\\nB,1\\n\"\n").unwrap();
    let exports = folder.path().display().to_string();
    let played = output(&["simulate", &script.display().to_string(), "--folder", &exports]);
    assert!(played.status.success(), "{}", text(&played.stderr));
    assert_eq!(std::fs::read_to_string(folder.path().join("run.csv")).unwrap(), "A,0.5");
}

#[test]
fn what_was_recorded_is_replayed() {
    let folder = tempfile::tempdir().unwrap();
    let recording = folder.path().join("line.jsonl").display().to_string();
    let address = support::free_address();
    let recorder = Printing::start(&["record", "--listen", &address, "--profile", "generic_astm", "--to", &recording]);
    ready(&address);
    assert!(simulate(folder.path(), ANALYSER, &address).status.success());
    recorder.until_printed("F26-2 | ^^^Pb | <0.01 | mg/kg |");
    drop(recorder);
    let written = std::fs::read_to_string(&recording).unwrap();
    assert!(written.contains("\"from\":\"instrument\"") && written.contains("\"from\":\"host\""), "{written}");
    let (running, address) = listen("generic_astm", &[]);
    let played = output(&["replay", &recording, "--connect", &address, "--speed", "10"]);
    assert!(played.status.success(), "{}", text(&played.stderr));
    running.until_printed("F26-1 | ^^^Pb | 0.52 | mg/kg |");
    running.until_printed("F26-2 | ^^^Pb | <0.01 | mg/kg |");
    let missing = output(&["replay", "nowhere.jsonl", "--connect", &address]);
    assert_eq!(missing.status.code(), Some(1));
}

#[test]
fn the_files_of_a_folder_are_recorded_and_written_again() {
    let folder = tempfile::tempdir().unwrap();
    let (exports, again) = (folder.path().join("exports"), folder.path().join("again"));
    std::fs::create_dir(&exports).unwrap();
    let (server_address, server) = serve();
    std::fs::write(folder.path().join("token"), "secret\n").unwrap();
    let config = folder.path().join("agent.toml");
    let written = format!(
        "agent = 'bench'\nspool = 'spool'\nserver = '{server_address}'\ntoken_file = 'token'\n\
         [[port]]\ninstrument = 'GC-1'\nprofile = 'generic_long_table'\nrecord = 'folder.rec'\n\
         folder = {{ path = 'exports', pattern = '*.csv', look_every_ms = 50, rest_ms = 50 }}\n"
    );
    std::fs::write(&config, written).unwrap();
    let running = Printing::start(&["run", "--config", config.to_str().unwrap()]);
    let files: [(&str, &[u8]); 2] =
        [("a.csv", b"Sample ID,Pb\nF26-1,0.5\n"), ("b.csv", b"Sample ID,Pb\nF26-2,\xb50.6\n")];
    for (at, (name, bytes)) in files.iter().enumerate() {
        std::fs::write(exports.join(name), bytes).unwrap();
        until("the file arrived", || server.lock().unwrap().stored.len() == at + 1);
    }
    let recording = folder.path().join("folder.rec").display().to_string();
    until("both are recorded", || std::fs::read_to_string(&recording).unwrap().lines().count() == 2);
    drop(running);
    let (recorded, target) = (std::fs::read_to_string(&recording).unwrap(), again.display().to_string());
    assert!(recorded.contains("\"file\":\"a.csv\"") && recorded.contains("\"file\":\"b.csv\""), "{recorded}");
    let played = output(&["replay", &recording, "--folder", &target, "--speed", "1000"]);
    assert_eq!(text(&played.stdout), "files written: 2\n", "{}", text(&played.stderr));
    for (name, bytes) in files {
        assert_eq!(std::fs::read(again.join(name)).unwrap(), bytes, "{name}");
    }
    for (arguments, why) in [
        (vec!["--folder", &target], "is there already"),
        (vec!["--connect", "127.0.0.1:1"], "say where by --folder"),
        (vec!["--folder", &target, "--connect", "127.0.0.1:1"], "exactly one of"),
    ] {
        let refused = output(&[&["replay", recording.as_str()][..], &arguments[..]].concat());
        assert_eq!(refused.status.code(), Some(1));
        assert!(text(&refused.stderr).contains(why), "{}", text(&refused.stderr));
    }
    // A recording that would be taken for an export is refused before anything is written.
    let (inside, exports) = (exports.join("x.rec").display().to_string(), exports.display().to_string());
    let refused = output(&["record", "--folder", &exports, "--profile", "generic_long_table", "--to", &inside]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("taken itself"), "{}", text(&refused.stderr));
}

#[test]
fn a_folder_is_simulated_run_and_its_status_told() {
    let folder = tempfile::tempdir().unwrap();
    let exports = folder.path().join("exports");
    std::fs::create_dir(&exports).unwrap();
    let (server_address, server) = serve();
    let page = support::free_address();
    std::fs::write(folder.path().join("token"), "secret\n").unwrap();
    let config = folder.path().join("agent.toml");
    let written = format!(
        "agent = 'bench'\nspool = 'spool'\nserver = '{server_address}'\ntoken_file = 'token'\nstatus_address = '{page}'\n\
         [[port]]\ninstrument = 'GC-1'\nprofile = 'generic_long_table'\n\
         folder = {{ path = 'exports', pattern = '*.csv', look_every_ms = 50, rest_ms = 50 }}\n"
    );
    std::fs::write(&config, written).unwrap();
    let config = config.display().to_string();
    let never = output(&["status", "--config", &config]);
    assert_eq!(never.status.code(), Some(1));
    assert!(text(&never.stderr).contains("has the agent ever run"), "{}", text(&never.stderr));
    server.lock().unwrap().held = Some([("GC-1".to_string(), 2)].into());
    let running = Printing::start(&["run", "--config", &config]);
    let script = folder.path().join("files.toml");
    let steps = "[[file]]\nname = 'run.csv'\ntext = \"Sample ID,Analyte\\n\"\npause_ms = 30\n\
                 [[file]]\nname = 'run.csv'\nappend = \"F26-1,Pb\\n\"\npause_ms = 300\n\
                 [[file]]\nname = 'run.csv'\nrename_to = 'run-final.csv'\n";
    std::fs::write(&script, steps).unwrap();
    let (script, exports) = (script.display().to_string(), exports.display().to_string());
    let played = output(&["simulate", &script, "--folder", &exports]);
    assert_eq!(text(&played.stdout), "files written, added to or renamed: 3\n", "{}", text(&played.stderr));
    until("the whole file arrived", || {
        server.lock().unwrap().stored.iter().any(|m| m.bytes == b"Sample ID,Analyte\nF26-1,Pb\n")
    });
    until("the status tells it", || {
        let status = text(&output(&["status", "--config", &config]).stdout);
        status.contains("waiting for the server 0")
            && status.contains("GC-1: folder")
            && status.contains("last message 2")
            && status.contains("this clock is ahead of the server's by ")
            && status.contains("rows held at the server: 2\n")
    });
    let json: serde_json::Value =
        serde_json::from_slice(&output(&["status", "--config", &config, "--json"]).stdout).unwrap();
    assert_eq!((json["backlog"].as_u64(), json["agent"].as_str()), (Some(0), Some("bench")));
    assert!(json["clock_difference_ms"].is_i64(), "{json}");
    drop(running);
}

#[test]
fn mistakes_on_the_command_line_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let both = "[[balance]]\nvalue='1'\nunit='g'\n[[file]]\nname='x'\ntext='y'\n";
    let played = simulate(folder.path(), both, "127.0.0.1:1");
    assert_eq!(played.status.code(), Some(1));
    assert!(text(&played.stderr).contains("exactly one instrument"), "{}", text(&played.stderr));
    let nowhere = output(&["listen", "--profile", "generic_astm"]);
    assert_eq!(nowhere.status.code(), Some(1));
    assert!(text(&nowhere.stderr).contains("exactly one of serial"), "{}", text(&nowhere.stderr));
    let unknown = output(&["listen", "--listen", "127.0.0.1:0", "--profile", "generic_astn"]);
    assert_eq!(unknown.status.code(), Some(1));
    assert!(text(&unknown.stderr).contains("generic_astm"), "{}", text(&unknown.stderr));
    let config = output(&["run", "--config", "nowhere.toml"]);
    assert_eq!(config.status.code(), Some(1));
    assert!(text(&config.stderr).contains("nowhere.toml"));
}
