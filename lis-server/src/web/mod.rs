//! What every page and every API answer shares: language, the frame of a page, reading forms and JSON, answering
//! refusals in either face, routes, static files, security headers, health. Knows no capability.

pub mod answer;
pub mod assets;
pub mod csrf;
pub mod health;
mod labels;
pub mod language;
pub mod manual;
pub mod misread;
pub mod openapi;
pub mod paging;
pub mod pieces;
pub mod problem;
pub mod reading;
pub mod routes;
pub mod security;
pub mod shapes;
mod texts;
pub mod typed;
pub mod ui;
pub mod upload;

pub use answer::{page, pdf, refused, refused_page, see_other, versioned};
pub use problem::{Answer, Failure};
pub use reading::{Asked, AskedExactly, Form, Json, Nothing, RequestKey, Seen};
pub use ui::Ui;
pub use upload::{FormFile, FormWithFiles, Upload};

/// The id of a request: in the server's log and, as the cause, in the audit log.
#[derive(Clone)]
pub struct RequestId(pub String);
