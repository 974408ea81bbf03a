//! Pieces that many pages share: chips, fields, summaries of errors, pagers. A macro of the templates is copied into every
//! place that uses it; these are compiled once, and `web/pages/macros.html` gives each of them its short name and the
//! defaults of its arguments.

use askama::Template;
use askama::filters::HtmlSafe;

use super::problem::Said;
use super::ui::{Choice, FieldProblem, Ui};

/// The head of every page: pictures, laboratory, scan box, language, person, menu.
#[derive(Template)]
#[template(path = "web/pages/pieces/top.html")]
pub struct Top<'a> {
    ui: &'a Ui,
}

pub fn top(ui: &Ui) -> Top<'_> {
    Top { ui }
}

/// A word of state with its colour and picture.
#[derive(Template)]
#[template(path = "web/pages/pieces/tone_chip.html")]
pub struct ToneChip<'a> {
    tone: &'a str,
    icon: &'a str,
    label: &'a str,
}

/// A chip of any tone: `good bad warn info hold plain accent`.
pub fn tone_chip<'a>(tone: &'a str, icon: &'a str, label: &'a str) -> ToneChip<'a> {
    ToneChip { tone, icon, label }
}

/// The chip of a state by its axis (`sample custody retention item report case publicity delivery verdict`) and field
/// term. The axis matters only for the two words that two axes share. An unknown state is drawn plainly, never left out.
pub fn chip<'a>(axis: &str, state: &str, label: &'a str) -> ToneChip<'a> {
    let (tone, icon) = match (axis, state) {
        ("custody", "issued") => ("info", "person"),
        ("delivery", "opened") => ("good", "mail"),
        ("worksheet", "open") => ("info", "draft"),
        ("worksheet", "submitted") => ("info", "checks"),
        ("work", "open") => ("warn", "warn"),
        ("work", "evaluated") => ("info", "eye"),
        ("work", "resumed" | "correcting") => ("info", "repeat"),
        ("work", "effective") => ("good", "good"),
        (_, state) => drawn(state),
    };
    ToneChip { tone, icon, label }
}

/// Tone and picture of a state.
fn drawn(state: &str) -> (&'static str, &'static str) {
    match state {
        // sample, progress
        "draft" => ("plain", "draft"),
        "sealed" => ("info", "lock"),
        "arrived" => ("info", "inbox"),
        "accepted" | "approved" => ("info", "check"),
        "rejected" | "refused" | "fail" | "failed" | "upheld" => ("bad", "bad"),
        "testing" => ("info", "flask"),
        "tested" => ("info", "checks"),
        "closed" => ("plain", "good"),
        "withdrawn" | "cancelled" => ("plain", "minus"),
        "on_hold" | "held" => ("hold", "pause"),
        // part: custody and retention
        "with_sampler" | "assigned" => ("info", "person"),
        "in_transit" => ("info", "truck"),
        "in_laboratory" => ("plain", "home"),
        "returned" => ("plain", "back"),
        "kept" => ("plain", "box"),
        "released" => ("plain", "out"),
        "disposed" => ("plain", "trash"),
        // test item
        "planned" | "unpublished" => ("plain", "dot"),
        "in_batch" | "handling" => ("info", "list"),
        "measured" => ("info", "plug"),
        "calculated" => ("info", "equals"),
        "checked" => ("info", "check"),
        "final" => ("good", "lock"),
        "repeat_ordered" | "reinspection" => ("warn", "repeat"),
        "subcontracted" => ("plain", "out"),
        // report
        "compiling" => ("plain", "report"),
        "reviewed" => ("info", "eye"),
        "authorized" => ("good", "pen"),
        "issued" => ("good", "report"),
        "amended" | "replaced" | "corrected" => ("warn", "repeat"),
        // case, publicity, delivery
        "opened" | "problem" => ("warn", "warn"),
        "reported" | "sent" => ("info", "send"),
        "served" => ("info", "mail"),
        "objection" => ("warn", "voice"),
        "concluded" => ("info", "good"),
        "published" => ("good", "globe"),
        "queued" | "waiting" => ("plain", "clock"),
        "delivered" => ("good", "plug"),
        // verdicts
        "pass" | "valid" | "reversed" | "acknowledged" => ("good", "good"),
        "review" | "unknown" => ("warn", "question"),
        "not_judged" => ("plain", "minus"),
        _ => ("plain", "dot"),
    }
}

/// What every field of a form has beside its control; the id of the control is `f-NAME`, to which the summary of errors leads.
/// Where several forms of a page have a field of the name, that is the one of the form that came back; the others are
/// `f-PART-NAME`, or have the address of their form for the part.
pub struct Field<'a> {
    ui: &'a Ui,
    name: &'a str,
    /// Empty: no other form has a field of the name.
    part: &'a str,
    /// Where its form is sent; empty: it does not matter.
    form: &'a str,
    label: &'a str,
    hint: &'a str,
    /// Empty: nothing is wrong.
    error: &'a str,
    required: bool,
}

pub fn field<'a>(
    ui: &'a Ui,
    name: &'a str,
    label: &'a str,
    hint: &'a str,
    error: &'a str,
    required: &bool,
) -> Field<'a> {
    Field { ui, name, part: "", form: "", label, hint, error, required: *required }
}

impl<'a> Field<'a> {
    /// The field stands in a form beside which another one has a field of the name.
    pub fn of(self, part: &'a str) -> Self {
        Self { part, ..self }
    }

    /// The field stands in the form that is sent to an address, and other forms have a field of the name: what is wrong is
    /// shown in the form that came back only.
    pub fn sent_to(self, form: &'a str) -> Self {
        let error = if form.is_empty() || self.ui.came_back(form) { self.error } else { "" };
        Self { form, error, ..self }
    }

    /// The id of the control. The error's is always `f-NAME-error`: of several such forms one came back.
    fn id(&self) -> String {
        let name = self.name;
        match (self.form, self.part) {
            ("", "") => format!("f-{name}"),
            ("", part) => format!("f-{part}-{name}"),
            (form, _) if self.ui.came_back(form) => format!("f-{name}"),
            (form, _) => format!("f{}-{name}", form.replace('/', "-")),
        }
    }

    /// One line of text; the macro `text` says what the words mean.
    pub fn text(
        self,
        value: &'a str,
        unit: &'a str,
        kind: &'a str,
        class: &'a str,
        mode: &'a str,
        complete: &'a str,
    ) -> TextField<'a> {
        TextField { field: self, value, unit, kind, class, mode, complete }
    }

    pub fn number(self, value: &'a str, unit: &'a str, class: &'a str) -> NumberField<'a> {
        NumberField { field: self, value, unit, class }
    }

    pub fn date(self, value: &'a str, kind: &'a str) -> DateField<'a> {
        DateField { field: self, value, kind }
    }

    pub fn textarea(self, value: &'a str, rows: &u32) -> TextArea<'a> {
        TextArea { field: self, value, rows: *rows }
    }

    /// A list to choose one from; `none`: what choosing nothing means, empty: it asks to choose.
    pub fn select(self, options: &'a [Choice], value: &'a str, none: &'a str) -> Select<'a> {
        Select { field: self, options, value, none }
    }

    /// The same choice as large buttons.
    pub fn choices(self, options: &'a [Choice], value: &'a str) -> Choices<'a> {
        Choices { field: self, options, value }
    }
}

#[derive(Template)]
#[template(path = "web/pages/pieces/text.html")]
pub struct TextField<'a> {
    field: Field<'a>,
    value: &'a str,
    unit: &'a str,
    kind: &'a str,
    class: &'a str,
    mode: &'a str,
    complete: &'a str,
}

#[derive(Template)]
#[template(path = "web/pages/pieces/number.html")]
pub struct NumberField<'a> {
    field: Field<'a>,
    value: &'a str,
    unit: &'a str,
    class: &'a str,
}

#[derive(Template)]
#[template(path = "web/pages/pieces/date.html")]
pub struct DateField<'a> {
    field: Field<'a>,
    value: &'a str,
    kind: &'a str,
}

#[derive(Template)]
#[template(path = "web/pages/pieces/textarea.html")]
pub struct TextArea<'a> {
    field: Field<'a>,
    value: &'a str,
    rows: u32,
}

#[derive(Template)]
#[template(path = "web/pages/pieces/select.html")]
pub struct Select<'a> {
    field: Field<'a>,
    options: &'a [Choice],
    value: &'a str,
    none: &'a str,
}

#[derive(Template)]
#[template(path = "web/pages/pieces/choices.html")]
pub struct Choices<'a> {
    field: Field<'a>,
    options: &'a [Choice],
    value: &'a str,
}

/// The summary above a form that came back.
#[derive(Template)]
#[template(path = "web/pages/pieces/problems.html")]
pub struct Problems<'a> {
    ui: &'a Ui,
    list: &'a [FieldProblem],
}

pub fn problems<'a>(ui: &'a Ui, list: &'a [FieldProblem]) -> Problems<'a> {
    Problems { ui, list }
}

/// Reasons of a refusal that belong to no field.
#[derive(Template)]
#[template(path = "web/pages/pieces/general.html")]
pub struct General<'a> {
    ui: &'a Ui,
    list: &'a [Said],
}

pub fn general<'a>(ui: &'a Ui, list: &'a [Said]) -> General<'a> {
    General { ui, list }
}

/// Keyset pages: addresses of the previous and the next, empty where there is none, and the words for what is shown.
#[derive(Template)]
#[template(path = "web/pages/pieces/pager.html")]
pub struct Pager<'a> {
    ui: &'a Ui,
    previous: &'a str,
    next: &'a str,
    shown: &'a str,
}

pub fn pager<'a>(ui: &'a Ui, previous: &'a str, next: &'a str, shown: &'a str) -> Pager<'a> {
    Pager { ui, previous, next, shown }
}

// Their texts are escaped inside; a page takes them as they are.
macro_rules! html {
    ($($piece:ident)*) => { $(impl HtmlSafe for $piece<'_> {})* };
}
html! { Top ToneChip TextField NumberField DateField TextArea Select Choices Problems General Pager }

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn what_is_wrong_is_shown_in_the_form_that_came_back() {
        let ui = Ui::of(&TestRequest::with_uri("/reports/5/withdraw").to_http_request());
        let reason = |form: &'static str| field(&ui, "reason", "Reason", "", "missing", &true).sent_to(form);
        let back = reason("/reports/5/withdraw").textarea("", &4).to_string();
        assert!(back.contains("id=\"f-reason\"") && back.contains("id=\"f-reason-error\""), "{back}");
        let other = reason("/reports/5/send-back").textarea("", &4).to_string();
        assert!(other.contains("id=\"f-reports-5-send-back-reason\"") && !other.contains("missing"), "{other}");
        assert!(other.contains("for=\"f-reports-5-send-back-reason\""), "{other}");
    }

    #[test]
    fn a_chip_is_drawn_by_axis_and_state_and_its_words_are_escaped() {
        let html = chip("report", "issued", "签发 <1>").to_string();
        assert!(html.contains("data-tone=\"good\"") && html.contains("#i-report"), "{html}");
        assert!(html.contains("签发 &#60;1&#62;"), "{html}");
        assert!(chip("custody", "issued", "").to_string().contains("#i-person"));
        assert!(chip("item", "never heard of", "?").to_string().contains("data-tone=\"plain\""));
    }
}
