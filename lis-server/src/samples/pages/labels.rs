//! The labels of a sample's containers.

use actix_web::web;
use serde::Deserialize;

use super::super::actions;
use crate::accounts::May;
use crate::accounts::role::SeeSamples;
use crate::app::Lis;
use crate::domain::ids::SampleId;
use crate::domain::refusal::{Fault, NOT_FOUND};
use crate::pdf::Code128;
use crate::pdf::documents::{Label, LabelSheet, LabelStock, Language as PaperLanguage};
use crate::web::language::Language;
use crate::web::{Answer, Ui, pdf};

/// How labels are to be printed.
#[derive(Deserialize, Default, utoipa::IntoParams)]
#[serde(default)]
pub struct LabelQuery {
    /// `roll`: one label of 60 × 30 mm a page, for a label printer; else sheets of 24.
    stock: String,
    /// Labels at the beginning of the first sheet that are used up, at most 24.
    skip: usize,
}

pub(super) async fn labels(
    _: May<SeeSamples>,
    ui: Ui,
    lis: web::Data<Lis>,
    id: web::Path<SampleId>,
    query: web::Query<LabelQuery>,
) -> Answer {
    label_sheet(&lis, &ui, *id, query.into_inner()).await
}

/// The labels of a sample's containers as a PDF.
pub async fn label_sheet(lis: &web::Data<Lis>, ui: &Ui, id: SampleId, query: LabelQuery) -> Answer {
    let parts = lis.db.read(move |conn| actions::parts_of(conn, &[id])).await?;
    if parts.is_empty() {
        return Err(NOT_FOUND.into());
    }
    let labels: Result<Vec<Label>, Fault> = parts
        .iter()
        .map(|part| {
            let code = part.label_code.as_str();
            Ok(Label {
                code: Code128::of(code).map_err(Fault::broken)?,
                text: grouped(code),
                lines: vec![ui.t(&part.role.word()), format!("{} {}", part.quantity, part.unit)],
            })
        })
        .collect();
    let stock = match query.stock.as_str() {
        "roll" => LabelStock::Roll { width_mm: 60, height_mm: 30 },
        _ => LabelStock::default(),
    };
    let language = if ui.language == Language::English { PaperLanguage::En } else { PaperLanguage::Zh };
    let title = ui.t("labels-title");
    let sheet = LabelSheet { language, title, stock, skip: query.skip.min(24), labels: labels? };
    let lis = lis.clone();
    let set = tokio::task::spawn_blocking(move || {
        lis.typesetter.label_sheet(&sheet, lis.clock.now().utc()).map_err(Fault::broken)
    });
    Ok(pdf(set.await.map_err(Fault::broken)??, "labels.pdf"))
}

/// A label code in groups, as it is read aloud.
pub(super) fn grouped(code: &str) -> String {
    let mut text = String::new();
    for (index, digit) in code.chars().enumerate() {
        if matches!(index, 3 | 6 | 9) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}
