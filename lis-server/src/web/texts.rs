//! The sentences of each language, read when the first of them is wanted: a server that nobody asks holds none of them
//! (3.5 MB a language).

use std::sync::OnceLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

use super::language::Language;

/// The files of a language, each named once.
macro_rules! files {
    ($language:literal) => {
        files!($language:
            "accounts" "api" "audit" "campaigns" "cases" "catalogue" "competence" "demo" "enterprises" "environment" "imports"
            "instruments" "log" "mail" "problems" "proficiency" "profiles" "quality" "reports" "samples" "settings" "signing"
            "spot_checks" "supplies" "testing" "ui" "upkeep")
    };
    ($language:literal: $($name:literal)*) => {
        &[$((
            concat!($language, "/", $name, ".ftl"),
            include_str!(concat!("../../assets/locales/", $language, "/", $name, ".ftl")),
        )),*]
    };
}

/// Name and content.
type File = (&'static str, &'static str);

const CHINESE: &[File] = files!("zh-CN");
const ENGLISH: &[File] = files!("en");

/// The sentences of a language.
pub struct Texts(FluentBundle<FluentResource>);

/// The sentences of a language.
pub fn of(language: Language) -> &'static Texts {
    static READ: [OnceLock<Texts>; 2] = [OnceLock::new(), OnceLock::new()];
    let (read, files) = match language {
        Language::Chinese => (&READ[0], CHINESE),
        Language::English => (&READ[1], ENGLISH),
    };
    read.get_or_init(|| Texts::read(language, files))
}

/// A fact as a sentence takes it: a count as a number, by which the sentence chooses between singular and plural, and
/// anything else as text. A code such as 0012 and a result such as 1.50 are text: as numbers they would not be printed
/// as they stand.
pub fn inserted(said: String) -> FluentValue<'static> {
    match said.parse::<u32>() {
        Ok(count) if count.to_string() == said => count.into(),
        _ => said.into(),
    }
}

impl Texts {
    /// The files are part of the program and all of them can be read, which is tested; a sentence that could not be would
    /// show as its key.
    fn read(language: Language, files: &[File]) -> Self {
        let mut bundle = FluentBundle::new_concurrent(vec![language.code().parse().unwrap_or_default()]);
        // No invisible direction marks around inserted values: they would be copied into other programs.
        bundle.set_use_isolating(false);
        for (_, content) in files {
            let resource = FluentResource::try_new((*content).to_owned()).unwrap_or_else(|(readable, _)| readable);
            bundle.add_resource_overriding(resource);
        }
        Self(bundle)
    }

    /// Whether a key has a text.
    pub fn knows(&self, key: &str) -> bool {
        self.0.get_message(key).is_some_and(|message| message.value().is_some())
    }

    /// The text of a key with its facts: none when there is no such key, or a fact is missing that it names.
    pub fn text(&self, key: &str, facts: Option<&FluentArgs<'_>>) -> Option<String> {
        let message = self.0.get_message(key)?;
        let mut missing = Vec::new();
        let text = self.0.format_pattern(message.value()?, facts, &mut missing);
        missing.is_empty().then(|| text.into_owned())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_file_is_part_of_the_program() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/locales");
        for (language, files) in [("zh-CN", CHINESE), ("en", ENGLISH)] {
            let there: BTreeSet<String> = fs::read_dir(folder.join(language))
                .unwrap()
                .map(|file| format!("{language}/{}", file.unwrap().file_name().to_string_lossy()))
                .collect();
            let named: BTreeSet<String> = files.iter().map(|(name, _)| (*name).to_owned()).collect();
            assert_eq!(named, there);
        }
    }

    #[test]
    fn every_sentence_can_be_read_and_stands_once() {
        for files in [CHINESE, ENGLISH] {
            let mut bundle = FluentBundle::new_concurrent(Vec::new());
            for (name, content) in files {
                let resource = FluentResource::try_new((*content).to_owned());
                let resource = resource.unwrap_or_else(|(_, errors)| panic!("{name}: {errors:?}"));
                bundle.add_resource(resource).unwrap_or_else(|errors| panic!("{name}: {errors:?}"));
            }
        }
    }

    const ROWS: File = ("rows.ftl", "rows = { $count ->\n    [one] { $count } row\n   *[other] { $count } rows\n}\n");

    fn rows(texts: &Texts, count: &str) -> String {
        let facts: FluentArgs<'_> = [("count", inserted(count.to_owned()))].into_iter().collect();
        texts.text("rows", Some(&facts)).unwrap()
    }

    #[test]
    fn a_count_chooses_its_form() {
        let english = Texts::read(Language::English, &[ROWS]);
        let said = ["0", "1", "2", "21", "1000000"].map(|count| rows(&english, count));
        assert_eq!(said, ["0 rows", "1 row", "2 rows", "21 rows", "1000000 rows"]);
        // Chinese nouns have one form.
        let chinese = Texts::read(Language::Chinese, &[ROWS]);
        assert_eq!(["1", "2"].map(|count| rows(&chinese, count)), ["1 rows", "2 rows"]);
    }

    #[test]
    fn every_fact_stands_as_it_came() {
        let english = Texts::read(Language::English, &[ROWS]);
        let said = ["0012", "1.50", "12", "1234567", "4294967295", "4294967296", "-3", "+1", "1.0", "01", ""]
            .map(|fact| rows(&english, fact));
        let stated = [
            "0012 rows",
            "1.50 rows",
            "12 rows",
            "1234567 rows",
            "4294967295 rows",
            "4294967296 rows",
            "-3 rows",
            "+1 rows",
            "1.0 rows",
            "01 rows",
            " rows",
        ];
        assert_eq!(said, stated);
    }

    #[test]
    fn one_of_something_is_said_in_the_singular() {
        let english = Language::English;
        let held = ["1", "2"].map(|count| english.text_with("held-count", &[("count", count.into())]));
        assert_eq!(held, ["1 row waits", "2 rows wait"]);
        let counts =
            |good: &str, bad: &str| english.text_with("import-counts", &[("good", good.into()), ("bad", bad.into())]);
        assert_eq!([counts("1", "2"), counts("2", "1")], ["1 good row, 2 bad rows", "2 good rows, 1 bad row"]);
        let wait = english.text_with("problem-too-many-requests", &[("limit", "600".into()), ("seconds", "1".into())]);
        assert_eq!(wait, "This token has made more than 600 requests in a minute; wait 1 second.");
    }

    #[test]
    fn a_sentence_without_its_fact_is_no_sentence() {
        let english = of(Language::English);
        let key = "problem-field-too-long";
        assert!(english.knows(key) && !english.knows("no-such-key"));
        assert_eq!(english.text(key, None), None);
        assert_eq!(english.text("no-such-key", None), None);
    }
}
