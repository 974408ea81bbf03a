//! Reading pages as a person does: the text, the fields of a form, the errors beside them.

use scraper::{ElementRef, Html, Selector};

/// A page that came back.
pub struct Page(Html);

impl Page {
    pub fn parse(html: &str) -> Self {
        Self(Html::parse_document(html))
    }

    /// All that matches a CSS selector.
    pub fn all(&self, css: &str) -> Vec<ElementRef<'_>> {
        let selector = Selector::parse(css).unwrap_or_else(|error| panic!("{css}: {error}"));
        self.0.select(&selector).collect()
    }

    /// The text of each match, blanks collapsed.
    pub fn texts(&self, css: &str) -> Vec<String> {
        self.all(css).into_iter().map(text_of).collect()
    }

    /// The text of the main part of the page.
    pub fn text(&self) -> String {
        let main = self.texts("main");
        if main.is_empty() { self.texts("body").join(" ") } else { main.join(" ") }
    }

    pub fn title(&self) -> String {
        self.texts("h1").join(" ")
    }

    pub fn language(&self) -> String {
        self.attribute("html", "lang").unwrap_or_default()
    }

    pub fn attribute(&self, css: &str, name: &str) -> Option<String> {
        self.all(css).first()?.value().attr(name).map(str::to_owned)
    }

    /// The error beside a field; empty when it is right.
    pub fn error_at(&self, field: &str) -> String {
        self.texts(&format!("#f-{field}-error")).join(" ")
    }

    /// Reasons that belong to no field, and those of a page that is a refusal.
    pub fn problems(&self) -> String {
        self.texts("[data-kind=problem] li").join(" ")
    }

    /// The form that is sent to an address, filled in as shown.
    ///
    /// # Panics
    /// When there is none: names those that there are.
    pub fn form(&self, action: &str) -> Form {
        let forms = self.all("form");
        let found = forms.iter().find(|form| form.value().attr("action") == Some(action));
        let form = found.unwrap_or_else(|| {
            let actions: Vec<_> = forms.iter().filter_map(|form| form.value().attr("action")).collect();
            panic!("no form for {action} on the page {:?}, only {actions:?}", self.title())
        });
        Form { action: action.to_owned(), pairs: fields_of(*form) }
    }
}

fn text_of(element: ElementRef<'_>) -> String {
    element.text().collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a browser would send for a form that nobody touched.
fn fields_of(form: ElementRef<'_>) -> Vec<(String, String)> {
    let selector = Selector::parse("input[name], select[name], textarea[name]").expect("a valid selector");
    let chosen = Selector::parse("option[selected]").expect("a valid selector");
    let mut pairs = Vec::new();
    for field in form.select(&selector) {
        let name = field.value().attr("name").unwrap_or_default().to_owned();
        let value = field.value().attr("value").unwrap_or_default().to_owned();
        match (field.value().name(), field.value().attr("type")) {
            ("input", Some("checkbox" | "radio")) => {
                if field.value().attr("checked").is_some() {
                    pairs.push((name, value));
                }
            }
            // A file goes as a part of its own.
            ("input", Some("file")) => {}
            ("select", _) => {
                let option = field.select(&chosen).next();
                pairs.push((name, option.and_then(|o| o.value().attr("value")).unwrap_or_default().to_owned()));
            }
            ("textarea", _) => pairs.push((name, field.text().collect())),
            _ => pairs.push((name, value)),
        }
    }
    pairs
}

/// A form, ready to be filled in and sent.
#[derive(Clone, Debug)]
pub struct Form {
    action: String,
    pairs: Vec<(String, String)>,
}

impl Form {
    pub fn action(&self) -> &str {
        &self.action
    }

    pub fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }

    /// The first value of a field.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// All values of a field: ticked boxes.
    pub fn values(&self, name: &str) -> Vec<&str> {
        self.pairs.iter().filter(|(field, _)| field == name).map(|(_, value)| value.as_str()).collect()
    }

    /// Types into a field.
    pub fn set(mut self, name: &str, value: &str) -> Self {
        self = self.without(name);
        self.pairs.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Ticks one more box.
    pub fn tick(mut self, name: &str, value: &str) -> Self {
        self.pairs.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Leaves a field out: unticks boxes, or sends what no browser would.
    pub fn without(mut self, name: &str) -> Self {
        self.pairs.retain(|(field, _)| field != name);
        self
    }
}
