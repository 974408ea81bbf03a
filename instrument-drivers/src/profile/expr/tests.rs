//! What expressions make of a row.

use super::*;

struct Fixed(Vec<&'static str>);

impl Scope for Fixed {
    fn get(&self, id: usize) -> &str {
        self.0[id]
    }
    fn lookup(&self, table: &str, key: &str) -> Option<&str> {
        (table == "layout" && key == "A1").then_some("STD1")
    }
    fn numbers(&self) -> &NumberRules {
        unreachable!("no condition is asked here")
    }
}

#[derive(Deserialize)]
struct Holder {
    e: ExprToml,
}

fn check(toml_text: &str, values: Vec<&'static str>, expected: &str) {
    let holder: Holder = toml::from_str(toml_text).unwrap();
    let mut references = References::default();
    let expr = holder.e.compile("e", &mut references).unwrap();
    assert_eq!(expr.text(&Fixed(values)), expected, "{toml_text}");
}

#[test]
fn expressions() {
    check(r#"e = "{Well} {Sample}""#, vec!["A1", " x "], "A1 x");
    check(r#"e = ["{A}", "{B}"]"#, vec!["", "b"], "b");
    check(r#"e = { from = "{File}", pattern = '([^\\]+)$' }"#, vec![r"C:\data\run7.qgd"], "run7.qgd");
    check(r#"e = { from = "{T}", map = { "Cal" = "standard" }, default = "sample" }"#, vec!["Cal"], "standard");
    check(r#"e = { from = "{T}", map = { "Cal" = "standard" }, default = "sample" }"#, vec!["x"], "sample");
    check(r#"e = { from = "{T}", when = [{ matches = "^BLK", then = "blank" }] }"#, vec!["BLK3"], "blank");
    check(r#"e = { from = "{N}", pattern = '^(\d+)-(\d+)', to = "F$2/$1" }"#, vec!["26-7 x"], "F7/26");
    check(r#"e = { from = "{H}", when = [{ matches = "^A", then = "{El} I" }] }"#, vec!["A道", "As"], "As I");
    check(r#"e = { from = "{H}", map = { "x" = "y" }, default = "{Other}" }"#, vec!["", "z"], "z");
    check(r#"e = { from = ["{A}", "{B}"], map = { "b" = "x" }, default = "y" }"#, vec!["", "b"], "x");
    check(r#"e = { from = "{W}", lookup = "layout" }"#, vec!["A1"], "STD1");
    check(r#"e = "absorbance""#, vec![], "absorbance");
}

#[test]
fn mistakes_are_named() {
    let mut references = References::default();
    let error = ExprToml::Text("{Sample".into()).compile("table.sample", &mut references).unwrap_err();
    assert!(error.contains("table.sample"), "{error}");
    let open: Holder = toml::from_str(r#"e = { from = "{A}", map = { "x" = "{B" } }"#).unwrap();
    let error = open.e.compile("table.unit", &mut references).unwrap_err();
    assert!(error.contains("table.unit.map"), "{error}");
    let error = toml::from_str::<Holder>("e = 5").err().unwrap().to_string();
    assert!(error.contains("an expression"), "{error}");
}

#[test]
fn what_a_pattern_does_not_fit_is_known() {
    let cut = r#"e = { from = "{A}", pattern = '^([\d.]+) mg' }"#;
    let either = r#"e = [{ from = "{A}", pattern = '^([\d.]+) mg' }, { from = "{B}", pattern = '^<' }]"#;
    let dosed = r#"e = { from = "{A} mg of {@stem}", pattern = '^(\d+) mg' }"#;
    let searched = r#"e = { from = "{@line}", pattern = '(\d+) mg' }"#;
    for (text, values, expected) in [
        (cut, vec!["0.5 mg"], None),
        (cut, vec![" <0.01 mg "], Some("<0.01 mg")),
        (cut, vec![" "], None),
        (either, vec!["ND", ""], Some("ND")),
        (either, vec!["", "ND"], Some("ND")),
        (dosed, vec!["x", "run7"], Some("x mg of run7")),
        // Nothing stands in the cell; the rest of the template always does.
        (dosed, vec!["", "run7"], None),
        (searched, vec!["Page 3"], None),
        (r#"e = "{A}""#, vec![""], None),
    ] {
        let holder: Holder = toml::from_str(text).unwrap();
        let expr = holder.e.compile("e", &mut References::default()).unwrap();
        assert_eq!(expr.misfit(&Fixed(values)).as_deref(), expected, "{text}");
    }
}
