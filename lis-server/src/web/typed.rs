//! What a person typed into a form, for the page that answers it: whatever is refused, by whomever, none of it is lost. The
//! reader of the form keeps it with the request; pages with several small forms fill the one that came back from here, and a
//! refusal that is a page of its own shows it.

use std::sync::{Arc, OnceLock};

use actix_web::{HttpMessage, HttpRequest};

use super::reading::{CSRF_FIELD, ONCE_FIELD, VERSION_FIELD};

/// The fields of the form that a request sends; none before it was read, and of a request without a form.
#[derive(Clone, Debug, Default)]
pub struct Typed(Arc<OnceLock<Vec<(String, String)>>>);

impl Typed {
    /// What is known of a request. Whoever asks before the form was read learns of it when it is.
    pub fn of(req: &HttpRequest) -> Self {
        let mut extensions = req.extensions_mut();
        if let Some(typed) = extensions.get::<Self>() {
            return typed.clone();
        }
        let typed = Self::default();
        extensions.insert(typed.clone());
        typed
    }

    /// Keeps what was sent, once.
    pub fn keep(&self, pairs: Vec<(String, String)>) {
        self.0.get_or_init(|| pairs);
    }

    /// The first value of a field; empty when there is none.
    pub fn value(&self, name: &str) -> &str {
        self.pairs().iter().find(|(field, _)| field == name).map_or("", |(_, value)| value.as_str())
    }

    /// What is shown to the one who typed it: neither what every form carries beside it nor a secret.
    pub fn shown(&self) -> Vec<(String, String)> {
        let hidden = |name: &str| [CSRF_FIELD, ONCE_FIELD, VERSION_FIELD].contains(&name) || is_secret(name);
        self.pairs().iter().filter(|(name, value)| !hidden(name) && !value.trim().is_empty()).cloned().collect()
    }

    fn pairs(&self) -> &[(String, String)] {
        self.0.get().map_or(&[], Vec::as_slice)
    }
}

/// Passwords of every kind are typed again.
fn is_secret(name: &str) -> bool {
    name.contains("password")
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn who_asked_before_the_form_was_read_learns_of_it() {
        let req = TestRequest::default().to_http_request();
        let early = Typed::of(&req);
        assert_eq!(early.value("reason"), "");
        Typed::of(&req).keep(pairs(&[("reason", "seal torn"), ("reason", "second")]));
        assert_eq!(early.value("reason"), "seal torn");
        assert_eq!(early.value("other"), "");
    }

    #[test]
    fn secrets_and_what_every_form_carries_are_not_shown() {
        let typed = Typed::default();
        typed.keep(pairs(&[
            ("csrf", "token"),
            ("once", "key"),
            ("version", "3"),
            ("signing_password", "secret"),
            ("new_password", "secret"),
            ("remark", "  "),
            ("reason", "seal torn"),
        ]));
        assert_eq!(typed.shown(), pairs(&[("reason", "seal torn")]));
    }
}
