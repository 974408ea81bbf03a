use super::*;
use crate::judgement::number::Factor;

fn d(text: &str) -> Decimal {
    Decimal::parse(text).unwrap()
}

fn value(text: &str) -> Measured {
    Measured::new(MeasuredValue::parse(text).unwrap(), Some("mg/kg"))
}

fn limit(kind: &str, value: &str) -> LimitRule {
    LimitRule::new(Bound::parse(kind, Some(value)).unwrap(), Some("mg/kg"))
}

fn sees(lod: &str, loq: &str) -> MethodFacts {
    MethodFacts { lod: Some(d(lod)), loq: Some(d(loq)), digits: None }
}

fn figures(figures: u32) -> MethodFacts {
    MethodFacts { digits: Some(Digits::Significant(figures)), ..MethodFacts::default() }
}

fn check(measured: &Measured, limit: &LimitRule, method: &MethodFacts, verdict: Verdict, reported: &str) {
    let judged = judge(measured, limit, method).unwrap();
    assert_eq!((judged.verdict, judged.reported.as_str()), (verdict, reported), "{judged:#?}");
}

use Verdict::{Block, Fail, NoLimit, Pass, Review};

#[test]
fn full_value_is_the_default_and_any_excess_fails() {
    let none = MethodFacts::default();
    check(&value("0.2"), &limit("max", "0.2"), &none, Pass, "0.2");
    check(&value("0.2000001"), &limit("max", "0.2"), &none, Fail, "0.2000001");
    check(&value("0.39999"), &limit("min", "0.4"), &none, Fail, "0.39999");
    check(&value("33.0"), &limit("range", "18~33"), &none, Pass, "33.0");
    check(&value("17.99"), &limit("range", "18~33"), &none, Fail, "17.99");
}

#[test]
fn the_rounded_value_is_reported_when_it_is_compared() {
    let mut rule = limit("max", "0.2");
    rule.comparison = Comparison::Rounded;
    check(&value("0.249"), &rule, &figures(3), Pass, "0.2");
    check(&value("0.2500001"), &rule, &figures(3), Fail, "0.3");
    rule.exclusive = true;
    check(&value("0.249"), &rule, &figures(3), Fail, "0.2");
    // 0.1 x 1/8 = 0.0125: the digits of the scaled limit count when there are more of them.
    rule = limit("max", "0.1");
    rule.comparison = Comparison::Rounded;
    rule.times = Some(Factor::parse("1/8").unwrap());
    check(&value("0.01254"), &rule, &figures(3), Pass, "0.0125");
    check(&value("0.01256"), &rule, &figures(3), Fail, "0.0126");
    rule.times = Some(Factor::parse("1/3").unwrap());
    assert!(judge(&value("0.01"), &rule, &figures(3)).is_err());
}

#[test]
fn the_display_never_contradicts_the_verdict() {
    check(&value("0.2049"), &limit("max", "0.2"), &figures(2), Fail, "0.205");
    check(&value("0.1043"), &limit("max", "0.1"), &figures(2), Fail, "0.104");
    check(&value("0.3996"), &limit("min", "0.4"), &figures(2), Fail, "0.3996");
    check(&value("0.1996"), &limit("max", "0.2"), &figures(2), Pass, "0.20");
    let mut below = limit("max", "0.2");
    below.exclusive = true;
    check(&value("0.1996"), &below, &figures(2), Pass, "0.1996");
    let to_tenths = MethodFacts { digits: Some(Digits::Interval(d("0.1"))), ..MethodFacts::default() };
    check(&value("13.04"), &limit("range", "11.0~13.0"), &to_tenths, Fail, "13.04");
    check(&value("12.96"), &limit("range", "11.0~13.0"), &to_tenths, Pass, "13.0");
}

#[test]
fn units_are_converted_and_different_dimensions_refused() {
    let mut measured = value("250");
    measured.unit = Some("μg/kg".into());
    let judged = judge(&measured, &limit("max", "0.2"), &MethodFacts::default()).unwrap();
    assert_eq!((judged.verdict, judged.compared.as_str()), (Fail, "0.250"));
    // LOD and LOQ are converted with the value: 5 and 10 µg/kg against 0.02 mg/kg.
    measured.value = MeasuredValue::NotDetected;
    check(&measured, &limit("max", "0.02"), &sees("5", "10"), Pass, "ND");
    measured.value = MeasuredValue::Number(d("7"));
    check(&measured, &limit("max", "0.02"), &sees("5", "10"), Pass, "<0.010");
    measured.unit = Some("mg/L".into());
    assert!(judge(&measured, &limit("max", "0.2"), &MethodFacts::default()).is_err());
    measured.unit = None;
    assert!(judge(&measured, &limit("max", "0.2"), &MethodFacts::default()).is_err());
    assert_eq!(judge(&measured, &limit("absent", "ND"), &MethodFacts::default()).unwrap().verdict, Fail);
}

#[test]
fn limits_without_a_number_are_judged_in_their_unit_as_well() {
    // 1200 µg/kg are 1.200 mg/kg; LOD and LOQ of 300 and 1000 µg/kg are 0.300 and 1.000 mg/kg.
    let in_micrograms = |text: &str| Measured { unit: Some("µg/kg".into()), ..value(text) };
    let method = sees("300", "1000");
    for (limit, verdict) in
        [(limit("absent", "ND"), Fail), (limit("absent", "NP"), Review), (limit("gmp", ""), NoLimit)]
    {
        check(&in_micrograms("1200"), &limit, &method, verdict, "1.200");
        check(&in_micrograms("ND"), &limit, &method, if verdict == NoLimit { NoLimit } else { Pass }, "ND");
        let by_volume = Measured { unit: Some("mg/L".into()), ..value("1.2") };
        assert!(judge(&by_volume, &limit, &MethodFacts::default()).is_err(), "{limit:?}");
    }
    check(&in_micrograms("400"), &limit("absent", "ND"), &method, Review, "<1.000");
    check(&in_micrograms("<300"), &limit("absent", "ND"), &method, Pass, "<0.300");
    check(&in_micrograms("<1000"), &limit("absent", "ND"), &method, Review, "<1.000");
}

#[test]
fn a_unit_on_one_side_only_is_refused_unless_it_is_a_bare_number() {
    let bare = |text: &str| Measured { unit: None, ..value(text) };
    let without = LimitRule { unit: None, ..limit("max", "0.2") };
    let none = MethodFacts::default();
    for (measured, limit) in [(bare("0.1"), limit("max", "0.2")), (value("0.1"), without.clone())] {
        let refused = judge(&measured, &limit, &none).unwrap_err().to_string();
        assert!(refused.contains("give the unit of both or of none"), "{refused}");
    }
    check(&bare("0.3"), &without, &none, Fail, "0.3");
    check(&Measured { unit: Some(String::new()), ..value("0.3") }, &without, &none, Fail, "0.3");
    check(&bare("0.3"), &LimitRule { unit: Some("ratio".into()), ..without }, &none, Fail, "0.3");
}

#[test]
fn no_number_is_printed_with_a_minus_at_zero_or_zeros_in_front() {
    let none = MethodFacts::default();
    check(&value("-0"), &limit("max", "1"), &none, Pass, "0");
    check(&value("-0.00"), &limit("max", "1"), &none, Pass, "0.00");
    check(&value("00.20"), &limit("max", "1"), &none, Pass, "0.20");
    check(&value("<00.5"), &limit("max", "1"), &none, Pass, "<0.5");
    check(&value("-00.1"), &limit("max", "-0.0"), &none, Pass, "-0.1");
    let judged = judge(&value("-0.0"), &limit("range", "-0~01.0"), &none).unwrap();
    assert_eq!((judged.compared.as_str(), judged.limit.as_str()), ("0.0", "0~1.0"));
}

#[test]
fn nothing_detected_needs_a_method_that_sees_the_limit() {
    check(&value("ND"), &limit("max", "0.02"), &sees("0.005", "0.01"), Pass, "ND");
    check(&value("0.004"), &limit("max", "0.02"), &sees("0.005", "0.01"), Pass, "ND");
    check(&value("ND"), &limit("max", "0.02"), &sees("0.03", "0.1"), Block, "ND");
    check(&value("ND"), &limit("max", "0.02"), &MethodFacts::default(), Review, "ND");
    check(&value("0.5"), &limit("max", "0.02"), &sees("0.03", "0.1"), Fail, "0.5");
    check(&value("0.05"), &limit("max", "0.02"), &sees("0.03", "0.1"), Block, "<0.1");
    check(&value("0.007"), &limit("max", "0.006"), &sees("0.005", "0.01"), Review, "<0.01");
    check(&value("0.007"), &limit("max", "0.01"), &sees("0.005", "0.01"), Pass, "<0.01");
    check(&value("0.01"), &limit("max", "0.01"), &sees("0.005", "0.01"), Pass, "0.01");
    assert!(judge(&value("1"), &limit("max", "1"), &sees("0.1", "0.05")).is_err());
}

/// 1. A method that states its LOQ alone: not detected is below that. 2. What is detected lies at or above the LOD.
#[test]
fn an_loq_alone_passes_a_maximum_and_says_nothing_else() {
    let loq = |loq: &str| MethodFacts { loq: Some(d(loq)), ..MethodFacts::default() };
    check(&value("ND"), &limit("max", "0.02"), &loq("0.01"), Pass, "ND");
    check(&value("ND"), &limit("max", "0.02"), &loq("0.02"), Pass, "ND");
    check(&value("ND"), &limit("max", "0.02"), &loq("0.03"), Review, "ND");
    check(&value("ND"), &limit("min", "0.4"), &loq("0.01"), Review, "ND");
    let judged = judge(&value("ND"), &limit("max", "0.02"), &loq("0.01")).unwrap();
    let said = judged.reason.text(crate::judgement::explain::Lang::En);
    assert_eq!(said, "Not detected, and the LOQ 0.01 is not above the limit 0.02; no LOD is given");
    // The first edition blamed the method, with an LOD that nobody had given.
    let before = judge_by(Rules::First, &value("ND"), &limit("max", "0.02"), &loq("0.03")).unwrap();
    assert_eq!(before.verdict, Block);
}

#[test]
fn what_is_detected_above_the_minimum_reaches_it() {
    check(&value("0.45"), &limit("min", "0.4"), &sees("0.42", "0.5"), Pass, "<0.5");
    check(&value("0.45"), &limit("min", "0.4"), &sees("0.4", "0.5"), Pass, "<0.5");
    check(&value("0.45"), &limit("min", "0.4"), &sees("0.38", "0.5"), Review, "<0.5");
    let above = LimitRule { exclusive: true, ..limit("min", "0.4") };
    check(&value("0.45"), &above, &sees("0.4", "0.5"), Review, "<0.5");
}

/// A freezing point, and a reading of a blank that lies below zero.
#[test]
fn negative_numbers_are_values_where_the_limit_is_negative_and_nothing_where_nothing_may_be() {
    check(&value("-0.53"), &limit("range", "-0.560~-0.500"), &sees("0.001", "0.01"), Pass, "-0.53");
    check(&value("-0.57"), &limit("range", "-0.560~-0.500"), &sees("0.001", "0.01"), Fail, "-0.57");
    check(&value("-0.1"), &limit("absent", "ND"), &MethodFacts::default(), Pass, "ND");
    check(&value("-0.1"), &limit("absent", "NP"), &MethodFacts::default(), Pass, "ND");
    check(&value("-0.1"), &limit("max", "0.02"), &sees("0.005", "0.01"), Pass, "ND");
}

#[test]
fn a_minimum_fails_only_when_the_method_can_see_it() {
    check(&value("ND"), &limit("min", "0.4"), &sees("0.005", "0.01"), Fail, "ND");
    check(&value("ND"), &limit("min", "0.4"), &sees("0.4", "0.5"), Fail, "ND");
    check(&value("ND"), &limit("min", "0.4"), &sees("0.5", "1"), Block, "ND");
    check(&value("0.007"), &limit("min", "0.4"), &sees("0.005", "0.01"), Fail, "<0.01");
    check(&value("0.007"), &limit("min", "0.008"), &sees("0.005", "0.01"), Review, "<0.01");
    check(&value("ND"), &limit("range", "1~5"), &sees("0.5", "1"), Fail, "ND");
    check(&value("ND"), &limit("range", "1~5"), &sees("2", "3"), Block, "ND");
    check(&value("ND"), &limit("range", "0~5"), &sees("2", "3"), Pass, "ND");
}

#[test]
fn censored_values_pass_or_fail_only_when_certain() {
    let none = MethodFacts::default();
    for (typed, kind, border, verdict) in [
        ("<0.2", "max", "0.2", Pass),
        ("<0.3", "max", "0.2", Review),
        (">0.2", "max", "0.2", Fail),
        (">0.1", "max", "0.2", Review),
        ("<0.2", "min", "0.2", Fail),
        ("<0.3", "min", "0.2", Review),
        (">0.2", "min", "0.2", Pass),
        (">0.1", "min", "0.2", Review),
        ("<18", "range", "18~33", Fail),
        (">33", "range", "18~33", Fail),
        (">20", "range", "18~33", Review),
    ] {
        check(&value(typed), &limit(kind, border), &none, verdict, typed);
    }
    check(&value("<0.1"), &limit("max", "0.02"), &sees("0.03", "0.1"), Review, "<0.1");
}

#[test]
fn banned_substances_are_confirmed_before_they_fail() {
    let banned = limit("absent", "ND");
    let method = sees("0.3", "1.0");
    check(&value("ND"), &banned, &method, Pass, "ND");
    check(&value("0.2"), &banned, &method, Pass, "ND");
    check(&value("0.4"), &banned, &method, Review, "<1.0");
    check(&value("1.2"), &banned, &method, Fail, "1.2");
    check(&value("1.0"), &banned, &method, Fail, "1.0");
    let unconfirmed = Measured { confirmed: false, ..value("1.2") };
    check(&unconfirmed, &banned, &method, Review, "1.2");
    check(&value("<0.3"), &banned, &method, Pass, "<0.3");
    check(&value("<1.0"), &banned, &method, Review, "<1.0");
    check(&value(">1.0"), &banned, &method, Fail, ">1.0");
    check(&value("0"), &banned, &MethodFacts::default(), Pass, "ND");
}

#[test]
fn additives_that_are_not_permitted_wait_for_the_origin() {
    let not_used = limit("absent", "NP");
    let method = sees("0.005", "0.01");
    let found = |carry_over| Measured { carry_over, ..value("0.018") };
    check(&value("ND"), &not_used, &method, Pass, "ND");
    check(&found(CarryOver::Unknown), &not_used, &method, Review, "0.018");
    check(&found(CarryOver::Excluded), &not_used, &method, Fail, "0.018");
    check(&found(CarryOver::Shown), &not_used, &method, Pass, "0.018");
}

#[test]
fn no_number_no_verdict() {
    check(&value("0.123"), &limit("gmp", ""), &figures(2), NoLimit, "0.12");
    check(&value("0.123"), &LimitRule::new(Bound::NoLimit, None), &figures(2), NoLimit, "0.12");
}

#[test]
fn scaled_limits_are_exact() {
    let mut dried = limit("max", "0.1");
    dried.times = Some(Factor::parse("4").unwrap());
    let judged = judge(&value("0.35"), &dried, &MethodFacts::default()).unwrap();
    assert_eq!((judged.verdict, judged.limit.as_str()), (Pass, "0.4"));
    let mut liquid = limit("max", "0.08");
    liquid.times = Some(Factor::parse("1/8").unwrap());
    let judged = judge(&value("0.0105"), &liquid, &MethodFacts::default()).unwrap();
    assert_eq!((judged.verdict, judged.limit.as_str()), (Fail, "0.01"));
    liquid.times = Some(Factor::parse("1/3").unwrap());
    check(&value("0.0267"), &liquid, &MethodFacts::default(), Fail, "0.0267");
    check(&value("0.0266"), &liquid, &MethodFacts::default(), Pass, "0.0266");
    liquid.times = Some(Factor::parse("0").unwrap());
    assert!(judge(&value("0.1"), &liquid, &MethodFacts::default()).is_err());
}

#[test]
fn the_reasoning_can_be_read_aloud() {
    use crate::judgement::explain::{Lang, explain};
    let mut measured = value("204.9");
    measured.unit = Some("µg/kg".into());
    let method = MethodFacts { digits: Some(Digits::Significant(2)), ..sees("20", "40") };
    let judged = judge(&measured, &limit("max", "0.2"), &method).unwrap();
    assert_eq!(
        explain(&judged.steps, Lang::En),
        "Result: 204.9 µg/kg\n\
         Converted: 204.9 µg/kg × 0.001 = 0.2049 mg/kg\n\
         Limit: ≤ 0.2 mg/kg\n\
         LOD 20, LOQ 40\n\
         Compared by full value, not rounded\n\
         The method's figures give 0.20, which would contradict the verdict; digits are added: 0.205\n\
         0.2049 is outside the limit 0.2\n\
         Verdict: does not conform"
    );
    assert!(explain(&judged.steps, Lang::Zh).ends_with("0.2049 不符合限值 0.2\n单项判定：不符合"));
}
