//! Switching Westgard rules, each for itself: for every method of the laboratory, or for one.

use serde::{Deserialize, Serialize};

use super::points::rule_name;
use super::rules::{RULES, RuleAction, RuleSetting, RuleSettings, rule_of};
use super::store::{self, NewRuleSetting, RuleRow};
use crate::accounts::May;
use crate::accounts::actions::names_of;
use crate::accounts::role::ManageQuality;
use crate::catalogue::actions as catalogue;
use crate::db::{Conn, Tx};
use crate::domain::clock::Moment;
use crate::domain::ids::PersonId;
use crate::domain::input::Checker;
use crate::domain::refusal::{FIELD_INVALID, Fault, Outcome, Refusal};
use crate::judgement::westgard::WestgardRule;

/// Longest key of a method and longest reason, in characters.
const METHOD_MOST: usize = 200;
const REASON_MOST: usize = 500;

/// What every rule does and did; one statement.
pub fn settings(conn: &mut Conn) -> Outcome<RuleSettings> {
    settings_of(&store::rule_settings(conn)?)
}

fn settings_of(rows: &[RuleRow]) -> Outcome<RuleSettings> {
    rows.iter().map(setting).collect::<Outcome<Vec<RuleSetting>>>().map(RuleSettings::new)
}

fn setting(row: &RuleRow) -> Outcome<RuleSetting> {
    match (rule_of(&row.rule), RuleAction::parse(&row.action)) {
        (Some(rule), Some(action)) => Ok(RuleSetting { method: row.method_key.clone(), rule, action, at: row.at }),
        _ => Err(Fault::broken(format!("rule {} set to {}", row.rule, row.action))),
    }
}

/// A change of a rule as a form or a program describes it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = ChartRuleInput)]
pub struct RuleInput {
    /// Key of the procedure; empty: every method that nothing else is set for.
    pub method: String,
    /// 1-2s, 1-3s, 2-2s, R-4s, 4-1s, 10x
    pub rule: String,
    /// off, warn, reject
    pub action: String,
    pub reason: String,
}

/// The same, checked.
#[derive(Clone, Debug)]
pub struct RuleFacts {
    method: String,
    rule: WestgardRule,
    action: RuleAction,
    reason: String,
}

impl RuleInput {
    /// # Errors
    /// Every field that is wrong, by name.
    pub fn checked(&self) -> Result<RuleFacts, Refusal> {
        let mut check = Checker::new();
        let method = check.optional_text("method", &self.method, METHOD_MOST);
        let rule = check.parsed("rule", &self.rule, "expected-chart-rule", rule_of);
        let action = check.parsed("action", &self.action, "expected-chart-rule-action", RuleAction::parse);
        let reason = check.text("reason", &self.reason, REASON_MOST);
        check.done(rule.zip(action).map(|(rule, action)| RuleFacts { method, rule, action, reason }))
    }
}

/// What a change of a rule answers.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = ChartRuleSet)]
pub struct RuleSet {
    pub id: i64,
}

/// Sets what a rule does from now on; points of before keep what it did then.
///
/// # Errors
/// A method that the catalogue does not know.
pub fn set_rule(tx: &mut Tx, by: &May<ManageQuality>, facts: &RuleFacts) -> Outcome<RuleSet> {
    if !facts.method.is_empty() && catalogue::current(tx.conn)?.method(&facts.method).is_none() {
        return Err(FIELD_INVALID.at("method").with_word("expected", "expected-known-method").into());
    }
    let before = settings(tx.conn)?.action(&facts.method, facts.rule, tx.now);
    let row = NewRuleSetting {
        method_key: &facts.method,
        rule: rule_name(facts.rule),
        action: facts.action.code(),
        reason: &facts.reason,
        person_id: by.person,
        at: tx.now,
    };
    let id = store::insert_rule_setting(tx.conn, &row)?;
    tx.log(
        by.entry("westgard_setting", id, 1, "chart-rule-set")
            .set("method_key", facts.method.as_str())
            .set("rule", rule_name(facts.rule))
            .change("action", before.code(), facts.action.code())
            .set("reason", facts.reason.as_str()),
    );
    Ok(RuleSet { id })
}

/// A rule as pages and programs see it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ChartRuleView)]
pub struct RuleView {
    /// 1-2s, 1-3s, 2-2s, R-4s, 4-1s, 10x
    pub rule: String,
    /// What it does where nothing is set for a method: off, warn, reject.
    pub action: String,
    /// Every change, newest first; without one it does what the table of the rules says.
    pub changes: Vec<RuleChangeView>,
}

#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ChartRuleChangeView)]
pub struct RuleChangeView {
    /// Key of the procedure; empty: every method.
    pub method: String,
    pub action: String,
    pub reason: String,
    pub by: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: Moment,
}

/// Every rule with its changes. Two statements.
pub fn rules(conn: &mut Conn, now: Moment) -> Outcome<Vec<RuleView>> {
    let rows = store::rule_settings(conn)?;
    let settings = settings_of(&rows)?;
    let people: Vec<PersonId> = rows.iter().map(|row| row.person_id).collect();
    let names = names_of(conn, &people)?;
    let change = |row: &RuleRow| RuleChangeView {
        method: row.method_key.clone(),
        action: row.action.clone(),
        reason: row.reason.clone(),
        by: names.get(&row.person_id).cloned().unwrap_or_default(),
        at: row.at,
    };
    let view = |rule: &WestgardRule| RuleView {
        rule: rule_name(*rule).to_owned(),
        action: settings.action("", *rule, now).code().to_owned(),
        changes: rows.iter().rev().filter(|row| row.rule == rule_name(*rule)).map(change).collect(),
    };
    Ok(RULES.iter().map(view).collect())
}
