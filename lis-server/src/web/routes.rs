//! The list of routes. Each capability lists its own; the first argument of every handler says who may come in, and
//! that is where the list takes it from. The list is printed into the reference and checked by a guard test, route by
//! route and role by role.

use std::collections::BTreeMap;

use actix_web::dev::Handler;
use actix_web::http::Method;
use actix_web::web::{self, ServiceConfig};
use actix_web::{FromRequest, Responder, Route};

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

/// Routes on their way into the application.
#[derive(Default)]
pub struct Routes {
    listed: Vec<(RouteInfo, Route)>,
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
        self.listed.push((info, web::method(method).to(handler)));
        self
    }

    pub fn and(mut self, more: Routes) -> Self {
        self.listed.extend(more.listed);
        self
    }

    /// The list, in order of path and method.
    pub fn infos(&self) -> Vec<RouteInfo> {
        let mut infos: Vec<RouteInfo> = self.listed.iter().map(|(info, _)| info.clone()).collect();
        infos.sort();
        infos
    }

    /// Only the routes that a condition keeps: laboratory and public faces can listen on separate addresses.
    pub fn only(self, keep: impl Fn(&RouteInfo) -> bool) -> Self {
        Self { listed: self.listed.into_iter().filter(|(info, _)| keep(info)).collect() }
    }

    /// Puts the routes into an application. Paths with fixed words come before those with a variable in their place.
    pub fn configure(self, config: &mut ServiceConfig) {
        let mut by_path: BTreeMap<(Specificity, &'static str), Vec<Route>> = BTreeMap::new();
        for (info, route) in self.listed {
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
