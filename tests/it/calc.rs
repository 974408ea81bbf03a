//! `lis-server calc` as a program: questions go in by standard input, answers come out in order, with no database and no data
//! directory. What each operation answers is tested in the judgement room; here it is the contract of the process.

use std::io::Write;
use std::process::{Command, Stdio};

use lis_tests::{Database, TestLis};
use serde_json::{Value, json};

use crate::steps::House;

/// What the program answers to a text, and whether it ended well.
fn calc(questions: &str) -> (Vec<Value>, bool) {
    let nowhere = tempfile::tempdir().expect("a temporary directory");
    let mut child = Command::new(env!("CARGO_BIN_EXE_lis-server-under-test"))
        .args(["calc", "--data"])
        .arg(nowhere.path().join("not-there"))
        // Nobody listens there: a program that asked a database would say so.
        .env("LIS_DATABASE_URL", "postgres://127.0.0.1:1/nothing")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut input = child.stdin.take().expect("a pipe");
    let text = questions.to_owned();
    let writing = std::thread::spawn(move || input.write_all(text.as_bytes()).expect("the program reads"));
    let output = child.wait_with_output().expect("the program ends");
    writing.join().expect("all was written");
    assert!(!nowhere.path().join("not-there").exists(), "calc made a data directory");
    let answers = String::from_utf8(output.stdout).expect("UTF-8");
    let answers = answers.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|why| panic!("{line}: {why}")));
    (answers.collect(), output.status.success())
}

#[test]
fn questions_are_answered_in_order_and_bad_ones_do_not_stop_it() {
    let (answers, well) = calc(concat!(
        r#"{"op":"round","x":"12.1498","interval":"0.1"}"#,
        "\n\n   \n",
        r#"{"op":"round","x":"0.09996","significant":2}"#,
        "\nno JSON at all\n",
        r#"{"op":"divide","x":"1"}"#,
        "\n",
        r#"{"op":"judge","value":"<0.3","unit":"mg/kg","limit":{"kind":"max","value":"0.2","unit":"mg/kg"}}"#,
        "\n",
        r#"{"op":"due","start":"2026-02-10","length":20,"unit":"working_day"}"#,
        "\n",
        r#"{"op":"plate_count","n":"24727"}"#,
    ));
    assert!(well);
    assert_eq!(answers.len(), 7, "blank lines have no answer, bad ones have: {answers:?}");
    assert_eq!(answers[0], json!({"value": "12.1", "mark": ""}));
    assert_eq!(answers[1], json!({"value": "0.10", "mark": ""}));
    for (place, named) in [(2, "line"), (3, "divide")] {
        let said = answers[place]["error"].as_str().unwrap_or_else(|| panic!("{}", answers[place]));
        assert!(said.contains(named), "{said}");
    }
    assert_eq!(answers[4]["verdict"], "REVIEW");
    assert_eq!(answers[5], json!({"due": "2026-03-16", "provisional": false}));
    assert_eq!(answers[6], json!({"value": "25000"}));
}

#[test]
fn the_shipped_catalogue_finds_the_limit_of_the_production_date() {
    let (answers, _) = calc(concat!(
        r#"{"op":"limit","food_category":"叶菜蔬菜","analyte":"铅（以Pb计）","produced":"2026-10-01"}"#,
        "\n",
        r#"{"op":"limit","food_category":"叶菜蔬菜","analyte":"铅（以Pb计）","produced":"2026-09-01"}"#,
    ));
    let standards: Vec<&Value> = answers.iter().map(|answer| &answer["rows"][0]["standard"]).collect();
    // GB 2762-2025 is in force since 2026-09-02 and governs what was made from that day on.
    assert_eq!(standards, [&json!("GB 2762-2025"), &json!("GB 2762-2022")]);
    assert_eq!(answers[0]["complete"], false);
}

/// Programs that ask the server ask the same evaluator: each question of the shipped validation file is answered there as here.
#[test]
fn the_server_answers_as_the_command_line_does() {
    let vectors = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../lis-server/src/judgement/vectors.jsonl");
    let vectors = std::fs::read_to_string(vectors).expect("the shipped file");
    let line = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_else(|why| panic!("{text}: {why}"));
    let questions: Vec<Value> = vectors.lines().map(|text| line(text)["ask"].clone()).collect();
    let asked: String = questions.iter().map(|question| format!("{question}\n")).collect();
    let (answers, _) = calc(&asked);
    assert_eq!((questions.len(), answers.len()), (167, 167));
    let lis = TestLis::demonstrated(Database::Sqlite);
    let house = House::of(&lis);
    let tester = house.by("tester2");
    for (question, answer) in questions.iter().zip(&answers) {
        let asked = tester.send_json("POST", "/api/v1/judgement/evaluate", question);
        let said = asked.header("sec-fetch-site", "same-origin").send().expect(200).json();
        assert!(said.get("error").is_none() && said == *answer, "{question}: {said} at the server, {answer} here");
    }
}

/// A validation file put to the program: what it said, and how it ended.
fn check(file: &std::path::Path) -> (String, Option<i32>) {
    let mut program = Command::new(env!("CARGO_BIN_EXE_lis-server-under-test"));
    let output = program
        .args(["calc", "--check"])
        .arg(file)
        .env("LIS_DATABASE_URL", "postgres://127.0.0.1:1/nothing")
        .output()
        .expect("the program starts");
    (String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned(), output.status.code())
}

// Requirement: Q711-2
#[test]
fn a_validation_file_names_every_difference_and_ends_with_1() {
    let vectors = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../lis-server/src/judgement/vectors.jsonl");
    let (said, code) = check(&vectors);
    assert_eq!(code, Some(0), "the program's own file: {said}");
    assert!(said.contains("167 questions"), "{said}");

    let folder = tempfile::tempdir().expect("a temporary directory");
    let own = folder.path().join("own.jsonl");
    // 12.1498 at 0.1 is 12.1; 12.2 is what successive rounding gives (12.1498, 12.15, 12.2).
    let question = |id: &str, value: &str| {
        json!({
            "id": id, "rule": "GB/T 8170", "ask": {"op": "round", "x": "12.1498", "interval": "0.1"}, "expect": {"value": value},
        })
    };
    let lines = [question("r1", "12.1"), question("r2", "12.2"), question("r3", "12.1")];
    std::fs::write(&own, lines.map(|line| format!("{line}\n")).concat()).expect("a writable directory");
    let (said, code) = check(&own);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("line 2, r2 (GB/T 8170): value is expected to be \"12.2\"; answered \"12.1\""), "{said}");
    assert!(!said.contains("r1") && !said.contains("r3") && said.contains("1 of 3 questions"), "{said}");

    std::fs::write(&own, "x,y\n").expect("a writable directory");
    let (said, code) = check(&own);
    assert!(code == Some(1) && said.contains("own.jsonl, line 1"), "{said}");
}
