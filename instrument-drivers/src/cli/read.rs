//! `instrument-agent read`.

use std::fs::File;
use std::io::{self, Read, StdoutLock, Write};
use std::path::Path;
use std::process::ExitCode;

use serde::Serialize;

use super::{Format, cannot_print};
use crate::observation::{Qualifier, Role, Seen, Sink, Trouble};
use crate::profile::{Context, Profile, recognise};
use crate::table::pieces::{Rewind, Source};
use crate::unit;

/// See the exit codes in the module above.
pub fn read(file: &Path, profile: Option<&str>, format: Format) -> ExitCode {
    let mut opened = match open(file) {
        Ok(opened) => opened,
        Err(error) => {
            eprintln!("{} cannot be read: {error}", file.display());
            return ExitCode::from(1);
        }
    };
    let context = Context::of_path(&std::path::absolute(file).unwrap_or_else(|_| file.to_path_buf()));
    let profile = match profile {
        Some(name) => match Profile::load(name) {
            Ok(profile) => profile,
            Err(error) => {
                eprintln!("{error}");
                return ExitCode::from(1);
            }
        },
        None => match recognise::best_for(&mut Source::File(&mut *opened), &context) {
            Ok(profile) => {
                eprintln!("profile: {} ({})", profile.name, profile.title);
                profile
            }
            Err(nearest) => {
                if is_empty(&mut *opened) {
                    eprintln!("{} is empty: there is nothing to read in it", file.display());
                }
                eprintln!(
                    "no shipped profile fits {}; the nearest are {}; `instrument-agent suggest-profile` proposes one",
                    file.display(),
                    nearest.join(", ")
                );
                return ExitCode::from(2);
            }
        },
    };
    let mut printer = match Printer::new(format) {
        Ok(printer) => printer,
        Err(error) => return failed(&error),
    };
    profile.read_to(Source::File(&mut *opened), &context, &mut printer);
    match (printer.finish(), printer.troubles, printer.observations) {
        (Err(error), ..) => failed(&error),
        (Ok(()), 0, found) => {
            // A profile that leaves every row aside is not told otherwise.
            if found == 0 {
                eprintln!("no value was found in {}", file.display());
            }
            ExitCode::SUCCESS
        }
        (Ok(()), _, 0) => ExitCode::from(1),
        (Ok(()), ..) => ExitCode::from(3),
    }
}

/// A file is read piece by piece; a pipe cannot be read twice and is kept.
fn open(path: &Path) -> io::Result<Box<dyn Rewind>> {
    let mut file = File::open(path)?;
    if file.metadata()?.is_file() {
        return Ok(Box::new(file));
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(Box::new(io::Cursor::new(bytes)))
}

fn is_empty(opened: &mut dyn Rewind) -> bool {
    opened.rewind().and_then(|()| opened.read(&mut [0])).is_ok_and(|count| count == 0)
}

fn failed(error: &io::Error) -> ExitCode {
    eprintln!("{}", cannot_print(error));
    ExitCode::from(1)
}

/// Prints what is read while it is read.
struct Printer {
    out: Out,
    observations: usize,
    troubles: usize,
    /// The first; nothing is printed after it.
    failed: io::Result<()>,
}

enum Out {
    Csv(Box<csv::Writer<StdoutLock<'static>>>),
    Jsonl(io::BufWriter<StdoutLock<'static>>),
}

impl Printer {
    fn new(format: Format) -> io::Result<Printer> {
        let out = io::stdout().lock();
        let out = match format {
            Format::Csv => {
                let mut writer = csv::Writer::from_writer(out);
                writer.write_record(["sample_id", "analyte", "value", "unit", "flag", "role", "line"])?;
                Out::Csv(Box::new(writer))
            }
            Format::Jsonl => Out::Jsonl(io::BufWriter::new(out)),
        };
        Ok(Printer { out, observations: 0, troubles: 0, failed: Ok(()) })
    }

    fn print(&mut self, one: &Seen<'_>) -> io::Result<()> {
        match &mut self.out {
            Out::Csv(writer) => {
                let role = one.role.name();
                let texts = [&*one.sample_id, &*one.analyte, &*one.value, &*one.unit, &*one.flag, role, &*one.position];
                writer.write_record(texts)?;
            }
            Out::Jsonl(out) => {
                serde_json::to_writer(&mut *out, &Printed::of(one))?;
                out.write_all(b"\n")?;
            }
        }
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        std::mem::replace(&mut self.failed, Ok(()))?;
        match &mut self.out {
            Out::Csv(writer) => writer.flush(),
            Out::Jsonl(out) => out.flush(),
        }
    }
}

impl Sink for Printer {
    fn observation(&mut self, one: Seen<'_>) {
        self.observations += 1;
        if self.failed.is_ok() {
            self.failed = self.print(&one);
        }
    }

    fn trouble(&mut self, trouble: Trouble) {
        self.troubles += 1;
        eprintln!("{trouble}");
    }
}

/// One line of `jsonl`: the columns of `csv` under the same names, then what the program made of them. Every member is
/// always there; what is unknown is null.
#[derive(Serialize)]
struct Printed<'a> {
    sample_id: &'a str,
    analyte: &'a str,
    value: &'a str,
    unit: &'a str,
    flag: &'a str,
    role: Role,
    line: &'a str,
    raw: &'a str,
    number: Option<&'a str>,
    qualifier: Option<Qualifier>,
    bound: Option<&'a str>,
    unit_parsed: Option<String>,
    match_sample: &'a str,
    match_analyte: &'a str,
    completed_at: Option<&'a str>,
    replicate: Option<&'a str>,
    dilution: Option<&'a str>,
    dilution_applied: Option<bool>,
    status: Option<&'static str>,
    reportable: bool,
}

impl<'a> Printed<'a> {
    fn of(one: &'a Seen<'_>) -> Self {
        Printed {
            sample_id: &one.sample_id,
            analyte: &one.analyte,
            value: &one.value,
            unit: &one.unit,
            flag: &one.flag,
            role: one.role,
            line: &one.position,
            raw: &one.raw,
            number: one.number.as_deref(),
            qualifier: one.qualifier,
            bound: one.bound.as_deref(),
            unit_parsed: unit::parse(&one.unit),
            match_sample: &one.match_sample,
            match_analyte: &one.match_analyte,
            completed_at: one.completed_at.as_deref(),
            replicate: one.replicate.as_deref(),
            dilution: one.dilution.as_deref(),
            dilution_applied: one.dilution_applied,
            status: one.status_said.then(|| one.status.name()),
            reportable: one.reportable,
        }
    }
}
