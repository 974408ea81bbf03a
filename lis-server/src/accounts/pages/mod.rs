//! Pages of accounts: signing in and out, one's own account, people, who may sign again.

mod account;
mod people;
mod regions;
mod releases;
mod sign_in;

pub use people::first_password;
pub use regions::{region_choices, region_name};

use super::store::{self, PersonRow};
use crate::app::Lis;
use crate::domain::ids::PersonId;
use crate::domain::refusal::{NOT_FOUND, Outcome};
use crate::web::routes::Routes;

pub fn routes() -> Routes {
    sign_in::routes().and(account::routes()).and(people::routes()).and(releases::routes())
}

/// Only a path of this server: a link cannot send people elsewhere after signing in.
pub(super) fn own_path(path: &str) -> &str {
    let own = path.starts_with('/') && !path.starts_with("//") && !path.contains('\\');
    if own { path } else { "/" }
}

async fn own_row(lis: &Lis, id: PersonId) -> Outcome<PersonRow> {
    lis.db.read(move |conn| store::person(conn, id)?.ok_or_else(|| NOT_FOUND.into())).await
}
