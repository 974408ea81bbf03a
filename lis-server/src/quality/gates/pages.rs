//! The page of the gates: how strict each is today, its changes, and for the technical manager the next one.

use actix_web::web;
use askama::Template;
use serde::Deserialize;

use super::actions::{self, GateInput, GateView};
use super::state::{Gate, Mode};
use crate::accounts::role::{ManageCatalogue, SeeBench};
use crate::accounts::signing::{Meaning, open_grant};
use crate::accounts::{Actor, May};
use crate::app::Lis;
use crate::db::Tx;
use crate::domain::refusal::{Outcome, Refusal};
use crate::web::routes::Routes;
use crate::web::ui::{Choice, FormErrors};
use crate::web::{Answer, Form, Ui, page, refused, refused_page, see_other};

pub fn routes() -> Routes {
    Routes::new().get("/quality/gates", gates).post("/quality/gates", set_gate)
}

#[derive(Template)]
#[template(path = "quality/gates/gates.html")]
struct GatesPage {
    ui: Ui,
    once: String,
    gates: Vec<GateView>,
    may_set: bool,
    gate_choices: Vec<Choice>,
    mode_choices: Vec<Choice>,
    input: GateInput,
    errors: FormErrors,
}

impl GatesPage {
    fn gate_word(&self, code: &str) -> String {
        self.ui.t(&format!("gate-{code}"))
    }

    fn mode_word(&self, code: &str) -> String {
        self.ui.t(&format!("mode-{code}"))
    }
}

async fn gates_page(lis: &Lis, ui: Ui, by: &Actor, input: GateInput, refusal: Option<&Refusal>) -> Outcome<GatesPage> {
    let today = lis.clock.now().date_in_china();
    let gates = lis.db.read(move |conn| actions::gates(conn, today)).await?;
    let choice = |prefix: &str, code: &str| Choice {
        value: code.to_owned(),
        label: ui.t(&format!("{prefix}-{code}")),
        chosen: false,
    };
    let gate_choices = Gate::ALL.iter().map(|gate| choice("gate", gate.code())).collect();
    let mode_choices = Mode::ALL.iter().map(|mode| choice("mode", mode.code())).collect();
    let errors = refusal.map(|refusal| FormErrors::of(refusal, ui.language)).unwrap_or_default();
    let may_set = May::<ManageCatalogue>::check(by).is_some();
    Ok(GatesPage { once: ui.once(), gates, may_set, gate_choices, mode_choices, input, errors, ui })
}

async fn gates(by: May<SeeBench>, ui: Ui, lis: web::Data<Lis>) -> Answer {
    let valid_from = lis.clock.now().date_in_china().to_string();
    let input = GateInput { valid_from, ..GateInput::default() };
    page(&gates_page(&lis, ui, &by, input, None).await?, false)
}

/// The page's form: the change, and the signing password where no grant is open.
#[derive(Deserialize, Default)]
#[serde(default)]
struct GateForm {
    gate: String,
    mode: String,
    valid_from: String,
    reason: String,
    signing_password: String,
}

async fn set_gate(by: May<ManageCatalogue>, ui: Ui, lis: web::Data<Lis>, form: Form<GateForm>) -> Answer {
    let GateForm { gate, mode, valid_from, reason, signing_password } = form.input;
    let input = GateInput { gate, mode, valid_from, reason };
    let (actor, who) = (by.clone(), by.clone());
    let checked = match input.checked() {
        Ok(facts) if !signing_password.is_empty() => {
            refused(open_grant(&lis, &actor, Meaning::Set, &signing_password).await)?.map(|_| facts)
        }
        checked => checked,
    };
    let outcome = match checked {
        Ok(facts) => {
            let real = lis.clock.real();
            let work = move |tx: &mut Tx| actions::set_gate(tx, &who, &facts, real);
            refused(lis.command(&actor, &form.request, work).await)?.map(|_| ())
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(()) => Ok(see_other("/quality/gates", Some("done-gate-set"))),
        Err(refusal) => refused_page(&gates_page(&lis, ui, &by, input, Some(&refusal)).await?, &refusal),
    }
}
