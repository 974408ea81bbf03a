//! The texts of the pages: the same keys with the same facts in both languages, a text for every key that the source
//! names, and for every problem code a sentence and a title.

use std::collections::{BTreeMap, BTreeSet};

use lis_server::accounts::Role;
use lis_server::accounts::role::PERMISSIONS;
use lis_server::accounts::signing::Meaning;
use lis_server::cli::settings_of;
use lis_server::config::in_force::{self, Setting};
use lis_server::front;
use lis_server::judgement::Verdict;
use lis_server::judgement::explain::INPUTS;
use lis_server::web::language::Language;

use super::{Source, none, server_sources, sources};

/// The texts of one language: key → the facts that its text names.
type Messages = BTreeMap<String, BTreeSet<String>>;

fn messages(language: &str) -> (Messages, Vec<String>) {
    read(&sources(&format!("lis-server/assets/locales/{language}"), &[".ftl"]))
}

/// The messages of files, and keys that stand twice.
fn read(files: &[Source]) -> (Messages, Vec<String>) {
    let (mut messages, mut doubled) = (Messages::new(), Vec::new());
    for file in files {
        let mut key = String::new();
        for line in file.text.lines() {
            let begins = line.starts_with(|c: char| c.is_ascii_alphabetic());
            if let Some((name, _)) = line.split_once('=').filter(|_| begins) {
                name.trim().clone_into(&mut key);
                if messages.insert(key.clone(), BTreeSet::new()).is_some() {
                    doubled.push(format!("{}: {key} stands twice", file.path));
                }
            }
            if let Some(facts) = messages.get_mut(&key) {
                facts.extend(facts_of(line));
            }
        }
    }
    (messages, doubled)
}

/// The names in `{ $name }`. A fact that a reason carries in both languages (`items_zh`, `items_en`) is one fact.
fn facts_of(line: &str) -> impl Iterator<Item = String> + '_ {
    line.split('$').skip(1).map(|rest| {
        let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        name.trim_end_matches("_zh").trim_end_matches("_en").to_owned()
    })
}

/// Keys or facts of one language that the other lacks.
fn unequal(chinese: &Messages, english: &Messages) -> Vec<String> {
    let lacking = |name: &str, has: &Messages, lacks: &Messages| -> Vec<String> {
        has.keys().filter(|key| !lacks.contains_key(*key)).map(|key| format!("{key} has no text in {name}")).collect()
    };
    let mut complaints = lacking("en", chinese, english);
    complaints.extend(lacking("zh-CN", english, chinese));
    for (key, facts) in chinese {
        if let Some(others) = english.get(key).filter(|others| *others != facts) {
            complaints.push(format!("{key} names {facts:?} in zh-CN and {others:?} in en"));
        }
    }
    complaints
}

/// Keys written out in the source: `t("…")`, `t1("…`, `t2("…`, `with_word("…", "…")`, `"done-…"`, `"expected-…"`,
/// `"misread-…"`.
fn keys_named(files: &[Source]) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for file in files {
        let text = without_template_comments(&file.text);
        for start in [".t(\"", ".t1(\"", ".t2(\"", "language.text(\"", "\"done-", "\"expected-", "\"misread-", "\"ui-"]
        {
            for (at, _) in text.match_indices(start) {
                let from = at + start.find('"').map_or(0, |quote| quote + 1);
                let key: String = text[from..].chars().take_while(|c| *c != '"').collect();
                // A prefix on its own (`starts_with("done-")`), or a key that a format puts together.
                if !key.ends_with('-') && !key.contains(['{', ' ']) {
                    keys.insert(key);
                }
            }
        }
    }
    keys
}

fn without_template_comments(text: &str) -> String {
    let mut parts = text.split("{#");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |kept, part| kept + part.split_once("#}").map_or("", |(_, after)| after))
}

/// Keys that the program puts together from its lists.
fn keys_made() -> BTreeSet<String> {
    let roles = Role::ALL.iter().map(|role| role.word());
    let meanings = Meaning::ALL.iter().map(|meaning| meaning.word());
    let permissions = PERMISSIONS.iter().map(|(code, _)| format!("permission-{}", code.replace('_', "-")));
    let languages = Language::ALL.iter().map(|language| format!("language-{}", language.code()));
    let sources = in_force::Source::ALL.iter().map(|source| source.word());
    let settings = settings().into_iter().map(|setting| setting.word());
    let problems = front::problems();
    let problems = problems.iter().flat_map(|p| [format!("problem-{}", p.code), format!("problem-{}-title", p.code)]);
    roles.chain(meanings).chain(permissions).chain(languages).chain(sources).chain(settings).chain(problems).collect()
}

fn settings() -> Vec<Setting> {
    settings_of(&["lis-server", "check-config"]).expect("the settings")
}

/// Settings of which the pages say something else in English than the command line.
fn told_differently(settings: &[Setting], english: impl Fn(&str) -> String) -> Vec<String> {
    settings
        .iter()
        .filter(|setting| english(&setting.word()) != setting.meaning)
        .map(|setting| {
            format!("{}: the command line says {:?}, en/settings.ftl another", setting.name, setting.meaning)
        })
        .collect()
}

#[test]
fn a_setting_means_the_same_on_the_page_and_on_the_command_line() {
    let settings = settings();
    assert!(settings.len() > 15, "the settings were found");
    none(told_differently(&settings, |key| Language::English.text(key)));
    let complaints = told_differently(&settings[..1], |_| "Something else".to_owned());
    assert!(complaints.len() == 1 && complaints[0].starts_with("LIS_DATA: "), "{complaints:?}");
}

fn without_text(keys: &BTreeSet<String>, messages: &Messages) -> Vec<String> {
    keys.iter().filter(|key| !messages.contains_key(*key)).map(|key| format!("{key} has no text")).collect()
}

/// Problem codes declared in the source (`Problem::new("code"`) that the list of the front desk lacks.
fn unlisted(files: &[Source], listed: &BTreeSet<&str>) -> Vec<String> {
    let declared = files.iter().flat_map(|file| {
        file.text.match_indices("Problem::new(\"").map(|(at, start)| {
            let code: String = file.text[at + start.len()..].chars().take_while(|c| *c != '"').collect();
            (file.path.clone(), code)
        })
    });
    declared
        // The example in the documentation of the type itself.
        .filter(|(path, _)| !path.ends_with("domain/refusal.rs"))
        .filter(|(_, code)| !listed.contains(code.as_str()))
        .map(|(path, code)| format!("{path}: {code} is not in front::problems(); add the room's PROBLEMS there"))
        .collect()
}

fn source() -> Vec<Source> {
    server_sources(&[".rs", ".html"])
}

#[test]
fn both_languages_say_the_same_keys_with_the_same_facts() {
    let ((chinese, mut doubled), (english, more)) = (messages("zh-CN"), messages("en"));
    doubled.extend(more);
    doubled.extend(unequal(&chinese, &english));
    none(doubled);
}

#[test]
fn a_missing_key_and_a_missing_fact_are_noticed() {
    let (chinese, _) = messages("zh-CN");
    let mut english = chinese.clone();
    english.remove("problem-not-found");
    english.insert("only-here".to_owned(), BTreeSet::new());
    english.insert("problem-field-too-long".to_owned(), BTreeSet::new());
    assert_eq!(
        unequal(&chinese, &english),
        [
            "problem-not-found has no text in en",
            "only-here has no text in zh-CN",
            "problem-field-too-long names {\"limit\"} in zh-CN and {} in en",
        ]
    );
    let twice = Source { path: "a.ftl".to_owned(), text: "one = 1\none = 2\n".to_owned() };
    assert_eq!(read(&[twice]).1, ["a.ftl: one stands twice"]);
}

#[test]
fn every_key_that_the_source_names_has_a_text() {
    let (chinese, _) = messages("zh-CN");
    none(without_text(&keys_named(&source()), &chinese));
    none(without_text(&keys_made(), &chinese));
}

#[test]
fn a_key_without_text_is_noticed() {
    let (chinese, _) = messages("zh-CN");
    let page =
        Source { path: "a.html".to_owned(), text: "{{ ui.t(\"no-such-key\") }} {{ ui.t(\"ui-menu\") }}".to_owned() };
    assert_eq!(without_text(&keys_named(&[page]), &chinese), ["no-such-key has no text"]);
}

#[test]
fn an_input_is_called_the_same_in_the_reasoning_and_in_the_grid() {
    for (input, chinese, _) in INPUTS {
        let word = Language::Chinese.text(&format!("input-{}", input.replace('_', "-")));
        assert_eq!(word, *chinese, "{input}");
    }
}

#[test]
fn a_verdict_is_called_the_same_in_the_reasoning_and_on_the_pages() {
    for verdict in Verdict::ALL {
        let said = [Language::Chinese, Language::English].map(|language| language.text(&verdict.word()));
        assert_eq!(said, [verdict.zh(), verdict.en()], "{}", verdict.name());
    }
}

#[test]
fn every_declared_problem_code_is_listed_once() {
    let problems = front::problems();
    let listed: BTreeSet<&str> = problems.iter().map(|problem| problem.code).collect();
    assert_eq!(listed.len(), problems.len(), "a code is declared once");
    none(unlisted(&source(), &listed));
}

#[test]
fn an_unlisted_problem_code_is_noticed() {
    let room = Source {
        path: "lis-server/src/room/mod.rs".to_owned(),
        text: "pub const A: Problem = Problem::new(\"brand-new\", 409);".to_owned(),
    };
    let complaints = unlisted(&[room], &BTreeSet::from(["not-found"]));
    assert!(complaints.len() == 1 && complaints[0].contains("brand-new is not in front::problems()"), "{complaints:?}");
}
