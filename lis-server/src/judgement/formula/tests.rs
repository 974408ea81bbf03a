use super::*;
use proptest::prelude::*;

fn evaluate(formula: &str, inputs: &[(&str, &str)]) -> Result<String, FormulaError> {
    let inputs = inputs.iter().map(|(name, value)| ((*name).to_owned(), Decimal::parse(value).unwrap())).collect();
    Formula::parse(formula)?.evaluate_decimals(&inputs).map(|value| plain(&value))
}

fn check(formula: &str, expected: &str) {
    assert_eq!(evaluate(formula, &[("a", "7"), ("b", "2"), ("空白", "0.5")]).unwrap(), expected, "{formula}");
}

#[test]
fn the_grammar() {
    check("1 + 2 * 3", "7");
    check("(1 + 2) * 3", "9");
    check("10 - 3 - 2", "5");
    check("100 / 10 / 5", "2");
    check(" a/b ", "3.5");
    check("-a + b", "-5");
    check("a - -b", "9");
    check("--a", "7");
    check("2 * -b", "-4");
    check("-b^2", "-4");
    check("(-b)^2", "4");
    check("b^-1", "0.5");
    check("b^(1+2)", "8");
    check("10^-3", "0.001");
    check("mean(1, 2, 4)", "2.33333333333");
    check("min(a, b) + max(a, b, 9)", "11");
    check("abs(b - a)", "5");
    check("if(a > b, 1, 2)", "1");
    check("if (a<=b, 1/0, 2)", "2");
    check("if(a = 7, 1, 2) + if(a == 7, 1, 2) + if(a != 7, 1, 2)", "4");
    check("a*空白", "3.5");
    check("1/3*3", "1");
    check("0.1+0.2", "0.3");
}

#[test]
fn mistakes_are_named() {
    let message = |formula: &str| evaluate(formula, &[("a", "0")]).unwrap_err().to_string();
    assert_eq!(message("a + x*y"), "the formula uses x, y, for which no value is given");
    assert_eq!(message("1/(a*2)"), "division by zero: (a*2) is zero");
    assert_eq!(message("a^-1"), "division by zero: a is zero");
    assert_eq!(message("2^0.5"), "the exponent 0.5 is not a whole number between -64 and 64");
    assert!(message("(a+1").contains("closing bracket"));
    assert!(message("a+1)").contains("from character 4: \")\"; an opening bracket"));
    assert!(message("2^3^4").contains("write a^(b^c)"));
    assert!(message("2 a").contains("from character 3"));
    for wrong in [
        "",
        "a+",
        "*a",
        "1.2.3",
        "1,5",
        "min()",
        "abs(1,2)",
        "if(a,1,2)",
        "sin(a)",
        "min",
        "a b",
        "2x",
        "1e5",
        "()",
        "a§",
    ] {
        assert!(matches!(evaluate(wrong, &[("a", "1")]), Err(FormulaError::Syntax { .. })), "{wrong}");
    }
}

#[test]
fn hostile_formulas_cost_nothing() {
    assert!(matches!(Formula::parse(&"1+".repeat(600)), Err(FormulaError::TooLong(_))));
    assert!(matches!(Formula::parse(&"(".repeat(500)), Err(FormulaError::TooDeep(_))));
    assert!(matches!(evaluate("((9^64)^64)^64", &[]), Err(FormulaError::TooLarge(_))));
    assert!(matches!(evaluate("2^1000000000000", &[]), Err(FormulaError::Exponent(_))));
    assert_eq!(evaluate(&format!("1{}", "+1".repeat(499)), &[]).unwrap(), "500");
    assert_eq!(evaluate(&format!("{}1{}", "(".repeat(40), ")".repeat(40)), &[]).unwrap(), "1");
}

#[test]
fn a_stored_example_is_a_test() {
    let formula = Formula::parse("(rho-rho0)*V/(m*1000)").unwrap();
    let inputs = [("rho", "5.62"), ("rho0", "0.12"), ("V", "10"), ("m", "0.5023")];
    let inputs: BTreeMap<_, _> = inputs.map(|(name, value)| (name.to_owned(), Decimal::parse(value).unwrap())).into();
    // 5.5 * 10 / 502.3 = 55 / 502.3 = 0.10949631694206...
    let example = FormulaExample { inputs, expected: "0.109496316942".into() };
    formula.prove(&example).unwrap();
    let changed = Formula::parse("(rho-rho0)*V/(m*100)").unwrap();
    assert!(matches!(changed.prove(&example), Err(FormulaError::Example { .. })));
    assert_eq!(formula.names().into_iter().collect::<Vec<_>>(), ["V", "m", "rho", "rho0"]);
    assert_eq!(serde_json::to_string(&formula).unwrap(), "\"(rho-rho0)*V/(m*1000)\"");
}

/// What is wrong with the units of a formula; empty: nothing.
fn units(formula: &str, inputs: &[(&str, &str)], result: &str) -> String {
    with_numbers(formula, inputs, &[], result)
}

fn with_numbers(formula: &str, inputs: &[(&str, &str)], numbers: &[(&str, &str)], result: &str) -> String {
    let inputs = inputs.iter().map(|(name, unit)| ((*name).to_owned(), (*unit).to_owned())).collect();
    let numbers: Vec<(Decimal, String)> =
        numbers.iter().map(|(number, unit)| (Decimal::parse(number).unwrap(), (*unit).to_owned())).collect();
    let checked = Formula::parse(formula).unwrap().check_units(&inputs, &numbers, result);
    checked.map_or_else(|error| error.to_string(), |()| String::new())
}

#[test]
fn units_are_followed_through_the_formula() {
    let inputs = [("rho", "µg/L"), ("rho0", "µg/L"), ("V", "mL"), ("m", "g")];
    for (formula, result) in [
        ("(rho-rho0)*V/(m*1000)", "mg/kg"),
        ("(rho-rho0)*V/m", "µg/kg"),
        ("mean(m, m)*1000", "mg"),
        ("if(rho < 0.5, 0, rho*V/m)", "µg/kg"),
        ("V^2/V", "mL"),
        ("V*V^-1", "ratio"),
        ("V*10^2/100", "mL"),
    ] {
        assert_eq!(units(formula, &inputs, result), "", "{formula}");
    }
    assert!(units("(rho-rho0)*V/m", &inputs, "mg/kg").contains("1000 times"), "the thousand was forgotten");
    assert!(units("mean(m, m)", &inputs, "mg").contains("0.001 times"));
    assert!(units("(rho-rho0)*V", &inputs, "mg/kg").contains("the result should be in mg/kg"));
    assert!(units("(rho-V)/m", &inputs, "mg/kg").contains("cannot be added"));
    assert!(units("rho*V/x", &inputs, "mg/kg").contains("no unit is given for x"));
    assert!(units("m1+m2", &[("m1", "g"), ("m2", "mg")], "g").contains("cannot be added"), "another scale");
    assert_eq!(units("m1*1000+m2", &[("m1", "g"), ("m2", "mg")], "mg"), "");
    assert!(!units("V^m", &inputs, "mL").is_empty());
    assert!(units("V", &[("V", "spoons")], "mL").contains("spoons"));
}

#[test]
fn shares_of_mass_and_of_volume_do_not_mix() {
    let inputs = [("w", "g/100g"), ("abv", "%vol"), ("p", "%"), ("m", "g"), ("v", "mL"), ("d", "g/mL"), ("n", "ratio")];
    for (formula, result) in [
        ("w", "mL/100mL"),
        ("abv", "%"),
        ("w*2/2", "%vol"),
        ("m/m*100", "%vol"),
        ("v*100/v", "g/100g"),
        ("if(w > 1, w, 2)", "%vol"),
        ("n*w", "%vol"),
    ] {
        let refused = units(formula, &inputs, result);
        assert!(refused.contains("share of"), "{formula} in {result}: {refused}");
    }
    for formula in ["p+abv", "mean(w, abv)", "m/m*100+abv", "n*100+p+abv", "if(p < abv, p, p)"] {
        assert!(units(formula, &inputs, "%").contains("cannot be added"), "{formula}");
    }
    for (formula, result) in [
        ("w+p", "%"),
        ("w*10", "g/kg"),
        ("m/m*100", "g/100g"),
        ("v*100/v", "%vol"),
        ("w*p/p", "g/100g"),
        // Dilution: volume against volume, mass against mass.
        ("w*v/v", "g/100g"),
        ("abv*m/m", "%vol"),
        ("m*v/m/v*100", "g/100g"),
        // By a density the one becomes the other.
        ("abv*0.789/d", "g/100g"),
    ] {
        assert_eq!(with_numbers(formula, &inputs, &[("0.789", "g/mL")], result), "", "{formula} in {result}");
    }
}

/// Acid value: mL x mol/L x g/mol / g is mg/g. The 56.1 is the molar mass of potassium hydroxide and converts nothing.
#[test]
fn a_number_that_has_a_unit_is_no_conversion() {
    let inputs = [("v", "mL"), ("v0", "mL"), ("c", "mol/L"), ("m", "g")];
    assert_eq!(with_numbers("(v-v0)*c*56.1/m", &inputs, &[("56.10", "g/mol")], "mg/g"), "");
    assert!(units("(v-v0)*c*56.1/m", &inputs, "mg/g").contains("the result should be in mg/g"));
    // Peroxide value: 0.1269 g/mmol of iodine, and 100 for g/100g.
    assert_eq!(with_numbers("(v-v0)*c*0.1269*100/m", &inputs, &[("0.1269", "g/mmol")], "g/100g"), "");
    assert!(with_numbers("(v-v0)*c*0.1269/m", &inputs, &[("0.1269", "g/mmol")], "g/100g").contains("0.01 times"));
}

proptest! {
    #[test]
    fn reading_never_panics(text in "[-+*/^()<>=!,. a-c0-9mean]{0,40}") {
        let inputs = ["a", "b", "c"].map(|name| (name.to_owned(), Decimal::from(3))).into();
        if let Ok(formula) = Formula::parse(&text) {
            let _ = formula.evaluate_decimals(&inputs);
        }
    }

    #[test]
    fn sums_and_products_are_exact(a in any::<i32>(), b in any::<i32>(), c in 1i32..) {
        let inputs = [("a", a), ("b", b), ("c", c)].map(|(name, value)| (name.to_owned(), Decimal::from(i64::from(value)))).into();
        let back = Formula::parse("(a + b) / c * c - b").unwrap().evaluate_decimals(&inputs).unwrap();
        prop_assert_eq!(back, super::super::number::whole(a.into()));
    }
}
