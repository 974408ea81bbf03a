//! Transfers for programs.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::actions::{self, Compared, ComparisonInput, Draw, TransferView};
use crate::accounts::May;
use crate::accounts::role::CompareTransfers;
use crate::app::Lis;
use crate::db::Conn;
use crate::domain::ids::ResultEntryId;
use crate::domain::refusal::{FIELD_INVALID, Outcome, Refusal};
use crate::quality::figures::period::Period;
use crate::web::paging::{self, LIMIT, Listed};
use crate::web::routes::Routes;
use crate::web::{Answer, Asked, Json};

pub fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/transfers", list)
        .about("Values that came from instruments and are drawn to be compared by hand, one of ten of a month.")
        .gives::<Listed<TransferView>>()
        .get("/api/v1/transfers/{id}", one)
        .about("One of them, as it stands on the worksheet and as the instrument wrote it.")
        .gives::<TransferView>()
        .post("/api/v1/transfers/{id}/comparison", compare)
        .about("Keeps whether the value is that of the raw record.")
        .keyed()
        .creates::<Compared>()
}

#[derive(Deserialize, Default, utoipa::IntoParams)]
#[serde(default)]
struct TransferQuery {
    /// `2026-11`; empty: the month of today.
    period: String,
    /// The `next` of the answer before.
    after: Option<i64>,
    /// Rows of the answer, 1 to 500; 50 unless said otherwise.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
}

/// The month that is asked for; empty: the one of today.
pub(super) fn month(lis: &Lis, text: &str) -> Result<Period, Refusal> {
    let asked = match text.trim() {
        "" => Period::around(lis.clock.now().date_in_china()),
        text => Period::parse(text),
    };
    let is_month = |period: &Period| period.text().contains('-');
    asked.filter(is_month).ok_or_else(|| FIELD_INVALID.at("period").with_word("expected", "expected-month").into())
}

/// The draw of a month, and some of the transfers that were drawn, after an id.
pub(super) fn drawn(
    conn: &mut Conn,
    lis: &Lis,
    month: Period,
    after: i64,
    limit: i64,
) -> Outcome<(Draw, Vec<TransferView>)> {
    let draw = actions::draw(conn, month, lis.clock.now())?;
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let wanted: Vec<i64> = draw.chosen.iter().copied().filter(|id| *id > after).take(most).collect();
    let transfers = actions::transfers(conn, &wanted)?;
    Ok((draw, transfers))
}

async fn list(_: May<CompareTransfers>, lis: web::Data<Lis>, query: Asked<TransferQuery>) -> Answer {
    let (month, limit) = (month(&lis, &query.period)?, paging::limit(query.limit, LIMIT)?);
    let (after, own) = (query.after.unwrap_or_default(), lis.clone());
    let (_, found) = lis.db.read(move |conn| drawn(conn, &own, month, after, limit + 1)).await?;
    Ok(HttpResponse::Ok().json(Listed::of(found, limit, |one| one.id.to_string(), |one| one)))
}

async fn one(_: May<CompareTransfers>, lis: web::Data<Lis>, id: web::Path<ResultEntryId>) -> Answer {
    let id = *id;
    let found: TransferView = lis.db.read(move |conn| actions::transfer(conn, id)).await?;
    Ok(HttpResponse::Ok().json(found))
}

async fn compare(
    by: May<CompareTransfers>,
    lis: web::Data<Lis>,
    id: web::Path<ResultEntryId>,
    json: Json<ComparisonInput>,
) -> Answer {
    let request = json.keyed()?.clone();
    let (id, facts, actor) = (*id, json.input.checked()?, by.clone());
    let kept: Compared = lis.command(&actor, &request, move |tx| actions::compare(tx, &by, id, &facts)).await?;
    Ok(HttpResponse::Created().json(kept))
}
