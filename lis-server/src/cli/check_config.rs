//! `lis-server check-config`: every setting, its value, where that comes from, and everything that is wrong.

use std::net::ToSocketAddrs;
use std::path::Path;

use clap::Args;

use super::Done;
use crate::config::in_force::{Setting, Source};
use crate::config::{Listening, Settings};

#[derive(Args, Debug)]
pub struct CheckConfig {
    #[command(flatten)]
    listening: Listening,
}

impl CheckConfig {
    /// `filter`: what is wrong with the log's filter.
    pub fn run(self, settings: &Settings, filter: Option<String>) -> Done {
        let checked = settings.checked();
        match &checked {
            Ok(config) => show(&config.in_force),
            Err(_) => show(&settings.as_given()),
        }
        let mut faults: Vec<String> = Vec::new();
        if let Err(errors) = &checked {
            faults.extend(errors.0.iter().map(ToString::to_string));
        }
        faults.extend(unusable_address("LIS_LISTEN", &self.listening.listen));
        faults.extend(
            self.listening.listen_public.as_deref().and_then(|address| unusable_address("LIS_LISTEN_PUBLIC", address)),
        );
        faults.extend(settings.templates.as_deref().and_then(|folder| no_folder("LIS_TEMPLATES", folder)));
        faults.extend(settings.fonts.as_deref().and_then(|folder| no_folder("LIS_FONTS", folder)));
        faults.extend(filter);
        if faults.is_empty() { Ok(()) } else { Err(faults.join("\nlis-server: ").into()) }
    }
}

/// One line a setting: name, source, value.
fn show(settings: &[Setting]) {
    let width = settings.iter().map(|setting| setting.name.len()).max().unwrap_or_default();
    for Setting { name, value, source, .. } in settings {
        let value = if value.is_empty() { "(not set)" } else { value.as_str() };
        println!("{name:width$}  {:SOURCE_WIDTH$}  {value}", source_word(*source));
    }
}

/// As wide as the longest word of [`source_word`].
const SOURCE_WIDTH: usize = 13;

fn source_word(source: Source) -> &'static str {
    match source {
        Source::CommandLine => "command line",
        Source::Environment => "environment",
        Source::Default => "default",
        Source::Demonstration => "demonstration",
    }
}

fn unusable_address(name: &str, address: &str) -> Option<String> {
    let error = address.to_socket_addrs().err()?;
    Some(format!(
        "{name} is {address:?}, which is no address to listen on ({error}); write for example 127.0.0.1:8080."
    ))
}

fn no_folder(name: &str, folder: &Path) -> Option<String> {
    let there = folder.is_dir();
    (!there).then(|| format!("{name} is {}, which is no directory; make it, or leave {name} unset.", folder.display()))
}
