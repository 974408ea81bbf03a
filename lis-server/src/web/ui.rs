//! What the frame of every page needs: language, person, menu, the token of its forms.

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use std::future::{Ready, ready};

use super::csrf;
use super::language::Language;
use super::problem::{Failure, Said, is_for_programs};
use super::typed::Typed;
use crate::domain::refusal::{Fact, Reason, Refusal};

/// A place of the menu.
#[derive(Clone, Debug)]
pub struct MenuItem {
    pub href: &'static str,
    pub label: String,
    pub current: bool,
}

impl MenuItem {
    /// How broad it is in a row, in pixels; a little more than it is with most fonts.
    fn breadth(&self) -> usize {
        let letter = |letter: char| if letter.is_ascii() { NARROW } else { BROAD };
        AROUND_A_LABEL + self.label.chars().map(letter).sum::<usize>()
    }
}

/// Places of the menu that belong together.
#[derive(Clone, Debug)]
pub struct MenuGroup {
    pub label: String,
    pub items: Vec<MenuItem>,
}

impl MenuGroup {
    /// Whether the page is one of them.
    pub fn is_current(&self) -> bool {
        self.items.iter().any(|item| item.current)
    }
}

/// A group of the menu as the front desk gives it: its message key, and address and message key of its places.
pub type MenuPlaces = (&'static str, Vec<(&'static str, &'static str)>);

/// How broad a menu may be that is shown in a row, in pixels; a broader one is shown in groups, because it would break on a
/// workstation's screen: 1280 less the edges and a scroll bar.
const IN_A_ROW_MOST: usize = 1240;
/// A place of the menu without its label: the space at both sides of it.
const AROUND_A_LABEL: usize = 24;
/// A Chinese character, and a Latin letter as broad as they are on the whole, in the type of the menu.
const BROAD: usize = 14;
const NARROW: usize = 8;

/// A sentence above the page, left by the step before it.
#[derive(Clone, Debug)]
pub struct Notice {
    pub kind: &'static str,
    pub text: String,
}

/// What is known of the one who looks at the page. Put into the request by the front desk when it has recognised the
/// person; without it the page is shown to nobody in particular.
#[derive(Clone, Debug, Default)]
pub struct Viewer {
    pub language: Option<Language>,
    pub person: Option<String>,
    pub is_laboratory: bool,
    pub laboratory: String,
    pub menu: Vec<MenuPlaces>,
}

/// The frame of one page.
#[derive(Clone, Debug)]
pub struct Ui {
    pub language: Language,
    pub person: Option<String>,
    pub path: String,
    laboratory: String,
    is_laboratory: bool,
    is_public: bool,
    menu: Vec<MenuGroup>,
    csrf: String,
    notice: Option<Notice>,
    typed: Typed,
}

/// The cookie that remembers a chosen language.
pub const LANGUAGE_COOKIE: &str = "lis_language";
/// The query field by which a step tells the next page its message key.
pub const NOTICE_FIELD: &str = "done";

impl Ui {
    pub fn of(req: &HttpRequest) -> Self {
        let viewer = req.extensions().get::<Viewer>().cloned().unwrap_or_default();
        let chosen = req.cookie(LANGUAGE_COOKIE).and_then(|cookie| Language::parse(cookie.value()));
        let accepted = || {
            let header = req.headers().get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
            Language::from_accept(header)
        };
        // A program says with each request what it reads; a browser says what its machine was set up with.
        let language = if is_for_programs(req) {
            accepted().or(chosen).or(viewer.language)
        } else {
            chosen.or(viewer.language).or_else(accepted)
        };
        let language = language.unwrap_or_default();
        let here = req.path();
        let within = |href: &str| here == href || here.strip_prefix(href).is_some_and(|rest| rest.starts_with('/'));
        // Of places within each other the innermost is meant: /portal/orders, not /portal.
        let places = viewer.menu.iter().flat_map(|(_, places)| places);
        let current = places.map(|(href, _)| *href).filter(|href| within(href)).max_by_key(|href| href.len());
        let item = |&(href, key): &(&'static str, &'static str)| MenuItem {
            href,
            label: language.text(key),
            current: current == Some(href),
        };
        let group = |(key, places): &MenuPlaces| MenuGroup {
            label: language.text(key),
            items: places.iter().map(item).collect(),
        };
        let menu = viewer.menu.iter().map(group).collect();
        Self {
            language,
            path: req.uri().path_and_query().map_or_else(|| here.to_owned(), ToString::to_string),
            laboratory: viewer.laboratory,
            is_laboratory: viewer.is_laboratory,
            is_public: viewer.person.is_none(),
            person: viewer.person,
            menu,
            csrf: csrf::expected(req).unwrap_or_default(),
            notice: notice_of(req, language),
            typed: Typed::of(req),
        }
    }

    /// The text of a key in the page's language.
    pub fn t(&self, key: &str) -> String {
        self.language.text(key)
    }

    /// The same with one fact.
    pub fn t1(&self, key: &str, name: &'static str, fact: impl Into<Fact>) -> String {
        self.language.text_with(key, &[(name, fact.into())])
    }

    /// The same with two facts.
    pub fn t2(
        &self,
        key: &str,
        first: (&'static str, impl Into<Fact>),
        second: (&'static str, impl Into<Fact>),
    ) -> String {
        self.language.text_with(key, &[(first.0, first.1.into()), (second.0, second.1.into())])
    }

    /// The one of two texts that is in the page's language: names that data carries in both.
    pub fn pick<'a>(&self, chinese: &'a str, english: &'a str) -> &'a str {
        self.language.pick(chinese, english)
    }

    /// Between a name and what is said of it.
    pub fn colon(&self) -> &'static str {
        self.language.pick("：", ": ")
    }

    /// A list in one line.
    pub fn listed(&self, parts: &[String]) -> String {
        parts.join(self.t("list-comma").as_str())
    }

    /// A limit with its unit. Words (“must not be detected”) and sampling plans have none.
    pub fn with_unit(&self, limit: &str, unit: &str) -> String {
        let is_number = limit.starts_with(['≤', '≥', '<', '>']) && limit.ends_with(|last: char| last.is_ascii_digit());
        if is_number && !unit.is_empty() { format!("{limit} {unit}") } else { limit.to_owned() }
    }

    /// What was measured, with its unit; a word (ND, TNTC) has none.
    pub fn measured(&self, value: &str, unit: &str) -> String {
        let is_number = value.contains(|letter: char| letter.is_ascii_digit());
        if is_number && !unit.is_empty() { format!("{value} {unit}") } else { value.to_owned() }
    }

    pub fn language(&self) -> &'static str {
        self.language.code()
    }

    pub fn laboratory(&self) -> &str {
        &self.laboratory
    }

    pub fn person(&self) -> Option<&str> {
        self.person.as_deref()
    }

    /// Every place of the menu.
    pub fn menu(&self) -> impl Iterator<Item = &MenuItem> {
        self.menu.iter().flat_map(|group| &group.items)
    }

    pub fn menu_groups(&self) -> &[MenuGroup] {
        &self.menu
    }

    /// Whether the menu is shown in its groups. The labels decide, not how many there are: English ones are longer.
    pub fn is_menu_grouped(&self) -> bool {
        self.menu().map(MenuItem::breadth).sum::<usize>() > IN_A_ROW_MOST
    }

    pub fn csrf(&self) -> &str {
        &self.csrf
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    pub fn is_laboratory(&self) -> bool {
        self.is_laboratory
    }

    pub fn is_public(&self) -> bool {
        self.is_public
    }

    pub fn notice(&self) -> Option<&Notice> {
        self.notice.as_ref()
    }

    /// Whether this page answers the form that is sent to an address.
    pub fn came_back(&self, action: &str) -> bool {
        self.path.split('?').next() == Some(action)
    }

    /// What was typed into a field of that form, so that it is there again; empty on every other page.
    pub fn typed(&self, action: &str, name: &str) -> String {
        if self.came_back(action) { self.typed.value(name).to_owned() } else { String::new() }
    }

    /// The same on a form that shows what is stored: what was typed stands in its place, also where it was emptied.
    pub fn typed_or(&self, action: &str, name: &str, stored: &str) -> String {
        if self.came_back(action) { self.typed.value(name).to_owned() } else { stored.to_owned() }
    }

    /// All that was typed, with the names of the fields.
    pub fn all_typed(&self) -> Vec<(String, String)> {
        self.typed.shown()
    }

    /// A key for a form that must not take effect twice.
    pub fn once(&self) -> String {
        uuid::Uuid::new_v4().to_string()
    }
}

/// Only keys that begin with `done-` are shown: a link cannot put words into the laboratory's mouth.
fn notice_of(req: &HttpRequest, language: Language) -> Option<Notice> {
    let query = url::form_urlencoded::parse(req.query_string().as_bytes());
    let key = query.into_iter().find(|(name, _)| name == NOTICE_FIELD)?.1;
    let known = key.starts_with("done-") && language.knows(&key);
    known.then(|| Notice { kind: "success", text: language.text(&key) })
}

impl FromRequest for Ui {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(req)))
    }
}

/// Gives a page `self.word("plan", code)`: the word of a state or other code in the page's language.
macro_rules! worded {
    ($page:ty) => {
        impl $page {
            fn word(&self, prefix: &str, code: &str) -> String {
                self.ui.t(&format!("{prefix}-{}", code.replace('_', "-")))
            }
        }
    };
}
pub(crate) use worded;

/// One of several to choose from, as the shared pieces of the pages read it.
#[derive(Clone, Debug)]
pub struct Choice {
    pub value: String,
    pub label: String,
    pub chosen: bool,
}

/// One field in which a form that came too late differs from what stands there now.
#[derive(Clone, Debug)]
pub struct Conflict {
    pub field: String,
    pub now: String,
    pub yours: String,
}

/// The errors of a form that came back, in the page's language.
#[derive(Default)]
pub struct FormErrors {
    list: Vec<FieldProblem>,
    /// Reasons that belong to no field.
    pub general: Vec<Said>,
}

/// One error beside its field.
pub struct FieldProblem {
    pub field: String,
    pub text: String,
}

impl FormErrors {
    pub fn of(refusal: &Refusal, language: Language) -> Self {
        let mut errors = Self::default();
        for said in Said::all(&refusal.reasons, language) {
            match said.field {
                Some(field) => {
                    let text = match said.advice {
                        Some(advice) => format!("{} {advice}", said.sentence),
                        None => said.sentence,
                    };
                    errors.list.push(FieldProblem { field, text });
                }
                None => errors.general.push(said),
            }
        }
        errors
    }

    /// The text beside a field; empty when it is right.
    pub fn at(&self, field: &str) -> String {
        let texts: Vec<&str> =
            self.list.iter().filter(|problem| problem.field == field).map(|problem| problem.text.as_str()).collect();
        texts.join(" ")
    }

    /// The texts of all fields within a part of the form: `questions.0` holds `questions.0.text_zh`.
    pub fn within(&self, part: &str) -> String {
        let inside = |field: &str| field.strip_prefix(part).is_some_and(|rest| rest.starts_with('.'));
        let texts: Vec<&str> =
            self.list.iter().filter(|problem| inside(&problem.field)).map(|problem| problem.text.as_str()).collect();
        texts.join(" ")
    }

    pub fn list(&self) -> &[FieldProblem] {
        &self.list
    }
}

/// What is wrong with a row of a file, in the page's language.
pub struct RowProblem {
    /// As a spreadsheet counts; `None`: the whole file.
    pub row: Option<u64>,
    pub column: String,
    pub text: String,
}

impl RowProblem {
    pub fn all(reasons: &[Reason], language: Language) -> Vec<Self> {
        reasons
            .iter()
            .map(|reason| {
                let (row, column) = reason.place().map_or((None, ""), |(row, column)| (Some(row), column));
                let column = if row.is_none() { reason.field.as_deref().unwrap_or_default() } else { column };
                Self { row, column: column.to_owned(), text: language.sentence(reason) }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use askama::Template;

    use super::*;
    use crate::web::pieces;

    fn page_of(menu: Vec<MenuPlaces>) -> Ui {
        page_in(Language::English, menu)
    }

    fn page_in(language: Language, menu: Vec<MenuPlaces>) -> Ui {
        let req = TestRequest::with_uri("/portal/orders/7").to_http_request();
        req.extensions_mut().insert(Viewer { menu, language: Some(language), ..Viewer::default() });
        Ui::of(&req)
    }

    #[test]
    fn numbers_have_their_unit_and_words_none() {
        let ui = page_in(Language::Chinese, Vec::new());
        assert_eq!(ui.with_unit("≤0.3", "mg/kg"), "≤0.3 mg/kg");
        assert_eq!(ui.with_unit("≤0.03 mg/kg", "mg/kg"), "≤0.03 mg/kg", "of a label, with its own");
        assert_eq!(ui.with_unit("不得检出", "µg/kg"), "不得检出");
        assert_eq!(ui.with_unit("n=5, c=2, m=10000", "CFU/g"), "n=5, c=2, m=10000");
        assert_eq!([ui.measured("0.301", "mg/kg"), ui.measured("ND", "mg/kg")], ["0.301 mg/kg", "ND"]);
        assert_eq!(ui.listed(&["铅".to_owned(), "镉".to_owned()]), "铅、镉");
        assert_eq!([ui.colon(), page_in(Language::English, Vec::new()).colon()], ["：", ": "]);
    }

    #[test]
    fn a_form_that_comes_back_holds_what_was_typed() {
        let req = TestRequest::with_uri("/parts/7/custody").to_http_request();
        let ui = Ui::of(&req);
        Typed::of(&req).keep(vec![("location".to_owned(), "冷库 2".to_owned()), ("reason".to_owned(), String::new())]);
        assert_eq!(ui.typed("/parts/7/custody", "location"), "冷库 2");
        assert_eq!(ui.typed("/parts/8/custody", "location"), "", "another form of the page");
        assert_eq!(ui.typed_or("/parts/7/custody", "reason", "as stored"), "", "it was emptied");
        assert_eq!(ui.typed_or("/parts/8/custody", "reason", "as stored"), "as stored");
        assert_eq!(ui.all_typed(), [("location".to_owned(), "冷库 2".to_owned())]);
    }

    #[test]
    fn a_long_menu_is_shown_in_groups_and_marks_where_the_page_is() {
        let portal = ("menu-group-reports", vec![("/portal", "menu-portal"), ("/portal/orders", "menu-orders")]);
        let many = |count: usize| ("menu-group-quality", vec![("/quality", "menu-quality"); count]);

        let short = page_of(vec![portal.clone(), many(11)]);
        let here: Vec<&str> = short.menu().filter(|item| item.current).map(|item| item.href).collect();
        assert_eq!((here, short.is_menu_grouped()), (vec!["/portal/orders"], false), "the innermost place");
        assert!(!pieces::top(&short).render().unwrap().contains("details name"));

        let long = page_of(vec![portal, many(12), ("menu-group-system", vec![("/log", "menu-log")])]);
        assert_eq!(long.menu_groups().iter().map(MenuGroup::is_current).collect::<Vec<_>>(), [true, false, false]);
        let top = pieces::top(&long).render().unwrap();
        assert_eq!(top.matches("<details name=\"menu\">").count(), 2, "a group of one place is that place");
        assert!(top.contains("<summary aria-current=\"true\">Reporting</summary>"), "{top}");
        assert!(top.contains("<a href=\"/portal/orders\" aria-current=\"page\">My orders</a>"), "{top}");
        assert!(top.contains("<li><a href=\"/log\">Log</a></li>"), "{top}");
    }

    #[test]
    fn the_labels_of_the_language_decide_whether_a_menu_fits_in_a_row() {
        let menu = vec![("menu-group-quality", vec![("/quality/work/new", "menu-open-work"); 6])];
        assert!(!page_in(Language::Chinese, menu.clone()).is_menu_grouped());
        assert!(page_in(Language::English, menu).is_menu_grouped());
    }
}
