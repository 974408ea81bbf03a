//! The README, the how-tos and the tutorial say what to type. Every command there is one that the programs take, the agent's
//! configuration loads, and the practice without hardware goes as it is written.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use instrument_drivers::agent::AgentConfig;
use instrument_drivers::profile::Profile;
use lis_tests::program::{Running, free_address};

/// What the documents call a program, and the one under test.
const PROGRAMS: [(&str, &str); 2] = [
    ("lis-server", env!("CARGO_BIN_EXE_lis-server-under-test")),
    ("instrument-agent", env!("CARGO_BIN_EXE_instrument-agent-under-test")),
];

/// How long a loaded machine may take to start a program and to carry two messages.
const PATIENCE: Duration = Duration::from_secs(30);

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn text_of(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn documents() -> Vec<PathBuf> {
    let mut found = vec![root().join("README.md")];
    for folder in ["docs/how-to", "docs/tutorials"] {
        let entries = std::fs::read_dir(root().join(folder)).expect("a readable directory");
        found.extend(entries.map(|entry| entry.expect("a readable directory").path()));
    }
    found.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    found.sort();
    found
}

fn how_to_connect() -> String {
    text_of(&root().join("docs/how-to/connect-an-instrument.md"))
}

/// The words of whatever is written as code: of each line of a block, and of what stands between backticks.
fn code(text: &str) -> Vec<Vec<String>> {
    let (mut blocks, mut prose, mut inside) = (String::new(), String::new(), false);
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            inside = !inside;
            continue;
        }
        let kept = if inside { &mut blocks } else { &mut prose };
        kept.push_str(line);
        kept.push('\n');
    }
    let blocks = blocks.replace("\\\n", " ");
    let spans = prose.split("\n\n").flat_map(|paragraph| paragraph.split('`').skip(1).step_by(2));
    let bare = |word: &str| word.trim_matches(|sign: char| matches!(sign, '"' | '\'')).to_owned();
    blocks.lines().chain(spans).map(|piece| piece.split_whitespace().map(bare).collect()).collect()
}

/// The program that a word means; it may be a path, and end in `.exe`.
fn program(word: &str) -> Option<&'static str> {
    let name = word.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = name.strip_suffix(".exe").unwrap_or(name);
    PROGRAMS.iter().find(|(known, _)| *known == name).map(|(_, path)| *path)
}

fn is_task(word: &str) -> bool {
    let lower = |sign: char| sign.is_ascii_lowercase();
    word.starts_with(lower) && word.chars().all(|sign| lower(sign) || sign == '-') && program(word).is_none()
}

/// The program that these words start, and its arguments. A name alone may be that of a user or of a file.
fn command(words: &[String]) -> Option<(&'static str, Vec<&str>)> {
    let by_cargo = matches!(words, [cargo, run, ..] if cargo == "cargo" && run == "run");
    let (at, path) = words.iter().enumerate().find_map(|(at, word)| {
        let meant = if by_cargo && word == "--" { Some(PROGRAMS[0].1) } else { program(word) };
        meant.filter(|_| words.get(at + 1).is_some_and(|next| is_task(next))).map(|path| (at, path))
    })?;
    let arguments = words[at + 1..].iter().map(String::as_str);
    let ends = |word: &str| matches!(word, "|" | "&&" | ";") || word.starts_with(['#', '<', '>']);
    Some((path, arguments.take_while(|word| !ends(word)).collect()))
}

/// With `--help` behind it a command line is read as it stands, and nothing is done.
fn help(path: &str, arguments: &[&str]) -> Output {
    Command::new(path).args(arguments).arg("--help").output().expect("the program runs")
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Why the program does not take these arguments.
fn refused(path: &str, arguments: &[&str]) -> Option<String> {
    let output = help(path, arguments);
    (!output.status.success()).then(|| format!("{}: {}", arguments.join(" "), said(&output).trim()))
}

/// Every option of every task.
fn options() -> BTreeSet<String> {
    let mut options = BTreeSet::new();
    for (_, path) in PROGRAMS {
        let overview = said(&help(path, &[]));
        let tasks =
            overview.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
        for task in tasks.filter_map(|line| line.split_whitespace().next()) {
            let text = said(&help(path, &[task]));
            let words = text.split(|sign: char| !sign.is_ascii_alphanumeric() && sign != '-');
            options.extend(words.filter(|word| word.starts_with("--")).map(str::to_owned));
        }
    }
    options
}

/// What is wrong with code that is no whole command: an option by itself, or a task whose program was named before.
fn wrong_in_part(words: &[String], options: &BTreeSet<String>) -> Option<String> {
    let (first, rest) = words.split_first()?;
    if first.len() > 2 && first.starts_with("--") && !options.contains(first) {
        return Some(format!("no task has the option {first}"));
    }
    if !is_task(first) || !rest.iter().any(|word| word.starts_with("--")) {
        return None;
    }
    // Both programs may have a task of this name: one of them has to take the whole.
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let having = PROGRAMS.iter().filter(|(_, path)| refused(path, &[first]).is_none());
    let told: Vec<Option<String>> = having.map(|(_, path)| refused(path, &words)).collect();
    if told.iter().any(Option::is_none) { None } else { told.into_iter().flatten().next() }
}

#[test]
fn every_command_is_one_that_the_programs_take() {
    let options = options();
    let (mut wrong, mut count) = (Vec::new(), 0);
    for document in documents() {
        for words in code(&text_of(&document)) {
            let told = match command(&words) {
                // The demonstration plays its instruments on pseudo-terminals.
                Some((_, arguments)) if arguments[0] == "demo" && !cfg!(unix) => None,
                Some((path, arguments)) => {
                    count += 1;
                    refused(path, &arguments)
                }
                None => wrong_in_part(&words, &options),
            };
            wrong.extend(told.map(|told| format!("{}: {told}", document.display())));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 50, "only {count} commands were found: the search does not see them");
}

#[test]
fn a_command_that_is_wrong_is_seen() {
    let options = options();
    let one = |line: &str| code(&format!("Type `{line}`.")).remove(0);
    for line in [
        "lis-server bakup --data lis-data",
        "target/release/lis-server serve --port 8080",
        "cargo run --release -- demo --langauge en",
        "LIS_LOG=info lis-server import limit limits.xlsx # all of them",
        "sudo -u instrument-agent instrument-agent status --conf agent.toml",
        r#"/TR "C:\agent\instrument-agent.exe run --configuration agent.toml""#,
        "instrument-agent listen --serial COM3 --parity evne | more",
    ] {
        let words = one(line);
        let (path, arguments) = command(&words).unwrap_or_else(|| panic!("not seen as a command: {line}"));
        assert!(refused(path, &arguments).is_some(), "taken: {line}");
    }
    for line in ["--langauge en", "replay line.rec --conect 127.0.0.1:4001"] {
        assert!(command(&one(line)).is_none() && wrong_in_part(&one(line), &options).is_some(), "{line}");
    }
    for line in ["install -d -o instrument-agent -m 750 /srv", "journalctl -u lis-server -f", "cargo build --release"] {
        assert!(command(&one(line)).is_none() && wrong_in_part(&one(line), &options).is_none(), "{line}");
    }
}

/// The file that a document shows below its name.
fn file(text: &str, name: &str) -> String {
    let title = format!("`{name}`:");
    let below = text.lines().skip_while(|line| *line != title).skip_while(|line| !line.starts_with("```")).skip(1);
    let lines: Vec<&str> = below.take_while(|line| !line.starts_with("```")).collect();
    assert!(!lines.is_empty(), "no {name} is shown");
    lines.join("\n") + "\n"
}

#[test]
fn the_configuration_of_an_agent_loads() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let path = folder.path().join("agent.toml");
    std::fs::write(&path, file(&how_to_connect(), "agent.toml")).expect("a writable directory");
    std::fs::write(folder.path().join("token"), "one line\n").expect("a writable directory");
    let config = AgentConfig::load(&path).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(config.token(), Ok("one line".to_owned()));
    let ports = config.ports.iter().map(|port| (port.instrument.as_str(), port.profile.as_str()));
    let ports: Vec<(&str, &str)> = ports.collect();
    assert_eq!(
        ports,
        [
            ("AAS-1", "generic_astm"),
            ("BAL-2", "mettler_mt_sics"),
            ("GC-1", "generic_long_table"),
            ("GC-1", "generic_long_table"),
        ]
    );
    for (_, profile) in ports {
        Profile::load(profile).unwrap_or_else(|error| panic!("{error}"));
    }
}

#[test]
fn the_practice_without_hardware_goes_as_written() {
    let text = how_to_connect();
    let (_, practice) = text.split_once("\n## Practise without hardware\n").expect("the section");
    let folder = tempfile::tempdir().expect("a temporary directory");
    std::fs::write(folder.path().join("analyser.toml"), file(practice, "analyser.toml")).expect("a writable directory");
    let written = code(practice);
    let commands: Vec<(&str, Vec<&str>)> = written.iter().filter_map(|words| command(words)).collect();
    let [(listener, listen), (player, play)] = commands.as_slice() else { panic!("not two commands: {commands:?}") };
    // Another test may use the port of the document.
    let address = free_address().to_string();
    let here = |program: &str, arguments: &[&str]| {
        let mut command = Command::new(program);
        command.args(arguments.iter().map(|argument| argument.replace("127.0.0.1:4001", &address)));
        // Its spool lies in the temporary directory.
        command.current_dir(folder.path()).env("TMPDIR", folder.path()).env("TMP", folder.path());
        command
    };

    let mut listening = here(listener, listen);
    listening.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut listening = Running(listening.spawn().expect("the program starts"));
    let printed = BufReader::new(listening.stdout.take().expect("a pipe"));
    let (tell, heard) = channel();
    std::thread::spawn(move || {
        printed.lines().map_while(Result::ok).for_each(|line| {
            // Nobody listens once the test is over.
            let _ = tell.send(line);
        });
    });
    let until = Instant::now() + PATIENCE;
    let played = loop {
        let played = here(player, play).output().expect("the program runs");
        // A reader types the second command when the first one has started.
        if played.status.success() || Instant::now() > until {
            break played;
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    assert!(played.status.success(), "{}", said(&played));
    assert_eq!(said(&played).trim(), "delivered 2, frames sent again 1, received 0");
    let mut values = Vec::new();
    while values.len() < 2 {
        let left = until.saturating_duration_since(Instant::now());
        let line = heard.recv_timeout(left).unwrap_or_else(|_| panic!("only these have come: {values:?}"));
        if line.contains(" | ") {
            values.push(line.trim().to_owned());
        }
    }
    assert_eq!(values, ["F26-1 | ^^^Pb | 0.52 | mg/kg | N | sample", "F26-2 | ^^^Pb | <0.01 | mg/kg | N | sample"]);
}
