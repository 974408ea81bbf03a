//! Readers of the rows on plans, decision rules, calculations and quality control.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Row, ask, at_decimals_of, numbers, text};
use crate::domain::decimal::Decimal;
use crate::judgement::number::{fixed, hundred};

/// `APC CFU/g: 900, 1200, …; n=5 c=2 m=10000 M=100000`
pub(super) fn micro(vector: &Row) {
    if vector.id == "M18" {
        let found = ask(json!({"op":"micro","n":5,"c":0,"m":"0","units":["0","0","0","0"]}));
        return vector.expects(&format!("{} (sample plan not met)", text(&found["verdict"])));
    }
    let (units, plan) = vector.input.split_once(": ").unwrap().1.rsplit_once("; ").unwrap();
    let units: Vec<&str> = units.split(", ").map(|unit| unit.split(' ').next().unwrap()).collect();
    let plan: BTreeMap<&str, &str> = plan.split(' ').filter_map(|part| part.split_once('=')).collect();
    let count = |key| plan[key].parse::<u32>().unwrap();
    let mut question = json!({"op":"micro","n":count("n"),"c":count("c"),"m":plan["m"],"units":units});
    if let Some(maximum) = plan.get("M") {
        question["M"] = (*maximum).into();
    }
    let found = ask(question);
    let (verdict, over_m, over_maximum) = (text(&found["verdict"]), &found["over_m"], &found["over_M"]);
    let described = match (verdict, over_maximum.as_u64()) {
        ("REVIEW", _) => verdict.to_owned(),
        (_, Some(1..)) => format!("{verdict} ({over_maximum} above M)"),
        _ if plan.contains_key("M") => {
            format!("{verdict} ({over_m} between m and M, c={})", plan["c"])
        }
        _ => format!("{verdict} ({over_m} above m, c={})", plan["c"]),
    };
    vector.expects(&described);
}

/// `plates 10^-2: 232, 244; 10^-3: 33, 35` → `24727 -> 25000 CFU/g`
pub(super) fn plates(vector: &Row) {
    let dilution = |part: &str| {
        let (power, plates) = part.split_once(": ").unwrap();
        let dilution = if power.ends_with("-2") { "0.01" } else { "0.001" };
        json!({"dilution":dilution,"plates":plates.split(", ").collect::<Vec<_>>()})
    };
    let found = ask(json!({"op":"plates","counts":vector.input.split("; ").map(dilution).collect::<Vec<_>>()}));
    vector.expects(&format!("{} -> {} CFU/g", at_decimals_of(text(&found["n"]), "24727"), text(&found["value"])));
}

/// `x=0.19; U=0.02 (k=2); upper limit 0.2`
pub(super) fn decision(vector: &Row) {
    let n = numbers(&vector.input);
    let found = ask(json!({"op":"decide","x":n[0],"U":n[1],"k":n[2],"limit":n[3]}));
    let percent = Decimal::parse(text(&found["p_over"])).unwrap().to_ratio() * hundred();
    let guarded = text(&found["guarded"]).replace('_', " ");
    vector.expects(&format!(
        "simple {}; guarded {guarded}; P(true value > limit) = {} %",
        text(&found["simple"]),
        fixed(&percent, 2)
    ));
}

pub(super) fn formula(vector: &Row) {
    let inputs = json!({"rho":"5.62","rho0":"0.12","V":"10","m":"0.5023"});
    let found = ask(json!({"op":"formula","expr":"(rho - rho0) * V / (m * 1000)","inputs":inputs,"significant":2}));
    let value = at_decimals_of(text(&found["value"]), "0.109496");
    vector.expects(&format!("{value} mg/kg; 2 sig. figures {}", text(&found["reported"])));
}

pub(super) fn duplicate(vector: &Row) {
    let allowed = vector.input.split("allowed ").nth(1).unwrap().split(' ').next().unwrap();
    let found = ask(json!({"op":"duplicate","x1":vector.get("x1"),"x2":vector.get("x2"),"allowed_percent":allowed}));
    vector.expects(&format!(
        "mean {}; difference {} %; {}",
        text(&found["mean"]),
        text(&found["percent"]),
        text(&found["verdict"])
    ));
}

pub(super) fn recovery(vector: &Row) {
    let n = numbers(&vector.input.replace("..", " ")).into_iter().map(str::to_owned).collect::<Vec<_>>();
    let found = ask(json!({"op":"recovery","native":n[0],"spiked":n[1],"added":n[2],"low":n[3],"high":n[4]}));
    vector.expects(&format!("{} %; {}", text(&found["percent"]), text(&found["verdict"]).replace('_', " ")));
}

pub(super) fn crm(vector: &Row) {
    let n = numbers(&vector.input);
    let found = ask(json!({"op":"crm","found":n[3],"certified":n[0],"U":n[1]}));
    vector.expects(&format!("difference {}; {}", text(&found["difference"]), text(&found["verdict"])));
}

pub(super) fn calibration(vector: &Row) {
    let question = json!({
        "op":"curve", "x":["0","5","10","20","40"], "y":["0.0012","0.0531","0.1043","0.2079","0.4105"],
        "weight":"none", "degree":1, "min_r":"0.995", "read":["0.1500","0.5"],
    });
    let found = ask(question);
    assert_eq!(found["read"][1], json!({"error":"outside range"}));
    let at = |value: &Value, like: &str| at_decimals_of(text(value), like);
    match vector.id.as_str() {
        "Q09" => {
            let (slope, intercept, r) =
                (at(&found["slope"], "0.0000000"), at(&found["intercept"], "0.0000000"), at(&found["r"], "0.000000"));
            vector.expects(&format!("slope {slope}; intercept {intercept}; r {r}; {}", text(&found["verdict"])));
        }
        _ => vector.expects(&format!("{} µg/L", at(&found["read"][0]["x"], "0.0000"))),
    }
}
