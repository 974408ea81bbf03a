//! A document of an instrument: the sample that a person picks for it, and taking it back.

use actix_web::web;

use super::super::actions::{self, DocumentLinkInput, SetAsideInput};
use super::message_page;
use super::rows::RowQuery;
use crate::accounts::May;
use crate::accounts::role::RepairReadings;
use crate::app::Lis;
use crate::db::Tx;
use crate::domain::ids::{MessageId, ObservationId};
use crate::domain::refusal::Refusal;
use crate::web::routes::Routes;
use crate::web::ui::FormErrors;
use crate::web::{Answer, Form, Ui, refused, refused_page, see_other};

pub fn routes() -> Routes {
    Routes::new().post("/inbox/{id}/document", link).post("/inbox/{id}/document/withdrawal", withdraw)
}

async fn link(
    by: May<RepairReadings>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<MessageId>,
    form: Form<DocumentLinkInput>,
) -> Answer {
    let (id, actor) = (*id, by.clone());
    let outcome = match form.input.checked() {
        Ok(label) => {
            let work = move |tx: &mut Tx| actions::link_document(tx, &by, id, &label);
            refused(lis.command(&actor, &form.request, work).await)?
        }
        Err(refusal) => Err(refusal),
    };
    answer(ui, &lis, id, outcome, "done-document-linked").await
}

async fn withdraw(
    by: May<RepairReadings>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<MessageId>,
    form: Form<SetAsideInput>,
) -> Answer {
    let (id, actor) = (*id, by.clone());
    let outcome = match form.input.checked() {
        Ok(why) => {
            let work = move |tx: &mut Tx| actions::withdraw_document(tx, &by, id, &why);
            refused(lis.command(&actor, &form.request, work).await)?
        }
        Err(refusal) => Err(refusal),
    };
    answer(ui, &lis, id, outcome, "done-document-withdrawn").await
}

/// On to the message, or the message again with every reason.
async fn answer(ui: Ui, lis: &Lis, id: MessageId, outcome: Result<(), Refusal>, done: &str) -> Answer {
    answer_at(ui, lis, (id, None), outcome, done).await
}

/// The same on the page of the message on which a row stands.
pub(super) async fn answer_at(
    ui: Ui,
    lis: &Lis,
    (id, row): (MessageId, Option<ObservationId>),
    outcome: Result<(), Refusal>,
    done: &str,
) -> Answer {
    match outcome {
        Ok(()) => {
            let at = row.map(|row| format!("?row={row}")).unwrap_or_default();
            Ok(see_other(&format!("/inbox/{id}{at}"), Some(done)))
        }
        Err(refusal) => {
            let errors = FormErrors::of(&refusal, ui.language);
            let query = RowQuery { row, ..RowQuery::default() };
            refused_page(&message_page(ui, lis, id, query, errors).await?, &refusal)
        }
    }
}
