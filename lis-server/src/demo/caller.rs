//! How the people of the demonstration act: through the program's own pages and API on the loopback address, like anybody.

use std::fmt;
use std::time::Duration;

use serde_json::Value;
use ureq::http::Response;
use ureq::{Agent, Body, SendBody};
use uuid::Uuid;

/// What went otherwise than the script states: the demonstration ends with it.
#[derive(Debug)]
pub struct Deviation(pub String);

impl fmt::Display for Deviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Deviation {}

impl From<String> for Deviation {
    fn from(what: String) -> Self {
        Self(what)
    }
}

/// The outcome of a part of the script.
pub type Played<T = ()> = Result<T, Deviation>;

/// Compares an outcome with what the script states.
pub fn states<T: PartialEq + fmt::Debug>(what: &str, found: &T, stated: &T) -> Played {
    if found == stated {
        return Ok(());
    }
    Err(Deviation(format!("{what}: {found:?}; the script states {stated:?}")))
}

/// A report takes at most some seconds, even on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(60);
/// The server ends a connection on which nothing has come for five seconds; one that is about to be ended is not used again.
const IDLE: Duration = Duration::from_secs(2);

/// How a caller proves who he is.
#[derive(Clone)]
enum Proof {
    Nobody,
    Cookie(String),
    Token(String),
}

/// Somebody who asks the server.
#[derive(Clone)]
pub struct Caller {
    agent: Agent,
    base: String,
    proof: Proof,
}

/// What the server answered.
pub struct Answered {
    asked: String,
    pub status: u16,
    /// The version that the answer carries in its ETag.
    pub version: i64,
    pub body: Value,
}

impl Caller {
    /// A visitor whom nobody knows.
    pub fn nobody(base: &str) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(PATIENCE))
            .max_idle_age(IDLE)
            .build();
        Self { agent: config.into(), base: base.to_owned(), proof: Proof::Nobody }
    }

    /// A program with a token.
    pub fn with_token(&self, token: &str) -> Self {
        Self { proof: Proof::Token(token.to_owned()), ..self.clone() }
    }

    /// Signs in by the form of the page.
    pub fn signed_in(&self, username: &str, password: &str) -> Played<Self> {
        let form = [("username", username), ("password", password)];
        let request = self.agent.post(format!("{}/sign-in", self.base)).header("sec-fetch-site", "same-origin");
        let answer = request.send_form(form).map_err(|error| Deviation(format!("/sign-in: {error}")))?;
        let cookie = answer.headers().get("set-cookie").and_then(|value| value.to_str().ok());
        let session = cookie.and_then(|cookie| cookie.split(';').next()).filter(|_| answer.status() == 303);
        let session = session.ok_or_else(|| Deviation(format!("{username} could not sign in: {}", answer.status())))?;
        Ok(Self { proof: Proof::Cookie(session.to_owned()), ..self.clone() })
    }

    /// Signs out by the form that every page has.
    pub fn sign_out(&self) -> Played {
        let page = self.get("/account")?.body;
        let token = page.as_str().and_then(|page| page.split("name=\"csrf\" value=\"").nth(1)?.split('"').next());
        let token = token.ok_or_else(|| Deviation("/account has no form to sign out".to_owned()))?;
        let form = format!("csrf={token}").into_bytes();
        let answer = self.send("POST", "/sign-out", None, form, "application/x-www-form-urlencoded")?;
        states("/sign-out", &answer.status, &303)
    }

    pub fn get(&self, path: &str) -> Played<Answered> {
        self.send("GET", path, None, Vec::new(), "")
    }

    /// The bytes of a file.
    pub fn download(&self, path: &str) -> Played<Vec<u8>> {
        let mut answer = self.ask("GET", path, None, Vec::new(), "")?;
        states(path, &answer.status().as_u16(), &200)?;
        answer.body_mut().read_to_vec().map_err(|error| Deviation(format!("{path}: {error}")))
    }

    /// A command with a key of its own, so that it could be repeated.
    pub fn post(&self, path: &str, body: &Value) -> Played<Answered> {
        self.send("POST", path, None, body.to_string().into_bytes(), "application/json")
    }

    /// A command on an object that was seen at a version.
    pub fn post_on(&self, path: &str, version: i64, body: &Value) -> Played<Answered> {
        self.send("POST", path, Some(version), body.to_string().into_bytes(), "application/json")
    }

    /// A file as a form of a browser brings it.
    pub fn upload(&self, path: &str, file_name: &str, bytes: &[u8]) -> Played<Answered> {
        self.upload_with(path, &[], (file_name, bytes))
    }

    /// The same with what is said about it beside it.
    pub fn upload_with(
        &self,
        path: &str,
        beside: &[(&str, &str)],
        (file_name, bytes): (&str, &[u8]),
    ) -> Played<Answered> {
        let boundary = Uuid::new_v4().simple().to_string();
        let mut text = String::new();
        for (name, value) in beside {
            text += &format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        }
        text += &format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{file_name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        let mut body = text.into_bytes();
        body.extend_from_slice(bytes);
        body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
        self.send("POST", path, None, body, &format!("multipart/form-data; boundary={boundary}"))
    }

    fn send(&self, method: &str, path: &str, version: Option<i64>, body: Vec<u8>, kind: &str) -> Played<Answered> {
        let mut answer = self.ask(method, path, version, body, kind)?;
        let tag = answer.headers().get("etag").and_then(|tag| tag.to_str().ok()).unwrap_or_default();
        let version = tag.trim_matches('"').parse().unwrap_or(0);
        let status = answer.status().as_u16();
        let text = answer.body_mut().read_to_string().map_err(|error| Deviation(format!("{path}: {error}")))?;
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Ok(Answered { asked: format!("{method} {path}"), status, version, body })
    }

    fn ask(&self, method: &str, path: &str, version: Option<i64>, body: Vec<u8>, kind: &str) -> Played<Response<Body>> {
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header("sec-fetch-site", "same-origin");
        if method != "GET" {
            request = request.header("idempotency-key", Uuid::new_v4().to_string()).header("content-type", kind);
        }
        if let Some(version) = version {
            request = request.header("if-match", format!("\"{version}\""));
        }
        request = match &self.proof {
            Proof::Nobody => request,
            Proof::Cookie(cookie) => request.header("cookie", cookie),
            Proof::Token(token) => request.header("authorization", format!("Bearer {token}")),
        };
        let failed = |error: &dyn fmt::Display| Deviation(format!("{method} {path}: {error}"));
        if method == "GET" {
            let request = request.body(()).map_err(|error| failed(&error))?;
            return self.agent.run(request).map_err(|error| failed(&error));
        }
        let request = request.body(SendBody::from_owned_reader(std::io::Cursor::new(body)));
        self.agent.run(request.map_err(|error| failed(&error))?).map_err(|error| failed(&error))
    }
}

impl Answered {
    /// The answer of a request that must succeed.
    pub fn done(self) -> Played<Self> {
        if (200..300).contains(&self.status) {
            return Ok(self);
        }
        Err(Deviation(format!("{} was answered {}: {}", self.asked, self.status, self.said())))
    }

    /// The codes of a refusal must be exactly these; the answer is what the refusal said.
    pub fn refused(self, stated: &[&str]) -> Played<String> {
        let listed = self.body["reasons"].as_array().cloned().unwrap_or_default();
        let codes: Vec<&str> = listed.iter().filter_map(|reason| reason["code"].as_str()).collect();
        states(&format!("{} was answered {}: {}", self.asked, self.status, self.said()), &codes.as_slice(), &stated)?;
        Ok(self.said())
    }

    fn said(&self) -> String {
        match &self.body["detail"] {
            Value::String(detail) => detail.clone(),
            _ => self.body.to_string().chars().take(300).collect(),
        }
    }

    /// A whole number of the answer.
    pub fn number(&self, field: &str) -> Played<i64> {
        self.body[field].as_i64().ok_or_else(|| Deviation(format!("{}: no {field} in {}", self.asked, self.body)))
    }

    /// A text of the answer.
    pub fn text(&self, field: &str) -> Played<String> {
        let text = self.body[field].as_str().map(str::to_owned);
        text.ok_or_else(|| Deviation(format!("{}: no {field} in {}", self.asked, self.body)))
    }

    /// The rows of a list.
    pub fn items(&self) -> Vec<Value> {
        self.body["items"].as_array().cloned().unwrap_or_default()
    }
}
