//! Lists are read in pages: how many rows one answer holds, and whether there are more.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, Type};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use crate::domain::input::whole_between;
use crate::domain::refusal::{FIELD_INVALID, Refusal};

/// Rows of one answer unless a program asks otherwise: a screen.
pub const LIMIT: i64 = 50;
/// Rows of one answer at most: bounds what one request can make the server hold.
pub const LIMIT_MOST: i64 = 500;

/// The rows that a request asks for; `usual` when it says nothing.
///
/// # Errors
/// `field-invalid` at `limit`, with the range that is allowed.
pub fn limit(asked: Option<i64>, usual: i64) -> Result<i64, Refusal> {
    let limit = asked.unwrap_or(usual);
    if (1..=LIMIT_MOST).contains(&limit) {
        return Ok(limit);
    }
    let reason = FIELD_INVALID.at("limit").with("expected", whole_between(1, LIMIT_MOST));
    Err(reason.with("least", 1).with("most", LIMIT_MOST).into())
}

/// What a program asks of a list whose rows stand by their ids.
#[derive(Deserialize, Default, utoipa::IntoParams)]
#[serde(default)]
pub struct PageQuery {
    /// The `next` of the answer before.
    pub after: Option<i64>,
    /// Rows of the answer, 1 to 500; 50 unless said otherwise.
    #[param(minimum = 1, maximum = 500)]
    pub limit: Option<i64>,
}

/// Cuts the row that was read to learn whether there are more; says whether there are.
pub fn cut<T>(rows: &mut Vec<T>, limit: i64) -> bool {
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > most;
    rows.truncate(most);
    more
}

/// A page of a list, as every list of the API is answered.
#[derive(Serialize)]
pub struct Listed<T> {
    pub items: Vec<T>,
    /// What `after` takes to go on; empty when nothing was found.
    pub next: String,
    pub more: bool,
}

impl<T> Listed<T> {
    /// A page from rows that were read one too long.
    pub fn of<R>(mut rows: Vec<R>, limit: i64, cursor: impl Fn(&R) -> String, view: impl Fn(R) -> T) -> Self {
        let more = cut(&mut rows, limit);
        let next = rows.last().map(cursor).unwrap_or_default();
        Self { items: rows.into_iter().map(view).collect(), next, more }
    }

    /// A list that is short enough to be answered whole.
    pub fn whole(items: Vec<T>) -> Self {
        Self { items, next: String::new(), more: false }
    }
}

impl<T: ToSchema> ToSchema for Listed<T> {
    fn name() -> Cow<'static, str> {
        Cow::Owned(format!("{}List", T::name()))
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        T::schemas(schemas);
        schemas.push((T::name().into_owned(), T::schema()));
    }
}

impl<T: ToSchema> PartialSchema for Listed<T> {
    fn schema() -> RefOr<Schema> {
        let text = |about: &str| ObjectBuilder::new().schema_type(Type::String).description(Some(about)).build();
        let flag =
            ObjectBuilder::new().schema_type(Type::Boolean).description(Some("Whether anything follows.")).build();
        let items = ArrayBuilder::new().items(Ref::from_schema_name(T::name()));
        ObjectBuilder::new()
            .description(Some("A page of a list."))
            .property("items", items)
            .required("items")
            .property("next", text("What `after` takes to go on; empty when nothing was found."))
            .required("next")
            .property("more", flag)
            .required("more")
            .into()
    }
}
