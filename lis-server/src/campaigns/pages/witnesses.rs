//! Witnesses of a campaign: recorded and withdrawn on its page.

use actix_web::web;

use super::super::witnesses::{self, WitnessInput};
use super::campaign::campaign_again;
use crate::accounts::May;
use crate::accounts::role::RunCampaigns;
use crate::app::Lis;
use crate::db::Tx;
use crate::domain::ids::CampaignId;
use crate::web::routes::Routes;
use crate::web::{Answer, Form, Ui, refused, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .post("/campaigns/{id}/witnesses", add)
        .post("/campaigns/{id}/witnesses/{witness}/withdrawal", withdraw)
}

async fn add(
    by: May<RunCampaigns>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<CampaignId>,
    form: Form<WitnessInput>,
) -> Answer {
    let Form { input, request, .. } = form;
    let (id, actor) = (*id, by.clone());
    let outcome = match input.checked() {
        Ok(facts) => refused(lis.command(&actor, &request, move |tx| witnesses::add(tx, &by, id, &facts)).await)?,
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(_) => Ok(see_other(&format!("/campaigns/{id}"), Some("done-witness-recorded"))),
        Err(refusal) => campaign_again(&lis, ui, id, None, &refusal).await,
    }
}

async fn withdraw(
    by: May<RunCampaigns>,
    ui: Ui,
    lis: web::Data<Lis>,
    path: web::Path<(CampaignId, i64)>,
    form: Form<Vec<(String, String)>>,
) -> Answer {
    let ((id, witness), seen, actor) = (*path, form.seen.required()?, by.clone());
    let work = move |tx: &mut Tx| witnesses::withdraw(tx, &by, id, witness, seen);
    match refused(lis.command(&actor, &form.request, work).await)? {
        Ok(_) => Ok(see_other(&format!("/campaigns/{id}"), Some("done-witness-withdrawn"))),
        Err(refusal) => campaign_again(&lis, ui, id, None, &refusal).await,
    }
}
