//! The list of routes. Each capability lists its own; the first argument of every handler says who may come in, and
//! that is where the list takes it from. The list is printed into the reference and checked by a guard test, route by
//! route and role by role.

use std::collections::BTreeMap;

use actix_web::dev::Handler;
use actix_web::http::Method;
use actix_web::web::{self, ServiceConfig};
use actix_web::{FromRequest, Responder, Route};
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

/// The first argument of a handler: who may come in.
pub trait Gate: FromRequest {
    /// The code of a permission, or `anyone`, or `signed_in`.
    const GATE: &'static str;
}

/// The arguments of a handler whose first one is a gate.
pub trait Gated {
    const GATE: &'static str;
}

macro_rules! gated {
    ($($other:ident)*) => {
        impl<First: Gate, $($other),*> Gated for (First, $($other,)*) {
            const GATE: &'static str = First::GATE;
        }
    };
}
gated! {}
gated! { A }
gated! { A B }
gated! { A B C }
gated! { A B C D }
gated! { A B C D E }

/// One route as the reference lists it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct RouteInfo {
    pub path: &'static str,
    pub method: String,
    pub gate: &'static str,
}

/// What goes in and comes out of a route of the API, for its document.
#[derive(Clone, Default)]
pub struct Shapes {
    pub takes: Option<Shape>,
    pub gives: Option<Shape>,
}

/// A type's name with the schemas of itself and everything in it.
#[derive(Clone)]
pub struct Shape {
    pub name: String,
    pub schemas: Vec<(String, RefOr<Schema>)>,
}

impl Shape {
    fn of<T: ToSchema>() -> Self {
        let mut schemas = Vec::new();
        T::schemas(&mut schemas);
        schemas.push((T::name().into_owned(), T::schema()));
        Self { name: T::name().into_owned(), schemas }
    }
}

/// Routes on their way into the application.
#[derive(Default)]
pub struct Routes {
    listed: Vec<(RouteInfo, Shapes, Route)>,
}

impl Routes {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn get<F, Args>(self, path: &'static str, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + Gated + 'static,
        F::Output: Responder + 'static,
    {
        self.add(Method::GET, path, handler)
    }

    pub fn post<F, Args>(self, path: &'static str, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + Gated + 'static,
        F::Output: Responder + 'static,
    {
        self.add(Method::POST, path, handler)
    }

    pub fn put<F, Args>(self, path: &'static str, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + Gated + 'static,
        F::Output: Responder + 'static,
    {
        self.add(Method::PUT, path, handler)
    }

    pub fn delete<F, Args>(self, path: &'static str, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + Gated + 'static,
        F::Output: Responder + 'static,
    {
        self.add(Method::DELETE, path, handler)
    }

    fn add<F, Args>(mut self, method: Method, path: &'static str, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + Gated + 'static,
        F::Output: Responder + 'static,
    {
        let info = RouteInfo { path, method: method.to_string(), gate: Args::GATE };
        self.listed.push((info, Shapes::default(), web::method(method).to(handler)));
        self
    }

    /// The route listed last takes a JSON body of this type.
    pub fn takes<T: ToSchema>(mut self) -> Self {
        if let Some((_, shapes, _)) = self.listed.last_mut() {
            shapes.takes = Some(Shape::of::<T>());
        }
        self
    }

    /// The route listed last answers with JSON of this type.
    pub fn gives<T: ToSchema>(mut self) -> Self {
        if let Some((_, shapes, _)) = self.listed.last_mut() {
            shapes.gives = Some(Shape::of::<T>());
        }
        self
    }

    pub fn and(mut self, more: Routes) -> Self {
        self.listed.extend(more.listed);
        self
    }

    /// The list, in order of path and method.
    pub fn infos(&self) -> Vec<RouteInfo> {
        let mut infos: Vec<RouteInfo> = self.listed.iter().map(|(info, _, _)| info.clone()).collect();
        infos.sort();
        infos
    }

    /// The routes of the API with their shapes, in order of path and method.
    pub fn shapes(&self) -> Vec<(RouteInfo, Shapes)> {
        let mut shapes: Vec<(RouteInfo, Shapes)> = self
            .listed
            .iter()
            .filter(|(info, _, _)| info.path.starts_with("/api/"))
            .map(|(info, shapes, _)| (info.clone(), shapes.clone()))
            .collect();
        shapes.sort_by(|(a, _), (b, _)| a.cmp(b));
        shapes
    }

    /// Only the routes that a condition keeps: laboratory and public faces can listen on separate addresses.
    pub fn only(self, keep: impl Fn(&RouteInfo) -> bool) -> Self {
        Self { listed: self.listed.into_iter().filter(|(info, _, _)| keep(info)).collect() }
    }

    /// Puts the routes into an application. Paths with fixed words come before those with a variable in their place.
    pub fn configure(self, config: &mut ServiceConfig) {
        let mut by_path: BTreeMap<(Specificity, &'static str), Vec<Route>> = BTreeMap::new();
        for (info, _, route) in self.listed {
            by_path.entry((specificity(info.path), info.path)).or_default().push(route);
        }
        for ((_, path), routes) in by_path {
            let resource = routes.into_iter().fold(web::resource(path), |resource, route| resource.route(route));
            config.service(
                resource.default_service(web::to(|| async { actix_web::HttpResponse::MethodNotAllowed().finish() })),
            );
        }
    }
}

/// The parts of a path, fixed words before variables.
type Specificity = Vec<(bool, String)>;

fn specificity(path: &str) -> Specificity {
    path.split('/').map(|part| (part.starts_with('{'), part.to_owned())).collect()
}
