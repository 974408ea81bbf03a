//! The assignment of items to testers, method by method.

use std::collections::BTreeMap;

use actix_web::web;
use askama::Template;
use serde::Deserialize;

use super::super::actions::{self, Assignment, Coverage, Offered, TEST, WaitingItem};
use super::super::state::ItemState;
use super::super::store::ItemFilter;
use super::{PAGE_ROWS, Pairs, field, number, unreadable};
use crate::accounts::actions::people_with_role;
use crate::accounts::role::AssignItems;
use crate::accounts::{May, Role};
use crate::app::Lis;
use crate::domain::ids::ItemId;
use crate::domain::refusal::{Outcome, Reasons, Refusal};
use crate::web::routes::Routes;
use crate::web::ui::{Choice, FormErrors};
use crate::web::{Answer, Form, Ui, page, refused, refused_page, see_other};

pub fn routes() -> Routes {
    Routes::new().get("/assignment", assignment).post("/assignment", assign)
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct MethodQuery {
    method: String,
}

struct AssignmentGroup {
    method: String,
    /// Testers, those without a valid authorization marked.
    testers: Vec<Choice>,
    items: Vec<WaitingItem>,
}

#[derive(Template)]
#[template(path = "testing/pages/assignment.html")]
struct AssignmentPage {
    ui: Ui,
    once: String,
    method: String,
    groups: Vec<AssignmentGroup>,
    /// The procedures that fit, by item, best first.
    offered: BTreeMap<i64, Vec<Offered>>,
    /// Chosen tester and procedure by item, after a refusal.
    chosen: BTreeMap<i64, (String, String)>,
    errors: FormErrors,
}

async fn assignment_page(
    lis: &Lis,
    ui: Ui,
    method: String,
    chosen: BTreeMap<i64, (String, String)>,
    refusal: Option<&Refusal>,
) -> Outcome<AssignmentPage> {
    let today = lis.clock.now().date_in_china();
    let filter = ItemFilter {
        states: vec![ItemState::Planned.code(), ItemState::RepeatOrdered.code(), ItemState::Assigned.code()],
        method_standard: (!method.is_empty()).then(|| method.clone()),
        ..ItemFilter::default()
    };
    let (items, offered, testers, coverage) = lis
        .db
        .read(move |conn| {
            let items = actions::waiting_items(conn, &filter, PAGE_ROWS * 5)?;
            let ids: Vec<ItemId> = items.iter().map(|item| ItemId(item.id)).collect();
            Ok((
                items,
                actions::offered(conn, &ids, today)?,
                people_with_role(conn, Role::Tester)?,
                Coverage::of_all(conn, TEST, today)?,
            ))
        })
        .await?;
    let mut by_method: BTreeMap<String, Vec<WaitingItem>> = BTreeMap::new();
    for item in items {
        by_method.entry(item.method_standard.clone()).or_default().push(item);
    }
    let groups = by_method
        .into_iter()
        .map(|(method, items)| AssignmentGroup {
            testers: testers
                .iter()
                .map(|(id, name)| {
                    let valid = coverage.require(*id, name, &method).is_ok();
                    let label =
                        if valid { name.clone() } else { format!("{name} · {}", ui.t("assignment-not-authorized")) };
                    Choice { value: id.to_string(), label, chosen: valid }
                })
                .collect(),
            method,
            items,
        })
        .collect();
    let errors = refusal.map(|refusal| FormErrors::of(refusal, ui.language)).unwrap_or_default();
    Ok(AssignmentPage { once: ui.once(), method, groups, offered, chosen, errors, ui })
}

impl AssignmentPage {
    fn is_chosen(&self, item: &i64, tester: &str) -> bool {
        self.chosen.get(item).is_some_and(|(chosen, _)| chosen == tester)
    }

    /// The procedures to choose among: none where there is one only.
    fn procedures(&self, item: &i64) -> &[Offered] {
        self.fitting(item).filter(|fitting| fitting.len() > 1).unwrap_or_default()
    }

    fn fitting(&self, item: &i64) -> Option<&[Offered]> {
        self.offered.get(item).map(Vec::as_slice)
    }

    /// The procedure that was chosen for the item, or else would be, has no rule of calculation.
    fn lacks_rule(&self, item: &WaitingItem) -> bool {
        let fitting = self.fitting(&item.id).unwrap_or_default();
        let taken = match item.method_key.as_str() {
            "" => fitting.first(),
            key => fitting.iter().find(|one| one.key == key),
        };
        taken.is_some_and(|one| !one.rule)
    }

    fn is_procedure(&self, item: &i64, key: &str) -> bool {
        self.chosen.get(item).is_some_and(|(_, chosen)| chosen == key)
    }
}

async fn assignment(_: May<AssignItems>, ui: Ui, lis: web::Data<Lis>, query: web::Query<MethodQuery>) -> Answer {
    page(&assignment_page(&lis, ui, query.into_inner().method, BTreeMap::new(), None).await?, false)
}

/// Fields `tester-ITEM-VERSION` with the id of a tester; an empty one leaves the item. `procedure-ITEM` with the key of a
/// procedure; an empty one leaves the choice to the program.
async fn assign(by: May<AssignItems>, ui: Ui, lis: web::Data<Lis>, form: Form<Pairs>) -> Answer {
    let mut reasons = Reasons::new();
    let mut wanted: Vec<Assignment> = Vec::new();
    for (name, value) in &form.input {
        let Some(place) = name.strip_prefix("tester-").filter(|_| !value.trim().is_empty()) else { continue };
        let place = place.split_once('-').and_then(|(item, version)| Some((item.parse().ok()?, version.parse().ok()?)));
        reasons.add_if(place.is_none(), || unreadable(name));
        if let (Some((item, version)), Some(tester)) = (place, number(&mut reasons, name, value)) {
            let method_key = field(&form.input, &format!("procedure-{item}")).to_owned();
            wanted.push(Assignment { item, version, tester, method_key });
        }
    }
    let chosen = wanted.iter().map(|one| (one.item, (one.tester.to_string(), one.method_key.clone()))).collect();
    let method = field(&form.input, "method").to_owned();
    let actor = by.clone();
    let done = match reasons.none() {
        Ok(()) => refused(lis.command(&actor, &form.request, move |tx| actions::assign(tx, &by, &wanted)).await)?,
        Err(refusal) => Err(refusal),
    };
    match done {
        Ok(_) => Ok(see_other("/assignment", Some("done-assigned"))),
        Err(refusal) => refused_page(&assignment_page(&lis, ui, method, chosen, Some(&refusal)).await?, &refusal),
    }
}
