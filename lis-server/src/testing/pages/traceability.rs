//! The page of what a result rests on.

use actix_web::web;
use askama::Template;

use super::super::actions::{Link, Traceability, traceability};
use crate::accounts::May;
use crate::accounts::role::{KeepCompetence, SeeBench, SeeEvidence};
use crate::app::Lis;
use crate::domain::ids::ItemId;
use crate::domain::refusal::Reason;
use crate::web::routes::Routes;
use crate::web::ui::worded;
use crate::web::{Answer, Ui, page};

pub fn routes() -> Routes {
    Routes::new().get("/check/{id}/traceability", traced)
}

#[derive(Template)]
#[template(path = "testing/pages/traceability.html")]
struct TracePage {
    ui: Ui,
    found: Traceability,
    unbroken: bool,
    sees_bench: bool,
    sees_people: bool,
}

worded!(TracePage);

impl TracePage {
    /// Address of a link's page, if the viewer may open it.
    fn page<'l>(&self, link: &'l Link) -> &'l str {
        let may = match link.kind {
            "person" => self.sees_people,
            "method" | "worksheet" | "instrument" | "certificate" | "check" | "lot" | "settings" => self.sees_bench,
            _ => true,
        };
        if may { link.page.as_str() } else { "" }
    }

    /// Address of the file of a certificate, where there is one.
    fn file(&self, link: &Link) -> String {
        let history = link.page.split_once("/history#");
        match history {
            Some((instrument, _)) if !link.sha256.is_empty() => {
                format!("{instrument}/calibrations/{}/file", link.id.unwrap_or_default())
            }
            _ => String::new(),
        }
    }

    /// What a link is called: a procedure by its standard, everything else also by the code that stands on it.
    fn called(&self, link: &Link) -> String {
        if link.kind == "method" && !link.name.is_empty() {
            return self.ui.method(&link.name);
        }
        format!("{} {}", link.code, self.ui.method(&link.name)).trim().to_owned()
    }

    /// What a person did.
    fn role(&self, by: &str) -> String {
        match by {
            "tester" | "typist" => self.word("trace-role", by),
            meaning => self.word("meaning", meaning),
        }
    }

    fn sentence(&self, reason: &Reason) -> String {
        self.ui.language.sentence(reason)
    }
}

async fn traced(by: May<SeeEvidence>, ui: Ui, lis: web::Data<Lis>, id: web::Path<ItemId>) -> Answer {
    let id = *id;
    let found = lis.db.read(move |conn| traceability(conn, id)).await?;
    let sees_bench = May::<SeeBench>::check(&by).is_some();
    let sees_people = May::<KeepCompetence>::check(&by).is_some();
    let unbroken = found.is_unbroken();
    page(&TracePage { ui, found, unbroken, sees_bench, sees_people }, false)
}
