//! Every row of the shared judgement vectors, asked through the evaluator.
//!
//! The vectors are texts for people. Each topic has a reader that turns a row into questions and compares what the row
//! expects, so that a row nobody understands fails instead of passing unread.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::calc::{LimitAnswer, LimitQuery, Reference, answer};
use super::number::fixed;
use crate::domain::calendar::WorkingCalendar;
use crate::domain::decimal::Decimal;

mod quality;

struct Nothing(WorkingCalendar);

impl Reference for Nothing {
    fn calendar(&self) -> &WorkingCalendar {
        &self.0
    }
    fn limits(&self, _: &LimitQuery) -> Result<LimitAnswer, String> {
        Err("no catalogue".into())
    }
}

fn ask(question: Value) -> Value {
    let text = answer(&question.to_string(), &Nothing(WorkingCalendar::default()));
    let found: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(found.get("error"), None, "{question}");
    found
}

struct Row {
    id: String,
    input: String,
    expected: String,
    /// `key=value` pairs of the input, separated by `;`.
    pairs: BTreeMap<String, String>,
}

impl Row {
    fn get(&self, key: &str) -> &str {
        self.pairs.get(key).unwrap_or_else(|| panic!("{}: no {key} in {}", self.id, self.input))
    }

    /// The n-th number in the input.
    fn number(&self, n: usize) -> &str {
        numbers(&self.input)[n]
    }

    fn expects(&self, found: &str) {
        assert_eq!(self.expected, found, "{}: {}", self.id, self.input);
    }
}

/// Numbers in a text, as written; a hyphen is a minus only before a digit.
fn numbers(text: &str) -> Vec<&str> {
    text.split(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-'))
        .map(|word| word.trim_matches('.').trim_end_matches('-'))
        .filter(|word| word.trim_start_matches('-').starts_with(|c: char| c.is_ascii_digit()))
        .collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

/// A value at the decimals of the expected text.
fn at_decimals_of(value: &str, expected: &str) -> String {
    let expected = Decimal::parse(expected).unwrap();
    fixed(&Decimal::parse(value).unwrap().to_ratio(), expected.decimals())
}

#[test]
fn judgement_vectors() {
    let file = shared("judgement_vectors.csv");
    if !file.exists() {
        eprintln!("SKIPPED judgement_vectors: {} is absent", file.display());
        return;
    }
    let mut rows = 0;
    for row in csv::Reader::from_path(&file).unwrap().records() {
        let row = row.unwrap();
        let pairs = row[2]
            .split(';')
            .filter_map(|part| part.split_once('='))
            .map(|(key, value)| (key.trim().into(), value.trim().into()));
        let vector = Row { id: row[0].into(), input: row[2].into(), expected: row[4].into(), pairs: pairs.collect() };
        match &row[1] {
            "rounding" => vector.expects(text(
                &ask(json!({"op":"round","x":vector.get("x"),"interval":vector.get("interval")}))["value"],
            )),
            "rounding_sig" => {
                let figures: u32 = vector.get("significant").parse().unwrap();
                vector.expects(text(&ask(json!({"op":"round","x":vector.get("x"),"significant":figures}))["value"]));
            }
            "rounding_reported" => rounding_reported(&vector),
            "rounding_micro" => vector.expects(text(&ask(json!({"op":"plate_count","n":vector.number(0)}))["value"])),
            "comparison" => comparison(&vector),
            "display_guard" => display_guard(&vector),
            "non_detect" => non_detect(&vector),
            "unit" => unit(&vector),
            "basis" => basis(&vector),
            "sum" => sum(&vector),
            "ratio_sum" => ratio_sum(&vector),
            "micro_3class" | "micro_2class" => quality::micro(&vector),
            "micro_single" => {
                let limit = json!({"kind":"max","value":vector.number(1)});
                vector.expects(text(&ask(json!({"op":"judge","value":vector.number(0),"limit":limit}))["verdict"]));
            }
            "micro_calc" => quality::plates(&vector),
            "decision_rule" => quality::decision(&vector),
            "calc" => quality::formula(&vector),
            "duplicate" => quality::duplicate(&vector),
            "recovery" => quality::recovery(&vector),
            "crm" => quality::crm(&vector),
            "calibration" => quality::calibration(&vector),
            topic => panic!("unknown topic {topic}"),
        }
        rows += 1;
    }
    assert_eq!(rows, 137);
}

/// `x=15.4546; reported at interval 0.1; then interval 1` → `reported 15.5(-); final 15`
fn rounding_reported(vector: &Row) {
    let intervals: Vec<&str> =
        vector.input.split("interval ").skip(1).map(|rest| rest.split(';').next().unwrap()).collect();
    let at = |interval: &str| ask(json!({"op":"round","x":vector.get("x"),"interval":interval,"marks":true}));
    let reported = at(intervals[0]);
    let mark = match text(&reported["mark"]) {
        "" => String::new(),
        mark => format!("({mark})"),
    };
    let last = at(intervals[1]);
    vector.expects(&format!("reported {}{mark}; final {}", text(&reported["value"]), text(&last["value"])));
}

/// `x=0.2049 mg/kg Pb; limit <=0.2` → `full FAIL; rounded value 0.2 PASS`
fn comparison(vector: &Row) {
    let (value, border) = vector.input.rsplit_once("limit ").unwrap();
    let x = numbers(value)[0];
    let (kind, border, exclusive) = if let Some(border) = border.strip_prefix("<=") {
        ("max", border.to_owned(), false)
    } else if let Some(border) = border.strip_prefix(">=") {
        ("min", border.to_owned(), false)
    } else if let Some(border) = border.strip_prefix('<') {
        ("max", border.to_owned(), true)
    } else {
        ("range", border.replace("..", "~"), false)
    };
    let judge = |comparison: &str| {
        let limit = json!({"kind":kind,"value":border,"exclusive":exclusive});
        ask(json!({"op":"judge","value":x,"limit":limit,"comparison":comparison}))
    };
    let (full, rounded) = (judge("full"), judge("rounded"));
    assert_eq!(rounded["compared"], rounded["reported"]);
    let found = format!(
        "full {}; rounded value {} {}",
        text(&full["verdict"]),
        text(&rounded["compared"]),
        text(&rounded["verdict"])
    );
    vector.expects(&found);
}

/// `judge FAIL; plain display 0.10 would read as equal to the limit; show 0.104 (or 0.10(+))`
fn display_guard(vector: &Row) {
    let kind = if vector.input.contains(">=") { "min" } else { "max" };
    let border = numbers(vector.input.split_once("limit ").unwrap().1)[0];
    let limit = json!({"kind":kind,"value":border});
    let found = ask(json!({"op":"judge","value":vector.number(0),"limit":limit,"significant":2}));
    assert_eq!(format!("judge {}", text(&found["verdict"])), vector.expected.split(';').next().unwrap());
    let shown = vector.expected.rsplit_once("show ").unwrap().1.split(' ').next().unwrap();
    assert_eq!(text(&found["reported"]), shown, "{}", vector.id);
}

/// `result=ND; LOD=0.005; LOQ=0.01; kind=max; limit=0.02`
fn non_detect(vector: &Row) {
    let limit = json!({"kind":vector.get("kind"),"value":vector.get("limit")});
    let (lod, loq) = (vector.get("LOD"), vector.get("LOQ"));
    let found = ask(json!({"op":"judge","value":vector.get("result"),"limit":limit,"lod":lod,"loq":loq}));
    vector.expects(text(&found["verdict"]));
}

/// `0.25 mg/kg to µg/kg`, `peroxide value 0.25 g/100g to mmol/kg (x 39.4)`
fn unit(vector: &Row) {
    let input = vector.input.trim_start_matches("peroxide value ");
    let (from, to) = input.split_once(" to ").unwrap();
    let (value, from) = from.split_once(' ').unwrap();
    let from = from.trim_end_matches(" (mass)");
    let mut question = json!({"op":"convert","value":value,"from":from,"to":to});
    if let Some((to, factor)) = to.split_once(" (x ") {
        question["to"] = to.into();
        question["factor"] = factor.trim_end_matches(')').into();
    }
    vector.expects(text(&ask(question)["value"]));
}

fn basis(vector: &Row) {
    let n = numbers(&vector.input);
    let judge = |value: &str, limit: &str, times: &str| {
        ask(json!({"op":"judge","value":value,"limit":{"kind":"max","value":limit,"times":times}}))
    };
    let converted = |question: Value| text(&ask(question)["value"]).to_owned();
    let (value, verdict) = match vector.id.as_str() {
        "U09" => {
            let dry = converted(json!({"op":"basis","value":n[0],"to":"dry","moisture":n[1]}));
            let verdict = judge(&dry, n[3], "1")["verdict"].clone();
            (dry, verdict)
        }
        "U10" | "U11" => {
            let spirit = converted(json!({"op":"basis","value":n[0],"to":"alcohol100","abv":n[1]}));
            let verdict = judge(&spirit, n[2], "1")["verdict"].clone();
            (spirit, verdict)
        }
        "U12" => {
            let found = judge(n[0], n[1], n[2]);
            (text(&found["limit"]).to_owned(), found["verdict"].clone())
        }
        "U13" => {
            let found = judge(n[0], n[1], "1/8");
            (text(&found["limit"]).to_owned(), found["verdict"].clone())
        }
        other => panic!("unknown vector {other}"),
    };
    let expected = numbers(&vector.expected)[0];
    assert_eq!(at_decimals_of(&value, expected), expected, "{}", vector.id);
    assert!(vector.expected.ends_with(text(&verdict)), "{}: {verdict}", vector.id);
}

fn sum(vector: &Row) {
    let n = numbers(&vector.input);
    let factor = "221.26/237.25";
    let question = match vector.id.as_str() {
        "S01" | "S02" => {
            let words: Vec<&str> = vector.input.split(['/', ' ', ';']).filter(|word| word.starts_with("0.")).collect();
            json!({"op":"sum","parts":[{"value":words[0]},{"value":words[1],"factor":factor}],"limit":words[2]})
        }
        "S03" => json!({"op":"sum","parts":[{"value":n[0]},{"value":n[1]}],"limit":n[2]}),
        "S04" => {
            let list = vector.input.split("= ").nth(1).unwrap().split(' ').next().unwrap();
            let parts: Vec<Value> = list.split(',').map(|value| json!({"value":value,"lod":"0.5"})).collect();
            let found = ask(json!({"op":"sum","parts":parts,"limit":"20"}));
            assert_eq!(at_decimals_of(text(&found["upper"]), "18.0"), "18.0");
            json!({"op":"sum","parts":parts,"limit":"20"})
        }
        "S05" | "S06" => return species(vector),
        other => panic!("unknown vector {other}"),
    };
    let found = ask(question);
    let expected = numbers(&vector.expected)[0];
    assert_eq!(at_decimals_of(text(&found["lower"]), expected), expected, "{}", vector.id);
    assert!(vector.expected.ends_with(text(&found["verdict"])), "{}: {found}", vector.id);
}

fn species(vector: &Row) {
    let n = numbers(&vector.input);
    let mut question = json!({"op":"species","total":n[0],"limit":n[n.len() - 1]});
    if vector.id == "S05" {
        assert_eq!(ask(question), json!({"verdict":"PASS","judged_on":"total"}));
        return;
    }
    assert_eq!(ask(question.clone())["verdict"], "INCOMPLETE");
    question["species"] = n[1].into();
    assert_eq!(ask(question), json!({"verdict":"PASS","judged_on":"species"}));
    vector.expects("PASS on inorganic As 0.12");
}

/// `benzoic 0.6 (max 1.0); sorbic 0.5 (max 1.0) g/kg` → `1.1000 (11/10); FAIL`
fn ratio_sum(vector: &Row) {
    let part = |part: &str| {
        let n = numbers(part);
        match (part.contains("ND"), part.contains("not permitted")) {
            (true, _) => json!({"value":"ND"}),
            (_, true) => json!({"value":n[0],"permitted":false}),
            _ => json!({"value":n[0],"max":n[1]}),
        }
    };
    let found = ask(json!({"op":"ratio","parts":vector.input.split("; ").map(part).collect::<Vec<_>>()}));
    if vector.id == "S12" {
        let items = (text(&found["items"][0]), text(&found["items"][1]));
        let (verdict, overall) = (text(&found["verdict"]), text(&found["overall"]));
        assert_eq!(found["sum"], "0.3000");
        vector
            .expects(&format!("sorbic {}; benzoic {}; ratio item 0.3 {verdict}; overall {overall}", items.0, items.1));
    } else {
        vector.expects(&format!("{} ({}); {}", text(&found["sum"]), text(&found["fraction"]), text(&found["verdict"])));
    }
}

fn shared(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/domain").join(file)
}
