//! A client that knows nothing but HTTP: a browser without script, or a program with a token.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::Value;
use ureq::http::{HeaderMap, Method, Request, Uri};

use crate::page::{Form, Page};

/// Longer than any answer of a healthy server on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The server ends a connection on which nothing has come for five seconds; one that is about to be ended is not used again.
const IDLE: Duration = Duration::from_secs(3);

/// Keeps its cookies, follows no redirect by itself.
pub struct Client {
    agent: ureq::Agent,
    base: String,
    token: Option<String>,
}

impl Client {
    /// A browser that nobody has signed in to.
    pub fn new(base: String) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .allow_non_standard_methods(true)
            // Answers as they are: pressing them and opening them again would be much of what the tests wait for.
            .accept_encoding("")
            .timeout_global(Some(PATIENCE))
            .max_idle_age(IDLE)
            .build()
            .new_agent();
        Self { agent, base, token: None }
    }

    /// A program that sends a token with every request.
    pub fn with_token(base: String, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..Self::new(base) }
    }

    pub fn base(&self) -> &str {
        &self.base
    }

    pub fn get(&self, path: &str) -> Reply {
        self.ask("GET", path).send()
    }

    /// Any request, put together step by step.
    pub fn ask(&self, method: &str, path: &str) -> Ask<'_> {
        let method = Method::from_bytes(method.as_bytes()).expect("the name of a method");
        let ask = Ask { client: self, method, path: path.to_owned(), headers: Vec::new(), body: Vec::new() };
        match &self.token {
            Some(token) => ask.header("authorization", &format!("Bearer {token}")),
            None => ask,
        }
    }

    /// A JSON request of a program.
    pub fn send_json(&self, method: &str, path: &str, body: &Value) -> Ask<'_> {
        self.ask(method, path).json(body)
    }

    /// A command of a program, or of somebody who has signed in: with a key of its own, so that it is done once.
    pub fn command(&self, path: &str, body: &Value) -> Ask<'_> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let key = format!("test-{}", NUMBER.fetch_add(1, Ordering::SeqCst));
        self.send_json("POST", path, body).header("sec-fetch-site", "same-origin").key(&key)
    }

    /// A file as the form of a page brings it.
    pub fn upload(&self, path: &str, file_name: &str, bytes: &[u8]) -> Ask<'_> {
        self.upload_beside(path, &[], file_name, bytes)
    }

    /// The same with text fields before it.
    pub fn upload_beside(&self, path: &str, texts: &[(&str, &str)], file_name: &str, bytes: &[u8]) -> Ask<'_> {
        const BOUNDARY: &str = "boundary-of-the-tests";
        let text = |(name, value): &(&str, &str)| {
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let before: String = texts.iter().map(text).collect();
        let mut body = format!(
            "{before}--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{file_name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        )
        .into_bytes();
        body.extend_from_slice(bytes);
        body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        self.ask("POST", path).header("sec-fetch-site", "same-origin").body(&kind, body)
    }

    /// Signs somebody in. How the page with the form looks is tested elsewhere.
    ///
    /// # Panics
    /// When he is not let in.
    #[track_caller]
    pub fn sign_in(&self, username: &str, password: &str) {
        let typed = [("username", username), ("password", password)];
        self.post_pairs("/sign-in", &typed.map(|(name, value)| (name.to_owned(), value.to_owned()))).expect(303);
    }

    /// Opens a page and takes its form, filled in as a browser would show it, to be sent with [`Client::send`].
    pub fn form(&self, page: &str, action: &str) -> Form {
        self.get(page).expect(200).page().form(action)
    }

    /// Sends a form as a browser does, saying where it comes from.
    pub fn send(&self, form: &Form) -> Reply {
        self.post_pairs(form.action(), form.pairs())
    }

    /// Sends the fields of a form that no page was opened for.
    pub fn post_pairs(&self, path: &str, pairs: &[(String, String)]) -> Reply {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        self.ask("POST", path).header("sec-fetch-site", "same-origin").form_body(body.into_bytes()).send()
    }

    /// Follows one redirect.
    pub fn follow(&self, reply: &Reply) -> Reply {
        self.get(&reply.location())
    }

    pub fn cookie(&self, name: &str) -> Option<String> {
        let jar = self.agent.cookie_jar_lock();
        jar.iter().find(|cookie| cookie.name() == name).map(|cookie| cookie.value().to_owned())
    }
}

/// A request on its way.
pub struct Ask<'a> {
    client: &'a Client,
    method: Method,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Ask<'_> {
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn body(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.header("content-type", content_type)
    }

    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    pub fn form_body(self, body: impl Into<Vec<u8>>) -> Self {
        self.body("application/x-www-form-urlencoded", body)
    }

    pub fn key(self, idempotency_key: &str) -> Self {
        self.header("idempotency-key", idempotency_key)
    }

    pub fn seen(self, version: i64) -> Self {
        self.header("if-match", &format!("\"{version}\""))
    }

    /// As a browser asks in which this language was chosen.
    pub fn in_language(self, code: &str) -> Self {
        self.header("cookie", &format!("lis_language={code}"))
    }

    /// # Panics
    /// When there is no answer at all: the server broke off.
    pub fn send(self) -> Reply {
        self.try_send().unwrap_or_else(|error| panic!("no answer: {error}"))
    }

    pub fn try_send(self) -> Result<Reply, ureq::Error> {
        let Ask { client, method, path, headers, body } = self;
        let uri: Uri = format!("{}{path}", client.base).parse().unwrap_or_else(|error| panic!("{path}: {error}"));
        let asked = format!("{method} {path}");
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let answer = if body.is_empty() {
            client.agent.run(request.body(()).expect("a valid request"))
        } else {
            client.agent.run(request.body(body).expect("a valid request"))
        };
        let (parts, mut body) = answer?.into_parts();
        // Pages and answers of the tests are far smaller.
        let body = body.with_config().limit(64 * 1024 * 1024).read_to_vec()?;
        Ok(Reply { asked, status: parts.status.as_u16(), headers: parts.headers, body })
    }
}

/// An answer.
pub struct Reply {
    asked: String,
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Reply {
    /// # Panics
    /// When the status is another: shows the answer.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{} answered:\n{}", self.asked, self.shown());
        self
    }

    /// The answer as a person would read it.
    pub fn shown(&self) -> String {
        if self.header("content-type").is_some_and(|kind| kind.starts_with("text/html")) {
            self.page().text()
        } else {
            self.text()
        }
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap_or_else(|_| panic!("{}: not UTF-8", self.asked))
    }

    /// # Panics
    /// When the answer is not JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{}: not JSON ({error}):\n{}", self.asked, self.text()))
    }

    pub fn page(&self) -> Page {
        Page::parse(std::str::from_utf8(&self.body).unwrap_or_else(|_| panic!("{}: not UTF-8", self.asked)))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Where the answer sends the browser.
    #[track_caller]
    pub fn location(&self) -> String {
        self.header("location")
            .unwrap_or_else(|| panic!("{}: {} without a location", self.asked, self.status))
            .to_owned()
    }

    /// The rows of a list.
    #[track_caller]
    pub fn items(&self) -> Vec<Value> {
        let body = self.json();
        body["items"].as_array().unwrap_or_else(|| panic!("{}: no items in {body}", self.asked)).clone()
    }

    /// The version that the answer carries in its ETag.
    #[track_caller]
    pub fn version(&self) -> i64 {
        let tag = self.header("etag").and_then(|tag| tag.trim_matches('"').parse().ok());
        tag.unwrap_or_else(|| panic!("{}: no version in {:?}", self.asked, self.header("etag")))
    }

    /// The codes of a problem's reasons, in order.
    #[track_caller]
    pub fn codes(&self) -> Vec<String> {
        let body = self.json();
        let reasons = body["reasons"].as_array().unwrap_or_else(|| panic!("{}: no reasons in {body}", self.asked));
        reasons.iter().map(|reason| reason["code"].as_str().unwrap_or_default().to_owned()).collect()
    }
}
