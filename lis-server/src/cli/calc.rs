//! `lis-server calc`: one question per line on standard input, one answer per line on standard output; with `--check` a
//! validation file, whose questions say what they expect.

use std::io::{stdin, stdout};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::Done;
use crate::accounts::Actor;
use crate::app::Lis;
use crate::catalogue::{Catalogue, actions};
use crate::config::Settings;
use crate::db::migrate;
use crate::domain::clock::SystemClock;
use crate::domain::refusal::Refusal;
use crate::domain::text::counted;
use crate::judgement::calc;
use crate::quality::validation::actions::{self as validation, Ran};
use crate::server;
use crate::web::language::Language;

#[derive(Args, Debug)]
pub struct Calc {
    /// Limits and calendar of the laboratory's database instead of those that the program ships.
    #[arg(long)]
    laboratory: bool,
    /// Ask the questions of a validation file and name every answer that differs from the expected one; ends with 1 if any
    /// does. With --laboratory the run is kept.
    #[arg(long, value_name = "FILE")]
    check: Option<PathBuf>,
}

impl Calc {
    /// Needs no database unless it is asked for the laboratory's own catalogue.
    pub fn run(self, settings: &Settings) -> Done {
        let lis = if self.laboratory { Some(opened(settings)?) } else { None };
        let catalogue = match &lis {
            Some(lis) => lis.db.read_now(actions::current)?,
            None => Arc::new(actions::shipped()?),
        };
        match &self.check {
            Some(file) => check(lis.as_ref(), &catalogue, file),
            None => Ok(calc::answer_lines(stdin().lock(), stdout().lock(), catalogue.as_ref())?),
        }
    }
}

fn opened(settings: &Settings) -> Result<Lis, Box<dyn std::error::Error>> {
    let config = settings.checked()?;
    migrate::require_current(&config.database)?;
    let lis = server::open(config, Arc::new(SystemClock), false)?;
    // A new version may bring sets that the laboratory has not yet.
    server::prepare(&lis)?;
    Ok(lis)
}

/// Asks a validation file; where there is a laboratory the run is kept in its log.
fn check(lis: Option<&Lis>, catalogue: &Catalogue, file: &Path) -> Done {
    let bytes = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let ran = validation::ask(catalogue, &name, &bytes).map_err(|refusal| said(&name, &refusal))?;
    for difference in &ran.differences {
        println!("{difference}");
    }
    if let Some(lis) = lis {
        keep(lis, &ran)?;
    }
    match ran.differing() {
        0 => {
            println!("{name}: {}, every answer as expected", counted(ran.questions, "question"));
            Ok(())
        }
        differing => {
            let of = counted(ran.questions, "question");
            let are = if differing == 1 { "is" } else { "are" };
            Err(format!("{name}: {differing} of {of} {are} answered differently").into())
        }
    }
}

fn keep(lis: &Lis, ran: &Ran) -> Done {
    let ran = ran.clone();
    let by = Actor::system("command-line", "calc");
    let kept = lis.db.write_now(move |tx| validation::keep(tx, &by, &ran))?;
    println!("kept as validation run {}", kept.id);
    Ok(())
}

/// Names every line that is no question; what is said at the end.
fn said(name: &str, refusal: &Refusal) -> String {
    for reason in &refusal.reasons {
        let place = reason.place().map(|(row, _)| format!(", line {row}")).unwrap_or_default();
        eprintln!("{name}{place}: {}", Language::English.sentence(reason));
    }
    format!("{name} is no validation file; nothing was asked")
}
