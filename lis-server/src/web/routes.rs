//! The list of routes. Each capability lists its own; the first argument of every handler says who may come in, and
//! that is where the list takes it from. The list is printed into the reference and checked by a guard test, route by
//! route and role by role.

use std::collections::BTreeMap;
use std::rc::Rc;

use actix_web::dev::{Handler, Payload};
use actix_web::http::Method;
use actix_web::web::{self, ServiceConfig};
use actix_web::{FromRequest, HttpRequest, HttpResponse, Responder};
use futures_util::future::LocalBoxFuture;
use utoipa::ToSchema;

use super::shapes::{Argument, Body, Key, Shape, Shapes};
use crate::domain::refusal::Problem;

/// The first argument of a handler: who may come in.
pub trait Gate: FromRequest {
    /// The code of a permission, or `anyone`, or `signed_in`.
    const GATE: &'static str;
}

/// The arguments of a handler whose first one is a gate; the others say what a request brings.
pub trait Gated {
    const GATE: &'static str;

    fn describe(shapes: &mut Shapes);
}

macro_rules! gated {
    ($($other:ident)*) => {
        impl<First: Gate, $($other: Argument),*> Gated for (First, $($other,)*) {
            const GATE: &'static str = First::GATE;

            fn describe(_shapes: &mut Shapes) {
                $($other::describe(_shapes);)*
            }
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
    listed: Vec<Listed>,
}

struct Listed {
    info: RouteInfo,
    method: Method,
    /// What was said about it for the document of the API. Composing schemas is work and memory, so nothing of it is done
    /// before somebody asks for the document.
    said: Vec<Box<dyn Fn(&mut Shapes)>>,
    call: Call,
}

/// A handler of any type. Routes of the framework would have code of their own for every handler, run for each thread when the
/// server starts; so handlers of all types are called by the same code ([`dispatch`]).
type Call = Box<dyn Fn(HttpRequest, Payload) -> LocalBoxFuture<'static, HttpResponse>>;

fn call<F, Args>(handler: F) -> Call
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    Box::new(move |req, mut payload| {
        let handler = handler.clone();
        Box::pin(async move {
            match Args::from_request(&req, &mut payload).await {
                Ok(args) => handler.call(args).await.respond_to(&req).map_into_boxed_body(),
                Err(refusal) => HttpResponse::from_error(refusal.into()),
            }
        })
    })
}

/// Calls the handler of the request's method.
async fn dispatch(calls: Rc<[(Method, Call)]>, req: HttpRequest, payload: web::Payload) -> HttpResponse {
    match calls.iter().find(|(method, _)| method == req.method()) {
        Some((_, call)) => call(req, payload.into_inner()).await,
        None => HttpResponse::MethodNotAllowed().finish(),
    }
}

impl Listed {
    fn shapes(&self) -> Shapes {
        let mut shapes = Shapes::default();
        for say in &self.said {
            say(&mut shapes);
        }
        shapes
    }
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
        self.listed.push(Listed { info, method, said: vec![Box::new(Args::describe)], call: call(handler) });
        self
    }

    /// What the route listed last does, in one line of English.
    pub fn about(self, summary: &'static str) -> Self {
        self.say(move |shapes| shapes.summary = summary)
    }

    /// The route listed last takes a JSON body of this type. A handler with [`Json`](super::Json) says so by itself.
    pub fn takes<T: ToSchema + 'static>(self) -> Self {
        self.say(|shapes| shapes.takes = Some(Body::Json(Shape::of::<T>())))
    }

    /// The route listed last answers 200 with JSON of this type.
    pub fn gives<T: ToSchema + 'static>(self) -> Self {
        self.answers(200, || Body::Json(Shape::of::<T>()))
    }

    /// The route listed last makes something: 201 with JSON of this type.
    pub fn creates<T: ToSchema + 'static>(self) -> Self {
        self.answers(201, || Body::Json(Shape::of::<T>()))
    }

    /// The route listed last answers 204 without a body.
    pub fn gives_nothing(self) -> Self {
        self.answers(204, || Body::Empty)
    }

    /// The route listed last answers 200 with a file of this kind.
    pub fn gives_file(self, media_type: &'static str) -> Self {
        self.answers(200, move || Body::File(media_type))
    }

    /// The route listed last refuses with this status by a problem document that has members of its own.
    pub fn refuses_as<T: ToSchema + 'static>(self, status: u16) -> Self {
        self.answers(status, || Body::Problem(Shape::of::<T>()))
    }

    /// Text fields that come beside the file of the route listed last: name and meaning.
    pub fn beside(self, texts: &'static [(&'static str, &'static str)]) -> Self {
        self.say(move |shapes| shapes.takes = Some(Body::Upload(texts)))
    }

    fn answers(self, status: u16, body: impl Fn() -> Body + 'static) -> Self {
        self.say(move |shapes| shapes.gives.push((status, body())))
    }

    /// The handler of the route listed last demands the version that was seen.
    pub fn versioned(self) -> Self {
        self.say(|shapes| shapes.versioned = true)
    }

    /// The handler of the route listed last demands an idempotency key.
    pub fn keyed(self) -> Self {
        self.say(|shapes| shapes.key = Key::Demanded)
    }

    /// The route listed last keeps no idempotency key: repeating the request changes nothing anyway.
    pub fn repeatable(self) -> Self {
        self.say(|shapes| shapes.key = Key::Needless)
    }

    /// The route listed last keeps no idempotency key: its answer holds a secret that is stored nowhere.
    pub fn shown_once(self) -> Self {
        self.say(|shapes| shapes.key = Key::None)
    }

    /// Problems that the route listed last can answer with beside the general ones and, of a command, its room's.
    pub fn refuses(self, problems: &'static [Problem]) -> Self {
        self.say(move |shapes| shapes.problems.extend(problems))
    }

    /// Says something about the route listed last.
    fn say(mut self, say: impl Fn(&mut Shapes) + 'static) -> Self {
        if let Some(last) = self.listed.last_mut() {
            last.said.push(Box::new(say));
        }
        self
    }

    /// Names the room of all these routes; its commands refuse with its problems.
    pub fn of_room(mut self, room: &'static str, problems: &'static [Problem]) -> Self {
        for Listed { info, said, .. } in &mut self.listed {
            let problems = if info.method == "GET" { &[] } else { problems };
            said.push(Box::new(move |shapes: &mut Shapes| {
                shapes.room = room;
                shapes.problems.extend(problems);
            }));
        }
        self
    }

    pub fn and(mut self, more: Routes) -> Self {
        self.listed.extend(more.listed);
        self
    }

    /// The list, in order of path and method.
    pub fn infos(&self) -> Vec<RouteInfo> {
        let mut infos: Vec<RouteInfo> = self.listed.iter().map(|listed| listed.info.clone()).collect();
        infos.sort();
        infos
    }

    /// The routes of the API with their shapes, in order of path and method.
    pub fn shapes(&self) -> Vec<(RouteInfo, Shapes)> {
        let mut shapes: Vec<(RouteInfo, Shapes)> = self
            .listed
            .iter()
            .filter(|listed| listed.info.path.starts_with("/api/"))
            .map(|listed| (listed.info.clone(), listed.shapes()))
            .collect();
        shapes.sort_by(|(a, _), (b, _)| a.cmp(b));
        shapes
    }

    /// Only the routes that a condition keeps: laboratory and public faces can listen on separate addresses.
    pub fn only(self, keep: impl Fn(&RouteInfo) -> bool) -> Self {
        Self { listed: self.listed.into_iter().filter(|listed| keep(&listed.info)).collect() }
    }

    /// Puts the routes into an application. Paths with fixed words come before those with a variable in their place.
    pub fn configure(self, config: &mut ServiceConfig) {
        let mut by_path: BTreeMap<(Specificity, &'static str), Vec<(Method, Call)>> = BTreeMap::new();
        for Listed { info, method, call, .. } in self.listed {
            by_path.entry((specificity(info.path), info.path)).or_default().push((method, call));
        }
        for ((_, path), calls) in by_path {
            let calls: Rc<[(Method, Call)]> = calls.into();
            let handler = move |req: HttpRequest, payload: web::Payload| dispatch(calls.clone(), req, payload);
            config.service(web::resource(path).to(handler));
        }
    }
}

/// The parts of a path, fixed words before variables.
type Specificity = Vec<(bool, String)>;

fn specificity(path: &str) -> Specificity {
    path.split('/').map(|part| (part.starts_with('{'), part.to_owned())).collect()
}
