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
            "dilution_applied": false, "status": null, "reportable": true,
        })
    );
    let (number, bound, qualifier) = (&lines[1]["number"], &lines[1]["bound"], &lines[1]["qualifier"]);
    assert_eq!((number.as_str(), bound.is_null(), qualifier.is_null()), (Some("0.00120"), true, true));
}

/// What the record says of it, and nothing where it says nothing; orders have none.
#[test]
fn jsonl_says_how_far_a_result_has_come() {
    let folder = Folder::new();
    let file = folder.file(
        "run.astm",
        "H|\\^&|||SIM\rP|1\rO|1|A||^^^Pb\rR|1|^^^Pb|0.52|mg/kg||N||P\rR|2|^^^Pb|0.53|mg/kg||N||C\rR|3|^^^Cd|0.1|mg/kg||N||F\r\
         R|4|^^^As|0.2|mg/kg\rR|5|^^^Hg|0.3|mg/kg||N||Z\rO|2|B||^^^Pb\rL|1|N\r",
    );
    let (code, out, _) = read(&file, &["--profile", "generic_astm", "--format", "jsonl"]);
    let lines: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(code, Some(0));
    let statuses: Vec<Option<&str>> = lines.iter().map(|line| line["status"].as_str()).collect();
    assert_eq!(statuses, [Some("preliminary"), Some("corrected"), Some("final"), None, Some("unknown"), None]);
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

    let (code, out, errors) = read(&folder.file("bare.csv", header), &profile);
    assert_eq!((code, out.lines().count()), (Some(0), 1));
    assert!(errors.starts_with("no value was found in ") && errors.contains("bare.csv"), "{errors}");

    let (code, _, errors) = read(&folder.file("other.csv", "x,y\n1,2\n"), &profile);
    assert_eq!(code, Some(1));
    assert!(errors.contains("Sample") && errors.contains("Result"), "{errors}");

    let (code, _, errors) = read(&folder.0.path().join("absent.csv"), &profile);
    assert_eq!(code, Some(1));
    assert!(errors.contains("absent.csv"), "{errors}");

    let (code, _, errors) = read(&folder.file("x.csv", header), &["--profile", "generic_astn"]);
    assert_eq!(code, Some(1));
    assert!(errors.contains("generic_astm"), "{errors}");

    // A mistake on the command line is not "no profile fits".
    for arguments in [&["read"][..], &["raed", "x.csv"], &["read", "x.csv", "--format", "pdf"], &[]] {
        let output = agent(arguments);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(64), 0), "{arguments:?}");
    }
    for asked in ["--help", "--version"] {
        let output = agent(&[asked]);
        assert_eq!(output.status.code(), Some(0), "{asked}");
        assert!(String::from_utf8(output.stdout).unwrap().contains("instrument-agent"), "{asked}");
    }
}

#[test]
fn without_a_profile_the_best_one_is_chosen_or_three_are_named() {
    let folder = Folder::new();
    let known = "Sample ID,Sample Type,Analyte,Concentration,Unit\nF26-1,Sample,Pb,0.52,mg/kg\n";
    let (code, out, errors) = read(&folder.file("known.txt", known), &[]);
    assert_eq!((code, out.lines().nth(1)), (Some(0), Some("F26-1,Pb,0.52,mg/kg,,sample,2")));
    assert!(errors.starts_with("profile: generic_long_table"), "{errors}");

    let chinese = "检测报告\r\n样品编号\t检测项目\t结果\t单位\r\nF26-1\t铅\t0.052\tmg/kg\r\n合计\t\t0.052\t\r\n";
    let page = "<html><meta charset=gb2312><table><tr><td>样品编号<td>检测项目<td>结果<td>单位<tr><td>F26-1<td>铅<td>0.052<td>mg/kg</table>";
    for (name, text, profile, line) in [
        ("run.xls", chinese, "generic_gb18030_table", "3"),
        ("page.xls", page, "generic_gb18030_workbook", "Table1!C2"),
    ] {
        let (bytes, _, _) = encoding_rs::GBK.encode(text);
        let (code, out, errors) = read(&folder.file(name, &bytes), &[]);
        assert_eq!(
            (code, out.lines().skip(1).collect::<Vec<_>>()),
            (Some(0), vec![&*format!("F26-1,铅,0.052,mg/kg,,sample,{line}")])
        );
        assert!(errors.starts_with(&format!("profile: {profile} ")), "{errors}");
    }

    for (name, bytes) in [
        ("prose.txt", &b"Dear colleague,\nthe lamp is broken.\n"[..]),
        ("empty.csv", b""),
        ("noise.xlsx", b"PK\x03\x04x"),
    ] {
        let (code, out, errors) = read(&folder.file(name, bytes), &[]);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{name}: {errors}");
        let named = errors.split("the nearest are ").nth(1).unwrap().split(';').next().unwrap();
        assert_eq!(named.split(", ").count(), 3, "{errors}");
        assert_eq!(errors.contains("is empty"), bytes.is_empty(), "{name}: {errors}");
    }
}

/// `profiles | head -3`: whoever reads has heard enough, which is no fault of the program.
#[test]
fn nobody_listens_any_more() {
    let folder = Folder::new();
    let file = folder.file("run.csv", "Sample ID,Sample Type,Analyte,Concentration,Unit\nF26-1,Sample,Pb,0.52,mg/kg\n");
    let profile = folder.file("mine.toml", LONG);
    let config = folder.file("agent.toml", format!("agent = 'A-1'\nspool = {:?}\nport = []\n", folder.0.path()));
    let status = serde_json::json!({
        "agent": "A-1", "stream": "00000000-0000-0000-0000-000000000001", "last_seq": 3, "backlog": 0,
        "forward_error": null, "ports": [], "at": "2026-03-10T09:15:00Z",
    });
    folder.file("status.json", status.to_string());
    let path = |path: &Path| path.to_str().unwrap().to_string();
    for arguments in [
        vec!["profiles".to_string()],
        vec!["check-profile".into(), path(&profile)],
        vec!["suggest-profile".into(), path(&file)],
        vec!["status".into(), "--config".into(), path(&config)],
        vec!["status".into(), "--config".into(), path(&config), "--json".into()],
        vec!["read".into(), path(&file)],
    ] {
        let run = |out: std::process::Stdio| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_instrument-agent"));
            command.args(&arguments).stdout(out).stderr(std::process::Stdio::piped());
            command.spawn().unwrap().wait_with_output().unwrap()
        };
        let heard = run(std::process::Stdio::piped());
        assert_eq!((heard.status.code(), heard.stdout.is_empty()), (Some(0), false), "{arguments:?}: {heard:?}");
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let unheard = run(writer.into());
        let errors = String::from_utf8(unheard.stderr).unwrap();
        assert_eq!(unheard.status.code(), Some(1), "{arguments:?}: {errors}");
        assert!(errors.contains("cannot be printed") && !errors.contains("panicked"), "{arguments:?}: {errors}");
    }
}

#[test]
fn a_proposal_says_what_it_found_and_what_it_left() {
    let folder = Folder::new();
    let file = folder.file(
        "new.csv",
        "Laboratory report\n\nLabel,Kind,Measurand,Reading,Units,Temp\nS1,Sample,Na,1.5,mg/l,20\nS2,Blank,Na,<0.1,mg/l,21\n",
    );
    let output = agent(&["suggest-profile", file.to_str().unwrap(), "--set", "table.sample={Label}"]);
    let (out, errors) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(output.status.code(), Some(0), "{errors}");
    assert!(errors.contains("found 2 values, skipped 2 lines, 0 troubles"), "{errors}");
    assert!(errors.contains("columns not read: Kind, Temp"), "{errors}");
    let (code, _, _) = read(&file, &["--profile", folder.file("new.toml", out).to_str().unwrap()]);
    assert_eq!(code, Some(0));
}

#[test]
fn what_is_not_understood_gets_a_profile_to_correct() {
    let folder = Folder::new();
    for (name, text, source) in [
        ("words.txt", "one line\tof words\n", "delimiter = \"tab\""),
        ("log.json", r#"{"log": [{"a": "x", "b": "y"}, {"a": "z", "b": "w"}]}"#, "rows = \"log\""),
    ] {
        let file = folder.file(name, text);
        let output = agent(&["suggest-profile", file.to_str().unwrap()]);
        let (out, errors) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        assert_eq!(output.status.code(), Some(3), "{name}: {errors}");
        assert!(errors.contains(&format!("{name} was not understood: ")), "{errors}");
        assert!(errors.contains("its first three columns as sample, analyte and value"), "{errors}");
        assert!(out.contains(source) && out.contains("sample = \"{#1}\""), "{out}");
        let proposed = folder.file("proposed.toml", &out);
        assert_eq!(agent(&["check-profile", proposed.to_str().unwrap()]).status.code(), Some(0), "{out}");
        // What is corrected is written into it; the file is no better understood.
        let corrected = agent(&["suggest-profile", file.to_str().unwrap(), "--set", "table.analyte=Pb"]);
        assert_eq!(corrected.status.code(), Some(3));
        assert!(String::from_utf8(corrected.stdout).unwrap().contains("analyte = \"Pb\""));
    }
    let nowhere = agent(&["suggest-profile", "/nowhere/at/all.csv"]);
    assert_eq!((nowhere.status.code(), nowhere.stdout.len()), (Some(1), 0));
}
