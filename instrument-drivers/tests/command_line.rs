<<<<<<< HEAD
//! The contract of `instrument-agent read` and `suggest-profile`, asked of the program itself.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Folder(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

fn agent(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_instrument-agent")).args(arguments).output().unwrap()
}

fn read(file: &Path, more: &[&str]) -> (Option<i32>, String, String) {
    let output = agent(&[&["read", file.to_str().unwrap()], more].concat());
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

const LONG: &str = "maturity = 'draft'\nsource = 'example'\nformat = 'delimited'\ntext = { delimiter = ',' }\n\
    [[table]]\nsample = '{Sample}'\nanalyte = '{Test}'\nvalue = '{Result}'\nunit = '{Unit}'\nflag = '{Flag}'\n\
    role = { from = '{Sample}', when = [{ matches = '^BLK', then = 'blank' }], default = 'sample' }\n\
    match_sample = { from = '{Sample}', pattern = '^[^/]+' }\nmatch_analyte = { from = '{Test}', pattern = '^\\S+' }\n\
    dilution = '{DF}'\ndilution_applied = false\nempty = 'row'\n";

#[test]
fn csv_is_trimmed_and_otherwise_verbatim() {
    let folder = Folder::new();
    let profile = folder.file("mine.toml", LONG);
    let file = folder.file(
        "run.csv",
        "Sample,Test,Result,Unit,Flag,DF\n F26-1/a , Pb 208 , <0.010 ,[ug/L], H ,10\nBLK,Pb 208,+1.20E-3,ug/L,,1\nF26-2,\"a, b\",ND,,,\nF26-3,Pb,,,,\n",
    );
    let (code, out, errors) = read(&file, &["--profile", profile.to_str().unwrap()]);
    assert_eq!(
        out,
        "sample_id,analyte,value,unit,flag,role,line\n\
         F26-1/a,Pb 208,<0.010,[ug/L],H,sample,2\n\
         BLK,Pb 208,+1.20E-3,ug/L,,blank,3\n\
         F26-2,\"a, b\",ND,,,sample,4\n\
         F26-3,Pb,,,,sample,5\n"
    );
    assert_eq!((code, errors.as_str()), (Some(0), ""));
}

#[test]
fn jsonl_adds_what_the_program_made_of_it() {
    let folder = Folder::new();
    let profile = folder.file("mine.toml", LONG);
    let file = folder.file(
        "run.csv",
        "Sample,Test,Result,Unit,Flag,DF\nF26-1/a,Pb 208,<0.010,[ug/L],H,10\nF26-2,Cd,1.20E-3,mg/L,,\n",
    );
    let (code, out, _) = read(&file, &["--profile", profile.to_str().unwrap(), "--format", "jsonl"]);
    let lines: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(code, Some(0));
    assert_eq!(
        lines[0],
        serde_json::json!({
            "sample_id": "F26-1/a", "analyte": "Pb 208", "value": "<0.010", "unit": "[ug/L]", "flag": "H",
            "role": "sample", "line": "2", "raw": "F26-1/a\tPb 208\t<0.010\t[ug/L]\tH\t10", "number": null,
            "qualifier": "below", "bound": "0.010", "unit_parsed": "µg/L", "match_sample": "F26-1",
            "match_analyte": "Pb", "completed_at": null, "replicate": null, "dilution": "10",
            "dilution_applied": false, "reportable": true,
        })
    );
    let (number, bound, qualifier) = (&lines[1]["number"], &lines[1]["bound"], &lines[1]["qualifier"]);
    assert_eq!((number.as_str(), bound.is_null(), qualifier.is_null()), (Some("0.00120"), true, true));
}

#[test]
fn positions_and_numbers_of_a_workbook() {
    let folder = Folder::new();
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet().set_name("Sheet1").unwrap();
    for (row, cells) in
        [["Sample", "Pb", "Cd"], ["F26-1", "0.1", "643647.821964247"], ["F26-2", "3", "0.0000001"]].iter().enumerate()
    {
        for (column, cell) in cells.iter().enumerate() {
            // Row 6: the table does not begin at the top.
            let (row, column) = (row as u32 + 5, column as u16);
            match cell.parse::<f64>() {
                Ok(number) => sheet.write_number(row, column, number).unwrap(),
                Err(_) => sheet.write_string(row, column, *cell).unwrap(),
            };
        }
    }
    let file = folder.file("run.xlsx", book.save_to_buffer().unwrap());
    let profile = folder.file(
        "mine.toml",
        "maturity = 'draft'\nsource = 'example'\nformat = 'workbook'\n[[table]]\nsample = '{Sample}'\nanalyte = '{@head}'\ncolumns = { after = 'Sample' }\n",
    );
    let (code, out, _) = read(&file, &["--profile", profile.to_str().unwrap()]);
    assert_eq!(
        out,
        "sample_id,analyte,value,unit,flag,role,line\n\
         F26-1,Pb,0.1,,,sample,Sheet1!B7\n\
         F26-1,Cd,643647.821964247,,,sample,Sheet1!C7\n\
         F26-2,Pb,3,,,sample,Sheet1!B8\n\
         F26-2,Cd,0.0000001,,,sample,Sheet1!C8\n"
    );
    assert_eq!(code, Some(0));
}

#[test]
fn records_and_roles_of_a_message() {
    let folder = Folder::new();
    let file = folder.file(
        "message.astm",
        "H|\\^&\rP|1\rO|1|F26-1||^^^Pb\rR|1|^^^Pb|0.5|mg/L||N\rO|2|F26-2||^^^Cd\rL|1|N\rH|\\^&\rQ|1|^F26-3||ALL\rL|1|N\r",
    );
    let (code, out, _) = read(&file, &["--profile", "generic_astm"]);
    assert_eq!(
        out,
        "sample_id,analyte,value,unit,flag,role,line\n\
         F26-1,^^^Pb,0.5,mg/L,N,sample,record 4\n\
         F26-2,^^^Cd,,,order,order,record 5\n\
         F26-3,,,,query,query,record 8\n"
    );
    assert_eq!(code, Some(0));
}

#[test]
fn exit_codes() {
    let folder = Folder::new();
    let profile = folder.file("mine.toml", LONG);
    let profile = ["--profile", profile.to_str().unwrap()];
    let header = "Sample,Test,Result,Unit,Flag,DF\n";

    let (code, out, errors) = read(&folder.file("part.csv", format!("{header}A,Pb,\"1,5\",,,\nB,Pb,2,,,\n")), &profile);
    assert_eq!((code, out.lines().count()), (Some(3), 3));
    assert!(errors.starts_with("2: '1,5' is not a number"), "{errors}");

    let (code, _, errors) = read(&folder.file("other.csv", "x,y\n1,2\n"), &profile);
    assert_eq!(code, Some(1));
    assert!(errors.contains("Sample") && errors.contains("Result"), "{errors}");

    let (code, _, errors) = read(&folder.0.path().join("absent.csv"), &profile);
    assert_eq!(code, Some(1));
    assert!(errors.contains("absent.csv"), "{errors}");

    let (code, _, errors) = read(&folder.file("x.csv", header), &["--profile", "generic_astn"]);
    assert_eq!(code, Some(1));
    assert!(errors.contains("generic_astm"), "{errors}");
}

#[test]
fn without_a_profile_the_best_one_is_chosen_or_three_are_named() {
    let folder = Folder::new();
    let known = "Sample ID,Sample Type,Analyte,Concentration,Unit\nF26-1,Sample,Pb,0.52,mg/kg\n";
    let (code, out, errors) = read(&folder.file("known.txt", known), &[]);
    assert_eq!((code, out.lines().nth(1)), (Some(0), Some("F26-1,Pb,0.52,mg/kg,,sample,2")));
    assert!(errors.starts_with("profile: generic_long_table"), "{errors}");

    for (name, bytes) in [
        ("prose.txt", &b"Dear colleague,\nthe lamp is broken.\n"[..]),
        ("empty.csv", b""),
        ("noise.xlsx", b"PK\x03\x04x"),
    ] {
        let (code, out, errors) = read(&folder.file(name, bytes), &[]);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{name}: {errors}");
        let named = errors.split("the nearest are ").nth(1).unwrap().split(';').next().unwrap();
        assert_eq!(named.split(", ").count(), 3, "{errors}");
=======
//! The program as a person runs it: `profiles`, `check-profile`, `listen`, `record`, `replay`, `simulate`, `run`, `status`.

mod support;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};

use instrument_drivers::profile::Profile;
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
struct Running {
    child: Child,
    printed: Arc<Mutex<String>>,
}

impl Running {
    fn start(arguments: &[&str]) -> Running {
        let mut child = agent(arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let printed = Arc::new(Mutex::new(String::new()));
        let (out, shared) = (BufReader::new(child.stdout.take().unwrap()), printed.clone());
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                shared.lock().unwrap().push_str(&(line + "\n"));
            }
        });
        Running { child, printed }
    }

    fn until_printed(&self, expected: &str) {
        until(expected, || self.printed.lock().unwrap().contains(expected));
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `listen` at a free address, ready to be called.
fn listen(profile: &str, more: &[&str]) -> (Running, String) {
    let address = support::free_address();
    let running = Running::start(&[&["listen", "--listen", &address, "--profile", profile], more].concat());
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
>>>>>>> wt-wire
    }
}

#[test]
<<<<<<< HEAD
fn a_proposal_says_what_it_found_and_what_it_left() {
    let folder = Folder::new();
    let file = folder.file(
        "new.csv",
        "Laboratory report\n\nLabel,Kind,Measurand,Reading,Units,Temp\nS1,Sample,Na,1.5,mg/l,20\nS2,Blank,Na,<0.1,mg/l,21\n",
    );
    let output = agent(&[
        "suggest-profile",
        file.to_str().unwrap(),
        "--set",
        "table.sample={Label}",
        "--set",
        "table.analyte={Measurand}",
        "--set",
        "table.columns.names=['Reading']",
    ]);
    let (out, errors) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(output.status.code(), Some(0), "{errors}");
    assert!(errors.contains("found 2 values, skipped 2 lines, 0 troubles"), "{errors}");
    assert!(errors.contains("columns not read: Kind, Units, Temp"), "{errors}");
    let (code, _, _) = read(&file, &["--profile", folder.file("new.toml", out).to_str().unwrap()]);
    assert_eq!(code, Some(0));
=======
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
fn what_was_recorded_is_replayed() {
    let folder = tempfile::tempdir().unwrap();
    let recording = folder.path().join("line.jsonl").display().to_string();
    let address = support::free_address();
    let recorder = Running::start(&["record", "--listen", &address, "--profile", "generic_astm", "--to", &recording]);
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
         folder = {{ path = 'exports', pattern = '*.csv', look_every_ms = 50 }}\n"
    );
    std::fs::write(&config, written).unwrap();
    let config = config.display().to_string();
    let never = output(&["status", "--config", &config]);
    assert_eq!(never.status.code(), Some(1));
    assert!(text(&never.stderr).contains("has the agent ever run"), "{}", text(&never.stderr));
    let running = Running::start(&["run", "--config", &config]);
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
>>>>>>> wt-wire
}
