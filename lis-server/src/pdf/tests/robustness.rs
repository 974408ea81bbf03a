//! What holds for every document: it can be made again byte for byte, any text is only text, templates see nothing but
//! their own files, and a mistake in a template names its place.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::samples::*;
use super::*;
use crate::pdf::documents::*;
use crate::pdf::{EMBEDDED, PdfError, Template};

#[test]
fn the_same_data_gives_the_same_bytes() {
    fn digest(pdf: Vec<u8>) -> String {
        hex::encode(Sha256::digest(pdf))
    }
    let make = || {
        let typesetter = typesetter();
        [
            typesetter.test_report(&report(), some_time()),
            typesetter.result_notice(&notice(), some_time()),
            typesetter.rejection_note(&rejection(), some_time()),
            typesetter.draw_record(&draw(), some_time()),
            typesetter.label_sheet(&labels(3), some_time()),
            typesetter.raw_record(&raw_record(), some_time()),
            typesetter.quality_report(&quality_report(), some_time()),
            typesetter.program_validation(&program_validation(), some_time()),
        ]
        .map(|pdf| digest(pdf.expect("a document")))
    };
    let first = make();
    assert_eq!(make(), first, "again");
    // Nothing may depend on what was remembered, nor on the thread.
    typst::comemo::evict(0);
    assert_eq!(make(), first, "after forgetting");
    let elsewhere: Vec<_> = (0..2).map(|_| std::thread::spawn(make)).collect();
    for thread in elsewhere {
        assert_eq!(thread.join().expect("no panic"), first, "in two threads at once");
    }
    let mut other = report();
    other.items[0].results[0] = "0.046".into();
    assert_ne!(digest(typesetter().test_report(&other, some_time()).expect("a report")), first[0]);
}

#[test]
fn files_are_tagged_archivable_and_titled() {
    let pdf = typesetter().test_report(&report(), some_time()).expect("a report");
    let raw = String::from_utf8_lossy(&pdf);
    for piece in ["<pdfaid:part>2</pdfaid:part>", "<pdfaid:conformance>A</pdfaid:conformance>", "/Lang(zh-CN)"] {
        assert!(raw.contains(piece), "{piece} is not in the file");
    }
    let Some(info) = run("pdfinfo", &["-isodates"], &pdf, &[]) else {
        return;
    };
    let facts: BTreeMap<&str, &str> = info.lines().filter_map(|line| line.split_once(':')).collect();
    let fact = |name: &str| facts.get(name).map_or("", |value| value.trim());
    assert_eq!(fact("Title"), "检验报告 BZ-2026-J-000123");
    assert_eq!(fact("Author"), "示例市共享食品检验实验室");
    assert_eq!(fact("Creator"), "lis-server");
    assert_eq!(fact("Tagged"), "yes");
    assert_eq!(fact("Pages"), "3");
    assert_eq!(fact("Page size"), "595.276 x 841.89 pts (A4)");
    assert_eq!(fact("CreationDate"), "2026-11-20T07:32:07Z");
}

#[test]
fn built_in_templates_give_no_warning() {
    for (template, mut data) in all_data() {
        for language in ["zh", "en"] {
            data["language"] = language.into();
            let (_, warnings) = typesetter().set(template.file_name(), &data, some_time()).expect("a document");
            assert_eq!(warnings, [""; 0], "{} in {language}", template.file_name());
        }
    }
}

const HOSTILE: &[&str] = &[
    "#panic(\"x\")",
    "$ x^2 $ *bold* _it_ `raw` = head\n== head",
    "\\ \\u{41} \\# @label <label> // comment /* open",
    "[unclosed { ( \" ' #import \"@preview/x:0.1.0\": *",
    "<script>alert(1)</script> &amp; ]]>",
    "first\nsecond\r\nthird\n\n\nlast",
    "\u{0}\u{1}\u{7}\u{1b}[31m\u{7f}\u{85}\u{FFFE}\u{E000}",
    "\u{202E}abc\u{2066}def\u{200B}\u{FEFF}",
    "𠮷野家 𪚥 😀👩‍👩‍👧 ☃ กำ ع ש",
    "e\u{301}\u{302}\u{303} ﷽ ㍿ ｱ",
    "",
    " ",
    "\n",
    "\t",
    "{page} {no} {name}",
];

#[test]
fn hostile_text_is_only_text() {
    let typesetter = typesetter();
    let long = "W".repeat(600);
    let long_han = "检".repeat(500);
    for text in HOSTILE.iter().copied().chain([long.as_str(), long_han.as_str()]) {
        for (template, data) in all_data() {
            let data = with_every_text(data, text);
            let pdf = typesetter.render(template, &data, some_time());
            assert!(
                pdf.is_ok(),
                "{text:?} in {}: {}",
                template.file_name(),
                pdf.err().map_or(String::new(), |e| e.to_string())
            );
        }
    }
}

#[test]
fn hostile_text_is_printed_as_it_is() {
    let mut document = report();
    document.sample.name = "#panic(\"x\") $x$ *b* \\ <l> `r` @a // c".into();
    document.remark = Some("first\nsecond".into());
    document.sample.state = Some("𠮷\u{202E}a\u{0}".into());
    let pdf = typesetter().test_report(&document, some_time()).expect("a report");
    assert_eq!(typesetter().unprintable(&document), ['𠮷', '\u{0}']);
    let Some(text) = text_of(&pdf) else { return };
    assert_says(&text, &["#panic(\"x\")$x$*b*\\<l>`r`@a//c", "second", "〓U+20BB7a〓U+0000"]);
}

/// The word of 600 letters wraps inside its cell: nothing is outside the page, where no printer shows it.
#[test]
fn long_words_stay_in_their_cells() {
    let mut document = report();
    document.items[0].results = vec!["1".repeat(120)];
    document.items[0].method = "M".repeat(120);
    document.remark = Some("R".repeat(600));
    let pdf = typesetter().test_report(&document, some_time()).expect("a report");
    let Some(boxes) = run("pdftotext", &["-bbox"], &pdf, &["-"]) else {
        return;
    };
    let mut letters = 0;
    for line in boxes.lines().filter(|line| line.trim_start().starts_with("<word")) {
        let number = |name: &str| -> f64 {
            let from = line.find(name).expect(name) + name.len() + 2;
            line[from..].split('"').next().and_then(|value| value.parse().ok()).expect("a number")
        };
        // The margins are 20 mm = 56.7 pt.
        assert!(number("xMin") > 56.0 && number("xMax") < 595.3 - 56.0, "outside the margins: {line}");
        letters += line.matches('R').count();
    }
    assert!(letters >= 600, "{letters} letters");
}

#[test]
fn every_label_has_both_languages_and_is_used() {
    let labels: BTreeMap<String, BTreeMap<String, String>> =
        serde_json::from_str(embedded("labels.json")).expect("labels.json");
    for (key, words) in &labels {
        assert_eq!(words.keys().collect::<Vec<_>>(), ["en", "zh"], "{key}");
        assert!(words.values().all(|text| !text.trim().is_empty()), "{key}");
        let holes = |text: &str| text.matches('{').count();
        assert_eq!(holes(&words["zh"]), holes(&words["en"]), "{key}: the same values in both languages");
        assert!(!words["en"].chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{key}: Chinese in English");
    }
    let templates: String = EMBEDDED.iter().filter(|(name, _)| name.ends_with(".typ")).map(|(_, text)| *text).collect();
    for key in labels.keys() {
        // Some keys are put together from a word of the data.
        let family = ["title_", "date_", "confirm_"].iter().any(|start| key.starts_with(start));
        assert!(family || templates.contains(&format!("\"{key}\"")), "{key} is used by no template");
    }
    for call in ["t(\"", "tell(\""] {
        for (at, _) in templates.match_indices(call) {
            // `at("…")` is another function.
            if templates[..at].ends_with(|c: char| c.is_alphanumeric() || c == '-') {
                continue;
            }
            let wanted = templates[at + call.len()..].split('"').next().expect("a closing quote");
            assert!(wanted.ends_with('_') || labels.contains_key(wanted), "{wanted} is not in labels.json");
        }
    }
}

#[test]
fn a_laboratory_can_replace_a_template() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(
        folder.path().join("rejection_note.typ"),
        "#import \"common.typ\": *\nOurs: #say(data.note_no) #image(\"logo.svg\", alt: \"us\")",
    )
    .expect("writable");
    fs::write(folder.path().join("logo.svg"), "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1 1\"/>")
        .expect("writable");
    let own = with_templates(folder.path()).expect("it parses");
    let pdf = own.rejection_note(&rejection(), some_time()).expect("a note");
    if let Some(text) = text_of(&pdf) {
        assert_eq!(text, "Ours:JS-2026-00017");
    }
    assert!(own.draw_record(&draw(), some_time()).is_ok(), "the others stay built-in");
}

#[test]
fn a_template_that_does_not_parse_is_named_at_start() {
    let error = error_of_template("= Title\n#let x = (\n", false);
    assert!(error.starts_with("Template rejection_note.typ, line 2: unclosed delimiter"), "{error}");
    assert!(error.contains("template directory"), "{error}");
}

#[test]
fn a_template_that_asks_for_missing_data_is_named_with_its_line() {
    let error = error_of_template("#import \"common.typ\": *\n\n#data.colour\n", true);
    assert!(error.starts_with("Template rejection_note.typ, line 3: "), "{error}");
    assert!(error.contains("colour"), "{error}");
}

#[test]
fn a_template_sees_nothing_outside() {
    for (markup, reason) in [
        ("#read(\"/etc/passwd\")", "not found"),
        ("#read(\"../../../etc/passwd\")", "file not found"),
        ("#import \"@preview/cetz:0.3.0\"", "access denied"),
        ("#image(\"https://lis.example/logo.png\")", "not found"),
    ] {
        let error = error_of_template(markup, true);
        assert!(error.contains("rejection_note.typ, line 1: "), "{error}");
        assert!(!error.contains("root:"), "{error}");
        eprintln!("{reason}: {error}");
    }
}

#[test]
fn folders_that_are_not_there_are_named() {
    let missing = Path::new("/nowhere/at/all");
    for options in [
        Options { template_directory: Some(missing.into()), ..Options::default() },
        Options { font_directory: Some(missing.into()), ..Options::default() },
    ] {
        let error = Typesetter::new(&options).err().expect("no folder").to_string();
        assert!(error.contains("directory /nowhere/at/all cannot be read"), "{error}");
    }
}

/// A font of the machine prints what the embedded ones lack; here one of the embedded files stands for it.
#[test]
fn fonts_of_the_machine_come_second() {
    let fonts = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/fonts");
    let with = Typesetter::new(&Options { font_directory: Some(fonts), ..Options::default() }).expect("readable");
    let report = report();
    assert_eq!(
        with.test_report(&report, some_time()).expect("a report"),
        typesetter().test_report(&report, some_time()).expect("a report"),
        "what the embedded fonts have looks the same on every machine"
    );
    let Some(rare) =
        ["/usr/share/fonts/opentype/noto", "/usr/share/fonts/noto-cjk"].map(Path::new).into_iter().find(|p| p.exists())
    else {
        skipped("fonts_of_the_machine_come_second", "no large Chinese font on this machine");
        return;
    };
    let with = Typesetter::new(&Options { font_directory: Some(rare.into()), ..Options::default() }).expect("readable");
    let note = RejectionNote { sample_name: "𠮷野面".into(), ..rejection() };
    assert!(with.unprintable(&note).is_empty());
    let pdf = with.rejection_note(&note, some_time()).expect("a note");
    if let Some(text) = text_of(&pdf) {
        assert_says(&text, &["样品名称𠮷野面"]);
    }
}

fn with_templates(folder: &Path) -> Result<Typesetter, PdfError> {
    Typesetter::new(&Options { template_directory: Some(folder.into()), ..Options::default() })
}

/// The error of a wrong `rejection_note.typ`, at start or when it is used.
fn error_of_template(text: &str, parses: bool) -> String {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("rejection_note.typ"), text).expect("writable");
    match with_templates(folder.path()) {
        Ok(typesetter) if parses => {
            typesetter.rejection_note(&rejection(), some_time()).expect_err("wrong").to_string()
        }
        Err(error) if !parses => error.to_string(),
        Ok(_) => panic!("it should not parse"),
        Err(error) => panic!("it should parse: {error}"),
    }
}

fn embedded(name: &str) -> &'static str {
    EMBEDDED.iter().find(|(known, _)| *known == name).map(|(_, text)| *text).expect(name)
}

fn all_data() -> [(Template, Value); 8] {
    let mut report = report();
    report.items.extend(out_of_scope_items());
    [
        (Template::TestReport, serde_json::to_value(report).expect("JSON")),
        (Template::ResultNotice, serde_json::to_value(notice()).expect("JSON")),
        (Template::RejectionNote, serde_json::to_value(rejection()).expect("JSON")),
        (Template::DrawRecord, serde_json::to_value(draw()).expect("JSON")),
        (Template::LabelSheet, serde_json::to_value(labels(2)).expect("JSON")),
        (Template::RawRecord, serde_json::to_value(raw_record()).expect("JSON")),
        (Template::QualityReport, serde_json::to_value(quality_report()).expect("JSON")),
        (Template::ProgramValidation, serde_json::to_value(program_validation()).expect("JSON")),
    ]
}

/// Replaces every text of the data but the words that choose a form, and the drawings.
fn with_every_text(mut data: Value, text: &str) -> Value {
    const CHOICES: [&str; 6] = ["language", "kind", "date_kind", "responsibility", "confirmed", "svg"];
    fn walk(value: &mut Value, text: &str) {
        match value {
            Value::String(old) => *old = text.to_string(),
            Value::Array(values) => values.iter_mut().for_each(|value| walk(value, text)),
            Value::Object(fields) => {
                for (name, value) in fields {
                    if !CHOICES.contains(&name.as_str()) {
                        walk(value, text);
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    walk(&mut data, text);
    data
}
