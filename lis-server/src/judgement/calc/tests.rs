use serde_json::{Value, json};

use super::*;
use crate::domain::calendar::{CalendarException, DayKind};

/// One holiday in 2026 and one limit row.
struct Small(WorkingCalendar);

impl Small {
    fn new() -> Self {
        let holiday = CalendarException { date: "2026-02-16".parse().unwrap(), kind: DayKind::Off };
        Self(WorkingCalendar::new([holiday]).unwrap())
    }
}

impl Reference for Small {
    fn calendar(&self) -> &WorkingCalendar {
        &self.0
    }

    fn limits(&self, query: &LimitQuery) -> Result<LimitAnswer, String> {
        if query.food_category != "叶菜蔬菜" {
            return Err(format!("the food category \"{}\" is not known", query.food_category));
        }
        let row = LimitRow {
            id: 1,
            standard: "GB 2762-2025".into(),
            food_category: query.food_category.clone(),
            analyte: query.analyte.clone(),
            kind: "max".into(),
            value: Some("0.3".into()),
            exclusive: false,
            unit: Some("mg/kg".into()),
            n: None,
            c: None,
            m: None,
            maximum: None,
            valid_from: Some("2026-09-02".parse().unwrap()),
            valid_to: None,
        };
        Ok(LimitAnswer { rows: vec![row], complete: false })
    }
}

fn ask(question: &str) -> Value {
    serde_json::from_str(&answer(question, &Small::new())).unwrap()
}

/// The answer has at least these fields with these values.
fn check(question: &str, expected: Value) {
    let found = ask(question);
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(&found[field], value, "{field} of {found} for {question}");
    }
}

/// The answer is exactly this.
fn exactly(question: &str, expected: Value) {
    assert_eq!(ask(question), expected, "{question}");
}

/// The examples of the contract, with what they leave open filled in by hand.
#[test]
fn the_contract() {
    exactly(r#"{"op":"round","x":"12.1498","interval":"0.1"}"#, json!({"value":"12.1","mark":""}));
    exactly(r#"{"op":"round","x":"0.1095","significant":2}"#, json!({"value":"0.11","mark":""}));
    exactly(r#"{"op":"round","x":"16.5203","interval":"0.1","marks":true}"#, json!({"value":"16.5","mark":"+"}));
    exactly(r#"{"op":"round","x":"16.5203","interval":"0.1"}"#, json!({"value":"16.5","mark":""}));
    exactly(r#"{"op":"round","x":"-0.004","interval":"0.01"}"#, json!({"value":"0","mark":""}));
    exactly(r#"{"op":"plate_count","n":"24727"}"#, json!({"value":"25000"}));
    check(
        r#"{"op":"plates","counts":[{"dilution":"0.01","plates":["232","244"]},{"dilution":"0.001","plates":["33","TNTC"]}]}"#,
        json!({"n":"24238.0952381","value":"24000","case":"two_dilutions"}),
    );
    check(
        r#"{"op":"plates","counts":[{"dilution":"0.1","plates":["0","0"]}]}"#,
        json!({"value":"<10","case":"no_growth"}),
    );
    exactly(
        r#"{"op":"judge","value":"0.2049","unit":"mg/kg","limit":{"kind":"max","value":"0.2","unit":"mg/kg"},"comparison":"full","lod":"0.02","loq":"0.04","significant":2}"#,
        json!({"verdict":"FAIL","reported":"0.205","compared":"0.2049","limit":"0.2","reason":"0.2049 is outside the limit 0.2"}),
    );
    exactly(
        r#"{"op":"micro","n":5,"c":2,"m":"10000","M":"100000","units":["900","<10","800","9500","10000"]}"#,
        json!({"verdict":"PASS","over_m":0,"over_M":0}),
    );
    exactly(
        r#"{"op":"ratio","parts":[{"value":"0.6","max":"1.0"},{"value":"0.2","permitted":false}]}"#,
        json!({"sum":"0.6000","fraction":"3/5","verdict":"PASS","items":["PASS","FAIL"],"overall":"FAIL","reportable":false}),
    );
    exactly(
        r#"{"op":"sum","parts":[{"value":"ND","lod":"0.5"},{"value":"1.2","factor":"221.26/237.25"}],"limit":"20"}"#,
        json!({"lower":"1.11912328767","upper":"1.61912328767","verdict":"PASS"}),
    );
    exactly(
        r#"{"op":"species","total":"0.26","species":"0.12","limit":"0.2"}"#,
        json!({"verdict":"PASS","judged_on":"species"}),
    );
    check(r#"{"op":"species","total":"0.26","limit":"0.2"}"#, json!({"verdict":"INCOMPLETE"}));
    exactly(r#"{"op":"basis","value":"92.0","to":"dry","moisture":"28.4"}"#, json!({"value":"128.491620112"}));
    exactly(r#"{"op":"basis","value":"0.31","to":"alcohol100","abv":"50.0"}"#, json!({"value":"0.62"}));
    exactly(r#"{"op":"basis","value":"0.05","to":"fat","fat":"25"}"#, json!({"value":"0.2"}));
    exactly(r#"{"op":"convert","value":"1","from":"mg/kg","to":"g/100g"}"#, json!({"value":"0.0001"}));
    exactly(
        r#"{"op":"convert","value":"0.25","from":"g/100g","to":"mmol/kg","factor":"39.4"}"#,
        json!({"value":"9.85"}),
    );
    exactly(
        r#"{"op":"decide","x":"0.19","U":"0.02","k":"2","limit":"0.2"}"#,
        json!({"simple":"PASS","guarded":"CONDITIONAL_PASS","p_over":"0.1587"}),
    );
    exactly(
        r#"{"op":"duplicate","x1":"0.112","x2":"0.124","allowed_percent":"20"}"#,
        json!({"mean":"0.118","percent":"10.17","verdict":"ACCEPT"}),
    );
    check(r#"{"op":"duplicate","x1":"0.112","x2":"0.140","allowed_percent":"20"}"#, json!({"verdict":"REPEAT"}));
    exactly(
        r#"{"op":"recovery","native":"0.094","spiked":"0.287","added":"0.200","low":"80","high":"120"}"#,
        json!({"percent":"96.50","verdict":"ACCEPT"}),
    );
    check(
        r#"{"op":"recovery","native":"ND","spiked":"0.1","added":"0.2","low":"80","high":"120"}"#,
        json!({"percent":"50.00","verdict":"REJECT_BATCH"}),
    );
    exactly(
        r#"{"op":"crm","found":"0.57","certified":"0.54","U":"0.04"}"#,
        json!({"difference":"0.03","verdict":"ACCEPT"}),
    );
    check(
        r#"{"op":"curve","x":["0","5"],"y":["0.0012","0.0531"],"weight":"none","degree":1,"min_r":"0.995","read":["0.05","0.06"]}"#,
        json!({"slope":"0.01038","intercept":"0.0012","r":"1","verdict":"ACCEPT","read":[{"x":"4.70134874759"},{"error":"outside range"}]}),
    );
    exactly(
        r#"{"op":"formula","expr":"(rho-rho0)*V/(m*1000)","inputs":{"rho":"5.62","rho0":"0.12","V":"10","m":"0.5023"},"significant":2}"#,
        json!({"value":"0.109496316942","reported":"0.11"}),
    );
    exactly(r#"{"op":"westgard","z":["0.3","2.4"]}"#, json!({"rules":[[],["1-2s"]],"verdict":"WARN"}));
    exactly(
        r#"{"op":"due","start":"2026-02-13","length":1,"unit":"working_day"}"#,
        json!({"due":"2026-02-17","provisional":false}),
    );
    exactly(
        r#"{"op":"due","start":"2026-02-13T20:00:00+08:00","length":24,"unit":"hour"}"#,
        json!({"due":"2026-02-14T20:00:00+08:00","provisional":false}),
    );
    check(
        r#"{"op":"due","start":"2026-11-30","length":3,"unit":"month"}"#,
        json!({"due":"2027-03-01","provisional":true}),
    );
    check(
        r#"{"op":"due","start":"2026-11-30","length":3,"unit":"month","if_rest_day":"keep"}"#,
        json!({"due":"2027-02-28"}),
    );
    exactly(
        r#"{"op":"identifier","kind":"uscc","value":"91131000ma0abcde17"}"#,
        json!({"verdict":"valid","normalized":"91131000MA0ABCDE17","reason":""}),
    );
    check(
        r#"{"op":"identifier","kind":"food_production_licence_sc","value":"SC10613108100013"}"#,
        json!({"verdict":"warning"}),
    );
    check(
        r#"{"op":"limit","food_category":"叶菜蔬菜","analyte":"铅（以Pb计）","produced":"2026-10-01"}"#,
        json!({"complete":false,"rows":[{"id":1,"standard":"GB 2762-2025","food_category":"叶菜蔬菜","analyte":"铅（以Pb计）","kind":"max","value":"0.3","unit":"mg/kg","n":null,"c":null,"m":null,"M":null,"valid_from":"2026-09-02","valid_to":null}]}),
    );
}

#[test]
fn options_of_a_limit_are_read_in_both_places() {
    check(
        r#"{"op":"judge","value":"10","limit":{"kind":"max","value":"10","exclusive":true}}"#,
        json!({"verdict":"FAIL"}),
    );
    check(
        r#"{"op":"judge","value":"10","limit":{"kind":"max","value":"10"},"exclusive":true}"#,
        json!({"verdict":"FAIL"}),
    );
    check(
        r#"{"op":"judge","value":"0.35","limit":{"kind":"max","value":"0.1","times":"4"}}"#,
        json!({"verdict":"PASS","limit":"0.4"}),
    );
    check(
        r#"{"op":"judge","value":"0.0105","limit":{"kind":"max","value":"0.08"},"times":"1/8"}"#,
        json!({"verdict":"FAIL","limit":"0.01"}),
    );
    check(
        r#"{"op":"judge","value":"0.249","limit":{"kind":"max","value":"0.2"},"comparison":"rounded"}"#,
        json!({"verdict":"PASS","reported":"0.2","compared":"0.2"}),
    );
    check(
        r#"{"op":"judge","value":"1.2","limit":{"kind":"absent","value":"ND"},"confirmed":false}"#,
        json!({"verdict":"REVIEW"}),
    );
    check(
        r#"{"op":"judge","value":"1.2","limit":{"kind":"absent","value":"NP"},"carry_over":"excluded"}"#,
        json!({"verdict":"FAIL"}),
    );
    check(r#"{"op":"judge","value":"1.2","limit":null}"#, json!({"verdict":"NO_LIMIT"}));
    check(r#"{"op":"judge","value":"1.2","limit":{"kind":"gmp"}}"#, json!({"verdict":"NO_LIMIT","reported":"1.2"}));
}

#[test]
fn what_is_not_known_may_be_null_and_a_row_of_limits_is_a_limit() {
    check(
        r#"{"op":"judge","value":"1.2","limit":{"kind":"absent","value":"ND"},"confirmed":null,"carry_over":null}"#,
        json!({"verdict":"FAIL"}),
    );
    let rows = ask(r#"{"op":"limit","food_category":"叶菜蔬菜","analyte":"铅（以Pb计）","produced":"2026-10-01"}"#);
    let question = json!({"op":"judge","value":"0.31","unit":"mg/kg","limit":rows["rows"][0]});
    check(&question.to_string(), json!({"verdict":"FAIL","limit":"0.3"}));
    let listed = json!({"kind":"max","value":"0.3","unit":"mg/kg","confidence":"high","M":"","n":"","note":"x"});
    check(&json!({"op":"judge","value":"0.3","unit":"mg/kg","limit":listed}).to_string(), json!({"verdict":"PASS"}));
}

#[test]
fn an_loq_without_lod_and_a_species_without_lod() {
    let ask =
        |loq: &str| format!(r#"{{"op":"judge","value":"ND","limit":{{"kind":"max","value":"0.02"}},"loq":"{loq}"}}"#);
    check(&ask("0.03"), json!({"verdict":"REVIEW","reported":"ND"}));
    let reason = "Not detected, and the LOQ 0.01 is not above the limit 0.02; no LOD is given";
    check(&ask("0.01"), json!({"verdict":"PASS","reason":reason}));
    exactly(
        r#"{"op":"species","total":"0.26","species":"ND","limit":"0.2"}"#,
        json!({"verdict":"PASS","judged_on":"species"}),
    );
    exactly(r#"{"op":"species","total":"ND","limit":"0.2"}"#, json!({"verdict":"PASS","judged_on":"total"}));
}

#[test]
fn a_unit_that_was_detected_or_too_numerous_lies_above_m() {
    let ask = |plan: &str, units: &str| format!(r#"{{"op":"micro",{plan},"units":[{units}]}}"#);
    check(&ask(r#""n":2,"c":0,"m":"0""#, r#""检出","未检出""#), json!({"verdict":"FAIL","over_m":1}));
    let three = r#""n":2,"c":1,"m":"10","M":"100""#;
    check(&ask(three, r#""tntc","<10""#), json!({"verdict":"REVIEW","over_m":0,"over_M":0}));
    check(&ask(three, r#""TNTC","101""#), json!({"verdict":"FAIL","over_M":1}));
    check(&ask(three, r#""TNTC","TNTC""#), json!({"verdict":"FAIL"}));
}

#[test]
fn a_share_below_its_lod_counts_nothing_and_its_name_may_be_one_text() {
    check(
        r#"{"op":"ratio","parts":[{"value":"0.6","max":"1.0","name":"BHA"},{"value":"0.004","max":"1.0","lod":"0.005"}]}"#,
        json!({"sum":"0.6000","verdict":"PASS","reportable":false}),
    );
}

#[test]
fn a_question_repeats_little_of_what_it_was_asked_and_reads_so_many_signals() {
    let long = "x".repeat(10_000);
    for question in [
        json!({"op": long.as_str()}),
        json!({"op":"convert","value":"1","from":long.as_str(),"to":"g"}),
        json!({"op":"formula","expr":"a","inputs":{(long.as_str()):"b"}}),
        json!({"op":"round","x":"1","interval":"1",(long.as_str()):"1"}),
    ] {
        let error = ask(&question.to_string())["error"].as_str().unwrap().chars().count();
        assert!(error < 1_000, "{error}");
    }
    let read = vec!["0.05"; 1_001];
    let question = json!({"op":"curve","x":["0","5"],"y":["0.0012","0.0531"],"read":read});
    assert!(ask(&question.to_string())["error"].as_str().unwrap().contains("at most 1000"));
}

#[test]
fn numbers_leave_in_plain_notation() {
    let limit = r#""limit":{"kind":"max","value":"01.0"}"#;
    check(
        &format!(r#"{{"op":"judge","value":"-0",{limit}}}"#),
        json!({"reported":"0","compared":"0","limit":"1.0","reason":"0 is within the limit 1.0"}),
    );
    check(
        &format!(r#"{{"op":"judge","value":"00.20",{limit}}}"#),
        json!({"verdict":"PASS","reported":"0.20","compared":"0.20"}),
    );
    check(r#"{"op":"judge","value":"-0.00","limit":null}"#, json!({"reported":"0.00","compared":"0.00"}));
}

#[test]
fn a_value_is_converted_to_the_unit_of_every_kind_of_limit() {
    let ask = |kind: &str, unit: &str| {
        let limit = format!(r#"{{"kind":{kind},"unit":"mg/kg"}}"#);
        format!(r#"{{"op":"judge","value":"1200","unit":"{unit}","limit":{limit},"significant":2}}"#)
    };
    for kind in [r#""absent","value":"ND""#, r#""absent","value":"NP""#, r#""gmp""#] {
        check(&ask(kind, "µg/kg"), json!({"reported":"1.2"}));
        let error = super::answer(&ask(kind, "mg/L"), &Small::new());
        assert!(error.contains("different dimensions"), "{kind}: {error}");
    }
}

#[test]
fn an_incomplete_plan_is_incomplete_before_all_else() {
    for plan in [r#""n":2,"c":3,"m":"10""#, r#""n":2,"c":0,"m":"10","M":"1""#, r#""n":2,"c":0,"m":"-1""#] {
        check(&format!(r#"{{"op":"micro",{plan},"units":["1"]}}"#), json!({"verdict":"INCOMPLETE"}));
    }
}

/// Coliforms on VRBA are counted from 15 to 150: of 148 and 152 only the first, where GB 4789.2 takes the mean of both.
#[test]
fn plates_are_counted_in_the_range_that_is_said() {
    let asked =
        |range: &str| format!(r#"{{"op":"plates","counts":[{{"dilution":"0.1","plates":["148","152"]}}]{range}}}"#);
    let answer = |n: &str, value: &str| json!({"n":n,"value":value,"case":"one_dilution"});
    check(&asked(r#","low":15,"high":150"#), answer("1480", "1500"));
    check(&asked(""), answer("1500", "1500"));
    check(&asked(r#","high":150"#), answer("1480", "1500"));
}

#[test]
fn what_cannot_be_read_is_named() {
    for (question, part) in [
        ("", "no question"),
        ("[]", "no question"),
        ("{", "no question"),
        ("{}", "missing field `op`"),
        (r#"{"op":"guess"}"#, "guess: unknown; known are round"),
        (
            r#"{"op":"round","x":12.5,"interval":"0.1"}"#,
            "round: x: the JSON number 12.5 is given; a text in quotation marks is expected",
        ),
        (r#"{"op":"round","x":"1,5","interval":"0.1"}"#, "round: x: \"1,5\" contains a comma"),
        (r#"{"op":"round","x":"1e3","interval":"0.1"}"#, "exponent"),
        (r#"{"op":"round","x":"1"}"#, "give an interval"),
        (r#"{"op":"round","x":"1","interval":"0.1","significant":2}"#, "either"),
        (r#"{"op":"round","x":"1","significant":0}"#, "between 1 and 50"),
        (r#"{"op":"round","x":"1","significant":"2"}"#, "round: significant"),
        (r#"{"op":"round","x":"1","interval":"0"}"#, "not above zero"),
        (r#"{"op":"round","x":"1","x":"2","interval":"1"}"#, "duplicate field `x`"),
        (r#"{"op":"round","x":"1","interval":"1"} {}"#, "no question"),
        (r#"{"op":"round","x":"1","interval":"1","comparision":"full"}"#, "unknown field `comparision`"),
        (r#"{"op":"plates","counts":[{"dilution":"0.1","plates":["1","x"]}]}"#, "counts[0].plates[1]"),
        (
            r#"{"op":"plates","counts":[{"dilution":"0.1","plates":["1"]}],"low":150,"high":15}"#,
            "plates: high: 150 to 15",
        ),
        (r#"{"op":"plates","counts":[{"dilution":"0.1","plates":["1"]}],"low":"15"}"#, "plates: low"),
        (r#"{"op":"judge","value":"1"}"#, "missing field `limit`"),
        (
            r#"{"op":"judge","value":"1","unit":"mg/L","limit":{"kind":"max","value":"1","unit":"mg/kg"}}"#,
            "different dimensions",
        ),
        (r#"{"op":"micro","n":2,"c":0,"m":"10","units":["1","2","3"]}"#, "3 results for a plan of 2"),
        (r#"{"op":"micro","n":-1,"c":0,"m":"10","units":[]}"#, "micro: n"),
        (r#"{"op":"convert","value":"1","from":"g/kg","to":"mmol/kg"}"#, "different dimensions"),
        (r#"{"op":"convert","value":"1","from":"g/kg","to":"mmol/kg","factor":"0"}"#, "factor: it is not above zero"),
        (r#"{"op":"basis","value":"1","to":"dry"}"#, "moisture: it is needed"),
        (r#"{"op":"curve","x":["1"],"y":[]}"#, "0 signals for 1 concentration"),
        (r#"{"op":"formula","expr":"1/0"}"#, "division by zero"),
        (r#"{"op":"due","start":"2026-02-30","length":1,"unit":"day"}"#, "neither a date"),
        (r#"{"op":"due","start":"2026-02-10","length":1,"unit":"hour"}"#, "starts at an instant"),
        (
            r#"{"op":"plates","counts":[{"dilution":"0.01","plates":["TNTC","TNTC"]},{"dilution":"0.001","plates":["0","0"]}]}"#,
            "contradict the dilutions",
        ),
        (r#"{"op":"due","start":"9999-12-31","length":1,"unit":"day"}"#, "beyond the last date"),
        (r#"{"op":"limit","food_category":"?","analyte":"铅","produced":"2026-10-01"}"#, "not known"),
    ] {
        let found = ask(question);
        let error = found["error"].as_str().unwrap_or_else(|| panic!("{question} was answered {found}"));
        assert!(error.contains(part), "{question}: {error}");
    }
}

/// None of these is a content, a count or what a method can see; each of them gave a verdict.
#[test]
fn what_is_below_zero_is_refused_with_its_place() {
    let sum = |parts: &str| format!(r#"{{"op":"sum","parts":[{parts}],"limit":"20"}}"#);
    let units = |unit: &str| format!(r#"{{"op":"micro","n":2,"c":0,"m":"10","units":["1","{unit}"]}}"#);
    let judge = |seen: &str| format!(r#"{{"op":"judge","value":"ND","limit":{{"kind":"max","value":"0.2"}},{seen}}}"#);
    for (question, error) in [
        (sum(r#"{"value":"23"},{"value":"ND","lod":"-5"}"#), "sum: parts[1].lod: -5 is below zero"),
        (sum(r#"{"value":"23"},{"value":"-5"}"#), "sum: parts[1].value: -5 is below zero"),
        (sum(r#"{"value":"<0"}"#), "sum: parts[0].value: <0 is below zero"),
        (units("-5"), "micro: units[1]: -5 is below zero"),
        (units("<-3"), "micro: units[1]: <-3 is below zero"),
        (units("<0"), "micro: units[1]: <0 is below zero"),
        (judge(r#""lod":"-0.1""#), "judge: lod: -0.1 is below zero"),
        (judge(r#""lod":"0.1","loq":"-0.3""#), "judge: loq: -0.3 is below zero"),
        (
            r#"{"op":"ratio","parts":[{"value":"1.2","max":"1"},{"value":"<-5","max":"1"}]}"#.to_owned(),
            "ratio: parts[1].value: <-5 is below zero",
        ),
        (r#"{"op":"species","total":"ND","limit":"0.2","lod":"-1"}"#.to_owned(), "species: lod: -1 is below zero"),
    ] {
        exactly(&question, json!({ "error": error }));
    }
    check(&units("0"), json!({"verdict":"PASS"}));
    check(&sum(r#"{"value":"0"},{"value":"ND","lod":"0"}"#), json!({"lower":"0","upper":"0","verdict":"PASS"}));
    check(r#"{"op":"judge","value":"-0.5","limit":{"kind":"max","value":"0"},"lod":"0"}"#, json!({"verdict":"PASS"}));
}

#[test]
fn a_list_is_no_object() {
    let limit = r#""limit":["max","0.2","mg/kg",false,null,null]"#;
    for (question, place) in [
        (format!(r#"{{"op":"judge","value":"0.1","unit":"mg/kg",{limit}}}"#), "judge: limit: "),
        (r#"{"op":"plates","counts":[["0.01",["232"]]]}"#.to_owned(), "plates: counts[0]: "),
        (r#"{"op":"sum","parts":[{"value":"1"},["1.2"]]}"#.to_owned(), "sum: parts[1]: "),
        (r#"{"op":"ratio","parts":[["0.6","1.0",true]]}"#.to_owned(), "ratio: parts[0]: "),
        (r#"{"op":"formula","expr":"1","inputs":[]}"#.to_owned(), "formula: inputs: "),
        (r#"["plate_count","125"]"#.to_owned(), "the line is no question: "),
    ] {
        exactly(&question, json!({ "error": format!("{place}a list is given; an object is expected") }));
    }
}

#[test]
fn an_input_that_is_given_twice_is_refused() {
    let found = ask(r#"{"op":"formula","expr":"a","inputs":{"a":"1","b":"3","a":"2"}}"#);
    let error = found["error"].as_str().unwrap_or_else(|| panic!("{found}"));
    assert!(error.starts_with("formula: inputs") && error.ends_with("\"a\" is given twice"), "{error}");
}

/// The first character is 1, and 铅 is one.
#[test]
fn broken_json_is_broken_at_a_character() {
    let of = |said: &str| json!({ "error": format!("the line is no question: {said}") });
    exactly(r#"{"op":"round" "x":"1"}"#, of("expected `,` or `}`, at character 15"));
    exactly(r#"{"a":"铅" "x":"1"}"#, of("expected `,` or `}`, at character 10"));
    exactly("{\n\"a\":\"铅\"\n\"x\":\"1\"}", of("expected `,` or `}`, at character 11"));
    exactly("nonsense", of("this is no JSON, at character 2"));
    exactly(r#"{"op":"round""#, of("the JSON ends too early, at character 13"));
    exactly(
        r#"{"op":"plate_count","n":"125"} {}"#,
        of("one question per line: something follows the question, at character 32"),
    );
}

#[test]
fn a_period_that_cannot_be_counted_names_its_field() {
    let due = |rest: &str| ask(&format!(r#"{{"op":"due",{rest}}}"#))["error"].as_str().unwrap_or_default().to_owned();
    let long = due(r#""start":"2026-02-10","length":100001,"unit":"day""#);
    assert!(long.starts_with("due: length: a period of 100001 is too long"), "{long}");
    for said in ["next", "keep"] {
        let start = r#""start":"2026-02-13T20:00:00+08:00","length":24,"unit":"hour""#;
        let hours = due(&format!(r#"{start},"if_rest_day":"{said}""#));
        assert!(hours.starts_with("due: if_rest_day: hours run on over rest days"), "{hours}");
    }
    // Friday, and Monday is a holiday: a working day ends on a working day, whatever is said.
    for said in ["next", "keep"] {
        let start = r#""op":"due","start":"2026-02-13","length":1,"unit":"working_day""#;
        check(&format!(r#"{{{start},"if_rest_day":"{said}"}}"#), json!({"due":"2026-02-17"}));
    }
}

#[test]
fn lines_are_answered_in_order() {
    let input =
        "\u{FEFF}{\"op\":\"plate_count\",\"n\":\"125\"}\r\n\n  \nnonsense\n{\"op\":\"plate_count\",\"n\":\"38.4\"}";
    let mut bytes = input.as_bytes().to_vec();
    bytes.extend(b"\n\xff\xfe\n");
    let mut output = Vec::new();
    answer_lines(bytes.as_slice(), &mut output, &Small::new()).unwrap();
    let lines: Vec<Value> =
        String::from_utf8(output).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 4);
    assert_eq!((&lines[0]["value"], &lines[2]["value"]), (&json!("130"), &json!("38")));
    assert!(lines[1]["error"].is_string() && lines[3]["error"].as_str().unwrap().contains("UTF-8"));
}

/// 1249 rounds to 1200 in hundreds, which would keep the limit; in tens it says 1250, and nothing of tenths.
#[test]
fn hundreds_become_tens_before_they_become_tenths() {
    let judged = |interval: &str| {
        let limit = json!({"kind":"max","value":"1200","unit":"mg/kg"});
        let question = json!({"op":"judge","value":"1249","unit":"mg/kg","limit":limit,"interval":interval});
        ask(&question.to_string())["reported"].clone()
    };
    assert_eq!([judged("100"), judged("1000"), judged("0.5")], ["1250", "1250", "1249.0"]);
}
