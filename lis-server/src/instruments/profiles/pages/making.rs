//! The workbench: an export is dropped, its cells are pointed at, the result is saved.
//!
//! Every step is an address: the example and the profile in the making lie in the store under their hashes, and the address
//! names both. So reloading loses nothing, going back undoes, and the page works without script.

use actix_web::web;
use askama::Template;
use instrument_drivers::profile::Profile;
use instrument_drivers::profile::point::Meaning;
use instrument_drivers::profile::suggest::DELIMITERS;
use serde::{Deserialize, Serialize};

use super::super::actions::{self, ProfileInput};
use super::super::workbench::{
    self, Change, GridRow, Places, Pointing, Preview, RoleWord, Said, Settings, Sheet, TRANSPOSED, meaning_word,
};
use super::super::{named, store};
use super::aside;
use crate::accounts::May;
use crate::accounts::role::RepairReadings;
use crate::app::Lis;
use crate::domain::ids::ProfileId;
use crate::domain::refusal::{FIELD_INVALID, Fact, Fault, NOT_FOUND, Outcome, Refusal};
use crate::web::language::Language;
use crate::web::routes::Routes;
use crate::web::ui::{Choice, FormErrors};
use crate::web::{Answer, Form, Ui, Upload, page, refused, refused_page, see_other};

pub fn routes() -> Routes {
    Routes::new()
        .get("/profiles/new", bench)
        .post("/profiles/new", bring)
        .post("/profiles/correct", correct)
        .post("/profiles", save)
}

/// Where the work stands: the query of the page's address.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Place {
    /// SHA-256 of the example.
    example: String,
    file_name: String,
    /// SHA-256 of the profile in the making; empty: the proposal.
    draft: String,
    based_on: String,
    name: String,
    title: String,
    /// Number of the sheet that is shown; left out: the first from which values are read.
    #[serde(skip_serializing_if = "Option::is_none")]
    shown: Option<usize>,
    /// What the next click means.
    means: String,
    /// The version that the next one follows; instead of all others.
    #[serde(skip_serializing)]
    from: Option<ProfileId>,
}

impl Place {
    fn address(&self) -> Outcome<String> {
        let query = serde_html_form::to_string(self).map_err(Fault::broken)?;
        Ok(format!("/profiles/new?{query}"))
    }
}

/// The form of the workbench.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct BenchForm {
    example: String,
    file_name: String,
    toml: String,
    based_on: String,
    name: String,
    title: String,
    shown: usize,
    means: String,
    /// `ROW:COLUMN` of the cell that was pressed.
    cell: String,
    /// The character that was pressed, counted from 0: a column begins there, or no longer.
    begins: String,
    /// The characters at which columns begin.
    cut: String,
    /// The button that was pressed: `settings`, `cut`, `roles`, `toml` or `sheet:NUMBER`.
    act: String,
    encoding: String,
    delimiter: String,
    sheet: String,
    decimal_mark: String,
    thousands: String,
    empty: String,
    shape: String,
    /// The texts of the column of types, and beside each the role that it gives.
    role_word: Vec<String>,
    role_is: Vec<String>,
}

impl BenchForm {
    fn place(&self) -> Place {
        let pressed = self.act.strip_prefix("sheet:").and_then(|number| number.parse().ok());
        Place {
            from: None,
            example: self.example.clone(),
            file_name: self.file_name.clone(),
            draft: String::new(),
            based_on: self.based_on.clone(),
            name: self.name.clone(),
            title: self.title.clone(),
            shown: Some(pressed.unwrap_or(self.shown)),
            means: self.means.clone(),
        }
    }

    fn input(&self) -> ProfileInput {
        ProfileInput {
            name: self.name.clone(),
            title: self.title.clone(),
            toml: self.toml.clone(),
            example: self.example.clone(),
            file_name: self.file_name.clone(),
            based_on: self.based_on.clone(),
        }
    }

    /// What the pressed button asks for; nothing: the text stands as it was typed.
    fn change(&self) -> Result<Option<Change>, Refusal> {
        if !self.cell.is_empty() {
            let place =
                self.cell.split_once(':').and_then(|(row, column)| Some((row.parse().ok()?, column.parse().ok()?)));
            let (row, column) = place.ok_or_else(|| FIELD_INVALID.at("cell").with_word("expected", "expected-cell"))?;
            let means = self.means.clone();
            return Ok(Some(Change::Point(Pointing { sheet: self.shown, row, column, means })));
        }
        let no_place = || FIELD_INVALID.at("cut").with_word("expected", "expected-places");
        if !self.begins.is_empty() {
            return Ok(Some(Change::Place(self.begins.parse().map_err(|_| no_place())?)));
        }
        if self.act == "cut" {
            let places = self.cut.split([' ', ',', '，', '\t']).filter(|place| !place.is_empty());
            let places: Result<Vec<usize>, _> = places.map(str::parse).collect();
            return Ok(Some(Change::Places(places.map_err(|_| no_place())?)));
        }
        if self.act == "roles" {
            let words = self.role_word.iter().cloned().zip(self.role_is.iter().cloned());
            return Ok(Some(Change::Roles(words.map(|(word, role)| RoleWord { word, role }).collect())));
        }
        Ok((self.act == "settings").then(|| {
            Change::Settings(Settings {
                encoding: self.encoding.clone(),
                delimiter: self.delimiter.clone(),
                sheet: self.sheet.clone(),
                decimal_mark: self.decimal_mark.clone(),
                thousands: self.thousands.clone(),
                empty: self.empty.clone(),
                shape: self.shape.clone(),
            })
        }))
    }
}

#[derive(Template)]
#[template(path = "instruments/profiles/pages/bring.html")]
struct BringPage {
    ui: Ui,
    shipped: Vec<Choice>,
}

/// A finding in the page's language.
struct FindingLine {
    what: String,
    choice: Phrase,
    why: Phrase,
    sure: u8,
    corrected: bool,
}

/// A phrase of the drivers; foreign where the page's language has no words for it.
struct Phrase {
    text: String,
    foreign: bool,
}

/// A character of every line, counted from 0.
struct Mark {
    place: usize,
    /// A column begins here.
    begins: bool,
}

#[derive(Template)]
#[template(path = "instruments/profiles/pages/bench.html")]
struct BenchPage {
    ui: Ui,
    once: String,
    place: Place,
    /// Number of the sheet that is shown.
    shown: usize,
    toml: String,
    findings: Vec<FindingLine>,
    /// `None`: the text is no profile.
    read: Option<Preview>,
    meanings: Vec<Choice>,
    /// What a text that stands where a number would can mean.
    markers: Vec<Choice>,
    encodings: Vec<Choice>,
    delimiters: Vec<Choice>,
    sheets: Vec<Choice>,
    marks: Vec<Choice>,
    empties: Vec<Choice>,
    shapes: Vec<Choice>,
    /// The roles that a text of the column of types can give.
    roles: Vec<Choice>,
    /// The sheets to look at, where there are several.
    tabs: Vec<Choice>,
    /// The characters of the lines of a text, and those at which columns begin as they are typed.
    characters: Vec<Mark>,
    cut: String,
    errors: FormErrors,
}

impl BenchPage {
    /// How a row of the example looks.
    fn row_class(&self, sheet: &Sheet, row: &GridRow) -> &'static str {
        match (sheet.header == Some(row.number), row.read) {
            (true, _) => "header",
            (false, true) => "read",
            (false, false) => "aside",
        }
    }

    /// The field that a column is read as.
    fn read_as(&self, code: &str) -> String {
        if code.is_empty() { String::new() } else { self.ui.t(&meaning_word(code)) }
    }
}

async fn bench(_: May<RepairReadings>, ui: Ui, lis: web::Data<Lis>, query: web::Query<Place>) -> Answer {
    let mut place = query.into_inner();
    if place.from.is_none() && place.example.is_empty() {
        let shipped =
            Profile::shipped().map(|name| Choice { value: name.to_owned(), label: name.to_owned(), chosen: false });
        return page(&BringPage { shipped: shipped.collect(), ui }, false);
    }
    let (place, toml, bytes) = aside(&lis, move |lis| {
        let mut text = None;
        if let Some(id) = place.from {
            let (row, _) = lis.db.read_now(move |conn| store::one(conn, id)?.ok_or_else(|| NOT_FOUND.into()))?;
            place.based_on = named::reference(&row.name, row.version_no);
            (place.example, place.file_name) = (row.example_sha256, row.example_name);
            (place.name, place.title) = (row.name, row.title);
            text = Some(row.toml);
        }
        let bytes = actions::example(lis, &place.example)?;
        let text = match text {
            Some(text) => text,
            None if place.draft.is_empty() => workbench::propose(&bytes).toml,
            None => actions::draft(lis, &place.draft)?,
        };
        Ok((place, text, bytes))
    })
    .await?;
    page(&bench_page(ui, &lis, place, toml, bytes, FormErrors::default()).await?, false)
}

async fn bench_page(
    ui: Ui,
    lis: &web::Data<Lis>,
    place: Place,
    toml: String,
    bytes: Vec<u8>,
    mut errors: FormErrors,
) -> Outcome<BenchPage> {
    let (text, file_name) = (toml.clone(), place.file_name.clone());
    let (read, said, not_understood) = aside(lis, move |_| {
        let proposal = workbench::propose(&bytes);
        let not_understood = proposal.not_understood.as_ref().map(workbench::not_understood);
        Ok((workbench::preview(&text, &bytes, &file_name), workbench::said(proposal, &text), not_understood))
    })
    .await?;
    let read = match read {
        Ok(read) => Some(read.worded(ui.language)),
        Err(refusal) => {
            if errors.list().is_empty() {
                errors = FormErrors::of(&refusal, ui.language);
            }
            None
        }
    };
    let settings = read.as_ref().map(|read| read.settings.clone()).unwrap_or_default();
    let choice =
        |value: &str, label: String, chosen: &str| Choice { chosen: value == chosen, value: value.to_owned(), label };
    let listed = |list: &[&str], chosen: &str| -> Vec<Choice> {
        let other = Some(chosen).filter(|chosen| !chosen.is_empty() && !list.contains(chosen));
        list.iter().copied().chain(other).map(|value| choice(value, value.to_owned(), chosen)).collect()
    };
    let sheets = read.as_ref().map(|read| read.sheets.as_slice()).unwrap_or_default();
    let is_read = |sheet: &Sheet| sheet.rows.iter().any(|row| row.read);
    let shown = place.shown.or_else(|| sheets.iter().position(is_read)).unwrap_or(0);
    let names: Vec<&str> = sheets.iter().map(|sheet| sheet.name.as_str()).filter(|name| !name.is_empty()).collect();
    let tab = |(number, name): (usize, &&str)| Choice {
        value: format!("sheet:{number}"),
        label: (*name).to_owned(),
        chosen: number == shown,
    };
    let tabs: Vec<Choice> = names.iter().enumerate().map(tab).collect();
    let means = if place.means.is_empty() { Meaning::Sample.name() } else { place.means.as_str() };
    let meaning = |meaning: &Meaning| choice(meaning.name(), ui.t(&meaning_word(meaning.name())), means);
    let text = read.as_ref().and_then(|read| read.places.as_ref());
    let mark = |text: &Places, place: usize| Mark { place, begins: text.cut.contains(&place) };
    let characters = text.map(|text| (0..text.width).map(|place| mark(text, place)).collect()).unwrap_or_default();
    let cut = text.map(|text| text.cut.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
    let empties = ["skip", "row"].map(|code| choice(code, ui.t(&format!("profile-empty-{code}")), &settings.empty));
    let shapes = vec![choice(TRANSPOSED, ui.t("profile-shape-transposed"), &settings.shape)];
    let roles = ROLES.map(|role| choice(role, ui.t(&format!("profile-role-{role}")), ""));
    let (markers, meanings): (Vec<Meaning>, Vec<Meaning>) = Meaning::ALL.into_iter().partition(|one| one.is_marker());
    Ok(BenchPage {
        once: ui.once(),
        findings: said.into_iter().map(|one| finding_line(&ui, one, not_understood.as_ref())).collect(),
        meanings: meanings.iter().map(meaning).collect(),
        markers: markers.iter().map(meaning).collect(),
        // As people write the names of encodings; the profile takes either.
        encodings: listed(ENCODINGS, &settings.encoding)
            .into_iter()
            .map(|one| Choice { label: one.value.to_uppercase(), ..one })
            .collect(),
        delimiters: listed(&DELIMITERS, &settings.delimiter),
        sheets: listed(&names, &settings.sheet),
        marks: listed(&[".", ","], &settings.decimal_mark),
        empties: empties.into(),
        shapes,
        roles: roles.into(),
        tabs: if tabs.len() > 1 { tabs } else { Vec::new() },
        characters,
        cut: cut.unwrap_or_default(),
        place: Place { means: means.to_owned(), ..place },
        shown,
        toml,
        read,
        errors,
        ui,
    })
}

/// Encodings that instruments use here; the profile's text takes any other.
const ENCODINGS: &[&str] =
    &["utf-8", "gb18030", "utf-16le", "utf-16be", "windows-1252", "cp437", "cp850", "shift_jis", "big5"];

/// The roles that a row of results can have.
const ROLES: [&str; 4] = ["sample", "control", "blank", "standard"];

fn finding_line(ui: &Ui, said: Said, not_understood: Option<&Fact>) -> FindingLine {
    // A name out of the file is shown as it stands there.
    let verbatim = said.why == NAME_OF_COLUMN;
    FindingLine {
        what: ui.t(&format!("profile-what-{}", said.what.replace(' ', "-"))),
        choice: if verbatim { Phrase { text: said.choice, foreign: false } } else { phrase(ui.language, &said.choice) },
        why: match not_understood {
            Some(why) => Phrase { text: ui.language.said(why), foreign: false },
            None => phrase(ui.language, &said.why),
        },
        sure: said.sure,
        corrected: said.corrected,
    }
}

const NAME_OF_COLUMN: &str = "the name of the column";

/// A phrase of the drivers in the page's language: its words make the key, its numbers are facts, what follows a colon is
/// said as it is.
fn phrase(language: Language, text: &str) -> Phrase {
    let (head, tail) = text.split_once(": ").map_or((text, ""), |(head, tail)| (head, tail));
    let words: Vec<String> = head
        .split(|c: char| !c.is_ascii_alphabetic())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    let key = format!("profile-said-{}", words.join("-"));
    let mut numbers = head.split(|c: char| !c.is_ascii_digit()).filter(|digits| !digits.is_empty());
    let mut number = || Fact::Text(numbers.next().unwrap_or_default().to_owned());
    let said = language.text_with(&key, &[("n", number()), ("m", number())]);
    // A key without a text comes back as it is.
    if said == key {
        return Phrase { text: text.to_owned(), foreign: true };
    }
    Phrase { text: if tail.is_empty() { said } else { format!("{said}: {tail}") }, foreign: false }
}

async fn bring(_: May<RepairReadings>, lis: web::Data<Lis>, file: Upload) -> Answer {
    let start = file.text("start").to_owned();
    let mut place = Place { file_name: file.file_name.clone(), ..Place::default() };
    let place = aside(&lis, move |lis| {
        place.example = lis.files.put(&file.bytes)?;
        if let Some(text) = Profile::shipped_text(&start) {
            place.draft = lis.files.put(text.as_bytes())?;
            place.based_on = start;
        }
        Ok(place)
    })
    .await?;
    Ok(see_other(&place.address()?, None))
}

async fn correct(_: May<RepairReadings>, ui: Ui, lis: web::Data<Lis>, form: Form<BenchForm>) -> Answer {
    let input = form.input;
    let (sha256, text) = (input.example.clone(), input.toml.clone());
    let change = input.change();
    let (bytes, outcome) = aside(&lis, move |lis| {
        let bytes = actions::example(lis, &sha256)?;
        let text = change.and_then(|change| match change {
            Some(change) => workbench::changed(&text, &bytes, &change),
            None => workbench::parsed(&text).map(|_| text),
        });
        let draft = match text {
            Ok(text) => Ok(lis.files.put(text.as_bytes())?),
            Err(refusal) => Err(refusal),
        };
        Ok((bytes, draft))
    })
    .await?;
    match outcome {
        Ok(draft) => Ok(see_other(&Place { draft, ..input.place() }.address()?, None)),
        Err(refusal) => {
            let (errors, place) = (FormErrors::of(&refusal, ui.language), input.place());
            let mut shown = bench_page(ui, &lis, place, input.toml, bytes, errors).await?;
            shown.cut = input.cut;
            refused_page(&shown, &refusal)
        }
    }
}

async fn save(by: May<RepairReadings>, ui: Ui, lis: web::Data<Lis>, form: Form<BenchForm>) -> Answer {
    let Form { input, request, .. } = form;
    let given = input.input();
    let sha256 = input.example.clone();
    // An example that is not there cannot be shown again.
    let (bytes, ready) =
        aside(&lis, move |lis| Ok((actions::example(lis, &sha256)?, refused(actions::ready(lis, &given))?))).await?;
    let outcome = match ready {
        Ok(ready) => {
            let actor = by.clone();
            let work = move |tx: &mut crate::db::Tx| actions::save(tx, &by, &ready);
            refused(lis.command(&actor, &request, work).await)?
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(saved) => Ok(see_other(&format!("/profiles/{}", saved.id), Some("done-profile-saved"))),
        Err(refusal) => {
            let errors = FormErrors::of(&refusal, ui.language);
            refused_page(&bench_page(ui, &lis, input.place(), input.toml, bytes, errors).await?, &refusal)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_program_found_is_said_in_both_languages() {
        let files: [&str; 7] = [
            "Bottle,Label,Analyte,Result,Unit,Flag\n1,F1,Pb,0.10,mg/kg,\n2,QC1,Pb,0.20,mg/kg,\nMean,,,0.15,,\n",
            "Sample ID;Fat [%];Protein [%]\nM1;3,52;3,10\nM2;3,60;2,98\n",
            "Sample\tNa\tK\n\tmg/L\tmg/L\nM1\t1.5\t2.5\nM2\t1.6\tND\n",
            "H|\\^&|||X\nP|1\nO|1|F1\nR|1|^^^Pb|1|mg/L\n",
            "Sample: F1\nAnalyte,Conc. (mg/L)\nPb,0.1\nCd,0.2\n",
            "[{\"sample\": \"F1\", \"analyte\": \"Pb\", \"value\": 0.12}]",
            "F1,Pb,0.12,mg/L\nF2,Cd,0.25,mg/L\nF3,Zn,1.25,mg/L\n",
        ];
        let mut foreign = Vec::new();
        for said in files.iter().flat_map(|file| workbench::propose(file.as_bytes()).findings) {
            for language in Language::ALL {
                if phrase(*language, &said.why).foreign {
                    foreign.push(said.why.clone());
                }
                let key = format!("profile-what-{}", said.what.replace(' ', "-"));
                assert!(language.knows(&key), "{key}");
            }
        }
        assert_eq!(foreign, Vec::<String>::new());
        let numbers = phrase(Language::English, "3 numbers with a point, 0 with a comma");
        assert_eq!(numbers.text, "3 numbers with a point, 0 with a comma");
        assert_eq!(phrase(Language::Chinese, "the heading: Conc. (mg/L)").text, "列名: Conc. (mg/L)");
        assert!(phrase(Language::Chinese, "quite another reason").foreign);
    }
}
