//! What goes in and comes out of a route, for the document of the API. A handler's arguments say themselves what a
//! request brings ([`Argument`]): a body that the document does not know cannot be read at all. What an answer holds
//! is said where the route is listed.

use actix_web::web::{Bytes, Data, Path, Query};
use utoipa::openapi::RefOr;
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::openapi::schema::Schema;
use utoipa::{IntoParams, ToSchema};

use super::upload::Parts;
use super::{Asked, AskedExactly, Form, FormWithFiles, Json, Ui, Upload};
use crate::domain::refusal::Problem;

/// What the document of the API says about a route beside its path, method and gate.
#[derive(Clone, Default)]
pub struct Shapes {
    /// The capability that the route belongs to.
    pub room: &'static str,
    /// What it does, in one line of English.
    pub summary: &'static str,
    pub query: Vec<Parameter>,
    pub takes: Option<Body>,
    /// Status and content of each answer that is not a refusal.
    pub gives: Vec<(u16, Body)>,
    /// Whether the version that was seen is demanded (`If-Match`).
    pub versioned: bool,
    pub key: Key,
    /// Problems beside the general ones.
    pub problems: Vec<Problem>,
}

/// What a route does with `Idempotency-Key`.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Key {
    /// It is not looked at.
    #[default]
    None,
    /// It is not looked at, because repeating the request changes nothing anyway.
    Needless,
    Kept,
    Demanded,
}

/// A body, of a request or an answer.
#[derive(Clone)]
pub enum Body {
    Empty,
    Json(Shape),
    /// A file (`file`) as `multipart/form-data`, and text fields beside it: name and meaning.
    Upload(&'static [(&'static str, &'static str)]),
    /// A file of this media type.
    File(&'static str),
    /// A problem document with members of its own.
    Problem(Shape),
}

/// A type's name with the schemas of itself and everything in it.
#[derive(Clone)]
pub struct Shape {
    pub name: String,
    pub schemas: Vec<(String, RefOr<Schema>)>,
}

impl Shapes {
    /// Every body of the route, of its request and its answers.
    pub fn bodies(&self) -> impl Iterator<Item = &Body> {
        self.takes.iter().chain(self.gives.iter().map(|(_, body)| body))
    }
}

impl Shape {
    pub fn of<T: ToSchema>() -> Self {
        let mut schemas = Vec::new();
        T::schemas(&mut schemas);
        schemas.push((T::name().into_owned(), T::schema()));
        Self { name: T::name().into_owned(), schemas }
    }
}

impl Body {
    /// The shape, of a body that is JSON.
    pub fn shape(&self) -> Option<&Shape> {
        match self {
            Self::Json(shape) | Self::Problem(shape) => Some(shape),
            Self::Empty | Self::Upload(_) | Self::File(_) => None,
        }
    }
}

/// What an argument of a handler says about the request.
pub trait Argument {
    fn describe(_: &mut Shapes) {}
}

impl<T: ToSchema> Argument for Json<T> {
    fn describe(shapes: &mut Shapes) {
        shapes.takes = Some(Body::Json(Shape::of::<T>()));
        shapes.key = Key::Kept;
    }
}

impl<T: IntoParams> Argument for Asked<T> {
    fn describe(shapes: &mut Shapes) {
        shapes.query = T::into_params(|| Some(ParameterIn::Query));
    }
}

impl<T: IntoParams> Argument for AskedExactly<T> {
    fn describe(shapes: &mut Shapes) {
        <Asked<T> as Argument>::describe(shapes);
    }
}

impl Argument for Upload {
    fn describe(shapes: &mut Shapes) {
        shapes.takes = Some(Body::Upload(&[]));
    }
}

impl<T> Argument for Form<T> {}
impl<T> Argument for FormWithFiles<T> {}
impl<T: ?Sized> Argument for Data<T> {}
impl<T> Argument for Path<T> {}
impl<T> Argument for Query<T> {}
impl Argument for Ui {}
impl Argument for Bytes {}
impl Argument for actix_web::web::Payload {}
impl Argument for actix_web::HttpRequest {}
impl Argument for Parts {}
