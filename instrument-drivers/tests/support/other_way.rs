//! Examples of what goes from the laboratory to an instrument: a sequence file, the answer to a question.

use chrono::NaiveDateTime;
use instrument_drivers::observation::Role;
use instrument_drivers::profile::Profile;
use instrument_drivers::profile::worklist::{Run, RunPlace};
use instrument_drivers::work::{Work, WorkList};

/// Name and text of the file; lines as the reference shows them.
pub fn sequence_file(profile: &Profile, info: &str, places: &str) -> String {
    let word = |key: &str| {
        let value = info.split_whitespace().find_map(|word| word.strip_prefix(key)?.strip_prefix('='));
        value.unwrap_or_default().replace('_', " ")
    };
    let places: Vec<RunPlace> = places.lines().zip(1..).map(|(line, number)| place(line, number)).collect();
    let at = NaiveDateTime::parse_from_str("2026-03-10 09:20:00", "%Y-%m-%d %H:%M:%S").unwrap();
    let run = Run { worksheet: &word("worksheet"), method: &word("method"), at, places: &places };
    let rules = profile.worklist.as_ref().unwrap();
    let text = String::from_utf8(rules.write(&run).unwrap()).unwrap();
    format!("{}{}", rules.file_name(&run), text.replace("\r\n", "\n").replace('\t', "→"))
}

/// `label | kind | test`.
fn place(line: &str, number: i64) -> RunPlace {
    let parts: Vec<&str> = line.split(" | ").collect();
    let [label, kind, test] = parts[..] else { panic!("{line}: label, kind, test") };
    let role = match kind {
        "blank" => Role::Blank,
        "reference" => Role::Control,
        _ => Role::Sample,
    };
    RunPlace { place: number, label: label.into(), kind: kind.into(), role, test: test.into() }
}

/// The records of the answer, one a line.
pub fn answer(profile: &Profile, body: &str) -> String {
    let (records, known) = body.split_once("---\n").unwrap();
    let work = |line: &str| {
        let mut words = line.split(" | ").map(str::to_owned);
        Work { label_code: words.next().unwrap(), tests: words.collect(), ..Work::default() }
    };
    let list = WorkList { instrument: "X-1".into(), samples: known.lines().map(work).collect(), ..WorkList::default() };
    let asked = profile.asked(records.replace('\n', "\r").as_bytes());
    let answer = profile.query.as_ref().unwrap().answer(&asked[0], &list, "20260310092000");
    String::from_utf8(answer.messages.concat()).unwrap().replace('\r', "\n")
}
