//! The settings in force, for people who look: each with its value and where that comes from. Taken from the declarations
//! of the command line, so that a new setting is in the list without anybody's help.

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};

use super::Settings;
use super::values::{is_encrypted, web_address};
use crate::db::without_password;

/// Where the value of a setting comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    CommandLine,
    Environment,
    Default,
    /// The demonstration brings its own address and its own mail server.
    Demonstration,
}

impl Source {
    pub const ALL: &[Source] = &[Self::CommandLine, Self::Environment, Self::Default, Self::Demonstration];

    pub fn code(self) -> &'static str {
        match self {
            Self::CommandLine => "command_line",
            Self::Environment => "environment",
            Self::Default => "default",
            Self::Demonstration => "demonstration",
        }
    }

    /// The key of its name in the message files.
    pub fn word(self) -> String {
        format!("setting-source-{}", self.code().replace('_', "-"))
    }
}

/// One setting as it is in force.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Setting {
    /// Its name is that of its environment variable: `LIS_DATA`.
    pub name: String,
    /// On the command line: `--data`.
    pub option: String,
    /// Without the passwords of addresses; empty: not set.
    pub value: String,
    pub source: Source,
    /// In English, as the command line explains it.
    pub meaning: String,
}

impl Setting {
    /// The key of its meaning in the message files.
    pub fn word(&self) -> String {
        format!("setting-{}", self.name.to_lowercase().replace('_', "-"))
    }
}

impl Settings {
    /// The settings while some of them are wrong: each as it was given, and what was not given as it follows from others, or
    /// said to be unknown until they are right. In English, as the command line speaks.
    pub fn as_given(&self) -> Vec<Setting> {
        let mut following = Vec::new();
        if self.database_url.is_none() {
            following.push(("LIS_DATABASE_URL", self.database_in_data().to_string()));
        }
        if self.secure_cookies.is_none() {
            let known = web_address(&self.public_url).map(|address| is_encrypted(&address).to_string());
            let unknown = || "unknown until LIS_PUBLIC_URL is right".to_owned();
            following.push(("LIS_SECURE_COOKIES", known.unwrap_or_else(unknown)));
        }
        let mut settings = self.in_force.clone();
        put(&mut settings, None, &following);
        settings
    }
}

/// Every option that the environment can set, once, with the subcommand that takes it; empty: every one does.
pub fn declared(command: &Command) -> Vec<(&str, &Arg)> {
    let everywhere = command.get_arguments().map(|arg| ("", arg));
    let of_tasks =
        command.get_subcommands().flat_map(|task| task.get_arguments().map(move |arg| (task.get_name(), arg)));
    let mut found: Vec<(&str, &Arg)> = Vec::new();
    for (task, arg) in everywhere.chain(of_tasks) {
        let known = found.iter().any(|(_, other)| other.get_env() == arg.get_env());
        if arg.get_env().is_some() && !known {
            found.push((task, arg));
        }
    }
    found
}

/// The settings by a command line that was read, its environment and its defaults. The option of a subcommand that was
/// not called (where `serve` listens) is what the environment and the default say.
pub fn in_force(command: &Command, matches: &ArgMatches) -> Vec<Setting> {
    declared(command)
        .into_iter()
        .map(|(task, arg)| {
            let called = matches.subcommand().filter(|(name, _)| has(command, name, arg));
            match (task, called) {
                ("", _) => setting(arg, Some(matches)),
                (_, Some((_, called))) => setting(arg, Some(called)),
                (task, None) => setting(arg, alone(command, task).as_ref()),
            }
        })
        .collect()
}

/// Puts values in their place that the program knows better than the command line does; with their source, if it is another.
pub fn put(settings: &mut [Setting], source: Option<Source>, values: &[(&str, String)]) {
    for setting in settings {
        if let Some((_, value)) = values.iter().find(|(name, _)| *name == setting.name) {
            setting.value = without_password(value);
            setting.source = source.unwrap_or(setting.source);
        }
    }
}

/// Whether a subcommand takes this option.
fn has(command: &Command, task: &str, arg: &Arg) -> bool {
    let same = |other: &Arg| other.get_id() == arg.get_id() && other.get_env() == arg.get_env();
    command.find_subcommand(task).is_some_and(|task| task.get_arguments().any(same))
}

/// What a subcommand would be given if it were called without any option.
fn alone(command: &Command, task: &str) -> Option<ArgMatches> {
    command.find_subcommand(task)?.clone().try_get_matches_from([task]).ok()
}

fn setting(arg: &Arg, matches: Option<&ArgMatches>) -> Setting {
    let id = arg.get_id().as_str();
    let raw = matches.and_then(|matches| matches.try_get_raw(id).ok().flatten());
    let values: Vec<String> = raw.into_iter().flatten().map(|value| value.to_string_lossy().into_owned()).collect();
    let source = match matches.and_then(|matches| matches.value_source(id)) {
        Some(ValueSource::CommandLine) => Source::CommandLine,
        Some(ValueSource::EnvVariable) => Source::Environment,
        _ => Source::Default,
    };
    Setting {
        name: arg.get_env().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
        option: format!("--{}", arg.get_long().unwrap_or_default()),
        value: without_password(&values.join(" ")),
        source,
        meaning: arg.get_help().map(ToString::to_string).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command() -> Command {
        let data = Arg::new("data").long("data").env("LIS_TEST_DATA").default_value("here").global(true).help("Where");
        let listen = Arg::new("listen").long("listen").env("LIS_TEST_LISTEN").default_value("8080");
        let other = Arg::new("listen").long("listen").default_value("9090");
        let mail = Arg::new("mail").long("mail").env("LIS_TEST_MAIL").global(true);
        Command::new("test")
            .args([data, mail])
            .subcommand(Command::new("serve").arg(listen.clone()))
            .subcommand(Command::new("demo").arg(other))
            .subcommand(Command::new("look").arg(listen))
    }

    /// Name, value, source.
    fn shown(line: &[&str]) -> Vec<(String, String, Source)> {
        let matches = command().try_get_matches_from(line).expect("a command line");
        let settings = in_force(&command(), &matches);
        settings.into_iter().map(|setting| (setting.name, setting.value, setting.source)).collect()
    }

    #[test]
    fn every_setting_is_there_once_with_its_source() {
        let expected = |value: &str, source, mail: &str, mail_source, listen: &str, listen_source| {
            vec![
                ("LIS_TEST_DATA".to_owned(), value.to_owned(), source),
                ("LIS_TEST_MAIL".to_owned(), mail.to_owned(), mail_source),
                ("LIS_TEST_LISTEN".to_owned(), listen.to_owned(), listen_source),
            ]
        };
        assert_eq!(
            shown(&["test", "look"]),
            expected("here", Source::Default, "", Source::Default, "8080", Source::Default)
        );
        let line = ["test", "look", "--data", "there", "--mail", "smtps://lab:secret@mail", "--listen", "1"];
        assert_eq!(
            shown(&line),
            expected(
                "there",
                Source::CommandLine,
                "smtps://lab:***@mail",
                Source::CommandLine,
                "1",
                Source::CommandLine
            )
        );
        // The other command's option of the same name is no setting.
        assert_eq!(
            shown(&["test", "demo", "--listen", "1"]),
            expected("here", Source::Default, "", Source::Default, "8080", Source::Default)
        );
    }
}
