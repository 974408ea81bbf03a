//! A refusal is said whole in the language that was asked for: in an English one nothing is Chinese but what the request
//! itself sent and the names that the laboratory gave to its people, firms and goods; a Chinese one is Chinese, without
//! the words of a parser.

use lis_server::web::language::Language;
use lis_tests::{Page, Reply, TestLis};
use serde_json::Value;

/// The language in which the request of a number is sent: one after the other, so that each list is sent in both.
pub fn language_of(number: usize) -> Language {
    if number.is_multiple_of(2) { Language::English } else { Language::Chinese }
}

/// Names that the laboratory itself gave, and what its people wrote: the same in every language.
pub struct Names(Vec<String>);

/// Where they stand. Names of the catalogue are not among them: it has them in both languages.
const NAMED: &[(&str, &str)] = &[
    ("person", "name"),
    ("enterprise", "name"),
    ("sampling_form", "sample_name"),
    ("sampling_form", "unit_name"),
    ("sampling_form", "producer_name"),
    ("sample", "hold_reason"),
    ("part", "location"),
    ("part", "unit"),
    ("result_entry", "value"),
    ("instrument", "name"),
    ("code_mapping", "source"),
    ("room", "code"),
    ("room", "name"),
    ("lot", "name"),
    ("supplier", "name"),
    ("subcontractor", "name"),
    ("proficiency_round", "scheme"),
    ("comparison", "analyte"),
    ("sampling_plan", "title"),
];

impl Names {
    pub fn of(lis: &TestLis) -> Self {
        let columns = NAMED.iter().map(|(table, column)| format!("SELECT {column} AS value FROM {table}"));
        Self(lis.texts(&columns.collect::<Vec<_>>().join(" UNION ")))
    }

    /// What of a problem document is in another language.
    pub fn wrong_document(&self, reply: &Reply, asked: Language, body: &[u8]) -> Option<String> {
        self.wrong(&of_document(&reply.json()), asked, body)
    }

    /// What of the refusal on a page is in another language.
    pub fn wrong_page(&self, page: &Page, asked: Language, body: &[u8]) -> Option<String> {
        let language = page.language();
        if language != asked.code() {
            return Some(format!("the page is in {language}, not {}", asked.code()));
        }
        self.wrong(&of_page(page), asked, body)
    }

    fn wrong(&self, sentences: &[String], asked: Language, body: &[u8]) -> Option<String> {
        let foreign = match asked {
            Language::Chinese => {
                sentences.iter().find(|sentence| !sentence.contains(is_han) || is_of_a_parser(sentence))
            }
            Language::English => {
                let sent = typed(body);
                sentences.iter().find(|sentence| han(sentence).any(|run| !sent.contains(run) && !self.has(run)))
            }
        };
        foreign.map(|sentence| format!("not said in {}: {sentence}", asked.code()))
    }

    fn has(&self, run: &str) -> bool {
        self.0.iter().any(|name| name.contains(run))
    }
}

/// What readers of JSON, forms, addresses and parts of a request say.
const PARSERS: &[&str] = &[
    "invalid type: ",
    "invalid value: ",
    "invalid length ",
    "found in string",
    "from empty string",
    "target type",
    "missing field `",
    "unknown field `",
    "unknown variant `",
    "duplicate field `",
    "EOF while",
    " at line ",
    "trailing characters",
    "deserialize error",
    "Content-Type",
    "Content-Disposition",
    "Multipart",
];

/// Whether a sentence lets a parser speak. Who writes a profile or a mapping in TOML by hand is shown the place as its
/// reader shows it, with the line.
fn is_of_a_parser(sentence: &str) -> bool {
    !sentence.contains("TOML") && PARSERS.iter().any(|words| sentence.contains(words))
}

/// The sentences of a problem document.
fn of_document(problem: &Value) -> Vec<String> {
    let reasons = problem["reasons"].as_array().into_iter().flatten();
    let of_reasons = reasons.flat_map(|reason| [&reason["detail"], &reason["advice"]]);
    let all = [&problem["title"], &problem["detail"]].into_iter().chain(of_reasons);
    all.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// What a page says above a form that came back and beside its fields; all of a page that is a refusal.
fn of_page(page: &Page) -> Vec<String> {
    if page.all("main form").is_empty() {
        return page.texts("main h1, main [data-kind=problem]");
    }
    page.texts("main [data-kind=problem][data-focus], main [id^='f-'][id$='-error']")
}

/// What a request sent, as it was typed: the fields of a form without their encoding, a document as it is.
fn typed(body: &[u8]) -> String {
    let values = url::form_urlencoded::parse(body).map(|(_, value)| value.into_owned());
    values.chain([String::from_utf8_lossy(body).into_owned()]).collect::<Vec<_>>().join("\n")
}

/// The parts of a sentence that are written in Chinese characters.
fn han(sentence: &str) -> impl Iterator<Item = &str> {
    sentence.split(|c: char| !is_han(c)).filter(|run| !run.is_empty())
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

#[test]
fn a_sentence_in_the_other_language_is_noticed() {
    let names = Names(vec!["检验员乙".to_owned()]);
    let wrong = |sentence: &str, asked: Language| names.wrong(&[sentence.to_owned()], asked, b"name=%E9%93%85+x");
    let english = |sentence: &str| wrong(sentence, Language::English);

    assert_eq!(english("Lead is assigned to somebody else."), None);
    assert_eq!(english("检验员乙 has no authorization for GB 5009.12."), None, "a person of the laboratory");
    assert_eq!(english("The catalogue has no “铅”."), None, "the request sent it");
    assert_eq!(
        english("镉 is assigned to somebody else.").as_deref(),
        Some("not said in en: 镉 is assigned to somebody else.")
    );
    assert!(english("GB 5009.12-2023 第一法 is not the edition in force.").is_some());
    assert!(english("检验员丙 has no authorization.").is_some(), "nobody of the laboratory");

    assert_eq!(wrong("此项须为 date。", Language::Chinese), None);
    assert!(wrong("This must be a date.", Language::Chinese).is_some());
    assert!(wrong("查询参数无法识别：invalid digit found in string", Language::Chinese).is_some());
    assert!(wrong("无法读取：invalid type: integer `5`, expected a string", Language::Chinese).is_some());
    assert_eq!(wrong("对应关系有误：TOML parse error at line 1, column 4", Language::Chinese), None);
}

#[test]
fn title_sentences_and_fields_are_looked_at() {
    let document = serde_json::json!({"title": "a", "detail": "b c", "reasons": [
        {"code": "x", "field": "f", "detail": "b", "advice": null}, {"code": "y", "field": null, "detail": "c", "advice": "d"},
    ]});
    assert_eq!(of_document(&document), ["a", "b c", "b", "c", "d"]);

    let form = "<main><h1>镉</h1><form><div data-kind=problem data-focus><ul><li>above</li></ul></div>\
                <p id=f-name-error>beside</p></form><div data-kind=problem>铅</div></main>";
    assert_eq!(of_page(&Page::parse(form)), ["above", "beside"]);
    let refusal = "<main><h1>Not allowed</h1><div data-kind=problem>why</div></main>";
    assert_eq!(of_page(&Page::parse(refusal)), ["Not allowed", "why"]);
}
